//! The slots of a type: the one dispatch path of every operation (CPython's `PyTypeObject` slots).
//!
//! A builtin type's slots are Rust functions; a Python class's are the `slot_*` functions of
//! [`crate::types::type_slots`], which call the dunder method. Defining or deleting a dunder updates them.

use crate::args::Args;
use crate::buffer::BufferView;
use crate::error::PyResult;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::Value;
use std::cell::Cell;

/// One operand.
pub type UnaryFn = fn(&Vm, &Value) -> PyResult;
/// Two operands, in source order: a type's function is asked with itself on either side.
pub type BinaryFn = fn(&Vm, &Value, &Value) -> PyResult;
/// Three operands (`pow`).
pub type TernaryFn = fn(&Vm, &Value, &Value, &Value) -> PyResult;
/// A truth.
pub type InquiryFn = fn(&Vm, &Value) -> PyResult<bool>;
/// A length.
pub type LengthFn = fn(&Vm, &Value) -> PyResult<usize>;
/// A hash, never -1.
pub type HashFn = fn(&Vm, &Value) -> PyResult<i64>;
/// An item by position (already made non-negative by the caller where the type has a length).
pub type ItemFn = fn(&Vm, &Value, isize) -> PyResult;
/// Sets (`Some`) or deletes (`None`) an item by position.
pub type SetItemFn = fn(&Vm, &Value, isize, Option<&Value>) -> PyResult<()>;
/// Sets (`Some`) or deletes (`None`) by key, attribute name or, for a descriptor, on an object.
pub type SetFn = fn(&Vm, &Value, &Value, Option<&Value>) -> PyResult<()>;
/// Membership: the container, the item.
pub type ContainsFn = fn(&Vm, &Value, &Value) -> PyResult<bool>;
/// A rich comparison; may give `NotImplemented`.
pub type CompareFn = fn(&Vm, &Value, &Value, CompareOp) -> PyResult;
/// The next item, or nothing at the end.
pub type NextFn = fn(&Vm, &Value) -> PyResult<Option<Value>>;
/// A call.
pub type CallFn = fn(&Vm, &Value, Args<'_>) -> PyResult;
/// `__new__`: the class to make an instance of.
pub type NewFn = fn(&Vm, &TypeRef, Args<'_>) -> PyResult;
/// `__init__`.
pub type InitFn = fn(&Vm, &Value, Args<'_>) -> PyResult<()>;
/// A descriptor's `__get__`: descriptor, instance, owner.
pub type DescrGetFn = fn(&Vm, &Value, Option<&Value>, Option<&Value>) -> PyResult;
/// Sends a value to what is awaited or delegated to: what comes back, and whether that is the end.
pub type SendFn = fn(&Vm, &Value, Value) -> PyResult<(Value, bool)>;
/// Exports the memory of an object.
pub type BufferFn = fn(&Vm, &Value, writable: bool) -> PyResult<BufferView>;

/// The six comparisons, numbered as in CPython (`Py_LT` … `Py_GE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CompareOp {
    /// `<`
    Lt = 0,
    /// `<=`
    Le = 1,
    /// `==`
    Eq = 2,
    /// `!=`
    Ne = 3,
    /// `>`
    Gt = 4,
    /// `>=`
    Ge = 5,
}

impl CompareOp {
    /// The operator that asks the same with the operands exchanged.
    pub fn swapped(self) -> CompareOp {
        match self {
            CompareOp::Lt => CompareOp::Gt,
            CompareOp::Le => CompareOp::Ge,
            CompareOp::Gt => CompareOp::Lt,
            CompareOp::Ge => CompareOp::Le,
            same => same,
        }
    }

    /// The operator's source text.
    pub fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }

    /// The operator of a number 0 to 5.
    pub fn from_index(index: u32) -> Option<CompareOp> {
        use CompareOp::*;
        [Lt, Le, Eq, Ne, Gt, Ge].get(index as usize).copied()
    }

    /// What the comparison says of an ordering.
    #[inline]
    pub fn of(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            CompareOp::Lt => ordering.is_lt(),
            CompareOp::Le => ordering.is_le(),
            CompareOp::Eq => ordering.is_eq(),
            CompareOp::Ne => ordering.is_ne(),
            CompareOp::Gt => ordering.is_gt(),
            CompareOp::Ge => ordering.is_ge(),
        }
    }
}

macro_rules! slots {
    ($($(#[$doc:meta])* $name:ident : $signature:ty,)*) => {
        /// A type's functions, one cell an operation; empty where the type has none.
        #[derive(Default)]
        pub struct Slots { $($(#[$doc])* pub $name: Cell<Option<$signature>>,)* }

        impl Slots {
            /// Takes over every slot.
            pub fn copy(&self, other: &Slots) {
                $(self.$name.set(other.$name.get());)*
            }

            /// Takes over from a base every slot that is empty here.
            pub fn inherit(&self, base: &Slots) {
                $(if self.$name.get().is_none() { self.$name.set(base.$name.get()); })*
            }
        }
    };
}

slots! {
    /// `repr()`
    repr: UnaryFn,
    /// `str()`
    str: UnaryFn,
    /// `hash()`
    hash: HashFn,
    /// Calling an instance.
    call: CallFn,
    /// Attribute look-up; the name is a `str`.
    getattro: BinaryFn,
    /// Attribute assignment and deletion.
    setattro: SetFn,
    /// Rich comparison.
    richcompare: CompareFn,
    /// `iter()`
    iter: UnaryFn,
    /// `next()`
    next: NextFn,
    /// Descriptor `__get__`.
    descr_get: DescrGetFn,
    /// Descriptor `__set__` and `__delete__`.
    descr_set: SetFn,
    /// `__init__`
    init: InitFn,
    /// `__new__`
    new: NewFn,
    /// The buffer protocol.
    buffer: BufferFn,
    /// `await`
    am_await: UnaryFn,
    /// `aiter()`
    am_aiter: UnaryFn,
    /// `anext()`
    am_anext: UnaryFn,
    /// Sending to what is awaited, without an exception at the end; for native types only.
    am_send: SendFn,
    /// `+`
    nb_add: BinaryFn,
    /// `-`
    nb_subtract: BinaryFn,
    /// `*`
    nb_multiply: BinaryFn,
    /// `%`
    nb_remainder: BinaryFn,
    /// `divmod()`
    nb_divmod: BinaryFn,
    /// `**` and `pow()`
    nb_power: TernaryFn,
    /// Unary `-`
    nb_negative: UnaryFn,
    /// Unary `+`
    nb_positive: UnaryFn,
    /// `abs()`
    nb_absolute: UnaryFn,
    /// `bool()`
    nb_bool: InquiryFn,
    /// `~`
    nb_invert: UnaryFn,
    /// `<<`
    nb_lshift: BinaryFn,
    /// `>>`
    nb_rshift: BinaryFn,
    /// `&`
    nb_and: BinaryFn,
    /// `^`
    nb_xor: BinaryFn,
    /// `|`
    nb_or: BinaryFn,
    /// `int()`
    nb_int: UnaryFn,
    /// `float()`
    nb_float: UnaryFn,
    /// `operator.index()`
    nb_index: UnaryFn,
    /// `//`
    nb_floor_divide: BinaryFn,
    /// `/`
    nb_true_divide: BinaryFn,
    /// `@`
    nb_matrix_multiply: BinaryFn,
    /// `+=`
    nb_inplace_add: BinaryFn,
    /// `-=`
    nb_inplace_subtract: BinaryFn,
    /// `*=`
    nb_inplace_multiply: BinaryFn,
    /// `%=`
    nb_inplace_remainder: BinaryFn,
    /// `**=`
    nb_inplace_power: TernaryFn,
    /// `<<=`
    nb_inplace_lshift: BinaryFn,
    /// `>>=`
    nb_inplace_rshift: BinaryFn,
    /// `&=`
    nb_inplace_and: BinaryFn,
    /// `^=`
    nb_inplace_xor: BinaryFn,
    /// `|=`
    nb_inplace_or: BinaryFn,
    /// `//=`
    nb_inplace_floor_divide: BinaryFn,
    /// `/=`
    nb_inplace_true_divide: BinaryFn,
    /// `@=`
    nb_inplace_matrix_multiply: BinaryFn,
    /// `len()` of a sequence
    sq_length: LengthFn,
    /// `+` of sequences
    sq_concat: BinaryFn,
    /// `*` of a sequence with a count
    sq_repeat: ItemFn,
    /// Item by position
    sq_item: ItemFn,
    /// Item assignment by position
    sq_ass_item: SetItemFn,
    /// `in`
    sq_contains: ContainsFn,
    /// `+=` of sequences
    sq_inplace_concat: BinaryFn,
    /// `*=` of a sequence
    sq_inplace_repeat: ItemFn,
    /// `len()` of a mapping
    mp_length: LengthFn,
    /// `x[key]`
    mp_subscript: BinaryFn,
    /// `x[key] = value`, `del x[key]`
    mp_ass_subscript: SetFn,
}

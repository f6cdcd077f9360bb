//! Dunders and slots kept in step: the wrappers that make a slot callable as a method, and the choice of a slot's
//! function from what the MRO has under its dunders (CPython's `slotdefs` and `update_slot`).
//!
//! The functions that call a Python class's dunders are in [`super::slot_functions`].

use crate::args::Args;
use crate::error::PyResult;
use crate::native::type_flags;
use crate::slots::{BinaryFn, CompareOp, Slots, UnaryFn};
use crate::types::descriptors::WrapperDescriptor;
use crate::types::native_function::NativeFunction;
use crate::types::slot_functions as generic;
use crate::types::tuple::Tuple;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::Value;
use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

/// A dunder that makes a slot callable as a method.
pub struct SlotWrapper {
    /// The dunder.
    pub name: &'static str,
    /// Calls the slot of the owner.
    pub call: fn(&Vm, &TypeRef, &Value, Args<'_>) -> PyResult,
    /// Whether the slots have what it calls.
    pub present: fn(&Slots) -> bool,
    /// `__text_signature__`
    pub signature: &'static str,
    /// `__doc__`
    pub doc: &'static str,
}

/// The dunders that one slot (or one set of equivalent slots) serves.
struct Group {
    names: &'static [&'static str],
    inherit: fn(&Slots, &Slots),
    generic: fn(&Slots),
    clear: fn(&Slots),
}

fn count(vm: &Vm, args: Args<'_>, expected: usize) -> PyResult<()> {
    if !args.names.is_empty() {
        return Err(vm.type_error("wrapper takes no keyword arguments"));
    }
    if args.values.len() != expected {
        let plural = if expected == 1 { "" } else { "s" };
        return Err(vm.type_error(format!("expected {expected} argument{plural}, got {}", args.values.len())));
    }
    Ok(())
}

/// The arguments of a power: the exponent, and perhaps a modulus.
fn one_or_two<'a>(vm: &Vm, name: &str, args: Args<'a>) -> PyResult<&'a [Value]> {
    if args.names.is_empty() && !(1..=2).contains(&args.values.len()) {
        return Err(vm.type_error(format!("expected 1 or 2 arguments, got {}", args.values.len())));
    }
    args.unpack(vm, name, 1, 2)
}

fn missing(vm: &Vm) -> crate::error::Raised {
    vm.system_error("the slot is empty")
}

fn call_unary(vm: &Vm, slot: &Cell<Option<UnaryFn>>, this: &Value, args: Args<'_>) -> PyResult {
    count(vm, args, 0)?;
    slot.get().ok_or_else(|| missing(vm))?(vm, this)
}

fn call_left(vm: &Vm, slot: &Cell<Option<BinaryFn>>, this: &Value, args: Args<'_>) -> PyResult {
    count(vm, args, 1)?;
    slot.get().ok_or_else(|| missing(vm))?(vm, this, &args.values[0])
}

fn call_right(vm: &Vm, slot: &Cell<Option<BinaryFn>>, this: &Value, args: Args<'_>) -> PyResult {
    count(vm, args, 1)?;
    slot.get().ok_or_else(|| missing(vm))?(vm, &args.values[0], this)
}

fn compare(vm: &Vm, owner: &TypeRef, this: &Value, args: Args<'_>, op: CompareOp) -> PyResult {
    count(vm, args, 1)?;
    owner.slots.richcompare.get().ok_or_else(|| missing(vm))?(vm, this, &args.values[0], op)
}

macro_rules! unary {
    ($name:literal, $slot:ident, $doc:literal) => {
        SlotWrapper {
            name: $name,
            call: |vm, owner, this, args| call_unary(vm, &owner.slots.$slot, this, args),
            present: |slots| slots.$slot.get().is_some(),
            signature: "($self, /)",
            doc: $doc,
        }
    };
}

macro_rules! left {
    ($name:literal, $slot:ident, $doc:literal) => {
        SlotWrapper {
            name: $name,
            call: |vm, owner, this, args| call_left(vm, &owner.slots.$slot, this, args),
            present: |slots| slots.$slot.get().is_some(),
            signature: "($self, value, /)",
            doc: $doc,
        }
    };
}

macro_rules! right {
    ($name:literal, $slot:ident, $doc:literal) => {
        SlotWrapper {
            name: $name,
            call: |vm, owner, this, args| call_right(vm, &owner.slots.$slot, this, args),
            present: |slots| slots.$slot.get().is_some(),
            signature: "($self, value, /)",
            doc: $doc,
        }
    };
}

macro_rules! comparison {
    ($name:literal, $op:ident, $doc:literal) => {
        SlotWrapper {
            name: $name,
            call: |vm, owner, this, args| compare(vm, owner, this, args, CompareOp::$op),
            present: |slots| slots.richcompare.get().is_some(),
            signature: "($self, value, /)",
            doc: $doc,
        }
    };
}

/// Sets or deletes through a slot of three operands.
fn assign(
    vm: &Vm,
    slot: &Cell<Option<crate::slots::SetFn>>,
    this: &Value,
    key: &Value,
    value: Option<&Value>,
) -> PyResult {
    slot.get().ok_or_else(|| missing(vm))?(vm, this, key, value)?;
    Ok(Value::NONE)
}

/// `object.__setattr__(Class, ...)` must not go round a metaclass's or builtin class's own `__setattr__`.
fn check_set_attr(vm: &Vm, owner: &TypeRef, this: &Value, what: &str) -> PyResult<()> {
    let ty = vm.type_of(this);
    let mut base = Some(ty.clone());
    while let Some(class) = &base {
        if !class.is_heap_type() {
            break;
        }
        base = class.base();
    }
    match base {
        Some(class)
            if class.slots.setattro.get().map(|f| f as usize) != owner.slots.setattro.get().map(|f| f as usize) =>
        {
            Err(vm.type_error(format!("can't apply this {what} to {} object", vm.full_name(ty))))
        }
        _ => Ok(()),
    }
}

static WRAPPERS: &[SlotWrapper] = &[
    unary!("__repr__", repr, "Return repr(self)."),
    unary!("__str__", str, "Return str(self)."),
    SlotWrapper {
        name: "__hash__",
        call: |vm, owner, this, args| {
            count(vm, args, 0)?;
            Ok(vm.new_int(owner.slots.hash.get().ok_or_else(|| missing(vm))?(vm, this)?))
        },
        present: |slots| slots.hash.get().is_some(),
        signature: "($self, /)",
        doc: "Return hash(self).",
    },
    SlotWrapper {
        name: "__call__",
        call: |vm, owner, this, args| owner.slots.call.get().ok_or_else(|| missing(vm))?(vm, this, args),
        present: |slots| slots.call.get().is_some(),
        signature: "($self, /, *args, **kwargs)",
        doc: "Call self as a function.",
    },
    left!("__getattribute__", getattro, "Return getattr(self, name)."),
    SlotWrapper {
        name: "__setattr__",
        call: |vm, owner, this, args| {
            count(vm, args, 2)?;
            check_set_attr(vm, owner, this, "__setattr__")?;
            assign(vm, &owner.slots.setattro, this, &args.values[0], Some(&args.values[1]))
        },
        present: |slots| slots.setattro.get().is_some(),
        signature: "($self, name, value, /)",
        doc: "Implement setattr(self, name, value).",
    },
    SlotWrapper {
        name: "__delattr__",
        call: |vm, owner, this, args| {
            count(vm, args, 1)?;
            check_set_attr(vm, owner, this, "__delattr__")?;
            assign(vm, &owner.slots.setattro, this, &args.values[0], None)
        },
        present: |slots| slots.setattro.get().is_some(),
        signature: "($self, name, /)",
        doc: "Implement delattr(self, name).",
    },
    comparison!("__lt__", Lt, "Return self<value."),
    comparison!("__le__", Le, "Return self<=value."),
    comparison!("__eq__", Eq, "Return self==value."),
    comparison!("__ne__", Ne, "Return self!=value."),
    comparison!("__gt__", Gt, "Return self>value."),
    comparison!("__ge__", Ge, "Return self>=value."),
    unary!("__iter__", iter, "Implement iter(self)."),
    SlotWrapper {
        name: "__next__",
        call: |vm, owner, this, args| {
            count(vm, args, 0)?;
            match owner.slots.next.get().ok_or_else(|| missing(vm))?(vm, this)? {
                Some(value) => Ok(value),
                None => Err(vm.stop_iteration(Value::NONE)),
            }
        },
        present: |slots| slots.next.get().is_some(),
        signature: "($self, /)",
        doc: "Implement next(self).",
    },
    SlotWrapper {
        name: "__get__",
        call: |vm, owner, this, args| {
            let values = args.unpack(vm, "__get__", 1, 2)?;
            let object = values.first().filter(|v| !v.is_none());
            let class = values.get(1).filter(|v| !v.is_none());
            if object.is_none() && class.is_none() {
                return Err(vm.type_error("__get__(None, None) is invalid"));
            }
            owner.slots.descr_get.get().ok_or_else(|| missing(vm))?(vm, this, object, class)
        },
        present: |slots| slots.descr_get.get().is_some(),
        signature: "($self, instance, owner=None, /)",
        doc: "Return an attribute of instance, which is of type owner.",
    },
    SlotWrapper {
        name: "__set__",
        call: |vm, owner, this, args| {
            count(vm, args, 2)?;
            assign(vm, &owner.slots.descr_set, this, &args.values[0], Some(&args.values[1]))
        },
        present: |slots| slots.descr_set.get().is_some(),
        signature: "($self, instance, value, /)",
        doc: "Set an attribute of instance to value.",
    },
    SlotWrapper {
        name: "__delete__",
        call: |vm, owner, this, args| {
            count(vm, args, 1)?;
            assign(vm, &owner.slots.descr_set, this, &args.values[0], None)
        },
        present: |slots| slots.descr_set.get().is_some(),
        signature: "($self, instance, /)",
        doc: "Delete an attribute of instance.",
    },
    SlotWrapper {
        name: "__init__",
        call: |vm, owner, this, args| {
            owner.slots.init.get().ok_or_else(|| missing(vm))?(vm, this, args)?;
            Ok(Value::NONE)
        },
        present: |slots| slots.init.get().is_some(),
        signature: "($self, /, *args, **kwargs)",
        doc: "Initialize self.  See help(type(self)) for accurate signature.",
    },
    SlotWrapper {
        name: "__buffer__",
        call: |vm, owner, this, args| {
            let values = args.unpack(vm, "__buffer__", 1, 1)?;
            let flags = values.first().map_or(Ok(0), |flags| vm.to_i32(flags))?;
            let view = owner.slots.buffer.get().ok_or_else(|| missing(vm))?(vm, this, flags & 1 != 0)?;
            Ok(vm.memoryview_of(view)?.into_value())
        },
        present: |slots| slots.buffer.get().is_some(),
        signature: "($self, flags, /)",
        doc: "Return a buffer object that exposes the underlying memory of the object.",
    },
    unary!("__await__", am_await, "Return an iterator to be used in await expression."),
    unary!("__aiter__", am_aiter, "Return an awaitable, that resolves in asynchronous iterator."),
    unary!("__anext__", am_anext, "Return a value or raise StopAsyncIteration."),
    SlotWrapper {
        name: "__add__",
        call: |vm, owner, this, args| match owner.slots.nb_add.get() {
            Some(_) => call_left(vm, &owner.slots.nb_add, this, args),
            None => call_left(vm, &owner.slots.sq_concat, this, args),
        },
        present: |slots| slots.nb_add.get().is_some() || slots.sq_concat.get().is_some(),
        signature: "($self, value, /)",
        doc: "Return self+value.",
    },
    right!("__radd__", nb_add, "Return value+self."),
    left!("__sub__", nb_subtract, "Return self-value."),
    right!("__rsub__", nb_subtract, "Return value-self."),
    SlotWrapper {
        name: "__mul__",
        call: |vm, owner, this, args| match owner.slots.nb_multiply.get() {
            Some(_) => call_left(vm, &owner.slots.nb_multiply, this, args),
            None => repeat(vm, owner, this, args),
        },
        present: |slots| slots.nb_multiply.get().is_some() || slots.sq_repeat.get().is_some(),
        signature: "($self, value, /)",
        doc: "Return self*value.",
    },
    SlotWrapper {
        name: "__rmul__",
        call: |vm, owner, this, args| match owner.slots.nb_multiply.get() {
            Some(_) => call_right(vm, &owner.slots.nb_multiply, this, args),
            None => repeat(vm, owner, this, args),
        },
        present: |slots| slots.nb_multiply.get().is_some() || slots.sq_repeat.get().is_some(),
        signature: "($self, value, /)",
        doc: "Return value*self.",
    },
    left!("__mod__", nb_remainder, "Return self%value."),
    right!("__rmod__", nb_remainder, "Return value%self."),
    left!("__divmod__", nb_divmod, "Return divmod(self, value)."),
    right!("__rdivmod__", nb_divmod, "Return divmod(value, self)."),
    SlotWrapper {
        name: "__pow__",
        call: |vm, owner, this, args| {
            let values = one_or_two(vm, "__pow__", args)?;
            let modulus = &values.get(1).cloned().unwrap_or(Value::NONE);
            owner.slots.nb_power.get().ok_or_else(|| missing(vm))?(vm, this, &values[0], modulus)
        },
        present: |slots| slots.nb_power.get().is_some(),
        signature: "($self, value, mod=None, /)",
        doc: "Return pow(self, value, mod).",
    },
    SlotWrapper {
        name: "__rpow__",
        call: |vm, owner, this, args| {
            let values = one_or_two(vm, "__rpow__", args)?;
            let modulus = &values.get(1).cloned().unwrap_or(Value::NONE);
            owner.slots.nb_power.get().ok_or_else(|| missing(vm))?(vm, &values[0], this, modulus)
        },
        present: |slots| slots.nb_power.get().is_some(),
        signature: "($self, value, mod=None, /)",
        doc: "Return pow(value, self, mod).",
    },
    unary!("__neg__", nb_negative, "-self"),
    unary!("__pos__", nb_positive, "+self"),
    unary!("__abs__", nb_absolute, "abs(self)"),
    SlotWrapper {
        name: "__bool__",
        call: |vm, owner, this, args| {
            count(vm, args, 0)?;
            Ok(Value::bool(owner.slots.nb_bool.get().ok_or_else(|| missing(vm))?(vm, this)?))
        },
        present: |slots| slots.nb_bool.get().is_some(),
        signature: "($self, /)",
        doc: "True if self else False",
    },
    unary!("__invert__", nb_invert, "~self"),
    left!("__lshift__", nb_lshift, "Return self<<value."),
    right!("__rlshift__", nb_lshift, "Return value<<self."),
    left!("__rshift__", nb_rshift, "Return self>>value."),
    right!("__rrshift__", nb_rshift, "Return value>>self."),
    left!("__and__", nb_and, "Return self&value."),
    right!("__rand__", nb_and, "Return value&self."),
    left!("__xor__", nb_xor, "Return self^value."),
    right!("__rxor__", nb_xor, "Return value^self."),
    left!("__or__", nb_or, "Return self|value."),
    right!("__ror__", nb_or, "Return value|self."),
    unary!("__int__", nb_int, "int(self)"),
    unary!("__float__", nb_float, "float(self)"),
    unary!(
        "__index__",
        nb_index,
        "Return self converted to an integer, if self is suitable for use as an index into a list."
    ),
    left!("__floordiv__", nb_floor_divide, "Return self//value."),
    right!("__rfloordiv__", nb_floor_divide, "Return value//self."),
    left!("__truediv__", nb_true_divide, "Return self/value."),
    right!("__rtruediv__", nb_true_divide, "Return value/self."),
    left!("__matmul__", nb_matrix_multiply, "Return self@value."),
    right!("__rmatmul__", nb_matrix_multiply, "Return value@self."),
    SlotWrapper {
        name: "__iadd__",
        call: |vm, owner, this, args| match owner.slots.nb_inplace_add.get() {
            Some(_) => call_left(vm, &owner.slots.nb_inplace_add, this, args),
            None => call_left(vm, &owner.slots.sq_inplace_concat, this, args),
        },
        present: |slots| slots.nb_inplace_add.get().is_some() || slots.sq_inplace_concat.get().is_some(),
        signature: "($self, value, /)",
        doc: "Return self+=value.",
    },
    left!("__isub__", nb_inplace_subtract, "Return self-=value."),
    SlotWrapper {
        name: "__imul__",
        call: |vm, owner, this, args| match owner.slots.nb_inplace_multiply.get() {
            Some(_) => call_left(vm, &owner.slots.nb_inplace_multiply, this, args),
            None => {
                count(vm, args, 1)?;
                let times = vm.to_isize_index(&args.values[0])?;
                owner.slots.sq_inplace_repeat.get().ok_or_else(|| missing(vm))?(vm, this, times)
            }
        },
        present: |slots| slots.nb_inplace_multiply.get().is_some() || slots.sq_inplace_repeat.get().is_some(),
        signature: "($self, value, /)",
        doc: "Return self*=value.",
    },
    left!("__imod__", nb_inplace_remainder, "Return self%=value."),
    SlotWrapper {
        name: "__ipow__",
        call: |vm, owner, this, args| {
            let values = args.unpack(vm, "__ipow__", 1, 2)?;
            let modulus = &values.get(1).cloned().unwrap_or(Value::NONE);
            owner.slots.nb_inplace_power.get().ok_or_else(|| missing(vm))?(vm, this, &values[0], modulus)
        },
        present: |slots| slots.nb_inplace_power.get().is_some(),
        signature: "($self, value, /)",
        doc: "Return self**=value.",
    },
    left!("__ilshift__", nb_inplace_lshift, "Return self<<=value."),
    left!("__irshift__", nb_inplace_rshift, "Return self>>=value."),
    left!("__iand__", nb_inplace_and, "Return self&=value."),
    left!("__ixor__", nb_inplace_xor, "Return self^=value."),
    left!("__ior__", nb_inplace_or, "Return self|=value."),
    left!("__ifloordiv__", nb_inplace_floor_divide, "Return self//=value."),
    left!("__itruediv__", nb_inplace_true_divide, "Return self/=value."),
    left!("__imatmul__", nb_inplace_matrix_multiply, "Return self@=value."),
    SlotWrapper {
        name: "__len__",
        call: |vm, owner, this, args| {
            count(vm, args, 0)?;
            let slot = owner.slots.sq_length.get().or(owner.slots.mp_length.get());
            Ok(vm.new_int(slot.ok_or_else(|| missing(vm))?(vm, this)? as i64))
        },
        present: |slots| slots.sq_length.get().is_some() || slots.mp_length.get().is_some(),
        signature: "($self, /)",
        doc: "Return len(self).",
    },
    SlotWrapper {
        name: "__getitem__",
        call: |vm, owner, this, args| {
            count(vm, args, 1)?;
            match owner.slots.mp_subscript.get() {
                Some(subscript) => subscript(vm, this, &args.values[0]),
                None => {
                    let index = adjusted_index(vm, owner, this, &args.values[0])?;
                    owner.slots.sq_item.get().ok_or_else(|| missing(vm))?(vm, this, index)
                }
            }
        },
        present: |slots| slots.mp_subscript.get().is_some() || slots.sq_item.get().is_some(),
        signature: "($self, key, /)",
        doc: "Return self[key].",
    },
    SlotWrapper {
        name: "__setitem__",
        call: |vm, owner, this, args| {
            count(vm, args, 2)?;
            set_item(vm, owner, this, &args.values[0], Some(&args.values[1]))
        },
        present: |slots| slots.mp_ass_subscript.get().is_some() || slots.sq_ass_item.get().is_some(),
        signature: "($self, key, value, /)",
        doc: "Set self[key] to value.",
    },
    SlotWrapper {
        name: "__delitem__",
        call: |vm, owner, this, args| {
            count(vm, args, 1)?;
            set_item(vm, owner, this, &args.values[0], None)
        },
        present: |slots| slots.mp_ass_subscript.get().is_some() || slots.sq_ass_item.get().is_some(),
        signature: "($self, key, /)",
        doc: "Delete self[key].",
    },
    SlotWrapper {
        name: "__contains__",
        call: |vm, owner, this, args| {
            count(vm, args, 1)?;
            let contains = owner.slots.sq_contains.get().ok_or_else(|| missing(vm))?;
            Ok(Value::bool(contains(vm, this, &args.values[0])?))
        },
        present: |slots| slots.sq_contains.get().is_some(),
        signature: "($self, key, /)",
        doc: "Return bool(key in self).",
    },
];

fn repeat(vm: &Vm, owner: &TypeRef, this: &Value, args: Args<'_>) -> PyResult {
    count(vm, args, 1)?;
    let times = vm.to_isize_index(&args.values[0])?;
    owner.slots.sq_repeat.get().ok_or_else(|| missing(vm))?(vm, this, times)
}

fn adjusted_index(vm: &Vm, owner: &TypeRef, this: &Value, key: &Value) -> PyResult<isize> {
    let index = vm.to_isize_index(key)?;
    match owner.slots.sq_length.get() {
        Some(length) if index < 0 => Ok(index + length(vm, this)? as isize),
        _ => Ok(index),
    }
}

fn set_item(vm: &Vm, owner: &TypeRef, this: &Value, key: &Value, value: Option<&Value>) -> PyResult {
    if owner.slots.mp_ass_subscript.get().is_some() {
        return assign(vm, &owner.slots.mp_ass_subscript, this, key, value);
    }
    let index = adjusted_index(vm, owner, this, key)?;
    owner.slots.sq_ass_item.get().ok_or_else(|| missing(vm))?(vm, this, index, value)?;
    Ok(Value::NONE)
}

macro_rules! group {
    ([$($name:literal),*] $($slot:ident = $function:expr),*) => {
        Group {
            names: &[$($name),*],
            inherit: |to, from| { $(to.$slot.set(from.$slot.get());)* },
            generic: |to| { $(to.$slot.set(Some($function));)* },
            clear: |to| { $(to.$slot.set(None);)* },
        }
    };
}

/// The groups of all names, by the interned name's word.
#[derive(Default)]
struct GroupNames(OnceCell<HashMap<u64, u32>>);

const _: () = assert!(GROUPS.len() <= 128);

fn names_of_groups(vm: &Vm) -> HashMap<u64, u32> {
    let numbered = GROUPS.iter().zip(0..);
    numbered.flat_map(|(group, number)| group.names.iter().map(move |name| (vm.intern(name).word(), number))).collect()
}

static GROUPS: &[Group] = &[
    group!(["__repr__"] repr = generic::repr),
    group!(["__str__"] str = generic::str),
    group!(["__hash__"] hash = generic::hash),
    group!(["__call__"] call = generic::call),
    group!(["__getattribute__", "__getattr__"] getattro = generic::getattro),
    group!(["__setattr__", "__delattr__"] setattro = generic::setattro),
    group!(["__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"] richcompare = generic::richcompare),
    group!(["__iter__"] iter = generic::iter),
    group!(["__next__"] next = generic::next),
    group!(["__get__"] descr_get = generic::descr_get),
    group!(["__set__", "__delete__"] descr_set = generic::descr_set),
    group!(["__init__"] init = generic::init),
    group!(["__await__"] am_await = generic::am_await),
    group!(["__aiter__"] am_aiter = generic::am_aiter),
    group!(["__anext__"] am_anext = generic::am_anext),
    group!(["__buffer__"] buffer = generic::buffer),
    group!(["__add__", "__radd__"] nb_add = generic::nb_add),
    group!(["__sub__", "__rsub__"] nb_subtract = generic::nb_subtract),
    group!(["__mul__", "__rmul__"] nb_multiply = generic::nb_multiply),
    group!(["__mod__", "__rmod__"] nb_remainder = generic::nb_remainder),
    group!(["__divmod__", "__rdivmod__"] nb_divmod = generic::nb_divmod),
    group!(["__pow__", "__rpow__"] nb_power = generic::nb_power),
    group!(["__neg__"] nb_negative = generic::nb_negative),
    group!(["__pos__"] nb_positive = generic::nb_positive),
    group!(["__abs__"] nb_absolute = generic::nb_absolute),
    group!(["__bool__"] nb_bool = generic::nb_bool),
    group!(["__invert__"] nb_invert = generic::nb_invert),
    group!(["__lshift__", "__rlshift__"] nb_lshift = generic::nb_lshift),
    group!(["__rshift__", "__rrshift__"] nb_rshift = generic::nb_rshift),
    group!(["__and__", "__rand__"] nb_and = generic::nb_and),
    group!(["__xor__", "__rxor__"] nb_xor = generic::nb_xor),
    group!(["__or__", "__ror__"] nb_or = generic::nb_or),
    group!(["__int__"] nb_int = generic::nb_int),
    group!(["__float__"] nb_float = generic::nb_float),
    group!(["__index__"] nb_index = generic::nb_index),
    group!(["__floordiv__", "__rfloordiv__"] nb_floor_divide = generic::nb_floor_divide),
    group!(["__truediv__", "__rtruediv__"] nb_true_divide = generic::nb_true_divide),
    group!(["__matmul__", "__rmatmul__"] nb_matrix_multiply = generic::nb_matrix_multiply),
    group!(["__iadd__"] nb_inplace_add = generic::nb_inplace_add),
    group!(["__isub__"] nb_inplace_subtract = generic::nb_inplace_subtract),
    group!(["__imul__"] nb_inplace_multiply = generic::nb_inplace_multiply),
    group!(["__imod__"] nb_inplace_remainder = generic::nb_inplace_remainder),
    group!(["__ipow__"] nb_inplace_power = generic::nb_inplace_power),
    group!(["__ilshift__"] nb_inplace_lshift = generic::nb_inplace_lshift),
    group!(["__irshift__"] nb_inplace_rshift = generic::nb_inplace_rshift),
    group!(["__iand__"] nb_inplace_and = generic::nb_inplace_and),
    group!(["__ixor__"] nb_inplace_xor = generic::nb_inplace_xor),
    group!(["__ior__"] nb_inplace_or = generic::nb_inplace_or),
    group!(["__ifloordiv__"] nb_inplace_floor_divide = generic::nb_inplace_floor_divide),
    group!(["__itruediv__"] nb_inplace_true_divide = generic::nb_inplace_true_divide),
    group!(["__imatmul__"] nb_inplace_matrix_multiply = generic::nb_inplace_matrix_multiply),
    group!(["__len__"] sq_length = generic::length, mp_length = generic::length),
    group!(["__getitem__"] mp_subscript = generic::mp_subscript, sq_item = generic::sq_item),
    group!(["__setitem__", "__delitem__"] mp_ass_subscript = generic::mp_ass_subscript, sq_ass_item = generic::sq_ass_item),
    group!(["__contains__"] sq_contains = generic::sq_contains),
];

/// Slots of builtin sequences that share a dunder with a number slot: inherited with it.
fn inherit_sequence_slots(name: &str, to: &Slots, from: Option<&Slots>) {
    match name {
        "__add__" => to.sq_concat.set(from.and_then(|s| s.sq_concat.get())),
        "__mul__" => to.sq_repeat.set(from.and_then(|s| s.sq_repeat.get())),
        "__iadd__" => to.sq_inplace_concat.set(from.and_then(|s| s.sq_inplace_concat.get())),
        "__imul__" => to.sq_inplace_repeat.set(from.and_then(|s| s.sq_inplace_repeat.get())),
        _ => {}
    }
}

impl Vm {
    /// Puts the dunders of a builtin type's own slots into its namespace.
    pub(crate) fn add_slot_wrappers(&self, ty: &TypeRef) {
        for wrapper in WRAPPERS {
            if !(wrapper.present)(&ty.slots) {
                continue;
            }
            // An inherited dunder serves as well.
            if matches!(wrapper.name, "__str__" | "__getattribute__" | "__setattr__" | "__delattr__" | "__init__")
                && let Some(base) = ty.base()
                && same_slot(wrapper.name, &ty.slots, &base.slots)
            {
                continue;
            }
            let name = self.intern(wrapper.name);
            if ty.namespace.get_str(&name).is_none() {
                ty.namespace.set_str(&name, self.new_slot_wrapper(wrapper, ty));
            }
        }
        let hash = &self.names.__hash__;
        if ty.slots.hash.get().is_none() && ty.slots.richcompare.get().is_some() && ty.namespace.get_str(hash).is_none()
        {
            ty.namespace.set_str(hash, Value::NONE);
        }
    }

    /// Chooses all slots of a Python class from what its MRO has.
    pub fn update_all_slots(&self, ty: &TypeRef) {
        let names = self.state::<GroupNames>();
        let index = names.0.get_or_init(|| names_of_groups(self));
        match self.sole_base(ty) {
            // What the class does not define itself it has as its base does.
            Some(base) => {
                ty.slots.copy(&base.slots);
                let mut chosen = 0u128;
                for name in ty.namespace.keys() {
                    if let Some(group) = index.get(&name.word()) {
                        chosen |= 1 << group;
                    }
                }
                for (number, group) in GROUPS.iter().enumerate() {
                    if chosen >> number & 1 != 0 {
                        self.update_group(ty, group);
                    }
                }
            }
            None => GROUPS.iter().for_each(|group| self.update_group(ty, group)),
        }
        self.update_new(ty);
        self.update_finalizer(ty);
        self.update_getattr_hook(ty);
    }

    /// The one base of a class, where all that the class inherits is that base's, and chosen in the same way.
    fn sole_base(&self, ty: &TypeRef) -> Option<TypeRef> {
        let base = ty.base().filter(|base| base.is_heap_type() || base.is(&self.types.object))?;
        let (mro, inherited) = (ty.mro_tuple()?, base.mro_tuple()?);
        let (own, rest) = mro.items().split_first()?;
        let same = rest.len() == inherited.items().len() && rest.iter().zip(inherited.items()).all(|(a, b)| a.is(b));
        (same && own.is(ty.as_value())).then_some(base)
    }

    /// Chooses the slots that a dunder serves, in a class and its subclasses, after the dunder was set or deleted.
    pub fn update_slots_for(&self, ty: &TypeRef, name: &str) {
        if !(name.starts_with("__") && name.ends_with("__")) {
            return;
        }
        if let Some(group) = GROUPS.iter().find(|group| group.names.contains(&name)) {
            self.update_group(ty, group);
        }
        match name {
            "__new__" => self.update_new(ty),
            "__del__" => self.update_finalizer(ty),
            "__getattr__" | "__getattribute__" => self.update_getattr_hook(ty),
            _ => {}
        }
        for subclass in self.subclasses_of(ty) {
            self.update_slots_for(&subclass, name);
        }
    }

    fn update_group(&self, ty: &TypeRef, group: &Group) {
        let mut source: Option<TypeRef> = None;
        let mut use_generic = false;
        for name in group.names {
            let Some((found, _)) = self.lookup_where(ty, &self.intern(name)) else { continue };
            if let Some(descriptor) = found.downcast::<WrapperDescriptor>()
                && descriptor.wrapper.name == *name
                && let owner = descriptor.owner.get()
                && let Some(owner) = owner.downcast::<Type>()
                && ty.is_subtype(owner)
            {
                match &source {
                    Some(other) if !other.is(owner) => {
                        // Two builtin classes: the more derived one has both functions in one slot.
                        if owner.is_subtype(other) {
                            source = Some(owner.clone());
                        } else if !other.is_subtype(owner) {
                            use_generic = true;
                        }
                    }
                    Some(_) => {}
                    None => source = Some(owner.clone()),
                }
            } else {
                use_generic = true;
            }
        }
        let first = group.names[0];
        if use_generic {
            (group.generic)(&ty.slots);
            inherit_sequence_slots(first, &ty.slots, None);
        } else if let Some(source) = source {
            (group.inherit)(&ty.slots, &source.slots);
            inherit_sequence_slots(first, &ty.slots, Some(&source.slots));
        } else {
            // No dunder stands for it: what a base has without one (buffers) is inherited.
            match ty.base() {
                Some(base) if first == "__buffer__" => (group.inherit)(&ty.slots, &base.slots),
                _ => (group.clear)(&ty.slots),
            }
            inherit_sequence_slots(first, &ty.slots, None);
        }
    }

    fn update_new(&self, ty: &TypeRef) {
        let Some((found, _)) = self.lookup_where(ty, &self.names.__new__) else { return };
        if let Some(native) = found.downcast::<NativeFunction>()
            && native.def.name == "__new__"
            && let Some(receiver) = native.receiver.get()
            && receiver.downcast::<Type>().is_some()
        {
            // A base whose instances a Python method makes goes on making them by the name, whatever that means here.
            let by_name = |base: &TypeRef| {
                base.slots.new.get().is_some_and(|new| std::ptr::fn_addr_eq(new, generic::new as crate::slots::NewFn))
            };
            if ty.base().is_some_and(|base| by_name(&base)) {
                ty.slots.new.set(Some(generic::new));
                return;
            }
            // Whichever builtin base the name was found in: the one that decides the layout makes the instances.
            let mut solid = ty.base();
            while let Some(base) = solid.take_if(|base| base.is_heap_type()) {
                solid = base.base();
            }
            ty.slots.new.set(solid.and_then(|base| base.slots.new.get()));
        } else {
            ty.slots.new.set(Some(generic::new));
        }
    }

    fn update_finalizer(&self, ty: &TypeRef) {
        let has_del = self.lookup_where(ty, &self.names.__del__).is_some_and(|(_, class)| class.is_heap_type());
        let inherited = ty.base().and_then(|base| base.head.finalize.get());
        ty.head.finalize.set(if has_del { Some(generic::finalize) } else { inherited });
    }

    fn update_getattr_hook(&self, ty: &TypeRef) {
        ty.getattr_hook.set(self.lookup_where(ty, &self.names.__getattr__).map(|(found, _)| found));
    }

    /// Takes over the slots of the bases that the type itself leaves empty, in MRO order.
    pub(crate) fn inherit_slots(&self, ty: &TypeRef) {
        let Some(mro) = ty.mro.get() else { return };
        let Some(mro) = mro.downcast::<Tuple>() else { return };
        for base in mro.items().iter().skip(1) {
            let Some(base) = base.downcast::<Type>() else { continue };
            // Comparison and hash go together.
            if ty.slots.richcompare.get().is_some() && ty.slots.hash.get().is_none() {
                let kept = ty.namespace.get_str(&self.names.__hash__).is_some_and(|h| !h.is_none());
                ty.slots.inherit(&base.slots);
                if !kept {
                    ty.slots.hash.set(None);
                }
            } else {
                ty.slots.inherit(&base.slots);
            }
        }
        if let Some(base) = ty.base() {
            let inherited = base.flags.get()
                & (type_flags::SEQUENCE
                    | type_flags::MAPPING
                    | type_flags::MATCH_SELF
                    | type_flags::EXCEPTION
                    | type_flags::TYPE
                    | type_flags::DICT);
            ty.flags.set(ty.flags.get() | inherited);
            if ty.head.finalize.get().is_none() {
                ty.head.finalize.set(base.head.finalize.get());
            }
        }
    }
}

fn same_slot(name: &str, a: &Slots, b: &Slots) -> bool {
    match name {
        "__str__" => a.str.get().map(|f| f as usize) == b.str.get().map(|f| f as usize),
        "__getattribute__" => a.getattro.get().map(|f| f as usize) == b.getattro.get().map(|f| f as usize),
        "__init__" => a.init.get().map(|f| f as usize) == b.init.get().map(|f| f as usize),
        _ => a.setattro.get().map(|f| f as usize) == b.setattro.get().map(|f| f as usize),
    }
}

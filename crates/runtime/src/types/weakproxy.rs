//! `weakref.proxy`: objects that pass every operation on to one that they hold weakly. Their body is that of weak
//! references; only the slots differ.

use crate::args::Args;
use crate::arithmetic::BinaryOp;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec};
use crate::slots::{CompareOp, Slots};
use crate::types::weakref::WeakRef;
use crate::vm::Vm;
use oriel_heap::{Body, Value};

/// `weakref.ProxyType`
pub static SPEC: TypeSpec = TypeSpec {
    flags: crate::native::type_flags::NO_NEW,
    slots: fill,
    methods: METHODS,
    ..TypeSpec::new("weakref.ProxyType", WeakRef::layout)
};

/// `weakref.CallableProxyType`
pub static CALLABLE_SPEC: TypeSpec = TypeSpec {
    flags: crate::native::type_flags::NO_NEW,
    slots: |slots| {
        fill(slots);
        slots.call.set(Some(|vm, this, args: Args<'_>| vm.call_args(&target(vm, this)?, args)));
    },
    methods: METHODS,
    ..TypeSpec::new("weakref.CallableProxyType", WeakRef::layout)
};

const METHODS: &[MethodDef] = &[
    MethodDef::noargs(
        "__bytes__",
        |vm, this| vm.call_method(&target(vm, this)?, &vm.names.__bytes__, &[]),
        "",
        "Pass on `bytes()`.",
    ),
    MethodDef::noargs(
        "__reversed__",
        |vm, this| vm.call_method(&target(vm, this)?, &vm.names.__reversed__, &[]),
        "",
        "Pass on `reversed()`.",
    ),
];

fn is_proxy(vm: &Vm, value: &Value) -> bool {
    let ty = vm.type_of(value);
    ty.is(&vm.types.weak_proxy) || ty.is(&vm.types.weak_callable_proxy)
}

/// The object behind a proxy; any other value itself.
fn target(vm: &Vm, value: &Value) -> PyResult {
    if !is_proxy(vm, value) {
        return Ok(value.clone());
    }
    match value.downcast::<WeakRef>().and_then(|reference| reference.get()) {
        Some(object) => Ok(object),
        None => Err(vm.reference_error("weakly-referenced object no longer exists")),
    }
}

macro_rules! binary {
    ($slots:ident, $($slot:ident $inplace:ident $op:ident;)*) => {$(
        $slots.$slot.set(Some(|vm, a, b| vm.binary(BinaryOp::$op, &target(vm, a)?, &target(vm, b)?)));
        $slots.$inplace.set(Some(|vm, a, b| vm.inplace(BinaryOp::$op, &target(vm, a)?, &target(vm, b)?)));
    )*};
}

fn fill(slots: &Slots) {
    binary! { slots,
        nb_add nb_inplace_add Add;
        nb_subtract nb_inplace_subtract Subtract;
        nb_multiply nb_inplace_multiply Multiply;
        nb_remainder nb_inplace_remainder Remainder;
        nb_lshift nb_inplace_lshift Lshift;
        nb_rshift nb_inplace_rshift Rshift;
        nb_and nb_inplace_and And;
        nb_xor nb_inplace_xor Xor;
        nb_or nb_inplace_or Or;
        nb_floor_divide nb_inplace_floor_divide FloorDivide;
        nb_true_divide nb_inplace_true_divide TrueDivide;
        nb_matrix_multiply nb_inplace_matrix_multiply MatrixMultiply;
    }
    slots.nb_divmod.set(Some(|vm, a, b| vm.divmod(&target(vm, a)?, &target(vm, b)?)));
    slots.nb_power.set(Some(|vm, a, b, c| vm.power(&target(vm, a)?, &target(vm, b)?, &target(vm, c)?)));
    slots.nb_inplace_power.set(Some(|vm, a, b, c| vm.inplace_power(&target(vm, a)?, &target(vm, b)?, &target(vm, c)?)));
    slots.nb_negative.set(Some(|vm, this| vm.negative(&target(vm, this)?)));
    slots.nb_positive.set(Some(|vm, this| vm.positive(&target(vm, this)?)));
    slots.nb_absolute.set(Some(|vm, this| vm.absolute(&target(vm, this)?)));
    slots.nb_invert.set(Some(|vm, this| vm.invert(&target(vm, this)?)));
    slots.nb_bool.set(Some(|vm, this| vm.truth(&target(vm, this)?)));
    slots.nb_int.set(Some(|vm, this| vm.call(vm.types.int.as_value(), &[target(vm, this)?])));
    slots.nb_float.set(Some(|vm, this| vm.call(vm.types.float.as_value(), &[target(vm, this)?])));
    slots.nb_index.set(Some(|vm, this| vm.index(&target(vm, this)?)));
    slots.mp_length.set(Some(|vm, this| vm.len(&target(vm, this)?)));
    slots.mp_subscript.set(Some(|vm, this, key| vm.get_item(&target(vm, this)?, key)));
    slots.mp_ass_subscript.set(Some(|vm, this, key, value| {
        let object = target(vm, this)?;
        match value {
            Some(value) => vm.set_item(&object, key, value),
            None => vm.del_item(&object, key),
        }
    }));
    slots.sq_contains.set(Some(|vm, this, item| vm.contains(&target(vm, this)?, item)));
    slots.iter.set(Some(|vm, this| vm.iter(&target(vm, this)?)));
    slots.next.set(Some(|vm, this| {
        let object = target(vm, this)?;
        if vm.type_of(&object).slots.next.get().is_none() {
            let name = vm.type_name(&object);
            return Err(vm.type_error(format!("Weakref proxy referenced a non-iterator '{name}' object")));
        }
        vm.next(&object)
    }));
    slots.str.set(Some(|vm, this| vm.str(&target(vm, this)?)));
    slots.repr.set(Some(repr));
    slots.hash.set(Some(|vm, this| {
        let name = vm.type_name(this);
        Err(vm.type_error(format!("unhashable type: '{name}'")))
    }));
    slots.richcompare.set(Some(|vm, a, b, op: CompareOp| vm.rich_compare(&target(vm, a)?, &target(vm, b)?, op)));
    slots.getattro.set(Some(|vm, this, name| vm.get_attr(&target(vm, this)?, name)));
    slots.setattro.set(Some(|vm, this, name, value| {
        let object = target(vm, this)?;
        match value {
            Some(value) => vm.set_attr(&object, name, value),
            None => vm.del_attr(&object, name),
        }
    }));
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let address = this.word();
    let object = this.downcast::<WeakRef>().and_then(|reference| reference.get());
    Ok(vm.new_str(&match object {
        Some(object) => {
            let name = vm.type_name(&object);
            format!("<weakproxy at {address:#x}; to '{name}' at {:#x}>", object.word())
        }
        None => format!("<weakproxy at {address:#x}; dead>"),
    }))
}

impl Vm {
    /// `weakref.proxy(object, callback)`
    pub fn new_weak_proxy(&self, object: &Value, callback: Option<&Value>) -> PyResult {
        let callable = self.type_of(object).slots.call.get().is_some();
        let class = if callable { &self.types.weak_callable_proxy } else { &self.types.weak_proxy };
        self.new_weak_reference(class, object, callback)
    }
}

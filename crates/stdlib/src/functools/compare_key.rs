//! `cmp_to_key` and the keys that it makes.

use super::State;
use crate::bodies::{bind, body, given, made};
use oriel_runtime::args::Signature;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, Bound, CompareOp, GetSetDef, PyResult, TypeSpec, Value, Vm, type_flags};
use std::sync::OnceLock;

/// A comparison function, and the object once it is called with one.
pub(super) struct KeyWrapper {
    compare: Value,
    object: OptionCell,
}
body!(KeyWrapper, "functools.KeyWrapper", compare, object);

pub(super) static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.call.set(Some(call));
        slots.richcompare.set(Some(compare));
    },
    getset: &[
        GetSetDef::readonly("__text_signature__", |vm, _| Ok(vm.new_str("(obj)")), "Its parameters."),
        GetSetDef::new(
            "obj",
            |vm, key| vm.body::<KeyWrapper>(key)?.object.get().ok_or_else(|| vm.attribute_error("obj")),
            |vm, key, value| {
                vm.body::<KeyWrapper>(key)?.object.set(value.cloned());
                Ok(())
            },
            "The object that is compared.",
        ),
    ],
    ..TypeSpec::new("functools.KeyWrapper", KeyWrapper::layout)
};

fn wrap(vm: &Vm, ty: &TypeRef, compare: &Value, object: Option<Value>) -> PyResult {
    let body = KeyWrapper { compare: compare.clone(), object: OptionCell::new(object) };
    Ok(vm.new_instance(ty, body)?.into_value())
}

pub(super) fn cmp_to_key(vm: &Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let state = vm.state::<State>();
    wrap(vm, made(vm, &state.key_wrapper)?, given(vm, args[0])?, None)
}

fn call(vm: &Vm, key: &Value, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [object] = bind(vm, &SIGNATURE, "($self, /, obj)", "K", args)?;
    let compare = vm.body::<KeyWrapper>(key)?.compare.clone();
    wrap(vm, vm.type_of(key), &compare, Some(given(vm, object)?.clone()))
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let x = vm.body::<KeyWrapper>(a)?;
    let Some(y) = b.downcast::<KeyWrapper>() else {
        return Err(vm.type_error("other argument must be K instance"));
    };
    let (Some(left), Some(right)) = (x.object.get(), y.object.get()) else {
        return Err(vm.attribute_error("object"));
    };
    let result = vm.call(&x.compare, &[left, right])?;
    vm.rich_compare(&result, &Value::small(0), op)
}

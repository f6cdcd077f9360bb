//! The types of `True` and `False`, `None`, `NotImplemented` and `...`.

use crate::args::Args;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::slots::{BinaryFn, Slots};
use crate::types::int::Int;
use crate::types::object::{Plain, identity_hash};
use crate::vm::Vm;
use oriel_heap::{Body, Value};

/// `bool`
pub static BOOL_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::MATCH_SELF,
    base: Some(|types| &types.int),
    doc: "bool(object=False, /)\n--\n\nTrue or False.",
    slots: |slots| {
        slots.new.set(Some(|vm, _, args| {
            args.no_keywords(vm, "bool")?;
            match args.unpack(vm, "bool", 0, 1)? {
                [value] => Ok(Value::bool(vm.truth(value)?)),
                _ => Ok(Value::FALSE),
            }
        }));
        slots.repr.set(Some(|vm, this| Ok(vm.intern(if this.as_bool() == Some(true) { "True" } else { "False" }))));
        slots.nb_and.set(Some(|vm, a, b| logical(vm, a, b, |a, b| a & b, |slots| slots.nb_and.get())));
        slots.nb_or.set(Some(|vm, a, b| logical(vm, a, b, |a, b| a | b, |slots| slots.nb_or.get())));
        slots.nb_xor.set(Some(|vm, a, b| logical(vm, a, b, |a, b| a ^ b, |slots| slots.nb_xor.get())));
        slots.nb_invert.set(Some(invert));
    },
    ..TypeSpec::new("bool", Int::layout)
};

/// Of two truths a truth, of all else what `int` makes of it.
fn logical(vm: &Vm, a: &Value, b: &Value, own: fn(bool, bool) -> bool, of: fn(&Slots) -> Option<BinaryFn>) -> PyResult {
    if let (Some(a), Some(b)) = (a.as_bool(), b.as_bool()) {
        return Ok(Value::bool(own(a, b)));
    }
    match of(&vm.types.int.slots) {
        Some(function) => function(vm, a, b),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn invert(vm: &Vm, this: &Value) -> PyResult {
    vm.warn(
        &vm.types.deprecation_warning,
        "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise \
         inversion of the underlying int object and is usually not what you expect from negating a bool. Use the \
         'not' operator for boolean negation or ~int(x) if you really want the bitwise inversion of the underlying int.",
        1,
    )?;
    Ok(vm.new_int(if this.as_bool() == Some(true) { -2 } else { -1 }))
}

fn no_arguments(vm: &Vm, args: Args<'_>, name: &str) -> PyResult<()> {
    if args.is_empty() {
        return Ok(());
    }
    Err(vm.type_error(format!("{name} takes no arguments")))
}

/// `NoneType`
pub static NONE_SPEC: TypeSpec = TypeSpec {
    doc: "NoneType()\n--\n\nThe type of the None singleton.",
    slots: |slots| {
        slots.new.set(Some(|vm, _, args| {
            no_arguments(vm, args, "NoneType")?;
            Ok(Value::NONE)
        }));
        slots.repr.set(Some(|vm, _| Ok(vm.intern("None"))));
        slots.nb_bool.set(Some(|_, _| Ok(false)));
        // The number that CPython gives, so that sets with None have its order.
        slots.hash.set(Some(|_, _| Ok(0xfca8_6420)));
        slots.richcompare.set(Some(|vm, a, b, op| match vm.types.object.slots.richcompare.get() {
            Some(compare) => compare(vm, a, b, op),
            None => Ok(Value::NOT_IMPLEMENTED),
        }));
    },
    ..TypeSpec::new("NoneType", Plain::layout)
};

/// `NotImplementedType`
pub static NOT_IMPLEMENTED_SPEC: TypeSpec = TypeSpec {
    doc: "NotImplementedType()\n--\n\nThe type of the NotImplemented singleton.",
    slots: |slots| {
        slots.new.set(Some(|vm, _, args| {
            no_arguments(vm, args, "NotImplementedType")?;
            Ok(Value::NOT_IMPLEMENTED)
        }));
        slots.repr.set(Some(|vm, _| Ok(vm.intern("NotImplemented"))));
        slots.nb_bool.set(Some(|vm, _| Err(vm.type_error("NotImplemented should not be used in a boolean context"))));
        slots.hash.set(Some(identity_hash));
    },
    methods: &[MethodDef::noargs(
        "__reduce__",
        |vm, _| Ok(vm.intern("NotImplemented")),
        "($self, /)",
        "How it is pickled.",
    )],
    ..TypeSpec::new("NotImplementedType", Plain::layout)
};

/// `ellipsis`
pub static ELLIPSIS_SPEC: TypeSpec = TypeSpec {
    doc: "ellipsis()\n--\n\nThe type of the Ellipsis singleton.",
    slots: |slots| {
        slots.new.set(Some(|vm, _, args| {
            no_arguments(vm, args, "EllipsisType")?;
            Ok(Value::ELLIPSIS)
        }));
        slots.repr.set(Some(|vm, _| Ok(vm.intern("Ellipsis"))));
        slots.hash.set(Some(identity_hash));
    },
    methods: &[MethodDef::noargs("__reduce__", |vm, _| Ok(vm.intern("Ellipsis")), "($self, /)", "How it is pickled.")],
    ..TypeSpec::new("ellipsis", Plain::layout)
};

//! `Generic`: a base whose behaviour is in the library.

use super::call_typing;
use crate::args::Args;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::types::object::Plain;
use crate::vm::Vm;
use oriel_heap::{Body, Value};

/// `typing.Generic`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::MUTABLE,
    doc: "The base of generic classes.",
    methods: &[
        MethodDef::args("__class_getitem__", class_getitem, "", "Fill in or declare type parameters.").class_method(),
        MethodDef::args("__init_subclass__", init_subclass, "", "Prepare a subclass.").class_method(),
    ],
    ..TypeSpec::new("typing.Generic", Plain::layout)
};

fn forward(vm: &Vm, function: &str, class: &Value, args: Args<'_>) -> PyResult {
    let mut values = Vec::with_capacity(args.values.len() + 1);
    values.push(class.clone());
    values.extend_from_slice(args.values);
    if args.names.is_empty() {
        return call_typing(vm, function, &values);
    }
    let function = vm.import_from("typing", function)?;
    vm.call_args(&function, Args { values: &values, names: args.names })
}

fn class_getitem(vm: &Vm, class: &Value, args: Args<'_>) -> PyResult {
    forward(vm, "_generic_class_getitem", class, args)
}

fn init_subclass(vm: &Vm, class: &Value, args: Args<'_>) -> PyResult {
    forward(vm, "_generic_init_subclass", class, args)
}

//! `_weakref`. The types are in the runtime.

use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::weakref::WeakRef;
use oriel_runtime::{PyResult, Value, Vm};

/// `_weakref`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_weakref",
    doc: "Weak references.",
    functions: &[
        MethodDef::one(
            "getweakrefcount",
            |vm, _, object| Ok(vm.new_int(references(vm, object).len() as i64)),
            "($module, object, /)",
            "Return how many weak references an object has.",
        ),
        MethodDef::one(
            "getweakrefs",
            |vm, _, object| Ok(vm.new_list(references(vm, object)).into_value()),
            "($module, object, /)",
            "Return the weak references of an object.",
        ),
        MethodDef::bound(
            "proxy",
            |vm, _, args| match args[0] {
                Some(object) => vm.new_weak_proxy(object, args[1]),
                None => Ok(Value::NONE),
            },
            "($module, object, callback=None, /)",
            "Return a proxy that holds an object weakly.",
        ),
        MethodDef::positional(
            "_remove_dead_weakref",
            2,
            2,
            remove_dead,
            "($module, dct, key, /)",
            "Remove a dict's entry if its value is a dead weak reference.",
        ),
    ],
    exec: |vm, module| {
        vm.module_set(module, "ref", vm.types.weak_reference.to_value())?;
        vm.module_set(module, "ReferenceType", vm.types.weak_reference.to_value())?;
        vm.module_set(module, "ProxyType", vm.types.weak_proxy.to_value())?;
        vm.module_set(module, "CallableProxyType", vm.types.weak_callable_proxy.to_value())
    },
};

fn references(vm: &Vm, object: &Value) -> Vec<Value> {
    if !object.is_heap() {
        return Vec::new();
    }
    // The plain reference and the plain proxy that all share come first, then the others, the newest first.
    let mut references = vm.weak_table.of(object);
    references.reverse();
    let rank = |reference: &Value| {
        let ty = vm.type_of(reference);
        let plain = reference.downcast::<WeakRef>().is_some_and(|own| !own.callback.is_some());
        match (plain, ty.is(&vm.types.weak_reference), ty.is_heap_type()) {
            (true, true, _) => 0,
            (true, false, false) => 1,
            _ => 2,
        }
    };
    references.sort_by_key(rank);
    references
}

fn remove_dead(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let Some(dict) = args[0].downcast::<Dict>() else {
        let name = vm.type_name(&args[0]);
        return Err(vm.type_error(format!("_remove_dead_weakref() argument 1 must be dict, not {name}")));
    };
    let Some(value) = dict.get(vm, &args[1])? else { return Ok(Value::NONE) };
    let Some(reference) = value.downcast::<WeakRef>() else { return Err(vm.type_error("not a weakref")) };
    if reference.get().is_none() {
        dict.delete(vm, &args[1])?;
    }
    Ok(Value::NONE)
}

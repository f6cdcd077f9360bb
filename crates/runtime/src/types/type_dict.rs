//! The descriptors `__dict__` and `__weakref__` that a class has when it is the first of its bases to allow them.

use crate::error::PyResult;
use crate::native::{GetSetDef, type_flags};
use crate::types::descriptors::GetSet;
use crate::types::dict::Dict;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::Value;

/// `__dict__` of instances.
pub static DICT: GetSetDef = GetSetDef::new("__dict__", get_dict, set_dict, "dictionary for instance variables");
static WEAKREF: GetSetDef = GetSetDef::readonly("__weakref__", get_weakref, "list of weak references to the object");

/// `__dict__` of an instance.
pub fn get_dict(vm: &Vm, object: &Value) -> PyResult {
    if let Some(own) = builtin_descriptor(vm, object) {
        return (own.get)(vm, object);
    }
    Ok(vm.instance_dict(object)?.into_value())
}

/// Sets `__dict__` of an instance; deleting leaves it empty.
pub fn set_dict(vm: &Vm, object: &Value, value: Option<&Value>) -> PyResult<()> {
    if let Some(own) = builtin_descriptor(vm, object) {
        return match own.set {
            Some(set) => set(vm, object, value),
            None => {
                let class = vm.type_name(object);
                Err(vm.attribute_error(format!("attribute '__dict__' of '{class}' objects is not writable")))
            }
        };
    }
    let Some(value) = value else {
        if dict_is_builtin(vm, object) {
            return Err(vm.type_error("cannot delete __dict__"));
        }
        return vm.set_instance_dict(object, None);
    };
    match value.downcast::<Dict>() {
        Some(dict) => vm.set_instance_dict(object, Some(dict.clone())),
        None => {
            let given = vm.type_name(value);
            Err(vm.type_error(format!("__dict__ must be set to a dictionary, not a '{given}'")))
        }
    }
}

/// What the builtin type that an object is made of says of `__dict__`: classes and modules have rules of their own,
/// though another base's descriptor may be found first.
fn builtin_descriptor(vm: &Vm, object: &Value) -> Option<&'static GetSetDef> {
    let mut class = Some(vm.type_of(object).clone());
    while let Some(candidate) = class {
        if !candidate.is_heap_type() {
            let found = candidate.namespace.get_str(&vm.names.__dict__)?;
            let def = found.downcast::<GetSet>()?.def;
            return (!std::ptr::eq(def, &DICT)).then_some(def);
        }
        class = candidate.base();
    }
    None
}

/// Whether the builtin type that an object is made of gives it its `__dict__`.
fn dict_is_builtin(vm: &Vm, object: &Value) -> bool {
    let mut class = Some(vm.type_of(object).clone());
    while let Some(candidate) = class {
        if !candidate.is_heap_type() {
            return candidate.has(type_flags::DICT);
        }
        class = candidate.base();
    }
    false
}

fn get_weakref(vm: &Vm, object: &Value) -> PyResult {
    Ok(vm.weak_table.of(object).into_iter().next_back().unwrap_or(Value::NONE))
}

/// Adds what the class's bases do not have.
pub fn add(vm: &Vm, class: &TypeRef) {
    let base_flags = class.base().map_or(0, |base| base.flags.get());
    let metaclass_like = class.has(type_flags::TYPE);
    if class.has_dict() && base_flags & type_flags::DICT == 0 && !metaclass_like {
        add_unless_there(vm, class, &vm.names.__dict__, &DICT);
    }
    if class.has(type_flags::WEAKREF) && base_flags & type_flags::WEAKREF == 0 && !metaclass_like {
        add_unless_there(vm, class, &vm.names.__weakref__, &WEAKREF);
    }
}

fn add_unless_there(vm: &Vm, class: &TypeRef, name: &Value, def: &'static GetSetDef) {
    if class.namespace.get_str(name).is_none() {
        class.namespace.set_str(name, vm.new_getset(def, class));
    }
}

/// Adds `__dict__` to a builtin type whose instances have one, unless the type declares its own.
pub fn add_dict(vm: &Vm, ty: &TypeRef) {
    if ty.namespace.get_str(&vm.names.__dict__).is_none() {
        ty.namespace.set_str(&vm.names.__dict__, vm.new_getset(&DICT, ty));
    }
}

//! `_collections`: `deque`, `defaultdict`, `OrderedDict` and helpers of `collections`.

mod counting;
mod default_dict;
mod deque;
mod deque_iterator;
mod ordered_dict;
mod ordered_views;
mod tuple_getter;

use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{MethodDef, ModuleSpec, PyResult, Value, Vm};
use std::cell::OnceCell;

/// The module.
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_collections",
    doc: "Containers of high performance: double-ended queues, dicts with defaults, ordered dicts.",
    functions: &[MethodDef::positional(
        "_count_elements",
        2,
        2,
        counting::count_elements,
        "($module, mapping, iterable, /)",
        "Count the items of an iterable in a mapping.",
    )],
    exec,
};

/// The types that others make instances of.
#[derive(Default)]
struct State {
    deque: OnceCell<TypeRef>,
    deque_iterator: OnceCell<TypeRef>,
    deque_reverse_iterator: OnceCell<TypeRef>,
    ordered_dict: OnceCell<TypeRef>,
    ordered_iterator: OnceCell<TypeRef>,
    ordered_keys: OnceCell<TypeRef>,
    ordered_items: OnceCell<TypeRef>,
    ordered_values: OnceCell<TypeRef>,
    default_dict: OnceCell<TypeRef>,
}

fn exec(vm: &Vm, module: &Value) -> PyResult<()> {
    let state = vm.state::<State>();
    let dict = &vm.types.dict;
    // A module that is imported afresh has the same types.
    let set = |kept: &OnceCell<TypeRef>, ty: &dyn Fn() -> PyResult<TypeRef>, name: &str| -> PyResult<()> {
        let ty = match kept.get() {
            Some(ty) => ty.clone(),
            None => {
                let ty = ty()?;
                let _ = kept.set(ty.clone());
                ty
            }
        };
        if name.is_empty() { Ok(()) } else { vm.module_set(module, name, ty.into_value()) }
    };
    set(&state.deque, &|| vm.new_type(&deque::SPEC), "deque")?;
    set(&state.deque_iterator, &|| vm.new_type(&deque_iterator::SPEC), "_deque_iterator")?;
    set(&state.deque_reverse_iterator, &|| vm.new_type(&deque_iterator::REVERSE_SPEC), "_deque_reverse_iterator")?;
    set(&state.default_dict, &|| vm.new_type_with_base(&default_dict::SPEC, dict), "defaultdict")?;
    set(&state.ordered_dict, &|| vm.new_type_with_base(&ordered_dict::SPEC, dict), "OrderedDict")?;
    set(&state.ordered_iterator, &|| vm.new_type(&ordered_views::ITERATOR_SPEC), "")?;
    set(&state.ordered_keys, &|| vm.new_type_with_base(&ordered_views::KEYS_SPEC, &vm.types.dict_keys), "")?;
    set(&state.ordered_items, &|| vm.new_type_with_base(&ordered_views::ITEMS_SPEC, &vm.types.dict_items), "")?;
    set(&state.ordered_values, &|| vm.new_type_with_base(&ordered_views::VALUES_SPEC, &vm.types.dict_values), "")?;
    let getter = vm.new_type(&tuple_getter::SPEC)?;
    vm.module_set(module, "_tuplegetter", getter.to_value())
}

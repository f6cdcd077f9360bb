//! `_functools`: `reduce`, `partial`, the cache under `lru_cache`, and `cmp_to_key`.

mod cache;
mod compare_key;
mod partial;

use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Bound, MethodDef, ModuleSpec, PyResult, Value, Vm};
use std::cell::OnceCell;

/// The module.
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_functools",
    doc: "Tools that work on functions.",
    functions: &[
        MethodDef::bound(
            "reduce",
            reduce,
            "($module, function, iterable, /, initial=<unrepresentable>)",
            "Apply a function of two arguments to the items from left to right, until one value is left.",
        ),
        MethodDef::bound(
            "cmp_to_key",
            compare_key::cmp_to_key,
            "($module, /, mycmp)",
            "Make a key function of a comparison function.",
        ),
    ],
    exec,
};

/// The types and values that the module's functions need.
#[derive(Default)]
struct State {
    partial: OnceCell<TypeRef>,
    placeholder_type: OnceCell<TypeRef>,
    placeholder: OnceCell<Value>,
    key_wrapper: OnceCell<TypeRef>,
    /// Stands between the positional and the keyword part of a cache key.
    keyword_mark: OnceCell<Value>,
}

fn exec(vm: &Vm, module: &Value) -> PyResult<()> {
    let state = vm.state::<State>();
    if let (Some(partial), Some(placeholder_type), Some(placeholder)) =
        (state.partial.get(), state.placeholder_type.get(), state.placeholder.get())
    {
        // A module that is imported afresh has the same types.
        vm.module_set(module, "partial", partial.to_value())?;
        vm.module_set(module, "_PlaceholderType", placeholder_type.to_value())?;
        vm.module_set(module, "Placeholder", placeholder.clone())?;
        let cache = vm.new_type(&cache::SPEC)?;
        return vm.module_set(module, "_lru_cache_wrapper", cache.to_value());
    }
    let partial = vm.new_type(&partial::SPEC)?;
    vm.module_set(module, "partial", partial.to_value())?;
    let _ = state.partial.set(partial);
    let placeholder_type = vm.new_type(&partial::PLACEHOLDER_SPEC)?;
    vm.module_set(module, "_PlaceholderType", placeholder_type.to_value())?;
    let placeholder = vm.new_instance(&placeholder_type, partial::Placeholder)?.into_value();
    vm.module_set(module, "Placeholder", placeholder.clone())?;
    let _ = state.placeholder_type.set(placeholder_type);
    let _ = state.placeholder.set(placeholder);
    let _ = state.key_wrapper.set(vm.new_type(&compare_key::SPEC)?);
    let _ = state.keyword_mark.set(vm.call(vm.types.object.as_value(), &[])?);
    let cache = vm.new_type(&cache::SPEC)?;
    vm.module_set(module, "_lru_cache_wrapper", cache.to_value())
}

fn reduce(vm: &Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let (Some(function), Some(iterable)) = (args[0], args[1]) else { return Ok(Value::NONE) };
    let iterator = match vm.iter(iterable) {
        Ok(iterator) => iterator,
        Err(raised) if vm.raised_is(&raised, &vm.types.type_error) => {
            return Err(vm.type_error("reduce() arg 2 must support iteration"));
        }
        Err(raised) => return Err(raised),
    };
    let mut result = args[2].cloned();
    while let Some(item) = vm.next(&iterator)? {
        result = Some(match result {
            None => item,
            Some(result) => vm.call(function, &[result, item])?,
        });
    }
    result.ok_or_else(|| vm.type_error("reduce() of empty iterable with no initial value"))
}

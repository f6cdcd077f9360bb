//! Parameterized types: `types.GenericAlias` ([`alias`]), unions ([`union`]), and what they share: type parameters,
//! their substitution, and how types are written.

pub mod alias;
pub mod union;

use crate::error::PyResult;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::support::push_repr;
use crate::types::tuple::Tuple;
use crate::types::type_object::Type;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::text::TextBuf;

/// Writes a type as annotations show it: builtin types by their names alone, others with their modules.
pub(crate) fn push_type_repr(vm: &Vm, text: &mut TextBuf, value: &Value) -> PyResult<()> {
    if value.is(&Value::ELLIPSIS) {
        text.push_str("...");
        return Ok(());
    }
    if value.is(vm.types.none_type.as_value()) {
        text.push_str("None");
        return Ok(());
    }
    let is_alias = vm.get_attr_opt(value, &vm.names.__origin__)?.is_some()
        && vm.get_attr_opt(value, &vm.names.__args__)?.is_some();
    if !is_alias
        && let Some(qualname) = vm.get_attr_opt(value, &vm.names.__qualname__)?
        && let Some(module) = vm.get_attr_opt(value, &vm.names.__module__)?
        && !module.is_none()
    {
        let (qualname, module) = (vm.str(&qualname)?, vm.str(&module)?);
        if let (Some(qualname), Some(module)) = (qualname.downcast::<Str>(), module.downcast::<Str>()) {
            if module.as_ascii() != Some("builtins") {
                text.push_text(module.text());
                text.push_str(".");
            }
            text.push_text(qualname.text());
        }
        return Ok(());
    }
    push_repr(vm, text, value)
}

/// The items of a value that is exactly a tuple or list.
fn plain_items(vm: &Vm, value: &Value) -> Option<Vec<Value>> {
    let ty = vm.type_of(value);
    if ty.is(&vm.types.tuple) {
        return value.downcast::<Tuple>().map(|tuple| tuple.items().to_vec());
    }
    if ty.is(&vm.types.list) {
        return value.downcast::<List>().map(|list| list.snapshot());
    }
    None
}

fn push_once(parameters: &mut Vec<Value>, parameter: Value) {
    if !parameters.iter().any(|known| known.is(&parameter)) {
        parameters.push(parameter);
    }
}

/// The type parameters among arguments, in the order of their first appearance.
pub(crate) fn collect_parameters(vm: &Vm, args: &[Value]) -> PyResult<Vec<Value>> {
    vm.check_stack()?;
    let mut parameters = Vec::new();
    for arg in args {
        if arg.downcast::<Type>().is_some() {
            continue;
        }
        if let Some(items) = plain_items(vm, arg) {
            for parameter in collect_parameters(vm, &items)? {
                push_once(&mut parameters, parameter);
            }
            continue;
        }
        if vm.get_attr_opt(arg, &vm.names.__typing_subst__)?.is_some() {
            push_once(&mut parameters, arg.clone());
            continue;
        }
        if let Some(own) = vm.get_attr_opt(arg, &vm.names.__parameters__)?
            && let Some(own) = own.downcast::<Tuple>()
        {
            for parameter in own.items() {
                push_once(&mut parameters, parameter.clone());
            }
        }
    }
    Ok(parameters)
}

/// The arguments with unpacked tuples of known length spread out.
fn unpack_arguments(vm: &Vm, item: &Value) -> PyResult<Vec<Value>> {
    let given = match item.downcast::<Tuple>() {
        Some(tuple) => tuple.items().to_vec(),
        None => vec![item.clone()],
    };
    let mut result = Vec::with_capacity(given.len());
    for arg in given {
        if arg.downcast::<Type>().is_none()
            && let Some(inner) = vm.get_attr_opt(&arg, &vm.names.__typing_unpacked_tuple_args__)?
            && let Some(inner) = inner.downcast::<Tuple>()
            && !inner.items().last().is_some_and(|last| last.is(&Value::ELLIPSIS))
        {
            result.extend_from_slice(inner.items());
        } else {
            result.push(arg);
        }
    }
    Ok(result)
}

/// Replaces type parameters in the arguments of an alias or union by what `item` gives for them.
pub(crate) fn substitute(
    vm: &Vm,
    alias: &Value,
    args: &[Value],
    parameters: &[Value],
    item: &Value,
) -> PyResult<Vec<Value>> {
    if parameters.is_empty() {
        return Err(vm.type_error(format!("{} is not a generic class", vm.repr_text(alias)?)));
    }
    let mut item = vm.new_tuple(&unpack_arguments(vm, item)?);
    for parameter in parameters {
        if let Some(prepare) = vm.get_attr_opt(parameter, &vm.names.__typing_prepare_subst__)?
            && !prepare.is_none()
        {
            let given = if item.downcast::<Tuple>().is_some() { item } else { vm.tuple([item]) };
            item = vm.call(&prepare, &[alias.clone(), given])?;
        }
    }
    let given = match item.downcast::<Tuple>() {
        Some(tuple) => tuple.items().to_vec(),
        None => vec![item],
    };
    if given.len() != parameters.len() {
        let many = if given.len() > parameters.len() { "many" } else { "few" };
        return Err(vm.type_error(format!(
            "Too {many} arguments for {}; actual {}, expected {}",
            vm.repr_text(alias)?,
            given.len(),
            parameters.len()
        )));
    }
    replace_parameters(vm, args, parameters, &given)
}

fn position_of(parameters: &[Value], parameter: &Value) -> Option<usize> {
    parameters.iter().position(|known| known.is(parameter))
}

fn replace_parameters(vm: &Vm, args: &[Value], parameters: &[Value], given: &[Value]) -> PyResult<Vec<Value>> {
    vm.check_stack()?;
    let mut result = Vec::with_capacity(args.len());
    for arg in args {
        if arg.downcast::<Type>().is_some() {
            result.push(arg.clone());
            continue;
        }
        if let Some(items) = plain_items(vm, arg) {
            let replaced = replace_parameters(vm, &items, parameters, given)?;
            result.push(if arg.downcast::<List>().is_some() { vm.list(replaced) } else { vm.new_tuple(&replaced) });
            continue;
        }
        let unpacked = match vm.get_attr_opt(arg, &vm.names.__typing_is_unpacked_typevartuple__)? {
            Some(flag) => vm.truth(&flag)?,
            None => false,
        };
        let new = match vm.get_attr_opt(arg, &vm.names.__typing_subst__)? {
            Some(subst) => {
                let Some(value) = position_of(parameters, arg).and_then(|index| given.get(index)) else {
                    let shown = vm.repr_text(arg)?;
                    return Err(vm.type_error(format!("{shown} not found in __parameters__")));
                };
                vm.call(&subst, std::slice::from_ref(value))?
            }
            None => replace_inside(vm, arg, parameters, given)?,
        };
        if !unpacked {
            result.push(new);
            continue;
        }
        match new.downcast::<Tuple>() {
            Some(tuple) => result.extend_from_slice(tuple.items()),
            None => {
                let (from, got) = (vm.type_name(arg), vm.type_name(&new));
                return Err(
                    vm.type_error(format!("expected __typing_subst__ of {from} objects to return a tuple, not {got}"))
                );
            }
        }
    }
    Ok(result)
}

/// Subscripts an argument that has parameters of its own with their replacements.
fn replace_inside(vm: &Vm, arg: &Value, parameters: &[Value], given: &[Value]) -> PyResult {
    let Some(own) = vm.get_attr_opt(arg, &vm.names.__parameters__)? else { return Ok(arg.clone()) };
    let Some(own) = own.downcast::<Tuple>() else { return Ok(arg.clone()) };
    if own.is_empty() {
        return Ok(arg.clone());
    }
    let mut replacements = Vec::with_capacity(own.len());
    for parameter in own.items() {
        let Some(value) = position_of(parameters, parameter).and_then(|index| given.get(index)) else {
            replacements.push(parameter.clone());
            continue;
        };
        // What stands for a TypeVarTuple is spread out.
        match value.downcast::<Tuple>() {
            Some(tuple) if vm.type_of(parameter).slots.iter.get().is_some() => {
                replacements.extend_from_slice(tuple.items());
            }
            _ => replacements.push(value.clone()),
        }
    }
    vm.get_item(arg, &vm.new_tuple(&replacements))
}

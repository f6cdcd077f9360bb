//! `_warnings`: the native half of `warnings`.

use crate::args::Bound;
use crate::error::PyResult;
use crate::native::{MethodDef, ModuleSpec};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use crate::warnings::{Warned, Warnings};
use oriel_heap::Value;

/// `_warnings`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_warnings",
    doc: "The part of the warnings system that native code needs.",
    functions: &[
        MethodDef::bound(
            "warn",
            warn,
            "($module, /, message, category=None, stacklevel=1, source=None, *,\n     skip_file_prefixes=())",
            "Issues a warning, or raises it.",
        ),
        MethodDef::bound(
            "warn_explicit",
            warn_explicit,
            "($module, /, message, category, filename, lineno,\n              module=<unrepresentable>, registry=None,\n              \
             module_globals=None, source=None)",
            "Issues a warning about a given place.",
        ),
        MethodDef::noargs(
            "_filters_mutated_lock_held",
            |vm, _| {
                let state = vm.state::<Warnings>();
                if state.lock_depth.get() == 0 {
                    return Err(vm.runtime_error("warnings._lock is not held"));
                }
                state.filters_version.set(state.filters_version.get() + 1);
                Ok(Value::NONE)
            },
            "($module, /)",
            "Says that the filters have changed.",
        ),
        MethodDef::noargs(
            "_acquire_lock",
            |vm, _| {
                let state = vm.state::<Warnings>();
                state.lock_depth.set(state.lock_depth.get() + 1);
                Ok(Value::NONE)
            },
            "($module, /)",
            "Takes the lock of the filters.",
        ),
        MethodDef::noargs(
            "_release_lock",
            |vm, _| {
                let state = vm.state::<Warnings>();
                let Some(depth) = state.lock_depth.get().checked_sub(1) else {
                    return Err(vm.runtime_error("cannot release un-acquired lock"));
                };
                state.lock_depth.set(depth);
                Ok(Value::NONE)
            },
            "($module, /)",
            "Gives the lock of the filters back.",
        ),
    ],
    exec: |vm, module| {
        vm.module_set(module, "filters", vm.warnings_state_filters())?;
        vm.module_set(module, "_onceregistry", vm.warnings_state_once_registry())?;
        vm.module_set(module, "_defaultaction", vm.intern("default"))?;
        if let Some(variable) = context_variable(vm)? {
            vm.module_set(module, "_warnings_context", variable)?;
        }
        Ok(())
    },
};

/// The context variable of context-aware warnings. Made before the import system runs, so without it.
fn context_variable(vm: &Vm) -> PyResult<Option<Value>> {
    let state = vm.state::<Warnings>();
    if let Some(variable) = state.context.get() {
        return Ok(Some(variable));
    }
    let name = vm.intern("_contextvars");
    let module = match vm.modules.get_str(&name) {
        Some(module) => module,
        None => match vm.native_module("_contextvars")? {
            Some(module) => {
                vm.modules.set_str(&name, module.clone());
                module
            }
            None => return Ok(None),
        },
    };
    let class = vm.get_attr_str(&module, "ContextVar")?;
    let variable = vm.call(&class, &[vm.new_str("_warnings_context")])?;
    state.context.set(Some(variable.clone()));
    Ok(Some(variable))
}

fn argument(args: &Bound<'_>, index: usize) -> Option<Value> {
    args.get(index).copied().flatten().cloned()
}

fn warn(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let message = argument(args, 0).unwrap_or(Value::NONE);
    let mut level = match argument(args, 2) {
        Some(level) => vm.to_isize(&level)?,
        None => 1,
    };
    let skipped = match argument(args, 4) {
        None => Vec::new(),
        Some(prefixes) => match prefixes.downcast::<Tuple>() {
            Some(prefixes) => prefixes.items().to_vec(),
            None => {
                let given = vm.type_name(&prefixes);
                return Err(vm.type_error(format!("warn() argument 'skip_file_prefixes' must be tuple, not {given}")));
            }
        },
    };
    if !skipped.is_empty() {
        level = level.max(2);
    }
    let category = vm.warning_category(&message, argument(args, 1).as_ref())?;
    let source = argument(args, 3).filter(|source| !source.is_none());
    vm.warn_object(&category, &message, level, source, &skipped)?;
    Ok(Value::NONE)
}

fn warn_explicit(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let message = argument(args, 0).unwrap_or(Value::NONE);
    let filename = argument(args, 2).unwrap_or(Value::NONE);
    if filename.downcast::<Str>().is_none() {
        let given = vm.type_name(&filename);
        return Err(vm.type_error(format!("warn_explicit() argument 'filename' must be str, not {given}")));
    }
    let line = i64::from(vm.to_i32(&argument(args, 3).unwrap_or(Value::NONE))?);
    let category = vm.warning_category(&message, argument(args, 1).as_ref())?;
    let source_line = match argument(args, 6).filter(|globals| !globals.is_none()) {
        None => None,
        Some(globals) => {
            if globals.downcast::<Dict>().is_none() {
                let given = vm.type_name(&globals);
                return Err(vm.type_error(format!("module_globals must be a dict, not '{given}'")));
            }
            line_from_loader(vm, &globals, line)?
        }
    };
    vm.warn_explicit(Warned {
        category: &category,
        message: &message,
        filename: &filename,
        line,
        module: argument(args, 4),
        registry: argument(args, 5),
        source_line,
        source: argument(args, 7).filter(|source| !source.is_none()),
    })?;
    Ok(Value::NONE)
}

/// The source line as the module's loader has it.
fn line_from_loader(vm: &Vm, globals: &Value, line: i64) -> PyResult<Option<Value>> {
    let Ok(importlib) = vm.import_module("_frozen_importlib_external") else { return Ok(None) };
    let loader = vm.call_method_str(&importlib, "_bless_my_loader", std::slice::from_ref(globals))?;
    let name = globals.downcast::<Dict>().and_then(|globals| globals.get_str(&vm.names.__name__));
    let Some(name) = name.filter(|_| !loader.is_none()) else { return Ok(None) };
    let Some(get_source) = vm.get_attr_opt(&loader, &vm.intern("get_source"))? else { return Ok(None) };
    let source = vm.call(&get_source, &[name])?;
    if source.is_none() {
        return Ok(None);
    }
    let Some(text) = source.downcast::<Str>() else {
        let given = vm.type_name(&source);
        return Err(vm.type_error(format!("get_source() must return a string, not {given}")));
    };
    let lines = vm.call_method_str(&vm.new_text(text.text())?, "splitlines", &[])?;
    vm.catch(vm.get_item(&lines, &vm.new_int(line - 1)), &vm.types.index_error)
}

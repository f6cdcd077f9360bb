//! Binding arguments to the parameters of a Python function, with CPython's checks and messages.

use crate::args::Args;
use crate::error::{PyResult, Raised};
use crate::frame::FrameRef;
use crate::types::code::Runnable;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_bytecode::{CodeFlags, CodeObject};
use oriel_heap::{Ref, Value};

/// Fills the parameters' registers of a fresh frame.
pub fn bind_arguments(
    vm: &Vm,
    function: &Ref<Function>,
    runnable: &Runnable,
    frame: FrameRef,
    args: Args<'_>,
) -> PyResult<()> {
    let code = &*runnable.code;
    let positional = args.positional();
    let parameters = code.argcount as usize;
    let named = parameters + code.kwonlyargcount as usize;
    let variadic = code.flags.contains(CodeFlags::VARARGS);
    // SAFETY (all accesses to registers): the frame has a register for each parameter, which nobody else uses yet.
    // SAFETY: as above.
    let set = |register: usize, value: Value| unsafe { frame.set(register as u16, value) };
    // SAFETY: as above.
    let is_bound = |register: usize| unsafe { !frame.get(register as u16).is_unbound() };
    for (register, value) in positional.iter().take(parameters).enumerate() {
        set(register, value.clone());
    }
    if variadic {
        let rest = positional.get(parameters..).unwrap_or(&[]);
        set(named, vm.new_tuple(rest));
    }
    if code.flags.contains(CodeFlags::VARKEYWORDS) {
        let keywords = vm.new_dict();
        set(named + usize::from(variadic), keywords.to_value());
        bind_keywords(vm, function, runnable, frame, args, Some(&keywords))?;
    } else if !args.names.is_empty() {
        bind_keywords(vm, function, runnable, frame, args, None)?;
    }
    if positional.len() > parameters && !variadic {
        return Err(too_many(vm, function, code, frame, positional.len()));
    }
    if positional.len() < parameters {
        let defaults = function.defaults.get();
        let defaults = defaults.as_ref().and_then(|defaults| defaults.downcast::<Tuple>());
        let defaults = defaults.map_or(&[][..], |defaults| defaults.items());
        let required = parameters.saturating_sub(defaults.len());
        if (positional.len()..required).any(|register| !is_bound(register)) {
            let missing = (positional.len()..required).filter(|&register| !is_bound(register)).collect();
            return Err(missing_arguments(vm, function, runnable, missing, "positional"));
        }
        for register in positional.len().max(required)..parameters {
            if !is_bound(register) {
                set(register, defaults[register - required].clone());
            }
        }
    }
    if code.kwonlyargcount > 0 {
        let defaults = function.kwdefaults.get();
        let defaults = defaults.as_ref().and_then(|defaults| defaults.downcast::<Dict>());
        let mut missing = Vec::new();
        for register in parameters..named {
            if is_bound(register) {
                continue;
            }
            let default = match defaults {
                Some(defaults) => defaults.get(vm, &runnable.variables[register])?,
                None => None,
            };
            match default {
                Some(value) => set(register, value),
                None => missing.push(register),
            }
        }
        if !missing.is_empty() {
            return Err(missing_arguments(vm, function, runnable, missing, "keyword-only"));
        }
    }
    Ok(())
}

fn bind_keywords(
    vm: &Vm,
    function: &Ref<Function>,
    runnable: &Runnable,
    frame: FrameRef,
    args: Args<'_>,
    rest: Option<&Ref<Dict>>,
) -> PyResult<()> {
    let code = &*runnable.code;
    let first = code.posonlyargcount as usize;
    let named = (code.argcount + code.kwonlyargcount) as usize;
    let qualname = || vm.str_text(&function.qualname.get());
    for (name, value) in args.keywords() {
        let Some(text) = name.downcast::<Str>() else {
            return Err(vm.type_error(format!("{}() keywords must be strings", qualname())));
        };
        let names = &runnable.variables[first..named];
        let index = names
            .iter()
            .position(|known| known.is(name))
            .or_else(|| names.iter().position(|known| known.downcast::<Str>().is_some_and(|known| known.same(text))));
        match index {
            Some(index) => {
                let register = (first + index) as u16;
                // SAFETY: the frame has a register for each parameter.
                unsafe {
                    if !frame.get(register).is_unbound() {
                        return Err(vm.type_error(format!(
                            "{}() got multiple values for argument '{}'",
                            qualname(),
                            vm.str_text(name)
                        )));
                    }
                    frame.set(register, value.clone());
                }
            }
            None => match rest {
                Some(rest) => rest.set(vm, name, value.clone())?,
                None => return Err(unexpected_keyword(vm, function, runnable, args, name)),
            },
        }
    }
    Ok(())
}

#[cold]
fn unexpected_keyword(vm: &Vm, function: &Ref<Function>, runnable: &Runnable, args: Args<'_>, name: &Value) -> Raised {
    let code = &*runnable.code;
    let qualname = vm.str_text(&function.qualname.get());
    let first = code.posonlyargcount as usize;
    let named = (code.argcount + code.kwonlyargcount) as usize;
    let texts: Vec<String> = args.names.iter().map(|name| vm.str_text(name)).collect();
    let positional_only: Vec<String> =
        runnable.variables[..first].iter().map(|name| vm.str_text(name)).filter(|name| texts.contains(name)).collect();
    if !positional_only.is_empty() {
        return vm.type_error(format!(
            "{qualname}() got some positional-only arguments passed as keyword arguments: '{}'",
            positional_only.join(", ")
        ));
    }
    let text = vm.str_text(name);
    let candidates: Vec<String> = runnable.variables[first..named].iter().map(|name| vm.str_text(name)).collect();
    match crate::suggestion::suggest(&text, candidates.iter().map(String::as_str)) {
        Some(suggestion) => vm.type_error(format!(
            "{qualname}() got an unexpected keyword argument '{text}'. Did you mean '{suggestion}'?"
        )),
        None => vm.type_error(format!("{qualname}() got an unexpected keyword argument '{text}'")),
    }
}

#[cold]
fn too_many(vm: &Vm, function: &Ref<Function>, code: &CodeObject, frame: FrameRef, given: usize) -> Raised {
    let parameters = code.argcount as usize;
    // SAFETY: the frame has a register for each parameter.
    let bound = |register: usize| unsafe { !frame.get(register as u16).is_unbound() };
    let keyword_only = (parameters..parameters + code.kwonlyargcount as usize).filter(|&r| bound(r)).count();
    let defaults = function.defaults.get();
    let defaults = defaults.and_then(|defaults| defaults.downcast::<Tuple>().map(|items| items.len())).unwrap_or(0);
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let (takes, takes_plural) = if defaults > 0 {
        (format!("from {} to {parameters}", parameters - defaults.min(parameters)), "s")
    } else {
        (parameters.to_string(), plural(parameters))
    };
    let with_keywords = if keyword_only > 0 {
        format!(
            " positional argument{} (and {keyword_only} keyword-only argument{})",
            plural(given),
            plural(keyword_only)
        )
    } else {
        String::new()
    };
    let verb = if given == 1 && keyword_only == 0 { "was" } else { "were" };
    let qualname = vm.str_text(&function.qualname.get());
    vm.type_error(format!(
        "{qualname}() takes {takes} positional argument{takes_plural} but {given}{with_keywords} {verb} given"
    ))
}

#[cold]
fn missing_arguments(
    vm: &Vm,
    function: &Ref<Function>,
    runnable: &Runnable,
    missing: Vec<usize>,
    kind: &str,
) -> Raised {
    let names: Vec<String> =
        missing.iter().filter_map(|&register| vm.repr_text(&runnable.variables[register]).ok()).collect();
    let list = match &names[..] {
        [] => String::new(),
        [only] => only.clone(),
        [first, second] => format!("{first} and {second}"),
        [start @ .., last] => format!("{}, and {last}", start.join(", ")),
    };
    let plural = if names.len() == 1 { "" } else { "s" };
    let qualname = vm.str_text(&function.qualname.get());
    vm.type_error(format!("{qualname}() missing {} required {kind} argument{plural}: {list}", names.len()))
}

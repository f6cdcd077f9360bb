//! Scheduling and priorities.

use super::{OrRaise, done, given, number, structs};
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::processes;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound(
        "sched_get_priority_max",
        |vm, _, args| Ok(vm.new_int(processes::sched_get_priority_max(number(vm, args[0], 0)?).or_raise(vm)?)),
        "($module, /, policy)",
        "Return the highest priority of a policy.",
    ),
    MethodDef::bound(
        "sched_get_priority_min",
        |vm, _, args| Ok(vm.new_int(processes::sched_get_priority_min(number(vm, args[0], 0)?).or_raise(vm)?)),
        "($module, /, policy)",
        "Return the lowest priority of a policy.",
    ),
    MethodDef::bound(
        "sched_getscheduler",
        |vm, _, args| Ok(vm.new_int(processes::sched_getscheduler(number(vm, args[0], 0)?).or_raise(vm)?)),
        "($module, pid, /)",
        "Return the policy of a process.",
    ),
    MethodDef::bound(
        "sched_setscheduler",
        |vm, _, args| {
            let (process, policy) = (number(vm, args[0], 0)?, number(vm, args[1], 0)?);
            done(vm, processes::sched_set(process, Some(policy), priority(vm, args[2])?))
        },
        "($module, pid, policy, param, /)",
        "Set the policy of a process.",
    ),
    MethodDef::bound(
        "sched_getparam",
        |vm, _, args| {
            let priority = processes::sched_getparam(number(vm, args[0], 0)?).or_raise(vm)?;
            structs::make(vm, |structs| &structs.sched_param, vec![Value::small(priority)])
        },
        "($module, pid, /)",
        "Return the parameter of a process's policy.",
    ),
    MethodDef::bound(
        "sched_setparam",
        |vm, _, args| done(vm, processes::sched_set(number(vm, args[0], 0)?, None, priority(vm, args[1])?)),
        "($module, pid, param, /)",
        "Set the parameter of a process's policy.",
    ),
    MethodDef::bound(
        "sched_rr_get_interval",
        |vm, _, args| {
            let (seconds, rest) = processes::sched_rr_get_interval(number(vm, args[0], 0)?).or_raise(vm)?;
            Ok(vm.new_float(seconds as f64 + rest as f64 * 1e-9))
        },
        "($module, pid, /)",
        "Return how long a process of the round-robin policy runs.",
    ),
    MethodDef::noargs(
        "sched_yield",
        |vm, _| done(vm, vm.allow_threads(processes::sched_yield)),
        "($module, /)",
        "Let others run.",
    ),
    MethodDef::bound("sched_getaffinity", getaffinity, "($module, pid, /)", "Return the processors of a process."),
    MethodDef::bound("sched_setaffinity", setaffinity, "($module, pid, mask, /)", "Set the processors of a process."),
    MethodDef::bound(
        "nice",
        |vm, _, args| Ok(vm.new_int(processes::nice(number(vm, args[0], 0)?).or_raise(vm)?)),
        "($module, increment, /)",
        "Add to the niceness; return the new one.",
    ),
    MethodDef::bound(
        "getpriority",
        |vm, _, args| {
            let priority = processes::getpriority(number(vm, args[0], 0)?, number(vm, args[1], 0)? as u32);
            Ok(vm.new_int(priority.or_raise(vm)?))
        },
        "($module, /, which, who)",
        "Return a priority.",
    ),
    MethodDef::bound(
        "setpriority",
        |vm, _, args| {
            let (which, who) = (number(vm, args[0], 0)?, number(vm, args[1], 0)? as u32);
            done(vm, processes::setpriority(which, who, number(vm, args[2], 0)?))
        },
        "($module, /, which, who, priority)",
        "Set a priority.",
    ),
];

fn priority(vm: &Vm, param: Option<&Value>) -> PyResult<i32> {
    let param = given(vm, param)?;
    let state = vm.state::<structs::Structs>();
    let right = state.sched_param.get().is_some_and(|ty| vm.type_of(param).is(ty));
    match param.downcast::<Tuple>().and_then(|tuple| tuple.items().first()) {
        Some(priority) if right => vm.to_i32(priority),
        _ => Err(vm.type_error("must have a sched_param object")),
    }
}

fn getaffinity(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let processors = processes::sched_getaffinity(number(vm, args[0], 0)?).or_raise(vm)?;
    let numbers: Vec<Value> = processors.iter().map(|number| vm.new_int(*number as i64)).collect();
    let set = vm.builtin("set")?;
    vm.call(&set, &[vm.new_tuple(&numbers)])
}

fn setaffinity(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let process = number(vm, args[0], 0)?;
    let mut processors = Vec::new();
    for item in vm.collect(given(vm, args[1])?)? {
        if vm.small_or_big(&item).is_none() {
            let name = vm.type_name(&item);
            return Err(vm.type_error(format!("expected an iterator of ints, but iterator yielded {name}")));
        }
        let number = vm.to_i64(&item)?;
        if number < 0 {
            return Err(vm.value_error("negative CPU number"));
        }
        processors.push(number as usize);
    }
    done(vm, processes::sched_setaffinity(process, &processors))
}

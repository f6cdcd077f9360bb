//! Waiting for children, and what their status says.

use super::{OrRaise, given, number, structs};
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::processes;
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::noargs(
        "wait",
        |vm, _| {
            let (process, status, _) = vm.system_call(|| processes::wait4(-1, 0))?.or_raise(vm)?;
            Ok(vm.new_tuple(&[Value::small(process), Value::small(status)]))
        },
        "($module, /)",
        "Wait for any child.",
    ),
    MethodDef::bound(
        "waitpid",
        |vm, _, args| {
            let (process, options) = (number(vm, args[0], 0)?, number(vm, args[1], 0)?);
            let (process, status, _) = vm.system_call(|| processes::wait4(process, options))?.or_raise(vm)?;
            Ok(vm.new_tuple(&[Value::small(process), Value::small(status)]))
        },
        "($module, pid, options, /)",
        "Wait for a child.",
    ),
    MethodDef::bound(
        "wait3",
        |vm, _, args| wait_with_usage(vm, -1, number(vm, args[0], 0)?),
        "($module, /, options)",
        "Wait for any child; return the resources it used, too.",
    ),
    MethodDef::bound(
        "wait4",
        |vm, _, args| wait_with_usage(vm, number(vm, args[0], 0)?, number(vm, args[1], 0)?),
        "($module, /, pid, options)",
        "Wait for a child; return the resources it used, too.",
    ),
    MethodDef::bound("waitid", waitid, "($module, idtype, id, options, /)", "Wait for a child in a certain state."),
    MethodDef::bound(
        "waitstatus_to_exitcode",
        exit_code,
        "($module, /, status)",
        "Return the exit code of a status; negative for a signal.",
    ),
    MethodDef::bound(
        "WCOREDUMP",
        |vm, _, args| Ok(Value::bool(libc::WCOREDUMP(number(vm, args[0], 0)?))),
        "($module, status, /)",
        "Return whether the process dumped its core.",
    ),
    MethodDef::bound(
        "WIFCONTINUED",
        |vm, _, args| Ok(Value::bool(libc::WIFCONTINUED(number(vm, args[0], 0)?))),
        "($module, /, status)",
        "Return whether the process went on.",
    ),
    MethodDef::bound(
        "WIFSTOPPED",
        |vm, _, args| Ok(Value::bool(libc::WIFSTOPPED(number(vm, args[0], 0)?))),
        "($module, /, status)",
        "Return whether the process is stopped.",
    ),
    MethodDef::bound(
        "WIFSIGNALED",
        |vm, _, args| Ok(Value::bool(libc::WIFSIGNALED(number(vm, args[0], 0)?))),
        "($module, /, status)",
        "Return whether a signal ended the process.",
    ),
    MethodDef::bound(
        "WIFEXITED",
        |vm, _, args| Ok(Value::bool(libc::WIFEXITED(number(vm, args[0], 0)?))),
        "($module, /, status)",
        "Return whether the process exited.",
    ),
    MethodDef::bound(
        "WEXITSTATUS",
        |vm, _, args| Ok(Value::small(libc::WEXITSTATUS(number(vm, args[0], 0)?))),
        "($module, /, status)",
        "Return the exit status.",
    ),
    MethodDef::bound(
        "WTERMSIG",
        |vm, _, args| Ok(Value::small(libc::WTERMSIG(number(vm, args[0], 0)?))),
        "($module, /, status)",
        "Return the signal that ended the process.",
    ),
    MethodDef::bound(
        "WSTOPSIG",
        |vm, _, args| Ok(Value::small(libc::WSTOPSIG(number(vm, args[0], 0)?))),
        "($module, /, status)",
        "Return the signal that stopped the process.",
    ),
];

fn wait_with_usage(vm: &Vm, process: i32, options: i32) -> PyResult {
    let (process, status, usage) = vm.system_call(|| processes::wait4(process, options))?.or_raise(vm)?;
    let usage = crate::resource::usage(vm, &usage)?;
    Ok(vm.new_tuple(&[Value::small(process), Value::small(status), usage]))
}

fn waitid(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let kind = number(vm, args[0], 0)? as u32;
    let which = vm.to_i64(given(vm, args[1])?)? as u32;
    let options = number(vm, args[2], 0)?;
    match vm.system_call(|| processes::waitid(kind, which, options))?.or_raise(vm)? {
        None => Ok(Value::NONE),
        Some(parts) => structs::make(vm, |structs| &structs.waitid, parts.map(Value::small).to_vec()),
    }
}

fn exit_code(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let status = number(vm, args[0], 0)?;
    if libc::WIFEXITED(status) {
        return Ok(Value::small(libc::WEXITSTATUS(status)));
    }
    if libc::WIFSIGNALED(status) {
        return Ok(Value::small(-libc::WTERMSIG(status)));
    }
    if libc::WIFSTOPPED(status) {
        let signal = libc::WSTOPSIG(status);
        return Err(vm.value_error(format!("process stopped by delivery of signal {signal}")));
    }
    Err(vm.value_error(format!("invalid wait status: {status}")))
}

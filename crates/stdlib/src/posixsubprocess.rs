//! `_posixsubprocess`: starting a program in a child.

use crate::posix::program_strings;
use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::platform::child::ChildPlan;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{PyResult, Value, Vm};

/// `_posixsubprocess`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_posixsubprocess",
    doc: "Starting a program in a child.",
    functions: &[MethodDef::positional(
        "fork_exec",
        22,
        22,
        fork_exec,
        "($module, args, executable_list, close_fds, pass_fds, cwd, env,\n          p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite,\n          errpipe_read, errpipe_write, restore_signals, call_setsid,\n          pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, /)",
        "Start a program in a child.",
    )],
    exec: |_, _| Ok(()),
};

fn optional_id(vm: &Vm, value: &Value) -> PyResult<Option<u32>> {
    if value.is_none() {
        return Ok(None);
    }
    let number = vm.to_i64(value)?;
    u32::try_from(number).map(Some).map_err(|_| vm.value_error("invalid user or group id"))
}

fn fork_exec(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [
        arguments,
        programs,
        close_fds,
        kept,
        folder,
        environment,
        pipes @ ..,
        restore_signals,
        new_session,
        process_group,
        group,
        groups,
        user,
        umask,
        before,
    ] = args
    else {
        return Err(vm.type_error("fork_exec expected 22 arguments"));
    };
    let mut numbers = [-1; 8];
    for (number, value) in numbers.iter_mut().zip(pipes) {
        *number = vm.to_i32(value)?;
    }
    let [a, b, c, d, e, f, report_read, report_write] = numbers;
    let mut kept_numbers = Vec::new();
    let Some(kept) = kept.downcast::<Tuple>() else {
        return Err(vm.type_error("fds_to_keep must be a tuple"));
    };
    for descriptor in kept.items() {
        let number = vm.to_i32(descriptor)?;
        if number < 0 || kept_numbers.last().is_some_and(|last| *last >= number) {
            return Err(vm.value_error("bad value(s) in fds_to_keep"));
        }
        kept_numbers.push(number);
    }
    let close_others = vm.truth(close_fds)?;
    if close_others && report_write < 3 {
        return Err(vm.value_error("errpipe_write must be >= 3"));
    }
    let groups = if groups.is_none() {
        None
    } else {
        let mut numbers = Vec::new();
        for value in vm.collect(groups)? {
            numbers.extend(optional_id(vm, &value)?);
        }
        Some(numbers)
    };
    let plan = ChildPlan {
        arguments: program_strings(vm, &vm.collect(arguments)?)?,
        programs: program_strings(vm, &vm.collect(programs)?)?,
        environment: if environment.is_none() { None } else { Some(program_strings(vm, &vm.collect(environment)?)?) },
        folder: if folder.is_none() { None } else { Some(vm.fs_c_string(folder)?) },
        close_others,
        kept: kept_numbers,
        pipes: [a, b, c, d, e, f],
        report: [report_read, report_write],
        restore_signals: vm.truth(restore_signals)?,
        new_session: vm.truth(new_session)?,
        process_group: vm.to_i32(process_group)?,
        group: optional_id(vm, group)?,
        groups,
        user: optional_id(vm, user)?,
        umask: vm.to_i32(umask)?,
    };
    let result = if before.is_none() {
        plan.run(None)
    } else {
        if vm.is_finalizing() {
            return Err(vm.new_exception(
                &vm.types.python_finalization_error,
                "preexec_fn not supported at interpreter shutdown",
            ));
        }
        vm.before_fork();
        let run_before = || {
            vm.after_fork_in_child();
            vm.call(before, &[]).is_ok()
        };
        let result = plan.run(Some(&run_before));
        vm.after_fork_in_parent();
        result
    };
    result.map(Value::small).map_err(|errno| vm.os_error(errno))
}

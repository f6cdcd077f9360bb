//! Making and ending processes.

use super::{OrRaise, done, given, number, path, path_or_fd};
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::processes;
use oriel_runtime::types::list::List;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{Bound, PyResult, Value, Vm};
use std::ffi::CString;

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::noargs("fork", |vm, _| fork(vm), "($module, /)", "Make a copy of this process."),
    MethodDef::noargs("forkpty", |vm, _| forkpty(vm), "($module, /)", "Fork with a pseudo-terminal."),
    MethodDef::bound(
        "register_at_fork",
        register_at_fork,
        "($module, /, *, before=<unrepresentable>,\n                 after_in_child=<unrepresentable>,\n                 after_in_parent=<unrepresentable>)",
        "Have functions called around forks.",
    ),
    MethodDef::bound("execv", |vm, _, args| exec(vm, "execv", args), "($module, path, argv, /)", "Become a program."),
    MethodDef::bound(
        "execve",
        |vm, _, args| exec(vm, "execve", args),
        "($module, /, path, argv, env)",
        "Become a program with an environment.",
    ),
    MethodDef::bound(
        "_exit",
        |vm, _, args| {
            let status = number(vm, args[0], 0)?;
            vm.tell(|recorder| recorder.leaving(vm, status, "os._exit"));
            processes::exit_now(status)
        },
        "($module, /, status)",
        "End the process at once.",
    ),
    MethodDef::noargs(
        "abort",
        |vm, _| {
            vm.tell(|recorder| recorder.leaving(vm, 128 + libc::SIGABRT, "os.abort"));
            processes::abort()
        },
        "($module, /)",
        "End the process by SIGABRT.",
    ),
    MethodDef::bound(
        "kill",
        |vm, _, args| {
            let (process, signal) = (number(vm, args[0], 0)?, number(vm, args[1], 0)?);
            vm.audit("os.kill", &[Value::small(process), Value::small(signal)])?;
            processes::kill(process, signal).or_raise(vm)?;
            vm.check_signals()?;
            Ok(Value::NONE)
        },
        "($module, pid, signal, /)",
        "Send a signal to a process.",
    ),
    MethodDef::bound(
        "killpg",
        |vm, _, args| {
            processes::killpg(number(vm, args[0], 0)?, number(vm, args[1], 0)?).or_raise(vm)?;
            vm.check_signals()?;
            Ok(Value::NONE)
        },
        "($module, pgid, signal, /)",
        "Send a signal to a process group.",
    ),
    MethodDef::bound(
        "system",
        |vm, _, args| {
            let command = vm.fs_c_string(given(vm, args[0])?)?;
            vm.audit("os.system", &[given(vm, args[0])?.clone()])?;
            Ok(match vm.allow_threads(|| processes::system(&command)) {
                Ok(status) => vm.new_int(status),
                Err(_) => Value::small(-1),
            })
        },
        "($module, /, command)",
        "Run a shell command; return its status.",
    ),
    MethodDef::bound(
        "pidfd_open",
        |vm, _, args| {
            let (process, flags) = (number(vm, args[0], 0)?, number(vm, args[1], 0)? as u32);
            Ok(vm.new_int(processes::pidfd_open(process, flags).or_raise(vm)?))
        },
        "($module, /, pid, flags=0)",
        "Return a descriptor of a process.",
    ),
];

fn fork(vm: &Vm) -> PyResult {
    vm.audit("os.fork", &[])?;
    let result = vm.fork()?;
    result.map(Value::small).map_err(|errno| vm.os_error(errno))
}

fn forkpty(vm: &Vm) -> PyResult {
    vm.audit("os.forkpty", &[])?;
    use oriel_runtime::platform::{files, terminals};
    let (controlling, terminal) = terminals::openpty().or_raise(vm)?;
    match vm.fork()? {
        Ok(0) => {
            let _ = files::close(controlling);
            let _ = terminals::login_tty(terminal);
            Ok(vm.new_tuple(&[Value::small(0), Value::small(-1)]))
        }
        Ok(child) => {
            let _ = files::close(terminal);
            done(vm, files::set_inheritable(controlling, false))?;
            Ok(vm.new_tuple(&[Value::small(child), Value::small(controlling)]))
        }
        Err(errno) => {
            let _ = files::close(controlling);
            let _ = files::close(terminal);
            Err(vm.os_error(errno))
        }
    }
}

fn register_at_fork(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    if args[..3].iter().all(Option::is_none) {
        return Err(vm.type_error("At least one argument is required."));
    }
    for (value, name) in args.iter().zip(["before", "after_in_child", "after_in_parent"]) {
        if let Some(value) = value
            && vm.type_of(value).slots.call.get().is_none()
        {
            let class = vm.type_name(value);
            return Err(vm.type_error(format!("'{name}' must be callable, not {class}")));
        }
    }
    vm.register_at_fork(args[0], args[1], args[2]);
    Ok(Value::NONE)
}

/// Strings for a program: `str`, `bytes` or paths.
pub fn strings(vm: &Vm, values: &[Value]) -> PyResult<Vec<CString>> {
    values.iter().map(|value| vm.fs_c_string(value)).collect()
}

/// The arguments of a program, with the checks of the functions named `exec…` and `…spawn`.
pub fn program_arguments(vm: &Vm, function: &str, value: &Value) -> PyResult<Vec<CString>> {
    let items = if let Some(tuple) = value.downcast::<Tuple>() {
        tuple.items().to_vec()
    } else if let Some(list) = value.downcast::<List>() {
        list.snapshot()
    } else {
        return Err(vm.type_error(match function {
            "execve" => "execve: argv must be a tuple or list".to_owned(),
            "execv" => "execv() arg 2 must be a tuple or list".to_owned(),
            _ => format!("{function}: argv must be a tuple or list"),
        }));
    };
    if items.is_empty() {
        return Err(vm.value_error(match function {
            "execv" => "execv() arg 2 must not be empty".to_owned(),
            _ => format!("{function}: argv must not be empty"),
        }));
    }
    let arguments = strings(vm, &items)?;
    if arguments[0].is_empty() {
        return Err(vm.value_error(match function {
            "execv" => "execv() arg 2 first element cannot be empty".to_owned(),
            _ => format!("{function}: argv first element cannot be empty"),
        }));
    }
    Ok(arguments)
}

/// An environment for a program, from a mapping.
pub fn program_environment(vm: &Vm, mapping: &Value) -> PyResult<Vec<CString>> {
    let names = vm.collect(&vm.call_method(mapping, &vm.names.keys, &[])?)?;
    let values = vm.collect(&vm.call_method(mapping, &vm.names.values, &[])?)?;
    let mut variables = Vec::with_capacity(names.len());
    for (name, value) in names.iter().zip(&values) {
        let mut line = vm.fs_bytes(name)?;
        let value = vm.fs_bytes(value)?;
        if line.is_empty() || line[1..].contains(&b'=') || line[0] == b'=' {
            return Err(vm.value_error("illegal environment variable name"));
        }
        line.push(b'=');
        line.extend_from_slice(&value);
        variables.push(CString::new(line).map_err(|_| vm.value_error("embedded null byte"))?);
    }
    Ok(variables)
}

fn exec(vm: &Vm, function: &str, args: &Bound<'_>) -> PyResult {
    let with_environment = function == "execve";
    let target = if with_environment { path_or_fd(vm, args[0], function)? } else { path(vm, args[0], function)? };
    let arguments = program_arguments(vm, function, given(vm, args[1])?)?;
    let environment = if with_environment {
        let mapping = given(vm, args[2])?;
        if vm.type_of(mapping).slots.mp_subscript.get().is_none() {
            return Err(vm.type_error("execve: environment must be a mapping object"));
        }
        Some(program_environment(vm, mapping)?)
    } else {
        None
    };
    vm.audit("os.exec", &[target.object.clone(), given(vm, args[1])?.clone(), Value::NONE])?;
    vm.tell(|recorder| recorder.becoming(vm, &target.as_c().to_string_lossy()));
    let errno = match (target.descriptor, &environment) {
        (Some(descriptor), Some(environment)) => processes::fexecve(descriptor, &arguments, environment),
        _ => processes::execve(target.as_c(), &arguments, environment.as_deref()),
    };
    Err(vm.path_error(errno, &target))
}

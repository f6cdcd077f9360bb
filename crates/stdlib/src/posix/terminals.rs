//! Terminals and pseudo-terminals.

use super::{OrRaise, done, fd, number, structs};
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::{files, terminals};
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound(
        "get_terminal_size",
        get_terminal_size,
        "($module, fd=<unrepresentable>, /)",
        "Return columns and lines of a terminal.",
    ),
    MethodDef::bound(
        "ttyname",
        |vm, _, args| Ok(vm.fs_decode(&terminals::ttyname(fd(vm, args[0])?).or_raise(vm)?)),
        "($module, fd, /)",
        "Return the path of a terminal.",
    ),
    MethodDef::noargs(
        "ctermid",
        |vm, _| Ok(vm.fs_decode(&terminals::ctermid())),
        "($module, /)",
        "Return the path of the process's terminal.",
    ),
    MethodDef::noargs(
        "openpty",
        |vm, _| {
            let (controlling, terminal) = terminals::openpty().or_raise(vm)?;
            files::set_inheritable(controlling, false).or_raise(vm)?;
            files::set_inheritable(terminal, false).or_raise(vm)?;
            Ok(vm.new_tuple(&[Value::small(controlling), Value::small(terminal)]))
        },
        "($module, /)",
        "Open a pseudo-terminal; return both ends.",
    ),
    MethodDef::bound(
        "posix_openpt",
        |vm, _, args| {
            let flags = number(vm, args[0], 0)?;
            Ok(vm.new_int(terminals::posix_openpt(flags | libc::O_CLOEXEC).or_raise(vm)?))
        },
        "($module, oflag, /)",
        "Open the controlling end of a pseudo-terminal.",
    ),
    MethodDef::bound(
        "grantpt",
        |vm, _, args| done(vm, terminals::grantpt(vm.descriptor_argument(super::given(vm, args[0])?)?)),
        "($module, fd, /)",
        "Grant access to the other end of a pseudo-terminal.",
    ),
    MethodDef::bound(
        "unlockpt",
        |vm, _, args| done(vm, terminals::unlockpt(vm.descriptor_argument(super::given(vm, args[0])?)?)),
        "($module, fd, /)",
        "Unlock the other end of a pseudo-terminal.",
    ),
    MethodDef::bound(
        "ptsname",
        |vm, _, args| {
            let descriptor = vm.descriptor_argument(super::given(vm, args[0])?)?;
            Ok(vm.fs_decode(&terminals::ptsname(descriptor).or_raise(vm)?))
        },
        "($module, fd, /)",
        "Return the path of the other end of a pseudo-terminal.",
    ),
    MethodDef::bound(
        "login_tty",
        |vm, _, args| done(vm, terminals::login_tty(vm.descriptor_argument(super::given(vm, args[0])?)?)),
        "($module, fd, /)",
        "Make a terminal the one of this process.",
    ),
    MethodDef::bound(
        "tcgetpgrp",
        |vm, _, args| Ok(vm.new_int(terminals::tcgetpgrp(fd(vm, args[0])?).or_raise(vm)?)),
        "($module, fd, /)",
        "Return the process group in the foreground.",
    ),
    MethodDef::bound(
        "tcsetpgrp",
        |vm, _, args| done(vm, terminals::tcsetpgrp(fd(vm, args[0])?, number(vm, args[1], 0)?)),
        "($module, fd, pgid, /)",
        "Set the process group in the foreground.",
    ),
];

fn get_terminal_size(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (columns, lines) = terminals::size(number(vm, args[0], 1)?).or_raise(vm)?;
    let values = vec![Value::small(columns.into()), Value::small(lines.into())];
    structs::make(vm, |structs| &structs.terminal_size, values)
}

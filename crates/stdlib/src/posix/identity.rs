//! Users, groups, sessions and process groups.

use super::{OrRaise, done, given, identity_number, number};
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::identity;
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::noargs("getpid", |_, _| Ok(Value::small(identity::getpid())), "($module, /)", "Return the process."),
    MethodDef::noargs("getppid", |_, _| Ok(Value::small(identity::getppid())), "($module, /)", "Return the parent."),
    MethodDef::noargs(
        "getpgrp",
        |_, _| Ok(Value::small(identity::getpgrp())),
        "($module, /)",
        "Return the process group.",
    ),
    MethodDef::noargs("getuid", |vm, _| Ok(id(vm, identity::getuid())), "($module, /)", "Return the user."),
    MethodDef::noargs("geteuid", |vm, _| Ok(id(vm, identity::geteuid())), "($module, /)", "Return the effective user."),
    MethodDef::noargs("getgid", |vm, _| Ok(id(vm, identity::getgid())), "($module, /)", "Return the group."),
    MethodDef::noargs(
        "getegid",
        |vm, _| Ok(id(vm, identity::getegid())),
        "($module, /)",
        "Return the effective group.",
    ),
    MethodDef::noargs(
        "getresuid",
        |vm, _| Ok(ids(vm, &identity::getresuid().or_raise(vm)?)),
        "($module, /)",
        "Return the real, effective and saved user.",
    ),
    MethodDef::noargs(
        "getresgid",
        |vm, _| Ok(ids(vm, &identity::getresgid().or_raise(vm)?)),
        "($module, /)",
        "Return the real, effective and saved group.",
    ),
    MethodDef::noargs(
        "getgroups",
        |vm, _| {
            let groups = identity::getgroups().or_raise(vm)?;
            Ok(vm.new_list(groups.iter().map(|group| id(vm, *group)).collect()).into_value())
        },
        "($module, /)",
        "Return the supplementary groups.",
    ),
    MethodDef::noargs(
        "getlogin",
        |vm, _| Ok(vm.fs_decode(&identity::getlogin().or_raise(vm)?)),
        "($module, /)",
        "Return the name that the user logged in with.",
    ),
    MethodDef::bound(
        "getgrouplist",
        |vm, _, args| {
            let user = vm.fs_c_string(given(vm, args[0])?)?;
            let group = identity_number(vm, given(vm, args[1])?, "gid")?;
            let groups = identity::getgrouplist(&user, group).or_raise(vm)?;
            Ok(vm.new_list(groups.iter().map(|group| id(vm, *group)).collect()).into_value())
        },
        "($module, user, group, /)",
        "Return the groups that a user belongs to.",
    ),
    MethodDef::bound("setgroups", setgroups, "($module, groups, /)", "Set the supplementary groups."),
    MethodDef::bound(
        "initgroups",
        |vm, _, args| {
            let user = vm.fs_c_string(given(vm, args[0])?)?;
            let group = identity_number(vm, given(vm, args[1])?, "gid")?;
            done(vm, identity::initgroups(&user, group))
        },
        "($module, username, gid, /)",
        "Set the supplementary groups to those of a user.",
    ),
    MethodDef::bound(
        "setuid",
        |vm, _, args| done(vm, identity::setuid(identity_number(vm, given(vm, args[0])?, "uid")?)),
        "($module, uid, /)",
        "Set the user.",
    ),
    MethodDef::bound(
        "seteuid",
        |vm, _, args| done(vm, identity::seteuid(identity_number(vm, given(vm, args[0])?, "uid")?)),
        "($module, euid, /)",
        "Set the effective user.",
    ),
    MethodDef::bound(
        "setgid",
        |vm, _, args| done(vm, identity::setgid(identity_number(vm, given(vm, args[0])?, "gid")?)),
        "($module, gid, /)",
        "Set the group.",
    ),
    MethodDef::bound(
        "setegid",
        |vm, _, args| done(vm, identity::setegid(identity_number(vm, given(vm, args[0])?, "gid")?)),
        "($module, egid, /)",
        "Set the effective group.",
    ),
    MethodDef::bound(
        "setreuid",
        |vm, _, args| {
            let [a, b] = numbers(vm, args, "uid")?;
            done(vm, identity::setreuid(a, b))
        },
        "($module, ruid, euid, /)",
        "Set the real and effective user.",
    ),
    MethodDef::bound(
        "setregid",
        |vm, _, args| {
            let [a, b] = numbers(vm, args, "gid")?;
            done(vm, identity::setregid(a, b))
        },
        "($module, rgid, egid, /)",
        "Set the real and effective group.",
    ),
    MethodDef::bound(
        "setresuid",
        |vm, _, args| {
            let [a, b, c] = numbers(vm, args, "uid")?;
            done(vm, identity::setresuid(a, b, c))
        },
        "($module, ruid, euid, suid, /)",
        "Set the real, effective and saved user.",
    ),
    MethodDef::bound(
        "setresgid",
        |vm, _, args| {
            let [a, b, c] = numbers(vm, args, "gid")?;
            done(vm, identity::setresgid(a, b, c))
        },
        "($module, rgid, egid, sgid, /)",
        "Set the real, effective and saved group.",
    ),
    MethodDef::bound(
        "getpgid",
        |vm, _, args| Ok(vm.new_int(identity::getpgid(number(vm, args[0], 0)?).or_raise(vm)?)),
        "($module, /, pid)",
        "Return the process group of a process.",
    ),
    MethodDef::bound(
        "setpgid",
        |vm, _, args| done(vm, identity::setpgid(number(vm, args[0], 0)?, number(vm, args[1], 0)?)),
        "($module, pid, pgrp, /)",
        "Set the process group of a process.",
    ),
    MethodDef::noargs(
        "setpgrp",
        |vm, _| done(vm, identity::setpgid(0, 0)),
        "($module, /)",
        "Make the process the leader of its group.",
    ),
    MethodDef::bound(
        "getsid",
        |vm, _, args| Ok(vm.new_int(identity::getsid(number(vm, args[0], 0)?).or_raise(vm)?)),
        "($module, pid, /)",
        "Return the session of a process.",
    ),
    MethodDef::noargs("setsid", |vm, _| done(vm, identity::setsid()), "($module, /)", "Begin a session."),
];

fn id(vm: &Vm, number: u32) -> Value {
    if number == u32::MAX { Value::small(-1) } else { vm.new_int(number.into()) }
}

fn ids(vm: &Vm, numbers: &[u32]) -> Value {
    vm.new_tuple(&numbers.iter().map(|number| id(vm, *number)).collect::<Vec<_>>())
}

fn numbers<const N: usize>(vm: &Vm, args: &Bound<'_>, what: &str) -> PyResult<[u32; N]> {
    let mut numbers = [0; N];
    for (number, value) in numbers.iter_mut().zip(args.iter()) {
        *number = identity_number(vm, given(vm, *value)?, what)?;
    }
    Ok(numbers)
}

fn setgroups(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let groups = given(vm, args[0])?;
    if vm.type_of(groups).slots.sq_item.get().is_none() {
        return Err(vm.type_error("setgroups argument must be a sequence"));
    }
    let mut numbers = Vec::new();
    for group in vm.collect(groups)? {
        if vm.small_or_big(&group).is_none() {
            return Err(vm.type_error("groups must be integers"));
        }
        numbers.push(identity_number(vm, &group, "gid")?);
    }
    done(vm, identity::setgroups(&numbers))
}

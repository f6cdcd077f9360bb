//! Questions and changes of permissions, owners and times.

use super::{OrRaise, done, done_path, fd, flag, folder, given, identity_number, number, path, path_or_fd};
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::{files, names};
use oriel_runtime::types::float::float_of;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound(
        "access",
        access,
        "($module, /, path, mode, *, dir_fd=None, effective_ids=False,\n       follow_symlinks=True)",
        "Return whether a path may be used in a way.",
    ),
    MethodDef::bound(
        "chmod",
        chmod,
        "($module, /, path, mode, *, dir_fd=None,\n      follow_symlinks=(os.name != 'nt'))",
        "Change the permissions.",
    ),
    MethodDef::bound(
        "fchmod",
        |vm, _, args| {
            let (descriptor, mode) = (fd(vm, args[0])?, number(vm, args[1], 0)?);
            done(vm, vm.system_call(|| files::fchmod(descriptor, mode as u32))?)
        },
        "($module, /, fd, mode)",
        "Change the permissions of an open file.",
    ),
    MethodDef::bound(
        "chown",
        chown,
        "($module, /, path, uid, gid, *, dir_fd=None, follow_symlinks=True)",
        "Change owner and group.",
    ),
    MethodDef::bound(
        "lchown",
        |vm, _, args| {
            let target = path(vm, args[0], "lchown")?;
            let user = identity_number(vm, given(vm, args[1])?, "uid")?;
            let group = identity_number(vm, given(vm, args[2])?, "gid")?;
            let flags = libc::AT_SYMLINK_NOFOLLOW;
            let result = vm.allow_threads(|| names::fchownat(libc::AT_FDCWD, target.as_c(), user, group, flags));
            done_path(vm, result, &target)
        },
        "($module, /, path, uid, gid)",
        "Change owner and group of a link itself.",
    ),
    MethodDef::bound(
        "fchown",
        |vm, _, args| {
            let descriptor = fd(vm, args[0])?;
            let user = identity_number(vm, given(vm, args[1])?, "uid")?;
            let group = identity_number(vm, given(vm, args[2])?, "gid")?;
            done(vm, vm.system_call(|| files::fchown(descriptor, user, group))?)
        },
        "($module, /, fd, uid, gid)",
        "Change owner and group of an open file.",
    ),
    MethodDef::bound(
        "utime",
        utime,
        "($module, /, path, times=None, *, ns=<unrepresentable>,\n      dir_fd=None, follow_symlinks=True)",
        "Set the times of access and modification.",
    ),
    MethodDef::bound(
        "umask",
        |vm, _, args| Ok(vm.new_int(names::umask(number(vm, args[0], 0)? as u32).into())),
        "($module, mask, /)",
        "Set the mask of permissions; return the old one.",
    ),
    MethodDef::bound(
        "truncate",
        |vm, _, args| {
            let target = path_or_fd(vm, args[0], "truncate")?;
            let length = vm.to_i64(given(vm, args[1])?)?;
            let result = vm.system_call(|| match target.descriptor {
                Some(descriptor) => files::ftruncate(descriptor, length),
                None => files::truncate(target.as_c(), length),
            })?;
            done_path(vm, result, &target)
        },
        "($module, /, path, length)",
        "Cut or lengthen a file.",
    ),
    MethodDef::bound(
        "pathconf",
        |vm, _, args| {
            let target = path_or_fd(vm, args[0], "pathconf")?;
            let name = super::system::conf_name(vm, given(vm, args[1])?, super::constants::PATHCONF_NAMES)?;
            let result = match target.descriptor {
                Some(descriptor) => files::fpathconf(descriptor, name),
                None => names::pathconf(target.as_c(), name),
            };
            match result {
                Ok(value) => Ok(vm.new_int(value)),
                Err(0) => Ok(Value::small(-1)),
                Err(errno) => Err(vm.path_error(errno, &target)),
            }
        },
        "($module, /, path, name)",
        "Return a limit of a path.",
    ),
    MethodDef::bound(
        "fpathconf",
        |vm, _, args| {
            let descriptor = vm.descriptor_argument(given(vm, args[0])?)?;
            let name = super::system::conf_name(vm, given(vm, args[1])?, super::constants::PATHCONF_NAMES)?;
            match files::fpathconf(descriptor, name) {
                Err(0) => Ok(Value::small(-1)),
                result => Ok(vm.new_int(result.or_raise(vm)?)),
            }
        },
        "($module, fd, name, /)",
        "Return a limit of an open file.",
    ),
];

fn access(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let target = path(vm, args[0], "access")?;
    let mode = number(vm, args[1], 0)?;
    let folder = folder(vm, args[2])?;
    let mut flags = 0;
    if flag(vm, args[3], false)? {
        flags |= libc::AT_EACCESS;
    }
    if !flag(vm, args[4], true)? {
        flags |= libc::AT_SYMLINK_NOFOLLOW;
    }
    Ok(Value::bool(vm.allow_threads(|| names::faccessat(folder, target.as_c(), mode, flags)).is_ok()))
}

fn chmod(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let target = path_or_fd(vm, args[0], "chmod")?;
    let mode = number(vm, args[1], 0)? as u32;
    let folder = folder(vm, args[2])?;
    let flags = if flag(vm, args[3], true)? { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let result = vm.allow_threads(|| match target.descriptor {
        Some(descriptor) => files::fchmod(descriptor, mode),
        None => names::fchmodat(folder, target.as_c(), mode, flags),
    });
    if flags != 0 && matches!(result, Err(libc::ENOTSUP)) {
        return Err(vm.not_implemented_error("chmod: follow_symlinks unavailable on this platform"));
    }
    done_path(vm, result, &target)
}

fn chown(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let target = path_or_fd(vm, args[0], "chown")?;
    let user = identity_number(vm, given(vm, args[1])?, "uid")?;
    let group = identity_number(vm, given(vm, args[2])?, "gid")?;
    let folder = folder(vm, args[3])?;
    let follow = flag(vm, args[4], true)?;
    if target.descriptor.is_some() {
        if folder != libc::AT_FDCWD {
            return Err(vm.value_error("chown: can't specify dir_fd without matching path"));
        }
        if !follow {
            return Err(vm.value_error("chown: cannot use fd and follow_symlinks together"));
        }
    }
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let result = vm.allow_threads(|| match target.descriptor {
        Some(descriptor) => files::fchown(descriptor, user, group),
        None => names::fchownat(folder, target.as_c(), user, group, flags),
    });
    done_path(vm, result, &target)
}

/// Seconds as an integer or a float, rounded down to nanoseconds.
fn seconds(vm: &Vm, value: &Value) -> PyResult<(i64, i64)> {
    if let Some(number) = float_of(value) {
        if number.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        let mut whole = number.floor();
        let mut rest = ((number - number.trunc()) * 1e9).floor();
        if rest < 0.0 {
            rest += 1e9;
            whole = number.trunc() - 1.0;
        } else if number.is_sign_negative() && rest == 0.0 {
            whole = number.trunc();
        }
        if !(-9.223372036854775e18..9.223372036854775e18).contains(&whole) {
            return Err(vm.overflow_error("timestamp out of range for platform time_t"));
        }
        return Ok((whole as i64, rest.min(999_999_999.0) as i64));
    }
    match vm.small_or_big(&vm.index(value)?) {
        Some(Ok(number)) => Ok((number, 0)),
        _ => Err(vm.overflow_error("timestamp out of range for platform time_t")),
    }
}

fn nanoseconds(vm: &Vm, value: &Value) -> PyResult<(i64, i64)> {
    let billion = Value::small(1_000_000_000);
    let parts = vm.divmod(value, &billion)?;
    let Some([whole, rest]) = parts.downcast::<Tuple>().map(|tuple| tuple.items()) else {
        let (class, name) = (vm.type_name(value), vm.type_name(&parts));
        return Err(vm.type_error(format!("{class}.__divmod__() must return a 2-tuple, not {name}")));
    };
    Ok((vm.to_i64(whole)?, vm.to_i64(rest)?))
}

fn utime(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let target = path_or_fd(vm, args[0], "utime")?;
    let times = args[1].filter(|times| !times.is_none());
    let folder = folder(vm, args[3])?;
    let follow = flag(vm, args[4], true)?;
    let pair = |value: &Value, what: &str| match value.downcast::<Tuple>().map(|tuple| tuple.items()) {
        Some([a, b]) => Ok([a.clone(), b.clone()]),
        _ if what == "times" => Err(vm.type_error("utime: 'times' must be either a tuple of two ints or None")),
        _ => Err(vm.type_error("utime: 'ns' must be a tuple of two ints")),
    };
    let moments = match (times, args[2]) {
        (Some(_), Some(_)) => {
            return Err(vm.value_error("utime: you may specify either 'times' or 'ns' but not both"));
        }
        (Some(times), None) => {
            let [a, b] = pair(times, "times")?;
            Some([seconds(vm, &a)?, seconds(vm, &b)?])
        }
        (None, Some(ns)) => {
            let [a, b] = pair(ns, "ns")?;
            Some([nanoseconds(vm, &a)?, nanoseconds(vm, &b)?])
        }
        (None, None) => None,
    };
    if target.descriptor.is_some() {
        if folder != libc::AT_FDCWD {
            return Err(vm.value_error("utime: can't specify dir_fd without matching path"));
        }
        if !follow {
            return Err(vm.value_error("utime: cannot use fd and follow_symlinks together"));
        }
    }
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let result = vm.allow_threads(|| match target.descriptor {
        Some(descriptor) => names::futimens(descriptor, moments),
        None => names::utimensat(folder, target.as_c(), moments, flags),
    });
    done_path(vm, result, &target)
}

//! Descriptors: opening, closing, duplicating, their properties.

use super::{OrRaise, done, fd, flag, folder, given, number, path};
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::{files, is_terminal};
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound("open", open, "($module, /, path, flags, mode=511, *, dir_fd=None)", "Open a file."),
    MethodDef::bound("close", close, "($module, /, fd)", "Close a descriptor."),
    MethodDef::bound(
        "closerange",
        |vm, _, args| {
            let (first, end) = (fd(vm, args[0])?, fd(vm, args[1])?);
            vm.allow_threads(|| files::close_range(first, end));
            Ok(Value::NONE)
        },
        "($module, fd_low, fd_high, /)",
        "Close the descriptors of a range, ignoring errors.",
    ),
    MethodDef::bound("dup", dup, "($module, fd, /)", "Return a second descriptor of the same file."),
    MethodDef::bound(
        "dup2",
        dup2,
        "($module, /, fd, fd2, inheritable=True)",
        "Make a descriptor one of another's file.",
    ),
    MethodDef::bound(
        "pipe",
        |vm, _, _| {
            let [reading, writing] = files::pipe2(libc::O_CLOEXEC).or_raise(vm)?;
            Ok(vm.new_tuple(&[Value::small(reading), Value::small(writing)]))
        },
        "($module, /)",
        "Make a pipe; return its two ends.",
    ),
    MethodDef::bound(
        "pipe2",
        |vm, _, args| {
            let [reading, writing] = files::pipe2(number(vm, args[0], 0)?).or_raise(vm)?;
            Ok(vm.new_tuple(&[Value::small(reading), Value::small(writing)]))
        },
        "($module, flags, /)",
        "Make a pipe with flags; return its two ends.",
    ),
    MethodDef::bound("lseek", lseek, "($module, fd, position, whence, /)", "Set the position; return the new one."),
    MethodDef::bound(
        "isatty",
        |vm, _, args| {
            let descriptor = fd(vm, args[0])?;
            Ok(Value::bool(vm.allow_threads(|| is_terminal(descriptor))))
        },
        "($module, fd, /)",
        "Return whether a descriptor is a terminal.",
    ),
    MethodDef::bound(
        "ftruncate",
        |vm, _, args| {
            let (descriptor, length) = (fd(vm, args[0])?, vm.to_i64(given(vm, args[1])?)?);
            done(vm, vm.system_call(|| files::ftruncate(descriptor, length))?)
        },
        "($module, fd, length, /)",
        "Cut or lengthen an open file.",
    ),
    MethodDef::bound(
        "fsync",
        |vm, _, args| {
            let descriptor = vm.descriptor_argument(given(vm, args[0])?)?;
            done(vm, vm.system_call(|| files::fsync(descriptor))?)
        },
        "($module, /, fd)",
        "Write an open file to the disk.",
    ),
    MethodDef::bound(
        "fdatasync",
        |vm, _, args| {
            let descriptor = vm.descriptor_argument(given(vm, args[0])?)?;
            done(vm, vm.system_call(|| files::fdatasync(descriptor))?)
        },
        "($module, /, fd)",
        "Write an open file's data to the disk.",
    ),
    MethodDef::bound(
        "lockf",
        |vm, _, args| {
            let (descriptor, command) = (fd(vm, args[0])?, number(vm, args[1], 0)?);
            let length = vm.to_i64(given(vm, args[2])?)?;
            done(vm, vm.system_call(|| files::lockf(descriptor, command, length))?)
        },
        "($module, fd, command, length, /)",
        "Lock a part of a file.",
    ),
    MethodDef::bound(
        "get_inheritable",
        |vm, _, args| Ok(Value::bool(files::is_inheritable(fd(vm, args[0])?).or_raise(vm)?)),
        "($module, fd, /)",
        "Return whether children inherit a descriptor.",
    ),
    MethodDef::bound(
        "set_inheritable",
        |vm, _, args| done(vm, files::set_inheritable(fd(vm, args[0])?, number(vm, args[1], 0)? != 0)),
        "($module, fd, inheritable, /)",
        "Set whether children inherit a descriptor.",
    ),
    MethodDef::bound(
        "get_blocking",
        |vm, _, args| Ok(Value::bool(files::is_blocking(fd(vm, args[0])?).or_raise(vm)?)),
        "($module, fd, /)",
        "Return whether calls on a descriptor wait.",
    ),
    MethodDef::bound(
        "set_blocking",
        |vm, _, args| done(vm, files::set_blocking(fd(vm, args[0])?, flag(vm, args[1], true)?)),
        "($module, fd, blocking, /)",
        "Set whether calls on a descriptor wait.",
    ),
    MethodDef::bound(
        "device_encoding",
        |vm, _, args| {
            let terminal = is_terminal(fd(vm, args[0])?);
            Ok(if terminal { vm.new_str("utf-8") } else { Value::NONE })
        },
        "($module, /, fd)",
        "Return the encoding of a terminal.",
    ),
    MethodDef::bound(
        "memfd_create",
        |vm, _, args| {
            let name = vm.fs_c_string(given(vm, args[0])?)?;
            let flags = number(vm, args[1], libc::MFD_CLOEXEC as i32)? as u32;
            Ok(vm.new_int(vm.allow_threads(|| files::memfd_create(&name, flags)).or_raise(vm)?))
        },
        "($module, /, name, flags=MFD_CLOEXEC)",
        "Make an anonymous file in memory.",
    ),
    MethodDef::bound(
        "eventfd",
        |vm, _, args| {
            let start = vm.to_i64(given(vm, args[0])?)?;
            let Ok(start) = u32::try_from(start) else {
                return Err(vm.overflow_error("Python int too large to convert to C unsigned int"));
            };
            let flags = number(vm, args[1], libc::EFD_CLOEXEC)?;
            Ok(vm.new_int(files::eventfd(start, flags).or_raise(vm)?))
        },
        "($module, /, initval, flags=EFD_CLOEXEC)",
        "Make a counter with a descriptor.",
    ),
    MethodDef::bound(
        "eventfd_read",
        |vm, _, args| {
            let descriptor = fd(vm, args[0])?;
            let mut bytes = [0; 8];
            vm.system_call(|| files::read(descriptor, &mut bytes))?.or_raise(vm)?;
            Ok(vm.new_uint(u64::from_ne_bytes(bytes)))
        },
        "($module, /, fd)",
        "Read a counter.",
    ),
    MethodDef::bound(
        "eventfd_write",
        |vm, _, args| {
            let (descriptor, value) = (fd(vm, args[0])?, to_u64(vm, given(vm, args[1])?)?);
            done(vm, vm.system_call(|| files::write(descriptor, &value.to_ne_bytes()))?)
        },
        "($module, /, fd, value)",
        "Add to a counter.",
    ),
    MethodDef::bound(
        "timerfd_create",
        |vm, _, args| {
            let (clock, flags) = (number(vm, args[0], 0)?, number(vm, args[1], libc::TFD_CLOEXEC)?);
            // Never inherited, whatever the flags say.
            Ok(vm.new_int(files::timerfd_create(clock, flags | libc::TFD_CLOEXEC).or_raise(vm)?))
        },
        "($module, clockid, /, *, flags=0)",
        "Make a timer with a descriptor.",
    ),
    MethodDef::bound(
        "timerfd_settime",
        |vm, _, args| set_timer(vm, args, false),
        "($module, fd, /, *, flags=0, initial=0.0, interval=0.0)",
        "Set a timer, in seconds; return the old setting.",
    ),
    MethodDef::bound(
        "timerfd_settime_ns",
        |vm, _, args| set_timer(vm, args, true),
        "($module, fd, /, *, flags=0, initial=0, interval=0)",
        "Set a timer, in nanoseconds; return the old setting.",
    ),
    MethodDef::bound(
        "timerfd_gettime",
        |vm, _, args| Ok(timer(vm, files::timerfd_gettime(fd(vm, args[0])?).or_raise(vm)?, false)),
        "($module, fd, /)",
        "Return a timer's next expiry and interval in seconds.",
    ),
    MethodDef::bound(
        "timerfd_gettime_ns",
        |vm, _, args| Ok(timer(vm, files::timerfd_gettime(fd(vm, args[0])?).or_raise(vm)?, true)),
        "($module, fd, /)",
        "Return a timer's next expiry and interval in nanoseconds.",
    ),
];

fn open(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let target = path(vm, args[0], "open")?;
    let flags = number(vm, args[1], 0)? | libc::O_CLOEXEC;
    let mode = number(vm, args[2], 0o777)? as u32;
    let folder = folder(vm, args[3])?;
    vm.audit("open", &[target.object.clone(), Value::NONE, Value::small(flags)])?;
    let shown = || format!("{:?}, {flags:#o}", target.as_c());
    let open = || files::openat(folder, target.as_c(), flags, mode);
    match vm.told_call("openat", None, shown, |number| *number, open)? {
        Ok(descriptor) => Ok(vm.new_int(descriptor)),
        Err(errno) => Err(vm.path_error(errno, &target)),
    }
}

fn close(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let descriptor = fd(vm, args[0])?;
    match vm.told_once("close", Some(descriptor), String::new, |_| 0, || files::close(descriptor)) {
        // Closed all the same: trying again could close somebody else's.
        Err(libc::EINTR) => Ok(Value::NONE),
        result => done(vm, result),
    }
}

fn dup(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let descriptor = fd(vm, args[0])?;
    Ok(vm.new_int(files::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 0).or_raise(vm)?))
}

fn dup2(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (old, new) = (fd(vm, args[0])?, fd(vm, args[1])?);
    let inheritable = flag(vm, args[2], true)?;
    let result = vm.allow_threads(|| {
        if inheritable || old == new { files::dup2(old, new) } else { files::dup3(old, new, libc::O_CLOEXEC) }
    });
    let descriptor = result.or_raise(vm)?;
    if !inheritable && old == new {
        files::set_inheritable(new, false).or_raise(vm)?;
    }
    Ok(vm.new_int(descriptor))
}

fn lseek(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let descriptor = fd(vm, args[0])?;
    let (position, whence) = (vm.to_i64(given(vm, args[1])?)?, number(vm, args[2], 0)?);
    Ok(vm.new_int(vm.allow_threads(|| files::lseek(descriptor, position, whence)).or_raise(vm)?))
}

fn timer(vm: &Vm, [first, first_rest, interval, interval_rest]: [i64; 4], nanoseconds: bool) -> Value {
    let convert = |seconds: i64, rest: i64| {
        if nanoseconds {
            vm.new_int(seconds.saturating_mul(1_000_000_000).saturating_add(rest))
        } else {
            vm.new_float(seconds as f64 + rest as f64 * 1e-9)
        }
    };
    vm.new_tuple(&[convert(first, first_rest), convert(interval, interval_rest)])
}

fn set_timer(vm: &Vm, args: &Bound<'_>, nanoseconds: bool) -> PyResult {
    let (descriptor, flags) = (fd(vm, args[0])?, number(vm, args[1], 0)?);
    let convert = |value: Option<&Value>| -> PyResult<(i64, i64)> {
        let total = match value {
            None => 0,
            Some(value) if nanoseconds => vm.to_i64(value)?,
            Some(value) => crate::time::nanoseconds_of(vm, value, crate::time::Rounding::Ceiling)?,
        };
        Ok((total.div_euclid(1_000_000_000), total.rem_euclid(1_000_000_000)))
    };
    let old = files::timerfd_settime(descriptor, flags, convert(args[2])?, convert(args[3])?).or_raise(vm)?;
    Ok(timer(vm, old, nanoseconds))
}

/// A number of 64 bits without sign.
fn to_u64(vm: &Vm, value: &Value) -> PyResult<u64> {
    match vm.small_or_big(&vm.index(value)?) {
        Some(Ok(number)) if number >= 0 => Ok(number as u64),
        Some(Ok(_)) => Err(vm.value_error("Cannot convert negative int")),
        Some(Err(big)) => u64::try_from(&big.value)
            .map_err(|_| vm.overflow_error("Python int too large to convert to C unsigned long")),
        None => Err(vm.type_error("an integer is required")),
    }
}

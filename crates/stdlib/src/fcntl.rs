//! `fcntl`: control of descriptors, and locks of files.

use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::platform::{self, files};
use oriel_runtime::types::str::Str;
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// `fcntl`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "fcntl",
    doc: "Control of descriptors, and locks of files.",
    functions: &[
        MethodDef::bound("fcntl", fcntl, "($module, fd, cmd, arg=0, /)", "Do something about a descriptor."),
        MethodDef::bound(
            "ioctl",
            ioctl,
            "($module, fd, request, arg=0, mutate_flag=True, /)",
            "Do something about a device.",
        ),
        MethodDef::bound("flock", flock, "($module, fd, operation, /)", "Lock or unlock a file."),
        MethodDef::bound(
            "lockf",
            lockf,
            "($module, fd, cmd, len=0, start=0, whence=0, /)",
            "Lock or unlock a part of a file.",
        ),
    ],
    exec: |vm, module| {
        for (name, value) in CONSTANTS {
            vm.module_set(module, name, vm.new_int(*value))?;
        }
        Ok(())
    },
};

/// The most bytes of a structure that is passed as bytes.
const MOST: usize = 1024;

fn descriptor(vm: &Vm, value: Option<&Value>) -> PyResult<i32> {
    vm.descriptor_argument(value.unwrap_or(&Value::NONE))
}

fn number(vm: &Vm, value: Option<&Value>) -> PyResult<i32> {
    value.map_or(Ok(0), |value| vm.to_i32(value))
}

fn integer(vm: &Vm, result: PyResult<platform::Result>) -> PyResult {
    match result? {
        Ok(value) => Ok(vm.new_int(value as i32 as i64)),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

/// The bytes of an argument that is none a number.
fn memory(vm: &Vm, value: &Value, function: &str) -> PyResult<Option<Vec<u8>>> {
    if vm.type_of(value).slots.nb_index.get().is_some() {
        return Ok(None);
    }
    let mut bytes = match value.downcast::<Str>() {
        Some(text) => text.to_text().into_bytes(),
        None => vm.buffer(value, false)?.to_vec(),
    };
    if bytes.len() > MOST {
        return Err(vm.value_error(format!("{function} argument 3 is too long")));
    }
    bytes.resize(bytes.len() + MOST, 0);
    Ok(Some(bytes))
}

fn fcntl(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (fd, command) = (descriptor(vm, args[0])?, number(vm, args[1])?);
    let zero = Value::small(0);
    let argument = args[2].unwrap_or(&zero);
    match memory(vm, argument, "fcntl")? {
        None => {
            let argument = vm.to_i64(argument)?;
            integer(vm, vm.system_call(|| files::fcntl(fd, command, argument)))
        }
        Some(mut bytes) => {
            let length = bytes.len() - MOST;
            match vm.system_call(|| files::fcntl_memory(fd, command, &mut bytes))? {
                Ok(_) => vm.try_new_bytes(&bytes[..length]),
                Err(errno) => Err(vm.os_error(errno)),
            }
        }
    }
}

fn ioctl(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let fd = descriptor(vm, args[0])?;
    let request = match vm.small_or_big(&vm.index(args[1].unwrap_or(&Value::NONE))?) {
        Some(Ok(number)) => number as u64,
        _ => return Err(vm.overflow_error("request out of range")),
    };
    let zero = Value::small(0);
    let argument = args[2].unwrap_or(&zero);
    let mutate = args[3].map_or(Ok(true), |flag| vm.truth(flag))?;
    match memory(vm, argument, "ioctl")? {
        None => {
            let argument = vm.to_i64(argument)?;
            integer(vm, vm.system_call(|| files::ioctl(fd, request, argument)))
        }
        Some(mut bytes) => {
            let length = bytes.len() - MOST;
            let result = vm.system_call(|| files::ioctl_memory(fd, request, &mut bytes))?;
            let value = result.map_err(|errno| vm.os_error(errno))?;
            if mutate
                && argument.downcast::<Str>().is_none()
                && vm.as_bytes(argument).is_none()
                && let Ok(view) = vm.buffer(argument, true)
            {
                view.with_bytes_mut(|room| room[..length].copy_from_slice(&bytes[..length]));
                return Ok(vm.new_int(value as i32 as i64));
            }
            vm.try_new_bytes(&bytes[..length])
        }
    }
}

fn flock(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (fd, operation) = (descriptor(vm, args[0])?, number(vm, args[1])?);
    match vm.system_call(|| files::flock(fd, operation))? {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

fn lockf(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (fd, operation) = (descriptor(vm, args[0])?, number(vm, args[1])?);
    let kind = if operation & libc::LOCK_UN != 0 {
        libc::F_UNLCK
    } else if operation & libc::LOCK_SH != 0 {
        libc::F_RDLCK
    } else if operation & libc::LOCK_EX != 0 {
        libc::F_WRLCK
    } else {
        return Err(vm.value_error("unrecognized lockf argument"));
    };
    let size = |value: Option<&Value>| value.map_or(Ok(0), |value| vm.to_i64(value));
    let (length, start, whence) = (size(args[2])?, size(args[3])?, number(vm, args[4])?);
    let wait = operation & libc::LOCK_NB == 0;
    match vm.system_call(|| files::lock_part(fd, kind, whence, start, length, wait))? {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

const CONSTANTS: &[(&str, i64)] = &[
    ("DN_ACCESS", 1),
    ("DN_ATTRIB", 32),
    ("DN_CREATE", 4),
    ("DN_DELETE", 8),
    ("DN_MODIFY", 2),
    ("DN_MULTISHOT", 2147483648),
    ("DN_RENAME", 16),
    ("FASYNC", 8192),
    ("FD_CLOEXEC", 1),
    ("FICLONE", 1074041865),
    ("FICLONERANGE", 1075876877),
    ("F_ADD_SEALS", 1033),
    ("F_DUPFD", 0),
    ("F_DUPFD_CLOEXEC", 1030),
    ("F_DUPFD_QUERY", 1027),
    ("F_EXLCK", 4),
    ("F_GETFD", 1),
    ("F_GETFL", 3),
    ("F_GETLEASE", 1025),
    ("F_GETLK", 5),
    ("F_GETLK64", 5),
    ("F_GETOWN", 9),
    ("F_GETOWN_EX", 16),
    ("F_GETPIPE_SZ", 1032),
    ("F_GETSIG", 11),
    ("F_GET_FILE_RW_HINT", 1037),
    ("F_GET_RW_HINT", 1035),
    ("F_GET_SEALS", 1034),
    ("F_NOTIFY", 1026),
    ("F_OFD_GETLK", 36),
    ("F_OFD_SETLK", 37),
    ("F_OFD_SETLKW", 38),
    ("F_OWNER_PGRP", 2),
    ("F_OWNER_PID", 1),
    ("F_OWNER_TID", 0),
    ("F_RDLCK", 0),
    ("F_SEAL_FUTURE_WRITE", 16),
    ("F_SEAL_GROW", 4),
    ("F_SEAL_SEAL", 1),
    ("F_SEAL_SHRINK", 2),
    ("F_SEAL_WRITE", 8),
    ("F_SETFD", 2),
    ("F_SETFL", 4),
    ("F_SETLEASE", 1024),
    ("F_SETLK", 6),
    ("F_SETLK64", 6),
    ("F_SETLKW", 7),
    ("F_SETLKW64", 7),
    ("F_SETOWN", 8),
    ("F_SETOWN_EX", 15),
    ("F_SETPIPE_SZ", 1031),
    ("F_SETSIG", 10),
    ("F_SET_FILE_RW_HINT", 1038),
    ("F_SET_RW_HINT", 1036),
    ("F_SHLCK", 8),
    ("F_UNLCK", 2),
    ("F_WRLCK", 1),
    ("LOCK_EX", 2),
    ("LOCK_MAND", 32),
    ("LOCK_NB", 4),
    ("LOCK_READ", 64),
    ("LOCK_RW", 192),
    ("LOCK_SH", 1),
    ("LOCK_UN", 8),
    ("LOCK_WRITE", 128),
    ("RWH_WRITE_LIFE_EXTREME", 5),
    ("RWH_WRITE_LIFE_LONG", 4),
    ("RWH_WRITE_LIFE_MEDIUM", 3),
    ("RWH_WRITE_LIFE_NONE", 1),
    ("RWH_WRITE_LIFE_NOT_SET", 0),
    ("RWH_WRITE_LIFE_SHORT", 2),
];

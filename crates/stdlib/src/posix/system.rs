//! Properties of the system and the process: names, limits, times, randomness, errors.

use super::{OrRaise, constants, done, given, number, structs};
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::{clocks, files, identity, processes};
use oriel_runtime::types::str::Str;
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::noargs(
        "uname",
        |vm, _| {
            let names = identity::uname().or_raise(vm)?;
            structs::make(vm, |structs| &structs.uname, names.iter().map(|name| vm.fs_decode(name)).collect())
        },
        "($module, /)",
        "Return what the system is.",
    ),
    MethodDef::noargs(
        "times",
        |vm, _| {
            let (times, ticks) = clocks::times().or_raise(vm)?;
            let seconds = times.map(|time| vm.new_float(time as f64 / ticks as f64));
            structs::make(vm, |structs| &structs.times, seconds.to_vec())
        },
        "($module, /)",
        "Return the times of the process.",
    ),
    MethodDef::noargs(
        "cpu_count",
        |vm, _| match processes::sysconf(libc::_SC_NPROCESSORS_ONLN) {
            Ok(count) if count > 0 => Ok(vm.new_int(count)),
            _ => Ok(Value::NONE),
        },
        "($module, /)",
        "Return how many processors there are.",
    ),
    MethodDef::noargs(
        "getloadavg",
        |vm, _| match processes::getloadavg() {
            Some(loads) => Ok(vm.new_tuple(&loads.map(|load| vm.new_float(load)))),
            None => Err(vm.new_exception(&vm.types.os_error, "Load averages are unobtainable")),
        },
        "($module, /)",
        "Return the load of the last one, five and fifteen minutes.",
    ),
    MethodDef::bound(
        "sysconf",
        |vm, _, args| {
            let name = conf_name(vm, given(vm, args[0])?, constants::SYSCONF_NAMES)?;
            Ok(vm.new_int(processes::sysconf(name).or_raise(vm)?))
        },
        "($module, name, /)",
        "Return a property of the system.",
    ),
    MethodDef::bound(
        "confstr",
        |vm, _, args| {
            let name = conf_name(vm, given(vm, args[0])?, constants::CONFSTR_NAMES)?;
            Ok(match processes::confstr(name).or_raise(vm)? {
                Some(text) => vm.fs_decode(&text),
                None => Value::NONE,
            })
        },
        "($module, name, /)",
        "Return a text property of the system.",
    ),
    MethodDef::bound("urandom", urandom, "($module, size, /)", "Return random bytes."),
    MethodDef::bound("getrandom", getrandom, "($module, /, size, flags=0)", "Return random bytes of the system."),
    MethodDef::bound(
        "strerror",
        |vm, _, args| Ok(vm.new_str(&oriel_runtime::types::exceptions::os_error::strerror(number(vm, args[0], 0)?))),
        "($module, code, /)",
        "Return what an error number means.",
    ),
    MethodDef::bound(
        "major",
        |vm, _, args| Ok(vm.new_int(files::device_parts(vm.to_i64(given(vm, args[0])?)? as u64).0.into())),
        "($module, device, /)",
        "Return the major number of a device.",
    ),
    MethodDef::bound(
        "minor",
        |vm, _, args| Ok(vm.new_int(files::device_parts(vm.to_i64(given(vm, args[0])?)? as u64).1.into())),
        "($module, device, /)",
        "Return the minor number of a device.",
    ),
    MethodDef::bound(
        "makedev",
        |vm, _, args| {
            let major = vm.to_i64(given(vm, args[0])?)? as u32;
            let minor = vm.to_i64(given(vm, args[1])?)? as u32;
            Ok(vm.new_uint(files::device(major, minor)))
        },
        "($module, major, minor, /)",
        "Return the device of a major and a minor number.",
    ),
    MethodDef::noargs(
        "sync",
        |vm, _| {
            vm.allow_threads(files::sync);
            Ok(Value::NONE)
        },
        "($module, /)",
        "Write everything to the disks.",
    ),
    MethodDef::bound(
        "unshare",
        |vm, _, args| {
            let flags = number(vm, args[0], 0)?;
            done(vm, vm.allow_threads(|| processes::unshare(flags)))
        },
        "($module, /, flags)",
        "Leave shared name spaces.",
    ),
    MethodDef::bound(
        "setns",
        |vm, _, args| {
            let descriptor = vm.descriptor_argument(given(vm, args[0])?)?;
            let kind = number(vm, args[1], 0)?;
            done(vm, vm.allow_threads(|| processes::setns(descriptor, kind)))
        },
        "($module, /, fd, nstype=0)",
        "Enter a name space.",
    ),
    MethodDef::noargs(
        "_inputhook",
        |_, _| Ok(Value::small(0)),
        "($module, /)",
        "Call the hook that waits for input; there is none.",
    ),
    MethodDef::noargs(
        "_is_inputhook_installed",
        |_, _| Ok(Value::FALSE),
        "($module, /)",
        "Return whether a hook waits for input.",
    ),
];

/// A configuration name: a number, or one of the known names.
pub fn conf_name(vm: &Vm, value: &Value, table: &[(&str, i32)]) -> PyResult<i32> {
    if let Some(text) = value.downcast::<Str>() {
        let text = text.to_text();
        return match table.iter().find(|(name, _)| *name == text) {
            Some((_, number)) => Ok(*number),
            None => Err(vm.value_error("unrecognized configuration name")),
        };
    }
    if vm.type_of(value).slots.nb_index.get().is_none() {
        return Err(vm.type_error("configuration names must be strings or integers"));
    }
    vm.to_i32(value)
}

fn room(vm: &Vm, size: &Value) -> PyResult<Vec<u8>> {
    let Ok(size) = usize::try_from(vm.to_isize(size)?) else {
        return Err(vm.value_error("negative argument not allowed"));
    };
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| vm.memory_error())?;
    bytes.resize(size, 0);
    Ok(bytes)
}

fn urandom(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let mut bytes = room(vm, given(vm, args[0])?)?;
    let mut filled = 0;
    while filled < bytes.len() {
        filled += vm.system_call(|| processes::getrandom(&mut bytes[filled..], 0))?.or_raise(vm)?;
    }
    vm.try_new_bytes(&bytes)
}

fn getrandom(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let Ok(mut bytes) = room(vm, given(vm, args[0])?) else { return Err(vm.os_error(libc::EINVAL)) };
    let flags = number(vm, args[1], 0)? as u32;
    let filled = vm.system_call(|| processes::getrandom(&mut bytes, flags))?.or_raise(vm)?;
    vm.try_new_bytes(&bytes[..filled])
}

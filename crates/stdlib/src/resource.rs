//! `resource`: limits and the use of resources.

use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::platform::processes;
use oriel_runtime::types::struct_sequence::{StructSpec, struct_type};
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Bound, PyResult, Value, Vm};
use std::cell::OnceCell;

/// `resource`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "resource",
    doc: "Limits and the use of the system's resources.",
    functions: FUNCTIONS,
    exec: |vm, module| {
        for (name, value) in CONSTANTS {
            vm.module_set(module, name, vm.new_int(*value))?;
        }
        vm.module_set(module, "error", vm.types.os_error.to_value())?;
        vm.module_set(module, "struct_rusage", usage_type(vm)?)
    },
};

const CONSTANTS: &[(&str, i64)] = &[
    ("RLIMIT_AS", libc::RLIMIT_AS as i64),
    ("RLIMIT_CORE", libc::RLIMIT_CORE as i64),
    ("RLIMIT_CPU", libc::RLIMIT_CPU as i64),
    ("RLIMIT_DATA", libc::RLIMIT_DATA as i64),
    ("RLIMIT_FSIZE", libc::RLIMIT_FSIZE as i64),
    ("RLIMIT_MEMLOCK", libc::RLIMIT_MEMLOCK as i64),
    ("RLIMIT_MSGQUEUE", libc::RLIMIT_MSGQUEUE as i64),
    ("RLIMIT_NICE", libc::RLIMIT_NICE as i64),
    ("RLIMIT_NOFILE", libc::RLIMIT_NOFILE as i64),
    ("RLIMIT_NPROC", libc::RLIMIT_NPROC as i64),
    ("RLIMIT_OFILE", libc::RLIMIT_NOFILE as i64),
    ("RLIMIT_RSS", libc::RLIMIT_RSS as i64),
    ("RLIMIT_RTPRIO", libc::RLIMIT_RTPRIO as i64),
    ("RLIMIT_RTTIME", libc::RLIMIT_RTTIME as i64),
    ("RLIMIT_SIGPENDING", libc::RLIMIT_SIGPENDING as i64),
    ("RLIMIT_STACK", libc::RLIMIT_STACK as i64),
    ("RLIM_INFINITY", -1),
    ("RUSAGE_CHILDREN", libc::RUSAGE_CHILDREN as i64),
    ("RUSAGE_SELF", libc::RUSAGE_SELF as i64),
    ("RUSAGE_THREAD", libc::RUSAGE_THREAD as i64),
];

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound("getrusage", getrusage, "($module, who, /)", "Return the resources used."),
    MethodDef::bound("getrlimit", getrlimit, "($module, resource, /)", "Return a soft and a hard limit."),
    MethodDef::bound("setrlimit", setrlimit, "($module, resource, limits, /)", "Set a soft and a hard limit."),
    MethodDef::bound(
        "prlimit",
        prlimit,
        "($module, pid, resource, limits=None, /)",
        "Return, and maybe set, a limit of a process.",
    ),
    MethodDef::noargs(
        "getpagesize",
        |vm, _| Ok(vm.new_int(processes::sysconf(libc::_SC_PAGESIZE).unwrap_or(4096))),
        "($module, /)",
        "Return the size of a page of memory.",
    ),
];

static USAGE: StructSpec = StructSpec {
    ty: struct_type("resource.struct_rusage", "The resources that a process used."),
    fields: &[
        ("ru_utime", "user time"),
        ("ru_stime", "system time"),
        ("ru_maxrss", "most memory in use"),
        ("ru_ixrss", "shared memory"),
        ("ru_idrss", "unshared data"),
        ("ru_isrss", "unshared stack"),
        ("ru_minflt", "page faults without reading"),
        ("ru_majflt", "page faults with reading"),
        ("ru_nswap", "swaps"),
        ("ru_inblock", "blocks read"),
        ("ru_oublock", "blocks written"),
        ("ru_msgsnd", "messages sent"),
        ("ru_msgrcv", "messages received"),
        ("ru_nsignals", "signals received"),
        ("ru_nvcsw", "switches made by waiting"),
        ("ru_nivcsw", "switches forced"),
    ],
    visible: 16,
};

#[derive(Default)]
struct State(OnceCell<TypeRef>);

fn usage_type(vm: &Vm) -> PyResult<TypeRef> {
    let state = vm.state::<State>();
    if let Some(ty) = state.0.get() {
        return Ok(ty.clone());
    }
    let ty = vm.new_struct_type(&USAGE)?;
    let _ = state.0.set(ty.clone());
    Ok(ty)
}

/// The result object of `getrusage`.
pub fn usage(vm: &Vm, usage: &libc::rusage) -> PyResult {
    let seconds = |time: libc::timeval| vm.new_float(time.tv_sec as f64 + time.tv_usec as f64 * 1e-6);
    let mut values = vec![seconds(usage.ru_utime), seconds(usage.ru_stime)];
    values.extend(
        [
            usage.ru_maxrss,
            usage.ru_ixrss,
            usage.ru_idrss,
            usage.ru_isrss,
            usage.ru_minflt,
            usage.ru_majflt,
            usage.ru_nswap,
            usage.ru_inblock,
            usage.ru_oublock,
            usage.ru_msgsnd,
            usage.ru_msgrcv,
            usage.ru_nsignals,
            usage.ru_nvcsw,
            usage.ru_nivcsw,
        ]
        .map(|number| vm.new_int(number)),
    );
    let ty = usage_type(vm)?;
    vm.new_struct(&ty, values)
}

fn argument(vm: &Vm, value: Option<&Value>) -> PyResult<i32> {
    value.map_or(Ok(0), |value| vm.to_i32(value))
}

fn getrusage(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    match processes::getrusage(argument(vm, args[0])?) {
        Ok(found) => usage(vm, &found),
        Err(libc::EINVAL) => Err(vm.value_error("invalid who parameter")),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

fn to_limit(vm: &Vm, value: &Value) -> PyResult<u64> {
    match vm.small_or_big(&vm.index(value)?) {
        Some(Ok(-1)) => Ok(u64::MAX),
        Some(Ok(number)) if number < 0 => Err(vm.value_error("Cannot convert negative int")),
        Some(Ok(number)) => Ok(number as u64),
        Some(Err(big)) => {
            u64::try_from(&big.value).map_err(|_| vm.overflow_error("Python int too large to convert to C rlim_t"))
        }
        None => Err(vm.type_error("an integer is required")),
    }
}

fn limits(vm: &Vm, value: &Value) -> PyResult<[u64; 2]> {
    let items = match value.downcast::<Tuple>() {
        Some(tuple) => tuple.items().to_vec(),
        None => vm.collect(value)?,
    };
    match &items[..] {
        [soft, hard] => Ok([to_limit(vm, soft)?, to_limit(vm, hard)?]),
        _ => Err(vm.value_error("expected a tuple of 2 integers")),
    }
}

fn limit_values(vm: &Vm, limits: [u64; 2]) -> Value {
    let value = |limit: u64| if limit == u64::MAX { Value::small(-1) } else { vm.new_uint(limit) };
    vm.new_tuple(&limits.map(value))
}

fn check(vm: &Vm, resource: i32) -> PyResult<()> {
    if !(0..16).contains(&resource) {
        return Err(vm.value_error("invalid resource specified"));
    }
    Ok(())
}

fn getrlimit(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let resource = argument(vm, args[0])?;
    check(vm, resource)?;
    let found = processes::prlimit(0, resource, None).map_err(|errno| vm.os_error(errno))?;
    Ok(limit_values(vm, found))
}

fn setrlimit(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let resource = argument(vm, args[0])?;
    check(vm, resource)?;
    let new = limits(vm, args[1].unwrap_or(&Value::NONE))?;
    change(vm, 0, resource, new)?;
    Ok(Value::NONE)
}

fn change(vm: &Vm, process: i32, resource: i32, new: [u64; 2]) -> PyResult<[u64; 2]> {
    processes::prlimit(process, resource, Some(new)).map_err(|errno| match errno {
        libc::EINVAL => vm.value_error("current limit exceeds maximum limit"),
        libc::EPERM if process == 0 => vm.value_error("not allowed to raise maximum limit"),
        errno => vm.os_error(errno),
    })
}

fn prlimit(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (process, resource) = (argument(vm, args[0])?, argument(vm, args[1])?);
    check(vm, resource)?;
    let old = match args[2].filter(|limits| !limits.is_none()) {
        Some(new) => change(vm, process, resource, limits(vm, new)?)?,
        None => processes::prlimit(process, resource, None).map_err(|errno| vm.os_error(errno))?,
    };
    Ok(limit_values(vm, old))
}

//! `syslog`: messages for the system's log.

use crate::bodies::given;
use oriel_runtime::platform::logs;
use oriel_runtime::types::list::List;
use oriel_runtime::types::str::Str;
use oriel_runtime::{Args, Bound, MethodDef, ModuleSpec, PyResult, Value, Vm};
use std::cell::Cell;
use std::ffi::CString;

/// `syslog`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "syslog",
    doc: "Messages for the system's log.",
    functions: FUNCTIONS,
    exec: |vm, module| {
        for (name, value) in CONSTANTS {
            vm.module_set(module, name, vm.new_int((*value).into()))?;
        }
        Ok(())
    },
};

const CONSTANTS: &[(&str, i32)] = &[
    ("LOG_EMERG", libc::LOG_EMERG),
    ("LOG_ALERT", libc::LOG_ALERT),
    ("LOG_CRIT", libc::LOG_CRIT),
    ("LOG_ERR", libc::LOG_ERR),
    ("LOG_WARNING", libc::LOG_WARNING),
    ("LOG_NOTICE", libc::LOG_NOTICE),
    ("LOG_INFO", libc::LOG_INFO),
    ("LOG_DEBUG", libc::LOG_DEBUG),
    ("LOG_PID", libc::LOG_PID),
    ("LOG_CONS", libc::LOG_CONS),
    ("LOG_NDELAY", libc::LOG_NDELAY),
    ("LOG_ODELAY", libc::LOG_ODELAY),
    ("LOG_NOWAIT", libc::LOG_NOWAIT),
    ("LOG_PERROR", libc::LOG_PERROR),
    ("LOG_KERN", libc::LOG_KERN),
    ("LOG_USER", libc::LOG_USER),
    ("LOG_MAIL", libc::LOG_MAIL),
    ("LOG_DAEMON", libc::LOG_DAEMON),
    ("LOG_AUTH", libc::LOG_AUTH),
    ("LOG_LPR", libc::LOG_LPR),
    ("LOG_LOCAL0", libc::LOG_LOCAL0),
    ("LOG_LOCAL1", libc::LOG_LOCAL1),
    ("LOG_LOCAL2", libc::LOG_LOCAL2),
    ("LOG_LOCAL3", libc::LOG_LOCAL3),
    ("LOG_LOCAL4", libc::LOG_LOCAL4),
    ("LOG_LOCAL5", libc::LOG_LOCAL5),
    ("LOG_LOCAL6", libc::LOG_LOCAL6),
    ("LOG_LOCAL7", libc::LOG_LOCAL7),
    ("LOG_SYSLOG", libc::LOG_SYSLOG),
    ("LOG_CRON", libc::LOG_CRON),
    ("LOG_UUCP", libc::LOG_UUCP),
    ("LOG_NEWS", libc::LOG_NEWS),
    ("LOG_AUTHPRIV", libc::LOG_AUTHPRIV),
    ("LOG_FTP", libc::LOG_FTP),
];

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound(
        "openlog",
        openlog,
        "($module, /, ident=<unrepresentable>, logoption=0,\n        facility=LOG_USER)",
        "Say how messages are logged.",
    ),
    MethodDef::noargs("closelog", closelog, "($module, /)", "Forget how messages are logged."),
    MethodDef::args("syslog", syslog, "", "syslog([priority=LOG_INFO,] message)\nLog a message."),
    MethodDef::bound(
        "setlogmask",
        setlogmask,
        "($module, maskpri, /)",
        "Set the mask of priorities; return the old one.",
    ),
    MethodDef::bound(
        "LOG_MASK",
        |vm, _, args| Ok(vm.new_int(1i32.wrapping_shl(vm.to_i64(given(vm, args[0])?)? as u32).into())),
        "($module, pri, /)",
        "The mask of one priority.",
    ),
    MethodDef::bound(
        "LOG_UPTO",
        |vm, _, args| {
            let priority = vm.to_i64(given(vm, args[0])?)? as u32;
            Ok(vm.new_int(1i32.wrapping_shl(priority.wrapping_add(1)).wrapping_sub(1).into()))
        },
        "($module, pri, /)",
        "The mask of all priorities up to one.",
    ),
];

#[derive(Default)]
struct State {
    open: Cell<bool>,
}

/// The script's own name, for want of another.
fn script_name(vm: &Vm) -> PyResult<Option<CString>> {
    let argv = vm.sys.get_str(&vm.intern("argv"));
    let first =
        argv.as_ref().and_then(|argv| argv.downcast::<List>()).and_then(|argv| argv.snapshot().into_iter().next());
    let Some(first) = first.filter(|first| first.downcast::<Str>().is_some()) else { return Ok(None) };
    let path = vm.fs_encode(&first)?;
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    Ok(if name.is_empty() { None } else { CString::new(name).ok() })
}

fn open(vm: &Vm, name: Option<CString>, options: i32, facility: i32) -> PyResult<()> {
    let name = match name {
        Some(name) => Some(name),
        None => script_name(vm)?,
    };
    logs::open(name, options, facility);
    vm.state::<State>().open.set(true);
    Ok(())
}

fn openlog(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let name = match args[0] {
        None => None,
        Some(name) => {
            vm.expect_str(name, |given| format!("openlog() argument 'ident' must be str, not {given}"))?;
            Some(vm.fs_c_string(name)?)
        }
    };
    let options = args[1].map_or(Ok(0), |options| vm.to_i64(options))? as i32;
    let facility = args[2].map_or(Ok(libc::LOG_USER.into()), |facility| vm.to_i64(facility))? as i32;
    open(vm, name, options, facility)?;
    Ok(Value::NONE)
}

fn closelog(vm: &Vm, _: &Value) -> PyResult {
    if vm.state::<State>().open.replace(false) {
        logs::close();
    }
    Ok(Value::NONE)
}

fn syslog(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    args.no_keywords(vm, "syslog.syslog")?;
    let (priority, message, place) = match args.positional() {
        [message] => (libc::LOG_INFO, message, 1),
        [priority, message] => (vm.to_i32(priority)?, message, 2),
        _ => return Err(vm.type_error("syslog.syslog requires 1 to 2 arguments")),
    };
    let text = vm.expect_str(message, |given| format!("syslog() argument {place} must be str, not {given}"))?;
    let encoded = vm.encode_text(text.as_value(), Some("utf-8"), None)?;
    let bytes = vm.bytes_of(&encoded).unwrap_or_default();
    let message = CString::new(bytes).map_err(|_| vm.value_error("embedded null character"))?;
    if !vm.state::<State>().open.get() {
        open(vm, None, 0, libc::LOG_USER)?;
    }
    vm.allow_threads(|| logs::write(priority, &message));
    Ok(Value::NONE)
}

fn setlogmask(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let mask = vm.to_i64(given(vm, args[0])?)? as i32;
    Ok(vm.new_int(logs::set_mask(mask).into()))
}

//! `_signal`: handlers of signals, waiting for them, timers.

mod waiting;

use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::platform::files;
use oriel_runtime::platform::signals::{self, Disposition};
use oriel_runtime::signals::{DEFAULT, IGNORE, SignalHandlers};
use oriel_runtime::{Args, Bound, PyResult, Value, Vm};

/// `_signal`
pub static SPEC: ModuleSpec =
    ModuleSpec { name: "_signal", doc: "Signals and their handlers.", functions: FUNCTIONS, exec };

fn exec(vm: &Vm, module: &Value) -> PyResult<()> {
    for (name, value) in CONSTANTS {
        vm.module_set(module, name, vm.new_int(*value))?;
    }
    vm.module_functions(module, waiting::FUNCTIONS)?;
    waiting::add(vm, module)?;
    // The interrupt of the keyboard becomes an exception, unless whoever started the process has it ignored.
    let handlers = vm.state::<SignalHandlers>();
    if handlers.get(libc::SIGINT).is(&DEFAULT) {
        let handler = vm.get_attr_str(module, "default_int_handler")?;
        handlers.set(libc::SIGINT, handler);
        let _ = signals::set_disposition(libc::SIGINT, Disposition::Note);
    }
    Ok(())
}

const CONSTANTS: &[(&str, i64)] = &[
    ("SIG_DFL", 0),
    ("SIG_IGN", 1),
    ("SIG_BLOCK", libc::SIG_BLOCK as i64),
    ("SIG_UNBLOCK", libc::SIG_UNBLOCK as i64),
    ("SIG_SETMASK", libc::SIG_SETMASK as i64),
    ("NSIG", 65),
    ("SIGHUP", libc::SIGHUP as i64),
    ("SIGINT", libc::SIGINT as i64),
    ("SIGQUIT", libc::SIGQUIT as i64),
    ("SIGILL", libc::SIGILL as i64),
    ("SIGTRAP", libc::SIGTRAP as i64),
    ("SIGIOT", libc::SIGIOT as i64),
    ("SIGABRT", libc::SIGABRT as i64),
    ("SIGFPE", libc::SIGFPE as i64),
    ("SIGKILL", libc::SIGKILL as i64),
    ("SIGBUS", libc::SIGBUS as i64),
    ("SIGSEGV", libc::SIGSEGV as i64),
    ("SIGSYS", libc::SIGSYS as i64),
    ("SIGPIPE", libc::SIGPIPE as i64),
    ("SIGALRM", libc::SIGALRM as i64),
    ("SIGTERM", libc::SIGTERM as i64),
    ("SIGUSR1", libc::SIGUSR1 as i64),
    ("SIGUSR2", libc::SIGUSR2 as i64),
    ("SIGCLD", libc::SIGCHLD as i64),
    ("SIGCHLD", libc::SIGCHLD as i64),
    ("SIGPWR", libc::SIGPWR as i64),
    ("SIGIO", libc::SIGIO as i64),
    ("SIGURG", libc::SIGURG as i64),
    ("SIGWINCH", libc::SIGWINCH as i64),
    ("SIGPOLL", libc::SIGPOLL as i64),
    ("SIGSTOP", libc::SIGSTOP as i64),
    ("SIGTSTP", libc::SIGTSTP as i64),
    ("SIGCONT", libc::SIGCONT as i64),
    ("SIGTTIN", libc::SIGTTIN as i64),
    ("SIGTTOU", libc::SIGTTOU as i64),
    ("SIGVTALRM", libc::SIGVTALRM as i64),
    ("SIGPROF", libc::SIGPROF as i64),
    ("SIGXCPU", libc::SIGXCPU as i64),
    ("SIGXFSZ", libc::SIGXFSZ as i64),
    ("SIGRTMIN", 34),
    ("SIGRTMAX", 64),
    ("SIGSTKFLT", libc::SIGSTKFLT as i64),
    ("ITIMER_REAL", 0),
    ("ITIMER_VIRTUAL", 1),
    ("ITIMER_PROF", 2),
];

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::args(
        "default_int_handler",
        default_int_handler,
        "($module, signalnum, frame, /)",
        "Raise KeyboardInterrupt.",
    ),
    MethodDef::bound(
        "signal",
        signal,
        "($module, signalnum, handler, /)",
        "Set a signal's handler; return the old one.",
    ),
    MethodDef::bound("getsignal", getsignal, "($module, signalnum, /)", "Return a signal's handler."),
    MethodDef::bound(
        "alarm",
        |vm, _, args| Ok(vm.new_int(signals::alarm(number(vm, args[0])? as u32).unwrap_or(0))),
        "($module, seconds, /)",
        "Have SIGALRM come in so many seconds.",
    ),
    MethodDef::bound(
        "raise_signal",
        |vm, _, args| {
            let signal = number(vm, args[0])?;
            if let Err(errno) = vm.allow_threads(|| signals::raise(signal)) {
                return Err(vm.os_error(errno));
            }
            vm.check_signals()?;
            Ok(Value::NONE)
        },
        "($module, signalnum, /)",
        "Send a signal to this process.",
    ),
    MethodDef::bound(
        "strsignal",
        |vm, _, args| {
            let signal = checked_signal(vm, args[0])?;
            match signals::text(signal) {
                Some(text) if !text.starts_with("Unknown signal") => Ok(vm.new_str(&text)),
                _ => Ok(Value::NONE),
            }
        },
        "($module, signalnum, /)",
        "Return what a signal is called.",
    ),
    MethodDef::bound(
        "siginterrupt",
        |vm, _, args| {
            let signal = checked_signal(vm, args[0])?;
            match signals::set_interrupts(signal, number(vm, args[1])? != 0) {
                Ok(_) => Ok(Value::NONE),
                Err(errno) => Err(vm.os_error(errno)),
            }
        },
        "($module, signalnum, flag, /)",
        "Set whether a signal interrupts system calls.",
    ),
    MethodDef::args("set_wakeup_fd", set_wakeup_fd, "", "Set the descriptor that gets a byte for each signal."),
    MethodDef::bound(
        "pidfd_send_signal",
        |vm, _, args| {
            let (descriptor, signal) = (number(vm, args[0])?, number(vm, args[1])?);
            if args[2].is_some_and(|info| !info.is_none()) {
                return Err(vm.type_error("siginfo must be None"));
            }
            let flags = args[3].map_or(Ok(0), |flags| vm.to_i32(flags))?;
            signals::pidfd_send_signal(descriptor, signal, flags as u32).map_err(|errno| vm.os_error(errno))?;
            vm.check_signals()?;
            Ok(Value::NONE)
        },
        "($module, pidfd, signalnum, siginfo=None, flags=0, /)",
        "Send a signal to the process of a descriptor.",
    ),
];

fn number(vm: &Vm, value: Option<&Value>) -> PyResult<i32> {
    value.map_or(Ok(0), |value| vm.to_i32(value))
}

/// A signal's number within its bounds.
fn checked_signal(vm: &Vm, value: Option<&Value>) -> PyResult<i32> {
    let signal = number(vm, value)?;
    if !(1..65).contains(&signal) {
        return Err(vm.value_error("signal number out of range"));
    }
    Ok(signal)
}

fn default_int_handler(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    args.unpack(vm, "default_int_handler", 2, 2)?;
    Err(vm.new_exception_with(&vm.types.keyboard_interrupt, &[]))
}

fn signal(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let signal = number(vm, args[0])?;
    let handler = args[1].cloned().unwrap_or(Value::NONE);
    if !vm.is_main_thread() {
        return Err(vm.value_error("signal only works in main thread of the main interpreter"));
    }
    checked_signal(vm, args[0])?;
    let callable = vm.type_of(&handler).slots.call.get().is_some();
    let (disposition, kept) = if callable {
        (Disposition::Note, handler)
    } else {
        match vm.small_or_big(&handler) {
            Some(Ok(0)) => (Disposition::Default, DEFAULT),
            Some(Ok(1)) => (Disposition::Ignore, IGNORE),
            _ => {
                return Err(
                    vm.type_error("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")
                );
            }
        }
    };
    vm.check_signals()?;
    if let Err(errno) = signals::set_disposition(signal, disposition) {
        return Err(vm.os_error(errno));
    }
    let old = vm.state::<SignalHandlers>().set(signal, kept);
    Ok(old)
}

fn getsignal(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let signal = checked_signal(vm, args[0])?;
    Ok(vm.state::<SignalHandlers>().get(signal))
}

fn set_wakeup_fd(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    let mut bound: [Option<&Value>; 2] = [None; 2];
    let signature = oriel_runtime::args::Signature::parse("(fd, /, *, warn_on_full_buffer=True)");
    signature.bind(vm, "set_wakeup_fd", args, &mut bound)?;
    let descriptor = number(vm, bound[0])?;
    let warn = bound[1].map_or(Ok(true), |warn| vm.truth(warn))?;
    if !vm.is_main_thread() {
        return Err(vm.value_error("set_wakeup_fd only works in main thread of the main interpreter"));
    }
    if descriptor != -1 {
        if let Err(errno) = files::fstat(descriptor) {
            return Err(vm.os_error(errno));
        }
        match files::is_blocking(descriptor) {
            Ok(true) => return Err(vm.value_error(format!("the fd {descriptor} must be in non-blocking mode"))),
            Ok(false) => {}
            Err(errno) => return Err(vm.os_error(errno)),
        }
    }
    vm.state::<SignalHandlers>().warn_on_full_buffer.set(warn);
    Ok(Value::small(signals::set_wakeup(descriptor)))
}

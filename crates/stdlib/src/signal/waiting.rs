//! Waiting for signals, blocking them, timers.

use super::number;
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::signals;
use oriel_runtime::types::struct_sequence::{StructSpec, struct_type};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Bound, PyResult, Value, Vm};
use std::cell::OnceCell;

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::noargs(
        "pause",
        |vm, _| {
            vm.allow_threads(signals::pause);
            vm.check_signals()?;
            Ok(Value::NONE)
        },
        "($module, /)",
        "Wait for a signal.",
    ),
    MethodDef::bound("pthread_sigmask", sigmask, "($module, how, mask, /)", "Change the blocked signals."),
    MethodDef::bound("pthread_kill", pthread_kill, "($module, thread_id, signalnum, /)", "Send a signal to a thread."),
    MethodDef::noargs(
        "sigpending",
        |vm, _| match signals::pending() {
            Ok(found) => set_of(vm, &found),
            Err(errno) => Err(vm.os_error(errno)),
        },
        "($module, /)",
        "Return the blocked signals that wait.",
    ),
    MethodDef::noargs(
        "valid_signals",
        |vm, _| set_of(vm, &signals::all()),
        "($module, /)",
        "Return all signals that there are.",
    ),
    MethodDef::bound("sigwait", sigwait, "($module, sigset, /)", "Wait for one of the signals; return it."),
    MethodDef::bound(
        "sigwaitinfo",
        |vm, _, args| {
            let wanted = signal_set(vm, args[0])?;
            match vm.system_call(|| signals::wait_info(&wanted, None))? {
                Ok(info) => info_object(vm, info),
                Err(errno) => Err(vm.os_error(errno)),
            }
        },
        "($module, sigset, /)",
        "Wait for one of the signals; return what is known of it.",
    ),
    MethodDef::bound("sigtimedwait", sigtimedwait, "($module, sigset, timeout, /)", "Wait for one of the signals."),
    MethodDef::bound("setitimer", setitimer, "($module, which, seconds, interval=0.0, /)", "Set an interval timer."),
    MethodDef::bound(
        "getitimer",
        |vm, _, args| {
            let which = number(vm, args[0])?;
            let state = vm.state::<State>();
            match signals::getitimer(which) {
                Ok(timer) => Ok(timer_object(vm, timer)),
                Err(errno) => Err(timer_error(vm, &state, errno)),
            }
        },
        "($module, which, /)",
        "Return an interval timer.",
    ),
];

static SIGINFO: StructSpec = StructSpec {
    ty: struct_type("signal.struct_siginfo", "What is known of a signal that was waited for."),
    fields: &[
        ("si_signo", "signal number"),
        ("si_code", "signal code"),
        ("si_errno", "errno associated with this signal"),
        ("si_pid", "sending process ID"),
        ("si_uid", "real user ID of sending process"),
        ("si_status", "exit value or signal"),
        ("si_band", "band event for SIGPOLL"),
    ],
    visible: 7,
};

#[derive(Default)]
struct State {
    info: OnceCell<TypeRef>,
    timer_error: OnceCell<Value>,
}

/// Enters the types.
pub fn add(vm: &Vm, module: &Value) -> PyResult<()> {
    let state = vm.state::<State>();
    if state.info.get().is_none() {
        let _ = state.info.set(vm.new_struct_type(&SIGINFO)?);
        let namespace = vm.new_dict();
        namespace.set_str(&vm.names.__module__, vm.intern("signal"));
        let bases = vm.new_tuple(&[vm.types.os_error.to_value()]);
        let class = vm.call(vm.types.type_.as_value(), &[vm.intern("itimer_error"), bases, namespace.into_value()])?;
        let _ = state.timer_error.set(class);
    }
    if let (Some(info), Some(error)) = (state.info.get(), state.timer_error.get()) {
        vm.module_set(module, "struct_siginfo", info.to_value())?;
        vm.module_set(module, "ItimerError", error.clone())?;
    }
    Ok(())
}

fn set_of(vm: &Vm, numbers: &[i32]) -> PyResult {
    let items: Vec<Value> = numbers.iter().map(|number| Value::small(*number)).collect();
    vm.call(&vm.builtin("set")?, &[vm.new_tuple(&items)])
}

fn signal_set(vm: &Vm, value: Option<&Value>) -> PyResult<Vec<i32>> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let mut numbers = Vec::new();
    for signal in vm.collect(value)? {
        let number = match vm.small_or_big(&vm.index(&signal)?) {
            Some(Ok(number)) => number,
            _ => return Err(vm.value_error("signal number out of range [1; 64]")),
        };
        if !(1..=64).contains(&number) {
            return Err(vm.value_error(format!("signal number {number} out of range [1; 64]")));
        }
        numbers.push(number as i32);
    }
    Ok(numbers)
}

fn sigmask(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let how = number(vm, args[0])?;
    let wanted = signal_set(vm, args[1])?;
    let old = signals::change_mask(how, Some(&wanted)).map_err(|errno| vm.os_error(errno))?;
    // Signals that were unblocked come now.
    vm.check_signals()?;
    set_of(vm, &old)
}

fn pthread_kill(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let thread = args[0].map_or(Ok(0), |thread| vm.to_i64(thread))? as u64;
    let signal = number(vm, args[1])?;
    if !vm.is_thread_alive(thread) {
        return Err(vm.os_error(libc::ESRCH));
    }
    vm.audit("signal.pthread_kill", &[vm.new_uint(thread), Value::small(signal)])?;
    signals::pthread_kill(thread, signal).map_err(|errno| vm.os_error(errno))?;
    vm.check_signals()?;
    Ok(Value::NONE)
}

fn sigwait(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let wanted = signal_set(vm, args[0])?;
    match vm.allow_threads(|| signals::wait(&wanted)) {
        Ok(signal) => Ok(Value::small(signal)),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

fn info_object(vm: &Vm, info: [i64; 7]) -> PyResult {
    let state = vm.state::<State>();
    let Some(ty) = state.info.get() else { return Err(vm.runtime_error("the module signal is not there yet")) };
    vm.new_struct(ty, info.map(|number| vm.new_int(number)).to_vec())
}

fn sigtimedwait(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let wanted = signal_set(vm, args[0])?;
    let timeout = crate::time::nanoseconds_of(vm, args[1].unwrap_or(&Value::NONE), crate::time::Rounding::Ceiling)?;
    if timeout < 0 {
        return Err(vm.value_error("timeout must be non-negative"));
    }
    let clock = || oriel_runtime::platform::clocks::nanoseconds(libc::CLOCK_MONOTONIC);
    let end = clock().saturating_add(timeout);
    let result = vm.system_call(|| {
        let left = end.saturating_sub(clock()).max(0);
        signals::wait_info(&wanted, Some((left / 1_000_000_000, left % 1_000_000_000)))
    })?;
    match result {
        Ok(info) => info_object(vm, info),
        Err(libc::EAGAIN) => Ok(Value::NONE),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

fn timer_error(vm: &Vm, state: &State, errno: i32) -> oriel_runtime::Raised {
    let text = oriel_runtime::types::exceptions::os_error::strerror(errno);
    let args = [Value::small(errno), vm.new_str(&text)];
    match state.timer_error.get() {
        Some(class) => match vm.call(class, &args) {
            Ok(error) => oriel_runtime::Raised(error),
            Err(raised) => raised,
        },
        None => vm.os_error(errno),
    }
}

fn timer_object(vm: &Vm, timer: signals::Timer) -> Value {
    vm.new_tuple(&timer.map(|(seconds, rest)| vm.new_float(seconds as f64 + rest as f64 * 1e-6)))
}

fn setitimer(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let which = number(vm, args[0])?;
    let part = |value: Option<&Value>| -> PyResult<(i64, i64)> {
        let Some(value) = value else { return Ok((0, 0)) };
        let length = crate::time::nanoseconds_of(vm, value, crate::time::Rounding::Ceiling)?;
        let micros = length.div_euclid(1000) + i64::from(length.rem_euclid(1000) != 0);
        Ok((micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000)))
    };
    let timer = [part(args[1])?, part(args[2])?];
    let state = vm.state::<State>();
    match signals::setitimer(which, timer) {
        Ok(old) => Ok(timer_object(vm, old)),
        Err(errno) => Err(timer_error(vm, &state, errno)),
    }
}

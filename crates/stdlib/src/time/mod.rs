//! `time`: clocks and sleeping. Points in time as calendar dates are in [`calendar`].

mod calendar;

use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::platform::clocks;
use oriel_runtime::types::float::float_of;
use oriel_runtime::{PyResult, Value, Vm};

/// `time`
pub static SPEC: ModuleSpec =
    ModuleSpec { name: "time", doc: "Clocks, sleeping, and dates.", functions: FUNCTIONS, exec };

fn exec(vm: &Vm, module: &Value) -> PyResult<()> {
    for (name, clock) in [
        ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
        ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
        ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
        ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
        ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
        ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
        ("CLOCK_TAI", libc::CLOCK_TAI),
        ("_STRUCT_TM_ITEMS", 11),
    ] {
        vm.module_set(module, name, Value::small(clock))?;
    }
    vm.module_functions(module, calendar::FUNCTIONS)?;
    calendar::add(vm, module)
}

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::noargs(
        "time",
        |vm, _| Ok(seconds(vm, libc::CLOCK_REALTIME)),
        "($self, /)",
        "Return the time in seconds.",
    ),
    MethodDef::noargs(
        "time_ns",
        |vm, _| Ok(vm.new_int(clocks::nanoseconds(libc::CLOCK_REALTIME))),
        "($self, /)",
        "Return the time in nanoseconds.",
    ),
    MethodDef::noargs(
        "monotonic",
        |vm, _| Ok(seconds(vm, libc::CLOCK_MONOTONIC)),
        "($self, /)",
        "Return a clock that never goes back, in seconds.",
    ),
    MethodDef::noargs(
        "monotonic_ns",
        |vm, _| Ok(vm.new_int(clocks::nanoseconds(libc::CLOCK_MONOTONIC))),
        "($self, /)",
        "Return a clock that never goes back, in nanoseconds.",
    ),
    MethodDef::noargs(
        "perf_counter",
        |vm, _| Ok(seconds(vm, libc::CLOCK_MONOTONIC)),
        "($self, /)",
        "Return the finest clock, in seconds.",
    ),
    MethodDef::noargs(
        "perf_counter_ns",
        |vm, _| Ok(vm.new_int(clocks::nanoseconds(libc::CLOCK_MONOTONIC))),
        "($self, /)",
        "Return the finest clock, in nanoseconds.",
    ),
    MethodDef::noargs(
        "process_time",
        |vm, _| Ok(seconds(vm, libc::CLOCK_PROCESS_CPUTIME_ID)),
        "($self, /)",
        "Return the processor time of the process in seconds.",
    ),
    MethodDef::noargs(
        "process_time_ns",
        |vm, _| Ok(vm.new_int(clocks::nanoseconds(libc::CLOCK_PROCESS_CPUTIME_ID))),
        "($self, /)",
        "Return the processor time of the process in nanoseconds.",
    ),
    MethodDef::noargs(
        "thread_time",
        |vm, _| Ok(seconds(vm, libc::CLOCK_THREAD_CPUTIME_ID)),
        "($self, /)",
        "Return the processor time of the thread in seconds.",
    ),
    MethodDef::noargs(
        "thread_time_ns",
        |vm, _| Ok(vm.new_int(clocks::nanoseconds(libc::CLOCK_THREAD_CPUTIME_ID))),
        "($self, /)",
        "Return the processor time of the thread in nanoseconds.",
    ),
    MethodDef::one("sleep", sleep, "($self, object, /)", "Wait for so many seconds."),
    MethodDef::bound(
        "clock_gettime",
        |vm, _, args| {
            let (seconds, rest) = clocks::clock_gettime(clock(vm, args[0])?).map_err(|errno| vm.os_error(errno))?;
            Ok(vm.new_float(seconds as f64 + rest as f64 * 1e-9))
        },
        "($module, clk_id, /)",
        "Return a clock in seconds.",
    ),
    MethodDef::bound(
        "clock_gettime_ns",
        |vm, _, args| {
            let (seconds, rest) = clocks::clock_gettime(clock(vm, args[0])?).map_err(|errno| vm.os_error(errno))?;
            Ok(vm.new_int(seconds.saturating_mul(1_000_000_000).saturating_add(rest)))
        },
        "($module, clk_id, /)",
        "Return a clock in nanoseconds.",
    ),
    MethodDef::positional(
        "clock_getres",
        1,
        1,
        |vm, _, args| {
            let (seconds, rest) = clocks::clock_getres(vm.to_i32(&args[0])?).map_err(|errno| vm.os_error(errno))?;
            Ok(vm.new_float(seconds as f64 + rest as f64 * 1e-9))
        },
        "",
        "Return how fine a clock is, in seconds.",
    ),
    MethodDef::positional(
        "clock_settime",
        2,
        2,
        |vm, _, args| set_clock(vm, &args[0], nanoseconds_of(vm, &args[1], Rounding::Floor)?),
        "",
        "Set a clock, in seconds.",
    ),
    MethodDef::positional(
        "clock_settime_ns",
        2,
        2,
        |vm, _, args| set_clock(vm, &args[0], vm.to_i64(&args[1])?),
        "",
        "Set a clock, in nanoseconds.",
    ),
    MethodDef::positional(
        "pthread_getcpuclockid",
        1,
        1,
        |vm, _, args| {
            let thread = vm.to_i64(&args[0])? as u64;
            if !vm.is_thread_alive(thread) {
                return Err(vm.os_error(libc::ESRCH));
            }
            Ok(vm.new_int(clocks::thread_clock(thread).map_err(|errno| vm.os_error(errno))?.into()))
        },
        "",
        "Return the clock of a thread's processor time.",
    ),
    MethodDef::positional("get_clock_info", 1, 1, get_clock_info, "", "Return what is known of a clock."),
];

fn seconds(vm: &Vm, clock: i32) -> Value {
    vm.new_float(to_seconds(clocks::nanoseconds(clock)))
}

/// Nanoseconds as seconds, rounded once.
fn to_seconds(nanoseconds: i64) -> f64 {
    if nanoseconds % 1_000_000_000 == 0 { (nanoseconds / 1_000_000_000) as f64 } else { nanoseconds as f64 / 1e9 }
}

fn clock(vm: &Vm, value: Option<&Value>) -> PyResult<i32> {
    value.map_or(Ok(0), |value| vm.to_i32(value))
}

fn set_clock(vm: &Vm, clock: &Value, nanoseconds: i64) -> PyResult {
    let moment = (nanoseconds.div_euclid(1_000_000_000), nanoseconds.rem_euclid(1_000_000_000));
    match clocks::clock_settime(vm.to_i32(clock)?, moment) {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

/// How a fraction of a nanosecond is rounded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Towards minus infinity.
    Floor,
    /// Towards plus infinity.
    Ceiling,
    /// Away from zero: a timeout is never shorter than asked for.
    Up,
}

/// Seconds, an `int` or `float`, in nanoseconds.
pub fn nanoseconds_of(vm: &Vm, value: &Value, rounding: Rounding) -> PyResult<i64> {
    let out_of_range = || vm.overflow_error("timestamp out of range for platform time_t");
    if let Some(number) = float_of(value) {
        if number.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        let total = number * 1e9;
        let rounded = match rounding {
            Rounding::Floor => total.floor(),
            Rounding::Ceiling => total.ceil(),
            Rounding::Up if total < 0.0 => total.floor(),
            Rounding::Up => total.ceil(),
        };
        if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&rounded) {
            return Err(out_of_range());
        }
        return Ok(rounded as i64);
    }
    match vm.small_or_big(value) {
        Some(Ok(number)) => number.checked_mul(1_000_000_000).ok_or_else(out_of_range),
        Some(Err(_)) => Err(out_of_range()),
        None => {
            if vm.type_of(value).slots.nb_index.get().is_none() {
                let name = vm.type_name(value);
                return Err(vm.type_error(format!("'{name}' object cannot be interpreted as an integer or float")));
            }
            nanoseconds_of(vm, &vm.index(value)?, rounding)
        }
    }
}

fn sleep(vm: &Vm, _: &Value, length: &Value) -> PyResult {
    let length = nanoseconds_of(vm, length, Rounding::Up)?;
    if length < 0 {
        return Err(vm.value_error("sleep length must be non-negative"));
    }
    let end = clocks::nanoseconds(libc::CLOCK_MONOTONIC).saturating_add(length);
    let moment = (end / 1_000_000_000, end % 1_000_000_000);
    match vm.system_call(|| clocks::sleep_until(moment))? {
        Ok(()) => Ok(Value::NONE),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

fn get_clock_info(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let name = vm.str_text(&args[0]);
    let (clock, function, monotonic, adjustable) = match name.as_str() {
        "time" => (libc::CLOCK_REALTIME, "CLOCK_REALTIME", false, true),
        "monotonic" | "perf_counter" => (libc::CLOCK_MONOTONIC, "CLOCK_MONOTONIC", true, false),
        "process_time" => (libc::CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID", true, false),
        "thread_time" => (libc::CLOCK_THREAD_CPUTIME_ID, "CLOCK_THREAD_CPUTIME_ID", true, false),
        _ => return Err(vm.value_error("unknown clock")),
    };
    let (seconds, rest) = clocks::clock_getres(clock).map_err(|errno| vm.os_error(errno))?;
    let names = ["implementation", "monotonic", "adjustable", "resolution"].map(|name| vm.intern(name));
    let values = [
        vm.new_str(&format!("clock_gettime({function})")),
        Value::bool(monotonic),
        Value::bool(adjustable),
        vm.new_float(seconds as f64 + rest as f64 * 1e-9),
    ];
    vm.call_args(vm.types.simple_namespace.as_value(), oriel_runtime::Args { values: &values, names: &names })
}

//! `faulthandler`: where the threads are, written to a descriptor without the help of the program.

use crate::args::Bound;
use crate::error::PyResult;
use crate::native::{MethodDef, ModuleSpec};
use crate::platform::parking::{Event, deadline_after};
use crate::platform::{files, processes};
use crate::vm::Vm;
use oriel_heap::Value;
use std::cell::{Cell, RefCell};
use std::fmt::Write;
use std::sync::Arc;

/// `faulthandler`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "faulthandler",
    doc: "Shows where the threads are.",
    functions: &[
        MethodDef::bound(
            "enable",
            |vm, _, args| {
                descriptor(vm, args[0])?;
                vm.state::<State>().enabled.set(true);
                Ok(Value::NONE)
            },
            "($module, /, file=sys.stderr, all_threads=True)",
            "Show tracebacks of fatal errors.",
        ),
        MethodDef::noargs(
            "disable",
            |vm, _| Ok(Value::bool(vm.state::<State>().enabled.replace(false))),
            "($module, /)",
            "Show no tracebacks of fatal errors.",
        ),
        MethodDef::noargs(
            "is_enabled",
            |vm, _| Ok(Value::bool(vm.state::<State>().enabled.get())),
            "($module, /)",
            "Return whether tracebacks of fatal errors are shown.",
        ),
        MethodDef::bound(
            "dump_traceback",
            |vm, _, args| {
                let fd = descriptor(vm, args[0])?;
                let all = args[1].map_or(Ok(true), |all| vm.truth(all))?;
                let text = tracebacks(vm, all);
                write_all(fd, text.as_bytes());
                Ok(Value::NONE)
            },
            "($module, /, file=sys.stderr, all_threads=True)",
            "Show where the threads are.",
        ),
        MethodDef::bound(
            "dump_traceback_later",
            dump_later,
            "($module, /, timeout, repeat=False, file=sys.stderr, exit=False)",
            "Show where the threads are after some time.",
        ),
        MethodDef::noargs(
            "cancel_dump_traceback_later",
            |vm, _| {
                cancel(vm);
                Ok(Value::NONE)
            },
            "($module, /)",
            "Do not show it after all.",
        ),
    ],
    exec: |_, _| Ok(()),
};

#[derive(Default)]
struct State {
    enabled: Cell<bool>,
    later: RefCell<Option<Arc<Event>>>,
}

fn descriptor(vm: &Vm, file: Option<&Value>) -> PyResult<i32> {
    let usual;
    let file = match file.filter(|file| !file.is_none()) {
        Some(file) => file,
        None => {
            usual = vm.sys.get_str(&vm.names.stderr).filter(|stream| !stream.is_none());
            match &usual {
                Some(stream) => stream,
                None => return Err(vm.runtime_error("unable to get sys.stderr")),
            }
        }
    };
    if let Some(Ok(number)) = vm.small_or_big(file) {
        return i32::try_from(number)
            .ok()
            .filter(|number| *number >= 0)
            .ok_or_else(|| vm.value_error("file is not a valid file descriptor"));
    }
    let number = vm.call_method(file, &vm.names.fileno, &[])?;
    let Some(Ok(number)) = vm.small_or_big(&number) else {
        return Err(vm.runtime_error("file.fileno() is not a valid file descriptor"));
    };
    let _ = vm.call_method(file, &vm.names.flush, &[]);
    i32::try_from(number)
        .ok()
        .filter(|number| *number >= 0)
        .ok_or_else(|| vm.runtime_error("file.fileno() is not a valid file descriptor"))
}

fn write_all(fd: i32, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match files::write(fd, bytes) {
            Ok(count) if count > 0 => bytes = &bytes[count..],
            Err(libc::EINTR) => {}
            _ => return,
        }
    }
}

/// The deepest frames that are shown of a thread.
const MOST: usize = 100;

fn tracebacks(vm: &Vm, all: bool) -> String {
    let mut text = String::new();
    let mut one = |thread: &Vm| {
        let current = thread.number == vm.number;
        if current && !all {
            text.push_str("Stack (most recent call first):\n");
        } else {
            if !text.is_empty() {
                text.push('\n');
            }
            let which = if current { "Current thread" } else { "Thread" };
            let _ = writeln!(text, "{which} {:#018x} (most recent call first):", thread.ident);
        }
        let mut frame = thread.visible_frame(0);
        if frame.is_none() {
            text.push_str("  <no Python frame>\n");
        }
        let mut shown = 0;
        while let Some(current) = frame {
            if shown == MOST {
                text.push_str("  ...\n");
                break;
            }
            let code = &current.runnable().code;
            let file = code.filename.to_string_lossy();
            let name = code.name.to_string_lossy();
            let line = current.line().map_or("???".to_owned(), |line| line.to_string());
            let _ = writeln!(text, "  File \"{file}\", line {line} in {name}");
            shown += 1;
            frame = current.visible_caller();
        }
    };
    if all {
        vm.each_thread_newest_first(&mut one);
    } else {
        one(vm);
    }
    text
}

fn cancel(vm: &Vm) {
    if let Some(event) = vm.state::<State>().later.take() {
        event.set();
    }
}

fn dump_later(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let timeout = args[0].cloned().unwrap_or(Value::NONE);
    let seconds = match crate::types::float::float_of(&timeout) {
        Some(seconds) => seconds,
        None => vm.to_i64(&timeout)? as f64,
    };
    if seconds.is_nan() || seconds <= 0.0 {
        return Err(vm.value_error("timeout must be greater than 0"));
    }
    if seconds > 9.2e9 {
        return Err(vm.overflow_error("timeout value is too large"));
    }
    let repeat = args[1].map_or(Ok(false), |repeat| vm.truth(repeat))?;
    let fd = descriptor(vm, args[2])?;
    let exit = args[3].map_or(Ok(false), |exit| vm.truth(exit))?;
    cancel(vm);
    let event = Arc::new(Event::default());
    vm.state::<State>().later.replace(Some(event.clone()));
    let length = (seconds * 1e9) as i64;
    let shown = format_time(seconds);
    let started = vm.start_thread(move |vm| {
        loop {
            let deadline = deadline_after(Some(length));
            let cancelled = vm.allow_threads(|| {
                loop {
                    match event.wait_until(deadline) {
                        Ok(done) => return done,
                        Err(libc::EINTR) => {}
                        Err(_) => return true,
                    }
                }
            });
            if cancelled {
                return;
            }
            let text = format!("Timeout ({shown})!\n{}", tracebacks(vm, true));
            write_all(fd, text.as_bytes());
            if exit {
                processes::exit_now(1);
            }
            if !repeat {
                return;
            }
        }
    });
    match started {
        Ok(()) => Ok(Value::NONE),
        Err(_) => Err(vm.runtime_error("unable to start watchdog thread")),
    }
}

/// Hours, minutes and seconds, with microseconds where there are any.
fn format_time(seconds: f64) -> String {
    let micros = (seconds * 1e6).round() as u64;
    let (whole, rest) = (micros / 1_000_000, micros % 1_000_000);
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if rest == 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{hours}:{minutes:02}:{seconds:02}.{rest:06}")
    }
}

//! `faulthandler`: where the threads are, written to a descriptor without the help of the program.

use crate::args::Bound;
use crate::error::PyResult;
use crate::native::{MethodDef, ModuleSpec};
use crate::platform::parking::{self, Event, deadline_after};
use crate::platform::signals::{self, Disposition, SIGNALS};
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
                let text = tracebacks(vm, all, false);
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
        MethodDef::bound(
            "register",
            register,
            "($module, /, signum, file=sys.stderr, all_threads=True, chain=False)",
            "Show where the threads are when a signal comes.",
        ),
        MethodDef::bound("unregister", unregister, "($module, signum, /)", "Show nothing when a signal comes."),
    ],
    exec: |vm, _| {
        let wanted = vm.config.dev_mode
            || vm.config.x_options.iter().any(|option| option == "faulthandler")
            || !vm.config.ignore_environment
                && std::env::var_os("PYTHONFAULTHANDLER").is_some_and(|value| !value.is_empty());
        if wanted {
            vm.state::<State>().enabled.set(true);
        }
        Ok(())
    },
};

/// What is shown when a signal comes.
#[derive(Clone, Copy)]
struct Registered {
    signal: i32,
    descriptor: i32,
    all_threads: bool,
    chain: bool,
    before: Disposition,
}

#[derive(Default)]
struct State {
    enabled: Cell<bool>,
    registered: RefCell<Vec<Registered>>,
    later: RefCell<Option<Arc<Event>>>,
}

fn descriptor(vm: &Vm, file: Option<&Value>) -> PyResult<i32> {
    let usual;
    let file = match file.filter(|file| !file.is_none()) {
        Some(file) => file,
        None => {
            usual = vm.sys.get_str(&vm.names.stderr);
            match &usual {
                Some(stream) if stream.is_none() => return Err(vm.runtime_error("sys.stderr is None")),
                Some(stream) => stream,
                None => return Err(vm.runtime_error("lost sys.stderr")),
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

/// The longest text of a name that is shown.
const LONGEST: usize = 500;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Where the threads are; a watchdog's own thread is none of them.
fn tracebacks(vm: &Vm, all: bool, watchdog: bool) -> String {
    let mut text = String::new();
    let mut one = |thread: &Vm| {
        let current = thread.number == vm.number;
        if current && watchdog {
            return;
        }
        if current && !all {
            text.push_str("Stack (most recent call first):\n");
        } else {
            if !text.is_empty() {
                text.push('\n');
            }
            let which = if current { "Current thread" } else { "Thread" };
            let name = parking::thread_name(thread.ident).map_or(String::new(), |name| format!(" [{name}]"));
            let _ = writeln!(text, "{which} {:#018x}{name} (most recent call first):", thread.ident);
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
            let mut file = shortened(&code.filename.to_string_lossy());
            if (vm.library.file)(&file).is_some() {
                file = format!("{}/{file}", vm.library_root());
            }
            let name = shortened(&code.name.to_string_lossy());
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

fn signal_number(vm: &Vm, value: Option<&Value>) -> PyResult<i32> {
    let signal = vm.to_i32(value.unwrap_or(&Value::NONE))?;
    if [libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT, libc::SIGSEGV].contains(&signal) {
        return Err(vm.runtime_error(format!("signal {signal} cannot be registered, use enable() instead")));
    }
    if !(1..SIGNALS as i32).contains(&signal) {
        return Err(vm.value_error("signal number out of range"));
    }
    Ok(signal)
}

fn register(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let signal = signal_number(vm, args[0])?;
    let descriptor = descriptor(vm, args[1])?;
    let all_threads = args[2].map_or(Ok(true), |all| vm.truth(all))?;
    let chain = args[3].map_or(Ok(false), |chain| vm.truth(chain))?;
    let state = vm.state::<State>();
    let known = state.registered.borrow().iter().find(|known| known.signal == signal).copied();
    let before = match known {
        Some(known) => known.before,
        None => {
            let before = signals::disposition(signal).map_err(|errno| vm.os_error(errno))?;
            signals::set_disposition(signal, Disposition::Note).map_err(|errno| vm.os_error(errno))?;
            before
        }
    };
    let mut registered = state.registered.borrow_mut();
    registered.retain(|known| known.signal != signal);
    registered.push(Registered { signal, descriptor, all_threads, chain, before });
    Ok(Value::NONE)
}

fn unregister(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let signal = signal_number(vm, args[0])?;
    let state = vm.state::<State>();
    let known = state.registered.borrow().iter().find(|known| known.signal == signal).copied();
    let Some(known) = known else { return Ok(Value::FALSE) };
    state.registered.borrow_mut().retain(|known| known.signal != signal);
    let _ = signals::set_disposition(signal, known.before);
    Ok(Value::TRUE)
}

/// Shows where the threads are if that was asked for when this signal comes; whether its handler is to run.
pub fn signalled(vm: &Vm, signal: i32) -> bool {
    let state = vm.state::<State>();
    let known = state.registered.borrow().iter().find(|known| known.signal == signal).copied();
    let Some(known) = known else { return true };
    write_all(known.descriptor, tracebacks(vm, known.all_threads, false).as_bytes());
    if known.chain && known.before == Disposition::Default {
        // What the system does by itself, once.
        let _ = signals::set_disposition(signal, Disposition::Default);
        let _ = signals::pthread_kill(parking::thread_ident(), signal);
        let _ = signals::set_disposition(signal, Disposition::Note);
    }
    known.chain
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
            let text = format!("Timeout ({shown})!\n{}", tracebacks(vm, true, true));
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

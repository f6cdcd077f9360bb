//! Signals in Python: which handlers there are, and calling them on the main thread, between instructions or when a
//! system call was interrupted.

use crate::error::PyResult;
use crate::platform::signals::{self, Disposition, SIGNALS};
use crate::vm::Vm;
use oriel_heap::Value;
use std::cell::{Cell, RefCell};

/// The handlers of Python.
pub struct SignalHandlers {
    /// For each signal a callable, the integers of `SIG_DFL` and `SIG_IGN`, or `None` for a foreign one.
    handlers: RefCell<Vec<Value>>,
    /// Whether a full wake-up descriptor is reported.
    pub warn_on_full_buffer: Cell<bool>,
    /// Whether KeyboardInterrupt ended the program.
    pub unhandled_interrupt: Cell<bool>,
}

impl Default for SignalHandlers {
    fn default() -> SignalHandlers {
        SignalHandlers {
            handlers: RefCell::new(vec![Value::NONE; SIGNALS]),
            warn_on_full_buffer: Cell::new(true),
            unhandled_interrupt: Cell::new(false),
        }
    }
}

/// The integer of `SIG_DFL`.
pub const DEFAULT: Value = Value::small(0);
/// The integer of `SIG_IGN`.
pub const IGNORE: Value = Value::small(1);

impl SignalHandlers {
    /// A signal's handler.
    pub fn get(&self, signal: i32) -> Value {
        let index = usize::try_from(signal).unwrap_or(0);
        self.handlers.borrow().get(index).cloned().unwrap_or(Value::NONE)
    }

    /// Sets a signal's handler; the old one.
    pub fn set(&self, signal: i32, handler: Value) -> Value {
        let index = usize::try_from(signal).unwrap_or(0);
        match self.handlers.borrow_mut().get_mut(index) {
            Some(place) => std::mem::replace(place, handler),
            None => Value::NONE,
        }
    }
}

impl Vm {
    /// Signals that CPython ignores from the start, so that the calls give errors instead; what the others do is read
    /// from the process.
    pub fn start_signals(&self) {
        signals::set_bell(&self.pending);
        for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
            let _ = signals::set_disposition(signal, Disposition::Ignore);
        }
        let handlers = self.state::<SignalHandlers>();
        for signal in 1..SIGNALS as i32 {
            let handler = match signals::disposition(signal) {
                Ok(Disposition::Default) => DEFAULT,
                Ok(Disposition::Ignore) => IGNORE,
                _ => Value::NONE,
            };
            handlers.set(signal, handler);
        }
    }

    /// Runs the handlers of signals that have come; an exception of one of them is the error. Does nothing on threads
    /// other than the main one.
    #[inline]
    pub fn check_signals(&self) -> PyResult<()> {
        if !signals::any(false) {
            return Ok(());
        }
        self.run_signal_handlers()
    }

    #[cold]
    fn run_signal_handlers(&self) -> PyResult<()> {
        if !self.is_main_thread() {
            // The main thread has to find the flag set when it runs again.
            self.set_pending();
            return Ok(());
        }
        signals::any(true);
        let state = self.state::<SignalHandlers>();
        let error = signals::take_wakeup_error();
        if error != 0 && (state.warn_on_full_buffer.get() || error != libc::EAGAIN) {
            let raised = self.os_error(error);
            self.write_unraisable(raised, None, "Exception ignored when trying to write to the signal wakeup fd");
        }
        for signal in 1..SIGNALS {
            if !signals::take(signal) {
                continue;
            }
            let signal = signal as i32;
            if !crate::modules::faulthandler::signalled(self, signal) {
                continue;
            }
            let handler = state.get(signal);
            if handler.is_none() || handler.is(&DEFAULT) || handler.is(&IGNORE) {
                continue;
            }
            let frame = self.visible_frame(0).map_or(Value::NONE, |frame| self.frame_object(frame).into_value());
            if let Err(raised) = self.call(&handler, &[Value::small(signal), frame]) {
                // What else came is handled at the next opportunity.
                signals::ring_again();
                self.set_pending();
                return Err(raised);
            }
        }
        Ok(())
    }

    /// Lets a signal come as if it had been sent: `_thread.interrupt_main`. False where nothing handles it.
    pub fn simulate_signal(&self, signal: i32) -> bool {
        let handler = self.state::<SignalHandlers>().get(signal);
        if handler.is(&DEFAULT) || handler.is(&IGNORE) || handler.is_none() {
            return false;
        }
        signals::trip(signal);
        true
    }
}

//! The global interpreter lock: one thread of an interpreter runs at a time, and lets another run when that has waited
//! for an interval, or while it waits itself. Also retrying what a signal interrupted.

use crate::error::PyResult;
use crate::observer::Lock;
use crate::platform::{self, parking};
use crate::vm::{Interpreter, Vm};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Default)]
struct State {
    /// The number of the thread that holds it; 0 for none.
    holder: u64,
    /// How often it went to another thread.
    switches: u64,
    /// How many threads wait for it.
    waiting: usize,
    /// How many threads wait until it has gone to another.
    watching: usize,
}

/// The lock. It is used without being held: the only part of an interpreter that is.
pub struct Gil {
    state: Mutex<State>,
    /// It became free.
    freed: Condvar,
    /// It went to another thread.
    switched: Condvar,
    /// A waiting thread wants it.
    requested: AtomicBool,
    /// Microseconds that a thread waits before it asks the holder to let go.
    interval: AtomicU64,
    /// The thread that ends the interpreter: no other may have it any more.
    finalizing: AtomicU64,
    /// How many threads there ever were.
    threads: AtomicU64,
}

impl Default for Gil {
    fn default() -> Gil {
        Gil {
            state: Mutex::default(),
            freed: Condvar::new(),
            switched: Condvar::new(),
            requested: AtomicBool::new(false),
            interval: AtomicU64::new(5000),
            finalizing: AtomicU64::new(0),
            threads: AtomicU64::new(0),
        }
    }
}

impl Gil {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a thread that no other thread of the interpreter ever had; the main thread's is 1.
    pub(crate) fn next_thread_number(&self) -> u64 {
        self.threads.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Takes it for a thread; `pending` makes the holder look at what is wanted.
    fn take(&self, thread: u64, pending: &AtomicBool) {
        let mut state = self.state();
        while state.holder != 0 {
            let before = state.switches;
            state.waiting += 1;
            let interval = Duration::from_micros(self.interval.load(Ordering::Relaxed).max(1));
            let (guard, timeout) = self.freed.wait_timeout(state, interval).unwrap_or_else(PoisonError::into_inner);
            state = guard;
            state.waiting -= 1;
            if timeout.timed_out() && state.holder != 0 && state.switches == before {
                self.requested.store(true, Ordering::Release);
                pending.store(true, Ordering::Release);
            }
        }
        let finalizing = self.finalizing.load(Ordering::Acquire);
        if finalizing != 0 && finalizing != thread {
            drop(state);
            self.freed.notify_one();
            parking::park_for_ever();
        }
        state.holder = thread;
        state.switches += 1;
        self.requested.store(false, Ordering::Release);
        // Waking nobody is a system call, too.
        if state.watching > 0 {
            self.switched.notify_all();
        }
    }

    /// Lets it go.
    fn release(&self) {
        let mut state = self.state();
        state.holder = 0;
        let wanted = state.waiting > 0;
        drop(state);
        if wanted {
            self.freed.notify_one();
        }
    }

    /// Lets it go for the last time, at the end of a thread.
    pub(crate) fn end(&self) {
        self.release();
    }

    /// Waits until another thread has had it, if one wants it.
    fn wait_for_switch(&self) {
        let mut state = self.state();
        let before = state.switches;
        while state.switches == before && state.waiting > 0 && state.holder == 0 {
            let wait = Duration::from_millis(5);
            state.watching += 1;
            state = self.switched.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
            state.watching -= 1;
        }
    }

    /// Sets how long a thread waits before it asks the holder to let go.
    pub fn set_interval(&self, seconds: f64) {
        self.interval.store((seconds * 1e6) as u64, Ordering::Relaxed);
    }
}

impl Interpreter {
    /// Marks that the thread ends the interpreter: all others stop for ever when they want to run again.
    pub fn set_finalizing(&self, vm: &Vm) {
        self.gil.finalizing.store(vm.number, Ordering::Release);
    }

    /// Whether the interpreter is being ended.
    pub fn is_finalizing(&self) -> bool {
        self.gil.finalizing.load(Ordering::Acquire) != 0
    }
}

/// An interpreter's address on its way to another thread.
#[derive(Clone, Copy)]
pub(crate) struct SharedInterpreter(pub NonNull<Interpreter>);

// SAFETY: whoever receives it takes the GIL before touching anything but the GIL itself.
unsafe impl Send for SharedInterpreter {}

impl Vm {
    /// Takes the GIL for this thread. It must not hold it.
    pub(crate) fn acquire_gil(&self) {
        // SAFETY: the interpreter outlives its threads; only fields that are atomic or locks are touched.
        let (gil, pending) = unsafe {
            let interpreter = self.interpreter_pointer().as_ptr();
            (&(*interpreter).gil, &(*interpreter).pending)
        };
        let begun = Instant::now();
        gil.take(self.number, pending);
        self.heap.exchange_freeing(&mut self.thread.freeing.borrow_mut());
        self.set_current(self);
        self.tell(|recorder| recorder.lock(self.number, Lock::Taken, begun.elapsed().as_nanos() as u64));
        if self.must_switch() {
            self.set_pending();
        }
    }

    /// Lets go of the GIL.
    pub(crate) fn release_gil(&self) {
        self.tell(|recorder| recorder.lock(self.number, Lock::Released, 0));
        // Objects that this thread is in the middle of freeing are not for others to finish.
        self.heap.exchange_freeing(&mut self.thread.freeing.borrow_mut());
        self.gil.release();
    }

    /// Runs a function that touches no Python object and may wait, while other threads run.
    pub fn allow_threads<R>(&self, function: impl FnOnce() -> R) -> R {
        self.release_gil();
        let result = function();
        // The error number belongs to the call: taking the lock must not change it for those who look later.
        let errno = platform::errno();
        self.acquire_gil();
        platform::set_errno(errno);
        result
    }

    /// Lets another thread run if one asked for it. Called between instructions.
    pub(crate) fn yield_gil(&self) {
        if self.gil.requested.load(Ordering::Acquire) {
            self.gil.requested.store(false, Ordering::Release);
            self.release_gil();
            self.gil.wait_for_switch();
            self.acquire_gil();
        }
    }

    /// In the child after a fork: this thread is the only one and has the GIL.
    pub(crate) fn reset_gil_after_fork(&self) {
        let fresh = Gil {
            interval: AtomicU64::new(self.gil.interval.load(Ordering::Relaxed)),
            threads: AtomicU64::new(self.gil.threads.load(Ordering::Relaxed)),
            state: Mutex::new(State { holder: self.number, switches: 1, waiting: 0, watching: 0 }),
            ..Gil::default()
        };
        // SAFETY: no other thread is left that could use the old one, whose locks may be in any state: it is
        // overwritten without being dropped.
        unsafe {
            let interpreter = self.interpreter_pointer().as_ptr();
            std::ptr::write(&raw mut (*interpreter).gil, fresh);
        }
        self.set_current(self);
    }

    /// A system call that may wait: other threads run meanwhile, and after a signal it is tried again, unless the
    /// signal's handler raises (PEP 475). The inner error is the error number.
    pub fn system_call<R>(&self, mut call: impl FnMut() -> platform::Result<R>) -> PyResult<platform::Result<R>> {
        loop {
            match self.allow_threads(&mut call) {
                Err(libc::EINTR) => self.check_signals()?,
                result => return Ok(result),
            }
        }
    }
}

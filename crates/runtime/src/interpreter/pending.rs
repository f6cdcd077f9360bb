//! What the loop does when the one flag says that something waits: collection, signals, the GIL, exceptions from other threads.

use crate::error::{PyResult, Raised};
use crate::vm::Vm;
use std::cell::RefCell;
use std::sync::atomic::Ordering;

type Handler = fn(&Vm) -> PyResult<()>;

/// What native parts do when something is pending: signals, the GIL, calls from other threads.
#[derive(Default)]
struct PendingHandlers(RefCell<Vec<Handler>>);

impl Vm {
    /// Enters a function that is called whenever something is pending.
    pub fn add_pending_handler(&self, handler: Handler) {
        self.state::<PendingHandlers>().0.borrow_mut().push(handler);
    }

    /// Does what is pending. Called between instructions, at backward jumps and resumptions.
    #[cold]
    #[inline(never)]
    pub fn handle_pending(&self) -> PyResult<()> {
        self.pending.store(false, Ordering::Release);
        self.yield_gil();
        if self.collection_wanted.replace(false) {
            self.collect_due();
        }
        self.check_signals()?;
        let handlers = self.state::<PendingHandlers>().0.borrow().clone();
        for handler in handlers {
            handler(self)?;
        }
        if let Some(exception) = self.thread.asynchronous.take() {
            return Err(match self.call(&exception, &[]) {
                Ok(instance) => Raised(instance),
                Err(raised) => raised,
            });
        }
        if self.must_switch() {
            // Whoever called this may be unable to; the next place to look at it is.
            self.set_pending();
        }
        Ok(())
    }
}

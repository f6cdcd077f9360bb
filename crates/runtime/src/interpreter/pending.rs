//! What the loop does when the one flag says that something waits: collection, signals, the GIL, exceptions from other threads.

use crate::error::{PyResult, Raised};
use crate::vm::Vm;
use std::sync::atomic::Ordering;

impl Vm {
    /// Does what is pending. Called between instructions, at backward jumps and resumptions.
    #[cold]
    #[inline(never)]
    pub fn handle_pending(&self) -> PyResult<()> {
        self.pending.store(false, Ordering::Release);
        if self.collection_wanted.replace(false) {
            self.heap.collect_as_due();
        }
        for handler in self.pending_handlers.borrow().clone() {
            handler(self)?;
        }
        if let Some(exception) = self.thread.asynchronous.take() {
            return Err(match self.call(&exception, &[]) {
                Ok(instance) => Raised(instance),
                Err(raised) => raised,
            });
        }
        Ok(())
    }
}

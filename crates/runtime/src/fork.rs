//! Forking the process, and what the interpreter does about it.

use crate::platform::{Result, checked};
use crate::vm::Vm;

impl Vm {
    /// Forks. In the child only this thread is left. Gives 0 there, and in the parent the child's number.
    pub fn fork_process(&self) -> Result<i32> {
        // SAFETY: the GIL is held, so no other thread is in the middle of changing what the child will use.
        let process = checked(unsafe { libc::fork() })?;
        Ok(process as i32)
    }
}

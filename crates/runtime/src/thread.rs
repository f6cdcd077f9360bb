//! What a thread keeps besides the interpreter's state: its frames and the exceptions being handled.

/// The thread's own state.
#[derive(Default)]
pub struct ThreadState {}

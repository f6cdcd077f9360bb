//! Types, frames, the interpreter loop, calls, exceptions, import and bootstrap.

pub mod lowered;

//! Types, frames, the interpreter loop, calls, exceptions, import and bootstrap.

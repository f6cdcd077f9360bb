//! The integration tests: all run the built binary as a user does. They are one crate, so that they are linked once.

#![forbid(unsafe_code)]

mod support;

mod bad_input;
mod prompt;
mod scripts;
mod trace;

//! The command: options, the prompt, exit status.

#![forbid(unsafe_code)]

fn main() {}

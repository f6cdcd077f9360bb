//! The command: options, the prompt, exit status.
fn main() {}

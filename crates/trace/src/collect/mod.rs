//! What is gathered outside the interpreter: from the operating system, the machine, and the compiler's own stages.

pub mod command;
pub mod compilation;
pub mod hardware;
pub mod maps;
pub mod process;

/// A small file of the system as text; empty where there is none.
fn text_of(path: &str) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).trim_end().to_owned()).unwrap_or_default()
}

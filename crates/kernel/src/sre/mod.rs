//! The regular-expression engine: runs the code arrays that the library's `re._compiler` produces.
//!
//! A code array is checked and decoded once ([`Program::decode`]) into a compact program with resolved jumps, sets as
//! tables and facts worth knowing beforehand (which characters can begin a match, which repeats can never profit from
//! giving characters back). A [`Matcher`] then matches or searches; it keeps its choice points on a heap stack of its
//! own, so no pattern and no subject can exhaust the native stack. Parsing of patterns, match objects and templates
//! live elsewhere.

mod analysis;
pub mod chars;
mod decode;
mod machine;
mod opcodes;
mod prefixes;
mod program;
mod search;
mod set;
#[cfg(test)]
mod tests;
mod unit;

pub use machine::{Error, Matcher};
pub use opcodes::{CODE_SIZE, MAGIC, MAX_GROUPS, MAX_REPEAT};
pub use program::Program;
pub use search::{Mode, Subject};

/// A code array that the engine refuses to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidCode;

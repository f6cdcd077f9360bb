//! Algorithms on plain data that know nothing of objects: text, codecs, numbers, formatting, regular expressions.

#![forbid(unsafe_code)]

pub mod bytes_ops;
pub mod codecs;
pub mod format;
pub mod hash;
pub mod number;
pub mod random;
pub mod sre;
pub mod structpack;
pub mod text;
pub mod unicode;

//! Algorithms on plain data that know nothing of objects: text, codecs, numbers, formatting, regular expressions.

#![forbid(unsafe_code)]

pub mod bytes_ops;
pub mod codecs;
pub mod hash;
pub mod number;
pub mod sre;
pub mod text;
pub mod unicode;

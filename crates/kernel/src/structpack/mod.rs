//! The formats of `struct`: reading a format, and packing and unpacking single values.
//!
//! The caller walks through a format's items, converts its values and words the errors about them ("required argument
//! is not an integer"); bounds and bytes are dealt with here.

mod format;
mod half;
mod item;
#[cfg(test)]
mod tests;

pub use format::{Format, Item};
pub use half::{half_from_bits, half_to_bits};
pub use item::{PackError, Packed, Unpacked, pack, unpack};

/// A format that cannot be read, with the text of `struct.error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatError(pub &'static str);

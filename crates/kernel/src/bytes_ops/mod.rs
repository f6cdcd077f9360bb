//! The methods of Python's `bytes` on plain slices: as for text, but case and character classes are ASCII's.
//! Finding, counting and splitting at separators are in [`crate::text::slices`].

mod hex;
mod transform;

pub use hex::{FromHexError, from_hex, hex, hex_separated};
pub use transform::*;

use crate::text::slices::split;
use crate::text::slices::strip::{Side, UnitSet, strip as strip_units};

/// White space of bytes: blank, tab, newline, vertical tab, form feed, return.
#[inline]
pub fn is_space_byte(b: u8) -> bool {
    matches!(b, 9..=13 | 32)
}

fn all(bytes: &[u8], test: impl Fn(u8) -> bool) -> bool {
    !bytes.is_empty() && bytes.iter().all(|b| test(*b))
}

/// `bytes.isalpha`.
pub fn is_alpha(bytes: &[u8]) -> bool {
    all(bytes, |b| b.is_ascii_alphabetic())
}

/// `bytes.isalnum`.
pub fn is_alnum(bytes: &[u8]) -> bool {
    all(bytes, |b| b.is_ascii_alphanumeric())
}

/// `bytes.isdigit`.
pub fn is_digit(bytes: &[u8]) -> bool {
    all(bytes, |b| b.is_ascii_digit())
}

/// `bytes.isspace`.
pub fn is_space(bytes: &[u8]) -> bool {
    all(bytes, is_space_byte)
}

/// `bytes.islower`.
pub fn is_lower(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_lowercase) && !bytes.iter().any(u8::is_ascii_uppercase)
}

/// `bytes.isupper`.
pub fn is_upper(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_uppercase) && !bytes.iter().any(u8::is_ascii_lowercase)
}

/// `bytes.istitle`.
pub fn is_title(bytes: &[u8]) -> bool {
    let (mut cased, mut previous) = (false, false);
    for b in bytes {
        if b.is_ascii_uppercase() && previous || b.is_ascii_lowercase() && !previous {
            return false;
        }
        previous = b.is_ascii_alphabetic();
        cased |= previous;
    }
    cased
}

/// Splits at white space.
pub fn split_space<'a, E>(bytes: &'a [u8], max: usize, each: impl FnMut(&'a [u8]) -> Result<(), E>) -> Result<(), E> {
    split::split_space(bytes, max, is_space_byte, each)
}

/// Splits at white space from the right; pieces come last first.
pub fn rsplit_space<'a, E>(bytes: &'a [u8], max: usize, each: impl FnMut(&'a [u8]) -> Result<(), E>) -> Result<(), E> {
    split::rsplit_space(bytes, max, is_space_byte, each)
}

/// Splits into lines, at "\n", "\r" and "\r\n".
pub fn split_lines<'a, E>(bytes: &'a [u8], keep: bool, each: impl FnMut(&'a [u8]) -> Result<(), E>) -> Result<(), E> {
    split::split_lines(bytes, keep, |b| matches!(b, b'\n' | b'\r'), each)
}

/// Without white space at its ends.
pub fn strip_space(bytes: &[u8], side: Side) -> &[u8] {
    let (start, end) = strip_units(bytes, side, is_space_byte);
    &bytes[start..end]
}

/// Without the given bytes at its ends.
pub fn strip<'a>(bytes: &'a [u8], side: Side, chars: &[u8]) -> &'a [u8] {
    let set = UnitSet::new(chars);
    let (start, end) = strip_units(bytes, side, |b| set.contains(b));
    &bytes[start..end]
}

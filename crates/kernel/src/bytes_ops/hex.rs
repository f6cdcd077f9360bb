//! Hexadecimal text and back.

use crate::text::{MAX_LEN, SizeError, Text};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Two digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for b in bytes {
        out.push(DIGITS[(b >> 4) as usize] as char);
        out.push(DIGITS[(b & 15) as usize] as char);
    }
    out
}

/// Two digits a byte, a separator after each group of bytes, counted from the right (`group` > 0) or left (< 0).
pub fn hex_separated(bytes: &[u8], separator: u8, group: isize) -> Result<String, SizeError> {
    let size = group.unsigned_abs();
    if size == 0 || bytes.len() <= size {
        return Ok(hex(bytes));
    }
    let len = bytes.len().checked_mul(2).and_then(|n| n.checked_add((bytes.len() - 1) / size));
    let len = len.filter(|len| *len <= MAX_LEN).ok_or(SizeError::TooLong)?;
    let mut out = String::new();
    out.try_reserve_exact(len)?;
    for (i, b) in bytes.iter().enumerate() {
        let place = if group > 0 { bytes.len() - i } else { i };
        if i > 0 && place % size == 0 {
            out.push(separator as char);
        }
        out.push(DIGITS[(b >> 4) as usize] as char);
        out.push(DIGITS[(b & 15) as usize] as char);
    }
    Ok(out)
}

/// Why text is no hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromHexError {
    /// No digit at this place.
    NotADigit(usize),
    /// The last digit has no partner.
    Odd,
}

fn digit(c: u32) -> Option<u8> {
    char::from_u32(c).and_then(|c| c.to_digit(16)).map(|d| d as u8)
}

/// Bytes from pairs of hexadecimal digits; white space may stand between pairs.
pub fn from_hex(text: Text<'_>) -> Result<Vec<u8>, FromHexError> {
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut at = 0;
    while let Some(c) = text.get(at) {
        if c < 128 && super::is_space_byte(c as u8) {
            at += 1;
            continue;
        }
        let high = digit(c).ok_or(FromHexError::NotADigit(at))?;
        at += 1;
        let low = digit(text.get(at).ok_or(FromHexError::Odd)?).ok_or(FromHexError::NotADigit(at))?;
        at += 1;
        out.push(high << 4 | low);
    }
    Ok(out)
}

//! What makes new bytes from bytes.

use crate::text::slices::{replace as replacing, search};
use crate::text::{MAX_LEN, SizeError};

fn room(len: usize) -> Result<Vec<u8>, SizeError> {
    if len > MAX_LEN {
        return Err(SizeError::TooLong);
    }
    let mut out = Vec::new();
    out.try_reserve_exact(len)?;
    Ok(out)
}

/// `bytes.upper`.
pub fn to_upper(bytes: &[u8]) -> Vec<u8> {
    bytes.to_ascii_uppercase()
}

/// `bytes.lower`.
pub fn to_lower(bytes: &[u8]) -> Vec<u8> {
    bytes.to_ascii_lowercase()
}

/// `bytes.swapcase`.
pub fn to_swapped(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { *b }).collect()
}

/// `bytes.title`.
pub fn to_title(bytes: &[u8]) -> Vec<u8> {
    let mut previous = false;
    let change = |b: &u8| {
        let changed = if previous { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() };
        previous = b.is_ascii_alphabetic();
        changed
    };
    bytes.iter().map(change).collect()
}

/// `bytes.capitalize`.
pub fn to_capitalized(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_ascii_lowercase();
    if let Some(first) = out.first_mut() {
        first.make_ascii_uppercase();
    }
    out
}

/// With `left` and `right` times `fill` around it.
pub fn padded(bytes: &[u8], left: usize, right: usize, fill: u8) -> Result<Vec<u8>, SizeError> {
    let len = left.checked_add(right).and_then(|sum| sum.checked_add(bytes.len())).ok_or(SizeError::TooLong)?;
    let mut out = room(len)?;
    out.resize(left, fill);
    out.extend_from_slice(bytes);
    out.resize(len, fill);
    Ok(out)
}

/// `bytes.center`.
pub fn centered(bytes: &[u8], width: usize, fill: u8) -> Result<Vec<u8>, SizeError> {
    let margin = width.saturating_sub(bytes.len());
    let left = margin / 2 + (margin & width & 1);
    padded(bytes, left, margin - left, fill)
}

/// `bytes.zfill`.
pub fn zero_filled(bytes: &[u8], width: usize) -> Result<Vec<u8>, SizeError> {
    let zeros = width.saturating_sub(bytes.len());
    let mut out = padded(bytes, zeros, 0, b'0')?;
    if zeros > 0 && matches!(bytes.first(), Some(b'+' | b'-')) {
        out.swap(0, zeros);
    }
    Ok(out)
}

/// `bytes.expandtabs`.
pub fn expand_tabs(bytes: &[u8], size: usize) -> Result<Vec<u8>, SizeError> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut column = 0;
    for b in bytes {
        if *b == b'\t' {
            if size > 0 {
                let blanks = size - column % size;
                if blanks > MAX_LEN - out.len() {
                    return Err(SizeError::TooLong);
                }
                out.try_reserve(blanks)?;
                out.resize(out.len() + blanks, b' ');
                column = 0;
            }
        } else {
            column = if matches!(b, b'\n' | b'\r') { 0 } else { column + 1 };
            out.push(*b);
        }
    }
    Ok(out)
}

/// The bytes `count` times over.
pub fn repeat(bytes: &[u8], count: usize) -> Result<Vec<u8>, SizeError> {
    let len = bytes.len().checked_mul(count).filter(|len| *len <= MAX_LEN).ok_or(SizeError::NoMemory)?;
    let mut out = room(len)?;
    match bytes {
        _ if len == 0 => {}
        [byte] => out.resize(len, *byte),
        _ => {
            out.extend_from_slice(bytes);
            // Doubling copies in large blocks.
            while out.len() < len {
                let more = out.len().min(len - out.len());
                out.extend_from_within(..more);
            }
        }
    }
    Ok(out)
}

/// With `to` in place of up to `max` occurrences of `from`; `None` if there is nothing to replace.
pub fn replace(bytes: &[u8], from: &[u8], to: &[u8], max: usize) -> Result<Option<Vec<u8>>, SizeError> {
    if from.len() > bytes.len() || max == 0 {
        return Ok(None);
    }
    let swaps = search::count(bytes, from).min(max);
    if swaps == 0 {
        return Ok(None);
    }
    let kept = bytes.len() - swaps * from.len();
    let len = to.len().checked_mul(swaps).and_then(|grown| grown.checked_add(kept)).ok_or(SizeError::TooLong)?;
    let mut out = room(len)?;
    replacing::replace(bytes, from, max, |part| out.extend_from_slice(part.unwrap_or(to)));
    Ok(Some(out))
}

/// Each byte looked up in a table of 256 (`None`: unchanged), those in `delete` left out.
pub fn translate(bytes: &[u8], table: Option<&[u8; 256]>, delete: &[u8]) -> Vec<u8> {
    let mapped = |b: u8| table.map_or(b, |table| table[b as usize]);
    if delete.is_empty() {
        return bytes.iter().map(|b| mapped(*b)).collect();
    }
    let mut drop = [false; 256];
    delete.iter().for_each(|b| drop[*b as usize] = true);
    bytes.iter().filter(|b| !drop[**b as usize]).map(|b| mapped(*b)).collect()
}

/// A translation table that maps each byte of `from` to that of `to` at the same place.
pub fn make_translation(from: &[u8], to: &[u8]) -> [u8; 256] {
    let mut table: [u8; 256] = std::array::from_fn(|i| i as u8);
    from.iter().zip(to).for_each(|(a, b)| table[*a as usize] = *b);
    table
}

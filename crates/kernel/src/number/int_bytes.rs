//! Integers as bytes: `int.to_bytes` and `int.from_bytes`.

use dashu_int::{IBig, UBig};

use super::int_text::{bit_length, is_negative};
use super::{Integer, NumberError};

/// The order of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// Most significant first.
    Big,
    /// Least significant first.
    Little,
}

/// The integer that the bytes are.
pub fn from_bytes(bytes: &[u8], order: ByteOrder, signed: bool) -> Integer {
    if bytes.len() <= 8 {
        let mut value = 0u64;
        let push = |value: u64, &byte: &u8| value << 8 | u64::from(byte);
        value = match order {
            ByteOrder::Big => bytes.iter().fold(value, push),
            ByteOrder::Little => bytes.iter().rev().fold(value, push),
        };
        let unused = 64 - 8 * bytes.len() as u32;
        if signed && unused < 64 {
            return Integer::Small((value << unused) as i64 >> unused);
        }
        return match i64::try_from(value) {
            Ok(value) => Integer::Small(value),
            Err(_) => Integer::Big(IBig::from(value)),
        };
    }
    Integer::from(match (signed, order) {
        (true, ByteOrder::Big) => IBig::from_be_bytes(bytes),
        (true, ByteOrder::Little) => IBig::from_le_bytes(bytes),
        (false, ByteOrder::Big) => IBig::from(UBig::from_be_bytes(bytes)),
        (false, ByteOrder::Little) => IBig::from(UBig::from_le_bytes(bytes)),
    })
}

/// Writes an integer to all of `out`. Fails if it does not fit, or is negative and not `signed`.
pub fn to_bytes(value: &IBig, out: &mut [u8], order: ByteOrder, signed: bool) -> Result<(), NumberError> {
    let negative = is_negative(value);
    if negative && !signed {
        return Err(NumberError::Overflow);
    }
    // The most negative number of a width has a bit less than its magnitude says.
    let bits = if signed && negative { bit_length(&(value + IBig::ONE)) } else { bit_length(value) };
    if (bits + usize::from(signed)).div_ceil(8) > out.len() {
        return Err(NumberError::Overflow);
    }
    let bytes = value.to_le_bytes();
    let fill = if negative { 0xff } else { 0 };
    for (i, slot) in out.iter_mut().enumerate() {
        *slot = bytes.get(i).copied().unwrap_or(fill);
    }
    if order == ByteOrder::Big {
        out.reverse();
    }
    Ok(())
}

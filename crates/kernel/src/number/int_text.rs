//! Integers from text and to text.

use dashu_int::{IBig, Sign};

use super::Integer;

/// Why a text is not an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntTextError {
    /// The base is neither 0 nor in 2..=36.
    Base,
    /// Not a literal of that base.
    Invalid,
    /// More digits than allowed.
    TooLong {
        /// The digits there are.
        digits: usize,
    },
}

/// Digits below which the limit on conversions is never looked at, `sys.int_info.str_digits_check_threshold`.
pub const DIGITS_CHECK_THRESHOLD: usize = 640;

fn digit_value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'a'..=b'z' => u32::from(byte - b'a') + 10,
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => u32::MAX,
    }
}

/// Reads an integer as `int(text, base)` does. `max_digits` limits the digits in bases that are no powers of two;
/// zero is no limit.
pub fn parse(text: &[u8], base: u32, max_digits: usize) -> Result<Integer, IntTextError> {
    if base == 1 || base > 36 {
        return Err(IntTextError::Base);
    }
    let is_space = |b: &u8| matches!(b, 9..=13 | 32);
    let start = text.iter().position(|b| !is_space(b)).ok_or(IntTextError::Invalid)?;
    let end = text.iter().rposition(|b| !is_space(b)).map_or(start, |last| last + 1);
    let (negative, mut body) = match &text[start..end] {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let prefixed = match body {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let mut radix = base;
    let mut only_zeros = false;
    if base == 0 {
        radix = if prefixed == 0 { 10 } else { prefixed };
        // "0" may be written with more zeros, but other numbers may not begin with one.
        only_zeros = prefixed == 0 && body.first() == Some(&b'0');
    }
    if prefixed != 0 && radix == prefixed {
        body = &body[2..];
        if let [b'_', rest @ ..] = body {
            body = rest;
        }
    }
    let digits = match clean_digits(body, radix) {
        Some(digits) => digits,
        None => return Err(IntTextError::Invalid),
    };
    if only_zeros && digits.iter().any(|&b| b != b'0') {
        return Err(IntTextError::Invalid);
    }
    if !radix.is_power_of_two() && max_digits > 0 && digits.len() > DIGITS_CHECK_THRESHOLD && digits.len() > max_digits
    {
        return Err(IntTextError::TooLong { digits: digits.len() });
    }
    // Twelve digits of base 36 fit a word, and so do eighteen of base 10.
    if digits.len() <= if radix <= 10 { 18 } else { 12 } {
        let value = digits.iter().fold(0i64, |value, &b| value * i64::from(radix) + i64::from(digit_value(b)));
        return Ok(Integer::Small(if negative { -value } else { value }));
    }
    let digits = std::str::from_utf8(&digits).map_err(|_| IntTextError::Invalid)?;
    let value = IBig::from_str_radix(digits, radix).map_err(|_| IntTextError::Invalid)?;
    Ok(Integer::from(if negative { -value } else { value }))
}

/// The digits without underscores, which may stand only between digits.
fn clean_digits(body: &[u8], radix: u32) -> Option<std::borrow::Cow<'_, [u8]>> {
    let mut underscores = 0;
    let mut before = b'_';
    for &byte in body {
        if byte == b'_' {
            if before == b'_' {
                return None;
            }
            underscores += 1;
        } else if digit_value(byte) >= radix {
            return None;
        }
        before = byte;
    }
    if before == b'_' {
        return None;
    }
    Some(if underscores == 0 {
        body.into()
    } else {
        body.iter().copied().filter(|&b| b != b'_').collect::<Vec<u8>>().into()
    })
}

/// Text to be read as a number, its decimal digits made ASCII and its white space made blanks; other characters
/// outside ASCII become `?`.
pub fn to_ascii(text: impl Iterator<Item = u32>) -> Vec<u8> {
    text.map(|c| match u8::try_from(c) {
        Ok(byte) if byte < 128 => byte,
        _ if crate::unicode::is_space(c) => b' ',
        _ => crate::unicode::decimal_value(c).map_or(b'?', |digit| b'0' + digit),
    })
    .collect()
}

/// The decimal text, or nothing if it has more than `max_digits` digits (zero is no limit).
pub fn to_decimal(value: &IBig, max_digits: usize) -> Option<String> {
    let bits = bit_length(value);
    let limited = max_digits > 0;
    // Surely too long: do not even begin. A number of so many bits has at least so many digits.
    let least = bits.saturating_sub(1).saturating_mul(30_102) / 100_000 + 1;
    if limited && least > max_digits && least > DIGITS_CHECK_THRESHOLD {
        return None;
    }
    let text = value.in_radix(10).to_string();
    let digits = text.len() - usize::from(text.starts_with('-'));
    (!limited || digits <= max_digits || digits <= DIGITS_CHECK_THRESHOLD).then_some(text)
}

/// The digits in a power-of-two radix, lower case, without prefix; a minus sign if negative.
pub fn to_radix(value: &IBig, radix: u8) -> String {
    value.in_radix(radix).to_string()
}

/// Bits of the magnitude.
pub fn bit_length(value: &IBig) -> usize {
    let (_, words) = value.as_sign_words();
    words.last().map_or(0, |top| words.len() * 64 - top.leading_zeros() as usize)
}

/// Whether the value is below zero.
pub fn is_negative(value: &IBig) -> bool {
    value.sign() == Sign::Negative
}

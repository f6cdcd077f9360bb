//! Floats in hexadecimal: `float.hex` and `float.fromhex`.

use super::float_ops::{decompose, scale};

/// Why a text is not a hexadecimal float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HexError {
    /// Not one.
    Invalid,
    /// Too large for a float.
    Overflow,
}

/// `x.hex()`.
pub fn to_hex(x: f64) -> String {
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x.is_nan() {
        return "nan".into();
    }
    if x.is_infinite() {
        return format!("{sign}inf");
    }
    if x == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (mantissa, exponent) = decompose(x);
    let (whole, fraction) = (mantissa >> 52, mantissa & ((1 << 52) - 1));
    format!("{sign}0x{whole}.{fraction:013x}p{:+}", exponent + 52)
}

/// `float.fromhex(text)`.
pub fn from_hex(text: &[u8]) -> Result<f64, HexError> {
    let is_space = |b: &u8| matches!(b, 9..=13 | 32);
    let start = text.iter().position(|b| !is_space(b)).ok_or(HexError::Invalid)?;
    let end = text.iter().rposition(|b| !is_space(b)).map_or(start, |last| last + 1);
    let (negative, mut body) = match &text[start..end] {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let value = if body.eq_ignore_ascii_case(b"inf") || body.eq_ignore_ascii_case(b"infinity") {
        f64::INFINITY
    } else if body.eq_ignore_ascii_case(b"nan") {
        f64::NAN
    } else {
        if let [b'0', b'x' | b'X', rest @ ..] = body {
            body = rest;
        }
        finite(body)?
    };
    Ok(if negative { -value } else { value })
}

fn finite(body: &[u8]) -> Result<f64, HexError> {
    let split = body.iter().position(|b| matches!(b, b'p' | b'P'));
    let (digits, exponent) = match split {
        Some(at) => (&body[..at], read_exponent(&body[at + 1..])?),
        None => (body, 0),
    };
    let mut mantissa = 0u128;
    let (mut places, mut seen, mut point) = (0i64, false, false);
    let mut sticky = false;
    for &byte in digits {
        if byte == b'.' && !point {
            point = true;
            continue;
        }
        let digit = char::from(byte).to_digit(16).ok_or(HexError::Invalid)?;
        seen = true;
        if mantissa >> 100 == 0 {
            mantissa = mantissa << 4 | u128::from(digit);
            places -= i64::from(point);
        } else {
            // Beyond any rounding place: only whether there is something counts.
            sticky |= digit != 0;
            places += i64::from(!point);
        }
    }
    if !seen {
        return Err(HexError::Invalid);
    }
    mantissa = mantissa << 1 | u128::from(sticky);
    scale(mantissa, exponent.saturating_add(places * 4 - 1)).ok_or(HexError::Overflow)
}

fn read_exponent(text: &[u8]) -> Result<i64, HexError> {
    let digits = match text {
        [b'+' | b'-', rest @ ..] => rest,
        rest => rest,
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(HexError::Invalid);
    }
    // An exponent beyond these bounds is as good as infinite.
    let value = digits.iter().fold(0i64, |value, &b| (value * 10 + i64::from(b - b'0')).min(1 << 50));
    Ok(if text[0] == b'-' { -value } else { value })
}

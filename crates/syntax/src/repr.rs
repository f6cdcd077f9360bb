//! Python's `repr` of constants, which the text forms of the tree need.

use crate::ast::{Constant, Int, Text};
use dashu_int::UBig;
use std::fmt::Write;

/// Whether `str.isprintable` holds for `c`.
#[must_use]
pub fn is_printable(c: char) -> bool {
    use unicode_general_category::{GeneralCategory as G, get_general_category};
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    !matches!(
        get_general_category(c),
        G::Control
            | G::Format
            | G::Surrogate
            | G::PrivateUse
            | G::Unassigned
            | G::LineSeparator
            | G::ParagraphSeparator
            | G::SpaceSeparator
    )
}

/// Appends the `repr` of `constant`.
pub fn constant(out: &mut String, value: &Constant<'_>) {
    match value {
        Constant::None => out.push_str("None"),
        Constant::True => out.push_str("True"),
        Constant::False => out.push_str("False"),
        Constant::Ellipsis => out.push_str("Ellipsis"),
        Constant::Int(int) => integer(out, int),
        Constant::Float(value) => float(out, *value, true),
        Constant::Complex { real, imag } => complex(out, *real, *imag),
        Constant::Str(text) => string(out, text),
        Constant::Bytes(bytes) => byte_string(out, bytes),
        Constant::Tuple(items) => {
            out.push('(');
            list(out, items);
            out.push_str(if items.len() == 1 { ",)" } else { ")" });
        }
        Constant::FrozenSet(items) => {
            out.push_str("frozenset({");
            list(out, items);
            out.push_str("})");
        }
    }
}

fn list(out: &mut String, items: &[Constant<'_>]) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        constant(out, item);
    }
}

/// Appends an integer in decimal.
pub fn integer(out: &mut String, int: &Int<'_>) {
    match int {
        Int::Small(value) => {
            let _ = write!(out, "{value}");
        }
        Int::Big(big) => {
            let digits = big.digits.trim_start_matches('-');
            if digits.len() < big.digits.len() {
                out.push('-');
            }
            if big.radix == 10 {
                out.push_str(digits);
            } else if let Ok(value) = UBig::from_str_radix(digits, big.radix) {
                let _ = write!(out, "{value}");
            }
        }
    }
}

/// Appends a float; `point` asks for `.0` after a whole number.
pub fn float(out: &mut String, value: f64, point: bool) {
    if !value.is_finite() {
        out.push_str(if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        });
        return;
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let _ = write!(out, "{value}");
        if point && !out.ends_with(|c: char| !c.is_ascii_digit()) && value.fract() == 0.0 {
            out.push_str(".0");
        }
        return;
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(out, "{mantissa}e{sign}{:02}", exponent.abs());
}

fn complex(out: &mut String, real: f64, imag: f64) {
    if real == 0.0 && real.is_sign_positive() {
        float(out, imag, false);
        out.push('j');
        return;
    }
    out.push('(');
    float(out, real, false);
    if imag.is_sign_positive() || imag.is_nan() {
        out.push('+');
    }
    float(out, imag, false);
    out.push_str("j)");
}

/// Appends a string with quotes and escapes.
pub fn string(out: &mut String, text: &Text<'_>) {
    match text {
        Text::Utf8(text) => {
            let quote = quote_for(text.contains('\''), text.contains('"'));
            out.push(quote);
            text.chars().for_each(|c| push_char(out, u32::from(c), quote));
            out.push(quote);
        }
        Text::CodePoints(codes) => {
            let quote = quote_for(codes.contains(&39), codes.contains(&34));
            out.push(quote);
            codes.iter().for_each(|&code| push_char(out, code, quote));
            out.push(quote);
        }
    }
}

fn quote_for(single: bool, double: bool) -> char {
    if single && !double { '"' } else { '\'' }
}

fn push_char(out: &mut String, code: u32, quote: char) {
    match char::from_u32(code) {
        Some('\\') => out.push_str("\\\\"),
        Some('\n') => out.push_str("\\n"),
        Some('\r') => out.push_str("\\r"),
        Some('\t') => out.push_str("\\t"),
        Some(c) if c == quote => {
            out.push('\\');
            out.push(c);
        }
        Some(c) if is_printable(c) => out.push(c),
        _ => {
            let _ = match code {
                0..=0xff => write!(out, "\\x{code:02x}"),
                0x100..=0xffff => write!(out, "\\u{code:04x}"),
                _ => write!(out, "\\U{code:08x}"),
            };
        }
    }
}

fn byte_string(out: &mut String, bytes: &[u8]) {
    let quote = quote_for(bytes.contains(&b'\''), bytes.contains(&b'"'));
    out.push('b');
    out.push(quote);
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ if byte as char == quote => {
                out.push('\\');
                out.push(quote);
            }
            b' '..=b'~' => out.push(byte as char),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push(quote);
}

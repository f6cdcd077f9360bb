//! Floats by a format specification.

use super::layout::{Layout, Number};
use super::spec::Spec;
use super::{FormatError, unknown_code, value_error};
use crate::number::float_text::{self, Options, Style};

/// The type characters that make a float of an integer.
pub(super) fn is_float_code(code: u8) -> bool {
    matches!(code, b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'%')
}

/// The text of a float as a type character and a precision say, with its sign.
pub(super) fn float_text(x: f64, code: u8, spec: &Spec) -> Result<String, FormatError> {
    let mut options =
        Options { alternate: spec.alternate, no_negative_zero: spec.no_negative_zero, ..Options::default() };
    options.upper = code.is_ascii_uppercase();
    if spec.precision.is_some_and(|precision| precision > i32::MAX as usize) {
        return value_error("precision too big");
    }
    let precision = spec.precision.unwrap_or(6);
    let style = match code.to_ascii_lowercase() {
        0 => {
            options.dot_zero = true;
            match spec.precision {
                None => Style::Repr,
                Some(precision) => Style::General(precision),
            }
        }
        b'r' => match spec.precision {
            None => Style::Repr,
            Some(precision) => Style::General(precision),
        },
        b'e' => Style::Exponent(precision),
        b'f' | b'%' => Style::Fixed(precision),
        _ => Style::General(precision),
    };
    // Digits far behind what a float has are written as zeros, if there is room for them.
    if precision > 1 << 20 {
        let mut room = String::new();
        room.try_reserve(precision.saturating_mul(2)).map_err(|_| FormatError::Memory)?;
    }
    Ok(float_text::format(x, style, options))
}

/// Takes the text of a float apart and lays it out.
pub(super) fn lay_out(text: &str, tail: &str, spec: &Spec) -> Result<Layout, FormatError> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let split = text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(split);
    if tail.is_empty() {
        return Number { negative, prefix: "", digits, rest }.lay_out(spec);
    }
    Number { negative, prefix: "", digits, rest: &format!("{rest}{tail}") }.lay_out(spec)
}

/// Formats a float; `type_name` is for messages.
pub fn format_float(x: f64, spec: &Spec, type_name: &str) -> Result<Layout, FormatError> {
    let code = u8::try_from(spec.code).unwrap_or(b'?');
    if !(code == 0 || code == b'n' || is_float_code(code)) {
        return unknown_code(spec.code, type_name);
    }
    if code == b'%' {
        let text = float_text(x * 100.0, code, spec)?;
        return lay_out(&text, "%", spec);
    }
    lay_out(&float_text(x, code, spec)?, "", spec)
}

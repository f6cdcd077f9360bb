//! Integers by a format specification.

use dashu_int::IBig;

use super::float::{format_float, is_float_code};
use super::layout::{Layout, Number};
use super::spec::{Spec, padding};
use super::{FormatError, unknown_code, value_error};
use crate::number::float_ops::int_to_float;
use crate::number::int_text::{is_negative, to_decimal, to_radix};

/// An integer to format.
#[derive(Debug, Clone, Copy)]
pub enum IntRef<'a> {
    /// A small one.
    Small(i64),
    /// A big one.
    Big(&'a IBig),
}

/// The most decimal digits a conversion may yield; zero is no limit.
pub type Limit = usize;

impl IntRef<'_> {
    pub(super) fn is_negative(self) -> bool {
        match self {
            IntRef::Small(value) => value < 0,
            IntRef::Big(value) => is_negative(value),
        }
    }

    /// The digits without sign.
    pub(super) fn digits(self, radix: u32, limit: Limit) -> Result<String, FormatError> {
        let text = match (self, radix) {
            (IntRef::Small(value), _) => {
                let value = value.unsigned_abs();
                match radix {
                    2 => format!("{value:b}"),
                    8 => format!("{value:o}"),
                    16 => format!("{value:x}"),
                    _ => value.to_string(),
                }
            }
            (IntRef::Big(value), 10) => match to_decimal(value, limit) {
                Some(text) => text,
                None => return value_error(too_long(limit)),
            },
            (IntRef::Big(value), _) => to_radix(value, radix as u8),
        };
        Ok(match text.strip_prefix('-') {
            Some(digits) => digits.to_owned(),
            None => text,
        })
    }

    pub(super) fn to_f64(self) -> Result<f64, FormatError> {
        match self {
            IntRef::Small(value) => Some(value as f64),
            IntRef::Big(value) => int_to_float(value),
        }
        .ok_or_else(|| FormatError::Overflow("int too large to convert to float".into()))
    }
}

/// What is said of an integer with too many digits to convert.
pub(super) fn too_long(limit: Limit) -> String {
    format!(
        "Exceeds the limit ({limit} digits) for integer string conversion; \
         use sys.set_int_max_str_digits() to increase the limit"
    )
}

/// Formats an integer; `type_name` is for messages.
pub fn format_int(value: IntRef<'_>, spec: &Spec, type_name: &str, limit: Limit) -> Result<Layout, FormatError> {
    let code = u8::try_from(spec.code).unwrap_or(b'?');
    let (radix, prefix) = match code {
        0 | b'd' | b'n' => (10, ""),
        b'b' => (2, "0b"),
        b'o' => (8, "0o"),
        b'x' => (16, "0x"),
        b'X' => (16, "0X"),
        b'c' => (0, ""),
        _ if is_float_code(code) => return format_float(value.to_f64()?, spec, type_name),
        _ => return unknown_code(spec.code, type_name),
    };
    if spec.precision.is_some() {
        return value_error("Precision not allowed in integer format specifier");
    }
    if spec.no_negative_zero {
        return value_error("Negative zero coercion (z) not allowed in integer format specifier");
    }
    if radix == 0 {
        return character(value, spec);
    }
    let mut digits = value.digits(radix, limit)?;
    if code == b'X' {
        digits.make_ascii_uppercase();
    }
    let prefix = if spec.alternate { prefix } else { "" };
    Number { negative: value.is_negative(), prefix, digits: &digits, rest: "" }.lay_out(spec)
}

fn character(value: IntRef<'_>, spec: &Spec) -> Result<Layout, FormatError> {
    if spec.sign != 0 {
        return value_error("Sign not allowed with integer format specifier 'c'");
    }
    if spec.alternate {
        return value_error("Alternate form (#) not allowed with integer format specifier 'c'");
    }
    let IntRef::Small(code) = value else {
        return Err(FormatError::Overflow("Python int too large to convert to C long".into()));
    };
    let Some(code) = u32::try_from(code).ok().filter(|&code| code < 0x110000) else {
        return Err(FormatError::Overflow("%c arg not in range(0x110000)".into()));
    };
    let missing = spec.width.unwrap_or(0).saturating_sub(1);
    let (left, right) = padding(spec.align, missing);
    let mut layout = Layout { fill: spec.fill, left, right, ..Layout::default() };
    match char::from_u32(code) {
        Some(c) => layout.body.push(c),
        None => {
            // A lone surrogate fits no Rust string: it is written as a fill.
            if missing > 0 && spec.fill != code {
                return value_error("a lone surrogate cannot be padded");
            }
            (layout.fill, layout.left, layout.right) = (code, 1 + missing, 0);
        }
    }
    Ok(layout)
}

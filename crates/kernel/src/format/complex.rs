//! Complex numbers by a format specification.

use super::float::{float_text, lay_out};
use super::layout::Layout;
use super::spec::{Align, Spec, padding};
use super::{FormatError, unknown_code, value_error};
use crate::number::complex::Complex;

/// Formats a complex number.
pub fn format_complex(z: Complex, spec: &Spec) -> Result<Layout, FormatError> {
    let code = u8::try_from(spec.code).unwrap_or(b'?');
    if !matches!(code, 0 | b'n' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G') {
        return unknown_code(spec.code, "complex");
    }
    if spec.fill == u32::from('0') {
        return value_error("Zero padding is not allowed in complex format specifier");
    }
    if spec.align == Align::AfterSign {
        return value_error("'=' alignment flag is not allowed in complex format specifier");
    }
    let (mut only_imaginary, mut brackets) = (false, false);
    let code = if code == 0 {
        only_imaginary = z.re == 0.0 && z.re.is_sign_positive();
        brackets = !only_imaginary;
        b'r'
    } else {
        code
    };
    let bare = Spec { width: None, align: Align::Left, fill: 0, ..*spec };
    let signed = if only_imaginary { bare } else { Spec { sign: b'+', ..bare } };
    let part = |x: f64, spec: &Spec| lay_out(&float_text(x, code, spec)?, "", spec)?.to_text();
    let mut body = String::new();
    if brackets {
        body.push('(');
    }
    if !only_imaginary {
        body.push_str(&part(z.re, &bare)?);
    }
    body.push_str(&part(z.im, &signed)?);
    body.push('j');
    if brackets {
        body.push(')');
    }
    let (left, right) = padding(spec.align, spec.width.unwrap_or(0).saturating_sub(body.len()));
    Ok(Layout { fill: spec.fill, left, body, right, ..Layout::default() })
}

//! The format specification: `[[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]`.

use super::{FormatError, unknown_code, value_error};
use crate::unicode;

/// Where the padding goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// `<`: behind.
    Left,
    /// `>`: before.
    Right,
    /// `^`: on both sides.
    Center,
    /// `=`: between sign and digits.
    AfterSign,
}

/// How digits are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// Not at all.
    None,
    /// By threes with commas.
    Comma,
    /// By threes with underscores.
    Underscore,
    /// By fours with underscores: what underscores mean in other bases than ten.
    UnderscoreFours,
}

impl Grouping {
    /// The separator and the size of a group.
    pub(super) fn parts(self) -> Option<(char, usize)> {
        match self {
            Grouping::None => None,
            Grouping::Comma => Some((',', 3)),
            Grouping::Underscore => Some(('_', 3)),
            Grouping::UnderscoreFours => Some(('_', 4)),
        }
    }
}

/// A format specification taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// The padding character.
    pub fill: u32,
    /// Where the padding goes.
    pub align: Align,
    /// `+`, `-`, a blank, or zero for none.
    pub sign: u8,
    /// `z`.
    pub no_negative_zero: bool,
    /// `#`.
    pub alternate: bool,
    /// The least width.
    pub width: Option<usize>,
    /// Grouping before the point.
    pub grouping: Grouping,
    /// The precision.
    pub precision: Option<usize>,
    /// Grouping behind the point.
    pub fraction_grouping: Grouping,
    /// The type character, or zero for none.
    pub code: u32,
}

/// Whether a specification is empty: then `format` is `str`.
pub fn is_plain(len: usize) -> bool {
    len == 0
}

/// A type character as messages show it.
pub(super) fn shown(code: u32) -> String {
    match char::from_u32(code) {
        Some(c) if code > 32 && code < 128 => c.to_string(),
        _ => format!("\\x{code:x}"),
    }
}

fn align_of(c: u32) -> Option<Align> {
    Some(match char::from_u32(c)? {
        '<' => Align::Left,
        '>' => Align::Right,
        '^' => Align::Center,
        '=' => Align::AfterSign,
        _ => return None,
    })
}

/// Reads a decimal number, if there is one, from `*at` on.
pub(super) fn integer(
    len: usize,
    char_at: &impl Fn(usize) -> u32,
    at: &mut usize,
) -> Result<Option<usize>, FormatError> {
    let mut value = None;
    let digit_at = |at: usize| match char_at(at) {
        digit @ 0x30..=0x39 => Some((digit - 0x30) as u8),
        0..0x80 => None,
        other => unicode::decimal_value(other),
    };
    while *at < len
        && let Some(digit) = digit_at(*at)
    {
        let next = value.unwrap_or(0usize).checked_mul(10).and_then(|v| v.checked_add(usize::from(digit)));
        match next.filter(|&v| isize::try_from(v).is_ok()) {
            Some(next) => value = Some(next),
            None => return value_error("Too many decimal digits in format string"),
        }
        *at += 1;
    }
    Ok(value)
}

impl Spec {
    /// Reads a specification of `len` characters for a value of a type.
    pub fn parse(
        len: usize,
        char_at: impl Fn(usize) -> u32,
        default_align: Align,
        type_name: &str,
    ) -> Result<Spec, FormatError> {
        let mut spec = Spec {
            fill: u32::from(' '),
            align: default_align,
            sign: 0,
            no_negative_zero: false,
            alternate: false,
            width: None,
            grouping: Grouping::None,
            precision: None,
            fraction_grouping: Grouping::None,
            code: if type_name == "str" { u32::from('s') } else { 0 },
        };
        let mut at = 0;
        let peek = |at: usize| if at < len { char_at(at) } else { 0 };
        let next_is = |at: usize, c: char| at < len && char_at(at) == u32::from(c);
        let (mut aligned, mut filled) = (false, false);
        if len >= 2
            && let Some(align) = align_of(char_at(1))
        {
            (spec.align, spec.fill) = (align, char_at(0));
            (aligned, filled) = (true, true);
            at = 2;
        } else if len >= 1
            && let Some(align) = align_of(char_at(0))
        {
            spec.align = align;
            aligned = true;
            at = 1;
        }
        if let Ok(sign @ (b'+' | b'-' | b' ')) = u8::try_from(peek(at)) {
            spec.sign = sign;
            at += 1;
        }
        if next_is(at, 'z') {
            spec.no_negative_zero = true;
            at += 1;
        }
        if next_is(at, '#') {
            spec.alternate = true;
            at += 1;
        }
        if !filled && next_is(at, '0') {
            spec.fill = u32::from('0');
            if !aligned && default_align == Align::Right {
                spec.align = Align::AfterSign;
            }
            at += 1;
        }
        spec.width = integer(len, &char_at, &mut at)?;
        spec.grouping = grouping(&next_is, &mut at)?;
        if next_is(at, '.') {
            at += 1;
            spec.precision = integer(len, &char_at, &mut at)?;
            spec.fraction_grouping = grouping(&next_is, &mut at)?;
            if spec.precision.is_none() && spec.fraction_grouping == Grouping::None {
                return value_error("Format specifier missing precision");
            }
        }
        if len - at > 1 {
            let text: String =
                (0..len).map(|i| char::from_u32(char_at(i)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            return value_error(format!("Invalid format specifier '{text}' for object of type '{type_name}'"));
        }
        if len - at == 1 {
            spec.code = char_at(at);
        }
        check_grouping(&mut spec.grouping, spec.code)?;
        // Behind the point, only the locale's own grouping stands against it.
        if let (Some((separator, _)), true) = (spec.fraction_grouping.parts(), spec.code == u32::from('n')) {
            return value_error(format!("Cannot specify '{separator}' with 'n'."));
        }
        Ok(spec)
    }
}

fn grouping(next_is: &impl Fn(usize, char) -> bool, at: &mut usize) -> Result<Grouping, FormatError> {
    let mut grouping = Grouping::None;
    if next_is(*at, ',') {
        grouping = Grouping::Comma;
        *at += 1;
    }
    if next_is(*at, '_') {
        if grouping != Grouping::None {
            return value_error("Cannot specify both ',' and '_'.");
        }
        grouping = Grouping::Underscore;
        *at += 1;
    }
    if grouping == Grouping::Underscore && next_is(*at, ',') {
        return value_error("Cannot specify both ',' and '_'.");
    }
    Ok(grouping)
}

/// Only some types can be grouped.
fn check_grouping(grouping: &mut Grouping, code: u32) -> Result<(), FormatError> {
    let Some((separator, _)) = grouping.parts() else { return Ok(()) };
    match u8::try_from(code) {
        Ok(0 | b'd' | b'e' | b'f' | b'g' | b'E' | b'F' | b'G' | b'%') => Ok(()),
        Ok(b'b' | b'o' | b'x' | b'X') if *grouping == Grouping::Underscore => {
            *grouping = Grouping::UnderscoreFours;
            Ok(())
        }
        _ => value_error(format!("Cannot specify '{separator}' with '{}'.", shown(code))),
    }
}

/// How a string is laid out: what of it is taken, and what is put around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrLayout {
    /// The padding character.
    pub fill: u32,
    /// Padding before.
    pub left: usize,
    /// Characters of the string.
    pub taken: usize,
    /// Padding behind.
    pub right: usize,
}

/// Padding before and behind something.
pub(super) fn padding(align: Align, total: usize) -> (usize, usize) {
    match align {
        Align::Right | Align::AfterSign => (total, 0),
        Align::Center => (total / 2, total - total / 2),
        Align::Left => (0, total),
    }
}

/// Formats a string of `len` characters.
pub fn format_str(len: usize, spec: &Spec) -> Result<StrLayout, FormatError> {
    match u8::try_from(spec.code) {
        Ok(0 | b's') => {}
        _ => return unknown_code(spec.code, "str"),
    }
    match spec.sign {
        0 => {}
        b' ' => return value_error("Space not allowed in string format specifier"),
        _ => return value_error("Sign not allowed in string format specifier"),
    }
    if spec.no_negative_zero {
        return value_error("Negative zero coercion (z) not allowed in string format specifier");
    }
    if spec.alternate {
        return value_error("Alternate form (#) not allowed in string format specifier");
    }
    if spec.align == Align::AfterSign {
        return value_error("'=' alignment not allowed in string format specifier");
    }
    let taken = spec.precision.map_or(len, |precision| precision.min(len));
    let (left, right) = padding(spec.align, spec.width.unwrap_or(0).saturating_sub(taken));
    Ok(StrLayout { fill: spec.fill, left, taken, right })
}

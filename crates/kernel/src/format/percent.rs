//! printf-style formats: taking a format apart, and numbers by a conversion.
//!
//! The caller walks through the segments, fetches the values (a key's, the stars', then the conversion's own) and words
//! the errors about values; errors of the format itself come from here.

use std::ops::Range;

use super::float::float_text;
use super::int::{IntRef, Limit};
use super::layout::Layout;
use super::spec::{Align, Grouping, Spec};
use super::{FormatError, value_error};

/// A width or precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Not given.
    None,
    /// Given.
    Given(usize),
    /// `*`: the next value says.
    Star,
}

/// One conversion of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// Where the key in parentheses is.
    pub key: Option<Range<usize>>,
    /// `-`.
    pub left: bool,
    /// `+`.
    pub plus: bool,
    /// Blank.
    pub blank: bool,
    /// `#`.
    pub alternate: bool,
    /// `0`.
    pub zero: bool,
    /// The least width.
    pub width: Amount,
    /// The precision.
    pub precision: Amount,
    /// The conversion character.
    pub code: u32,
    /// Where that character is.
    pub at: usize,
}

impl Conversion {
    /// Whether nothing stands between the percent sign and the conversion character.
    #[inline]
    pub fn is_bare(&self) -> bool {
        let flags = self.left || self.plus || self.blank || self.alternate || self.zero;
        !flags && self.key.is_none() && self.width == Amount::None && self.precision == Amount::None
    }

    /// What is said of a conversion character that does not exist.
    pub fn unsupported(&self) -> FormatError {
        let shown = match char::from_u32(self.code) {
            Some(c) if (32..127).contains(&self.code) => c,
            _ => '?',
        };
        FormatError::Value(format!("unsupported format character '{shown}' (0x{:x}) at index {}", self.code, self.at))
    }
}

/// A piece of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Text to be taken as it is.
    Literal(Range<usize>),
    /// A conversion.
    Conversion(Conversion),
}

/// Walks through a format of `len` characters.
#[derive(Debug)]
pub struct Segments<F> {
    len: usize,
    char_at: F,
    at: usize,
}

impl<F: Fn(usize) -> u32> Segments<F> {
    /// Starts at the beginning.
    pub fn new(len: usize, char_at: F) -> Segments<F> {
        Segments { len, char_at, at: 0 }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        (self.at < self.len).then(|| u8::try_from((self.char_at)(self.at)).unwrap_or(0xff))
    }

    /// Any character, or an error at the end.
    #[inline]
    fn some(&self) -> Result<u8, FormatError> {
        self.peek().map_or_else(|| value_error("incomplete format"), Ok)
    }

    fn amount(&mut self, too_big: &str) -> Result<Amount, FormatError> {
        if self.peek() == Some(b'*') {
            self.at += 1;
            return Ok(Amount::Star);
        }
        let mut value = None;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            let next = value.unwrap_or(0usize) * 10 + usize::from(digit - b'0');
            if next > i32::MAX as usize * 2 && isize::try_from(next).is_err() || next > isize::MAX as usize / 10 {
                return value_error(too_big);
            }
            value = Some(next);
            self.at += 1;
        }
        Ok(value.map_or(Amount::None, Amount::Given))
    }

    #[inline]
    fn conversion(&mut self) -> Result<Conversion, FormatError> {
        let mut conversion = Conversion {
            key: None,
            left: false,
            plus: false,
            blank: false,
            alternate: false,
            zero: false,
            width: Amount::None,
            precision: Amount::None,
            code: 0,
            at: 0,
        };
        let first = self.some()?;
        if first.is_ascii_alphabetic() && !matches!(first, b'h' | b'l' | b'L') {
            // Nothing but the letter, as nearly always.
            conversion.at = self.at;
            conversion.code = first.into();
            self.at += 1;
            return Ok(conversion);
        }
        if first == b'(' {
            self.at += 1;
            let start = self.at;
            let mut depth = 1;
            while depth > 0 {
                match self.peek() {
                    None => return value_error("incomplete format key"),
                    Some(b'(') => depth += 1,
                    Some(b')') => depth -= 1,
                    _ => {}
                }
                self.at += 1;
            }
            conversion.key = Some(start..self.at - 1);
        }
        loop {
            match self.peek() {
                Some(b'-') => conversion.left = true,
                Some(b'+') => conversion.plus = true,
                Some(b' ') => conversion.blank = true,
                Some(b'#') => conversion.alternate = true,
                Some(b'0') => conversion.zero = true,
                _ => break,
            }
            self.at += 1;
        }
        conversion.width = self.amount("width too big")?;
        if self.peek() == Some(b'.') {
            self.at += 1;
            conversion.precision = match self.amount("precision too big")? {
                Amount::None => Amount::Given(0),
                amount => amount,
            };
        }
        if let Some(b'h' | b'l' | b'L') = self.peek() {
            self.at += 1;
        }
        self.some()?;
        conversion.at = self.at;
        conversion.code = (self.char_at)(self.at);
        self.at += 1;
        Ok(conversion)
    }
}

impl<F: Fn(usize) -> u32> Iterator for Segments<F> {
    type Item = Result<Segment, FormatError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        while self.at < self.len && (self.char_at)(self.at) != u32::from('%') {
            self.at += 1;
        }
        if self.at > start {
            return Some(Ok(Segment::Literal(start..self.at)));
        }
        if self.at >= self.len {
            return None;
        }
        self.at += 1;
        let conversion = self.conversion();
        if conversion.is_err() {
            self.at = self.len;
        }
        Some(conversion.map(Segment::Conversion))
    }
}

/// The settled form of a conversion: stars replaced by their values. A negative star width turns to the left; a
/// negative precision is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// `-`.
    pub left: bool,
    /// `+`.
    pub plus: bool,
    /// Blank.
    pub blank: bool,
    /// `#`.
    pub alternate: bool,
    /// `0`.
    pub zero: bool,
    /// The least width.
    pub width: usize,
    /// The precision.
    pub precision: Option<usize>,
    /// The conversion character, ASCII.
    pub code: u8,
}

impl Settled {
    /// Fills and sign around digits.
    fn lay_out(&self, negative: bool, prefix: &str, body: String) -> Layout {
        let mut head = String::new();
        match (negative, self.plus, self.blank) {
            (true, _, _) => head.push('-'),
            (_, true, _) => head.push('+'),
            (_, _, true) => head.push(' '),
            _ => {}
        }
        head.push_str(prefix);
        let missing = self.width.saturating_sub(head.len() + body.len());
        let (mut left, mut inner, mut right) = (0, 0, 0);
        let mut fill = ' ';
        if self.left {
            right = missing;
        } else if self.zero {
            inner = missing;
            fill = '0';
        } else {
            left = missing;
        }
        Layout { fill: u32::from(fill), left, head, inner, body, right }
    }
}

/// An integer by `%d`, `%i`, `%u`, `%o`, `%x` or `%X`.
pub fn format_int(value: IntRef<'_>, how: &Settled, limit: Limit) -> Result<Layout, FormatError> {
    let (radix, prefix) = match how.code {
        b'o' => (8, "0o"),
        b'x' => (16, "0x"),
        b'X' => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = value.digits(radix, limit)?;
    if how.code == b'X' {
        digits.make_ascii_uppercase();
    }
    if let Some(precision) = how.precision
        && precision > digits.len()
    {
        if precision > i32::MAX as usize - 3 {
            return value_error("precision too large");
        }
        let mut padded = String::new();
        padded.try_reserve(precision).map_err(|_| FormatError::Memory)?;
        padded.extend(std::iter::repeat_n('0', precision - digits.len()));
        padded.push_str(&digits);
        digits = padded;
    }
    Ok(how.lay_out(value.is_negative(), if how.alternate { prefix } else { "" }, digits))
}

/// A float by `%e`, `%f`, `%g` or their upper-case forms.
pub fn format_float(x: f64, how: &Settled) -> Result<Layout, FormatError> {
    let spec = Spec {
        fill: u32::from(' '),
        align: Align::Right,
        sign: 0,
        no_negative_zero: false,
        alternate: how.alternate,
        width: None,
        grouping: Grouping::None,
        precision: how.precision,
        fraction_grouping: Grouping::None,
        code: u32::from(how.code),
    };
    let text = float_text(x, how.code, &spec)?;
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, &text[..]),
    };
    Ok(how.lay_out(negative, "", body.to_owned()))
}

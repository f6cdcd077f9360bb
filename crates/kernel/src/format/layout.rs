//! A formatted number: sign and prefix, digits, and the padding around and between, as counts.

use super::FormatError;
use super::spec::{Align, Grouping, Spec, padding};

/// A formatted number. In this order: `left` fills, `head`, `inner` fills, `body`, `right` fills.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// The padding character.
    pub fill: u32,
    /// Fills before everything.
    pub left: usize,
    /// Sign and prefix, or nothing; ASCII unless a single character was formatted.
    pub head: String,
    /// Fills between head and body.
    pub inner: usize,
    /// The digits.
    pub body: String,
    /// Fills behind.
    pub right: usize,
}

impl Layout {
    /// Whether nothing but ASCII is in it.
    pub fn is_ascii(&self) -> bool {
        (self.fill < 128 || self.left + self.inner + self.right == 0) && self.body.is_ascii() && self.head.is_ascii()
    }

    /// Characters in all, if they can be counted.
    pub fn len(&self) -> Option<usize> {
        let text = self.head.chars().count() + self.body.chars().count();
        text.checked_add(self.left)?.checked_add(self.inner)?.checked_add(self.right)
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The text, if memory holds it; a fill that is no character (a lone surrogate) becomes U+FFFD.
    pub fn to_text(&self) -> Result<String, FormatError> {
        let fill = char::from_u32(self.fill).unwrap_or(char::REPLACEMENT_CHARACTER);
        let fills = (self.left.checked_add(self.inner)).and_then(|n| n.checked_add(self.right));
        let bytes = fills.and_then(|n| n.checked_mul(fill.len_utf8())).ok_or(FormatError::Memory)?;
        let mut text = String::new();
        let total = bytes.checked_add(self.head.len() + self.body.len()).ok_or(FormatError::Memory)?;
        text.try_reserve_exact(total).map_err(|_| FormatError::Memory)?;
        let pad = |text: &mut String, n: usize| text.extend(std::iter::repeat_n(fill, n));
        pad(&mut text, self.left);
        text.push_str(&self.head);
        pad(&mut text, self.inner);
        text.push_str(&self.body);
        pad(&mut text, self.right);
        Ok(text)
    }
}

/// A number to be laid out: its sign, a prefix such as `0x`, the digits before the point, and the rest.
pub(super) struct Number<'a> {
    pub(super) negative: bool,
    pub(super) prefix: &'a str,
    pub(super) digits: &'a str,
    pub(super) rest: &'a str,
}

impl Number<'_> {
    /// Lays the number out as the specification says.
    pub(super) fn lay_out(&self, spec: &Spec) -> Result<Layout, FormatError> {
        let mut layout = Layout { fill: spec.fill, ..Layout::default() };
        match (self.negative, spec.sign) {
            (true, _) => layout.head.push('-'),
            (false, sign @ (b'+' | b' ')) => layout.head.push(char::from(sign)),
            _ => {}
        }
        layout.head.push_str(self.prefix);
        let rest = group_fraction(self.rest, spec.fraction_grouping);
        let around = layout.head.len() + rest.len();
        let width = spec.width.unwrap_or(0);
        // Zeros between sign and digits are digits: they are grouped, too.
        let zero_filled = spec.fill == u32::from('0') && spec.align == Align::AfterSign;
        let least = if zero_filled { width.saturating_sub(around) } else { 0 };
        // Infinities and what is no number have no digits to group.
        let grouping = if self.digits.is_empty() { Grouping::None } else { spec.grouping };
        layout.body = group(self.digits, least, grouping, rest.len())?;
        layout.body.push_str(&rest);
        let missing = width.saturating_sub(layout.head.len() + layout.body.len());
        if spec.align == Align::AfterSign {
            layout.inner = missing;
        } else {
            (layout.left, layout.right) = padding(spec.align, missing);
        }
        Ok(layout)
    }
}

/// Puts separators between groups of digits, from the right, and zeros before them up to a least width.
fn group(digits: &str, least: usize, grouping: Grouping, more: usize) -> Result<String, FormatError> {
    let mut reversed = Vec::new();
    let (separator, size) = grouping.parts().unwrap_or((',', usize::MAX));
    let room = digits.len().max(least).checked_mul(2).and_then(|n| n.checked_add(more)).ok_or(FormatError::Memory)?;
    reversed.try_reserve(room).map_err(|_| FormatError::Memory)?;
    let mut source = digits.bytes().rev();
    let (mut left, mut missing) = (digits.len(), least);
    while left > 0 || missing > 0 {
        if !reversed.is_empty() {
            reversed.push(separator as u8);
        }
        let len = size.min(left.max(missing).max(1));
        for _ in 0..len {
            reversed.push(source.next().unwrap_or(b'0'));
        }
        left = left.saturating_sub(len);
        missing = missing.saturating_sub(len);
        if left == 0 && missing == 0 {
            break;
        }
        missing = missing.saturating_sub(1);
        // A separator that only fills would stand alone before the digits: a zero goes with it.
        if left == 0 && missing == 0 {
            missing = 1;
        }
    }
    reversed.reverse();
    String::from_utf8(reversed).map_err(|_| FormatError::Memory)
}

/// Groups the digits right behind the point.
fn group_fraction(rest: &str, grouping: Grouping) -> std::borrow::Cow<'_, str> {
    let (Some((separator, size)), Some(fraction)) = (grouping.parts(), rest.strip_prefix('.')) else {
        return rest.into();
    };
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let mut out = String::from(".");
    for (i, c) in fraction.char_indices() {
        if i > 0 && i < digits && i % size == 0 {
            out.push(separator);
        }
        out.push(c);
    }
    out.into()
}

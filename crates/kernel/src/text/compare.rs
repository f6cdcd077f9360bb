//! Equality and order of texts across kinds.

use super::Text;
use crate::with_units;
use std::cmp::Ordering;

impl Text<'_> {
    /// Same code points? Kinds may differ.
    #[inline]
    pub fn equals(self, other: Text<'_>) -> bool {
        match (self, other) {
            (Text::Ascii(a), Text::Ascii(b)) => a == b,
            (Text::Latin1(a), Text::Latin1(b)) => a == b,
            (Text::Ucs2(a), Text::Ucs2(b)) => a == b,
            (Text::Ucs4(a), Text::Ucs4(b)) => a == b,
            (a, b) => a.len() == b.len() && a.chars().eq(b.chars()),
        }
    }

    /// Is it the given ASCII string?
    #[inline]
    pub fn equals_str(self, other: &str) -> bool {
        match self {
            Text::Ascii(s) => s == other,
            _ => self.chars().eq(other.chars().map(|c| c as u32)),
        }
    }

    /// Order by code points.
    #[inline]
    pub fn compare(self, other: Text<'_>) -> Ordering {
        match (self, other) {
            (Text::Ascii(a), Text::Ascii(b)) => a.cmp(b),
            (Text::Latin1(a), Text::Latin1(b)) => a.cmp(b),
            (Text::Ucs2(a), Text::Ucs2(b)) => a.cmp(b),
            (Text::Ucs4(a), Text::Ucs4(b)) => a.cmp(b),
            (a, b) => a.chars().cmp(b.chars()),
        }
    }

    /// Number of code points that both start with.
    pub fn common_prefix(self, other: Text<'_>) -> usize {
        with_units!(self, a => with_units!(other, b => {
            a.iter().zip(b).take_while(|(x, y)| super::Unit::code(**x) == super::Unit::code(**y)).count()
        }))
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.equals(*other)
    }
}

impl Eq for Text<'_> {}

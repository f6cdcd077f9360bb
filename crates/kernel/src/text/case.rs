//! Changing case, with Unicode's special mappings and the two lower cases of sigma.

use super::slices::Unit;
use super::{Text, TextBuf};
use crate::{unicode, with_units};

const CAPITAL_SIGMA: u32 = 0x3A3;
const SIGMA: u32 = 0x3C3;
const FINAL_SIGMA: u32 = 0x3C2;

/// Sigma ends a word when a cased character is before it and none after, other marks passed over.
fn sigma_at<T: Unit>(text: &[T], at: usize) -> u32 {
    let skip = |unit: &&T| !unicode::is_case_ignorable(unit.code());
    let before = text[..at].iter().rev().find(skip);
    if !before.is_some_and(|u| unicode::is_cased(u.code())) {
        return SIGMA;
    }
    let after = text[at + 1..].iter().find(skip);
    if after.is_some_and(|u| unicode::is_cased(u.code())) { SIGMA } else { FINAL_SIGMA }
}

#[inline]
fn push_lower<T: Unit>(out: &mut Vec<u32>, text: &[T], at: usize) {
    let c = text[at].code();
    if c < 0x80 {
        out.push((c as u8).to_ascii_lowercase() as u32);
    } else if c == CAPITAL_SIGMA {
        out.push(sigma_at(text, at));
    } else {
        unicode::to_lower(c).each(|c| out.push(c));
    }
}

#[inline]
fn push_upper(out: &mut Vec<u32>, c: u32) {
    if c < 0x80 {
        out.push((c as u8).to_ascii_uppercase() as u32);
    } else {
        unicode::to_upper(c).each(|c| out.push(c));
    }
}

fn start(text: Text<'_>) -> Vec<u32> {
    // Room for the usual case; a mapping to several code points grows it.
    Vec::with_capacity(text.len())
}

impl Text<'_> {
    /// In upper case.
    pub fn to_upper(self) -> TextBuf {
        if let Text::Ascii(s) = self {
            return s.to_ascii_uppercase().into();
        }
        let mut out = start(self);
        with_units!(self, s => s.iter().for_each(|u| push_upper(&mut out, u.code())));
        TextBuf::from_ucs4(out)
    }

    /// In lower case.
    pub fn to_lower(self) -> TextBuf {
        if let Text::Ascii(s) = self {
            return s.to_ascii_lowercase().into();
        }
        let mut out = start(self);
        with_units!(self, s => (0..s.len()).for_each(|at| push_lower(&mut out, s, at)));
        TextBuf::from_ucs4(out)
    }

    /// Folded for comparison without regard to case.
    pub fn to_folded(self) -> TextBuf {
        if let Text::Ascii(s) = self {
            return s.to_ascii_lowercase().into();
        }
        let mut out = start(self);
        with_units!(self, s => s.iter().for_each(|u| unicode::to_folded(u.code()).each(|c| out.push(c))));
        TextBuf::from_ucs4(out)
    }

    /// Words in title case.
    pub fn to_title(self) -> TextBuf {
        let mut out = start(self);
        with_units!(self, s => {
            let mut previous = false;
            for (at, u) in s.iter().enumerate() {
                if previous {
                    push_lower(&mut out, s, at);
                } else {
                    unicode::to_title(u.code()).each(|c| out.push(c));
                }
                previous = unicode::is_cased(u.code());
            }
        });
        TextBuf::from_ucs4(out)
    }

    /// The first character in title case, the others in lower case.
    pub fn to_capitalized(self) -> TextBuf {
        let mut out = start(self);
        with_units!(self, s => {
            if let Some(first) = s.first() {
                unicode::to_title(first.code()).each(|c| out.push(c));
            }
            (1..s.len()).for_each(|at| push_lower(&mut out, s, at));
        });
        TextBuf::from_ucs4(out)
    }

    /// Upper case becomes lower, lower case upper.
    pub fn to_swapped(self) -> TextBuf {
        let mut out = start(self);
        with_units!(self, s => {
            for (at, u) in s.iter().enumerate() {
                let c = u.code();
                if unicode::is_upper(c) {
                    push_lower(&mut out, s, at);
                } else if unicode::is_lower(c) {
                    push_upper(&mut out, c);
                } else {
                    out.push(c);
                }
            }
        });
        TextBuf::from_ucs4(out)
    }
}

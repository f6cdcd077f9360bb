//! Padding and tabs.

use super::slices::Unit;
use super::{MAX_LEN, SizeError, Text, TextBuf};
use crate::with_units;

impl Text<'_> {
    /// With `left` and `right` times `fill` around it.
    pub fn padded(self, left: usize, right: usize, fill: u32) -> Result<TextBuf, SizeError> {
        let len = left.checked_add(right).and_then(|sum| sum.checked_add(self.len()));
        let len = len.filter(|len| *len <= MAX_LEN).ok_or(SizeError::TooLong)?;
        let mut out = TextBuf::try_with_capacity(self.kind().max(super::Kind::of(fill)), len)?;
        out.push_repeated(fill, left);
        out.push_text(self);
        out.push_repeated(fill, right);
        Ok(out.finish())
    }

    /// `str.center`: an odd blank goes left when the width is odd.
    pub fn centered(self, width: usize, fill: u32) -> Result<TextBuf, SizeError> {
        let margin = width.saturating_sub(self.len());
        let left = margin / 2 + (margin & width & 1);
        self.padded(left, margin - left, fill)
    }

    /// `str.ljust`.
    pub fn left_justified(self, width: usize, fill: u32) -> Result<TextBuf, SizeError> {
        self.padded(0, width.saturating_sub(self.len()), fill)
    }

    /// `str.rjust`.
    pub fn right_justified(self, width: usize, fill: u32) -> Result<TextBuf, SizeError> {
        self.padded(width.saturating_sub(self.len()), 0, fill)
    }

    /// `str.zfill`: zeros go behind a sign.
    pub fn zero_filled(self, width: usize) -> Result<TextBuf, SizeError> {
        let zeros = width.saturating_sub(self.len());
        let signed = matches!(self.get(0), Some(0x2B | 0x2D));
        if zeros == 0 || !signed {
            return self.padded(zeros, 0, b'0' as u32);
        }
        let mut out = TextBuf::try_with_capacity(self.kind(), width)?;
        out.push(self.at(0));
        out.push_repeated(b'0' as u32, zeros);
        out.push_text(self.slice(1, self.len()));
        Ok(out.finish())
    }

    /// With tabs as blanks, stops every `size` columns (0: tabs vanish).
    pub fn expand_tabs(self, size: usize) -> Result<TextBuf, SizeError> {
        let mut out = TextBuf::with_capacity(self.kind(), self.len());
        let mut column = 0;
        with_units!(self, s => {
            for u in s {
                let c = u.code();
                if c == 9 {
                    if size > 0 {
                        let blanks = size - column % size;
                        if blanks > MAX_LEN - out.len() {
                            return Err(SizeError::TooLong);
                        }
                        out.try_reserve(blanks)?;
                        out.push_repeated(b' ' as u32, blanks);
                        column = 0;
                    }
                } else {
                    column = if matches!(c, 10 | 13) { 0 } else { column + 1 };
                    out.push(c);
                }
            }
        });
        Ok(out.finish())
    }
}

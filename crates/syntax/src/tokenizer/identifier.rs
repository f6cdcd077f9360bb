//! Identifiers that are not ASCII: which characters they may hold.

use super::Tokenizer;
use crate::token::Token;

/// Whether `c` may begin an identifier.
#[must_use]
pub fn is_start(c: char) -> bool {
    c == '_' || unicode_ident::is_xid_start(c)
}

/// Whether `c` may continue an identifier.
#[must_use]
pub fn is_continue(c: char) -> bool {
    unicode_ident::is_xid_continue(c)
}

/// Whether `str.isprintable` holds, as far as characters that cannot be in identifiers are concerned.
fn is_printable(c: char) -> bool {
    use unicode_general_category::{GeneralCategory as G, get_general_category};
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
    ) || c == ' '
}

impl Tokenizer<'_> {
    /// An error if the word from `start` to `end` is no identifier.
    pub(super) fn check_identifier(&mut self, start: usize, end: usize) -> Option<Token> {
        if self.options.extra_tokens {
            return None;
        }
        let word = &self.text[start..end];
        let mut first = true;
        for (offset, c) in word.char_indices() {
            let fine = if first { is_start(c) } else { is_continue(c) };
            first = false;
            if fine {
                continue;
            }
            self.pos = start + offset + c.len_utf8();
            let number = u32::from(c);
            return Some(if is_printable(c) {
                self.raise(&format!("invalid character '{c}' (U+{number:04X})"))
            } else {
                self.raise(&format!("invalid non-printable character U+{number:04X}"))
            });
        }
        None
    }
}

//! What the engine asks about characters: case and the classes of `\d`, `\s`, `\w`, in their ASCII, locale and Unicode
//! forms.
//!
//! Bytes from 128 on have neither case nor class in the C locale and in UTF-8 locales, which are the locales known here.

use crate::unicode;

use super::opcodes::{Category, Class, WordKind};

/// The lower-case form among ASCII letters.
#[inline]
pub fn lower_ascii(c: u32) -> u32 {
    if c.wrapping_sub(0x41) < 26 { c + 32 } else { c }
}

/// Whether an ASCII character has case.
pub fn is_cased_ascii(c: u32) -> bool {
    (c | 32).wrapping_sub(0x61) < 26
}

/// Whether a character has another case form.
pub fn is_cased_unicode(c: u32) -> bool {
    unicode::is_sre_cased(c)
}

pub(super) fn lower_locale(c: u32) -> u32 {
    lower_ascii(c)
}

pub(super) fn upper_locale(c: u32) -> u32 {
    if c.wrapping_sub(0x61) < 26 { c - 32 } else { c }
}

/// The first character of the lower-case form.
pub fn lower_unicode(c: u32) -> u32 {
    if c < 128 {
        return lower_ascii(c);
    }
    unicode::to_simple_lower(c)
}

/// The first character of the upper-case form.
pub fn upper_unicode(c: u32) -> u32 {
    if c < 128 {
        return upper_locale(c);
    }
    match unicode::to_upper(c) {
        unicode::Mapped::One(c) => c,
        unicode::Mapped::Several(all) => all.first().copied().unwrap_or(c),
    }
}

fn is_word_ascii(c: u32) -> bool {
    u8::try_from(c).is_ok_and(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_word_unicode(c: u32) -> bool {
    if c < 128 {
        return is_word_ascii(c);
    }
    unicode::is_alnum(c) || c == 0x5f
}

pub(super) fn is_word(kind: WordKind, c: u32) -> bool {
    match kind {
        WordKind::Ascii | WordKind::Locale => is_word_ascii(c),
        WordKind::Unicode => is_word_unicode(c),
    }
}

fn is_space_ascii(c: u32) -> bool {
    c == 32 || (9..=13).contains(&c)
}

fn is_space_unicode(c: u32) -> bool {
    unicode::is_space(c)
}

fn is_digit_unicode(c: u32) -> bool {
    unicode::decimal_value(c).is_some()
}

fn is_line_break_unicode(c: u32) -> bool {
    unicode::is_line_break(c)
}

pub(super) fn in_category(category: Category, c: u32) -> bool {
    let inside = match category.class {
        Class::Digit => c.wrapping_sub(0x30) < 10,
        Class::Space => is_space_ascii(c),
        Class::Word | Class::LocaleWord => is_word_ascii(c),
        Class::LineBreak => c == 10,
        Class::UnicodeDigit => is_digit_unicode(c),
        Class::UnicodeSpace => is_space_unicode(c),
        Class::UnicodeWord => is_word_unicode(c),
        Class::UnicodeLineBreak => is_line_break_unicode(c),
    };
    inside != category.negated
}

/// Whether a category distinguishes among the characters from 256 on.
pub(super) fn category_varies_above(category: Category) -> bool {
    matches!(category.class, Class::UnicodeDigit | Class::UnicodeSpace | Class::UnicodeWord | Class::UnicodeLineBreak)
}

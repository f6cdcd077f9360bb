//! The numbers of the code arrays: operations, positions, categories and flags, as `re._constants` counts them.

/// The version of the code arrays, `_sre.MAGIC`.
pub const MAGIC: u32 = 20230612;
/// Bytes of a code word, `_sre.CODESIZE`.
pub const CODE_SIZE: usize = 4;
/// The repeat count that stands for "without limit", `_sre.MAXREPEAT`.
pub const MAX_REPEAT: u32 = u32::MAX;
/// The most groups a pattern may have, `_sre.MAXGROUPS`.
pub const MAX_GROUPS: usize = (i32::MAX / 2) as usize;

macro_rules! numbered {
    ($($name:ident)*) => { numbered!(@ 0u32; $($name)*); };
    (@ $n:expr; $name:ident $($rest:ident)*) => {
        pub const $name: u32 = $n;
        numbered!(@ $n + 1; $($rest)*);
    };
    (@ $n:expr;) => {};
}

/// Operations.
pub(super) mod op {
    numbered! {
        FAILURE SUCCESS ANY ANY_ALL ASSERT ASSERT_NOT AT BRANCH CATEGORY CHARSET BIGCHARSET GROUPREF GROUPREF_EXISTS
        IN INFO JUMP LITERAL MARK MAX_UNTIL MIN_UNTIL NOT_LITERAL NEGATE RANGE REPEAT REPEAT_ONE _SUBPATTERN
        MIN_REPEAT_ONE ATOMIC_GROUP POSSESSIVE_REPEAT POSSESSIVE_REPEAT_ONE
        GROUPREF_IGNORE IN_IGNORE LITERAL_IGNORE NOT_LITERAL_IGNORE
        GROUPREF_LOC_IGNORE IN_LOC_IGNORE LITERAL_LOC_IGNORE NOT_LITERAL_LOC_IGNORE
        GROUPREF_UNI_IGNORE IN_UNI_IGNORE LITERAL_UNI_IGNORE NOT_LITERAL_UNI_IGNORE RANGE_UNI_IGNORE
    }
}

/// Flags of the INFO block.
pub(super) const INFO_PREFIX: u32 = 1;
pub(super) const INFO_LITERAL: u32 = 2;
pub(super) const INFO_CHARSET: u32 = 4;

/// Where a position assertion holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Beginning,
    BeginningLine,
    End,
    EndLine,
    EndString,
    Boundary(WordKind),
    NonBoundary(WordKind),
}

/// Whose notion of a word a boundary follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WordKind {
    Ascii,
    Locale,
    Unicode,
}

impl At {
    pub(super) fn from_code(code: u32) -> Option<At> {
        Some(match code {
            0 | 2 => At::Beginning,
            1 => At::BeginningLine,
            3 => At::Boundary(WordKind::Ascii),
            4 => At::NonBoundary(WordKind::Ascii),
            5 => At::End,
            6 => At::EndLine,
            7 => At::EndString,
            8 => At::Boundary(WordKind::Locale),
            9 => At::NonBoundary(WordKind::Locale),
            10 => At::Boundary(WordKind::Unicode),
            11 => At::NonBoundary(WordKind::Unicode),
            _ => return None,
        })
    }
}

/// A character class such as `\d`; negated ones are a class and a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Category {
    pub(super) class: Class,
    pub(super) negated: bool,
}

/// The classes that categories name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Digit,
    Space,
    Word,
    LineBreak,
    LocaleWord,
    UnicodeDigit,
    UnicodeSpace,
    UnicodeWord,
    UnicodeLineBreak,
}

impl Category {
    pub(super) fn from_code(code: u32) -> Option<Category> {
        let class = match code / 2 {
            0 => Class::Digit,
            1 => Class::Space,
            2 => Class::Word,
            3 => Class::LineBreak,
            4 => Class::LocaleWord,
            5 => Class::UnicodeDigit,
            6 => Class::UnicodeSpace,
            7 => Class::UnicodeWord,
            8 => Class::UnicodeLineBreak,
            _ => return None,
        };
        Some(Category { class, negated: code % 2 == 1 })
    }
}

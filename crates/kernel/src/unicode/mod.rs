//! The Unicode character database (the version in [`VERSION`]): what `str`'s methods, `unicodedata` and `re` ask
//! about single code points. Names live in [`names`], normal forms in [`normalize`].
//!
//! Code points are `u32`: lone surrogates are ordinary here, values beyond U+10FFFF have no property.

pub mod names;
pub mod normalize;
#[rustfmt::skip]
mod tables;

pub use tables::VERSION;

/// What `str`'s methods ask about a code point.
struct TextRecord {
    flags: u16,
    upper: i32,
    lower: i32,
    title: i32,
    fold: i32,
    simple_lower: i32,
    decimal: u8,
    digit: u8,
}

/// What `unicodedata` asks about a code point: numbers of names in the tables beside it.
#[derive(Clone, Copy)]
struct DataRecord {
    category: u8,
    bidirectional: u8,
    combining: u8,
    width: u8,
    mirrored: u8,
    quick: u8,
}

const ALPHA: u16 = 1;
const DECIMAL: u16 = 1 << 1;
const DIGIT: u16 = 1 << 2;
const NUMERIC: u16 = 1 << 3;
const LOWER: u16 = 1 << 4;
const UPPER: u16 = 1 << 5;
const TITLE: u16 = 1 << 6;
const XID_START: u16 = 1 << 7;
const XID_CONTINUE: u16 = 1 << 8;
const PRINTABLE: u16 = 1 << 9;
const SPACE: u16 = 1 << 10;
const CASED: u16 = 1 << 11;
const IGNORABLE: u16 = 1 << 12;
const SRE_CASED: u16 = 1 << 13;

/// Marks a case mapping of several code points: the low 16 bits are its place, the next 8 its length.
const SPECIAL: i32 = 0x4000_0000;

#[inline]
fn text_record(c: u32) -> &'static TextRecord {
    // Code points past the end share the record of U+10FFFF, which has no property.
    let c = c.min(0x10FFFF) as usize;
    let block = tables::TEXT_BLOCKS[c >> 7] as usize;
    &tables::TEXT_RECORDS[tables::TEXT_NUMBERS[block << 7 | (c & 127)] as usize]
}

#[inline]
fn data_record(c: u32) -> &'static DataRecord {
    let c = c.min(0x10FFFF) as usize;
    let block = tables::DATA_BLOCKS[c >> 7] as usize;
    &tables::DATA_RECORDS[tables::DATA_NUMBERS[block << 7 | (c & 127)] as usize]
}

macro_rules! predicates {
    ($($(#[$doc:meta])* $name:ident = $flags:expr;)*) => {
        $($(#[$doc])* #[inline] pub fn $name(c: u32) -> bool { text_record(c).flags & ($flags) != 0 })*
    };
}

predicates! {
    /// A letter (`str.isalpha`).
    is_alpha = ALPHA;
    /// A decimal digit (`str.isdecimal`).
    is_decimal = DECIMAL;
    /// A digit (`str.isdigit`).
    is_digit = DIGIT;
    /// Has a numeric value (`str.isnumeric`).
    is_numeric = NUMERIC;
    /// A letter or something numeric (`str.isalnum`).
    is_alnum = ALPHA | DECIMAL | DIGIT | NUMERIC;
    /// A lower-case character.
    is_lower = LOWER;
    /// An upper-case character.
    is_upper = UPPER;
    /// A title-case letter (category Lt).
    is_title = TITLE;
    /// May start an identifier (an underscore may, too: the caller looks).
    is_xid_start = XID_START;
    /// May continue an identifier.
    is_xid_continue = XID_CONTINUE;
    /// `repr` shows it as it is.
    is_printable = PRINTABLE;
    /// Has case, by the property Cased.
    is_cased = CASED;
    /// The search for a word's end passes over it (property Case_Ignorable, where case is not looked at first).
    is_case_ignorable = IGNORABLE;
    /// Differs from its simple lower or upper case.
    is_sre_cased = SRE_CASED;
    /// White space, without the shortcut for ASCII of [`is_space`].
    is_space_slow = SPACE;
}

/// White space (`str.isspace`, `str.split`).
#[inline]
pub fn is_space(c: u32) -> bool {
    if c < 128 { matches!(c, 9..=13 | 28..=32) } else { is_space_slow(c) }
}

/// Ends a line (`str.splitlines`).
#[inline]
pub fn is_line_break(c: u32) -> bool {
    matches!(c, 0x0A..=0x0D | 0x1C..=0x1E | 0x85 | 0x2028 | 0x2029)
}

/// Value of a decimal digit.
pub fn decimal_value(c: u32) -> Option<u8> {
    Some(text_record(c).decimal).filter(|v| *v != 255)
}

/// Value of a digit.
pub fn digit_value(c: u32) -> Option<u8> {
    Some(text_record(c).digit).filter(|v| *v != 255)
}

/// Numeric value.
pub fn numeric_value(c: u32) -> Option<f64> {
    let at = tables::NUMERIC.binary_search_by_key(&c, |entry| entry.0).ok()?;
    Some(tables::NUMERIC[at].1)
}

/// One to three code points: what a full case mapping yields.
#[derive(Clone, Copy)]
pub enum Mapped {
    /// The usual case.
    One(u32),
    /// A special mapping.
    Several(&'static [u32]),
}

impl Mapped {
    /// Calls `f` for each code point.
    #[inline]
    pub fn each(self, mut f: impl FnMut(u32)) {
        match self {
            Mapped::One(c) => f(c),
            Mapped::Several(all) => all.iter().for_each(|c| f(*c)),
        }
    }
}

#[inline]
fn mapped(c: u32, delta: i32) -> Mapped {
    if delta < SPECIAL {
        return Mapped::One(c.wrapping_add_signed(delta));
    }
    let start = (delta & 0xFFFF) as usize;
    let len = (delta >> 16 & 0xFF) as usize;
    Mapped::Several(&tables::SPECIAL_CASES[start..start + len])
}

/// Full upper case.
#[inline]
pub fn to_upper(c: u32) -> Mapped {
    mapped(c, text_record(c).upper)
}

/// Full lower case, without regard to a sigma's place in its word.
#[inline]
pub fn to_lower(c: u32) -> Mapped {
    mapped(c, text_record(c).lower)
}

/// Full title case.
#[inline]
pub fn to_title(c: u32) -> Mapped {
    mapped(c, text_record(c).title)
}

/// Full case folding.
#[inline]
pub fn to_folded(c: u32) -> Mapped {
    mapped(c, text_record(c).fold)
}

/// Simple lower case: always one code point (what regular expressions use).
#[inline]
pub fn to_simple_lower(c: u32) -> u32 {
    c.wrapping_add_signed(text_record(c).simple_lower)
}

/// The two versions of the database that Python offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Database {
    /// [`VERSION`].
    Current,
    /// Unicode 3.2.0, for IDNA 2003.
    V3_2,
}

impl Database {
    fn record(self, c: u32) -> &'static DataRecord {
        if self == Database::V3_2 {
            let at = tables::OLD_RECORDS.partition_point(|entry| entry.1 < c);
            if let Some(entry) = tables::OLD_RECORDS.get(at).filter(|entry| entry.0 <= c) {
                return &entry.2;
            }
        }
        data_record(c)
    }

    /// Is the code point assigned (or for private use, or a surrogate) in this version?
    pub fn is_assigned(self, c: u32) -> bool {
        self.record(c).category != 0
    }

    /// General category: two letters.
    pub fn category(self, c: u32) -> &'static str {
        tables::CATEGORIES[self.record(c).category as usize]
    }

    /// Bidirectional class; empty for an unassigned code point.
    pub fn bidirectional(self, c: u32) -> &'static str {
        tables::BIDIRECTIONAL[self.record(c).bidirectional as usize]
    }

    /// Canonical combining class.
    pub fn combining(self, c: u32) -> u8 {
        self.record(c).combining
    }

    /// East Asian width.
    pub fn east_asian_width(self, c: u32) -> &'static str {
        tables::WIDTHS[self.record(c).width as usize]
    }

    /// Is it mirrored in bidirectional text?
    pub fn mirrored(self, c: u32) -> bool {
        self.record(c).mirrored != 0
    }

    /// Value of a decimal digit.
    pub fn decimal(self, c: u32) -> Option<u8> {
        match self.old_numbers(c) {
            Some(old) => u8::try_from(old.1).ok(),
            None => decimal_value(c),
        }
    }

    /// Value of a digit.
    pub fn digit(self, c: u32) -> Option<u8> {
        match self.old_numbers(c) {
            Some(old) => u8::try_from(old.2).ok(),
            None => digit_value(c),
        }
    }

    /// Numeric value.
    pub fn numeric(self, c: u32) -> Option<f64> {
        match self.old_numbers(c) {
            Some(old) => Some(old.3).filter(|v| *v >= 0.0),
            None => numeric_value(c),
        }
    }

    fn old_numbers(self, c: u32) -> Option<(u32, i8, i8, f64)> {
        if self == Database::Current {
            return None;
        }
        match tables::OLD_NUMBERS.binary_search_by_key(&c, |entry| entry.0) {
            Ok(at) => Some(tables::OLD_NUMBERS[at]),
            Err(_) if !self.is_assigned(c) => Some((c, -1, -1, -1.0)),
            Err(_) => None,
        }
    }

    /// The decomposition as the database writes it: tag (or empty) and code points. Hangul syllables have none here.
    pub fn decomposition(self, c: u32) -> Option<(&'static str, &'static [u32])> {
        if self == Database::V3_2 && !self.is_assigned(c) {
            return None;
        }
        decomposition_entry(c)
    }
}

fn decomposition_entry(c: u32) -> Option<(&'static str, &'static [u32])> {
    let at = tables::DECOMPOSED.binary_search(&c).ok()?;
    let place = tables::DECOMPOSITION_PLACES[at];
    let start = (place & 0xFFFF) as usize;
    let len = (place >> 16 & 0xFF) as usize;
    Some((tables::DECOMPOSITION_TAGS[(place >> 24) as usize], &tables::DECOMPOSITIONS[start..start + len]))
}

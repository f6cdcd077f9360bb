//! Questions about all of a text: `isalpha` and its kin.

use super::Text;
use super::slices::Unit;
use crate::{unicode, with_units};

macro_rules! all_of {
    ($($(#[$doc:meta])* $name:ident: $ascii:expr, $other:path;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(self) -> bool {
                match self {
                    Text::Ascii(s) => !s.is_empty() && s.bytes().all($ascii),
                    _ => !self.is_empty() && with_units!(self, s => s.iter().all(|u| $other(u.code()))),
                }
            }
        )*
    };
}

impl Text<'_> {
    all_of! {
        /// Letters only, at least one.
        is_alpha: |b: u8| b.is_ascii_alphabetic(), unicode::is_alpha;
        /// Decimal digits only, at least one.
        is_decimal: |b: u8| b.is_ascii_digit(), unicode::is_decimal;
        /// Digits only, at least one.
        is_digit: |b: u8| b.is_ascii_digit(), unicode::is_digit;
        /// Numeric characters only, at least one.
        is_numeric: |b: u8| b.is_ascii_digit(), unicode::is_numeric;
        /// Letters and numeric characters only, at least one.
        is_alnum: |b: u8| b.is_ascii_alphanumeric(), unicode::is_alnum;
        /// White space only, at least one.
        is_space: |b: u8| unicode::is_space(b as u32), unicode::is_space;
    }

    /// Would `repr` show all of it as it is?
    pub fn is_printable(self) -> bool {
        match self {
            Text::Ascii(s) => s.bytes().all(|b| (0x20..0x7F).contains(&b)),
            _ => with_units!(self, s => s.iter().all(|u| unicode::is_printable(u.code()))),
        }
    }

    /// Is it a name by Unicode's rules (keywords included)?
    pub fn is_identifier(self) -> bool {
        with_units!(self, s => match s.split_first() {
            Some((first, rest)) => {
                let first = first.code();
                (first == b'_' as u32 || unicode::is_xid_start(first))
                    && rest.iter().all(|u| unicode::is_xid_continue(u.code()))
            }
            None => false,
        })
    }

    /// Is there a lower-case character, and none of upper or title case?
    pub fn is_lower(self) -> bool {
        with_units!(self, s => {
            let mut cased = false;
            for u in s {
                let c = u.code();
                if unicode::is_upper(c) || unicode::is_title(c) {
                    return false;
                }
                cased = cased || unicode::is_lower(c);
            }
            cased
        })
    }

    /// Is there an upper-case character, and none of lower or title case?
    pub fn is_upper(self) -> bool {
        with_units!(self, s => {
            let mut cased = false;
            for u in s {
                let c = u.code();
                if unicode::is_lower(c) || unicode::is_title(c) {
                    return false;
                }
                cased = cased || unicode::is_upper(c);
            }
            cased
        })
    }

    /// Do words start in upper case and go on in lower case?
    pub fn is_title(self) -> bool {
        with_units!(self, s => {
            let (mut cased, mut previous) = (false, false);
            for u in s {
                let c = u.code();
                if unicode::is_upper(c) || unicode::is_title(c) {
                    if previous {
                        return false;
                    }
                    previous = true;
                    cased = true;
                } else if unicode::is_lower(c) {
                    if !previous {
                        return false;
                    }
                    cased = true;
                } else {
                    previous = false;
                }
            }
            cased
        })
    }
}

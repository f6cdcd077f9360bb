//! Text as Python's `str` holds it: the narrowest of four storages, code points that may be lone surrogates.
//!
//! [`Text`] borrows storage of any kind, [`TextBuf`] grows one; the algorithms are in the modules below, each running
//! a loop of its own per storage. What depends on objects (arguments, iteration, exceptions) is not here.

mod buf;
mod case;
mod classify;
mod compare;
mod layout;
mod ops;
pub mod repr;
pub mod slices;

pub use buf::TextBuf;
pub use slices::Unit;
pub use slices::search::{Needle, clip};

/// A size that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeError {
    /// The result would be longer than any object may be.
    TooLong,
    /// There is no memory for it.
    NoMemory,
}

impl From<std::collections::TryReserveError> for SizeError {
    fn from(_: std::collections::TryReserveError) -> Self {
        SizeError::NoMemory
    }
}

/// The longest that an object may be, in items.
pub const MAX_LEN: usize = isize::MAX as usize;

/// The kinds of storage, from narrow to wide.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Kind {
    /// One byte a code point, all below 0x80.
    Ascii,
    /// One byte a code point.
    Latin1,
    /// Two bytes a code point; surrogates are code points of their own.
    Ucs2,
    /// Four bytes a code point.
    Ucs4,
}

impl Kind {
    /// The narrowest kind that holds `c`.
    #[inline]
    pub fn of(c: u32) -> Kind {
        match c {
            0..0x80 => Kind::Ascii,
            0x80..0x100 => Kind::Latin1,
            0x100..0x10000 => Kind::Ucs2,
            _ => Kind::Ucs4,
        }
    }

    /// Bytes a code point takes.
    #[inline]
    pub fn width(self) -> usize {
        match self {
            Kind::Ascii | Kind::Latin1 => 1,
            Kind::Ucs2 => 2,
            Kind::Ucs4 => 4,
        }
    }

    /// The largest code point that a text of this kind may hold (what CPython calls its `maxchar`).
    pub fn max_char(self) -> u32 {
        match self {
            Kind::Ascii => 0x7F,
            Kind::Latin1 => 0xFF,
            Kind::Ucs2 => 0xFFFF,
            Kind::Ucs4 => 0x10FFFF,
        }
    }
}

/// Borrowed text. A slice of a text keeps its kind, so a kind is an upper bound; objects hold the narrowest.
#[derive(Clone, Copy, Debug)]
pub enum Text<'a> {
    /// Code points below 0x80.
    Ascii(&'a str),
    /// Code points below 0x100.
    Latin1(&'a [u8]),
    /// Code points below 0x10000.
    Ucs2(&'a [u16]),
    /// Any code points.
    Ucs4(&'a [u32]),
}

/// Runs an expression with the units of a text: `&[u8]`, `&[u16]` or `&[u32]`.
#[macro_export]
macro_rules! with_units {
    ($text:expr, $units:ident => $body:expr) => {
        match $text {
            $crate::text::Text::Ascii(text) => {
                let $units = text.as_bytes();
                $body
            }
            $crate::text::Text::Latin1($units) => $body,
            $crate::text::Text::Ucs2($units) => $body,
            $crate::text::Text::Ucs4($units) => $body,
        }
    };
}

impl<'a> Text<'a> {
    /// Empty text.
    pub const EMPTY: Text<'static> = Text::Ascii("");

    /// Number of code points.
    #[inline]
    pub fn len(self) -> usize {
        match self {
            Text::Ascii(s) => s.len(),
            Text::Latin1(s) => s.len(),
            Text::Ucs2(s) => s.len(),
            Text::Ucs4(s) => s.len(),
        }
    }

    /// Has it no code points?
    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The kind of storage.
    #[inline]
    pub fn kind(self) -> Kind {
        match self {
            Text::Ascii(_) => Kind::Ascii,
            Text::Latin1(_) => Kind::Latin1,
            Text::Ucs2(_) => Kind::Ucs2,
            Text::Ucs4(_) => Kind::Ucs4,
        }
    }

    /// The narrowest kind that would hold it.
    #[inline]
    pub fn narrowest(self) -> Kind {
        match self {
            Text::Ascii(_) => Kind::Ascii,
            Text::Latin1(s) => slices::bound(s),
            Text::Ucs2(s) => slices::bound(s),
            Text::Ucs4(s) => slices::bound(s),
        }
    }

    /// The code point at `index`, which must be within.
    #[inline]
    pub fn at(self, index: usize) -> u32 {
        match self {
            Text::Ascii(s) => s.as_bytes()[index] as u32,
            Text::Latin1(s) => s[index] as u32,
            Text::Ucs2(s) => s[index] as u32,
            Text::Ucs4(s) => s[index],
        }
    }

    /// The code point at `index`, if there is one.
    #[inline]
    pub fn get(self, index: usize) -> Option<u32> {
        if index < self.len() { Some(self.at(index)) } else { None }
    }

    /// The code points from `start` to `end`, which must be in order and within.
    #[inline]
    pub fn slice(self, start: usize, end: usize) -> Text<'a> {
        match self {
            Text::Ascii(s) => Text::Ascii(&s[start..end]),
            Text::Latin1(s) => Text::Latin1(&s[start..end]),
            Text::Ucs2(s) => Text::Ucs2(&s[start..end]),
            Text::Ucs4(s) => Text::Ucs4(&s[start..end]),
        }
    }

    /// Every `step`th code point from `start`, `count` of them: what a slice with a step takes.
    pub fn stepped(self, start: usize, step: isize, count: usize) -> TextBuf {
        let mut out = TextBuf::with_capacity(Kind::Ascii, 0);
        with_units!(self, s => {
            let mut at = start as isize;
            for _ in 0..count {
                out.push(s[at as usize].code());
                at = at.wrapping_add(step);
            }
        });
        out
    }

    /// The code points.
    #[inline]
    pub fn chars(self) -> Chars<'a> {
        match self {
            Text::Ascii(s) => Chars::Narrow(s.as_bytes().iter()),
            Text::Latin1(s) => Chars::Narrow(s.iter()),
            Text::Ucs2(s) => Chars::Ucs2(s.iter()),
            Text::Ucs4(s) => Chars::Ucs4(s.iter()),
        }
    }

    /// The text as Rust's, where its storage is the same.
    #[inline]
    pub fn as_ascii(self) -> Option<&'a str> {
        match self {
            Text::Ascii(s) => Some(s),
            _ => None,
        }
    }

    /// Are all code points below 0x80?
    pub fn is_ascii(self) -> bool {
        self.narrowest() == Kind::Ascii
    }

    /// A Rust string, unless there is a lone surrogate.
    pub fn to_rust(self) -> Option<String> {
        if let Text::Ascii(s) = self {
            return Some(s.to_owned());
        }
        self.chars().map(char::from_u32).collect()
    }

    /// A Rust string for people to read; lone surrogates become U+FFFD.
    pub fn to_rust_lossy(self) -> String {
        if let Text::Ascii(s) = self {
            return s.to_owned();
        }
        self.chars().map(|c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }
}

/// The code points of a text.
#[derive(Clone, Debug)]
pub enum Chars<'a> {
    /// One byte each.
    Narrow(std::slice::Iter<'a, u8>),
    /// Two bytes each.
    Ucs2(std::slice::Iter<'a, u16>),
    /// Four bytes each.
    Ucs4(std::slice::Iter<'a, u32>),
}

impl Iterator for Chars<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        match self {
            Chars::Narrow(i) => i.next().map(|c| *c as u32),
            Chars::Ucs2(i) => i.next().map(|c| *c as u32),
            Chars::Ucs4(i) => i.next().copied(),
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = match self {
            Chars::Narrow(i) => i.len(),
            Chars::Ucs2(i) => i.len(),
            Chars::Ucs4(i) => i.len(),
        };
        (len, Some(len))
    }

    fn fold<B, F: FnMut(B, u32) -> B>(self, init: B, mut f: F) -> B {
        match self {
            Chars::Narrow(i) => i.fold(init, |b, c| f(b, *c as u32)),
            Chars::Ucs2(i) => i.fold(init, |b, c| f(b, *c as u32)),
            Chars::Ucs4(i) => i.fold(init, |b, c| f(b, *c)),
        }
    }
}

impl DoubleEndedIterator for Chars<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<u32> {
        match self {
            Chars::Narrow(i) => i.next_back().map(|c| *c as u32),
            Chars::Ucs2(i) => i.next_back().map(|c| *c as u32),
            Chars::Ucs4(i) => i.next_back().copied(),
        }
    }
}

impl ExactSizeIterator for Chars<'_> {}

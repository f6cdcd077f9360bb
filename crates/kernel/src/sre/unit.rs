//! What a subject is made of: bytes, or the one-, two- and four-byte characters of a string.

use super::program::Prefix;
use super::set::Set;

/// One character of a subject as it is stored.
pub(super) trait Unit: Copy + PartialEq {
    fn code(self) -> u32;
    fn from_code(code: u32) -> Option<Self>;
    fn is_in(self, set: &Set) -> bool;
    fn find(hay: &[Self], unit: Self) -> Option<usize>;
    fn rfind(hay: &[Self], unit: Self) -> Option<usize>;
    fn find2(hay: &[Self], a: Self, b: Self) -> Option<usize>;
    /// The units as bytes, if they are bytes.
    fn as_bytes(hay: &[Self]) -> Option<&[u8]>;
    /// Finds a prefix; `text` is the same in this kind of unit.
    fn find_text(hay: &[Self], text: &[Self], prefix: &Prefix) -> Option<usize>;
}

impl Unit for u8 {
    #[inline(always)]
    fn code(self) -> u32 {
        u32::from(self)
    }
    #[inline(always)]
    fn from_code(code: u32) -> Option<Self> {
        u8::try_from(code).ok()
    }
    #[inline(always)]
    fn is_in(self, set: &Set) -> bool {
        set.table[self as usize]
    }
    #[inline]
    fn find(hay: &[Self], unit: Self) -> Option<usize> {
        memchr::memchr(unit, hay)
    }
    #[inline]
    fn rfind(hay: &[Self], unit: Self) -> Option<usize> {
        memchr::memrchr(unit, hay)
    }
    #[inline]
    fn find2(hay: &[Self], a: Self, b: Self) -> Option<usize> {
        memchr::memchr2(a, b, hay)
    }
    #[inline]
    fn as_bytes(hay: &[Self]) -> Option<&[u8]> {
        Some(hay)
    }
    #[inline]
    fn find_text(hay: &[Self], text: &[Self], prefix: &Prefix) -> Option<usize> {
        match &prefix.finder {
            Some(finder) => finder.find(hay),
            None => memchr::memmem::find(hay, text),
        }
    }
}

/// Units looked at in one step of a scan; the inner loop has no exit, so that it can be vectorized.
const STRIDE: usize = 16;

fn scan<T: Copy>(hay: &[T], wanted: impl Fn(T) -> bool) -> Option<usize> {
    let mut chunks = hay.chunks_exact(STRIDE);
    let mut base = 0;
    for chunk in chunks.by_ref() {
        if chunk.iter().fold(false, |any, &unit| any | wanted(unit)) {
            break;
        }
        base += STRIDE;
    }
    hay[base..].iter().position(|&unit| wanted(unit)).map(|i| base + i)
}

macro_rules! wide_unit {
    ($t:ty) => {
        impl Unit for $t {
            #[inline(always)]
            fn code(self) -> u32 {
                u32::from(self)
            }
            #[inline(always)]
            fn from_code(code: u32) -> Option<Self> {
                <$t>::try_from(code).ok()
            }
            #[inline(always)]
            fn is_in(self, set: &Set) -> bool {
                match set.table.get(self as usize) {
                    Some(&known) => known,
                    None => set.has_high(self.code()),
                }
            }
            #[inline]
            fn find(hay: &[Self], unit: Self) -> Option<usize> {
                scan(hay, |u| u == unit)
            }
            #[inline]
            fn rfind(hay: &[Self], unit: Self) -> Option<usize> {
                hay.iter().rposition(|&u| u == unit)
            }
            #[inline]
            fn find2(hay: &[Self], a: Self, b: Self) -> Option<usize> {
                scan(hay, |u| (u == a) | (u == b))
            }
            fn as_bytes(_: &[Self]) -> Option<&[u8]> {
                None
            }
            fn find_text(hay: &[Self], text: &[Self], prefix: &Prefix) -> Option<usize> {
                let (mut at, mut matched) = (0, 0);
                while at < hay.len() {
                    if matched == 0 {
                        at += Self::find(&hay[at..], text[0])?;
                        matched = 1;
                        at += 1;
                    } else if hay[at] == text[matched] {
                        matched += 1;
                        at += 1;
                    } else {
                        matched = prefix.overlap[matched - 1];
                        continue;
                    }
                    if matched == text.len() {
                        return Some(at - matched);
                    }
                }
                None
            }
        }
    };
}

wide_unit!(u16);
wide_unit!(u32);

//! Algorithms on slices of units, shared by text of every kind and by bytes.

pub mod replace;
pub mod search;
pub mod split;
pub mod strip;
mod two_way;

use super::{Kind, Text, TextBuf};
use std::borrow::Cow;

/// A storage unit: `u8`, `u16` or `u32`.
pub trait Unit: Copy + Eq + Ord + std::hash::Hash + bytemuck::Pod {
    /// The code point.
    fn code(self) -> u32;
    /// The code point as a unit; its high bits are lost.
    fn truncate(c: u32) -> Self;
    /// The code point as a unit, if it fits.
    fn fit(c: u32) -> Option<Self>;
    /// A text as units of this width, if it fits.
    fn cast(text: Text<'_>) -> Option<Cow<'_, [Self]>>;
    /// Units as text.
    fn text(units: &[Self]) -> Text<'_>;
    /// Units as a buffer, which may be wider than needed.
    fn into_buf(units: Vec<Self>) -> TextBuf;
    /// Place of the first `unit`.
    fn position(units: &[Self], unit: Self) -> Option<usize>;
    /// Place of the last `unit`.
    fn last_position(units: &[Self], unit: Self) -> Option<usize>;

    /// How often `unit` occurs.
    fn occurrences(units: &[Self], unit: Self) -> usize {
        // Short counts in a byte let the loop become vector instructions.
        units.chunks(255).map(|chunk| chunk.iter().map(|u| u8::from(*u == unit)).sum::<u8>() as usize).sum()
    }

    /// Appends units to storage of a width that holds them.
    #[inline]
    fn append<T: Unit>(units: &[Self], out: &mut Vec<T>) {
        match bytemuck::try_cast_slice::<Self, T>(units) {
            Ok(same) if size_of::<Self>() == size_of::<T>() => out.extend_from_slice(same),
            _ => out.extend(units.iter().map(|c| T::truncate(c.code()))),
        }
    }
}

fn cast_wide<T: Unit, S: Unit>(units: &[S]) -> Option<Cow<'_, [T]>> {
    units.iter().map(|c| T::fit(c.code())).collect::<Option<Vec<T>>>().map(Cow::Owned)
}

/// Compares 32 units at a time so that the loop becomes vector instructions.
#[inline]
fn wide_position<T: Unit>(units: &[T], unit: T) -> Option<usize> {
    let (chunks, rest) = units.as_chunks::<32>();
    for (i, chunk) in chunks.iter().enumerate() {
        if chunk.iter().fold(false, |hit, u| hit | (*u == unit)) {
            return chunk.iter().position(|u| *u == unit).map(|at| i * 32 + at);
        }
    }
    rest.iter().position(|u| *u == unit).map(|at| chunks.len() * 32 + at)
}

#[inline]
fn wide_last_position<T: Unit>(units: &[T], unit: T) -> Option<usize> {
    let (rest, chunks) = units.as_rchunks::<32>();
    for (i, chunk) in chunks.iter().enumerate().rev() {
        if chunk.iter().fold(false, |hit, u| hit | (*u == unit)) {
            return chunk.iter().rposition(|u| *u == unit).map(|at| rest.len() + i * 32 + at);
        }
    }
    rest.iter().rposition(|u| *u == unit)
}

impl Unit for u8 {
    #[inline]
    fn code(self) -> u32 {
        self as u32
    }
    #[inline]
    fn truncate(c: u32) -> u8 {
        c as u8
    }
    #[inline]
    fn fit(c: u32) -> Option<u8> {
        u8::try_from(c).ok()
    }
    fn cast(text: Text<'_>) -> Option<Cow<'_, [u8]>> {
        match text {
            Text::Ascii(s) => Some(Cow::Borrowed(s.as_bytes())),
            Text::Latin1(s) => Some(Cow::Borrowed(s)),
            Text::Ucs2(s) => cast_wide(s),
            Text::Ucs4(s) => cast_wide(s),
        }
    }
    fn into_buf(units: Vec<u8>) -> TextBuf {
        TextBuf::from_latin1(units)
    }
    fn text(units: &[u8]) -> Text<'_> {
        Text::Latin1(units)
    }
    #[inline]
    fn position(units: &[u8], unit: u8) -> Option<usize> {
        memchr::memchr(unit, units)
    }
    fn occurrences(units: &[u8], unit: u8) -> usize {
        memchr::memchr_iter(unit, units).count()
    }
    #[inline]
    fn last_position(units: &[u8], unit: u8) -> Option<usize> {
        memchr::memrchr(unit, units)
    }
}

impl Unit for u16 {
    #[inline]
    fn code(self) -> u32 {
        self as u32
    }
    #[inline]
    fn truncate(c: u32) -> u16 {
        c as u16
    }
    #[inline]
    fn fit(c: u32) -> Option<u16> {
        u16::try_from(c).ok()
    }
    fn cast(text: Text<'_>) -> Option<Cow<'_, [u16]>> {
        match text {
            Text::Ascii(s) => cast_wide(s.as_bytes()),
            Text::Latin1(s) => cast_wide(s),
            Text::Ucs2(s) => Some(Cow::Borrowed(s)),
            Text::Ucs4(s) => cast_wide(s),
        }
    }
    fn into_buf(units: Vec<u16>) -> TextBuf {
        TextBuf::from_ucs2(units)
    }
    fn text(units: &[u16]) -> Text<'_> {
        Text::Ucs2(units)
    }
    #[inline]
    fn position(units: &[u16], unit: u16) -> Option<usize> {
        wide_position(units, unit)
    }
    #[inline]
    fn last_position(units: &[u16], unit: u16) -> Option<usize> {
        wide_last_position(units, unit)
    }
}

impl Unit for u32 {
    #[inline]
    fn code(self) -> u32 {
        self
    }
    #[inline]
    fn truncate(c: u32) -> u32 {
        c
    }
    #[inline]
    fn fit(c: u32) -> Option<u32> {
        Some(c)
    }
    fn cast(text: Text<'_>) -> Option<Cow<'_, [u32]>> {
        match text {
            Text::Ascii(s) => cast_wide(s.as_bytes()),
            Text::Latin1(s) => cast_wide(s),
            Text::Ucs2(s) => cast_wide(s),
            Text::Ucs4(s) => Some(Cow::Borrowed(s)),
        }
    }
    fn into_buf(units: Vec<u32>) -> TextBuf {
        TextBuf::from_ucs4(units)
    }
    fn text(units: &[u32]) -> Text<'_> {
        Text::Ucs4(units)
    }
    #[inline]
    fn position(units: &[u32], unit: u32) -> Option<usize> {
        wide_position(units, unit)
    }
    #[inline]
    fn last_position(units: &[u32], unit: u32) -> Option<usize> {
        wide_last_position(units, unit)
    }
}

/// All units or-ed together.
#[inline]
pub(crate) fn union<T: Unit>(units: &[T]) -> u32 {
    units.iter().fold(0, |all, unit| all | unit.code())
}

/// The narrowest kind for the units, looking no further than needed.
pub(crate) fn bound<T: Unit>(units: &[T]) -> Kind {
    let widest = match size_of::<T>() {
        1 => 0x80,
        2 => 0x100,
        _ => 0x10000,
    };
    let mut all = 0;
    for chunk in units.chunks(128) {
        all |= union(chunk);
        if all >= widest {
            break;
        }
    }
    Kind::of(all)
}

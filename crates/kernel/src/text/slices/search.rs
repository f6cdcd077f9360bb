//! Finding and counting.

use super::{Unit, two_way};
use memchr::memmem;

/// Python's way of bringing `start` and `end` of a search into range: negative ones count from the end. The start may
/// come out behind the end: then even the empty string is not found.
#[inline]
pub fn clip(len: usize, start: isize, end: isize) -> (usize, usize) {
    let signed = len as isize;
    let from_end = |i: isize| if i < 0 { i.saturating_add(signed).max(0) as usize } else { i as usize };
    (from_end(start), from_end(end).min(len))
}

/// Something searched for, prepared once for many searches.
pub struct Needle<'n, T: Unit> {
    units: &'n [T],
    forward: Option<memmem::Finder<'n>>,
    backward: Option<memmem::FinderRev<'n>>,
}

/// Candidates at odd places before wide units are searched as such.
const PATIENCE: usize = 16;

impl<'n, T: Unit> Needle<'n, T> {
    /// Prepares a search from left to right. The needle must not be empty.
    pub fn forward(units: &'n [T]) -> Self {
        let forward = (units.len() > 1).then(|| memmem::Finder::new(bytemuck::cast_slice::<T, u8>(units)));
        Needle { units, forward, backward: None }
    }

    /// As [`Needle::forward`], for a text of so many units.
    pub fn forward_in(units: &'n [T], hay: usize) -> Self {
        if hay <= SHORT { Needle { units, forward: None, backward: None } } else { Needle::forward(units) }
    }

    /// Prepares a search from right to left. The needle must not be empty.
    pub fn backward(units: &'n [T]) -> Self {
        let backward = (units.len() > 1).then(|| memmem::FinderRev::new(bytemuck::cast_slice::<T, u8>(units)));
        Needle { units, forward: None, backward }
    }

    /// Length in units.
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Is it empty?
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The first place in `hay`.
    #[inline]
    pub fn find(&self, hay: &[T]) -> Option<usize> {
        if hay.len() < self.units.len() {
            return None;
        }
        match (&self.forward, self.units) {
            (Some(finder), _) => find_aligned(finder, hay, self.units),
            (None, [unit]) => T::position(hay, *unit),
            (None, _) => find(hay, self.units),
        }
    }

    /// The last place in `hay`.
    #[inline]
    pub fn rfind(&self, hay: &[T]) -> Option<usize> {
        if hay.len() < self.units.len() {
            return None;
        }
        match (&self.backward, self.units) {
            (Some(finder), _) => rfind_aligned(finder, hay, self.units),
            (None, [unit]) => T::last_position(hay, *unit),
            (None, _) => rfind(hay, self.units),
        }
    }
}

fn find_aligned<T: Unit>(finder: &memmem::Finder<'_>, hay: &[T], needle: &[T]) -> Option<usize> {
    let width = size_of::<T>();
    let bytes: &[u8] = bytemuck::cast_slice(hay);
    let mut from = 0;
    for _ in 0..PATIENCE {
        let at = from + finder.find(&bytes[from..])?;
        if at % width == 0 {
            return Some(at / width);
        }
        from = at.next_multiple_of(width);
    }
    let from = from / width;
    two_way::find(&hay[from..], needle).map(|at| from + at)
}

fn rfind_aligned<T: Unit>(finder: &memmem::FinderRev<'_>, hay: &[T], needle: &[T]) -> Option<usize> {
    let width = size_of::<T>();
    let bytes: &[u8] = bytemuck::cast_slice(hay);
    let needle_bytes = size_of_val(needle);
    let mut end = bytes.len();
    for _ in 0..PATIENCE {
        let at = finder.rfind(&bytes[..end])?;
        if at % width == 0 {
            return Some(at / width);
        }
        // The next aligned candidate starts at or before the aligned place below this one.
        end = at - at % width + needle_bytes;
    }
    let reversed: Vec<T> = hay[..end / width].iter().rev().copied().collect();
    let needle: Vec<T> = needle.iter().rev().copied().collect();
    two_way::find(&reversed, &needle).map(|at| end / width - at - needle.len())
}

/// Below so many units a search is over before a cleverer one is prepared.
const SHORT: usize = 128;

/// The first place of a needle that is not empty and not longer than `hay`.
#[inline]
fn find_short<T: Unit>(hay: &[T], needle: &[T]) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let starts = hay.get(..=hay.len() - needle.len())?;
    starts.iter().enumerate().find_map(|(at, unit)| {
        (unit == first && hay.get(at + 1..at + needle.len()).is_some_and(|tail| tail == rest)).then_some(at)
    })
}

/// The first place of a needle in `hay`; the empty needle is at 0.
pub fn find<T: Unit>(hay: &[T], needle: &[T]) -> Option<usize> {
    match needle {
        [] => Some(0),
        _ if needle.len() > hay.len() => None,
        [unit] => T::position(hay, *unit),
        _ if hay.len() <= SHORT => find_short(hay, needle),
        _ if size_of::<T>() == 1 => memmem::find(bytemuck::cast_slice(hay), bytemuck::cast_slice(needle)),
        _ => find_aligned(&memmem::Finder::new(bytemuck::cast_slice::<T, u8>(needle)), hay, needle),
    }
}

/// The last place of a needle in `hay`; the empty needle is at the end.
pub fn rfind<T: Unit>(hay: &[T], needle: &[T]) -> Option<usize> {
    match needle {
        [] => Some(hay.len()),
        _ if needle.len() > hay.len() => None,
        [unit] => T::last_position(hay, *unit),
        _ => rfind_aligned(&memmem::FinderRev::new(bytemuck::cast_slice::<T, u8>(needle)), hay, needle),
    }
}

/// How often the needle is in `hay`, without overlap; the empty needle is before each unit and at the end.
pub fn count<T: Unit>(hay: &[T], needle: &[T]) -> usize {
    match needle {
        [] => hay.len() + 1,
        [unit] => T::occurrences(hay, *unit),
        _ => {
            let needle = Needle::forward_in(needle, hay.len());
            let (mut from, mut count) = (0, 0);
            while let Some(at) = needle.find(&hay[from..]) {
                count += 1;
                from += at + needle.len();
            }
            count
        }
    }
}

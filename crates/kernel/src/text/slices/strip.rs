//! Stripping units from the ends.

use super::Unit;

/// Which ends to strip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Start and end.
    Both,
    /// The start.
    Left,
    /// The end.
    Right,
}

/// What is left without the units at the ends that `drop` accepts: start and end.
pub fn strip<T: Unit>(text: &[T], side: Side, drop: impl Fn(T) -> bool) -> (usize, usize) {
    let (mut start, mut end) = (0, text.len());
    if side != Side::Right {
        while start < end && drop(text[start]) {
            start += 1;
        }
    }
    if side != Side::Left {
        while start < end && drop(text[end - 1]) {
            end -= 1;
        }
    }
    (start, end)
}

/// A set of units, for `strip(chars)`: a bit mask rules most units out, the rest is looked up.
pub struct UnitSet<'s, T: Unit> {
    units: &'s [T],
    /// Sorted, when there are many.
    sorted: Option<Vec<T>>,
    mask: u64,
}

impl<'s, T: Unit> UnitSet<'s, T> {
    /// The set of all units of a slice.
    pub fn new(units: &'s [T]) -> Self {
        let mask = units.iter().fold(0, |mask, unit| mask | 1 << (unit.code() & 63));
        let sorted = (units.len() > 16).then(|| {
            let mut sorted = units.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            sorted
        });
        UnitSet { units, sorted, mask }
    }

    /// Is the unit in the set?
    #[inline]
    pub fn contains(&self, unit: T) -> bool {
        if self.mask >> (unit.code() & 63) & 1 == 0 {
            return false;
        }
        match &self.sorted {
            Some(sorted) => sorted.binary_search(&unit).is_ok(),
            None => self.units.contains(&unit),
        }
    }
}

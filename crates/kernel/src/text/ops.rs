//! Searching, splitting, stripping, replacing and joining text: the needle is brought to the haystack's width, then
//! the loops of [`super::slices`] run.

use super::slices::strip::{Side, UnitSet};
use super::slices::{Unit, replace, search, split, strip};
use super::{Kind, MAX_LEN, SizeError, Text, TextBuf};
use crate::{unicode, with_units};

/// A slice of the kind that `whole` has.
fn piece<'a, T: Unit>(whole: Text<'a>, units: &'a [T]) -> Text<'a> {
    match (whole, T::text(units)) {
        // ASCII text was split between code points: its pieces are ASCII.
        (Text::Ascii(_), Text::Latin1(units)) => std::str::from_utf8(units).map_or(Text::Latin1(units), Text::Ascii),
        (_, text) => text,
    }
}

#[inline]
fn space<T: Unit>(unit: T) -> bool {
    unicode::is_space(unit.code())
}

/// A predicate for ASCII storage, with a table instead of Unicode's.
#[inline]
fn line_end<T: Unit>(unit: T) -> bool {
    let c = unit.code();
    // Most units are beyond 0x1E and below 0x85.
    (c <= 0x1E || c >= 0x85) && unicode::is_line_break(c)
}

/// ASCII pieces are cut from the `&str`, which costs no check.
fn cut<'a, E>(
    whole: &'a str,
    mut each: impl FnMut(Text<'a>) -> Result<(), E>,
) -> impl FnMut(&'a [u8]) -> Result<(), E> {
    let base = whole.as_ptr() as usize;
    move |units: &'a [u8]| {
        let start = units.as_ptr() as usize - base;
        each(Text::Ascii(&whole[start..start + units.len()]))
    }
}

impl<'a> Text<'a> {
    /// The first place of `needle` between `start` and `end` (of [`super::clip`]).
    pub fn find(self, needle: Text<'_>, start: usize, end: usize) -> Option<usize> {
        if start > end || needle.len() > end - start {
            return None;
        }
        if let (Text::Ascii(hay), Text::Ascii(needle)) = (self, needle) {
            return search::find(&hay.as_bytes()[start..end], needle.as_bytes()).map(|at| start + at);
        }
        with_units!(self, hay => {
            let needle = Unit::cast(needle)?;
            search::find(&hay[start..end], &needle).map(|at| start + at)
        })
    }

    /// The last place of `needle` between `start` and `end`.
    pub fn rfind(self, needle: Text<'_>, start: usize, end: usize) -> Option<usize> {
        if start > end || needle.len() > end - start {
            return None;
        }
        with_units!(self, hay => {
            let needle = Unit::cast(needle)?;
            search::rfind(&hay[start..end], &needle).map(|at| start + at)
        })
    }

    /// The first place of a code point.
    pub fn find_char(self, c: u32) -> Option<usize> {
        with_units!(self, hay => Unit::position(hay, Unit::fit(c)?))
    }

    /// Is `needle` somewhere in it?
    pub fn contains(self, needle: Text<'_>) -> bool {
        self.find(needle, 0, self.len()).is_some()
    }

    /// How often `needle` is between `start` and `end`, without overlap.
    pub fn count(self, needle: Text<'_>, start: usize, end: usize) -> usize {
        if start > end || needle.len() > end - start {
            return 0;
        }
        with_units!(self, hay => match Unit::cast(needle) {
            Some(needle) => search::count(&hay[start..end], &needle),
            None => 0,
        })
    }

    /// Does the part between `start` and `end` start with `prefix`?
    pub fn starts_with(self, prefix: Text<'_>, start: usize, end: usize) -> bool {
        start <= end && prefix.len() <= end - start && self.slice(start, start + prefix.len()).equals(prefix)
    }

    /// Does the part between `start` and `end` end with `suffix`?
    pub fn ends_with(self, suffix: Text<'_>, start: usize, end: usize) -> bool {
        start <= end && suffix.len() <= end - start && self.slice(end - suffix.len(), end).equals(suffix)
    }

    /// Splits at white space, `max` times at most (`usize::MAX`: no limit).
    pub fn split_space<E>(self, max: usize, mut each: impl FnMut(Text<'a>) -> Result<(), E>) -> Result<(), E> {
        match self {
            Text::Ascii(s) => split::split_space(s.as_bytes(), max, space, cut(s, each)),
            _ => with_units!(self, s => split::split_space(s, max, space, |p| each(piece(self, p)))),
        }
    }

    /// Splits at white space from the right; pieces come last first.
    pub fn rsplit_space<E>(self, max: usize, mut each: impl FnMut(Text<'a>) -> Result<(), E>) -> Result<(), E> {
        match self {
            Text::Ascii(s) => split::rsplit_space(s.as_bytes(), max, space, cut(s, each)),
            _ => with_units!(self, s => split::rsplit_space(s, max, space, |p| each(piece(self, p)))),
        }
    }

    /// Splits at a separator, which must not be empty.
    pub fn split<E>(self, at: Text<'_>, max: usize, mut each: impl FnMut(Text<'a>) -> Result<(), E>) -> Result<(), E> {
        match self {
            Text::Ascii(s) => match u8::cast(at) {
                Some(at) => split::split(s.as_bytes(), &at, max, cut(s, each)),
                None => each(self),
            },
            _ => with_units!(self, s => match Unit::cast(at) {
                Some(at) => split::split(s, &at, max, |p| each(piece(self, p))),
                None => each(self),
            }),
        }
    }

    /// Splits at a separator from the right; pieces come last first.
    pub fn rsplit<E>(self, at: Text<'_>, max: usize, mut each: impl FnMut(Text<'a>) -> Result<(), E>) -> Result<(), E> {
        match self {
            Text::Ascii(s) => match u8::cast(at) {
                Some(at) => split::rsplit(s.as_bytes(), &at, max, cut(s, each)),
                None => each(self),
            },
            _ => with_units!(self, s => match Unit::cast(at) {
                Some(at) => split::rsplit(s, &at, max, |p| each(piece(self, p))),
                None => each(self),
            }),
        }
    }

    /// Splits into lines.
    pub fn split_lines<E>(self, keep: bool, mut each: impl FnMut(Text<'a>) -> Result<(), E>) -> Result<(), E> {
        match self {
            Text::Ascii(s) => split::split_lines(s.as_bytes(), keep, line_end, cut(s, each)),
            _ => with_units!(self, s => split::split_lines(s, keep, line_end, |p| each(piece(self, p)))),
        }
    }

    /// What is before and after the first separator.
    pub fn partition(self, separator: Text<'_>) -> Option<(Text<'a>, Text<'a>)> {
        let at = self.find(separator, 0, self.len())?;
        Some((self.slice(0, at), self.slice(at + separator.len(), self.len())))
    }

    /// What is before and after the last separator.
    pub fn rpartition(self, separator: Text<'_>) -> Option<(Text<'a>, Text<'a>)> {
        let at = self.rfind(separator, 0, self.len())?;
        Some((self.slice(0, at), self.slice(at + separator.len(), self.len())))
    }

    /// Without white space at its ends.
    pub fn strip_space(self, side: Side) -> Text<'a> {
        let (start, end) = with_units!(self, s => strip::strip(s, side, space));
        self.slice(start, end)
    }

    /// Without the code points of `chars` at its ends.
    pub fn strip(self, side: Side, chars: Text<'_>) -> Text<'a> {
        fn run<T: Unit>(s: &[T], side: Side, chars: Text<'_>) -> (usize, usize) {
            match T::cast(chars) {
                Some(chars) => {
                    let set = UnitSet::new(&chars);
                    strip::strip(s, side, |u| set.contains(u))
                }
                None => {
                    // Those that do not fit cannot occur.
                    let fitting: Vec<T> = chars.chars().filter_map(T::fit).collect();
                    let set = UnitSet::new(&fitting);
                    strip::strip(s, side, |u| set.contains(u))
                }
            }
        }
        let (start, end) = with_units!(self, s => run(s, side, chars));
        self.slice(start, end)
    }

    /// With `to` in place of up to `max` occurrences of `from`; `None` if there is nothing to replace.
    pub fn replace(self, from: Text<'_>, to: Text<'_>, max: usize) -> Result<Option<TextBuf>, SizeError> {
        if from.len() > self.len() || max == 0 {
            return Ok(None);
        }
        let kind = self.kind().max(to.kind());
        let swaps = if from.len() == to.len() {
            0
        } else {
            let swaps = self.count(from, 0, self.len()).min(max);
            if swaps == 0 {
                return Ok(None);
            }
            swaps
        };
        let kept = self.len() - swaps * from.len();
        let len = to.len().checked_mul(swaps).and_then(|grown| grown.checked_add(kept));
        let len = len.filter(|len| *len <= MAX_LEN).ok_or(SizeError::TooLong)?;
        if let (Text::Ascii(s), Some(from), Some(to)) = (self, from.as_ascii(), to.as_ascii()) {
            if let (&[old], &[new]) = (from.as_bytes(), to.as_bytes()) {
                return Ok(swap_units(s.as_bytes(), old, new, max)?.map(TextBuf::from_latin1));
            }
            let mut out = String::new();
            out.try_reserve_exact(len)?;
            let base = s.as_ptr() as usize;
            let found = replace::replace(s.as_bytes(), from.as_bytes(), max, |part| match part {
                Some(part) => {
                    let start = part.as_ptr() as usize - base;
                    out.push_str(&s[start..start + part.len()]);
                }
                None => out.push_str(to),
            });
            return Ok(found.then(|| out.into()));
        }
        match kind {
            Kind::Ascii | Kind::Latin1 => replace_in::<u8>(self, from, to, max, len),
            Kind::Ucs2 => replace_in::<u16>(self, from, to, max, len),
            Kind::Ucs4 => replace_in::<u32>(self, from, to, max, len),
        }
    }

    /// The text `count` times over.
    pub fn repeat(self, count: usize) -> Result<TextBuf, SizeError> {
        let len = self.len().checked_mul(count).filter(|len| *len <= MAX_LEN).ok_or(SizeError::NoMemory)?;
        let mut out = TextBuf::try_with_capacity(self.kind(), len)?;
        if self.len() == 1 {
            out.push_repeated(self.at(0), count);
            return Ok(out.finish());
        }
        for _ in 0..if len == 0 { 0 } else { count } {
            out.push_text(self);
        }
        Ok(out.finish())
    }

    /// The items with the text between them.
    pub fn join<'t>(self, items: impl Iterator<Item = Text<'t>> + Clone) -> Result<TextBuf, SizeError> {
        let (mut kind, mut len, mut count) = (Kind::Ascii, 0usize, 0usize);
        for item in items.clone() {
            kind = kind.max(item.kind());
            len = len.checked_add(item.len()).ok_or(SizeError::TooLong)?;
            count += 1;
        }
        if count > 1 {
            kind = kind.max(self.kind());
            let between = self.len().checked_mul(count - 1).ok_or(SizeError::TooLong)?;
            len = len.checked_add(between).ok_or(SizeError::TooLong)?;
        }
        if len > MAX_LEN {
            return Err(SizeError::TooLong);
        }
        match kind {
            Kind::Ascii => {
                let mut out = String::new();
                out.try_reserve_exact(len)?;
                let between = self.as_ascii().unwrap_or_default();
                for (i, item) in items.enumerate() {
                    if i > 0 {
                        out.push_str(between);
                    }
                    out.push_str(item.as_ascii().unwrap_or_default());
                }
                Ok(out.into())
            }
            Kind::Latin1 => join_in::<u8>(self, items, len),
            Kind::Ucs2 => join_in::<u16>(self, items, len),
            Kind::Ucs4 => join_in::<u32>(self, items, len),
        }
    }
}

/// Joins in storage of a width that holds all.
fn join_in<'t, T: Unit>(
    between: Text<'_>,
    items: impl Iterator<Item = Text<'t>>,
    len: usize,
) -> Result<TextBuf, SizeError> {
    let mut out: Vec<T> = Vec::new();
    out.try_reserve_exact(len)?;
    for (i, item) in items.enumerate() {
        if i > 0 {
            with_units!(between, s => Unit::append(s, &mut out));
        }
        with_units!(item, s => Unit::append(s, &mut out));
    }
    Ok(T::into_buf(out))
}

/// Replaces in storage of a width that holds both texts. `None` if there is nothing to replace.
fn replace_in<T: Unit>(
    text: Text<'_>,
    from: Text<'_>,
    to: Text<'_>,
    max: usize,
    len: usize,
) -> Result<Option<TextBuf>, SizeError> {
    // Its own storage is searched, so that a wide replacement costs nothing where nothing is found.
    with_units!(text, s => {
        let (Some(from), Some(to)) = (Unit::cast(from), T::cast(to)) else { return Ok(None) };
        if let (&[old], &[new]) = (&*from, &*to)
            && let Some(new) = Unit::fit(new.code())
        {
            return Ok(swap_units(s, old, new, max)?.map(Unit::into_buf));
        }
        if search::find(s, &from).is_none() {
            return Ok(None);
        }
        let mut out: Vec<T> = Vec::new();
        out.try_reserve_exact(len)?;
        replace::replace(s, &from, max, |part| match part {
            Some(part) => Unit::append(part, &mut out),
            None => out.extend_from_slice(&to),
        });
        Ok(Some(T::into_buf(out)))
    })
}

/// Replaces single units by single units.
fn swap_units<T: Unit>(text: &[T], old: T, new: T, max: usize) -> Result<Option<Vec<T>>, SizeError> {
    let Some(first) = T::position(text, old) else { return Ok(None) };
    let mut out: Vec<T> = Vec::new();
    out.try_reserve_exact(text.len())?;
    out.extend_from_slice(&text[..first]);
    if max >= text.len() {
        out.extend(text[first..].iter().map(|u| if *u == old { new } else { *u }));
        return Ok(Some(out));
    }
    let mut left = max;
    out.extend(text[first..].iter().map(|u| {
        if *u == old && left > 0 {
            left -= 1;
            return new;
        }
        *u
    }));
    Ok(Some(out))
}

//! Splitting. Each function hands the pieces to a callback as they are found; the callback may stop it with an error.
//! `max` limits the number of splits; `usize::MAX` means all.

use super::Unit;
use super::search::Needle;

/// At runs of white space, as `space` tells it; no empty pieces.
pub fn split_space<'a, T: Unit, E>(
    text: &'a [T],
    max: usize,
    space: impl Fn(T) -> bool,
    mut piece: impl FnMut(&'a [T]) -> Result<(), E>,
) -> Result<(), E> {
    let mut at = 0;
    for _ in 0..max {
        while at < text.len() && space(text[at]) {
            at += 1;
        }
        if at == text.len() {
            return Ok(());
        }
        let start = at;
        while at < text.len() && !space(text[at]) {
            at += 1;
        }
        piece(&text[start..at])?;
    }
    while at < text.len() && space(text[at]) {
        at += 1;
    }
    if at < text.len() {
        // What is left keeps its inner space, not that at its end.
        piece(&text[at..])?;
    }
    Ok(())
}

/// At runs of white space from the right; pieces come last first.
pub fn rsplit_space<'a, T: Unit, E>(
    text: &'a [T],
    max: usize,
    space: impl Fn(T) -> bool,
    mut piece: impl FnMut(&'a [T]) -> Result<(), E>,
) -> Result<(), E> {
    let mut end = text.len();
    for _ in 0..max {
        while end > 0 && space(text[end - 1]) {
            end -= 1;
        }
        if end == 0 {
            return Ok(());
        }
        let stop = end;
        while end > 0 && !space(text[end - 1]) {
            end -= 1;
        }
        piece(&text[end..stop])?;
    }
    while end > 0 && space(text[end - 1]) {
        end -= 1;
    }
    if end > 0 {
        piece(&text[..end])?;
    }
    Ok(())
}

/// At a separator, which must not be empty.
pub fn split<'a, T: Unit, E>(
    text: &'a [T],
    separator: &[T],
    max: usize,
    mut piece: impl FnMut(&'a [T]) -> Result<(), E>,
) -> Result<(), E> {
    let needle = Needle::forward_in(separator, text.len());
    let mut rest = text;
    for _ in 0..max {
        let Some(at) = needle.find(rest) else { break };
        piece(&rest[..at])?;
        rest = &rest[at + separator.len()..];
    }
    piece(rest)
}

/// At a separator of one byte.
pub fn split_at_unit<'a, E>(
    text: &'a [u8],
    separator: u8,
    max: usize,
    mut piece: impl FnMut(&'a [u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut start = 0;
    for at in memchr::memchr_iter(separator, text).take(max) {
        piece(&text[start..at])?;
        start = at + 1;
    }
    piece(&text[start..])
}

/// At a separator from the right; pieces come last first.
pub fn rsplit<'a, T: Unit, E>(
    text: &'a [T],
    separator: &[T],
    max: usize,
    mut piece: impl FnMut(&'a [T]) -> Result<(), E>,
) -> Result<(), E> {
    let needle = Needle::backward(separator);
    let mut rest = text;
    for _ in 0..max {
        let Some(at) = needle.rfind(rest) else { break };
        piece(&rest[at + separator.len()..])?;
        rest = &rest[..at];
    }
    piece(rest)
}

/// Into lines; `ends` tells what ends one ("\r\n" is always one end).
pub fn split_lines<'a, T: Unit, E>(
    text: &'a [T],
    keep_ends: bool,
    ends: impl Fn(T) -> bool,
    mut piece: impl FnMut(&'a [T]) -> Result<(), E>,
) -> Result<(), E> {
    let mut start = 0;
    while start < text.len() {
        let Some(len) = text[start..].iter().position(|c| ends(*c)) else {
            return piece(&text[start..]);
        };
        let end = start + len;
        let crlf = text[end].code() == 13 && text.get(end + 1).is_some_and(|c| c.code() == 10);
        let next = end + if crlf { 2 } else { 1 };
        piece(&text[start..if keep_ends { next } else { end }])?;
        start = next;
    }
    Ok(())
}

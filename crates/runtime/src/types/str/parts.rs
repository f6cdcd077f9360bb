//! The methods of `str` that take it apart or exchange parts of it.

use super::Str;
use super::build::size_error;
use super::search::str_argument;
use super::slots::string;
use crate::args::Bound;
use crate::error::{PyResult, Raised};
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::text::slices::strip::Side;
use oriel_kernel::text::{Kind, Needle, Text, slices};

/// A part of the string, or the string itself where that is all of it.
pub(super) fn part(vm: &Vm, this: &Value, whole: Text<'_>, part: Text<'_>) -> PyResult {
    if part.len() == whole.len() && vm.is_exact_str(this) {
        return Ok(this.clone());
    }
    vm.new_text(part)
}

/// The string itself, exact.
pub(super) fn itself(vm: &Vm, this: &Value) -> PyResult {
    if vm.is_exact_str(this) {
        return Ok(this.clone());
    }
    vm.new_text(string(vm, this)?.text())
}

fn collect(
    vm: &Vm,
    run: impl FnOnce(&mut dyn FnMut(Text<'_>) -> Result<(), Raised>) -> Result<(), Raised>,
) -> PyResult<Vec<Value>> {
    let mut items = Vec::new();
    run(&mut |piece| {
        if items.len() == items.capacity() && items.try_reserve(items.len().max(8)).is_err() {
            return Err(vm.memory_error());
        }
        items.push(vm.new_text(piece)?);
        Ok(())
    })?;
    Ok(items)
}

/// The separator and the limit of `split` and `rsplit`.
fn split_arguments<'a>(vm: &Vm, args: &'a Bound<'_>) -> PyResult<(Option<&'a Str>, usize)> {
    let max = match args[1] {
        None => -1,
        Some(max) => vm.to_isize(max)?,
    };
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    let separator = match args[0] {
        None => None,
        Some(none) if none.is_none() => None,
        Some(separator) => match separator.downcast::<Str>() {
            Some(text) => Some(&**text),
            None => {
                let given = vm.type_name(separator);
                return Err(vm.type_error(format!("must be str or None, not {given}")));
            }
        },
    };
    if separator.is_some_and(|s| s.len() == 0) {
        return Err(vm.value_error("empty separator"));
    }
    Ok((separator, max))
}

/// The white space of ASCII, as a set of bits.
const SPACE: u64 = 0b11111 << 9 | 0b11111 << 28;

#[inline(always)]
fn is_space(byte: u8) -> bool {
    byte <= 32 && SPACE >> byte & 1 != 0
}

/// Splits ASCII at white space.
fn split_words(vm: &Vm, text: &str, max: usize) -> PyResult<Vec<Value>> {
    let mut words = Vec::new();
    slices::split::split_space(text.as_bytes(), max, is_space, |word| {
        if words.len() == words.capacity() && words.try_reserve(words.len().max(12)).is_err() {
            return Err(vm.memory_error());
        }
        words.push(vm.new_ascii_bytes(word)?);
        Ok(())
    })?;
    Ok(words)
}

/// Splits ASCII at an ASCII separator.
fn split_fields(vm: &Vm, text: &str, separator: &str, max: usize) -> PyResult<Vec<Value>> {
    let mut fields = Vec::new();
    let field = |field: &[u8]| {
        if fields.len() == fields.capacity() && fields.try_reserve(fields.len().max(12)).is_err() {
            return Err(vm.memory_error());
        }
        fields.push(vm.new_ascii_bytes(field)?);
        Ok(())
    };
    match separator.as_bytes() {
        [byte] => slices::split::split_at_unit(text.as_bytes(), *byte, max, field)?,
        separator => slices::split::split(text.as_bytes(), separator, max, field)?,
    }
    Ok(fields)
}

pub(super) fn split(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let (separator, max) = split_arguments(vm, args)?;
    let text = string(vm, this)?.text();
    if let Text::Ascii(ascii) = text {
        let items = match separator.map(|separator| separator.text()) {
            None => Some(split_words(vm, ascii, max)?),
            Some(Text::Ascii(separator)) => Some(split_fields(vm, ascii, separator, max)?),
            Some(_) => None,
        };
        if let Some(items) = items {
            return Ok(vm.new_list(whole(vm, this, text, items)).into_value());
        }
    }
    let items = collect(vm, |each| match separator {
        None => text.split_space(max, each),
        Some(separator) => text.split(separator.text(), max, each),
    })?;
    Ok(vm.new_list(whole(vm, this, text, items)).into_value())
}

pub(super) fn rsplit(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let (separator, max) = split_arguments(vm, args)?;
    let text = string(vm, this)?.text();
    let mut items = collect(vm, |each| match separator {
        None => text.rsplit_space(max, each),
        Some(separator) => text.rsplit(separator.text(), max, each),
    })?;
    items.reverse();
    Ok(vm.new_list(whole(vm, this, text, items)).into_value())
}

/// A single piece that is all of the string is the string.
fn whole(vm: &Vm, this: &Value, text: Text<'_>, mut items: Vec<Value>) -> Vec<Value> {
    if let [only] = items.as_mut_slice()
        && vm.is_exact_str(this)
        && only.downcast::<Str>().is_some_and(|s| s.len() == text.len())
    {
        *only = this.clone();
    }
    items
}

pub(super) fn splitlines(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let keep = match args[0] {
        None => false,
        Some(keep) => vm.truth(keep)?,
    };
    let text = string(vm, this)?.text();
    let items = collect(vm, |each| text.split_lines(keep, each))?;
    Ok(vm.new_list(whole(vm, this, text, items)).into_value())
}

fn separator<'a>(vm: &Vm, value: &'a Value) -> PyResult<Text<'a>> {
    let Some(text) = value.downcast::<Str>() else {
        return Err(vm.type_error(format!("must be str, not {}", vm.type_name(value))));
    };
    if text.len() == 0 {
        return Err(vm.value_error("empty separator"));
    }
    Ok(text.text())
}

pub(super) fn partition(vm: &Vm, this: &Value, at: &Value) -> PyResult {
    let text = string(vm, this)?.text();
    match text.partition(separator(vm, at)?) {
        Some((before, after)) => Ok(vm.tuple([vm.new_text(before)?, itself(vm, at)?, vm.new_text(after)?])),
        None => Ok(vm.tuple([itself(vm, this)?, vm.empty_str(), vm.empty_str()])),
    }
}

pub(super) fn rpartition(vm: &Vm, this: &Value, at: &Value) -> PyResult {
    let text = string(vm, this)?.text();
    match text.rpartition(separator(vm, at)?) {
        Some((before, after)) => Ok(vm.new_tuple(&[vm.new_text(before)?, itself(vm, at)?, vm.new_text(after)?])),
        None => Ok(vm.new_tuple(&[vm.empty_str(), vm.empty_str(), itself(vm, this)?])),
    }
}

fn strip_side(vm: &Vm, this: &Value, args: &[Value], name: &str, side: Side) -> PyResult {
    let text = string(vm, this)?.text();
    let left = match args.first() {
        None => text.strip_space(side),
        Some(none) if none.is_none() => text.strip_space(side),
        Some(chars) => match chars.downcast::<Str>() {
            Some(chars) => text.strip(side, chars.text()),
            None => return Err(vm.type_error(format!("{name} arg must be None or str"))),
        },
    };
    part(vm, this, text, left)
}

pub(super) fn strip(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    strip_side(vm, this, args, "strip", Side::Both)
}

pub(super) fn lstrip(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    strip_side(vm, this, args, "lstrip", Side::Left)
}

pub(super) fn rstrip(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    strip_side(vm, this, args, "rstrip", Side::Right)
}

pub(super) fn removeprefix(vm: &Vm, this: &Value, prefix: &Value) -> PyResult {
    let prefix = str_argument(vm, prefix, "removeprefix", "argument")?.text();
    let text = string(vm, this)?.text();
    if text.starts_with(prefix, 0, text.len()) {
        return part(vm, this, text, text.slice(prefix.len(), text.len()));
    }
    itself(vm, this)
}

pub(super) fn removesuffix(vm: &Vm, this: &Value, suffix: &Value) -> PyResult {
    let suffix = str_argument(vm, suffix, "removesuffix", "argument")?.text();
    let text = string(vm, this)?.text();
    if text.ends_with(suffix, 0, text.len()) {
        return part(vm, this, text, text.slice(0, text.len() - suffix.len()));
    }
    itself(vm, this)
}

/// Replacement in ASCII: what is found is measured first, then the result is written in place.
fn replace_ascii(vm: &Vm, this: &Value, text: &str, old: &str, new: &str, max: usize) -> PyResult {
    if let (&[from], &[to]) = (old.as_bytes(), new.as_bytes())
        && max >= text.len()
    {
        if !text.as_bytes().contains(&from) {
            return itself(vm, this);
        }
        return vm.build_str(Kind::Ascii, text.len(), |out| {
            out.push_mapped(text, |byte| if byte == from { to } else { byte })
        });
    }
    let needle = Needle::forward_in(old.as_bytes(), text.len());
    // The first places are kept; behind them the search is made twice.
    let (mut places, mut count, mut at) = ([0usize; 16], 0, 0);
    while count < max
        && let Some(found) = needle.find(&text.as_bytes()[at..])
    {
        if let Some(place) = places.get_mut(count) {
            *place = at + found;
        }
        count += 1;
        at += found + old.len();
    }
    if count == 0 {
        return itself(vm, this);
    }
    let kept = text.len() - count * old.len();
    let len = new.len().checked_mul(count).and_then(|grown| grown.checked_add(kept));
    let Some(len) = len.filter(|len| *len <= oriel_kernel::text::MAX_LEN) else {
        return Err(vm.overflow_error("replace string is too long"));
    };
    vm.build_str(Kind::Ascii, len, |out| {
        let mut at = 0;
        for number in 0..count {
            let found = match places.get(number) {
                Some(place) => *place,
                None => at + needle.find(&text.as_bytes()[at..]).unwrap_or(0),
            };
            out.push(Text::Ascii(&text[at..found]));
            out.push(Text::Ascii(new));
            at = found + old.len();
        }
        out.push(Text::Ascii(&text[at..]));
    })
}

pub(super) fn replace(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let (Some(old), Some(new)) = (args[0], args[1]) else { return itself(vm, this) };
    let old = str_argument(vm, old, "replace", "argument 1")?;
    let new = str_argument(vm, new, "replace", "argument 2")?;
    let max = match args[2] {
        None => -1,
        Some(count) => vm.to_isize(count)?,
    };
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    let text = string(vm, this)?.text();
    if let (Text::Ascii(text), Text::Ascii(old), Text::Ascii(new)) = (text, old.text(), new.text())
        && !old.is_empty()
    {
        return replace_ascii(vm, this, text, old, new, max);
    }
    match text.replace(old.text(), new.text(), max) {
        Ok(Some(text)) => vm.new_text_buf(&text),
        Ok(None) => itself(vm, this),
        Err(error) => Err(size_error(vm, error, "replace string is too long")),
    }
}

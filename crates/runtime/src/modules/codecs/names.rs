//! Names of encodings and error handlers as arguments, and their normal forms.

use crate::error::PyResult;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::Value;
use std::borrow::Cow;

/// The encodings that need no look-up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Known {
    /// `utf-8`
    Utf8,
    /// `utf-16`, with a mark
    Utf16,
    /// `utf-32`, with a mark
    Utf32,
    /// `ascii`
    Ascii,
    /// `latin-1`
    Latin1,
}

/// The normal form of an encoding's name: lower case, runs of punctuation as one underscore.
pub(super) fn normalize(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut gap = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if gap && !out.is_empty() {
                out.push('_');
            }
            gap = false;
            out.push(c.to_ascii_lowercase());
        } else {
            gap = true;
        }
    }
    out
}

/// Whether an encoding is one of those that need no look-up.
pub(super) fn known(name: &str) -> Option<Known> {
    match name {
        "utf-8" | "utf8" => return Some(Known::Utf8),
        "latin-1" | "latin1" => return Some(Known::Latin1),
        "ascii" => return Some(Known::Ascii),
        _ => {}
    }
    Some(match normalize(name).as_str() {
        "utf_8" | "utf8" => Known::Utf8,
        "utf_16" | "utf16" => Known::Utf16,
        "utf_32" | "utf32" => Known::Utf32,
        "ascii" | "us_ascii" => Known::Ascii,
        "latin_1" | "latin1" | "iso_8859_1" | "iso8859_1" => Known::Latin1,
        _ => return None,
    })
}

/// The text of a name given as argument; nothing where it is missing.
pub fn check_name<'a>(vm: &Vm, function: &str, which: &str, name: Option<&'a Value>) -> PyResult<Option<Cow<'a, str>>> {
    match name {
        None => Ok(None),
        Some(name) => {
            let Some(text) = name.downcast::<Str>() else {
                let given = if name.is_none() { "None".to_owned() } else { vm.type_name(name) };
                return Err(vm.type_error(format!("{function}() argument {which} must be str, not {given}")));
            };
            name_text(vm, text).map(Some)
        }
    }
}

/// The text of a name: no lone surrogates, no null characters.
pub(super) fn name_text<'a>(vm: &Vm, text: &'a oriel_heap::Ref<Str>) -> PyResult<Cow<'a, str>> {
    let text = match text.as_ascii() {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(String::from_utf8_lossy(&vm.encode_utf8(text)?).into_owned()),
    };
    if text.as_bytes().contains(&0) {
        return Err(vm.value_error("embedded null character"));
    }
    Ok(text)
}

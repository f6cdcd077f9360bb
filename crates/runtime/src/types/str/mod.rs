//! The body of `str`: compact as in PEP 393, in the layout of CPython 3.14.
//!
//! ```text
//!  header 16 | length 8 | hash 8 | state 4 | pad 4 | ASCII data ... NUL
//!                                               | utf8 length 8 | utf8 pointer 8 | Latin-1, UCS-2 or UCS-4 data ... NUL
//!            16         24       32              40                              56
//! ```
//! The functions of the type are in the files beside this one.

mod build;
mod format;
pub mod iterator;
mod methods;
mod parts;
pub(crate) mod percent;
mod search;
pub mod slots;
pub(crate) use format::dunder_format;
mod subscript;
mod translate;

pub use build::{Filler, size_error};
pub use slots::SPEC;
pub use translate::translate_text;

use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value};
use oriel_kernel::text::{Kind, Text, TextBuf};
use std::cell::Cell;
use std::ptr::NonNull;

/// The fixed part of a `str`.
#[repr(C)]
pub struct Str {
    length: usize,
    hash: Cell<i64>,
    state: Cell<u32>,
    _pad: u32,
}

const _: () = assert!(size_of::<Str>() == 24);

const ASCII: u32 = 1 << 6;
const INTERNED: u32 = 1;
const KIND_SHIFT: u32 = 2;
const WIDE_EXTRA: usize = 16;

static LAYOUT: Layout = Layout::of_variable::<Str>("str", end_of);

unsafe fn end_of(header: NonNull<oriel_heap::Header>) -> usize {
    // SAFETY: the heap asks for the end of a live object of this layout.
    let body = unsafe { &*header.as_ptr().add(1).cast::<Str>() };
    (16 + 24 + body.data_bytes()).next_multiple_of(8)
}

impl Body for Str {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

fn kind_code(kind: Kind) -> u32 {
    match kind {
        Kind::Ascii => 1 | (ASCII >> KIND_SHIFT),
        Kind::Latin1 => 1,
        Kind::Ucs2 => 2,
        Kind::Ucs4 => 4,
    }
}

fn bytes_for(kind: Kind, length: usize) -> Option<usize> {
    let extra = if kind == Kind::Ascii { 0 } else { WIDE_EXTRA };
    length.checked_add(1)?.checked_mul(kind.width())?.checked_add(extra)
}

impl Str {
    fn data_bytes(&self) -> usize {
        let width = (self.state.get() >> KIND_SHIFT & 7) as usize;
        let extra = if self.is_ascii() { 0 } else { WIDE_EXTRA };
        extra + (self.length + 1) * width
    }

    fn data(&self) -> *const u8 {
        let extra = if self.is_ascii() { 0 } else { WIDE_EXTRA };
        // SAFETY: the data lies behind the fixed part, in the same allocation.
        unsafe { std::ptr::from_ref(self).add(1).cast::<u8>().add(extra) }
    }

    /// Code points.
    #[inline(always)]
    #[allow(clippy::len_without_is_empty, reason = "a Python length; emptiness is asked as a truth")]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether all characters are ASCII.
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.state.get() & ASCII != 0
    }

    /// Whether equal names are this very object.
    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        self.state.get() & INTERNED != 0
    }

    pub(crate) fn mark_interned(&self) {
        self.state.set(self.state.get() | INTERNED);
    }

    /// The characters.
    #[inline]
    pub fn text(&self) -> Text<'_> {
        let data = self.data();
        // SAFETY: the data has `length` units of the kind that the state says, initialized at birth and immutable
        // while anybody else can see the object; ASCII bytes are valid UTF-8.
        unsafe {
            if self.is_ascii() {
                return Text::Ascii(std::str::from_utf8_unchecked(std::slice::from_raw_parts(data, self.length)));
            }
            match self.state.get() >> KIND_SHIFT & 7 {
                1 => Text::Latin1(std::slice::from_raw_parts(data, self.length)),
                2 => Text::Ucs2(std::slice::from_raw_parts(data.cast(), self.length)),
                _ => Text::Ucs4(std::slice::from_raw_parts(data.cast(), self.length)),
            }
        }
    }

    /// The characters as Rust text, borrowed where they are ASCII; lone surrogates become U+FFFD.
    pub fn to_text(&self) -> String {
        self.text().to_rust_lossy()
    }

    /// The characters where they are ASCII.
    #[inline(always)]
    pub fn as_ascii(&self) -> Option<&str> {
        self.text().as_ascii()
    }

    /// The cached hash, computed at the first time.
    #[inline(always)]
    pub fn hash(&self, vm: &Vm) -> i64 {
        let hash = self.hash.get();
        if hash != -1 { hash } else { self.hash_slow(vm) }
    }

    /// The hash, if it has been computed.
    #[inline(always)]
    pub fn cached_hash(&self) -> Option<i64> {
        let hash = self.hash.get();
        (hash != -1).then_some(hash)
    }

    #[cold]
    fn hash_slow(&self, vm: &Vm) -> i64 {
        let hash = hash_text(vm.string_hash_key(), self.text());
        self.hash.set(hash);
        hash
    }

    /// Whether the two have the same characters.
    #[inline]
    pub fn same(&self, other: &Str) -> bool {
        if self.length != other.length {
            return false;
        }
        let (a, b) = (self.hash.get(), other.hash.get());
        if a != b && a != -1 && b != -1 {
            return false;
        }
        match (self.text(), other.text()) {
            (Text::Ascii(x), Text::Ascii(y)) => x == y,
            (Text::Latin1(x), Text::Latin1(y)) => x == y,
            (Text::Ucs2(x), Text::Ucs2(y)) => x == y,
            (Text::Ucs4(x), Text::Ucs4(y)) => x == y,
            // Each string has the narrowest kind, so different kinds mean different characters.
            _ => false,
        }
    }
}

/// The hash of characters under a key: that of the bytes of their narrowest representation.
pub fn hash_text(key: oriel_kernel::hash::HashKey, text: Text<'_>) -> i64 {
    use oriel_kernel::hash::{hash_bytes, hash_u16, hash_u32};
    match text {
        Text::Ascii(data) => hash_bytes(key, data.as_bytes()),
        Text::Latin1(data) => hash_bytes(key, data),
        Text::Ucs2(data) => hash_u16(key, data),
        Text::Ucs4(data) => hash_u32(key, data),
    }
}

impl Vm {
    #[inline(always)]
    fn raw_str(&self, class: &TypeRef, kind: Kind, length: usize, fill: impl FnOnce(*mut u8)) -> Option<Ref<Str>> {
        self.raw_str_with_room(class, kind, length, 0, fill)
    }

    /// The ready-made values; the first strings and the first tuple of all.
    pub(crate) fn make_constants(&self) -> crate::vm::Constants {
        let abort = || std::process::abort();
        let empty = self.raw_str(&self.types.str, Kind::Ascii, 0, |_| {}).unwrap_or_else(&abort).into_value();
        let mut chars = Vec::with_capacity(256);
        for code in 0..=255u8 {
            let kind = if code < 128 { Kind::Ascii } else { Kind::Latin1 };
            // SAFETY: the new string has room for one byte.
            let char = self.raw_str(&self.types.str, kind, 1, |to| unsafe { to.write(code) }).unwrap_or_else(&abort);
            chars.push(char.into_value());
        }
        for value in std::iter::once(&empty).chain(&chars) {
            if let Some(header) = value.header() {
                header.make_immortal();
            }
        }
        crate::vm::Constants {
            empty_str: empty,
            empty_tuple: self.make_empty_tuple().into_value(),
            chars,
            short_bytes: (0..=256).map(|_| OptionCell::default()).collect(),
        }
    }

    /// A new `str` of the characters; the text must be of its narrowest kind.
    pub fn try_new_text(&self, text: Text<'_>) -> PyResult<Value> {
        match text.len() {
            0 => return Ok(self.empty_str()),
            1 => {
                if let Some(cached) = self.cached_char(text.at(0)) {
                    return Ok(cached);
                }
            }
            _ => {}
        }
        let made = self.raw_text(&self.types.str, text);
        made.map(Ref::into_value).ok_or_else(|| self.memory_error())
    }

    /// An instance of `str` or of a subclass of it.
    pub fn new_str_of(&self, class: &TypeRef, text: Text<'_>) -> PyResult<Value> {
        if class.is(&self.types.str) {
            return self.new_text(text);
        }
        let mut buffer = TextBuf::with_capacity(text.narrowest(), text.len());
        buffer.push_text(text);
        let buffer = buffer.finish();
        let made = self.raw_text(class, buffer.as_text());
        made.map(Ref::into_value).ok_or_else(|| self.memory_error())
    }

    fn raw_text(&self, class: &TypeRef, text: Text<'_>) -> Option<Ref<Str>> {
        if let Text::Ascii(data) = text {
            return self.raw_ascii(class, data);
        }
        let (start, bytes) = match text {
            Text::Ascii(data) => (data.as_ptr(), data.len()),
            Text::Latin1(data) => (data.as_ptr(), data.len()),
            Text::Ucs2(data) => (data.as_ptr().cast(), data.len() * 2),
            Text::Ucs4(data) => (data.as_ptr().cast(), data.len() * 4),
        };
        // SAFETY: the new data has room for the text's bytes, and both do not overlap.
        self.raw_str(class, text.kind(), text.len(), |to| unsafe { std::ptr::copy_nonoverlapping(start, to, bytes) })
    }

    #[inline]
    fn raw_ascii(&self, class: &TypeRef, data: &str) -> Option<Ref<Str>> {
        // SAFETY: the new data has room for the text's bytes, and both do not overlap.
        self.raw_str(class, Kind::Ascii, data.len(), |to| unsafe {
            std::ptr::copy_nonoverlapping(data.as_ptr(), to, data.len());
        })
    }

    /// A new `str` of ASCII characters.
    pub fn new_ascii(&self, data: &str) -> PyResult<Value> {
        if let [byte] = data.as_bytes()
            && let Some(cached) = self.cached_char(u32::from(*byte))
        {
            return Ok(cached);
        }
        if data.is_empty() {
            return Ok(self.empty_str());
        }
        self.raw_ascii(&self.types.str, data).map(Ref::into_value).ok_or_else(|| self.memory_error())
    }

    /// A new `str` of bytes cut out of ASCII text.
    #[inline(always)]
    pub(super) fn new_ascii_bytes(&self, data: &[u8]) -> PyResult<Value> {
        debug_assert!(data.is_ascii());
        match data {
            [] => return Ok(self.empty_str()),
            [byte] => {
                if let Some(cached) = self.cached_char(u32::from(*byte)) {
                    return Ok(cached);
                }
            }
            _ => {}
        }
        // SAFETY: the new data has room for the bytes, and both do not overlap; parts of ASCII are ASCII.
        let made = self.raw_str(&self.types.str, Kind::Ascii, data.len(), |to| unsafe {
            std::ptr::copy_nonoverlapping(data.as_ptr(), to, data.len());
        });
        made.map(Ref::into_value).ok_or_else(|| self.memory_error())
    }

    /// A new `str` of characters that may be of a wider kind than they need.
    pub fn new_text(&self, text: Text<'_>) -> PyResult<Value> {
        if let Text::Ascii(data) = text {
            return self.new_ascii(data);
        }
        if text.kind() == text.narrowest() {
            return self.try_new_text(text);
        }
        let mut buffer = TextBuf::with_capacity(text.narrowest(), text.len());
        buffer.push_text(text);
        self.try_new_text(buffer.finish().as_text())
    }

    /// A new `str` of a buffer's characters.
    pub fn new_text_buf(&self, buffer: &TextBuf) -> PyResult<Value> {
        self.new_text(buffer.as_text())
    }

    /// A new `str` of Rust text. Aborts where there is no memory: for text whose size a program does not choose.
    pub fn new_str(&self, text: &str) -> Value {
        if text.is_ascii() {
            return self.new_ascii(text).unwrap_or_else(|raised| raised.0);
        }
        let mut buffer = TextBuf::new();
        buffer.push_str(text);
        self.new_text_buf(&buffer).unwrap_or_else(|raised| raised.0)
    }

    /// A new `str` of one character.
    #[inline]
    pub fn new_char(&self, character: u32) -> Value {
        if let Some(cached) = self.cached_char(character) {
            return cached;
        }
        self.new_wide_char(character)
    }

    #[inline(never)]
    fn new_wide_char(&self, character: u32) -> Value {
        let made = match u16::try_from(character) {
            Ok(unit) => self.try_new_text(Text::Ucs2(&[unit])),
            Err(_) => self.try_new_text(Text::Ucs4(&[character])),
        };
        made.unwrap_or_else(|raised| raised.0)
    }

    /// The interned `str` of the text: equal names are the same object.
    pub fn intern(&self, text: &str) -> Value {
        match self.interned.find(text.as_bytes()) {
            Some(found) => found,
            None => self.intern_value(&self.new_str(text)),
        }
    }

    /// The interned string of these characters, if they are ASCII and there is one.
    pub fn find_interned(&self, text: &[u8]) -> Option<Value> {
        self.interned.find(text)
    }

    /// The interned `str` equal to an exact `str`.
    pub fn intern_value(&self, value: &Value) -> Value {
        let Some(string) = value.downcast::<Str>() else { return value.clone() };
        if string.is_interned() {
            return value.clone();
        }
        self.interned.intern(self, value, string)
    }

    /// Whether the value is an interned `str`.
    #[inline(always)]
    pub fn is_interned(&self, value: &Value) -> bool {
        value.downcast::<Str>().is_some_and(|s| s.is_interned())
    }

    /// The text of a `str` (or `str` subclass) value, lone surrogates replaced; empty for all else. For messages.
    pub fn str_text(&self, value: &Value) -> String {
        value.downcast::<Str>().map(|s| s.to_text()).unwrap_or_default()
    }

    /// Whether the value is a `str` and not of a subclass.
    #[inline(always)]
    pub fn is_exact_str(&self, value: &Value) -> bool {
        value.is_heap() && self.type_of(value).is(&self.types.str)
    }

    /// The value as a `str` or a TypeError with the message.
    pub fn expect_str<'a>(&self, value: &'a Value, message: impl FnOnce(&str) -> String) -> PyResult<&'a Ref<Str>> {
        value.downcast::<Str>().ok_or_else(|| self.type_error(message(&self.type_name(value))))
    }
}

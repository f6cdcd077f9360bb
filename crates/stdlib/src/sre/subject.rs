//! What is searched: the characters of a `str` or the bytes of a bytes-like object.

use oriel_kernel::sre;
use oriel_kernel::text::Text;
use oriel_runtime::types::bytes::Bytes;
use oriel_runtime::types::str::Str;
use oriel_runtime::{PyResult, Value, Vm};
use std::borrow::Cow;

/// The content of a subject, borrowed from its object; of objects that can change, a copy.
pub(super) enum Subject<'a> {
    Text(Text<'a>),
    Bytes(Cow<'a, [u8]>),
}

impl<'a> Subject<'a> {
    /// The content of a `str` or a bytes-like object.
    pub(super) fn of(vm: &Vm, object: &'a Value) -> PyResult<Subject<'a>> {
        if let Some(text) = object.downcast::<Str>() {
            return Ok(Subject::Text(text.text()));
        }
        if let Some(bytes) = object.downcast::<Bytes>() {
            return Ok(Subject::Bytes(Cow::Borrowed(bytes.as_slice())));
        }
        if vm.type_of(object).slots.buffer.get().is_some() {
            let view = vm.buffer(object, false)?;
            if view.is_contiguous() {
                return Ok(Subject::Bytes(Cow::Owned(view.to_vec())));
            }
        }
        let name = vm.type_name(object);
        Err(vm.type_error(format!("expected string or bytes-like object, got '{name}'")))
    }

    pub(super) fn is_bytes(&self) -> bool {
        matches!(self, Subject::Bytes(_))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Subject::Text(text) => text.len(),
            Subject::Bytes(bytes) => bytes.len(),
        }
    }

    /// The beginning up to `end`, for the engine.
    pub(super) fn units(&self, end: usize) -> sre::Subject<'_> {
        match self {
            Subject::Text(Text::Ascii(text)) => sre::Subject::One(&text.as_bytes()[..end]),
            Subject::Text(Text::Latin1(text)) => sre::Subject::One(&text[..end]),
            Subject::Text(Text::Ucs2(text)) => sre::Subject::Two(&text[..end]),
            Subject::Text(Text::Ucs4(text)) => sre::Subject::Four(&text[..end]),
            Subject::Bytes(bytes) => sre::Subject::One(&bytes[..end]),
        }
    }

    /// A part as an object of its own; the whole of an exact `str` or `bytes` is that object.
    pub(super) fn slice(&self, vm: &Vm, object: &Value, start: usize, end: usize) -> PyResult {
        let whole = start == 0 && end == self.len();
        match self {
            Subject::Text(_) if whole && vm.is_exact_str(object) => Ok(object.clone()),
            Subject::Text(text) => vm.new_text(text.slice(start, end)),
            Subject::Bytes(_) if whole && vm.is_exact_bytes(object) => Ok(object.clone()),
            Subject::Bytes(bytes) => vm.try_new_bytes(&bytes[start..end]),
        }
    }
}

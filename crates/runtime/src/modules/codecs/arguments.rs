//! How the functions of `_codecs` take their arguments: bytes-like input, text, names of error handlers.

use crate::error::PyResult;
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

/// Input bytes: those of a `bytes` as they lie, those of all else copied.
pub(super) enum Input<'a> {
    Bytes(&'a Value, &'a Ref<Bytes>),
    Copied(Vec<u8>),
}

impl<'a> Input<'a> {
    /// The bytes of a bytes-like object.
    pub(super) fn of(vm: &Vm, value: &'a Value) -> PyResult<Input<'a>> {
        if let Some(bytes) = value.downcast::<Bytes>() {
            return Ok(Input::Bytes(value, bytes));
        }
        let view = vm.buffer(value, false)?;
        if !view.is_contiguous() {
            return Err(vm.buffer_error("memoryview: underlying buffer is not C-contiguous"));
        }
        Ok(Input::Copied(view.to_vec()))
    }

    /// The bytes of a bytes-like object, or a `str` as UTF-8.
    pub(super) fn or_text(vm: &Vm, value: &'a Value) -> PyResult<Input<'a>> {
        match value.downcast::<Str>() {
            Some(text) => Ok(Input::Copied(vm.encode_utf8(text)?)),
            None => Input::of(vm, value),
        }
    }

    pub(super) fn slice(&self) -> &[u8] {
        match self {
            Input::Bytes(_, bytes) => bytes.as_slice(),
            Input::Copied(bytes) => bytes,
        }
    }

    /// The `bytes` object, if the input is one.
    pub(super) fn object(&self) -> Option<&'a Value> {
        match self {
            Input::Bytes(object, _) => Some(object),
            Input::Copied(_) => None,
        }
    }
}

/// The name of an error handler, argument 2 of a function.
pub(super) fn errors(vm: &Vm, function: &str, args: &[Value]) -> PyResult<Option<String>> {
    match args.get(1) {
        None => Ok(None),
        Some(none) if none.is_none() => Ok(None),
        Some(name) => {
            let Some(text) = name.downcast::<Str>() else {
                let given = vm.type_name(name);
                return Err(vm.type_error(format!("{function}() argument 2 must be str or None, not {given}")));
            };
            super::names::name_text(vm, text).map(|text| Some(text.into_owned()))
        }
    }
}

/// The text to encode, argument 1 of a function.
pub(super) fn text<'a>(vm: &Vm, function: &str, args: &'a [Value]) -> PyResult<&'a Ref<Str>> {
    const NONE: &Value = &Value::NONE;
    let given = args.first().unwrap_or(NONE);
    match given.downcast::<Str>() {
        Some(text) => Ok(text),
        None => {
            let given = if given.is_none() { "None".to_owned() } else { vm.type_name(given) };
            Err(vm.type_error(format!("{function}() argument 1 must be str, not {given}")))
        }
    }
}

/// A truth, the argument at a position.
pub(super) fn flag(vm: &Vm, args: &[Value], place: usize, default: bool) -> PyResult<bool> {
    args.get(place).map_or(Ok(default), |value| vm.truth(value))
}

/// A result of a codec's function: what came out and how much went in.
pub(super) fn pair(vm: &Vm, object: Value, consumed: usize) -> PyResult {
    Ok(vm.new_tuple(&[object, vm.new_int(consumed as i64)]))
}

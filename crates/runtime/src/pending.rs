//! Doors of the core to parts that have their own files, where those are not there yet.

use crate::buffer::BufferView;
use crate::error::PyResult;
use crate::types::str::Str;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

impl Vm {
    fn absent<T>(&self, what: &str) -> PyResult<T> {
        Err(self.not_implemented_error(format!("{what} is not there yet")))
    }

    /// The memory of an object.
    pub fn buffer(&self, value: &Value, writable: bool) -> PyResult<BufferView> {
        match self.type_of(value).slots.buffer.get() {
            Some(buffer) => buffer(self, value, writable),
            None => Err(self.type_error(format!("a bytes-like object is required, not '{}'", self.type_name(value)))),
        }
    }

    /// `str(bytes, encoding, errors)`
    pub fn decode_object(&self, _object: &Value, _encoding: Option<&Value>, _errors: Option<&Value>) -> PyResult {
        self.absent("decoding")
    }

    /// The text as UTF-8; UnicodeEncodeError for lone surrogates.
    pub fn encode_utf8(&self, text: &Ref<Str>) -> PyResult<Vec<u8>> {
        match text.text().to_rust() {
            Some(text) => Ok(text.into_bytes()),
            None => self.absent("encoding lone surrogates"),
        }
    }

    /// Whether the `str` is an identifier.
    pub fn is_identifier(&self, name: &Value) -> bool {
        name.downcast::<Str>().is_some_and(|name| name.text().is_identifier())
    }

    /// Source bytes as text: byte-order mark, encoding declaration, newlines.
    pub fn decode_source(&self, source: &[u8], _filename: &str, _flags: u32) -> PyResult<String> {
        match std::str::from_utf8(source) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => self.absent("decoding source"),
        }
    }

    /// Puts `__dict__` and `__weakref__` into a new class's namespace.
    pub fn add_dict_and_weakref_descriptors(&self, class: &TypeRef) {
        crate::types::type_dict::add(self, class);
    }

    /// An interpolation of a template string: value, expression, perhaps the format; the conversion's number.
    pub fn new_interpolation(&self, _parts: &[Value], _conversion: u32) -> PyResult {
        self.absent("template strings")
    }

    /// A template string.
    pub fn new_template(&self, _strings: &Value, _interpolations: &Value) -> PyResult {
        self.absent("template strings")
    }

    /// What the intrinsics of type parameters make.
    pub fn typing_intrinsic(&self, _which: &str, _arguments: &[Value]) -> PyResult {
        self.absent("type parameters")
    }

    /// `ascii(value)`
    pub fn ascii(&self, value: &Value) -> PyResult {
        self.call(&self.builtin("ascii")?, std::slice::from_ref(value))
    }
}

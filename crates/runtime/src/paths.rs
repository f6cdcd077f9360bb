//! Paths: `os.fspath`, the file system's encoding (UTF-8, undecodable bytes as lone surrogates), and path arguments of
//! system calls.

use crate::error::{PyResult, Raised};
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::text::{Kind, Text, TextBuf};
use std::ffi::{CStr, CString};

/// A path argument.
pub struct PathArgument {
    /// What was given, after `__fspath__`; `None` where nothing was.
    pub object: Value,
    /// The path for the system; `.` where none was given.
    pub path: CString,
    /// The descriptor that was given instead of a path.
    pub descriptor: Option<i32>,
    /// Whether results are to be bytes.
    pub is_bytes: bool,
}

/// What else than a path may be given.
#[derive(Clone, Copy, Default)]
pub struct PathOptions {
    /// `None` is allowed and means the current folder.
    pub nullable: bool,
    /// A descriptor is allowed.
    pub descriptor: bool,
}

impl PathArgument {
    /// The path.
    pub fn as_c(&self) -> &CStr {
        &self.path
    }
}

/// Text of bytes; those that are no UTF-8 become lone surrogates.
pub fn decode_text(bytes: &[u8]) -> TextBuf {
    let mut text = TextBuf::with_capacity(Kind::Ascii, bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push(0xDC00 + u32::from(*byte));
        }
    }
    text.finish()
}

/// Bytes of a text; nothing where a character has none (a surrogate that stands for no byte), which the number is of.
pub fn encode_text(text: Text<'_>) -> Result<Vec<u8>, usize> {
    if let Some(ascii) = text.as_ascii() {
        return Ok(ascii.as_bytes().to_vec());
    }
    let mut bytes = Vec::with_capacity(text.len() * 2);
    for (index, code) in text.chars().enumerate() {
        match char::from_u32(code) {
            Some(character) => {
                let mut room = [0; 4];
                bytes.extend_from_slice(character.encode_utf8(&mut room).as_bytes());
            }
            None if (0xDC80..=0xDCFF).contains(&code) => bytes.push((code - 0xDC00) as u8),
            None => return Err(index),
        }
    }
    Ok(bytes)
}

impl Vm {
    /// A string of the file system: `os.fsdecode`.
    pub fn fs_decode(&self, bytes: &[u8]) -> Value {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.new_str(text),
            Err(_) => self.new_text_buf(&decode_text(bytes)).unwrap_or_else(|_| self.empty_str()),
        }
    }

    /// Bytes of the file system for a `str`: `os.fsencode`.
    pub fn fs_encode(&self, text: &Value) -> PyResult<Vec<u8>> {
        let Some(string) = text.downcast::<Str>() else {
            return Err(self.type_error(format!("expected str, not {}", self.type_name(text))));
        };
        encode_text(string.text()).map_err(|start| self.surrogate_error(text, start))
    }

    fn surrogate_error(&self, text: &Value, start: usize) -> Raised {
        let (start, end) = (self.new_int(start as i64), self.new_int(start as i64 + 1));
        let reason = self.new_str("surrogates not allowed");
        self.new_exception_with(
            &self.types.unicode_encode_error,
            &[self.new_str("utf-8"), text.clone(), start, end, reason],
        )
    }

    /// Refuses a `str` that has no UTF-8 form: one with surrogates. Other values pass.
    pub fn check_utf8(&self, text: &Value) -> PyResult<()> {
        let Some(string) = text.downcast::<Str>() else { return Ok(()) };
        match string.text().chars().position(|character| (0xd800..0xe000).contains(&character)) {
            Some(start) => Err(self.surrogate_error(text, start)),
            None => Ok(()),
        }
    }

    /// `os.fspath(path)`: a `str` or `bytes`.
    pub fn fs_path(&self, path: &Value) -> PyResult {
        if path.downcast::<Str>().is_some() || self.as_bytes(path).is_some() {
            return Ok(path.clone());
        }
        let hidden = self.lookup(self.type_of(path), &self.names.__fspath__).is_some_and(|method| method.is_none());
        let found = if hidden { None } else { self.call_special(path, &self.names.__fspath__, &[])? };
        let Some(found) = found else {
            let name = self.type_name(path);
            return Err(self.type_error(format!("expected str, bytes or os.PathLike object, not {name}")));
        };
        if found.downcast::<Str>().is_some() || self.as_bytes(&found).is_some() {
            return Ok(found);
        }
        let (class, name) = (self.type_name(path), self.type_name(&found));
        Err(self.type_error(format!("expected {class}.__fspath__() to return str or bytes, not {name}")))
    }

    /// The bytes of a `str` or `bytes` path, without NUL: `PyUnicode_FSConverter`.
    pub fn fs_bytes(&self, path: &Value) -> PyResult<Vec<u8>> {
        let path = self.fs_path(path)?;
        let bytes = match self.as_bytes(&path) {
            Some(bytes) => bytes.as_slice().to_vec(),
            None => self.fs_encode(&path)?,
        };
        if bytes.contains(&0) {
            return Err(self.value_error("embedded null byte"));
        }
        Ok(bytes)
    }

    /// As [`Vm::fs_bytes`], for C.
    pub fn fs_c_string(&self, path: &Value) -> PyResult<CString> {
        CString::new(self.fs_bytes(path)?).map_err(|_| self.value_error("embedded null byte"))
    }

    /// A path as text: `os.fspath` and decoding of bytes. What cannot be text is replaced.
    pub fn filesystem_text(&self, path: &Value) -> PyResult<String> {
        let path = self.fs_path(path)?;
        match self.as_bytes(&path) {
            Some(bytes) => Ok(String::from_utf8_lossy(bytes.as_slice()).into_owned()),
            None => Ok(self.str_text(&path)),
        }
    }

    /// A path argument of a function (CPython's `path_converter`).
    pub fn path_argument(
        &self,
        value: Option<&Value>,
        function: &str,
        argument: &str,
        options: PathOptions,
    ) -> PyResult<PathArgument> {
        let current = || CString::from(c".");
        let value = match value {
            Some(value) if !(options.nullable && value.is_none()) => value,
            _ => return Ok(PathArgument { object: Value::NONE, path: current(), descriptor: None, is_bytes: false }),
        };
        let is_text = value.downcast::<Str>().is_some() || self.as_bytes(value).is_some();
        let mut object = value.clone();
        if !is_text {
            if options.descriptor && self.type_of(value).slots.nb_index.get().is_some() {
                if value.as_bool().is_some() {
                    self.warn(&self.types.runtime_warning, "bool is used as a file descriptor", 1)?;
                }
                let descriptor = self.descriptor_number(value)?;
                return Ok(PathArgument { object, path: current(), descriptor: Some(descriptor), is_bytes: false });
            }
            object = match self.call_special(value, &self.names.__fspath__, &[])? {
                Some(found) if found.downcast::<Str>().is_some() || self.as_bytes(&found).is_some() => found,
                Some(found) => {
                    let (class, name) = (self.type_name(value), self.type_name(&found));
                    return Err(
                        self.type_error(format!("expected {class}.__fspath__() to return str or bytes, not {name}"))
                    );
                }
                None => {
                    let allowed = match (options.descriptor, options.nullable) {
                        (true, true) => "string, bytes, os.PathLike, integer or None",
                        (true, false) => "string, bytes, os.PathLike or integer",
                        (false, true) => "string, bytes, os.PathLike or None",
                        (false, false) => "string, bytes or os.PathLike",
                    };
                    let name = self.type_name(value);
                    return Err(self.type_error(format!("{function}: {argument} should be {allowed}, not {name}")));
                }
            };
        }
        let (bytes, is_bytes) = match self.as_bytes(&object) {
            Some(bytes) => (bytes.as_slice().to_vec(), true),
            None => (self.fs_encode(&object)?, false),
        };
        let path = CString::new(bytes).map_err(|_| {
            let what = if is_bytes { "byte" } else { "character" };
            self.value_error(format!("{function}: embedded null {what} in {argument}"))
        })?;
        Ok(PathArgument { object, path, descriptor: None, is_bytes })
    }

    /// The OSError about a path argument.
    #[cold]
    pub fn path_error(&self, errno: i32, path: &PathArgument) -> Raised {
        if path.object.is_none() {
            return self.os_error(errno);
        }
        self.os_error_with_path(errno, &path.object)
    }

    /// A path of the system as the kind of object that was given.
    pub fn path_result(&self, bytes: &[u8], is_bytes: bool) -> Value {
        if is_bytes { self.new_bytes(bytes) } else { self.fs_decode(bytes) }
    }

    /// An integer as a descriptor.
    pub fn descriptor_number(&self, value: &Value) -> PyResult<i32> {
        let index = self.index(value)?;
        match self.small_or_big(&index) {
            Some(Ok(number)) => i32::try_from(number).map_err(|_| {
                let which = if number < 0 { "less than minimum" } else { "greater than maximum" };
                self.overflow_error(format!("fd is {which}"))
            }),
            Some(Err(big)) if big.value < dashu_int::IBig::ZERO => Err(self.overflow_error("fd is less than minimum")),
            _ => Err(self.overflow_error("fd is greater than maximum")),
        }
    }

    /// A descriptor: an integer, or an object with a method `fileno` (CPython's `PyObject_AsFileDescriptor`).
    pub fn descriptor_argument(&self, value: &Value) -> PyResult<i32> {
        let number = if self.small_or_big(value).is_some() {
            if value.as_bool().is_some() {
                self.warn(&self.types.runtime_warning, "bool is used as a file descriptor", 1)?;
            }
            value.clone()
        } else {
            let Some(method) = self.get_attr_opt(value, &self.names.fileno)? else {
                return Err(self.type_error("argument must be an int, or have a fileno() method."));
            };
            let number = self.call(&method, &[])?;
            if self.small_or_big(&number).is_none() {
                return Err(self.type_error("fileno() returned a non-integer"));
            }
            number
        };
        let descriptor =
            self.to_i32(&number).map_err(|_| self.overflow_error("Python int too large to convert to C int"))?;
        if descriptor < 0 {
            return Err(self.value_error(format!("file descriptor cannot be a negative integer ({descriptor})")));
        }
        Ok(descriptor)
    }
}

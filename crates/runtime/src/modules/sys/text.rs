//! Text of `sys`: interned strings, encodings, and the system's own text as `str`.

use crate::error::PyResult;
use crate::native::MethodDef;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::text::TextBuf;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// The functions.
pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::one("intern", intern, "($module, string, /)", "The interned string of the same text."),
    MethodDef::one(
        "_is_interned",
        |vm, _, value| match value.downcast::<Str>() {
            Some(text) => Ok(Value::bool(text.is_interned())),
            None => {
                let given = vm.type_name(value);
                Err(vm.type_error(format!("_is_interned() argument must be str, not {given}")))
            }
        },
        "($module, string, /)",
        "Whether the string is interned.",
    ),
    MethodDef::noargs(
        "getdefaultencoding",
        |vm, _| Ok(vm.intern("utf-8")),
        "($module, /)",
        "The encoding of strings where none is named.",
    ),
    MethodDef::noargs(
        "getfilesystemencoding",
        |vm, _| Ok(vm.intern("utf-8")),
        "($module, /)",
        "The encoding of file names.",
    ),
    MethodDef::noargs(
        "getfilesystemencodeerrors",
        |vm, _| Ok(vm.intern("surrogateescape")),
        "($module, /)",
        "What happens to bytes of file names that are not text.",
    ),
    MethodDef::bound(
        "getunicodeinternedsize",
        |vm, _, _| Ok(vm.new_int(vm.interned.len() as i64)),
        "($module, /, *, _only_immortal=False)",
        "How many strings are interned.",
    ),
];

fn intern(vm: &Vm, _: &Value, value: &Value) -> PyResult {
    if vm.is_exact_str(value) {
        return Ok(vm.intern_value(value));
    }
    let given = vm.type_name(value);
    match value.downcast::<Str>() {
        Some(_) => Err(vm.type_error(format!("can't intern {given}"))),
        None => Err(vm.type_error(format!("intern() argument must be str, not {given}"))),
    }
}

impl Vm {
    /// A `str` of the system's text: UTF-8, with bytes that are not as lone surrogates.
    pub fn new_os_str(&self, text: &OsStr) -> Value {
        if let Some(text) = text.to_str() {
            return self.new_str(text);
        }
        let mut buffer = TextBuf::new();
        for chunk in text.as_bytes().utf8_chunks() {
            buffer.push_str(chunk.valid());
            for byte in chunk.invalid() {
                buffer.push(0xdc00 + u32::from(*byte));
            }
        }
        self.new_text_buf(&buffer).unwrap_or_else(|raised| raised.0)
    }
}

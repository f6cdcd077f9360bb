//! The built-in error handlers as callables: what `codecs.lookup_error` gives.

use crate::error::{PyResult, Raised};
use crate::native::MethodDef;
use crate::types::bytes::Bytes;
use crate::types::exceptions::unicode::UnicodeError;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::codecs::{DecodeFault, EncodeFault, ErrorMode, Replacement, handlers};
use oriel_kernel::text::TextBuf;

const SIGNATURE: &str = "($self, object, /)";

static HANDLERS: &[(&str, MethodDef)] = &[
    ("strict", MethodDef::one("strict_errors", strict, SIGNATURE, "Raises the exception.")),
    ("ignore", MethodDef::one("ignore_errors", ignore, SIGNATURE, "Leaves out what cannot be converted.")),
    ("replace", MethodDef::one("replace_errors", replace, SIGNATURE, "Puts a replacement character instead.")),
    (
        "xmlcharrefreplace",
        MethodDef::one(
            "xmlcharrefreplace_errors",
            xmlcharrefreplace,
            SIGNATURE,
            "Puts XML character references instead.",
        ),
    ),
    (
        "backslashreplace",
        MethodDef::one("backslashreplace_errors", backslashreplace, SIGNATURE, "Puts backslashed escapes instead."),
    ),
    ("namereplace", MethodDef::one("namereplace_errors", namereplace, SIGNATURE, "Puts \\N{...} escapes instead.")),
    (
        "surrogatepass",
        MethodDef::one("surrogatepass", surrogatepass, SIGNATURE, "Converts lone surrogates as they are."),
    ),
    (
        "surrogateescape",
        MethodDef::one("surrogateescape", surrogateescape, SIGNATURE, "Converts bytes to lone surrogates and back."),
    ),
];

/// The declaration of a built-in handler.
pub(super) fn by_name(name: &str) -> Option<&'static MethodDef> {
    HANDLERS.iter().find(|(known, _)| *known == name).map(|(_, def)| def)
}

fn strict(vm: &Vm, _: &Value, exception: &Value) -> PyResult {
    if vm.is_exception(exception) {
        return Err(Raised(exception.clone()));
    }
    Err(vm.type_error("codec must pass exception instance"))
}

fn ignore(vm: &Vm, _: &Value, exception: &Value) -> PyResult {
    handle(vm, exception, ErrorMode::Ignore)
}

fn replace(vm: &Vm, _: &Value, exception: &Value) -> PyResult {
    handle(vm, exception, ErrorMode::Replace)
}

fn xmlcharrefreplace(vm: &Vm, _: &Value, exception: &Value) -> PyResult {
    handle(vm, exception, ErrorMode::XmlCharRefReplace)
}

fn backslashreplace(vm: &Vm, _: &Value, exception: &Value) -> PyResult {
    handle(vm, exception, ErrorMode::BackslashReplace)
}

fn namereplace(vm: &Vm, _: &Value, exception: &Value) -> PyResult {
    handle(vm, exception, ErrorMode::NameReplace)
}

fn surrogatepass(vm: &Vm, _: &Value, exception: &Value) -> PyResult {
    handle(vm, exception, ErrorMode::SurrogatePass)
}

fn surrogateescape(vm: &Vm, _: &Value, exception: &Value) -> PyResult {
    handle(vm, exception, ErrorMode::SurrogateEscape)
}

#[cold]
fn unknown(vm: &Vm, exception: &Value) -> Raised {
    vm.type_error(format!("don't know how to handle {} in error callback", vm.type_name(exception)))
}

/// The range of a fault inside an object of some length, as CPython clips it.
fn range(body: &UnicodeError, len: usize) -> (usize, usize) {
    let start = usize::try_from(body.start.get()).unwrap_or(0).min(len.saturating_sub(1));
    (start, stated_end(body, len).max(start))
}

/// The end of a fault as the exception has it, even where that is before the start.
fn stated_end(body: &UnicodeError, len: usize) -> usize {
    usize::try_from(body.end.get()).unwrap_or(0).max(1).min(len)
}

fn reply(vm: &Vm, replacement: Value, position: usize) -> PyResult {
    Ok(vm.new_tuple(&[replacement, vm.new_int(position as i64)]))
}

fn handle(vm: &Vm, exception: &Value, mode: ErrorMode) -> PyResult {
    let Some(body) = exception.downcast::<UnicodeError>() else { return Err(unknown(vm, exception)) };
    let Some(object) = body.object.get() else { return Err(vm.type_error("object attribute not set")) };
    let encoding = body.encoding.get().map(|name| vm.str_text(&name)).unwrap_or_default();
    let class = vm.type_of(exception);
    if vm.is_instance_exact(exception, &vm.types.unicode_encode_error) {
        let Some(text) = object.downcast::<Str>() else {
            return Err(vm.type_error("object attribute must be unicode"));
        };
        let (start, end) = range(body, text.len());
        let fault = EncodeFault { encoding: &encoding, input: text.text(), start, end, reason: "" };
        return match handlers::encode(mode, &fault) {
            None => Err(Raised(exception.clone())),
            Some(answer) => {
                let replacement = match answer.replacement {
                    Replacement::Text(text) => vm.new_text_buf(&text)?,
                    Replacement::Bytes(bytes) => vm.try_new_bytes(&bytes)?,
                };
                let stated = stated_end(body, text.len());
                reply(vm, replacement, if answer.position == end { stated } else { answer.position })
            }
        };
    }
    if vm.is_instance_exact(exception, &vm.types.unicode_decode_error) {
        if matches!(mode, ErrorMode::XmlCharRefReplace | ErrorMode::NameReplace) {
            return Err(unknown(vm, exception));
        }
        let Some(bytes) = object.downcast::<Bytes>() else {
            return Err(vm.type_error("object attribute must be bytes"));
        };
        let (start, end) = range(body, bytes.len());
        let fault = DecodeFault { encoding: &encoding, input: bytes.as_slice(), start, end, reason: "" };
        let mut out = TextBuf::new();
        return match handlers::decode(mode, &fault, &mut out) {
            None => Err(Raised(exception.clone())),
            Some(position) => {
                let position = if position == end { stated_end(body, bytes.len()) } else { position };
                reply(vm, vm.new_text_buf(&out.finish())?, position)
            }
        };
    }
    if class.is(&vm.types.unicode_translate_error) || vm.is_instance_exact(exception, &vm.types.unicode_translate_error)
    {
        let Some(text) = object.downcast::<Str>() else {
            return Err(vm.type_error("object attribute must be unicode"));
        };
        let (start, end) = range(body, text.len());
        let mut out = TextBuf::new();
        match mode {
            ErrorMode::Ignore => {}
            ErrorMode::Replace => out.push_repeated(0xFFFD, end - start),
            ErrorMode::BackslashReplace => text.text().slice(start, end).chars().for_each(|c| out.push_escape(c)),
            _ => return Err(unknown(vm, exception)),
        }
        return reply(vm, vm.new_text_buf(&out.finish())?, stated_end(body, text.len()));
    }
    Err(unknown(vm, exception))
}

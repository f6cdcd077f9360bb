//! The functions of `_codecs` for escapes: of `str` literals and of `bytes` literals.

use super::arguments::{Input, errors, flag, pair, text};
use super::handler::Handler;
use crate::error::PyResult;
use crate::types::bytes::Bytes;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::codecs::ErrorMode;
use oriel_kernel::codecs::escapes::{self, BytesEscapeError, InvalidEscape};

/// Warns of an escape that does not exist.
fn warn(vm: &Vm, invalid: Option<InvalidEscape>, prefix: &str) -> PyResult<()> {
    let Some(InvalidEscape { value, .. }) = invalid else { return Ok(()) };
    let message = if value > 0xff {
        format!(
            "{prefix}\"\\{value:o}\" is an invalid octal escape sequence. Such sequences will not work in the future. "
        )
    } else {
        let letter = char::from_u32(value).unwrap_or('?');
        format!("{prefix}\"\\{letter}\" is an invalid escape sequence. Such sequences will not work in the future. ")
    };
    vm.warn(&vm.types.deprecation_warning, &message, 1)
}

pub(super) fn unicode_escape_decode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let input = Input::or_text(vm, &args[0])?;
    let errors = errors(vm, "unicode_escape_decode", args)?;
    let last = flag(vm, args, 2, true)?;
    let mut handler = Handler::new(vm, errors.as_deref(), input.object());
    let mode = handler.mode();
    let (decoded, invalid) = escapes::decode_unicode_escape(input.slice(), mode, &mut handler, last)?;
    warn(vm, invalid, "")?;
    pair(vm, vm.new_text_buf(&decoded.text)?, if last { input.slice().len() } else { decoded.consumed })
}

pub(super) fn raw_unicode_escape_decode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let input = Input::or_text(vm, &args[0])?;
    let errors = errors(vm, "raw_unicode_escape_decode", args)?;
    let last = flag(vm, args, 2, true)?;
    let mut handler = Handler::new(vm, errors.as_deref(), input.object());
    let mode = handler.mode();
    let decoded = escapes::decode_raw_unicode_escape(input.slice(), mode, &mut handler, last)?;
    pair(vm, vm.new_text_buf(&decoded.text)?, if last { input.slice().len() } else { decoded.consumed })
}

pub(super) fn unicode_escape_encode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let string = text(vm, "unicode_escape_encode", args)?;
    errors(vm, "unicode_escape_encode", args)?;
    pair(vm, vm.try_new_bytes(&escapes::encode_unicode_escape(string.text()))?, string.len())
}

pub(super) fn raw_unicode_escape_encode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let string = text(vm, "raw_unicode_escape_encode", args)?;
    errors(vm, "raw_unicode_escape_encode", args)?;
    pair(vm, vm.try_new_bytes(&escapes::encode_raw_unicode_escape(string.text()))?, string.len())
}

pub(super) fn escape_decode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let input = Input::or_text(vm, &args[0])?;
    let errors = errors(vm, "escape_decode", args)?;
    let name = errors.as_deref().unwrap_or("strict");
    match escapes::decode_bytes_escape(input.slice(), ErrorMode::from_name(name)) {
        Ok((bytes, invalid)) => {
            warn(vm, invalid, "b")?;
            pair(vm, vm.try_new_bytes(&bytes)?, input.slice().len())
        }
        Err(BytesEscapeError::Trailing) => Err(vm.value_error("Trailing \\ in string")),
        Err(BytesEscapeError::BadHex(at)) => Err(vm.value_error(format!("invalid \\x escape at position {at}"))),
        Err(BytesEscapeError::UnknownHandler) => {
            Err(vm.value_error(format!("decoding error; unknown error handling code: {name}")))
        }
    }
}

pub(super) fn escape_encode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let Some(bytes) = args[0].downcast::<Bytes>() else {
        let given = vm.type_name(&args[0]);
        return Err(vm.type_error(format!("escape_encode() argument 1 must be bytes, not {given}")));
    };
    errors(vm, "escape_encode", args)?;
    pair(vm, vm.try_new_bytes(&escapes::encode_bytes_escape(bytes.as_slice()))?, bytes.len())
}

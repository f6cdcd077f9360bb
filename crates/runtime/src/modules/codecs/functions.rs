//! The functions of `_codecs`: the table of them, and those of the UTF encodings, ASCII and Latin-1.

use super::arguments::{Input, errors, flag, pair, text};
use super::handler::Handler;
use super::{charmap, escape, registry};
use crate::args::Bound;
use crate::error::PyResult;
use crate::native::MethodDef;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::codecs::utf16::{self, ByteOrder};
use oriel_kernel::codecs::{single_byte, utf7, utf8, utf32};
use oriel_kernel::text::Text;

const ENCODE: &str = "($module, str, errors=None, /)";
const ENCODE_ORDERED: &str = "($module, str, errors=None, byteorder=0, /)";
const DECODE: &str = "($module, data, errors=None, /)";
const DECODE_PART: &str = "($module, data, errors=None, final=False, /)";
const DECODE_ESCAPES: &str = "($module, data, errors=None, final=True, /)";
const DECODE_ORDERED: &str = "($module, data, errors=None, byteorder=0, final=False,\n                 /)";

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::one(
        "register",
        registry::register,
        "($module, search_function, /)",
        "Register a codec search function.",
    ),
    MethodDef::one(
        "unregister",
        registry::unregister,
        "($module, search_function, /)",
        "Unregister a codec search function.",
    ),
    MethodDef::one("lookup", registry::lookup, "($module, encoding, /)", "The codec tuple of an encoding."),
    MethodDef::bound(
        "encode",
        encode,
        "($module, /, obj, encoding='utf-8', errors='strict')",
        "Encode with any registered codec.",
    ),
    MethodDef::bound(
        "decode",
        decode,
        "($module, /, obj, encoding='utf-8', errors='strict')",
        "Decode with any registered codec.",
    ),
    MethodDef::positional(
        "register_error",
        2,
        2,
        registry::register_error,
        "($module, errors, handler, /)",
        "Register an error handler under a name.",
    ),
    MethodDef::one(
        "_unregister_error",
        registry::unregister_error,
        "($module, errors, /)",
        "Take an error handler out; whether it was there.",
    ),
    MethodDef::one("lookup_error", registry::lookup_error, "($module, name, /)", "The error handler of a name."),
    MethodDef::positional("escape_encode", 1, 2, escape::escape_encode, DECODE, ""),
    MethodDef::positional("escape_decode", 1, 2, escape::escape_decode, DECODE, ""),
    MethodDef::positional("unicode_escape_encode", 1, 2, escape::unicode_escape_encode, ENCODE, ""),
    MethodDef::positional("unicode_escape_decode", 1, 3, escape::unicode_escape_decode, DECODE_ESCAPES, ""),
    MethodDef::positional("raw_unicode_escape_encode", 1, 2, escape::raw_unicode_escape_encode, ENCODE, ""),
    MethodDef::positional("raw_unicode_escape_decode", 1, 3, escape::raw_unicode_escape_decode, DECODE_ESCAPES, ""),
    MethodDef::positional(
        "charmap_encode",
        1,
        3,
        charmap::charmap_encode,
        "($module, str, errors=None, mapping=None, /)",
        "",
    ),
    MethodDef::positional(
        "charmap_decode",
        1,
        3,
        charmap::charmap_decode,
        "($module, data, errors=None, mapping=None, /)",
        "",
    ),
    MethodDef::one("charmap_build", charmap::charmap_build, "($module, map, /)", ""),
    MethodDef::positional("readbuffer_encode", 1, 2, readbuffer_encode, DECODE, ""),
    MethodDef::positional("utf_8_encode", 1, 2, utf_8_encode, ENCODE, ""),
    MethodDef::positional("utf_8_decode", 1, 3, utf_8_decode, DECODE_PART, ""),
    MethodDef::positional("utf_7_encode", 1, 2, utf_7_encode, ENCODE, ""),
    MethodDef::positional("utf_7_decode", 1, 3, utf_7_decode, DECODE_PART, ""),
    MethodDef::positional("ascii_encode", 1, 2, ascii_encode, ENCODE, ""),
    MethodDef::positional("ascii_decode", 1, 2, ascii_decode, DECODE, ""),
    MethodDef::positional("latin_1_encode", 1, 2, latin_1_encode, ENCODE, ""),
    MethodDef::positional("latin_1_decode", 1, 2, latin_1_decode, DECODE, ""),
    MethodDef::positional(
        "utf_16_encode",
        1,
        3,
        |vm, _, args| encode_16(vm, "utf_16_encode", args, None),
        ENCODE_ORDERED,
        "",
    ),
    MethodDef::positional(
        "utf_16_le_encode",
        1,
        2,
        |vm, _, args| encode_16(vm, "utf_16_le_encode", args, Some(ByteOrder::Little)),
        ENCODE,
        "",
    ),
    MethodDef::positional(
        "utf_16_be_encode",
        1,
        2,
        |vm, _, args| encode_16(vm, "utf_16_be_encode", args, Some(ByteOrder::Big)),
        ENCODE,
        "",
    ),
    MethodDef::positional(
        "utf_16_decode",
        1,
        3,
        |vm, _, args| decode_wide(vm, "utf_16_decode", args, Wide::Utf16, ByteOrder::Marked),
        DECODE_PART,
        "",
    ),
    MethodDef::positional(
        "utf_16_le_decode",
        1,
        3,
        |vm, _, args| decode_wide(vm, "utf_16_le_decode", args, Wide::Utf16, ByteOrder::Little),
        DECODE_PART,
        "",
    ),
    MethodDef::positional(
        "utf_16_be_decode",
        1,
        3,
        |vm, _, args| decode_wide(vm, "utf_16_be_decode", args, Wide::Utf16, ByteOrder::Big),
        DECODE_PART,
        "",
    ),
    MethodDef::positional(
        "utf_16_ex_decode",
        1,
        4,
        |vm, _, args| decode_ordered(vm, "utf_16_ex_decode", args, Wide::Utf16),
        DECODE_ORDERED,
        "",
    ),
    MethodDef::positional(
        "utf_32_encode",
        1,
        3,
        |vm, _, args| encode_32(vm, "utf_32_encode", args, None),
        ENCODE_ORDERED,
        "",
    ),
    MethodDef::positional(
        "utf_32_le_encode",
        1,
        2,
        |vm, _, args| encode_32(vm, "utf_32_le_encode", args, Some(ByteOrder::Little)),
        ENCODE,
        "",
    ),
    MethodDef::positional(
        "utf_32_be_encode",
        1,
        2,
        |vm, _, args| encode_32(vm, "utf_32_be_encode", args, Some(ByteOrder::Big)),
        ENCODE,
        "",
    ),
    MethodDef::positional(
        "utf_32_decode",
        1,
        3,
        |vm, _, args| decode_wide(vm, "utf_32_decode", args, Wide::Utf32, ByteOrder::Marked),
        DECODE_PART,
        "",
    ),
    MethodDef::positional(
        "utf_32_le_decode",
        1,
        3,
        |vm, _, args| decode_wide(vm, "utf_32_le_decode", args, Wide::Utf32, ByteOrder::Little),
        DECODE_PART,
        "",
    ),
    MethodDef::positional(
        "utf_32_be_decode",
        1,
        3,
        |vm, _, args| decode_wide(vm, "utf_32_be_decode", args, Wide::Utf32, ByteOrder::Big),
        DECODE_PART,
        "",
    ),
    MethodDef::positional(
        "utf_32_ex_decode",
        1,
        4,
        |vm, _, args| decode_ordered(vm, "utf_32_ex_decode", args, Wide::Utf32),
        DECODE_ORDERED,
        "",
    ),
];

fn encode(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    convert(vm, args, 0, "encode")
}

fn decode(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    convert(vm, args, 1, "decode")
}

fn convert(vm: &Vm, args: &Bound<'_>, part: usize, function: &str) -> PyResult {
    let encoding = super::check_name(vm, function, "'encoding'", args[1])?.unwrap_or("utf-8".into());
    let errors = super::check_name(vm, function, "'errors'", args[2])?;
    let codec = vm.lookup_codec(&encoding)?;
    vm.run_codec(&codec, part, &encoding, args[0].unwrap_or(&Value::NONE), errors.as_deref())
}

fn readbuffer_encode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let input = Input::or_text(vm, &args[0])?;
    errors(vm, "readbuffer_encode", args)?;
    pair(vm, vm.try_new_bytes(input.slice())?, input.slice().len())
}

fn utf_8_encode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let string = text(vm, "utf_8_encode", args)?;
    let errors = errors(vm, "utf_8_encode", args)?;
    pair(vm, vm.encode_text(&args[0], Some("utf-8"), errors.as_deref())?, string.len())
}

fn utf_8_decode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let input = Input::of(vm, &args[0])?;
    let errors = errors(vm, "utf_8_decode", args)?;
    let last = flag(vm, args, 2, false)?;
    let mut handler = Handler::new(vm, errors.as_deref(), input.object());
    let mode = handler.mode();
    let decoded = utf8::decode(input.slice(), mode, &mut handler, last)?;
    pair(vm, vm.new_text_buf(&decoded.text)?, if last { input.slice().len() } else { decoded.consumed })
}

fn utf_7_encode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let string = text(vm, "utf_7_encode", args)?;
    errors(vm, "utf_7_encode", args)?;
    pair(vm, vm.try_new_bytes(&utf7::encode(string.text()))?, string.len())
}

fn utf_7_decode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let input = Input::of(vm, &args[0])?;
    let errors = errors(vm, "utf_7_decode", args)?;
    let last = flag(vm, args, 2, false)?;
    let mut handler = Handler::new(vm, errors.as_deref(), input.object());
    let mode = handler.mode();
    let decoded = utf7::decode(input.slice(), mode, &mut handler, last)?;
    pair(vm, vm.new_text_buf(&decoded.text)?, if last { input.slice().len() } else { decoded.consumed })
}

fn ascii_encode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let string = text(vm, "ascii_encode", args)?;
    let errors = errors(vm, "ascii_encode", args)?;
    pair(vm, vm.encode_text(&args[0], Some("ascii"), errors.as_deref())?, string.len())
}

fn ascii_decode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let input = Input::of(vm, &args[0])?;
    let errors = errors(vm, "ascii_decode", args)?;
    let mut handler = Handler::new(vm, errors.as_deref(), input.object());
    let mode = handler.mode();
    let text = single_byte::decode_ascii(input.slice(), mode, &mut handler)?;
    pair(vm, vm.new_text_buf(&text)?, input.slice().len())
}

fn latin_1_encode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let string = text(vm, "latin_1_encode", args)?;
    let errors = errors(vm, "latin_1_encode", args)?;
    pair(vm, vm.encode_text(&args[0], Some("latin-1"), errors.as_deref())?, string.len())
}

fn latin_1_decode(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let input = Input::of(vm, &args[0])?;
    errors(vm, "latin_1_decode", args)?;
    pair(vm, vm.new_text(Text::Latin1(input.slice()))?, input.slice().len())
}

fn order(vm: &Vm, args: &[Value], fixed: Option<ByteOrder>) -> PyResult<ByteOrder> {
    match (fixed, args.get(2)) {
        (Some(order), _) => Ok(order),
        (None, None) => Ok(ByteOrder::Marked),
        (None, Some(number)) => Ok(ByteOrder::from_number(vm.to_i32(number)?.into())),
    }
}

fn encode_16(vm: &Vm, function: &str, args: &[Value], fixed: Option<ByteOrder>) -> PyResult {
    let string = text(vm, function, args)?;
    let errors = errors(vm, function, args)?;
    let order = order(vm, args, fixed)?;
    let mut handler = Handler::new(vm, errors.as_deref(), Some(&args[0]));
    let mode = handler.mode();
    let bytes = utf16::encode(string.text(), mode, &mut handler, order)?;
    pair(vm, vm.try_new_bytes(&bytes)?, string.len())
}

fn encode_32(vm: &Vm, function: &str, args: &[Value], fixed: Option<ByteOrder>) -> PyResult {
    let string = text(vm, function, args)?;
    let errors = errors(vm, function, args)?;
    let order = order(vm, args, fixed)?;
    let mut handler = Handler::new(vm, errors.as_deref(), Some(&args[0]));
    let mode = handler.mode();
    let bytes = utf32::encode(string.text(), mode, &mut handler, order)?;
    pair(vm, vm.try_new_bytes(&bytes)?, string.len())
}

/// The encodings in units of more than a byte.
#[derive(Clone, Copy)]
enum Wide {
    Utf16,
    Utf32,
}

impl Wide {
    fn decode(
        self,
        vm: &Vm,
        input: &Input<'_>,
        errors: Option<&str>,
        order: ByteOrder,
        last: bool,
    ) -> PyResult<utf16::DecodedWide> {
        let mut handler = Handler::new(vm, errors, input.object());
        let mode = handler.mode();
        match self {
            Wide::Utf16 => utf16::decode(input.slice(), mode, &mut handler, order, last),
            Wide::Utf32 => utf32::decode(input.slice(), mode, &mut handler, order, last),
        }
    }
}

fn decode_wide(vm: &Vm, function: &str, args: &[Value], wide: Wide, order: ByteOrder) -> PyResult {
    let input = Input::of(vm, &args[0])?;
    let errors = errors(vm, function, args)?;
    let last = flag(vm, args, 2, false)?;
    let decoded = wide.decode(vm, &input, errors.as_deref(), order, last)?;
    pair(vm, vm.new_text_buf(&decoded.text)?, if last { input.slice().len() } else { decoded.consumed })
}

fn decode_ordered(vm: &Vm, function: &str, args: &[Value], wide: Wide) -> PyResult {
    let input = Input::of(vm, &args[0])?;
    let errors = errors(vm, function, args)?;
    let order = order(vm, args, None)?;
    let last = flag(vm, args, 3, false)?;
    let decoded = wide.decode(vm, &input, errors.as_deref(), order, last)?;
    let consumed = if last { input.slice().len() } else { decoded.consumed };
    let (text, consumed) = (vm.new_text_buf(&decoded.text)?, vm.new_int(consumed as i64));
    Ok(vm.new_tuple(&[text, consumed, Value::small(decoded.order.number())]))
}

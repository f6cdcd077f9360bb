//! Bytes into text and back. UTF-8, ASCII and Latin-1 need no codec object; all other encodings use the codec's
//! incremental decoder and encoder, line ends being translated by an `IncrementalNewlineDecoder` around it.

use super::{Newline, TextIo, unsupported};
use crate::io::State;
use oriel_kernel::text::Text;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{PyResult, Value, Vm};

/// Encodings that need no codec object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Native {
    Utf8,
    Ascii,
    Latin1,
}

impl Native {
    fn of(encoding: &str) -> Option<Native> {
        match encoding.to_ascii_lowercase().replace(['_', ' '], "-").as_str() {
            "utf-8" | "utf8" | "u8" | "cp65001" => Some(Native::Utf8),
            "ascii" | "us-ascii" | "646" | "ansi-x3.4-1968" => Some(Native::Ascii),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" | "8859" => Some(Native::Latin1),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Native::Utf8 => "utf-8",
            Native::Ascii => "ascii",
            Native::Latin1 => "latin-1",
        }
    }
}

/// What decoded text was made of: the decoder's flags before, and the bytes.
#[derive(Clone)]
pub struct Snapshot {
    pub flags: i64,
    pub input: Vec<u8>,
}

/// A decoder's state: bytes that it holds, and its flags.
pub struct DecoderState {
    pub held: Vec<u8>,
    pub flags: i64,
}

/// Chooses how text is encoded and decoded, and asks the buffer what can be done with it.
pub fn set_codec(vm: &Vm, body: &TextIo, buffer: &Value, encoding: &str, errors: &Value) -> PyResult<()> {
    let native = Native::of(encoding);
    let mut info = None;
    if native.is_none() {
        let found = vm.lookup_codec(encoding)?;
        if let Some(is_text) = vm.get_attr_opt(&found, &vm.intern("_is_text_encoding"))?
            && !vm.truth(&is_text)?
        {
            return Err(vm.lookup_error(format!(
                "'{encoding}' is not a text encoding; use codecs.open() to handle arbitrary codecs"
            )));
        }
        info = Some(found);
    }
    let can = |method: &Value| -> PyResult<bool> {
        let answer = vm.call_method(buffer, method, &[])?;
        vm.truth(&answer)
    };
    let make = |name: &str| -> PyResult<Option<Value>> {
        let Some(info) = &info else { return Ok(None) };
        let factory = vm.get_attr_str(info, name)?;
        vm.call(&factory, std::slice::from_ref(errors)).map(Some)
    };
    let newline = body.newline.get();
    let readable = can(&vm.names.readable)?;
    let mut decoder = if readable { make("incrementaldecoder")? } else { None };
    if newline.is_universal()
        && let Some(inner) = decoder.take()
    {
        let state = vm.state::<State>();
        let class = crate::bodies::made(vm, &state.newline_decoder)?;
        let translates = Value::bool(newline == Newline::Universal);
        decoder = Some(vm.call(class.as_value(), &[inner, translates])?);
    }
    let writable = can(&vm.names.writable)?;
    let encoder = if writable { make("incrementalencoder")? } else { None };
    body.readable.set(readable);
    body.writable.set(writable);
    body.decoder.set(decoder);
    body.encoder.set(encoder);
    body.rest.borrow_mut().clear();
    body.newlines.reset();
    body.newlines.translate.set(newline == Newline::Universal);
    body.native.set(native);
    body.encoding.set(Some(vm.new_str(encoding)));
    body.errors.set(Some(errors.clone()));
    Ok(())
}

/// Tells a new encoder whether it is at the start of the stream, where a byte order mark belongs.
pub fn start_encoder(vm: &Vm, body: &TextIo, buffer: &Value) -> PyResult<()> {
    if !body.seekable.get() || !body.encoder.is_some() {
        return Ok(());
    }
    let position = vm.call_method(buffer, &vm.names.tell, &[])?;
    if vm.equal(&position, &Value::small(0))? {
        return Ok(());
    }
    reset_encoder(vm, body, false)
}

/// Puts the encoder to the start of the stream, or behind it.
pub fn reset_encoder(vm: &Vm, body: &TextIo, at_start: bool) -> PyResult<()> {
    if let Some(encoder) = body.encoder.get() {
        if at_start {
            vm.call_method_str(&encoder, "reset", &[])?;
        } else {
            vm.call_method_str(&encoder, "setstate", &[Value::small(0)])?;
        }
    }
    Ok(())
}

fn error_name(vm: &Vm, body: &TextIo) -> String {
    vm.str_text(&body.errors.get().unwrap_or(Value::NONE))
}

/// The bytes of a text.
pub fn encode(vm: &Vm, body: &TextIo, value: &Value) -> PyResult {
    match (body.native.get(), body.encoder.get()) {
        (Some(native), _) => vm.encode_text(value, Some(native.name()), Some(&error_name(vm, body))),
        (None, Some(encoder)) => vm.call_method(&encoder, &vm.names.encode, std::slice::from_ref(value)),
        (None, None) => Err(unsupported(vm, "not writable")),
    }
}

/// Decodes bytes with what was left over; keeps what is no whole character yet.
pub fn decode(vm: &Vm, body: &TextIo, bytes: &[u8], last: bool) -> PyResult {
    if let Some(decoder) = body.decoder.get() {
        let text = vm.call_method(&decoder, &vm.names.decode, &[vm.try_new_bytes(bytes)?, Value::bool(last)])?;
        return checked(vm, text);
    }
    let Some(native) = body.native.get().filter(|_| body.readable.get()) else {
        return Err(unsupported(vm, "not readable"));
    };
    let mut all = std::mem::take(&mut *body.rest.borrow_mut());
    let joined;
    let bytes = if all.is_empty() {
        bytes
    } else {
        all.extend_from_slice(bytes);
        joined = all;
        &joined
    };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) if bytes.is_ascii() => vm.new_text(Text::Ascii(text))?,
        _ => decode_native(vm, body, native, bytes, last)?,
    };
    if body.newline.get().is_universal() {
        return body.newlines.feed_object(vm, &text, last);
    }
    Ok(text)
}

fn decode_native(vm: &Vm, body: &TextIo, native: Native, bytes: &[u8], last: bool) -> PyResult {
    let errors = error_name(vm, body);
    // An unfinished sequence at the end waits for the next chunk.
    let held = if native == Native::Utf8 && !last { unfinished(bytes) } else { 0 };
    let (whole, rest) = bytes.split_at(bytes.len() - held);
    if held > 0 {
        *body.rest.borrow_mut() = rest.to_vec();
    }
    vm.decode_slice(whole, native.name(), Some(&errors))
}

/// How many bytes at the end begin a UTF-8 sequence without ending it.
fn unfinished(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let tail = &bytes[bytes.len() - back..];
        let needed = match tail[0] {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0x80..=0xbf => continue,
            _ => return 0,
        };
        let begins_well = match (tail[0], tail.get(1)) {
            (_, None) => true,
            (0xe0, Some(second)) => *second >= 0xa0,
            (0xed, Some(second)) => *second <= 0x9f,
            (0xf0, Some(second)) => *second >= 0x90,
            (0xf4, Some(second)) => *second <= 0x8f,
            _ => true,
        };
        return if needed > back && begins_well { back } else { 0 };
    }
    0
}

fn checked(vm: &Vm, text: Value) -> PyResult {
    if text.downcast::<Str>().is_none() {
        let given = vm.type_name(&text);
        return Err(vm.type_error(format!("decoder should return a string result, not '{given}'")));
    }
    Ok(text)
}

/// The decoder's state.
pub fn decoder_state(vm: &Vm, body: &TextIo) -> PyResult<DecoderState> {
    let Some(decoder) = body.decoder.get() else {
        let held = body.rest.borrow().clone();
        return Ok(DecoderState { held, flags: body.newlines.pending().into() });
    };
    let state = vm.call_method_str(&decoder, "getstate", &[])?;
    let Some([held, flags]) = state.downcast::<Tuple>().map(|tuple| tuple.items()) else {
        return Err(vm.type_error("illegal decoder state"));
    };
    let Some(bytes) = vm.as_bytes(held) else {
        let given = vm.type_name(held);
        return Err(
            vm.type_error(format!("illegal decoder state: the first item should be a bytes object, not '{given}'"))
        );
    };
    Ok(DecoderState { held: bytes.as_slice().to_vec(), flags: vm.to_i64(flags)? })
}

/// Puts the decoder into a state.
pub fn set_decoder_state(vm: &Vm, body: &TextIo, state: &DecoderState) -> PyResult<()> {
    if let Some(decoder) = body.decoder.get() {
        let pair = vm.tuple([vm.try_new_bytes(&state.held)?, vm.new_int(state.flags)]);
        vm.call_method_str(&decoder, "setstate", &[pair])?;
        return Ok(());
    }
    *body.rest.borrow_mut() = state.held.clone();
    body.newlines.set_pending(state.flags & 1 != 0);
    Ok(())
}

/// Puts the decoder to the start of the stream.
pub fn reset_decoder(vm: &Vm, body: &TextIo) -> PyResult<()> {
    if let Some(decoder) = body.decoder.get() {
        vm.call_method_str(&decoder, "reset", &[])?;
        return Ok(());
    }
    body.rest.borrow_mut().clear();
    body.newlines.reset();
    Ok(())
}

//! Positions in text. A position is a number that says where in the bytes a decoder may start, in which state, and how
//! much it must then be fed and how many characters of what comes out be left aside:
//!
//! ```text
//!  bit 160         128             96              64              0
//!   | at the end    | characters    | bytes to feed | flags         | position in the buffer
//! ```
//! For most encodings and places all but the last part are zero.

use super::codec::{self, DecoderState, Snapshot};
use super::write::write_pending;
use super::{TextIo, buffer_of, check_open, forget_decoded, helpers, stream, unsupported};
use dashu_int::IBig;
use oriel_runtime::types::str::Str;
use oriel_runtime::{Bound, CompareOp, PyResult, Ref, Value, Vm};

#[derive(Default)]
struct Cookie {
    start: i64,
    flags: i32,
    feed: i32,
    skip: i32,
    at_end: bool,
}

impl Cookie {
    fn to_value(&self, vm: &Vm) -> Value {
        if self.flags == 0 && self.feed == 0 && self.skip == 0 && !self.at_end {
            return vm.new_int(self.start);
        }
        let mut bytes = Vec::with_capacity(21);
        bytes.extend(self.start.to_le_bytes());
        bytes.extend(self.flags.to_le_bytes());
        bytes.extend(self.feed.to_le_bytes());
        bytes.extend(self.skip.to_le_bytes());
        bytes.push(self.at_end.into());
        vm.new_big_int(IBig::from(dashu_int::UBig::from_le_bytes(&bytes)))
    }

    fn parse(vm: &Vm, value: &Value) -> PyResult<Cookie> {
        let number = match vm.small_or_big(value) {
            Some(Ok(number)) => return Ok(Cookie { start: number, ..Cookie::default() }),
            Some(Err(big)) => big.value.clone(),
            None => {
                let given = vm.type_name(value);
                return Err(vm.type_error(format!("'{given}' object cannot be interpreted as an integer")));
            }
        };
        let (_, magnitude) = number.into_parts();
        let mut bytes = magnitude.to_le_bytes().into_vec();
        if bytes.len() > 21 {
            return Err(vm.overflow_error("int too big to convert"));
        }
        bytes.resize(21, 0);
        let number = |at: usize| i32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let mut start = [0; 8];
        start.copy_from_slice(&bytes[..8]);
        Ok(Cookie {
            start: i64::from_le_bytes(start),
            flags: number(8),
            feed: number(12),
            skip: number(16),
            at_end: bytes[20] != 0,
        })
    }
}

fn check_seekable(vm: &Vm, body: &TextIo) -> PyResult<()> {
    if body.seekable.get() { Ok(()) } else { Err(unsupported(vm, "underlying stream is not seekable")) }
}

/// `tell()`
pub fn tell(vm: &Vm, this: &Value) -> PyResult {
    let buffer = check_open(vm, this)?;
    let body = stream(vm, this)?.clone();
    check_seekable(vm, &body)?;
    if !body.telling.get() {
        return Err(helpers::os_error_text(vm, "telling position disabled by next() call"));
    }
    write_pending(vm, &body)?;
    vm.call_method(&buffer, &vm.names.flush, &[])?;
    let position = vm.call_method(&buffer, &vm.names.tell, &[])?;
    let snapshot = body.snapshot.borrow().clone();
    let Some(snapshot) = snapshot.filter(|_| body.readable.get()) else { return Ok(position) };
    let start = vm.to_i64(&position)? - snapshot.input.len() as i64;
    let flags = snapshot.flags as i32;
    let used = body.next.get();
    if used == 0 {
        return Ok(Cookie { start, flags, ..Cookie::default() }.to_value(vm));
    }
    let saved = codec::decoder_state(vm, &body)?;
    let found = locate(vm, &body, &snapshot, start, used);
    let restored = codec::set_decoder_state(vm, &body, &saved);
    let cookie = found?;
    restored?;
    Ok(cookie.to_value(vm))
}

/// How many characters come of bytes.
fn count(vm: &Vm, body: &TextIo, bytes: &[u8], last: bool) -> PyResult<usize> {
    let text = codec::decode(vm, body, bytes, last)?;
    vm.len(&text)
}

/// Finds the last place before the position where the decoder holds nothing back.
fn locate(vm: &Vm, body: &TextIo, snapshot: &Snapshot, start: i64, used: usize) -> PyResult<Cookie> {
    let mut cookie = Cookie { start, flags: snapshot.flags as i32, ..Cookie::default() };
    let begin = DecoderState { held: Vec::new(), flags: snapshot.flags };
    let mut skip = used;
    let input = &snapshot.input;
    // A guess from the ratio of bytes to characters comes near; then one goes back until it is not too far.
    let mut bytes = ((body.bytes_per_character.get() * used as f64) as usize).min(input.len()) as isize;
    let mut back = 1;
    while bytes > 0 {
        codec::set_decoder_state(vm, body, &begin)?;
        let characters = count(vm, body, &input[..bytes as usize], false)?;
        if characters <= skip {
            let state = codec::decoder_state(vm, body)?;
            if state.held.is_empty() {
                cookie.flags = state.flags as i32;
                skip -= characters;
                break;
            }
            bytes -= state.held.len() as isize;
            back = 1;
        } else {
            bytes -= back;
            back *= 2;
        }
    }
    if bytes <= 0 {
        bytes = 0;
        codec::set_decoder_state(vm, body, &begin)?;
    }
    cookie.start += bytes as i64;
    cookie.skip = skip as i32;
    if skip == 0 {
        return Ok(cookie);
    }
    // From there the decoder is fed one byte at a time.
    let mut characters = 0;
    let mut reached = false;
    for byte in &input[bytes as usize..] {
        characters += count(vm, body, std::slice::from_ref(byte), false)?;
        cookie.feed += 1;
        let state = codec::decoder_state(vm, body)?;
        if state.held.is_empty() && characters <= skip {
            cookie.start += i64::from(cookie.feed);
            skip -= characters;
            cookie.flags = state.flags as i32;
            cookie.feed = 0;
            characters = 0;
        }
        if characters >= skip {
            reached = true;
            break;
        }
    }
    if !reached {
        characters += count(vm, body, b"", true)?;
        cookie.at_end = true;
        if characters < skip {
            return Err(helpers::os_error_text(vm, "can't reconstruct logical file position"));
        }
    }
    cookie.skip = skip as i32;
    Ok(cookie)
}

/// `seek(cookie, whence)`
pub fn seek(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let whence = args.get(1).map_or(Ok(0), |whence| vm.to_i32(whence))?;
    check_open(vm, this)?;
    let body = stream(vm, this)?.clone();
    check_seekable(vm, &body)?;
    let mut target = args[0].clone();
    match whence {
        0 => {}
        1 => {
            if !vm.equal(&target, &Value::small(0))? {
                return Err(unsupported(vm, "can't do nonzero cur-relative seeks"));
            }
            target = vm.call_method(this, &vm.names.tell, &[])?;
        }
        2 => {
            if !vm.equal(&target, &Value::small(0))? {
                return Err(unsupported(vm, "can't do nonzero end-relative seeks"));
            }
            return seek_end(vm, this, &body);
        }
        other => return Err(vm.value_error(format!("invalid whence ({other}, should be 0, 1 or 2)"))),
    }
    if vm.compare_bool(&target, &Value::small(0), CompareOp::Lt)? {
        let shown = vm.repr_text(&target)?;
        return Err(vm.value_error(format!("negative seek position {shown}")));
    }
    vm.call_method(this, &vm.names.flush, &[])?;
    let cookie = Cookie::parse(vm, &target)?;
    let buffer = buffer_of(vm, this)?;
    vm.call_method(&buffer, &vm.names.seek, &[vm.new_int(cookie.start)])?;
    forget_decoded(&body);
    if body.readable.get() {
        if cookie.start == 0 && cookie.flags == 0 {
            codec::reset_decoder(vm, &body)?;
        } else {
            codec::set_decoder_state(vm, &body, &DecoderState { held: Vec::new(), flags: cookie.flags.into() })?;
        }
    }
    let mut input = Vec::new();
    if cookie.skip != 0 {
        let data = vm.call_method(&buffer, &vm.names.read, &[vm.new_int(cookie.feed.into())])?;
        let Some(bytes) = vm.as_bytes(&data) else {
            let given = vm.type_name(&data);
            return Err(vm.type_error(format!("underlying read() should have returned a bytes object, not '{given}'")));
        };
        input = bytes.as_slice().to_vec();
        let text = codec::decode(vm, &body, &input, cookie.at_end)?;
        let length = text.downcast::<Str>().map_or(0, |text| text.len());
        body.decoded.set(Some(text));
        body.next.set(0);
        let skip = usize::try_from(cookie.skip).unwrap_or(usize::MAX);
        if length < skip {
            return Err(helpers::os_error_text(vm, "can't restore logical file position"));
        }
        body.next.set(skip);
    }
    body.snapshot.replace(Some(Snapshot { flags: cookie.flags.into(), input }));
    codec::reset_encoder(vm, &body, cookie.start == 0 && cookie.flags == 0)?;
    Ok(target)
}

fn seek_end(vm: &Vm, this: &Value, body: &Ref<TextIo>) -> PyResult {
    vm.call_method(this, &vm.names.flush, &[])?;
    forget_decoded(body);
    if body.readable.get() {
        codec::reset_decoder(vm, body)?;
    }
    let buffer = buffer_of(vm, this)?;
    let position = vm.call_method(&buffer, &vm.names.seek, &[Value::small(0), Value::small(2)])?;
    if body.encoder.is_some() {
        let at_start = vm.equal(&position, &Value::small(0))?;
        codec::reset_encoder(vm, body, at_start)?;
    }
    Ok(position)
}

/// `truncate(pos)`
pub fn truncate(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    stream(vm, this)?;
    vm.call_method(this, &vm.names.flush, &[])?;
    let buffer = buffer_of(vm, this)?;
    vm.call_method(&buffer, &vm.names.truncate, &[args[0].cloned().unwrap_or(Value::NONE)])
}

//! Reading text.

use super::codec::{self, Snapshot};
use super::write::write_pending;
use super::{Newline, TextIo, check_open, forget_decoded, helpers, stream, unsupported};
use crate::io::base::size_argument;
use oriel_kernel::text::TextBuf;
use oriel_runtime::types::str::Str;
use oriel_runtime::{Bound, PyResult, Raised, Ref, Value, Vm};

fn check_readable(vm: &Vm, this: &Value) -> PyResult<Ref<TextIo>> {
    check_open(vm, this)?;
    let body = stream(vm, this)?.clone();
    if !body.readable.get() {
        return Err(unsupported(vm, "not readable"));
    }
    write_pending(vm, &body)?;
    Ok(body)
}

/// Reads and decodes the next chunk, of at least so many characters if that is known; false at the end.
fn read_chunk(vm: &Vm, body: &Ref<TextIo>, wanted: usize) -> PyResult<bool> {
    if !body.readable.get() {
        return Err(unsupported(vm, "not readable"));
    }
    let Some(buffer) = body.buffer.get() else {
        return Err(vm.value_error("underlying buffer has been detached"));
    };
    let telling = body.telling.get();
    let before = if telling { Some(codec::decoder_state(vm, body)?) } else { None };
    let hint = (body.bytes_per_character.get().max(1.0) * wanted as f64) as usize;
    let size = vm.new_int(body.chunk_size.get().max(hint).min(isize::MAX as usize) as i64);
    let (name, data) = if body.has_read1.get() {
        ("read1", vm.call_method(&buffer, &vm.names.read1, &[size])?)
    } else {
        ("read", vm.call_method(&buffer, &vm.names.read, &[size])?)
    };
    let text = match vm.operand_opt(&data)? {
        None => {
            let given = vm.type_name(&data);
            return Err(
                vm.type_error(format!("underlying {name}() should have returned a bytes-like object, not '{given}'"))
            );
        }
        Some(bytes) => bytes.to_vec(),
    };
    let bytes = text;
    let text = codec::decode(vm, body, &bytes, bytes.is_empty())?;
    let characters = vm.len(&text)?;
    body.bytes_per_character.set(if characters > 0 { bytes.len() as f64 / characters as f64 } else { 0.0 });
    body.decoded.set(Some(text));
    body.next.set(0);
    let more = !bytes.is_empty();
    if let Some(state) = before {
        let mut input = state.held;
        if input.is_empty() {
            input = bytes
        } else {
            input.extend_from_slice(&bytes)
        }
        body.snapshot.replace(Some(Snapshot { flags: state.flags, input }));
    }
    Ok(more)
}

/// Adds what is decoded and not handed out yet, up to so many characters; how many there were.
fn take(body: &Ref<TextIo>, most: usize, into: &mut TextBuf) -> usize {
    let Some(decoded) = body.decoded.get() else { return 0 };
    let Some(string) = decoded.downcast::<Str>() else { return 0 };
    let start = body.next.get().min(string.len());
    let end = start + most.min(string.len() - start);
    into.push_text(string.text().slice(start, end));
    body.next.set(end);
    end - start
}

#[cold]
fn would_block(vm: &Vm) -> Raised {
    vm.new_exception(&vm.types.blocking_io_error, "Read returned None.")
}

/// `read(size)`
pub fn read(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let size = size_argument(vm, args[0])?;
    let body = check_readable(vm, this)?;
    if size < 0 {
        return read_all(vm, this, &body);
    }
    let size = size as usize;
    // The frequent case: all of it is decoded already.
    if let Some(decoded) = body.decoded.get()
        && let Some(string) = decoded.downcast::<Str>()
        && string.len().saturating_sub(body.next.get()) >= size
    {
        let start = body.next.get();
        body.next.set(start + size);
        return vm.new_text(string.text().slice(start, start + size));
    }
    let mut out = TextBuf::new();
    let mut got = take(&body, size, &mut out);
    while got < size && read_chunk(vm, &body, size - got)? {
        got += take(&body, size - got, &mut out);
    }
    got += take(&body, size - got, &mut out);
    let _ = got;
    vm.new_text_buf(&out)
}

fn read_all(vm: &Vm, this: &Value, body: &Ref<TextIo>) -> PyResult {
    let buffer = super::buffer_of(vm, this)?;
    let data = vm.call_method(&buffer, &vm.names.read, &[])?;
    if data.is_none() {
        return Err(would_block(vm));
    }
    let text = match (vm.as_bytes(&data), body.decoder.get()) {
        (None, Some(decoder)) => {
            let text = vm.call_method(&decoder, &vm.names.decode, &[data.clone(), Value::TRUE])?;
            if text.downcast::<Str>().is_none() {
                let given = vm.type_name(&text);
                return Err(vm.type_error(format!("decoder should return a string result, not '{given}'")));
            }
            text
        }
        (None, None) => vm.operand(&data)?.with(|bytes| codec::decode(vm, body, bytes, true))?,
        (Some(bytes), _) => codec::decode(vm, body, bytes.as_slice(), true)?,
    };
    let mut out = TextBuf::new();
    let had = take(body, usize::MAX, &mut out);
    if body.snapshot.borrow().is_some() || body.decoded.is_some() {
        forget_decoded(body);
    }
    if had == 0 {
        return Ok(text);
    }
    if let Some(string) = text.downcast::<Str>() {
        out.push_text(string.text());
    }
    vm.new_text_buf(&out)
}

/// A line, of at most so many characters where the limit is not negative.
fn line(vm: &Vm, this: &Value, limit: isize) -> PyResult {
    let body = check_readable(vm, this)?;
    let newline = body.newline.get();
    let mut out: Option<TextBuf> = None;
    loop {
        if limit == 0 {
            return Ok(vm.empty_str());
        }
        let decoded = body.decoded.get();
        let string = decoded.as_ref().and_then(|decoded| decoded.downcast::<Str>());
        let Some(string) = string.filter(|string| body.next.get() < string.len()) else {
            if read_chunk(vm, &body, 0)? {
                continue;
            }
            let left = body.decoded.get().is_some_and(|text| text.downcast::<Str>().is_some_and(|text| text.len() > 0));
            if left {
                continue;
            }
            // The end of the file.
            forget_decoded(&body);
            return match out {
                Some(buffer) => vm.new_text_buf(&buffer),
                None => Ok(vm.empty_str()),
            };
        };
        let start = body.next.get();
        let ahead = string.text().slice(start, string.len());
        let had = out.as_ref().map_or(0, TextBuf::len);
        let most = if limit < 0 { usize::MAX } else { limit as usize - had };
        let split = newline == Newline::CrLf
            && out.as_ref().is_some_and(|out| had > 0 && out.as_text().at(had - 1) == 13)
            && ahead.at(0) == 10;
        let found = if split { Some(1) } else { newline.line_end().find(ahead) };
        let end = found.unwrap_or(usize::MAX).min(most).min(ahead.len());
        body.next.set(start + end);
        let done = found.is_some_and(|found| found <= end) || end == most;
        match &mut out {
            None if done => return vm.new_text(ahead.slice(0, end)),
            None => out = Some(TextBuf::from(ahead.slice(0, end))),
            Some(buffer) => buffer.push_text(ahead.slice(0, end)),
        }
        if done && let Some(buffer) = &out {
            return vm.new_text_buf(buffer);
        }
    }
}

/// `readline(size)`
pub fn readline(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    stream(vm, this)?;
    let limit = size_argument(vm, args[0])?;
    line(vm, this, limit)
}

/// The `next` slot: a line; while lines are taken so, positions are not told.
pub fn next_line(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let body = stream(vm, this)?.clone();
    body.telling.set(false);
    let line = if vm.type_of(this).is_heap_type() {
        let line = vm.call_method(this, &vm.names.readline, &[])?;
        if line.downcast::<Str>().is_none() {
            let given = vm.type_name(&line);
            return Err(helpers::os_error_text(
                vm,
                &format!("readline() should have returned a str object, not '{given}'"),
            ));
        }
        line
    } else {
        line(vm, this, -1)?
    };
    if vm.len(&line)? == 0 {
        body.snapshot.replace(None);
        body.telling.set(body.seekable.get());
        return Ok(None);
    }
    Ok(Some(line))
}

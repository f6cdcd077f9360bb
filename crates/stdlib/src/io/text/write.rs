//! Writing text.

use super::{Newline, TextIo, check_open, codec, forget_decoded, stream, unsupported};
use crate::io::buffered;
use oriel_kernel::text::{Text, TextBuf};
use oriel_runtime::types::str::Str;
use oriel_runtime::{PyResult, Ref, Value, Vm};

/// `write(text)`
pub fn write(vm: &Vm, this: &Value, value: &Value) -> PyResult {
    let Some(text) = value.downcast::<Str>() else {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("write() argument must be str, not {given}")));
    };
    let body = stream(vm, this)?.clone();
    // A native writer tells itself whether it is closed, when it gets the bytes.
    if !body.direct.get() || body.pending.borrow().is_empty() {
        check_open(vm, this)?;
    }
    if !body.writable.get() {
        return Err(unsupported(vm, "not writable"));
    }
    let length = text.len();
    let translates = matches!(body.newline.get(), Newline::Cr | Newline::CrLf);
    let has_newline = (translates || body.line_buffering.get()) && text.text().find_char(10).is_some();
    let flush_now = body.line_buffering.get() && (has_newline || text.text().find_char(13).is_some());
    let mut translated = None;
    if translates && has_newline {
        translated = Some(translate(vm, this, &body, value, text.text())?);
    }
    let value = translated.as_ref().unwrap_or(value);
    put(vm, &body, value)?;
    let full = body.pending.borrow().len() >= body.chunk_size.get();
    if full || flush_now || body.write_through.get() {
        write_pending(vm, &body)?;
    }
    if flush_now && let Some(buffer) = body.buffer.get() {
        vm.call_method(&buffer, &vm.names.flush, &[])?;
    }
    if body.snapshot.borrow().is_some() {
        forget_decoded(&body);
    }
    if body.readable.get() {
        codec::reset_decoder(vm, &body)?;
    }
    Ok(vm.new_int(length as i64))
}

/// The text with line ends as they are written.
fn translate(vm: &Vm, this: &Value, body: &Ref<TextIo>, value: &Value, text: Text<'_>) -> PyResult {
    let line_end = if body.newline.get() == Newline::Cr { "\r" } else { "\r\n" };
    if !vm.is_exact_str(value) {
        // A subclass may do what it likes, with the stream as well.
        let replaced = vm.call_method_str(value, "replace", &[vm.intern("\n"), vm.intern(line_end)])?;
        if replaced.downcast::<Str>().is_none() {
            let given = vm.type_name(&replaced);
            return Err(vm.type_error(format!("replace() should return a str, not {given}")));
        }
        check_open(vm, this)?;
        if !stream(vm, this)?.writable.get() {
            return Err(unsupported(vm, "not writable"));
        }
        return Ok(replaced);
    }
    let mut out = TextBuf::with_capacity(text.kind(), text.len());
    for character in text.chars() {
        if character == 10 { out.push_str(line_end) } else { out.push(character) }
    }
    vm.new_text_buf(&out)
}

/// Encodes a text and keeps the bytes, of which never more than a chunk are joined.
fn put(vm: &Vm, body: &Ref<TextIo>, value: &Value) -> PyResult<()> {
    let native_ascii = body.native.get().and_then(|_| value.downcast::<Str>()).and_then(|text| text.as_ascii());
    if let Some(ascii) = native_ascii {
        return keep(vm, body, ascii.as_bytes());
    }
    let bytes = codec::encode(vm, body, value)?;
    match vm.as_bytes(&bytes) {
        Some(bytes) => keep(vm, body, bytes.as_slice()),
        None => {
            let given = vm.type_name(&bytes);
            Err(vm.type_error(format!("encoder should return a bytes object, not '{given}'")))
        }
    }
}

fn keep(vm: &Vm, body: &Ref<TextIo>, bytes: &[u8]) -> PyResult<()> {
    let chunk = body.chunk_size.get();
    if bytes.len() >= chunk {
        // Writing may write again.
        while !body.pending.borrow().is_empty() {
            write_pending(vm, body)?;
        }
    } else if body.pending.borrow().len() + bytes.len() > chunk {
        write_pending(vm, body)?;
    }
    let mut pending = body.pending.borrow_mut();
    if pending.capacity() - pending.len() < bytes.len() && pending.try_reserve(bytes.len()).is_err() {
        drop(pending);
        return Err(vm.memory_error());
    }
    pending.extend_from_slice(bytes);
    Ok(())
}

/// Hands the encoded text to the buffer.
pub fn write_pending(vm: &Vm, body: &Ref<TextIo>) -> PyResult<()> {
    if body.pending.borrow().is_empty() {
        return Ok(());
    }
    let Some(buffer) = body.buffer.get() else { return Ok(()) };
    let mut bytes = std::mem::take(&mut *body.pending.borrow_mut());
    if body.direct.get() {
        buffered::write_bytes(vm, &buffer, &bytes)?;
        if body.pending.borrow().is_empty() {
            // The memory serves the next writes.
            bytes.clear();
            *body.pending.borrow_mut() = bytes;
        }
        return Ok(());
    }
    vm.call_method(&buffer, &vm.names.write, &[vm.try_new_bytes(&bytes)?])?;
    Ok(())
}

/// `flush()`
pub fn flush(vm: &Vm, this: &Value) -> PyResult {
    let buffer = check_open(vm, this)?;
    let body = stream(vm, this)?.clone();
    body.telling.set(body.seekable.get());
    write_pending(vm, &body)?;
    // Writing may have separated the buffer.
    let buffer = if body.detached.get() { super::buffer_of(vm, this)? } else { buffer };
    vm.call_method(&buffer, &vm.names.flush, &[])
}

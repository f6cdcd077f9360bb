//! The `%` operator of `bytes` and `bytearray`.

use super::Bytes;
use super::array::ByteArray;
use super::operand::{like_vec, receiver};
use crate::error::PyResult;
use crate::types::str::Str;
use crate::types::str::percent::{Values, integer, is_mapping, settle};
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::format::percent::{Segment, Segments, Settled, format_float};
use oriel_kernel::text::TextBuf;

/// `bytes % values`
pub(super) fn remainder(vm: &Vm, format: &Value, values: &Value) -> PyResult {
    let Ok(own) = receiver(vm, format) else { return Ok(Value::NOT_IMPLEMENTED) };
    let text = own.to_vec();
    let plain = values.downcast::<Bytes>().is_some() || values.downcast::<ByteArray>().is_some();
    let mut source = Values::of(values, !plain && is_mapping(vm, values));
    let mut out = Vec::with_capacity(text.len() + 16);
    for segment in Segments::new(text.len(), |i| text[i].into()) {
        match segment.map_err(|error| vm.format_error(error))? {
            Segment::Literal(range) => push(vm, &mut out, &text[range])?,
            Segment::Conversion(conversion) => {
                if let Some(key) = &conversion.key {
                    source.by_key(vm, &vm.try_new_bytes(&text[key.clone()])?)?;
                }
                let settled = settle(vm, &conversion, || source.next(vm))?;
                if conversion.code == u32::from('%') && conversion.is_bare() {
                    out.push(b'%');
                    continue;
                }
                let value = source.next(vm)?;
                if !b"sbracdiuoxXeEfFgG".contains(&settled.code) {
                    return Err(vm.format_error(conversion.unsupported()));
                }
                convert(vm, &mut out, &settled, &value)?;
            }
        }
    }
    if source.are_left() {
        return Err(vm.type_error("not all arguments converted during bytes formatting"));
    }
    like_vec(vm, format, out)
}

fn push(vm: &Vm, out: &mut Vec<u8>, bytes: &[u8]) -> PyResult<()> {
    if out.capacity() - out.len() < bytes.len() {
        out.try_reserve(bytes.len()).map_err(|_| vm.memory_error())?;
    }
    out.extend_from_slice(bytes);
    Ok(())
}

fn convert(vm: &Vm, out: &mut Vec<u8>, settled: &Settled, value: &Value) -> PyResult<()> {
    match settled.code {
        b's' | b'b' => {
            let bytes = bytes_of(vm, value)?;
            pad(vm, out, &bytes, settled, settled.precision)
        }
        b'r' | b'a' => {
            let text = vm.ascii(value)?;
            let text = vm.str_text(&text);
            pad(vm, out, text.as_bytes(), settled, settled.precision)
        }
        b'c' => pad(vm, out, &[character(vm, value)?], settled, None),
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => {
            let mut text = TextBuf::new();
            integer(vm, &mut text, settled, value)?;
            push(vm, out, text.as_text().to_rust_lossy().as_bytes())
        }
        _ => {
            let number = match vm.to_f64(value) {
                Ok(number) => number,
                Err(raised) if vm.raised_is(&raised, &vm.types.type_error) => {
                    let given = vm.type_name(value);
                    return Err(vm.type_error(format!("float argument required, not {given}")));
                }
                Err(raised) => return Err(raised),
            };
            let layout = format_float(number, settled).map_err(|error| vm.format_error(error))?;
            let mut text = TextBuf::new();
            vm.push_layout(&mut text, &layout)?;
            push(vm, out, text.as_text().to_rust_lossy().as_bytes())
        }
    }
}

fn bytes_of(vm: &Vm, value: &Value) -> PyResult<Vec<u8>> {
    if let Some(bytes) = value.downcast::<Bytes>()
        && vm.is_exact_bytes(value)
    {
        return Ok(bytes.as_slice().to_vec());
    }
    if let Some(array) = value.downcast::<ByteArray>() {
        return Ok(array.with(<[u8]>::to_vec));
    }
    if value.downcast::<Str>().is_none()
        && let Some(made) = vm.call_special(value, &vm.names.__bytes__, &[])?
    {
        return match made.downcast::<Bytes>() {
            Some(bytes) => Ok(bytes.as_slice().to_vec()),
            None => {
                let name = vm.type_name(&made);
                Err(vm.type_error(format!("__bytes__ returned non-bytes (type {name})")))
            }
        };
    }
    if vm.has_buffer(value) {
        return Ok(vm.full_buffer(value, false)?.to_vec());
    }
    let given = vm.type_name(value);
    Err(vm
        .type_error(format!("%b requires a bytes-like object, or an object that implements __bytes__, not '{given}'")))
}

fn character(vm: &Vm, value: &Value) -> PyResult<u8> {
    let what = "%c requires an integer in range(256) or a single byte, not";
    let counted = |kind: &str, bytes: &[u8]| match bytes {
        [byte] => Ok(*byte),
        other => Err(vm.type_error(format!("{what} a {kind} object of length {}", other.len()))),
    };
    if let Some(bytes) = value.downcast::<Bytes>() {
        return counted("bytes", bytes.as_slice());
    }
    if let Some(array) = value.downcast::<ByteArray>() {
        return array.with(|bytes| counted("bytearray", bytes));
    }
    if vm.small_or_big(value).is_some() || vm.type_of(value).slots.nb_index.get().is_some() {
        let index = vm.index(value)?;
        return match vm.small_or_big(&index) {
            Some(Ok(number)) if (0..256).contains(&number) => Ok(number as u8),
            _ => Err(vm.overflow_error("%c arg not in range(256)")),
        };
    }
    let given = vm.type_name(value);
    Err(vm.type_error(format!("{what} {given}")))
}

fn pad(vm: &Vm, out: &mut Vec<u8>, bytes: &[u8], settled: &Settled, most: Option<usize>) -> PyResult<()> {
    let bytes = &bytes[..most.unwrap_or(usize::MAX).min(bytes.len())];
    let missing = settled.width.saturating_sub(bytes.len());
    out.try_reserve(missing.saturating_add(bytes.len())).map_err(|_| vm.memory_error())?;
    if !settled.left {
        out.resize(out.len() + missing, b' ');
    }
    out.extend_from_slice(bytes);
    if settled.left {
        out.resize(out.len() + missing, b' ');
    }
    Ok(())
}

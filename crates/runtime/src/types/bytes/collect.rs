//! Bytes from objects: from numbers, from iterables of numbers.

use crate::error::PyResult;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::Value;

/// A number from 0 to 255; `what` begins the message of the ValueError.
#[inline]
pub fn byte_of(vm: &Vm, value: &Value, what: &str) -> PyResult<u8> {
    if let Some(number) = value.as_small_int()
        && let Ok(byte) = u8::try_from(number)
    {
        return Ok(byte);
    }
    let index = vm.index(value)?;
    match vm.small_or_big(&index) {
        Some(Ok(number)) if (0..256).contains(&number) => Ok(number as u8),
        _ => Err(vm.value_error(format!("{what} must be in range(0, 256)"))),
    }
}

fn push(vm: &Vm, out: &mut Vec<u8>, byte: u8) -> PyResult<()> {
    if out.len() == out.capacity() {
        out.try_reserve(out.len().max(16)).map_err(|_| vm.memory_error())?;
    }
    out.push(byte);
    Ok(())
}

/// The bytes that an object gives: its memory, or the numbers of an iterable. Nothing where it is neither, or text.
pub fn collect_bytes(vm: &Vm, value: &Value, what: &str) -> PyResult<Option<Vec<u8>>> {
    if vm.has_buffer(value) {
        return Ok(Some(vm.full_buffer(value, false)?.to_vec()));
    }
    let mut out = Vec::new();
    if vm.type_of(value).is(&vm.types.tuple)
        && let Some(tuple) = value.downcast::<Tuple>()
    {
        for item in tuple.items() {
            let byte = byte_of(vm, item, what)?;
            push(vm, &mut out, byte)?;
        }
        return Ok(Some(out));
    }
    if vm.type_of(value).is(&vm.types.list)
        && let Some(list) = value.downcast::<List>()
    {
        // The list may change while a number's `__index__` runs.
        let mut index = 0;
        while let Some(item) = list.get(index) {
            let byte = byte_of(vm, &item, what)?;
            push(vm, &mut out, byte)?;
            index += 1;
        }
        return Ok(Some(out));
    }
    if value.downcast::<Str>().is_some() {
        return Ok(None);
    }
    let Some(iterator) = vm.catch(vm.iter(value), &vm.types.type_error)? else { return Ok(None) };
    let hint = vm.length_hint(value, 64)?;
    out.try_reserve(hint.min(1 << 20)).map_err(|_| vm.memory_error())?;
    while let Some(item) = vm.next(&iterator)? {
        let byte = byte_of(vm, &item, what)?;
        push(vm, &mut out, byte)?;
    }
    Ok(Some(out))
}

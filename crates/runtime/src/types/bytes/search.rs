//! Finding and counting in `bytes` and `bytearray`.

use super::byte_of;
use super::operand::{Operand, receiver};
use crate::buffer::BufferView;
use crate::error::PyResult;
use crate::types::bytes::array::ByteArray;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::text::slices::search as slices;

/// What is looked for: a byte given as a number, or a bytes-like object.
enum Needle<'a> {
    Byte(u8),
    Bytes(Operand<'a>),
}

impl Needle<'_> {
    fn with<R>(&self, function: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Needle::Byte(byte) => function(&[*byte]),
            Needle::Bytes(operand) => operand.with(function),
        }
    }
}

fn needle<'a>(vm: &Vm, value: &'a Value) -> PyResult<Needle<'a>> {
    if let Some(operand) = vm.operand_opt(value)? {
        return Ok(Needle::Bytes(operand));
    }
    if vm.type_of(value).slots.nb_index.get().is_none() {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("argument should be integer or bytes-like object, not '{name}'")));
    }
    byte_of(vm, value, "byte").map(Needle::Byte)
}

/// A bound of a range: `None` and what is missing are the default.
pub(super) fn bound(vm: &Vm, value: Option<&Value>, default: isize) -> PyResult<isize> {
    match value {
        Some(value) if !value.is_none() => {
            if vm.small_or_big(value).is_none() && vm.type_of(value).slots.nb_index.get().is_none() {
                return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
            }
            vm.to_isize_clipped(value)
        }
        _ => Ok(default),
    }
}

/// Keeps a `bytearray` from changing its length while foreign code runs; other receivers cannot change.
pub(super) fn hold(vm: &Vm, this: &Value) -> PyResult<Option<BufferView>> {
    if this.downcast::<ByteArray>().is_none() {
        return Ok(None);
    }
    vm.buffer(this, false).map(Some)
}

/// Runs a search in the range that the arguments name; nothing where the range is none.
fn in_range<R>(
    vm: &Vm,
    this: &Value,
    args: &[Value],
    search: impl FnOnce(&[u8], &[u8]) -> Option<R>,
) -> PyResult<Option<(usize, R)>> {
    let own = receiver(vm, this)?;
    let Some(sub) = args.first() else { return Ok(None) };
    let start = bound(vm, args.get(1), 0)?;
    let end = bound(vm, args.get(2), isize::MAX)?;
    let _held = hold(vm, this)?;
    let needle = needle(vm, sub)?;
    Ok(own.with(|bytes| {
        let (start, end) = range(bytes.len(), start, end)?;
        needle.with(|needle| search(&bytes[start..end], needle)).map(|found| (start, found))
    }))
}

/// A range within a length; nothing where it starts behind its end.
fn range(len: usize, start: isize, end: isize) -> Option<(usize, usize)> {
    let (start, end) = oriel_kernel::text::clip(len, start, end);
    (start <= end).then_some((start, end))
}

fn place(vm: &Vm, found: Option<(usize, usize)>) -> PyResult {
    Ok(found.map_or(Value::small(-1), |(start, at)| vm.new_int((start + at) as i64)))
}

pub(super) fn find(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    place(vm, in_range(vm, this, args, slices::find)?)
}

pub(super) fn rfind(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    place(vm, in_range(vm, this, args, slices::rfind)?)
}

pub(super) fn index(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    match in_range(vm, this, args, slices::find)? {
        None => Err(vm.value_error("subsection not found")),
        found => place(vm, found),
    }
}

pub(super) fn rindex(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    match in_range(vm, this, args, slices::rfind)? {
        None => Err(vm.value_error("subsection not found")),
        found => place(vm, found),
    }
}

pub(super) fn count(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let found = in_range(vm, this, args, |bytes, needle| Some(slices::count(bytes, needle)))?;
    Ok(vm.new_int(found.map_or(0, |(_, count)| count as i64)))
}

fn matches(vm: &Vm, this: &Value, args: &[Value], name: &str, test: fn(&[u8], &[u8]) -> bool) -> PyResult {
    let own = receiver(vm, this)?;
    let Some(pattern) = args.first() else { return Ok(Value::FALSE) };
    let start = bound(vm, args.get(1), 0)?;
    let end = bound(vm, args.get(2), isize::MAX)?;
    let ask = |pattern: &Value| -> PyResult<bool> {
        let pattern = vm.operand(pattern)?;
        Ok(own.with(|bytes| match range(bytes.len(), start, end) {
            Some((start, end)) => pattern.with(|pattern| test(&bytes[start..end], pattern)),
            None => false,
        }))
    };
    if let Some(tuple) = pattern.downcast::<Tuple>() {
        for pattern in tuple.items() {
            if ask(pattern)? {
                return Ok(Value::TRUE);
            }
        }
        return Ok(Value::FALSE);
    }
    match ask(pattern) {
        Ok(answer) => Ok(Value::bool(answer)),
        Err(raised) if vm.raised_is(&raised, &vm.types.type_error) => {
            let given = vm.type_name(pattern);
            Err(vm.type_error(format!("{name} first arg must be bytes or a tuple of bytes, not {given}")))
        }
        Err(raised) => Err(raised),
    }
}

pub(super) fn starts_with(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    matches(vm, this, args, "startswith", |bytes, prefix| bytes.starts_with(prefix))
}

pub(super) fn ends_with(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    matches(vm, this, args, "endswith", |bytes, suffix| bytes.ends_with(suffix))
}

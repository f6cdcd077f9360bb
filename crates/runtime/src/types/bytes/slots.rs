//! The slots of `bytes`, and those that `bytearray` has alike.

use super::operand::{like, like_vec, receiver, unchanged};
use super::{Bytes, byte_of};
use crate::buffer::BufferView;
use crate::error::PyResult;
use crate::native::{TypeSpec, type_flags};
use crate::slots::{CompareOp, Slots};
use crate::types::slice::Slice;
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};
use std::ptr::NonNull;

/// `bytes`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::MATCH_SELF,
    doc: "bytes(iterable_of_ints)\nbytes(string, encoding[, errors])\nbytes(bytes_or_buffer)\nbytes(count)\nbytes()\n\nAn \
          immutable sequence of bytes.",
    slots: |slots| {
        fill_common(slots);
        slots.repr.set(Some(repr));
        slots.str.set(Some(str));
        slots.hash.set(Some(|vm, this| Ok(own(vm, this)?.hash(vm))));
        slots.richcompare.set(Some(compare));
        slots.buffer.set(Some(buffer));
        slots.new.set(Some(super::construct::new));
        slots.mp_subscript.set(Some(subscript));
        slots.sq_item.set(Some(item));
    },
    methods: super::methods::BYTES_METHODS,
    ..TypeSpec::new("bytes", Bytes::layout)
};

/// The slots that are the same functions for both types.
pub(super) fn fill_common(slots: &Slots) {
    slots.sq_length.set(Some(length));
    slots.mp_length.set(Some(length));
    slots.iter.set(Some(super::iterators::iter));
    slots.sq_contains.set(Some(contains));
    slots.sq_concat.set(Some(concat));
    slots.sq_repeat.set(Some(repeat));
    slots.nb_remainder.set(Some(super::format::remainder));
}

/// The receiver of a method of `bytes`.
pub fn own<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Bytes>> {
    value.downcast().ok_or_else(|| vm.type_error(format!("a bytes is needed, not '{}'", vm.type_name(value))))
}

fn length(vm: &Vm, this: &Value) -> PyResult<usize> {
    Ok(receiver(vm, this)?.len())
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    Ok(vm.new_str(&oriel_kernel::text::repr::repr_bytes(own(vm, this)?.as_slice())))
}

fn str(vm: &Vm, this: &Value) -> PyResult {
    if vm.config.bytes_warning > 0 {
        vm.warn(&vm.types.bytes_warning, "str() on a bytes instance", 1)?;
    }
    repr(vm, this)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    match (a.downcast::<Bytes>(), b.downcast::<Bytes>()) {
        (Some(x), Some(y)) => {
            let result = match op {
                CompareOp::Eq => x.as_slice() == y.as_slice(),
                CompareOp::Ne => x.as_slice() != y.as_slice(),
                _ => op.of(x.as_slice().cmp(y.as_slice())),
            };
            Ok(Value::bool(result))
        }
        _ => {
            if vm.config.bytes_warning > 0 {
                warn_of_comparison(vm, a, b, op)?;
            }
            Ok(Value::NOT_IMPLEMENTED)
        }
    }
}

/// With `-b`: comparing bytes with text or numbers is likely a mistake.
pub(super) fn warn_of_comparison(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult<()> {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(());
    }
    let is_text = |value: &Value| value.downcast::<crate::types::str::Str>().is_some();
    if is_text(a) || is_text(b) {
        return vm.warn(&vm.types.bytes_warning, "Comparison between bytes and string", 1);
    }
    if vm.small_or_big(a).is_some() || vm.small_or_big(b).is_some() {
        return vm.warn(&vm.types.bytes_warning, "Comparison between bytes and int", 1);
    }
    Ok(())
}

fn buffer(vm: &Vm, this: &Value, writable: bool) -> PyResult<BufferView> {
    if writable {
        return Err(vm.buffer_error("Object is not writable."));
    }
    let bytes = own(vm, this)?.as_slice();
    Ok(BufferView::bytes(this.clone(), NonNull::from(bytes).cast(), bytes.len(), true, None))
}

fn item(vm: &Vm, this: &Value, index: isize) -> PyResult {
    let byte = usize::try_from(index).ok().and_then(|index| own(vm, this).ok()?.as_slice().get(index).copied());
    byte.map(|byte| Value::small(byte.into())).ok_or_else(|| vm.index_error("index out of range"))
}

fn subscript(vm: &Vm, this: &Value, key: &Value) -> PyResult {
    let bytes = own(vm, this)?.as_slice();
    if let Some(slice) = key.downcast::<Slice>() {
        let range = slice.range(vm, bytes.len())?;
        if range.step == 1 {
            if range.count == bytes.len() && vm.is_exact_bytes(this) {
                return Ok(this.clone());
            }
            return vm.try_new_bytes(&bytes[range.contiguous()]);
        }
        return vm.new_bytes_filled(&vm.types.bytes, range.count, |data| {
            for (to, from) in data.iter_mut().zip(range.positions()) {
                *to = bytes[from];
            }
        });
    }
    if vm.type_of(key).slots.nb_index.get().is_none() {
        let name = vm.type_name(key);
        return Err(vm.type_error(format!("byte indices must be integers or slices, not {name}")));
    }
    let index = vm.to_isize_index(key)?;
    item(vm, this, if index < 0 { index + bytes.len() as isize } else { index })
}

/// `item in bytes`, for both types.
pub(super) fn contains(vm: &Vm, this: &Value, item: &Value) -> PyResult<bool> {
    let own = receiver(vm, this)?;
    if vm.type_of(item).slots.nb_index.get().is_some() {
        let byte = byte_of(vm, item, "byte")?;
        return Ok(own.with(|bytes| oriel_kernel::text::slices::search::find(bytes, &[byte]).is_some()));
    }
    let needle = vm.operand(item)?;
    Ok(own.with(|bytes| needle.with(|needle| oriel_kernel::text::slices::search::find(bytes, needle).is_some())))
}

/// `a + b`, of the kind of `a`.
pub(super) fn concat(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    if let (Some(x), Some(y)) = (a.downcast::<Bytes>(), b.downcast::<Bytes>())
        && !x.as_slice().is_empty()
        && !y.as_slice().is_empty()
    {
        return vm.new_bytes_joined(x.as_slice(), y.as_slice());
    }
    let (Some(x), Some(y)) = (vm.operand_opt(a)?, vm.operand_opt(b)?) else {
        let (left, right) = (vm.type_name(a), vm.type_name(b));
        return Err(vm.type_error(format!("can't concat {right} to {left}")));
    };
    let (left, right) = (x.len(), y.len());
    if right == 0 && vm.is_exact_bytes(a) {
        return Ok(a.clone());
    }
    if left == 0 && vm.is_exact_bytes(a) && vm.is_exact_bytes(b) {
        return Ok(b.clone());
    }
    if a.downcast::<Bytes>().is_some() {
        return vm.new_bytes_filled(&vm.types.bytes, left + right, |data| {
            x.with(|bytes| data[..left].copy_from_slice(bytes));
            y.with(|bytes| data[left..].copy_from_slice(bytes));
        });
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(left + right).map_err(|_| vm.memory_error())?;
    x.with(|part| bytes.extend_from_slice(part));
    y.with(|part| bytes.extend_from_slice(part));
    like_vec(vm, a, bytes)
}

/// `bytes * count`
pub(super) fn repeat(vm: &Vm, this: &Value, count: isize) -> PyResult {
    let own = receiver(vm, this)?;
    let count = count.max(0) as usize;
    let len = own.len();
    if count == 1 && vm.is_exact_bytes(this) {
        return unchanged(vm, this);
    }
    if len.checked_mul(count).is_none_or(|total| total > isize::MAX as usize) {
        return Err(match this.downcast::<Bytes>() {
            Some(_) => vm.overflow_error("repeated bytes are too long"),
            None => vm.memory_error(),
        });
    }
    let bytes = own.with(|bytes| oriel_kernel::bytes_ops::repeat(bytes, count));
    let bytes = bytes.map_err(|error| vm.size_error(error, "repeated bytes are too long"))?;
    if this.downcast::<Bytes>().is_some() { like(vm, this, &bytes) } else { like_vec(vm, this, bytes) }
}

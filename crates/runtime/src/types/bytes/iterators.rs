//! The iterators of `bytes` and `bytearray`.

use super::Bytes;
use super::array::ByteArray;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::types::support::{iterator_slots, state_position};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};
use std::cell::Cell;

/// The body: the bytes until the end is reached, and the next position.
pub struct BytesIterator {
    sequence: OptionCell,
    index: Cell<usize>,
}

static LAYOUT: Layout = Layout::of::<BytesIterator>("bytes_iterator", None);

impl Body for BytesIterator {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.sequence.visit(visitor);
    }

    fn clear(&self) {
        self.sequence.set(None);
    }
}

/// `bytes_iterator`
pub static BYTES_SPEC: TypeSpec = spec("bytes_iterator");
/// `bytearray_iterator`
pub static ARRAY_SPEC: TypeSpec = spec("bytearray_iterator");

const METHODS: &[MethodDef] = &[
    MethodDef::noargs("__length_hint__", length_hint, "($self, /)", "How many bytes are left."),
    MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
    MethodDef::one("__setstate__", setstate, "($self, object, /)", "Set the position."),
];

const fn spec(name: &'static str) -> TypeSpec {
    TypeSpec {
        flags: type_flags::NO_NEW,
        slots: |slots| iterator_slots(slots, next),
        methods: METHODS,
        ..TypeSpec::new(name, BytesIterator::layout)
    }
}

/// `iter(bytes)`
pub(super) fn iter(vm: &Vm, this: &Value) -> PyResult {
    let class =
        if this.downcast::<ByteArray>().is_some() { &vm.types.bytearray_iterator } else { &vm.types.bytes_iterator };
    let body = BytesIterator { sequence: OptionCell::new(Some(this.clone())), index: Cell::new(0) };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn length_of(sequence: &Value) -> usize {
    match sequence.downcast::<Bytes>() {
        Some(bytes) => bytes.len(),
        None => sequence.downcast::<ByteArray>().map_or(0, |array| array.len()),
    }
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<BytesIterator>(iterator)?;
    let Some(sequence) = body.sequence.get() else { return Ok(None) };
    let index = body.index.get();
    let byte = match sequence.downcast::<Bytes>() {
        Some(bytes) => bytes.as_slice().get(index).copied(),
        None => sequence.downcast::<ByteArray>().and_then(|array| array.with(|bytes| bytes.get(index).copied())),
    };
    match byte {
        Some(byte) => {
            body.index.set(index + 1);
            Ok(Some(Value::small(byte.into())))
        }
        None => {
            body.sequence.set(None);
            Ok(None)
        }
    }
}

fn length_hint(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<BytesIterator>(iterator)?;
    let left = body.sequence.get().map_or(0, |sequence| length_of(&sequence).saturating_sub(body.index.get()));
    Ok(vm.new_int(left as i64))
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<BytesIterator>(iterator)?;
    let function = vm.frame_builtin("iter")?;
    match body.sequence.get() {
        Some(sequence) => Ok(vm.tuple([function, vm.tuple([sequence]), vm.new_int(body.index.get() as i64)])),
        None => Ok(vm.tuple([function, vm.tuple([vm.empty_tuple().into_value()])])),
    }
}

fn setstate(vm: &Vm, iterator: &Value, state: &Value) -> PyResult {
    let index = state_position(vm, state)?;
    let body = vm.body::<BytesIterator>(iterator)?;
    if let Some(sequence) = body.sequence.get() {
        body.index.set((index.max(0) as usize).min(length_of(&sequence)));
    }
    Ok(Value::NONE)
}

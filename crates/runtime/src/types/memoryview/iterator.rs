//! `memory_iterator`: the items of a one-dimensional view.

use super::{MemoryView, items};
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{TypeSpec, type_flags};
use crate::types::support::iterator_slots;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};
use std::cell::Cell;

/// The body: the view until the end is reached, the next position.
pub struct MemoryIterator {
    view: OptionCell,
    index: Cell<isize>,
    length: isize,
}

static LAYOUT: Layout = Layout::of::<MemoryIterator>("memory_iterator", None);

impl Body for MemoryIterator {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.view.visit(visitor);
    }

    fn clear(&self) {
        self.view.set(None);
    }
}

/// `memory_iterator`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, next),
    ..TypeSpec::new("memory_iterator", MemoryIterator::layout)
};

/// `iter(memoryview)`
pub(super) fn iter(vm: &Vm, this: &Value) -> PyResult {
    let view = vm.body::<MemoryView>(this)?;
    view.check(vm)?;
    let Some(&length) = view.shape().first() else {
        return Err(vm.type_error("invalid indexing of 0-dim memory"));
    };
    if view.ndim() > 1 {
        return Err(vm.not_implemented_error("multi-dimensional sub-views are not implemented"));
    }
    items::native(vm, &view.structure.format)?;
    let body = MemoryIterator { view: OptionCell::new(Some(this.clone())), index: Cell::new(0), length };
    Ok(vm.new_instance(&vm.types.memory_iterator, body)?.into_value())
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<MemoryIterator>(iterator)?;
    let Some(held) = body.view.get() else { return Ok(None) };
    let view = vm.body::<MemoryView>(&held)?;
    let index = body.index.get();
    if index < body.length {
        body.index.set(index + 1);
        let stride = view.structure.strides.first().copied().unwrap_or(1);
        return view.item_at(vm, view.offset + index * stride).map(Some);
    }
    body.view.set(None);
    Ok(None)
}

//! The iterators of lists, forwards and backwards.

use super::List;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::types::support::{iterator_slots, state_position};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};
use std::cell::Cell;

/// The body of both iterators.
pub struct ListIterator {
    /// The list, until the end is reached.
    list: OptionCell,
    /// The next position; below zero at the end of a reversed iteration.
    index: Cell<isize>,
}

static LAYOUT: Layout = Layout::of::<ListIterator>("list_iterator", None);

impl Body for ListIterator {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.list.visit(visitor);
    }
}

const HINT: &str = "How many items are probably left.";
const REDUCE: &str = "State for pickling.";
const SETSTATE: &str = "Set the position.";

/// `list_iterator`
pub static ITERATOR_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, next),
    methods: &[
        MethodDef::noargs("__length_hint__", length_hint, "($self, /)", HINT),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", REDUCE),
        MethodDef::one("__setstate__", setstate, "($self, object, /)", SETSTATE),
    ],
    ..TypeSpec::new("list_iterator", ListIterator::layout)
};

/// `list_reverseiterator`
pub static REVERSE_ITERATOR_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, reverse_next),
    methods: &[
        MethodDef::noargs("__length_hint__", reverse_length_hint, "($self, /)", HINT),
        MethodDef::noargs("__reduce__", reverse_reduce, "($self, /)", REDUCE),
        MethodDef::one("__setstate__", reverse_setstate, "($self, object, /)", SETSTATE),
    ],
    ..TypeSpec::new("list_reverseiterator", ListIterator::layout)
};

impl ListIterator {
    /// For the interpreter's loop over a list: the next item.
    #[inline(always)]
    pub fn advance(&self) -> Option<Value> {
        let index = self.index.get();
        let item = self.list.with(|list| list?.downcast::<List>()?.get(index as usize));
        match item {
            Some(_) => self.index.set(index + 1),
            None => self.list.set(None),
        }
        item
    }
}

/// `iter(list)`
pub fn iter(vm: &Vm, list: &Value) -> PyResult {
    let body = ListIterator { list: OptionCell::new(Some(list.clone())), index: Cell::new(0) };
    Ok(vm.new_instance(&vm.types.list_iterator, body)?.into_value())
}

/// `reversed(list)`
pub fn reversed(vm: &Vm, list: &Value) -> PyResult {
    let last = vm.body::<List>(list)?.len() as isize - 1;
    let body = ListIterator { list: OptionCell::new(Some(list.clone())), index: Cell::new(last) };
    Ok(vm.new_instance(&vm.types.list_reverse_iterator, body)?.into_value())
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    Ok(vm.body::<ListIterator>(iterator)?.advance())
}

fn list_len(list: &Option<Value>) -> usize {
    list.as_ref().and_then(|list| list.downcast::<List>()).map_or(0, |list| list.len())
}

fn length_hint(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<ListIterator>(iterator)?;
    let left = (list_len(&body.list.get()) as isize).saturating_sub(body.index.get()).max(0);
    Ok(vm.new_int(left as i64))
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<ListIterator>(iterator)?;
    let function = vm.frame_builtin("iter")?;
    match body.list.get() {
        Some(list) => Ok(vm.tuple([function, vm.tuple([list]), vm.new_int(body.index.get() as i64)])),
        None => Ok(vm.tuple([function, vm.tuple([vm.list(Vec::new())])])),
    }
}

fn setstate(vm: &Vm, iterator: &Value, state: &Value) -> PyResult {
    let index = state_position(vm, state)?;
    let body = vm.body::<ListIterator>(iterator)?;
    if let list @ Some(_) = &body.list.get() {
        body.index.set(index.clamp(0, list_len(list) as isize));
    }
    Ok(Value::NONE)
}

fn reverse_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<ListIterator>(iterator)?;
    let index = body.index.get();
    let item = body.list.with(|list| list?.downcast::<List>()?.get(usize::try_from(index).ok()?));
    match item {
        Some(_) => body.index.set(index - 1),
        None => {
            body.index.set(-1);
            body.list.set(None);
        }
    }
    Ok(item)
}

fn reverse_length_hint(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<ListIterator>(iterator)?;
    let left = body.index.get() + 1;
    let left = if body.list.is_some() && list_len(&body.list.get()) as isize >= left { left } else { 0 };
    Ok(vm.new_int(left as i64))
}

fn reverse_reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<ListIterator>(iterator)?;
    // Asking for the builtin may run code that exhausts the iterator.
    let function = vm.frame_builtin("reversed")?;
    match body.list.get() {
        Some(list) => Ok(vm.tuple([function, vm.tuple([list]), vm.new_int(body.index.get() as i64)])),
        None => Ok(vm.tuple([function, vm.tuple([vm.list(Vec::new())])])),
    }
}

fn reverse_setstate(vm: &Vm, iterator: &Value, state: &Value) -> PyResult {
    let index = state_position(vm, state)?;
    let body = vm.body::<ListIterator>(iterator)?;
    if let list @ Some(_) = &body.list.get() {
        body.index.set(index.clamp(-1, list_len(list) as isize - 1));
    }
    Ok(Value::NONE)
}

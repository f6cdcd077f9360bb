//! The iterators of `deque`.

use super::State;
use super::deque::Deque;
use crate::bodies::{body, made};
use oriel_runtime::types::support::iterator_slots;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, MethodDef, PyResult, TypeSpec, Value, Vm};
use std::cell::Cell;

/// The body of both iterators.
pub(super) struct DequeIterator {
    deque: Value,
    /// How many items are left.
    left: Cell<usize>,
    index: Cell<usize>,
    changes: Cell<u64>,
    reverse: bool,
}
body!(DequeIterator, "collections._deque_iterator", deque);

const METHODS: &[MethodDef] = &[
    MethodDef::noargs("__length_hint__", length_hint, "($self, /)", "How many items are left."),
    MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
];

pub(super) static SPEC: TypeSpec = TypeSpec {
    slots: |slots| {
        iterator_slots(slots, next);
        slots.new.set(Some(|vm, class, args| new(vm, class, args, false)));
    },
    methods: METHODS,
    ..TypeSpec::new("collections._deque_iterator", DequeIterator::layout)
};

pub(super) static REVERSE_SPEC: TypeSpec = TypeSpec {
    slots: |slots| {
        iterator_slots(slots, next);
        slots.new.set(Some(|vm, class, args| new(vm, class, args, true)));
    },
    methods: METHODS,
    ..TypeSpec::new("collections._deque_reverse_iterator", DequeIterator::layout)
};

/// `iter(deque)` or `reversed(deque)`
pub(super) fn over(vm: &Vm, deque: &Value, reverse: bool) -> PyResult {
    let state = vm.state::<State>();
    let kept = if reverse { &state.deque_reverse_iterator } else { &state.deque_iterator };
    make(vm, made(vm, kept)?, deque, 0, reverse)
}

fn make(vm: &Vm, class: &TypeRef, deque: &Value, skip: usize, reverse: bool) -> PyResult {
    let source = vm.body::<Deque>(deque)?;
    let skip = skip.min(source.len());
    let body = DequeIterator {
        deque: deque.clone(),
        left: Cell::new(source.len() - skip),
        index: Cell::new(skip),
        changes: Cell::new(source.changes.get()),
        reverse,
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>, reverse: bool) -> PyResult {
    let values = args.unpack(vm, "_deque_iterator", 1, 2)?;
    let skip = values.get(1).map_or(Ok(0), |skip| vm.to_isize(skip))?;
    make(vm, class, &values[0], skip.max(0) as usize, reverse)
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<DequeIterator>(iterator)?;
    let source = vm.body::<Deque>(&body.deque)?;
    if source.changes.get() != body.changes.get() {
        body.left.set(0);
        return Err(vm.runtime_error("deque mutated during iteration"));
    }
    if body.left.get() == 0 {
        return Ok(None);
    }
    let index = body.index.get();
    let position = if body.reverse { source.len().checked_sub(index + 1) } else { Some(index) };
    let item = position.and_then(|position| source.get(position));
    body.index.set(index + 1);
    body.left.set(body.left.get() - 1);
    Ok(item)
}

fn length_hint(vm: &Vm, iterator: &Value) -> PyResult {
    Ok(vm.new_uint(vm.body::<DequeIterator>(iterator)?.left.get() as u64))
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<DequeIterator>(iterator)?;
    let skipped = vm.body::<Deque>(&body.deque)?.len().saturating_sub(body.left.get());
    let parts = vm.tuple([body.deque.clone(), vm.new_uint(skipped as u64)]);
    Ok(vm.tuple([vm.type_of(iterator).to_value(), parts]))
}

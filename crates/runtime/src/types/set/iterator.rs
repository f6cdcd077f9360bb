//! The iterator of sets and frozensets.

use super::Set;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::types::support::iterator_slots;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};
use std::cell::Cell;

/// The body of the iterator.
pub struct SetIterator {
    /// The set, until the end is reached.
    set: OptionCell,
    /// How many keys the set had at the start.
    used: Cell<usize>,
    slot: Cell<usize>,
    left: Cell<usize>,
}

static LAYOUT: Layout = Layout::of::<SetIterator>("set_iterator", None);

impl Body for SetIterator {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.set.visit(visitor);
    }
}

/// `set_iterator`
pub static ITERATOR_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, next),
    methods: &[
        MethodDef::noargs("__length_hint__", length_hint, "($self, /)", "How many keys are left."),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
    ],
    ..TypeSpec::new("set_iterator", SetIterator::layout)
};

/// `iter(set)`
pub(super) fn iter(vm: &Vm, set: &Value) -> PyResult {
    let len = vm.body::<Set>(set)?.len();
    let body = SetIterator {
        set: OptionCell::new(Some(set.clone())),
        used: Cell::new(len),
        slot: Cell::new(0),
        left: Cell::new(len),
    };
    Ok(vm.new_instance(&vm.types.set_iterator, body)?.into_value())
}

fn unchanged(set: Option<&Value>, used: usize) -> bool {
    set.and_then(|set| set.downcast::<Set>()).is_some_and(|set| set.len() == used)
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<SetIterator>(iterator)?;
    if !body.set.is_some() {
        return Ok(None);
    }
    if !body.set.with(|set| unchanged(set, body.used.get())) {
        body.used.set(usize::MAX);
        return Err(vm.runtime_error("Set changed size during iteration"));
    }
    let mut slot = body.slot.get();
    match body.set.with(|set| set?.downcast::<Set>()?.next_key(&mut slot)) {
        Some((key, _)) => {
            body.slot.set(slot);
            body.left.set(body.left.get().saturating_sub(1));
            Ok(Some(key))
        }
        None => {
            body.set.set(None);
            Ok(None)
        }
    }
}

fn length_hint(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<SetIterator>(iterator)?;
    let left = if body.set.with(|set| unchanged(set, body.used.get())) { body.left.get() } else { 0 };
    Ok(vm.new_uint(left as u64))
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<SetIterator>(iterator)?;
    let copy = SetIterator {
        set: OptionCell::new(body.set.get()),
        used: body.used.clone(),
        slot: body.slot.clone(),
        left: body.left.clone(),
    };
    let copy = vm.new_instance(&vm.types.set_iterator, copy)?.into_value();
    let rest = vm.collect(&copy)?;
    Ok(vm.tuple([vm.frame_builtin("iter")?, vm.tuple([vm.list(rest)])]))
}

//! What `iter` makes of an object with `__getitem__` alone, and of a callable with a sentinel.

use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::types::support::{iterator_slots, state_position};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};
use std::cell::Cell;

/// The body of `iterator`: the sequence until the end is reached, and the next position.
pub struct SequenceIterator {
    sequence: OptionCell,
    index: Cell<isize>,
}

/// The body of `callable_iterator`, emptied at the end.
pub struct CallableIterator {
    callable: OptionCell,
    sentinel: OptionCell,
}

static SEQUENCE_LAYOUT: Layout = Layout::of::<SequenceIterator>("iterator", None);
static CALLABLE_LAYOUT: Layout = Layout::of::<CallableIterator>("callable_iterator", None);

impl Body for SequenceIterator {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &SEQUENCE_LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.sequence.visit(visitor);
    }
}

impl Body for CallableIterator {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &CALLABLE_LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.callable.visit(visitor);
        self.sentinel.visit(visitor);
    }
}

/// `iterator`
pub static SEQUENCE_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, sequence_next),
    methods: &[
        MethodDef::noargs("__length_hint__", length_hint, "($self, /)", "How many items are probably left."),
        MethodDef::noargs("__reduce__", sequence_reduce, "($self, /)", "State for pickling."),
        MethodDef::one("__setstate__", setstate, "($self, object, /)", "Set the position."),
    ],
    ..TypeSpec::new("iterator", SequenceIterator::layout)
};

/// `callable_iterator`
pub static CALLABLE_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, callable_next),
    methods: &[MethodDef::noargs("__reduce__", callable_reduce, "($self, /)", "State for pickling.")],
    ..TypeSpec::new("callable_iterator", CallableIterator::layout)
};

impl Vm {
    /// An iterator by positions.
    pub fn new_sequence_iterator(&self, sequence: &Value) -> PyResult {
        let body = SequenceIterator { sequence: OptionCell::new(Some(sequence.clone())), index: Cell::new(0) };
        Ok(self.new_instance(&self.types.sequence_iterator, body)?.into_value())
    }

    /// `iter(callable, sentinel)`
    pub fn new_callable_iterator(&self, callable: &Value, sentinel: &Value) -> Value {
        let body = CallableIterator {
            callable: OptionCell::new(Some(callable.clone())),
            sentinel: OptionCell::new(Some(sentinel.clone())),
        };
        // SAFETY: `types.callable_iterator` is the type whose layout is that of `CallableIterator`.
        unsafe { self.heap.new_object(self.types.callable_iterator.as_value().raw(), body) }.into_value()
    }
}

fn sequence_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<SequenceIterator>(iterator)?;
    let Some(sequence) = body.sequence.get() else { return Ok(None) };
    let index = body.index.get();
    if index == isize::MAX {
        return Err(vm.overflow_error("iter index too large"));
    }
    let Some(item) = vm.type_of(&sequence).slots.sq_item.get() else {
        return Err(vm.type_error(format!("'{}' object does not support indexing", vm.type_name(&sequence))));
    };
    match item(vm, &sequence, index) {
        Ok(item) => {
            body.index.set(index + 1);
            Ok(Some(item))
        }
        Err(raised)
            if vm.raised_is(&raised, &vm.types.index_error) || vm.raised_is(&raised, &vm.types.stop_iteration) =>
        {
            body.sequence.set(None);
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

fn length_hint(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<SequenceIterator>(iterator)?;
    let Some(sequence) = body.sequence.get() else { return Ok(Value::small(0)) };
    match vm.len_opt(&sequence)? {
        Some(len) => Ok(vm.new_int((len as i64).saturating_sub(body.index.get() as i64).max(0))),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn sequence_reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<SequenceIterator>(iterator)?;
    let function = vm.frame_builtin("iter")?;
    match body.sequence.get() {
        Some(sequence) => Ok(vm.tuple([function, vm.tuple([sequence]), vm.new_int(body.index.get() as i64)])),
        None => Ok(vm.tuple([function, vm.tuple([vm.empty_tuple().into_value()])])),
    }
}

fn setstate(vm: &Vm, iterator: &Value, state: &Value) -> PyResult {
    let index = state_position(vm, state)?;
    let body = vm.body::<SequenceIterator>(iterator)?;
    if body.sequence.is_some() {
        body.index.set(index.max(0));
    }
    Ok(Value::NONE)
}

fn callable_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<CallableIterator>(iterator)?;
    let Some(callable) = body.callable.get() else { return Ok(None) };
    match vm.call(&callable, &[]) {
        Ok(result) => {
            // The call may have ended the iteration by itself.
            let Some(sentinel) = body.sentinel.get() else { return Ok(None) };
            if !vm.equal(&sentinel, &result)? {
                return Ok(Some(result));
            }
        }
        Err(raised) if vm.raised_is(&raised, &vm.types.stop_iteration) => {}
        Err(raised) => return Err(raised),
    }
    body.callable.set(None);
    body.sentinel.set(None);
    Ok(None)
}

fn callable_reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<CallableIterator>(iterator)?;
    let function = vm.frame_builtin("iter")?;
    match (body.callable.get(), body.sentinel.get()) {
        (Some(callable), Some(sentinel)) => Ok(vm.tuple([function, vm.tuple([callable, sentinel])])),
        _ => Ok(vm.tuple([function, vm.tuple([vm.empty_tuple().into_value()])])),
    }
}

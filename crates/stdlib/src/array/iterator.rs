//! `arrayiterator`

use super::{Array, State};
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::support::{iterator_slots, state_position};
use oriel_runtime::{Body, MethodDef, PyResult, TypeSpec, Value, Vm, type_flags};
use std::cell::Cell;

/// The body: the array until the end is reached, and the next position.
pub struct ArrayIterator {
    array: OptionCell,
    index: Cell<usize>,
}

crate::bodies::body!(ArrayIterator, "array.arrayiterator", array);

/// `arrayiterator`
#[rustfmt::skip]
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, next),
    methods: &[
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
        MethodDef::one("__setstate__", setstate, "($self, state, /)", "Set the position."),
    ],
    ..TypeSpec::new("array.arrayiterator", ArrayIterator::layout)
};

/// `iter(array)`
pub fn iter(vm: &Vm, this: &Value) -> PyResult {
    let state = vm.state::<State>();
    let body = ArrayIterator { array: OptionCell::new(Some(this.clone())), index: Cell::new(0) };
    Ok(vm.new_instance(crate::bodies::made(vm, &state.iterator)?, body)?.into_value())
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<ArrayIterator>(iterator)?;
    let Some(held) = body.array.get() else { return Ok(None) };
    let array = vm.body::<Array>(&held)?;
    let index = body.index.get();
    if index < array.len() {
        body.index.set(index + 1);
        return array.item(vm, index).map(Some);
    }
    body.array.set(None);
    Ok(None)
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<ArrayIterator>(iterator)?;
    let function = vm.frame_builtin("iter")?;
    match body.array.get() {
        Some(array) => Ok(vm.tuple([function, vm.tuple([array]), vm.new_int(body.index.get() as i64)])),
        None => Ok(vm.tuple([function, vm.tuple([vm.list(Vec::new())])])),
    }
}

fn setstate(vm: &Vm, iterator: &Value, state: &Value) -> PyResult {
    let index = state_position(vm, state)?;
    let body = vm.body::<ArrayIterator>(iterator)?;
    if let Some(held) = body.array.get() {
        let len = vm.body::<Array>(&held)?.len();
        body.index.set((index.max(0) as usize).min(len));
    }
    Ok(Value::NONE)
}

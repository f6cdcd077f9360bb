//! The views and the iterator of `OrderedDict`.

use super::State;
use crate::bodies::made;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::dict::{Dict, DictView};
use oriel_runtime::types::support::iterator_slots;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Body, MethodDef, PyResult, TypeSpec, Value, Vm, type_flags};
use std::cell::{Cell, OnceCell};

macro_rules! view_spec {
    ($spec:ident, $name:literal, $iter:ident, $reversed:ident) => {
        pub(super) static $spec: TypeSpec = TypeSpec {
            flags: type_flags::NO_NEW,
            slots: |slots| slots.iter.set(Some(|vm, view| $iter(vm, &vm.body::<DictView>(view)?.dict))),
            methods: &[MethodDef::noargs(
                "__reversed__",
                |vm, view| $reversed(vm, &vm.body::<DictView>(view)?.dict),
                "($self, /)",
                "Iterate backwards.",
            )],
            ..TypeSpec::new($name, DictView::layout)
        };
    };
}

view_spec!(KEYS_SPEC, "odict_keys", iter_keys, reversed_keys);
view_spec!(ITEMS_SPEC, "odict_items", iter_items, reversed_items);
view_spec!(VALUES_SPEC, "odict_values", iter_values, reversed_values);

/// What an iterator gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    Keys,
    Values,
    Items,
}

/// The body of the iterator.
pub(super) struct OrderedIterator {
    dict: OptionCell,
    gives: Gives,
    reverse: bool,
    /// Forwards the next position; backwards the one behind it.
    position: Cell<usize>,
    /// The dict's layout version and size at the start.
    version: u32,
    size: usize,
}
crate::bodies::body!(OrderedIterator, "odict_iterator", dict);

pub(super) static ITERATOR_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, next),
    methods: &[MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling.")],
    ..TypeSpec::new("odict_iterator", OrderedIterator::layout)
};

fn view(vm: &Vm, dict: &Value, which: fn(&State) -> &OnceCell<TypeRef>) -> PyResult {
    vm.body::<Dict>(dict)?;
    let state = vm.state::<State>();
    Ok(vm.new_instance(made(vm, which(&state))?, DictView { dict: dict.clone() })?.into_value())
}

pub(super) fn keys(vm: &Vm, dict: &Value) -> PyResult {
    view(vm, dict, |state| &state.ordered_keys)
}

pub(super) fn items(vm: &Vm, dict: &Value) -> PyResult {
    view(vm, dict, |state| &state.ordered_items)
}

pub(super) fn values(vm: &Vm, dict: &Value) -> PyResult {
    view(vm, dict, |state| &state.ordered_values)
}

fn over(vm: &Vm, dict: &Value, gives: Gives, reverse: bool) -> PyResult {
    let body = vm.body::<Dict>(dict)?;
    let iterator = OrderedIterator {
        dict: OptionCell::new(Some(dict.clone())),
        gives,
        reverse,
        position: Cell::new(if reverse { body.positions() } else { 0 }),
        version: body.layout_version(vm),
        size: body.len(),
    };
    let state = vm.state::<State>();
    Ok(vm.new_instance(made(vm, &state.ordered_iterator)?, iterator)?.into_value())
}

pub(super) fn iter_keys(vm: &Vm, dict: &Value) -> PyResult {
    over(vm, dict, Gives::Keys, false)
}

pub(super) fn reversed_keys(vm: &Vm, dict: &Value) -> PyResult {
    over(vm, dict, Gives::Keys, true)
}

fn iter_items(vm: &Vm, dict: &Value) -> PyResult {
    over(vm, dict, Gives::Items, false)
}

fn reversed_items(vm: &Vm, dict: &Value) -> PyResult {
    over(vm, dict, Gives::Items, true)
}

fn iter_values(vm: &Vm, dict: &Value) -> PyResult {
    over(vm, dict, Gives::Values, false)
}

fn reversed_values(vm: &Vm, dict: &Value) -> PyResult {
    over(vm, dict, Gives::Values, true)
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<OrderedIterator>(iterator)?;
    let Some(value) = body.dict.get() else { return Ok(None) };
    let dict = vm.body::<Dict>(&value)?;
    if dict.assigned_layout_version() != body.version {
        return Err(vm.runtime_error("OrderedDict mutated during iteration"));
    }
    if dict.len() != body.size {
        return Err(vm.runtime_error("OrderedDict changed size during iteration"));
    }
    let mut position = body.position.get();
    let entry = if body.reverse {
        dict.previous_position(position).and_then(|previous| {
            position = previous;
            dict.entry_at(previous)
        })
    } else {
        dict.next_entry(&mut position)
    };
    body.position.set(position);
    let Some((key, value)) = entry else {
        body.dict.set(None);
        return Ok(None);
    };
    Ok(Some(match body.gives {
        Gives::Keys => key,
        Gives::Values => value,
        Gives::Items => vm.tuple([key, value]),
    }))
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<OrderedIterator>(iterator)?;
    let copy = OrderedIterator {
        dict: OptionCell::new(body.dict.get()),
        gives: body.gives,
        reverse: body.reverse,
        position: body.position.clone(),
        version: body.version,
        size: body.size,
    };
    let copy = vm.new_instance(vm.type_of(iterator), copy)?.into_value();
    let rest = vm.collect(&copy)?;
    Ok(vm.tuple([vm.frame_builtin("iter")?, vm.tuple([vm.list(rest)])]))
}

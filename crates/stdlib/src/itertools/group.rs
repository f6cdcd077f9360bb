//! `groupby` and the groups that it gives.

use super::State;
use crate::bodies::{bind, body, given, made};
use oriel_runtime::args::Signature;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::support::iterator_slots;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, PyResult, TypeSpec, Value, Vm, type_flags};
use std::cell::Cell;
use std::sync::OnceLock;

pub(super) struct GroupBy {
    iterator: Value,
    key: Option<Value>,
    target: OptionCell,
    current_key: OptionCell,
    current_value: OptionCell,
    /// The word of the group that is being given; older ones have ended.
    group: Cell<u64>,
}
body!(GroupBy, "itertools.groupby", iterator, key, target, current_key, current_value);

pub(super) struct Grouper {
    parent: Value,
    target: Value,
}
body!(Grouper, "itertools._grouper", parent, target);

pub(super) static GROUPBY_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "groupby(iterable, key=None)\n--\n\nGive pairs of a key and an iterator over the neighbouring items that have it.",
    slots: |slots| {
        iterator_slots(slots, next);
        slots.new.set(Some(new));
    },
    ..TypeSpec::new("itertools.groupby", GroupBy::layout)
};

pub(super) static GROUPER_SPEC: TypeSpec = TypeSpec {
    slots: |slots| {
        iterator_slots(slots, grouper_next);
        slots.new.set(Some(|vm, class, args| {
            let [parent, target] = args.unpack(vm, "_grouper", 2, 2)? else { return Ok(Value::NONE) };
            vm.body::<GroupBy>(parent)?;
            new_grouper(vm, class, parent, target)
        }));
    },
    ..TypeSpec::new("itertools._grouper", Grouper::layout)
};

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [iterable, key] = bind(vm, &SIGNATURE, "(iterable, key=None)", "groupby", args)?;
    let body = GroupBy {
        iterator: vm.iter(given(vm, iterable)?)?,
        key: key.filter(|key| !key.is_none()).cloned(),
        target: OptionCell::default(),
        current_key: OptionCell::default(),
        current_value: OptionCell::default(),
        group: Cell::new(0),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn new_grouper(vm: &Vm, class: &TypeRef, parent: &Value, target: &Value) -> PyResult {
    let group = vm.new_instance(class, Grouper { parent: parent.clone(), target: target.clone() })?.into_value();
    vm.body::<GroupBy>(parent)?.group.set(group.word());
    Ok(group)
}

impl GroupBy {
    /// Takes the next item; false at the end.
    fn step(&self, vm: &Vm) -> PyResult<bool> {
        let Some(value) = vm.next(&self.iterator)? else { return Ok(false) };
        let key = match &self.key {
            Some(function) => vm.call(function, std::slice::from_ref(&value))?,
            None => value.clone(),
        };
        self.current_value.set(Some(value));
        self.current_key.set(Some(key));
        Ok(true)
    }
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<GroupBy>(iterator)?;
    body.group.set(0);
    // Skip what is left of the last group.
    let key = loop {
        if let Some(current) = body.current_key.get() {
            match body.target.get() {
                None => break current,
                Some(target) => {
                    if !vm.equal(&target, &current)? {
                        break current;
                    }
                }
            }
        }
        if !body.step(vm)? {
            return Ok(None);
        }
    };
    body.target.set(Some(key.clone()));
    let state = vm.state::<State>();
    let group = new_grouper(vm, made(vm, &state.grouper)?, iterator, &key)?;
    Ok(Some(vm.tuple([key, group])))
}

fn grouper_next(vm: &Vm, grouper: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Grouper>(grouper)?;
    let parent = vm.body::<GroupBy>(&body.parent)?;
    if parent.group.get() != grouper.word() {
        return Ok(None);
    }
    if !parent.current_value.is_some() && !parent.step(vm)? {
        return Ok(None);
    }
    let Some(current) = parent.current_key.get() else { return Ok(None) };
    if !vm.equal(&body.target, &current)? {
        return Ok(None);
    }
    parent.current_key.set(None);
    Ok(parent.current_value.take())
}

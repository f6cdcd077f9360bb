//! `reversed`

use crate::args::Args;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::types::dict::Dict;
use crate::types::support::{iterator_slots, no_keywords_unless_derived, state_position};
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};
use std::cell::Cell;

/// The body: the sequence until the end is reached, and the next position.
pub struct Reversed {
    sequence: OptionCell,
    index: Cell<isize>,
}

static LAYOUT: Layout = Layout::of::<Reversed>("reversed", None);

impl Body for Reversed {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.sequence.visit(visitor);
    }
}

/// `reversed`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "reversed(sequence, /)\n--\n\nIterate over the items of a sequence, the last one first.",
    slots: |slots| {
        iterator_slots(slots, next);
        slots.new.set(Some(new));
    },
    methods: &[
        MethodDef::noargs("__length_hint__", length_hint, "($self, /)", "How many items are left."),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
        MethodDef::one("__setstate__", setstate, "($self, object, /)", "Set the position."),
    ],
    ..TypeSpec::new("reversed", Reversed::layout)
};

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    no_keywords_unless_derived(vm, class, &vm.types.reversed, &args, "reversed")?;
    let values = args.positional();
    crate::args::check_count(vm, "reversed", values.len(), 1, 1)?;
    let Some(sequence) = values.first() else { return Ok(Value::NONE) };
    let refused = || vm.type_error(format!("'{}' object is not reversible", vm.type_name(sequence)));
    if let Some(method) = vm.lookup(vm.type_of(sequence), &vm.names.__reversed__) {
        if method.is_none() {
            return Err(refused());
        }
        let method = vm.bind(&method, Some(sequence), vm.type_of(sequence).as_value())?;
        return vm.call(&method, &[]);
    }
    if vm.type_of(sequence).slots.sq_item.get().is_none() || sequence.downcast::<Dict>().is_some() {
        return Err(refused());
    }
    let last = vm.len(sequence)? as isize - 1;
    let body = Reversed { sequence: OptionCell::new(Some(sequence.clone())), index: Cell::new(last) };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Reversed>(iterator)?;
    let index = body.index.get();
    if index >= 0
        && let Some(sequence) = body.sequence.get()
        && let Some(item) = vm.type_of(&sequence).slots.sq_item.get()
    {
        match item(vm, &sequence, index) {
            Ok(item) => {
                body.index.set(index - 1);
                return Ok(Some(item));
            }
            Err(raised)
                if vm.raised_is(&raised, &vm.types.index_error) || vm.raised_is(&raised, &vm.types.stop_iteration) => {}
            Err(raised) => return Err(raised),
        }
    }
    body.index.set(-1);
    body.sequence.set(None);
    Ok(None)
}

fn length_hint(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<Reversed>(iterator)?;
    let Some(sequence) = body.sequence.get() else { return Ok(Value::small(0)) };
    let left = body.index.get() + 1;
    let left = if (vm.len(&sequence)? as isize) < left { 0 } else { left };
    Ok(vm.new_int(left as i64))
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<Reversed>(iterator)?;
    let class = vm.type_of(iterator).to_value();
    match body.sequence.get() {
        Some(sequence) => Ok(vm.tuple([class, vm.tuple([sequence]), vm.new_int(body.index.get() as i64)])),
        None => Ok(vm.tuple([class, vm.tuple([vm.empty_tuple().into_value()])])),
    }
}

fn setstate(vm: &Vm, iterator: &Value, state: &Value) -> PyResult {
    let index = state_position(vm, state)?;
    let body = vm.body::<Reversed>(iterator)?;
    if let Some(sequence) = body.sequence.get() {
        let len = vm.len(&sequence)? as isize;
        body.index.set(index.clamp(-1, len - 1));
    }
    Ok(Value::NONE)
}

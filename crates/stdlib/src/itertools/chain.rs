//! `chain`, `count`, `cycle` and `repeat`.

use super::{positional, without_foreign};
use crate::bodies::{bind, body, given};
use oriel_runtime::args::Signature;
use oriel_runtime::arithmetic::BinaryOp;
use oriel_runtime::cells::{OptionCell, ValueCell};
use oriel_runtime::types::support::{class_getitem, iterator_slots};
use oriel_runtime::types::type_object::{Type, TypeRef};
use oriel_runtime::{Args, Body, MethodDef, PyResult, TypeSpec, Value, Vm, type_flags};
use std::cell::{Cell, RefCell};
use std::sync::OnceLock;

pub(super) struct Chain {
    source: OptionCell,
    active: OptionCell,
}
body!(Chain, "itertools.chain", source, active);

pub(super) static CHAIN_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "chain(*iterables)\n--\n\nGive the items of the first iterable, then those of the next, and so on.",
    slots: |slots| {
        iterator_slots(slots, chain_next);
        slots.new.set(Some(|vm, class, args| {
            let args = without_foreign(vm, class, args);
            args.no_keywords(vm, "chain")?;
            let iterables = vm.new_tuple(args.values);
            new_chain(vm, class, &iterables)
        }));
    },
    methods: &[
        MethodDef::one(
            "from_iterable",
            from_iterable,
            "($type, iterable, /)",
            "The same of iterables that an iterable gives.",
        )
        .class_method(),
        MethodDef::one("__class_getitem__", class_getitem, "($type, object, /)", "A generic alias.").class_method(),
    ],
    ..TypeSpec::new("itertools.chain", Chain::layout)
};

fn new_chain(vm: &Vm, class: &TypeRef, iterables: &Value) -> PyResult {
    let body = Chain { source: OptionCell::new(Some(vm.iter(iterables)?)), active: OptionCell::default() };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn from_iterable(vm: &Vm, class: &Value, iterables: &Value) -> PyResult {
    new_chain(vm, vm.body::<Type>(class)?, iterables)
}

fn chain_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Chain>(iterator)?;
    loop {
        if let Some(active) = body.active.get() {
            if let Some(item) = vm.next(&active)? {
                return Ok(Some(item));
            }
            body.active.set(None);
        }
        let Some(source) = body.source.get() else { return Ok(None) };
        let iterable = match vm.next(&source) {
            Ok(Some(iterable)) => iterable,
            other => {
                body.source.set(None);
                return other;
            }
        };
        let active = vm.iter(&iterable).inspect_err(|_| body.source.set(None))?;
        body.active.set(Some(active));
    }
}

pub(super) struct Count {
    next: ValueCell,
    step: Value,
}
body!(Count, "itertools.count", next, step);

pub(super) static COUNT_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "count(start=0, step=1)\n--\n\nCount from start without end, a step at a time.",
    slots: |slots| {
        iterator_slots(slots, count_next);
        slots.new.set(Some(count_new));
        slots.repr.set(Some(count_repr));
    },
    ..TypeSpec::new("itertools.count", Count::layout)
};

fn is_number(vm: &Vm, value: &Value) -> bool {
    let slots = &vm.type_of(value).slots;
    slots.nb_index.get().is_some()
        || slots.nb_int.get().is_some()
        || slots.nb_float.get().is_some()
        || vm.type_name(value) == "complex"
}

fn count_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [start, step] = bind(vm, &SIGNATURE, "(start=0, step=1)", "count", args)?;
    for value in [start, step].into_iter().flatten() {
        if !is_number(vm, value) {
            return Err(vm.type_error("a number is required"));
        }
    }
    let body = Count {
        next: ValueCell::new(start.cloned().unwrap_or(Value::small(0))),
        step: step.cloned().unwrap_or(Value::small(1)),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn count_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Count>(iterator)?;
    let number = body.next.get();
    let following = match Value::add_small(&number, &body.step) {
        Some(following) => following,
        None => vm.binary(BinaryOp::Add, &number, &body.step)?,
    };
    body.next.set(following);
    Ok(Some(number))
}

fn count_repr(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<Count>(iterator)?;
    let number = vm.repr_text(&body.next.get())?;
    if body.step.as_small_int() == Some(1) {
        return Ok(vm.new_str(&format!("count({number})")));
    }
    Ok(vm.new_str(&format!("count({number}, {})", vm.repr_text(&body.step)?)))
}

pub(super) struct Cycle {
    iterator: OptionCell,
    saved: RefCell<Vec<Value>>,
    index: Cell<usize>,
}
body!(Cycle, "itertools.cycle", iterator, saved);

pub(super) static CYCLE_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "cycle(iterable, /)\n--\n\nGive the items of the iterable, then the same again, without end.",
    slots: |slots| {
        iterator_slots(slots, cycle_next);
        slots.new.set(Some(|vm, class, args| {
            let iterator = vm.iter(&positional(vm, class, "cycle", args, 1, 1)?[0])?;
            let body =
                Cycle { iterator: OptionCell::new(Some(iterator)), saved: RefCell::default(), index: Cell::new(0) };
            Ok(vm.new_instance(class, body)?.into_value())
        }));
    },
    ..TypeSpec::new("itertools.cycle", Cycle::layout)
};

fn cycle_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Cycle>(iterator)?;
    if let Some(source) = body.iterator.get() {
        if let Some(item) = vm.next(&source)? {
            body.saved.borrow_mut().push(item.clone());
            return Ok(Some(item));
        }
        body.iterator.set(None);
    }
    let saved = body.saved.borrow();
    let item = saved.get(body.index.get()).cloned();
    if item.is_some() {
        let following = body.index.get() + 1;
        body.index.set(if following >= saved.len() { 0 } else { following });
    }
    Ok(item)
}

pub(super) struct Repeat {
    object: Value,
    /// How often still; nothing for without end.
    left: Cell<Option<usize>>,
}
body!(Repeat, "itertools.repeat", object);

pub(super) static REPEAT_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "repeat(object [,times]) -> give the object so many times, or without end.",
    slots: |slots| {
        iterator_slots(slots, |vm, iterator| {
            let body = vm.body::<Repeat>(iterator)?;
            match body.left.get() {
                Some(0) => return Ok(None),
                Some(left) => body.left.set(Some(left - 1)),
                None => {}
            }
            Ok(Some(body.object.clone()))
        });
        slots.new.set(Some(repeat_new));
        slots.repr.set(Some(repeat_repr));
    },
    methods: &[MethodDef::noargs("__length_hint__", repeat_hint, "($self, /)", "How often still.")],
    ..TypeSpec::new("itertools.repeat", Repeat::layout)
};

fn repeat_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [object, times] = bind(vm, &SIGNATURE, "(object, times=-1)", "repeat", args)?;
    let left = match times {
        Some(times) => Some(vm.to_isize(times)?.max(0) as usize),
        None => None,
    };
    let body = Repeat { object: given(vm, object)?.clone(), left: Cell::new(left) };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn repeat_repr(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<Repeat>(iterator)?;
    let object = vm.repr_text(&body.object)?;
    Ok(vm.new_str(&match body.left.get() {
        Some(left) => format!("repeat({object}, {left})"),
        None => format!("repeat({object})"),
    }))
}

fn repeat_hint(vm: &Vm, iterator: &Value) -> PyResult {
    match vm.body::<Repeat>(iterator)?.left.get() {
        Some(left) => Ok(vm.new_uint(left as u64)),
        None => Err(vm.type_error("len() of unsized object")),
    }
}

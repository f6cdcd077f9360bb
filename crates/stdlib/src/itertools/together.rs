//! `accumulate`, `starmap` and `zip_longest`.

use super::positional;
use crate::bodies::{bind, body, given};
use oriel_runtime::args::Signature;
use oriel_runtime::arithmetic::BinaryOp;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::support::iterator_slots;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, PyResult, TypeSpec, Value, Vm, type_flags};
use std::cell::{Cell, RefCell};
use std::sync::OnceLock;

pub(super) struct Accumulate {
    iterator: Value,
    function: Option<Value>,
    initial: OptionCell,
    total: OptionCell,
}
body!(Accumulate, "itertools.accumulate", iterator, function, initial, total);

pub(super) static ACCUMULATE_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "accumulate(iterable, func=None, *, initial=None)\n--\n\nGive running totals, or what another function of two arguments makes of the last result and the next item.",
    slots: |slots| {
        iterator_slots(slots, accumulate_next);
        slots.new.set(Some(accumulate_new));
    },
    ..TypeSpec::new("itertools.accumulate", Accumulate::layout)
};

fn accumulate_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [iterable, function, initial] =
        bind(vm, &SIGNATURE, "(iterable, func=None, *, initial=None)", "accumulate", args)?;
    let present = |value: Option<&Value>| value.filter(|value| !value.is_none()).cloned();
    let body = Accumulate {
        iterator: vm.iter(given(vm, iterable)?)?,
        function: present(function),
        initial: OptionCell::new(present(initial)),
        total: OptionCell::default(),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn accumulate_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Accumulate>(iterator)?;
    let total = if let Some(initial) = body.initial.take() {
        initial
    } else {
        let Some(item) = vm.next(&body.iterator)? else { return Ok(None) };
        match (body.total.get(), &body.function) {
            (None, _) => item,
            (Some(total), None) => vm.binary(BinaryOp::Add, &total, &item)?,
            (Some(total), Some(function)) => vm.call(function, &[total, item])?,
        }
    };
    body.total.set(Some(total.clone()));
    Ok(Some(total))
}

pub(super) struct Starmap {
    function: Value,
    iterator: Value,
}
body!(Starmap, "itertools.starmap", function, iterator);

pub(super) static STARMAP_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "starmap(function, iterable, /)\n--\n\nCall the function with each item spread out as its arguments, and give the results.",
    slots: |slots| {
        iterator_slots(slots, |vm, iterator| {
            let body = vm.body::<Starmap>(iterator)?;
            let Some(arguments) = vm.next(&body.iterator)? else { return Ok(None) };
            let arguments = vm.collect(&arguments)?;
            vm.call(&body.function, &arguments).map(Some)
        });
        slots.new.set(Some(|vm, class, args| {
            let arguments = positional(vm, class, "starmap", args, 2, 2)?;
            let body = Starmap { function: arguments[0].clone(), iterator: vm.iter(&arguments[1])? };
            Ok(vm.new_instance(class, body)?.into_value())
        }));
    },
    ..TypeSpec::new("itertools.starmap", Starmap::layout)
};

pub(super) struct ZipLongest {
    /// The iterators; `None` in the place of one that has ended.
    iterators: RefCell<Vec<Value>>,
    active: Cell<usize>,
    fill: Value,
}
body!(ZipLongest, "itertools.zip_longest", iterators, fill);

pub(super) static ZIP_LONGEST_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "zip_longest(*iterables, fillvalue=None)\n--\n\nGive tuples of one item from each iterable until the longest one ends; the fill value stands for missing items.",
    slots: |slots| {
        iterator_slots(slots, zip_longest_next);
        slots.new.set(Some(zip_longest_new));
    },
    ..TypeSpec::new("itertools.zip_longest", ZipLongest::layout)
};

fn zip_longest_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let mut fill = Value::NONE;
    for (name, value) in args.keywords() {
        if args.names.len() > 1 || vm.str_text(name) != "fillvalue" {
            return Err(vm.type_error("zip_longest() got an unexpected keyword argument"));
        }
        fill = value.clone();
    }
    let iterators = args.positional().iter().map(|iterable| vm.iter(iterable)).collect::<PyResult<Vec<Value>>>()?;
    let body = ZipLongest { active: Cell::new(iterators.len()), iterators: RefCell::new(iterators), fill };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn zip_longest_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<ZipLongest>(iterator)?;
    let count = body.iterators.borrow().len();
    if count == 0 || body.active.get() == 0 {
        return Ok(None);
    }
    let mut items = Vec::with_capacity(count);
    for index in 0..count {
        let source = body.iterators.borrow().get(index).cloned().unwrap_or(Value::NONE);
        if source.is_none() {
            items.push(body.fill.clone());
            continue;
        }
        let item = match vm.next(&source) {
            Ok(Some(item)) => item,
            other => {
                body.active.set(body.active.get().saturating_sub(1));
                if other.is_err() {
                    body.active.set(0);
                }
                other?;
                if body.active.get() == 0 {
                    return Ok(None);
                }
                let ended = body.iterators.borrow_mut().get_mut(index).map(|slot| std::mem::replace(slot, Value::NONE));
                drop(ended);
                body.fill.clone()
            }
        };
        items.push(item);
    }
    Ok(Some(vm.tuple_of(items).into_value()))
}

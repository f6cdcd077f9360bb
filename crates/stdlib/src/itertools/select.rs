//! Iterators that leave items out or cut the stream: `batched`, `compress`, `dropwhile`, `filterfalse`, `islice`,
//! `pairwise` and `takewhile`.

use super::{positional, without_foreign};
use crate::bodies::{bind, body, given};
use oriel_runtime::args::{Signature, check_count};
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::support::iterator_slots;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, PyResult, TypeSpec, Value, Vm, type_flags};
use std::cell::Cell;
use std::sync::OnceLock;

pub(super) struct Batched {
    iterator: OptionCell,
    size: usize,
    strict: bool,
}
body!(Batched, "itertools.batched", iterator);

pub(super) static BATCHED_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "batched(iterable, n, *, strict=False)\n--\n\nGive the items in tuples of n; the last one may be shorter unless strict is true.",
    slots: |slots| {
        iterator_slots(slots, batched_next);
        slots.new.set(Some(batched_new));
    },
    ..TypeSpec::new("itertools.batched", Batched::layout)
};

fn batched_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [iterable, size, strict] = bind(vm, &SIGNATURE, "(iterable, n, *, strict=False)", "batched", args)?;
    let size = vm.to_isize(given(vm, size)?)?;
    let strict = strict.map_or(Ok(false), |strict| vm.truth(strict))?;
    if size < 1 {
        return Err(vm.value_error("n must be at least one"));
    }
    let iterator = vm.iter(given(vm, iterable)?)?;
    let body = Batched { iterator: OptionCell::new(Some(iterator)), size: size as usize, strict };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn batched_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Batched>(iterator)?;
    let Some(source) = body.iterator.get() else { return Ok(None) };
    let mut items = Vec::new();
    while items.len() < body.size {
        match vm.next(&source)? {
            Some(item) => items.push(item),
            None => {
                body.iterator.set(None);
                if items.is_empty() {
                    return Ok(None);
                }
                if body.strict {
                    return Err(vm.value_error("batched(): incomplete batch"));
                }
                break;
            }
        }
    }
    Ok(Some(vm.try_new_tuple(items)?.into_value()))
}

pub(super) struct Compress {
    data: Value,
    selectors: Value,
}
body!(Compress, "itertools.compress", data, selectors);

pub(super) static COMPRESS_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "compress(data, selectors)\n--\n\nGive the items of data whose selectors are true.",
    slots: |slots| {
        iterator_slots(slots, compress_next);
        slots.new.set(Some(compress_new));
    },
    ..TypeSpec::new("itertools.compress", Compress::layout)
};

fn compress_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [data, selectors] = bind(vm, &SIGNATURE, "(data, selectors)", "compress", args)?;
    let body = Compress { data: vm.iter(given(vm, data)?)?, selectors: vm.iter(given(vm, selectors)?)? };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn compress_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Compress>(iterator)?;
    loop {
        let Some(item) = vm.next(&body.data)? else { return Ok(None) };
        let Some(selector) = vm.next(&body.selectors)? else { return Ok(None) };
        if vm.truth(&selector)? {
            return Ok(Some(item));
        }
    }
}

/// The body of `dropwhile`, `takewhile` and `filterfalse`.
pub(super) struct Judged {
    function: Value,
    iterator: Value,
    /// The begin (of `dropwhile`) or the end (of `takewhile`) has been reached.
    decided: Cell<bool>,
}
body!(Judged, "itertools.judged", function, iterator);

fn judged_new(vm: &Vm, class: &TypeRef, args: Args<'_>, name: &str) -> PyResult {
    let arguments = positional(vm, class, name, args, 2, 2)?;
    let body = Judged { function: arguments[0].clone(), iterator: vm.iter(&arguments[1])?, decided: Cell::new(false) };
    Ok(vm.new_instance(class, body)?.into_value())
}

impl Judged {
    fn judge(&self, vm: &Vm, item: &Value) -> PyResult<bool> {
        let answer = vm.call(&self.function, std::slice::from_ref(item))?;
        vm.truth(&answer)
    }
}

pub(super) static DROPWHILE_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "dropwhile(predicate, iterable, /)\n--\n\nLeave items out as long as the predicate is true, then give all the others.",
    slots: |slots| {
        iterator_slots(slots, |vm, iterator| {
            let body = vm.body::<Judged>(iterator)?;
            while let Some(item) = vm.next(&body.iterator)? {
                if body.decided.get() {
                    return Ok(Some(item));
                }
                if !body.judge(vm, &item)? {
                    body.decided.set(true);
                    return Ok(Some(item));
                }
            }
            Ok(None)
        });
        slots.new.set(Some(|vm, class, args| judged_new(vm, class, args, "dropwhile")));
    },
    ..TypeSpec::new("itertools.dropwhile", Judged::layout)
};

pub(super) static TAKEWHILE_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "takewhile(predicate, iterable, /)\n--\n\nGive items as long as the predicate is true.",
    slots: |slots| {
        iterator_slots(slots, |vm, iterator| {
            let body = vm.body::<Judged>(iterator)?;
            if body.decided.get() {
                return Ok(None);
            }
            let Some(item) = vm.next(&body.iterator)? else { return Ok(None) };
            if body.judge(vm, &item)? {
                return Ok(Some(item));
            }
            body.decided.set(true);
            Ok(None)
        });
        slots.new.set(Some(|vm, class, args| judged_new(vm, class, args, "takewhile")));
    },
    ..TypeSpec::new("itertools.takewhile", Judged::layout)
};

pub(super) static FILTERFALSE_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "filterfalse(function, iterable, /)\n--\n\nGive the items for which the function says false; without a function (None), the false items.",
    slots: |slots| {
        iterator_slots(slots, |vm, iterator| {
            let body = vm.body::<Judged>(iterator)?;
            let by_truth = body.function.is_none() || body.function.is(vm.types.bool.as_value());
            while let Some(item) = vm.next(&body.iterator)? {
                let good = if by_truth { vm.truth(&item)? } else { body.judge(vm, &item)? };
                if !good {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        });
        slots.new.set(Some(|vm, class, args| judged_new(vm, class, args, "filterfalse")));
    },
    ..TypeSpec::new("itertools.filterfalse", Judged::layout)
};

pub(super) struct Islice {
    iterator: OptionCell,
    next: Cell<usize>,
    stop: Option<usize>,
    step: usize,
    count: Cell<usize>,
}
body!(Islice, "itertools.islice", iterator);

pub(super) static ISLICE_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "islice(iterable, stop) --> islice object\nislice(iterable, start, stop[, step]) --> islice object\n\nGive the items at the positions that a slice takes.",
    slots: |slots| {
        iterator_slots(slots, islice_next);
        slots.new.set(Some(islice_new));
    },
    ..TypeSpec::new("itertools.islice", Islice::layout)
};

fn islice_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let args = without_foreign(vm, class, args);
    args.no_keywords(vm, "islice")?;
    check_count(vm, "islice", args.values.len(), 2, 4)?;
    let position = |value: Option<&Value>, message: &str| -> PyResult<Option<usize>> {
        let Some(value) = value.filter(|value| !value.is_none()) else { return Ok(None) };
        match vm.catch(vm.to_isize(value), &vm.types.type_error) {
            Ok(Some(number)) if number >= 0 => Ok(Some(number as usize)),
            Err(raised) if !vm.raised_is(&raised, &vm.types.overflow_error) => Err(raised),
            _ => Err(vm.value_error(message)),
        }
    };
    const STOP: &str = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    const INDICES: &str = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    const STEP: &str = "Step for islice() must be a positive integer or None.";
    let values = args.values;
    let (start, stop) = if values.len() == 2 {
        (0, position(values.get(1), STOP)?)
    } else {
        let stop = position(values.get(2), STOP)?;
        (position(values.get(1), INDICES)?.unwrap_or(0), stop)
    };
    let step = position(values.get(3), STEP)?.unwrap_or(1);
    if step == 0 {
        return Err(vm.value_error(STEP));
    }
    let body = Islice {
        iterator: OptionCell::new(Some(vm.iter(&values[0])?)),
        next: Cell::new(start),
        stop,
        step,
        count: Cell::new(0),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn islice_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Islice>(iterator)?;
    let Some(source) = body.iterator.get() else { return Ok(None) };
    while body.count.get() < body.next.get() {
        if vm.next(&source)?.is_none() {
            body.iterator.set(None);
            return Ok(None);
        }
        body.count.set(body.count.get() + 1);
    }
    if body.stop.is_some_and(|stop| body.count.get() >= stop) {
        body.iterator.set(None);
        return Ok(None);
    }
    let Some(item) = vm.next(&source)? else {
        body.iterator.set(None);
        return Ok(None);
    };
    body.count.set(body.count.get() + 1);
    let following = body.next.get().saturating_add(body.step);
    body.next.set(body.stop.map_or(following, |stop| following.min(stop)));
    Ok(Some(item))
}

pub(super) struct Pairwise {
    iterator: OptionCell,
    old: OptionCell,
}
body!(Pairwise, "itertools.pairwise", iterator, old);

pub(super) static PAIRWISE_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "pairwise(iterable, /)\n--\n\nGive each item together with the next one.",
    slots: |slots| {
        iterator_slots(slots, pairwise_next);
        slots.new.set(Some(|vm, class, args| {
            let iterator = vm.iter(&positional(vm, class, "pairwise", args, 1, 1)?[0])?;
            let body = Pairwise { iterator: OptionCell::new(Some(iterator)), old: OptionCell::default() };
            Ok(vm.new_instance(class, body)?.into_value())
        }));
    },
    ..TypeSpec::new("itertools.pairwise", Pairwise::layout)
};

fn pairwise_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<Pairwise>(iterator)?;
    let Some(source) = body.iterator.get() else { return Ok(None) };
    let end = || {
        body.iterator.set(None);
        body.old.set(None);
    };
    let old = match body.old.get() {
        Some(old) => old,
        None => {
            let first = vm.next(&source).inspect_err(|_| end())?;
            let Some(first) = first else {
                end();
                return Ok(None);
            };
            body.old.set(Some(first.clone()));
            // The source may have come back here and ended the iteration.
            if !body.iterator.is_some() {
                return Ok(None);
            }
            first
        }
    };
    match vm.next(&source) {
        Ok(Some(new)) => {
            body.old.set(Some(new.clone()));
            Ok(Some(vm.tuple([old, new])))
        }
        other => {
            end();
            other
        }
    }
}

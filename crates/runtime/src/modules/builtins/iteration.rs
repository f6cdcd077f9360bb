//! Functions of `builtins` over iterables.

use crate::args::{Args, Bound};
use crate::arithmetic::BinaryOp;
use crate::error::PyResult;
use crate::native::MethodDef;
use crate::slots::CompareOp;
use crate::types::Types;
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::number::complex::Complex;

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::one("all", all, "($module, iterable, /)", "Return whether all items are true."),
    MethodDef::one("any", any, "($module, iterable, /)", "Return whether any item is true."),
    MethodDef::positional("iter", 1, 2, iter, "", "Get an iterator of an object, or of a callable and a sentinel."),
    MethodDef::positional("next", 1, 2, next, "", "Return the next item of an iterator, or the default at its end."),
    MethodDef::one("aiter", aiter, "($module, async_iterable, /)", "Return an asynchronous iterator."),
    MethodDef::positional(
        "anext",
        1,
        2,
        anext,
        "($module, aiterator, default=<unrepresentable>, /)",
        "Return the next item of an asynchronous iterator.",
    ),
    MethodDef::args(
        "max",
        |vm, _, args| extreme(vm, args, "max", CompareOp::Gt),
        "",
        "max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value\n\nReturn the largest item.",
    ),
    MethodDef::args(
        "min",
        |vm, _, args| extreme(vm, args, "min", CompareOp::Lt),
        "",
        "min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value\n\nReturn the smallest item.",
    ),
    MethodDef::args(
        "sorted",
        sorted,
        "($module, iterable, /, *, key=None, reverse=False)",
        "Return a new sorted list.",
    ),
    MethodDef::bound("sum", sum, "($module, iterable, /, start=0)", "Return the sum of a start value and the items."),
];

fn all(vm: &Vm, _: &Value, iterable: &Value) -> PyResult {
    let ended = vm.for_each_while(iterable, |item| vm.truth(&item))?;
    Ok(Value::bool(ended))
}

fn any(vm: &Vm, _: &Value, iterable: &Value) -> PyResult {
    let ended = vm.for_each_while(iterable, |item| Ok(!vm.truth(&item)?))?;
    Ok(Value::bool(!ended))
}

fn iter(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    match args {
        [iterable] => vm.iter(iterable),
        [callable, sentinel] => {
            if vm.type_of(callable).slots.call.get().is_none() {
                return Err(vm.type_error("iter(v, w): v must be callable"));
            }
            Ok(vm.new_callable_iterator(callable, sentinel))
        }
        _ => Ok(Value::NONE),
    }
}

/// `next()`
pub(crate) fn next(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let iterator = &args[0];
    if vm.type_of(iterator).slots.next.get().is_none() {
        return Err(vm.type_error(format!("'{}' object is not an iterator", vm.type_name(iterator))));
    }
    match vm.next_or_raise(iterator) {
        Ok(Ok(item)) => Ok(item),
        Ok(Err(finished)) => match args.get(1) {
            Some(default) => Ok(default.clone()),
            None => Err(finished),
        },
        Err(raised) => match args.get(1) {
            Some(default) if vm.raised_is(&raised, &vm.types.stop_iteration) => Ok(default.clone()),
            _ => Err(raised),
        },
    }
}

impl Vm {
    /// The next item, or the StopIteration of the end with the value that a generator returned.
    fn next_or_raise(&self, iterator: &Value) -> PyResult<Result<Value, crate::error::Raised>> {
        match self.next_or_stop(iterator)? {
            Some(item) => Ok(Ok(item)),
            None => {
                let value = self.take_generator_result(iterator).unwrap_or(Value::NONE);
                Ok(Err(self.stop_iteration(value)))
            }
        }
    }
}

fn aiter(vm: &Vm, _: &Value, iterable: &Value) -> PyResult {
    let Some(aiter) = vm.type_of(iterable).slots.am_aiter.get() else {
        return Err(vm.type_error(format!("'{}' object is not an async iterable", vm.type_name(iterable))));
    };
    let iterator = aiter(vm, iterable)?;
    if vm.type_of(&iterator).slots.am_anext.get().is_none() {
        let name = vm.type_name(&iterator);
        return Err(vm.type_error(format!("aiter() returned not an async iterator of type '{name}'")));
    }
    Ok(iterator)
}

fn anext(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let iterator = &args[0];
    let Some(anext) = vm.type_of(iterator).slots.am_anext.get() else {
        return Err(vm.type_error(format!("'{}' object is not an async iterator", vm.type_name(iterator))));
    };
    let awaitable = anext(vm, iterator)?;
    match args.get(1) {
        None => Ok(awaitable),
        Some(default) => vm.new_anext_awaitable(&awaitable, default),
    }
}

fn extreme(vm: &Vm, args: Args<'_>, function: &str, op: CompareOp) -> PyResult {
    if args.names.is_empty()
        && let [first, rest @ ..] = args.values
        && !rest.is_empty()
    {
        let mut best = first;
        for value in rest {
            if vm.compare_bool(value, best, op)? {
                best = value;
            }
        }
        return Ok(best.clone());
    }
    let (mut key, mut default) = (None, None);
    for (name, value) in args.keywords() {
        match vm.str_text(name).as_str() {
            "key" => key = Some(value).filter(|key| !key.is_none()),
            "default" => default = Some(value),
            other => {
                return Err(vm.type_error(format!("{function}() got an unexpected keyword argument '{other}'")));
            }
        }
    }
    let positional = args.positional();
    let (iterable, many) = match positional {
        [] => return Err(vm.type_error(format!("{function} expected at least 1 argument, got 0"))),
        [iterable] => (iterable.clone(), false),
        values => (vm.new_tuple(values), true),
    };
    if many && default.is_some() {
        let message = format!("Cannot specify a default for {function}() with multiple positional arguments");
        return Err(vm.type_error(message));
    }
    if key.is_none()
        && let Some(best) = extreme_of_small(vm, &iterable, op == CompareOp::Gt)
    {
        return Ok(best);
    }
    let mut best: Option<Value> = None;
    let mut best_rank: Option<Value> = None;
    vm.for_each(&iterable, |item| {
        let Some(key) = key else {
            let better = match &best {
                None => true,
                Some(best) => vm.compare_bool(&item, best, op)?,
            };
            if better {
                best = Some(item);
            }
            return Ok(());
        };
        let rank = vm.call(key, std::slice::from_ref(&item))?;
        let better = match &best_rank {
            None => true,
            Some(best_rank) => vm.compare_bool(&rank, best_rank, op)?,
        };
        if better {
            best = Some(item);
            best_rank = Some(rank);
        }
        Ok(())
    })?;
    match (best, default) {
        (Some(item), _) => Ok(item),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(vm.value_error(format!("{function}() iterable argument is empty"))),
    }
}

fn sorted(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    let [iterable] = args.positional() else {
        let given = args.positional().len();
        return Err(vm.type_error(format!("sorted expected 1 argument, got {given}")));
    };
    let list = vm.new_list(vm.collect(iterable)?);
    let (mut key, mut reverse) = (None, false);
    for (name, value) in args.keywords() {
        if name.is(&vm.names.key) {
            key = Some(value).filter(|key| !key.is_none());
        } else if name.is(&vm.names.reverse) {
            reverse = vm.truth(value)?;
        } else {
            // The method says what is wrong.
            let sort = vm.get_attr(list.as_value(), &vm.names.sort)?;
            vm.call_args(&sort, Args { values: args.keyword_values(), names: args.names })?;
            return Ok(list.into_value());
        }
    }
    crate::types::list::sort::sort_list(vm, &list, key, reverse)?;
    Ok(list.into_value())
}

/// Types whose sums would be quadratic.
const SUMMED_OTHERWISE: &[(fn(&Types) -> &TypeRef, &str)] = &[
    (|types| &types.str, "strings [use ''.join(seq) instead]"),
    (|types| &types.bytes, "bytes [use b''.join(seq) instead]"),
    (|types| &types.bytearray, "bytearray [use b''.join(seq) instead]"),
];

fn sum(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let Some(iterable) = args[0] else { return Ok(Value::NONE) };
    if args[1].is_none()
        && let Some(total) = sum_of_small(vm, iterable)
    {
        return Ok(total);
    }
    let mut total = match args[1] {
        None => Value::small(0),
        Some(start) => {
            for (ty, what) in SUMMED_OTHERWISE {
                if vm.is_instance_exact(start, ty(&vm.types)) {
                    return Err(vm.type_error(format!("sum() can't sum {what}")));
                }
            }
            start.clone()
        }
    };
    let mut running: Option<Compensated> = None;
    vm.for_each(iterable, |item| {
        if let Some(sum) = &mut running {
            if sum.add(vm, &item) {
                return Ok(());
            }
            total = sum.value(vm);
            running = None;
        }
        if let Some(sum) = Value::add_small(&total, &item) {
            total = sum;
            return Ok(());
        }
        if let Some(mut sum) = Compensated::start(vm, &total)
            && sum.add(vm, &item)
        {
            running = Some(sum);
            return Ok(());
        }
        total = vm.binary(BinaryOp::Add, &total, &item)?;
        Ok(())
    })?;
    match running {
        Some(sum) => Ok(sum.value(vm)),
        None => Ok(total),
    }
}

/// A sum of floats or complex numbers with what rounding lost, as CPython's are since 3.12 (Neumaier).
struct Compensated {
    real: (f64, f64),
    imaginary: Option<(f64, f64)>,
}

impl Compensated {
    fn start(vm: &Vm, total: &Value) -> Option<Compensated> {
        if let Some(number) = exact_float(vm, total) {
            return Some(Compensated { real: (number, 0.0), imaginary: None });
        }
        let number = exact_complex(vm, total)?;
        Some(Compensated { real: (number.re, 0.0), imaginary: Some((number.im, 0.0)) })
    }

    /// Adds a number; false where it is of another kind.
    fn add(&mut self, vm: &Vm, item: &Value) -> bool {
        let real = match exact_float(vm, item) {
            Some(number) => Some(number),
            None => item.as_small_int().map(|number| number as f64),
        };
        if let Some(number) = real {
            self.real = add_compensated(self.real, number);
            return true;
        }
        match (self.imaginary, exact_complex(vm, item)) {
            (Some(imaginary), Some(number)) => {
                self.real = add_compensated(self.real, number.re);
                self.imaginary = Some(add_compensated(imaginary, number.im));
                true
            }
            _ => false,
        }
    }

    fn value(&self, vm: &Vm) -> Value {
        let real = finish(self.real.0, self.real.1);
        match self.imaginary {
            None => vm.new_float(real),
            Some((sum, lost)) => vm.new_complex(Complex::new(real, finish(sum, lost))),
        }
    }
}

fn exact_float(vm: &Vm, value: &Value) -> Option<f64> {
    match value.as_immediate_float() {
        Some(number) => Some(number),
        None if vm.type_of(value).is(&vm.types.float) => crate::types::float::float_of(value),
        None => None,
    }
}

fn exact_complex(vm: &Vm, value: &Value) -> Option<Complex> {
    if vm.type_of(value).is(&vm.types.complex) { crate::types::complex::complex_of(value) } else { None }
}

fn add_compensated((sum, lost): (f64, f64), number: f64) -> (f64, f64) {
    let next = sum + number;
    let rounding = if sum.abs() >= number.abs() { (sum - next) + number } else { (number - next) + sum };
    (next, lost + rounding)
}

/// Lends the items of an exact list or tuple to a function that only looks at them.
fn with_plain_items<R>(vm: &Vm, iterable: &Value, look: impl FnOnce(&[Value]) -> Option<R>) -> Option<R> {
    let ty = vm.type_of(iterable);
    if ty.is(&vm.types.list) {
        return iterable.downcast::<List>()?.with_items(look);
    }
    if ty.is(&vm.types.tuple) { look(iterable.downcast::<Tuple>()?.items()) } else { None }
}

/// The sum of small integers, where there is nothing else.
fn sum_of_small(vm: &Vm, iterable: &Value) -> Option<Value> {
    with_plain_items(vm, iterable, |items| {
        items.iter().try_fold(Value::small(0), |sum, item| Value::add_small(&sum, item))
    })
}

/// The largest or smallest of small integers, where there is nothing else.
fn extreme_of_small(vm: &Vm, iterable: &Value, largest: bool) -> Option<Value> {
    with_plain_items(vm, iterable, |items| {
        let (first, rest) = items.split_first()?;
        let mut best = first.as_small_int()?;
        for item in rest {
            let number = item.as_small_int()?;
            best = if largest { best.max(number) } else { best.min(number) };
        }
        Some(vm.new_int(best))
    })
}

fn finish(sum: f64, compensation: f64) -> f64 {
    if compensation != 0.0 && compensation.is_finite() { sum + compensation } else { sum }
}

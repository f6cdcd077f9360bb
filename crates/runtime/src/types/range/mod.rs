//! `range`: start, stop, step and length, of any size. Its iterators are [`iterators`].

pub mod iterators;

pub use iterators::{BIG_ITERATOR_SPEC, ITERATOR_SPEC, RangeIterator};

use crate::args::Args;
use crate::error::{PyResult, Raised};
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::slots::{CompareOp, Slots};
use crate::types::slice::{Slice, big_indices, to_big};
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use dashu_int::IBig;
use oriel_heap::{Body, Layout, Ref, Value};

/// The body of a range: four `int`s.
pub struct Range {
    /// `start`
    pub start: Value,
    /// `stop`
    pub stop: Value,
    /// `step`
    pub step: Value,
    /// The number of items.
    pub length: Value,
}

static LAYOUT: Layout = Layout::of::<Range>("range", None);

impl Body for Range {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// `range`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::SEQUENCE,
    doc: "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nThe integers from start (0 if it is not given) up to stop, stop left out, step (1) apart.",
    slots: fill,
    methods: &[
        MethodDef::noargs(
            "__reversed__",
            iterators::reversed,
            "($self, /)",
            "Iterate from the last integer to the first.",
        ),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", ""),
        MethodDef::one("count", count, "($self, object, /)", "How often the value is in the range."),
        MethodDef::one(
            "index",
            index,
            "($self, object, /)",
            "The position of the value.\n\nRaises ValueError where it is not in the range.",
        ),
    ],
    getset: &[
        GetSetDef::readonly("start", |vm, range| Ok(vm.body::<Range>(range)?.start.clone()), ""),
        GetSetDef::readonly("stop", |vm, range| Ok(vm.body::<Range>(range)?.stop.clone()), ""),
        GetSetDef::readonly("step", |vm, range| Ok(vm.body::<Range>(range)?.step.clone()), ""),
    ],
    ..TypeSpec::new("range", Range::layout)
};

fn fill(slots: &Slots) {
    slots.new.set(Some(new));
    slots.repr.set(Some(repr));
    slots.hash.set(Some(hash));
    slots.iter.set(Some(iterators::iter));
    slots.richcompare.set(Some(compare));
    slots.nb_bool.set(Some(|vm, range| {
        let length = &vm.body::<Range>(range)?.length;
        Ok(length.as_small_int() != Some(0))
    }));
    slots.sq_length.set(Some(length));
    slots.mp_length.set(Some(length));
    slots.sq_item.set(Some(|vm, range, index| item(vm, vm.body(range)?, &vm.new_int(index as i64))));
    slots.sq_contains.set(Some(contains));
    slots.mp_subscript.set(Some(subscript));
}

/// The number of integers from one to the other.
fn count_between(start: &IBig, stop: &IBig, step: &IBig) -> IBig {
    let one = IBig::ONE;
    let (low, high, step) = if *step > IBig::ZERO { (start, stop, step.clone()) } else { (stop, start, -step) };
    if low >= high { IBig::ZERO } else { (high - low - &one) / step + one }
}

/// As [`count_between`], for machine numbers; nothing where that overflows.
fn small_count(start: i64, stop: i64, step: i64) -> Option<i64> {
    let (low, high) = if step > 0 { (start, stop) } else { (stop, start) };
    if low >= high {
        return Some(0);
    }
    let distance = high.checked_sub(low)?.checked_sub(1)?;
    (distance / step.checked_abs()?).checked_add(1)
}

fn big(vm: &Vm, value: &Value) -> IBig {
    match vm.small_or_big(value) {
        Some(Ok(number)) => IBig::from(number),
        Some(Err(big)) => big.value.clone(),
        None => IBig::ZERO,
    }
}

impl Vm {
    /// A range of three `int`s; the step is not 0.
    pub fn new_range(&self, start: Value, stop: Value, step: Value) -> Ref<Range> {
        let small = match (start.as_small_int(), stop.as_small_int(), step.as_small_int()) {
            (Some(start), Some(stop), Some(step)) => small_count(start, stop, step),
            _ => None,
        };
        let length = match small {
            Some(length) => self.new_int(length),
            None => self.new_big_int(count_between(&big(self, &start), &big(self, &stop), &big(self, &step))),
        };
        // SAFETY: `types.range` is the type whose layout is that of `Range`.
        unsafe { self.heap.new_object(self.types.range.as_value().raw(), Range { start, stop, step, length }) }
    }
}

impl Range {
    /// Start, step and length, where all items are machine numbers.
    #[inline]
    pub fn small(&self) -> Option<(i64, i64, i64)> {
        let (start, step, length) =
            (self.start.as_small_int()?, self.step.as_small_int()?, self.length.as_small_int()?);
        // Counting one step past the end must not overflow either.
        start.checked_add(step.checked_mul(length)?)?;
        Some((start, step, length))
    }
}

/// `operator.index(value)`, as an exact `int`.
fn exact_index(vm: &Vm, value: &Value) -> PyResult {
    let index = vm.index(value)?;
    if index.is_small_int() {
        return Ok(index);
    }
    Ok(match vm.small_or_big(&index) {
        Some(Ok(number)) => vm.new_int(number),
        Some(Err(big)) => vm.new_big_int(big.value.clone()),
        None => index,
    })
}

fn new(vm: &Vm, _class: &TypeRef, args: Args<'_>) -> PyResult {
    let values = args.unpack(vm, "range", 1, 3)?;
    let (start, stop, step) = match values {
        [stop] => (Value::small(0), exact_index(vm, stop)?, Value::small(1)),
        [start, stop] => (exact_index(vm, start)?, exact_index(vm, stop)?, Value::small(1)),
        [start, stop, step, ..] => (exact_index(vm, start)?, exact_index(vm, stop)?, exact_index(vm, step)?),
        [] => (Value::small(0), Value::small(0), Value::small(1)),
    };
    if step.as_small_int() == Some(0) {
        return Err(vm.value_error("range() arg 3 must not be zero"));
    }
    Ok(vm.new_range(start, stop, step).into_value())
}

fn repr(vm: &Vm, range: &Value) -> PyResult {
    let range = vm.body::<Range>(range)?;
    let (start, stop) = (vm.repr_text(&range.start)?, vm.repr_text(&range.stop)?);
    if range.step.as_small_int() == Some(1) {
        return Ok(vm.new_str(&format!("range({start}, {stop})")));
    }
    let step = vm.repr_text(&range.step)?;
    Ok(vm.new_str(&format!("range({start}, {stop}, {step})")))
}

/// What two ranges must agree in to be equal.
fn identity(range: &Range) -> [Value; 3] {
    match range.length.as_small_int() {
        Some(0) => [range.length.clone(), Value::NONE, Value::NONE],
        Some(1) => [range.length.clone(), range.start.clone(), Value::NONE],
        _ => [range.length.clone(), range.start.clone(), range.step.clone()],
    }
}

fn hash(vm: &Vm, range: &Value) -> PyResult<i64> {
    let parts = identity(vm.body::<Range>(range)?);
    vm.hash(&vm.tuple(parts))
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Range>(), b.downcast::<Range>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let equal = match op {
        CompareOp::Eq | CompareOp::Ne => {
            let (left, right) = (identity(x), identity(y));
            let mut equal = true;
            for (left, right) in left.iter().zip(&right) {
                equal = equal && vm.equal(left, right)?;
            }
            equal
        }
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

fn length(vm: &Vm, range: &Value) -> PyResult<usize> {
    match vm.small_or_big(&vm.body::<Range>(range)?.length) {
        Some(Ok(length)) => Ok(length as usize),
        _ => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
    }
}

fn out_of_range(vm: &Vm) -> Raised {
    vm.index_error("range object index out of range")
}

/// The item at a position, counted from the end where negative.
fn item(vm: &Vm, range: &Ref<Range>, position: &Value) -> PyResult {
    if let (Some((start, step, length)), Some(position)) = (range.small(), position.as_small_int()) {
        let position = if position < 0 { position + length } else { position };
        if position < 0 || position >= length {
            return Err(out_of_range(vm));
        }
        return Ok(vm.new_int(start + position * step));
    }
    let length = big(vm, &range.length);
    let mut position = big(vm, position);
    if position < IBig::ZERO {
        position += &length;
    }
    if position < IBig::ZERO || position >= length {
        return Err(out_of_range(vm));
    }
    Ok(vm.new_big_int(big(vm, &range.start) + position * big(vm, &range.step)))
}

fn subscript(vm: &Vm, range: &Value, key: &Value) -> PyResult {
    let body = vm.body::<Range>(range)?;
    if key.is_small_int() {
        return item(vm, body, key);
    }
    if let Some(slice) = key.downcast::<Slice>() {
        return sliced(vm, body, slice);
    }
    if vm.small_or_big(key).is_none() && vm.type_of(key).slots.nb_index.get().is_none() {
        let name = vm.type_name(key);
        return Err(vm.type_error(format!("range indices must be integers or slices, not {name}")));
    }
    item(vm, body, &vm.index(key)?)
}

fn sliced(vm: &Vm, range: &Ref<Range>, slice: &Slice) -> PyResult {
    let (start, stop, step) = big_indices(vm, slice, &big(vm, &range.length))?;
    let (first, stride) = (big(vm, &range.start), big(vm, &range.step));
    let part = vm.new_range(
        vm.new_big_int(&first + start * &stride),
        vm.new_big_int(first + stop * &stride),
        vm.new_big_int(step * stride),
    );
    Ok(part.into_value())
}

/// Whether an exact `int` or `bool` is in the range; nothing for other values.
fn position_of(vm: &Vm, range: &Ref<Range>, value: &Value) -> Option<Option<IBig>> {
    let ty = vm.type_of(value);
    if !ty.is(&vm.types.int) && !ty.is(&vm.types.bool) {
        return None;
    }
    let (start, stop, step) = (big(vm, &range.start), big(vm, &range.stop), big(vm, &range.step));
    let value = big(vm, value);
    let inside = if step > IBig::ZERO { start <= value && value < stop } else { stop < value && value <= start };
    if !inside {
        return Some(None);
    }
    let distance = value - start;
    let rest = &distance % &step;
    Some((rest == IBig::ZERO).then(|| distance / step))
}

fn contains(vm: &Vm, range: &Value, value: &Value) -> PyResult<bool> {
    let body = vm.body::<Range>(range)?;
    if let (Some((start, step, length)), Some(value)) = (body.small(), value.as_small_int()) {
        let Some(distance) = value.checked_sub(start) else { return Ok(false) };
        return Ok(distance % step == 0 && distance / step < length && distance / step >= 0);
    }
    if let Some(position) = position_of(vm, body, value) {
        return Ok(position.is_some());
    }
    Ok(search(vm, range, value)?.is_some())
}

/// The first position whose integer equals a value that is no `int`.
fn search(vm: &Vm, range: &Value, value: &Value) -> PyResult<Option<u64>> {
    let iterator = vm.iter(range)?;
    let mut position = 0;
    while let Some(item) = vm.next(&iterator)? {
        if vm.equal(&item, value)? {
            return Ok(Some(position));
        }
        position += 1;
    }
    Ok(None)
}

fn count(vm: &Vm, range: &Value, value: &Value) -> PyResult {
    if let Some(position) = position_of(vm, vm.body(range)?, value) {
        return Ok(Value::small(i32::from(position.is_some())));
    }
    let iterator = vm.iter(range)?;
    let mut found = 0;
    while let Some(item) = vm.next(&iterator)? {
        found += u64::from(vm.equal(&item, value)?);
    }
    Ok(vm.new_uint(found))
}

fn index(vm: &Vm, range: &Value, value: &Value) -> PyResult {
    match position_of(vm, vm.body(range)?, value) {
        Some(Some(position)) => Ok(vm.new_big_int(position)),
        Some(None) => Err(vm.value_error("range.index(x): x not in range")),
        None => match search(vm, range, value)? {
            Some(position) => Ok(vm.new_uint(position)),
            None => Err(vm.value_error("sequence.index(x): x not in sequence")),
        },
    }
}

fn reduce(vm: &Vm, range: &Value) -> PyResult {
    let body = vm.body::<Range>(range)?;
    let parts = vm.tuple([body.start.clone(), body.stop.clone(), body.step.clone()]);
    Ok(vm.tuple([vm.type_of(range).to_value(), parts]))
}

/// `operator.index(value)` as a number of any size, for the iterators' state.
fn number(vm: &Vm, value: &Value) -> PyResult<IBig> {
    to_big(vm, value)
}

//! The iterators of ranges: over machine numbers, and over integers of any size.

use super::{Range, big, number};
use crate::cells::ValueCell;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::types::support::iterator_slots;
use crate::vm::Vm;
use dashu_int::IBig;
use oriel_heap::{Body, Layout, Value};
use std::cell::Cell;

/// The body of `range_iterator`.
pub struct RangeIterator {
    next: Cell<i64>,
    step: i64,
    left: Cell<i64>,
}

/// The body of `longrange_iterator`: the next integer, the step and how many are left.
pub struct BigRangeIterator {
    next: ValueCell,
    step: Value,
    left: ValueCell,
}

static LAYOUT: Layout = Layout::of::<RangeIterator>("range_iterator", None);
static BIG_LAYOUT: Layout = Layout::of::<BigRangeIterator>("longrange_iterator", None);

impl Body for RangeIterator {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

impl Body for BigRangeIterator {
    fn layout() -> &'static Layout {
        &BIG_LAYOUT
    }
}

/// `range_iterator`
pub static ITERATOR_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, next),
    methods: &[
        MethodDef::noargs("__length_hint__", length_hint, "($self, /)", "How many integers are left."),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
        MethodDef::one("__setstate__", setstate, "($self, object, /)", "Set the position."),
    ],
    ..TypeSpec::new("range_iterator", RangeIterator::layout)
};

/// `longrange_iterator`
pub static BIG_ITERATOR_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, big_next),
    methods: &[
        MethodDef::noargs("__length_hint__", big_length_hint, "($self, /)", "How many integers are left."),
        MethodDef::noargs("__reduce__", big_reduce, "($self, /)", "State for pickling."),
        MethodDef::one("__setstate__", big_setstate, "($self, object, /)", "Set the position."),
    ],
    ..TypeSpec::new("longrange_iterator", BigRangeIterator::layout)
};

impl RangeIterator {
    /// For the interpreter's loop over a range: the next integer.
    #[inline(always)]
    pub fn advance(&self) -> Option<i64> {
        let left = self.left.get();
        if left <= 0 {
            return None;
        }
        self.left.set(left - 1);
        let number = self.next.get();
        self.next.set(number.wrapping_add(self.step));
        Some(number)
    }
}

/// `iter(range)`
pub(super) fn iter(vm: &Vm, range: &Value) -> PyResult {
    let body = vm.body::<Range>(range)?;
    over(vm, body, false)
}

/// `reversed(range)`
pub(super) fn reversed(vm: &Vm, range: &Value) -> PyResult {
    let body = vm.body::<Range>(range)?;
    over(vm, body, true)
}

fn over(vm: &Vm, range: &Range, reverse: bool) -> PyResult {
    if let Some((start, step, length)) = range.small() {
        let iterator = if reverse {
            // `small` has checked that neither overflows.
            RangeIterator {
                next: Cell::new(start.wrapping_add(step.wrapping_mul(length)).wrapping_sub(step)),
                step: step.wrapping_neg(),
                left: Cell::new(length),
            }
        } else {
            RangeIterator { next: Cell::new(start), step, left: Cell::new(length) }
        };
        return Ok(vm.new_instance(&vm.types.range_iterator, iterator)?.into_value());
    }
    let (start, step) = (big(vm, &range.start), big(vm, &range.step));
    let (next, step) =
        if reverse { (start + (big(vm, &range.length) - IBig::ONE) * &step, -step) } else { (start, step) };
    let iterator = BigRangeIterator {
        next: ValueCell::new(vm.new_big_int(next)),
        step: vm.new_big_int(step),
        left: ValueCell::new(range.length.clone()),
    };
    Ok(vm.new_instance(&vm.types.big_range_iterator, iterator)?.into_value())
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    Ok(vm.body::<RangeIterator>(iterator)?.advance().map(|number| vm.new_int(number)))
}

fn length_hint(vm: &Vm, iterator: &Value) -> PyResult {
    Ok(vm.new_int(vm.body::<RangeIterator>(iterator)?.left.get()))
}

/// `iter(range(...))` of what is left.
fn rest(vm: &Vm, next: &IBig, step: &IBig, left: &IBig) -> PyResult {
    let range =
        vm.new_range(vm.new_big_int(next.clone()), vm.new_big_int(next + left * step), vm.new_big_int(step.clone()));
    Ok(vm.tuple([vm.frame_builtin("iter")?, vm.tuple([range.into_value()]), Value::NONE]))
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<RangeIterator>(iterator)?;
    rest(vm, &body.next.get().into(), &body.step.into(), &body.left.get().into())
}

fn setstate(vm: &Vm, iterator: &Value, state: &Value) -> PyResult {
    let body = vm.body::<RangeIterator>(iterator)?;
    let skipped = (vm.to_i64(state)?).clamp(0, body.left.get());
    body.next.set(body.next.get().wrapping_add(skipped.wrapping_mul(body.step)));
    body.left.set(body.left.get() - skipped);
    Ok(Value::NONE)
}

fn big_next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<BigRangeIterator>(iterator)?;
    let left = big(vm, &body.left.get());
    if left <= IBig::ZERO {
        return Ok(None);
    }
    let number = body.next.get();
    body.left.set(vm.new_big_int(left - IBig::ONE));
    body.next.set(vm.new_big_int(big(vm, &number) + big(vm, &body.step)));
    Ok(Some(number))
}

fn big_length_hint(vm: &Vm, iterator: &Value) -> PyResult {
    Ok(vm.body::<BigRangeIterator>(iterator)?.left.get())
}

fn big_reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<BigRangeIterator>(iterator)?;
    rest(vm, &big(vm, &body.next.get()), &big(vm, &body.step), &big(vm, &body.left.get()))
}

fn big_setstate(vm: &Vm, iterator: &Value, state: &Value) -> PyResult {
    let body = vm.body::<BigRangeIterator>(iterator)?;
    let left = big(vm, &body.left.get());
    let skipped = number(vm, state)?.clamp(IBig::ZERO, left.clone());
    body.next.set(vm.new_big_int(big(vm, &body.next.get()) + &skipped * big(vm, &body.step)));
    body.left.set(vm.new_big_int(left - skipped));
    Ok(Value::NONE)
}

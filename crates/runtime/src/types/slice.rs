//! `slice`: three values, and what they mean for a sequence of some length.

use crate::args::Args;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec};
use crate::slots::{CompareOp, Slots};
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::{Tuple, hash_items};
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use dashu_int::IBig;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use oriel_kernel::text::Text;

/// The body of a slice; it never changes.
pub struct Slice {
    /// `start`
    pub start: Value,
    /// `stop`
    pub stop: Value,
    /// `step`
    pub step: Value,
}

static LAYOUT: Layout = Layout::of::<Slice>("slice", None);

impl Body for Slice {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.start);
        visitor(&self.stop);
        visitor(&self.step);
    }
}

/// The positions that a slice takes from a sequence of a known length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceRange {
    /// The first position.
    pub start: isize,
    /// Where to stop.
    pub stop: isize,
    /// From one position to the next; never 0.
    pub step: isize,
    /// How many positions.
    pub count: usize,
}

impl SliceRange {
    /// Clips the three numbers of a slice to a length (CPython's `PySlice_AdjustIndices`).
    pub fn clip(len: usize, start: isize, stop: isize, step: isize) -> SliceRange {
        let length = len as isize;
        let bound = |position: isize| {
            if position < 0 {
                let shifted = position.saturating_add(length);
                if shifted < 0 { if step < 0 { -1 } else { 0 } } else { shifted }
            } else if position >= length {
                if step < 0 { length - 1 } else { length }
            } else {
                position
            }
        };
        let (start, stop) = (bound(start), bound(stop));
        let count = if step < 0 {
            if stop < start { (start - stop - 1) / step.wrapping_neg() + 1 } else { 0 }
        } else if start < stop {
            (stop - start - 1) / step + 1
        } else {
            0
        };
        SliceRange { start, stop, step, count: count as usize }
    }

    /// The positions in order.
    pub fn positions(self) -> impl ExactSizeIterator<Item = usize> {
        (0..self.count).map(move |index| (self.start + index as isize * self.step) as usize)
    }

    /// The range of a step of one, as Rust has it.
    pub fn contiguous(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + self.count
    }
}

impl Slice {
    /// The three numbers, before any length is known (CPython's `PySlice_Unpack`).
    pub fn unpack(&self, vm: &Vm) -> PyResult<(isize, isize, isize)> {
        let step = if self.step.is_none() { 1 } else { bound_number(vm, &self.step)? };
        if step == 0 {
            return Err(vm.value_error("slice step cannot be zero"));
        }
        // The most negative step could not be negated.
        let step = step.max(-isize::MAX);
        let start = match self.start.is_none() {
            true => {
                if step < 0 {
                    isize::MAX
                } else {
                    0
                }
            }
            false => bound_number(vm, &self.start)?,
        };
        let stop = match self.stop.is_none() {
            true => {
                if step < 0 {
                    isize::MIN
                } else {
                    isize::MAX
                }
            }
            false => bound_number(vm, &self.stop)?,
        };
        Ok((start, stop, step))
    }

    /// The positions in a sequence whose length does not depend on the numbers' `__index__`.
    pub fn range(&self, vm: &Vm, len: usize) -> PyResult<SliceRange> {
        let (start, stop, step) = self.unpack(vm)?;
        Ok(SliceRange::clip(len, start, stop, step))
    }
}

fn bound_number(vm: &Vm, value: &Value) -> PyResult<isize> {
    if let Some(number) = value.as_small_int() {
        return Ok(number as isize);
    }
    if vm.small_or_big(value).is_none() && vm.type_of(value).slots.nb_index.get().is_none() {
        return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
    }
    vm.to_isize_clipped(value)
}

impl Vm {
    /// A new slice.
    pub fn new_slice(&self, start: Value, stop: Value, step: Value) -> Ref<Slice> {
        // SAFETY: `types.slice` is the type whose layout is that of `Slice`.
        unsafe { self.heap.new_object(self.types.slice.as_value().raw(), Slice { start, stop, step }) }
    }
}

/// `slice`
pub static SPEC: TypeSpec = TypeSpec {
    doc: "slice(stop)\nslice(start, stop[, step])\n\nThe positions that extended subscription such as a[0:10:2] takes.",
    slots: fill,
    methods: &[
        MethodDef::one(
            "indices",
            indices,
            "($self, object, /)",
            "The start, stop and step for a sequence of this length.",
        ),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "Return state information for pickling."),
    ],
    getset: &[
        GetSetDef::readonly("start", |vm, slice| Ok(vm.body::<Slice>(slice)?.start.clone()), ""),
        GetSetDef::readonly("stop", |vm, slice| Ok(vm.body::<Slice>(slice)?.stop.clone()), ""),
        GetSetDef::readonly("step", |vm, slice| Ok(vm.body::<Slice>(slice)?.step.clone()), ""),
    ],
    ..TypeSpec::new("slice", Slice::layout)
};

fn fill(slots: &Slots) {
    slots.new.set(Some(new));
    slots.repr.set(Some(repr));
    slots.hash.set(Some(hash));
    slots.richcompare.set(Some(compare));
}

fn new(vm: &Vm, _class: &TypeRef, args: Args<'_>) -> PyResult {
    let values = args.unpack(vm, "slice", 1, 3)?;
    let slice = match values {
        [stop] => vm.new_slice(Value::NONE, stop.clone(), Value::NONE),
        [start, stop] => vm.new_slice(start.clone(), stop.clone(), Value::NONE),
        [start, stop, step, ..] => vm.new_slice(start.clone(), stop.clone(), step.clone()),
        [] => vm.new_slice(Value::NONE, Value::NONE, Value::NONE),
    };
    Ok(slice.into_value())
}

fn repr(vm: &Vm, slice: &Value) -> PyResult {
    let slice = vm.body::<Slice>(slice)?;
    let (start, stop, step) = (vm.repr(&slice.start)?, vm.repr(&slice.stop)?, vm.repr(&slice.step)?);
    let mut text = oriel_kernel::text::TextBuf::new();
    text.push_str("slice(");
    for (index, part) in [start, stop, step].iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        if let Some(part) = part.downcast::<crate::types::str::Str>() {
            text.push_text(part.text());
        }
    }
    text.push_str(")");
    vm.new_text_buf(&text)
}

fn hash(vm: &Vm, slice: &Value) -> PyResult<i64> {
    let slice = vm.body::<Slice>(slice)?;
    let hashes = [vm.hash(&slice.start)?, vm.hash(&slice.stop)?, vm.hash(&slice.step)?];
    // The same mixing as for tuples, without the length.
    Ok(hash_items(&hashes, false))
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Slice>(), b.downcast::<Slice>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if a.is(b) {
        return Ok(Value::bool(matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge)));
    }
    let left = vm.tuple([x.start.clone(), x.stop.clone(), x.step.clone()]);
    let right = vm.tuple([y.start.clone(), y.stop.clone(), y.step.clone()]);
    vm.rich_compare(&left, &right, op)
}

fn reduce(vm: &Vm, slice: &Value) -> PyResult {
    let body = vm.body::<Slice>(slice)?;
    let parts = vm.tuple([body.start.clone(), body.stop.clone(), body.step.clone()]);
    Ok(vm.tuple([vm.type_of(slice).to_value(), parts]))
}

/// The number of a part of the slice, of any size.
fn big_bound(vm: &Vm, value: &Value) -> PyResult<Option<IBig>> {
    if value.is_none() {
        return Ok(None);
    }
    if vm.small_or_big(value).is_none() && vm.type_of(value).slots.nb_index.get().is_none() {
        return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
    }
    to_big(vm, value).map(Some)
}

/// `operator.index(value)` as a number of any size.
pub fn to_big(vm: &Vm, value: &Value) -> PyResult<IBig> {
    let index = vm.index(value)?;
    match vm.small_or_big(&index) {
        Some(Ok(number)) => Ok(IBig::from(number)),
        Some(Err(big)) => Ok(big.value.clone()),
        None => Err(vm.type_error("an integer is required")),
    }
}

/// Start, stop and step for a length, all of any size.
pub fn big_indices(vm: &Vm, slice: &Slice, length: &IBig) -> PyResult<(IBig, IBig, IBig)> {
    let step = big_bound(vm, &slice.step)?.unwrap_or(IBig::ONE);
    if step == IBig::ZERO {
        return Err(vm.value_error("slice step cannot be zero"));
    }
    let negative = step < IBig::ZERO;
    let (lower, upper) = if negative { (IBig::from(-1), length - IBig::ONE) } else { (IBig::ZERO, length.clone()) };
    let clip = |bound: Option<IBig>, default: &IBig| match bound {
        None => default.clone(),
        Some(number) if number < IBig::ZERO => (number + length).max(lower.clone()),
        Some(number) => number.min(upper.clone()),
    };
    let start = clip(big_bound(vm, &slice.start)?, if negative { &upper } else { &lower });
    let stop = clip(big_bound(vm, &slice.stop)?, if negative { &lower } else { &upper });
    Ok((start, stop, step))
}

fn indices(vm: &Vm, slice: &Value, length: &Value) -> PyResult {
    let body = vm.body::<Slice>(slice)?;
    let length = to_big(vm, length)?;
    if length < IBig::ZERO {
        return Err(vm.value_error("length should not be negative"));
    }
    let (start, stop, step) = big_indices(vm, body, &length)?;
    Ok(vm.tuple([vm.new_big_int(start), vm.new_big_int(stop), vm.new_big_int(step)]))
}

/// A bound of a slice that is missing or a small integer.
fn plain_bound(bound: &Value, missing: isize) -> Option<isize> {
    match bound.as_small_int() {
        Some(number) => Some(number as isize),
        None if bound.is_none() => Some(missing),
        None => None,
    }
}

/// `container[start:stop]` of an exact list, tuple or ASCII string without making a slice; nothing for all else.
pub(crate) fn plain_part(vm: &Vm, container: &Value, start: &Value, stop: &Value) -> Option<PyResult> {
    let (start, stop) = (plain_bound(start, 0)?, plain_bound(stop, isize::MAX)?);
    let ty = vm.type_of(container);
    if ty.is(&vm.types.list) {
        let list = container.downcast::<List>()?;
        let range = SliceRange::clip(list.len(), start, stop, 1);
        let items = list.with_items(|items| crate::types::list::sliced(vm, items, range));
        return Some(items.map(|items| vm.new_list(items).into_value()));
    }
    if ty.is(&vm.types.tuple) {
        let tuple = container.downcast::<Tuple>()?;
        let range = SliceRange::clip(tuple.len(), start, stop, 1);
        if range.count == tuple.len() {
            return Some(Ok(container.clone()));
        }
        let items = tuple.items().get(range.contiguous())?;
        return Some(vm.try_new_tuple(items.iter().cloned()).map(Ref::into_value));
    }
    if ty.is(&vm.types.str) {
        let ascii = container.downcast::<Str>()?.as_ascii()?;
        let range = SliceRange::clip(ascii.len(), start, stop, 1);
        if range.count == ascii.len() {
            return Some(Ok(container.clone()));
        }
        return Some(vm.try_new_text(Text::Ascii(ascii.get(range.contiguous())?)));
    }
    None
}

/// `container[start:stop] = value` where both are exact lists, or the value is an exact tuple; false for all else.
pub(crate) fn set_plain_part(vm: &Vm, container: &Value, start: &Value, stop: &Value, value: &Value) -> bool {
    let (Some(start), Some(stop)) = (plain_bound(start, 0), plain_bound(stop, isize::MAX)) else { return false };
    if !vm.type_of(container).is(&vm.types.list) {
        return false;
    }
    let Some(list) = container.downcast::<List>() else { return false };
    let ty = vm.type_of(value);
    let items = if ty.is(&vm.types.list) {
        value.downcast::<List>().map(|items| items.snapshot())
    } else if ty.is(&vm.types.tuple) {
        value.downcast::<Tuple>().map(|tuple| tuple.items().to_vec())
    } else {
        None
    };
    let Some(items) = items else { return false };
    if !list.try_reserve(items.len()) {
        return false;
    }
    let positions = SliceRange::clip(list.len(), start, stop, 1).contiguous();
    drop(list.splice(positions.start, positions.end, items));
    true
}

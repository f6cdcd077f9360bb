//! What Python sees of tuples: slots, methods and the iterator.

use super::Tuple;
use crate::args::Args;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::slots::{CompareOp, Slots};
use crate::types::list::{List, repeated, sliced};
use crate::types::slice::Slice;
use crate::types::support::{
    class_getitem, clipped_position, iterator_slots, no_keywords_unless_derived, normal_index, push_repr, repr_between,
    state_position,
};
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};
use std::cell::Cell;

/// `tuple`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::SEQUENCE | type_flags::MATCH_SELF,
    doc: "tuple(iterable=(), /)\n--\n\nA sequence of any objects that does not change.\n\nWithout an argument the tuple is empty; else it has the items of the iterable. A tuple is returned as it is.",
    slots: fill,
    methods: &[
        MethodDef::noargs("__getnewargs__", getnewargs, "($self, /)", ""),
        MethodDef::positional(
            "index",
            1,
            3,
            index,
            "($self, value, start=0, stop=sys.maxsize, /)",
            "The position of the first item that equals the value.\n\nRaises ValueError where there is none.",
        ),
        MethodDef::one("count", count, "($self, value, /)", "How many items equal the value."),
        MethodDef::one(
            "__class_getitem__",
            class_getitem,
            "($type, object, /)",
            "A generic alias, such as tuple[int, str].",
        )
        .class_method(),
    ],
    ..TypeSpec::new("tuple", Tuple::layout)
};

fn fill(slots: &Slots) {
    slots.new.set(Some(new));
    slots.repr.set(Some(repr));
    slots.hash.set(Some(hash));
    slots.iter.set(Some(iter));
    slots.richcompare.set(Some(compare));
    slots.sq_length.set(Some(length));
    slots.mp_length.set(Some(length));
    slots.sq_concat.set(Some(concat));
    slots.sq_repeat.set(Some(repeat));
    slots.sq_item.set(Some(item));
    slots.sq_contains.set(Some(contains));
    slots.mp_subscript.set(Some(subscript));
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    no_keywords_unless_derived(vm, class, &vm.types.tuple, &args, "tuple")?;
    let values = args.positional();
    crate::args::check_count(vm, "tuple", values.len(), 0, 1)?;
    let exact = class.is(&vm.types.tuple);
    let items = match values.first() {
        None => Vec::new(),
        Some(tuple) if exact && vm.type_of(tuple).is(class) => return Ok(tuple.clone()),
        Some(list) if exact && vm.type_of(list).is(&vm.types.list) => {
            let made = vm.body::<List>(list)?.with_items(|items| vm.try_tuple_of_slice(items));
            return made.ok_or_else(|| vm.memory_error());
        }
        Some(iterable) => vm.collect(iterable)?,
    };
    if exact {
        return Ok(vm.try_new_tuple(items)?.into_value());
    }
    vm.new_tuple_of(class, items).map(Into::into).ok_or_else(|| vm.memory_error())
}

fn repr(vm: &Vm, tuple: &Value) -> PyResult {
    let items = vm.body::<Tuple>(tuple)?.items();
    if items.is_empty() {
        return Ok(vm.new_str("()"));
    }
    let close = if items.len() == 1 { ",)" } else { ")" };
    repr_between(vm, tuple, "(", close, "(...)", |index, text| match items.get(index) {
        Some(item) => push_repr(vm, text, item).map(|()| true),
        None => Ok(false),
    })
}

/// Mixes hashes as CPython does for tuples (xxHash's lanes), with or without their number.
pub fn hash_items(hashes: &[i64], with_len: bool) -> i64 {
    const PRIME_1: u64 = 11400714785074694791;
    const PRIME_2: u64 = 14029467366897019727;
    const PRIME_5: u64 = 2870177450012600261;
    let mut acc = PRIME_5;
    for &lane in hashes {
        acc = acc.wrapping_add((lane as u64).wrapping_mul(PRIME_2));
        acc = acc.rotate_left(31).wrapping_mul(PRIME_1);
    }
    if with_len {
        acc = acc.wrapping_add(hashes.len() as u64 ^ (PRIME_5 ^ 3527539));
    }
    if acc == u64::MAX { 1546275796 } else { acc as i64 }
}

fn hash(vm: &Vm, tuple: &Value) -> PyResult<i64> {
    let body = vm.body::<Tuple>(tuple)?;
    if body.cached_hash() != -1 {
        return Ok(body.cached_hash());
    }
    vm.check_stack_for(" while hashing a tuple")?;
    let hash_item = |item: &Value| {
        // A tuple in a tuple goes the short way, so that too deep a nesting says what it was.
        if vm.type_of(item).is(&vm.types.tuple) { hash(vm, item) } else { vm.hash(item) }
    };
    let hash = if body.len() <= 8 {
        let mut hashes = [0; 8];
        for (hash, item) in hashes.iter_mut().zip(body.items()) {
            *hash = hash_item(item)?;
        }
        hash_items(&hashes[..body.len()], true)
    } else {
        let hashes = body.items().iter().map(hash_item).collect::<PyResult<Vec<i64>>>()?;
        hash_items(&hashes, true)
    };
    body.cache_hash(hash);
    Ok(hash)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Tuple>(), b.downcast::<Tuple>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    for (left, right) in x.items().iter().zip(y.items()) {
        if left.is(right) {
            continue;
        }
        if Value::both_small_ints(left, right) {
            return Ok(Value::bool(op.of((left.word() as i64).cmp(&(right.word() as i64)))));
        }
        if !vm.equal(left, right)? {
            return match op {
                CompareOp::Eq => Ok(Value::FALSE),
                CompareOp::Ne => Ok(Value::TRUE),
                _ => vm.rich_compare(left, right, op),
            };
        }
    }
    Ok(Value::bool(op.of(x.len().cmp(&y.len()))))
}

fn length(vm: &Vm, tuple: &Value) -> PyResult<usize> {
    Ok(vm.body::<Tuple>(tuple)?.len())
}

fn concat(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let left = vm.body::<Tuple>(a)?;
    if left.is_empty() && vm.type_of(b).is(&vm.types.tuple) {
        return Ok(b.clone());
    }
    let Some(right) = b.downcast::<Tuple>() else {
        let name = vm.type_name(b);
        return Err(vm.type_error(format!("can only concatenate tuple (not \"{name}\") to tuple")));
    };
    if right.is_empty() && vm.type_of(a).is(&vm.types.tuple) {
        return Ok(a.clone());
    }
    let mut items = vm.try_vec(left.len() + right.len())?;
    items.extend_from_slice(left.items());
    items.extend_from_slice(right.items());
    Ok(vm.try_new_tuple(items)?.into_value())
}

fn repeat(vm: &Vm, tuple: &Value, times: isize) -> PyResult {
    let body = vm.body::<Tuple>(tuple)?;
    if (times == 1 || body.is_empty()) && vm.type_of(tuple).is(&vm.types.tuple) {
        return Ok(tuple.clone());
    }
    Ok(vm.try_new_tuple(repeated(vm, body.items(), times)?)?.into_value())
}

fn out_of_range(vm: &Vm) -> crate::error::Raised {
    vm.index_error("tuple index out of range")
}

fn item(vm: &Vm, tuple: &Value, index: isize) -> PyResult {
    let items = vm.body::<Tuple>(tuple)?.items();
    usize::try_from(index).ok().and_then(|index| items.get(index).cloned()).ok_or_else(|| out_of_range(vm))
}

fn contains(vm: &Vm, tuple: &Value, wanted: &Value) -> PyResult<bool> {
    for item in vm.body::<Tuple>(tuple)?.items() {
        if vm.equal(item, wanted)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn subscript(vm: &Vm, tuple: &Value, key: &Value) -> PyResult {
    let items = vm.body::<Tuple>(tuple)?.items();
    let index = match key.as_small_int() {
        Some(index) => index as isize,
        None => {
            if let Some(slice) = key.downcast::<Slice>() {
                let range = slice.range(vm, items.len())?;
                if range.count == items.len() && range.step == 1 && vm.type_of(tuple).is(&vm.types.tuple) {
                    return Ok(tuple.clone());
                }
                if range.step == 1
                    && let Some(part) = items.get(range.contiguous())
                {
                    return vm.try_tuple_of_slice(part).ok_or_else(|| vm.memory_error());
                }
                return Ok(vm.try_new_tuple(sliced(vm, items, range)?)?.into_value());
            }
            if vm.small_or_big(key).is_none() && vm.type_of(key).slots.nb_index.get().is_none() {
                let name = vm.type_name(key);
                return Err(vm.type_error(format!("tuple indices must be integers or slices, not {name}")));
            }
            vm.to_isize_index(key)?
        }
    };
    normal_index(index, items.len()).and_then(|index| items.get(index).cloned()).ok_or_else(|| out_of_range(vm))
}

fn getnewargs(vm: &Vm, tuple: &Value) -> PyResult {
    let copy = vm.new_tuple(vm.body::<Tuple>(tuple)?.items());
    Ok(vm.tuple([copy]))
}

fn index(vm: &Vm, tuple: &Value, args: &[Value]) -> PyResult {
    let items = vm.body::<Tuple>(tuple)?.items();
    let Some(value) = args.first() else { return Ok(Value::NONE) };
    let start = args.get(1).map_or(Ok(0), |start| clipped_position(vm, start, items.len()))?;
    let stop = args.get(2).map_or(Ok(usize::MAX), |stop| clipped_position(vm, stop, items.len()))?;
    for (position, item) in items.iter().enumerate().take(stop).skip(start) {
        if vm.equal(item, value)? {
            return Ok(vm.new_uint(position as u64));
        }
    }
    Err(vm.value_error("tuple.index(x): x not in tuple"))
}

fn count(vm: &Vm, tuple: &Value, value: &Value) -> PyResult {
    let mut found = 0;
    for item in vm.body::<Tuple>(tuple)?.items() {
        found += u64::from(vm.equal(item, value)?);
    }
    Ok(vm.new_uint(found))
}

/// The body of a tuple's iterator.
pub struct TupleIterator {
    tuple: OptionCell,
    index: Cell<usize>,
}

static ITERATOR_LAYOUT: Layout = Layout::of::<TupleIterator>("tuple_iterator", None);

impl Body for TupleIterator {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &ITERATOR_LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.tuple.visit(visitor);
    }
}

/// `tuple_iterator`
pub static ITERATOR_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| iterator_slots(slots, next),
    methods: &[
        MethodDef::noargs("__length_hint__", length_hint, "($self, /)", "How many items are left."),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
        MethodDef::one("__setstate__", setstate, "($self, object, /)", "Set the position."),
    ],
    ..TypeSpec::new("tuple_iterator", TupleIterator::layout)
};

impl TupleIterator {
    /// For the interpreter's loop over a tuple: the next item.
    #[inline(always)]
    pub fn advance(&self) -> Option<Value> {
        let index = self.index.get();
        let item = self.tuple.with(|tuple| tuple?.downcast::<Tuple>()?.items().get(index).cloned());
        match item {
            Some(_) => self.index.set(index + 1),
            None => self.tuple.set(None),
        }
        item
    }

    fn len(&self) -> usize {
        self.tuple.with(|tuple| tuple.and_then(|tuple| tuple.downcast::<Tuple>()).map_or(0, |tuple| tuple.len()))
    }
}

fn iter(vm: &Vm, tuple: &Value) -> PyResult {
    let body = TupleIterator { tuple: OptionCell::new(Some(tuple.clone())), index: Cell::new(0) };
    Ok(vm.new_instance(&vm.types.tuple_iterator, body)?.into_value())
}

fn next(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    Ok(vm.body::<TupleIterator>(iterator)?.advance())
}

fn length_hint(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<TupleIterator>(iterator)?;
    Ok(vm.new_uint(body.len().saturating_sub(body.index.get()) as u64))
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<TupleIterator>(iterator)?;
    let function = vm.frame_builtin("iter")?;
    match body.tuple.get() {
        Some(tuple) => Ok(vm.tuple([function, vm.tuple([tuple]), vm.new_uint(body.index.get() as u64)])),
        None => Ok(vm.tuple([function, vm.tuple([vm.empty_tuple().into_value()])])),
    }
}

fn setstate(vm: &Vm, iterator: &Value, state: &Value) -> PyResult {
    let index = state_position(vm, state)?;
    let body = vm.body::<TupleIterator>(iterator)?;
    if body.tuple.is_some() {
        body.index.set((index.max(0) as usize).min(body.len()));
    }
    Ok(Value::NONE)
}

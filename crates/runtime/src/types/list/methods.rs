//! What Python sees of lists: slots and methods. Sorting is [`super::sort`], iterators are [`super::iterators`].

use super::{List, iterators, sort};
use crate::args::Args;
use crate::error::{PyResult, Raised};
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::slots::{CompareOp, Slots};
use crate::types::slice::{Slice, SliceRange};
use crate::types::str::Str;
use crate::types::support::{
    class_getitem, clipped_position, no_keywords_for_init, normal_index, push_repr, repr_between, size_value,
};
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};

/// `list`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::SEQUENCE | type_flags::MATCH_SELF,
    doc: "list(iterable=(), /)\n--\n\nA changeable sequence of any objects.\n\nWithout an argument the new list is empty; else it has the items of the iterable.",
    slots: fill,
    methods: &[
        MethodDef::one("__getitem__", subscript, "($self, index, /)", "Return self[index]."),
        MethodDef::noargs(
            "__reversed__",
            iterators::reversed,
            "($self, /)",
            "Iterate from the last item to the first.",
        ),
        MethodDef::noargs(
            "__sizeof__",
            size_of,
            "($self, /)",
            "Bytes of memory that the list has, its items not counted.",
        ),
        MethodDef::noargs("clear", clear, "($self, /)", "Remove all items."),
        MethodDef::noargs("copy", copy, "($self, /)", "A new list with the same items."),
        MethodDef::one("append", append, "($self, object, /)", "Add an object at the end."),
        MethodDef::positional(
            "insert",
            2,
            2,
            insert,
            "($self, index, object, /)",
            "Put an object before the item at the index.",
        ),
        MethodDef::one("extend", extend, "($self, iterable, /)", "Add the items of an iterable at the end."),
        MethodDef::positional(
            "pop",
            0,
            1,
            pop,
            "($self, index=-1, /)",
            "Remove the item at the index (the last one if none is given) and return it.\n\nRaises IndexError where there is no such item.",
        ),
        MethodDef::one(
            "remove",
            remove,
            "($self, value, /)",
            "Remove the first item that equals the value.\n\nRaises ValueError where there is none.",
        ),
        MethodDef::positional(
            "index",
            1,
            3,
            index,
            "($self, value, start=0, stop=sys.maxsize, /)",
            "The position of the first item that equals the value.\n\nRaises ValueError where there is none.",
        ),
        MethodDef::one("count", count, "($self, value, /)", "How many items equal the value."),
        MethodDef::noargs("reverse", reverse, "($self, /)", "Turn the order of the items round, in place."),
        MethodDef::bound(
            "sort",
            sort::sort,
            "($self, /, *, key=None, reverse=False)",
            "Sort the items in place, the smallest first, keeping the order of equal ones.\n\nWith a key function the items are compared by what it returns for them. With reverse the largest come first.",
        ),
        MethodDef::one("__class_getitem__", class_getitem, "($type, object, /)", "A generic alias, such as list[int].")
            .class_method(),
    ],
    ..TypeSpec::new("list", List::layout)
};

fn fill(slots: &Slots) {
    slots.new.set(Some(new));
    slots.init.set(Some(init));
    slots.repr.set(Some(repr));
    slots.iter.set(Some(iterators::iter));
    slots.richcompare.set(Some(compare));
    slots.sq_length.set(Some(length));
    slots.mp_length.set(Some(length));
    slots.sq_concat.set(Some(concat));
    slots.sq_repeat.set(Some(repeat));
    slots.sq_item.set(Some(item));
    slots.sq_ass_item.set(Some(assign_item));
    slots.sq_contains.set(Some(contains));
    slots.sq_inplace_concat.set(Some(inplace_concat));
    slots.sq_inplace_repeat.set(Some(inplace_repeat));
    slots.mp_subscript.set(Some(subscript));
    slots.mp_ass_subscript.set(Some(assign_subscript));
}

fn new(vm: &Vm, class: &TypeRef, _args: Args<'_>) -> PyResult {
    Ok(vm.new_instance(class, List::default())?.into_value())
}

fn init(vm: &Vm, list: &Value, args: Args<'_>) -> PyResult<()> {
    no_keywords_for_init(vm, vm.type_of(list), &vm.types.list, &args, "list")?;
    let values = args.positional();
    crate::args::check_count(vm, "list", values.len(), 0, 1)?;
    let body = vm.body::<List>(list)?;
    if !body.is_empty() {
        drop(body.take_all());
    }
    match values.first() {
        Some(iterable) => extend_by(vm, body, iterable),
        None => Ok(()),
    }
}

fn repr(vm: &Vm, list: &Value) -> PyResult {
    let body = vm.body::<List>(list)?;
    if body.is_empty() {
        return Ok(vm.new_str("[]"));
    }
    repr_between(vm, list, "[", "]", "[...]", |index, text| match body.get(index) {
        Some(item) => push_repr(vm, text, &item).map(|()| true),
        None => Ok(false),
    })
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<List>(), b.downcast::<List>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if x.len() != y.len() && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    let mut index = x.same_prefix(y);
    while let (Some(left), Some(right)) = (x.get(index), y.get(index)) {
        if !vm.equal(&left, &right)? {
            // The comparison may have changed the lists.
            let (Some(left), Some(right)) = (x.get(index), y.get(index)) else { break };
            return match op {
                CompareOp::Eq => Ok(Value::FALSE),
                CompareOp::Ne => Ok(Value::TRUE),
                _ => vm.rich_compare(&left, &right, op),
            };
        }
        index += 1;
    }
    Ok(Value::bool(op.of(x.len().cmp(&y.len()))))
}

fn length(vm: &Vm, list: &Value) -> PyResult<usize> {
    Ok(vm.body::<List>(list)?.len())
}

fn size_of(vm: &Vm, list: &Value) -> PyResult {
    let body = vm.body::<List>(list)?;
    size_value(vm, 40 + body.allocated() * std::mem::size_of::<Value>())
}

fn concat(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(right) = b.downcast::<List>() else {
        let name = vm.type_name(b);
        return Err(vm.type_error(format!("can only concatenate list (not \"{name}\") to list")));
    };
    let left = vm.body::<List>(a)?;
    let mut items = vm.try_vec(left.len() + right.len())?;
    left.with_items(|left| items.extend_from_slice(left));
    right.with_items(|right| items.extend_from_slice(right));
    Ok(vm.list(items))
}

/// The items so many times over.
pub(crate) fn repeated(vm: &Vm, items: &[Value], times: isize) -> PyResult<Vec<Value>> {
    let times = times.max(0) as usize;
    let total = items.len().checked_mul(times).ok_or_else(|| vm.memory_error())?;
    let mut result = vm.try_vec(total)?;
    if let [single] = items {
        result.resize(total, single.clone());
    } else {
        for _ in 0..times {
            if items.is_empty() {
                break;
            }
            result.extend_from_slice(items);
        }
    }
    Ok(result)
}

fn repeat(vm: &Vm, list: &Value, times: isize) -> PyResult {
    let body = vm.body::<List>(list)?;
    let items = body.with_items(|items| repeated(vm, items, times))?;
    Ok(vm.list(items))
}

fn item(vm: &Vm, list: &Value, index: isize) -> PyResult {
    let body = vm.body::<List>(list)?;
    usize::try_from(index)
        .ok()
        .and_then(|index| body.get(index))
        .ok_or_else(|| vm.index_error("list index out of range"))
}

fn assign_item(vm: &Vm, list: &Value, index: isize, value: Option<&Value>) -> PyResult<()> {
    let body = vm.body::<List>(list)?;
    let index = usize::try_from(index).ok().filter(|index| *index < body.len());
    let Some(index) = index else { return Err(vm.index_error("list assignment index out of range")) };
    match value {
        Some(value) => drop(body.replace(index, value.clone())),
        None => drop(body.remove(index)),
    }
    Ok(())
}

fn contains(vm: &Vm, list: &Value, wanted: &Value) -> PyResult<bool> {
    Ok(find(vm, vm.body::<List>(list)?, wanted, 0, usize::MAX)?.is_some())
}

/// The first position in a range whose item equals a value; items may come and go meanwhile.
fn find(vm: &Vm, list: &List, wanted: &Value, start: usize, stop: usize) -> PyResult<Option<usize>> {
    let is_str = vm.is_exact_str(wanted);
    let mut index = start;
    while index < stop {
        // What can be told without running code: identity, small integers, strings.
        let known = list.with_items(|items| {
            for (index, item) in items.iter().enumerate().take(stop).skip(index) {
                if item.is(wanted) {
                    return Some((index, true));
                }
                if Value::both_small_ints(item, wanted) {
                    continue;
                }
                if is_str
                    && vm.is_exact_str(item)
                    && let (Some(a), Some(b)) = (item.downcast::<Str>(), wanted.downcast::<Str>())
                {
                    if a.same(b) {
                        return Some((index, true));
                    }
                    continue;
                }
                return Some((index, false));
            }
            None
        });
        let Some((place, found)) = known else { return Ok(None) };
        index = place;
        let Some(item) = list.get(index) else { return Ok(None) };
        if found || vm.equal(&item, wanted)? {
            return Ok(Some(index));
        }
        index += 1;
    }
    Ok(None)
}

fn inplace_concat(vm: &Vm, list: &Value, other: &Value) -> PyResult {
    extend_by(vm, vm.body::<List>(list)?, other)?;
    Ok(list.clone())
}

fn inplace_repeat(vm: &Vm, list: &Value, times: isize) -> PyResult {
    let body = vm.body::<List>(list)?;
    if times <= 0 {
        drop(body.take_all());
    } else if times > 1 {
        let more = body.with_items(|items| repeated(vm, items, times - 1))?;
        if !body.try_reserve_exact(more.len()) {
            return Err(vm.memory_error());
        }
        for item in more {
            body.push(item);
        }
    }
    Ok(list.clone())
}

fn subscript(vm: &Vm, list: &Value, key: &Value) -> PyResult {
    let body = vm.body::<List>(list)?;
    if let Some(index) = key.as_small_int() {
        return normal_index(index as isize, body.len())
            .and_then(|index| body.get(index))
            .ok_or_else(|| vm.index_error("list index out of range"));
    }
    if let Some(slice) = key.downcast::<Slice>() {
        let (start, stop, step) = slice.unpack(vm)?;
        let range = SliceRange::clip(body.len(), start, stop, step);
        return Ok(vm.list(body.with_items(|items| sliced(vm, items, range))?));
    }
    let index = index_key(vm, key)?;
    normal_index(index, body.len())
        .and_then(|index| body.get(index))
        .ok_or_else(|| vm.index_error("list index out of range"))
}

/// The items at the positions.
pub(crate) fn sliced(vm: &Vm, items: &[Value], range: SliceRange) -> PyResult<Vec<Value>> {
    let mut result = vm.try_vec(range.count)?;
    if range.step == 1 {
        if let Some(part) = items.get(range.contiguous()) {
            result.extend_from_slice(part);
        }
    } else {
        result.extend(range.positions().filter_map(|position| items.get(position).cloned()));
    }
    Ok(result)
}

fn index_key(vm: &Vm, key: &Value) -> PyResult<isize> {
    if vm.small_or_big(key).is_none() && vm.type_of(key).slots.nb_index.get().is_none() {
        let name = vm.type_name(key);
        return Err(vm.type_error(format!("list indices must be integers or slices, not {name}")));
    }
    vm.to_isize_index(key)
}

fn assign_subscript(vm: &Vm, list: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let body = vm.body::<List>(list)?;
    if let Some(slice) = key.downcast::<Slice>() {
        return assign_slice(vm, body, slice, value);
    }
    let index = match key.as_small_int() {
        Some(index) => index as isize,
        None => index_key(vm, key)?,
    };
    let index = normal_index(index, body.len()).map_or(-1, |index| index as isize);
    assign_item(vm, list, index, value)
}

fn assign_slice(vm: &Vm, list: &Ref<List>, slice: &Slice, value: Option<&Value>) -> PyResult<()> {
    let (start, stop, step) = slice.unpack(vm)?;
    if step != 1
        && let Some(value) = value
        && vm.type_of(value).is(&vm.types.list)
        && let Some(other) = value.downcast::<List>()
        && !other.is(list)
    {
        return assign_positions(vm, list, other, SliceRange::clip(list.len(), start, stop, step));
    }
    // The new items are taken first: getting them may run code that changes the list.
    let new = match value {
        Some(value) => items_of(vm, value, "must assign iterable to extended slice")?,
        None => Vec::new(),
    };
    let range = SliceRange::clip(list.len(), start, stop, step);
    if step == 1 {
        if !list.try_reserve(new.len()) {
            return Err(vm.memory_error());
        }
        let positions = range.contiguous();
        drop(list.splice(positions.start, positions.end, new));
        return Ok(());
    }
    if value.is_none() {
        drop(remove_positions(list, range));
        return Ok(());
    }
    if new.len() != range.count {
        return Err(wrong_size(vm, new.len(), range.count));
    }
    let old: Vec<_> = range.positions().zip(new).map(|(position, item)| list.replace(position, item)).collect();
    drop(old);
    Ok(())
}

#[cold]
fn wrong_size(vm: &Vm, given: usize, wanted: usize) -> Raised {
    vm.value_error(format!("attempt to assign sequence of size {given} to extended slice of size {wanted}"))
}

/// Puts another list's items at the positions, without a copy of them.
fn assign_positions(vm: &Vm, list: &Ref<List>, other: &Ref<List>, range: SliceRange) -> PyResult<()> {
    if other.len() != range.count {
        return Err(wrong_size(vm, other.len(), range.count));
    }
    // What may end with the exchange is held until the list is whole again.
    let mut old = Vec::new();
    other.with_items(|items| {
        for (position, item) in range.positions().zip(items) {
            if let Ok(replaced) = list.replace(position, item.clone())
                && replaced.is_heap()
            {
                old.push(replaced);
            }
        }
    });
    drop(old);
    Ok(())
}

fn remove_positions(list: &List, range: SliceRange) -> Vec<Value> {
    let mut removed = Vec::with_capacity(range.count);
    let mut doomed: Vec<usize> = range.positions().collect();
    if range.step < 0 {
        doomed.reverse();
    }
    let items = list.take_all();
    let mut kept = Vec::with_capacity(items.len() - doomed.len().min(items.len()));
    let mut next = doomed.into_iter().peekable();
    for (position, item) in items.into_iter().enumerate() {
        if next.next_if_eq(&position).is_some() {
            removed.push(item);
        } else {
            kept.push(item);
        }
    }
    list.put_all(kept);
    removed
}

/// The items of an iterable, with a message of its own where it is none.
fn items_of(vm: &Vm, iterable: &Value, message: &str) -> PyResult<Vec<Value>> {
    if iterable.downcast::<List>().is_none() && iterable.downcast::<Tuple>().is_none() {
        let slots = &vm.type_of(iterable).slots;
        if slots.iter.get().is_none() && slots.sq_item.get().is_none() {
            return Err(vm.type_error(message));
        }
    }
    vm.collect(iterable)
}

/// `list.extend`
pub fn extend_by(vm: &Vm, list: &Ref<List>, iterable: &Value) -> PyResult<()> {
    let ty = vm.type_of(iterable);
    let ready = if let Some(tuple) = iterable.downcast::<Tuple>()
        && ty.is(&vm.types.tuple)
    {
        list.extend_from_slice(tuple.items())
    } else if let Some(other) = iterable.downcast::<List>()
        && ty.is(&vm.types.list)
    {
        if other.is(list) {
            list.extend_from_slice(&other.snapshot())
        } else {
            other.with_items(|items| list.extend_from_slice(items))
        }
    } else if let Some(items) = vm.ready_items(iterable) {
        let items = items?;
        if list.is_empty() {
            list.put_all(items);
            return Ok(());
        }
        list.try_reserve(items.len()) && {
            items.into_iter().for_each(|item| list.push(item));
            true
        }
    } else {
        let iterator = vm.iter(iterable)?;
        let hint = vm.length_hint(iterable, 8)?;
        // A hint so large that it cannot be true is not believed; another large one asks for its memory.
        let believable = hint <= isize::MAX as usize - list.len();
        if believable && (hint > isize::MAX as usize / 16 || !list.try_reserve(hint)) {
            return Err(vm.memory_error());
        }
        while let Some(item) = vm.next(&iterator)? {
            if !list.try_reserve(1) {
                return Err(vm.memory_error());
            }
            list.push(item);
        }
        true
    };
    if ready { Ok(()) } else { Err(vm.memory_error()) }
}

fn clear(vm: &Vm, list: &Value) -> PyResult {
    drop(vm.body::<List>(list)?.take_all());
    Ok(Value::NONE)
}

fn copy(vm: &Vm, list: &Value) -> PyResult {
    let body = vm.body::<List>(list)?;
    let mut items = vm.try_vec(body.len())?;
    body.with_items(|all| items.extend_from_slice(all));
    Ok(vm.list(items))
}

fn append(vm: &Vm, list: &Value, item: &Value) -> PyResult {
    let body = vm.body::<List>(list)?;
    if !body.try_reserve(1) {
        return Err(vm.memory_error());
    }
    body.push(item.clone());
    Ok(Value::NONE)
}

fn insert(vm: &Vm, list: &Value, args: &[Value]) -> PyResult {
    let [position, item] = args else { return Ok(Value::NONE) };
    let position = vm.to_isize(position)?;
    let body = vm.body::<List>(list)?;
    let len = body.len();
    let position = if position < 0 { position.saturating_add_unsigned(len).max(0) } else { position } as usize;
    if !body.try_reserve(1) {
        return Err(vm.memory_error());
    }
    body.insert(position.min(len), item.clone());
    Ok(Value::NONE)
}

fn extend(vm: &Vm, list: &Value, iterable: &Value) -> PyResult {
    extend_by(vm, vm.body::<List>(list)?, iterable)?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, list: &Value, args: &[Value]) -> PyResult {
    let index = match args.first() {
        Some(index) => vm.to_isize(index)?,
        None => -1,
    };
    let body = vm.body::<List>(list)?;
    if body.is_empty() {
        return Err(vm.index_error("pop from empty list"));
    }
    normal_index(index, body.len())
        .and_then(|index| body.remove(index))
        .ok_or_else(|| vm.index_error("pop index out of range"))
}

fn remove(vm: &Vm, list: &Value, value: &Value) -> PyResult {
    let body = vm.body::<List>(list)?;
    match find(vm, body, value, 0, usize::MAX)? {
        Some(index) => {
            drop(body.remove(index));
            Ok(Value::NONE)
        }
        None => Err(vm.value_error("list.remove(x): x not in list")),
    }
}

fn index(vm: &Vm, list: &Value, args: &[Value]) -> PyResult {
    let body = vm.body::<List>(list)?;
    let Some(value) = args.first() else { return Ok(Value::NONE) };
    let start = args.get(1).map_or(Ok(0), |start| clipped_position(vm, start, body.len()))?;
    let stop = args.get(2).map_or(Ok(usize::MAX), |stop| clipped_position(vm, stop, body.len()))?;
    match find(vm, body, value, start, stop)? {
        Some(index) => Ok(vm.new_uint(index as u64)),
        None => Err(vm.value_error("list.index(x): x not in list")),
    }
}

fn count(vm: &Vm, list: &Value, value: &Value) -> PyResult {
    let body = vm.body::<List>(list)?;
    let (mut index, mut found) = (0, 0);
    while let Some(item) = body.get(index) {
        found += u64::from(vm.equal(&item, value)?);
        index += 1;
    }
    Ok(vm.new_uint(found))
}

fn reverse(vm: &Vm, list: &Value) -> PyResult {
    vm.body::<List>(list)?.reverse();
    Ok(Value::NONE)
}

//! `deque`: a queue with two ends. Its iterators are [`super::deque_iterator`].

use super::{State, deque_iterator};
use crate::bodies::{bind, body, made};
use oriel_runtime::args::Signature;
use oriel_runtime::slots::Slots;
use oriel_runtime::types::support::{class_getitem, clipped_position, push_repr, repr_between, size_value};
use oriel_runtime::{
    Args, Body, CompareOp, GetSetDef, MethodDef, PyResult, Raised, Ref, TypeSpec, Value, Vm, type_flags,
};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::OnceLock;

/// The body of a deque.
#[derive(Default)]
pub(super) struct Deque {
    items: RefCell<VecDeque<Value>>,
    limit: Cell<Option<usize>>,
    /// Changes with every addition and removal.
    pub(super) changes: Cell<u64>,
}
body!(Deque, "collections.deque", items);

pub(super) static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::SEQUENCE | type_flags::WEAKREF,
    doc: "deque([iterable[, maxlen]])\n--\n\nA list-like sequence made for access at both ends.",
    slots: fill,
    methods: &[
        MethodDef::one("append", append, "($self, item, /)", "Add an item at the right end."),
        MethodDef::one("appendleft", appendleft, "($self, item, /)", "Add an item at the left end."),
        MethodDef::noargs("clear", clear, "($self, /)", "Remove all items."),
        MethodDef::noargs("__copy__", copy, "($self, /)", "A shallow copy."),
        MethodDef::noargs("copy", copy, "($self, /)", "A shallow copy."),
        MethodDef::one("count", count, "($self, value, /)", "How many items equal the value."),
        MethodDef::one("extend", extend, "($self, iterable, /)", "Add the items of an iterable at the right end."),
        MethodDef::one(
            "extendleft",
            extendleft,
            "($self, iterable, /)",
            "Add the items of an iterable at the left end, one after the other.",
        ),
        MethodDef::positional(
            "index",
            1,
            3,
            index,
            "($self, value, [start, [stop]])",
            "The position of the first item that equals the value.\n\nRaises ValueError where there is none.",
        ),
        MethodDef::positional(
            "insert",
            2,
            2,
            insert,
            "($self, index, value, /)",
            "Put a value before the item at the index.",
        ),
        MethodDef::noargs("pop", pop, "($self, /)", "Remove the rightmost item and return it."),
        MethodDef::noargs("popleft", popleft, "($self, /)", "Remove the leftmost item and return it."),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
        MethodDef::one(
            "remove",
            remove,
            "($self, value, /)",
            "Remove the first item that equals the value.\n\nRaises ValueError where there is none.",
        ),
        MethodDef::noargs(
            "__reversed__",
            |vm, deque| deque_iterator::over(vm, deque, true),
            "($self, /)",
            "Iterate from the right end to the left.",
        ),
        MethodDef::noargs("reverse", reverse, "($self, /)", "Turn the order of the items round, in place."),
        MethodDef::positional(
            "rotate",
            0,
            1,
            rotate,
            "($self, n=1, /)",
            "Move the items n steps to the right, those that fall off coming in at the left.",
        ),
        MethodDef::noargs("__sizeof__", size_of, "($self, /)", "Bytes of memory that the deque has."),
        MethodDef::one("__class_getitem__", class_getitem, "($type, object, /)", "A generic alias.").class_method(),
    ],
    getset: &[GetSetDef::readonly("maxlen", maxlen, "The most items that the deque keeps, or None.")],
    ..TypeSpec::new("collections.deque", Deque::layout)
};

fn fill(slots: &Slots) {
    slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, Deque::default())?.into_value())));
    slots.init.set(Some(init));
    slots.repr.set(Some(repr));
    slots.iter.set(Some(|vm, deque| deque_iterator::over(vm, deque, false)));
    slots.richcompare.set(Some(compare));
    slots.sq_length.set(Some(|vm, deque| Ok(body(vm, deque)?.len())));
    slots.nb_bool.set(None);
    slots.sq_concat.set(Some(concat));
    slots.sq_repeat.set(Some(repeat));
    slots.sq_item.set(Some(item));
    slots.sq_ass_item.set(Some(assign_item));
    slots.sq_contains.set(Some(|vm, deque, wanted| Ok(find(vm, body(vm, deque)?, wanted, 0, usize::MAX)?.is_some())));
    slots.sq_inplace_concat.set(Some(|vm, deque, other| {
        extend(vm, deque, other)?;
        Ok(deque.clone())
    }));
    slots.sq_inplace_repeat.set(Some(inplace_repeat));
}

fn body<'a>(vm: &Vm, deque: &'a Value) -> PyResult<&'a Ref<Deque>> {
    vm.body::<Deque>(deque)
}

impl Deque {
    pub(super) fn len(&self) -> usize {
        self.items.borrow().len()
    }

    pub(super) fn get(&self, index: usize) -> Option<Value> {
        self.items.borrow().get(index).cloned()
    }

    fn changed(&self) {
        self.changes.set(self.changes.get().wrapping_add(1));
    }

    fn push(&self, value: Value, left: bool) {
        self.changed();
        let dropped = {
            let mut items = self.items.borrow_mut();
            if left {
                items.push_front(value);
            } else {
                items.push_back(value);
            }
            match self.limit.get() {
                Some(limit) if items.len() > limit => {
                    if left {
                        items.pop_back()
                    } else {
                        items.pop_front()
                    }
                }
                _ => None,
            }
        };
        drop(dropped);
    }

    fn pop(&self, left: bool) -> Option<Value> {
        let item = {
            let mut items = self.items.borrow_mut();
            if left { items.pop_front() } else { items.pop_back() }
        };
        if item.is_some() {
            self.changed();
        }
        item
    }

    fn clear_items(&self) {
        self.changed();
        drop(self.items.take());
    }

    fn snapshot(&self) -> Vec<Value> {
        self.items.borrow().iter().cloned().collect()
    }
}

fn init(vm: &Vm, deque: &Value, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let given = args.values.len();
    if given > 2 {
        return Err(vm.type_error(format!("deque() takes at most 2 arguments ({given} given)")));
    }
    let [iterable, maxlen] = bind(vm, &SIGNATURE, "(iterable=(), maxlen=None)", "deque", args)?;
    let limit = match maxlen.filter(|maxlen| !maxlen.is_none()) {
        None => None,
        Some(maxlen) => match vm.small_or_big(maxlen) {
            Some(Ok(number)) if number >= 0 => Some(number as usize),
            Some(Ok(_)) => return Err(vm.value_error("maxlen must be non-negative")),
            Some(Err(_)) => return Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
            None => return Err(vm.type_error("an integer is required")),
        },
    };
    let body = body(vm, deque)?;
    body.limit.set(limit);
    if body.len() > 0 {
        body.clear_items();
    }
    if let Some(iterable) = iterable {
        extend(vm, deque, iterable)?;
    }
    Ok(())
}

fn maxlen(vm: &Vm, deque: &Value) -> PyResult {
    Ok(body(vm, deque)?.limit.get().map_or(Value::NONE, |limit| vm.new_uint(limit as u64)))
}

fn repr(vm: &Vm, deque: &Value) -> PyResult {
    let body = body(vm, deque)?;
    let name = vm.str_text(&vm.type_of(deque).name.get());
    let close = match body.limit.get() {
        Some(limit) => format!("], maxlen={limit})"),
        None => "])".to_owned(),
    };
    let items = body.snapshot();
    repr_between(vm, deque, &format!("{name}(["), &close, "[...]", |index, text| match items.get(index) {
        Some(item) => push_repr(vm, text, item).map(|()| true),
        None => Ok(false),
    })
}

fn mutated(vm: &Vm) -> Raised {
    vm.runtime_error("deque mutated during iteration")
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Deque>(), b.downcast::<Deque>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if x.len() != y.len() && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    let before = (x.changes.get(), y.changes.get());
    let mut index = 0;
    while let (Some(left), Some(right)) = (x.get(index), y.get(index)) {
        if !vm.equal(&left, &right)? {
            return match op {
                CompareOp::Eq => Ok(Value::FALSE),
                CompareOp::Ne => Ok(Value::TRUE),
                _ => vm.rich_compare(&left, &right, op),
            };
        }
        if before != (x.changes.get(), y.changes.get()) {
            return Err(mutated(vm));
        }
        index += 1;
    }
    Ok(Value::bool(op.of(x.len().cmp(&y.len()))))
}

/// A deque of the same class and limit with these items.
fn like(vm: &Vm, deque: &Value, items: Vec<Value>) -> PyResult {
    let old = body(vm, deque)?;
    let class = vm.type_of(deque);
    let state = vm.state::<State>();
    if class.is(made(vm, &state.deque)?) {
        let fresh = Deque::default();
        fresh.limit.set(old.limit.get());
        let new = vm.new_instance(class, fresh)?;
        for item in items {
            new.push(item, false);
        }
        return Ok(new.into_value());
    }
    let class = class.to_value();
    let items = vm.list(items);
    match old.limit.get() {
        None => vm.call(&class, &[items]),
        Some(limit) => vm.call(&class, &[items, vm.new_uint(limit as u64)]),
    }
}

fn copy(vm: &Vm, deque: &Value) -> PyResult {
    like(vm, deque, body(vm, deque)?.snapshot())
}

fn concat(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(right) = b.downcast::<Deque>() else {
        let name = vm.type_name(b);
        let name = name.rsplit('.').next().unwrap_or_default();
        return Err(vm.type_error(format!("can only concatenate deque (not \"{name}\") to deque")));
    };
    let result = copy(vm, a)?;
    for item in right.snapshot() {
        body(vm, &result)?.push(item, false);
    }
    Ok(result)
}

fn repeated(vm: &Vm, deque: &Value, times: isize) -> PyResult<Vec<Value>> {
    let body = body(vm, deque)?;
    let items = body.snapshot();
    let mut times = times.max(0) as usize;
    if let Some(limit) = body.limit.get()
        && !items.is_empty()
    {
        // More than this would only fall off again.
        times = times.min(limit.div_ceil(items.len()) + 1);
    }
    let total = items.len().checked_mul(times).ok_or_else(|| vm.memory_error())?;
    let mut result = vm.try_vec(total)?;
    while result.len() < total {
        result.extend_from_slice(&items);
    }
    Ok(result)
}

fn repeat(vm: &Vm, deque: &Value, times: isize) -> PyResult {
    like(vm, deque, repeated(vm, deque, times)?)
}

fn inplace_repeat(vm: &Vm, deque: &Value, times: isize) -> PyResult {
    if times == 1 {
        return Ok(deque.clone());
    }
    let items = repeated(vm, deque, times)?;
    let body = body(vm, deque)?;
    body.clear_items();
    for item in items {
        body.push(item, false);
    }
    Ok(deque.clone())
}

fn out_of_range(vm: &Vm) -> Raised {
    vm.index_error("deque index out of range")
}

fn item(vm: &Vm, deque: &Value, index: isize) -> PyResult {
    let body = body(vm, deque)?;
    usize::try_from(index).ok().and_then(|index| body.get(index)).ok_or_else(|| out_of_range(vm))
}

fn assign_item(vm: &Vm, deque: &Value, index: isize, value: Option<&Value>) -> PyResult<()> {
    let body = body(vm, deque)?;
    let Some(index) = usize::try_from(index).ok().filter(|index| *index < body.len()) else {
        return Err(out_of_range(vm));
    };
    let old = match value {
        Some(value) => {
            let new = value.clone();
            body.items.borrow_mut().get_mut(index).map(|slot| std::mem::replace(slot, new))
        }
        None => {
            body.changed();
            body.items.borrow_mut().remove(index)
        }
    };
    drop(old);
    Ok(())
}

fn find(vm: &Vm, deque: &Deque, wanted: &Value, start: usize, stop: usize) -> PyResult<Option<usize>> {
    let before = deque.changes.get();
    let mut index = start;
    while index < stop
        && let Some(item) = deque.get(index)
    {
        let equal = vm.equal(&item, wanted)?;
        if deque.changes.get() != before {
            return Err(mutated(vm));
        }
        if equal {
            return Ok(Some(index));
        }
        index += 1;
    }
    Ok(None)
}

fn append(vm: &Vm, deque: &Value, item: &Value) -> PyResult {
    body(vm, deque)?.push(item.clone(), false);
    Ok(Value::NONE)
}

fn appendleft(vm: &Vm, deque: &Value, item: &Value) -> PyResult {
    body(vm, deque)?.push(item.clone(), true);
    Ok(Value::NONE)
}

fn clear(vm: &Vm, deque: &Value) -> PyResult {
    body(vm, deque)?.clear_items();
    Ok(Value::NONE)
}

fn count(vm: &Vm, deque: &Value, value: &Value) -> PyResult {
    let body = body(vm, deque)?;
    let before = body.changes.get();
    let (mut index, mut found) = (0, 0);
    while let Some(item) = body.get(index) {
        found += u64::from(vm.equal(&item, value)?);
        if body.changes.get() != before {
            return Err(mutated(vm));
        }
        index += 1;
    }
    Ok(vm.new_uint(found))
}

fn extend_end(vm: &Vm, deque: &Value, iterable: &Value, left: bool) -> PyResult {
    let own;
    let iterable = if deque.is(iterable) {
        own = vm.list(body(vm, deque)?.snapshot());
        &own
    } else {
        iterable
    };
    let iterator = vm.iter(iterable)?;
    let body = body(vm, deque)?;
    while let Some(item) = vm.next(&iterator)? {
        body.push(item, left);
    }
    Ok(Value::NONE)
}

fn extend(vm: &Vm, deque: &Value, iterable: &Value) -> PyResult {
    extend_end(vm, deque, iterable, false)
}

fn extendleft(vm: &Vm, deque: &Value, iterable: &Value) -> PyResult {
    extend_end(vm, deque, iterable, true)
}

fn index(vm: &Vm, deque: &Value, args: &[Value]) -> PyResult {
    let body = body(vm, deque)?;
    let start = args.get(1).map_or(Ok(0), |start| clipped_position(vm, start, body.len()))?;
    let stop = args.get(2).map_or(Ok(usize::MAX), |stop| clipped_position(vm, stop, body.len()))?;
    match find(vm, body, &args[0], start, stop)? {
        Some(index) => Ok(vm.new_uint(index as u64)),
        None => Err(vm.value_error("deque.index(x): x not in deque")),
    }
}

fn insert(vm: &Vm, deque: &Value, args: &[Value]) -> PyResult {
    let index = vm.to_isize(&args[0])?;
    let body = body(vm, deque)?;
    let len = body.len();
    if body.limit.get() == Some(len) {
        return Err(vm.index_error("deque already at its maximum size"));
    }
    let index = if index < 0 { index.saturating_add_unsigned(len).max(0) } else { index } as usize;
    body.changed();
    body.items.borrow_mut().insert(index.min(len), args[1].clone());
    Ok(Value::NONE)
}

fn pop(vm: &Vm, deque: &Value) -> PyResult {
    body(vm, deque)?.pop(false).ok_or_else(|| vm.index_error("pop from an empty deque"))
}

fn popleft(vm: &Vm, deque: &Value) -> PyResult {
    body(vm, deque)?.pop(true).ok_or_else(|| vm.index_error("pop from an empty deque"))
}

fn reduce(vm: &Vm, deque: &Value) -> PyResult {
    let state = vm.call_method(deque, &vm.names.__getstate__, &[])?;
    let args = match body(vm, deque)?.limit.get() {
        None => vm.empty_tuple().into_value(),
        Some(limit) => vm.tuple([vm.empty_tuple().into_value(), vm.new_uint(limit as u64)]),
    };
    let items = vm.iter(deque)?;
    Ok(vm.tuple([vm.type_of(deque).to_value(), args, state, items]))
}

fn remove(vm: &Vm, deque: &Value, value: &Value) -> PyResult {
    let body = body(vm, deque)?;
    let before = body.changes.get();
    let mut index = 0;
    while let Some(item) = body.get(index) {
        let equal = vm.equal(&item, value)?;
        if body.changes.get() != before {
            return Err(vm.index_error("deque mutated during remove()."));
        }
        if equal {
            assign_item(vm, deque, index as isize, None)?;
            return Ok(Value::NONE);
        }
        index += 1;
    }
    Err(vm.value_error("deque.remove(x): x not in deque"))
}

fn reverse(vm: &Vm, deque: &Value) -> PyResult {
    let body = body(vm, deque)?;
    body.items.borrow_mut().make_contiguous().reverse();
    Ok(Value::NONE)
}

fn rotate(vm: &Vm, deque: &Value, args: &[Value]) -> PyResult {
    let steps = args.first().map_or(Ok(1), |steps| vm.to_isize(steps))?;
    let body = body(vm, deque)?;
    let len = body.len();
    if len > 1 {
        let steps = steps.rem_euclid(len as isize) as usize;
        if steps > 0 {
            body.changed();
            body.items.borrow_mut().rotate_right(steps);
        }
    }
    Ok(Value::NONE)
}

fn size_of(vm: &Vm, deque: &Value) -> PyResult {
    // As CPython has it: blocks of 64 items with two links each.
    let blocks = body(vm, deque)?.len().div_ceil(64).max(1);
    size_value(vm, 216 + blocks * 528)
}

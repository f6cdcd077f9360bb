//! The views of dicts: `keys()`, `items()` and `values()`; the first two are like sets.

use super::{Dict, iterators};
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::slots::{CompareOp, Slots};
use crate::types::set::{Set, SetOperations, is_set};
use crate::types::support::{push_repr, repr_between};
use crate::types::tuple::Tuple;
use crate::types::type_object::{Subtype, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};

/// The body of the three views.
pub struct DictView {
    /// The dict that is seen.
    pub dict: Value,
}

static LAYOUT: Layout = Layout::of::<DictView>("dict_view", None);

impl Body for DictView {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.dict);
    }
}

const MAPPING: GetSetDef = GetSetDef::readonly("mapping", mapping, "The dictionary that is seen, read-only.");
const ISDISJOINT: MethodDef = MethodDef::one(
    "isdisjoint",
    isdisjoint,
    "($self, object, /)",
    "Whether the view and the iterable have nothing in common.",
);
const REVERSED: &str = "Iterate backwards.";

/// `dict_keys`
pub static KEYS_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        set_like(slots);
        slots.iter.set(Some(iter_keys));
        slots.sq_contains.set(Some(keys_contain));
    },
    methods: &[ISDISJOINT, MethodDef::noargs("__reversed__", reversed_keys, "($self, /)", REVERSED)],
    getset: &[MAPPING],
    ..TypeSpec::new("dict_keys", DictView::layout)
};

/// `dict_items`
pub static ITEMS_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        set_like(slots);
        slots.iter.set(Some(iter_items));
        slots.sq_contains.set(Some(items_contain));
    },
    methods: &[ISDISJOINT, MethodDef::noargs("__reversed__", reversed_items, "($self, /)", REVERSED)],
    getset: &[MAPPING],
    ..TypeSpec::new("dict_items", DictView::layout)
};

/// `dict_values`
pub static VALUES_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.repr.set(Some(repr));
        slots.sq_length.set(Some(length));
        slots.iter.set(Some(iter_values));
    },
    methods: &[MethodDef::noargs("__reversed__", reversed_values, "($self, /)", REVERSED)],
    getset: &[MAPPING],
    ..TypeSpec::new("dict_values", DictView::layout)
};

fn set_like(slots: &Slots) {
    slots.repr.set(Some(repr));
    slots.sq_length.set(Some(length));
    slots.richcompare.set(Some(compare));
    slots.nb_subtract.set(Some(subtract));
    slots.nb_and.set(Some(and));
    slots.nb_xor.set(Some(xor));
    slots.nb_or.set(Some(or));
}

fn view(vm: &Vm, ty: &TypeRef, dict: &Value) -> PyResult {
    vm.body::<Dict>(dict)?;
    Ok(vm.new_instance(ty, DictView { dict: dict.clone() })?.into_value())
}

/// `dict.keys()`
pub fn keys(vm: &Vm, dict: &Value) -> PyResult {
    view(vm, &vm.types.dict_keys, dict)
}

/// `dict.items()`
pub fn items(vm: &Vm, dict: &Value) -> PyResult {
    view(vm, &vm.types.dict_items, dict)
}

/// `dict.values()`
pub fn values(vm: &Vm, dict: &Value) -> PyResult {
    view(vm, &vm.types.dict_values, dict)
}

fn dict_of<'a>(vm: &Vm, view: &'a Value) -> PyResult<&'a Ref<Dict>> {
    vm.body(&vm.body::<DictView>(view)?.dict)
}

fn mapping(vm: &Vm, view: &Value) -> PyResult {
    vm.new_mapping_proxy(&vm.body::<DictView>(view)?.dict)
}

fn length(vm: &Vm, view: &Value) -> PyResult<usize> {
    Ok(dict_of(vm, view)?.len())
}

fn repr(vm: &Vm, view: &Value) -> PyResult {
    let name = vm.type_name(view);
    // The words of the list of what the view gives.
    let mut items = Vec::new();
    if !vm.enter_repr(view) {
        return Ok(vm.new_str("..."));
    }
    let collected = vm.collect(view);
    vm.leave_repr(view);
    items.extend(collected?);
    repr_between(vm, view, &format!("{name}(["), "])", "...", |index, text| match items.get(index) {
        Some(item) => push_repr(vm, text, item).map(|()| true),
        None => Ok(false),
    })
}

fn iter_keys(vm: &Vm, view: &Value) -> PyResult {
    iterators::over(vm, &vm.types.dict_key_iterator, &vm.body::<DictView>(view)?.dict, false)
}

fn iter_items(vm: &Vm, view: &Value) -> PyResult {
    iterators::over(vm, &vm.types.dict_item_iterator, &vm.body::<DictView>(view)?.dict, false)
}

fn iter_values(vm: &Vm, view: &Value) -> PyResult {
    iterators::over(vm, &vm.types.dict_value_iterator, &vm.body::<DictView>(view)?.dict, false)
}

fn reversed_keys(vm: &Vm, view: &Value) -> PyResult {
    iterators::over(vm, &vm.types.dict_reverse_key_iterator, &vm.body::<DictView>(view)?.dict, true)
}

fn reversed_items(vm: &Vm, view: &Value) -> PyResult {
    iterators::over(vm, &vm.types.dict_reverse_item_iterator, &vm.body::<DictView>(view)?.dict, true)
}

fn reversed_values(vm: &Vm, view: &Value) -> PyResult {
    iterators::over(vm, &vm.types.dict_reverse_value_iterator, &vm.body::<DictView>(view)?.dict, true)
}

fn keys_contain(vm: &Vm, view: &Value, key: &Value) -> PyResult<bool> {
    dict_of(vm, view)?.contains(vm, key)
}

fn items_contain(vm: &Vm, view: &Value, item: &Value) -> PyResult<bool> {
    let Some(pair) = item.downcast::<Tuple>() else { return Ok(false) };
    let [key, value] = pair.items() else { return Ok(false) };
    match dict_of(vm, view)?.get(vm, key)? {
        Some(found) => vm.equal(&found, value),
        None => Ok(false),
    }
}

fn is_keys(vm: &Vm, value: &Value) -> bool {
    let ty = vm.type_of(value);
    ty.is(&vm.types.dict_keys) || ty.is_subtype(&vm.types.dict_keys)
}

fn is_items(vm: &Vm, value: &Value) -> bool {
    let ty = vm.type_of(value);
    ty.is(&vm.types.dict_items) || ty.is_subtype(&vm.types.dict_items)
}

/// Whether the value is one of the set-like views.
pub(crate) fn is_set_view(vm: &Vm, value: &Value) -> bool {
    is_keys(vm, value) || is_items(vm, value)
}

/// Whether everything that the first gives is in the second.
fn all_in(vm: &Vm, inner: &Value, outer: &Value) -> PyResult<bool> {
    let iterator = vm.iter(inner)?;
    while let Some(item) = vm.next(&iterator)? {
        if !vm.contains(outer, &item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !is_set(b) && !is_set_view(vm, b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (left, right) = (length(vm, a)?, vm.len(b)?);
    let answer = match op {
        CompareOp::Eq => left == right && all_in(vm, a, b)?,
        CompareOp::Ne => !(left == right && all_in(vm, a, b)?),
        CompareOp::Lt => left < right && all_in(vm, a, b)?,
        CompareOp::Le => left <= right && all_in(vm, a, b)?,
        CompareOp::Gt => left > right && all_in(vm, b, a)?,
        CompareOp::Ge => left >= right && all_in(vm, b, a)?,
    };
    Ok(Value::bool(answer))
}

/// The set of what an operand gives: the dict itself stands for its keys, since it knows their hashes.
fn to_set(vm: &Vm, operand: &Value) -> PyResult<Ref<Set>> {
    let source = if is_keys(vm, operand) { &vm.body::<DictView>(operand)?.dict } else { operand };
    vm.set_from(source)
}

fn subtract(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let result = to_set(vm, a)?;
    result.difference_update(vm, b)?;
    Ok(result.into_value())
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let result = to_set(vm, a)?;
    result.update(vm, b)?;
    Ok(result.into_value())
}

fn and(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    // The view may be on either side.
    let (mut view, mut other) = if is_set_view(vm, a) { (a, b) } else { (b, a) };
    let len = length(vm, view)?;
    if vm.type_of(other).is(&vm.types.set)
        && let Some(set) = other.downcast::<Set>()
        && len <= set.len()
    {
        return Ok(set.intersection(vm, view)?.into_value());
    }
    if is_set_view(vm, other) && length(vm, other)? > len {
        (view, other) = (other, view);
    }
    let result = vm.new_set();
    let iterator = vm.iter(other)?;
    let keys = is_keys(vm, view);
    while let Some(item) = vm.next(&iterator)? {
        if if keys { keys_contain(vm, view, &item)? } else { items_contain(vm, view, &item)? } {
            result.add(vm, &item)?;
        }
    }
    Ok(result.into_value())
}

fn xor(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    if is_items(vm, a) && is_items(vm, b) {
        return xor_items(vm, dict_of(vm, a)?, dict_of(vm, b)?);
    }
    let result = to_set(vm, a)?;
    result.symmetric_difference_update(vm, b)?;
    Ok(result.into_value())
}

fn xor_items(vm: &Vm, a: &Ref<Dict>, b: &Ref<Dict>) -> PyResult {
    let (small, large) = if a.len() > b.len() { (b, a) } else { (a, b) };
    let rest = small.copy(vm)?;
    let result = vm.new_set();
    let mut position = 0;
    while let Some((key, value, hash)) = large.next_entry_hashed(&mut position) {
        let same = match rest.get_hashed(vm, &key, hash)? {
            Some(other) => vm.equal(&other, &value)?,
            None => false,
        };
        if same {
            drop(rest.delete_hashed(vm, &key, hash)?);
        } else {
            result.add(vm, &vm.tuple([key, value]))?;
        }
    }
    for (key, value) in rest.entries() {
        result.add(vm, &vm.tuple([key, value]))?;
    }
    Ok(result.into_value())
}

fn isdisjoint(vm: &Vm, view: &Value, other: &Value) -> PyResult {
    let len = length(vm, view)?;
    if view.is(other) {
        return Ok(Value::bool(len == 0));
    }
    let (mut searched, mut given) = (view, other);
    if (is_set(other) || is_set_view(vm, other)) && vm.len(other)? > len {
        (searched, given) = (given, searched);
    }
    let iterator = vm.iter(given)?;
    while let Some(item) = vm.next(&iterator)? {
        if vm.contains(searched, &item)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

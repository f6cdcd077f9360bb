//! What Python sees of sets and frozensets: slots and methods.

use super::operations::SetOperations;
use super::{Set, is_set, iterator};
use crate::args::Args;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::slots::{CompareOp, Slots};
use crate::types::support::{class_getitem, no_keywords_unless_derived, push_repr, repr_between, size_value};
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};

const CONTAINS: MethodDef = MethodDef::one(
    "__contains__",
    |vm, set, key| contains(vm, set, key).map(Value::bool),
    "($self, object, /)",
    "Whether the object is in the set.",
);
const DIFFERENCE: MethodDef =
    MethodDef::args("difference", difference, "($self, /, *others)", "A new set of what none of the others has.");
const INTERSECTION: MethodDef =
    MethodDef::args("intersection", intersection, "($self, /, *others)", "A new set of what all the others have too.");
const ISDISJOINT: MethodDef =
    MethodDef::one("isdisjoint", isdisjoint, "($self, other, /)", "Whether the two have nothing in common.");
const ISSUBSET: MethodDef =
    MethodDef::one("issubset", issubset, "($self, other, /)", "Whether the other has everything that this set has.");
const ISSUPERSET: MethodDef = MethodDef::one(
    "issuperset",
    issuperset,
    "($self, other, /)",
    "Whether this set has everything that the other has.",
);
const REDUCE: MethodDef = MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling.");
const SIZEOF: MethodDef = MethodDef::noargs("__sizeof__", size_of, "($self, /)", "Bytes of memory that the set has.");
const SYMMETRIC_DIFFERENCE: MethodDef = MethodDef::one(
    "symmetric_difference",
    symmetric_difference,
    "($self, other, /)",
    "A new set of what only one of the two has.",
);
const UNION: MethodDef =
    MethodDef::args("union", union, "($self, /, *others)", "A new set of what this one or any of the others has.");
const CLASS_GETITEM: MethodDef =
    MethodDef::one("__class_getitem__", class_getitem, "($type, object, /)", "A generic alias, such as set[int].")
        .class_method();

/// `set`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::MATCH_SELF | type_flags::WEAKREF,
    doc: "set(iterable=(), /)\n--\n\nBuild a collection of different objects, in no order.",
    slots: |slots| {
        common_slots(slots);
        slots.new.set(Some(new_set));
        slots.init.set(Some(init));
        slots.nb_inplace_subtract.set(Some(inplace_subtract));
        slots.nb_inplace_and.set(Some(inplace_and));
        slots.nb_inplace_xor.set(Some(inplace_xor));
        slots.nb_inplace_or.set(Some(inplace_or));
    },
    methods: &[
        CONTAINS,
        MethodDef::one("add", add, "($self, object, /)", "Add an object; nothing happens where it is there."),
        MethodDef::noargs("clear", clear, "($self, /)", "Remove everything."),
        MethodDef::noargs("copy", copy, "($self, /)", "A new set of the same objects."),
        MethodDef::one("discard", discard, "($self, object, /)", "Remove an object if it is there."),
        DIFFERENCE,
        MethodDef::args(
            "difference_update",
            difference_update,
            "($self, /, *others)",
            "Remove what any of the others has.",
        ),
        INTERSECTION,
        MethodDef::args(
            "intersection_update",
            intersection_update,
            "($self, /, *others)",
            "Keep only what all the others have too.",
        ),
        ISDISJOINT,
        ISSUBSET,
        ISSUPERSET,
        MethodDef::noargs(
            "pop",
            pop,
            "($self, /)",
            "Remove some object and return it.\n\nRaises KeyError where the set is empty.",
        ),
        REDUCE,
        MethodDef::one(
            "remove",
            remove,
            "($self, object, /)",
            "Remove an object.\n\nRaises KeyError where it is not there.",
        ),
        SIZEOF,
        SYMMETRIC_DIFFERENCE,
        MethodDef::one(
            "symmetric_difference_update",
            symmetric_difference_update,
            "($self, other, /)",
            "Keep what only one of the two has.",
        ),
        UNION,
        MethodDef::args("update", update, "($self, /, *others)", "Add what any of the others has."),
        CLASS_GETITEM,
    ],
    ..TypeSpec::new("set", Set::layout)
};

/// `frozenset`
pub static FROZEN_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::MATCH_SELF | type_flags::WEAKREF,
    doc: "frozenset(iterable=(), /)\n--\n\nBuild a collection of different objects, in no order, that does not change.",
    slots: |slots| {
        common_slots(slots);
        slots.new.set(Some(new_frozenset));
        slots.hash.set(Some(hash));
    },
    methods: &[
        CONTAINS,
        MethodDef::noargs("copy", frozen_copy, "($self, /)", "A frozenset of the same objects."),
        DIFFERENCE,
        INTERSECTION,
        ISDISJOINT,
        ISSUBSET,
        ISSUPERSET,
        REDUCE,
        SIZEOF,
        SYMMETRIC_DIFFERENCE,
        UNION,
        CLASS_GETITEM,
    ],
    ..TypeSpec::new("frozenset", Set::layout)
};

fn common_slots(slots: &Slots) {
    slots.repr.set(Some(repr));
    slots.iter.set(Some(iterator::iter));
    slots.richcompare.set(Some(compare));
    slots.nb_subtract.set(Some(subtract));
    slots.nb_and.set(Some(and));
    slots.nb_xor.set(Some(xor));
    slots.nb_or.set(Some(or));
    slots.sq_length.set(Some(length));
    slots.sq_contains.set(Some(contains));
}

fn new_set(vm: &Vm, class: &TypeRef, _args: Args<'_>) -> PyResult {
    Ok(vm.new_instance(class, Set::default())?.into_value())
}

fn init(vm: &Vm, set: &Value, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(vm, "set")?;
    let values = args.positional();
    crate::args::check_count(vm, "set", values.len(), 0, 1)?;
    let body = vm.body::<Set>(set)?;
    body.clear_all();
    match values.first() {
        Some(iterable) => body.update(vm, iterable),
        None => Ok(()),
    }
}

fn new_frozenset(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    no_keywords_unless_derived(vm, class, &vm.types.frozenset, &args, "frozenset")?;
    let values = args.positional();
    crate::args::check_count(vm, "frozenset", values.len(), 0, 1)?;
    if let Some(iterable) = values.first()
        && class.is(&vm.types.frozenset)
        && vm.type_of(iterable).is(class)
    {
        return Ok(iterable.clone());
    }
    let set = vm.new_instance(class, Set::default())?;
    if let Some(iterable) = values.first() {
        set.update(vm, iterable)?;
    }
    Ok(set.into_value())
}

fn set_of<'a>(vm: &Vm, set: &'a Value) -> PyResult<&'a Ref<Set>> {
    vm.body::<Set>(set)
}

fn repr(vm: &Vm, set: &Value) -> PyResult {
    let ty = vm.type_of(set);
    let (plain, name) = (ty.is(&vm.types.set), vm.full_name(ty));
    let body = set_of(vm, set)?;
    if body.is_empty() {
        return Ok(vm.new_str(&format!("{name}()")));
    }
    let keys = body.keys();
    let (open, close) = if plain { ("{".to_owned(), "}") } else { (format!("{name}({{"), "})") };
    repr_between(vm, set, &open, close, &format!("{name}(...)"), |index, text| match keys.get(index) {
        Some(key) => push_repr(vm, text, key).map(|()| true),
        None => Ok(false),
    })
}

fn hash(vm: &Vm, set: &Value) -> PyResult<i64> {
    Ok(set_of(vm, set)?.cached_hash())
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Set>(), b.downcast::<Set>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let equal = |vm: &Vm| -> PyResult<bool> {
        let (left, right) = (x.hash.get(), y.hash.get());
        if x.len() != y.len() || left != -1 && right != -1 && left != right {
            return Ok(false);
        }
        x.is_subset(vm, b)
    };
    let answer = match op {
        CompareOp::Eq => equal(vm)?,
        CompareOp::Ne => !equal(vm)?,
        CompareOp::Le => x.is_subset(vm, b)?,
        CompareOp::Ge => y.is_subset(vm, a)?,
        CompareOp::Lt => x.len() < y.len() && x.is_subset(vm, b)?,
        CompareOp::Gt => x.len() > y.len() && y.is_subset(vm, a)?,
    };
    Ok(Value::bool(answer))
}

fn length(vm: &Vm, set: &Value) -> PyResult<usize> {
    Ok(set_of(vm, set)?.len())
}

fn size_of(vm: &Vm, set: &Value) -> PyResult {
    let slots = set_of(vm, set)?.capacity();
    size_value(vm, 200 + if slots > 8 { slots * 16 } else { 0 })
}

fn contains(vm: &Vm, set: &Value, key: &Value) -> PyResult<bool> {
    set_of(vm, set)?.contains(vm, key)
}

fn both_sets<'a>(a: &'a Value, b: &'a Value) -> Option<&'a Ref<Set>> {
    if is_set(b) { a.downcast::<Set>() } else { None }
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(set) = both_sets(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
    let result = set.duplicate(vm)?;
    if !a.is(b) {
        result.update(vm, b)?;
    }
    Ok(result.into_value())
}

fn and(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(set) = both_sets(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(set.intersection(vm, b)?.into_value())
}

fn subtract(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(set) = both_sets(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(set.difference(vm, b)?.into_value())
}

fn xor(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(set) = both_sets(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(set.symmetric_difference(vm, b)?.into_value())
}

fn inplace_or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(set) = both_sets(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
    set.update(vm, b)?;
    Ok(a.clone())
}

fn inplace_and(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(set) = both_sets(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
    let kept = set.intersection(vm, b)?;
    set.swap(&kept);
    Ok(a.clone())
}

fn inplace_subtract(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(set) = both_sets(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
    set.difference_update(vm, b)?;
    Ok(a.clone())
}

fn inplace_xor(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(set) = both_sets(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
    set.symmetric_difference_update(vm, b)?;
    Ok(a.clone())
}

fn add(vm: &Vm, set: &Value, key: &Value) -> PyResult {
    set_of(vm, set)?.add(vm, key)?;
    Ok(Value::NONE)
}

fn clear(vm: &Vm, set: &Value) -> PyResult {
    set_of(vm, set)?.clear_all();
    Ok(Value::NONE)
}

fn copy(vm: &Vm, set: &Value) -> PyResult {
    Ok(set_of(vm, set)?.duplicate(vm)?.into_value())
}

fn frozen_copy(vm: &Vm, set: &Value) -> PyResult {
    if vm.type_of(set).is(&vm.types.frozenset) {
        return Ok(set.clone());
    }
    copy(vm, set)
}

fn discard(vm: &Vm, set: &Value, key: &Value) -> PyResult {
    set_of(vm, set)?.discard(vm, key)?;
    Ok(Value::NONE)
}

fn remove(vm: &Vm, set: &Value, key: &Value) -> PyResult {
    if set_of(vm, set)?.discard(vm, key)? { Ok(Value::NONE) } else { Err(vm.key_error(key)) }
}

fn pop(vm: &Vm, set: &Value) -> PyResult {
    match set_of(vm, set)?.pop() {
        Some(key) => Ok(key),
        None => Err(vm.key_error(&vm.new_str("pop from an empty set"))),
    }
}

fn others<'a>(vm: &Vm, set: &Value, name: &str, args: &Args<'a>) -> PyResult<&'a [Value]> {
    let class = vm.full_name(vm.type_of(set));
    let class = if is_set(set) && class != "set" && class != "frozenset" {
        use crate::types::type_object::Subtype;
        let frozen = vm.type_of(set).is_subtype(&vm.types.frozenset);
        if frozen { "frozenset".to_owned() } else { "set".to_owned() }
    } else {
        class
    };
    args.no_keywords(vm, &format!("{class}.{name}"))?;
    Ok(args.values)
}

fn union(vm: &Vm, set: &Value, args: Args<'_>) -> PyResult {
    let result = set_of(vm, set)?.duplicate(vm)?;
    for other in others(vm, set, "union", &args)? {
        if !other.is(set) {
            result.update(vm, other)?;
        }
    }
    Ok(result.into_value())
}

fn update(vm: &Vm, set: &Value, args: Args<'_>) -> PyResult {
    for other in others(vm, set, "update", &args)? {
        set_of(vm, set)?.update(vm, other)?;
    }
    Ok(Value::NONE)
}

fn intersection_of(vm: &Vm, set: &Value, others: &[Value]) -> PyResult<Ref<Set>> {
    let [first, rest @ ..] = others else { return set_of(vm, set)?.duplicate(vm) };
    let mut result = set_of(vm, set)?.intersection(vm, first)?;
    for other in rest {
        result = result.intersection(vm, other)?;
    }
    Ok(result)
}

fn intersection(vm: &Vm, set: &Value, args: Args<'_>) -> PyResult {
    Ok(intersection_of(vm, set, others(vm, set, "intersection", &args)?)?.into_value())
}

fn intersection_update(vm: &Vm, set: &Value, args: Args<'_>) -> PyResult {
    let kept = intersection_of(vm, set, others(vm, set, "intersection_update", &args)?)?;
    set_of(vm, set)?.swap(&kept);
    Ok(Value::NONE)
}

fn difference(vm: &Vm, set: &Value, args: Args<'_>) -> PyResult {
    let [first, rest @ ..] = others(vm, set, "difference", &args)? else { return copy(vm, set) };
    let result = set_of(vm, set)?.difference(vm, first)?;
    for other in rest {
        result.difference_update(vm, other)?;
    }
    Ok(result.into_value())
}

fn difference_update(vm: &Vm, set: &Value, args: Args<'_>) -> PyResult {
    for other in others(vm, set, "difference_update", &args)? {
        set_of(vm, set)?.difference_update(vm, other)?;
    }
    Ok(Value::NONE)
}

fn symmetric_difference(vm: &Vm, set: &Value, other: &Value) -> PyResult {
    Ok(set_of(vm, set)?.symmetric_difference(vm, other)?.into_value())
}

fn symmetric_difference_update(vm: &Vm, set: &Value, other: &Value) -> PyResult {
    set_of(vm, set)?.symmetric_difference_update(vm, other)?;
    Ok(Value::NONE)
}

fn isdisjoint(vm: &Vm, set: &Value, other: &Value) -> PyResult {
    set_of(vm, set)?.is_disjoint(vm, other).map(Value::bool)
}

fn issubset(vm: &Vm, set: &Value, other: &Value) -> PyResult {
    set_of(vm, set)?.is_subset(vm, other).map(Value::bool)
}

fn issuperset(vm: &Vm, set: &Value, other: &Value) -> PyResult {
    set_of(vm, set)?.is_superset(vm, other).map(Value::bool)
}

fn reduce(vm: &Vm, set: &Value) -> PyResult {
    let keys = vm.list(set_of(vm, set)?.keys());
    let state = vm.call_method(set, &vm.names.__getstate__, &[])?;
    Ok(vm.tuple([vm.type_of(set).to_value(), vm.tuple([keys]), state]))
}

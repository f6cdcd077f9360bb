//! What Python sees of dicts: slots and methods.

use super::{Dict, iterators, views};
use crate::args::Args;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::slots::{CompareOp, Slots};
use crate::types::set::Set;
use crate::types::str::Str;
use crate::types::support::{class_getitem, push_repr, repr_between, size_value};
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};

/// `dict`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::MAPPING | type_flags::MATCH_SELF,
    doc: "dict() -> an empty dictionary\ndict(mapping) -> a dictionary with the pairs of the mapping\ndict(iterable) -> a dictionary with the pairs that the iterable gives\ndict(**kwargs) -> a dictionary with the names and values of the keyword arguments",
    slots: fill,
    methods: &[
        MethodDef::one("__getitem__", subscript, "($self, key, /)", "Return self[key]."),
        MethodDef::one(
            "__contains__",
            |vm, dict, key| contains(vm, dict, key).map(Value::bool),
            "($self, key, /)",
            "Whether the key is in the dictionary.",
        ),
        MethodDef::noargs("__sizeof__", size_of, "($self, /)", "Bytes of memory that the dictionary has."),
        MethodDef::positional(
            "get",
            1,
            2,
            get,
            "($self, key, default=None, /)",
            "The value of the key, or the default where the key is missing.",
        ),
        MethodDef::positional(
            "setdefault",
            1,
            2,
            setdefault,
            "($self, key, default=None, /)",
            "The value of the key; where it is missing it is added with the default first.",
        ),
        MethodDef::positional(
            "pop",
            1,
            2,
            pop,
            "($self, key, default=<unrepresentable>, /)",
            "Remove the key and return its value, or the default where the key is missing.\n\nRaises KeyError where the key is missing and no default is given.",
        ),
        MethodDef::noargs(
            "popitem",
            popitem,
            "($self, /)",
            "Remove the pair that was added last and return it as a tuple.\n\nRaises KeyError where the dictionary is empty.",
        ),
        MethodDef::noargs("keys", views::keys, "($self, /)", "A set-like view of the keys."),
        MethodDef::noargs("items", views::items, "($self, /)", "A set-like view of the pairs."),
        MethodDef::noargs("values", views::values, "($self, /)", "A view of the values."),
        MethodDef::args(
            "update",
            update,
            "",
            "D.update([E, ]**F) -> None.  Takes over the pairs of E, a mapping or an iterable of pairs, then those of F.",
        ),
        MethodDef::positional(
            "fromkeys",
            1,
            2,
            fromkeys,
            "($type, iterable, value=None, /)",
            "A new dictionary with the keys from the iterable, all with the same value.",
        )
        .class_method(),
        MethodDef::noargs("clear", clear, "($self, /)", "Remove all pairs."),
        MethodDef::noargs("copy", copy, "($self, /)", "A new dictionary with the same pairs."),
        MethodDef::noargs(
            "__reversed__",
            iterators::reversed_keys,
            "($self, /)",
            "Iterate over the keys, the last one first.",
        ),
        MethodDef::one(
            "__class_getitem__",
            class_getitem,
            "($type, object, /)",
            "A generic alias, such as dict[str, int].",
        )
        .class_method(),
    ],
    ..TypeSpec::new("dict", Dict::layout)
};

fn fill(slots: &Slots) {
    slots.new.set(Some(new));
    slots.init.set(Some(init));
    slots.repr.set(Some(repr));
    slots.iter.set(Some(iterators::keys));
    slots.richcompare.set(Some(compare));
    slots.nb_or.set(Some(or));
    slots.nb_inplace_or.set(Some(inplace_or));
    slots.sq_contains.set(Some(contains));
    slots.mp_length.set(Some(length));
    slots.mp_subscript.set(Some(subscript));
    slots.mp_ass_subscript.set(Some(assign));
}

/// Whether iterating over the dict gives its keys: it is a dict and no subclass has an `__iter__` of its own.
pub fn is_plain_iteration(vm: &Vm, dict: &Value) -> bool {
    let ty = vm.type_of(dict);
    ty.is(&vm.types.dict)
        || dict.downcast::<Dict>().is_some()
            && match (ty.slots.iter.get(), vm.types.dict.slots.iter.get()) {
                (Some(own), Some(known)) => std::ptr::fn_addr_eq(own, known),
                _ => false,
            }
}

fn new(vm: &Vm, class: &TypeRef, _args: Args<'_>) -> PyResult {
    Ok(vm.new_instance(class, Dict::default())?.into_value())
}

fn init(vm: &Vm, dict: &Value, args: Args<'_>) -> PyResult<()> {
    vm.body::<Dict>(dict)?.update_from_args(vm, "dict", args)
}

fn repr(vm: &Vm, dict: &Value) -> PyResult {
    let body = vm.body::<Dict>(dict)?;
    if body.is_empty() {
        return Ok(vm.new_str("{}"));
    }
    let mut position = 0;
    repr_between(vm, dict, "{", "}", "{...}", |_, text| match body.next_entry(&mut position) {
        Some((key, value)) => {
            push_repr(vm, text, &key)?;
            text.push_str(": ");
            push_repr(vm, text, &value).map(|()| true)
        }
        None => Ok(false),
    })
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Dict>(), b.downcast::<Dict>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match op {
        CompareOp::Eq => Ok(Value::bool(equal(vm, x, y)?)),
        CompareOp::Ne => Ok(Value::bool(!equal(vm, x, y)?)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn equal(vm: &Vm, a: &Ref<Dict>, b: &Ref<Dict>) -> PyResult<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    let mut position = 0;
    while let Some((key, value, hash)) = a.next_entry_hashed(&mut position) {
        match b.get_hashed(vm, &key, hash)? {
            Some(other) if vm.equal(&value, &other)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(left), Some(_)) = (a.downcast::<Dict>(), b.downcast::<Dict>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let result = left.copy(vm)?;
    result.update_from(vm, b, true)?;
    Ok(result.into_value())
}

fn inplace_or(vm: &Vm, dict: &Value, other: &Value) -> PyResult {
    vm.body::<Dict>(dict)?.update_from(vm, other, true)?;
    Ok(dict.clone())
}

fn length(vm: &Vm, dict: &Value) -> PyResult<usize> {
    Ok(vm.body::<Dict>(dict)?.len())
}

fn contains(vm: &Vm, dict: &Value, key: &Value) -> PyResult<bool> {
    vm.body::<Dict>(dict)?.contains(vm, key)
}

fn subscript(vm: &Vm, dict: &Value, key: &Value) -> PyResult {
    let body = vm.body::<Dict>(dict)?;
    match body.get(vm, key)? {
        Some(value) => Ok(value),
        None => missing(vm, dict, key),
    }
}

#[cold]
fn missing(vm: &Vm, dict: &Value, key: &Value) -> PyResult {
    if !vm.type_of(dict).is(&vm.types.dict)
        && let Some(value) = vm.call_special(dict, &vm.names.__missing__, std::slice::from_ref(key))?
    {
        return Ok(value);
    }
    Err(vm.key_error(key))
}

fn assign(vm: &Vm, dict: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let body = vm.body::<Dict>(dict)?;
    match value {
        Some(value) => body.set(vm, key, value.clone()),
        None => match body.delete(vm, key)? {
            Some(_) => Ok(()),
            None => Err(vm.key_error(key)),
        },
    }
}

fn size_of(vm: &Vm, dict: &Value) -> PyResult {
    size_value(vm, 48 + vm.body::<Dict>(dict)?.table_size())
}

fn get(vm: &Vm, dict: &Value, args: &[Value]) -> PyResult {
    let Some(key) = args.first() else { return Ok(Value::NONE) };
    let found = vm.body::<Dict>(dict)?.get(vm, key)?;
    Ok(found.unwrap_or_else(|| args.get(1).cloned().unwrap_or(Value::NONE)))
}

fn setdefault(vm: &Vm, dict: &Value, args: &[Value]) -> PyResult {
    let Some(key) = args.first() else { return Ok(Value::NONE) };
    vm.body::<Dict>(dict)?.setdefault(vm, key, &args.get(1).cloned().unwrap_or(Value::NONE))
}

fn pop(vm: &Vm, dict: &Value, args: &[Value]) -> PyResult {
    let Some(key) = args.first() else { return Ok(Value::NONE) };
    let body = vm.body::<Dict>(dict)?;
    // An empty dict does not even ask for the hash.
    let found = if body.is_empty() { None } else { body.delete(vm, key)? };
    match found.or_else(|| args.get(1).cloned()) {
        Some(value) => Ok(value),
        None => Err(vm.key_error(key)),
    }
}

fn popitem(vm: &Vm, dict: &Value) -> PyResult {
    match vm.body::<Dict>(dict)?.popitem() {
        Some((key, value)) => Ok(vm.tuple([key, value])),
        None => Err(vm.key_error(&vm.new_str("popitem(): dictionary is empty"))),
    }
}

fn update(vm: &Vm, dict: &Value, args: Args<'_>) -> PyResult {
    for name in args.names {
        if name.downcast::<Str>().is_none() {
            return Err(vm.type_error("keywords must be strings"));
        }
    }
    vm.body::<Dict>(dict)?.update_from_args(vm, "update", args)?;
    Ok(Value::NONE)
}

fn fromkeys(vm: &Vm, class: &Value, args: &[Value]) -> PyResult {
    let Some(iterable) = args.first() else { return Ok(Value::NONE) };
    let value = &args.get(1).cloned().unwrap_or(Value::NONE);
    let result = vm.call(class, &[])?;
    if vm.type_of(&result).is(&vm.types.dict)
        && let Some(dict) = result.downcast::<Dict>()
    {
        // Sets and dicts know the hashes of their keys.
        let ty = vm.type_of(iterable);
        if let Some(set) = iterable.downcast::<Set>()
            && (ty.is(&vm.types.set) || ty.is(&vm.types.frozenset))
        {
            let mut slot = 0;
            while let Some((key, hash)) = set.next_key(&mut slot) {
                dict.set_hashed(vm, &key, hash, value.clone())?;
            }
            return Ok(result);
        }
        if let Some(source) = iterable.downcast::<Dict>()
            && ty.is(&vm.types.dict)
        {
            let mut position = 0;
            while let Some((key, _, hash)) = source.next_entry_hashed(&mut position) {
                dict.set_hashed(vm, &key, hash, value.clone())?;
            }
            return Ok(result);
        }
    }
    let iterator = vm.iter(iterable)?;
    if vm.type_of(&result).is(&vm.types.dict)
        && let Some(dict) = result.downcast::<Dict>()
    {
        while let Some(key) = vm.next(&iterator)? {
            dict.set(vm, &key, value.clone())?;
        }
    } else {
        while let Some(key) = vm.next(&iterator)? {
            vm.set_item(&result, &key, value)?;
        }
    }
    Ok(result)
}

fn clear(vm: &Vm, dict: &Value) -> PyResult {
    vm.body::<Dict>(dict)?.clear_all();
    Ok(Value::NONE)
}

fn copy(vm: &Vm, dict: &Value) -> PyResult {
    Ok(vm.body::<Dict>(dict)?.copy(vm)?.into_value())
}

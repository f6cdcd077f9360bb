//! `OrderedDict`: a dict whose keys can be moved to either end. The order is the dict's own; views and iterators are
//! [`super::ordered_views`].

use super::{State, ordered_views};
use crate::bodies::{bind, given, made};
use oriel_runtime::args::Signature;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::support::size_value;
use oriel_runtime::types::type_object::Subtype;
use oriel_runtime::{Args, Body, Bound, CompareOp, MethodDef, PyResult, Ref, TypeSpec, Value, Vm, type_flags};
use std::sync::OnceLock;

pub(super) static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::MAPPING | type_flags::DICT | type_flags::WEAKREF,
    doc: "A dictionary that remembers the order in which its keys were added and can change it.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, Dict::default())?.into_value())));
        slots.init.set(Some(init));
        slots.repr.set(Some(repr));
        slots.iter.set(Some(ordered_views::iter_keys));
        slots.richcompare.set(Some(compare));
        slots.nb_or.set(Some(or));
        slots.nb_inplace_or.set(Some(|vm, dict, other| {
            update_from(vm, dict, other)?;
            Ok(dict.clone())
        }));
    },
    methods: &[
        MethodDef::bound(
            "fromkeys",
            fromkeys,
            "($type, /, iterable, value=None)",
            "A new ordered dict with the keys from the iterable, all with the same value.",
        )
        .class_method(),
        MethodDef::noargs("__sizeof__", size_of, "($self, /)", "Bytes of memory."),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
        MethodDef::bound(
            "setdefault",
            setdefault,
            "($self, /, key, default=None)",
            "The value of the key; where it is missing it is added with the default first.",
        ),
        MethodDef::args(
            "pop",
            pop,
            "($self, /, key, default=<unrepresentable>)",
            "Remove the key and return its value, or the default where the key is missing.\n\nRaises KeyError where the key is missing and no default is given.",
        ),
        MethodDef::args(
            "popitem",
            popitem,
            "($self, /, last=True)",
            "Remove the last pair, or the first, and return it.",
        ),
        MethodDef::noargs("keys", ordered_views::keys, "($self, /)", ""),
        MethodDef::noargs("values", ordered_views::values, "($self, /)", ""),
        MethodDef::noargs("items", ordered_views::items, "($self, /)", ""),
        MethodDef::args(
            "update",
            |vm, dict, args| update(vm, dict, args).map(|()| Value::NONE),
            "",
            "Take over the pairs of a mapping or iterable, then those of the keywords.",
        ),
        MethodDef::noargs("clear", clear, "($self, /)", "Remove all pairs."),
        MethodDef::noargs("copy", copy, "($self, /)", "A shallow copy."),
        MethodDef::noargs(
            "__reversed__",
            ordered_views::reversed_keys,
            "($self, /)",
            "Iterate over the keys, the last one first.",
        ),
        MethodDef::args(
            "move_to_end",
            move_to_end,
            "($self, /, key, last=True)",
            "Make a key the last one, or the first.\n\nRaises KeyError where the key is missing.",
        ),
    ],
    ..TypeSpec::new("collections.OrderedDict", Dict::layout)
};

fn body<'a>(vm: &Vm, dict: &'a Value) -> PyResult<&'a Ref<Dict>> {
    vm.body::<Dict>(dict)
}

fn is_exact(vm: &Vm, dict: &Value) -> PyResult<bool> {
    let state = vm.state::<State>();
    Ok(vm.type_of(dict).is(made(vm, &state.ordered_dict)?))
}

fn is_ordered(vm: &Vm, dict: &Value) -> PyResult<bool> {
    let state = vm.state::<State>();
    Ok(vm.type_of(dict).is_subtype(made(vm, &state.ordered_dict)?))
}

fn init(vm: &Vm, dict: &Value, args: Args<'_>) -> PyResult<()> {
    update(vm, dict, args)
}

/// Sets pairs through `__setitem__`, which a subclass may have changed.
fn set_pairs(vm: &Vm, dict: &Value, pairs: &Value) -> PyResult<()> {
    vm.for_each(pairs, |pair| {
        let items = vm.collect(&pair)?;
        match &items[..] {
            [key, value] => vm.set_item(dict, key, value),
            [] | [_] => {
                let plural = if items.len() == 1 { "" } else { "s" };
                Err(vm.value_error(format!("need more than {} value{plural} to unpack", items.len())))
            }
            _ => Err(vm.value_error("too many values to unpack (expected 2)")),
        }
    })
}

fn update_from(vm: &Vm, dict: &Value, other: &Value) -> PyResult<()> {
    if vm.type_of(other).is(&vm.types.dict) {
        let items = vm.call_method(other, &vm.names.items, &[])?;
        let pairs = vm.list(vm.collect(&items)?);
        return set_pairs(vm, dict, &pairs);
    }
    if let Some(keys) = vm.get_attr_opt(other, &vm.names.keys)? {
        let keys = vm.call(&keys, &[])?;
        return vm.for_each(&keys, |key| {
            let value = vm.get_item(other, &key)?;
            vm.set_item(dict, &key, &value)
        });
    }
    if let Some(items) = vm.get_attr_opt(other, &vm.names.items)? {
        return set_pairs(vm, dict, &vm.call(&items, &[])?);
    }
    set_pairs(vm, dict, other)
}

fn update(vm: &Vm, dict: &Value, args: Args<'_>) -> PyResult<()> {
    let positional = args.positional();
    if positional.len() > 1 {
        return Err(vm.type_error(format!("expected at most 1 argument, got {}", positional.len())));
    }
    if let Some(other) = positional.first() {
        update_from(vm, dict, other)?;
    }
    for (name, value) in args.keywords() {
        vm.set_item(dict, name, value)?;
    }
    Ok(())
}

fn repr(vm: &Vm, dict: &Value) -> PyResult {
    let name = vm.str_text(&vm.type_of(dict).name.get());
    if body(vm, dict)?.is_empty() {
        return Ok(vm.new_str(&format!("{name}()")));
    }
    if !vm.enter_repr(dict) {
        return Ok(vm.new_str("..."));
    }
    let text = (|| {
        let plain = if is_exact(vm, dict)? {
            body(vm, dict)?.copy(vm)?.into_value()
        } else {
            let items = vm.call_method(dict, &vm.names.items, &[])?;
            vm.call(vm.types.dict.as_value(), &[items])?
        };
        vm.repr(&plain)
    })();
    vm.leave_repr(dict);
    let mut result = oriel_kernel::text::TextBuf::new();
    result.push_str(&format!("{name}("));
    if let Some(text) = text?.downcast::<Str>() {
        result.push_text(text.text());
    }
    result.push_str(")");
    vm.new_text_buf(&result)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) || b.downcast::<Dict>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let Some(dict_compare) = vm.types.dict.slots.richcompare.get() else { return Ok(Value::NOT_IMPLEMENTED) };
    let both = is_ordered(vm, b)?;
    let (x, y) = (body(vm, a)?, body(vm, b)?);
    let mut equal = vm.truth(&dict_compare(vm, a, b, CompareOp::Eq)?)?;
    if equal && both {
        let before = (x.layout_version(vm), y.layout_version(vm));
        let unchanged = || match (x.assigned_layout_version(), y.assigned_layout_version()) == before {
            true => Ok(()),
            false => Err(vm.runtime_error("OrderedDict mutated during iteration")),
        };
        for (left, right) in x.keys().iter().zip(y.keys()) {
            equal = vm.equal(left, &right)?;
            unchanged()?;
            if !equal {
                break;
            }
        }
    }
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    if a.downcast::<Dict>().is_none() || b.downcast::<Dict>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let class = vm.type_of(if is_ordered(vm, a)? { a } else { b }).to_value();
    let result = vm.call(&class, std::slice::from_ref(a))?;
    update_from(vm, &result, b)?;
    Ok(result)
}

fn fromkeys(vm: &Vm, class: &Value, args: &Bound<'_>) -> PyResult {
    let value = args[1].cloned().unwrap_or(Value::NONE);
    let result = vm.call(class, &[])?;
    vm.for_each(given(vm, args[0])?, |key| vm.set_item(&result, &key, &value))?;
    Ok(result)
}

fn size_of(vm: &Vm, dict: &Value) -> PyResult {
    let body = body(vm, dict)?;
    size_value(vm, 48 + body.table_size() + 56 * body.len() + 8 * body.positions())
}

fn reduce(vm: &Vm, dict: &Value) -> PyResult {
    let state = vm.call_method(dict, &vm.names.__getstate__, &[])?;
    let items = vm.call_method(dict, &vm.names.items, &[])?;
    let items = vm.iter(&items)?;
    Ok(vm.tuple([vm.type_of(dict).to_value(), vm.empty_tuple().into_value(), state, Value::NONE, items]))
}

fn setdefault(vm: &Vm, dict: &Value, args: &Bound<'_>) -> PyResult {
    let key = given(vm, args[0])?;
    let default = args[1].cloned().unwrap_or(Value::NONE);
    if is_exact(vm, dict)? {
        return body(vm, dict)?.setdefault(vm, key, &default);
    }
    if vm.contains(dict, key)? {
        return vm.get_item(dict, key);
    }
    vm.set_item(dict, key, &default)?;
    Ok(default)
}

fn too_many(vm: &Vm, name: &str, args: &Args<'_>, most: usize) -> PyResult<()> {
    let given = args.values.len();
    if given > most {
        let plural = if most == 1 { "" } else { "s" };
        let keyword = if args.positional().is_empty() { "keyword " } else { "" };
        return Err(vm.type_error(format!("{name}() takes at most {most} {keyword}argument{plural} ({given} given)")));
    }
    Ok(())
}

fn pop(vm: &Vm, dict: &Value, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    too_many(vm, "pop", &args, 2)?;
    let [key, default] = bind(vm, &SIGNATURE, "(key, default=None)", "pop", args)?;
    let key = given(vm, key)?;
    match body(vm, dict)?.delete(vm, key)?.or_else(|| default.cloned()) {
        Some(value) => Ok(value),
        None => Err(vm.key_error(key)),
    }
}

fn last_argument(vm: &Vm, value: Option<&Value>) -> PyResult<bool> {
    value.map_or(Ok(true), |value| vm.truth(value))
}

fn popitem(vm: &Vm, dict: &Value, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    too_many(vm, "popitem", &args, 1)?;
    let [last] = bind(vm, &SIGNATURE, "(last=True)", "popitem", args)?;
    let last = last_argument(vm, last)?;
    let body = body(vm, dict)?;
    match if last { body.popitem() } else { body.pop_first() } {
        Some((key, value)) => Ok(vm.tuple([key, value])),
        None => Err(vm.key_error(&vm.new_str("dictionary is empty"))),
    }
}

fn clear(vm: &Vm, dict: &Value) -> PyResult {
    body(vm, dict)?.clear_all();
    Ok(Value::NONE)
}

fn copy(vm: &Vm, dict: &Value) -> PyResult {
    let class = vm.type_of(dict);
    if is_exact(vm, dict)? {
        let result = vm.new_instance(class, Dict::default())?;
        result.merge(vm, body(vm, dict)?.copy(vm)?.as_value(), oriel_runtime::types::dict::Merge::Override)?;
        return Ok(result.into_value());
    }
    let class = class.to_value();
    let result = vm.call(&class, &[])?;
    let source = body(vm, dict)?;
    let before = source.layout_version(vm);
    for key in source.keys() {
        let value = vm.get_item(dict, &key)?;
        vm.set_item(&result, &key, &value)?;
        if source.assigned_layout_version() != before {
            return Err(vm.runtime_error("OrderedDict mutated during iteration"));
        }
    }
    Ok(result)
}

fn move_to_end(vm: &Vm, dict: &Value, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    too_many(vm, "move_to_end", &args, 2)?;
    let [key, last] = bind(vm, &SIGNATURE, "(key, last=True)", "move_to_end", args)?;
    let (key, last) = (given(vm, key)?, last_argument(vm, last)?);
    if body(vm, dict)?.move_to_end(vm, key, last)? { Ok(Value::NONE) } else { Err(vm.key_error(key)) }
}

//! `partial` and its `Placeholder`.

use super::State;
use oriel_runtime::cells::{OptionCell, ValueCell};
use oriel_runtime::slots::CallFn;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::support::{class_getitem, push_repr, repr_between};
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::types::type_object::{Subtype, TypeRef};
use oriel_runtime::{Args, Body, GetSetDef, Layout, MethodDef, PyResult, Raised, TypeSpec, Value, Vm, type_flags};
use std::cell::Cell;

/// The one value of `_PlaceholderType`.
pub(super) struct Placeholder;

impl Body for Placeholder {
    fn layout() -> &'static Layout {
        static LAYOUT: Layout = Layout::of::<Placeholder>("functools._PlaceholderType", None);
        &LAYOUT
    }
}

pub(super) static PLACEHOLDER_SPEC: TypeSpec = TypeSpec {
    doc: "The type of the placeholder in the positional arguments of a partial object.",
    slots: |slots| {
        slots.new.set(Some(|vm, _, args| {
            if !args.is_empty() {
                return Err(vm.type_error("PlaceholderType takes no arguments"));
            }
            let state = vm.state::<State>();
            state.placeholder.get().cloned().ok_or_else(|| vm.system_error("the module is not complete"))
        }));
        slots.repr.set(Some(|vm, _| Ok(vm.new_str("Placeholder"))));
    },
    methods: &[MethodDef::noargs("__reduce__", |vm, _| Ok(vm.new_str("Placeholder")), "($self, /)", "")],
    ..TypeSpec::new("functools._PlaceholderType", Placeholder::layout)
};

/// A function with some of its arguments.
pub(super) struct Partial {
    function: ValueCell,
    /// A tuple.
    args: ValueCell,
    /// A dict.
    keywords: ValueCell,
    /// How many of the arguments are placeholders.
    holes: Cell<usize>,
    /// Nothing: makes the collector's clearing harmless.
    unused: OptionCell,
}
crate::bodies::body!(Partial, "functools.partial", function, args, keywords, unused);

pub(super) static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT | type_flags::WEAKREF,
    doc: "partial(func, /, *args, **keywords)\n--\n\nA function with some of its arguments given already.\n\nA Placeholder among the positional ones leaves a hole that the call fills.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.call.set(Some(call));
        slots.repr.set(Some(repr));
        slots.descr_get.set(Some(|vm, partial, object, _| match object {
            Some(object) if !object.is_none() => Ok(vm.new_method(partial, object)),
            _ => Ok(partial.clone()),
        }));
    },
    methods: &[
        MethodDef::noargs("__reduce__", reduce, "($self, /)", ""),
        MethodDef::one("__setstate__", setstate, "($self, object, /)", ""),
        MethodDef::one("__class_getitem__", class_getitem, "($type, object, /)", "A generic alias.").class_method(),
    ],
    getset: &[
        GetSetDef::readonly(
            "func",
            |vm, partial| Ok(vm.body::<Partial>(partial)?.function.get()),
            "The function of future calls.",
        ),
        GetSetDef::readonly(
            "args",
            |vm, partial| Ok(vm.body::<Partial>(partial)?.args.get()),
            "The positional arguments of future calls.",
        ),
        GetSetDef::readonly(
            "keywords",
            |vm, partial| Ok(vm.body::<Partial>(partial)?.keywords.get()),
            "The keyword arguments of future calls.",
        ),
    ],
    ..TypeSpec::new("functools.partial", Partial::layout)
};

fn is_placeholder(vm: &Vm, value: &Value) -> bool {
    let state = vm.state::<State>();
    state.placeholder.get().is_some_and(|placeholder| placeholder.is(value))
}

fn trailing(vm: &Vm) -> Raised {
    vm.type_error("trailing Placeholders are not allowed")
}

fn items(args: &Value) -> &[Value] {
    args.downcast::<Tuple>().map_or(&[], |tuple| tuple.items())
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let [function, given @ ..] = args.positional() else {
        return Err(vm.type_error("type 'partial' takes at least one argument"));
    };
    if vm.type_of(function).slots.call.get().is_none() {
        return Err(vm.type_error("the first argument must be callable"));
    }
    if given.last().is_some_and(|last| is_placeholder(vm, last)) {
        return Err(trailing(vm));
    }
    if args.keyword_values().iter().any(|value| is_placeholder(vm, value)) {
        return Err(vm.type_error("Placeholder cannot be passed as a keyword argument"));
    }
    let mut function = function.clone();
    let mut merged: Vec<Value> = Vec::new();
    let keywords = vm.new_dict();
    let mut rest = given;
    // A partial of a partial, without attributes of its own, becomes one.
    if let Some(inner) = function.clone().downcast::<Partial>()
        && vm.type_of(&function).slots.call.get().is_some_and(|own| std::ptr::fn_addr_eq(own, call as CallFn))
        && oriel_runtime::attributes::instance_dict_if_made(&function).is_none_or(|dict| dict.is_empty())
        && function.header().is_some_and(|header| vm.shapes.count(header.shape()) == 0)
    {
        for value in items(&inner.args.get()) {
            match rest {
                [first, behind @ ..] if is_placeholder(vm, value) => {
                    merged.push(first.clone());
                    rest = behind;
                }
                _ => merged.push(value.clone()),
            }
        }
        keywords.update_from(vm, &inner.keywords.get(), true)?;
        function = inner.function.get();
    }
    merged.extend_from_slice(rest);
    for (name, value) in args.keywords() {
        keywords.set(vm, name, value.clone())?;
    }
    let holes = merged.iter().filter(|value| is_placeholder(vm, value)).count();
    let body = Partial {
        function: ValueCell::new(function),
        args: ValueCell::new(vm.new_tuple(&merged)),
        keywords: ValueCell::new(keywords.into_value()),
        holes: Cell::new(holes),
        unused: OptionCell::default(),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn call(vm: &Vm, partial: &Value, args: Args<'_>) -> PyResult {
    let body = vm.body::<Partial>(partial)?;
    let (own, keywords, holes) = (body.args.get(), body.keywords.get(), body.holes.get());
    let given = args.positional();
    if given.len() < holes {
        return Err(vm.type_error(format!(
            "missing positional arguments in 'partial' call; expected at least {holes}, got {}",
            given.len()
        )));
    }
    let own = items(&own);
    let mut values = Vec::with_capacity(own.len() + args.values.len());
    let mut rest = given.iter();
    for value in own {
        let filled = if holes > 0 && is_placeholder(vm, value) { rest.next() } else { None };
        values.push(filled.unwrap_or(value).clone());
    }
    values.extend(rest.cloned());
    let Some(keywords) = keywords.downcast::<Dict>() else { return Ok(Value::NONE) };
    let mut names = Vec::new();
    if keywords.is_empty() {
        names.extend_from_slice(args.names);
        values.extend_from_slice(args.keyword_values());
    } else {
        let merged = keywords.copy(vm)?;
        for (name, value) in args.keywords() {
            merged.set(vm, name, value.clone())?;
        }
        for (name, value) in merged.entries() {
            if name.downcast::<Str>().is_none() {
                return Err(vm.type_error("keywords must be strings"));
            }
            names.push(name);
            values.push(value);
        }
    }
    vm.call_args(&body.function.get(), Args { values: &values, names: &names })
}

fn repr(vm: &Vm, partial: &Value) -> PyResult {
    let body = vm.body::<Partial>(partial)?;
    let class = vm.type_of(partial).to_value();
    let module = vm.get_attr(&class, &vm.names.__module__)?;
    let qualname = vm.get_attr(&class, &vm.names.__qualname__)?;
    let name = format!("{}.{}", vm.str_text(&module), vm.str_text(&qualname));
    let (function, args, keywords) = (body.function.get(), body.args.get(), body.keywords.get());
    let args = items(&args);
    let entries = keywords.downcast::<Dict>().map(|dict| dict.entries()).unwrap_or_default();
    repr_between(vm, partial, &format!("{name}("), ")", "...", |index, text| {
        if index == 0 {
            return push_repr(vm, text, &function).map(|()| true);
        }
        if let Some(value) = args.get(index - 1) {
            return push_repr(vm, text, value).map(|()| true);
        }
        let Some((key, value)) = entries.get(index - 1 - args.len()) else { return Ok(false) };
        let key = vm.str(key)?;
        if let Some(key) = key.downcast::<Str>() {
            text.push_text(key.text());
        }
        text.push_str("=");
        push_repr(vm, text, value).map(|()| true)
    })
}

fn reduce(vm: &Vm, partial: &Value) -> PyResult {
    let body = vm.body::<Partial>(partial)?;
    let dict = vm.instance_dict(partial)?;
    let dict = if dict.is_empty() { Value::NONE } else { dict.into_value() };
    let state = vm.tuple([body.function.get(), body.args.get(), body.keywords.get(), dict]);
    Ok(vm.tuple([vm.type_of(partial).to_value(), vm.tuple([body.function.get()]), state]))
}

fn setstate(vm: &Vm, partial: &Value, state: &Value) -> PyResult {
    let invalid = || vm.type_error("invalid partial state");
    let Some(parts) = state.downcast::<Tuple>() else { return Err(invalid()) };
    let [function, args, keywords, dict] = parts.items() else { return Err(invalid()) };
    if vm.type_of(function).slots.call.get().is_none()
        || args.downcast::<Tuple>().is_none()
        || !keywords.is_none() && !vm.type_of(keywords).is_subtype(&vm.types.dict)
        || !dict.is_none() && dict.downcast::<Dict>().is_none()
    {
        return Err(invalid());
    }
    let values = items(args);
    if values.last().is_some_and(|last| is_placeholder(vm, last)) {
        return Err(trailing(vm));
    }
    let body = vm.body::<Partial>(partial)?;
    body.holes.set(values.iter().filter(|value| is_placeholder(vm, value)).count());
    body.function.set(function.clone());
    body.args.set(if vm.type_of(args).is(&vm.types.tuple) { args.clone() } else { vm.new_tuple(values) });
    if vm.type_of(keywords).is(&vm.types.dict) {
        body.keywords.set(keywords.clone());
    } else {
        let fresh = vm.new_dict();
        if !keywords.is_none() {
            fresh.update_from(vm, keywords, true)?;
        }
        body.keywords.set(fresh.into_value());
    }
    let attributes = dict.downcast::<Dict>().cloned();
    vm.set_instance_dict(partial, attributes)?;
    Ok(Value::NONE)
}

//! `attrgetter`, `itemgetter` and `methodcaller`.

use crate::bodies::body;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::support::{push_repr, repr_between};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, GetSetDef, MethodDef, PyResult, TypeSpec, Value, Vm};

/// The one positional argument of a call.
fn one_argument<'a>(vm: &Vm, name: &str, args: Args<'a>) -> PyResult<&'a Value> {
    args.no_keywords(vm, name)?;
    match args.values {
        [object] => Ok(object),
        _ => Err(vm.type_error(format!("{name} expected 1 argument, got {}", args.values.len()))),
    }
}

/// The repr of a callable that is made of values.
fn repr_of(vm: &Vm, getter: &Value, values: &[Value]) -> PyResult {
    let name = vm.full_name(vm.type_of(getter));
    repr_between(vm, getter, &format!("{name}("), ")", &format!("{name}(...)"), |index, text| match values.get(index) {
        Some(value) => push_repr(vm, text, value).map(|()| true),
        None => Ok(false),
    })
}

pub(super) struct ItemGetter {
    items: Box<[Value]>,
}
body!(ItemGetter, "operator.itemgetter", items);

pub(super) static ITEMGETTER_SPEC: TypeSpec = TypeSpec {
    doc: "itemgetter(item, /, *items)\n--\n\nA callable that gets items of its argument.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, args| {
            args.no_keywords(vm, "itemgetter")?;
            if args.values.is_empty() {
                return Err(vm.type_error("itemgetter expected 1 argument, got 0"));
            }
            Ok(vm.new_instance(class, ItemGetter { items: args.values.into() })?.into_value())
        }));
        slots.call.set(Some(|vm, getter, args| {
            let object = one_argument(vm, "itemgetter", args)?;
            let body = vm.body::<ItemGetter>(getter)?;
            if let [item] = &*body.items {
                return vm.get_item(object, item);
            }
            let found = body.items.iter().map(|item| vm.get_item(object, item)).collect::<PyResult<Vec<Value>>>()?;
            Ok(vm.tuple_of(found).into_value())
        }));
        slots.repr.set(Some(|vm, getter| repr_of(vm, getter, &vm.body::<ItemGetter>(getter)?.items)));
    },
    methods: &[MethodDef::noargs(
        "__reduce__",
        |vm, getter| {
            let items = vm.new_tuple(&vm.body::<ItemGetter>(getter)?.items);
            Ok(vm.tuple([vm.type_of(getter).to_value(), items]))
        },
        "($self, /)",
        "State for pickling.",
    )],
    getset: &[GetSetDef::readonly("__text_signature__", |vm, _| Ok(vm.new_str("(obj, /)")), "")],
    ..TypeSpec::new("operator.itemgetter", ItemGetter::layout)
};

pub(super) struct AttrGetter {
    /// The names as given.
    names: Box<[Value]>,
    /// Each name split at its dots.
    paths: Box<[Box<[Value]>]>,
}
body!(AttrGetter, "operator.attrgetter", names);

pub(super) static ATTRGETTER_SPEC: TypeSpec = TypeSpec {
    doc: "attrgetter(attr, /, *attrs)\n--\n\nA callable that gets attributes of its argument; a name with dots goes from attribute to attribute.",
    slots: |slots| {
        slots.new.set(Some(attrgetter_new));
        slots.call.set(Some(|vm, getter, args| {
            let object = one_argument(vm, "attrgetter", args)?;
            let body = vm.body::<AttrGetter>(getter)?;
            let follow = |path: &[Value]| {
                let mut found = object.clone();
                for name in path {
                    found = vm.get_attr(&found, name)?;
                }
                Ok(found)
            };
            if let [path] = &*body.paths {
                return follow(path);
            }
            let found = body.paths.iter().map(|path| follow(path)).collect::<PyResult<Vec<Value>>>()?;
            Ok(vm.tuple_of(found).into_value())
        }));
        slots.repr.set(Some(|vm, getter| repr_of(vm, getter, &vm.body::<AttrGetter>(getter)?.names)));
    },
    methods: &[MethodDef::noargs(
        "__reduce__",
        |vm, getter| {
            let names = vm.new_tuple(&vm.body::<AttrGetter>(getter)?.names);
            Ok(vm.tuple([vm.type_of(getter).to_value(), names]))
        },
        "($self, /)",
        "State for pickling.",
    )],
    getset: &[GetSetDef::readonly("__text_signature__", |vm, _| Ok(vm.new_str("(obj, /)")), "")],
    ..TypeSpec::new("operator.attrgetter", AttrGetter::layout)
};

fn attrgetter_new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    args.no_keywords(vm, "attrgetter")?;
    if args.values.is_empty() {
        return Err(vm.type_error("attrgetter expected 1 argument, got 0"));
    }
    let mut paths = Vec::with_capacity(args.values.len());
    for name in args.values {
        let Some(text) = name.downcast::<Str>() else {
            return Err(vm.type_error("attribute name must be a string"));
        };
        let text = text.text();
        let mut path = Vec::new();
        let mut start = 0;
        for position in 0..=text.len() {
            if text.get(position).is_none_or(|character| character == u32::from('.')) {
                path.push(vm.intern_value(&vm.new_text(text.slice(start, position))?));
                start = position + 1;
            }
        }
        paths.push(path.into_boxed_slice());
    }
    let body = AttrGetter { names: args.values.into(), paths: paths.into_boxed_slice() };
    Ok(vm.new_instance(class, body)?.into_value())
}

pub(super) struct MethodCaller {
    name: Value,
    /// Positional values, and behind them those of the keywords.
    values: Box<[Value]>,
    names: Box<[Value]>,
}
body!(MethodCaller, "operator.methodcaller", name, values, names);

pub(super) static METHODCALLER_SPEC: TypeSpec = TypeSpec {
    doc: "methodcaller(name, /, *args, **kwargs)\n--\n\nA callable that calls a method of its argument.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, args| {
            let Some(name) = args.positional().first() else {
                return Err(vm.type_error("methodcaller needs at least one argument, the method name"));
            };
            if name.downcast::<Str>().is_none() {
                return Err(vm.type_error("method name must be a string"));
            }
            let body = MethodCaller {
                name: vm.intern_value(name),
                values: args.skip_first().values.into(),
                names: args.names.into(),
            };
            Ok(vm.new_instance(class, body)?.into_value())
        }));
        slots.call.set(Some(|vm, caller, args| {
            let object = one_argument(vm, "methodcaller", args)?;
            let body = vm.body::<MethodCaller>(caller)?;
            let method = vm.get_attr(object, &body.name)?;
            vm.call_args(&method, Args { values: &body.values, names: &body.names })
        }));
        slots.repr.set(Some(methodcaller_repr));
    },
    methods: &[MethodDef::noargs("__reduce__", methodcaller_reduce, "($self, /)", "State for pickling.")],
    getset: &[GetSetDef::readonly("__text_signature__", |vm, _| Ok(vm.new_str("(obj, /)")), "")],
    ..TypeSpec::new("operator.methodcaller", MethodCaller::layout)
};

fn methodcaller_repr(vm: &Vm, caller: &Value) -> PyResult {
    let body = vm.body::<MethodCaller>(caller)?;
    let name = vm.full_name(vm.type_of(caller));
    let positional = body.values.len() - body.names.len();
    repr_between(vm, caller, &format!("{name}("), ")", &format!("{name}(...)"), |index, text| {
        if index == 0 {
            return push_repr(vm, text, &body.name).map(|()| true);
        }
        let Some(value) = body.values.get(index - 1) else { return Ok(false) };
        if index > positional
            && let Some(keyword) = body.names.get(index - 1 - positional)
            && let Some(keyword) = keyword.downcast::<Str>()
        {
            text.push_text(keyword.text());
            text.push_str("=");
        }
        push_repr(vm, text, value).map(|()| true)
    })
}

fn methodcaller_reduce(vm: &Vm, caller: &Value) -> PyResult {
    let body = vm.body::<MethodCaller>(caller)?;
    let args = Args { values: &body.values, names: &body.names };
    if args.names.is_empty() {
        let mut parts = vec![body.name.clone()];
        parts.extend_from_slice(args.values);
        return Ok(vm.tuple([vm.type_of(caller).to_value(), vm.new_tuple(&parts)]));
    }
    // With keywords the callable is made again by a partial of the class.
    let functools = vm.import_module("functools")?;
    let partial = vm.get_attr_str(&functools, "partial")?;
    let mut values = vec![vm.type_of(caller).to_value(), body.name.clone()];
    values.extend_from_slice(args.keyword_values());
    let constructor = vm.call_args(&partial, Args { values: &values, names: args.names })?;
    Ok(vm.tuple([constructor, vm.new_tuple(args.positional())]))
}

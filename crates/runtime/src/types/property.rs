//! `property`, `classmethod` and `staticmethod`.

use crate::args::Args;
use crate::cells::OptionCell;
use crate::error::{PyResult, Raised};
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::types::dict::Dict;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::Cell;

/// The body of a property.
#[derive(Default)]
pub struct Property {
    /// Reads the attribute.
    pub getter: OptionCell,
    /// Sets it.
    pub setter: OptionCell,
    /// Deletes it.
    pub deleter: OptionCell,
    /// `__doc__`
    pub doc: OptionCell,
    /// The name under which a class holds it.
    pub name: OptionCell,
    /// Whether the documentation is the getter's.
    pub doc_of_getter: Cell<bool>,
}

static PROPERTY_LAYOUT: Layout = Layout::of::<Property>("property", None);

impl Body for Property {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &PROPERTY_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        for cell in [&self.getter, &self.setter, &self.deleter, &self.doc, &self.name] {
            cell.visit(visitor);
        }
    }
    fn clear(&self) {
        for cell in [&self.getter, &self.setter, &self.deleter, &self.doc, &self.name] {
            cell.set(None);
        }
    }
}

/// The body of class methods and static methods.
#[derive(Default)]
pub struct Wrapped {
    /// The function.
    pub function: OptionCell,
}

macro_rules! wrapper_body {
    ($(#[$doc:meta])* $name:ident as $text:literal) => {
        $(#[$doc])*
        #[derive(Default)]
        #[repr(transparent)]
        pub struct $name(pub Wrapped);

        const _: () = {
            static LAYOUT: Layout = Layout::of::<$name>($text, None);
            impl Body for $name {
                const CONTAINER: bool = true;
                fn layout() -> &'static Layout {
                    &LAYOUT
                }
                fn visit(&self, visitor: Visitor<'_>) {
                    self.0.function.visit(visitor);
                }
                fn clear(&self) {
                    self.0.function.set(None);
                }
            }
        };
    };
}

wrapper_body! {
    /// The body of a class method.
    ClassMethod as "classmethod"
}
wrapper_body! {
    /// The body of a static method.
    StaticMethod as "staticmethod"
}

/// `property`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "property(fget=None, fset=None, fdel=None, doc=None)\n--\n\nAn attribute computed by functions.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, Property::default())?.into_value())));
        slots.init.set(Some(property_init));
        slots.descr_get.set(Some(property_get));
        slots.descr_set.set(Some(property_set));
    },
    methods: &[
        MethodDef::one(
            "getter",
            |vm, this, f| copy_with(vm, this, Some(f), None, None),
            "",
            "The same with another getter.",
        ),
        MethodDef::one(
            "setter",
            |vm, this, f| copy_with(vm, this, None, Some(f), None),
            "",
            "The same with another setter.",
        ),
        MethodDef::one(
            "deleter",
            |vm, this, f| copy_with(vm, this, None, None, Some(f)),
            "",
            "The same with another deleter.",
        ),
        MethodDef::args("__set_name__", set_name, "", "Told by the class under which name it holds the property."),
    ],
    getset: &[
        GetSetDef::member(
            "fget",
            |vm, this| Ok(property(vm, this)?.getter.get().unwrap_or(Value::NONE)),
            "The getter.",
        ),
        GetSetDef::member(
            "fset",
            |vm, this| Ok(property(vm, this)?.setter.get().unwrap_or(Value::NONE)),
            "The setter.",
        ),
        GetSetDef::member(
            "fdel",
            |vm, this| Ok(property(vm, this)?.deleter.get().unwrap_or(Value::NONE)),
            "The deleter.",
        ),
        GetSetDef::new(
            "__doc__",
            |vm, this| Ok(property(vm, this)?.doc.get().unwrap_or(Value::NONE)),
            |vm, this, value| {
                property(vm, this)?.doc.set(value.cloned());
                Ok(())
            },
            "The documentation.",
        ),
        GetSetDef::new(
            "__name__",
            |vm, this| match name_of(vm, this)? {
                Some(name) => Ok(name),
                None => Err(vm.no_attribute(this, &vm.names.__name__)),
            },
            |vm, this, value| {
                property(vm, this)?.name.set(value.cloned());
                Ok(())
            },
            "The name.",
        ),
        GetSetDef::readonly(
            "__isabstractmethod__",
            |vm, this| {
                let own = property(vm, this)?;
                for function in [own.getter.get(), own.setter.get(), own.deleter.get()].into_iter().flatten() {
                    if is_abstract(vm, &function)? {
                        return Ok(Value::TRUE);
                    }
                }
                Ok(Value::FALSE)
            },
            "Whether one of the functions is abstract.",
        ),
    ],
    ..TypeSpec::new("property", Property::layout)
};

fn property<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Property>> {
    value.downcast().ok_or_else(|| vm.type_error("a property is needed"))
}

/// Whether a function is marked as abstract.
fn is_abstract(vm: &Vm, function: &Value) -> PyResult<bool> {
    match vm.get_attr_opt(function, &vm.names.__isabstractmethod__)? {
        Some(mark) => vm.truth(&mark),
        None => Ok(false),
    }
}

fn property_init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let positional = args.positional();
    if positional.len() + args.names.len() > 4 {
        let given = positional.len() + args.names.len();
        return Err(vm.type_error(format!("property() takes at most 4 arguments ({given} given)")));
    }
    let mut values: [Option<Value>; 4] = [const { None }; 4];
    for (slot, value) in values.iter_mut().zip(positional) {
        *slot = Some(value.clone());
    }
    for (name, value) in args.keywords() {
        let text = vm.str_text(name);
        let Some(index) = ["fget", "fset", "fdel", "doc"].iter().position(|known| *known == text) else {
            return Err(vm.type_error(format!("property() got an unexpected keyword argument '{text}'")));
        };
        if index < positional.len() {
            let place = index + 1;
            return Err(
                vm.type_error(format!("argument for property() given by name ('{text}') and position ({place})"))
            );
        }
        values[index] = Some(value.clone());
    }
    let [getter, setter, deleter, doc] = values.map(|value| value.filter(|value| !value.is_none()));
    let own = property(vm, this)?;
    retire(own.getter.replace(getter.clone()));
    retire(own.setter.replace(setter));
    own.deleter.set(deleter);
    own.doc.set(None);
    own.name.set(None);
    own.doc_of_getter.set(false);
    let doc = match (doc, getter) {
        (Some(doc), _) => Some(doc),
        (None, Some(getter)) => {
            let doc = vm.get_attr_opt(&getter, &vm.names.__doc__)?.filter(|doc| !doc.is_none());
            own.doc_of_getter.set(doc.is_some());
            doc
        }
        (None, None) => None,
    };
    if vm.type_of(this).is(&vm.types.property) {
        own.doc.set(doc);
        return Ok(());
    }
    // An instance of a subclass keeps the documentation as an attribute of its own: the class's goes before the field.
    match vm.set_attr(this, &vm.names.__doc__, &doc.unwrap_or(Value::NONE)) {
        Err(raised) if !own.doc_of_getter.get() && vm.raised_is(&raised, &vm.types.attribute_error) => Ok(()),
        other => other,
    }
}

fn name_of(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let own = property(vm, this)?;
    if let Some(name) = own.name.get() {
        return Ok(Some(name));
    }
    match own.getter.get() {
        Some(getter) => vm.get_attr_opt(&getter, &vm.names.__name__),
        None => Ok(None),
    }
}

#[cold]
fn lacks(vm: &Vm, this: &Value, object: &Value, what: &str) -> Raised {
    let name = match name_of(vm, this) {
        Ok(name) => name,
        Err(raised) => return raised,
    };
    let class = match vm.repr_text(&vm.type_of(object).qualname.get()) {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    match name.map(|name| vm.repr_text(&name)) {
        Some(Ok(name)) => vm.attribute_error(format!("property {name} of {class} object has no {what}")),
        Some(Err(raised)) => raised,
        None => vm.attribute_error(format!("property of {class} object has no {what}")),
    }
}

fn property_get(vm: &Vm, this: &Value, object: Option<&Value>, _owner: Option<&Value>) -> PyResult {
    let Some(object) = object.filter(|object| !object.is_none()) else { return Ok(this.clone()) };
    match property(vm, this)?.getter.get() {
        Some(getter) => vm.call(&getter, std::slice::from_ref(object)),
        None => Err(lacks(vm, this, object, "getter")),
    }
}

fn property_set(vm: &Vm, this: &Value, object: &Value, value: Option<&Value>) -> PyResult<()> {
    let own = property(vm, this)?;
    match value {
        Some(value) => match own.setter.get() {
            Some(setter) => vm.call(&setter, &[object.clone(), value.clone()])?,
            None => return Err(lacks(vm, this, object, "setter")),
        },
        None => match own.deleter.get() {
            Some(deleter) => vm.call(&deleter, std::slice::from_ref(object))?,
            None => return Err(lacks(vm, this, object, "deleter")),
        },
    };
    Ok(())
}

fn copy_with(vm: &Vm, this: &Value, get: Option<&Value>, set: Option<&Value>, del: Option<&Value>) -> PyResult {
    let own = property(vm, this)?;
    let pick = |new: Option<&Value>, old: &OptionCell| match new {
        Some(new) if !new.is_none() => new.clone(),
        _ => old.get().unwrap_or(Value::NONE),
    };
    let getter = pick(get, &own.getter);
    let doc =
        if own.doc_of_getter.get() && !getter.is_none() { Value::NONE } else { own.doc.get().unwrap_or(Value::NONE) };
    let class = vm.type_of(this).to_value();
    let copy = vm.call(&class, &[getter, pick(set, &own.setter), pick(del, &own.deleter), doc])?;
    if let Some(new) = copy.downcast::<Property>() {
        new.name.set(own.name.get());
    }
    Ok(copy)
}

fn set_name(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    match args.values {
        [_, name] if args.names.is_empty() => {
            property(vm, this)?.name.set(Some(name.clone()));
            Ok(Value::NONE)
        }
        values => {
            let given = values.len();
            Err(vm.type_error(format!("__set_name__() takes 2 positional arguments but {given} were given")))
        }
    }
}

/// `classmethod`
pub static CLASS_METHOD_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT,
    doc: "classmethod(function, /)\n--\n\nA method that is handed the class.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, ClassMethod::default())?.into_value())));
        slots.init.set(Some(|vm, this, args| wrapper_init(vm, this, args, "classmethod")));
        slots.repr.set(Some(|vm, this| wrapper_repr(vm, this, "classmethod")));
        slots.descr_get.set(Some(|vm, this, object, owner| {
            let function = function_of(vm, this)?;
            match (owner, object) {
                (Some(owner), _) => Ok(vm.new_method(&function, owner)),
                (None, Some(object)) => Ok(vm.new_method(&function, vm.type_of(object).as_value())),
                (None, None) => Err(vm.type_error("__get__(None, None) is invalid")),
            }
        }));
    },
    methods: WRAPPER_METHODS,
    getset: WRAPPER_ATTRIBUTES,
    ..TypeSpec::new("classmethod", ClassMethod::layout)
};

/// `staticmethod`
pub static STATIC_METHOD_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT,
    doc: "staticmethod(function, /)\n--\n\nA function in a class that is handed neither instance nor class.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, StaticMethod::default())?.into_value())));
        slots.init.set(Some(|vm, this, args| wrapper_init(vm, this, args, "staticmethod")));
        slots.repr.set(Some(|vm, this| wrapper_repr(vm, this, "staticmethod")));
        slots.descr_get.set(Some(|vm, this, _, _| function_of(vm, this)));
        slots.call.set(Some(|vm, this, args| vm.call_args(&function_of(vm, this)?, args)));
    },
    methods: WRAPPER_METHODS,
    getset: WRAPPER_ATTRIBUTES,
    ..TypeSpec::new("staticmethod", StaticMethod::layout)
};

static WRAPPER_METHODS: &[MethodDef] = &[MethodDef::one(
    "__class_getitem__",
    |vm, class, item| vm.new_generic_alias(class, item),
    "($type, object, /)",
    "See PEP 585",
)
.class_method()];

static WRAPPER_ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::readonly("__func__", function_of, "The function."),
    GetSetDef::readonly("__wrapped__", function_of, "The function."),
    GetSetDef::readonly(
        "__isabstractmethod__",
        |vm, this| Ok(Value::bool(is_abstract(vm, &function_of(vm, this)?)?)),
        "Whether the function is abstract.",
    ),
    GetSetDef::new("__dict__", |vm, this| Ok(vm.instance_dict(this)?.into_value()), set_dict, "The attributes."),
    GetSetDef::new(
        "__annotations__",
        |vm, this| from_wrapped(vm, this, &vm.names.__annotations__),
        |vm, this, value| set_own(vm, this, &vm.names.__annotations__, value),
        "The function's annotations.",
    ),
    GetSetDef::new(
        "__annotate__",
        |vm, this| from_wrapped(vm, this, &vm.names.__annotate__),
        |vm, this, value| set_own(vm, this, &vm.names.__annotate__, value),
        "The function that makes the annotations.",
    ),
];

fn wrapped<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Wrapped> {
    if let Some(method) = value.downcast::<ClassMethod>() {
        return Ok(&method.0);
    }
    match value.downcast::<StaticMethod>() {
        Some(method) => Ok(&method.0),
        None => Err(vm.type_error("a class method or static method is needed")),
    }
}

fn function_of(vm: &Vm, this: &Value) -> PyResult {
    Ok(wrapped(vm, this)?.function.get().unwrap_or(Value::NONE))
}

/// The function of an exact class method (then the flag is true) or static method.
pub(crate) fn wrapped_function(vm: &Vm, value: &Value) -> Option<(Value, bool)> {
    let ty = vm.type_of(value);
    let takes_class = ty.is(&vm.types.class_method);
    if !takes_class && !ty.is(&vm.types.static_method) {
        return None;
    }
    Some((function_of(vm, value).ok()?, takes_class))
}

/// What a cell held that changes at a second `__init__` only: call sites may remember its address, so it stays.
fn retire(old: Option<Value>) {
    if let Some(header) = old.as_ref().and_then(|old| old.header()) {
        header.make_immortal();
    }
}

fn wrapper_init(vm: &Vm, this: &Value, args: Args<'_>, name: &str) -> PyResult<()> {
    let values = args.unpack(vm, name, 1, 1)?;
    let function = &values[0];
    retire(wrapped(vm, this)?.function.replace(Some(function.clone())));
    let names = &vm.names;
    for name in [&names.__module__, &names.__name__, &names.__qualname__, &names.__doc__] {
        if let Some(value) = vm.get_attr_opt(function, name)? {
            vm.set_attr(this, name, &value)?;
        }
    }
    Ok(())
}

fn wrapper_repr(vm: &Vm, this: &Value, name: &str) -> PyResult {
    let function = vm.repr_text(&function_of(vm, this)?)?;
    Ok(vm.new_str(&format!("<{name}({function})>")))
}

fn set_dict(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.type_error("cannot delete __dict__")) };
    match Ref::<Dict>::try_from_value(value.clone()) {
        Ok(dict) => vm.set_instance_dict(this, Some(dict)),
        Err(other) => {
            let given = vm.type_name(&other);
            Err(vm.type_error(format!("__dict__ must be set to a dictionary, not a '{given}'")))
        }
    }
}

/// An attribute of the function, remembered here.
fn from_wrapped(vm: &Vm, this: &Value, name: &Value) -> PyResult {
    if let Some(own) = vm.instance_attr(this, name)? {
        return Ok(own);
    }
    let value = vm.get_attr(&function_of(vm, this)?, name)?;
    vm.set_instance_attr(this, name, &value)?;
    Ok(value)
}

fn set_own(vm: &Vm, this: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        Some(value) => vm.set_instance_attr(this, name, value),
        None if vm.del_instance_attr(this, name)? => Ok(()),
        None => Err(vm.attribute_error(vm.str_text(name))),
    }
}

impl Vm {
    /// A class method of a function, as a class's namespace holds it; without copied attributes.
    pub fn new_class_method(&self, function: &Value) -> Value {
        let body = ClassMethod(Wrapped { function: OptionCell::new(Some(function.clone())) });
        self.new_wrapper(&self.types.class_method, body)
    }

    /// A static method of a function, as a class's namespace holds it; without copied attributes.
    pub fn new_static_method(&self, function: &Value) -> Value {
        let body = StaticMethod(Wrapped { function: OptionCell::new(Some(function.clone())) });
        self.new_wrapper(&self.types.static_method, body)
    }

    fn new_wrapper<T: Body>(&self, ty: &TypeRef, body: T) -> Value {
        match self.new_instance(ty, body) {
            Ok(wrapper) => wrapper.into_value(),
            Err(raised) => raised.0,
        }
    }
}

//! `type` as a type: calling a class, attributes of classes, and the methods and attributes that classes have.

use crate::args::Args;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::types::dict::Dict;
use crate::types::generics::union::Union;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::types::{type_new, type_object};
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};

/// `type`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::TYPE | type_flags::WEAKREF,
    doc: "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type",
    slots: |slots| {
        slots.call.set(Some(call));
        slots.repr.set(Some(repr));
        slots.getattro.set(Some(get_attribute));
        slots.setattro.set(Some(set_attribute));
        slots.init.set(Some(init));
        slots.new.set(Some(type_new::new));
        slots.nb_or.set(Some(|vm, a, b| vm.new_union(a, b)));
    },
    methods: &[
        MethodDef::noargs("mro", mro_method, "($self, /)", "Return a type's method resolution order."),
        MethodDef::noargs("__subclasses__", subclasses, "($self, /)", "Return a list of immediate subclasses."),
        MethodDef::args(
            "__prepare__",
            |vm, _, _| Ok(vm.new_dict().into_value()),
            "($cls, name, bases, /, **kwds)",
            "Create the namespace for the class statement.",
        )
        .class_method(),
        MethodDef::one(
            "__instancecheck__",
            |vm, class, object| Ok(Value::bool(vm.real_is_instance(object, class)?)),
            "($self, instance, /)",
            "Check if an object is an instance.",
        ),
        MethodDef::one(
            "__subclasscheck__",
            |vm, class, sub| Ok(Value::bool(vm.real_is_subclass(sub, class)?)),
            "($self, subclass, /)",
            "Check if a class is a subclass.",
        ),
        MethodDef::noargs("__dir__", dir, "($self, /)", "Specialized __dir__ implementation for types."),
        MethodDef::noargs(
            "__sizeof__",
            |vm, _| Ok(vm.new_int(size_of::<Type>() as i64)),
            "($self, /)",
            "Size in bytes.",
        ),
    ],
    getset: &[
        GetSetDef::new("__name__", |vm, t| Ok(class(vm, t)?.name.get()), set_name, "The name."),
        GetSetDef::new("__qualname__", |vm, t| Ok(class(vm, t)?.qualname.get()), set_qualname, "The dotted name."),
        GetSetDef::new("__module__", module_of, set_module, "The module's name."),
        GetSetDef::new(
            "__bases__",
            |vm, t| Ok(class(vm, t)?.bases.get().unwrap_or(Value::NONE)),
            type_new::set_bases,
            "The bases.",
        ),
        GetSetDef::readonly("__base__", |vm, t| Ok(class(vm, t)?.base.get().unwrap_or(Value::NONE)), "The main base."),
        GetSetDef::readonly(
            "__mro__",
            |vm, t| Ok(class(vm, t)?.mro.get().unwrap_or(Value::NONE)),
            "The look-up order.",
        ),
        GetSetDef::readonly(
            "__dict__",
            |vm, t| vm.new_mapping_proxy(class(vm, t)?.namespace.as_value()),
            "The namespace.",
        ),
        GetSetDef::new("__doc__", doc, set_doc, "What it is."),
        GetSetDef::readonly("__text_signature__", text_signature, "The parameters."),
        GetSetDef::readonly(
            "__basicsize__",
            |vm, t| Ok(vm.new_int(sizes(vm, class(vm, t)?).0)),
            "Bytes of an instance.",
        ),
        GetSetDef::readonly("__itemsize__", |vm, t| Ok(vm.new_int(sizes(vm, class(vm, t)?).1)), "Bytes of an item."),
        GetSetDef::readonly(
            "__dictoffset__",
            |vm, t| Ok(vm.new_int(if class(vm, t)?.has_dict() { -1 } else { 0 })),
            "Where the dict is.",
        ),
        GetSetDef::readonly(
            "__weakrefoffset__",
            |vm, t| Ok(vm.new_int(if class(vm, t)?.has(type_flags::WEAKREF) { 16 } else { 0 })),
            "Whether weak references are possible.",
        ),
        GetSetDef::readonly("__flags__", flags, "CPython's type flags that have a meaning here."),
        GetSetDef::new("__abstractmethods__", abstract_methods, set_abstract_methods, "The abstract methods."),
        GetSetDef::new("__annotations__", type_new::annotations, type_new::set_annotations, "The annotations."),
        GetSetDef::new(
            "__annotate__",
            type_new::annotate,
            type_new::set_annotate,
            "The function that makes the annotations.",
        ),
        GetSetDef::new("__type_params__", type_params, set_type_params, "The type parameters."),
    ],
    ..TypeSpec::new("type", Type::layout)
};

fn class<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a TypeRef> {
    value.downcast().ok_or_else(|| vm.type_error("a type is needed"))
}

/// `__basicsize__` and `__itemsize__`: CPython's where a program can see them in the sizes of objects.
pub fn sizes(vm: &Vm, ty: &TypeRef) -> (i64, i64) {
    let known = [(&vm.types.int, (24, 4)), (&vm.types.tuple, (24, 8)), (&vm.types.bytes, (33, 1))];
    match known.iter().find(|(base, _)| ty.is_subtype(base)) {
        Some((_, sizes)) => *sizes,
        None => {
            let layout = ty.head.layout.get();
            (16 + layout.size as i64, i64::from(layout.end.is_some()))
        }
    }
}

fn call(vm: &Vm, callable: &Value, args: Args<'_>) -> PyResult {
    let ty = class(vm, callable)?;
    if ty.is(&vm.types.type_) && args.names.is_empty() {
        match args.values {
            [object] => return Ok(vm.type_of(object).to_value()),
            values if values.len() != 3 => return Err(vm.type_error("type() takes 1 or 3 arguments")),
            _ => {}
        }
    }
    vm.instantiate(ty, args)
}

impl Vm {
    /// Makes an instance: `__new__`, then `__init__` where that gave an instance of the class.
    #[inline]
    pub fn instantiate(&self, ty: &TypeRef, args: Args<'_>) -> PyResult {
        let Some(new) = ty.slots.new.get() else {
            return Err(self.type_error(format!("cannot create '{}' instances", self.full_name(ty))));
        };
        let object = new(self, ty, args)?;
        let made = self.type_of(&object);
        if made.is_subtype(ty)
            && let Some(init) = made.slots.init.get()
        {
            init(self, &object, args)?;
        }
        Ok(object)
    }

    /// `__module__` of a type as text.
    pub fn type_module_text(&self, ty: &TypeRef) -> Option<String> {
        if !ty.is_heap_type() {
            return Some(ty.module.to_owned());
        }
        let module = ty.namespace.get_str(&self.names.__module__)?;
        module.downcast::<Str>().map(|s| s.to_text())
    }

    /// Adds the names that a class and its bases have, for `dir`.
    pub fn merge_class_dict(&self, names: &Ref<Dict>, class: &Value) -> PyResult<()> {
        if let Some(dict) = self.get_attr_opt(class, &self.names.__dict__)? {
            names.update_from(self, &dict, true)?;
        }
        if let Some(bases) = self.get_attr_opt(class, &self.names.__bases__)?
            && let Some(bases) = bases.downcast::<Tuple>()
        {
            self.check_stack()?;
            for base in bases.items() {
                self.merge_class_dict(names, base)?;
            }
        }
        Ok(())
    }

    /// `type.__instancecheck__`
    pub fn real_is_instance(&self, object: &Value, class: &Value) -> PyResult<bool> {
        if let Some(ty) = class.downcast::<Type>() {
            if self.type_of(object).is_subtype(ty) {
                return Ok(true);
            }
            if !self.may_claim_class(self.type_of(object)) {
                return Ok(false);
            }
            // A proxy may claim another class.
            let Some(claimed) = self.get_attr_opt(object, &self.names.__class__)? else { return Ok(false) };
            return Ok(match claimed.downcast::<Type>() {
                Some(claimed) if !claimed.is(self.type_of(object)) => claimed.is_subtype(ty),
                _ => false,
            });
        }
        self.check_is_class(class, "isinstance() arg 2 must be a type, a tuple of types, or a union")?;
        match self.get_attr_opt(object, &self.names.__class__)? {
            Some(claimed) => self.abstract_is_subclass(&claimed, class),
            None => Ok(false),
        }
    }

    /// Whether instances of a type may say that they are of another one.
    fn may_claim_class(&self, ty: &TypeRef) -> bool {
        let generic = crate::attributes::generic_get_attr as crate::slots::BinaryFn;
        if !ty.slots.getattro.get().is_some_and(|f| std::ptr::fn_addr_eq(f, generic)) {
            return true;
        }
        let names = &self.names;
        match (self.lookup(ty, &names.__class__), self.lookup(&self.types.object, &names.__class__)) {
            (Some(own), Some(plain)) => !own.is(&plain),
            _ => true,
        }
    }

    /// `type.__subclasscheck__`
    pub fn real_is_subclass(&self, sub: &Value, class: &Value) -> PyResult<bool> {
        if let (Some(a), Some(b)) = (sub.downcast::<Type>(), class.downcast::<Type>()) {
            return Ok(a.is_subtype(b));
        }
        self.check_is_class(sub, "issubclass() arg 1 must be a class")?;
        self.check_is_class(class, "issubclass() arg 2 must be a class, a tuple of classes, or a union")?;
        self.abstract_is_subclass(sub, class)
    }

    fn check_is_class(&self, class: &Value, message: &str) -> PyResult<()> {
        match self.get_attr_opt(class, &self.names.__bases__)? {
            Some(bases) if bases.downcast::<Tuple>().is_some() => Ok(()),
            _ => Err(self.type_error(message)),
        }
    }

    fn abstract_is_subclass(&self, sub: &Value, class: &Value) -> PyResult<bool> {
        if sub.is(class) {
            return Ok(true);
        }
        self.check_stack_for(" in __subclasscheck__")?;
        if let Some(bases) = self.get_attr_opt(sub, &self.names.__bases__)?
            && let Some(bases) = bases.downcast::<Tuple>()
        {
            for base in bases.items() {
                if self.abstract_is_subclass(base, class)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// `isinstance(object, class)` with tuples, unions and `__instancecheck__`.
    pub fn is_instance(&self, object: &Value, class: &Value) -> PyResult<bool> {
        if let Some(ty) = class.downcast::<Type>()
            && self.type_of(object).is(ty)
        {
            return Ok(true);
        }
        if self.type_of(class).is(&self.types.type_) {
            return self.real_is_instance(object, class);
        }
        if let Some(parts) = class_parts(class) {
            let ty = self.type_of(object);
            let is_plain = |part: &Value| self.type_of(part).is(&self.types.type_);
            if parts.iter().take_while(|part| is_plain(part)).any(|part| part.is(ty.as_value())) {
                return Ok(true);
            }
            self.check_stack_for(" in __instancecheck__")?;
            for part in parts {
                if self.is_instance(object, part)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        self.check_stack_for(" in __instancecheck__")?;
        match self.call_special(class, &self.names.__instancecheck__, std::slice::from_ref(object))? {
            Some(result) => self.truth(&result),
            None => self.real_is_instance(object, class),
        }
    }

    /// `issubclass(sub, class)` with tuples, unions and `__subclasscheck__`.
    pub fn is_subclass(&self, sub: &Value, class: &Value) -> PyResult<bool> {
        if self.type_of(class).is(&self.types.type_) {
            if sub.is(class) {
                return Ok(true);
            }
            return self.real_is_subclass(sub, class);
        }
        self.check_stack_for(" in __subclasscheck__")?;
        if let Some(parts) = class_parts(class) {
            for part in parts {
                if self.is_subclass(sub, part)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        match self.call_special(class, &self.names.__subclasscheck__, std::slice::from_ref(sub))? {
            Some(result) => self.truth(&result),
            None => self.real_is_subclass(sub, class),
        }
    }
}

/// The members of a tuple of classes or of a union.
fn class_parts(class: &Value) -> Option<&[Value]> {
    match class.downcast::<Tuple>() {
        Some(tuple) => Some(tuple.items()),
        None => class.downcast::<Union>().map(|union| union.members()),
    }
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let ty = class(vm, this)?;
    let qualname = vm.str_text(&ty.qualname.get());
    Ok(match vm.type_module_text(ty).as_deref() {
        Some("builtins") | None => {
            vm.new_str(&format!("<class '{}'>", if ty.is_heap_type() { qualname } else { vm.full_name(ty) }))
        }
        Some(module) => vm.new_str(&format!("<class '{module}.{qualname}'>")),
    })
}

pub(crate) fn get_attribute(vm: &Vm, this: &Value, name: &Value) -> PyResult {
    if name.downcast::<Str>().is_none() {
        return Err(vm.type_error(format!("attribute name must be string, not '{}'", vm.type_name(name))));
    }
    match get_attribute_opt(vm, this, name)? {
        Some(found) => Ok(found),
        None => Err(vm.no_attribute(this, name)),
    }
}

/// An attribute of a type, nothing where it is missing.
pub(crate) fn get_attribute_opt(vm: &Vm, this: &Value, name: &Value) -> PyResult<Option<Value>> {
    let ty = class(vm, this)?;
    let metatype = vm.type_of(this).clone();
    let meta = vm.lookup(&metatype, name);
    if let Some(meta) = &meta {
        let meta_type = vm.type_of(meta);
        if meta_type.slots.descr_set.get().is_some()
            && let Some(get) = meta_type.slots.descr_get.get()
        {
            return get(vm, meta, Some(this), Some(metatype.as_value())).map(Some);
        }
    }
    if let Some(found) = vm.lookup(ty, name) {
        return match vm.type_of(&found).slots.descr_get.get() {
            Some(get) => get(vm, &found, None, Some(this)).map(Some),
            None => Ok(Some(found)),
        };
    }
    match meta {
        Some(meta) => match vm.type_of(&meta).slots.descr_get.get() {
            Some(get) => get(vm, &meta, Some(this), Some(metatype.as_value())).map(Some),
            None => Ok(Some(meta)),
        },
        None => Ok(None),
    }
}

fn set_attribute(vm: &Vm, this: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    let ty = class(vm, this)?;
    if !ty.is_heap_type() && !ty.has(type_flags::MUTABLE) {
        let (attribute, class) = (vm.str_text(name), vm.full_name(ty));
        return Err(vm.type_error(format!("cannot set '{attribute}' attribute of immutable type '{class}'")));
    }
    let name = vm.intern_value(name);
    let metatype = vm.type_of(this).clone();
    if let Some(meta) = vm.lookup(&metatype, &name)
        && let Some(set) = vm.type_of(&meta).slots.descr_set.get()
    {
        set(vm, &meta, this, value)?;
        vm.type_modified(ty);
        return Ok(());
    }
    match value {
        Some(value) => {
            let is_data = vm.type_of(value).slots.descr_set.get().is_some();
            let old = ty.namespace.get_str(&name);
            ty.namespace.set_str(&name, value.clone());
            vm.type_modified(ty);
            drop(old);
            // Caches of attributes rest on shapes alone, which say nothing of these hooks.
            let is_hook = [&vm.names.__getattribute__, &vm.names.__setattr__, &vm.names.__delattr__];
            if is_data || is_hook.iter().any(|hook| hook.is(&name)) {
                vm.revoke_shapes(ty);
            }
        }
        None => {
            let Some(old) = ty.namespace.delete_str(&name) else {
                return Err(vm.no_attribute(this, &name));
            };
            vm.type_modified(ty);
            drop(old);
        }
    }
    vm.update_slots_for(ty, &vm.str_text(&name));
    Ok(())
}

fn init(vm: &Vm, _this: &Value, args: Args<'_>) -> PyResult<()> {
    let given = args.positional().len();
    if given == 1 && !args.names.is_empty() {
        return Err(vm.type_error("type.__init__() takes no keyword arguments"));
    }
    if given != 1 && given != 3 {
        return Err(vm.type_error("type.__init__() takes 1 or 3 arguments"));
    }
    Ok(())
}

fn mro_method(vm: &Vm, this: &Value) -> PyResult {
    let order = type_new::compute_mro(vm, class(vm, this)?)?;
    Ok(vm.new_list(order).into_value())
}

fn subclasses(vm: &Vm, this: &Value) -> PyResult {
    let subclasses = vm.subclasses_of(class(vm, this)?);
    Ok(vm.new_list(subclasses.into_iter().map(type_object::TypeRef::into_value).collect()).into_value())
}

fn dir(vm: &Vm, this: &Value) -> PyResult {
    let names = vm.new_dict();
    vm.merge_class_dict(&names, this)?;
    vm.call(vm.types.list.as_value(), &[names.into_value()])
}

fn changeable(vm: &Vm, this: &Value, value: Option<&Value>, what: &str) -> PyResult<Value> {
    let ty = class(vm, this)?;
    let name = vm.full_name(ty);
    if !ty.is_heap_type() {
        return Err(vm.type_error(format!("cannot set '{what}' attribute of immutable type '{name}'")));
    }
    match value {
        Some(value) => Ok(value.clone()),
        None => Err(vm.type_error(format!("cannot delete '{what}' attribute of immutable type '{name}'"))),
    }
}

fn set_name(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let value = changeable(vm, this, value, "__name__")?;
    let ty = class(vm, this)?;
    let Some(text) = value.downcast::<Str>() else {
        let (class, given) = (vm.full_name(ty), vm.type_name(&value));
        return Err(vm.type_error(format!("can only assign string to {class}.__name__, not '{given}'")));
    };
    vm.check_utf8(&value)?;
    if text.to_text().contains('\0') {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    vm.type_modified(ty);
    ty.name.set(value);
    Ok(())
}

fn set_qualname(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let value = changeable(vm, this, value, "__qualname__")?;
    let ty = class(vm, this)?;
    if value.downcast::<Str>().is_none() {
        let (class, given) = (vm.full_name(ty), vm.type_name(&value));
        return Err(vm.type_error(format!("can only assign string to {class}.__qualname__, not '{given}'")));
    }
    ty.qualname.set(value);
    Ok(())
}

fn module_of(vm: &Vm, this: &Value) -> PyResult {
    let ty = class(vm, this)?;
    if !ty.is_heap_type() {
        return Ok(vm.intern(ty.module));
    }
    ty.namespace.get_str(&vm.names.__module__).ok_or_else(|| vm.attribute_error("__module__"))
}

fn set_module(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let value = changeable(vm, this, value, "__module__")?;
    let ty = class(vm, this)?;
    ty.namespace.delete_str(&vm.names.__firstlineno__);
    ty.namespace.set_str(&vm.names.__module__, value);
    vm.type_modified(ty);
    Ok(())
}

fn doc(vm: &Vm, this: &Value) -> PyResult {
    let ty = class(vm, this)?;
    if let Some(spec) = ty.spec.filter(|_| !ty.is_heap_type()) {
        return Ok(vm.type_doc(spec));
    }
    let Some(doc) = ty.namespace.get_str(&vm.names.__doc__) else { return Ok(Value::NONE) };
    match vm.type_of(&doc).slots.descr_get.get() {
        Some(get) => get(vm, &doc, None, Some(this)),
        None => Ok(doc),
    }
}

fn set_doc(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let value = changeable(vm, this, value, "__doc__")?;
    let ty = class(vm, this)?;
    ty.namespace.set_str(&vm.names.__doc__, value);
    vm.type_modified(ty);
    Ok(())
}

fn text_signature(vm: &Vm, this: &Value) -> PyResult {
    let ty = class(vm, this)?;
    if ty.is(&vm.types.object) {
        return Ok(vm.new_str("()"));
    }
    // A builtin class whose documentation opens with its signature: `name(parameters)\n--\n\n`.
    let text = ty.spec.filter(|_| !ty.is_heap_type()).and_then(|spec| {
        let rest = spec.doc.strip_prefix(type_ready_name(spec.name))?;
        rest.split_once("\n--\n\n").map(|(signature, _)| signature)
    });
    Ok(text.map_or(Value::NONE, |signature| vm.new_str(signature)))
}

fn type_ready_name(name: &'static str) -> &'static str {
    crate::types::type_ready::split_name(name).1
}

fn flags(vm: &Vm, this: &Value) -> PyResult {
    let ty = class(vm, this)?;
    let subclass = |base: &TypeRef, bit: u32| if ty.is_subtype(base) { 1i64 << bit } else { 0 };
    let has = |flag: u32, bit: u32| if ty.has(flag) { 1i64 << bit } else { 0 };
    let types = &vm.types;
    let mut bits = (1 << 12) | (1 << 14) | (1 << 18);
    bits |= has(type_flags::SEQUENCE, 5) | has(type_flags::MAPPING, 6) | has(type_flags::NO_NEW, 7);
    bits |= has(type_flags::HEAP, 9)
        | has(type_flags::MUTABLE, 9)
        | has(type_flags::BASE, 10)
        | has(type_flags::ABSTRACT, 20);
    bits |= has(type_flags::METHOD_DESCRIPTOR, 17) | has(type_flags::MATCH_SELF, 22);
    if !ty.is_heap_type() && !ty.has(type_flags::MUTABLE) {
        bits |= 1 << 8;
    }
    bits |= subclass(&types.int, 24) | subclass(&types.list, 25) | subclass(&types.tuple, 26);
    bits |= subclass(&types.str, 28) | subclass(&types.dict, 29);
    bits |= subclass(&types.base_exception, 30) | subclass(&types.type_, 31);
    Ok(vm.new_int(bits))
}

fn abstract_methods(vm: &Vm, this: &Value) -> PyResult {
    let ty = class(vm, this)?;
    let own = if ty.is(&vm.types.type_) { None } else { ty.namespace.get_str(&vm.names.__abstractmethods__) };
    own.ok_or_else(|| vm.no_attribute(this, &vm.names.__abstractmethods__))
}

fn set_abstract_methods(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let ty = class(vm, this)?;
    let is_abstract = match value {
        Some(value) => {
            let truth = vm.truth(value)?;
            ty.namespace.set_str(&vm.names.__abstractmethods__, value.clone());
            truth
        }
        None => {
            if ty.namespace.delete_str(&vm.names.__abstractmethods__).is_none() {
                return Err(vm.no_attribute(this, &vm.names.__abstractmethods__));
            }
            false
        }
    };
    vm.type_modified(ty);
    ty.set_flag(type_flags::ABSTRACT, is_abstract);
    Ok(())
}

fn type_params(vm: &Vm, this: &Value) -> PyResult {
    let ty = class(vm, this)?;
    if ty.is(&vm.types.type_) {
        return Ok(vm.constants.empty_tuple.clone());
    }
    let own = ty.namespace.get_str(&vm.names.__type_params__);
    Ok(own.unwrap_or_else(|| vm.constants.empty_tuple.clone()))
}

fn set_type_params(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    let value = changeable(vm, this, value, "__type_params__")?;
    let ty = class(vm, this)?;
    ty.namespace.set_str(&vm.names.__type_params__, value);
    vm.type_modified(ty);
    Ok(())
}

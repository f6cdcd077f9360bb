//! `super`: attributes of the classes behind a given one in the MRO.

use crate::args::Args;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{GetSetDef, TypeSpec, type_flags};
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};

/// The body of a `super` object.
#[derive(Default)]
pub struct Super {
    /// `__thisclass__`: the class behind which the look-up begins.
    pub class: OptionCell,
    /// `__self__`: the instance or class that is bound to.
    pub object: OptionCell,
    /// `__self_class__`: whose MRO it is.
    pub object_class: OptionCell,
}

static LAYOUT: Layout = Layout::of::<Super>("super", None);

impl Body for Super {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.class.visit(visitor);
        self.object.visit(visitor);
        self.object_class.visit(visitor);
    }

    fn clear(&self) {
        self.class.set(None);
        self.object.set(None);
        self.object_class.set(None);
    }
}

/// `super`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "super() -> same as super(__class__, <first argument>)\n\
          super(type) -> unbound super object\n\
          super(type, obj) -> bound super object; requires isinstance(obj, type)\n\
          super(type, type2) -> bound super object; requires issubclass(type2, type)",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, Super::default())?.into_value())));
        slots.init.set(Some(init));
        slots.repr.set(Some(repr));
        slots.getattro.set(Some(get_attribute));
        slots.descr_get.set(Some(bind));
    },
    getset: &[
        GetSetDef::readonly(
            "__thisclass__",
            |vm, this| Ok(body(vm, this)?.class.get().unwrap_or(Value::NONE)),
            "The class behind which the look-up begins.",
        ),
        GetSetDef::readonly(
            "__self__",
            |vm, this| Ok(body(vm, this)?.object.get().unwrap_or(Value::NONE)),
            "What is bound to.",
        ),
        GetSetDef::readonly(
            "__self_class__",
            |vm, this| Ok(body(vm, this)?.object_class.get().unwrap_or(Value::NONE)),
            "Whose MRO it is.",
        ),
    ],
    ..TypeSpec::new("super", Super::layout)
};

fn body<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Super>> {
    value.downcast().ok_or_else(|| vm.type_error("a super object is needed"))
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(vm, "super")?;
    let values = args.values;
    let (class, object) = match values {
        [] => {
            let (class, object) = vm.super_arguments()?;
            (class, Some(object))
        }
        [class] | [class, _] => match class.downcast::<Type>() {
            Some(class) => (class.clone(), values.get(1).filter(|object| !object.is_none()).cloned()),
            None => {
                let given = vm.type_name(class);
                return Err(vm.type_error(format!("super() argument 1 must be a type, not {given}")));
            }
        },
        _ => {
            let given = values.len();
            return Err(vm.type_error(format!("super() expected at most 2 arguments, got {given}")));
        }
    };
    let object_class = match &object {
        Some(object) => Some(check(vm, &class, object)?.into_value()),
        None => None,
    };
    let own = body(vm, this)?;
    own.class.set(Some(class.into_value()));
    own.object.set(object);
    own.object_class.set(object_class);
    Ok(())
}

/// The class whose MRO counts: of a class bound to, itself; else the object's, or what it claims to be.
fn check(vm: &Vm, class: &TypeRef, object: &Value) -> PyResult<TypeRef> {
    let as_class = object.downcast::<Type>();
    // An MRO of a program's own may lack the class itself.
    let lists =
        |ty: &TypeRef| ty.mro_tuple().is_none_or(|mro| mro.items().iter().any(|entry| entry.is(class.as_value())));
    if let Some(own) = as_class
        && own.is_subtype(class)
        && lists(own)
    {
        return Ok(own.clone());
    }
    let ty = vm.type_of(object);
    if ty.is_subtype(class) {
        return Ok(ty.clone());
    }
    if let Some(claimed) = vm.get_attr_opt(object, &vm.names.__class__)?
        && let Some(claimed) = claimed.downcast::<Type>()
        && !claimed.is(ty)
        && claimed.is_subtype(class)
    {
        return Ok(claimed.clone());
    }
    let (what, name) = match as_class {
        Some(own) => ("type", vm.full_name(own)),
        None => ("instance of", vm.full_name(ty)),
    };
    let class = vm.full_name(class);
    Err(vm
        .type_error(format!("super(type, obj): obj ({what} {name}) is not an instance or subtype of type ({class}).")))
}

/// Finds an attribute in the MRO behind a class, not bound yet.
fn find(vm: &Vm, class: &TypeRef, object_class: &TypeRef, name: &Value) -> Option<Value> {
    let mro = object_class.mro_tuple()?;
    let mut classes = mro.items().iter();
    classes.by_ref().find(|entry| entry.is(class.as_value()))?;
    if vm.is_interned(name) {
        return classes.filter_map(|entry| entry.downcast::<Type>()).find_map(|entry| entry.namespace.get_str(name));
    }
    let name = vm.intern_value(name);
    classes.filter_map(|entry| entry.downcast::<Type>()).find_map(|entry| entry.namespace.get_str(&name))
}

fn bound_attr(
    vm: &Vm,
    class: &TypeRef,
    object: &Value,
    object_class: &TypeRef,
    name: &Value,
) -> PyResult<Option<Value>> {
    let Some(found) = find(vm, class, object_class, name) else { return Ok(None) };
    // Bound to a class, functions of it come unbound.
    let receiver = if object.is(object_class.as_value()) { None } else { Some(object) };
    vm.bind(&found, receiver, object_class.as_value()).map(Some)
}

fn get_attribute(vm: &Vm, this: &Value, name: &Value) -> PyResult {
    let own = body(vm, this)?;
    if let (Some(class), Some(object), Some(object_class)) = (own.class.get(), own.object.get(), own.object_class.get())
        && let (Some(class), Some(object_class)) = (class.downcast::<Type>(), object_class.downcast::<Type>())
        // The class of the super object itself is `super`, not that of what it is bound to.
        && !vm.intern_value(name).is(&vm.names.__class__)
        && let Some(found) = bound_attr(vm, class, &object, object_class, name)?
    {
        return Ok(found);
    }
    crate::attributes::generic_get_attr(vm, this, name)
}

fn bind(vm: &Vm, this: &Value, object: Option<&Value>, _owner: Option<&Value>) -> PyResult {
    let own = body(vm, this)?;
    let Some(object) = object.filter(|object| !object.is_none()) else { return Ok(this.clone()) };
    let Some(class) = own.class.get().filter(|_| !own.object.is_some()) else { return Ok(this.clone()) };
    let ty = vm.type_of(this).to_value();
    vm.call(&ty, &[class, object.clone()])
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let own = body(vm, this)?;
    let name = |value: Option<Value>| value.and_then(|value| value.downcast::<Type>().map(|ty| vm.full_name(ty)));
    let class = name(own.class.get()).unwrap_or_else(|| "NULL".to_owned());
    Ok(vm.new_str(&match name(own.object_class.get()) {
        Some(object_class) => format!("<super: <class '{class}'>, <{object_class} object>>"),
        None => format!("<super: <class '{class}'>, NULL>"),
    }))
}

impl Vm {
    /// `getattr(super(class, object), name)`
    pub fn super_attr(&self, class: &TypeRef, object: &Value, name: &Value) -> PyResult {
        let object_class = check(self, class, object)?;
        match bound_attr(self, class, object, &object_class, name)? {
            Some(found) => Ok(found),
            // The super object has attributes of its own.
            None => crate::attributes::generic_get_attr(self, &self.new_super(class, object, object_class)?, name),
        }
    }

    /// What LOAD_SUPER_ATTR does where the global `super` is the builtin: looks the attribute up without making a
    /// `super` object. Where a method is wanted and found unbound, the flag is true and the receiver is the first argument.
    pub fn super_lookup(
        &self,
        class: &Value,
        object: &Value,
        name: &Value,
        want_method: bool,
    ) -> PyResult<(Value, bool)> {
        let Some(class) = class.downcast::<Type>() else {
            let given = self.type_name(class);
            return Err(self.type_error(format!("super() argument 1 must be a type, not {given}")));
        };
        let object_class = check(self, class, object)?;
        if name.is(&self.names.__class__) {
            return Ok((self.types.super_type.to_value(), false));
        }
        if want_method
            && !object.is(object_class.as_value())
            && let Some(found) = find(self, class, &object_class, name)
            && self.type_of(&found).has(type_flags::METHOD_DESCRIPTOR)
        {
            return Ok((found, true));
        }
        match bound_attr(self, class, object, &object_class, name)? {
            Some(found) => Ok((found, false)),
            None => {
                // The super object has attributes of its own.
                let this = self.new_super(class, object, object_class)?;
                Ok((crate::attributes::generic_get_attr(self, &this, name)?, false))
            }
        }
    }

    fn new_super(&self, class: &TypeRef, object: &Value, object_class: TypeRef) -> PyResult {
        let own = Super {
            class: OptionCell::new(Some(class.to_value())),
            object: OptionCell::new(Some(object.clone())),
            object_class: OptionCell::new(Some(object_class.into_value())),
        };
        Ok(self.new_instance(&self.types.super_type, own)?.into_value())
    }
}

//! `getset_descriptor`, `member_descriptor`, `wrapper_descriptor` and `method-wrapper`: what a type's namespace
//! holds for computed attributes, `__slots__` and the dunders of slots.

use crate::args::Args;
use crate::attributes::{read_slot, write_slot};
use crate::cells::{OptionCell, ValueCell};
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::types::type_slots::SlotWrapper;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};

/// A computed attribute of a builtin type.
pub struct GetSet {
    /// The declaration.
    pub def: &'static GetSetDef,
    /// `__objclass__`
    pub owner: ValueCell,
}

/// A `__slots__` member.
pub struct Member {
    /// The attribute's name: an interned `str`.
    pub name: ValueCell,
    /// The position in the tail.
    pub slot: usize,
    /// For a field of a builtin type, which has no position: how it is read.
    pub field: Option<&'static GetSetDef>,
    /// `__objclass__`
    pub owner: ValueCell,
}

/// The dunder of a slot, not bound.
pub struct WrapperDescriptor {
    /// Which slot, and how it is called as a method.
    pub wrapper: &'static SlotWrapper,
    /// `__objclass__`
    pub owner: ValueCell,
}

/// The dunder of a slot, bound to an instance.
pub struct MethodWrapper {
    /// The unbound form.
    pub descriptor: ValueCell,
    /// `__self__`
    pub receiver: OptionCell,
}

static GETSET_LAYOUT: Layout = Layout::of::<GetSet>("getset_descriptor", None);
static MEMBER_LAYOUT: Layout = Layout::of::<Member>("member_descriptor", None);
static WRAPPER_LAYOUT: Layout = Layout::of::<WrapperDescriptor>("wrapper_descriptor", None);
static METHOD_WRAPPER_LAYOUT: Layout = Layout::of::<MethodWrapper>("method-wrapper", None);

impl Body for GetSet {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &GETSET_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.owner.visit(visitor);
    }
}

impl Body for Member {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &MEMBER_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.owner.visit(visitor);
    }
}

impl Body for WrapperDescriptor {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &WRAPPER_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.owner.visit(visitor);
    }
}

impl Body for MethodWrapper {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &METHOD_WRAPPER_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.descriptor.visit(visitor);
        self.receiver.visit(visitor);
    }
    fn clear(&self) {
        self.receiver.set(None);
    }
}

fn part<'a, T: Body>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<T>> {
    value.downcast::<T>().ok_or_else(|| vm.type_error("the descriptor has another type"))
}

fn owner_type(owner: &Value) -> Option<&TypeRef> {
    owner.downcast::<Type>()
}

fn check_receiver(vm: &Vm, name: &str, owner: &Value, object: &Value) -> PyResult<()> {
    match owner_type(owner) {
        Some(class) if !vm.type_of(object).is_subtype(class) => Err(vm.type_error(format!(
            "descriptor '{name}' for '{}' objects doesn't apply to a '{}' object",
            vm.full_name(class),
            vm.type_name(object)
        ))),
        _ => Ok(()),
    }
}

fn qualname(vm: &Vm, owner: &Value, name: &str) -> Value {
    let class = owner_type(owner).map(|ty| vm.str_text(&ty.qualname.get())).unwrap_or_default();
    vm.new_str(&format!("{class}.{name}"))
}

fn reduce(vm: &Vm, owner: Value, name: &str) -> PyResult {
    let getattr = vm.frame_builtin("getattr")?;
    Ok(vm.new_tuple(&[getattr, vm.new_tuple(&[owner, vm.new_str(name)])]))
}

/// `getset_descriptor`
pub static GETSET_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.repr.set(Some(|vm, value| {
            let body = part::<GetSet>(vm, value)?;
            let owner = body.owner.get();
            let class = owner_type(&owner).map(|ty| vm.full_name(ty)).unwrap_or_default();
            Ok(vm.new_str(&format!("<attribute '{}' of '{class}' objects>", body.def.name)))
        }));
        slots.descr_get.set(Some(|vm, descr, object, _| {
            let body = part::<GetSet>(vm, descr)?;
            match object {
                None => Ok(descr.clone()),
                Some(object) => {
                    check_receiver(vm, body.def.name, &body.owner.get(), object)?;
                    (body.def.get)(vm, object)
                }
            }
        }));
        slots.descr_set.set(Some(|vm, descr, object, value| {
            let body = part::<GetSet>(vm, descr)?;
            let owner = body.owner.get();
            check_receiver(vm, body.def.name, &owner, object)?;
            match body.def.set {
                Some(set) => set(vm, object, value),
                None => {
                    let class = owner_type(&owner).map(|ty| vm.full_name(ty)).unwrap_or_default();
                    let name = body.def.name;
                    Err(vm.attribute_error(format!("attribute '{name}' of '{class}' objects is not writable")))
                }
            }
        }));
    },
    methods: &[MethodDef::noargs(
        "__reduce__",
        |vm, value| {
            let body = part::<GetSet>(vm, value)?;
            reduce(vm, body.owner.get(), body.def.name)
        },
        "($self, /)",
        "How the descriptor is pickled.",
    )],
    getset: &[
        GetSetDef::readonly("__name__", |vm, v| Ok(vm.intern(part::<GetSet>(vm, v)?.def.name)), "The name."),
        GetSetDef::readonly(
            "__qualname__",
            |vm, v| {
                let body = part::<GetSet>(vm, v)?;
                Ok(qualname(vm, &body.owner.get(), body.def.name))
            },
            "The name with the class's.",
        ),
        GetSetDef::readonly("__objclass__", |vm, v| Ok(part::<GetSet>(vm, v)?.owner.get()), "The class."),
        GetSetDef::readonly(
            "__doc__",
            |vm, v| {
                let doc = part::<GetSet>(vm, v)?.def.doc;
                Ok(if doc.is_empty() { Value::NONE } else { vm.new_str(doc) })
            },
            "What it is.",
        ),
    ],
    ..TypeSpec::new("getset_descriptor", GetSet::layout)
};

/// `member_descriptor`
pub static MEMBER_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.repr.set(Some(|vm, value| {
            let body = part::<Member>(vm, value)?;
            let owner = body.owner.get();
            let class = owner_type(&owner).map(|ty| vm.full_name(ty)).unwrap_or_default();
            Ok(vm.new_str(&format!("<member '{}' of '{class}' objects>", vm.str_text(&body.name.get()))))
        }));
        slots.descr_get.set(Some(|vm, descr, object, _| {
            let body = part::<Member>(vm, descr)?;
            let Some(object) = object else { return Ok(descr.clone()) };
            check_receiver(vm, &vm.str_text(&body.name.get()), &body.owner.get(), object)?;
            if let Some(field) = body.field {
                return (field.get)(vm, object);
            }
            match read_slot(object, body.slot) {
                Some(value) => Ok(value),
                None => {
                    let (class, name) = (vm.qualified_type_name(vm.type_of(object))?, vm.str_text(&body.name.get()));
                    Err(vm.attribute_error(format!("'{class}' object has no attribute '{name}'")))
                }
            }
        }));
        slots.descr_set.set(Some(|vm, descr, object, value| {
            let body = part::<Member>(vm, descr)?;
            check_receiver(vm, &vm.str_text(&body.name.get()), &body.owner.get(), object)?;
            if body.field.is_some() {
                return Err(vm.attribute_error("readonly attribute"));
            }
            if value.is_none() && read_slot(object, body.slot).is_none() {
                return Err(vm.attribute_error(vm.str_text(&body.name.get())));
            }
            write_slot(object, body.slot, value.cloned());
            Ok(())
        }));
    },
    methods: &[MethodDef::noargs(
        "__reduce__",
        |vm, value| {
            let body = part::<Member>(vm, value)?;
            reduce(vm, body.owner.get(), &vm.str_text(&body.name.get()))
        },
        "($self, /)",
        "How the descriptor is pickled.",
    )],
    getset: &[
        GetSetDef::readonly("__name__", |vm, v| Ok(part::<Member>(vm, v)?.name.get()), "The name."),
        GetSetDef::readonly(
            "__qualname__",
            |vm, v| {
                let body = part::<Member>(vm, v)?;
                Ok(qualname(vm, &body.owner.get(), &vm.str_text(&body.name.get())))
            },
            "The name with the class's.",
        ),
        GetSetDef::readonly("__objclass__", |vm, v| Ok(part::<Member>(vm, v)?.owner.get()), "The class."),
        GetSetDef::readonly(
            "__doc__",
            |vm, v| Ok(part::<Member>(vm, v)?.field.map_or(Value::NONE, |field| vm.new_str(field.doc))),
            "What it is.",
        ),
    ],
    ..TypeSpec::new("member_descriptor", Member::layout)
};

/// `wrapper_descriptor`
pub static WRAPPER_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW | type_flags::METHOD_DESCRIPTOR,
    slots: |slots| {
        slots.repr.set(Some(|vm, value| {
            let body = part::<WrapperDescriptor>(vm, value)?;
            let owner = body.owner.get();
            let class = owner_type(&owner).map(|ty| vm.full_name(ty)).unwrap_or_default();
            Ok(vm.new_str(&format!("<slot wrapper '{}' of '{class}' objects>", body.wrapper.name)))
        }));
        slots.descr_get.set(Some(|vm, descr, object, _| {
            let body = part::<WrapperDescriptor>(vm, descr)?;
            let Some(object) = object else { return Ok(descr.clone()) };
            check_receiver(vm, body.wrapper.name, &body.owner.get(), object)?;
            let bound = MethodWrapper {
                descriptor: ValueCell::new(descr.clone()),
                receiver: OptionCell::new(Some(object.clone())),
            };
            // SAFETY: the type's layout is that of the body.
            Ok(unsafe { vm.heap.new_object(vm.types.method_wrapper.as_value().raw(), bound) }.into_value())
        }));
        slots.call.set(Some(|vm, callable, args| {
            let body = part::<WrapperDescriptor>(vm, callable)?;
            let owner = body.owner.get();
            let Some(receiver) = args.positional().first() else {
                let class = owner_type(&owner).map(|ty| vm.full_name(ty)).unwrap_or_default();
                let name = body.wrapper.name;
                return Err(vm.type_error(format!("descriptor '{name}' of '{class}' object needs an argument")));
            };
            if let Some(class) = owner_type(&owner)
                && !vm.type_of(receiver).is_subtype(class)
            {
                return Err(vm.type_error(format!(
                    "descriptor '{}' requires a '{}' object but received a '{}'",
                    body.wrapper.name,
                    vm.full_name(class),
                    vm.type_name(receiver)
                )));
            }
            call_wrapper(vm, body, receiver, args.skip_first())
        }));
    },
    methods: &[MethodDef::noargs(
        "__reduce__",
        |vm, value| {
            let body = part::<WrapperDescriptor>(vm, value)?;
            reduce(vm, body.owner.get(), body.wrapper.name)
        },
        "($self, /)",
        "How the descriptor is pickled.",
    )],
    getset: &[
        GetSetDef::readonly(
            "__name__",
            |vm, v| Ok(vm.intern(part::<WrapperDescriptor>(vm, v)?.wrapper.name)),
            "The name.",
        ),
        GetSetDef::readonly(
            "__qualname__",
            |vm, v| {
                let body = part::<WrapperDescriptor>(vm, v)?;
                Ok(qualname(vm, &body.owner.get(), body.wrapper.name))
            },
            "The name with the class's.",
        ),
        GetSetDef::readonly("__objclass__", |vm, v| Ok(part::<WrapperDescriptor>(vm, v)?.owner.get()), "The class."),
        GetSetDef::readonly(
            "__doc__",
            |vm, v| Ok(vm.new_str(part::<WrapperDescriptor>(vm, v)?.wrapper.doc)),
            "What it does.",
        ),
        GetSetDef::readonly(
            "__text_signature__",
            |vm, v| Ok(vm.new_str(part::<WrapperDescriptor>(vm, v)?.wrapper.signature)),
            "Its parameters.",
        ),
    ],
    ..TypeSpec::new("wrapper_descriptor", WrapperDescriptor::layout)
};

fn call_wrapper(vm: &Vm, body: &Ref<WrapperDescriptor>, receiver: &Value, args: Args<'_>) -> PyResult {
    let owner = body.owner.get();
    match owner_type(&owner) {
        Some(class) => (body.wrapper.call)(vm, class, receiver, args),
        None => Err(vm.system_error("a slot wrapper without a class")),
    }
}

fn unbound<'a>(vm: &Vm, value: &'a Value) -> PyResult<(&'a Ref<MethodWrapper>, Value)> {
    let body = part::<MethodWrapper>(vm, value)?;
    Ok((body, body.descriptor.get()))
}

fn wrapper_attr(vm: &Vm, value: &Value, name: &Value) -> PyResult {
    let (_, descriptor) = unbound(vm, value)?;
    vm.get_attr(&descriptor, name)
}

/// `method-wrapper`
pub static METHOD_WRAPPER_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.call.set(Some(|vm, callable, args| {
            let (body, descriptor) = unbound(vm, callable)?;
            let receiver = body.receiver.get().unwrap_or(Value::NONE);
            call_wrapper(vm, part::<WrapperDescriptor>(vm, &descriptor)?, &receiver, args)
        }));
        slots.repr.set(Some(|vm, value| {
            let (body, descriptor) = unbound(vm, value)?;
            let receiver = body.receiver.get().unwrap_or(Value::NONE);
            let name = part::<WrapperDescriptor>(vm, &descriptor)?.wrapper.name;
            let (class, address) = (vm.type_name(&receiver), receiver.word());
            Ok(vm.new_str(&format!("<method-wrapper '{name}' of {class} object at {address:#x}>")))
        }));
        slots.richcompare.set(Some(|vm, a, b, op| {
            let (Some(x), Some(y)) = (a.downcast::<MethodWrapper>(), b.downcast::<MethodWrapper>()) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            let _ = vm;
            let same = x.descriptor.get().is(&y.descriptor.get())
                && x.receiver.get().map(|v| v.word()) == y.receiver.get().map(|v| v.word());
            match op {
                CompareOp::Eq => Ok(Value::bool(same)),
                CompareOp::Ne => Ok(Value::bool(!same)),
                _ => Ok(Value::NOT_IMPLEMENTED),
            }
        }));
        slots.hash.set(Some(|vm, value| {
            let (body, descriptor) = unbound(vm, value)?;
            let receiver = body.receiver.get().map_or(0, |v| v.word() as usize);
            let mixed = oriel_kernel::hash::hash_pointer(receiver)
                ^ oriel_kernel::hash::hash_pointer(descriptor.word() as usize);
            Ok(oriel_kernel::hash::fix(mixed))
        }));
    },
    methods: &[MethodDef::noargs(
        "__reduce__",
        |vm, value| {
            let (body, descriptor) = unbound(vm, value)?;
            let name = part::<WrapperDescriptor>(vm, &descriptor)?.wrapper.name;
            reduce(vm, body.receiver.get().unwrap_or(Value::NONE), name)
        },
        "($self, /)",
        "How the method is pickled.",
    )],
    getset: &[
        GetSetDef::readonly(
            "__self__",
            |vm, v| Ok(unbound(vm, v)?.0.receiver.get().unwrap_or(Value::NONE)),
            "What it is bound to.",
        ),
        GetSetDef::readonly("__name__", |vm, v| wrapper_attr(vm, v, &vm.names.__name__), "The name."),
        GetSetDef::readonly(
            "__qualname__",
            |vm, v| wrapper_attr(vm, v, &vm.names.__qualname__),
            "The name with the class's.",
        ),
        GetSetDef::readonly("__objclass__", |vm, v| wrapper_attr(vm, v, &vm.names.__objclass__), "The class."),
        GetSetDef::readonly("__doc__", |vm, v| wrapper_attr(vm, v, &vm.names.__doc__), "What it does."),
        GetSetDef::readonly(
            "__text_signature__",
            |vm, v| wrapper_attr(vm, v, &vm.names.__text_signature__),
            "Its parameters.",
        ),
    ],
    ..TypeSpec::new("method-wrapper", MethodWrapper::layout)
};

impl Vm {
    /// What a type's namespace holds for a computed attribute.
    pub fn new_getset(&self, def: &'static GetSetDef, owner: &TypeRef) -> Value {
        if def.is_member {
            return self.new_member_of(&self.intern(def.name), usize::MAX, Some(def), owner);
        }
        let body = GetSet { def, owner: ValueCell::new(owner.to_value()) };
        // SAFETY: the type's layout is that of the body.
        unsafe { self.heap.new_object(self.types.getset_descriptor.as_value().raw(), body) }.into_value()
    }

    /// What a class's namespace holds for a `__slots__` member.
    pub fn new_member(&self, name: &Value, slot: usize, owner: &TypeRef) -> Value {
        self.new_member_of(name, slot, None, owner)
    }

    fn new_member_of(&self, name: &Value, slot: usize, field: Option<&'static GetSetDef>, owner: &TypeRef) -> Value {
        let body = Member { name: ValueCell::new(name.clone()), slot, field, owner: ValueCell::new(owner.to_value()) };
        // SAFETY: the type's layout is that of the body.
        unsafe { self.heap.new_object(self.types.member_descriptor.as_value().raw(), body) }.into_value()
    }

    /// What a type's namespace holds for the dunder of a slot.
    pub fn new_slot_wrapper(&self, wrapper: &'static SlotWrapper, owner: &TypeRef) -> Value {
        let body = WrapperDescriptor { wrapper, owner: ValueCell::new(owner.to_value()) };
        // SAFETY: the type's layout is that of the body.
        unsafe { self.heap.new_object(self.types.wrapper_descriptor.as_value().raw(), body) }.into_value()
    }
}

//! Builtin types made from their declarations: allocation before there is anything else, completion afterwards.
//! Types of native modules go through [`Vm::new_type`].

use crate::attributes;
use crate::cells::{OptionCell, ValueCell};
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::slots::Slots;
use crate::types::dict::Dict;
use crate::types::tuple::Tuple;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Body, Heap, Ref, TypeHead, Value};
use std::cell::{Cell, RefCell};
use std::mem::MaybeUninit;

fn blank(spec: &'static TypeSpec, namespace: Ref<Dict>) -> Type {
    let (module, _) = split_name(spec.name);
    Type {
        head: TypeHead::new((spec.layout)()),
        version: Cell::new(0),
        flags: Cell::new(spec.flags),
        slots: Slots::default(),
        name: ValueCell::new(Value::UNBOUND),
        qualname: ValueCell::new(Value::UNBOUND),
        base: OptionCell::default(),
        bases: OptionCell::default(),
        mro: OptionCell::default(),
        namespace,
        spec: Some(spec),
        module,
        subclasses: RefCell::default(),
        slot_names: RefCell::default(),
        member_slots: Cell::new(0),
        getattr_hook: OptionCell::default(),
    }
}

/// The module part and the name part of a declared name.
pub fn split_name(name: &'static str) -> (&'static str, &'static str) {
    name.rsplit_once('.').unwrap_or(("builtins", name))
}

/// A namespace that is not there yet. Nothing may read or drop it before [`give_namespace`].
fn no_namespace() -> Ref<Dict> {
    // SAFETY: the word is not zero; `give_namespace` overwrites the reference before anything looks at it.
    unsafe { Ref::from_header(std::ptr::NonNull::dangling()) }
}

fn give_namespace(ty: &TypeRef, namespace: Ref<Dict>) {
    let body = ty.body_pointer().as_ptr();
    // SAFETY: only bootstrap calls this, once a type, while nothing else refers to the field; the old content is the
    // dangling reference, which must not be dropped.
    unsafe { (&raw mut (*body).namespace).cast::<MaybeUninit<Ref<Dict>>>().write(MaybeUninit::new(namespace)) };
}

/// Allocates the type of types.
pub(crate) fn allocate_root(heap: &Heap, spec: &'static TypeSpec) -> TypeRef {
    // SAFETY: `Type` begins with its `TypeHead`.
    unsafe { heap.new_root_type(blank(spec, no_namespace())) }
}

/// Allocates a builtin type without content.
pub(crate) fn allocate(heap: &Heap, root: &TypeRef, spec: &'static TypeSpec) -> TypeRef {
    // SAFETY: `root` is `type`, whose instances have the layout of `Type`.
    let ty = unsafe { heap.new_object(root.as_value().raw(), blank(spec, no_namespace())) };
    ty.header().make_immortal();
    ty
}

/// `__new__` of builtin types: checks that the class fits and calls the slot.
static NEW_DEF: MethodDef = MethodDef::args(
    "__new__",
    |vm, receiver, args| {
        let Some(ty) = receiver.downcast::<Type>() else {
            return Err(vm.system_error("__new__ called without a type"));
        };
        let own = vm.full_name(ty);
        let Some(first) = args.positional().first() else {
            return Err(vm.type_error(format!("{own}.__new__(): not enough arguments")));
        };
        let Some(class) = first.downcast::<Type>() else {
            let name = vm.type_name(first);
            return Err(vm.type_error(format!("{own}.__new__(X): X is not a type object ({name})")));
        };
        if !class.is_subtype(ty) {
            let name = vm.full_name(class);
            return Err(vm.type_error(format!("{own}.__new__({name}): {name} is not a subtype of {own}")));
        }
        if class.has(type_flags::NO_NEW) {
            let name = vm.full_name(class);
            return Err(vm.type_error(format!("cannot create '{name}' instances")));
        }
        // The most derived builtin base decides: `object.__new__(dict)` would make a broken dict.
        let mut solid = Some(class.clone());
        while let Some(base) = &solid {
            if !base.is_heap_type() {
                break;
            }
            solid = base.base();
        }
        if let Some(solid) = solid
            && solid.slots.new.get().map(|f| f as usize) != ty.slots.new.get().map(|f| f as usize)
        {
            let (name, fitting) = (vm.full_name(class), vm.full_name(&solid));
            return Err(vm.type_error(format!("{own}.__new__({name}) is not safe, use {fitting}.__new__()")));
        }
        match ty.slots.new.get() {
            Some(new) => new(vm, class, args.skip_first()),
            None => Err(vm.type_error(format!("cannot create '{own}' instances"))),
        }
    },
    "($type, *args, **kwargs)",
    "Create and return a new object.  See help(type) for accurate signature.",
);

impl Vm {
    /// Completes the builtin types: namespaces, names, bases, slots, methods.
    pub(crate) fn ready_builtin_types(&self) -> PyResult<()> {
        let mut all = Vec::new();
        self.types.each(|ty, spec| all.push((ty.clone(), spec)));
        for (ty, _) in &all {
            give_namespace(ty, self.new_dict());
        }
        for (ty, spec) in &all {
            self.ready_type(ty, spec)?;
        }
        Ok(())
    }

    /// A type of a native module, complete.
    pub fn new_type(&self, spec: &'static TypeSpec) -> PyResult<TypeRef> {
        let namespace = self.new_dict();
        // SAFETY: `type`'s instances have the layout of `Type`.
        let ty = unsafe { self.heap.new_object(self.types.type_.as_value().raw(), blank(spec, namespace)) };
        ty.header().make_immortal();
        self.ready_type(&ty, spec)?;
        Ok(ty)
    }

    /// As [`Vm::new_type`], with a base that is not one of the builtin types.
    pub fn new_type_with_base(&self, spec: &'static TypeSpec, base: &TypeRef) -> PyResult<TypeRef> {
        let namespace = self.new_dict();
        // SAFETY: as above.
        let ty = unsafe { self.heap.new_object(self.types.type_.as_value().raw(), blank(spec, namespace)) };
        ty.header().make_immortal();
        ty.base.set(Some(base.to_value()));
        self.ready_type(&ty, spec)?;
        Ok(ty)
    }

    fn ready_type(&self, ty: &TypeRef, spec: &'static TypeSpec) -> PyResult<()> {
        if ty.has(type_flags::READY) {
            return Ok(());
        }
        ty.set_flag(type_flags::READY, true);
        let (module, name) = split_name(spec.name);
        ty.name.set(self.intern(name));
        ty.qualname.set(self.intern(name));
        if !ty.is(&self.types.object) {
            let base = match (ty.base(), spec.base) {
                (Some(base), _) => base,
                (None, Some(base)) => base(&self.types).clone(),
                (None, None) => self.types.object.clone(),
            };
            if let Some(base_spec) = base.spec {
                self.ready_type(&base, base_spec)?;
            }
            ty.base.set(Some(base.to_value()));
            ty.bases.set(Some(self.new_tuple(&[base.to_value()])));
            let mut mro = vec![ty.to_value()];
            if let Some(base_mro) = base.mro.get()
                && let Some(base_mro) = base_mro.downcast::<Tuple>()
            {
                mro.extend_from_slice(base_mro.items());
            }
            ty.mro.set(Some(self.new_tuple(&mro)));
            self.register_subclass(ty);
        } else {
            ty.bases.set(Some(self.constants.empty_tuple.clone()));
            ty.mro.set(Some(self.new_tuple(&[ty.to_value()])));
        }
        (spec.slots)(&ty.slots);
        let has_new = ty.slots.new.get().is_some();
        self.add_slot_wrappers(ty);
        for def in spec.methods {
            let name = self.intern(def.name);
            ty.namespace.set_str(&name, self.new_method_descriptor(def, ty));
        }
        for def in spec.getset {
            ty.namespace.set_str(&self.intern(def.name), self.new_getset(def, ty));
        }
        if ty.namespace.get_str(&self.names.__doc__).is_none() {
            ty.namespace.set_str(&self.names.__doc__, self.type_doc(spec));
        }
        if module != "builtins" {
            ty.namespace.set_str(&self.names.__module__, self.intern(module));
        }
        if has_new && !ty.has(type_flags::NO_NEW) {
            let new = self.new_native_function(&NEW_DEF, Some(ty.to_value()), None);
            ty.namespace.set_str(&self.names.__new__, new);
        }
        if ty.slots.hash.get().is_some() && ty.slots.getattro.get().is_none() && ty.is(&self.types.object) {
            ty.slots.getattro.set(Some(attributes::generic_get_attr));
        }
        self.inherit_slots(ty);
        if ty.has(type_flags::NO_NEW) {
            ty.slots.new.set(None);
        }
        let inherits_dict = ty.base().is_some_and(|base| base.has_dict());
        if ty.has_dict() || inherits_dict {
            ty.set_flag(type_flags::DICT, true);
            self.give_tail(ty, 0, 1);
            if !inherits_dict {
                super::type_dict::add_dict(self, ty);
            }
        }
        if let Some(extra) = spec.extra {
            extra(self, ty)?;
        }
        Ok(())
    }

    /// `__doc__` of a builtin type: what is declared, without the signature in front.
    pub fn type_doc(&self, spec: &'static TypeSpec) -> Value {
        let (_, name) = split_name(spec.name);
        let text = match spec.doc.strip_prefix(name).and_then(|rest| rest.split_once("\n--\n\n")) {
            Some((_, text)) => text,
            None => spec.doc,
        };
        if text.is_empty() { Value::NONE } else { self.new_str(text) }
    }

    /// Gives instances of the type a tail: `members` slots for `__slots__`, `attributes` for inline attributes. There must
    /// be no instances yet.
    pub(crate) fn give_tail(&self, ty: &TypeRef, members: usize, attributes: usize) {
        let layout = ty.head.layout.get();
        let offset = match layout.end {
            Some(_) => u32::MAX,
            None => (16 + layout.size).next_multiple_of(8) as u32,
        };
        ty.member_slots.set(members as u32);
        ty.head.tail_offset.set(offset);
        ty.head.tail_len.set((members + attributes) as u32);
    }

    /// An instance of a type or of a subclass of it, with a Rust body of the type's layout.
    #[inline(always)]
    pub fn new_instance<T: Body>(&self, ty: &TypeRef, body: T) -> PyResult<Ref<T>> {
        if !std::ptr::eq(ty.head.layout.get(), T::layout()) {
            return Err(self.type_error(format!("cannot create '{}' instances this way", self.full_name(ty))));
        }
        // SAFETY: the layout was checked.
        unsafe { self.heap.try_new_object(ty.as_value().raw(), body, 0) }.ok_or_else(|| self.memory_error())
    }
}

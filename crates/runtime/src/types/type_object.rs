//! The body of type objects and the questions asked of them: names, bases, look-up along the MRO, versions.
//!
//! Making types from Python is [`super::type_new`]; keeping slots and dunders in step is [`super::type_slots`].

use crate::cells::{OptionCell, ValueCell};
use crate::native::{TypeSpec, type_flags};
use crate::slots::Slots;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::{Body, Header, Layout, Ref, TypeHead, Value, Visitor};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

/// An owned reference to a type object.
pub type TypeRef = Ref<Type>;

/// The body of a type object. The head comes first: the heap reads it.
#[repr(C)]
pub struct Type {
    /// What the heap knows: layout, tail, root shape, finalizer.
    pub head: TypeHead,
    /// Changes whenever an attribute of the type or of a base does; 0 while nobody has asked.
    pub version: Cell<u32>,
    /// Bits of [`type_flags`].
    pub flags: Cell<u32>,
    /// The operations.
    pub slots: Slots,
    /// `__name__`: a `str`.
    pub name: ValueCell,
    /// `__qualname__`: a `str`.
    pub qualname: ValueCell,
    /// The first base in layout terms; empty for `object`.
    pub base: OptionCell,
    /// `__bases__`: a tuple.
    pub bases: OptionCell,
    /// `__mro__`: a tuple, empty while the type is being made.
    pub mro: OptionCell,
    /// The namespace.
    pub namespace: Ref<Dict>,
    /// The declaration of a builtin type.
    pub spec: Option<&'static TypeSpec>,
    /// The module part of a builtin type's name.
    pub module: &'static str,
    /// Types that have this one among their bases; each takes itself out when it is freed.
    pub subclasses: RefCell<Vec<NonNull<Header>>>,
    /// `__slots__` of a heap type, in the order of the tail: interned names, mangled.
    pub slot_names: RefCell<Vec<Value>>,
    /// How many tail slots, from the first, are `__slots__` members; the others hold attributes by shape.
    pub member_slots: Cell<u32>,
    /// The attribute look-up hook of Python classes: a cached `__getattr__`.
    pub getattr_hook: OptionCell,
}

static LAYOUT: Layout = Layout::of::<Type>("type", None);

impl Body for Type {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.name.visit(visitor);
        self.qualname.visit(visitor);
        self.base.visit(visitor);
        self.bases.visit(visitor);
        self.mro.visit(visitor);
        visitor(self.namespace.as_value());
        self.getattr_hook.visit(visitor);
    }

    fn clear(&self) {
        self.version.set(0);
        self.namespace.clear_all();
        self.mro.set(None);
        self.getattr_hook.set(None);
    }
}

impl Drop for Type {
    fn drop(&mut self) {
        if let Some(bases) = self.bases.take()
            && let Some(bases) = bases.downcast::<Tuple>()
        {
            let own = std::ptr::from_ref::<Type>(self).addr() - size_of::<Header>();
            for base in bases.items() {
                if let Some(base) = base.downcast::<Type>() {
                    base.subclasses.borrow_mut().retain(|header| header.as_ptr().addr() != own);
                }
            }
        }
    }
}

impl Type {
    /// Whether all the flag bits are set.
    #[inline(always)]
    pub fn has(&self, flag: u32) -> bool {
        self.flags.get() & flag == flag
    }

    /// Sets or clears flag bits.
    pub fn set_flag(&self, flag: u32, on: bool) {
        let flags = self.flags.get();
        self.flags.set(if on { flags | flag } else { flags & !flag });
    }

    /// Whether the type was made by a class statement or `type()`.
    pub fn is_heap_type(&self) -> bool {
        self.has(type_flags::HEAP)
    }

    /// Whether instances keep attributes in a `__dict__` or its inline form.
    pub fn has_dict(&self) -> bool {
        self.has(type_flags::DICT)
    }

    /// `__name__` as text (lone surrogates replaced).
    pub fn name_text(&self) -> String {
        let name = self.name.get();
        name.downcast::<Str>().map(|s| s.to_text()).unwrap_or_default()
    }

    /// The first base in layout terms.
    pub fn base(&self) -> Option<TypeRef> {
        self.base.get().and_then(|base| TypeRef::try_from_value(base).ok())
    }

    /// The MRO, or just nothing while the type is being made.
    pub fn mro_tuple(&self) -> Option<Ref<Tuple>> {
        self.mro.get().and_then(|mro| Ref::try_from_value(mro).ok())
    }
}

/// What is asked of a type by those who hold a reference to it.
impl Vm {
    /// The name as error messages show it: `__name__`, with the module for builtin types outside `builtins`.
    pub fn type_name(&self, value: &Value) -> String {
        self.full_name(self.type_of(value))
    }

    /// CPython's `tp_name`: dotted for builtin types of a module, the bare name for classes.
    pub fn full_name(&self, ty: &TypeRef) -> String {
        match ty.spec {
            Some(spec) if !ty.is_heap_type() => spec.name.to_owned(),
            _ => ty.name_text(),
        }
    }

    /// `module.qualname`, without the module for `builtins` and `__main__` (CPython's `PyType_GetFullyQualifiedName`).
    pub fn qualified_type_name(&self, ty: &TypeRef) -> crate::error::PyResult<String> {
        let qualname = self.str_text(&ty.qualname.get());
        let module = self.get_attr_opt(ty.as_value(), &self.names.__module__)?;
        Ok(match module.as_ref().and_then(|module| module.downcast::<Str>()).map(|module| module.to_text()) {
            Some(module) if module != "builtins" && module != "__main__" => format!("{module}.{qualname}"),
            _ => qualname,
        })
    }

    /// Finds an attribute along the MRO, through the method cache.
    #[inline]
    pub fn lookup(&self, ty: &TypeRef, name: &Value) -> Option<Value> {
        let version = ty.version.get();
        if version != 0
            && let Some(found) = self.method_cache.get(version, name)
        {
            return found;
        }
        self.lookup_slow(ty, name)
    }

    #[inline(never)]
    fn lookup_slow(&self, ty: &TypeRef, name: &Value) -> Option<Value> {
        let version = self.type_version(ty);
        let found = self.lookup_uncached(ty, name);
        if version != 0 && self.is_interned(name) {
            self.method_cache.put(version, name, found.as_ref());
        }
        found
    }

    /// Finds an attribute along the MRO.
    pub fn lookup_uncached(&self, ty: &TypeRef, name: &Value) -> Option<Value> {
        self.lookup_where(ty, name).map(|(value, _)| value)
    }

    /// Finds an attribute along the MRO, with the class that has it.
    pub fn lookup_where(&self, ty: &TypeRef, name: &Value) -> Option<(Value, TypeRef)> {
        let Some(mro) = ty.mro_tuple() else {
            return ty.namespace.get_str(name).map(|value| (value, ty.clone()));
        };
        for class in mro.items() {
            let Some(class) = class.downcast::<Type>() else { continue };
            let found = if class.namespace.has_str_keys_only() {
                class.namespace.get_str(name)
            } else {
                // Another key may claim to be the name, and does as it likes while it is asked.
                class.namespace.get(self, name).ok().flatten()
            };
            if let Some(value) = found {
                return Some((value, class.clone()));
            }
        }
        None
    }

    /// The type's version, assigned now if need be; 0 where versions have run out.
    pub fn type_version(&self, ty: &TypeRef) -> u32 {
        if ty.version.get() != 0 {
            return ty.version.get();
        }
        // A base must have a version too, so that changing it reaches this type.
        if let Some(bases) = ty.bases.get()
            && let Some(bases) = bases.downcast::<Tuple>()
        {
            for base in bases.items() {
                if let Some(base) = base.downcast::<Type>()
                    && self.type_version(base) == 0
                {
                    return 0;
                }
            }
        }
        let version = self.next_type_version();
        ty.version.set(version);
        version
    }

    /// To be called after any change of a type's namespace, bases or MRO.
    pub fn type_modified(&self, ty: &TypeRef) {
        if ty.version.replace(0) == 0 {
            return;
        }
        for subclass in self.subclasses_of(ty) {
            self.type_modified(&subclass);
        }
    }

    /// The direct subclasses that are alive.
    pub fn subclasses_of(&self, ty: &TypeRef) -> Vec<TypeRef> {
        let headers = ty.subclasses.borrow();
        headers
            .iter()
            // SAFETY: entries are whole objects; one that waits to be freed has no count left.
            .filter(|header| unsafe { header.as_ref() }.count() != 0)
            .map(|header| {
                // SAFETY: a type takes itself out of its bases' lists before it is freed, so the entry is alive.
                let subclass = std::mem::ManuallyDrop::new(unsafe { TypeRef::from_header(*header) });
                TypeRef::clone(&subclass)
            })
            .collect()
    }

    /// Enters a type into its bases' lists.
    pub fn register_subclass(&self, ty: &TypeRef) {
        if let Some(bases) = ty.bases.get()
            && let Some(bases) = bases.downcast::<Tuple>()
        {
            for base in bases.items() {
                if let Some(base) = base.downcast::<Type>() {
                    base.subclasses.borrow_mut().push(ty.as_value().raw());
                }
            }
        }
    }
}

/// Subtype questions need no interpreter.
pub trait Subtype {
    /// Whether this type is the other one or inherits from it.
    fn is_subtype(&self, other: &TypeRef) -> bool;
}

impl Subtype for TypeRef {
    #[inline]
    fn is_subtype(&self, other: &TypeRef) -> bool {
        if self.is(other) {
            return true;
        }
        let in_mro = self.mro.with(|mro| {
            let mro = mro?.downcast::<Tuple>()?;
            Some(mro.items().iter().any(|class| class.is(other.as_value())))
        });
        match in_mro {
            Some(found) => found,
            None => {
                let mut base = self.base();
                while let Some(class) = base {
                    if class.is(other) {
                        return true;
                    }
                    base = class.base();
                }
                false
            }
        }
    }
}

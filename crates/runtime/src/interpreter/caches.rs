//! Inline caches of attributes and calls of classes: what is learnt at a site, and the test that what was learnt still holds.
//!
//! An instance's shape says which class it is of and where its attributes are, and that no data descriptor of the class goes
//! before them. A type's version says what its look-ups find; while it is current, the namespaces of the type's MRO keep the
//! found values alive, so a site may remember a bare address.

use super::feedback::SiteCell;
use crate::attributes::generic_get_attr;
use crate::native::{GetSetDef, type_flags};
use crate::slots::BinaryFn;
use crate::types::descriptors::{GetSet, Member};
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::object::Plain;
use crate::types::property::Property;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Body, Header, Ref, Value, flags, tail_of};
use std::cell::Cell;

/// What a site remembers.
pub mod case {
    /// Nothing.
    pub const NONE: u16 = 0;
    /// An inline slot: guard: shape; index: byte offset in the object.
    pub const INSTANCE: u16 = 1;
    /// A function of the class, for instances with inline slots: guard: shape; second: version; address.
    pub const METHOD: u16 = 2;
    /// A function of the class, for instances without attributes of their own: second: version; address.
    pub const PLAIN_METHOD: u16 = 3;
    /// A value of the class that does not bind: guard: shape or 0; second: version; address.
    pub const CLASS_VALUE: u16 = 4;
    /// A global of a module: guard: layout version of its namespace; address: of the value.
    pub const MODULE: u16 = 5;
    /// An attribute of a class itself: guard: the class's version; second: the metaclass's version; address.
    pub const TYPE: u16 = 6;
    /// A property with a Python getter: second: version; address: the getter.
    pub const PROPERTY: u16 = 7;
    /// A slot of `__slots__`: second: version; index: byte offset.
    pub const MEMBER: u16 = 8;
    /// A write that adds an attribute: guard: shape before; second: shape after; index: byte offset.
    pub const TRANSITION: u16 = 9;
    /// As METHOD, and it is a Python function.
    pub const PYTHON_METHOD: u16 = 11;
    /// A class method, for instances: guard: shape or 0; second: version; address: its function.
    pub const CLASS_METHOD: u16 = 12;
    /// A class method of the class itself: guard: the class's version; second: the metaclass's version; address.
    pub const TYPE_CLASS_METHOD: u16 = 13;
    /// A property with a Python setter: second: version; address: the setter.
    pub const SETTER: u16 = 14;
    /// A computed attribute of a builtin type: second: version; address: its declaration.
    pub const NATIVE_GETTER: u16 = 15;
    /// As METHOD, of a Python function that is not to be called at once: it is bound.
    pub const BOUND_METHOD: u16 = 16;
    /// An attribute of an instance that has its dict: second: version; address: the name.
    pub const DICT: u16 = 17;
    /// As METHOD, for instances that have their dict: second: version; address; other: the name, which the dict has not.
    pub const DICT_METHOD: u16 = 18;
    /// A function that `super()` finds: guard: the version of self's class; second: that of the class; address.
    pub const SUPER: u16 = 19;
    /// A class whose instances are made by `object.__new__`: guard: version; address: `__init__`, or 0.
    pub const CLASS: u16 = 10;
}

/// A site that failed so often is left alone for so many more tries.
const PATIENCE: u16 = 16;

/// The value at an address that the site's guards keep alive.
///
/// # Safety
/// The guards must just have been found to hold, and the result be used before any Python code runs.
#[inline(always)]
unsafe fn remembered(site: &SiteCell) -> &Value {
    let pointer: *const Cell<usize> = &site.address;
    // SAFETY: a cell of an address is laid out as the value whose word it is; it is not changed while borrowed.
    unsafe { &*pointer.cast::<Value>() }
}

/// The type of a heap object.
#[inline(always)]
fn type_of_header(header: &Header) -> &Type {
    // SAFETY: the type of an object is a type object, alive as long as the object.
    unsafe { &*header.type_pointer().as_ptr().add(1).cast::<Type>() }
}

/// The inline slot at a byte offset of an object.
///
/// # Safety
/// The object must have a slot there.
#[inline(always)]
unsafe fn slot_at(object: &Value, offset: u32) -> &Cell<Option<Value>> {
    // SAFETY: as the caller says.
    unsafe { &*object.raw().as_ptr().cast::<u8>().add(offset as usize).cast::<Cell<Option<Value>>>() }
}

/// A new count of what a slot holds.
#[inline(always)]
fn read(slot: &Cell<Option<Value>>) -> Option<Value> {
    // SAFETY: cloning runs no code that could change the slot meanwhile.
    unsafe { (*slot.as_ptr()).clone() }
}

/// As [`remembered`], of the other address.
///
/// # Safety
/// As [`remembered`].
#[inline(always)]
unsafe fn other_remembered(site: &SiteCell) -> &Value {
    let pointer: *const Cell<usize> = &site.other;
    // SAFETY: as above.
    unsafe { &*pointer.cast::<Value>() }
}

/// The dict of an instance that has its attributes there, borrowed.
#[inline(always)]
fn dict_of<'a>(object: &'a Value, header: &Header) -> Option<&'a Dict> {
    if !header.has(flags::DICT_MODE) {
        return None;
    }
    let slot = tail_of(object).get(type_of_header(header).member_slots.get() as usize)?;
    // SAFETY: the borrow ends before anything can replace the dict.
    let dict = unsafe { &*slot.as_ptr() }.as_ref()?.downcast::<Dict>()?;
    Some(dict)
}

/// The namespace of a module, borrowed.
#[inline(always)]
fn module_namespace<'a>(vm: &Vm, object: &'a Value, header: &Header) -> Option<&'a Dict> {
    if header.type_pointer() != vm.types.module.as_value().raw() || !header.has(flags::DICT_MODE) {
        return None;
    }
    let slot = tail_of(object).first()?;
    // SAFETY: the borrow ends before anything can replace the module's dict.
    let dict = unsafe { &*slot.as_ptr() }.as_ref()?.downcast::<Dict>()?;
    Some(dict)
}

/// What an attribute that is to be called turned out to be.
pub enum Hit<'a> {
    /// A function-like descriptor of the class: self is to be the first argument.
    Unbound(&'a Value),
    /// A function with the class that is to be its first argument.
    Bound(&'a Value, &'a Value),
    /// A value to be called as it is.
    Value(Value),
}

impl SiteCell {
    /// The attribute of an object, if what was learnt holds.
    #[inline(always)]
    pub fn attribute(&self, vm: &Vm, object: &Value) -> Option<Value> {
        let header = object.header()?;
        let case = self.case.get();
        if case == case::INSTANCE {
            if header.shape() == self.guard.get() {
                // SAFETY: the shape says that the object has the slot.
                return read(unsafe { slot_at(object, self.index.get()) });
            }
            return None;
        }
        self.other_attribute(vm, object, header, case)
    }

    #[inline]
    fn other_attribute(&self, vm: &Vm, object: &Value, header: &Header, case: u16) -> Option<Value> {
        match case {
            case::MODULE => {
                let namespace = module_namespace(vm, object, header)?;
                if namespace.assigned_layout_version() == self.guard.get() {
                    // SAFETY: the version, which no other dict has, says that the value is still at its address.
                    return unsafe { (*(self.address.get() as *const Option<Value>)).clone() };
                }
                None
            }
            case::CLASS_VALUE => {
                let guard = self.guard.get();
                if (guard == 0 || header.shape() == guard) && type_of_header(header).version.get() == self.second.get()
                {
                    // SAFETY: the guards hold.
                    return Some(unsafe { remembered(self) }.clone());
                }
                None
            }
            case::TYPE => {
                let metaclass = type_of_header(header);
                if metaclass.version.get() == self.second.get()
                    && let Some(class) = object.downcast::<Type>()
                    && class.version.get() == self.guard.get()
                {
                    // SAFETY: the guards hold.
                    return Some(unsafe { remembered(self) }.clone());
                }
                None
            }
            case::MEMBER => {
                if type_of_header(header).version.get() == self.second.get() {
                    // SAFETY: the version says that the class has the slot.
                    return read(unsafe { slot_at(object, self.index.get()) });
                }
                None
            }
            case::BOUND_METHOD => {
                if header.shape() == self.guard.get() && type_of_header(header).version.get() == self.second.get() {
                    // SAFETY: the guards hold.
                    return Some(vm.new_method(unsafe { remembered(self) }, object));
                }
                None
            }
            case::DICT => {
                if type_of_header(header).version.get() == self.second.get() {
                    // SAFETY: names are immortal.
                    return dict_of(object, header)?.get_str(unsafe { remembered(self) });
                }
                None
            }
            _ => None,
        }
    }

    /// The declaration of a computed attribute, if that is what was learnt and it holds.
    #[inline(always)]
    pub fn native_getter(&self, object: &Value) -> Option<&'static GetSetDef> {
        if self.case.get() != case::NATIVE_GETTER || type_of_header(object.header()?).version.get() != self.second.get()
        {
            return None;
        }
        // SAFETY: only declarations, which are static, are learnt in this case.
        Some(unsafe { &*(self.address.get() as *const GetSetDef) })
    }

    /// The setter of a property, if that is what was learnt and it holds.
    #[inline(always)]
    pub fn setter(&self, object: &Value) -> Option<&Ref<Function>> {
        if self.case.get() != case::SETTER || type_of_header(object.header()?).version.get() != self.second.get() {
            return None;
        }
        // SAFETY: the guards hold, and only functions are learnt in this case.
        Some(unsafe { remembered(self).downcast_unchecked::<Function>() })
    }

    /// The function that `super()` finds behind a class for an instance, if what was learnt holds.
    #[inline(always)]
    pub fn super_method(&self, class: &Value, this: &Value) -> Option<&Value> {
        if self.case.get() != case::SUPER
            || type_of_header(this.header()?).version.get() != self.guard.get()
            || class.downcast::<Type>()?.version.get() != self.second.get()
        {
            return None;
        }
        // SAFETY: the guards hold.
        Some(unsafe { remembered(self) })
    }

    /// Learns what `super()` finds: a function for an instance.
    #[cold]
    #[inline(never)]
    pub fn learn_super(&self, vm: &Vm, class: &Value, this: &Value, found: &Value) {
        if !self.may_learn() {
            return;
        }
        self.case.set(case::NONE);
        let ty = vm.type_of(this);
        if let Some(class) = class.downcast::<Type>()
            && this.downcast::<Type>().is_none()
            && ty.is_subtype(class)
            && found.is_heap()
        {
            let (guard, second) = (vm.type_version(ty), vm.type_version(class));
            if guard != 0 && second != 0 {
                self.remember(case::SUPER, guard, second, Some(found));
            }
        }
    }

    /// The getter of a property, if that is what was learnt and it holds.
    #[inline(always)]
    pub fn getter(&self, object: &Value) -> Option<&Ref<Function>> {
        if self.case.get() != case::PROPERTY || type_of_header(object.header()?).version.get() != self.second.get() {
            return None;
        }
        // SAFETY: the guards hold, and only functions are learnt in this case.
        Some(unsafe { remembered(self).downcast_unchecked::<Function>() })
    }

    /// The attribute of an object that is to be called, if what was learnt holds.
    #[inline(always)]
    pub fn method<'b>(&'b self, vm: &Vm, object: &'b Value) -> Option<Hit<'b>> {
        let header = object.header()?;
        let case = self.case.get();
        if (case == case::METHOD || case == case::PYTHON_METHOD) && header.shape() != self.guard.get() {
            return None;
        }
        let version = type_of_header(header).version.get();
        match case {
            case::METHOD | case::PLAIN_METHOD | case::PYTHON_METHOD => {
                if version == self.second.get() {
                    // SAFETY: the guards hold.
                    return Some(Hit::Unbound(unsafe { remembered(self) }));
                }
                return None;
            }
            case::CLASS_METHOD => {
                let guard = self.guard.get();
                if version == self.second.get() && (guard == 0 || header.shape() == guard) {
                    // SAFETY: the guards hold.
                    return Some(Hit::Bound(unsafe { remembered(self) }, header.type_value()));
                }
                return None;
            }
            case::TYPE_CLASS_METHOD => {
                if version == self.second.get()
                    && let Some(class) = object.downcast::<Type>()
                    && class.version.get() == self.guard.get()
                {
                    // SAFETY: the guards hold.
                    return Some(Hit::Bound(unsafe { remembered(self) }, object));
                }
                return None;
            }
            case::DICT_METHOD => {
                // SAFETY: names are immortal.
                let name = unsafe { other_remembered(self) };
                if version == self.second.get() && dict_of(object, header)?.find_str_index(name).is_none() {
                    // SAFETY: the guards hold.
                    return Some(Hit::Unbound(unsafe { remembered(self) }));
                }
                return None;
            }
            _ => {}
        }
        self.attribute(vm, object).map(Hit::Value)
    }

    /// The Python function that a method call's look-up found, if it found one and that holds.
    #[inline(always)]
    pub fn python_method(&self, object: &Value) -> Option<&Ref<Function>> {
        if self.case.get() != case::PYTHON_METHOD {
            return None;
        }
        let header = object.header()?;
        if header.shape() != self.guard.get() || type_of_header(header).version.get() != self.second.get() {
            return None;
        }
        // SAFETY: the guards hold, and only functions are learnt in this case.
        Some(unsafe { remembered(self).downcast_unchecked::<Function>() })
    }

    /// The function-like descriptor that the look-up of a method found, if it found one and that holds.
    #[inline(always)]
    pub fn unbound_method(&self, object: &Value) -> Option<&Value> {
        let case = self.case.get();
        let header = object.header()?;
        if case == case::PYTHON_METHOD || case == case::METHOD {
            if header.shape() != self.guard.get() {
                return None;
            }
        } else if case != case::PLAIN_METHOD {
            return None;
        }
        if type_of_header(header).version.get() != self.second.get() {
            return None;
        }
        // SAFETY: the guards hold.
        Some(unsafe { remembered(self) })
    }

    /// Writes an attribute, if what was learnt holds; gives the value back otherwise.
    #[inline(always)]
    pub fn store(&self, object: &Value, value: Value) -> Result<(), Value> {
        let Some(header) = object.header() else { return Err(value) };
        let case = self.case.get();
        if case == case::INSTANCE {
            if header.shape() == self.guard.get() {
                // SAFETY: the shape says that the object has the slot.
                drop(unsafe { slot_at(object, self.index.get()) }.replace(Some(value)));
                return Ok(());
            }
        } else if case == case::TRANSITION {
            if header.shape() == self.guard.get() {
                // SAFETY: the shape before and the class's tail say that the slot is there, and empty.
                drop(unsafe { slot_at(object, self.index.get()) }.replace(Some(value)));
                header.set_shape(self.second.get());
                return Ok(());
            }
        } else if case == case::MEMBER && type_of_header(header).version.get() == self.second.get() {
            // SAFETY: the version says that the class has the slot.
            drop(unsafe { slot_at(object, self.index.get()) }.replace(Some(value)));
            return Ok(());
        } else if case == case::DICT
            && type_of_header(header).version.get() == self.second.get()
            && let Some(dict) = dict_of(object, header)
        {
            // SAFETY: names are immortal.
            dict.set_str(unsafe { remembered(self) }, value);
            return Ok(());
        }
        Err(value)
    }

    /// The `__init__` of a class whose instances are plain (nothing for a class without one), if what was learnt holds.
    #[inline(always)]
    pub fn class(&self, class: &Type) -> Option<Option<&Ref<Function>>> {
        if self.case.get() != case::CLASS || class.version.get() != self.guard.get() {
            return None;
        }
        if self.address.get() == 0 {
            return Some(None);
        }
        // SAFETY: the guard holds, and only functions are learnt in this case.
        Some(Some(unsafe { remembered(self).downcast_unchecked::<Function>() }))
    }

    /// Whether the site is still worth learning at.
    fn may_learn(&self) -> bool {
        let misses = self.misses.get();
        self.misses.set(misses.wrapping_add(1));
        // Sites that see many kinds learn now and then only.
        misses < PATIENCE || misses.is_multiple_of(64)
    }

    fn remember(&self, case: u16, guard: u32, second: u32, value: Option<&Value>) {
        self.case.set(case);
        self.guard.set(guard);
        self.second.set(second);
        self.address.set(value.map_or(0, |value| value.word() as usize));
    }

    /// Learns how an attribute of an object is read.
    #[cold]
    #[inline(never)]
    pub fn learn_attribute(&self, vm: &Vm, object: &Value, name: &Value, for_call: bool) {
        if !self.may_learn() {
            return;
        }
        self.case.set(case::NONE);
        let Some(header) = object.header() else { return };
        if let Some(namespace) = module_namespace(vm, object, header) {
            // A module's own attributes go before those of its class, but for data descriptors.
            if let Some(found) = vm.lookup(&vm.types.module, name)
                && vm.type_of(&found).slots.descr_set.get().is_some()
            {
                return;
            }
            if let Some(index) = namespace.find_str_index(name)
                && let Some(address) = namespace.value_address(index)
            {
                let version = namespace.layout_version(vm);
                if version != 0 {
                    self.remember(case::MODULE, version, 0, None);
                    self.address.set(address as usize);
                }
            }
            return;
        }
        let ty = vm.type_of(object);
        if let Some(class) = object.downcast::<Type>() {
            self.learn_type_attribute(vm, class, ty, name, for_call);
            return;
        }
        if !reads_generically(vm, ty) {
            return;
        }
        let version = vm.type_version(ty);
        let found = vm.lookup(ty, name);
        if version == 0 || found.as_ref().is_some_and(|found| !found.is_heap()) {
            return;
        }
        let shape = header.shape();
        let has_own = ty.has_dict();
        if has_own && (shape == 0 || header.has(flags::DICT_MODE)) {
            if shape == 0 && !header.has(flags::DICT_MODE) {
                // The class gets a shape, so that the next time can be learnt.
                let root = vm.shapes.root_of(ty);
                header.set_shape(root);
            }
            // A data descriptor goes before the dict: its reading needs no shape.
            if found.as_ref().is_none_or(|found| vm.type_of(found).slots.descr_set.get().is_none()) {
                self.learn_from_dict(vm, object, header, version, name, found.as_ref().filter(|_| for_call));
                return;
            }
        }
        if let Some(found) = &found {
            let kind = vm.type_of(found);
            if kind.slots.descr_set.get().is_some() {
                self.learn_data_descriptor(vm, object, ty, version, found);
                return;
            }
        }
        if has_own && let Some(slot) = vm.shapes.find(shape, name) {
            if let Some(offset) = slot_offset(object, ty, ty.member_slots.get() as usize + slot) {
                self.remember(case::INSTANCE, shape, 0, None);
                self.index.set(offset);
            }
            return;
        }
        let Some(found) = found else { return };
        let kind = vm.type_of(&found);
        if for_call && kind.has(type_flags::METHOD_DESCRIPTOR) {
            if has_own {
                let case = if kind.is(&vm.types.function) { case::PYTHON_METHOD } else { case::METHOD };
                self.remember(case, shape, version, Some(&found));
            } else {
                self.remember(case::PLAIN_METHOD, 0, version, Some(&found));
            }
        } else if kind.is(&vm.types.function) && has_own {
            self.remember(case::BOUND_METHOD, shape, version, Some(&found));
        } else if kind.slots.descr_get.get().is_none() {
            self.remember(case::CLASS_VALUE, if has_own { shape } else { 0 }, version, Some(&found));
        } else if let Some((function, takes_class)) = crate::types::property::wrapped_function(vm, &found)
            && function.is_heap()
            && (for_call || !takes_class)
        {
            let case = if takes_class { case::CLASS_METHOD } else { case::CLASS_VALUE };
            self.remember(case, if has_own { shape } else { 0 }, version, Some(&function));
        }
    }

    /// Learns an attribute of an instance that has its dict, or a method (`found`) of its class.
    fn learn_from_dict(
        &self,
        vm: &Vm,
        object: &Value,
        header: &Header,
        version: u32,
        name: &Value,
        found: Option<&Value>,
    ) {
        let Some(dict) = dict_of(object, header) else { return };
        if !vm.is_interned(name) {
            return;
        }
        if dict.find_str_index(name).is_some() {
            self.remember(case::DICT, 0, version, Some(name));
        } else if let Some(found) = found
            && vm.type_of(found).has(type_flags::METHOD_DESCRIPTOR)
        {
            self.remember(case::DICT_METHOD, 0, version, Some(found));
            self.other.set(name.word() as usize);
        }
    }

    fn learn_data_descriptor(&self, vm: &Vm, object: &Value, ty: &TypeRef, version: u32, found: &Value) {
        // Where there is a `__getattr__`, it is asked after a getter's AttributeError.
        let hooked = ty.getattr_hook.is_some();
        if let Some(property) = found.downcast::<Property>()
            && !hooked
            && vm.type_of(found).is(&vm.types.property)
            && let Some(getter) = property.getter.get()
            && vm.type_of(&getter).is(&vm.types.function)
        {
            self.remember(case::PROPERTY, 0, version, Some(&getter));
        } else if let Some(member) = found.downcast::<Member>().filter(|member| member.field.is_none())
            && let Some(offset) = slot_offset(object, ty, member.slot)
        {
            self.remember(case::MEMBER, 0, version, None);
            self.index.set(offset);
        } else if !hooked
            && vm.type_of(found).is(&vm.types.getset_descriptor)
            && let Some(computed) = found.downcast::<GetSet>()
        {
            self.remember(case::NATIVE_GETTER, 0, version, None);
            self.address.set(std::ptr::from_ref(computed.def).addr());
        }
    }

    fn learn_type_attribute(&self, vm: &Vm, class: &TypeRef, metaclass: &TypeRef, name: &Value, for_call: bool) {
        let type_getattro = vm.types.type_.slots.getattro.get();
        if metaclass.slots.getattro.get().map(|f| f as usize) != type_getattro.map(|f| f as usize) {
            return;
        }
        if let Some(meta) = vm.lookup(metaclass, name)
            && vm.type_of(&meta).slots.descr_set.get().is_some()
        {
            return;
        }
        let Some(found) = vm.lookup(class, name) else { return };
        let kind = vm.type_of(&found);
        let wrapped = crate::types::property::wrapped_function(vm, &found);
        let (case, found) = match wrapped {
            Some((function, true)) if for_call => (case::TYPE_CLASS_METHOD, function),
            Some((function, false)) => (case::TYPE, function),
            // A function reached through its class is itself.
            _ if kind.slots.descr_get.get().is_some() && !kind.is(&vm.types.function) => return,
            _ => (case::TYPE, found),
        };
        let (version, meta_version) = (vm.type_version(class), vm.type_version(metaclass));
        if version != 0 && meta_version != 0 && found.is_heap() {
            self.remember(case, version, meta_version, Some(&found));
        }
    }

    /// Learns how an attribute of an object was written: to be called with the shape that it had before.
    #[cold]
    #[inline(never)]
    pub fn learn_store(&self, vm: &Vm, object: &Value, name: &Value, before: u32) {
        if !self.may_learn() {
            return;
        }
        self.case.set(case::NONE);
        let Some(header) = object.header() else { return };
        let ty = vm.type_of(object);
        let generic = crate::attributes::generic_set_attr as crate::slots::SetFn;
        if !ty.slots.setattro.get().is_some_and(|f| std::ptr::fn_addr_eq(f, generic)) {
            return;
        }
        if let Some(found) = vm.lookup(ty, name)
            && vm.type_of(&found).slots.descr_set.get().is_some()
        {
            if let Some(member) = found.downcast::<Member>().filter(|member| member.field.is_none())
                && let Some(offset) = slot_offset(object, ty, member.slot)
            {
                let version = vm.type_version(ty);
                if version != 0 {
                    self.remember(case::MEMBER, 0, version, None);
                    self.index.set(offset);
                }
            } else if let Some(property) = found.downcast::<Property>()
                && vm.type_of(&found).is(&vm.types.property)
                && let Some(setter) = property.setter.get()
                && vm.type_of(&setter).is(&vm.types.function)
            {
                let version = vm.type_version(ty);
                if version != 0 {
                    self.remember(case::SETTER, 0, version, Some(&setter));
                }
            }
            return;
        }
        let shape = header.shape();
        if header.has(flags::DICT_MODE) && vm.is_interned(name) {
            let version = vm.type_version(ty);
            if version != 0 && dict_of(object, header).is_some() {
                self.remember(case::DICT, 0, version, Some(name));
            }
            return;
        }
        if before == 0 || shape == 0 {
            return;
        }
        let Some(slot) = vm.shapes.find(shape, name) else { return };
        let Some(offset) = slot_offset(object, ty, ty.member_slots.get() as usize + slot) else { return };
        if shape == before {
            self.remember(case::INSTANCE, shape, 0, None);
        } else if vm.shapes.with(before, name) == Some(shape) {
            self.remember(case::TRANSITION, before, shape, None);
        } else {
            return;
        }
        self.index.set(offset);
    }

    /// Learns how instances of a class are made.
    #[cold]
    #[inline(never)]
    pub fn learn_class(&self, vm: &Vm, class: &TypeRef) {
        if !self.may_learn() {
            return;
        }
        self.case.set(case::NONE);
        let plain_new =
            class.slots.new.get().map(|f| f as usize) == vm.types.object.slots.new.get().map(|f| f as usize);
        if !plain_new
            || !class.is_heap_type()
            || class.has(type_flags::ABSTRACT)
            || !std::ptr::eq(class.head.layout.get(), Plain::layout())
        {
            return;
        }
        let version = vm.type_version(class);
        let Some(init) = vm.lookup(class, &vm.names.__init__) else { return };
        if version != 0 && vm.type_of(&init).is(&vm.types.function) {
            vm.shapes.root_of(class);
            self.remember(case::CLASS, version, 0, Some(&init));
        }
    }
}

/// Whether instances' attributes are found in the generic way, perhaps with a `__getattr__` for missing ones.
pub(super) fn reads_generically(vm: &Vm, ty: &TypeRef) -> bool {
    let Some(getattro) = ty.slots.getattro.get() else { return false };
    if std::ptr::fn_addr_eq(getattro, generic_get_attr as BinaryFn) {
        return true;
    }
    if !std::ptr::fn_addr_eq(getattro, crate::types::slot_functions::getattro as BinaryFn) {
        return false;
    }
    // A class with `__getattr__` only: `object`'s `__getattribute__` goes first.
    let own = vm.lookup(ty, &vm.names.__getattribute__);
    let generic = vm.lookup(&vm.types.object, &vm.names.__getattribute__);
    match (own, generic) {
        (Some(own), Some(generic)) => own.is(&generic),
        _ => false,
    }
}

/// The byte offset of an inline slot, where all instances of the type have it at the same place.
fn slot_offset(object: &Value, ty: &TypeRef, slot: usize) -> Option<u32> {
    let offset = ty.head.tail_offset.get();
    if offset == 0 || offset == u32::MAX || slot >= tail_of(object).len() {
        return None;
    }
    Some(offset + slot as u32 * 8)
}

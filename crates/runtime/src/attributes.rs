//! Attributes: the generic look-up, the inline slots of instances, and the dict that is made of them on demand.

use crate::error::PyResult;
use crate::native::type_flags;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Heap, Ref, Value, flags, tail_of};

impl Vm {
    /// `getattr(object, name)`; the name is an exact `str`.
    #[inline]
    pub fn get_attr(&self, object: &Value, name: &Value) -> PyResult {
        match self.type_of(object).slots.getattro.get() {
            Some(getattro) => getattro(self, object, name),
            None => Err(self.no_attribute(object, name)),
        }
    }

    /// `getattr(object, name)` by Rust text.
    pub fn get_attr_str(&self, object: &Value, name: &str) -> PyResult {
        self.get_attr(object, &self.intern(name))
    }

    /// `getattr(object, name)`, or nothing where that raises AttributeError.
    pub fn get_attr_opt(&self, object: &Value, name: &Value) -> PyResult<Option<Value>> {
        let ty = self.type_of(object);
        if ty.slots.getattro.get().is_some_and(|f| std::ptr::fn_addr_eq(f, generic_get_attr as crate::slots::BinaryFn))
        {
            // A descriptor may say that there is nothing, as an empty slot does.
            let found = self.generic_get_attr_opt(object, name);
            return Ok(self.catch(found, &self.types.attribute_error)?.flatten());
        }
        if ty.slots.getattro.get().is_some_and(|f| {
            std::ptr::fn_addr_eq(f, crate::types::type_methods::get_attribute as crate::slots::BinaryFn)
        }) {
            let found = crate::types::type_methods::get_attribute_opt(self, object, &self.intern_value(name));
            return Ok(self.catch(found, &self.types.attribute_error)?.flatten());
        }
        self.catch(self.get_attr(object, name), &self.types.attribute_error)
    }

    /// `setattr(object, name, value)`
    pub fn set_attr(&self, object: &Value, name: &Value, value: &Value) -> PyResult<()> {
        self.set_or_del_attr(object, name, Some(value))
    }

    /// `delattr(object, name)`
    pub fn del_attr(&self, object: &Value, name: &Value) -> PyResult<()> {
        self.set_or_del_attr(object, name, None)
    }

    fn set_or_del_attr(&self, object: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
        let ty = self.type_of(object);
        match ty.slots.setattro.get() {
            Some(setattro) => setattro(self, object, &self.intern_value(name), value),
            None => {
                let verb = if value.is_some() { "assign to" } else { "del" };
                let (ty, name) = (self.full_name(ty), self.str_text(name));
                Err(self.type_error(format!("'{ty}' object has no attributes ({verb} .{name})")))
            }
        }
    }

    /// The AttributeError of a missing attribute, with `name` and `obj` set for suggestions.
    #[cold]
    pub fn no_attribute(&self, object: &Value, name: &Value) -> crate::error::Raised {
        let text = self.str_text(name);
        let message = match object.downcast::<Type>() {
            Some(ty) => format!("type object '{}' has no attribute '{text}'", self.full_name(ty)),
            None => format!("'{}' object has no attribute '{text}'", self.type_name(object)),
        };
        let raised = self.attribute_error(message);
        self.set_attribute_error_context(&raised, object, name);
        raised
    }

    /// Looks a special method up on the type and binds it, as the interpreter does for implicit calls.
    pub fn lookup_special(&self, object: &Value, name: &Value) -> PyResult<Option<Value>> {
        let ty = self.type_of(object);
        match self.lookup(ty, name) {
            Some(found) => self.bind(&found, Some(object), ty.as_value()).map(Some),
            None => Ok(None),
        }
    }

    /// Runs the descriptor's `__get__`, if it has one.
    pub fn bind(&self, found: &Value, object: Option<&Value>, owner: &Value) -> PyResult {
        match self.type_of(found).slots.descr_get.get() {
            Some(get) => get(self, found, object, Some(owner)),
            None => Ok(found.clone()),
        }
    }

    /// Looks a special method up on the type; gives it unbound where it is a function-like descriptor (then the
    /// object is to be the first argument), else bound.
    pub fn lookup_method(&self, object: &Value, name: &Value) -> PyResult<Option<(Value, bool)>> {
        let ty = self.type_of(object);
        let Some(found) = self.lookup(ty, name) else { return Ok(None) };
        if self.type_of(&found).has(type_flags::METHOD_DESCRIPTOR) {
            return Ok(Some((found, true)));
        }
        let owner = ty.to_value();
        Ok(Some((self.bind(&found, Some(object), &owner)?, false)))
    }

    /// Gets an attribute that is to be called; where it is a function of the class that the instance does not hide, it
    /// comes unbound, and the object is to be the first argument.
    pub fn get_method(&self, object: &Value, name: &Value) -> PyResult<(Value, bool)> {
        let ty = self.type_of(object);
        let generic = generic_get_attr as crate::slots::BinaryFn;
        if ty.slots.getattro.get().is_some_and(|own| std::ptr::fn_addr_eq(own, generic))
            && let Some(found) = self.lookup(ty, name)
            && self.type_of(&found).has(type_flags::METHOD_DESCRIPTOR)
            && self.instance_attr(object, name)?.is_none()
        {
            return Ok((found, true));
        }
        Ok((self.get_attr(object, name)?, false))
    }

    /// Finds an attribute in the instance itself: inline slots or dict; the name is an exact `str`.
    pub fn instance_attr(&self, object: &Value, name: &Value) -> PyResult<Option<Value>> {
        let Some(header) = object.header() else { return Ok(None) };
        if header.has(flags::DICT_MODE) {
            return match instance_dict_if_made(object) {
                Some(dict) if dict.has_str_keys_only() => Ok(dict.get_str(name)),
                // Another key may claim to be the name.
                Some(dict) => dict.get(self, name),
                None => Ok(None),
            };
        }
        let ty = self.type_of(object);
        if !ty.has_dict() {
            return Ok(None);
        }
        let Some(slot) = self.shapes.find(header.shape(), &self.intern_value(name)) else { return Ok(None) };
        Ok(read_slot(object, ty.member_slots.get() as usize + slot))
    }

    /// CPython's `_PyObject_GenericGetAttr`, with a missing attribute as nothing.
    pub fn generic_get_attr_opt(&self, object: &Value, name: &Value) -> PyResult<Option<Value>> {
        let ty = self.type_of(object);
        let found = self.lookup(ty, name);
        if let Some(found) = &found {
            let found_type = self.type_of(found);
            if found_type.slots.descr_set.get().is_some()
                && let Some(get) = found_type.slots.descr_get.get()
            {
                return get(self, found, Some(object), Some(&ty.to_value())).map(Some);
            }
        }
        if let Some(value) = self.instance_attr(object, name)? {
            return Ok(Some(value));
        }
        match found {
            Some(found) => match self.type_of(&found).slots.descr_get.get() {
                Some(get) => get(self, &found, Some(object), Some(&ty.to_value())).map(Some),
                None => Ok(Some(found)),
            },
            None => Ok(None),
        }
    }

    /// CPython's `PyObject_GenericSetAttr`.
    pub fn generic_set_attr(&self, object: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
        if name.downcast::<Str>().is_none() {
            return Err(self.type_error(format!("attribute name must be string, not '{}'", self.type_name(name))));
        }
        let ty = self.type_of(object);
        let found = self.lookup(ty, name);
        if let Some(found) = &found
            && let Some(set) = self.type_of(found).slots.descr_set.get()
        {
            return set(self, found, object, value);
        }
        if ty.has_dict() {
            let done = match value {
                Some(value) => {
                    self.set_instance_attr(object, name, value)?;
                    true
                }
                None => self.del_instance_attr(object, name)?,
            };
            if done {
                return Ok(());
            }
            return Err(self.no_attribute(object, name));
        }
        let text = self.str_text(name);
        let type_name = self.full_name(ty);
        let raised = match found {
            None if !ty.is_heap_type() || ty.slots.setattro.get().is_none() => self.attribute_error(format!(
                "'{type_name}' object has no attribute '{text}' and no __dict__ for setting new attributes"
            )),
            None => self.attribute_error(format!(
                "'{type_name}' object has no attribute '{text}' and no __dict__ for setting new attributes"
            )),
            Some(_) => self.attribute_error(format!("'{type_name}' object attribute '{text}' is read-only")),
        };
        self.set_attribute_error_context(&raised, object, name);
        Err(raised)
    }

    /// Sets an attribute in the instance itself.
    pub fn set_instance_attr(&self, object: &Value, name: &Value, value: &Value) -> PyResult<()> {
        let Some(header) = object.header() else { return Ok(()) };
        let name = self.intern_value(name);
        if !header.has(flags::DICT_MODE) && self.is_exact_str(&name) {
            let ty = self.type_of(object);
            if header.shape() == 0 {
                header.set_shape(self.shapes.root_of(ty));
            }
            let members = ty.member_slots.get() as usize;
            let shape = header.shape();
            if let Some(slot) = self.shapes.find(shape, &name) {
                write_slot(object, members + slot, Some(value.clone()));
                return Ok(());
            }
            let slot = self.shapes.count(shape);
            if members + slot < tail_of(object).len()
                && shape != 0
                && let Some(next) = self.shapes.with(shape, &name)
            {
                write_slot(object, members + slot, Some(value.clone()));
                header.set_shape(next);
                return Ok(());
            }
        }
        self.instance_dict(object)?.set(self, &name, value.clone())
    }

    /// Deletes an attribute in the instance itself; whether there was one.
    pub fn del_instance_attr(&self, object: &Value, name: &Value) -> PyResult<bool> {
        if self.instance_attr(object, name)?.is_none() {
            return Ok(false);
        }
        Ok(self.instance_dict(object)?.delete(self, name)?.is_some())
    }

    /// The instance's `__dict__`, made now if need be; from then on it holds the attributes.
    pub fn instance_dict(&self, object: &Value) -> PyResult<Ref<Dict>> {
        let Some(header) = object.header() else {
            return Err(self.type_error("immediate values have no __dict__"));
        };
        if let Some(dict) = instance_dict_if_made(object) {
            return Ok(dict);
        }
        let dict = self.new_dict();
        let ty = self.type_of(object);
        let members = ty.member_slots.get() as usize;
        for (slot, name) in self.shapes.names(header.shape()).iter().enumerate() {
            if let Some(value) = read_slot(object, members + slot) {
                dict.set_str(name, value);
            }
        }
        self.set_instance_dict(object, Some(dict.clone()))?;
        Ok(dict)
    }

    /// Replaces the instance's `__dict__`; nothing makes a fresh one at the next use.
    pub fn set_instance_dict(&self, object: &Value, dict: Option<Ref<Dict>>) -> PyResult<()> {
        let Some(header) = object.header() else { return Ok(()) };
        let members = self.type_of(object).member_slots.get() as usize;
        let tail = tail_of(object);
        if members >= tail.len() {
            return Err(self.attribute_error("This object has no __dict__"));
        }
        let dict = dict.unwrap_or_else(|| self.new_dict());
        let old: Vec<Option<Value>> = tail[members..].iter().map(|slot| slot.take()).collect();
        tail[members].set(Some(dict.into_value()));
        header.set(flags::DICT_MODE, true);
        // Shape 0 matches no cache, so that look-ups ask the dict.
        header.set_shape(0);
        drop(old);
        Ok(())
    }

    /// Revokes what caches know of instances of the type: they and those of subclasses get fresh shapes. Called when
    /// a class gets something that goes before instance attributes (a data descriptor).
    pub fn revoke_shapes(&self, ty: &TypeRef) {
        let mut classes = vec![ty.clone()];
        let mut index = 0;
        let mut had_instances = false;
        while index < classes.len() {
            let class = classes[index].clone();
            had_instances |= class.head.root_shape.replace(0) != 0;
            classes.extend(self.subclasses_of(&class));
            index += 1;
        }
        // Instances have their shapes from their class's.
        if !had_instances {
            return;
        }
        for object in self.heap.containers(None) {
            let Some(header) = object.header() else { continue };
            let class = self.type_of(&object);
            if header.shape() == 0 || header.has(flags::DICT_MODE) || !class.is_subtype(ty) {
                continue;
            }
            let mut shape = self.shapes.root_of(class);
            for name in self.shapes.names(header.shape()) {
                shape = self.shapes.with(shape, &name).unwrap_or(0);
            }
            if shape != 0 || self.shapes.count(header.shape()) == 0 {
                header.set_shape(shape);
            } else {
                // No shape describes the attributes any more: only a dict can.
                let _ = self.instance_dict(&object);
            }
        }
    }
}

/// The dict of an instance that is in dict mode.
pub fn instance_dict_if_made(object: &Value) -> Option<Ref<Dict>> {
    let header = object.header()?;
    if !header.has(flags::DICT_MODE) {
        return None;
    }
    // SAFETY: the type of an object is a type object.
    let ty = unsafe { header.type_value().downcast_unchecked::<Type>() };
    let dict = read_slot(object, ty.member_slots.get() as usize)?;
    Ref::try_from_value(dict).ok()
}

/// A new count of what an inline slot holds.
#[inline(always)]
pub fn read_slot(object: &Value, slot: usize) -> Option<Value> {
    let cell = tail_of(object).get(slot)?;
    // SAFETY: cloning runs no code that could change the slot meanwhile.
    unsafe { (*cell.as_ptr()).clone() }
}

/// Changes an inline slot; the old content is dropped last.
#[inline(always)]
pub fn write_slot(object: &Value, slot: usize, value: Option<Value>) {
    if let Some(cell) = tail_of(object).get(slot) {
        drop(cell.replace(value));
    }
}

/// The `getattro` slot of `object`.
pub fn generic_get_attr(vm: &Vm, object: &Value, name: &Value) -> PyResult {
    match vm.generic_get_attr_opt(object, name)? {
        Some(value) => Ok(value),
        None => Err(vm.no_attribute(object, name)),
    }
}

/// The `setattro` slot of `object`.
pub fn generic_set_attr(vm: &Vm, object: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    vm.generic_set_attr(object, name, value)
}

/// The finalizer of an object's class ran before: see `gc.is_finalized`.
pub fn is_finalized(object: &Value) -> bool {
    Heap::is_finalized(object)
}

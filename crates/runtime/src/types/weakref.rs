//! `weakref.ref`. The proxies are in [`super::weakproxy`]; the table of references is in [`crate::weak`].

use crate::args::Args;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::type_object::TypeRef;
use crate::vm::{Vm, vm_of};
use oriel_heap::{Body, Header, Layout, Ref, Value, Visitor};
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// The body of weak references and proxies.
pub struct WeakRef {
    /// The object, not counted; empty once it is dead.
    pub target: Cell<Option<NonNull<Header>>>,
    /// Called with the reference when the object dies.
    pub callback: OptionCell,
    hash: Cell<i64>,
}

static LAYOUT: Layout = Layout::of::<WeakRef>("weakref", None);

impl Body for WeakRef {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.callback.visit(visitor);
    }
    fn clear(&self) {
        self.callback.set(None);
    }
}

impl Drop for WeakRef {
    fn drop(&mut self) {
        if let Some(target) = self.target.take() {
            // SAFETY: the target is cleared when the object dies, so it is alive.
            let object = ManuallyDrop::new(unsafe { Value::from_header(target) });
            if let Some(vm) = vm_of(&object) {
                let own = std::ptr::from_ref::<WeakRef>(self).cast_mut().cast::<Header>();
                // SAFETY: the body lies behind its header in the same allocation.
                if let Some(own) = NonNull::new(unsafe { own.sub(1) }) {
                    vm.weak_table.remove(target, own);
                }
            }
        }
    }
}

impl WeakRef {
    /// The object, if it is alive.
    pub fn get(&self) -> Option<Value> {
        let target = self.target.get()?;
        // SAFETY: the target is cleared when the object dies; one whose count is zero is being freed.
        unsafe {
            if target.as_ref().count() == 0 {
                return None;
            }
            let object = ManuallyDrop::new(Value::from_header(target));
            Some(Value::clone(&object))
        }
    }
}

/// `weakref.ref`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    slots: |slots| {
        slots.call.set(Some(call));
        slots.repr.set(Some(repr));
        slots.hash.set(Some(hash));
        slots.richcompare.set(Some(compare));
        slots.new.set(Some(new));
        slots.init.set(Some(|vm, _, args| args.unpack(vm, "__init__", 1, 2).map(|_| ())));
    },
    methods: &[MethodDef::one(
        "__class_getitem__",
        |vm, class, item| vm.new_generic_alias(class, item),
        "($type, object, /)",
        "A generic alias.",
    )
    .class_method()],
    getset: &[GetSetDef::readonly(
        "__callback__",
        |vm, this| Ok(body(vm, this)?.callback.get().unwrap_or(Value::NONE)),
        "What is called when the object dies.",
    )],
    ..TypeSpec::new("weakref.ReferenceType", WeakRef::layout)
};

fn body<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<WeakRef>> {
    this.downcast().ok_or_else(|| vm.type_error("a weak reference is needed"))
}

impl Vm {
    /// A weak reference of the given class; without a callback an existing one of exactly that class is shared.
    pub fn new_weak_reference(&self, class: &TypeRef, object: &Value, callback: Option<&Value>) -> PyResult {
        if !object.is_heap() || !self.type_of(object).has(type_flags::WEAKREF) {
            let name = self.type_name(object);
            return Err(self.type_error(format!("cannot create weak reference to '{name}' object")));
        }
        let callback = callback.filter(|callback| !callback.is_none());
        if callback.is_none() && !class.is_heap_type() {
            for known in self.weak_table.of(object) {
                if self.type_of(&known).is(class) && known.downcast::<WeakRef>().is_some_and(|k| !k.callback.is_some())
                {
                    return Ok(known);
                }
            }
        }
        let body = WeakRef {
            target: Cell::new(Some(object.raw())),
            callback: OptionCell::new(callback.cloned()),
            hash: Cell::new(-1),
        };
        let reference = self.new_instance(class, body)?;
        self.weak_table.add(object, &reference);
        Ok(reference.into_value())
    }
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let values = if class.is_heap_type() { args.positional() } else { args.unpack(vm, "__new__", 1, 2)? };
    crate::args::check_count(vm, "__new__", values.len(), 1, 2)?;
    vm.new_weak_reference(class, &values[0], values.get(1))
}

fn call(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    args.unpack(vm, "weakref.ReferenceType.__call__", 0, 0)?;
    Ok(body(vm, this)?.get().unwrap_or(Value::NONE))
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let address = this.word();
    let Some(object) = body(vm, this)?.get() else {
        return Ok(vm.new_str(&format!("<weakref at {address:#x}; dead>")));
    };
    let (class, target) = (vm.type_name(&object), object.word());
    match vm.get_attr_opt(&object, &vm.names.__name__).ok().flatten() {
        Some(name) if name.downcast::<crate::types::str::Str>().is_some() => {
            let name = vm.str_text(&name);
            Ok(vm.new_str(&format!("<weakref at {address:#x}; to '{class}' at {target:#x} ({name})>")))
        }
        _ => Ok(vm.new_str(&format!("<weakref at {address:#x}; to '{class}' at {target:#x}>"))),
    }
}

fn hash(vm: &Vm, this: &Value) -> PyResult<i64> {
    let reference = body(vm, this)?;
    if reference.hash.get() != -1 {
        return Ok(reference.hash.get());
    }
    let Some(object) = reference.get() else { return Err(vm.type_error("weak object has gone away")) };
    let hash = vm.hash(&object)?;
    reference.hash.set(hash);
    Ok(hash)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<WeakRef>(), b.downcast::<WeakRef>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    match (x.get(), y.get()) {
        (Some(p), Some(q)) => vm.rich_compare(&p, &q, op),
        _ => Ok(Value::bool(a.is(b) == (op == CompareOp::Eq))),
    }
}

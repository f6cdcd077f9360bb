//! `_local`: an object whose attributes each thread has for itself. The dicts belong to the object, so that the collector
//! sees them; a thread that ends takes its own out.

use super::types;
use oriel_runtime::native::{TypeSpec, type_flags};
use oriel_runtime::slots::SetFn;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::weakref::WeakRef;
use oriel_runtime::{Args, Body, Layout, PyResult, Ref, Value, Visitor, Vm};
use std::cell::RefCell;
use std::collections::HashMap;

/// The body of `_local`.
struct Local {
    /// The dict of each thread, by its number.
    dicts: RefCell<HashMap<u64, Ref<Dict>>>,
    values: RefCell<Vec<Value>>,
    names: RefCell<Vec<Value>>,
}

static LAYOUT: Layout = Layout::of::<Local>("_local", None);

impl Body for Local {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        for dict in self.dicts.borrow().values() {
            visitor(dict.as_value());
        }
        for value in self.values.borrow().iter().chain(self.names.borrow().iter()) {
            visitor(value);
        }
    }
    fn clear(&self) {
        let dicts = self.dicts.take();
        let values = self.values.take();
        drop((dicts, values));
    }
}

/// For each thread, weak references to the objects that have a dict for it.
#[derive(Default)]
struct Used(RefCell<HashMap<u64, Vec<Value>>>);

/// `_thread._local`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::WEAKREF,
    doc: "An object whose attributes each thread has for itself.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, args| {
            let has_init =
                class.slots.init.get().map(|f| f as usize) != vm.types.object.slots.init.get().map(|f| f as usize);
            if !args.is_empty() && !has_init {
                return Err(vm.type_error("Initialization arguments are not supported"));
            }
            let body = Local {
                dicts: RefCell::default(),
                values: RefCell::new(args.values.to_vec()),
                names: RefCell::new(args.names.to_vec()),
            };
            let object = vm.new_instance(class, body)?.into_value();
            // The thread that makes the object has `__init__` called by the class.
            enter_dict(vm, &object)?;
            Ok(object)
        }));
        slots.getattro.set(Some(get_attribute));
        slots.setattro.set(Some(set_attribute as SetFn));
    },
    ..TypeSpec::new("_thread._local", Local::layout)
};

fn body<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Local>> {
    this.downcast().ok_or_else(|| vm.type_error("a _local is needed"))
}

fn enter_dict(vm: &Vm, this: &Value) -> PyResult<Ref<Dict>> {
    let dict = vm.new_dict();
    body(vm, this)?.dicts.borrow_mut().insert(vm.number, dict.clone());
    let reference = vm.new_weak_reference(&vm.types.weak_reference, this, None)?;
    vm.state::<Used>().0.borrow_mut().entry(vm.number).or_default().push(reference);
    Ok(dict)
}

/// The running thread's dict; at the first time, `__init__` is called for it.
fn own_dict(vm: &Vm, this: &Value) -> PyResult<Ref<Dict>> {
    let own = body(vm, this)?;
    let known = own.dicts.borrow().get(&vm.number).cloned();
    if let Some(dict) = known {
        return Ok(dict);
    }
    let dict = enter_dict(vm, this)?;
    let class = vm.type_of(this).clone();
    if !class.is(&types(vm)?.local)
        && let Some(init) = class.slots.init.get()
    {
        let (values, names) = (own.values.borrow().clone(), own.names.borrow().clone());
        if let Err(raised) = init(vm, this, Args { values: &values, names: &names }) {
            let removed = own.dicts.borrow_mut().remove(&vm.number);
            drop(removed);
            return Err(raised);
        }
    }
    Ok(dict)
}

fn get_attribute(vm: &Vm, this: &Value, name: &Value) -> PyResult {
    let dict = own_dict(vm, this)?;
    if name.is(&vm.names.__dict__) {
        return Ok(dict.into_value());
    }
    let class = vm.type_of(this).clone();
    let found = vm.lookup(&class, name);
    if let Some(found) = &found {
        let slots = &vm.type_of(found).slots;
        if slots.descr_set.get().is_some()
            && let Some(get) = slots.descr_get.get()
        {
            return get(vm, found, Some(this), Some(class.as_value()));
        }
    }
    if let Some(value) = dict.get(vm, name)? {
        return Ok(value);
    }
    match found {
        Some(found) => vm.bind(&found, Some(this), class.as_value()),
        None => Err(vm.no_attribute(this, name)),
    }
}

fn set_attribute(vm: &Vm, this: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    let dict = own_dict(vm, this)?;
    if name.is(&vm.names.__dict__) {
        let class = vm.type_name(this);
        return Err(vm.attribute_error(format!("'{class}' object attribute '__dict__' is read-only")));
    }
    if let Some(found) = vm.lookup(&vm.type_of(this).clone(), name)
        && let Some(set) = vm.type_of(&found).slots.descr_set.get()
    {
        return set(vm, &found, this, value);
    }
    match value {
        Some(value) => dict.set(vm, name, value.clone()),
        None => match dict.delete(vm, name)? {
            Some(_) => Ok(()),
            None => Err(vm.no_attribute(this, name)),
        },
    }
}

/// Takes the dicts of an ending thread out of the objects.
pub fn end_of_thread(vm: &Vm) {
    let used = vm.state::<Used>().0.borrow_mut().remove(&vm.number).unwrap_or_default();
    for reference in used {
        let object = reference.downcast::<WeakRef>().and_then(|reference| reference.get());
        if let Some(object) = object
            && let Some(local) = object.downcast::<Local>()
        {
            let dict = local.dicts.borrow_mut().remove(&vm.number);
            drop(dict);
        }
    }
}

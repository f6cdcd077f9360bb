//! Weak references: which objects have them, and what happens to them when the object dies. The types `ref`,
//! `proxy` and `callableproxy` are in [`crate::types::weakref`].

use crate::types::weakref::WeakRef;
use crate::vm::{Vm, vm_of_heap};
use oriel_heap::{Header, Heap, Ref, Value, flags};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ptr::NonNull;

/// The weak references of an interpreter's objects, the newest last. They are not counted: a weak reference takes
/// itself out when it dies.
#[derive(Default)]
pub struct WeakTable(RefCell<HashMap<NonNull<Header>, Vec<NonNull<Header>>>>);

impl WeakTable {
    /// Enters a weak reference.
    pub fn add(&self, object: &Value, reference: &Ref<WeakRef>) {
        if let Some(header) = object.header() {
            header.set(flags::WEAKLY_REFERENCED, true);
            self.0.borrow_mut().entry(object.raw()).or_default().push(reference.as_value().raw());
        }
    }

    /// Takes a weak reference out.
    pub fn remove(&self, object: NonNull<Header>, reference: NonNull<Header>) {
        let mut table = self.0.borrow_mut();
        if let Some(list) = table.get_mut(&object) {
            list.retain(|other| *other != reference);
            if list.is_empty() {
                table.remove(&object);
            }
        }
    }

    /// The weak references of an object.
    pub fn of(&self, object: &Value) -> Vec<Value> {
        let table = self.0.borrow();
        let Some(list) = table.get(&object.raw()) else { return Vec::new() };
        list.iter()
            // SAFETY: entries are whole objects; one that waits to be freed has no count left.
            .filter(|header| unsafe { header.as_ref() }.count() != 0)
            .map(|header| {
                // SAFETY: as above; the clone owns a count of its own.
                let reference = std::mem::ManuallyDrop::new(unsafe { Value::from_header(*header) });
                Value::clone(&reference)
            })
            .collect()
    }

    fn take(&self, object: &Value) -> Vec<Value> {
        let references = self.of(object);
        self.0.borrow_mut().remove(&object.raw());
        references
    }
}

fn call_back(vm: &Vm, reference: &Value) {
    let Some(body) = reference.downcast::<WeakRef>() else { return };
    if let Some(callback) = body.callback.take() {
        let saved = vm.save_raised_state();
        if let Err(raised) = vm.call(&callback, std::slice::from_ref(reference)) {
            vm.write_unraisable(raised, Some(&callback), "Exception ignored while calling weakref callback");
        }
        vm.restore_raised_state(saved);
    }
}

/// The object dies: its weak references are cleared, then their callbacks called, newest first.
pub(crate) fn clear_for(heap: &Heap, object: &Value) {
    let Some(vm) = vm_of_heap(heap) else { return };
    let references = vm.weak_table.take(object);
    if let Some(header) = object.header() {
        header.set(flags::WEAKLY_REFERENCED, false);
    }
    for reference in &references {
        if let Some(body) = reference.downcast::<WeakRef>() {
            body.target.set(None);
        }
    }
    for reference in references.iter().rev() {
        call_back(vm, reference);
    }
}

/// A collection found the objects: their weak references are cleared; those that are not garbage themselves call back.
pub(crate) fn clear_unreachable(heap: &Heap, garbage: &[Value]) {
    let Some(vm) = vm_of_heap(heap) else { return };
    let dead: HashSet<u64> = garbage.iter().map(Value::word).collect();
    let mut callbacks = Vec::new();
    for object in garbage {
        let Some(header) = object.header() else { continue };
        if !header.has(flags::WEAKLY_REFERENCED) {
            continue;
        }
        header.set(flags::WEAKLY_REFERENCED, false);
        for reference in vm.weak_table.take(object) {
            if let Some(body) = reference.downcast::<WeakRef>() {
                body.target.set(None);
            }
            if !dead.contains(&reference.word()) {
                callbacks.push(reference);
            }
        }
    }
    for reference in callbacks.iter().rev() {
        call_back(vm, reference);
    }
}

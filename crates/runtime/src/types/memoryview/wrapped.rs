//! Memory lent by a Python class with `__buffer__`: gives the memoryview back through `__release_buffer__`.

use super::MemoryView;
use crate::buffer::BufferView;
use crate::error::PyResult;
use crate::native::{TypeSpec, type_flags};
use crate::vm::{Vm, vm_of};
use oriel_heap::{Body, Layout, Value, Visitor};
use std::cell::RefCell;

/// The body: the object, and the memoryview that its `__buffer__` returned.
pub struct BufferWrapper {
    object: Value,
    view: Value,
    /// Keeps the memoryview from being released before its time.
    inner: RefCell<Option<BufferView>>,
}

static LAYOUT: Layout = Layout::of::<BufferWrapper>("_buffer_wrapper", None);

impl Body for BufferWrapper {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.object);
        visitor(&self.view);
    }
}

/// `_buffer_wrapper`
pub static SPEC: TypeSpec =
    TypeSpec { flags: type_flags::NO_NEW, ..TypeSpec::new("_buffer_wrapper", BufferWrapper::layout) };

/// The memory of the memoryview that an object's `__buffer__` returned.
pub fn lend(vm: &Vm, object: &Value, view: &Value, writable: bool) -> PyResult<BufferView> {
    let Some(body) = view.downcast::<MemoryView>() else {
        return Err(vm.type_error("__buffer__ returned non-memoryview object"));
    };
    let inner = vm.full_buffer(view, writable)?;
    let wrapper = BufferWrapper { object: object.clone(), view: view.clone(), inner: RefCell::new(None) };
    let wrapper = vm.new_instance(&vm.types.buffer_wrapper, wrapper)?;
    let owner = wrapper.to_value();
    let window = inner.window(owner, 0, body.structure.clone(), body.readonly, Some(release));
    wrapper.inner.replace(Some(inner));
    window.ok_or_else(|| vm.value_error("operation forbidden on released memoryview object"))
}

fn release(wrapper: &Value) {
    let (Some(body), Some(vm)) = (wrapper.downcast::<BufferWrapper>(), vm_of(wrapper)) else { return };
    let inner = body.inner.take();
    drop(inner);
    let saved = vm.save_raised_state();
    let outcome = vm.call_special(&body.object, &vm.names.__release_buffer__, std::slice::from_ref(&body.view));
    if let Err(raised) = outcome {
        vm.write_unraisable(raised, Some(&body.object), "Exception ignored in __release_buffer__ of");
    }
    if let Err(raised) = super::release(vm, &body.view) {
        vm.write_unraisable(raised, Some(&body.object), "Exception ignored in");
    }
    vm.restore_raised_state(saved);
}

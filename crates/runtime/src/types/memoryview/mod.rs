//! The bodies of `memoryview`: the view, and the lent memory that several views share. What Python sees is in the
//! files beside this one.

pub mod items;
pub mod iterator;
mod methods;
mod subscript;
pub mod wrapped;

pub use methods::SPEC;

use crate::buffer::{BufferView, Dimensions, Structure, is_c_contiguous, is_f_contiguous};
use crate::error::PyResult;
use crate::native::{TypeSpec, type_flags};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::{Cell, RefCell};

/// The most dimensions of a view.
pub const MAX_DIMENSIONS: usize = 64;

/// Memory that an object lent, held by the views of it; given back when the last of them is released.
pub struct ManagedBuffer {
    view: RefCell<Option<BufferView>>,
    /// The views that are not released.
    views: Cell<usize>,
}

/// The body of a `memoryview`.
pub struct MemoryView {
    /// The memory.
    pub buffer: Ref<ManagedBuffer>,
    /// Bytes from the start of the memory to the first item.
    pub offset: isize,
    /// How the items lie.
    pub structure: Structure,
    /// Whether it must not be written through this view.
    pub readonly: bool,
    released: Cell<bool>,
    exports: Cell<usize>,
    hash: Cell<i64>,
}

static MANAGED_LAYOUT: Layout = Layout::of::<ManagedBuffer>("managedbuffer", None);
static LAYOUT: Layout = Layout::of::<MemoryView>("memoryview", None);

/// The hidden type of shared memory.
pub static MANAGED_SPEC: TypeSpec =
    TypeSpec { flags: type_flags::NO_NEW, ..TypeSpec::new("managedbuffer", ManagedBuffer::layout) };

impl Body for ManagedBuffer {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &MANAGED_LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        if let Ok(view) = self.view.try_borrow()
            && let Some(view) = &*view
        {
            visitor(&view.owner);
        }
    }

    fn clear(&self) {
        self.give_back();
    }
}

impl Body for MemoryView {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(self.buffer.as_value());
    }
}

impl Drop for MemoryView {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl ManagedBuffer {
    fn give_back(&self) {
        let view = self.view.borrow_mut().take();
        drop(view);
    }

    /// Lends the memory to a function that must not run Python code; nothing where it was given back.
    pub fn with<R>(&self, function: impl FnOnce(&BufferView) -> R) -> Option<R> {
        self.view.borrow().as_ref().map(function)
    }

    /// The object whose memory it is.
    pub fn owner(&self) -> Option<Value> {
        self.view.borrow().as_ref().map(|view| view.owner.clone())
    }
}

impl MemoryView {
    fn let_go(&self) {
        if !self.released.replace(true) {
            let left = self.buffer.views.get().saturating_sub(1);
            self.buffer.views.set(left);
            if left == 0 {
                self.buffer.give_back();
            }
        }
    }

    /// Items in each dimension.
    pub fn shape(&self) -> &Dimensions {
        &self.structure.shape
    }

    /// Bytes in all.
    pub fn nbytes(&self) -> usize {
        self.shape().iter().product::<isize>() as usize * self.structure.item_size
    }

    /// The number of dimensions.
    pub fn ndim(&self) -> usize {
        self.shape().len()
    }

    /// Whether the view was released.
    pub fn is_released(&self) -> bool {
        self.released.get()
    }

    /// Refuses to work on memory that was given back.
    pub fn check(&self, vm: &Vm) -> PyResult<()> {
        if self.released.get() {
            return Err(vm.value_error("operation forbidden on released memoryview object"));
        }
        Ok(())
    }

    /// Whether the items lie in C order without gaps.
    pub fn is_c_contiguous(&self) -> bool {
        is_c_contiguous(self.shape(), &self.structure.strides, self.structure.item_size)
    }

    /// Whether the items lie in Fortran's order without gaps.
    pub fn is_f_contiguous(&self) -> bool {
        is_f_contiguous(self.shape(), &self.structure.strides, self.structure.item_size)
    }

    /// The items of the view as a window on the memory, for the time of a function that must not run Python code.
    pub fn with_window<R>(&self, vm: &Vm, function: impl FnOnce(&BufferView) -> R) -> PyResult<R> {
        self.check(vm)?;
        let window = self
            .buffer
            .with(|view| view.window(Value::NONE, self.offset, self.structure.clone(), self.readonly, None))
            .flatten();
        match window {
            Some(window) => Ok(function(&window)),
            None => Err(vm.value_error("operation forbidden on released memoryview object")),
        }
    }

    /// The bytes in C order, copied.
    pub fn to_vec(&self, vm: &Vm) -> PyResult<Vec<u8>> {
        self.with_window(vm, BufferView::to_vec)
    }

    /// The value of the item at an offset from the start of the memory.
    pub fn item_at(&self, vm: &Vm, offset: isize) -> PyResult {
        let item = items::native(vm, &self.structure.format)?;
        let mut bytes = [0u8; 16];
        let bytes = &mut bytes[..item.size.min(16)];
        self.check(vm)?;
        if self.buffer.with(|view| view.read_at(offset, bytes)) != Some(true) {
            return Err(vm.index_error("memoryview: the item is outside the memory"));
        }
        items::unpack(vm, &item, false, bytes)
    }

    /// Puts a value into the item at an offset from the start of the memory.
    pub fn set_item_at(&self, vm: &Vm, offset: isize, value: &Value) -> PyResult<()> {
        let item = items::native(vm, &self.structure.format)?;
        let mut bytes = [0u8; 16];
        let bytes = &mut bytes[..item.size.min(16)];
        items::pack(vm, &item, &self.structure.format, value, bytes)?;
        // The conversion may have run code that released the view.
        self.check(vm)?;
        if self.buffer.with(|view| view.write_at(offset, bytes)) != Some(true) {
            return Err(vm.index_error("memoryview: the item is outside the memory"));
        }
        Ok(())
    }
}

impl Vm {
    /// `memoryview(object)`
    pub fn new_memoryview(&self, object: &Value, writable: bool) -> PyResult<Ref<MemoryView>> {
        if let Some(other) = object.downcast::<MemoryView>() {
            other.check(self)?;
            if writable && other.readonly {
                return Err(self.buffer_error("memoryview: underlying buffer is not writable"));
            }
            return self.sibling_view(other, other.offset, other.structure.clone(), other.readonly);
        }
        if !self.has_buffer(object) {
            let name = self.type_name(object);
            return Err(self.type_error(format!("memoryview: a bytes-like object is required, not '{name}'")));
        }
        let view = self.full_buffer(object, writable)?;
        self.memoryview_of(view)
    }

    /// A view of lent memory.
    pub fn memoryview_of(&self, view: BufferView) -> PyResult<Ref<MemoryView>> {
        let (structure, readonly) = (view.structure(), view.readonly);
        let managed = ManagedBuffer { view: RefCell::new(Some(view)), views: Cell::new(0) };
        let managed = self.new_instance(&self.types.managed_buffer, managed)?;
        self.view_on(managed, 0, structure, readonly)
    }

    /// Another view of the same memory.
    pub fn sibling_view(
        &self,
        view: &MemoryView,
        offset: isize,
        structure: Structure,
        readonly: bool,
    ) -> PyResult<Ref<MemoryView>> {
        view.check(self)?;
        self.view_on(view.buffer.clone(), offset, structure, readonly)
    }

    fn view_on(
        &self,
        buffer: Ref<ManagedBuffer>,
        offset: isize,
        structure: Structure,
        readonly: bool,
    ) -> PyResult<Ref<MemoryView>> {
        buffer.views.set(buffer.views.get() + 1);
        let body = MemoryView {
            buffer,
            offset,
            structure,
            readonly,
            released: Cell::new(false),
            exports: Cell::new(0),
            hash: Cell::new(-1),
        };
        self.new_instance(&self.types.memoryview, body)
    }
}

/// Lends the memory of a view on.
fn buffer(vm: &Vm, this: &Value, writable: bool) -> PyResult<BufferView> {
    let view = vm.body::<MemoryView>(this)?;
    view.check(vm)?;
    if writable && view.readonly {
        return Err(vm.buffer_error("memoryview: underlying buffer is not writable"));
    }
    let window = view
        .buffer
        .with(|lent| lent.window(this.clone(), view.offset, view.structure.clone(), view.readonly, Some(give_back)))
        .flatten();
    match window {
        Some(window) => {
            view.exports.set(view.exports.get() + 1);
            Ok(window)
        }
        None => Err(vm.value_error("operation forbidden on released memoryview object")),
    }
}

fn give_back(owner: &Value) {
    if let Some(view) = owner.downcast::<MemoryView>() {
        view.exports.set(view.exports.get().saturating_sub(1));
    }
}

/// Keeps a view from being released.
pub(super) struct Held<'a>(&'a MemoryView);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.exports.set(self.0.exports.get().saturating_sub(1));
    }
}

impl MemoryView {
    /// Keeps the view from being released until the result is dropped.
    pub(super) fn hold(&self) -> Held<'_> {
        self.exports.set(self.exports.get() + 1);
        Held(self)
    }
}

/// `memoryview.release()`
fn release(vm: &Vm, this: &Value) -> PyResult {
    let view = vm.body::<MemoryView>(this)?;
    if view.is_released() {
        return Ok(Value::NONE);
    }
    let exports = view.exports.get();
    if exports > 0 {
        let plural = if exports == 1 { "" } else { "s" };
        return Err(vm.buffer_error(format!("memoryview has {exports} exported buffer{plural}")));
    }
    view.let_go();
    Ok(Value::NONE)
}

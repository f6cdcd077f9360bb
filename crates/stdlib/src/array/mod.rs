//! `array`: rows of numbers or characters of one machine type.
//!
//! The items are kept as bytes in the machine's order; [`items`] turns them into values and back.

mod items;
mod iterator;
mod methods;
mod pickling;
mod slots;

use items::Code;
use oriel_runtime::buffer::BufferView;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Body, Layout, MethodDef, ModuleSpec, PyResult, Ref, Value, Vm};
use std::cell::{Cell, OnceCell, RefCell};
use std::ptr::NonNull;

/// The body of an array.
pub struct Array {
    code: Code,
    bytes: RefCell<Vec<u8>>,
    exports: Cell<usize>,
}

static LAYOUT: Layout = Layout::of::<Array>("array.array", None);

impl Body for Array {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

impl Array {
    /// Number of items.
    fn len(&self) -> usize {
        self.bytes.borrow().len() / self.code.size()
    }

    /// The item at a position within the array.
    fn item(&self, vm: &Vm, index: usize) -> PyResult {
        let size = self.code.size();
        let mut item = [0u8; 8];
        let found =
            self.bytes.borrow().get(index * size..(index + 1) * size).map(|bytes| item[..size].copy_from_slice(bytes));
        match found {
            Some(()) => self.code.unpack(vm, &item[..size]),
            None => Err(vm.index_error("array index out of range")),
        }
    }

    /// Changes the bytes, and maybe their number; BufferError while the memory is lent. False means out of memory.
    fn edit(&self, vm: &Vm, function: impl FnOnce(&mut Vec<u8>) -> bool) -> PyResult<()> {
        self.check_exports(vm)?;
        if function(&mut self.bytes.borrow_mut()) { Ok(()) } else { Err(vm.memory_error()) }
    }

    fn check_exports(&self, vm: &Vm) -> PyResult<()> {
        if self.exports.get() > 0 {
            return Err(vm.buffer_error("cannot resize an array that is exporting buffers"));
        }
        Ok(())
    }

    /// Adds items given as bytes.
    fn extend_bytes(&self, vm: &Vm, more: &[u8]) -> PyResult<()> {
        self.edit(vm, |bytes| {
            if bytes.capacity() - bytes.len() < more.len() && bytes.try_reserve(more.len()).is_err() {
                return false;
            }
            bytes.extend_from_slice(more);
            true
        })
    }

    /// Adds a value.
    fn push(&self, vm: &Vm, value: &Value) -> PyResult<()> {
        let mut item = [0u8; 8];
        let item = &mut item[..self.code.size()];
        self.code.pack(vm, value, item)?;
        self.extend_bytes(vm, item)
    }
}

/// The types of the module.
#[derive(Default)]
pub struct State {
    array: OnceCell<TypeRef>,
    iterator: OnceCell<TypeRef>,
}

/// A new array of a class, from bytes that are taken over.
fn make(vm: &Vm, class: &TypeRef, code: Code, bytes: Vec<u8>) -> PyResult<Ref<Array>> {
    vm.new_instance(class, Array { code, bytes: RefCell::new(bytes), exports: Cell::new(0) })
}

/// A new `array.array`.
fn plain(vm: &Vm, code: Code, bytes: Vec<u8>) -> PyResult {
    let state = vm.state::<State>();
    Ok(make(vm, crate::bodies::made(vm, &state.array)?, code, bytes)?.into_value())
}

/// Lends the memory of an array.
fn lend(vm: &Vm, this: &Value, _writable: bool) -> PyResult<BufferView> {
    let array = vm.body::<Array>(this)?;
    let mut bytes = array.bytes.borrow_mut();
    let start = NonNull::from(bytes.as_mut_slice());
    array.exports.set(array.exports.get() + 1);
    let size = array.code.size();
    let format = array.code.format().into();
    Ok(BufferView::items(this.clone(), start.cast(), start.len() / size, size, format, false, Some(give_back)))
}

fn give_back(owner: &Value) {
    if let Some(array) = owner.downcast::<Array>() {
        array.exports.set(array.exports.get().saturating_sub(1));
    }
}

/// `array`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "array",
    doc: "Rows of items of one machine type.",
    functions: &[MethodDef::positional(
        "_array_reconstructor",
        4,
        4,
        pickling::reconstruct,
        "($module, arraytype, typecode, mformat_code, items,\n                     /)",
        "An array from its pickled form.",
    )],
    exec: |vm, module| {
        let state = vm.state::<State>();
        let array = vm.module_type(module, &slots::SPEC)?;
        vm.module_set(module, "ArrayType", array.to_value())?;
        vm.module_set(module, "typecodes", vm.new_str(items::TYPE_CODES))?;
        let abstract_class = vm.import_from("_collections_abc", "MutableSequence")?;
        vm.call_method_str(&abstract_class, "register", &[array.to_value()])?;
        let _ = state.array.set(array);
        let _ = state.iterator.set(vm.new_type(&iterator::SPEC)?);
        Ok(())
    },
};

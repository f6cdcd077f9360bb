//! The body of `bytearray`: bytes that can be changed, with room at both ends. Its methods are in the files beside.
//!
//! While the memory is lent ([`ByteArray::exports`]) the bytes can be changed but not their number.

use super::array_slots;
use crate::buffer::BufferView;
use crate::error::PyResult;
use crate::native::TypeSpec;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

/// `bytearray`
pub static SPEC: TypeSpec = array_slots::SPEC_OF_ARRAY;

/// Bytes whose front can be cut off without moving the rest.
#[derive(Default)]
pub struct FrontVec {
    bytes: Vec<u8>,
    start: usize,
}

impl FrontVec {
    /// The bytes.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// The bytes, to be changed.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..]
    }

    /// Takes the bytes over.
    pub fn of(bytes: Vec<u8>) -> FrontVec {
        FrontVec { bytes, start: 0 }
    }

    /// Moves the bytes to the front of their memory.
    fn compact(&mut self) {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
    }

    /// The number of bytes.
    #[inline]
    #[allow(clippy::len_without_is_empty, reason = "a Python length; emptiness is asked as a truth")]
    pub fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// Makes room for more; false where memory is out.
    pub fn try_reserve(&mut self, more: usize) -> bool {
        if self.bytes.capacity() - self.bytes.len() >= more {
            return true;
        }
        if self.start > 0 {
            self.compact();
        }
        // Nearly an eighth more than needed, as lists do: arrays often grow byte by byte.
        let spare = (self.bytes.len().saturating_add(more) >> 3).saturating_add(8);
        match more.checked_add(spare) {
            Some(room) if self.bytes.try_reserve_exact(room).is_ok() => true,
            _ => self.bytes.try_reserve_exact(more).is_ok(),
        }
    }

    /// Puts bytes in the place of a range within the bytes; false where memory is out.
    pub fn splice(&mut self, start: usize, end: usize, new: &[u8]) -> bool {
        let (old, len) = (end - start, self.len());
        if new.len() == old {
            self.as_mut_slice()[start..end].copy_from_slice(new);
            return true;
        }
        if new.len() < old {
            let fewer = old - new.len();
            if start == 0 {
                // The front is cut off; memory is given back when more than half of it lies unused.
                self.start += fewer;
                self.as_mut_slice()[..new.len()].copy_from_slice(new);
                if self.start > self.bytes.len() / 2 {
                    self.compact();
                    self.shrink();
                }
                return true;
            }
            let bytes = self.as_mut_slice();
            bytes[start..start + new.len()].copy_from_slice(new);
            bytes.copy_within(end..len, start + new.len());
            self.bytes.truncate(self.bytes.len() - fewer);
            self.shrink();
            return true;
        }
        let more = new.len() - old;
        if !self.try_reserve(more) {
            return false;
        }
        self.bytes.resize(self.bytes.len() + more, 0);
        let bytes = self.as_mut_slice();
        bytes.copy_within(end..len, end + more);
        bytes[start..start + new.len()].copy_from_slice(new);
        true
    }

    fn shrink(&mut self) {
        let len = self.bytes.len();
        if self.bytes.capacity() > 64 && len < self.bytes.capacity() / 2 {
            self.bytes.shrink_to(len + (len >> 3) + 8);
        }
    }

    /// Changes the number of bytes; new ones are zero. False where memory is out.
    pub fn resize(&mut self, len: usize) -> bool {
        let now = self.len();
        if len <= now {
            self.bytes.truncate(self.start + len);
            self.shrink();
            return true;
        }
        if !self.try_reserve(len - now) {
            return false;
        }
        self.bytes.resize(self.start + len, 0);
        true
    }

    /// Adds bytes at the end; false where memory is out.
    #[inline]
    pub fn extend(&mut self, new: &[u8]) -> bool {
        if !self.try_reserve(new.len()) {
            return false;
        }
        self.bytes.extend_from_slice(new);
        true
    }

    /// For how many bytes there is memory, the terminating NUL of CPython's arrays counted.
    pub fn allocated(&self) -> usize {
        if self.bytes.capacity() == 0 { 0 } else { self.bytes.capacity() + 1 }
    }
}

/// The body of a `bytearray`.
#[derive(Default)]
pub struct ByteArray {
    bytes: RefCell<FrontVec>,
    exports: Cell<usize>,
}

static LAYOUT: Layout = Layout::of::<ByteArray>("bytearray", None);

impl Body for ByteArray {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

impl ByteArray {
    /// The number of bytes.
    #[inline]
    #[allow(clippy::len_without_is_empty, reason = "a Python length; emptiness is asked as a truth")]
    pub fn len(&self) -> usize {
        self.bytes.borrow().len()
    }

    /// Lends the bytes to a function that must not run Python code.
    #[inline]
    pub fn with<R>(&self, function: impl FnOnce(&[u8]) -> R) -> R {
        function(self.bytes.borrow().as_slice())
    }

    /// Lends the bytes, to be changed but not in number, to a function that must not run Python code.
    #[inline]
    pub fn with_mut<R>(&self, function: impl FnOnce(&mut [u8]) -> R) -> R {
        function(self.bytes.borrow_mut().as_mut_slice())
    }

    /// Lends the store to a function that changes it and says whether memory sufficed; the function must not run
    /// Python code. BufferError while the memory is lent.
    #[inline]
    pub fn edit(&self, vm: &Vm, function: impl FnOnce(&mut FrontVec) -> bool) -> PyResult<()> {
        self.check_exports(vm)?;
        if function(&mut self.bytes.borrow_mut()) { Ok(()) } else { Err(vm.memory_error()) }
    }

    /// Refuses to change the number of bytes while the memory is lent.
    #[inline]
    pub fn check_exports(&self, vm: &Vm) -> PyResult<()> {
        if self.exports.get() > 0 {
            return Err(vm.buffer_error("Existing exports of data: object cannot be re-sized"));
        }
        Ok(())
    }

    /// For how many bytes there is memory.
    pub fn allocated(&self) -> usize {
        self.bytes.borrow().allocated()
    }

    /// How many views of the memory there are.
    pub fn exports(&self) -> usize {
        self.exports.get()
    }
}

/// Lends the memory of a `bytearray`.
pub(super) fn buffer(vm: &Vm, this: &Value, _writable: bool) -> PyResult<BufferView> {
    let array = vm.body::<ByteArray>(this)?;
    let mut bytes = array.bytes.borrow_mut();
    let start = NonNull::from(bytes.as_mut_slice());
    array.exports.set(array.exports.get() + 1);
    Ok(BufferView::bytes(this.clone(), start.cast(), start.len(), false, Some(release)))
}

fn release(owner: &Value) {
    if let Some(array) = owner.downcast::<ByteArray>() {
        array.exports.set(array.exports.get().saturating_sub(1));
    }
}

impl Vm {
    /// A new `bytearray` with a copy of the bytes.
    pub fn new_bytearray(&self, bytes: &[u8]) -> PyResult<Ref<ByteArray>> {
        let mut own = Vec::new();
        own.try_reserve_exact(bytes.len()).map_err(|_| self.memory_error())?;
        own.extend_from_slice(bytes);
        self.new_bytearray_of(&self.types.bytearray, own)
    }

    /// A new `bytearray`, or an instance of a class derived from it, that takes the bytes over.
    pub fn new_bytearray_of(&self, class: &TypeRef, bytes: Vec<u8>) -> PyResult<Ref<ByteArray>> {
        let body = ByteArray { bytes: RefCell::new(FrontVec::of(bytes)), exports: Cell::new(0) };
        self.new_instance(class, body)
    }
}

//! The body of `bytes`, in the layout of CPython 3.14, and how one is made.
//!
//! ```text
//!  0       16     24     32
//!  | header | size | hash | bytes ... NUL |
//! ```
//! What Python sees of the type is in the files beside this one.

pub mod array;
mod array_edit;
mod array_slots;
mod collect;
mod construct;
mod format;
pub mod iterators;
mod methods;
mod operand;
mod pieces;
mod search;
mod slots;

pub use collect::{byte_of, collect_bytes};
pub use methods::hex_text;
pub use operand::Operand;
pub use slots::SPEC;

use crate::error::PyResult;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Header, Layout, Ref, Value};
use std::cell::Cell;
use std::ptr::NonNull;

/// The fixed part of a `bytes`; the bytes follow in place.
#[repr(C)]
pub struct Bytes {
    size: usize,
    hash: Cell<i64>,
}

const _: () = assert!(size_of::<Header>() == 16 && size_of::<Bytes>() == 16);

static LAYOUT: Layout = Layout::of_variable::<Bytes>("bytes", end_of);

unsafe fn end_of(header: NonNull<Header>) -> usize {
    // SAFETY: the heap asks for the end of a live object of this layout.
    let body = unsafe { &*header.as_ptr().add(1).cast::<Bytes>() };
    (size_of::<Header>() + size_of::<Bytes>() + body.size + 1).next_multiple_of(8)
}

impl Body for Bytes {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

impl Bytes {
    /// The bytes.
    #[inline(always)]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: `size` bytes lie behind the fixed part in the same allocation, filled at birth and never changed.
        unsafe { std::slice::from_raw_parts(std::ptr::from_ref(self).add(1).cast::<u8>(), self.size) }
    }

    /// The number of bytes.
    #[inline(always)]
    #[allow(clippy::len_without_is_empty, reason = "a Python length; emptiness is asked as a truth")]
    pub fn len(&self) -> usize {
        self.size
    }

    /// The hash, that of an ASCII `str` of the same characters; computed at the first time.
    pub fn hash(&self, vm: &Vm) -> i64 {
        let cached = self.hash.get();
        if cached != -1 {
            return cached;
        }
        let hash = oriel_kernel::hash::hash_bytes(vm.string_hash_key(), self.as_slice());
        self.hash.set(hash);
        hash
    }
}

impl Vm {
    /// A `bytes`, or an instance of a subclass of it, of `size` bytes that the function fills (they come zeroed).
    pub fn new_bytes_filled(&self, class: &TypeRef, size: usize, fill: impl FnOnce(&mut [u8])) -> PyResult<Value> {
        let body = Bytes { size, hash: Cell::new(-1) };
        if size > isize::MAX as usize - 64 {
            return Err(self.memory_error());
        }
        // SAFETY: the class is `bytes` or a subclass, whose layout is that of `Bytes`; the extra bytes are filled here,
        // before anybody else sees the object.
        unsafe {
            let Some(object) = self.heap.try_new_object(class.as_value().raw(), body, size + 1) else {
                return Err(self.memory_error());
            };
            let data = object.body_pointer().as_ptr().add(1).cast::<u8>();
            std::ptr::write_bytes(data, 0, size + 1);
            fill(std::slice::from_raw_parts_mut(data, size));
            Ok(object.into_value())
        }
    }

    /// A new `bytes`; MemoryError where there is no memory for it.
    pub fn try_new_bytes(&self, bytes: &[u8]) -> PyResult<Value> {
        if bytes.len() > 1 { self.new_bytes_joined(bytes, b"") } else { self.short_bytes(bytes) }
    }

    /// The `bytes` of no byte or one: always the same objects.
    fn short_bytes(&self, bytes: &[u8]) -> PyResult<Value> {
        let Some(known) = self.constants.short_bytes.get(bytes.first().map_or(256, |byte| usize::from(*byte))) else {
            return self.new_bytes_joined(bytes, b"");
        };
        if let Some(found) = known.get() {
            return Ok(found);
        }
        let made = self.new_bytes_joined(bytes, b"")?;
        if let Some(header) = made.header() {
            header.make_immortal();
        }
        known.set(Some(made.clone()));
        Ok(made)
    }

    /// A new `bytes` of the two, one behind the other.
    pub(crate) fn new_bytes_joined(&self, first: &[u8], second: &[u8]) -> PyResult<Value> {
        let size = first.len().checked_add(second.len()).filter(|size| *size <= isize::MAX as usize - 64);
        let Some(size) = size else { return Err(self.memory_error()) };
        // SAFETY: the type's layout is that of `Bytes`; the extra bytes are as many as both have and a NUL, all written here.
        unsafe {
            let body = Bytes { size, hash: Cell::new(-1) };
            let Some(object) = self.heap.try_new_object(self.types.bytes.as_value().raw(), body, size + 1) else {
                return Err(self.memory_error());
            };
            let data = object.body_pointer().as_ptr().add(1).cast::<u8>();
            std::ptr::copy_nonoverlapping(first.as_ptr(), data, first.len());
            std::ptr::copy_nonoverlapping(second.as_ptr(), data.add(first.len()), second.len());
            data.add(size).write(0);
            Ok(object.into_value())
        }
    }

    /// A new `bytes`, for content whose size a program does not choose.
    pub fn new_bytes(&self, bytes: &[u8]) -> Value {
        self.try_new_bytes(bytes).unwrap_or_else(|raised| raised.0)
    }

    /// A copy of the bytes of a `bytes` or `bytearray`; nothing for all else.
    pub fn bytes_of(&self, value: &Value) -> Option<Vec<u8>> {
        if let Some(array) = value.downcast::<array::ByteArray>() {
            return Some(array.with(<[u8]>::to_vec));
        }
        value.downcast::<Bytes>().map(|bytes| bytes.as_slice().to_vec())
    }

    /// Whether the value is a `bytes` and not of a subclass.
    #[inline(always)]
    pub fn is_exact_bytes(&self, value: &Value) -> bool {
        value.is_heap() && self.type_of(value).is(&self.types.bytes)
    }

    /// The value as a `bytes`, if it is one.
    pub fn as_bytes<'a>(&self, value: &'a Value) -> Option<&'a Ref<Bytes>> {
        value.downcast::<Bytes>()
    }
}

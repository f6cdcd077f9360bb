//! Bytes-like arguments, and what sizes that cannot be raise.

use crate::buffer::BufferView;
use crate::error::{PyResult, Raised};
use crate::types::bytes::Bytes;
use crate::types::bytes::array::ByteArray;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use oriel_kernel::text::SizeError;

/// A bytes-like argument; the frequent types without the cost of a view.
pub enum Operand<'a> {
    /// A `bytes`.
    Bytes(&'a Ref<Bytes>),
    /// A `bytearray`.
    Array(&'a Ref<ByteArray>),
    /// Anything else that lends its memory.
    View(BufferView),
}

impl Operand<'_> {
    /// Lends the bytes to a function that must not run Python code.
    #[inline]
    pub fn with<R>(&self, function: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Operand::Bytes(bytes) => function(bytes.as_slice()),
            Operand::Array(array) => array.with(function),
            Operand::View(view) => view.with_bytes(function),
        }
    }

    /// A copy.
    pub fn to_vec(&self) -> Vec<u8> {
        self.with(<[u8]>::to_vec)
    }

    /// The number of bytes.
    #[allow(clippy::len_without_is_empty, reason = "a Python length; emptiness is asked as a truth")]
    pub fn len(&self) -> usize {
        self.with(<[u8]>::len)
    }
}

impl Vm {
    /// A bytes-like argument; a `TypeError` where it is none.
    #[inline]
    pub fn operand<'a>(&self, value: &'a Value) -> PyResult<Operand<'a>> {
        match own(value) {
            Some(operand) => Ok(operand),
            None => Ok(Operand::View(self.buffer(value, false)?)),
        }
    }

    /// As [`Vm::operand`], nothing where the object lends no memory.
    pub fn operand_opt<'a>(&self, value: &'a Value) -> PyResult<Option<Operand<'a>>> {
        match own(value) {
            Some(operand) => Ok(Some(operand)),
            None if !self.has_buffer(value) => Ok(None),
            None => Ok(Some(Operand::View(self.buffer(value, false)?))),
        }
    }

    /// The exception of a size that cannot be.
    #[cold]
    pub fn size_error(&self, error: SizeError, too_long: &str) -> Raised {
        match error {
            SizeError::TooLong => self.overflow_error(too_long),
            SizeError::NoMemory => self.memory_error(),
        }
    }
}

/// The value as `bytes` or `bytearray`.
#[inline]
fn own(value: &Value) -> Option<Operand<'_>> {
    if let Some(bytes) = value.downcast::<Bytes>() {
        return Some(Operand::Bytes(bytes));
    }
    value.downcast::<ByteArray>().map(Operand::Array)
}

/// The receiver of a method of `bytes` or `bytearray`.
#[inline]
pub(super) fn receiver<'a>(vm: &Vm, value: &'a Value) -> PyResult<Operand<'a>> {
    own(value).ok_or_else(|| vm.type_error(format!("a bytes is needed, not '{}'", vm.type_name(value))))
}

/// A new object of the receiver's kind: `bytes` or `bytearray`, never a subclass.
pub(super) fn like(vm: &Vm, receiver: &Value, bytes: &[u8]) -> PyResult {
    if receiver.downcast::<ByteArray>().is_some() {
        return vm.new_bytearray(bytes).map(Ref::into_value);
    }
    vm.try_new_bytes(bytes)
}

/// As [`like`], from bytes that are handed over.
pub(super) fn like_vec(vm: &Vm, receiver: &Value, bytes: Vec<u8>) -> PyResult {
    if receiver.downcast::<ByteArray>().is_some() {
        return vm.new_bytearray_of(&vm.types.bytearray, bytes).map(Ref::into_value);
    }
    vm.try_new_bytes(&bytes)
}

/// The receiver itself where it is exactly a `bytes`, else a copy of the kind.
pub(super) fn unchanged(vm: &Vm, receiver: &Value) -> PyResult {
    if vm.is_exact_bytes(receiver) {
        return Ok(receiver.clone());
    }
    self::receiver(vm, receiver)?.with(|bytes| like(vm, receiver, bytes))
}

/// A part of the receiver; itself where that is all of an exact `bytes`.
pub(super) fn part(vm: &Vm, receiver: &Value, bytes: &[u8], whole: usize) -> PyResult {
    if bytes.len() == whole && vm.is_exact_bytes(receiver) {
        return Ok(receiver.clone());
    }
    like(vm, receiver, bytes)
}

/// An instance of a class derived from `bytes`, or `bytes` itself.
pub(super) fn bytes_of_class(vm: &Vm, class: &TypeRef, bytes: &[u8]) -> PyResult {
    vm.new_bytes_filled(class, bytes.len(), |data| data.copy_from_slice(bytes))
}

//! What native code returns: a value, or the exception that was raised.

use crate::types::type_object::{Subtype, TypeRef};
use crate::vm::Vm;
use oriel_heap::Value;

/// A raised exception: always an instance of `BaseException`.
#[derive(Debug)]
pub struct Raised(pub Value);

/// The result of anything that can run Python code.
pub type PyResult<T = Value> = Result<T, Raised>;

macro_rules! raisers {
    ($($(#[$doc:meta])* $name:ident => $ty:ident,)*) => {
        impl Vm {
            $($(#[$doc])*
            #[cold]
            pub fn $name(&self, message: impl AsRef<str>) -> Raised {
                self.new_exception(&self.types.$ty, message.as_ref())
            })*
        }
    };
}

raisers! {
    /// A `TypeError` with the message.
    type_error => type_error,
    /// A `ValueError` with the message.
    value_error => value_error,
    /// An `IndexError` with the message.
    index_error => index_error,
    /// An `AttributeError` with the message only; see [`Vm::no_attribute`].
    attribute_error => attribute_error,
    /// A `RuntimeError` with the message.
    runtime_error => runtime_error,
    /// An `OverflowError` with the message.
    overflow_error => overflow_error,
    /// A `ZeroDivisionError` with the message.
    zero_division_error => zero_division_error,
    /// A `NameError` with the message.
    name_error => name_error,
    /// An `UnboundLocalError` with the message.
    unbound_local_error => unbound_local_error,
    /// A `SystemError` with the message.
    system_error => system_error,
    /// A `RecursionError` with the message.
    recursion_error => recursion_error,
    /// A `NotImplementedError` with the message.
    not_implemented_error => not_implemented_error,
    /// A `BufferError` with the message.
    buffer_error => buffer_error,
    /// An `EOFError` with the message.
    eof_error => eof_error,
    /// An `ImportError` with the message.
    import_error => import_error,
    /// A `ReferenceError` with the message.
    reference_error => reference_error,
    /// An `AssertionError` with the message.
    assertion_error => assertion_error,
    /// A `LookupError` with the message.
    lookup_error => lookup_error,
    /// An `ArithmeticError` with the message.
    arithmetic_error => arithmetic_error,
}

impl Vm {
    /// `KeyError(key)`.
    #[cold]
    pub fn key_error(&self, key: &Value) -> Raised {
        self.new_exception_with(&self.types.key_error, &[key.clone()])
    }

    /// `MemoryError()`.
    #[cold]
    pub fn memory_error(&self) -> Raised {
        self.new_exception_with(&self.types.memory_error, &[])
    }

    /// `StopIteration(value)`; without arguments for `None`.
    #[cold]
    pub fn stop_iteration(&self, value: Value) -> Raised {
        if value.is_none() {
            self.new_exception_with(&self.types.stop_iteration, &[])
        } else {
            self.new_exception_with(&self.types.stop_iteration, &[value])
        }
    }

    /// An exception of a class, made from a message.
    #[cold]
    pub fn new_exception(&self, class: &TypeRef, message: &str) -> Raised {
        self.new_exception_with(class, &[self.new_str(message)])
    }

    /// An exception made by calling its class.
    #[cold]
    pub fn new_exception_with(&self, class: &TypeRef, args: &[Value]) -> Raised {
        // Not by `call`, whose check of the native stack may be what raises the exception.
        let made = match self.type_of(class.as_value()).slots.call.get() {
            Some(call) => call(self, class.as_value(), crate::args::Args::positional_only(args)),
            None => self.call(class.as_value(), args),
        };
        match made {
            Ok(value) => Raised(value),
            Err(raised) => raised,
        }
    }

    /// Whether the exception is an instance of the class.
    pub fn raised_is(&self, raised: &Raised, class: &TypeRef) -> bool {
        self.type_of(&raised.0).is_subtype(class)
    }

    /// Turns an exception of the class into nothing and passes on all others.
    pub fn catch<T>(&self, result: PyResult<T>, class: &TypeRef) -> PyResult<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(raised) if self.raised_is(&raised, class) => Ok(None),
            Err(raised) => Err(raised),
        }
    }
}

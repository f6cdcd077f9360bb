//! The typed owned reference.

use crate::header::Header;
use crate::layout::Body;
use crate::value::Value;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;

/// An owned reference to a heap object whose body is a `T`; one word, the same as the [`Value`] it can become.
#[repr(transparent)]
pub struct Ref<T: Body>(Value, PhantomData<T>);

impl<T: Body> Ref<T> {
    /// The value, borrowed.
    #[inline(always)]
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    /// The value, owned.
    #[inline(always)]
    pub fn into_value(self) -> Value {
        self.0
    }

    /// A new count of the same object as a plain value.
    #[inline(always)]
    pub fn to_value(&self) -> Value {
        self.0.clone()
    }

    /// The object's header.
    #[inline(always)]
    pub fn header(&self) -> &Header {
        // SAFETY: a `Ref` always points at a live heap object.
        unsafe { self.0.raw().as_ref() }
    }

    /// Whether the two are the same object.
    #[inline(always)]
    pub fn is(&self, other: &Ref<T>) -> bool {
        self.0.is(&other.0)
    }

    /// Takes over a value whose body is a `T`; gives it back where it is not.
    pub fn try_from_value(value: Value) -> Result<Ref<T>, Value> {
        if value.downcast::<T>().is_some() { Ok(Ref(value, PhantomData)) } else { Err(value) }
    }

    /// Takes over one count.
    ///
    /// # Safety
    /// `header` must be a live object with a body `T`, of which the caller owns one count.
    #[inline(always)]
    pub unsafe fn from_header(header: NonNull<Header>) -> Ref<T> {
        // SAFETY: as the caller says.
        Ref(unsafe { Value::from_header(header) }, PhantomData)
    }

    /// The address of the body.
    #[inline(always)]
    pub fn body_pointer(&self) -> NonNull<T> {
        // SAFETY: the body lies right behind the header, inside the same allocation.
        unsafe { self.0.raw().add(1).cast::<T>() }
    }
}

impl<T: Body> Deref for Ref<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the object is alive while this reference is, and its body is a `T`.
        unsafe { self.body_pointer().as_ref() }
    }
}

impl<T: Body> Clone for Ref<T> {
    #[inline(always)]
    fn clone(&self) -> Ref<T> {
        Ref(self.0.clone(), PhantomData)
    }
}

impl<T: Body> From<Ref<T>> for Value {
    #[inline(always)]
    fn from(reference: Ref<T>) -> Value {
        reference.0
    }
}

impl<T: Body> std::fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

//! The 16-byte object header, CPython's: count, flags with collector state and shape, type.
//!
//! ```text
//!  0        4                    8                16
//!  | count  | flags 8 | shape 24 | type pointer   | body ...
//! ```
//! The count's high bit marks an immortal object. A shape names the class *and* the layout of the inline
//! attributes, so one 4-byte compare of `state >> 8` guards both.

use crate::layout::TypeHead;
use std::cell::Cell;
use std::ptr::NonNull;

/// One more than the largest shape number that fits a header.
pub const SHAPE_LIMIT: u32 = 1 << 24;

/// The eight flag bits of a header.
pub mod flags {
    /// The finalizer has run; it never runs twice.
    pub const FINALIZED: u32 = 1;
    /// Weak references to the object exist.
    pub const WEAKLY_REFERENCED: u32 = 2;
    /// Two bits: the collector generation the object is in.
    pub const AGE: u32 = 4 | 8;
    /// Adding this to the state makes the object one generation older.
    pub const AGE_ONE: u32 = 4;
    /// The first inline attribute slot holds a dict, which has all the attributes.
    pub const DICT_MODE: u32 = 16;
    /// Free for the type to use (str: interned).
    pub const TYPE_BIT_0: u32 = 32;
    /// Free for the type to use (str: ASCII).
    pub const TYPE_BIT_1: u32 = 64;
    /// The collector does not look at this object.
    pub const UNTRACKED: u32 = 128;
}

const IMMORTAL: u32 = 1 << 31;

/// What every heap object begins with.
#[repr(C)]
pub struct Header {
    count: Cell<u32>,
    state: Cell<u32>,
    ty: Cell<NonNull<Header>>,
}

const _: () = assert!(size_of::<Header>() == 16);

impl Header {
    /// A header with one count, no flags, shape 0.
    #[inline(always)]
    pub(crate) fn new(ty: NonNull<Header>) -> Header {
        Header { count: Cell::new(1), state: Cell::new(0), ty: Cell::new(ty) }
    }

    /// The raw count.
    #[inline(always)]
    pub fn count(&self) -> u32 {
        self.count.get()
    }

    #[inline(always)]
    pub(crate) fn set_count(&self, count: u32) {
        self.count.set(count);
    }

    #[inline(always)]
    pub(crate) fn increment(&self) {
        let count = self.count.get();
        if count & IMMORTAL == 0 {
            self.count.set(count + 1);
        }
    }

    #[inline(always)]
    pub(crate) fn decrement_is_dead(&self) -> bool {
        let count = self.count.get();
        if count & IMMORTAL != 0 {
            return false;
        }
        self.count.set(count - 1);
        count == 1
    }

    /// Whether counts are no longer kept and the object is never freed.
    #[inline(always)]
    pub fn is_immortal(&self) -> bool {
        self.count.get() & IMMORTAL != 0
    }

    /// Makes the object immortal.
    pub fn make_immortal(&self) {
        self.count.set(IMMORTAL | 1);
    }

    /// The shape number.
    #[inline(always)]
    pub fn shape(&self) -> u32 {
        self.state.get() >> 8
    }

    /// Sets the shape number (below [`SHAPE_LIMIT`]).
    #[inline(always)]
    pub fn set_shape(&self, shape: u32) {
        debug_assert!(shape < SHAPE_LIMIT);
        self.state.set((self.state.get() & 0xff) | (shape << 8));
    }

    /// Whether any of the flag bits is set.
    #[inline(always)]
    pub fn has(&self, flag: u32) -> bool {
        self.state.get() & flag != 0
    }

    /// Sets or clears flag bits.
    #[inline(always)]
    pub fn set(&self, flag: u32, on: bool) {
        let state = self.state.get();
        self.state.set(if on { state | flag } else { state & !flag });
    }

    pub(crate) fn age(&self) -> u32 {
        (self.state.get() & flags::AGE) / flags::AGE_ONE
    }

    pub(crate) fn set_age(&self, age: u32) {
        self.state.set((self.state.get() & !flags::AGE) | (age * flags::AGE_ONE));
    }

    /// The type object's header.
    #[inline(always)]
    pub fn type_pointer(&self) -> NonNull<Header> {
        self.ty.get()
    }

    /// The type object as a borrowed value: valid until `__class__` of the object is assigned.
    #[inline(always)]
    pub fn type_value(&self) -> &crate::value::Value {
        // SAFETY: a `Value` is one header pointer, and the object owns a count of its type.
        unsafe { &*self.ty.as_ptr().cast::<crate::value::Value>() }
    }

    /// A new count of the object as a value.
    ///
    /// # Safety
    /// The object must be alive and lie in a heap.
    pub(crate) unsafe fn counted_value(&self) -> crate::value::Value {
        self.increment();
        // SAFETY: the count was just taken.
        unsafe { crate::value::Value::from_header(NonNull::from(self)) }
    }

    pub(crate) fn type_cell(&self) -> &Cell<NonNull<Header>> {
        &self.ty
    }

    /// What the heap knows of the object's type.
    #[inline(always)]
    pub fn type_head(&self) -> &TypeHead {
        // SAFETY: the type of a live object is alive (the object owns a count of it) and begins with a `TypeHead`.
        unsafe { &*self.ty.get().as_ptr().add(1).cast::<TypeHead>() }
    }
}

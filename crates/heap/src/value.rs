//! The self-tagged 64-bit value: a heap pointer, a 62-bit integer, a float or a singleton.
//!
//! ```text
//!  low three bits   meaning                          payload
//!  000              pointer to a heap object         the address of its header
//!  x11              integer                          (word as i64) >> 2, 62 bits
//!  001 100 101      float                            rotr(word, 4) - (1 << 60) is the IEEE-754 word
//!  x10              singleton                        None, False, True, ..., NotImplemented, unbound
//! ```

use crate::header::Header;
use crate::layout::Body;
use crate::reference::Ref;
use std::ptr::{self, NonNull};

/// An owned reference to a Python value: one non-zero word. Cloning counts, dropping uncounts (heap objects only).
#[repr(transparent)]
pub struct Value(NonNull<Header>);

const _: () = assert!(size_of::<Value>() == 8 && size_of::<Option<Value>>() == 8);

/// The immediates that are not numbers, as the words of their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Immediate {
    /// A local, cell or register that holds nothing.
    Unbound = 0x02,
    /// `None`.
    None = 0x0a,
    /// `False`.
    False = 0x12,
    /// `True`.
    True = 0x1a,
    /// `...`.
    Ellipsis = 0x22,
    /// `NotImplemented`.
    NotImplemented = 0x2a,
}

/// What a value's word says it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A heap object.
    Heap,
    /// An immediate integer.
    Int(i64),
    /// An immediate float.
    Float(f64),
    /// A singleton.
    Singleton(Immediate),
}

/// Which tags (as bit positions) are floats: 001, 100 and 101.
const FLOAT_TAGS: u64 = 0b11_0010;

impl Value {
    /// `None`.
    pub const NONE: Value = Value::singleton(Immediate::None);
    /// `True`.
    pub const TRUE: Value = Value::singleton(Immediate::True);
    /// `False`.
    pub const FALSE: Value = Value::singleton(Immediate::False);
    /// `...`.
    pub const ELLIPSIS: Value = Value::singleton(Immediate::Ellipsis);
    /// `NotImplemented`.
    pub const NOT_IMPLEMENTED: Value = Value::singleton(Immediate::NotImplemented);
    /// The marker of an empty register, never seen by a program.
    pub const UNBOUND: Value = Value::singleton(Immediate::Unbound);
    /// The largest immediate integer.
    pub const INT_MAX: i64 = (1 << 61) - 1;
    /// The smallest immediate integer.
    pub const INT_MIN: i64 = -(1 << 61);

    const fn singleton(which: Immediate) -> Value {
        Value::from_word_const(which as u64)
    }

    const fn from_word_const(word: u64) -> Value {
        match NonNull::new(ptr::without_provenance_mut(word as usize)) {
            Some(pointer) => Value(pointer),
            None => panic!("a value's word is never zero"),
        }
    }

    /// The word itself; for an immediate it is also its `id()`.
    #[inline(always)]
    pub fn word(&self) -> u64 {
        self.0.as_ptr().addr() as u64
    }

    /// Makes the value of an immediate's word.
    ///
    /// # Safety
    /// `word` must be the word of an immediate (not a pointer, not zero).
    #[inline(always)]
    pub unsafe fn from_immediate_word(word: u64) -> Value {
        // SAFETY: the caller says that the word is an immediate's, so it is not zero.
        Value(unsafe { NonNull::new_unchecked(ptr::without_provenance_mut(word as usize)) })
    }

    /// Takes over one count of a heap object.
    ///
    /// # Safety
    /// `header` must be a live object of which the caller owns one count.
    #[inline(always)]
    pub unsafe fn from_header(header: NonNull<Header>) -> Value {
        Value(header)
    }

    /// Gives up the value without uncounting; the opposite of [`Value::from_header`].
    #[inline(always)]
    pub fn into_raw(self) -> NonNull<Header> {
        let raw = self.0;
        std::mem::forget(self);
        raw
    }

    /// An immediate integer, if `number` fits 62 bits.
    #[inline(always)]
    pub fn try_int(number: i64) -> Option<Value> {
        let doubled = number.checked_mul(4)?;
        // SAFETY: the low bits are 11, so the word is an immediate integer's.
        Some(unsafe { Value::from_immediate_word((doubled | 3) as u64) })
    }

    /// An immediate integer from a number that always fits.
    #[inline(always)]
    pub const fn small(number: i32) -> Value {
        Value::from_word_const((((number as i64) << 2) | 3) as u64)
    }

    /// An immediate integer from a Rust `bool`'s Python twin.
    #[inline(always)]
    pub const fn bool(flag: bool) -> Value {
        Value::from_word_const(Immediate::False as u64 + ((flag as u64) << 3))
    }

    /// An immediate float, if its exponent is in the covered range.
    #[inline(always)]
    pub fn try_float(number: f64) -> Option<Value> {
        let word = number.to_bits().wrapping_add(1 << 60).rotate_left(4);
        if (FLOAT_TAGS >> (word & 7)) & 1 == 1 {
            // SAFETY: the tag was checked to be a float's.
            Some(unsafe { Value::from_immediate_word(word) })
        } else {
            None
        }
    }

    /// Whether this is a pointer to a heap object.
    #[inline(always)]
    pub fn is_heap(&self) -> bool {
        self.word() & 7 == 0
    }

    /// Whether this is an immediate integer.
    #[inline(always)]
    pub fn is_small_int(&self) -> bool {
        self.word() & 3 == 3
    }

    /// The immediate integer, if it is one (`bool` is not).
    #[inline(always)]
    pub fn as_small_int(&self) -> Option<i64> {
        if self.is_small_int() { Some((self.word() as i64) >> 2) } else { None }
    }

    /// Whether both are immediate integers: one test for two operands.
    #[inline(always)]
    pub fn both_small_ints(a: &Value, b: &Value) -> bool {
        a.word() & b.word() & 3 == 3
    }

    /// Whether this is an immediate float.
    #[inline(always)]
    pub fn is_immediate_float(&self) -> bool {
        (FLOAT_TAGS >> (self.word() & 7)) & 1 == 1
    }

    /// The immediate float, if it is one.
    #[inline(always)]
    pub fn as_immediate_float(&self) -> Option<f64> {
        if self.is_immediate_float() { Some(self.float_unchecked()) } else { None }
    }

    /// Decodes the word as a float without looking at the tag; nonsense unless [`Value::is_immediate_float`].
    #[inline(always)]
    pub fn float_unchecked(&self) -> f64 {
        f64::from_bits(self.word().rotate_right(4).wrapping_sub(1 << 60))
    }

    /// The sum of two immediate integers, if both are and it fits.
    #[inline(always)]
    pub fn add_small(a: &Value, b: &Value) -> Option<Value> {
        if !Value::both_small_ints(a, b) {
            return None;
        }
        let sum = (a.word() as i64).checked_add(b.word() as i64 - 3)?;
        // SAFETY: the low bits of the sum are 11 again.
        Some(unsafe { Value::from_immediate_word(sum as u64) })
    }

    /// The difference of two immediate integers, if both are and it fits.
    #[inline(always)]
    pub fn sub_small(a: &Value, b: &Value) -> Option<Value> {
        if !Value::both_small_ints(a, b) {
            return None;
        }
        let difference = (a.word() as i64).checked_sub(b.word() as i64 - 3)?;
        // SAFETY: the low bits of the difference are 11 again.
        Some(unsafe { Value::from_immediate_word(difference as u64) })
    }

    /// The product of two immediate integers, if both are and it fits.
    #[inline(always)]
    pub fn mul_small(a: &Value, b: &Value) -> Option<Value> {
        if !Value::both_small_ints(a, b) {
            return None;
        }
        let product = ((a.word() as i64) >> 2).checked_mul(b.word() as i64 - 3)?;
        // SAFETY: the product is a multiple of four, so the low bits are 11.
        Some(unsafe { Value::from_immediate_word((product | 3) as u64) })
    }

    /// Whether the two are the same object: Python's `is`.
    #[inline(always)]
    pub fn is(&self, other: &Value) -> bool {
        self.word() == other.word()
    }

    /// Whether this is `None`.
    #[inline(always)]
    pub fn is_none(&self) -> bool {
        self.word() == Immediate::None as u64
    }

    /// Whether this is the marker of an empty register.
    #[inline(always)]
    pub fn is_unbound(&self) -> bool {
        self.word() == Immediate::Unbound as u64
    }

    /// Whether this is `NotImplemented`.
    #[inline(always)]
    pub fn is_not_implemented(&self) -> bool {
        self.word() == Immediate::NotImplemented as u64
    }

    /// `True` or `False` as a Rust `bool`; nothing for all else.
    #[inline(always)]
    pub fn as_bool(&self) -> Option<bool> {
        match self.word() {
            w if w == Immediate::True as u64 => Some(true),
            w if w == Immediate::False as u64 => Some(false),
            _ => None,
        }
    }

    /// What the word says this is.
    pub fn kind(&self) -> Kind {
        if self.is_heap() {
            Kind::Heap
        } else if let Some(number) = self.as_small_int() {
            Kind::Int(number)
        } else if let Some(number) = self.as_immediate_float() {
            Kind::Float(number)
        } else {
            Kind::Singleton(match self.word() {
                0x0a => Immediate::None,
                0x12 => Immediate::False,
                0x1a => Immediate::True,
                0x22 => Immediate::Ellipsis,
                0x2a => Immediate::NotImplemented,
                _ => Immediate::Unbound,
            })
        }
    }

    /// The header of a heap object.
    #[inline(always)]
    pub fn header(&self) -> Option<&Header> {
        if self.is_heap() {
            // SAFETY: a heap value owns a count of a live object, which therefore outlives this borrow.
            Some(unsafe { self.0.as_ref() })
        } else {
            None
        }
    }

    /// The address of a heap object's header, without a test; only an address for immediates.
    #[inline(always)]
    pub fn raw(&self) -> NonNull<Header> {
        self.0
    }

    /// Sees the value as a typed reference, if its body is laid out as `T` or begins with it.
    #[inline(always)]
    pub fn downcast<T: Body>(&self) -> Option<&Ref<T>> {
        if self.header()?.type_head().layout.get().is(T::layout()) {
            // SAFETY: `Ref<T>` and `Value` are both one header pointer, and the layout says the body is a `T`.
            Some(unsafe { &*ptr::from_ref(self).cast::<Ref<T>>() })
        } else {
            None
        }
    }

    /// As [`Value::downcast`], without the test.
    ///
    /// # Safety
    /// The body must be a `T`.
    #[inline(always)]
    pub unsafe fn downcast_unchecked<T: Body>(&self) -> &Ref<T> {
        debug_assert!(self.downcast::<T>().is_some());
        // SAFETY: the caller vouches for the layout.
        unsafe { &*ptr::from_ref(self).cast::<Ref<T>>() }
    }

    /// The number of counted references to a heap object; `u32::MAX` for immediates and immortals.
    pub fn count(&self) -> u32 {
        match self.header() {
            Some(header) if !header.is_immortal() => header.count(),
            _ => u32::MAX,
        }
    }

    /// Whether this reference is the only one, so that the object may be changed in place or reused.
    #[inline(always)]
    pub fn is_unique(&self) -> bool {
        self.header().is_some_and(|header| header.count() == 1)
    }
}

impl Clone for Value {
    #[inline(always)]
    fn clone(&self) -> Value {
        if self.is_heap() {
            // SAFETY: a heap value points at a live object.
            unsafe { self.0.as_ref() }.increment();
        }
        Value(self.0)
    }
}

impl Drop for Value {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: a heap value owns one count of a live object and gives it up here.
        if self.is_heap() && unsafe { self.0.as_ref() }.decrement_is_dead() {
            // SAFETY: the count has just reached zero.
            unsafe { crate::alloc::free_dead(self.0) };
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind() {
            Kind::Heap => match self.header() {
                Some(h) => write!(f, "<{} @{:#x}>", h.type_head().layout.get().name, self.word()),
                None => Ok(()),
            },
            other => write!(f, "{other:?}"),
        }
    }
}

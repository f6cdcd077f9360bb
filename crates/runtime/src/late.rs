//! A field that bootstrap fills once and everything afterwards reads without a test.

use std::cell::UnsafeCell;
use std::ops::Deref;

/// A value set once, during bootstrap, before anything reads it.
pub struct Late<T>(UnsafeCell<Option<T>>);

impl<T> Late<T> {
    /// Empty.
    pub(crate) const fn new() -> Late<T> {
        Late(UnsafeCell::new(None))
    }

    /// Fills it.
    ///
    /// # Safety
    /// Once only, and no reference to the content may exist.
    pub(crate) unsafe fn fill(&self, value: T) {
        // SAFETY: as the caller says, nobody reads it meanwhile.
        unsafe { *self.0.get() = Some(value) };
    }
}

impl<T> Deref for Late<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: bootstrap fills every late field before it runs code that reads it, and never again.
        unsafe {
            debug_assert!((*self.0.get()).is_some());
            (*self.0.get()).as_ref().unwrap_unchecked()
        }
    }
}

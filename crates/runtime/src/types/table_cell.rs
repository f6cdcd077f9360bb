//! The door to the tables of dicts and sets. Named in the design as one of the places with unsafe code.

use std::cell::UnsafeCell;

/// A table inside an object's body: every borrow ends before Python code can run.
#[derive(Default)]
pub(super) struct TableCell<T>(UnsafeCell<T>);

impl<T> TableCell<T> {
    pub fn new(table: T) -> TableCell<T> {
        TableCell(UnsafeCell::new(table))
    }

    /// Looks at the table. The function must run no Python code and drop no reference.
    #[inline(always)]
    pub fn with<R>(&self, function: impl FnOnce(&T) -> R) -> R {
        // SAFETY: the GIL confines the object to one thread, and no borrow lives across code that could come back
        // here, because none of the functions given runs Python code.
        function(unsafe { &*self.0.get() })
    }

    /// Changes the table. The function must run no Python code and drop no reference.
    #[inline(always)]
    pub fn with_mut<R>(&self, function: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: as above.
        function(unsafe { &mut *self.0.get() })
    }

    /// The table, borrowed.
    ///
    /// # Safety
    /// The table must not change while the borrow lives: no Python code may run and no reference be dropped.
    #[inline(always)]
    pub unsafe fn borrow(&self) -> &T {
        // SAFETY: as the caller says.
        unsafe { &*self.0.get() }
    }
}

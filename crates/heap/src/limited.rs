//! An allocator that refuses what the machine cannot have: others promise memory and fail when it is touched.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Passes requests on to another allocator, except those larger than a limit.
pub struct Limited<A> {
    inner: A,
    largest: AtomicUsize,
}

impl<A> Limited<A> {
    /// Without a limit at first.
    pub const fn new(inner: A) -> Limited<A> {
        Limited { inner, largest: AtomicUsize::new(usize::MAX) }
    }

    /// Refuses single requests of more bytes from now on.
    pub fn set_largest(&self, bytes: usize) {
        self.largest.store(bytes, Ordering::Relaxed);
    }

    fn refuses(&self, bytes: usize) -> bool {
        bytes > self.largest.load(Ordering::Relaxed)
    }
}

// SAFETY: every request goes to the inner allocator unchanged, or gets the null pointer that says "no memory".
unsafe impl<A: GlobalAlloc> GlobalAlloc for Limited<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.refuses(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: as the caller says.
        unsafe { self.inner.alloc(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller says; the block came from the inner allocator.
        unsafe { self.inner.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if self.refuses(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: as the caller says.
        unsafe { self.inner.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if self.refuses(size) {
            return std::ptr::null_mut();
        }
        // SAFETY: as the caller says; the block came from the inner allocator.
        unsafe { self.inner.realloc(block, layout, size) }
    }
}

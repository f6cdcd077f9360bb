//! The process's allocator: mimalloc, asked without the detour over alignments that it gives anyway.

use libmimalloc_sys as mi;
use std::alloc::{GlobalAlloc, Layout};

/// What mimalloc aligns every block to that is at least as large.
const NATURAL: usize = 16;

/// How long memory that is free stays with the process, in milliseconds. Long enough for what a loop takes and gives
/// back all the time, and short enough for the peak to be what the program has at once.
const KEPT: std::ffi::c_long = 5;

/// mimalloc, as a global allocator.
pub struct System;

impl System {
    /// Sets how long free memory is kept, where the environment does not say it.
    pub fn configure() {
        const PURGE_DELAY: mi::mi_option_t = 15;
        // SAFETY: setting an option touches nothing but the option.
        unsafe { mi::mi_option_set_default(PURGE_DELAY, KEPT) };
    }
}

#[inline(always)]
fn is_natural(layout: Layout) -> bool {
    layout.align() <= NATURAL && layout.align() <= layout.size()
}

// SAFETY: mimalloc gives blocks of at least the size asked for, aligned as asked for or to 16 bytes (smaller blocks: to
// their size), and takes back what it gave.
unsafe impl GlobalAlloc for System {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller says.
        unsafe {
            if is_natural(layout) {
                mi::mi_malloc(layout.size()).cast()
            } else {
                mi::mi_malloc_aligned(layout.size(), layout.align()).cast()
            }
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        // SAFETY: as the caller says; the block came from mimalloc.
        unsafe { mi::mi_free(block.cast()) };
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller says.
        unsafe {
            if is_natural(layout) {
                mi::mi_zalloc(layout.size()).cast()
            } else {
                mi::mi_zalloc_aligned(layout.size(), layout.align()).cast()
            }
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller says; the block came from mimalloc.
        unsafe {
            if layout.align() <= NATURAL && layout.align() <= size {
                mi::mi_realloc(block.cast(), size).cast()
            } else {
                mi::mi_realloc_aligned(block.cast(), size, layout.align()).cast()
            }
        }
    }
}

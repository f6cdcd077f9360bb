//! The memory of frames: chunks that a thread's frames are pushed on and popped from. Frames never move.

use std::alloc::{Layout, alloc, dealloc};
use std::cell::{Cell, RefCell};
use std::ptr::{self, NonNull};

const CHUNK: usize = if cfg!(feature = "stress") { 512 } else { 128 * 1024 };
const ALIGN: usize = 16;

struct Chunk {
    start: NonNull<u8>,
    bytes: usize,
    /// Where the chunk before was filled to when this one was begun.
    previous_top: *mut u8,
}

/// A thread's frame memory.
pub struct FrameStack {
    top: Cell<*mut u8>,
    limit: Cell<*mut u8>,
    start: Cell<*mut u8>,
    chunks: RefCell<Vec<Chunk>>,
}

impl Default for FrameStack {
    fn default() -> FrameStack {
        FrameStack {
            top: Cell::new(ptr::null_mut()),
            limit: Cell::new(ptr::null_mut()),
            start: Cell::new(ptr::null_mut()),
            chunks: RefCell::default(),
        }
    }
}

impl FrameStack {
    /// Memory for a frame of so many bytes (a multiple of eight).
    #[inline(always)]
    pub fn allocate(&self, bytes: usize) -> Option<NonNull<u8>> {
        let top = self.top.get();
        if bytes > self.limit.get().addr() - top.addr() {
            return self.allocate_in_new_chunk(bytes);
        }
        self.top.set(top.wrapping_add(bytes));
        NonNull::new(top)
    }

    #[cold]
    #[inline(never)]
    fn allocate_in_new_chunk(&self, bytes: usize) -> Option<NonNull<u8>> {
        let size = bytes.max(CHUNK);
        let layout = Layout::from_size_align(size, ALIGN).ok()?;
        // SAFETY: the size is not zero.
        let start = NonNull::new(unsafe { alloc(layout) })?;
        self.chunks.borrow_mut().push(Chunk { start, bytes: size, previous_top: self.top.get() });
        self.start.set(start.as_ptr());
        self.limit.set(start.as_ptr().wrapping_add(size));
        self.top.set(start.as_ptr().wrapping_add(bytes));
        Some(start)
    }

    /// Gives back the memory of the last frame.
    #[inline(always)]
    pub fn release(&self, frame: NonNull<u8>) {
        self.top.set(frame.as_ptr());
        if frame.as_ptr() == self.start.get() {
            self.leave_chunk();
        }
    }

    #[cold]
    #[inline(never)]
    fn leave_chunk(&self) {
        let mut chunks = self.chunks.borrow_mut();
        // The first chunk stays, so that a thread that calls now and then does not allocate each time.
        if chunks.len() < 2 {
            return;
        }
        let Some(chunk) = chunks.pop() else { return };
        if let Some(now) = chunks.last() {
            self.start.set(now.start.as_ptr());
            self.limit.set(now.start.as_ptr().wrapping_add(now.bytes));
            self.top.set(chunk.previous_top);
        }
        if let Ok(layout) = Layout::from_size_align(chunk.bytes, ALIGN) {
            // SAFETY: the chunk was allocated with this layout, and its last frame has gone.
            unsafe { dealloc(chunk.start.as_ptr(), layout) };
        }
    }
}

impl Drop for FrameStack {
    fn drop(&mut self) {
        for chunk in self.chunks.borrow_mut().drain(..) {
            if let Ok(layout) = Layout::from_size_align(chunk.bytes, ALIGN) {
                // SAFETY: the chunk was allocated with this layout, and the thread has no frames any more.
                unsafe { dealloc(chunk.start.as_ptr(), layout) };
            }
        }
    }
}

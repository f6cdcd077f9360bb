//! Memory that is a file, or shared between processes.

use super::{Result, checked, errno};
use std::ptr::NonNull;

/// A piece of mapped memory; unmapped when dropped. Other processes and this one's other mappings may change it at any
/// time, so its bytes are copied in and out and never lent as a slice for longer than a call.
pub struct Mapping {
    start: NonNull<u8>,
    len: usize,
}

impl Mapping {
    /// Maps a file, or memory where the descriptor is -1.
    pub fn new(len: usize, protection: i32, flags: i32, descriptor: i32, offset: i64) -> Result<Mapping> {
        // MAP_FIXED would replace memory that is somebody else's.
        let flags = flags & !libc::MAP_FIXED;
        // SAFETY: a new mapping at an address of the system's choice.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), len, protection, flags, descriptor, offset) };
        match NonNull::new(start.cast::<u8>()) {
            Some(start) if start.as_ptr().cast() != libc::MAP_FAILED => Ok(Mapping { start, len }),
            _ => Err(errno()),
        }
    }

    /// Number of bytes.
    #[allow(clippy::len_without_is_empty, reason = "a mapping is never empty")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The first byte.
    pub fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// Makes the mapping larger or smaller; it may move.
    pub fn resize(&mut self, len: usize) -> Result<()> {
        // SAFETY: the mapping is ours, and nobody holds its address.
        let start = unsafe { libc::mremap(self.start.as_ptr().cast(), self.len, len, libc::MREMAP_MAYMOVE) };
        match NonNull::new(start.cast::<u8>()) {
            Some(start) if start.as_ptr().cast() != libc::MAP_FAILED => {
                // The old mapping is gone already: it must not be unmapped again.
                std::mem::forget(std::mem::replace(self, Mapping { start, len }));
                Ok(())
            }
            _ => Err(errno()),
        }
    }

    fn within(&self, offset: usize, len: usize) -> bool {
        offset.checked_add(len).is_some_and(|end| end <= self.len)
    }

    /// Writes a part of the memory out to the file.
    pub fn flush(&self, offset: usize, len: usize, flags: i32) -> Result {
        if !self.within(offset, len) {
            return Err(libc::EINVAL);
        }
        // SAFETY: the part lies within the mapping.
        checked(unsafe { libc::msync(self.start.as_ptr().add(offset).cast(), len, flags) })
    }

    /// Tells the system how a part of the memory will be used.
    pub fn advise(&self, offset: usize, len: usize, advice: i32) -> Result {
        if !self.within(offset, len) {
            return Err(libc::EINVAL);
        }
        // SAFETY: the part lies within the mapping; none of the advices takes memory from others.
        checked(unsafe { libc::madvise(self.start.as_ptr().add(offset).cast(), len, advice) })
    }

    /// Lends the bytes to a function that runs no Python code. The memory must be readable.
    pub fn with<R>(&self, function: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: the mapping is alive and of this length; the GIL keeps this process's writers away during the call.
        function(unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) })
    }

    /// Lends the bytes to a function that writes them and runs no Python code. The memory must be writable.
    pub fn with_mut<R>(&mut self, function: impl FnOnce(&mut [u8]) -> R) -> R {
        // SAFETY: as above.
        function(unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) })
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and ends here.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.len) };
    }
}

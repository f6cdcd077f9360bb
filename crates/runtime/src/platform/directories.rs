//! Reading folders.

use super::{Result, errno, files};
use std::ffi::CStr;
use std::ptr::NonNull;

/// A folder being read. It belongs to one user at a time, on whichever thread.
pub struct Folder(NonNull<libc::DIR>);

// SAFETY: the C library's stream may be used from any thread, by one at a time; the type is not `Sync`.
unsafe impl Send for Folder {}

/// A name in a folder.
pub struct FolderEntry {
    /// The name.
    pub name: Vec<u8>,
    /// The number of the inode.
    pub inode: u64,
    /// `DT_…`
    pub kind: u8,
}

impl Folder {
    /// Opens by path.
    pub fn open(path: &CStr) -> Result<Folder> {
        // SAFETY: the path ends in NUL.
        NonNull::new(unsafe { libc::opendir(path.as_ptr()) }).map(Folder).ok_or_else(errno)
    }

    /// Reads an open folder, from its start, by a second descriptor; the given one stays open.
    pub fn of_descriptor(descriptor: i32) -> Result<Folder> {
        let own = files::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 0)? as i32;
        // SAFETY: the descriptor is ours and given away, unless the call fails.
        match NonNull::new(unsafe { libc::fdopendir(own) }) {
            Some(stream) => {
                let folder = Folder(stream);
                folder.rewind();
                Ok(folder)
            }
            None => {
                let error = errno();
                let _ = files::close(own);
                Err(error)
            }
        }
    }

    /// Goes back to the start.
    pub fn rewind(&self) {
        // SAFETY: the stream is open until it is dropped.
        unsafe { libc::rewinddir(self.0.as_ptr()) }
    }

    /// The next entry but `.` and `..`; nothing at the end.
    pub fn next(&mut self) -> Result<Option<FolderEntry>> {
        loop {
            // SAFETY: the thread's error number is always there.
            unsafe { *libc::__errno_location() = 0 };
            // SAFETY: the stream is open; the entry is copied before the next call.
            let Some(entry) = (unsafe { libc::readdir(self.0.as_ptr()).as_ref() }) else {
                return match errno() {
                    0 => Ok(None),
                    error => Err(error),
                };
            };
            // SAFETY: the name ends in NUL.
            let name = unsafe { CStr::from_ptr(entry.d_name.as_ptr()) }.to_bytes();
            if name != b"." && name != b".." {
                return Ok(Some(FolderEntry { name: name.to_vec(), inode: entry.d_ino, kind: entry.d_type }));
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // SAFETY: the stream is ours and open.
        unsafe { libc::closedir(self.0.as_ptr()) };
    }
}

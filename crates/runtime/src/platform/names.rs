//! What is done to names in the file system: making, removing, renaming, linking, permissions, times, attributes.

use super::{Result, calls, checked, counted};
use std::ffi::CStr;

calls! {
    /// Makes a folder.
    mkdirat(folder: i32, path: &CStr, mode: u32) = libc::mkdirat;
    /// Removes a name.
    unlinkat(folder: i32, path: &CStr, flags: i32) = libc::unlinkat;
    /// Gives another name, replacing what has it.
    renameat(old_folder: i32, old: &CStr, new_folder: i32, new: &CStr) = libc::renameat;
    /// Gives a second name.
    linkat(old_folder: i32, old: &CStr, new_folder: i32, new: &CStr, flags: i32) = libc::linkat;
    /// Makes a symbolic link.
    symlinkat(target: &CStr, folder: i32, path: &CStr) = libc::symlinkat;
    /// Changes permissions.
    fchmodat(folder: i32, path: &CStr, mode: u32, flags: i32) = libc::fchmodat;
    /// Changes the owner.
    fchownat(folder: i32, path: &CStr, user: u32, group: u32, flags: i32) = libc::fchownat;
    /// Asks for permissions.
    faccessat(folder: i32, path: &CStr, mode: i32, flags: i32) = libc::faccessat;
    /// Makes a named pipe.
    mkfifoat(folder: i32, path: &CStr, mode: u32) = libc::mkfifoat;
    /// Makes a node.
    mknodat(folder: i32, path: &CStr, mode: u32, device: u64) = libc::mknodat;
    /// Changes the current folder.
    chdir(path: &CStr) = libc::chdir;
    /// Changes the current folder.
    fchdir(descriptor: i32) = libc::fchdir;
    /// Changes the root folder.
    chroot(path: &CStr) = libc::chroot;
    /// A limit or property of a path.
    pathconf(path: &CStr, name: i32) = libc::pathconf;
    /// Removes an extended attribute.
    removexattr(path: &CStr, name: &CStr) = libc::removexattr;
    /// Removes an extended attribute of a link itself.
    lremovexattr(path: &CStr, name: &CStr) = libc::lremovexattr;
    /// Removes an extended attribute.
    fremovexattr(descriptor: i32, name: &CStr) = libc::fremovexattr;
}

/// The mask of permissions, replaced.
pub fn umask(mask: u32) -> u32 {
    // SAFETY: takes a number.
    unsafe { libc::umask(mask) }
}

/// What a symbolic link points to.
pub fn readlinkat(folder: i32, path: &CStr) -> Result<Vec<u8>> {
    let mut buffer = vec![0u8; 4096];
    // SAFETY: the path ends in NUL; the buffer is ours and of the given length.
    let length = counted(unsafe { libc::readlinkat(folder, path.as_ptr(), buffer.as_mut_ptr().cast(), buffer.len()) })?;
    buffer.truncate(length);
    Ok(buffer)
}

/// The current folder.
pub fn getcwd() -> Result<Vec<u8>> {
    let mut buffer = vec![0u8; 1024];
    loop {
        // SAFETY: the buffer is ours and of the given length.
        if !unsafe { libc::getcwd(buffer.as_mut_ptr().cast(), buffer.len()) }.is_null() {
            let end = buffer.iter().position(|byte| *byte == 0).unwrap_or(buffer.len());
            buffer.truncate(end);
            return Ok(buffer);
        }
        match super::errno() {
            libc::ERANGE if buffer.len() < 1 << 20 => buffer.resize(buffer.len() * 2, 0),
            error => return Err(error),
        }
    }
}

fn timespecs(times: [(i64, i64); 2]) -> [libc::timespec; 2] {
    times.map(|(tv_sec, tv_nsec)| libc::timespec { tv_sec, tv_nsec })
}

/// Sets the times of access and change; the present without any.
pub fn utimensat(folder: i32, path: &CStr, times: Option<[(i64, i64); 2]>, flags: i32) -> Result {
    let times = times.map(timespecs);
    let pointer = times.as_ref().map_or(std::ptr::null(), |times| times.as_ptr());
    // SAFETY: the path ends in NUL; the times are two or absent.
    checked(unsafe { libc::utimensat(folder, path.as_ptr(), pointer, flags) })
}

/// Sets the times of access and change of an open file; the present without any.
pub fn futimens(descriptor: i32, times: Option<[(i64, i64); 2]>) -> Result {
    let times = times.map(timespecs);
    let pointer = times.as_ref().map_or(std::ptr::null(), |times| times.as_ptr());
    // SAFETY: the times are two or absent.
    checked(unsafe { libc::futimens(descriptor, pointer) })
}

/// Whose extended attributes are meant.
#[derive(Clone, Copy)]
pub enum AttributeTarget<'a> {
    /// What the path leads to.
    Path(&'a CStr),
    /// The link itself.
    Link(&'a CStr),
    /// An open file.
    Descriptor(i32),
}

/// Calls with ever larger buffers until the result fits.
fn grown(mut call: impl FnMut(&mut [u8]) -> isize) -> Result<Vec<u8>> {
    for size in [128usize, 65536] {
        let mut buffer = vec![0u8; size];
        match counted(call(&mut buffer)) {
            Ok(length) => {
                buffer.truncate(length);
                return Ok(buffer);
            }
            Err(libc::ERANGE) if size < 65536 => {}
            Err(error) => return Err(error),
        }
    }
    Err(libc::ERANGE)
}

/// The value of an extended attribute.
pub fn getxattr(target: AttributeTarget<'_>, name: &CStr) -> Result<Vec<u8>> {
    grown(|buffer| {
        let (start, len) = (buffer.as_mut_ptr().cast(), buffer.len());
        // SAFETY: the strings end in NUL; the buffer is ours and of the given length.
        unsafe {
            match target {
                AttributeTarget::Path(path) => libc::getxattr(path.as_ptr(), name.as_ptr(), start, len),
                AttributeTarget::Link(path) => libc::lgetxattr(path.as_ptr(), name.as_ptr(), start, len),
                AttributeTarget::Descriptor(descriptor) => libc::fgetxattr(descriptor, name.as_ptr(), start, len),
            }
        }
    })
}

/// The names of the extended attributes, each with a NUL behind it.
pub fn listxattr(target: AttributeTarget<'_>) -> Result<Vec<u8>> {
    grown(|buffer| {
        let (start, len) = (buffer.as_mut_ptr().cast(), buffer.len());
        // SAFETY: the path ends in NUL; the buffer is ours and of the given length.
        unsafe {
            match target {
                AttributeTarget::Path(path) => libc::listxattr(path.as_ptr(), start, len),
                AttributeTarget::Link(path) => libc::llistxattr(path.as_ptr(), start, len),
                AttributeTarget::Descriptor(descriptor) => libc::flistxattr(descriptor, start, len),
            }
        }
    })
}

/// Sets an extended attribute.
pub fn setxattr(target: AttributeTarget<'_>, name: &CStr, value: &[u8], flags: i32) -> Result {
    let (start, len) = (value.as_ptr().cast(), value.len());
    // SAFETY: the strings end in NUL; the value is alive and of the given length.
    checked(unsafe {
        match target {
            AttributeTarget::Path(path) => libc::setxattr(path.as_ptr(), name.as_ptr(), start, len, flags),
            AttributeTarget::Link(path) => libc::lsetxattr(path.as_ptr(), name.as_ptr(), start, len, flags),
            AttributeTarget::Descriptor(descriptor) => libc::fsetxattr(descriptor, name.as_ptr(), start, len, flags),
        }
    })
}

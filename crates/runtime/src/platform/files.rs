//! Descriptors: opening, reading, writing, their properties; and what `stat` says.

use super::{Result, calls, checked, counted};
use std::ffi::CStr;
use std::mem::MaybeUninit;

calls! {
    /// Opens a file relative to a folder.
    openat(folder: i32, path: &CStr, flags: i32, mode: u32) = libc::openat;
    /// Closes a descriptor.
    close(descriptor: i32) = libc::close;
    /// A second descriptor of the same file.
    dup(descriptor: i32) = libc::dup;
    /// A second descriptor with a given number.
    dup2(descriptor: i32, new: i32) = libc::dup2;
    /// A second descriptor with a given number and flags.
    dup3(descriptor: i32, new: i32, flags: i32) = libc::dup3;
    /// Moves the position.
    lseek(descriptor: i32, offset: i64, whence: i32) = libc::lseek;
    /// Cuts or lengthens a file.
    ftruncate(descriptor: i32, length: i64) = libc::ftruncate;
    /// Cuts or lengthens a file.
    truncate(path: &CStr, length: i64) = libc::truncate;
    /// Writes a file's data and properties to the disk.
    fsync(descriptor: i32) = libc::fsync;
    /// Writes a file's data to the disk.
    fdatasync(descriptor: i32) = libc::fdatasync;
    /// Locks a part of a file.
    lockf(descriptor: i32, command: i32, length: i64) = libc::lockf;
    /// Locks a file.
    flock(descriptor: i32, operation: i32) = libc::flock;
    /// Changes the permissions.
    fchmod(descriptor: i32, mode: u32) = libc::fchmod;
    /// Changes the owner.
    fchown(descriptor: i32, user: u32, group: u32) = libc::fchown;
    /// `fcntl` with a number.
    fcntl(descriptor: i32, command: i32, argument: i64) = fcntl_number;
    /// `ioctl` with a number.
    ioctl(descriptor: i32, request: u64, argument: i64) = ioctl_number;
    /// An anonymous file in memory.
    memfd_create(name: &CStr, flags: u32) = libc::memfd_create;
    /// A counter with a descriptor.
    eventfd(start: u32, flags: i32) = libc::eventfd;
    /// A limit or property of an open file.
    fpathconf(descriptor: i32, name: i32) = libc::fpathconf;
    /// A timer with a descriptor.
    timerfd_create(clock: i32, flags: i32) = libc::timerfd_create;
}

unsafe fn fcntl_number(descriptor: i32, command: i32, argument: i64) -> i32 {
    // SAFETY: as the caller says: commands that take addresses refuse numbers that are none.
    unsafe { libc::fcntl(descriptor, command, argument) }
}

unsafe fn ioctl_number(descriptor: i32, request: u64, argument: i64) -> i32 {
    // SAFETY: as the caller says: the kernel refuses addresses that are none.
    unsafe { libc::ioctl(descriptor, request, argument) }
}

/// Writes all file systems to disk.
pub fn sync() {
    // SAFETY: takes nothing.
    unsafe { libc::sync() }
}

/// `fcntl` with memory that the call may change.
pub fn fcntl_memory(descriptor: i32, command: i32, memory: &mut [u8]) -> Result {
    // SAFETY: the memory is ours; callers make it as large as the largest structure of any command.
    checked(unsafe { libc::fcntl(descriptor, command, memory.as_mut_ptr()) })
}

/// `ioctl` with memory that the call may change.
pub fn ioctl_memory(descriptor: i32, request: u64, memory: &mut [u8]) -> Result {
    // SAFETY: the memory is ours; callers make it larger than the request's structure.
    checked(unsafe { libc::ioctl(descriptor, request, memory.as_mut_ptr()) })
}

/// Reads at the position.
pub fn read(descriptor: i32, buffer: &mut [u8]) -> Result<usize> {
    // SAFETY: the buffer is ours and of the given length.
    counted(unsafe { libc::read(descriptor, buffer.as_mut_ptr().cast(), buffer.len()) })
}

/// Reads at an offset.
pub fn pread(descriptor: i32, buffer: &mut [u8], offset: i64) -> Result<usize> {
    // SAFETY: the buffer is ours and of the given length.
    counted(unsafe { libc::pread(descriptor, buffer.as_mut_ptr().cast(), buffer.len(), offset) })
}

/// Writes at the position.
pub fn write(descriptor: i32, bytes: &[u8]) -> Result<usize> {
    // SAFETY: the buffer is alive and of the given length.
    counted(unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) })
}

/// Writes at an offset.
pub fn pwrite(descriptor: i32, bytes: &[u8], offset: i64) -> Result<usize> {
    // SAFETY: the buffer is alive and of the given length.
    counted(unsafe { libc::pwrite(descriptor, bytes.as_ptr().cast(), bytes.len(), offset) })
}

/// Copies between descriptors inside the kernel.
pub fn sendfile(out: i32, from: i32, offset: Option<&mut i64>, count: usize) -> Result<usize> {
    let offset = offset.map_or(std::ptr::null_mut(), |offset| offset as *mut i64);
    // SAFETY: the offset is ours or absent.
    counted(unsafe { libc::sendfile(out, from, offset, count) })
}

/// Copies between files inside the kernel.
pub fn copy_file_range(
    from: i32,
    from_offset: Option<&mut i64>,
    to: i32,
    to_offset: Option<&mut i64>,
    count: usize,
) -> Result<usize> {
    let from_offset = from_offset.map_or(std::ptr::null_mut(), |offset| offset as *mut i64);
    let to_offset = to_offset.map_or(std::ptr::null_mut(), |offset| offset as *mut i64);
    // SAFETY: the offsets are ours or absent.
    counted(unsafe { libc::copy_file_range(from, from_offset, to, to_offset, count, 0) })
}

/// Moves data between a pipe and a descriptor inside the kernel.
pub fn splice(
    from: i32,
    from_offset: Option<&mut i64>,
    to: i32,
    to_offset: Option<&mut i64>,
    count: usize,
    flags: u32,
) -> Result<usize> {
    let from_offset = from_offset.map_or(std::ptr::null_mut(), |offset| offset as *mut i64);
    let to_offset = to_offset.map_or(std::ptr::null_mut(), |offset| offset as *mut i64);
    // SAFETY: the offsets are ours or absent.
    counted(unsafe { libc::splice(from, from_offset, to, to_offset, count, flags) })
}

/// Says how a file will be used.
pub fn posix_fadvise(descriptor: i32, offset: i64, length: i64, advice: i32) -> Result<()> {
    // SAFETY: takes numbers only; gives the error number itself.
    match unsafe { libc::posix_fadvise(descriptor, offset, length, advice) } {
        0 => Ok(()),
        error => Err(error),
    }
}

/// Makes room in a file.
pub fn posix_fallocate(descriptor: i32, offset: i64, length: i64) -> Result<()> {
    // SAFETY: takes numbers only; gives the error number itself.
    match unsafe { libc::posix_fallocate(descriptor, offset, length) } {
        0 => Ok(()),
        error => Err(error),
    }
}

/// A pipe: its reading and its writing end.
pub fn pipe2(flags: i32) -> Result<[i32; 2]> {
    let mut ends = [0; 2];
    // SAFETY: room for two numbers.
    checked(unsafe { libc::pipe2(ends.as_mut_ptr(), flags) })?;
    Ok(ends)
}

/// What is known of a file, by its path relative to a folder.
pub fn fstatat(folder: i32, path: &CStr, flags: i32) -> Result<libc::stat> {
    let mut stat = MaybeUninit::zeroed();
    // SAFETY: the path ends in NUL; the structure is ours, and all of it may be zero.
    checked(unsafe { libc::fstatat(folder, path.as_ptr(), stat.as_mut_ptr(), flags) })?;
    // SAFETY: zeroed and then filled.
    Ok(unsafe { stat.assume_init() })
}

/// What is known of an open file.
pub fn fstat(descriptor: i32) -> Result<libc::stat> {
    let mut stat = MaybeUninit::zeroed();
    // SAFETY: the structure is ours, and all of it may be zero.
    checked(unsafe { libc::fstat(descriptor, stat.as_mut_ptr()) })?;
    // SAFETY: zeroed and then filled.
    Ok(unsafe { stat.assume_init() })
}

/// What is known of the file system of a path.
pub fn statvfs(path: &CStr) -> Result<libc::statvfs> {
    let mut stat = MaybeUninit::zeroed();
    // SAFETY: the path ends in NUL; the structure is ours, and all of it may be zero.
    checked(unsafe { libc::statvfs(path.as_ptr(), stat.as_mut_ptr()) })?;
    // SAFETY: zeroed and then filled.
    Ok(unsafe { stat.assume_init() })
}

/// What is known of the file system of an open file.
pub fn fstatvfs(descriptor: i32) -> Result<libc::statvfs> {
    let mut stat = MaybeUninit::zeroed();
    // SAFETY: the structure is ours, and all of it may be zero.
    checked(unsafe { libc::fstatvfs(descriptor, stat.as_mut_ptr()) })?;
    // SAFETY: zeroed and then filled.
    Ok(unsafe { stat.assume_init() })
}

/// Whether a child inherits the descriptor.
pub fn is_inheritable(descriptor: i32) -> Result<bool> {
    Ok(fcntl(descriptor, libc::F_GETFD, 0)? as i32 & libc::FD_CLOEXEC == 0)
}

/// Sets whether a child inherits the descriptor.
pub fn set_inheritable(descriptor: i32, inheritable: bool) -> Result<()> {
    let flags = fcntl(descriptor, libc::F_GETFD, 0)? as i32;
    let wanted = if inheritable { flags & !libc::FD_CLOEXEC } else { flags | libc::FD_CLOEXEC };
    if wanted != flags {
        fcntl(descriptor, libc::F_SETFD, wanted.into())?;
    }
    Ok(())
}

/// Whether calls on the descriptor wait.
pub fn is_blocking(descriptor: i32) -> Result<bool> {
    Ok(fcntl(descriptor, libc::F_GETFL, 0)? as i32 & libc::O_NONBLOCK == 0)
}

/// Sets whether calls on the descriptor wait.
pub fn set_blocking(descriptor: i32, blocking: bool) -> Result<()> {
    let flags = fcntl(descriptor, libc::F_GETFL, 0)? as i32;
    let wanted = if blocking { flags & !libc::O_NONBLOCK } else { flags | libc::O_NONBLOCK };
    if wanted != flags {
        fcntl(descriptor, libc::F_SETFL, wanted.into())?;
    }
    Ok(())
}

/// Closes the descriptors from the first to the one before the last, ignoring failures.
pub fn close_range(first: i32, end: i32) {
    if first >= end || end <= 0 {
        return;
    }
    // SAFETY: takes numbers only.
    let done = unsafe { libc::syscall(libc::SYS_close_range, first.max(0) as u32, (end - 1) as u32, 0) };
    if done != 0 {
        for descriptor in first.max(0)..end {
            let _ = close(descriptor);
        }
    }
}

/// Major and minor number of a device, and back.
pub fn device_parts(device: u64) -> (u32, u32) {
    (libc::major(device), libc::minor(device))
}

/// The device of a major and a minor number.
pub fn device(major: u32, minor: u32) -> u64 {
    libc::makedev(major, minor)
}

/// Sets a timer with a descriptor: flags, first expiry and interval as seconds and nanoseconds; gives the old setting.
pub fn timerfd_settime(descriptor: i32, flags: i32, first: (i64, i64), interval: (i64, i64)) -> Result<[i64; 4]> {
    let spec = |(tv_sec, tv_nsec)| libc::timespec { tv_sec, tv_nsec };
    let new = libc::itimerspec { it_interval: spec(interval), it_value: spec(first) };
    let mut old = libc::itimerspec { it_interval: spec((0, 0)), it_value: spec((0, 0)) };
    // SAFETY: both structures are ours.
    checked(unsafe { libc::timerfd_settime(descriptor, flags, &new, &mut old) })?;
    Ok([old.it_value.tv_sec, old.it_value.tv_nsec, old.it_interval.tv_sec, old.it_interval.tv_nsec])
}

/// The setting of a timer with a descriptor: next expiry and interval as seconds and nanoseconds.
pub fn timerfd_gettime(descriptor: i32) -> Result<[i64; 4]> {
    let zero = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let mut now = libc::itimerspec { it_interval: zero, it_value: zero };
    // SAFETY: the structure is ours.
    checked(unsafe { libc::timerfd_gettime(descriptor, &mut now) })?;
    Ok([now.it_value.tv_sec, now.it_value.tv_nsec, now.it_interval.tv_sec, now.it_interval.tv_nsec])
}

/// Locks or unlocks a part of a file.
pub fn lock_part(descriptor: i32, kind: i32, whence: i32, start: i64, length: i64, wait: bool) -> Result {
    // SAFETY: numbers.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as _;
    lock.l_whence = whence as _;
    lock.l_start = start;
    lock.l_len = length;
    let command = if wait { libc::F_SETLKW } else { libc::F_SETLK };
    // SAFETY: the structure is the one of these commands.
    checked(unsafe { libc::fcntl(descriptor, command, &lock) })
}

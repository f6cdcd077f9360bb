//! The operating system: every call that the runtime and the library make of it goes through here. Linux on x86-64 and
//! aarch64. The functions are safe; results are C's, failures are error numbers. What they mean to Python is not here.

pub mod child;
pub mod clocks;
pub mod directories;
pub mod environment;
pub mod files;
pub mod identity;
pub mod locale;
pub mod logs;
pub mod mappings;
pub mod memory;
pub mod names;
pub mod parking;
pub mod polling;
pub mod processes;
pub mod signals;
pub mod sockets;
pub mod spawn;
pub mod terminals;
pub mod zlib;

pub use memory::stack_limit;

use std::ffi::{CStr, c_char};

/// The result of a call: C's value, or the error number.
pub type Result<T = i64> = std::result::Result<T, i32>;

/// The error number of the last failed call of this thread.
pub fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// Sets the error number of this thread.
pub fn set_errno(number: i32) {
    // SAFETY: the thread's error number is always there.
    unsafe { *libc::__errno_location() = number };
}

/// C's convention: -1 is failure, and the number says why.
pub(crate) fn checked(result: impl Into<i64>) -> Result {
    match result.into() {
        -1 => Err(errno()),
        value => Ok(value),
    }
}

/// As [`checked`], for what counts bytes.
pub(crate) fn counted(result: isize) -> Result<usize> {
    usize::try_from(result).map_err(|_| errno())
}

/// What a safe argument is in C.
pub(crate) trait Raw {
    /// C's type.
    type C;
    /// C's value.
    fn raw(self) -> Self::C;
}

macro_rules! numbers {
    ($($ty:ty)*) => {$(impl Raw for $ty {
        type C = $ty;
        fn raw(self) -> $ty {
            self
        }
    })*};
}

numbers!(i32 u32 i64 u64 usize);

impl Raw for &CStr {
    type C = *const c_char;
    fn raw(self) -> *const c_char {
        self.as_ptr()
    }
}

/// Calls of the C library whose arguments are numbers and strings only, as safe functions.
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) = $function:path;)*) => {$(
        $(#[$doc])*
        pub fn $name($($arg: $ty),*) -> $crate::platform::Result {
            // SAFETY: strings end in NUL and live during the call; all other arguments are numbers, which C checks.
            $crate::platform::checked(unsafe { $function($($crate::platform::Raw::raw($arg)),*) } as i64)
        }
    )*};
}
pub(crate) use calls;

/// Fills with random bytes from the system.
pub fn random_bytes(bytes: &mut [u8]) {
    // SAFETY: the buffer is ours and of the given length.
    let filled = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    if filled != bytes.len() as isize {
        // The system has no randomness yet: the clock and the address space are better than nothing.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seed = now.map(|d| d.as_nanos()).unwrap_or_default() as u64 ^ bytes.as_ptr().addr() as u64;
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(index as u32 * 8) >> 32) as u8;
        }
    }
}

/// Whether the descriptor is a terminal.
pub fn is_terminal(descriptor: i32) -> bool {
    // SAFETY: the call only looks at the descriptor.
    unsafe { libc::isatty(descriptor) == 1 }
}

/// Whether the descriptor is open.
pub fn is_open(descriptor: i32) -> bool {
    // SAFETY: the call only looks at the descriptor.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) != -1 }
}

/// Whether the environment asks for the locale "C" or "POSIX", or for none.
pub fn locale_is_c() -> bool {
    let value = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    value.is_none_or(|value| value == "C" || value == "POSIX")
}

/// Writes to standard error, as much as goes.
pub fn write_stderr(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        // SAFETY: the buffer is alive and of the given length.
        let written = unsafe { libc::write(2, bytes.as_ptr().cast(), bytes.len()) };
        if written <= 0 {
            return;
        }
        bytes = &bytes[written as usize..];
    }
}

/// The system's text of an error number.
pub fn error_text(number: i32) -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: the buffer is ours, of the given length, and gets a NUL-terminated text.
    unsafe {
        libc::strerror_r(number, buffer.as_mut_ptr().cast(), buffer.len());
    }
    let end = buffer.iter().position(|byte| *byte == 0).unwrap_or(0);
    String::from_utf8_lossy(&buffer[..end]).into_owned()
}

/// The system's number of this thread, as `threading.get_ident()` gives it.
pub fn thread_id() -> u64 {
    // SAFETY: the call only asks who is running.
    unsafe { libc::pthread_self() as u64 }
}

/// Bytes of memory that the machine has.
pub fn physical_memory() -> Option<usize> {
    let pages = processes::sysconf(libc::_SC_PHYS_PAGES).ok()?;
    let page = processes::sysconf(libc::_SC_PAGESIZE).ok()?;
    usize::try_from(pages).ok()?.checked_mul(usize::try_from(page).ok()?)
}

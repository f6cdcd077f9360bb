//! The system's log.

use std::ffi::CString;
use std::sync::Mutex;

/// The name that the C library keeps a pointer to. One for the process, as the log is.
static NAME: Mutex<Option<CString>> = Mutex::new(None);

/// Opens the log under a name; without one, under the program's.
pub fn open(name: Option<CString>, options: i32, facility: i32) {
    let mut kept = NAME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let pointer = name.as_ref().map_or(std::ptr::null(), |name| name.as_ptr());
    // SAFETY: the name ends in NUL and is kept until the log is opened under another one or closed.
    unsafe { libc::openlog(pointer, options, facility) };
    *kept = name;
}

/// Writes to the log.
pub fn write(priority: i32, message: &CString) {
    // SAFETY: both strings end in NUL, and the format takes one string.
    unsafe { libc::syslog(priority, c"%s".as_ptr(), message.as_ptr()) };
}

/// Closes the log.
pub fn close() {
    let mut kept = NAME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    // SAFETY: the call forgets the name.
    unsafe { libc::closelog() };
    *kept = None;
}

/// Says which priorities are written; the old mask.
pub fn set_mask(mask: i32) -> i32 {
    // SAFETY: a number.
    unsafe { libc::setlogmask(mask) }
}

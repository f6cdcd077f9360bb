//! Environment variables. The GIL keeps threads of Python from changing them at the same time.

use super::{Result, checked};
use std::ffi::{CStr, c_char};

unsafe extern "C" {
    static environ: *const *const c_char;
}

/// All variables, as `NAME=value`.
pub fn variables() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    // SAFETY: the C library keeps an array of strings that ends in null, or null.
    unsafe {
        let mut place = environ;
        while !place.is_null() && !(*place).is_null() {
            found.push(CStr::from_ptr(*place).to_bytes().to_vec());
            place = place.add(1);
        }
    }
    found
}

/// Sets a variable.
pub fn set(name: &CStr, value: &CStr) -> Result {
    // SAFETY: strings that end in NUL, which C copies.
    checked(unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) })
}

/// Removes a variable.
pub fn unset(name: &CStr) -> Result {
    // SAFETY: a string that ends in NUL.
    checked(unsafe { libc::unsetenv(name.as_ptr()) })
}

//! The operating system: every call that the runtime makes of it goes through here. Linux on x86-64 and aarch64.

/// Bytes of native stack kept free for the code that reports that the rest is used up.
const RESERVE: usize = 256 * 1024;

/// The lowest address that this thread's native stack may reach before Python code is refused.
pub fn stack_limit() -> usize {
    // SAFETY: the attribute object is initialized by the first call, read by the second and destroyed by the third.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            let here = 0u8;
            return std::ptr::from_ref(&here).addr().saturating_sub(1 << 20);
        }
        let mut lowest = std::ptr::null_mut();
        let mut size = 0;
        libc::pthread_attr_getstack(&attributes, &mut lowest, &mut size);
        libc::pthread_attr_destroy(&mut attributes);
        // An unlimited stack is reported larger than what the system will give.
        let here = 0u8;
        let here = std::ptr::from_ref(&here).addr();
        (lowest.addr() + RESERVE.min(size / 4)).max(here.saturating_sub(1 << 30))
    }
}

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

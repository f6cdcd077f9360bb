//! The native stack of the running thread.

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

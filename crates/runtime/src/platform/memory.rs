//! The native stack of the running thread, and the memory that the program itself lies in.

/// Bytes of native stack kept free for the code that reports that the rest is used up.
const RESERVE: usize = 256 * 1024;

/// The lowest address that this thread's native stack may reach before Python code is refused.
pub fn stack_limit() -> usize {
    if let Some(limit) = first_stack_limit() {
        return limit;
    }
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

/// The limit for the process's first thread. What pthreads know of its stack they read from `/proc/self/maps`, which takes
/// longer than all else that starts an interpreter's thread.
fn first_stack_limit() -> Option<usize> {
    // SAFETY: the calls take and give numbers, but for the limits, which are ours.
    unsafe {
        if libc::syscall(libc::SYS_gettid) != libc::c_long::from(libc::getpid()) {
            return None;
        }
        // The name that the program was started by lies at the very top of the stack.
        let top = usize::try_from(libc::getauxval(libc::AT_EXECFN)).ok()?;
        let mut limits = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        let known = libc::getrlimit(libc::RLIMIT_STACK, &mut limits) == 0 && limits.rlim_cur != libc::RLIM_INFINITY;
        if top == 0 || !known {
            return None;
        }
        let here = 0u8;
        let here = std::ptr::from_ref(&here).addr();
        let size = usize::try_from(limits.rlim_cur).ok()?;
        let lowest = top.saturating_sub(size);
        // On some other stack (a coroutine's) all this says nothing.
        if here > top || here < lowest {
            return None;
        }
        Some((lowest + RESERVE.min(size / 4)).max(here.saturating_sub(1 << 30)))
    }
}

/// Gives back the pages of code and constants that were touched so far; the system maps those that are needed again. Most
/// of what starts an interpreter runs once.
pub fn release_program() {
    release_between(0, usize::MAX);
}

/// Gives back the pages of a constant of the program, and those that the system maps with them.
pub fn release_constant(constant: &'static [u8]) {
    const AROUND: usize = 1 << 16;
    let range = constant.as_ptr_range();
    release_between(range.start.addr().saturating_sub(AROUND), range.end.addr().saturating_add(AROUND));
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn release_between(first: usize, last: usize) {
    unsafe extern "C" {
        static __executable_start: u8;
        static etext: u8;
    }
    const PAGE: usize = 4096;
    let (start, end) = ((&raw const __executable_start).addr().max(first), (&raw const etext).addr().min(last));
    let (start, end) = (start.next_multiple_of(PAGE), end & !(PAGE - 1));
    if start < end {
        // SAFETY: from the program's start to the end of its code are read-only mappings of its file, which hold what the
        // file holds, whenever they are read.
        unsafe { libc::madvise(std::ptr::with_exposed_provenance_mut(start), end - start, libc::MADV_DONTNEED) };
    }
}

/// Gives nothing back.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn release_between(_: usize, _: usize) {}

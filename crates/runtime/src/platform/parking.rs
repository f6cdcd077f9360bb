//! Waiting on a word of memory (the kernel's futex), and the lock made of it that Python's locks are: one that says
//! when a signal interrupted the wait.

use super::{Result, clocks, errno};
use std::sync::atomic::{AtomicU32, Ordering};

/// Waits while the word has the value, until somebody wakes, a moment of the monotonic clock in nanoseconds passes
/// (`ETIMEDOUT`) or a signal comes (`EINTR`).
fn wait(word: &AtomicU32, value: u32, deadline: Option<i64>) -> Result<()> {
    let time = deadline
        .map(|end| libc::timespec { tv_sec: end.div_euclid(1_000_000_000), tv_nsec: end.rem_euclid(1_000_000_000) });
    let pointer = time.as_ref().map_or(std::ptr::null(), |time| time as *const libc::timespec);
    // SAFETY: the word lives during the call; the time is ours or absent.
    let result = unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT_BITSET | libc::FUTEX_PRIVATE_FLAG,
            value,
            pointer,
            std::ptr::null::<u32>(),
            u32::MAX,
        )
    };
    match result {
        -1 if errno() != libc::EAGAIN => Err(errno()),
        _ => Ok(()),
    }
}

fn wake(word: &AtomicU32, count: i32) {
    // SAFETY: the word lives during the call.
    unsafe {
        libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, count);
    }
}

const FREE: u32 = 0;
const LOCKED: u32 = 1;
const CONTENDED: u32 = 2;

/// A lock that any thread may release.
#[derive(Default)]
pub struct RawLock(AtomicU32);

impl RawLock {
    /// Takes it if it is free.
    pub fn try_lock(&self) -> bool {
        self.0.compare_exchange(FREE, LOCKED, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Takes it, waiting until a moment of the monotonic clock in nanoseconds; false when that passes. `EINTR` after a
    /// signal.
    pub fn lock_until(&self, deadline: Option<i64>) -> Result<bool> {
        if self.try_lock() {
            return Ok(true);
        }
        loop {
            if self.0.swap(CONTENDED, Ordering::Acquire) == FREE {
                return Ok(true);
            }
            match wait(&self.0, CONTENDED, deadline) {
                Ok(()) => {}
                Err(libc::ETIMEDOUT) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    /// Releases it; false where it was free.
    pub fn unlock(&self) -> bool {
        match self.0.swap(FREE, Ordering::Release) {
            FREE => false,
            CONTENDED => {
                wake(&self.0, 1);
                true
            }
            _ => true,
        }
    }

    /// Whether it is taken.
    pub fn is_locked(&self) -> bool {
        self.0.load(Ordering::Relaxed) != FREE
    }

    /// Makes it free, as in a child after a fork, where those who waited are no more.
    pub fn reset(&self) {
        self.0.store(FREE, Ordering::Release);
    }
}

/// Something that happens once.
#[derive(Default)]
pub struct Event(AtomicU32);

impl Event {
    /// Lets it happen.
    pub fn set(&self) {
        self.0.store(1, Ordering::Release);
        wake(&self.0, i32::MAX);
    }

    /// Whether it has happened.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire) == 1
    }

    /// Waits for it until a moment of the monotonic clock in nanoseconds; false when that passes. `EINTR` after a
    /// signal.
    pub fn wait_until(&self, deadline: Option<i64>) -> Result<bool> {
        loop {
            if self.is_set() {
                return Ok(true);
            }
            match wait(&self.0, 0, deadline) {
                Ok(()) => {}
                Err(libc::ETIMEDOUT) => return Ok(self.is_set()),
                Err(error) => return Err(error),
            }
        }
    }
}

/// The moment so many nanoseconds from now; nothing for ever.
pub fn deadline_after(nanoseconds: Option<i64>) -> Option<i64> {
    nanoseconds.map(|length| clocks::nanoseconds(libc::CLOCK_MONOTONIC).saturating_add(length))
}

/// Waits for ever: what a thread does that comes back to an interpreter which is gone.
pub fn park_for_ever() -> ! {
    loop {
        std::thread::park();
    }
}

/// The C library's identifier of the running thread.
pub fn thread_ident() -> u64 {
    // SAFETY: takes nothing.
    unsafe { libc::pthread_self() as u64 }
}

/// The kernel's number of the running thread.
pub fn native_thread_id() -> i64 {
    // SAFETY: takes nothing.
    unsafe { libc::syscall(libc::SYS_gettid) }
}

/// The name of a thread that runs, as the kernel shows it.
pub(crate) fn thread_name(ident: u64) -> Option<String> {
    let mut buffer = [0u8; 16];
    // SAFETY: the caller's thread is in the interpreter's list, so it has not ended; the buffer is of the given length.
    let result =
        unsafe { libc::pthread_getname_np(ident as libc::pthread_t, buffer.as_mut_ptr().cast(), buffer.len()) };
    if result != 0 {
        return None;
    }
    let end = buffer.iter().position(|byte| *byte == 0)?;
    let name = String::from_utf8_lossy(&buffer[..end]).into_owned();
    Some(name).filter(|name| !name.is_empty())
}

/// Names the running thread, as the kernel shows it: at most 15 bytes.
pub fn set_thread_name(name: &std::ffi::CStr) {
    // SAFETY: the name ends in NUL.
    unsafe {
        libc::pthread_setname_np(libc::pthread_self(), name.as_ptr());
    }
}

//! Signals. The one place with state of the whole process: signals belong to it, and their handlers can reach nothing
//! else. A handler only marks what came and rings: what Python does about it is in [`crate::signals`].

use super::spawn::signal_set;
use super::{Result, calls, checked, clocks::Moment, errno};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering};

/// One more than the highest signal.
pub const SIGNALS: usize = 65;

static CAME: [AtomicBool; SIGNALS] = [const { AtomicBool::new(false) }; SIGNALS];
static ANY: AtomicBool = AtomicBool::new(false);
static WAKEUP: AtomicI32 = AtomicI32::new(-1);
static WAKEUP_ERROR: AtomicI32 = AtomicI32::new(0);
static BELL: AtomicPtr<AtomicBool> = AtomicPtr::new(std::ptr::null_mut());

calls! {
    /// An alarm in so many seconds; gives the rest of the one before.
    alarm(seconds: u32) = libc::alarm;
    /// Sends a signal to this thread.
    raise(signal: i32) = libc::raise;
}

extern "C" fn note(signal: i32) {
    let saved = errno();
    trip(signal);
    super::set_errno(saved);
}

/// Marks that a signal came, as its handler does.
pub fn trip(signal: i32) {
    if let Some(came) = usize::try_from(signal).ok().and_then(|index| CAME.get(index)) {
        came.store(true, Ordering::Release);
    }
    ANY.store(true, Ordering::Release);
    let bell = BELL.load(Ordering::Acquire);
    if !bell.is_null() {
        // SAFETY: the flag belongs to an interpreter, which stays in memory until the process ends.
        unsafe { &*bell }.store(true, Ordering::Release);
    }
    let descriptor = WAKEUP.load(Ordering::Acquire);
    if descriptor != -1 {
        let byte = signal as u8;
        // SAFETY: one byte of ours; `write` may be called by a signal's handler.
        if unsafe { libc::write(descriptor, (&raw const byte).cast(), 1) } < 0 {
            WAKEUP_ERROR.store(errno(), Ordering::Release);
        }
    }
}

/// Names the flag that a signal sets.
pub fn set_bell(flag: &AtomicBool) {
    BELL.store(std::ptr::from_ref(flag).cast_mut(), Ordering::Release);
}

/// Whether a signal may have come; with `take`, forgets it.
pub fn any(take: bool) -> bool {
    if take { ANY.swap(false, Ordering::AcqRel) } else { ANY.load(Ordering::Acquire) }
}

/// Lets [`any`] say yes again.
pub fn ring_again() {
    ANY.store(true, Ordering::Release);
}

/// Whether a signal came; forgets it.
pub fn take(signal: usize) -> bool {
    CAME.get(signal).is_some_and(|came| came.swap(false, Ordering::AcqRel))
}

/// Forgets all that came: in a child after a fork.
pub fn forget_all() {
    for came in &CAME {
        came.store(false, Ordering::Release);
    }
    ANY.store(false, Ordering::Release);
}

/// Sets the descriptor that gets a byte for each signal; -1 for none. The old one.
pub fn set_wakeup(descriptor: i32) -> i32 {
    WAKEUP.swap(descriptor, Ordering::AcqRel)
}

/// The error of the last write to that descriptor, forgotten; 0 for none.
pub fn take_wakeup_error() -> i32 {
    WAKEUP_ERROR.swap(0, Ordering::AcqRel)
}

/// What the process does about a signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disposition {
    /// What the system does by itself.
    Default,
    /// Nothing.
    Ignore,
    /// It is noted for Python.
    Note,
    /// Something that others installed.
    Foreign,
}

/// What the process does about a signal now.
pub fn disposition(signal: i32) -> Result<Disposition> {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: the structure is ours.
    checked(unsafe { libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) })?;
    // SAFETY: zeroed and then filled.
    let handler = unsafe { action.assume_init() }.sa_sigaction;
    Ok(match handler {
        libc::SIG_DFL => Disposition::Default,
        libc::SIG_IGN => Disposition::Ignore,
        handler if handler == note as *const () as usize => Disposition::Note,
        _ => Disposition::Foreign,
    })
}

/// Sets what the process does about a signal.
pub fn set_disposition(signal: i32, disposition: Disposition) -> Result<()> {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: the structure is ours; the handler only uses what a signal's handler may.
    unsafe {
        let action = action.assume_init_mut();
        action.sa_sigaction = match disposition {
            Disposition::Default => libc::SIG_DFL,
            Disposition::Ignore => libc::SIG_IGN,
            Disposition::Note => note as *const () as usize,
            Disposition::Foreign => return Err(libc::EINVAL),
        };
        // A handler needs little, but the stack it interrupts may be nearly used up.
        action.sa_flags = libc::SA_ONSTACK;
        libc::sigemptyset(&mut action.sa_mask);
        checked(libc::sigaction(signal, action, std::ptr::null_mut()))?;
    }
    Ok(())
}

unsafe extern "C" {
    fn siginterrupt(signal: i32, flag: i32) -> i32;
}

/// Sets whether system calls that a signal interrupts begin again by themselves.
pub fn set_interrupts(signal: i32, interrupts: bool) -> Result {
    // SAFETY: takes numbers.
    checked(unsafe { siginterrupt(signal, interrupts.into()) })
}

fn members(set: &libc::sigset_t) -> Vec<i32> {
    // SAFETY: looks at an initialized set.
    (1..SIGNALS as i32).filter(|signal| unsafe { libc::sigismember(set, *signal) } == 1).collect()
}

/// Changes this thread's blocked signals; the old ones. Without new ones, only tells.
pub fn change_mask(how: i32, signals: Option<&[i32]>) -> Result<Vec<i32>> {
    let mut old = signal_set(&[]);
    let new = signals.map(signal_set);
    let pointer = new.as_ref().map_or(std::ptr::null(), |new| new as *const _);
    // SAFETY: both sets are ours or absent; gives the error number itself.
    match unsafe { libc::pthread_sigmask(how, pointer, &mut old) } {
        0 => Ok(members(&old)),
        error => Err(error),
    }
}

/// The blocked signals that wait.
pub fn pending() -> Result<Vec<i32>> {
    let mut set = signal_set(&[]);
    // SAFETY: the set is ours.
    checked(unsafe { libc::sigpending(&mut set) })?;
    Ok(members(&set))
}

/// All signals that there are.
pub fn all() -> Vec<i32> {
    let mut set = signal_set(&[]);
    // SAFETY: the set is ours.
    unsafe { libc::sigfillset(&mut set) };
    members(&set)
}

/// Waits for one of the signals.
pub fn wait(signals: &[i32]) -> Result<i32> {
    let set = signal_set(signals);
    let mut signal = 0;
    // SAFETY: both are ours; gives the error number itself.
    match unsafe { libc::sigwait(&set, &mut signal) } {
        0 => Ok(signal),
        error => Err(error),
    }
}

/// What is known of a signal that was waited for: signal, code, error, process, user, status, band.
pub fn wait_info(signals: &[i32], timeout: Option<Moment>) -> Result<[i64; 7]> {
    let set = signal_set(signals);
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    let time = timeout.map(|(tv_sec, tv_nsec)| libc::timespec { tv_sec, tv_nsec });
    // SAFETY: all structures are ours; the parts read are plain numbers whatever the signal is.
    unsafe {
        checked(match &time {
            Some(time) => libc::sigtimedwait(&set, info.as_mut_ptr(), time),
            None => libc::sigwaitinfo(&set, info.as_mut_ptr()),
        })?;
        let info = info.assume_init();
        Ok([
            info.si_signo.into(),
            info.si_code.into(),
            info.si_errno.into(),
            info.si_pid().into(),
            info.si_uid().into(),
            info.si_status().into(),
            0,
        ])
    }
}

/// Waits for any signal.
pub fn pause() {
    // SAFETY: takes nothing.
    unsafe { libc::pause() };
}

/// Sends a signal to a thread.
pub fn pthread_kill(thread: u64, signal: i32) -> Result<()> {
    // SAFETY: the caller knows the thread to be alive.
    match unsafe { libc::pthread_kill(thread as libc::pthread_t, signal) } {
        0 => Ok(()),
        error => Err(error),
    }
}

/// Sends a signal to the process of a descriptor.
pub fn pidfd_send_signal(descriptor: i32, signal: i32, flags: u32) -> Result {
    // SAFETY: no information is passed on.
    checked(unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, descriptor, signal, std::ptr::null::<libc::siginfo_t>(), flags)
    })
}

/// An interval timer as seconds and microseconds: until the next signal, and between signals.
pub type Timer = [Moment; 2];

fn timer_from(value: &libc::itimerval) -> Timer {
    [(value.it_value.tv_sec, value.it_value.tv_usec), (value.it_interval.tv_sec, value.it_interval.tv_usec)]
}

/// Sets an interval timer; the old one.
pub fn setitimer(which: i32, [(first, first_rest), (interval, interval_rest)]: Timer) -> Result<Timer> {
    let new = libc::itimerval {
        it_value: libc::timeval { tv_sec: first, tv_usec: first_rest },
        it_interval: libc::timeval { tv_sec: interval, tv_usec: interval_rest },
    };
    let mut old = new;
    // SAFETY: both structures are ours.
    checked(unsafe { libc::setitimer(which as _, &new, &mut old) })?;
    Ok(timer_from(&old))
}

/// An interval timer.
pub fn getitimer(which: i32) -> Result<Timer> {
    let zero = libc::timeval { tv_sec: 0, tv_usec: 0 };
    let mut now = libc::itimerval { it_value: zero, it_interval: zero };
    // SAFETY: the structure is ours.
    checked(unsafe { libc::getitimer(which as _, &mut now) })?;
    Ok(timer_from(&now))
}

/// What a signal is called.
pub fn text(signal: i32) -> Option<String> {
    // SAFETY: the text belongs to the C library and is copied at once; the GIL keeps other threads of Python away.
    unsafe {
        let text = libc::strsignal(signal);
        (!text.is_null()).then(|| std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned())
    }
}

/// Ends the process as a signal would, so that whoever waits for it sees the signal; the exit status where it does not.
pub fn die_of(signal: i32) -> i32 {
    if set_disposition(signal, Disposition::Default).is_ok() {
        let _ = change_mask(libc::SIG_UNBLOCK, Some(&[signal]));
        // SAFETY: takes numbers.
        unsafe { libc::kill(libc::getpid(), signal) };
    }
    128 + signal
}

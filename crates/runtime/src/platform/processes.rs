//! Processes: making, ending, waiting, signalling, scheduling, and properties of the system. Forking this process is
//! in [`crate::fork`], because the interpreter has a part in it.

use super::{Result, calls, checked};
use std::ffi::{CStr, CString, c_char};

calls! {
    /// Sends a signal.
    kill(process: i32, signal: i32) = libc::kill;
    /// Sends a signal to a process group.
    killpg(group: i32, signal: i32) = libc::killpg;
    /// A descriptor of a process.
    pidfd_open(process: i32, flags: u32) = pidfd_open_call;
    /// A property of the system; -1 without an error where there is none.
    sched_yield() = libc::sched_yield;
    /// The highest priority of a policy.
    sched_get_priority_max(policy: i32) = libc::sched_get_priority_max;
    /// The lowest priority of a policy.
    sched_get_priority_min(policy: i32) = libc::sched_get_priority_min;
    /// The policy of a process.
    sched_getscheduler(process: i32) = libc::sched_getscheduler;
    /// Leaves name spaces.
    unshare(flags: i32) = libc::unshare;
    /// Enters a name space.
    setns(descriptor: i32, kind: i32) = libc::setns;
    /// Runs a shell command.
    system(command: &CStr) = libc::system;
}

unsafe fn pidfd_open_call(process: i32, flags: u32) -> i64 {
    // SAFETY: takes numbers only.
    unsafe { libc::syscall(libc::SYS_pidfd_open, process, flags) }
}

/// Ends the process at once.
pub fn exit_now(status: i32) -> ! {
    // SAFETY: does not come back.
    unsafe { libc::_exit(status) }
}

/// Ends the process by SIGABRT.
pub fn abort() -> ! {
    std::process::abort()
}

/// Calls that say by the error number alone whether they failed.
fn with_errno(call: impl FnOnce() -> i64) -> Result {
    // SAFETY: the thread's error number is always there.
    unsafe { *libc::__errno_location() = 0 };
    match call() {
        -1 if super::errno() != 0 => Err(super::errno()),
        value => Ok(value),
    }
}

/// A property of the system; -1 for no limit.
pub fn sysconf(name: i32) -> Result {
    // SAFETY: takes a number.
    with_errno(|| unsafe { libc::sysconf(name) })
}

/// Changes how nice the process is.
pub fn nice(increment: i32) -> Result {
    // SAFETY: takes a number.
    with_errno(|| unsafe { libc::nice(increment) }.into())
}

/// A priority.
pub fn getpriority(which: i32, who: u32) -> Result {
    // SAFETY: takes numbers.
    with_errno(|| unsafe { libc::getpriority(which as _, who) }.into())
}

/// Sets a priority.
pub fn setpriority(which: i32, who: u32, priority: i32) -> Result {
    // SAFETY: takes numbers.
    checked(unsafe { libc::setpriority(which as _, who, priority) })
}

/// A text property of the system; nothing where it has no value.
pub fn confstr(name: i32) -> Result<Option<Vec<u8>>> {
    let mut buffer = vec![0u8; 256];
    loop {
        // SAFETY: the thread's error number is always there; the buffer is ours and of the given length.
        let length = unsafe {
            *libc::__errno_location() = 0;
            libc::confstr(name, buffer.as_mut_ptr().cast(), buffer.len())
        };
        match length {
            0 if super::errno() != 0 => return Err(super::errno()),
            0 => return Ok(None),
            length if length <= buffer.len() => {
                buffer.truncate(length - 1);
                return Ok(Some(buffer));
            }
            length => buffer.resize(length, 0),
        }
    }
}

/// The load of the last one, five and fifteen minutes.
pub fn getloadavg() -> Option<[f64; 3]> {
    let mut loads = [0.0; 3];
    // SAFETY: room for three numbers.
    (unsafe { libc::getloadavg(loads.as_mut_ptr(), 3) } == 3).then_some(loads)
}

/// Waits for a child: process, status, resources used.
pub fn wait4(process: i32, options: i32) -> Result<(i32, i32, libc::rusage)> {
    let mut status = 0;
    // SAFETY: numbers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: room for both.
    let process = checked(unsafe { libc::wait4(process, &mut status, options, &mut usage) })?;
    Ok((process as i32, status, usage))
}

/// Waits for a child in a certain state: process, user, signal, status, code; nothing where none is.
pub fn waitid(kind: u32, which: u32, options: i32) -> Result<Option<[i32; 5]>> {
    // SAFETY: numbers.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is ours; the call fills the parts that are read.
    unsafe {
        checked(libc::waitid(kind as _, which, &mut info, options))?;
        if info.si_pid() == 0 {
            return Ok(None);
        }
        Ok(Some([info.si_pid(), info.si_uid() as i32, info.si_signo, info.si_status(), info.si_code]))
    }
}

/// Resources used.
pub fn getrusage(who: i32) -> Result<libc::rusage> {
    // SAFETY: numbers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is ours.
    checked(unsafe { libc::getrusage(who, &mut usage) })?;
    Ok(usage)
}

/// A soft and a hard limit of a process; with new ones, sets them.
pub fn prlimit(process: i32, resource: i32, new: Option<[u64; 2]>) -> Result<[u64; 2]> {
    let new = new.map(|[rlim_cur, rlim_max]| libc::rlimit { rlim_cur, rlim_max });
    let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    let pointer = new.as_ref().map_or(std::ptr::null(), |new| new as *const _);
    // SAFETY: both structures are ours or absent.
    checked(unsafe { libc::prlimit(process, resource as _, pointer, &mut old) })?;
    Ok([old.rlim_cur, old.rlim_max])
}

fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
}

/// Becomes another program; comes back only with an error.
pub fn execve(path: &CStr, args: &[CString], environment: Option<&[CString]>) -> i32 {
    let args = pointers(args);
    // SAFETY: strings end in NUL, arrays in null.
    unsafe {
        match environment {
            Some(environment) => libc::execve(path.as_ptr(), args.as_ptr(), pointers(environment).as_ptr()),
            None => libc::execv(path.as_ptr(), args.as_ptr()),
        };
    }
    super::errno()
}

/// Becomes the program of an open file; comes back only with an error.
pub fn fexecve(descriptor: i32, args: &[CString], environment: &[CString]) -> i32 {
    let (args, environment) = (pointers(args), pointers(environment));
    // SAFETY: strings end in NUL, arrays in null.
    unsafe { libc::fexecve(descriptor, args.as_ptr(), environment.as_ptr()) };
    super::errno()
}

/// The processors that a process may use.
pub fn sched_getaffinity(process: i32) -> Result<Vec<usize>> {
    let mut words = vec![0u64; 16];
    loop {
        // SAFETY: the memory is ours and of the given length.
        let got = unsafe { libc::sched_getaffinity(process, words.len() * 8, words.as_mut_ptr().cast()) };
        match checked(got) {
            Ok(_) => break,
            Err(libc::EINVAL) if words.len() < 1 << 16 => words.resize(words.len() * 2, 0),
            Err(error) => return Err(error),
        }
    }
    Ok((0..words.len() * 64).filter(|number| words[number / 64] >> (number % 64) & 1 == 1).collect())
}

/// Sets the processors that a process may use.
pub fn sched_setaffinity(process: i32, processors: &[usize]) -> Result {
    let most = processors.iter().copied().max().unwrap_or(0);
    if most >= 1 << 20 {
        return Err(libc::EINVAL);
    }
    let mut words = vec![0u64; most / 64 + 1];
    for number in processors {
        words[number / 64] |= 1 << (number % 64);
    }
    // SAFETY: the memory is ours and of the given length.
    checked(unsafe { libc::sched_setaffinity(process, words.len() * 8, words.as_ptr().cast()) })
}

/// The priority of a process.
pub fn sched_getparam(process: i32) -> Result<i32> {
    // SAFETY: numbers.
    let mut param: libc::sched_param = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is ours.
    checked(unsafe { libc::sched_getparam(process, &mut param) })?;
    Ok(param.sched_priority)
}

/// Sets the priority, and the policy where one is given.
pub fn sched_set(process: i32, policy: Option<i32>, priority: i32) -> Result {
    // SAFETY: numbers.
    let mut param: libc::sched_param = unsafe { std::mem::zeroed() };
    param.sched_priority = priority;
    // SAFETY: the structure is ours.
    checked(unsafe {
        match policy {
            Some(policy) => libc::sched_setscheduler(process, policy, &param),
            None => libc::sched_setparam(process, &param),
        }
    })
}

/// How long a process of the round-robin policy runs.
pub fn sched_rr_get_interval(process: i32) -> Result<(i64, i64)> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is ours.
    checked(unsafe { libc::sched_rr_get_interval(process, &mut time) })?;
    Ok((time.tv_sec, time.tv_nsec))
}

/// Fills with random bytes; as many as the system gave.
pub fn getrandom(bytes: &mut [u8], flags: u32) -> Result<usize> {
    // SAFETY: the buffer is ours and of the given length.
    super::counted(unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), flags) })
}

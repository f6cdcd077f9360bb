//! What a child does between a fork and its program. Everything is prepared before the fork: the child only makes
//! system calls, because other threads may have held any lock.

use super::{Result, checked, errno, files};
use std::ffi::{CString, c_char};

/// What the child does.
pub struct ChildPlan {
    /// The program's arguments.
    pub arguments: Vec<CString>,
    /// The paths to be tried, in order.
    pub programs: Vec<CString>,
    /// The environment; the parent's where there is none.
    pub environment: Option<Vec<CString>>,
    /// The folder to be in.
    pub folder: Option<CString>,
    /// Whether other descriptors are closed.
    pub close_others: bool,
    /// Descriptors that stay open, in order.
    pub kept: Vec<i32>,
    /// Ends of pipes: input read, input write, output read, output write, errors read, errors write; -1 for none.
    pub pipes: [i32; 6],
    /// Where errors are reported: reading and writing end.
    pub report: [i32; 2],
    /// Whether signals that are ignored here get their default actions.
    pub restore_signals: bool,
    /// Whether a session begins.
    pub new_session: bool,
    /// The process group, or -1.
    pub process_group: i32,
    /// The group.
    pub group: Option<u32>,
    /// The supplementary groups.
    pub groups: Option<Vec<u32>>,
    /// The user.
    pub user: Option<u32>,
    /// The mask of permissions, or -1.
    pub umask: i32,
}

/// What is run just before the program: whether it worked.
pub type Before<'a> = &'a dyn Fn() -> bool;

fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
}

/// Pointers of strings that the plan keeps.
struct Prepared {
    arguments: Vec<*const c_char>,
    environment: Option<Vec<*const c_char>>,
}

impl ChildPlan {
    /// Forks and runs the program in the child. Gives the child's number. `forked` is called in the child at once when
    /// there is something to be run before the program.
    pub fn run(&self, before: Option<Before<'_>>) -> Result<i32> {
        let prepared =
            Prepared { arguments: pointers(&self.arguments), environment: self.environment.as_deref().map(pointers) };
        // SAFETY: the child only makes system calls with what is prepared, unless there is a function to be run
        // before, whose caller has taken its precautions.
        match checked(unsafe { libc::fork() })? {
            0 => {
                let (name, number, text) = match self.become_child(&prepared, before) {
                    Failure::Call(number, text) => ("OSError", number, text),
                    Failure::Function => ("SubprocessError", 0, "Exception occurred in preexec_fn."),
                };
                report(self.report[1], name, number, text);
                super::processes::exit_now(255)
            }
            child => Ok(child as i32),
        }
    }

    fn become_child(&self, prepared: &Prepared, before: Option<Before<'_>>) -> Failure {
        match self.prepare_child(before) {
            Ok(()) => {}
            Err(failure) => return failure,
        }
        let mut kept_error = 0;
        for program in &self.programs {
            // SAFETY: strings end in NUL, arrays in null.
            unsafe {
                match &prepared.environment {
                    Some(environment) => {
                        libc::execve(program.as_ptr(), prepared.arguments.as_ptr(), environment.as_ptr())
                    }
                    None => libc::execv(program.as_ptr(), prepared.arguments.as_ptr()),
                };
            }
            let error = errno();
            if error != libc::ENOENT && error != libc::ENOTDIR && kept_error == 0 {
                kept_error = error;
            }
        }
        Failure::Call(if kept_error != 0 { kept_error } else { errno() }, "")
    }

    fn prepare_child(&self, before: Option<Before<'_>>) -> std::result::Result<(), Failure> {
        let step = |result: Result| result.map_err(|error| Failure::Call(error, "noexec"));
        let [mut input, input_write, output_read, mut output, errors_read, mut errors] = self.pipes;
        for descriptor in &self.kept {
            if *descriptor != self.report[1] {
                files::set_inheritable(*descriptor, true).map_err(|error| Failure::Call(error, "noexec"))?;
            }
        }
        for descriptor in [input_write, output_read, errors_read, self.report[0]] {
            if descriptor >= 0 {
                let _ = files::close(descriptor);
            }
        }
        // Those that are in the way of the standard descriptors move up.
        if output == 0 {
            output = step(files::dup(output))? as i32;
        }
        while errors == 0 || errors == 1 {
            errors = step(files::dup(errors))? as i32;
        }
        for (from, to) in [(&mut input, 0), (&mut output, 1), (&mut errors, 2)] {
            if *from == to {
                files::set_inheritable(*from, true).map_err(|error| Failure::Call(error, "noexec"))?;
            } else if *from >= 0 {
                step(files::dup2(*from, to))?;
            }
        }
        if let Some(folder) = &self.folder {
            super::names::chdir(folder).map_err(|error| Failure::Call(error, "noexec:chdir"))?;
        }
        if self.umask >= 0 {
            super::names::umask(self.umask as u32);
        }
        if self.restore_signals {
            for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
                let _ = super::signals::set_disposition(signal, super::signals::Disposition::Default);
            }
        }
        if self.new_session {
            step(super::identity::setsid())?;
        }
        if self.process_group >= 0 {
            step(super::identity::setpgid(0, self.process_group))?;
        }
        if let Some(groups) = &self.groups {
            step(super::identity::setgroups(groups))?;
        }
        if let Some(group) = self.group {
            step(super::identity::setregid(group, group))?;
        }
        if let Some(user) = self.user {
            step(super::identity::setreuid(user, user))?;
        }
        if let Some(before) = before
            && !before()
        {
            return Err(Failure::Function);
        }
        if self.close_others {
            let mut next = 3;
            for descriptor in &self.kept {
                if *descriptor >= next {
                    files::close_range(next, *descriptor);
                    next = descriptor + 1;
                }
            }
            close_from(next);
        }
        Ok(())
    }
}

/// Closes all descriptors from the given one.
fn close_from(first: i32) {
    // SAFETY: takes numbers only.
    let done = unsafe { libc::syscall(libc::SYS_close_range, first as u32, u32::MAX, 0) };
    if done != 0 {
        let most = super::processes::sysconf(libc::_SC_OPEN_MAX).unwrap_or(1024).clamp(256, 1 << 16) as i32;
        files::close_range(first, most);
    }
}

enum Failure {
    Call(i32, &'static str),
    Function,
}

/// Writes `name:number:text`, the number in hexadecimal, without allocating.
fn report(descriptor: i32, name: &str, number: i32, text: &str) {
    let mut digits = [0u8; 8];
    let mut length = 0;
    let mut rest = number as u32;
    loop {
        digits[length] = b"0123456789abcdef"[(rest & 15) as usize];
        length += 1;
        rest >>= 4;
        if rest == 0 || length == digits.len() {
            break;
        }
    }
    digits[..length].reverse();
    for part in [name.as_bytes(), b":", &digits[..length], b":", text.as_bytes()] {
        let _ = files::write(descriptor, part);
    }
}

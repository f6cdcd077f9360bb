//! Starting a program in a new process by `posix_spawn`.

use super::Result;
use std::ffi::{CStr, CString, c_char};
use std::mem::MaybeUninit;

/// What is done to the descriptors of the new process, in order.
pub enum FileAction {
    /// Opens a file.
    Open {
        /// The descriptor to be used.
        descriptor: i32,
        /// The path.
        path: CString,
        /// Flags as of `open`.
        flags: i32,
        /// Permissions of a new file.
        mode: u32,
    },
    /// Closes a descriptor.
    Close(i32),
    /// Makes the second a duplicate of the first.
    Duplicate(i32, i32),
    /// Closes all descriptors from this one.
    CloseFrom(i32),
}

/// How a program is started.
#[derive(Default)]
pub struct Plan {
    /// Whether `PATH` is searched.
    pub search: bool,
    /// What is done to descriptors.
    pub actions: Vec<FileAction>,
    /// The process group.
    pub process_group: Option<i32>,
    /// Whether effective users and groups become the real ones.
    pub reset_ids: bool,
    /// Whether a session begins.
    pub new_session: bool,
    /// The blocked signals.
    pub signal_mask: Option<Vec<i32>>,
    /// Signals set to their default actions.
    pub default_signals: Option<Vec<i32>>,
    /// Policy and priority.
    pub scheduler: Option<(Option<i32>, i32)>,
}

unsafe extern "C" {
    fn posix_spawn_file_actions_addclosefrom_np(actions: *mut libc::posix_spawn_file_actions_t, descriptor: i32)
    -> i32;
}

/// Gives the error number that a call of this family returns.
fn accepted(error: i32) -> Result<()> {
    if error == 0 { Ok(()) } else { Err(error) }
}

fn pointers(strings: &[CString]) -> Vec<*mut c_char> {
    strings.iter().map(|string| string.as_ptr().cast_mut()).chain([std::ptr::null_mut()]).collect()
}

pub(crate) fn signal_set(signals: &[i32]) -> libc::sigset_t {
    let mut set = MaybeUninit::zeroed();
    // SAFETY: the set is ours; C refuses numbers that are no signals.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in signals {
            libc::sigaddset(set.as_mut_ptr(), *signal);
        }
        set.assume_init()
    }
}

impl Plan {
    /// Starts the program; the new process.
    pub fn run(&self, path: &CStr, arguments: &[CString], environment: Option<&[CString]>) -> Result<i32> {
        let mut actions = MaybeUninit::zeroed();
        let mut attributes = MaybeUninit::zeroed();
        // SAFETY: both structures are initialized here, used while they live and destroyed at the end; strings end in
        // NUL and arrays in null, and all of them outlive the call.
        unsafe {
            accepted(libc::posix_spawn_file_actions_init(actions.as_mut_ptr()))?;
            if let Err(error) = accepted(libc::posix_spawnattr_init(attributes.as_mut_ptr())) {
                libc::posix_spawn_file_actions_destroy(actions.as_mut_ptr());
                return Err(error);
            }
            let result = self.prepare(actions.as_mut_ptr(), attributes.as_mut_ptr()).and_then(|()| {
                let arguments = pointers(arguments);
                let inherited;
                let environment = match environment {
                    Some(environment) => pointers(environment),
                    None => {
                        inherited = super::environment::variables();
                        let strings: Vec<CString> =
                            inherited.into_iter().filter_map(|variable| CString::new(variable).ok()).collect();
                        return self.start(path, &arguments, &pointers(&strings), &actions, &attributes);
                    }
                };
                self.start(path, &arguments, &environment, &actions, &attributes)
            });
            libc::posix_spawnattr_destroy(attributes.as_mut_ptr());
            libc::posix_spawn_file_actions_destroy(actions.as_mut_ptr());
            result
        }
    }

    /// # Safety
    /// The structures must be initialized, the arrays end in null.
    unsafe fn start(
        &self,
        path: &CStr,
        arguments: &[*mut c_char],
        environment: &[*mut c_char],
        actions: &MaybeUninit<libc::posix_spawn_file_actions_t>,
        attributes: &MaybeUninit<libc::posix_spawnattr_t>,
    ) -> Result<i32> {
        let spawn = if self.search { libc::posix_spawnp } else { libc::posix_spawn };
        let mut process = 0;
        // SAFETY: as the caller says.
        accepted(unsafe {
            spawn(
                &mut process,
                path.as_ptr(),
                actions.as_ptr(),
                attributes.as_ptr(),
                arguments.as_ptr(),
                environment.as_ptr(),
            )
        })?;
        Ok(process)
    }

    /// # Safety
    /// Both structures must be initialized.
    unsafe fn prepare(
        &self,
        actions: *mut libc::posix_spawn_file_actions_t,
        attributes: *mut libc::posix_spawnattr_t,
    ) -> Result<()> {
        // SAFETY: as the caller says; strings end in NUL, which C copies.
        unsafe {
            for action in &self.actions {
                accepted(match action {
                    FileAction::Open { descriptor, path, flags, mode } => {
                        libc::posix_spawn_file_actions_addopen(actions, *descriptor, path.as_ptr(), *flags, *mode)
                    }
                    FileAction::Close(descriptor) => libc::posix_spawn_file_actions_addclose(actions, *descriptor),
                    FileAction::Duplicate(from, to) => libc::posix_spawn_file_actions_adddup2(actions, *from, *to),
                    FileAction::CloseFrom(descriptor) => posix_spawn_file_actions_addclosefrom_np(actions, *descriptor),
                })?;
            }
            let mut flags = 0;
            if let Some(group) = self.process_group {
                accepted(libc::posix_spawnattr_setpgroup(attributes, group))?;
                flags |= libc::POSIX_SPAWN_SETPGROUP;
            }
            if self.reset_ids {
                flags |= libc::POSIX_SPAWN_RESETIDS;
            }
            if self.new_session {
                flags |= 0x80;
            }
            if let Some(signals) = &self.signal_mask {
                accepted(libc::posix_spawnattr_setsigmask(attributes, &signal_set(signals)))?;
                flags |= libc::POSIX_SPAWN_SETSIGMASK;
            }
            if let Some(signals) = &self.default_signals {
                accepted(libc::posix_spawnattr_setsigdefault(attributes, &signal_set(signals)))?;
                flags |= libc::POSIX_SPAWN_SETSIGDEF;
            }
            if let Some((policy, priority)) = self.scheduler {
                let mut param: libc::sched_param = std::mem::zeroed();
                param.sched_priority = priority;
                if let Some(policy) = policy {
                    accepted(libc::posix_spawnattr_setschedpolicy(attributes, policy))?;
                    flags |= libc::POSIX_SPAWN_SETSCHEDULER;
                }
                accepted(libc::posix_spawnattr_setschedparam(attributes, &param))?;
                flags |= libc::POSIX_SPAWN_SETSCHEDPARAM;
            }
            accepted(libc::posix_spawnattr_setflags(attributes, flags as _))
        }
    }
}

//! Who runs the process: users, groups, sessions, and the databases of users and groups.

use super::{Result, calls, checked, errno};
use std::ffi::{CStr, CString, c_char};

calls! {
    /// Sets the user.
    setuid(user: u32) = libc::setuid;
    /// Sets the effective user.
    seteuid(user: u32) = libc::seteuid;
    /// Sets the real and effective user.
    setreuid(real: u32, effective: u32) = libc::setreuid;
    /// Sets the real, effective and saved user.
    setresuid(real: u32, effective: u32, saved: u32) = libc::setresuid;
    /// Sets the group.
    setgid(group: u32) = libc::setgid;
    /// Sets the effective group.
    setegid(group: u32) = libc::setegid;
    /// Sets the real and effective group.
    setregid(real: u32, effective: u32) = libc::setregid;
    /// Sets the real, effective and saved group.
    setresgid(real: u32, effective: u32, saved: u32) = libc::setresgid;
    /// The process group of a process.
    getpgid(process: i32) = libc::getpgid;
    /// Sets the process group of a process.
    setpgid(process: i32, group: i32) = libc::setpgid;
    /// The session of a process.
    getsid(process: i32) = libc::getsid;
    /// Begins a session.
    setsid() = libc::setsid;
    /// Sets the groups of a user.
    initgroups(user: &CStr, group: u32) = libc::initgroups;
}

macro_rules! always {
    ($($(#[$doc:meta])* $name:ident -> $ty:ty;)*) => {$(
        $(#[$doc])*
        pub fn $name() -> $ty {
            // SAFETY: takes nothing and cannot fail.
            unsafe { libc::$name() }
        }
    )*};
}

always! {
    /// The process.
    getpid -> i32;
    /// Its parent.
    getppid -> i32;
    /// Its group.
    getpgrp -> i32;
    /// Its user.
    getuid -> u32;
    /// Its effective user.
    geteuid -> u32;
    /// Its group of users.
    getgid -> u32;
    /// Its effective group of users.
    getegid -> u32;
}

/// Real, effective and saved user.
pub fn getresuid() -> Result<[u32; 3]> {
    let (mut real, mut effective, mut saved) = (0, 0, 0);
    // SAFETY: room for three numbers.
    checked(unsafe { libc::getresuid(&mut real, &mut effective, &mut saved) })?;
    Ok([real, effective, saved])
}

/// Real, effective and saved group.
pub fn getresgid() -> Result<[u32; 3]> {
    let (mut real, mut effective, mut saved) = (0, 0, 0);
    // SAFETY: room for three numbers.
    checked(unsafe { libc::getresgid(&mut real, &mut effective, &mut saved) })?;
    Ok([real, effective, saved])
}

/// The supplementary groups.
pub fn getgroups() -> Result<Vec<u32>> {
    // SAFETY: asked for the number only.
    let count = checked(unsafe { libc::getgroups(0, std::ptr::null_mut()) })? as usize;
    let mut groups = vec![0; count];
    // SAFETY: room for that many.
    let count = checked(unsafe { libc::getgroups(count as i32, groups.as_mut_ptr()) })?;
    groups.truncate(count as usize);
    Ok(groups)
}

/// Sets the supplementary groups.
pub fn setgroups(groups: &[u32]) -> Result {
    // SAFETY: the numbers are alive, and as many as said.
    checked(unsafe { libc::setgroups(groups.len(), groups.as_ptr()) })
}

/// The groups that a user belongs to.
pub fn getgrouplist(user: &CStr, group: u32) -> Result<Vec<u32>> {
    let mut groups = vec![0u32; 64];
    loop {
        let mut count = groups.len() as i32;
        // SAFETY: the string ends in NUL; there is room for as many as said.
        if unsafe { libc::getgrouplist(user.as_ptr(), group, groups.as_mut_ptr(), &mut count) } != -1 {
            groups.truncate(count as usize);
            return Ok(groups);
        }
        if groups.len() > 1 << 20 {
            return Err(libc::ENOMEM);
        }
        groups.resize(groups.len() * 2, 0);
    }
}

unsafe extern "C" {
    fn getlogin_r(buffer: *mut c_char, room: usize) -> i32;
}

/// The name that the user logged in with.
pub fn getlogin() -> Result<Vec<u8>> {
    let mut buffer = [0u8; 256];
    // SAFETY: the buffer is ours and of the given length; gives the error number itself.
    match unsafe { getlogin_r(buffer.as_mut_ptr().cast(), buffer.len()) } {
        0 => Ok(buffer.iter().copied().take_while(|byte| *byte != 0).collect()),
        error => Err(error),
    }
}

/// A line of the database of users.
pub struct User {
    /// Name, password, comment, home folder, shell.
    pub texts: [Vec<u8>; 5],
    /// The number.
    pub user: u32,
    /// The group.
    pub group: u32,
}

/// A line of the database of groups.
pub struct Group {
    /// Name and password.
    pub texts: [Vec<u8>; 2],
    /// The number.
    pub group: u32,
    /// The names of the members.
    pub members: Vec<Vec<u8>>,
}

fn text(pointer: *const c_char) -> Vec<u8> {
    if pointer.is_null() {
        return Vec::new();
    }
    // SAFETY: the databases hold strings that end in NUL; they are copied before the next call.
    unsafe { CStr::from_ptr(pointer) }.to_bytes().to_vec()
}

fn user(entry: &libc::passwd) -> User {
    User {
        texts: [entry.pw_name, entry.pw_passwd, entry.pw_gecos, entry.pw_dir, entry.pw_shell].map(|t| text(t)),
        user: entry.pw_uid,
        group: entry.pw_gid,
    }
}

fn group(entry: &libc::group) -> Group {
    let mut members = Vec::new();
    let mut place = entry.gr_mem;
    // SAFETY: the members are an array that ends in null.
    unsafe {
        while !place.is_null() && !(*place).is_null() {
            members.push(text(*place));
            place = place.add(1);
        }
    }
    Group { texts: [text(entry.gr_name), text(entry.gr_passwd)], group: entry.gr_gid, members }
}

/// Looks something up with ever larger buffers; nothing where it is not there.
fn look_up<E, R>(
    call: impl Fn(&mut E, &mut [c_char], &mut *mut E) -> i32,
    mut entry: E,
    convert: fn(&E) -> R,
) -> Result<Option<R>> {
    let mut buffer: Vec<c_char> = vec![0; 1024];
    loop {
        let mut found = std::ptr::null_mut();
        match call(&mut entry, &mut buffer, &mut found) {
            0 if found.is_null() => return Ok(None),
            0 => return Ok(Some(convert(&entry))),
            libc::ERANGE if buffer.len() < 1 << 20 => buffer.resize(buffer.len() * 2, 0),
            libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM => return Ok(None),
            error => return Err(error),
        }
    }
}

fn no_user() -> libc::passwd {
    // SAFETY: numbers and null pointers.
    unsafe { std::mem::zeroed() }
}

fn no_group() -> libc::group {
    // SAFETY: numbers and null pointers.
    unsafe { std::mem::zeroed() }
}

/// The user of a number.
pub fn user_by_number(number: u32) -> Result<Option<User>> {
    look_up(
        // SAFETY: all memory is ours and of the given length.
        |entry, buffer, found| unsafe { libc::getpwuid_r(number, entry, buffer.as_mut_ptr(), buffer.len(), found) },
        no_user(),
        user,
    )
}

/// The user of a name.
pub fn user_by_name(name: &CStr) -> Result<Option<User>> {
    look_up(
        // SAFETY: all memory is ours and of the given length; the name ends in NUL.
        |entry, buffer, found| unsafe {
            libc::getpwnam_r(name.as_ptr(), entry, buffer.as_mut_ptr(), buffer.len(), found)
        },
        no_user(),
        user,
    )
}

/// The group of a number.
pub fn group_by_number(number: u32) -> Result<Option<Group>> {
    look_up(
        // SAFETY: all memory is ours and of the given length.
        |entry, buffer, found| unsafe { libc::getgrgid_r(number, entry, buffer.as_mut_ptr(), buffer.len(), found) },
        no_group(),
        group,
    )
}

/// The group of a name.
pub fn group_by_name(name: &CStr) -> Result<Option<Group>> {
    look_up(
        // SAFETY: all memory is ours and of the given length; the name ends in NUL.
        |entry, buffer, found| unsafe {
            libc::getgrnam_r(name.as_ptr(), entry, buffer.as_mut_ptr(), buffer.len(), found)
        },
        no_group(),
        group,
    )
}

/// All users. (The C library has one place in the database for the whole process: the GIL must be held.)
pub fn all_users() -> Vec<User> {
    let mut users = Vec::new();
    // SAFETY: entries are copied before the next call.
    unsafe {
        libc::setpwent();
        while let Some(entry) = libc::getpwent().as_ref() {
            users.push(user(entry));
        }
        libc::endpwent();
    }
    users
}

/// All groups. (As with [`all_users`], the GIL must be held.)
pub fn all_groups() -> Vec<Group> {
    let mut groups = Vec::new();
    // SAFETY: entries are copied before the next call.
    unsafe {
        libc::setgrent();
        while let Some(entry) = libc::getgrent().as_ref() {
            groups.push(group(entry));
        }
        libc::endgrent();
    }
    groups
}

/// The name of the machine.
pub fn hostname() -> Result<Vec<u8>> {
    let mut buffer = [0u8; 1025];
    // SAFETY: the buffer is ours, and its last byte stays zero.
    if unsafe { libc::gethostname(buffer.as_mut_ptr().cast(), buffer.len() - 1) } != 0 {
        return Err(errno());
    }
    Ok(buffer.iter().copied().take_while(|byte| *byte != 0).collect())
}

/// Sets the name of the machine.
pub fn set_hostname(name: &[u8]) -> Result {
    // SAFETY: the name is alive and of the given length.
    checked(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) })
}

/// System, node, release, version, machine.
pub fn uname() -> Result<[Vec<u8>; 5]> {
    // SAFETY: arrays of characters.
    let mut names: libc::utsname = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is ours.
    checked(unsafe { libc::uname(&mut names) })?;
    Ok([&names.sysname, &names.nodename, &names.release, &names.version, &names.machine]
        .map(|field| text(field.as_ptr())))
}

/// Bytes as a C string up to the first NUL.
pub fn c_string(bytes: &[u8]) -> CString {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    CString::new(&bytes[..end]).unwrap_or_default()
}

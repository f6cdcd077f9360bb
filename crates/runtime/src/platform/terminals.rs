//! Terminals.

use super::{Result, calls, checked, errno};
use std::ffi::CStr;

calls! {
    /// The process group in the foreground of a terminal.
    tcgetpgrp(descriptor: i32) = libc::tcgetpgrp;
    /// Sets the process group in the foreground of a terminal.
    tcsetpgrp(descriptor: i32, group: i32) = libc::tcsetpgrp;
    /// Allows access to the other end of a pseudo-terminal.
    grantpt(descriptor: i32) = libc::grantpt;
    /// Unlocks the other end of a pseudo-terminal.
    unlockpt(descriptor: i32) = libc::unlockpt;
    /// Opens a pseudo-terminal.
    posix_openpt(flags: i32) = libc::posix_openpt;
    /// Makes a terminal the one of this process.
    login_tty(descriptor: i32) = libc::login_tty;
    /// Sends a break.
    tcsendbreak(descriptor: i32, duration: i32) = libc::tcsendbreak;
    /// Waits until all output is sent.
    tcdrain(descriptor: i32) = libc::tcdrain;
    /// Discards what waits.
    tcflush(descriptor: i32, queue: i32) = libc::tcflush;
    /// Stops or starts.
    tcflow(descriptor: i32, action: i32) = libc::tcflow;
}

/// Columns and lines of a terminal.
pub fn size(descriptor: i32) -> Result<(u16, u16)> {
    // SAFETY: numbers.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is the one of this request.
    checked(unsafe { libc::ioctl(descriptor, libc::TIOCGWINSZ, &mut size) })?;
    Ok((size.ws_col, size.ws_row))
}

/// Sets lines and columns of a terminal.
pub fn set_size(descriptor: i32, lines: u16, columns: u16) -> Result {
    let size = libc::winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the structure is the one of this request.
    checked(unsafe { libc::ioctl(descriptor, libc::TIOCSWINSZ, &size) })
}

/// The path of a terminal.
pub fn ttyname(descriptor: i32) -> Result<Vec<u8>> {
    let mut buffer = [0u8; 256];
    // SAFETY: the buffer is ours and of the given length; gives the error number itself.
    match unsafe { libc::ttyname_r(descriptor, buffer.as_mut_ptr().cast(), buffer.len()) } {
        0 => Ok(buffer.iter().copied().take_while(|byte| *byte != 0).collect()),
        error => Err(error),
    }
}

/// The path of the other end of a pseudo-terminal.
pub fn ptsname(descriptor: i32) -> Result<Vec<u8>> {
    let mut buffer = [0u8; 256];
    // SAFETY: the buffer is ours and of the given length; gives the error number itself.
    match unsafe { libc::ptsname_r(descriptor, buffer.as_mut_ptr().cast(), buffer.len()) } {
        0 => Ok(buffer.iter().copied().take_while(|byte| *byte != 0).collect()),
        error => Err(error),
    }
}

/// A pseudo-terminal: both ends.
pub fn openpty() -> Result<(i32, i32)> {
    let (mut controlling, mut terminal) = (0, 0);
    let null = std::ptr::null_mut::<libc::c_char>();
    // SAFETY: room for two numbers; nothing else is asked for.
    checked(unsafe { libc::openpty(&mut controlling, &mut terminal, null, std::ptr::null(), std::ptr::null()) })?;
    Ok((controlling, terminal))
}

/// The path of the process's terminal.
pub fn ctermid() -> Vec<u8> {
    let mut buffer = [0u8; 64];
    // SAFETY: the room is more than `L_ctermid`.
    unsafe { ctermid_c(buffer.as_mut_ptr().cast()) };
    buffer.iter().copied().take_while(|byte| *byte != 0).collect()
}

unsafe extern "C" {
    #[link_name = "ctermid"]
    fn ctermid_c(buffer: *mut std::ffi::c_char) -> *mut std::ffi::c_char;
}

/// The attributes of a terminal.
#[derive(Clone, Copy)]
pub struct Attributes {
    /// Input, output, control and local flags.
    pub flags: [u32; 4],
    /// Speed of input and output.
    pub speeds: [u32; 2],
    /// The control characters.
    pub characters: [u8; 32],
}

/// The attributes of a terminal.
pub fn tcgetattr(descriptor: i32) -> Result<Attributes> {
    // SAFETY: numbers.
    let mut mode: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is ours.
    checked(unsafe { libc::tcgetattr(descriptor, &mut mode) })?;
    // SAFETY: only looks at the structure.
    let speeds = unsafe { [libc::cfgetispeed(&mode), libc::cfgetospeed(&mode)] };
    Ok(Attributes { flags: [mode.c_iflag, mode.c_oflag, mode.c_cflag, mode.c_lflag], speeds, characters: mode.c_cc })
}

/// Sets the attributes of a terminal.
pub fn tcsetattr(descriptor: i32, when: i32, attributes: &Attributes) -> Result {
    // SAFETY: numbers.
    let mut mode: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is ours.
    unsafe {
        checked(libc::tcgetattr(descriptor, &mut mode))?;
        [mode.c_iflag, mode.c_oflag, mode.c_cflag, mode.c_lflag] = attributes.flags;
        mode.c_cc = attributes.characters;
        checked(libc::cfsetispeed(&mut mode, attributes.speeds[0]))?;
        checked(libc::cfsetospeed(&mut mode, attributes.speeds[1]))?;
        checked(libc::tcsetattr(descriptor, when, &mode))
    }
}

/// The text of an error that `isatty` leaves: whether the descriptor is a terminal.
pub fn isatty(descriptor: i32) -> bool {
    super::is_terminal(descriptor)
}

/// Opens the process's own terminal, to see whether there is one.
pub fn own_terminal(path: &CStr) -> Result {
    // SAFETY: the path ends in NUL.
    match unsafe { libc::open(path.as_ptr(), libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC) } {
        -1 => Err(errno()),
        descriptor => Ok(descriptor.into()),
    }
}

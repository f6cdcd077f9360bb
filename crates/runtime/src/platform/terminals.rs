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

/// The speeds that have a code of their own.
const SPEEDS: [(u32, u32); 31] = [
    (0, 0),
    (1, 50),
    (2, 75),
    (3, 110),
    (4, 134),
    (5, 150),
    (6, 200),
    (7, 300),
    (8, 600),
    (9, 1200),
    (10, 1800),
    (11, 2400),
    (12, 4800),
    (13, 9600),
    (14, 19200),
    (15, 38400),
    (0o10001, 57600),
    (0o10002, 115_200),
    (0o10003, 230_400),
    (0o10004, 460_800),
    (0o10005, 500_000),
    (0o10006, 576_000),
    (0o10007, 921_600),
    (0o10010, 1_000_000),
    (0o10011, 1_152_000),
    (0o10012, 1_500_000),
    (0o10013, 2_000_000),
    (0o10014, 2_500_000),
    (0o10015, 3_000_000),
    (0o10016, 3_500_000),
    (0o10017, 4_000_000),
];

/// The code of a speed; the one for "any other" where it has none.
fn speed_code(speed: u32) -> u32 {
    SPEEDS.iter().find(|(_, known)| *known == speed).map_or(libc::BOTHER, |(code, _)| *code)
}

/// Where the code of the input's speed lies, above that of the output's.
const INPUT_SHIFT: u32 = 16;

/// The attributes of a terminal, its speeds in bits a second. Asked of the kernel itself: C's libraries of different
/// ages speak of speeds in different numbers.
pub fn tcgetattr(descriptor: i32) -> Result<Attributes> {
    let mode = kernel_mode(descriptor)?;
    let mut characters = [0; 32];
    characters[..mode.c_cc.len()].copy_from_slice(&mode.c_cc);
    Ok(Attributes {
        flags: [mode.c_iflag, mode.c_oflag, mode.c_cflag, mode.c_lflag],
        speeds: [mode.c_ispeed, mode.c_ospeed],
        characters,
    })
}

fn kernel_mode(descriptor: i32) -> Result<libc::termios2> {
    // SAFETY: numbers.
    let mut mode: libc::termios2 = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is the one of this request.
    checked(unsafe { libc::ioctl(descriptor, libc::TCGETS2, &mut mode) })?;
    Ok(mode)
}

/// Sets the attributes of a terminal.
pub fn tcsetattr(descriptor: i32, when: i32, attributes: &Attributes) -> Result {
    let request = match when {
        libc::TCSANOW => libc::TCSETS2,
        libc::TCSADRAIN => libc::TCSETSW2,
        libc::TCSAFLUSH => libc::TCSETSF2,
        _ => return Err(libc::EINVAL),
    };
    let mut mode = kernel_mode(descriptor)?;
    [mode.c_iflag, mode.c_oflag, mode.c_cflag, mode.c_lflag] = attributes.flags;
    let [input, output] = attributes.speeds;
    let input = if input == 0 { output } else { input };
    mode.c_cflag &= !(libc::CBAUD | libc::CBAUD << INPUT_SHIFT);
    mode.c_cflag |= speed_code(output) | speed_code(input) << INPUT_SHIFT;
    [mode.c_ispeed, mode.c_ospeed] = [input, output];
    let count = mode.c_cc.len();
    mode.c_cc.copy_from_slice(&attributes.characters[..count]);
    // SAFETY: the structure is the one of this request.
    checked(unsafe { libc::ioctl(descriptor, request, &mode) })
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

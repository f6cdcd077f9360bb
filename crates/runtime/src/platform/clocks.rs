//! Clocks, sleeping, local time.

use super::{Result, checked, errno};
use std::ffi::{CStr, CString};

/// A time as seconds and nanoseconds.
pub type Moment = (i64, i64);

/// What a clock says.
pub fn clock_gettime(clock: i32) -> Result<Moment> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is ours.
    checked(unsafe { libc::clock_gettime(clock, &mut time) })?;
    Ok((time.tv_sec, time.tv_nsec))
}

/// Sets a clock.
pub fn clock_settime(clock: i32, (tv_sec, tv_nsec): Moment) -> Result {
    let time = libc::timespec { tv_sec, tv_nsec };
    // SAFETY: the structure is ours.
    checked(unsafe { libc::clock_settime(clock, &time) })
}

/// How fine a clock is.
pub fn clock_getres(clock: i32) -> Result<Moment> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is ours.
    checked(unsafe { libc::clock_getres(clock, &mut time) })?;
    Ok((time.tv_sec, time.tv_nsec))
}

/// A clock in nanoseconds; zero where there is none.
pub fn nanoseconds(clock: i32) -> i64 {
    clock_gettime(clock).map_or(0, |(seconds, rest)| seconds.wrapping_mul(1_000_000_000).wrapping_add(rest))
}

/// Sleeps until a moment of the monotonic clock, or a signal (`EINTR`).
pub fn sleep_until((tv_sec, tv_nsec): Moment) -> Result<()> {
    let time = libc::timespec { tv_sec, tv_nsec };
    // SAFETY: the structure is ours; gives the error number itself.
    match unsafe { libc::clock_nanosleep(libc::CLOCK_MONOTONIC, libc::TIMER_ABSTIME, &time, std::ptr::null_mut()) } {
        0 => Ok(()),
        error => Err(error),
    }
}

/// The parts of a point in time.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// The year.
    pub year: i32,
    /// The month from 0.
    pub month: i32,
    /// The day of the month.
    pub day: i32,
    /// Hour.
    pub hour: i32,
    /// Minute.
    pub minute: i32,
    /// Second.
    pub second: i32,
    /// The day of the week from Sunday, 0.
    pub weekday: i32,
    /// The day of the year from 0.
    pub yearday: i32,
    /// Whether it is daylight saving time; negative for unknown.
    pub daylight: i32,
    /// The name of the time zone.
    pub zone: Option<CString>,
    /// Seconds east of Greenwich.
    pub offset: i64,
}

fn zero() -> libc::tm {
    // SAFETY: numbers and a null pointer.
    unsafe { std::mem::zeroed() }
}

fn from_c(tm: &libc::tm) -> Calendar {
    // SAFETY: the zone is null or a string of the C library.
    let zone = (!tm.tm_zone.is_null()).then(|| unsafe { CStr::from_ptr(tm.tm_zone) }.to_owned());
    Calendar {
        year: tm.tm_year.wrapping_add(1900),
        month: tm.tm_mon,
        day: tm.tm_mday,
        hour: tm.tm_hour,
        minute: tm.tm_min,
        second: tm.tm_sec,
        weekday: tm.tm_wday,
        yearday: tm.tm_yday,
        daylight: tm.tm_isdst,
        zone,
        offset: tm.tm_gmtoff,
    }
}

fn to_c(calendar: &Calendar) -> libc::tm {
    let mut tm = zero();
    tm.tm_year = calendar.year.wrapping_sub(1900);
    tm.tm_mon = calendar.month;
    tm.tm_mday = calendar.day;
    tm.tm_hour = calendar.hour;
    tm.tm_min = calendar.minute;
    tm.tm_sec = calendar.second;
    tm.tm_wday = calendar.weekday;
    tm.tm_yday = calendar.yearday;
    tm.tm_isdst = calendar.daylight;
    tm.tm_gmtoff = calendar.offset;
    if let Some(zone) = &calendar.zone {
        tm.tm_zone = zone.as_ptr();
    }
    tm
}

/// Local time.
pub fn localtime(seconds: i64) -> Result<Calendar> {
    let mut tm = zero();
    // SAFETY: the structure is ours.
    if unsafe { libc::localtime_r(&seconds, &mut tm) }.is_null() {
        return Err(match errno() {
            0 => libc::EINVAL,
            error => error,
        });
    }
    Ok(from_c(&tm))
}

/// Universal time.
pub fn gmtime(seconds: i64) -> Result<Calendar> {
    let mut tm = zero();
    // SAFETY: the structure is ours.
    if unsafe { libc::gmtime_r(&seconds, &mut tm) }.is_null() {
        return Err(match errno() {
            0 => libc::EINVAL,
            error => error,
        });
    }
    Ok(from_c(&tm))
}

/// Local time as seconds; nothing where it cannot be one.
pub fn mktime(calendar: &Calendar) -> Option<i64> {
    let mut tm = to_c(calendar);
    tm.tm_wday = -1;
    // SAFETY: the structure is ours.
    let seconds = unsafe { libc::mktime(&mut tm) };
    (seconds != -1 || tm.tm_wday != -1).then_some(seconds)
}

/// Formats a time; nothing where the result would be longer than the room.
pub fn strftime(format: &CStr, calendar: &Calendar, room: usize) -> Option<Vec<u8>> {
    let tm = to_c(calendar);
    let mut buffer = vec![0u8; room];
    // SAFETY: the buffer is ours and of the given length; the format ends in NUL.
    let length = unsafe { strftime_c(buffer.as_mut_ptr().cast(), room, format.as_ptr(), &tm) };
    (length > 0).then(|| {
        buffer.truncate(length);
        buffer
    })
}

unsafe extern "C" {
    #[link_name = "strftime"]
    fn strftime_c(
        buffer: *mut std::ffi::c_char,
        room: usize,
        format: *const std::ffi::c_char,
        tm: *const libc::tm,
    ) -> usize;
    fn tzset();
}

/// Reads the setting of the time zone anew.
pub fn set_zone() {
    // SAFETY: takes nothing; the GIL keeps threads of Python from changing the environment meanwhile.
    unsafe { tzset() }
}

/// User, system, children's user and children's system time in ticks, and the elapsed ticks; and ticks in a second.
pub fn times() -> Result<([i64; 5], i64)> {
    // SAFETY: numbers.
    let mut times: libc::tms = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is ours.
    let elapsed = checked(unsafe { libc::times(&mut times) })?;
    // SAFETY: takes a number.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    Ok(([times.tms_utime, times.tms_stime, times.tms_cutime, times.tms_cstime, elapsed], ticks.max(1)))
}

/// The clock of a thread's processor time.
pub fn thread_clock(thread: u64) -> Result<i32> {
    let mut clock = 0;
    // SAFETY: the caller's thread identifier is one of a live thread, as the C library demands.
    match unsafe { libc::pthread_getcpuclockid(thread as libc::pthread_t, &mut clock) } {
        0 => Ok(clock),
        error => Err(error),
    }
}

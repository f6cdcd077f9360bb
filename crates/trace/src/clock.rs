//! The one clock of a recording: nanoseconds of the system's monotonic clock since the process was exec'd.

use rustix::time::{ClockId, clock_gettime};

/// A clock with its origin.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: u64,
}

/// Nanoseconds of the monotonic clock.
pub fn monotonic() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Nanoseconds of processor time that the system has charged this process for, which began when the shell forked it.
fn charged() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
}

impl Clock {
    /// The clock of this process, to be made early in `main`: the kernel does not tell when exec happened, so the
    /// processor time that it has charged since then is taken off.
    pub fn of_process() -> Clock {
        Clock { origin: monotonic().saturating_sub(charged()) }
    }

    /// A clock with a known origin on the monotonic clock.
    pub fn since(origin: u64) -> Clock {
        Clock { origin }
    }

    /// The origin on the monotonic clock.
    pub fn origin(self) -> u64 {
        self.origin
    }

    /// Nanoseconds since the origin.
    pub fn now(self) -> u64 {
        monotonic().saturating_sub(self.origin)
    }
}

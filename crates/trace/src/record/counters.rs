//! Counters of the processor and the kernel while the program runs, where the kernel allows them.

use crate::writer::FIRST_OWN;
use perf_event::events::{Hardware, Software};
use perf_event::{Builder, Counter};
use rustix::fd::OwnedFd;

/// Counters under way.
#[derive(Default)]
pub struct Counters(Vec<(&'static str, Counter)>);

impl Counters {
    /// Starts those counters that there are.
    pub fn start() -> Counters {
        // The numbers of low descriptors are the program's.
        let _kept = low_descriptors();
        let hardware = [
            ("cycles", Hardware::CPU_CYCLES),
            ("processor instructions", Hardware::INSTRUCTIONS),
            ("cache references", Hardware::CACHE_REFERENCES),
            ("cache misses", Hardware::CACHE_MISSES),
            ("branch misses", Hardware::BRANCH_MISSES),
        ];
        let software = [("page faults", Software::PAGE_FAULTS), ("context switches", Software::CONTEXT_SWITCHES)];
        let hardware = hardware.map(|(name, event)| (name, Builder::new(event).inherit(true).build()));
        let software = software.map(|(name, event)| (name, Builder::new(event).inherit(true).build()));
        let mut counters = Counters::default();
        for (name, counter) in hardware.into_iter().chain(software) {
            if let Ok(mut counter) = counter
                && counter.enable().is_ok()
            {
                counters.0.push((name, counter));
            }
        }
        counters
    }

    /// What was counted until now, by name.
    pub fn read(&mut self) -> Vec<(String, u64)> {
        let read = self.0.iter_mut().filter_map(|(name, counter)| Some(((*name).to_owned(), counter.read().ok()?)));
        read.collect()
    }
}

/// Holds all free descriptors below those of the recorder.
fn low_descriptors() -> Vec<OwnedFd> {
    let mut held = Vec::new();
    let Ok(first) = rustix::fs::open(
        "/dev/null",
        rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::CLOEXEC,
        rustix::fs::Mode::empty(),
    ) else {
        return held;
    };
    while let Ok(next) = rustix::io::fcntl_dupfd_cloexec(&first, 0) {
        use rustix::fd::AsRawFd;
        if next.as_raw_fd() >= FIRST_OWN {
            break;
        }
        held.push(next);
    }
    held.push(first);
    held
}

#[cfg(test)]
mod tests {
    use super::Counters;

    #[test]
    fn what_the_kernel_counts_grows() {
        let mut counters = Counters::start();
        if counters.0.is_empty() {
            eprintln!("the kernel allows no counters here: nothing was counted");
            return;
        }
        let before = counters.read();
        let memory: Vec<u8> = (0..64 << 20).map(|number| number as u8).collect();
        let after = counters.read();
        assert_eq!(memory[300], 44);
        let faults = |list: &[(String, u64)]| list.iter().find(|(name, _)| name == "page faults").map(|(_, n)| *n);
        assert!(faults(&after) > faults(&before), "{before:?} {after:?}");
    }
}

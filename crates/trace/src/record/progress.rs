//! A line on the terminal that says how far a long recording is. It is taken away before the program writes.

use crate::writer::Writer;
use std::cell::Cell;
use std::io::{IsTerminal, Write};

/// Nanoseconds before the first line, and between lines.
const FIRST: u64 = 2_000_000_000;
const NEXT: u64 = 500_000_000;

/// The line.
#[derive(Default)]
pub(super) struct Progress {
    /// Whether there is a terminal to show it on; unknown at first.
    terminal: Cell<Option<bool>>,
    last: Cell<u64>,
    shown: Cell<bool>,
}

impl Progress {
    /// Shows the line anew when it is time.
    #[inline]
    pub fn tick(&self, now: u64, writer: &Writer) {
        if now.saturating_sub(self.last.get()) >= NEXT && now >= FIRST {
            self.show(now, writer);
        }
    }

    #[cold]
    fn show(&self, now: u64, writer: &Writer) {
        self.last.set(now);
        let terminal = self.terminal.get().unwrap_or_else(|| std::io::stderr().is_terminal());
        self.terminal.set(Some(terminal));
        if !terminal {
            return;
        }
        let line = line(now, writer.events(), writer.bytes(), writer.dropped());
        // A terminal that cannot be written to is no reason to stop.
        let _ = write!(std::io::stderr(), "\r\x1b[2m{line}\x1b[0m\x1b[K");
        self.shown.set(true);
    }

    /// Takes the line away.
    pub fn clear(&self) {
        if self.shown.replace(false) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(now: u64, events: u64, bytes: u64, dropped: u64) -> String {
    let dropped = if dropped == 0 { String::new() } else { format!(", {} left out", crate::view::grouped(dropped)) };
    format!(
        "recording: {:.1} s, {} events, {} written{dropped}; Ctrl-C ends the program and keeps the recording",
        now as f64 / 1e9,
        crate::view::grouped(events),
        crate::view::bytes(bytes)
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_line_says_how_far_it_is() {
        let line = super::line(2_500_000_000, 1_234_567, 64 << 20, 12);
        let events = crate::view::grouped(1_234_567);
        let expected = format!("recording: 2.5 s, {events} events, 64.0 MiB written, 12 left out;");
        assert!(line.starts_with(&expected), "{line}");
    }
}

//! Runs a program with a time limit and keeps what it printed, how it ended and what it used.

use std::io::Read;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use wait4::Wait4 as _;

/// Output beyond this is read and dropped.
const OUTPUT_LIMIT: usize = 64 << 20;

/// A program's run.
pub struct Outcome {
    /// How it ended; `None` when it was killed for taking too long.
    pub status: Option<ExitStatus>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// Wall-clock time from start to end.
    pub time: Duration,
    /// The largest resident set, in bytes.
    pub peak: u64,
}

impl Outcome {
    /// Whether it exited with status 0.
    pub fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// The end in words: `exit 1`, `signal 11`, `time-out`.
    pub fn end(&self) -> String {
        match self.status {
            None => "time-out".into(),
            Some(status) => match (status.code(), status.signal()) {
                (Some(code), _) => format!("exit {code}"),
                (_, Some(signal)) => format!("signal {signal}"),
                _ => "unknown end".into(),
            },
        }
    }

    /// Whether the interpreter itself went down: a signal, or Rust's exit status for a panic.
    pub fn crashed(&self) -> bool {
        self.status.is_some_and(|status| status.signal().is_some() || status.code() == Some(101))
    }
}

/// Runs `command` for at most `limit`, with no standard input. It gets a process group of its own, and whatever is left
/// of the group is killed at the end.
pub fn run(command: &mut Command, limit: Duration) -> Result<Outcome> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    let group = rustix::process::Pid::from_child(&child);
    let stdout = read_all(child.stdout.take());
    let stderr = read_all(child.stderr.take());
    let (sender, receiver) = mpsc::channel();
    let waiter = thread::spawn(move || {
        let used = child.wait4();
        let _ = sender.send(());
        used
    });
    let timed_out = receiver.recv_timeout(limit).is_err();
    let time = start.elapsed();
    // The pipes close only when all writers are gone: children that outlived the program included.
    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    let used = waiter.join().map_err(|_| anyhow::anyhow!("the waiting thread panicked"))??;
    let stdout = stdout.join().unwrap_or_default();
    let stderr = stderr.join().unwrap_or_default();
    let status = (!timed_out).then_some(used.status);
    Ok(Outcome { status, stdout, stderr, time, peak: used.rusage.maxrss })
}

fn read_all(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let (mut kept, mut chunk) = (Vec::new(), [0; 1 << 16]);
        let Some(mut pipe) = pipe else { return kept };
        while let Ok(count @ 1..) = pipe.read(&mut chunk) {
            let room = OUTPUT_LIMIT.saturating_sub(kept.len()).min(count);
            kept.extend_from_slice(&chunk[..room]);
        }
        kept
    })
}

/// Does `work` on all `items`, `jobs` at a time, and calls `done` in this thread as each finishes.
pub fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T) -> R + Sync,
    mut done: impl FnMut(&T, R),
) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                while let Some(item) = items.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    if sender.send((item, work(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (item, result) in receiver {
            done(item, result);
        }
    });
}

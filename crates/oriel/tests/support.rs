//! What the integration tests share: where the binary is, and running it with a time limit.

use std::io::{Read, Write};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// The interpreter under test: the built binary, or what `ORIEL_UNDER_TEST` names (CPython, to test the tests).
pub fn oriel() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| std::env::var("ORIEL_UNDER_TEST").unwrap_or_else(|_| env!("CARGO_BIN_EXE_oriel").into()))
}

/// The workspace's root.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/oriel is two below the root").to_path_buf()
}

/// How a run ended and what it printed.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status, if it exited.
    pub code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// Whether it was killed for taking too long.
    pub timed_out: bool,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// The end in words.
    pub fn end(&self) -> String {
        match (self.timed_out, self.code, self.signal) {
            (true, ..) => "time-out".into(),
            (_, Some(code), _) => format!("exit {code}"),
            (_, _, Some(signal)) => format!("signal {signal}"),
            _ => "unknown end".into(),
        }
    }
}

/// Runs `command` with `input` on its standard input.
pub fn run(command: &mut Command, input: &[u8], limit: Duration) -> Outcome {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().expect("the binary starts");
    if let Some(mut pipe) = child.stdin.take() {
        let input = input.to_vec();
        // The program may well end without reading it.
        thread::spawn(move || drop(pipe.write_all(&input)));
    }
    finish(child, limit)
}

/// Waits for a child whose output is piped.
pub fn finish(mut child: Child, limit: Duration) -> Outcome {
    let (stdout, stderr) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let (status, timed_out) = wait(&mut child, limit);
    let text = |reader: thread::JoinHandle<Vec<u8>>| String::from_utf8_lossy(&reader.join().unwrap()).into_owned();
    Outcome { code: status.code(), signal: status.signal(), timed_out, stdout: text(stdout), stderr: text(stderr) }
}

/// Waits for a child, and kills it when it takes too long.
pub fn wait(child: &mut Child, limit: Duration) -> (ExitStatus, bool) {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().expect("our own child") {
            return (status, false);
        }
        if start.elapsed() > limit {
            child.kill().expect("our own child");
            return (child.wait().expect("our own child"), true);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

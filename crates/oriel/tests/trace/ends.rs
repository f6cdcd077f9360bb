//! Ends that are not the script's last line: leaving at once, crashing, the keyboard, a terminal that is looked at meanwhile.

use super::{Folder, LIMIT};
use crate::support::{finish, oriel, run};
use oriel_trace::Recording;
use oriel_trace::event::Data;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn leaving_at_once_still_shows_the_report() {
    let folder = Folder::new("leaving");
    folder.file("leave.py", "import os\ndef f(): os._exit(7)\nf()\n");
    let outcome = run(Command::new(oriel()).current_dir(&folder.0).args(["trace", "leave.py"]), b"", LIMIT);
    assert_eq!(outcome.code, Some(7));
    assert!(outcome.stderr.contains("exit status       7 (os._exit)"), "{}", outcome.stderr);
    // A child that leaves is not the recorded process.
    folder.file("child.py", "import os\npid = os.fork()\nif not pid:\n    os._exit(3)\nprint(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n");
    let mut command = Command::new(oriel());
    let outcome = run(command.current_dir(&folder.0).args(["trace", "--json", "child.jsonl", "child.py"]), b"", LIMIT);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), "3\n"), "{}", outcome.stderr);
    let recording = Recording::open(&folder.0.join("child.jsonl")).unwrap();
    assert!(recording.complete);
    let ends = recording.events.iter().filter(|event| matches!(event.data, Data::Exit { .. })).count();
    assert_eq!(ends, 1);
}

#[test]
fn what_a_script_becomes_is_noted() {
    let folder = Folder::new("becoming");
    folder.file("become.py", "import os\nos.execv('/bin/echo', ['echo', 'became'])\n");
    let mut command = Command::new(oriel());
    let outcome = run(command.current_dir(&folder.0).args(["trace", "--json", "run.jsonl", "become.py"]), b"", LIMIT);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), "became\n"), "{}", outcome.stderr);
    let recording = Recording::open(&folder.0.join("run.jsonl")).unwrap();
    assert!(!recording.complete);
    let note = |data: &Data| matches!(data, Data::Note { text } if text == "the process is about to become /bin/echo");
    assert!(recording.events.iter().any(|event| note(&event.data)));
}

#[test]
fn a_crash_leaves_what_was_recorded() {
    let folder = Folder::new("crash");
    folder.file(
        "crash.py",
        "import os, time\ndef deep(n):\n    if n == 0:\n        os.abort()\n    deep(n - 1)\ndeep(20)\n",
    );
    let mut command = Command::new(oriel());
    let outcome = run(command.current_dir(&folder.0).args(["trace", "--json", "run.jsonl", "crash.py"]), b"", LIMIT);
    assert_eq!(outcome.signal, Some(6), "{}", outcome.stderr);
    let recording = Recording::open(&folder.0.join("run.jsonl")).unwrap();
    let calls = recording.events.iter().filter(|event| matches!(event.data, Data::Call(_))).count();
    assert!(calls > 20 && recording.complete);
    folder.file("error.py", "def f(): raise KeyError('gone')\nf()\n");
    let outcome = run(Command::new(oriel()).current_dir(&folder.0).args(["trace", "error.py"]), b"", LIMIT);
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stderr.contains("KeyError: 'gone'\n") && outcome.stderr.contains("(an exception that nothing caught)")
    );
}

#[test]
fn the_keyboard_ends_the_program_and_keeps_the_recording() {
    let folder = Folder::new("keyboard");
    folder.file("forever.py", "n = 0\nprint('begun', flush=True)\nwhile True:\n    n += 1\n");
    let mut command = Command::new(oriel());
    command.current_dir(&folder.0).args(["trace", "--json", "run.jsonl", "--limit", "1", "--ring", "1", "forever.py"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let begun = Instant::now();
    let reached =
        |recording: &std::path::Path| std::fs::read_to_string(recording).is_ok_and(|text| text.contains("begun"));
    while !reached(&folder.0.join("run.jsonl")) && begun.elapsed() < LIMIT {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(500));
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.is_ok_and(|status| status.success()), "{:?}", child.try_wait());
    let outcome = finish(child, LIMIT);
    assert_eq!((outcome.signal, outcome.timed_out), (Some(2), false), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("KeyboardInterrupt"), "{}", outcome.stderr);
    let recording = Recording::open(&folder.0.join("run.jsonl")).unwrap();
    assert!(recording.complete && recording.warnings.is_empty(), "{:?}", recording.warnings);
    assert!(
        recording
            .events
            .iter()
            .any(|event| matches!(&event.data, Data::Raise(raise) if raise.ty == "KeyboardInterrupt"))
    );
    let end = recording.events.iter().find_map(|event| match &event.data {
        Data::End(end) => Some(end.clone()),
        _ => None,
    });
    let end = end.expect("the last event");
    assert!(end.bytes < 4 << 20 && end.memory < 2 << 20, "{end:?}");
}

#[test]
fn a_terminal_shows_how_far_it_is() {
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("script(1) is not installed: the progress was not looked at");
        return;
    }
    let folder = Folder::new("progress");
    folder.file(
        "long.py",
        "import time\nend = time.monotonic() + 6\nwhile time.monotonic() < end:\n    pass\nprint('over')\n",
    );
    let mut command = Command::new("script");
    command
        .current_dir(&folder.0)
        .args(["-qefc"])
        .arg(format!("{} trace --quiet --json run.jsonl --limit 1 --ring 1 long.py", oriel()));
    let outcome = run(command.arg("/dev/null"), b"", LIMIT);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.stdout.contains("\rrecording: ") || outcome.stdout.contains("recording: "), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("Ctrl-C ends the program and keeps the recording"), "{}", outcome.stdout);
    let before = outcome.stdout.split("over").next().unwrap_or_default();
    assert!(before.ends_with("\r\u{1b}[K"), "the line is gone when the program writes: {before:?}");
}

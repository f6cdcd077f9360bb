//! Runs every script of the workspace's `tests/` and `examples/` with the built binary, in parallel, each with a time
//! limit. A script passes when it exits with status 0.
//!
//! `tests/expected-failures.txt` lists scripts that do not pass yet. One that is listed and passes is an error, too: take
//! it off the list.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::support::{oriel, run, workspace};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn scripts_pass() {
    let root = workspace();
    let mut scripts = scripts_in(&root.join("tests"));
    scripts.extend(scripts_in(&root.join("examples")));
    assert!(scripts.len() > 50, "only {} scripts found", scripts.len());
    let expected = expected_failures(&root.join("tests/expected-failures.txt"));
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get());
    let next = AtomicUsize::new(0);
    let (failed, passed) = (Mutex::new(Vec::new()), Mutex::new(BTreeSet::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(script) = scripts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = script.strip_prefix(&root).unwrap_or(script).display().to_string();
                    match attempt(script) {
                        Ok(()) => drop(passed.lock().unwrap().insert(name)),
                        Err(why) => failed.lock().unwrap().push((name, why)),
                    }
                }
            });
        }
    });
    let (mut failed, passed) = (failed.into_inner().unwrap(), passed.into_inner().unwrap());
    failed.sort();
    println!("{} scripts: {} pass, {} fail", scripts.len(), passed.len(), failed.len());
    let mut wrong = Vec::new();
    for (name, why) in &failed {
        let listed = expected.contains(name);
        println!("{} {name}: {why}", if listed { "fails as expected:" } else { "FAILED:" });
        if !listed {
            wrong.push(format!("{name} fails"));
        }
    }
    for name in &expected {
        if passed.contains(name) {
            wrong.push(format!("{name} passes and is listed in tests/expected-failures.txt"));
        } else if !failed.iter().any(|(failing, _)| failing == name) {
            wrong.push(format!("{name} is listed in tests/expected-failures.txt and not there"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn attempt(script: &Path) -> Result<(), String> {
    let mut command = Command::new(oriel());
    command.arg(script).current_dir(script.parent().unwrap_or(Path::new(".")));
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHON_COLORS", "0")
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONUNBUFFERED");
    let outcome = run(&mut command, b"", LIMIT);
    if outcome.code == Some(0) {
        return Ok(());
    }
    let last: Vec<_> = outcome.stderr.lines().rev().take(3).collect();
    Err(format!("{} {}", outcome.end(), last.into_iter().rev().collect::<Vec<_>>().join(" | ")))
}

fn scripts_in(folder: &Path) -> Vec<PathBuf> {
    let listing = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut scripts: Vec<_> = listing.map(|entry| entry.expect("an entry").path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    scripts.sort();
    scripts
}

fn expected_failures(path: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_whitespace().next().unwrap_or_default().to_owned()).collect()
}

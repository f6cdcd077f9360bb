//! Runs modules of CPython's own test suite, one process each, and keeps the list of those that pass.
//!
//! The suite is used where the reference interpreter has it, unmodified. Each module runs in an empty folder of its own
//! through `conformance_driver.py`, with the resources that reach outside the machine switched off. What a module
//! printed is kept in `target/conformance/MODULE.log`.
//!
//! `tests/conformance-passing.txt` may only grow: a listed module that fails makes the command fail.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use lexopt::Arg::{Long, Value};
use lexopt::ValueExt as _;

use crate::process::{Outcome, in_parallel};
use crate::{places, process, reference};

const DRIVER: &str = include_str!("conformance_driver.py");

/// How a module's run ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Pass,
    Fail,
    Crash,
    TimeOut,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "FAIL",
            Verdict::Crash => "CRASH",
            Verdict::TimeOut => "TIME-OUT",
        })
    }
}

/// What unittest counted.
#[derive(Default, Clone, Copy)]
struct Counts {
    run: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    unexpected: usize,
}

struct Report {
    verdict: Verdict,
    counts: Counts,
    time: Duration,
    end: String,
}

/// `cargo xtask conformance`
pub fn run(mut parser: lexopt::Parser) -> Result<bool> {
    let (mut modules, mut jobs, mut limit) = (Vec::new(), places::processors(), 300);
    let (mut python, mut update, mut build) = (None, false, true);
    while let Some(argument) = parser.next()? {
        match argument {
            Value(name) => modules.push(name.string()?),
            Long("jobs") => jobs = parser.value()?.parse()?,
            Long("timeout") => limit = parser.value()?.parse()?,
            Long("python") => python = Some(PathBuf::from(parser.value()?)),
            Long("update") => update = true,
            Long("no-build") => build = false,
            other => return Err(other.unexpected().into()),
        }
    }
    let ours = python.is_none();
    let python = match python {
        Some(path) => path,
        None => places::oriel(build)?,
    };
    let (python, suite) = match ours {
        true => installed(&python, own_suite()?)?,
        false => (python, reference::test_suite()?),
    };
    let list = places::root().join("tests/conformance-passing.txt");
    let listed = read_list(&list)?;
    let named = !modules.is_empty();
    if !named {
        modules = default_modules(&listed)?;
    }
    let limit = Duration::from_secs(limit);
    let mut passed = BTreeSet::new();
    let mut broken = Vec::new();
    let mut tally = [0; 4];
    let mut total = Counts::default();
    let count = modules.len();
    let mut number = 0;
    let work = |module: &String| one(&python, &suite, module, limit);
    let mut failure = None;
    in_parallel(&modules, jobs, work, |module, report| {
        number += 1;
        let report = match report {
            Ok(report) => report,
            Err(error) => {
                failure = Some(error);
                return;
            }
        };
        println!("[{number:3}/{count}] {report}", report = line(module, &report));
        tally[report.verdict as usize] += 1;
        total.run += report.counts.run;
        total.failures += report.counts.failures + report.counts.unexpected;
        total.errors += report.counts.errors;
        total.skipped += report.counts.skipped;
        if report.verdict == Verdict::Pass {
            passed.insert(module.clone());
        } else if listed.contains(module) {
            broken.push(module.clone());
        }
    });
    if let Some(error) = failure {
        return Err(error);
    }
    let [pass, fail, crash, time_out] = tally;
    println!("{count} modules: {pass} pass, {fail} fail, {crash} crash, {time_out} time out");
    println!(
        "{} tests run: {} failures, {} errors, {} skipped",
        total.run, total.failures, total.errors, total.skipped
    );
    if !ours {
        return Ok(pass == count);
    }
    let new: Vec<_> = passed.difference(&listed).cloned().collect();
    if !new.is_empty() && update {
        let all: BTreeSet<_> = listed.iter().chain(&passed).cloned().collect();
        write_list(&list, &all)?;
        println!("{} new in {}", new.len(), list.display());
    } else if !new.is_empty() {
        println!("pass and are not listed yet (--update adds them): {}", new.join(" "));
    }
    if !broken.is_empty() {
        println!("listed as passing, but did not: {}", broken.join(" "));
    }
    Ok(broken.is_empty())
}

fn line(module: &str, report: &Report) -> String {
    let Counts { run, failures, errors, skipped, unexpected } = report.counts;
    let mut text = format!("{:8} {module:28} {run:5} tests {:6.1} s", report.verdict, report.time.as_secs_f64());
    for (count, word) in
        [(failures, "failures"), (errors, "errors"), (unexpected, "unexpected successes"), (skipped, "skipped")]
    {
        if count > 0 {
            text += &format!("  {count} {word}");
        }
    }
    if report.verdict == Verdict::Crash || (report.verdict == Verdict::Fail && run == 0) {
        text += &format!("  {}", report.end);
    }
    text
}

/// A copy of the suite for us. In the reference's own folder we would read CPython's `.pyc` files instead of compiling,
/// and CPython ours; and ours of yesterday may come from a compiler with a bug that is mended today.
fn own_suite() -> Result<PathBuf> {
    let suite = places::results("conformance")?.join("suite");
    if !suite.join("complete").exists() {
        copy_folder(&reference::test_suite()?.join("test"), &suite.join("test"))?;
        std::fs::write(suite.join("complete"), "")?;
    }
    remove_caches(&suite)?;
    Ok(suite)
}

/// The binary in a prefix of its own whose `site-packages` has the suite: processes that tests start in isolated mode
/// do not look into `PYTHONPATH`, and expect to find `test` as in any installation.
fn installed(python: &Path, suite: PathBuf) -> Result<(PathBuf, PathBuf)> {
    let prefix = places::results("conformance")?.join("prefix");
    let (programs, packages) = (prefix.join("bin"), prefix.join("lib/python3.14/site-packages"));
    let _ = std::fs::remove_dir_all(&prefix);
    std::fs::create_dir_all(&programs)?;
    std::fs::create_dir_all(&packages)?;
    let program = programs.join("oriel");
    if std::fs::hard_link(python, &program).is_err() {
        std::fs::copy(python, &program)?;
    }
    std::os::unix::fs::symlink(suite.join("test"), packages.join("test"))?;
    Ok((program, suite))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        // Folders may be symbolic links here.
        if entry.path().is_dir() {
            if entry.file_name() != "__pycache__" {
                copy_folder(&entry.path(), &target)?;
            }
        } else if entry.path().exists() {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn remove_caches(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == "__pycache__" {
            std::fs::remove_dir_all(entry.path())?;
        } else if entry.file_type()?.is_dir() {
            remove_caches(&entry.path())?;
        }
    }
    Ok(())
}

/// Runs one module in a folder of its own.
fn one(python: &Path, suite: &Path, module: &str, limit: Duration) -> Result<Report> {
    let results = places::results("conformance")?;
    let folder = results.join(format!("{module}.folder"));
    let _ = std::fs::remove_dir_all(&folder);
    let temporary = folder.join("tmp");
    std::fs::create_dir_all(&temporary)?;
    let mut command = Command::new(python);
    command.args(["-c", DRIVER, module]).current_dir(&folder);
    command.env("PYTHONPATH", suite).env("TMPDIR", &temporary).env("PYTHON_COLORS", "0");
    for name in [
        "PYTHONHOME",
        "PYTHONSTARTUP",
        "PYTHONWARNINGS",
        "PYTHONHASHSEED",
        "PYTHONUNBUFFERED",
        "PYTHONDONTWRITEBYTECODE",
        "FORCE_COLOR",
    ] {
        command.env_remove(name);
    }
    let outcome = process::run(&mut command, limit)?;
    let mut log = outcome.stdout.clone();
    log.extend_from_slice(&outcome.stderr);
    log.extend_from_slice(format!("\n{}\n", outcome.end()).as_bytes());
    std::fs::write(results.join(format!("{module}.log")), log)?;
    let _ = std::fs::remove_dir_all(&folder);
    let counts = counts(&String::from_utf8_lossy(&outcome.stderr));
    Ok(Report { verdict: verdict(&outcome, counts), counts, time: outcome.time, end: outcome.end() })
}

fn verdict(outcome: &Outcome, counts: Counts) -> Verdict {
    match outcome.status {
        None => Verdict::TimeOut,
        Some(_) if outcome.crashed() => Verdict::Crash,
        Some(status) if status.success() && counts.run > 0 => Verdict::Pass,
        Some(_) => Verdict::Fail,
    }
}

/// Reads unittest's last lines: `Ran N tests in ...` and `FAILED (failures=1, skipped=2)`.
fn counts(stderr: &str) -> Counts {
    let mut counts = Counts::default();
    let after = |line: &str, key: &str| -> usize {
        let start = line.find(key).map(|at| at + key.len());
        let digits = start.map_or("", |start| &line[start..]);
        digits.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
    };
    for line in stderr.lines().rev() {
        if line.starts_with("OK") || line.starts_with("FAILED (") {
            counts.failures = after(line, "(failures=").max(after(line, " failures="));
            counts.errors = after(line, "errors=");
            counts.skipped = after(line, "skipped=");
            counts.unexpected = after(line, "unexpected successes=");
        } else if line.starts_with("Ran ") && line.contains(" test") {
            counts.run = after(line, "Ran ");
            break;
        }
    }
    counts
}

/// The core list beside the workspace, or else what is listed as passing.
fn default_modules(listed: &BTreeSet<String>) -> Result<Vec<String>> {
    let Some(path) = places::shared("core-tests.txt") else { return Ok(listed.iter().cloned().collect()) };
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text.split_whitespace().map(str::to_owned).collect())
}

fn read_list(path: &Path) -> Result<BTreeSet<String>> {
    if !path.exists() {
        return Ok(BTreeSet::new());
    }
    let text = std::fs::read_to_string(path)?;
    Ok(text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).map(str::to_owned).collect())
}

fn write_list(path: &Path, modules: &BTreeSet<String>) -> Result<()> {
    let mut text = String::from("# Modules of CPython 3.14's test suite that pass whole. This list may only grow.\n");
    text += "# cargo xtask conformance checks it; with --update it adds to it.\n";
    for module in modules {
        text += module;
        text.push('\n');
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

//! Runs every script of `examples/` and `tests/` under CPython 3.14 and under oriel and compares standard output,
//! standard error and exit status. Addresses and the folders of the two libraries are made equal first. With
//! `--recorded`, oriel itself is compared with its recorded runs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use lexopt::Arg::{Long, Value};
use lexopt::ValueExt as _;

use crate::process::in_parallel;
use crate::{places, process, reference};

/// `cargo xtask differential`
pub fn run(mut parser: lexopt::Parser) -> Result<bool> {
    let (mut scripts, mut jobs, mut limit, mut python, mut build) = (Vec::new(), places::processors(), 60, None, true);
    let mut recorded = false;
    while let Some(argument) = parser.next()? {
        match argument {
            Value(path) => {
                scripts.push(std::fs::canonicalize(&path).with_context(|| path.to_string_lossy().into_owned())?)
            }
            Long("jobs") => jobs = parser.value()?.parse()?,
            Long("timeout") => limit = parser.value()?.parse()?,
            Long("python") => python = Some(PathBuf::from(parser.value()?)),
            Long("no-build") => build = false,
            Long("recorded") => recorded = true,
            other => return Err(other.unexpected().into()),
        }
    }
    if scripts.is_empty() {
        for folder in ["examples", "tests"] {
            scripts.extend(scripts_in(&places::root().join(folder))?);
        }
    }
    let oriel = match python {
        Some(path) => path,
        None => places::oriel(build)?,
    };
    let recordings = places::results("recorded")?;
    // What is expected and what is looked at: how each is called, before the script.
    let (one, other) = if recorded {
        (Called { python: oriel.clone(), recording: None }, Called { python: oriel, recording: Some(recordings) })
    } else {
        let called = |python| Called { python, recording: None };
        (called(reference::cpython()?), called(oriel))
    };
    let limit = Duration::from_secs(limit);
    let libraries = [library_of(&one.python)?, library_of(&other.python)?];
    let (mut same, mut different) = (0, 0);
    let work = |script: &PathBuf| -> Result<Option<String>> {
        let expected = observe(&one, script, limit, &libraries)?;
        let actual = observe(&other, script, limit, &libraries)?;
        Ok(difference(&expected, &actual))
    };
    let mut failure = None;
    in_parallel(&scripts, jobs, work, |script, result| match result {
        Ok(None) => same += 1,
        Ok(Some(text)) => {
            different += 1;
            println!("{}: {text}", script.strip_prefix(places::root()).unwrap_or(script).display());
        }
        Err(error) => failure = Some(error),
    });
    println!("{same} the same, {different} different");
    failure.map_or(Ok(different == 0), Err)
}

/// What can be seen of a run from outside.
struct Observation {
    stdout: String,
    stderr: String,
    end: String,
}

/// How scripts are run.
struct Called {
    python: PathBuf,
    /// The folder of the recordings, where runs are recorded.
    recording: Option<PathBuf>,
}

fn observe(called: &Called, script: &Path, limit: Duration, libraries: &[String]) -> Result<Observation> {
    let mut command = Command::new(&called.python);
    let mut recording = None;
    if let Some(folder) = &called.recording {
        let file = folder.join(script.file_name().unwrap_or_default()).with_extension("jsonl");
        command.args(["trace", "--quiet", "--json"]).arg(&file);
        recording = Some(file);
    }
    command.arg(script).current_dir(script.parent().unwrap_or(Path::new(".")));
    command
        .env_remove("PYTHONUNBUFFERED")
        .env("PYTHONHASHSEED", "0")
        .env("PYTHON_COLORS", "0")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let outcome = process::run(&mut command, limit)?;
    let clean = |bytes: &[u8]| normalized(&String::from_utf8_lossy(bytes), libraries);
    let mut stderr = clean(&outcome.stderr);
    if let Some(file) = recording {
        // The recorder's own last line.
        let kept = stderr.lines().filter(|line| !line.starts_with("oriel: wrote "));
        stderr = kept.map(|line| format!("{line}\n")).collect();
        std::fs::remove_file(file)?;
    }
    Ok(Observation { stdout: clean(&outcome.stdout), stderr, end: outcome.end() })
}

/// Where an interpreter says its library is.
fn library_of(python: &Path) -> Result<String> {
    let mut command = Command::new(python);
    command.args(["-c", "import json; print(json.__file__.removesuffix('/json/__init__.py'))"]);
    let outcome = process::run(&mut command, Duration::from_secs(60))?;
    Ok(String::from_utf8_lossy(&outcome.stdout).trim().to_owned())
}

fn normalized(text: &str, libraries: &[String]) -> String {
    let mut text = text.to_owned();
    for library in libraries.iter().filter(|library| !library.is_empty()) {
        text = text.replace(library.as_str(), "<library>");
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("0x") {
        let digits = rest[at + 2..].bytes().take_while(u8::is_ascii_hexdigit).count();
        result += &rest[..at + 2];
        // Only addresses have so many digits.
        result += if digits >= 8 { "..." } else { &rest[at + 2..at + 2 + digits] };
        rest = &rest[at + 2 + digits..];
    }
    result + rest
}

fn difference(expected: &Observation, actual: &Observation) -> Option<String> {
    if expected.end != actual.end {
        let last = actual.stderr.lines().last().unwrap_or_default();
        return Some(format!("{} instead of {}  {last}", actual.end, expected.end));
    }
    for (name, expected, actual) in
        [("stdout", &expected.stdout, &actual.stdout), ("stderr", &expected.stderr, &actual.stderr)]
    {
        if expected != actual {
            let at = expected.lines().zip(actual.lines()).take_while(|(left, right)| left == right).count();
            let of = |text: &str| text.lines().nth(at).unwrap_or("(end)").to_owned();
            return Some(format!(
                "{name}, line {}:\n    expected {}\n    got      {}",
                at + 1,
                of(expected),
                of(actual)
            ));
        }
    }
    None
}

/// The Python files directly in a folder, sorted.
pub fn scripts_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let listing = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut scripts: Vec<_> = listing.filter_map(|entry| Some(entry.ok()?.path())).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    scripts.sort();
    Ok(scripts)
}

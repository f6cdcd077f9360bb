//! Builds the stress form of oriel (a collection at every safe point that follows an allocation, tiny chunks of frame
//! memory, freed memory overwritten, counts audited at each collection and at exit) and runs the scripts of `tests/` and
//! `examples/` with it, and the heap's own tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use lexopt::Arg::{Long, Value};
use lexopt::ValueExt as _;

use crate::differential::scripts_in;
use crate::process::in_parallel;
use crate::{places, process};

/// `cargo xtask stress`
pub fn run(mut parser: lexopt::Parser) -> Result<bool> {
    let (mut scripts, mut jobs, mut limit) = (Vec::new(), places::processors(), 600);
    while let Some(argument) = parser.next()? {
        match argument {
            Value(path) => {
                scripts.push(std::fs::canonicalize(&path).with_context(|| path.to_string_lossy().into_owned())?)
            }
            Long("jobs") => jobs = parser.value()?.parse()?,
            Long("timeout") => limit = parser.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let root = places::root();
    let target = root.join("target/stress");
    cargo(&target, &["build", "--profile", "fast", "-p", "oriel", "--features", "stress"])?;
    if scripts.is_empty() {
        cargo(&target, &["test", "-p", "oriel-heap", "--features", "stress"])?;
        for folder in ["examples", "tests"] {
            scripts.extend(scripts_in(&root.join(folder))?);
        }
    }
    let oriel = target.join("fast/oriel");
    let known = std::fs::read_to_string(root.join("tests/expected-failures.txt")).unwrap_or_default();
    let expected = |script: &Path| {
        let name = script.strip_prefix(&root).unwrap_or(script).display().to_string();
        known.lines().any(|line| line.split_whitespace().next() == Some(&name))
    };
    let (mut passed, mut failed) = (0, Vec::new());
    let work = |script: &PathBuf| {
        let mut command = Command::new(&oriel);
        command.arg(script).current_dir(script.parent().unwrap_or(Path::new(".")));
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHON_COLORS", "0").env_remove("PYTHONPATH");
        process::run(&mut command, Duration::from_secs(limit))
    };
    in_parallel(&scripts, jobs, work, |script, outcome| {
        let name = script.strip_prefix(&root).unwrap_or(script).display();
        match outcome {
            Ok(outcome) if outcome.success() => passed += 1,
            // What fails without stress tells nothing, as long as it does not crash.
            Ok(outcome) if expected(script) && !outcome.crashed() => println!("fails as expected: {name}"),
            Ok(outcome) => {
                let text = String::from_utf8_lossy(&outcome.stderr).into_owned();
                let last: Vec<_> = text.lines().rev().take(3).collect();
                println!("{name}: {}  {}", outcome.end(), last.into_iter().rev().collect::<Vec<_>>().join(" | "));
                failed.push(name.to_string());
            }
            Err(error) => failed.push(format!("{name}: {error:#}")),
        }
    });
    println!("stress: {passed} of {} scripts pass, {} fail", scripts.len(), failed.len());
    Ok(failed.is_empty())
}

fn cargo(target: &Path, arguments: &[&str]) -> Result<()> {
    let status = Command::new("cargo")
        .args(arguments)
        .current_dir(places::root())
        .env("CARGO_TARGET_DIR", target)
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "cargo {} failed", arguments.join(" "));
    Ok(())
}

//! What looking costs: instructions of the processor with nobody looking against a build that cannot be looked at
//! (counted by callgrind), and the time of recorded runs against the plain one, by level.

use crate::{places, process};
use anyhow::{Context as _, Result, bail, ensure};
use lexopt::Arg::Long;
use lexopt::ValueExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The levels, how they are asked for, and what they may cost.
const LEVELS: [(&str, &[&str], f64); 3] = [
    ("stages", &["--stages-only"], 1.05),
    ("lines and calls", &["--steps", "1-1"], 5.0),
    ("instructions", &["--steps", "1-"], 30.0),
];
/// Instructions that may be spent on nobody's looking, as a share.
const SHARE: f64 = 1.01;

/// `cargo xtask bench --looking`
pub fn run(mut parser: lexopt::Parser) -> Result<bool> {
    let mut names: Vec<String> = ["fib", "dicts", "strings"].map(str::to_owned).to_vec();
    let (mut runs, mut oriel, mut other, mut build) = (3, None, None, true);
    let mut limit = Duration::from_secs(600);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("programs") => names = parser.value()?.string()?.split(',').map(str::to_owned).collect(),
            Long("runs") => runs = parser.value()?.parse()?,
            Long("python") => oriel = Some(PathBuf::from(parser.value()?)),
            Long("unrecorded") => other = Some(PathBuf::from(parser.value()?)),
            Long("timeout") => limit = Duration::from_secs(parser.value()?.parse()?),
            Long("no-build") => build = false,
            other => return Err(other.unexpected().into()),
        }
    }
    let oriel = match oriel {
        Some(path) => path,
        None => places::oriel(build)?,
    };
    let other = match other {
        Some(path) => path,
        None => unrecorded(build)?,
    };
    let mut good = true;
    println!("{:<12}{:>20}{:>20}{:>9}", "program", "instructions", "without recorder", "ratio");
    for name in &names {
        let program = places::root().join("benches/programs").join(format!("{name}.py"));
        ensure!(program.exists(), "there is no {}", program.display());
        let (with, without) = (instructions(&oriel, &program, limit)?, instructions(&other, &program, limit)?);
        let ratio = with as f64 / without as f64;
        good &= ratio <= SHARE;
        println!("{name:<12}{with:>20}{without:>20}{ratio:>9.4}");
    }
    let headings = LEVELS.map(|(level, _, most)| format!("{level} (at most {most})"));
    println!("\n{:<12}{:>10}{:>24}{:>30}{:>28}", "program", "plain", headings[0], headings[1], headings[2]);
    for name in &names {
        let program = places::root().join("benches/programs").join(format!("{name}.py"));
        let mut times = [f64::INFINITY; LEVELS.len() + 1];
        // Interleaved, so that a busy moment of the machine hits all alike.
        for _ in 0..runs {
            times[0] = times[0].min(seconds(Command::new(&oriel).arg(&program), limit)?);
            for (time, (_, options, _)) in times[1..].iter_mut().zip(LEVELS) {
                let mut command = Command::new(&oriel);
                let file = places::results("looking")?.join("recording.jsonl");
                command.args(["trace", "--quiet", "--json"]).arg(file).args(options).arg(&program);
                *time = time.min(seconds(&mut command, limit)?);
            }
        }
        let ratios: Vec<f64> = times[1..].iter().map(|time| time / times[0]).collect();
        good &= ratios.iter().zip(LEVELS).all(|(ratio, (.., most))| *ratio <= most);
        println!("{name:<12}{:>8.3} s{:>24.3}{:>30.2}{:>28.2}", times[0], ratios[0], ratios[1], ratios[2]);
    }
    Ok(good)
}

/// The build that cannot be looked at, in a target folder of its own.
fn unrecorded(build: bool) -> Result<PathBuf> {
    let folder = places::root().join("target/unrecorded");
    if build {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "-p", "oriel", "--features", "unrecorded", "--target-dir"]).arg(&folder);
        ensure!(cargo.current_dir(places::root()).status()?.success(), "the build failed");
    }
    Ok(folder.join("release/oriel"))
}

/// Instructions of the processor that a program takes, by callgrind.
fn instructions(oriel: &Path, program: &Path, limit: Duration) -> Result<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(oriel).arg(program);
    command.env("PYTHONHASHSEED", "0");
    let outcome = process::run(&mut command, limit * 10).context("valgrind, Debian's package of that name")?;
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
    let Some(collected) = said.lines().find_map(|line| line.split("Collected :").nth(1)) else {
        bail!("callgrind counted nothing: {} {said}", outcome.end())
    };
    Ok(collected.trim().parse()?)
}

fn seconds(command: &mut Command, limit: Duration) -> Result<f64> {
    let outcome = process::run(command.env("PYTHONHASHSEED", "0").env_remove("PYTHONUNBUFFERED"), limit)?;
    ensure!(outcome.success(), "{:?}: {} {}", command, outcome.end(), String::from_utf8_lossy(&outcome.stderr));
    Ok(outcome.time.as_secs_f64())
}

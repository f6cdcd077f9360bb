//! Times programs under oriel and the reference interpreters and prints ratios.
//!
//! The runs are interleaved (one of each interpreter, then again), so that a busy moment of the machine hits all alike;
//! the shortest of an interpreter's runs counts. Times are of whole processes, start-up included; where a program
//! measures itself (pyperf does), that time is shown, too. Peak memory is the largest resident set.

mod looking;
mod programs;
mod table;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use lexopt::Arg::Long;
use lexopt::ValueExt as _;

use crate::{places, process, reference};
use programs::Program;

/// One interpreter of the comparison.
pub struct Interpreter {
    /// Its column's heading.
    pub title: &'static str,
    path: PathBuf,
    environment: Vec<(&'static str, &'static str)>,
}

/// The best of an interpreter's runs of one program.
#[derive(Clone, Debug)]
pub enum Measured {
    /// It ran to the end.
    Times {
        /// The whole process, in seconds.
        whole: f64,
        /// What the program measured itself, in seconds.
        inside: Option<f64>,
        /// The largest resident set, in bytes.
        peak: u64,
    },
    /// It did not, and how it ended.
    Failed(String),
}

/// `cargo xtask bench`
pub fn run(mut parser: lexopt::Parser) -> Result<bool> {
    let (mut names, mut set, mut runs, mut python, mut build) = (Vec::new(), "small".to_owned(), 5, None, true);
    let mut limit = Duration::from_secs(120);
    let (mut against, mut warmups) = (None, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("programs") => names.extend(parser.value()?.string()?.split(',').map(str::to_owned)),
            Long("frontend") => return crate::frontend::bench::run(parser),
            Long("looking") => return looking::run(parser),
            Long("set") => set = parser.value()?.string()?,
            Long("runs") => runs = parser.value()?.parse()?,
            Long("quick") => runs = 1,
            Long("against") => against = Some(parser.value()?.string()?),
            Long("warmups") => warmups = Some(parser.value()?.parse()?),
            Long("timeout") => limit = Duration::from_secs(parser.value()?.parse()?),
            Long("python") => python = Some(PathBuf::from(parser.value()?)),
            Long("no-build") => build = false,
            other => return Err(other.unexpected().into()),
        }
    }
    let oriel = match python {
        Some(path) => path,
        None => places::oriel(build)?,
    };
    let mut programs = Vec::new();
    if matches!(set.as_str(), "small" | "all") || !names.is_empty() {
        programs.extend(programs::small()?);
    }
    let wants_more = names.iter().any(|name| !programs.iter().any(|program| program.name == *name));
    if matches!(set.as_str(), "pyperformance" | "all") || wants_more {
        programs.extend(programs::pyperformance(warmups)?);
    }
    if !names.is_empty() {
        programs.retain(|program| names.contains(&program.name));
    }
    ensure!(!programs.is_empty(), "no such program; they are the files of benches/programs and pyperformance's");
    let interpreters = interpreters(oriel, against.as_deref())?;
    let mut rows = Vec::new();
    for program in &programs {
        let results = measure(program, &interpreters, runs, limit)?;
        println!("{}", table::progress(program, &results));
        rows.push((program, results));
    }
    println!("\n{}", table::table(&interpreters, &rows));
    Ok(rows.iter().all(|(_, results)| matches!(results[1], Measured::Times { .. })))
}

/// CPython 3.14, which everything is compared with, oriel, and whatever else is installed and asked for.
fn interpreters(oriel: PathBuf, against: Option<&str>) -> Result<Vec<Interpreter>> {
    let mut list = vec![
        Interpreter { title: "CPython 3.14", path: reference::cpython()?, environment: vec![] },
        Interpreter { title: "oriel", path: oriel, environment: vec![] },
    ];
    let others = [("3.15 JIT", "python3.15", vec![("PYTHON_JIT", "1")]), ("PyPy", "pypy3", vec![])];
    for (title, name, environment) in others {
        if against.is_some_and(|against| !against.split(',').any(|wanted| name.contains(wanted))) {
            continue;
        }
        if let Some(path) = reference::named(name) {
            list.push(Interpreter { title, path, environment });
        }
    }
    Ok(list)
}

fn measure(program: &Program, interpreters: &[Interpreter], runs: usize, limit: Duration) -> Result<Vec<Measured>> {
    let mut best: Vec<Option<Measured>> = vec![None; interpreters.len()];
    let mut expected: Option<Vec<u8>> = None;
    for _ in 0..runs.max(1) * program.repeats {
        for (interpreter, best) in interpreters.iter().zip(&mut best) {
            if matches!(best, Some(Measured::Failed(_))) {
                continue;
            }
            let mut command = Command::new(&interpreter.path);
            command.args(&program.arguments).current_dir(&program.folder);
            command.env_remove("PYTHONUNBUFFERED").env("PYTHONHASHSEED", "0").envs(program.environment.iter().cloned());
            command.envs(interpreter.environment.iter().copied());
            // Each compiles for itself, once: CPython and we would otherwise share files.
            let compiled = places::results("pyperformance")?.join("compiled").join(interpreter.title.replace(' ', "-"));
            command.env("PYTHONPYCACHEPREFIX", compiled).env_remove("PYTHONDONTWRITEBYTECODE");
            let outcome = process::run(&mut command, limit)?;
            if !outcome.success() {
                let stderr = String::from_utf8_lossy(&outcome.stderr).into_owned();
                let last = stderr.lines().last().unwrap_or_default();
                *best = Some(Measured::Failed(format!("{} {last}", outcome.end())));
                continue;
            }
            if program.is_checked {
                let right = expected.get_or_insert_with(|| outcome.stdout.clone());
                if *right != outcome.stdout {
                    *best = Some(Measured::Failed("its output is not CPython's".into()));
                    continue;
                }
            }
            let inside = programs::inside_seconds(&outcome.stdout).filter(|_| !program.is_checked);
            let new = Measured::Times { whole: outcome.time.as_secs_f64(), inside, peak: outcome.peak };
            *best = Some(better(best.take(), new));
        }
    }
    Ok(best.into_iter().map(|result| result.unwrap_or(Measured::Failed("not run".into()))).collect())
}

fn better(old: Option<Measured>, new: Measured) -> Measured {
    match (old, new) {
        (
            Some(Measured::Times { whole, inside, peak }),
            Measured::Times { whole: new_whole, inside: new_inside, peak: new_peak },
        ) => Measured::Times {
            whole: whole.min(new_whole),
            inside: inside.zip(new_inside).map(|(old, new)| old.min(new)),
            peak: peak.min(new_peak),
        },
        (_, new) => new,
    }
}

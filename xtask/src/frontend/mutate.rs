//! `cargo xtask frontend-mutate`: pieces of the library, broken at random, and what both interpreters say of them.
//! The same seed breaks the same things.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use lexopt::Arg::{Long, Value};
use lexopt::ValueExt as _;

use super::{Pair, Which, library_and_tests, sources_below};
use crate::{places, process};

/// The least share of errors that must be the same in message and position.
const REQUIRED: f64 = 0.97;

/// `cargo xtask frontend-mutate`
pub fn run(mut parser: lexopt::Parser) -> Result<bool> {
    let (mut folders, mut count, mut seed, mut shown) = (Vec::new(), 3000_usize, 1_u64, 20);
    let (mut python, mut build) = (None, true);
    while let Some(argument) = parser.next()? {
        match argument {
            Value(path) => folders.push(PathBuf::from(path)),
            Long("count") => count = parser.value()?.parse()?,
            Long("seed") => seed = parser.value()?.parse()?,
            Long("show") => shown = parser.value()?.parse()?,
            Long("python") => python = Some(PathBuf::from(parser.value()?)),
            Long("no-build") => build = false,
            other => return Err(other.unexpected().into()),
        }
    }
    if folders.is_empty() {
        folders = library_and_tests()?;
    }
    let pair = Pair::new(python, build)?;
    let results = places::results("frontend")?;
    let (list, out) = (results.join("mutate.list"), results.join(format!("mutated-{seed}.txt")));
    let files: String = sources_below(&folders)?.iter().map(|file| format!("{}\n", file.display())).collect();
    std::fs::write(&list, files)?;
    let limit = Duration::from_secs(1200);
    let (list, out) = (list.to_string_lossy().into_owned(), out.to_string_lossy().into_owned());
    pair.output(Which::Cpython, &["mutate", &seed.to_string(), &count.to_string(), &list, &out], limit)?;
    let mut verdicts: [Vec<String>; 2] = Default::default();
    let mut failure = None;
    process::in_parallel(
        &[Which::Cpython, Which::Oriel],
        places::processors(),
        |which| pair.output(*which, &["verdict", &out], limit),
        |which, result| match result {
            Ok(text) => verdicts[*which as usize] = text.lines().map(str::to_owned).collect(),
            Err(error) => failure = Some(error),
        },
    );
    if let Some(error) = failure {
        return Err(error);
    }
    let [expected, actual] = &verdicts;
    ensure!(expected.len() == count && actual.len() == count, "{} and {} answers", expected.len(), actual.len());
    let accepted = |line: &str| line.ends_with("\taccepted");
    let (mut errors, mut same, mut verdict) = (0, 0, 0);
    let mut classes: BTreeMap<String, usize> = BTreeMap::new();
    for (expected, actual) in expected.iter().zip(actual) {
        let agree = accepted(expected) == accepted(actual);
        verdict += usize::from(agree);
        errors += usize::from(!accepted(expected));
        same += usize::from(!accepted(expected) && expected == actual);
        if expected != actual {
            *classes.entry(message(expected)).or_default() += 1;
            let differing: usize = classes.values().sum();
            if differing <= shown || !agree {
                println!("{}\n    cpython {expected}\n    oriel   {actual}", if agree { "" } else { "VERDICT" });
            }
        }
    }
    for (class, count) in &classes {
        println!("{count:>5}  {class}");
    }
    let share = same as f64 / f64::from(errors.max(1) as u32);
    println!("seed {seed}: {verdict} of {count} verdicts the same ({} accepted by CPython)", count - errors);
    println!("{same} of {errors} errors the same in message and position ({:.2} %)", 100.0 * share);
    Ok(verdict == count && share >= REQUIRED)
}

/// The message of an error's line, without what differs from source to source.
fn message(line: &str) -> String {
    let text = line.split('\t').nth(1).unwrap_or_default();
    text.chars().filter(|character| !character.is_ascii_digit()).take(60).collect()
}

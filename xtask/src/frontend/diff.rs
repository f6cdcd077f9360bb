//! `cargo xtask frontend-diff`: tokens, trees, symbol tables, code objects, `.pyc` bytes, warnings and disassembly of
//! every source below some folders, from both interpreters.
//!
//! The driver prints a digest of each; where two differ, the texts themselves are fetched and their first difference is
//! shown.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use lexopt::Arg::{Long, Value};
use lexopt::ValueExt as _;

use super::{Pair, Which, library_and_tests, sources_below};
use crate::{places, process};

/// What is compared, in this order.
const KINDS: &str = "tokens,tree,symbols,code,pyc,warnings";
/// How many files a process is given.
const BATCH: usize = 24;

/// Digests of one file: by kind, the parts in order.
type Digests = HashMap<String, Vec<(String, String)>>;

#[derive(Default)]
struct Tally {
    files: usize,
    equal: usize,
    errors: usize,
    parts: usize,
    equal_parts: usize,
    different: Vec<PathBuf>,
}

/// `cargo xtask frontend-diff`
pub fn run(mut parser: lexopt::Parser) -> Result<bool> {
    let (mut folders, mut jobs, mut shown, mut every) = (Vec::new(), places::processors(), 5, 1);
    let (mut kinds, mut python, mut build, mut limit) = (KINDS.to_owned(), None, true, 600);
    while let Some(argument) = parser.next()? {
        match argument {
            Value(path) => folders.push(PathBuf::from(path)),
            Long("kinds") => kinds = parser.value()?.string()?,
            Long("jobs") => jobs = parser.value()?.parse()?,
            Long("show") => shown = parser.value()?.parse()?,
            Long("every") => every = parser.value()?.parse::<usize>()?.max(1),
            Long("timeout") => limit = parser.value()?.parse()?,
            Long("python") => python = Some(PathBuf::from(parser.value()?)),
            Long("no-build") => build = false,
            other => return Err(other.unexpected().into()),
        }
    }
    if folders.is_empty() {
        folders = library_and_tests()?;
    }
    let pair = Pair::new(python, build)?;
    let files: Vec<PathBuf> = sources_below(&folders)?.into_iter().step_by(every).collect();
    println!("{} files", files.len());
    let limit = Duration::from_secs(limit);
    let work: Vec<(usize, Which)> =
        (0..files.len().div_ceil(BATCH)).flat_map(|batch| [(batch, Which::Oriel), (batch, Which::Cpython)]).collect();
    let mut found: [HashMap<String, Digests>; 2] = Default::default();
    let mut troubles = Vec::new();
    process::in_parallel(
        &work,
        jobs,
        |(batch, which)| {
            digests(&pair, *which, &files[batch * BATCH..files.len().min((batch + 1) * BATCH)], &kinds, limit)
        },
        |(_, which), (digests, trouble)| {
            found[*which as usize].extend(digests);
            troubles.extend(trouble);
        },
    );
    let mut tallies: BTreeMap<usize, (&str, Tally)> =
        kinds.split(',').enumerate().map(|(at, kind)| (at, (kind, Tally::default()))).collect();
    for file in &files {
        for (kind, tally) in tallies.values_mut() {
            compare(&found, file, kind, tally);
        }
    }
    for trouble in &troubles {
        println!("{trouble}");
    }
    for (kind, tally) in tallies.values() {
        for file in tally.different.iter().take(shown) {
            println!("{kind}: {}", file.display());
            println!("{}", first_difference(&pair, kind, &file.to_string_lossy(), limit)?);
        }
        if tally.different.len() > shown {
            println!("{kind}: and {} more, see frontend/{kind}.different", tally.different.len() - shown);
        }
        let list: String = tally.different.iter().map(|file| format!("{}\n", file.display())).collect();
        std::fs::write(places::results("frontend")?.join(format!("{kind}.different")), list)?;
    }
    for (kind, tally) in tallies.values() {
        let share = 100.0 * tally.equal as f64 / tally.files.max(1) as f64;
        print!("{kind:<9} {} of {} files equal ({share:.2} %)", tally.equal, tally.files);
        if tally.parts > tally.files {
            let share = 100.0 * tally.equal_parts as f64 / tally.parts.max(1) as f64;
            print!("; {} of {} parts ({share:.3} %)", tally.equal_parts, tally.parts);
        }
        println!("; {} of them errors in CPython", tally.errors);
    }
    Ok(troubles.is_empty() && tallies.values().all(|(_, tally)| tally.different.is_empty()))
}

fn digests(
    pair: &Pair,
    which: Which,
    files: &[PathBuf],
    kinds: &str,
    limit: Duration,
) -> (HashMap<String, Digests>, Option<String>) {
    let run = || -> Result<process::Outcome> {
        let name = format!("{:?}-{:x}.list", which, std::ptr::from_ref(&files[0]).addr());
        let list = places::results("frontend")?.join(name);
        let text: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
        std::fs::write(&list, text)?;
        let outcome = pair.run(which, &["digest", kinds, &list.to_string_lossy()], limit);
        std::fs::remove_file(&list)?;
        outcome
    };
    let outcome = match run() {
        Ok(outcome) => outcome,
        Err(error) => return (HashMap::new(), Some(format!("{which:?}: {error:#}"))),
    };
    let mut digests: HashMap<String, Digests> = HashMap::new();
    for line in String::from_utf8_lossy(&outcome.stdout).lines() {
        if let [path, kind, part, digest] = line.split('\t').collect::<Vec<_>>()[..] {
            let file = digests.entry(path.to_owned()).or_default();
            file.entry(kind.to_owned()).or_default().push((part.to_owned(), digest.to_owned()));
        }
    }
    let trouble = (!outcome.success()).then(|| {
        let stderr = String::from_utf8_lossy(&outcome.stderr).into_owned();
        let last: Vec<&str> = stderr.trim().lines().rev().take(4).collect();
        let missing = files.iter().find(|file| !digests.contains_key(&*file.to_string_lossy()));
        format!(
            "{which:?}: {} near {missing:?}: {}",
            outcome.end(),
            last.into_iter().rev().collect::<Vec<_>>().join("\n  ")
        )
    });
    (digests, trouble)
}

fn compare(found: &[HashMap<String, Digests>; 2], file: &Path, kind: &str, tally: &mut Tally) {
    let of = |which: Which| {
        found[which as usize].get(&*file.to_string_lossy()).and_then(|kinds| kinds.get(kind)).map_or(&[][..], |p| p)
    };
    let (expected, actual) = (of(Which::Cpython), of(Which::Oriel));
    tally.files += 1;
    tally.parts += expected.len();
    tally.equal_parts += expected.iter().zip(actual).filter(|(left, right)| left == right).count();
    tally.errors += usize::from(expected.iter().any(|(_, digest)| digest.starts_with("error")));
    if !expected.is_empty() && expected == actual {
        tally.equal += 1;
    } else {
        tally.different.push(file.to_path_buf());
    }
}

fn first_difference(pair: &Pair, kind: &str, file: &str, limit: Duration) -> Result<String> {
    let text = |which| -> Result<String> {
        let outcome = pair.run(which, &["show", kind, file], limit)?;
        let shown = String::from_utf8_lossy(&outcome.stdout).into_owned();
        Ok(if outcome.success() { shown } else { format!("{} {}", shown, outcome.end()) })
    };
    let (expected, actual) = (text(Which::Cpython)?, text(Which::Oriel)?);
    let (expected, actual): (Vec<_>, Vec<_>) = (expected.lines().collect(), actual.lines().collect());
    let at = expected.iter().zip(&actual).take_while(|(left, right)| left == right).count();
    let part = expected[..at.min(expected.len())].iter().rev().find(|line| line.starts_with("== ")).unwrap_or(&"");
    let around = |lines: &[&str], other: &[&str]| -> String {
        let Some(line) = lines.get(at) else { return "(end)".to_owned() };
        let other = other.get(at).copied().unwrap_or_default();
        let same = line.chars().zip(other.chars()).take_while(|(left, right)| left == right).count();
        line.chars().skip(same.saturating_sub(120)).take(300).collect()
    };
    Ok(format!(
        "    line {} {part}\n    cpython {}\n    oriel   {}",
        at + 1,
        around(&expected, &actual),
        around(&actual, &expected)
    ))
}

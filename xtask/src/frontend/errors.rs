//! `cargo xtask frontend-errors`: every source that CPython's tests of the front end compile, compiled by both
//! interpreters in every mode: exception, message, file, line, columns and printed caret, and the warnings.
//!
//! The sources are gathered while CPython runs the test modules.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use lexopt::Arg::{Long, Value};
use lexopt::ValueExt as _;

use super::{Pair, Which};
use crate::{places, process, reference};

/// The test modules that provoke errors.
const MODULES: &[&str] = &[
    "test_syntax",
    "test_exceptions",
    "test_eof",
    "test_fstring",
    "test_tstring",
    "test_string_literals",
    "test_type_params",
    "test_patma",
    "test_named_expressions",
    "test_unparse",
    "test_positional_only_arg",
    "test_unpack_ex",
    "test_flufl",
    "test_future_stmt.test_future",
    "test_source_encoding",
];

#[derive(Default)]
struct Tally {
    sources: usize,
    errors: usize,
    same: usize,
    answers: usize,
    same_answers: usize,
}

/// `cargo xtask frontend-errors`
pub fn run(mut parser: lexopt::Parser) -> Result<bool> {
    let (mut modules, mut python, mut build, mut shown) = (Vec::new(), None, true, 20);
    while let Some(argument) = parser.next()? {
        match argument {
            Value(module) => modules.push(module.string()?),
            Long("show") => shown = parser.value()?.parse()?,
            Long("python") => python = Some(parser.value()?.into()),
            Long("no-build") => build = false,
            other => return Err(other.unexpected().into()),
        }
    }
    if modules.is_empty() {
        modules = MODULES.iter().map(|&module| module.to_owned()).collect();
    }
    let pair = Pair::new(python, build)?;
    let limit = Duration::from_secs(1200);
    let file = places::results("frontend")?.join("recorded.txt");
    let path = file.to_string_lossy().into_owned();
    let mut command = pair.command(Which::Cpython);
    command.args(["record", &path]).args(&modules).env("PYTHONPATH", reference::test_suite()?);
    let outcome = process::run(&mut command, limit)?;
    ensure!(outcome.success(), "gathering: {}", String::from_utf8_lossy(&outcome.stderr));
    let recorded = std::fs::read_to_string(&file)?;
    let sources: Vec<(&str, &str)> = recorded.lines().filter_map(|line| line.split_once('\t')).collect();
    let (expected, actual) = (
        pair.output(Which::Cpython, &["errors", &path], limit)?,
        pair.output(Which::Oriel, &["errors", &path], limit)?,
    );
    let (expected, actual): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    ensure!(expected.len() == actual.len() && !expected.is_empty(), "{} and {} answers", expected.len(), actual.len());
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (module, _) in &sources {
        tallies.entry(module).or_default().sources += 1;
    }
    let mut differing = 0;
    for (expected, actual) in expected.iter().zip(&actual) {
        let number: usize = expected.split('\t').next().unwrap_or_default().parse()?;
        let Some((module, source)) = sources.get(number) else { continue };
        let tally = tallies.entry(module).or_default();
        let is_error = expected.contains("\t'error ") || expected.contains("\t\"error ");
        tally.answers += 1;
        tally.errors += usize::from(is_error);
        if expected == actual {
            tally.same_answers += 1;
            tally.same += usize::from(is_error);
            continue;
        }
        differing += 1;
        if differing <= shown {
            println!("{module}: {source}\n    cpython {expected}\n    oriel   {actual}");
        }
    }
    for (module, tally) in &tallies {
        println!(
            "{module:<28} {:>5} sources in 3 modes: {} of {} answers the same; {} of {} errors",
            tally.sources, tally.same_answers, tally.answers, tally.same, tally.errors
        );
    }
    let sum = |part: fn(&Tally) -> usize| tallies.values().map(part).sum::<usize>();
    println!(
        "{} sources: {} of {} answers the same; {} of {} errors the same in message, place and printed caret",
        sources.len(),
        sum(|tally| tally.same_answers),
        sum(|tally| tally.answers),
        sum(|tally| tally.same),
        sum(|tally| tally.errors)
    );
    Ok(differing == 0)
}

//! `cargo xtask bench --frontend`: the front end's time and memory against CPython's, in interleaved runs of which the
//! shortest counts; and that the cost of large generated sources is linear.
//!
//! - *code*: `compile(source, path, "exec")` of every file, one after the other; reading is not counted.
//! - *parse*: the same of sources that begin with `from __future__ import nothing`: both tokenize and parse the whole, then
//!   refuse the unknown feature before they do anything else. Tokenizing and parsing alone, without objects.
//! - *tree*: the same with `PyCF_ONLY_AST`: both make Python objects of the tree.
//! - *symbols*: `_symtable.symtable`: tokens, parse and symbol table, objects only for the table.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use lexopt::Arg::Long;
use lexopt::ValueExt as _;

use super::{Pair, Which, library_and_tests, sources_below};
use crate::{places, process};

/// Generated sources, with how many units: the last size is what is asked for, the others show the growth.
const GENERATED: &[(&str, [usize; 2])] = &[
    ("source", [150_000, 600_000]),
    ("list", [250_000, 1_000_000]),
    ("names", [250_000, 1_000_000]),
    ("functions", [25_000, 100_000]),
    ("statements", [25_000, 100_000]),
    ("locals", [10_000, 40_000]),
    ("ifs", [10_000, 40_000]),
    ("loops", [10_000, 40_000]),
    ("tries", [10_000, 40_000]),
    ("withs", [5_000, 20_000]),
    ("elifs", [500, 2_000]),
    ("cases", [10_000, 40_000]),
    ("dict", [100_000, 400_000]),
    ("strings", [100_000, 400_000]),
    ("fstring", [25_000, 100_000]),
    ("classes", [10_000, 40_000]),
    ("comprehensions", [10_000, 40_000]),
    ("globals", [10_000, 40_000]),
    ("imports", [25_000, 100_000]),
    ("arguments", [10_000, 40_000]),
    ("parameters", [10_000, 40_000]),
    ("comment", [5_000_000, 20_000_000]),
    ("line", [5_000_000, 20_000_000]),
    ("number", [100_000, 400_000]),
    ("sum", [1_000, 1_000_000]),
    ("parentheses", [100, 1_000_000]),
    ("attributes", [1_000, 1_000_000]),
    ("calls", [1_000, 1_000_000]),
    ("nots", [1_000, 1_000_000]),
    ("targets", [25_000, 100_000]),
];

/// A run's time in seconds, its outcome in words, and the largest resident set.
struct Timed {
    seconds: f64,
    outcome: String,
    peak: u64,
}

/// The rest of `cargo xtask bench --frontend`.
pub fn run(mut parser: lexopt::Parser) -> Result<bool> {
    let (mut runs, mut python, mut build, mut only) = (3, None, true, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("runs") => runs = parser.value()?.parse()?,
            Long("quick") => runs = 1,
            Long("only") => only = Some(parser.value()?.string()?),
            Long("python") => python = Some(PathBuf::from(parser.value()?)),
            Long("no-build") => build = false,
            other => return Err(other.unexpected().into()),
        }
    }
    let wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    let pair = Pair::new(python, build)?;
    let mut good = true;
    if wanted("library") {
        good &= library(&pair, runs)?;
    }
    if wanted("generated") {
        good &= generated(&pair)?;
    }
    Ok(good)
}

fn library(pair: &Pair, runs: usize) -> Result<bool> {
    let list = places::results("frontend")?.join("bench.list");
    let library = library_and_tests()?.swap_remove(0);
    let files = sources_below(&[library])?;
    std::fs::write(&list, files.iter().map(|file| format!("{}\n", file.display())).collect::<String>())?;
    let list = list.to_string_lossy().into_owned();
    println!("{} files, the best of {runs} runs", files.len());
    let mut good = true;
    for (what, limit) in [("code", 0.5), ("parse", 0.4), ("tree", f64::INFINITY), ("symbols", f64::INFINITY)] {
        let mut best: [Option<Timed>; 2] = [None, None];
        for _ in 0..runs.max(1) {
            for which in [Which::Cpython, Which::Oriel] {
                let timed = time(pair, which, &["library", what, &list])?;
                let kept = &mut best[which as usize];
                if kept.as_ref().is_none_or(|kept| timed.seconds < kept.seconds) {
                    *kept = Some(timed);
                }
            }
        }
        let [Some(cpython), Some(oriel)] = best else { continue };
        let (ratio, memory) = (oriel.seconds / cpython.seconds, oriel.peak as f64 / cpython.peak as f64);
        println!(
            "{what:<8} oriel {:7.3} s  cpython {:7.3} s  ratio {ratio:.3}   memory {:5} MB  {:5} MB  ratio {memory:.2}",
            oriel.seconds,
            cpython.seconds,
            oriel.peak >> 20,
            cpython.peak >> 20
        );
        good &= ratio <= limit && memory <= 1.0;
    }
    Ok(good)
}

fn generated(pair: &Pair) -> Result<bool> {
    let mut good = true;
    println!("generated        units      oriel    cpython   ratio   growth for 4 times the size   memory");
    for (name, sizes) in GENERATED {
        let mut earlier: Option<[f64; 2]> = None;
        for size in sizes {
            let run = |which| time(pair, which, &["generated", name, &size.to_string()]);
            let (oriel, cpython) = (run(Which::Oriel)?, run(Which::Cpython)?);
            let growth = match earlier {
                Some([before, other]) if sizes[1] == sizes[0] * 4 => {
                    format!("{:.1} (cpython {:.1})", oriel.seconds / before, cpython.seconds / other)
                }
                _ => String::new(),
            };
            earlier = Some([oriel.seconds, cpython.seconds]);
            let same = oriel.outcome == cpython.outcome;
            let outcome = if same { oriel.outcome.clone() } else { format!("{} / {}", oriel.outcome, cpython.outcome) };
            println!(
                "{name:<14} {size:>8}  {:8.3} s {:8.3} s {:7.2}   {growth:<26} {:>5} / {} MB  {outcome}",
                oriel.seconds,
                cpython.seconds,
                oriel.seconds / cpython.seconds,
                oriel.peak >> 20,
                cpython.peak >> 20
            );
            good &= !oriel.outcome.starts_with("died");
        }
    }
    Ok(good)
}

fn time(pair: &Pair, which: Which, arguments: &[&str]) -> Result<Timed> {
    let script = places::results("frontend")?.join("bench_driver.py");
    std::fs::write(&script, include_str!("bench_driver.py"))?;
    let python = if which == Which::Cpython { &pair.cpython } else { &pair.oriel };
    let mut command = Command::new(python);
    command.arg(&script).args(arguments).env("PYTHONHASHSEED", "0").env("PYTHONDONTWRITEBYTECODE", "1");
    let outcome = process::run(&mut command, Duration::from_secs(900))?;
    let text = String::from_utf8_lossy(&outcome.stdout).into_owned();
    let mut words = text.split_whitespace();
    let seconds = words.next().and_then(|word| word.parse().ok());
    let said =
        if outcome.success() { words.next().unwrap_or("ok").to_owned() } else { format!("died: {}", outcome.end()) };
    Ok(Timed { seconds: seconds.unwrap_or(f64::NAN), outcome: said, peak: outcome.peak })
}

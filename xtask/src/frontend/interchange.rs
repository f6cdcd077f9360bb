//! `cargo xtask pyc-interchange`: CPython runs programs from oriel's `.pyc` files alone, and oriel from CPython's; and
//! both make, find and check cached files alike.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use lexopt::Arg::{Long, Value};

use super::{Pair, sources_below};
use crate::{places, process};

/// `cargo xtask pyc-interchange`
pub fn run(mut parser: lexopt::Parser) -> Result<bool> {
    let (mut scripts, mut python, mut build) = (Vec::new(), None, true);
    while let Some(argument) = parser.next()? {
        match argument {
            Value(path) => scripts.push(std::fs::canonicalize(PathBuf::from(path))?),
            Long("python") => python = Some(PathBuf::from(parser.value()?)),
            Long("no-build") => build = false,
            other => return Err(other.unexpected().into()),
        }
    }
    if scripts.is_empty() {
        scripts = sources_below(&[places::root().join("tests")])?;
    }
    let pair = Pair::new(python, build)?;
    let script = places::results("frontend")?.join("interchange.py");
    std::fs::write(&script, include_str!("interchange.py"))?;
    let mut command = Command::new(&pair.cpython);
    command.arg(&script).arg(std::fs::canonicalize(&pair.oriel)?).arg(&pair.cpython).args(&scripts);
    let outcome = process::run(&mut command, Duration::from_secs(3600))?;
    print!("{}{}", String::from_utf8_lossy(&outcome.stdout), String::from_utf8_lossy(&outcome.stderr));
    Ok(outcome.success())
}

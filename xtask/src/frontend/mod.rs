//! The front end against CPython's: what both make of the same sources, through one driver script that both run. What
//! is compared is the built command as it is, not the crates.

pub mod bench;
pub mod diff;
pub mod errors;
pub mod interchange;
pub mod mutate;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::{places, process, reference};

/// The two interpreters, and the script that they run.
pub struct Pair {
    cpython: PathBuf,
    oriel: PathBuf,
    driver: PathBuf,
}

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// The reference.
    Cpython,
    /// What is under test.
    Oriel,
}

impl Pair {
    /// CPython 3.14, and oriel or whatever `python` names.
    pub fn new(python: Option<PathBuf>, build: bool) -> Result<Pair> {
        let oriel = match python {
            Some(path) => path,
            None => places::oriel(build)?,
        };
        let driver = places::results("frontend")?.join("driver.py");
        std::fs::write(&driver, include_str!("driver.py"))?;
        Ok(Pair { cpython: reference::cpython()?, oriel, driver })
    }

    /// The command that runs the driver.
    fn command(&self, which: Which) -> Command {
        let python = if which == Which::Cpython { &self.cpython } else { &self.oriel };
        let mut command = Command::new(python);
        command.arg(&self.driver);
        command.env("PYTHONHASHSEED", "0").env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHON_COLORS", "0");
        command.env("PYTHONIOENCODING", "utf-8");
        command
    }

    /// Runs the driver.
    pub fn run(&self, which: Which, arguments: &[&str], limit: Duration) -> Result<process::Outcome> {
        process::run(self.command(which).args(arguments), limit)
    }

    /// Runs the driver, which must succeed, and gives what it printed.
    pub fn output(&self, which: Which, arguments: &[&str], limit: Duration) -> Result<String> {
        let outcome = self.run(which, arguments, limit)?;
        if !outcome.success() {
            bail!("{which:?} {}: {}", outcome.end(), String::from_utf8_lossy(&outcome.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&outcome.stdout).into_owned())
    }
}

/// The library and the test suite of the reference.
pub fn library_and_tests() -> Result<Vec<PathBuf>> {
    let cpython = reference::cpython()?;
    let mut command = Command::new(cpython);
    command.args(["-c", "import os; print(os.path.dirname(os.__file__))"]);
    let outcome = process::run(&mut command, Duration::from_secs(60))?;
    let library = PathBuf::from(String::from_utf8_lossy(&outcome.stdout).trim());
    Ok(vec![library, reference::test_suite()?])
}

/// All `.py` files below the folders, sorted.
pub fn sources_below(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut todo = folders.to_vec();
    while let Some(path) = todo.pop() {
        let kind = std::fs::symlink_metadata(&path).with_context(|| path.display().to_string())?;
        if folders.contains(&path) && path.is_file() || kind.is_file() && is_source(&path) {
            files.push(path);
        } else if kind.is_dir() || folders.contains(&path) {
            for entry in std::fs::read_dir(&path)? {
                todo.push(entry?.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "py")
}

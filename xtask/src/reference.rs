//! The reference interpreters: CPython 3.14 with its test suite, CPython 3.15, PyPy. They are found in
//! `$ORIEL_REFERENCE` or in `~/.cache/reference-pythons`, and installed there by `shared/reference/install`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::places;

fn folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("ORIEL_REFERENCE") {
        return Ok(folder.into());
    }
    let home = std::env::var_os("HOME").context("HOME is not set; set ORIEL_REFERENCE to the interpreters' folder")?;
    Ok(PathBuf::from(home).join(".cache/reference-pythons"))
}

/// The folder for programs from elsewhere that are timed: `$ORIEL_PROGRAMS`, or one beside the interpreters' folder.
pub fn programs_folder() -> Result<PathBuf> {
    let folder = match std::env::var_os("ORIEL_PROGRAMS") {
        Some(folder) => folder.into(),
        None => folder()?.with_file_name("reference-programs"),
    };
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// The folder of the interpreters, which are installed if CPython 3.14 is not there.
pub fn ensure_installed() -> Result<PathBuf> {
    let folder = folder()?;
    if !folder.join("bin/python3.14").exists() {
        let Some(installer) = places::shared("reference/install") else {
            bail!("no python3.14 in {}/bin, and no shared/reference/install to install it with", folder.display());
        };
        eprintln!("installing reference interpreters into {}", folder.display());
        let status = Command::new(installer).arg(&folder).status()?;
        ensure!(status.success(), "the installer failed");
    }
    Ok(folder)
}

/// CPython 3.14.
pub fn cpython() -> Result<PathBuf> {
    Ok(ensure_installed()?.join("bin/python3.14"))
}

/// An interpreter by its executable's name, if it is there.
pub fn named(name: &str) -> Option<PathBuf> {
    Some(folder().ok()?.join("bin").join(name)).filter(|path| path.exists())
}

/// The folder that holds CPython's test suite as the package `test`.
pub fn test_suite() -> Result<PathBuf> {
    let suite = ensure_installed()?.join("testsuite");
    ensure!(suite.join("test").exists(), "CPython's test suite is not in {}", suite.display());
    Ok(suite)
}

/// `cargo xtask reference`
pub fn run(_: lexopt::Parser) -> Result<bool> {
    let folder = ensure_installed()?;
    for name in ["python3.14", "python3.15", "pypy3"] {
        match named(name) {
            Some(path) => println!("{}", path.display()),
            None => println!("{name} is not in {}/bin", folder.display()),
        }
    }
    println!("{}", test_suite()?.display());
    Ok(true)
}

//! Where things are: the workspace, the built binary, the folder for results.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// The workspace's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// A folder for what a command leaves behind, below Cargo's target folder.
pub fn results(name: &str) -> Result<PathBuf> {
    let folder = target().join(name);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The release binary, built first unless `build` is off.
pub fn oriel(build: bool) -> Result<PathBuf> {
    if build {
        let status = Command::new("cargo").args(["build", "--quiet", "--release"]).current_dir(root()).status()?;
        ensure!(status.success(), "cargo build --release failed");
    }
    let binary = target().join("release").join("oriel");
    ensure!(binary.exists(), "{} is not there; build it with cargo build --release", binary.display());
    Ok(binary)
}

/// A file `shared/NAME` beside the workspace or beside a folder above it.
pub fn shared(name: &str) -> Option<PathBuf> {
    root().ancestors().map(|folder| folder.join("shared").join(name)).find(|path| path.exists())
}

/// How many processors there are.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, |count| count.get())
}

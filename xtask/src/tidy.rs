//! Checks what reviewers would nag about: files that do not say what they are, files that grew too large, crates missing
//! from the map, markers of unfinished work, paths of somebody's machine.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::places;

/// No source file may be longer. Generated tables say `Generated` in their first line and are exempt.
const LINES: usize = 1000;

/// Crates that may contain unsafe code; every other forbids it.
const UNSAFE_CRATES: &[&str] = &["heap", "runtime", "jit"];

/// Folders of machines, written so that this file does not find itself.
const MACHINE_PATHS: &[&str] =
    &[concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/Us", "ers/")];

/// Markers that must not stay, likewise.
const MARKERS: &[&str] = &[
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("FIX", "ME"),
    concat!("allow(dead", "_code)"),
    concat!("dbg", "!("),
];

/// `cargo xtask tidy`
pub fn run(_: lexopt::Parser) -> Result<bool> {
    let root = places::root();
    let mut complaints = Vec::new();
    let listing = Command::new("git").args(["ls-files", "-co", "--exclude-standard"]).current_dir(&root).output()?;
    let files = String::from_utf8_lossy(&listing.stdout).into_owned();
    for path in files.lines() {
        let Ok(text) = std::fs::read_to_string(root.join(path)) else { continue };
        if path.ends_with(".rs") {
            check_rust(path, &text, &mut complaints);
        }
        if !path.ends_with(".lock") {
            check_paths(path, &text, &mut complaints);
        }
    }
    check_map(&root, &mut complaints)?;
    for complaint in &complaints {
        println!("{complaint}");
    }
    println!("tidy: {} files, {} complaints", files.lines().count(), complaints.len());
    Ok(complaints.is_empty())
}

fn check_rust(path: &str, text: &str, complaints: &mut Vec<String>) {
    let first = text.lines().next().unwrap_or_default();
    if !first.starts_with("//!") {
        complaints.push(format!("{path}: does not open with a //! that says what lives here"));
    }
    let lines = text.lines().count();
    if lines > LINES && !first.contains("Generated") {
        complaints.push(format!("{path}: {lines} lines; split it by concept"));
    }
    for (number, line) in text.lines().enumerate() {
        for marker in MARKERS.iter().filter(|marker| line.contains(*marker)) {
            complaints.push(format!("{path}:{}: {marker}", number + 1));
        }
    }
}

fn check_paths(path: &str, text: &str, complaints: &mut Vec<String>) {
    for (number, line) in text.lines().enumerate() {
        for machine in MACHINE_PATHS.iter().filter(|machine| names_folder(line, machine)) {
            complaints.push(format!("{path}:{}: {machine} is a path of one machine", number + 1));
        }
    }
}

/// Whether `folder` stands in `line` as the beginning of a path, not as a part of a longer one.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|character| character.is_alphanumeric() || "._-~}".contains(character))
    })
}

/// Every crate must be in ARCHITECTURE.md, and forbid unsafe code unless it is one of the few that need it.
fn check_map(root: &Path, complaints: &mut Vec<String>) -> Result<()> {
    let map = std::fs::read_to_string(root.join("ARCHITECTURE.md")).context("ARCHITECTURE.md")?;
    for entry in std::fs::read_dir(root.join("crates"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !map.contains(&format!("| `{name}` |")) {
            complaints.push(format!("ARCHITECTURE.md: crate {name} is not in the table of crates"));
        }
        let folder = root.join("crates").join(&name).join("src");
        let forbids = ["lib.rs", "main.rs"].iter().any(|file| {
            std::fs::read_to_string(folder.join(file)).is_ok_and(|text| text.contains("#![forbid(unsafe_code)]"))
        });
        if !forbids && !UNSAFE_CRATES.contains(&name.as_str()) {
            complaints.push(format!("crates/{name}: does not forbid unsafe code"));
        }
    }
    Ok(())
}

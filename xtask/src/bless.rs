//! Rewrites the golden files: runs the tests whose names contain `golden` with `ORIEL_BLESS=1`, under which they write
//! what they would compare. The difference is then for a reviewer to read.

use std::process::Command;

use anyhow::Result;

use crate::places;

/// `cargo xtask bless`
pub fn run(mut parser: lexopt::Parser) -> Result<bool> {
    let mut arguments: Vec<_> = parser.raw_args()?.collect();
    if arguments.is_empty() {
        arguments = vec!["--workspace".into(), "golden".into()];
    }
    let mut command = Command::new("cargo");
    command.arg("test").args(arguments).env("ORIEL_BLESS", "1").current_dir(places::root());
    let done = command.status()?.success();
    Command::new("git").args(["status", "--short", "--", "*golden*"]).current_dir(places::root()).status()?;
    Ok(done)
}

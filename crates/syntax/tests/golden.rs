//! Golden files: each `tests/golden/NAME.py` with its tokens (`NAME.tokens`) and its tree or error (`NAME.ast`).
//! `ORIEL_BLESS=1 cargo test -p oriel-syntax` rewrites them; read the difference before you commit it.

use oriel_syntax::{Arena, Mode, ParseOptions, dump, parse, tokens};
use std::fmt::Write;
use std::path::Path;

fn tree(source: &str) -> String {
    let arena = Arena::new();
    let mut warnings = Vec::new();
    let mut out = match parse(&arena, source, Mode::Exec, &ParseOptions::default(), &mut warnings) {
        Ok(tree) => {
            let readable = dump::dump_indented(&tree, false, 2).unwrap_or_default();
            let placed = dump::dump(&tree, true).unwrap_or_default();
            format!("{readable}\n\n{placed}\n")
        }
        Err(error) => format!(
            "{:?}Error: {}\n  from {}:{} to {}:{} in {:?}\n",
            error.kind, error.message, error.lineno, error.offset, error.end_lineno, error.end_offset, error.text
        ),
    };
    for warning in warnings {
        let _ = writeln!(out, "line {}: {:?}Warning: {}", warning.lineno, warning.category, warning.message);
    }
    out
}

fn compare(path: &Path, found: &str, wrong: &mut Vec<String>) {
    if std::env::var_os("ORIEL_BLESS").is_some() {
        std::fs::write(path, found).unwrap();
    } else if std::fs::read_to_string(path).unwrap_or_default() != found {
        wrong.push(path.display().to_string());
    }
}

#[test]
fn golden_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "py") {
            let source = std::fs::read_to_string(&path).unwrap();
            compare(&path.with_extension("tokens"), &tokens::listing(&source), &mut wrong);
            compare(&path.with_extension("ast"), &tree(&source), &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "these differ; ORIEL_BLESS=1 rewrites them: {wrong:#?}");
}

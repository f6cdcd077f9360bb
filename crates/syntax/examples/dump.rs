//! Prints what the front end makes of files: `dump [--tokens|--time N|--hash|--mode single] FILE...`.
//! With `--batch`, reads file names from standard input and answers each with a line: a digest of the dump, or the
//! error.

use oriel_syntax::tokens::{Tokens, TokensSource};
use oriel_syntax::{Arena, Mode, ParseOptions, dump, parse};
use std::io::{BufRead, Write};
use std::time::Instant;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut flag = |name: &str| {
        let found = arguments.iter().position(|argument| argument == name);
        found.map(|index| arguments.remove(index)).is_some()
    };
    let time = flag("--time");
    let batch = flag("--batch");
    if batch {
        let out = std::io::stdout();
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let (mode, file) = line.split_once(' ').unwrap_or(("exec", &line));
            let answer = one(file, mode);
            let mut out = out.lock();
            let _ = writeln!(out, "{}", answer.len());
            let _ = out.write_all(answer.as_bytes());
            let _ = out.flush();
        }
        return;
    }
    for file in &arguments {
        if time {
            timed(file);
        } else {
            println!("{}", one(file, "exec"));
        }
    }
}

fn one(file: &str, mode: &str) -> String {
    let Ok(source) = std::fs::read(file) else { return "unreadable".to_owned() };
    let Ok(source) = String::from_utf8(source) else { return "not UTF-8".to_owned() };
    if let Some(extra) = mode.strip_prefix("tokens") {
        return tokens(source, extra.is_empty());
    }
    let indented = mode == "indented";
    let (mode, options) = match mode {
        "single" => (Mode::Single, ParseOptions::default()),
        "eval" => (Mode::Eval, ParseOptions::default()),
        "func_type" => (Mode::FuncType, ParseOptions::default()),
        "types" => (Mode::Exec, ParseOptions { type_comments: true, ..ParseOptions::default() }),
        version if version.starts_with("version") => {
            let minor = version[7..].parse().unwrap_or(14);
            (Mode::Exec, ParseOptions { feature_version: minor, ..ParseOptions::default() })
        }
        "incomplete" => (
            Mode::Single,
            ParseOptions { allow_incomplete_input: true, dont_imply_dedent: true, ..ParseOptions::default() },
        ),
        _ => (Mode::Exec, ParseOptions::default()),
    };
    let arena = Arena::for_source(source.len());
    let mut warnings = Vec::new();
    if indented && let Ok(tree) = parse(&arena, &source, mode, &options, &mut warnings) {
        return dump::dump_indented(&tree, false, 2).unwrap_or_default();
    }
    let mut answer = match parse(&arena, &source, mode, &options, &mut warnings) {
        Ok(tree) => dump::dump(&tree, true).unwrap_or_else(|| "too deep".to_owned()),
        Err(error) => {
            format!(
                "{:?}: {} @ {} {} {} {} {:?}",
                error.kind, error.message, error.lineno, error.offset, error.end_lineno, error.end_offset, error.text
            )
        }
    };
    for warning in warnings {
        answer.push_str(&format!("\nwarning {} {}", warning.lineno, warning.message));
    }
    answer
}

/// The tokens in a form that is easily compared.
fn tokens(source: String, extra: bool) -> String {
    let source = TokensSource::new(source);
    let mut out = String::new();
    for token in Tokens::new(&source, extra) {
        match token {
            Ok(token) => out.push_str(&format!(
                "{} {:?} {:?} {:?} {:?}\n",
                token.kind,
                token.start,
                token.end,
                token.string.as_bytes(),
                token.line.as_bytes()
            )),
            Err(error) => out.push_str(&format!(
                "error {} {} {:?} {:?} {}\n",
                error.lineno,
                error.offset,
                error.end,
                error.text.map(String::into_bytes),
                error.message,
            )),
        }
    }
    out
}

fn timed(file: &str) {
    let Ok(source) = std::fs::read_to_string(file) else { return };
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let start = Instant::now();
        let arena = Arena::for_source(source.len());
        let tree = parse(&arena, &source, Mode::Exec, &ParseOptions::default(), &mut Vec::new());
        best = best.min(start.elapsed().as_secs_f64());
        assert!(tree.is_ok(), "{file}");
    }
    println!("{:.3} ms {:.1} MB/s {file}", best * 1e3, source.len() as f64 / best / 1e6);
}

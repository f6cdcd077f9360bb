//! Developer commands: `cargo xtask COMMAND`.
//!
//! Each command is a module and one line of the table below. They run the built binary and reference interpreters as
//! processes; none links to the project's crates.

#![forbid(unsafe_code)]

mod places;
mod process;

mod bench;
mod bless;
mod conformance;
mod differential;
mod formats;
mod frontend;
mod reference;
mod stress;
mod tidy;

use std::process::ExitCode;

struct Command {
    name: &'static str,
    what: &'static str,
    usage: &'static str,
    run: fn(lexopt::Parser) -> anyhow::Result<bool>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "conformance",
        what: "run CPython's own test modules and compare with the list of those that pass",
        usage: "[MODULE ...] [--jobs N] [--timeout SECONDS] [--python PATH] [--update] [--no-build]",
        run: conformance::run,
    },
    Command {
        name: "bench",
        what: "time programs against CPython 3.14, CPython 3.15 with its JIT, and PyPy",
        usage: "[--frontend | --looking] [--programs NAME,...] [--set small|pyperformance|all] [--runs N] [--quick] [--against 3.15,pypy] \
                [--warmups N] [--timeout SECONDS] [--python PATH] [--no-build]",
        run: bench::run,
    },
    Command {
        name: "differential",
        what: "run examples/ and tests/ under CPython 3.14 and under oriel (or oriel and its recorded runs) and compare",
        usage: "[FILE ...] [--recorded] [--jobs N] [--timeout SECONDS] [--python PATH] [--no-build]",
        run: differential::run,
    },
    Command {
        name: "stress",
        what: "run the scripts under a build that collects at every safe point, with tiny stacks and audited counts",
        usage: "[FILE ...] [--jobs N] [--timeout SECONDS]",
        run: stress::run,
    },
    Command {
        name: "frontend-diff",
        what: "compare tokens, trees, symbol tables, code objects and .pyc bytes of every source with CPython's",
        usage: "[FOLDER ...] [--kinds tokens,tree,symbols,code,pyc,warnings,dis] [--every N] [--show N] [--jobs N] \
                [--timeout SECONDS] [--python PATH] [--no-build]",
        run: frontend::diff::run,
    },
    Command {
        name: "frontend-mutate",
        what: "break sources at random and compare what CPython and oriel say of them",
        usage: "[FOLDER ...] [--count N] [--seed N] [--show N] [--python PATH] [--no-build]",
        run: frontend::mutate::run,
    },
    Command {
        name: "frontend-errors",
        what: "compile every source that CPython's tests of errors compile, and compare the errors and their carets",
        usage: "[MODULE ...] [--show N] [--python PATH] [--no-build]",
        run: frontend::errors::run,
    },
    Command {
        name: "pyc-interchange",
        what: "run programs from the other interpreter's .pyc files, and compare how cached files are made and found",
        usage: "[SCRIPT ...] [--python PATH] [--no-build]",
        run: frontend::interchange::run,
    },
    Command {
        name: "formats",
        what: "check Perfetto's and speedscope's views of recordings against the schemas that these publish",
        usage: "[SCRIPT ...] [--python PATH] [--no-build]",
        run: formats::run,
    },
    Command { name: "tidy", what: "check what reviewers would nag about", usage: "", run: tidy::run },
    Command { name: "bless", what: "rewrite the golden files", usage: "[CARGO-TEST-ARGUMENT ...]", run: bless::run },
    Command {
        name: "reference",
        what: "find or install the reference interpreters and print where they are",
        usage: "",
        run: reference::run,
    },
];

fn main() -> ExitCode {
    let mut parser = lexopt::Parser::from_env();
    let name = match parser.next() {
        Ok(Some(lexopt::Arg::Value(value))) => value.to_string_lossy().into_owned(),
        _ => "help".into(),
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        for command in COMMANDS {
            println!("cargo xtask {} {}\n    {}", command.name, command.usage, command.what);
        }
        return if name == "help" { ExitCode::SUCCESS } else { ExitCode::from(2) };
    };
    match (command.run)(parser) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo xtask {name}: {error:#}");
            ExitCode::from(2)
        }
    }
}

//! The table of ratios. Each figure is a time (or size) divided by CPython 3.14's: below 1 is better.

use std::fmt::Write as _;

use super::programs::Program;
use super::{Interpreter, Measured};

/// One line while measuring: what oriel needed, against CPython.
pub fn progress(program: &Program, results: &[Measured]) -> String {
    match (&results[0], &results[1]) {
        (Measured::Times { whole, .. }, Measured::Times { whole: ours, .. }) => {
            format!("{:26} {:6.2}   ({ours:.3} s against {whole:.3} s)", program.name, ours / whole)
        }
        (Measured::Failed(why), _) => format!("{:26} CPython: {why}", program.name),
        (_, Measured::Failed(why)) => format!("{:26} {why}", program.name),
    }
}

/// The whole table, with the geometric means below.
pub fn table(interpreters: &[Interpreter], rows: &[(&Program, Vec<Measured>)]) -> String {
    let mut text = String::from("Time and memory as ratios to CPython 3.14 (below 1 is better).\n\n");
    let _ = write!(text, "{:26} {:>9}", "program", "3.14, s");
    for interpreter in &interpreters[1..] {
        let _ = write!(text, " {:>9}", interpreter.title);
    }
    let _ = writeln!(text, " {:>9} {:>9}", "inside", "memory");
    for (program, results) in rows {
        let mark = if program.is_counted { "" } else { " *" };
        let _ = write!(text, "{:26}", format!("{}{mark}", program.name));
        let _ = write!(text, " {}", cell(whole(&results[0])));
        for result in &results[1..] {
            let _ = write!(text, " {}", cell(ratio(result, &results[0], whole)));
        }
        let inside = ratio(&results[1], &results[0], inside);
        let memory = ratio(&results[1], &results[0], peak);
        let _ = writeln!(text, " {} {}", cell(inside), cell(memory));
    }
    let counted: Vec<_> = rows.iter().filter(|(program, _)| program.is_counted).map(|(_, results)| results).collect();
    let _ = write!(text, "{:26} {:>9}", "geometric mean", "");
    for at in 1..interpreters.len() {
        let _ = write!(text, " {}", cell(mean(counted.iter().filter_map(|row| ratio(&row[at], &row[0], whole)))));
    }
    let of =
        |measure: fn(&Measured) -> Option<f64>| mean(counted.iter().filter_map(|row| ratio(&row[1], &row[0], measure)));
    let _ = writeln!(text, " {} {}", cell(of(inside)), cell(of(peak)));
    if rows.iter().any(|(program, _)| !program.is_counted) {
        let _ = writeln!(text, "* times an accelerator written in C; not counted");
    }
    let failed = rows.iter().filter(|(_, results)| matches!(results[1], Measured::Failed(_))).count();
    let _ = write!(text, "{} programs, {failed} failed under oriel", rows.len());
    text
}

fn whole(result: &Measured) -> Option<f64> {
    match result {
        Measured::Times { whole, .. } => Some(*whole),
        Measured::Failed(_) => None,
    }
}

fn inside(result: &Measured) -> Option<f64> {
    match result {
        Measured::Times { inside, .. } => *inside,
        Measured::Failed(_) => None,
    }
}

fn peak(result: &Measured) -> Option<f64> {
    match result {
        Measured::Times { peak, .. } => Some(*peak as f64),
        Measured::Failed(_) => None,
    }
}

fn ratio(result: &Measured, base: &Measured, measure: fn(&Measured) -> Option<f64>) -> Option<f64> {
    Some(measure(result)? / measure(base).filter(|value| *value > 0.0)?)
}

fn mean(ratios: impl Iterator<Item = f64>) -> Option<f64> {
    let logarithms: Vec<f64> = ratios.map(f64::ln).collect();
    (!logarithms.is_empty()).then(|| (logarithms.iter().sum::<f64>() / logarithms.len() as f64).exp())
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(|| format!("{:>9}", "-"), |value| format!("{value:9.2}"))
}

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

/// The whole table, with the geometric means and the maxima below.
pub fn table(interpreters: &[Interpreter], rows: &[(&Program, Vec<Measured>)]) -> String {
    let mut text = String::from("Time and memory as ratios to CPython 3.14 (below 1 is better).\n\n");
    let _ = write!(text, "{:26} {:>9}", "program", "3.14, s");
    for interpreter in &interpreters[1..] {
        let _ = write!(text, " {:>9}", interpreter.title);
    }
    for interpreter in &interpreters[1..] {
        let _ = write!(text, " {:>15}", format!("{} inside", interpreter.title));
    }
    let _ = writeln!(text, " {:>9}", "memory");
    for (program, results) in rows {
        let mark = if program.is_counted { "" } else { " *" };
        let _ = write!(text, "{:26}", format!("{}{mark}", program.name));
        let _ = write!(text, " {}", cell(whole(&results[0])));
        for result in &results[1..] {
            let _ = write!(text, " {}", cell(ratio(result, &results[0], whole)));
        }
        for result in &results[1..] {
            let _ = write!(text, "       {}", cell(ratio(result, &results[0], inside)));
        }
        let _ = writeln!(text, " {}", cell(ratio(&results[1], &results[0], peak)));
    }
    let counted: Vec<_> = rows.iter().filter(|(program, _)| program.is_counted).map(|(_, results)| results).collect();
    for (title, summary) in [("geometric mean", mean as Summary), ("maximum", maximum)] {
        let of = |at: usize, measure: fn(&Measured) -> Option<f64>| {
            cell(summary(&counted.iter().filter_map(|row| ratio(&row[at], &row[0], measure)).collect::<Vec<_>>()))
        };
        let _ = write!(text, "{title:26} {:>9}", "");
        for at in 1..interpreters.len() {
            let _ = write!(text, " {}", of(at, whole));
        }
        for at in 1..interpreters.len() {
            let _ = write!(text, "       {}", of(at, inside));
        }
        let _ = writeln!(text, " {}", of(1, peak));
    }
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

/// What becomes of a column.
type Summary = fn(&[f64]) -> Option<f64>;

fn mean(ratios: &[f64]) -> Option<f64> {
    let sum: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (!ratios.is_empty()).then(|| (sum / ratios.len() as f64).exp())
}

fn maximum(ratios: &[f64]) -> Option<f64> {
    ratios.iter().copied().reduce(f64::max)
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(|| format!("{:>9}", "-"), |value| format!("{value:9.2}"))
}

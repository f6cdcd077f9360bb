//! Compiles all files named in a list and prints the seconds that took, reading not counted: for a profiler.

use std::time::Instant;

use oriel_bytecode::Text;
use oriel_compiler::{Options, compile_source};
use oriel_syntax::Mode;

fn main() {
    let list = std::env::args().nth(1).unwrap_or_default();
    let names = std::fs::read_to_string(list).unwrap_or_default();
    let sources: Vec<String> = names.lines().filter_map(|name| std::fs::read_to_string(name).ok()).collect();
    let start = Instant::now();
    let mut good = 0;
    for source in &sources {
        let options = Options { stack_budget: 4 << 20, ..Options::default() };
        let code = compile_source(source, &Text::from("<source>"), Mode::Exec, &options, &mut Vec::new());
        good += usize::from(code.is_ok());
    }
    println!("{} seconds, {good} of {} compiled", start.elapsed().as_secs_f64(), sources.len());
}

//! Prints the text form of `.pyc` files.

use oriel_bytecode::{display, marshal, pyc};

fn main() {
    for path in std::env::args().skip(1) {
        let Ok(data) = std::fs::read(&path) else { continue };
        match marshal::plain::load_code(data.get(pyc::HEADER_SIZE..).unwrap_or(&[])) {
            Ok(code) => print!("{}", display::disassemble_recursive(&code, display::Options::default())),
            Err(error) => eprintln!("{path}: {error}"),
        }
    }
}

//! Prints the lowered form of the code objects of .pyc files, or with `--check` only lowers them.

use oriel_bytecode::{CodeObject, marshal};
use oriel_runtime::lowered::{Mode, lower, text::Listing};
use std::rc::Rc;

fn main() {
    let mut check = false;
    let mut mode = Mode::Fast;
    let (mut objects, mut bytes, mut words) = (0, 0, 0);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--check" => check = true,
            "--exact" => mode = Mode::Exact,
            path => {
                let data = std::fs::read(path).unwrap_or_default();
                let Ok(code) = marshal::plain::load_code(data.get(16..).unwrap_or_default()) else {
                    eprintln!("{path}: not a code object");
                    continue;
                };
                let mut work: Vec<Rc<CodeObject>> = vec![code];
                while let Some(code) = work.pop() {
                    work.extend(code.nested().cloned());
                    match lower(&code, mode) {
                        Ok(lowered) => {
                            objects += 1;
                            bytes += code.instructions().count();
                            let mut at = 0;
                            while at < lowered.words.len() {
                                words += 1;
                                at += 1 + lowered.words[at].extension_len().1;
                            }
                            if !check {
                                println!("{}:", code.qualname.to_string_lossy());
                                print!("{}", Listing { code: &code, lowered: &lowered }.text());
                            }
                        }
                        Err(error) => println!("{path}: {}: {error}", code.qualname.to_string_lossy()),
                    }
                }
            }
        }
    }
    if check {
        println!("{objects} code objects, {bytes} instructions, {words} lowered");
    }
}

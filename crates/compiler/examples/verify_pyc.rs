//! Runs the verifier over the code objects of `.pyc` files.

use oriel_bytecode::{CodeObject, marshal, pyc};
use oriel_compiler::verify::verify;

fn main() {
    let (mut checked, mut bad) = (0, 0);
    for path in std::env::args().skip(1) {
        let Ok(data) = std::fs::read(&path) else { continue };
        match marshal::plain::load_code(data.get(pyc::HEADER_SIZE..).unwrap_or(&[])) {
            Ok(code) => check(&path, &code, &mut checked, &mut bad),
            Err(error) => println!("{path}: {error}"),
        }
    }
    println!("{checked} code objects, {bad} refused");
}

fn check(path: &str, code: &CodeObject, checked: &mut usize, bad: &mut usize) {
    *checked += 1;
    if let Err(problem) = verify(code) {
        println!("{path}: {}: {problem}", code.qualname.to_string_lossy());
        *bad += 1;
    }
    code.nested().for_each(|nested| check(path, nested, checked, bad));
}

//! The symbol table of `scopes.py` against `scopes.txt`. `ORIEL_BLESS=1 cargo test -p oriel-compiler` rewrites the
//! latter; what it says must agree with CPython's module `symtable`.

use oriel_compiler::{Options, symbol_table};
use oriel_syntax::{Arena, Mode};

#[test]
fn scopes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/");
    let source = include_str!("scopes.py");
    let options = Options::default();
    let arena = Arena::for_source(source.len());
    let module = oriel_syntax::parse(&arena, source, Mode::Exec, &options.parse, &mut Vec::new()).expect("it parses");
    let table = symbol_table(&arena, &module, &options).expect("it has scopes");
    let dump = table.dump();
    if std::env::var_os("ORIEL_BLESS").is_some() {
        std::fs::write(format!("{folder}scopes.txt"), &dump).expect("the golden file can be written");
    }
    let golden = std::fs::read_to_string(format!("{folder}scopes.txt")).expect("the golden file can be read");
    assert_eq!(dump, golden);
}

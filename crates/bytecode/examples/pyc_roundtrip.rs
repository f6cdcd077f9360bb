//! Reads `.pyc` files and writes them back: the bytes must be the same, so must the tables of every code object.

use std::rc::Rc;

use oriel_bytecode::positions::{Location, PositionWriter, Positions};
use oriel_bytecode::{CodeObject, exception_table, marshal, pyc};

fn main() {
    let (mut files, mut same, mut tables) = (0, 0, 0);
    for path in std::env::args().skip(1) {
        let Ok(data) = std::fs::read(&path) else { continue };
        files += 1;
        if let Err(error) = pyc::read_header(&data) {
            println!("{path}: header: {error:?}");
            continue;
        }
        let body = &data[pyc::HEADER_SIZE..];
        let code = match marshal::plain::load_code(body) {
            Ok(code) => code,
            Err(error) => {
                println!("{path}: {error}");
                continue;
            }
        };
        match marshal::plain::dump_code(&code) {
            Ok(written) if written == body => same += 1,
            Ok(written) => {
                let at = written.iter().zip(body).take_while(|(a, b)| a == b).count();
                let end = |bytes: &[u8]| {
                    String::from_utf8_lossy(&bytes[at.saturating_sub(16)..bytes.len().min(at + 24)]).into_owned()
                };
                println!("{path}: differs at {at}: wrote {:?}, read {:?}", end(&written), end(body));
            }
            Err(error) => println!("{path}: {error}"),
        }
        tables += check_tables(&path, &code);
    }
    println!("{same} of {files} files the same, {tables} tables differ");
}

fn check_tables(path: &str, code: &Rc<CodeObject>) -> usize {
    let mut bad = 0;
    let mut exceptions = Vec::new();
    exception_table::entries(&code.exceptiontable).for_each(|entry| exception_table::push(&mut exceptions, entry));
    if exceptions != *code.exceptiontable {
        println!("{path}: {}: exception table", code.qualname.to_string_lossy());
        bad += 1;
    }
    let mut writer = PositionWriter::new(code.firstlineno);
    let mut units = 0;
    for range in Positions::new(&code.linetable, code.firstlineno) {
        let location = Location {
            lineno: range.lineno.unwrap_or(-1),
            end_lineno: range.end_lineno.unwrap_or(-1),
            col_offset: range.col_offset.unwrap_or(-1),
            end_col_offset: range.end_col_offset.unwrap_or(-1),
        };
        writer.push(location, (range.end - range.start) / 2);
        units = range.end / 2;
    }
    if writer.finish() != *code.linetable || units != code.unit_count() {
        println!("{path}: {}: location table", code.qualname.to_string_lossy());
        bad += 1;
    }
    bad + code.nested().map(|nested| check_tables(path, nested)).sum::<usize>()
}

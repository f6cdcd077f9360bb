//! Compiles the sources of `.pyc` files that CPython wrote and compares the code objects, and the files' bytes.

use std::collections::BTreeMap;

use oriel_bytecode::{CodeObject, Constant, marshal, pyc};
use oriel_compiler::{Options, compile_source};
use oriel_syntax::Mode;

#[derive(Default)]
struct Tally {
    files: usize,
    compiled: usize,
    same_bytes: usize,
    codes: usize,
    same: usize,
    kinds: BTreeMap<&'static str, usize>,
}

fn main() {
    let mut tally = Tally::default();
    for path in std::env::args().skip(1) {
        let Ok(data) = std::fs::read(&path) else { continue };
        let body = data.get(pyc::HEADER_SIZE..).unwrap_or(&[]);
        let Ok(wanted) = marshal::plain::load_code(body) else { continue };
        let source_path = wanted.filename.to_string_lossy().into_owned();
        let Ok(source) = std::fs::read_to_string(&source_path) else { continue };
        tally.files += 1;
        let total = count(&wanted);
        tally.codes += total;
        let name = source_path.rsplit("python3.14/").next().unwrap_or(&source_path);
        match compile_source(&source, &wanted.filename, Mode::Exec, &Options::default(), &mut Vec::new()) {
            Ok(made) => {
                tally.compiled += 1;
                compare(name, &made, &wanted, &mut tally);
                let made = std::rc::Rc::new(made);
                tally.same_bytes += usize::from(marshal::plain::dump_code(&made).is_ok_and(|bytes| bytes == body));
            }
            Err(error) => println!("{name}: ERROR {error:?}"),
        }
    }
    println!("{:?}", tally.kinds);
    println!(
        "{} files, {} compiled, {} with the same bytes; {} of {} code objects the same ({:.2} %)",
        tally.files,
        tally.compiled,
        tally.same_bytes,
        tally.same,
        tally.codes,
        100.0 * tally.same as f64 / tally.codes.max(1) as f64
    );
}

fn count(code: &CodeObject) -> usize {
    1 + code.nested().map(|nested| count(nested)).sum::<usize>()
}

/// Compares without regard to nested code objects, which are compared by themselves.
fn compare(file: &str, made: &CodeObject, wanted: &CodeObject, tally: &mut Tally) {
    let mut fields = Vec::new();
    let mut check = |field, same: bool| {
        if !same {
            fields.push(field);
        }
    };
    let shallow = |code: &CodeObject| -> Vec<Constant> {
        let blank = |constant: &Constant| match constant {
            Constant::Code(code) => Constant::Str(code.qualname.clone()),
            other => other.clone(),
        };
        code.consts.iter().map(blank).collect()
    };
    check("code", made.code == wanted.code);
    check("consts", shallow(made) == shallow(wanted));
    check("names", made.names == wanted.names);
    check("variables", made.localsplusnames == wanted.localsplusnames);
    check("kinds", made.localspluskinds == wanted.localspluskinds);
    check("linetable", made.linetable == wanted.linetable);
    check("exceptiontable", made.exceptiontable == wanted.exceptiontable);
    check("stacksize", made.stacksize == wanted.stacksize);
    check("flags", made.flags == wanted.flags);
    check("names of the code", made.name == wanted.name && made.qualname == wanted.qualname);
    check("firstlineno", made.firstlineno == wanted.firstlineno);
    let counts = |code: &CodeObject| (code.argcount, code.posonlyargcount, code.kwonlyargcount);
    check("argument counts", counts(made) == counts(wanted));
    if fields.is_empty() {
        tally.same += 1;
    } else {
        for &field in &fields {
            *tally.kinds.entry(field).or_default() += 1;
        }
        let detail = difference(made, wanted, fields[0]);
        println!("{file}:{} {}: {}{detail}", wanted.firstlineno, wanted.qualname.to_string_lossy(), fields.join(" "));
    }
    for (made, wanted) in made.nested().zip(wanted.nested()) {
        compare(file, made, wanted, tally);
    }
}

fn difference(made: &CodeObject, wanted: &CodeObject, field: &str) -> String {
    match field {
        "code" => {
            let list = |code: &CodeObject| -> Vec<String> {
                code.instructions().map(|i| format!("{} {:?} {}", i.offset, i.opcode, i.oparg)).collect()
            };
            around(&list(made), &list(wanted))
        }
        "consts" => {
            let list = |code: &CodeObject| -> Vec<String> {
                code.consts
                    .iter()
                    .map(|constant| match constant {
                        Constant::Code(code) => format!("<{}>", code.qualname.to_string_lossy()),
                        other => format!("{other:?}").chars().take(80).collect(),
                    })
                    .collect()
            };
            around(&list(made), &list(wanted))
        }
        "linetable" => {
            let list = |code: &CodeObject| -> Vec<String> {
                oriel_bytecode::positions::Positions::new(&code.linetable, code.firstlineno)
                    .map(|p| {
                        format!(
                            "{}-{} {:?}-{:?} {:?}-{:?}",
                            p.start, p.end, p.lineno, p.end_lineno, p.col_offset, p.end_col_offset
                        )
                    })
                    .collect()
            };
            around(&list(made), &list(wanted))
        }
        "stacksize" => format!(" {} {}", made.stacksize, wanted.stacksize),
        "flags" => format!(" {:x} {:x}", made.flags.0, wanted.flags.0),
        "names" => format!("\n   {:?}\n   {:?}", made.names, wanted.names),
        "variables" => format!("\n   {:?}\n   {:?}", made.localsplusnames, wanted.localsplusnames),
        "kinds" => format!("\n   {:?}\n   {:?}", made.localspluskinds, wanted.localspluskinds),
        _ => String::new(),
    }
}

fn around(ours: &[String], theirs: &[String]) -> String {
    let Some(at) = (0..ours.len().max(theirs.len())).find(|&at| ours.get(at) != theirs.get(at)) else {
        return String::new();
    };
    let window = |list: &[String]| {
        let end = list.len().min(at + 4);
        format!("{:?}", &list[at.saturating_sub(3).min(end)..end])
    };
    format!("\n   ours   {}\n   theirs {}", window(ours), window(theirs))
}

//! Compiles the files named on standard input, one a line, and writes for each a marshalled tuple to standard output,
//! after its length: the code object (or the error) and the warnings. Another implementation's `marshal` can read it,
//! which is what comparing code objects with CPython's rests on.
//!
//! A line `mode:exec|eval|single|await:TEXT` with `\n` for newlines compiles the text instead; a line `symtable:FILE` answers
//! with the symbol table of a file as nested tuples.

use std::io::{BufRead, Write};

use oriel_bytecode::{CodeObject, Constant, IBig, Text};
use oriel_compiler::symtable::{BlockId, SymbolTable};
use oriel_compiler::{Options, compile_source, symbol_table};
use oriel_syntax::{Arena, Mode, SyntaxError};

fn main() {
    let worker = std::thread::Builder::new().stack_size(256 << 20).spawn(run);
    if let Ok(worker) = worker {
        let _ = worker.join();
    }
}

fn run() {
    let optimize = std::env::args().nth(1).and_then(|level| level.parse().ok()).unwrap_or(0);
    let options = Options { optimize, stack_budget: 200 << 20, ..Options::default() };
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if let Some(path) = line.strip_prefix("symtable:") {
            reply(&mut out, symbols_of(path, &options));
            continue;
        }
        let allow_top_level_await = line.starts_with("mode:await:");
        let (source, name, mode) = match line.strip_prefix("mode:").and_then(|rest| rest.split_once(':')) {
            Some((mode, text)) => {
                let mode = match mode {
                    "eval" => Mode::Eval,
                    "single" => Mode::Single,
                    _ => Mode::Exec,
                };
                (text.replace("\\n", "\n"), "<text>".to_owned(), mode)
            }
            None => match std::fs::read_to_string(&line) {
                Ok(source) => (source, line, Mode::Exec),
                Err(error) => {
                    reply(&mut out, Constant::tuple([Constant::str("unreadable"), Constant::str(&error.to_string())]));
                    continue;
                }
            },
        };
        let mut warnings = Vec::new();
        let started = std::time::Instant::now();
        let options = Options { allow_top_level_await, ..options };
        let result = compile_source(&source, &Text::from(&*name), mode, &options, &mut warnings);
        let elapsed = Constant::Float(started.elapsed().as_secs_f64());
        let warnings: Vec<Constant> = warnings
            .iter()
            .map(|warning| Constant::tuple([position(&warning.error), Constant::str(&warning.message)]))
            .collect();
        let warnings = Constant::tuple(warnings);
        let answer = match result {
            Ok(code) => [Constant::str("code"), Constant::Code(code.into()), warnings, elapsed],
            Err(error) => {
                let description =
                    [Constant::str(&format!("{:?}", error.kind)), Constant::str(&error.message), position(&error)];
                [Constant::str("error"), Constant::tuple(description), warnings, elapsed]
            }
        };
        reply(&mut out, Constant::tuple(answer));
    }
}

fn symbols_of(path: &str, options: &Options) -> Constant {
    let source = std::fs::read_to_string(path).unwrap_or_default();
    let arena = Arena::for_source(source.len());
    let table = oriel_syntax::parse(&arena, &source, Mode::Exec, &options.parse, &mut Vec::new())
        .and_then(|module| symbol_table(&arena, &module, options));
    match table {
        Ok(table) => block(&table, table.top()),
        Err(error) => Constant::str(&error.message),
    }
}

fn block(table: &SymbolTable<'_>, id: BlockId) -> Constant {
    let block_ = table.block(id);
    let symbols: Vec<Constant> = block_
        .symbols
        .iter()
        .map(|(name, flags)| Constant::tuple([Constant::str(name), Constant::int(flags.0)]))
        .collect();
    let varnames: Vec<Constant> = block_.varnames.iter().map(|name| Constant::str(name)).collect();
    let children: Vec<Constant> = block_.children.iter().map(|child| block(table, *child)).collect();
    Constant::tuple([
        Constant::str(block_.name),
        Constant::int(block_.kind as u8),
        Constant::int(block_.location.lineno),
        Constant::int(u8::from(block_.nested)),
        Constant::tuple(symbols),
        Constant::tuple(varnames),
        Constant::tuple(children),
    ])
}

fn position(error: &SyntaxError) -> Constant {
    Constant::tuple([error.lineno, error.offset, error.end_lineno, error.end_offset].map(Constant::int))
}

fn reply(out: &mut impl Write, answer: Constant) {
    let mut bytes = Vec::new();
    dump(&mut bytes, &answer);
    let _ = out.write_all(&(bytes.len() as u32).to_le_bytes());
    let _ = out.write_all(&bytes);
    let _ = out.flush();
}

fn long(out: &mut Vec<u8>, value: usize) {
    out.extend((value as u32).to_le_bytes());
}

fn dump(out: &mut Vec<u8>, constant: &Constant) {
    match constant {
        Constant::None => out.push(b'N'),
        Constant::True => out.push(b'T'),
        Constant::False => out.push(b'F'),
        Constant::Ellipsis => out.push(b'.'),
        Constant::Int(value) => dump_int(out, value),
        Constant::Float(value) => {
            out.push(b'g');
            out.extend(value.to_le_bytes());
        }
        Constant::Complex(real, imag) => {
            out.push(b'y');
            out.extend(real.to_le_bytes());
            out.extend(imag.to_le_bytes());
        }
        Constant::Str(text) => dump_text(out, text),
        Constant::Bytes(bytes) => dump_bytes(out, bytes),
        Constant::Tuple(items) => dump_items(out, b'(', items),
        Constant::FrozenSet(items) => dump_items(out, b'>', items),
        Constant::Slice(parts) => {
            out.push(b':');
            parts.iter().for_each(|part| dump(out, part));
        }
        Constant::Code(code) => dump_code(out, code),
    }
}

fn dump_items(out: &mut Vec<u8>, tag: u8, items: &[Constant]) {
    out.push(tag);
    long(out, items.len());
    items.iter().for_each(|item| dump(out, item));
}

fn dump_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b's');
    long(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn dump_text(out: &mut Vec<u8>, text: &Text) {
    out.push(b'u');
    long(out, text.as_bytes().len());
    out.extend_from_slice(text.as_bytes());
}

fn dump_int(out: &mut Vec<u8>, value: &IBig) {
    if let Ok(small) = i32::try_from(value) {
        out.push(b'i');
        out.extend(small.to_le_bytes());
        return;
    }
    let negative = *value < IBig::ZERO;
    let magnitude =
        oriel_bytecode::UBig::try_from(if negative { -value.clone() } else { value.clone() }).unwrap_or_default();
    let mut digits = Vec::new();
    let (mut bits, mut buffer) = (0, 0_u32);
    for byte in magnitude.to_le_bytes() {
        buffer |= u32::from(byte) << bits;
        bits += 8;
        if bits >= 15 {
            digits.push((buffer & 0x7fff) as u16);
            buffer >>= 15;
            bits -= 15;
        }
    }
    if buffer > 0 {
        digits.push(buffer as u16);
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    out.push(b'l');
    let count = digits.len() as i32;
    out.extend((if negative { -count } else { count }).to_le_bytes());
    digits.iter().for_each(|digit| out.extend(digit.to_le_bytes()));
}

fn dump_texts(out: &mut Vec<u8>, texts: &[Text]) {
    out.push(b'(');
    long(out, texts.len());
    texts.iter().for_each(|text| dump_text(out, text));
}

fn dump_code(out: &mut Vec<u8>, code: &CodeObject) {
    out.push(b'c');
    for number in [code.argcount, code.posonlyargcount, code.kwonlyargcount, code.stacksize, code.flags.0] {
        long(out, number as usize);
    }
    dump_bytes(out, &code.code);
    dump_items(out, b'(', &code.consts);
    dump_texts(out, &code.names);
    dump_texts(out, &code.localsplusnames);
    let kinds: Vec<u8> = code.localspluskinds.iter().map(|kind| kind.0).collect();
    dump_bytes(out, &kinds);
    dump_text(out, &code.filename);
    dump_text(out, &code.name);
    dump_text(out, &code.qualname);
    out.extend(code.firstlineno.to_le_bytes());
    dump_bytes(out, &code.linetable);
    dump_bytes(out, &code.exceptiontable);
}

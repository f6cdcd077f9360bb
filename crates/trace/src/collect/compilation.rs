//! Stages 3 and 4 from the front end's own forms: the text of a source, its tokens, tree and symbols, and the listings of
//! its code objects beside their lowered code.

use crate::event::{Code, Data, Instruction, Listing, Source};
use oriel_bytecode::{CodeFlags, CodeObject, Opcode, display, exception_table, positions};
use oriel_runtime::lowered::{self, text::Listing as LoweredListing};
use oriel_syntax::tokens::{Tokens, TokensSource};
use oriel_syntax::{Arena, Mode, ParseOptions};

/// A source as it was read.
pub fn source(file: &str, bytes: &[u8], from: &str) -> Source {
    let marked = bytes.starts_with(b"\xef\xbb\xbf");
    let mut unknown = |_: &str, bytes: &[u8]| Ok(String::from_utf8_lossy(bytes).into_owned());
    let (text, encoding) = match oriel_syntax::source::decode(bytes, Some(file), &mut unknown) {
        Ok(decoded) => (decoded.text, decoded.encoding),
        Err(_) => (String::from_utf8_lossy(bytes).into_owned(), "undecodable".to_owned()),
    };
    let declared = text.lines().take(2).any(|line| line.trim_start().starts_with('#') && line.contains("coding"));
    let decided_by = match (marked, declared) {
        (true, true) => "byte order mark and declaration",
        (true, false) => "byte order mark",
        (false, true) => "declaration in the first two lines",
        (false, false) => "default: no byte order mark, no declaration",
    };
    let crlf = text.matches("\r\n").count() as u64;
    let lf = text.matches('\n').count() as u64 - crlf;
    let cr = text.matches('\r').count() as u64 - crlf;
    Source {
        file: file.to_owned(),
        size: bytes.len() as u64,
        encoding,
        decided_by: decided_by.to_owned(),
        newlines: (lf, crlf, cr),
        text,
        from: from.to_owned(),
    }
}

/// Line ends as the tokenizer sees them.
fn universal(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

/// The tokens as `tokenize` shows them.
pub fn tokens(file: &str, text: &str) -> Data {
    let source = TokensSource::new(universal(text));
    let mut list = Vec::new();
    for token in Tokens::new(&source, true) {
        match token {
            Ok(token) => {
                let kind = oriel_syntax::tokens::kind_name(token.kind).to_owned();
                let (start, end) = (token.start, token.end);
                list.push((kind, token.string.to_owned(), start.0, start.1, end.0, end.1));
            }
            Err(error) => {
                let line = error.lineno.max(0) as u32;
                list.push(("ERROR".to_owned(), error.message, line, error.offset, line, error.offset));
                break;
            }
        }
    }
    Data::Tokens { file: file.to_owned(), tokens: list }
}

/// The tree and the symbol table; nothing of what an error prevents.
pub fn tree_and_symbols(file: &str, text: &str) -> Vec<Data> {
    let text = universal(text);
    let arena = Arena::for_source(text.len());
    let Ok(tree) = oriel_syntax::parse(&arena, &text, Mode::Exec, &ParseOptions::default(), &mut Vec::new()) else {
        return Vec::new();
    };
    let mut events = Vec::new();
    if let Some(dump) = oriel_syntax::dump::dump_indented(&tree, false, 4) {
        events.push(Data::Ast { file: file.to_owned(), dump });
    }
    if let Ok(table) = oriel_compiler::symbol_table(&arena, &tree, &oriel_compiler::Options::default()) {
        events.push(Data::Symbols { file: file.to_owned(), dump: table.dump() });
    }
    events
}

/// What other events refer to.
pub fn code(id: u32, code: &CodeObject) -> Code {
    Code {
        id,
        name: code.qualname.to_string_lossy().into_owned(),
        file: code.filename.to_string_lossy().into_owned(),
        line: code.firstlineno.max(0) as u32,
        vars: code.localsplusnames.iter().map(|name| name.to_string_lossy().into_owned()).collect(),
        stack: code.stacksize,
    }
}

/// The instructions of a code object in all their forms.
pub fn listing(id: u32, code: &CodeObject) -> Listing {
    let form = |mode| match lowered::lower(code, mode) {
        Err(error) => vec![(0, 0, error.to_string())],
        Ok(lowered) => {
            let listing = LoweredListing { code, lowered: &lowered };
            let mut rows = Vec::new();
            let mut index = 0;
            while index < lowered.words.len() {
                rows.push((index as u32, lowered.offsets[index], listing.instruction(index)));
                index += 1 + lowered.words[index].extension_len().1;
            }
            rows
        }
    };
    let handlers = exception_table::entries(&code.exceptiontable)
        .map(|entry| (entry.start as u32, entry.end as u32, entry.target as u32, entry.depth as u32, entry.lasti))
        .collect();
    Listing {
        code: id,
        flags: flags(code.flags),
        bytecode: instructions(code),
        lowered: form(lowered::Mode::Fast),
        exact: form(lowered::Mode::Exact),
        handlers,
        dis: display::disassemble(code, display::Options::default()),
    }
}

fn flags(flags: CodeFlags) -> String {
    let names = [
        (CodeFlags::OPTIMIZED, "optimized"),
        (CodeFlags::NEWLOCALS, "newlocals"),
        (CodeFlags::VARARGS, "varargs"),
        (CodeFlags::VARKEYWORDS, "varkeywords"),
        (CodeFlags::NESTED, "nested"),
        (CodeFlags::GENERATOR, "generator"),
        (CodeFlags::COROUTINE, "coroutine"),
        (CodeFlags::ASYNC_GENERATOR, "async generator"),
    ];
    names.iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}

fn instructions(code: &CodeObject) -> Vec<Instruction> {
    let mut meanings: std::collections::HashMap<usize, String> = display::meanings(code).into_iter().collect();
    // Both go forward together: looking a place up begins at the start of the table each time.
    let mut places = positions::Positions::new(&code.linetable, code.firstlineno).peekable();
    code.instructions()
        .map(|instruction| {
            while places.next_if(|place| place.end <= instruction.offset).is_some() {}
            let has_operand = instruction.opcode.has_arg() || instruction.opcode == Opcode::RESUME;
            let place = places.peek().copied();
            let line = place.and_then(|place| place.lineno);
            Instruction {
                o: instruction.offset as u32,
                l: line.unwrap_or(0).max(0) as u32,
                p: place.and_then(columns),
                op: instruction.opcode.name().unwrap_or("?").to_owned(),
                a: has_operand.then_some(instruction.oparg),
                r: meanings.remove(&instruction.offset).unwrap_or_default(),
            }
        })
        .collect()
}

/// Last line, first and last column, where the compiler knows them.
fn columns(range: positions::PositionRange) -> Option<(u32, u32, u32)> {
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    Some((number(range.end_lineno)?, number(range.col_offset)?, number(range.end_col_offset)?))
}

/// Code objects of a source to any depth, the module's first.
pub fn all_codes(code: &std::rc::Rc<CodeObject>) -> Vec<std::rc::Rc<CodeObject>> {
    let mut todo = vec![code.clone()];
    let mut done = Vec::new();
    while let Some(code) = todo.pop() {
        let nested: Vec<_> = code.nested().cloned().collect();
        todo.extend(nested.into_iter().rev());
        done.push(code);
    }
    done
}

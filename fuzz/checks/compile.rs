//! What must hold for any source: the tokenizer, the parser and the compiler end, with a result or an error that has a
//! message, and what they make can be printed and marshalled. The fuzz target and the replay of its corpus share this.

use std::rc::Rc;

use oriel_bytecode::{CodeFlags, Text, display, marshal};
use oriel_compiler::{Options, compile, compile_source, symbol_table};
use oriel_syntax::{Arena, Mode, ParseOptions, SyntaxErrorKind, dump, parse, tokens};

/// The first byte chooses the mode, the second the options; the rest is the source.
pub fn check(data: &[u8]) {
    let [mode, choice, source @ ..] = data else { return };
    let source = String::from_utf8_lossy(source);
    let mode = match mode % 8 {
        0 => Mode::Eval,
        1 => Mode::Single,
        2 => Mode::FuncType,
        _ => Mode::Exec,
    };
    let bit = |number: u8| choice >> number & 1 != 0;
    let parse_options = ParseOptions {
        type_comments: bit(0),
        feature_version: if bit(1) { 7 } else { 14 },
        barry_as_flufl: false,
        dont_imply_dedent: bit(2),
        allow_incomplete_input: bit(3),
        int_max_str_digits: 4300,
    };
    let options = Options {
        optimize: (choice >> 4) % 3,
        inherited: if bit(6) { CodeFlags::FUTURE_ANNOTATIONS } else { CodeFlags::default() },
        allow_top_level_await: bit(7),
        parse: parse_options,
        ..Options::default()
    };
    tokens_of(&source, bit(0));
    tree_of(&source, mode, &options);
    if mode == Mode::FuncType {
        return;
    }
    match compile_source(&source, &Text::from("<fuzz>"), mode, &options, &mut Vec::new()) {
        Ok(code) => {
            let code = Rc::new(code);
            let _ = display::disassemble_recursive(&code, display::Options::default());
            if let Ok(bytes) = marshal::plain::dump_code(&code) {
                let again = marshal::plain::load_code(&bytes);
                assert!(again.is_ok(), "what was written cannot be read: {again:?}");
            }
        }
        // Only a tree that a program made can be malformed.
        Err(error) => assert!(!error.message.is_empty() && error.kind != SyntaxErrorKind::Value, "{error:?}"),
    }
}

fn tokens_of(source: &str, extra: bool) {
    if source.contains('\0') {
        return;
    }
    let source = tokens::TokensSource::new(source.to_owned());
    let mut last = (0, 0);
    for token in tokens::Tokens::new(&source, extra).map_while(Result::ok) {
        assert!(token.start >= last || token.start.1 < 0, "tokens go back: {token:?}");
        last = token.start;
    }
}

fn tree_of(source: &str, mode: Mode, options: &Options) {
    let arena = Arena::new();
    if let Ok(tree) = parse(&arena, source, mode, &options.parse, &mut Vec::new()) {
        let _ = dump::dump(&tree, true);
        let _ = symbol_table(&arena, &tree, options).map(|table| table.dump());
        if mode != Mode::FuncType {
            let _ = compile(&arena, &tree, &Text::from("<fuzz>"), options, &mut Vec::new());
        }
    }
}

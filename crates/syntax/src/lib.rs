//! Source text to tokens to syntax tree, with CPython's SyntaxErrors.

#![forbid(unsafe_code)]

pub mod ast;
pub mod dump;
pub mod error;
mod errors;
pub mod literal;
mod parser;
pub mod repr;
pub mod source;
mod stream;
pub mod token;
pub mod tokenizer;
pub mod tokens;

use parser::{Fail, Parser};
use stream::TokenStream;

pub use ast::Arena;
pub use error::{SyntaxError, SyntaxErrorKind, Warning, WarningCategory};

/// What a source is to be parsed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A file: `exec`.
    Exec,
    /// An expression: `eval`.
    Eval,
    /// One interactive statement: `single`.
    Single,
    /// A signature type comment: `func_type`.
    FuncType,
}

/// What the caller of the parser may choose.
#[derive(Clone, Copy, Debug)]
pub struct ParseOptions {
    /// Keep type comments (`PyCF_TYPE_COMMENTS`).
    pub type_comments: bool,
    /// The minor version of the grammar to accept (`ast.parse(feature_version=...)`).
    pub feature_version: u8,
    /// `from __future__ import barry_as_FLUFL` is in effect.
    pub barry_as_flufl: bool,
    /// Do not imply the final DEDENT of interactive input (`PyCF_DONT_IMPLY_DEDENT`).
    pub dont_imply_dedent: bool,
    /// Report an unfinished source as such (`PyCF_ALLOW_INCOMPLETE_INPUT`).
    pub allow_incomplete_input: bool,
    /// The longest decimal integer literal, in digits; 0 for no limit (`sys.get_int_max_str_digits()`).
    pub int_max_str_digits: usize,
}

impl Default for ParseOptions {
    fn default() -> ParseOptions {
        ParseOptions {
            type_comments: false,
            feature_version: 14,
            barry_as_flufl: false,
            dont_imply_dedent: false,
            allow_incomplete_input: false,
            int_max_str_digits: 4300,
        }
    }
}

/// Parses `source` into `arena`. Warnings are appended to `warnings` in the order in which CPython gives them, whether
/// or not the parse succeeds. The caller adds the file's name to whatever it reports.
///
/// # Errors
/// The error that CPython reports for the same source.
pub fn parse<'a>(
    arena: &'a Arena,
    source: &str,
    mode: Mode,
    options: &ParseOptions,
    warnings: &mut Vec<Warning>,
) -> Result<ast::Mod<'a>, SyntaxError> {
    // Native stack for the deepest nesting that is allowed, whatever thread this is.
    stacker::maybe_grow(STACK_NEEDED, STACK_NEEDED * 2, || parse_here(arena, source, mode, options, warnings))
}

/// How much native stack the deepest nesting needs at most.
const STACK_NEEDED: usize = if cfg!(debug_assertions) { 64 << 20 } else { 4 << 20 };

fn parse_here<'a>(
    arena: &'a Arena,
    source: &str,
    mode: Mode,
    options: &ParseOptions,
    warnings: &mut Vec<Warning>,
) -> Result<ast::Mod<'a>, SyntaxError> {
    let src = source::prepare(arena, source, mode)?;
    let mut stream = TokenStream::new(src, mode, options.type_comments, options.dont_imply_dedent);
    let mut parser = Parser::new(arena, src, &stream, options);
    let parsed = parser.parse(mode, &stream);
    let end = parser.position();
    let mut found = parser.take_warnings();
    let warned = stream.warned_at.iter().copied().zip(std::mem::take(&mut stream.warnings));
    if found.is_empty() {
        warnings.extend(warned.map(|(_, warning)| warning));
    } else {
        found.extend(warned);
        found.sort_by_key(|(place, _)| *place);
        for (_, warning) in found.iter_mut().filter(|(_, warning)| warning.error.text.is_none()) {
            errors::place_in_text(&mut warning.error, src);
        }
        warnings.extend(found.into_iter().map(|(_, warning)| warning));
    }
    match parsed {
        Ok(tree) if mode == Mode::Single => match errors::check_single(arena, src, &stream, options, end) {
            Some(error) => Err(error),
            None => Ok(tree),
        },
        Ok(tree) => Ok(tree),
        Err(Fail) => Err(diagnose(arena, src, &stream, mode, options)),
    }
}

fn diagnose(arena: &Arena, src: &str, stream: &TokenStream, mode: Mode, options: &ParseOptions) -> SyntaxError {
    // Reading by rules nests more functions than parsing does.
    stacker::maybe_grow(STACK_NEEDED * 3, STACK_NEEDED * 6, || errors::diagnose(arena, src, stream, mode, options))
}

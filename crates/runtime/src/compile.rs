//! Stages 3 and 4 as the runtime uses them: source objects to code objects, SyntaxErrors to exceptions.

use crate::error::{PyResult, Raised};
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_syntax::{Mode, SyntaxError, SyntaxErrorKind};
use std::rc::Rc;

/// `PyCF_ONLY_AST`
pub const ONLY_AST: u32 = 0x400;
/// `PyCF_SOURCE_IS_UTF8`
pub const SOURCE_IS_UTF8: u32 = 0x100;
/// `PyCF_TYPE_COMMENTS`
pub const TYPE_COMMENTS: u32 = 0x1000;
/// `PyCF_ALLOW_TOP_LEVEL_AWAIT`
pub const ALLOW_TOP_LEVEL_AWAIT: u32 = 0x2000;
/// `PyCF_ALLOW_INCOMPLETE_INPUT`
pub const ALLOW_INCOMPLETE_INPUT: u32 = 0x4000;
/// `PyCF_DONT_IMPLY_DEDENT`
pub const DONT_IMPLY_DEDENT: u32 = 0x200;
/// The source is what a file holds that is run, and messages about its encoding name it. Not for `compile()`.
pub const FROM_FILE: u32 = 1 << 31;
/// `PyCF_OPTIMIZED_AST`
pub const OPTIMIZED_AST: u32 = 0x8000 | ONLY_AST;
/// The `__future__` flags of code objects.
pub const FUTURE_FLAGS: u32 = 0x1fe_0000;
/// Everything that `compile()` accepts.
pub const KNOWN_FLAGS: u32 = FUTURE_FLAGS
    | SOURCE_IS_UTF8
    | DONT_IMPLY_DEDENT
    | ONLY_AST
    | 0x800
    | TYPE_COMMENTS
    | ALLOW_TOP_LEVEL_AWAIT
    | ALLOW_INCOMPLETE_INPUT
    | OPTIMIZED_AST
    | 0x10;

impl Vm {
    /// The bytes of a source given as `str` or bytes-like object, with CPython's complaints.
    pub fn source_text(&self, source: &Value, wrong: &str) -> PyResult<Vec<u8>> {
        let bytes = match source.downcast::<Str>() {
            Some(text) => self.encode_utf8(text)?,
            None => match self.bytes_of(source) {
                Some(bytes) => bytes,
                None if self.type_of(source).slots.buffer.get().is_some() => self.buffer(source, false)?.to_vec(),
                None => return Err(self.type_error(wrong)),
            },
        };
        if bytes.contains(&0) {
            let raised = self.new_exception(&self.types.syntax_error, "source code string cannot contain null bytes");
            return Err(raised);
        }
        Ok(bytes)
    }

    /// `compile()` of a source or a syntax tree.
    pub fn compile_object(
        &self,
        source: &Value,
        filename: &str,
        mode: Mode,
        flags: u32,
        optimize: i32,
        feature_version: i32,
    ) -> PyResult {
        if let Some(compile_tree) = self.ast_hooks.get()
            && (compile_tree.is_tree)(self, source)
        {
            return (compile_tree.compile)(self, source, filename, mode, flags, optimize);
        }
        let is_text = source.downcast::<Str>().is_some();
        let bytes = self.source_text(source, "compile() arg 1 must be a string, bytes or AST object")?;
        let flags = if is_text { flags | SOURCE_IS_UTF8 } else { flags };
        self.compile_text(&bytes, filename, mode, flags, optimize, feature_version)
    }

    /// Compiles source bytes; the result is a code object, or a tree where [`ONLY_AST`] is set.
    pub fn compile_text(
        &self,
        source: &[u8],
        filename: &str,
        mode: Mode,
        flags: u32,
        optimize: i32,
        feature_version: i32,
    ) -> PyResult {
        if flags & ONLY_AST != 0 {
            if self.ast_hooks.get().is_none() {
                self.import_module("_ast")?;
            }
            return match self.ast_hooks.get() {
                Some(hooks) => (hooks.parse)(self, source, filename, mode, flags, optimize, feature_version),
                None => Err(self.not_implemented_error("syntax trees need the module _ast, which is not there")),
            };
        }
        let text = self.decode_source(source, filename, flags)?;
        let options = self.compiler_options(flags, optimize, feature_version);
        let mut warnings = Vec::new();
        let result =
            oriel_compiler::compile_source(&text, &oriel_bytecode::Text::from(filename), mode, &options, &mut warnings);
        for warning in &warnings {
            self.syntax_warning(warning, filename)?;
        }
        match result {
            Ok(code) => Ok(self.new_code(Rc::new(code))?.into_value()),
            Err(mut error) => {
                let last = source.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
                if flags & FROM_FILE != 0 && last == b"\\" && error.message == "unexpected EOF while parsing" {
                    // Of a file whose last line is nothing else, CPython's tokenizer has lost the column.
                    (error.offset, error.end_offset) = (0, 0);
                }
                Err(self.raise_syntax_error(&error, filename))
            }
        }
    }

    /// The compiler's options for `compile()` flags.
    pub fn compiler_options(&self, flags: u32, optimize: i32, feature_version: i32) -> oriel_compiler::Options {
        let parse = oriel_syntax::ParseOptions {
            type_comments: flags & TYPE_COMMENTS != 0,
            feature_version: if feature_version < 0 { 14 } else { feature_version as u8 },
            barry_as_flufl: false,
            dont_imply_dedent: flags & DONT_IMPLY_DEDENT != 0,
            allow_incomplete_input: flags & ALLOW_INCOMPLETE_INPUT != 0,
            int_max_str_digits: self.int_max_str_digits.get(),
        };
        let optimize = if optimize < 0 { self.config.optimize } else { optimize };
        oriel_compiler::Options {
            optimize: optimize.clamp(0, 2) as u8,
            inherited: oriel_bytecode::CodeFlags(flags & FUTURE_FLAGS),
            allow_top_level_await: flags & ALLOW_TOP_LEVEL_AWAIT != 0,
            stack_budget: self.stack_left() / 2,
            parse,
        }
    }

    /// The exception of a SyntaxError found in a source.
    #[cold]
    pub fn raise_syntax_error(&self, error: &SyntaxError, filename: &str) -> Raised {
        let class = match error.kind {
            SyntaxErrorKind::Indentation => &self.types.indentation_error,
            SyntaxErrorKind::Tab => &self.types.tab_error,
            SyntaxErrorKind::IncompleteInput => &self.types.incomplete_input_error,
            SyntaxErrorKind::Memory => return self.new_exception(&self.types.memory_error, &error.message),
            SyntaxErrorKind::Recursion => return self.recursion_error(&error.message),
            SyntaxErrorKind::Overflow => return self.new_exception(&self.types.overflow_error, &error.message),
            SyntaxErrorKind::Value => return self.value_error(&error.message),
            SyntaxErrorKind::Type => return self.type_error(&error.message),
            SyntaxErrorKind::Syntax => &self.types.syntax_error,
        };
        let place = crate::types::exceptions::syntax_error::SyntaxPlace {
            // The compiler knows no source; that of a file can be read again.
            text: error
                .text
                .clone()
                .or_else(|| self.source_line(filename, error.lineno.into()).map(|line| line + "\n")),
            line: error.lineno.into(),
            column: error.offset.into(),
            end_line: error.end_lineno.into(),
            end_column: error.end_offset.into(),
        };
        let raised = self.new_syntax_error(class, &error.message, &self.new_str(filename), &place);
        if let Some((line, column, source)) = &error.metadata {
            let statement = [self.new_int((*line).into()), self.new_int((*column).into()), self.new_str(source)];
            if let Some(body) = raised.0.downcast::<crate::types::exceptions::syntax_error::SyntaxError>() {
                body.metadata.set(Some(self.new_tuple(&statement)));
            }
        }
        raised
    }
}

/// What the module `_ast` does for `compile()`.
#[derive(Clone, Copy)]
pub struct AstHooks {
    /// Whether the value is a syntax tree object.
    pub is_tree: fn(&Vm, &Value) -> bool,
    /// Compiles a tree object.
    pub compile: fn(&Vm, &Value, &str, Mode, u32, i32) -> PyResult,
    /// Parses source into a tree object.
    pub parse: fn(&Vm, &[u8], &str, Mode, u32, i32, i32) -> PyResult,
}

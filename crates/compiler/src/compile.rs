//! The way from a tree, or from source text, to a code object.

use oriel_bytecode::{CodeFlags, CodeObject, Text};
use oriel_syntax::ast::Mod;
use oriel_syntax::{Arena, Mode, ParseOptions, SyntaxError, Warning};

use crate::codegen::{Compiler, Input};
use crate::error::{CompileError, StackGuard};
use crate::future::Future;
use crate::preprocess::preprocess;
use crate::symtable::{self, SymbolTable};

/// What the caller of the compiler may choose.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The optimization level: 1 drops `assert`, 2 docstrings as well.
    pub optimize: u8,
    /// Future features that are in force from outside (`FUTURE_*` flags).
    pub inherited: CodeFlags,
    /// `await` may stand at the top of the module (`PyCF_ALLOW_TOP_LEVEL_AWAIT`).
    pub allow_top_level_await: bool,
    /// How many bytes of native stack the compiler may use.
    pub stack_budget: usize,
    /// What the parser may be told.
    pub parse: ParseOptions,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            optimize: 0,
            inherited: CodeFlags::default(),
            allow_top_level_await: false,
            stack_budget: 1 << 20,
            parse: ParseOptions::default(),
        }
    }
}

/// Compiles a tree. Warnings are appended to `warnings` in the order in which CPython gives them, whether or not the
/// compilation succeeds.
///
/// # Errors
/// The error that CPython raises for the same tree.
pub fn compile<'a>(
    arena: &'a Arena,
    module: &Mod<'a>,
    filename: &Text,
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> Result<CodeObject, SyntaxError> {
    compile_tree(arena, module, filename, options, warnings).map_err(|error| *error.0)
}

fn compile_tree<'a>(
    arena: &'a Arena,
    module: &Mod<'a>,
    filename: &Text,
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> Result<CodeObject, CompileError> {
    let guard = StackGuard::with_budget(options.stack_budget);
    let future = Future::of_module(module, options.inherited, options.allow_top_level_await)?;
    let module = preprocess(arena, module, options.optimize, &future, guard, warnings)?;
    let table = symtable::build(arena, &module, &future, guard)?;
    let mut compiler =
        Compiler::new(Input { arena, filename: filename.clone(), table, future, optimize: options.optimize, guard });
    let code = compiler.module(&module);
    warnings.append(&mut compiler.take_warnings());
    code
}

/// What the compiler makes of a tree before it generates code: docstrings, `__debug__`, formats of constants
/// (`PyCF_OPTIMIZED_AST`).
///
/// # Errors
/// The SyntaxErrors of this pass.
pub fn optimize_tree<'a>(arena: &'a Arena, module: &Mod<'a>, options: &Options) -> Result<Mod<'a>, SyntaxError> {
    let guard = StackGuard::with_budget(options.stack_budget);
    Future::of_module(module, options.inherited, options.allow_top_level_await)
        .and_then(|future| preprocess(arena, module, options.optimize, &future, guard, &mut Vec::new()))
        .map_err(|error| *error.0)
}

/// Parses and compiles source text.
///
/// # Errors
/// The error that CPython raises for the same source.
pub fn compile_source(
    source: &str,
    filename: &Text,
    mode: Mode,
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> Result<CodeObject, SyntaxError> {
    let arena = Arena::for_source(source.len());
    let mut parse = options.parse;
    parse.barry_as_flufl |= options.inherited.contains(CodeFlags::FUTURE_BARRY_AS_BDFL);
    let module = oriel_syntax::parse(&arena, source, mode, &parse, warnings)?;
    compile(&arena, &module, filename, options, warnings)
}

/// The symbol table of a tree, as the module `_symtable` shows it: without preprocessing.
///
/// # Errors
/// The SyntaxErrors that concern names and scopes.
pub fn symbol_table<'a>(arena: &'a Arena, module: &Mod<'a>, options: &Options) -> Result<SymbolTable<'a>, SyntaxError> {
    let guard = StackGuard::with_budget(options.stack_budget);
    Future::of_module(module, options.inherited, options.allow_top_level_await)
        .and_then(|future| symtable::build(arena, module, &future, guard))
        .map_err(|error| *error.0)
}

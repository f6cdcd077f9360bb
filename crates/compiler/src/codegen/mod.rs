//! Code generation: the tree with its symbol table to instruction sequences, scope by scope.
//!
//! The order of instructions, constants and names is CPython's, because code objects are compared with its byte for
//! byte. Nothing is optimized here beyond what only the tree can tell; see `flowgraph`.

mod annotations;
mod blocks;
mod calls;
mod classes;
mod comprehensions;
mod conditions;
mod displays;
mod expressions;
mod functions;
mod handlers;
mod imports;
mod jumps;
mod lint;
mod names;
mod patterns;
mod scopes;
mod statements;
mod strings;
mod subscripts;
mod type_params;
mod with;

use std::collections::BTreeSet;

use oriel_bytecode::{Constant, IBig, Opcode, Text};
use oriel_syntax::ast::{self, Mod, StmtRef};
use oriel_syntax::{Arena, Warning};
use rustc_hash::FxHashMap;

use crate::error::{CompileError, Location, StackGuard, syntax_warning};
use crate::future::Future;
use crate::instruction_sequence::{InstructionSequence, Label, UnitMetadata};
use crate::symtable::{Block, BlockId, Name, SymbolTable};
use blocks::FrameBlock;

type Result<T = ()> = std::result::Result<T, CompileError>;

/// More operands than this are not put on the stack at once: a container is filled instead.
const STACK_USE_GUIDELINE: usize = 30;

/// What kind of scope a unit is compiled for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ScopeKind {
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    Comprehension,
    Annotations,
}

/// A scope while its code is being generated.
struct Unit<'a> {
    kind: ScopeKind,
    block: BlockId,
    /// The class whose private names are mangled.
    private: Option<Name<'a>>,
    /// Of a class: the attributes that its methods set on `self`.
    static_attributes: BTreeSet<Name<'a>>,
    /// Annotated names and, for annotations that may not be executed, the number that tells whether they were.
    deferred_annotations: Vec<(StmtRef<'a>, Option<u32>)>,
    next_conditional_annotation: u32,
    /// What is emitted.
    seq: InstructionSequence,
    /// The module's instructions, while those that set up annotations are being emitted.
    stashed_seq: Option<InstructionSequence>,
    frame_blocks: Vec<FrameBlock<'a>>,
    inlined_comprehensions: u32,
    conditional_blocks: u32,
    /// Names that inlined comprehensions keep in fast locals, and whether one is doing so now.
    fast_hidden: FxHashMap<Name<'a>, bool>,
    meta: UnitMetadata,
}

/// The state of one compilation.
pub(crate) struct Compiler<'a> {
    arena: &'a Arena,
    filename: Text,
    table: SymbolTable<'a>,
    future: Future,
    optimize: u8,
    interactive: bool,
    guard: StackGuard,
    warnings: Vec<Warning>,
    /// Code is emitted a second time, and must not be warned about again.
    silent: u32,
    /// The scope being compiled.
    unit: Unit<'a>,
    /// The scopes around it.
    stack: Vec<Unit<'a>>,
    texts: FxHashMap<&'a str, Text>,
}

/// What a compilation starts from.
pub(crate) struct Input<'a> {
    pub(crate) arena: &'a Arena,
    pub(crate) filename: Text,
    pub(crate) table: SymbolTable<'a>,
    pub(crate) future: Future,
    pub(crate) optimize: u8,
    pub(crate) guard: StackGuard,
}

impl<'a> Compiler<'a> {
    /// A compiler that stands at the beginning of the module.
    pub(crate) fn new(input: Input<'a>) -> Compiler<'a> {
        let Input { arena, filename, table, future, optimize, guard } = input;
        let unit = Unit::new(ScopeKind::Module, table.top());
        let mut compiler = Compiler {
            arena,
            filename,
            table,
            future,
            optimize,
            interactive: false,
            guard,
            warnings: Vec::new(),
            silent: 0,
            unit,
            stack: Vec::new(),
            texts: FxHashMap::default(),
        };
        compiler.fill_metadata("<module>", 1);
        compiler
    }

    /// Generates the code of the module.
    ///
    /// # Errors
    /// The SyntaxErrors that code generation finds.
    pub(crate) fn module(&mut self, module: &Mod<'a>) -> Result<oriel_bytecode::CodeObject> {
        self.start_scope(1);
        match *module {
            Mod::Module { body, .. } => self.module_body(body, false)?,
            Mod::Interactive { body } => {
                self.interactive = true;
                self.module_body(body, true)?;
            }
            Mod::Expression { body } => self.expr(body)?,
            Mod::FunctionType { .. } => {
                return Err(CompileError::invalid_tree("module kind should not be possible", Location::default()));
            }
        }
        let add_none = !matches!(module, Mod::Expression { .. });
        self.assemble(add_none)
    }

    /// The warnings so far.
    pub(crate) fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }

    fn block(&self) -> &Block<'a> {
        self.table.block(self.unit.block)
    }

    fn is_interactive_top_level(&self) -> bool {
        self.interactive && self.stack.is_empty()
    }

    fn text(&mut self, name: &'a str) -> Text {
        self.texts.entry(name).or_insert_with(|| Text::from(name)).clone()
    }

    fn maybe_mangle(&self, name: Name<'a>) -> Name<'a> {
        self.block().maybe_mangle(self.arena, self.unit.private, name)
    }

    fn warn(&mut self, location: Location, message: String) {
        if self.silent == 0 {
            self.warnings.push(syntax_warning(message, location));
        }
    }

    // What follows emits instructions.

    fn new_label(&mut self) -> Label {
        self.unit.seq.new_label()
    }

    fn use_label(&mut self, label: Label) {
        self.unit.seq.use_label(label);
    }

    fn op(&mut self, location: Location, opcode: Opcode) {
        self.unit.seq.add_op0(opcode, position(location));
    }

    fn op_arg(&mut self, location: Location, opcode: Opcode, oparg: u32) {
        self.unit.seq.add_op(opcode, oparg, position(location));
    }

    /// An instruction that counts something of the source.
    fn op_count(&mut self, location: Location, opcode: Opcode, count: usize) -> Result {
        match i32::try_from(count) {
            Ok(count) => {
                self.op_arg(location, opcode, count as u32);
                Ok(())
            }
            Err(_) => Err(CompileError::overflow("operand does not fit into an instruction")),
        }
    }

    fn jump(&mut self, location: Location, opcode: Opcode, target: Label) {
        self.unit.seq.add_jump(opcode, target, position(location));
    }

    fn load_const(&mut self, location: Location, constant: Constant) {
        let index = self.unit.meta.consts.add(constant);
        self.op_arg(location, Opcode::LOAD_CONST, index);
    }

    fn load_none(&mut self, location: Location) {
        self.load_const(location, Constant::None);
    }

    fn load_str(&mut self, location: Location, text: &'a str) {
        let text = self.text(text);
        self.load_const(location, Constant::Str(text));
    }

    fn load_ast_const(&mut self, location: Location, constant: ast::Constant<'a>) -> Result {
        let constant = self.constant(constant)?;
        self.load_const(location, constant);
        Ok(())
    }

    /// An instruction on a name as it is.
    fn op_plain_name(&mut self, location: Location, opcode: Opcode, name: Name<'a>) {
        let text = self.text(name);
        let index = self.unit.meta.names.add(text);
        self.op_arg(location, opcode, index);
    }

    /// The index of an attribute's or global's name, mangled.
    fn name_index(&mut self, name: Name<'a>) -> u32 {
        let text = self.text(self.maybe_mangle(name));
        self.unit.meta.names.add(text)
    }

    /// An instruction on a name that may be private.
    fn op_name(&mut self, location: Location, opcode: Opcode, name: Name<'a>) {
        let index = self.name_index(name);
        self.op_arg(location, opcode, index);
    }

    fn load_attr(&mut self, location: Location, name: Name<'a>) {
        let index = self.name_index(name);
        self.op_arg(location, Opcode::LOAD_ATTR, index << 1);
    }

    /// Pushes a method and its receiver, or a callable and null.
    fn load_method(&mut self, location: Location, name: Name<'a>) {
        let index = self.name_index(name);
        self.op_arg(location, Opcode::LOAD_ATTR, index << 1 | 1);
    }

    /// The constant of the tree as one of code objects.
    fn constant(&mut self, constant: ast::Constant<'a>) -> Result<Constant> {
        Ok(match constant {
            ast::Constant::None => Constant::None,
            ast::Constant::True => Constant::True,
            ast::Constant::False => Constant::False,
            ast::Constant::Ellipsis => Constant::Ellipsis,
            ast::Constant::Int(ast::Int::Small(value)) => Constant::int(value),
            ast::Constant::Int(ast::Int::Big(big)) => match IBig::from_str_radix(big.digits, big.radix) {
                Ok(value) => Constant::Int(value),
                Err(_) => return Err(CompileError::invalid_tree("malformed integer", Location::default())),
            },
            ast::Constant::Float(value) => Constant::Float(value),
            ast::Constant::Complex { real, imag } => Constant::Complex(real, imag),
            ast::Constant::Str(ast::Text::Utf8(text)) => Constant::Str(self.text(text)),
            ast::Constant::Str(ast::Text::CodePoints(points)) => match Text::from_code_points(points.iter().copied()) {
                Some(text) => Constant::Str(text),
                None => return Err(CompileError::invalid_tree("malformed string", Location::default())),
            },
            ast::Constant::Bytes(bytes) => Constant::Bytes(bytes.into()),
            ast::Constant::Tuple(items) => Constant::Tuple(self.constants(items)?.into()),
            ast::Constant::FrozenSet(items) => Constant::FrozenSet(self.constants(items)?.into()),
        })
    }

    fn constants(&mut self, items: &'a [ast::Constant<'a>]) -> Result<Vec<Constant>> {
        self.guard.check()?;
        items.iter().map(|item| self.constant(*item)).collect()
    }

    fn names_tuple(&mut self, names: impl Iterator<Item = Name<'a>>) -> Constant {
        let names: Vec<Constant> = names.map(|name| Constant::Str(self.text(name))).collect();
        Constant::tuple(names)
    }
}

fn position(location: Location) -> oriel_bytecode::positions::Location {
    oriel_bytecode::positions::Location {
        lineno: location.lineno,
        end_lineno: location.end_lineno,
        col_offset: location.col_offset,
        end_col_offset: location.end_col_offset,
    }
}

/// A position that knows its line only: columns 0, as those of a scope's first instructions.
fn line_start(lineno: i32) -> Location {
    Location { lineno, end_lineno: lineno, col_offset: 0, end_col_offset: 0 }
}

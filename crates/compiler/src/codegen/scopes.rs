//! Entering and leaving scopes, their bodies, and functions made of their code objects.

use std::collections::BTreeSet;

use oriel_bytecode::oparg::{function_attribute, resume};
use oriel_bytecode::{CodeFlags, CodeObject, Constant, Opcode, Text};
use oriel_syntax::ast::{Body, ExprContext};
use rustc_hash::FxHashMap;

use super::{Compiler, Result, ScopeKind, Unit, line_start};
use crate::error::{CompileError, Location, NO_LOCATION};
use crate::instruction_sequence::{AssembleError, InstructionSequence, NameTable, UnitMetadata};
use crate::preprocess::docstring;
use crate::symtable::{BlockId, BlockKey, Flags, Name, Scope, mangle};

/// How many parameters of which kind a scope's function has.
#[derive(Clone, Copy, Default)]
pub(super) struct Parameters {
    pub(super) argcount: usize,
    pub(super) posonlyargcount: usize,
    pub(super) kwonlyargcount: usize,
}

impl<'a> Unit<'a> {
    pub(super) fn new(kind: ScopeKind, block: BlockId) -> Unit<'a> {
        Unit {
            kind,
            block,
            private: None,
            static_attributes: BTreeSet::new(),
            deferred_annotations: Vec::new(),
            next_conditional_annotation: 0,
            seq: InstructionSequence::new(),
            stashed_seq: None,
            frame_blocks: Vec::new(),
            inlined_comprehensions: 0,
            conditional_blocks: 0,
            fast_hidden: FxHashMap::default(),
            meta: UnitMetadata::default(),
        }
    }
}

impl<'a> Compiler<'a> {
    /// Enters the scope that `key` owns.
    pub(super) fn enter_scope(
        &mut self,
        name: Name<'a>,
        kind: ScopeKind,
        key: BlockKey,
        lineno: i32,
        private: Option<Name<'a>>,
        parameters: Parameters,
    ) -> Result {
        let block = self.block_of(key)?;
        self.enter_block_scope(name, kind, block, lineno, private, parameters)
    }

    /// The block that `key` owns.
    pub(super) fn block_of(&self, key: BlockKey) -> Result<BlockId> {
        match self.table.lookup(key) {
            Some(block) => Ok(block),
            None => Err(CompileError::invalid_tree("unknown symbol table entry", Location::default())),
        }
    }

    pub(super) fn enter_block_scope(
        &mut self,
        name: Name<'a>,
        kind: ScopeKind,
        block: BlockId,
        lineno: i32,
        private: Option<Name<'a>>,
        parameters: Parameters,
    ) -> Result {
        let mut unit = Unit::new(kind, block);
        unit.private = private.or(self.unit.private);
        unit.meta.argcount = count(parameters.argcount)?;
        unit.meta.posonlyargcount = count(parameters.posonlyargcount)?;
        unit.meta.kwonlyargcount = count(parameters.kwonlyargcount)?;
        self.stack.push(std::mem::replace(&mut self.unit, unit));
        self.fill_metadata(name, lineno);
        self.set_qualname();
        self.start_scope(lineno);
        Ok(())
    }

    /// Emits what every scope starts with.
    pub(super) fn start_scope(&mut self, lineno: i32) {
        let module = self.unit.kind == ScopeKind::Module;
        let mut location = line_start(lineno);
        if module {
            location.lineno = 0;
        }
        self.op_arg(location, Opcode::RESUME, resume::AT_FUNC_START);
        if module {
            self.op(location, Opcode::ANNOTATIONS_PLACEHOLDER);
        }
    }

    /// Sets up what the symbol table knows of the current unit.
    pub(super) fn fill_metadata(&mut self, name: Name<'a>, lineno: i32) {
        let name = self.text(name);
        let id = self.unit.block;
        let block = self.table.block(id);
        let varnames: Vec<Name<'a>> = block.varnames.clone();
        let mut cellvars = sorted_names(block.symbols.iter(), Scope::Cell, Flags::COMP_CELL);
        for (implicit, needed) in [
            ("__class__", block.needs_class_closure),
            ("__classdict__", block.needs_classdict),
            ("__conditional_annotations__", block.has_conditional_annotations),
        ] {
            if needed && !cellvars.contains(&implicit) {
                cellvars.push(implicit);
            }
        }
        let freevars = sorted_names(block.symbols.iter(), Scope::Free, Flags::FREE_CLASS);
        let parameter_count = varnames.len() as u32;
        let varnames = self.name_table(varnames);
        let cellvars = self.name_table(cellvars);
        let freevars = self.name_table(freevars);
        let filename = self.filename.clone();
        let meta = &mut self.unit.meta;
        meta.qualname = name.clone();
        meta.name = name;
        meta.filename = filename;
        meta.varnames = varnames;
        meta.cellvars = cellvars;
        meta.freevars = freevars;
        meta.parameter_count = parameter_count;
        meta.firstlineno = lineno;
    }

    fn name_table(&mut self, names: Vec<Name<'a>>) -> NameTable {
        names.into_iter().map(|name| self.text(name)).collect()
    }

    fn set_qualname(&mut self) {
        let Some(mut parent) = self.stack.last() else { return };
        if parent.kind == ScopeKind::Annotations {
            // Type parameters do not show in names.
            match self.stack.len() {
                0..=2 => return,
                depth => parent = &self.stack[depth - 2],
            }
        }
        if self.stack.len() == 1 && parent.kind == ScopeKind::Module {
            return;
        }
        let unit = &self.unit;
        let name = unit.meta.name.clone();
        if matches!(unit.kind, ScopeKind::Function | ScopeKind::AsyncFunction | ScopeKind::Class)
            && let Some(name) = name.as_str()
        {
            let name = self.arena.str(name);
            let mangled = mangle(self.arena, parent.private, name);
            if self.table.block(parent.block).scope(mangled) == Some(Scope::GlobalExplicit) {
                return;
            }
        }
        if parent.kind == ScopeKind::Module {
            return;
        }
        let infix: &[u8] = match parent.kind {
            ScopeKind::Function | ScopeKind::AsyncFunction | ScopeKind::Lambda => b".<locals>.",
            _ => b".",
        };
        let bytes = [parent.meta.qualname.as_bytes(), infix, name.as_bytes()].concat();
        if let Some(qualname) = Text::from_bytes(&bytes) {
            self.unit.meta.qualname = qualname;
        }
    }

    /// Leaves the current scope; its code object is what [`Compiler::assemble`] made.
    fn exit_scope(&mut self) {
        if let Some(outer) = self.stack.pop() {
            self.unit = outer;
        }
    }

    /// Finishes the code of the current scope and leaves the scope.
    pub(super) fn finish_scope(&mut self, add_none: bool) -> Result<CodeObject> {
        let code = self.assemble(add_none);
        self.exit_scope();
        code
    }

    /// Finishes the code of the current scope, which returns what is on the stack, or None.
    pub(super) fn assemble(&mut self, add_none: bool) -> Result<CodeObject> {
        if add_none {
            self.load_none(NO_LOCATION);
        }
        self.op(NO_LOCATION, Opcode::RETURN_VALUE);
        let flags = self.code_flags();
        let mut hidden = std::mem::take(&mut self.unit.fast_hidden);
        let hidden = hidden.drain().map(|(name, _)| self.text(name)).collect();
        let mut meta = std::mem::take(&mut self.unit.meta);
        meta.flags = flags;
        meta.fasthidden = hidden;
        let seq = std::mem::take(&mut self.unit.seq);
        crate::assemble::optimize_and_assemble(seq, meta).map_err(|error| match error {
            AssembleError::Malformed(_) => CompileError::invalid_tree(error.to_string(), Location::default()),
            AssembleError::TooLarge(_) => CompileError::overflow(error.to_string()),
        })
    }

    fn code_flags(&self) -> CodeFlags {
        let block = self.block();
        let mut flags = CodeFlags::default();
        if block.is_function_like() {
            flags |= CodeFlags::NEWLOCALS | CodeFlags::OPTIMIZED;
            for (set, flag) in [
                (block.nested, CodeFlags::NESTED),
                (block.generator && !block.coroutine, CodeFlags::GENERATOR),
                (block.generator && block.coroutine, CodeFlags::ASYNC_GENERATOR),
                (block.varargs, CodeFlags::VARARGS),
                (block.varkeywords, CodeFlags::VARKEYWORDS),
                (block.has_docstring, CodeFlags::HAS_DOCSTRING),
                (block.method, CodeFlags::METHOD),
            ] {
                if set {
                    flags |= flag;
                }
            }
        }
        if block.coroutine && !block.generator {
            flags |= CodeFlags::COROUTINE;
        }
        flags | self.future.flags
    }

    /// The statements of a module.
    pub(super) fn module_body(&mut self, body: Body<'a>, interactive: bool) -> Result {
        let location =
            body.first().map_or(Location { lineno: 1, end_lineno: 1, ..Location::default() }, |stmt| stmt.range);
        if self.block().has_conditional_annotations {
            self.op_arg(location, Opcode::BUILD_SET, 0);
            self.op_plain_name(location, Opcode::STORE_NAME, "__conditional_annotations__");
        }
        self.body(location, body, interactive)
    }

    /// The statements of a module or class, with docstring and annotations.
    pub(super) fn body(&mut self, location: Location, body: Body<'a>, interactive: bool) -> Result {
        if self.future.annotations && self.block().annotations_used {
            self.op(location, Opcode::SETUP_ANNOTATIONS);
        }
        if body.is_empty() {
            return Ok(());
        }
        let mut rest = body;
        if !interactive
            && self.block().has_docstring
            && let Some(doc) = docstring(body)
        {
            rest = &body[1..];
            let doc = crate::docs::clean(self.constant(oriel_syntax::ast::Constant::Str(doc))?);
            let oriel_syntax::ast::StmtKind::Expr { value } = body[0].kind else { return Ok(()) };
            self.load_const(value.range, doc);
            self.name_op(NO_LOCATION, "__doc__", ExprContext::Store)?;
        }
        self.stmts(rest)?;
        if !self.future.annotations {
            self.deferred_annotations(location)?;
        }
        Ok(())
    }

    /// Makes a function of `code`; `flags` say which attributes of it lie on the stack.
    pub(super) fn make_closure(&mut self, location: Location, code: CodeObject, flags: u32) -> Result {
        let mut flags = flags;
        let mut free = 0;
        for name in code.freevars() {
            let index = self.closure_index(name, location)?;
            self.op_arg(location, Opcode::LOAD_CLOSURE, index);
            free += 1;
        }
        if free > 0 {
            flags |= function_attribute::CLOSURE;
            self.op_arg(location, Opcode::BUILD_TUPLE, free);
        }
        self.load_const(location, Constant::Code(code.into()));
        self.op(location, Opcode::MAKE_FUNCTION);
        for attribute in [
            function_attribute::CLOSURE,
            function_attribute::ANNOTATIONS,
            function_attribute::ANNOTATE,
            function_attribute::KWDEFAULTS,
            function_attribute::DEFAULTS,
        ] {
            if flags & attribute != 0 {
                self.op_arg(location, Opcode::SET_FUNCTION_ATTRIBUTE, attribute);
            }
        }
        Ok(())
    }

    /// Where the current scope has the cell that an inner scope calls `name`.
    fn closure_index(&self, name: &Text, location: Location) -> Result<u32> {
        let meta = &self.unit.meta;
        let index = if name.as_str().and_then(|name| self.reference_scope(name)) == Some(Scope::Cell) {
            meta.cellvars.get(name)
        } else {
            meta.freevars.get(name).map(|index| index + meta.cellvars.len() as u32)
        };
        index.ok_or_else(|| {
            CompileError::invalid_tree(format!("no cell for the free variable '{}'", name.to_string_lossy()), location)
        })
    }

    /// The scope of a name that an inner scope refers to.
    pub(super) fn reference_scope(&self, name: &str) -> Option<Scope> {
        if self.unit.kind == ScopeKind::Class
            && matches!(name, "__class__" | "__classdict__" | "__conditional_annotations__")
        {
            return Some(Scope::Cell);
        }
        self.block().scope(name)
    }
}

fn count(count: usize) -> Result<u32> {
    u32::try_from(count).map_err(|_| CompileError::overflow("too many parameters"))
}

/// The names with `scope` or `flag`, sorted, so that their order hangs on nothing else.
fn sorted_names<'a, 's>(
    symbols: impl Iterator<Item = (&'s Name<'a>, &'s Flags)>,
    scope: Scope,
    flag: Flags,
) -> Vec<Name<'a>>
where
    'a: 's,
{
    let mut names: Vec<Name<'a>> =
        symbols.filter(|(_, flags)| flags.scope() == Some(scope) || flags.has(flag)).map(|(name, _)| *name).collect();
    names.sort_unstable();
    names
}

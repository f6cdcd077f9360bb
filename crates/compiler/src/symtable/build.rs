//! The first pass: what the table under construction looks like, and how blocks and definitions enter it.
//!
//! Which nodes make which definitions is in `statements` and `expressions`.

use std::cell::RefCell;
use std::rc::Rc;

use oriel_syntax::Arena;
use oriel_syntax::ast::{Expr, ExprContext, Keyword, Mod};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Block, BlockId, BlockKey, BlockKind, BlockRole, Flags, Name, SymbolTable, Symbols};
use crate::error::{CompileError, Location, StackGuard};
use crate::future::Future;

/// Builds the symbol table of `module`.
///
/// # Errors
/// The SyntaxErrors that concern names and scopes.
pub(crate) fn build<'a>(
    arena: &'a Arena,
    module: &Mod<'a>,
    future: &Future,
    guard: StackGuard,
) -> Result<SymbolTable<'a>, CompileError> {
    let mut builder = Builder {
        arena,
        table: SymbolTable { blocks: Vec::new(), keys: FxHashMap::default() },
        stack: Vec::new(),
        private: None,
        future: *future,
        guard,
    };
    let start = Location::default();
    builder.enter_block("top", BlockKind::Module, BlockKey::new(BlockRole::Module, &BlockRole::Module), start)?;
    match *module {
        Mod::Module { body, .. } => {
            builder.current().has_docstring = crate::preprocess::docstring(body).is_some();
            builder.body(body)?;
        }
        Mod::Interactive { body } => builder.body(body)?,
        Mod::Expression { body } => builder.expr(body)?,
        Mod::FunctionType { .. } => {
            return Err(CompileError::invalid_tree("this compiler does not handle FunctionTypes", start));
        }
    }
    builder.exit_block();
    let mut table = builder.table;
    super::analyze::analyze(&mut table, &guard)?;
    Ok(table)
}

/// The table while the tree is being walked.
pub(super) struct Builder<'a> {
    pub(super) arena: &'a Arena,
    pub(super) table: SymbolTable<'a>,
    /// The blocks around the current node; the last one is current.
    pub(super) stack: Vec<BlockId>,
    /// The class whose private names are mangled.
    pub(super) private: Option<Name<'a>>,
    pub(super) future: Future,
    pub(super) guard: StackGuard,
}

impl<'a> Builder<'a> {
    pub(super) fn current_id(&self) -> BlockId {
        self.stack.last().copied().unwrap_or(BlockId(0))
    }

    pub(super) fn current(&mut self) -> &mut Block<'a> {
        let id = self.current_id();
        self.table.block_mut(id)
    }

    /// Makes a block without entering it.
    pub(super) fn new_block(&mut self, name: Name<'a>, kind: BlockKind, key: BlockKey, location: Location) -> BlockId {
        let parent = self.stack.last().map(|id| self.table.block(*id));
        let nested = parent.is_some_and(|parent| parent.nested || parent.is_function_like());
        let method = kind == BlockKind::Function && parent.is_some_and(|parent| parent.kind == BlockKind::Class);
        let id = BlockId(self.table.blocks.len());
        self.table.blocks.push(Block {
            name,
            kind,
            symbols: Symbols::default(),
            varnames: Vec::new(),
            children: Vec::new(),
            directives: Vec::new(),
            location,
            scope_info: None,
            annotation_block: None,
            comprehension: None,
            nested,
            generator: false,
            coroutine: false,
            varargs: false,
            varkeywords: false,
            returns_value: false,
            annotations_used: false,
            needs_class_closure: false,
            needs_classdict: false,
            comp_inlined: false,
            can_see_class_scope: false,
            has_conditional_annotations: false,
            has_docstring: false,
            method,
            comp_iter_target: false,
            comp_iter_expr: 0,
            in_conditional_block: false,
            in_unevaluated_annotation: false,
            mangled_names: None,
        });
        self.table.keys.insert(key, id);
        id
    }

    /// Enters a block that was made before.
    pub(super) fn enter_existing_block(&mut self, id: BlockId) {
        if let Some(parent_id) = self.stack.last().copied() {
            let parent = self.table.block(parent_id);
            // An assignment expression is not allowed anywhere inside a comprehension's iterable.
            let comp_iter_expr = parent.comp_iter_expr;
            let mangled_names = parent.mangled_names.clone();
            let block = self.table.block_mut(id);
            block.comp_iter_expr = comp_iter_expr;
            if mangled_names.is_some() && block.kind != BlockKind::Class {
                block.mangled_names = mangled_names;
            }
            // Annotations that will be strings have no influence on scopes.
            let is_annotation = block.kind == BlockKind::Annotation;
            let hidden = self.future.annotations && is_annotation;
            let parent = self.table.block_mut(parent_id);
            if !hidden && parent.annotation_block != Some(id) {
                parent.children.push(id);
            }
        }
        self.stack.push(id);
    }

    /// Makes a block and enters it.
    pub(super) fn enter_block(
        &mut self,
        name: Name<'a>,
        kind: BlockKind,
        key: BlockKey,
        location: Location,
    ) -> Result<(), CompileError> {
        let id = self.new_block(name, kind, key, location);
        self.enter_existing_block(id);
        if matches!(kind, BlockKind::Annotation | BlockKind::TypeVariable | BlockKind::TypeAlias) {
            self.add_def(".format", Flags::PARAM, location)?;
            self.add_def(".format", Flags::USE, location)?;
        }
        Ok(())
    }

    pub(super) fn exit_block(&mut self) {
        self.stack.pop();
    }

    /// Enters the block of a list of type parameters.
    pub(super) fn enter_type_param_block(
        &mut self,
        name: Name<'a>,
        key: BlockKey,
        for_class: bool,
        defaults: bool,
        kwdefaults: bool,
        location: Location,
    ) -> Result<(), CompileError> {
        let in_class = self.current().kind == BlockKind::Class;
        self.enter_block(name, BlockKind::TypeParameters, key, location)?;
        if in_class {
            self.current().can_see_class_scope = true;
            self.add_def("__classdict__", Flags::USE, location)?;
        }
        if for_class {
            for name in [".type_params", ".generic_base"] {
                self.add_def(name, Flags::LOCAL, location)?;
                self.add_def(name, Flags::USE, location)?;
            }
        }
        if defaults {
            self.add_def(".defaults", Flags::PARAM, location)?;
        }
        if kwdefaults {
            self.add_def(".kwdefaults", Flags::PARAM, location)?;
        }
        Ok(())
    }

    /// What is known so far of `name` in `block`.
    pub(super) fn lookup_in(&self, block: BlockId, name: Name<'a>) -> Flags {
        let block = self.table.block(block);
        block.symbol(block.maybe_mangle(self.arena, self.private, name))
    }

    /// What is known so far of `name` in the current block.
    pub(super) fn lookup(&self, name: Name<'a>) -> Flags {
        self.lookup_in(self.current_id(), name)
    }

    /// Adds a fact about `name` to the current block.
    pub(super) fn add_def(&mut self, name: Name<'a>, flag: Flags, location: Location) -> Result<(), CompileError> {
        let context = if flag == Flags::USE { ExprContext::Load } else { ExprContext::Store };
        self.add_def_in_context(name, flag, location, context)
    }

    /// Adds a fact about `name`, which stands in `context`, to the current block.
    pub(super) fn add_def_in_context(
        &mut self,
        name: Name<'a>,
        flag: Flags,
        location: Location,
        context: ExprContext,
    ) -> Result<(), CompileError> {
        if flag.has(Flags::PARAM | Flags::LOCAL | Flags::IMPORT) {
            check_name(name, location, context)?;
        }
        if flag.has(Flags::TYPE_PARAM)
            && let Some(names) = &self.current().mangled_names
        {
            names.borrow_mut().insert(name);
        }
        self.add_def_to(self.current_id(), name, flag, location)
    }

    /// Adds a fact about `name`, mangled as in the current block, to any block.
    pub(super) fn add_def_to(
        &mut self,
        id: BlockId,
        name: Name<'a>,
        flag: Flags,
        location: Location,
    ) -> Result<(), CompileError> {
        let mangled = self.table.block(self.current_id()).maybe_mangle(self.arena, self.private, name);
        let block = self.table.block_mut(id);
        let iteration_target = block.comp_iter_target;
        let known = block.symbols.entry(mangled).or_default();
        if flag.has(Flags::PARAM) && known.has(Flags::PARAM) {
            let message = format!("duplicate argument '{name}' in function definition");
            return Err(CompileError::syntax(message, location));
        }
        if flag.has(Flags::TYPE_PARAM) && known.has(Flags::TYPE_PARAM) {
            return Err(CompileError::syntax(format!("duplicate type parameter '{name}'"), location));
        }
        *known |= flag;
        if iteration_target {
            if known.has(Flags::GLOBAL | Flags::NONLOCAL) {
                let message = format!("comprehension inner loop cannot rebind assignment expression target '{name}'");
                return Err(CompileError::syntax(message, location));
            }
            *known |= Flags::COMP_ITER;
        }
        if flag.has(Flags::PARAM) {
            block.varnames.push(mangled);
        } else if flag.has(Flags::GLOBAL) {
            *self.table.block_mut(BlockId(0)).symbols.entry(mangled).or_default() |= flag;
        }
        Ok(())
    }

    /// Remembers where `name` was declared, for errors that analysis finds.
    pub(super) fn record_directive(&mut self, name: Name<'a>, location: Location) {
        let (arena, private) = (self.arena, self.private);
        let block = self.current();
        let mangled = block.maybe_mangle(arena, private, name);
        block.directives.push((mangled, location));
    }

    /// Lets only type parameters be mangled in the current block and those inside.
    pub(super) fn mangle_type_params_only(&mut self) {
        self.current().mangled_names = Some(Rc::new(RefCell::new(FxHashSet::default())));
    }

    /// Checks the names of keyword arguments.
    pub(super) fn check_keywords(&self, keywords: &[Keyword<'a>]) -> Result<(), CompileError> {
        for keyword in keywords {
            if let Some(name) = keyword.arg {
                check_name(name, keyword.range, ExprContext::Store)?;
            }
        }
        Ok(())
    }

    /// Whether `await` may stand at the top of a module.
    pub(super) fn allows_top_level_await(&mut self) -> bool {
        self.future.allow_top_level_await && self.current().kind == BlockKind::Module
    }

    /// Whether the current block is an `async def` (or an asynchronous comprehension).
    pub(super) fn in_async_def(&mut self) -> bool {
        let block = self.current();
        block.kind == BlockKind::Function && block.coroutine
    }

    /// Refuses `what` in the blocks of annotations and type parameters.
    pub(super) fn refuse_in_annotation(&mut self, what: &str, expr: &Expr<'a>) -> Result<(), CompileError> {
        let block = self.current();
        let place = match block.kind {
            BlockKind::Annotation => "an annotation",
            BlockKind::TypeVariable => block.scope_info.unwrap_or("a type parameter"),
            BlockKind::TypeAlias => "a type alias",
            BlockKind::TypeParameters => "the definition of a generic",
            _ => return Ok(()),
        };
        Err(CompileError::syntax(format!("{what} cannot be used within {place}"), expr.range))
    }
}

/// Refuses to bind `__debug__`.
pub(super) fn check_name(name: &str, location: Location, context: ExprContext) -> Result<(), CompileError> {
    if name != "__debug__" {
        return Ok(());
    }
    match context {
        ExprContext::Load => Ok(()),
        ExprContext::Store => Err(CompileError::syntax("cannot assign to __debug__", location)),
        ExprContext::Del => Err(CompileError::syntax("cannot delete __debug__", location)),
    }
}

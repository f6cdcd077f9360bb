//! Comprehensions: lists, sets and dicts are built in place, with their variables kept apart from those of the scope
//! around; generator expressions are functions of their own.

use oriel_bytecode::Opcode;
use oriel_syntax::ast::{Comprehension, ExprKind, ExprRef, Seq};

use super::blocks::FrameBlockKind;
use super::scopes::Parameters;
use super::{Compiler, Result, ScopeKind};
use crate::error::{CompileError, Location, NO_LOCATION};
use crate::instruction_sequence::Label;
use crate::symtable::{BlockId, BlockKey, BlockKind, BlockRole, Flags, Name, Scope};

/// What a comprehension makes of its elements.
#[derive(Clone, Copy)]
enum Product<'a> {
    Generator(ExprRef<'a>),
    List(ExprRef<'a>),
    Set(ExprRef<'a>),
    Dict(ExprRef<'a>, ExprRef<'a>),
}

/// The clauses of a comprehension, and what is made.
#[derive(Clone, Copy)]
struct Clauses<'a> {
    generators: Seq<'a, Comprehension<'a>>,
    product: Product<'a>,
}

/// What inlining a comprehension changed in the scope around it.
#[derive(Default)]
struct Inlined<'a> {
    /// Variables whose outer values lie on the stack.
    pushed: Vec<Name<'a>>,
    /// What the symbol table says of names outside.
    symbols: Vec<(Name<'a>, Option<Flags>)>,
    /// Names of a module or class that are fast locals inside.
    hidden: Vec<Name<'a>>,
    cleanup: Option<Label>,
}

impl<'a> Compiler<'a> {
    pub(super) fn comprehension(&mut self, expr: ExprRef<'a>) -> Result {
        let location = expr.range;
        let (name, build, clauses) = match expr.kind {
            ExprKind::GeneratorExp { elt, generators } => {
                ("<genexpr>", None, Clauses { generators, product: Product::Generator(elt) })
            }
            ExprKind::ListComp { elt, generators } => {
                ("<listcomp>", Some(Opcode::BUILD_LIST), Clauses { generators, product: Product::List(elt) })
            }
            ExprKind::SetComp { elt, generators } => {
                ("<setcomp>", Some(Opcode::BUILD_SET), Clauses { generators, product: Product::Set(elt) })
            }
            ExprKind::DictComp { key, value, generators } => {
                ("<dictcomp>", Some(Opcode::BUILD_MAP), Clauses { generators, product: Product::Dict(key, value) })
            }
            _ => return Ok(()),
        };
        let Some(outermost) = clauses.generators.first() else {
            return Err(CompileError::invalid_tree("comprehension with no generators", location));
        };
        let id = self.block_of(BlockKey::new(BlockRole::Expression, expr))?;
        let (inlined, is_async) = (self.table.block(id).comp_inlined, self.table.block(id).coroutine);
        if inlined {
            self.iterator(outermost)?;
            let state = self.push_inlined(location, id)?;
            if let Some(build) = build {
                self.op_arg(location, build, 0);
                self.op_arg(location, Opcode::SWAP, 2);
            }
            self.clauses(location, clauses, 0, 0, true)?;
            self.pop_inlined(location, state);
            return Ok(());
        }
        let parameters = Parameters { argcount: 1, ..Parameters::default() };
        self.enter_block_scope(name, ScopeKind::Comprehension, id, location.lineno, None, parameters)?;
        if let Some(build) = build {
            self.op_arg(location, build, 0);
        }
        self.clauses(location, clauses, 0, 0, false)?;
        if build.is_some() {
            self.op(location, Opcode::RETURN_VALUE);
        } else {
            self.wrap_in_stop_iteration_handler();
        }
        let code = self.finish_scope(true)?;
        self.make_closure(location, code, 0)?;
        self.iterator(outermost)?;
        self.op_arg(location, Opcode::CALL, 0);
        if is_async && build.is_some() {
            self.await_value(location, 0);
        }
        Ok(())
    }

    /// Pushes the iterator of a clause.
    fn iterator(&mut self, clause: &'a Comprehension<'a>) -> Result {
        self.expr(clause.iter)?;
        self.op(clause.iter.range, if clause.is_async { Opcode::GET_AITER } else { Opcode::GET_ITER });
        Ok(())
    }

    /// The clauses from number `index` on. `depth` loops are on the stack above the collection that is built.
    fn clauses(
        &mut self,
        location: Location,
        clauses: Clauses<'a>,
        index: usize,
        depth: u32,
        iterable_on_stack: bool,
    ) -> Result {
        self.guard.check()?;
        let Some(clause) = clauses.generators.get(index) else { return Ok(()) };
        if clause.is_async {
            self.async_clause(location, clauses, clause, index, depth, iterable_on_stack)
        } else {
            self.sync_clause(location, clauses, clause, index, depth, iterable_on_stack)
        }
    }

    fn sync_clause(
        &mut self,
        location: Location,
        clauses: Clauses<'a>,
        clause: &'a Comprehension<'a>,
        index: usize,
        depth: u32,
        iterable_on_stack: bool,
    ) -> Result {
        let (start, if_cleanup, anchor) = (self.new_label(), self.new_label(), self.new_label());
        let mut loops = true;
        if !iterable_on_stack {
            if index == 0 {
                self.op_arg(location, Opcode::LOAD_FAST, 0);
            } else if let Some(only) = single_item(clause.iter) {
                // `for y in [f(x)]` is an assignment.
                self.expr(only)?;
                loops = false;
            } else {
                self.iterator(clause)?;
            }
        }
        let mut depth = depth;
        if loops {
            depth += 1;
            self.use_label(start);
            self.jump(clause.iter.range, Opcode::FOR_ITER, anchor);
        }
        self.expr(clause.target)?;
        for condition in clause.ifs {
            self.jump_if(condition, if_cleanup, false)?;
        }
        let element_location = self.inner(location, clauses, index + 1, depth)?;
        self.use_label(if_cleanup);
        if loops {
            self.jump(element_location, Opcode::JUMP, start);
            self.use_label(anchor);
            self.op(NO_LOCATION, Opcode::END_FOR);
            self.op(NO_LOCATION, Opcode::POP_ITER);
        }
        Ok(())
    }

    fn async_clause(
        &mut self,
        location: Location,
        clauses: Clauses<'a>,
        clause: &'a Comprehension<'a>,
        index: usize,
        depth: u32,
        iterable_on_stack: bool,
    ) -> Result {
        let (start, send, except, if_cleanup) =
            (self.new_label(), self.new_label(), self.new_label(), self.new_label());
        if !iterable_on_stack {
            if index == 0 {
                self.op_arg(location, Opcode::LOAD_FAST, 0);
            } else {
                self.iterator(clause)?;
            }
        }
        self.use_label(start);
        self.push_block(FrameBlockKind::AsyncComprehension, location)?;
        self.jump(location, Opcode::SETUP_FINALLY, except);
        self.op(location, Opcode::GET_ANEXT);
        self.load_none(location);
        self.use_label(send);
        self.yield_from(location, true);
        self.op(location, Opcode::POP_BLOCK);
        self.expr(clause.target)?;
        for condition in clause.ifs {
            self.jump_if(condition, if_cleanup, false)?;
        }
        let element_location = self.inner(location, clauses, index + 1, depth + 1)?;
        self.use_label(if_cleanup);
        self.jump(element_location, Opcode::JUMP, start);
        self.pop_block();
        self.use_label(except);
        self.jump(location, Opcode::END_ASYNC_FOR, send);
        Ok(())
    }

    /// What is inside the clauses before number `index`: further clauses, then the element. The result is the position
    /// of the jump back.
    fn inner(&mut self, location: Location, clauses: Clauses<'a>, index: usize, depth: u32) -> Result<Location> {
        let element = match clauses.product {
            Product::Generator(element) | Product::List(element) | Product::Set(element) => element,
            Product::Dict(key, _) => key,
        };
        let mut element_location = element.range;
        if index < clauses.generators.len() {
            self.clauses(location, clauses, index, depth, false)?;
            return Ok(element_location);
        }
        self.expr(element)?;
        match clauses.product {
            Product::Generator(_) => {
                self.yield_op(element_location);
                self.op(element_location, Opcode::POP_TOP);
            }
            Product::List(_) => self.op_arg(element_location, Opcode::LIST_APPEND, depth + 1),
            Product::Set(_) => self.op_arg(element_location, Opcode::SET_ADD, depth + 1),
            Product::Dict(_, value) => {
                self.expr(value)?;
                element_location = element_location.to(value.range);
                self.op_arg(element_location, Opcode::MAP_ADD, depth + 1);
            }
        }
        Ok(element_location)
    }

    /// Makes the names of an inlined comprehension mean what they mean inside, and saves clashing variables.
    fn push_inlined(&mut self, location: Location, comprehension: BlockId) -> Result<Inlined<'a>> {
        let mut state = Inlined::default();
        let outer = self.unit.block;
        let in_class = self.block().kind == BlockKind::Class && self.unit.inlined_comprehensions == 0;
        let function_like = self.block().is_function_like();
        self.unit.inlined_comprehensions += 1;
        let symbols: Vec<(Name<'a>, Flags)> =
            self.table.block(comprehension).symbols.iter().map(|(name, flags)| (*name, *flags)).collect();
        let mut isolated = Vec::new();
        for (name, flags) in symbols {
            let scope = flags.scope();
            let outer_flags = self.table.block(outer).symbols.get(name).copied();
            let outer_scope = outer_flags.and_then(Flags::scope);
            let differs = scope != outer_scope
                && scope != Some(Scope::Free)
                && !(scope == Some(Scope::Cell) && outer_scope == Some(Scope::Free));
            if differs || in_class {
                self.table.block_mut(outer).symbols.insert(name, flags);
                state.symbols.push((name, outer_flags));
            }
            if flags.has(Flags::LOCAL) && !flags.has(Flags::NONLOCAL) {
                if !function_like && self.unit.fast_hidden.insert(name, true) != Some(true) {
                    state.hidden.push(name);
                }
                isolated.push((name, scope));
            }
        }
        for (name, scope) in isolated {
            let index = self.varname_index(name);
            self.op_arg(location, Opcode::LOAD_FAST_AND_CLEAR, index);
            if scope == Some(Scope::Cell) {
                // After the symbols were changed the scope outside is the one inside, unless it was free.
                let mangled = self.maybe_mangle(name);
                let index = match self.table.block(outer).scope(name) {
                    Some(Scope::Free) => self.free_index(mangled),
                    _ => self.cell_index(mangled),
                };
                self.op_arg(location, Opcode::MAKE_CELL, index);
            }
            state.pushed.push(name);
        }
        if !state.pushed.is_empty() {
            // The iterable, evaluated before, comes back to the top.
            self.op_arg(location, Opcode::SWAP, state.pushed.len() as u32 + 1);
            let cleanup = self.new_label();
            state.cleanup = Some(cleanup);
            self.push_block(FrameBlockKind::InlinedComprehension, location)?;
            self.jump(location, Opcode::SETUP_FINALLY, cleanup);
        }
        Ok(state)
    }

    fn varname_index(&mut self, name: Name<'a>) -> u32 {
        let text = self.text(self.maybe_mangle(name));
        self.unit.meta.varnames.add(text)
    }

    fn pop_inlined(&mut self, location: Location, state: Inlined<'a>) {
        if let Some(cleanup) = state.cleanup {
            self.pop_block();
            self.op(NO_LOCATION, Opcode::POP_BLOCK);
            let end = self.new_label();
            self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, end);
            // After an exception the unfinished collection lies under it.
            self.use_label(cleanup);
            self.op_arg(NO_LOCATION, Opcode::SWAP, 2);
            self.op(NO_LOCATION, Opcode::POP_TOP);
            self.restore_variables(location, &state.pushed);
            self.op_arg(NO_LOCATION, Opcode::RERAISE, 0);
            self.use_label(end);
            self.restore_variables(location, &state.pushed);
        }
        self.unit.inlined_comprehensions -= 1;
        let outer = self.table.block_mut(self.unit.block);
        for (name, flags) in state.symbols {
            outer.symbols.insert(name, flags.unwrap_or_default());
        }
        for name in state.hidden {
            // Kept as false: the frame still has the variable, and must not show it.
            self.unit.fast_hidden.insert(name, false);
        }
    }

    fn restore_variables(&mut self, location: Location, pushed: &[Name<'a>]) {
        self.op_arg(location, Opcode::SWAP, pushed.len() as u32 + 1);
        for name in pushed.iter().rev() {
            let index = self.varname_index(name);
            self.op_arg(location, Opcode::STORE_FAST_MAYBE_NULL, index);
        }
    }
}

/// The item of a list or tuple display of one.
fn single_item(iterable: ExprRef<'_>) -> Option<ExprRef<'_>> {
    match iterable.kind {
        ExprKind::List { elts: [only], .. } | ExprKind::Tuple { elts: [only], .. } => {
            (!matches!(only.kind, ExprKind::Starred { .. })).then_some(*only)
        }
        _ => None,
    }
}

//! Loops, `return`, `break` and `continue`.

use oriel_bytecode::Opcode;
use oriel_syntax::ast::{ExprKind, ExprRef, For, StmtKind, StmtRef};

use super::blocks::FrameBlockKind;
use super::{Compiler, Result};
use crate::error::{CompileError, Location, NO_LOCATION};

impl<'a> Compiler<'a> {
    pub(super) fn for_loop(&mut self, stmt: StmtRef<'a>, def: &'a For<'a>) -> Result {
        let (start, body, cleanup, end) = (self.new_label(), self.new_label(), self.new_label(), self.new_label());
        self.push_loop(FrameBlockKind::ForLoop, stmt.range, start, end)?;
        self.expr(def.iter)?;
        let location = def.iter.range;
        self.op(location, Opcode::GET_ITER);
        self.use_label(start);
        self.jump(location, Opcode::FOR_ITER, cleanup);
        // Keeps the line of the target visible to tracing; removed where it is redundant.
        self.op(def.target.range, Opcode::NOP);
        self.use_label(body);
        self.expr(def.target)?;
        self.stmts(def.body)?;
        self.jump(NO_LOCATION, Opcode::JUMP, start);
        self.use_label(cleanup);
        // Generators jump to the first of these, other iterators past it.
        self.op(NO_LOCATION, Opcode::END_FOR);
        self.op(NO_LOCATION, Opcode::POP_ITER);
        self.pop_block();
        self.stmts(def.orelse)?;
        self.use_label(end);
        Ok(())
    }

    pub(super) fn async_for_loop(&mut self, stmt: StmtRef<'a>, def: &'a For<'a>) -> Result {
        let location = stmt.range;
        let (start, send, except, end) = (self.new_label(), self.new_label(), self.new_label(), self.new_label());
        self.expr(def.iter)?;
        self.op(def.iter.range, Opcode::GET_AITER);
        self.use_label(start);
        self.push_loop(FrameBlockKind::ForLoop, location, start, end)?;
        // Guards the call of `__anext__`.
        self.jump(location, Opcode::SETUP_FINALLY, except);
        self.op(location, Opcode::GET_ANEXT);
        self.load_none(location);
        self.use_label(send);
        self.yield_from(location, true);
        self.op(location, Opcode::POP_BLOCK);
        self.op(location, Opcode::NOT_TAKEN);
        self.expr(def.target)?;
        self.stmts(def.body)?;
        self.jump(NO_LOCATION, Opcode::JUMP, start);
        self.pop_block();
        self.use_label(except);
        self.jump(def.iter.range, Opcode::END_ASYNC_FOR, send);
        self.stmts(def.orelse)?;
        self.use_label(end);
        Ok(())
    }

    pub(super) fn while_loop(&mut self, stmt: StmtRef<'a>) -> Result {
        let StmtKind::While { test, body, orelse } = stmt.kind else { return Ok(()) };
        let (start, end, anchor) = (self.new_label(), self.new_label(), self.new_label());
        self.use_label(start);
        self.push_loop(FrameBlockKind::WhileLoop, stmt.range, start, end)?;
        self.jump_if(test, anchor, false)?;
        self.stmts(body)?;
        self.jump(NO_LOCATION, Opcode::JUMP, start);
        self.pop_block();
        self.use_label(anchor);
        self.stmts(orelse)?;
        self.use_label(end);
        Ok(())
    }

    pub(super) fn return_statement(&mut self, stmt: StmtRef<'a>, value: Option<ExprRef<'a>>) -> Result {
        let mut location = stmt.range;
        let block = self.block();
        if !block.is_function_like() {
            return Err(CompileError::syntax("'return' outside function", location));
        }
        if value.is_some() && block.coroutine && block.generator {
            return Err(CompileError::syntax("'return' with value in async generator", location));
        }
        // A constant is loaded after the blocks are left, anything else is computed before.
        let constant = match value {
            Some(value) => match value.kind {
                ExprKind::Constant { value: constant, .. } => {
                    location = value.range;
                    self.op(location, Opcode::NOP);
                    Some(constant)
                }
                _ => {
                    self.expr(value)?;
                    None
                }
            },
            None => None,
        };
        if value.is_none_or(|value| value.range.lineno != stmt.range.lineno) {
            location = stmt.range;
            self.op(location, Opcode::NOP);
        }
        let preserve_top = value.is_some() && constant.is_none();
        self.unwind_blocks(&mut location, preserve_top, false)?;
        match (value, constant) {
            (None, _) => self.load_none(location),
            (Some(_), Some(constant)) => self.load_ast_const(location, constant)?,
            (Some(_), None) => {}
        }
        self.op(location, Opcode::RETURN_VALUE);
        Ok(())
    }

    pub(super) fn break_statement(&mut self, origin: Location) -> Result {
        let mut location = origin;
        self.op(location, Opcode::NOP);
        let Some(block) = self.unwind_blocks(&mut location, false, true)? else {
            return Err(CompileError::syntax("'break' outside loop", origin));
        };
        self.unwind_block(&mut location, block, false)?;
        if let Some(exit) = block.exit {
            self.jump(location, Opcode::JUMP, exit);
        }
        Ok(())
    }

    pub(super) fn continue_statement(&mut self, origin: Location) -> Result {
        let mut location = origin;
        self.op(location, Opcode::NOP);
        let Some(block) = self.unwind_blocks(&mut location, false, true)? else {
            return Err(CompileError::syntax("'continue' not properly in loop", origin));
        };
        if let Some(start) = block.start {
            self.jump(location, Opcode::JUMP, start);
        }
        Ok(())
    }
}

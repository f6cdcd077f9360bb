//! `try` in all its forms.

use oriel_bytecode::Opcode;
use oriel_bytecode::oparg::Intrinsic2;
use oriel_syntax::ast::Try;

use super::blocks::FrameBlockKind;
use super::{Compiler, Result};
use crate::error::{CompileError, Location, NO_LOCATION};
use crate::symtable::Name;

impl<'a> Compiler<'a> {
    pub(super) fn try_statement(&mut self, location: Location, def: &'a Try<'a>, star: bool) -> Result {
        if def.finalbody.is_empty() {
            self.try_except(location, def, star)
        } else {
            self.try_finally(location, def, star)
        }
    }

    /// The `finally` block is emitted twice: for the normal end of the body and for an exception.
    fn try_finally(&mut self, location: Location, def: &'a Try<'a>, star: bool) -> Result {
        let (body, end, exit, cleanup) = (self.new_label(), self.new_label(), self.new_label(), self.new_label());
        self.jump(location, Opcode::SETUP_FINALLY, end);
        self.use_label(body);
        self.push_block(FrameBlockKind::FinallyTry(def.finalbody), location)?;
        if def.handlers.is_empty() {
            self.stmts(def.body)?;
        } else {
            self.try_except(location, def, star)?;
        }
        self.op(NO_LOCATION, Opcode::POP_BLOCK);
        self.pop_block();
        self.stmts(def.finalbody)?;
        self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, exit);

        self.use_label(end);
        self.jump(NO_LOCATION, Opcode::SETUP_CLEANUP, cleanup);
        self.op(NO_LOCATION, Opcode::PUSH_EXC_INFO);
        self.push_block(FrameBlockKind::FinallyEnd, NO_LOCATION)?;
        self.stmts(def.finalbody)?;
        self.pop_block();
        self.op_arg(NO_LOCATION, Opcode::RERAISE, 0);
        self.use_label(cleanup);
        self.pop_except_and_reraise();
        self.use_label(exit);
        Ok(())
    }

    pub(super) fn pop_except_and_reraise(&mut self) {
        self.op_arg(NO_LOCATION, Opcode::COPY, 3);
        self.op(NO_LOCATION, Opcode::POP_EXCEPT);
        self.op_arg(NO_LOCATION, Opcode::RERAISE, 1);
    }

    fn try_except(&mut self, location: Location, def: &'a Try<'a>, star: bool) -> Result {
        if star { self.try_except_star(location, def) } else { self.try_except_plain(location, def) }
    }

    fn try_except_plain(&mut self, location: Location, def: &'a Try<'a>) -> Result {
        let (body, except, end, cleanup) = (self.new_label(), self.new_label(), self.new_label(), self.new_label());
        self.jump(location, Opcode::SETUP_FINALLY, except);
        self.use_label(body);
        self.push_block(FrameBlockKind::TryExcept, location)?;
        self.stmts(def.body)?;
        self.pop_block();
        self.op(NO_LOCATION, Opcode::POP_BLOCK);
        self.stmts(def.orelse)?;
        self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, end);

        self.use_label(except);
        self.jump(NO_LOCATION, Opcode::SETUP_CLEANUP, cleanup);
        self.op(NO_LOCATION, Opcode::PUSH_EXC_INFO);
        self.push_block(FrameBlockKind::ExceptionHandler, location)?;
        for (index, handler) in def.handlers.iter().enumerate() {
            let location = handler.range;
            if handler.typ.is_none() && index + 1 < def.handlers.len() {
                return Err(CompileError::syntax("default 'except:' must be last", location));
            }
            let next = self.new_label();
            if let Some(typ) = handler.typ {
                self.expr(typ)?;
                self.op(location, Opcode::CHECK_EXC_MATCH);
                self.jump(location, Opcode::POP_JUMP_IF_FALSE, next);
            }
            match handler.name {
                Some(name) => {
                    let (cleanup_end, cleanup_body) = (self.new_label(), self.new_label());
                    self.store_name(location, name)?;
                    // The name is unbound at the end of the clause, however it ends.
                    self.jump(location, Opcode::SETUP_CLEANUP, cleanup_end);
                    self.use_label(cleanup_body);
                    self.push_block(FrameBlockKind::HandlerCleanup(Some(name)), location)?;
                    self.stmts(handler.body)?;
                    self.pop_block();
                    self.op(NO_LOCATION, Opcode::POP_BLOCK);
                    self.op(NO_LOCATION, Opcode::POP_BLOCK);
                    self.op(NO_LOCATION, Opcode::POP_EXCEPT);
                    self.unbind(NO_LOCATION, name)?;
                    self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, end);
                    self.use_label(cleanup_end);
                    self.unbind(NO_LOCATION, name)?;
                    self.op_arg(NO_LOCATION, Opcode::RERAISE, 1);
                }
                None => {
                    let cleanup_body = self.new_label();
                    self.op(location, Opcode::POP_TOP);
                    self.use_label(cleanup_body);
                    self.push_block(FrameBlockKind::HandlerCleanup(None), location)?;
                    self.stmts(handler.body)?;
                    self.pop_block();
                    self.op(NO_LOCATION, Opcode::POP_BLOCK);
                    self.op(NO_LOCATION, Opcode::POP_EXCEPT);
                    self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, end);
                }
            }
            self.use_label(next);
        }
        self.pop_block();
        self.op_arg(NO_LOCATION, Opcode::RERAISE, 0);
        self.use_label(cleanup);
        self.pop_except_and_reraise();
        self.use_label(end);
        Ok(())
    }

    /// `except*`: each clause takes its part of the exception group; what is raised in clauses and what no clause
    /// took is gathered in a list and raised together at last.
    fn try_except_star(&mut self, location: Location, def: &'a Try<'a>) -> Result {
        let (body, except, orelse) = (self.new_label(), self.new_label(), self.new_label());
        let (end, cleanup, reraise_star) = (self.new_label(), self.new_label(), self.new_label());
        self.jump(location, Opcode::SETUP_FINALLY, except);
        self.use_label(body);
        self.push_block(FrameBlockKind::TryExcept, location)?;
        self.stmts(def.body)?;
        self.pop_block();
        self.op(NO_LOCATION, Opcode::POP_BLOCK);
        self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, orelse);

        self.use_label(except);
        self.jump(NO_LOCATION, Opcode::SETUP_CLEANUP, cleanup);
        self.op(NO_LOCATION, Opcode::PUSH_EXC_INFO);
        self.push_block(FrameBlockKind::ExceptionGroupHandler, location)?;
        for (index, handler) in def.handlers.iter().enumerate() {
            let location = handler.range;
            let (next, next_with_error, no_match) = (self.new_label(), self.new_label(), self.new_label());
            if index == 0 {
                // The list, and a copy of the group that clauses take their parts from.
                self.op_arg(location, Opcode::BUILD_LIST, 0);
                self.op_arg(location, Opcode::COPY, 2);
            }
            if let Some(typ) = handler.typ {
                self.expr(typ)?;
                self.op(location, Opcode::CHECK_EG_MATCH);
                self.op_arg(location, Opcode::COPY, 1);
                self.jump(location, Opcode::POP_JUMP_IF_NONE, no_match);
            }
            let (cleanup_end, cleanup_body) = (self.new_label(), self.new_label());
            match handler.name {
                Some(name) => self.store_name(location, name)?,
                None => self.op(location, Opcode::POP_TOP),
            }
            self.jump(location, Opcode::SETUP_CLEANUP, cleanup_end);
            self.use_label(cleanup_body);
            self.push_block(FrameBlockKind::HandlerCleanup(handler.name), location)?;
            self.stmts(handler.body)?;
            self.pop_block();
            self.op(NO_LOCATION, Opcode::POP_BLOCK);
            self.unbind_if_bound(handler.name)?;
            self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, next);

            self.use_label(cleanup_end);
            self.unbind_if_bound(handler.name)?;
            self.op_arg(NO_LOCATION, Opcode::LIST_APPEND, 3);
            self.op(NO_LOCATION, Opcode::POP_TOP);
            self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, next_with_error);

            self.use_label(next);
            // Holds the position of the end of the clause.
            self.op(NO_LOCATION, Opcode::NOP);
            self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, next_with_error);
            self.use_label(no_match);
            self.op(location, Opcode::POP_TOP);
            self.use_label(next_with_error);
            if index + 1 == def.handlers.len() {
                // What no clause took, or None.
                self.op_arg(NO_LOCATION, Opcode::LIST_APPEND, 1);
                self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, reraise_star);
            }
        }
        self.pop_block();
        let reraise = self.new_label();
        self.use_label(reraise_star);
        self.op_arg(NO_LOCATION, Opcode::CALL_INTRINSIC_2, Intrinsic2::PrepareReraiseStar.oparg());
        self.op_arg(NO_LOCATION, Opcode::COPY, 1);
        self.jump(NO_LOCATION, Opcode::POP_JUMP_IF_NOT_NONE, reraise);
        self.op(NO_LOCATION, Opcode::POP_TOP);
        self.op(NO_LOCATION, Opcode::POP_BLOCK);
        self.op(NO_LOCATION, Opcode::POP_EXCEPT);
        self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, end);

        self.use_label(reraise);
        self.op(NO_LOCATION, Opcode::POP_BLOCK);
        self.op_arg(NO_LOCATION, Opcode::SWAP, 2);
        self.op(NO_LOCATION, Opcode::POP_EXCEPT);
        self.op_arg(NO_LOCATION, Opcode::RERAISE, 0);
        self.use_label(cleanup);
        self.pop_except_and_reraise();
        self.use_label(orelse);
        self.stmts(def.orelse)?;
        self.use_label(end);
        Ok(())
    }

    fn unbind_if_bound(&mut self, name: Option<Name<'a>>) -> Result {
        name.map_or(Ok(()), |name| self.unbind(NO_LOCATION, name))
    }
}

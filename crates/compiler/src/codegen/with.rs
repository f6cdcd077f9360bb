//! `with` and `async with`.

use oriel_bytecode::Opcode;
use oriel_bytecode::oparg::{SpecialMethod, awaitable};
use oriel_syntax::ast::{ExprRef, With};

use super::blocks::FrameBlockKind;
use super::{Compiler, Result};
use crate::error::{Location, NO_LOCATION};
use crate::instruction_sequence::Label;

impl<'a> Compiler<'a> {
    /// The managers from number `index` on, and the body.
    pub(super) fn with(&mut self, def: &'a With<'a>, index: usize) -> Result {
        self.guard.check()?;
        let Some(item) = def.items.get(index) else { return self.stmts(def.body) };
        let (block, handler, exit, cleanup) = (self.new_label(), self.new_label(), self.new_label(), self.new_label());
        let location = item.context_expr.range;
        self.expr(item.context_expr)?;
        self.load_enter_and_exit(location, SpecialMethod::Enter, SpecialMethod::Exit);
        self.jump(location, Opcode::SETUP_WITH, handler);
        self.use_label(block);
        self.push_block(FrameBlockKind::With, location)?;
        self.bind_or_pop(location, item.optional_vars)?;
        self.with(def, index + 1)?;
        self.op(NO_LOCATION, Opcode::POP_BLOCK);
        self.pop_block();

        self.call_exit_with_nones(location);
        self.op(location, Opcode::POP_TOP);
        self.jump(location, Opcode::JUMP, exit);

        self.use_label(handler);
        self.jump(location, Opcode::SETUP_CLEANUP, cleanup);
        self.op(location, Opcode::PUSH_EXC_INFO);
        self.op(location, Opcode::WITH_EXCEPT_START);
        self.finish_with_handler(cleanup);
        self.use_label(exit);
        Ok(())
    }

    /// The managers from number `index` on, and the body.
    pub(super) fn async_with(&mut self, def: &'a With<'a>, index: usize) -> Result {
        self.guard.check()?;
        let Some(item) = def.items.get(index) else { return self.stmts(def.body) };
        let (block, handler, exit, cleanup) = (self.new_label(), self.new_label(), self.new_label(), self.new_label());
        let location = item.context_expr.range;
        self.expr(item.context_expr)?;
        self.load_enter_and_exit(location, SpecialMethod::AsyncEnter, SpecialMethod::AsyncExit);
        self.await_value(location, awaitable::AFTER_AENTER);
        self.jump(location, Opcode::SETUP_WITH, handler);
        self.use_label(block);
        self.push_block(FrameBlockKind::AsyncWith, location)?;
        self.bind_or_pop(location, item.optional_vars)?;
        self.async_with(def, index + 1)?;
        self.pop_block();
        self.op(location, Opcode::POP_BLOCK);

        self.call_exit_with_nones(location);
        self.await_value(location, awaitable::AFTER_AEXIT);
        self.op(location, Opcode::POP_TOP);
        self.jump(location, Opcode::JUMP, exit);

        self.use_label(handler);
        self.jump(location, Opcode::SETUP_CLEANUP, cleanup);
        self.op(location, Opcode::PUSH_EXC_INFO);
        self.op(location, Opcode::WITH_EXCEPT_START);
        self.await_value(location, awaitable::AFTER_AEXIT);
        self.finish_with_handler(cleanup);
        self.use_label(exit);
        Ok(())
    }

    /// Pushes the bound exit method and what the enter method returns.
    fn load_enter_and_exit(&mut self, location: Location, enter: SpecialMethod, exit: SpecialMethod) {
        self.op_arg(location, Opcode::COPY, 1);
        self.op_arg(location, Opcode::LOAD_SPECIAL, exit.oparg());
        self.op_arg(location, Opcode::SWAP, 2);
        self.op_arg(location, Opcode::SWAP, 3);
        self.op_arg(location, Opcode::LOAD_SPECIAL, enter.oparg());
        self.op_arg(location, Opcode::CALL, 0);
    }

    fn bind_or_pop(&mut self, location: Location, target: Option<ExprRef<'a>>) -> Result {
        match target {
            Some(target) => self.expr(target),
            None => {
                self.op(location, Opcode::POP_TOP);
                Ok(())
            }
        }
    }

    /// Suppresses the exception or raises it again, as the exit method says.
    fn finish_with_handler(&mut self, cleanup: Label) {
        let suppress = self.new_label();
        self.op(NO_LOCATION, Opcode::TO_BOOL);
        self.jump(NO_LOCATION, Opcode::POP_JUMP_IF_TRUE, suppress);
        self.op_arg(NO_LOCATION, Opcode::RERAISE, 2);
        self.use_label(suppress);
        self.op(NO_LOCATION, Opcode::POP_TOP);
        self.op(NO_LOCATION, Opcode::POP_BLOCK);
        self.op(NO_LOCATION, Opcode::POP_EXCEPT);
        for _ in 0..3 {
            self.op(NO_LOCATION, Opcode::POP_TOP);
        }
        let exit = self.new_label();
        self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, exit);
        self.use_label(cleanup);
        self.pop_except_and_reraise();
        self.use_label(exit);
    }
}

//! Frame blocks: the constructs around a statement that `return`, `break` and `continue` have to leave in order.

use oriel_bytecode::Opcode;
use oriel_bytecode::oparg::awaitable;
use oriel_syntax::ast::{Body, ExprContext};

use super::{Compiler, Result};
use crate::error::{CompileError, Location, NO_LOCATION};
use crate::instruction_sequence::Label;
use crate::symtable::Name;

/// Blocks may nest this deep.
const MAX_BLOCKS: usize = 21;

/// What has to be done to leave a block.
#[derive(Clone, Copy)]
pub(super) enum FrameBlockKind<'a> {
    WhileLoop,
    ForLoop,
    TryExcept,
    /// The body of a `try` whose `finally` is to be run.
    FinallyTry(Body<'a>),
    FinallyEnd,
    With,
    AsyncWith,
    /// An `except` clause, with the name that it binds.
    HandlerCleanup(Option<Name<'a>>),
    PopValue,
    ExceptionHandler,
    ExceptionGroupHandler,
    AsyncComprehension,
    /// Counts only: nothing inside a comprehension leaves it early.
    InlinedComprehension,
    StopIteration,
}

/// A block around the current statement.
#[derive(Clone, Copy)]
pub(super) struct FrameBlock<'a> {
    pub(super) kind: FrameBlockKind<'a>,
    /// Where a loop starts over.
    pub(super) start: Option<Label>,
    /// What follows a loop.
    pub(super) exit: Option<Label>,
    pub(super) location: Location,
}

impl<'a> Compiler<'a> {
    pub(super) fn push_block(&mut self, kind: FrameBlockKind<'a>, location: Location) -> Result {
        self.push_frame_block(FrameBlock { kind, start: None, exit: None, location })
    }

    pub(super) fn push_loop(
        &mut self,
        kind: FrameBlockKind<'a>,
        location: Location,
        start: Label,
        exit: Label,
    ) -> Result {
        self.push_frame_block(FrameBlock { kind, start: Some(start), exit: Some(exit), location })
    }

    fn push_frame_block(&mut self, block: FrameBlock<'a>) -> Result {
        if self.unit.frame_blocks.len() >= MAX_BLOCKS {
            return Err(CompileError::syntax("too many statically nested blocks", block.location));
        }
        self.unit.frame_blocks.push(block);
        if matches!(block.kind, FrameBlockKind::FinallyEnd) {
            self.silent += 1;
        }
        Ok(())
    }

    pub(super) fn pop_block(&mut self) {
        if let Some(FrameBlock { kind: FrameBlockKind::FinallyEnd, .. }) = self.unit.frame_blocks.pop() {
            self.silent -= 1;
        }
    }

    /// Calls a bound `__exit__` for a body that ended without an exception.
    pub(super) fn call_exit_with_nones(&mut self, location: Location) {
        for _ in 0..3 {
            self.load_none(location);
        }
        self.op_arg(location, Opcode::CALL, 3);
    }

    /// Emits what leaving `block` takes. Under `preserve_top` the value on the stack is kept on top. The location
    /// becomes that of the instructions that follow.
    pub(super) fn unwind_block(
        &mut self,
        location: &mut Location,
        block: FrameBlock<'a>,
        preserve_top: bool,
    ) -> Result {
        match block.kind {
            FrameBlockKind::WhileLoop
            | FrameBlockKind::ExceptionHandler
            | FrameBlockKind::ExceptionGroupHandler
            | FrameBlockKind::AsyncComprehension
            | FrameBlockKind::InlinedComprehension
            | FrameBlockKind::StopIteration => {}
            FrameBlockKind::ForLoop | FrameBlockKind::PopValue => {
                if preserve_top {
                    self.op_arg(*location, Opcode::SWAP, 2);
                }
                self.op(*location, Opcode::POP_TOP);
            }
            FrameBlockKind::TryExcept => self.op(*location, Opcode::POP_BLOCK),
            FrameBlockKind::FinallyTry(body) => {
                self.op(*location, Opcode::POP_BLOCK);
                if preserve_top {
                    self.push_block(FrameBlockKind::PopValue, *location)?;
                }
                self.stmts(body)?;
                if preserve_top {
                    self.pop_block();
                }
                // The block seems to run after the statement that leaves it.
                *location = NO_LOCATION;
            }
            FrameBlockKind::FinallyEnd => {
                if preserve_top {
                    self.op_arg(*location, Opcode::SWAP, 2);
                }
                self.op(*location, Opcode::POP_TOP);
                if preserve_top {
                    self.op_arg(*location, Opcode::SWAP, 2);
                }
                self.op(*location, Opcode::POP_BLOCK);
                self.op(*location, Opcode::POP_EXCEPT);
            }
            FrameBlockKind::With | FrameBlockKind::AsyncWith => {
                *location = block.location;
                self.op(*location, Opcode::POP_BLOCK);
                if preserve_top {
                    self.op_arg(*location, Opcode::SWAP, 3);
                    self.op_arg(*location, Opcode::SWAP, 2);
                }
                self.call_exit_with_nones(*location);
                if matches!(block.kind, FrameBlockKind::AsyncWith) {
                    self.await_value(*location, awaitable::AFTER_AEXIT);
                }
                self.op(*location, Opcode::POP_TOP);
                *location = NO_LOCATION;
            }
            FrameBlockKind::HandlerCleanup(name) => {
                if name.is_some() {
                    self.op(*location, Opcode::POP_BLOCK);
                }
                if preserve_top {
                    self.op_arg(*location, Opcode::SWAP, 2);
                }
                self.op(*location, Opcode::POP_BLOCK);
                self.op(*location, Opcode::POP_EXCEPT);
                if let Some(name) = name {
                    self.unbind(*location, name)?;
                }
            }
        }
        Ok(())
    }

    /// `name = None; del name`
    pub(super) fn unbind(&mut self, location: Location, name: Name<'a>) -> Result {
        self.load_none(location);
        self.store_name(location, name)?;
        self.name_op(location, name, ExprContext::Del)
    }

    /// Leaves the blocks from the innermost on, up to a loop if `to_loop`; the result is that loop.
    pub(super) fn unwind_blocks(
        &mut self,
        location: &mut Location,
        preserve_top: bool,
        to_loop: bool,
    ) -> Result<Option<FrameBlock<'a>>> {
        // Blocks are taken away while they are being left, as code that is run then is outside of them.
        let mut left = Vec::new();
        let mut found = None;
        while let Some(top) = self.unit.frame_blocks.last().copied() {
            if matches!(top.kind, FrameBlockKind::ExceptionGroupHandler) {
                let message = "'break', 'continue' and 'return' cannot appear in an except* block";
                return Err(CompileError::syntax(message, *location));
            }
            if to_loop && matches!(top.kind, FrameBlockKind::WhileLoop | FrameBlockKind::ForLoop) {
                found = Some(top);
                break;
            }
            self.pop_block();
            left.push(top);
            self.unwind_block(location, top, preserve_top)?;
        }
        while let Some(block) = left.pop() {
            self.push_frame_block(block)?;
        }
        Ok(found)
    }
}

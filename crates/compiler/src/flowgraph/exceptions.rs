//! Exception handlers: which handler covers each instruction.

use oriel_bytecode::{Opcode, oparg::resume};

use super::{BlockId, ENTRY, Graph};
use crate::instruction_sequence::AssembleError;

impl Graph {
    /// Marks the blocks where handlers start.
    pub(super) fn mark_handlers(&mut self) {
        for id in self.order() {
            for index in 0..self[id].instructions.len() {
                let instr = self[id].instructions[index];
                if let (true, Some(target)) = (instr.opcode.is_block_push(), instr.target) {
                    self[target].except_handler = true;
                }
            }
        }
    }

    /// Follows all paths with the stack of open protected regions, and gives each instruction its handler.
    pub(super) fn label_exception_targets(&mut self) -> Result<(), AssembleError> {
        const UNBALANCED: AssembleError = AssembleError::Malformed("a protected region ends that never began");
        self.clear_visited();
        let mut todo: Vec<(BlockId, Vec<BlockId>)> = vec![(ENTRY, Vec::new())];
        self[ENTRY].visited = true;
        while let Some((id, mut open)) = todo.pop() {
            let mut handler = open.last().copied();
            let mut last_yield_depth = None;
            for index in 0..self[id].instructions.len() {
                let instr = self[id].instructions[index];
                match instr.opcode {
                    opcode if opcode.is_block_push() => {
                        let Some(target) = instr.target else { continue };
                        if !self[target].visited {
                            self[target].visited = true;
                            todo.push((target, open.clone()));
                        }
                        if matches!(opcode, Opcode::SETUP_WITH | Opcode::SETUP_CLEANUP) {
                            self[target].preserve_lasti = true;
                        }
                        open.push(target);
                        handler = Some(target);
                        continue;
                    }
                    Opcode::POP_BLOCK => {
                        open.pop().ok_or(UNBALANCED)?;
                        handler = open.last().copied();
                        self[id].instructions[index].make_nop();
                        continue;
                    }
                    Opcode::YIELD_VALUE => last_yield_depth = Some(open.len()),
                    Opcode::RESUME if instr.oparg != resume::AT_FUNC_START => {
                        if last_yield_depth == Some(1) {
                            self[id].instructions[index].oparg |= resume::DEPTH1_MASK;
                        }
                        last_yield_depth = None;
                    }
                    opcode if opcode.has_jump() => {
                        if let Some(target) = instr.target
                            && !self[target].visited
                        {
                            self[target].visited = true;
                            todo.push((target, open.clone()));
                        }
                    }
                    _ => {}
                }
                self[id].instructions[index].except = handler;
            }
            if let Some(next) = self[id].next
                && self[id].falls_through()
                && !self[next].visited
            {
                self[next].visited = true;
                todo.push((next, open));
            }
        }
        Ok(())
    }
}

//! How deep the operand stack gets.

use oriel_bytecode::Opcode;

use super::{BlockId, ENTRY, Graph};
use crate::instruction_sequence::AssembleError;

impl Graph {
    /// Follows all paths with the depth; leaves each block's depth at its start and gives the largest of all.
    pub(super) fn stack_depth(&mut self) -> Result<u32, AssembleError> {
        for block in &mut self.blocks {
            block.start_depth = i32::MIN;
        }
        let mut largest = 0;
        let mut todo = Vec::new();
        self.enter(ENTRY, 0, &mut todo)?;
        while let Some(id) = todo.pop() {
            let mut depth = self[id].start_depth;
            let mut falls_through = true;
            for index in 0..self[id].instructions.len() {
                let instr = self[id].instructions[index];
                let after = depth + instr.opcode.stack_effect(instr.oparg, false);
                if after < 0 {
                    return Err(AssembleError::Malformed("the stack underflows"));
                }
                largest = largest.max(depth);
                if let Some(target) = instr.target
                    && instr.opcode.has_target()
                    && instr.opcode != Opcode::END_ASYNC_FOR
                {
                    self.enter(target, depth + instr.opcode.stack_effect(instr.oparg, true), &mut todo)?;
                }
                depth = after;
                if instr.opcode.is_unconditional_jump() || instr.opcode.is_scope_exit() {
                    falls_through = false;
                    break;
                }
            }
            if let (true, Some(next)) = (falls_through, self[id].next) {
                self.enter(next, depth, &mut todo)?;
            }
        }
        u32::try_from(largest).map_err(|_| AssembleError::Malformed("the stack underflows"))
    }

    fn enter(&mut self, id: BlockId, depth: i32, todo: &mut Vec<BlockId>) -> Result<(), AssembleError> {
        let known = self[id].start_depth;
        if known >= 0 && known != depth {
            return Err(AssembleError::Malformed("two ways to a place with different stacks"));
        }
        if known < 0 && depth >= 0 {
            self[id].start_depth = depth;
            todo.push(id);
        }
        Ok(())
    }
}

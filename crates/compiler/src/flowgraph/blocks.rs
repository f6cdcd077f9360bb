//! Passes over the shape of the graph: unreachable, redundant, small, cold; and the directions of jumps.

use oriel_bytecode::Opcode;
use oriel_bytecode::positions::Location;

use super::{BlockId, ENTRY, Graph, Instr};
use crate::instruction_sequence::AssembleError;

/// Exits of at most so many instructions are copied to where they are jumped to from.
const MAX_COPY_SIZE: usize = 4;

impl Graph {
    /// Jumps and exits must end their blocks.
    pub(super) fn check(&self) -> Result<(), AssembleError> {
        for block in &self.blocks {
            let body = block.instructions.split_last().map_or(&[][..], |(_, body)| body);
            if body.iter().any(|instr| instr.opcode.is_terminator()) {
                return Err(AssembleError::Malformed("a jump in the middle of a block"));
            }
        }
        Ok(())
    }

    /// Replaces jumps to small exits, and to blocks without lines that nothing falls out of, by copies of them.
    pub(super) fn inline_small_exits(&mut self) {
        loop {
            let mut changed = false;
            for id in self.order() {
                changed |= self.inline_exit_into(id);
            }
            if !changed {
                return;
            }
        }
    }

    fn inline_exit_into(&mut self, id: BlockId) -> bool {
        let Some(&last) = self[id].last() else { return false };
        let (true, Some(target)) = (last.opcode.is_unconditional_jump(), last.target) else { return false };
        let small_exit = self[target].exits_scope() && self[target].instructions.len() <= MAX_COPY_SIZE;
        let lineless = self[target].has_no_line() && !self[target].falls_through();
        if !small_exit && !lineless {
            return false;
        }
        let copied = self[target].instructions.clone();
        let block = &mut self[id];
        if let Some(jump) = block.instructions.last_mut() {
            jump.make_nop();
        }
        block.insert(block.instructions.len(), copied);
        // A check for pending events must not get lost.
        if let Some(end) = block.instructions.last_mut()
            && lineless
            && end.opcode.is_unconditional_jump()
            && last.opcode == Opcode::JUMP
        {
            end.opcode = Opcode::JUMP;
        }
        self[target].predecessors -= 1;
        true
    }

    /// Empties what cannot be reached, and counts the predecessors of what can.
    pub(super) fn remove_unreachable(&mut self) {
        self.clear_visited();
        for block in &mut self.blocks {
            block.predecessors = 0;
        }
        self[ENTRY].predecessors = 1;
        let mut todo = Vec::new();
        self.visit(ENTRY, &mut todo);
        while let Some(id) = todo.pop() {
            if let Some(next) = self[id].next
                && self[id].falls_through()
            {
                self.visit(next, &mut todo);
                self[next].predecessors += 1;
            }
            for index in 0..self[id].instructions.len() {
                let instr = self[id].instructions[index];
                if let (true, Some(target)) = (instr.opcode.has_target(), instr.target) {
                    self.visit(target, &mut todo);
                    self[target].predecessors += 1;
                }
            }
        }
        for block in &mut self.blocks {
            if block.predecessors == 0 {
                block.instructions.clear();
                block.except_handler = false;
            }
        }
    }

    /// Removes NOPs that no line needs; says how many.
    fn remove_redundant_nops_of(&mut self, id: BlockId) -> usize {
        if self[id].instructions.iter().all(|instr| instr.opcode != Opcode::NOP) {
            return 0;
        }
        let after = self.line_after(id);
        let instructions = &mut self[id].instructions;
        let before = instructions.len();
        let handlers: Vec<Option<BlockId>> = instructions.iter().map(|instr| instr.except).collect();
        let mut kept = 0;
        let mut previous_line = -1;
        for at in 0..before {
            let line = instructions[at].location.lineno;
            if instructions[at].opcode == Opcode::NOP {
                if line < 0 || previous_line == line {
                    continue;
                }
                if at + 1 < before {
                    let next_line = instructions[at + 1].location.lineno;
                    if next_line == line {
                        continue;
                    }
                    if next_line < 0 {
                        instructions[at + 1].location = instructions[at].location;
                        continue;
                    }
                } else if after == Some(line) {
                    continue;
                }
            }
            instructions[kept] = instructions[at];
            kept += 1;
            previous_line = line;
        }
        self[id].shrink(kept, handlers[kept..].iter().copied());
        before - kept
    }

    /// The line that execution goes on with after a block, if its last instruction is a NOP.
    fn line_after(&self, id: BlockId) -> Option<i32> {
        if self[id].last()?.opcode != Opcode::NOP {
            return None;
        }
        let next = self.next_nonempty(self[id].next)?;
        // NOPs without a line go away anyway.
        let first =
            self[next].instructions.iter().find(|instr| instr.opcode != Opcode::NOP || instr.location.lineno >= 0);
        Some(first.map_or(Location::NONE, |instr| instr.location).lineno)
    }

    pub(super) fn remove_redundant_nops(&mut self) -> usize {
        self.order().into_iter().map(|id| self.remove_redundant_nops_of(id)).sum()
    }

    /// Removes NOPs, and values that are pushed only to be popped.
    pub(super) fn remove_redundant_nops_and_pairs(&mut self) {
        loop {
            let mut done = true;
            let mut previous: Option<(BlockId, usize)> = None;
            for id in self.order() {
                self.remove_redundant_nops_of(id);
                if self[id].labelled {
                    previous = None;
                }
                for index in 0..self[id].instructions.len() {
                    let pushed = previous.map(|(block, at)| self[block].instructions[at]);
                    let redundant = self[id].instructions[index].opcode == Opcode::POP_TOP
                        && pushed.is_some_and(|push| match push.opcode {
                            Opcode::LOAD_CONST | Opcode::LOAD_SMALL_INT => true,
                            Opcode::COPY => push.oparg == 1,
                            _ => false,
                        });
                    if let (true, Some((block, at))) = (redundant, previous) {
                        self[block].instructions[at].make_nop();
                        self[id].instructions[index].make_nop();
                        done = false;
                    }
                    previous = Some((id, index));
                }
                let jumps = previous.is_some_and(|(block, at)| self[block].instructions[at].opcode.has_jump());
                if jumps || !self[id].falls_through() {
                    previous = None;
                }
            }
            if done {
                return;
            }
        }
    }

    fn remove_redundant_jumps(&mut self) -> Result<usize, AssembleError> {
        let mut changes = 0;
        for id in self.order() {
            let Some(&last) = self[id].last() else { continue };
            if !last.opcode.is_unconditional_jump() {
                continue;
            }
            let target = self.next_nonempty(last.target);
            if target.is_none() {
                return Err(AssembleError::Malformed("a jump beyond the end"));
            }
            if target == self.next_nonempty(self[id].next) {
                changes += 1;
                if let Some(last) = self[id].instructions.last_mut() {
                    last.make_nop();
                }
            }
        }
        Ok(changes)
    }

    pub(super) fn remove_redundant_nops_and_jumps(&mut self) -> Result<(), AssembleError> {
        while self.remove_redundant_nops() + self.remove_redundant_jumps()? > 0 {}
        Ok(())
    }

    fn mark_warm(&mut self) {
        self.clear_visited();
        let mut todo = Vec::new();
        self.visit(ENTRY, &mut todo);
        while let Some(id) = todo.pop() {
            self[id].warm = true;
            if let Some(next) = self[id].next
                && self[id].falls_through()
            {
                self.visit(next, &mut todo);
            }
            for index in 0..self[id].instructions.len() {
                let instr = self[id].instructions[index];
                if let (true, Some(target)) = (instr.opcode.has_jump(), instr.target) {
                    self.visit(target, &mut todo);
                }
            }
        }
    }

    fn mark_cold(&mut self) {
        self.mark_warm();
        self.clear_visited();
        let mut todo = Vec::new();
        for id in self.order() {
            if self[id].except_handler {
                self.visit(id, &mut todo);
            }
        }
        while let Some(id) = todo.pop() {
            self[id].cold = true;
            if let Some(next) = self[id].next
                && self[id].falls_through()
                && !self[next].warm
            {
                self.visit(next, &mut todo);
            }
            for index in 0..self[id].instructions.len() {
                let instr = self[id].instructions[index];
                if let (true, Some(target)) = (instr.opcode.has_jump(), instr.target)
                    && !self[target].warm
                {
                    self.visit(target, &mut todo);
                }
            }
        }
    }

    /// Moves what only exceptions lead to behind everything else.
    pub(super) fn push_cold_blocks_to_end(&mut self) -> Result<(), AssembleError> {
        if self[ENTRY].next.is_none() {
            return Ok(());
        }
        self.mark_cold();
        for id in self.order() {
            let Some(next) = self[id].next else { continue };
            if self[id].cold && self[id].falls_through() && self[next].warm {
                self[next].labelled = true;
                let jump = self.new_block();
                let mut instr = Instr::new(Opcode::JUMP_NO_INTERRUPT, 0, Location::NONE);
                instr.target = Some(next);
                let block = &mut self[jump];
                block.instructions.push(instr);
                block.cold = true;
                block.next = Some(next);
                block.predecessors = 1;
                self[id].next = Some(jump);
            }
        }
        let (cold, warm): (Vec<BlockId>, Vec<BlockId>) = self.order().into_iter().partition(|&id| self[id].cold);
        if cold.is_empty() {
            return Ok(());
        }
        let order: Vec<BlockId> = warm.into_iter().chain(cold).collect();
        for (at, &id) in order.iter().enumerate() {
            self[id].next = order.get(at + 1).copied();
        }
        self.remove_redundant_nops_and_jumps()
    }

    /// Gives the jumps that keep their condition the instructions that do so.
    pub(super) fn convert_conditional_pseudo_jumps(&mut self) {
        for block in &mut self.blocks {
            let Some(&jump) = block.last() else { continue };
            let opcode = match jump.opcode {
                Opcode::JUMP_IF_FALSE => Opcode::POP_JUMP_IF_FALSE,
                Opcode::JUMP_IF_TRUE => Opcode::POP_JUMP_IF_TRUE,
                _ => continue,
            };
            let plain = |opcode, oparg| Instr { opcode, oparg, target: None, ..jump };
            let at = block.instructions.len() - 1;
            block.instructions[at].opcode = opcode;
            block.insert(at, [plain(Opcode::COPY, 1), plain(Opcode::TO_BOOL, 0)]);
        }
    }

    /// Removes what only guided the passes.
    pub(super) fn convert_pseudo_instructions(&mut self) -> Result<(), AssembleError> {
        for block in &mut self.blocks {
            for instr in &mut block.instructions {
                match instr.opcode {
                    opcode if opcode.is_block_push() => instr.make_nop(),
                    Opcode::LOAD_CLOSURE => instr.opcode = Opcode::LOAD_FAST,
                    Opcode::STORE_FAST_MAYBE_NULL => instr.opcode = Opcode::STORE_FAST,
                    _ => {}
                }
            }
        }
        self.remove_redundant_nops_and_jumps()
    }

    /// Conditional jumps go forward only: one that goes back is turned into its opposite over an unconditional one.
    /// Where a conditional jump is not taken is marked.
    pub(super) fn normalize_jumps(&mut self) {
        self.clear_visited();
        let mut at = Some(ENTRY);
        while let Some(id) = at {
            self[id].visited = true;
            self.normalize_jump_of(id);
            at = self[id].next;
        }
    }

    fn normalize_jump_of(&mut self, id: BlockId) {
        let Some(&last) = self[id].last() else { return };
        let (true, Some(target)) = (last.opcode.is_conditional_jump(), last.target) else { return };
        let not_taken = Instr::new(Opcode::NOT_TAKEN, 0, last.location);
        if !self[target].visited {
            self[id].append(not_taken);
            return;
        }
        let opposite = match last.opcode {
            Opcode::POP_JUMP_IF_NOT_NONE => Opcode::POP_JUMP_IF_NONE,
            Opcode::POP_JUMP_IF_NONE => Opcode::POP_JUMP_IF_NOT_NONE,
            Opcode::POP_JUMP_IF_FALSE => Opcode::POP_JUMP_IF_TRUE,
            _ => Opcode::POP_JUMP_IF_FALSE,
        };
        let back = self.new_block();
        let mut jump = Instr::new(Opcode::JUMP, 0, last.location);
        jump.target = Some(target);
        let (next, cold, start_depth) = (self[id].next, self[id].cold, self[target].start_depth);
        let block = &mut self[back];
        block.instructions = vec![not_taken, jump];
        block.start_depth = start_depth;
        block.cold = cold;
        block.next = next;
        if let Some(last) = self[id].instructions.last_mut() {
            last.opcode = opposite;
            last.target = next;
        }
        self[id].next = Some(back);
    }
}

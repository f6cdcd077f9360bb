//! Lines of instructions that have none: every exit must have the line it is reached from.

use oriel_bytecode::Opcode;
use oriel_bytecode::positions::Location;

use super::{Block, Graph};

impl Graph {
    /// Copies exits that have no line to each place that jumps there, then hands lines on.
    pub(super) fn resolve_line_numbers(&mut self) {
        self.duplicate_exits_without_line();
        self.propagate_locations();
    }

    fn duplicate_exits_without_line(&mut self) {
        // New blocks come behind their originals; they end in an exit or jump and are met in turn.
        let mut at = Some(super::ENTRY);
        while let Some(id) = at {
            if let Some(&last) = self[id].last()
                && last.opcode.has_jump()
                && let Some(target) = self.next_nonempty(last.target)
                && is_lineless_exit(&self[target])
                && self[target].predecessors > 1
            {
                let copy = self.new_block();
                let mut instructions = self[target].instructions.clone();
                if let Some(first) = instructions.first_mut() {
                    first.location = last.location;
                }
                let next = self[target].next;
                let block = &mut self[copy];
                block.instructions = instructions;
                block.predecessors = 1;
                block.next = next;
                block.labelled = true;
                if let Some(last) = self[id].instructions.last_mut() {
                    last.target = Some(copy);
                }
                self[target].predecessors -= 1;
                self[target].next = Some(copy);
            }
            at = self[id].next;
        }
        for id in self.order() {
            let (Some(&last), Some(next)) = (self[id].last(), self[id].next) else { continue };
            if self[id].falls_through()
                && is_lineless_exit(&self[next])
                && let Some(first) = self[next].instructions.first_mut()
            {
                first.location = last.location;
            }
        }
    }

    fn propagate_locations(&mut self) {
        for id in self.order() {
            let Some(&last) = self[id].last() else { continue };
            let mut location = Location::NONE;
            for instr in &mut self[id].instructions {
                if instr.location.lineno == Location::NONE.lineno {
                    instr.location = location;
                } else {
                    location = instr.location;
                }
            }
            let next = self[id].next.filter(|_| self[id].falls_through());
            let target = last.target.filter(|_| last.opcode.has_jump());
            for heir in [next, target].into_iter().flatten() {
                if self[heir].predecessors == 1
                    && let Some(first) = self[heir].instructions.first_mut()
                    && first.location.lineno == Location::NONE.lineno
                {
                    first.location = location;
                }
            }
        }
    }
}

/// A block that leaves the scope or may meet a pending event, none of whose instructions has a line.
fn is_lineless_exit(block: &Block) -> bool {
    let checks_events = || {
        block.instructions.iter().any(|instr| {
            matches!(
                instr.opcode,
                Opcode::JUMP | Opcode::CALL | Opcode::CALL_KW | Opcode::CALL_FUNCTION_EX | Opcode::RESUME
            )
        })
    };
    (block.exits_scope() || checks_events()) && block.has_no_line()
}

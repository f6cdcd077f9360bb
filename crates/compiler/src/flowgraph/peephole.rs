//! Rewrites of a few neighbouring instructions, and jumps to jumps.

use oriel_bytecode::{Constant, Opcode, oparg::Intrinsic1};

use super::{BlockId, Graph, Instr};
use crate::instruction_sequence::{AssembleError, ConstTable};

impl Graph {
    pub(super) fn optimize_loads_of_constants(&mut self, consts: &mut ConstTable) -> Result<(), AssembleError> {
        for id in self.order() {
            self.optimize_constants_of(id, consts)?;
        }
        Ok(())
    }

    fn optimize_constants_of(&mut self, id: BlockId, consts: &mut ConstTable) -> Result<(), AssembleError> {
        let instructions = &mut self[id].instructions;
        let (mut opcode, mut oparg) = (Opcode::CACHE, 0);
        for index in 0..instructions.len() {
            let instr = &mut instructions[index];
            if instr.opcode == Opcode::LOAD_CONST
                && let Some(small) = consts.items().get(instr.oparg as usize).and_then(super::constants::small_int)
            {
                instr.set(Opcode::LOAD_SMALL_INT, small);
            }
            let is_copy = opcode == Opcode::LOAD_CONST && instr.opcode == Opcode::COPY && instr.oparg == 1;
            if !is_copy {
                (opcode, oparg) = (instr.opcode, instr.oparg);
            }
            if !matches!(opcode, Opcode::LOAD_CONST | Opcode::LOAD_SMALL_INT) {
                continue;
            }
            let Some(next) = instructions.get(index + 1).copied() else { continue };
            let value = super::constants::value_of(opcode, oparg, consts)?;
            match next.opcode {
                Opcode::POP_JUMP_IF_FALSE | Opcode::POP_JUMP_IF_TRUE | Opcode::JUMP_IF_FALSE | Opcode::JUMP_IF_TRUE => {
                    if matches!(next.opcode, Opcode::POP_JUMP_IF_FALSE | Opcode::POP_JUMP_IF_TRUE) {
                        instructions[index].make_nop();
                    }
                    let if_true = matches!(next.opcode, Opcode::POP_JUMP_IF_TRUE | Opcode::JUMP_IF_TRUE);
                    if value.is_true() == if_true {
                        instructions[index + 1].opcode = Opcode::JUMP;
                    } else {
                        instructions[index + 1].make_nop();
                    }
                }
                Opcode::IS_OP if value == Constant::None => fold_is_none(instructions, index),
                Opcode::TO_BOOL => {
                    let result = consts.add(Constant::bool(value.is_true()));
                    instructions[index].make_nop();
                    instructions[index + 1].set(Opcode::LOAD_CONST, result);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The opcode at the start of the block that an instruction jumps to.
    fn target_instr(&self, instr: &Instr) -> Option<Instr> {
        let target = instr.target.filter(|_| instr.opcode.has_target())?;
        self[target].instructions.first().copied()
    }

    pub(super) fn optimize_block(&mut self, id: BlockId, consts: &mut ConstTable) -> Result<(), AssembleError> {
        let mut index = 0;
        while index < self[id].instructions.len() {
            let instr = self[id].instructions[index];
            if instr.opcode.has_jump() {
                // A jump that was led on is looked at again.
                if !self.thread_jump(id, index) {
                    index += 1;
                }
                continue;
            }
            self.optimize_instruction(id, index, consts)?;
            index += 1;
        }
        self.optimize_swaps(id);
        Ok(())
    }

    fn optimize_instruction(
        &mut self,
        id: BlockId,
        index: usize,
        consts: &mut ConstTable,
    ) -> Result<(), AssembleError> {
        let instructions = &mut self[id].instructions;
        let instr = instructions[index];
        let oparg = instr.oparg;
        let next = instructions.get(index + 1).copied();
        let next_opcode = next.map_or(Opcode::CACHE, |next| next.opcode);
        match instr.opcode {
            Opcode::BUILD_TUPLE => {
                if next.is_some_and(|next| next.opcode == Opcode::UNPACK_SEQUENCE && next.oparg == oparg) {
                    match oparg {
                        1 => {
                            instructions[index].make_nop();
                            instructions[index + 1].make_nop();
                            return Ok(());
                        }
                        2 | 3 => {
                            instructions[index].make_nop();
                            instructions[index + 1].opcode = Opcode::SWAP;
                            return Ok(());
                        }
                        _ => {}
                    }
                }
                self.fold_tuple(id, index, consts)?;
            }
            Opcode::BUILD_LIST | Opcode::BUILD_SET => self.fold_list_or_set(id, index, next_opcode, consts)?,
            Opcode::STORE_FAST
                if next.is_some_and(|next| {
                    next.opcode == Opcode::STORE_FAST
                        && next.oparg == oparg
                        && next.location.lineno == instr.location.lineno
                }) =>
            {
                instructions[index].set(Opcode::POP_TOP, 0);
            }
            Opcode::SWAP if oparg == 1 => instructions[index].make_nop(),
            Opcode::LOAD_GLOBAL if next_opcode == Opcode::PUSH_NULL && oparg & 1 == 0 => {
                instructions[index].oparg = oparg | 1;
                instructions[index + 1].make_nop();
            }
            Opcode::COMPARE_OP if next_opcode == Opcode::TO_BOOL => {
                instructions[index].make_nop();
                instructions[index + 1].set(Opcode::COMPARE_OP, oparg | 16);
            }
            Opcode::CONTAINS_OP | Opcode::IS_OP if next_opcode == Opcode::TO_BOOL => {
                instructions[index].make_nop();
                instructions[index + 1].set(instr.opcode, oparg);
            }
            Opcode::CONTAINS_OP | Opcode::IS_OP if next_opcode == Opcode::UNARY_NOT => {
                instructions[index].make_nop();
                instructions[index + 1].set(instr.opcode, oparg ^ 1);
            }
            Opcode::TO_BOOL if next_opcode == Opcode::TO_BOOL => instructions[index].make_nop(),
            Opcode::UNARY_NOT if next_opcode == Opcode::TO_BOOL => {
                instructions[index].make_nop();
                instructions[index + 1].set(Opcode::UNARY_NOT, 0);
            }
            Opcode::UNARY_NOT if next_opcode == Opcode::UNARY_NOT => {
                instructions[index].make_nop();
                instructions[index + 1].make_nop();
            }
            Opcode::UNARY_NOT | Opcode::UNARY_INVERT | Opcode::UNARY_NEGATIVE => self.fold_unary(id, index, consts)?,
            Opcode::CALL_INTRINSIC_1 if oparg == Intrinsic1::ListToTuple.oparg() => {
                let folded = self.fold_additions(id, index, consts)?;
                // Iterating over the list itself is as good.
                if !folded && next_opcode == Opcode::GET_ITER {
                    self[id].instructions[index].make_nop();
                }
            }
            Opcode::LIST_APPEND | Opcode::SET_ADD
                if oparg == 1 && matches!(next_opcode, Opcode::GET_ITER | Opcode::CONTAINS_OP) =>
            {
                self.fold_additions(id, index, consts)?;
            }
            Opcode::CALL_INTRINSIC_1 if oparg == Intrinsic1::UnaryPositive.oparg() => {
                self.fold_unary(id, index, consts)?;
            }
            Opcode::BINARY_OP => self.fold_binary(id, index, consts)?,
            _ => {}
        }
        Ok(())
    }

    /// Leads a jump to a jump on to where that one goes; says whether the instruction must be looked at again.
    fn thread_jump(&mut self, id: BlockId, index: usize) -> bool {
        let instr = self[id].instructions[index];
        let Some(target) = self.target_instr(&instr) else { return false };
        let threaded = match (instr.opcode, target.opcode) {
            (
                Opcode::POP_JUMP_IF_NOT_NONE
                | Opcode::POP_JUMP_IF_NONE
                | Opcode::POP_JUMP_IF_FALSE
                | Opcode::POP_JUMP_IF_TRUE
                | Opcode::JUMP_IF_FALSE
                | Opcode::JUMP_IF_TRUE
                | Opcode::JUMP,
                Opcode::JUMP,
            ) => instr.opcode,
            (Opcode::JUMP_NO_INTERRUPT, Opcode::JUMP) => Opcode::JUMP,
            (Opcode::JUMP_IF_FALSE, Opcode::JUMP_IF_FALSE) | (Opcode::JUMP_IF_TRUE, Opcode::JUMP_IF_TRUE) => {
                instr.opcode
            }
            (Opcode::JUMP_IF_FALSE, Opcode::JUMP_IF_TRUE) | (Opcode::JUMP_IF_TRUE, Opcode::JUMP_IF_FALSE) => {
                // The condition is known there: that jump is not taken.
                let beyond = instr.target.and_then(|target| self[target].next);
                if beyond.is_some() {
                    self[id].instructions[index].target = beyond;
                    return true;
                }
                return false;
            }
            (Opcode::JUMP | Opcode::JUMP_NO_INTERRUPT, Opcode::JUMP_NO_INTERRUPT) => instr.opcode,
            _ => return false,
        };
        if instr.target == target.target {
            return false;
        }
        // The old place keeps its line until it proves superfluous.
        let instructions = &mut self[id].instructions;
        instructions[index].make_nop();
        let mut jump = Instr::new(threaded, 0, target.location);
        jump.target = target.target;
        self[id].append(jump);
        true
    }
}

/// A test for None becomes one jump.
fn fold_is_none(instructions: &mut [Instr], index: usize) {
    let Some(mut jump) = instructions.get(index + 2).map(|_| index + 2) else { return };
    if instructions[jump].opcode == Opcode::TO_BOOL {
        instructions[jump].make_nop();
        jump += 1;
        if jump >= instructions.len() {
            return;
        }
    }
    let mut inverted = instructions[index + 1].oparg != 0;
    match instructions[jump].opcode {
        Opcode::POP_JUMP_IF_FALSE => inverted = !inverted,
        Opcode::POP_JUMP_IF_TRUE => {}
        _ => return,
    }
    instructions[index].make_nop();
    instructions[index + 1].make_nop();
    instructions[jump].opcode = if inverted { Opcode::POP_JUMP_IF_NOT_NONE } else { Opcode::POP_JUMP_IF_NONE };
}

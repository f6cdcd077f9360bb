//! Constants: folding operations on them, collections of them, and dropping those that no instruction uses.

use oriel_bytecode::oparg::BinaryOperator;
use oriel_bytecode::positions::Location;
use oriel_bytecode::{Constant, Opcode};

use super::{BlockId, Graph, Instr, evaluate};
use crate::instruction_sequence::{AssembleError, ConstTable};

/// Longer runs of constants are not folded.
const MAX_FOLDED: usize = 30;
/// Shorter displays are built item by item.
const MIN_FOLDED: usize = 3;

fn loads_constant(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::LOAD_CONST | Opcode::LOAD_SMALL_INT)
}

/// The operand of `LOAD_SMALL_INT`, if the constant is an integer small enough.
pub(super) fn small_int(constant: &Constant) -> Option<u32> {
    constant.as_i64().and_then(|value| u32::try_from(value).ok()).filter(|value| *value <= 255)
}

/// The constant that an instruction loads.
pub(super) fn value_of(opcode: Opcode, oparg: u32, consts: &ConstTable) -> Result<Constant, AssembleError> {
    if opcode == Opcode::LOAD_SMALL_INT {
        return Ok(Constant::int(oparg));
    }
    consts.items().get(oparg as usize).cloned().ok_or(AssembleError::Malformed("a constant that does not exist"))
}

/// The indices of the last `count` instructions before `end` if all of them (NOPs aside) load constants.
fn constant_loads(instructions: &[Instr], end: usize, count: usize) -> Option<Vec<usize>> {
    let mut found = Vec::with_capacity(count);
    for index in (0..end).rev() {
        if found.len() == count {
            break;
        }
        match instructions[index].opcode {
            Opcode::NOP => {}
            opcode if loads_constant(opcode) => found.push(index),
            _ => return None,
        }
    }
    found.reverse();
    (found.len() == count).then_some(found)
}

fn values(instructions: &[Instr], loads: &[usize], consts: &ConstTable) -> Result<Vec<Constant>, AssembleError> {
    loads.iter().map(|&index| value_of(instructions[index].opcode, instructions[index].oparg, consts)).collect()
}

fn remove(instructions: &mut [Instr], loads: &[usize]) {
    for &index in loads {
        instructions[index].make_nop();
        instructions[index].location = Location::NONE;
    }
}

fn make_load(instr: &mut Instr, constant: Constant, consts: &mut ConstTable) {
    match small_int(&constant) {
        Some(small) => instr.set(Opcode::LOAD_SMALL_INT, small),
        // NaN is equal to nothing, so none is shared.
        None if matches!(constant, Constant::Float(value) if value.is_nan()) => {
            instr.set(Opcode::LOAD_CONST, consts.add_distinct(constant));
        }
        None => instr.set(Opcode::LOAD_CONST, consts.add(constant)),
    }
}

impl Graph {
    pub(super) fn fold_tuple(
        &mut self,
        id: BlockId,
        index: usize,
        consts: &mut ConstTable,
    ) -> Result<(), AssembleError> {
        let instructions = &mut self[id].instructions;
        let count = instructions[index].oparg as usize;
        if count > MAX_FOLDED {
            return Ok(());
        }
        let Some(loads) = constant_loads(instructions, index, count) else { return Ok(()) };
        let items = values(instructions, &loads, consts)?;
        remove(instructions, &loads);
        make_load(&mut instructions[index], Constant::tuple(items), consts);
        Ok(())
    }

    /// A list or set that constants were added to one by one, and that only its reader sees: a constant, loaded by
    /// the instruction at `index` (the last addition, or what makes a tuple of the list). Says whether it was one.
    pub(super) fn fold_additions(
        &mut self,
        id: BlockId,
        index: usize,
        consts: &mut ConstTable,
    ) -> Result<bool, AssembleError> {
        let instructions = &mut self[id].instructions;
        let (build, add) = match instructions[index].opcode {
            Opcode::SET_ADD => (Opcode::BUILD_SET, Opcode::SET_ADD),
            _ => (Opcode::BUILD_LIST, Opcode::LIST_APPEND),
        };
        let mut loads = Vec::new();
        let mut used = Vec::new();
        let mut expect_addition = true;
        let end = if instructions[index].opcode == Opcode::CALL_INTRINSIC_1 { index } else { index + 1 };
        for at in (0..end).rev() {
            let instr = instructions[at];
            match instr.opcode {
                Opcode::NOP => continue,
                opcode if opcode == build && instr.oparg == 0 && expect_addition => {
                    used.push(at);
                    loads.reverse();
                    let items = values(instructions, &loads, consts)?;
                    let constant = if build == Opcode::BUILD_SET {
                        evaluate::frozen_set(items)
                    } else {
                        Some(Constant::tuple(items))
                    };
                    let Some(constant) = constant else { return Ok(false) };
                    // Also the last addition, which becomes the load, loses its place in the source.
                    let keeps_place = instructions[index].opcode == Opcode::CALL_INTRINSIC_1;
                    used.retain(|&at| at != index);
                    remove(instructions, &used);
                    if !keeps_place {
                        instructions[index].location = Location::NONE;
                    }
                    make_load(&mut instructions[index], constant, consts);
                    return Ok(true);
                }
                opcode if opcode == add && expect_addition && instr.oparg == 1 => {}
                opcode if !expect_addition && loads_constant(opcode) => loads.push(at),
                _ => return Ok(false),
            }
            used.push(at);
            expect_addition = !expect_addition;
        }
        Ok(false)
    }

    /// Displays of constants: one constant where nothing can change it, else a collection extended by one.
    pub(super) fn fold_list_or_set(
        &mut self,
        id: BlockId,
        index: usize,
        next: Opcode,
        consts: &mut ConstTable,
    ) -> Result<(), AssembleError> {
        let instructions = &mut self[id].instructions;
        let instr = instructions[index];
        let only_read = matches!(next, Opcode::GET_ITER | Opcode::CONTAINS_OP);
        let count = instr.oparg as usize;
        if count > MAX_FOLDED || (count < MIN_FOLDED && !only_read) {
            return Ok(());
        }
        let Some(loads) = constant_loads(instructions, index, count) else {
            if only_read && instr.opcode == Opcode::BUILD_LIST {
                instructions[index].opcode = Opcode::BUILD_TUPLE;
            }
            return Ok(());
        };
        let items = values(instructions, &loads, consts)?;
        let constant = if instr.opcode == Opcode::BUILD_SET {
            match evaluate::frozen_set(items) {
                Some(set) => set,
                None => return Ok(()),
            }
        } else {
            Constant::tuple(items)
        };
        let constant = consts.add(constant);
        remove(instructions, &loads);
        if only_read {
            instructions[index].set(Opcode::LOAD_CONST, constant);
        } else if let [.., build, load, extend] = &mut instructions[..=index] {
            build.location = instr.location;
            build.set(instr.opcode, 0);
            load.set(Opcode::LOAD_CONST, constant);
            let into_list = instr.opcode == Opcode::BUILD_LIST;
            extend.set(if into_list { Opcode::LIST_EXTEND } else { Opcode::SET_UPDATE }, 1);
        }
        Ok(())
    }

    pub(super) fn fold_binary(
        &mut self,
        id: BlockId,
        index: usize,
        consts: &mut ConstTable,
    ) -> Result<(), AssembleError> {
        let instructions = &mut self[id].instructions;
        let Some(loads) = constant_loads(instructions, index, 2) else { return Ok(()) };
        let Some(operator) = BinaryOperator::from_oparg(instructions[index].oparg) else { return Ok(()) };
        let operands = values(instructions, &loads, consts)?;
        let [left, right] = &operands[..] else { return Ok(()) };
        if let Some(result) = evaluate::binary(left, operator, right) {
            remove(instructions, &loads);
            make_load(&mut instructions[index], result, consts);
        }
        Ok(())
    }

    pub(super) fn fold_unary(
        &mut self,
        id: BlockId,
        index: usize,
        consts: &mut ConstTable,
    ) -> Result<(), AssembleError> {
        let instructions = &mut self[id].instructions;
        let Some(loads) = constant_loads(instructions, index, 1) else { return Ok(()) };
        let operands = values(instructions, &loads, consts)?;
        let [operand] = &operands[..] else { return Ok(()) };
        if let Some(result) = evaluate::unary(instructions[index].opcode, operand) {
            remove(instructions, &loads);
            make_load(&mut instructions[index], result, consts);
        }
        Ok(())
    }

    /// Drops constants that no instruction loads; the first one stays, as it may be the docstring.
    pub(super) fn remove_unused_constants(&mut self, consts: ConstTable) -> ConstTable {
        let mut used = vec![false; consts.len()];
        if let Some(first) = used.first_mut() {
            *first = true;
        }
        for id in self.order() {
            for instr in self[id].instructions.iter().filter(|instr| instr.opcode == Opcode::LOAD_CONST) {
                if let Some(used) = used.get_mut(instr.oparg as usize) {
                    *used = true;
                }
            }
        }
        let mut kept = ConstTable::new();
        let mut renumbered = vec![0; used.len()];
        for (index, constant) in consts.into_items().into_iter().enumerate() {
            if used[index] {
                renumbered[index] = kept.add_distinct(constant);
            }
        }
        for block in &mut self.blocks {
            for instr in block.instructions.iter_mut().filter(|instr| instr.opcode == Opcode::LOAD_CONST) {
                if let Some(&index) = renumbered.get(instr.oparg as usize) {
                    instr.oparg = index;
                }
            }
        }
        kept
    }
}

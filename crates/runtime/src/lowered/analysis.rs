//! The first look at bytecode before it is lowered: its instructions, where blocks begin, and how deep the operand
//! stack is at each instruction. It also refuses bytecode that would corrupt the interpreter: unknown instructions, jumps
//! into the middle of instructions, and stacks that under- or overflow.

use super::LowerError;
use oriel_bytecode::code::DecodedInstruction;
use oriel_bytecode::{CodeObject, Opcode, exception_table};

/// No instruction begins at this code unit.
pub const NOWHERE: u32 = u32::MAX;

/// What is known of an instruction before lowering.
pub struct Decoded {
    /// The instruction itself.
    pub instruction: DecodedInstruction,
    /// The depth of the operand stack before it; -1 if it is never reached.
    pub depth: i32,
    /// Whether a jump or a handler leads here.
    pub label: bool,
    /// The greatest depth of a protected region that begins here.
    pub protect: Option<u32>,
}

/// The instructions of a code object in order.
pub struct Analysis {
    /// The instructions.
    pub instructions: Vec<Decoded>,
    /// For each code unit the instruction that begins there (an EXTENDED_ARG prefix counts as its beginning).
    pub index_at: Vec<u32>,
    /// The protected ranges.
    pub handlers: Vec<exception_table::Entry>,
}

impl Analysis {
    /// The index of the instruction at a byte offset.
    pub fn at(&self, offset: usize) -> Result<usize, LowerError> {
        match self.index_at.get(offset / 2) {
            Some(&index) if index != NOWHERE && offset.is_multiple_of(2) => Ok(index as usize),
            _ => Err(LowerError::BadJump),
        }
    }

    /// Looks at the code.
    pub fn new(code: &CodeObject) -> Result<Analysis, LowerError> {
        let mut analysis = Analysis {
            instructions: Vec::with_capacity(code.unit_count()),
            index_at: vec![NOWHERE; code.unit_count()],
            handlers: exception_table::entries(&code.exceptiontable).collect(),
        };
        for instruction in code.instructions() {
            let index = analysis.instructions.len() as u32;
            for unit in [instruction.start / 2, instruction.offset / 2] {
                analysis.index_at[unit] = index;
            }
            analysis.instructions.push(Decoded { instruction, depth: -1, label: false, protect: None });
        }
        analysis.find_depths(code)?;
        Ok(analysis)
    }

    /// Where a jumping instruction leads, with the change of depth on that way.
    pub fn target(&self, index: usize) -> Result<Option<(usize, i32)>, LowerError> {
        let instruction = &self.instructions[index].instruction;
        let Some(offset) = instruction.jump_target() else { return Ok(None) };
        let target = self.at(offset)?;
        Ok(match instruction.opcode {
            // The jump of END_ASYNC_FOR only tells tools which loop it ends.
            Opcode::END_ASYNC_FOR => None,
            // An exhausted FOR_ITER goes on behind END_FOR.
            Opcode::FOR_ITER => {
                let skipped = self.instructions.get(target).map(|d| d.instruction.opcode);
                Some(if skipped == Some(Opcode::END_FOR) { (target + 1, 0) } else { (target, 0) })
            }
            Opcode::SEND => Some((target, 0)),
            opcode => Some((target, opcode.stack_effect(instruction.oparg, true))),
        })
    }

    fn find_depths(&mut self, code: &CodeObject) -> Result<(), LowerError> {
        let mut work = vec![(0usize, 0i32)];
        for index in 0..self.handlers.len() {
            let entry = self.handlers[index];
            let target = self.at(entry.target)?;
            self.instructions[target].label = true;
            work.push((target, entry.depth as i32 + i32::from(entry.lasti) + 1));
            if let Ok(start) = self.at(entry.start) {
                let protect = &mut self.instructions[start].protect;
                *protect = Some(protect.unwrap_or(0).max(entry.depth as u32));
            }
        }
        while let Some((mut index, mut depth)) = work.pop() {
            loop {
                let Some(decoded) = self.instructions.get_mut(index) else { return Err(LowerError::RunsOff) };
                if decoded.depth >= 0 {
                    if decoded.depth != depth {
                        return Err(LowerError::BadStack);
                    }
                    break;
                }
                decoded.depth = depth;
                let DecodedInstruction { opcode, oparg, .. } = decoded.instruction;
                if opcode.info().is_none() || opcode.is_pseudo() {
                    return Err(LowerError::UnknownOpcode(opcode.0));
                }
                if opcode.pops(oparg) > depth || depth > code.stacksize as i32 {
                    return Err(LowerError::BadStack);
                }
                if let Some((target, change)) = self.target(index)? {
                    match self.instructions.get_mut(target) {
                        Some(decoded) => decoded.label = true,
                        None => return Err(LowerError::BadJump),
                    }
                    work.push((target, depth + change));
                }
                if opcode.is_scope_exit() || opcode.is_unconditional_jump() {
                    break;
                }
                depth += opcode.stack_effect(oparg, false);
                if depth > code.stacksize as i32 {
                    return Err(LowerError::BadStack);
                }
                index += 1;
            }
        }
        Ok(())
    }
}

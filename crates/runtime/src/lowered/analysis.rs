//! The first look at bytecode before it is lowered: its instructions, where blocks begin, and how deep the operand
//! stack is at each instruction. It also refuses bytecode that would corrupt the interpreter: unknown instructions, jumps
//! into the middle of instructions, and stacks that under- or overflow.

use super::LowerError;
use oriel_bytecode::code::DecodedInstruction;
use oriel_bytecode::{CodeFlags, CodeObject, Opcode, exception_table};

/// No instruction begins at this code unit.
pub const NOWHERE: u32 = u32::MAX;

/// What is known of an instruction before lowering.
pub struct Decoded {
    /// Byte offset of the instruction, behind its EXTENDED_ARG prefixes.
    pub offset: u32,
    /// Its operand, extended.
    pub oparg: u32,
    /// The depth of the operand stack before it; -1 if it is never reached.
    pub depth: i32,
    /// What it is.
    pub opcode: Opcode,
    /// Whether a jump or a handler leads here.
    pub label: bool,
    /// The greatest depth of a protected region that begins here.
    pub protect: Option<u32>,
}

impl Decoded {
    #[inline]
    fn instruction(&self) -> DecodedInstruction {
        decoded(self.offset, self.opcode, self.oparg)
    }
}

#[inline]
fn decoded(offset: u32, opcode: Opcode, oparg: u32) -> DecodedInstruction {
    DecodedInstruction { start: offset as usize, offset: offset as usize, opcode, oparg }
}

/// What the pass asks of an opcode, in one word: caches, flags, pops and pushes.
#[derive(Clone, Copy)]
struct Facts(u32);

impl Facts {
    const UNKNOWN: u32 = 1 << 8;
    const JUMPS: u32 = 1 << 9;
    const LEAVES: u32 = 1 << 10;
    /// What it pops and pushes depends on its operand.
    const VARIES: u32 = 1 << 11;

    const fn of(opcode: Opcode) -> Facts {
        let mut word = opcode.caches() as u32;
        if opcode.info().is_none() {
            word |= Facts::UNKNOWN;
        }
        if opcode.has_jump() {
            word |= Facts::JUMPS;
        }
        if opcode.is_scope_exit() || opcode.is_unconditional_jump() {
            word |= Facts::LEAVES;
        }
        if opcode.varies() {
            return Facts(word | Facts::VARIES);
        }
        Facts(word | (opcode.pops(0) as u32) << 16 | (opcode.pushes(0) as u32) << 24)
    }

    #[inline(always)]
    fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }

    #[inline(always)]
    fn caches(self) -> usize {
        (self.0 & 0xff) as usize
    }

    /// How many values it pops, and the change of the depth where it does not jump.
    #[inline(always)]
    fn stack(self, opcode: Opcode, oparg: u32) -> (i32, i32) {
        if self.has(Facts::VARIES) {
            return (opcode.pops(oparg), opcode.stack_effect(oparg, false));
        }
        let (pops, pushes) = ((self.0 >> 16 & 0xff) as i32, (self.0 >> 24) as i32);
        (pops, pushes - pops)
    }
}

static FACTS: [Facts; 256] = {
    let mut table = [Facts(0); 256];
    let mut number = 0;
    while number < table.len() {
        table[number] = Facts::of(Opcode(number as u16));
        number += 1;
    }
    table
};

/// What is known of a code unit.
#[derive(Clone, Copy)]
struct Unit {
    /// The instruction that begins there, with its first EXTENDED_ARG if it has one.
    index: u32,
    /// The depth of the operand stack that a way to it has; -1 if none is known.
    depth: i32,
    /// Whether a jump or a handler leads here.
    label: bool,
}

/// The instructions of a code object in order.
pub struct Analysis {
    /// The instructions.
    pub instructions: Vec<Decoded>,
    units: Vec<Unit>,
    /// The protected ranges.
    pub handlers: Vec<exception_table::Entry>,
}

impl Analysis {
    /// The index of the instruction at a byte offset.
    #[inline]
    pub fn at(&self, offset: usize) -> Result<usize, LowerError> {
        match self.units.get(offset / 2) {
            Some(unit) if unit.index != NOWHERE && offset & 1 == 0 => Ok(unit.index as usize),
            _ => Err(LowerError::BadJump),
        }
    }

    /// Looks at the code.
    pub fn new(code: &CodeObject) -> Result<Analysis, LowerError> {
        let count = code.unit_count();
        let mut analysis = Analysis {
            instructions: Vec::with_capacity(count / 2 + 4),
            units: vec![Unit { index: NOWHERE, depth: -1, label: false }; count],
            handlers: exception_table::entries(&code.exceptiontable).collect(),
        };
        analysis.note_handlers()?;
        if analysis.pass(code)? {
            analysis.follow(code)?;
        }
        for unit in &analysis.units {
            if unit.label {
                let target = analysis.instructions.get_mut(unit.index as usize).ok_or(LowerError::BadJump)?;
                target.label = true;
            }
        }
        for entry in &analysis.handlers {
            if let Some(unit) = analysis.units.get(entry.start / 2)
                && let Some(start) = analysis.instructions.get_mut(unit.index as usize)
            {
                start.protect = Some(start.protect.unwrap_or(0).max(entry.depth as u32));
            }
        }
        analysis.check_generator(code)?;
        Ok(analysis)
    }

    /// Only a generator's frame can be left and entered again: one instruction at the start makes the generator, nothing
    /// leads back to it, and there are no such instructions elsewhere.
    fn check_generator(&self, code: &CodeObject) -> Result<(), LowerError> {
        let opcode = |decoded: &Decoded| decoded.opcode;
        let flags = [CodeFlags::GENERATOR, CodeFlags::COROUTINE, CodeFlags::ASYNC_GENERATOR];
        let prologue = [Opcode::COPY_FREE_VARS, Opcode::MAKE_CELL, Opcode::NOP];
        let first = self.instructions.iter().position(|decoded| !prologue.contains(&opcode(decoded)));
        let is_made = first.is_some_and(|first| opcode(&self.instructions[first]) == Opcode::RETURN_GENERATOR);
        if is_made != flags.into_iter().any(|flag| code.flags.contains(flag)) {
            return Err(LowerError::BadGenerator);
        }
        let start = if is_made { first.map_or(0, |first| first + 1) } else { 0 };
        let wrong = |decoded: &Decoded| {
            decoded.depth >= 0
                && (opcode(decoded) == Opcode::RETURN_GENERATOR || !is_made && opcode(decoded) == Opcode::YIELD_VALUE)
        };
        if self.instructions[..start].iter().any(|decoded| decoded.label)
            || self.instructions[start..].iter().any(wrong)
        {
            return Err(LowerError::BadGenerator);
        }
        Ok(())
    }

    /// A way leads to a unit, with so many values on the stack.
    #[inline]
    fn lead(&mut self, offset: usize, depth: i32) -> Result<(), LowerError> {
        let unit = self.units.get_mut(offset / 2).ok_or(LowerError::BadJump)?;
        if offset & 1 != 0 || depth < 0 {
            return Err(if depth < 0 { LowerError::BadStack } else { LowerError::BadJump });
        }
        if unit.depth >= 0 && unit.depth != depth {
            return Err(LowerError::BadStack);
        }
        unit.depth = depth;
        unit.label = true;
        Ok(())
    }

    fn note_handlers(&mut self) -> Result<(), LowerError> {
        for index in 0..self.handlers.len() {
            let entry = self.handlers[index];
            self.lead(entry.target, entry.depth as i32 + i32::from(entry.lasti) + 1)?;
        }
        Ok(())
    }

    /// Reads the instructions once, in order, and follows the stack as far as that goes: in what compilers write, that is
    /// all of it. Says whether some way led back to where none had come from before.
    fn pass(&mut self, code: &CodeObject) -> Result<bool, LowerError> {
        let bytes = code.code.as_chunks::<2>().0;
        let limit = code.stacksize as i32;
        let (mut depth, mut at) = (0, 0);
        let mut falls_through = true;
        let mut led_back = false;
        while let Some(&[mut op, arg]) = bytes.get(at) {
            let start = at;
            let mut oparg = u32::from(arg);
            while op == Opcode::EXTENDED_ARG.byte()
                && let Some(&[next, arg]) = bytes.get(at + 1)
            {
                (op, oparg) = (next, oparg << 8 | u32::from(arg));
                at += 1;
            }
            let (facts, offset) = (FACTS[usize::from(op)], at * 2);
            at += 1 + facts.caches();
            let opcode = Opcode(u16::from(op));
            let index = self.instructions.len() as u32;
            let unit = &mut self.units[start];
            unit.index = index;
            if unit.depth >= 0 {
                if falls_through && unit.depth != depth {
                    return Err(LowerError::BadStack);
                }
                depth = unit.depth;
                falls_through = true;
            } else if falls_through {
                unit.depth = depth;
            }
            let reached = if falls_through { depth } else { -1 };
            let offset = offset as u32;
            self.instructions.push(Decoded { offset, oparg, depth: reached, opcode, label: false, protect: None });
            if !falls_through {
                continue;
            }
            let (pops, effect) = facts.stack(opcode, oparg);
            if pops > depth || depth > limit || facts.has(Facts::UNKNOWN) {
                check(opcode, oparg, depth, code)?;
            }
            if facts.has(Facts::JUMPS)
                && let Some((target, change)) = way(code, &decoded(offset, opcode, oparg))?
            {
                self.lead(target, depth + change)?;
                let target = self.units[target / 2];
                led_back |= target.index != NOWHERE
                    && self.instructions.get(target.index as usize).is_some_and(|target| target.depth < 0);
            }
            if facts.has(Facts::LEAVES) {
                falls_through = false;
            } else {
                depth += effect;
                if depth > limit {
                    return Err(LowerError::BadStack);
                }
            }
        }
        if falls_through { Err(LowerError::RunsOff) } else { Ok(led_back) }
    }

    /// Follows the ways from where some led back to.
    fn follow(&mut self, code: &CodeObject) -> Result<(), LowerError> {
        let mut work: Vec<(usize, i32)> = self
            .units
            .iter()
            .filter(|unit| unit.depth >= 0 && unit.index != NOWHERE)
            .map(|unit| (unit.index as usize, unit.depth))
            .filter(|&(index, _)| self.instructions[index].depth < 0)
            .collect();
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
                let (opcode, oparg, instruction) = (decoded.opcode, decoded.oparg, decoded.instruction());
                check(opcode, oparg, depth, code)?;
                if let Some((target, change)) = way(code, &instruction)? {
                    self.lead(target, depth + change)?;
                    work.push((self.at(target)?, depth + change));
                }
                if opcode.is_scope_exit() || opcode.is_unconditional_jump() {
                    break;
                }
                depth += opcode.stack_effect(oparg, false);
                index += 1;
            }
        }
        Ok(())
    }

    /// Where a jumping instruction leads.
    pub fn target(&self, code: &CodeObject, index: usize) -> Result<Option<usize>, LowerError> {
        match way(code, &self.instructions[index].instruction())? {
            Some((target, _)) => self.at(target).map(Some),
            None => Ok(None),
        }
    }
}

/// Refuses what cannot be executed with so many values on the stack.
#[inline]
fn check(opcode: Opcode, oparg: u32, depth: i32, code: &CodeObject) -> Result<(), LowerError> {
    if opcode.info().is_none() || opcode.is_pseudo() {
        return Err(LowerError::UnknownOpcode(opcode.0));
    }
    if opcode.pops(oparg) > depth
        || depth > code.stacksize as i32
        || depth + opcode.stack_effect(oparg, false) > code.stacksize as i32
            && !(opcode.is_scope_exit() || opcode.is_unconditional_jump())
    {
        return Err(LowerError::BadStack);
    }
    Ok(())
}

/// The byte offset to which an instruction jumps, with the change of the stack's depth on that way.
#[inline]
fn way(code: &CodeObject, instruction: &DecodedInstruction) -> Result<Option<(usize, i32)>, LowerError> {
    let opcode = instruction.opcode;
    if !opcode.has_jump() {
        return Ok(None);
    }
    let target = instruction.jump_target().ok_or(LowerError::BadJump)?;
    Ok(match opcode {
        // The jump of END_ASYNC_FOR only tells tools which loop it ends.
        Opcode::END_ASYNC_FOR => None,
        // An exhausted FOR_ITER goes on behind END_FOR.
        Opcode::FOR_ITER => {
            let skips = code.code.get(target) == Some(&Opcode::END_FOR.byte());
            Some((if skips { target + 2 } else { target }, 0))
        }
        Opcode::SEND => Some((target, 0)),
        opcode => Some((target, opcode.stack_effect(instruction.oparg, true))),
    })
}

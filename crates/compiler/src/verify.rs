//! Checks of a finished code object, run on every one in debug builds. (What is read from outside is checked by the
//! runtime when it lowers it.)
//!
//! Checked:
//! 1. The bytecode is whole instructions, each known and real, each with its caches.
//! 2. Every jump and every handler goes to the start of an instruction.
//! 3. On every path the stack neither underflows nor grows beyond `stacksize`, and has one depth at each place.
//! 4. No path runs off the end.
//! 5. Indices of constants, names and variables are within their tables.
//! 6. Parameters are the first variables, then come other locals, cells and free variables.
//! 7. The exception table's ranges are in order and within the code; the location table covers the code exactly.

use std::collections::HashMap;

use oriel_bytecode::code::DecodedInstruction;
use oriel_bytecode::opcode::flag;
use oriel_bytecode::positions::Positions;
use oriel_bytecode::{CodeObject, Opcode, exception_table};

/// Checks a code object; says what is wrong.
pub fn verify(code: &CodeObject) -> Result<(), &'static str> {
    let instructions: Vec<DecodedInstruction> = code.instructions().collect();
    if !code.code.len().is_multiple_of(2) || instructions.last().is_none_or(|last| last.end() != code.code.len()) {
        return Err("the bytecode is cut off");
    }
    let starts: HashMap<usize, usize> = instructions.iter().enumerate().map(|(index, i)| (i.start, index)).collect();
    code.check_variables()?;
    for instr in &instructions {
        check_operand(code, instr)?;
    }
    check_tables(code, &starts)?;
    check_paths(code, &instructions, &starts)
}

fn check_operand(code: &CodeObject, instr: &DecodedInstruction) -> Result<(), &'static str> {
    let info = instr.opcode.info().ok_or("an unknown instruction")?;
    let oparg = instr.oparg as usize;
    if info.flags & (flag::PSEUDO | flag::INSTRUMENTED) != 0 || instr.opcode == Opcode::CACHE {
        return Err("an instruction that must not occur");
    }
    if info.flags & flag::CONST != 0 && oparg >= code.consts.len() {
        return Err("a constant that does not exist");
    }
    if info.flags & flag::NAME != 0 {
        let index = match instr.opcode {
            Opcode::LOAD_GLOBAL | Opcode::LOAD_ATTR => oparg >> 1,
            Opcode::LOAD_SUPER_ATTR => oparg >> 2,
            _ => oparg,
        };
        if index >= code.names.len() {
            return Err("a name that does not exist");
        }
    }
    if info.flags & (flag::LOCAL | flag::FREE) != 0 {
        let largest = match instr.opcode {
            Opcode::LOAD_FAST_LOAD_FAST
            | Opcode::LOAD_FAST_BORROW_LOAD_FAST_BORROW
            | Opcode::STORE_FAST_LOAD_FAST
            | Opcode::STORE_FAST_STORE_FAST => (oparg >> 4).max(oparg & 15),
            _ => oparg,
        };
        if largest >= code.localsplusnames.len() {
            return Err("a variable that does not exist");
        }
    }
    Ok(())
}

fn check_tables(code: &CodeObject, starts: &HashMap<usize, usize>) -> Result<(), &'static str> {
    let mut covered = 0;
    for entry in exception_table::entries(&code.exceptiontable) {
        if entry.start < covered || entry.end <= entry.start || entry.end > code.code.len() {
            return Err("the exception table is out of order");
        }
        covered = entry.end;
        if !starts.contains_key(&entry.start) || !starts.contains_key(&entry.target) {
            return Err("the exception table points between instructions");
        }
    }
    let positions = Positions::new(&code.linetable, code.firstlineno).last().map_or(0, |range| range.end);
    if positions != code.code.len() { Err("the location table does not cover the code") } else { Ok(()) }
}

fn check_paths(
    code: &CodeObject,
    instructions: &[DecodedInstruction],
    starts: &HashMap<usize, usize>,
) -> Result<(), &'static str> {
    let mut paths = Paths { depths: vec![None; instructions.len()], todo: Vec::new() };
    paths.enter(0, 0)?;
    // A handler is entered with the depth that its entry says, from wherever in the range.
    for entry in exception_table::entries(&code.exceptiontable) {
        let depth = entry.depth as i32 + i32::from(entry.lasti) + 1;
        paths.enter(*starts.get(&entry.target).ok_or("a handler between instructions")?, depth)?;
    }
    let limit = code.stacksize as i32;
    while let Some((index, depth)) = paths.todo.pop() {
        let instr = &instructions[index];
        let (pops, pushes) = (instr.opcode.pops(instr.oparg), instr.opcode.pushes(instr.oparg));
        if depth < pops {
            return Err("the stack underflows");
        }
        let after = depth - pops + pushes;
        if depth > limit || after > limit {
            return Err("the stack overflows");
        }
        if instr.opcode != Opcode::END_ASYNC_FOR
            && let Some(target) = instr.jump_target()
        {
            paths.enter(*starts.get(&target).ok_or("a jump between instructions")?, after)?;
        }
        if instr.opcode.is_unconditional_jump() || instr.opcode.is_scope_exit() {
            continue;
        }
        if index + 1 == instructions.len() {
            return Err("a path runs off the end");
        }
        paths.enter(index + 1, after)?;
    }
    Ok(())
}

struct Paths {
    depths: Vec<Option<i32>>,
    todo: Vec<(usize, i32)>,
}

impl Paths {
    fn enter(&mut self, index: usize, depth: i32) -> Result<(), &'static str> {
        match self.depths[index] {
            None => {
                self.depths[index] = Some(depth);
                self.todo.push((index, depth));
                Ok(())
            }
            Some(known) if known == depth => Ok(()),
            Some(_) => Err("two ways to a place with different stacks"),
        }
    }
}

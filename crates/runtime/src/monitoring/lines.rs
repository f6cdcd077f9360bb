//! What looking on needs to know of each instruction of a code object: its opcode, its line, and whether a line begins there.

use crate::lowered::LoweredCode;
use oriel_bytecode::positions::Positions;
use oriel_bytecode::{CodeObject, Opcode, exception_table};

/// A line number that is none.
pub const NO_LINE: i32 = -1;

/// What is known of a word of exact code.
#[derive(Clone, Copy, Debug)]
pub struct WordInfo {
    /// The byte offset of the instruction, behind its prefixes.
    pub offset: u32,
    /// The byte offset of its first prefix.
    pub start: u32,
    /// The byte offset of the next instruction.
    pub next: u32,
    /// The operand.
    pub oparg: u32,
    /// The line, or [`NO_LINE`].
    pub line: i32,
    /// The opcode.
    pub opcode: Opcode,
    /// How deep the operand stack is before it.
    pub depth: u16,
    /// How many words it is; 0 for a word that is not an instruction's first.
    pub words: u16,
    /// Whether a line may begin here.
    pub begins_line: bool,
    /// Whether it lies before the code's first RESUME, where nothing is told.
    pub prologue: bool,
}

/// The lines of the code units, [`NO_LINE`] where there is none.
pub fn lines_of(code: &CodeObject) -> Vec<i32> {
    let mut lines = Vec::with_capacity(code.unit_count());
    for range in Positions::new(&code.linetable, code.firstlineno) {
        for _ in 0..(range.end - range.start) / 2 {
            lines.push(range.lineno.unwrap_or(NO_LINE));
        }
    }
    lines.resize(code.unit_count(), NO_LINE);
    lines
}

/// Instructions that never begin a line.
fn never(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::END_ASYNC_FOR | Opcode::END_FOR | Opcode::END_SEND | Opcode::RESUME | Opcode::POP_ITER)
}

/// Where lines begin, by code unit.
fn line_starts(code: &CodeObject, lines: &[i32], first: usize) -> Vec<bool> {
    let mut starts = vec![false; lines.len()];
    let mut current = NO_LINE;
    let mut real = vec![None; lines.len()];
    for instruction in code.instructions() {
        let unit = instruction.offset / 2;
        real[instruction.start / 2] = Some((unit, instruction.opcode));
        real[unit] = Some((unit, instruction.opcode));
        if unit < first || never(instruction.opcode) {
            continue;
        }
        starts[unit] = lines[unit] != current && lines[unit] >= 0;
        current = lines[unit];
    }
    let mut mark = |offset: usize| {
        if let Some(&Some((unit, opcode))) = real.get(offset / 2)
            && lines[unit] >= 0
            && !never(opcode)
        {
            starts[unit] = true;
        }
    };
    for instruction in code.instructions() {
        let Some(target) = instruction.jump_target() else { continue };
        match instruction.opcode {
            Opcode::END_ASYNC_FOR => {}
            // What comes after END_FOR and END_SEND is where these lead.
            Opcode::FOR_ITER | Opcode::SEND => mark(target + 2),
            _ => mark(target),
        }
    }
    for entry in exception_table::entries(&code.exceptiontable) {
        mark(entry.target);
    }
    starts
}

/// The table of a code object, by word of its exact form.
pub fn table_of(code: &CodeObject, lowered: &LoweredCode) -> Box<[WordInfo]> {
    let lines = lines_of(code);
    let first = code.instructions().find(|i| i.opcode == Opcode::RESUME).map_or(0, |i| i.offset / 2);
    let starts = line_starts(code, &lines, first);
    let depths = crate::lowered::analysis::Analysis::new(code).ok();
    let mut by_unit = vec![None; code.unit_count()];
    for (index, instruction) in code.instructions().enumerate() {
        let depth = depths.as_ref().and_then(|a| a.instructions.get(index)).map_or(0, |d| d.depth.max(0));
        by_unit[instruction.offset / 2] = Some((instruction, depth as u16));
    }
    let mut table: Vec<WordInfo> = Vec::with_capacity(lowered.words.len());
    let mut group = 0;
    for (word, &offset) in lowered.offsets.iter().enumerate() {
        let unit = offset as usize / 2;
        let is_first = word == 0 || lowered.offsets[word - 1] != offset;
        let (opcode, oparg, start, next, depth) = match by_unit.get(unit).copied().flatten() {
            Some((i, depth)) => (i.opcode, i.oparg, i.start as u32, i.end() as u32, depth),
            None => (Opcode::NOP, 0, offset, offset + 2, 0),
        };
        if is_first {
            group = word;
        }
        table.push(WordInfo {
            offset,
            start,
            next,
            oparg,
            line: lines.get(unit).copied().unwrap_or(NO_LINE),
            opcode,
            depth,
            words: u16::from(is_first),
            begins_line: is_first && starts.get(unit).copied().unwrap_or(false),
            prologue: unit < first,
        });
        if !is_first {
            table[group].words = table[group].words.saturating_add(1);
        }
    }
    table.into()
}

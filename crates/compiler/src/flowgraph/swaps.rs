//! Shuffles of the stack: runs of SWAPs made shorter, or done by reordering stores instead.

use oriel_bytecode::Opcode;

use super::{BlockId, Graph, Instr};

impl Graph {
    pub(super) fn optimize_swaps(&mut self, id: BlockId) {
        let instructions = &mut self[id].instructions;
        let mut index = 0;
        while index < instructions.len() {
            if instructions[index].opcode == Opcode::SWAP {
                index = shorten_run(instructions, index);
                apply_to_stores(instructions, index);
            }
            index += 1;
        }
    }
}

/// Replaces a run of SWAPs and NOPs by the shortest one of the same effect; gives the index of the run's last
/// instruction (or of the only SWAP).
fn shorten_run(instructions: &mut [Instr], start: usize) -> usize {
    let mut length = 1;
    let mut swaps = 1;
    let mut depth = instructions[start].oparg as usize;
    for instr in &instructions[start + 1..] {
        match instr.opcode {
            Opcode::SWAP => {
                depth = depth.max(instr.oparg as usize);
                swaps += 1;
            }
            Opcode::NOP => {}
            _ => break,
        }
        length += 1;
    }
    if swaps == 1 || depth == 0 {
        return start;
    }
    let run = &mut instructions[start..start + length];
    let mut stack: Vec<usize> = (0..depth).collect();
    for instr in run.iter().filter(|instr| instr.opcode == Opcode::SWAP) {
        stack.swap(0, (instr.oparg as usize).saturating_sub(1));
    }
    // Each cycle of the permutation takes its length less one swaps with the top, from the run's end backwards.
    const VISITED: usize = usize::MAX;
    let mut free = length;
    for first in 0..depth {
        if stack[first] == VISITED || stack[first] == first {
            continue;
        }
        let mut at = first;
        loop {
            if at != 0 && free > 0 {
                free -= 1;
                run[free].set(Opcode::SWAP, at as u32 + 1);
            }
            if stack[at] == VISITED {
                break;
            }
            at = std::mem::replace(&mut stack[at], VISITED);
        }
    }
    run[..free].iter_mut().for_each(Instr::make_nop);
    start + length - 1
}

fn is_swappable(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::STORE_FAST | Opcode::STORE_FAST_MAYBE_NULL | Opcode::POP_TOP)
}

/// The local that an instruction stores into.
fn stored(instr: &Instr) -> Option<u32> {
    matches!(instr.opcode, Opcode::STORE_FAST | Opcode::STORE_FAST_MAYBE_NULL).then_some(instr.oparg)
}

fn next_swappable(instructions: &[Instr], after: usize, line: Option<i32>) -> Option<usize> {
    for (index, instr) in instructions.iter().enumerate().skip(after + 1) {
        if line.is_some_and(|line| line >= 0 && instr.location.lineno != line) {
            return None;
        }
        if instr.opcode != Opcode::NOP {
            return is_swappable(instr.opcode).then_some(index);
        }
    }
    None
}

/// Does the SWAPs that end at `end` by exchanging the instructions that take the values.
fn apply_to_stores(instructions: &mut [Instr], end: usize) {
    for index in (0..=end).rev() {
        let swap = instructions[index];
        if swap.opcode != Opcode::SWAP {
            if swap.opcode == Opcode::NOP || is_swappable(swap.opcode) {
                continue;
            }
            return;
        }
        let Some(first) = next_swappable(instructions, index, None) else { return };
        let line = instructions[first].location.lineno;
        let mut second = first;
        for _ in 1..swap.oparg {
            match next_swappable(instructions, second, Some(line)) {
                Some(next) => second = next,
                None => return,
            }
        }
        let (store, other) = (stored(&instructions[first]), stored(&instructions[second]));
        if store.is_some() || other.is_some() {
            if store == other {
                return;
            }
            let between = instructions.get(first + 1..second).unwrap_or(&[]);
            if between.iter().filter_map(stored).any(|local| Some(local) == store || Some(local) == other) {
                return;
            }
        }
        instructions[index].make_nop();
        instructions.swap(first, second);
    }
}

//! Locals: checks where one may be unbound, superinstructions, and loads that need no count.

use oriel_bytecode::Opcode;

use super::{BlockId, ENTRY, Graph};

/// Locals beyond these are looked at one block at a time.
const TRACKED: usize = 64;

impl Graph {
    /// Makes checked loads of the loads of locals that may be unbound.
    pub(super) fn check_loads_of_unbound(&mut self, locals: usize, parameters: usize) {
        if locals == 0 {
            return;
        }
        if locals > TRACKED {
            self.check_loads_of_late_locals(locals);
        }
        self.clear_visited();
        let mut todo = Vec::new();
        let unbound = (parameters..locals.min(TRACKED)).fold(0, |mask, local| mask | 1 << local);
        self.spread_unbound(ENTRY, unbound, &mut todo);
        for id in self.order() {
            self.scan_locals(id, &mut todo);
        }
        while let Some(id) = todo.pop() {
            self[id].visited = false;
            self.scan_locals(id, &mut todo);
        }
    }

    fn spread_unbound(&mut self, id: BlockId, unbound: u64, todo: &mut Vec<BlockId>) {
        let both = self[id].unbound | unbound;
        if self[id].unbound != both {
            self[id].unbound = both;
            self.visit(id, todo);
        }
    }

    fn scan_locals(&mut self, id: BlockId, todo: &mut Vec<BlockId>) {
        let mut unbound = self[id].unbound;
        for index in 0..self[id].instructions.len() {
            let instr = self[id].instructions[index];
            if let Some(handler) = instr.except {
                self.spread_unbound(handler, unbound, todo);
            }
            if instr.oparg as usize >= TRACKED {
                continue;
            }
            let bit = 1u64 << instr.oparg;
            match instr.opcode {
                Opcode::DELETE_FAST | Opcode::LOAD_FAST_AND_CLEAR | Opcode::STORE_FAST_MAYBE_NULL => unbound |= bit,
                Opcode::STORE_FAST | Opcode::LOAD_FAST_CHECK => unbound &= !bit,
                Opcode::LOAD_FAST => {
                    if unbound & bit != 0 {
                        self[id].instructions[index].opcode = Opcode::LOAD_FAST_CHECK;
                    }
                    unbound &= !bit;
                }
                _ => {}
            }
        }
        if let Some(next) = self[id].next
            && self[id].falls_through()
        {
            self.spread_unbound(next, unbound, todo);
        }
        if let Some(&last) = self[id].last()
            && let (true, Some(target)) = (last.opcode.has_jump(), last.target)
        {
            self.spread_unbound(target, unbound, todo);
        }
    }

    fn check_loads_of_late_locals(&mut self, locals: usize) {
        let mut bound_in = vec![usize::MAX; locals - TRACKED];
        for (number, id) in self.order().into_iter().enumerate() {
            for instr in &mut self[id].instructions {
                let Some(late) = (instr.oparg as usize).checked_sub(TRACKED) else { continue };
                let Some(state) = bound_in.get_mut(late) else { continue };
                match instr.opcode {
                    Opcode::DELETE_FAST | Opcode::LOAD_FAST_AND_CLEAR | Opcode::STORE_FAST_MAYBE_NULL => {
                        *state = usize::MAX;
                    }
                    Opcode::STORE_FAST => *state = number,
                    Opcode::LOAD_FAST => {
                        if *state != number {
                            instr.opcode = Opcode::LOAD_FAST_CHECK;
                        }
                        *state = number;
                    }
                    _ => {}
                }
            }
        }
    }

    /// Fuses neighbouring loads and stores of the first sixteen locals.
    pub(super) fn insert_superinstructions(&mut self) {
        for block in &mut self.blocks {
            for index in 1..block.instructions.len() {
                let (first, second) = (block.instructions[index - 1], block.instructions[index]);
                let fused = match (first.opcode, second.opcode) {
                    (Opcode::LOAD_FAST, Opcode::LOAD_FAST) => Opcode::LOAD_FAST_LOAD_FAST,
                    (Opcode::STORE_FAST, Opcode::LOAD_FAST) => Opcode::STORE_FAST_LOAD_FAST,
                    (Opcode::STORE_FAST, Opcode::STORE_FAST) => Opcode::STORE_FAST_STORE_FAST,
                    _ => continue,
                };
                let (line, other) = (first.location.lineno, second.location.lineno);
                if (line >= 0 && other >= 0 && line != other) || first.oparg >= 16 || second.oparg >= 16 {
                    continue;
                }
                block.instructions[index - 1].set(fused, first.oparg << 4 | second.oparg);
                block.instructions[index].make_nop();
            }
        }
        self.remove_redundant_nops();
    }

    /// Makes borrowing loads of the loads whose value is used up within the block, before the local changes.
    pub(super) fn borrow_locals(&mut self) {
        self.clear_visited();
        let mut todo = Vec::new();
        self[ENTRY].start_depth = 0;
        self.visit(ENTRY, &mut todo);
        while let Some(id) = todo.pop() {
            let mut walk = Borrows::new(self, id);
            for index in 0..self[id].instructions.len() {
                if let Some(target) = walk.step(self, id, index) {
                    self.visit(target, &mut todo);
                }
            }
            if let Some(next) = self[id].next
                && !self[id].instructions.is_empty()
                && self[id].falls_through()
            {
                self.visit(next, &mut todo);
            }
            walk.finish(self, id);
        }
    }
}

/// A value on the stack: the instruction that pushed it (if in this block) and the local it came from.
#[derive(Clone, Copy)]
struct Reference {
    pushed_by: Option<usize>,
    local: Option<u32>,
}

const UNKNOWN: Reference = Reference { pushed_by: None, local: None };

/// The walk over one block that finds which loads may borrow.
struct Borrows {
    stack: Vec<Reference>,
    /// Whether the value an instruction pushed outlives its local or the block.
    escapes: Vec<bool>,
}

impl Borrows {
    fn new(graph: &Graph, id: BlockId) -> Borrows {
        let block = &graph[id];
        Borrows {
            stack: vec![UNKNOWN; block.start_depth.max(0) as usize],
            escapes: vec![false; block.instructions.len()],
        }
    }

    fn pop(&mut self) -> Reference {
        self.stack.pop().unwrap_or(UNKNOWN)
    }

    fn push(&mut self, pushed_by: usize, local: Option<u32>) {
        self.stack.push(Reference { pushed_by: Some(pushed_by), local });
    }

    fn push_results(&mut self, pushed_by: usize, count: i32) {
        for _ in 0..count {
            self.push(pushed_by, None);
        }
    }

    fn escape(&mut self, reference: Reference) {
        if let Some(escapes) = reference.pushed_by.and_then(|index| self.escapes.get_mut(index)) {
            *escapes = true;
        }
    }

    fn kill(&mut self, local: u32) {
        for reference in self.stack.iter().filter(|reference| reference.local == Some(local)) {
            if let Some(escapes) = reference.pushed_by.and_then(|index| self.escapes.get_mut(index)) {
                *escapes = true;
            }
        }
    }

    fn store(&mut self, local: u32) {
        let value = self.pop();
        self.kill(local);
        self.escape(value);
    }

    /// Takes one instruction; gives the block that it may jump to.
    fn step(&mut self, graph: &Graph, id: BlockId, index: usize) -> Option<BlockId> {
        let instr = &graph[id].instructions[index];
        let (opcode, oparg) = (instr.opcode, instr.oparg);
        let (pops, pushes) = (opcode.pops(oparg), opcode.pushes(oparg));
        match opcode {
            Opcode::LOAD_FAST => self.push(index, Some(oparg)),
            Opcode::LOAD_FAST_AND_CLEAR => {
                self.kill(oparg);
                self.push(index, Some(oparg));
            }
            Opcode::LOAD_FAST_LOAD_FAST => {
                self.push(index, Some(oparg >> 4));
                self.push(index, Some(oparg & 15));
            }
            Opcode::DELETE_FAST => self.kill(oparg),
            Opcode::STORE_FAST => self.store(oparg),
            Opcode::STORE_FAST_LOAD_FAST => {
                self.store(oparg >> 4);
                self.push(index, Some(oparg & 15));
            }
            Opcode::STORE_FAST_STORE_FAST => {
                self.store(oparg >> 4);
                self.store(oparg & 15);
            }
            Opcode::COPY => {
                let at = self.stack.len().checked_sub(oparg as usize);
                self.stack.push(at.and_then(|at| self.stack.get(at)).copied().unwrap_or(UNKNOWN));
            }
            Opcode::SWAP => {
                let top = self.stack.len();
                if let Some(at) = top.checked_sub(oparg as usize)
                    && at < top
                {
                    self.stack.swap(at, top - 1);
                }
            }
            // These leave their operands where they are, or give them back.
            Opcode::FORMAT_SIMPLE
            | Opcode::GET_ANEXT
            | Opcode::GET_LEN
            | Opcode::GET_YIELD_FROM_ITER
            | Opcode::IMPORT_FROM
            | Opcode::MATCH_KEYS
            | Opcode::MATCH_MAPPING
            | Opcode::MATCH_SEQUENCE
            | Opcode::WITH_EXCEPT_START => {
                // CPython numbers these results from the start of the block instead of by the instruction, and so
                // takes the block's first instructions for what they come from.
                for result in 0..(pushes - pops).max(0) as usize {
                    self.push(result, None);
                }
            }
            Opcode::DICT_MERGE
            | Opcode::DICT_UPDATE
            | Opcode::LIST_APPEND
            | Opcode::LIST_EXTEND
            | Opcode::MAP_ADD
            | Opcode::RERAISE
            | Opcode::SET_ADD
            | Opcode::SET_UPDATE => {
                for _ in pushes..pops {
                    self.pop();
                }
            }
            Opcode::END_SEND | Opcode::SET_FUNCTION_ATTRIBUTE => {
                let top = self.pop();
                self.pop();
                self.stack.push(top);
            }
            Opcode::CHECK_EXC_MATCH => {
                self.pop();
                self.push(index, None);
            }
            Opcode::FOR_ITER => self.push(index, None),
            Opcode::LOAD_ATTR | Opcode::LOAD_SUPER_ATTR => {
                let owner = self.pop();
                if opcode == Opcode::LOAD_SUPER_ATTR {
                    self.pop();
                    self.pop();
                }
                self.push(index, None);
                if oparg & 1 != 0 {
                    self.stack.push(owner);
                }
            }
            Opcode::LOAD_SPECIAL | Opcode::PUSH_EXC_INFO => {
                let top = self.pop();
                self.push(index, None);
                self.stack.push(top);
            }
            Opcode::SEND => {
                self.pop();
                self.push(index, None);
            }
            opcode if opcode.is_block_push() => {}
            _ => {
                for _ in 0..pops {
                    self.pop();
                }
                self.push_results(index, pushes);
            }
        }
        instr.target.filter(|_| opcode.has_target())
    }

    fn finish(mut self, graph: &mut Graph, id: BlockId) {
        for reference in std::mem::take(&mut self.stack) {
            self.escape(reference);
        }
        for (instr, escapes) in graph[id].instructions.iter_mut().zip(self.escapes) {
            match instr.opcode {
                Opcode::LOAD_FAST if !escapes => instr.opcode = Opcode::LOAD_FAST_BORROW,
                Opcode::LOAD_FAST_LOAD_FAST if !escapes => {
                    instr.opcode = Opcode::LOAD_FAST_BORROW_LOAD_FAST_BORROW;
                }
                _ => {}
            }
        }
    }
}

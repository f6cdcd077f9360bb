//! The control-flow graph of one code object, and the order of the passes over it.
//!
//! The passes are CPython's, in its order and with its limits, because what they leave is compared byte for byte.
//! Blocks form a chain in the order of the bytecode; a block without a jump or exit at its end falls into the next.

mod blocks;
mod build;
mod constants;
mod evaluate;
mod exceptions;
mod lines;
mod locals;
mod peephole;
mod stack;
mod swaps;
mod variables;

use std::collections::VecDeque;

use oriel_bytecode::Opcode;
use oriel_bytecode::positions::Location;

use crate::instruction_sequence::{AssembleError, ConstTable, InstructionSequence, UnitMetadata};

/// A block by its number in [`Graph::blocks`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BlockId(u32);

impl BlockId {
    /// The number.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// An instruction of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instr {
    pub opcode: Opcode,
    pub oparg: u32,
    pub location: Location,
    /// Where it jumps to, or the handler it sets up.
    pub target: Option<BlockId>,
    /// The handler that covers it.
    pub except: Option<BlockId>,
}

impl Instr {
    fn new(opcode: Opcode, oparg: u32, location: Location) -> Instr {
        Instr { opcode, oparg, location, target: None, except: None }
    }

    fn set(&mut self, opcode: Opcode, oparg: u32) {
        self.opcode = opcode;
        self.oparg = oparg;
    }

    fn make_nop(&mut self) {
        self.set(Opcode::NOP, 0);
    }
}

/// A straight run of instructions: entered at its start only, left at its end only (or by an exception).
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub instructions: Vec<Instr>,
    pub next: Option<BlockId>,
    /// Whether something may jump here.
    pub labelled: bool,
    /// How many ways lead here.
    predecessors: i32,
    /// Depth of the operand stack at its start, below zero if not known.
    pub start_depth: i32,
    /// Whether an exception handler starts here.
    except_handler: bool,
    /// Whether the handler wants the offset of the raising instruction.
    pub preserve_lasti: bool,
    /// Reached through an exception only.
    cold: bool,
    /// Reached without an exception.
    warm: bool,
    visited: bool,
    /// Bit i: local i may be unbound at the start.
    unbound: u64,
    /// The handlers that the places behind the last instruction had when they were used: CPython reuses a place
    /// without clearing its handler, and that shows in exception tables.
    stale: VecDeque<Option<BlockId>>,
}

impl Block {
    fn last(&self) -> Option<&Instr> {
        self.instructions.last()
    }

    /// Drops the instructions from `length` on, whose places had the given handlers.
    fn shrink(&mut self, length: usize, handlers: impl DoubleEndedIterator<Item = Option<BlockId>>) {
        self.instructions.truncate(length);
        for handler in handlers.rev() {
            self.stale.push_front(handler);
        }
    }

    /// Appends an instruction; its handler is what its place had.
    fn append(&mut self, mut instr: Instr) {
        instr.except = self.stale.pop_front().flatten();
        self.instructions.push(instr);
    }

    /// Appends instructions or inserts them before the one at `index`, with their handlers.
    fn insert(&mut self, index: usize, instructions: impl IntoIterator<Item = Instr>) {
        let before = self.instructions.len();
        self.instructions.splice(index..index, instructions);
        let grown = self.instructions.len() - before;
        self.stale.drain(..grown.min(self.stale.len()));
    }

    fn exits_scope(&self) -> bool {
        self.last().is_some_and(|last| last.opcode.is_scope_exit())
    }

    fn falls_through(&self) -> bool {
        !self.last().is_some_and(|last| last.opcode.is_scope_exit() || last.opcode.is_unconditional_jump())
    }

    fn has_no_line(&self) -> bool {
        self.instructions.iter().all(|instr| instr.location.lineno < 0)
    }
}

/// The graph; block 0 is the entry.
#[derive(Debug)]
pub(crate) struct Graph {
    pub blocks: Vec<Block>,
}

const ENTRY: BlockId = BlockId(0);

impl std::ops::Index<BlockId> for Graph {
    type Output = Block;
    fn index(&self, id: BlockId) -> &Block {
        &self.blocks[id.0 as usize]
    }
}

impl std::ops::IndexMut<BlockId> for Graph {
    fn index_mut(&mut self, id: BlockId) -> &mut Block {
        &mut self.blocks[id.0 as usize]
    }
}

impl Graph {
    fn new_block(&mut self) -> BlockId {
        self.blocks.push(Block::default());
        BlockId(self.blocks.len() as u32 - 1)
    }

    /// The blocks in the order of the bytecode.
    pub fn order(&self) -> Vec<BlockId> {
        let mut order = Vec::with_capacity(self.blocks.len());
        let mut at = Some(ENTRY);
        while let Some(id) = at {
            order.push(id);
            at = self[id].next;
        }
        order
    }

    fn next_nonempty(&self, mut at: Option<BlockId>) -> Option<BlockId> {
        while let Some(id) = at {
            if !self[id].instructions.is_empty() {
                break;
            }
            at = self[id].next;
        }
        at
    }

    fn clear_visited(&mut self) {
        for block in &mut self.blocks {
            block.visited = false;
        }
    }

    /// Marks a block and pushes it unless it was marked.
    fn visit(&mut self, id: BlockId, todo: &mut Vec<BlockId>) {
        if !self[id].visited {
            self[id].visited = true;
            todo.push(id);
        }
    }
}

/// What remains to be assembled: the graph in its final order, and what the code object's head needs.
pub(crate) struct Optimized {
    pub graph: Graph,
    pub stacksize: u32,
}

/// All passes, from the instructions as they were emitted to blocks whose order is final.
pub(crate) fn optimize(seq: &InstructionSequence, unit: &mut UnitMetadata) -> Result<Optimized, AssembleError> {
    let mut graph = build::build(seq)?;
    graph.mark_handlers();
    graph.label_exception_targets()?;

    let mut consts: ConstTable = std::mem::take(&mut unit.consts);
    graph.check()?;
    graph.inline_small_exits();
    graph.remove_unreachable();
    graph.resolve_line_numbers();
    graph.optimize_loads_of_constants(&mut consts)?;
    for id in graph.order() {
        graph.optimize_block(id, &mut consts)?;
    }
    graph.remove_redundant_nops_and_pairs();
    graph.remove_unreachable();
    graph.remove_redundant_nops_and_jumps()?;

    unit.consts = graph.remove_unused_constants(consts);
    graph.check_loads_of_unbound(unit.varnames.len(), unit.parameter_count as usize);
    graph.insert_superinstructions();
    graph.push_cold_blocks_to_end()?;
    graph.resolve_line_numbers();

    graph.convert_conditional_pseudo_jumps();
    let stacksize = graph.stack_depth()?;
    graph.prepare_variables(unit)?;
    graph.convert_pseudo_instructions()?;
    graph.normalize_jumps();
    graph.borrow_locals();
    Ok(Optimized { graph, stacksize })
}

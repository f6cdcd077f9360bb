//! From the emitted instructions to blocks.

use oriel_bytecode::Opcode;

use super::{Block, BlockId, Graph, Instr};
use crate::instruction_sequence::{AssembleError, InstructionSequence, Label};

/// Cuts the instructions into blocks and resolves labels.
pub(super) fn build(seq: &InstructionSequence) -> Result<Graph, AssembleError> {
    const UNPLACED: AssembleError = AssembleError::Malformed("a jump to a label that stands nowhere");
    let instructions = seq.instructions();
    let mut is_target = vec![false; instructions.len()];
    for instr in instructions {
        if instr.opcode.has_target() {
            let index = seq.label_index(Label(instr.oparg)).ok_or(UNPLACED)?;
            *is_target.get_mut(index).ok_or(UNPLACED)? = true;
        }
    }

    let mut builder = Builder { graph: Graph { blocks: vec![Block::default()] }, current: BlockId(0), label: false };
    let mut block_of = vec![BlockId(0); instructions.len()];
    for (index, instr) in instructions.iter().enumerate() {
        if is_target[index] {
            builder.label = true;
            builder.start_block_if_needed();
            block_of[index] = builder.current;
        }
        if instr.opcode == Opcode::ANNOTATIONS_PLACEHOLDER {
            for inner in seq.annotations().map_or(&[][..], |annotations| annotations.instructions()) {
                if inner.opcode.has_target() {
                    return Err(AssembleError::Malformed("a jump in the annotations' prologue"));
                }
                builder.add(Instr::new(inner.opcode, inner.oparg, inner.location));
            }
            continue;
        }
        builder.add(Instr::new(instr.opcode, instr.oparg, instr.location));
    }

    let mut graph = builder.graph;
    for block in &mut graph.blocks {
        for instr in &mut block.instructions {
            if instr.opcode.has_target() {
                let index = seq.label_index(Label(instr.oparg)).ok_or(UNPLACED)?;
                instr.target = Some(block_of[index]);
                // The operand comes into being when distances are known.
                instr.oparg = 0;
            }
        }
    }
    Ok(graph)
}

struct Builder {
    graph: Graph,
    current: BlockId,
    /// A label waits for its block.
    label: bool,
}

impl Builder {
    fn current_is_complete(&mut self) -> bool {
        let block = &mut self.graph[self.current];
        if block.last().is_some_and(|last| last.opcode.is_terminator()) {
            return true;
        }
        if self.label {
            if !block.instructions.is_empty() || block.labelled {
                return true;
            }
            block.labelled = true;
            self.label = false;
        }
        false
    }

    fn start_block_if_needed(&mut self) {
        if self.current_is_complete() {
            let block = self.graph.new_block();
            self.graph[block].labelled = self.label;
            self.label = false;
            let current = self.current;
            self.graph[current].next = Some(block);
            self.current = block;
        }
    }

    fn add(&mut self, instr: Instr) {
        self.start_block_if_needed();
        let current = self.current;
        self.graph[current].instructions.push(instr);
    }
}

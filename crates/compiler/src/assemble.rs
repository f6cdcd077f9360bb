//! Basic blocks in their final order to bytes: jump distances, caches, location table, exception table.

use oriel_bytecode::CodeObject;

use crate::instruction_sequence::{AssembleError, InstructionSequence, UnitMetadata};

/// Makes the code object of a scope.
pub fn optimize_and_assemble(seq: InstructionSequence, unit: UnitMetadata) -> Result<CodeObject, AssembleError> {
    let _ = (seq, unit);
    Err(AssembleError::Malformed("the assembler is not there yet"))
}

//! Syntax tree to code object: symbol table, code generation, flow graph, assembler.

#![forbid(unsafe_code)]

pub mod assemble;
pub mod instruction_sequence;

pub use assemble::optimize_and_assemble;

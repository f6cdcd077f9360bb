//! Syntax tree to code object: symbol table, code generation, flow graph, assembler.

#![forbid(unsafe_code)]

mod compile;
mod docs;
mod future;
mod percent_format;
mod preprocess;
mod text_forms;

pub mod assemble;
mod codegen;
pub mod error;
mod flowgraph;
pub mod instruction_sequence;
pub mod symtable;
pub mod validate;
pub mod verify;

pub use assemble::optimize_and_assemble;
pub use compile::{Options, compile, compile_source, optimize_tree, symbol_table};
pub use validate::validate;

//! Syntax tree to code object: symbol table, code generation, flow graph, assembler.

#![forbid(unsafe_code)]

//! Source text to tokens to syntax tree, with CPython's SyntaxErrors.

#![forbid(unsafe_code)]

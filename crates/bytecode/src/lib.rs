//! The instruction set declared once, code objects, marshal and the .pyc format.

#![forbid(unsafe_code)]

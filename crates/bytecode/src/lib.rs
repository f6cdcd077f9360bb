//! The instruction set declared once, code objects, marshal and the .pyc format.
//!
//! Plain data: nothing here knows of the runtime's objects, of the syntax tree or of how code is made or run.

#![forbid(unsafe_code)]

pub mod code;
pub mod constant;
pub mod display;
pub mod exception_table;
pub mod image;
pub mod marshal;
pub mod oparg;
pub mod opcode;
pub mod positions;
pub mod pyc;
pub mod text;

pub use code::{CodeFlags, CodeObject, VariableKind};
pub use constant::Constant;
pub use dashu_int::{IBig, UBig};
pub use opcode::Opcode;
pub use text::Text;

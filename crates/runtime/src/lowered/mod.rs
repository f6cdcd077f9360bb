//! Lowered code: what the interpreter runs. A code object's stack bytecode becomes register code once, on its first call.
//!
//! Operand-stack slot *d* is register `variables + d` of the frame, behind the locals, cells and free variables. Loads of
//! locals and constants vanish into operands, frequent pairs fuse, jumps are resolved. Lowered code is immutable and
//! free of runtime objects: what running teaches is kept beside it.

pub mod analysis;
pub mod instruction;
pub mod lowering;
mod opcodes;
pub mod text;

pub use instruction::{DISCARD, Extension, FIRST_CONSTANT, Field, Instruction, Op, flag};
pub use lowering::{Mode, lower};

/// Why bytecode cannot be lowered: the interpreter refuses to run it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LowerError {
    /// An instruction that does not exist or only the compiler knows.
    UnknownOpcode(u16),
    /// A jump or handler that leads nowhere.
    BadJump,
    /// The operand stack under- or overflows, or its depth depends on the way.
    BadStack,
    /// An index of a variable, constant or name that does not exist, or an operand out of range.
    BadOperand,
    /// A generator that is not made at the start, or instructions of one in other code.
    BadGenerator,
    /// Control runs off the end of the bytecode.
    RunsOff,
    /// More variables and operands than registers can be numbered.
    TooLarge,
}

impl std::fmt::Display for LowerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LowerError::UnknownOpcode(number) => write!(f, "unknown opcode {number}"),
            LowerError::BadJump => f.write_str("bytecode jumps into nowhere"),
            LowerError::BadStack => f.write_str("bytecode misuses its operand stack"),
            LowerError::BadOperand => f.write_str("bytecode has an operand out of range"),
            LowerError::BadGenerator => f.write_str("bytecode misplaces the instructions of a generator"),
            LowerError::RunsOff => f.write_str("bytecode runs off its end"),
            LowerError::TooLarge => f.write_str("code object has too many variables"),
        }
    }
}

/// What a feedback site is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SiteKind {
    /// A look-up of a global.
    Global,
    /// Reading an attribute.
    Attribute,
    /// Reading an attribute to call it.
    Method,
    /// Writing an attribute.
    StoreAttribute,
    /// A call.
    Call,
    /// A look-up on `super()`.
    Super,
}

/// A place where running teaches something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Site {
    /// What happens there.
    pub kind: SiteKind,
    /// The index of the name, where there is one.
    pub name: u32,
}

/// Constants that lowered code has besides those of the code object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExtraConstant {
    /// The marker of "nothing" (an absent `self`, an absent mapping).
    Nothing,
    /// A small integer of the bytecode.
    Int(i32),
    /// A well-known object, by its number.
    Common(u32),
}

/// A protected range in terms of lowered code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handler {
    /// First byte offset covered.
    pub start: u32,
    /// Byte offset behind the last.
    pub end: u32,
    /// The word at which the handler begins.
    pub target: u32,
    /// The depth to which the operand stack is unwound.
    pub depth: u32,
    /// Whether the place is kept under the exception.
    pub lasti: bool,
}

/// The lowered form of a code object.
#[derive(Clone, Debug)]
pub struct LoweredCode {
    /// The instructions and their extension words.
    pub words: Box<[Instruction]>,
    /// For each word the byte offset of the bytecode instruction that it is part of.
    pub offsets: Box<[u32]>,
    /// The protected ranges, in order.
    pub handlers: Box<[Handler]>,
    /// The feedback sites.
    pub sites: Box<[Site]>,
    /// Constants besides the code object's, numbered behind them.
    pub extra: Box<[ExtraConstant]>,
    /// How many variables there are: the number of the operand stack's first register.
    pub variables: u16,
    /// How many registers a frame has.
    pub registers: u16,
    /// Which form it is.
    pub mode: Mode,
}

impl LoweredCode {
    /// The handler of an exception raised at a byte offset.
    pub fn handler_at(&self, offset: u32) -> Option<&Handler> {
        let after = self.handlers.partition_point(|handler| handler.start <= offset);
        // Ranges do not overlap, so only the last that begins before can cover the offset.
        self.handlers[..after].last().filter(|handler| offset < handler.end)
    }

    /// The first word of the bytecode instruction at a byte offset (of the exact form, where words are in order).
    pub fn word_at(&self, offset: u32) -> Option<u32> {
        let index = self.offsets.partition_point(|&o| o < offset);
        (index < self.words.len()).then_some(index as u32)
    }
}

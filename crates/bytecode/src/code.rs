//! Code objects as plain data, exactly what CPython's `types.CodeType` holds. The runtime wraps one in an object.

use std::borrow::Cow;
use std::rc::Rc;

use crate::constant::Constant;
use crate::text::Text;

/// What the compiler makes of a module, class body, function, lambda, comprehension or type-parameter scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeObject {
    /// Number of positional parameters, the positional-only ones included.
    pub argcount: u32,
    /// Number of positional-only parameters.
    pub posonlyargcount: u32,
    /// Number of keyword-only parameters.
    pub kwonlyargcount: u32,
    /// The depth the operand stack can reach.
    pub stacksize: u32,
    /// `co_flags`.
    pub flags: CodeFlags,
    /// The bytecode, caches included: two bytes a code unit.
    pub code: Cow<'static, [u8]>,
    /// The constants.
    pub consts: Vec<Constant>,
    /// The names of globals and attributes.
    pub names: Vec<Text>,
    /// The names of the frame's variables: parameters, other locals, cells, then free variables.
    pub localsplusnames: Vec<Text>,
    /// What each of the frame's variables is.
    pub localspluskinds: Vec<VariableKind>,
    /// The file it came from.
    pub filename: Text,
    /// Its name.
    pub name: Text,
    /// Its dotted name.
    pub qualname: Text,
    /// The first line of its source.
    pub firstlineno: i32,
    /// The positions of instructions, see [`crate::positions`].
    pub linetable: Cow<'static, [u8]>,
    /// The exception handlers, see [`crate::exception_table`].
    pub exceptiontable: Cow<'static, [u8]>,
}

/// `co_flags`: a set of bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct CodeFlags(pub u32);

impl CodeFlags {
    /// Locals are in the frame, not in a mapping.
    pub const OPTIMIZED: CodeFlags = CodeFlags(0x1);
    /// A call makes a new namespace.
    pub const NEWLOCALS: CodeFlags = CodeFlags(0x2);
    /// Takes `*args`.
    pub const VARARGS: CodeFlags = CodeFlags(0x4);
    /// Takes `**kwargs`.
    pub const VARKEYWORDS: CodeFlags = CodeFlags(0x8);
    /// Inside another function.
    pub const NESTED: CodeFlags = CodeFlags(0x10);
    /// A generator.
    pub const GENERATOR: CodeFlags = CodeFlags(0x20);
    /// A coroutine.
    pub const COROUTINE: CodeFlags = CodeFlags(0x80);
    /// A generator that may be awaited.
    pub const ITERABLE_COROUTINE: CodeFlags = CodeFlags(0x100);
    /// An asynchronous generator.
    pub const ASYNC_GENERATOR: CodeFlags = CodeFlags(0x200);
    /// `from __future__ import division`
    pub const FUTURE_DIVISION: CodeFlags = CodeFlags(0x20000);
    /// `from __future__ import absolute_import`
    pub const FUTURE_ABSOLUTE_IMPORT: CodeFlags = CodeFlags(0x40000);
    /// `from __future__ import with_statement`
    pub const FUTURE_WITH_STATEMENT: CodeFlags = CodeFlags(0x80000);
    /// `from __future__ import print_function`
    pub const FUTURE_PRINT_FUNCTION: CodeFlags = CodeFlags(0x100000);
    /// `from __future__ import unicode_literals`
    pub const FUTURE_UNICODE_LITERALS: CodeFlags = CodeFlags(0x200000);
    /// `from __future__ import barry_as_FLUFL`
    pub const FUTURE_BARRY_AS_BDFL: CodeFlags = CodeFlags(0x400000);
    /// `from __future__ import generator_stop`
    pub const FUTURE_GENERATOR_STOP: CodeFlags = CodeFlags(0x800000);
    /// `from __future__ import annotations`
    pub const FUTURE_ANNOTATIONS: CodeFlags = CodeFlags(0x1000000);
    /// Its instructions raise no monitoring events.
    pub const NO_MONITORING_EVENTS: CodeFlags = CodeFlags(0x2000000);
    /// The first constant is the docstring.
    pub const HAS_DOCSTRING: CodeFlags = CodeFlags(0x4000000);
    /// Defined in a class body.
    pub const METHOD: CodeFlags = CodeFlags(0x8000000);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: CodeFlags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any bit of `other` is set.
    pub const fn intersects(self, other: CodeFlags) -> bool {
        self.0 & other.0 != 0
    }

    /// With the bits of `other` set.
    pub const fn with(self, other: CodeFlags) -> CodeFlags {
        CodeFlags(self.0 | other.0)
    }
}

impl std::ops::BitOr for CodeFlags {
    type Output = CodeFlags;
    fn bitor(self, other: CodeFlags) -> CodeFlags {
        self.with(other)
    }
}

impl std::ops::BitOrAssign for CodeFlags {
    fn bitor_assign(&mut self, other: CodeFlags) {
        self.0 |= other.0;
    }
}

/// What a variable of the frame is: a set of bits, as in `co_localspluskinds`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct VariableKind(pub u8);

impl VariableKind {
    /// A positional parameter.
    pub const ARG_POS: u8 = 0x02;
    /// A keyword parameter.
    pub const ARG_KW: u8 = 0x04;
    /// `*args` or `**kwargs`, together with the bit for positional or keyword.
    pub const ARG_VAR: u8 = 0x08;
    /// A local that `locals()` does not show.
    pub const HIDDEN: u8 = 0x10;
    /// A local.
    pub const LOCAL: u8 = 0x20;
    /// A cell.
    pub const CELL: u8 = 0x40;
    /// A free variable.
    pub const FREE: u8 = 0x80;

    /// The kinds as the bytes of `co_localspluskinds`.
    pub fn to_bytes(kinds: &[VariableKind]) -> Vec<u8> {
        kinds.iter().map(|kind| kind.0).collect()
    }

    /// Whether `locals()` does not show it: the variable of an inlined comprehension in a class's or module's body.
    pub const fn is_hidden(self) -> bool {
        self.0 & VariableKind::HIDDEN != 0
    }

    /// Whether it is a local (perhaps held in a cell).
    pub const fn is_local(self) -> bool {
        self.0 & VariableKind::LOCAL != 0
    }

    /// Whether it is held in a cell that the frame makes.
    pub const fn is_cell(self) -> bool {
        self.0 & VariableKind::CELL != 0
    }

    /// Whether it comes from the closure.
    pub const fn is_free(self) -> bool {
        self.0 & VariableKind::FREE != 0
    }
}

impl CodeObject {
    /// Whether counts and variables fit together, as whoever runs the code may rely on: parameters are the first of the
    /// locals, then come cells, then what the closure gives.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check_variables(&self) -> Result<(), &'static str> {
        if self.localsplusnames.len() != self.localspluskinds.len() {
            return Err("the numbers of local variable names and kinds differ");
        }
        let place = |kind: &VariableKind| match kind {
            kind if kind.is_free() => 2,
            kind if kind.is_local() => 0,
            kind if kind.is_cell() => 1,
            _ => 3,
        };
        if !self.localspluskinds.is_sorted_by_key(place)
            || self.localspluskinds.last().is_some_and(|kind| place(kind) > 2)
        {
            return Err("variables are out of order");
        }
        let variadic = [CodeFlags::VARARGS, CodeFlags::VARKEYWORDS].map(|flag| u64::from(self.flags.contains(flag)));
        let parameters = u64::from(self.argcount) + u64::from(self.kwonlyargcount) + variadic[0] + variadic[1];
        if self.posonlyargcount > self.argcount || parameters > self.nlocals() as u64 {
            return Err("varnames is too small");
        }
        Ok(())
    }

    /// `co_nlocals`: locals, those in cells included.
    pub fn nlocals(&self) -> usize {
        self.localspluskinds.iter().filter(|kind| kind.is_local()).count()
    }

    /// `co_varnames`.
    pub fn varnames(&self) -> impl Iterator<Item = &Text> {
        self.variables(VariableKind::is_local)
    }

    /// `co_cellvars`.
    pub fn cellvars(&self) -> impl Iterator<Item = &Text> {
        self.variables(VariableKind::is_cell)
    }

    /// `co_freevars`.
    pub fn freevars(&self) -> impl Iterator<Item = &Text> {
        self.variables(VariableKind::is_free)
    }

    fn variables(&self, wanted: fn(VariableKind) -> bool) -> impl Iterator<Item = &Text> {
        self.localsplusnames.iter().zip(&self.localspluskinds).filter(move |(_, kind)| wanted(**kind)).map(|(n, _)| n)
    }

    /// How many code units the bytecode has.
    pub fn unit_count(&self) -> usize {
        self.code.len() / 2
    }

    /// The instructions with their extended operands, caches skipped.
    pub fn instructions(&self) -> Instructions<'_> {
        Instructions { code: &self.code, offset: 0 }
    }

    /// The code objects among the constants.
    pub fn nested(&self) -> impl Iterator<Item = &Rc<CodeObject>> {
        self.consts.iter().filter_map(|constant| match constant {
            Constant::Code(code) => Some(code),
            _ => None,
        })
    }
}

/// One instruction of the bytecode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecodedInstruction {
    /// Byte offset of its first EXTENDED_ARG, or of itself.
    pub start: usize,
    /// Byte offset of the instruction.
    pub offset: usize,
    /// What it is.
    pub opcode: crate::opcode::Opcode,
    /// Its operand, extended.
    pub oparg: u32,
}

impl DecodedInstruction {
    /// Byte offset of what follows, caches skipped.
    #[inline]
    pub fn end(&self) -> usize {
        self.offset + 2 + 2 * self.opcode.caches()
    }

    /// Byte offset that the instruction jumps to, if it jumps.
    #[inline]
    pub fn jump_target(&self) -> Option<usize> {
        if !self.opcode.has_jump() {
            return None;
        }
        let distance = self.oparg as usize * 2;
        if self.opcode.is_backward_jump() { self.end().checked_sub(distance) } else { Some(self.end() + distance) }
    }
}

/// Iterator over the instructions of a code object; see [`CodeObject::instructions`].
#[derive(Clone)]
pub struct Instructions<'a> {
    code: &'a [u8],
    offset: usize,
}

impl<'a> Instructions<'a> {
    /// The instructions of bare bytecode.
    pub fn of_bytes(code: &'a [u8]) -> Instructions<'a> {
        Instructions { code, offset: 0 }
    }
}

impl Iterator for Instructions<'_> {
    type Item = DecodedInstruction;

    #[inline]
    fn next(&mut self) -> Option<DecodedInstruction> {
        let start = self.offset;
        let mut oparg = 0u32;
        loop {
            let unit = self.code.get(self.offset..self.offset + 2)?;
            let opcode = crate::opcode::Opcode(u16::from(unit[0]));
            oparg = oparg << 8 | u32::from(unit[1]);
            if opcode == crate::opcode::Opcode::EXTENDED_ARG {
                self.offset += 2;
                continue;
            }
            let decoded = DecodedInstruction { start, offset: self.offset, opcode, oparg };
            self.offset = decoded.end();
            return Some(decoded);
        }
    }
}

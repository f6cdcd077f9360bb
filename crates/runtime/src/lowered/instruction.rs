//! The instruction set of lowered code, declared once: the enum, the operand kinds and the documentation come from
//! one table. What the instructions do is in [`crate::interpreter`]; how they are chosen is in [`super::lowering`].
//!
//! ```text
//!  63       48       32       16      8       0
//!  |   c    |   b    |   a    | flags |  op   |     one word; some are followed by extension words
//! ```

/// One past the largest register number; operands from here on name constants.
pub const FIRST_CONSTANT: u16 = 0x8000;
/// A destination that drops the value (calls only).
pub const DISCARD: u16 = 0xffff;

/// Flag bits of an instruction's word.
pub mod flag {
    /// Operand `b` is a temporary that dies here and is not the destination.
    pub const KILL_B: u8 = 1;
    /// The same for operand `c`.
    pub const KILL_C: u8 = 2;
    /// The operator is an in-place one.
    pub const INPLACE: u8 = 4;
    /// A fused jump is taken if the test is true.
    pub const SENSE: u8 = 8;
    /// Operand `a` is a temporary that dies here.
    pub const KILL_A: u8 = 16;
    /// The test is inverted (`is not`, `not in`), or the comparison's result must be a bool.
    pub const INVERT: u8 = 32;
}

/// What a field of an instruction holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// Nothing.
    No,
    /// The register that receives the result.
    Dst,
    /// A register or a constant that is read.
    Use,
    /// A register that is changed or consumed in place.
    Slot,
    /// A signed number.
    Imm,
    /// An unsigned number.
    Num,
    /// A signed distance in words from the next word.
    Near,
    /// The number of a feedback site.
    Site,
    /// `b` and `c` together: a signed distance in words from the next word.
    Far,
    /// `b` and `c` together: a name's index.
    Name,
    /// `b` and `c` together: the number of a feedback site.
    WideSite,
    /// `b` and `c` together: a constant's index.
    WideConst,
}

/// The words that follow an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extension {
    /// None.
    No,
    /// One word: a signed distance from the word after the instruction's first.
    Target,
    /// One word: a name's index.
    Name,
    /// Operands, four a word, as many as `flags` says.
    ListOfFlags,
    /// Operands, four a word, as many as `c` says.
    ListOfC,
    /// One word with up to four operands.
    Four,
}

macro_rules! instructions {
    ($($(#[doc = $doc:literal])* $name:ident ($a:ident $b:ident $c:ident) $extension:ident;)*) => {
        /// The operation of an instruction.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum Op { $($(#[doc = $doc])* $name),* }

        impl Op {
            /// All operations, in order of number.
            pub const ALL: &[Op] = &[$(Op::$name),*];

            /// The name in text forms.
            pub const fn name(self) -> &'static str {
                match self { $(Op::$name => stringify!($name)),* }
            }

            /// What it does, in a line.
            pub const fn doc(self) -> &'static str {
                match self { $(Op::$name => concat!($($doc),*)),* }
            }

            /// What the fields hold.
            pub const fn fields(self) -> [Field; 3] {
                match self { $(Op::$name => [Field::$a, Field::$b, Field::$c]),* }
            }

            /// What follows the first word.
            pub const fn extension(self) -> Extension {
                match self { $(Op::$name => Extension::$extension),* }
            }
        }
    };
}

instructions! {
    // Registers.
    /// Nothing; keeps the place of a bytecode instruction in the exact form.
    Nop(No No No) No;
    /// Copies `b` to `a`.
    Move(Dst Use No) No;
    /// Moves the temporary `b` to `a`, leaving `b` empty.
    Take(Dst Slot No) No;
    /// Exchanges two temporaries.
    Swap(Slot Slot No) No;
    /// Drops a temporary.
    Drop(Slot No No) No;
    /// Raises UnboundLocalError if the local is empty.
    CheckBound(Slot No No) No;
    /// Empties a local, which must not be empty.
    Delete(Slot No No) No;
    /// Loads a constant that is too far for an operand.
    LoadConst(Dst WideConst No) No;
    /// Makes a cell of what the register holds.
    MakeCell(Slot No No) No;
    /// Copies `b` cells of the closure to the registers from `a` on.
    CopyFreeVars(Slot Num No) No;
    /// Reads a cell.
    LoadCell(Dst Slot No) No;
    /// Writes a cell.
    StoreCell(Slot Use No) No;
    /// Empties a cell.
    DeleteCell(Slot No No) No;

    // Names.
    /// Reads a name: locals, globals, builtins.
    LoadName(Dst Name No) No;
    /// Binds a name in the namespace of locals.
    StoreName(Use Name No) No;
    /// Deletes a name of the namespace of locals.
    DeleteName(No Name No) No;
    /// Reads a global or builtin.
    LoadGlobal(Dst WideSite No) No;
    /// Binds a global.
    StoreGlobal(Use Name No) No;
    /// Deletes a global.
    DeleteGlobal(No Name No) No;
    /// The namespace of locals.
    LoadLocals(Dst No No) No;
    /// A name of the mapping `b`, or else a global or builtin.
    LoadFromDictOrGlobals(Dst Use No) Name;
    /// A name of the mapping `b`, or else what the cell `c` holds.
    LoadFromDictOrCell(Dst Use Slot) No;
    /// `builtins.__build_class__`.
    LoadBuildClass(Dst No No) No;
    /// Makes sure that `__annotations__` exists in the locals.
    SetupAnnotations(No No No) No;

    // Attributes.
    /// `b.name`.
    LoadAttr(Dst Use Site) No;
    /// `b.name`, with the name behind.
    LoadAttrFar(Dst Use No) Name;
    /// `b.name` to be called: to `a` the function and to `a + 1` its self, or the value and nothing.
    LoadMethod(Dst Use Site) No;
    /// As LoadMethod, with the name behind.
    LoadMethodFar(Dst Use No) Name;
    /// `a.name = b`.
    StoreAttr(Use Use Site) No;
    /// `a.name = b`, with the name behind.
    StoreAttrFar(Use Use No) Name;
    /// `del a.name`.
    DeleteAttr(Use Name No) No;
    /// `super(class, self).name`: behind stand `super`, the class and self; `c` is the site.
    LoadSuperAttr(Dst Slot Site) Four;
    /// The special method number `c` of `b`'s type: to `a` the function and to `a + 1` its self or nothing.
    LoadSpecial(Dst Use Num) No;

    // Operators.
    /// `b + c`
    Add(Dst Use Use) No;
    /// `b - c`
    Subtract(Dst Use Use) No;
    /// `b * c`
    Multiply(Dst Use Use) No;
    /// `b / c`
    TrueDivide(Dst Use Use) No;
    /// `b // c`
    FloorDivide(Dst Use Use) No;
    /// `b % c`
    Remainder(Dst Use Use) No;
    /// `b ** c`
    Power(Dst Use Use) No;
    /// `b @ c`
    MatrixMultiply(Dst Use Use) No;
    /// `b << c`
    LeftShift(Dst Use Use) No;
    /// `b >> c`
    RightShift(Dst Use Use) No;
    /// `b & c`
    And(Dst Use Use) No;
    /// `b | c`
    Or(Dst Use Use) No;
    /// `b ^ c`
    Xor(Dst Use Use) No;
    /// `b[c]`
    Subscript(Dst Use Use) No;
    /// `b + number`
    AddImmediate(Dst Use Imm) No;
    /// `b - number`
    SubtractImmediate(Dst Use Imm) No;
    /// `-b`
    Negate(Dst Use No) No;
    /// `~b`
    Invert(Dst Use No) No;
    /// `not b`
    Not(Dst Use No) No;
    /// `bool(b)`
    ToBool(Dst Use No) No;
    /// `b < c`
    Less(Dst Use Use) No;
    /// `b <= c`
    LessEqual(Dst Use Use) No;
    /// `b == c`
    Equal(Dst Use Use) No;
    /// `b != c`
    NotEqual(Dst Use Use) No;
    /// `b > c`
    Greater(Dst Use Use) No;
    /// `b >= c`
    GreaterEqual(Dst Use Use) No;
    /// `b is c`
    Is(Dst Use Use) No;
    /// `b in c`
    Contains(Dst Use Use) No;
    /// `a[b] = c`
    StoreSubscript(Use Use Use) No;
    /// `del a[b]`
    DeleteSubscript(Use Use No) No;
    /// `x[y:z]`, the three operands behind; `b` is their first register.
    Slice(Dst Slot No) Four;
    /// `x[y:z] = w`: behind stand w, x, y and z; `b` is their first register.
    StoreSlice(No Slot No) Four;

    // Jumps.
    /// Jumps.
    Jump(No Far No) No;
    /// Jumps back and looks at pending events.
    JumpBackward(No Far No) No;
    /// Jumps if `a` is true.
    JumpIfTrue(Use Far No) No;
    /// Jumps if `a` is false.
    JumpIfFalse(Use Far No) No;
    /// Jumps if `a` is None.
    JumpIfNone(Use Far No) No;
    /// Jumps if `a` is not None.
    JumpIfNotNone(Use Far No) No;
    /// Jumps on `b < c`.
    JumpLess(Near Use Use) No;
    /// Jumps on `b <= c`.
    JumpLessEqual(Near Use Use) No;
    /// Jumps on `b == c`.
    JumpEqual(Near Use Use) No;
    /// Jumps on `b != c`.
    JumpNotEqual(Near Use Use) No;
    /// Jumps on `b > c`.
    JumpGreater(Near Use Use) No;
    /// Jumps on `b >= c`.
    JumpGreaterEqual(Near Use Use) No;
    /// Jumps on `b < number`.
    JumpLessImmediate(Near Use Imm) No;
    /// Jumps on `b <= number`.
    JumpLessEqualImmediate(Near Use Imm) No;
    /// Jumps on `b == number`.
    JumpEqualImmediate(Near Use Imm) No;
    /// Jumps on `b != number`.
    JumpNotEqualImmediate(Near Use Imm) No;
    /// Jumps on `b > number`.
    JumpGreaterImmediate(Near Use Imm) No;
    /// Jumps on `b >= number`.
    JumpGreaterEqualImmediate(Near Use Imm) No;
    /// Jumps on `b is c`.
    JumpIs(Near Use Use) No;
    /// Jumps on `b in c`.
    JumpContains(Near Use Use) No;

    // Iteration.
    /// `iter(b)`
    GetIter(Dst Use No) No;
    /// The next item of the iterator `b`; jumps at the end.
    ForIter(Dst Slot No) Target;
    /// ForIter at the end of a loop's body: jumps back (by `c`) with the next item, goes on at the end; looks at pending events.
    ForIterBackward(Dst Slot Near) Target;
    /// Unpacks `b` into exactly `c` registers, listed behind from the first item's on.
    Unpack(No Use Num) ListOfC;
    /// Unpacks `b` with a starred target: registers from `a` on, the last item's first; `c`: low byte before, rest after the star.
    UnpackEx(Slot Use Num) No;

    // Calls.
    /// Calls: behind stand the callable, self or nothing and the arguments; `b` is their first register.
    Call(Dst Slot Site) ListOfFlags;
    /// Calls without a self: behind stand the callable and the arguments; `b` is the callable's register.
    CallFunction(Dst Slot Site) ListOfFlags;
    /// As Call, for many arguments: `c` of them all.
    CallMany(Dst Slot Num) ListOfC;
    /// Looks up a method of the receiver that stands first behind and calls it with the rest; `c` is the look-up's site.
    CallMethod(Dst Slot Site) ListOfFlags;
    /// As CallMany, the last being the tuple of names of the keywords.
    CallKeywords(Dst Slot Num) ListOfC;
    /// Calls with a tuple and a mapping: behind stand the callable, self or nothing, the tuple, the mapping or nothing.
    CallEx(Dst Slot No) Four;
    /// Returns `b`.
    Return(No Use No) No;

    // Building.
    /// A tuple of the `c` operands behind.
    BuildTuple(Dst Slot Num) ListOfC;
    /// A list.
    BuildList(Dst Slot Num) ListOfC;
    /// A set.
    BuildSet(Dst Slot Num) ListOfC;
    /// A dict of pairs.
    BuildMap(Dst Slot Num) ListOfC;
    /// A string of strings.
    BuildString(Dst Slot Num) ListOfC;
    /// A slice.
    BuildSlice(Dst Slot Num) ListOfC;
    /// An interpolation of value, expression and perhaps format spec; the conversion is in `flags`.
    BuildInterpolation(Dst Slot Num) ListOfC;
    /// A template string of `b` and `c`.
    BuildTemplate(Dst Use Use) No;
    /// Appends `b` to the list `a`.
    ListAppend(Slot Use No) No;
    /// Adds `b` to the set `a`.
    SetAdd(Slot Use No) No;
    /// `a[b] = c` of a dict being built.
    MapAdd(Slot Use Use) No;
    /// Extends the list `a`.
    ListExtend(Slot Use No) No;
    /// Updates the set `a`.
    SetUpdate(Slot Use No) No;
    /// Updates the dict `a`.
    DictUpdate(Slot Use No) No;
    /// Merges keyword arguments into the dict `a` for a call of `c`.
    DictMerge(Slot Use Use) No;
    /// `format(b)`
    FormatSimple(Dst Use No) No;
    /// `format(b, c)`
    FormatWithSpec(Dst Use Use) No;
    /// `str`, `repr` or `ascii` of `b`, as `c` says.
    ConvertValue(Dst Use Num) No;
    /// A function of the code object `b`.
    MakeFunction(Dst Use No) No;
    /// Gives the function `b` the attribute `c` (which one stands behind) and moves it to `a`.
    SetFunctionAttribute(Dst Use Use) Four;

    // Generators.
    /// Makes a generator of the frame and returns it; resumed, `a` is what was sent.
    ReturnGenerator(Dst No No) No;
    /// Yields `b`; resumed, `a` is what was sent. `c`: 1 inside `yield from` or `await`.
    Yield(Dst Use Num) No;
    /// A frame starts or goes on; looks at pending events.
    Resume(Num No No) No;
    /// Sends `c` to `b`; `a` is what it yields, or at its end what it returns, and then jumps.
    Send(Dst Slot Use) Target;
    /// Drops the receiver `b` under the value `c`.
    EndSend(Dst Slot Use) No;
    /// The iterator that `yield from` delegates to.
    GetYieldFromIter(Dst Use No) No;
    /// What `await` waits for; `c` says after what.
    GetAwaitable(Dst Use Num) No;
    /// `b.__aiter__()`
    GetAiter(Dst Use No) No;
    /// An awaitable for `b.__anext__()`.
    GetAnext(Dst Use No) No;
    /// Ends an `async for` if the exception `b` is StopAsyncIteration; drops the iterator `a`.
    EndAsyncFor(Slot Slot No) No;
    /// Ends a delegated `throw` whose iterator, sent value and exception are in `a`, `a + 1`, `a + 2`.
    CleanupThrow(Slot No No) No;

    // Exceptions.
    /// Makes the exception in `a` the handled one: it moves to `a + 1`, and `a` keeps the one before.
    PushExcInfo(Slot No No) No;
    /// Makes the exception in `b` the handled one again.
    PopExcept(No Slot No) No;
    /// Whether the exception `b` matches `c`.
    CheckExcMatch(Dst Use Use) No;
    /// Splits the exception `b` by the type `c`: to `a` the rest, to `a + 1` the match.
    CheckEgMatch(Dst Use Use) No;
    /// Raises: nothing, an exception `b`, or `b` from `c`; `a` operands.
    Raise(Num Use Use) No;
    /// Raises the exception `b` again; if `c`, the place comes from register `a`.
    Reraise(Slot Slot Num) No;
    /// Calls `__exit__`, with its function in `b`, with the handled exception.
    WithExceptStart(Dst Slot No) No;

    // Patterns.
    /// `len(b)`
    GetLen(Dst Use No) No;
    /// Whether `b` is a mapping.
    MatchMapping(Dst Use No) No;
    /// Whether `b` is a sequence.
    MatchSequence(Dst Use No) No;
    /// A tuple of the values of the keys `c` in `b`, or None.
    MatchKeys(Dst Use Use) No;
    /// A tuple of the attributes that a class pattern asks for, or None: behind stand subject, class, names; `c` positional ones.
    MatchClass(Dst Slot Num) Four;

    // Rare.
    /// `__import__(name, fromlist c, level b)`
    ImportName(Dst Use Use) Name;
    /// A name of the module `b`.
    ImportFrom(Dst Use No) Name;
    /// The intrinsic number `c` of `b`.
    Intrinsic1(Dst Use Num) No;
    /// An intrinsic of `b` and `c`; its number stands behind.
    Intrinsic2(Dst Use Use) Name;
}

const _: () = assert!(Op::ALL.len() < 256);

/// A word of lowered code: an instruction or an extension word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Instruction(u64);

impl Instruction {
    /// An instruction of its parts.
    pub const fn new(op: Op, flags: u8, a: u16, b: u16, c: u16) -> Instruction {
        Instruction(op as u64 | (flags as u64) << 8 | (a as u64) << 16 | (b as u64) << 32 | (c as u64) << 48)
    }

    /// An instruction whose fields `b` and `c` are one number.
    pub const fn wide(op: Op, flags: u8, a: u16, number: u32) -> Instruction {
        Instruction(op as u64 | (flags as u64) << 8 | (a as u64) << 16 | (number as u64) << 32)
    }

    /// An extension word of four operands.
    pub const fn four(operands: [u16; 4]) -> Instruction {
        let [p, q, r, s] = operands;
        Instruction(p as u64 | (q as u64) << 16 | (r as u64) << 32 | (s as u64) << 48)
    }

    /// An extension word of one number.
    pub const fn number(number: u32) -> Instruction {
        Instruction(number as u64)
    }

    /// The operation.
    ///
    /// # Safety
    /// The word must be an instruction's first, not an extension.
    #[inline(always)]
    pub unsafe fn op_unchecked(self) -> Op {
        // SAFETY: first words are made from an `Op`, whose number is the low byte.
        unsafe { std::mem::transmute::<u8, Op>(self.0 as u8) }
    }

    /// The operation; nothing if the word's low byte is none.
    pub fn op(self) -> Option<Op> {
        Op::ALL.get(usize::from(self.0 as u8)).copied()
    }

    /// The flags.
    #[inline(always)]
    pub fn flags(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// Whether any of the flags is set.
    #[inline(always)]
    pub fn has(self, flags: u8) -> bool {
        self.0 & (u64::from(flags) << 8) != 0
    }

    /// The first field.
    #[inline(always)]
    pub fn a(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// The second field.
    #[inline(always)]
    pub fn b(self) -> u16 {
        (self.0 >> 32) as u16
    }

    /// The third field.
    #[inline(always)]
    pub fn c(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// The second and third field as one number.
    #[inline(always)]
    pub fn bc(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The operands of an extension word.
    #[inline(always)]
    pub fn operands(self) -> [u16; 4] {
        [self.0 as u16, (self.0 >> 16) as u16, (self.0 >> 32) as u16, (self.0 >> 48) as u16]
    }

    /// The number of an extension word.
    #[inline(always)]
    pub fn as_number(self) -> u32 {
        self.0 as u32
    }

    /// The same with another first field.
    pub fn with_a(self, a: u16) -> Instruction {
        Instruction(self.0 & !(0xffff << 16) | u64::from(a) << 16)
    }

    /// The same with another number in the second and third field.
    pub fn with_bc(self, number: u32) -> Instruction {
        Instruction(self.0 & 0xffff_ffff | u64::from(number) << 32)
    }

    /// The same with another third field.
    pub fn with_c(self, c: u16) -> Instruction {
        Instruction(self.0 & !(0xffff << 48) | u64::from(c) << 48)
    }

    /// The same with more flags.
    pub fn with_flags(self, flags: u8) -> Instruction {
        Instruction(self.0 | u64::from(flags) << 8)
    }

    /// The number of operands in the list behind the instruction, and of words that follow it.
    pub fn extension_len(self) -> (usize, usize) {
        match self.op().map_or(Extension::No, Op::extension) {
            Extension::No => (0, 0),
            Extension::Target | Extension::Name => (0, 1),
            Extension::Four => (4, 1),
            Extension::ListOfFlags => (usize::from(self.flags()), usize::from(self.flags()).div_ceil(4)),
            Extension::ListOfC => (usize::from(self.c()), usize::from(self.c()).div_ceil(4)),
        }
    }
}

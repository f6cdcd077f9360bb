//! The instruction set: every instruction declared once, with its number, caches, operand and effect on the stack.
//!
//! It is CPython 3.14's. What operands mean beyond an index is in [`crate::oparg`]; what the instructions do is in
//! the interpreter. Specialized and instrumented instructions never occur in a fresh code object: they are listed
//! because `dis` and `opcode` know their names and numbers.

/// An instruction: real ones are below 256, pseudo instructions (which the assembler resolves) from 256 on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opcode(pub u16);

/// The number from which on opcodes are instrumented forms.
pub const MIN_INSTRUMENTED_OPCODE: u16 = 234;
/// The last opcode that has no operand.
pub const HAVE_ARGUMENT: u16 = 43;

/// What is known about an instruction.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// Its name, as `dis` prints it.
    pub name: &'static str,
    /// How many code units of inline cache follow it.
    pub caches: u8,
    /// The union of the flags in [`flag`].
    pub flags: u16,
}

/// Properties of instructions.
pub mod flag {
    /// Has an operand.
    pub const ARG: u16 = 1;
    /// The operand is an index into the constants.
    pub const CONST: u16 = 1 << 1;
    /// The operand is an index into the names.
    pub const NAME: u16 = 1 << 2;
    /// The operand is a jump's distance.
    pub const JUMP: u16 = 1 << 3;
    /// The operand is an index into the frame's variables.
    pub const LOCAL: u16 = 1 << 4;
    /// The operand is an index of a cell.
    pub const FREE: u16 = 1 << 5;
    /// A pseudo instruction whose operand is an exception handler.
    pub const HANDLER: u16 = 1 << 6;
    /// Resolved by the assembler.
    pub const PSEUDO: u16 = 1 << 7;
    /// A monitored form.
    pub const INSTRUMENTED: u16 = 1 << 8;
}

/// Takes or leaves as many values as the operand says.
const VARYING: i8 = i8::MIN;

/// How many values each instruction takes and leaves.
struct Effects([(i8, i8); 267]);

impl Effects {
    #[inline]
    const fn get_pair(&self, number: u16) -> (i8, i8) {
        if (number as usize) < self.0.len() { self.0[number as usize] } else { (0, 0) }
    }
}

/// The number that is the same for several operands.
const fn fixed(some: [i32; 4]) -> i8 {
    if some[0] == some[1] && some[0] == some[2] && some[0] == some[3] { some[0] as i8 } else { VARYING }
}

static EFFECTS: Effects = {
    let mut table = [(0, 0); 267];
    let mut number = 0;
    while number < 267 {
        let opcode = Opcode(number);
        let pops = [opcode.pops_varying(0), opcode.pops_varying(1), opcode.pops_varying(2), opcode.pops_varying(255)];
        let pushes =
            [opcode.pushes_varying(0), opcode.pushes_varying(1), opcode.pushes_varying(2), opcode.pushes_varying(255)];
        table[number as usize] = (fixed(pops), fixed(pushes));
        number += 1;
    }
    Effects(table)
};

macro_rules! instructions {
    ($($(#[$doc:meta])* $name:ident = $number:literal, caches $caches:literal, [$($flag:ident)*],
        |$arg:ident| $pops:expr => $pushes:expr;)*) => {
        impl Opcode {
            $($(#[$doc])* pub const $name: Opcode = Opcode($number);)*
        }

        /// Every instruction but the specialized ones, by number.
        pub const ALL: &[Opcode] = &[$(Opcode::$name),*];

        const INFO: [Option<Info>; 267] = {
            let mut table = [None; 267];
            $(table[$number] = Some(Info { name: stringify!($name), caches: $caches, flags: 0 $(| flag::$flag)* });)*
            table
        };

        impl Opcode {
            /// How many values the instruction takes from the stack (when it does not jump).
            #[inline]
            pub const fn pops(self, oparg: u32) -> i32 {
                match EFFECTS.get_pair(self.0).0 {
                    VARYING => self.pops_varying(oparg),
                    fixed => fixed as i32,
                }
            }

            /// Whether what it takes or leaves depends on its operand.
            pub const fn varies(self) -> bool {
                let (pops, pushes) = EFFECTS.get_pair(self.0);
                pops == VARYING || pushes == VARYING
            }

            const fn pops_varying(self, oparg: u32) -> i32 {
                let oparg = oparg as i32;
                match self.0 {
                    $($number => { let $arg = oparg; let _ = $arg; $pops })*
                    _ => 0,
                }
            }

            /// How many values the instruction leaves on the stack; a pseudo instruction that sets up a handler
            /// leaves them where the handler starts.
            #[inline]
            pub const fn pushes(self, oparg: u32) -> i32 {
                match EFFECTS.get_pair(self.0).1 {
                    VARYING => self.pushes_varying(oparg),
                    fixed => fixed as i32,
                }
            }

            const fn pushes_varying(self, oparg: u32) -> i32 {
                let oparg = oparg as i32;
                match self.0 {
                    $($number => { let $arg = oparg; let _ = $arg; $pushes })*
                    _ => 0,
                }
            }
        }
    };
}

instructions! {
    /// Room for an inline cache; never executed.
    CACHE = 0, caches 0, [], |oparg| 0 => 0;
    /// `container[start:stop]`.
    BINARY_SLICE = 1, caches 0, [], |oparg| 3 => 1;
    /// A template string from a tuple of strings and a tuple of interpolations.
    BUILD_TEMPLATE = 2, caches 0, [], |oparg| 2 => 1;
    /// Calls with a tuple of positional arguments and a mapping (or null) of keyword ones.
    CALL_FUNCTION_EX = 4, caches 0, [], |oparg| 4 => 1;
    /// Splits an exception group for `except*`: the rest and the match.
    CHECK_EG_MATCH = 5, caches 0, [], |oparg| 2 => 2;
    /// Whether the exception under the top matches the type on top.
    CHECK_EXC_MATCH = 6, caches 0, [], |oparg| 2 => 2;
    /// Ends a delegated `throw`: a StopIteration becomes its value, anything else is raised.
    CLEANUP_THROW = 7, caches 0, [], |oparg| 3 => 2;
    /// `del container[key]`.
    DELETE_SUBSCR = 8, caches 0, [], |oparg| 2 => 0;
    /// Pops the value left by an exhausted iterator.
    END_FOR = 9, caches 0, [], |oparg| 1 => 0;
    /// Drops the exhausted receiver under the value of `yield from` or `await`.
    END_SEND = 10, caches 0, [], |oparg| 2 => 1;
    /// Checks that `__init__` returned None.
    EXIT_INIT_CHECK = 11, caches 0, [], |oparg| 1 => 0;
    /// `format(value)`.
    FORMAT_SIMPLE = 12, caches 0, [], |oparg| 1 => 1;
    /// `format(value, spec)`.
    FORMAT_WITH_SPEC = 13, caches 0, [], |oparg| 2 => 1;
    /// `value.__aiter__()`.
    GET_AITER = 14, caches 0, [], |oparg| 1 => 1;
    /// Pushes an awaitable for `value.__anext__()`.
    GET_ANEXT = 15, caches 0, [], |oparg| 1 => 2;
    /// `iter(value)`.
    GET_ITER = 16, caches 0, [], |oparg| 1 => 1;
    /// Not an instruction; the number is kept free.
    RESERVED = 17, caches 0, [], |oparg| 0 => 0;
    /// Pushes `len(value)`.
    GET_LEN = 18, caches 0, [], |oparg| 1 => 2;
    /// The iterator that `yield from` delegates to.
    GET_YIELD_FROM_ITER = 19, caches 0, [], |oparg| 1 => 1;
    /// Returns from the interpreter to native code.
    INTERPRETER_EXIT = 20, caches 0, [], |oparg| 1 => 0;
    /// Pushes `builtins.__build_class__`.
    LOAD_BUILD_CLASS = 21, caches 0, [], |oparg| 0 => 1;
    /// Pushes the namespace of locals of a class or module body.
    LOAD_LOCALS = 22, caches 0, [], |oparg| 0 => 1;
    /// A function from a code object.
    MAKE_FUNCTION = 23, caches 0, [], |oparg| 1 => 1;
    /// Pushes the values of the keys of a mapping pattern, or None.
    MATCH_KEYS = 24, caches 0, [], |oparg| 2 => 3;
    /// Pushes whether the subject is a mapping.
    MATCH_MAPPING = 25, caches 0, [], |oparg| 1 => 2;
    /// Pushes whether the subject is a sequence.
    MATCH_SEQUENCE = 26, caches 0, [], |oparg| 1 => 2;
    /// Nothing; it gives a line a place.
    NOP = 27, caches 0, [], |oparg| 0 => 0;
    /// Marks the fall-through of a conditional jump for monitoring.
    NOT_TAKEN = 28, caches 0, [], |oparg| 0 => 0;
    /// Restores the exception that was being handled before.
    POP_EXCEPT = 29, caches 0, [], |oparg| 1 => 0;
    /// Pops the iterator of a finished loop.
    POP_ITER = 30, caches 0, [], |oparg| 1 => 0;
    /// Pops one value.
    POP_TOP = 31, caches 0, [], |oparg| 1 => 0;
    /// Makes the exception on top the handled one, saving the previous one under it.
    PUSH_EXC_INFO = 32, caches 0, [], |oparg| 1 => 2;
    /// Pushes the absent value that a call expects in place of `self`.
    PUSH_NULL = 33, caches 0, [], |oparg| 0 => 1;
    /// Makes a generator, coroutine or asynchronous generator of the frame and returns it.
    RETURN_GENERATOR = 34, caches 0, [], |oparg| 0 => 1;
    /// Returns the value on top to the caller.
    RETURN_VALUE = 35, caches 0, [], |oparg| 1 => 1;
    /// Makes sure that `__annotations__` exists in the locals.
    SETUP_ANNOTATIONS = 36, caches 0, [], |oparg| 0 => 0;
    /// `container[start:stop] = value`.
    STORE_SLICE = 37, caches 0, [], |oparg| 4 => 0;
    /// `container[key] = value`.
    STORE_SUBSCR = 38, caches 1, [], |oparg| 3 => 0;
    /// `bool(value)`.
    TO_BOOL = 39, caches 3, [], |oparg| 1 => 1;
    /// `~value`.
    UNARY_INVERT = 40, caches 0, [], |oparg| 1 => 1;
    /// `-value`.
    UNARY_NEGATIVE = 41, caches 0, [], |oparg| 1 => 1;
    /// `not value`, of a bool.
    UNARY_NOT = 42, caches 0, [], |oparg| 1 => 1;
    /// Calls `__exit__` with the exception that is being handled.
    WITH_EXCEPT_START = 43, caches 0, [], |oparg| 5 => 6;
    /// A binary operation, see [`BinaryOperator`](crate::oparg::BinaryOperator).
    BINARY_OP = 44, caches 5, [ARG], |oparg| 2 => 1;
    /// An interpolation of a template string; bit 0: a format spec is there, bits 2 and up: the conversion.
    BUILD_INTERPOLATION = 45, caches 0, [ARG], |oparg| 2 + (oparg & 1) => 1;
    /// A list of `oparg` values.
    BUILD_LIST = 46, caches 0, [ARG], |oparg| oparg => 1;
    /// A dict of `oparg` pairs.
    BUILD_MAP = 47, caches 0, [ARG], |oparg| 2 * oparg => 1;
    /// A set of `oparg` values.
    BUILD_SET = 48, caches 0, [ARG], |oparg| oparg => 1;
    /// A slice of two or three values.
    BUILD_SLICE = 49, caches 0, [ARG], |oparg| oparg => 1;
    /// Joins `oparg` strings.
    BUILD_STRING = 50, caches 0, [ARG], |oparg| oparg => 1;
    /// A tuple of `oparg` values.
    BUILD_TUPLE = 51, caches 0, [ARG], |oparg| oparg => 1;
    /// Calls with `oparg` positional arguments: callable, self or null, arguments.
    CALL = 52, caches 3, [ARG], |oparg| 2 + oparg => 1;
    /// A rare operation on one value, see [`Intrinsic1`](crate::oparg::Intrinsic1).
    CALL_INTRINSIC_1 = 53, caches 0, [ARG], |oparg| 1 => 1;
    /// A rare operation on two values, see [`Intrinsic2`](crate::oparg::Intrinsic2).
    CALL_INTRINSIC_2 = 54, caches 0, [ARG], |oparg| 2 => 1;
    /// Calls with `oparg` arguments of which the last are named by the tuple on top.
    CALL_KW = 55, caches 3, [ARG], |oparg| 3 + oparg => 1;
    /// A comparison: bits 5 and up say which, bit 4 asks for a bool.
    COMPARE_OP = 56, caches 1, [ARG], |oparg| 2 => 1;
    /// `left in right`, inverted if `oparg` is 1.
    CONTAINS_OP = 57, caches 1, [ARG], |oparg| 2 => 1;
    /// `str`, `repr` or `ascii` of a value.
    CONVERT_VALUE = 58, caches 0, [ARG], |oparg| 1 => 1;
    /// Pushes the `oparg`-th value from the top.
    COPY = 59, caches 0, [ARG], |oparg| 1 + (oparg - 1) => 2 + (oparg - 1);
    /// Copies the closure's `oparg` cells into the frame.
    COPY_FREE_VARS = 60, caches 0, [ARG], |oparg| 0 => 0;
    /// `del owner.name`.
    DELETE_ATTR = 61, caches 0, [ARG NAME], |oparg| 1 => 0;
    /// Empties a cell.
    DELETE_DEREF = 62, caches 0, [ARG FREE], |oparg| 0 => 0;
    /// Unbinds a local.
    DELETE_FAST = 63, caches 0, [ARG LOCAL], |oparg| 0 => 0;
    /// Deletes a global.
    DELETE_GLOBAL = 64, caches 0, [ARG NAME], |oparg| 0 => 0;
    /// Deletes a name of a class or module body.
    DELETE_NAME = 65, caches 0, [ARG NAME], |oparg| 0 => 0;
    /// Merges keyword arguments into the dict, refusing duplicates.
    DICT_MERGE = 66, caches 0, [ARG], |oparg| 5 + (oparg - 1) => 4 + (oparg - 1);
    /// `dict.update` of the `oparg`-th value with the top.
    DICT_UPDATE = 67, caches 0, [ARG], |oparg| 2 + (oparg - 1) => 1 + (oparg - 1);
    /// Ends an `async for` on StopAsyncIteration, else raises again.
    END_ASYNC_FOR = 68, caches 0, [ARG JUMP], |oparg| 2 => 0;
    /// Gives the next instruction's argument eight more bits.
    EXTENDED_ARG = 69, caches 0, [ARG], |oparg| 0 => 0;
    /// Pushes the next value, or jumps when the iterator is exhausted.
    FOR_ITER = 70, caches 1, [ARG JUMP], |oparg| 1 => 2;
    /// What `await` waits for.
    GET_AWAITABLE = 71, caches 0, [ARG], |oparg| 1 => 1;
    /// Pushes a name of the module on top.
    IMPORT_FROM = 72, caches 0, [ARG NAME], |oparg| 1 => 2;
    /// `__import__(name, fromlist, level)`.
    IMPORT_NAME = 73, caches 0, [ARG NAME], |oparg| 2 => 1;
    /// `left is right`, inverted if `oparg` is 1.
    IS_OP = 74, caches 0, [ARG], |oparg| 2 => 1;
    /// Jumps back and looks at pending events.
    JUMP_BACKWARD = 75, caches 1, [ARG JUMP], |oparg| 0 => 0;
    /// Jumps back without looking at pending events.
    JUMP_BACKWARD_NO_INTERRUPT = 76, caches 0, [ARG JUMP], |oparg| 0 => 0;
    /// Jumps ahead.
    JUMP_FORWARD = 77, caches 0, [ARG JUMP], |oparg| 0 => 0;
    /// Appends the top to the list `oparg` below.
    LIST_APPEND = 78, caches 0, [ARG], |oparg| 2 + (oparg - 1) => 1 + (oparg - 1);
    /// Extends the list `oparg` below with the top.
    LIST_EXTEND = 79, caches 0, [ARG], |oparg| 2 + (oparg - 1) => 1 + (oparg - 1);
    /// `owner.name` (bits 1 and up); with bit 0, a method and its self, or the value and null.
    LOAD_ATTR = 80, caches 9, [ARG NAME], |oparg| 1 => 1 + (oparg & 1);
    /// Pushes a well-known object, see [`CommonConstant`](crate::oparg::CommonConstant).
    LOAD_COMMON_CONSTANT = 81, caches 0, [ARG], |oparg| 0 => 1;
    /// Pushes a constant.
    LOAD_CONST = 82, caches 0, [ARG CONST], |oparg| 0 => 1;
    /// Pushes what a cell holds.
    LOAD_DEREF = 83, caches 0, [ARG LOCAL], |oparg| 0 => 1;
    /// Pushes a local known to be bound.
    LOAD_FAST = 84, caches 0, [ARG LOCAL], |oparg| 0 => 1;
    /// Pushes a local or null, and unbinds it.
    LOAD_FAST_AND_CLEAR = 85, caches 0, [ARG LOCAL], |oparg| 0 => 1;
    /// Pushes a local that outlives the use, without a count.
    LOAD_FAST_BORROW = 86, caches 0, [ARG LOCAL], |oparg| 0 => 1;
    /// Two borrowing loads of locals.
    LOAD_FAST_BORROW_LOAD_FAST_BORROW = 87, caches 0, [ARG LOCAL], |oparg| 0 => 2;
    /// Pushes a local that may be unbound.
    LOAD_FAST_CHECK = 88, caches 0, [ARG LOCAL], |oparg| 0 => 1;
    /// Two loads of locals.
    LOAD_FAST_LOAD_FAST = 89, caches 0, [ARG LOCAL], |oparg| 0 => 2;
    /// A name from the mapping on top, or else from a cell.
    LOAD_FROM_DICT_OR_DEREF = 90, caches 0, [ARG FREE], |oparg| 1 => 1;
    /// A name from the mapping on top, or else a global or builtin.
    LOAD_FROM_DICT_OR_GLOBALS = 91, caches 0, [ARG NAME], |oparg| 1 => 1;
    /// Pushes a global or builtin (bits 1 and up); with bit 0, null after it.
    LOAD_GLOBAL = 92, caches 4, [ARG NAME], |oparg| 0 => 1 + (oparg & 1);
    /// Pushes a name: local, global or builtin.
    LOAD_NAME = 93, caches 0, [ARG NAME], |oparg| 0 => 1;
    /// Pushes the integer `oparg`.
    LOAD_SMALL_INT = 94, caches 0, [ARG], |oparg| 0 => 1;
    /// Looks a special method up on the type, see [`SpecialMethod`](crate::oparg::SpecialMethod).
    LOAD_SPECIAL = 95, caches 0, [ARG], |oparg| 1 => 2;
    /// `super().name` without the super object.
    LOAD_SUPER_ATTR = 96, caches 1, [ARG NAME], |oparg| 3 => 1 + (oparg & 1);
    /// Makes a cell of a local.
    MAKE_CELL = 97, caches 0, [ARG FREE], |oparg| 0 => 0;
    /// Sets a key of the dict `oparg` below.
    MAP_ADD = 98, caches 0, [ARG], |oparg| 3 + (oparg - 1) => 1 + (oparg - 1);
    /// A tuple of the attributes a class pattern asks for, or None.
    MATCH_CLASS = 99, caches 0, [ARG], |oparg| 3 => 1;
    /// Jumps if the bool on top is False.
    POP_JUMP_IF_FALSE = 100, caches 1, [ARG JUMP], |oparg| 1 => 0;
    /// Jumps if the top is None.
    POP_JUMP_IF_NONE = 101, caches 1, [ARG JUMP], |oparg| 1 => 0;
    /// Jumps if the top is not None.
    POP_JUMP_IF_NOT_NONE = 102, caches 1, [ARG JUMP], |oparg| 1 => 0;
    /// Jumps if the bool on top is True.
    POP_JUMP_IF_TRUE = 103, caches 1, [ARG JUMP], |oparg| 1 => 0;
    /// `raise` with nothing, an exception, or an exception and its cause.
    RAISE_VARARGS = 104, caches 0, [ARG], |oparg| oparg => 0;
    /// Raises the top again; with `oparg`, the last instruction is restored from the stack.
    RERAISE = 105, caches 0, [ARG], |oparg| 1 + oparg => oparg;
    /// Sends the top to the receiver under it; jumps when that has finished.
    SEND = 106, caches 1, [ARG JUMP], |oparg| 2 => 2;
    /// Adds the top to the set `oparg` below.
    SET_ADD = 107, caches 0, [ARG], |oparg| 2 + (oparg - 1) => 1 + (oparg - 1);
    /// Gives a new function its defaults, annotations or closure, see [`function_attribute`](crate::oparg::function_attribute).
    SET_FUNCTION_ATTRIBUTE = 108, caches 0, [ARG], |oparg| 2 => 1;
    /// Adds all of the top to the set `oparg` below.
    SET_UPDATE = 109, caches 0, [ARG], |oparg| 2 + (oparg - 1) => 1 + (oparg - 1);
    /// `owner.name = value`.
    STORE_ATTR = 110, caches 4, [ARG NAME], |oparg| 2 => 0;
    /// Stores into a cell.
    STORE_DEREF = 111, caches 0, [ARG FREE], |oparg| 1 => 0;
    /// Stores into a local.
    STORE_FAST = 112, caches 0, [ARG LOCAL], |oparg| 1 => 0;
    /// Stores into a local, then loads one.
    STORE_FAST_LOAD_FAST = 113, caches 0, [ARG LOCAL], |oparg| 1 => 1;
    /// Stores into two locals.
    STORE_FAST_STORE_FAST = 114, caches 0, [ARG LOCAL], |oparg| 2 => 0;
    /// Stores a global.
    STORE_GLOBAL = 115, caches 0, [ARG NAME], |oparg| 1 => 0;
    /// Stores a name of a class or module body.
    STORE_NAME = 116, caches 0, [ARG NAME], |oparg| 1 => 0;
    /// Swaps the top with the `oparg`-th value.
    SWAP = 117, caches 0, [ARG], |oparg| 2 + (oparg - 2) => 2 + (oparg - 2);
    /// Unpacks with a starred target: low byte values before it, the rest after.
    UNPACK_EX = 118, caches 0, [ARG], |oparg| 1 => 1 + (oparg & 0xff) + (oparg >> 8);
    /// Unpacks exactly `oparg` values.
    UNPACK_SEQUENCE = 119, caches 1, [ARG], |oparg| 1 => oparg;
    /// Yields the top.
    YIELD_VALUE = 120, caches 0, [ARG], |oparg| 1 => 1;
    /// Start or resumption of a frame, see [`resume`](crate::oparg::resume).
    RESUME = 128, caches 0, [ARG], |oparg| 0 => 0;
    /// [`Opcode::END_FOR`], monitored.
    INSTRUMENTED_END_FOR = 234, caches 0, [INSTRUMENTED], |oparg| 1 => 0;
    /// [`Opcode::POP_ITER`], monitored.
    INSTRUMENTED_POP_ITER = 235, caches 0, [INSTRUMENTED], |oparg| 1 => 0;
    /// [`Opcode::END_SEND`], monitored.
    INSTRUMENTED_END_SEND = 236, caches 0, [INSTRUMENTED], |oparg| 2 => 1;
    /// [`Opcode::FOR_ITER`], monitored.
    INSTRUMENTED_FOR_ITER = 237, caches 0, [ARG JUMP INSTRUMENTED], |oparg| 1 => 2;
    /// Any instruction, monitored one by one.
    INSTRUMENTED_INSTRUCTION = 238, caches 0, [INSTRUMENTED], |oparg| 0 => 0;
    /// [`Opcode::JUMP_FORWARD`], monitored.
    INSTRUMENTED_JUMP_FORWARD = 239, caches 0, [ARG INSTRUMENTED], |oparg| 0 => 0;
    /// [`Opcode::NOT_TAKEN`], monitored.
    INSTRUMENTED_NOT_TAKEN = 240, caches 0, [INSTRUMENTED], |oparg| 0 => 0;
    /// [`Opcode::POP_JUMP_IF_TRUE`], monitored.
    INSTRUMENTED_POP_JUMP_IF_TRUE = 241, caches 0, [ARG INSTRUMENTED], |oparg| 1 => 0;
    /// [`Opcode::POP_JUMP_IF_FALSE`], monitored.
    INSTRUMENTED_POP_JUMP_IF_FALSE = 242, caches 0, [ARG INSTRUMENTED], |oparg| 1 => 0;
    /// [`Opcode::POP_JUMP_IF_NONE`], monitored.
    INSTRUMENTED_POP_JUMP_IF_NONE = 243, caches 0, [ARG INSTRUMENTED], |oparg| 1 => 0;
    /// [`Opcode::POP_JUMP_IF_NOT_NONE`], monitored.
    INSTRUMENTED_POP_JUMP_IF_NOT_NONE = 244, caches 0, [ARG INSTRUMENTED], |oparg| 1 => 0;
    /// [`Opcode::RESUME`], monitored.
    INSTRUMENTED_RESUME = 245, caches 0, [ARG INSTRUMENTED], |oparg| 0 => 0;
    /// [`Opcode::RETURN_VALUE`], monitored.
    INSTRUMENTED_RETURN_VALUE = 246, caches 0, [INSTRUMENTED], |oparg| 1 => 1;
    /// [`Opcode::YIELD_VALUE`], monitored.
    INSTRUMENTED_YIELD_VALUE = 247, caches 0, [ARG INSTRUMENTED], |oparg| 1 => 1;
    /// [`Opcode::END_ASYNC_FOR`], monitored.
    INSTRUMENTED_END_ASYNC_FOR = 248, caches 0, [ARG JUMP INSTRUMENTED], |oparg| 2 => 0;
    /// [`Opcode::LOAD_SUPER_ATTR`], monitored.
    INSTRUMENTED_LOAD_SUPER_ATTR = 249, caches 0, [ARG NAME INSTRUMENTED], |oparg| 3 => 1 + (oparg & 1);
    /// [`Opcode::CALL`], monitored.
    INSTRUMENTED_CALL = 250, caches 0, [ARG INSTRUMENTED], |oparg| 2 + oparg => 1;
    /// [`Opcode::CALL_KW`], monitored.
    INSTRUMENTED_CALL_KW = 251, caches 0, [ARG INSTRUMENTED], |oparg| 3 + oparg => 1;
    /// [`Opcode::CALL_FUNCTION_EX`], monitored.
    INSTRUMENTED_CALL_FUNCTION_EX = 252, caches 0, [INSTRUMENTED], |oparg| 4 => 1;
    /// [`Opcode::JUMP_BACKWARD`], monitored.
    INSTRUMENTED_JUMP_BACKWARD = 253, caches 0, [ARG INSTRUMENTED], |oparg| 0 => 0;
    /// The first instruction of a line, monitored.
    INSTRUMENTED_LINE = 254, caches 0, [INSTRUMENTED], |oparg| 0 => 0;
    /// Entry into machine code; never in a fresh code object.
    ENTER_EXECUTOR = 255, caches 0, [ARG], |oparg| 0 => 0;
    /// Pseudo: where a module's conditional annotations set goes.
    ANNOTATIONS_PLACEHOLDER = 256, caches 0, [PSEUDO], |oparg| 0 => 0;
    /// Pseudo: a jump whose direction is not known yet.
    JUMP = 257, caches 0, [ARG JUMP PSEUDO], |oparg| 0 => 0;
    /// Pseudo: jumps if the top is falsy, keeping it.
    JUMP_IF_FALSE = 258, caches 0, [ARG JUMP PSEUDO], |oparg| 1 => 1;
    /// Pseudo: jumps if the top is truthy, keeping it.
    JUMP_IF_TRUE = 259, caches 0, [ARG JUMP PSEUDO], |oparg| 1 => 1;
    /// Pseudo: a jump that never looks at pending events.
    JUMP_NO_INTERRUPT = 260, caches 0, [ARG JUMP PSEUDO], |oparg| 0 => 0;
    /// Pseudo: pushes a cell itself.
    LOAD_CLOSURE = 261, caches 0, [ARG LOCAL PSEUDO], |oparg| 0 => 1;
    /// Pseudo: end of a protected region.
    POP_BLOCK = 262, caches 0, [PSEUDO], |oparg| 0 => 0;
    /// Pseudo: start of a protected region whose handler gets the last instruction too.
    SETUP_CLEANUP = 263, caches 0, [ARG HANDLER PSEUDO], |oparg| 0 => 2;
    /// Pseudo: start of a protected region.
    SETUP_FINALLY = 264, caches 0, [ARG HANDLER PSEUDO], |oparg| 0 => 1;
    /// Pseudo: start of the body of a `with` statement.
    SETUP_WITH = 265, caches 0, [ARG HANDLER PSEUDO], |oparg| 0 => 1;
    /// Pseudo: stores a value or null into a local.
    STORE_FAST_MAYBE_NULL = 266, caches 0, [ARG LOCAL PSEUDO], |oparg| 1 => 0;
}

/// The specialized forms: opcode, name and the instruction they specialize.
pub const SPECIALIZED: &[(Opcode, &str, Opcode)] = &[
    (Opcode(3), "BINARY_OP_INPLACE_ADD_UNICODE", Opcode::BINARY_OP),
    (Opcode(129), "BINARY_OP_ADD_FLOAT", Opcode::BINARY_OP),
    (Opcode(130), "BINARY_OP_ADD_INT", Opcode::BINARY_OP),
    (Opcode(131), "BINARY_OP_ADD_UNICODE", Opcode::BINARY_OP),
    (Opcode(132), "BINARY_OP_EXTEND", Opcode::BINARY_OP),
    (Opcode(133), "BINARY_OP_MULTIPLY_FLOAT", Opcode::BINARY_OP),
    (Opcode(134), "BINARY_OP_MULTIPLY_INT", Opcode::BINARY_OP),
    (Opcode(135), "BINARY_OP_SUBSCR_DICT", Opcode::BINARY_OP),
    (Opcode(136), "BINARY_OP_SUBSCR_GETITEM", Opcode::BINARY_OP),
    (Opcode(137), "BINARY_OP_SUBSCR_LIST_INT", Opcode::BINARY_OP),
    (Opcode(138), "BINARY_OP_SUBSCR_LIST_SLICE", Opcode::BINARY_OP),
    (Opcode(139), "BINARY_OP_SUBSCR_STR_INT", Opcode::BINARY_OP),
    (Opcode(140), "BINARY_OP_SUBSCR_TUPLE_INT", Opcode::BINARY_OP),
    (Opcode(141), "BINARY_OP_SUBTRACT_FLOAT", Opcode::BINARY_OP),
    (Opcode(142), "BINARY_OP_SUBTRACT_INT", Opcode::BINARY_OP),
    (Opcode(143), "CALL_ALLOC_AND_ENTER_INIT", Opcode::CALL),
    (Opcode(144), "CALL_BOUND_METHOD_EXACT_ARGS", Opcode::CALL),
    (Opcode(145), "CALL_BOUND_METHOD_GENERAL", Opcode::CALL),
    (Opcode(146), "CALL_BUILTIN_CLASS", Opcode::CALL),
    (Opcode(147), "CALL_BUILTIN_FAST", Opcode::CALL),
    (Opcode(148), "CALL_BUILTIN_FAST_WITH_KEYWORDS", Opcode::CALL),
    (Opcode(149), "CALL_BUILTIN_O", Opcode::CALL),
    (Opcode(150), "CALL_ISINSTANCE", Opcode::CALL),
    (Opcode(151), "CALL_KW_BOUND_METHOD", Opcode::CALL_KW),
    (Opcode(152), "CALL_KW_NON_PY", Opcode::CALL_KW),
    (Opcode(153), "CALL_KW_PY", Opcode::CALL_KW),
    (Opcode(154), "CALL_LEN", Opcode::CALL),
    (Opcode(155), "CALL_LIST_APPEND", Opcode::CALL),
    (Opcode(156), "CALL_METHOD_DESCRIPTOR_FAST", Opcode::CALL),
    (Opcode(157), "CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS", Opcode::CALL),
    (Opcode(158), "CALL_METHOD_DESCRIPTOR_NOARGS", Opcode::CALL),
    (Opcode(159), "CALL_METHOD_DESCRIPTOR_O", Opcode::CALL),
    (Opcode(160), "CALL_NON_PY_GENERAL", Opcode::CALL),
    (Opcode(161), "CALL_PY_EXACT_ARGS", Opcode::CALL),
    (Opcode(162), "CALL_PY_GENERAL", Opcode::CALL),
    (Opcode(163), "CALL_STR_1", Opcode::CALL),
    (Opcode(164), "CALL_TUPLE_1", Opcode::CALL),
    (Opcode(165), "CALL_TYPE_1", Opcode::CALL),
    (Opcode(166), "COMPARE_OP_FLOAT", Opcode::COMPARE_OP),
    (Opcode(167), "COMPARE_OP_INT", Opcode::COMPARE_OP),
    (Opcode(168), "COMPARE_OP_STR", Opcode::COMPARE_OP),
    (Opcode(169), "CONTAINS_OP_DICT", Opcode::CONTAINS_OP),
    (Opcode(170), "CONTAINS_OP_SET", Opcode::CONTAINS_OP),
    (Opcode(171), "FOR_ITER_GEN", Opcode::FOR_ITER),
    (Opcode(172), "FOR_ITER_LIST", Opcode::FOR_ITER),
    (Opcode(173), "FOR_ITER_RANGE", Opcode::FOR_ITER),
    (Opcode(174), "FOR_ITER_TUPLE", Opcode::FOR_ITER),
    (Opcode(175), "JUMP_BACKWARD_JIT", Opcode::JUMP_BACKWARD),
    (Opcode(176), "JUMP_BACKWARD_NO_JIT", Opcode::JUMP_BACKWARD),
    (Opcode(177), "LOAD_ATTR_CLASS", Opcode::LOAD_ATTR),
    (Opcode(178), "LOAD_ATTR_CLASS_WITH_METACLASS_CHECK", Opcode::LOAD_ATTR),
    (Opcode(179), "LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN", Opcode::LOAD_ATTR),
    (Opcode(180), "LOAD_ATTR_INSTANCE_VALUE", Opcode::LOAD_ATTR),
    (Opcode(181), "LOAD_ATTR_METHOD_LAZY_DICT", Opcode::LOAD_ATTR),
    (Opcode(182), "LOAD_ATTR_METHOD_NO_DICT", Opcode::LOAD_ATTR),
    (Opcode(183), "LOAD_ATTR_METHOD_WITH_VALUES", Opcode::LOAD_ATTR),
    (Opcode(184), "LOAD_ATTR_MODULE", Opcode::LOAD_ATTR),
    (Opcode(185), "LOAD_ATTR_NONDESCRIPTOR_NO_DICT", Opcode::LOAD_ATTR),
    (Opcode(186), "LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES", Opcode::LOAD_ATTR),
    (Opcode(187), "LOAD_ATTR_PROPERTY", Opcode::LOAD_ATTR),
    (Opcode(188), "LOAD_ATTR_SLOT", Opcode::LOAD_ATTR),
    (Opcode(189), "LOAD_ATTR_WITH_HINT", Opcode::LOAD_ATTR),
    (Opcode(190), "LOAD_CONST_IMMORTAL", Opcode::LOAD_CONST),
    (Opcode(191), "LOAD_CONST_MORTAL", Opcode::LOAD_CONST),
    (Opcode(192), "LOAD_GLOBAL_BUILTIN", Opcode::LOAD_GLOBAL),
    (Opcode(193), "LOAD_GLOBAL_MODULE", Opcode::LOAD_GLOBAL),
    (Opcode(194), "LOAD_SUPER_ATTR_ATTR", Opcode::LOAD_SUPER_ATTR),
    (Opcode(195), "LOAD_SUPER_ATTR_METHOD", Opcode::LOAD_SUPER_ATTR),
    (Opcode(196), "RESUME_CHECK", Opcode::RESUME),
    (Opcode(197), "SEND_GEN", Opcode::SEND),
    (Opcode(198), "STORE_ATTR_INSTANCE_VALUE", Opcode::STORE_ATTR),
    (Opcode(199), "STORE_ATTR_SLOT", Opcode::STORE_ATTR),
    (Opcode(200), "STORE_ATTR_WITH_HINT", Opcode::STORE_ATTR),
    (Opcode(201), "STORE_SUBSCR_DICT", Opcode::STORE_SUBSCR),
    (Opcode(202), "STORE_SUBSCR_LIST_INT", Opcode::STORE_SUBSCR),
    (Opcode(203), "TO_BOOL_ALWAYS_TRUE", Opcode::TO_BOOL),
    (Opcode(204), "TO_BOOL_BOOL", Opcode::TO_BOOL),
    (Opcode(205), "TO_BOOL_INT", Opcode::TO_BOOL),
    (Opcode(206), "TO_BOOL_LIST", Opcode::TO_BOOL),
    (Opcode(207), "TO_BOOL_NONE", Opcode::TO_BOOL),
    (Opcode(208), "TO_BOOL_STR", Opcode::TO_BOOL),
    (Opcode(209), "UNPACK_SEQUENCE_LIST", Opcode::UNPACK_SEQUENCE),
    (Opcode(210), "UNPACK_SEQUENCE_TUPLE", Opcode::UNPACK_SEQUENCE),
    (Opcode(211), "UNPACK_SEQUENCE_TWO_TUPLE", Opcode::UNPACK_SEQUENCE),
];

impl Opcode {
    /// What is known about the instruction, if there is one of this number.
    #[inline]
    pub const fn info(self) -> Option<&'static Info> {
        static TABLE: [Option<Info>; 267] = INFO;
        if (self.0 as usize) < TABLE.len() { TABLE[self.0 as usize].as_ref() } else { None }
    }

    /// The name, specialized forms included; `None` if no instruction has the number.
    pub fn name(self) -> Option<&'static str> {
        match self.info() {
            Some(info) => Some(info.name),
            None => SPECIALIZED.iter().find(|entry| entry.0 == self).map(|entry| entry.1),
        }
    }

    /// The instruction of a name, specialized forms included.
    pub fn from_name(name: &str) -> Option<Opcode> {
        ALL.iter()
            .copied()
            .find(|op| op.info().is_some_and(|info| info.name == name))
            .or_else(|| SPECIALIZED.iter().find(|entry| entry.1 == name).map(|entry| entry.0))
    }

    /// Whether the instruction has all the given [`flag`]s.
    #[inline]
    pub const fn has(self, flags: u16) -> bool {
        self.flags() & flags == flags
    }

    /// All flags; none if no instruction has the number.
    const fn flags(self) -> u16 {
        static FLAGS: [u16; 267] = {
            let mut table = [0; 267];
            let mut number = 0;
            while number < table.len() {
                if let Some(info) = &INFO[number] {
                    table[number] = info.flags;
                }
                number += 1;
            }
            table
        };
        if (self.0 as usize) < FLAGS.len() { FLAGS[self.0 as usize] } else { 0 }
    }

    /// How many code units of inline cache follow.
    #[inline]
    pub const fn caches(self) -> usize {
        match self.info() {
            Some(info) => info.caches as usize,
            None => 0,
        }
    }

    /// The number as it stands in the bytecode.
    #[inline]
    pub const fn byte(self) -> u8 {
        self.0 as u8
    }

    /// Whether the assembler must resolve it.
    #[inline]
    pub const fn is_pseudo(self) -> bool {
        self.0 >= 256
    }

    /// Whether it has an operand.
    pub const fn has_arg(self) -> bool {
        self.has(flag::ARG)
    }

    /// Whether it jumps, conditionally or not.
    #[inline]
    pub const fn has_jump(self) -> bool {
        self.has(flag::JUMP)
    }

    /// Whether its operand is another instruction: a jump or the set-up of a handler.
    pub const fn has_target(self) -> bool {
        self.flags() & (flag::JUMP | flag::HANDLER) != 0
    }

    /// Whether it opens a protected region.
    #[inline]
    pub const fn is_block_push(self) -> bool {
        self.has(flag::HANDLER)
    }

    /// Whether it always jumps.
    #[inline]
    pub const fn is_unconditional_jump(self) -> bool {
        matches!(
            self,
            Opcode::JUMP
                | Opcode::JUMP_NO_INTERRUPT
                | Opcode::JUMP_FORWARD
                | Opcode::JUMP_BACKWARD
                | Opcode::JUMP_BACKWARD_NO_INTERRUPT
        )
    }

    /// Whether it jumps on a condition that it pops.
    pub const fn is_conditional_jump(self) -> bool {
        matches!(
            self,
            Opcode::POP_JUMP_IF_FALSE
                | Opcode::POP_JUMP_IF_TRUE
                | Opcode::POP_JUMP_IF_NONE
                | Opcode::POP_JUMP_IF_NOT_NONE
        )
    }

    /// Whether its jump goes back.
    pub const fn is_backward_jump(self) -> bool {
        matches!(self, Opcode::JUMP_BACKWARD | Opcode::JUMP_BACKWARD_NO_INTERRUPT | Opcode::END_ASYNC_FOR)
            || self.0 == 175
            || self.0 == 176
    }

    /// Whether it leaves the code object.
    #[inline]
    pub const fn is_scope_exit(self) -> bool {
        matches!(self, Opcode::RETURN_VALUE | Opcode::RAISE_VARARGS | Opcode::RERAISE)
    }

    /// Whether a basic block ends with it.
    #[inline]
    pub const fn is_terminator(self) -> bool {
        self.has_jump() || self.is_scope_exit()
    }

    /// Whether only the assembler emits it.
    pub const fn is_assembler_only(self) -> bool {
        matches!(
            self,
            Opcode::JUMP_FORWARD | Opcode::JUMP_BACKWARD | Opcode::JUMP_BACKWARD_NO_INTERRUPT | Opcode::EXTENDED_ARG
        )
    }

    /// The change of the stack's depth, on the path that jumps or the one that does not.
    #[inline]
    pub const fn stack_effect(self, oparg: u32, jump: bool) -> i32 {
        if self.is_block_push() && !jump {
            return 0;
        }
        self.pushes(oparg) - self.pops(oparg)
    }

    /// The instruction that a specialized one specializes, or the one itself.
    pub fn deoptimized(self) -> Opcode {
        SPECIALIZED.iter().find(|entry| entry.0 == self).map_or(self, |entry| entry.2)
    }
}

impl std::fmt::Debug for Opcode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "<{}>", self.0),
        }
    }
}

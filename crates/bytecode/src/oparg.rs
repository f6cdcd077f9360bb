//! What operands mean where they are neither an index nor a distance: operators, intrinsics, well-known objects.

macro_rules! operand_kinds {
    ($(#[$meta:meta])* $kind:ident { $($(#[$doc:meta])* $name:ident = $value:literal, $text:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum $kind { $($(#[$doc])* $name = $value),* }

        impl $kind {
            /// All of them, in order of number.
            pub const ALL: &[$kind] = &[$($kind::$name),*];

            /// The one of a number.
            pub const fn from_oparg(oparg: u32) -> Option<$kind> {
                match oparg { $($value => Some($kind::$name),)* _ => None }
            }

            /// The number, as it stands in the bytecode.
            pub const fn oparg(self) -> u32 { self as u32 }

            /// The text that `dis` and `opcode` show.
            pub const fn text(self) -> &'static str {
                match self { $($kind::$name => $text),* }
            }
        }
    };
}

operand_kinds! {
    /// Which operation `BINARY_OP` does.
    BinaryOperator {
        /// `a + b`
        Add = 0, "+";
        /// `a & b`
        And = 1, "&";
        /// `a // b`
        FloorDivide = 2, "//";
        /// `a << b`
        LeftShift = 3, "<<";
        /// `a @ b`
        MatrixMultiply = 4, "@";
        /// `a * b`
        Multiply = 5, "*";
        /// `a % b`
        Remainder = 6, "%";
        /// `a | b`
        Or = 7, "|";
        /// `a ** b`
        Power = 8, "**";
        /// `a >> b`
        RightShift = 9, ">>";
        /// `a - b`
        Subtract = 10, "-";
        /// `a / b`
        TrueDivide = 11, "/";
        /// `a ^ b`
        Xor = 12, "^";
        /// `a += b`
        InplaceAdd = 13, "+=";
        /// `a &= b`
        InplaceAnd = 14, "&=";
        /// `a //= b`
        InplaceFloorDivide = 15, "//=";
        /// `a <<= b`
        InplaceLeftShift = 16, "<<=";
        /// `a @= b`
        InplaceMatrixMultiply = 17, "@=";
        /// `a *= b`
        InplaceMultiply = 18, "*=";
        /// `a %= b`
        InplaceRemainder = 19, "%=";
        /// `a |= b`
        InplaceOr = 20, "|=";
        /// `a **= b`
        InplacePower = 21, "**=";
        /// `a >>= b`
        InplaceRightShift = 22, ">>=";
        /// `a -= b`
        InplaceSubtract = 23, "-=";
        /// `a /= b`
        InplaceTrueDivide = 24, "/=";
        /// `a ^= b`
        InplaceXor = 25, "^=";
        /// `a[b]`
        Subscript = 26, "[]";
    }
}

impl BinaryOperator {
    /// The plain operator under an in-place one, or the operator itself.
    pub const fn plain(self) -> BinaryOperator {
        let number = self as u32;
        if number >= 13 && number <= 25 {
            match BinaryOperator::from_oparg(number - 13) {
                Some(op) => op,
                None => self,
            }
        } else {
            self
        }
    }

    /// Whether it is an in-place operator.
    pub const fn is_inplace(self) -> bool {
        self as u32 >= 13 && (self as u32) <= 25
    }

    /// The in-place form of a plain operator (`Subscript` has none).
    pub const fn inplace(self) -> BinaryOperator {
        match BinaryOperator::from_oparg(self as u32 + 13) {
            Some(op) if (self as u32) < 13 => op,
            _ => self,
        }
    }
}

operand_kinds! {
    /// Which comparison `COMPARE_OP` does: the operand's bits 5 and up.
    CompareOperator {
        /// `a < b`
        Less = 0, "<";
        /// `a <= b`
        LessEqual = 1, "<=";
        /// `a == b`
        Equal = 2, "==";
        /// `a != b`
        NotEqual = 3, "!=";
        /// `a > b`
        Greater = 4, ">";
        /// `a >= b`
        GreaterEqual = 5, ">=";
    }
}

impl CompareOperator {
    /// Bit of the operand: the result must be a bool.
    pub const TO_BOOL: u32 = 16;

    /// The operand of `COMPARE_OP`: the comparison, and in the low four bits which of unordered (1), less (2),
    /// greater (4) and equal (8) make it true, for specialized forms.
    pub const fn compare_oparg(self) -> u32 {
        let mask = match self {
            CompareOperator::Less => 2,
            CompareOperator::LessEqual => 2 | 8,
            CompareOperator::Equal => 8,
            CompareOperator::NotEqual => 1 | 2 | 4,
            CompareOperator::Greater => 4,
            CompareOperator::GreaterEqual => 4 | 8,
        };
        (self as u32) << 5 | mask
    }

    /// The comparison in an operand of `COMPARE_OP`.
    pub const fn from_compare_oparg(oparg: u32) -> Option<CompareOperator> {
        CompareOperator::from_oparg(oparg >> 5)
    }
}

operand_kinds! {
    /// What `CALL_INTRINSIC_1` does.
    Intrinsic1 {
        /// Not a valid operand.
        Invalid = 0, "INTRINSIC_1_INVALID";
        /// Shows a value at the prompt.
        Print = 1, "INTRINSIC_PRINT";
        /// `from module import *`
        ImportStar = 2, "INTRINSIC_IMPORT_STAR";
        /// Makes a RuntimeError of a StopIteration that leaves a generator.
        StopIterationError = 3, "INTRINSIC_STOPITERATION_ERROR";
        /// Wraps a value that an asynchronous generator yields.
        AsyncGeneratorWrap = 4, "INTRINSIC_ASYNC_GEN_WRAP";
        /// `+value`
        UnaryPositive = 5, "INTRINSIC_UNARY_POSITIVE";
        /// A tuple of a list.
        ListToTuple = 6, "INTRINSIC_LIST_TO_TUPLE";
        /// A type variable.
        TypeVar = 7, "INTRINSIC_TYPEVAR";
        /// A parameter specification.
        ParamSpec = 8, "INTRINSIC_PARAMSPEC";
        /// A tuple of type variables.
        TypeVarTuple = 9, "INTRINSIC_TYPEVARTUPLE";
        /// `Generic[parameters]`
        SubscriptGeneric = 10, "INTRINSIC_SUBSCRIPT_GENERIC";
        /// The object of a `type` statement.
        TypeAlias = 11, "INTRINSIC_TYPEALIAS";
    }
}

operand_kinds! {
    /// What `CALL_INTRINSIC_2` does.
    Intrinsic2 {
        /// Not a valid operand.
        Invalid = 0, "INTRINSIC_2_INVALID";
        /// What remains to be raised after `except*` clauses.
        PrepareReraiseStar = 1, "INTRINSIC_PREP_RERAISE_STAR";
        /// A type variable with a bound.
        TypeVarWithBound = 2, "INTRINSIC_TYPEVAR_WITH_BOUND";
        /// A type variable with constraints.
        TypeVarWithConstraints = 3, "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS";
        /// Gives a function its type parameters.
        SetFunctionTypeParams = 4, "INTRINSIC_SET_FUNCTION_TYPE_PARAMS";
        /// Gives a type parameter its default.
        SetTypeParamDefault = 5, "INTRINSIC_SET_TYPEPARAM_DEFAULT";
    }
}

operand_kinds! {
    /// What `LOAD_COMMON_CONSTANT` pushes.
    CommonConstant {
        /// The class AssertionError.
        AssertionError = 0, "AssertionError";
        /// The class NotImplementedError.
        NotImplementedError = 1, "NotImplementedError";
        /// The class tuple.
        BuiltinTuple = 2, "tuple";
        /// The function all.
        BuiltinAll = 3, "all";
        /// The function any.
        BuiltinAny = 4, "any";
    }
}

operand_kinds! {
    /// What `LOAD_SPECIAL` looks up.
    SpecialMethod {
        /// On entering `with`.
        Enter = 0, "__enter__";
        /// On leaving `with`.
        Exit = 1, "__exit__";
        /// On entering `async with`.
        AsyncEnter = 2, "__aenter__";
        /// On leaving `async with`.
        AsyncExit = 3, "__aexit__";
    }
}

operand_kinds! {
    /// What `CONVERT_VALUE` applies.
    Conversion {
        /// Nothing; not a valid operand of the instruction.
        None = 0, "";
        /// `!s`
        Str = 1, "str";
        /// `!r`
        Repr = 2, "repr";
        /// `!a`
        Ascii = 3, "ascii";
    }
}

/// Operands of `SET_FUNCTION_ATTRIBUTE`.
pub mod function_attribute {
    /// The tuple of defaults of positional parameters.
    pub const DEFAULTS: u32 = 1;
    /// The dict of defaults of keyword-only parameters.
    pub const KWDEFAULTS: u32 = 2;
    /// A tuple of names and annotations.
    pub const ANNOTATIONS: u32 = 4;
    /// The tuple of cells.
    pub const CLOSURE: u32 = 8;
    /// The function that makes the annotations.
    pub const ANNOTATE: u32 = 16;
}

/// Operands of `RESUME`.
pub mod resume {
    /// At the start of a function.
    pub const AT_FUNC_START: u32 = 0;
    /// After `yield`.
    pub const AFTER_YIELD: u32 = 1;
    /// After `yield from`.
    pub const AFTER_YIELD_FROM: u32 = 2;
    /// After `await`.
    pub const AFTER_AWAIT: u32 = 3;
    /// The bits that say which.
    pub const LOCATION_MASK: u32 = 3;
    /// Bit: the resumption is at an exception depth of one.
    pub const DEPTH1_MASK: u32 = 4;
}

/// Operands of `GET_AWAITABLE`, for error messages.
pub mod awaitable {
    /// After `__aenter__`.
    pub const AFTER_AENTER: u32 = 1;
    /// After `__aexit__`.
    pub const AFTER_AEXIT: u32 = 2;
}

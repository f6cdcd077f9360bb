//! The syntax tree: Python 3.14's ASDL as Rust types, with CPython's names and positions.
//!
//! Every node lives in an [`Arena`] and refers to others by plain references, so that nodes are `Copy`, matching is
//! free of borrow puzzles, and a tree of any shape is freed at once without recursion. Nothing here parses or prints:
//! see `parser`, `dump` and `unparse`.

/// The memory that a tree lives in. Freed as a whole.
#[derive(Default)]
pub struct Arena {
    bump: bumpalo::Bump,
}

impl Arena {
    /// An empty arena.
    #[must_use]
    pub fn new() -> Arena {
        Arena::default()
    }

    /// An arena that begins with room for the tree of a short source of `bytes` bytes.
    #[must_use]
    pub fn for_source(bytes: usize) -> Arena {
        Arena { bump: bumpalo::Bump::with_capacity(bytes.saturating_mul(8).clamp(1024, 64 << 10)) }
    }

    /// Puts `value` into the arena. Types with a destructor must not be put here: it would never run.
    #[inline]
    pub fn alloc<T: Copy>(&self, value: T) -> &T {
        self.bump.alloc(value)
    }

    /// Copies `items` into the arena.
    #[inline]
    pub fn slice<T: Copy>(&self, items: &[T]) -> &[T] {
        if items.is_empty() { &[] } else { self.bump.alloc_slice_copy(items) }
    }

    /// Copies `text` into the arena.
    #[inline]
    pub fn str(&self, text: &str) -> &str {
        self.bump.alloc_str(text)
    }

    /// The bytes that the arena has taken from the allocator.
    #[must_use]
    pub fn allocated_bytes(&self) -> usize {
        self.bump.allocated_bytes()
    }
}

/// A list of nodes.
pub type Seq<'a, T> = &'a [T];
/// A reference to an expression.
pub type ExprRef<'a> = &'a Expr<'a>;
/// A reference to a statement.
pub type StmtRef<'a> = &'a Stmt<'a>;
/// A reference to a pattern.
pub type PatternRef<'a> = &'a Pattern<'a>;
/// A list of statements.
pub type Body<'a> = &'a [StmtRef<'a>];
/// An identifier (NFKC-normalized).
pub type Identifier<'a> = &'a str;

/// Where a node begins and ends: lines from 1, columns in UTF-8 bytes from 0. Trees made by programs may hold any
/// number, so the fields are signed as CPython's are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Range {
    /// The first line.
    pub lineno: i32,
    /// The byte in the first line.
    pub col_offset: i32,
    /// The last line.
    pub end_lineno: i32,
    /// The byte after the node in the last line.
    pub end_col_offset: i32,
}

impl Range {
    /// From the start of `self` to the end of `end`.
    #[inline]
    #[must_use]
    pub fn to(self, end: Range) -> Range {
        Range { end_lineno: end.end_lineno, end_col_offset: end.end_col_offset, ..self }
    }
}

/// What a whole source is parsed to.
#[derive(Clone, Copy, Debug)]
pub enum Mod<'a> {
    /// A file.
    Module {
        /// The statements.
        body: Body<'a>,
        /// The `# type: ignore` comments (only when type comments are asked for).
        type_ignores: Seq<'a, TypeIgnore<'a>>,
    },
    /// One interactive statement.
    Interactive {
        /// The statements.
        body: Body<'a>,
    },
    /// An expression to evaluate.
    Expression {
        /// The expression.
        body: ExprRef<'a>,
    },
    /// A signature type comment, `(int, str) -> bool`.
    FunctionType {
        /// The types of the arguments.
        argtypes: Seq<'a, ExprRef<'a>>,
        /// The type of the result.
        returns: ExprRef<'a>,
    },
}

/// A `# type: ignore` comment.
#[derive(Clone, Copy, Debug)]
pub struct TypeIgnore<'a> {
    /// Its line.
    pub lineno: i32,
    /// What follows `ignore`.
    pub tag: &'a str,
}

/// A statement.
#[derive(Clone, Copy, Debug)]
pub struct Stmt<'a> {
    /// Which statement.
    pub kind: StmtKind<'a>,
    /// Where it is.
    pub range: Range,
}

/// The statements, named as in CPython's ASDL.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub enum StmtKind<'a> {
    FunctionDef(&'a FunctionDef<'a>),
    AsyncFunctionDef(&'a FunctionDef<'a>),
    ClassDef(&'a ClassDef<'a>),
    Return { value: Option<ExprRef<'a>> },
    Delete { targets: Seq<'a, ExprRef<'a>> },
    Assign { targets: Seq<'a, ExprRef<'a>>, value: ExprRef<'a>, type_comment: Option<&'a str> },
    TypeAlias { name: ExprRef<'a>, type_params: Seq<'a, TypeParam<'a>>, value: ExprRef<'a> },
    AugAssign { target: ExprRef<'a>, op: Operator, value: ExprRef<'a> },
    AnnAssign { target: ExprRef<'a>, annotation: ExprRef<'a>, value: Option<ExprRef<'a>>, simple: bool },
    For(&'a For<'a>),
    AsyncFor(&'a For<'a>),
    While { test: ExprRef<'a>, body: Body<'a>, orelse: Body<'a> },
    If { test: ExprRef<'a>, body: Body<'a>, orelse: Body<'a> },
    With(&'a With<'a>),
    AsyncWith(&'a With<'a>),
    Match { subject: ExprRef<'a>, cases: Seq<'a, MatchCase<'a>> },
    Raise { exc: Option<ExprRef<'a>>, cause: Option<ExprRef<'a>> },
    Try(&'a Try<'a>),
    TryStar(&'a Try<'a>),
    Assert { test: ExprRef<'a>, msg: Option<ExprRef<'a>> },
    Import { names: Seq<'a, Alias<'a>> },
    ImportFrom { module: Option<Identifier<'a>>, names: Seq<'a, Alias<'a>>, level: i32 },
    Global { names: Seq<'a, Identifier<'a>> },
    Nonlocal { names: Seq<'a, Identifier<'a>> },
    Expr { value: ExprRef<'a> },
    Pass,
    Break,
    Continue,
}

/// `def` and `async def`.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct FunctionDef<'a> {
    pub name: Identifier<'a>,
    pub args: &'a Arguments<'a>,
    pub body: Body<'a>,
    pub decorator_list: Seq<'a, ExprRef<'a>>,
    pub returns: Option<ExprRef<'a>>,
    pub type_comment: Option<&'a str>,
    pub type_params: Seq<'a, TypeParam<'a>>,
}

/// `class`.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct ClassDef<'a> {
    pub name: Identifier<'a>,
    pub bases: Seq<'a, ExprRef<'a>>,
    pub keywords: Seq<'a, Keyword<'a>>,
    pub body: Body<'a>,
    pub decorator_list: Seq<'a, ExprRef<'a>>,
    pub type_params: Seq<'a, TypeParam<'a>>,
}

/// `for` and `async for`.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct For<'a> {
    pub target: ExprRef<'a>,
    pub iter: ExprRef<'a>,
    pub body: Body<'a>,
    pub orelse: Body<'a>,
    pub type_comment: Option<&'a str>,
}

/// `with` and `async with`.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct With<'a> {
    pub items: Seq<'a, WithItem<'a>>,
    pub body: Body<'a>,
    pub type_comment: Option<&'a str>,
}

/// `try` with `except` or with `except*`.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct Try<'a> {
    pub body: Body<'a>,
    pub handlers: Seq<'a, ExceptHandler<'a>>,
    pub orelse: Body<'a>,
    pub finalbody: Body<'a>,
}

/// An expression.
#[derive(Clone, Copy, Debug)]
pub struct Expr<'a> {
    /// Which expression.
    pub kind: ExprKind<'a>,
    /// Where it is.
    pub range: Range,
}

const _: () = assert!(size_of::<Expr<'static>>() <= 64);

/// The expressions, named as in CPython's ASDL.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub enum ExprKind<'a> {
    BoolOp {
        op: BoolOp,
        values: Seq<'a, ExprRef<'a>>,
    },
    NamedExpr {
        target: ExprRef<'a>,
        value: ExprRef<'a>,
    },
    BinOp {
        left: ExprRef<'a>,
        op: Operator,
        right: ExprRef<'a>,
    },
    UnaryOp {
        op: UnaryOp,
        operand: ExprRef<'a>,
    },
    Lambda {
        args: &'a Arguments<'a>,
        body: ExprRef<'a>,
    },
    IfExp {
        test: ExprRef<'a>,
        body: ExprRef<'a>,
        orelse: ExprRef<'a>,
    },
    /// A key is absent for `**mapping`.
    Dict {
        keys: Seq<'a, Option<ExprRef<'a>>>,
        values: Seq<'a, ExprRef<'a>>,
    },
    Set {
        elts: Seq<'a, ExprRef<'a>>,
    },
    ListComp {
        elt: ExprRef<'a>,
        generators: Seq<'a, Comprehension<'a>>,
    },
    SetComp {
        elt: ExprRef<'a>,
        generators: Seq<'a, Comprehension<'a>>,
    },
    DictComp {
        key: ExprRef<'a>,
        value: ExprRef<'a>,
        generators: Seq<'a, Comprehension<'a>>,
    },
    GeneratorExp {
        elt: ExprRef<'a>,
        generators: Seq<'a, Comprehension<'a>>,
    },
    Await {
        value: ExprRef<'a>,
    },
    Yield {
        value: Option<ExprRef<'a>>,
    },
    YieldFrom {
        value: ExprRef<'a>,
    },
    Compare {
        left: ExprRef<'a>,
        ops: Seq<'a, CmpOp>,
        comparators: Seq<'a, ExprRef<'a>>,
    },
    Call {
        func: ExprRef<'a>,
        args: Seq<'a, ExprRef<'a>>,
        keywords: Seq<'a, Keyword<'a>>,
    },
    /// `conversion` is -1, or the character after `!`.
    FormattedValue {
        value: ExprRef<'a>,
        conversion: i32,
        format_spec: Option<ExprRef<'a>>,
    },
    Interpolation(&'a Interpolation<'a>),
    JoinedStr {
        values: Seq<'a, ExprRef<'a>>,
    },
    TemplateStr {
        values: Seq<'a, ExprRef<'a>>,
    },
    /// `kind` is `u` for a string written with that prefix.
    Constant {
        value: Constant<'a>,
        kind: Option<&'a str>,
    },
    Attribute {
        value: ExprRef<'a>,
        attr: Identifier<'a>,
        ctx: ExprContext,
    },
    Subscript {
        value: ExprRef<'a>,
        slice: ExprRef<'a>,
        ctx: ExprContext,
    },
    Starred {
        value: ExprRef<'a>,
        ctx: ExprContext,
    },
    Name {
        id: Identifier<'a>,
        ctx: ExprContext,
    },
    List {
        elts: Seq<'a, ExprRef<'a>>,
        ctx: ExprContext,
    },
    Tuple {
        elts: Seq<'a, ExprRef<'a>>,
        ctx: ExprContext,
    },
    Slice {
        lower: Option<ExprRef<'a>>,
        upper: Option<ExprRef<'a>>,
        step: Option<ExprRef<'a>>,
    },
}

/// A replacement field of a template string.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct Interpolation<'a> {
    pub value: ExprRef<'a>,
    /// The text of the expression.
    pub str: Constant<'a>,
    pub conversion: i32,
    pub format_spec: Option<ExprRef<'a>>,
}

/// A constant.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Constant<'a> {
    None,
    True,
    False,
    Ellipsis,
    Int(Int<'a>),
    Float(f64),
    /// A literal has a real part of zero; a tree made by a program may have any.
    Complex {
        real: f64,
        imag: f64,
    },
    Str(Text<'a>),
    Bytes(&'a [u8]),
    /// Only in trees made by programs.
    Tuple(Seq<'a, Constant<'a>>),
    /// Only in trees made by programs.
    FrozenSet(Seq<'a, Constant<'a>>),
}

/// An integer constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Int<'a> {
    /// One that fits.
    Small(i64),
    /// One that does not: digits in the base (2, 8, 10 or 16) without prefix or underscores; with a leading `-` only
    /// in trees made by programs.
    Big(&'a BigInt<'a>),
}

/// The digits of a wide integer constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BigInt<'a> {
    /// 2, 8, 10 or 16.
    pub radix: u32,
    /// The digits.
    pub digits: &'a str,
}

/// The characters of a string constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text<'a> {
    /// Nearly all strings.
    Utf8(&'a str),
    /// A string with a lone surrogate, as code points.
    CodePoints(&'a [u32]),
}

/// How an expression is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ExprContext {
    Load,
    Store,
    Del,
}

/// `and`, `or`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BoolOp {
    And,
    Or,
}

/// The binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Operator {
    Add,
    Sub,
    Mult,
    MatMult,
    Div,
    Mod,
    Pow,
    LShift,
    RShift,
    BitOr,
    BitXor,
    BitAnd,
    FloorDiv,
}

/// The unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum UnaryOp {
    Invert,
    Not,
    UAdd,
    USub,
}

/// The comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum CmpOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

/// A `for` clause of a comprehension.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct Comprehension<'a> {
    pub target: ExprRef<'a>,
    pub iter: ExprRef<'a>,
    pub ifs: Seq<'a, ExprRef<'a>>,
    pub is_async: bool,
}

/// An `except` clause.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct ExceptHandler<'a> {
    pub typ: Option<ExprRef<'a>>,
    pub name: Option<Identifier<'a>>,
    pub body: Body<'a>,
    pub range: Range,
}

/// The parameters of a function.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct Arguments<'a> {
    pub posonlyargs: Seq<'a, Arg<'a>>,
    pub args: Seq<'a, Arg<'a>>,
    pub vararg: Option<&'a Arg<'a>>,
    pub kwonlyargs: Seq<'a, Arg<'a>>,
    pub kw_defaults: Seq<'a, Option<ExprRef<'a>>>,
    pub kwarg: Option<&'a Arg<'a>>,
    pub defaults: Seq<'a, ExprRef<'a>>,
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct Arg<'a> {
    pub arg: Identifier<'a>,
    pub annotation: Option<ExprRef<'a>>,
    pub type_comment: Option<&'a str>,
    pub range: Range,
}

/// A keyword argument of a call; without a name it is `**value`.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct Keyword<'a> {
    pub arg: Option<Identifier<'a>>,
    pub value: ExprRef<'a>,
    pub range: Range,
}

/// An imported name.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct Alias<'a> {
    pub name: Identifier<'a>,
    pub asname: Option<Identifier<'a>>,
    pub range: Range,
}

/// A context manager of a `with` statement.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct WithItem<'a> {
    pub context_expr: ExprRef<'a>,
    pub optional_vars: Option<ExprRef<'a>>,
}

/// A `case` block.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub struct MatchCase<'a> {
    pub pattern: PatternRef<'a>,
    pub guard: Option<ExprRef<'a>>,
    pub body: Body<'a>,
}

/// A pattern of a `case` block.
#[derive(Clone, Copy, Debug)]
pub struct Pattern<'a> {
    /// Which pattern.
    pub kind: PatternKind<'a>,
    /// Where it is.
    pub range: Range,
}

/// The patterns, named as in CPython's ASDL.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub enum PatternKind<'a> {
    MatchValue {
        value: ExprRef<'a>,
    },
    MatchSingleton {
        value: Constant<'a>,
    },
    MatchSequence {
        patterns: Seq<'a, PatternRef<'a>>,
    },
    MatchMapping {
        keys: Seq<'a, ExprRef<'a>>,
        patterns: Seq<'a, PatternRef<'a>>,
        rest: Option<Identifier<'a>>,
    },
    MatchClass {
        cls: ExprRef<'a>,
        patterns: Seq<'a, PatternRef<'a>>,
        kwd_attrs: Seq<'a, Identifier<'a>>,
        kwd_patterns: Seq<'a, PatternRef<'a>>,
    },
    MatchStar {
        name: Option<Identifier<'a>>,
    },
    MatchAs {
        pattern: Option<PatternRef<'a>>,
        name: Option<Identifier<'a>>,
    },
    MatchOr {
        patterns: Seq<'a, PatternRef<'a>>,
    },
}

/// A type parameter.
#[derive(Clone, Copy, Debug)]
pub struct TypeParam<'a> {
    /// Which kind of parameter.
    pub kind: TypeParamKind<'a>,
    /// Where it is.
    pub range: Range,
}

/// The type parameters, named as in CPython's ASDL.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the ASDL")]
pub enum TypeParamKind<'a> {
    TypeVar { name: Identifier<'a>, bound: Option<ExprRef<'a>>, default_value: Option<ExprRef<'a>> },
    ParamSpec { name: Identifier<'a>, default_value: Option<ExprRef<'a>> },
    TypeVarTuple { name: Identifier<'a>, default_value: Option<ExprRef<'a>> },
}

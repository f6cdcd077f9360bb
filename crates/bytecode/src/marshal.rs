//! CPython's `marshal` format, version 5: the traits through which values are written and read, and its errors.
//!
//! The walk over the bytes is in [`write`] and [`read`]; [`plain`] applies them to code objects as plain data. The
//! runtime applies them to its own objects. The bytes may come from anywhere: reading bad data is an error, never a
//! crash, and allocates no more than the data is long.

pub mod plain;
pub mod read;
pub mod write;

use std::borrow::Cow;

use dashu_int::IBig;

/// The current version of the format.
pub const VERSION: i32 = 5;
/// How deep values may be nested.
pub const MAX_DEPTH: usize = 2000;

/// How many bytes of native stack a walk may use unless its caller says otherwise.
pub const STACK_BUDGET: usize = if cfg!(debug_assertions) { 6 << 20 } else { 1 << 20 };

/// The end of the native stack that a walk may use. (Stacks grow downwards wherever this runs.)
#[derive(Clone, Copy, Debug)]
pub(crate) struct StackLimit(usize);

impl StackLimit {
    #[inline(never)]
    fn here() -> usize {
        let marker = 0u8;
        &raw const marker as usize
    }

    pub fn after(budget: usize) -> StackLimit {
        StackLimit(StackLimit::here().saturating_sub(budget))
    }

    pub fn is_passed(self) -> bool {
        StackLimit::here() < self.0
    }
}

/// The bytes that say what follows.
pub(crate) mod tag {
    pub const NULL: u8 = b'0';
    pub const NONE: u8 = b'N';
    pub const FALSE: u8 = b'F';
    pub const TRUE: u8 = b'T';
    pub const STOP_ITERATION: u8 = b'S';
    pub const ELLIPSIS: u8 = b'.';
    pub const INT: u8 = b'i';
    pub const INT64: u8 = b'I';
    pub const FLOAT: u8 = b'f';
    pub const BINARY_FLOAT: u8 = b'g';
    pub const COMPLEX: u8 = b'x';
    pub const BINARY_COMPLEX: u8 = b'y';
    pub const LONG: u8 = b'l';
    pub const STRING: u8 = b's';
    pub const INTERNED: u8 = b't';
    pub const REF: u8 = b'r';
    pub const TUPLE: u8 = b'(';
    pub const LIST: u8 = b'[';
    pub const DICT: u8 = b'{';
    pub const CODE: u8 = b'c';
    pub const UNICODE: u8 = b'u';
    pub const UNKNOWN: u8 = b'?';
    pub const SET: u8 = b'<';
    pub const FROZEN_SET: u8 = b'>';
    pub const SLICE: u8 = b':';
    pub const ASCII: u8 = b'a';
    pub const ASCII_INTERNED: u8 = b'A';
    pub const SMALL_TUPLE: u8 = b')';
    pub const SHORT_ASCII: u8 = b'z';
    pub const SHORT_ASCII_INTERNED: u8 = b'Z';
    /// Set in a tag if the value can be referred to later.
    pub const FLAG_REF: u8 = 0x80;
}

/// Values that are always the same object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Singleton {
    /// `None`
    None,
    /// `True`
    True,
    /// `False`
    False,
    /// `...`
    Ellipsis,
    /// The class StopIteration.
    StopIteration,
}

/// What a code object holds, its objects as values `V`.
#[derive(Clone, Debug)]
pub struct CodeParts<V> {
    /// `co_argcount`
    pub argcount: i32,
    /// `co_posonlyargcount`
    pub posonlyargcount: i32,
    /// `co_kwonlyargcount`
    pub kwonlyargcount: i32,
    /// `co_stacksize`
    pub stacksize: i32,
    /// `co_flags`
    pub flags: i32,
    /// `co_code`
    pub code: V,
    /// `co_consts`
    pub consts: V,
    /// `co_names`
    pub names: V,
    /// `co_localsplusnames`
    pub localsplusnames: V,
    /// `co_localspluskinds`
    pub localspluskinds: V,
    /// `co_filename`
    pub filename: V,
    /// `co_name`
    pub name: V,
    /// `co_qualname`
    pub qualname: V,
    /// `co_firstlineno`
    pub firstlineno: i32,
    /// `co_linetable`
    pub linetable: V,
    /// `co_exceptiontable`
    pub exceptiontable: V,
}

/// A value seen for writing.
pub enum View<'a, V> {
    /// One of the singletons.
    Singleton(Singleton),
    /// An integer.
    Int(i64),
    /// An integer that does not fit.
    BigInt(Cow<'a, IBig>),
    /// A float.
    Float(f64),
    /// A complex number.
    Complex(f64, f64),
    /// Bytes, or anything that gives its bytes.
    Bytes(Cow<'a, [u8]>),
    /// A string: UTF-8 with surrogates, and whether it is interned.
    Str(Cow<'a, [u8]>, bool),
    /// A tuple.
    Tuple(Vec<V>),
    /// A list.
    List(Vec<V>),
    /// A dict.
    Dict(Vec<(V, V)>),
    /// A set, in any order.
    Set(Vec<V>),
    /// A frozen set, in any order.
    FrozenSet(Vec<V>),
    /// A slice: start, stop, step.
    Slice([V; 3]),
    /// A code object.
    Code(Box<CodeParts<V>>),
    /// Anything else.
    Unmarshallable,
}

/// Values that can be written.
pub trait Source {
    /// A value, cheap to clone.
    type Value: Clone;

    /// What the value is.
    fn view<'a>(&'a self, value: &Self::Value) -> View<'a, Self::Value>;

    /// A number that no other living value has.
    fn identity(&self, value: &Self::Value) -> usize;

    /// Whether anything but the value's one holder refers to it (CPython: its count is above one), or it is an
    /// interned string. Only such values are written so that they can be referred to.
    fn is_shared(&self, value: &Self::Value) -> bool;

    /// How many items a set has by now, where writing an item may change it.
    fn set_size(&self, _value: &Self::Value) -> Option<usize> {
        None
    }
}

/// Makes values of what is read.
pub trait Sink {
    /// A value, cheap to clone.
    type Value: Clone;
    /// What making a value can fail with.
    type Error: From<ReadError>;

    /// One of the singletons.
    fn singleton(&mut self, which: Singleton) -> Result<Self::Value, Self::Error>;
    /// An integer.
    fn int(&mut self, value: i64) -> Result<Self::Value, Self::Error>;
    /// An integer that does not fit.
    fn big_int(&mut self, value: IBig) -> Result<Self::Value, Self::Error>;
    /// A float.
    fn float(&mut self, value: f64) -> Result<Self::Value, Self::Error>;
    /// A complex number.
    fn complex(&mut self, real: f64, imag: f64) -> Result<Self::Value, Self::Error>;
    /// Bytes.
    fn bytes(&mut self, bytes: &[u8]) -> Result<Self::Value, Self::Error>;
    /// A string: valid UTF-8 in which surrogates may occur, to be interned or not.
    fn str(&mut self, utf8: &[u8], interned: bool) -> Result<Self::Value, Self::Error>;
    /// A tuple.
    fn tuple(&mut self, items: Vec<Self::Value>) -> Result<Self::Value, Self::Error>;
    /// A tuple of so many items that are not known yet, for something in it that refers to it.
    fn unfilled_tuple(&mut self, size: usize) -> Result<Self::Value, Self::Error>;
    /// Puts the items into such a tuple.
    fn fill_tuple(&mut self, tuple: &Self::Value, items: Vec<Self::Value>) -> Result<(), Self::Error>;
    /// A frozen set.
    fn frozen_set(&mut self, items: Vec<Self::Value>) -> Result<Self::Value, Self::Error>;
    /// A slice.
    fn slice(&mut self, parts: [Self::Value; 3]) -> Result<Self::Value, Self::Error>;
    /// A code object.
    fn code(&mut self, parts: CodeParts<Self::Value>) -> Result<Self::Value, Self::Error>;
    /// An empty list (which may come to hold itself).
    fn new_list(&mut self) -> Result<Self::Value, Self::Error>;
    /// Appends to a list.
    fn list_push(&mut self, list: &Self::Value, item: Self::Value) -> Result<(), Self::Error>;
    /// An empty dict.
    fn new_dict(&mut self) -> Result<Self::Value, Self::Error>;
    /// Adds a pair to a dict.
    fn dict_insert(&mut self, dict: &Self::Value, key: Self::Value, value: Self::Value) -> Result<(), Self::Error>;
    /// An empty set.
    fn new_set(&mut self) -> Result<Self::Value, Self::Error>;
    /// Adds to a set.
    fn set_add(&mut self, set: &Self::Value, item: Self::Value) -> Result<(), Self::Error>;
}

/// Why a value could not be written; Python raises ValueError.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteError {
    /// A type that the format does not know.
    Unmarshallable,
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// A code object where none is allowed.
    CodeDisallowed,
    /// A size that does not fit the format.
    TooLarge,
    /// A set that changed while its items were written.
    SetChanged,
}

impl WriteError {
    /// The text of Python's ValueError.
    pub fn message(self) -> &'static str {
        match self {
            WriteError::Unmarshallable => "unmarshallable object",
            WriteError::TooDeep => "object too deeply nested to marshal",
            WriteError::CodeDisallowed => "marshalling code objects is disallowed",
            WriteError::TooLarge => "object too large to marshal",
            WriteError::SetChanged => "set changed size during iteration",
        }
    }
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for WriteError {}

/// Which Python exception a [`ReadError`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadErrorKind {
    /// EOFError
    Eof,
    /// ValueError
    Value,
    /// TypeError
    Type,
    /// UnicodeDecodeError
    Unicode,
}

/// Why bytes could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadError {
    /// The exception.
    pub kind: ReadErrorKind,
    /// Its text.
    pub message: &'static str,
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message)
    }
}

impl std::error::Error for ReadError {}

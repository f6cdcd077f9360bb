//! What the front end reports: syntax errors and syntax warnings. Nothing here decides when.

/// Which exception a [`SyntaxError`] becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// `SyntaxError`.
    Syntax,
    /// `IndentationError`.
    Indentation,
    /// `TabError`.
    Tab,
    /// `_IncompleteInputError`: the source could go on (only when `allow_incomplete_input` is set).
    IncompleteInput,
    /// `MemoryError`: the source nests deeper than the parser allows.
    Memory,
    /// `RecursionError`.
    Recursion,
    /// `OverflowError`.
    Overflow,
    /// `ValueError`.
    Value,
    /// `TypeError`.
    Type,
}

/// An error in a source, with what Python's exception shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Which exception it becomes.
    pub kind: SyntaxErrorKind,
    /// `msg`.
    pub message: String,
    /// The line, from 1.
    pub lineno: i32,
    /// The character in the line, from 1 (0 where CPython gives 0).
    pub offset: i32,
    /// The last line.
    pub end_lineno: i32,
    /// The character after the end in the last line, from 1.
    pub end_offset: i32,
    /// The source line, if there is one.
    pub text: Option<String>,
    /// What `SyntaxError._metadata` holds: the range of lines of the enclosing statement and its text, which the
    /// traceback module uses for keyword typo suggestions.
    pub metadata: Option<(i32, i32, String)>,
}

/// Which category a [`Warning`] has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarningCategory {
    /// `SyntaxWarning`.
    Syntax,
    /// `DeprecationWarning`.
    Deprecation,
}

/// A warning about a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Its category.
    pub category: WarningCategory,
    /// Its text.
    pub message: String,
    /// The line, from 1.
    pub lineno: i32,
    /// The error to raise when a filter turns the warning into one.
    pub error: Box<SyntaxError>,
}

//! Errors and warnings of the compiler, and the limit to recursion. What they say is decided where they arise.

use oriel_syntax::{SyntaxError, SyntaxErrorKind, Warning, WarningCategory, ast};

/// A range of the source.
pub type Location = ast::Range;

/// The position of instructions that stand for nothing in the source.
pub const NO_LOCATION: Location = Location { lineno: -1, end_lineno: -1, col_offset: -1, end_col_offset: -1 };

/// The position of instructions that take that of the next one.
pub const NEXT_LOCATION: Location = Location { lineno: -2, end_lineno: -2, col_offset: -2, end_col_offset: -2 };

/// What stops a compilation. Boxed, because it travels through every function of the compiler.
#[derive(Clone, Debug)]
pub struct CompileError(pub Box<SyntaxError>);

impl CompileError {
    /// A SyntaxError.
    pub fn syntax(message: impl Into<String>, location: Location) -> CompileError {
        CompileError(Box::new(syntax_error(SyntaxErrorKind::Syntax, message.into(), location)))
    }

    /// Something that only a tree made by a program can contain.
    pub fn invalid_tree(message: impl Into<String>, location: Location) -> CompileError {
        CompileError(Box::new(syntax_error(SyntaxErrorKind::Value, message.into(), location)))
    }

    /// A node of a kind that does not belong where a program has put it.
    pub fn wrong_node(message: impl Into<String>, location: Location) -> CompileError {
        CompileError(Box::new(syntax_error(SyntaxErrorKind::Type, message.into(), location)))
    }

    /// More than the format of code objects can hold.
    pub fn overflow(message: impl Into<String>) -> CompileError {
        CompileError(Box::new(syntax_error(SyntaxErrorKind::Overflow, message.into(), NO_LOCATION)))
    }
}

fn syntax_error(kind: SyntaxErrorKind, message: String, location: Location) -> SyntaxError {
    SyntaxError {
        kind,
        message,
        lineno: location.lineno,
        offset: location.col_offset + 1,
        end_lineno: location.end_lineno,
        end_offset: location.end_col_offset + 1,
        text: None,
        metadata: None,
    }
}

/// A SyntaxWarning, with the SyntaxError that takes its place when a filter says so.
pub(crate) fn syntax_warning(message: String, location: Location) -> Warning {
    Warning {
        category: WarningCategory::Syntax,
        message: message.clone(),
        lineno: location.lineno,
        error: Box::new(syntax_error(SyntaxErrorKind::Syntax, message, location)),
    }
}

/// Stops recursion before it runs off the native stack.
#[derive(Clone, Copy, Debug)]
pub struct StackGuard {
    floor: usize,
    budget: usize,
}

impl StackGuard {
    /// Allows `budget` bytes of stack below the caller.
    pub fn with_budget(budget: usize) -> StackGuard {
        StackGuard { floor: stack_address().saturating_sub(budget), budget }
    }

    /// Fails when the allowance is used up.
    #[inline]
    pub fn check(&self) -> Result<(), CompileError> {
        if stack_address() < self.floor { Err(self.exceeded()) } else { Ok(()) }
    }

    #[cold]
    fn exceeded(&self) -> CompileError {
        let message = format!("Stack overflow (used {} kB) during compilation", self.budget / 1024);
        CompileError(Box::new(syntax_error(SyntaxErrorKind::Recursion, message, NO_LOCATION)))
    }
}

#[inline]
fn stack_address() -> usize {
    let here = 0_u8;
    std::hint::black_box(std::ptr::from_ref(&here)) as usize
}

//! How tokenizing ends before the end: the errors that the tokenizer words itself, and the states that the parser
//! turns into errors.

use super::{Bracket, Tokenizer};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::token::{Token, TokenKind};

/// Why the tokenizer stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It has raised an error of its own.
    Raised,
    /// The text ended inside a bracket or after a backslash.
    Eof,
    /// The text ended inside a triple-quoted string (and an error is raised).
    EofInString,
    /// A dedent matches no open block.
    Dedent,
    /// Tabs and spaces are mixed.
    TabSpace,
    /// Blocks are nested too deeply.
    TooDeep,
    /// Something follows a backslash.
    LineContinuation,
}

/// The tokenizer's state when it stopped.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Why.
    pub stop: Stop,
    /// The error it raised, if it did.
    pub raised: Option<Raised>,
    /// How far it had read.
    pub pos: usize,
    /// The line it was in.
    pub lineno: u32,
    /// Where that line begins.
    pub line_start: usize,
    /// Where the first of the lines begins that backslashes join to that line.
    pub joined_start: usize,
    /// The innermost bracket then open.
    pub bracket: Option<Bracket>,
    /// Whether an f-string was open.
    pub in_fstring: bool,
}

/// An error in the tokenizer's own words.
#[derive(Clone, Debug)]
pub struct Raised {
    /// The message.
    pub message: String,
    /// The line.
    pub lineno: u32,
    /// The character, from 1.
    pub offset: i32,
    /// The character after the end.
    pub end_offset: i32,
    /// The line's text.
    pub text: String,
}

impl Raised {
    /// The error as the parser reports it.
    #[must_use]
    pub fn into_error(self) -> SyntaxError {
        SyntaxError {
            kind: SyntaxErrorKind::Syntax,
            message: self.message,
            lineno: self.lineno as i32,
            offset: self.offset,
            end_lineno: self.lineno as i32,
            end_offset: self.end_offset,
            text: Some(self.text),
            metadata: None,
        }
    }
}

impl Tokenizer<'_> {
    /// An error at the current position.
    pub(super) fn raised(&self, message: &str) -> Raised {
        let read = &self.src[self.line_start.min(self.pos)..self.pos];
        let rest = &self.src[self.line_start..];
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let offset = String::from_utf8_lossy(read).chars().count() as i32;
        Raised {
            message: message.to_owned(),
            lineno: self.lineno,
            offset,
            end_offset: offset,
            text: String::from_utf8_lossy(&rest[..length]).into_owned(),
        }
    }

    /// Stops with an error at the current position.
    #[cold]
    pub(super) fn raise(&mut self, message: &str) -> Token {
        let raised = self.raised(message);
        self.stop_with(Stop::Raised, Some(raised))
    }

    /// Stops with an error about the bytes from `start` to `end` of the current line.
    #[cold]
    pub(super) fn raise_range(&mut self, message: &str, start: usize, end: usize) -> Token {
        let mut raised = self.raised(message);
        let line = &self.text[self.line_start..];
        let characters = |to: usize| line.char_indices().take_while(|(at, _)| at + self.line_start < to).count() as i32;
        raised.offset = characters(start) + 1;
        raised.end_offset = characters(end);
        self.stop_with(Stop::Raised, Some(raised))
    }

    #[cold]
    pub(super) fn stop(&mut self, stop: Stop) -> Token {
        self.stop_with(stop, None)
    }

    /// Stops after reading the current line to its end.
    #[cold]
    pub(super) fn stop_at_line_end(&mut self, stop: Stop) -> Token {
        let rest = &self.src[self.pos..];
        self.pos += memchr::memchr(b'\n', rest).map_or(rest.len(), |length| length + 1);
        self.stop_with(stop, None)
    }

    pub(super) fn stop_with(&mut self, stop: Stop, raised: Option<Raised>) -> Token {
        self.failure = Some(Box::new(Failure {
            stop,
            raised,
            pos: self.pos,
            lineno: self.lineno,
            line_start: self.line_start,
            joined_start: self.joined_start,
            bracket: self.brackets.last().copied(),
            in_fstring: !self.modes.is_empty(),
        }));
        self.make(TokenKind::Error, self.pos, self.pos)
    }
}

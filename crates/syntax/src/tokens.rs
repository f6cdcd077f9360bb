//! Tokens as Python's `tokenize` module sees them: with their text, the line they are in, and columns in characters.
//! Also the text form of a token stream.

use crate::error::SyntaxErrorKind;
use crate::token::TokenKind;
use crate::tokenizer::{Stop, Tokenizer, TokenizerOptions};
use std::fmt::Write;

/// A token for Python programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo<'s> {
    /// The number in Python's `token` module.
    pub kind: u8,
    /// Its text.
    pub string: &'s str,
    /// Its first line and character; without extra tokens -1 where it stands for no text.
    pub start: (u32, i32),
    /// Its last line, and the character after its end.
    pub end: (u32, i32),
    /// The text of its lines.
    pub line: &'s str,
}

/// An error of the tokenizer, as iterating over tokens raises it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenError {
    /// Which exception.
    pub kind: SyntaxErrorKind,
    /// `msg`.
    pub message: String,
    /// `lineno`.
    pub lineno: i32,
    /// `offset`.
    pub offset: i32,
    /// `end_lineno` and `end_offset`, where they are given.
    pub end: Option<(i32, i32)>,
    /// `text`, where the exception is made with its details; without, only `lineno` and `offset` are set afterwards.
    pub text: Option<String>,
}

/// The source for [`Tokens`]: it ends with a newline.
#[derive(Clone, Debug)]
pub struct TokensSource {
    text: String,
    implicit_newline: bool,
}

impl TokensSource {
    /// The source `text`, whose last line may lack its end.
    #[must_use]
    pub fn new(mut text: String) -> TokensSource {
        let implicit_newline = !text.is_empty() && !text.ends_with('\n');
        if implicit_newline {
            text.push('\n');
        }
        TokensSource { text, implicit_newline }
    }
}

/// Iterates over the tokens of a source, as `_tokenize.TokenizerIter` does.
pub struct Tokens<'s> {
    tokenizer: Tokenizer<'s>,
    source: &'s TokensSource,
    extra: bool,
    done: bool,
}

impl<'s> Tokens<'s> {
    /// The tokens of `source`; with `extra`, also comments and blank lines, and all operators alike.
    #[must_use]
    pub fn new(source: &'s TokensSource, extra: bool) -> Tokens<'s> {
        let options = TokenizerOptions { extra_tokens: extra, type_comments: false };
        Tokens { tokenizer: Tokenizer::new(&source.text, options), source, extra, done: false }
    }

    fn error(&mut self) -> TokenError {
        let Some(failure) = self.tokenizer.take_failure() else {
            return self.plain_error(SyntaxErrorKind::Syntax, "unknown tokenization error");
        };
        if let Some(raised) = failure.raised {
            return TokenError {
                kind: SyntaxErrorKind::Syntax,
                message: raised.message,
                lineno: raised.lineno as i32,
                offset: raised.offset,
                end: Some((raised.lineno as i32, raised.end_offset)),
                text: Some(raised.text),
            };
        }
        let (kind, message) = match failure.stop {
            Stop::Eof | Stop::EofInString | Stop::Raised => {
                // The column is how much CPython's buffer still holds.
                let text = self.source.text.as_str();
                let held = failure.in_fstring || text.trim_end_matches('\n').ends_with('\\');
                let offset = if held { (text.len() - failure.joined_start) as i32 } else { 0 };
                return TokenError {
                    kind: SyntaxErrorKind::Syntax,
                    message: "unexpected EOF in multi-line statement".to_owned(),
                    lineno: failure.lineno as i32,
                    offset,
                    end: None,
                    text: None,
                };
            }
            Stop::Dedent => (SyntaxErrorKind::Indentation, "unindent does not match any outer indentation level"),
            Stop::TabSpace => (SyntaxErrorKind::Tab, "inconsistent use of tabs and spaces in indentation"),
            Stop::TooDeep => (SyntaxErrorKind::Indentation, "too many levels of indentation"),
            Stop::LineContinuation => {
                (SyntaxErrorKind::Syntax, "unexpected character after line continuation character")
            }
        };
        self.plain_error(kind, message)
    }

    /// An error about the current line as a whole: CPython places it after the line's end.
    fn plain_error(&self, kind: SyntaxErrorKind, message: &str) -> TokenError {
        let (start, _) = self.tokenizer.line_starts();
        let text = self.source.text.get(start..self.line_end(start)).unwrap_or_default().trim_end_matches('\n');
        TokenError {
            kind,
            message: message.to_owned(),
            lineno: self.tokenizer.lineno() as i32,
            offset: text.chars().count() as i32 + 1,
            end: None,
            text: Some(text.to_owned()),
        }
    }

    /// Where the line ends that begins at `start`, with its newline.
    fn line_end(&self, start: usize) -> usize {
        let bytes = self.source.text.as_bytes();
        memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length + 1)
    }

    fn characters(&self, from: usize, to: usize) -> i32 {
        let text = self.source.text.get(from..to).unwrap_or_default();
        if text.is_ascii() { text.len() as i32 } else { text.chars().count() as i32 }
    }
}

impl<'s> Iterator for Tokens<'s> {
    type Item = Result<TokenInfo<'s>, TokenError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let token = loop {
            let token = self.tokenizer.next_token();
            if token.kind != TokenKind::TypeIgnore {
                break token;
            }
        };
        let text: &'s str = &self.source.text;
        let (start, end) = (token.start as usize, token.end as usize);
        if token.kind == TokenKind::Error {
            self.done = true;
            return Some(Err(self.error()));
        }
        self.done = token.kind == TokenKind::EndMarker;
        let at_eof = end >= text.len();
        let trailing = token.kind == TokenKind::EndMarker || (token.kind == TokenKind::Dedent && at_eof);
        let first_line = start - (token.col as usize).min(start);
        let last_line = end - (token.end_col as usize).min(end);
        if trailing && self.extra {
            let place = (token.lineno + 1, 0);
            return Some(Ok(TokenInfo { kind: token.kind.number(), string: "", start: place, end: place, line: "" }));
        }
        // The last line's end may be one that the source does not have.
        let implicit = self.source.implicit_newline && self.line_end(last_line) >= text.len();
        let line_end = self.line_end(last_line) - usize::from(implicit);
        let string = match token.kind {
            TokenKind::Indent | TokenKind::Newline if !self.extra => "",
            TokenKind::Newline | TokenKind::Nl if implicit => "",
            _ => &text[start..end],
        };
        let kind = match token.kind.number() {
            7..=54 if self.extra => TokenKind::Op as u8,
            number => number,
        };
        let mut start_col = self.characters(first_line, start);
        let mut end_col = self.characters(last_line, end);
        if !self.extra && token.kind == TokenKind::Newline {
            end_col -= 1;
        }
        if !self.extra && token.is_unplaced() {
            (start_col, end_col) = (-1, -1);
        }
        Some(Ok(TokenInfo {
            kind,
            string,
            start: (token.lineno, start_col),
            end: (token.end_lineno, end_col),
            line: &text[first_line..line_end.max(first_line)],
        }))
    }
}

/// The tokens of `source`, one a line: places, kind and text.
#[must_use]
pub fn listing(source: &str) -> String {
    let source = TokensSource::new(source.to_owned());
    let mut out = String::new();
    for token in Tokens::new(&source, true) {
        match token {
            Ok(token) => {
                let (start, end) = (token.start, token.end);
                let place = format!("{},{}-{},{}:", start.0, start.1, end.0, end.1);
                let mut string = String::new();
                crate::repr::string(&mut string, &crate::ast::Text::Utf8(token.string));
                let _ = writeln!(out, "{place:<20}{:<15}{string}", kind_name(token.kind));
            }
            Err(error) => {
                let _ = writeln!(out, "{},{}: error: {}", error.lineno, error.offset, error.message);
            }
        }
    }
    out
}

/// The name of a kind among those that Python's `tokenize` yields.
#[must_use]
pub fn kind_name(number: u8) -> &'static str {
    use TokenKind::*;
    [
        EndMarker,
        Name,
        Number,
        String,
        Newline,
        Indent,
        Dedent,
        Op,
        FStringStart,
        FStringMiddle,
        FStringEnd,
        TStringStart,
        TStringMiddle,
        TStringEnd,
        Comment,
        Nl,
    ]
    .into_iter()
    .find(|kind| *kind as u8 == number)
    .map_or("OP", TokenKind::name)
}

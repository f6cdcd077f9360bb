//! Raising errors: where they are placed, in characters of which text, and what constructs are called.

use super::{E, Reader};
use crate::ast::{CmpOp, Constant, ExprKind, Range};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::token::TokenKind;
use crate::tokenizer::{Bracket, Stop};

/// Which kind of targets an invalid one is looked for among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Targets {
    Star,
    Del,
    For,
}

impl<'a> Reader<'a, '_> {
    /// An error at the last token that was read.
    pub(super) fn raise<T>(&mut self, message: &str) -> Option<T> {
        self.raise_kind(SyntaxErrorKind::Syntax, message)
    }

    pub(super) fn raise_indentation<T>(&mut self, message: &str) -> Option<T> {
        self.raise_kind(SyntaxErrorKind::Indentation, message)
    }

    pub(super) fn raise_kind<T>(&mut self, kind: SyntaxErrorKind, message: &str) -> Option<T> {
        if self.stopped {
            return None;
        }
        if self.fill == 0 {
            return self.raise_placed(kind, message, 0, 0, 0, -1);
        }
        self.raise_at_token(self.fill - 1, kind, message)
    }

    /// An error at the token that comes next.
    pub(super) fn raise_next<T>(&mut self, message: &str) -> Option<T> {
        self.fetch()?;
        self.raise_at_token(self.mark, SyntaxErrorKind::Syntax, message)
    }

    fn raise_at_token<T>(&mut self, index: usize, kind: SyntaxErrorKind, message: &str) -> Option<T> {
        let token = *self.token_at(index);
        let (col, end_col) = if token.is_unplaced() {
            // Such a token stands for no text: the place is how far the line was read.
            (token.end_col as i32, -1)
        } else {
            (token.col as i32 + 1, token.end_col as i32 + 1)
        };
        self.raise_placed(kind, message, token.lineno as i32, col, token.end_lineno as i32, end_col)
    }

    /// An error at a node or a token.
    pub(super) fn raise_at<T>(&mut self, range: Range, message: &str) -> Option<T> {
        self.raise_placed(
            SyntaxErrorKind::Syntax,
            message,
            range.lineno,
            range.col_offset + 1,
            range.end_lineno,
            range.end_col_offset + 1,
        )
    }

    /// An error from the start of `first` to the end of `last`.
    pub(super) fn raise_range<T>(&mut self, first: Range, last: Range, message: &str) -> Option<T> {
        self.raise_at(first.to(last), message)
    }

    /// An error from the start of `first` to where has been read.
    pub(super) fn raise_from<T>(&mut self, first: Range, message: &str) -> Option<T> {
        let last = *self.token_at(self.fill.saturating_sub(1));
        let kind = SyntaxErrorKind::Syntax;
        self.raise_placed(
            kind,
            message,
            first.lineno,
            first.col_offset + 1,
            last.end_lineno as i32,
            last.end_col as i32,
        )
    }

    pub(super) fn error_at(&self, range: Range, message: &str) -> SyntaxError {
        SyntaxError {
            kind: SyntaxErrorKind::Syntax,
            message: message.to_owned(),
            lineno: range.lineno,
            offset: range.col_offset + 1,
            end_lineno: range.end_lineno,
            end_offset: range.end_col_offset + 1,
            text: None,
            metadata: None,
        }
    }

    /// An error whose columns are bytes from 1.
    pub(super) fn raise_placed<T>(
        &mut self,
        kind: SyntaxErrorKind,
        message: &str,
        lineno: i32,
        col: i32,
        end_lineno: i32,
        end_col: i32,
    ) -> Option<T> {
        if self.error.is_none() || !self.stopped {
            let text = self.line_text(lineno);
            self.error = Some(SyntaxError {
                kind,
                message: message.to_owned(),
                lineno,
                offset: characters(text, col),
                end_lineno,
                end_offset: if end_col > 0 { characters(text, end_col) } else { end_col },
                text: Some(text.to_owned()),
                metadata: None,
            });
        }
        self.stopped = true;
        None
    }

    /// The text that goes with an error in line `lineno`: the line, and with its end where it is the last that has
    /// been read, from the start of the token that it ends.
    fn line_text(&self, lineno: i32) -> &'a str {
        let last = self.token_at(self.fill.saturating_sub(1));
        let bytes = self.src.as_bytes();
        let read_line = last.end_lineno as i32;
        let line_start = |offset: usize, line_col: usize| offset.saturating_sub(line_col);
        if self.fill > 0 && read_line <= lineno {
            let (start, end) = (last.start as usize, last.end as usize);
            let from = if last.lineno != last.end_lineno {
                line_start(start, last.col as usize)
            } else {
                line_start(end, last.end_col as usize).min(end)
            };
            let from = if bytes.get(from..end).is_some() && self.src.is_char_boundary(from) { from } else { start };
            let in_string = last.kind == TokenKind::Error
                && self.stream.failure.as_ref().is_some_and(|failure| failure.stop == Stop::EofInString);
            let stop = if in_string {
                bytes.len()
            } else if end > from && bytes[end - 1] == b'\n' {
                end
            } else {
                memchr::memchr(b'\n', &bytes[end..]).map_or(bytes.len(), |length| end + length + 1)
            };
            return &self.src[from..stop.max(from)];
        }
        let mut start = 0;
        for _ in 1..lineno {
            match memchr::memchr(b'\n', &bytes[start..]) {
                Some(length) => start += length + 1,
                None => break,
            }
        }
        let stop = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length);
        &self.src[start..stop]
    }

    pub(super) fn raise_overflow(&mut self) {
        self.stopped = true;
        self.error = Some(SyntaxError {
            kind: SyntaxErrorKind::Memory,
            message: "Parser stack overflowed - Python source too complex to parse".to_owned(),
            lineno: 0,
            offset: 0,
            end_lineno: 0,
            end_offset: 0,
            text: None,
            metadata: None,
        });
    }

    pub(super) fn raise_unclosed(&mut self, bracket: Bracket) {
        let (line, col) = (bracket.lineno as i32, bracket.col as i32 + 1);
        let message = format!("'{}' was never closed", bracket.byte as char);
        let _: Option<()> = self.raise_placed(SyntaxErrorKind::Syntax, &message, line, col, line, 0);
    }

    /// Raises what made the tokenizer stop.
    pub(super) fn raise_tokenizer_error(&mut self) {
        let Some(failure) = self.stream.failure.as_deref() else { return };
        if let Some(raised) = &failure.raised {
            self.error = Some(raised.clone().into_error());
            self.stopped = true;
            return;
        }
        let line = failure.lineno as i32;
        let (kind, col, message) = match failure.stop {
            Stop::TabSpace => (SyntaxErrorKind::Tab, 1, "inconsistent use of tabs and spaces in indentation"),
            Stop::TooDeep => (SyntaxErrorKind::Indentation, 1, "too many levels of indentation"),
            Stop::LineContinuation => {
                let col = failure.pos.saturating_sub(failure.joined_start) as i32;
                (SyntaxErrorKind::Syntax, col, "unexpected character after line continuation character")
            }
            Stop::Dedent => {
                let message = "unindent does not match any outer indentation level";
                return self.raise_indentation(message).unwrap_or_default();
            }
            Stop::Eof | Stop::EofInString | Stop::Raised => {
                if let Some(bracket) = failure.bracket {
                    return self.raise_unclosed(bracket);
                }
                return self.raise("unexpected EOF while parsing").unwrap_or_default();
            }
        };
        self.raise_placed(kind, message, line, col, line, 0).unwrap_or_default()
    }

    /// Raises an error about the part of `expr` that is no target.
    pub(super) fn raise_invalid_target<T>(&mut self, targets: Targets, expr: E<'a>) -> Option<T> {
        let invalid = invalid_target(expr, targets)?;
        let verb = if targets == Targets::Del { "delete" } else { "assign to" };
        self.raise_range(invalid.range, invalid.range, &format!("cannot {verb} {}", expr_name(invalid)))
    }
}

/// Gives an error that has only columns in bytes the text of its line, and columns in characters.
pub fn place_in_text(error: &mut SyntaxError, src: &str) {
    let line = usize::try_from(error.lineno).unwrap_or(0).saturating_sub(1);
    let text = src.split_inclusive('\n').nth(line).unwrap_or_default();
    error.offset = characters(text, error.offset);
    if error.end_lineno == error.lineno {
        error.end_offset = characters(text, error.end_offset);
    }
    error.text = Some(text.to_owned());
}

/// How many characters the first `col` bytes of `text` are, where the character after its end counts too.
fn characters(text: &str, col: i32) -> i32 {
    let bytes = text.as_bytes();
    let col = usize::try_from(col).unwrap_or(0);
    // CPython takes no more than the text and the zero byte after it.
    let past = usize::from(col > bytes.len());
    let read = &bytes[..col.min(bytes.len())];
    if read.is_ascii() {
        return (read.len() + past) as i32;
    }
    (String::from_utf8_lossy(read).chars().count() + past) as i32
}

/// What messages call an expression.
pub(super) fn expr_name(expr: E<'_>) -> &'static str {
    match &expr.kind {
        ExprKind::Attribute { .. } => "attribute",
        ExprKind::Subscript { .. } => "subscript",
        ExprKind::Starred { .. } => "starred",
        ExprKind::Name { .. } => "name",
        ExprKind::List { .. } => "list",
        ExprKind::Tuple { .. } => "tuple",
        ExprKind::Lambda { .. } => "lambda",
        ExprKind::Call { .. } => "function call",
        ExprKind::BoolOp { .. } | ExprKind::BinOp { .. } | ExprKind::UnaryOp { .. } => "expression",
        ExprKind::GeneratorExp { .. } => "generator expression",
        ExprKind::Yield { .. } | ExprKind::YieldFrom { .. } => "yield expression",
        ExprKind::Await { .. } => "await expression",
        ExprKind::ListComp { .. } => "list comprehension",
        ExprKind::SetComp { .. } => "set comprehension",
        ExprKind::DictComp { .. } => "dict comprehension",
        ExprKind::Dict { .. } => "dict literal",
        ExprKind::Set { .. } => "set display",
        ExprKind::JoinedStr { .. } | ExprKind::FormattedValue { .. } => "f-string expression",
        ExprKind::TemplateStr { .. } | ExprKind::Interpolation(_) => "t-string expression",
        ExprKind::Constant { value, .. } => match value {
            Constant::None => "None",
            Constant::True => "True",
            Constant::False => "False",
            Constant::Ellipsis => "ellipsis",
            _ => "literal",
        },
        ExprKind::Compare { .. } => "comparison",
        ExprKind::IfExp { .. } => "conditional expression",
        ExprKind::NamedExpr { .. } => "named expression",
        ExprKind::Slice { .. } => "slice",
    }
}

/// The part of `expr` that cannot be a target.
fn invalid_target<'a>(expr: E<'a>, targets: Targets) -> Option<E<'a>> {
    match expr.kind {
        ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => {
            elts.iter().find_map(|elt| invalid_target(elt, targets))
        }
        ExprKind::Starred { value, .. } => {
            if targets == Targets::Del {
                Some(expr)
            } else {
                invalid_target(value, targets)
            }
        }
        ExprKind::Compare { left, ops, .. } => {
            if targets != Targets::For {
                return Some(expr);
            }
            if ops.first() == Some(&CmpOp::In) { invalid_target(left, targets) } else { None }
        }
        ExprKind::Name { .. } | ExprKind::Subscript { .. } | ExprKind::Attribute { .. } => None,
        _ => Some(expr),
    }
}

/// Tokens that stand for an expression's end in several rules.
pub(super) const FIELD_END: &[TokenKind] = &[TokenKind::Colon, TokenKind::RBrace];

//! String and bytes literals, and how adjacent ones join. The inside of f-strings is in `fstring`.

use super::{Fail, Parse, Parser};
use crate::ast::{Constant, ExprKind, ExprRef, Range, Text};
use crate::error::{SyntaxError, SyntaxErrorKind, Warning, WarningCategory};
use crate::literal::{BadEscape, TextBuilder};
use crate::token::{Token, TokenKind};

/// The parts of a string token.
pub struct StringParts<'a> {
    /// Whether it is a bytes literal.
    pub bytes: bool,
    /// Whether escapes are to be left alone.
    pub raw: bool,
    /// Whether the prefix is a small `u`.
    pub unicode: bool,
    /// What is between the quotes.
    pub content: &'a str,
    /// Where that begins in the token.
    pub offset: usize,
}

/// Takes a string token apart.
pub fn string_parts(literal: &str) -> StringParts<'_> {
    let bytes = literal.as_bytes();
    let quote = bytes.iter().position(|b| matches!(b, b'\'' | b'"')).unwrap_or(0);
    let prefix = &bytes[..quote];
    let has = |letter: u8| prefix.iter().any(|b| b | 0x20 == letter);
    let triple = bytes.len() >= quote + 6 && bytes[quote + 1] == bytes[quote] && bytes[quote + 2] == bytes[quote];
    let size = if triple { 3 } else { 1 };
    let offset = quote + size;
    StringParts {
        bytes: has(b'b'),
        raw: has(b'r'),
        unicode: prefix.first() == Some(&b'u'),
        content: &literal[offset..literal.len().saturating_sub(size).max(offset)],
        offset,
    }
}

/// The warning about `bad`, an escape in the content that begins at `offset` of `token`'s text.
pub fn escape_warning(token: &Token, text: &str, offset: usize, bad: &BadEscape) -> Warning {
    let (message, as_error) = bad.messages();
    let before = &text.as_bytes()[..(offset + bad.offset).min(text.len())];
    let lineno = token.lineno as i32 + memchr::memchr_iter(b'\n', before).count() as i32;
    let (place, end) = if token.kind == TokenKind::String {
        // The error is at the escape itself.
        let line = memchr::memrchr(b'\n', before).map_or(before, |at| &before[at + 1..]);
        let chars = line.iter().filter(|byte| (**byte as i8) >= -0x40).count() as i32;
        let column = if lineno == token.lineno as i32 { token.col as i32 + chars } else { chars };
        ((lineno, column + 1), (lineno, column + 3))
    } else {
        ((token.lineno as i32, token.col as i32 + 1), (token.end_lineno as i32, token.end_col as i32 + 1))
    };
    Warning {
        category: WarningCategory::Syntax,
        message,
        lineno,
        error: Box::new(SyntaxError {
            kind: SyntaxErrorKind::Syntax,
            message: as_error,
            lineno: place.0,
            offset: place.1,
            end_lineno: end.0,
            end_offset: end.1,
            text: None,
            metadata: None,
        }),
    }
}

impl<'a> Parser<'a, '_> {
    /// `strings`: one or more literals side by side.
    pub(super) fn strings(&mut self) -> Parse<ExprRef<'a>> {
        if self.at(TokenKind::String)
            && !matches!(self.kind_at(1), TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart)
        {
            return self.string();
        }
        let start = self.start();
        let mark = self.scratch.exprs.len();
        let (mut plain, mut formatted, mut template, mut bytes) = (false, false, false, false);
        loop {
            match self.kind() {
                TokenKind::String => {
                    let part = self.string()?;
                    if matches!(part.kind, ExprKind::Constant { value: Constant::Bytes(_), .. }) {
                        bytes = true;
                    } else {
                        plain = true;
                    }
                    self.scratch.exprs.push(part);
                }
                TokenKind::FStringStart => {
                    formatted = true;
                    self.fstring(false)?;
                }
                TokenKind::TStringStart => {
                    self.version(14)?;
                    template = true;
                    self.fstring(true)?;
                }
                _ => break,
            }
        }
        if ((plain || formatted) && bytes) || (template && (plain || formatted || bytes)) {
            return Err(Fail);
        }
        let range = self.range_from(start);
        if bytes {
            return Ok(self.join_bytes(mark, range));
        }
        let drop_empty = formatted || template;
        self.fold_constants(mark, drop_empty);
        if !drop_empty {
            // Only literals: they have become one.
            let Some(&joined) = self.scratch.exprs.get(mark) else { return Err(Fail) };
            self.scratch.exprs.truncate(mark);
            return Ok(joined);
        }
        let values = self.finish_exprs(mark);
        let kind = if template { ExprKind::TemplateStr { values } } else { ExprKind::JoinedStr { values } };
        Ok(self.expr(kind, range))
    }

    fn join_bytes(&mut self, mark: usize, range: Range) -> ExprRef<'a> {
        let mut joined = Vec::new();
        for part in &self.scratch.exprs[mark..] {
            if let ExprKind::Constant { value: Constant::Bytes(bytes), .. } = part.kind {
                joined.extend_from_slice(bytes);
            }
        }
        self.scratch.exprs.truncate(mark);
        let value = Constant::Bytes(self.arena.slice(&joined));
        self.expr(ExprKind::Constant { value, kind: None }, range)
    }

    /// Joins neighbouring constants from `mark` on, and drops empty ones where asked to.
    pub(super) fn fold_constants(&mut self, mark: usize, drop_empty: bool) {
        let mut to = mark;
        let mut from = mark;
        while from < self.scratch.exprs.len() {
            let first = self.scratch.exprs[from];
            let Some((_, kind)) = text_of(first) else {
                self.scratch.exprs[to] = first;
                (to, from) = (to + 1, from + 1);
                continue;
            };
            let mut end = from + 1;
            let mut last = first;
            while let Some(&next) = self.scratch.exprs.get(end) {
                if text_of(next).is_none() {
                    break;
                }
                last = next;
                end += 1;
            }
            let joined = if end == from + 1 {
                first
            } else {
                let text = self.join_texts(from, end);
                let value = Constant::Str(text);
                self.expr(ExprKind::Constant { value, kind }, first.range.to(last.range))
            };
            let empty = text_of(joined).is_some_and(|(text, _)| is_empty(text));
            if !(drop_empty && empty) {
                self.scratch.exprs[to] = joined;
                to += 1;
            }
            from = end;
        }
        self.scratch.exprs.truncate(to);
    }

    fn join_texts(&self, from: usize, end: usize) -> Text<'a> {
        let mut builder = TextBuilder::new();
        for part in &self.scratch.exprs[from..end] {
            if let Some((text, _)) = text_of(part) {
                builder.push_text(text);
            }
        }
        builder.finish(self.arena)
    }

    /// A literal that is no f-string.
    fn string(&mut self) -> Parse<ExprRef<'a>> {
        let token = self.token();
        let literal = self.text(token);
        let parts = string_parts(literal);
        let raw = parts.raw || memchr::memchr(b'\\', parts.content.as_bytes()).is_none();
        let value = if parts.bytes {
            if !parts.content.is_ascii() {
                return Err(Fail);
            }
            if raw {
                Constant::Bytes(parts.content.as_bytes())
            } else {
                let (decoded, bad) = crate::literal::decode_bytes(parts.content.as_bytes()).map_err(|_| Fail)?;
                self.warn_escape(token, literal, parts.offset, bad);
                Constant::Bytes(self.arena.slice(&decoded))
            }
        } else if raw {
            Constant::Str(Text::Utf8(parts.content))
        } else {
            let (text, bad) = crate::literal::decode_text(self.arena, parts.content).map_err(|_| Fail)?;
            self.warn_escape(token, literal, parts.offset, bad);
            Constant::Str(text)
        };
        self.bump();
        let kind = parts.unicode.then_some("u");
        Ok(self.expr(ExprKind::Constant { value, kind }, token.range()))
    }

    pub(super) fn warn_escape(&mut self, token: &Token, text: &str, offset: usize, bad: Option<BadEscape>) {
        if let Some(bad) = bad {
            self.warnings.push((token.end, escape_warning(token, text, offset, &bad)));
        }
    }
}

/// The text and the kind of a string constant.
fn text_of<'a>(expr: ExprRef<'a>) -> Option<(Text<'a>, Option<&'a str>)> {
    match expr.kind {
        ExprKind::Constant { value: Constant::Str(text), kind } => Some((text, kind)),
        _ => None,
    }
}

/// Whether a text has no characters.
pub(super) fn is_empty(text: Text<'_>) -> bool {
    match text {
        Text::Utf8(text) => text.is_empty(),
        Text::CodePoints(codes) => codes.is_empty(),
    }
}

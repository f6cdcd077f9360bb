//! f-strings and t-strings: their text, replacement fields and format specifications.

use super::{Fail, Parse, Parser};
use crate::ast::{Constant, ExprKind, ExprRef, Interpolation, Range, Text};
use crate::token::{Token, TokenKind};

/// By how many rules a replacement field nests CPython's parser.
const WEIGHT: u32 = 12;

impl<'a> Parser<'a, '_> {
    /// One f-string or t-string; its parts are pushed to the scratch list.
    pub(super) fn fstring(&mut self, template: bool) -> Parse<()> {
        let open = self.token();
        let raw = self.text(open).bytes().any(|b| matches!(b, b'r' | b'R'));
        self.bump();
        let warned = self.warnings.len();
        loop {
            match self.kind() {
                TokenKind::FStringMiddle | TokenKind::TStringMiddle => {
                    let token = self.token();
                    let text = self.middle(token, raw)?;
                    self.bump();
                    let kind = ExprKind::Constant { value: Constant::Str(text), kind: None };
                    let part = self.expr(kind, token.range());
                    if !super::string::is_empty(text) {
                        self.scratch.exprs.push(part);
                    }
                }
                TokenKind::LBrace => self.field(template, raw)?,
                TokenKind::FStringEnd | TokenKind::TStringEnd => {
                    self.place_warnings(warned);
                    self.bump();
                    return Ok(());
                }
                _ => return Err(Fail),
            }
        }
    }

    /// Gives the warnings about the string's text their lines, which CPython counts from the end of the string, here.
    fn place_warnings(&mut self, first: usize) {
        let end = self.token();
        for (place, warning) in &mut self.warnings[first..] {
            if *place == u32::MAX {
                *place = end.end;
                warning.lineno += end.lineno as i32;
                warning.error.lineno = end.lineno as i32;
                warning.error.offset = end.col as i32 + 1;
                warning.error.end_lineno = end.end_lineno as i32;
                warning.error.end_offset = end.end_col as i32 + 1;
            }
        }
    }

    /// The text of a part, with escapes decoded unless `raw`.
    fn middle(&mut self, token: &Token, raw: bool) -> Parse<Text<'a>> {
        let text = self.text(token);
        if raw || memchr::memchr(b'\\', text.as_bytes()).is_none() {
            return Ok(Text::Utf8(text));
        }
        let (decoded, bad) = crate::literal::decode_text(self.arena, text).map_err(|_| Fail)?;
        // Braces were warned of when they were read.
        let bad = bad.filter(|bad| !matches!(bad.escape.as_str(), "{" | "}"));
        if bad.is_some() {
            let unplaced = Token { lineno: 0, end: u32::MAX, ..*token };
            self.warn_escape(&unplaced, text, 0, bad);
        }
        Ok(decoded)
    }

    /// A replacement field; what it stands for is pushed to the scratch list.
    fn field(&mut self, template: bool, raw: bool) -> Parse<()> {
        self.deeper(WEIGHT)?;
        let brace = self.token();
        let start = brace.range();
        self.bump();
        let value = self.annotated_rhs()?;
        let debug = self.eat(TokenKind::Equal);
        // Where the text of the expression ends, and where the debugging text does.
        let mut text_end: Option<(u32, Range)> = None;
        let mut conversion = -1;
        if self.at(TokenKind::Exclamation) {
            let mark = self.token();
            self.bump();
            let name = self.token();
            if !self.at(TokenKind::Name) || mark.end != name.start {
                return Err(Fail);
            }
            conversion = match self.text(name) {
                "s" => 115,
                "r" => 114,
                "a" => 97,
                _ => return Err(Fail),
            };
            text_end = Some((mark.start, name.range()));
            self.bump();
        }
        let mut format_spec = None;
        if self.at(TokenKind::Colon) {
            let colon = self.token();
            if text_end.is_none() {
                let mut range = colon.range();
                range.col_offset += 1;
                text_end = Some((colon.start, range));
            }
            format_spec = Some(self.format_spec(raw)?);
        } else if debug && conversion == -1 {
            conversion = 114;
        }
        let close = self.token();
        self.expect(TokenKind::RBrace)?;
        let range = self.range_from(start);
        let (end, end_position) = text_end.unwrap_or_else(|| {
            let range = close.range();
            (close.start, Range { lineno: range.end_lineno, col_offset: range.end_col_offset, ..range })
        });
        let text = self.field_text(brace.end as usize, end as usize);
        if debug {
            let debug_range = Range {
                lineno: start.lineno,
                col_offset: start.col_offset + 1,
                end_lineno: end_position.lineno,
                end_col_offset: end_position.col_offset - 1,
            };
            let kind = ExprKind::Constant { value: Constant::Str(Text::Utf8(text)), kind: None };
            let part = self.expr(kind, debug_range);
            self.scratch.exprs.push(part);
        }
        let kind = if template {
            let text = if debug { before_equal(text) } else { text };
            let str = Constant::Str(Text::Utf8(text));
            ExprKind::Interpolation(self.arena.alloc(Interpolation { value, str, conversion, format_spec }))
        } else {
            ExprKind::FormattedValue { value, conversion, format_spec }
        };
        let part = self.expr(kind, range);
        self.scratch.exprs.push(part);
        self.depth -= WEIGHT;
        Ok(())
    }

    /// A format specification, from its colon on.
    fn format_spec(&mut self, raw: bool) -> Parse<ExprRef<'a>> {
        let start = self.start();
        self.bump();
        let mark = self.scratch.exprs.len();
        loop {
            match self.kind() {
                TokenKind::FStringMiddle | TokenKind::TStringMiddle => {
                    let token = self.token();
                    let text = self.middle(token, raw)?;
                    self.bump();
                    let kind = ExprKind::Constant { value: Constant::Str(text), kind: None };
                    let part = self.expr(kind, token.range());
                    if !super::string::is_empty(text) {
                        self.scratch.exprs.push(part);
                    }
                }
                TokenKind::LBrace => self.field(false, raw)?,
                _ => break,
            }
        }
        self.fold_constants(mark, true);
        let values = self.finish_exprs(mark);
        Ok(self.expr(ExprKind::JoinedStr { values }, self.range_from(start)))
    }

    /// The source of a field's expression, without comments.
    fn field_text(&self, start: usize, end: usize) -> &'a str {
        let text = &self.src[start.min(end)..end];
        if !text.contains('#') { text } else { self.arena.str(&without_comments(text)) }
    }
}

/// `text` without its comments. Hash signs in strings stay.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', _) => {
                kept.push(c);
                kept.extend(chars.next());
                continue;
            }
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('#', None) => {
                while chars.peek().is_some_and(|&c| c != '\n') {
                    chars.next();
                }
                kept.extend(chars.next());
                continue;
            }
            _ => {}
        }
        kept.push(c);
    }
    kept
}

/// What is left of the last equals sign.
fn before_equal(text: &str) -> &str {
    text.rfind('=').map_or(text, |index| &text[..index])
}

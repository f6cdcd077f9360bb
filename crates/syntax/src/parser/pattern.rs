//! The patterns of `case`.

use super::{Parse, Parser};
use crate::ast::{Constant, Expr, ExprContext, ExprKind, ExprRef, Identifier, Operator, Pattern, PatternKind};
use crate::ast::{PatternRef, Range, Seq, UnaryOp};
use crate::token::TokenKind;

/// By how many rules a pattern nests CPython's parser.
const WEIGHT: u32 = 8;

impl<'a> Parser<'a, '_> {
    /// `patterns`: one, or a sequence without brackets.
    pub(super) fn patterns(&mut self) -> Parse<PatternRef<'a>> {
        let start = self.start();
        let starred = self.at(TokenKind::Star);
        let first = self.maybe_star_pattern()?;
        if !self.at(TokenKind::Comma) {
            return if starred { self.fail() } else { Ok(first) };
        }
        let mark = self.scratch.patterns.len();
        self.scratch.patterns.push(first);
        while self.eat(TokenKind::Comma) && !matches!(self.kind(), TokenKind::Colon | TokenKind::KwIf) {
            let next = self.maybe_star_pattern()?;
            self.scratch.patterns.push(next);
        }
        let patterns = self.finish_patterns(mark);
        Ok(self.make_pattern(PatternKind::MatchSequence { patterns }, start))
    }

    fn make_pattern(&self, kind: PatternKind<'a>, start: Range) -> PatternRef<'a> {
        self.arena.alloc(Pattern { kind, range: self.range_from(start) })
    }

    fn maybe_star_pattern(&mut self) -> Parse<PatternRef<'a>> {
        if !self.at(TokenKind::Star) {
            return self.pattern();
        }
        let start = self.start();
        self.bump();
        let name = if self.at_wildcard() {
            self.bump();
            None
        } else {
            Some(self.capture_target()?)
        };
        Ok(self.make_pattern(PatternKind::MatchStar { name }, start))
    }

    fn at_wildcard(&self) -> bool {
        self.at(TokenKind::Name) && self.text(self.token()) == "_"
    }

    fn capture_target(&mut self) -> Parse<Identifier<'a>> {
        if self.at_wildcard() {
            return self.fail();
        }
        let name = self.name()?;
        if matches!(self.kind(), TokenKind::Dot | TokenKind::LPar | TokenKind::Equal) {
            return self.fail();
        }
        Ok(name)
    }

    fn pattern(&mut self) -> Parse<PatternRef<'a>> {
        self.deeper(WEIGHT)?;
        let start = self.start();
        let first = self.closed_pattern()?;
        let mut pattern = first;
        if self.at(TokenKind::VBar) {
            let mark = self.scratch.patterns.len();
            self.scratch.patterns.push(first);
            while self.eat(TokenKind::VBar) {
                let next = self.closed_pattern()?;
                self.scratch.patterns.push(next);
            }
            let patterns = self.finish_patterns(mark);
            pattern = self.make_pattern(PatternKind::MatchOr { patterns }, start);
        }
        if self.eat(TokenKind::KwAs) {
            let name = self.capture_target()?;
            pattern = self.make_pattern(PatternKind::MatchAs { pattern: Some(pattern), name: Some(name) }, start);
        }
        self.depth -= WEIGHT;
        Ok(pattern)
    }

    fn closed_pattern(&mut self) -> Parse<PatternRef<'a>> {
        let start = self.start();
        let kind = match self.kind() {
            TokenKind::Number
            | TokenKind::Minus
            | TokenKind::String
            | TokenKind::FStringStart
            | TokenKind::TStringStart => PatternKind::MatchValue { value: self.literal()? },
            TokenKind::KwNone => self.singleton(Constant::None),
            TokenKind::KwTrue => self.singleton(Constant::True),
            TokenKind::KwFalse => self.singleton(Constant::False),
            TokenKind::LPar => return self.group_or_sequence(),
            TokenKind::LSqb => {
                self.bump();
                let patterns = self.sequence_items(TokenKind::RSqb, None)?;
                PatternKind::MatchSequence { patterns }
            }
            TokenKind::LBrace => self.mapping()?,
            TokenKind::Name => {
                if self.at_wildcard() && !matches!(self.kind_at(1), TokenKind::Dot | TokenKind::LPar) {
                    self.bump();
                    PatternKind::MatchAs { pattern: None, name: None }
                } else {
                    self.named_pattern()?
                }
            }
            _ => return self.fail(),
        };
        Ok(self.make_pattern(kind, start))
    }

    fn singleton(&mut self, value: Constant<'a>) -> PatternKind<'a> {
        self.bump();
        PatternKind::MatchSingleton { value }
    }

    /// A capture, a dotted value or a class pattern.
    fn named_pattern(&mut self) -> Parse<PatternKind<'a>> {
        let value = self.name_or_attribute()?;
        if self.at(TokenKind::LPar) {
            return self.class_pattern(value);
        }
        if self.at(TokenKind::Equal) {
            return self.fail();
        }
        Ok(match value.kind {
            ExprKind::Name { id, .. } => PatternKind::MatchAs { pattern: None, name: Some(id) },
            _ => PatternKind::MatchValue { value },
        })
    }

    fn name_or_attribute(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        let id = self.name()?;
        let mut value = self.expr(ExprKind::Name { id, ctx: ExprContext::Load }, start);
        while self.eat(TokenKind::Dot) {
            let attr = self.name()?;
            value = self.expr(ExprKind::Attribute { value, attr, ctx: ExprContext::Load }, self.range_from(start));
        }
        Ok(value)
    }

    /// A signed or complex number, or strings.
    fn literal(&mut self) -> Parse<ExprRef<'a>> {
        if !matches!(self.kind(), TokenKind::Number | TokenKind::Minus) {
            return match self.kind() {
                TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart => self.strings(),
                _ => self.fail(),
            };
        }
        let start = self.start();
        let left = self.signed_number()?;
        let op = match self.kind() {
            TokenKind::Plus => Operator::Add,
            TokenKind::Minus => Operator::Sub,
            _ => return Ok(left),
        };
        let real = match left.kind {
            ExprKind::UnaryOp { operand, .. } => operand,
            _ => left,
        };
        self.bump();
        let right = self.number_literal()?;
        if is_imaginary(real) || !is_imaginary(right) {
            return self.fail();
        }
        Ok(self.expr(ExprKind::BinOp { left, op, right }, self.range_from(start)))
    }

    fn signed_number(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        if self.eat(TokenKind::Minus) {
            let operand = self.number_literal()?;
            return Ok(self.expr(ExprKind::UnaryOp { op: UnaryOp::USub, operand }, self.range_from(start)));
        }
        self.number_literal()
    }

    fn number_literal(&mut self) -> Parse<ExprRef<'a>> {
        if !self.at(TokenKind::Number) {
            return self.fail();
        }
        let range = self.start();
        let literal = self.text(self.token());
        let value =
            crate::literal::number(self.arena, literal, self.options.int_max_str_digits).map_err(|_| super::Fail)?;
        self.bump();
        Ok(self.arena.alloc(Expr { kind: ExprKind::Constant { value, kind: None }, range }))
    }

    fn group_or_sequence(&mut self) -> Parse<PatternRef<'a>> {
        let start = self.start();
        self.bump();
        if self.eat(TokenKind::RPar) {
            return Ok(self.make_pattern(PatternKind::MatchSequence { patterns: &[] }, start));
        }
        let starred = self.at(TokenKind::Star);
        let first = self.maybe_star_pattern()?;
        if !starred && self.eat(TokenKind::RPar) {
            return Ok(first);
        }
        if !self.at(TokenKind::Comma) {
            return self.fail();
        }
        let patterns = self.sequence_items(TokenKind::RPar, Some(first))?;
        Ok(self.make_pattern(PatternKind::MatchSequence { patterns }, start))
    }

    /// The rest of a sequence pattern, with its bracket; `first` is what has been read of it.
    fn sequence_items(&mut self, close: TokenKind, first: Option<PatternRef<'a>>) -> Parse<Seq<'a, PatternRef<'a>>> {
        let mark = self.scratch.patterns.len();
        if let Some(first) = first {
            self.scratch.patterns.push(first);
            self.bump();
        }
        while !self.at(close) {
            let next = self.maybe_star_pattern()?;
            self.scratch.patterns.push(next);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(close)?;
        Ok(self.finish_patterns(mark))
    }

    fn mapping(&mut self) -> Parse<PatternKind<'a>> {
        self.bump();
        let (keys, patterns) = (self.scratch.exprs.len(), self.scratch.patterns.len());
        let mut rest = None;
        while !self.at(TokenKind::RBrace) {
            if self.eat(TokenKind::DoubleStar) {
                rest = Some(self.capture_target()?);
                self.eat(TokenKind::Comma);
                break;
            }
            let key = self.mapping_key()?;
            self.expect(TokenKind::Colon)?;
            let pattern = self.pattern()?;
            self.scratch.exprs.push(key);
            self.scratch.patterns.push(pattern);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RBrace)?;
        Ok(PatternKind::MatchMapping { keys: self.finish_exprs(keys), patterns: self.finish_patterns(patterns), rest })
    }

    fn mapping_key(&mut self) -> Parse<ExprRef<'a>> {
        let range = self.start();
        let value = match self.kind() {
            TokenKind::KwNone => Constant::None,
            TokenKind::KwTrue => Constant::True,
            TokenKind::KwFalse => Constant::False,
            TokenKind::Name => {
                let value = self.name_or_attribute()?;
                return if matches!(value.kind, ExprKind::Attribute { .. }) { Ok(value) } else { self.fail() };
            }
            _ => return self.literal(),
        };
        self.bump();
        Ok(self.expr(ExprKind::Constant { value, kind: None }, range))
    }

    fn class_pattern(&mut self, cls: ExprRef<'a>) -> Parse<PatternKind<'a>> {
        self.bump();
        let positional = self.scratch.patterns.len();
        let names = self.scratch.names.len();
        let mut keyword_patterns = Vec::new();
        while !self.at(TokenKind::RPar) {
            if self.at(TokenKind::Name) && self.kind_at(1) == TokenKind::Equal {
                let name = self.name()?;
                self.bump();
                let pattern = self.pattern()?;
                self.scratch.names.push(name);
                keyword_patterns.push(pattern);
            } else {
                if !keyword_patterns.is_empty() {
                    return self.fail();
                }
                let pattern = self.pattern()?;
                self.scratch.patterns.push(pattern);
            }
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RPar)?;
        Ok(PatternKind::MatchClass {
            cls,
            patterns: self.finish_patterns(positional),
            kwd_attrs: self.finish_names(names),
            kwd_patterns: self.arena.slice(&keyword_patterns),
        })
    }
}

fn is_imaginary(expr: ExprRef<'_>) -> bool {
    matches!(expr.kind, ExprKind::Constant { value: Constant::Complex { .. }, .. })
}

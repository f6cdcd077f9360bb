//! Expressions. Strings are in `string`, parameters of lambdas in `params`.

use super::{Fail, Parse, Parser};
use crate::ast::{BoolOp, CmpOp, Comprehension, Constant, ExprContext, ExprKind, ExprRef, Keyword, Operator, Range};
use crate::ast::{Seq, UnaryOp};
use crate::token::TokenKind;

/// How tightly a binary operator binds (0: it is none), and which it is.
#[inline]
fn binary_operator(kind: TokenKind) -> (u8, Operator) {
    match kind {
        TokenKind::VBar => (1, Operator::BitOr),
        TokenKind::Circumflex => (2, Operator::BitXor),
        TokenKind::Amper => (3, Operator::BitAnd),
        TokenKind::LeftShift => (4, Operator::LShift),
        TokenKind::RightShift => (4, Operator::RShift),
        TokenKind::Plus => (5, Operator::Add),
        TokenKind::Minus => (5, Operator::Sub),
        TokenKind::Star => (6, Operator::Mult),
        TokenKind::Slash => (6, Operator::Div),
        TokenKind::DoubleSlash => (6, Operator::FloorDiv),
        TokenKind::Percent => (6, Operator::Mod),
        TokenKind::At => (6, Operator::MatMult),
        _ => (0, Operator::Add),
    }
}

/// By how many rules each construct nests CPython's parser.
mod weight {
    pub const BRACKETS: u32 = 27;
    pub const EXPRESSION: u32 = 1;
    pub const UNARY: u32 = 1;
    pub const POWER: u32 = 2;
    pub const LAMBDA: u32 = 2;
}

impl<'a> Parser<'a, '_> {
    /// `expressions`: one, or a tuple without stars.
    pub(super) fn expressions(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        let first = self.expression()?;
        if !self.at(TokenKind::Comma) {
            return Ok(first);
        }
        let mark = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::Comma) && self.starts_expression() {
            let next = self.expression()?;
            self.scratch.exprs.push(next);
        }
        let elts = self.finish_exprs(mark);
        Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, self.range_from(start)))
    }

    /// `star_expressions`: one, or a tuple.
    pub(super) fn star_expressions(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        let first = self.star_expression()?;
        if !self.at(TokenKind::Comma) {
            return Ok(first);
        }
        let mark = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::Comma) && (self.at(TokenKind::Star) || self.starts_expression()) {
            let next = self.star_expression()?;
            self.scratch.exprs.push(next);
        }
        let elts = self.finish_exprs(mark);
        Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, self.range_from(start)))
    }

    #[inline]
    fn star_expression(&mut self) -> Parse<ExprRef<'a>> {
        if self.at(TokenKind::Star) { self.starred_bitwise() } else { self.expression() }
    }

    /// `*` and an operand.
    fn starred_bitwise(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        self.bump();
        let value = self.binary(1)?;
        Ok(self.expr(ExprKind::Starred { value, ctx: ExprContext::Load }, self.range_from(start)))
    }

    /// `star_named_expression`.
    #[inline]
    pub(super) fn star_named_expression(&mut self) -> Parse<ExprRef<'a>> {
        if self.at(TokenKind::Star) { self.starred_bitwise() } else { self.named_expression() }
    }

    /// `yield_expr` or `star_expressions`: what may stand right of `=`.
    pub(super) fn annotated_rhs(&mut self) -> Parse<ExprRef<'a>> {
        if self.at(TokenKind::KwYield) { self.yield_expr() } else { self.star_expressions() }
    }

    /// `yield_expr`.
    pub(super) fn yield_expr(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        self.bump();
        if self.eat(TokenKind::KwFrom) {
            let value = self.expression()?;
            return Ok(self.expr(ExprKind::YieldFrom { value }, self.range_from(start)));
        }
        let value =
            if self.at(TokenKind::Star) || self.starts_expression() { Some(self.star_expressions()?) } else { None };
        Ok(self.expr(ExprKind::Yield { value }, self.range_from(start)))
    }

    /// Whether the current token can begin an expression.
    pub(super) fn starts_expression(&self) -> bool {
        use TokenKind::*;
        matches!(
            self.kind(),
            Name | Number
                | String
                | FStringStart
                | TStringStart
                | LPar
                | LSqb
                | LBrace
                | Plus
                | Minus
                | Tilde
                | Ellipsis
                | KwNot
                | KwLambda
                | KwAwait
                | KwNone
                | KwTrue
                | KwFalse
        )
    }

    /// `named_expression`.
    #[inline]
    pub(super) fn named_expression(&mut self) -> Parse<ExprRef<'a>> {
        if self.at(TokenKind::Name) && self.kind_at(1) == TokenKind::ColonEqual {
            return self.assignment_expression();
        }
        self.expression()
    }

    fn assignment_expression(&mut self) -> Parse<ExprRef<'a>> {
        self.version(8)?;
        let start = self.start();
        let id = self.name()?;
        let target = self.expr(ExprKind::Name { id, ctx: ExprContext::Store }, start);
        self.bump();
        let value = self.expression()?;
        Ok(self.expr(ExprKind::NamedExpr { target, value }, self.range_from(start)))
    }

    /// `expression`.
    pub(super) fn expression(&mut self) -> Parse<ExprRef<'a>> {
        if self.at(TokenKind::KwLambda) {
            return self.lambda();
        }
        let start = self.start();
        let body = self.disjunction()?;
        if !self.at(TokenKind::KwIf) {
            return Ok(body);
        }
        self.bump();
        let test = self.disjunction()?;
        self.expect(TokenKind::KwElse)?;
        self.deeper(weight::EXPRESSION)?;
        let orelse = self.expression()?;
        self.depth -= weight::EXPRESSION;
        Ok(self.expr(ExprKind::IfExp { test, body, orelse }, self.range_from(start)))
    }

    fn lambda(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        self.bump();
        self.deeper(weight::LAMBDA)?;
        let args = self.parameters(TokenKind::Colon)?;
        self.expect(TokenKind::Colon)?;
        let body = self.expression()?;
        self.depth -= weight::LAMBDA;
        Ok(self.expr(ExprKind::Lambda { args, body }, self.range_from(start)))
    }

    /// `disjunction`.
    pub(super) fn disjunction(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        let first = self.conjunction()?;
        if !self.at(TokenKind::KwOr) {
            return Ok(first);
        }
        let mark = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::KwOr) {
            let next = self.conjunction()?;
            self.scratch.exprs.push(next);
        }
        let values = self.finish_exprs(mark);
        Ok(self.expr(ExprKind::BoolOp { op: BoolOp::Or, values }, self.range_from(start)))
    }

    #[inline]
    fn conjunction(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        let first = self.inversion()?;
        if !self.at(TokenKind::KwAnd) {
            return Ok(first);
        }
        let mark = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::KwAnd) {
            let next = self.inversion()?;
            self.scratch.exprs.push(next);
        }
        let values = self.finish_exprs(mark);
        Ok(self.expr(ExprKind::BoolOp { op: BoolOp::And, values }, self.range_from(start)))
    }

    fn inversion(&mut self) -> Parse<ExprRef<'a>> {
        if !self.at(TokenKind::KwNot) {
            return self.comparison();
        }
        let start = self.start();
        self.bump();
        self.deeper(weight::UNARY)?;
        let operand = self.inversion()?;
        self.depth -= weight::UNARY;
        Ok(self.expr(ExprKind::UnaryOp { op: UnaryOp::Not, operand }, self.range_from(start)))
    }

    /// The comparison operator here, and how many tokens it has.
    #[inline]
    fn comparison_operator(&self) -> Parse<Option<(CmpOp, usize)>> {
        Ok(Some(match self.kind() {
            TokenKind::EqEqual => (CmpOp::Eq, 1),
            TokenKind::NotEqual => {
                if self.barry {
                    return Err(Fail);
                }
                (CmpOp::NotEq, 1)
            }
            TokenKind::Less => {
                if self.barry
                    && self.kind_at(1) == TokenKind::Greater
                    && self.token().end == self.tokens[self.pos + 1].start
                {
                    (CmpOp::NotEq, 2)
                } else {
                    (CmpOp::Lt, 1)
                }
            }
            TokenKind::LessEqual => (CmpOp::LtE, 1),
            TokenKind::Greater => (CmpOp::Gt, 1),
            TokenKind::GreaterEqual => (CmpOp::GtE, 1),
            TokenKind::KwIn => (CmpOp::In, 1),
            TokenKind::KwIs if self.kind_at(1) == TokenKind::KwNot => (CmpOp::IsNot, 2),
            TokenKind::KwIs => (CmpOp::Is, 1),
            TokenKind::KwNot if self.kind_at(1) == TokenKind::KwIn => (CmpOp::NotIn, 2),
            _ => return Ok(None),
        }))
    }

    fn comparison(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        let left = self.binary(1)?;
        let Some((first, length)) = self.comparison_operator()? else { return Ok(left) };
        self.pos += length;
        let second = self.binary(1)?;
        if self.comparison_operator()?.is_none() {
            let (ops, comparators) = (self.arena.slice(&[first]), self.arena.slice(&[second]));
            return Ok(self.expr(ExprKind::Compare { left, ops, comparators }, self.range_from(start)));
        }
        let mark = self.scratch.exprs.len();
        self.scratch.exprs.push(second);
        let mut ops = vec![first];
        while let Some((op, length)) = self.comparison_operator()? {
            self.pos += length;
            ops.push(op);
            let next = self.binary(1)?;
            self.scratch.exprs.push(next);
        }
        let comparators = self.finish_exprs(mark);
        let ops = self.arena.slice(&ops);
        Ok(self.expr(ExprKind::Compare { left, ops, comparators }, self.range_from(start)))
    }

    /// Operands joined by operators that bind at least as tightly as `least`; 1 is `bitwise_or`.
    pub(super) fn binary(&mut self, least: u8) -> Parse<ExprRef<'a>> {
        let start = self.start();
        let mut left = self.factor()?;
        loop {
            let (tightness, op) = binary_operator(self.kind());
            if tightness < least {
                return Ok(left);
            }
            if op == Operator::MatMult {
                self.version(5)?;
            }
            self.bump();
            let right = self.binary(tightness + 1)?;
            left = self.expr(ExprKind::BinOp { left, op, right }, self.range_from(start));
        }
    }

    fn factor(&mut self) -> Parse<ExprRef<'a>> {
        let op = match self.kind() {
            TokenKind::Plus => UnaryOp::UAdd,
            TokenKind::Minus => UnaryOp::USub,
            TokenKind::Tilde => UnaryOp::Invert,
            _ => return self.power(),
        };
        let start = self.start();
        self.bump();
        self.deeper(weight::UNARY)?;
        let operand = self.factor()?;
        self.depth -= weight::UNARY;
        Ok(self.expr(ExprKind::UnaryOp { op, operand }, self.range_from(start)))
    }

    fn power(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        let left = if self.at(TokenKind::KwAwait) {
            self.version(5)?;
            self.bump();
            let value = self.primary()?;
            self.expr(ExprKind::Await { value }, self.range_from(start))
        } else {
            self.primary()?
        };
        if !self.at(TokenKind::DoubleStar) {
            return Ok(left);
        }
        self.bump();
        self.deeper(weight::POWER)?;
        let right = self.factor()?;
        self.depth -= weight::POWER;
        Ok(self.expr(ExprKind::BinOp { left, op: Operator::Pow, right }, self.range_from(start)))
    }

    /// `primary`: an atom with what is attached to it.
    pub(super) fn primary(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        let mut value = self.atom()?;
        loop {
            match self.kind() {
                TokenKind::Dot => {
                    self.bump();
                    let attr = self.name()?;
                    let kind = ExprKind::Attribute { value, attr, ctx: ExprContext::Load };
                    value = self.expr(kind, self.range_from(start));
                }
                TokenKind::LPar => value = self.call(start, value)?,
                TokenKind::LSqb => {
                    self.bump();
                    self.deeper(weight::BRACKETS)?;
                    let slice = self.slices()?;
                    self.depth -= weight::BRACKETS;
                    self.expect(TokenKind::RSqb)?;
                    let kind = ExprKind::Subscript { value, slice, ctx: ExprContext::Load };
                    value = self.expr(kind, self.range_from(start));
                }
                _ => return Ok(value),
            }
        }
    }

    fn call(&mut self, start: Range, func: ExprRef<'a>) -> Parse<ExprRef<'a>> {
        let (args, keywords) = self.arguments(true)?;
        Ok(self.expr(ExprKind::Call { func, args, keywords }, self.range_from(start)))
    }

    /// The arguments of a call or a class definition, with their parentheses.
    /// Only a call may have a bare generator expression.
    pub(super) fn arguments(&mut self, call: bool) -> Parse<(Seq<'a, ExprRef<'a>>, Seq<'a, Keyword<'a>>)> {
        let open = self.start();
        self.bump();
        if self.eat(TokenKind::RPar) {
            return Ok((&[], &[]));
        }
        self.deeper(weight::BRACKETS)?;
        let (args, keywords) = (self.scratch.exprs.len(), self.scratch.keywords.len());
        let mut seen_keyword = false;
        let mut seen_double_star = false;
        while !self.at(TokenKind::RPar) {
            let start = self.start();
            match self.kind() {
                TokenKind::Star => {
                    if seen_double_star {
                        return Err(Fail);
                    }
                    self.bump();
                    let value = self.expression()?;
                    let starred = ExprKind::Starred { value, ctx: ExprContext::Load };
                    let starred = self.expr(starred, self.range_from(start));
                    self.scratch.exprs.push(starred);
                }
                TokenKind::DoubleStar => {
                    seen_double_star = true;
                    self.bump();
                    let value = self.expression()?;
                    let range = self.range_from(start);
                    self.scratch.keywords.push(Keyword { arg: None, value, range });
                }
                TokenKind::Name if self.kind_at(1) == TokenKind::Equal => {
                    seen_keyword = true;
                    let arg = Some(self.name()?);
                    self.bump();
                    let value = self.expression()?;
                    let range = self.range_from(start);
                    self.scratch.keywords.push(Keyword { arg, value, range });
                }
                _ => {
                    if seen_keyword || seen_double_star {
                        return Err(Fail);
                    }
                    let value = self.named_expression()?;
                    if self.at_comprehension() {
                        if self.scratch.exprs.len() != args || !call {
                            return Err(Fail);
                        }
                        let generators = self.comprehension_clauses()?;
                        self.expect(TokenKind::RPar)?;
                        self.depth -= weight::BRACKETS;
                        let kind = ExprKind::GeneratorExp { elt: value, generators };
                        let generator = self.expr(kind, self.range_from(open));
                        return Ok((self.arena.slice(&[generator]), &[]));
                    }
                    self.scratch.exprs.push(value);
                }
            }
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RPar)?;
        self.depth -= weight::BRACKETS;
        Ok((self.finish_exprs(args), self.finish_keywords(keywords)))
    }

    /// `slices`: what stands in the brackets of a subscript.
    fn slices(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        if !self.at(TokenKind::Star) {
            let first = self.slice()?;
            if !self.at(TokenKind::Comma) {
                return Ok(first);
            }
            self.bump();
            return self.slice_tuple(start, Some(first));
        }
        self.slice_tuple(start, None)
    }

    fn slice_tuple(&mut self, start: Range, first: Option<ExprRef<'a>>) -> Parse<ExprRef<'a>> {
        let mark = self.scratch.exprs.len();
        self.scratch.exprs.extend(first);
        while !self.at(TokenKind::RSqb) {
            let item = if self.at(TokenKind::Star) {
                let start = self.start();
                self.bump();
                let value = self.expression()?;
                self.expr(ExprKind::Starred { value, ctx: ExprContext::Load }, self.range_from(start))
            } else {
                self.slice()?
            };
            self.scratch.exprs.push(item);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        let elts = self.finish_exprs(mark);
        Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, self.range_from(start)))
    }

    fn slice(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        let mut lower = None;
        if !self.at(TokenKind::Colon) {
            let named = self.kind_at(1) == TokenKind::ColonEqual;
            let value = self.named_expression()?;
            if named || !self.at(TokenKind::Colon) {
                return Ok(value);
            }
            lower = Some(value);
        }
        self.bump();
        let upper = self.slice_part()?;
        let step = if self.eat(TokenKind::Colon) { self.slice_part()? } else { None };
        Ok(self.expr(ExprKind::Slice { lower, upper, step }, self.range_from(start)))
    }

    fn slice_part(&mut self) -> Parse<Option<ExprRef<'a>>> {
        if matches!(self.kind(), TokenKind::Colon | TokenKind::Comma | TokenKind::RSqb) {
            return Ok(None);
        }
        self.expression().map(Some)
    }

    /// `atom`.
    fn atom(&mut self) -> Parse<ExprRef<'a>> {
        let range = self.start();
        let constant = match self.kind() {
            TokenKind::Name => {
                let id = self.name()?;
                return Ok(self.expr(ExprKind::Name { id, ctx: ExprContext::Load }, range));
            }
            TokenKind::Number => {
                let literal = self.text(self.token());
                if literal.contains('_') {
                    self.version(6)?;
                }
                let value =
                    crate::literal::number(self.arena, literal, self.options.int_max_str_digits).map_err(|_| Fail)?;
                self.bump();
                return Ok(self.expr(ExprKind::Constant { value, kind: None }, range));
            }
            TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart => return self.strings(),
            TokenKind::KwNone => Constant::None,
            TokenKind::KwTrue => Constant::True,
            TokenKind::KwFalse => Constant::False,
            TokenKind::Ellipsis => Constant::Ellipsis,
            TokenKind::LPar | TokenKind::LSqb | TokenKind::LBrace => {
                self.deeper(weight::BRACKETS)?;
                let value = match self.kind() {
                    TokenKind::LPar => self.parenthesized()?,
                    TokenKind::LSqb => self.list()?,
                    _ => self.braces()?,
                };
                self.depth -= weight::BRACKETS;
                return Ok(value);
            }
            _ => return Err(Fail),
        };
        self.bump();
        Ok(self.expr(ExprKind::Constant { value: constant, kind: None }, range))
    }

    fn parenthesized(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        self.bump();
        if self.eat(TokenKind::RPar) {
            return Ok(self.expr(ExprKind::Tuple { elts: &[], ctx: ExprContext::Load }, self.range_from(start)));
        }
        if self.at(TokenKind::KwYield) {
            let value = self.yield_expr()?;
            self.expect(TokenKind::RPar)?;
            return Ok(value);
        }
        let starred = self.at(TokenKind::Star);
        let first = self.star_named_expression()?;
        match self.kind() {
            TokenKind::Comma => {
                let elts = self.elements(first, TokenKind::RPar)?;
                Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, self.range_from(start)))
            }
            TokenKind::RPar if !starred => {
                self.bump();
                Ok(first)
            }
            _ if !starred && self.at_comprehension() => {
                let generators = self.comprehension_clauses()?;
                self.expect(TokenKind::RPar)?;
                Ok(self.expr(ExprKind::GeneratorExp { elt: first, generators }, self.range_from(start)))
            }
            _ => Err(Fail),
        }
    }

    /// The rest of a display after its first element, with the closing bracket.
    fn elements(&mut self, first: ExprRef<'a>, close: TokenKind) -> Parse<Seq<'a, ExprRef<'a>>> {
        let mark = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::Comma) && !self.at(close) {
            let next = self.star_named_expression()?;
            self.scratch.exprs.push(next);
        }
        self.expect(close)?;
        Ok(self.finish_exprs(mark))
    }

    fn list(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        self.bump();
        if self.eat(TokenKind::RSqb) {
            return Ok(self.expr(ExprKind::List { elts: &[], ctx: ExprContext::Load }, self.range_from(start)));
        }
        let starred = self.at(TokenKind::Star);
        let first = self.star_named_expression()?;
        if self.at_comprehension() && !starred {
            let generators = self.comprehension_clauses()?;
            self.expect(TokenKind::RSqb)?;
            return Ok(self.expr(ExprKind::ListComp { elt: first, generators }, self.range_from(start)));
        }
        let elts = self.elements(first, TokenKind::RSqb)?;
        Ok(self.expr(ExprKind::List { elts, ctx: ExprContext::Load }, self.range_from(start)))
    }

    fn braces(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        self.bump();
        match self.kind() {
            TokenKind::RBrace => {
                self.bump();
                return Ok(self.expr(ExprKind::Dict { keys: &[], values: &[] }, self.range_from(start)));
            }
            TokenKind::DoubleStar => return self.dict(start, None),
            TokenKind::Star => {
                let first = self.starred_bitwise()?;
                let elts = self.elements(first, TokenKind::RBrace)?;
                return Ok(self.expr(ExprKind::Set { elts }, self.range_from(start)));
            }
            _ => {}
        }
        let named = self.kind_at(1) == TokenKind::ColonEqual;
        let first = self.named_expression()?;
        if self.at(TokenKind::Colon) && !named {
            return self.dict(start, Some(first));
        }
        if self.at_comprehension() {
            let generators = self.comprehension_clauses()?;
            self.expect(TokenKind::RBrace)?;
            return Ok(self.expr(ExprKind::SetComp { elt: first, generators }, self.range_from(start)));
        }
        let elts = self.elements(first, TokenKind::RBrace)?;
        Ok(self.expr(ExprKind::Set { elts }, self.range_from(start)))
    }

    /// A dictionary after its brace, or after its first key.
    fn dict(&mut self, start: Range, mut first: Option<ExprRef<'a>>) -> Parse<ExprRef<'a>> {
        let (keys, values) = (self.scratch.optional.len(), self.scratch.exprs.len());
        let mut only = true;
        while !self.at(TokenKind::RBrace) {
            if first.is_none() && self.eat(TokenKind::DoubleStar) {
                let value = self.binary(1)?;
                self.scratch.optional.push(None);
                self.scratch.exprs.push(value);
            } else {
                let key = match first.take() {
                    Some(key) => key,
                    None => self.expression()?,
                };
                self.expect(TokenKind::Colon)?;
                let value = self.expression()?;
                if only && self.at_comprehension() {
                    let generators = self.comprehension_clauses()?;
                    self.expect(TokenKind::RBrace)?;
                    return Ok(self.expr(ExprKind::DictComp { key, value, generators }, self.range_from(start)));
                }
                self.scratch.optional.push(Some(key));
                self.scratch.exprs.push(value);
            }
            only = false;
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RBrace)?;
        let key_list = self.arena.slice(&self.scratch.optional[keys..]);
        self.scratch.optional.truncate(keys);
        let values = self.finish_exprs(values);
        Ok(self.expr(ExprKind::Dict { keys: key_list, values }, self.range_from(start)))
    }

    #[inline]
    fn at_comprehension(&self) -> bool {
        match self.kind() {
            TokenKind::KwFor => true,
            TokenKind::KwAsync => self.kind_at(1) == TokenKind::KwFor,
            _ => false,
        }
    }

    /// `for_if_clauses`.
    fn comprehension_clauses(&mut self) -> Parse<Seq<'a, Comprehension<'a>>> {
        let mark = self.scratch.comprehensions.len();
        while self.at_comprehension() {
            let is_async = self.eat(TokenKind::KwAsync);
            if is_async {
                self.version(6)?;
            }
            self.bump();
            let target = self.star_targets()?;
            self.expect(TokenKind::KwIn)?;
            let iter = self.disjunction()?;
            let ifs = self.scratch.exprs.len();
            while self.eat(TokenKind::KwIf) {
                let test = self.disjunction()?;
                self.scratch.exprs.push(test);
            }
            let ifs = self.finish_exprs(ifs);
            self.scratch.comprehensions.push(Comprehension { target, iter, ifs, is_async });
        }
        let list = self.arena.slice(&self.scratch.comprehensions[mark..]);
        self.scratch.comprehensions.truncate(mark);
        Ok(list)
    }
}

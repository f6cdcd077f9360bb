//! Compound statements and blocks.

use super::{Fail, Parse, Parser};
use crate::ast::{Body, ClassDef, ExceptHandler, ExprContext, ExprKind, ExprRef, For, FunctionDef, MatchCase, Range};
use crate::ast::{Seq, StmtKind, StmtRef, Try, With, WithItem};
use crate::token::TokenKind;

/// By how many rules a block nests CPython's parser.
const BLOCK_WEIGHT: u32 = 7;

impl<'a> Parser<'a, '_> {
    /// `statements`, up to a DEDENT or the end.
    pub(super) fn statements(&mut self) -> Parse<Body<'a>> {
        let mark = self.scratch.stmts.len();
        while !matches!(self.kind(), TokenKind::Dedent | TokenKind::EndMarker) {
            self.statement()?;
        }
        Ok(self.finish_stmts(mark))
    }

    /// One statement, or a line of them, pushed to the scratch list. Says whether it was a compound one.
    pub(super) fn statement(&mut self) -> Parse<bool> {
        let start = self.start();
        let stmt = match self.kind() {
            TokenKind::KwIf => self.if_stmt(start)?,
            TokenKind::KwDef => self.function_def(start, &[], false)?,
            TokenKind::At => self.decorated()?,
            TokenKind::KwClass => self.class_def(start, &[])?,
            TokenKind::KwFor => self.for_stmt(start, false)?,
            TokenKind::KwTry => self.try_stmt(start)?,
            TokenKind::KwWith => self.with_stmt(start, false)?,
            TokenKind::KwWhile => self.while_stmt(start)?,
            TokenKind::KwAsync => {
                self.version(5)?;
                self.bump();
                match self.kind() {
                    TokenKind::KwDef => self.function_def(start, &[], true)?,
                    TokenKind::KwFor => self.for_stmt(start, true)?,
                    TokenKind::KwWith => self.with_stmt(start, true)?,
                    _ => return self.fail(),
                }
            }
            TokenKind::Name if self.text(self.token()) == "match" => match self.match_stmt(start)? {
                Some(stmt) => stmt,
                None => return self.simple_stmts().map(|()| false),
            },
            _ => return self.simple_stmts().map(|()| false),
        };
        self.scratch.stmts.push(stmt);
        Ok(true)
    }

    fn block(&mut self) -> Parse<Body<'a>> {
        let mark = self.scratch.stmts.len();
        if !self.eat(TokenKind::Newline) {
            self.simple_stmts()?;
            return Ok(self.finish_stmts(mark));
        }
        self.expect(TokenKind::Indent)?;
        self.deeper(BLOCK_WEIGHT)?;
        let body = self.statements()?;
        self.depth -= BLOCK_WEIGHT;
        self.expect(TokenKind::Dedent)?;
        if body.is_empty() { Err(Fail) } else { Ok(body) }
    }

    fn colon_block(&mut self) -> Parse<Body<'a>> {
        self.expect(TokenKind::Colon)?;
        self.block()
    }

    fn else_block(&mut self) -> Parse<Body<'a>> {
        if self.eat(TokenKind::KwElse) { self.colon_block() } else { Ok(&[]) }
    }

    fn if_stmt(&mut self, start: Range) -> Parse<StmtRef<'a>> {
        // The branches of a long chain nest in the tree, but are read in a loop.
        let mut branches = Vec::new();
        let mut start = start;
        let depth = self.depth;
        self.deeper(3)?;
        loop {
            self.bump();
            let test = self.named_expression()?;
            let body = self.colon_block()?;
            branches.push((start, test, body));
            start = self.start();
            if !self.at(TokenKind::KwElif) {
                break;
            }
            self.deeper(1)?;
        }
        self.depth = depth;
        let mut orelse = self.else_block()?;
        let mut branches = branches.into_iter().rev();
        let Some((start, test, body)) = branches.next() else { return self.fail() };
        let mut stmt = self.stmt(StmtKind::If { test, body, orelse }, self.range_from(start));
        for (start, test, body) in branches {
            orelse = self.arena.slice(&[stmt]);
            stmt = self.stmt(StmtKind::If { test, body, orelse }, start.to(stmt.range));
        }
        Ok(stmt)
    }

    fn while_stmt(&mut self, start: Range) -> Parse<StmtRef<'a>> {
        self.bump();
        let test = self.named_expression()?;
        let body = self.colon_block()?;
        let orelse = self.else_block()?;
        Ok(self.stmt(StmtKind::While { test, body, orelse }, self.range_from(start)))
    }

    fn for_stmt(&mut self, start: Range, is_async: bool) -> Parse<StmtRef<'a>> {
        self.bump();
        let target = self.star_targets()?;
        self.expect(TokenKind::KwIn)?;
        let iter = self.star_expressions()?;
        self.expect(TokenKind::Colon)?;
        let type_comment = self.type_comment();
        let body = self.block()?;
        let orelse = self.else_block()?;
        let node = self.arena.alloc(For { target, iter, body, orelse, type_comment });
        let kind = if is_async { StmtKind::AsyncFor(node) } else { StmtKind::For(node) };
        Ok(self.stmt(kind, self.range_from(start)))
    }

    fn try_stmt(&mut self, start: Range) -> Parse<StmtRef<'a>> {
        self.bump();
        let body = self.colon_block()?;
        let mark = self.scratch.handlers.len();
        let mut star = false;
        while self.at(TokenKind::KwExcept) {
            let here = self.kind_at(1) == TokenKind::Star;
            if self.scratch.handlers.len() == mark {
                star = here;
                if star {
                    self.version(11)?;
                }
            } else if star != here {
                return self.fail();
            }
            let handler = self.except_handler(star)?;
            self.scratch.handlers.push(handler);
        }
        let handlers = self.arena.slice(&self.scratch.handlers[mark..]);
        self.scratch.handlers.truncate(mark);
        let orelse = if handlers.is_empty() { &[] } else { self.else_block()? };
        let finalbody = if self.eat(TokenKind::KwFinally) { self.colon_block()? } else { &[] };
        if handlers.is_empty() && finalbody.is_empty() {
            return self.fail();
        }
        let node = self.arena.alloc(Try { body, handlers, orelse, finalbody });
        let kind = if star { StmtKind::TryStar(node) } else { StmtKind::Try(node) };
        Ok(self.stmt(kind, self.range_from(start)))
    }

    fn except_handler(&mut self, star: bool) -> Parse<ExceptHandler<'a>> {
        let start = self.start();
        self.bump();
        if star {
            self.bump();
        }
        let mut typ = None;
        let mut name = None;
        if star || !self.at(TokenKind::Colon) {
            let value = self.expressions()?;
            if self.at(TokenKind::KwAs) {
                if is_bare_tuple(value) {
                    return self.fail();
                }
                self.bump();
                name = Some(self.name()?);
            } else if is_bare_tuple(value) {
                self.version(14)?;
            }
            typ = Some(value);
        }
        let body = self.colon_block()?;
        Ok(ExceptHandler { typ, name, body, range: self.range_from(start) })
    }

    fn with_stmt(&mut self, start: Range, is_async: bool) -> Parse<StmtRef<'a>> {
        self.bump();
        let items = match self.parenthesized_items() {
            Some(items) => items,
            None => self.with_items()?,
        };
        self.expect(TokenKind::Colon)?;
        let type_comment = self.type_comment();
        let body = self.block()?;
        let node = self.arena.alloc(With { items, body, type_comment });
        let kind = if is_async { StmtKind::AsyncWith(node) } else { StmtKind::With(node) };
        Ok(self.stmt(kind, self.range_from(start)))
    }

    /// The items of a `with` in parentheses that belong to the statement; nothing if there are none such.
    fn parenthesized_items(&mut self) -> Option<Seq<'a, WithItem<'a>>> {
        if !self.at(TokenKind::LPar) || !self.parenthesis_ends_at_colon() {
            return None;
        }
        let (pos, depth, mark, exprs) = (self.pos, self.depth, self.scratch.items.len(), self.scratch.exprs.len());
        let warnings = self.warnings.len();
        let items = self.items_in_parentheses(mark);
        if items.is_err() {
            (self.pos, self.depth) = (pos, depth);
            self.scratch.items.truncate(mark);
            self.scratch.exprs.truncate(exprs);
            self.warnings.truncate(warnings);
        }
        items.ok()
    }

    fn items_in_parentheses(&mut self, mark: usize) -> Parse<Seq<'a, WithItem<'a>>> {
        self.bump();
        loop {
            self.with_item()?;
            if !self.eat(TokenKind::Comma) || self.at(TokenKind::RPar) {
                break;
            }
        }
        self.expect(TokenKind::RPar)?;
        if self.at(TokenKind::Colon) { Ok(self.finish_items(mark)) } else { Err(Fail) }
    }

    /// Whether the parenthesis here is closed right before a colon.
    fn parenthesis_ends_at_colon(&self) -> bool {
        let mut level = 0;
        for (index, token) in self.tokens[self.pos..].iter().enumerate() {
            match token.kind {
                TokenKind::LPar | TokenKind::LSqb | TokenKind::LBrace => level += 1,
                TokenKind::RPar | TokenKind::RSqb | TokenKind::RBrace => {
                    level -= 1;
                    if level == 0 {
                        return self.kind_at(index + 1) == TokenKind::Colon;
                    }
                }
                TokenKind::Newline => return false,
                _ => {}
            }
        }
        false
    }

    fn with_items(&mut self) -> Parse<Seq<'a, WithItem<'a>>> {
        let mark = self.scratch.items.len();
        loop {
            self.with_item()?;
            if !self.eat(TokenKind::Comma) {
                return Ok(self.finish_items(mark));
            }
        }
    }

    fn with_item(&mut self) -> Parse<()> {
        let context_expr = self.expression()?;
        let optional_vars = if self.eat(TokenKind::KwAs) {
            let target = self.star_target()?;
            if !matches!(self.kind(), TokenKind::Comma | TokenKind::RPar | TokenKind::Colon) {
                return self.fail();
            }
            Some(target)
        } else {
            None
        };
        self.scratch.items.push(WithItem { context_expr, optional_vars });
        Ok(())
    }

    fn finish_items(&mut self, mark: usize) -> Seq<'a, WithItem<'a>> {
        let list = self.arena.slice(&self.scratch.items[mark..]);
        self.scratch.items.truncate(mark);
        list
    }

    fn decorated(&mut self) -> Parse<StmtRef<'a>> {
        let mark = self.scratch.exprs.len();
        while self.eat(TokenKind::At) {
            let decorator = self.named_expression()?;
            self.scratch.exprs.push(decorator);
            self.expect(TokenKind::Newline)?;
        }
        let decorators = self.finish_exprs(mark);
        let start = self.start();
        match self.kind() {
            TokenKind::KwDef => self.function_def(start, decorators, false),
            TokenKind::KwClass => self.class_def(start, decorators),
            TokenKind::KwAsync if self.kind_at(1) == TokenKind::KwDef => {
                self.version(5)?;
                self.bump();
                self.function_def(start, decorators, true)
            }
            _ => self.fail(),
        }
    }

    fn function_def(
        &mut self,
        start: Range,
        decorator_list: Seq<'a, ExprRef<'a>>,
        is_async: bool,
    ) -> Parse<StmtRef<'a>> {
        self.bump();
        let name = self.name()?;
        let type_params = self.type_params()?;
        self.expect(TokenKind::LPar)?;
        let args = self.parameters(TokenKind::RPar)?;
        self.expect(TokenKind::RPar)?;
        let returns = if self.eat(TokenKind::RArrow) { Some(self.expression()?) } else { None };
        self.expect(TokenKind::Colon)?;
        let type_comment = self.function_type_comment()?;
        let body = self.block()?;
        let node = FunctionDef { name, args, body, decorator_list, returns, type_comment, type_params };
        let node = self.arena.alloc(node);
        let kind = if is_async { StmtKind::AsyncFunctionDef(node) } else { StmtKind::FunctionDef(node) };
        Ok(self.stmt(kind, self.range_from(start)))
    }

    /// The type comment of a function: after its colon, or alone on the next line.
    fn function_type_comment(&mut self) -> Parse<Option<&'a str>> {
        if self.at(TokenKind::Newline)
            && self.kind_at(1) == TokenKind::TypeComment
            && self.kind_at(2) == TokenKind::Newline
            && self.kind_at(3) == TokenKind::Indent
        {
            self.bump();
        }
        let comment = self.type_comment();
        if comment.is_some() && self.at(TokenKind::Newline) && self.kind_at(1) == TokenKind::TypeComment {
            return self.fail();
        }
        Ok(comment)
    }

    fn class_def(&mut self, start: Range, decorator_list: Seq<'a, ExprRef<'a>>) -> Parse<StmtRef<'a>> {
        self.bump();
        let name = self.name()?;
        let type_params = self.type_params()?;
        let (bases, keywords) = if self.at(TokenKind::LPar) { self.arguments(false)? } else { (&[][..], &[][..]) };
        let body = self.colon_block()?;
        let node = self.arena.alloc(ClassDef { name, bases, keywords, body, decorator_list, type_params });
        Ok(self.stmt(StmtKind::ClassDef(node), self.range_from(start)))
    }

    /// A `match` statement; nothing if the word is a name here.
    fn match_stmt(&mut self, start: Range) -> Parse<Option<StmtRef<'a>>> {
        if !self.match_may_begin() {
            return Ok(None);
        }
        let (pos, depth, exprs) = (self.pos, self.depth, self.scratch.exprs.len());
        let warnings = self.warnings.len();
        self.bump();
        let subject = self.match_subject();
        let begun = subject.is_ok()
            && self.at(TokenKind::Colon)
            && self.kind_at(1) == TokenKind::Newline
            && self.kind_at(2) == TokenKind::Indent;
        let (Ok(subject), true) = (subject, begun) else {
            (self.pos, self.depth) = (pos, depth);
            self.scratch.exprs.truncate(exprs);
            self.warnings.truncate(warnings);
            return Ok(None);
        };
        self.version(10)?;
        self.pos += 3;
        self.deeper(BLOCK_WEIGHT)?;
        let mark = self.scratch.cases.len();
        while self.at(TokenKind::Name) && self.text(self.token()) == "case" {
            self.bump();
            let pattern = self.patterns()?;
            let guard = if self.eat(TokenKind::KwIf) { Some(self.named_expression()?) } else { None };
            let body = self.colon_block()?;
            self.scratch.cases.push(MatchCase { pattern, guard, body });
        }
        self.depth -= BLOCK_WEIGHT;
        let cases = self.arena.slice(&self.scratch.cases[mark..]);
        self.scratch.cases.truncate(mark);
        if cases.is_empty() {
            return self.fail();
        }
        self.expect(TokenKind::Dedent)?;
        Ok(Some(self.stmt(StmtKind::Match { subject, cases }, self.range_from(start))))
    }

    /// Whether what follows the word `match` can be a subject.
    fn match_may_begin(&mut self) -> bool {
        self.pos += 1;
        let begins = self.at(TokenKind::Star) || self.starts_expression();
        self.pos -= 1;
        begins
    }

    fn match_subject(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        let starred = self.at(TokenKind::Star);
        let first = self.star_named_expression()?;
        if !self.at(TokenKind::Comma) {
            return if starred { self.fail() } else { Ok(first) };
        }
        let mark = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::Comma) && !self.at(TokenKind::Colon) {
            let next = self.star_named_expression()?;
            self.scratch.exprs.push(next);
        }
        let elts = self.finish_exprs(mark);
        Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, self.range_from(start)))
    }
}

/// Whether `value` is a tuple without parentheses: it begins where its first element does.
fn is_bare_tuple(value: ExprRef<'_>) -> bool {
    let ExprKind::Tuple { elts, .. } = value.kind else { return false };
    elts.first().is_some_and(|first| {
        (first.range.lineno, first.range.col_offset) == (value.range.lineno, value.range.col_offset)
    })
}

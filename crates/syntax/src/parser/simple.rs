//! Statements of one line.

use super::{Fail, Parse, Parser};
use crate::ast::{Alias, ExprContext, ExprKind, ExprRef, Operator, Range, Seq, StmtKind, StmtRef};
use crate::token::TokenKind;

/// The operator of an augmented assignment.
fn augmented_operator(kind: TokenKind) -> Option<Operator> {
    Some(match kind {
        TokenKind::PlusEqual => Operator::Add,
        TokenKind::MinEqual => Operator::Sub,
        TokenKind::StarEqual => Operator::Mult,
        TokenKind::AtEqual => Operator::MatMult,
        TokenKind::SlashEqual => Operator::Div,
        TokenKind::PercentEqual => Operator::Mod,
        TokenKind::AmperEqual => Operator::BitAnd,
        TokenKind::VBarEqual => Operator::BitOr,
        TokenKind::CircumflexEqual => Operator::BitXor,
        TokenKind::LeftShiftEqual => Operator::LShift,
        TokenKind::RightShiftEqual => Operator::RShift,
        TokenKind::DoubleStarEqual => Operator::Pow,
        TokenKind::DoubleSlashEqual => Operator::FloorDiv,
        _ => return None,
    })
}

impl<'a> Parser<'a, '_> {
    /// `simple_stmts`: a line of statements, pushed to the scratch list.
    pub(super) fn simple_stmts(&mut self) -> Parse<()> {
        loop {
            let stmt = self.simple_stmt()?;
            self.scratch.stmts.push(stmt);
            if !self.eat(TokenKind::Semi) {
                return self.expect(TokenKind::Newline);
            }
            if self.eat(TokenKind::Newline) {
                return Ok(());
            }
        }
    }

    fn simple_stmt(&mut self) -> Parse<StmtRef<'a>> {
        let start = self.start();
        let kind = match self.kind() {
            TokenKind::KwReturn => {
                self.bump();
                let value = if self.at_end_of_simple() { None } else { Some(self.star_expressions()?) };
                StmtKind::Return { value }
            }
            TokenKind::KwImport => {
                self.bump();
                StmtKind::Import { names: self.dotted_aliases()? }
            }
            TokenKind::KwFrom => self.import_from()?,
            TokenKind::KwRaise => {
                self.bump();
                let exc = if self.at_end_of_simple() { None } else { Some(self.expression()?) };
                let cause = if exc.is_some() && self.eat(TokenKind::KwFrom) { Some(self.expression()?) } else { None };
                StmtKind::Raise { exc, cause }
            }
            TokenKind::KwPass => self.word(StmtKind::Pass),
            TokenKind::KwBreak => self.word(StmtKind::Break),
            TokenKind::KwContinue => self.word(StmtKind::Continue),
            TokenKind::KwDel => {
                self.bump();
                StmtKind::Delete { targets: self.del_targets()? }
            }
            TokenKind::KwAssert => {
                self.bump();
                let test = self.expression()?;
                let msg = if self.eat(TokenKind::Comma) { Some(self.expression()?) } else { None };
                StmtKind::Assert { test, msg }
            }
            TokenKind::KwGlobal => {
                self.bump();
                StmtKind::Global { names: self.names()? }
            }
            TokenKind::KwNonlocal => {
                self.bump();
                StmtKind::Nonlocal { names: self.names()? }
            }
            TokenKind::KwYield => {
                let value = self.yield_expr()?;
                StmtKind::Expr { value }
            }
            TokenKind::Name if self.at_type_alias() => self.type_alias()?,
            _ => return self.expression_stmt(),
        };
        Ok(self.stmt(kind, self.range_from(start)))
    }

    #[inline]
    fn word(&mut self, kind: StmtKind<'a>) -> StmtKind<'a> {
        self.bump();
        kind
    }

    fn at_end_of_simple(&self) -> bool {
        matches!(self.kind(), TokenKind::Newline | TokenKind::Semi)
    }

    /// An expression by itself, or an assignment to it.
    fn expression_stmt(&mut self) -> Parse<StmtRef<'a>> {
        let start = self.start();
        let parenthesized = !self.at(TokenKind::Name);
        let first = self.star_expressions()?;
        let kind = match self.kind() {
            TokenKind::Newline | TokenKind::Semi => StmtKind::Expr { value: first },
            TokenKind::Equal => self.assignment(first)?,
            TokenKind::Colon => self.annotated(first, !parenthesized)?,
            other => match augmented_operator(other) {
                Some(op) => {
                    if op == Operator::MatMult {
                        self.version(5)?;
                    }
                    let target = self.as_single_target(first)?;
                    self.bump();
                    StmtKind::AugAssign { target, op, value: self.annotated_rhs()? }
                }
                None => StmtKind::Expr { value: first },
            },
        };
        Ok(self.stmt(kind, self.range_from(start)))
    }

    fn assignment(&mut self, first: ExprRef<'a>) -> Parse<StmtKind<'a>> {
        let mark = self.scratch.exprs.len();
        let mut value = first;
        while self.eat(TokenKind::Equal) {
            let target = self.as_target(value, ExprContext::Store)?;
            self.scratch.exprs.push(target);
            value = self.annotated_rhs()?;
        }
        let type_comment = self.type_comment();
        Ok(StmtKind::Assign { targets: self.finish_exprs(mark), value, type_comment })
    }

    fn annotated(&mut self, target: ExprRef<'a>, starts_with_name: bool) -> Parse<StmtKind<'a>> {
        self.version(6)?;
        let simple = starts_with_name && matches!(target.kind, ExprKind::Name { .. });
        let target = self.as_single_target(target)?;
        self.bump();
        let annotation = self.expression()?;
        let value = if self.eat(TokenKind::Equal) { Some(self.annotated_rhs()?) } else { None };
        Ok(StmtKind::AnnAssign { target, annotation, value, simple })
    }

    fn names(&mut self) -> Parse<Seq<'a, &'a str>> {
        let mark = self.scratch.names.len();
        loop {
            let name = self.name()?;
            self.scratch.names.push(name);
            if !self.eat(TokenKind::Comma) {
                return Ok(self.finish_names(mark));
            }
        }
    }

    fn dotted_name(&mut self) -> Parse<&'a str> {
        let first = self.token();
        let name = self.name()?;
        if !self.at(TokenKind::Dot) {
            return Ok(name);
        }
        let mut last = first;
        let mut plain = name.is_ascii();
        let mut parts = vec![name];
        while self.eat(TokenKind::Dot) {
            last = self.token();
            let part = self.name()?;
            plain &= part.is_ascii();
            parts.push(part);
        }
        let text = &self.src[first.start as usize..last.end as usize];
        let length = parts.iter().map(|part| part.len() + 1).sum::<usize>() - 1;
        // White space between the parts is not part of the name.
        Ok(if plain && text.len() == length { text } else { self.arena.str(&parts.join(".")) })
    }

    fn dotted_aliases(&mut self) -> Parse<Seq<'a, Alias<'a>>> {
        let mark = self.scratch.aliases.len();
        loop {
            let start = self.start();
            let name = self.dotted_name()?;
            self.push_alias(start, name)?;
            if !self.eat(TokenKind::Comma) {
                return Ok(self.finish_aliases(mark));
            }
        }
    }

    fn push_alias(&mut self, start: Range, name: &'a str) -> Parse<()> {
        let asname = if self.eat(TokenKind::KwAs) { Some(self.name()?) } else { None };
        let range = self.range_from(start);
        self.scratch.aliases.push(Alias { name, asname, range });
        Ok(())
    }

    fn finish_aliases(&mut self, mark: usize) -> Seq<'a, Alias<'a>> {
        let list = self.arena.slice(&self.scratch.aliases[mark..]);
        self.scratch.aliases.truncate(mark);
        list
    }

    fn import_from(&mut self) -> Parse<StmtKind<'a>> {
        self.bump();
        let mut level = 0;
        loop {
            match self.kind() {
                TokenKind::Dot => level += 1,
                TokenKind::Ellipsis => level += 3,
                _ => break,
            }
            self.bump();
        }
        let module = if level > 0 && self.at(TokenKind::KwImport) { None } else { Some(self.dotted_name()?) };
        self.expect(TokenKind::KwImport)?;
        let names = self.import_targets()?;
        if level == 0 && module == Some("__future__") && names.iter().any(|alias| alias.name == "barry_as_FLUFL") {
            self.barry = true;
        }
        Ok(StmtKind::ImportFrom { module, names, level })
    }

    fn import_targets(&mut self) -> Parse<Seq<'a, Alias<'a>>> {
        let start = self.start();
        if self.eat(TokenKind::Star) {
            let range = self.range_from(start);
            return Ok(self.arena.slice(&[Alias { name: "*", asname: None, range }]));
        }
        let parenthesized = self.eat(TokenKind::LPar);
        let mark = self.scratch.aliases.len();
        loop {
            let start = self.start();
            let name = self.name()?;
            self.push_alias(start, name)?;
            if !self.eat(TokenKind::Comma) || (parenthesized && self.at(TokenKind::RPar)) {
                break;
            }
        }
        if parenthesized {
            self.expect(TokenKind::RPar)?;
        }
        Ok(self.finish_aliases(mark))
    }

    fn at_type_alias(&self) -> bool {
        self.kind_at(1) == TokenKind::Name
            && matches!(self.kind_at(2), TokenKind::Equal | TokenKind::LSqb)
            && self.text(self.token()) == "type"
    }

    fn type_alias(&mut self) -> Parse<StmtKind<'a>> {
        self.version(12)?;
        self.bump();
        let range = self.start();
        let id = self.name()?;
        let name = self.expr(ExprKind::Name { id, ctx: ExprContext::Store }, range);
        let type_params = self.type_params()?;
        self.expect(TokenKind::Equal)?;
        let value = self.expression()?;
        Ok(StmtKind::TypeAlias { name, type_params, value })
    }

    /// Fails: the construct cannot stand here.
    pub(super) fn fail<T>(&self) -> Parse<T> {
        Err(Fail)
    }
}

//! What can be assigned to or deleted.

use super::{Fail, Parse, Parser};
use crate::ast::{Expr, ExprContext, ExprKind, ExprRef, Seq};
use crate::token::TokenKind;

impl<'a> Parser<'a, '_> {
    /// The target that `expr` is when assigned to (or, with `ctx` `Del`, deleted).
    pub(super) fn as_target(&mut self, expr: ExprRef<'a>, ctx: ExprContext) -> Parse<ExprRef<'a>> {
        let kind = match expr.kind {
            ExprKind::Name { id, .. } => ExprKind::Name { id, ctx },
            ExprKind::Attribute { value, attr, .. } => ExprKind::Attribute { value, attr, ctx },
            ExprKind::Subscript { value, slice, .. } => ExprKind::Subscript { value, slice, ctx },
            ExprKind::Starred { value, .. } if ctx == ExprContext::Store => {
                ExprKind::Starred { value: self.as_target(value, ctx)?, ctx }
            }
            ExprKind::Tuple { elts, .. } => ExprKind::Tuple { elts: self.as_targets(elts, ctx)?, ctx },
            ExprKind::List { elts, .. } => ExprKind::List { elts: self.as_targets(elts, ctx)?, ctx },
            _ => return Err(Fail),
        };
        Ok(self.arena.alloc(Expr { kind, range: expr.range }))
    }

    fn as_targets(&mut self, elts: Seq<'a, ExprRef<'a>>, ctx: ExprContext) -> Parse<Seq<'a, ExprRef<'a>>> {
        let mark = self.scratch.exprs.len();
        for elt in elts {
            let target = self.as_target(elt, ctx)?;
            self.scratch.exprs.push(target);
        }
        Ok(self.finish_exprs(mark))
    }

    /// Whether `expr` can be annotated or assigned to with an operator, as a target.
    pub(super) fn as_single_target(&mut self, expr: ExprRef<'a>) -> Parse<ExprRef<'a>> {
        match expr.kind {
            ExprKind::Name { .. } | ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => {
                self.as_target(expr, ExprContext::Store)
            }
            _ => Err(Fail),
        }
    }

    /// `star_target`.
    pub(super) fn star_target(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        if self.eat(TokenKind::Star) {
            let value = self.primary()?;
            let value = self.as_target(value, ExprContext::Store)?;
            return Ok(self.expr(ExprKind::Starred { value, ctx: ExprContext::Store }, self.range_from(start)));
        }
        let expr = self.primary()?;
        self.as_target(expr, ExprContext::Store)
    }

    /// `star_targets`: the target of a `for`.
    pub(super) fn star_targets(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        let first = self.star_target()?;
        if !self.at(TokenKind::Comma) {
            return Ok(first);
        }
        let mark = self.scratch.exprs.len();
        self.scratch.exprs.push(first);
        while self.eat(TokenKind::Comma) && !self.at(TokenKind::KwIn) {
            let next = self.star_target()?;
            self.scratch.exprs.push(next);
        }
        let elts = self.finish_exprs(mark);
        Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Store }, self.range_from(start)))
    }

    /// `del_targets`.
    pub(super) fn del_targets(&mut self) -> Parse<Seq<'a, ExprRef<'a>>> {
        let mark = self.scratch.exprs.len();
        loop {
            let expr = self.primary()?;
            let target = self.as_target(expr, ExprContext::Del)?;
            self.scratch.exprs.push(target);
            if !self.eat(TokenKind::Comma) || matches!(self.kind(), TokenKind::Semi | TokenKind::Newline) {
                return Ok(self.finish_exprs(mark));
            }
        }
    }
}

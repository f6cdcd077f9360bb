//! Expressions down to operators, with the rules that find errors in them.

use super::raise::expr_name;
use super::{E, Reader, Rule};
use crate::ast::{BoolOp, CmpOp, ExprContext, ExprKind, Operator, UnaryOp};
use crate::token::TokenKind as T;

/// The words that the grammar knows as soft keywords.
const SOFT_KEYWORDS: [&str; 4] = ["_", "case", "match", "type"];

impl<'a> Reader<'a, '_> {
    pub(super) fn expressions(&mut self) -> Option<E<'a>> {
        self.tuple_of(Self::expression)
    }

    pub(super) fn star_expressions(&mut self) -> Option<E<'a>> {
        self.tuple_of(Self::star_expression)
    }

    fn tuple_of(&mut self, mut item: impl FnMut(&mut Self) -> Option<E<'a>>) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            let first = item(p)?;
            let mut elts = vec![first];
            while let Some(next) = p.alt(|p| {
                p.expect(T::Comma)?;
                item(p)
            }) {
                elts.push(next);
            }
            let comma = p.opt(|p| p.expect(T::Comma))?;
            if elts.len() == 1 && comma.is_none() {
                return Some(first);
            }
            let elts = p.arena.slice(&elts);
            Some(p.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, start))
        })
    }

    pub(super) fn star_expression(&mut self) -> Option<E<'a>> {
        self.memo(Rule::StarExpression, |p| p.alt(Self::star_bitwise_or).or_else(|| p.expression()))
    }

    /// `'*' bitwise_or`.
    pub(super) fn star_bitwise_or(&mut self) -> Option<E<'a>> {
        let start = self.start();
        self.expect(T::Star)?;
        let value = self.bitwise_or()?;
        Some(self.expr(ExprKind::Starred { value, ctx: ExprContext::Load }, start))
    }

    pub(super) fn star_named_expression(&mut self) -> Option<E<'a>> {
        self.rule(|p| p.alt(Self::star_bitwise_or).or_else(|| p.named_expression()))
    }

    pub(super) fn star_named_expressions(&mut self) -> Option<Vec<E<'a>>> {
        self.rule(|p| {
            let found = p.gather(Self::star_named_expression)?;
            p.opt(|p| p.expect(T::Comma))?;
            Some(found)
        })
    }

    pub(super) fn annotated_rhs(&mut self) -> Option<E<'a>> {
        self.rule(|p| p.alt(Self::yield_expr).or_else(|| p.star_expressions()))
    }

    pub(super) fn yield_expr(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            p.expect(T::KwYield)?;
            if let Some(value) = p.alt(|p| {
                p.expect(T::KwFrom)?;
                p.expression()
            }) {
                return Some(p.expr(ExprKind::YieldFrom { value }, start));
            }
            let value = p.opt(Self::star_expressions)?;
            Some(p.expr(ExprKind::Yield { value }, start))
        })
    }

    pub(super) fn assignment_expression(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            let target = p.name()?;
            p.expect(T::ColonEqual)?;
            let value = p.expression()?;
            p.version(8, "Assignment expressions are")?;
            Some(p.expr(ExprKind::NamedExpr { target, value }, start))
        })
    }

    /// `assignment_expression`, which once begun is not given up for another reading.
    pub(super) fn committed_assignment(&mut self) -> Result<E<'a>, bool> {
        let mark = self.mark;
        if let Some(found) = self.assignment_expression() {
            return Ok(found);
        }
        self.mark = mark;
        let begun = self.sees(|p| {
            p.name()?;
            p.expect(T::ColonEqual)
        });
        Err(begun)
    }

    pub(super) fn named_expression(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            match p.committed_assignment() {
                Ok(found) => return Some(found),
                Err(_) if p.stopped => return None,
                Err(_) => {}
            }
            if p.invalid {
                p.invalid_named_expression();
            }
            p.alt(|p| {
                let found = p.expression()?;
                p.not_any(&[T::ColonEqual])?;
                Some(found)
            })
        })
    }

    /// `expression !':='` or an assignment expression.
    pub(super) fn assignment_or_expression(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            match p.committed_assignment() {
                Ok(found) => return Some(found),
                Err(_) if p.stopped => return None,
                Err(_) => {}
            }
            p.alt(|p| {
                let found = p.expression()?;
                p.not_any(&[T::ColonEqual])?;
                Some(found)
            })
        })
    }

    fn invalid_named_expression(&mut self) {
        self.memo(Rule::InvalidNamed, |p| {
            p.alt(|p| -> Option<()> {
                let a = p.expression()?;
                p.expect(T::ColonEqual)?;
                p.expression()?;
                let message = format!("cannot use assignment expressions with {}", expr_name(a));
                p.raise_at(a.range, &message)
            });
            p.alt(|p| -> Option<()> {
                let a = p.name()?;
                p.expect(T::Equal)?;
                let b = p.bitwise_or()?;
                p.not_any(&[T::Equal, T::ColonEqual])?;
                p.raise_range(a.range, b.range, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?")
            });
            p.alt(|p| -> Option<()> {
                let display = p.sees(|p| {
                    if p.alt(Self::list).is_some() || p.alt(Self::tuple).is_some() || p.alt(Self::genexp).is_some() {
                        return Some(());
                    }
                    p.expect_any(&[T::KwTrue, T::KwNone, T::KwFalse]).map(|_| ())
                });
                if display || p.stopped {
                    return None;
                }
                let a = p.bitwise_or()?;
                p.expect(T::Equal)?;
                p.bitwise_or()?;
                p.not_any(&[T::Equal, T::ColonEqual])?;
                let message = format!("cannot assign to {} here. Maybe you meant '==' instead of '='?", expr_name(a));
                p.raise_at(a.range, &message)
            });
            None
        });
    }

    pub(super) fn expression(&mut self) -> Option<E<'a>> {
        self.memo(Rule::Expression, |p| {
            if p.invalid {
                p.invalid_expression();
                p.invalid_legacy_expression();
            }
            p.plain_expression()
        })
    }

    fn plain_expression(&mut self) -> Option<E<'a>> {
        if let Some(found) = self.rule(|p| {
            let start = p.start();
            let body = p.disjunction()?;
            p.expect(T::KwIf)?;
            let test = p.disjunction()?;
            p.expect(T::KwElse)?;
            let orelse = p.expression()?;
            Some(p.expr(ExprKind::IfExp { test, body, orelse }, start))
        }) {
            return Some(found);
        }
        self.disjunction().or_else(|| self.lambdef())
    }

    /// `expression` without the rules that find errors.
    fn expression_without_invalid(&mut self) -> Option<E<'a>> {
        let invalid = std::mem::replace(&mut self.invalid, false);
        let found = self.rule(|p| p.plain_expression());
        self.invalid = invalid;
        found
    }

    fn invalid_expression(&mut self) {
        self.rule(|p| -> Option<()> {
            p.alt(|p| -> Option<()> {
                p.expect(T::String)?;
                let between = p.many1(|p| {
                    p.not_any(&[T::String])?;
                    p.expression_without_invalid()
                })?;
                p.expect(T::String)?;
                let (first, last) = (between.first()?.range, between.last()?.range);
                p.raise_range(first, last, "invalid syntax. Is this intended to be part of the string?")
            });
            p.alt(|p| -> Option<()> {
                let excluded = p.sees(|p| {
                    let word = p.expect(T::Name)?;
                    if SOFT_KEYWORDS.contains(&p.text(&word)) {
                        return Some(());
                    }
                    p.expect(T::String).map(|_| ())
                });
                if excluded || p.stopped {
                    return None;
                }
                let a = p.disjunction()?;
                let b = p.expression_without_invalid()?;
                p.missing_comma(a, b)
            });
            p.alt(|p| -> Option<()> {
                let a = p.disjunction()?;
                p.expect(T::KwIf)?;
                let b = p.disjunction()?;
                p.not_any(&[T::KwElse, T::Colon])?;
                p.raise_range(a.range, b.range, "expected 'else' after 'if' expression")
            });
            p.alt(|p| -> Option<()> {
                p.disjunction()?;
                p.expect(T::KwIf)?;
                p.disjunction()?;
                p.expect(T::KwElse)?;
                if p.sees(Self::expression) || p.stopped {
                    return None;
                }
                p.raise_next("expected expression after 'else', but statement is given")
            });
            p.alt(|p| -> Option<()> {
                let a = p.expect_any(&[T::KwPass, T::KwBreak, T::KwContinue])?;
                p.expect(T::KwIf)?;
                p.disjunction()?;
                p.expect(T::KwElse)?;
                p.simple_stmt()?;
                p.raise_at(a.place(), "expected expression before 'if', but statement is given")
            });
            for (middle, name) in [(T::FStringMiddle, "f-string"), (T::TStringMiddle, "t-string")] {
                p.alt(|p| -> Option<()> {
                    let a = p.expect(T::KwLambda)?;
                    p.opt(Self::lambda_params)?;
                    let b = p.expect(T::Colon)?;
                    p.ahead(&[middle])?;
                    let message = format!("{name}: lambda expressions are not allowed without parentheses");
                    p.raise_range(a.place(), b.place(), &message)
                });
            }
            None
        });
    }

    /// Two expressions side by side: perhaps a comma is missing, but only inside brackets.
    fn missing_comma(&mut self, a: E<'a>, b: E<'a>) -> Option<()> {
        if self.levels[self.mark.saturating_sub(1).min(self.levels.len() - 1)] == 0 {
            return None;
        }
        if let ExprKind::Name { id, .. } = a.kind
            && matches!(id, "print" | "exec")
        {
            return None;
        }
        self.raise_range(a.range, b.range, "invalid syntax. Perhaps you forgot a comma?")
    }

    fn invalid_legacy_expression(&mut self) {
        self.rule(|p| -> Option<()> {
            let a = p.name()?;
            p.not_any(&[T::LPar])?;
            let b = p.star_expressions()?;
            let ExprKind::Name { id, .. } = a.kind else { return None };
            if !matches!(id, "print" | "exec") {
                return None;
            }
            let message = format!("Missing parentheses in call to '{id}'. Did you mean {id}(...)?");
            p.raise_range(a.range, b.range, &message)
        });
    }

    pub(super) fn disjunction(&mut self) -> Option<E<'a>> {
        self.memo(Rule::Disjunction, |p| p.bool_op(T::KwOr, BoolOp::Or, Self::conjunction))
    }

    fn conjunction(&mut self) -> Option<E<'a>> {
        self.memo(Rule::Conjunction, |p| p.bool_op(T::KwAnd, BoolOp::And, Self::inversion))
    }

    fn bool_op(&mut self, word: T, op: BoolOp, mut operand: impl FnMut(&mut Self) -> Option<E<'a>>) -> Option<E<'a>> {
        let start = self.start();
        let first = operand(self)?;
        let mut values = vec![first];
        while let Some(next) = self.alt(|p| {
            p.expect(word)?;
            operand(p)
        }) {
            values.push(next);
        }
        if self.stopped {
            return None;
        }
        if values.len() == 1 {
            return Some(first);
        }
        let values = self.arena.slice(&values);
        Some(self.expr(ExprKind::BoolOp { op, values }, start))
    }

    pub(super) fn inversion(&mut self) -> Option<E<'a>> {
        self.memo(Rule::Inversion, |p| {
            let start = p.start();
            if let Some(operand) = p.alt(|p| {
                p.expect(T::KwNot)?;
                p.inversion()
            }) {
                return Some(p.expr(ExprKind::UnaryOp { op: UnaryOp::Not, operand }, start));
            }
            p.comparison()
        })
    }

    fn comparison(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            let left = p.bitwise_or()?;
            let pairs = p.many(|p| {
                let op = p.comparison_operator()?;
                Some((op, p.bitwise_or()?))
            })?;
            if pairs.is_empty() {
                return Some(left);
            }
            let ops: Vec<CmpOp> = pairs.iter().map(|pair| pair.0).collect();
            let comparators: Vec<E<'a>> = pairs.iter().map(|pair| pair.1).collect();
            let (ops, comparators) = (p.arena.slice(&ops), p.arena.slice(&comparators));
            Some(p.expr(ExprKind::Compare { left, ops, comparators }, start))
        })
    }

    fn comparison_operator(&mut self) -> Option<CmpOp> {
        Some(match self.peek()? {
            T::EqEqual => self.one(CmpOp::Eq),
            T::NotEqual => {
                let token = self.expect(T::NotEqual)?;
                if self.barry {
                    let message = "with Barry as BDFL, use '<>' instead of '!='";
                    return self.raise_at(token.place(), message);
                }
                CmpOp::NotEq
            }
            T::Less => return self.less_or_diamond(),
            T::LessEqual => self.one(CmpOp::LtE),
            T::GreaterEqual => self.one(CmpOp::GtE),
            T::Greater => self.one(CmpOp::Gt),
            T::KwNot => {
                self.mark += 1;
                self.expect(T::KwIn)?;
                CmpOp::NotIn
            }
            T::KwIn => self.one(CmpOp::In),
            T::KwIs => {
                self.mark += 1;
                // `is not x` may also be `is (not x)`, which is no comparison operand.
                if self.expect(T::KwNot).is_some() { CmpOp::IsNot } else { CmpOp::Is }
            }
            _ => return None,
        })
    }

    /// `<`, or the `<>` of old.
    fn less_or_diamond(&mut self) -> Option<CmpOp> {
        let less = self.expect(T::Less)?;
        let next = self.fetch()?;
        if next.kind != T::Greater || next.start != less.end {
            return Some(CmpOp::Lt);
        }
        if self.barry {
            self.mark += 1;
            return Some(CmpOp::NotEq);
        }
        if self.invalid {
            let message = "invalid syntax.  Maybe you meant '!=' instead of '<>'?";
            return self.raise_range(less.place(), next.place(), message);
        }
        Some(CmpOp::Lt)
    }

    fn one(&mut self, op: CmpOp) -> CmpOp {
        self.mark += 1;
        op
    }

    /// A left-associative operator: operands of the next rule joined by `operators`.
    fn left(
        &mut self,
        rule: Rule,
        operators: &[(T, Operator)],
        invalid: impl FnOnce(&mut Self),
        mut operand: impl FnMut(&mut Self) -> Option<E<'a>>,
    ) -> Option<E<'a>> {
        self.memo(rule, |p| {
            // CPython's left-recursive rules are two deep.
            p.rule(|p| {
                let start = p.start();
                if p.invalid {
                    invalid(p);
                }
                let mut left = operand(p)?;
                while let Some((op, right)) = p.alt(|p| {
                    let kind = p.peek()?;
                    let op = operators.iter().find(|entry| entry.0 == kind)?.1;
                    p.mark += 1;
                    let right = operand(p)?;
                    if op == Operator::MatMult {
                        p.version(5, "The '@' operator is")?;
                    }
                    Some((op, right))
                }) {
                    left = p.expr(ExprKind::BinOp { left, op, right }, start);
                }
                if p.stopped { None } else { Some(left) }
            })
        })
    }

    pub(super) fn bitwise_or(&mut self) -> Option<E<'a>> {
        self.left(Rule::BitwiseOr, &[(T::VBar, Operator::BitOr)], |_| {}, Self::bitwise_xor)
    }

    fn bitwise_xor(&mut self) -> Option<E<'a>> {
        self.left(Rule::BitwiseXor, &[(T::Circumflex, Operator::BitXor)], |_| {}, Self::bitwise_and)
    }

    fn bitwise_and(&mut self) -> Option<E<'a>> {
        self.left(Rule::BitwiseAnd, &[(T::Amper, Operator::BitAnd)], |_| {}, Self::shift_expr)
    }

    fn shift_expr(&mut self) -> Option<E<'a>> {
        let operators = [(T::LeftShift, Operator::LShift), (T::RightShift, Operator::RShift)];
        self.left(Rule::ShiftExpr, &operators, Self::invalid_arithmetic, Self::sum)
    }

    fn invalid_arithmetic(&mut self) {
        self.rule(|p| -> Option<()> {
            p.sum()?;
            p.expect_any(&[T::Plus, T::Minus, T::Star, T::Slash, T::Percent, T::DoubleSlash, T::At])?;
            let a = p.expect(T::KwNot)?;
            let b = p.inversion()?;
            p.raise_range(a.place(), b.range, "'not' after an operator must be parenthesized")
        });
    }

    fn sum(&mut self) -> Option<E<'a>> {
        let operators = [(T::Plus, Operator::Add), (T::Minus, Operator::Sub)];
        self.left(Rule::Sum, &operators, |_| {}, Self::term)
    }

    fn term(&mut self) -> Option<E<'a>> {
        let operators = [
            (T::Star, Operator::Mult),
            (T::Slash, Operator::Div),
            (T::DoubleSlash, Operator::FloorDiv),
            (T::Percent, Operator::Mod),
            (T::At, Operator::MatMult),
        ];
        self.left(Rule::Term, &operators, Self::invalid_factor, Self::factor)
    }

    fn invalid_factor(&mut self) {
        self.rule(|p| -> Option<()> {
            p.expect_any(&[T::Plus, T::Minus, T::Tilde])?;
            let a = p.expect(T::KwNot)?;
            let b = p.factor()?;
            p.raise_range(a.place(), b.range, "'not' after an operator must be parenthesized")
        });
    }

    fn factor(&mut self) -> Option<E<'a>> {
        self.memo(Rule::Factor, |p| {
            let start = p.start();
            if let Some((op, operand)) = p.alt(|p| {
                let op = match p.peek()? {
                    T::Plus => UnaryOp::UAdd,
                    T::Minus => UnaryOp::USub,
                    T::Tilde => UnaryOp::Invert,
                    _ => return None,
                };
                p.mark += 1;
                Some((op, p.factor()?))
            }) {
                return Some(p.expr(ExprKind::UnaryOp { op, operand }, start));
            }
            p.power()
        })
    }

    fn power(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            let left = p.await_primary()?;
            match p.alt(|p| {
                p.expect(T::DoubleStar)?;
                p.factor()
            }) {
                Some(right) => Some(p.expr(ExprKind::BinOp { left, op: Operator::Pow, right }, start)),
                None if p.stopped => None,
                None => Some(left),
            }
        })
    }

    fn await_primary(&mut self) -> Option<E<'a>> {
        self.memo(Rule::AwaitPrimary, |p| {
            let start = p.start();
            if let Some(value) = p.alt(|p| {
                p.expect(T::KwAwait)?;
                let value = p.primary()?;
                p.version(5, "Await expressions are")?;
                Some(value)
            }) {
                return Some(p.expr(ExprKind::Await { value }, start));
            }
            p.primary()
        })
    }
}

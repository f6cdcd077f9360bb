//! Primaries, atoms, displays and comprehensions, with the rules that find errors in them.

use super::raise::Targets;
use super::{E, Reader, Rule};
use crate::ast::{Constant, ExprContext, ExprKind, Int};
use crate::token::TokenKind as T;

/// What a subscript or an attribute may be followed by to be part of a longer primary.
const T_LOOKAHEAD: &[T] = &[T::LPar, T::LSqb, T::Dot];

impl<'a> Reader<'a, '_> {
    pub(super) fn primary(&mut self) -> Option<E<'a>> {
        self.memo(Rule::Primary, |p| {
            p.rule(|p| {
                let start = p.start();
                let mut value = p.atom()?;
                while let Some(kind) = p.alt(|p| p.trailer(value, false)) {
                    value = p.expr(kind, start);
                }
                if p.stopped { None } else { Some(value) }
            })
        })
    }

    /// What is attached to `value`, which may be part of a target.
    fn trailer(&mut self, value: E<'a>, target: bool) -> Option<ExprKind<'a>> {
        let ctx = ExprContext::Load;
        match self.peek()? {
            T::Dot => {
                self.mark += 1;
                let name = self.name()?;
                let ExprKind::Name { id, .. } = name.kind else { return None };
                Some(ExprKind::Attribute { value, attr: id, ctx })
            }
            T::LPar => {
                if let Some(argument) = self.alt(Self::genexp) {
                    return Some(ExprKind::Call { func: value, args: self.arena.slice(&[argument]), keywords: &[] });
                }
                self.expect(T::LPar)?;
                self.opt(Self::arguments)?;
                self.expect(T::RPar)?;
                Some(ExprKind::Call { func: value, args: &[], keywords: &[] })
            }
            T::LBrace => {
                // The rule for a generator's errors also reads displays, here too.
                self.genexp();
                None
            }
            T::LSqb => {
                if !target {
                    self.alt(Self::genexp);
                }
                self.expect(T::LSqb)?;
                let slice = self.slices()?;
                self.expect(T::RSqb)?;
                Some(ExprKind::Subscript { value, slice, ctx })
            }
            _ => None,
        }
    }

    /// `t_primary`: a primary that goes on.
    pub(super) fn t_primary(&mut self) -> Option<E<'a>> {
        self.memo(Rule::TPrimary, |p| {
            let start = p.start();
            let mut value = p.atom()?;
            p.ahead(T_LOOKAHEAD)?;
            while let Some(kind) = p.alt(|p| {
                let kind = p.trailer(value, true)?;
                p.ahead(T_LOOKAHEAD)?;
                Some(kind)
            }) {
                value = p.expr(kind, start);
            }
            if p.stopped { None } else { Some(value) }
        })
    }

    /// A target that is an attribute or a subscript.
    pub(super) fn attribute_or_subscript(&mut self) -> Option<E<'a>> {
        let start = self.start();
        let value = self.t_primary()?;
        if self.sees_any(&[T::LPar]) {
            return None;
        }
        let kind = self.trailer(value, true)?;
        self.not_any(T_LOOKAHEAD)?;
        Some(self.expr(kind, start))
    }

    pub(super) fn slices(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            if let Some(slice) = p.alt(|p| {
                let slice = p.slice()?;
                p.not_any(&[T::Comma])?;
                Some(slice)
            }) {
                return Some(slice);
            }
            let start = p.start();
            let elts = p.gather(|p| p.alt(Self::slice).or_else(|| p.starred_expression()))?;
            p.opt(|p| p.expect(T::Comma))?;
            let elts = p.arena.slice(&elts);
            Some(p.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, start))
        })
    }

    fn slice(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            if let Some((lower, upper, step)) = p.alt(|p| {
                let lower = p.opt(Self::expression)?;
                p.expect(T::Colon)?;
                let upper = p.opt(Self::expression)?;
                let step = p.opt(|p| {
                    p.expect(T::Colon)?;
                    p.opt(Self::expression)
                })?;
                Some((lower, upper, step.flatten()))
            }) {
                return Some(p.expr(ExprKind::Slice { lower, upper, step }, start));
            }
            p.named_expression()
        })
    }

    fn atom(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            let value = match p.peek()? {
                T::Name => return p.name(),
                T::KwTrue => Constant::True,
                T::KwFalse => Constant::False,
                T::KwNone => Constant::None,
                T::Ellipsis => Constant::Ellipsis,
                T::String | T::FStringStart | T::TStringStart => return p.strings(),
                T::Number => return p.number(),
                T::LPar => {
                    return p.rule(|p| p.genexp().or_else(|| p.tuple()).or_else(|| p.group()));
                }
                T::LSqb => return p.rule(|p| p.listcomp().or_else(|| p.list())),
                T::LBrace => {
                    return p.rule(|p| p.dictcomp().or_else(|| p.setcomp()).or_else(|| p.dict()).or_else(|| p.set()));
                }
                _ => return None,
            };
            p.mark += 1;
            Some(p.expr(ExprKind::Constant { value, kind: None }, start))
        })
    }

    pub(super) fn number(&mut self) -> Option<E<'a>> {
        let start = self.start();
        let token = self.expect(T::Number)?;
        let text = self.text(&token);
        if text.contains('_') && self.options.feature_version < 6 {
            return self.raise("Underscores in numeric literals are only supported in Python 3.6 and greater");
        }
        match crate::literal::number(self.arena, text, self.options.int_max_str_digits) {
            Ok(value) => Some(self.expr(ExprKind::Constant { value, kind: None }, start)),
            Err(crate::literal::LiteralError::TooManyDigits(message)) => self.raise_placed(
                crate::SyntaxErrorKind::Syntax,
                &message,
                token.lineno as i32,
                0,
                token.end_lineno as i32,
                0,
            ),
            Err(_) => None,
        }
    }

    fn group(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            if let Some(found) = p.alt(|p| {
                p.expect(T::LPar)?;
                let found = p.rule(|p| p.yield_expr().or_else(|| p.named_expression()))?;
                p.expect(T::RPar)?;
                Some(found)
            }) {
                return Some(found);
            }
            if p.invalid {
                p.rule(|p| -> Option<()> {
                    p.alt(|p| -> Option<()> {
                        p.expect(T::LPar)?;
                        let a = p.starred_expression()?;
                        p.expect(T::RPar)?;
                        p.raise_at(a.range, "cannot use starred expression here")
                    });
                    p.expect(T::LPar)?;
                    let a = p.expect(T::DoubleStar)?;
                    p.expression()?;
                    p.expect(T::RPar)?;
                    p.raise_at(a.place(), "cannot use double starred expression here")
                });
            }
            None
        })
    }

    pub(super) fn tuple(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            p.expect(T::LPar)?;
            let elts = p.opt(|p| {
                let mut elts = vec![p.star_named_expression()?];
                p.expect(T::Comma)?;
                if let Some(more) = p.opt(Self::star_named_expressions)? {
                    elts.extend(more);
                }
                Some(elts)
            })?;
            p.expect(T::RPar)?;
            let elts = p.arena.slice(&elts.unwrap_or_default());
            Some(p.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, start))
        })
    }

    pub(super) fn list(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            p.expect(T::LSqb)?;
            let elts = p.opt(Self::star_named_expressions)?;
            p.expect(T::RSqb)?;
            let elts = p.arena.slice(&elts.unwrap_or_default());
            Some(p.expr(ExprKind::List { elts, ctx: ExprContext::Load }, start))
        })
    }

    fn set(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            p.expect(T::LBrace)?;
            let elts = p.star_named_expressions()?;
            p.expect(T::RBrace)?;
            let elts = p.arena.slice(&elts);
            Some(p.expr(ExprKind::Set { elts }, start))
        })
    }

    fn dict(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            if p.alt(|p| {
                p.expect(T::LBrace)?;
                p.opt(|p| {
                    p.gather(Self::double_starred_kvpair)?;
                    p.opt(|p| p.expect(T::Comma))
                })?;
                p.expect(T::RBrace)
            })
            .is_some()
            {
                return Some(p.expr(ExprKind::Dict { keys: &[], values: &[] }, start));
            }
            p.expect(T::LBrace)?;
            p.invalid_double_starred_kvpairs();
            None
        })
    }

    fn double_starred_kvpair(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.alt(|p| {
                p.expect(T::DoubleStar)?;
                p.bitwise_or()
            })
            .is_some()
            {
                return Some(());
            }
            p.kvpair()
        })
    }

    fn kvpair(&mut self) -> Option<()> {
        self.rule(|p| {
            p.expression()?;
            p.expect(T::Colon)?;
            p.expression()?;
            Some(())
        })
    }

    fn invalid_double_starred_kvpairs(&mut self) {
        let message = "cannot use a starred expression in a dictionary value";
        self.rule(|p| -> Option<()> {
            p.alt(|p| -> Option<()> {
                p.gather(Self::double_starred_kvpair)?;
                p.expect(T::Comma)?;
                p.alt(|p| -> Option<()> {
                    let a = p.expression()?;
                    p.not_any(&[T::Colon])?;
                    let range = a.range;
                    p.raise_placed(
                        crate::SyntaxErrorKind::Syntax,
                        "':' expected after dictionary key",
                        range.lineno,
                        range.end_col_offset,
                        range.end_lineno,
                        0,
                    )
                });
                p.alt(|p| p.starred_value(message));
                p.missing_value()
            });
            p.alt(|p| p.starred_value(message));
            p.missing_value()
        });
    }

    fn starred_value(&mut self, message: &str) -> Option<()> {
        self.expression()?;
        self.expect(T::Colon)?;
        let star = self.expect(T::Star)?;
        self.bitwise_or()?;
        self.raise_from(star.place(), message)
    }

    fn missing_value(&mut self) -> Option<()> {
        self.alt(|p| {
            p.expression()?;
            let colon = p.expect(T::Colon)?;
            p.ahead(&[T::RBrace, T::Comma])?;
            p.raise_at(colon.place(), "expression expected after dictionary key and ':'")
        })
    }

    /// `for_if_clauses`; yields the last expression of the last clause.
    pub(super) fn for_if_clauses(&mut self) -> Option<E<'a>> {
        self.rule(|p| p.many1(Self::for_if_clause)?.pop())
    }

    fn for_if_clause(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let mark = p.mark;
            for is_async in [true, false] {
                p.mark = mark;
                let begun = p.alt(|p| {
                    if is_async {
                        p.expect(T::KwAsync)?;
                    }
                    p.expect(T::KwFor)?;
                    p.star_targets()?;
                    p.expect(T::KwIn)
                });
                if begun.is_some() {
                    // After `in` there is no other reading.
                    let iter = p.disjunction()?;
                    let mut ifs = p.many(|p| {
                        p.expect(T::KwIf)?;
                        p.disjunction()
                    })?;
                    if is_async {
                        p.version(6, "Async comprehensions are")?;
                    }
                    return Some(ifs.pop().unwrap_or(iter));
                }
                if p.stopped {
                    return None;
                }
            }
            p.mark = mark;
            if p.invalid {
                p.invalid_for_if_clause();
                p.invalid_for_target();
            }
            None
        })
    }

    fn invalid_for_if_clause(&mut self) {
        self.rule(|p| -> Option<()> {
            p.opt(|p| p.expect(T::KwAsync))?;
            p.expect(T::KwFor)?;
            p.gather(Self::bitwise_or)?;
            p.opt(|p| p.expect(T::Comma))?;
            p.not_any(&[T::KwIn])?;
            p.raise("'in' expected after for-loop variables")
        });
    }

    pub(super) fn invalid_for_target(&mut self) {
        self.rule(|p| -> Option<()> {
            p.opt(|p| p.expect(T::KwAsync))?;
            p.expect(T::KwFor)?;
            let a = p.star_expressions()?;
            p.raise_invalid_target(Targets::For, a)
        });
    }

    fn listcomp(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            if let Some(elt) = p.alt(|p| {
                p.expect(T::LSqb)?;
                let elt = p.named_expression()?;
                p.for_if_clauses()?;
                p.expect(T::RSqb)?;
                Some(elt)
            }) {
                return Some(p.expr(ExprKind::ListComp { elt, generators: &[] }, start));
            }
            p.invalid_comprehension()
        })
    }

    fn setcomp(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            if let Some(elt) = p.alt(|p| {
                p.expect(T::LBrace)?;
                let elt = p.named_expression()?;
                p.for_if_clauses()?;
                p.expect(T::RBrace)?;
                Some(elt)
            }) {
                return Some(p.expr(ExprKind::SetComp { elt, generators: &[] }, start));
            }
            p.invalid_comprehension()
        })
    }

    pub(super) fn genexp(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            if let Some(elt) = p.alt(|p| {
                p.expect(T::LPar)?;
                let elt = p.assignment_or_expression()?;
                p.for_if_clauses()?;
                p.expect(T::RPar)?;
                Some(elt)
            }) {
                return Some(p.expr(ExprKind::GeneratorExp { elt, generators: &[] }, start));
            }
            p.invalid_comprehension()
        })
    }

    fn dictcomp(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            if p.alt(|p| {
                p.expect(T::LBrace)?;
                p.kvpair()?;
                p.for_if_clauses()?;
                p.expect(T::RBrace)
            })
            .is_some()
            {
                let zero = p.expr(ExprKind::Constant { value: Constant::Int(Int::Small(0)), kind: None }, start);
                return Some(p.expr(ExprKind::DictComp { key: zero, value: zero, generators: &[] }, start));
            }
            if p.invalid {
                p.rule(|p| -> Option<()> {
                    p.expect(T::LBrace)?;
                    let a = p.expect(T::DoubleStar)?;
                    p.bitwise_or()?;
                    p.for_if_clauses()?;
                    p.expect(T::RBrace)?;
                    p.raise_at(a.place(), "dict unpacking cannot be used in dict comprehension")
                });
            }
            None
        })
    }

    fn invalid_comprehension(&mut self) -> Option<E<'a>> {
        if !self.invalid {
            return None;
        }
        let forgot = "did you forget parentheses around the comprehension target?";
        self.rule(|p| -> Option<()> {
            p.alt(|p| -> Option<()> {
                p.expect_any(&[T::LSqb, T::LPar, T::LBrace])?;
                let a = p.starred_expression()?;
                p.for_if_clauses()?;
                p.raise_at(a.range, "iterable unpacking cannot be used in comprehension")
            });
            p.alt(|p| -> Option<()> {
                p.expect_any(&[T::LSqb, T::LBrace])?;
                let a = p.star_named_expression()?;
                p.expect(T::Comma)?;
                let b = p.star_named_expressions()?;
                p.for_if_clauses()?;
                p.raise_range(a.range, b.last()?.range, forgot)
            });
            p.alt(|p| -> Option<()> {
                p.expect_any(&[T::LSqb, T::LBrace])?;
                let a = p.star_named_expression()?;
                let b = p.expect(T::Comma)?;
                p.for_if_clauses()?;
                p.raise_range(a.range, b.place(), forgot)
            })
        });
        None
    }
}

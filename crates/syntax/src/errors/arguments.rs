//! The arguments of calls, with the rules that find errors in them.

use super::{Args, E, Reader, Rule};
use crate::ast::{ExprContext, ExprKind};
use crate::token::{Token, TokenKind as T};

/// An argument after the positional ones.
#[derive(Clone, Copy)]
enum Keyword<'a> {
    Named,
    Mapping,
    Starred(E<'a>),
}

impl<'a> Reader<'a, '_> {
    pub(super) fn arguments(&mut self) -> Option<Args<'a>> {
        if self.stopped {
            return None;
        }
        let key = (Rule::Arguments, self.mark as u32);
        if let Some(&(found, end)) = self.args.get(&key) {
            self.mark = end as usize;
            return found;
        }
        self.fetch()?;
        let found = self.rule(|p| {
            if let Some(found) = p.alt(|p| {
                let found = p.call_args()?;
                p.opt(|p| p.expect(T::Comma))?;
                p.ahead(&[T::RPar])?;
                Some(found)
            }) {
                return Some(found);
            }
            if p.invalid {
                p.invalid_arguments();
            }
            None
        });
        if !self.stopped {
            self.args.insert(key, (found, self.mark as u32));
        }
        found
    }

    /// `args`.
    fn call_args(&mut self) -> Option<Args<'a>> {
        self.rule(|p| {
            let (mut positional, keywords) = match p.alt(|p| {
                let positional = p.positional_args()?;
                let keywords = p.opt(|p| {
                    p.expect(T::Comma)?;
                    p.kwargs()
                })?;
                Some((positional, keywords.unwrap_or_default()))
            }) {
                Some(found) => found,
                None => (Vec::new(), p.alt(Self::kwargs)?),
            };
            let mut unpacks_mapping = false;
            for keyword in keywords {
                match keyword {
                    Keyword::Starred(starred) => positional.push(starred),
                    Keyword::Mapping => unpacks_mapping = true,
                    Keyword::Named => {}
                }
            }
            Some(Args { positional: p.arena.slice(&positional), unpacks_mapping })
        })
    }

    /// `','.(starred_expression | (assignment_expression | expression !':=') !'=')+`.
    fn positional_args(&mut self) -> Option<Vec<E<'a>>> {
        self.gather(|p| {
            if let Some(found) = p.alt(Self::starred_expression) {
                return Some(found);
            }
            let found = p.assignment_or_expression()?;
            p.not_any(&[T::Equal])?;
            Some(found)
        })
    }

    fn kwargs(&mut self) -> Option<Vec<Keyword<'a>>> {
        self.rule(|p| {
            if let Some(found) = p.alt(|p| {
                let mut found = p.gather(Self::kwarg_or_starred)?;
                p.expect(T::Comma)?;
                found.extend(p.gather(Self::kwarg_or_double_starred)?);
                Some(found)
            }) {
                return Some(found);
            }
            p.alt(|p| p.gather(Self::kwarg_or_starred)).or_else(|| p.gather(Self::kwarg_or_double_starred))
        })
    }

    fn named_argument(&mut self) -> Option<Keyword<'a>> {
        self.alt(|p| {
            p.expect(T::Name)?;
            p.expect(T::Equal)?;
            p.expression()?;
            Some(Keyword::Named)
        })
    }

    fn kwarg_or_starred(&mut self) -> Option<Keyword<'a>> {
        self.rule(|p| {
            p.invalid_kwarg();
            p.named_argument().or_else(|| p.starred_expression().map(Keyword::Starred))
        })
    }

    fn kwarg_or_double_starred(&mut self) -> Option<Keyword<'a>> {
        self.rule(|p| {
            p.invalid_kwarg();
            p.named_argument().or_else(|| {
                p.alt(|p| {
                    p.expect(T::DoubleStar)?;
                    p.expression()?;
                    Some(Keyword::Mapping)
                })
            })
        })
    }

    pub(super) fn starred_expression(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            if p.invalid {
                p.alt(|p| -> Option<()> {
                    let a = p.expect(T::Star)?;
                    p.expression()?;
                    p.expect(T::Equal)?;
                    let b = p.expression()?;
                    p.raise_range(a.place(), b.range, "cannot assign to iterable argument unpacking")
                });
            }
            let start = p.start();
            if let Some(value) = p.alt(|p| {
                p.expect(T::Star)?;
                p.expression()
            }) {
                return Some(p.expr(ExprKind::Starred { value, ctx: ExprContext::Load }, start));
            }
            if p.invalid {
                p.alt(|p| -> Option<()> {
                    p.expect(T::Star)?;
                    p.raise("Invalid star expression")
                });
            }
            None
        })
    }

    fn invalid_kwarg(&mut self) {
        if !self.invalid {
            return;
        }
        self.rule(|p| -> Option<()> {
            p.alt(|p| -> Option<()> {
                let a = p.expect_any(&[T::KwTrue, T::KwFalse, T::KwNone])?;
                let b = p.expect(T::Equal)?;
                let message = format!("cannot assign to {}", p.text(&a));
                p.raise_range(a.place(), b.place(), &message)
            });
            p.alt(Self::comprehension_for_keyword);
            p.alt(|p| -> Option<()> {
                if p.sees(|p| {
                    p.expect(T::Name)?;
                    p.expect(T::Equal)
                }) {
                    return None;
                }
                let a = p.expression()?;
                let b = p.expect(T::Equal)?;
                p.raise_range(a.range, b.place(), "expression cannot contain assignment, perhaps you meant \"==\"?")
            });
            p.alt(|p| -> Option<()> {
                let a = p.expect(T::DoubleStar)?;
                p.expression()?;
                p.expect(T::Equal)?;
                let b = p.expression()?;
                p.raise_range(a.place(), b.range, "cannot assign to keyword argument unpacking")
            })
        });
    }

    /// `name = expression for ...`.
    fn comprehension_for_keyword(&mut self) -> Option<()> {
        let a = self.expect(T::Name)?;
        let b = self.expect(T::Equal)?;
        self.expression()?;
        self.for_if_clauses()?;
        let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
        self.raise_range(a.place(), b.place(), message)
    }

    fn invalid_arguments(&mut self) {
        let parenthesize = "Generator expression must be parenthesized";
        self.rule(|p| -> Option<()> {
            p.alt(Self::starred_after_mapping);
            p.alt(|p| -> Option<()> {
                let a = p.expression()?;
                let last = p.for_if_clauses()?;
                p.expect(T::Comma)?;
                p.opt(|p| {
                    if p.alt(Self::call_args).is_some() {
                        return Some(());
                    }
                    p.expression()?;
                    p.for_if_clauses().map(|_| ())
                })?;
                p.raise_range(a.range, last.range, parenthesize)
            });
            p.alt(Self::comprehension_for_keyword);
            p.alt(|p| -> Option<()> {
                p.opt(|p| {
                    p.call_args()?;
                    p.expect(T::Comma)
                })?;
                let (a, b) = p.name_and_equal()?;
                p.ahead(&[T::Comma, T::RPar])?;
                p.raise_range(a.place(), b.place(), "expected argument value expression")
            });
            p.alt(|p| -> Option<()> {
                let args = p.call_args()?;
                let last = p.for_if_clauses()?;
                if args.positional.len() <= 1 {
                    return None;
                }
                p.raise_range(args.positional.last()?.range, last.range, parenthesize)
            });
            p.alt(|p| -> Option<()> {
                p.call_args()?;
                p.expect(T::Comma)?;
                let a = p.expression()?;
                let last = p.for_if_clauses()?;
                p.raise_range(a.range, last.range, parenthesize)
            });
            p.alt(|p| -> Option<()> {
                let args = p.call_args()?;
                p.expect(T::Comma)?;
                p.call_args()?;
                p.raise(if args.unpacks_mapping {
                    "positional argument follows keyword argument unpacking"
                } else {
                    "positional argument follows keyword argument"
                })
            })
        });
    }

    fn name_and_equal(&mut self) -> Option<(Token, Token)> {
        Some((self.expect(T::Name)?, self.expect(T::Equal)?))
    }

    fn starred_after_mapping(&mut self) -> Option<()> {
        let before = self.alt(|p| {
            p.positional_args()?;
            p.expect(T::Comma)?;
            p.kwargs()
        });
        if before.is_none() {
            self.kwargs()?;
        }
        let a = self.expect(T::Comma)?;
        self.gather(|p| {
            p.starred_expression()?;
            p.not_any(&[T::Equal])
        })?;
        self.raise_from(a.place(), "iterable argument unpacking follows keyword argument unpacking")
    }
}

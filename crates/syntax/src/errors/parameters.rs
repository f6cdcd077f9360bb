//! Parameters of functions and lambdas and type parameters, with the rules that find errors in them.

use super::{E, Reader, Rule};
use crate::ast::{ExprKind, Range};
use crate::token::TokenKind as T;

impl<'a> Reader<'a, '_> {
    pub(super) fn params(&mut self) -> Option<()> {
        self.parameters(T::RPar)
    }

    pub(super) fn lambda_params(&mut self) -> Option<()> {
        self.parameters(T::Colon)
    }

    /// The parameters before `close`: a parenthesis for a function, a colon for a lambda.
    fn parameters(&mut self, close: T) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.invalid_parameters(close);
            }
            p.rule(|p| {
                if p.alt(|p| {
                    p.slash_no_default(close)?;
                    p.many(|p| p.param_no_default(close))?;
                    p.many(|p| p.param_with_default(close))?;
                    p.opt(|p| p.star_etc(close))?;
                    p.version(8, "Positional-only parameters are")
                })
                .is_some()
                {
                    return Some(());
                }
                if p.alt(|p| {
                    p.slash_with_default(close)?;
                    p.many(|p| p.param_with_default(close))?;
                    p.opt(|p| p.star_etc(close))?;
                    p.version(8, "Positional-only parameters are")
                })
                .is_some()
                {
                    return Some(());
                }
                if p.alt(|p| {
                    p.many1(|p| p.param_no_default(close))?;
                    p.many(|p| p.param_with_default(close))?;
                    p.opt(|p| p.star_etc(close))
                })
                .is_some()
                {
                    return Some(());
                }
                if p.alt(|p| {
                    p.many1(|p| p.param_with_default(close))?;
                    p.opt(|p| p.star_etc(close))
                })
                .is_some()
                {
                    return Some(());
                }
                p.star_etc(close)
            })
        })
    }

    /// A comma after a parameter, or the sight of the end; with a type comment in a function.
    fn end_of_param(&mut self, close: T) -> Option<()> {
        if self.expect(T::Comma).is_some() {
            if close == T::RPar {
                self.opt(|p| p.expect(T::TypeComment))?;
            }
            return Some(());
        }
        if close == T::RPar {
            self.opt(|p| p.expect(T::TypeComment))?;
        }
        self.ahead(&[close])
    }

    fn slash_end(&mut self, close: T) -> Option<()> {
        self.expect(T::Slash)?;
        if self.expect(T::Comma).is_some() {
            return Some(());
        }
        self.ahead(&[close])
    }

    fn slash_no_default(&mut self, close: T) -> Option<()> {
        self.rule(|p| {
            p.many1(|p| p.param_no_default(close))?;
            p.slash_end(close)
        })
    }

    fn slash_with_default(&mut self, close: T) -> Option<()> {
        self.rule(|p| {
            p.many(|p| p.param_no_default(close))?;
            p.many1(|p| p.param_with_default(close))?;
            p.slash_end(close)
        })
    }

    fn param(&mut self, close: T) -> Option<Range> {
        self.rule(|p| {
            let start = p.start();
            p.expect(T::Name)?;
            if close == T::RPar {
                p.opt(|p| {
                    p.expect(T::Colon)?;
                    p.expression()
                })?;
            }
            Some(p.range_from(start))
        })
    }

    fn param_no_default(&mut self, close: T) -> Option<Range> {
        self.rule(|p| {
            let range = p.param(close)?;
            p.end_of_param(close)?;
            Some(range)
        })
    }

    fn param_star_annotation(&mut self, close: T) -> Option<()> {
        if close != T::RPar {
            return None;
        }
        self.rule(|p| {
            p.expect(T::Name)?;
            p.expect(T::Colon)?;
            p.star_expression()?;
            p.end_of_param(close)
        })
    }

    fn default(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.alt(|p| {
                p.expect(T::Equal)?;
                p.expression()
            })
            .is_some()
            {
                return Some(());
            }
            if p.invalid {
                p.alt(|p| -> Option<()> {
                    let a = p.expect(T::Equal)?;
                    p.ahead(&[T::RPar, T::Comma])?;
                    p.raise_at(a.place(), "expected default value expression")
                });
            }
            None
        })
    }

    fn param_with_default(&mut self, close: T) -> Option<()> {
        self.rule(|p| {
            p.param(close)?;
            p.default()?;
            p.end_of_param(close)
        })
    }

    fn param_maybe_default(&mut self, close: T) -> Option<()> {
        self.rule(|p| {
            p.param(close)?;
            p.opt(Self::default)?;
            p.end_of_param(close)
        })
    }

    fn star_etc(&mut self, close: T) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.invalid_star_etc(close);
            }
            if p.alt(|p| {
                p.expect(T::Star)?;
                p.param_no_default(close)?;
                p.many(|p| p.param_maybe_default(close))?;
                p.opt(|p| p.kwds(close))
            })
            .is_some()
            {
                return Some(());
            }
            if p.alt(|p| {
                p.expect(T::Star)?;
                p.param_star_annotation(close)?;
                p.many(|p| p.param_maybe_default(close))?;
                p.opt(|p| p.kwds(close))
            })
            .is_some()
            {
                return Some(());
            }
            if p.alt(|p| {
                p.expect(T::Star)?;
                p.expect(T::Comma)?;
                p.many1(|p| p.param_maybe_default(close))?;
                p.opt(|p| p.kwds(close))
            })
            .is_some()
            {
                return Some(());
            }
            p.kwds(close)
        })
    }

    fn kwds(&mut self, close: T) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.invalid_kwds(close);
            }
            p.expect(T::DoubleStar)?;
            p.param_no_default(close).map(|_| ())
        })
    }

    fn invalid_kwds(&mut self, close: T) {
        let follow = "arguments cannot follow var-keyword argument";
        self.rule(|p| -> Option<()> {
            p.alt(|p| -> Option<()> {
                p.expect(T::DoubleStar)?;
                p.param(close)?;
                let a = p.expect(T::Equal)?;
                p.raise_at(a.place(), "var-keyword argument cannot have default value")
            });
            p.alt(|p| -> Option<()> {
                p.expect(T::DoubleStar)?;
                p.param(close)?;
                p.expect(T::Comma)?;
                let a = p.param(close)?;
                p.raise_at(a, follow)
            });
            p.alt(|p| -> Option<()> {
                p.expect(T::DoubleStar)?;
                p.param(close)?;
                p.expect(T::Comma)?;
                let a = p.expect_any(&[T::Star, T::DoubleStar, T::Slash])?;
                p.raise_at(a.place(), follow)
            })
        });
    }

    fn invalid_star_etc(&mut self, close: T) {
        let bare = "named arguments must follow bare *";
        self.rule(|p| -> Option<()> {
            p.alt(|p| -> Option<()> {
                let a = p.expect(T::Star)?;
                if p.expect(close).is_none() {
                    p.expect(T::Comma)?;
                    p.expect_any(&[close, T::DoubleStar])?;
                }
                if close == T::RPar { p.raise_at(a.place(), bare) } else { p.raise(bare) }
            });
            if close == T::RPar {
                p.alt(|p| -> Option<()> {
                    p.expect(T::Star)?;
                    p.expect(T::Comma)?;
                    p.expect(T::TypeComment)?;
                    p.raise("bare * has associated type comment")
                });
            }
            p.alt(|p| -> Option<()> {
                p.expect(T::Star)?;
                p.param(close)?;
                let a = p.expect(T::Equal)?;
                p.raise_at(a.place(), "var-positional argument cannot have default value")
            });
            p.alt(|p| -> Option<()> {
                p.expect(T::Star)?;
                p.param_or_comma(close)?;
                p.many(|p| p.param_maybe_default(close))?;
                let a = p.expect(T::Star)?;
                p.param_or_comma(close)?;
                p.raise_at(a.place(), "* argument may appear only once")
            })
        });
    }

    fn param_or_comma(&mut self, close: T) -> Option<()> {
        if self.alt(|p| p.param_no_default(close)).is_some() {
            return Some(());
        }
        self.expect(T::Comma).map(|_| ())
    }

    fn slash_params(&mut self, close: T) -> Option<()> {
        self.slash_no_default(close).or_else(|| self.slash_with_default(close))
    }

    fn invalid_parameters(&mut self, close: T) {
        self.rule(|p| -> Option<()> {
            p.alt(|p| -> Option<()> {
                let a = p.expect(T::Slash)?;
                p.expect(T::Comma)?;
                p.raise_at(a.place(), "at least one argument must precede /")
            });
            p.alt(|p| -> Option<()> {
                p.slash_params(close)?;
                p.many(|p| p.param_maybe_default(close))?;
                let a = p.expect(T::Slash)?;
                p.raise_at(a.place(), "/ may appear only once")
            });
            p.alt(|p| -> Option<()> {
                p.opt(|p| p.slash_no_default(close))?;
                p.many(|p| p.param_no_default(close))?;
                if p.slash_with_default(close).is_none() {
                    p.many1(|p| p.param_with_default(close))?;
                }
                let a = p.param_no_default(close)?;
                p.raise_at(a, "parameter without a default follows parameter with a default")
            });
            p.alt(|p| -> Option<()> {
                p.many(|p| p.param_no_default(close))?;
                let a = p.expect(T::LPar)?;
                if close == T::RPar {
                    p.many1(|p| p.param_no_default(close))?;
                } else {
                    p.gather(|p| p.param(close))?;
                }
                p.opt(|p| p.expect(T::Comma))?;
                let b = p.expect(T::RPar)?;
                let what = if close == T::RPar { "Function" } else { "Lambda expression" };
                p.raise_range(a.place(), b.place(), &format!("{what} parameters cannot be parenthesized"))
            });
            p.alt(|p| -> Option<()> {
                p.opt(|p| p.slash_params(close))?;
                p.many(|p| p.param_maybe_default(close))?;
                p.expect(T::Star)?;
                if p.expect(T::Comma).is_none() {
                    p.param_no_default(close)?;
                }
                p.many(|p| p.param_maybe_default(close))?;
                let a = p.expect(T::Slash)?;
                p.raise_at(a.place(), "/ must be ahead of *")
            });
            p.alt(|p| -> Option<()> {
                p.many1(|p| p.param_maybe_default(close))?;
                p.expect(T::Slash)?;
                let a = p.expect(T::Star)?;
                p.raise_at(a.place(), "expected comma between / and *")
            })
        });
    }

    pub(super) fn lambdef(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            p.expect(T::KwLambda)?;
            p.opt(Self::lambda_params)?;
            p.expect(T::Colon)?;
            let body = p.expression()?;
            let args = p.arena.alloc(crate::ast::Arguments::default());
            Some(p.expr(ExprKind::Lambda { args, body }, start))
        })
    }

    pub(super) fn type_params(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.alt(|p| -> Option<()> {
                    p.expect(T::LSqb)?;
                    let token = p.expect(T::RSqb)?;
                    p.raise_from(token.place(), "Type parameter list cannot be empty")
                });
            }
            p.expect(T::LSqb)?;
            p.gather(Self::type_param)?;
            p.opt(|p| p.expect(T::Comma))?;
            p.expect(T::RSqb)?;
            p.version(12, "Type parameter lists are")
        })
    }

    fn type_param(&mut self) -> Option<()> {
        self.memo_unit(Rule::TypeParam, |p| {
            if p.alt(|p| {
                p.expect(T::Name)?;
                p.opt(|p| {
                    p.expect(T::Colon)?;
                    p.expression()
                })?;
                p.type_param_default(false)
            })
            .is_some()
            {
                return Some(());
            }
            if p.invalid {
                for (star, name) in [(T::Star, "TypeVarTuple"), (T::DoubleStar, "ParamSpec")] {
                    p.alt(|p| -> Option<()> {
                        p.expect(star)?;
                        p.expect(T::Name)?;
                        let colon = p.expect(T::Colon)?;
                        let e = p.expression()?;
                        let what = if matches!(e.kind, ExprKind::Tuple { .. }) { "constraints" } else { "bound" };
                        p.raise_from(colon.place(), &format!("cannot use {what} with {name}"))
                    });
                }
            }
            let star = p.expect_any(&[T::Star, T::DoubleStar])?;
            p.expect(T::Name)?;
            p.type_param_default(star.kind == T::Star)
        })
    }

    fn type_param_default(&mut self, star: bool) -> Option<()> {
        self.opt(|p| {
            p.expect(T::Equal)?;
            if star {
                p.star_expression()?;
            } else {
                p.expression()?;
            }
            p.version(13, "Type parameter defaults are")
        })
        .map(|_| ())
    }
}

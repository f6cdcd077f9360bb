//! `match` statements and patterns, with the rules that find errors in them.

use super::raise::expr_name;
use super::{E, Reader, Rule};
use crate::ast::{Constant, ExprContext, ExprKind, Range};
use crate::token::{Token, TokenKind as T};

/// What keeps a name from being a capture.
const NO_CAPTURE: &[T] = &[T::Dot, T::LPar, T::Equal];

impl<'a> Reader<'a, '_> {
    pub(super) fn match_stmt(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.alt(|p| {
                p.soft_keyword("match")?;
                p.subject_expr()?;
                p.expect(T::Colon)?;
                p.expect(T::Newline)?;
                p.expect(T::Indent)?;
                p.many1(Self::case_block)?;
                p.expect(T::Dedent)?;
                p.version(10, "Pattern matching is")
            })
            .is_some()
            {
                return Some(());
            }
            if p.invalid {
                p.alt(|p| -> Option<()> {
                    p.soft_keyword("match")?;
                    p.subject_expr()?;
                    p.expect(T::Newline)?;
                    p.raise("expected ':'")
                });
                p.alt(|p| {
                    let token = p.soft_keyword("match")?;
                    p.subject_expr()?;
                    p.missing_case_block("match", &token)
                });
            }
            None
        })
    }

    fn missing_case_block(&mut self, word: &str, token: &Token) -> Option<()> {
        self.expect(T::Colon)?;
        self.expect(T::Newline)?;
        self.not_any(&[T::Indent])?;
        self.raise_indentation(&format!("expected an indented block after '{word}' statement on line {}", token.lineno))
    }

    fn subject_expr(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.alt(|p| {
                p.star_named_expression()?;
                p.expect(T::Comma)?;
                p.opt(Self::star_named_expressions)
            })
            .is_some()
            {
                return Some(());
            }
            p.named_expression().map(|_| ())
        })
    }

    fn case_head(&mut self) -> Option<Token> {
        let token = self.soft_keyword("case")?;
        self.patterns()?;
        self.opt(|p| {
            p.expect(T::KwIf)?;
            p.named_expression()
        })?;
        Some(token)
    }

    fn case_block(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.alt(|p| -> Option<()> {
                    p.case_head()?;
                    p.expect(T::Newline)?;
                    p.raise("expected ':'")
                });
                p.alt(|p| {
                    let token = p.case_head()?;
                    p.missing_case_block("case", &token)
                });
            }
            p.case_head()?;
            p.expect(T::Colon)?;
            p.block()
        })
    }

    fn patterns(&mut self) -> Option<()> {
        self.rule(|p| p.alt(Self::open_sequence).or_else(|| p.pattern().map(|_| ())))
    }

    fn pattern(&mut self) -> Option<Range> {
        self.rule(|p| {
            let start = p.start();
            if p.rule(|p| {
                if p.alt(|p| {
                    p.or_pattern()?;
                    p.expect(T::KwAs)?;
                    p.capture_target()
                })
                .is_some()
                {
                    return Some(());
                }
                if p.invalid {
                    p.invalid_as_pattern();
                }
                None
            })
            .is_some()
            {
                return Some(p.range_from(start));
            }
            p.or_pattern()?;
            Some(p.range_from(start))
        })
    }

    fn invalid_as_pattern(&mut self) {
        self.rule(|p| -> Option<()> {
            p.alt(|p| -> Option<()> {
                p.or_pattern()?;
                p.expect(T::KwAs)?;
                let a = p.soft_keyword("_")?;
                p.raise_at(a.place(), "cannot use '_' as a target")
            });
            p.alt(|p| -> Option<()> {
                p.or_pattern()?;
                p.expect(T::KwAs)?;
                let a = p.expression()?;
                let message = format!("cannot use {} as pattern target", expr_name(a));
                p.raise_at(a.range, &message)
            })
        });
    }

    fn or_pattern(&mut self) -> Option<()> {
        self.rule(|p| {
            p.closed_pattern()?;
            p.many(|p| {
                p.expect(T::VBar)?;
                p.closed_pattern()
            })
            .map(|_| ())
        })
    }

    fn closed_pattern(&mut self) -> Option<()> {
        self.memo_unit(Rule::ClosedPattern, |p| {
            if p.alt(Self::literal_pattern).is_some() {
                return Some(());
            }
            if p.alt(Self::capture_target).is_some() || p.soft_keyword("_").is_some() {
                return Some(());
            }
            if p.alt(|p| {
                p.attr()?;
                p.not_any(NO_CAPTURE)
            })
            .is_some()
            {
                return Some(());
            }
            if p.alt(|p| {
                p.expect(T::LPar)?;
                p.pattern()?;
                p.expect(T::RPar)
            })
            .is_some()
            {
                return Some(());
            }
            if p.alt(Self::sequence_pattern).is_some() || p.alt(Self::mapping_pattern).is_some() {
                return Some(());
            }
            p.class_pattern()
        })
    }

    fn literal_pattern(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.number_pattern().is_some() {
                return Some(());
            }
            if p.sees_any(&[T::String, T::FStringStart, T::TStringStart]) {
                return p.strings().map(|_| ());
            }
            p.expect_any(&[T::KwNone, T::KwTrue, T::KwFalse]).map(|_| ())
        })
    }

    fn number_pattern(&mut self) -> Option<()> {
        if self
            .alt(|p| {
                p.signed_number()?;
                p.not_any(&[T::Plus, T::Minus])
            })
            .is_some()
        {
            return Some(());
        }
        self.alt(|p| {
            p.expect(T::Minus);
            let real = p.number()?;
            if is_complex(real) {
                return p.raise_at(real.range, "real number required in complex literal");
            }
            p.expect_any(&[T::Plus, T::Minus])?;
            let imaginary = p.number()?;
            if !is_complex(imaginary) {
                return p.raise_at(imaginary.range, "imaginary number required in complex literal");
            }
            Some(())
        })
    }

    fn signed_number(&mut self) -> Option<()> {
        self.rule(|p| {
            p.expect(T::Minus);
            p.number().map(|_| ())
        })
    }

    fn capture_target(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.sees(|p| p.soft_keyword("_")) {
                return None;
            }
            p.expect(T::Name)?;
            p.not_any(NO_CAPTURE)
        })
    }

    fn attr(&mut self) -> Option<E<'a>> {
        self.memo(Rule::Attr, |p| {
            let start = p.start();
            let mut value = p.name()?;
            let mut dotted = false;
            while let Some(name) = p.alt(|p| {
                p.expect(T::Dot)?;
                p.name()
            }) {
                dotted = true;
                let ExprKind::Name { id, .. } = name.kind else { return None };
                value = p.expr(ExprKind::Attribute { value, attr: id, ctx: ExprContext::Load }, start);
            }
            (dotted && !p.stopped).then_some(value)
        })
    }

    fn name_or_attr(&mut self) -> Option<E<'a>> {
        self.memo(Rule::NameOrAttr, |p| p.attr().or_else(|| p.name()))
    }

    fn maybe_star_pattern(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.memo_unit(Rule::StarPattern, |p| {
                p.expect(T::Star)?;
                p.alt(Self::capture_target).or_else(|| p.soft_keyword("_").map(|_| ()))
            })
            .is_some()
            {
                return Some(());
            }
            p.pattern().map(|_| ())
        })
    }

    /// `maybe_star_pattern ',' maybe_sequence_pattern?`.
    fn open_sequence(&mut self) -> Option<()> {
        self.rule(|p| {
            p.maybe_star_pattern()?;
            p.expect(T::Comma)?;
            p.opt(Self::maybe_sequence).map(|_| ())
        })
    }

    fn maybe_sequence(&mut self) -> Option<()> {
        self.gather(Self::maybe_star_pattern)?;
        self.opt(|p| p.expect(T::Comma)).map(|_| ())
    }

    fn sequence_pattern(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.alt(|p| {
                p.expect(T::LSqb)?;
                p.opt(Self::maybe_sequence)?;
                p.expect(T::RSqb)
            })
            .is_some()
            {
                return Some(());
            }
            p.expect(T::LPar)?;
            p.opt(Self::open_sequence)?;
            p.expect(T::RPar).map(|_| ())
        })
    }

    fn mapping_pattern(&mut self) -> Option<()> {
        self.rule(|p| {
            p.expect(T::LBrace)?;
            if p.expect(T::RBrace).is_some() {
                return Some(());
            }
            if p.alt(|p| {
                p.double_star_pattern()?;
                p.opt(|p| p.expect(T::Comma))?;
                p.expect(T::RBrace)
            })
            .is_some()
            {
                return Some(());
            }
            p.gather(Self::key_value_pattern)?;
            if p.alt(|p| {
                p.expect(T::Comma)?;
                p.double_star_pattern()?;
                p.opt(|p| p.expect(T::Comma))?;
                p.expect(T::RBrace)
            })
            .is_some()
            {
                return Some(());
            }
            p.opt(|p| p.expect(T::Comma))?;
            p.expect(T::RBrace).map(|_| ())
        })
    }

    fn double_star_pattern(&mut self) -> Option<()> {
        self.expect(T::DoubleStar)?;
        self.capture_target()
    }

    fn key_value_pattern(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.alt(Self::literal_pattern).is_none() {
                p.attr()?;
            }
            p.expect(T::Colon)?;
            p.pattern().map(|_| ())
        })
    }

    fn positional_patterns(&mut self) -> Option<Vec<Range>> {
        self.gather(Self::pattern)
    }

    fn keyword_patterns(&mut self) -> Option<()> {
        self.gather(|p| {
            p.expect(T::Name)?;
            p.expect(T::Equal)?;
            p.pattern()
        })
        .map(|_| ())
    }

    fn class_pattern(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.alt(|p| {
                p.name_or_attr()?;
                p.expect(T::LPar)?;
                p.expect(T::RPar)
            })
            .is_some()
            {
                return Some(());
            }
            for (positional, keywords) in [(true, false), (false, true), (true, true)] {
                if p.alt(|p| {
                    p.name_or_attr()?;
                    p.expect(T::LPar)?;
                    if positional {
                        p.positional_patterns()?;
                    }
                    if positional && keywords {
                        p.expect(T::Comma)?;
                    }
                    if keywords {
                        p.keyword_patterns()?;
                    }
                    p.opt(|p| p.expect(T::Comma))?;
                    p.expect(T::RPar)
                })
                .is_some()
                {
                    return Some(());
                }
            }
            if p.invalid {
                p.alt(|p| -> Option<()> {
                    p.name_or_attr()?;
                    p.expect(T::LPar)?;
                    p.opt(|p| {
                        p.positional_patterns()?;
                        p.expect(T::Comma)
                    })?;
                    p.keyword_patterns()?;
                    p.expect(T::Comma)?;
                    let wrong = p.positional_patterns()?;
                    let (first, last) = (*wrong.first()?, *wrong.last()?);
                    p.raise_range(first, last, "positional patterns follow keyword patterns")
                });
            }
            None
        })
    }
}

fn is_complex(expr: E<'_>) -> bool {
    matches!(expr.kind, ExprKind::Constant { value: Constant::Complex { .. }, .. })
}

//! Whole sources and statements of one line, with the rules that find errors in them.

use super::raise::{Targets, expr_name};
use super::{E, Reader, Rule};
use crate::token::{Token, TokenKind as T};

/// The operators of augmented assignments.
const AUGMENTED: &[T] = &[
    T::PlusEqual,
    T::MinEqual,
    T::StarEqual,
    T::AtEqual,
    T::SlashEqual,
    T::PercentEqual,
    T::AmperEqual,
    T::VBarEqual,
    T::CircumflexEqual,
    T::LeftShiftEqual,
    T::RightShiftEqual,
    T::DoubleStarEqual,
    T::DoubleSlashEqual,
];

impl<'a> Reader<'a, '_> {
    pub(super) fn interactive(&mut self) {
        let compound = self.alt(|p| {
            let token = p.fetch()?;
            p.compound_stmt()?;
            p.register(&token);
            p.expect(T::Newline).map(|_| ())
        });
        if compound.is_some() || self.stopped {
            return;
        }
        if self.simple_stmts().is_some() || self.stopped {
            return;
        }
        self.expect_any(&[T::Newline, T::EndMarker]);
    }

    pub(super) fn func_type(&mut self) {
        self.alt(|p| {
            p.expect(T::LPar)?;
            p.opt(|p| {
                p.gather(|p| {
                    p.opt(|p| p.expect_any(&[T::Star, T::DoubleStar]))?;
                    p.expression()
                })
            })?;
            p.expect(T::RPar)?;
            p.expect(T::RArrow)?;
            p.expression()?;
            p.many(|p| p.expect(T::Newline))?;
            p.expect(T::EndMarker)
        });
    }

    pub(super) fn statements(&mut self) -> Option<()> {
        self.rule(|p| {
            p.many1(Self::statement)?;
            Some(())
        })
    }

    /// Notes where the latest statement of several lines begins.
    pub(super) fn register(&mut self, token: &Token) {
        let place = (token.lineno as i32, token.col as i32);
        if place > self.last_stmt {
            self.last_stmt = place;
        }
    }

    fn statement(&mut self) -> Option<()> {
        self.rule(|p| {
            let token = p.fetch()?;
            if p.compound_stmt().is_some() {
                p.register(&token);
                return Some(());
            }
            p.simple_stmts()
        })
    }

    pub(super) fn simple_stmts(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.alt(|p| {
                p.simple_stmt()?;
                p.not_any(&[T::Semi])?;
                p.expect(T::Newline)
            })
            .is_some()
            {
                return Some(());
            }
            p.alt(|p| {
                p.simple_stmt()?;
                p.many(|p| {
                    p.expect(T::Semi)?;
                    p.simple_stmt()
                })?;
                p.opt(|p| p.expect(T::Semi))?;
                p.expect(T::Newline)
            })
            .map(|_| ())
        })
    }

    pub(super) fn simple_stmt(&mut self) -> Option<()> {
        self.memo_unit(Rule::SimpleStmt, |p| {
            if p.assignment().is_some() {
                return Some(());
            }
            if p.type_alias().is_some() {
                return Some(());
            }
            if p.sees_any(&[T::KwImport, T::KwFrom]) {
                return p.import_stmt();
            }
            if p.alt(Self::star_expressions).is_some() {
                return Some(());
            }
            match p.peek()? {
                T::KwReturn => p.alt(|p| {
                    p.expect(T::KwReturn)?;
                    p.opt(Self::star_expressions).map(|_| ())
                }),
                T::KwRaise => p.raise_stmt(),
                T::KwPass | T::KwBreak | T::KwContinue => {
                    p.mark += 1;
                    Some(())
                }
                T::KwDel => p.del_stmt(),
                T::KwYield => p.yield_expr().map(|_| ()),
                T::KwAssert => p.alt(|p| {
                    p.expect(T::KwAssert)?;
                    p.expression()?;
                    p.opt(|p| {
                        p.expect(T::Comma)?;
                        p.expression()
                    })
                    .map(|_| ())
                }),
                T::KwGlobal | T::KwNonlocal => p.alt(|p| {
                    p.mark += 1;
                    p.gather(|p| p.expect(T::Name)).map(|_| ())
                }),
                _ => None,
            }
        })
    }

    fn raise_stmt(&mut self) -> Option<()> {
        self.alt(|p| {
            p.expect(T::KwRaise)?;
            p.opt(|p| {
                p.expression()?;
                p.opt(|p| {
                    p.expect(T::KwFrom)?;
                    p.expression()
                })
            })
            .map(|_| ())
        })
    }

    fn del_stmt(&mut self) -> Option<()> {
        let found = self.alt(|p| {
            p.expect(T::KwDel)?;
            p.del_targets()?;
            p.ahead(&[T::Semi, T::Newline])
        });
        if found.is_none() && self.invalid {
            self.alt(|p| -> Option<()> {
                p.expect(T::KwDel)?;
                let a = p.star_expressions()?;
                p.raise_invalid_target(Targets::Del, a)
            });
        }
        found
    }

    fn type_alias(&mut self) -> Option<()> {
        self.alt(|p| {
            p.soft_keyword("type")?;
            p.expect(T::Name)?;
            p.opt(Self::type_params)?;
            p.expect(T::Equal)?;
            p.expression()?;
            p.version(12, "Type statement is")
        })
    }

    fn assignment(&mut self) -> Option<()> {
        self.rule(|p| {
            let value = |p: &mut Self| {
                p.opt(|p| {
                    p.expect(T::Equal)?;
                    p.annotated_rhs()
                })
                .map(|_| ())
            };
            if p.alt(|p| {
                p.expect(T::Name)?;
                p.expect(T::Colon)?;
                p.expression()?;
                value(p)?;
                p.version(6, "Variable annotation syntax is")
            })
            .is_some()
            {
                return Some(());
            }
            if p.alt(|p| {
                let parenthesized = p.alt(|p| {
                    p.expect(T::LPar)?;
                    let inner = p.single_target()?;
                    p.expect(T::RPar)?;
                    Some(inner)
                });
                if parenthesized.is_none() {
                    p.attribute_or_subscript()?;
                }
                p.expect(T::Colon)?;
                p.expression()?;
                value(p)?;
                p.version(6, "Variable annotations syntax is")
            })
            .is_some()
            {
                return Some(());
            }
            if p.alt(|p| {
                p.many1(Self::target_and_equal)?;
                p.annotated_rhs()?;
                p.not_any(&[T::Equal])?;
                p.opt(|p| p.expect(T::TypeComment)).map(|_| ())
            })
            .is_some()
            {
                return Some(());
            }
            let augmented = p.alt(|p| {
                p.single_target()?;
                p.expect_any(AUGMENTED)
            });
            if let Some(operator) = augmented {
                // After the operator there is no other reading.
                p.annotated_rhs()?;
                if operator.kind == T::AtEqual {
                    p.version(5, "The '@' operator is")?;
                }
                return Some(());
            }
            if p.invalid {
                p.invalid_assignment();
            }
            None
        })
    }

    fn target_and_equal(&mut self) -> Option<()> {
        self.star_targets()?;
        self.expect(T::Equal).map(|_| ())
    }

    fn invalid_assignment(&mut self) {
        self.rule(|p| -> Option<()> {
            p.alt(|p| -> Option<()> {
                let a = p.invalid_ann_assign_target()?;
                p.expect(T::Colon)?;
                p.expression()?;
                let message = format!("only single target (not {}) can be annotated", expr_name(a));
                p.raise_at(a.range, &message)
            });
            p.alt(|p| -> Option<()> {
                let a = p.star_named_expression()?;
                p.expect(T::Comma)?;
                p.many(Self::star_named_expressions)?;
                p.expect(T::Colon)?;
                p.expression()?;
                p.raise_at(a.range, "only single target (not tuple) can be annotated")
            });
            p.alt(|p| -> Option<()> {
                let a = p.expression()?;
                p.expect(T::Colon)?;
                p.expression()?;
                p.raise_at(a.range, "illegal target for annotation")
            });
            p.alt(|p| -> Option<()> {
                p.many(Self::target_and_equal)?;
                let a = p.star_expressions()?;
                p.expect(T::Equal)?;
                p.raise_invalid_target(Targets::Star, a)
            });
            p.alt(|p| -> Option<()> {
                p.many(Self::target_and_equal)?;
                let a = p.yield_expr()?;
                p.expect(T::Equal)?;
                p.raise_at(a.range, "assignment to yield expression not possible")
            });
            p.alt(|p| -> Option<()> {
                let a = p.star_expressions()?;
                p.expect_any(AUGMENTED)?;
                p.annotated_rhs()?;
                let message = format!("'{}' is an illegal expression for augmented assignment", expr_name(a));
                p.raise_at(a.range, &message)
            })
        });
    }

    fn invalid_ann_assign_target(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            p.list().or_else(|| p.tuple()).or_else(|| {
                p.alt(|p| {
                    p.expect(T::LPar)?;
                    let a = p.invalid_ann_assign_target()?;
                    p.expect(T::RPar)?;
                    Some(a)
                })
            })
        })
    }

    fn import_stmt(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.alt(|p| -> Option<()> {
                    let a = p.expect(T::KwImport)?;
                    p.gather(Self::dotted_name)?;
                    p.expect(T::KwFrom)?;
                    p.dotted_name()?;
                    p.raise_from(a.place(), "Did you mean to use 'from ... import ...' instead?")
                });
                p.alt(|p| -> Option<()> {
                    p.expect(T::KwImport)?;
                    let newline = p.expect(T::Newline)?;
                    p.raise_from(newline.place(), "Expected one or more names after 'import'")
                });
            }
            if p.alt(|p| {
                p.expect(T::KwImport)?;
                p.gather(Self::dotted_as_name)
            })
            .is_some()
            {
                return Some(());
            }
            p.import_from()
        })
    }

    fn import_from(&mut self) -> Option<()> {
        let dots = &[T::Dot, T::Ellipsis];
        if self
            .alt(|p| {
                p.expect(T::KwFrom)?;
                let level = p.many(|p| p.expect_any(dots))?.len();
                let module = p.dotted_name()?;
                p.expect(T::KwImport)?;
                let names = p.mark;
                p.import_from_targets()?;
                p.note_future_import(level, module, names);
                Some(())
            })
            .is_some()
        {
            return Some(());
        }
        self.alt(|p| {
            p.expect(T::KwFrom)?;
            p.many1(|p| p.expect_any(dots))?;
            p.expect(T::KwImport)?;
            p.import_from_targets()
        })
    }

    /// Obeys `from __future__ import barry_as_FLUFL`.
    fn note_future_import(&mut self, level: usize, module: E<'a>, names: usize) {
        if level > 0 || !matches!(module.kind, crate::ast::ExprKind::Name { id: "__future__", .. }) {
            return;
        }
        if (names..self.mark).any(|index| self.text(self.token_at(index)) == "barry_as_FLUFL") {
            self.barry = true;
        }
    }

    fn import_from_targets(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.alt(|p| {
                p.expect(T::LPar)?;
                p.gather(Self::import_from_as_name)?;
                p.opt(|p| p.expect(T::Comma))?;
                p.expect(T::RPar)
            })
            .is_some()
            {
                return Some(());
            }
            if p.alt(|p| {
                p.gather(Self::import_from_as_name)?;
                p.not_any(&[T::Comma])
            })
            .is_some()
            {
                return Some(());
            }
            if p.expect(T::Star).is_some() {
                return Some(());
            }
            if p.invalid {
                p.alt(|p| -> Option<()> {
                    p.gather(Self::import_from_as_name)?;
                    p.expect(T::Comma)?;
                    p.expect(T::Newline)?;
                    p.raise("trailing comma not allowed without surrounding parentheses")
                });
                p.alt(|p| -> Option<()> {
                    let newline = p.expect(T::Newline)?;
                    p.raise_from(newline.place(), "Expected one or more names after 'import'")
                });
            }
            None
        })
    }

    fn import_from_as_name(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.alt(|p| {
                    p.expect(T::Name)?;
                    p.invalid_import_target()
                });
            }
            p.expect(T::Name)?;
            p.as_name()
        })
    }

    fn dotted_as_name(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.alt(|p| {
                    p.dotted_name()?;
                    p.invalid_import_target()
                });
            }
            p.dotted_name()?;
            p.as_name()
        })
    }

    fn as_name(&mut self) -> Option<()> {
        self.opt(|p| {
            p.expect(T::KwAs)?;
            p.expect(T::Name)
        })
        .map(|_| ())
    }

    fn invalid_import_target(&mut self) -> Option<()> {
        self.expect(T::KwAs)?;
        if self.sees(|p| {
            p.expect(T::Name)?;
            p.expect_any(&[T::Comma, T::RPar, T::Semi, T::Newline])
        }) || self.stopped
        {
            return None;
        }
        let a = self.expression()?;
        let message = format!("cannot use {} as import target", expr_name(a));
        self.raise_at(a.range, &message)
    }

    fn dotted_name(&mut self) -> Option<E<'a>> {
        self.memo(Rule::DottedName, |p| {
            let name = p.name()?;
            let mut dotted = false;
            while p
                .alt(|p| {
                    p.expect(T::Dot)?;
                    p.expect(T::Name)
                })
                .is_some()
            {
                dotted = true;
            }
            if p.stopped {
                return None;
            }
            // Only a name without dots is looked at.
            if !dotted {
                return Some(name);
            }
            let kind = crate::ast::ExprKind::Name { id: "", ctx: crate::ast::ExprContext::Load };
            Some(p.expr(kind, name.range))
        })
    }
}

//! Compound statements and blocks, with the rules that find errors in them.

use super::raise::{Targets, expr_name};
use super::{Reader, Rule};
use crate::token::{Token, TokenKind as T};

impl Reader<'_, '_> {
    pub(super) fn compound_stmt(&mut self) -> Option<()> {
        self.rule(|p| {
            let kind = p.peek()?;
            match kind {
                T::KwDef => p.function_def(),
                T::At => p.function_def().or_else(|| p.class_def()),
                T::KwAsync => p.function_def().or_else(|| p.with_stmt()).or_else(|| p.for_stmt()),
                T::KwIf => p.if_stmt(),
                T::KwClass => p.class_def(),
                T::KwWith => p.with_stmt(),
                T::KwFor => p.for_stmt(),
                T::KwTry => p.try_stmt(),
                T::KwWhile => p.while_stmt(),
                T::Name => p.match_stmt(),
                _ => None,
            }
        })
    }

    pub(super) fn block(&mut self) -> Option<()> {
        self.memo_unit(Rule::Block, |p| {
            if p.alt(|p| {
                p.expect(T::Newline)?;
                p.expect(T::Indent)?;
                p.statements()?;
                p.expect(T::Dedent)
            })
            .is_some()
            {
                return Some(());
            }
            if p.simple_stmts().is_some() {
                return Some(());
            }
            if p.invalid {
                p.alt(|p| -> Option<()> {
                    p.newline_without_indent()?;
                    p.raise_indentation("expected an indented block")
                });
            }
            None
        })
    }

    /// `NEWLINE !INDENT`.
    fn newline_without_indent(&mut self) -> Option<()> {
        self.expect(T::Newline)?;
        self.not_any(&[T::Indent])
    }

    /// `':' NEWLINE !INDENT`, which is an error after `what`, begun by `token`.
    fn missing_block(&mut self, what: &str, token: &Token) -> Option<()> {
        self.expect(T::Colon)?;
        self.newline_without_indent()?;
        self.raise_indentation(&format!("expected an indented block after {what} on line {}", token.lineno))
    }

    /// `NEWLINE` where a colon is wanted.
    fn missing_colon(&mut self) -> Option<()> {
        self.expect(T::Newline)?;
        self.raise("expected ':'")
    }

    fn colon_block(&mut self) -> Option<()> {
        self.expect(T::Colon)?;
        self.block()
    }

    fn decorators(&mut self) -> Option<()> {
        self.rule(|p| {
            p.many(|p| {
                p.expect(T::At)?;
                p.named_expression()?;
                p.expect(T::Newline)
            })
            .map(|_| ())
        })
    }

    fn class_def(&mut self) -> Option<()> {
        self.rule(|p| {
            p.decorators()?;
            p.rule(|p| {
                if p.invalid {
                    p.alt(|p| {
                        p.class_head()?;
                        p.missing_colon()
                    });
                    p.alt(|p| {
                        let token = p.class_head()?;
                        p.missing_block("class definition", &token)
                    });
                }
                p.class_head()?;
                p.colon_block()
            })
        })
    }

    fn class_head(&mut self) -> Option<Token> {
        let token = self.expect(T::KwClass)?;
        self.expect(T::Name)?;
        self.opt(Self::type_params)?;
        self.opt(|p| {
            p.expect(T::LPar)?;
            p.opt(Self::arguments)?;
            p.expect(T::RPar)
        })?;
        Some(token)
    }

    fn function_def(&mut self) -> Option<()> {
        self.rule(|p| {
            p.decorators()?;
            p.rule(|p| {
                if p.invalid {
                    p.alt(|p| {
                        p.opt(|p| p.expect(T::KwAsync))?;
                        let token = p.function_head(false)?;
                        p.missing_block("function definition", &token)
                    });
                    let forced = p.alt(|p| {
                        p.opt(|p| p.expect(T::KwAsync))?;
                        p.function_head(true)?;
                        p.force(T::Colon)?;
                        p.opt(Self::func_type_comment)?;
                        p.block()
                    });
                    if forced.is_some() {
                        return forced;
                    }
                }
                let is_async = p.opt(|p| p.expect(T::KwAsync))?.is_some();
                p.function_head(false)?;
                p.expect(T::Colon)?;
                p.opt(Self::func_type_comment)?;
                p.block()?;
                if is_async { p.version(5, "Async functions are") } else { Some(()) }
            })
        })
    }

    /// `'def' NAME [type_params] '(' [params] ')' ['->' expression]`.
    fn function_head(&mut self, forced: bool) -> Option<Token> {
        let token = self.expect(T::KwDef)?;
        self.expect(T::Name)?;
        self.opt(Self::type_params)?;
        if forced {
            self.force(T::LPar)?;
        } else {
            self.expect(T::LPar)?;
        }
        self.opt(Self::params)?;
        self.expect(T::RPar)?;
        self.opt(|p| {
            p.expect(T::RArrow)?;
            p.expression()
        })?;
        Some(token)
    }

    fn func_type_comment(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.alt(|p| {
                p.expect(T::Newline)?;
                p.expect(T::TypeComment)?;
                p.sees(|p| {
                    p.expect(T::Newline)?;
                    p.expect(T::Indent)
                })
                .then_some(())
            })
            .is_some()
            {
                return Some(());
            }
            if p.invalid {
                p.alt(|p| -> Option<()> {
                    p.expect(T::TypeComment)?;
                    p.expect(T::Newline)?;
                    p.expect(T::TypeComment)?;
                    p.expect(T::Newline)?;
                    p.expect(T::Indent)?;
                    p.raise("Cannot have two type comments on def")
                });
            }
            p.expect(T::TypeComment).map(|_| ())
        })
    }

    fn if_stmt(&mut self) -> Option<()> {
        self.conditional(T::KwIf, "'if' statement")
    }

    /// `if` or `elif`, with what follows.
    fn conditional(&mut self, word: T, what: &str) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.alt(|p| {
                    p.expect(word)?;
                    p.named_expression()?;
                    p.missing_colon()
                });
                p.alt(|p| {
                    let token = p.expect(word)?;
                    p.named_expression()?;
                    p.missing_block(what, &token)
                });
            }
            p.expect(word)?;
            p.named_expression()?;
            p.colon_block()?;
            if p.conditional_rest().is_some() {
                return Some(());
            }
            p.opt(Self::else_block).map(|_| ())
        })
    }

    fn conditional_rest(&mut self) -> Option<()> {
        if self.stopped || self.peek()? != T::KwElif {
            return None;
        }
        self.conditional(T::KwElif, "'elif' statement")
    }

    fn else_block(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.alt(|p| {
                    let token = p.expect(T::KwElse)?;
                    p.missing_block("'else' statement", &token)
                });
                p.alt(|p| -> Option<()> {
                    p.expect(T::KwElse)?;
                    p.colon_block()?;
                    p.expect(T::KwElif)?;
                    p.raise("'elif' block follows an 'else' block")
                });
            }
            p.expect(T::KwElse)?;
            p.force(T::Colon)?;
            p.block()
        })
    }

    fn while_stmt(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.alt(|p| {
                    p.expect(T::KwWhile)?;
                    p.named_expression()?;
                    p.missing_colon()
                });
                p.alt(|p| {
                    let token = p.expect(T::KwWhile)?;
                    p.named_expression()?;
                    p.missing_block("'while' statement", &token)
                });
            }
            p.expect(T::KwWhile)?;
            p.named_expression()?;
            p.colon_block()?;
            p.opt(Self::else_block).map(|_| ())
        })
    }

    fn for_stmt(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.alt(|p| {
                    p.for_head()?;
                    p.missing_colon()
                });
                p.alt(|p| {
                    let token = p.for_head()?;
                    p.missing_block("'for' statement", &token)
                });
            }
            let begun = p.alt(|p| {
                let is_async = p.opt(|p| p.expect(T::KwAsync))?.is_some();
                p.expect(T::KwFor)?;
                p.star_targets()?;
                p.expect(T::KwIn)?;
                Some(is_async)
            });
            if let Some(is_async) = begun {
                // After `in` there is no other reading.
                p.star_expressions()?;
                p.expect(T::Colon)?;
                p.opt(|p| p.expect(T::TypeComment))?;
                p.block()?;
                p.opt(Self::else_block)?;
                return if is_async { p.version(5, "Async for loops are") } else { Some(()) };
            }
            if p.invalid && !p.stopped {
                p.invalid_for_target();
            }
            None
        })
    }

    fn for_head(&mut self) -> Option<Token> {
        self.opt(|p| p.expect(T::KwAsync))?;
        let token = self.expect(T::KwFor)?;
        self.star_targets()?;
        self.expect(T::KwIn)?;
        self.star_expressions()?;
        Some(token)
    }

    fn with_stmt(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                for parenthesized in [false, true] {
                    p.alt(|p| {
                        let token = p.loose_with_items(parenthesized)?;
                        p.missing_block("'with' statement", &token)
                    });
                }
            }
            for parenthesized in [true, false] {
                if p.alt(|p| {
                    let is_async = p.opt(|p| p.expect(T::KwAsync))?.is_some();
                    p.expect(T::KwWith)?;
                    if parenthesized {
                        p.expect(T::LPar)?;
                    }
                    p.gather(Self::with_item)?;
                    if parenthesized {
                        p.opt(|p| p.expect(T::Comma))?;
                        p.expect(T::RPar)?;
                    }
                    p.expect(T::Colon)?;
                    p.opt(|p| p.expect(T::TypeComment))?;
                    p.block()?;
                    if is_async { p.version(5, "Async with statements are") } else { Some(()) }
                })
                .is_some()
                {
                    return Some(());
                }
            }
            if p.invalid {
                for parenthesized in [false, true] {
                    p.alt(|p| {
                        p.loose_with_items(parenthesized)?;
                        p.missing_colon()
                    });
                }
            }
            None
        })
    }

    /// The head of a `with` statement as the rules for errors read it.
    fn loose_with_items(&mut self, parenthesized: bool) -> Option<Token> {
        self.opt(|p| p.expect(T::KwAsync))?;
        let token = self.expect(T::KwWith)?;
        if parenthesized {
            self.expect(T::LPar)?;
        }
        self.gather(|p| {
            if parenthesized {
                p.expressions()?;
            } else {
                p.expression()?;
            }
            p.opt(|p| {
                p.expect(T::KwAs)?;
                p.star_target()
            })
        })?;
        if parenthesized {
            self.opt(|p| p.expect(T::Comma))?;
            self.expect(T::RPar)?;
        }
        Some(token)
    }

    fn with_item(&mut self) -> Option<()> {
        let end = &[T::Comma, T::RPar, T::Colon];
        self.rule(|p| {
            if p.alt(|p| {
                p.expression()?;
                p.expect(T::KwAs)?;
                p.star_target()?;
                p.ahead(end)
            })
            .is_some()
            {
                return Some(());
            }
            if p.invalid {
                p.alt(|p| -> Option<()> {
                    p.expression()?;
                    p.expect(T::KwAs)?;
                    let a = p.expression()?;
                    p.ahead(end)?;
                    p.raise_invalid_target(Targets::Star, a)
                });
            }
            p.expression().map(|_| ())
        })
    }

    fn try_stmt(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.invalid_try_stmt();
            }
            if p.alt(|p| {
                p.try_head()?;
                p.finally_block()
            })
            .is_some()
            {
                return Some(());
            }
            for star in [false, true] {
                if p.alt(|p| {
                    p.try_head()?;
                    p.many1(|p| p.except_block(star))?;
                    p.opt(Self::else_block)?;
                    p.opt(Self::finally_block)?;
                    if star { p.version(11, "Exception groups are") } else { Some(()) }
                })
                .is_some()
                {
                    return Some(());
                }
            }
            None
        })
    }

    fn try_head(&mut self) -> Option<()> {
        self.expect(T::KwTry)?;
        self.force(T::Colon)?;
        self.block()
    }

    fn invalid_try_stmt(&mut self) {
        let both = "cannot have both 'except' and 'except*' on the same 'try'";
        self.rule(|p| -> Option<()> {
            p.alt(|p| {
                let token = p.expect(T::KwTry)?;
                p.missing_block("'try' statement", &token)
            });
            p.alt(|p| -> Option<()> {
                p.expect(T::KwTry)?;
                p.colon_block()?;
                p.not_any(&[T::KwExcept, T::KwFinally])?;
                p.raise("expected 'except' or 'finally' block")
            });
            p.alt(|p| -> Option<()> {
                p.expect(T::KwTry)?;
                p.expect(T::Colon)?;
                p.many(Self::block)?;
                p.many1(|p| p.except_block(false))?;
                let a = p.expect(T::KwExcept)?;
                let b = p.expect(T::Star)?;
                p.expression()?;
                p.as_handler_name()?;
                p.expect(T::Colon)?;
                p.raise_range(a.place(), b.place(), both)
            });
            p.alt(|p| -> Option<()> {
                p.expect(T::KwTry)?;
                p.expect(T::Colon)?;
                p.many(Self::block)?;
                p.many1(|p| p.except_block(true))?;
                let a = p.expect(T::KwExcept)?;
                p.opt(|p| {
                    p.expression()?;
                    p.as_handler_name()
                })?;
                p.expect(T::Colon)?;
                p.raise_at(a.place(), both)
            })
        });
    }

    /// `['as' NAME]`.
    fn as_handler_name(&mut self) -> Option<()> {
        self.opt(|p| {
            p.expect(T::KwAs)?;
            p.expect(T::Name)
        })
        .map(|_| ())
    }

    /// `'except'`, with its star where there is to be one.
    fn except_word(&mut self, star: bool) -> Option<Token> {
        let token = self.expect(T::KwExcept)?;
        if star {
            self.expect(T::Star)?;
        }
        Some(token)
    }

    fn except_block(&mut self, star: bool) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.invalid_except_indent(star);
            }
            if p.alt(|p| {
                p.except_word(star)?;
                p.expression()?;
                p.colon_block()
            })
            .is_some()
            {
                return Some(());
            }
            if p.alt(|p| {
                p.except_word(star)?;
                p.expression()?;
                p.expect(T::KwAs)?;
                p.expect(T::Name)?;
                p.colon_block()
            })
            .is_some()
            {
                return Some(());
            }
            if p.alt(|p| {
                p.except_word(star)?;
                p.expressions()?;
                p.colon_block()?;
                p.version(14, "except expressions without parentheses are")
            })
            .is_some()
            {
                return Some(());
            }
            if !star
                && p.alt(|p| {
                    p.except_word(false)?;
                    p.colon_block()
                })
                .is_some()
            {
                return Some(());
            }
            if p.invalid {
                p.invalid_except(star);
            }
            None
        })
    }

    fn invalid_except_indent(&mut self, star: bool) {
        let what = if star { "'except*' statement" } else { "'except' statement" };
        self.rule(|p| {
            p.alt(|p| {
                let token = p.except_word(star)?;
                p.expression()?;
                p.as_handler_name()?;
                p.missing_block(what, &token)
            });
            if !star {
                p.alt(|p| {
                    let token = p.except_word(false)?;
                    p.missing_block(what, &token)
                });
            }
            None::<()>
        });
    }

    fn invalid_except(&mut self, star: bool) {
        self.rule(|p| {
            p.alt(|p| -> Option<()> {
                p.except_word(star)?;
                let a = p.expression()?;
                p.expect(T::Comma)?;
                p.expressions()?;
                p.expect(T::KwAs)?;
                p.expect(T::Name)?;
                p.expect(T::Colon)?;
                p.raise_from(a.range, "multiple exception types must be parenthesized when using 'as'")
            });
            p.alt(|p| {
                p.except_word(star)?;
                p.expression()?;
                p.as_handler_name()?;
                p.missing_colon()
            });
            p.alt(|p| -> Option<()> {
                p.except_word(star)?;
                if star {
                    p.expect_any(&[T::Newline, T::Colon])?;
                    return p.raise("expected one or more exception types");
                }
                p.missing_colon()
            });
            p.alt(|p| -> Option<()> {
                p.except_word(star)?;
                p.expression()?;
                p.expect(T::KwAs)?;
                let a = p.expression()?;
                p.colon_block()?;
                let word = if star { "except*" } else { "except" };
                p.raise_at(a.range, &format!("cannot use {word} statement with {}", expr_name(a)))
            })
        });
    }

    fn finally_block(&mut self) -> Option<()> {
        self.rule(|p| {
            if p.invalid {
                p.alt(|p| {
                    let token = p.expect(T::KwFinally)?;
                    p.missing_block("'finally' statement", &token)
                });
            }
            p.expect(T::KwFinally)?;
            p.force(T::Colon)?;
            p.block()
        })
    }
}

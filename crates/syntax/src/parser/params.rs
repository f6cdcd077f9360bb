//! Parameters of functions and lambdas, and type parameters.

use super::{Fail, Parse, Parser};
use crate::ast::{Arg, Arguments, ExprContext, ExprKind, ExprRef, Seq, TypeParam, TypeParamKind};
use crate::token::TokenKind;

impl<'a> Parser<'a, '_> {
    /// The parameters up to `close`: a parenthesis for a function, a colon for a lambda.
    pub(super) fn parameters(&mut self, close: TokenKind) -> Parse<&'a Arguments<'a>> {
        if self.at(close) {
            return Ok(self.arena.alloc(Arguments::default()));
        }
        let annotated = close == TokenKind::RPar;
        let mut found = Arguments::default();
        let mut positional: Vec<Arg<'a>> = Vec::new();
        let mut keyword_only: Vec<Arg<'a>> = Vec::new();
        let defaults = self.scratch.exprs.len();
        let keyword_defaults = self.scratch.optional.len();
        let mut seen_slash = false;
        let mut seen_star = false;
        let mut seen_default = false;
        while !self.at(close) {
            match self.kind() {
                TokenKind::Slash => {
                    if seen_slash || seen_star || positional.is_empty() {
                        return Err(Fail);
                    }
                    self.version(8)?;
                    seen_slash = true;
                    self.bump();
                    found.posonlyargs = self.arena.slice(&positional);
                    positional.clear();
                }
                TokenKind::Star => {
                    if seen_star {
                        return Err(Fail);
                    }
                    seen_star = true;
                    self.bump();
                    if self.at(TokenKind::Comma) {
                        if self.kind_at(1) != TokenKind::Name {
                            return Err(Fail);
                        }
                    } else {
                        let mut arg = self.parameter(annotated, true)?;
                        if self.at(TokenKind::Equal) {
                            return Err(Fail);
                        }
                        let comma = self.end_of_parameter(close, &mut arg)?;
                        found.vararg = Some(self.arena.alloc(arg));
                        if !comma {
                            break;
                        }
                        continue;
                    }
                }
                TokenKind::DoubleStar => {
                    self.bump();
                    let mut arg = self.parameter(annotated, false)?;
                    if self.at(TokenKind::Equal) {
                        return Err(Fail);
                    }
                    self.end_of_parameter(close, &mut arg)?;
                    found.kwarg = Some(self.arena.alloc(arg));
                    if !self.at(close) {
                        return Err(Fail);
                    }
                    break;
                }
                _ => {
                    let mut arg = self.parameter(annotated, false)?;
                    let default = if self.eat(TokenKind::Equal) { Some(self.expression()?) } else { None };
                    let comma = self.end_of_parameter(close, &mut arg)?;
                    if seen_star {
                        keyword_only.push(arg);
                        self.scratch.optional.push(default);
                    } else {
                        if default.is_none() && seen_default {
                            return Err(Fail);
                        }
                        seen_default |= default.is_some();
                        self.scratch.exprs.extend(default);
                        positional.push(arg);
                    }
                    if !comma {
                        break;
                    }
                    continue;
                }
            }
            if !self.eat(TokenKind::Comma) {
                break;
            }
            // A type comment after a bare star or slash is not a thing.
            if self.at(TokenKind::TypeComment) {
                return Err(Fail);
            }
        }
        if !self.at(close) {
            return Err(Fail);
        }
        found.args = self.arena.slice(&positional);
        found.kwonlyargs = self.arena.slice(&keyword_only);
        found.kw_defaults = self.arena.slice(&self.scratch.optional[keyword_defaults..]);
        self.scratch.optional.truncate(keyword_defaults);
        found.defaults = self.finish_exprs(defaults);
        Ok(self.arena.alloc(found))
    }

    fn parameter(&mut self, annotated: bool, star: bool) -> Parse<Arg<'a>> {
        let start = self.start();
        let arg = self.name()?;
        let annotation = if annotated && self.eat(TokenKind::Colon) {
            Some(if star && self.at(TokenKind::Star) { self.starred_annotation()? } else { self.expression()? })
        } else {
            None
        };
        Ok(Arg { arg, annotation, type_comment: None, range: self.range_from(start) })
    }

    fn starred_annotation(&mut self) -> Parse<ExprRef<'a>> {
        let start = self.start();
        self.bump();
        let value = self.binary(1)?;
        Ok(self.expr(ExprKind::Starred { value, ctx: ExprContext::Load }, self.range_from(start)))
    }

    /// The comma after a parameter, or the sight of the end, with a type comment. Says whether there was a comma.
    fn end_of_parameter(&mut self, close: TokenKind, arg: &mut Arg<'a>) -> Parse<bool> {
        let comma = self.eat(TokenKind::Comma);
        if close == TokenKind::RPar {
            arg.type_comment = self.type_comment();
        }
        if !comma && !self.at(close) {
            return Err(Fail);
        }
        Ok(comma)
    }

    /// `type_params`, where there are any.
    pub(super) fn type_params(&mut self) -> Parse<Seq<'a, TypeParam<'a>>> {
        if !self.at(TokenKind::LSqb) {
            return Ok(&[]);
        }
        self.version(12)?;
        self.bump();
        let mark = self.scratch.type_params.len();
        loop {
            let param = self.type_param()?;
            self.scratch.type_params.push(param);
            if !self.eat(TokenKind::Comma) || self.at(TokenKind::RSqb) {
                break;
            }
        }
        self.expect(TokenKind::RSqb)?;
        let list = self.arena.slice(&self.scratch.type_params[mark..]);
        self.scratch.type_params.truncate(mark);
        Ok(list)
    }

    fn type_param(&mut self) -> Parse<TypeParam<'a>> {
        let start = self.start();
        let kind = match self.kind() {
            TokenKind::Star => {
                self.bump();
                let name = self.name()?;
                let default_value = self.type_param_default(true)?;
                TypeParamKind::TypeVarTuple { name, default_value }
            }
            TokenKind::DoubleStar => {
                self.bump();
                let name = self.name()?;
                let default_value = self.type_param_default(false)?;
                TypeParamKind::ParamSpec { name, default_value }
            }
            _ => {
                let name = self.name()?;
                let bound = if self.eat(TokenKind::Colon) { Some(self.expression()?) } else { None };
                let default_value = self.type_param_default(false)?;
                TypeParamKind::TypeVar { name, bound, default_value }
            }
        };
        Ok(TypeParam { kind, range: self.range_from(start) })
    }

    fn type_param_default(&mut self, star: bool) -> Parse<Option<ExprRef<'a>>> {
        if !self.eat(TokenKind::Equal) {
            return Ok(None);
        }
        self.version(13)?;
        let value = if star && self.at(TokenKind::Star) { self.starred_annotation()? } else { self.expression()? };
        Ok(Some(value))
    }
}

//! Targets of assignments, loops and deletions.

use super::{E, Reader, Rule};
use crate::ast::{ExprContext, ExprKind};
use crate::token::TokenKind as T;

impl<'a> Reader<'a, '_> {
    pub(super) fn star_targets(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            let first = p.star_target()?;
            if p.not_any(&[T::Comma]).is_some() {
                return Some(first);
            }
            let mut elts = vec![first];
            elts.extend(p.many(|p| {
                p.expect(T::Comma)?;
                p.star_target()
            })?);
            p.opt(|p| p.expect(T::Comma))?;
            let elts = p.arena.slice(&elts);
            Some(p.expr(ExprKind::Tuple { elts, ctx: ExprContext::Store }, start))
        })
    }

    pub(super) fn star_target(&mut self) -> Option<E<'a>> {
        self.memo(Rule::StarTarget, |p| {
            let start = p.start();
            if let Some(value) = p.alt(|p| {
                p.expect(T::Star)?;
                p.not_any(&[T::Star])?;
                p.star_target()
            }) {
                return Some(p.expr(ExprKind::Starred { value, ctx: ExprContext::Store }, start));
            }
            p.target_with_star_atom()
        })
    }

    fn target_with_star_atom(&mut self) -> Option<E<'a>> {
        self.memo(Rule::TargetWithStarAtom, |p| p.alt(Self::attribute_or_subscript).or_else(|| p.star_atom()))
    }

    fn star_atom(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            let start = p.start();
            if let Some(name) = p.name() {
                return Some(name);
            }
            if let Some(inner) = p.alt(|p| {
                p.expect(T::LPar)?;
                let inner = p.target_with_star_atom()?;
                p.expect(T::RPar)?;
                Some(inner)
            }) {
                return Some(inner);
            }
            if p.alt(|p| {
                p.expect(T::LPar)?;
                p.opt(|p| {
                    p.star_target()?;
                    p.expect(T::Comma)?;
                    if p.opt(|p| p.gather(Self::star_target))?.is_some() {
                        p.opt(|p| p.expect(T::Comma))?;
                    }
                    Some(())
                })?;
                p.expect(T::RPar)
            })
            .is_some()
            {
                return Some(p.expr(ExprKind::Tuple { elts: &[], ctx: ExprContext::Store }, start));
            }
            p.alt(|p| {
                p.expect(T::LSqb)?;
                p.opt(|p| {
                    p.gather(Self::star_target)?;
                    p.opt(|p| p.expect(T::Comma))
                })?;
                p.expect(T::RSqb)
            })?;
            Some(p.expr(ExprKind::List { elts: &[], ctx: ExprContext::Store }, start))
        })
    }

    pub(super) fn single_target(&mut self) -> Option<E<'a>> {
        self.rule(|p| {
            if let Some(found) = p.alt(Self::attribute_or_subscript) {
                return Some(found);
            }
            if let Some(name) = p.name() {
                return Some(name);
            }
            p.alt(|p| {
                p.expect(T::LPar)?;
                let inner = p.single_target()?;
                p.expect(T::RPar)?;
                Some(inner)
            })
        })
    }

    pub(super) fn del_targets(&mut self) -> Option<()> {
        self.rule(|p| {
            p.gather(Self::del_target)?;
            p.opt(|p| p.expect(T::Comma))?;
            Some(())
        })
    }

    fn del_target(&mut self) -> Option<E<'a>> {
        self.memo(Rule::DelTarget, |p| {
            if let Some(found) = p.alt(Self::attribute_or_subscript) {
                return Some(found);
            }
            if let Some(name) = p.name() {
                return Some(name);
            }
            if let Some(inner) = p.alt(|p| {
                p.expect(T::LPar)?;
                let inner = p.del_target()?;
                p.expect(T::RPar)?;
                Some(inner)
            }) {
                return Some(inner);
            }
            let start = p.start();
            for (open, close) in [(T::LPar, T::RPar), (T::LSqb, T::RSqb)] {
                if p.alt(|p| {
                    p.expect(open)?;
                    p.opt(Self::del_targets)?;
                    p.expect(close)
                })
                .is_some()
                {
                    return Some(p.expr(ExprKind::Tuple { elts: &[], ctx: ExprContext::Del }, start));
                }
            }
            None
        })
    }
}

//! Subscripts and slices.

use oriel_bytecode::oparg::BinaryOperator;
use oriel_bytecode::{Constant, Opcode};
use oriel_syntax::ast::{ExprContext, ExprKind, ExprRef};

use super::{Compiler, Result};
use crate::error::Location;

impl<'a> Compiler<'a> {
    pub(super) fn subscript(&mut self, expr: ExprRef<'a>) -> Result {
        let ExprKind::Subscript { value, slice, ctx } = expr.kind else { return Ok(()) };
        let location = expr.range;
        if ctx == ExprContext::Load {
            self.check_subscripter(value);
            self.check_index(value, slice);
        }
        self.expr(value)?;
        if ctx != ExprContext::Del && Self::is_two_part_slice(slice) {
            self.slice_two_parts(slice)?;
            let load = ctx == ExprContext::Load;
            self.op(location, if load { Opcode::BINARY_SLICE } else { Opcode::STORE_SLICE });
            return Ok(());
        }
        self.expr(slice)?;
        match ctx {
            ExprContext::Load => self.binary_op(location, BinaryOperator::Subscript),
            ExprContext::Store => self.op(location, Opcode::STORE_SUBSCR),
            ExprContext::Del => self.op(location, Opcode::DELETE_SUBSCR),
        }
        Ok(())
    }

    /// Whether a subscript is a slice without a step that has to be computed.
    pub(super) fn is_two_part_slice(slice: ExprRef<'a>) -> bool {
        matches!(slice.kind, ExprKind::Slice { step: None, .. }) && !is_constant_slice(slice)
    }

    /// Pushes the start and the end of a slice.
    pub(super) fn slice_two_parts(&mut self, slice: ExprRef<'a>) -> Result {
        let ExprKind::Slice { lower, upper, .. } = slice.kind else { return Ok(()) };
        for part in [lower, upper] {
            self.slice_part(slice.range, part)?;
        }
        Ok(())
    }

    fn slice_part(&mut self, location: Location, part: Option<ExprRef<'a>>) -> Result {
        match part {
            Some(part) => self.expr(part),
            None => {
                self.load_none(location);
                Ok(())
            }
        }
    }

    pub(super) fn slice(&mut self, expr: ExprRef<'a>) -> Result {
        let ExprKind::Slice { lower, upper, step } = expr.kind else { return Ok(()) };
        if is_constant_slice(expr) {
            let mut parts = [Constant::None, Constant::None, Constant::None];
            for (constant, part) in parts.iter_mut().zip([lower, upper, step]) {
                if let Some(ExprKind::Constant { value, .. }) = part.map(|part| part.kind) {
                    *constant = self.constant(value)?;
                }
            }
            self.load_const(expr.range, Constant::Slice(parts.into()));
            return Ok(());
        }
        self.slice_two_parts(expr)?;
        if let Some(step) = step {
            self.expr(step)?;
        }
        self.op_arg(expr.range, Opcode::BUILD_SLICE, 2 + u32::from(step.is_some()));
        Ok(())
    }
}

fn is_constant_slice(expr: ExprRef<'_>) -> bool {
    let ExprKind::Slice { lower, upper, step } = expr.kind else { return false };
    [lower, upper, step].into_iter().flatten().all(|part| matches!(part.kind, ExprKind::Constant { .. }))
}

//! Conditions: `if`, conditional expressions, comparisons, `and` and `or`, and jumping on them.

use oriel_bytecode::Opcode;
use oriel_bytecode::oparg::CompareOperator;
use oriel_syntax::ast::{BoolOp, CmpOp, Expr, ExprKind, ExprRef, Seq, Stmt, StmtKind, StmtRef, UnaryOp};

use super::{Compiler, Result};
use crate::error::{Location, NO_LOCATION};
use crate::instruction_sequence::Label;

impl<'a> Compiler<'a> {
    /// `if`; its `elif` clauses, which the tree nests, are handled in a loop.
    pub(super) fn if_statement(&mut self, stmt: StmtRef<'a>) -> Result {
        let mut ends = Vec::new();
        let mut stmt = stmt;
        while let StmtKind::If { test, body, orelse } = stmt.kind {
            let end = self.new_label();
            let next = if orelse.is_empty() { end } else { self.new_label() };
            ends.push(end);
            self.jump_if(test, next, false)?;
            self.stmts(body)?;
            if orelse.is_empty() {
                break;
            }
            self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, end);
            self.use_label(next);
            if let [elif @ Stmt { kind: StmtKind::If { .. }, .. }] = orelse {
                stmt = elif;
            } else {
                self.stmts(orelse)?;
                break;
            }
        }
        for end in ends.into_iter().rev() {
            self.use_label(end);
        }
        Ok(())
    }

    pub(super) fn if_expression(&mut self, expr: ExprRef<'a>) -> Result {
        let ExprKind::IfExp { test, body, orelse } = expr.kind else { return Ok(()) };
        let (end, next) = (self.new_label(), self.new_label());
        self.jump_if(test, next, false)?;
        self.expr(body)?;
        self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, end);
        self.use_label(next);
        self.expr(orelse)?;
        self.use_label(end);
        Ok(())
    }

    /// Jumps to `target` if the truth value of `expr` is `condition`, and goes on otherwise.
    pub(super) fn jump_if(&mut self, expr: ExprRef<'a>, target: Label, condition: bool) -> Result {
        self.guard.check()?;
        match expr.kind {
            ExprKind::UnaryOp { op: UnaryOp::Not, operand } => {
                return self.jump_if(operand, target, !condition);
            }
            ExprKind::BoolOp { op, values } => {
                let short = op == BoolOp::Or;
                let short_target = if short == condition { target } else { self.new_label() };
                if let Some((last, others)) = values.split_last() {
                    for value in others {
                        self.jump_if(value, short_target, short)?;
                    }
                    self.jump_if(last, target, condition)?;
                }
                if short_target != target {
                    self.use_label(short_target);
                }
                return Ok(());
            }
            ExprKind::IfExp { test, body, orelse } => {
                let (end, next) = (self.new_label(), self.new_label());
                self.jump_if(test, next, false)?;
                self.jump_if(body, target, condition)?;
                self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, end);
                self.use_label(next);
                self.jump_if(orelse, target, condition)?;
                self.use_label(end);
                return Ok(());
            }
            ExprKind::Compare { left, ops, comparators } if ops.len() > 1 => {
                return self.jump_if_chained(expr, (left, ops, comparators), target, condition);
            }
            _ => {}
        }
        self.expr(expr)?;
        self.op(expr.range, Opcode::TO_BOOL);
        self.jump(expr.range, pop_jump(condition), target);
        Ok(())
    }

    /// `a < b < c` as a condition.
    fn jump_if_chained(
        &mut self,
        expr: &'a Expr<'a>,
        (left, ops, comparators): (ExprRef<'a>, Seq<'a, CmpOp>, Seq<'a, ExprRef<'a>>),
        target: Label,
        condition: bool,
    ) -> Result {
        let location = expr.range;
        self.check_compare(expr);
        let cleanup = self.new_label();
        self.expr(left)?;
        let last = ops.len() - 1;
        for (op, comparator) in ops.iter().zip(comparators).take(last) {
            self.expr(comparator)?;
            self.op_arg(location, Opcode::SWAP, 2);
            self.op_arg(location, Opcode::COPY, 2);
            self.compare_op(location, *op);
            self.op(location, Opcode::TO_BOOL);
            self.jump(location, Opcode::POP_JUMP_IF_FALSE, cleanup);
        }
        if let (Some(op), Some(comparator)) = (ops.get(last), comparators.get(last)) {
            self.expr(comparator)?;
            self.compare_op(location, *op);
        }
        self.op(location, Opcode::TO_BOOL);
        self.jump(location, pop_jump(condition), target);
        let end = self.new_label();
        self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, end);
        self.use_label(cleanup);
        self.op(location, Opcode::POP_TOP);
        if !condition {
            self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, target);
        }
        self.use_label(end);
        Ok(())
    }

    pub(super) fn compare(&mut self, expr: ExprRef<'a>) -> Result {
        let ExprKind::Compare { left, ops, comparators } = expr.kind else { return Ok(()) };
        let location = expr.range;
        self.check_compare(expr);
        self.expr(left)?;
        let Some(last) = ops.len().checked_sub(1) else { return Ok(()) };
        let cleanup = (last > 0).then(|| self.new_label());
        for (index, (op, comparator)) in ops.iter().zip(comparators).enumerate() {
            self.expr(comparator)?;
            match cleanup {
                Some(cleanup) if index < last => {
                    self.op_arg(location, Opcode::SWAP, 2);
                    self.op_arg(location, Opcode::COPY, 2);
                    self.compare_op(location, *op);
                    self.op_arg(location, Opcode::COPY, 1);
                    self.op(location, Opcode::TO_BOOL);
                    self.jump(location, Opcode::POP_JUMP_IF_FALSE, cleanup);
                    self.op(location, Opcode::POP_TOP);
                }
                _ => self.compare_op(location, *op),
            }
        }
        if let Some(cleanup) = cleanup {
            let end = self.new_label();
            self.jump(NO_LOCATION, Opcode::JUMP_NO_INTERRUPT, end);
            self.use_label(cleanup);
            self.op_arg(location, Opcode::SWAP, 2);
            self.op(location, Opcode::POP_TOP);
            self.use_label(end);
        }
        Ok(())
    }

    pub(super) fn compare_op(&mut self, location: Location, op: CmpOp) {
        let operator = match op {
            CmpOp::Eq => CompareOperator::Equal,
            CmpOp::NotEq => CompareOperator::NotEqual,
            CmpOp::Lt => CompareOperator::Less,
            CmpOp::LtE => CompareOperator::LessEqual,
            CmpOp::Gt => CompareOperator::Greater,
            CmpOp::GtE => CompareOperator::GreaterEqual,
            CmpOp::Is => return self.op_arg(location, Opcode::IS_OP, 0),
            CmpOp::IsNot => return self.op_arg(location, Opcode::IS_OP, 1),
            CmpOp::In => return self.op_arg(location, Opcode::CONTAINS_OP, 0),
            CmpOp::NotIn => return self.op_arg(location, Opcode::CONTAINS_OP, 1),
        };
        self.op_arg(location, Opcode::COMPARE_OP, operator.compare_oparg());
    }

    pub(super) fn bool_op(&mut self, location: Location, op: BoolOp, values: Seq<'a, ExprRef<'a>>) -> Result {
        let opcode = match op {
            BoolOp::And => Opcode::JUMP_IF_FALSE,
            BoolOp::Or => Opcode::JUMP_IF_TRUE,
        };
        let end = self.new_label();
        if let Some((last, others)) = values.split_last() {
            for value in others {
                self.expr(value)?;
                self.jump(location, opcode, end);
                self.op(location, Opcode::POP_TOP);
            }
            self.expr(last)?;
        }
        self.use_label(end);
        Ok(())
    }
}

fn pop_jump(condition: bool) -> Opcode {
    if condition { Opcode::POP_JUMP_IF_TRUE } else { Opcode::POP_JUMP_IF_FALSE }
}

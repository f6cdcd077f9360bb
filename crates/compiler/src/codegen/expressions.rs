//! Expressions: the dispatch, operators, attributes, `await` and `yield`.

use oriel_bytecode::Opcode;
use oriel_bytecode::oparg::{BinaryOperator, Intrinsic1, resume};
use oriel_syntax::ast::{Expr, ExprContext, ExprKind, ExprRef, Operator, Seq, UnaryOp};

use super::{Compiler, Result, ScopeKind};
use crate::error::{CompileError, Location, NO_LOCATION};
use crate::symtable::Name;

impl<'a> Compiler<'a> {
    pub(super) fn exprs(&mut self, exprs: Seq<'a, ExprRef<'a>>) -> Result {
        exprs.iter().try_for_each(|expr| self.expr(expr))
    }

    pub(super) fn expr(&mut self, expr: ExprRef<'a>) -> Result {
        self.guard.check()?;
        let location = expr.range;
        match expr.kind {
            ExprKind::Constant { value, .. } => self.load_ast_const(location, value),
            ExprKind::Name { id, ctx } => self.name_op(location, id, ctx),
            ExprKind::Attribute { value, attr, ctx } => self.attribute(expr, value, attr, ctx),
            ExprKind::Call { .. } => self.call(expr),
            ExprKind::Subscript { .. } => self.subscript(expr),
            ExprKind::BinOp { .. } => self.binary_operations(expr),
            ExprKind::Compare { .. } => self.compare(expr),
            ExprKind::BoolOp { op, values } => self.bool_op(location, op, values),
            ExprKind::UnaryOp { op, operand } => {
                self.expr(operand)?;
                match op {
                    UnaryOp::UAdd => {
                        self.op_arg(location, Opcode::CALL_INTRINSIC_1, Intrinsic1::UnaryPositive.oparg());
                    }
                    UnaryOp::Not => {
                        self.op(location, Opcode::TO_BOOL);
                        self.op(location, Opcode::UNARY_NOT);
                    }
                    UnaryOp::Invert => self.op(location, Opcode::UNARY_INVERT),
                    UnaryOp::USub => self.op(location, Opcode::UNARY_NEGATIVE),
                }
                Ok(())
            }
            ExprKind::NamedExpr { target, value } => {
                self.expr(value)?;
                self.op_arg(location, Opcode::COPY, 1);
                self.expr(target)
            }
            ExprKind::Tuple { elts, ctx } => self.tuple(location, elts, ctx),
            ExprKind::List { elts, ctx } => self.list(location, elts, ctx),
            ExprKind::Set { elts } => self.set(location, elts),
            ExprKind::Dict { keys, values } => self.dict(location, keys, values),
            ExprKind::IfExp { .. } => self.if_expression(expr),
            ExprKind::Lambda { .. } => self.lambda(expr),
            ExprKind::ListComp { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::DictComp { .. }
            | ExprKind::GeneratorExp { .. } => self.comprehension(expr),
            ExprKind::JoinedStr { values } => self.joined_str(location, values),
            ExprKind::TemplateStr { values } => self.template_str(location, values),
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                self.formatted_value(location, value, conversion, format_spec)
            }
            ExprKind::Interpolation(field) => self.interpolation(location, field),
            ExprKind::Slice { .. } => self.slice(expr),
            ExprKind::Starred { ctx: ExprContext::Store, .. } => {
                Err(CompileError::syntax("starred assignment target must be in a list or tuple", location))
            }
            ExprKind::Starred { .. } => Err(CompileError::syntax("can't use starred expression here", location)),
            ExprKind::Yield { value } => {
                if !self.block().is_function_like() {
                    return Err(CompileError::syntax("'yield' outside function", location));
                }
                match value {
                    Some(value) => self.expr(value)?,
                    None => self.load_none(location),
                }
                self.yield_op(location);
                Ok(())
            }
            ExprKind::YieldFrom { value } => {
                if !self.block().is_function_like() {
                    return Err(CompileError::syntax("'yield from' outside function", location));
                }
                if self.unit.kind == ScopeKind::AsyncFunction {
                    return Err(CompileError::syntax("'yield from' inside async function", location));
                }
                self.expr(value)?;
                self.op(location, Opcode::GET_YIELD_FROM_ITER);
                self.load_none(location);
                self.yield_from(location, false);
                Ok(())
            }
            ExprKind::Await { value } => {
                self.expr(value)?;
                self.await_value(location, 0);
                Ok(())
            }
        }
    }

    /// A chain such as `a + b + c` nests to the left; emitting it in a loop keeps long ones off the stack.
    fn binary_operations(&mut self, expr: ExprRef<'a>) -> Result {
        let mut spine = Vec::new();
        let mut leftmost = expr;
        while let ExprKind::BinOp { left, op, right } = leftmost.kind {
            spine.push((leftmost.range, op, right));
            leftmost = left;
        }
        self.expr(leftmost)?;
        for (location, op, right) in spine.into_iter().rev() {
            self.expr(right)?;
            self.binary_op(location, binary_operator(op));
        }
        Ok(())
    }

    pub(super) fn binary_op(&mut self, location: Location, operator: BinaryOperator) {
        self.op_arg(location, Opcode::BINARY_OP, operator.oparg());
    }

    pub(super) fn augmented_assignment(
        &mut self,
        location: Location,
        target: ExprRef<'a>,
        op: Operator,
        value: ExprRef<'a>,
    ) -> Result {
        let operator = binary_operator(op).inplace();
        let mut target_location = target.range;
        match target.kind {
            ExprKind::Attribute { value: object, attr, .. } => {
                self.expr(object)?;
                self.op_arg(target_location, Opcode::COPY, 1);
                target_location = at_attribute(target_location, target, attr);
                self.load_attr(target_location, attr);
                self.expr(value)?;
                self.binary_op(location, operator);
                self.op_arg(target_location, Opcode::SWAP, 2);
                self.op_name(target_location, Opcode::STORE_ATTR, attr);
            }
            ExprKind::Subscript { value: object, slice, .. } => {
                self.expr(object)?;
                if Self::is_two_part_slice(slice) {
                    self.slice_two_parts(slice)?;
                    for _ in 0..3 {
                        self.op_arg(target_location, Opcode::COPY, 3);
                    }
                    self.op(target_location, Opcode::BINARY_SLICE);
                    self.expr(value)?;
                    self.binary_op(location, operator);
                    for depth in [4, 3, 2] {
                        self.op_arg(target_location, Opcode::SWAP, depth);
                    }
                    self.op(target_location, Opcode::STORE_SLICE);
                } else {
                    self.expr(slice)?;
                    self.op_arg(target_location, Opcode::COPY, 2);
                    self.op_arg(target_location, Opcode::COPY, 2);
                    self.binary_op(target_location, BinaryOperator::Subscript);
                    self.expr(value)?;
                    self.binary_op(location, operator);
                    self.op_arg(target_location, Opcode::SWAP, 3);
                    self.op_arg(target_location, Opcode::SWAP, 2);
                    self.op(target_location, Opcode::STORE_SUBSCR);
                }
            }
            ExprKind::Name { id, .. } => {
                self.load_name(target_location, id)?;
                self.expr(value)?;
                self.binary_op(location, operator);
                self.store_name(target_location, id)?;
            }
            _ => {
                return Err(CompileError::invalid_tree("invalid node type for augmented assignment", location));
            }
        }
        Ok(())
    }

    fn attribute(&mut self, expr: ExprRef<'a>, value: ExprRef<'a>, attr: Name<'a>, ctx: ExprContext) -> Result {
        if ctx == ExprContext::Load && self.is_super_access(value, attr) {
            self.super_attribute(expr, value, attr, false)?;
            return Ok(());
        }
        self.note_static_attribute(value, attr, ctx);
        self.expr(value)?;
        let location = at_attribute(expr.range, expr, attr);
        match ctx {
            ExprContext::Load => self.load_attr(location, attr),
            ExprContext::Store => self.op_name(location, Opcode::STORE_ATTR, attr),
            ExprContext::Del => self.op_name(location, Opcode::DELETE_ATTR, attr),
        }
        Ok(())
    }

    /// Yields the value on the stack.
    pub(super) fn yield_op(&mut self, location: Location) {
        let block = self.block();
        if block.generator && block.coroutine {
            self.op_arg(location, Opcode::CALL_INTRINSIC_1, Intrinsic1::AsyncGeneratorWrap.oparg());
        }
        self.op_arg(location, Opcode::YIELD_VALUE, 0);
        self.op_arg(location, Opcode::RESUME, resume::AFTER_YIELD);
    }

    /// Awaits the value on the stack; `what` is for the message if it cannot be awaited.
    pub(super) fn await_value(&mut self, location: Location, what: u32) {
        self.op_arg(location, Opcode::GET_AWAITABLE, what);
        self.load_none(location);
        self.yield_from(location, true);
    }

    /// Sends values to the receiver under the top of the stack until it is done.
    pub(super) fn yield_from(&mut self, location: Location, is_await: bool) {
        let (send, fail, exit) = (self.new_label(), self.new_label(), self.new_label());
        self.use_label(send);
        self.jump(location, Opcode::SEND, exit);
        // For a StopIteration that arises while closing or throwing, the only way in which YIELD_VALUE raises.
        self.jump(location, Opcode::SETUP_FINALLY, fail);
        self.op_arg(location, Opcode::YIELD_VALUE, 1);
        self.op(NO_LOCATION, Opcode::POP_BLOCK);
        let after = if is_await { resume::AFTER_AWAIT } else { resume::AFTER_YIELD_FROM };
        self.op_arg(location, Opcode::RESUME, after);
        self.jump(location, Opcode::JUMP_NO_INTERRUPT, send);
        self.use_label(fail);
        self.op(location, Opcode::CLEANUP_THROW);
        self.use_label(exit);
        self.op(location, Opcode::END_SEND);
    }
}

/// Of an attribute access over several lines, the position is that of the attribute's name.
pub(super) fn at_attribute(location: Location, expr: &Expr<'_>, attr: &str) -> Location {
    let mut location = location;
    let range = expr.range;
    if location.lineno != range.end_lineno {
        location.lineno = range.end_lineno;
        let length = i32::try_from(attr.chars().count()).unwrap_or(i32::MAX);
        if length <= range.end_col_offset {
            location.col_offset = range.end_col_offset - length;
        } else {
            // A tree made by a program: there are no columns that make sense.
            location.col_offset = -1;
            location.end_col_offset = -1;
        }
        location.end_lineno = location.end_lineno.max(location.lineno);
        if location.lineno == location.end_lineno {
            location.end_col_offset = location.end_col_offset.max(location.col_offset);
        }
    }
    location
}

fn binary_operator(op: Operator) -> BinaryOperator {
    match op {
        Operator::Add => BinaryOperator::Add,
        Operator::Sub => BinaryOperator::Subtract,
        Operator::Mult => BinaryOperator::Multiply,
        Operator::MatMult => BinaryOperator::MatrixMultiply,
        Operator::Div => BinaryOperator::TrueDivide,
        Operator::Mod => BinaryOperator::Remainder,
        Operator::Pow => BinaryOperator::Power,
        Operator::LShift => BinaryOperator::LeftShift,
        Operator::RShift => BinaryOperator::RightShift,
        Operator::BitOr => BinaryOperator::Or,
        Operator::BitXor => BinaryOperator::Xor,
        Operator::BitAnd => BinaryOperator::And,
        Operator::FloorDiv => BinaryOperator::FloorDivide,
    }
}

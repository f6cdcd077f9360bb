//! Statements: the dispatch, and the simple ones.

use oriel_bytecode::Opcode;
use oriel_bytecode::oparg::{CommonConstant, Intrinsic1};
use oriel_syntax::ast::{Body, Constant, ExprKind, ExprRef, StmtKind, StmtRef};

use super::{Compiler, Result};
use crate::error::{Location, NO_LOCATION};

impl<'a> Compiler<'a> {
    pub(super) fn stmts(&mut self, body: Body<'a>) -> Result {
        body.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    pub(super) fn stmt(&mut self, stmt: StmtRef<'a>) -> Result {
        self.guard.check()?;
        let location = stmt.range;
        match stmt.kind {
            StmtKind::FunctionDef(def) => self.function(stmt, def, false),
            StmtKind::AsyncFunctionDef(def) => self.function(stmt, def, true),
            StmtKind::ClassDef(def) => self.class(stmt, def),
            StmtKind::TypeAlias { .. } => self.type_alias(stmt),
            StmtKind::Return { value } => self.return_statement(stmt, value),
            StmtKind::Delete { targets } => self.exprs(targets),
            StmtKind::Assign { targets, value, .. } => {
                self.expr(value)?;
                for (index, target) in targets.iter().enumerate() {
                    if index + 1 < targets.len() {
                        self.op_arg(location, Opcode::COPY, 1);
                    }
                    self.expr(target)?;
                }
                Ok(())
            }
            StmtKind::AugAssign { target, op, value } => self.augmented_assignment(location, target, op, value),
            StmtKind::AnnAssign { .. } => self.annotated_assignment(stmt),
            StmtKind::For(def) => self.conditionally(|this| this.for_loop(stmt, def)),
            StmtKind::AsyncFor(def) => self.conditionally(|this| this.async_for_loop(stmt, def)),
            StmtKind::While { .. } => self.conditionally(|this| this.while_loop(stmt)),
            StmtKind::If { .. } => self.conditionally(|this| this.if_statement(stmt)),
            StmtKind::Match { subject, cases } => self.conditionally(|this| this.match_statement(subject, cases)),
            StmtKind::Raise { exc, cause } => {
                let mut count = 0;
                for value in [exc, cause].into_iter().map_while(|value| value) {
                    self.expr(value)?;
                    count += 1;
                }
                self.op_arg(location, Opcode::RAISE_VARARGS, count);
                Ok(())
            }
            StmtKind::Try(def) => self.conditionally(|this| this.try_statement(location, def, false)),
            StmtKind::TryStar(def) => self.conditionally(|this| this.try_statement(location, def, true)),
            StmtKind::With(def) => self.conditionally(|this| this.with(def, 0)),
            StmtKind::AsyncWith(def) => self.conditionally(|this| this.async_with(def, 0)),
            StmtKind::Assert { test, msg } => self.assert(location, test, msg),
            StmtKind::Import { names } => self.import(location, names),
            StmtKind::ImportFrom { module, names, level } => self.import_from(location, module, names, level),
            StmtKind::Global { .. } | StmtKind::Nonlocal { .. } => Ok(()),
            StmtKind::Expr { value } => self.expr_statement(location, value),
            StmtKind::Pass => {
                self.op(location, Opcode::NOP);
                Ok(())
            }
            StmtKind::Break => self.break_statement(location),
            StmtKind::Continue => self.continue_statement(location),
        }
    }

    /// Compiles what may or may not be executed.
    fn conditionally(&mut self, compile: impl FnOnce(&mut Self) -> Result) -> Result {
        self.unit.conditional_blocks += 1;
        compile(self)?;
        self.unit.conditional_blocks -= 1;
        Ok(())
    }

    fn expr_statement(&mut self, location: Location, value: ExprRef<'a>) -> Result {
        if self.is_interactive_top_level() {
            self.expr(value)?;
            self.op_arg(location, Opcode::CALL_INTRINSIC_1, Intrinsic1::Print.oparg());
            self.op(NO_LOCATION, Opcode::POP_TOP);
            return Ok(());
        }
        if matches!(value.kind, ExprKind::Constant { .. }) {
            self.op(location, Opcode::NOP);
            return Ok(());
        }
        self.expr(value)?;
        self.op(NO_LOCATION, Opcode::POP_TOP);
        Ok(())
    }

    fn assert(&mut self, location: Location, test: ExprRef<'a>, msg: Option<ExprRef<'a>>) -> Result {
        let always_true = match test.kind {
            ExprKind::Tuple { elts, .. } => !elts.is_empty(),
            ExprKind::Constant { value: Constant::Tuple(items), .. } => !items.is_empty(),
            _ => false,
        };
        if always_true {
            self.warn(location, "assertion is always true, perhaps remove parentheses?".to_owned());
        }
        if self.optimize > 0 {
            return Ok(());
        }
        let end = self.new_label();
        self.jump_if(test, end, true)?;
        self.op_arg(location, Opcode::LOAD_COMMON_CONSTANT, CommonConstant::AssertionError.oparg());
        if let Some(msg) = msg {
            self.expr(msg)?;
            self.op_arg(location, Opcode::CALL, 0);
        }
        self.op_arg(test.range, Opcode::RAISE_VARARGS, 1);
        self.use_label(end);
        Ok(())
    }
}

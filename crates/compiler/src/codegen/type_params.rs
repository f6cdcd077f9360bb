//! Type parameters and the `type` statement.

use oriel_bytecode::oparg::{Intrinsic1, Intrinsic2, function_attribute};
use oriel_bytecode::{Constant, Opcode};
use oriel_syntax::ast::{ExprKind, ExprRef, Seq, StmtKind, StmtRef, TypeParam, TypeParamKind};

use super::scopes::Parameters;
use super::{Compiler, Result, ScopeKind};
use crate::error::CompileError;
use crate::symtable::{BlockKey, BlockRole, Name};

impl<'a> Compiler<'a> {
    /// Binds type parameters and pushes a tuple of them.
    pub(super) fn type_params(&mut self, params: Seq<'a, TypeParam<'a>>) -> Result {
        let mut seen_default = false;
        for param in params {
            let location = param.range;
            let (name, default, role, starred) = match param.kind {
                TypeParamKind::TypeVar { name, bound, default_value } => {
                    self.load_str(location, name);
                    match bound {
                        Some(bound) => {
                            let key = BlockKey::new(BlockRole::TypeParameter, param);
                            self.type_param_part(bound, name, key, false)?;
                            let intrinsic = match bound.kind {
                                ExprKind::Tuple { .. } => Intrinsic2::TypeVarWithConstraints,
                                _ => Intrinsic2::TypeVarWithBound,
                            };
                            self.op_arg(location, Opcode::CALL_INTRINSIC_2, intrinsic.oparg());
                        }
                        None => self.op_arg(location, Opcode::CALL_INTRINSIC_1, Intrinsic1::TypeVar.oparg()),
                    }
                    (name, default_value, BlockRole::TypeParameterDefault, false)
                }
                TypeParamKind::TypeVarTuple { name, default_value } => {
                    self.load_str(location, name);
                    self.op_arg(location, Opcode::CALL_INTRINSIC_1, Intrinsic1::TypeVarTuple.oparg());
                    (name, default_value, BlockRole::TypeParameter, true)
                }
                TypeParamKind::ParamSpec { name, default_value } => {
                    self.load_str(location, name);
                    self.op_arg(location, Opcode::CALL_INTRINSIC_1, Intrinsic1::ParamSpec.oparg());
                    (name, default_value, BlockRole::TypeParameter, false)
                }
            };
            if let Some(default) = default {
                seen_default = true;
                self.type_param_part(default, name, BlockKey::new(role, param), starred)?;
                self.op_arg(location, Opcode::CALL_INTRINSIC_2, Intrinsic2::SetTypeParamDefault.oparg());
            } else if seen_default {
                let message = format!("non-default type parameter '{name}' follows default type parameter");
                return Err(CompileError::syntax(message, location));
            }
            self.op_arg(location, Opcode::COPY, 1);
            self.store_name(location, name)?;
        }
        if let Some(first) = params.first() {
            self.op_count(first.range, Opcode::BUILD_TUPLE, params.len())?;
        }
        Ok(())
    }

    /// Pushes a function that evaluates a bound or default.
    fn type_param_part(&mut self, expr: ExprRef<'a>, name: Name<'a>, key: BlockKey, allow_starred: bool) -> Result {
        let location = expr.range;
        self.load_const(location, Constant::tuple([Constant::int(1)]));
        let block = self.block_of(key)?;
        self.enter_annotations_scope(location, block, name)?;
        match expr.kind {
            ExprKind::Starred { value, .. } if allow_starred => {
                self.expr(value)?;
                self.op_arg(location, Opcode::UNPACK_SEQUENCE, 1);
            }
            _ => self.expr(expr)?,
        }
        self.op(location, Opcode::RETURN_VALUE);
        let code = self.finish_scope(true)?;
        self.make_closure(location, code, function_attribute::DEFAULTS)
    }

    pub(super) fn type_alias(&mut self, stmt: StmtRef<'a>) -> Result {
        let StmtKind::TypeAlias { name: target, type_params, value } = stmt.kind else { return Ok(()) };
        let location = stmt.range;
        let ExprKind::Name { id: name, .. } = target.kind else {
            return Err(CompileError::wrong_node("TypeAlias with non-Name name", location));
        };
        let generic = !type_params.is_empty();
        if generic {
            let scope_name = self.arena.str(&format!("<generic parameters of {name}>"));
            let key = BlockKey::new(BlockRole::TypeParameters, type_params);
            let kind = ScopeKind::Annotations;
            self.enter_scope(scope_name, kind, key, location.lineno, None, Parameters::default())?;
            self.load_str(location, name);
            self.type_params(type_params)?;
        } else {
            self.load_str(location, name);
            self.load_none(location);
        }
        self.type_alias_body(stmt, name, value)?;
        if generic {
            let code = self.finish_scope(false)?;
            self.make_closure(location, code, 0)?;
            self.op(location, Opcode::PUSH_NULL);
            self.op_arg(location, Opcode::CALL, 0);
        }
        self.store_name(location, name)
    }

    fn type_alias_body(&mut self, stmt: StmtRef<'a>, name: Name<'a>, value: ExprRef<'a>) -> Result {
        let location = stmt.range;
        self.load_const(location, Constant::tuple([Constant::int(1)]));
        let block = self.block_of(BlockKey::new(BlockRole::Statement, stmt))?;
        self.enter_annotations_scope(location, block, name)?;
        self.expr(value)?;
        self.op(location, Opcode::RETURN_VALUE);
        let code = self.finish_scope(false)?;
        self.make_closure(location, code, function_attribute::DEFAULTS)?;
        self.op_arg(location, Opcode::BUILD_TUPLE, 3);
        self.op_arg(location, Opcode::CALL_INTRINSIC_1, Intrinsic1::TypeAlias.oparg());
        Ok(())
    }
}

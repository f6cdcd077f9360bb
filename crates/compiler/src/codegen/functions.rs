//! Functions and lambdas: defaults, decorators, bodies.

use oriel_bytecode::oparg::{Intrinsic1, Intrinsic2, function_attribute};
use oriel_bytecode::{Constant, Opcode};
use oriel_syntax::ast::{Arguments, ExprKind, ExprRef, FunctionDef, Seq, StmtRef};

use super::blocks::FrameBlockKind;
use super::scopes::Parameters;
use super::{Compiler, Result, ScopeKind};
use crate::error::{Location, NO_LOCATION};
use crate::instruction_sequence::Instruction;
use crate::preprocess::docstring;
use crate::symtable::{BlockKey, BlockRole};

impl<'a> Compiler<'a> {
    /// Calls decorators, the innermost first.
    pub(super) fn apply_decorators(&mut self, decorators: Seq<'a, ExprRef<'a>>) {
        for decorator in decorators.iter().rev() {
            self.op_arg(decorator.range, Opcode::CALL, 0);
        }
    }

    pub(super) fn function(&mut self, stmt: StmtRef<'a>, def: &'a FunctionDef<'a>, is_async: bool) -> Result {
        let location = stmt.range;
        self.exprs(def.decorator_list)?;
        let firstlineno = def.decorator_list.first().map_or(location.lineno, |first| first.range.lineno);
        let mut flags = self.default_arguments(location, def.args)?;
        let generic = !def.type_params.is_empty();
        let mut type_param_args = 0;
        if generic {
            for attribute in [function_attribute::DEFAULTS, function_attribute::KWDEFAULTS] {
                type_param_args += u32::from(flags & attribute != 0);
            }
            if type_param_args == 2 {
                self.op_arg(location, Opcode::SWAP, 2);
            }
            let name = self.arena.str(&format!("<generic parameters of {}>", def.name));
            let key = BlockKey::new(BlockRole::TypeParameters, def.type_params);
            let parameters = Parameters { argcount: type_param_args as usize, ..Parameters::default() };
            self.enter_scope(name, ScopeKind::Annotations, key, firstlineno, None, parameters)?;
            self.type_params(def.type_params)?;
            for index in 0..type_param_args {
                self.op_arg(location, Opcode::LOAD_FAST, index);
            }
        }
        flags |= self.function_annotations(location, def)?;
        self.function_body(stmt, def, is_async, flags, firstlineno)?;
        if generic {
            self.op_arg(location, Opcode::SWAP, 2);
            self.op_arg(location, Opcode::CALL_INTRINSIC_2, Intrinsic2::SetFunctionTypeParams.oparg());
            let code = self.finish_scope(false)?;
            self.make_closure(location, code, 0)?;
            if type_param_args > 0 {
                self.op_arg(location, Opcode::SWAP, type_param_args + 1);
                self.op_arg(location, Opcode::CALL, type_param_args - 1);
            } else {
                self.op(location, Opcode::PUSH_NULL);
                self.op_arg(location, Opcode::CALL, 0);
            }
        }
        self.apply_decorators(def.decorator_list);
        self.store_name(location, def.name)
    }

    /// Pushes the defaults; the result tells which attributes of the function they are.
    fn default_arguments(&mut self, location: Location, args: &'a Arguments<'a>) -> Result<u32> {
        let mut flags = 0;
        if !args.defaults.is_empty() {
            self.exprs(args.defaults)?;
            self.op_count(location, Opcode::BUILD_TUPLE, args.defaults.len())?;
            flags |= function_attribute::DEFAULTS;
        }
        let mut count = 0;
        for (arg, default) in args.kwonlyargs.iter().zip(args.kw_defaults) {
            if let Some(default) = default {
                count += 1;
                let name = self.maybe_mangle(arg.arg);
                self.load_str(location, name);
                self.expr(default)?;
            }
        }
        if count > 0 {
            self.op_count(location, Opcode::BUILD_MAP, count)?;
            flags |= function_attribute::KWDEFAULTS;
        }
        Ok(flags)
    }

    fn function_body(
        &mut self,
        stmt: StmtRef<'a>,
        def: &'a FunctionDef<'a>,
        is_async: bool,
        flags: u32,
        firstlineno: i32,
    ) -> Result {
        let kind = if is_async { ScopeKind::AsyncFunction } else { ScopeKind::Function };
        let key = BlockKey::new(BlockRole::Statement, stmt);
        self.enter_scope(def.name, kind, key, firstlineno, None, parameters_of(def.args))?;
        let mut body = def.body;
        if self.block().has_docstring
            && let Some(doc) = docstring(body)
        {
            let doc = self.constant(oriel_syntax::ast::Constant::Str(doc))?;
            // The docstring is the first constant.
            self.unit.meta.consts.add(crate::docs::clean(doc));
            body = &body[1..];
        }
        let generator = self.block().coroutine || self.block().generator;
        if generator {
            self.push_block(FrameBlockKind::StopIteration, NO_LOCATION)?;
        }
        self.stmts(body)?;
        if generator {
            self.wrap_in_stop_iteration_handler();
            self.pop_block();
        }
        let code = self.finish_scope(true)?;
        self.make_closure(stmt.range, code, flags)
    }

    /// A StopIteration that leaves a generator becomes a RuntimeError.
    pub(super) fn wrap_in_stop_iteration_handler(&mut self) {
        let handler = self.new_label();
        let setup =
            Instruction { opcode: Opcode::SETUP_CLEANUP, oparg: handler.0, location: super::position(NO_LOCATION) };
        self.unit.seq.insert(0, setup);
        self.load_const(NO_LOCATION, Constant::None);
        self.op(NO_LOCATION, Opcode::RETURN_VALUE);
        self.use_label(handler);
        self.op_arg(NO_LOCATION, Opcode::CALL_INTRINSIC_1, Intrinsic1::StopIterationError.oparg());
        self.op_arg(NO_LOCATION, Opcode::RERAISE, 1);
    }

    pub(super) fn lambda(&mut self, expr: ExprRef<'a>) -> Result {
        let ExprKind::Lambda { args, body } = expr.kind else { return Ok(()) };
        let location = expr.range;
        let flags = self.default_arguments(location, args)?;
        let key = BlockKey::new(BlockRole::Expression, expr);
        self.enter_scope("<lambda>", ScopeKind::Lambda, key, location.lineno, None, parameters_of(args))?;
        self.expr(body)?;
        let generator = self.block().generator;
        if !generator {
            self.op(body.range, Opcode::RETURN_VALUE);
        }
        let code = self.finish_scope(!generator)?;
        self.make_closure(location, code, flags)
    }
}

fn parameters_of(args: &Arguments<'_>) -> Parameters {
    Parameters {
        argcount: args.args.len(),
        posonlyargcount: args.posonlyargs.len(),
        kwonlyargcount: args.kwonlyargs.len(),
    }
}

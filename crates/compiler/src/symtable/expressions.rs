//! What expressions contribute to the symbol table.

use oriel_syntax::ast::{self, Expr, ExprContext, ExprKind, ExprRef, Seq};

use super::build::{Builder, check_name};
use super::{BlockKey, BlockKind, BlockRole, Comprehension, Flags, Name};
use crate::error::CompileError;

impl<'a> Builder<'a> {
    pub(super) fn exprs(&mut self, exprs: Seq<'a, ExprRef<'a>>) -> Result<(), CompileError> {
        exprs.iter().try_for_each(|expr| self.expr(expr))
    }

    pub(super) fn optional_expr(&mut self, expr: Option<ExprRef<'a>>) -> Result<(), CompileError> {
        expr.map_or(Ok(()), |expr| self.expr(expr))
    }

    pub(super) fn expr(&mut self, expr: ExprRef<'a>) -> Result<(), CompileError> {
        self.guard.check()?;
        match expr.kind {
            ExprKind::Constant { .. } => Ok(()),
            ExprKind::Name { id, ctx } => self.name(expr, id, ctx),
            ExprKind::Attribute { value, attr, ctx } => {
                check_name(attr, expr.range, ctx)?;
                self.expr(value)
            }
            ExprKind::Call { func, args, keywords } => {
                self.expr(func)?;
                self.exprs(args)?;
                self.check_keywords(keywords)?;
                keywords.iter().try_for_each(|keyword| self.expr(keyword.value))
            }
            ExprKind::BinOp { .. } => self.binary_operations(expr),
            ExprKind::NamedExpr { target, value } => self.named_expr(expr, target, value),
            ExprKind::BoolOp { values, .. }
            | ExprKind::JoinedStr { values }
            | ExprKind::TemplateStr { values }
            | ExprKind::Set { elts: values }
            | ExprKind::List { elts: values, .. }
            | ExprKind::Tuple { elts: values, .. } => self.exprs(values),
            ExprKind::UnaryOp { operand: value, .. } | ExprKind::Starred { value, .. } => self.expr(value),
            ExprKind::Lambda { args, body } => {
                self.defaults(args)?;
                let key = BlockKey::new(BlockRole::Expression, expr);
                self.enter_block("lambda", BlockKind::Function, key, expr.range)?;
                self.arguments(args)?;
                self.expr(body)?;
                self.exit_block();
                Ok(())
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test)?;
                self.expr(body)?;
                self.expr(orelse)
            }
            ExprKind::Dict { keys, values } => {
                keys.iter().try_for_each(|key| self.optional_expr(*key))?;
                self.exprs(values)
            }
            ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension(expr, "genexpr", Comprehension::Generator, generators, elt, None)
            }
            ExprKind::ListComp { elt, generators } => {
                self.comprehension(expr, "listcomp", Comprehension::List, generators, elt, None)
            }
            ExprKind::SetComp { elt, generators } => {
                self.comprehension(expr, "setcomp", Comprehension::Set, generators, elt, None)
            }
            ExprKind::DictComp { key, value, generators } => {
                self.comprehension(expr, "dictcomp", Comprehension::Dict, generators, key, Some(value))
            }
            ExprKind::Yield { value } => self.yield_expr(expr, value),
            ExprKind::YieldFrom { value } => self.yield_expr(expr, Some(value)),
            ExprKind::Await { value } => {
                self.refuse_in_annotation("await expression", expr)?;
                if !self.allows_top_level_await() {
                    if !self.current().is_function_like() {
                        return Err(CompileError::syntax("'await' outside function", expr.range));
                    }
                    if !self.in_async_def() && self.current().comprehension.is_none() {
                        return Err(CompileError::syntax("'await' outside async function", expr.range));
                    }
                }
                self.expr(value)?;
                self.current().coroutine = true;
                Ok(())
            }
            ExprKind::Compare { left, comparators, .. } => {
                self.expr(left)?;
                self.exprs(comparators)
            }
            ExprKind::FormattedValue { value, format_spec, .. } => {
                self.expr(value)?;
                self.optional_expr(format_spec)
            }
            ExprKind::Interpolation(field) => {
                self.expr(field.value)?;
                self.optional_expr(field.format_spec)
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value)?;
                self.expr(slice)
            }
            ExprKind::Slice { lower, upper, step } => {
                self.optional_expr(lower)?;
                self.optional_expr(upper)?;
                self.optional_expr(step)
            }
        }
    }

    /// A chain such as `a + b + c` nests to the left; walking it in a loop keeps long ones off the stack.
    fn binary_operations(&mut self, expr: ExprRef<'a>) -> Result<(), CompileError> {
        let mut rights = Vec::new();
        let mut leftmost = expr;
        while let ExprKind::BinOp { left, right, .. } = leftmost.kind {
            rights.push(right);
            leftmost = left;
        }
        self.expr(leftmost)?;
        rights.into_iter().rev().try_for_each(|right| self.expr(right))
    }

    fn name(&mut self, expr: ExprRef<'a>, id: Name<'a>, ctx: ExprContext) -> Result<(), CompileError> {
        if self.current().in_unevaluated_annotation {
            return Ok(());
        }
        let load = ctx == ExprContext::Load;
        let flag = if load { Flags::USE } else { Flags::LOCAL };
        self.add_def_in_context(id, flag, expr.range, ctx)?;
        // `super()` needs the class.
        if load && id == "super" && self.current().is_function_like() {
            self.add_def("__class__", Flags::USE, expr.range)?;
        }
        Ok(())
    }

    fn yield_expr(&mut self, expr: ExprRef<'a>, value: Option<ExprRef<'a>>) -> Result<(), CompileError> {
        self.refuse_in_annotation("yield expression", expr)?;
        self.optional_expr(value)?;
        self.current().generator = true;
        let message = match self.current().comprehension {
            None => return Ok(()),
            Some(Comprehension::List) => "'yield' inside list comprehension",
            Some(Comprehension::Set) => "'yield' inside set comprehension",
            Some(Comprehension::Dict) => "'yield' inside dict comprehension",
            Some(Comprehension::Generator) => "'yield' inside generator expression",
        };
        Err(CompileError::syntax(message, expr.range))
    }

    fn named_expr(&mut self, expr: ExprRef<'a>, target: ExprRef<'a>, value: ExprRef<'a>) -> Result<(), CompileError> {
        self.refuse_in_annotation("named expression", expr)?;
        if self.current().comp_iter_expr > 0 {
            let message = "assignment expression cannot be used in a comprehension iterable expression";
            return Err(CompileError::syntax(message, expr.range));
        }
        if self.current().comprehension.is_some() {
            self.extend_named_expr_scope(target)?;
        }
        self.expr(value)?;
        self.expr(target)
    }

    /// In a comprehension the target of `:=` belongs to the nearest block that is none.
    fn extend_named_expr_scope(&mut self, target: ExprRef<'a>) -> Result<(), CompileError> {
        let ExprKind::Name { id: name, .. } = target.kind else {
            return Err(CompileError::wrong_node("NamedExpr target must be a Name", target.range));
        };
        let location = target.range;
        for index in (0..self.stack.len()).rev() {
            let id = self.stack[index];
            let block = self.table.block(id);
            let kind = block.kind;
            if block.comprehension.is_some() {
                let known = self.lookup_in(id, name);
                if known.has(Flags::COMP_ITER) && known.has(Flags::LOCAL) {
                    let message =
                        format!("assignment expression cannot rebind comprehension iteration variable '{name}'");
                    return Err(CompileError::syntax(message, location));
                }
                continue;
            }
            let message = match kind {
                BlockKind::Function => {
                    let global = self.lookup_in(id, name).has(Flags::GLOBAL);
                    self.add_def(name, if global { Flags::GLOBAL } else { Flags::NONLOCAL }, location)?;
                    self.record_directive(name, location);
                    return self.add_def_to(id, name, Flags::LOCAL, location);
                }
                BlockKind::Module => {
                    self.add_def(name, Flags::GLOBAL, location)?;
                    self.record_directive(name, location);
                    return self.add_def_to(id, name, Flags::GLOBAL, location);
                }
                BlockKind::Class => "assignment expression within a comprehension cannot be used in a class body",
                BlockKind::TypeParameters => {
                    "assignment expression within a comprehension cannot be used within the definition of a generic"
                }
                BlockKind::TypeAlias => "assignment expression within a comprehension cannot be used in a type alias",
                BlockKind::TypeVariable => {
                    "assignment expression within a comprehension cannot be used in a TypeVar bound"
                }
                BlockKind::Annotation => continue,
            };
            return Err(CompileError::syntax(message, location));
        }
        Ok(())
    }

    fn comprehension(
        &mut self,
        expr: &'a Expr<'a>,
        name: Name<'a>,
        kind: Comprehension,
        generators: Seq<'a, ast::Comprehension<'a>>,
        element: ExprRef<'a>,
        value: Option<ExprRef<'a>>,
    ) -> Result<(), CompileError> {
        let Some((outermost, rest)) = generators.split_first() else {
            return Err(CompileError::invalid_tree("comprehension with no generators", expr.range));
        };
        // The outermost iterable is evaluated outside.
        self.current().comp_iter_expr += 1;
        self.expr(outermost.iter)?;
        self.current().comp_iter_expr -= 1;

        self.enter_block(name, BlockKind::Function, BlockKey::new(BlockRole::Expression, expr), expr.range)?;
        self.current().comprehension = Some(kind);
        if outermost.is_async {
            self.current().coroutine = true;
        }
        self.add_def(".0", Flags::PARAM, expr.range)?;
        self.current().comp_iter_target = true;
        self.expr(outermost.target)?;
        self.current().comp_iter_target = false;
        self.exprs(outermost.ifs)?;
        for generator in rest {
            self.current().comp_iter_target = true;
            self.expr(generator.target)?;
            self.current().comp_iter_target = false;
            self.current().comp_iter_expr += 1;
            self.expr(generator.iter)?;
            self.current().comp_iter_expr -= 1;
            self.exprs(generator.ifs)?;
            if generator.is_async {
                self.current().coroutine = true;
            }
        }
        self.optional_expr(value)?;
        self.expr(element)?;
        let is_generator = kind == Comprehension::Generator;
        self.current().generator = is_generator;
        let is_async = self.current().coroutine && !is_generator;
        self.exit_block();

        if is_async && !self.in_async_def() && self.current().comprehension.is_none() && !self.allows_top_level_await()
        {
            let message = "asynchronous comprehension outside of an asynchronous function";
            return Err(CompileError::syntax(message, expr.range));
        }
        if is_async {
            self.current().coroutine = true;
        }
        Ok(())
    }
}

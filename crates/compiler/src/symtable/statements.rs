//! What statements, patterns and type parameters contribute to the symbol table.

use oriel_syntax::ast::{
    Alias, Arg, Arguments, Body, ExceptHandler, Expr, ExprKind, FunctionDef, Pattern, PatternKind, Stmt, StmtKind,
    StmtRef, TypeParam, TypeParamKind, With,
};

use super::build::{Builder, check_name};
use super::{BlockId, BlockKey, BlockKind, BlockRole, Flags, Name};
use crate::error::{CompileError, Location};
use crate::preprocess::docstring;

impl<'a> Builder<'a> {
    pub(super) fn body(&mut self, body: Body<'a>) -> Result<(), CompileError> {
        body.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    /// Visits what may or may not be executed.
    fn conditionally(&mut self, visit: impl FnOnce(&mut Self) -> Result<(), CompileError>) -> Result<(), CompileError> {
        let before = std::mem::replace(&mut self.current().in_conditional_block, true);
        visit(self)?;
        self.current().in_conditional_block = before;
        Ok(())
    }

    fn stmt(&mut self, stmt: StmtRef<'a>) -> Result<(), CompileError> {
        self.guard.check()?;
        match stmt.kind {
            StmtKind::FunctionDef(def) => self.function(stmt, def, false)?,
            StmtKind::AsyncFunctionDef(def) => self.function(stmt, def, true)?,
            StmtKind::ClassDef(_) => self.class(stmt)?,
            StmtKind::TypeAlias { .. } => self.type_alias(stmt)?,
            StmtKind::Return { value } => {
                if let Some(value) = value {
                    self.expr(value)?;
                    self.current().returns_value = true;
                }
            }
            StmtKind::Delete { targets } => self.exprs(targets)?,
            StmtKind::Assign { targets, value, .. } => {
                self.exprs(targets)?;
                self.expr(value)?;
            }
            StmtKind::AnnAssign { .. } => self.annotated_assignment(stmt)?,
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target)?;
                self.expr(value)?;
            }
            StmtKind::For(def) => {
                self.expr(def.target)?;
                self.expr(def.iter)?;
                self.conditionally(|this| {
                    this.body(def.body)?;
                    this.body(def.orelse)
                })?;
            }
            StmtKind::AsyncFor(def) => {
                self.require_coroutine("'async for' outside async function", stmt.range)?;
                self.expr(def.target)?;
                self.expr(def.iter)?;
                self.conditionally(|this| {
                    this.body(def.body)?;
                    this.body(def.orelse)
                })?;
            }
            StmtKind::While { test, body, orelse } => {
                self.expr(test)?;
                self.conditionally(|this| {
                    this.body(body)?;
                    this.body(orelse)
                })?;
            }
            StmtKind::If { .. } => self.conditional(stmt)?,
            StmtKind::With(def) => self.with(def)?,
            StmtKind::AsyncWith(def) => {
                self.require_coroutine("'async with' outside async function", stmt.range)?;
                self.with(def)?;
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject)?;
                self.conditionally(|this| {
                    for case in cases {
                        this.pattern(case.pattern)?;
                        this.optional_expr(case.guard)?;
                        this.body(case.body)?;
                    }
                    Ok(())
                })?;
            }
            StmtKind::Raise { exc, cause } => {
                self.optional_expr(exc)?;
                if exc.is_some() {
                    self.optional_expr(cause)?;
                }
            }
            StmtKind::Try(def) | StmtKind::TryStar(def) => self.conditionally(|this| {
                this.body(def.body)?;
                for handler in def.handlers {
                    this.except_handler(handler)?;
                }
                this.body(def.orelse)?;
                this.body(def.finalbody)
            })?,
            StmtKind::Assert { test, msg } => {
                self.expr(test)?;
                self.optional_expr(msg)?;
            }
            StmtKind::Import { names } => names.iter().try_for_each(|alias| self.alias(alias))?,
            StmtKind::ImportFrom { module, names, level } => {
                names.iter().try_for_each(|alias| self.alias(alias))?;
                self.check_future_import(module, level, stmt.range)?;
            }
            StmtKind::Global { names } => self.declare(names, Flags::GLOBAL, "global", stmt.range)?,
            StmtKind::Nonlocal { names } => self.declare(names, Flags::NONLOCAL, "nonlocal", stmt.range)?,
            StmtKind::Expr { value } => self.expr(value)?,
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => {}
        }
        Ok(())
    }

    /// `if`, and in a loop the `elif` clauses, which the tree nests.
    fn conditional(&mut self, stmt: StmtRef<'a>) -> Result<(), CompileError> {
        let before = self.current().in_conditional_block;
        let mut stmt = stmt;
        while let StmtKind::If { test, body, orelse } = stmt.kind {
            self.expr(test)?;
            self.current().in_conditional_block = true;
            self.body(body)?;
            if let [next @ Stmt { kind: StmtKind::If { .. }, .. }] = orelse {
                stmt = next;
            } else {
                self.body(orelse)?;
                break;
            }
        }
        self.current().in_conditional_block = before;
        Ok(())
    }

    fn with(&mut self, def: &'a With<'a>) -> Result<(), CompileError> {
        self.conditionally(|this| {
            for item in def.items {
                this.expr(item.context_expr)?;
                this.optional_expr(item.optional_vars)?;
            }
            this.body(def.body)
        })
    }

    fn require_coroutine(&mut self, message: &str, location: Location) -> Result<(), CompileError> {
        if self.allows_top_level_await() {
            self.current().coroutine = true;
        }
        if self.current().coroutine { Ok(()) } else { Err(CompileError::syntax(message, location)) }
    }

    fn function(&mut self, stmt: StmtRef<'a>, def: &'a FunctionDef<'a>, is_async: bool) -> Result<(), CompileError> {
        self.add_def(def.name, Flags::LOCAL, stmt.range)?;
        self.defaults(def.args)?;
        self.exprs(def.decorator_list)?;
        let generic = !def.type_params.is_empty();
        if generic {
            self.enter_type_param_block(
                def.name,
                BlockKey::new(BlockRole::TypeParameters, def.type_params),
                false,
                true,
                def.args.kw_defaults.iter().any(Option::is_some),
                stmt.range,
            )?;
            self.type_params(def.type_params)?;
        }
        let key = BlockKey::new(BlockRole::Statement, stmt);
        let block = self.new_block(def.name, BlockKind::Function, key, stmt.range);
        self.table.block_mut(block).has_docstring = docstring(def.body).is_some();
        self.function_annotations(stmt.range, def)?;
        self.enter_existing_block(block);
        if is_async {
            self.current().coroutine = true;
        }
        self.arguments(def.args)?;
        self.body(def.body)?;
        self.exit_block();
        if generic {
            self.exit_block();
        }
        Ok(())
    }

    /// The defaults of parameters, evaluated outside the function.
    pub(super) fn defaults(&mut self, args: &'a Arguments<'a>) -> Result<(), CompileError> {
        self.exprs(args.defaults)?;
        args.kw_defaults.iter().try_for_each(|default| self.optional_expr(*default))
    }

    fn function_annotations(&mut self, location: Location, def: &'a FunctionDef<'a>) -> Result<(), CompileError> {
        let outer = self.current();
        let sees_class = outer.can_see_class_scope || outer.kind == BlockKind::Class;
        let key = BlockKey::new(BlockRole::Annotations, def.args);
        self.enter_block("__annotate__", BlockKind::Annotation, key, location)?;
        if sees_class {
            self.current().can_see_class_scope = true;
            self.add_def("__classdict__", Flags::USE, location)?;
        }
        let args = def.args;
        let annotations = args.posonlyargs.iter().chain(args.args).chain(args.vararg).chain(args.kwarg);
        for annotation in annotations.chain(args.kwonlyargs).filter_map(|arg| arg.annotation).chain(def.returns) {
            self.current().annotations_used = true;
            self.expr(annotation)?;
        }
        self.exit_block();
        Ok(())
    }

    /// The parameters, bound inside the function.
    pub(super) fn arguments(&mut self, args: &'a Arguments<'a>) -> Result<(), CompileError> {
        for arg in args.posonlyargs.iter().chain(args.args).chain(args.kwonlyargs) {
            self.parameter(arg)?;
        }
        if let Some(arg) = args.vararg {
            self.parameter(arg)?;
            self.current().varargs = true;
        }
        if let Some(arg) = args.kwarg {
            self.parameter(arg)?;
            self.current().varkeywords = true;
        }
        Ok(())
    }

    fn parameter(&mut self, arg: &'a Arg<'a>) -> Result<(), CompileError> {
        self.add_def(arg.arg, Flags::PARAM, arg.range)
    }

    fn class(&mut self, stmt: StmtRef<'a>) -> Result<(), CompileError> {
        let StmtKind::ClassDef(def) = stmt.kind else { return Ok(()) };
        self.add_def(def.name, Flags::LOCAL, stmt.range)?;
        self.exprs(def.decorator_list)?;
        let outer_private = self.private;
        let generic = !def.type_params.is_empty();
        if generic {
            let key = BlockKey::new(BlockRole::TypeParameters, def.type_params);
            self.enter_type_param_block(def.name, key, true, false, false, stmt.range)?;
            self.private = Some(def.name);
            self.mangle_type_params_only();
            self.type_params(def.type_params)?;
        }
        self.exprs(def.bases)?;
        self.check_keywords(def.keywords)?;
        def.keywords.iter().try_for_each(|keyword| self.expr(keyword.value))?;
        self.enter_block(def.name, BlockKind::Class, BlockKey::new(BlockRole::Statement, stmt), stmt.range)?;
        self.private = Some(def.name);
        if generic {
            self.add_def("__type_params__", Flags::LOCAL, stmt.range)?;
            self.add_def(".type_params", Flags::USE, stmt.range)?;
        }
        self.current().has_docstring = docstring(def.body).is_some();
        self.body(def.body)?;
        self.exit_block();
        if generic {
            self.exit_block();
        }
        self.private = outer_private;
        Ok(())
    }

    fn type_alias(&mut self, stmt: StmtRef<'a>) -> Result<(), CompileError> {
        let StmtKind::TypeAlias { name: target, type_params, value } = stmt.kind else { return Ok(()) };
        self.expr(target)?;
        let ExprKind::Name { id: name, .. } = target.kind else {
            return Err(CompileError::wrong_node("TypeAlias with non-Name name", stmt.range));
        };
        let in_class = self.current().kind == BlockKind::Class;
        let generic = !type_params.is_empty();
        if generic {
            let key = BlockKey::new(BlockRole::TypeParameters, type_params);
            self.enter_type_param_block(name, key, false, false, false, stmt.range)?;
            self.type_params(type_params)?;
        }
        self.enter_block(name, BlockKind::TypeAlias, BlockKey::new(BlockRole::Statement, stmt), stmt.range)?;
        if in_class {
            self.current().can_see_class_scope = true;
            self.add_def("__classdict__", Flags::USE, value.range)?;
        }
        self.expr(value)?;
        self.exit_block();
        if generic {
            self.exit_block();
        }
        Ok(())
    }

    fn annotated_assignment(&mut self, stmt: StmtRef<'a>) -> Result<(), CompileError> {
        let StmtKind::AnnAssign { target, annotation, value, simple } = stmt.kind else { return Ok(()) };
        self.current().annotations_used = true;
        if let ExprKind::Name { id, .. } = target.kind {
            let known = self.lookup(id);
            if simple && known.has(Flags::GLOBAL | Flags::NONLOCAL) && self.current_id() != BlockId(0) {
                let what = if known.has(Flags::GLOBAL) { "global" } else { "nonlocal" };
                return Err(CompileError::syntax(format!("annotated name '{id}' can't be {what}"), stmt.range));
            }
            if simple {
                self.add_def(id, Flags::ANNOT | Flags::LOCAL, target.range)?;
            } else if value.is_some() {
                self.add_def(id, Flags::LOCAL, target.range)?;
            }
        } else {
            self.expr(target)?;
        }
        self.annotation(annotation)?;
        self.optional_expr(value)
    }

    /// The annotation of a variable: evaluated on demand, or in a function never.
    fn annotation(&mut self, annotation: &'a Expr<'a>) -> Result<(), CompileError> {
        let parent = self.current_id();
        let block = self.current();
        let kind = block.kind;
        let unevaluated = kind == BlockKind::Function;
        let existing = block.annotation_block;
        // A module's annotations may be asked for before all of it has run.
        let conditional = kind == BlockKind::Module || (kind == BlockKind::Class && block.in_conditional_block);
        if conditional && !block.has_conditional_annotations {
            block.has_conditional_annotations = true;
            self.add_def("__conditional_annotations__", Flags::USE, annotation.range)?;
        }
        match existing {
            Some(id) => self.enter_existing_block(id),
            None => {
                let key = BlockKey::new(BlockRole::Annotations, annotation);
                self.enter_block("__annotate__", BlockKind::Annotation, key, annotation.range)?;
                self.table.block_mut(parent).annotation_block = Some(self.current_id());
                if kind == BlockKind::Class && !self.future.annotations {
                    self.current().can_see_class_scope = true;
                    self.add_def("__classdict__", Flags::USE, annotation.range)?;
                }
            }
        }
        if unevaluated {
            self.current().in_unevaluated_annotation = true;
        }
        self.expr(annotation)?;
        if unevaluated {
            self.current().in_unevaluated_annotation = false;
        }
        self.exit_block();
        Ok(())
    }

    fn except_handler(&mut self, handler: &'a ExceptHandler<'a>) -> Result<(), CompileError> {
        self.optional_expr(handler.typ)?;
        if let Some(name) = handler.name {
            self.add_def(name, Flags::LOCAL, handler.range)?;
        }
        self.body(handler.body)
    }

    fn alias(&mut self, alias: &'a Alias<'a>) -> Result<(), CompileError> {
        let name = alias.asname.unwrap_or(alias.name);
        if name == "*" {
            if self.current().kind != BlockKind::Module {
                return Err(CompileError::syntax("import * only allowed at module level", alias.range));
            }
            return Ok(());
        }
        let bound = name.split('.').next().unwrap_or(name);
        self.add_def(bound, Flags::IMPORT, alias.range)
    }

    fn check_future_import(
        &self,
        module: Option<Name<'a>>,
        level: i32,
        location: Location,
    ) -> Result<(), CompileError> {
        let future = self.future.location;
        if module == Some("__future__")
            && level == 0
            && (location.lineno > future.lineno
                || (location.lineno == future.end_lineno && location.col_offset > future.end_col_offset))
        {
            let message = "from __future__ imports must occur at the beginning of the file";
            return Err(CompileError::syntax(message, location));
        }
        Ok(())
    }

    fn declare(
        &mut self,
        names: &'a [Name<'a>],
        flag: Flags,
        word: &str,
        location: Location,
    ) -> Result<(), CompileError> {
        for name in names {
            let known = self.lookup(name);
            let message = if known.has(Flags::PARAM) {
                Some(format!("name '{name}' is parameter and {word}"))
            } else if known.has(Flags::USE) {
                Some(format!("name '{name}' is used prior to {word} declaration"))
            } else if known.has(Flags::ANNOT) {
                Some(format!("annotated name '{name}' can't be {word}"))
            } else if known.has(Flags::LOCAL) {
                Some(format!("name '{name}' is assigned to before {word} declaration"))
            } else {
                None
            };
            if let Some(message) = message {
                return Err(CompileError::syntax(message, location));
            }
            self.add_def(name, flag, location)?;
            self.record_directive(name, location);
        }
        Ok(())
    }

    fn type_params(&mut self, type_params: &'a [TypeParam<'a>]) -> Result<(), CompileError> {
        for param in type_params {
            let (name, bound, default, default_role, default_info) = match param.kind {
                TypeParamKind::TypeVar { name, bound, default_value } => {
                    (name, bound, default_value, BlockRole::TypeParameterDefault, "a TypeVar default")
                }
                TypeParamKind::TypeVarTuple { name, default_value } => {
                    (name, None, default_value, BlockRole::TypeParameter, "a TypeVarTuple default")
                }
                TypeParamKind::ParamSpec { name, default_value } => {
                    (name, None, default_value, BlockRole::TypeParameter, "a ParamSpec default")
                }
            };
            self.add_def(name, Flags::TYPE_PARAM | Flags::LOCAL, param.range)?;
            if name == "__classdict__" {
                let message = format!("reserved name '{name}' cannot be used for type parameter");
                return Err(CompileError::syntax(message, param.range));
            }
            if let Some(bound) = bound {
                let constraints = matches!(bound.kind, ExprKind::Tuple { .. });
                let info = if constraints { "a TypeVar constraint" } else { "a TypeVar bound" };
                self.type_param_part(bound, name, BlockKey::new(BlockRole::TypeParameter, param), info)?;
            }
            if let Some(default) = default {
                self.type_param_part(default, name, BlockKey::new(default_role, param), default_info)?;
            }
        }
        Ok(())
    }

    /// A bound or default, in a block of its own.
    fn type_param_part(
        &mut self,
        expr: &'a Expr<'a>,
        name: Name<'a>,
        key: BlockKey,
        info: &'static str,
    ) -> Result<(), CompileError> {
        let in_class = self.current().can_see_class_scope;
        self.enter_block(name, BlockKind::TypeVariable, key, expr.range)?;
        self.current().can_see_class_scope = in_class;
        if in_class {
            self.add_def("__classdict__", Flags::USE, expr.range)?;
        }
        self.current().scope_info = Some(info);
        self.expr(expr)?;
        self.exit_block();
        Ok(())
    }

    fn pattern(&mut self, pattern: &'a Pattern<'a>) -> Result<(), CompileError> {
        self.guard.check()?;
        match pattern.kind {
            PatternKind::MatchValue { value } => self.expr(value),
            PatternKind::MatchSingleton { .. } => Ok(()),
            PatternKind::MatchSequence { patterns } | PatternKind::MatchOr { patterns } => {
                patterns.iter().try_for_each(|pattern| self.pattern(pattern))
            }
            PatternKind::MatchStar { name } => self.capture(name, pattern.range),
            PatternKind::MatchMapping { keys, patterns, rest } => {
                self.exprs(keys)?;
                patterns.iter().try_for_each(|pattern| self.pattern(pattern))?;
                self.capture(rest, pattern.range)
            }
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
                self.expr(cls)?;
                patterns.iter().try_for_each(|pattern| self.pattern(pattern))?;
                for (attr, pattern) in kwd_attrs.iter().zip(kwd_patterns) {
                    check_name(attr, pattern.range, oriel_syntax::ast::ExprContext::Store)?;
                }
                kwd_patterns.iter().try_for_each(|pattern| self.pattern(pattern))
            }
            PatternKind::MatchAs { pattern: inner, name } => {
                if let Some(inner) = inner {
                    self.pattern(inner)?;
                }
                self.capture(name, pattern.range)
            }
        }
    }

    fn capture(&mut self, name: Option<Name<'a>>, location: Location) -> Result<(), CompileError> {
        name.map_or(Ok(()), |name| self.add_def(name, Flags::LOCAL, location))
    }
}

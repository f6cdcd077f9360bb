//! What happens to the tree before names are looked at: `__debug__` becomes a constant, `'%s' % (x,)` an f-string,
//! numbers of match patterns are computed, docstrings vanish under `-OO`; and control flow that leaves a `finally`
//! block is warned about. Arithmetic is folded later, in `flowgraph`.
//!
//! Trees are immutable: a changed node is made anew, with those above it. Functions here return what took a node's
//! place, or `None` where nothing changed.

use oriel_syntax::ast::{
    Arg, Arguments, BigInt, Body, Comprehension, Constant, ExceptHandler, Expr, ExprContext, ExprKind, ExprRef, For,
    FunctionDef, Int, Interpolation, Keyword, MatchCase, Mod, Operator, Pattern, PatternKind, PatternRef, Range, Seq,
    Stmt, StmtKind, StmtRef, Text, Try, TypeParam, TypeParamKind, UnaryOp, With, WithItem,
};
use oriel_syntax::{Arena, Warning, ast};

use crate::error::{CompileError, NO_LOCATION, StackGuard, syntax_warning};
use crate::future::Future;
use crate::percent_format::percent_format;

/// The docstring of a module, class or function.
pub fn docstring<'a>(body: Body<'a>) -> Option<Text<'a>> {
    match body.first()?.kind {
        StmtKind::Expr { value: Expr { kind: ExprKind::Constant { value: Constant::Str(text), .. }, .. } } => {
            Some(*text)
        }
        _ => None,
    }
}

/// Prepares `module` for compilation.
///
/// # Errors
/// When the tree is nested too deeply.
pub fn preprocess<'a>(
    arena: &'a Arena,
    module: &Mod<'a>,
    optimize: u8,
    future: &Future,
    guard: StackGuard,
    warnings: &mut Vec<Warning>,
) -> Result<Mod<'a>, CompileError> {
    let mut pass = Preprocessor { arena, optimize, strings: future.annotations, guard, warnings, contexts: Vec::new() };
    Ok(match *module {
        Mod::Module { body, type_ignores } => Mod::Module { body: pass.body(body)?.unwrap_or(body), type_ignores },
        Mod::Interactive { body } => Mod::Interactive { body: pass.stmts(body)?.unwrap_or(body) },
        Mod::Expression { body } => Mod::Expression { body: pass.expr(body)?.unwrap_or(body) },
        Mod::FunctionType { .. } => *module,
    })
}

/// The nearest construct that decides whether `return`, `break` and `continue` leave a `finally` block.
#[derive(Clone, Copy, PartialEq)]
enum Context {
    Finally,
    Function,
    Loop,
}

struct Preprocessor<'a, 'w> {
    arena: &'a Arena,
    optimize: u8,
    /// Annotations stay strings and are not looked into.
    strings: bool,
    guard: StackGuard,
    warnings: &'w mut Vec<Warning>,
    contexts: Vec<Context>,
}

/// What took the place of a node, if anything did.
type Changed<T> = Result<Option<T>, CompileError>;

/// Processes parts of a node and makes the node anew if one of them changed.
macro_rules! remake {
    ($($part:ident = $call:expr),+ => $new:expr) => {{
        let mut changed = false;
        $(let $part = match $call? {
            Some(new) => {
                changed = true;
                new
            }
            None => $part,
        };)+
        changed.then(|| $new)
    }};
}

impl<'a> Preprocessor<'a, '_> {
    fn seq<T: Copy>(&mut self, seq: Seq<'a, T>, each: impl Fn(&mut Self, T) -> Changed<T>) -> Changed<Seq<'a, T>> {
        let mut copy: Option<Vec<T>> = None;
        for (index, item) in seq.iter().enumerate() {
            if let Some(new) = each(self, *item)? {
                copy.get_or_insert_with(|| seq.to_vec())[index] = new;
            }
        }
        Ok(copy.map(|items| self.arena.slice(&items)))
    }

    fn optional<T: Copy>(&mut self, node: Option<T>, each: impl Fn(&mut Self, T) -> Changed<T>) -> Changed<Option<T>> {
        match node {
            Some(node) => Ok(each(self, node)?.map(Some)),
            None => Ok(None),
        }
    }

    fn exprs(&mut self, exprs: Seq<'a, ExprRef<'a>>) -> Changed<Seq<'a, ExprRef<'a>>> {
        self.seq(exprs, Self::expr)
    }

    fn optional_expr(&mut self, expr: Option<ExprRef<'a>>) -> Changed<Option<ExprRef<'a>>> {
        self.optional(expr, Self::expr)
    }

    fn stmts(&mut self, body: Body<'a>) -> Changed<Body<'a>> {
        self.seq(body, Self::stmt)
    }

    /// The body of a module, class or function, which can have a docstring.
    fn body(&mut self, body: Body<'a>) -> Changed<Body<'a>> {
        let mut body = body;
        let mut changed = false;
        let mut has_docstring = docstring(body).is_some();
        if has_docstring && self.optimize >= 2 {
            body = self.without_docstring(body);
            changed = true;
            has_docstring = false;
        }
        if let Some(new) = self.stmts(body)? {
            body = new;
            changed = true;
        }
        if !has_docstring && docstring(body).is_some() {
            // The next string must not be taken for the docstring.
            body = self.disguised(body);
            changed = true;
        }
        Ok(changed.then_some(body))
    }

    fn without_docstring(&self, body: Body<'a>) -> Body<'a> {
        match body {
            [only] => {
                let range = only.range;
                let (end_lineno, end_col_offset) = (range.lineno, range.col_offset.saturating_add(4));
                let range = Range { end_lineno, end_col_offset, ..range };
                self.arena.slice(&[self.arena.alloc(Stmt { kind: StmtKind::Pass, range })])
            }
            [_, rest @ ..] => rest,
            [] => body,
        }
    }

    fn disguised(&self, body: Body<'a>) -> Body<'a> {
        let mut stmts = body.to_vec();
        if let StmtKind::Expr { value } = stmts[0].kind {
            let range = stmts[0].range;
            let kind = ExprKind::JoinedStr { values: self.arena.slice(&[value]) };
            let value = self.arena.alloc(Expr { kind, range });
            stmts[0] = self.arena.alloc(Stmt { kind: StmtKind::Expr { value }, range });
        }
        self.arena.slice(&stmts)
    }

    fn inside<T>(&mut self, context: Context, visit: impl FnOnce(&mut Self) -> Changed<T>) -> Changed<T> {
        self.contexts.push(context);
        let result = visit(self);
        self.contexts.pop();
        result
    }

    fn warn_of_leaving_finally(&mut self, word: &str, stmt: StmtRef<'a>) {
        if self.contexts.last() == Some(&Context::Finally) {
            self.warnings.push(syntax_warning(format!("'{word}' in a 'finally' block"), stmt.range));
        }
    }

    fn stmt(&mut self, stmt: StmtRef<'a>) -> Changed<StmtRef<'a>> {
        self.guard.check()?;
        let kind = match stmt.kind {
            StmtKind::FunctionDef(def) => self.function(def)?.map(StmtKind::FunctionDef),
            StmtKind::AsyncFunctionDef(def) => self.function(def)?.map(StmtKind::AsyncFunctionDef),
            StmtKind::ClassDef(def) => {
                let ast::ClassDef { name, bases, keywords, body, decorator_list, type_params } = *def;
                remake!(
                    type_params = self.seq(type_params, Self::type_param),
                    bases = self.exprs(bases),
                    keywords = self.seq(keywords, Self::keyword),
                    body = self.body(body),
                    decorator_list = self.exprs(decorator_list)
                    => StmtKind::ClassDef(self.arena.alloc(ast::ClassDef {
                        name, bases, keywords, body, decorator_list, type_params,
                    }))
                )
            }
            StmtKind::Return { value } => {
                self.warn_of_leaving_finally("return", stmt);
                remake!(value = self.optional_expr(value) => StmtKind::Return { value })
            }
            StmtKind::Delete { targets } => {
                remake!(targets = self.exprs(targets) => StmtKind::Delete { targets })
            }
            StmtKind::Assign { targets, value, type_comment } => remake!(
                targets = self.exprs(targets), value = self.expr(value)
                => StmtKind::Assign { targets, value, type_comment }
            ),
            StmtKind::AugAssign { target, op, value } => remake!(
                target = self.expr(target), value = self.expr(value) => StmtKind::AugAssign { target, op, value }
            ),
            StmtKind::AnnAssign { target, annotation, value, simple } => remake!(
                target = self.expr(target), annotation = self.annotation(annotation), value = self.optional_expr(value)
                => StmtKind::AnnAssign { target, annotation, value, simple }
            ),
            StmtKind::TypeAlias { name, type_params, value } => remake!(
                type_params = self.seq(type_params, Self::type_param), value = self.expr(value)
                => StmtKind::TypeAlias { name, type_params, value }
            ),
            StmtKind::For(def) => self.for_loop(def)?.map(StmtKind::For),
            StmtKind::AsyncFor(def) => self.for_loop(def)?.map(StmtKind::AsyncFor),
            StmtKind::While { test, body, orelse } => remake!(
                test = self.expr(test),
                body = self.inside(Context::Loop, |this| this.stmts(body)),
                orelse = self.stmts(orelse)
                => StmtKind::While { test, body, orelse }
            ),
            StmtKind::If { .. } => return self.conditional(stmt),
            StmtKind::With(def) => self.with(def)?.map(StmtKind::With),
            StmtKind::AsyncWith(def) => self.with(def)?.map(StmtKind::AsyncWith),
            StmtKind::Match { subject, cases } => remake!(
                subject = self.expr(subject), cases = self.seq(cases, Self::match_case)
                => StmtKind::Match { subject, cases }
            ),
            StmtKind::Raise { exc, cause } => remake!(
                exc = self.optional_expr(exc), cause = self.optional_expr(cause) => StmtKind::Raise { exc, cause }
            ),
            StmtKind::Try(def) => self.try_statement(def)?.map(StmtKind::Try),
            StmtKind::TryStar(def) => self.try_statement(def)?.map(StmtKind::TryStar),
            StmtKind::Assert { test, msg } => remake!(
                test = self.expr(test), msg = self.optional_expr(msg) => StmtKind::Assert { test, msg }
            ),
            StmtKind::Expr { value } => remake!(value = self.expr(value) => StmtKind::Expr { value }),
            StmtKind::Break => {
                self.warn_of_leaving_finally("break", stmt);
                None
            }
            StmtKind::Continue => {
                self.warn_of_leaving_finally("continue", stmt);
                None
            }
            StmtKind::Import { .. }
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global { .. }
            | StmtKind::Nonlocal { .. }
            | StmtKind::Pass => None,
        };
        Ok(kind.map(|kind| self.arena.alloc(Stmt { kind, range: stmt.range })))
    }

    /// `if`, and in a loop the `elif` clauses, which the tree nests.
    fn conditional(&mut self, stmt: StmtRef<'a>) -> Changed<StmtRef<'a>> {
        let mut clauses = Vec::new();
        let mut current = stmt;
        let mut orelse_changed = None;
        while let StmtKind::If { test, body, orelse } = current.kind {
            clauses.push((current, self.expr(test)?, self.stmts(body)?));
            if let [elif @ Stmt { kind: StmtKind::If { .. }, .. }] = orelse {
                current = elif;
            } else {
                orelse_changed = self.stmts(orelse)?;
                break;
            }
        }
        let mut changed = None;
        for (clause, new_test, new_body) in clauses.into_iter().rev() {
            let StmtKind::If { test, body, orelse } = clause.kind else { continue };
            let unchanged = new_test.is_none() && new_body.is_none() && orelse_changed.is_none();
            changed = (!unchanged).then(|| {
                let kind = StmtKind::If {
                    test: new_test.unwrap_or(test),
                    body: new_body.unwrap_or(body),
                    orelse: orelse_changed.unwrap_or(orelse),
                };
                self.arena.alloc(Stmt { kind, range: clause.range }) as StmtRef<'a>
            });
            orelse_changed = changed.map(|stmt| self.arena.slice(&[stmt]));
        }
        Ok(changed)
    }

    fn function(&mut self, def: &'a FunctionDef<'a>) -> Changed<&'a FunctionDef<'a>> {
        let FunctionDef { name, args, body, decorator_list, returns, type_comment, type_params } = *def;
        Ok(remake!(
            type_params = self.seq(type_params, Self::type_param),
            args = self.arguments(args),
            body = self.inside(Context::Function, |this| this.body(body)),
            decorator_list = self.exprs(decorator_list),
            returns = self.optional(returns, Self::annotation)
            => self.arena.alloc(FunctionDef { name, args, body, decorator_list, returns, type_comment, type_params })
        ))
    }

    fn for_loop(&mut self, def: &'a For<'a>) -> Changed<&'a For<'a>> {
        let For { target, iter, body, orelse, type_comment } = *def;
        Ok(remake!(
            target = self.expr(target),
            iter = self.expr(iter),
            body = self.inside(Context::Loop, |this| this.stmts(body)),
            orelse = self.stmts(orelse)
            => self.arena.alloc(For { target, iter, body, orelse, type_comment })
        ))
    }

    fn with(&mut self, def: &'a With<'a>) -> Changed<&'a With<'a>> {
        let With { items, body, type_comment } = *def;
        Ok(remake!(
            items = self.seq(items, Self::with_item), body = self.stmts(body)
            => self.arena.alloc(With { items, body, type_comment })
        ))
    }

    fn with_item(&mut self, item: WithItem<'a>) -> Changed<WithItem<'a>> {
        let WithItem { context_expr, optional_vars } = item;
        Ok(remake!(
            context_expr = self.expr(context_expr), optional_vars = self.optional_expr(optional_vars)
            => WithItem { context_expr, optional_vars }
        ))
    }

    fn try_statement(&mut self, def: &'a Try<'a>) -> Changed<&'a Try<'a>> {
        let Try { body, handlers, orelse, finalbody } = *def;
        Ok(remake!(
            body = self.stmts(body),
            handlers = self.seq(handlers, Self::except_handler),
            orelse = self.stmts(orelse),
            finalbody = self.inside(Context::Finally, |this| this.stmts(finalbody))
            => self.arena.alloc(Try { body, handlers, orelse, finalbody })
        ))
    }

    fn except_handler(&mut self, handler: ExceptHandler<'a>) -> Changed<ExceptHandler<'a>> {
        let ExceptHandler { typ, name, body, range } = handler;
        Ok(remake!(
            typ = self.optional_expr(typ), body = self.stmts(body) => ExceptHandler { typ, name, body, range }
        ))
    }

    fn match_case(&mut self, case: MatchCase<'a>) -> Changed<MatchCase<'a>> {
        let MatchCase { pattern, guard, body } = case;
        Ok(remake!(
            pattern = self.pattern(pattern), guard = self.optional_expr(guard), body = self.stmts(body)
            => MatchCase { pattern, guard, body }
        ))
    }

    fn type_param(&mut self, param: TypeParam<'a>) -> Changed<TypeParam<'a>> {
        let kind = match param.kind {
            TypeParamKind::TypeVar { name, bound, default_value } => remake!(
                bound = self.optional_expr(bound), default_value = self.optional_expr(default_value)
                => TypeParamKind::TypeVar { name, bound, default_value }
            ),
            TypeParamKind::ParamSpec { name, default_value } => remake!(
                default_value = self.optional_expr(default_value) => TypeParamKind::ParamSpec { name, default_value }
            ),
            TypeParamKind::TypeVarTuple { name, default_value } => remake!(
                default_value = self.optional_expr(default_value) => TypeParamKind::TypeVarTuple { name, default_value }
            ),
        };
        Ok(kind.map(|kind| TypeParam { kind, range: param.range }))
    }

    fn annotation(&mut self, annotation: ExprRef<'a>) -> Changed<ExprRef<'a>> {
        if self.strings { Ok(None) } else { self.expr(annotation) }
    }

    fn arg(&mut self, arg: Arg<'a>) -> Changed<Arg<'a>> {
        let annotation = arg.annotation;
        Ok(remake!(annotation = self.optional(annotation, Self::annotation) => Arg { annotation, ..arg }))
    }

    fn arg_ref(&mut self, arg: &'a Arg<'a>) -> Changed<&'a Arg<'a>> {
        Ok(self.arg(*arg)?.map(|arg| self.arena.alloc(arg)))
    }

    fn arguments(&mut self, arguments: &'a Arguments<'a>) -> Changed<&'a Arguments<'a>> {
        let Arguments { posonlyargs, args, vararg, kwonlyargs, kw_defaults, kwarg, defaults } = *arguments;
        Ok(remake!(
            posonlyargs = self.seq(posonlyargs, Self::arg),
            args = self.seq(args, Self::arg),
            vararg = self.optional(vararg, Self::arg_ref),
            kwonlyargs = self.seq(kwonlyargs, Self::arg),
            kw_defaults = self.seq(kw_defaults, Self::optional_expr),
            kwarg = self.optional(kwarg, Self::arg_ref),
            defaults = self.exprs(defaults)
            => self.arena.alloc(Arguments { posonlyargs, args, vararg, kwonlyargs, kw_defaults, kwarg, defaults })
        ))
    }

    fn keyword(&mut self, keyword: Keyword<'a>) -> Changed<Keyword<'a>> {
        Ok(self.expr(keyword.value)?.map(|value| Keyword { value, ..keyword }))
    }

    fn comprehension(&mut self, clause: Comprehension<'a>) -> Changed<Comprehension<'a>> {
        let Comprehension { target, iter, ifs, is_async } = clause;
        Ok(remake!(
            target = self.expr(target), iter = self.expr(iter), ifs = self.exprs(ifs)
            => Comprehension { target, iter, ifs, is_async }
        ))
    }

    fn expr(&mut self, expr: ExprRef<'a>) -> Changed<ExprRef<'a>> {
        self.guard.check()?;
        let kind = match expr.kind {
            ExprKind::Constant { .. } => None,
            ExprKind::Name { id: "__debug__", ctx: ExprContext::Load } => {
                let value = if self.optimize == 0 { Constant::True } else { Constant::False };
                Some(ExprKind::Constant { value, kind: None })
            }
            ExprKind::Name { .. } => None,
            ExprKind::BinOp { .. } => return self.binary_operations(expr),
            ExprKind::BoolOp { op, values } => {
                remake!(values = self.exprs(values) => ExprKind::BoolOp { op, values })
            }
            ExprKind::NamedExpr { target, value } => {
                remake!(value = self.expr(value) => ExprKind::NamedExpr { target, value })
            }
            ExprKind::UnaryOp { op, operand } => {
                remake!(operand = self.expr(operand) => ExprKind::UnaryOp { op, operand })
            }
            ExprKind::Lambda { args, body } => remake!(
                args = self.arguments(args), body = self.expr(body) => ExprKind::Lambda { args, body }
            ),
            ExprKind::IfExp { test, body, orelse } => remake!(
                test = self.expr(test), body = self.expr(body), orelse = self.expr(orelse)
                => ExprKind::IfExp { test, body, orelse }
            ),
            ExprKind::Dict { keys, values } => remake!(
                keys = self.seq(keys, Self::optional_expr), values = self.exprs(values)
                => ExprKind::Dict { keys, values }
            ),
            ExprKind::Set { elts } => remake!(elts = self.exprs(elts) => ExprKind::Set { elts }),
            ExprKind::ListComp { elt, generators } => remake!(
                elt = self.expr(elt), generators = self.seq(generators, Self::comprehension)
                => ExprKind::ListComp { elt, generators }
            ),
            ExprKind::SetComp { elt, generators } => remake!(
                elt = self.expr(elt), generators = self.seq(generators, Self::comprehension)
                => ExprKind::SetComp { elt, generators }
            ),
            ExprKind::DictComp { key, value, generators } => remake!(
                key = self.expr(key), value = self.expr(value), generators = self.seq(generators, Self::comprehension)
                => ExprKind::DictComp { key, value, generators }
            ),
            ExprKind::GeneratorExp { elt, generators } => remake!(
                elt = self.expr(elt), generators = self.seq(generators, Self::comprehension)
                => ExprKind::GeneratorExp { elt, generators }
            ),
            ExprKind::Await { value } => remake!(value = self.expr(value) => ExprKind::Await { value }),
            ExprKind::Yield { value } => remake!(value = self.optional_expr(value) => ExprKind::Yield { value }),
            ExprKind::YieldFrom { value } => remake!(value = self.expr(value) => ExprKind::YieldFrom { value }),
            ExprKind::Compare { left, ops, comparators } => remake!(
                left = self.expr(left), comparators = self.exprs(comparators)
                => ExprKind::Compare { left, ops, comparators }
            ),
            ExprKind::Call { func, args, keywords } => remake!(
                func = self.expr(func), args = self.exprs(args), keywords = self.seq(keywords, Self::keyword)
                => ExprKind::Call { func, args, keywords }
            ),
            ExprKind::FormattedValue { value, conversion, format_spec } => remake!(
                value = self.expr(value), format_spec = self.optional_expr(format_spec)
                => ExprKind::FormattedValue { value, conversion, format_spec }
            ),
            ExprKind::Interpolation(field) => {
                let Interpolation { value, format_spec, .. } = *field;
                remake!(
                    value = self.expr(value), format_spec = self.optional_expr(format_spec)
                    => ExprKind::Interpolation(self.arena.alloc(Interpolation { value, format_spec, ..*field }))
                )
            }
            ExprKind::JoinedStr { values } => {
                remake!(values = self.exprs(values) => ExprKind::JoinedStr { values })
            }
            ExprKind::TemplateStr { values } => {
                remake!(values = self.exprs(values) => ExprKind::TemplateStr { values })
            }
            ExprKind::Attribute { value, attr, ctx } => {
                remake!(value = self.expr(value) => ExprKind::Attribute { value, attr, ctx })
            }
            ExprKind::Subscript { value, slice, ctx } => remake!(
                value = self.expr(value), slice = self.expr(slice) => ExprKind::Subscript { value, slice, ctx }
            ),
            ExprKind::Starred { value, ctx } => {
                remake!(value = self.expr(value) => ExprKind::Starred { value, ctx })
            }
            ExprKind::Slice { lower, upper, step } => remake!(
                lower = self.optional_expr(lower), upper = self.optional_expr(upper), step = self.optional_expr(step)
                => ExprKind::Slice { lower, upper, step }
            ),
            ExprKind::List { elts, ctx } => remake!(elts = self.exprs(elts) => ExprKind::List { elts, ctx }),
            ExprKind::Tuple { elts, ctx } => remake!(elts = self.exprs(elts) => ExprKind::Tuple { elts, ctx }),
        };
        Ok(kind.map(|kind| self.arena.alloc(Expr { kind, range: expr.range })))
    }

    /// A chain such as `a + b + c` nests to the left; walking it in a loop keeps long ones off the stack.
    fn binary_operations(&mut self, expr: ExprRef<'a>) -> Changed<ExprRef<'a>> {
        let mut spine = Vec::new();
        let mut leftmost = expr;
        while let ExprKind::BinOp { left, op, right } = leftmost.kind {
            spine.push((leftmost, op, right));
            leftmost = left;
        }
        let mut new = self.expr(leftmost)?;
        let mut old = leftmost;
        for (node, op, right) in spine.into_iter().rev() {
            let new_right = self.expr(right)?;
            let (left, right) = (new.unwrap_or(old), new_right.unwrap_or(right));
            let kind = match percent_format(self.arena, left, op, right) {
                Some(kind) => Some(kind),
                None => (new.is_some() || new_right.is_some()).then_some(ExprKind::BinOp { left, op, right }),
            };
            new = kind.map(|kind| self.arena.alloc(Expr { kind, range: node.range }) as ExprRef<'a>);
            old = node;
        }
        Ok(new)
    }

    fn pattern(&mut self, pattern: PatternRef<'a>) -> Changed<PatternRef<'a>> {
        self.guard.check()?;
        let kind = match pattern.kind {
            PatternKind::MatchValue { value } => {
                self.pattern_number(value)?.map(|value| PatternKind::MatchValue { value })
            }
            PatternKind::MatchSingleton { .. } | PatternKind::MatchStar { .. } => None,
            PatternKind::MatchSequence { patterns } => {
                remake!(patterns = self.seq(patterns, Self::pattern) => PatternKind::MatchSequence { patterns })
            }
            PatternKind::MatchMapping { keys, patterns, rest } => remake!(
                keys = self.seq(keys, Self::pattern_number), patterns = self.seq(patterns, Self::pattern)
                => PatternKind::MatchMapping { keys, patterns, rest }
            ),
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => remake!(
                cls = self.expr(cls),
                patterns = self.seq(patterns, Self::pattern),
                kwd_patterns = self.seq(kwd_patterns, Self::pattern)
                => PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns }
            ),
            PatternKind::MatchAs { pattern: inner, name } => remake!(
                inner = self.optional(inner, Self::pattern) => PatternKind::MatchAs { pattern: inner, name }
            ),
            PatternKind::MatchOr { patterns } => {
                remake!(patterns = self.seq(patterns, Self::pattern) => PatternKind::MatchOr { patterns })
            }
        };
        Ok(kind.map(|kind| self.arena.alloc(Pattern { kind, range: pattern.range })))
    }

    /// Computes `-1` and `1 + 2j`, the only arithmetic in patterns.
    fn pattern_number(&mut self, expr: ExprRef<'a>) -> Changed<ExprRef<'a>> {
        let value = match expr.kind {
            ExprKind::UnaryOp { op: UnaryOp::USub, operand } => match operand.kind {
                ExprKind::Constant { value, .. } => self.negative(value),
                _ => None,
            },
            ExprKind::BinOp { left, op: op @ (Operator::Add | Operator::Sub), right } => {
                let ExprKind::Constant { value: Constant::Complex { real, imag }, .. } = right.kind else {
                    return Ok(None);
                };
                let left = self.pattern_number(left)?.unwrap_or(left);
                let number = match left.kind {
                    ExprKind::Constant { value: Constant::Int(Int::Small(number)), .. } => Some(number as f64),
                    ExprKind::Constant { value: Constant::Int(Int::Big(number)), .. } => big_to_f64(number),
                    ExprKind::Constant { value: Constant::Float(number), .. } => Some(number),
                    _ => None,
                };
                number.map(|number| match op {
                    Operator::Add => Constant::Complex { real: number + real, imag },
                    _ => Constant::Complex { real: number - real, imag: -imag },
                })
            }
            _ => None,
        };
        Ok(value.map(|value| {
            self.arena.alloc(Expr { kind: ExprKind::Constant { value, kind: None }, range: expr.range }) as ExprRef<'a>
        }))
    }

    fn negative(&self, value: Constant<'a>) -> Option<Constant<'a>> {
        Some(match value {
            Constant::Int(Int::Small(value)) => match value.checked_neg() {
                Some(value) => Constant::Int(Int::Small(value)),
                None => self.big("9223372036854775808", 10),
            },
            Constant::Int(Int::Big(BigInt { radix, digits })) => match digits.strip_prefix('-') {
                Some(positive) => self.big(positive, *radix),
                None => self.big(&format!("-{digits}"), *radix),
            },
            Constant::Float(value) => Constant::Float(-value),
            Constant::Complex { real, imag } => Constant::Complex { real: -real, imag: -imag },
            _ => return None,
        })
    }

    fn big(&self, digits: &str, radix: u32) -> Constant<'a> {
        Constant::Int(Int::Big(self.arena.alloc(BigInt { radix, digits: self.arena.str(digits) })))
    }
}

/// The nearest float, if there is one.
fn big_to_f64(number: &BigInt<'_>) -> Option<f64> {
    let value = oriel_bytecode::IBig::from_str_radix(number.digits, number.radix).ok()?;
    let float = value.to_f64().value();
    float.is_finite().then_some(float)
}

/// A constant without a place in the source.
pub(crate) fn placeless_string<'a>(arena: &'a Arena, text: Text<'a>) -> ExprRef<'a> {
    arena.alloc(Expr { kind: ExprKind::Constant { value: Constant::Str(text), kind: None }, range: NO_LOCATION })
}

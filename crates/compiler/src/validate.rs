//! Checks of a tree that a program made: what the parser can never produce but the compiler relies on. Messages are
//! CPython's.

use oriel_syntax::SyntaxError;
use oriel_syntax::ast::*;

use crate::Options;
use crate::error::{CompileError, Location, NO_LOCATION, StackGuard};

type Checked = Result<(), CompileError>;

/// Checks a whole tree.
///
/// # Errors
/// The ValueError or TypeError that CPython raises for the same tree.
pub fn validate(module: &Mod<'_>, options: &Options) -> Result<(), SyntaxError> {
    let validator = Validator { guard: StackGuard::with_budget(options.stack_budget) };
    let checked = match module {
        Mod::Module { body, .. } | Mod::Interactive { body } => validator.stmts(body),
        Mod::Expression { body } => validator.load(body),
        Mod::FunctionType { argtypes, returns } => validator.loads(argtypes).and_then(|()| validator.load(returns)),
    };
    checked.map_err(|error| *error.0)
}

struct Validator {
    guard: StackGuard,
}

fn wrong(message: impl Into<String>, location: Location) -> Checked {
    Err(CompileError::invalid_tree(message, location))
}

fn unless(is_wrong: bool, message: &str, location: Location) -> Checked {
    if is_wrong { wrong(message, location) } else { Ok(()) }
}

fn context_name(context: ExprContext) -> &'static str {
    match context {
        ExprContext::Load => "Load",
        ExprContext::Store => "Store",
        ExprContext::Del => "Del",
    }
}

fn name(name: &str) -> Checked {
    if matches!(name, "None" | "True" | "False") {
        return wrong(format!("identifier field can't represent '{name}' constant"), NO_LOCATION);
    }
    Ok(())
}

fn names<'a>(all: impl IntoIterator<Item = &'a str>) -> Checked {
    all.into_iter().try_for_each(name)
}

/// A name that a pattern binds.
fn capture(target: &str) -> Checked {
    unless(target == "_", "can't capture name '_' in patterns", NO_LOCATION)?;
    name(target)
}

fn some<T>(items: &[T], what: &str, owner: &str) -> Checked {
    if items.is_empty() { wrong(format!("empty {what} on {owner}"), NO_LOCATION) } else { Ok(()) }
}

impl Validator {
    fn load(&self, expr: ExprRef<'_>) -> Checked {
        self.expr(expr, ExprContext::Load)
    }

    fn load_opt(&self, expr: Option<ExprRef<'_>>) -> Checked {
        expr.map_or(Ok(()), |expr| self.load(expr))
    }

    fn loads(&self, exprs: &[ExprRef<'_>]) -> Checked {
        self.exprs(exprs, ExprContext::Load)
    }

    fn exprs(&self, exprs: &[ExprRef<'_>], context: ExprContext) -> Checked {
        exprs.iter().try_for_each(|expr| self.expr(expr, context))
    }

    fn keywords(&self, keywords: &[Keyword<'_>]) -> Checked {
        keywords.iter().try_for_each(|keyword| self.load(keyword.value))
    }

    fn expr(&self, expr: ExprRef<'_>, context: ExprContext) -> Checked {
        self.guard.check()?;
        let actual = match &expr.kind {
            ExprKind::Name { id, ctx } => {
                name(id)?;
                Some(*ctx)
            }
            ExprKind::Attribute { ctx, .. }
            | ExprKind::Subscript { ctx, .. }
            | ExprKind::Starred { ctx, .. }
            | ExprKind::List { ctx, .. }
            | ExprKind::Tuple { ctx, .. } => Some(*ctx),
            _ => None,
        };
        match actual {
            None if context != ExprContext::Load => {
                let context = context_name(context);
                return wrong(format!("expression which can't be assigned to in {context} context"), expr.range);
            }
            Some(actual) if actual != context => {
                let (context, actual) = (context_name(context), context_name(actual));
                return wrong(format!("expression must have {context} context but has {actual} instead"), expr.range);
            }
            _ => {}
        }
        self.parts(expr, context)
    }

    fn parts(&self, expr: ExprRef<'_>, context: ExprContext) -> Checked {
        let range = expr.range;
        match &expr.kind {
            ExprKind::BoolOp { values, .. } => {
                unless(values.len() < 2, "BoolOp with less than 2 values", range)?;
                self.loads(values)
            }
            ExprKind::BinOp { left, right, .. } => self.loads(&[left, right]),
            ExprKind::UnaryOp { operand, .. } => self.load(operand),
            ExprKind::Lambda { args, body } => {
                self.arguments(args)?;
                self.load(body)
            }
            ExprKind::IfExp { test, body, orelse } => self.loads(&[test, body, orelse]),
            ExprKind::Dict { keys, values } => {
                let differ = keys.len() != values.len();
                unless(differ, "Dict doesn't have the same number of keys as values", range)?;
                keys.iter().try_for_each(|key| self.load_opt(*key))?;
                self.loads(values)
            }
            ExprKind::Set { elts } => self.loads(elts),
            ExprKind::ListComp { elt, generators }
            | ExprKind::SetComp { elt, generators }
            | ExprKind::GeneratorExp { elt, generators } => {
                self.comprehensions(generators)?;
                self.load(elt)
            }
            ExprKind::DictComp { key, value, generators } => {
                self.comprehensions(generators)?;
                self.loads(&[key, value])
            }
            ExprKind::Yield { value } => self.load_opt(*value),
            ExprKind::YieldFrom { value } | ExprKind::Await { value } | ExprKind::Attribute { value, .. } => {
                self.load(value)
            }
            ExprKind::Compare { left, ops, comparators } => {
                unless(comparators.is_empty(), "Compare with no comparators", range)?;
                let differ = comparators.len() != ops.len();
                unless(differ, "Compare has a different number of comparators and operands", range)?;
                self.loads(comparators)?;
                self.load(left)
            }
            ExprKind::Call { func, args, keywords } => {
                self.load(func)?;
                self.loads(args)?;
                self.keywords(keywords)
            }
            ExprKind::FormattedValue { value, format_spec, .. } => {
                self.load(value)?;
                self.load_opt(*format_spec)
            }
            ExprKind::Interpolation(interpolation) => {
                self.load(interpolation.value)?;
                self.load_opt(interpolation.format_spec)
            }
            ExprKind::JoinedStr { values } | ExprKind::TemplateStr { values } => self.loads(values),
            ExprKind::Subscript { value, slice, .. } => self.loads(&[slice, value]),
            ExprKind::Starred { value, .. } => self.expr(value, context),
            ExprKind::Slice { lower, upper, step } => {
                [*lower, *upper, *step].into_iter().try_for_each(|part| self.load_opt(part))
            }
            ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => self.exprs(elts, context),
            ExprKind::NamedExpr { target, value } => {
                if !matches!(target.kind, ExprKind::Name { .. }) {
                    return Err(CompileError::wrong_node("NamedExpr target must be a Name", range));
                }
                self.load(value)
            }
            ExprKind::Name { .. } | ExprKind::Constant { .. } => Ok(()),
        }
    }

    fn comprehensions(&self, generators: &[Comprehension<'_>]) -> Checked {
        unless(generators.is_empty(), "comprehension with no generators", NO_LOCATION)?;
        generators.iter().try_for_each(|generator| {
            self.expr(generator.target, ExprContext::Store)?;
            self.load(generator.iter)?;
            self.loads(generator.ifs)
        })
    }

    fn arguments(&self, arguments: &Arguments<'_>) -> Checked {
        let Arguments { posonlyargs, args, vararg, kwonlyargs, kw_defaults, kwarg, defaults } = arguments;
        let parameters = posonlyargs.iter().chain(*args).chain(*vararg).chain(*kwonlyargs).chain(*kwarg);
        parameters.map(|parameter| parameter.annotation).try_for_each(|annotation| self.load_opt(annotation))?;
        let many = defaults.len() > posonlyargs.len() + args.len();
        unless(many, "more positional defaults than args on arguments", NO_LOCATION)?;
        let differ = kw_defaults.len() != kwonlyargs.len();
        unless(differ, "length of kwonlyargs is not the same as kw_defaults on arguments", NO_LOCATION)?;
        self.loads(defaults)?;
        kw_defaults.iter().try_for_each(|default| self.load_opt(*default))
    }

    fn type_params(&self, parameters: &[TypeParam<'_>]) -> Checked {
        parameters.iter().try_for_each(|parameter| match &parameter.kind {
            TypeParamKind::TypeVar { name: own, bound, default_value } => {
                name(own)?;
                self.load_opt(*bound)?;
                self.load_opt(*default_value)
            }
            TypeParamKind::ParamSpec { name: own, default_value }
            | TypeParamKind::TypeVarTuple { name: own, default_value } => {
                name(own)?;
                self.load_opt(*default_value)
            }
        })
    }

    fn body(&self, body: &[StmtRef<'_>], owner: &str) -> Checked {
        some(body, "body", owner)?;
        self.stmts(body)
    }

    fn stmts(&self, body: &[StmtRef<'_>]) -> Checked {
        body.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    fn stmt(&self, stmt: StmtRef<'_>) -> Checked {
        self.guard.check()?;
        let range = stmt.range;
        match &stmt.kind {
            StmtKind::FunctionDef(function) => self.function(function, "FunctionDef"),
            StmtKind::AsyncFunctionDef(function) => self.function(function, "AsyncFunctionDef"),
            StmtKind::ClassDef(class) => {
                name(class.name)?;
                self.body(class.body, "ClassDef")?;
                self.type_params(class.type_params)?;
                self.loads(class.bases)?;
                self.keywords(class.keywords)?;
                self.loads(class.decorator_list)
            }
            StmtKind::Return { value } => self.load_opt(*value),
            StmtKind::Delete { targets } => {
                some(targets, "targets", "Delete")?;
                self.exprs(targets, ExprContext::Del)
            }
            StmtKind::Assign { targets, value, .. } => {
                some(targets, "targets", "Assign")?;
                self.exprs(targets, ExprContext::Store)?;
                self.load(value)
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target, ExprContext::Store)?;
                self.load(value)
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                if *simple && !matches!(target.kind, ExprKind::Name { .. }) {
                    return Err(CompileError::wrong_node("AnnAssign with simple non-Name target", range));
                }
                self.expr(target, ExprContext::Store)?;
                self.load_opt(*value)?;
                self.load(annotation)
            }
            StmtKind::TypeAlias { name, type_params, value } => {
                if !matches!(name.kind, ExprKind::Name { .. }) {
                    return Err(CompileError::wrong_node("TypeAlias with non-Name name", range));
                }
                self.expr(name, ExprContext::Store)?;
                self.type_params(type_params)?;
                self.load(value)
            }
            StmtKind::For(body) => self.for_loop(body, "For"),
            StmtKind::AsyncFor(body) => self.for_loop(body, "AsyncFor"),
            StmtKind::While { test, body, orelse } => {
                self.load(test)?;
                self.body(body, "While")?;
                self.stmts(orelse)
            }
            StmtKind::If { test, body, orelse } => {
                self.load(test)?;
                self.body(body, "If")?;
                self.stmts(orelse)
            }
            StmtKind::With(with) => self.with(with, "With"),
            StmtKind::AsyncWith(with) => self.with(with, "AsyncWith"),
            StmtKind::Match { subject, cases } => {
                self.load(subject)?;
                some(cases, "cases", "Match")?;
                cases.iter().try_for_each(|case| {
                    self.pattern(case.pattern, false)?;
                    self.load_opt(case.guard)?;
                    self.body(case.body, "match_case")
                })
            }
            StmtKind::Raise { exc: None, cause } => unless(cause.is_some(), "Raise with cause but no exception", range),
            StmtKind::Raise { exc, cause } => {
                self.load_opt(*exc)?;
                self.load_opt(*cause)
            }
            StmtKind::Try(body) => self.try_stmt(body, "Try", range),
            StmtKind::TryStar(body) => self.try_stmt(body, "TryStar", range),
            StmtKind::Assert { test, msg } => {
                self.load(test)?;
                self.load_opt(*msg)
            }
            StmtKind::Import { names } => self.aliases(names, "Import"),
            StmtKind::ImportFrom { names, level, .. } => {
                unless(*level < 0, "Negative ImportFrom level", range)?;
                self.aliases(names, "ImportFrom")
            }
            StmtKind::Global { names } => some(names, "names", "Global"),
            StmtKind::Nonlocal { names } => some(names, "names", "Nonlocal"),
            StmtKind::Expr { value } => self.load(value),
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => Ok(()),
        }
    }

    fn function(&self, function: &FunctionDef<'_>, owner: &str) -> Checked {
        name(function.name)?;
        self.body(function.body, owner)?;
        self.type_params(function.type_params)?;
        self.arguments(function.args)?;
        self.loads(function.decorator_list)?;
        self.load_opt(function.returns)
    }

    fn for_loop(&self, body: &For<'_>, owner: &str) -> Checked {
        self.expr(body.target, ExprContext::Store)?;
        self.load(body.iter)?;
        self.body(body.body, owner)?;
        self.stmts(body.orelse)
    }

    fn with(&self, with: &With<'_>, owner: &str) -> Checked {
        some(with.items, "items", owner)?;
        for item in with.items {
            self.load(item.context_expr)?;
            if let Some(target) = item.optional_vars {
                self.expr(target, ExprContext::Store)?;
            }
        }
        self.body(with.body, owner)
    }

    fn try_stmt(&self, body: &Try<'_>, owner: &str, range: Location) -> Checked {
        self.body(body.body, owner)?;
        if body.handlers.is_empty() {
            if body.finalbody.is_empty() {
                return wrong(format!("{owner} has neither except handlers nor finalbody"), range);
            }
            if !body.orelse.is_empty() {
                return wrong(format!("{owner} has orelse but no except handlers"), range);
            }
        }
        for handler in body.handlers {
            names(handler.name)?;
            self.load_opt(handler.typ)?;
            self.body(handler.body, "ExceptHandler")?;
        }
        self.stmts(body.finalbody)?;
        self.stmts(body.orelse)
    }

    fn aliases(&self, aliases: &[Alias<'_>], owner: &str) -> Checked {
        some(aliases, "names", owner)?;
        aliases.iter().try_for_each(|alias| names(std::iter::once(alias.name).chain(alias.asname)))
    }

    fn patterns(&self, patterns: &[PatternRef<'_>], star: bool) -> Checked {
        patterns.iter().try_for_each(|pattern| self.pattern(pattern, star))
    }

    fn pattern(&self, pattern: PatternRef<'_>, star: bool) -> Checked {
        self.guard.check()?;
        let range = pattern.range;
        match &pattern.kind {
            PatternKind::MatchValue { value } => self.pattern_value(value),
            PatternKind::MatchSingleton { value } => {
                let single = matches!(value, Constant::None | Constant::True | Constant::False);
                unless(!single, "MatchSingleton can only contain True, False and None", range)
            }
            PatternKind::MatchSequence { patterns } => self.patterns(patterns, true),
            PatternKind::MatchMapping { keys, patterns, rest } => {
                let differ = keys.len() != patterns.len();
                unless(differ, "MatchMapping doesn't have the same number of keys as patterns", range)?;
                rest.map_or(Ok(()), capture)?;
                for key in *keys {
                    if !matches!(
                        key.kind,
                        ExprKind::Constant { value: Constant::None | Constant::True | Constant::False, .. }
                    ) {
                        self.pattern_value(key)?;
                    }
                }
                self.patterns(patterns, false)
            }
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
                let differ = kwd_attrs.len() != kwd_patterns.len();
                unless(differ, "MatchClass doesn't have the same number of keyword attributes as patterns", range)?;
                self.load(cls)?;
                let mut class = *cls;
                while let ExprKind::Attribute { value, .. } = &class.kind {
                    class = value;
                }
                let named = matches!(class.kind, ExprKind::Name { .. });
                unless(!named, "MatchClass cls field can only contain Name or Attribute nodes.", range)?;
                names(kwd_attrs.iter().copied())?;
                self.patterns(patterns, false)?;
                self.patterns(kwd_patterns, false)
            }
            PatternKind::MatchStar { name } => {
                unless(!star, "can't use MatchStar here", range)?;
                name.map_or(Ok(()), capture)
            }
            PatternKind::MatchAs { pattern, name } => {
                name.map_or(Ok(()), capture)?;
                let Some(inner) = pattern else { return Ok(()) };
                unless(name.is_none(), "MatchAs must specify a target name if a pattern is given", range)?;
                self.pattern(inner, false)
            }
            PatternKind::MatchOr { patterns } => {
                unless(patterns.len() < 2, "MatchOr requires at least 2 patterns", range)?;
                self.patterns(patterns, false)
            }
        }
    }

    fn pattern_value(&self, value: ExprRef<'_>) -> Checked {
        self.load(value)?;
        let allowed = match &value.kind {
            ExprKind::Constant { value: constant, .. } => {
                let literal = matches!(
                    constant,
                    Constant::Int(_)
                        | Constant::Float(_)
                        | Constant::Bytes(_)
                        | Constant::Complex { .. }
                        | Constant::Str(_)
                );
                return unless(!literal, "unexpected constant inside of a literal pattern", value.range);
            }
            // What is wrong with strings of parts is said later.
            ExprKind::Attribute { .. } | ExprKind::JoinedStr { .. } | ExprKind::TemplateStr { .. } => true,
            ExprKind::UnaryOp { .. } => is_negative(value, true),
            ExprKind::BinOp { left, op: Operator::Add | Operator::Sub, right } => {
                (is_number(left, true, false) || is_negative(left, false)) && is_number(right, false, true)
            }
            _ => false,
        };
        unless(!allowed, "patterns may only match literals and attribute lookups", value.range)
    }
}

fn is_number(expr: ExprRef<'_>, real: bool, imaginary: bool) -> bool {
    match &expr.kind {
        ExprKind::Constant { value: Constant::Int(_) | Constant::Float(_), .. } => real,
        ExprKind::Constant { value: Constant::Complex { .. }, .. } => imaginary,
        _ => false,
    }
}

fn is_negative(expr: ExprRef<'_>, imaginary: bool) -> bool {
    matches!(&expr.kind, ExprKind::UnaryOp { op: UnaryOp::USub, operand } if is_number(operand, true, imaginary))
}

//! The tree as text: what Python's `ast.dump` gives, with or without positions.

use crate::ast::*;
use crate::repr;
use std::fmt::Write;

/// How deep a tree may be for its dump.
const MAX_DEPTH: usize = 3000;
/// The native stack that takes.
const STACK_NEEDED: usize = if cfg!(debug_assertions) { 64 << 20 } else { 8 << 20 };

/// The tree as `ast.dump(tree, include_attributes=positions)` prints it; nothing if it is too deep.
#[must_use]
pub fn dump(tree: &Mod<'_>, positions: bool) -> Option<String> {
    let mut dumper = Dumper { out: String::new(), positions, depth: 0, too_deep: false, indent: None };
    stacker::maybe_grow(STACK_NEEDED, STACK_NEEDED * 2, || tree.write(&mut dumper));
    (!dumper.too_deep).then_some(dumper.out)
}

/// The tree as `ast.dump(tree, include_attributes=positions, indent=indent)` prints it; nothing if it is too deep.
#[must_use]
pub fn dump_indented(tree: &Mod<'_>, positions: bool, indent: usize) -> Option<String> {
    let mut dumper = Dumper { out: String::new(), positions, depth: 0, too_deep: false, indent: Some(indent) };
    stacker::maybe_grow(STACK_NEEDED, STACK_NEEDED * 2, || tree.write(&mut dumper));
    (!dumper.too_deep).then_some(dumper.out)
}

struct Dumper {
    out: String,
    positions: bool,
    depth: usize,
    too_deep: bool,
    indent: Option<usize>,
}

/// What can stand in a field of a node.
trait Field {
    /// Whether the field is left out.
    fn is_absent(&self) -> bool {
        false
    }
    /// Whether it fits into its parent's line.
    fn is_simple(&self, _positions: bool) -> bool {
        true
    }
    fn write(&self, dumper: &mut Dumper);
}

type Pairs<'x> = [(&'static str, &'x dyn Field)];

impl Dumper {
    fn node(&mut self, name: &str, fields: &Pairs<'_>, range: Option<Range>) {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.too_deep = true;
            return;
        }
        self.out.push_str(name);
        self.out.push('(');
        let place = range.filter(|_| self.positions);
        let mut present = fields.iter().filter(|(_, field)| !field.is_absent());
        // A node whose parts are plain and few is written in one line.
        let count = present.clone().count() + if place.is_some() { 4 } else { 0 };
        let one_line =
            self.indent.is_none() || (count <= 3 && present.all(|(_, field)| field.is_simple(self.positions)));
        let mut first = true;
        for (name, field) in fields {
            if field.is_absent() {
                continue;
            }
            self.separate(&mut first, one_line);
            self.out.push_str(name);
            self.out.push('=');
            field.write(self);
        }
        if let Some(range) = place {
            for (name, value) in [
                ("lineno", range.lineno),
                ("col_offset", range.col_offset),
                ("end_lineno", range.end_lineno),
                ("end_col_offset", range.end_col_offset),
            ] {
                self.separate(&mut first, one_line);
                let _ = write!(self.out, "{name}={value}");
            }
        }
        self.out.push(')');
        self.depth -= 1;
    }

    fn separate(&mut self, first: &mut bool, one_line: bool) {
        let was_first = std::mem::replace(first, false);
        if one_line {
            if !was_first {
                self.out.push_str(", ");
            }
            return;
        }
        if !was_first {
            self.out.push(',');
        }
        self.new_line();
    }

    fn new_line(&mut self) {
        if let Some(width) = self.indent {
            self.out.push('\n');
            for _ in 0..width * self.depth {
                self.out.push(' ');
            }
        }
    }
}

impl<T: Field> Field for [T] {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
    fn is_simple(&self, _positions: bool) -> bool {
        self.is_empty()
    }
    fn write(&self, dumper: &mut Dumper) {
        dumper.out.push('[');
        dumper.depth += 1;
        let mut first = true;
        for item in self {
            dumper.separate(&mut first, dumper.indent.is_none());
            item.write(dumper);
        }
        dumper.depth -= 1;
        dumper.out.push(']');
    }
}

impl<T: Field + ?Sized> Field for &T {
    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }
    fn is_simple(&self, positions: bool) -> bool {
        (**self).is_simple(positions)
    }
    fn write(&self, dumper: &mut Dumper) {
        (**self).write(dumper);
    }
}

impl<T: Field> Field for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
    fn is_simple(&self, positions: bool) -> bool {
        self.as_ref().is_none_or(|value| value.is_simple(positions))
    }
    fn write(&self, dumper: &mut Dumper) {
        match self {
            Some(value) => value.write(dumper),
            None => dumper.out.push_str("None"),
        }
    }
}

impl Field for str {
    fn write(&self, dumper: &mut Dumper) {
        repr::string(&mut dumper.out, &Text::Utf8(self));
    }
}

impl Field for i32 {
    fn write(&self, dumper: &mut Dumper) {
        let _ = write!(dumper.out, "{self}");
    }
}

impl Field for bool {
    fn write(&self, dumper: &mut Dumper) {
        dumper.out.push(if *self { '1' } else { '0' });
    }
}

impl Field for Constant<'_> {
    fn write(&self, dumper: &mut Dumper) {
        repr::constant(&mut dumper.out, self);
    }
}

macro_rules! word_fields {
    ($($type:ty),*) => { $(
        impl Field for $type {
            fn write(&self, dumper: &mut Dumper) {
                let _ = write!(dumper.out, "{self:?}()");
            }
        }
    )* };
}

word_fields!(ExprContext, BoolOp, Operator, UnaryOp, CmpOp);

/// Writes a node: its name and its fields, each named like the variable that holds it.
macro_rules! node {
    ($dumper:ident, $name:literal, $range:expr $(, $field:ident)*) => {
        $dumper.node($name, &[$((field_name(stringify!($field)), $field)),*], $range)
    };
}

/// The ASDL's name of a field whose name is a keyword in Rust.
fn field_name(name: &'static str) -> &'static str {
    match name {
        "typ" => "type",
        _ => name,
    }
}

impl Field for Mod<'_> {
    fn write(&self, d: &mut Dumper) {
        match self {
            Mod::Module { body, type_ignores } => node!(d, "Module", None, body, type_ignores),
            Mod::Interactive { body } => node!(d, "Interactive", None, body),
            Mod::Expression { body } => node!(d, "Expression", None, body),
            Mod::FunctionType { argtypes, returns } => node!(d, "FunctionType", None, argtypes, returns),
        }
    }
}

impl Field for TypeIgnore<'_> {
    fn write(&self, d: &mut Dumper) {
        let TypeIgnore { lineno, tag } = self;
        node!(d, "TypeIgnore", None, lineno, tag);
    }
}

impl Field for Stmt<'_> {
    fn is_simple(&self, _positions: bool) -> bool {
        false
    }

    fn write(&self, d: &mut Dumper) {
        let range = Some(self.range);
        match &self.kind {
            StmtKind::FunctionDef(def) | StmtKind::AsyncFunctionDef(def) => {
                let FunctionDef { name, args, body, decorator_list, returns, type_comment, type_params } = def;
                if matches!(self.kind, StmtKind::FunctionDef(_)) {
                    node!(
                        d,
                        "FunctionDef",
                        range,
                        name,
                        args,
                        body,
                        decorator_list,
                        returns,
                        type_comment,
                        type_params
                    );
                } else {
                    node!(
                        d,
                        "AsyncFunctionDef",
                        range,
                        name,
                        args,
                        body,
                        decorator_list,
                        returns,
                        type_comment,
                        type_params
                    );
                }
            }
            StmtKind::ClassDef(ClassDef { name, bases, keywords, body, decorator_list, type_params }) => {
                node!(d, "ClassDef", range, name, bases, keywords, body, decorator_list, type_params);
            }
            StmtKind::Return { value } => node!(d, "Return", range, value),
            StmtKind::Delete { targets } => node!(d, "Delete", range, targets),
            StmtKind::Assign { targets, value, type_comment } => {
                node!(d, "Assign", range, targets, value, type_comment);
            }
            StmtKind::TypeAlias { name, type_params, value } => node!(d, "TypeAlias", range, name, type_params, value),
            StmtKind::AugAssign { target, op, value } => node!(d, "AugAssign", range, target, op, value),
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                node!(d, "AnnAssign", range, target, annotation, value, simple);
            }
            StmtKind::For(For { target, iter, body, orelse, type_comment }) => {
                node!(d, "For", range, target, iter, body, orelse, type_comment);
            }
            StmtKind::AsyncFor(For { target, iter, body, orelse, type_comment }) => {
                node!(d, "AsyncFor", range, target, iter, body, orelse, type_comment);
            }
            StmtKind::While { test, body, orelse } => node!(d, "While", range, test, body, orelse),
            StmtKind::If { test, body, orelse } => node!(d, "If", range, test, body, orelse),
            StmtKind::With(With { items, body, type_comment }) => node!(d, "With", range, items, body, type_comment),
            StmtKind::AsyncWith(With { items, body, type_comment }) => {
                node!(d, "AsyncWith", range, items, body, type_comment);
            }
            StmtKind::Match { subject, cases } => node!(d, "Match", range, subject, cases),
            StmtKind::Raise { exc, cause } => node!(d, "Raise", range, exc, cause),
            StmtKind::Try(Try { body, handlers, orelse, finalbody }) => {
                node!(d, "Try", range, body, handlers, orelse, finalbody);
            }
            StmtKind::TryStar(Try { body, handlers, orelse, finalbody }) => {
                node!(d, "TryStar", range, body, handlers, orelse, finalbody);
            }
            StmtKind::Assert { test, msg } => node!(d, "Assert", range, test, msg),
            StmtKind::Import { names } => node!(d, "Import", range, names),
            StmtKind::ImportFrom { module, names, level } => node!(d, "ImportFrom", range, module, names, level),
            StmtKind::Global { names } => node!(d, "Global", range, names),
            StmtKind::Nonlocal { names } => node!(d, "Nonlocal", range, names),
            StmtKind::Expr { value } => node!(d, "Expr", range, value),
            StmtKind::Pass => node!(d, "Pass", range),
            StmtKind::Break => node!(d, "Break", range),
            StmtKind::Continue => node!(d, "Continue", range),
        }
    }
}

impl Field for Expr<'_> {
    /// Only an expression without any part is.
    fn is_simple(&self, positions: bool) -> bool {
        !positions
            && match self.kind {
                ExprKind::Yield { value } => value.is_none(),
                ExprKind::JoinedStr { values } | ExprKind::TemplateStr { values } => values.is_empty(),
                ExprKind::Set { elts } => elts.is_empty(),
                ExprKind::Dict { keys, .. } => keys.is_empty(),
                ExprKind::Slice { lower, upper, step } => lower.is_none() && upper.is_none() && step.is_none(),
                _ => false,
            }
    }

    fn write(&self, d: &mut Dumper) {
        let range = Some(self.range);
        match &self.kind {
            ExprKind::BoolOp { op, values } => node!(d, "BoolOp", range, op, values),
            ExprKind::NamedExpr { target, value } => node!(d, "NamedExpr", range, target, value),
            ExprKind::BinOp { left, op, right } => node!(d, "BinOp", range, left, op, right),
            ExprKind::UnaryOp { op, operand } => node!(d, "UnaryOp", range, op, operand),
            ExprKind::Lambda { args, body } => node!(d, "Lambda", range, args, body),
            ExprKind::IfExp { test, body, orelse } => node!(d, "IfExp", range, test, body, orelse),
            ExprKind::Dict { keys, values } => node!(d, "Dict", range, keys, values),
            ExprKind::Set { elts } => node!(d, "Set", range, elts),
            ExprKind::ListComp { elt, generators } => node!(d, "ListComp", range, elt, generators),
            ExprKind::SetComp { elt, generators } => node!(d, "SetComp", range, elt, generators),
            ExprKind::DictComp { key, value, generators } => node!(d, "DictComp", range, key, value, generators),
            ExprKind::GeneratorExp { elt, generators } => node!(d, "GeneratorExp", range, elt, generators),
            ExprKind::Await { value } => node!(d, "Await", range, value),
            ExprKind::Yield { value } => node!(d, "Yield", range, value),
            ExprKind::YieldFrom { value } => node!(d, "YieldFrom", range, value),
            ExprKind::Compare { left, ops, comparators } => node!(d, "Compare", range, left, ops, comparators),
            ExprKind::Call { func, args, keywords } => node!(d, "Call", range, func, args, keywords),
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                node!(d, "FormattedValue", range, value, conversion, format_spec);
            }
            ExprKind::Interpolation(Interpolation { value, str, conversion, format_spec }) => {
                node!(d, "Interpolation", range, value, str, conversion, format_spec);
            }
            ExprKind::JoinedStr { values } => node!(d, "JoinedStr", range, values),
            ExprKind::TemplateStr { values } => node!(d, "TemplateStr", range, values),
            ExprKind::Constant { value, kind } => node!(d, "Constant", range, value, kind),
            ExprKind::Attribute { value, attr, ctx } => node!(d, "Attribute", range, value, attr, ctx),
            ExprKind::Subscript { value, slice, ctx } => node!(d, "Subscript", range, value, slice, ctx),
            ExprKind::Starred { value, ctx } => node!(d, "Starred", range, value, ctx),
            ExprKind::Name { id, ctx } => node!(d, "Name", range, id, ctx),
            ExprKind::List { elts, ctx } => node!(d, "List", range, elts, ctx),
            ExprKind::Tuple { elts, ctx } => node!(d, "Tuple", range, elts, ctx),
            ExprKind::Slice { lower, upper, step } => node!(d, "Slice", range, lower, upper, step),
        }
    }
}

impl Field for Comprehension<'_> {
    fn is_simple(&self, _positions: bool) -> bool {
        false
    }
    fn write(&self, d: &mut Dumper) {
        let Comprehension { target, iter, ifs, is_async } = self;
        node!(d, "comprehension", None, target, iter, ifs, is_async);
    }
}

impl Field for ExceptHandler<'_> {
    fn is_simple(&self, _positions: bool) -> bool {
        false
    }
    fn write(&self, d: &mut Dumper) {
        let ExceptHandler { typ, name, body, range } = self;
        node!(d, "ExceptHandler", Some(*range), typ, name, body);
    }
}

impl Field for Arguments<'_> {
    fn is_simple(&self, _positions: bool) -> bool {
        self.posonlyargs.is_empty()
            && self.args.is_empty()
            && self.vararg.is_none()
            && self.kwonlyargs.is_empty()
            && self.kwarg.is_none()
    }
    fn write(&self, d: &mut Dumper) {
        let Arguments { posonlyargs, args, vararg, kwonlyargs, kw_defaults, kwarg, defaults } = self;
        node!(d, "arguments", None, posonlyargs, args, vararg, kwonlyargs, kw_defaults, kwarg, defaults);
    }
}

impl Field for Arg<'_> {
    fn is_simple(&self, _positions: bool) -> bool {
        false
    }
    fn write(&self, d: &mut Dumper) {
        let Arg { arg, annotation, type_comment, range } = self;
        node!(d, "arg", Some(*range), arg, annotation, type_comment);
    }
}

impl Field for Keyword<'_> {
    fn is_simple(&self, _positions: bool) -> bool {
        false
    }
    fn write(&self, d: &mut Dumper) {
        let Keyword { arg, value, range } = self;
        node!(d, "keyword", Some(*range), arg, value);
    }
}

impl Field for Alias<'_> {
    fn is_simple(&self, _positions: bool) -> bool {
        false
    }
    fn write(&self, d: &mut Dumper) {
        let Alias { name, asname, range } = self;
        node!(d, "alias", Some(*range), name, asname);
    }
}

impl Field for WithItem<'_> {
    fn is_simple(&self, _positions: bool) -> bool {
        false
    }
    fn write(&self, d: &mut Dumper) {
        let WithItem { context_expr, optional_vars } = self;
        node!(d, "withitem", None, context_expr, optional_vars);
    }
}

impl Field for MatchCase<'_> {
    fn is_simple(&self, _positions: bool) -> bool {
        false
    }
    fn write(&self, d: &mut Dumper) {
        let MatchCase { pattern, guard, body } = self;
        node!(d, "match_case", None, pattern, guard, body);
    }
}

impl Field for Pattern<'_> {
    fn is_simple(&self, _positions: bool) -> bool {
        false
    }
    fn write(&self, d: &mut Dumper) {
        let range = Some(self.range);
        match &self.kind {
            PatternKind::MatchValue { value } => node!(d, "MatchValue", range, value),
            PatternKind::MatchSingleton { value } => node!(d, "MatchSingleton", range, value),
            PatternKind::MatchSequence { patterns } => node!(d, "MatchSequence", range, patterns),
            PatternKind::MatchMapping { keys, patterns, rest } => {
                node!(d, "MatchMapping", range, keys, patterns, rest);
            }
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
                node!(d, "MatchClass", range, cls, patterns, kwd_attrs, kwd_patterns);
            }
            PatternKind::MatchStar { name } => node!(d, "MatchStar", range, name),
            PatternKind::MatchAs { pattern, name } => node!(d, "MatchAs", range, pattern, name),
            PatternKind::MatchOr { patterns } => node!(d, "MatchOr", range, patterns),
        }
    }
}

impl Field for TypeParam<'_> {
    fn is_simple(&self, _positions: bool) -> bool {
        false
    }
    fn write(&self, d: &mut Dumper) {
        let range = Some(self.range);
        match &self.kind {
            TypeParamKind::TypeVar { name, bound, default_value } => {
                node!(d, "TypeVar", range, name, bound, default_value);
            }
            TypeParamKind::ParamSpec { name, default_value } => node!(d, "ParamSpec", range, name, default_value),
            TypeParamKind::TypeVarTuple { name, default_value } => {
                node!(d, "TypeVarTuple", range, name, default_value);
            }
        }
    }
}

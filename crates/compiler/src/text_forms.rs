//! Source text of expressions: what annotations become under `from __future__ import annotations`.
//!
//! The text is that of CPython's compiler, which differs in small ways from that of `ast.unparse`.

use oriel_syntax::ast::{
    Arg, Arguments, BoolOp, CmpOp, Comprehension, Constant, Expr, ExprKind, ExprRef, Keyword, Operator, Text, UnaryOp,
};
use oriel_syntax::repr;

use crate::error::{CompileError, StackGuard};

/// The text of an annotation.
pub(crate) fn annotation(annotation: ExprRef<'_>, guard: StackGuard) -> Result<String, CompileError> {
    let mut writer = Writer { out: String::new(), guard };
    writer.expr(annotation, TEST)?;
    Ok(writer.out)
}

/// The `repr()` of a constant.
pub(crate) fn constant_repr(constant: Constant<'_>) -> String {
    let mut out = String::new();
    repr::constant(&mut out, &constant);
    out
}

/// How tightly a place binds: an expression that binds less tightly needs parentheses there.
type Level = u8;

const NAMED_EXPR: Level = 0;
const TUPLE: Level = 1;
const TEST: Level = 2;
const OR: Level = 3;
const AND: Level = 4;
const NOT: Level = 5;
const COMPARISON: Level = 6;
const EXPR: Level = 7;
const XOR: Level = 8;
const BITAND: Level = 9;
const SHIFT: Level = 10;
const ARITHMETIC: Level = 11;
const TERM: Level = 12;
const FACTOR: Level = 13;
const POWER: Level = 14;
const AWAIT: Level = 15;
const ATOM: Level = 16;

type Written = Result<(), CompileError>;

struct Writer {
    out: String,
    guard: StackGuard,
}

impl Writer {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Writes something in parentheses if it binds less tightly than its place.
    fn group(&mut self, parenthesized: bool, write: impl FnOnce(&mut Self) -> Written) -> Written {
        if parenthesized {
            self.text("(");
        }
        write(self)?;
        if parenthesized {
            self.text(")");
        }
        Ok(())
    }

    fn list<'e>(&mut self, exprs: impl IntoIterator<Item = ExprRef<'e>>, separator: &str, level: Level) -> Written {
        for (index, expr) in exprs.into_iter().enumerate() {
            if index > 0 {
                self.text(separator);
            }
            self.expr(expr, level)?;
        }
        Ok(())
    }

    fn expr(&mut self, expr: ExprRef<'_>, level: Level) -> Written {
        self.guard.check()?;
        match expr.kind {
            ExprKind::BoolOp { op, values } => {
                let (word, own) = match op {
                    BoolOp::And => (" and ", AND),
                    BoolOp::Or => (" or ", OR),
                };
                self.group(level > own, |this| this.list(values.iter().copied(), word, own + 1))
            }
            ExprKind::BinOp { left, op, right } => {
                let (sign, own) = operator(op);
                let power = u8::from(op == Operator::Pow);
                self.group(level > own, |this| {
                    this.expr(left, own + power)?;
                    this.text(sign);
                    this.expr(right, own + 1 - power)
                })
            }
            ExprKind::UnaryOp { op, operand } => {
                let (sign, own) = match op {
                    UnaryOp::Invert => ("~", FACTOR),
                    UnaryOp::Not => ("not ", NOT),
                    UnaryOp::UAdd => ("+", FACTOR),
                    UnaryOp::USub => ("-", FACTOR),
                };
                self.group(level > own, |this| {
                    this.text(sign);
                    this.expr(operand, own)
                })
            }
            ExprKind::NamedExpr { target, value } => self.group(level > NAMED_EXPR, |this| {
                this.expr(target, ATOM)?;
                this.text(" := ");
                this.expr(value, ATOM)
            }),
            ExprKind::Lambda { args, body } => self.group(level > TEST, |this| {
                let named = !args.args.is_empty() || !args.posonlyargs.is_empty();
                this.text(if !named { "lambda" } else { "lambda " });
                this.arguments(args)?;
                this.text(": ");
                this.expr(body, TEST)
            }),
            ExprKind::IfExp { test, body, orelse } => self.group(level > TEST, |this| {
                this.expr(body, TEST + 1)?;
                this.text(" if ");
                this.expr(test, TEST + 1)?;
                this.text(" else ");
                this.expr(orelse, TEST)
            }),
            ExprKind::Dict { keys, values } => {
                self.text("{");
                for (index, (key, value)) in keys.iter().zip(values).enumerate() {
                    if index > 0 {
                        self.text(", ");
                    }
                    match key {
                        Some(key) => {
                            self.expr(key, TEST)?;
                            self.text(": ");
                            self.expr(value, TEST)?;
                        }
                        None => {
                            self.text("**");
                            self.expr(value, EXPR)?;
                        }
                    }
                }
                self.text("}");
                Ok(())
            }
            ExprKind::Set { elts } => self.bracketed("{", elts, "}"),
            ExprKind::List { elts, .. } => self.bracketed("[", elts, "]"),
            ExprKind::Tuple { elts: [], .. } => {
                self.text("()");
                Ok(())
            }
            ExprKind::Tuple { elts, .. } => self.group(level > TUPLE, |this| {
                this.list(elts.iter().copied(), ", ", TEST)?;
                if elts.len() == 1 {
                    this.text(",");
                }
                Ok(())
            }),
            ExprKind::GeneratorExp { elt, generators } => self.comprehension("(", &[elt], generators, ")"),
            ExprKind::ListComp { elt, generators } => self.comprehension("[", &[elt], generators, "]"),
            ExprKind::SetComp { elt, generators } => self.comprehension("{", &[elt], generators, "}"),
            ExprKind::DictComp { key, value, generators } => self.comprehension("{", &[key, value], generators, "}"),
            ExprKind::Yield { value: None } => {
                self.text("(yield)");
                Ok(())
            }
            ExprKind::Yield { value: Some(value) } => self.between("(yield ", value, TEST, ")"),
            ExprKind::YieldFrom { value } => self.between("(yield from ", value, TEST, ")"),
            ExprKind::Await { value } => self.group(level > AWAIT, |this| this.between("await ", value, ATOM, "")),
            ExprKind::Compare { left, ops, comparators } => self.group(level > COMPARISON, |this| {
                this.expr(left, COMPARISON + 1)?;
                for (op, comparator) in ops.iter().zip(comparators) {
                    this.text(comparison(*op));
                    this.expr(comparator, COMPARISON + 1)?;
                }
                Ok(())
            }),
            ExprKind::Call { func, args, keywords } => {
                self.expr(func, ATOM)?;
                if let ([only], []) = (args, keywords)
                    && matches!(only.kind, ExprKind::GeneratorExp { .. })
                {
                    return self.expr(only, NAMED_EXPR);
                }
                self.text("(");
                self.list(args.iter().copied(), ", ", TEST)?;
                for (index, keyword) in keywords.iter().enumerate() {
                    if index > 0 || !args.is_empty() {
                        self.text(", ");
                    }
                    self.keyword(keyword)?;
                }
                self.text(")");
                Ok(())
            }
            ExprKind::Constant { value, kind } => {
                if let Some(kind) = kind {
                    self.text(kind);
                }
                self.constant(value);
                Ok(())
            }
            ExprKind::JoinedStr { values } => self.string_parts('f', values),
            ExprKind::TemplateStr { values } => self.string_parts('t', values),
            ExprKind::FormattedValue { .. } | ExprKind::Interpolation(_) => self.string_part(expr),
            ExprKind::Attribute { value, attr, .. } => {
                self.expr(value, ATOM)?;
                // `1.attr` would be a float.
                let integer = matches!(value.kind, ExprKind::Constant { value: Constant::Int(_), .. });
                self.text(if integer { " ." } else { "." });
                self.text(attr);
                Ok(())
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value, ATOM)?;
                self.between("[", slice, TUPLE, "]")
            }
            ExprKind::Starred { value, .. } => self.between("*", value, EXPR, ""),
            ExprKind::Name { id, .. } => {
                self.text(id);
                Ok(())
            }
            ExprKind::Slice { lower, upper, step } => {
                if let Some(lower) = lower {
                    self.expr(lower, TEST)?;
                }
                self.text(":");
                if let Some(upper) = upper {
                    self.expr(upper, TEST)?;
                }
                if let Some(step) = step {
                    self.between(":", step, TEST, "")?;
                }
                Ok(())
            }
        }
    }

    fn between(&mut self, before: &str, expr: ExprRef<'_>, level: Level, after: &str) -> Written {
        self.text(before);
        self.expr(expr, level)?;
        self.text(after);
        Ok(())
    }

    fn bracketed(&mut self, open: &str, elts: &[ExprRef<'_>], close: &str) -> Written {
        self.text(open);
        self.list(elts.iter().copied(), ", ", TEST)?;
        self.text(close);
        Ok(())
    }

    fn comprehension(
        &mut self,
        open: &str,
        element: &[ExprRef<'_>],
        generators: &[Comprehension<'_>],
        close: &str,
    ) -> Written {
        self.text(open);
        self.list(element.iter().copied(), ": ", TEST)?;
        for clause in generators {
            self.between(if clause.is_async { " async for " } else { " for " }, clause.target, TUPLE, "")?;
            self.between(" in ", clause.iter, TEST + 1, "")?;
            for condition in clause.ifs {
                self.between(" if ", condition, TEST + 1, "")?;
            }
        }
        self.text(close);
        Ok(())
    }

    fn keyword(&mut self, keyword: &Keyword<'_>) -> Written {
        match keyword.arg {
            Some(name) => {
                self.text(name);
                self.text("=");
            }
            None => self.text("**"),
        }
        self.expr(keyword.value, TEST)
    }

    fn arguments(&mut self, args: &Arguments<'_>) -> Written {
        let mut first = true;
        let positional = args.posonlyargs.len() + args.args.len();
        for (index, arg) in args.posonlyargs.iter().chain(args.args).enumerate() {
            self.separate(&mut first);
            self.arg(arg)?;
            let default = (index + args.defaults.len()).checked_sub(positional);
            if let Some(default) = default.and_then(|index| args.defaults.get(index)) {
                self.between("=", default, TEST, "")?;
            }
            if index + 1 == args.posonlyargs.len() {
                self.text(", /");
            }
        }
        if args.vararg.is_some() || !args.kwonlyargs.is_empty() {
            self.separate(&mut first);
            self.text("*");
            if let Some(arg) = args.vararg {
                self.arg(arg)?;
            }
        }
        for (arg, default) in args.kwonlyargs.iter().zip(args.kw_defaults) {
            self.separate(&mut first);
            self.arg(arg)?;
            if let Some(default) = default {
                self.between("=", default, TEST, "")?;
            }
        }
        if let Some(arg) = args.kwarg {
            self.separate(&mut first);
            self.text("**");
            self.arg(arg)?;
        }
        Ok(())
    }

    fn separate(&mut self, first: &mut bool) {
        if !std::mem::replace(first, false) {
            self.text(", ");
        }
    }

    fn arg(&mut self, arg: &Arg<'_>) -> Written {
        self.text(arg.arg);
        match arg.annotation {
            Some(annotation) => self.between(": ", annotation, TEST, ""),
            None => Ok(()),
        }
    }

    fn constant(&mut self, value: Constant<'_>) {
        match value {
            // Infinity has no literal but an overflowing one.
            Constant::Float(_) | Constant::Complex { .. } => {
                let text = constant_repr(value).replace("inf", "1e309");
                self.text(&text);
            }
            Constant::Tuple(items) => {
                self.text("(");
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.text(", ");
                    }
                    self.constant(*item);
                }
                self.text(if items.len() == 1 { ",)" } else { ")" });
            }
            Constant::Ellipsis => self.text("..."),
            _ => repr::constant(&mut self.out, &value),
        }
    }

    /// An f-string or t-string: its parts between quotes, as the `repr()` of a string quotes them.
    fn string_parts(&mut self, prefix: char, values: &[ExprRef<'_>]) -> Written {
        let mut inner = Writer { out: String::new(), guard: self.guard };
        values.iter().try_for_each(|value| inner.string_part(value))?;
        self.out.push(prefix);
        repr::string(&mut self.out, &Text::Utf8(&inner.out));
        Ok(())
    }

    fn string_part(&mut self, part: &Expr<'_>) -> Written {
        self.guard.check()?;
        let (expression, conversion, format_spec) = match part.kind {
            ExprKind::Constant { value: Constant::Str(text), .. } => {
                let text: String = match text {
                    Text::Utf8(text) => text.to_owned(),
                    Text::CodePoints(points) => points
                        .iter()
                        .map(|point| char::from_u32(*point).unwrap_or(char::REPLACEMENT_CHARACTER))
                        .collect(),
                };
                self.text(&text.replace('{', "{{").replace('}', "}}"));
                return Ok(());
            }
            ExprKind::JoinedStr { values } | ExprKind::TemplateStr { values } => {
                return values.iter().try_for_each(|value| self.string_part(value));
            }
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                let mut inner = Writer { out: String::new(), guard: self.guard };
                inner.expr(value, TEST + 1)?;
                (inner.out, conversion, format_spec)
            }
            ExprKind::Interpolation(field) => {
                let text = match field.str {
                    Constant::Str(Text::Utf8(text)) => text.to_owned(),
                    other => constant_repr(other),
                };
                (text, field.conversion, field.format_spec)
            }
            _ => return self.expr(part, TEST),
        };
        // A brace after the opening brace would be an escape.
        self.text(if expression.starts_with('{') { "{ " } else { "{" });
        self.text(&expression);
        if let Some(conversion) = u32::try_from(conversion).ok().and_then(char::from_u32) {
            self.text("!");
            self.out.push(conversion);
        }
        if let Some(spec) = format_spec {
            self.text(":");
            self.string_part(spec)?;
        }
        self.text("}");
        Ok(())
    }
}

fn operator(op: Operator) -> (&'static str, Level) {
    match op {
        Operator::Add => (" + ", ARITHMETIC),
        Operator::Sub => (" - ", ARITHMETIC),
        Operator::Mult => (" * ", TERM),
        Operator::MatMult => (" @ ", TERM),
        Operator::Div => (" / ", TERM),
        Operator::Mod => (" % ", TERM),
        Operator::LShift => (" << ", SHIFT),
        Operator::RShift => (" >> ", SHIFT),
        Operator::BitOr => (" | ", EXPR),
        Operator::BitXor => (" ^ ", XOR),
        Operator::BitAnd => (" & ", BITAND),
        Operator::FloorDiv => (" // ", TERM),
        Operator::Pow => (" ** ", POWER),
    }
}

fn comparison(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => " == ",
        CmpOp::NotEq => " != ",
        CmpOp::Lt => " < ",
        CmpOp::LtE => " <= ",
        CmpOp::Gt => " > ",
        CmpOp::GtE => " >= ",
        CmpOp::Is => " is ",
        CmpOp::IsNot => " is not ",
        CmpOp::In => " in ",
        CmpOp::NotIn => " not in ",
    }
}

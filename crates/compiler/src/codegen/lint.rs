//! SyntaxWarnings for code that is legal and surely a mistake.

use oriel_syntax::ast::{CmpOp, Constant, ExprKind, ExprRef, Int};

use super::Compiler;

impl<'a> Compiler<'a> {
    /// Warns of `x is 1`.
    pub(super) fn check_compare(&mut self, expr: ExprRef<'a>) {
        let ExprKind::Compare { left, ops, comparators } = expr.kind else { return };
        let mut left = left;
        for (op, right) in ops.iter().zip(comparators) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot) {
                let literal = [left, *right].into_iter().find(|operand| is_literal(operand));
                if let Some(literal) = literal {
                    let (is, instead) = if *op == CmpOp::Is { ("is", "==") } else { ("is not", "!=") };
                    let kind = type_name(literal).unwrap_or("object");
                    let message = format!("\"{is}\" with '{kind}' literal. Did you mean \"{instead}\"?");
                    self.warn(expr.range, message);
                    return;
                }
            }
            left = right;
        }
    }

    /// Warns of `[1, 2] (3, 4)`.
    pub(super) fn check_caller(&mut self, func: ExprRef<'a>) {
        if !matches!(func.kind, ExprKind::Lambda { .. })
            && let Some(kind) = type_name(func)
        {
            let message = format!("'{kind}' object is not callable; perhaps you missed a comma?");
            self.warn(func.range, message);
        }
    }

    /// Warns of `{1} [2]`.
    pub(super) fn check_subscripter(&mut self, value: ExprRef<'a>) {
        let suspicious = match value.kind {
            ExprKind::Constant { value, .. } => !is_sequence(value),
            ExprKind::Set { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::GeneratorExp { .. }
            | ExprKind::Lambda { .. }
            | ExprKind::TemplateStr { .. }
            | ExprKind::Interpolation(_) => true,
            _ => false,
        };
        if suspicious && let Some(kind) = type_name(value) {
            let message = format!("'{kind}' object is not subscriptable; perhaps you missed a comma?");
            self.warn(value.range, message);
        }
    }

    /// Warns of `[1, 2] [3, 4]`.
    pub(super) fn check_index(&mut self, value: ExprRef<'a>, index: ExprRef<'a>) {
        let Some(index_kind) = type_name(index) else { return };
        if matches!(index_kind, "int" | "bool") {
            return;
        }
        let sequence = match value.kind {
            ExprKind::Constant { value, .. } => is_sequence(value),
            ExprKind::Tuple { .. }
            | ExprKind::List { .. }
            | ExprKind::ListComp { .. }
            | ExprKind::JoinedStr { .. }
            | ExprKind::FormattedValue { .. } => true,
            _ => false,
        };
        if sequence && let Some(kind) = type_name(value) {
            let message =
                format!("{kind} indices must be integers or slices, not {index_kind}; perhaps you missed a comma?");
            self.warn(value.range, message);
        }
    }
}

/// Strings, bytes and tuples.
fn is_sequence(value: Constant<'_>) -> bool {
    matches!(value, Constant::Str(_) | Constant::Bytes(_) | Constant::Tuple(_))
}

/// Whether the identity of an expression's value means nothing: a constant that is no singleton.
fn is_literal(expr: ExprRef<'_>) -> bool {
    match expr.kind {
        ExprKind::Tuple { elts, .. } => elts.iter().all(|elt| matches!(elt.kind, ExprKind::Constant { .. })),
        ExprKind::Constant { value, .. } => {
            !matches!(value, Constant::None | Constant::True | Constant::False | Constant::Ellipsis)
        }
        _ => false,
    }
}

/// The type that an expression visibly has.
fn type_name(expr: ExprRef<'_>) -> Option<&'static str> {
    Some(match expr.kind {
        ExprKind::Tuple { .. } => "tuple",
        ExprKind::List { .. } | ExprKind::ListComp { .. } => "list",
        ExprKind::Dict { .. } | ExprKind::DictComp { .. } => "dict",
        ExprKind::Set { .. } | ExprKind::SetComp { .. } => "set",
        ExprKind::GeneratorExp { .. } => "generator",
        ExprKind::Lambda { .. } => "function",
        ExprKind::TemplateStr { .. } => "string.templatelib.Template",
        ExprKind::Interpolation(_) => "string.templatelib.Interpolation",
        ExprKind::JoinedStr { .. } | ExprKind::FormattedValue { .. } => "str",
        ExprKind::Constant { value, .. } => match value {
            Constant::None => "NoneType",
            Constant::True | Constant::False => "bool",
            Constant::Ellipsis => "ellipsis",
            Constant::Int(Int::Small(_) | Int::Big(_)) => "int",
            Constant::Float(_) => "float",
            Constant::Complex { .. } => "complex",
            Constant::Str(_) => "str",
            Constant::Bytes(_) => "bytes",
            Constant::Tuple(_) => "tuple",
            Constant::FrozenSet(_) => "frozenset",
        },
        _ => return None,
    })
}

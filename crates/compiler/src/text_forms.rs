//! Source text of annotations, and constants in messages.

use oriel_bytecode::Text;
use oriel_syntax::ast::{Constant, ExprRef};

use crate::error::CompileError;

/// The text that an annotation becomes under `from __future__ import annotations`.
pub(crate) fn annotation(annotation: ExprRef<'_>) -> Result<Text, CompileError> {
    Err(CompileError::invalid_tree("annotations cannot be kept as strings yet", annotation.range))
}

/// The `repr()` of a constant.
pub(crate) fn constant_repr(constant: Constant<'_>) -> String {
    format!("{constant:?}")
}

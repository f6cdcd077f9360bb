//! f-strings and t-strings.

use oriel_bytecode::Opcode;
use oriel_bytecode::oparg::{BinaryOperator, Conversion};
use oriel_syntax::ast::{ExprKind, ExprRef, Interpolation, Seq};

use super::{Compiler, Result, STACK_USE_GUIDELINE};
use crate::error::{CompileError, Location};

impl<'a> Compiler<'a> {
    pub(super) fn joined_str(&mut self, location: Location, values: Seq<'a, ExprRef<'a>>) -> Result {
        if values.len() > STACK_USE_GUIDELINE {
            self.load_str(location, "");
            self.load_method(location, "join");
            self.op_arg(location, Opcode::BUILD_LIST, 0);
            for value in values {
                self.expr(value)?;
                self.op_arg(location, Opcode::LIST_APPEND, 1);
            }
            self.op_arg(location, Opcode::CALL, 1);
            return Ok(());
        }
        self.exprs(values)?;
        match values.len() {
            0 => self.load_str(location, ""),
            1 => {}
            count => self.op_count(location, Opcode::BUILD_STRING, count)?,
        }
        Ok(())
    }

    pub(super) fn formatted_value(
        &mut self,
        location: Location,
        value: ExprRef<'a>,
        conversion: i32,
        format_spec: Option<ExprRef<'a>>,
    ) -> Result {
        self.expr(value)?;
        if let Some(conversion) = conversion_of(conversion, location)? {
            self.op_arg(location, Opcode::CONVERT_VALUE, conversion.oparg());
        }
        match format_spec {
            Some(spec) => {
                self.expr(spec)?;
                self.op(location, Opcode::FORMAT_WITH_SPEC);
            }
            None => self.op(location, Opcode::FORMAT_SIMPLE),
        }
        Ok(())
    }

    /// A template: a tuple of the strings between interpolations, and one of the interpolations.
    pub(super) fn template_str(&mut self, location: Location, values: Seq<'a, ExprRef<'a>>) -> Result {
        let mut after_interpolation = true;
        let mut strings = 0;
        let mut interpolations = 0;
        let mut rest = values.iter().peekable();
        while let Some(value) = rest.next() {
            if matches!(value.kind, ExprKind::Interpolation(_)) {
                interpolations += 1;
                if after_interpolation {
                    self.load_str(location, "");
                    strings += 1;
                }
                after_interpolation = true;
            } else {
                self.expr(value)?;
                while let Some(more) = rest.next_if(|next| !matches!(next.kind, ExprKind::Interpolation(_))) {
                    self.expr(more)?;
                    self.binary_op(location, BinaryOperator::InplaceAdd);
                }
                strings += 1;
                after_interpolation = false;
            }
        }
        if after_interpolation {
            self.load_str(location, "");
            strings += 1;
        }
        self.op_count(location, Opcode::BUILD_TUPLE, strings)?;
        for value in values {
            if matches!(value.kind, ExprKind::Interpolation(_)) {
                self.expr(value)?;
            }
        }
        self.op_count(location, Opcode::BUILD_TUPLE, interpolations)?;
        self.op(location, Opcode::BUILD_TEMPLATE);
        Ok(())
    }

    pub(super) fn interpolation(&mut self, location: Location, field: &'a Interpolation<'a>) -> Result {
        self.expr(field.value)?;
        self.load_ast_const(location, field.str)?;
        let mut oparg = 2;
        if let Some(spec) = field.format_spec {
            oparg += 1;
            self.expr(spec)?;
        }
        if let Some(conversion) = conversion_of(field.conversion, location)? {
            oparg |= conversion.oparg() << 2;
        }
        self.op_arg(location, Opcode::BUILD_INTERPOLATION, oparg);
        Ok(())
    }
}

fn conversion_of(conversion: i32, location: Location) -> Result<Option<Conversion>> {
    match u32::try_from(conversion).ok().and_then(char::from_u32) {
        None => Ok(None),
        Some('s') => Ok(Some(Conversion::Str)),
        Some('r') => Ok(Some(Conversion::Repr)),
        Some('a') => Ok(Some(Conversion::Ascii)),
        Some(_) => {
            let message = format!("Unrecognized conversion character {conversion}");
            Err(CompileError::invalid_tree(message, location))
        }
    }
}

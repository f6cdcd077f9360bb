//! List, tuple, set and dict displays, and unpacking into targets.

use oriel_bytecode::Opcode;
use oriel_bytecode::oparg::Intrinsic1;
use oriel_syntax::ast::{ExprContext, ExprKind, ExprRef, Seq};

use super::{Compiler, Result, STACK_USE_GUIDELINE};
use crate::error::{CompileError, Location};
use crate::symtable::Name;

/// How a collection is built item by item.
#[derive(Clone, Copy)]
pub(super) struct Builder {
    pub(super) build: Opcode,
    pub(super) add: Opcode,
    pub(super) extend: Opcode,
    /// A list is built and made a tuple at last.
    pub(super) tuple: bool,
}

/// How a tuple is built.
pub(super) const TUPLE: Builder =
    Builder { build: Opcode::BUILD_LIST, add: Opcode::LIST_APPEND, extend: Opcode::LIST_EXTEND, tuple: true };
const LIST: Builder = Builder { tuple: false, ..TUPLE };
const SET: Builder =
    Builder { build: Opcode::BUILD_SET, add: Opcode::SET_ADD, extend: Opcode::SET_UPDATE, tuple: false };

impl<'a> Compiler<'a> {
    pub(super) fn list(&mut self, location: Location, elts: Seq<'a, ExprRef<'a>>, ctx: ExprContext) -> Result {
        self.sequence(location, elts, ctx, LIST)
    }

    pub(super) fn tuple(&mut self, location: Location, elts: Seq<'a, ExprRef<'a>>, ctx: ExprContext) -> Result {
        self.sequence(location, elts, ctx, TUPLE)
    }

    fn sequence(
        &mut self,
        location: Location,
        elts: Seq<'a, ExprRef<'a>>,
        ctx: ExprContext,
        builder: Builder,
    ) -> Result {
        match ctx {
            ExprContext::Load => self.display(location, elts, None, 0, builder),
            ExprContext::Store => self.unpack(location, elts),
            ExprContext::Del => self.exprs(elts),
        }
    }

    pub(super) fn set(&mut self, location: Location, elts: Seq<'a, ExprRef<'a>>) -> Result {
        self.display(location, elts, None, 0, SET)
    }

    /// Builds a collection of `pushed` values on the stack, `elts` and the variable `injected`.
    pub(super) fn display(
        &mut self,
        location: Location,
        elts: Seq<'a, ExprRef<'a>>,
        injected: Option<Name<'a>>,
        pushed: usize,
        builder: Builder,
    ) -> Result {
        let total = elts.len() + pushed + usize::from(injected.is_some());
        let big = total > STACK_USE_GUIDELINE;
        let starred = elts.iter().any(|elt| matches!(elt.kind, ExprKind::Starred { .. }));
        if !starred && !big {
            self.exprs(elts)?;
            if let Some(name) = injected {
                self.load_name(location, name)?;
            }
            let build = if builder.tuple { Opcode::BUILD_TUPLE } else { builder.build };
            return self.op_count(location, build, total);
        }
        let mut built = big;
        if big {
            self.op_count(location, builder.build, pushed)?;
        }
        for (index, elt) in elts.iter().enumerate() {
            if let ExprKind::Starred { value, .. } = elt.kind {
                if !built {
                    self.op_count(location, builder.build, index + pushed)?;
                    built = true;
                }
                self.expr(value)?;
                self.op_arg(location, builder.extend, 1);
            } else {
                self.expr(elt)?;
                if built {
                    self.op_arg(location, builder.add, 1);
                }
            }
        }
        if let Some(name) = injected {
            self.load_name(location, name)?;
            self.op_arg(location, builder.add, 1);
        }
        if builder.tuple {
            self.op_arg(location, Opcode::CALL_INTRINSIC_1, Intrinsic1::ListToTuple.oparg());
        }
        Ok(())
    }

    /// Unpacks the value on the stack into targets.
    fn unpack(&mut self, location: Location, elts: Seq<'a, ExprRef<'a>>) -> Result {
        let mut stars = elts.iter().map(|elt| matches!(elt.kind, ExprKind::Starred { .. }));
        self.unpack_op(
            location,
            elts.len(),
            &mut stars,
            "too many expressions in star-unpacking assignment",
            "multiple starred expressions in assignment",
        )?;
        for elt in elts {
            match elt.kind {
                ExprKind::Starred { value, .. } => self.expr(value)?,
                _ => self.expr(elt)?,
            }
        }
        Ok(())
    }

    /// Emits the unpacking of a sequence into items of which `stars` tells whether they are starred.
    pub(super) fn unpack_op(
        &mut self,
        location: Location,
        count: usize,
        stars: &mut dyn Iterator<Item = bool>,
        too_many: &str,
        multiple: &str,
    ) -> Result {
        let mut star = None;
        for (index, starred) in stars.enumerate() {
            if !starred {
                continue;
            }
            if star.is_some() {
                return Err(CompileError::syntax(multiple, location));
            }
            let after = count - index - 1;
            if index >= 1 << 8 || after >= (i32::MAX >> 8) as usize {
                return Err(CompileError::syntax(too_many, location));
            }
            star = Some(index);
            self.op_arg(location, Opcode::UNPACK_EX, (index + (after << 8)) as u32);
        }
        if star.is_none() {
            self.op_count(location, Opcode::UNPACK_SEQUENCE, count)?;
        }
        Ok(())
    }

    pub(super) fn dict(
        &mut self,
        location: Location,
        keys: Seq<'a, Option<ExprRef<'a>>>,
        values: Seq<'a, ExprRef<'a>>,
    ) -> Result {
        let mut have_dict = false;
        let mut elements = 0;
        for (index, (key, value)) in keys.iter().zip(values).enumerate() {
            if key.is_none() {
                if elements > 0 {
                    self.dict_part(location, &keys[index - elements..index], &values[index - elements..index])?;
                    if have_dict {
                        self.op_arg(location, Opcode::DICT_UPDATE, 1);
                    }
                    have_dict = true;
                    elements = 0;
                }
                if !have_dict {
                    self.op_arg(location, Opcode::BUILD_MAP, 0);
                    have_dict = true;
                }
                self.expr(value)?;
                self.op_arg(location, Opcode::DICT_UPDATE, 1);
            } else if elements * 2 > STACK_USE_GUIDELINE {
                self.dict_part(location, &keys[index - elements..=index], &values[index - elements..=index])?;
                if have_dict {
                    self.op_arg(location, Opcode::DICT_UPDATE, 1);
                }
                have_dict = true;
                elements = 0;
            } else {
                elements += 1;
            }
        }
        if elements > 0 {
            let start = keys.len() - elements;
            self.dict_part(location, &keys[start..], &values[start..])?;
            if have_dict {
                self.op_arg(location, Opcode::DICT_UPDATE, 1);
            }
            have_dict = true;
        }
        if !have_dict {
            self.op_arg(location, Opcode::BUILD_MAP, 0);
        }
        Ok(())
    }

    /// Some items of a dict display, none of which is `**mapping`.
    fn dict_part(
        &mut self,
        location: Location,
        keys: Seq<'a, Option<ExprRef<'a>>>,
        values: Seq<'a, ExprRef<'a>>,
    ) -> Result {
        let big = keys.len() * 2 > STACK_USE_GUIDELINE;
        if big {
            self.op_arg(location, Opcode::BUILD_MAP, 0);
        }
        for (key, value) in keys.iter().zip(values) {
            if let Some(key) = key {
                self.expr(key)?;
            }
            self.expr(value)?;
            if big {
                self.op_arg(location, Opcode::MAP_ADD, 1);
            }
        }
        if !big {
            self.op_count(location, Opcode::BUILD_MAP, keys.len())?;
        }
        Ok(())
    }
}

//! `match`: structural pattern matching.
//!
//! Code for a pattern takes the subject from the stack and jumps on failure. Names are not stored before the whole
//! pattern has matched: captured values wait on the stack under whatever a pattern still works with, so a failure has
//! to pop just as many values as there are at that point. For each number of values there is one block to jump to.

use oriel_bytecode::oparg::BinaryOperator;
use oriel_bytecode::{Constant, Opcode};
use oriel_syntax::ast::{CmpOp, ExprKind, ExprRef, MatchCase, Pattern, PatternKind, PatternRef, Seq};
use rustc_hash::FxHashSet;

use super::{Compiler, Result};
use crate::error::{CompileError, Location, NEXT_LOCATION, NO_LOCATION};
use crate::instruction_sequence::Label;
use crate::symtable::Name;

/// The state of matching one pattern.
#[derive(Default)]
struct Context<'a> {
    /// The names captured so far, in the order of their values on the stack.
    stores: Vec<Name<'a>>,
    /// Whether a pattern that always matches may stand here.
    allow_irrefutable: bool,
    /// Where to jump to fail: entry *n* pops *n* values.
    fail_pop: Vec<Label>,
    /// How many values are on the stack above the captured ones.
    on_top: usize,
}

impl<'a> Compiler<'a> {
    pub(super) fn match_statement(&mut self, subject: ExprRef<'a>, cases: Seq<'a, MatchCase<'a>>) -> Result {
        self.expr(subject)?;
        let end = self.new_label();
        let Some((last, others)) = cases.split_last() else { return Ok(()) };
        let has_default = is_wildcard(last.pattern) && !others.is_empty();
        let tested = if has_default { others } else { cases };
        for (index, case) in tested.iter().enumerate() {
            let more = index + 1 < tested.len();
            let location = case.pattern.range;
            if more {
                self.op_arg(location, Opcode::COPY, 1);
            }
            let mut context =
                Context { allow_irrefutable: case.guard.is_some() || index + 1 == cases.len(), ..Context::default() };
            self.pattern(case.pattern, &mut context)?;
            for name in std::mem::take(&mut context.stores) {
                self.store_name(location, name)?;
            }
            if let Some(guard) = case.guard {
                let fail = self.fail_label(&mut context, 0);
                self.jump_if(guard, fail, false)?;
            }
            if more {
                self.op(NEXT_LOCATION, Opcode::POP_TOP);
            }
            self.stmts(case.body)?;
            self.jump(NO_LOCATION, Opcode::JUMP, end);
            self.emit_fail_pop(location, &mut context);
        }
        if has_default {
            // Shows the line of `case _`, which needs no code.
            let location = last.pattern.range;
            self.op(location, Opcode::NOP);
            if let Some(guard) = last.guard {
                self.jump_if(guard, end, false)?;
            }
            self.stmts(last.body)?;
        }
        self.use_label(end);
        Ok(())
    }

    fn fail_label(&mut self, context: &mut Context<'a>, pops: usize) -> Label {
        while context.fail_pop.len() <= pops {
            let label = self.new_label();
            context.fail_pop.push(label);
        }
        context.fail_pop[pops]
    }

    fn jump_to_fail(&mut self, location: Location, context: &mut Context<'a>, opcode: Opcode) {
        let label = self.fail_label(context, context.on_top + context.stores.len());
        self.jump(location, opcode, label);
    }

    fn emit_fail_pop(&mut self, location: Location, context: &mut Context<'a>) {
        let labels = std::mem::take(&mut context.fail_pop);
        for (pops, label) in labels.into_iter().enumerate().rev() {
            self.use_label(label);
            if pops > 0 {
                self.op(location, Opcode::POP_TOP);
            }
        }
    }

    /// Moves the top of the stack down by `count - 1` places.
    fn rotate(&mut self, location: Location, count: usize) -> Result {
        for depth in (2..=count).rev() {
            self.op_count(location, Opcode::SWAP, depth)?;
        }
        Ok(())
    }

    /// Puts the value on the stack under everything that is still needed, to be stored at last.
    fn capture(&mut self, location: Location, name: Option<Name<'a>>, context: &mut Context<'a>) -> Result {
        let Some(name) = name else {
            self.op(location, Opcode::POP_TOP);
            return Ok(());
        };
        if context.stores.contains(&name) {
            return Err(duplicate_store(location, name));
        }
        self.rotate(location, context.on_top + context.stores.len() + 1)?;
        context.stores.push(name);
        Ok(())
    }

    fn pattern(&mut self, pattern: PatternRef<'a>, context: &mut Context<'a>) -> Result {
        self.guard.check()?;
        let location = pattern.range;
        match pattern.kind {
            PatternKind::MatchValue { value } => {
                if !matches!(value.kind, ExprKind::Constant { .. } | ExprKind::Attribute { .. }) {
                    let message = "patterns may only match literals and attribute lookups";
                    return Err(CompileError::syntax(message, location));
                }
                self.expr(value)?;
                self.compare_op(location, CmpOp::Eq);
                self.op(location, Opcode::TO_BOOL);
                self.jump_to_fail(location, context, Opcode::POP_JUMP_IF_FALSE);
                Ok(())
            }
            PatternKind::MatchSingleton { value } => {
                self.load_ast_const(location, value)?;
                self.compare_op(location, CmpOp::Is);
                self.jump_to_fail(location, context, Opcode::POP_JUMP_IF_FALSE);
                Ok(())
            }
            PatternKind::MatchSequence { patterns } => self.sequence_pattern(location, patterns, context),
            PatternKind::MatchMapping { keys, patterns, rest } => {
                self.mapping_pattern(location, (keys, patterns, rest), context)
            }
            PatternKind::MatchClass { .. } => self.class_pattern(pattern, context),
            PatternKind::MatchStar { name } => self.capture(location, name, context),
            PatternKind::MatchAs { pattern: None, name } => {
                if !context.allow_irrefutable {
                    let what = match name {
                        Some(name) => format!("name capture {}", quoted(name)),
                        None => "wildcard".to_owned(),
                    };
                    let message = format!("{what} makes remaining patterns unreachable");
                    return Err(CompileError::syntax(message, location));
                }
                self.capture(location, name, context)
            }
            PatternKind::MatchAs { pattern: Some(inner), name } => {
                context.on_top += 1;
                self.op_arg(location, Opcode::COPY, 1);
                self.pattern(inner, context)?;
                context.on_top -= 1;
                self.capture(location, name, context)
            }
            PatternKind::MatchOr { patterns } => self.or_pattern(pattern, patterns, context),
        }
    }

    /// A pattern inside another one may match anything.
    fn subpattern(&mut self, pattern: PatternRef<'a>, context: &mut Context<'a>) -> Result {
        let allowed = std::mem::replace(&mut context.allow_irrefutable, true);
        self.pattern(pattern, context)?;
        context.allow_irrefutable = allowed;
        Ok(())
    }

    fn length_check(&mut self, location: Location, length: usize, op: CmpOp, context: &mut Context<'a>) {
        self.op(location, Opcode::GET_LEN);
        self.load_const(location, Constant::int(length));
        self.compare_op(location, op);
        self.jump_to_fail(location, context, Opcode::POP_JUMP_IF_FALSE);
    }

    fn sequence_pattern(
        &mut self,
        location: Location,
        patterns: Seq<'a, PatternRef<'a>>,
        context: &mut Context<'a>,
    ) -> Result {
        let mut star = None;
        let mut star_wildcard = false;
        let mut only_wildcards = true;
        for (index, pattern) in patterns.iter().enumerate() {
            if let PatternKind::MatchStar { name } = pattern.kind {
                if star.is_some() {
                    return Err(CompileError::syntax("multiple starred names in sequence pattern", location));
                }
                star = Some(index);
                star_wildcard = name.is_none();
                only_wildcards &= star_wildcard;
            } else {
                only_wildcards &= is_wildcard(pattern);
            }
        }
        context.on_top += 1;
        self.op(location, Opcode::MATCH_SEQUENCE);
        self.jump_to_fail(location, context, Opcode::POP_JUMP_IF_FALSE);
        if star.is_none() {
            self.length_check(location, patterns.len(), CmpOp::Eq, context);
        } else if patterns.len() > 1 {
            self.length_check(location, patterns.len() - 1, CmpOp::GtE, context);
        }
        context.on_top -= 1;
        match star {
            _ if only_wildcards => {
                self.op(location, Opcode::POP_TOP);
                Ok(())
            }
            Some(star) if star_wildcard => self.sequence_by_index(location, patterns, star, context),
            _ => self.sequence_by_unpacking(location, patterns, context),
        }
    }

    fn sequence_by_unpacking(
        &mut self,
        location: Location,
        patterns: Seq<'a, PatternRef<'a>>,
        context: &mut Context<'a>,
    ) -> Result {
        let mut stars = patterns.iter().map(|pattern| matches!(pattern.kind, PatternKind::MatchStar { .. }));
        self.unpack_op(
            location,
            patterns.len(),
            &mut stars,
            "too many expressions in star-unpacking sequence pattern",
            "multiple starred expressions in sequence pattern",
        )?;
        context.on_top += patterns.len();
        for pattern in patterns {
            context.on_top -= 1;
            self.subpattern(pattern, context)?;
        }
        Ok(())
    }

    /// `[first, *_, last]`: takes only the items that are looked at.
    fn sequence_by_index(
        &mut self,
        location: Location,
        patterns: Seq<'a, PatternRef<'a>>,
        star: usize,
        context: &mut Context<'a>,
    ) -> Result {
        context.on_top += 1;
        for (index, pattern) in patterns.iter().enumerate() {
            if index == star || is_wildcard(pattern) {
                continue;
            }
            self.op_arg(location, Opcode::COPY, 1);
            if index < star {
                self.load_const(location, Constant::int(index));
            } else {
                // The subject may not know negative indices.
                self.op(location, Opcode::GET_LEN);
                self.load_const(location, Constant::int(patterns.len() - index));
                self.binary_op(location, BinaryOperator::Subtract);
            }
            self.binary_op(location, BinaryOperator::Subscript);
            self.subpattern(pattern, context)?;
        }
        context.on_top -= 1;
        self.op(location, Opcode::POP_TOP);
        Ok(())
    }

    fn class_pattern(&mut self, pattern: PatternRef<'a>, context: &mut Context<'a>) -> Result {
        let PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } = pattern.kind else { return Ok(()) };
        let location = pattern.range;
        if kwd_attrs.len() != kwd_patterns.len() {
            let message = format!(
                "kwd_attrs ({}) / kwd_patterns ({}) length mismatch in class pattern",
                kwd_attrs.len(),
                kwd_patterns.len()
            );
            return Err(CompileError::syntax(message, location));
        }
        for (index, attr) in kwd_attrs.iter().enumerate() {
            if let Some(again) = kwd_attrs[index + 1..].iter().position(|other| other == attr) {
                let message = format!("attribute name repeated in class pattern: {attr}");
                return Err(CompileError::syntax(message, kwd_patterns[index + 1 + again].range));
            }
        }
        self.expr(cls)?;
        let names = self.names_tuple(kwd_attrs.iter().copied());
        self.load_const(location, names);
        self.op_count(location, Opcode::MATCH_CLASS, patterns.len())?;
        self.check_not_none(location, context, 1);
        let total = patterns.len() + kwd_patterns.len();
        self.op_count(location, Opcode::UNPACK_SEQUENCE, total)?;
        context.on_top += total;
        context.on_top -= 1;
        for pattern in patterns.iter().chain(kwd_patterns) {
            context.on_top -= 1;
            if is_wildcard(pattern) {
                self.op(location, Opcode::POP_TOP);
            } else {
                self.subpattern(pattern, context)?;
            }
        }
        Ok(())
    }

    /// Fails if the value on the stack is None; it is one of `added` new values.
    fn check_not_none(&mut self, location: Location, context: &mut Context<'a>, added: usize) {
        context.on_top += added;
        self.op_arg(location, Opcode::COPY, 1);
        self.load_none(location);
        self.op_arg(location, Opcode::IS_OP, 1);
        self.jump_to_fail(location, context, Opcode::POP_JUMP_IF_FALSE);
    }

    fn mapping_pattern(
        &mut self,
        location: Location,
        (keys, patterns, rest): (Seq<'a, ExprRef<'a>>, Seq<'a, PatternRef<'a>>, Option<Name<'a>>),
        context: &mut Context<'a>,
    ) -> Result {
        if keys.len() != patterns.len() {
            let message =
                format!("keys ({}) / patterns ({}) length mismatch in mapping pattern", keys.len(), patterns.len());
            return Err(CompileError::syntax(message, location));
        }
        context.on_top += 1;
        self.op(location, Opcode::MATCH_MAPPING);
        self.jump_to_fail(location, context, Opcode::POP_JUMP_IF_FALSE);
        if keys.is_empty() && rest.is_none() {
            context.on_top -= 1;
            self.op(location, Opcode::POP_TOP);
            return Ok(());
        }
        if !keys.is_empty() {
            self.length_check(location, keys.len(), CmpOp::GtE, context);
        }
        let mut seen = FxHashSet::default();
        for key in keys {
            match key.kind {
                ExprKind::Constant { value, .. } => {
                    let constant = self.constant(value)?;
                    if !seen.insert(key_identity(constant)) {
                        let message = format!(
                            "mapping pattern checks duplicate key ({})",
                            crate::text_forms::constant_repr(value)
                        );
                        return Err(CompileError::syntax(message, location));
                    }
                }
                ExprKind::Attribute { .. } => {}
                _ => {
                    let message = "mapping pattern keys may only match literals and attribute lookups";
                    return Err(CompileError::syntax(message, location));
                }
            }
            self.expr(key)?;
        }
        self.op_count(location, Opcode::BUILD_TUPLE, keys.len())?;
        self.op(location, Opcode::MATCH_KEYS);
        // A tuple of keys and a tuple of values are on top of the subject.
        self.check_not_none(location, context, 2);
        self.op_count(location, Opcode::UNPACK_SEQUENCE, keys.len())?;
        context.on_top += keys.len();
        context.on_top -= 1;
        for pattern in patterns {
            context.on_top -= 1;
            self.subpattern(pattern, context)?;
        }
        context.on_top -= 2;
        let Some(rest) = rest else {
            self.op(location, Opcode::POP_TOP);
            self.op(location, Opcode::POP_TOP);
            return Ok(());
        };
        // A copy of the subject without the keys.
        self.op_arg(location, Opcode::BUILD_MAP, 0);
        self.op_arg(location, Opcode::SWAP, 3);
        self.op_arg(location, Opcode::DICT_UPDATE, 2);
        self.op_count(location, Opcode::UNPACK_SEQUENCE, keys.len())?;
        for left in (1..=keys.len()).rev() {
            self.op_count(location, Opcode::COPY, left + 1)?;
            self.op_arg(location, Opcode::SWAP, 2);
            self.op(location, Opcode::DELETE_SUBSCR);
        }
        self.capture(location, Some(rest), context)
    }

    fn or_pattern(
        &mut self,
        pattern: &'a Pattern<'a>,
        alternatives: Seq<'a, PatternRef<'a>>,
        context: &mut Context<'a>,
    ) -> Result {
        let location = pattern.range;
        let end = self.new_label();
        // The names of the first alternative, which the others must bind as well, and in whose order values are left.
        let mut control: Option<Vec<Name<'a>>> = None;
        for (index, alternative) in alternatives.iter().enumerate() {
            let mut inner = Context {
                allow_irrefutable: index + 1 == alternatives.len() && context.allow_irrefutable,
                ..Context::default()
            };
            self.op_arg(alternative.range, Opcode::COPY, 1);
            self.pattern(alternative, &mut inner)?;
            match &control {
                None => control = Some(inner.stores.clone()),
                Some(control) => {
                    if control.len() != inner.stores.len() {
                        return Err(different_names(location));
                    }
                    self.reorder(location, alternative.range, control, &mut inner.stores)?;
                }
            }
            self.jump(alternative.range, Opcode::JUMP, end);
            self.emit_fail_pop(alternative.range, &mut inner);
        }
        self.op(location, Opcode::POP_TOP);
        self.jump_to_fail(location, context, Opcode::JUMP);
        self.use_label(end);
        let control = control.unwrap_or_default();
        let rotations = control.len() + 1 + context.on_top + context.stores.len();
        for name in control {
            self.rotate(location, rotations)?;
            if context.stores.contains(&name) {
                return Err(duplicate_store(location, name));
            }
            context.stores.push(name);
        }
        self.op(location, Opcode::POP_TOP);
        Ok(())
    }

    /// Brings captured values into the order of `control`.
    fn reorder(
        &mut self,
        or_location: Location,
        location: Location,
        control: &[Name<'a>],
        stores: &mut Vec<Name<'a>>,
    ) -> Result {
        for wanted in (0..control.len()).rev() {
            let Some(found) = stores.iter().position(|name| *name == control[wanted]) else {
                return Err(different_names(or_location));
            };
            if found == wanted {
                continue;
            }
            let rotated: Vec<Name<'a>> = stores.drain(..=found).collect();
            let at = wanted - found;
            stores.splice(at..at, rotated);
            for _ in 0..=found {
                self.rotate(location, wanted + 1)?;
            }
        }
        Ok(())
    }
}

/// `_`
fn is_wildcard(pattern: PatternRef<'_>) -> bool {
    matches!(pattern.kind, PatternKind::MatchAs { name: None, .. })
}

/// What two constants share that a dict takes for the same key: `1`, `1.0` and `True` are one.
fn key_identity(constant: Constant) -> Constant {
    match constant {
        Constant::True => Constant::int(1),
        Constant::False => Constant::int(0),
        Constant::Float(value) => whole_number(value).unwrap_or(Constant::Float(value)),
        Constant::Complex(real, 0.0) => whole_number(real).unwrap_or(Constant::Float(real)),
        other => other,
    }
}

fn whole_number(value: f64) -> Option<Constant> {
    let whole = oriel_bytecode::IBig::try_from(value).ok()?;
    Some(Constant::Int(whole))
}

fn duplicate_store(location: Location, name: &str) -> CompileError {
    CompileError::syntax(format!("multiple assignments to name {} in pattern", quoted(name)), location)
}

fn different_names(location: Location) -> CompileError {
    CompileError::syntax("alternative patterns bind different names", location)
}

/// The `repr()` of an identifier.
fn quoted(name: &str) -> String {
    format!("'{name}'")
}

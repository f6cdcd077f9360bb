//! Calls: of methods, of `super()`'s attributes, and of anything else with any mixture of arguments.

use oriel_bytecode::oparg::{CommonConstant, Intrinsic1};
use oriel_bytecode::{Constant, Opcode};
use oriel_syntax::ast::{CmpOp, ExprContext, ExprKind, ExprRef, Keyword, Seq};
use rustc_hash::FxHashSet;

use super::displays::TUPLE;
use super::expressions::at_attribute;
use super::{Compiler, Result, STACK_USE_GUIDELINE};
use crate::error::{CompileError, Location, NO_LOCATION};
use crate::instruction_sequence::Label;
use crate::symtable::{BlockKey, BlockRole, Flags, Name, Scope};

impl<'a> Compiler<'a> {
    pub(super) fn call(&mut self, expr: ExprRef<'a>) -> Result {
        let ExprKind::Call { func, args, keywords } = expr.kind else { return Ok(()) };
        check_keywords(keywords)?;
        if self.method_call(expr, func, args, keywords)? {
            return Ok(());
        }
        let skip_normal_call = self.new_label();
        self.check_caller(func);
        self.expr(func)?;
        self.call_of_generator(func, args, keywords, skip_normal_call)?;
        self.op(func.range, Opcode::PUSH_NULL);
        self.call_arguments(expr.range, 0, args, None, keywords)?;
        self.use_label(skip_normal_call);
        Ok(())
    }

    /// `object.method(...)` without making a bound method; whether that was possible.
    fn method_call(
        &mut self,
        expr: ExprRef<'a>,
        func: ExprRef<'a>,
        args: Seq<'a, ExprRef<'a>>,
        keywords: Seq<'a, Keyword<'a>>,
    ) -> Result<bool> {
        let ExprKind::Attribute { value: object, attr, ctx: ExprContext::Load } = func.kind else {
            return Ok(false);
        };
        let total = args.len() + keywords.len() + usize::from(!keywords.is_empty());
        if self.is_imported(object)
            || total >= STACK_USE_GUIDELINE
            || args.iter().any(|arg| matches!(arg.kind, ExprKind::Starred { .. }))
            || keywords.iter().any(|keyword| keyword.arg.is_none())
        {
            return Ok(false);
        }
        let name_location = if self.is_super_access(object, attr) {
            self.super_attribute(func, object, attr, true)?
        } else {
            self.expr(object)?;
            let location = at_attribute(func.range, func, attr);
            self.load_method(location, attr);
            location
        };
        self.exprs(args)?;
        let call_location = at_attribute(expr.range, func, attr);
        if keywords.is_empty() {
            self.op_count(call_location, Opcode::CALL, args.len())?;
        } else {
            self.keyword_arguments(name_location, keywords)?;
            self.op_count(call_location, Opcode::CALL_KW, args.len() + keywords.len())?;
        }
        Ok(true)
    }

    /// Whether an expression is a name that the module imports.
    fn is_imported(&self, expr: ExprRef<'a>) -> bool {
        match expr.kind {
            ExprKind::Name { id, .. } => self.table.block(self.table.top()).symbol(id).has(Flags::IMPORT),
            _ => false,
        }
    }

    /// Whether `value.attr` is an attribute of `super()` that can be looked up without making the super object.
    pub(super) fn is_super_access(&self, value: ExprRef<'a>, attr: Name<'a>) -> bool {
        let ExprKind::Call { func, args, keywords: [] } = value.kind else { return false };
        if !matches!(func.kind, ExprKind::Name { id: "super", .. }) || attr == "__class__" {
            return false;
        }
        // `super` must not visibly be anything else.
        if self.block().scope("super") != Some(Scope::GlobalImplicit)
            || self.table.block(self.table.top()).scope("super").is_some()
        {
            return false;
        }
        match args {
            [_, _] => !args.iter().any(|arg| matches!(arg.kind, ExprKind::Starred { .. })),
            [] => {
                let meta = &self.unit.meta;
                (meta.argcount > 0 || meta.posonlyargcount > 0)
                    && self.reference_scope("__class__") == Some(Scope::Free)
            }
            _ => false,
        }
    }

    /// Pushes an attribute of `super()`; the result is the position of the attribute's name.
    pub(super) fn super_attribute(
        &mut self,
        expr: ExprRef<'a>,
        value: ExprRef<'a>,
        attr: Name<'a>,
        method: bool,
    ) -> Result<Location> {
        let ExprKind::Call { func, args, .. } = value.kind else { return Ok(expr.range) };
        self.load_name(func.range, "super")?;
        if args.is_empty() {
            self.load_name(value.range, "__class__")?;
            if let Some(first) = self.block().varnames.first().copied() {
                self.load_name(value.range, first)?;
            }
        } else {
            self.exprs(args)?;
        }
        let index = self.name_index(attr);
        let oparg = index << 2 | u32::from(!args.is_empty()) << 1 | u32::from(method);
        self.op_arg(expr.range, Opcode::LOAD_SUPER_ATTR, oparg);
        let location = at_attribute(expr.range, expr, attr);
        self.op(location, Opcode::NOP);
        Ok(location)
    }

    /// `any(... for ...)`, `all(...)` and `tuple(...)` without calling the built-in function, if it is that.
    fn call_of_generator(
        &mut self,
        func: ExprRef<'a>,
        args: Seq<'a, ExprRef<'a>>,
        keywords: Seq<'a, Keyword<'a>>,
        end: Label,
    ) -> Result {
        let ExprKind::Name { id, .. } = func.kind else { return Ok(()) };
        let [generator] = args else { return Ok(()) };
        if !keywords.is_empty() || !matches!(generator.kind, ExprKind::GeneratorExp { .. }) {
            return Ok(());
        }
        // What is pushed if the loop ends, and what goes on with the loop.
        let (function, outcome) = match id {
            "all" => (CommonConstant::BuiltinAll, Some((true, Opcode::POP_JUMP_IF_TRUE))),
            "any" => (CommonConstant::BuiltinAny, Some((false, Opcode::POP_JUMP_IF_FALSE))),
            "tuple" => (CommonConstant::BuiltinTuple, None),
            _ => return Ok(()),
        };
        // An asynchronous generator is an error to be raised by the function.
        let block = self.block_of(BlockKey::new(BlockRole::Expression, *generator))?;
        if self.table.block(block).coroutine {
            return Ok(());
        }
        let location = func.range;
        let skip_optimization = self.new_label();
        self.op_arg(location, Opcode::COPY, 1);
        self.op_arg(location, Opcode::LOAD_COMMON_CONSTANT, function.oparg());
        self.compare_op(location, CmpOp::Is);
        self.jump(location, Opcode::POP_JUMP_IF_FALSE, skip_optimization);
        self.op(location, Opcode::POP_TOP);
        if outcome.is_none() {
            self.op_arg(location, Opcode::BUILD_LIST, 0);
        }
        self.expr(generator)?;
        let (start, cleanup) = (self.new_label(), self.new_label());
        self.use_label(start);
        self.jump(location, Opcode::FOR_ITER, cleanup);
        match outcome {
            None => {
                self.op_arg(location, Opcode::LIST_APPEND, 2);
                self.jump(location, Opcode::JUMP, start);
            }
            Some((_, go_on)) => {
                self.op(location, Opcode::TO_BOOL);
                self.jump(location, go_on, start);
            }
        }
        self.op(NO_LOCATION, Opcode::POP_ITER);
        if let Some((exhausted, _)) = outcome {
            self.load_const(location, Constant::bool(!exhausted));
        }
        self.jump(location, Opcode::JUMP, end);
        self.use_label(cleanup);
        self.op(NO_LOCATION, Opcode::END_FOR);
        self.op(NO_LOCATION, Opcode::POP_ITER);
        match outcome {
            None => self.op_arg(location, Opcode::CALL_INTRINSIC_1, Intrinsic1::ListToTuple.oparg()),
            Some((exhausted, _)) => self.load_const(location, Constant::bool(exhausted)),
        }
        self.jump(location, Opcode::JUMP, end);
        self.use_label(skip_optimization);
        Ok(())
    }

    /// Pushes the values of keyword arguments and a tuple of their names.
    fn keyword_arguments(&mut self, location: Location, keywords: Seq<'a, Keyword<'a>>) -> Result {
        keywords.iter().try_for_each(|keyword| self.expr(keyword.value))?;
        let names = self.names_tuple(keywords.iter().filter_map(|keyword| keyword.arg));
        self.load_const(location, names);
        Ok(())
    }

    /// Pushes arguments after the `pushed` ones that are there, and calls. `injected` is a variable to pass as the
    /// last positional argument.
    pub(super) fn call_arguments(
        &mut self,
        location: Location,
        pushed: usize,
        args: Seq<'a, ExprRef<'a>>,
        injected: Option<Name<'a>>,
        keywords: Seq<'a, Keyword<'a>>,
    ) -> Result {
        check_keywords(keywords)?;
        let simple = args.len() + keywords.len() * 2 <= STACK_USE_GUIDELINE
            && !args.iter().any(|arg| matches!(arg.kind, ExprKind::Starred { .. }))
            && keywords.iter().all(|keyword| keyword.arg.is_some());
        if simple {
            self.exprs(args)?;
            let mut count = pushed + args.len();
            if let Some(name) = injected {
                self.load_name(location, name)?;
                count += 1;
            }
            if keywords.is_empty() {
                return self.op_count(location, Opcode::CALL, count);
            }
            self.keyword_arguments(location, keywords)?;
            return self.op_count(location, Opcode::CALL_KW, count + keywords.len());
        }
        match args {
            [only] if pushed == 0 && matches!(only.kind, ExprKind::Starred { .. }) => {
                if let ExprKind::Starred { value, .. } = only.kind {
                    self.expr(value)?;
                }
            }
            _ => self.display(location, args, injected, pushed, TUPLE)?,
        }
        if keywords.is_empty() {
            self.op(location, Opcode::PUSH_NULL);
        } else {
            self.keyword_mapping(location, keywords)?;
        }
        self.op(location, Opcode::CALL_FUNCTION_EX);
        Ok(())
    }

    /// Pushes a dict of keyword arguments and mappings.
    fn keyword_mapping(&mut self, location: Location, keywords: Seq<'a, Keyword<'a>>) -> Result {
        let mut have_dict = false;
        let mut seen = 0;
        for (index, keyword) in keywords.iter().enumerate() {
            if keyword.arg.is_some() {
                seen += 1;
                continue;
            }
            if seen > 0 {
                self.keyword_mapping_part(location, &keywords[index - seen..index])?;
                if have_dict {
                    self.op_arg(location, Opcode::DICT_MERGE, 1);
                }
                have_dict = true;
                seen = 0;
            }
            if !have_dict {
                self.op_arg(location, Opcode::BUILD_MAP, 0);
                have_dict = true;
            }
            self.expr(keyword.value)?;
            self.op_arg(location, Opcode::DICT_MERGE, 1);
        }
        if seen > 0 {
            self.keyword_mapping_part(location, &keywords[keywords.len() - seen..])?;
            if have_dict {
                self.op_arg(location, Opcode::DICT_MERGE, 1);
            }
        }
        Ok(())
    }

    fn keyword_mapping_part(&mut self, location: Location, keywords: Seq<'a, Keyword<'a>>) -> Result {
        let big = keywords.len() * 2 > STACK_USE_GUIDELINE;
        if big {
            self.op_arg(NO_LOCATION, Opcode::BUILD_MAP, 0);
        }
        for keyword in keywords {
            self.load_str(location, keyword.arg.unwrap_or(""));
            self.expr(keyword.value)?;
            if big {
                self.op_arg(NO_LOCATION, Opcode::MAP_ADD, 1);
            }
        }
        if !big {
            self.op_count(location, Opcode::BUILD_MAP, keywords.len())?;
        }
        Ok(())
    }
}

/// Refuses to pass the same keyword twice. Of several offences the one counts whose first occurrence is first.
fn check_keywords(keywords: &[Keyword<'_>]) -> Result {
    let mut seen = FxHashSet::default();
    if keywords.iter().filter_map(|keyword| keyword.arg).all(|name| seen.insert(name)) {
        return Ok(());
    }
    for (index, keyword) in keywords.iter().enumerate() {
        let Some(name) = keyword.arg else { continue };
        if let Some(again) = keywords[index + 1..].iter().find(|other| other.arg == Some(name)) {
            return Err(CompileError::syntax(format!("keyword argument repeated: {name}"), again.range));
        }
    }
    Ok(())
}

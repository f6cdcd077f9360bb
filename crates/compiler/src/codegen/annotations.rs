//! Annotations: the functions that evaluate them on demand, and annotated assignments.

use oriel_bytecode::oparg::{CommonConstant, CompareOperator, function_attribute};
use oriel_bytecode::{CodeObject, Constant, Opcode, Text};
use oriel_syntax::ast::{Arg, Expr, ExprKind, ExprRef, FunctionDef, StmtKind, StmtRef};

use super::scopes::Parameters;
use super::{Compiler, Result, ScopeKind};
use crate::error::{CompileError, Location};
use crate::instruction_sequence::InstructionSequence;
use crate::symtable::{BlockId, BlockKey, BlockKind, BlockRole, Name, mangle};

/// The highest format of annotations that generated functions can produce: values with fake globals.
const VALUE_WITH_FAKE_GLOBALS: i32 = 2;

impl<'a> Compiler<'a> {
    /// Enters the scope of a function that evaluates annotations, and refuses formats that it does not know.
    pub(super) fn enter_annotations_scope(&mut self, location: Location, block: BlockId, name: Name<'a>) -> Result {
        let parameters = Parameters { posonlyargcount: 1, ..Parameters::default() };
        self.enter_block_scope(name, ScopeKind::Annotations, block, location.lineno, None, parameters)?;
        self.op_arg(location, Opcode::LOAD_FAST, 0);
        self.load_const(location, Constant::int(VALUE_WITH_FAKE_GLOBALS));
        self.op_arg(location, Opcode::COMPARE_OP, CompareOperator::Greater.compare_oparg());
        let body = self.new_label();
        self.jump(location, Opcode::POP_JUMP_IF_FALSE, body);
        self.op_arg(location, Opcode::LOAD_COMMON_CONSTANT, CommonConstant::NotImplementedError.oparg());
        self.op_arg(location, Opcode::RAISE_VARARGS, 1);
        self.use_label(body);
        Ok(())
    }

    fn leave_annotations_scope(&mut self, location: Location) -> Result {
        self.op(location, Opcode::RETURN_VALUE);
        let code = with_format_parameter(self.finish_scope(true)?);
        self.make_closure(location, code, 0)
    }

    /// The annotations of the current module or class, collected while its statements were compiled.
    pub(super) fn deferred_annotations(&mut self, location: Location) -> Result {
        let annotations = std::mem::take(&mut self.unit.deferred_annotations);
        if annotations.is_empty() {
            return Ok(());
        }
        let in_module = self.unit.kind == ScopeKind::Module;
        if in_module {
            // A module's annotations are set up before its first statement.
            let seq = std::mem::replace(&mut self.unit.seq, InstructionSequence::new());
            self.unit.stashed_seq = Some(seq);
        }
        let Some(block) = self.block().annotation_block else {
            return Err(CompileError::invalid_tree("annotations without a block", location));
        };
        let in_class = self.unit.kind == ScopeKind::Class;
        self.enter_annotations_scope(location, block, self.table.block(block).name)?;
        self.op_arg(location, Opcode::BUILD_MAP, 0);
        for (stmt, condition) in annotations {
            self.deferred_annotation(location, stmt, condition, in_class)?;
        }
        self.leave_annotations_scope(location)?;
        let name = if self.block().kind == BlockKind::Class { "__annotate_func__" } else { "__annotate__" };
        self.store_name(location, name)?;
        if let Some(seq) = self.unit.stashed_seq.take() {
            let annotations = std::mem::replace(&mut self.unit.seq, seq);
            self.unit.seq.set_annotations(annotations);
        }
        Ok(())
    }

    fn deferred_annotation(
        &mut self,
        scope_location: Location,
        stmt: StmtRef<'a>,
        condition: Option<u32>,
        in_class: bool,
    ) -> Result {
        let StmtKind::AnnAssign { target, annotation, .. } = stmt.kind else { return Ok(()) };
        let ExprKind::Name { id, .. } = target.kind else { return Ok(()) };
        let location = stmt.range;
        let mangled = mangle(self.arena, self.unit.private, id);
        let not_set = self.new_label();
        if let Some(index) = condition {
            self.load_const(location, Constant::int(index));
            if in_class {
                let index = self.free_index("__conditional_annotations__");
                self.op_arg(location, Opcode::LOAD_DEREF, index);
            } else {
                let index = self.name_index("__conditional_annotations__");
                self.op_arg(location, Opcode::LOAD_GLOBAL, index << 1);
            }
            self.op_arg(location, Opcode::CONTAINS_OP, 0);
            self.jump(location, Opcode::POP_JUMP_IF_FALSE, not_set);
        }
        self.expr(annotation)?;
        self.op_arg(location, Opcode::COPY, 2);
        self.load_str(location, mangled);
        self.op(scope_location, Opcode::STORE_SUBSCR);
        self.use_label(not_set);
        Ok(())
    }

    /// Pushes the function that evaluates the annotations of a function, if there are any.
    pub(super) fn function_annotations(&mut self, location: Location, def: &'a FunctionDef<'a>) -> Result<u32> {
        let args = def.args;
        let block = self.block_of(BlockKey::new(BlockRole::Annotations, args))?;
        if !self.table.block(block).annotations_used {
            return Ok(0);
        }
        self.enter_annotations_scope(location, block, self.table.block(block).name)?;
        let mut count = 0;
        let arguments = args.args.iter().chain(args.posonlyargs).chain(args.vararg).chain(args.kwonlyargs);
        for Arg { arg, annotation, .. } in arguments.chain(args.kwarg) {
            self.argument_annotation(location, arg, *annotation, &mut count)?;
        }
        self.argument_annotation(location, "return", def.returns, &mut count)?;
        self.op_count(location, Opcode::BUILD_MAP, count)?;
        self.leave_annotations_scope(location)?;
        Ok(function_attribute::ANNOTATE)
    }

    fn argument_annotation(
        &mut self,
        location: Location,
        name: Name<'a>,
        annotation: Option<ExprRef<'a>>,
        count: &mut usize,
    ) -> Result {
        let Some(annotation) = annotation else { return Ok(()) };
        let mangled = self.maybe_mangle(name);
        self.load_str(location, mangled);
        if self.future.annotations {
            self.annotation_text(annotation)?;
        } else if let ExprKind::Starred { value, .. } = annotation.kind {
            // `*args: *Ts`
            self.expr(value)?;
            self.op_arg(location, Opcode::UNPACK_SEQUENCE, 1);
        } else {
            self.expr(annotation)?;
        }
        *count += 1;
        Ok(())
    }

    /// Pushes the source text of an annotation.
    fn annotation_text(&mut self, annotation: ExprRef<'a>) -> Result {
        let text = crate::text_forms::annotation(annotation, self.guard)?;
        self.load_const(annotation.range, Constant::str(&text));
        Ok(())
    }

    pub(super) fn annotated_assignment(&mut self, stmt: StmtRef<'a>) -> Result {
        let StmtKind::AnnAssign { target, annotation, value, simple } = stmt.kind else { return Ok(()) };
        let location = stmt.range;
        let in_namespace = matches!(self.unit.kind, ScopeKind::Module | ScopeKind::Class);
        if let Some(value) = value {
            self.expr(value)?;
            self.expr(target)?;
        }
        match target.kind {
            ExprKind::Name { id, .. } => {
                if simple && in_namespace {
                    if self.future.annotations {
                        self.annotation_text(annotation)?;
                        self.op_name(location, Opcode::LOAD_NAME, "__annotations__");
                        let mangled = self.maybe_mangle(id);
                        self.load_str(location, mangled);
                        self.op(location, Opcode::STORE_SUBSCR);
                    } else {
                        self.defer_annotation(stmt);
                    }
                }
            }
            ExprKind::Attribute { value: object, .. } => {
                if value.is_none() {
                    self.check_annotation_part(object)?;
                }
            }
            ExprKind::Subscript { value: object, slice, .. } => {
                if value.is_none() {
                    self.check_annotation_part(object)?;
                    self.check_annotation_subscript(slice)?;
                }
            }
            _ => {
                return Err(CompileError::invalid_tree("invalid node type for annotated assignment", location));
            }
        }
        Ok(())
    }

    /// Leaves an annotation for the end of the scope; if it may not be executed, notes here that it is.
    fn defer_annotation(&mut self, stmt: StmtRef<'a>) {
        let conditional = self.unit.kind == ScopeKind::Module || self.unit.conditional_blocks > 0;
        let index = conditional.then(|| {
            let index = self.unit.next_conditional_annotation;
            self.unit.next_conditional_annotation += 1;
            index
        });
        self.unit.deferred_annotations.push((stmt, index));
        if let Some(index) = index {
            let location = stmt.range;
            if self.unit.kind == ScopeKind::Class {
                let cell = self.cell_index("__conditional_annotations__");
                self.op_arg(location, Opcode::LOAD_DEREF, cell);
            } else {
                self.op_name(location, Opcode::LOAD_NAME, "__conditional_annotations__");
            }
            self.load_const(location, Constant::int(index));
            self.op_arg(location, Opcode::SET_ADD, 1);
            self.op(location, Opcode::POP_TOP);
        }
    }

    fn check_annotation_part(&mut self, expr: &'a Expr<'a>) -> Result {
        self.expr(expr)?;
        self.op(expr.range, Opcode::POP_TOP);
        Ok(())
    }

    /// Everything in a subscript that is annotated but not assigned must be defined.
    fn check_annotation_subscript(&mut self, expr: &'a Expr<'a>) -> Result {
        self.guard.check()?;
        match expr.kind {
            ExprKind::Slice { lower, upper, step } => {
                [lower, upper, step].into_iter().flatten().try_for_each(|part| self.check_annotation_part(part))
            }
            ExprKind::Tuple { elts, .. } => elts.iter().try_for_each(|elt| self.check_annotation_subscript(elt)),
            _ => self.check_annotation_part(expr),
        }
    }
}

/// Gives the parameter of an annotation function the name that callers use; inside it has another one, which no
/// annotation can mean.
fn with_format_parameter(mut code: CodeObject) -> CodeObject {
    if let Some(name) = code.localsplusnames.first_mut() {
        *name = Text::from("format");
    }
    code
}

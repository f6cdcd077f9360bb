//! Classes.

use oriel_bytecode::oparg::Intrinsic1;
use oriel_bytecode::{Constant, Opcode};
use oriel_syntax::ast::{ClassDef, ExprContext, ExprKind, ExprRef, StmtRef};

use super::scopes::Parameters;
use super::{Compiler, Result, ScopeKind, line_start};
use crate::error::NO_LOCATION;
use crate::symtable::{BlockKey, BlockRole};

impl<'a> Compiler<'a> {
    pub(super) fn class(&mut self, stmt: StmtRef<'a>, def: &'a ClassDef<'a>) -> Result {
        let location = stmt.range;
        self.exprs(def.decorator_list)?;
        let firstlineno = def.decorator_list.first().map_or(location.lineno, |first| first.range.lineno);
        let generic = !def.type_params.is_empty();
        if generic {
            let name = self.arena.str(&format!("<generic parameters of {}>", def.name));
            let key = BlockKey::new(BlockRole::TypeParameters, def.type_params);
            let kind = ScopeKind::Annotations;
            self.enter_scope(name, kind, key, firstlineno, Some(def.name), Parameters::default())?;
            self.type_params(def.type_params)?;
            self.store_name(location, ".type_params")?;
        }
        self.class_body(stmt, def, firstlineno)?;
        if generic {
            self.load_name(location, ".type_params")?;
            self.op_arg(location, Opcode::CALL_INTRINSIC_1, Intrinsic1::SubscriptGeneric.oparg());
            self.store_name(location, ".generic_base")?;
            self.call_arguments(location, 2, def.bases, Some(".generic_base"), def.keywords)?;
            let code = self.finish_scope(false)?;
            self.make_closure(location, code, 0)?;
            self.op(location, Opcode::PUSH_NULL);
            self.op_arg(location, Opcode::CALL, 0);
        } else {
            self.call_arguments(location, 2, def.bases, None, def.keywords)?;
        }
        self.apply_decorators(def.decorator_list);
        self.store_name(location, def.name)
    }

    /// Pushes `__build_class__`, the function of the class's body and the class's name.
    fn class_body(&mut self, stmt: StmtRef<'a>, def: &'a ClassDef<'a>, firstlineno: i32) -> Result {
        let key = BlockKey::new(BlockRole::Statement, stmt);
        self.enter_scope(def.name, ScopeKind::Class, key, firstlineno, Some(def.name), Parameters::default())?;
        let location = line_start(firstlineno);
        self.load_name(location, "__name__")?;
        self.store_name(location, "__module__")?;
        let qualname = self.unit.meta.qualname.clone();
        self.load_const(location, Constant::Str(qualname));
        self.store_name(location, "__qualname__")?;
        self.load_const(location, Constant::int(firstlineno));
        self.store_name(location, "__firstlineno__")?;
        if !def.type_params.is_empty() {
            self.load_name(location, ".type_params")?;
            self.store_name(location, "__type_params__")?;
        }
        let needs_classdict = self.block().needs_classdict;
        if needs_classdict {
            self.op(location, Opcode::LOAD_LOCALS);
            let index = self.cell_index("__classdict__");
            self.op_arg(location, Opcode::STORE_DEREF, index);
        }
        if self.block().has_conditional_annotations {
            self.op_arg(location, Opcode::BUILD_SET, 0);
            let index = self.cell_index("__conditional_annotations__");
            self.op_arg(location, Opcode::STORE_DEREF, index);
        }
        self.body(location, def.body, false)?;

        let attributes = std::mem::take(&mut self.unit.static_attributes);
        let attributes = self.names_tuple(attributes.into_iter());
        self.load_const(NO_LOCATION, attributes);
        self.store_name(NO_LOCATION, "__static_attributes__")?;
        if needs_classdict {
            let index = self.cell_index("__classdict__");
            self.op_arg(NO_LOCATION, Opcode::LOAD_CLOSURE, index);
            self.store_name(NO_LOCATION, "__classdictcell__")?;
        }
        if self.block().needs_class_closure {
            let index = self.cell_index("__class__");
            self.op_arg(NO_LOCATION, Opcode::LOAD_CLOSURE, index);
            self.op_arg(NO_LOCATION, Opcode::COPY, 1);
            self.store_name(NO_LOCATION, "__classcell__")?;
        } else {
            self.load_none(NO_LOCATION);
        }
        self.op(NO_LOCATION, Opcode::RETURN_VALUE);
        let code = self.finish_scope(true)?;

        let location = stmt.range;
        self.op(location, Opcode::LOAD_BUILD_CLASS);
        self.op(location, Opcode::PUSH_NULL);
        self.make_closure(location, code, 0)?;
        self.load_str(location, def.name);
        Ok(())
    }

    /// Remembers `self.attr = ...` for the class around the method.
    pub(super) fn note_static_attribute(&mut self, value: ExprRef<'a>, attr: &'a str, ctx: ExprContext) {
        if ctx == ExprContext::Store
            && matches!(value.kind, ExprKind::Name { id: "self", .. })
            && let Some(class) = self.stack.iter_mut().rev().find(|unit| unit.kind == ScopeKind::Class)
        {
            class.static_attributes.insert(attr);
        }
    }
}

//! Loading, storing and deleting names: which instruction a name's scope asks for.

use oriel_bytecode::Opcode;
use oriel_syntax::ast::ExprContext;

use super::{Compiler, Result};
use crate::error::Location;
use crate::symtable::{BlockKind, Name, Scope};

/// How a name is reached.
enum Access {
    /// A variable of the frame.
    Fast,
    /// A module's or built-in name.
    Global,
    /// A cell, by its operand.
    Cell(u32),
    /// The namespace of a module or class.
    Namespace,
}

impl<'a> Compiler<'a> {
    pub(super) fn load_name(&mut self, location: Location, name: Name<'a>) -> Result {
        self.name_op(location, name, ExprContext::Load)
    }

    pub(super) fn store_name(&mut self, location: Location, name: Name<'a>) -> Result {
        self.name_op(location, name, ExprContext::Store)
    }

    /// Loads, stores or deletes a name.
    pub(super) fn name_op(&mut self, location: Location, name: Name<'a>, ctx: ExprContext) -> Result {
        let mangled = self.maybe_mangle(name);
        let scope = self.block().scope(mangled);
        let load = ctx == ExprContext::Load;
        match self.access(mangled, scope) {
            Access::Fast => {
                let text = self.text(mangled);
                let index = self.unit.meta.varnames.add(text);
                self.op_arg(
                    location,
                    by_context(ctx, Opcode::LOAD_FAST, Opcode::STORE_FAST, Opcode::DELETE_FAST),
                    index,
                );
            }
            Access::Cell(index) => {
                let in_class = self.block().kind == BlockKind::Class && self.unit.inlined_comprehensions == 0;
                let sees_class = self.block().can_see_class_scope;
                let opcode = if load && (in_class || sees_class) {
                    if in_class {
                        self.op(location, Opcode::LOAD_LOCALS);
                    } else {
                        self.load_classdict(location);
                    }
                    Opcode::LOAD_FROM_DICT_OR_DEREF
                } else {
                    by_context(ctx, Opcode::LOAD_DEREF, Opcode::STORE_DEREF, Opcode::DELETE_DEREF)
                };
                self.op_arg(location, opcode, index);
            }
            Access::Global => {
                let text = self.text(mangled);
                let index = self.unit.meta.names.add(text);
                if load && self.block().can_see_class_scope && scope == Some(Scope::GlobalImplicit) {
                    self.load_classdict(location);
                    self.op_arg(location, Opcode::LOAD_FROM_DICT_OR_GLOBALS, index);
                } else if load {
                    self.op_arg(location, Opcode::LOAD_GLOBAL, index << 1);
                } else {
                    self.op_arg(
                        location,
                        by_context(ctx, Opcode::LOAD_GLOBAL, Opcode::STORE_GLOBAL, Opcode::DELETE_GLOBAL),
                        index,
                    );
                }
            }
            Access::Namespace => {
                let text = self.text(mangled);
                let index = self.unit.meta.names.add(text);
                if load && self.block().kind == BlockKind::Class && self.unit.inlined_comprehensions > 0 {
                    // A comprehension does not see the names of the class around it.
                    self.op_arg(location, Opcode::LOAD_GLOBAL, index << 1);
                } else {
                    self.op_arg(
                        location,
                        by_context(ctx, Opcode::LOAD_NAME, Opcode::STORE_NAME, Opcode::DELETE_NAME),
                        index,
                    );
                }
            }
        }
        Ok(())
    }

    fn access(&mut self, mangled: Name<'a>, scope: Option<Scope>) -> Access {
        match scope {
            Some(Scope::Free) => Access::Cell(self.free_index(mangled)),
            Some(Scope::Cell) => Access::Cell(self.cell_index(mangled)),
            Some(Scope::Local) => {
                if self.block().is_function_like() || self.unit.fast_hidden.get(mangled) == Some(&true) {
                    Access::Fast
                } else {
                    Access::Namespace
                }
            }
            Some(Scope::GlobalImplicit) if self.block().is_function_like() => Access::Global,
            Some(Scope::GlobalExplicit) => Access::Global,
            Some(Scope::GlobalImplicit) | None => Access::Namespace,
        }
    }

    /// The operand for a free variable.
    pub(super) fn free_index(&mut self, name: Name<'a>) -> u32 {
        let text = self.text(name);
        self.unit.meta.freevars.add(text) + self.unit.meta.cellvars.len() as u32
    }

    /// The operand for a cell.
    pub(super) fn cell_index(&mut self, name: Name<'a>) -> u32 {
        let text = self.text(name);
        self.unit.meta.cellvars.add(text)
    }

    fn load_classdict(&mut self, location: Location) {
        let index = self.free_index("__classdict__");
        self.op_arg(location, Opcode::LOAD_DEREF, index);
    }
}

fn by_context(ctx: ExprContext, load: Opcode, store: Opcode, delete: Opcode) -> Opcode {
    match ctx {
        ExprContext::Load => load,
        ExprContext::Store => store,
        ExprContext::Del => delete,
    }
}

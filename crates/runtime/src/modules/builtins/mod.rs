//! `builtins`: the functions that need no import.

pub(crate) mod code;
pub(crate) mod iteration;
mod objects;
mod output;

use crate::native::{ModuleSpec, TypeSpec, type_flags};

/// `builtins`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "builtins",
    doc: "Built-in functions, types, exceptions, and other objects.",
    functions: &[],
    exec: |vm, module| {
        let name = vm.names.builtins.clone();
        for table in [objects::FUNCTIONS, iteration::FUNCTIONS, output::FUNCTIONS, code::FUNCTIONS] {
            for def in table {
                let function = vm.new_native_function(def, Some(module.clone()), Some(name.clone()));
                vm.builtins.set_str(&vm.intern(def.name), function);
            }
        }
        Ok(())
    },
};

const PUBLIC: &[&str] = &[
    "object",
    "type",
    "str",
    "dict",
    "tuple",
    "list",
    "int",
    "bool",
    "float",
    "complex",
    "bytes",
    "bytearray",
    "memoryview",
    "set",
    "frozenset",
    "slice",
    "range",
    "enumerate",
    "reversed",
    "zip",
    "map",
    "filter",
    "property",
    "classmethod",
    "staticmethod",
    "super",
    // What codeop asks for: an error of a source that may go on.
    "_IncompleteInputError",
];

/// Whether the type is a name of `builtins`.
pub fn is_public_type(spec: &TypeSpec) -> bool {
    PUBLIC.contains(&spec.name) || spec.flags & type_flags::EXCEPTION != 0 && !spec.name.starts_with('_')
}

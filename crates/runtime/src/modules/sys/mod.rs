//! `sys`: what a program sees and sets of its interpreter. Import paths, streams and hooks of the library are put in
//! by bootstrap; the names here are those that exist from the first moment.

pub mod frames;
pub mod hooks;
pub mod limits;
pub mod monitoring;
mod names;
pub mod structs;
pub mod text;
pub mod values;

use crate::error::PyResult;
use crate::native::{MethodDef, ModuleSpec};
use crate::vm::Vm;
use oriel_heap::Value;

/// `sys`
pub static SPEC: ModuleSpec =
    ModuleSpec { name: "sys", doc: "What a program sees and sets of its interpreter.", functions: &[], exec };

fn exec(vm: &Vm, module: &Value) -> PyResult<()> {
    for table in [hooks::FUNCTIONS, frames::FUNCTIONS, limits::FUNCTIONS, text::FUNCTIONS] {
        add_functions(vm, module, "sys", table)?;
    }
    values::fill(vm, module)?;
    hooks::fill(vm, module)?;
    for (name, spec) in [("monitoring", &monitoring::SPEC), ("_jit", &limits::JIT_SPEC)] {
        let part = vm.make_native_module(spec)?;
        vm.module_set(module, name, part)?;
    }
    Ok(())
}

fn add_functions(vm: &Vm, module: &Value, name: &str, table: &'static [MethodDef]) -> PyResult<()> {
    let name = vm.intern(name);
    for def in table {
        let function = vm.new_native_function(def, Some(module.clone()), Some(name.clone()));
        vm.module_set(module, def.name, function)?;
    }
    Ok(())
}

//! Importing instructions.

use super::activation::{Activation, Flow};
use super::names::locals_of;
use crate::args::Args;
use crate::error::PyResult;
use crate::frame::FrameRef;
use crate::lowered::Instruction;
use crate::modules::builtins;
use crate::native::NativeCall;
use crate::types::native_function::NativeFunction;
use crate::vm::Vm;
use oriel_heap::Value;

type ArgsFn = fn(&Vm, &Value, Args<'_>) -> PyResult;

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn import_name(&mut self, i: Instruction) -> Flow {
        self.save();
        let name = self.name(self.extension(0).as_number());
        let result = import_name(self.vm, self.frame, name, self.operand(i.c()), self.operand(i.b()));
        self.skip(1);
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn import_from(&mut self, i: Instruction) -> Flow {
        self.save();
        let name = self.name(self.extension(0).as_number());
        let result = self.vm.import_from_module(self.operand(i.b()), name);
        self.skip(1);
        self.finish(i, result)
    }
}

#[inline(never)]
fn import_name(vm: &Vm, frame: FrameRef, name: &Value, from: &Value, level: &Value) -> PyResult {
    let function = &frame.function;
    let Some(import) = function.find_builtin(vm, &vm.names.__import__)? else {
        return Err(vm.import_error("__import__ not found"));
    };
    // What `__import__` usually is needs no call.
    if let Some(native) = import.downcast::<NativeFunction>()
        && let NativeCall::Args(call) = native.def.call
        && std::ptr::fn_addr_eq(call, builtins::code::import as ArgsFn)
    {
        return vm.import_name(name, function.globals.as_value(), from, vm.to_i32(level)?);
    }
    let locals = match frame.runnable().code.flags.contains(oriel_bytecode::CodeFlags::OPTIMIZED) {
        true => Value::NONE,
        false => locals_of(frame).unwrap_or(Value::NONE),
    };
    vm.call(&import, &[name.clone(), function.globals.to_value(), locals, from.clone(), level.clone()])
}

/// `from module import *` into a frame's namespace.
pub(super) fn import_star(vm: &Vm, frame: FrameRef, module: &Value) -> PyResult<()> {
    match locals_of(frame) {
        Some(locals) => vm.import_star(module, &locals),
        None => Err(vm.system_error("no locals found during 'import *'")),
    }
}

//! Instructions on names: globals, builtins, and the namespaces of class and module bodies.

use super::activation::{Activation, Flow};
use super::exact_dict;
use crate::error::{PyResult, Raised};
use crate::frame::FrameRef;
use crate::lowered::{Instruction, flag};
use crate::vm::Vm;
use oriel_heap::Value;

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn load_name(&mut self, i: Instruction) -> Flow {
        self.save();
        let name = self.name(i.bc());
        self.finish(i, load_name(self.vm, self.frame, name))
    }

    #[inline(always)]
    pub(super) fn store_name(&mut self, i: Instruction) -> Flow {
        self.save();
        let name = self.name(i.bc());
        let result = store_name(self.vm, self.frame, name, self.operand(i.a()));
        self.kill_a(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn delete_name(&mut self, i: Instruction) -> Flow {
        self.save();
        self.done(delete_name(self.vm, self.frame, self.name(i.bc())))
    }

    #[inline(always)]
    pub(super) fn load_global(&mut self, i: Instruction) -> Flow {
        let feedback = self.frame.runnable().feedback.get();
        if !feedback.is_null() {
            // SAFETY: the feedback vector lives as long as the lowered code, and has all its sites.
            let site = unsafe { (*feedback).site(i.bc() as usize) };
            if let Some(value) = site.global(&self.frame.function) {
                self.set(i.a(), value);
                return Flow::Next;
            }
        }
        self.save();
        self.finish(i, load_global(self.vm, self.frame, i.bc()))
    }

    #[inline(always)]
    pub(super) fn store_global(&mut self, i: Instruction) -> Flow {
        let value = self.own(i, i.a(), flag::KILL_A);
        self.frame.function.globals.set_str(self.name(i.bc()), value);
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn delete_global(&mut self, i: Instruction) -> Flow {
        let name = self.name(i.bc());
        match self.frame.function.globals.delete_str(name) {
            Some(value) => {
                drop(value);
                Flow::Next
            }
            None => {
                self.save();
                Flow::Raise(name_not_defined(self.vm, name))
            }
        }
    }

    #[inline(always)]
    pub(super) fn load_locals(&mut self, i: Instruction) -> Flow {
        match locals_of(self.frame) {
            Some(locals) => {
                self.set(i.a(), locals);
                Flow::Next
            }
            None => {
                self.save();
                Flow::Raise(self.vm.system_error("no locals"))
            }
        }
    }

    #[inline(always)]
    pub(super) fn load_from_dict_or_globals(&mut self, i: Instruction) -> Flow {
        self.save();
        let name = self.name(self.extension(0).as_number());
        self.skip(1);
        let result = load_from(self.vm, self.frame, self.operand(i.b()), name);
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn load_build_class(&mut self, i: Instruction) -> Flow {
        let name = &self.vm.names.__build_class__;
        self.save();
        let found = self.frame.function.find_builtin(self.vm, name);
        let found = found.and_then(|found| found.ok_or_else(|| self.vm.name_error("__build_class__ not found")));
        self.finish(i, found)
    }

    #[inline(always)]
    pub(super) fn setup_annotations(&mut self) -> Flow {
        self.save();
        self.done(setup_annotations(self.vm, self.frame))
    }

    /// Drops operand `a` if it is a temporary that dies.
    #[inline(always)]
    pub(super) fn kill_a(&self, i: Instruction) {
        if i.has(flag::KILL_A) {
            drop(self.take(i.a()));
        }
    }
}

/// The namespace of locals that a frame was given: class and module bodies have one.
pub fn locals_of(frame: FrameRef) -> Option<Value> {
    // SAFETY: cloning runs no code that could replace the namespace meanwhile.
    let own = unsafe { (*frame.locals.as_ptr()).clone() };
    own.or_else(|| {
        let optimized = frame.runnable().code.flags.contains(oriel_bytecode::CodeFlags::OPTIMIZED);
        (!optimized).then(|| frame.function.globals.to_value())
    })
}

/// A name in a mapping; a missing one (KeyError) is nothing.
pub fn find_in(vm: &Vm, mapping: &Value, name: &Value) -> PyResult<Option<Value>> {
    match exact_dict(vm, mapping) {
        Some(dict) => Ok(dict.get_str(name)),
        None => vm.catch(vm.get_item(mapping, name), &vm.types.key_error),
    }
}

fn load_name(vm: &Vm, frame: FrameRef, name: &Value) -> PyResult {
    match locals_of(frame) {
        Some(locals) => load_from(vm, frame, &locals, name),
        None => Err(vm.system_error("no locals when loading a name")),
    }
}

fn load_from(vm: &Vm, frame: FrameRef, mapping: &Value, name: &Value) -> PyResult {
    if let Some(found) = find_in(vm, mapping, name)? {
        return Ok(found);
    }
    let function = &frame.function;
    let found = match find_in(vm, function.globals.as_value(), name)? {
        Some(found) => Some(found),
        None => function.find_builtin(vm, name)?,
    };
    found.ok_or_else(|| name_not_defined(vm, name))
}

#[inline(never)]
fn load_global(vm: &Vm, frame: FrameRef, number: u32) -> PyResult {
    let runnable = frame.runnable();
    let name = &runnable.names[runnable.lowered.sites[number as usize].name as usize];
    let function = &frame.function;
    if !vm.type_of(function.globals.as_value()).is(&vm.types.dict) {
        // A subclass may make up values for names that are missing.
        let found = match find_in(vm, function.globals.as_value(), name)? {
            Some(found) => Some(found),
            None => function.find_builtin(vm, name)?,
        };
        return found.ok_or_else(|| name_not_defined(vm, name));
    }
    let feedback = runnable.feedback.get();
    if !feedback.is_null() {
        // SAFETY: as in `load_global` of the loop.
        unsafe { (*feedback).site(number as usize) }.learn_global(vm, function, name);
    }
    let found = match function.globals.get_str(name) {
        Some(found) => Some(found),
        None => function.find_builtin(vm, name)?,
    };
    found.ok_or_else(|| name_not_defined(vm, name))
}

fn store_name(vm: &Vm, frame: FrameRef, name: &Value, value: &Value) -> PyResult<()> {
    let Some(locals) = locals_of(frame) else {
        return Err(vm.system_error(format!("no locals found when storing '{}'", vm.str_text(name))));
    };
    match exact_dict(vm, &locals) {
        Some(dict) => {
            dict.set_str(name, value.clone());
            Ok(())
        }
        None => vm.set_item(&locals, name, value),
    }
}

fn delete_name(vm: &Vm, frame: FrameRef, name: &Value) -> PyResult<()> {
    let Some(locals) = locals_of(frame) else {
        return Err(vm.system_error(format!("no locals when deleting '{}'", vm.str_text(name))));
    };
    let done = match exact_dict(vm, &locals) {
        Some(dict) => dict.delete_str(name).is_some(),
        None => vm.catch(vm.del_item(&locals, name), &vm.types.key_error)?.is_some(),
    };
    if done { Ok(()) } else { Err(name_not_defined(vm, name)) }
}

/// `NameError: name 'x' is not defined`, with the name for suggestions.
#[cold]
#[inline(never)]
pub fn name_not_defined(vm: &Vm, name: &Value) -> Raised {
    vm.name_error_for(&format!("name '{}' is not defined", vm.str_text(name)), name)
}

fn setup_annotations(vm: &Vm, frame: FrameRef) -> PyResult<()> {
    let Some(locals) = locals_of(frame) else {
        return Err(vm.system_error("no locals found when setting up annotations"));
    };
    let name = &vm.names.__annotations__;
    if find_in(vm, &locals, name)?.is_none() {
        vm.set_item(&locals, name, &vm.new_dict().into_value())?;
    }
    Ok(())
}

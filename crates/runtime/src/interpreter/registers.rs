//! Instructions on registers, constants and cells.

use super::activation::{Activation, Flow};
use crate::error::Raised;
use crate::frame::FrameRef;
use crate::lowered::{Instruction, flag};
use crate::types::cell::CellBody;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::Value;

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn move_(&mut self, i: Instruction) -> Flow {
        self.set(i.a(), self.operand(i.b()).clone());
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn take_(&mut self, i: Instruction) -> Flow {
        let value = self.take(i.b());
        self.set(i.a(), value);
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn swap(&mut self, i: Instruction) -> Flow {
        // SAFETY: lowering made sure that the frame has both registers.
        unsafe { std::ptr::swap(self.frame.register(i.a()), self.frame.register(i.b())) };
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn drop_(&mut self, i: Instruction) -> Flow {
        drop(self.take(i.a()));
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn check_bound(&mut self, i: Instruction) -> Flow {
        if self.register(i.a()).is_unbound() {
            self.save();
            return Flow::Raise(unbound_local(self.vm, self.frame, i.a()));
        }
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn delete(&mut self, i: Instruction) -> Flow {
        if self.register(i.a()).is_unbound() {
            self.save();
            return Flow::Raise(unbound_local(self.vm, self.frame, i.a()));
        }
        drop(self.take(i.a()));
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn load_const(&mut self, i: Instruction) -> Flow {
        let value = self.frame.runnable().constants[i.bc() as usize].clone();
        self.set(i.a(), value);
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn make_cell(&mut self, i: Instruction) -> Flow {
        let content = self.take(i.a());
        let cell = self.vm.new_cell(if content.is_unbound() { None } else { Some(content) });
        self.set(i.a(), cell);
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn copy_free_vars(&mut self, i: Instruction) -> Flow {
        let closure = self.frame.function.closure.get();
        let cells = closure.as_ref().and_then(|closure| closure.downcast::<Tuple>());
        let cells = cells.map_or(&[][..], |cells| cells.items());
        if cells.len() != usize::from(i.b()) {
            self.save();
            return Flow::Raise(self.vm.system_error("the closure does not fit the code"));
        }
        for (index, cell) in cells.iter().enumerate() {
            self.set(i.a() + index as u16, cell.clone());
        }
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn load_cell(&mut self, i: Instruction) -> Flow {
        if let Some(cell) = self.register(i.b()).downcast::<CellBody>()
            && let Some(value) = cell.content.get()
        {
            self.set(i.a(), value);
            return Flow::Next;
        }
        self.save();
        Flow::Raise(unbound_cell(self.vm, self.frame, i.b()))
    }

    #[inline(always)]
    pub(super) fn store_cell(&mut self, i: Instruction) -> Flow {
        let value = self.own(i, i.b(), flag::KILL_B);
        match self.register(i.a()).downcast::<CellBody>() {
            Some(cell) => {
                cell.content.set(Some(value));
                Flow::Next
            }
            None => Flow::Raise(self.vm.system_error("a cell is missing")),
        }
    }

    #[inline(always)]
    pub(super) fn delete_cell(&mut self, i: Instruction) -> Flow {
        if let Some(cell) = self.register(i.a()).downcast::<CellBody>()
            && let Some(value) = cell.content.take()
        {
            drop(value);
            return Flow::Next;
        }
        self.save();
        Flow::Raise(unbound_cell(self.vm, self.frame, i.a()))
    }

    #[inline(always)]
    pub(super) fn load_from_dict_or_cell(&mut self, i: Instruction) -> Flow {
        self.save();
        let mapping = self.operand(i.b());
        let name = &self.frame.runnable().variables[usize::from(i.c())];
        let found = match super::names::find_in(self.vm, mapping, name) {
            Ok(found) => found,
            Err(raised) => return Flow::Raise(raised),
        };
        let found = found.or_else(|| self.register(i.c()).downcast::<CellBody>().and_then(|cell| cell.content.get()));
        match found {
            Some(value) => {
                self.set(i.a(), value);
                if i.has(flag::KILL_B) {
                    drop(self.take(i.b()));
                }
                Flow::Next
            }
            None => Flow::Raise(unbound_cell(self.vm, self.frame, i.c())),
        }
    }
}

fn variable_name(frame: FrameRef, register: u16) -> Option<Value> {
    frame.runnable().variables.get(usize::from(register)).cloned()
}

/// The UnboundLocalError of a local.
#[cold]
#[inline(never)]
pub fn unbound_local(vm: &Vm, frame: FrameRef, register: u16) -> Raised {
    let name = variable_name(frame, register).map(|name| vm.str_text(&name)).unwrap_or_default();
    vm.unbound_local_error(format!("cannot access local variable '{name}' where it is not associated with a value"))
}

/// The error of an empty cell: its own variable, or one of an enclosing function.
#[cold]
#[inline(never)]
pub fn unbound_cell(vm: &Vm, frame: FrameRef, register: u16) -> Raised {
    let free = frame.runnable().code.localspluskinds.get(usize::from(register)).is_some_and(|kind| kind.is_free());
    if !free {
        return unbound_local(vm, frame, register);
    }
    let name = variable_name(frame, register).unwrap_or(Value::NONE);
    let text = vm.str_text(&name);
    vm.name_error_for(
        &format!("cannot access free variable '{text}' where it is not associated with a value in enclosing scope"),
        &name,
    )
}

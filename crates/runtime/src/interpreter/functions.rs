//! Making functions.

use super::activation::{Activation, Flow};
use crate::error::PyResult;
use crate::frame::FrameRef;
use crate::lowered::{Instruction, flag};
use crate::types::code::Code;
use crate::types::function::Function;
use crate::vm::Vm;
use oriel_bytecode::oparg::function_attribute;
use oriel_heap::{Ref, Value};

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn make_function(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = make_function(self.vm, self.frame, self.operand(i.b()));
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn set_function_attribute(&mut self, i: Instruction) -> Flow {
        let which = u32::from(self.listed(0));
        self.skip(1);
        let attribute = self.own(i, i.c(), flag::KILL_C);
        // The destination may be the attribute's own place: it is emptied first.
        let attribute = if i.c() == i.a() { self.take(i.a()) } else { attribute };
        let function = if i.has(flag::KILL_B) { self.take(i.b()) } else { self.operand(i.b()).clone() };
        match function.downcast::<Function>() {
            Some(body) => {
                if which == function_attribute::ANNOTATE
                    && let Some(annotate) = attribute.downcast::<Function>()
                {
                    // The code does not know whose annotations it makes; the function does.
                    let name = self.vm.str_text(&body.qualname.get());
                    annotate.qualname.set(self.vm.new_str(&format!("{name}.__annotate__")));
                }
                body.set_attribute(which, attribute);
            }
            None => {
                self.save();
                return Flow::Raise(self.vm.system_error("bytecode gives attributes to what is not a function"));
            }
        }
        self.set(i.a(), function);
        Flow::Next
    }
}

#[inline(never)]
fn make_function(vm: &Vm, frame: FrameRef, code: &Value) -> PyResult {
    match code.clone().downcast::<Code>() {
        Some(code) => {
            let code: &Ref<Code> = code;
            Ok(vm.new_function(code, &frame.function.globals)?.into_value())
        }
        None => Err(vm.system_error("bytecode makes a function of what is not code")),
    }
}

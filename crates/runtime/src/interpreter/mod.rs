//! The interpreter: the loop over lowered code, its instructions by concept, calls, and the unwinding of exceptions.
//!
//! One activation of [`run`] executes as many Python frames as it can: calls of Python functions, resumed generators
//! and `__init__` methods do not recurse natively.

mod activation;
mod arguments;
mod attributes;
mod binding;
mod building;
mod caches;
mod calls;
mod class_calls;
mod dispatch;
mod doors;
mod dunders;
mod exceptions;
pub mod feedback;
mod functions;
mod generators;
mod imports;
mod intrinsics;
mod iteration;
mod jumps;
mod names;
mod native_calls;
mod observed;
mod observed_events;
mod observed_ways;
mod operators;
mod patterns;
mod pending;
mod registers;
mod returns;
mod subscripts;
mod switching;
mod unwind;

pub(crate) use unwind::add_traceback;

pub use arguments::bind_arguments;
pub use dispatch::run;
pub use names::locals_of;

use self::binding::{Slices, bind_quickly};
use crate::args::Args;
use crate::error::{PyResult, Raised};
use crate::frame::{FrameRef, Link};
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

/// Calls a Python function from native code.
pub fn call_function(vm: &Vm, function: &Ref<Function>, args: Args<'_>) -> PyResult {
    let frame = enter_function(vm, function, args, Link::NATIVE)?;
    vm.check_stack_or_pop(frame)?;
    frame.runnable().warm_up();
    run_frame(vm, frame)
}

/// Pushes a frame for a function and binds the arguments; the frame is not current yet.
pub fn enter_function(vm: &Vm, function: &Ref<Function>, args: Args<'_>, link: Link) -> PyResult<FrameRef> {
    let runnable = function.code_ref().runnable(vm)?;
    if args.names.is_empty()
        && runnable.simple_arguments as usize == args.values.len()
        && let Some(frame) = vm.push_frame(runnable, function.clone(), link)
    {
        for (register, value) in args.values.iter().enumerate() {
            // SAFETY: the code has a register for each parameter, and a fresh frame's hold nothing.
            unsafe { frame.register(register as u16).write(value.clone()) };
        }
        return Ok(frame);
    }
    let given = Slices { receiver: None, positional: args.positional(), keywords: args.keyword_values() };
    if let Some(frame) = bind_quickly(vm, function, runnable, &given, args.names, link) {
        return Ok(frame);
    }
    let Some(frame) = vm.push_frame(runnable, function.clone(), link) else {
        return Err(frame_refused(vm));
    };
    match bind_arguments(vm, function, runnable, frame, args) {
        Ok(()) => Ok(frame),
        Err(raised) => {
            vm.pop_frame(frame);
            Err(raised)
        }
    }
}

/// The exception of a frame that could not be pushed.
#[cold]
pub fn frame_refused(vm: &Vm) -> Raised {
    if vm.recursion_remaining.get() <= 0 {
        // The exception itself may need a few frames to be made.
        vm.recursion_remaining.set(vm.recursion_remaining.get() + 50);
        let raised = vm.recursion_error("maximum recursion depth exceeded");
        vm.recursion_remaining.set(vm.recursion_remaining.get() - 50);
        raised
    } else {
        vm.memory_error()
    }
}

/// Makes a pushed frame current and runs it to its end.
pub fn run_frame(vm: &Vm, frame: FrameRef) -> PyResult {
    frame.previous.set(vm.thread.frame.get());
    vm.thread.frame.set(frame.as_ptr());
    run(vm, frame, None)
}

/// Runs a code object in namespaces: a module, `exec`, `eval`.
pub fn run_code(
    vm: &Vm,
    code: &Ref<Code>,
    globals: &Ref<Dict>,
    locals: Option<Value>,
    closure: Option<Value>,
) -> PyResult {
    let function = vm.new_function(code, globals)?;
    function.closure.set(closure);
    run_function_in(vm, &function, locals)
}

/// Runs a function without arguments whose locals are the given namespace: the body of a class.
pub fn run_function_in(vm: &Vm, function: &Ref<Function>, locals: Option<Value>) -> PyResult {
    let runnable = function.code_ref().runnable(vm)?;
    let Some(frame) = vm.push_frame(runnable, function.clone(), Link::NATIVE) else {
        return Err(frame_refused(vm));
    };
    if runnable.code.argcount + runnable.code.kwonlyargcount > 0
        && let Err(raised) = bind_arguments(vm, function, runnable, frame, Args::EMPTY)
    {
        vm.pop_frame(frame);
        return Err(raised);
    }
    frame.locals.set(locals);
    vm.check_stack_or_pop(frame)?;
    run_frame(vm, frame)
}

impl Vm {
    fn check_stack_or_pop(&self, frame: FrameRef) -> PyResult<()> {
        if self.stack_is_low() {
            self.pop_frame(frame);
            return Err(self.recursion_error("maximum recursion depth exceeded"));
        }
        Ok(())
    }
}

/// A value that is the attribute namespace of locals: an exact dict, or any mapping.
pub(crate) fn exact_dict<'a>(vm: &Vm, value: &'a Value) -> Option<&'a Ref<Dict>> {
    if vm.type_of(value).is(&vm.types.dict) { value.downcast::<Dict>() } else { None }
}

//! `sys.settrace` and `sys.setprofile`: what their functions are told, out of the events of `sys.monitoring`.

use super::{Event, PROFILE_TOOL, TRACE_TOOL};
use crate::error::PyResult;
use crate::frame::FrameRef;
use crate::types::frame_object::FrameObject;
use crate::types::native_function::{MethodDescriptor, NativeFunction};
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

const PROFILE_EVENTS: u32 = Event::PyStart.bit()
    | Event::PyResume.bit()
    | Event::PyReturn.bit()
    | Event::PyYield.bit()
    | Event::Call.bit()
    | Event::PyUnwind.bit()
    | Event::PyThrow.bit();

const TRACE_EVENTS: u32 = Event::PyStart.bit()
    | Event::PyResume.bit()
    | Event::PyReturn.bit()
    | Event::PyYield.bit()
    | Event::Raise.bit()
    | Event::Line.bit()
    | Event::Jump.bit()
    | Event::PyUnwind.bit()
    | Event::PyThrow.bit()
    | Event::StopIteration.bit();

/// Which of the two functions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// `sys.settrace`
    Trace,
    /// `sys.setprofile`
    Profile,
}

impl Vm {
    /// Sets this thread's function. What is asked for because of it: [`Vm::ask_for_traced_events`].
    pub fn set_trace_function(&self, which: Which, function: Option<Value>) {
        match which {
            Which::Trace => self.thread.trace.set(function),
            Which::Profile => self.thread.profile.set(function),
        }
    }

    /// Asks for the events that the threads' functions need.
    pub fn ask_for_traced_events(&self) {
        let (mut traced, mut profiled) = (self.thread.trace.is_some(), self.thread.profile.is_some());
        self.each_thread(|vm| {
            traced |= vm.thread.trace.is_some();
            profiled |= vm.thread.profile.is_some();
        });
        let mut instructions = self.monitoring.events[TRACE_TOOL].get() & Event::Instruction.bit();
        if let Some(frame) = self.current_frame()
            // SAFETY: cloning runs no code.
            && let Some(object) = unsafe { (*frame.object.as_ptr()).clone() }
            && object.trace_opcodes.get()
        {
            instructions = Event::Instruction.bit();
        }
        let monitoring = &self.monitoring;
        monitoring.events[TRACE_TOOL].set(if traced { TRACE_EVENTS | instructions } else { 0 });
        monitoring.events[PROFILE_TOOL].set(if profiled { PROFILE_EVENTS } else { 0 });
        monitoring.sum_up();
        self.watch_changed();
    }

    /// Asks for instructions, for some frame has `f_trace_opcodes`.
    pub fn trace_instructions(&self) {
        let events = &self.monitoring.events[TRACE_TOOL];
        if events.get() != 0 && events.get() & Event::Instruction.bit() == 0 {
            events.set(events.get() | Event::Instruction.bit());
            self.monitoring.sum_up();
            self.watch_changed();
        }
    }
}

/// Calls a function with a frame, what happened and an argument.
fn call(vm: &Vm, function: &Value, object: &Ref<FrameObject>, what: &str, arg: &Value) -> PyResult {
    vm.call(function, &[object.to_value(), vm.intern(what), arg.clone()])
}

/// The frame's object, if somebody asked for it before.
fn known_object(frame: FrameRef) -> Option<Ref<FrameObject>> {
    // SAFETY: cloning runs no code that could replace the object meanwhile.
    unsafe { (*frame.object.as_ptr()).clone() }
}

/// Tells the trace function of an event.
pub(super) fn trace(vm: &Vm, frame: FrameRef, event: Event, args: &[Value]) -> PyResult<()> {
    if !vm.thread.trace.is_some() {
        return Ok(());
    }
    let (what, arg) = match event {
        Event::PyStart | Event::PyResume | Event::PyThrow => ("call", Value::NONE),
        Event::PyReturn | Event::PyYield => ("return", args.get(1).cloned().unwrap_or(Value::NONE)),
        Event::PyUnwind => ("return", Value::NONE),
        Event::Raise | Event::StopIteration => {
            if known_object(frame).is_none() {
                return Ok(());
            }
            let exception = args.get(1).cloned().unwrap_or(Value::NONE);
            let traceback = vm.traceback_of(&exception).unwrap_or(Value::NONE);
            ("exception", vm.new_tuple(&[vm.type_of(&exception).to_value(), exception, traceback]))
        }
        Event::Line => {
            let line = args.first().and_then(Value::as_small_int).unwrap_or(0) as i32;
            return trace_line(vm, frame, line);
        }
        Event::Jump => return trace_jump(vm, frame, args),
        Event::Instruction => ("opcode", Value::NONE),
        _ => return Ok(()),
    };
    let object = match known_object(frame) {
        Some(object) => object,
        None if what == "call" => vm.frame_object(frame),
        None => return Ok(()),
    };
    if what == "opcode" && !object.trace_opcodes.get() {
        return Ok(());
    }
    if object.trace_opcodes.get() {
        vm.trace_instructions();
    }
    tell(vm, &object, what, &arg)
}

fn trace_line(vm: &Vm, frame: FrameRef, line: i32) -> PyResult<()> {
    let Some(object) = known_object(frame) else { return Ok(()) };
    if line < 0 || !object.trace_lines.get() || !object.trace.is_some() {
        return Ok(());
    }
    object.traced_line.set(line);
    let told = tell(vm, &object, "line", &Value::NONE);
    object.traced_line.set(0);
    told
}

/// A jump back within a line is a new line for trace functions.
fn trace_jump(vm: &Vm, frame: FrameRef, args: &[Value]) -> PyResult<()> {
    let offset = |index: usize| args.get(index).and_then(Value::as_small_int).unwrap_or(0) as usize;
    let (from, to) = (offset(0), offset(1));
    if to > from {
        return Ok(());
    }
    let code = frame.runnable().owner();
    let line = |offset: usize| code.watch().line(code, offset);
    if line(from) != line(to) { Ok(()) } else { trace_line(vm, frame, line(to)) }
}

/// Calls the thread's function, or for all but calls the frame's own, which each call may replace.
fn tell(vm: &Vm, object: &Ref<FrameObject>, what: &str, arg: &Value) -> PyResult<()> {
    let function = if what == "call" { vm.thread.trace.get() } else { object.trace.get() };
    let Some(function) = function else { return Ok(()) };
    match call(vm, &function, object, what, arg) {
        Ok(next) => {
            if !next.is_none() {
                object.trace.set(Some(next));
            }
            object.traced_line.set(0);
            Ok(())
        }
        Err(raised) => {
            vm.set_trace_function(Which::Trace, None);
            vm.ask_for_traced_events();
            object.trace.set(None);
            Err(raised)
        }
    }
}

/// Tells the profile function of an event.
pub(super) fn profile(vm: &Vm, frame: FrameRef, event: Event, args: &[Value]) -> PyResult<()> {
    let Some(function) = vm.thread.profile.get() else { return Ok(()) };
    let (what, arg) = match event {
        Event::PyStart | Event::PyResume | Event::PyThrow => ("call", Value::NONE),
        Event::PyReturn | Event::PyYield => ("return", args.get(1).cloned().unwrap_or(Value::NONE)),
        Event::PyUnwind => ("return", Value::NONE),
        Event::Call | Event::CReturn | Event::CRaise => {
            let what = match event {
                Event::Call => "c_call",
                Event::CReturn => "c_return",
                _ => "c_exception",
            };
            let Some(callable) = profiled_callable(vm, args)? else { return Ok(()) };
            (what, callable)
        }
        _ => return Ok(()),
    };
    let object = vm.frame_object(frame);
    match call(vm, &function, &object, what, &arg) {
        Ok(_) => Ok(()),
        Err(raised) => {
            vm.set_trace_function(Which::Profile, None);
            vm.ask_for_traced_events();
            Err(raised)
        }
    }
}

/// The native function of a call as profile functions know it: methods are bound to their receivers.
fn profiled_callable(vm: &Vm, args: &[Value]) -> PyResult<Option<Value>> {
    let [_, callable, receiver, ..] = args else { return Ok(None) };
    if callable.downcast::<NativeFunction>().is_some() {
        return Ok(Some(callable.clone()));
    }
    if callable.downcast::<MethodDescriptor>().is_some() && vm.type_of(callable).is(&vm.types.method_descriptor) {
        if vm.monitoring.missing.borrow().as_ref().is_some_and(|missing| missing.is(receiver)) {
            return Ok(None);
        }
        let Some(get) = vm.type_of(callable).slots.descr_get.get() else { return Ok(None) };
        let class = vm.type_of(receiver).to_value();
        return get(vm, callable, Some(receiver), Some(&class)).map(Some);
    }
    Ok(None)
}

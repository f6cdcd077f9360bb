//! Unwinding: the handler of an exception is found in the code's exception table, frame by frame.

use crate::error::Raised;
use crate::frame::{Continuation, FrameRef, Owner};
use crate::lowered::Op;
use crate::types::exceptions::BaseException;
use crate::types::generator;
use crate::vm::Vm;
use oriel_heap::Value;

/// Where an exception went.
pub(super) enum Unwound {
    /// To a handler: the frame goes on there.
    Handler(FrameRef),
    /// Out of the activation.
    Escaped(Raised),
    /// Nowhere yet: the other form of the loop is to look for it.
    Switch,
}

/// Finds the handler of an exception that was raised in a frame; frames without one end. `fresh`: this frame is not yet
/// in the traceback.
#[cold]
#[inline(never)]
pub(super) fn unwind(vm: &Vm, frame: FrameRef, raised: Raised, fresh: bool) -> Unwound {
    if vm.must_switch() {
        vm.thread.switching.set(Some((raised, fresh)));
        return Unwound::Switch;
    }
    let mut frame = frame;
    let mut fresh = fresh;
    let raised = raised.0;
    if fresh {
        inherit_context(vm, &raised);
    }
    loop {
        if fresh && frame.is_complete() {
            add_traceback(vm, frame, &raised);
        }
        if enter_handler(frame, &raised) {
            return Unwound::Handler(frame);
        }
        frame.restore_place();
        let link = frame.link.get();
        let caller = frame.caller();
        vm.thread.frame.set(frame.previous.get());
        match link.owner {
            Owner::Generator => generator::finished(vm, frame),
            _ => vm.pop_frame(frame),
        }
        match caller {
            Some(caller) if link.continuation == Continuation::Operator && ends_loop(vm, caller, &raised) => {
                return Unwound::Handler(caller);
            }
            Some(caller) if link.continuation != Continuation::Native => frame = caller,
            _ => return Unwound::Escaped(Raised(raised)),
        }
        fresh = true;
    }
}

/// Whether the exception of a `__next__` only ends the loop that called it: then the caller goes on behind the loop.
pub(super) fn ends_loop(vm: &Vm, caller: FrameRef, raised: &Value) -> bool {
    // SAFETY: a frame that called a special method stands behind the first word of an instruction.
    let i = unsafe { *caller.pc.get().sub(1) };
    if !matches!(i.op(), Some(Op::ForIter | Op::ForIterBackward))
        || !vm.is_instance_exact(raised, &vm.types.stop_iteration)
    {
        return false;
    }
    caller.pc.set(caller.pc.get().wrapping_offset(super::iteration::exit_distance(caller)));
    true
}

/// Native code does not know what is being handled: an exception that comes from it without a traceback was raised just now.
pub(super) fn inherit_context(vm: &Vm, raised: &Value) {
    if let Some(exception) = raised.downcast::<BaseException>()
        && !exception.traceback.is_some()
        && !exception.context.is_some()
        && let Some(handled) = vm.thread.exception_handled()
    {
        vm.chain_context(raised, &handled);
    }
}

/// Adds a frame to the traceback of an exception.
pub(crate) fn add_traceback(vm: &Vm, frame: FrameRef, raised: &Value) {
    let next = vm.traceback_of(raised);
    let object = vm.frame_object(frame);
    let entry = vm.new_traceback(next, object, frame.lasti(), frame.runnable().code.clone());
    vm.set_traceback(raised, Some(entry));
}

/// Brings a frame to the handler that covers where it stands, if there is one.
pub(super) fn enter_handler(frame: FrameRef, raised: &Value) -> bool {
    let runnable = frame.runnable();
    let word = frame.word_index();
    let Some(&offset) = runnable.lowered.offsets.get(word) else { return false };
    let Some(handler) = runnable.lowered.handler_at(offset) else { return false };
    let place = frame.place();
    frame.forget_place();
    let mut register = runnable.lowered.variables + handler.depth as u16;
    // SAFETY: lowering made sure that the depth, the place and the exception fit the frame's registers.
    unsafe {
        frame.clear_from(register);
        if handler.lasti {
            frame.set(register, Value::small(place as i32));
            register += 1;
        }
        frame.set(register, raised.clone());
    }
    frame.pc.set(&raw const runnable.lowered.words[handler.target as usize]);
    true
}

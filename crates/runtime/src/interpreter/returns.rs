//! Returning: how a frame ends with a value, and how its caller goes on.

use super::activation::{Activation, Flow};
use crate::frame::{Continuation, FrameRef, Link, Owner};
use crate::lowered::{DISCARD, FIRST_CONSTANT, Instruction, flag};
use oriel_heap::Value;

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn return_(&mut self, i: Instruction) -> Flow {
        let operand = i.b();
        // SAFETY: looking whether there is a frame object runs no code.
        let seen = unsafe { (*self.frame.object.as_ptr()).is_some() };
        let value = if operand < FIRST_CONSTANT && (!seen || i.has(flag::KILL_B)) {
            // The frame ends, so its local can be moved out.
            self.take(operand)
        } else {
            self.operand(operand).clone()
        };
        self.return_value(value)
    }

    /// Ends the running frame with a value.
    #[inline(always)]
    pub(super) fn return_value(&mut self, value: Value) -> Flow {
        let frame = self.frame;
        let link = frame.link.get();
        self.save();
        self.vm.thread.frame.set(frame.previous.get());
        if link.continuation == Continuation::Store && link.owner == Owner::Stack {
            // SAFETY: a frame with this continuation has been entered from another one.
            let caller = unsafe { FrameRef::from_pointer(frame.previous.get()).unwrap_unchecked() };
            self.vm.pop_returning_frame(frame);
            self.load(caller);
            self.skip(usize::from(link.skip));
            if link.dst == DISCARD {
                drop(value);
            } else {
                self.set(link.dst, value);
            }
            return Flow::Next;
        }
        if link.continuation == Continuation::Init && link.owner == Owner::Stack && value.is_none() {
            // SAFETY: a frame with this continuation has been entered from another one.
            let caller = unsafe { FrameRef::from_pointer(frame.previous.get()).unwrap_unchecked() };
            self.vm.pop_returning_frame(frame);
            self.load(caller);
            let instance = self.take(link.slot);
            self.skip(usize::from(link.skip));
            if link.dst == DISCARD {
                drop(instance);
            } else {
                self.set(link.dst, instance);
            }
            return Flow::Next;
        }
        self.outside_with(value, leave)
    }

    /// Gives a value to the caller, which is loaded, as the link to it says.
    pub(super) fn hand_over(&mut self, link: Link, value: Value) -> Flow {
        match link.continuation {
            Continuation::Native => return Flow::Exit(value),
            Continuation::Store => {
                self.skip(usize::from(link.skip));
                if link.dst != DISCARD {
                    self.set(link.dst, value);
                }
            }
            Continuation::Init => {
                let instance = self.take(link.slot);
                if !value.is_none() {
                    let name = self.vm.type_name(&value);
                    return Flow::Raise(self.vm.type_error(format!("__init__() should return None, not '{name}'")));
                }
                self.skip(usize::from(link.skip));
                if link.dst != DISCARD {
                    self.set(link.dst, instance);
                }
            }
            Continuation::Iterate => self.jump(self.extension(0).as_number() as i32 as isize),
            Continuation::Delegate => {
                self.set(link.dst, value);
                self.jump(self.extension(0).as_number() as i32 as isize);
            }
            Continuation::Resumed => return Flow::Raise(self.vm.stop_iteration(value)),
            Continuation::Operator => return self.complete(link, value),
        }
        Flow::Next
    }
}

/// Ends a frame with a value, in the rarer ways.
#[inline(never)]
fn leave(state: &mut Activation<'_>, value: Value) -> Flow {
    let frame = state.frame;
    let link = frame.link.get();
    let caller = frame.caller();
    match link.owner {
        Owner::Generator => crate::types::generator::finished(state.vm, frame),
        _ if link.continuation == Continuation::Native => state.vm.pop_frame(frame),
        _ => state.vm.pop_returning_frame(frame),
    }
    match caller {
        Some(caller) if link.continuation != Continuation::Native => {
            state.load(caller);
            state.hand_over(link, value)
        }
        _ => Flow::Exit(value),
    }
}

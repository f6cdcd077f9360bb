//! The observed form of the loop: what an observer of the loop is, the one that leaves nothing of itself, and the one
//! that sends the events of `sys.monitoring` and tells the recorder.
//!
//! The observed form runs exact code, so that each instruction of the bytecode has its operands on the operand stack and
//! all that can be said of it can be seen before and after it, from outside.

use super::activation::Activation;
use super::dispatch::{Stop, execute};
use super::observed_events::Watcher;
use super::switching::{Place, convert, settle};
use super::unwind::{Unwound, unwind};
use crate::error::{PyResult, Raised};
use crate::frame::FrameRef;
use crate::vm::Vm;

/// What is to be done instead of, or before, the next instruction.
pub(super) enum Before {
    /// Execute it.
    Go,
    /// Look again: the place has changed.
    Again,
    /// Raise.
    Raise(Raised),
    /// The other form of the loop takes over.
    Switch,
}

/// What the loop tells while it runs.
pub(super) trait Observer {
    /// Whether it is told anything.
    const ON: bool;
    /// An instruction is about to be fetched.
    fn before(&mut self, state: &mut Activation<'_>) -> Before;
    /// An instruction is done, and did not raise.
    fn after(&mut self, state: &mut Activation<'_>) -> Option<Raised>;
    /// An exception looks for its handler.
    fn unwind(&mut self, vm: &Vm, frame: FrameRef, raised: Raised, fresh: bool) -> Unwound;
}

/// The observer of the fast form of the loop: nothing of it is left when it has been compiled.
pub(super) struct Disabled;

impl Observer for Disabled {
    const ON: bool = false;

    #[inline(always)]
    fn before(&mut self, _: &mut Activation<'_>) -> Before {
        Before::Go
    }

    #[inline(always)]
    fn after(&mut self, _: &mut Activation<'_>) -> Option<Raised> {
        None
    }

    #[inline(always)]
    fn unwind(&mut self, vm: &Vm, frame: FrameRef, raised: Raised, fresh: bool) -> Unwound {
        unwind(vm, frame, raised, fresh)
    }
}

impl Observer for Watcher {
    const ON: bool = true;

    fn before(&mut self, state: &mut Activation<'_>) -> Before {
        self.before_word(state)
    }

    fn after(&mut self, state: &mut Activation<'_>) -> Option<Raised> {
        self.after_word(state).err()
    }

    fn unwind(&mut self, vm: &Vm, frame: FrameRef, raised: Raised, fresh: bool) -> Unwound {
        self.unwind_telling(vm, frame, raised, fresh)
    }
}

/// Runs a frame while somebody looks on somewhere: in whichever form this thread needs, which may change on the way.
#[cold]
#[inline(never)]
pub(super) fn run(vm: &Vm, frame: FrameRef, raised: Option<Raised>) -> PyResult {
    let thrown = raised.is_some();
    run_on(vm, frame, raised.map(|raised| (raised, true)), Place::Between, thrown)
}

/// Goes on in the other form with what the fast form left, when observation has begun.
#[cold]
#[inline(never)]
pub(super) fn take_over(vm: &Vm) -> PyResult {
    let Some(frame) = vm.current_frame() else { return Err(vm.system_error("no frame runs")) };
    run_on(vm, frame, vm.thread.switching.take(), Place::Behind, false)
}

fn run_on(vm: &Vm, frame: FrameRef, raised: Option<(Raised, bool)>, place: Place, thrown: bool) -> PyResult {
    let before = vm.thread.observed.get();
    let mut frame = frame;
    let mut raising = raised;
    let mut place = place;
    let mut thrown = thrown;
    let result = loop {
        let on = vm.observing();
        vm.thread.observed.set(on);
        let ended = if on {
            let mut watcher = Watcher::new(vm);
            let at = if raising.is_some() { Place::Raising } else { place };
            if let Err(raised) = convert(vm, frame, at) {
                raising = Some((raised, true));
            }
            if std::mem::take(&mut thrown)
                && let Some((raised, fresh)) = raising.take()
            {
                raising = Some((watcher.thrown(vm, frame, raised), fresh));
            }
            execute(vm, frame, raising.take(), &mut watcher)
        } else {
            thrown = false;
            if place == Place::Behind && raising.is_none() {
                settle(frame);
            }
            execute(vm, frame, raising.take(), &mut Disabled)
        };
        match ended {
            Ok(value) => break Ok(value),
            Err(Stop::Raised(raised)) => break Err(raised),
            Err(stop) => match vm.current_frame() {
                Some(current) => {
                    frame = current;
                    raising = vm.thread.switching.take();
                    place = if matches!(stop, Stop::Switch) { Place::Behind } else { Place::Between };
                }
                None => break Err(vm.system_error("no frame runs")),
            },
        }
    };
    vm.thread.observed.set(before);
    if vm.observing() != before {
        // The activation that called this one is to look at it, too.
        vm.set_pending();
    }
    result
}

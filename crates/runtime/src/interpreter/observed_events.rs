//! The observer that looks on: which events an instruction of exact code sends to the tools of `sys.monitoring`, and what
//! it tells the recorder.

use super::activation::Activation;
use super::observed::Before;
use super::switching::{Place, convert, go_over};
use super::unwind::{Unwound, add_traceback, ends_loop as loop_ends, enter_handler, inherit_context};
use crate::error::{PyResult, Raised};
use crate::frame::{Continuation, Frame, FrameRef, Owner};
use crate::lowered::Mode;
use crate::monitoring::Event;
use crate::monitoring::lines::{NO_LINE, WordInfo};
use crate::observer::{Detail, Entered, Left, Recorder, Step};
use crate::types::function::Function;
use crate::types::generator;
use crate::types::method::Method;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_bytecode::Opcode;
use oriel_heap::Value;
use std::rc::Rc;

/// A native call under way.
struct NativeCall {
    frame: *mut Frame,
    callable: Value,
    first: Value,
    place: u32,
    /// Whether tools were told of it.
    sent: bool,
    /// Whether the recorder was.
    recorded: bool,
}

/// The observer that sends events and tells the recorder.
pub(super) struct Watcher {
    recorder: Option<Rc<dyn Recorder>>,
    /// The frame and the instruction under way.
    frame: *mut Frame,
    info: WordInfo,
    /// Where the instruction before this one was, where the frame does not say it: a handler was entered.
    previous: Option<i32>,
    calls: Vec<NativeCall>,
    /// The line of the instruction under way; what begins no other one is of no interest to a recorder of lines.
    line: i32,
    /// What the frame that is being left returns.
    returned: Option<Value>,
    /// The frame entered last has been announced by who raised in it.
    announced: *mut Frame,
    /// A frame into which an exception was thrown, and where it would have gone on otherwise.
    thrown_into: Option<(*mut Frame, i32)>,
}

const NOTHING: WordInfo = WordInfo {
    offset: 0,
    start: 0,
    next: 0,
    oparg: 0,
    line: NO_LINE,
    opcode: Opcode::NOP,
    depth: 0,
    words: 0,
    begins_line: false,
    prologue: true,
};

fn number(offset: u32) -> Value {
    Value::small(offset as i32)
}

impl Watcher {
    /// An observer for an activation.
    pub(super) fn new(vm: &Vm) -> Watcher {
        Watcher {
            recorder: vm.recorder().filter(|recorder| recorder.detail() >= Detail::Calls),
            frame: std::ptr::null_mut(),
            info: NOTHING,
            previous: None,
            calls: Vec::new(),
            line: NO_LINE,
            returned: None,
            announced: std::ptr::null_mut(),
            thrown_into: None,
        }
    }

    /// Before a word is fetched: at the first word of an instruction of the bytecode everything happens.
    pub(super) fn before_word(&mut self, state: &mut Activation<'_>) -> Before {
        let vm = state.vm;
        if !vm.observing() {
            state.frame.pc.set(state.pc);
            return Before::Switch;
        }
        let frame = state.frame;
        if frame.runnable().lowered.mode != Mode::Exact {
            if let Err(raised) = go_over(vm, frame, frame.word_index(), state.pc) {
                return Before::Raise(raised);
            }
            state.load(frame);
            return Before::Again;
        }
        let runnable = frame.runnable();
        let code = runnable.owner();
        let watch = code.watch();
        let table = match watch.table(code, vm) {
            Ok(table) => table,
            Err(raised) => return Before::Raise(raised),
        };
        let word = (state.pc.addr() - runnable.lowered.words.as_ptr().addr()) / 8;
        let info = table[word];
        if info.words == 0 {
            return Before::Go;
        }
        let entered = self.frame != frame.as_ptr();
        let mut previous = frame.lasti();
        if let Some(other) = self.previous.take() {
            previous = other;
        }
        let began = frame.pc.get() == runnable.lowered.words.as_ptr();
        frame.pc.set(state.pc.wrapping_add(1));
        self.frame = frame.as_ptr();
        let before = std::mem::replace(&mut self.info, info).opcode;
        let line = std::mem::replace(&mut self.line, info.line);
        let plain = !entered && !info.begins_line && line == info.line && !is_told(info.opcode) && !is_told(before);
        if let Some(recorder) = &self.recorder
            && !(plain && recorder.detail() < Detail::Instructions)
        {
            self.record(vm, frame, word, &info, entered, began, previous);
        }
        if info.prologue {
            return Before::Go;
        }
        let wanted = vm.wanted_events(watch);
        if wanted == 0 {
            return Before::Go;
        }
        match self.send(vm, state, &info, table, previous, wanted) {
            Err(raised) => Before::Raise(raised),
            Ok(()) if frame.pc.get() != state.pc.wrapping_add(1) => {
                // The frame was sent elsewhere.
                state.pc = frame.pc.get().wrapping_sub(1);
                Before::Again
            }
            Ok(()) => Before::Go,
        }
    }

    fn send(
        &mut self,
        vm: &Vm,
        state: &Activation<'_>,
        info: &WordInfo,
        table: &[WordInfo],
        previous: i32,
        wanted: u32,
    ) -> PyResult<()> {
        let frame = state.frame;
        let place = frame.pc.get();
        if info.begins_line && wanted & Event::Line.bit() != 0 {
            let code = frame.runnable().owner();
            let same = previous >= 0
                && code.watch().line(code, previous as usize) == info.line
                && !previous_is_resume(&code.data.code, previous);
            if !same {
                vm.send_event(frame, Event::Line, info.offset, &[Value::small(info.line)])?;
                if frame.pc.get() != place {
                    return Ok(());
                }
            }
        }
        if wanted & Event::Instruction.bit() != 0 && info.opcode != Opcode::RESUME {
            vm.send_event(frame, Event::Instruction, info.offset, &[number(info.offset)])?;
            if frame.pc.get() != place {
                return Ok(());
            }
        }
        let top = |below: u16| state.register(frame.runnable().lowered.variables + info.depth - 1 - below);
        let at = || number(info.offset);
        match info.opcode {
            Opcode::RESUME => {
                let event = if info.oparg & 3 == 0 { Event::PyStart } else { Event::PyResume };
                if wanted & event.bit() != 0 {
                    vm.send_event(frame, event, info.offset, &[at()])?;
                }
            }
            Opcode::RETURN_VALUE => {
                let value = top(0).clone();
                if wanted & Event::StopIteration.bit() != 0 && frame.link.get().owner == Owner::Generator {
                    self.returned = Some(value.clone());
                }
                if wanted & Event::PyReturn.bit() != 0 {
                    vm.send_event(frame, Event::PyReturn, info.offset, &[at(), value])?;
                }
            }
            Opcode::YIELD_VALUE if wanted & Event::PyYield.bit() != 0 => {
                let value = top(0).clone();
                vm.send_event(frame, Event::PyYield, info.offset, &[at(), value])?;
            }
            Opcode::CALL | Opcode::CALL_KW | Opcode::CALL_FUNCTION_EX | Opcode::LOAD_SUPER_ATTR
                if wanted & Event::Call.bit() != 0 =>
            {
                self.send_call(vm, state, info)?;
            }
            Opcode::NOT_TAKEN if wanted & Event::BranchLeft.bit() != 0 => {
                let args = [Value::small(previous), number(info.next)];
                vm.send_event(frame, Event::BranchLeft, info.offset, &args)?;
            }
            Opcode::POP_ITER if wanted & Event::BranchRight.bit() != 0 => {
                let args = [Value::small(previous), number(info.next)];
                vm.send_event(frame, Event::BranchRight, info.offset, &args)?;
            }
            Opcode::END_SEND if wanted & Event::StopIteration.bit() != 0 => {
                let receiver = top(1);
                if receiver
                    .downcast::<generator::Generator>()
                    .is_some_and(|g| g.kind != generator::Kind::AsyncGenerator)
                {
                    let stop = vm.stop_iteration(top(0).clone());
                    vm.send_event(frame, Event::StopIteration, info.offset, &[at(), stop.0])?;
                }
            }
            _ => {}
        }
        let _ = table;
        Ok(())
    }

    /// What is called by the instruction, and its first argument; the callable of a bound method is its function.
    fn callee(&self, vm: &Vm, state: &Activation<'_>, info: &WordInfo) -> (Value, Value) {
        let variables = state.frame.runnable().lowered.variables;
        let missing = || vm.monitoring.missing.borrow().clone().unwrap_or(Value::NONE);
        let slot = |position: u16| state.register(variables + position);
        let (base, arguments) = match info.opcode {
            Opcode::LOAD_SUPER_ATTR => {
                let base = info.depth - 3;
                let first = if info.oparg & 2 != 0 { slot(base + 1).clone() } else { missing() };
                return (slot(base).clone(), first);
            }
            Opcode::CALL_FUNCTION_EX => {
                let base = info.depth - 4;
                let first = slot(base + 2).downcast::<Tuple>().and_then(|tuple| tuple.items().first().cloned());
                return (slot(base).clone(), first.unwrap_or_else(missing));
            }
            Opcode::CALL_KW => (info.depth - info.oparg as u16 - 3, info.oparg),
            _ => (info.depth - info.oparg as u16 - 2, info.oparg),
        };
        let (callable, receiver) = (slot(base), slot(base + 1));
        if !receiver.is_unbound() {
            return (callable.clone(), receiver.clone());
        }
        if let Some(method) = callable.downcast::<Method>() {
            return (method.function.borrow().clone(), method.receiver.borrow().clone());
        }
        let first = if arguments > 0 { slot(base + 2).clone() } else { missing() };
        (callable.clone(), first)
    }

    fn send_call(&mut self, vm: &Vm, state: &Activation<'_>, info: &WordInfo) -> PyResult<()> {
        let (callable, first) = self.callee(vm, state, info);
        let at = number(info.offset);
        vm.send_event(state.frame, Event::Call, info.offset, &[at, callable.clone(), first.clone()])?;
        let python = if info.opcode == Opcode::CALL_FUNCTION_EX {
            callable.downcast::<Function>().is_some() || callable.downcast::<Method>().is_some()
        } else {
            callable.downcast::<Function>().is_some()
        };
        if !python {
            let recorded = match self.calls.pop_if(|call| call.frame == state.frame.as_ptr() && !call.sent) {
                Some(call) => call.recorded,
                None => false,
            };
            let frame = state.frame.as_ptr();
            self.calls.push(NativeCall { frame, callable, first, place: info.offset, sent: true, recorded });
        }
        Ok(())
    }

    /// After a word was executed without raising.
    pub(super) fn after_word(&mut self, state: &mut Activation<'_>) -> PyResult<()> {
        let (vm, info) = (state.vm, self.info);
        if state.frame.as_ptr() != self.frame {
            return self.after_switch_of_frames(state, &info);
        }
        let frame = state.frame;
        match info.opcode {
            Opcode::CALL | Opcode::CALL_KW | Opcode::CALL_FUNCTION_EX | Opcode::LOAD_SUPER_ATTR => {
                self.native_returned(state)
            }
            Opcode::POP_JUMP_IF_FALSE
            | Opcode::POP_JUMP_IF_TRUE
            | Opcode::POP_JUMP_IF_NONE
            | Opcode::POP_JUMP_IF_NOT_NONE => {
                let to = self.standing(state);
                let taken = to != info.next;
                if let Some(recorder) = &self.recorder {
                    recorder.branch(vm, frame, info.offset, to, taken);
                }
                if taken { self.jumped(state, Event::BranchRight, &info, to) } else { Ok(()) }
            }
            Opcode::JUMP_FORWARD | Opcode::JUMP_BACKWARD => {
                let to = self.standing(state);
                self.jumped(state, Event::Jump, &info, to)
            }
            Opcode::FOR_ITER => {
                let to = self.standing(state);
                let ended = to != info.next;
                if let Some(recorder) = &self.recorder {
                    recorder.branch(vm, frame, info.offset, to, ended);
                }
                if ended { Ok(()) } else { self.jumped(state, Event::BranchLeft, &info, to) }
            }
            // What is not a generator ends by raising, which those who look on see.
            Opcode::SEND if self.standing_at(state, Opcode::END_SEND) => {
                if vm.wanted_events(frame.runnable().owner().watch()) & Event::Raise.bit() == 0 {
                    return Ok(());
                }
                let value = state.register(frame.runnable().lowered.variables + info.depth - 1).clone();
                let stop = vm.stop_iteration(value);
                vm.send_event(frame, Event::Raise, info.offset, &[number(info.offset), stop.0])
            }
            Opcode::END_ASYNC_FOR => {
                let to = info.next;
                self.jumped(state, Event::BranchRight, &info, to)
            }
            _ => Ok(()),
        }
    }

    /// The byte offset at which the loop stands.
    fn standing(&self, state: &Activation<'_>) -> u32 {
        let lowered = &state.frame.runnable().lowered;
        let word = (state.pc.addr() - lowered.words.as_ptr().addr()) / 8;
        let code = state.frame.runnable().owner();
        match code.watch().table(code, state.vm) {
            Ok(table) => table.get(word).map_or(0, |info| info.start),
            Err(_) => 0,
        }
    }

    /// Whether the loop stands at an instruction of an opcode.
    fn standing_at(&self, state: &Activation<'_>, opcode: Opcode) -> bool {
        let at = self.standing(state) as usize;
        state.frame.runnable().code.code.get(at).copied() == Some(opcode.byte())
    }

    /// Sends the event of a jump, the frame standing at its goal.
    fn jumped(&mut self, state: &mut Activation<'_>, event: Event, info: &WordInfo, to: u32) -> PyResult<()> {
        let (vm, frame) = (state.vm, state.frame);
        if vm.wanted_events(frame.runnable().owner().watch()) & event.bit() == 0 {
            return Ok(());
        }
        let origin = frame.pc.get();
        let goal = state.pc.wrapping_add(1);
        frame.pc.set(goal);
        let mut from = info.offset;
        if info.opcode == Opcode::END_ASYNC_FOR {
            // What began the turn of the loop that has ended.
            from = info.next.saturating_sub(info.oparg * 2);
        }
        let sent = vm.send_event(frame, event, info.offset, &[number(from), number(to)]);
        if frame.pc.get() != goal {
            state.pc = frame.pc.get().wrapping_sub(1);
            return sent;
        }
        if sent.is_ok() {
            frame.pc.set(origin);
        }
        sent
    }

    fn native_returned(&mut self, state: &Activation<'_>) -> PyResult<()> {
        let (vm, frame) = (state.vm, state.frame);
        let Some(call) = self.calls.pop_if(|call| call.frame == frame.as_ptr()) else { return Ok(()) };
        if call.recorded
            && let Some(recorder) = &self.recorder
        {
            let result = state.register(frame.runnable().lowered.words[frame.word_index()].a());
            recorder.native_return(vm, frame, &call.callable, Ok(result));
        }
        if !call.sent {
            return Ok(());
        }
        vm.send_event(frame, Event::CReturn, call.place, &[number(call.place), call.callable, call.first])
    }

    /// After an instruction that called, returned or yielded.
    fn after_switch_of_frames(&mut self, state: &mut Activation<'_>, info: &WordInfo) -> PyResult<()> {
        let (vm, frame) = (state.vm, state.frame);
        let back = matches!(info.opcode, Opcode::RETURN_VALUE | Opcode::YIELD_VALUE | Opcode::RETURN_GENERATOR);
        if !back || frame.runnable().lowered.mode != Mode::Exact {
            return Ok(());
        }
        let code = frame.runnable().owner();
        let Some(&caller) = code.watch().table(code, vm)?.get(frame.word_index()) else { return Ok(()) };
        self.frame = frame.as_ptr();
        self.info = caller;
        let returned = self.returned.take();
        match caller.opcode {
            Opcode::CALL | Opcode::CALL_KW | Opcode::CALL_FUNCTION_EX => self.native_returned(state),
            Opcode::FOR_ITER if info.opcode == Opcode::YIELD_VALUE => {
                let to = self.standing(state);
                self.jumped(state, Event::BranchLeft, &caller, to)
            }
            // An end without a value raises nothing, not even for those who look on.
            Opcode::FOR_ITER => match returned.filter(|value| !value.is_none()) {
                Some(value) => {
                    let stop = vm.stop_iteration(value);
                    vm.send_event(frame, Event::StopIteration, caller.offset, &[number(caller.offset), stop.0])
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// An exception is thrown into a generator's frame.
    pub(super) fn thrown(&mut self, vm: &Vm, frame: FrameRef, raised: Raised) -> Raised {
        self.announced = frame.as_ptr();
        if let Ok(table) = frame.runnable().owner().watch().table(frame.runnable().owner(), vm)
            && let Some(info) = table.get(frame.word_index())
        {
            self.thrown_into = Some((frame.as_ptr(), info.next as i32));
        }
        if let Some(recorder) = &self.recorder {
            recorder.frame_entered(vm, frame, Entered::Thrown);
        }
        self.tell_exception(vm, frame, Event::PyThrow, raised.0)
    }

    /// Sends an event of an exception; what is raised afterwards, which is the exception or what a callback raised.
    fn tell_exception(&self, vm: &Vm, frame: FrameRef, event: Event, exception: Value) -> Raised {
        if vm.wanted_events(frame.runnable().owner().watch()) & event.bit() == 0 {
            return Raised(exception);
        }
        let place = frame.lasti().max(0) as u32;
        match vm.send_event(frame, event, place, &[number(place), exception.clone()]) {
            Ok(()) => Raised(exception),
            Err(other) => other,
        }
    }

    /// As the plain unwinding, telling of it.
    pub(super) fn unwind_telling(&mut self, vm: &Vm, frame: FrameRef, raised: Raised, fresh: bool) -> Unwound {
        let mut frame = frame;
        let mut fresh = fresh;
        let mut raised = raised.0;
        let mut again = !fresh;
        if fresh {
            inherit_context(vm, &raised);
        }
        loop {
            if let Err(other) = convert(vm, frame, Place::Raising) {
                raised = other.0;
            }
            if let Some(call) = self.calls.pop_if(|call| call.frame == frame.as_ptr()) {
                if call.recorded
                    && let Some(recorder) = &self.recorder
                {
                    recorder.native_return(vm, frame, &call.callable, Err(&raised));
                }
                let args = [number(call.place), call.callable, call.first];
                if call.sent
                    && let Err(other) = vm.send_event(frame, Event::CRaise, call.place, &args)
                {
                    raised = other.0;
                }
            }
            if fresh && frame.is_complete() {
                add_traceback(vm, frame, &raised);
            }
            if let Some(recorder) = &self.recorder
                && (fresh || again)
            {
                recorder.raised(vm, frame, &raised);
            }
            if fresh {
                raised = self.tell_exception(vm, frame, Event::Raise, raised).0;
            } else if std::mem::take(&mut again) {
                raised = self.tell_exception(vm, frame, Event::Reraise, raised).0;
            }
            let place = match self.thrown_into.take() {
                Some((thrown, next)) if thrown == frame.as_ptr() => next,
                _ => frame.lasti(),
            };
            if enter_handler(frame, &raised) {
                self.previous = Some(place);
                self.frame = frame.as_ptr();
                let handler = frame.pc.get();
                if let Some(recorder) = &self.recorder {
                    let word = (handler.addr() - frame.runnable().lowered.words.as_ptr().addr()) / 8;
                    let offset = frame.runnable().lowered.offsets.get(word).copied().unwrap_or(0);
                    recorder.handled(vm, frame, &raised, offset);
                }
                if vm.wanted_events(frame.runnable().owner().watch()) & Event::ExceptionHandled.bit() != 0 {
                    frame.pc.set(handler.wrapping_add(1));
                    let told = self.tell_exception(vm, frame, Event::ExceptionHandled, raised.clone()).0;
                    frame.pc.set(handler);
                    if !told.is(&raised) {
                        // What the callback raised looks for a handler from there.
                        frame.pc.set(handler.wrapping_add(1));
                        raised = told;
                        fresh = false;
                        continue;
                    }
                }
                return Unwound::Handler(frame);
            }
            frame.restore_place();
            if let Some(recorder) = &self.recorder {
                recorder.frame_left(vm, frame, Left::Unwound(&raised));
            }
            if frame.is_complete() {
                raised = self.tell_exception(vm, frame, Event::PyUnwind, raised).0;
            }
            let link = frame.link.get();
            let caller = frame.caller();
            vm.thread.frame.set(frame.previous.get());
            match link.owner {
                Owner::Generator => generator::finished(vm, frame),
                _ => vm.pop_frame(frame),
            }
            match caller {
                Some(caller) if link.continuation == Continuation::Operator && self.ends_loop(vm, caller, &raised) => {
                    return Unwound::Handler(caller);
                }
                Some(caller) if link.continuation != Continuation::Native => frame = caller,
                _ => return Unwound::Escaped(Raised(raised)),
            }
            fresh = true;
        }
    }

    /// Whether the exception of a `__next__` only ends the loop that called it, which is told of it.
    fn ends_loop(&mut self, vm: &Vm, caller: FrameRef, raised: &Value) -> bool {
        let (under_way, fast) = (caller.word_index(), caller.runnable().lowered.mode == Mode::Fast);
        let place = caller.lasti();
        if !loop_ends(vm, caller, raised) {
            return false;
        }
        if fast {
            // What raises in going over is a lack of memory, and leaves the frame as it is: it goes on unobserved.
            let _ = go_over(vm, caller, under_way, caller.pc.get());
        }
        let goal = caller.pc.get();
        if vm.wanted_events(caller.runnable().owner().watch()) & Event::Raise.bit() != 0 && place >= 0 {
            let args = [Value::small(place), raised.clone()];
            // A callback that raises here would have to end the loop otherwise: its exception is reported.
            if let Err(other) = vm.send_event(caller, Event::Raise, place as u32, &args) {
                vm.write_unraisable(other, None, "Exception ignored in a callback at the end of a loop");
            }
        }
        caller.pc.set(goal);
        self.previous = Some(place);
        self.frame = caller.as_ptr();
        true
    }

    /// Tells the recorder of an instruction that is about to run.
    #[expect(clippy::too_many_arguments, reason = "all of what is known of the moment")]
    fn record(
        &mut self,
        vm: &Vm,
        frame: FrameRef,
        word: usize,
        info: &WordInfo,
        entered: bool,
        began: bool,
        previous: i32,
    ) {
        let Some(recorder) = &self.recorder else { return };
        if entered && self.announced != frame.as_ptr() {
            let before = info.opcode == Opcode::RESUME && info.oparg & 3 != 0;
            if began || (info.opcode == Opcode::POP_TOP && previous_is(frame, previous, Opcode::RETURN_GENERATOR)) {
                recorder.frame_entered(vm, frame, Entered::Called);
            } else if before {
                recorder.frame_entered(vm, frame, Entered::Resumed);
            }
        }
        self.announced = std::ptr::null_mut();
        let code = frame.runnable().owner();
        if info.line != NO_LINE && !info.prologue {
            let line = if previous < 0 { NO_LINE } else { code.watch().line(code, previous as usize) };
            let jumped_back = previous > info.offset as i32 && info.begins_line;
            if line != info.line || jumped_back || previous_is_resume(&code.data.code, previous) {
                recorder.line(vm, frame, info.line);
            }
        }
        // SAFETY: the recorder changes nothing while it looks at the registers.
        let registers = unsafe { frame.registers() };
        let variables = usize::from(frame.runnable().lowered.variables);
        let depth = (variables + usize::from(info.depth)).min(registers.len());
        let step = Step {
            frame,
            word,
            words: usize::from(info.words),
            offset: info.offset,
            opcode: info.opcode,
            oparg: info.oparg,
            line: (info.line != NO_LINE).then_some(info.line),
            stack: &registers[variables..depth],
            locals: &registers[..variables],
        };
        if recorder.detail() >= Detail::Instructions {
            recorder.instruction(vm, &step);
            super::observed_ways::tell_way(vm, &**recorder, &step);
        }
        match (info.opcode, step.stack.last()) {
            (Opcode::RETURN_VALUE, Some(value)) => recorder.frame_left(vm, frame, Left::Returned(value)),
            (Opcode::YIELD_VALUE, Some(value)) => recorder.frame_left(vm, frame, Left::Yielded(value)),
            (Opcode::CALL | Opcode::CALL_KW | Opcode::CALL_FUNCTION_EX, Some(_)) => {
                let count = match info.opcode {
                    Opcode::CALL => info.oparg as usize + 2,
                    Opcode::CALL_KW => info.oparg as usize + 3,
                    _ => 4,
                };
                let base = step.stack.len().saturating_sub(count);
                if let [callable, receiver, rest @ ..] = &step.stack[base..]
                    && callable.downcast::<Function>().is_none()
                    && callable.downcast::<Method>().is_none()
                {
                    let arguments = if receiver.is_unbound() { rest } else { &step.stack[base + 1..] };
                    recorder.native_call(vm, frame, callable, arguments);
                    self.calls.push(NativeCall {
                        frame: frame.as_ptr(),
                        callable: callable.clone(),
                        first: Value::NONE,
                        place: info.offset,
                        sent: false,
                        recorded: true,
                    });
                }
            }
            _ => {}
        }
    }
}

/// Whether a recorder of lines and calls is told of an instruction for its own sake, or for that behind it.
fn is_told(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::RESUME
            | Opcode::RETURN_VALUE
            | Opcode::YIELD_VALUE
            | Opcode::RETURN_GENERATOR
            | Opcode::CALL
            | Opcode::CALL_KW
            | Opcode::CALL_FUNCTION_EX
    )
}

fn previous_is(frame: FrameRef, previous: i32, opcode: Opcode) -> bool {
    let code = &frame.runnable().code.code;
    previous >= 0 && code.get(previous as usize).copied() == Some(opcode.byte())
}

fn previous_is_resume(code: &[u8], previous: i32) -> bool {
    previous >= 0 && code.get(previous as usize).copied() == Some(Opcode::RESUME.byte())
}

//! Setting `f_lineno` in a trace function: the frame goes on elsewhere, if its operand stack allows it there.

use super::Event;
use crate::error::PyResult;
use crate::frame::FrameRef;
use crate::lowered::Mode;
use crate::types::frame_object::FrameObject;
use crate::vm::Vm;
use oriel_bytecode::positions::Positions;
use oriel_bytecode::{CodeObject, Opcode, exception_table};
use oriel_heap::{Ref, Value};

/// What a place on the operand stack holds, as far as jumping goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Iterator,
    Except,
    Object,
    Null,
    Lasti,
}

type Stack = Vec<Kind>;

/// What the operand stack holds before each instruction, where it can be reached.
fn stacks_of(code: &CodeObject) -> Vec<Option<Stack>> {
    let units = code.unit_count();
    let mut stacks: Vec<Option<Stack>> = vec![None; units + 1];
    if units == 0 {
        return stacks;
    }
    let instructions: Vec<_> = code.instructions().collect();
    let handlers: Vec<_> = exception_table::entries(&code.exceptiontable).collect();
    stacks[0] = Some(Vec::new());
    let mut again = true;
    while again {
        again = false;
        for instruction in &instructions {
            let unit = instruction.offset / 2;
            // A prefix hands what it is given to its instruction.
            if stacks[unit].is_none() && instruction.start != instruction.offset {
                stacks[unit] = stacks[instruction.start / 2].clone();
            }
            let Some(mut stack) = stacks[unit].clone() else { continue };
            let (opcode, oparg) = (instruction.opcode, instruction.oparg as usize);
            let next = instruction.end() / 2;
            let mut put = |at: usize, stack: &Stack, again: &mut bool, backward: bool| {
                if let Some(place @ None) = stacks.get_mut(at) {
                    *place = Some(stack.clone());
                    *again |= backward;
                }
            };
            let target = instruction.jump_target().map(|target| target / 2);
            match opcode {
                Opcode::POP_JUMP_IF_FALSE
                | Opcode::POP_JUMP_IF_TRUE
                | Opcode::POP_JUMP_IF_NONE
                | Opcode::POP_JUMP_IF_NOT_NONE => {
                    stack.pop();
                    if let Some(target) = target {
                        put(target, &stack, &mut again, target < unit);
                    }
                    put(next, &stack, &mut again, false);
                }
                Opcode::SEND => {
                    if let Some(target) = target {
                        put(target, &stack, &mut again, false);
                    }
                    put(next, &stack, &mut again, false);
                }
                Opcode::JUMP_BACKWARD | Opcode::JUMP_BACKWARD_NO_INTERRUPT | Opcode::JUMP_FORWARD => {
                    if let Some(target) = target {
                        put(target, &stack, &mut again, target < unit);
                    }
                }
                Opcode::GET_ITER | Opcode::GET_AITER => {
                    stack.pop();
                    stack.push(Kind::Iterator);
                    put(next, &stack, &mut again, false);
                }
                Opcode::FOR_ITER => {
                    stack.push(Kind::Object);
                    put(next, &stack, &mut again, false);
                    if let Some(target) = target {
                        put(target, &stack, &mut again, false);
                    }
                }
                Opcode::END_ASYNC_FOR => {
                    stack.pop();
                    stack.pop();
                    put(next, &stack, &mut again, false);
                }
                Opcode::PUSH_EXC_INFO => {
                    stack.pop();
                    stack.extend([Kind::Except, Kind::Except]);
                    put(next, &stack, &mut again, false);
                }
                Opcode::POP_EXCEPT => {
                    stack.pop();
                    put(next, &stack, &mut again, false);
                }
                Opcode::RETURN_VALUE | Opcode::RAISE_VARARGS | Opcode::RERAISE => {}
                Opcode::PUSH_NULL => {
                    stack.push(Kind::Null);
                    put(next, &stack, &mut again, false);
                }
                Opcode::LOAD_GLOBAL => {
                    stack.push(Kind::Object);
                    if oparg & 1 != 0 {
                        stack.push(Kind::Null);
                    }
                    put(next, &stack, &mut again, false);
                }
                Opcode::LOAD_ATTR => {
                    if oparg & 1 != 0 {
                        stack.pop();
                        stack.extend([Kind::Object, Kind::Null]);
                    }
                    put(next, &stack, &mut again, false);
                }
                Opcode::SWAP => {
                    let top = stack.len();
                    if oparg >= 1 && oparg <= top {
                        stack.swap(top - 1, top - oparg);
                    }
                    put(next, &stack, &mut again, false);
                }
                Opcode::COPY => {
                    let kind = stack.len().checked_sub(oparg).map_or(Kind::Object, |at| stack[at]);
                    stack.push(kind);
                    put(next, &stack, &mut again, false);
                }
                Opcode::CACHE | Opcode::RESERVED => {}
                _ => {
                    // What an instruction pops and pushes again stays what it was.
                    let change = opcode.stack_effect(instruction.oparg, false);
                    if change < 0 {
                        stack.truncate(stack.len().saturating_sub(change.unsigned_abs() as usize));
                    }
                    stack.extend((0..change).map(|_| Kind::Object));
                    put(next, &stack, &mut again, false);
                }
            }
        }
        // Handlers are reached from what they protect.
        for handler in &handlers {
            let unit = handler.target / 2;
            if stacks.get(unit).is_none_or(Option::is_some) {
                continue;
            }
            let Some(Some(stack)) = stacks.get(handler.start / 2) else { continue };
            let mut stack: Stack = stack.iter().copied().take(handler.depth).collect();
            if handler.lasti {
                stack.push(Kind::Lasti);
            }
            stack.push(Kind::Except);
            stacks[unit] = Some(stack);
            again = true;
        }
    }
    stacks
}

fn fits(from: Kind, to: Kind) -> bool {
    match to {
        Kind::Object => from != Kind::Null,
        Kind::Null => true,
        _ => from == to,
    }
}

fn compatible(from: &Stack, to: &Stack) -> bool {
    to.len() <= from.len() && from.iter().zip(to).all(|(from, to)| fits(*from, *to))
}

fn explain(to: &Stack) -> &'static str {
    match to.last() {
        Some(Kind::Except) => "can't jump into an 'except' block as there's no exception",
        Some(Kind::Lasti) => "can't jump into a re-raising block as there's no location",
        Some(Kind::Iterator) => "can't jump into the body of a for loop",
        _ => "incompatible stacks",
    }
}

/// Whether the event that a trace function is being told of allows to jump.
fn check_event(vm: &Vm) -> PyResult<()> {
    let event = vm.thread.event.get();
    let is = |wanted: Event| event == wanted as i8;
    let message = if event < 0 {
        "f_lineno can only be set in a trace function"
    } else if [Event::PyResume, Event::Jump, Event::BranchLeft, Event::BranchRight, Event::Line, Event::PyYield]
        .into_iter()
        .any(is)
    {
        return Ok(());
    } else if is(Event::PyStart) {
        "can't jump from the 'call' trace event of a new frame"
    } else if is(Event::Call) || is(Event::CReturn) {
        "can't jump during a call"
    } else {
        "can only jump from a 'line' trace event"
    };
    Err(vm.value_error(message))
}

impl Vm {
    /// Lets a frame go on at a line.
    pub fn jump_to_line(&self, object: &Ref<FrameObject>, frame: FrameRef, line: &Value) -> PyResult<()> {
        if self.small_or_big(line).is_none() || !self.type_of(line).is(&self.types.int) {
            return Err(self.value_error("lineno must be an integer"));
        }
        check_event(self)?;
        let Some(Ok(line)) = self.small_or_big(line) else {
            return Err(self.value_error("lineno out of range"));
        };
        let runnable = frame.runnable();
        if runnable.lowered.mode != Mode::Exact {
            return Err(self.value_error("f_lineno can only be set in a trace function"));
        }
        let code = &runnable.code;
        let first = i64::from(code.firstlineno);
        if line < first {
            return Err(self.value_error(format!("line {line} comes before the current code block")));
        }
        let mut places: Vec<(usize, i32)> = Positions::new(&code.linetable, code.firstlineno)
            .filter_map(|range| Some((range.start / 2, range.lineno?)))
            .collect();
        places.dedup_by_key(|place| place.1);
        // Of the lines not before the one that is wanted, the first that begins somewhere.
        let Some(wanted) = places.iter().map(|place| place.1).filter(|at| i64::from(*at) >= line).min() else {
            return Err(self.value_error(format!("line {line} comes after the current code block")));
        };
        let stacks = stacks_of(code);
        let here = frame.lasti().max(0) as usize / 2;
        let Some(start) = stacks.get(here).and_then(Option::as_ref) else {
            return Err(self.value_error("can't jump from within an exception handler"));
        };
        let mut best: Option<(usize, &Stack)> = None;
        let mut refused = None;
        for (unit, _) in places.iter().filter(|place| place.1 == wanted) {
            match stacks.get(*unit).and_then(Option::as_ref) {
                Some(target) if compatible(start, target) => {
                    if best.is_none_or(|(_, known)| target.len() > known.len()) {
                        best = Some((*unit, target));
                    }
                }
                Some(target) => refused = refused.or(Some(explain(target))),
                None => {
                    let unreachable = "can't jump into an exception handler, or code may be unreachable";
                    refused = refused.or(Some(unreachable));
                }
            }
        }
        let Some((unit, target)) = best else {
            return Err(self.value_error(refused.unwrap_or("cannot find bytecode for specified line")));
        };
        self.warn_of_unbound(frame)?;
        self.unwind_to(frame, start, target.len());
        let word = runnable.lowered.word_at(unit as u32 * 2).unwrap_or(0) as usize;
        frame.pc.set(runnable.lowered.words.as_ptr().wrapping_add(word + 1));
        object.traced_line.set(0);
        Ok(())
    }

    /// Locals that have no value get None, for a jump may lead past where they would have got one.
    fn warn_of_unbound(&self, frame: FrameRef) -> PyResult<()> {
        let code = &frame.runnable().code;
        let empty: Vec<u16> = (0..code.localspluskinds.len() as u16)
            .filter(|&number| {
                let kind = code.localspluskinds[usize::from(number)];
                // SAFETY: each variable has a register.
                kind.is_local() && unsafe { frame.get(number) }.is_unbound()
            })
            .collect();
        if empty.is_empty() {
            return Ok(());
        }
        let noun = if empty.len() == 1 { "local" } else { "locals" };
        self.warn(&self.types.runtime_warning, &format!("assigning None to {} unbound {noun}", empty.len()), 0)?;
        for number in empty {
            // SAFETY: as above.
            unsafe { frame.set(number, Value::NONE) };
        }
        Ok(())
    }

    /// Drops what lies on the operand stack above a depth.
    fn unwind_to(&self, frame: FrameRef, kinds: &Stack, depth: usize) {
        let variables = frame.runnable().lowered.variables;
        for position in (depth..kinds.len()).rev() {
            // SAFETY: lowering made sure that the operand stack fits the frame.
            let value = unsafe { frame.take(variables + position as u16) };
            if kinds[position] == Kind::Except {
                // The lowest is what was handled before.
                self.thread.handled().value.set(if value.is_none() { None } else { Some(value) });
            }
        }
    }
}

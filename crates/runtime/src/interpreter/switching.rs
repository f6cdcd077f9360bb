//! From fast code to exact code: frames that are under way when somebody begins to look on. Named in the design as a
//! place with unsafe code, as frames are.
//!
//! A frame comes over when it is about to go on: at its first word, behind an instruction that called, yielded or jumped,
//! or where an exception was raised. What the operand stack holds there is known at lowering time; lowering says it
//! again when it is asked, so that fast code carries nothing for it. Both forms number registers alike.

use crate::error::PyResult;
use crate::frame::FrameRef;
use crate::lowered::lowering::{Entry, entries_at};
use crate::lowered::{DISCARD, FIRST_CONSTANT, Field, Instruction, LoweredCode, Mode, Op};
use crate::types::code::Runnable;
use crate::vm::Vm;
use oriel_bytecode::Opcode;
use oriel_heap::Value;

/// How a frame stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Where it goes on.
    Between,
    /// Behind the first word of an instruction that is done (a call), or is to be done still (a jump back).
    Behind,
    /// Where an exception was raised.
    Raising,
}

/// Brings a frame into exact code, or lets one that is in it already stand where it goes on.
pub(super) fn convert(vm: &Vm, frame: FrameRef, place: Place) -> PyResult<()> {
    let runnable = frame.runnable();
    let exact_already = runnable.lowered.mode == Mode::Exact;
    match place {
        Place::Raising if exact_already => Ok(()),
        Place::Raising => {
            let exact = runnable.owner().exact(vm)?;
            let offset = runnable.lowered.offsets.get(frame.word_index()).copied().unwrap_or(0);
            stand_at(frame, exact, exact.lowered.word_at(offset).unwrap_or(0) as usize + 1);
            Ok(())
        }
        Place::Behind => {
            let under_way = frame.word_index();
            settle(frame);
            if exact_already { Ok(()) } else { go_over(vm, frame, under_way, frame.pc.get()) }
        }
        Place::Between if exact_already => Ok(()),
        Place::Between => go_over(vm, frame, frame.word_index(), frame.pc.get()),
    }
}

/// Brings a frame of fast code into exact code that goes on at `pc`, having done the instruction under way.
pub(super) fn go_over(vm: &Vm, frame: FrameRef, under_way: usize, pc: *const Instruction) -> PyResult<()> {
    let runnable = frame.runnable();
    let exact = runnable.owner().exact(vm)?;
    let start = runnable.lowered.words.as_ptr();
    if pc == start {
        exact.warm_up();
        stand_at(frame, exact, 0);
        return Ok(());
    }
    let instruction = runnable.lowered.words[under_way];
    let offset = runnable.lowered.offsets[under_way];
    if pc == start.wrapping_add(under_way) {
        // A jump back that is still to be done: everything is in its place.
        stand_at(frame, exact, exact.lowered.word_at(offset).unwrap_or(0) as usize);
        return Ok(());
    }
    let behind = start.wrapping_add(under_way + 1 + instruction.extension_len().1);
    let jumped = match instruction.op() {
        Some(Op::ForIterBackward | Op::ForIter | Op::Send) => leaves(pc, start.wrapping_add(under_way + 1)),
        _ => pc != behind && pc != start.wrapping_add(under_way + 1),
    };
    if jumped {
        stand_at(frame, exact, goal(runnable, exact, offset));
        return Ok(());
    }
    let depth = materialize(vm, frame, under_way)?;
    let base = runnable.lowered.variables + depth as u16;
    let dst = instruction.a();
    if instruction.op().is_some_and(|op| op.fields()[0] == Field::Dst) && dst != base {
        // SAFETY: lowering made sure that the frame has these registers.
        unsafe {
            // It went on into a local already, where the exact form's next instruction puts it.
            let value = if dst == DISCARD { Value::NONE } else { frame.take(dst) };
            frame.set(base, value);
        }
    }
    let next = exact.lowered.offsets.partition_point(|&other| other <= offset);
    stand_at(frame, exact, next);
    Ok(())
}

fn stand_at(frame: FrameRef, exact: &Runnable, word: usize) {
    frame.runnable.set(exact);
    frame.pc.set(exact.lowered.words.as_ptr().wrapping_add(word));
}

/// Whether an instruction that ends a loop or a delegation by a jump has made it.
fn leaves(pc: *const Instruction, second: *const Instruction) -> bool {
    // SAFETY: the instruction has an extension word with the distance, which counts from there.
    let distance = unsafe { (*second).as_number() } as i32 as isize;
    pc == second.wrapping_offset(distance)
}

/// The word of the exact form to which the instruction of the bytecode jumps.
fn goal(runnable: &Runnable, exact: &Runnable, offset: u32) -> usize {
    let code = &runnable.code;
    let found = code.instructions().find(|instruction| instruction.offset as u32 == offset);
    let Some((instruction, target)) = found.and_then(|i| Some((i, i.jump_target()?))) else {
        return exact.lowered.offsets.partition_point(|&other| other <= offset);
    };
    let skip = instruction.opcode == Opcode::FOR_ITER && code.code.get(target) == Some(&Opcode::END_FOR.byte());
    exact.lowered.word_at(target as u32 + if skip { 2 } else { 0 }).unwrap_or(0) as usize
}

/// Lets a frame stand where it goes on that stands behind the first word of an instruction.
pub(super) fn settle(frame: FrameRef) {
    let lowered: &LoweredCode = &frame.runnable().lowered;
    if frame.pc.get() == lowered.words.as_ptr() {
        return;
    }
    let word = frame.word_index();
    let instruction = lowered.words[word];
    let waits = matches!(instruction.op(), Some(Op::JumpBackward | Op::ForIterBackward | Op::Resume));
    let next = if waits { word } else { word + 1 + instruction.extension_len().1 };
    frame.pc.set(lowered.words.as_ptr().wrapping_add(next));
}

/// Brings what the virtual operand stack holds below the operands of an instruction into registers; how deep that is.
fn materialize(vm: &Vm, frame: FrameRef, word: usize) -> PyResult<usize> {
    let runnable = frame.runnable();
    let entries = entries_at(&runnable.code, word).map_err(|error| vm.system_error(error.to_string()))?;
    for (position, entry) in entries.iter().enumerate() {
        let value = match *entry {
            Entry::Temporary => continue,
            // SAFETY: lowering made sure that the frame has the register.
            Entry::Local(local) => unsafe { frame.get(local) }.clone(),
            Entry::Constant(constant) => match runnable.constants.get(usize::from(constant - FIRST_CONSTANT)) {
                Some(value) => value.clone(),
                None => Value::UNBOUND,
            },
        };
        // SAFETY: as above; an alias has left its own register empty.
        unsafe { frame.set(runnable.lowered.variables + position as u16, value) };
    }
    Ok(entries.len())
}

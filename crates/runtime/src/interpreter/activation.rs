//! The state of one activation of the loop, and the small steps that all instructions are made of.
//!
//! Everything here is inlined into the loop, so that the state stays in machine registers: no instruction may pass the
//! state itself to a function that is not inlined.

use crate::error::{PyResult, Raised};
use crate::frame::FrameRef;
use crate::lowered::{FIRST_CONSTANT, Instruction, flag};
use crate::vm::Vm;
use oriel_heap::Value;

/// How an instruction ends.
pub enum Flow {
    /// The next one follows; the instruction has set the place.
    Next,
    /// An exception was raised.
    Raise(Raised),
    /// An exception goes on: this frame is in its traceback already.
    Reraise(Raised),
    /// The activation's frame has gone, and an exception is for native code.
    Abort(Raised),
    /// The activation ends with a value for native code.
    Exit(Value),
    /// Observation went on or off: the other form of the loop takes over, from what the current frame has saved.
    Switch,
}

/// The state of one activation.
pub struct Activation<'a> {
    /// The thread.
    pub vm: &'a Vm,
    /// The frame that runs.
    pub frame: FrameRef,
    /// The word behind the last one fetched.
    pub pc: *const Instruction,
    /// The constants, so that a constant's operand, as a signed number, is its index from here.
    pub constants: *const Value,
}

impl<'a> Activation<'a> {
    /// The state for running a frame from where it stands.
    #[inline(always)]
    pub fn new(vm: &'a Vm, frame: FrameRef) -> Activation<'a> {
        let mut state = Activation { vm, frame, pc: std::ptr::null(), constants: std::ptr::null() };
        state.load(frame);
        state
    }

    /// Executes the rarer part of an instruction outside the loop, on a copy of the state.
    #[inline(always)]
    pub fn outside(&mut self, i: Instruction, part: fn(&mut Activation<'_>, Instruction) -> Flow) -> Flow {
        let mut copy = Activation { vm: self.vm, frame: self.frame, pc: self.pc, constants: self.constants };
        let flow = part(&mut copy, i);
        self.come_back(&copy);
        flow
    }

    /// As [`Activation::outside`], for a part that takes more than the instruction: it must call what is not inlined.
    #[inline(always)]
    pub fn outside_by(&mut self, part: impl FnOnce(&mut Activation<'_>) -> Flow) -> Flow {
        let mut copy = Activation { vm: self.vm, frame: self.frame, pc: self.pc, constants: self.constants };
        let flow = part(&mut copy);
        self.come_back(&copy);
        flow
    }

    /// As [`Activation::outside`], with a value to go on with.
    #[inline(always)]
    pub fn outside_with(&mut self, value: Value, part: fn(&mut Activation<'_>, Value) -> Flow) -> Flow {
        let mut copy = Activation { vm: self.vm, frame: self.frame, pc: self.pc, constants: self.constants };
        let flow = part(&mut copy, value);
        self.come_back(&copy);
        flow
    }

    /// Takes the state over from a copy that was just written word by word.
    #[inline(always)]
    fn come_back(&mut self, copy: &Activation<'_>) {
        // Read word by word as well: a wider load would have to wait until the stores have left the store buffer.
        // SAFETY: the fields are initialized and nobody else writes them.
        unsafe {
            self.frame = std::ptr::read_volatile(&raw const copy.frame);
            self.pc = std::ptr::read_volatile(&raw const copy.pc);
            self.constants = std::ptr::read_volatile(&raw const copy.constants);
        }
    }

    /// Goes over to a frame, which is or becomes the thread's current one.
    #[inline(always)]
    pub fn load(&mut self, frame: FrameRef) {
        self.frame = frame;
        self.pc = frame.pc.get();
        self.constants = frame.runnable().constants.as_ptr().wrapping_add(usize::from(FIRST_CONSTANT));
    }

    /// Enters a pushed frame from the running one.
    #[inline(always)]
    pub fn enter(&mut self, callee: FrameRef) {
        self.save();
        callee.previous.set(self.frame.as_ptr());
        self.vm.thread.frame.set(callee.as_ptr());
        self.load(callee);
    }

    /// Writes the place into the frame: before anything that may raise, call or look at frames.
    #[inline(always)]
    pub fn save(&self) {
        self.frame.pc.set(self.pc);
    }

    /// What an operand names. The borrow must end before the instruction writes the register.
    #[inline(always)]
    pub fn operand<'b>(&self, operand: u16) -> &'b Value {
        // Seen as signed numbers, constants' operands are the negative ones.
        let index = operand as i16;
        // SAFETY: lowering made sure that the frame has the register, or the code the constant.
        unsafe {
            let base = if index >= 0 { self.frame.register(0).cast_const() } else { self.constants };
            &*base.wrapping_offset(index as isize)
        }
    }

    /// A register's content.
    #[inline(always)]
    pub fn register<'b>(&self, register: u16) -> &'b Value {
        // SAFETY: lowering made sure that the frame has the register.
        unsafe { self.frame.get(register) }
    }

    /// Puts a value into a register.
    #[inline(always)]
    pub fn set(&self, register: u16, value: Value) {
        // SAFETY: lowering made sure that the frame has the register.
        unsafe { self.frame.set(register, value) }
    }

    /// Moves the value out of a register.
    #[inline(always)]
    pub fn take(&self, register: u16) -> Value {
        // SAFETY: lowering made sure that the frame has the register.
        unsafe { self.frame.take(register) }
    }

    /// An operand as an owned value: moved if the flag says that it is a temporary that dies, else cloned.
    #[inline(always)]
    pub fn own(&self, i: Instruction, operand: u16, kill: u8) -> Value {
        if i.has(kill) { self.take(operand) } else { self.operand(operand).clone() }
    }

    /// Drops the temporaries among `b` and `c` that die.
    #[inline(always)]
    pub fn kill(&self, i: Instruction) {
        if i.has(flag::KILL_B | flag::KILL_C) {
            if i.has(flag::KILL_B) {
                drop(self.take(i.b()));
            }
            if i.has(flag::KILL_C) {
                drop(self.take(i.c()));
            }
        }
    }

    /// Puts a result into the destination and drops what dies, or raises.
    #[inline(always)]
    pub fn finish(&self, i: Instruction, result: PyResult) -> Flow {
        match result {
            Ok(value) => {
                self.set(i.a(), value);
                self.kill(i);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    /// Ends an instruction without a result.
    #[inline(always)]
    pub fn done(&self, result: PyResult<()>) -> Flow {
        match result {
            Ok(()) => Flow::Next,
            Err(raised) => Flow::Raise(raised),
        }
    }

    /// Goes so many words on from the one behind the instruction's first.
    #[inline(always)]
    pub fn jump(&mut self, distance: isize) {
        self.pc = self.pc.wrapping_offset(distance);
    }

    /// Skips extension words.
    #[inline(always)]
    pub fn skip(&mut self, words: usize) {
        self.pc = self.pc.wrapping_add(words);
    }

    /// An extension word, from the first on.
    #[inline(always)]
    pub fn extension(&self, index: usize) -> Instruction {
        // SAFETY: instructions read as many extension words as lowering put behind them.
        unsafe { *self.pc.add(index) }
    }

    /// The operand at a place of the list behind the instruction.
    #[inline(always)]
    pub fn listed(&self, index: usize) -> u16 {
        // SAFETY: the list has been put behind the instruction; operands lie two bytes apart, lowest first.
        unsafe { *self.pc.cast::<u16>().add(index) }
    }

    /// A name of the code object.
    #[inline(always)]
    pub fn name<'b>(&self, index: u32) -> &'b Value {
        &self.frame.runnable().names[index as usize]
    }

    /// Gives the list behind the instruction as owned values: a temporary in its own place is moved, all else cloned.
    #[inline(always)]
    pub fn take_listed(&self, base: u16, index: usize) -> Value {
        let operand = self.listed(index);
        if operand == base + index as u16 { self.take(operand) } else { self.operand(operand).clone() }
    }
}

const _: () = assert!(cfg!(target_endian = "little"), "lists of operands are read as 16-bit words");

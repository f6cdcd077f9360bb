//! Frames: the header, the registers behind it, how frames are pushed and popped, and where they stand.
//!
//! ```text
//!  | previous | pc | runnable | function | locals | object | link | spare | register 0 | register 1 | ...
//! ```
//! A frame lies on the thread's stack chunks, inside a generator, or (when it has ended but a frame object refers to it)
//! in memory of its frame object. Named in the design as a place with unsafe code. What all of it rests on: the
//! lowered code of a frame names only registers that the frame has, and no borrow of a register outlives the
//! instruction that made it. A program that overwrites a local from outside while an instruction borrows it (through
//! `f_locals`) leaves the old value alive in the frame object.

pub mod stack;

use crate::lowered::Instruction;
use crate::types::code::Runnable;
use crate::types::frame_object::FrameObject;
use crate::types::function::Function;
use crate::vm::Vm;
use oriel_heap::{Ref, Value, Visitor};
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

/// What happens with the value that a frame returns or yields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Continuation {
    /// The loop's activation ends: native code gets it.
    Native,
    /// It goes to a register of the caller.
    Store,
    /// It must be None: `__init__` of the object in the caller's register `slot`, which becomes the result.
    Init,
    /// A generator resumed by a `for` loop: what it returns ends the loop.
    Iterate,
    /// A generator resumed by `yield from` or `await`: what it returns ends the delegation.
    Delegate,
    /// A generator resumed by a call of its `send` or of `next`: what it returns raises StopIteration.
    Resumed,
    /// A special method: it is the result, or part of it, of the caller's instruction under way, an operator.
    Operator,
}

/// Where a frame's memory is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Owner {
    /// On the thread's stack.
    Stack,
    /// In a generator.
    Generator,
    /// In the frame object, the frame having ended.
    Object,
}

/// How a frame is tied to its caller.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Link {
    /// What happens with the result.
    pub continuation: Continuation,
    /// Where the frame is.
    pub owner: Owner,
    /// The caller's register for the result.
    pub dst: u16,
    /// How many words behind the caller's `pc` it goes on.
    pub skip: u16,
    /// A register of the caller that the continuation needs.
    pub slot: u16,
}

impl Link {
    /// The link of a frame entered from native code.
    pub const NATIVE: Link = Link { continuation: Continuation::Native, owner: Owner::Stack, dst: 0, skip: 0, slot: 0 };

    /// The link of a call whose result goes to a register.
    #[inline(always)]
    pub fn store(dst: u16, skip: u16) -> Link {
        Link { continuation: Continuation::Store, owner: Owner::Stack, dst, skip, slot: 0 }
    }
}

/// The header of a frame.
#[repr(C)]
pub struct Frame {
    /// The frame that called or resumed this one.
    pub previous: Cell<*mut Frame>,
    /// The word behind the first word of the instruction under way.
    pub pc: Cell<*const Instruction>,
    /// The lowered code with what belongs to it; the function's code object keeps it alive.
    pub runnable: Cell<*const Runnable>,
    /// The function.
    pub function: Ref<Function>,
    /// The namespace of locals of a class or module body.
    pub locals: Cell<Option<Value>>,
    /// The frame object, if someone asked for it.
    pub object: Cell<Option<Ref<FrameObject>>>,
    /// The tie to the caller.
    pub link: Cell<Link>,
    /// Bits of [`frame_flags`].
    pub flags: Cell<u64>,
}

/// Bits of a frame's flags.
pub mod frame_flags {
    /// The frame has not begun: it does not appear in tracebacks.
    pub const INCOMPLETE: u64 = 1;
}

const _: () = assert!(size_of::<Frame>() == 64 && size_of::<Link>() == 8);

/// A frame that is known to be alive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameRef(NonNull<Frame>);

impl std::ops::Deref for FrameRef {
    type Target = Frame;
    #[inline(always)]
    fn deref(&self) -> &Frame {
        // SAFETY: a `FrameRef` is only held while its frame is alive; the header is changed through cells.
        unsafe { self.0.as_ref() }
    }
}

impl FrameRef {
    /// A frame at an address.
    ///
    /// # Safety
    /// The frame must be alive as long as the result is used.
    #[inline(always)]
    pub unsafe fn new(frame: NonNull<Frame>) -> FrameRef {
        FrameRef(frame)
    }

    /// The frame at an address that may be null.
    ///
    /// # Safety
    /// As [`FrameRef::new`].
    #[inline(always)]
    pub unsafe fn from_pointer(frame: *mut Frame) -> Option<FrameRef> {
        NonNull::new(frame).map(FrameRef)
    }

    /// The address.
    #[inline(always)]
    pub fn as_ptr(self) -> *mut Frame {
        self.0.as_ptr()
    }

    /// The address of a register.
    ///
    /// # Safety
    /// The frame must have the register.
    #[inline(always)]
    pub unsafe fn register(self, number: u16) -> *mut Value {
        // SAFETY: registers lie right behind the header.
        unsafe { self.0.as_ptr().add(1).cast::<Value>().add(usize::from(number)) }
    }

    /// Borrows what a register holds.
    ///
    /// # Safety
    /// The frame must have the register, and it must not be written while the borrow lives.
    #[inline(always)]
    pub unsafe fn get<'a>(self, number: u16) -> &'a Value {
        // SAFETY: as the caller says.
        unsafe { &*self.register(number) }
    }

    /// Puts a value into a register; the old one is dropped afterwards.
    ///
    /// # Safety
    /// The frame must have the register.
    #[inline(always)]
    pub unsafe fn set(self, number: u16, value: Value) {
        // SAFETY: as the caller says; registers always hold a value.
        drop(unsafe { ptr::replace(self.register(number), value) });
    }

    /// Moves the value out of a register, leaving it empty.
    ///
    /// # Safety
    /// The frame must have the register.
    #[inline(always)]
    pub unsafe fn take(self, number: u16) -> Value {
        // SAFETY: as the caller says; registers always hold a value.
        unsafe { ptr::replace(self.register(number), Value::UNBOUND) }
    }

    /// The lowered code with what belongs to it.
    #[inline(always)]
    pub fn runnable<'a>(self) -> &'a Runnable {
        // SAFETY: the frame owns its function, whose code objects (earlier ones included) stay alive.
        unsafe { &*self.runnable.get() }
    }

    /// The frame that called or resumed this one.
    #[inline(always)]
    pub fn caller(self) -> Option<FrameRef> {
        // SAFETY: callers outlive their callees.
        unsafe { FrameRef::from_pointer(self.previous.get()) }
    }

    /// The number of registers.
    pub fn register_count(self) -> u16 {
        self.runnable().lowered.registers
    }

    /// All registers.
    ///
    /// # Safety
    /// No register may be written while the borrow lives.
    pub unsafe fn registers<'a>(self) -> &'a [Value] {
        // SAFETY: the frame has so many registers, all of them initialized.
        unsafe { std::slice::from_raw_parts(self.register(0), usize::from(self.register_count())) }
    }

    /// The index of the word that begins the instruction under way.
    pub fn word_index(self) -> usize {
        let start = self.runnable().lowered.words.as_ptr();
        let words = (self.pc.get().addr() - start.addr()) / size_of::<Instruction>();
        words.saturating_sub(1)
    }

    /// The byte offset of the bytecode instruction under way; -1 if the frame has not begun.
    pub fn lasti(self) -> i32 {
        let runnable = self.runnable();
        if self.pc.get() == runnable.lowered.words.as_ptr() {
            return -1;
        }
        runnable.lowered.offsets.get(self.word_index()).map_or(-1, |&offset| offset as i32)
    }

    /// The line of the instruction under way.
    pub fn line(self) -> Option<i32> {
        let code = &self.runnable().code;
        let lasti = self.lasti();
        if lasti < 0 {
            return Some(code.firstlineno);
        }
        oriel_bytecode::positions::line_at(&code.linetable, code.firstlineno, lasti as usize)
    }

    /// Notes the word at which an exception that is raised again came up first.
    pub fn set_place(self, word: u32) {
        self.flags.set(self.flags.get() & 0xffff_ffff | u64::from(word + 1) << 32);
    }

    /// The word at which the exception under way came up first.
    pub fn place(self) -> usize {
        match (self.flags.get() >> 32) as usize {
            0 => self.word_index(),
            word => word - 1,
        }
    }

    /// Forgets what [`FrameRef::set_place`] noted.
    pub fn forget_place(self) {
        self.flags.set(self.flags.get() & 0xffff_ffff);
    }

    /// Makes the noted word the place where the frame stands, which is about to end.
    pub fn restore_place(self) {
        let word = (self.flags.get() >> 32) as usize;
        if word > 0
            && let Some(place) = self.runnable().lowered.words.get(word)
        {
            self.pc.set(place);
        }
    }

    /// Whether the frame has got past its prologue, so that it shows in tracebacks.
    pub fn is_complete(self) -> bool {
        self.flags.get() & frame_flags::INCOMPLETE == 0
    }

    /// Calls the visitor for every reference that the frame owns. The frame must not be running.
    pub fn visit(self, visitor: Visitor<'_>) {
        // SAFETY: a visitor of the collector runs no Python code.
        unsafe {
            for value in self.registers() {
                visitor(value);
            }
            if let Some(locals) = &*self.locals.as_ptr() {
                visitor(locals);
            }
            if let Some(object) = &*self.object.as_ptr() {
                visitor(object.as_value());
            }
        }
        visitor(self.function.as_value());
    }

    /// Empties registers from one on.
    ///
    /// # Safety
    /// No borrow of the registers may live.
    #[inline(always)]
    pub unsafe fn clear_from(self, first: u16) {
        for number in first..self.register_count() {
            // SAFETY: the frame has the register.
            drop(unsafe { self.take(number) });
        }
    }
}

/// Writes a frame's header into fresh memory and marks all registers as empty.
///
/// # Safety
/// `memory` must have room for the header and all registers of the code.
#[inline(always)]
unsafe fn write_frame(memory: NonNull<u8>, runnable: &Runnable, function: Ref<Function>, link: Link) -> FrameRef {
    let frame = memory.cast::<Frame>();
    // SAFETY: the caller provides the room.
    unsafe {
        frame.write(Frame {
            previous: Cell::new(ptr::null_mut()),
            pc: Cell::new(runnable.lowered.words.as_ptr()),
            runnable: Cell::new(runnable),
            function,
            locals: Cell::new(None),
            object: Cell::new(None),
            link: Cell::new(link),
            flags: Cell::new(0),
        });
        // Four at a time: frames have room for a multiple of four registers.
        let mut registers = frame.as_ptr().add(1).cast::<[Value; 4]>();
        for _ in 0..runnable.register_quads {
            registers.write([const { Value::UNBOUND }; 4]);
            registers = registers.add(1);
        }
    }
    FrameRef(frame)
}

impl Vm {
    /// The frame that is running.
    #[inline(always)]
    pub fn current_frame(&self) -> Option<FrameRef> {
        // SAFETY: the thread's current frame is alive.
        unsafe { FrameRef::from_pointer(self.thread.frame.get()) }
    }

    /// Memory for a frame of lowered code, if neither the recursion limit nor memory is exhausted.
    #[inline(always)]
    pub fn reserve_frame(&self, runnable: &Runnable) -> Option<NonNull<u8>> {
        if self.recursion_remaining.get() <= 0 {
            return None;
        }
        self.thread.stack.allocate(runnable.frame_bytes)
    }

    /// Makes the frame in memory that [`Vm::reserve_frame`] gave.
    ///
    /// # Safety
    /// The memory must have been reserved for this code, and nothing may have been pushed since.
    #[inline(always)]
    pub unsafe fn fill_frame(
        &self,
        memory: NonNull<u8>,
        runnable: &Runnable,
        function: Ref<Function>,
        link: Link,
    ) -> FrameRef {
        self.recursion_remaining.set(self.recursion_remaining.get() - 1);
        // SAFETY: as the caller says.
        unsafe { write_frame(memory, runnable, function, link) }
    }

    /// Pushes a frame for a function, without making it the current one; nothing where memory or the recursion
    /// limit is exhausted.
    #[inline(always)]
    pub fn push_frame(&self, runnable: &Runnable, function: Ref<Function>, link: Link) -> Option<FrameRef> {
        let remaining = self.recursion_remaining.get();
        if remaining <= 0 {
            return None;
        }
        let memory = self.thread.stack.allocate(runnable.frame_bytes)?;
        self.recursion_remaining.set(remaining - 1);
        // SAFETY: so many bytes were allocated.
        Some(unsafe { write_frame(memory, runnable, function, link) })
    }

    /// Ends a frame on the stack that returns: its operand stack is empty. The frame must no longer be current.
    #[inline(always)]
    pub fn pop_returning_frame(&self, frame: FrameRef) {
        self.recursion_remaining.set(self.recursion_remaining.get() + 1);
        // SAFETY: as in `pop_frame`; at a return the operand stack is empty, and registers that are not live hold
        // nothing that must be dropped.
        unsafe {
            if (*frame.object.as_ptr()).is_some() {
                detach_object(frame);
            }
            let first = frame.register(0);
            let mut number = 0;
            while number < usize::from(frame.runnable().lowered.variables) {
                drop(ptr::read(first.add(number)));
                number += 1;
            }
            if (*frame.locals.as_ptr()).is_some() {
                drop(frame.locals.take());
            }
            drop(ptr::read(&raw const (*frame.as_ptr()).function));
        }
        self.thread.stack.release(frame.0.cast());
    }

    /// Drops all that a frame on the stack holds and gives its memory back. The frame must no longer be current.
    #[inline(never)]
    pub fn pop_frame(&self, frame: FrameRef) {
        self.recursion_remaining.set(self.recursion_remaining.get() + 1);
        // SAFETY: the frame is alive, has ended and is used no more. What dropping runs is on top of it on the stack,
        // so the memory is given back last.
        unsafe {
            if (*frame.object.as_ptr()).is_some() {
                detach_object(frame);
            }
            frame.clear_from(0);
            ptr::drop_in_place(frame.as_ptr());
        }
        self.thread.stack.release(frame.0.cast());
    }
}

/// Drops all that the frame of a generator holds, which has ended.
pub fn end_frame(frame: FrameRef) {
    // SAFETY: the frame is alive and has ended.
    unsafe {
        if (*frame.object.as_ptr()).is_some() {
            detach_object(frame);
        }
        frame.clear_from(0);
    }
    frame.locals.set(None);
}

/// Gives what a frame that has ended holds to its frame object, if that outlives it.
#[cold]
#[inline(never)]
fn detach_object(frame: FrameRef) {
    let Some(object) = frame.object.take() else { return };
    if object.header().count() > 1 {
        object.take_over(frame);
    } else {
        object.forget_frame();
    }
}

/// A copy of a frame in memory of its own, for a frame object: the registers move.
pub struct OwnedFrame {
    memory: Box<[u64]>,
}

impl OwnedFrame {
    /// Moves a frame's content; the frame is left with empty registers.
    pub fn take(frame: FrameRef) -> OwnedFrame {
        let words = frame.runnable().frame_bytes / 8;
        let mut memory = vec![0u64; words].into_boxed_slice();
        if let Some(start) = NonNull::new(memory.as_mut_ptr().cast::<u8>()) {
            let link = Link { owner: Owner::Object, ..frame.link.get() };
            // SAFETY: the memory has room for header and registers and is aligned for words.
            let copy = unsafe { write_frame(start, frame.runnable(), frame.function.clone(), link) };
            copy.pc.set(frame.pc.get());
            copy.locals.set(frame.locals.take());
            copy.flags.set(frame.flags.get());
            for number in 0..frame.register_count() {
                // SAFETY: both frames have the register.
                unsafe { copy.register(number).write(frame.take(number)) };
            }
        }
        OwnedFrame { memory }
    }

    /// The frame.
    pub fn frame(&self) -> FrameRef {
        // SAFETY: the memory begins with a frame's header; a box's address is not null.
        FrameRef(unsafe { NonNull::new_unchecked(self.memory.as_ptr().cast_mut().cast()) })
    }
}

impl Drop for OwnedFrame {
    fn drop(&mut self) {
        let frame = self.frame();
        // SAFETY: the frame is used no more.
        unsafe {
            frame.clear_from(0);
            ptr::drop_in_place(frame.as_ptr());
        }
    }
}

/// A generator's frame header, moved bit by bit out of a frame on the stack; the registers follow separately.
///
/// # Safety
/// The frame on the stack must be given back with [`Vm::release_moved_frame`] and not be used otherwise.
pub unsafe fn move_header(frame: FrameRef) -> ManuallyDrop<Frame> {
    // SAFETY: as the caller says, the original is not dropped.
    ManuallyDrop::new(unsafe { ptr::read(frame.as_ptr()) })
}

impl Vm {
    /// Gives back the memory of a frame whose content was moved.
    pub fn release_moved_frame(&self, frame: FrameRef) {
        self.recursion_remaining.set(self.recursion_remaining.get() + 1);
        self.thread.stack.release(frame.0.cast());
    }
}

//! Generators, coroutines and asynchronous generators: their body with the frame in place, and how they are resumed.
//! What Python sees of them: [`methods`], [`coroutine`], [`async_generator`].
//!
//! ```text
//!  | header 16 | state, names, handled exception ... | frame header | registers ... |
//! ```

pub mod async_generator;
pub mod awaitables;
pub mod coroutine;
pub mod methods;

use crate::cells::{OptionCell, ValueCell};
use crate::error::{PyResult, Raised};
use crate::frame::{self, Continuation, Frame, FrameRef, Link, Owner};
use crate::interpreter;
use crate::thread::HandledException;
use crate::types::type_object::{Subtype, TypeRef};
use crate::vm::{Vm, vm_of};
use oriel_bytecode::CodeFlags;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::Cell;
use std::mem::{ManuallyDrop, offset_of};
use std::ptr::NonNull;

/// How far a generator has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Not begun.
    Created,
    /// Waiting at a `yield`.
    Suspended,
    /// Running.
    Running,
    /// At its end.
    Finished,
}

/// Which of the three it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A generator.
    Generator,
    /// A coroutine.
    Coroutine,
    /// An asynchronous generator.
    AsyncGenerator,
}

/// The body of all three; the registers follow the frame in place.
#[repr(C)]
pub struct Generator {
    /// Which of the three it is.
    pub kind: Kind,
    /// How far it has come.
    pub state: Cell<State>,
    /// Asynchronous generator: the hooks of the event loop have been called.
    pub hooks_called: Cell<bool>,
    /// Asynchronous generator: `aclose` has begun.
    pub closed: Cell<bool>,
    /// Asynchronous generator: an `asend` or `athrow` is under way.
    pub running_async: Cell<bool>,
    /// `__name__`
    pub name: ValueCell,
    /// `__qualname__`
    pub qualname: ValueCell,
    /// Coroutine: `cr_origin`; asynchronous generator: the event loop's finalizer.
    pub extra: OptionCell,
    /// The exception it is handling.
    pub handled: HandledException,
    frame: ManuallyDrop<Frame>,
}

static LAYOUT: Layout = Layout::of::<Generator>("generator", None);

impl Body for Generator {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.name.visit(visitor);
        self.qualname.visit(visitor);
        self.extra.visit(visitor);
        // A running frame lends its values without counts; what it refers to stays alive meanwhile.
        if self.state.get() != State::Running {
            self.handled.value.visit(visitor);
            self.frame_ref().visit(visitor);
        }
    }
    fn clear(&self) {
        if self.state.get() != State::Running {
            self.finish();
        }
        self.extra.set(None);
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        self.finish();
        // SAFETY: the generator dies, and its frame has ended.
        unsafe { ManuallyDrop::drop(&mut self.frame) };
    }
}

impl Generator {
    /// The frame.
    #[inline(always)]
    pub fn frame_ref(&self) -> FrameRef {
        let frame = std::ptr::from_ref::<Frame>(&self.frame).cast_mut();
        // SAFETY: the frame lives in the generator, which never moves; a reference is not null.
        unsafe { FrameRef::new(NonNull::new_unchecked(frame)) }
    }

    /// Ends the frame: drops what it holds.
    pub fn end(&self) {
        self.finish();
    }

    fn finish(&self) {
        if self.state.replace(State::Finished) != State::Finished {
            frame::end_frame(self.frame_ref());
        }
    }

    /// Whether it stands inside a `yield from` or `await`.
    pub fn delegate(&self) -> Option<Value> {
        if self.state.get() != State::Suspended {
            return None;
        }
        let frame = self.frame_ref();
        let place = suspension(frame);
        if place.op() != Some(crate::lowered::Op::Yield) || place.c() != 1 || place.a() == 0 {
            return None;
        }
        // SAFETY: what is delegated to lies under the value that is sent to it.
        Some(unsafe { frame.get(place.a() - 1) }.clone())
    }
}

/// The instruction that a suspended frame stands at: a yield, or the making of the generator.
fn suspension(frame: FrameRef) -> crate::lowered::Instruction {
    // SAFETY: a suspended frame stands behind that instruction's first word.
    unsafe { *frame.pc.get().sub(1) }
}

/// The generator whose frame this is.
///
/// # Safety
/// The frame must be owned by a generator.
pub unsafe fn generator_of<'a>(frame: FrameRef) -> &'a Generator {
    // SAFETY: such a frame lies in a generator's body.
    unsafe { &*frame.as_ptr().cast::<u8>().sub(offset_of!(Generator, frame)).cast::<Generator>() }
}

/// The generator whose frame this is, as a value.
///
/// # Safety
/// The frame must be owned by a generator.
pub unsafe fn value_of(frame: FrameRef) -> Value {
    // SAFETY: as the caller says; an object's header lies right before its body, and the clone owns a count of its own.
    unsafe {
        let body = frame.as_ptr().cast::<u8>().sub(offset_of!(Generator, frame)).cast::<Generator>();
        let header = NonNull::new_unchecked(body.cast::<oriel_heap::Header>().sub(1));
        let value = ManuallyDrop::new(Value::from_header(header));
        Value::clone(&value)
    }
}

impl Vm {
    /// Makes a generator of a frame on the stack, whose memory is given back; the frame must not be current any more.
    pub fn new_generator(&self, frame: FrameRef) -> PyResult {
        let flags = frame.runnable().code.flags;
        let (kind, ty) = if flags.contains(CodeFlags::COROUTINE) {
            (Kind::Coroutine, &self.types.coroutine)
        } else if flags.contains(CodeFlags::ASYNC_GENERATOR) {
            (Kind::AsyncGenerator, &self.types.async_generator)
        } else {
            (Kind::Generator, &self.types.generator)
        };
        let (name, qualname) = (frame.function.name.get(), frame.function.qualname.get());
        let registers = frame.runnable().register_quads * 4;
        // SAFETY: the original is forgotten below, or used on where the generator could not be made.
        let header = unsafe { frame::move_header(frame) };
        header.link.set(Link { owner: Owner::Generator, ..Link::NATIVE });
        let body = Generator {
            kind,
            state: Cell::new(State::Created),
            hooks_called: Cell::new(false),
            closed: Cell::new(false),
            running_async: Cell::new(false),
            name: ValueCell::new(name),
            qualname: ValueCell::new(qualname),
            extra: OptionCell::default(),
            handled: HandledException::default(),
            frame: header,
        };
        // SAFETY: the types have the layout of the body; the room behind it is filled at once, and nothing looks at it
        // before (allocating collects nothing by itself).
        let made = unsafe { self.heap.try_new_object(ty.as_value().raw(), body, registers * size_of::<Value>()) };
        let Some(generator) = made else {
            self.release_moved_frame(frame);
            return Err(self.memory_error());
        };
        let own = generator.frame_ref();
        // SAFETY: the registers move; the originals are forgotten with the frame.
        unsafe { std::ptr::copy_nonoverlapping(frame.register(0), own.register(0), registers) };
        if let Some(object) = own.object.take() {
            object.frame_moved(own);
            own.object.set(Some(object));
        }
        self.release_moved_frame(frame);
        if kind == Kind::Coroutine {
            coroutine::track_origin(self, &generator);
        }
        Ok(generator.into_value())
    }
}

/// The generator or coroutine that `send` can resume in the same activation.
#[inline(always)]
pub fn resumable<'a>(vm: &Vm, value: &'a Value) -> Option<&'a Ref<Generator>> {
    let ty = value.header()?.type_pointer();
    if ty == vm.types.generator.as_value().raw() || ty == vm.types.coroutine.as_value().raw() {
        // SAFETY: the types say that the body is a generator's.
        Some(unsafe { value.downcast_unchecked::<Generator>() })
    } else {
        None
    }
}

/// Prepares a generator for running on: gives its frame, which is to be entered next; nothing if it has ended.
#[inline(always)]
pub fn begin_resume(vm: &Vm, generator: &Generator, value: Value, link: Link) -> PyResult<Option<FrameRef>> {
    match generator.state.get() {
        State::Created | State::Suspended => {}
        _ => return not_resumable(vm, generator),
    }
    let remaining = vm.recursion_remaining.get();
    if remaining <= 0 {
        return Err(interpreter::frame_refused(vm));
    }
    vm.recursion_remaining.set(remaining - 1);
    let frame = generator.frame_ref();
    let place = suspension(frame);
    // SAFETY: the instruction's destination is a register of the frame.
    unsafe { frame.set(place.a(), value) };
    frame.link.set(Link { owner: Owner::Generator, ..link });
    generator.state.set(State::Running);
    generator.handled.previous.set(vm.thread.handled.get());
    vm.thread.handled.set(&generator.handled);
    Ok(Some(frame))
}

#[cold]
#[inline(never)]
fn not_resumable(vm: &Vm, generator: &Generator) -> PyResult<Option<FrameRef>> {
    match (generator.state.get(), generator.kind) {
        (State::Running, Kind::Generator) => Err(vm.value_error("generator already executing")),
        (State::Running, Kind::Coroutine) => Err(vm.value_error("coroutine already executing")),
        (State::Running, Kind::AsyncGenerator) => Err(vm.value_error("async generator already executing")),
        (_, Kind::Coroutine) => Err(vm.runtime_error("cannot reuse already awaited coroutine")),
        _ => Ok(None),
    }
}

/// Unlinks a generator that suspends: the opposite of [`begin_resume`].
#[inline(always)]
pub fn suspended(vm: &Vm, frame: FrameRef) {
    // SAFETY: the caller's frame is a generator's.
    let generator = unsafe { generator_of(frame) };
    generator.state.set(State::Suspended);
    leave(vm, generator);
}

#[inline(always)]
fn leave(vm: &Vm, generator: &Generator) {
    vm.recursion_remaining.set(vm.recursion_remaining.get() + 1);
    vm.thread.handled.set(generator.handled.previous.replace(std::ptr::null()));
}

/// Unlinks and empties a generator that has returned or raised.
pub fn finished(vm: &Vm, frame: FrameRef) {
    // SAFETY: the caller's frame is a generator's.
    let generator = unsafe { generator_of(frame) };
    leave(vm, generator);
    generator.handled.value.set(None);
    generator.finish();
}

/// What running a generator on came to.
pub enum Resumed {
    /// It yielded.
    Yielded(Value),
    /// It returned.
    Returned(Value),
}

/// Runs a generator on from native code; nothing if it had ended before.
pub fn resume(vm: &Vm, generator: &Ref<Generator>, value: Value) -> PyResult<Option<Resumed>> {
    if generator.state.get() == State::Created && !value.is_none() {
        let kind = match generator.kind {
            Kind::Generator => "generator",
            Kind::Coroutine => "coroutine",
            Kind::AsyncGenerator => "async generator",
        };
        return Err(vm.type_error(format!("can't send non-None value to a just-started {kind}")));
    }
    vm.check_stack()?;
    // The generator must outlive its run, even if the one who resumed it loses its reference.
    let held = generator.clone();
    let Some(frame) = begin_resume(vm, &held, value, Link::NATIVE)? else { return Ok(None) };
    let value = interpreter::run_frame(vm, frame)?;
    Ok(Some(outcome(&held, value)))
}

fn outcome(generator: &Generator, value: Value) -> Resumed {
    if generator.state.get() == State::Finished { Resumed::Returned(value) } else { Resumed::Yielded(value) }
}

/// Raises an exception where a generator stands, from native code.
pub fn resume_raising(vm: &Vm, generator: &Ref<Generator>, raised: Raised) -> PyResult<Option<Resumed>> {
    let held = generator.clone();
    match held.state.get() {
        State::Finished if held.kind == Kind::Coroutine => {
            return Err(vm.runtime_error("cannot reuse already awaited coroutine"));
        }
        State::Finished => return Err(raised),
        State::Created | State::Suspended => {}
        State::Running => return not_resumable(vm, &held).map(|_| None),
    }
    vm.check_stack()?;
    let Some(frame) = begin_resume(vm, &held, Value::NONE, Link::NATIVE)? else { return Err(raised) };
    if let Some(handled) = held.handled.value.get() {
        vm.chain_context(&raised.0, &handled);
    }
    frame.previous.set(vm.thread.frame.get());
    vm.thread.frame.set(frame.as_ptr());
    let value = interpreter::run(vm, frame, Some(raised))?;
    Ok(Some(outcome(&held, value)))
}

/// Sends to anything that `yield from` or `await` may delegate to: the value, and whether that was the end.
pub fn send_to(vm: &Vm, receiver: &Value, value: Value) -> PyResult<(Value, bool)> {
    if let Some(generator) = resumable(vm, receiver) {
        return Ok(match resume(vm, generator, value)? {
            Some(Resumed::Yielded(value)) => (value, false),
            Some(Resumed::Returned(value)) => (value, true),
            None => (Value::NONE, true),
        });
    }
    if let Some(send) = vm.type_of(receiver).slots.am_send.get() {
        return send(vm, receiver, value);
    }
    let python_next = crate::types::slot_functions::next as crate::slots::NextFn;
    let result = match vm.type_of(receiver).slots.next.get() {
        // The slot of a Python class drops the value of StopIteration, which is wanted here.
        Some(next) if value.is_none() && std::ptr::fn_addr_eq(next, python_next) => {
            vm.call_special(receiver, &vm.names.__next__, &[])
        }
        Some(next) if value.is_none() => next(vm, receiver),
        _ => vm.call_method(receiver, &vm.names.send, &[value]).map(Some),
    };
    match result {
        Ok(Some(value)) => Ok((value, false)),
        Ok(None) => Ok((Value::NONE, true)),
        Err(raised) if vm.raised_is(&raised, &vm.types.stop_iteration) => Ok((vm.stop_iteration_value(&raised), true)),
        Err(raised) => Err(raised),
    }
}

/// The exact generator, or what behaves as one: `None` where it is neither.
pub fn as_generator<'a>(vm: &Vm, value: &'a Value, ty: &TypeRef) -> PyResult<&'a Ref<Generator>> {
    match value.downcast::<Generator>() {
        Some(generator) if vm.type_of(value).is_subtype(ty) => Ok(generator),
        _ => Err(vm.type_error(format!("expected {}, got {}", vm.full_name(ty), vm.type_name(value)))),
    }
}

/// The finalizer of all three: closes what is not at its end.
pub fn finalize(value: &Value) {
    let (Some(generator), Some(vm)) = (value.downcast::<Generator>(), vm_of(value)) else { return };
    if generator.state.get() == State::Finished {
        return;
    }
    if generator.kind == Kind::AsyncGenerator
        && let Some(finalizer) = generator.extra.get()
        && !generator.closed.get()
    {
        if let Err(raised) = vm.call(&finalizer, &[value.clone()]) {
            vm.write_unraisable(raised, Some(value), "Exception ignored while finalizing generator");
        }
        return;
    }
    if generator.kind == Kind::Coroutine && generator.state.get() == State::Created {
        coroutine::warn_never_awaited(vm, value);
        return;
    }
    if generator.state.get() == State::Created {
        return;
    }
    if let Err(raised) = methods::close(vm, generator) {
        vm.write_unraisable(raised, Some(value), "Exception ignored while closing generator");
    }
}

/// Whether a frame's continuation is that of native code.
pub fn is_native(link: Link) -> bool {
    link.continuation == Continuation::Native
}

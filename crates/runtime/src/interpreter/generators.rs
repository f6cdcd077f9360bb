//! Instructions of generators, coroutines and asynchronous generators. Sending is in [`super::iteration`].

use super::activation::{Activation, Flow};
use crate::error::PyResult;
use crate::frame::{Continuation, FrameRef, Link, Owner};
use crate::lowered::{DISCARD, Instruction, flag};
use crate::types::generator::{self, coroutine};
use crate::vm::Vm;
use oriel_bytecode::CodeFlags;
use oriel_heap::Value;
use std::sync::atomic::Ordering;

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn resume(&mut self, i: Instruction) -> Flow {
        if self.vm.pending.load(Ordering::Relaxed) && i.a() & 3 < 2 {
            self.save();
            if let Err(raised) = self.vm.handle_pending() {
                return Flow::Raise(raised);
            }
            if self.vm.must_switch() {
                return Flow::Switch;
            }
        }
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn return_generator(&mut self) -> Flow {
        self.save();
        let frame = self.frame;
        let link = frame.link.get();
        let caller = frame.caller();
        self.vm.thread.frame.set(frame.previous.get());
        let made = self.vm.new_generator(frame);
        if link.continuation != Continuation::Native
            && let Some(caller) = caller
        {
            self.load(caller);
            return match made {
                Ok(generator) => self.hand_over(link, generator),
                Err(raised) => Flow::Raise(raised),
            };
        }
        match made {
            Ok(generator) => Flow::Exit(generator),
            Err(raised) => {
                // There is no frame left to unwind: the loop's end passes the exception on.
                Flow::Abort(raised)
            }
        }
    }

    /// Gives a value to the caller, which is loaded, as its link says.
    #[inline(always)]
    fn deliver(&mut self, link: Link, value: Value) -> Flow {
        self.jump(link.skip as i16 as isize);
        if link.dst == DISCARD {
            drop(value);
        } else {
            self.set(link.dst, value);
        }
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn yield_(&mut self, i: Instruction) -> Flow {
        let value = self.own_value_of_yield(i);
        self.save();
        let frame = self.frame;
        let link = frame.link.get();
        debug_assert!(link.owner == Owner::Generator);
        generator::suspended(self.vm, frame);
        self.vm.thread.frame.set(frame.previous.get());
        if link.continuation != Continuation::Native {
            // SAFETY: a frame with this continuation has been resumed from another one, which waits.
            let caller = unsafe { FrameRef::from_pointer(frame.previous.get()).unwrap_unchecked() };
            self.load(caller);
            return self.deliver(link, value);
        }
        Flow::Exit(value)
    }

    #[inline(always)]
    fn own_value_of_yield(&self, i: Instruction) -> Value {
        // The value's register may be the one that receives what is sent.
        if i.has(flag::KILL_B) || i.b() == i.a() { self.take(i.b()) } else { self.operand(i.b()).clone() }
    }

    #[inline(always)]
    pub(super) fn end_send(&mut self, i: Instruction) -> Flow {
        let value = self.own(i, i.c(), flag::KILL_C);
        drop(self.take(i.b()));
        self.set(i.a(), value);
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn get_yield_from_iter(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = get_yield_from_iter(self.vm, self.frame, self.operand(i.b()));
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn get_awaitable(&mut self, i: Instruction) -> Flow {
        self.save();
        match get_awaitable(self.vm, self.operand(i.b()), i.c()) {
            Ok(value) => {
                self.set(i.a(), value);
                self.kill_b(i);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn get_aiter(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = get_aiter(self.vm, self.operand(i.b()));
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn get_anext(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = get_anext(self.vm, self.operand(i.b()));
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn end_async_for(&mut self, i: Instruction) -> Flow {
        self.save();
        let exception = self.take(i.b());
        if self.vm.type_of(&exception).is(&self.vm.types.stop_async_iteration)
            || self.vm.is_instance_exact(&exception, &self.vm.types.stop_async_iteration)
        {
            drop(exception);
            drop(self.take(i.a()));
            return Flow::Next;
        }
        Flow::Reraise(crate::error::Raised(exception))
    }

    #[inline(always)]
    pub(super) fn cleanup_throw(&mut self, i: Instruction) -> Flow {
        self.save();
        let exception = self.take(i.a() + 2);
        if !self.vm.is_instance_exact(&exception, &self.vm.types.stop_iteration) {
            return Flow::Reraise(crate::error::Raised(exception));
        }
        let value = self.vm.stop_iteration_value(&crate::error::Raised(exception));
        self.set(i.a(), Value::NONE);
        self.set(i.a() + 1, value);
        Flow::Next
    }
}

#[inline(never)]
fn get_yield_from_iter(vm: &Vm, frame: FrameRef, value: &Value) -> PyResult {
    if coroutine::is_coroutine(value) {
        let flags = frame.runnable().code.flags;
        if !flags.intersects(CodeFlags::COROUTINE | CodeFlags::ITERABLE_COROUTINE) {
            return Err(vm.type_error("cannot 'yield from' a coroutine object in a non-coroutine generator"));
        }
        return Ok(value.clone());
    }
    if vm.type_of(value).is(&vm.types.generator) {
        return Ok(value.clone());
    }
    vm.iter(value)
}

#[inline(never)]
fn get_awaitable(vm: &Vm, value: &Value, after: u16) -> PyResult {
    if after != 0 && vm.type_of(value).slots.am_await.get().is_none() && !coroutine::is_coroutine(value) {
        let (name, method) = (vm.type_name(value), if after == 1 { "__aenter__" } else { "__aexit__" });
        return Err(vm.type_error(format!(
            "'async with' received an object from {method} that does not implement __await__: {name}"
        )));
    }
    let iterator = coroutine::get_awaitable(vm, value)?;
    if let Some(awaited) = iterator.downcast::<generator::Generator>()
        && awaited.kind == generator::Kind::Coroutine
        && awaited.delegate().is_some()
    {
        return Err(vm.runtime_error("coroutine is being awaited already"));
    }
    Ok(iterator)
}

#[inline(never)]
fn get_aiter(vm: &Vm, value: &Value) -> PyResult {
    let Some(aiter) = vm.type_of(value).slots.am_aiter.get() else {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("'async for' requires an object with __aiter__ method, got {name}")));
    };
    let iterator = aiter(vm, value)?;
    if vm.type_of(&iterator).slots.am_anext.get().is_none() {
        let name = vm.type_name(&iterator);
        return Err(vm.type_error(format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {name}"
        )));
    }
    Ok(iterator)
}

#[inline(never)]
fn get_anext(vm: &Vm, value: &Value) -> PyResult {
    let Some(anext) = vm.type_of(value).slots.am_anext.get() else {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("'async for' requires an iterator with __anext__ method, got {name}")));
    };
    let awaitable = anext(vm, value)?;
    if vm.type_of(value).is(&vm.types.async_generator) {
        return Ok(awaitable);
    }
    coroutine::get_awaitable(vm, &awaitable).map_err(|raised| {
        let name = vm.type_name(&awaitable);
        let error = vm.type_error(format!("'async for' received an invalid object from __anext__: {name}"));
        vm.set_cause(&error.0, Some(raised.0));
        error
    })
}

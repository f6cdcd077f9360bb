//! Calls of classes: making an instance and entering its `__init__`.

use super::activation::{Activation, Flow};
use super::calls::Operands;
use crate::args::Args;
use crate::error::PyResult;
use crate::frame::{Continuation, FrameRef, Link, Owner};
use crate::native::type_flags;
use crate::slots::InitFn;
use crate::types::function::Function;
use crate::types::object::Plain;
use crate::types::type_object::{Subtype, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};
use std::ptr;

impl Activation<'_> {
    /// Makes a plain instance and enters its `__init__`.
    #[inline(always)]
    pub(super) fn call_class(
        &mut self,
        dst: u16,
        list: Operands,
        class: &TypeRef,
        init: Ref<Function>,
        first: usize,
        names: &[Value],
    ) -> Flow {
        self.save();
        // SAFETY: the caller found that the class's instances have this layout.
        let made = unsafe { self.vm.heap.try_new_object(class.as_value().raw(), Plain, 0) };
        let Some(instance) = made else { return Flow::Raise(self.vm.memory_error()) };
        self.enter_init(dst, list, instance.into_value(), init, first, names)
    }

    /// Enters the `__init__` of a fresh instance.
    #[inline(always)]
    fn enter_init(
        &mut self,
        dst: u16,
        list: Operands,
        instance: Value,
        init: Ref<Function>,
        first: usize,
        names: &[Value],
    ) -> Flow {
        let link = Link {
            continuation: Continuation::Init,
            owner: Owner::Stack,
            dst,
            skip: list.words() as u16,
            slot: list.base,
        };
        let runnable = match init.known_runnable().map_or_else(|| init.find_runnable(self.vm), Ok) {
            Ok(runnable) => runnable,
            Err(raised) => {
                self.save();
                return Flow::Raise(raised);
            }
        };
        if names.is_empty()
            && runnable.simple_arguments as usize == list.count - first + 1
            && let Some(memory) = self.vm.reserve_frame(runnable)
        {
            // SAFETY: the memory was reserved for this code, whose function's count goes over to the frame.
            let frame = unsafe { self.vm.fill_frame(memory, runnable, init.clone(), link) };
            // SAFETY: the code has a register for its first parameter, which holds nothing yet.
            unsafe { frame.register(0).write(instance.clone()) };
            self.move_arguments(frame, list, first, 1);
            self.drop_callable(list);
            // The callable's place keeps the instance until `__init__` has returned.
            self.set(list.base, instance);
            return self.enter_callee(frame, runnable);
        }
        let flow = self.call_bound(list, &init, runnable, Some(&instance), first, names, link);
        if matches!(flow, Flow::Next) {
            // The frame has been entered: its caller is the one that keeps the instance.
            // SAFETY: a frame that was entered has a caller, one of whose registers is the callable's place.
            unsafe { FrameRef::from_pointer(self.frame.previous.get()).unwrap_unchecked().set(list.base, instance) };
        }
        flow
    }

    /// Calls a class whose metaclass is `type`, and which no site knows.
    #[inline(always)]
    pub(super) fn call_type(
        &mut self,
        dst: u16,
        list: Operands,
        class: &TypeRef,
        first: usize,
        names: &[Value],
    ) -> Flow {
        self.save();
        let given = list.count - first - usize::from(!names.is_empty());
        if class.is(&self.vm.types.type_) {
            if given != 1 || !names.is_empty() {
                let values = self.bring(list, first, None);
                let result = self.vm.call_args(class.as_value(), Args { values: &values[..given], names });
                self.take_away(list, first, false);
                self.drop_callable(list);
                return self.finish_call(dst, list.words(), result);
            }
            let ty = self.vm.type_of(self.operand(self.listed(first))).to_value();
            self.drop_listed_at(list, first);
            self.drop_callable(list);
            return self.finish_call(dst, list.words(), Ok(ty));
        }
        if class.is_heap_type()
            && makes_plain(self.vm, class)
            && let Some(init) = python_init(self.vm, class)
        {
            return self.call_class(dst, list, class, init, first, names);
        }
        let class = class.clone();
        let values = self.bring(list, first, None);
        let args = Args { values: &values[..given], names };
        let made = make_instance(self.vm, &class, args);
        if class.is_heap_type()
            && let Ok(instance) = &made
            && self.vm.type_of(instance).is(&class)
            && let Some(init) = python_init(self.vm, &class)
        {
            let instance = instance.clone();
            self.give_back(list, first);
            return self.enter_init(dst, list, instance, init, first, names);
        }
        let result = made.and_then(|instance| init_instance(self.vm, &class, instance, args));
        self.take_away(list, first, false);
        self.drop_callable(list);
        self.finish_call(dst, list.words(), result)
    }
}

/// The `__init__` that a class's instances are given to, if it is a Python function.
#[inline(always)]
fn python_init(vm: &Vm, class: &TypeRef) -> Option<Ref<Function>> {
    let init = class.slots.init.get()?;
    if !std::ptr::fn_addr_eq(init, crate::types::slot_functions::init as InitFn) {
        return None;
    }
    let found = vm.lookup(class, &vm.names.__init__)?;
    if !vm.type_of(&found).is(&vm.types.function) {
        return None;
    }
    Ref::try_from_value(found).ok()
}

/// Whether `object.__new__` makes the instances of a class, and they have nothing but attributes.
#[inline(always)]
fn makes_plain(vm: &Vm, class: &TypeRef) -> bool {
    let (Some(new), Some(plain)) = (class.slots.new.get(), vm.types.object.slots.new.get()) else { return false };
    if !std::ptr::fn_addr_eq(new, plain)
        || !class.is_heap_type()
        || class.has(type_flags::ABSTRACT)
        || !ptr::eq(class.head.layout.get(), Plain::layout())
    {
        return false;
    }
    vm.shapes.root_of(class);
    true
}

/// The first half of making an instance: `__new__`.
#[inline(never)]
fn make_instance(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    if vm.stack_is_low() {
        return Err(vm.recursion_error("maximum recursion depth exceeded"));
    }
    match class.slots.new.get() {
        Some(new) => new(vm, class, args),
        None => Err(vm.type_error(format!("cannot create '{}' instances", vm.full_name(class)))),
    }
}

/// The second half: `__init__`, where the first gave an instance of the class.
#[inline(never)]
fn init_instance(vm: &Vm, class: &TypeRef, instance: Value, args: Args<'_>) -> PyResult {
    let made = vm.type_of(&instance);
    if made.is_subtype(class)
        && let Some(init) = made.slots.init.get()
    {
        let object = &vm.types.object.slots;
        let is = |init: InitFn| object.init.get().is_some_and(|own| std::ptr::fn_addr_eq(own, init));
        let made_by_object = || match (made.slots.new.get(), object.new.get()) {
            (Some(new), Some(own)) => std::ptr::fn_addr_eq(new, own),
            _ => false,
        };
        // `object.__init__` does nothing but refuse arguments that `object.__new__` would have refused.
        if !is(init) || !args.values.is_empty() && made_by_object() {
            init(vm, &instance, args)?;
        }
    }
    Ok(instance)
}

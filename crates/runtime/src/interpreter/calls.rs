//! Instructions that call. Classes are [`super::class_calls`], returning is [`super::returns`].
//!
//! Operands of a call need not be in their places on the operand stack. For a Python function they go straight into the
//! new frame's registers. For native code they are brought into their places, which are free then: without a count
//! where they are borrowed, and so they are taken away again before the instruction ends.
//!
//! ```text
//!  base      base + 1            base + 2 ...
//!  callable  self or a receiver  arguments
//! ```

use super::activation::{Activation, Flow};
use super::binding::{Given, Slices, bind_quickly};
use super::caches::Hit;
use super::feedback::SiteCell;
use super::{enter_function, frame_refused};
use crate::args::{Args, Signature};
use crate::error::{PyResult, Raised};
use crate::frame::{Continuation, FrameRef, Link, Owner};
use crate::lowered::{DISCARD, Instruction};
use crate::modules::builtins;
use crate::native::{MethodDef, NativeCall};
use crate::slots::BinaryFn;
use crate::types::code::Runnable;
use crate::types::function::Function;
use crate::types::generator::{self, Generator};
use crate::types::method::Method;
use crate::types::native_function::{MethodDescriptor, NativeFunction};
use crate::types::tuple::Tuple;
use crate::types::type_object::{Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use smallvec::SmallVec;
use std::cell::OnceCell;
use std::ptr;
use std::sync::atomic::Ordering;

/// The list of operands of a call.
#[derive(Clone, Copy)]
pub(super) struct Operands {
    /// The register that is the callable's place.
    pub base: u16,
    /// How many operands there are.
    pub count: usize,
    /// 1 where the list begins with a receiver instead of callable and self: how much farther on the places are.
    pub shift: u16,
}

impl Operands {
    #[inline(always)]
    pub(super) fn words(self) -> usize {
        self.count.div_ceil(4)
    }

    #[inline(always)]
    pub(super) fn place(self, index: usize) -> u16 {
        self.base + self.shift + index as u16
    }
}

type SliceFn = fn(&Vm, &Value, &[Value]) -> PyResult;

/// What is called.
enum Callee<'a> {
    /// The callable in the list.
    Listed(&'a Ref<Function>),
    /// A function found otherwise, with the receiver of its method.
    Method(Ref<Function>, &'a Value),
    /// A function found otherwise.
    Found(Ref<Function>),
}

impl Activation<'_> {
    /// A call without self: quick for a Python function whose arguments fill its parameters one by one.
    #[inline(always)]
    pub(super) fn call_function(&mut self, i: Instruction) -> Flow {
        let callable = self.operand(self.listed(0));
        if let Some(function) = self.as_function(callable)
            && let Some(runnable) = function.known_runnable()
            && runnable.simple_arguments.wrapping_add(1) == u32::from(i.flags())
            && !self.vm.pending.load(Ordering::Relaxed)
            && let Some(memory) = self.vm.reserve_frame(runnable)
        {
            let list = Operands { base: i.b(), count: usize::from(i.flags()), shift: 1 };
            let owned = if self.listed(0) == list.base { self.take(list.base) } else { callable.clone() };
            // SAFETY: it is a function, whose count goes over to the frame; the memory was reserved for it.
            let frame = unsafe {
                let owned = Ref::<Function>::from_header(owned.into_raw());
                self.vm.fill_frame(memory, runnable, owned, Link::store(i.a(), list.words() as u16))
            };
            self.move_arguments(frame, list, 1, 0);
            return self.enter_callee(frame, runnable);
        }
        self.outside(i, call_function_general)
    }

    /// A call whose self is found at run time: quick for a Python function whose arguments fill its parameters one by one.
    #[inline(always)]
    pub(super) fn call(&mut self, i: Instruction) -> Flow {
        let callable = self.operand(self.listed(0));
        if let Some(function) = self.as_function(callable)
            && let Some(runnable) = function.known_runnable()
            && !self.vm.pending.load(Ordering::Relaxed)
        {
            let list = Operands { base: i.b(), count: usize::from(i.flags()), shift: 0 };
            let first = if self.operand(self.listed(1)).is_unbound() { 2 } else { 1 };
            if runnable.simple_arguments as usize == list.count - first
                && let Some(memory) = self.vm.reserve_frame(runnable)
            {
                let owned = if self.listed(0) == list.base { self.take(list.base) } else { callable.clone() };
                // SAFETY: it is a function, whose count goes over to the frame; the memory was reserved for it.
                let frame = unsafe {
                    let owned = Ref::<Function>::from_header(owned.into_raw());
                    self.vm.fill_frame(memory, runnable, owned, Link::store(i.a(), list.words() as u16))
                };
                self.move_arguments(frame, list, first, 0);
                return self.enter_callee(frame, runnable);
            }
        }
        self.outside(i, call_general)
    }

    fn call_in_general(&mut self, i: Instruction) -> Flow {
        if self.vm.pending.load(Ordering::Relaxed) {
            self.save();
            if let Err(raised) = self.vm.handle_pending() {
                return Flow::Raise(raised);
            }
        }
        let site = self.site(i.c());
        let list = Operands { base: i.b(), count: usize::from(i.flags()), shift: 0 };
        let first = if self.operand(self.listed(1)).is_unbound() { 2 } else { 1 };
        self.call_listed(i.a(), list, first, site)
    }

    #[inline(always)]
    pub(super) fn call_many(&mut self, i: Instruction) -> Flow {
        let list = Operands { base: i.b(), count: usize::from(i.c()), shift: 0 };
        let first = if self.operand(self.listed(1)).is_unbound() { 2 } else { 1 };
        self.call_listed(i.a(), list, first, None)
    }

    #[inline(always)]
    fn call_function_in_general(&mut self, i: Instruction) -> Flow {
        if self.vm.pending.load(Ordering::Relaxed) {
            self.save();
            if let Err(raised) = self.vm.handle_pending() {
                return Flow::Raise(raised);
            }
        }
        let site = self.site(i.c());
        let list = Operands { base: i.b(), count: usize::from(i.flags()), shift: 1 };
        let flow = self.call_listed(i.a(), list, 1, site);
        self.or_switch(flow)
    }

    /// Moves or clones the operands from `first` on to the registers of a fresh frame.
    #[inline(always)]
    pub(super) fn move_arguments(&self, frame: FrameRef, list: Operands, first: usize, register: u16) {
        let mut register = register;
        let mut index = first;
        while index < list.count {
            let operand = self.listed(index);
            let value = if operand == list.place(index) { self.take(operand) } else { self.operand(operand).clone() };
            // SAFETY: the code has at least as many registers as parameters, and fresh registers hold nothing that
            // must be dropped.
            unsafe { frame.register(register).write(value) };
            register += 1;
            index += 1;
        }
    }

    #[inline(always)]
    fn call_listed(&mut self, dst: u16, list: Operands, first: usize, site: Option<&SiteCell>) -> Flow {
        let callable = self.operand(self.listed(0));
        if let Some(function) = self.as_function(callable) {
            return self.call_python(dst, list, Callee::Listed(function), first);
        }
        if let Some(native) = self.as_native_function(callable) {
            let none = Value::NONE;
            let receiver = native.receiver.borrow().unwrap_or(&none);
            return self.call_native_def(dst, list, native.def, Some(&native.signature), receiver, first);
        }
        if let Some(class) = self.as_class(callable) {
            if let Some(site) = site {
                match site.class(class) {
                    Some(Some(init)) => return self.call_class(dst, list, class, init.clone(), first, &[]),
                    Some(None) => {}
                    None => site.learn_class(self.vm, class),
                }
            }
            return self.call_type(dst, list, class, first, &[]);
        }
        if let Some(method) = callable.downcast::<Method>()
            && let Some(function) = self.as_function(method.function.borrow())
        {
            // The method object may die with its temporary, so the function is held.
            return self.call_python(dst, list, Callee::Method(function.clone(), method.receiver.borrow()), first);
        }
        if let Some(call) = super::dunders::call_of(self.vm, callable) {
            return self.call_python(dst, list, Callee::Method(call, callable), first);
        }
        self.call_native(dst, list, callable, first)
    }

    /// The native function that a value is, if it is one.
    #[inline(always)]
    fn as_native_function<'b>(&self, callable: &'b Value) -> Option<&'b Ref<NativeFunction>> {
        let header = callable.header()?;
        if header.type_pointer() == self.vm.types.native_function.as_value().raw() {
            // SAFETY: the type says that the body is a native function's.
            Some(unsafe { callable.downcast_unchecked::<NativeFunction>() })
        } else {
            None
        }
    }

    /// Calls a native function by its declaration; arguments are lent where they are if its convention allows.
    #[inline(always)]
    fn call_native_def(
        &mut self,
        dst: u16,
        list: Operands,
        def: &'static MethodDef,
        signature: Option<&OnceCell<std::rc::Rc<Signature>>>,
        receiver: &Value,
        first: usize,
    ) -> Flow {
        self.save();
        let given = list.count - first;
        let result = match def.call {
            _ if self.vm.stack_is_low() => Err(self.vm.recursion_error("maximum recursion depth exceeded")),
            NativeCall::One(function) if given == 1 => {
                let result = function(self.vm, receiver, self.operand(self.listed(first)));
                self.drop_listed_at(list, first);
                result
            }
            NativeCall::NoArgs(function) if given == 0 => function(self.vm, receiver),
            NativeCall::Positional(1, 2, function)
                if given == 1
                    && std::ptr::fn_addr_eq(function, builtins::iteration::next as SliceFn)
                    && self.listed(first) != list.place(first)
                    && let Some(generator) = generator::resumable(self.vm, self.operand(self.listed(first)))
                    && generator.kind == generator::Kind::Generator =>
            {
                self.drop_callable(list);
                return self.resume_by_call(dst, list, generator, 0);
            }
            NativeCall::Positional(least, most, function) if given >= least.into() && given <= most.into() => {
                let values = self.bring(list, first, None);
                let result = function(self.vm, receiver, values);
                self.take_away(list, first, false);
                result
            }
            _ => {
                let values = self.bring(list, first, None);
                let result = call_by_definition(self.vm, def, receiver, values, signature);
                self.take_away(list, first, false);
                result
            }
        };
        self.drop_callable(list);
        self.finish_call(dst, list.words(), result)
    }

    /// The class that a value is, if its metaclass is `type` itself.
    #[inline(always)]
    fn as_class<'b>(&self, callable: &'b Value) -> Option<&'b TypeRef> {
        let header = callable.header()?;
        if header.type_pointer() == self.vm.types.type_.as_value().raw() {
            // SAFETY: the type says that the body is a type's.
            Some(unsafe { callable.downcast_unchecked::<Type>() })
        } else {
            None
        }
    }

    /// The function that a value is, if it is one.
    #[inline(always)]
    pub(super) fn as_function<'b>(&self, callable: &'b Value) -> Option<&'b Ref<Function>> {
        let header = callable.header()?;
        if header.type_pointer() == self.vm.types.function.as_value().raw() {
            // SAFETY: the type says that the body is a function's.
            Some(unsafe { callable.downcast_unchecked::<Function>() })
        } else {
            None
        }
    }

    #[inline(always)]
    fn call_python(&mut self, dst: u16, list: Operands, callee: Callee<'_>, first: usize) -> Flow {
        let (function, receiver) = match &callee {
            Callee::Listed(function) => (*function, None),
            Callee::Method(function, receiver) => (function, Some(*receiver)),
            Callee::Found(function) => (function, None),
        };
        let runnable = match function.known_runnable().map_or_else(|| function.find_runnable(self.vm), Ok) {
            Ok(runnable) => runnable,
            Err(raised) => {
                self.save();
                return Flow::Raise(raised);
            }
        };
        let given = list.count - first + usize::from(receiver.is_some());
        let defaults = if runnable.simple_arguments as usize == given {
            0
        } else {
            match self.missing_defaults(function, runnable, given) {
                Some(count) => count,
                None => {
                    let link = Link::store(dst, list.words() as u16);
                    return self.call_bound(list, function, runnable, receiver, first, &[], link);
                }
            }
        };
        let owned = match callee {
            Callee::Listed(_) if self.listed(0) == list.base => {
                // SAFETY: the caller found that it is a function; its count goes over to the frame.
                unsafe { Ref::<Function>::from_header(self.take(list.base).into_raw()) }
            }
            Callee::Listed(function) => function.clone(),
            Callee::Method(ref function, _) | Callee::Found(ref function) => function.clone(),
        };
        let Some(frame) = self.vm.push_frame(runnable, owned, Link::store(dst, list.words() as u16)) else {
            self.save();
            return Flow::Raise(frame_refused(self.vm));
        };
        let mut register = 0;
        if let Callee::Method(_, receiver) = callee {
            // SAFETY: the code has a register for its first parameter, which holds nothing yet.
            unsafe { frame.register(0).write(receiver.clone()) };
            register = 1;
        }
        self.move_arguments(frame, list, first, register);
        register += (list.count - first) as u16;
        if defaults > 0 {
            fill_defaults(frame, register, defaults);
        }
        if !matches!(callee, Callee::Listed(_)) {
            self.drop_callable(list);
        }
        self.enter_callee(frame, runnable)
    }

    /// How many of the last parameters get their defaults, if that is all there is to binding.
    #[inline(always)]
    fn missing_defaults(&self, function: &Function, runnable: &Runnable, given: usize) -> Option<usize> {
        let parameters = runnable.simple_arguments;
        if parameters == u32::MAX || given > parameters as usize {
            return None;
        }
        let missing = parameters as usize - given;
        let defaults = function.defaults.get()?;
        if defaults.downcast::<Tuple>()?.len() >= missing { Some(missing) } else { None }
    }

    /// Goes over to a pushed frame.
    #[inline(always)]
    pub(super) fn enter_callee(&mut self, frame: FrameRef, runnable: &Runnable) -> Flow {
        runnable.warm_up();
        self.enter(frame);
        Flow::Next
    }

    /// Calls a Python function whose arguments need binding; `names` are those of the last values, and stand behind them.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "all of them are what a call is")]
    pub(super) fn call_bound(
        &mut self,
        list: Operands,
        function: &Ref<Function>,
        runnable: &Runnable,
        receiver: Option<&Value>,
        first: usize,
        names: &[Value],
        link: Link,
    ) -> Flow {
        self.save();
        let given = Listed { state: self, list, first, receiver, names: usize::from(!names.is_empty()) };
        let entered = match bind_quickly(self.vm, function, runnable, &given, names, link) {
            Some(frame) => Ok(frame),
            None => {
                let last = list.count - usize::from(!names.is_empty());
                let mut values: SmallVec<[Value; 8]> = receiver.into_iter().cloned().collect();
                values.extend((first..last).map(|index| self.operand(self.listed(index)).clone()));
                let entered = enter_function(self.vm, function, Args { values: &values, names }, link);
                for index in first..last {
                    self.drop_listed_at(list, index);
                }
                entered
            }
        };
        match entered {
            Ok(frame) => {
                // The function is held by its frame.
                self.drop_callable(list);
                if !names.is_empty() {
                    self.drop_listed_at(list, list.count - 1);
                }
                self.enter_callee(frame, runnable)
            }
            Err(raised) => {
                self.drop_callable(list);
                Flow::Raise(raised)
            }
        }
    }

    /// Drops a listed operand, if it is a temporary.
    #[inline(always)]
    pub(super) fn drop_listed_at(&self, list: Operands, index: usize) {
        let operand = self.listed(index);
        if operand == list.place(index) {
            drop(self.take(operand));
        }
    }

    /// Brings the operands from `first` on into their places, behind a receiver if there is one, and lends them.
    #[inline(always)]
    pub(super) fn bring<'b>(&self, list: Operands, first: usize, receiver: Option<&Value>) -> &'b [Value] {
        for index in first..list.count {
            let (operand, place) = (self.listed(index), list.place(index));
            if operand != place {
                // SAFETY: the place is a register of the operand stack that holds nothing that must be dropped. The
                // copy is without a count; `take_away` forgets it.
                unsafe { ptr::copy_nonoverlapping(self.operand(operand), self.frame.register(place), 1) };
            }
        }
        let mut start = list.place(first);
        let mut count = list.count - first;
        if let Some(receiver) = receiver {
            start -= 1;
            count += 1;
            // SAFETY: as above.
            unsafe { ptr::copy_nonoverlapping(receiver, self.frame.register(start), 1) };
        }
        // SAFETY: the places lie side by side, and nothing writes them until `take_away`.
        unsafe { std::slice::from_raw_parts(self.frame.register(start), count) }
    }

    /// Undoes [`Activation::bring`]: borrowed operands are forgotten, temporaries dropped.
    #[inline(always)]
    pub(super) fn take_away(&self, list: Operands, first: usize, receiver: bool) {
        if receiver {
            // SAFETY: the place holds a copy without a count.
            unsafe { self.frame.register(list.place(first) - 1).write(Value::UNBOUND) };
        }
        for index in first..list.count {
            let place = list.place(index);
            if self.listed(index) == place {
                drop(self.take(place));
            } else {
                // SAFETY: the place holds a copy without a count.
                unsafe { self.frame.register(place).write(Value::UNBOUND) };
            }
        }
    }

    /// Undoes [`Activation::bring`] where the operands are still needed.
    pub(super) fn give_back(&self, list: Operands, first: usize) {
        for index in first..list.count {
            let place = list.place(index);
            if self.listed(index) != place {
                // SAFETY: the place holds a copy without a count.
                unsafe { self.frame.register(place).write(Value::UNBOUND) };
            }
        }
    }

    /// Drops the first operand, if it is a temporary.
    #[inline(always)]
    pub(super) fn drop_callable(&self, list: Operands) {
        if self.listed(0) == list.base {
            drop(self.take(list.base));
        }
    }

    /// Calls what is not a Python function.
    #[inline(always)]
    fn call_native(&mut self, dst: u16, list: Operands, callable: &Value, first: usize) -> Flow {
        self.save();
        let values = self.bring(list, first, None);
        let result = call_native(self.vm, callable, values);
        self.take_away(list, first, false);
        self.drop_callable(list);
        self.finish_call(dst, list.words(), result)
    }

    #[inline(always)]
    pub(super) fn finish_call(&mut self, dst: u16, words: usize, result: PyResult) -> Flow {
        match result {
            Ok(value) => {
                self.skip(words);
                if dst == DISCARD {
                    drop(value);
                } else {
                    self.set(dst, value);
                }
                if self.vm.pending.load(Ordering::Relaxed) && self.vm.must_switch() {
                    return Flow::Switch;
                }
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    /// A method call: quick for a Python function of the receiver's class.
    #[inline(always)]
    pub(super) fn call_method(&mut self, i: Instruction) -> Flow {
        let receiver = self.operand(self.listed(0));
        if let Some(site) = self.site(i.c())
            && let Some(function) = site.python_method(receiver)
            && let Some(runnable) = function.known_runnable()
            && runnable.simple_arguments == u32::from(i.flags())
            && !self.vm.pending.load(Ordering::Relaxed)
            && let Some(memory) = self.vm.reserve_frame(runnable)
        {
            let list = Operands { base: i.b(), count: usize::from(i.flags()), shift: 1 };
            // SAFETY: the memory was reserved for this frame.
            let frame = unsafe {
                self.vm.fill_frame(memory, runnable, function.clone(), Link::store(i.a(), list.words() as u16))
            };
            let operand = self.listed(0);
            let receiver = if operand == list.base { self.take(operand) } else { receiver.clone() };
            // SAFETY: the code has a register for its first parameter, which holds nothing yet.
            unsafe { frame.register(0).write(receiver) };
            self.move_arguments(frame, list, 1, 1);
            return self.enter_callee(frame, runnable);
        }
        self.outside(i, super::native_calls::call_method)
    }

    /// Lets the other form of the loop take over behind a call, where observation has gone on or off.
    #[inline(always)]
    fn or_switch(&mut self, flow: Flow) -> Flow {
        if self.vm.pending.load(Ordering::Relaxed) && matches!(flow, Flow::Next) && self.vm.must_switch() {
            return Flow::Switch;
        }
        flow
    }

    #[inline(always)]
    fn call_method_in_general(&mut self, i: Instruction) -> Flow {
        let flow = self.call_method_found(i);
        self.or_switch(flow)
    }

    #[inline(always)]
    fn call_method_found(&mut self, i: Instruction) -> Flow {
        if self.vm.pending.load(Ordering::Relaxed) {
            self.save();
            if let Err(raised) = self.vm.handle_pending() {
                return Flow::Raise(raised);
            }
        }
        let list = Operands { base: i.b(), count: usize::from(i.flags()), shift: 1 };
        let receiver = self.operand(self.listed(0));
        if let Some(site) = self.site(i.c()) {
            match site.method(self.vm, receiver) {
                Some(Hit::Unbound(method)) => {
                    if let Some(function) = self.as_function(method) {
                        let callee = Callee::Method(function.clone(), receiver);
                        return self.call_python(i.a(), list, callee, 1);
                    }
                    if let Some(descriptor) = self.as_method_descriptor(method) {
                        return self.call_descriptor(i.a(), list, descriptor, receiver);
                    }
                    let method = method.clone();
                    return self.call_found(i.a(), list, method, true, receiver);
                }
                Some(Hit::Bound(method, class)) => {
                    if let Some(function) = self.as_function(method) {
                        let (function, class) = (function.clone(), class.clone());
                        return self.call_python(i.a(), list, Callee::Method(function, &class), 1);
                    }
                    let method = self.vm.new_method(method, class);
                    return self.call_found(i.a(), list, method, false, receiver);
                }
                Some(Hit::Value(value)) => return self.call_found(i.a(), list, value, false, receiver),
                None => {}
            }
        }
        self.save();
        match super::attributes::load_method(self.vm, self.frame, i.c(), receiver) {
            Ok((method, unbound)) => self.call_found(i.a(), list, method, unbound, receiver),
            Err(raised) => Flow::Raise(raised),
        }
    }

    /// The native method that a value is, if it is one.
    #[inline(always)]
    pub(super) fn as_method_descriptor<'b>(&self, method: &'b Value) -> Option<&'b Ref<MethodDescriptor>> {
        let header = method.header()?;
        if header.type_pointer() == self.vm.types.method_descriptor.as_value().raw() {
            // SAFETY: the type says that the body is a method descriptor's.
            Some(unsafe { method.downcast_unchecked::<MethodDescriptor>() })
        } else {
            None
        }
    }

    /// Calls a native method that was found on the receiver's class.
    #[inline(always)]
    fn call_descriptor(
        &mut self,
        dst: u16,
        list: Operands,
        descriptor: &Ref<MethodDescriptor>,
        receiver: &Value,
    ) -> Flow {
        let def = descriptor.def;
        if let NativeCall::One(function) = def.call
            && list.count == 2
            && std::ptr::fn_addr_eq(function, generator::methods::send as BinaryFn)
            && let Some(generator) = generator::resumable(self.vm, receiver)
            && generator.state.get() == generator::State::Suspended
            && self.listed(0) != list.base
        {
            return self.resume_by_call(dst, list, generator, 1);
        }
        if matches!(def.call, NativeCall::Bound(_)) {
            // The parsed signature belongs to the descriptor, which its class may lose meanwhile.
            let held = descriptor.clone();
            return self.call_native_def(dst, list, def, Some(&held.signature), receiver, 1);
        }
        self.call_native_def(dst, list, def, None, receiver, 1)
    }

    /// Resumes a generator as a frame of this activation; the call's last operand, if there is one besides, is sent.
    #[inline(always)]
    fn resume_by_call(&mut self, dst: u16, list: Operands, generator: &Ref<Generator>, sent: usize) -> Flow {
        self.save();
        let value = if sent > 0 {
            let operand = self.listed(sent);
            if operand == list.place(sent) { self.take(operand) } else { self.operand(operand).clone() }
        } else {
            Value::NONE
        };
        let link = Link {
            continuation: Continuation::Resumed,
            owner: Owner::Generator,
            dst,
            skip: list.words() as u16,
            slot: 0,
        };
        match generator::begin_resume(self.vm, generator, value, link) {
            Ok(Some(frame)) => {
                self.enter(frame);
                Flow::Next
            }
            Ok(None) => Flow::Raise(self.vm.stop_iteration(Value::NONE)),
            Err(raised) => Flow::Raise(raised),
        }
    }

    /// Calls what a look-up of a method found.
    #[inline(always)]
    fn call_found(&mut self, dst: u16, list: Operands, method: Value, unbound: bool, receiver: &Value) -> Flow {
        if let Some(function) = self.as_function(&method) {
            let function = function.clone();
            drop(method);
            let callee = if unbound { Callee::Method(function, receiver) } else { Callee::Found(function) };
            return self.call_python(dst, list, callee, 1);
        }
        if !unbound {
            if let Some(native) = self.as_native_function(&method) {
                let none = Value::NONE;
                let receiver = native.receiver.borrow().unwrap_or(&none);
                return self.call_native_def(dst, list, native.def, Some(&native.signature), receiver, 1);
            }
            if let Some(class) = self.as_class(&method) {
                return self.call_type(dst, list, class, 1, &[]);
            }
        } else if let Some(descriptor) = self.as_method_descriptor(&method) {
            return self.call_descriptor(dst, list, descriptor, receiver);
        }
        self.save();
        let values = self.bring(list, 1, if unbound { Some(receiver) } else { None });
        let result = call_native_method(self.vm, &method, unbound, values);
        self.take_away(list, 1, unbound);
        self.drop_callable(list);
        drop(method);
        self.finish_call(dst, list.words(), result)
    }

    /// The name at a feedback site.
    #[inline(always)]
    pub(super) fn site_name<'b>(&self, site: u16) -> &'b Value {
        let runnable = self.frame.runnable();
        &runnable.names[runnable.lowered.sites[usize::from(site)].name as usize]
    }

    #[inline(always)]
    pub(super) fn call_keywords(&mut self, i: Instruction) -> Flow {
        self.save();
        if self.vm.pending.load(Ordering::Relaxed)
            && let Err(raised) = self.vm.handle_pending()
        {
            return Flow::Raise(raised);
        }
        let list = Operands { base: i.b(), count: usize::from(i.c()), shift: 0 };
        let callable = self.operand(self.listed(0));
        let first = if self.operand(self.listed(1)).is_unbound() { 2 } else { 1 };
        let names = self.operand(self.listed(list.count - 1));
        let names = names.downcast::<Tuple>().map_or(&[][..], |names| names.items());
        if !names.is_empty() {
            let link = Link::store(i.a(), list.words() as u16);
            let (found, receiver) = match callable.downcast::<Method>() {
                Some(method) => (self.as_function(method.function.borrow()), Some(method.receiver.borrow())),
                None => (self.as_function(callable), None),
            };
            if let Some(function) = found {
                // A method object may die with its temporary, so both of its parts are held.
                let (function, receiver) = (function.clone(), receiver.cloned());
                let runnable = match function.known_runnable().map_or_else(|| function.find_runnable(self.vm), Ok) {
                    Ok(runnable) => runnable,
                    Err(raised) => {
                        self.save();
                        return Flow::Raise(raised);
                    }
                };
                return self.call_bound(list, &function, runnable, receiver.as_ref(), first, names, link);
            }
            if let Some(class) = self.as_class(callable) {
                return self.call_type(i.a(), list, class, first, names);
            }
        }
        let values = self.bring(list, first, None);
        let args = Args { values: &values[..values.len() - 1], names };
        let result = self.vm.call_args(callable, args);
        self.take_away(list, first, false);
        self.drop_callable(list);
        self.finish_call(i.a(), list.words(), result)
    }

    #[inline(always)]
    pub(super) fn call_ex(&mut self, i: Instruction) -> Flow {
        self.save();
        if self.vm.pending.load(Ordering::Relaxed)
            && let Err(raised) = self.vm.handle_pending()
        {
            return Flow::Raise(raised);
        }
        let list = Operands { base: i.b(), count: 4, shift: 0 };
        let callable = self.operand(self.listed(0));
        let operand = |index| self.operand(self.listed(index));
        if let Some(entered) = spread_quickly(self.vm, callable, operand(1), operand(2), operand(3), i.a()) {
            self.drop_listed(list.base, 4);
            return match entered {
                Ok(frame) => self.enter_callee(frame, frame.runnable()),
                Err(raised) => Flow::Raise(raised),
            };
        }
        let spread = spread_arguments(self.vm, callable, operand(1), operand(2), operand(3));
        let result = match spread {
            Err(raised) => Err(raised),
            Ok(spread) => {
                let args = Args { values: &spread.0, names: &spread.1 };
                match self.as_function(callable) {
                    Some(function) => {
                        let entered = enter_function(self.vm, function, args, Link::store(i.a(), 1));
                        drop(spread);
                        self.drop_listed(list.base, 4);
                        return match entered {
                            Ok(frame) => self.enter_callee(frame, frame.runnable()),
                            Err(raised) => Flow::Raise(raised),
                        };
                    }
                    None => self.vm.call_args(callable, args),
                }
            }
        };
        self.drop_listed(list.base, 4);
        self.finish_call(i.a(), 1, result)
    }
}

/// Calls with positional arguments.
#[inline(never)]
fn call_native(vm: &Vm, callable: &Value, values: &[Value]) -> PyResult {
    vm.call_args(callable, Args::positional_only(values))
}

/// Calls a native function whose convention needs more than lending the arguments.
#[inline(never)]
fn call_by_definition(
    vm: &Vm,
    def: &'static MethodDef,
    receiver: &Value,
    values: &[Value],
    signature: Option<&OnceCell<std::rc::Rc<Signature>>>,
) -> PyResult {
    let fresh = OnceCell::new();
    vm.call_native(def, receiver, Args::positional_only(values), signature.unwrap_or(&fresh))
}

/// Pushes the frame of a call with a tuple and a dict, if it is a plain call of a Python function.
#[inline(never)]
fn spread_quickly(
    vm: &Vm,
    callable: &Value,
    receiver: &Value,
    positional: &Value,
    keywords: &Value,
    dst: u16,
) -> Option<PyResult<FrameRef>> {
    if !vm.type_of(callable).is(&vm.types.function) || !vm.type_of(positional).is(&vm.types.tuple) {
        return None;
    }
    let function = callable.downcast::<Function>()?;
    let positional = positional.downcast::<Tuple>()?.items();
    let (mut names, mut values) = (SmallVec::<[Value; 8]>::new(), SmallVec::<[Value; 8]>::new());
    if !keywords.is_unbound() {
        let dict = super::exact_dict(vm, keywords)?;
        let mut position = 0;
        while let Some((name, value)) = dict.next_entry(&mut position) {
            names.push(name);
            values.push(value);
        }
    }
    let runnable = match function.known_runnable().map_or_else(|| function.find_runnable(vm), Ok) {
        Ok(runnable) => runnable,
        Err(raised) => return Some(Err(raised)),
    };
    let receiver = if receiver.is_unbound() { None } else { Some(receiver) };
    let given = Slices { receiver, positional, keywords: &values };
    bind_quickly(vm, function, runnable, &given, &names, Link::store(dst, 1)).map(Ok)
}

/// The arguments of a call that are listed behind its instruction.
struct Listed<'s, 'a> {
    state: &'s Activation<'a>,
    list: Operands,
    first: usize,
    receiver: Option<&'s Value>,
    /// 1 where the last operand is the tuple of keyword names.
    names: usize,
}

impl Given for Listed<'_, '_> {
    #[inline(always)]
    fn count(&self) -> usize {
        self.list.count - self.first - self.names + usize::from(self.receiver.is_some())
    }

    #[inline(always)]
    fn take(&self, index: usize) -> Value {
        let index = match self.receiver {
            Some(receiver) if index == 0 => return receiver.clone(),
            Some(_) => index - 1 + self.first,
            None => index + self.first,
        };
        let operand = self.state.listed(index);
        if operand == self.list.place(index) { self.state.take(operand) } else { self.state.operand(operand).clone() }
    }
}

/// Calls a method that a look-up found, whose receiver comes first if it is unbound.
#[inline(never)]
fn call_native_method(vm: &Vm, method: &Value, unbound: bool, values: &[Value]) -> PyResult {
    if unbound
        && vm.type_of(method).is(&vm.types.method_descriptor)
        && let Some(descriptor) = method.downcast::<MethodDescriptor>()
        && let [receiver, rest @ ..] = values
    {
        if vm.stack_is_low() {
            return Err(vm.recursion_error("maximum recursion depth exceeded"));
        }
        // The look-up found it on the receiver's class, so the receiver is of the right class.
        return descriptor.call_checked(vm, receiver, Args::positional_only(rest));
    }
    vm.call_args(method, Args::positional_only(values))
}

#[inline(never)]
fn call_function_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.call_function_in_general(i)
}

#[inline(never)]
fn call_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.call_in_general(i)
}

#[inline(never)]
pub(super) fn call_method_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.call_method_in_general(i)
}

/// Writes the defaults of the last parameters.
fn fill_defaults(frame: FrameRef, first: u16, count: usize) {
    let defaults = frame.function.defaults.get();
    if let Some(defaults) = defaults.as_ref().and_then(|defaults| defaults.downcast::<Tuple>()) {
        let items = defaults.items();
        for (index, value) in items[items.len() - count..].iter().enumerate() {
            // SAFETY: the code has at least as many registers as parameters.
            unsafe { frame.set(first + index as u16, value.clone()) };
        }
    }
}

type Spread = (Vec<Value>, Vec<Value>);

/// The arguments of a call with a tuple and a mapping: values and names.
#[inline(never)]
fn spread_arguments(
    vm: &Vm,
    callable: &Value,
    receiver: &Value,
    positional: &Value,
    keywords: &Value,
) -> PyResult<Spread> {
    let mut values = Vec::new();
    if !receiver.is_unbound() {
        values.push(receiver.clone());
    }
    match positional.downcast::<Tuple>() {
        Some(tuple) => values.extend_from_slice(tuple.items()),
        None => {
            let ty = vm.type_of(positional);
            if ty.slots.iter.get().is_none() && ty.slots.sq_item.get().is_none() {
                let (text, name) = (super::building::function_text(vm, callable), vm.type_name(positional));
                return Err(vm.type_error(format!("{text} argument after * must be an iterable, not {name}")));
            }
            values.append(&mut vm.collect(positional)?);
        }
    }
    let mut names = Vec::new();
    if !keywords.is_unbound() {
        let copied = vm.new_dict();
        let dict = match super::exact_dict(vm, keywords) {
            Some(dict) => dict,
            None => {
                super::building::dict_merge(vm, copied.as_value(), keywords, callable)?;
                &copied
            }
        };
        for (name, value) in dict.entries() {
            if name.downcast::<crate::types::str::Str>().is_none() {
                return Err(not_a_string(vm));
            }
            names.push(name);
            values.push(value);
        }
    }
    Ok((values, names))
}

#[cold]
fn not_a_string(vm: &Vm) -> Raised {
    vm.type_error("keywords must be strings")
}

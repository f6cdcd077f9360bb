//! Attributes: reading, calling, writing, `super()`, and special methods.

use super::activation::{Activation, Flow};
use super::caches::Hit;
use super::enter_function;
use super::feedback::SiteCell;
use crate::args::Args;
use crate::error::PyResult;
use crate::frame::{FrameRef, Link};
use crate::lowered::{DISCARD, Instruction, flag};
use crate::types::function::Function;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

impl Activation<'_> {
    /// The feedback site of an instruction, once the code is warm.
    #[inline(always)]
    pub(super) fn site<'b>(&self, number: u16) -> Option<&'b SiteCell> {
        let feedback = self.frame.runnable().feedback.get();
        if feedback.is_null() {
            return None;
        }
        // SAFETY: the feedback vector lives as long as the lowered code.
        Some(unsafe { (*feedback).site(usize::from(number)) })
    }

    #[inline(always)]
    pub(super) fn load_attr(&mut self, i: Instruction) -> Flow {
        let object = self.operand(i.b());
        if let Some(site) = self.site(i.c())
            && let Some(value) = site.attribute(self.vm, object)
        {
            self.set(i.a(), value);
            self.kill_b(i);
            return Flow::Next;
        }
        self.outside(i, load_attr_general)
    }

    /// Runs the getter of a property as a frame of this activation.
    #[inline(always)]
    fn call_getter(&mut self, i: Instruction, getter: &Ref<Function>, object: &Value) -> Flow {
        self.save();
        let getter = getter.clone();
        let object = object.clone();
        self.kill_b(i);
        match enter_function(self.vm, &getter, Args::positional_only(&[object]), Link::store(i.a(), 0)) {
            Ok(frame) => self.enter_callee(frame, frame.runnable()),
            Err(raised) => Flow::Raise(raised),
        }
    }

    fn finish_attr(&self, i: Instruction, result: PyResult) -> Flow {
        match result {
            Ok(value) => {
                self.set(i.a(), value);
                self.kill_b(i);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn load_attr_far(&mut self, i: Instruction) -> Flow {
        self.save();
        let name = self.name(self.extension(0).as_number());
        let result = self.vm.get_attr(self.operand(i.b()), name);
        self.skip(1);
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn load_method(&mut self, i: Instruction) -> Flow {
        if let Some(site) = self.site(i.c())
            && let Some(method) = site.unbound_method(self.operand(i.b()))
        {
            let method = method.clone();
            self.deliver_method(i, method, true);
            return Flow::Next;
        }
        self.outside(i, load_method_general)
    }

    #[inline(always)]
    pub(super) fn load_method_far(&mut self, i: Instruction) -> Flow {
        self.save();
        let name = self.name(self.extension(0).as_number());
        self.skip(1);
        self.load_method_named(i, name)
    }

    #[inline(always)]
    fn load_method_named(&mut self, i: Instruction, name: &Value) -> Flow {
        match self.vm.load_method(self.operand(i.b()), name) {
            Ok((method, unbound)) => {
                self.deliver_method(i, method, unbound);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    /// Puts a method and its self, or a value and nothing, where a call expects them.
    #[inline(always)]
    fn deliver_method(&self, i: Instruction, method: Value, unbound: bool) {
        let receiver = if i.b() == i.a() || i.has(flag::KILL_B) {
            self.take(i.b())
        } else if unbound {
            self.operand(i.b()).clone()
        } else {
            Value::UNBOUND
        };
        self.set(i.a(), method);
        if unbound {
            self.set(i.a() + 1, receiver);
        } else {
            self.set(i.a() + 1, Value::UNBOUND);
            drop(receiver);
        }
    }

    #[inline(always)]
    pub(super) fn store_attr(&mut self, i: Instruction) -> Flow {
        let object = self.operand(i.a());
        self.save();
        let mut value = self.own(i, i.b(), flag::KILL_B);
        if let Some(site) = self.site(i.c()) {
            match site.store(object, value) {
                Ok(()) => {
                    self.kill_a(i);
                    return Flow::Next;
                }
                Err(back) => value = back,
            }
        }
        self.outside_by(|state| state.store_attr_general(i, object, value))
    }

    #[inline(never)]
    fn store_attr_general(&mut self, i: Instruction, object: &Value, value: Value) -> Flow {
        if let Some(site) = self.site(i.c())
            && let Some(setter) = site.setter(object)
        {
            if let Some(flow) = self.enter_setter(setter, object, &value) {
                return flow;
            }
            let setter = setter.clone();
            let arguments = [object.clone(), value];
            self.kill_a(i);
            return match enter_function(self.vm, &setter, Args::positional_only(&arguments), Link::store(DISCARD, 0)) {
                Ok(frame) => self.enter_callee(frame, frame.runnable()),
                Err(raised) => Flow::Raise(raised),
            };
        }
        let result = store_attr(self.vm, self.frame, i.c(), object, value);
        self.kill_a(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn store_attr_far(&mut self, i: Instruction) -> Flow {
        self.save();
        let name = self.name(self.extension(0).as_number());
        let result = self.vm.set_attr(self.operand(i.a()), name, self.operand(i.b()));
        self.skip(1);
        self.kill_a(i);
        self.kill_b(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn delete_attr(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = self.vm.del_attr(self.operand(i.a()), self.name(i.bc()));
        self.kill_a(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn load_super_attr(&mut self, i: Instruction) -> Flow {
        self.save();
        let operand = |index| self.operand(self.listed(index));
        let name = self.site_name(i.c());
        let site = self.site(i.c());
        let with_arguments = i.has(flag::SENSE);
        let method = i.has(flag::INVERT);
        if method
            && let Some(site) = site
            && operand(0).is(self.vm.types.super_type.as_value())
            && let Some(found) = site.super_method(operand(1), operand(2))
        {
            let (found, receiver) = (found.clone(), operand(2).clone());
            self.drop_listed(i.b(), 3);
            self.skip(1);
            self.set(i.a(), found);
            self.set(i.a() + 1, receiver);
            return Flow::Next;
        }
        let result = load_super(self.vm, [operand(0), operand(1), operand(2)], name, with_arguments, method);
        if let (Ok((found, true)), Some(site)) = (&result, site)
            && operand(0).is(self.vm.types.super_type.as_value())
        {
            site.learn_super(self.vm, operand(1), operand(2), found);
        }
        let (value, receiver) = match result {
            Ok((value, true)) => (Ok(value), operand(2).clone()),
            Ok((value, false)) => (Ok(value), Value::UNBOUND),
            Err(raised) => (Err(raised), Value::UNBOUND),
        };
        self.drop_listed(i.b(), 3);
        self.skip(1);
        match value {
            Ok(value) => {
                self.set(i.a(), value);
                if i.has(flag::INVERT) {
                    self.set(i.a() + 1, receiver);
                }
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn load_special(&mut self, i: Instruction) -> Flow {
        self.save();
        match load_special(self.vm, self.operand(i.b()), i.c()) {
            Ok((method, unbound)) => {
                let owner =
                    if i.b() == i.a() || i.has(flag::KILL_B) { self.take(i.b()) } else { self.operand(i.b()).clone() };
                self.set(i.a(), method);
                self.set(i.a() + 1, if unbound { owner } else { Value::UNBOUND });
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }
}

impl Vm {
    /// An attribute that is to be called: unbound (then the object is to be the first argument) where that saves
    /// a method object, else as it is.
    pub fn load_method(&self, object: &Value, name: &Value) -> PyResult<(Value, bool)> {
        let ty = self.type_of(object);
        if ty
            .slots
            .getattro
            .get()
            .is_some_and(|f| std::ptr::fn_addr_eq(f, crate::attributes::generic_get_attr as crate::slots::BinaryFn))
            && let Some(found) = self.lookup(ty, name)
            && self.type_of(&found).has(crate::native::type_flags::METHOD_DESCRIPTOR)
            && self.instance_attr(object, name)?.is_none()
        {
            return Ok((found, true));
        }
        Ok((self.get_attr(object, name)?, false))
    }
}

fn name_at<'a>(frame: FrameRef, site: u16) -> &'a Value {
    let runnable = frame.runnable();
    &runnable.names[runnable.lowered.sites[usize::from(site)].name as usize]
}

fn site_of<'a>(frame: FrameRef, number: u16) -> Option<&'a SiteCell> {
    let feedback = frame.runnable().feedback.get();
    if feedback.is_null() {
        return None;
    }
    // SAFETY: the feedback vector lives as long as the lowered code.
    Some(unsafe { (*feedback).site(usize::from(number)) })
}

/// Reads an attribute in other ways than out of a slot.
#[inline(never)]
fn load_attr_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.save();
    let vm = state.vm;
    let object = state.operand(i.b());
    let name = name_at(state.frame, i.c());
    if let Some(site) = state.site(i.c()) {
        if let Some(getter) = site.getter(object) {
            if let Some(flow) = state.enter_getter(getter, object) {
                return flow;
            }
            return state.call_getter(i, getter, object);
        }
        if let Some(computed) = site.native_getter(object) {
            let value = (computed.get)(vm, object);
            return state.finish_attr(i, value);
        }
        site.learn_attribute(vm, object, name, false);
    }
    if let Some(hook) = vm.type_of(object).getattr_hook.get()
        && super::caches::reads_generically(vm, vm.type_of(object))
    {
        match vm.generic_get_attr_opt(object, name) {
            Ok(Some(value)) => return state.finish_attr(i, Ok(value)),
            Ok(None) => {
                if let Some(flow) = state.enter_getattr(&hook, object, name) {
                    return flow;
                }
            }
            Err(raised) if vm.raised_is(&raised, &vm.types.attribute_error) => {
                drop(raised);
                if let Some(flow) = state.enter_getattr(&hook, object, name) {
                    return flow;
                }
            }
            Err(raised) => return Flow::Raise(raised),
        }
        let result = crate::types::slot_functions::call_hook(vm, object, &hook, name);
        return state.finish_attr(i, result);
    }
    let value = vm.get_attr(object, name);
    state.finish_attr(i, value)
}

/// Finds a method in other ways than as a function of the class.
#[inline(never)]
fn load_method_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.save();
    let object = state.operand(i.b());
    if let Some(site) = state.site(i.c()) {
        match site.method(state.vm, object) {
            Some(Hit::Unbound(method)) => {
                let method = method.clone();
                state.deliver_method(i, method, true);
                return Flow::Next;
            }
            Some(Hit::Bound(function, class)) => {
                let (function, class) = (function.clone(), class.clone());
                state.deliver_method(i, function, false);
                state.set(i.a() + 1, class);
                return Flow::Next;
            }
            Some(Hit::Value(value)) => {
                state.deliver_method(i, value, false);
                return Flow::Next;
            }
            None => {}
        }
    }
    match load_method(state.vm, state.frame, i.c(), object) {
        Ok((method, unbound)) => {
            state.deliver_method(i, method, unbound);
            Flow::Next
        }
        Err(raised) => Flow::Raise(raised),
    }
}

#[inline(never)]
pub(super) fn load_method(vm: &Vm, frame: FrameRef, number: u16, object: &Value) -> PyResult<(Value, bool)> {
    let name = name_at(frame, number);
    if let Some(site) = site_of(frame, number) {
        site.learn_attribute(vm, object, name, true);
    }
    vm.load_method(object, name)
}

#[inline(never)]
fn store_attr(vm: &Vm, frame: FrameRef, number: u16, object: &Value, value: Value) -> PyResult<()> {
    let name = name_at(frame, number);
    let before = object.header().map_or(0, |header| header.shape());
    vm.set_attr(object, name, &value)?;
    if let Some(site) = site_of(frame, number) {
        site.learn_store(vm, object, name, before);
    }
    Ok(())
}

/// What `super(class, self).name` finds: the value, and whether self must be given to it.
#[inline(never)]
fn load_super(
    vm: &Vm,
    [global_super, class, this]: [&Value; 3],
    name: &Value,
    with_arguments: bool,
    method: bool,
) -> PyResult<(Value, bool)> {
    if global_super.is(vm.types.super_type.as_value()) {
        return vm.super_lookup(class, this, name, method);
    }
    let arguments = [class.clone(), this.clone()];
    let object = vm.call(global_super, if with_arguments { &arguments } else { &[] })?;
    Ok((vm.get_attr(&object, name)?, false))
}

#[inline(never)]
fn load_special(vm: &Vm, owner: &Value, which: u16) -> PyResult<(Value, bool)> {
    let names = &vm.names;
    let name = match which {
        0 => &names.__enter__,
        1 => &names.__exit__,
        2 => &names.__aenter__,
        _ => &names.__aexit__,
    };
    if let Some(found) = vm.lookup_method(owner, name)? {
        return Ok(found);
    }
    let ty = vm.type_name(owner);
    let missing = vm.str_text(name);
    let has = |name: &Value| vm.lookup(vm.type_of(owner), name).is_some();
    let (kind, other, other_kind, with) = if which < 2 {
        ("context manager", [&names.__aenter__, &names.__aexit__], "asynchronous context manager", "async with")
    } else {
        ("asynchronous context manager", [&names.__enter__, &names.__exit__], "context manager", "with")
    };
    let hint = if other.iter().all(|name| has(name)) {
        format!(" but it supports the {other_kind} protocol. Did you mean to use '{with}'?")
    } else {
        String::new()
    };
    Err(vm.type_error(format!("'{ty}' object does not support the {kind} protocol (missed {missing} method){hint}")))
}

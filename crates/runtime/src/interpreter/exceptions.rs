//! Instructions that raise, handle and match exceptions. Finding a handler is in [`super::unwind`].

use super::activation::{Activation, Flow};
use crate::error::{PyResult, Raised};
use crate::frame::FrameRef;
use crate::lowered::{Instruction, flag};
use crate::vm::Vm;
use oriel_heap::Value;

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn push_exc_info(&mut self, i: Instruction) -> Flow {
        let exception = self.take(i.a());
        let previous = self.vm.thread.handled().value.replace(Some(exception.clone()));
        self.set(i.a(), previous.unwrap_or(Value::NONE));
        self.set(i.a() + 1, exception);
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn pop_except(&mut self, i: Instruction) -> Flow {
        let previous = self.take(i.b());
        self.vm.thread.handled().value.set(if previous.is_none() { None } else { Some(previous) });
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn check_exc_match(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = check_match(self.vm, self.operand(i.b()), self.operand(i.c())).map(Value::bool);
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn check_eg_match(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = check_group_match(self.vm, self.frame, self.operand(i.b()), self.operand(i.c()));
        match result {
            Ok((rest, matched)) => {
                if i.has(flag::KILL_C) {
                    drop(self.take(i.c()));
                }
                if !matched.is_none() {
                    self.vm.thread.handled().value.set(Some(matched.clone()));
                }
                self.set(i.a(), rest);
                self.set(i.a() + 1, matched);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn raise(&mut self, i: Instruction) -> Flow {
        self.save();
        if i.a() == 0 {
            return match self.vm.thread.exception_handled() {
                Some(exception) => Flow::Reraise(Raised(exception)),
                None => Flow::Raise(self.vm.runtime_error("No active exception to reraise")),
            };
        }
        let cause = if i.a() == 2 { Some(self.operand(i.c())) } else { None };
        let raised = raise(self.vm, self.operand(i.b()), cause);
        self.kill(i);
        Flow::Raise(raised)
    }

    #[inline(always)]
    pub(super) fn reraise(&mut self, i: Instruction) -> Flow {
        self.save();
        let exception = self.take(i.b());
        if i.c() != 0
            && let Some(place) = self.register(i.a()).as_small_int()
        {
            self.frame.set_place(place as u32);
        }
        Flow::Reraise(Raised(exception))
    }

    #[inline(always)]
    pub(super) fn with_except_start(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = with_except(self.vm, self.register(i.b()), self.register(i.b() + 1), self.register(i.b() + 4));
        match result {
            Ok(value) => {
                self.set(i.a(), value);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }
}

#[inline(never)]
fn with_except(vm: &Vm, function: &Value, receiver: &Value, exception: &Value) -> PyResult {
    let traceback = vm.traceback_of(exception).unwrap_or(Value::NONE);
    let class = vm.type_of(exception).to_value();
    if receiver.is_unbound() {
        vm.call(function, &[class, exception.clone(), traceback])
    } else {
        vm.call(function, &[receiver.clone(), class, exception.clone(), traceback])
    }
}

impl Vm {
    /// An exception instance to be raised: with the handled one as its context.
    pub fn raised(&self, exception: Value) -> Raised {
        if let Some(handled) = self.thread.exception_handled() {
            self.chain_context(&exception, &handled);
        }
        Raised(exception)
    }

    /// An instance of an exception class; what its `__new__` gives may be something else.
    pub fn make_exception(&self, class: &Value, args: &[Value]) -> PyResult {
        let made = self.call(class, args)?;
        if self.is_exception(&made) {
            return Ok(made);
        }
        let (class, given) = (self.repr_text(class)?, self.repr_text(self.type_of(&made).as_value())?);
        let message = format!("calling {class} should have returned an instance of BaseException, not {given}");
        Err(self.type_error(message))
    }
}

#[inline(never)]
fn raise(vm: &Vm, exception: &Value, cause: Option<&Value>) -> Raised {
    let instance = if vm.is_exception_class(exception) {
        match vm.make_exception(exception, &[]) {
            Ok(instance) => instance,
            Err(raised) => return vm.raised(raised.0),
        }
    } else if vm.is_exception(exception) {
        exception.clone()
    } else {
        return vm.raised(vm.type_error("exceptions must derive from BaseException").0);
    };
    if let Some(cause) = cause {
        let cause = if vm.is_exception_class(cause) {
            match vm.make_exception(cause, &[]) {
                Ok(cause) => Some(cause),
                Err(raised) => return vm.raised(raised.0),
            }
        } else if vm.is_exception(cause) {
            Some(cause.clone())
        } else if cause.is_none() {
            None
        } else {
            return vm.raised(vm.type_error("exception causes must derive from BaseException").0);
        };
        vm.set_cause(&instance, cause);
    }
    vm.raised(instance)
}

#[inline(never)]
fn check_match(vm: &Vm, exception: &Value, classes: &Value) -> PyResult<bool> {
    vm.check_except_classes(classes)?;
    Ok(vm.exception_matches(exception, classes))
}

#[inline(never)]
fn check_group_match(vm: &Vm, frame: FrameRef, exception: &Value, classes: &Value) -> PyResult<(Value, Value)> {
    vm.check_except_star_classes(classes)?;
    let (matched, rest) = vm.exception_group_match(exception, classes, |group| {
        super::unwind::add_traceback(vm, frame, group);
    })?;
    Ok((rest.unwrap_or(Value::NONE), matched.unwrap_or(Value::NONE)))
}

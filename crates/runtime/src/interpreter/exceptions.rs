//! Instructions that raise, handle and match exceptions. Finding a handler is in [`super::unwind`].

use super::activation::{Activation, Flow};
use crate::error::{PyResult, Raised};
use crate::lowered::{Instruction, flag};
use crate::types::exceptions::BaseException;
use crate::types::tuple::Tuple;
use crate::types::type_object::{Subtype, Type};
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
        let result = check_group_match(self.vm, self.operand(i.b()), self.operand(i.c()));
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
        let result =
            with_except(self.vm, self.register(i.b()), self.register(i.b() + 1), self.register(i.b() + 4));
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
    let traceback = traceback_of(exception).unwrap_or(Value::NONE);
    let class = vm.type_of(exception).to_value();
    if receiver.is_unbound() {
        vm.call(function, &[class, exception.clone(), traceback])
    } else {
        vm.call(function, &[receiver.clone(), class, exception.clone(), traceback])
    }
}

/// `__traceback__` of an exception.
pub fn traceback_of(exception: &Value) -> Option<Value> {
    exception.downcast::<BaseException>()?.traceback.get()
}

/// Sets `__traceback__`.
pub fn set_traceback(_vm: &Vm, exception: &Value, traceback: Option<Value>) {
    if let Some(exception) = exception.downcast::<BaseException>() {
        exception.traceback.set(traceback);
    }
}

/// Sets `__cause__`, which suppresses the context.
pub fn set_cause(_vm: &Vm, exception: &Value, cause: Option<Value>) {
    if let Some(exception) = exception.downcast::<BaseException>() {
        exception.cause.set(cause);
        exception.suppress_context.set(true);
    }
}

/// Sets `__context__`.
pub fn set_context(exception: &Value, context: Option<Value>) {
    if let Some(exception) = exception.downcast::<BaseException>() {
        exception.context.set(context);
    }
}

fn context_of(exception: &Value) -> Option<Value> {
    exception.downcast::<BaseException>()?.context.get()
}

impl Vm {
    /// Makes the exception being handled the context of one that is raised now, without making a cycle.
    pub fn chain_context(&self, exception: &Value) {
        let Some(handled) = self.thread.exception_handled() else { return };
        if handled.is(exception) {
            return;
        }
        // The exception may already be among the contexts of the handled one: that link is cut. The slow pointer finds
        // cycles that do not contain it.
        let mut current = handled.clone();
        let mut slow = handled.clone();
        let mut odd = false;
        while let Some(context) = context_of(&current) {
            if context.is(exception) {
                set_context(&current, None);
                break;
            }
            current = context;
            if odd {
                if let Some(next) = context_of(&slow) {
                    slow = next;
                }
                if slow.is(&current) {
                    break;
                }
            }
            odd = !odd;
        }
        set_context(exception, Some(handled));
    }

    /// An exception instance to be raised: with the handled one as its context.
    pub fn raised(&self, exception: Value) -> Raised {
        self.chain_context(&exception);
        Raised(exception)
    }
}

fn is_exception_class(vm: &Vm, value: &Value) -> bool {
    value.downcast::<Type>().is_some_and(|class| class.is_subtype(&vm.types.base_exception))
}

fn is_exception(vm: &Vm, value: &Value) -> bool {
    vm.type_of(value).is_subtype(&vm.types.base_exception)
}

#[inline(never)]
fn raise(vm: &Vm, exception: &Value, cause: Option<&Value>) -> Raised {
    let instance = if is_exception_class(vm, exception) {
        match vm.call(exception, &[]) {
            Ok(instance) if is_exception(vm, &instance) => instance,
            Ok(other) => {
                let (class, name) = (vm.repr_text(exception).unwrap_or_default(), vm.type_name(&other));
                return vm.raised(
                    vm.type_error(format!(
                        "calling {class} should have returned an instance of BaseException, not <class '{name}'>"
                    ))
                    .0,
                );
            }
            Err(raised) => return raised,
        }
    } else if is_exception(vm, exception) {
        exception.clone()
    } else {
        return vm.raised(vm.type_error("exceptions must derive from BaseException").0);
    };
    if let Some(cause) = cause {
        let cause = if is_exception_class(vm, cause) {
            match vm.call(cause, &[]) {
                Ok(cause) if is_exception(vm, &cause) => Some(cause),
                Ok(other) => {
                    let (class, name) = (vm.repr_text(cause).unwrap_or_default(), vm.type_name(&other));
                    return vm.raised(
                        vm.type_error(format!(
                            "calling {class} should have returned an instance of BaseException, not <class '{name}'>"
                        ))
                        .0,
                    );
                }
                Err(raised) => return raised,
            }
        } else if is_exception(vm, cause) {
            Some(cause.clone())
        } else if cause.is_none() {
            None
        } else {
            return vm.raised(vm.type_error("exception causes must derive from BaseException").0);
        };
        set_cause(vm, &instance, cause);
    }
    vm.raised(instance)
}

/// Whether an exception is an instance of a class, or of one in a tuple; other things match nothing.
pub fn check_exception_match(vm: &Vm, exception: &Value, class: &Value) -> bool {
    if let Some(classes) = class.downcast::<Tuple>() {
        return classes.items().iter().any(|class| check_exception_match(vm, exception, class));
    }
    match class.downcast::<Type>() {
        Some(class) => vm.type_of(exception).is_subtype(class),
        None => exception.is(class),
    }
}

fn check_classes(vm: &Vm, class: &Value, message: &str) -> PyResult<()> {
    let all = match class.downcast::<Tuple>() {
        Some(classes) => classes.items().iter().all(|class| is_exception_class(vm, class)),
        None => is_exception_class(vm, class),
    };
    if all { Ok(()) } else { Err(vm.type_error(message)) }
}

#[inline(never)]
fn check_match(vm: &Vm, exception: &Value, class: &Value) -> PyResult<bool> {
    check_classes(vm, class, "catching classes that do not inherit from BaseException is not allowed")?;
    Ok(check_exception_match(vm, exception, class))
}

#[inline(never)]
fn check_group_match(vm: &Vm, exception: &Value, class: &Value) -> PyResult<(Value, Value)> {
    check_classes(vm, class, "catching classes that do not inherit from BaseException is not allowed")?;
    let group = &vm.types.base_exception_group;
    let catches_groups = |class: &Value| class.downcast::<Type>().is_some_and(|class| class.is_subtype(group));
    let refused = match class.downcast::<Tuple>() {
        Some(classes) => classes.items().iter().any(catches_groups),
        None => catches_groups(class),
    };
    if refused {
        return Err(vm.type_error("catching ExceptionGroup with except* is not allowed. Use except instead."));
    }
    split_exception_group(vm, exception, class)
}

/// Splits an exception by a class: the rest and the match, None for neither.
pub fn split_exception_group(vm: &Vm, exception: &Value, class: &Value) -> PyResult<(Value, Value)> {
    if exception.is_none() {
        return Ok((Value::NONE, Value::NONE));
    }
    let is_group = vm.type_of(exception).is_subtype(&vm.types.base_exception_group);
    if check_exception_match(vm, exception, class) {
        if is_group {
            return Ok((Value::NONE, exception.clone()));
        }
        // A naked exception is wrapped, so that the handler always gets a group.
        let members = vm.new_tuple([exception.clone()]).into_value();
        let wrapped = vm.call(vm.types.exception_group.as_value(), &[vm.empty_str(), members])?;
        set_traceback(vm, &wrapped, traceback_of(exception));
        return Ok((Value::NONE, wrapped));
    }
    if is_group {
        let pair = vm.call_method_str(exception, "split", std::slice::from_ref(class))?;
        let Some(pair) = pair.downcast::<Tuple>() else {
            let (group, name) = (vm.type_name(exception), vm.type_name(&pair));
            return Err(vm.type_error(format!("{group}.split must return a tuple, not {name}")));
        };
        let [matched, rest, ..] = pair.items() else {
            let (group, count) = (vm.type_name(exception), pair.len());
            return Err(vm.type_error(format!("{group}.split must return a 2-tuple, got tuple of size {count}")));
        };
        return Ok((rest.clone(), matched.clone()));
    }
    Ok((exception.clone(), Value::NONE))
}

/// The value that a StopIteration carries.
pub fn stop_iteration_value(vm: &Vm, exception: &Value) -> PyResult {
    vm.get_attr(exception, &vm.names.value)
}

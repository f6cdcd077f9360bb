//! The steps of a task: running its coroutine on, and what to do with what that gives. A step and a wake-up are callable
//! objects, which the loop calls.

use super::future::{self, Future};
use super::task::{Task, cancel_waited, task};
use super::waiters::{add_waiter, discard_waiter};
use super::{call_soon, invalid_state, is_cancelled_error, is_exact, types};
use crate::contextvars;
use oriel_runtime::cells::{OptionCell, ValueCell};
use oriel_runtime::native::{GetSetDef, TypeSpec, type_flags};
use oriel_runtime::types::generator::{Generator, send_to};
use oriel_runtime::{Args, Body, Layout, PyResult, Raised, Ref, Value, Visitor, Vm};

/// The body of both: the task, and for a step what it raises in the coroutine.
pub struct Step {
    task: ValueCell,
    exception: OptionCell,
}

static LAYOUT: Layout = Layout::of::<Step>("TaskStepMethWrapper", None);

impl Body for Step {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.task.visit(&mut *visitor);
        self.exception.visit(visitor);
    }
    fn clear(&self) {
        self.task.set(Value::NONE);
        self.exception.set(None);
    }
}

/// `TaskStepMethWrapper`
pub static STEP: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.call.set(Some(|vm, this, args| {
            if !args.names.is_empty() {
                return Err(vm.type_error("function takes no keyword arguments"));
            }
            if !args.is_empty() {
                return Err(vm.type_error("function takes no positional arguments"));
            }
            let own = body(vm, this)?;
            run(vm, &own.task.get(), own.exception.get())
        }));
    },
    getset: &[
        GetSetDef::readonly("__self__", |vm, this| Ok(body(vm, this)?.task.get()), "The task."),
        GetSetDef::readonly(
            "__qualname__",
            |vm, this| {
                let coroutine = task(vm, &body(vm, this)?.task.get())?.coroutine.get();
                match coroutine {
                    Some(coroutine) => vm.get_attr(&coroutine, &vm.names.__qualname__),
                    None => Ok(vm.intern("TaskStepMethWrapper")),
                }
            },
            "The coroutine's.",
        ),
    ],
    ..TypeSpec::new("TaskStepMethWrapper", Step::layout)
};

/// `TaskWakeupMethWrapper`
pub static WAKEUP: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.call.set(Some(|vm, this, args| {
            let arguments = args.unpack(vm, "TaskWakeupMethWrapper", 1, 1)?;
            wake_up(vm, &body(vm, this)?.task.get(), &arguments[0])
        }));
    },
    getset: &[
        GetSetDef::readonly("__self__", |vm, this| Ok(body(vm, this)?.task.get()), "The task."),
        GetSetDef::readonly("__name__", |vm, _| Ok(vm.intern("TaskWakeupMethWrapper")), "The name."),
        GetSetDef::readonly("__qualname__", |vm, _| Ok(vm.intern("TaskWakeupMethWrapper")), "The name."),
    ],
    ..TypeSpec::new("TaskWakeupMethWrapper", Step::layout)
};

fn body<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Step>> {
    this.downcast().ok_or_else(|| vm.type_error("a step of a task is needed"))
}

/// Has the loop run the task on, raising an exception in its coroutine if one is given.
pub(super) fn schedule(vm: &Vm, this: &Value, exception: Option<Value>) -> PyResult<()> {
    let body = Step { task: ValueCell::new(this.clone()), exception: OptionCell::new(exception) };
    let step = vm.new_instance(&types(vm)?.step, body)?.into_value();
    let context = task(vm, this)?.context.get();
    call_soon(vm, &future::alive(vm, this)?, &step, None, context.as_ref())
}

/// One step, as the current task of its loop.
fn run(vm: &Vm, this: &Value, exception: Option<Value>) -> PyResult {
    let event_loop = future::alive(vm, this)?;
    super::enter_task(vm, &event_loop, this)?;
    let result = advance(vm, this, exception);
    match result {
        Ok(()) => super::leave_task(vm, &event_loop, this),
        Err(raised) => {
            let _ = super::leave_task(vm, &event_loop, this);
            Err(raised)
        }
    }
}

/// The first step, at once, in the task's context.
pub(super) fn start_eagerly(vm: &Vm, this: &Value, event_loop: &Value, context: &Value) -> PyResult<()> {
    let previous = super::swap_task(vm, event_loop, this)?;
    super::register_task(vm, this, true)?;
    let result = contextvars::run_in(vm, context, || advance(vm, this, None).map(|()| Value::NONE));
    super::unregister_task(vm, this, true)?;
    let swapped = super::swap_task(vm, event_loop, &previous);
    result?;
    swapped?;
    let own = task(vm, this)?;
    if own.future.is_pending() {
        super::register_task(vm, this, false)?;
    } else {
        own.coroutine.set(None);
    }
    Ok(())
}

fn advance(vm: &Vm, this: &Value, mut exception: Option<Value>) -> PyResult<()> {
    let own = task(vm, this)?;
    if !own.future.is_pending() {
        let (shown, exception) = (vm.repr_text(this)?, vm.repr_text(&exception.unwrap_or(Value::NONE))?);
        return Err(invalid_state(vm, &format!("__step(): already done: {shown} {exception}")));
    }
    if own.must_cancel.replace(false) {
        let is_cancelling = match &exception {
            Some(exception) => is_cancelled_error(vm, exception)?,
            None => false,
        };
        if !is_cancelling {
            exception = Some(future::make_cancelled_error(vm, this)?);
        }
    }
    own.waits_for.set(None);
    let Some(coroutine) = own.coroutine.get() else { return Err(vm.runtime_error("uninitialized Task object")) };
    let outcome = match exception {
        None => send_to(vm, &coroutine, Value::NONE),
        Some(exception) => throw(vm, &coroutine, exception),
    };
    match outcome {
        Ok((value, true)) => {
            if own.must_cancel.replace(false) {
                let message = own.future.cancel_message.get();
                future::cancel_with(vm, this, message)?;
                return Ok(());
            }
            future::finish(vm, this, &value)
        }
        Ok((value, false)) => wait_for(vm, this, own, &value),
        Err(raised) => failed(vm, this, own, raised),
    }
}

/// Raises in the coroutine: what it yields, or returns.
fn throw(vm: &Vm, coroutine: &Value, exception: Value) -> PyResult<(Value, bool)> {
    match vm.call_method(coroutine, &vm.names.throw, &[exception]) {
        Ok(value) => Ok((value, false)),
        Err(raised) if vm.raised_is(&raised, &vm.types.stop_iteration) => Ok((vm.stop_iteration_value(&raised), true)),
        Err(raised) => Err(raised),
    }
}

fn failed(vm: &Vm, this: &Value, own: &Ref<Task>, raised: Raised) -> PyResult<()> {
    if is_cancelled_error(vm, &raised.0)? {
        own.future.cancelled_by.set(Some(raised.0));
        future::cancel_with(vm, this, None)?;
        return Ok(());
    }
    future::set_exception(vm, this, &raised.0)?;
    let passes = vm.raised_is(&raised, &vm.types.keyboard_interrupt) || vm.raised_is(&raised, &vm.types.system_exit);
    if passes { Err(raised) } else { Ok(()) }
}

#[cold]
fn fail_soon(vm: &Vm, this: &Value, message: String) -> PyResult<()> {
    let Raised(exception) = vm.runtime_error(message);
    schedule(vm, this, Some(exception))
}

/// What the coroutine yielded is waited for.
fn wait_for(vm: &Vm, this: &Value, own: &Ref<Task>, value: &Value) -> PyResult<()> {
    if value.is_none() {
        return schedule(vm, this, None);
    }
    if value.is(this) {
        return fail_soon(vm, this, format!("Task cannot await on itself: {}", vm.repr_text(this)?));
    }
    if is_exact(vm, value)?
        && let Some(waited) = value.downcast::<Future>()
    {
        if !waited.event_loop.borrow().is_some_and(|its| own.future.event_loop.borrow().is_some_and(|own| own.is(its)))
        {
            return other_loop(vm, this, value);
        }
        if !waited.blocking.replace(false) {
            return not_awaited(vm, this, value);
        }
        add_waiter(vm, value, this)?;
        let context = own.context.get().unwrap_or(Value::NONE);
        future::add_callback(vm, value, &wakeup(vm, this)?, context)?;
        return waiting(vm, own, value);
    }
    if let Some(blocking) = vm.get_attr_opt(value, &vm.names._asyncio_future_blocking)?
        && !blocking.is_none()
    {
        let its = future::loop_of(vm, value)?;
        if !own.future.event_loop.borrow().is_some_and(|own| own.is(&its)) {
            return other_loop(vm, this, value);
        }
        if !vm.truth(&blocking)? {
            return not_awaited(vm, this, value);
        }
        add_waiter(vm, value, this)?;
        vm.set_attr(value, &vm.names._asyncio_future_blocking, &Value::FALSE)?;
        let values = [wakeup(vm, this)?, own.context.get().unwrap_or(Value::NONE)];
        let names = std::slice::from_ref(&vm.names.context);
        vm.call_method_args(value, &vm.names.add_done_callback, Args { values: &values, names })?;
        return waiting(vm, own, value);
    }
    let shown = vm.repr_text(value)?;
    if value.downcast::<Generator>().is_some() && vm.type_of(value).is(&vm.types.generator) {
        let task = vm.repr_text(this)?;
        return fail_soon(
            vm,
            this,
            format!("yield was used instead of yield from for generator in task {task} with {shown}"),
        );
    }
    fail_soon(vm, this, format!("Task got bad yield: {shown}"))
}

fn waiting(vm: &Vm, own: &Ref<Task>, value: &Value) -> PyResult<()> {
    own.waits_for.set(Some(value.clone()));
    if own.must_cancel.get() && cancel_waited(vm, value, own.future.cancel_message.get())? {
        own.must_cancel.set(false);
    }
    Ok(())
}

#[cold]
fn other_loop(vm: &Vm, this: &Value, value: &Value) -> PyResult<()> {
    let (task, future) = (vm.repr_text(this)?, vm.repr_text(value)?);
    fail_soon(vm, this, format!("Task {task} got Future {future} attached to a different loop"))
}

#[cold]
fn not_awaited(vm: &Vm, this: &Value, value: &Value) -> PyResult<()> {
    let (task, future) = (vm.repr_text(this)?, vm.repr_text(value)?);
    fail_soon(vm, this, format!("yield was used instead of yield from in task {task} with {future}"))
}

fn wakeup(vm: &Vm, this: &Value) -> PyResult {
    let body = Step { task: ValueCell::new(this.clone()), exception: OptionCell::default() };
    Ok(vm.new_instance(&types(vm)?.wakeup, body)?.into_value())
}

/// What was waited for is done: the next step.
fn wake_up(vm: &Vm, this: &Value, waited: &Value) -> PyResult {
    discard_waiter(vm, waited, this)?;
    let result =
        if is_exact(vm, waited)? { future::result(vm, waited) } else { vm.call_method(waited, &vm.names.result, &[]) };
    run(vm, this, result.err().map(|raised| raised.0))
}

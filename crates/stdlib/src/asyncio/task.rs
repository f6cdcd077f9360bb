//! `Task`: a future that runs a coroutine. How it runs it is in [`super::step`].

use super::future::{self, Future};
use super::step;
use super::{bind, from_library};
use crate::contextvars;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use oriel_runtime::types::str::Str;
use oriel_runtime::vm::vm_of;
use oriel_runtime::weak_members::Membership;
use oriel_runtime::{Args, Body, Bound, Layout, PyResult, Ref, Value, Visitor, Vm};
use std::cell::Cell;

/// The body: a future's, and the coroutine's.
#[repr(C)]
#[derive(Default)]
pub struct Task {
    /// The future it is.
    pub(super) future: Future,
    /// What it runs.
    pub(super) coroutine: OptionCell,
    /// In which context.
    pub(super) context: OptionCell,
    /// What it waits for.
    pub(super) waits_for: OptionCell,
    name: OptionCell,
    /// The number in a name that nobody has asked for yet.
    number: Cell<u64>,
    cancel_requests: Cell<i64>,
    /// The coroutine is to be cancelled at its next step.
    pub(super) must_cancel: Cell<bool>,
    log_destroy_pending: Cell<bool>,
    /// Its place among the scheduled tasks.
    pub(super) membership: Membership,
}

static LAYOUT: Layout = Layout::of::<Task>("Task", Some(&future::LAYOUT));

impl Body for Task {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.future.visit(&mut *visitor);
        for cell in [&self.coroutine, &self.context, &self.waits_for, &self.name] {
            cell.visit(&mut *visitor);
        }
    }
    fn clear(&self) {
        self.future.clear();
        for cell in [&self.coroutine, &self.context, &self.waits_for, &self.name] {
            cell.set(None);
        }
    }
}

const SIGNATURE: &str = "(coro, *, loop=None, name=None, context=None, eager_start=False)";

/// `_asyncio.Task`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT | type_flags::WEAKREF,
    doc: "Task(coro, *, loop=None, name=None, context=None, eager_start=False)\n--\n\nA coroutine that a loop runs.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, Task::default())?.into_value())));
        slots.init.set(Some(init));
        slots.repr.set(Some(|vm, this| {
            let repr = from_library(vm, |library| &library.task_repr, "asyncio.base_tasks", "_task_repr")?;
            vm.call(&repr, std::slice::from_ref(this))
        }));
        slots.iter.set(Some(super::iterator::of));
        slots.am_await.set(Some(super::iterator::of));
    },
    methods: &[
        MethodDef::bound(
            "cancel",
            cancel,
            "($self, /, msg=None)",
            "Have the coroutine cancelled; return whether that is possible.",
        ),
        MethodDef::noargs(
            "cancelling",
            |vm, this| Ok(vm.new_int(task(vm, this)?.cancel_requests.get())),
            "($self, /)",
            "Return how many asked for its end.",
        ),
        MethodDef::noargs("uncancel", uncancel, "($self, /)", "Take a request to cancel back."),
        MethodDef::noargs(
            "get_coro",
            |vm, this| Ok(task(vm, this)?.coroutine.get().unwrap_or(Value::NONE)),
            "($self, /)",
            "Return the coroutine.",
        ),
        MethodDef::noargs(
            "get_context",
            |vm, this| Ok(task(vm, this)?.context.get().unwrap_or(Value::NONE)),
            "($self, /)",
            "Return the context.",
        ),
        MethodDef::noargs("get_name", get_name, "($self, /)", "Return the name."),
        MethodDef::one("set_name", set_name, "($self, value, /)", "Set the name."),
        MethodDef::one(
            "set_result",
            |vm, _, _| Err(vm.runtime_error("Task does not support set_result operation")),
            "($self, result, /)",
            "Not for tasks.",
        ),
        MethodDef::one(
            "set_exception",
            |vm, _, _| Err(vm.runtime_error("Task does not support set_exception operation")),
            "($self, exception, /)",
            "Not for tasks.",
        ),
        MethodDef::bound(
            "get_stack",
            |vm, this, args| {
                let function = from_library(vm, |library| &library.get_stack, "asyncio.base_tasks", "_task_get_stack")?;
                vm.call(&function, &[this.clone(), args[0].cloned().unwrap_or(Value::NONE)])
            },
            "($self, /, *, limit=None)",
            "Return the frames.",
        ),
        MethodDef::bound(
            "print_stack",
            |vm, this, args| {
                let function =
                    from_library(vm, |library| &library.print_stack, "asyncio.base_tasks", "_task_print_stack")?;
                let argument = |at: usize| args[at].cloned().unwrap_or(Value::NONE);
                vm.call(&function, &[this.clone(), argument(0), argument(1)])
            },
            "($self, /, *, limit=None, file=None)",
            "Print the frames.",
        ),
        MethodDef::noargs(
            "__del__",
            |_, this| {
                finalize(this);
                Ok(Value::NONE)
            },
            "($self, /)",
            "Report that it did not come to its end.",
        ),
        MethodDef::one(
            "__class_getitem__",
            |vm, class, item| vm.new_generic_alias(class, item),
            "($type, object, /)",
            "A generic alias.",
        )
        .class_method(),
    ],
    getset: &[
        GetSetDef::readonly(
            "_coro",
            |vm, this| Ok(task(vm, this)?.coroutine.get().unwrap_or(Value::NONE)),
            "The coroutine.",
        ),
        GetSetDef::readonly(
            "_fut_waiter",
            |vm, this| Ok(task(vm, this)?.waits_for.get().unwrap_or(Value::NONE)),
            "What it waits for.",
        ),
        GetSetDef::readonly(
            "_must_cancel",
            |vm, this| Ok(Value::bool(task(vm, this)?.must_cancel.get())),
            "Whether the next step cancels it.",
        ),
        GetSetDef::new(
            "_log_destroy_pending",
            |vm, this| Ok(Value::bool(task(vm, this)?.log_destroy_pending.get())),
            |vm, this, value| {
                let value = value.ok_or_else(|| vm.attribute_error("cannot delete attribute"))?;
                let flag = vm.truth(value)?;
                task(vm, this)?.log_destroy_pending.set(flag);
                Ok(())
            },
            "Whether its end before that of the coroutine is reported.",
        ),
    ],
    base: None,
    extra: Some(|_, ty| {
        ty.head.finalize.set(Some(finalize));
        Ok(())
    }),
    ..TypeSpec::new("_asyncio.Task", Task::layout)
};

/// The task that `this` is.
pub(super) fn task<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Task>> {
    this.downcast().ok_or_else(|| vm.type_error("a Task is needed"))
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let state = vm.state::<super::State>();
    let [coroutine, event_loop, name, context, eager] = bind(vm, &state.task_signature, SIGNATURE, "Task", args)?;
    future::begin(vm, this, event_loop)?;
    let own = task(vm, this)?;
    own.log_destroy_pending.set(false);
    let coroutine = coroutine.ok_or_else(|| vm.type_error("Task() missing required argument 'coro' (pos 1)"))?;
    if !vm.type_of(coroutine).is(&vm.types.coroutine) {
        let check = from_library(vm, |library| &library.is_coroutine, "asyncio.coroutines", "iscoroutine")?;
        let answer = vm.call(&check, std::slice::from_ref(coroutine))?;
        if !vm.truth(&answer)? {
            return Err(vm.type_error(format!("a coroutine was expected, got {}", vm.repr_text(coroutine)?)));
        }
    }
    let context = match context.filter(|context| !context.is_none()) {
        Some(context) => context.clone(),
        None => contextvars::copy_current(vm)?,
    };
    own.context.set(Some(context.clone()));
    own.waits_for.set(None);
    own.must_cancel.set(false);
    own.cancel_requests.set(0);
    own.coroutine.set(Some(coroutine.clone()));
    match name.filter(|name| !name.is_none()) {
        None => {
            state.next_name.set(state.next_name.get() + 1);
            own.number.set(state.next_name.get());
            own.name.set(None);
        }
        Some(name) => own.name.set(Some(vm.str(name)?)),
    }
    own.log_destroy_pending.set(true);
    let event_loop = future::alive(vm, this)?;
    if let Some(eager) = eager
        && vm.truth(eager)?
    {
        let running = vm.call_method_str(&event_loop, "is_running", &[])?;
        if vm.truth(&running)? {
            return step::start_eagerly(vm, this, &event_loop, &context);
        }
    }
    step::schedule(vm, this, None)?;
    super::register_task(vm, this, false)
}

fn cancel(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let own = task(vm, this)?;
    own.future.log_traceback.set(false);
    if !own.future.is_pending() {
        return Ok(Value::FALSE);
    }
    own.cancel_requests.set(own.cancel_requests.get() + 1);
    let message = args[0].cloned();
    if let Some(waited) = own.waits_for.get()
        && cancel_waited(vm, &waited, message.clone())?
    {
        return Ok(Value::TRUE);
    }
    own.must_cancel.set(true);
    own.future.cancel_message.set(message);
    Ok(Value::TRUE)
}

/// Cancels what a task waits for; says whether that took it.
pub(super) fn cancel_waited(vm: &Vm, waited: &Value, message: Option<Value>) -> PyResult<bool> {
    let message = [message.unwrap_or(Value::NONE)];
    let names = std::slice::from_ref(&vm.names.msg);
    let answer = vm.call_method_args(waited, &vm.names.cancel, Args { values: &message, names })?;
    vm.truth(&answer)
}

fn uncancel(vm: &Vm, this: &Value) -> PyResult {
    let own = task(vm, this)?;
    let requests = own.cancel_requests.get();
    if requests > 0 {
        own.cancel_requests.set(requests - 1);
        if requests == 1 {
            own.must_cancel.set(false);
        }
    }
    Ok(vm.new_int(own.cancel_requests.get()))
}

fn get_name(vm: &Vm, this: &Value) -> PyResult {
    let own = task(vm, this)?;
    if let Some(name) = own.name.get() {
        return Ok(name);
    }
    let name = vm.new_str(&format!("Task-{}", own.number.get()));
    own.name.set(Some(name.clone()));
    Ok(name)
}

fn set_name(vm: &Vm, this: &Value, value: &Value) -> PyResult {
    let name = if value.downcast::<Str>().is_some() && vm.is_exact_str(value) { value.clone() } else { vm.str(value)? };
    task(vm, this)?.name.set(Some(name));
    Ok(Value::NONE)
}

/// At the end of a task: one that did not come to the end of its coroutine is reported, then as for any future.
fn finalize(this: &Value) {
    let (Some(own), Some(vm)) = (this.downcast::<Task>(), vm_of(this)) else { return };
    if own.future.is_pending() && own.log_destroy_pending.get() && own.future.event_loop.is_some() {
        future::report(vm, this, "Task was destroyed but it is pending!", &[("task", this.clone())]);
    }
    future::finalize(this);
}

//! `Future`: its states, result and callbacks. A task's body begins with a future's.

use super::{as_future, bind, call_soon, cancelled_error, from_library, invalid_state, iterator, waiters};
use crate::contextvars;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use oriel_runtime::types::type_object::{Subtype, Type};
use oriel_runtime::vm::vm_of;
use oriel_runtime::{Body, Bound, Layout, PyResult, Raised, Ref, Value, Visitor, Vm};
use std::cell::{Cell, RefCell};

/// How far a future has come.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Progress {
    /// No result yet.
    #[default]
    Pending,
    /// Cancelled.
    Cancelled,
    /// With a result or an exception.
    Finished,
}

/// The body.
#[repr(C)]
#[derive(Default)]
pub struct Future {
    /// The loop; none before `__init__`.
    pub(super) event_loop: OptionCell,
    /// What is to be called, with its context, when it is done.
    callbacks: RefCell<Vec<(Value, Value)>>,
    result: OptionCell,
    exception: OptionCell,
    traceback: OptionCell,
    source_traceback: OptionCell,
    pub(super) cancel_message: OptionCell,
    pub(super) cancelled_by: OptionCell,
    pub(super) awaited_by: OptionCell,
    pub(super) awaited_by_many: Cell<bool>,
    pub(super) progress: Cell<Progress>,
    pub(super) log_traceback: Cell<bool>,
    pub(super) blocking: Cell<bool>,
}

pub(super) static LAYOUT: Layout = Layout::of::<Future>("Future", None);

impl Body for Future {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        for (function, context) in self.callbacks.borrow().iter() {
            visitor(function);
            visitor(context);
        }
        for cell in self.cells() {
            cell.visit(&mut *visitor);
        }
    }
    fn clear(&self) {
        let callbacks = self.callbacks.take();
        drop(callbacks);
        for cell in self.cells() {
            cell.set(None);
        }
        self.awaited_by_many.set(false);
    }
}

impl Future {
    fn cells(&self) -> [&OptionCell; 8] {
        [
            &self.event_loop,
            &self.result,
            &self.exception,
            &self.traceback,
            &self.source_traceback,
            &self.cancel_message,
            &self.cancelled_by,
            &self.awaited_by,
        ]
    }

    /// Whether there is no result yet.
    pub(super) fn is_pending(&self) -> bool {
        self.progress.get() == Progress::Pending
    }
}

/// `_asyncio.Future`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::DICT | type_flags::WEAKREF,
    doc: "Future(*, loop=None)\n--\n\nA result that is not there yet.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| Ok(vm.new_instance(class, Future::default())?.into_value())));
        slots.init.set(Some(|vm, this, args| {
            let state = vm.state::<super::State>();
            let [event_loop] = bind(vm, &state.future_signature, "(*, loop=None)", "Future", args)?;
            begin(vm, this, event_loop)
        }));
        slots.repr.set(Some(|vm, this| {
            alive(vm, this)?;
            let repr = from_library(vm, |library| &library.future_repr, "asyncio.base_futures", "_future_repr")?;
            vm.call(&repr, std::slice::from_ref(this))
        }));
        slots.iter.set(Some(iterator::of));
        slots.am_await.set(Some(iterator::of));
    },
    methods: METHODS,
    getset: GETSET,
    extra: Some(|_, ty| {
        ty.head.finalize.set(Some(finalize));
        Ok(())
    }),
    ..TypeSpec::new("_asyncio.Future", Future::layout)
};

const METHODS: &[MethodDef] = &[
    MethodDef::noargs("result", result, "($self, /)", "Return the result, or raise what it raised."),
    MethodDef::noargs("exception", exception, "($self, /)", "Return what it raised, or None."),
    MethodDef::one("set_result", set_result, "($self, result, /)", "End with a result."),
    MethodDef::one(
        "set_exception",
        |vm, this, value| set_exception(vm, this, value).map(|()| Value::NONE),
        "($self, exception, /)",
        "End with an exception.",
    ),
    MethodDef::bound(
        "add_done_callback",
        add_done_callback,
        "($self, fn, /, *, context=<unrepresentable>)",
        "Have a function called at the end.",
    ),
    MethodDef::one(
        "remove_done_callback",
        remove_done_callback,
        "($self, fn, /)",
        "Take a function out again; return how often it was there.",
    ),
    MethodDef::bound("cancel", cancel, "($self, /, msg=None)", "Cancel; return whether that was still possible."),
    MethodDef::noargs(
        "cancelled",
        |vm, this| Ok(Value::bool(known(vm, this)?.progress.get() == Progress::Cancelled)),
        "($self, /)",
        "Return whether it was cancelled.",
    ),
    MethodDef::noargs(
        "done",
        |vm, this| Ok(Value::bool(!known(vm, this)?.is_pending())),
        "($self, /)",
        "Return whether it is at its end.",
    ),
    MethodDef::noargs("get_loop", alive, "($self, /)", "Return the loop."),
    MethodDef::noargs("_make_cancelled_error", make_cancelled_error, "($self, /)", "Make the CancelledError to raise."),
    MethodDef::noargs(
        "__del__",
        |_, this| {
            finalize(this);
            Ok(Value::NONE)
        },
        "($self, /)",
        "Report an exception that nobody looked at.",
    ),
    MethodDef::one(
        "__class_getitem__",
        |vm, class, item| vm.new_generic_alias(class, item),
        "($type, object, /)",
        "A generic alias.",
    )
    .class_method(),
];

const GETSET: &[GetSetDef] = &[
    GetSetDef::readonly(
        "_state",
        |vm, this| {
            Ok(vm.intern(match known(vm, this)?.progress.get() {
                Progress::Pending => "PENDING",
                Progress::Cancelled => "CANCELLED",
                Progress::Finished => "FINISHED",
            }))
        },
        "PENDING, CANCELLED or FINISHED.",
    ),
    GetSetDef::readonly("_loop", |vm, this| Ok(or_none(&known(vm, this)?.event_loop)), "The loop."),
    GetSetDef::readonly("_callbacks", callbacks, "What is to be called at the end, with the contexts."),
    GetSetDef::readonly("_result", |vm, this| Ok(or_none(&known(vm, this)?.result)), "The result."),
    GetSetDef::readonly("_exception", |vm, this| Ok(or_none(&known(vm, this)?.exception)), "The exception."),
    GetSetDef::readonly(
        "_source_traceback",
        |vm, this| Ok(or_none(&known(vm, this)?.source_traceback)),
        "Where it was made.",
    ),
    GetSetDef::new(
        "_cancel_message",
        |vm, this| Ok(or_none(&known(vm, this)?.cancel_message)),
        |vm, this, value| {
            let value = value.ok_or_else(|| vm.attribute_error("cannot delete attribute"))?;
            known(vm, this)?.cancel_message.set(Some(value.clone()));
            Ok(())
        },
        "What the canceller said.",
    ),
    GetSetDef::new(
        "_log_traceback",
        |vm, this| Ok(Value::bool(known(vm, this)?.log_traceback.get())),
        |vm, this, value| {
            let value = value.ok_or_else(|| vm.attribute_error("cannot delete attribute"))?;
            if vm.truth(value)? {
                return Err(vm.value_error("_log_traceback can only be set to False"));
            }
            known(vm, this)?.log_traceback.set(false);
            Ok(())
        },
        "Whether the exception is still to be reported.",
    ),
    GetSetDef::new(
        "_asyncio_future_blocking",
        |vm, this| Ok(Value::bool(known(vm, this)?.blocking.get())),
        |vm, this, value| {
            let value = value.ok_or_else(|| vm.attribute_error("cannot delete attribute"))?;
            let flag = vm.truth(value)?;
            known(vm, this)?.blocking.set(flag);
            Ok(())
        },
        "Whether it was given out by an await.",
    ),
    GetSetDef::readonly("_asyncio_awaited_by", waiters::get, "Who awaits it."),
];

fn or_none(cell: &OptionCell) -> Value {
    cell.get().unwrap_or(Value::NONE)
}

/// The future (or task) that `this` is.
pub(super) fn known<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Future>> {
    this.downcast().ok_or_else(|| vm.type_error("a Future is needed"))
}

/// The loop of a future that has been initialized.
pub(super) fn alive(vm: &Vm, this: &Value) -> PyResult {
    known(vm, this)?.event_loop.get().ok_or_else(|| vm.runtime_error("Future object is not initialized."))
}

/// `__init__`, for tasks, too.
pub(super) fn begin(vm: &Vm, this: &Value, event_loop: Option<&Value>) -> PyResult<()> {
    let own = known(vm, this)?;
    let event_loop = match event_loop.filter(|event_loop| !event_loop.is_none()) {
        Some(event_loop) => event_loop.clone(),
        None => super::event_loop(vm)?,
    };
    let old = own.callbacks.take();
    drop(old);
    for cell in own.cells() {
        cell.set(None);
    }
    own.awaited_by_many.set(false);
    own.progress.set(Progress::Pending);
    own.log_traceback.set(false);
    own.blocking.set(false);
    let debug = vm.call_method_args(&event_loop, &vm.names.get_debug, oriel_runtime::Args::EMPTY)?;
    own.event_loop.set(Some(event_loop));
    if vm.truth(&debug)? {
        let extract = from_library(vm, |library| &library.extract_stack, "traceback", "extract_stack")?;
        own.source_traceback.set(Some(vm.call(&extract, &[])?));
    }
    Ok(())
}

/// The result, or what it raised.
pub(super) fn result(vm: &Vm, this: &Value) -> PyResult {
    let own = known(vm, this)?;
    match own.progress.get() {
        Progress::Cancelled => Err(Raised(make_cancelled_error(vm, this)?)),
        Progress::Pending => Err(invalid_state(vm, "Result is not set.")),
        Progress::Finished => {
            own.log_traceback.set(false);
            match own.exception.get() {
                Some(exception) => {
                    vm.set_traceback(&exception, own.traceback.get());
                    Err(Raised(exception))
                }
                None => Ok(or_none(&own.result)),
            }
        }
    }
}

fn exception(vm: &Vm, this: &Value) -> PyResult {
    let own = known(vm, this)?;
    match own.progress.get() {
        Progress::Cancelled => Err(Raised(make_cancelled_error(vm, this)?)),
        Progress::Pending => Err(invalid_state(vm, "Exception is not set.")),
        Progress::Finished => {
            own.log_traceback.set(false);
            Ok(or_none(&own.exception))
        }
    }
}

/// The `CancelledError` to raise; one that ended the task is given once.
pub(super) fn make_cancelled_error(vm: &Vm, this: &Value) -> PyResult {
    let own = known(vm, this)?;
    if let Some(exception) = own.cancelled_by.take() {
        return Ok(exception);
    }
    let class = cancelled_error(vm)?;
    match own.cancel_message.get().filter(|message| !message.is_none()) {
        Some(message) => vm.call(&class, &[message]),
        None => vm.call(&class, &[]),
    }
}

fn set_result(vm: &Vm, this: &Value, value: &Value) -> PyResult {
    alive(vm, this)?;
    finish(vm, this, value)?;
    Ok(Value::NONE)
}

/// Ends with a result.
pub(super) fn finish(vm: &Vm, this: &Value, value: &Value) -> PyResult<()> {
    let own = known(vm, this)?;
    if !own.is_pending() {
        return Err(invalid_state(vm, "invalid state"));
    }
    own.result.set(Some(value.clone()));
    own.progress.set(Progress::Finished);
    schedule_callbacks(vm, this)
}

/// Ends with an exception: an instance or a class.
pub(super) fn set_exception(vm: &Vm, this: &Value, value: &Value) -> PyResult<()> {
    alive(vm, this)?;
    let own = known(vm, this)?;
    if !own.is_pending() {
        return Err(invalid_state(vm, "invalid state"));
    }
    let is_class = value.downcast::<Type>().is_some_and(|class| class.is_subtype(&vm.types.base_exception));
    let mut exception = if is_class { vm.call(value, &[])? } else { value.clone() };
    if !vm.is_instance_exact(&exception, &vm.types.base_exception) {
        return Err(vm.type_error("invalid exception object"));
    }
    if vm.is_instance_exact(&exception, &vm.types.stop_iteration) {
        let text = "StopIteration interacts badly with generators and cannot be raised into a Future";
        let Raised(instead) = vm.runtime_error(text);
        vm.set_cause(&instead, Some(exception.clone()));
        vm.set_context(&instead, Some(exception));
        exception = instead;
    }
    own.traceback.set(vm.traceback_of(&exception));
    own.exception.set(Some(exception));
    own.progress.set(Progress::Finished);
    schedule_callbacks(vm, this)?;
    own.log_traceback.set(true);
    Ok(())
}

fn schedule_callbacks(vm: &Vm, this: &Value) -> PyResult<()> {
    let own = known(vm, this)?;
    let callbacks = own.callbacks.take();
    if callbacks.is_empty() {
        return Ok(());
    }
    let event_loop = alive(vm, this)?;
    for (function, context) in &callbacks {
        call_soon(vm, &event_loop, function, Some(this), Some(context))?;
    }
    Ok(())
}

fn add_done_callback(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    alive(vm, this)?;
    let context = match args[1] {
        Some(context) => context.clone(),
        None => contextvars::copy_current(vm)?,
    };
    if let Some(function) = args[0] {
        add_callback(vm, this, function, context)?;
    }
    Ok(Value::NONE)
}

/// Has a function called at the end, or soon if that has come.
pub(super) fn add_callback(vm: &Vm, this: &Value, function: &Value, context: Value) -> PyResult<()> {
    let own = known(vm, this)?;
    if own.is_pending() {
        own.callbacks.borrow_mut().push((function.clone(), context));
        return Ok(());
    }
    call_soon(vm, &alive(vm, this)?, function, Some(this), Some(&context))
}

fn remove_done_callback(vm: &Vm, this: &Value, function: &Value) -> PyResult {
    alive(vm, this)?;
    let own = known(vm, this)?;
    let all = own.callbacks.borrow().clone();
    let mut kept = Vec::with_capacity(all.len());
    let mut removed = 0;
    for entry in &all {
        if vm.equal(&entry.0, function)? {
            removed += 1;
        } else {
            kept.push(entry.clone());
        }
    }
    if removed > 0 {
        let old = own.callbacks.replace(kept);
        drop(old);
    }
    Ok(vm.new_int(removed))
}

fn callbacks(vm: &Vm, this: &Value) -> PyResult {
    alive(vm, this)?;
    let all = known(vm, this)?.callbacks.borrow().clone();
    if all.is_empty() {
        return Ok(Value::NONE);
    }
    let pairs = all.into_iter().map(|(function, context)| vm.new_tuple(&[function, context])).collect();
    Ok(vm.new_list(pairs).into_value())
}

fn cancel(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    alive(vm, this)?;
    cancel_with(vm, this, args[0].cloned()).map(Value::bool)
}

/// Cancels; says whether that was still possible.
pub(super) fn cancel_with(vm: &Vm, this: &Value, message: Option<Value>) -> PyResult<bool> {
    let own = known(vm, this)?;
    own.log_traceback.set(false);
    if !own.is_pending() {
        return Ok(false);
    }
    own.progress.set(Progress::Cancelled);
    own.cancel_message.set(message);
    schedule_callbacks(vm, this)?;
    Ok(true)
}

/// The loop of any future.
pub(super) fn loop_of(vm: &Vm, future: &Value) -> PyResult {
    if super::is_exact(vm, future)? {
        return alive(vm, future);
    }
    match vm.get_attr_opt(future, &vm.names.get_loop)? {
        Some(get) => vm.call(&get, &[]),
        None => vm.get_attr(future, &vm.names._loop),
    }
}

/// Whether any future is done.
pub(super) fn is_done(vm: &Vm, future: &Value) -> PyResult<bool> {
    if super::is_exact(vm, future)? {
        return Ok(as_future(future).is_some_and(|own| !own.is_pending()));
    }
    let done = vm.call_method_str(future, "done", &[])?;
    vm.truth(&done)
}

/// At the end of a future: an exception that nobody looked at is reported.
pub(super) fn finalize(this: &Value) {
    let (Some(own), Some(vm)) = (as_future(this), vm_of(this)) else { return };
    if own.log_traceback.replace(false) {
        let text = format!("{} exception was never retrieved", vm.type_of(this).name_text());
        let exception = or_none(&own.exception);
        report(vm, this, &text, &[("exception", exception), ("future", this.clone())]);
    }
}

/// Tells the loop's exception handler.
pub(super) fn report(vm: &Vm, this: &Value, message: &str, details: &[(&str, Value)]) {
    let Some(own) = as_future(this) else { return };
    let Some(event_loop) = own.event_loop.get() else { return };
    let saved = vm.save_raised_state();
    let context = vm.new_dict();
    context.set_str(&vm.intern("message"), vm.new_str(message));
    for (name, value) in details {
        context.set_str(&vm.intern(name), value.clone());
    }
    if let Some(source) = own.source_traceback.get() {
        context.set_str(&vm.intern("source_traceback"), source);
    }
    let told = vm.call_method_str(&event_loop, "call_exception_handler", &[context.into_value()]);
    if let Err(raised) = told {
        vm.write_unraisable(raised, Some(this), "Exception ignored while finalizing future");
    }
    vm.restore_raised_state(saved);
}

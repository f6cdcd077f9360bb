//! What `await` of a coroutine and the methods of asynchronous generators give: `coroutine_wrapper`,
//! `async_generator_asend`, `async_generator_athrow`, `anext_awaitable`.

use super::async_generator::unwrap_value;
use super::{Generator, Resumed, coroutine, methods, resume};
use crate::args::Args;
use crate::cells::OptionCell;
use crate::error::{PyResult, Raised};
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::vm::{Vm, vm_of};
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::{Cell, RefCell};

/// The iterator of a coroutine that is awaited by `__await__`.
pub struct Wrapper {
    coroutine: Ref<Generator>,
}

static WRAPPER_LAYOUT: Layout = Layout::of::<Wrapper>("coroutine_wrapper", None);

impl Body for Wrapper {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &WRAPPER_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(self.coroutine.as_value());
    }
}

/// `coroutine_wrapper`
pub static WRAPPER_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    doc: "A wrapper object implementing __await__ for coroutines.",
    slots: |slots| {
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(|vm, this| match resume(vm, &wrapper(vm, this)?.coroutine, Value::NONE)? {
            Some(Resumed::Yielded(value)) => Ok(Some(value)),
            Some(Resumed::Returned(value)) if !value.is_none() => Err(vm.stop_iteration(value)),
            _ => Ok(None),
        }));
        slots.am_send.set(Some(|vm, this, sent| match resume(vm, &wrapper(vm, this)?.coroutine, sent)? {
            Some(Resumed::Yielded(value)) => Ok((value, false)),
            Some(Resumed::Returned(value)) => Ok((value, true)),
            None => Ok((Value::NONE, true)),
        }));
    },
    methods: &[
        MethodDef::one(
            "send",
            |vm, this, value| methods::send(vm, wrapper(vm, this)?.coroutine.as_value(), value),
            "",
            "Resumes the coroutine with a value.",
        ),
        MethodDef::args(
            "throw",
            |vm, this, args| methods::throw_method(vm, wrapper(vm, this)?.coroutine.as_value(), args),
            "",
            "Raises an exception in the coroutine.",
        ),
        MethodDef::noargs(
            "close",
            |vm, this| methods::close_method(vm, wrapper(vm, this)?.coroutine.as_value()),
            "",
            "Closes the coroutine.",
        ),
    ],
    ..TypeSpec::new("coroutine_wrapper", Wrapper::layout)
};

fn wrapper<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Wrapper>> {
    value.downcast().ok_or_else(|| vm.type_error("a coroutine_wrapper is needed"))
}

/// `__await__` of a coroutine.
pub fn new_wrapper(vm: &Vm, coroutine: &Value) -> PyResult {
    let body = Wrapper { coroutine: methods::this(vm, coroutine)?.clone() };
    Ok(vm.new_instance(&vm.types.coroutine_wrapper, body)?.into_value())
}

/// How far an awaitable of an asynchronous generator has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Init,
    Running,
    Closed,
}

/// What an awaitable does when it is first resumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Action {
    /// `asend`, `__anext__`
    Send,
    /// `athrow`
    Throw,
    /// `aclose`
    Close,
}

/// The awaitable of `asend`, `athrow` and `aclose`.
pub struct Step {
    generator: Ref<Generator>,
    action: Action,
    arguments: RefCell<Vec<Value>>,
    stage: Cell<Stage>,
}

static STEP_LAYOUT: Layout = Layout::of::<Step>("async_generator_asend", None);

impl Body for Step {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &STEP_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(self.generator.as_value());
        for value in self.arguments.borrow().iter() {
            visitor(value);
        }
    }
    fn clear(&self) {
        let arguments = std::mem::take(&mut *self.arguments.borrow_mut());
        drop(arguments);
    }
}

const STEP_METHODS: &[MethodDef] = &[
    MethodDef::one("send", step_send, "", "Resumes with a value."),
    MethodDef::args("throw", step_throw, "", "Raises an exception."),
    MethodDef::noargs("close", step_close, "", "Closes."),
];

/// `async_generator_asend`
pub static ASEND_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.am_await.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(|vm, this| match step(vm, this, &Value::NONE)? {
            (value, false) => Ok(Some(value)),
            (value, true) if value.is_none() => Ok(None),
            (value, true) => Err(vm.stop_iteration(value)),
        }));
        slots.am_send.set(Some(|vm, this, sent| step(vm, this, &sent)));
    },
    methods: STEP_METHODS,
    extra: Some(|_, ty| {
        ty.head.finalize.set(Some(warn_never_awaited));
        Ok(())
    }),
    ..TypeSpec::new("async_generator_asend", Step::layout)
};

/// `async_generator_athrow`
pub static ATHROW_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: ASEND_SPEC.slots,
    methods: STEP_METHODS,
    extra: ASEND_SPEC.extra,
    ..TypeSpec::new("async_generator_athrow", Step::layout)
};

/// `RuntimeWarning: coroutine method 'asend' of 'f' was never awaited`
fn warn_never_awaited(value: &Value) {
    let (Some(own), Some(vm)) = (value.downcast::<Step>(), vm_of(value)) else { return };
    if own.stage.get() != Stage::Init {
        return;
    }
    let method = method_name(own.action).trim_end_matches("()");
    let warned = vm.repr_text(&own.generator.qualname.get()).and_then(|name| {
        let message = format!("coroutine method '{method}' of {name} was never awaited");
        vm.warn(&vm.types.runtime_warning, &message, 1)
    });
    if let Err(raised) = warned {
        vm.write_unraisable(
            raised,
            Some(own.generator.as_value()),
            "Exception ignored while finalizing coroutine method",
        );
    }
}

fn this<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Step>> {
    value.downcast().ok_or_else(|| vm.type_error("an awaitable of an asynchronous generator is needed"))
}

fn new_step(vm: &Vm, generator: &Ref<Generator>, action: Action, arguments: Vec<Value>) -> PyResult {
    let body = Step {
        generator: generator.clone(),
        action,
        arguments: RefCell::new(arguments),
        stage: Cell::new(Stage::Init),
    };
    let ty = match action {
        Action::Send => &vm.types.async_generator_asend,
        _ => &vm.types.async_generator_athrow,
    };
    Ok(vm.new_instance(ty, body)?.into_value())
}

/// The awaitable of `asend(value)`.
pub fn new_asend(vm: &Vm, generator: &Ref<Generator>, value: &Value) -> PyResult {
    let arguments = if value.is_none() { Vec::new() } else { vec![value.clone()] };
    new_step(vm, generator, Action::Send, arguments)
}

/// The awaitable of `athrow(...)`.
pub fn new_athrow(vm: &Vm, generator: &Ref<Generator>, arguments: &[Value]) -> PyResult {
    new_step(vm, generator, Action::Throw, arguments.to_vec())
}

/// The awaitable of `aclose()`.
pub fn new_aclose(vm: &Vm, generator: &Ref<Generator>) -> PyResult {
    new_step(vm, generator, Action::Close, Vec::new())
}

fn step_send(vm: &Vm, value: &Value, sent: &Value) -> PyResult {
    raising(vm, step(vm, value, sent))
}

/// What Python sees of a step: the value that is passed on, or StopIteration with the result.
fn raising(vm: &Vm, outcome: PyResult<(Value, bool)>) -> PyResult {
    match outcome? {
        (value, false) => Ok(value),
        (value, true) => Err(vm.stop_iteration(value)),
    }
}

fn method_name(action: Action) -> &'static str {
    match action {
        Action::Send => "asend()",
        Action::Throw => "athrow()",
        Action::Close => "aclose()",
    }
}

/// Goes on: a value, and whether that is the result.
fn step(vm: &Vm, value: &Value, sent: &Value) -> PyResult<(Value, bool)> {
    let own = this(vm, value)?;
    let generator = &own.generator;
    if own.stage.get() == Stage::Closed {
        return Err(match own.action {
            Action::Send => vm.runtime_error("cannot reuse already awaited __anext__()/asend()"),
            _ => vm.runtime_error("cannot reuse already awaited aclose()/athrow()"),
        });
    }
    if own.action != Action::Send && generator.state.get() == super::State::Finished {
        own.stage.set(Stage::Closed);
        return Ok((Value::NONE, true));
    }
    let first = own.stage.get() == Stage::Init;
    if first {
        if generator.running_async.get() {
            own.stage.set(Stage::Closed);
            let name = match own.action {
                Action::Send => "anext()",
                action => method_name(action),
            };
            return Err(vm.runtime_error(format!("{name}: asynchronous generator is already running")));
        }
        if own.action != Action::Send {
            if generator.closed.get() {
                own.stage.set(Stage::Closed);
                return Err(vm.new_exception_with(&vm.types.stop_async_iteration, &[]));
            }
            if !sent.is_none() {
                return Err(vm.runtime_error("can't send non-None value to a just-started coroutine"));
            }
        }
        own.stage.set(Stage::Running);
        generator.running_async.set(true);
    }
    let result = if first {
        match own.action {
            Action::Send => {
                let stored = own.arguments.borrow().first().cloned().unwrap_or(Value::NONE);
                let sent = if sent.is_none() { stored } else { sent.clone() };
                resume(vm, generator, sent)
            }
            Action::Throw => {
                let arguments = own.arguments.borrow().clone();
                methods::throw(vm, generator, &arguments, false)
            }
            Action::Close => {
                generator.closed.set(true);
                if generator.state.get() == super::State::Created {
                    generator.end();
                    Ok(None)
                } else {
                    let exit = vm.new_exception_with(&vm.types.generator_exit, &[]).0;
                    methods::throw(vm, generator, &[exit], false)
                }
            }
        }
    } else {
        resume(vm, generator, sent.clone())
    };
    conclude(vm, own, result)
}

/// What a resumed asynchronous generator's answer means for the awaitable.
fn conclude(vm: &Vm, own: &Ref<Step>, result: PyResult<Option<Resumed>>) -> PyResult<(Value, bool)> {
    let generator = &own.generator;
    let close = || {
        own.stage.set(Stage::Closed);
        generator.running_async.set(false);
    };
    match result {
        Ok(Some(Resumed::Yielded(value))) => match unwrap_value(&value) {
            Some(item) => {
                close();
                if own.action == Action::Close {
                    return Err(vm.runtime_error("async generator ignored GeneratorExit"));
                }
                Ok((item, true))
            }
            None => Ok((value, false)),
        },
        Ok(Some(Resumed::Returned(_)) | None) => {
            close();
            generator.closed.set(true);
            if own.action == Action::Close {
                return Ok((Value::NONE, true));
            }
            Err(vm.new_exception_with(&vm.types.stop_async_iteration, &[]))
        }
        Err(raised) => {
            close();
            let ends = |class| vm.raised_is(&raised, class);
            if ends(&vm.types.stop_async_iteration) || ends(&vm.types.generator_exit) {
                generator.closed.set(true);
                if own.action == Action::Close {
                    return Ok((Value::NONE, true));
                }
            }
            Err(raised)
        }
    }
}

fn step_throw(vm: &Vm, value: &Value, args: Args<'_>) -> PyResult {
    let own = this(vm, value)?;
    let arguments = args.unpack(vm, "throw", 1, 3)?;
    if own.stage.get() == Stage::Closed {
        return Err(match own.action {
            Action::Send => vm.runtime_error("cannot reuse already awaited __anext__()/asend()"),
            _ => vm.runtime_error("cannot reuse already awaited aclose()/athrow()"),
        });
    }
    if own.stage.get() == Stage::Init {
        if own.generator.running_async.get() {
            own.stage.set(Stage::Closed);
            let name = match own.action {
                Action::Send => "anext()",
                action => method_name(action),
            };
            return Err(vm.runtime_error(format!("{name}: asynchronous generator is already running")));
        }
        own.stage.set(Stage::Running);
        own.generator.running_async.set(true);
    }
    let result = methods::throw(vm, &own.generator, arguments, false);
    raising(vm, conclude(vm, own, result))
}

fn step_close(vm: &Vm, value: &Value) -> PyResult {
    let own = this(vm, value)?;
    if own.stage.get() == Stage::Closed {
        return Ok(Value::NONE);
    }
    let exit = vm.new_exception_with(&vm.types.generator_exit, &[]).0;
    match step_throw(vm, value, Args::positional_only(&[exit])) {
        Ok(_) => Err(vm.runtime_error("coroutine ignored GeneratorExit")),
        Err(raised)
            if vm.raised_is(&raised, &vm.types.stop_iteration)
                || vm.raised_is(&raised, &vm.types.stop_async_iteration)
                || vm.raised_is(&raised, &vm.types.generator_exit) =>
        {
            Ok(Value::NONE)
        }
        Err(raised) => Err(raised),
    }
}

/// The awaitable of `anext(iterator, default)`.
pub struct AnextAwaitable {
    wrapped: Value,
    default: Value,
    iterator: OptionCell,
}

static ANEXT_LAYOUT: Layout = Layout::of::<AnextAwaitable>("anext_awaitable", None);

impl Body for AnextAwaitable {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &ANEXT_LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.wrapped);
        visitor(&self.default);
        self.iterator.visit(visitor);
    }
}

/// `anext_awaitable`
pub static ANEXT_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.am_await.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(|vm, this| {
            let iterator = awaited(vm, this)?;
            let result = vm.next_or_stop(&iterator).and_then(|item| item.ok_or_else(|| vm.stop_iteration(Value::NONE)));
            or_default(vm, this, result).map(Some)
        }));
    },
    methods: &[
        MethodDef::one(
            "send",
            |vm, this, value| {
                let iterator = awaited(vm, this)?;
                or_default(vm, this, vm.call_method(&iterator, &vm.names.send, std::slice::from_ref(value)))
            },
            "",
            "Resumes with a value.",
        ),
        MethodDef::args(
            "throw",
            |vm, this, args| {
                let iterator = awaited(vm, this)?;
                let method = vm.get_attr(&iterator, &vm.names.throw)?;
                or_default(vm, this, vm.call_args(&method, args))
            },
            "",
            "Raises an exception.",
        ),
        MethodDef::noargs(
            "close",
            |vm, this| {
                let iterator = awaited(vm, this)?;
                vm.call_method(&iterator, &vm.names.close, &[])
            },
            "",
            "Closes.",
        ),
    ],
    ..TypeSpec::new("anext_awaitable", AnextAwaitable::layout)
};

fn awaited(vm: &Vm, this: &Value) -> PyResult {
    let Some(own) = this.downcast::<AnextAwaitable>() else {
        return Err(vm.type_error("an anext_awaitable is needed"));
    };
    if let Some(iterator) = own.iterator.get() {
        return Ok(iterator);
    }
    let mut iterator = coroutine::get_awaitable(vm, &own.wrapped)?;
    if coroutine::is_coroutine(&iterator)
        && let Some(await_) = vm.type_of(&iterator).slots.am_await.get()
    {
        iterator = await_(vm, &iterator)?;
    }
    own.iterator.set(Some(iterator.clone()));
    Ok(iterator)
}

fn or_default(vm: &Vm, this: &Value, result: PyResult) -> PyResult {
    match result {
        Err(Raised(exception)) if vm.is_instance_exact(&exception, &vm.types.stop_async_iteration) => {
            let default = this.downcast::<AnextAwaitable>().map_or(Value::NONE, |own| own.default.clone());
            Err(vm.stop_iteration(default))
        }
        other => other,
    }
}

impl Vm {
    /// `anext(iterator, default)`
    pub fn new_anext_awaitable(&self, awaitable: &Value, default: &Value) -> PyResult {
        let body =
            AnextAwaitable { wrapped: awaitable.clone(), default: default.clone(), iterator: OptionCell::default() };
        Ok(self.new_instance(&self.types.anext_awaitable, body)?.into_value())
    }
}

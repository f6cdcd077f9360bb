//! `generator`: what Python sees, and the `throw` and `close` that all three kinds share.

use super::{Generator, Kind, Resumed, State, resume, resume_raising};
use crate::args::Args;
use crate::error::{PyResult, Raised};
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::types::str::Str;
use crate::types::traceback::Traceback;
use crate::types::type_object::{Subtype, Type};
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};

/// `generator`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW | type_flags::WEAKREF,
    slots: |slots| {
        slots.repr.set(Some(repr));
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(next));
    },
    methods: &[
        MethodDef::one("send", send, "", "Resumes with a value; gives the next one yielded, or raises StopIteration."),
        MethodDef::args("throw", throw_args, "", "Raises an exception where the generator stands."),
        MethodDef::noargs("close", close_method, "", "Raises GeneratorExit where the generator stands."),
        MethodDef::noargs("__sizeof__", size_of_generator, "", "Bytes of memory."),
        MethodDef::one("__class_getitem__", class_getitem, "", "A generic alias.").class_method(),
    ],
    getset: &[
        GetSetDef::new("__name__", get_name, set_name, "The name."),
        GetSetDef::new("__qualname__", get_qualname, set_qualname, "The dotted name."),
        GetSetDef::readonly("gi_frame", frame, "The frame, while there is one."),
        GetSetDef::readonly("gi_running", running, "Whether it runs."),
        GetSetDef::readonly("gi_suspended", suspended, "Whether it waits at a yield."),
        GetSetDef::readonly("gi_code", code, "The code object."),
        GetSetDef::readonly("gi_yieldfrom", yield_from, "What it delegates to."),
    ],
    extra: Some(|_, ty| {
        ty.head.finalize.set(Some(super::finalize));
        Ok(())
    }),
    ..TypeSpec::new("generator", Generator::layout)
};

/// The generator that a value is.
pub fn this<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Generator>> {
    value.downcast().ok_or_else(|| vm.type_error("a generator is needed"))
}

fn repr(vm: &Vm, value: &Value) -> PyResult {
    let generator = this(vm, value)?;
    let name = vm.str_text(&generator.qualname.get());
    let kind = vm.type_name(value);
    Ok(vm.new_str(&format!("<{kind} object {name} at {:#x}>", value.word())))
}

/// `repr` of all three kinds.
pub fn repr_any(vm: &Vm, value: &Value) -> PyResult {
    repr(vm, value)
}

fn next(vm: &Vm, value: &Value) -> PyResult<Option<Value>> {
    match resume(vm, this(vm, value)?, Value::NONE)? {
        Some(Resumed::Yielded(value)) => Ok(Some(value)),
        Some(Resumed::Returned(value)) if !value.is_none() => Err(vm.stop_iteration(value)),
        _ => Ok(None),
    }
}

/// `send` of generators and coroutines.
pub fn send(vm: &Vm, value: &Value, sent: &Value) -> PyResult {
    match resume(vm, this(vm, value)?, sent.clone())? {
        Some(Resumed::Yielded(value)) => Ok(value),
        Some(Resumed::Returned(value)) => Err(vm.stop_iteration(value)),
        None => Err(vm.stop_iteration(Value::NONE)),
    }
}

/// The exception that the arguments of `throw` name: type or instance, value, traceback.
pub fn exception_of_arguments(vm: &Vm, arguments: &[Value]) -> PyResult<Raised> {
    let exception = &arguments[0];
    let value = arguments.get(1).filter(|value| !value.is_none());
    let traceback = arguments.get(2).filter(|value| !value.is_none());
    if traceback.is_some_and(|traceback| traceback.downcast::<Traceback>().is_none()) {
        return Err(vm.type_error("throw() third argument must be a traceback object"));
    }
    let is_class = exception.downcast::<Type>().is_some_and(|class| class.is_subtype(&vm.types.base_exception));
    let raised = if is_class {
        let made = match value {
            None => vm.make_exception(exception, &[]),
            Some(value) if vm.is_instance(value, exception)? => Ok(value.clone()),
            Some(value) => match value.downcast::<crate::types::tuple::Tuple>() {
                Some(arguments) => vm.make_exception(exception, arguments.items()),
                None => vm.make_exception(exception, std::slice::from_ref(value)),
            },
        };
        // What the class raises instead is thrown in its place.
        match made {
            Ok(instance) => Raised(instance),
            Err(raised) => raised,
        }
    } else if vm.type_of(exception).is_subtype(&vm.types.base_exception) {
        if value.is_some() {
            return Err(vm.type_error("instance exception may not have a separate value"));
        }
        Raised(exception.clone())
    } else {
        let name = vm.type_name(exception);
        return Err(
            vm.type_error(format!("exceptions must be classes or instances deriving from BaseException, not {name}"))
        );
    };
    if let Some(traceback) = traceback {
        vm.set_traceback(&raised.0, Some(traceback.clone()));
    }
    Ok(raised)
}

fn throw_args(vm: &Vm, value: &Value, args: Args<'_>) -> PyResult {
    throw_method(vm, value, args)
}

/// `throw` of generators and coroutines.
pub fn throw_method(vm: &Vm, value: &Value, args: Args<'_>) -> PyResult {
    let arguments = args.unpack(vm, "throw", 1, 3)?;
    if arguments.len() > 1 {
        vm.warn(
            &vm.types.deprecation_warning,
            "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
            1,
        )?;
    }
    let generator = this(vm, value)?;
    finish_throw(vm, throw(vm, generator, arguments, true))
}

/// What `throw` gives: the value yielded, or StopIteration with the value returned.
pub fn finish_throw(vm: &Vm, result: PyResult<Option<Resumed>>) -> PyResult {
    match result? {
        Some(Resumed::Yielded(value)) => Ok(value),
        Some(Resumed::Returned(value)) => Err(vm.stop_iteration(value)),
        None => Err(vm.stop_iteration(Value::NONE)),
    }
}

/// Raises where the generator stands, or in what it delegates to.
pub fn throw(
    vm: &Vm,
    generator: &Ref<Generator>,
    arguments: &[Value],
    close_on_exit: bool,
) -> PyResult<Option<Resumed>> {
    if let Some(delegate) = generator.delegate() {
        let is_exit = is_generator_exit(vm, &arguments[0]);
        if is_exit && close_on_exit {
            let closed = while_delegating(vm, generator, || close_delegate(vm, &delegate));
            return match closed {
                Ok(()) => resume_raising(vm, generator, exception_of_arguments(vm, arguments)?),
                Err(raised) => resume_raising(vm, generator, raised),
            };
        }
        let result = while_delegating(vm, generator, || match super::resumable(vm, &delegate) {
            Some(inner) => finish_throw(vm, throw(vm, inner, arguments, close_on_exit)).map(Some),
            None => match vm.get_attr_opt(&delegate, &vm.names.throw)? {
                Some(method) => vm.call(&method, arguments).map(Some),
                None => Ok(None),
            },
        });
        return match result {
            Ok(Some(value)) => Ok(Some(Resumed::Yielded(value))),
            Ok(None) => resume_raising(vm, generator, exception_of_arguments(vm, arguments)?),
            // Where the delegation ends, CLEANUP_THROW takes the value out of a StopIteration.
            Err(raised) => resume_raising(vm, generator, raised),
        };
    }
    resume_raising(vm, generator, exception_of_arguments(vm, arguments)?)
}

/// Does something to what a generator delegates to, while the generator counts as running and its frame as the caller.
fn while_delegating<T>(vm: &Vm, generator: &Ref<Generator>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    vm.check_stack()?;
    let frame = generator.frame_ref();
    let outer = vm.thread.frame.get();
    generator.state.set(State::Running);
    frame.previous.set(outer);
    vm.thread.frame.set(frame.as_ptr());
    let result = work();
    vm.thread.frame.set(outer);
    generator.state.set(State::Suspended);
    result
}

fn is_generator_exit(vm: &Vm, exception: &Value) -> bool {
    let class = exception.downcast::<Type>().unwrap_or_else(|| vm.type_of(exception));
    class.is_subtype(&vm.types.generator_exit)
}

fn close_delegate(vm: &Vm, delegate: &Value) -> PyResult<()> {
    if let Some(generator) = super::resumable(vm, delegate) {
        return close(vm, generator).map(drop);
    }
    match vm.get_attr_opt(delegate, &vm.names.close) {
        Ok(Some(method)) => vm.call(&method, &[]).map(drop),
        Ok(None) => Ok(()),
        Err(raised) => {
            vm.write_unraisable(raised, Some(delegate), "Exception ignored while closing generator");
            Ok(())
        }
    }
}

/// `close`: the value that the generator returns on GeneratorExit, else None.
pub fn close(vm: &Vm, generator: &Ref<Generator>) -> PyResult {
    match generator.state.get() {
        State::Created => {
            generator.finish();
            return Ok(Value::NONE);
        }
        State::Finished => return Ok(Value::NONE),
        State::Running => return super::not_resumable(vm, generator).map(|_| Value::NONE),
        State::Suspended => {}
    }
    let mut exit = None;
    if let Some(delegate) = generator.delegate() {
        exit = while_delegating(vm, generator, || close_delegate(vm, &delegate)).err();
    }
    let raised = exit.unwrap_or_else(|| vm.new_exception_with(&vm.types.generator_exit, &[]));
    match resume_raising(vm, generator, raised) {
        Ok(Some(Resumed::Yielded(_))) => Err(vm.runtime_error(match generator.kind {
            Kind::Generator => "generator ignored GeneratorExit",
            Kind::Coroutine => "coroutine ignored GeneratorExit",
            Kind::AsyncGenerator => "async generator ignored GeneratorExit",
        })),
        Ok(Some(Resumed::Returned(value))) => Ok(value),
        Ok(None) => Ok(Value::NONE),
        Err(raised) if vm.raised_is(&raised, &vm.types.generator_exit) => Ok(Value::NONE),
        Err(raised) if vm.raised_is(&raised, &vm.types.stop_iteration) => Ok(Value::NONE),
        Err(raised) => Err(raised),
    }
}

/// `close` of generators and coroutines.
pub fn close_method(vm: &Vm, value: &Value) -> PyResult {
    close(vm, this(vm, value)?)
}

/// `__sizeof__`
pub fn size_of_generator(vm: &Vm, value: &Value) -> PyResult {
    this(vm, value)?;
    Ok(vm.new_int(oriel_heap::block_capacity(value) as i64))
}

/// `__class_getitem__`
pub fn class_getitem(vm: &Vm, class: &Value, arguments: &Value) -> PyResult {
    vm.new_generic_alias(class, arguments)
}

/// `__name__`
pub fn get_name(vm: &Vm, value: &Value) -> PyResult {
    Ok(this(vm, value)?.name.get())
}

/// Sets `__name__`.
pub fn set_name(vm: &Vm, value: &Value, name: Option<&Value>) -> PyResult<()> {
    match name.filter(|name| name.downcast::<Str>().is_some()) {
        Some(name) => {
            this(vm, value)?.name.set(name.clone());
            Ok(())
        }
        None => Err(vm.type_error("__name__ must be set to a string object")),
    }
}

/// `__qualname__`
pub fn get_qualname(vm: &Vm, value: &Value) -> PyResult {
    Ok(this(vm, value)?.qualname.get())
}

/// Sets `__qualname__`.
pub fn set_qualname(vm: &Vm, value: &Value, name: Option<&Value>) -> PyResult<()> {
    match name.filter(|name| name.downcast::<Str>().is_some()) {
        Some(name) => {
            this(vm, value)?.qualname.set(name.clone());
            Ok(())
        }
        None => Err(vm.type_error("__qualname__ must be set to a string object")),
    }
}

/// `gi_frame`, `cr_frame`, `ag_frame`
pub fn frame(vm: &Vm, value: &Value) -> PyResult {
    let generator = this(vm, value)?;
    if generator.state.get() == State::Finished {
        return Ok(Value::NONE);
    }
    Ok(vm.frame_object(generator.frame_ref()).into_value())
}

/// `gi_running`, `cr_running`
pub fn running(vm: &Vm, value: &Value) -> PyResult {
    Ok(Value::bool(this(vm, value)?.state.get() == State::Running))
}

/// `gi_suspended`, `cr_suspended`, `ag_suspended`
pub fn suspended(vm: &Vm, value: &Value) -> PyResult {
    Ok(Value::bool(this(vm, value)?.state.get() == State::Suspended))
}

/// `gi_code`, `cr_code`, `ag_code`
pub fn code(vm: &Vm, value: &Value) -> PyResult {
    Ok(this(vm, value)?.frame_ref().function.code.get().into_value())
}

/// `gi_yieldfrom`, `cr_await`, `ag_await`
pub fn yield_from(vm: &Vm, value: &Value) -> PyResult {
    Ok(this(vm, value)?.delegate().unwrap_or(Value::NONE))
}

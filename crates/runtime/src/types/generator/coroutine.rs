//! `coroutine`: what Python sees, where it was made, and the warning when it is never awaited.

use super::{Generator, Kind, methods};
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::vm::Vm;
use oriel_bytecode::CodeFlags;
use oriel_heap::{Body, Ref, Value};

/// `coroutine`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW | type_flags::WEAKREF,
    slots: |slots| {
        slots.repr.set(Some(methods::repr_any));
        slots.am_await.set(Some(super::awaitables::new_wrapper));
    },
    methods: &[
        MethodDef::one(
            "send",
            methods::send,
            "",
            "Sends a value into coroutine: the next one that it waits with, or StopIteration.",
        ),
        MethodDef::args("throw", methods::throw_method, "", "Raises an exception in coroutine, where it stands."),
        MethodDef::noargs("close", methods::close_method, "", "Raises GeneratorExit inside coroutine."),
        MethodDef::noargs("__sizeof__", methods::size_of_generator, "", "Bytes of memory."),
        MethodDef::one("__class_getitem__", methods::class_getitem, "", "A generic alias.").class_method(),
    ],
    getset: &[
        GetSetDef::new("__name__", methods::get_name, methods::set_name, "The name of the coroutine."),
        GetSetDef::new(
            "__qualname__",
            methods::get_qualname,
            methods::set_qualname,
            "The dotted name of the coroutine.",
        ),
        GetSetDef::readonly("cr_frame", methods::frame, "The frame, while there is one."),
        GetSetDef::readonly("cr_running", methods::running, "Whether it runs."),
        GetSetDef::readonly("cr_suspended", methods::suspended, "Whether it waits."),
        GetSetDef::readonly("cr_code", methods::code, "The code object."),
        GetSetDef::readonly("cr_await", methods::yield_from, "What it waits for."),
        GetSetDef::readonly("cr_origin", origin, "Where it was made, if that is tracked."),
    ],
    extra: Some(|_, ty| {
        ty.head.finalize.set(Some(super::finalize));
        Ok(())
    }),
    ..TypeSpec::new("coroutine", Generator::layout)
};

fn origin(vm: &Vm, value: &Value) -> PyResult {
    Ok(methods::this(vm, value)?.extra.get().unwrap_or(Value::NONE))
}

/// Notes where a coroutine was made, if that is tracked.
pub fn track_origin(vm: &Vm, coroutine: &Ref<Generator>) {
    let depth = vm.thread.coroutine_origin_depth.get();
    if depth == 0 {
        return;
    }
    let mut places = Vec::new();
    let mut frame = vm.current_frame();
    while let Some(current) = frame {
        if places.len() >= depth as usize {
            break;
        }
        let code = current.function.code.get();
        let line = current.line().map_or(Value::NONE, Value::small);
        places.push(vm.tuple_of([code.filename.get(), line, code.name.clone()]).into_value());
        frame = current.caller();
    }
    coroutine.extra.set(Some(vm.tuple_of(places).into_value()));
}

/// `RuntimeWarning: coroutine 'f' was never awaited`
pub fn warn_never_awaited(vm: &Vm, value: &Value) {
    let Some(coroutine) = value.downcast::<Generator>() else { return };
    if let Err(raised) = vm.warn_unawaited_coroutine(value, &coroutine.qualname.get()) {
        vm.write_unraisable(raised, Some(value), "Exception ignored while finalizing coroutine");
    }
}

/// What `await` waits for: the value itself if it is a coroutine, else the iterator of its `__await__`.
pub fn get_awaitable(vm: &Vm, value: &Value) -> PyResult {
    if is_coroutine(value) {
        return Ok(value.clone());
    }
    let Some(await_) = vm.type_of(value).slots.am_await.get() else {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!("'{name}' object can't be awaited")));
    };
    let iterator = await_(vm, value)?;
    if is_coroutine(&iterator) {
        return Err(vm.type_error("__await__() returned a coroutine"));
    }
    if vm.type_of(&iterator).slots.next.get().is_none() {
        let name = vm.type_name(&iterator);
        return Err(vm.type_error(format!("__await__() returned non-iterator of type '{name}'")));
    }
    Ok(iterator)
}

/// Whether the value is a coroutine, or a generator that may be awaited as one.
pub fn is_coroutine(value: &Value) -> bool {
    value.downcast::<Generator>().is_some_and(|generator| {
        generator.kind == Kind::Coroutine
            || generator.kind == Kind::Generator
                && generator.frame_ref().runnable().code.flags.contains(CodeFlags::ITERABLE_COROUTINE)
    })
}

//! `async_generator`: what Python sees, the hooks of the event loop, and the box around the values it yields.

use super::{Generator, awaitables, methods};
use crate::args::Args;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};

/// `async_generator`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW | type_flags::WEAKREF,
    slots: |slots| {
        slots.repr.set(Some(methods::repr_any));
        slots.am_aiter.set(Some(|_, this| Ok(this.clone())));
        slots.am_anext.set(Some(|vm, this| {
            let generator = begin(vm, this)?;
            awaitables::new_asend(vm, generator, &Value::NONE)
        }));
    },
    methods: &[
        MethodDef::one(
            "asend",
            |vm, this, value| awaitables::new_asend(vm, begin(vm, this)?, value),
            "",
            "An awaitable that sends a value.",
        ),
        MethodDef::args("athrow", athrow, "", "An awaitable that raises an exception."),
        MethodDef::noargs(
            "aclose",
            |vm, this| awaitables::new_aclose(vm, begin(vm, this)?),
            "",
            "An awaitable that closes.",
        ),
        MethodDef::noargs("__sizeof__", methods::size_of_generator, "", "Bytes of memory."),
        MethodDef::one("__class_getitem__", methods::class_getitem, "", "A generic alias.").class_method(),
    ],
    getset: &[
        GetSetDef::new("__name__", methods::get_name, methods::set_name, "The name."),
        GetSetDef::new("__qualname__", methods::get_qualname, methods::set_qualname, "The dotted name."),
        GetSetDef::readonly("ag_frame", methods::frame, "The frame, while there is one."),
        GetSetDef::readonly(
            "ag_running",
            |vm, this| Ok(Value::bool(methods::this(vm, this)?.running_async.get())),
            "Whether it runs.",
        ),
        GetSetDef::readonly("ag_suspended", methods::suspended, "Whether it waits at a yield."),
        GetSetDef::readonly("ag_code", methods::code, "The code object."),
        GetSetDef::readonly("ag_await", methods::yield_from, "What it waits for."),
    ],
    extra: Some(|_, ty| {
        ty.head.finalize.set(Some(super::finalize));
        Ok(())
    }),
    ..TypeSpec::new("async_generator", Generator::layout)
};

/// The generator, with the event loop's hooks called at its first iteration.
fn begin<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Generator>> {
    let generator = methods::this(vm, this)?;
    if !generator.hooks_called.replace(true) {
        generator.extra.set(vm.thread.asyncgen_finalizer.get());
        if let Some(hook) = vm.thread.asyncgen_firstiter.get() {
            vm.call(&hook, std::slice::from_ref(this))?;
        }
    }
    Ok(generator)
}

fn athrow(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let arguments = args.unpack(vm, "athrow", 1, 3)?;
    if arguments.len() > 1 {
        vm.warn(
            &vm.types.deprecation_warning,
            "the (type, exc, tb) signature of athrow() is deprecated, use the single-arg signature instead.",
            1,
        )?;
    }
    awaitables::new_athrow(vm, begin(vm, this)?, arguments)
}

/// A value that an asynchronous generator yields, told apart from what it passes on while it awaits.
pub struct Wrapped {
    value: Value,
}

static LAYOUT: Layout = Layout::of::<Wrapped>("async_generator_wrapped_value", None);

impl Body for Wrapped {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.value);
    }
}

/// `async_generator_wrapped_value`
pub static WRAPPED_SPEC: TypeSpec =
    TypeSpec { flags: type_flags::NO_NEW, ..TypeSpec::new("async_generator_wrapped_value", Wrapped::layout) };

/// Boxes a value that is yielded.
pub fn wrap(vm: &Vm, value: &Value) -> Value {
    let body = Wrapped { value: value.clone() };
    // SAFETY: the type's layout is that of the body.
    unsafe { vm.heap.new_object(vm.types.async_generator_wrapped_value.as_value().raw(), body) }.into_value()
}

/// The value in a box.
pub fn unwrap_value(value: &Value) -> Option<Value> {
    value.downcast::<Wrapped>().map(|wrapped| wrapped.value.clone())
}

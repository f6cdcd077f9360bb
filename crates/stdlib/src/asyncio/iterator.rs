//! What awaiting a future iterates over: it gives the future once, and then its result.

use super::future::{self, Future};
use oriel_runtime::cells::OptionCell;
use oriel_runtime::native::{MethodDef, TypeSpec, type_flags};
use oriel_runtime::types::generator::methods::exception_of_arguments;
use oriel_runtime::{Args, Body, Layout, PyResult, Ref, Value, Visitor, Vm};

/// The body.
pub struct FutureIterator {
    future: OptionCell,
}

static LAYOUT: Layout = Layout::of::<FutureIterator>("FutureIter", None);

impl Body for FutureIterator {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.future.visit(visitor);
    }
    fn clear(&self) {
        self.future.set(None);
    }
}

/// `_asyncio.FutureIter`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(|vm, this| match advance(vm, this)? {
            (value, false) => Ok(Some(value)),
            (value, true) if value.is_none() => Ok(None),
            (value, true) => Err(vm.stop_iteration(value)),
        }));
        slots.am_send.set(Some(|vm, this, _| advance(vm, this)));
    },
    methods: &[
        MethodDef::one(
            "send",
            |vm, this, _| match advance(vm, this)? {
                (value, false) => Ok(value),
                (value, true) => Err(vm.stop_iteration(value)),
            },
            "($self, value, /)",
            "Go on.",
        ),
        MethodDef::args("throw", throw, "($self, type, val=None, tb=None, /)", "Raise an exception."),
        MethodDef::noargs(
            "close",
            |vm, this| {
                body(vm, this)?.future.set(None);
                Ok(Value::NONE)
            },
            "($self, /)",
            "Let go of the future.",
        ),
    ],
    ..TypeSpec::new("_asyncio.FutureIter", FutureIterator::layout)
};

fn body<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<FutureIterator>> {
    this.downcast().ok_or_else(|| vm.type_error("a FutureIter is needed"))
}

/// The iterator of a future.
pub(super) fn of(vm: &Vm, future: &Value) -> PyResult {
    future::alive(vm, future)?;
    let body = FutureIterator { future: OptionCell::new(Some(future.clone())) };
    Ok(vm.new_instance(&super::types(vm)?.iterator, body)?.into_value())
}

/// What comes next, and whether that is the result.
fn advance(vm: &Vm, this: &Value) -> PyResult<(Value, bool)> {
    let own = body(vm, this)?;
    let Some(value) = own.future.get() else { return Ok((Value::NONE, true)) };
    let future = value.downcast::<Future>().ok_or_else(|| vm.type_error("a Future is needed"))?;
    if future.is_pending() {
        if future.blocking.get() {
            return Err(vm.runtime_error("await wasn't used with future"));
        }
        future.blocking.set(true);
        return Ok((value, false));
    }
    own.future.set(None);
    future::result(vm, &value).map(|result| (result, true))
}

fn throw(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let arguments = args.unpack(vm, "throw", 1, 3)?;
    if arguments.len() > 1 {
        vm.warn(
            &vm.types.deprecation_warning,
            "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
            1,
        )?;
    }
    let raised = exception_of_arguments(vm, arguments)?;
    body(vm, this)?.future.set(None);
    Err(raised)
}

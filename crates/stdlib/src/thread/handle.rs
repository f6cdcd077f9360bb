//! `_ThreadHandle`: what one knows of a thread and waits for it by.

use super::{Start, cannot_start, timeout_nanoseconds, types, wait_for};
use oriel_runtime::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use oriel_runtime::platform::parking::{self, Event};
use oriel_runtime::{Body, Bound, Layout, PyResult, Ref, Value, Vm};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

const NOT_STARTED: u8 = 0;
const RUNNING: u8 = 1;
const DONE: u8 = 2;

/// A thread as others see it.
#[derive(Default)]
pub struct Handle {
    ident: AtomicU64,
    state: AtomicU8,
    started: Event,
    done: Event,
}

impl Handle {
    /// Of a thread to be started.
    pub fn new() -> Arc<Handle> {
        Arc::default()
    }

    /// The thread's identifier; 0 before it runs.
    pub fn ident(&self) -> u64 {
        self.ident.load(Ordering::Acquire)
    }

    fn finish(&self) {
        self.state.store(DONE, Ordering::Release);
        self.done.set();
    }
}

/// The body of `_ThreadHandle`.
pub struct HandleBody(pub Arc<Handle>);

static LAYOUT: Layout = Layout::of::<HandleBody>("_ThreadHandle", None);

impl Body for HandleBody {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// Handles of the threads that are waited for at the end.
#[derive(Default)]
struct Waited(RefCell<Vec<Arc<Handle>>>);

/// `_thread._ThreadHandle`
pub static SPEC: TypeSpec = TypeSpec {
    slots: |slots| {
        slots.new.set(Some(|vm, class, args| {
            args.unpack(vm, "_ThreadHandle", 0, 0)?;
            Ok(vm.new_instance(class, HandleBody(Handle::new()))?.into_value())
        }));
        slots.repr.set(Some(|vm, this| {
            let ident = body(vm, this)?.0.ident();
            Ok(vm.new_str(&format!("<_ThreadHandle object: ident={ident}>")))
        }));
    },
    methods: &[
        MethodDef::bound("join", join, "($self, /, timeout=None)", "Wait for the thread to end."),
        MethodDef::noargs("_set_done", set_done, "($self, /)", "Count the thread as ended."),
        MethodDef::noargs(
            "is_done",
            |vm, this| Ok(Value::bool(body(vm, this)?.0.state.load(Ordering::Acquire) == DONE)),
            "($self, /)",
            "Return whether the thread has ended.",
        ),
    ],
    getset: &[GetSetDef::readonly(
        "ident",
        |vm, this| {
            let ident = body(vm, this)?.0.ident();
            Ok(if ident == 0 { Value::NONE } else { vm.new_uint(ident) })
        },
        "The thread's identifier.",
    )],
    flags: type_flags::WEAKREF,
    ..TypeSpec::new("_thread._ThreadHandle", HandleBody::layout)
};

fn body<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<HandleBody>> {
    this.downcast().ok_or_else(|| vm.type_error("a _ThreadHandle is needed"))
}

/// The object of a handle.
pub fn new_object(vm: &Vm, handle: Arc<Handle>) -> PyResult {
    Ok(vm.new_instance(&types(vm)?.handle, HandleBody(handle))?.into_value())
}

/// Starts the thread of a handle.
pub fn start(vm: &Vm, handle: &Arc<Handle>, start: Start, daemon: bool) -> PyResult<()> {
    if handle.state.load(Ordering::Acquire) != NOT_STARTED {
        return Err(vm.runtime_error("thread already started"));
    }
    if vm.is_finalizing() {
        return Err(
            vm.new_exception(&vm.types.python_finalization_error, "can't create new thread at interpreter shutdown")
        );
    }
    handle.state.store(RUNNING, Ordering::Release);
    let own = handle.clone();
    let waited = vm.state::<Waited>();
    if !daemon {
        waited.0.borrow_mut().push(handle.clone());
    }
    let result = vm.start_thread(move |vm| {
        own.ident.store(vm.ident, Ordering::Release);
        own.started.set();
        start.run(vm);
        vm.state::<Waited>().0.borrow_mut().retain(|other| !Arc::ptr_eq(other, &own));
        own.finish();
    });
    if result.is_err() {
        handle.state.store(NOT_STARTED, Ordering::Release);
        waited.0.borrow_mut().retain(|other| !Arc::ptr_eq(other, handle));
        return Err(cannot_start(vm));
    }
    // The identifier is known once the thread has begun; it needs the GIL for that.
    let own = handle.clone();
    vm.allow_threads(|| while !matches!(own.started.wait_until(None), Ok(true)) {});
    Ok(())
}

fn join(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let handle = body(vm, this)?.0.clone();
    let timeout = match args[0].filter(|timeout| !timeout.is_none()) {
        None => None,
        Some(timeout) => {
            let timeout = timeout_nanoseconds(vm, timeout)?;
            // A negative time means: for ever.
            (timeout >= 0).then_some(timeout)
        }
    };
    match handle.state.load(Ordering::Acquire) {
        NOT_STARTED => return Err(vm.runtime_error("thread not started")),
        DONE => return Ok(Value::NONE),
        _ => {}
    }
    if handle.ident() == vm.ident {
        return Err(vm.runtime_error("Cannot join current thread"));
    }
    wait_for(vm, timeout, |deadline| handle.done.wait_until(deadline))?;
    Ok(Value::NONE)
}

fn set_done(vm: &Vm, this: &Value) -> PyResult {
    let handle = &body(vm, this)?.0;
    if handle.state.load(Ordering::Acquire) == NOT_STARTED {
        return Err(vm.runtime_error("thread not started"));
    }
    vm.state::<Waited>().0.borrow_mut().retain(|other| !Arc::ptr_eq(other, handle));
    handle.finish();
    Ok(Value::NONE)
}

/// A handle of a thread that somebody else started.
pub fn make(vm: &Vm, _: &Value, ident: &Value) -> PyResult {
    let handle = Handle::new();
    handle.ident.store(vm.to_i64(ident)? as u64, Ordering::Release);
    handle.state.store(RUNNING, Ordering::Release);
    new_object(vm, handle)
}

/// Waits for all threads that are no daemons.
pub fn join_all(vm: &Vm) -> PyResult {
    let waited = vm.state::<Waited>();
    loop {
        let next = waited.0.borrow().iter().find(|handle| handle.ident() != vm.ident).cloned();
        let Some(handle) = next else { return Ok(Value::NONE) };
        wait_for(vm, None, |deadline| handle.done.wait_until(deadline))?;
        waited.0.borrow_mut().retain(|other| !Arc::ptr_eq(other, &handle));
    }
}

/// In the child after a fork: the threads that others were are no more.
pub fn after_fork(vm: &Vm) {
    let own = parking::thread_ident();
    let handles = vm.state::<Waited>().0.take();
    for handle in handles {
        if handle.ident() != own {
            handle.finish();
        }
    }
}

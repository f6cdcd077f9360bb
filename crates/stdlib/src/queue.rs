//! `_queue`: `SimpleQueue`.

use crate::thread::wait_seconds;
use oriel_runtime::args::Signature;
use oriel_runtime::native::{MethodDef, ModuleSpec, TypeSpec, type_flags};
use oriel_runtime::platform::parking::RawLock;
use oriel_runtime::{Args, Body, Layout, PyResult, Raised, Ref, Value, Visitor, Vm};
use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;

/// `_queue`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_queue",
    doc: "A simple queue.",
    functions: &[],
    exec: |vm, module| {
        let state = vm.state::<State>();
        if state.empty.get().is_none() {
            let namespace = vm.new_dict();
            namespace.set_str(&vm.names.__module__, vm.intern("_queue"));
            let bases = vm.new_tuple(&[vm.types.exception.to_value()]);
            let class = vm.call(vm.types.type_.as_value(), &[vm.intern("Empty"), bases, namespace.into_value()])?;
            let _ = state.empty.set(class);
        }
        if let Some(class) = state.empty.get() {
            vm.module_set(module, "Empty", class.clone())?;
        }
        vm.module_type(module, &QUEUE)?;
        Ok(())
    },
};

#[derive(Default)]
struct State {
    empty: OnceCell<Value>,
}

/// The body of `SimpleQueue`. The lock is taken while the queue is empty and somebody waits for an item.
struct Queue {
    items: RefCell<VecDeque<Value>>,
    lock: RawLock,
}

static LAYOUT: Layout = Layout::of::<Queue>("SimpleQueue", None);

impl Body for Queue {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        for item in self.items.borrow().iter() {
            visitor(item);
        }
    }
    fn clear(&self) {
        let items = self.items.take();
        drop(items);
    }
}

static QUEUE: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::WEAKREF,
    doc: "A queue without bounds, which may be used again while it is being used.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, args| {
            if !class.is_heap_type() {
                args.unpack(vm, "SimpleQueue", 0, 0)?;
            }
            let body = Queue { items: RefCell::default(), lock: RawLock::default() };
            Ok(vm.new_instance(class, body)?.into_value())
        }));
    },
    methods: &[
        MethodDef::args("put", put, "($self, /, item, block=True, timeout=None)", "Put an item in."),
        MethodDef::one(
            "put_nowait",
            |vm, this, item| {
                add(queue(vm, this)?, item);
                Ok(Value::NONE)
            },
            "($self, /, item)",
            "Put an item in.",
        ),
        MethodDef::args("get", get, "($self, /, block=True, timeout=None)", "Take an item out."),
        MethodDef::noargs("get_nowait", |vm, this| take(vm, this, Some(Some(0))), "($self, /)", "Take an item out."),
        MethodDef::noargs(
            "empty",
            |vm, this| Ok(Value::bool(queue(vm, this)?.items.borrow().is_empty())),
            "($self, /)",
            "Return whether there are no items.",
        ),
        MethodDef::noargs(
            "qsize",
            |vm, this| Ok(vm.new_int(queue(vm, this)?.items.borrow().len() as i64)),
            "($self, /)",
            "Return how many items there are.",
        ),
        MethodDef::one(
            "__class_getitem__",
            |vm, class, item| vm.new_generic_alias(class, item),
            "($type, object, /)",
            "A generic alias.",
        )
        .class_method(),
    ],
    ..TypeSpec::new("_queue.SimpleQueue", Queue::layout)
};

fn queue<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Queue>> {
    this.downcast().ok_or_else(|| vm.type_error("a SimpleQueue is needed"))
}

fn add(queue: &Queue, item: &Value) {
    queue.items.borrow_mut().push_back(item.clone());
    queue.lock.unlock();
}

fn put(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let mut bound: [Option<&Value>; 3] = [None; 3];
    Signature::parse("($self, /, item, block=True, timeout=None)").bind(vm, "put", args, &mut bound)?;
    if let Some(item) = bound[0] {
        add(queue(vm, this)?, item);
    }
    Ok(Value::NONE)
}

fn get(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let mut bound: [Option<&Value>; 2] = [None; 2];
    Signature::parse("($self, /, block=True, timeout=None)").bind(vm, "get", args, &mut bound)?;
    let block = bound[0].map_or(Ok(true), |block| vm.truth(block))?;
    let timeout = match bound[1].filter(|timeout| block && !timeout.is_none()) {
        Some(timeout) => {
            let length = crate::time::nanoseconds_of(vm, timeout, crate::time::Rounding::Ceiling)?;
            if length < 0 {
                return Err(vm.value_error("'timeout' must be a non-negative number"));
            }
            Some(length)
        }
        None => None,
    };
    take(vm, this, if block { Some(timeout) } else { Some(Some(0)) })
}

fn empty(vm: &Vm) -> Raised {
    let state = vm.state::<State>();
    match state.empty.get().map(|class| vm.call(class, &[])) {
        Some(Ok(error)) => Raised(error),
        Some(Err(raised)) => raised,
        None => vm.runtime_error("the module _queue is not there yet"),
    }
}

fn take(vm: &Vm, this: &Value, timeout: Option<Option<i64>>) -> PyResult {
    let own = queue(vm, this)?;
    let deadline = oriel_runtime::platform::parking::deadline_after(timeout.flatten());
    loop {
        let item = own.items.borrow_mut().pop_front();
        if let Some(item) = item {
            return Ok(item);
        }
        if timeout == Some(Some(0)) {
            return Err(empty(vm));
        }
        // Marked as taken, the lock is free again as soon as an item is there.
        own.lock.try_lock();
        if !own.items.borrow().is_empty() {
            continue;
        }
        if !wait_seconds(vm, deadline, |deadline| own.lock.lock_until(deadline))? {
            return Err(empty(vm));
        }
        own.lock.unlock();
    }
}

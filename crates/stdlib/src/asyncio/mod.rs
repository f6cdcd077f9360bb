//! `_asyncio`: futures, tasks, and what is known of the running loop and task. The loops are Python's.

mod future;
mod iterator;
mod step;
mod task;
mod waiters;

use future::Future;
use oriel_runtime::args::Signature;
use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::weak_members::WeakMembers;
use oriel_runtime::{Args, Bound, PyResult, Raised, Value, Vm};
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

/// `_asyncio`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_asyncio",
    doc: "Futures and tasks of asyncio.",
    functions: &[
        MethodDef::noargs(
            "_get_running_loop",
            |vm, _| Ok(running_loop(vm).unwrap_or(Value::NONE)),
            "($module, /)",
            "Return the running loop or None.",
        ),
        MethodDef::one("_set_running_loop", set_running_loop, "($module, loop, /)", "Set the running loop."),
        MethodDef::noargs("get_running_loop", |vm, _| required_loop(vm), "($module, /)", "Return the running loop."),
        MethodDef::noargs(
            "get_event_loop",
            |vm, _| event_loop(vm),
            "($module, /)",
            "Return the running loop, or the policy's.",
        ),
        MethodDef::bound("current_task", current_task, "($module, /, loop=None)", "Return the task that runs."),
        MethodDef::bound("all_tasks", all_tasks, "($module, /, loop=None)", "Return a loop's tasks that are not done."),
        MethodDef::bound(
            "_enter_task",
            |vm, _, args| pair(vm, args, enter_task),
            "($module, /, loop, task)",
            "Make a task current.",
        ),
        MethodDef::bound(
            "_leave_task",
            |vm, _, args| pair(vm, args, leave_task),
            "($module, /, loop, task)",
            "End a task's being current.",
        ),
        MethodDef::bound(
            "_swap_current_task",
            |vm, _, args| pair(vm, args, swap_task),
            "($module, /, loop, task)",
            "Exchange the current task.",
        ),
        MethodDef::bound(
            "_register_task",
            |vm, _, args| register(vm, args, false),
            "($module, /, task)",
            "Record a task that is scheduled.",
        ),
        MethodDef::bound(
            "_unregister_task",
            |vm, _, args| unregister(vm, args, false),
            "($module, /, task)",
            "Forget a task that was scheduled.",
        ),
        MethodDef::bound(
            "_register_eager_task",
            |vm, _, args| register(vm, args, true),
            "($module, /, task)",
            "Record a task that starts eagerly.",
        ),
        MethodDef::bound(
            "_unregister_eager_task",
            |vm, _, args| unregister(vm, args, true),
            "($module, /, task)",
            "Forget a task that started eagerly.",
        ),
        MethodDef::positional(
            "future_add_to_awaited_by",
            2,
            2,
            waiters::add,
            "($module, fut, waiter, /)",
            "Record that a future is awaited.",
        ),
        MethodDef::positional(
            "future_discard_from_awaited_by",
            2,
            2,
            waiters::discard,
            "($module, fut, waiter, /)",
            "Record that it is not any more.",
        ),
    ],
    exec: |vm, module| {
        let types = types(vm)?;
        vm.module_set(module, "Future", types.future.to_value())?;
        vm.module_set(module, "Task", types.task.to_value())
    },
};

/// The types of this module.
struct Types {
    future: TypeRef,
    task: TypeRef,
    iterator: TypeRef,
    step: TypeRef,
    wakeup: TypeRef,
}

#[derive(Default)]
struct State {
    types: OnceCell<Rc<Types>>,
    /// Tasks of our own type that were scheduled.
    scheduled: Rc<WeakMembers>,
    /// Tasks in their first, eager step.
    eager: RefCell<Vec<Value>>,
    /// A `WeakSet` of the scheduled tasks of other types.
    foreign: OnceCell<Value>,
    next_name: Cell<u64>,
    future_signature: OnceCell<Signature>,
    task_signature: OnceCell<Signature>,
    library: Library,
}

/// What is needed of asyncio's Python half, looked up once.
#[derive(Default)]
struct Library {
    cancelled_error: OnceCell<Value>,
    invalid_state_error: OnceCell<Value>,
    is_coroutine: OnceCell<Value>,
    future_repr: OnceCell<Value>,
    task_repr: OnceCell<Value>,
    get_stack: OnceCell<Value>,
    print_stack: OnceCell<Value>,
    get_policy: OnceCell<Value>,
    extract_stack: OnceCell<Value>,
}

fn types(vm: &Vm) -> PyResult<Rc<Types>> {
    let state = vm.state::<State>();
    if let Some(types) = state.types.get() {
        return Ok(types.clone());
    }
    let future = vm.new_type(&future::SPEC)?;
    let types = Rc::new(Types {
        task: vm.new_type_with_base(&task::SPEC, &future)?,
        future,
        iterator: vm.new_type(&iterator::SPEC)?,
        step: vm.new_type(&step::STEP)?,
        wakeup: vm.new_type(&step::WAKEUP)?,
    });
    let _ = state.types.set(types.clone());
    Ok(types)
}

/// An attribute of a module, kept in `cell`.
fn from_library(vm: &Vm, cell: impl Fn(&Library) -> &OnceCell<Value>, module: &str, name: &str) -> PyResult {
    let state = vm.state::<State>();
    if let Some(value) = cell(&state.library).get() {
        return Ok(value.clone());
    }
    let value = vm.import_from(module, name)?;
    let _ = cell(&state.library).set(value.clone());
    Ok(value)
}

fn cancelled_error(vm: &Vm) -> PyResult {
    from_library(vm, |library| &library.cancelled_error, "asyncio.exceptions", "CancelledError")
}

#[cold]
fn invalid_state(vm: &Vm, message: &str) -> Raised {
    let class = from_library(vm, |library| &library.invalid_state_error, "asyncio.exceptions", "InvalidStateError");
    match class.and_then(|class| vm.call(&class, &[vm.new_str(message)])) {
        Ok(error) => Raised(error),
        Err(raised) => raised,
    }
}

/// Whether an exception is a `CancelledError`.
fn is_cancelled_error(vm: &Vm, exception: &Value) -> PyResult<bool> {
    vm.is_instance(exception, &cancelled_error(vm)?)
}

/// The future (or task) that a value is, subclasses included.
fn as_future(value: &Value) -> Option<&Future> {
    value.downcast::<Future>().map(|future| &**future)
}

/// Whether a value is exactly a `Future` or a `Task`.
fn is_exact(vm: &Vm, value: &Value) -> PyResult<bool> {
    let types = types(vm)?;
    let ty = vm.type_of(value);
    Ok(ty.is(&types.future) || ty.is(&types.task))
}

/// `loop.call_soon(function, [argument], [context=context])`
fn call_soon(vm: &Vm, of: &Value, function: &Value, argument: Option<&Value>, context: Option<&Value>) -> PyResult<()> {
    let mut values = Vec::with_capacity(3);
    values.push(function.clone());
    values.extend(argument.cloned());
    values.extend(context.cloned());
    let names: &[Value] = if context.is_some() { std::slice::from_ref(&vm.names.context) } else { &[] };
    vm.call_method_args(of, &vm.names.call_soon, Args { values: &values, names })?;
    Ok(())
}

/// Binds arguments to the parameters of a text signature that is parsed once.
fn bind<'a, const N: usize>(
    vm: &Vm,
    signature: &OnceCell<Signature>,
    text: &str,
    function: &str,
    args: Args<'a>,
) -> PyResult<[Option<&'a Value>; N]> {
    let mut bound = [None; N];
    signature.get_or_init(|| Signature::parse(text)).bind(vm, function, args, &mut bound)?;
    Ok(bound)
}

/// The loop that runs in this thread.
fn running_loop(vm: &Vm) -> Option<Value> {
    vm.thread.asyncio_loop.get()
}

fn set_running_loop(vm: &Vm, _: &Value, of: &Value) -> PyResult {
    vm.thread.asyncio_loop.set(Some(of.clone()).filter(|of| !of.is_none()));
    Ok(Value::NONE)
}

fn required_loop(vm: &Vm) -> PyResult {
    running_loop(vm).ok_or_else(|| vm.runtime_error("no running event loop"))
}

/// The running loop, or what the policy says.
fn event_loop(vm: &Vm) -> PyResult {
    if let Some(running) = running_loop(vm) {
        return Ok(running);
    }
    let get = from_library(vm, |library| &library.get_policy, "asyncio.events", "_get_event_loop_policy")?;
    let policy = vm.call(&get, &[])?;
    vm.call_method_str(&policy, "get_event_loop", &[])
}

fn loop_argument(vm: &Vm, args: &Bound<'_>) -> PyResult {
    match args[0].filter(|of| !of.is_none()) {
        Some(of) => Ok(of.clone()),
        None => required_loop(vm),
    }
}

fn current_task(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let of = loop_argument(vm, args)?;
    let mut found = None;
    if vm.thread.asyncio_loop.borrow().is_some_and(|own| own.is(&of)) {
        found = vm.thread.asyncio_task.get();
    } else {
        vm.each_thread(|other| {
            if other.thread.asyncio_loop.borrow().is_some_and(|own| own.is(&of)) {
                found = other.thread.asyncio_task.get();
            }
        });
    }
    Ok(found.unwrap_or(Value::NONE))
}

fn all_tasks(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let of = loop_argument(vm, args)?;
    let state = vm.state::<State>();
    let mut candidates = state.eager.borrow().clone();
    if let Some(foreign) = state.foreign.get() {
        candidates.extend(vm.collect(foreign)?);
    }
    candidates.extend(state.scheduled.values());
    let mut tasks = Vec::new();
    for task in candidates {
        if future::loop_of(vm, &task)?.is(&of) && !future::is_done(vm, &task)? {
            tasks.push(task);
        }
    }
    vm.call(vm.types.set.as_value(), &[vm.new_list(tasks).into_value()])
}

fn pair(vm: &Vm, args: &Bound<'_>, function: fn(&Vm, &Value, &Value) -> PyResult) -> PyResult {
    match args {
        [Some(of), Some(task)] => function(vm, of, task),
        _ => Err(vm.type_error("a loop and a task are needed")),
    }
}

fn check_running(vm: &Vm, of: &Value) -> PyResult<()> {
    if vm.thread.asyncio_loop.borrow().is_some_and(|own| own.is(of)) {
        return Ok(());
    }
    Err(vm.runtime_error(format!("loop {} is not the running loop", vm.repr_text(of)?)))
}

fn enter_task(vm: &Vm, of: &Value, task: &Value) -> PyResult {
    check_running(vm, of)?;
    if let Some(current) = vm.thread.asyncio_task.get() {
        let (task, current) = (vm.repr_text(task)?, vm.repr_text(&current)?);
        return Err(
            vm.runtime_error(format!("Cannot enter into task {task} while another task {current} is being executed."))
        );
    }
    vm.thread.asyncio_task.set(Some(task.clone()));
    Ok(Value::NONE)
}

fn leave_task(vm: &Vm, of: &Value, task: &Value) -> PyResult {
    check_running(vm, of)?;
    let current = vm.thread.asyncio_task.get();
    if !current.as_ref().is_some_and(|current| current.is(task)) {
        let (task, current) = (vm.repr_text(task)?, vm.repr_text(&current.unwrap_or(Value::NONE))?);
        return Err(vm.runtime_error(format!("Invalid attempt to leave task {task} while task {current} is entered.")));
    }
    vm.thread.asyncio_task.set(None);
    Ok(Value::NONE)
}

fn swap_task(vm: &Vm, of: &Value, task: &Value) -> PyResult {
    check_running(vm, of)?;
    let new = Some(task.clone()).filter(|task| !task.is_none());
    Ok(vm.thread.asyncio_task.replace(new).unwrap_or(Value::NONE))
}

fn foreign_tasks(vm: &Vm) -> PyResult {
    let state = vm.state::<State>();
    if state.foreign.get().is_none() {
        let set = vm.call(&vm.import_from("weakref", "WeakSet")?, &[])?;
        let _ = state.foreign.set(set);
    }
    state.foreign.get().cloned().ok_or_else(|| vm.runtime_error("there is no set of tasks"))
}

fn register(vm: &Vm, args: &Bound<'_>, eager: bool) -> PyResult {
    if let Some(task) = args[0] {
        register_task(vm, task, eager)?;
    }
    Ok(Value::NONE)
}

fn register_task(vm: &Vm, task: &Value, eager: bool) -> PyResult<()> {
    let state = vm.state::<State>();
    if eager {
        if !state.eager.borrow().iter().any(|known| known.is(task)) {
            state.eager.borrow_mut().push(task.clone());
        }
    } else if let Some(own) = task.downcast::<task::Task>() {
        own.membership.join(&state.scheduled, task);
    } else {
        vm.call_method(&foreign_tasks(vm)?, &vm.names.add, std::slice::from_ref(task))?;
    }
    Ok(())
}

fn unregister(vm: &Vm, args: &Bound<'_>, eager: bool) -> PyResult {
    if let Some(task) = args[0] {
        unregister_task(vm, task, eager)?;
    }
    Ok(Value::NONE)
}

fn unregister_task(vm: &Vm, task: &Value, eager: bool) -> PyResult<()> {
    let state = vm.state::<State>();
    if eager {
        let place = state.eager.borrow().iter().position(|known| known.is(task));
        let gone = place.map(|place| state.eager.borrow_mut().swap_remove(place));
        drop(gone);
    } else if let Some(own) = task.downcast::<task::Task>() {
        own.membership.leave();
    } else {
        vm.call_method_str(&foreign_tasks(vm)?, "discard", std::slice::from_ref(task))?;
    }
    Ok(())
}

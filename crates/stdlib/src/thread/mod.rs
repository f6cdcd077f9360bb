//! `_thread`: threads, locks, data of a thread. Threads themselves are in the runtime's `threads`.

mod handle;
mod local;
mod locks;

use handle::Handle;
use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::platform::parking;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::float::float_of;
use oriel_runtime::types::struct_sequence::{StructSpec, struct_type};
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Bound, PyResult, Raised, Ref, Value, Vm};
use std::cell::OnceCell;

/// `_thread`
pub static SPEC: ModuleSpec = ModuleSpec { name: "_thread", doc: "Threads and locks.", functions: FUNCTIONS, exec };

#[derive(Default)]
struct State {
    types: OnceCell<Types>,
}

struct Types {
    lock: TypeRef,
    rlock: TypeRef,
    local: TypeRef,
    handle: TypeRef,
    hook_args: TypeRef,
}

static HOOK_ARGS: StructSpec = StructSpec {
    ty: struct_type("_thread._ExceptHookArgs", "What the hook for exceptions of threads is given."),
    fields: &[
        ("exc_type", "Exception type"),
        ("exc_value", "Exception value"),
        ("exc_traceback", "Exception traceback"),
        ("thread", "Thread"),
    ],
    visible: 4,
};

fn exec(vm: &Vm, module: &Value) -> PyResult<()> {
    let state = vm.state::<State>();
    if state.types.get().is_none() {
        let types = Types {
            lock: vm.new_type(&locks::LOCK)?,
            rlock: vm.new_type(&locks::RLOCK)?,
            local: vm.new_type(&local::SPEC)?,
            handle: vm.new_type(&handle::SPEC)?,
            hook_args: vm.new_struct_type(&HOOK_ARGS)?,
        };
        vm.at_thread_end(local::end_of_thread);
        vm.after_each_fork(handle::after_fork);
        let _ = state.types.set(types);
    }
    let types = types(vm)?;
    vm.module_set(module, "lock", types.lock.to_value())?;
    vm.module_set(module, "LockType", types.lock.to_value())?;
    vm.module_set(module, "RLock", types.rlock.to_value())?;
    vm.module_set(module, "_local", types.local.to_value())?;
    vm.module_set(module, "_ThreadHandle", types.handle.to_value())?;
    vm.module_set(module, "_ExceptHookArgs", types.hook_args.to_value())?;
    vm.module_set(module, "error", vm.types.runtime_error.to_value())?;
    vm.module_set(module, "TIMEOUT_MAX", vm.new_float(locks::TIMEOUT_MAX))?;
    vm.module_set(module, "_NAME_MAXLEN", Value::small(15))
}

fn types(vm: &Vm) -> PyResult<Types> {
    let state = vm.state::<State>();
    match state.types.get() {
        Some(types) => Ok(Types {
            lock: types.lock.clone(),
            rlock: types.rlock.clone(),
            local: types.local.clone(),
            handle: types.handle.clone(),
            hook_args: types.hook_args.clone(),
        }),
        None => Err(vm.runtime_error("the module _thread is not there yet")),
    }
}

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::args("start_new_thread", start_new_thread, "", "Start a thread; return its identifier."),
    MethodDef::args("start_new", start_new_thread, "", "Start a thread; return its identifier."),
    MethodDef::args("start_joinable_thread", start_joinable_thread, "", "Start a thread that can be waited for."),
    MethodDef::noargs("allocate_lock", |vm, _| locks::new_lock(vm, &types(vm)?.lock), "", "Return a new lock."),
    MethodDef::noargs("allocate", |vm, _| locks::new_lock(vm, &types(vm)?.lock), "", "Return a new lock."),
    MethodDef::noargs("get_ident", |vm, _| Ok(vm.new_uint(vm.ident)), "", "Return the thread's identifier."),
    MethodDef::noargs(
        "_get_main_thread_ident",
        |vm, _| Ok(vm.new_uint(vm.main_thread_ident())),
        "",
        "Return the identifier of the main thread.",
    ),
    MethodDef::noargs(
        "_is_main_interpreter",
        |_, _| Ok(Value::TRUE),
        "",
        "Return whether this is the first interpreter.",
    ),
    MethodDef::noargs("daemon_threads_allowed", |_, _| Ok(Value::TRUE), "", "Return whether threads may be daemons."),
    MethodDef::noargs(
        "get_native_id",
        |vm, _| Ok(vm.new_int(parking::native_thread_id())),
        "",
        "Return the system's number of the thread.",
    ),
    MethodDef::noargs(
        "_count",
        |vm, _| Ok(vm.new_int(vm.started_threads() as i64)),
        "",
        "Return how many threads were started and run.",
    ),
    MethodDef::positional("stack_size", 0, 1, stack_size, "", "Return, and maybe set, the size of threads' stacks."),
    MethodDef::noargs("exit", |vm, _| exit(vm), "", "End the thread by SystemExit."),
    MethodDef::noargs("exit_thread", |vm, _| exit(vm), "", "End the thread by SystemExit."),
    MethodDef::positional("interrupt_main", 0, 1, interrupt_main, "", "Let a signal come to the main thread."),
    MethodDef::noargs("_shutdown", |vm, _| handle::join_all(vm), "", "Wait for all threads that are no daemons."),
    MethodDef::one("_make_thread_handle", handle::make, "", "Return a handle of a thread that runs."),
    MethodDef::one("_excepthook", excepthook, "", "Report the exception of a thread."),
    MethodDef::bound("set_name", set_name, "($module, /, name)", "Name the thread for the system."),
];

fn exit(vm: &Vm) -> PyResult {
    Err(vm.new_exception_with(&vm.types.system_exit, &[]))
}

/// The function and arguments of a new thread.
struct Start {
    function: Value,
    args: Value,
    keywords: Option<Ref<Dict>>,
}

impl Start {
    fn run(self, vm: &Vm) {
        let Start { function, args, keywords } = self;
        let mut values = args.downcast::<Tuple>().map(|tuple| tuple.items().to_vec()).unwrap_or_default();
        let mut names = Vec::new();
        if let Some(keywords) = keywords {
            for (name, value) in keywords.entries() {
                names.push(name);
                values.push(value);
            }
        }
        let result = vm.call_args(&function, Args { values: &values, names: &names });
        if let Err(raised) = result
            && !vm.raised_is(&raised, &vm.types.system_exit)
        {
            vm.write_unraisable(raised, Some(&function), "Exception ignored in thread started by");
        }
    }
}

fn start_new_thread(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    let values = args.unpack(vm, "start_new_thread", 2, 3)?;
    if vm.type_of(&values[0]).slots.call.get().is_none() {
        return Err(vm.type_error("first arg must be callable"));
    }
    if values[1].downcast::<Tuple>().is_none() {
        return Err(vm.type_error("2nd arg must be a tuple"));
    }
    let keywords = match values.get(2) {
        None => None,
        Some(value) => match value.downcast::<Dict>() {
            Some(dict) => Some(dict.copy(vm)?),
            None => return Err(vm.type_error("optional 3rd arg must be a dictionary")),
        },
    };
    vm.audit("_thread.start_new_thread", &[values[0].clone(), values[1].clone()])?;
    let start = Start { function: values[0].clone(), args: values[1].clone(), keywords };
    let handle = Handle::new();
    handle::start(vm, &handle, start, true)?;
    Ok(vm.new_uint(handle.ident()))
}

fn start_joinable_thread(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    let mut bound: [Option<&Value>; 3] = [None; 3];
    let signature = oriel_runtime::args::Signature::parse("($module, /, function, handle=None, daemon=True)");
    signature.bind(vm, "start_joinable_thread", args, &mut bound)?;
    let [Some(function), handle, daemon] = bound else { return Err(vm.type_error("a function is needed")) };
    if vm.type_of(function).slots.call.get().is_none() {
        return Err(vm.type_error("thread function must be callable"));
    }
    let daemon = daemon.map_or(Ok(true), |daemon| vm.truth(daemon))?;
    vm.audit("_thread.start_joinable_thread", &[function.clone(), Value::bool(daemon), Value::NONE])?;
    let object = match handle.filter(|handle| !handle.is_none()) {
        Some(handle) if handle.downcast::<handle::HandleBody>().is_some() => handle.clone(),
        Some(_) => return Err(vm.type_error("'handle' must be a _ThreadHandle")),
        None => handle::new_object(vm, Handle::new())?,
    };
    let Some(body) = object.downcast::<handle::HandleBody>() else {
        return Err(vm.type_error("'handle' must be a _ThreadHandle"));
    };
    let start = Start { function: function.clone(), args: vm.new_tuple(&[]), keywords: None };
    handle::start(vm, &body.0, start, daemon)?;
    Ok(object)
}

fn stack_size(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let old = vm.thread_stack_size();
    if let Some(size) = args.first() {
        let size = vm.to_isize(size)?;
        if size < 0 {
            return Err(vm.value_error("size must be 0 or a positive value"));
        }
        if size != 0 && size < 32 << 10 {
            return Err(vm.value_error(format!("size not valid: {size} bytes")));
        }
        vm.set_thread_stack_size(size as usize);
    }
    Ok(vm.new_int(old as i64))
}

fn interrupt_main(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let signal = args.first().map_or(Ok(libc::SIGINT), |signal| vm.to_i32(signal))?;
    if !(1..65).contains(&signal) {
        return Err(vm.value_error("signal number out of range"));
    }
    vm.simulate_signal(signal);
    vm.check_signals()?;
    Ok(Value::NONE)
}

fn set_name(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let Some(name) = args[0] else { return Ok(Value::NONE) };
    let mut bytes = vm.fs_encode(name)?;
    bytes.truncate(15);
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    bytes.truncate(end);
    while std::str::from_utf8(&bytes).is_err_and(|error| error.error_len().is_none()) {
        bytes.pop();
    }
    if let Ok(name) = std::ffi::CString::new(bytes) {
        parking::set_thread_name(&name);
    }
    Ok(Value::NONE)
}

/// `threading.excepthook` as it is from the start.
fn excepthook(vm: &Vm, _: &Value, args: &Value) -> PyResult {
    let types = types(vm)?;
    let items = match args.downcast::<Tuple>() {
        Some(tuple) if vm.type_of(args).is(&types.hook_args) => tuple.items(),
        _ => return Err(vm.type_error("_thread._excepthook argument type must be ExceptHookArgs")),
    };
    let [class, value, traceback, thread] = items else { return Ok(Value::NONE) };
    if class.is(vm.types.system_exit.as_value()) {
        return Ok(Value::NONE);
    }
    let stderr = match vm.sys.get_str(&vm.names.stderr).filter(|stream| !stream.is_none()) {
        Some(stream) => stream,
        None if thread.is_none() => return Ok(Value::NONE),
        None => match vm.get_attr_opt(thread, &vm.intern("_stderr"))?.filter(|stream| !stream.is_none()) {
            Some(stream) => stream,
            None => return Ok(Value::NONE),
        },
    };
    let name = if thread.is_none() { None } else { vm.get_attr_opt(thread, &vm.intern("_name"))? };
    let shown = match name {
        Some(name) => vm.str_text(&vm.str(&name)?),
        None => vm.ident.to_string(),
    };
    let line = vm.new_str(&format!("Exception in thread {shown}:\n"));
    vm.call_method(&stderr, &vm.names.write, &[line])?;
    let exception = if value.is_none() { vm.call(class, &[])? } else { value.clone() };
    if !traceback.is_none() {
        vm.set_traceback(&exception, Some(traceback.clone()));
    }
    // The thread's own stream stands in where the program has put away `sys.stderr`.
    let usual = vm.sys.get_str(&vm.names.stderr);
    vm.sys.set_str(&vm.names.stderr, stderr);
    vm.display_exception(&exception);
    vm.sys.set_str(&vm.names.stderr, usual.unwrap_or(Value::NONE));
    Ok(Value::NONE)
}

/// Nanoseconds of a timeout in seconds, checked against what a wait can be.
fn timeout_nanoseconds(vm: &Vm, seconds: &Value) -> PyResult<i64> {
    if let Some(number) = float_of(seconds)
        && number.is_nan()
    {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    match crate::time::nanoseconds_of(vm, seconds, crate::time::Rounding::Up) {
        Ok(length) => Ok(length),
        Err(raised) if vm.raised_is(&raised, &vm.types.overflow_error) => {
            Err(vm.overflow_error("timestamp too large to convert to C PyTime_t"))
        }
        Err(raised) => Err(raised),
    }
}

/// What a wait comes to: whether it got what it waited for. Signals are handled meanwhile.
fn wait_for(
    vm: &Vm,
    timeout: Option<i64>,
    mut wait: impl FnMut(Option<i64>) -> oriel_runtime::platform::Result<bool>,
) -> PyResult<bool> {
    let deadline = parking::deadline_after(timeout);
    let result: PyResult<_> = vm.system_call(|| wait(deadline));
    match result? {
        Ok(done) => Ok(done),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

/// Waits until a moment of the monotonic clock; whether it got what it waited for. Signals are handled meanwhile.
pub fn wait_seconds(
    vm: &Vm,
    deadline: Option<i64>,
    mut wait: impl FnMut(Option<i64>) -> oriel_runtime::platform::Result<bool>,
) -> PyResult<bool> {
    vm.system_call(|| wait(deadline))?.map_err(|errno| vm.os_error(errno))
}

/// The RuntimeError of a thread that could not be started.
fn cannot_start(vm: &Vm) -> Raised {
    vm.runtime_error("can't start new thread")
}

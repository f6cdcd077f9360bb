//! `sys` and the running code: frames, handled exceptions, trace and profile functions, hooks of generators.

use super::limits::text_argument;
use super::structs;
use super::values::{SysState, struct_type};
use crate::args::{Args, Bound};
use crate::error::{PyResult, Raised};
use crate::frame::FrameRef;
use crate::monitoring::legacy::Which;
use crate::native::MethodDef;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::Value;

/// The functions.
pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::positional("_getframe", 0, 1, getframe, "($module, depth=0, /)", "A frame of the call stack."),
    MethodDef::bound("_getframemodulename", getframemodulename, "($module, /, depth=0)", "The module of a frame."),
    MethodDef::noargs("_current_frames", current_frames, "($module, /)", "The running frame of each thread."),
    MethodDef::noargs(
        "_current_exceptions",
        current_exceptions,
        "($module, /)",
        "The handled exception of each thread.",
    ),
    MethodDef::noargs("exc_info", exc_info, "($module, /)", "The handled exception as a triple."),
    MethodDef::noargs(
        "exception",
        |vm, _| Ok(vm.thread.exception_handled().unwrap_or(Value::NONE)),
        "($module, /)",
        "The handled exception.",
    ),
    MethodDef::positional("exit", 0, 1, exit, "($module, status=None, /)", "Ends the program by SystemExit."),
    MethodDef::one(
        "settrace",
        |vm, _, f| set_function(vm, f, Which::Trace),
        "($module, function, /)",
        "Sets the function told of calls, lines, returns and exceptions.",
    ),
    MethodDef::noargs(
        "gettrace",
        |vm, _| Ok(vm.thread.trace.get().unwrap_or(Value::NONE)),
        "($module, /)",
        "The trace function.",
    ),
    MethodDef::one(
        "setprofile",
        |vm, _, f| set_function(vm, f, Which::Profile),
        "($module, function, /)",
        "Sets the function told of calls and returns.",
    ),
    MethodDef::noargs(
        "getprofile",
        |vm, _| Ok(vm.thread.profile.get().unwrap_or(Value::NONE)),
        "($module, /)",
        "The profile function.",
    ),
    MethodDef::one(
        "_settraceallthreads",
        |vm, _, f| set_for_all(vm, f, Which::Trace),
        "($module, function, /)",
        "Sets the trace function of all threads.",
    ),
    MethodDef::one(
        "_setprofileallthreads",
        |vm, _, f| set_for_all(vm, f, Which::Profile),
        "($module, function, /)",
        "Sets the profile function of all threads.",
    ),
    MethodDef::positional(
        "call_tracing",
        2,
        2,
        call_tracing,
        "($module, func, args, /)",
        "Calls with tracing switched on.",
    ),
    MethodDef::args("set_asyncgen_hooks", set_asyncgen_hooks, "", "Sets the hooks of asynchronous generators."),
    MethodDef::noargs(
        "get_asyncgen_hooks",
        get_asyncgen_hooks,
        "($module, /)",
        "The hooks of asynchronous generators.",
    ),
    MethodDef::noargs(
        "get_coroutine_origin_tracking_depth",
        |vm, _| Ok(vm.new_int(vm.thread.coroutine_origin_depth.get().into())),
        "($module, /)",
        "How many frames coroutines remember of where they were made.",
    ),
    MethodDef::bound(
        "set_coroutine_origin_tracking_depth",
        |vm, _, args| {
            let depth = vm.to_i32(args[0].unwrap_or(&Value::NONE))?;
            let Ok(depth) = u32::try_from(depth) else { return Err(vm.value_error("depth must be >= 0")) };
            vm.thread.coroutine_origin_depth.set(depth);
            Ok(Value::NONE)
        },
        "($module, /, depth)",
        "Sets how many frames coroutines remember.",
    ),
];

/// Audits a change of the trace or profile function; what is to be set.
fn new_function(vm: &Vm, function: &Value, which: Which) -> PyResult<Option<Value>> {
    vm.audit(if which == Which::Trace { "sys.settrace" } else { "sys.setprofile" }, &[])?;
    Ok((!function.is_none()).then(|| function.clone()))
}

fn set_function(vm: &Vm, function: &Value, which: Which) -> PyResult {
    let function = new_function(vm, function, which)?;
    vm.set_trace_function(which, function);
    vm.ask_for_traced_events();
    Ok(Value::NONE)
}

fn set_for_all(vm: &Vm, function: &Value, which: Which) -> PyResult {
    let function = new_function(vm, function, which)?;
    vm.each_thread(|thread| thread.set_trace_function(which, function.clone()));
    vm.ask_for_traced_events();
    Ok(Value::NONE)
}

impl FrameRef {
    /// The frame that called this one, frames left out that are still being set up.
    pub fn visible_caller(self) -> Option<FrameRef> {
        let mut frame = self.caller();
        while let Some(current) = frame.filter(|frame| !frame.is_complete()) {
            frame = current.caller();
        }
        frame
    }
}

impl Vm {
    /// The frame so many frames up the stack from the running one.
    pub fn visible_frame(&self, depth: usize) -> Option<FrameRef> {
        let mut frame = self.current_frame();
        if let Some(current) = frame.filter(|frame| !frame.is_complete()) {
            frame = current.visible_caller();
        }
        for _ in 0..depth {
            frame = frame?.visible_caller();
        }
        frame
    }
}

fn getframe(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let depth = match args.first() {
        Some(depth) => vm.to_i32(depth)?.max(0) as usize,
        None => 0,
    };
    match vm.visible_frame(depth) {
        Some(frame) => {
            let frame = vm.frame_object(frame).into_value();
            vm.audit("sys._getframe", std::slice::from_ref(&frame))?;
            Ok(frame)
        }
        None => Err(vm.value_error("call stack is not deep enough")),
    }
}

fn getframemodulename(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let depth = match args.first().copied().flatten() {
        Some(depth) => vm.to_i32(depth)?,
        None => 0,
    };
    vm.audit("sys._getframemodulename", &[vm.new_int(depth.into())])?;
    let Some(frame) = vm.visible_frame(depth.max(0) as usize) else { return Ok(Value::NONE) };
    Ok(frame.function.globals.get_str(&vm.names.__name__).unwrap_or(Value::NONE))
}

fn current_frames(vm: &Vm, _: &Value) -> PyResult {
    vm.audit("sys._current_frames", &[])?;
    let mut found = Vec::new();
    vm.each_thread(|thread| {
        if let Some(frame) = thread.visible_frame(0) {
            found.push((thread.ident, vm.frame_object(frame).into_value()));
        }
    });
    let frames = vm.new_dict();
    for (ident, frame) in found {
        frames.set(vm, &vm.new_uint(ident), frame)?;
    }
    Ok(frames.into_value())
}

fn current_exceptions(vm: &Vm, _: &Value) -> PyResult {
    vm.audit("sys._current_exceptions", &[])?;
    let mut found = Vec::new();
    vm.each_thread(|thread| found.push((thread.ident, thread.thread.exception_handled().unwrap_or(Value::NONE))));
    let exceptions = vm.new_dict();
    for (ident, exception) in found {
        exceptions.set(vm, &vm.new_uint(ident), exception)?;
    }
    Ok(exceptions.into_value())
}

fn exc_info(vm: &Vm, _: &Value) -> PyResult {
    let Some(exception) = vm.thread.exception_handled() else {
        return Ok(vm.new_tuple(&[Value::NONE, Value::NONE, Value::NONE]));
    };
    let traceback = vm.traceback_of(&exception).unwrap_or(Value::NONE);
    Ok(vm.new_tuple(&[vm.type_of(&exception).to_value(), exception, traceback]))
}

fn exit(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let status = args.first().cloned().unwrap_or(Value::NONE);
    // A tuple becomes the arguments, as when a class is raised with it.
    let args = match status.downcast::<Tuple>() {
        Some(tuple) => tuple.items().to_vec(),
        None if status.is_none() => Vec::new(),
        None => vec![status],
    };
    Err(vm.new_exception_with(&vm.types.system_exit, &args))
}

fn call_tracing(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [function, values] = args else { return Ok(Value::NONE) };
    match values.downcast::<Tuple>() {
        Some(values) => {
            // The function's own events are sent, even while a trace function runs.
            let (tracing, event) = (vm.thread.tracing.replace(0), vm.thread.event.replace(-1));
            let result = vm.call(function, values.items());
            vm.thread.tracing.set(tracing);
            vm.thread.event.set(event);
            result
        }
        None => {
            let given = vm.type_name(values);
            Err(vm.type_error(format!("call_tracing() argument 2 must be tuple, not {given}")))
        }
    }
}

fn set_asyncgen_hooks(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    let positional = args.positional();
    if positional.len() > 2 {
        let given = positional.len();
        return Err(vm.type_error(format!("set_asyncgen_hooks() takes at most 2 arguments ({given} given)")));
    }
    let mut hooks = [positional.first().cloned(), positional.get(1).cloned()];
    for (name, value) in args.keywords() {
        match vm.str_text(name).as_str() {
            "firstiter" => hooks[0] = Some(value.clone()),
            "finalizer" => hooks[1] = Some(value.clone()),
            other => {
                return Err(vm.type_error(format!("this function got an unexpected keyword argument '{other}'")));
            }
        }
    }
    for (hook, name) in hooks.iter().zip(["firstiter", "finalizer"]) {
        if let Some(hook) = hook
            && !hook.is_none()
            && vm.type_of(hook).slots.call.get().is_none()
        {
            let given = vm.type_name(hook);
            return Err(vm.type_error(format!("callable {name} expected, got {given}")));
        }
    }
    let [firstiter, finalizer] = hooks;
    if finalizer.is_some() {
        vm.audit("sys.set_asyncgen_hook_finalizer", &[])?;
    }
    if firstiter.is_some() {
        vm.audit("sys.set_asyncgen_hook_firstiter", &[])?;
    }
    for (hook, cell) in [(firstiter, &vm.thread.asyncgen_firstiter), (finalizer, &vm.thread.asyncgen_finalizer)] {
        if let Some(hook) = hook {
            cell.set(if hook.is_none() { None } else { Some(hook) });
        }
    }
    Ok(Value::NONE)
}

fn get_asyncgen_hooks(vm: &Vm, _: &Value) -> PyResult {
    let ty = struct_type(vm, &vm.state::<SysState>().asyncgen_hooks_type, &structs::ASYNCGEN_HOOKS)?;
    let (firstiter, finalizer) = (vm.thread.asyncgen_firstiter.get(), vm.thread.asyncgen_finalizer.get());
    vm.new_struct(&ty, vec![firstiter.unwrap_or(Value::NONE), finalizer.unwrap_or(Value::NONE)])
}

/// The audit hooks of `sys.addaudithook`.
#[derive(Default)]
pub(super) struct AuditHooks {
    hooks: std::cell::RefCell<Vec<Value>>,
}

impl Vm {
    /// `sys.audit(event, *args)`
    pub fn audit(&self, event: &str, args: &[Value]) -> PyResult<()> {
        if !self.auditing.get() {
            return Ok(());
        }
        let hooks = self.state::<AuditHooks>().hooks.borrow().clone();
        let (event, args) = (self.new_str(event), self.new_tuple(args));
        for hook in hooks {
            self.call(&hook, &[event.clone(), args.clone()])?;
        }
        Ok(())
    }
}

pub(super) fn audit(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    args.no_keywords(vm, "sys.audit")?;
    let Some((event, rest)) = args.values.split_first() else {
        return Err(vm.type_error("audit expected at least 1 argument, got 0"));
    };
    let event = text_argument(vm, event, "audit", 1)?;
    vm.audit(&event, rest)?;
    Ok(Value::NONE)
}

pub(super) fn add_audit_hook(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    // A hook that is there already may refuse.
    match vm.audit("sys.addaudithook", &[]) {
        Err(raised) if vm.raised_is(&raised, &vm.types.exception) => return Ok(Value::NONE),
        other => other?,
    }
    let hook = args[0].cloned().unwrap_or(Value::NONE);
    vm.state::<AuditHooks>().hooks.borrow_mut().push(hook);
    vm.auditing.set(true);
    Ok(Value::NONE)
}

/// The exception of a refused operation, where a hook has something to say.
pub(super) fn lost(vm: &Vm, name: &str) -> Raised {
    vm.runtime_error(format!("lost sys.{name}"))
}

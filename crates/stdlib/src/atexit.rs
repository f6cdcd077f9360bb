//! `atexit`: functions to be called when the interpreter ends.

use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::{Args, PyResult, Value, Vm};
use std::cell::RefCell;
use std::rc::Rc;

/// `atexit`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "atexit",
    doc: "Functions that are called when the interpreter ends.",
    functions: &[
        MethodDef::args(
            "register",
            register,
            "($module, func, /, *args, **kwargs)",
            "Have a function called when the interpreter ends.",
        ),
        MethodDef::one("unregister", unregister, "($module, func, /)", "Forget a registered function."),
        MethodDef::noargs("_run_exitfuncs", run, "($module, /)", "Call the registered functions now."),
        MethodDef::noargs(
            "_ncallbacks",
            |vm, _| Ok(vm.new_int(vm.state::<State>().0.borrow().len() as i64)),
            "($module, /)",
            "Return how many functions are registered.",
        ),
        MethodDef::noargs(
            "_clear",
            |vm, _| {
                let forgotten = vm.state::<State>().0.take();
                drop(forgotten);
                Ok(Value::NONE)
            },
            "($module, /)",
            "Forget all registered functions.",
        ),
    ],
    exec: |_, _| Ok(()),
};

struct Callback {
    function: Value,
    values: Vec<Value>,
    names: Vec<Value>,
}

#[derive(Default)]
struct State(RefCell<Vec<Rc<Callback>>>);

fn register(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    let Some(function) = args.positional().first() else {
        return Err(vm.type_error("register() takes at least 1 argument (0 given)"));
    };
    if vm.type_of(function).slots.call.get().is_none() {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let callback =
        Callback { function: function.clone(), values: args.values[1..].to_vec(), names: args.names.to_vec() };
    vm.state::<State>().0.borrow_mut().push(Rc::new(callback));
    Ok(function.clone())
}

fn unregister(vm: &Vm, _: &Value, function: &Value) -> PyResult {
    let state = vm.state::<State>();
    // Comparing runs code that may register and unregister: a copy is looked through, and what is equal taken out.
    let known = state.0.borrow().clone();
    for callback in known.iter().rev() {
        if vm.equal(function, &callback.function)? {
            state.0.borrow_mut().retain(|other| !Rc::ptr_eq(other, callback));
        }
    }
    Ok(Value::NONE)
}

fn run(vm: &Vm, _: &Value) -> PyResult {
    let state = vm.state::<State>();
    loop {
        let last = state.0.borrow_mut().pop();
        let Some(callback) = last else { return Ok(Value::NONE) };
        let args = Args { values: &callback.values, names: &callback.names };
        if let Err(raised) = vm.call_args(&callback.function, args) {
            vm.write_unraisable(raised, Some(&callback.function), "Exception ignored in atexit callback");
        }
    }
}

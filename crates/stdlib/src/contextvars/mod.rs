//! `_contextvars`: context variables, contexts, tokens. The map of a context is in [`map`].

mod map;
mod token;
mod variable;

use map::Map;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::native::{MethodDef, ModuleSpec, TypeSpec};
use oriel_runtime::slots::CompareOp;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, Layout, PyResult, Ref, Value, Visitor, Vm};
use std::cell::{Cell, OnceCell};
use variable::Variable;

/// `_contextvars`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_contextvars",
    doc: "Context variables.",
    functions: &[MethodDef::noargs(
        "copy_context",
        |vm, _| {
            let context = current(vm)?;
            copy(vm, &context)
        },
        "($module, /)",
        "Return a copy of the current context.",
    )],
    exec: |vm, module| {
        let types = types(vm)?;
        vm.module_set(module, "Context", types.context.to_value())?;
        vm.module_set(module, "ContextVar", types.variable.to_value())?;
        vm.module_set(module, "Token", types.token.to_value())
    },
};

#[derive(Default)]
struct State {
    types: OnceCell<std::rc::Rc<Types>>,
    /// Numbers of variables, never used twice.
    next: Cell<u64>,
}

struct Types {
    context: TypeRef,
    variable: TypeRef,
    token: TypeRef,
    missing: Value,
    node: TypeRef,
}

fn types(vm: &Vm) -> PyResult<std::rc::Rc<Types>> {
    let state = vm.state::<State>();
    if let Some(types) = state.types.get() {
        return Ok(types.clone());
    }
    let missing_type = vm.new_type(&token::MISSING)?;
    let types = std::rc::Rc::new(Types {
        context: vm.new_type(&CONTEXT)?,
        variable: vm.new_type(&variable::SPEC)?,
        token: vm.new_type(&token::SPEC)?,
        missing: vm.new_instance(&missing_type, token::Missing)?.into_value(),
        node: vm.new_type(&map::NODE)?,
    });
    types.token.namespace.set_str(&vm.intern("MISSING"), types.missing.clone());
    vm.type_modified(&types.token);
    let _ = state.types.set(types.clone());
    Ok(types)
}

fn next_number(vm: &Vm) -> u64 {
    let state = vm.state::<State>();
    let number = state.next.get();
    state.next.set(number + 1);
    number
}

/// The body of `Context`.
struct Context {
    map: Map,
    entered: Cell<bool>,
    /// The context that was current before this one was entered.
    previous: OptionCell,
}

static LAYOUT: Layout = Layout::of::<Context>("Context", None);

impl Body for Context {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.map.visit(visitor);
        self.previous.visit(visitor);
    }
    fn clear(&self) {
        self.map.clear();
        self.previous.set(None);
    }
}

static CONTEXT: TypeSpec = TypeSpec {
    flags: oriel_runtime::type_flags::WEAKREF,
    doc: "The values of context variables.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, args| {
            if !args.is_empty() {
                return Err(vm.type_error("Context() does not accept any arguments"));
            }
            make(vm, class, Map::default())
        }));
        slots.mp_length.set(Some(|vm, this| Ok(context(vm, this)?.map.len())));
        slots.mp_subscript.set(Some(|vm, this, key| match find(vm, this, key)? {
            Some(value) => Ok(value),
            None => Err(vm.key_error(key)),
        }));
        slots.sq_contains.set(Some(|vm, this, key| Ok(find(vm, this, key)?.is_some())));
        slots.iter.set(Some(|vm, this| {
            let keys = keys(vm, this)?;
            vm.iter(&keys)
        }));
        slots.richcompare.set(Some(compare));
        slots.hash.set(Some(|vm, this| Err(vm.unhashable(this))));
    },
    methods: &[
        MethodDef::positional(
            "get",
            1,
            2,
            |vm, this, args| Ok(find(vm, this, &args[0])?.or_else(|| args.get(1).cloned()).unwrap_or(Value::NONE)),
            "($self, key, default=None, /)",
            "Return a variable's value, or the default.",
        ),
        MethodDef::noargs("keys", keys, "($self, /)", "Return the variables."),
        MethodDef::noargs(
            "values",
            |vm, this| {
                let entries = context(vm, this)?.map.entries();
                let values = entries.into_iter().map(|(_, value)| value).collect();
                Ok(vm.new_list(values).into_value())
            },
            "($self, /)",
            "Return the values.",
        ),
        MethodDef::noargs(
            "items",
            |vm, this| {
                let entries = context(vm, this)?.map.entries();
                let pairs = entries.into_iter().map(|(key, value)| vm.new_tuple(&[key, value])).collect();
                Ok(vm.new_list(pairs).into_value())
            },
            "($self, /)",
            "Return pairs of variables and values.",
        ),
        MethodDef::noargs("copy", |vm, this| copy(vm, context(vm, this)?), "($self, /)", "Return a copy."),
        MethodDef::args("run", run, "", "Call a function in the context."),
    ],
    ..TypeSpec::new("_contextvars.Context", Context::layout)
};

fn context<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Context>> {
    this.downcast().ok_or_else(|| vm.type_error("a Context is needed"))
}

fn make(vm: &Vm, class: &TypeRef, map: Map) -> PyResult {
    let body = Context { map, entered: Cell::new(false), previous: OptionCell::default() };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn copy(vm: &Vm, context: &Context) -> PyResult {
    make(vm, &types(vm)?.context, context.map.share())
}

/// The running thread's context, made at the first time.
fn current(vm: &Vm) -> PyResult<Ref<Context>> {
    if let Some(value) = vm.thread.context.get()
        && let Ok(context) = Ref::try_from_value(value)
    {
        return Ok(context);
    }
    let value = make(vm, &types(vm)?.context, Map::default())?;
    vm.thread.context.set(Some(value.clone()));
    Ref::try_from_value(value).map_err(|_| vm.runtime_error("a Context is needed"))
}

fn find(vm: &Vm, this: &Value, key: &Value) -> PyResult<Option<Value>> {
    let own = context(vm, this)?;
    match key.downcast::<Variable>() {
        Some(variable) => Ok(own.map.get(variable.number)),
        None => Err(vm.type_error(format!("a ContextVar key was expected, got {}", vm.repr_text(key)?))),
    }
}

fn keys(vm: &Vm, this: &Value) -> PyResult {
    let entries = context(vm, this)?.map.entries();
    Ok(vm.new_list(entries.into_iter().map(|(key, _)| key).collect()).into_value())
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Context>(), b.downcast::<Context>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let mut equal = x.map.len() == y.map.len();
    if equal && !a.is(b) {
        for (key, value) in x.map.entries() {
            let number = key.downcast::<Variable>().map_or(u64::MAX, |variable| variable.number);
            equal = match y.map.get(number) {
                Some(other) => vm.equal(&value, &other)?,
                None => false,
            };
            if !equal {
                break;
            }
        }
    }
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

fn run(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let own = context(vm, this)?;
    let Some(function) = args.positional().first() else {
        return Err(vm.type_error("run() missing 1 required positional argument"));
    };
    run_context(vm, this, own, || vm.call_args(function, args.skip_first()))
}

/// A copy of the thread's context.
pub(crate) fn copy_current(vm: &Vm) -> PyResult {
    let context = current(vm)?;
    copy(vm, &context)
}

/// Runs native code in a context.
pub(crate) fn run_in(vm: &Vm, this: &Value, function: impl FnOnce() -> PyResult) -> PyResult {
    run_context(vm, this, context(vm, this)?, function)
}

fn run_context(vm: &Vm, this: &Value, own: &Context, function: impl FnOnce() -> PyResult) -> PyResult {
    if own.entered.get() {
        let shown = vm.repr_text(this)?;
        return Err(vm.runtime_error(format!("cannot enter context: {shown} is already entered")));
    }
    own.entered.set(true);
    own.previous.set(vm.thread.context.replace(Some(this.clone())));
    let result = function();
    let left = vm.thread.context.replace(own.previous.take());
    own.entered.set(false);
    drop(left);
    result
}

//! `ContextVar`.

use super::{current, next_number, token};
use oriel_runtime::args::Signature;
use oriel_runtime::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use oriel_runtime::types::str::Str;
use oriel_runtime::{Body, Layout, PyResult, Ref, Value, Visitor, Vm};

/// The body of `ContextVar`.
pub struct Variable {
    /// The key in the maps of contexts.
    pub number: u64,
    name: Value,
    default: Option<Value>,
}

static LAYOUT: Layout = Layout::of::<Variable>("ContextVar", None);

impl Body for Variable {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.name);
        if let Some(default) = &self.default {
            visitor(default);
        }
    }
}

/// `_contextvars.ContextVar`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::WEAKREF,
    doc: "A variable whose value belongs to the context.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, args| {
            let given = args.positional().len();
            if given != 1 {
                return Err(vm.type_error(format!("ContextVar() takes exactly 1 positional argument ({given} given)")));
            }
            let mut bound: [Option<&Value>; 2] = [None; 2];
            Signature::parse("(name, /, *, default=<unrepresentable>)").bind(vm, "ContextVar", args, &mut bound)?;
            let name = bound[0].cloned().unwrap_or(Value::NONE);
            if name.downcast::<Str>().is_none() {
                return Err(vm.type_error("context variable name must be a str"));
            }
            // A name that cannot be hashed is refused, as CPython does.
            vm.hash(&name)?;
            let body = Variable { number: next_number(vm), name, default: bound[1].cloned() };
            Ok(vm.new_instance(class, body)?.into_value())
        }));
        slots.repr.set(Some(|vm, this| {
            let own = variable(vm, this)?;
            let mut text = format!("<ContextVar name={}", vm.repr_text(&own.name)?);
            if let Some(default) = &own.default {
                text.push_str(" default=");
                text.push_str(&vm.repr_text(default)?);
            }
            text.push_str(&format!(" at {:#x}>", this.word()));
            Ok(vm.new_str(&text))
        }));
    },
    methods: &[
        MethodDef::positional("get", 0, 1, get, "($self, default=<unrepresentable>, /)", "Return the value."),
        MethodDef::one("set", set, "($self, value, /)", "Set the value; return a token for setting it back."),
        MethodDef::one("reset", token::reset, "($self, token, /)", "Set the value back."),
        MethodDef::one(
            "__class_getitem__",
            |vm, class, item| vm.new_generic_alias(class, item),
            "($type, object, /)",
            "A generic alias.",
        )
        .class_method(),
    ],
    getset: &[GetSetDef::readonly("name", |vm, this| Ok(variable(vm, this)?.name.clone()), "The name.")],
    ..TypeSpec::new("_contextvars.ContextVar", Variable::layout)
};

/// The body of a value that must be a variable.
pub fn variable<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Variable>> {
    this.downcast().ok_or_else(|| vm.type_error("an instance of ContextVar was expected"))
}

fn get(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let own = variable(vm, this)?;
    if vm.thread.context.is_some()
        && let Some(value) = current(vm)?.map.get(own.number)
    {
        return Ok(value);
    }
    match args.first().or(own.default.as_ref()) {
        Some(default) => Ok(default.clone()),
        None => Err(vm.new_exception_with(&vm.types.lookup_error, std::slice::from_ref(this))),
    }
}

fn set(vm: &Vm, this: &Value, value: &Value) -> PyResult {
    let own = variable(vm, this)?;
    let context = current(vm)?;
    let old = context.map.get(own.number);
    let token = token::make(vm, context.to_value(), this.clone(), old)?;
    context.map.set(vm, own.number, this, value)?;
    Ok(token)
}

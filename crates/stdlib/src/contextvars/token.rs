//! `Token`: what sets a context variable back.

use super::variable::variable;
use super::{current, types};
use oriel_runtime::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use oriel_runtime::{Body, Layout, PyResult, Ref, Value, Visitor, Vm};
use std::cell::Cell;

/// The body of `Token`.
pub struct Token {
    context: Value,
    variable: Value,
    old: Option<Value>,
    used: Cell<bool>,
}

static LAYOUT: Layout = Layout::of::<Token>("Token", None);

impl Body for Token {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.context);
        visitor(&self.variable);
        if let Some(old) = &self.old {
            visitor(old);
        }
    }
}

/// The body of `Token.MISSING`.
pub struct Missing;

static MISSING_LAYOUT: Layout = Layout::of::<Missing>("Token.MISSING", None);

impl Body for Missing {
    fn layout() -> &'static Layout {
        &MISSING_LAYOUT
    }
}

/// The type of `Token.MISSING`.
pub static MISSING: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| slots.repr.set(Some(|vm, _| Ok(vm.new_str("<Token.MISSING>")))),
    ..TypeSpec::new("Token.MISSING", Missing::layout)
};

/// `_contextvars.Token`
pub static SPEC: TypeSpec = TypeSpec {
    doc: "What sets a context variable back.",
    slots: |slots| {
        slots.new.set(Some(|vm, _, _| Err(vm.runtime_error("Tokens can only be created by ContextVars"))));
        slots.hash.set(Some(|vm, this| Err(vm.unhashable(this))));
        slots.repr.set(Some(|vm, this| {
            let own = token(vm, this)?;
            let used = if own.used.get() { " used" } else { "" };
            let variable = vm.repr_text(&own.variable)?;
            Ok(vm.new_str(&format!("<Token{used} var={variable} at {:#x}>", this.word())))
        }));
    },
    methods: &[
        MethodDef::noargs("__enter__", |_, this| Ok(this.clone()), "($self, /)", "Return the token."),
        MethodDef::positional(
            "__exit__",
            3,
            3,
            |vm, this, _| {
                let variable = token(vm, this)?.variable.clone();
                reset(vm, &variable, this)
            },
            "($self, type, val, tb, /)",
            "Set the variable back.",
        ),
        MethodDef::one(
            "__class_getitem__",
            |vm, class, item| vm.new_generic_alias(class, item),
            "($type, object, /)",
            "A generic alias.",
        )
        .class_method(),
    ],
    getset: &[
        GetSetDef::readonly("var", |vm, this| Ok(token(vm, this)?.variable.clone()), "The variable."),
        GetSetDef::readonly(
            "old_value",
            |vm, this| match &token(vm, this)?.old {
                Some(old) => Ok(old.clone()),
                None => Ok(types(vm)?.missing.clone()),
            },
            "The value that the variable had, or Token.MISSING.",
        ),
    ],
    ..TypeSpec::new("_contextvars.Token", Token::layout)
};

fn token<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Token>> {
    this.downcast().ok_or_else(|| {
        let shown = vm.repr_text(this).unwrap_or_default();
        vm.type_error(format!("expected an instance of Token, got {shown}"))
    })
}

/// A token for a change that is about to be made.
pub fn make(vm: &Vm, context: Value, variable: Value, old: Option<Value>) -> PyResult {
    let body = Token { context, variable, old, used: Cell::new(false) };
    Ok(vm.new_instance(&types(vm)?.token, body)?.into_value())
}

/// Sets a variable back to what it was before the token's change.
pub fn reset(vm: &Vm, this: &Value, value: &Value) -> PyResult {
    let own = token(vm, value)?;
    if own.used.get() {
        let shown = vm.repr_text(value)?;
        return Err(vm.runtime_error(format!("{shown} has already been used once")));
    }
    if !own.variable.is(this) {
        let shown = vm.repr_text(value)?;
        return Err(vm.value_error(format!("{shown} was created by a different ContextVar")));
    }
    let context = current(vm)?;
    if !context.as_value().is(&own.context) {
        let shown = vm.repr_text(value)?;
        return Err(vm.value_error(format!("{shown} was created in a different Context")));
    }
    own.used.set(true);
    let number = variable(vm, this)?.number;
    match &own.old {
        Some(old) => context.map.set(vm, number, this, old)?,
        None => context.map.remove(vm, number)?,
    }
    Ok(Value::NONE)
}

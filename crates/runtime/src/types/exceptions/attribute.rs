//! Exceptions that name what was missing or carry a value: `AttributeError`, `NameError`, `ImportError`,
//! `StopIteration`, `SystemExit` and their subclasses.

use crate::args::Args;
use crate::error::{PyResult, Raised};
use crate::native::{MethodDef, TypeSpec};
use crate::types::exceptions::{FLAGS, body, init_args, keywords, new, own_dict, reduce_with, str};
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};

exception_body! {
    /// The body of `AttributeError`.
    AttributeError as "AttributeError" {
        /// The attribute's name.
        name,
        /// The object without the attribute.
        obj,
    }
}

exception_body! {
    /// The body of `NameError`.
    NameError as "NameError" {
        /// The name.
        name,
    }
}

exception_body! {
    /// The body of `ImportError`.
    ImportError as "ImportError" {
        /// The only argument.
        msg,
        /// The module.
        name,
        /// Where the module was found.
        path,
        /// What was to be imported from the module.
        name_from,
    }
}

exception_body! {
    /// The body of `StopIteration`.
    StopIteration as "StopIteration" {
        /// The iterator's result.
        value,
    }
}

exception_body! {
    /// The body of `SystemExit`.
    SystemExit as "SystemExit" {
        /// The exit status, a message, or `None`.
        code,
    }
}

/// `AttributeError`
pub static ATTRIBUTE_ERROR: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.exception),
    doc: "An object has no such attribute.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(|vm, this, args| {
            init_args(vm, this, args.positional())?;
            let [name, obj] = keywords(vm, "AttributeError", args, ["name", "obj"])?;
            let own = body::<AttributeError>(vm, this)?;
            own.name.set(name);
            own.obj.set(obj);
            Ok(())
        }));
    },
    methods: &[
        MethodDef::noargs("__getstate__", attribute_state, "($self, /)", "The attributes for pickling, without `obj`."),
        MethodDef::noargs(
            "__reduce__",
            |vm, this| {
                let state = attribute_state(vm, this)?;
                Ok(reduce_with(vm, this, vm.exception_args(this).into_value(), Some(state)))
            },
            "($self, /)",
            "How the exception is pickled.",
        ),
    ],
    getset: &[
        field!(AttributeError, name, "name", "The attribute's name."),
        field!(AttributeError, obj, "obj", "The object without the attribute."),
    ],
    ..TypeSpec::new("AttributeError", AttributeError::layout)
};

/// `NameError`
pub static NAME_ERROR: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.exception),
    doc: "A name has no value in any scope.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(name_init));
    },
    getset: &[field!(NameError, name, "name", "The name.")],
    ..TypeSpec::new("NameError", NameError::layout)
};

/// `UnboundLocalError`
pub static UNBOUND_LOCAL_ERROR: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.name_error),
    doc: "A local variable was used before it had a value.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(name_init));
    },
    ..TypeSpec::new("UnboundLocalError", NameError::layout)
};

/// `ImportError`
pub static IMPORT_ERROR: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.exception),
    doc: "A module could not be imported, or has no such name.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(import_init));
        slots.str.set(Some(import_str));
    },
    methods: &[MethodDef::noargs("__reduce__", import_reduce, "($self, /)", "How the exception is pickled.")],
    getset: &[
        field!(ImportError, msg, "msg", "The message."),
        field!(ImportError, name, "name", "The module."),
        field!(ImportError, path, "path", "Where the module was found."),
        field!(ImportError, name_from, "name_from", "What was to be imported from the module."),
    ],
    ..TypeSpec::new("ImportError", ImportError::layout)
};

/// `ModuleNotFoundError`
pub static MODULE_NOT_FOUND_ERROR: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.import_error),
    doc: "There is no such module.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(import_init));
    },
    ..TypeSpec::new("ModuleNotFoundError", ImportError::layout)
};

/// `StopIteration`
pub static STOP_ITERATION: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.exception),
    doc: "The end of an iterator.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(|vm, this, args| {
            args.no_keywords(vm, &vm.type_name(this))?;
            init_args(vm, this, args.positional())?;
            let value = args.positional().first().cloned().unwrap_or(Value::NONE);
            body::<StopIteration>(vm, this)?.value.set(Some(value));
            Ok(())
        }));
    },
    getset: &[field!(StopIteration, value, "value", "The iterator's result.")],
    ..TypeSpec::new("StopIteration", StopIteration::layout)
};

/// `SystemExit`
pub static SYSTEM_EXIT: TypeSpec = TypeSpec {
    flags: FLAGS,
    base: Some(|types| &types.base_exception),
    doc: "The program is to end.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.init.set(Some(|vm, this, args| {
            args.no_keywords(vm, &vm.type_name(this))?;
            init_args(vm, this, args.positional())?;
            let code = match args.positional() {
                [] => return Ok(()),
                [only] => only.clone(),
                _ => vm.exception_args(this).into_value(),
            };
            body::<SystemExit>(vm, this)?.code.set(Some(code));
            Ok(())
        }));
    },
    getset: &[field!(SystemExit, code, "code", "The exit status, a message, or None.")],
    ..TypeSpec::new("SystemExit", SystemExit::layout)
};

fn name_init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    init_args(vm, this, args.positional())?;
    let [name] = keywords(vm, "NameError", args, ["name"])?;
    body::<NameError>(vm, this)?.name.set(name);
    Ok(())
}

fn attribute_state(vm: &Vm, this: &Value) -> PyResult {
    let own = body::<AttributeError>(vm, this)?;
    let state = match own_dict(vm, this)? {
        Some(dict) => dict.copy(vm)?,
        None => vm.new_dict(),
    };
    if let Some(name) = own.name.get() {
        state.set_str(&vm.names.name, name);
    }
    state.set_str(&vm.names.args, vm.exception_args(this).into_value());
    Ok(state.into_value())
}

fn import_init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    init_args(vm, this, args.positional())?;
    let [name, path, name_from] = keywords(vm, "ImportError", args, ["name", "path", "name_from"])?;
    let own = body::<ImportError>(vm, this)?;
    own.name.set(name);
    own.path.set(path);
    own.name_from.set(name_from);
    own.msg.set(match args.positional() {
        [only] => Some(only.clone()),
        _ => None,
    });
    Ok(())
}

fn import_str(vm: &Vm, this: &Value) -> PyResult {
    match body::<ImportError>(vm, this)?.msg.get() {
        Some(msg) if vm.is_exact_str(&msg) => Ok(msg),
        _ => str(vm, this),
    }
}

fn import_reduce(vm: &Vm, this: &Value) -> PyResult {
    let own = body::<ImportError>(vm, this)?;
    let (name, path, name_from) = (own.name.get(), own.path.get(), own.name_from.get());
    let dict = own_dict(vm, this)?;
    let state = if name.is_some() || path.is_some() || name_from.is_some() {
        let state = match dict {
            Some(dict) => dict.copy(vm)?,
            None => vm.new_dict(),
        };
        for (key, value) in [(&vm.names.name, name), (&vm.names.path, path), (&vm.names.name_from, name_from)] {
            if let Some(value) = value {
                state.set_str(key, value);
            }
        }
        Some(state.into_value())
    } else {
        dict.map(Ref::into_value)
    };
    Ok(reduce_with(vm, this, vm.exception_args(this).into_value(), state))
}

impl Vm {
    /// Tells an AttributeError which object has no attribute of which name, unless it says so already.
    pub fn set_attribute_error_context(&self, raised: &Raised, object: &Value, name: &Value) {
        let Some(own) = raised.0.downcast::<AttributeError>() else { return };
        if own.name.is_some() || own.obj.is_some() {
            return;
        }
        own.name.set(Some(name.clone()));
        own.obj.set(Some(object.clone()));
    }

    /// A NameError that knows the name, for suggestions.
    #[cold]
    pub fn name_error_for(&self, message: &str, name: &Value) -> Raised {
        let raised = self.name_error(message);
        if let Some(own) = raised.0.downcast::<NameError>() {
            own.name.set(Some(name.clone()));
        }
        raised
    }

    /// An ImportError that knows its module, where that was found, and the name that was wanted from it.
    #[cold]
    pub fn import_error_for(
        &self,
        message: &str,
        name: &Value,
        path: Option<Value>,
        name_from: Option<Value>,
    ) -> Raised {
        let raised = self.import_error(message);
        if let Some(own) = raised.0.downcast::<ImportError>() {
            own.name.set(Some(name.clone()));
            own.path.set(path);
            own.name_from.set(name_from);
        }
        raised
    }

    /// A ModuleNotFoundError of the module.
    #[cold]
    pub fn module_not_found(&self, name: &Value) -> Raised {
        let text = self.repr_text(name).unwrap_or_default();
        let raised = self.new_exception(&self.types.module_not_found_error, &format!("No module named {text}"));
        if let Some(own) = raised.0.downcast::<ImportError>() {
            own.name.set(Some(name.clone()));
        }
        raised
    }

    /// The value of a StopIteration; `None` where it has none.
    pub fn stop_iteration_value(&self, raised: &Raised) -> Value {
        raised.0.downcast::<StopIteration>().and_then(|own| own.value.get()).unwrap_or(Value::NONE)
    }
}

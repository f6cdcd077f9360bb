//! `TypeVar`, `ParamSpec` and `TypeVarTuple`: three types with one body.

use super::evaluator::Lazy;
use super::{as_type, call_typing, parts, set_module, unpack};
use crate::args::{Args, Signature};
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec, type_flags};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::Cell;

/// The body of a type parameter.
pub struct Parameter {
    name: Value,
    /// `__bound__`
    pub bound: Lazy,
    /// `__constraints__`
    pub constraints: Lazy,
    /// `__default__`
    pub default: Lazy,
    covariant: Cell<bool>,
    contravariant: Cell<bool>,
    /// `__infer_variance__`
    pub infer: Cell<bool>,
}

static LAYOUT: Layout = Layout::of::<Parameter>("TypeVar", None);

impl Body for Parameter {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.name);
        self.bound.visit(visitor);
        self.constraints.visit(visitor);
        self.default.visit(visitor);
    }
    fn clear(&self) {
        self.bound.clear();
        self.constraints.clear();
        self.default.clear();
    }
}

impl Parameter {
    /// A parameter of a name, without anything else.
    pub fn new(name: Value) -> Parameter {
        Parameter {
            name,
            bound: Lazy::default(),
            constraints: Lazy::default(),
            default: Lazy::default(),
            covariant: Cell::new(false),
            contravariant: Cell::new(false),
            infer: Cell::new(false),
        }
    }

    /// Whether there is a default; `NoDefault` is none.
    pub fn has_default(&self, vm: &Vm) -> PyResult<bool> {
        Ok(self.default.is_other_than(&vm.typing_types()?.no_default))
    }
}

/// An object of a parameter that the syntax declares.
pub fn make(vm: &Vm, class: &TypeRef, body: Parameter) -> PyResult {
    Ok(vm.new_instance(class, body)?.into_value())
}

/// An object of a parameter that a program constructs, with the module that its maker runs in.
fn construct(vm: &Vm, class: &TypeRef, body: Parameter) -> PyResult {
    let object = make(vm, class, body)?;
    set_module(vm, &object)?;
    Ok(object)
}

fn parameter<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Parameter>> {
    this.downcast().ok_or_else(|| vm.type_error("a type parameter is needed"))
}

const FLAGS: u32 = type_flags::DICT | type_flags::WEAKREF;

/// `typing.TypeVar`
pub static TYPE_VAR: TypeSpec = TypeSpec {
    flags: FLAGS,
    doc: "A type variable.",
    slots: |slots| {
        slots.new.set(Some(new_type_var));
        slots.repr.set(Some(repr));
        slots.nb_or.set(Some(|vm, a, b| vm.new_checked_union(a, b)));
    },
    methods: &[
        MethodDef::one(
            "__typing_subst__",
            |vm, this, arg| call_typing(vm, "_typevar_subst", &[this.clone(), arg.clone()]),
            "($self, arg, /)",
            "Put a type in the variable's place.",
        ),
        MethodDef::positional(
            "__typing_prepare_subst__",
            2,
            2,
            prepare,
            "($self, alias, args, /)",
            "Complete arguments.",
        ),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "How it is pickled."),
        MethodDef::noargs("has_default", has_default, "($self, /)", "Return whether there is a default."),
        MethodDef::one(
            "__mro_entries__",
            |vm, _, _| refuse(vm, "TypeVar"),
            "($self, bases, /)",
            "Refuse to be a base.",
        ),
    ],
    getset: &[
        NAME,
        GetSetDef::readonly(
            "__bound__",
            |vm, this| Ok(parameter(vm, this)?.bound.get(vm)?.unwrap_or(Value::NONE)),
            "The upper bound.",
        ),
        GetSetDef::readonly(
            "__constraints__",
            |vm, this| Ok(parameter(vm, this)?.constraints.get(vm)?.unwrap_or_else(|| vm.new_tuple(&[]))),
            "The types that it is restricted to.",
        ),
        GetSetDef::readonly(
            "evaluate_bound",
            |vm, this| evaluator(vm, &parameter(vm, this)?.bound),
            "What gives the bound.",
        ),
        GetSetDef::readonly(
            "evaluate_constraints",
            |vm, this| evaluator(vm, &parameter(vm, this)?.constraints),
            "What gives the constraints.",
        ),
        DEFAULT,
        EVALUATE_DEFAULT,
        COVARIANT,
        CONTRAVARIANT,
        INFER,
    ],
    ..TypeSpec::new("typing.TypeVar", Parameter::layout)
};

/// `typing.ParamSpec`
pub static PARAM_SPEC: TypeSpec = TypeSpec {
    flags: FLAGS,
    doc: "A variable for parameters of functions.",
    slots: |slots| {
        slots.new.set(Some(new_param_spec));
        slots.repr.set(Some(repr));
        slots.nb_or.set(Some(|vm, a, b| vm.new_checked_union(a, b)));
    },
    methods: &[
        MethodDef::one(
            "__typing_subst__",
            |vm, this, arg| call_typing(vm, "_paramspec_subst", &[this.clone(), arg.clone()]),
            "($self, arg, /)",
            "Put parameters in the variable's place.",
        ),
        MethodDef::positional(
            "__typing_prepare_subst__",
            2,
            2,
            |vm, this, args| {
                call_typing(vm, "_paramspec_prepare_subst", &[this.clone(), args[0].clone(), args[1].clone()])
            },
            "($self, alias, args, /)",
            "Complete arguments.",
        ),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "How it is pickled."),
        MethodDef::noargs("has_default", has_default, "($self, /)", "Return whether there is a default."),
        MethodDef::one(
            "__mro_entries__",
            |vm, _, _| refuse(vm, "ParamSpec"),
            "($self, bases, /)",
            "Refuse to be a base.",
        ),
    ],
    getset: &[
        NAME,
        GetSetDef::readonly(
            "__bound__",
            |vm, this| Ok(parameter(vm, this)?.bound.get(vm)?.unwrap_or(Value::NONE)),
            "The upper bound.",
        ),
        GetSetDef::readonly(
            "args",
            |vm, this| parts::make(vm, &vm.typing_types()?.args, this.clone()),
            "The positional arguments.",
        ),
        GetSetDef::readonly(
            "kwargs",
            |vm, this| parts::make(vm, &vm.typing_types()?.kwargs, this.clone()),
            "The keyword arguments.",
        ),
        DEFAULT,
        EVALUATE_DEFAULT,
        COVARIANT,
        CONTRAVARIANT,
        INFER,
    ],
    ..TypeSpec::new("typing.ParamSpec", Parameter::layout)
};

/// `typing.TypeVarTuple`
pub static TYPE_VAR_TUPLE: TypeSpec = TypeSpec {
    flags: FLAGS,
    doc: "A variable for several types.",
    slots: |slots| {
        slots.new.set(Some(new_type_var_tuple));
        slots.repr.set(Some(|vm, this| vm.str(&parameter(vm, this)?.name)));
        slots.iter.set(Some(|vm, this| {
            let unpacked = unpack(vm, this)?;
            vm.iter(&vm.new_tuple(&[unpacked]))
        }));
    },
    methods: &[
        MethodDef::one(
            "__typing_subst__",
            |vm, _, _| Err(vm.type_error("Substitution of bare TypeVarTuple is not supported")),
            "($self, arg, /)",
            "Refuse to be replaced by itself.",
        ),
        MethodDef::positional(
            "__typing_prepare_subst__",
            2,
            2,
            |vm, this, args| {
                call_typing(vm, "_typevartuple_prepare_subst", &[this.clone(), args[0].clone(), args[1].clone()])
            },
            "($self, alias, args, /)",
            "Complete arguments.",
        ),
        MethodDef::noargs("__reduce__", reduce, "($self, /)", "How it is pickled."),
        MethodDef::noargs("has_default", has_default, "($self, /)", "Return whether there is a default."),
        MethodDef::one(
            "__mro_entries__",
            |vm, _, _| refuse(vm, "TypeVarTuple"),
            "($self, bases, /)",
            "Refuse to be a base.",
        ),
    ],
    getset: &[NAME, DEFAULT, EVALUATE_DEFAULT],
    ..TypeSpec::new("typing.TypeVarTuple", Parameter::layout)
};

const NAME: GetSetDef = GetSetDef::readonly("__name__", |vm, this| Ok(parameter(vm, this)?.name.clone()), "The name.");
const DEFAULT: GetSetDef = GetSetDef::readonly(
    "__default__",
    |vm, this| match parameter(vm, this)?.default.get(vm)? {
        Some(default) => Ok(default),
        None => Ok(vm.typing_types()?.no_default.clone()),
    },
    "The default, or NoDefault.",
);
const EVALUATE_DEFAULT: GetSetDef = GetSetDef::readonly(
    "evaluate_default",
    |vm, this| evaluator(vm, &parameter(vm, this)?.default),
    "What gives the default.",
);
const COVARIANT: GetSetDef = GetSetDef::readonly(
    "__covariant__",
    |vm, this| Ok(Value::bool(parameter(vm, this)?.covariant.get())),
    "Whether it is covariant.",
);
const CONTRAVARIANT: GetSetDef = GetSetDef::readonly(
    "__contravariant__",
    |vm, this| Ok(Value::bool(parameter(vm, this)?.contravariant.get())),
    "Whether it is contravariant.",
);
const INFER: GetSetDef = GetSetDef::readonly(
    "__infer_variance__",
    |vm, this| Ok(Value::bool(parameter(vm, this)?.infer.get())),
    "Whether the variance is inferred.",
);

fn evaluator(vm: &Vm, lazy: &Lazy) -> PyResult {
    Ok(lazy.evaluator(vm)?.unwrap_or(Value::NONE))
}

fn refuse(vm: &Vm, name: &str) -> PyResult {
    Err(vm.type_error(format!("Cannot subclass an instance of {name}")))
}

fn reduce(vm: &Vm, this: &Value) -> PyResult {
    Ok(parameter(vm, this)?.name.clone())
}

fn has_default(vm: &Vm, this: &Value) -> PyResult {
    Ok(Value::bool(parameter(vm, this)?.has_default(vm)?))
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let own = parameter(vm, this)?;
    let name = vm.str_text(&own.name);
    let sign = match (own.infer.get(), own.covariant.get(), own.contravariant.get()) {
        (true, ..) => "",
        (_, true, _) => "+",
        (_, _, true) => "-",
        _ => "~",
    };
    Ok(vm.new_str(&format!("{sign}{name}")))
}

/// The keyword arguments of a constructor, and its positional ones.
fn bind<'a, const N: usize>(
    vm: &Vm,
    function: &str,
    signature: &str,
    args: Args<'a>,
) -> PyResult<[Option<&'a Value>; N]> {
    let mut bound = [None; N];
    Signature::parse(signature).bind(vm, function, args, &mut bound)?;
    Ok(bound)
}

fn name_argument(vm: &Vm, function: &str, name: Option<&Value>) -> PyResult {
    match name {
        Some(name) if name.downcast::<Str>().is_some() => Ok(name.clone()),
        Some(name) => {
            let given = vm.type_name(name);
            Err(vm.type_error(format!("{function}() argument 'name' must be str, not {given}")))
        }
        None => Err(vm.type_error(format!("{function}() missing required argument 'name' (pos 1)"))),
    }
}

fn set_variance(vm: &Vm, body: &Parameter, flags: [Option<&Value>; 3]) -> PyResult<()> {
    let [covariant, contravariant, infer] = flags;
    let truth = |value: Option<&Value>| value.map_or(Ok(false), |value| vm.truth(value));
    let (covariant, contravariant, infer) = (truth(covariant)?, truth(contravariant)?, truth(infer)?);
    if covariant && contravariant {
        return Err(vm.value_error("Bivariant types are not supported."));
    }
    if infer && (covariant || contravariant) {
        return Err(vm.value_error("Variance cannot be specified with infer_variance."));
    }
    body.covariant.set(covariant);
    body.contravariant.set(contravariant);
    body.infer.set(infer);
    Ok(())
}

fn set_default(vm: &Vm, body: &Parameter, default: Option<&Value>) -> PyResult<()> {
    let default = match default {
        Some(default) => default.clone(),
        None => vm.typing_types()?.no_default.clone(),
    };
    body.default.set(Some(default));
    Ok(())
}

fn new_type_var(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let positional = args.positional();
    // Constraints are the further positional arguments: the rest is bound as if they were not there.
    let constraints = positional.get(1..).unwrap_or_default().to_vec();
    let mut kept: Vec<Value> = positional.iter().take(1).cloned().collect();
    kept.extend_from_slice(args.keyword_values());
    let [name, bound, default, covariant, contravariant, infer] = bind(
        vm,
        "typevar",
        "($self, /, name, *, bound=None, default=NoDefault, covariant=False, contravariant=False, infer_variance=False)",
        Args { values: &kept, names: args.names },
    )?;
    let body = Parameter::new(name_argument(vm, "typevar", name)?);
    set_variance(vm, &body, [covariant, contravariant, infer])?;
    let bound = match bound.filter(|bound| !bound.is_none()) {
        Some(bound) => Some(as_type(vm, bound, "Bound must be a type.")?),
        None => None,
    };
    if constraints.len() == 1 {
        return Err(vm.type_error("A single constraint is not allowed"));
    }
    if !constraints.is_empty() {
        if bound.is_some() {
            return Err(vm.type_error("Constraints cannot be combined with bound=..."));
        }
        body.constraints.set(Some(vm.new_tuple(&constraints)));
    }
    body.bound.set(bound);
    set_default(vm, &body, default)?;
    construct(vm, class, body)
}

fn new_param_spec(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let [name, bound, default, covariant, contravariant, infer] = bind(
        vm,
        "paramspec",
        "($self, /, name, *, bound=None, default=NoDefault, covariant=False, contravariant=False, infer_variance=False)",
        args,
    )?;
    let body = Parameter::new(name_argument(vm, "paramspec", name)?);
    set_variance(vm, &body, [covariant, contravariant, infer])?;
    if let Some(bound) = bound.filter(|bound| !bound.is_none()) {
        body.bound.set(Some(bound.clone()));
    }
    set_default(vm, &body, default)?;
    construct(vm, class, body)
}

fn new_type_var_tuple(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let [name, default] = bind(vm, "typevartuple", "($self, /, name, *, default=NoDefault)", args)?;
    let body = Parameter::new(name_argument(vm, "typevartuple", name)?);
    set_default(vm, &body, default)?;
    construct(vm, class, body)
}

/// The arguments of an alias, the default of the variable added where it is the one that is missing.
fn prepare(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let types = vm.typing_types()?;
    let (alias, given) = (&args[0], &args[1]);
    let parameters = vm.get_attr(alias, &vm.names.__parameters__)?;
    let known = vm.collect(&parameters)?;
    let mut index = None;
    for (position, other) in known.iter().enumerate() {
        if vm.equal(other, this)? {
            index = Some(position);
            break;
        }
    }
    let Some(index) = index else { return Err(vm.value_error("tuple.index(x): x not in tuple")) };
    let count = vm.len(given)?;
    if index < count {
        return Ok(given.clone());
    }
    let own = parameter(vm, this)?;
    let default = if index == count { own.default.get(vm)? } else { None };
    let Some(default) = default.filter(|default| !default.is(&types.no_default)) else {
        let shown = vm.str(alias)?;
        let (alias, least) = (vm.str_text(&shown), index + 1);
        return Err(vm.type_error(format!("Too few arguments for {alias}; actual {count}, expected at least {least}")));
    };
    let mut items = match given.downcast::<Tuple>() {
        Some(tuple) => tuple.items().to_vec(),
        None => vm.collect(given)?,
    };
    items.push(default);
    Ok(vm.new_tuple(&items))
}

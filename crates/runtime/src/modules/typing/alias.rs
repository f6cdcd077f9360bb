//! `TypeAliasType`: what the statement `type` makes.

use super::evaluator::Lazy;
use super::parameter::Parameter;
use super::unpacked;
use crate::args::{Args, Signature};
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef, TypeSpec};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};

/// The body of a type alias.
pub struct Alias {
    name: Value,
    parameters: Value,
    value: Lazy,
    module: Value,
}

static LAYOUT: Layout = Layout::of::<Alias>("TypeAliasType", None);

impl Body for Alias {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.name);
        visitor(&self.parameters);
        visitor(&self.module);
        self.value.visit(visitor);
    }
    fn clear(&self) {
        self.value.clear();
    }
}

static MODULE: GetSetDef =
    GetSetDef::readonly("__module__", |vm, this| Ok(alias(vm, this)?.module.clone()), "Where it was made.");

/// `typing.TypeAliasType`
pub static SPEC: TypeSpec = TypeSpec {
    doc: "A type alias.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.repr.set(Some(|vm, this| vm.str(&alias(vm, this)?.name)));
        slots.nb_or.set(Some(|vm, a, b| vm.new_union(a, b)));
        slots.mp_subscript.set(Some(|vm, this, item| {
            if is_empty(&alias(vm, this)?.parameters) {
                return Err(vm.type_error("Only generic type aliases are subscriptable"));
            }
            vm.new_generic_alias(this, item)
        }));
        slots.iter.set(Some(|vm, this| {
            let form = vm.import_from("typing", "Unpack")?;
            let item = vm.get_item(&form, this)?;
            vm.iter(&vm.new_tuple(&[item]))
        }));
    },
    methods: &[MethodDef::noargs(
        "__reduce__",
        |vm, this| Ok(alias(vm, this)?.name.clone()),
        "($self, /)",
        "How it is pickled.",
    )],
    getset: &[
        GetSetDef::readonly("__name__", |vm, this| Ok(alias(vm, this)?.name.clone()), "The name."),
        GetSetDef::readonly(
            "__value__",
            |vm, this| Ok(alias(vm, this)?.value.get(vm)?.unwrap_or(Value::NONE)),
            "What it stands for.",
        ),
        GetSetDef::readonly(
            "evaluate_value",
            |vm, this| Ok(alias(vm, this)?.value.evaluator(vm)?.unwrap_or(Value::NONE)),
            "What gives the value.",
        ),
        GetSetDef::readonly("__type_params__", |vm, this| Ok(alias(vm, this)?.parameters.clone()), "The parameters."),
        GetSetDef::readonly(
            "__parameters__",
            |vm, this| unpacked(vm, &alias(vm, this)?.parameters),
            "The parameters, tuples of them unpacked.",
        ),
    ],
    // The namespace holds what tells the instances' module; the type's own is part of its name.
    extra: Some(|vm, ty| {
        ty.namespace.set_str(&vm.names.__module__, vm.new_getset(&MODULE, ty));
        Ok(())
    }),
    ..TypeSpec::new("typing.TypeAliasType", Alias::layout)
};

fn alias<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Alias>> {
    this.downcast().ok_or_else(|| vm.type_error("a type alias is needed"))
}

fn is_empty(parameters: &Value) -> bool {
    parameters.downcast::<Tuple>().is_none_or(|tuple| tuple.items().is_empty())
}

/// The alias of the statement: name, parameters or `None`, function that computes the value.
pub fn from_syntax(vm: &Vm, parts: &Value) -> PyResult {
    let Some([name, parameters, compute]) = parts.downcast::<Tuple>().map(|tuple| tuple.items()) else {
        return Err(vm.system_error("a type alias is made of three parts"));
    };
    let value = Lazy::default();
    value.set_lazy(compute.clone());
    let module = vm.get_attr_opt(compute, &vm.names.__module__)?.unwrap_or(Value::NONE);
    let parameters = if parameters.is_none() { vm.new_tuple(&[]) } else { parameters.clone() };
    let body = Alias { name: name.clone(), parameters, value, module };
    Ok(vm.new_instance(&vm.typing_types()?.alias, body)?.into_value())
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let mut bound = [None; 3];
    Signature::parse("($self, /, name, value, *, type_params=())").bind(vm, "typealias", args, &mut bound)?;
    let [Some(name), Some(given), parameters] = bound else { return Err(vm.type_error("a value is needed")) };
    if name.downcast::<Str>().is_none() {
        let class = vm.type_name(name);
        return Err(vm.type_error(format!("typealias() argument 'name' must be str, not {class}")));
    }
    let parameters = match parameters {
        None => vm.new_tuple(&[]),
        Some(parameters) => {
            let Some(tuple) = parameters.downcast::<Tuple>() else {
                return Err(vm.type_error("type_params must be a tuple"));
            };
            check(vm, tuple.items())?;
            parameters.clone()
        }
    };
    let value = Lazy::default();
    value.set(Some(given.clone()));
    let module = vm.calling_module_name().unwrap_or(Value::NONE);
    Ok(vm.new_instance(class, Alias { name: name.clone(), parameters, value, module })?.into_value())
}

/// Parameters without a default must not follow those with one.
fn check(vm: &Vm, parameters: &[Value]) -> PyResult<()> {
    let mut default_seen = false;
    for parameter in parameters {
        let Some(body) = parameter.downcast::<Parameter>() else {
            let shown = vm.repr_text(parameter)?;
            return Err(vm.type_error(format!("Expected a type param, got {shown}")));
        };
        let has_default = body.has_default(vm)?;
        if default_seen && !has_default {
            let shown = vm.repr_text(parameter)?;
            return Err(vm.type_error(format!("non-default type parameter '{shown}' follows default type parameter")));
        }
        default_seen |= has_default;
    }
    Ok(())
}

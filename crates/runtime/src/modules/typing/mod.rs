//! `_typing`: type parameters, type aliases, `Generic`. The interpreter makes them for the syntax of type parameters;
//! what they mean is in the library's `typing`.

mod alias;
mod evaluator;
mod generic;
mod parameter;
mod parts;

use crate::error::PyResult;
use crate::native::{MethodDef, ModuleSpec};
use crate::types::tuple::Tuple;
use crate::types::type_object::{Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::Value;
use parameter::Parameter;
use std::cell::OnceCell;
use std::rc::Rc;

/// `_typing`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_typing",
    doc: "Type parameters and type aliases.",
    functions: &[MethodDef::one("_idfunc", |_, _, value| Ok(value.clone()), "($module, x, /)", "Return the argument.")],
    exec: |vm, module| {
        let types = vm.typing_types()?;
        for (name, ty) in [
            ("TypeVar", &types.type_var),
            ("ParamSpec", &types.param_spec),
            ("TypeVarTuple", &types.type_var_tuple),
            ("ParamSpecArgs", &types.args),
            ("ParamSpecKwargs", &types.kwargs),
            ("TypeAliasType", &types.alias),
            ("Generic", &types.generic),
            ("Union", &vm.types.union),
        ] {
            vm.module_set(module, name, ty.to_value())?;
        }
        vm.module_set(module, "NoDefault", types.no_default.clone())
    },
};

/// The types of the module, made at the first use.
pub(crate) struct TypingTypes {
    type_var: TypeRef,
    param_spec: TypeRef,
    type_var_tuple: TypeRef,
    args: TypeRef,
    kwargs: TypeRef,
    alias: TypeRef,
    generic: TypeRef,
    evaluator: TypeRef,
    no_default: Value,
}

#[derive(Default)]
struct State(OnceCell<Rc<TypingTypes>>);

impl Vm {
    pub(crate) fn typing_types(&self) -> PyResult<Rc<TypingTypes>> {
        let state = self.state::<State>();
        if let Some(types) = state.0.get() {
            return Ok(types.clone());
        }
        let no_default = self.new_type(&parts::NO_DEFAULT)?;
        let types = Rc::new(TypingTypes {
            type_var: self.new_type(&parameter::TYPE_VAR)?,
            param_spec: self.new_type(&parameter::PARAM_SPEC)?,
            type_var_tuple: self.new_type(&parameter::TYPE_VAR_TUPLE)?,
            args: self.new_type(&parts::ARGS)?,
            kwargs: self.new_type(&parts::KWARGS)?,
            alias: self.new_type(&alias::SPEC)?,
            generic: self.new_type(&generic::SPEC)?,
            evaluator: self.new_type(&evaluator::SPEC)?,
            no_default: self.new_instance(&no_default, parts::NoDefault)?.into_value(),
        });
        let _ = state.0.set(types.clone());
        Ok(types)
    }

    /// What the intrinsics of type parameters make.
    pub fn typing_intrinsic(&self, which: &str, arguments: &[Value]) -> PyResult {
        let types = self.typing_types()?;
        match (which, arguments) {
            ("TypeVar", [name]) => {
                let body = Parameter::new(name.clone());
                body.infer.set(true);
                parameter::make(self, &types.type_var, body)
            }
            ("TypeVarWithBound", [name, evaluate]) => {
                let body = Parameter::new(name.clone());
                body.infer.set(true);
                body.bound.set_lazy(evaluate.clone());
                parameter::make(self, &types.type_var, body)
            }
            ("TypeVarWithConstraints", [name, evaluate]) => {
                let body = Parameter::new(name.clone());
                body.infer.set(true);
                body.constraints.set_lazy(evaluate.clone());
                parameter::make(self, &types.type_var, body)
            }
            ("ParamSpec", [name]) => {
                let body = Parameter::new(name.clone());
                body.infer.set(true);
                parameter::make(self, &types.param_spec, body)
            }
            ("TypeVarTuple", [name]) => parameter::make(self, &types.type_var_tuple, Parameter::new(name.clone())),
            ("Generic", [parameters]) => {
                let unpacked = unpacked(self, parameters)?;
                call_typing(self, "_GenericAlias", &[types.generic.to_value(), unpacked])
            }
            ("TypeAlias", [parts]) => alias::from_syntax(self, parts),
            ("SetDefault", [parameter, evaluate]) => {
                match parameter.downcast::<Parameter>() {
                    Some(body) => body.default.set_lazy(evaluate.clone()),
                    None => {
                        let name = self.type_name(parameter);
                        return Err(self.type_error(format!("Expected a type param, got {name}")));
                    }
                }
                Ok(parameter.clone())
            }
            _ => Err(self.system_error(format!("unknown intrinsic {which}"))),
        }
    }
}

/// Calls a function of the library's `typing`.
fn call_typing(vm: &Vm, name: &str, args: &[Value]) -> PyResult {
    let function = vm.import_from("typing", name)?;
    vm.call(&function, args)
}

/// Whether `|` and bounds take it without asking the library.
fn is_plainly_a_type(vm: &Vm, types: &TypingTypes, value: &Value) -> bool {
    let ty = vm.type_of(value);
    value.is_none()
        || value.downcast::<Type>().is_some()
        || ty.is(&vm.types.generic_alias)
        || ty.is(&vm.types.union)
        || ty.is(&types.alias)
}

/// A bound, constraint or default as a type; TypeError with the message where it is none.
fn as_type(vm: &Vm, value: &Value, message: &str) -> PyResult {
    if value.is_none() {
        return Ok(vm.types.none_type.to_value());
    }
    if is_plainly_a_type(vm, &*vm.typing_types()?, value) {
        return Ok(value.clone());
    }
    call_typing(vm, "_type_check", &[value.clone(), vm.new_str(message)])
}

/// Type parameters with each tuple of them unpacked.
fn unpacked(vm: &Vm, parameters: &Value) -> PyResult {
    let types = vm.typing_types()?;
    let Some(tuple) = parameters.downcast::<Tuple>() else { return Ok(parameters.clone()) };
    let mut items = Vec::with_capacity(tuple.items().len());
    for parameter in tuple.items() {
        if vm.type_of(parameter).is(&types.type_var_tuple) {
            items.push(unpack(vm, parameter)?);
        } else {
            items.push(parameter.clone());
        }
    }
    Ok(vm.new_tuple(&items))
}

/// `Unpack[parameter]`
fn unpack(vm: &Vm, parameter: &Value) -> PyResult {
    let form = vm.import_from("typing", "Unpack")?;
    vm.get_item(&form, parameter)
}

/// Gives an object the module that its maker runs in.
fn set_module(vm: &Vm, object: &Value) -> PyResult<()> {
    let module = vm.calling_module_name().unwrap_or(Value::NONE);
    vm.set_attr(object, &vm.names.__module__, &module)
}

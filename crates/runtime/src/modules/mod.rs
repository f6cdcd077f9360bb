//! Native modules that the runtime itself needs; the others are in `oriel-stdlib` and register themselves.

pub mod builtins;
pub mod codecs;
pub mod faulthandler;
pub mod gc;
pub mod imp;
pub mod library;
pub mod sys;
pub mod typing;
pub mod warnings;

use crate::error::PyResult;
use crate::native::ModuleSpec;
use crate::vm::Vm;
use oriel_heap::Value;

/// Registers the modules of this crate.
pub(crate) fn register(vm: &Vm) {
    for spec in [
        &builtins::SPEC,
        &codecs::SPEC,
        &faulthandler::SPEC,
        &gc::SPEC,
        &imp::SPEC,
        &library::SPEC,
        &typing::SPEC,
        &sys::SPEC,
        &warnings::SPEC,
    ] {
        vm.add_native_module(spec);
    }
}

impl Vm {
    /// Makes a native module, without entering it into `sys.modules`; nothing where there is none of the name.
    pub fn native_module(&self, name: &str) -> PyResult<Option<Value>> {
        let spec = self.native_modules.borrow().get(name).copied();
        let Some(spec) = spec else { return Ok(None) };
        self.make_native_module(spec).map(Some)
    }

    /// Makes the module of a declaration.
    pub fn make_native_module(&self, spec: &'static ModuleSpec) -> PyResult {
        let module = self.new_module(spec.name);
        let dict = match spec.name {
            "builtins" => {
                self.set_instance_dict(&module, Some(self.builtins.clone()))?;
                self.builtins.clone()
            }
            "sys" => {
                self.set_instance_dict(&module, Some(self.sys.clone()))?;
                self.sys.clone()
            }
            _ => self.instance_dict(&module)?,
        };
        let name = self.intern(spec.name);
        let doc = if spec.doc.is_empty() { Value::NONE } else { self.new_str(spec.doc) };
        dict.set_str(&self.names.__name__, name.clone());
        dict.set_str(&self.names.__doc__, doc);
        for key in [&self.names.__package__, &self.names.__loader__, &self.names.__spec__] {
            dict.set_str(key, Value::NONE);
        }
        for def in spec.functions {
            let function = self.new_native_function(def, Some(module.clone()), Some(name.clone()));
            dict.set_str(&self.intern(def.name), function);
        }
        (spec.exec)(self, &module)?;
        Ok(module)
    }

    /// Sets an attribute of a module under construction.
    pub fn module_set(&self, module: &Value, name: &str, value: impl Into<Value>) -> PyResult<()> {
        self.instance_dict(module)?.set_str(&self.intern(name), value.into());
        Ok(())
    }

    /// Adds a further table of functions to a module under construction.
    pub fn module_functions(&self, module: &Value, functions: &'static [crate::native::MethodDef]) -> PyResult<()> {
        let dict = self.instance_dict(module)?;
        let name = dict.get_str(&self.names.__name__);
        for def in functions {
            let function = self.new_native_function(def, Some(module.clone()), name.clone());
            dict.set_str(&self.intern(def.name), function);
        }
        Ok(())
    }

    /// A new type of a native module, entered into it under its name.
    pub fn module_type(
        &self,
        module: &Value,
        spec: &'static crate::native::TypeSpec,
    ) -> PyResult<crate::types::type_object::TypeRef> {
        let ty = self.new_type(spec)?;
        self.instance_dict(module)?.set_str(&ty.name.get(), ty.to_value());
        Ok(ty)
    }

    /// A member of `builtins`.
    pub fn builtin(&self, name: &str) -> PyResult {
        self.builtins
            .get_str(&self.intern(name))
            .ok_or_else(|| self.attribute_error(format!("module 'builtins' has no attribute '{name}'")))
    }

    /// `importlib.import_module(name)`, the last part of a dotted name.
    pub fn import_module(&self, name: &str) -> PyResult {
        let key = self.intern(name);
        if let Some(module) = self.modules.get_str(&key)
            && !module.is_none()
        {
            return Ok(module);
        }
        let import = self.builtin("__import__")?;
        let fromlist = self.new_tuple(&[self.names.__name__.clone()]);
        self.call(&import, &[key, Value::NONE, Value::NONE, fromlist, Value::small(0)])
    }

    /// An attribute of a module, imported if need be.
    pub fn import_from(&self, module: &str, name: &str) -> PyResult {
        let module = self.import_module(module)?;
        self.get_attr_str(&module, name)
    }
}

//! `_imp`: what importlib asks of the runtime: native and embedded modules, the import lock, hashes of sources.

use crate::args::Bound;
use crate::error::PyResult;
use crate::native::{MethodDef, ModuleSpec};
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::Value;

/// `_imp`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_imp",
    doc: "Low-level import machinery.",
    functions: FUNCTIONS,
    exec: |vm, module| {
        let mode = vm.new_str(&vm.config.check_hash_based_pycs);
        vm.module_set(module, "check_hash_based_pycs", mode)?;
        vm.module_set(module, "pyc_magic_number_token", vm.new_int(0x0a0d_0e2b))
    },
};

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::noargs("lock_held", |_, _| Ok(Value::FALSE), "($module, /)", "Return whether the import lock is held."),
    MethodDef::noargs(
        "acquire_lock",
        |_, _| Ok(Value::NONE),
        "($module, /)",
        "Acquire the import lock, which the GIL stands for.",
    ),
    MethodDef::noargs("release_lock", |_, _| Ok(Value::NONE), "($module, /)", "Release the import lock."),
    MethodDef::one(
        "is_builtin",
        is_builtin,
        "($module, name, /)",
        "Return whether there is a native module of the name.",
    ),
    MethodDef::noargs(
        "extension_suffixes",
        |vm, _| Ok(vm.new_list(Vec::new()).into_value()),
        "($module, /)",
        "Return the suffixes of extension modules.",
    ),
    MethodDef::one("create_builtin", create_builtin, "($module, spec, /)", "Create a native module."),
    MethodDef::one("exec_builtin", |_, _, _| Ok(Value::small(0)), "($module, mod, /)", "Initialize a native module."),
    MethodDef::one("create_dynamic", no_extensions, "($module, spec, file=None, /)", "Create an extension module."),
    MethodDef::one("exec_dynamic", no_extensions, "($module, mod, /)", "Initialize an extension module."),
    MethodDef::one(
        "is_frozen",
        |vm, _, name| Ok(Value::bool(frozen(vm, name).is_some())),
        "($module, name, /)",
        "Return whether the module is a frozen one.",
    ),
    MethodDef::one(
        "is_frozen_package",
        is_frozen_package,
        "($module, name, /)",
        "Return whether the module is a frozen package.",
    ),
    MethodDef::bound(
        "get_frozen_object",
        get_frozen_object,
        "($module, name, data=None, /)",
        "Return the code object of a frozen module.",
    ),
    MethodDef::bound(
        "find_frozen",
        find_frozen,
        "($module, name, /, *, withdata=False)",
        "Return what is known of a frozen module.",
    ),
    MethodDef::one("init_frozen", init_frozen, "($module, name, /)", "Import a frozen module."),
    MethodDef::noargs("_frozen_module_names", frozen_names, "($module, /)", "Return the names of the frozen modules."),
    MethodDef::one(
        "_override_frozen_modules_for_tests",
        |_, _, _| Ok(Value::NONE),
        "($module, override, /)",
        "Has no effect here.",
    ),
    MethodDef::one(
        "_override_multi_interp_extensions_check",
        |_, _, _| Ok(Value::small(0)),
        "($module, override, /)",
        "Has no effect here.",
    ),
    MethodDef::positional(
        "_fix_co_filename",
        2,
        2,
        fix_co_filename,
        "($module, code, path, /)",
        "Change the file name of a code object and those inside it.",
    ),
    MethodDef::positional("source_hash", 2, 2, source_hash, "($module, key, source)", "Hash a source for a .pyc file."),
];

fn name_of(vm: &Vm, name: &Value) -> PyResult<String> {
    match name.downcast::<Str>() {
        Some(text) => Ok(text.to_text()),
        None => Err(vm.type_error(format!("argument must be str, not {}", vm.type_name(name)))),
    }
}

fn is_builtin(vm: &Vm, _: &Value, name: &Value) -> PyResult {
    let name = name_of(vm, name)?;
    let known = vm.native_modules.borrow().contains_key(name.as_str());
    // 1: can be initialized again; -1: cannot.
    Ok(Value::small(match name.as_str() {
        "sys" | "builtins" => -1,
        _ => i32::from(known),
    }))
}

fn create_builtin(vm: &Vm, _: &Value, spec: &Value) -> PyResult {
    let name = vm.get_attr(spec, &vm.names.name)?;
    let text = name_of(vm, &name)?;
    if matches!(text.as_str(), "sys" | "builtins")
        && let Some(module) = vm.modules.get_str(&name)
    {
        return Ok(module);
    }
    match vm.native_module(&text)? {
        Some(module) => Ok(module),
        None => Ok(Value::NONE),
    }
}

fn no_extensions(vm: &Vm, _: &Value, _: &Value) -> PyResult {
    Err(vm.import_error("extension modules written in C are not supported"))
}

fn frozen(vm: &Vm, name: &Value) -> Option<crate::bootstrap::LibraryModule> {
    (vm.library.find)(&vm.str_text(name)).filter(|module| module.frozen)
}

fn require(vm: &Vm, name: &Value) -> PyResult<crate::bootstrap::LibraryModule> {
    match frozen(vm, name) {
        Some(module) => Ok(module),
        None => {
            let shown = vm.repr_text(name)?;
            let raised = vm.import_error(format!("No such frozen object named {}", shown.trim_matches('\'')));
            vm.set_attr(&raised.0, &vm.names.name, name)?;
            Err(raised)
        }
    }
}

fn is_frozen_package(vm: &Vm, _: &Value, name: &Value) -> PyResult {
    Ok(Value::bool(require(vm, name)?.is_package))
}

impl Vm {
    /// The code object of an embedded module; the name of its file is given unless it is that of the image.
    pub fn library_code(&self, module: &crate::bootstrap::LibraryModule, filename: Option<&Value>) -> PyResult {
        let Some(code) = oriel_bytecode::image::ImageCode::root(module.code) else {
            return Err(self.import_error("the embedded code of a module is damaged"));
        };
        let filename = match filename {
            Some(filename) => filename.clone(),
            None => self.intern_value(&self.text_value(&code.filename().unwrap_or_default())?),
        };
        self.new_deferred_code(code, &filename)
    }
}

impl Vm {
    /// A code object from its marshalled form.
    pub fn load_code_bytes(&self, bytes: &[u8]) -> PyResult {
        match oriel_bytecode::marshal::plain::load_code(bytes) {
            Ok(code) => Ok(self.new_code(code)?.into_value()),
            Err(_) => Err(self.eof_error("marshal data too short")),
        }
    }
}

fn get_frozen_object(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let Some(name) = args[0] else { return Ok(Value::NONE) };
    if let Some(data) = args[1].filter(|data| !data.is_none()) {
        let bytes = vm.buffer(data, false)?.to_vec();
        return match oriel_bytecode::marshal::plain::load_code(&bytes) {
            Ok(code) => Ok(vm.new_code(code)?.into_value()),
            Err(_) => Err(vm.import_error("Frozen object is invalid")),
        };
    }
    vm.library_code(&require(vm, name)?, None)
}

fn find_frozen(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let Some(name) = args[0] else { return Ok(Value::NONE) };
    let Some(module) = frozen(vm, name) else { return Ok(Value::NONE) };
    let origin = module.origin.as_deref().map_or(Value::NONE, |origin| vm.new_str(origin));
    Ok(vm.new_tuple(&[Value::NONE, Value::bool(module.is_package), origin]))
}

fn init_frozen(vm: &Vm, _: &Value, name: &Value) -> PyResult {
    let module = require(vm, name)?;
    vm.run_frozen(&vm.str_text(name), &module)
}

impl Vm {
    /// Runs an embedded module in a new module object, which is entered into `sys.modules`.
    pub fn run_frozen(&self, name: &str, module: &crate::bootstrap::LibraryModule) -> PyResult {
        let object = self.new_module(name);
        let dict = self.instance_dict(&object)?;
        dict.set_str(&self.names.__builtins__, self.builtins.to_value());
        self.modules.set_str(&self.intern(name), object.clone());
        if module.is_package {
            dict.set_str(&self.names.__path__, self.new_list(Vec::new()).into_value());
        }
        let code = self.library_code(module, None)?;
        self.run_code(&code, &dict, dict.as_value(), None)?;
        // importlib makes the module's spec of this.
        let origin = module.origin.as_deref().unwrap_or(name);
        dict.set_str(&self.intern("__origname__"), self.new_str(origin));
        Ok(object)
    }
}

fn frozen_names(vm: &Vm, _: &Value) -> PyResult {
    let names = (vm.library.frozen_names)().iter().map(|name| vm.intern(name)).collect();
    Ok(vm.new_list(names).into_value())
}

fn fix_co_filename(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    vm.rename_code_file(&args[0], &args[1])?;
    Ok(Value::NONE)
}

fn source_hash(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let key = vm.to_i64(&args[0])? as u64;
    let source = vm.buffer(&args[1], false)?;
    let hash = source.with_bytes(|bytes| oriel_bytecode::pyc::siphash13(key, 0, bytes));
    Ok(vm.new_bytes(&hash.to_le_bytes()))
}

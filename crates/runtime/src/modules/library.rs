//! `_library`: the embedded library as its path entry finder (in Python) sees it.

use crate::error::PyResult;
use crate::native::{MethodDef, ModuleSpec};
use crate::platform::memory;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::Value;
use std::cell::Cell;

/// `_library`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_library",
    doc: "The modules that are inside the binary.",
    functions: &[
        MethodDef::one("find", find, "($module, name, /)", "Return (path, is_package) of a module, or None."),
        MethodDef::positional(
            "code",
            2,
            2,
            code,
            "($module, name, filename, /)",
            "Return the code object of a module.",
        ),
        MethodDef::one("source", source, "($module, path, /)", "Return the content of a file as bytes, or None."),
        MethodDef::one("size", size, "($module, path, /)", "Return the size of a file, or None."),
        MethodDef::one(
            "children",
            children,
            "($module, package, /)",
            "Return [(name, is_package)] of a package's modules.",
        ),
    ],
    exec: |vm, module| {
        let root = vm.library_root();
        vm.module_set(module, "root", vm.new_str(&root))
    },
};

fn text(vm: &Vm, name: &Value) -> PyResult<String> {
    match name.downcast::<Str>() {
        Some(text) => Ok(text.to_text()),
        None => Err(vm.type_error(format!("argument must be str, not {}", vm.type_name(name)))),
    }
}

fn find(vm: &Vm, _: &Value, name: &Value) -> PyResult {
    match (vm.library.find)(&text(vm, name)?) {
        Some(module) => Ok(vm.new_tuple(&[vm.new_str(module.path), Value::bool(module.is_package)])),
        None => Ok(Value::NONE),
    }
}

/// What was read last.
#[derive(Default)]
struct Reading {
    image: Cell<Option<&'static [u8]>>,
    modules: Cell<usize>,
}

/// Modules after which the pages of the program that importing has touched are given back.
const OFTEN: usize = 16;

fn code(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let Some(module) = (vm.library.find)(&text(vm, &args[0])?).filter(|module| !module.code.is_empty()) else {
        return Ok(Value::NONE);
    };
    // Most of a module's image is read once: it need not stay in memory while the next ones are read.
    let reading = vm.state::<Reading>();
    if let Some(image) = reading.image.replace(Some(module.code)) {
        memory::release_constant(image);
    }
    let modules = reading.modules.get() + 1;
    reading.modules.set(modules);
    if modules.is_multiple_of(OFTEN) {
        memory::release_program();
    }
    vm.library_code(&module, Some(&args[1]))
}

fn source(vm: &Vm, _: &Value, path: &Value) -> PyResult {
    match (vm.library.file)(&text(vm, path)?) {
        Some(content) => Ok(vm.new_bytes(&content)),
        None => Ok(Value::NONE),
    }
}

fn size(vm: &Vm, _: &Value, path: &Value) -> PyResult {
    match (vm.library.file_size)(&text(vm, path)?) {
        Some(size) => Ok(vm.new_int(size as i64)),
        None => Ok(Value::NONE),
    }
}

fn children(vm: &Vm, _: &Value, package: &Value) -> PyResult {
    let children = (vm.library.children)(&text(vm, package)?);
    let entries = children.iter().map(|(name, is_package)| {
        let tail = name.rsplit('.').next().unwrap_or(name);
        vm.new_tuple(&[vm.new_str(tail), Value::bool(*is_package)])
    });
    Ok(vm.new_list(entries.collect()).into_value())
}

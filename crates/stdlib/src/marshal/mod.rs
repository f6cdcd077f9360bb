//! `marshal`: values as bytes and back. The format is in `oriel-bytecode`; here it meets the runtime's objects.

mod code;
mod reading;
mod writing;

use oriel_bytecode::marshal::VERSION;
use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// `marshal`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "marshal",
    doc: "Values as bytes, in the format of compiled modules.",
    functions: &[
        MethodDef::bound(
            "dumps",
            |vm, _, args| {
                let bytes = dump(vm, args[0], args[1], args[2])?;
                vm.try_new_bytes(&bytes)
            },
            "($module, value, version=version, /, *, allow_code=True)",
            "Return a value as bytes.",
        ),
        MethodDef::bound(
            "dump",
            |vm, _, args| {
                let bytes = dump(vm, args[0], args[2], args[3])?;
                let file = args[1].cloned().unwrap_or(Value::NONE);
                vm.call_method(&file, &vm.names.write, &[vm.try_new_bytes(&bytes)?])
            },
            "($module, value, file, version=version, /, *, allow_code=True)",
            "Write a value to a file.",
        ),
        MethodDef::bound("loads", loads, "($module, bytes, /, *, allow_code=True)", "Return the value of bytes."),
        MethodDef::bound("load", load, "($module, file, /, *, allow_code=True)", "Read a value from a file."),
    ],
    exec: |vm, module| vm.module_set(module, "version", Value::small(VERSION)),
};

fn allowed(vm: &Vm, value: Option<&Value>) -> PyResult<bool> {
    value.map_or(Ok(true), |value| vm.truth(value))
}

fn dump(vm: &Vm, value: Option<&Value>, version: Option<&Value>, allow: Option<&Value>) -> PyResult<Vec<u8>> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let version = version.map_or(Ok(VERSION), |version| vm.to_i32(version))?;
    writing::dump(vm, value, version, allowed(vm, allow)?)
}

fn loads(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let Some(bytes) = args[0] else { return Ok(Value::NONE) };
    let allow = allowed(vm, args[1])?;
    let view = vm.buffer(bytes, false)?;
    if let Some(bytes) = vm.as_bytes(bytes) {
        return Ok(reading::load(vm, bytes.as_slice(), allow)?.0);
    }
    let copy = view.to_vec();
    Ok(reading::load(vm, &copy, allow)?.0)
}

/// Reads from a file object no more than the value has.
fn load(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let Some(file) = args[0] else { return Ok(Value::NONE) };
    let allow = allowed(vm, args[1])?;
    // Whether it is a binary file is told before anything is taken from it.
    let probe = vm.call_method(file, &vm.names.read, &[Value::small(0)])?;
    if vm.as_bytes(&probe).is_none() {
        let name = vm.type_name(&probe);
        return Err(vm.type_error(format!("file.read() returned not bytes but {name}")));
    }
    reading::load_file(vm, file, allow)
}

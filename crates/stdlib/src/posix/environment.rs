//! The environment: the dict `environ`, and changing the process's variables.

use super::given;
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::environment;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::{Bound, PyResult, Ref, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound("putenv", putenv, "($module, name, value, /)", "Set a variable."),
    MethodDef::bound("unsetenv", unsetenv, "($module, name, /)", "Remove a variable."),
    MethodDef::bound(
        "_create_environ",
        |vm, _, _| Ok(read(vm)?.into_value()),
        "($module, /)",
        "Return the variables as a new dict.",
    ),
];

/// The variables: bytes to bytes. The first of several of the same name counts.
pub fn read(vm: &Vm) -> PyResult<Ref<Dict>> {
    let dict = vm.new_dict();
    for variable in environment::variables() {
        if let Some(end) = variable.iter().position(|byte| *byte == b'=') {
            dict.setdefault(vm, &vm.new_bytes(&variable[..end]), &vm.new_bytes(&variable[end + 1..]))?;
        }
    }
    Ok(dict)
}

fn putenv(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let name = vm.fs_c_string(given(vm, args[0])?)?;
    let value = vm.fs_c_string(given(vm, args[1])?)?;
    if name.as_bytes().contains(&b'=') {
        return Err(vm.value_error("illegal environment variable name"));
    }
    super::done(vm, environment::set(&name, &value))
}

fn unsetenv(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let name = vm.fs_c_string(given(vm, args[0])?)?;
    super::done(vm, environment::unset(&name))
}

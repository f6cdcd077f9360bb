//! `_sysconfig`: how the interpreter was built, where that is not in the library's own table.

use oriel_runtime::Value;
use oriel_runtime::native::{MethodDef, ModuleSpec};

/// `_sysconfig`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_sysconfig",
    doc: "How the interpreter was built.",
    functions: &[MethodDef::noargs(
        "config_vars",
        |vm, _| {
            let dict = vm.new_dict();
            dict.set_str(&vm.intern("Py_GIL_DISABLED"), Value::small(0));
            dict.set_str(&vm.intern("Py_DEBUG"), Value::small(0));
            Ok(dict.into_value())
        },
        "($module, /)",
        "Return a dict of properties of the build.",
    )],
    exec: |_, _| Ok(()),
};

//! `_suggestions`: the name most like a misspelt one, for tracebacks.

use oriel_runtime::types::list::List;
use oriel_runtime::types::str::Str;
use oriel_runtime::{MethodDef, ModuleSpec, PyResult, Value, Vm};

/// `_suggestions`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_suggestions",
    doc: "Names that may have been meant.",
    functions: &[MethodDef::positional(
        "_generate_suggestions",
        2,
        2,
        generate,
        "($module, candidates, item, /)",
        "The candidate most like the item, or None.",
    )],
    exec: |_, _| Ok(()),
};

fn generate(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [candidates, item] = args else { return Ok(Value::NONE) };
    let Some(item) = item.downcast::<Str>() else {
        let given = vm.type_name(item);
        return Err(vm.type_error(format!("_generate_suggestions() argument 2 must be str, not {given}")));
    };
    let Some(list) = candidates.downcast::<List>().filter(|_| vm.type_of(candidates).is(&vm.types.list)) else {
        return Err(vm.type_error("candidates must be a list"));
    };
    let mut names = Vec::new();
    for candidate in list.snapshot() {
        match candidate.downcast::<Str>() {
            Some(name) => names.push(name.to_text()),
            None => return Err(vm.type_error("all elements in 'candidates' must be strings")),
        }
    }
    let item = item.to_text();
    let found = oriel_runtime::suggestion::suggest(&item, names.iter().map(String::as_str));
    Ok(found.map_or(Value::NONE, |name| vm.new_str(name)))
}

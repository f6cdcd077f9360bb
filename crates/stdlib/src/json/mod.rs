//! `_json`: the scanner and the encoder of `json`.

mod encode;
mod scan;

use oriel_runtime::types::str::Str;
use oriel_runtime::{Bound, MethodDef, ModuleSpec, PyResult, Raised, Value, Vm};

/// `_json`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_json",
    doc: "The quick half of the module json.",
    functions: &[
        MethodDef::one(
            "encode_basestring",
            |vm, _, text| encode::quote(vm, text, false),
            "($module, string, /)",
            "Return the JSON form of a string.",
        ),
        MethodDef::one(
            "encode_basestring_ascii",
            |vm, _, text| encode::quote(vm, text, true),
            "($module, string, /)",
            "Return the ASCII JSON form of a string.",
        ),
        MethodDef::bound(
            "scanstring",
            scan_string,
            "($module, string, end, strict=True, /)",
            "Scan a JSON string from behind its opening quote; return it and the index behind its end.",
        ),
    ],
    exec: |vm, module| {
        vm.module_type(module, &scan::SPEC)?;
        vm.module_type(module, &encode::SPEC)?;
        let dict = vm.instance_dict(module)?;
        for (class, name) in [("Scanner", "make_scanner"), ("Encoder", "make_encoder")] {
            if let Some(value) = dict.delete_str(&vm.intern(class)) {
                dict.set_str(&vm.intern(name), value);
            }
        }
        Ok(())
    },
};

fn scan_string(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (Some(text), Some(end)) = (args[0], args[1]) else { return Ok(Value::NONE) };
    let Some(string) = text.downcast::<Str>() else {
        let given = vm.type_name(text);
        return Err(vm.type_error(format!("first argument must be a string, not {given}")));
    };
    let end = vm.to_isize(end)?;
    let strict = args[2].map_or(Ok(true), |strict| vm.truth(strict))?;
    if end < 0 || end as usize > string.len() {
        return Err(vm.value_error("end is out of bounds"));
    }
    let (value, next) = scan::string(vm, text, string, end as usize, strict)?;
    Ok(vm.new_tuple(&[value, vm.new_int(next as i64)]))
}

/// `json.JSONDecodeError(message, document, position)`
#[cold]
fn decode_error(vm: &Vm, message: &str, document: &Value, position: usize) -> Raised {
    let class = match vm.import_from("json.decoder", "JSONDecodeError") {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    match vm.call(&class, &[vm.new_str(message), document.clone(), vm.new_int(position as i64)]) {
        Ok(error) => Raised(error),
        Err(raised) => raised,
    }
}

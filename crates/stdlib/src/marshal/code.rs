//! Code objects: their parts as values, and as plain data.

use oriel_bytecode::marshal::CodeParts;
use oriel_bytecode::{CodeFlags, CodeObject, Constant, Text, VariableKind};
use oriel_runtime::types::code::Code;
use oriel_runtime::types::complex::complex_of;
use oriel_runtime::types::float::float_of;
use oriel_runtime::types::set::Set;
use oriel_runtime::types::slice::Slice;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{PyResult, Value, Vm};
use std::rc::Rc;

/// How deep constants may be nested to count as plain.
const MOST_NESTED: usize = 200;

/// The parts as values.
pub fn parts(vm: &Vm, code: &Code) -> CodeParts<Value> {
    let data = &code.data;
    let kinds: Vec<u8> = data.localspluskinds.iter().map(|kind| kind.0).collect();
    CodeParts {
        argcount: data.argcount as i32,
        posonlyargcount: data.posonlyargcount as i32,
        kwonlyargcount: data.kwonlyargcount as i32,
        stacksize: data.stacksize as i32,
        flags: data.flags.0 as i32,
        code: vm.new_bytes(&data.code),
        consts: vm.new_tuple(&code.constants),
        names: vm.new_tuple(&code.names),
        localsplusnames: vm.new_tuple(&code.variables),
        localspluskinds: vm.new_bytes(&kinds),
        filename: code.filename.get(),
        name: code.name.clone(),
        qualname: code.qualname.clone(),
        firstlineno: data.firstlineno,
        linetable: vm.new_bytes(&data.linetable),
        exceptiontable: vm.new_bytes(&data.exceptiontable),
    }
}

/// The code object as plain data, where all of its constants can be that.
pub fn plain(vm: &Vm, code: &Code, depth: usize) -> Option<Rc<CodeObject>> {
    if depth > MOST_NESTED || vm.stack_left() < 256 * 1024 {
        return None;
    }
    let mut data = CodeObject::clone(&code.data);
    data.consts = code.constants.iter().map(|value| constant(vm, value, depth + 1)).collect::<Option<_>>()?;
    data.filename = text(&code.filename.get())?;
    Some(Rc::new(data))
}

fn text(value: &Value) -> Option<Text> {
    let string = value.downcast::<Str>()?;
    match string.as_ascii() {
        Some(text) => Text::from_ascii(text.as_bytes()),
        None => Text::from_code_points(string.text().chars()),
    }
}

/// A constant as far as lowering looks at it: integers.
fn number(vm: &Vm, value: &Value) -> Constant {
    match value.as_small_int() {
        Some(number) => Constant::int(number),
        None if vm.type_of(value).is(&vm.types.int) => constant(vm, value, 0).unwrap_or(Constant::None),
        None => Constant::None,
    }
}

fn constant(vm: &Vm, value: &Value, depth: usize) -> Option<Constant> {
    if depth > MOST_NESTED || vm.stack_left() < 256 * 1024 {
        return None;
    }
    if let Some(flag) = value.as_bool() {
        return Some(Constant::bool(flag));
    }
    if value.is_none() {
        return Some(Constant::None);
    }
    if value.is(&Value::ELLIPSIS) {
        return Some(Constant::Ellipsis);
    }
    let ty = vm.type_of(value);
    let items = |values: &[Value]| values.iter().map(|v| constant(vm, v, depth + 1)).collect::<Option<Vec<_>>>();
    if ty.is(&vm.types.int) {
        return match vm.small_or_big(value)? {
            Ok(number) => Some(Constant::int(number)),
            Err(big) => Some(Constant::int(big.value.clone())),
        };
    }
    if ty.is(&vm.types.float) {
        return float_of(value).map(Constant::Float);
    }
    if ty.is(&vm.types.complex) {
        return complex_of(value).map(|number| Constant::Complex(number.re, number.im));
    }
    if ty.is(&vm.types.str) {
        return text(value).map(Constant::Str);
    }
    if ty.is(&vm.types.bytes) {
        return vm.as_bytes(value).map(|bytes| Constant::Bytes(bytes.as_slice().into()));
    }
    if ty.is(&vm.types.tuple) {
        return Some(Constant::Tuple(items(value.downcast::<Tuple>()?.items())?.into()));
    }
    if ty.is(&vm.types.frozenset) {
        return Some(Constant::FrozenSet(items(&value.downcast::<Set>()?.keys())?.into()));
    }
    if ty.is(&vm.types.slice) {
        let slice = value.downcast::<Slice>()?;
        let part = |value: &Value| constant(vm, value, depth + 1);
        let parts = [part(&slice.start)?, part(&slice.stop)?, part(&slice.step)?];
        return Some(Constant::Slice(parts.into()));
    }
    if ty.is(&vm.types.code) {
        return plain(vm, value.downcast::<Code>()?, depth + 1).map(Constant::Code);
    }
    None
}

/// A code object of its parts.
pub fn make(vm: &Vm, parts: CodeParts<Value>) -> PyResult {
    let bad = |what: &str| vm.type_error(format!("bad code object in marshal data ({what})"));
    let bytes =
        |value: &Value, what: &str| vm.as_bytes(value).map(|bytes| bytes.as_slice().to_vec()).ok_or_else(|| bad(what));
    let texts = |value: &Value, what: &str| -> PyResult<Vec<Text>> {
        let tuple = value.downcast::<Tuple>().ok_or_else(|| bad(what))?;
        tuple.items().iter().map(|item| text(item).ok_or_else(|| bad(what))).collect()
    };
    let one_text = |value: &Value, what: &str| text(value).ok_or_else(|| bad(what));
    let constants = parts.consts.downcast::<Tuple>().ok_or_else(|| bad("consts"))?.items().to_vec();
    let names = texts(&parts.localsplusnames, "localsplusnames")?;
    let kinds: Vec<VariableKind> =
        bytes(&parts.localspluskinds, "localspluskinds")?.into_iter().map(VariableKind).collect();
    let code = bytes(&parts.code, "code")?;
    if code.is_empty() || code.len() % 2 != 0 {
        return Err(vm.value_error("code: co_code is malformed"));
    }
    let count = |number: i32| u32::try_from(number).map_err(|_| vm.value_error("code: a count is negative"));
    let data = CodeObject {
        argcount: count(parts.argcount)?,
        posonlyargcount: count(parts.posonlyargcount)?,
        kwonlyargcount: count(parts.kwonlyargcount)?,
        stacksize: count(parts.stacksize)?,
        flags: CodeFlags(parts.flags as u32),
        code: code.into(),
        consts: constants.iter().map(|value| number(vm, value)).collect(),
        names: texts(&parts.names, "names")?,
        localsplusnames: names,
        localspluskinds: kinds,
        filename: one_text(&parts.filename, "filename")?,
        name: one_text(&parts.name, "name")?,
        qualname: one_text(&parts.qualname, "qualname")?,
        firstlineno: parts.firstlineno,
        linetable: bytes(&parts.linetable, "linetable")?.into(),
        exceptiontable: bytes(&parts.exceptiontable, "exceptiontable")?.into(),
    };
    Ok(vm.new_code_with(Rc::new(data), constants.into())?.into_value())
}

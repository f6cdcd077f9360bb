//! `_csv`: rows of fields as text. Here are the module and its registry of dialects; [`dialect`] says how rows are
//! written, [`reader`] takes them apart and [`writer`] puts them together.

mod dialect;
mod reader;
mod writer;

use crate::bodies::{bind, given, made};
use oriel_runtime::args::Signature;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Bound, MethodDef, ModuleSpec, PyResult, Raised, Ref, Value, Vm};
use std::cell::{Cell, OnceCell};
use std::sync::OnceLock;

/// What a field may have at most, until told otherwise.
const FIELD_LIMIT: i64 = 128 * 1024;

/// The types, the registry and the limit of the module.
#[derive(Default)]
struct State {
    error: OnceCell<TypeRef>,
    dialect: OnceCell<TypeRef>,
    reader: OnceCell<TypeRef>,
    writer: OnceCell<TypeRef>,
    dialects: OptionCell,
    limit: Cell<Option<i64>>,
}

/// `_csv`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_csv",
    doc: "Reading and writing of rows of fields.",
    functions: FUNCTIONS,
    exec: |vm, module| {
        let state = vm.state::<State>();
        for (name, value) in dialect::STYLES {
            vm.module_set(module, name, vm.new_int(*value))?;
        }
        let error = match state.error.get() {
            Some(error) => error.clone(),
            None => crate::bodies::exception(vm, "_csv", "Error", &vm.types.exception)?,
        };
        vm.module_set(module, "Error", error.to_value())?;
        let _ = state.error.set(error);
        let _ = state.dialect.set(vm.module_type(module, &dialect::SPEC)?);
        let reader = vm.new_type(&reader::SPEC)?;
        vm.module_set(module, "Reader", reader.to_value())?;
        let _ = state.reader.set(reader);
        let writer = vm.new_type(&writer::SPEC)?;
        vm.module_set(module, "Writer", writer.to_value())?;
        let _ = state.writer.set(writer);
        let dialects = vm.new_dict().into_value();
        vm.module_set(module, "_dialects", dialects.clone())?;
        state.dialects.set(Some(dialects));
        Ok(())
    },
};

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::args(
        "reader",
        reader::make,
        "($module, iterable, /, dialect='excel', **fmtparams)",
        "Return an iterator over the rows of an iterable's lines.",
    ),
    MethodDef::args(
        "writer",
        writer::make,
        "($module, fileobj, /, dialect='excel', **fmtparams)",
        "Return an object that writes rows to a file.",
    ),
    MethodDef::noargs("list_dialects", list_dialects, "($module, /)", "Return the names of all dialects."),
    MethodDef::args(
        "register_dialect",
        register_dialect,
        "($module, name, /, dialect='excel', **fmtparams)",
        "Give a dialect a name.",
    ),
    MethodDef::bound("unregister_dialect", unregister_dialect, "($module, /, name)", "Forget a dialect."),
    MethodDef::bound("get_dialect", get_dialect, "($module, /, name)", "Return the dialect of a name."),
    MethodDef::args(
        "field_size_limit",
        field_size_limit,
        "($module, /, new_limit=<unrepresentable>)",
        "Return how long a field may be, and maybe set it.",
    ),
];

/// `_csv.Error`
#[cold]
fn error(vm: &Vm, message: impl AsRef<str>) -> Raised {
    match vm.state::<State>().error.get() {
        Some(class) => vm.new_exception(class, message.as_ref()),
        None => vm.value_error(message),
    }
}

fn registry(vm: &Vm) -> PyResult<Ref<Dict>> {
    let dialects = vm.state::<State>().dialects.get();
    match dialects.as_ref().and_then(|dialects| dialects.downcast::<Dict>()) {
        Some(dict) => Ok(dict.clone()),
        None => Err(vm.system_error("the module _csv is not complete")),
    }
}

/// The dialect that has a name.
fn registered(vm: &Vm, name: &Value) -> PyResult {
    match registry(vm)?.get(vm, name)? {
        Some(dialect) => Ok(dialect),
        None => Err(error(vm, "unknown dialect")),
    }
}

/// The first argument, which has no name, and a dialect made of all others.
fn first_and_dialect<'a>(vm: &Vm, name: &str, args: Args<'a>) -> PyResult<(&'a Value, Ref<dialect::Dialect>)> {
    let positional = args.positional();
    oriel_runtime::args::check_count(vm, name, positional.len(), 1, 2)?;
    let class = made_dialect(vm)?;
    let dialect = vm.call_args(class.as_value(), args.skip_first())?;
    match dialect.downcast::<dialect::Dialect>() {
        Some(dialect) => Ok((&positional[0], dialect.clone())),
        None => Err(vm.system_error("Dialect() made no dialect")),
    }
}

fn made_dialect(vm: &Vm) -> PyResult<TypeRef> {
    let state = vm.state::<State>();
    made(vm, &state.dialect).cloned()
}

fn list_dialects(vm: &Vm, _: &Value) -> PyResult {
    Ok(vm.list(registry(vm)?.keys()))
}

fn register_dialect(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    let positional = args.positional();
    oriel_runtime::args::check_count(vm, "register_dialect", positional.len(), 1, 2)?;
    let name = &positional[0];
    if name.downcast::<Str>().is_none() {
        return Err(vm.type_error("dialect name must be a string"));
    }
    let (name, dialect) = first_and_dialect(vm, "register_dialect", args)?;
    registry(vm)?.set(vm, name, dialect.into_value())?;
    Ok(Value::NONE)
}

fn unregister_dialect(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let name = given(vm, args[0])?;
    match registry(vm)?.delete(vm, name)? {
        Some(_) => Ok(Value::NONE),
        None => Err(error(vm, "unknown dialect")),
    }
}

fn get_dialect(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    registered(vm, given(vm, args[0])?)
}

fn field_limit(vm: &Vm) -> i64 {
    vm.state::<State>().limit.get().unwrap_or(FIELD_LIMIT)
}

fn field_size_limit(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [limit] = bind(vm, &SIGNATURE, "($module, /, new_limit=None)", "field_size_limit", args)?;
    let old = field_limit(vm);
    if let Some(limit) = limit {
        if !vm.type_of(limit).is(&vm.types.int) {
            return Err(vm.type_error("limit must be an integer"));
        }
        vm.state::<State>().limit.set(Some(vm.to_i64(limit)?));
    }
    Ok(vm.new_int(old))
}

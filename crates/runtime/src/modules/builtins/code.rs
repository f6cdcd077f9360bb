//! `compile`, `eval`, `exec`, `globals`, `locals`, `__import__`.

use crate::args::{Args, Bound};
use crate::error::PyResult;
use crate::native::MethodDef;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use oriel_syntax::Mode;

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound(
        "compile",
        compile,
        "($module, /, source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)",
        "Compile source into a code object or a syntax tree.",
    ),
    MethodDef::bound("eval", eval, "($module, source, /, globals=None, locals=None)", "Evaluate an expression."),
    MethodDef::bound(
        "exec",
        exec,
        "($module, source, /, globals=None, locals=None, *, closure=None)",
        "Execute statements.",
    ),
    MethodDef::noargs(
        "globals",
        |vm, _| vm.current_globals().map(Ref::into_value),
        "($module, /)",
        "Return the current scope's global variables.",
    ),
    MethodDef::noargs(
        "locals",
        |vm, _| vm.current_locals(),
        "($module, /)",
        "Return the current scope's local variables.",
    ),
    MethodDef::args(
        "__import__",
        import,
        "($module, /, name, globals=None, locals=None, fromlist=(), level=0)",
        "Import a module.",
    ),
];

fn compile(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (Some(source), Some(filename), Some(mode)) = (args[0], args[1], args[2]) else { return Ok(Value::NONE) };
    let Some(mode_text) = mode.downcast::<Str>() else {
        return Err(vm.type_error(format!("compile() argument 'mode' must be str, not {}", vm.type_name(mode))));
    };
    let flags = args[3].map_or(Ok(0), |flags| vm.to_i32(flags))? as u32;
    let inherit = !args[4].map_or(Ok(false), |flag| vm.truth(flag))?;
    let optimize = args[5].map_or(Ok(-1), |level| vm.to_i32(level))?;
    let feature_version = args[6].map_or(Ok(-1), |version| vm.to_i32(version))?;
    let filename = vm.filesystem_text(filename)?;
    if flags & !crate::compile::KNOWN_FLAGS != 0 {
        return Err(vm.value_error("compile(): unrecognised flags"));
    }
    if !(-1..=2).contains(&optimize) {
        return Err(vm.value_error("compile(): invalid optimize value"));
    }
    let mode = match mode_text.to_text().as_str() {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        "func_type" if flags & crate::compile::ONLY_AST != 0 => Mode::FuncType,
        "func_type" => return Err(vm.value_error("compile() mode 'func_type' requires flag PyCF_ONLY_AST")),
        _ if flags & crate::compile::ONLY_AST != 0 => {
            return Err(vm.value_error("compile() mode must be 'exec', 'eval', 'single' or 'func_type'"));
        }
        _ => return Err(vm.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    };
    let inherited = if inherit { vm.inherited_compiler_flags() } else { 0 };
    vm.compile_object(source, &filename, mode, flags | inherited, optimize, feature_version)
}

/// The namespaces that `eval` and `exec` run in.
fn namespaces(
    vm: &Vm,
    function: &str,
    globals: Option<&Value>,
    locals: Option<&Value>,
) -> PyResult<(Ref<Dict>, Value)> {
    let globals = globals.filter(|globals| !globals.is_none());
    let locals = locals.filter(|locals| !locals.is_none());
    if let Some(locals) = locals
        && vm.type_of(locals).slots.mp_subscript.get().is_none()
    {
        let given = vm.type_name(locals);
        return Err(vm.type_error(match function {
            "eval" => "locals must be a mapping".to_owned(),
            _ => format!("locals must be a mapping or None, not {given}"),
        }));
    }
    let (globals, locals) = match (globals, locals) {
        (None, None) => {
            let globals = vm.current_globals()?;
            (globals, vm.current_locals()?)
        }
        (None, Some(locals)) => (vm.current_globals()?, locals.clone()),
        (Some(globals), locals) => {
            let Some(dict) = globals.downcast::<Dict>() else {
                let given = vm.type_name(globals);
                return Err(vm.type_error(match function {
                    "eval" => "globals must be a real dict; try eval(code, {}, mapping)".to_owned(),
                    _ => format!("exec() globals must be a dict, not {given}"),
                }));
            };
            (dict.clone(), locals.unwrap_or(globals).clone())
        }
    };
    if globals.get_str(&vm.names.__builtins__).is_none() {
        let builtins = vm.current_builtins();
        globals.set_str(&vm.names.__builtins__, builtins);
    }
    Ok((globals, locals))
}

/// Source given as text has no encoding to declare.
fn encoding_flag(source: &Value) -> u32 {
    if source.downcast::<crate::types::str::Str>().is_some() { crate::compile::SOURCE_IS_UTF8 } else { 0 }
}

fn eval(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let Some(source) = args[0] else { return Ok(Value::NONE) };
    let (globals, locals) = namespaces(vm, "eval", args[1], args[2])?;
    let code = match source.downcast::<Code>() {
        Some(code) => {
            if code.data.freevars().next().is_some() {
                return Err(vm.type_error("code object passed to eval() may not contain free variables"));
            }
            source.clone()
        }
        None => {
            let flags = vm.inherited_compiler_flags() | encoding_flag(source);
            let text = vm.source_text(source, "eval() arg 1 must be a string, bytes or code object")?;
            let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            vm.compile_text(&text[blanks..], "<string>", Mode::Eval, flags, -1, -1)?
        }
    };
    vm.audit("exec", std::slice::from_ref(&code))?;
    vm.run_code(&code, &globals, &locals, None)
}

fn exec(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let Some(source) = args[0] else { return Ok(Value::NONE) };
    let (globals, locals) = namespaces(vm, "exec", args[1], args[2])?;
    let closure = args[3].filter(|closure| !closure.is_none());
    let code = match source.downcast::<Code>() {
        Some(code) => {
            let free = code.data.freevars().count();
            check_closure(vm, closure, free)?;
            source.clone()
        }
        None => {
            if closure.is_some() {
                return Err(vm.type_error("closure argument can only be used when source is a code object"));
            }
            let flags = vm.inherited_compiler_flags() | encoding_flag(source);
            let text = vm.source_text(source, "exec() arg 1 must be a string, bytes or code object")?;
            vm.compile_text(&text, "<string>", Mode::Exec, flags, -1, -1)?
        }
    };
    vm.audit("exec", std::slice::from_ref(&code))?;
    vm.run_code(&code, &globals, &locals, closure)?;
    Ok(Value::NONE)
}

fn check_closure(vm: &Vm, closure: Option<&Value>, free: usize) -> PyResult<()> {
    match closure {
        None if free == 0 => Ok(()),
        None => Err(vm.type_error("code object requires a closure of exactly length ".to_owned() + &free.to_string())),
        Some(_) if free == 0 => Err(vm.type_error("cannot use a closure with this code object")),
        Some(closure) => {
            let cells = closure.downcast::<crate::types::tuple::Tuple>();
            let fits = cells.is_some_and(|cells| {
                cells.len() == free && cells.items().iter().all(|cell| vm.cell_content(cell).is_some())
            });
            if fits {
                return Ok(());
            }
            Err(vm.type_error(format!("code object requires a closure of exactly length {free}")))
        }
    }
}

/// `builtins.__import__`
pub fn import(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    static SIGNATURE: std::sync::OnceLock<crate::args::Signature> = std::sync::OnceLock::new();
    let signature = SIGNATURE
        .get_or_init(|| crate::args::Signature::parse("(name, globals=None, locals=None, fromlist=(), level=0)"));
    let mut bound = [None; 5];
    signature.bind(vm, "__import__", args, &mut bound)?;
    let [Some(name), globals, _, fromlist, level] = bound else { return Ok(Value::NONE) };
    let level = level.map_or(Ok(0), |level| vm.to_i32(level))?;
    let empty = vm.constants.empty_tuple.clone();
    vm.import_name(name, globals.unwrap_or(&Value::NONE), fromlist.unwrap_or(&empty), level)
}

//! `print`, `input`, `open`, `breakpoint`.

use crate::args::Args;
use crate::error::PyResult;
use crate::native::MethodDef;
use crate::vm::Vm;
use oriel_heap::Value;

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::args(
        "print",
        print,
        "($module, /, *args, sep=' ', end='\\n', file=None, flush=False)",
        "Print the values to a stream, or to sys.stdout by default.",
    ),
    MethodDef::positional("input", 0, 1, input, "($module, prompt='', /)", "Read a line from standard input."),
    MethodDef::args("breakpoint", breakpoint, "($module, /, *args, **kws)", "Call sys.breakpointhook."),
];

fn text_option<'a>(vm: &Vm, value: &'a Value, name: &str) -> PyResult<Option<&'a Value>> {
    if value.is_none() {
        return Ok(None);
    }
    if value.downcast::<crate::types::str::Str>().is_none() {
        return Err(vm.type_error(format!("{name} must be None or a string, not {}", vm.type_name(value))));
    }
    Ok(Some(value))
}

fn print(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    let (mut sep, mut end, mut file, mut flush) = (None, None, Value::NONE, false);
    for (name, value) in args.keywords() {
        match vm.str_text(name).as_str() {
            "sep" => sep = text_option(vm, value, "sep")?,
            "end" => end = text_option(vm, value, "end")?,
            "file" => file = value.clone(),
            "flush" => flush = vm.truth(value)?,
            other => return Err(vm.type_error(format!("print() got an unexpected keyword argument '{other}'"))),
        }
    }
    if file.is_none() {
        match vm.sys.get_str(&vm.names.stdout) {
            None => return Err(vm.runtime_error("lost sys.stdout")),
            Some(stdout) if stdout.is_none() => return Ok(Value::NONE),
            Some(stdout) => file = stdout,
        }
    }
    let write = vm.get_attr(&file, &vm.names.write)?;
    for (index, value) in args.positional().iter().enumerate() {
        if index > 0 {
            match sep {
                Some(sep) => vm.call(&write, std::slice::from_ref(sep))?,
                None => vm.call(&write, &[vm.new_char(32)])?,
            };
        }
        let text = vm.str(value)?;
        vm.call(&write, &[text])?;
    }
    match end {
        Some(end) => vm.call(&write, std::slice::from_ref(end))?,
        None => vm.call(&write, &[vm.new_char(10)])?,
    };
    if flush {
        vm.call_method(&file, &vm.names.flush, &[])?;
    }
    Ok(Value::NONE)
}

fn stream(vm: &Vm, name: &Value) -> PyResult {
    match vm.sys.get_str(name) {
        Some(stream) if !stream.is_none() => Ok(stream),
        _ => Err(vm.runtime_error(format!("input(): lost sys.{}", vm.str_text(name)))),
    }
}

fn is_terminal(vm: &Vm, stream: &Value, descriptor: i32) -> PyResult<bool> {
    let number = match vm.call_method(stream, &vm.names.fileno, &[]) {
        Ok(number) => vm.to_i32(&number)?,
        Err(raised) if vm.raised_is(&raised, &vm.types.exception) => return Ok(false),
        Err(raised) => return Err(raised),
    };
    Ok(number == descriptor && crate::platform::is_terminal(number))
}

fn input(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let stdin = stream(vm, &vm.names.stdin)?;
    let stdout = stream(vm, &vm.names.stdout)?;
    let stderr = stream(vm, &vm.names.stderr)?;
    vm.audit("builtins.input", &[args.first().cloned().unwrap_or(Value::NONE)])?;
    // Streams need not be able to flush.
    drop(vm.call_method(&stderr, &vm.names.flush, &[]));
    if let Some(prompt) = args.first() {
        let text = vm.str(prompt)?;
        // At a terminal the prompt is shown as it is; line editing belongs to the prompt of the command.
        let _at_terminal = is_terminal(vm, &stdin, 0)? && is_terminal(vm, &stdout, 1)?;
        vm.call_method(&stdout, &vm.names.write, &[text])?;
    }
    drop(vm.call_method(&stdout, &vm.names.flush, &[]));
    let line = vm.call_method(&stdin, &vm.names.readline, &[])?;
    let Some(text) = line.downcast::<crate::types::str::Str>() else {
        return Err(vm.type_error("object.readline() returned non-string"));
    };
    let length = text.len();
    if length == 0 {
        return Err(vm.eof_error("EOF when reading a line"));
    }
    if text.text().at(length - 1) == 10 {
        return vm.new_text(text.text().slice(0, length - 1));
    }
    Ok(line)
}

fn breakpoint(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    let Some(hook) = vm.sys.get_str(&vm.names.breakpointhook) else {
        return Err(vm.runtime_error("lost sys.breakpointhook"));
    };
    vm.call_args(&hook, args)
}

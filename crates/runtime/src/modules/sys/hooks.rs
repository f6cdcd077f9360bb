//! The hooks of `sys`: displaying results, reporting exceptions, breakpoints, audit events.

use super::frames::{add_audit_hook, audit, lost};
use super::structs;
use super::values::{SysState, struct_type};
use crate::args::Args;
use crate::error::{PyResult, Raised};
use crate::native::MethodDef;
use crate::types::type_object::Type;
use crate::vm::Vm;
use oriel_heap::Value;

/// The functions.
pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::one("displayhook", display, "($module, object, /)", "Shows a result at the prompt."),
    MethodDef::positional(
        "excepthook",
        3,
        3,
        |vm, _, args| {
            if let [_, value, traceback] = args {
                vm.display_exception_with(value, traceback);
            }
            Ok(Value::NONE)
        },
        "($module, exctype, value, traceback, /)",
        "Shows an exception that nobody has caught.",
    ),
    MethodDef::one(
        "unraisablehook",
        unraisable,
        "($module, unraisable, /)",
        "Shows an exception that nobody can catch.",
    ),
    MethodDef::args("breakpointhook", breakpoint, "($module, /, *args, **kwargs)", "Starts the debugger."),
    MethodDef::args("audit", audit, "($module, event, /, *args)", "Tells the audit hooks of an event."),
    MethodDef::bound("addaudithook", add_audit_hook, "($module, /, hook)", "Adds an audit hook."),
];

/// Keeps the originals of what programs replace.
pub(super) fn fill(vm: &Vm, module: &Value) -> PyResult<()> {
    let dict = vm.instance_dict(module)?;
    for name in ["displayhook", "excepthook", "unraisablehook", "breakpointhook"] {
        if let Some(hook) = dict.get_str(&vm.intern(name)) {
            dict.set_str(&vm.intern(&format!("__{name}__")), hook);
        }
    }
    Ok(())
}

fn display(vm: &Vm, _: &Value, value: &Value) -> PyResult {
    let underscore = &vm.intern("_");
    if value.is_none() {
        return Ok(Value::NONE);
    }
    vm.builtins.set_str(underscore, Value::NONE);
    let stdout = match vm.sys.get_str(&vm.names.stdout) {
        Some(stdout) if !stdout.is_none() => stdout,
        _ => return Err(lost(vm, "stdout")),
    };
    let text = vm.repr(value)?;
    match vm.call_method(&stdout, &vm.names.write, std::slice::from_ref(&text)) {
        Err(raised) if vm.raised_is(&raised, &vm.types.unicode_encode_error) => {
            write_escaped(vm, &stdout, &text)?;
        }
        other => drop(other?),
    }
    vm.call_method(&stdout, &vm.names.write, &[vm.new_char(10)])?;
    vm.builtins.set_str(underscore, value.clone());
    Ok(Value::NONE)
}

/// Text that the stream's encoding lacks is shown with escapes.
fn write_escaped(vm: &Vm, stdout: &Value, text: &Value) -> PyResult<()> {
    let encoding = vm.get_attr_str(stdout, "encoding")?;
    let encoded = vm.call_method(text, &vm.names.encode, &[encoding.clone(), vm.new_str("backslashreplace")])?;
    match vm.get_attr_opt(stdout, &vm.names.buffer)? {
        Some(buffer) => vm.call_method(&buffer, &vm.names.write, &[encoded])?,
        None => {
            let text = vm.call_method(&encoded, &vm.names.decode, &[encoding, vm.new_str("strict")])?;
            vm.call_method(stdout, &vm.names.write, &[text])?
        }
    };
    Ok(())
}

fn unraisable(vm: &Vm, _: &Value, args: &Value) -> PyResult {
    let ty = struct_type(vm, &vm.state::<SysState>().unraisable_type, &structs::UNRAISABLE_HOOK_ARGS)?;
    if !vm.type_of(args).is(&ty) {
        return Err(vm.type_error("sys.unraisablehook argument type must be UnraisableHookArgs"));
    }
    let items = vm.collect(args)?;
    if let [class, value, traceback, message, object] = items.as_slice() {
        show_unraisable(vm, class, value, traceback, message, object);
    }
    Ok(Value::NONE)
}

fn show_unraisable(vm: &Vm, class: &Value, value: &Value, traceback: &Value, message: &Value, object: &Value) {
    let shown_message = if message.is_none() { None } else { vm.str(message).ok().map(|text| vm.str_text(&text)) };
    let mut head = String::new();
    if object.is_none() {
        if let Some(message) = shown_message {
            head = format!("{message}:\n");
        }
    } else {
        let object = vm.repr_text(object).unwrap_or_else(|_| "<object repr() failed>".to_owned());
        head = format!("{}: {object}\n", shown_message.as_deref().unwrap_or("Exception ignored in"));
    }
    vm.write_stderr(&head);
    if vm.is_exception(value) {
        if vm.traceback_of(value).is_none() && !traceback.is_none() {
            vm.set_traceback(value, Some(traceback.clone()));
        }
        vm.display_ignored(value);
        return;
    }
    // Without an instance there is only the class to name.
    let name = class.downcast::<Type>().map_or_else(|| "<unknown>".to_owned(), |class| vm.full_name(class));
    let text = match vm.str(value) {
        _ if value.is_none() => String::new(),
        Ok(text) => format!(": {}", vm.str_text(&text)),
        Err(_) => ": <exception str() failed>".to_owned(),
    };
    vm.write_stderr(&format!("{name}{text}\n"));
}

impl Vm {
    /// Reports an exception that nobody can catch, through `sys.unraisablehook`. With a message and an object the
    /// message ends with the object's `repr`; without a message the object is what the exception was ignored in.
    pub fn write_unraisable(&self, raised: Raised, object: Option<&Value>, message: &str) {
        let exception = raised.0;
        let (message, object) = match (message, object) {
            ("", object) => (Value::NONE, object.cloned().unwrap_or(Value::NONE)),
            (message, None) => (self.new_str(message), Value::NONE),
            (message, Some(object)) => {
                let shown = self.repr_text(object).unwrap_or_else(|_| "<object repr() failed>".to_owned());
                (self.new_str(&format!("{message} {shown}")), Value::NONE)
            }
        };
        let class = self.type_of(&exception).to_value();
        if self.traceback_of(&exception).is_none()
            && let Some(frame) = self.current_frame()
        {
            // Raised by native code that no frame's unwinding has seen: it shows where that ran.
            crate::interpreter::add_traceback(self, frame, &exception);
        }
        let traceback = self.traceback_of(&exception).unwrap_or(Value::NONE);
        let hook = self.sys.get_str(&self.names.unraisablehook).filter(|hook| !hook.is_none());
        let made = struct_type(self, &self.state::<SysState>().unraisable_type, &structs::UNRAISABLE_HOOK_ARGS)
            .and_then(|ty| {
                let values = vec![class.clone(), exception.clone(), traceback.clone(), message.clone(), object.clone()];
                self.new_struct(&ty, values)
            });
        let (Some(hook), Ok(args)) = (hook, made) else {
            show_unraisable(self, &class, &exception, &traceback, &message, &object);
            return;
        };
        let result = self
            .audit("sys.unraisablehook", &[hook.clone(), args.clone()])
            .and_then(|()| self.call(&hook, std::slice::from_ref(&args)));
        if let Err(second) = result {
            let exception = second.0;
            let class = self.type_of(&exception).to_value();
            let traceback = self.traceback_of(&exception).unwrap_or(Value::NONE);
            let message = self.new_str("Exception ignored in sys.unraisablehook");
            show_unraisable(self, &class, &exception, &traceback, &message, &hook);
        }
    }
}

/// `PYTHONBREAKPOINT` decides: nothing means pdb, `0` means no debugger, else it is a dotted name.
fn breakpoint(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    let wanted = if vm.config.ignore_environment { None } else { std::env::var("PYTHONBREAKPOINT").ok() };
    let wanted = match wanted.as_deref() {
        None | Some("") => "pdb.set_trace",
        Some("0") => return Ok(Value::NONE),
        Some(name) => name,
    };
    let (module, name) = wanted.rsplit_once('.').unwrap_or(("builtins", wanted));
    let found = match module {
        "" => Err(vm.import_error("a module has a name")),
        module => vm.import_module(module),
    };
    let found = found.and_then(|module| vm.get_attr_str(&module, name));
    match found {
        Ok(hook) => vm.call_args(&hook, args),
        Err(raised)
            if vm.raised_is(&raised, &vm.types.import_error) || vm.raised_is(&raised, &vm.types.attribute_error) =>
        {
            let message = format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{wanted}\"");
            vm.warn(&vm.types.runtime_warning, &message, 0)?;
            Ok(Value::NONE)
        }
        Err(raised) => Err(raised),
    }
}

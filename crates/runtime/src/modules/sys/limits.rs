//! Limits, sizes, and what is asked of the machine below: recursion, digits, switch interval, reference counts.

use super::values::float_argument;
use crate::args::{Args, Bound, Signature};
use crate::error::PyResult;
use crate::native::{MethodDef, ModuleSpec};
use crate::types::str::Str;
use crate::types::type_object::Type;
use crate::vm::Vm;
use oriel_heap::Value;
use std::cell::Cell;

/// The functions.
pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::noargs(
        "getrecursionlimit",
        |vm, _| Ok(vm.new_int(vm.recursion_limit.get().into())),
        "($module, /)",
        "How many calls may be nested.",
    ),
    MethodDef::one(
        "setrecursionlimit",
        set_recursion_limit,
        "($module, limit, /)",
        "Sets how many calls may be nested.",
    ),
    MethodDef::noargs(
        "get_int_max_str_digits",
        |vm, _| Ok(vm.new_int(vm.int_max_str_digits.get() as i64)),
        "($module, /)",
        "How many digits conversions between int and str may have.",
    ),
    MethodDef::bound(
        "set_int_max_str_digits",
        set_int_max_str_digits,
        "($module, /, maxdigits)",
        "Sets how many digits conversions between int and str may have.",
    ),
    MethodDef::noargs(
        "getswitchinterval",
        |vm, _| Ok(vm.new_float(vm.state::<Limits>().switch_interval.get())),
        "($module, /)",
        "Seconds after which a thread gives way to others.",
    ),
    MethodDef::one(
        "setswitchinterval",
        set_switch_interval,
        "($module, interval, /)",
        "Sets after how many seconds a thread gives way.",
    ),
    MethodDef::args("getsizeof", getsizeof, "", "The size of an object in bytes."),
    MethodDef::one("getrefcount", getrefcount, "($module, object, /)", "The number of references to an object."),
    MethodDef::one(
        "_is_immortal",
        |_, _, value| Ok(Value::bool(value.header().is_none_or(|header| header.is_immortal()))),
        "($module, op, /)",
        "Whether the object is never freed.",
    ),
    MethodDef::noargs(
        "getallocatedblocks",
        |vm, _| {
            Ok(vm.new_int({
                let statistics = vm.heap.statistics();
                statistics.allocations.saturating_sub(statistics.frees) as i64
            }))
        },
        "($module, /)",
        "How many objects there are.",
    ),
    MethodDef::noargs("_clear_type_cache", |_, _| Ok(Value::NONE), "($module, /)", "Has nothing to clear."),
    MethodDef::noargs("_clear_internal_caches", |_, _| Ok(Value::NONE), "($module, /)", "Has nothing to clear."),
    MethodDef::one(
        "_clear_type_descriptors",
        clear_type_descriptors,
        "($module, type, /)",
        "Takes __dict__ and __weakref__ out of a class.",
    ),
    MethodDef::noargs("_debugmallocstats", |_, _| Ok(Value::NONE), "($module, /)", "Has nothing to show."),
    MethodDef::bound("_dump_tracelets", |_, _, _| Ok(Value::FALSE), "($module, /, outpath)", "Has nothing to show."),
    MethodDef::noargs("_is_gil_enabled", |_, _| Ok(Value::TRUE), "($module, /)", "Whether there is a global lock."),
    MethodDef::noargs(
        "_get_cpu_count_config",
        |vm, _| Ok(vm.new_int(-1)),
        "($module, /)",
        "The number of processors set by option.",
    ),
    MethodDef::noargs(
        "getdlopenflags",
        |vm, _| Ok(vm.new_int(vm.state::<Limits>().dlopen_flags.get().into())),
        "($module, /)",
        "The flags for loading libraries.",
    ),
    MethodDef::one(
        "setdlopenflags",
        |vm, _, flags| {
            vm.state::<Limits>().dlopen_flags.set(vm.to_i32(flags)?);
            Ok(Value::NONE)
        },
        "($module, flags, /)",
        "Sets the flags for loading libraries.",
    ),
    MethodDef::noargs(
        "is_finalizing",
        |vm, _| Ok(Value::bool(vm.state::<Limits>().finalizing.get())),
        "($module, /)",
        "Whether Python shuts down.",
    ),
    MethodDef::noargs(
        "is_stack_trampoline_active",
        |_, _| Ok(Value::FALSE),
        "($module, /)",
        "Whether perf sees Python functions.",
    ),
    MethodDef::one(
        "activate_stack_trampoline",
        |vm, _, backend| {
            let name = vm.str_text(
                vm.expect_str(backend, |given| {
                    format!("activate_stack_trampoline() argument must be str, not {given}")
                })?
                .as_value(),
            );
            match name.as_str() {
                "perf" | "perf_jit" => Err(vm.value_error("perf trampoline not available")),
                _ => Err(vm.value_error(format!("invalid backend: {name}"))),
            }
        },
        "($module, backend, /)",
        "Not available.",
    ),
    MethodDef::noargs("deactivate_stack_trampoline", |_, _| Ok(Value::NONE), "($module, /)", "Has nothing to end."),
    MethodDef::noargs(
        "is_remote_debug_enabled",
        |_, _| Ok(Value::FALSE),
        "($module, /)",
        "Whether debuggers can attach.",
    ),
    MethodDef::bound(
        "remote_exec",
        |vm, _, _| Err(vm.runtime_error("Remote debugging is not enabled")),
        "($module, /, pid, script)",
        "Not available.",
    ),
    MethodDef::noargs(
        "_baserepl",
        |vm, _| {
            let run = vm.import_from("_basic_repl", "run")?;
            vm.call(&run, &[])
        },
        "($module, /)",
        "Reads and runs statements of standard input, without a line editor.",
    ),
];

/// `sys._jit`
pub(super) static JIT_SPEC: ModuleSpec = ModuleSpec {
    name: "sys._jit",
    doc: "Whether just-in-time compilation is there and used.",
    functions: &[
        MethodDef::noargs("is_available", |_, _| Ok(Value::FALSE), "($module, /)", "Whether it is there."),
        MethodDef::noargs("is_enabled", |_, _| Ok(Value::FALSE), "($module, /)", "Whether it is switched on."),
        MethodDef::noargs("is_active", |_, _| Ok(Value::FALSE), "($module, /)", "Whether the caller is compiled."),
    ],
    exec: |_, _| Ok(()),
};

/// Settings without a home elsewhere.
pub struct Limits {
    /// Seconds after which a thread gives way to others.
    pub switch_interval: Cell<f64>,
    /// For `dlopen`.
    pub dlopen_flags: Cell<i32>,
    /// Whether the interpreter shuts down.
    pub finalizing: Cell<bool>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            switch_interval: Cell::new(0.005),
            dlopen_flags: Cell::new(libc::RTLD_NOW),
            finalizing: Cell::new(false),
        }
    }
}

fn set_recursion_limit(vm: &Vm, _: &Value, limit: &Value) -> PyResult {
    let limit = vm.to_i32(limit)?;
    if limit < 1 {
        return Err(vm.value_error("recursion limit must be greater or equal than 1"));
    }
    let depth = vm.recursion_limit.get() - vm.recursion_remaining.get();
    if depth >= limit {
        return Err(vm.recursion_error(format!(
            "cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low"
        )));
    }
    vm.recursion_limit.set(limit);
    vm.recursion_remaining.set(limit - depth);
    Ok(Value::NONE)
}

fn set_int_max_str_digits(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let digits = vm.to_i32(args[0].unwrap_or(&Value::NONE))?;
    if digits != 0 && digits < 640 {
        return Err(vm.value_error("maxdigits must be >= 640 or 0 for unlimited"));
    }
    vm.int_max_str_digits.set(digits as usize);
    vm.renew_sys_flags()?;
    Ok(Value::NONE)
}

fn set_switch_interval(vm: &Vm, _: &Value, interval: &Value) -> PyResult {
    let seconds = float_argument(vm, interval)?;
    if seconds.is_nan() || seconds <= 0.0 {
        return Err(vm.value_error("switch interval must be strictly positive"));
    }
    vm.state::<Limits>().switch_interval.set(seconds);
    vm.gil.set_interval(seconds);
    Ok(Value::NONE)
}

impl Vm {
    /// `object.__sizeof__()`, with the collector's part of CPython's objects that it watches.
    pub fn size_of_object(&self, object: &Value) -> PyResult<usize> {
        let Some(method) = self.lookup_special(object, &self.intern("__sizeof__"))? else {
            return Err(self.type_error(format!("Type {} doesn't define __sizeof__", self.type_name(object))));
        };
        let size = self.call(&method, &[])?;
        let size = match self.small_or_big(&size) {
            Some(Ok(size)) => size,
            Some(Err(_)) => return Err(self.overflow_error("Python int too large to convert to C ssize_t")),
            None => {
                let given = self.type_name(&size);
                return Err(self.type_error(format!("'{given}' object cannot be interpreted as an integer")));
            }
        };
        if size < 0 {
            return Err(self.value_error("__sizeof__() should return >= 0"));
        }
        let watched = self.type_of(object).head.layout.get().container;
        Ok(size as usize + if watched { 16 } else { 0 })
    }
}

fn getsizeof(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    static SIGNATURE: &str = "($module, object, default=None)";
    let mut bound = [None, None];
    Signature::parse(SIGNATURE).bind(vm, "getsizeof", args, &mut bound)?;
    let [Some(object), default] = bound else {
        return Err(vm.type_error("getsizeof() missing required argument 'object' (pos 1)"));
    };
    match (vm.size_of_object(object), default) {
        (Ok(size), _) => Ok(vm.new_int(size as i64)),
        (Err(raised), Some(default)) if vm.raised_is(&raised, &vm.types.type_error) => Ok(default.clone()),
        (Err(raised), _) => Err(raised),
    }
}

/// What CPython says of objects that are never freed.
const IMMORTAL: i64 = 3_221_225_472;

fn getrefcount(vm: &Vm, _: &Value, value: &Value) -> PyResult {
    Ok(vm.new_int(match value.count() {
        u32::MAX => IMMORTAL,
        count => i64::from(count),
    }))
}

fn clear_type_descriptors(vm: &Vm, _: &Value, class: &Value) -> PyResult {
    let Some(class) = class.downcast::<Type>() else {
        let given = vm.type_name(class);
        return Err(vm.type_error(format!("argument must be type, not {given}")));
    };
    if !class.is_heap_type() {
        return Err(vm.type_error("argument is immutable"));
    }
    for name in [&vm.names.__dict__, &vm.names.__weakref__] {
        drop(class.namespace.delete_str(name));
    }
    vm.type_modified(class);
    Ok(Value::NONE)
}

/// The text of a `str` argument.
pub(super) fn text_argument(vm: &Vm, value: &Value, function: &str, position: usize) -> PyResult<String> {
    match value.downcast::<Str>() {
        Some(text) => Ok(text.to_text()),
        None => {
            let given = vm.type_name(value);
            Err(vm.type_error(format!("{function}() argument {position} must be str, not {given}")))
        }
    }
}

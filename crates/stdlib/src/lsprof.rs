//! `_lsprof`: the profiler under `cProfile`, a tool of `sys.monitoring` that adds up calls and times.

use oriel_runtime::args::Signature;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::native::{MethodDef, ModuleSpec, TypeSpec, type_flags};
use oriel_runtime::types::native_function::{MethodDescriptor, NativeFunction};
use oriel_runtime::types::struct_sequence::{StructSpec, struct_type};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, Layout, PyResult, Ref, Value, Visitor, Vm};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::time::Instant;

/// `_lsprof`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_lsprof",
    doc: "A profiler of calls.",
    functions: &[],
    exec: |vm, module| {
        let state = vm.state::<State>();
        if state.entry.get().is_none() {
            let _ = state.entry.set(vm.new_struct_type(&ENTRY)?);
            let _ = state.subentry.set(vm.new_struct_type(&SUBENTRY)?);
        }
        vm.module_type(module, &PROFILER)?;
        for (name, ty) in [("profiler_entry", &state.entry), ("profiler_subentry", &state.subentry)] {
            if let Some(ty) = ty.get() {
                vm.module_set(module, name, ty.to_value())?;
            }
        }
        Ok(())
    },
};

#[derive(Default)]
struct State {
    entry: OnceCell<TypeRef>,
    subentry: OnceCell<TypeRef>,
}

static ENTRY: StructSpec = StructSpec {
    ty: struct_type("_lsprof.profiler_entry", ""),
    fields: &[
        ("code", "code object or built-in function name"),
        ("callcount", "how many times this was called"),
        ("reccallcount", "how many times called recursively"),
        ("totaltime", "total time in this entry"),
        ("inlinetime", "inline time in this entry (not in subcalls)"),
        ("calls", "details of the calls"),
    ],
    visible: 6,
};

static SUBENTRY: StructSpec = StructSpec {
    ty: struct_type("_lsprof.profiler_subentry", ""),
    fields: &[
        ("code", "called code object or built-in function name"),
        ("callcount", "how many times this is called"),
        ("reccallcount", "how many times this is called recursively"),
        ("totaltime", "total time spent in this call"),
        ("inlinetime", "inline time (not in further subcalls)"),
    ],
    visible: 5,
};

/// The place of profilers among the tools.
const TOOL: i32 = 2;
/// The events and the methods that are told of them.
const CALLBACKS: [(&str, &str); 9] = [
    ("PY_START", "_pystart_callback"),
    ("PY_RESUME", "_pystart_callback"),
    ("PY_THROW", "_pythrow_callback"),
    ("PY_RETURN", "_pyreturn_callback"),
    ("PY_YIELD", "_pyreturn_callback"),
    ("PY_UNWIND", "_pyreturn_callback"),
    ("CALL", "_ccall_callback"),
    ("C_RETURN", "_creturn_callback"),
    ("C_RAISE", "_creturn_callback"),
];

/// What is added up of a function, or of one function called by another.
#[derive(Clone, Copy, Default)]
struct Sums {
    calls: i64,
    recursive: i64,
    total: f64,
    inline: f64,
    depth: i64,
}

impl Sums {
    fn add(&mut self, total: f64, inline: f64) {
        self.depth -= 1;
        if self.depth == 0 {
            self.total += total;
        } else {
            self.recursive += 1;
        }
        self.inline += inline;
        self.calls += 1;
    }
}

struct Entry {
    /// A code object, or the text of a native function.
    what: Value,
    sums: Sums,
    called: Vec<(usize, Sums)>,
    places: HashMap<usize, usize>,
}

/// A call under way.
struct Context {
    entry: usize,
    begun: f64,
    inside: f64,
}

#[derive(Default)]
struct Profiler {
    timer: OptionCell,
    unit: Cell<f64>,
    subcalls: Cell<bool>,
    builtins: Cell<bool>,
    enabled: Cell<bool>,
    /// The program's timer is running: what it may not do meanwhile is refused.
    timing: Cell<bool>,
    origin: OnceCell<Instant>,
    entries: RefCell<Vec<Entry>>,
    /// Entries by code object or declaration.
    known: RefCell<HashMap<u64, usize>>,
    contexts: RefCell<Vec<Context>>,
}

static LAYOUT: Layout = Layout::of::<Profiler>("Profiler", None);

impl Body for Profiler {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.timer.visit(visitor);
        for entry in self.entries.borrow().iter() {
            visitor(&entry.what);
        }
    }
    fn clear(&self) {
        self.timer.set(None);
        let entries = self.entries.take();
        drop(entries);
    }
}

static PROFILER: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "Builds a profiler object using the specified timer function.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| {
            let profiler = Profiler::default();
            profiler.subcalls.set(true);
            profiler.builtins.set(true);
            Ok(vm.new_instance(class, profiler)?.into_value())
        }));
        slots.init.set(Some(init));
    },
    methods: &[
        MethodDef::args("enable", enable, "($self, /, subcalls=True, builtins=True)", "Begins to collect."),
        MethodDef::noargs("disable", disable, "($self, /)", "Ceases to collect."),
        MethodDef::noargs("clear", clear, "($self, /)", "Forgets what was collected."),
        MethodDef::noargs("getstats", stats, "($self, /)", "What was collected: a list of profiler_entry."),
        MethodDef::positional(
            "_pystart_callback",
            2,
            2,
            |vm, this, args| {
                let profiler = profiler(vm, this)?;
                let index = profiler.entry(args[0].word(), || args[0].clone());
                profiler.enter(vm, index);
                Ok(Value::NONE)
            },
            "($self, code, instruction_offset, /)",
            "",
        ),
        MethodDef::positional(
            "_pythrow_callback",
            3,
            3,
            |vm, this, args| {
                let profiler = profiler(vm, this)?;
                let index = profiler.entry(args[0].word(), || args[0].clone());
                profiler.enter(vm, index);
                Ok(Value::NONE)
            },
            "($self, code, instruction_offset, exception, /)",
            "",
        ),
        MethodDef::positional(
            "_pyreturn_callback",
            3,
            3,
            |vm, this, args| {
                let profiler = profiler(vm, this)?;
                let known = profiler.known.borrow().get(&args[0].word()).copied();
                if let Some(index) = known {
                    profiler.leave(vm, index);
                }
                Ok(Value::NONE)
            },
            "($self, code, instruction_offset, retval, /)",
            "",
        ),
        MethodDef::positional(
            "_ccall_callback",
            4,
            4,
            |vm, this, args| {
                let profiler = profiler(vm, this)?;
                if profiler.builtins.get()
                    && let Some(key) = native_key(vm, &args[2], &args[3])
                {
                    let known = profiler.known.borrow().get(&key).copied();
                    let index = match known {
                        Some(index) => index,
                        None => {
                            let text = native_text(vm, &args[2])?;
                            profiler.entry(key, || text)
                        }
                    };
                    profiler.enter(vm, index);
                }
                Ok(Value::NONE)
            },
            "($self, code, instruction_offset, callable, self_arg, /)",
            "",
        ),
        MethodDef::positional(
            "_creturn_callback",
            4,
            4,
            |vm, this, args| {
                let profiler = profiler(vm, this)?;
                if profiler.builtins.get()
                    && let Some(key) = native_key(vm, &args[2], &args[3])
                {
                    let known = profiler.known.borrow().get(&key).copied();
                    if let Some(index) = known {
                        profiler.leave(vm, index);
                    }
                }
                Ok(Value::NONE)
            },
            "($self, code, instruction_offset, callable, self_arg, /)",
            "",
        ),
    ],
    ..TypeSpec::new("_lsprof.Profiler", Profiler::layout)
};

fn profiler<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Profiler>> {
    this.downcast().ok_or_else(|| vm.type_error("a Profiler is needed"))
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let profiler = profiler(vm, this)?;
    let mut bound: [Option<&Value>; 4] = [None; 4];
    Signature::parse("(timer=None, timeunit=0.0, subcalls=True, builtins=True)")
        .bind(vm, "Profiler", args, &mut bound)?;
    profiler.timer.set(bound[0].filter(|timer| !timer.is_none()).cloned());
    profiler.unit.set(bound[1].map_or(Ok(0.0), |unit| vm.to_f64(unit))?);
    profiler.subcalls.set(bound[2].map_or(Ok(true), |flag| vm.truth(flag))?);
    profiler.builtins.set(bound[3].map_or(Ok(true), |flag| vm.truth(flag))?);
    Ok(())
}

/// What native functions are told apart by: their declaration. Only those that can be profiled have a key.
fn native_key(vm: &Vm, callable: &Value, first: &Value) -> Option<u64> {
    if let Some(function) = callable.downcast::<NativeFunction>() {
        return Some(std::ptr::from_ref(function.def).addr() as u64);
    }
    let descriptor = callable.downcast::<MethodDescriptor>()?;
    let missing = vm.monitoring.missing.borrow().as_ref().is_some_and(|missing| missing.is(first));
    (!missing).then(|| std::ptr::from_ref(descriptor.def).addr() as u64)
}

/// How a native function is called in statistics: functions by module and name, methods by their class.
fn native_text(vm: &Vm, callable: &Value) -> PyResult {
    let Some(function) = callable.downcast::<NativeFunction>() else { return vm.repr(callable) };
    let name = function.def.name;
    match function.receiver.get() {
        Some(receiver) if !vm.is_module(&receiver) => {
            if let Some(method) = vm.lookup(vm.type_of(&receiver), &vm.intern(name)) {
                return vm.repr(&method);
            }
            Ok(vm.new_str(&format!("<built-in method {name}>")))
        }
        _ => {
            let module = function.module.get().filter(|module| !module.is_none());
            let prefix = module.map_or_else(String::new, |module| format!("{}.", vm.str_text(&module)));
            Ok(vm.new_str(&format!("<built-in method {prefix}{name}>")))
        }
    }
}

impl Profiler {
    /// The time in the unit of the statistics.
    fn time(&self, vm: &Vm) -> f64 {
        let Some(timer) = self.timer.get() else {
            return self.origin.get_or_init(Instant::now).elapsed().as_secs_f64();
        };
        let before = self.timing.replace(true);
        let read = vm.call(&timer, &[]).and_then(|value| vm.to_f64(&value));
        self.timing.set(before);
        match read {
            Ok(time) if self.unit.get() > 0.0 => time * self.unit.get(),
            Ok(time) => time,
            Err(raised) => {
                vm.write_unraisable(raised, Some(&timer), "");
                0.0
            }
        }
    }

    fn entry(&self, key: u64, what: impl FnOnce() -> Value) -> usize {
        if let Some(index) = self.known.borrow().get(&key) {
            return *index;
        }
        let entry = Entry { what: what(), sums: Sums::default(), called: Vec::new(), places: HashMap::new() };
        let mut entries = self.entries.borrow_mut();
        entries.push(entry);
        self.known.borrow_mut().insert(key, entries.len() - 1);
        entries.len() - 1
    }

    fn enter(&self, vm: &Vm, index: usize) {
        let caller = self.contexts.borrow().last().map(|context| context.entry);
        {
            let mut entries = self.entries.borrow_mut();
            if let Some(entry) = entries.get_mut(index) {
                entry.sums.depth += 1;
            }
            if self.subcalls.get()
                && let Some(caller) = caller.and_then(|caller| entries.get_mut(caller))
            {
                let fresh = caller.called.len();
                let place = *caller.places.entry(index).or_insert(fresh);
                if place == fresh {
                    caller.called.push((index, Sums::default()));
                }
                caller.called[place].1.depth += 1;
            }
        }
        let begun = self.time(vm);
        self.contexts.borrow_mut().push(Context { entry: index, begun, inside: 0.0 });
    }

    fn leave(&self, vm: &Vm, index: usize) {
        // What began before the profiler did has no call under way.
        if self.contexts.borrow().last().is_none_or(|context| context.entry != index) {
            return;
        }
        let now = self.time(vm);
        let Some(context) = self.contexts.borrow_mut().pop() else { return };
        let total = now - context.begun;
        let inline = total - context.inside;
        let caller = self.contexts.borrow_mut().last_mut().map(|outer| {
            outer.inside += total;
            outer.entry
        });
        let mut entries = self.entries.borrow_mut();
        if let Some(entry) = entries.get_mut(context.entry) {
            entry.sums.add(total, inline);
        }
        if self.subcalls.get()
            && let Some(caller) = caller.and_then(|caller| entries.get_mut(caller))
            && let Some(place) = caller.places.get(&context.entry).copied()
        {
            caller.called[place].1.add(total, inline);
        }
    }

    /// Ends the calls that are still under way.
    fn leave_all(&self, vm: &Vm) {
        loop {
            let last = self.contexts.borrow().last().map(|context| context.entry);
            match last {
                Some(index) => self.leave(vm, index),
                None => return,
            }
        }
    }
}

fn monitoring(vm: &Vm) -> PyResult {
    vm.sys.get_str(&vm.intern("monitoring")).ok_or_else(|| vm.runtime_error("lost sys.monitoring"))
}

fn enable(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult {
    let profiler = profiler(vm, this)?;
    let mut bound: [Option<&Value>; 2] = [None; 2];
    Signature::parse("($self, /, subcalls=True, builtins=True)").bind(vm, "enable", args, &mut bound)?;
    for (given, flag) in bound.iter().zip([&profiler.subcalls, &profiler.builtins]) {
        if let Some(given) = given {
            flag.set(vm.truth(given)?);
        }
    }
    let monitoring = monitoring(vm)?;
    vm.call_method_str(&monitoring, "use_tool_id", &[Value::small(TOOL), vm.new_str("cProfile")])?;
    let events = vm.get_attr_str(&monitoring, "events")?;
    let mut wanted = 0;
    for (event, method) in CALLBACKS {
        let number = vm.get_attr_str(&events, event)?;
        wanted |= vm.to_i64(&number)?;
        let callback = vm.get_attr_str(this, method)?;
        vm.call_method_str(&monitoring, "register_callback", &[Value::small(TOOL), number, callback])?;
    }
    vm.call_method_str(&monitoring, "set_events", &[Value::small(TOOL), vm.new_int(wanted)])?;
    profiler.enabled.set(true);
    Ok(Value::NONE)
}

fn disable(vm: &Vm, this: &Value) -> PyResult {
    let profiler = profiler(vm, this)?;
    if profiler.timing.get() {
        return Err(vm.runtime_error("cannot disable profiler in external timer"));
    }
    if profiler.enabled.replace(false) {
        let monitoring = monitoring(vm)?;
        let events = vm.get_attr_str(&monitoring, "events")?;
        for (event, _) in CALLBACKS {
            let number = vm.get_attr_str(&events, event)?;
            vm.call_method_str(&monitoring, "register_callback", &[Value::small(TOOL), number, Value::NONE])?;
        }
        vm.call_method_str(&monitoring, "set_events", &[Value::small(TOOL), Value::small(0)])?;
        vm.call_method_str(&monitoring, "free_tool_id", &[Value::small(TOOL)])?;
        profiler.leave_all(vm);
    }
    Ok(Value::NONE)
}

fn clear(vm: &Vm, this: &Value) -> PyResult {
    let profiler = profiler(vm, this)?;
    if profiler.timing.get() {
        return Err(vm.runtime_error("cannot clear profiler in external timer"));
    }
    let entries = profiler.entries.take();
    profiler.known.take();
    profiler.contexts.take();
    drop(entries);
    Ok(Value::NONE)
}

fn stats(vm: &Vm, this: &Value) -> PyResult {
    let profiler = profiler(vm, this)?;
    let state = vm.state::<State>();
    let (Some(entry_type), Some(sub_type)) = (state.entry.get(), state.subentry.get()) else {
        return Err(vm.runtime_error("_lsprof has not been imported"));
    };
    let numbers = |what: &Value, sums: &Sums| {
        vec![
            what.clone(),
            vm.new_int(sums.calls),
            vm.new_int(sums.recursive),
            vm.new_float(sums.total),
            vm.new_float(sums.inline),
        ]
    };
    type Row = (Value, Sums, Vec<(Value, Sums)>);
    let rows: Vec<Row> = {
        let entries = profiler.entries.borrow();
        let called = |entry: &Entry| {
            let ended = entry.called.iter().filter(|(_, sums)| sums.calls > 0);
            ended.map(|(index, sums)| (entries[*index].what.clone(), *sums)).collect()
        };
        let ended = entries.iter().filter(|entry| entry.sums.calls > 0);
        ended.map(|entry| (entry.what.clone(), entry.sums, called(entry))).collect()
    };
    let mut list = Vec::with_capacity(rows.len());
    for (what, sums, called) in rows {
        let calls = if called.is_empty() {
            Value::NONE
        } else {
            let mut items = Vec::with_capacity(called.len());
            for (what, sums) in &called {
                items.push(vm.new_struct(sub_type, numbers(what, sums))?);
            }
            vm.new_list(items).into_value()
        };
        let mut fields = numbers(&what, &sums);
        fields.push(calls);
        list.push(vm.new_struct(entry_type, fields)?);
    }
    Ok(vm.new_list(list).into_value())
}

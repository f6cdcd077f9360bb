//! `gc`: the functions of the cycle collector.

use crate::args::Bound;
use crate::error::PyResult;
use crate::native::{MethodDef, ModuleSpec};
use crate::types::list::List;
use crate::vm::Vm;
use oriel_heap::{Heap, Ref, Value, flags};
use std::cell::{Cell, OnceCell};

/// `gc`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "gc",
    doc: "The collector of reference cycles.",
    functions: FUNCTIONS,
    exec: |vm, module| {
        let state = vm.state::<State>();
        let garbage = state.garbage.get_or_init(|| vm.new_list(Vec::new())).to_value();
        let callbacks = state.callbacks.get_or_init(|| vm.new_list(Vec::new())).to_value();
        vm.module_set(module, "garbage", garbage)?;
        vm.module_set(module, "callbacks", callbacks)?;
        for (name, bit) in [
            ("DEBUG_STATS", 1),
            ("DEBUG_COLLECTABLE", 2),
            ("DEBUG_UNCOLLECTABLE", 4),
            ("DEBUG_SAVEALL", SAVE_ALL),
            ("DEBUG_LEAK", 2 | 4 | SAVE_ALL),
        ] {
            vm.module_set(module, name, Value::small(bit))?;
        }
        Ok(())
    },
};

const SAVE_ALL: i32 = 32;
const DEBUG_STATS: i32 = 1;

#[derive(Default)]
struct State {
    garbage: OnceCell<Ref<List>>,
    callbacks: OnceCell<Ref<List>>,
    debug: Cell<i32>,
}

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::noargs("enable", |vm, _| switch(vm, true), "($module, /)", "Let collections start by themselves."),
    MethodDef::noargs("disable", |vm, _| switch(vm, false), "($module, /)", "Let no collection start by itself."),
    MethodDef::noargs(
        "isenabled",
        |vm, _| Ok(Value::bool(vm.heap.collector().enabled())),
        "($module, /)",
        "Return whether collections start by themselves.",
    ),
    MethodDef::bound(
        "collect",
        collect,
        "($module, /, generation=2)",
        "Collect cycles now; return how many objects were unreachable.",
    ),
    MethodDef::noargs("get_count", get_count, "($module, /)", "Return the counters that collections depend on."),
    MethodDef::noargs("get_threshold", get_threshold, "($module, /)", "Return the thresholds of collections."),
    MethodDef::positional("set_threshold", 1, 3, set_threshold, "", "Set the thresholds of collections."),
    MethodDef::noargs(
        "get_debug",
        |vm, _| Ok(Value::small(vm.state::<State>().debug.get())),
        "($module, /)",
        "Return the debugging flags.",
    ),
    MethodDef::one("set_debug", set_debug, "($module, flags, /)", "Set the debugging flags."),
    MethodDef::noargs("get_stats", get_stats, "($module, /)", "Return figures of the collections of each generation."),
    MethodDef::bound(
        "get_objects",
        get_objects,
        "($module, /, generation=None)",
        "Return the objects that the collector looks at.",
    ),
    MethodDef::args(
        "get_referrers",
        |vm, _, args| get_referrers(vm, args.values),
        "($module, /, *objs)",
        "Return the objects that refer to the given ones.",
    ),
    MethodDef::args(
        "get_referents",
        |vm, _, args| get_referents(vm, args.values),
        "($module, /, *objs)",
        "Return the objects that the given ones refer to.",
    ),
    MethodDef::one(
        "is_tracked",
        |vm, _, object| Ok(Value::bool(is_tracked(vm, object))),
        "($module, obj, /)",
        "Return whether the collector looks at the object.",
    ),
    MethodDef::one(
        "is_finalized",
        |_, _, object| Ok(Value::bool(Heap::is_finalized(object))),
        "($module, obj, /)",
        "Return whether the object's finalizer has run.",
    ),
    MethodDef::noargs(
        "freeze",
        |vm, _| {
            vm.heap.freeze();
            Ok(Value::NONE)
        },
        "($module, /)",
        "Take all objects out of the collector's sight.",
    ),
    MethodDef::noargs(
        "unfreeze",
        |vm, _| {
            vm.heap.unfreeze();
            Ok(Value::NONE)
        },
        "($module, /)",
        "Put frozen objects into the oldest generation.",
    ),
    MethodDef::noargs(
        "get_freeze_count",
        |vm, _| Ok(vm.new_int(vm.heap.frozen_count() as i64)),
        "($module, /)",
        "Return how many objects are frozen.",
    ),
];

fn switch(vm: &Vm, on: bool) -> PyResult {
    vm.heap.collector().set_enabled(on);
    Ok(Value::NONE)
}

fn is_tracked(vm: &Vm, object: &Value) -> bool {
    object.header().is_some_and(|header| {
        !header.is_immortal() && !header.has(flags::UNTRACKED) && header.type_head().layout.get().container
            || header.type_head().tail_len.get() > 0
            || vm.type_of(object).is_heap_type()
    })
}

impl Vm {
    /// Collects the cycles among the objects of a generation and the younger ones.
    pub fn collect_garbage(&self, generation: u32) -> PyResult<usize> {
        let state = self.state::<State>();
        self.announce(&state, "start", generation, 0)?;
        let begin = (state.debug.get() & DEBUG_STATS != 0).then(|| self.report_start(generation));
        let outcome = self.collect_telling(|| {
            let outcome = self.heap.collect(generation, state.debug.get() & SAVE_ALL != 0);
            (generation, outcome.collected, outcome)
        });
        if let Some(begin) = begin {
            let (found, time) = (outcome.collected, begin.elapsed().as_secs_f64());
            self.write_stderr(&format!("gc: done, {found} unreachable, 0 uncollectable, {time:.4}s elapsed\n"));
        }
        if let Some(garbage) = state.garbage.get() {
            for object in outcome.saved {
                garbage.push(object);
            }
        }
        self.announce(&state, "stop", generation, outcome.collected)?;
        Ok(outcome.collected)
    }

    fn report_start(&self, generation: u32) -> std::time::Instant {
        let [young, middle, old] = [0, 1, 2].map(|generation| self.heap.containers(Some(generation)).len());
        let frozen = self.heap.frozen_count();
        self.write_stderr(&format!(
            "gc: collecting generation {generation}...\n\
             gc: objects in each generation: {young} {middle} {old}\n\
             gc: objects in permanent generation: {frozen}\n"
        ));
        std::time::Instant::now()
    }

    /// The collection that the growth of containers called for; run by the loop between instructions.
    pub fn collect_if_due(&self) {
        if self.collection_wanted.replace(false) {
            let state = self.state::<State>();
            let has_callbacks = state.callbacks.get().is_some_and(|callbacks| !callbacks.is_empty());
            if has_callbacks || state.debug.get() & (SAVE_ALL | DEBUG_STATS) != 0 {
                let _ = self.collect_garbage(0);
            } else {
                self.collect_due();
            }
        }
    }

    fn announce(&self, state: &State, phase: &str, generation: u32, collected: usize) -> PyResult<()> {
        let Some(callbacks) = state.callbacks.get() else { return Ok(()) };
        if callbacks.is_empty() {
            return Ok(());
        }
        let info = self.new_dict();
        info.set_str(&self.intern("generation"), self.new_int(generation.into()));
        info.set_str(&self.intern("collected"), self.new_int(collected as i64));
        info.set_str(&self.intern("uncollectable"), Value::small(0));
        for callback in callbacks.snapshot() {
            if let Err(raised) = self.call(&callback, &[self.new_str(phase), info.to_value()]) {
                self.write_unraisable(raised, Some(&callback), "Exception ignored while calling GC callback");
            }
        }
        Ok(())
    }
}

fn collect(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let generation = args[0].map_or(Ok(2), |generation| vm.to_i32(generation))?;
    if !(0..=2).contains(&generation) {
        return Err(vm.value_error("invalid generation"));
    }
    Ok(vm.new_int(vm.collect_garbage(generation as u32)? as i64))
}

fn get_count(vm: &Vm, _: &Value) -> PyResult {
    let counts = vm.heap.collection_counts();
    Ok(vm.new_tuple(&counts.map(|count| vm.new_int(count))))
}

fn get_threshold(vm: &Vm, _: &Value) -> PyResult {
    let thresholds = vm.heap.collector().thresholds();
    Ok(vm.new_tuple(&thresholds.map(|threshold| vm.new_int(threshold))))
}

fn set_threshold(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let mut thresholds = vm.heap.collector().thresholds();
    for (threshold, value) in thresholds.iter_mut().zip(args) {
        *threshold = vm.to_i32(value)?.into();
    }
    vm.heap.collector().set_thresholds(thresholds);
    Ok(Value::NONE)
}

fn set_debug(vm: &Vm, _: &Value, flags: &Value) -> PyResult {
    vm.state::<State>().debug.set(vm.to_i32(flags)?);
    Ok(Value::NONE)
}

fn get_stats(vm: &Vm, _: &Value) -> PyResult {
    let mut rows = Vec::new();
    for [collections, collected, uncollectable] in vm.heap.collector().statistics() {
        let row = vm.new_dict();
        row.set_str(&vm.intern("collections"), vm.new_uint(collections));
        row.set_str(&vm.intern("collected"), vm.new_uint(collected));
        row.set_str(&vm.intern("uncollectable"), vm.new_uint(uncollectable));
        rows.push(row.into_value());
    }
    Ok(vm.new_list(rows).into_value())
}

fn get_objects(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let generation = match args[0].filter(|generation| !generation.is_none()) {
        None => None,
        Some(generation) => match vm.to_i32(generation)? {
            number if number < 0 => return Err(vm.value_error("generation parameter cannot be negative")),
            number if number > 2 => {
                return Err(
                    vm.value_error("generation parameter must be less than the number of available generations (3)")
                );
            }
            number => Some(number as u32),
        },
    };
    Ok(vm.new_list(vm.heap.containers(generation)).into_value())
}

fn get_referrers(vm: &Vm, wanted: &[Value]) -> PyResult {
    let mut found = Vec::new();
    for object in vm.heap.containers(None) {
        let refers = Heap::referents(&object).iter().any(|referent| wanted.iter().any(|value| value.is(referent)));
        if refers {
            found.push(object);
        }
    }
    Ok(vm.new_list(found).into_value())
}

fn get_referents(vm: &Vm, objects: &[Value]) -> PyResult {
    // Objects do not own their builtin types.
    let of_one = |object: &Value| {
        let class = vm.type_of(object).clone();
        let mut referents = Heap::referents(object);
        if !class.is_heap_type()
            && let Some(own) = referents.iter().position(|referent| referent.is(class.as_value()))
        {
            referents.remove(own);
        }
        referents
    };
    Ok(vm.new_list(objects.iter().flat_map(of_one).collect()).into_value())
}

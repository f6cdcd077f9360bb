//! `sys.monitoring`: tools, their callbacks and the events they want. Who sends the events is the interpreter loop.

use crate::error::PyResult;
use crate::monitoring::{Callback, EVENT_NAMES as EVENTS, Event, TOOLS};
use crate::native::{MethodDef, ModuleSpec};
use crate::types::code::Code;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

/// How many events can be set; `BRANCH` stands for two of them.
const SETTABLE: u32 = 19;
/// Events tied to a place in code, which can be set for one code object.
const LOCAL: u32 = (1 << 11) - 1;
const C_RETURN: u32 = 1 << 16;
const C_RAISE: u32 = 1 << 17;
const CALL: u32 = 1 << 4;
/// `BRANCH_LEFT` and `BRANCH_RIGHT` in one, as before 3.14.
const BRANCH: u32 = 1 << 18;
const BRANCHES: u32 = (1 << 8) | (1 << 9);

/// `sys.monitoring`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "sys.monitoring",
    doc: "",
    functions: &[
        MethodDef::positional("use_tool_id", 2, 2, use_tool, "($module, tool_id, name, /)", "Takes a tool's place."),
        MethodDef::one("clear_tool_id", clear_tool, "($module, tool_id, /)", "Removes a tool's callbacks and events."),
        MethodDef::one("free_tool_id", free_tool, "($module, tool_id, /)", "Gives a tool's place back."),
        MethodDef::one(
            "get_tool",
            |vm, _, tool| {
                let index = tool_number(vm, tool)?;
                Ok(vm.monitoring.names.borrow()[index].clone().unwrap_or(Value::NONE))
            },
            "($module, tool_id, /)",
            "The name of the tool in a place.",
        ),
        MethodDef::positional(
            "register_callback",
            3,
            3,
            register_callback,
            "($module, tool_id, event, func, /)",
            "Sets a tool's callback.",
        ),
        MethodDef::one(
            "get_events",
            |vm, _, tool| {
                let index = tool_number(vm, tool)?;
                Ok(vm.new_int(vm.monitoring.events[index].get().into()))
            },
            "($module, tool_id, /)",
            "A tool's events.",
        ),
        MethodDef::positional(
            "set_events",
            2,
            2,
            set_events,
            "($module, tool_id, event_set, /)",
            "Sets a tool's events.",
        ),
        MethodDef::positional(
            "get_local_events",
            2,
            2,
            get_local_events,
            "($module, tool_id, code, /)",
            "A tool's events for a code object.",
        ),
        MethodDef::positional(
            "set_local_events",
            3,
            3,
            set_local_events,
            "($module, tool_id, code, event_set, /)",
            "Sets a tool's events for a code object.",
        ),
        MethodDef::noargs(
            "restart_events",
            |vm, _| {
                vm.monitoring.restarts.set(vm.monitoring.restarts.get().wrapping_add(1));
                Ok(Value::NONE)
            },
            "($module, /)",
            "Enables all disabled places again.",
        ),
        MethodDef::noargs("_all_events", all_events, "($module, /)", "Which tools want which events."),
    ],
    exec: |vm, module| {
        let state = &vm.monitoring;
        for (name, place) in [("DISABLE", &state.disable), ("MISSING", &state.missing)] {
            let marker = vm.call(vm.types.object.as_value(), &[])?;
            let old = place.replace(Some(marker.clone()));
            drop(old);
            vm.module_set(module, name, marker)?;
        }
        let numbers: Vec<(&str, Value)> = EVENTS
            .iter()
            .enumerate()
            .map(|(index, name)| (*name, vm.new_int(1 << index)))
            .chain(std::iter::once(("NO_EVENTS", Value::small(0))))
            .collect();
        vm.module_set(module, "events", vm.new_namespace(&numbers)?)?;
        for (name, number) in [("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)] {
            vm.module_set(module, name, Value::small(number))?;
        }
        Ok(())
    },
};

fn tool_number(vm: &Vm, tool: &Value) -> PyResult<usize> {
    let number = vm.to_i32(tool)?;
    match usize::try_from(number) {
        Ok(index) if index < TOOLS => Ok(index),
        _ => Err(vm.value_error(format!("invalid tool {number} (must be between 0 and 5)"))),
    }
}

fn tool_in_use(vm: &Vm, tool: &Value) -> PyResult<usize> {
    let index = tool_number(vm, tool)?;
    if vm.monitoring.names.borrow()[index].is_none() {
        return Err(vm.value_error(format!("tool {index} is not in use")));
    }
    Ok(index)
}

fn use_tool(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [tool, name] = args else { return Ok(Value::NONE) };
    let index = tool_number(vm, tool)?;
    if name.downcast::<Str>().is_none() {
        return Err(vm.value_error("tool name must be a str"));
    }
    let state = &vm.monitoring;
    if state.names.borrow()[index].is_some() {
        return Err(vm.value_error(format!("tool {index} is already in use")));
    }
    state.names.borrow_mut()[index] = Some(name.clone());
    Ok(Value::NONE)
}

fn clear(vm: &Vm, index: usize) {
    let state = &vm.monitoring;
    state.events[index].set(0);
    let callbacks = std::mem::take(&mut state.callbacks.borrow_mut()[index]);
    let codes = state.local.borrow().clone();
    for code in &codes {
        set_local(vm, code, index, 0);
    }
    drop((callbacks, codes));
    state.sum_up();
    vm.watch_changed();
}

/// Sets a tool's events of a code object, which is kept alive as long as it has any.
fn set_local(vm: &Vm, value: &Value, index: usize, events: u32) {
    let Some(code) = value.downcast::<Code>() else { return };
    let watch = code.watch();
    let before = watch.wanted.get();
    watch.local[index].set(events);
    watch.sum_up();
    let local = &vm.monitoring.local;
    if before == 0 && watch.wanted.get() != 0 {
        local.borrow_mut().push(value.clone());
    } else if before != 0 && watch.wanted.get() == 0 {
        let position = local.borrow().iter().position(|known| known.is(value));
        let dropped = position.map(|position| local.borrow_mut().swap_remove(position));
        drop(dropped);
    }
}

fn clear_tool(vm: &Vm, _: &Value, tool: &Value) -> PyResult {
    let index = tool_number(vm, tool)?;
    if vm.monitoring.names.borrow()[index].is_some() {
        clear(vm, index);
    }
    Ok(Value::NONE)
}

fn free_tool(vm: &Vm, _: &Value, tool: &Value) -> PyResult {
    let index = tool_number(vm, tool)?;
    let state = &vm.monitoring;
    if state.names.borrow()[index].is_some() {
        clear(vm, index);
    }
    let name = state.names.borrow_mut()[index].take();
    drop(name);
    Ok(Value::NONE)
}

fn register_callback(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [tool, event, function] = args else { return Ok(Value::NONE) };
    let index = tool_number(vm, tool)?;
    let event = vm.to_i32(event)?;
    if event <= 0 || !(event as u32).is_power_of_two() {
        return Err(vm.value_error("The callback can only be set for one event at a time"));
    }
    let number = event.trailing_zeros();
    if number >= SETTABLE {
        return Err(vm.value_error(format!("invalid event {event}")));
    }
    vm.audit("sys.monitoring.register_callback", std::slice::from_ref(function))?;
    let both_branches = 1 << number == BRANCH;
    let places: &[usize] =
        if both_branches { &[18, Event::BranchLeft as usize, Event::BranchRight as usize] } else { &[number as usize] };
    let mut first = None;
    for &place in places {
        let callback = (!function.is_none()).then(|| Callback { function: function.clone(), both_branches });
        let old = std::mem::replace(&mut vm.monitoring.callbacks.borrow_mut()[index][place], callback);
        first.get_or_insert(old);
    }
    Ok(first.flatten().map_or(Value::NONE, |old| old.function))
}

/// Checks a set of events and resolves those that stand for others.
fn event_set(vm: &Vm, value: &Value) -> PyResult<u32> {
    let given = vm.to_i32(value)?;
    if given < 0 || given as u32 >= 1 << SETTABLE {
        return Err(vm.value_error(format!("invalid event set 0x{given:x}")));
    }
    let mut events = given as u32;
    if events & (C_RETURN | C_RAISE) != 0 && events & CALL != CALL {
        return Err(vm.value_error("cannot set C_RETURN or C_RAISE events independently"));
    }
    events &= !(C_RETURN | C_RAISE);
    if events & BRANCH != 0 {
        events = (events & !BRANCH) | BRANCHES;
    }
    Ok(events)
}

fn set_events(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [tool, events] = args else { return Ok(Value::NONE) };
    let index = tool_number(vm, tool)?;
    let events = event_set(vm, events)?;
    let index = tool_in_use(vm, &vm.new_int(index as i64))?;
    vm.monitoring.events[index].set(events);
    vm.monitoring.sum_up();
    vm.watch_changed();
    Ok(Value::NONE)
}

fn code_of<'a>(vm: &Vm, code: &'a Value) -> PyResult<&'a Ref<Code>> {
    code.downcast::<Code>().ok_or_else(|| vm.type_error("code must be a code object"))
}

fn get_local_events(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [tool, code] = args else { return Ok(Value::NONE) };
    let code = code_of(vm, code)?;
    let index = tool_number(vm, tool)?;
    Ok(vm.new_int(code.watch().local[index].get().into()))
}

fn set_local_events(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [tool, code, events] = args else { return Ok(Value::NONE) };
    code_of(vm, code)?;
    let index = tool_in_use(vm, tool)?;
    let given = vm.to_i32(events)?;
    let mut events = given as u32;
    if events & (C_RETURN | C_RAISE) != 0 && events & CALL != CALL {
        return Err(vm.value_error("cannot set C_RETURN or C_RAISE events independently"));
    }
    events &= !(C_RETURN | C_RAISE);
    if given >= 0 && events & BRANCH != 0 {
        events = (events & !BRANCH) | BRANCHES;
    }
    if given < 0 || events & !LOCAL != 0 {
        return Err(vm.value_error(format!("invalid local event set 0x{given:x}")));
    }
    set_local(vm, code, index, events);
    vm.watch_changed();
    Ok(Value::NONE)
}

fn all_events(vm: &Vm, _: &Value) -> PyResult {
    let state = &vm.monitoring;
    let result = vm.new_dict();
    for (number, name) in EVENTS.iter().enumerate().take(18) {
        let tools = state
            .events
            .iter()
            .enumerate()
            .fold(0, |tools, (index, events)| tools | (((events.get() >> number) & 1) << index));
        if tools != 0 {
            result.set(vm, &vm.new_str(name), vm.new_int(tools.into()))?;
        }
    }
    Ok(result.into_value())
}

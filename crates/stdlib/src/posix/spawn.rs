//! `posix_spawn` and `posix_spawnp`.

use super::{given, processes};
use oriel_runtime::native::MethodDef;
use oriel_runtime::paths::PathOptions;
use oriel_runtime::platform::spawn::{FileAction, Plan};
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound(
        "posix_spawn",
        |vm, _, args| spawn(vm, args, "posix_spawn"),
        "($module, path, argv, env, /, *, file_actions=(),\n            setpgroup=None, resetids=False, setsid=False,\n            setsigmask=(), setsigdef=(), scheduler=None)",
        "Run a program in a new process.",
    ),
    MethodDef::bound(
        "posix_spawnp",
        |vm, _, args| spawn(vm, args, "posix_spawnp"),
        "($module, path, argv, env, /, *, file_actions=(),\n             setpgroup=None, resetids=False, setsid=False,\n             setsigmask=(), setsigdef=(), scheduler=None)",
        "Run a program, searched for in PATH, in a new process.",
    ),
];

fn spawn(vm: &Vm, args: &Bound<'_>, function: &str) -> PyResult {
    let target = vm.path_argument(args[0], function, "path", PathOptions::default())?;
    let arguments = processes::program_arguments(vm, function, given(vm, args[1])?)?;
    let environment = given(vm, args[2])?;
    let environment = if environment.is_none() {
        None
    } else if vm.type_of(environment).slots.mp_subscript.get().is_none() {
        return Err(vm.type_error(format!("{function}: environment must be a mapping object or None")));
    } else {
        Some(processes::program_environment(vm, environment)?)
    };
    let mut plan = Plan { search: function == "posix_spawnp", ..Plan::default() };
    if let Some(actions) = args[3].filter(|actions| !actions.is_none()) {
        for action in vm.collect(actions)? {
            plan.actions.push(file_action(vm, &action)?);
        }
    }
    if let Some(group) = args[4].filter(|group| !group.is_none()) {
        plan.process_group = Some(vm.to_i32(group)?);
    }
    plan.reset_ids = super::flag(vm, args[5], false)?;
    plan.new_session = super::flag(vm, args[6], false)?;
    if let Some(signals) = args[7] {
        plan.signal_mask = Some(signal_numbers(vm, signals)?);
    }
    if let Some(signals) = args[8] {
        plan.default_signals = Some(signal_numbers(vm, signals)?);
    }
    if let Some(scheduler) = args[9].filter(|scheduler| !scheduler.is_none()) {
        if scheduler.downcast::<Tuple>().is_none() {
            return Err(vm.type_error("scheduler must be a tuple or None"));
        }
        let Some([policy, param]) = scheduler.downcast::<Tuple>().map(|tuple| tuple.items()) else {
            return Err(vm.type_error("A scheduler tuple must have two elements"));
        };
        let policy = if policy.is_none() { None } else { Some(vm.to_i32(policy)?) };
        let priority = vm.get_item(param, &Value::small(0))?;
        plan.scheduler = Some((policy, vm.to_i32(&priority)?));
    }
    vm.audit("os.posix_spawn", &[target.object.clone(), given(vm, args[1])?.clone(), given(vm, args[2])?.clone()])?;
    match plan.run(target.as_c(), &arguments, environment.as_deref()) {
        Ok(process) => Ok(Value::small(process)),
        Err(errno) => Err(vm.path_error(errno, &target)),
    }
}

fn signal_numbers(vm: &Vm, signals: &Value) -> PyResult<Vec<i32>> {
    let mut numbers = Vec::new();
    for signal in vm.collect(signals)? {
        let number = vm.to_i64(&signal)?;
        if !(1..=64).contains(&number) {
            return Err(vm.value_error(format!("signal number {number} out of range [1; 64]")));
        }
        numbers.push(number as i32);
    }
    Ok(numbers)
}

fn file_action(vm: &Vm, action: &Value) -> PyResult<FileAction> {
    let wrong = || vm.type_error("Each file_actions element must be a non-empty tuple");
    let items = action.downcast::<Tuple>().map(|tuple| tuple.items()).ok_or_else(wrong)?;
    let (kind, rest) = items.split_first().ok_or_else(wrong)?;
    let kind = vm.to_i32(kind)?;
    match (kind, rest) {
        (0, [descriptor, path, flags, mode]) => Ok(FileAction::Open {
            descriptor: vm.to_i32(descriptor)?,
            path: vm.fs_c_string(path)?,
            flags: vm.to_i32(flags)?,
            mode: vm.to_i64(mode)? as u32,
        }),
        (1, [descriptor]) => Ok(FileAction::Close(vm.to_i32(descriptor)?)),
        (2, [from, to]) => Ok(FileAction::Duplicate(vm.to_i32(from)?, vm.to_i32(to)?)),
        (3, [descriptor]) => Ok(FileAction::CloseFrom(vm.to_i32(descriptor)?)),
        (0, _) => Err(vm.type_error("A open file_action tuple must have 5 elements")),
        (1, _) => Err(vm.type_error("A close file_action tuple must have 2 elements")),
        (2, _) => Err(vm.type_error("A dup2 file_action tuple must have 3 elements")),
        (3, _) => Err(vm.type_error("A closefrom file_action tuple must have 2 elements")),
        _ => Err(vm.type_error("Unknown file_actions identifier")),
    }
}

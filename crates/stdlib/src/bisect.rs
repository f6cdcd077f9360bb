//! `_bisect`: where an item belongs in a sorted sequence.

use crate::bodies::given;
use oriel_runtime::types::list::List;
use oriel_runtime::types::list::sort::less;
use oriel_runtime::{Bound, MethodDef, ModuleSpec, PyResult, Value, Vm};

const SIGNATURE: &str = "($module, /, a, x, lo=0, hi=None, *, key=None)";

/// The module.
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_bisect",
    doc: "Bisection: keeping lists in order without sorting them again.",
    functions: &[
        MethodDef::bound(
            "bisect_right",
            |vm, _, args| position(vm, args, true).map(|p| vm.new_uint(p as u64)),
            SIGNATURE,
            "Where to insert x into a sorted a: behind items equal to it.",
        ),
        MethodDef::bound(
            "bisect_left",
            |vm, _, args| position(vm, args, false).map(|p| vm.new_uint(p as u64)),
            SIGNATURE,
            "Where to insert x into a sorted a: before items equal to it.",
        ),
        MethodDef::bound(
            "insort_right",
            |vm, _, args| insert(vm, args, true),
            SIGNATURE,
            "Insert x into a sorted a, behind items equal to it.",
        ),
        MethodDef::bound(
            "insort_left",
            |vm, _, args| insert(vm, args, false),
            SIGNATURE,
            "Insert x into a sorted a, before items equal to it.",
        ),
    ],
    exec: |_, _| Ok(()),
};

fn key_function<'a>(args: &Bound<'a>) -> Option<&'a Value> {
    args[4].filter(|key| !key.is_none())
}

fn position(vm: &Vm, args: &Bound<'_>, right: bool) -> PyResult<usize> {
    let (sequence, item) = (given(vm, args[0])?, given(vm, args[1])?);
    search(vm, sequence, item, args, right)
}

fn search(vm: &Vm, sequence: &Value, item: &Value, args: &Bound<'_>, right: bool) -> PyResult<usize> {
    let low = args[2].map_or(Ok(0), |low| vm.to_isize(low))?;
    let high = match args[3].filter(|high| !high.is_none()) {
        Some(high) => vm.to_isize(high)?,
        None => -1,
    };
    if low < 0 {
        return Err(vm.value_error("lo must be non-negative"));
    }
    let mut low = low as usize;
    let mut high = if high < 0 { vm.len(sequence)? } else { high as usize };
    let key = key_function(args);
    let list = sequence.downcast::<List>().filter(|_| vm.type_of(sequence).is(&vm.types.list));
    while low < high {
        let middle = low + (high - low) / 2;
        let found = match list.and_then(|list| list.get(middle)) {
            Some(found) => found,
            None => vm.get_item(sequence, &vm.new_uint(middle as u64))?,
        };
        let found = match key {
            Some(key) => vm.call(key, std::slice::from_ref(&found))?,
            None => found,
        };
        if right {
            if less(vm, item, &found)? {
                high = middle;
            } else {
                low = middle + 1;
            }
        } else if less(vm, &found, item)? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn insert(vm: &Vm, args: &Bound<'_>, right: bool) -> PyResult {
    let (sequence, item) = (given(vm, args[0])?, given(vm, args[1])?);
    let sought = match key_function(args) {
        Some(key) => vm.call(key, std::slice::from_ref(item))?,
        None => item.clone(),
    };
    let position = search(vm, sequence, &sought, args, right)?;
    match sequence.downcast::<List>().filter(|_| vm.type_of(sequence).is(&vm.types.list)) {
        Some(list) => {
            if !list.try_reserve(1) {
                return Err(vm.memory_error());
            }
            list.insert(position, item.clone());
        }
        None => {
            vm.call_method(sequence, &vm.names.insert, &[vm.new_uint(position as u64), item.clone()])?;
        }
    }
    Ok(Value::NONE)
}

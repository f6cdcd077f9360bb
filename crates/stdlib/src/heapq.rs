//! `_heapq`: lists kept as heaps, with the smallest or the largest item first.

use oriel_runtime::types::list::List;
use oriel_runtime::types::list::sort::less;
use oriel_runtime::{MethodDef, ModuleSpec, PyResult, Ref, Value, Vm};

/// The module.
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_heapq",
    doc: "Heap queues: lists in which heap[k] <= heap[2*k+1] and heap[k] <= heap[2*k+2] for all k.",
    functions: &[
        MethodDef::positional(
            "heappush",
            2,
            2,
            |vm, _, args| push(vm, args, "heappush", false),
            "($module, heap, item, /)",
            "Add an item to the heap.",
        ),
        MethodDef::positional(
            "heappushpop",
            2,
            2,
            |vm, _, args| push_pop(vm, args, "heappushpop", false),
            "($module, heap, item, /)",
            "Add an item and then take the smallest one out.",
        ),
        MethodDef::one(
            "heappop",
            |vm, _, heap| pop(vm, heap, "heappop", false),
            "($module, heap, /)",
            "Take the smallest item out.",
        ),
        MethodDef::positional(
            "heapreplace",
            2,
            2,
            |vm, _, args| replace(vm, args, "heapreplace", false),
            "($module, heap, item, /)",
            "Take the smallest item out and then add one.",
        ),
        MethodDef::one(
            "heapify",
            |vm, _, heap| heapify(vm, heap, "heapify", false),
            "($module, heap, /)",
            "Turn a list into a heap, in place.",
        ),
        MethodDef::positional(
            "heappush_max",
            2,
            2,
            |vm, _, args| push(vm, args, "heappush_max", true),
            "($module, heap, item, /)",
            "Add an item to the heap with the largest item first.",
        ),
        MethodDef::positional(
            "heappushpop_max",
            2,
            2,
            |vm, _, args| push_pop(vm, args, "heappushpop_max", true),
            "($module, heap, item, /)",
            "Add an item and then take the largest one out.",
        ),
        MethodDef::one(
            "heappop_max",
            |vm, _, heap| pop(vm, heap, "heappop_max", true),
            "($module, heap, /)",
            "Take the largest item out.",
        ),
        MethodDef::positional(
            "heapreplace_max",
            2,
            2,
            |vm, _, args| replace(vm, args, "heapreplace_max", true),
            "($module, heap, item, /)",
            "Take the largest item out and then add one.",
        ),
        MethodDef::one(
            "heapify_max",
            |vm, _, heap| heapify(vm, heap, "heapify_max", true),
            "($module, heap, /)",
            "Turn a list into a heap with the largest item first, in place.",
        ),
    ],
    exec: |vm, module| {
        let about = "Heaps are arrays for which a[k] <= a[2*k+1] and a[k] <= a[2*k+2] for all k, counting from 0.";
        vm.module_set(module, "__about__", vm.new_str(about))
    },
};

fn list<'a>(vm: &Vm, heap: &'a Value, function: &str, numbered: bool) -> PyResult<&'a Ref<List>> {
    heap.downcast::<List>().ok_or_else(|| {
        let name = vm.type_name(heap);
        let which = if numbered { " 1" } else { "" };
        vm.type_error(format!("{function}() argument{which} must be list, not {name}"))
    })
}

/// Whether `a` goes before `b` in the heap.
#[inline]
fn before(vm: &Vm, a: &Value, b: &Value, max: bool) -> PyResult<bool> {
    if max { less(vm, b, a) } else { less(vm, a, b) }
}

fn at(vm: &Vm, heap: &List, index: usize) -> PyResult {
    heap.get(index).ok_or_else(|| vm.index_error("index out of range"))
}

fn check_size(vm: &Vm, heap: &List, size: usize) -> PyResult<()> {
    if heap.len() == size { Ok(()) } else { Err(vm.runtime_error("list changed size during iteration")) }
}

fn swap(heap: &List, a: usize, b: usize) {
    if let (Some(left), Some(right)) = (heap.get(a), heap.get(b)) {
        heap.set(a, right);
        heap.set(b, left);
    }
}

/// Moves the item at a position up to where it belongs.
fn sift_down(vm: &Vm, heap: &List, start: usize, mut position: usize, max: bool) -> PyResult<()> {
    let size = heap.len();
    if position >= size {
        return Err(vm.index_error("index out of range"));
    }
    while position > start {
        let parent = (position - 1) >> 1;
        let is_before = before(vm, &at(vm, heap, position)?, &at(vm, heap, parent)?, max)?;
        check_size(vm, heap, size)?;
        if !is_before {
            break;
        }
        swap(heap, position, parent);
        position = parent;
    }
    Ok(())
}

/// Moves the item at a position down to a leaf and from there up to where it belongs.
fn sift_up(vm: &Vm, heap: &List, start: usize, max: bool) -> PyResult<()> {
    let end = heap.len();
    if start >= end {
        return Err(vm.index_error("index out of range"));
    }
    let mut position = start;
    while position < end >> 1 {
        let mut child = 2 * position + 1;
        if child + 1 < end {
            let is_before = before(vm, &at(vm, heap, child)?, &at(vm, heap, child + 1)?, max)?;
            check_size(vm, heap, end)?;
            child += usize::from(!is_before);
        }
        swap(heap, child, position);
        position = child;
    }
    sift_down(vm, heap, start, position, max)
}

fn push(vm: &Vm, args: &[Value], function: &str, max: bool) -> PyResult {
    let heap = list(vm, &args[0], function, true)?;
    if !heap.try_reserve(1) {
        return Err(vm.memory_error());
    }
    heap.push(args[1].clone());
    sift_down(vm, heap, 0, heap.len() - 1, max)?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, heap: &Value, function: &str, max: bool) -> PyResult {
    let heap = list(vm, heap, function, false)?;
    let Some(last) = heap.pop() else { return Err(vm.index_error("index out of range")) };
    if heap.is_empty() {
        return Ok(last);
    }
    match heap.replace(0, last) {
        Ok(first) => {
            sift_up(vm, heap, 0, max)?;
            Ok(first)
        }
        Err(last) => Ok(last),
    }
}

fn replace(vm: &Vm, args: &[Value], function: &str, max: bool) -> PyResult {
    let heap = list(vm, &args[0], function, true)?;
    match heap.replace(0, args[1].clone()) {
        Ok(first) => {
            sift_up(vm, heap, 0, max)?;
            Ok(first)
        }
        Err(_) => Err(vm.index_error("index out of range")),
    }
}

fn push_pop(vm: &Vm, args: &[Value], function: &str, max: bool) -> PyResult {
    let heap = list(vm, &args[0], function, true)?;
    let Some(first) = heap.get(0) else { return Ok(args[1].clone()) };
    if !before(vm, &first, &args[1], max)? {
        return Ok(args[1].clone());
    }
    replace(vm, args, function, max)
}

fn heapify(vm: &Vm, heap: &Value, function: &str, max: bool) -> PyResult {
    let heap = list(vm, heap, function, false)?;
    for position in (0..heap.len() >> 1).rev() {
        sift_up(vm, heap, position, max)?;
    }
    Ok(Value::NONE)
}

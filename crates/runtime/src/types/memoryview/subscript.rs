//! Items and slices of `memoryview`.

use super::{MemoryView, items};
use crate::error::PyResult;
use crate::types::slice::{Slice, SliceRange};
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

fn is_index(vm: &Vm, key: &Value) -> bool {
    vm.small_or_big(key).is_some() || vm.type_of(key).slots.nb_index.get().is_some()
}

/// The offset of a position in a dimension.
fn step_into(vm: &Vm, view: &MemoryView, dimension: usize, index: isize) -> PyResult<isize> {
    let (len, stride) = (view.shape()[dimension], view.structure.strides[dimension]);
    let at = if index < 0 { index + len } else { index };
    if at < 0 || at >= len {
        let dimension = dimension + 1;
        return Err(vm.index_error(format!("index out of bounds on dimension {dimension}")));
    }
    Ok(at * stride)
}

/// The offset of the item that a tuple of positions names.
fn offset_of_tuple(vm: &Vm, view: &MemoryView, tuple: &Tuple) -> PyResult<isize> {
    let (given, ndim) = (tuple.len(), view.ndim());
    if given > ndim {
        return Err(vm.type_error(format!("cannot index {ndim}-dimension view with {given}-element tuple")));
    }
    if given < ndim {
        return Err(vm.not_implemented_error("sub-views are not implemented"));
    }
    let mut offset = view.offset;
    for (dimension, index) in tuple.items().iter().enumerate() {
        offset += step_into(vm, view, dimension, vm.to_isize_index(index)?)?;
    }
    Ok(offset)
}

/// `view[index]`
pub(super) fn item(vm: &Vm, this: &Value, index: isize) -> PyResult {
    let view = vm.body::<MemoryView>(this)?;
    view.check(vm)?;
    items::native(vm, &view.structure.format)?;
    match view.ndim() {
        0 => Err(vm.type_error("invalid indexing of 0-dim memory")),
        1 => view.item_at(vm, view.offset + step_into(vm, view, 0, index)?),
        _ => Err(vm.not_implemented_error("multi-dimensional sub-views are not implemented")),
    }
}

/// The view of a slice of the first dimension.
fn sliced(vm: &Vm, view: &Ref<MemoryView>, slice: &Slice) -> PyResult<Ref<MemoryView>> {
    // The memory stays even if the numbers' own code releases the view.
    let kept = vm.sibling_view(view, view.offset, view.structure.clone(), view.readonly)?;
    let (start, stop, step) = slice.unpack(vm)?;
    let view = &kept;
    let range = SliceRange::clip(view.shape()[0] as usize, start, stop, step);
    let mut structure = view.structure.clone();
    let stride = structure.strides[0];
    structure.shape[0] = range.count as isize;
    structure.strides[0] = stride.saturating_mul(range.step);
    let offset = if range.count == 0 { view.offset } else { view.offset + range.start * stride };
    vm.sibling_view(view, offset, structure, view.readonly)
}

/// What a key that is no single position asks for.
enum Key<'a> {
    Tuple(&'a Ref<Tuple>),
    Other,
}

fn multi(vm: &Vm, key: &Value) -> PyResult<bool> {
    if let Key::Tuple(tuple) = kind(key) {
        let items = tuple.items();
        if items.iter().all(|item| is_index(vm, item)) {
            return Ok(true);
        }
        if items.iter().all(|item| item.downcast::<Slice>().is_some()) {
            return Err(vm.not_implemented_error("multi-dimensional slicing is not implemented"));
        }
    }
    Ok(false)
}

fn kind(key: &Value) -> Key<'_> {
    match key.downcast::<Tuple>() {
        Some(tuple) => Key::Tuple(tuple),
        None => Key::Other,
    }
}

/// `view[key]`
pub(super) fn subscript(vm: &Vm, this: &Value, key: &Value) -> PyResult {
    let view = vm.body::<MemoryView>(this)?;
    view.check(vm)?;
    if view.ndim() == 0 {
        return match key.downcast::<Tuple>() {
            Some(tuple) if tuple.is_empty() => view.item_at(vm, view.offset),
            _ if key.is(&Value::ELLIPSIS) => Ok(this.clone()),
            _ => Err(vm.type_error("invalid indexing of 0-dim memory")),
        };
    }
    if is_index(vm, key) {
        let index = vm.to_isize_index(key)?;
        return item(vm, this, index);
    }
    if let Some(slice) = key.downcast::<Slice>() {
        return sliced(vm, view, slice).map(Ref::into_value);
    }
    if let Key::Tuple(tuple) = kind(key)
        && multi(vm, key)?
    {
        items::native(vm, &view.structure.format)?;
        let offset = offset_of_tuple(vm, view, tuple)?;
        return view.item_at(vm, offset);
    }
    Err(vm.type_error("memoryview: invalid slice key"))
}

/// `view[key] = value`
pub(super) fn assign(vm: &Vm, this: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let view = vm.body::<MemoryView>(this)?;
    view.check(vm)?;
    items::native(vm, &view.structure.format)?;
    if view.readonly {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    let Some(value) = value else { return Err(vm.type_error("cannot delete memory")) };
    if view.ndim() == 0 {
        let fits = key.is(&Value::ELLIPSIS) || key.downcast::<Tuple>().is_some_and(|tuple| tuple.is_empty());
        if !fits {
            return Err(vm.type_error("invalid indexing of 0-dim memory"));
        }
        return view.set_item_at(vm, view.offset, value);
    }
    if is_index(vm, key) {
        if view.ndim() > 1 {
            return Err(vm.not_implemented_error("sub-views are not implemented"));
        }
        let index = vm.to_isize_index(key)?;
        let offset = view.offset + step_into(vm, view, 0, index)?;
        return view.set_item_at(vm, offset, value);
    }
    if let Some(slice) = key.downcast::<Slice>() {
        if view.ndim() > 1 {
            return Err(vm.not_implemented_error("memoryview slice assignments are currently restricted to ndim = 1"));
        }
        return assign_slice(vm, view, slice, value);
    }
    if let Key::Tuple(tuple) = kind(key)
        && multi(vm, key)?
    {
        let offset = offset_of_tuple(vm, view, tuple)?;
        return view.set_item_at(vm, offset, value);
    }
    Err(vm.type_error("memoryview: invalid slice key"))
}

fn assign_slice(vm: &Vm, view: &Ref<MemoryView>, slice: &Slice, value: &Value) -> PyResult<()> {
    let source = vm.full_buffer(value, false)?;
    let target = sliced(vm, view, slice)?;
    view.check(vm)?;
    let same_item = match (items::native_opt(&source.format), items::native_opt(&target.structure.format)) {
        (Some(a), Some(b)) => a.code == b.code,
        _ => source.format == target.structure.format,
    };
    if !same_item || source.shape.len() != 1 || source.shape != *target.shape() {
        let message = "memoryview assignment: lvalue and rvalue have different structures";
        return Err(vm.value_error(message));
    }
    // Copied first: both may be the same memory.
    let bytes = source.to_vec();
    let size = target.structure.item_size;
    let stride = target.structure.strides[0];
    target.with_window(vm, |window| {
        for (index, item) in bytes.chunks_exact(size.max(1)).enumerate() {
            window.write_at(index as isize * stride, item);
        }
    })
}

//! Characters and slices of a `str` by position.

use super::parts::itself;
use super::slots::string;
use crate::error::{PyResult, Raised};
use crate::types::slice::Slice;
use crate::vm::Vm;
use oriel_heap::Value;

#[cold]
fn out_of_range(vm: &Vm) -> Raised {
    vm.index_error("string index out of range")
}

/// The character at a position from the start.
pub(super) fn item(vm: &Vm, this: &Value, index: isize) -> PyResult {
    let text = string(vm, this)?.text();
    let character = usize::try_from(index).ok().and_then(|index| text.get(index));
    character.map(|c| vm.new_char(c)).ok_or_else(|| out_of_range(vm))
}

/// `str[key]`
pub(super) fn subscript(vm: &Vm, this: &Value, key: &Value) -> PyResult {
    let text = string(vm, this)?.text();
    let index = match key.as_small_int() {
        Some(index) => index as isize,
        None => {
            if let Some(slice) = key.downcast::<Slice>() {
                return take(vm, this, slice);
            }
            if vm.small_or_big(key).is_none() && vm.type_of(key).slots.nb_index.get().is_none() {
                let given = vm.type_name(key);
                return Err(vm.type_error(format!("string indices must be integers, not '{given}'")));
            }
            vm.to_isize_index(key)?
        }
    };
    let index = if index < 0 { index.checked_add_unsigned(text.len()) } else { Some(index) };
    item(vm, this, index.unwrap_or(-1))
}

fn take(vm: &Vm, this: &Value, slice: &Slice) -> PyResult {
    let text = string(vm, this)?.text();
    let range = slice.range(vm, text.len())?;
    if range.count == 0 {
        return Ok(vm.empty_str());
    }
    if range.step == 1 {
        if range.count == text.len() {
            return itself(vm, this);
        }
        let positions = range.contiguous();
        return vm.new_text(text.slice(positions.start, positions.end));
    }
    vm.new_text_buf(&text.stepped(range.start as usize, range.step, range.count))
}

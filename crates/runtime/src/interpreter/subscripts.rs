//! Subscripts and slices.

use super::activation::{Activation, Flow};
use crate::error::PyResult;
use crate::lowered::{Instruction, flag};
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::Value;

/// The position that a small integer names in a sequence of a length.
#[inline(always)]
fn position(number: i64, length: usize) -> Option<usize> {
    let index = if number < 0 { number + length as i64 } else { number };
    if index >= 0 && (index as usize) < length { Some(index as usize) } else { None }
}

/// The item of an exact list or tuple at a small integer.
#[inline(always)]
fn quick_item(vm: &Vm, container: &Value, key: &Value) -> Option<Value> {
    let number = key.as_small_int()?;
    let ty = container.header()?.type_pointer();
    if ty == vm.types.list.as_value().raw() {
        // SAFETY: exact lists have the layout of lists.
        let list = unsafe { container.downcast_unchecked::<List>() };
        return list.get(position(number, list.len())?);
    }
    if ty == vm.types.tuple.as_value().raw() {
        // SAFETY: exact tuples have the layout of tuples.
        let tuple = unsafe { container.downcast_unchecked::<Tuple>() };
        return tuple.items().get(position(number, tuple.len())?).cloned();
    }
    None
}

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn subscript(&mut self, i: Instruction) -> Flow {
        let (container, key) = (self.operand(i.b()), self.operand(i.c()));
        if let Some(item) = quick_item(self.vm, container, key) {
            self.set(i.a(), item);
            if i.has(flag::KILL_B) {
                drop(self.take(i.b()));
            }
            return Flow::Next;
        }
        self.outside(i, subscript_general)
    }

    #[inline(always)]
    pub(super) fn store_subscript(&mut self, i: Instruction) -> Flow {
        let (container, key) = (self.operand(i.a()), self.operand(i.b()));
        if let Some(number) = key.as_small_int()
            && let Some(header) = container.header()
            && header.type_pointer() == self.vm.types.list.as_value().raw()
        {
            // SAFETY: exact lists have the layout of lists.
            let list = unsafe { container.downcast_unchecked::<List>() };
            if let Some(index) = position(number, list.len()) {
                self.save();
                let value = self.own(i, i.c(), flag::KILL_C);
                if let Ok(old) = list.replace(index, value) {
                    drop(old);
                }
                self.kill_a(i);
                return Flow::Next;
            }
        }
        self.outside(i, store_subscript_general)
    }

    #[inline(always)]
    pub(super) fn delete_subscript(&mut self, i: Instruction) -> Flow {
        self.save();
        let (container, key) = (self.operand(i.a()), self.operand(i.b()));
        if let Some(flow) = self.enter_store_subscript(container, key, None) {
            return flow;
        }
        let result = self.vm.del_item(container, key);
        self.kill(i);
        self.kill_a(i);
        self.done(result)
    }

    #[inline(always)]
    pub(super) fn slice(&mut self, i: Instruction) -> Flow {
        self.save();
        let operand = |index| self.operand(self.listed(index));
        let result = get_slice(self.vm, operand(0), operand(1), operand(2));
        self.drop_listed(i.b(), 3);
        self.skip(1);
        match result {
            Ok(value) => {
                self.set(i.a(), value);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
    }

    #[inline(always)]
    pub(super) fn store_slice(&mut self, i: Instruction) -> Flow {
        self.save();
        let operand = |index| self.operand(self.listed(index));
        let result = set_slice(self.vm, operand(0), operand(1), operand(2), operand(3));
        self.drop_listed(i.b(), 4);
        self.skip(1);
        self.done(result)
    }

    /// Drops the temporaries of the list behind the instruction.
    #[inline(always)]
    pub(super) fn drop_listed(&self, base: u16, count: usize) {
        for index in 0..count {
            let operand = self.listed(index);
            if operand == base + index as u16 {
                drop(self.take(operand));
            }
        }
    }
}

#[inline(never)]
fn subscript_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.save();
    let vm = state.vm;
    let (container, key) = (state.operand(i.b()), state.operand(i.c()));
    if let Some(dict) = super::exact_dict(vm, container) {
        let found = match dict.get(vm, key) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(vm.key_error(key)),
            Err(raised) => Err(raised),
        };
        return state.finish(i, found);
    }
    if let Some(flow) = state.enter_subscript(container, key) {
        return flow;
    }
    let result = vm.get_item(container, key);
    state.finish(i, result)
}

#[inline(never)]
fn store_subscript_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.save();
    let vm = state.vm;
    let (container, key, value) = (state.operand(i.a()), state.operand(i.b()), state.operand(i.c()));
    let result = match super::exact_dict(vm, container) {
        Some(dict) => dict.set(vm, key, value.clone()),
        None => {
            if let Some(flow) = state.enter_store_subscript(container, key, Some(value)) {
                return flow;
            }
            vm.set_item(container, key, value)
        }
    };
    state.kill(i);
    state.kill_a(i);
    state.done(result)
}

#[inline(never)]
fn get_slice(vm: &Vm, container: &Value, start: &Value, stop: &Value) -> PyResult {
    if let Some(part) = crate::types::slice::plain_part(vm, container, start, stop) {
        return part;
    }
    let slice = vm.slice_value(start, stop, &Value::NONE)?;
    vm.get_item(container, &slice)
}

#[inline(never)]
fn set_slice(vm: &Vm, value: &Value, container: &Value, start: &Value, stop: &Value) -> PyResult<()> {
    if crate::types::slice::set_plain_part(vm, container, start, stop, value) {
        return Ok(());
    }
    let slice = vm.slice_value(start, stop, &Value::NONE)?;
    vm.set_item(container, &slice, value)
}

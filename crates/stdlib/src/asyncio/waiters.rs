//! Who awaits a future: one waiter, or a set of them.

use super::as_future;
use oriel_runtime::{PyResult, Value, Vm};

/// `future_add_to_awaited_by(fut, waiter)`
pub(super) fn add(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [future, waiter] = args else { return Ok(Value::NONE) };
    add_waiter(vm, future, waiter)?;
    Ok(Value::NONE)
}

/// `future_discard_from_awaited_by(fut, waiter)`
pub(super) fn discard(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [future, waiter] = args else { return Ok(Value::NONE) };
    discard_waiter(vm, future, waiter)?;
    Ok(Value::NONE)
}

/// Records that a future is awaited, where both are of our types.
pub(super) fn add_waiter(vm: &Vm, future: &Value, waiter: &Value) -> PyResult<()> {
    let (Some(own), Some(_)) = (as_future(future), as_future(waiter)) else { return Ok(()) };
    match own.awaited_by.get() {
        None => own.awaited_by.set(Some(waiter.clone())),
        Some(set) if own.awaited_by_many.get() => {
            vm.call_method(&set, &vm.names.add, std::slice::from_ref(waiter))?;
        }
        Some(first) => {
            let set = vm.call(vm.types.set.as_value(), &[vm.new_tuple(&[first, waiter.clone()])])?;
            own.awaited_by_many.set(true);
            own.awaited_by.set(Some(set));
        }
    }
    Ok(())
}

/// Records that a future is not awaited any more.
pub(super) fn discard_waiter(vm: &Vm, future: &Value, waiter: &Value) -> PyResult<()> {
    let (Some(own), Some(_)) = (as_future(future), as_future(waiter)) else { return Ok(()) };
    if own.awaited_by_many.get() {
        if let Some(set) = own.awaited_by.get() {
            vm.call_method_str(&set, "discard", std::slice::from_ref(waiter))?;
        }
    } else if own.awaited_by.borrow().is_some_and(|known| known.is(waiter)) {
        own.awaited_by.set(None);
    }
    Ok(())
}

/// `_asyncio_awaited_by`
pub(super) fn get(vm: &Vm, this: &Value) -> PyResult {
    let Some(own) = as_future(this) else { return Ok(Value::NONE) };
    match own.awaited_by.get() {
        None => Ok(Value::NONE),
        Some(set) if own.awaited_by_many.get() => vm.call(vm.types.frozenset.as_value(), &[set]),
        Some(one) => vm.call(vm.types.frozenset.as_value(), &[vm.new_tuple(&[one])]),
    }
}

//! Small things that several streams need.

use oriel_runtime::{PyResult, Raised, Value, Vm};
use std::cell::Cell;

/// `OSError(message)`
#[cold]
pub fn os_error_text(vm: &Vm, message: &str) -> Raised {
    vm.new_exception(&vm.types.os_error, message)
}

/// `BlockingIOError(EAGAIN, message, characters_written)`
#[cold]
pub fn blocking_error(vm: &Vm, message: &str, written: usize) -> Raised {
    let args = [vm.new_int(libc::EAGAIN.into()), vm.new_str(message), vm.new_int(written as i64)];
    vm.new_exception_with(&vm.types.blocking_io_error, &args)
}

/// So many zero bytes, or MemoryError.
pub fn zeroed(vm: &Vm, size: usize) -> PyResult<Vec<u8>> {
    let mut buffer = Vec::new();
    if buffer.try_reserve_exact(size).is_err() {
        return Err(vm.memory_error());
    }
    buffer.resize(size, 0);
    Ok(buffer)
}

/// Both flushing and closing raised: the second error, with the first as its context.
pub fn chained(vm: &Vm, first: Raised, second: Raised) -> Raised {
    vm.set_context(&second.0, Some(first.0));
    second
}

/// The result of flushing and then closing.
pub fn after_both(vm: &Vm, flushed: PyResult, closed: PyResult) -> PyResult<Value> {
    match (flushed, closed) {
        (Err(first), Err(second)) => Err(chained(vm, first, second)),
        (Err(raised), _) | (_, Err(raised)) => Err(raised),
        (Ok(_), Ok(value)) => Ok(value),
    }
}

/// `__getstate__` of streams.
pub fn cannot_pickle(vm: &Vm, this: &Value) -> PyResult {
    let name = vm.type_of(this).name_text();
    Err(vm.type_error(format!("cannot pickle '{name}' instances")))
}

/// `__reduce_ex__` of streams: classes that say what their state is can be pickled in the oldest protocols as well.
pub fn reduce(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let protocol = args.first().map_or(Ok(0), |protocol| vm.to_i32(protocol))?;
    if protocol >= 2 {
        let general = vm.get_attr_str(vm.types.object.as_value(), "__reduce_ex__")?;
        return vm.call(&general, &[this.clone(), Value::small(protocol)]);
    }
    let state = vm.call_method_str(this, "__getstate__", &[])?;
    let class = vm.type_of(this).to_value();
    Ok(vm.tuple([vm.import_from("copyreg", "__newobj__")?, vm.tuple([class]), state]))
}

/// Sets a flag that must be a `bool`.
pub fn set_flag(vm: &Vm, flag: &Cell<bool>, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.type_error("can't delete numeric/char attribute")) };
    match value.as_bool() {
        Some(value) => {
            flag.set(value);
            Ok(())
        }
        None => Err(vm.type_error("attribute value type must be bool")),
    }
}

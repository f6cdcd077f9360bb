//! Small things that several streams need.

use oriel_runtime::{PyResult, Raised, Value, Vm};

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

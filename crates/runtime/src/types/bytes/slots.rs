//! The slots of `bytes`.

use crate::buffer::BufferView;
use crate::error::PyResult;
use crate::native::{TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::bytes::Bytes;
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};
use std::ptr::NonNull;

/// `bytes`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::MATCH_SELF,
    doc: "An immutable sequence of bytes.",
    slots: |slots| {
        slots
            .repr
            .set(Some(|vm, this| Ok(vm.new_str(&oriel_kernel::text::repr::repr_bytes(own(vm, this)?.as_slice())))));
        slots.hash.set(Some(|vm, this| Ok(own(vm, this)?.hash(vm))));
        slots.richcompare.set(Some(compare));
        slots.sq_length.set(Some(|vm, this| Ok(own(vm, this)?.len())));
        slots.mp_length.set(Some(|vm, this| Ok(own(vm, this)?.len())));
        slots.buffer.set(Some(buffer));
    },
    ..TypeSpec::new("bytes", Bytes::layout)
};

/// The receiver of a method of `bytes`.
pub fn own<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<Bytes>> {
    value.downcast().ok_or_else(|| vm.type_error(format!("a bytes is needed, not '{}'", vm.type_name(value))))
}

fn compare(_vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    match (a.downcast::<Bytes>(), b.downcast::<Bytes>()) {
        (Some(x), Some(y)) => Ok(Value::bool(op.of(x.as_slice().cmp(y.as_slice())))),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn buffer(vm: &Vm, this: &Value, writable: bool) -> PyResult<BufferView> {
    if writable {
        return Err(vm.buffer_error("Object is not writable."));
    }
    let bytes = own(vm, this)?.as_slice();
    Ok(BufferView::bytes(this.clone(), NonNull::from(bytes).cast(), bytes.len(), true, None))
}

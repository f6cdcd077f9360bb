//! Equality and hash of code objects: by what they would do and where they come from.

use super::Code;
use crate::error::PyResult;
use crate::slots::CompareOp;
use crate::vm::Vm;
use oriel_heap::Value;

/// `==` and `!=`
pub fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Code>(), b.downcast::<Code>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (p, q) = (&x.data, &y.data);
    let same_data = p.name == q.name
        && p.argcount == q.argcount
        && p.posonlyargcount == q.posonlyargcount
        && p.kwonlyargcount == q.kwonlyargcount
        && p.flags == q.flags
        && p.firstlineno == q.firstlineno
        && p.code == q.code
        && p.names == q.names
        && p.localsplusnames == q.localsplusnames
        && p.linetable == q.linetable
        && p.exceptiontable == q.exceptiontable;
    let mut same = same_data && x.constants.len() == y.constants.len();
    if same {
        for (left, right) in x.constants.iter().zip(&y.constants) {
            // Values of different types are different constants, however equal.
            let alike = left.is(right) || vm.type_of(left).is(vm.type_of(right)) && vm.equal(left, right)?;
            if !alike {
                same = false;
                break;
            }
        }
    }
    Ok(Value::bool(same == (op == CompareOp::Eq)))
}

/// `hash()`
pub fn hash(vm: &Vm, this: &Value) -> PyResult<i64> {
    let Some(code) = this.downcast::<Code>() else { return Err(vm.type_error("a code object is needed")) };
    let mut hash = vm.hash(&code.name)? as u64;
    let mut mix = |value: u64| hash = (hash ^ value).wrapping_mul(1_000_003);
    for value in code.constants.iter() {
        mix(vm.hash(value)? as u64);
    }
    for value in code.names.iter().chain(&code.variables) {
        mix(vm.hash(value)? as u64);
    }
    mix(u64::from(code.data.argcount));
    mix(u64::from(code.data.posonlyargcount));
    mix(u64::from(code.data.kwonlyargcount));
    mix(u64::from(code.data.flags.0));
    mix(code.data.firstlineno as u64);
    for pair in code.data.code.chunks(2) {
        mix(u64::from(pair[0]) << 8 | u64::from(pair.get(1).copied().unwrap_or(0)));
    }
    Ok(oriel_kernel::hash::fix(hash as i64))
}

//! `_count_elements`: the loop under `Counter`.

use oriel_runtime::arithmetic::BinaryOp;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::{PyResult, Value, Vm};

pub(super) fn count_elements(vm: &Vm, _module: &Value, args: &[Value]) -> PyResult {
    let [mapping, iterable] = args else { return Ok(Value::NONE) };
    let iterator = vm.iter(iterable)?;
    let one = Value::small(1);
    // A subclass that changes how items are read or written is asked by its methods.
    let plain = match (mapping.downcast::<Dict>(), vm.lookup(vm.type_of(mapping), &vm.names.get)) {
        (Some(dict), Some(get)) => {
            let original_get = vm.types.dict.namespace.get_str(&vm.names.get);
            let set = vm.lookup(vm.type_of(mapping), &vm.names.__setitem__);
            let original_set = vm.types.dict.namespace.get_str(&vm.names.__setitem__);
            let same = |a: Option<&Value>, b: Option<&Value>| matches!((a, b), (Some(a), Some(b)) if a.is(b));
            (same(Some(&get), original_get.as_ref()) && same(set.as_ref(), original_set.as_ref())).then_some(dict)
        }
        _ => None,
    };
    if let Some(dict) = plain {
        while let Some(key) = vm.next(&iterator)? {
            let hash = vm.hash(&key)?;
            let count = match dict.get_hashed(vm, &key, hash)? {
                None => one.clone(),
                Some(count) => match Value::add_small(&count, &one) {
                    Some(sum) => sum,
                    None => vm.binary(BinaryOp::Add, &count, &one)?,
                },
            };
            dict.set_hashed(vm, &key, hash, count)?;
        }
        return Ok(Value::NONE);
    }
    let get = vm.get_attr(mapping, &vm.names.get)?;
    while let Some(key) = vm.next(&iterator)? {
        let count = vm.call(&get, &[key.clone(), Value::small(0)])?;
        let sum = vm.binary(BinaryOp::Add, &count, &one)?;
        vm.set_item(mapping, &key, &sum)?;
    }
    Ok(Value::NONE)
}

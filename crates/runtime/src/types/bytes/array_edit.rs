//! The methods of `bytearray` that change it, and its table of methods.

use super::array_slots::{own, snapshot};
use super::methods::with_common_methods;
use super::{byte_of, collect_bytes, construct};
use crate::error::PyResult;
use crate::native::MethodDef;
use crate::vm::Vm;
use oriel_heap::{Body, Header, Value};
use oriel_kernel::text::Text;

#[rustfmt::skip]
pub(super) const METHODS: &[MethodDef] = with_common_methods![
    MethodDef::noargs("__alloc__", |vm, this| Ok(vm.new_int(own(vm, this)?.allocated() as i64)), "($self, /)", "Bytes of memory that are held."),
    MethodDef::noargs("__reduce__", |vm, this| reduce(vm, this, 2), "($self, /)", "State for pickling."),
    MethodDef::positional("__reduce_ex__", 0, 1, reduce_ex, "($self, proto=0, /)", "State for pickling."),
    MethodDef::noargs("__sizeof__", size_of_array, "($self, /)", "Bytes of memory in all."),
    MethodDef::one("append", append, "($self, item, /)", "Add a byte at the end."),
    MethodDef::noargs("clear", clear, "($self, /)", "Remove all bytes."),
    MethodDef::noargs("copy", super::methods::copy, "($self, /)", "A copy."),
    MethodDef::one("extend", extend, "($self, iterable_of_ints, /)", "Add the bytes of an iterable at the end."),
    MethodDef::one("fromhex", construct::from_hex, "($type, string, /)", "Bytes from pairs of hexadecimal digits.").class_method(),
    MethodDef::positional("insert", 2, 2, insert, "($self, index, item, /)", "Put a byte before a position."),
    MethodDef::positional("pop", 0, 1, pop, "($self, index=-1, /)", "Take a byte out and return it."),
    MethodDef::one("remove", remove, "($self, value, /)", "Remove the first occurrence of a byte."),
    MethodDef::one("resize", resize, "($self, size, /)", "Change the number of bytes; new ones are zero."),
    MethodDef::noargs("reverse", reverse, "($self, /)", "Turn the order around."),
];

fn append(vm: &Vm, this: &Value, item: &Value) -> PyResult {
    let byte = byte_of(vm, item, "byte")?;
    own(vm, this)?.edit(vm, |store| store.extend(&[byte]))?;
    Ok(Value::NONE)
}

fn clear(vm: &Vm, this: &Value) -> PyResult {
    own(vm, this)?.edit(vm, |store| store.resize(0))?;
    Ok(Value::NONE)
}

fn extend(vm: &Vm, this: &Value, iterable: &Value) -> PyResult {
    let array = own(vm, this)?;
    if vm.has_buffer(iterable) {
        let bytes = vm.operand(iterable)?.to_vec();
        array.edit(vm, |store| store.extend(&bytes))?;
        return Ok(Value::NONE);
    }
    let name = vm.type_name(iterable);
    if iterable.downcast::<crate::types::str::Str>().is_some() {
        return Err(vm.type_error(format!("expected iterable of integers; got: '{name}'")));
    }
    match collect_bytes(vm, iterable, "byte")? {
        Some(bytes) => array.edit(vm, |store| store.extend(&bytes))?,
        None => return Err(vm.type_error(format!("can't extend bytearray with {name}"))),
    }
    Ok(Value::NONE)
}

fn insert(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let [index, item] = args else { return Ok(Value::NONE) };
    let index = vm.to_isize(index)?;
    let byte = byte_of(vm, item, "byte")?;
    let array = own(vm, this)?;
    let len = array.len() as isize;
    let at = if index < 0 { (index + len).max(0) } else { index.min(len) } as usize;
    array.edit(vm, |store| store.splice(at, at, &[byte]))?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let index = match args.first() {
        Some(index) => vm.to_isize_clipped(index)?,
        None => -1,
    };
    let array = own(vm, this)?;
    let len = array.len();
    if len == 0 {
        return Err(vm.index_error("pop from empty bytearray"));
    }
    let at = if index < 0 { index.saturating_add(len as isize) } else { index };
    let Some(at) = usize::try_from(at).ok().filter(|at| *at < len) else {
        return Err(vm.index_error("pop index out of range"));
    };
    array.check_exports(vm)?;
    let byte = array.with(|bytes| bytes[at]);
    array.edit(vm, |store| store.splice(at, at + 1, b""))?;
    Ok(Value::small(byte.into()))
}

fn remove(vm: &Vm, this: &Value, value: &Value) -> PyResult {
    let byte = byte_of(vm, value, "byte")?;
    let array = own(vm, this)?;
    let at = array.with(|bytes| bytes.iter().position(|other| *other == byte));
    let Some(at) = at else { return Err(vm.value_error("value not found in bytearray")) };
    array.edit(vm, |store| store.splice(at, at + 1, b""))?;
    Ok(Value::NONE)
}

fn resize(vm: &Vm, this: &Value, size: &Value) -> PyResult {
    let size = vm.to_isize(size)?;
    if size < 0 {
        return Err(vm.value_error(format!("Can only resize to positive sizes, got {size}")));
    }
    own(vm, this)?.edit(vm, |store| store.resize(size as usize))?;
    Ok(Value::NONE)
}

fn reverse(vm: &Vm, this: &Value) -> PyResult {
    own(vm, this)?.with_mut(<[u8]>::reverse);
    Ok(Value::NONE)
}

fn size_of_array(vm: &Vm, this: &Value) -> PyResult {
    let array = own(vm, this)?;
    let fixed = size_of::<Header>() + super::array::ByteArray::layout().size;
    Ok(vm.new_int((fixed + array.allocated()) as i64))
}

fn reduce_ex(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let protocol = match args.first() {
        Some(protocol) => vm.to_i32(protocol)?,
        None => 0,
    };
    reduce(vm, this, protocol)
}

/// Old protocols know no bytes: the state is Latin-1 text.
fn reduce(vm: &Vm, this: &Value, protocol: i32) -> PyResult {
    let bytes = snapshot(vm, this)?;
    let state = vm.call_method(this, &vm.names.__getstate__, &[])?;
    let args = if protocol < 3 {
        if bytes.is_empty() {
            vm.empty_tuple().into_value()
        } else {
            vm.tuple([vm.new_text(Text::Latin1(&bytes))?, vm.new_str("latin-1")])
        }
    } else if bytes.is_empty() {
        vm.empty_tuple().into_value()
    } else {
        vm.tuple([vm.try_new_bytes(&bytes)?])
    };
    Ok(vm.tuple([vm.type_of(this).to_value(), args, state]))
}

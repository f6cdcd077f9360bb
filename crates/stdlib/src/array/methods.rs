//! The methods of `array.array`.

use super::{Array, pickling, plain};
use oriel_kernel::text::{Kind, TextBuf};
use oriel_runtime::types::bytes::Bytes;
use oriel_runtime::types::list::List;
use oriel_runtime::types::str::Str;
use oriel_runtime::{CompareOp, MethodDef, PyResult, Ref, Value, Vm};

#[rustfmt::skip]
pub(super) const METHODS: &[MethodDef] = &[
    MethodDef::one("append", |vm, this, value| vm.body::<Array>(this)?.push(vm, value).map(|()| Value::NONE), "($self, v, /)", "Add an item at the end."),
    MethodDef::noargs("buffer_info", buffer_info, "($self, /)", "Address and number of items."),
    MethodDef::noargs("byteswap", byteswap, "($self, /)", "Turn the bytes of each item around."),
    MethodDef::noargs("clear", |vm, this| vm.body::<Array>(this)?.edit(vm, |bytes| { bytes.clear(); bytes.shrink_to_fit(); true }).map(|()| Value::NONE), "($self, /)", "Remove all items."),
    MethodDef::noargs("__copy__", copy, "($self, /)", "A copy."),
    MethodDef::one("count", count, "($self, v, /)", "Number of items equal to the value."),
    MethodDef::one("__deepcopy__", |vm, this, _| copy(vm, this), "($self, unused, /)", "A copy."),
    MethodDef::one("extend", extend, "($self, bb, /)", "Add the items of an array or iterable at the end."),
    MethodDef::positional("fromfile", 2, 2, from_file, "($self, f, n, /)", "Add items read from a file."),
    MethodDef::one("fromlist", from_list, "($self, list, /)", "Add the items of a list, all or none."),
    MethodDef::one("frombytes", |vm, this, bytes| push_bytes(vm, vm.body::<Array>(this)?, bytes).map(|()| Value::NONE), "($self, buffer, /)", "Add items given as bytes."),
    MethodDef::one("fromunicode", from_text, "($self, ustr, /)", "Add the characters of a text."),
    MethodDef::positional("index", 1, 3, index, "($self, v, start=0, stop=sys.maxsize, /)", "The first place of the value."),
    MethodDef::positional("insert", 2, 2, insert, "($self, i, v, /)", "Put an item before a position."),
    MethodDef::positional("pop", 0, 1, pop, "($self, i=-1, /)", "Take an item out and return it."),
    MethodDef::one("__reduce_ex__", pickling::reduce_ex, "($self, value, /)", "State for pickling."),
    MethodDef::one("remove", remove, "($self, v, /)", "Remove the first item equal to the value."),
    MethodDef::noargs("reverse", reverse, "($self, /)", "Turn the order around."),
    MethodDef::one("tofile", to_file, "($self, f, /)", "Write the items to a file."),
    MethodDef::noargs("tolist", to_list, "($self, /)", "The items as a list."),
    MethodDef::noargs("tobytes", |vm, this| vm.try_new_bytes(&vm.body::<Array>(this)?.bytes.borrow()), "($self, /)", "The items' bytes."),
    MethodDef::noargs("tounicode", to_unicode, "($self, /)", "The characters as a text."),
    MethodDef::noargs("__sizeof__", size_of_array, "($self, /)", "Bytes of memory in all."),
    MethodDef::one("__class_getitem__", |vm, class, item| vm.new_generic_alias(class, item), "($type, object, /)", "A generic alias.").class_method(),
];

const NOT_TEXT: &str = "may only be called on unicode type arrays ('u' or 'w')";

fn buffer_info(vm: &Vm, this: &Value) -> PyResult {
    let array = vm.body::<Array>(this)?;
    let address = array.bytes.borrow().as_ptr().addr();
    Ok(vm.tuple([vm.new_uint(address as u64), vm.new_int(array.len() as i64)]))
}

fn byteswap(vm: &Vm, this: &Value) -> PyResult {
    let array = vm.body::<Array>(this)?;
    let size = array.code.size();
    array.bytes.borrow_mut().chunks_exact_mut(size).for_each(<[u8]>::reverse);
    Ok(Value::NONE)
}

fn copy(vm: &Vm, this: &Value) -> PyResult {
    let array = vm.body::<Array>(this)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(array.bytes.borrow().len()).map_err(|_| vm.memory_error())?;
    bytes.extend_from_slice(&array.bytes.borrow());
    plain(vm, array.code, bytes)
}

/// The first position within bounds whose item is equal to the value.
fn find(vm: &Vm, array: &Array, value: &Value, start: usize, stop: usize) -> PyResult<Option<usize>> {
    let mut index = start;
    while index < stop.min(array.len()) {
        let item = array.item(vm, index)?;
        if vm.compare_bool(&item, value, CompareOp::Eq)? {
            return Ok(Some(index));
        }
        index += 1;
    }
    Ok(None)
}

fn count(vm: &Vm, this: &Value, value: &Value) -> PyResult {
    let array = vm.body::<Array>(this)?;
    let (mut at, mut found) = (0, 0);
    while let Some(index) = find(vm, array, value, at, usize::MAX)? {
        found += 1;
        at = index + 1;
    }
    Ok(vm.new_int(found))
}

/// Adds the items of another array of the same kind, or of an iterable.
pub(super) fn extend_array(vm: &Vm, array: &Ref<Array>, other: &Value) -> PyResult<()> {
    match other.downcast::<Array>() {
        Some(other) if other.code == array.code => {
            let bytes = other.bytes.borrow().clone();
            array.extend_bytes(vm, &bytes)
        }
        Some(_) => Err(vm.type_error("can only extend with array of same kind")),
        None => vm.for_each(other, |value| array.push(vm, &value)),
    }
}

fn extend(vm: &Vm, this: &Value, other: &Value) -> PyResult {
    extend_array(vm, vm.body::<Array>(this)?, other)?;
    Ok(Value::NONE)
}

/// Adds items given as a bytes-like object.
pub(super) fn push_bytes(vm: &Vm, array: &Ref<Array>, bytes: &Value) -> PyResult<()> {
    let bytes = vm.operand(bytes)?.to_vec();
    if bytes.len() % array.code.size() != 0 {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    array.extend_bytes(vm, &bytes)
}

/// Adds the characters of a text.
pub(super) fn push_text(vm: &Vm, array: &Ref<Array>, text: &Ref<Str>) -> PyResult<()> {
    let mut bytes = Vec::new();
    let room = text.len().checked_mul(4).filter(|room| bytes.try_reserve_exact(*room).is_ok());
    if room.is_none() {
        return Err(vm.memory_error());
    }
    text.text().chars().for_each(|unit| bytes.extend_from_slice(&unit.to_ne_bytes()));
    array.extend_bytes(vm, &bytes)
}

fn from_file(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let [file, count] = args else { return Ok(Value::NONE) };
    let count = vm.to_isize(count)?;
    let array = vm.body::<Array>(this)?;
    if count < 0 {
        return Err(vm.value_error("negative count"));
    }
    let Some(wanted) = count.checked_mul(array.code.size() as isize) else { return Err(vm.memory_error()) };
    let data = vm.call_method(file, &vm.names.read, &[vm.new_int(wanted as i64)])?;
    let Some(bytes) = data.downcast::<Bytes>() else { return Err(vm.type_error("read() didn't return bytes")) };
    let short = bytes.len() != wanted as usize;
    push_bytes(vm, array, &data)?;
    if short {
        return Err(vm.eof_error("read() didn't return enough bytes"));
    }
    Ok(Value::NONE)
}

fn to_file(vm: &Vm, this: &Value, file: &Value) -> PyResult {
    const BLOCK: usize = 64 * 1024;
    let array = vm.body::<Array>(this)?;
    let mut start = 0;
    loop {
        let block = {
            let bytes = array.bytes.borrow();
            if start >= bytes.len() {
                break;
            }
            vm.try_new_bytes(&bytes[start..bytes.len().min(start + BLOCK)])?
        };
        vm.call_method(file, &vm.names.write, &[block])?;
        start += BLOCK;
    }
    if start == 0 {
        // An object that cannot be written to is an error even where there is nothing to write.
        vm.get_attr(file, &vm.names.write)?;
    }
    Ok(Value::NONE)
}

fn from_list(vm: &Vm, this: &Value, list: &Value) -> PyResult {
    let Some(list) = list.downcast::<List>() else { return Err(vm.type_error("arg must be list")) };
    let array = vm.body::<Array>(this)?;
    let size = array.code.size();
    let len = list.len();
    let mut bytes = Vec::new();
    bytes.try_reserve(len * size).map_err(|_| vm.memory_error())?;
    let mut item = [0u8; 8];
    for index in 0..len {
        let Some(value) = list.get(index) else {
            return Err(vm.runtime_error("list changed size during iteration"));
        };
        array.code.pack(vm, &value, &mut item[..size])?;
        if list.len() != len {
            return Err(vm.runtime_error("list changed size during iteration"));
        }
        bytes.extend_from_slice(&item[..size]);
    }
    if len > 0 {
        array.extend_bytes(vm, &bytes)?;
    }
    Ok(Value::NONE)
}

fn from_text(vm: &Vm, this: &Value, text: &Value) -> PyResult {
    let array = vm.body::<Array>(this)?;
    let Some(text) = text.downcast::<Str>() else {
        let given = vm.type_name(text);
        return Err(vm.type_error(format!("fromunicode() argument must be str, not {given}")));
    };
    if !array.code.is_text() {
        return Err(vm.value_error(format!("fromunicode() {NOT_TEXT}")));
    }
    push_text(vm, array, text)?;
    Ok(Value::NONE)
}

fn index(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let [value, bounds @ ..] = args else { return Ok(Value::NONE) };
    let array = vm.body::<Array>(this)?;
    let len = array.len() as isize;
    let bound = |value: Option<&Value>, default: isize| -> PyResult<isize> {
        let at = value.map_or(Ok(default), |value| vm.to_isize_clipped(value))?;
        Ok(if at < 0 { at.saturating_add(len).max(0) } else { at })
    };
    let (start, stop) = (bound(bounds.first(), 0)?, bound(bounds.get(1), isize::MAX)?);
    match find(vm, array, value, start as usize, stop as usize)? {
        Some(index) => Ok(vm.new_int(index as i64)),
        None => Err(vm.value_error("array.index(x): x not in array")),
    }
}

fn insert(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let [index, value] = args else { return Ok(Value::NONE) };
    let index = vm.to_isize(index)?;
    let array = vm.body::<Array>(this)?;
    let size = array.code.size();
    let mut item = [0u8; 8];
    array.code.pack(vm, value, &mut item[..size])?;
    let len = array.len() as isize;
    let at = if index < 0 { index.saturating_add(len).max(0) } else { index.min(len) } as usize * size;
    array.edit(vm, |bytes| {
        if bytes.try_reserve(size).is_err() {
            return false;
        }
        bytes.splice(at..at, item[..size].iter().copied());
        true
    })?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let index = args.first().map_or(Ok(-1), |index| vm.to_isize(index))?;
    let array = vm.body::<Array>(this)?;
    let len = array.len() as isize;
    if len == 0 {
        return Err(vm.index_error("pop from empty array"));
    }
    let at = if index < 0 { index + len } else { index };
    if !(0..len).contains(&at) {
        return Err(vm.index_error("pop index out of range"));
    }
    let value = array.item(vm, at as usize)?;
    let size = array.code.size();
    array.edit(vm, |bytes| {
        bytes.drain(at as usize * size..(at as usize + 1) * size);
        true
    })?;
    Ok(value)
}

fn remove(vm: &Vm, this: &Value, value: &Value) -> PyResult {
    let array = vm.body::<Array>(this)?;
    let Some(at) = find(vm, array, value, 0, usize::MAX)? else {
        return Err(vm.value_error("array.remove(x): x not in array"));
    };
    let size = array.code.size();
    array.edit(vm, |bytes| {
        if (at + 1) * size <= bytes.len() {
            bytes.drain(at * size..(at + 1) * size);
        }
        true
    })?;
    Ok(Value::NONE)
}

fn reverse(vm: &Vm, this: &Value) -> PyResult {
    let array = vm.body::<Array>(this)?;
    let size = array.code.size();
    let mut bytes = array.bytes.borrow_mut();
    // All bytes turned around, then those of each item turned back.
    bytes.reverse();
    bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    Ok(Value::NONE)
}

pub(super) fn to_list(vm: &Vm, this: &Value) -> PyResult {
    let array = vm.body::<Array>(this)?;
    let mut values = vm.try_vec(array.len())?;
    for index in 0..array.len() {
        values.push(array.item(vm, index)?);
    }
    Ok(vm.list(values))
}

/// The characters as a text.
pub(super) fn to_text(vm: &Vm, this: &Value) -> PyResult {
    let array = vm.body::<Array>(this)?;
    let bytes = array.bytes.borrow();
    let mut text = TextBuf::with_capacity(Kind::Ascii, bytes.len() / 4);
    for unit in bytes.chunks_exact(4) {
        let unit = u32::from_ne_bytes([unit[0], unit[1], unit[2], unit[3]]);
        if unit > 0x10ffff {
            return Err(vm.value_error(format!("character U+{unit:x} is not in range [U+0000; U+10ffff]")));
        }
        text.push(unit);
    }
    vm.new_text_buf(&text)
}

fn to_unicode(vm: &Vm, this: &Value) -> PyResult {
    if !vm.body::<Array>(this)?.code.is_text() {
        return Err(vm.value_error(format!("tounicode() {NOT_TEXT}")));
    }
    to_text(vm, this)
}

fn size_of_array(vm: &Vm, this: &Value) -> PyResult {
    let array = vm.body::<Array>(this)?;
    let held = array.bytes.borrow().capacity();
    Ok(vm.new_int((16 + size_of::<Array>() + held) as i64))
}

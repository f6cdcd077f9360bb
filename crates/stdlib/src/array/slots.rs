//! The declaration of `array.array`: how arrays are made, compared and indexed.

use super::items::Code;
use super::{Array, iterator, lend, make, methods, plain};
use oriel_runtime::types::bytes::Bytes;
use oriel_runtime::types::slice::{Slice, SliceRange};
use oriel_runtime::types::str::Str;
use oriel_runtime::types::support::no_keywords_unless_derived;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, CompareOp, GetSetDef, PyResult, Ref, TypeSpec, Value, Vm, type_flags};

/// `array.array`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::SEQUENCE | type_flags::WEAKREF,
    doc: "array(typecode [, initializer]) -> array\n\nA row of items of one machine type.",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.repr.set(Some(repr));
        slots.richcompare.set(Some(compare));
        slots.iter.set(Some(iterator::iter));
        slots.buffer.set(Some(lend));
        slots.sq_length.set(Some(|vm, this| Ok(vm.body::<Array>(this)?.len())));
        slots.mp_length.set(Some(|vm, this| Ok(vm.body::<Array>(this)?.len())));
        slots.sq_item.set(Some(item));
        slots.sq_ass_item.set(Some(assign_item));
        slots.mp_subscript.set(Some(subscript));
        slots.mp_ass_subscript.set(Some(assign));
        slots.sq_contains.set(Some(contains));
        slots.sq_concat.set(Some(concat));
        slots.sq_repeat.set(Some(repeat));
        slots.sq_inplace_concat.set(Some(inplace_concat));
        slots.sq_inplace_repeat.set(Some(inplace_repeat));
    },
    methods: methods::METHODS,
    getset: &[
        GetSetDef::readonly(
            "typecode",
            |vm, this| Ok(vm.new_char(vm.body::<Array>(this)?.code.letter().into())),
            "The type code.",
        ),
        GetSetDef::readonly(
            "itemsize",
            |vm, this| Ok(vm.new_int(vm.body::<Array>(this)?.code.size() as i64)),
            "Bytes of an item.",
        ),
    ],
    ..TypeSpec::new("array.array", Array::layout)
};

/// A type code given as an argument.
fn code_argument(vm: &Vm, value: &Value) -> PyResult<Code> {
    let Some(text) = value.downcast::<Str>() else {
        let given = vm.type_name(value);
        return Err(vm.type_error(format!("array() argument 1 must be a unicode character, not {given}")));
    };
    if text.len() != 1 {
        let given = text.len();
        return Err(
            vm.type_error(format!("array() argument 1 must be a unicode character, not a string of length {given}"))
        );
    }
    Code::of(text.text().at(0))
        .ok_or_else(|| vm.value_error("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)"))
}

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let state = vm.state::<super::State>();
    if let Some(array) = state.array.get() {
        no_keywords_unless_derived(vm, class, array, &args, "array.array")?;
    }
    let values = args.positional();
    let given = values.len();
    if given < 1 {
        return Err(vm.type_error(format!("array() takes at least 1 argument ({given} given)")));
    }
    if given > 2 {
        return Err(vm.type_error(format!("array() takes at most 2 arguments ({given} given)")));
    }
    let code = code_argument(vm, &values[0])?;
    if code.letter() == 'u' {
        vm.warn(
            &vm.types.deprecation_warning,
            "The 'u' type code is deprecated and will be removed in Python 3.16",
            1,
        )?;
    }
    let array = make(vm, class, code, Vec::new())?;
    let Some(initial) = values.get(1) else { return Ok(array.into_value()) };
    let letter = code.letter();
    if let Some(text) = initial.downcast::<Str>() {
        if !code.is_text() {
            return Err(vm.type_error(format!("cannot use a str to initialize an array with typecode '{letter}'")));
        }
        methods::push_text(vm, &array, text)?;
    } else if let Some(other) = initial.downcast::<Array>()
        && other.code.is_text()
        && !code.is_text()
    {
        return Err(
            vm.type_error(format!("cannot use a unicode array to initialize an array with typecode '{letter}'"))
        );
    } else if let Some(other) = initial.downcast::<Array>()
        && other.code == code
    {
        let bytes = other.bytes.borrow().clone();
        array.extend_bytes(vm, &bytes)?;
    } else if initial.downcast::<Bytes>().is_some()
        || initial.downcast::<oriel_runtime::types::bytes::array::ByteArray>().is_some()
    {
        methods::push_bytes(vm, &array, initial)?;
    } else {
        vm.for_each(initial, |value| array.push(vm, &value))?;
    }
    Ok(array.into_value())
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let array = vm.body::<Array>(this)?;
    let name = vm.type_of(this).name_text();
    let letter = array.code.letter();
    if array.len() == 0 {
        return Ok(vm.new_str(&format!("{name}('{letter}')")));
    }
    let content = if array.code.is_text() { methods::to_text(vm, this)? } else { methods::to_list(vm, this)? };
    let content = vm.repr(&content)?;
    let mut text = oriel_kernel::text::TextBuf::new();
    text.push_str(&format!("{name}('{letter}', "));
    if let Some(content) = content.downcast::<Str>() {
        text.push_text(content.text());
    }
    text.push_str(")");
    vm.new_text_buf(&text)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Array>(), b.downcast::<Array>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if equality && x.len() != y.len() {
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    if equality && x.code == y.code && !x.code.is_float() {
        let same = *x.bytes.borrow() == *y.bytes.borrow();
        return Ok(Value::bool(same == (op == CompareOp::Eq)));
    }
    let mut index = 0;
    while index < x.len() && index < y.len() {
        let (p, q) = (x.item(vm, index)?, y.item(vm, index)?);
        if !vm.compare_bool(&p, &q, CompareOp::Eq)? {
            if equality {
                return Ok(Value::bool(op == CompareOp::Ne));
            }
            return vm.rich_compare(&p, &q, op);
        }
        index += 1;
    }
    Ok(Value::bool(op.of(x.len().cmp(&y.len()))))
}

fn item(vm: &Vm, this: &Value, index: isize) -> PyResult {
    match usize::try_from(index) {
        Ok(index) => vm.body::<Array>(this)?.item(vm, index),
        Err(_) => Err(vm.index_error("array index out of range")),
    }
}

fn assign_item(vm: &Vm, this: &Value, index: isize, value: Option<&Value>) -> PyResult<()> {
    let array = vm.body::<Array>(this)?;
    let out_of_range = || vm.index_error("array assignment index out of range");
    let Some(index) = usize::try_from(index).ok().filter(|index| *index < array.len()) else {
        return Err(out_of_range());
    };
    let size = array.code.size();
    match value {
        None => array.edit(vm, |bytes| {
            bytes.drain(index * size..(index + 1) * size);
            true
        }),
        Some(value) => {
            let mut item = [0u8; 8];
            array.code.pack(vm, value, &mut item[..size])?;
            match array.bytes.borrow_mut().get_mut(index * size..(index + 1) * size) {
                Some(place) => {
                    place.copy_from_slice(&item[..size]);
                    Ok(())
                }
                None => Err(out_of_range()),
            }
        }
    }
}

fn position(vm: &Vm, key: &Value) -> PyResult<isize> {
    if vm.type_of(key).slots.nb_index.get().is_none() {
        return Err(vm.type_error("array indices must be integers"));
    }
    vm.to_isize_index(key)
}

fn subscript(vm: &Vm, this: &Value, key: &Value) -> PyResult {
    let array = vm.body::<Array>(this)?;
    if let Some(slice) = key.downcast::<Slice>() {
        let (start, stop, step) = slice.unpack(vm)?;
        let range = SliceRange::clip(array.len(), start, stop, step);
        let size = array.code.size();
        let mut out = Vec::new();
        out.try_reserve_exact(range.count * size).map_err(|_| vm.memory_error())?;
        {
            let bytes = array.bytes.borrow();
            for at in range.positions() {
                out.extend_from_slice(&bytes[at * size..(at + 1) * size]);
            }
        }
        return plain(vm, array.code, out);
    }
    let index = position(vm, key)?;
    item(vm, this, if index < 0 { index + array.len() as isize } else { index })
}

fn assign(vm: &Vm, this: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let array = vm.body::<Array>(this)?;
    let Some(slice) = key.downcast::<Slice>() else {
        let index = position(vm, key)?;
        return assign_item(vm, this, if index < 0 { index + array.len() as isize } else { index }, value);
    };
    let (start, stop, step) = slice.unpack(vm)?;
    let range = SliceRange::clip(array.len(), start, stop, step);
    let size = array.code.size();
    let new = match value {
        None => Vec::new(),
        Some(value) => match value.downcast::<Array>() {
            Some(other) if other.code == array.code => other.bytes.borrow().clone(),
            Some(_) => return Err(vm.type_error("bad argument type for built-in operation")),
            None => {
                let given = vm.type_name(value);
                return Err(vm.type_error(format!("can only assign array (not \"{given}\") to array slice")));
            }
        },
    };
    let count = new.len() / size;
    if count == range.count && value.is_some() {
        let mut bytes = array.bytes.borrow_mut();
        for (at, item) in range.positions().zip(new.chunks_exact(size)) {
            bytes[at * size..(at + 1) * size].copy_from_slice(item);
        }
        return Ok(());
    }
    if range.step == 1 {
        let start = range.start as usize;
        return array.edit(vm, |bytes| {
            if bytes.try_reserve(new.len()).is_err() {
                return false;
            }
            bytes.splice(start * size..(start + range.count) * size, new);
            true
        });
    }
    if value.is_some() && count > 0 {
        let wanted = range.count;
        return Err(
            vm.value_error(format!("attempt to assign array of size {count} to extended slice of size {wanted}"))
        );
    }
    if range.count == 0 {
        return Ok(());
    }
    let mut gone: Vec<usize> = range.positions().collect();
    if range.step < 0 {
        gone.reverse();
    }
    array.edit(vm, |bytes| {
        let len = bytes.len() / size;
        let mut to = gone[0];
        for (index, &at) in gone.iter().enumerate() {
            let next = gone.get(index + 1).copied().unwrap_or(len);
            bytes.copy_within((at + 1) * size..next * size, to * size);
            to += next - at - 1;
        }
        bytes.truncate(to * size);
        true
    })
}

fn contains(vm: &Vm, this: &Value, value: &Value) -> PyResult<bool> {
    let array = vm.body::<Array>(this)?;
    let mut index = 0;
    while index < array.len() {
        let item = array.item(vm, index)?;
        if vm.compare_bool(&item, value, CompareOp::Eq)? {
            return Ok(true);
        }
        index += 1;
    }
    Ok(false)
}

fn concat(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let array = vm.body::<Array>(a)?;
    let Some(other) = b.downcast::<Array>() else {
        let given = vm.type_name(b);
        return Err(vm.type_error(format!("can only append array (not \"{given}\") to array")));
    };
    if other.code != array.code {
        return Err(vm.type_error("bad argument type for built-in operation"));
    }
    let (x, y) = (array.bytes.borrow(), other.bytes.borrow());
    let mut out = Vec::new();
    out.try_reserve_exact(x.len() + y.len()).map_err(|_| vm.memory_error())?;
    out.extend_from_slice(&x);
    out.extend_from_slice(&y);
    plain(vm, array.code, out)
}

fn repeated(vm: &Vm, array: &Ref<Array>, count: isize) -> PyResult<Vec<u8>> {
    let count = count.max(0) as usize;
    let bytes = array.bytes.borrow();
    oriel_kernel::bytes_ops::repeat(&bytes, count).map_err(|_| vm.memory_error())
}

fn repeat(vm: &Vm, this: &Value, count: isize) -> PyResult {
    let array = vm.body::<Array>(this)?;
    plain(vm, array.code, repeated(vm, array, count)?)
}

fn inplace_concat(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    if b.downcast::<Array>().is_none() {
        let given = vm.type_name(b);
        return Err(vm.type_error(format!("can only extend array with array (not \"{given}\")")));
    }
    methods::extend_array(vm, vm.body::<Array>(a)?, b)?;
    Ok(a.clone())
}

fn inplace_repeat(vm: &Vm, this: &Value, count: isize) -> PyResult {
    let array = vm.body::<Array>(this)?;
    if array.len() > 0 && count != 1 {
        let bytes = repeated(vm, array, count)?;
        array.edit(vm, |own| {
            *own = bytes;
            true
        })?;
    }
    Ok(this.clone())
}

//! The slots of `bytearray`.

use super::array::{ByteArray, buffer};
use super::operand::receiver;
use super::{byte_of, collect_bytes, construct};
use crate::args::Args;
use crate::error::PyResult;
use crate::native::{TypeSpec, type_flags};
use crate::slots::CompareOp;
use crate::types::slice::Slice;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};

/// The declaration; the `static` is beside the body.
pub(super) const SPEC_OF_ARRAY: TypeSpec = TypeSpec {
    flags: type_flags::BASE | type_flags::MATCH_SELF,
    doc: "bytearray(iterable_of_ints)\nbytearray(string, encoding[, errors])\nbytearray(bytes_or_buffer)\n\
          bytearray(count)\nbytearray()\n\nA mutable sequence of bytes.",
    slots: |slots| {
        super::slots::fill_common(slots);
        slots.repr.set(Some(repr));
        slots.str.set(Some(str));
        slots.richcompare.set(Some(compare));
        slots.buffer.set(Some(buffer));
        slots.new.set(Some(new));
        slots.init.set(Some(init));
        slots.mp_subscript.set(Some(subscript));
        slots.mp_ass_subscript.set(Some(assign));
        slots.sq_item.set(Some(item));
        slots.sq_ass_item.set(Some(assign_item));
        slots.sq_inplace_concat.set(Some(inplace_concat));
        slots.sq_inplace_repeat.set(Some(inplace_repeat));
    },
    methods: super::array_edit::METHODS,
    ..TypeSpec::new("bytearray", ByteArray::layout)
};

/// The receiver of a method of `bytearray`.
pub(super) fn own<'a>(vm: &Vm, value: &'a Value) -> PyResult<&'a Ref<ByteArray>> {
    vm.body::<ByteArray>(value)
}

fn new(vm: &Vm, class: &TypeRef, _: Args<'_>) -> PyResult {
    Ok(vm.new_instance(class, ByteArray::default())?.into_value())
}

fn init(vm: &Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let array = own(vm, this)?;
    let source = construct::bind(vm, "bytearray", args)?;
    if array.len() > 0 {
        array.edit(vm, |store| store.resize(0))?;
    }
    if let Some(encoded) = source.encoded(vm)? {
        let encoded = vm.operand(&encoded)?.to_vec();
        return array.edit(vm, |store| store.extend(&encoded));
    }
    let Some(object) = source.source else { return Ok(()) };
    if object.downcast::<crate::types::str::Str>().is_some() {
        return Err(vm.type_error("string argument without an encoding"));
    }
    if let Some(count) = construct::count_of(vm, object)? {
        return array.edit(vm, |store| count <= isize::MAX as usize && store.resize(count));
    }
    match collect_bytes(vm, object, "byte")? {
        Some(bytes) => array.edit(vm, |store| store.extend(&bytes)),
        None => {
            let name = vm.type_name(object);
            Err(vm.type_error(format!("cannot convert '{name}' object to bytearray")))
        }
    }
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let name = vm.type_of(this).name.get();
    let mut bytes = own(vm, this)?.with(oriel_kernel::text::repr::repr_bytes);
    if bytes.starts_with("b\"") {
        // Unlike a `bytes`, single quotes are escaped even between double quotes.
        bytes = bytes.replace('\'', "\\'");
    }
    let mut text = oriel_kernel::text::TextBuf::new();
    if let Some(name) = name.downcast::<crate::types::str::Str>() {
        text.push_text(name.text());
    }
    text.push_str("(");
    text.push_str(&bytes);
    text.push_str(")");
    vm.new_text_buf(&text)
}

fn str(vm: &Vm, this: &Value) -> PyResult {
    if vm.config.bytes_warning > 0 {
        vm.warn(&vm.types.bytes_warning, "str() on a bytearray instance", 1)?;
    }
    repr(vm, this)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if vm.config.bytes_warning > 0 {
        super::slots::warn_of_comparison(vm, a, b, op)?;
    }
    // What cannot lend plain bytes is compared by the other side.
    let other = match vm.operand_opt(b) {
        Ok(Some(other)) => other,
        Ok(None) | Err(_) => return Ok(Value::NOT_IMPLEMENTED),
    };
    let own = vm.operand(a)?;
    let result = own.with(|x| {
        other.with(|y| match op {
            CompareOp::Eq => x == y,
            CompareOp::Ne => x != y,
            _ => op.of(x.cmp(y)),
        })
    });
    Ok(Value::bool(result))
}

fn item(vm: &Vm, this: &Value, index: isize) -> PyResult {
    let array = own(vm, this)?;
    let byte = usize::try_from(index).ok().and_then(|index| array.with(|bytes| bytes.get(index).copied()));
    byte.map(|byte| Value::small(byte.into())).ok_or_else(|| vm.index_error("bytearray index out of range"))
}

fn assign_item(vm: &Vm, this: &Value, index: isize, value: Option<&Value>) -> PyResult<()> {
    let array = own(vm, this)?;
    let out_of_range = || vm.index_error("bytearray index out of range");
    let index = usize::try_from(index).map_err(|_| out_of_range())?;
    match value {
        Some(value) => {
            if index >= array.len() {
                return Err(out_of_range());
            }
            let byte = byte_of(vm, value, "byte")?;
            array.with_mut(|bytes| bytes.get_mut(index).map(|place| *place = byte)).ok_or_else(out_of_range)
        }
        None if index < array.len() => array.edit(vm, |store| store.splice(index, index + 1, b"")),
        None => Err(out_of_range()),
    }
}

fn position(vm: &Vm, key: &Value) -> PyResult<isize> {
    if vm.type_of(key).slots.nb_index.get().is_none() {
        let name = vm.type_name(key);
        return Err(vm.type_error(format!("bytearray indices must be integers or slices, not {name}")));
    }
    vm.to_isize_index(key)
}

fn subscript(vm: &Vm, this: &Value, key: &Value) -> PyResult {
    let array = own(vm, this)?;
    if let Some(slice) = key.downcast::<Slice>() {
        // The numbers' `__index__` may change the length.
        let (start, stop, step) = slice.unpack(vm)?;
        let range = crate::types::slice::SliceRange::clip(array.len(), start, stop, step);
        let mut out = Vec::new();
        out.try_reserve_exact(range.count).map_err(|_| vm.memory_error())?;
        array.with(|bytes| {
            if range.step == 1 {
                out.extend_from_slice(&bytes[range.contiguous()]);
            } else {
                out.extend(range.positions().map(|at| bytes[at]));
            }
        });
        return Ok(vm.new_bytearray_of(&vm.types.bytearray, out)?.into_value());
    }
    let index = position(vm, key)?;
    item(vm, this, if index < 0 { index + array.len() as isize } else { index })
}

fn assign(vm: &Vm, this: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let array = own(vm, this)?;
    let Some(slice) = key.downcast::<Slice>() else {
        let index = position(vm, key)?;
        return assign_item(vm, this, if index < 0 { index + array.len() as isize } else { index }, value);
    };
    let (start, stop, step) = slice.unpack(vm)?;
    let new = match value {
        None => None,
        Some(value) => {
            let refused = || vm.type_error("can assign only bytes, buffers, or iterables of ints in range(0, 256)");
            if vm.small_or_big(value).is_some() {
                return Err(refused());
            }
            match collect_bytes(vm, value, "byte")? {
                Some(bytes) => Some(bytes),
                None => return Err(refused()),
            }
        }
    };
    // Clipped only now: collecting the bytes may have run code that changed the array.
    let mut range = crate::types::slice::SliceRange::clip(array.len(), start, stop, step);
    if range.step < 0 && (range.stop >= range.start) {
        range.stop = range.start;
    }
    if range.step == 1 {
        let start = range.start as usize;
        let new = new.unwrap_or_default();
        if new.len() == range.count {
            array.with_mut(|bytes| bytes[start..start + new.len()].copy_from_slice(&new));
            return Ok(());
        }
        return array.edit(vm, |store| store.splice(start, start + range.count, &new));
    }
    let Some(new) = new else { return delete_strided(vm, array, range) };
    if new.is_empty() {
        return delete_strided(vm, array, range);
    }
    if new.len() != range.count {
        let (given, wanted) = (new.len(), range.count);
        return Err(
            vm.value_error(format!("attempt to assign bytes of size {given} to extended slice of size {wanted}"))
        );
    }
    array.with_mut(|bytes| range.positions().zip(new).for_each(|(at, byte)| bytes[at] = byte));
    Ok(())
}

fn delete_strided(vm: &Vm, array: &Ref<ByteArray>, range: crate::types::slice::SliceRange) -> PyResult<()> {
    if range.count == 0 {
        return Ok(());
    }
    let mut gone: Vec<usize> = range.positions().collect();
    if range.step < 0 {
        gone.reverse();
    }
    array.edit(vm, |store| {
        let len = store.len();
        let bytes = store.as_mut_slice();
        let mut to = gone[0];
        for (index, &at) in gone.iter().enumerate() {
            let next = gone.get(index + 1).copied().unwrap_or(len);
            bytes.copy_within(at + 1..next, to);
            to += next - at - 1;
        }
        store.resize(to)
    })
}

fn inplace_concat(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let array = own(vm, a)?;
    let Some(other) = vm.operand_opt(b)? else {
        let (given, own) = (vm.type_name(b), vm.type_name(a));
        return Err(vm.type_error(format!("can't concat {given} to {own}")));
    };
    if a.is(b) {
        let copy = other.to_vec();
        array.edit(vm, |store| store.extend(&copy))?;
    } else {
        array.check_exports(vm)?;
        other.with(|bytes| array.edit(vm, |store| store.extend(bytes)))?;
    }
    Ok(a.clone())
}

fn inplace_repeat(vm: &Vm, this: &Value, count: isize) -> PyResult {
    let array = own(vm, this)?;
    let count = count.max(0) as usize;
    let len = array.len();
    let Some(total) = len.checked_mul(count).filter(|total| *total <= isize::MAX as usize) else {
        return Err(vm.memory_error());
    };
    if total != len {
        array.edit(vm, |store| {
            let made = store.resize(total);
            if made && len > 0 {
                let bytes = store.as_mut_slice();
                let mut done = len;
                while done < total {
                    let more = done.min(total - done);
                    bytes.copy_within(..more, done);
                    done += more;
                }
            }
            made
        })?;
    }
    Ok(this.clone())
}

/// What other files of the type need of the receiver as plain bytes.
pub(super) fn snapshot(vm: &Vm, this: &Value) -> PyResult<Vec<u8>> {
    Ok(receiver(vm, this)?.to_vec())
}

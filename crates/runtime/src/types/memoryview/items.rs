//! Single items of lent memory: from bytes to values and back, by their struct format; comparing whole views.

use crate::buffer::{BufferView, for_each_offset};
use crate::error::{PyResult, Raised};
use crate::types::bytes::Bytes;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::structpack::{Format, Item, PackError, Packed, Unpacked, pack as pack_item, unpack as unpack_item};

/// The one native item of a format such as `"B"` or `"@i"`; nothing for all else.
pub fn native_opt(format: &str) -> Option<Item> {
    let code = match format.as_bytes() {
        [code] => *code,
        [b'@', code] => *code,
        _ => return None,
    };
    if !b"cbB?hHiIlLqQnNfdeP".contains(&code) {
        return None;
    }
    let format = Format::parse(&[code]).ok()?;
    format.items.into_iter().next()
}

/// As [`native_opt`], or NotImplementedError.
pub fn native(vm: &Vm, format: &str) -> PyResult<Item> {
    match native_opt(format) {
        Some(item) => Ok(item),
        None => Err(vm.not_implemented_error(format!("memoryview: format {format} not supported"))),
    }
}

/// The value of an item.
pub fn unpack(vm: &Vm, item: &Item, big_endian: bool, bytes: &[u8]) -> PyResult {
    Ok(match unpack_item(item, big_endian, bytes) {
        Unpacked::Int(number) => vm.new_int(number),
        Unpacked::Unsigned(number) => vm.new_uint(number),
        Unpacked::Float(number) => vm.new_float(number),
        Unpacked::Complex(number) => vm.complex_constant(number.re, number.im)?,
        Unpacked::Bool(truth) => Value::bool(truth),
        Unpacked::Bytes(bytes) => vm.try_new_bytes(bytes)?,
    })
}

/// Puts a value into an item.
pub fn pack(vm: &Vm, item: &Item, format: &str, value: &Value, out: &mut [u8]) -> PyResult<()> {
    let wrong_type = || vm.type_error(format!("memoryview: invalid type for format '{format}'"));
    let wrong_value = || vm.value_error(format!("memoryview: invalid value for format '{format}'"));
    let as_type_error = |raised: Raised| {
        let known = vm.raised_is(&raised, &vm.types.type_error);
        if known { wrong_type() } else { raised }
    };
    let packed = match item.code {
        b'c' => match value.downcast::<Bytes>() {
            Some(bytes) if bytes.len() == 1 => Packed::Bytes(bytes.as_slice()),
            Some(_) => return Err(wrong_value()),
            None => return Err(wrong_type()),
        },
        b'?' => Packed::Bool(vm.truth(value)?),
        b'e' | b'f' | b'd' => Packed::Float(vm.to_f64(value).map_err(as_type_error)?),
        _ => {
            let number = vm.index(value).map_err(as_type_error)?;
            Packed::Int(match vm.small_or_big(&number) {
                Some(Ok(small)) => Some(small.into()),
                Some(Err(big)) => i128::try_from(&big.value).ok(),
                None => None,
            })
        }
    };
    match pack_item(item, false, packed, out) {
        Ok(()) => Ok(()),
        Err(PackError::Overflow(text)) => Err(vm.overflow_error(text)),
        Err(_) => Err(wrong_value()),
    }
}

/// A format read once, to unpack many items of it.
enum Reader {
    Native(Item),
    Many(Format),
}

impl Reader {
    fn of(format: &str) -> Option<Reader> {
        if let Some(item) = native_opt(format) {
            return Some(Reader::Native(item));
        }
        Format::parse(format.as_bytes()).ok().map(Reader::Many)
    }

    fn read(&self, vm: &Vm, bytes: &[u8]) -> PyResult {
        match self {
            Reader::Native(item) => unpack(vm, item, false, bytes),
            Reader::Many(format) => {
                let mut values = Vec::with_capacity(format.values);
                for item in &format.items {
                    for index in 0..item.repeat {
                        let start = item.offset + index * item.size;
                        let Some(part) = bytes.get(start..start + item.size) else { continue };
                        values.push(unpack(vm, item, format.big_endian, part)?);
                    }
                }
                Ok(vm.new_tuple(&values))
            }
        }
    }
}

/// Whether two views have the same shape and equal items.
pub fn equal(vm: &Vm, a: &BufferView, b: &BufferView) -> PyResult<bool> {
    if a.shape != b.shape {
        return Ok(false);
    }
    let plain =
        |view: &BufferView| native_opt(&view.format).filter(|item| !matches!(item.code, b'e' | b'f' | b'd' | b'?'));
    if let (Some(x), Some(y)) = (plain(a), plain(b))
        && x.code == y.code
    {
        // Items of one format that are equal exactly where their bytes are.
        return Ok(a.with_bytes(|x| b.with_bytes(|y| x == y)));
    }
    let (Some(x), Some(y)) = (Reader::of(&a.format), Reader::of(&b.format)) else {
        return Ok(false);
    };
    let offsets = |view: &BufferView| {
        let mut offsets = Vec::new();
        for_each_offset(&view.shape, &view.strides, 0, &mut |offset| offsets.push(offset));
        offsets
    };
    let (mut left, mut right) = (vec![0; a.item_size], vec![0; b.item_size]);
    for (at, other) in offsets(a).into_iter().zip(offsets(b)) {
        if !a.read_at(at, &mut left) || !b.read_at(other, &mut right) {
            return Ok(false);
        }
        let (p, q) = (x.read(vm, &left)?, y.read(vm, &right)?);
        let same = vm.rich_compare(&p, &q, crate::slots::CompareOp::Eq)?;
        if !vm.truth(&same)? {
            return Ok(false);
        }
    }
    Ok(true)
}

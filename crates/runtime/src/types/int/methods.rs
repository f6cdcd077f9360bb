//! The methods and attributes of `int`.

use super::number::{Num, num_of};
use crate::args::Bound;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef};
use crate::types::type_object::{Subtype, Type};
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::format::{self, Align, IntRef};
use oriel_kernel::number::int_bytes::{self, ByteOrder};
use oriel_kernel::number::int_ops;
use oriel_kernel::number::int_text::bit_length;

/// The receiver of a method of `int`.
fn own<'a>(vm: &Vm, this: &'a Value) -> PyResult<Num<'a>> {
    num_of(this).ok_or_else(|| vm.type_error(format!("an int is needed, not '{}'", vm.type_name(this))))
}

fn itself(vm: &Vm, this: &Value) -> PyResult {
    Ok(vm.exact_int(this))
}

/// The methods.
pub const METHODS: &[MethodDef] = &[
    MethodDef::noargs("conjugate", itself, "($self, /)", "The number itself."),
    MethodDef::noargs(
        "bit_length",
        |vm, this| {
            Ok(vm.new_int(match own(vm, this)? {
                Num::Small(number) => 64 - i64::from(number.unsigned_abs().leading_zeros()),
                Num::Big(number) => bit_length(number) as i64,
            }))
        },
        "($self, /)",
        "Bits of the magnitude.",
    ),
    MethodDef::noargs(
        "bit_count",
        |vm, this| {
            Ok(vm.new_int(match own(vm, this)? {
                Num::Small(number) => i64::from(number.unsigned_abs().count_ones()),
                Num::Big(number) => int_ops::bit_count(number) as i64,
            }))
        },
        "($self, /)",
        "Ones among the bits of the magnitude.",
    ),
    MethodDef::bound(
        "to_bytes",
        to_bytes,
        "($self, /, length=1, byteorder='big', *, signed=False)",
        "The number as bytes.",
    ),
    MethodDef::bound(
        "from_bytes",
        from_bytes,
        "($type, /, bytes, byteorder='big', *, signed=False)",
        "The number that bytes are.",
    )
    .class_method(),
    MethodDef::noargs(
        "as_integer_ratio",
        |vm, this| Ok(vm.new_tuple(&[vm.exact_int(this), Value::small(1)])),
        "($self, /)",
        "The number and one.",
    ),
    MethodDef::noargs("__trunc__", itself, "($self, /)", "The number itself."),
    MethodDef::noargs("__floor__", itself, "($self, /)", "The number itself."),
    MethodDef::noargs("__ceil__", itself, "($self, /)", "The number itself."),
    MethodDef::positional(
        "__round__",
        0,
        1,
        round,
        "($self, ndigits=None, /)",
        "The number rounded to a power of ten, halves to even.",
    ),
    MethodDef::noargs(
        "__getnewargs__",
        |vm, this| Ok(vm.new_tuple(&[vm.exact_int(this)])),
        "($self, /)",
        "How it is copied.",
    ),
    MethodDef::one("__format__", format, "($self, format_spec, /)", "The number by a format specification."),
    MethodDef::noargs(
        "__sizeof__",
        |vm, this| {
            let bits = match own(vm, this)? {
                Num::Small(number) => 64 - number.unsigned_abs().leading_zeros() as usize,
                Num::Big(number) => bit_length(number),
            };
            // As with CPython's digits of 30 bits.
            Ok(vm.new_int(24 + 4 * bits.div_ceil(30).max(1) as i64))
        },
        "($self, /)",
        "Bytes of memory.",
    ),
    MethodDef::noargs("is_integer", |_, _| Ok(Value::TRUE), "($self, /)", "True."),
];

/// The attributes.
pub const GETSET: &[GetSetDef] = &[
    GetSetDef::readonly("real", itself, "The real part: the number itself."),
    GetSetDef::readonly("imag", |_, _| Ok(Value::small(0)), "The imaginary part: zero."),
    GetSetDef::readonly("numerator", itself, "The numerator: the number itself."),
    GetSetDef::readonly("denominator", |_, _| Ok(Value::small(1)), "The denominator: one."),
];

fn byte_order(vm: &Vm, argument: Option<&Value>) -> PyResult<ByteOrder> {
    let Some(argument) = argument else { return Ok(ByteOrder::Big) };
    let text = vm.expect_str(argument, |name| format!("argument 'byteorder' must be str, not {name}"))?;
    match text.as_ascii() {
        Some("big") => Ok(ByteOrder::Big),
        Some("little") => Ok(ByteOrder::Little),
        _ => Err(vm.value_error("byteorder must be either 'little' or 'big'")),
    }
}

fn to_bytes(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let length = match args[0] {
        Some(length) => vm.to_isize(length)?,
        None => 1,
    };
    let order = byte_order(vm, args[1])?;
    let signed = args[2].map_or(Ok(false), |signed| vm.truth(signed))?;
    let Ok(length) = usize::try_from(length) else {
        return Err(vm.value_error("length argument must be non-negative"));
    };
    let number = own(vm, this)?;
    if number.is_negative() && !signed {
        return Err(vm.overflow_error("can't convert negative int to unsigned"));
    }
    if length == 0 && matches!(number, Num::Small(0)) {
        return Ok(vm.new_bytes(&[]));
    }
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(length).is_err() {
        return Err(vm.memory_error());
    }
    bytes.resize(length, 0);
    match int_bytes::to_bytes(number.big().as_ref(), &mut bytes, order, signed) {
        Ok(()) => Ok(vm.new_bytes(&bytes)),
        Err(_) => Err(vm.overflow_error("int too big to convert")),
    }
}

fn from_bytes(vm: &Vm, class: &Value, args: &Bound<'_>) -> PyResult {
    let bytes = match args[0] {
        Some(bytes) => byte_values(vm, bytes)?,
        None => Vec::new(),
    };
    let order = byte_order(vm, args[1])?;
    let signed = args[2].map_or(Ok(false), |signed| vm.truth(signed))?;
    let number = vm.new_integer(int_bytes::from_bytes(&bytes, order, signed));
    match class.downcast::<Type>() {
        Some(ty) if !ty.is(&vm.types.int) => vm.call(class, &[number]),
        _ => Ok(number),
    }
}

/// What `bytes(value)` would hold.
fn byte_values(vm: &Vm, value: &Value) -> PyResult<Vec<u8>> {
    if let Some(bytes) = vm.bytes_of(value) {
        return Ok(bytes);
    }
    if let Some(bytes) = vm.call_special(value, &vm.names.__bytes__, &[])? {
        return match vm.bytes_of(&bytes) {
            Some(bytes) => Ok(bytes),
            None => Err(vm.type_error(format!("__bytes__ returned non-bytes (type {})", vm.type_name(&bytes)))),
        };
    }
    let ty = vm.type_of(value);
    if ty.slots.buffer.get().is_some() {
        return Ok(vm.buffer(value, false)?.to_vec());
    }
    let iterable = ty.slots.iter.get().is_some() || ty.slots.sq_item.get().is_some();
    if !iterable || ty.is_subtype(&vm.types.str) {
        return Err(vm.type_error(format!("cannot convert '{}' object to bytes", vm.type_name(value))));
    }
    let mut bytes = Vec::new();
    vm.for_each(value, |item| {
        let index = vm.index(&item)?;
        match num_of(&index).and_then(Num::small).and_then(|number| u8::try_from(number).ok()) {
            Some(byte) => bytes.push(byte),
            None => return Err(vm.value_error("bytes must be in range(0, 256)")),
        }
        Ok(())
    })?;
    Ok(bytes)
}

fn round(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let digits = match args.first() {
        None => return itself(vm, this),
        Some(digits) if digits.is_none() => return itself(vm, this),
        Some(digits) => vm.index(digits)?,
    };
    let number = own(vm, this)?;
    match num_of(&digits) {
        Some(digits) if digits.is_negative() => {
            let places = digits.small().map_or(usize::MAX, |digits| digits.unsigned_abs() as usize);
            let result = int_ops::round_to_power(number.big().as_ref(), places);
            Ok(vm.new_big_int(result.map_err(|error| vm.number_error(error))?))
        }
        _ => itself(vm, this),
    }
}

/// `int.__format__`
pub fn format(vm: &Vm, this: &Value, spec: &Value) -> PyResult {
    if vm.is_empty_format(spec)? {
        return vm.str(this);
    }
    if let Some(number) = this.as_small_int() {
        let spec = vm.format_spec(spec, Align::Right, "int")?;
        return match format::quick::int(number, &spec) {
            Some(text) => Ok(vm.new_str(text.as_str())),
            None => vm.formatted(format::format_int(IntRef::Small(number), &spec, "int", vm.int_max_str_digits.get())),
        };
    }
    let type_name = vm.type_name(this);
    let spec = vm.format_spec(spec, Align::Right, &type_name)?;
    let layout = format::format_int(own(vm, this)?.into(), &spec, &type_name, vm.int_max_str_digits.get());
    vm.formatted(layout)
}

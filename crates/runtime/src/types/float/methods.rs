//! The methods of `float`, and making floats.

use super::operators::own;
use super::{Float, float_of};
use crate::args::Args;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef};
use crate::types::int::{num_of, number_text};
use crate::types::str::Str;
use crate::types::type_object::{Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::format::{self, Align};
use oriel_kernel::number::hex_float::{self, HexError};
use oriel_kernel::number::{float_ops, float_text};

fn itself(vm: &Vm, this: &Value) -> PyResult {
    Ok(vm.new_float(own(vm, this)?))
}

/// The methods.
pub const METHODS: &[MethodDef] = &[
    MethodDef::one("from_number", from_number, "($type, number, /)", "A float made of a number.").class_method(),
    MethodDef::noargs("conjugate", itself, "($self, /)", "The number itself."),
    MethodDef::noargs("__trunc__", |vm, this| vm.truncate_float(own(vm, this)?), "($self, /)", "The whole part."),
    MethodDef::noargs(
        "__floor__",
        |vm, this| vm.truncate_float(own(vm, this)?.floor()),
        "($self, /)",
        "The largest whole number not above it.",
    ),
    MethodDef::noargs(
        "__ceil__",
        |vm, this| vm.truncate_float(own(vm, this)?.ceil()),
        "($self, /)",
        "The smallest whole number not below it.",
    ),
    MethodDef::positional(
        "__round__",
        0,
        1,
        round,
        "($self, ndigits=None, /)",
        "The nearest number with so many digits, halves to even.",
    ),
    MethodDef::noargs("as_integer_ratio", ratio, "($self, /)", "The fraction that equals it."),
    MethodDef::one("fromhex", from_hex, "($type, string, /)", "The float of a hexadecimal text.").class_method(),
    MethodDef::noargs(
        "hex",
        |vm, this| Ok(vm.new_str(&hex_float::to_hex(own(vm, this)?))),
        "($self, /)",
        "The hexadecimal text.",
    ),
    MethodDef::noargs(
        "is_integer",
        |vm, this| {
            let number = own(vm, this)?;
            Ok(Value::bool(number.is_finite() && number.floor() == number))
        },
        "($self, /)",
        "Whether it is a whole number.",
    ),
    MethodDef::noargs(
        "__getnewargs__",
        |vm, this| Ok(vm.new_tuple(&[itself(vm, this)?])),
        "($self, /)",
        "How it is copied.",
    ),
    MethodDef::one("__getformat__", getformat, "($type, typestr, /)", "How the platform stores floats.").class_method(),
    MethodDef::one("__format__", format, "($self, format_spec, /)", "The number by a format specification."),
    MethodDef::noargs("__sizeof__", |_, _| Ok(Value::small(24)), "($self, /)", "Bytes of memory."),
];

/// The attributes.
pub const GETSET: &[GetSetDef] = &[
    GetSetDef::readonly("real", itself, "The real part: the number itself."),
    GetSetDef::readonly("imag", |vm, _| Ok(vm.new_float(0.0)), "The imaginary part: zero."),
];

impl Vm {
    /// The whole part of a float as an `int`.
    pub fn truncate_float(&self, number: f64) -> PyResult {
        if number.is_nan() {
            return Err(self.value_error("cannot convert float NaN to integer"));
        }
        if number.is_infinite() {
            return Err(self.overflow_error("cannot convert float infinity to integer"));
        }
        Ok(self.new_integer(float_ops::truncate(number)))
    }

    /// A real number as a float, as C code takes it (`PyFloat_AsDouble`).
    pub fn to_f64(&self, value: &Value) -> PyResult<f64> {
        if let Some(number) = float_of(value) {
            return Ok(number);
        }
        if let Some(number) = num_of(value) {
            return number.to_float(self);
        }
        match self.float_by_slots(value)? {
            Some(number) => Ok(number),
            None => Err(self.type_error(format!("must be real number, not {}", self.type_name(value)))),
        }
    }

    /// What `__float__` or `__index__` make of a value, if its type has one.
    fn float_by_slots(&self, value: &Value) -> PyResult<Option<f64>> {
        let slots = &self.type_of(value).slots;
        if let Some(nb_float) = slots.nb_float.get() {
            let result = nb_float(self, value)?;
            let Some(number) = float_of(&result) else {
                let (name, given) = (self.type_name(value), self.type_name(&result));
                return Err(self.type_error(format!("{name}.__float__ returned non-float (type {given})")));
            };
            if !self.type_of(&result).is(&self.types.float) {
                let (name, given) = (self.type_name(value), self.type_name(&result));
                self.warn(
                    &self.types.deprecation_warning,
                    &format!(
                        "{name}.__float__ returned non-float (type {given}).  The ability to return an instance of a \
                         strict subclass of float is deprecated, and may not be supported in a future version of \
                         Python."
                    ),
                    1,
                )?;
            }
            return Ok(Some(number));
        }
        if slots.nb_index.get().is_some() {
            let index = self.index(value)?;
            return num_of(&index).map(|number| number.to_float(self)).transpose();
        }
        Ok(None)
    }

    /// `float(value)`
    pub fn float_of_object(&self, value: &Value) -> PyResult<f64> {
        if let Some(number) = self.float_by_slots(value)? {
            return Ok(number);
        }
        if let Some(text) = value.downcast::<Str>() {
            return self.float_of_text(&number_text(text), value);
        }
        if let Some(bytes) = self.bytes_of(value) {
            return self.float_of_text(&bytes, value);
        }
        if self.type_of(value).slots.buffer.get().is_some() {
            let bytes = self.buffer(value, false)?.to_vec();
            return self.float_of_text(&bytes, value);
        }
        let name = self.type_name(value);
        Err(self.type_error(format!("float() argument must be a string or a real number, not '{name}'")))
    }

    fn float_of_text(&self, text: &[u8], original: &Value) -> PyResult<f64> {
        match float_text::parse(text) {
            Some(number) => Ok(number),
            None => {
                let shown = self.repr_text(original)?;
                Err(self.value_error(format!("could not convert string to float: {shown}")))
            }
        }
    }

    fn float_in(&self, class: &Value, number: f64) -> PyResult {
        match class.downcast::<Type>() {
            Some(ty) if !ty.is(&self.types.float) => self.call(class, &[self.new_float(number)]),
            _ => Ok(self.new_float(number)),
        }
    }
}

/// `float(...)`
pub fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    // A subclass takes keywords only for an initializer of its own.
    let init = |ty: &TypeRef| ty.slots.init.get().map(|init| init as usize);
    if init(class) == init(&vm.types.float) {
        args.no_keywords(vm, "float")?;
    }
    let values = args.positional();
    crate::args::check_count(vm, "float", values.len(), 0, 1)?;
    let number = match values.first() {
        None => 0.0,
        Some(value) => {
            if class.is(&vm.types.float) && vm.type_of(value).is(&vm.types.float) {
                return Ok(value.clone());
            }
            vm.float_of_object(value)?
        }
    };
    if class.is(&vm.types.float) {
        return Ok(vm.new_float(number));
    }
    Ok(vm.new_instance(class, Float { value: number })?.into_value())
}

/// `repr(float)`
pub fn repr(vm: &Vm, this: &Value) -> PyResult {
    Ok(vm.new_str(&float_text::repr(own(vm, this)?)))
}

fn from_number(vm: &Vm, class: &Value, number: &Value) -> PyResult {
    if class.is(vm.types.float.as_value()) && vm.type_of(number).is(&vm.types.float) {
        return Ok(number.clone());
    }
    let number = vm.to_f64(number)?;
    vm.float_in(class, number)
}

fn round(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let number = own(vm, this)?;
    let digits = match args.first() {
        None => return vm.truncate_float(number.round_ties_even()),
        Some(digits) if digits.is_none() => return vm.truncate_float(number.round_ties_even()),
        Some(digits) => vm.to_isize_clipped(digits)? as i64,
    };
    if !number.is_finite() {
        return Ok(vm.new_float(number));
    }
    match float_ops::round_digits(number, digits) {
        Ok(rounded) => Ok(vm.new_float(rounded)),
        Err(_) => Err(vm.overflow_error("rounded value too large to represent")),
    }
}

fn ratio(vm: &Vm, this: &Value) -> PyResult {
    let number = own(vm, this)?;
    if number.is_infinite() {
        return Err(vm.overflow_error("cannot convert Infinity to integer ratio"));
    }
    if number.is_nan() {
        return Err(vm.value_error("cannot convert NaN to integer ratio"));
    }
    let (numerator, denominator) = float_ops::ratio(number);
    Ok(vm.new_tuple(&[vm.new_integer(numerator), vm.new_integer(denominator)]))
}

fn from_hex(vm: &Vm, class: &Value, text: &Value) -> PyResult {
    let Some(text) = text.downcast::<Str>() else {
        return Err(vm.type_error("bad argument type for built-in operation"));
    };
    let text: Vec<u8> = text.text().chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
    match hex_float::from_hex(&text) {
        Ok(number) => vm.float_in(class, number),
        Err(HexError::Invalid) => Err(vm.value_error("invalid hexadecimal floating-point string")),
        Err(HexError::Overflow) => Err(vm.overflow_error("hexadecimal value too large to represent as a float")),
    }
}

fn getformat(vm: &Vm, _: &Value, kind: &Value) -> PyResult {
    let text = vm.expect_str(kind, |name| format!("__getformat__() argument must be str, not {name}"))?;
    match text.as_ascii() {
        Some("double" | "float") => {
            Ok(vm.new_str(if cfg!(target_endian = "little") { "IEEE, little-endian" } else { "IEEE, big-endian" }))
        }
        _ => Err(vm.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
    }
}

/// `float.__format__`
pub fn format(vm: &Vm, this: &Value, spec: &Value) -> PyResult {
    if vm.is_empty_format(spec)? {
        return vm.str(this);
    }
    let spec = vm.format_spec(spec, Align::Right, "float")?;
    let number = own(vm, this)?;
    match format::quick::float(number, &spec) {
        Some(text) => Ok(vm.new_str(text.as_str())),
        None => vm.formatted(format::format_float(number, &spec, "float")),
    }
}

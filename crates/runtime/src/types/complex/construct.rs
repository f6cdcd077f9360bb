//! Making complex numbers.

use super::{ComplexBody, complex_of};
use crate::args::{Args, Signature};
use crate::error::PyResult;
use crate::types::float::float_of;
use crate::types::int::{num_of, number_text};
use crate::types::str::Str;
use crate::types::type_object::{Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::number::complex::{self, Complex};

/// What a value is as a number.
pub enum Parts {
    /// Complex.
    Complex(Complex),
    /// Real.
    Real(f64),
}

impl Vm {
    /// A number as complex or real; nothing if it is none. Asks `__complex__`, `__float__` and `__index__`.
    pub fn complex_parts(&self, value: &Value) -> PyResult<Option<Parts>> {
        if self.type_of(value).is(&self.types.complex) {
            return Ok(complex_of(value).map(Parts::Complex));
        }
        if float_of(value).is_none()
            && num_of(value).is_none()
            && let Some(result) = self.call_special(value, &self.names.__complex__, &[])?
        {
            let Some(z) = complex_of(&result) else {
                let name = self.type_name(&result);
                return Err(self.type_error(format!("__complex__ returned non-complex (type {name})")));
            };
            if !self.type_of(&result).is(&self.types.complex) {
                let name = self.type_name(&result);
                self.warn(
                    &self.types.deprecation_warning,
                    &format!(
                        "__complex__ returned non-complex (type {name}).  The ability to return an instance of a \
                         strict subclass of complex is deprecated, and may not be supported in a future version of \
                         Python."
                    ),
                    1,
                )?;
            }
            return Ok(Some(Parts::Complex(z)));
        }
        if let Some(z) = complex_of(value) {
            return Ok(Some(Parts::Complex(z)));
        }
        self.real_part(value)
    }

    fn real_part(&self, value: &Value) -> PyResult<Option<Parts>> {
        let slots = &self.type_of(value).slots;
        if slots.nb_float.get().is_some() || slots.nb_index.get().is_some() || num_of(value).is_some() {
            return Ok(Some(Parts::Real(self.to_f64(value)?)));
        }
        Ok(float_of(value).map(Parts::Real))
    }

    /// A number as complex, as C code takes it (`PyComplex_AsCComplex`).
    pub fn to_complex(&self, value: &Value) -> PyResult<Complex> {
        match self.complex_parts(value)? {
            Some(Parts::Complex(z)) => Ok(z),
            Some(Parts::Real(x)) => Ok(Complex::new(x, 0.0)),
            None => Err(self.type_error(format!("must be real number, not {}", self.type_name(value)))),
        }
    }

    fn complex_in(&self, class: &TypeRef, z: Complex) -> PyResult {
        if class.is(&self.types.complex) {
            return Ok(self.new_complex(z));
        }
        Ok(self.new_instance(class, ComplexBody { value: z })?.into_value())
    }
}

/// `complex(...)`
pub fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    let mut bound = [None; 2];
    if args.names.is_empty() && args.values.len() <= 2 {
        bound = [args.values.first(), args.values.get(1)];
    } else {
        Signature::parse("($type, real=0, imag=0)").bind(vm, "complex", args, &mut bound)?;
    }
    match bound {
        [None, None] => vm.complex_in(class, Complex::new(0.0, 0.0)),
        [Some(value), None] if args.names.is_empty() => {
            if class.is(&vm.types.complex) && vm.type_of(value).is(&vm.types.complex) {
                return Ok(value.clone());
            }
            let z = of_one(vm, value)?;
            vm.complex_in(class, z)
        }
        [real, imag] => {
            let z = of_two(vm, real, imag)?;
            vm.complex_in(class, z)
        }
    }
}

fn of_one(vm: &Vm, value: &Value) -> PyResult<Complex> {
    if let Some(text) = value.downcast::<Str>() {
        return match complex::parse(&number_text(text)) {
            Some(z) => Ok(z),
            None => Err(vm.value_error("complex() arg is a malformed string")),
        };
    }
    match vm.complex_parts(value)? {
        Some(Parts::Complex(z)) => Ok(z),
        Some(Parts::Real(x)) => Ok(Complex::new(x, 0.0)),
        None => {
            let name = vm.type_name(value);
            Err(vm.type_error(format!("complex() argument must be a string or a number, not {name}")))
        }
    }
}

fn of_two(vm: &Vm, real: Option<&Value>, imag: Option<&Value>) -> PyResult<Complex> {
    let wrong = |which: &str, value: &Value| {
        let name = vm.type_name(value);
        vm.type_error(format!("complex() argument '{which}' must be a real number, not {name}"))
    };
    let deprecated = |which: &str, value: &Value| {
        let name = vm.type_name(value);
        let text = format!("complex() argument '{which}' must be a real number, not {name}");
        vm.warn(&vm.types.deprecation_warning, &text, 1)
    };
    let mut z = Complex::new(0.0, 0.0);
    let mut imaginary_of_real = None;
    if let Some(real) = real {
        match vm.complex_parts(real)? {
            Some(Parts::Complex(w)) => {
                deprecated("real", real)?;
                z.re = w.re;
                imaginary_of_real = Some(w.im);
            }
            Some(Parts::Real(x)) => z.re = x,
            None => return Err(wrong("real", real)),
        }
    }
    if let Some(imag) = imag {
        let parts = match complex_of(imag) {
            Some(w) => Some(Parts::Complex(w)),
            None => vm.real_part(imag)?,
        };
        match parts {
            Some(Parts::Complex(w)) => {
                deprecated("imag", imag)?;
                z.im = w.re;
                z.re -= w.im;
            }
            Some(Parts::Real(x)) => z.im = x,
            None => return Err(wrong("imag", imag)),
        }
    }
    if let Some(im) = imaginary_of_real {
        z.im += im;
    }
    Ok(z)
}

/// `complex.from_number`
pub fn from_number(vm: &Vm, class: &Value, number: &Value) -> PyResult {
    let own = class.is(vm.types.complex.as_value());
    if own && vm.type_of(number).is(&vm.types.complex) {
        return Ok(number.clone());
    }
    let z = vm.new_complex(vm.to_complex(number)?);
    match class.downcast::<Type>() {
        Some(_) if !own => vm.call(class, &[z]),
        _ => Ok(z),
    }
}

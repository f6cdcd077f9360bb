//! The operators of `complex`. Real operands keep the other part as it is (its sign of zero, its infinity).

use super::{complex_of, own};
use crate::error::PyResult;
use crate::slots::{CompareOp, Slots};
use crate::types::float::{float_of, operators::operand};
use crate::types::int::{compare_float, num_of};
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::number::complex::{self, Complex};
use oriel_kernel::number::{NumberError, float_ops};
use std::cmp::Ordering;

/// An operand: complex or real.
enum Part {
    Complex(Complex),
    Real(f64),
}

impl Part {
    fn whole(self) -> Complex {
        match self {
            Part::Complex(z) => z,
            Part::Real(x) => Complex::new(x, 0.0),
        }
    }
}

fn part(vm: &Vm, value: &Value) -> PyResult<Option<Part>> {
    match complex_of(value) {
        Some(z) => Ok(Some(Part::Complex(z))),
        None => Ok(operand(vm, value)?.map(Part::Real)),
    }
}

type Answer = Result<Complex, NumberError>;

fn arithmetic(vm: &Vm, a: &Value, b: &Value, function: fn(Part, Part) -> Answer) -> PyResult {
    let (Some(x), Some(y)) = (part(vm, a)?, part(vm, b)?) else { return Ok(Value::NOT_IMPLEMENTED) };
    match function(x, y) {
        Ok(z) => Ok(vm.new_complex(z)),
        Err(error) => Err(vm.number_error(error)),
    }
}

fn add(x: Part, y: Part) -> Answer {
    Ok(match (x, y) {
        (Part::Complex(z), Part::Real(x)) | (Part::Real(x), Part::Complex(z)) => Complex::new(z.re + x, z.im),
        (x, y) => {
            let (z, w) = (x.whole(), y.whole());
            Complex::new(z.re + w.re, z.im + w.im)
        }
    })
}

fn subtract(x: Part, y: Part) -> Answer {
    Ok(match (x, y) {
        (Part::Complex(z), Part::Real(x)) => Complex::new(z.re - x, z.im),
        (Part::Real(x), Part::Complex(z)) => Complex::new(x - z.re, -z.im),
        (x, y) => {
            let (z, w) = (x.whole(), y.whole());
            Complex::new(z.re - w.re, z.im - w.im)
        }
    })
}

fn multiply(x: Part, y: Part) -> Answer {
    Ok(match (x, y) {
        (Part::Complex(z), Part::Real(x)) | (Part::Real(x), Part::Complex(z)) => Complex::new(z.re * x, z.im * x),
        (x, y) => complex::multiply(x.whole(), y.whole()),
    })
}

fn divide(x: Part, y: Part) -> Answer {
    match (x, y) {
        (Part::Complex(_), Part::Real(0.0)) => Err(NumberError::ZeroDivision),
        (Part::Complex(z), Part::Real(x)) => Ok(Complex::new(z.re / x, z.im / x)),
        (Part::Real(x), Part::Complex(z)) => complex::divide_real(x, z),
        (x, y) => complex::divide(x.whole(), y.whole()),
    }
}

fn power(vm: &Vm, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    let (Some(x), Some(y)) = (part(vm, a)?, part(vm, b)?) else { return Ok(Value::NOT_IMPLEMENTED) };
    if !modulus.is_none() {
        return Err(vm.value_error("complex modulo"));
    }
    match complex::power(x.whole(), y.whole()) {
        Ok(z) => Ok(vm.new_complex(z)),
        Err(NumberError::ZeroDivision) => Err(vm.zero_division_error("zero to a negative or complex power")),
        Err(_) => Err(vm.overflow_error("complex exponentiation")),
    }
}

/// Fills the slots of `complex`.
pub fn fill(slots: &Slots) {
    slots.nb_add.set(Some(|vm, a, b| arithmetic(vm, a, b, add)));
    slots.nb_subtract.set(Some(|vm, a, b| arithmetic(vm, a, b, subtract)));
    slots.nb_multiply.set(Some(|vm, a, b| arithmetic(vm, a, b, multiply)));
    slots.nb_true_divide.set(Some(|vm, a, b| arithmetic(vm, a, b, divide)));
    slots.nb_power.set(Some(power));
    slots.nb_negative.set(Some(|vm, this| {
        let z = own(vm, this)?;
        Ok(vm.new_complex(Complex::new(-z.re, -z.im)))
    }));
    slots.nb_positive.set(Some(super::itself));
    slots.nb_absolute.set(Some(|vm, this| match own(vm, this)?.abs() {
        Ok(abs) => Ok(vm.new_float(abs)),
        Err(_) => Err(vm.overflow_error("absolute value too large")),
    }));
    slots.nb_bool.set(Some(|vm, this| {
        let z = own(vm, this)?;
        Ok(z.re != 0.0 || z.im != 0.0)
    }));
    slots.hash.set(Some(hash));
    slots.richcompare.set(Some(compare));
}

fn hash(vm: &Vm, this: &Value) -> PyResult<i64> {
    let z = own(vm, this)?;
    let part = |x: f64| match x.is_nan() {
        true => crate::types::object::identity_hash(vm, this),
        false => Ok(float_ops::hash(x)).map(|hash| if hash == -1 { -2 } else { hash }),
    };
    let hash = part(z.re)?.wrapping_add(part(z.im)?.wrapping_mul(1_000_003));
    Ok(if hash == -1 { -2 } else { hash })
}

fn compare(_: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let Some(z) = complex_of(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    let equal = if let Some(w) = complex_of(b) {
        z.re == w.re && z.im == w.im
    } else if let Some(x) = float_of(b) {
        z.re == x && z.im == 0.0
    } else if let Some(number) = num_of(b) {
        z.im == 0.0 && compare_float(number, z.re) == Some(Ordering::Equal)
    } else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

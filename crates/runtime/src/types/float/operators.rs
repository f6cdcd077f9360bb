//! The operators of `float`.

use super::float_of;
use crate::error::PyResult;
use crate::slots::{BinaryFn, CompareOp, Slots};
use crate::types::int::{compare_float, num_of};
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::number::complex::Complex;
use oriel_kernel::number::float_ops::{self, Power};
use oriel_kernel::number::{NumberError, complex};

/// Fills the slots of `float`.
pub fn fill(slots: &Slots) {
    let set = |slot: &std::cell::Cell<Option<BinaryFn>>, function| slot.set(Some(function));
    set(&slots.nb_add, |vm, a, b| arithmetic(vm, a, b, |a, b| a + b));
    set(&slots.nb_subtract, |vm, a, b| arithmetic(vm, a, b, |a, b| a - b));
    set(&slots.nb_multiply, |vm, a, b| arithmetic(vm, a, b, |a, b| a * b));
    set(&slots.nb_true_divide, |vm, a, b| match operands(vm, a, b)? {
        Some((_, 0.0)) => Err(vm.number_error(NumberError::ZeroDivision)),
        Some((x, y)) => Ok(vm.new_float(x / y)),
        None => Ok(Value::NOT_IMPLEMENTED),
    });
    set(&slots.nb_floor_divide, |vm, a, b| divided(vm, a, b, |vm, quotient, _| vm.new_float(quotient)));
    set(&slots.nb_remainder, |vm, a, b| match operands(vm, a, b)? {
        Some((x, y)) => match float_ops::modulo(x, y) {
            Ok(remainder) => Ok(vm.new_float(remainder)),
            Err(error) => Err(vm.number_error(error)),
        },
        None => Ok(Value::NOT_IMPLEMENTED),
    });
    set(&slots.nb_divmod, |vm, a, b| {
        divided(vm, a, b, |vm, quotient, remainder| vm.new_tuple(&[vm.new_float(quotient), vm.new_float(remainder)]))
    });
    slots.nb_power.set(Some(power));
    slots.nb_negative.set(Some(|vm, this| Ok(vm.new_float(-own(vm, this)?))));
    slots.nb_positive.set(Some(|vm, this| Ok(vm.new_float(own(vm, this)?))));
    slots.nb_absolute.set(Some(|vm, this| Ok(vm.new_float(own(vm, this)?.abs()))));
    slots.nb_bool.set(Some(|vm, this| Ok(own(vm, this)? != 0.0)));
    slots.nb_int.set(Some(|vm, this| vm.truncate_float(own(vm, this)?)));
    slots.nb_float.set(Some(|vm, this| match this.as_immediate_float() {
        Some(_) => Ok(this.clone()),
        None if vm.type_of(this).is(&vm.types.float) => Ok(this.clone()),
        None => Ok(vm.new_float(own(vm, this)?)),
    }));
    slots.hash.set(Some(hash));
    slots.richcompare.set(Some(compare));
}

/// The receiver of a method of `float`.
pub fn own(vm: &Vm, this: &Value) -> PyResult<f64> {
    float_of(this).ok_or_else(|| vm.type_error(format!("a float is needed, not '{}'", vm.type_name(this))))
}

/// A `float` or an `int` as a float; nothing for all else.
pub fn operand(vm: &Vm, value: &Value) -> PyResult<Option<f64>> {
    match float_of(value) {
        Some(number) => Ok(Some(number)),
        None => num_of(value).map(|number| number.to_float(vm)).transpose(),
    }
}

fn operands(vm: &Vm, a: &Value, b: &Value) -> PyResult<Option<(f64, f64)>> {
    let Some(x) = operand(vm, a)? else { return Ok(None) };
    Ok(operand(vm, b)?.map(|y| (x, y)))
}

#[inline]
fn arithmetic(vm: &Vm, a: &Value, b: &Value, function: fn(f64, f64) -> f64) -> PyResult {
    Ok(match operands(vm, a, b)? {
        Some((x, y)) => vm.new_float(function(x, y)),
        None => Value::NOT_IMPLEMENTED,
    })
}

fn divided(vm: &Vm, a: &Value, b: &Value, pick: fn(&Vm, f64, f64) -> Value) -> PyResult {
    match operands(vm, a, b)? {
        Some((x, y)) => match float_ops::div_mod_floor(x, y) {
            Ok((quotient, remainder)) => Ok(pick(vm, quotient, remainder)),
            Err(error) => Err(vm.number_error(error)),
        },
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn power(vm: &Vm, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    if !modulus.is_none() {
        return Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"));
    }
    match operands(vm, a, b)? {
        Some((x, y)) => power_of(vm, x, y),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// `x ** y` of floats; complex where a negative number is raised to a fraction.
pub fn power_of(vm: &Vm, x: f64, y: f64) -> PyResult {
    match float_ops::power(x, y) {
        Ok(Power::Real(result)) => Ok(vm.new_float(result)),
        Ok(Power::Complex) => match complex::power(Complex::new(x, 0.0), Complex::new(y, 0.0)) {
            Ok(result) => Ok(vm.new_complex(result)),
            Err(_) => Err(vm.overflow_error("complex exponentiation")),
        },
        Err(NumberError::Overflow) => {
            let text = vm.new_str("Numerical result out of range");
            Err(vm.new_exception_with(&vm.types.overflow_error, &[Value::small(34), text]))
        }
        Err(_) => Err(vm.zero_division_error("zero to a negative power")),
    }
}

fn hash(vm: &Vm, this: &Value) -> PyResult<i64> {
    let number = own(vm, this)?;
    if number.is_nan() {
        return crate::types::object::identity_hash(vm, this);
    }
    Ok(match float_ops::hash(number) {
        -1 => -2,
        hash => hash,
    })
}

fn compare(_: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let Some(x) = float_of(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    let ordering = match (float_of(b), num_of(b)) {
        (Some(y), _) => x.partial_cmp(&y),
        (None, Some(y)) => compare_float(y, x).map(std::cmp::Ordering::reverse),
        (None, None) => return Ok(Value::NOT_IMPLEMENTED),
    };
    Ok(Value::bool(match ordering {
        Some(ordering) => op.of(ordering),
        None => op == CompareOp::Ne,
    }))
}

//! Functions of floats.

use super::{float, shown};
use oriel_kernel::number::{NumberError, erf as kernel_erf, float_ops, gamma as kernel_gamma, math};
use oriel_runtime::types::float::float_of;
use oriel_runtime::types::int::num_of;
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// A function that has a value everywhere.
macro_rules! total {
    ($($name:ident = $function:expr;)*) => {
        $(pub(super) fn $name(vm: &Vm, _: &Value, x: &Value) -> PyResult {
            let function: fn(f64) -> f64 = $function;
            float(vm, function(vm.to_f64(x)?))
        })*
    };
}

total! {
    asinh = math::asinh;
    atan = f64::atan;
    cbrt = f64::cbrt;
    degrees = |x| x * (180.0 / std::f64::consts::PI);
    radians = |x| x * (std::f64::consts::PI / 180.0);
    erf = kernel_erf::erf;
    erfc = kernel_erf::erfc;
    fabs = f64::abs;
    tanh = f64::tanh;
    ulp = math::ulp;
}

/// A function that overflows for large arguments.
macro_rules! growing {
    ($($name:ident = $function:expr;)*) => {
        $(pub(super) fn $name(vm: &Vm, _: &Value, x: &Value) -> PyResult {
            let function: fn(f64) -> f64 = $function;
            let x = vm.to_f64(x)?;
            let result = function(x);
            if result.is_infinite() && x.is_finite() {
                return Err(vm.number_error(NumberError::Overflow));
            }
            float(vm, result)
        })*
    };
}

growing! {
    cosh = f64::cosh;
    exp = f64::exp;
    exp2 = f64::exp2;
    expm1 = f64::exp_m1;
    sinh = f64::sinh;
}

/// A function defined on a part of the numbers only.
macro_rules! partial {
    ($($name:ident = $function:expr, $inside:expr, $what:literal;)*) => {
        $(pub(super) fn $name(vm: &Vm, _: &Value, x: &Value) -> PyResult {
            let (function, inside): (fn(f64) -> f64, fn(f64) -> bool) = ($function, $inside);
            let x = vm.to_f64(x)?;
            if !x.is_nan() && !inside(x) {
                return Err(vm.value_error(format!(concat!($what, ", got {}"), shown(x))));
            }
            float(vm, function(x))
        })*
    };
}

partial! {
    acos = f64::acos, |x| (-1.0..=1.0).contains(&x), "expected a number in range from -1 up to 1";
    asin = f64::asin, |x| (-1.0..=1.0).contains(&x), "expected a number in range from -1 up to 1";
    acosh = math::acosh, |x| x >= 1.0, "expected argument value not less than 1";
    atanh = math::atanh, |x| x > -1.0 && x < 1.0, "expected a number between -1 and 1";
    cos = f64::cos, f64::is_finite, "expected a finite input";
    sin = f64::sin, f64::is_finite, "expected a finite input";
    tan = f64::tan, f64::is_finite, "expected a finite input";
    sqrt = f64::sqrt, |x| x >= 0.0, "expected a nonnegative input";
    log1p = f64::ln_1p, |x| x > -1.0, "expected argument value > -1";
}

fn by_gamma(vm: &Vm, x: &Value, function: fn(f64) -> Result<f64, NumberError>) -> PyResult {
    let x = vm.to_f64(x)?;
    match function(x) {
        Ok(result) => float(vm, result),
        Err(NumberError::Domain) => {
            Err(vm.value_error(format!("expected a noninteger or positive integer, got {}", shown(x))))
        }
        Err(error) => Err(vm.number_error(error)),
    }
}

pub(super) fn gamma(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    by_gamma(vm, x, kernel_gamma::gamma)
}

pub(super) fn lgamma(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    by_gamma(vm, x, kernel_gamma::log_gamma)
}

/// A function of two floats that has a value everywhere.
pub(super) fn two(vm: &Vm, args: &[Value], function: fn(f64, f64) -> f64) -> PyResult {
    let (x, y) = (vm.to_f64(&args[0])?, vm.to_f64(&args[1])?);
    float(vm, function(x, y))
}

/// A function of two floats whose NaN from other arguments is outside its domain.
fn two_defined(vm: &Vm, args: &[Value], function: fn(f64, f64) -> f64) -> PyResult {
    let (x, y) = (vm.to_f64(&args[0])?, vm.to_f64(&args[1])?);
    let result = function(x, y);
    if result.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(vm.number_error(NumberError::Domain));
    }
    float(vm, result)
}

pub(super) fn fmod(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    two_defined(vm, args, |x, y| x % y)
}

pub(super) fn remainder(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    two_defined(vm, args, math::remainder)
}

pub(super) fn pow(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let (x, y) = (vm.to_f64(&args[0])?, vm.to_f64(&args[1])?);
    match math::power(x, y) {
        Ok(result) => float(vm, result),
        Err(error) => Err(vm.number_error(error)),
    }
}

pub(super) fn fma(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let (x, y, z) = (vm.to_f64(&args[0])?, vm.to_f64(&args[1])?, vm.to_f64(&args[2])?);
    match math::fma(x, y, z) {
        Ok(result) => float(vm, result),
        Err(NumberError::Overflow) => Err(vm.overflow_error("overflow in fma")),
        Err(_) => Err(vm.value_error("invalid operation in fma")),
    }
}

pub(super) fn frexp(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    let (mantissa, exponent) = float_ops::frexp(vm.to_f64(x)?);
    Ok(vm.new_tuple(&[vm.new_float(mantissa), vm.new_int(i64::from(exponent))]))
}

pub(super) fn modf(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    let x = vm.to_f64(x)?;
    let (fraction, whole) =
        if x.is_infinite() { (0.0f64.copysign(x), x) } else { ((x - x.trunc()).copysign(x), x.trunc()) };
    Ok(vm.new_tuple(&[vm.new_float(fraction), vm.new_float(whole)]))
}

pub(super) fn ldexp(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let x = vm.to_f64(&args[0])?;
    let exponent = match num_of(&args[1]) {
        None => return Err(vm.type_error("Expected an int as second argument to ldexp.")),
        Some(number) => match number.small() {
            Some(exponent) => exponent,
            None if number.is_negative() => i64::MIN / 2,
            None => i64::MAX / 2,
        },
    };
    let result = float_ops::ldexp(x, exponent);
    if result.is_infinite() && x.is_finite() {
        return Err(vm.number_error(NumberError::Overflow));
    }
    float(vm, result)
}

/// A logarithm of a float, or of an integer of any size.
fn logarithm(vm: &Vm, value: &Value, function: fn(f64) -> f64) -> PyResult<f64> {
    if let Some(number) = num_of(value) {
        return match math::log_int(number.big().as_ref(), function) {
            Ok(result) => Ok(result),
            Err(_) => Err(vm.value_error("expected a positive input")),
        };
    }
    let x = vm.to_f64(value)?;
    if x <= 0.0 {
        return Err(vm.value_error(format!("expected a positive input, got {}", shown(x))));
    }
    Ok(function(x))
}

pub(super) fn log(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let numerator = logarithm(vm, &args[0], f64::ln)?;
    let Some(base) = args.get(1) else { return float(vm, numerator) };
    let denominator = logarithm(vm, base, f64::ln)?;
    if denominator == 0.0 {
        return Err(vm.number_error(NumberError::ZeroDivision));
    }
    float(vm, numerator / denominator)
}

pub(super) fn log2(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    float(vm, logarithm(vm, x, f64::log2)?)
}

pub(super) fn log10(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    float(vm, logarithm(vm, x, f64::log10)?)
}

/// Rounds to a whole number: floats directly, other types by their own method.
fn rounded(vm: &Vm, x: &Value, method: &Value, round: fn(f64) -> f64) -> PyResult {
    if vm.type_of(x).is(&vm.types.float)
        && let Some(x) = float_of(x)
    {
        return vm.truncate_float(round(x));
    }
    if let Some(result) = vm.call_special(x, method, &[])? {
        return Ok(result);
    }
    vm.truncate_float(round(vm.to_f64(x)?))
}

pub(super) fn ceil(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    rounded(vm, x, &vm.names.__ceil__, f64::ceil)
}

pub(super) fn floor(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    rounded(vm, x, &vm.names.__floor__, f64::floor)
}

pub(super) fn trunc(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    if vm.type_of(x).is(&vm.types.float)
        && let Some(x) = float_of(x)
    {
        return vm.truncate_float(x);
    }
    match vm.call_special(x, &vm.names.__trunc__, &[])? {
        Some(result) => Ok(result),
        None => {
            let name = vm.type_name(x);
            Err(vm.type_error(format!("type {name} doesn't define __trunc__ method")))
        }
    }
}

pub(super) fn is_finite(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    Ok(Value::bool(vm.to_f64(x)?.is_finite()))
}

pub(super) fn is_inf(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    Ok(Value::bool(vm.to_f64(x)?.is_infinite()))
}

pub(super) fn is_nan(vm: &Vm, _: &Value, x: &Value) -> PyResult {
    Ok(Value::bool(vm.to_f64(x)?.is_nan()))
}

/// An optional float argument.
fn optional(vm: &Vm, value: Option<&Value>, default: f64) -> PyResult<f64> {
    value.map_or(Ok(default), |value| vm.to_f64(value))
}

pub(super) fn is_close(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (a, b) = (optional(vm, args[0], 0.0)?, optional(vm, args[1], 0.0)?);
    let (relative, absolute) = (optional(vm, args[2], 1e-9)?, optional(vm, args[3], 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if a == b {
        return Ok(Value::TRUE);
    }
    if a.is_infinite() || b.is_infinite() {
        return Ok(Value::FALSE);
    }
    let difference = (b - a).abs();
    let close = difference <= (relative * b).abs() || difference <= (relative * a).abs() || difference <= absolute;
    Ok(Value::bool(close))
}

pub(super) fn next_after(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let (x, y) = (optional(vm, args[0], 0.0)?, optional(vm, args[1], 0.0)?);
    let steps = match args[2] {
        None => 1,
        Some(steps) if steps.is_none() => 1,
        Some(steps) => {
            let steps = vm.index(steps)?;
            match num_of(&steps) {
                Some(number) if number.is_negative() => {
                    return Err(vm.value_error("steps must be a non-negative integer"));
                }
                Some(number) => number.small().map_or(u64::MAX, |steps| steps as u64),
                None => 1,
            }
        }
    };
    float(vm, math::next_after(x, y, steps))
}

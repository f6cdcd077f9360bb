//! Functions of `math` that the platform's library lacks or words differently.

use std::f64::consts::LN_2;

use dashu_int::IBig;

use super::NumberError;
use super::float_ops::{int_frexp, int_to_float};

/// `math.remainder`: the difference to the nearest multiple, ties to the even multiple; always exact. A result that is
/// not a number although both arguments are is outside the domain.
pub fn remainder(x: f64, y: f64) -> f64 {
    if x.is_finite() && y.is_finite() {
        if y == 0.0 {
            return f64::NAN;
        }
        let (abs_x, abs_y) = (x.abs(), y.abs());
        let m = abs_x % abs_y;
        // Comparing with the complement instead of half the divisor: the half may not be a float.
        let complement = abs_y - m;
        let r = if m < complement {
            m
        } else if m > complement {
            -complement
        } else {
            m - 2.0 * ((0.5 * (abs_x - m)) % abs_y)
        };
        return 1.0f64.copysign(x) * r;
    }
    if x.is_nan() {
        x
    } else if y.is_nan() {
        y
    } else if x.is_infinite() {
        f64::NAN
    } else {
        x
    }
}

/// The float `steps` floats from `x` towards `y`.
pub fn next_after(x: f64, y: f64, steps: u64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if y.is_nan() {
        return y;
    }
    if x == y || steps == 0 {
        return if steps == 0 { x } else { y };
    }
    // The floats in order, as integers.
    let ordinal = |x: f64| {
        let bits = (x.to_bits() & (u64::MAX >> 1)) as i64;
        if x.is_sign_negative() { -bits } else { bits }
    };
    let (from, to) = (ordinal(x), ordinal(y));
    let distance = from.abs_diff(to);
    if steps >= distance {
        // A zero that is reached comes from its own side.
        return if to == 0 { 0.0f64.copysign(x) } else { y };
    }
    let result = if from < to { from + steps as i64 } else { from - steps as i64 };
    let magnitude = f64::from_bits(result.unsigned_abs());
    match result {
        0 => 0.0f64.copysign(x),
        _ if result < 0 => -magnitude,
        _ => magnitude,
    }
}

/// `math.ulp`.
pub fn ulp(x: f64) -> f64 {
    let x = x.abs();
    if x.is_nan() || x.is_infinite() {
        return x;
    }
    let up = f64::from_bits(x.to_bits() + 1);
    if up.is_infinite() { x - f64::from_bits(x.to_bits() - 1) } else { up - x }
}

/// A logarithm of a positive integer of any size, by a logarithm of floats.
pub fn log_int(value: &IBig, log: impl Fn(f64) -> f64) -> Result<f64, NumberError> {
    if *value <= IBig::ZERO {
        return Err(NumberError::Domain);
    }
    Ok(match int_to_float(value) {
        Some(float) => log(float),
        None => {
            let (fraction, exponent) = int_frexp(value);
            log(fraction) + log(2.0) * exponent as f64
        }
    })
}

/// `math.fma`.
pub fn fma(x: f64, y: f64, z: f64) -> Result<f64, NumberError> {
    let r = x.mul_add(y, z);
    if r.is_finite() {
        return Ok(r);
    }
    if r.is_nan() {
        return if x.is_nan() || y.is_nan() || z.is_nan() { Ok(r) } else { Err(NumberError::Domain) };
    }
    if x.is_finite() && y.is_finite() && z.is_finite() { Err(NumberError::Overflow) } else { Ok(r) }
}

/// `math.pow`: as C's, with errors.
pub fn power(x: f64, y: f64) -> Result<f64, NumberError> {
    let r = x.powf(y);
    if r.is_finite() || !x.is_finite() || !y.is_finite() {
        return Ok(if x.is_nan() && y != 0.0 || y.is_nan() && x != 1.0 { f64::NAN } else { r });
    }
    // Not finite from finite arguments: no real result, a pole, or overflow.
    if r.is_nan() || x == 0.0 { Err(NumberError::Domain) } else { Err(NumberError::Overflow) }
}

/// Below this, adding a square to one changes nothing.
const TINY: f64 = 1.0 / (1u64 << 28) as f64;
const HUGE: f64 = (1u64 << 28) as f64;

/// `asinh`, as the C library computes it.
pub fn asinh(x: f64) -> f64 {
    let abs = x.abs();
    if !x.is_finite() || abs < TINY {
        return x;
    }
    let result = if abs > HUGE {
        abs.ln() + LN_2
    } else if abs > 2.0 {
        (2.0 * abs + 1.0 / ((x * x + 1.0).sqrt() + abs)).ln()
    } else {
        let square = abs * abs;
        (abs + square / (1.0 + (1.0 + square).sqrt())).ln_1p()
    };
    result.copysign(x)
}

/// `acosh`, as the C library computes it.
pub fn acosh(x: f64) -> f64 {
    if x.is_nan() || x < 1.0 {
        f64::NAN
    } else if x > HUGE {
        x.ln() + LN_2
    } else if x > 2.0 {
        (2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt())).ln()
    } else {
        let t = x - 1.0;
        (t + (2.0 * t + t * t).sqrt()).ln_1p()
    }
}

/// `atanh`, as the C library computes it.
pub fn atanh(x: f64) -> f64 {
    let abs = x.abs();
    if x.is_nan() || abs > 1.0 {
        return f64::NAN;
    }
    if abs < TINY {
        return x;
    }
    let result = if abs < 0.5 {
        let t = abs + abs;
        0.5 * (t + t * abs / (1.0 - abs)).ln_1p()
    } else {
        0.5 * ((abs + abs) / (1.0 - abs)).ln_1p()
    };
    result.copysign(x)
}

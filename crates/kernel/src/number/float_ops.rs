//! Floats: exact conversions to and from integers, comparisons, division with floor, rounding to digits.

use std::cmp::Ordering;

use dashu_int::ops::UnsignedAbs;
use dashu_int::{IBig, UBig};

use super::int_ops::HASH_MODULUS;
use super::int_text::{bit_length, is_negative};
use super::{Integer, NumberError};

/// Mantissa and exponent with `x == mantissa * 2**exponent`, for finite `x`, sign left aside.
pub fn decompose(x: f64) -> (u64, i32) {
    let bits = x.to_bits();
    let (fraction, exponent) = (bits & ((1 << 52) - 1), (bits >> 52 & 0x7ff) as i32);
    if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) }
}

/// `mantissa * 2**exponent` as the nearest float, ties to even; nothing if it overflows.
pub fn scale(mantissa: u128, exponent: i64) -> Option<f64> {
    if mantissa == 0 {
        return Some(0.0);
    }
    let length = 128 - i64::from(mantissa.leading_zeros());
    let top = length + exponent;
    if top > 1024 {
        return None;
    }
    if top < -1080 {
        return Some(0.0);
    }
    // The last bit that the result can hold, as a power of two.
    let last = (top - 53).max(-1074);
    let drop = last - exponent;
    let kept = if drop <= 0 {
        mantissa << (-drop) as u32
    } else if drop >= 128 {
        0
    } else {
        let drop = drop as u32;
        let (kept, rest, half) = (mantissa >> drop, mantissa & ((1 << drop) - 1), 1u128 << (drop - 1));
        kept + u128::from(rest > half || (rest == half && kept & 1 == 1))
    };
    let value = kept as u64 as f64 * power_of_two(last);
    value.is_finite().then_some(value)
}

/// `2**exponent` for -1074..=1023.
fn power_of_two(exponent: i64) -> f64 {
    if exponent >= -1022 {
        f64::from_bits(((exponent + 1023) as u64) << 52)
    } else {
        f64::from_bits(1 << (exponent + 1074))
    }
}

/// `x * 2**exponent`, rounded once; overflow gives an infinity.
pub fn ldexp(x: f64, exponent: i64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let (mantissa, own) = decompose(x);
    let value = scale(u128::from(mantissa), exponent.saturating_add(i64::from(own))).unwrap_or(f64::INFINITY);
    value.copysign(x)
}

/// A fraction in [0.5, 1) with `x`'s sign and an exponent, with `x == fraction * 2**exponent`.
pub fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let (mantissa, exponent) = decompose(x);
    let length = 64 - mantissa.leading_zeros() as i32;
    (ldexp(x, -i64::from(length + exponent)), length + exponent)
}

/// The nearest float, ties to even; nothing if it overflows.
pub fn int_to_float(value: &IBig) -> Option<f64> {
    let bits = bit_length(value);
    let magnitude: UBig = value.unsigned_abs();
    let float = if bits <= 64 {
        magnitude.as_words().first().copied().unwrap_or(0) as f64
    } else {
        if bits > 1024 {
            return None;
        }
        let drop = bits - 64;
        let top = u128::try_from(&(&magnitude >> drop)).ok()?;
        let words = magnitude.as_words();
        let below =
            words[..drop / 64].iter().any(|&word| word != 0) || words[drop / 64] & ((1u64 << (drop % 64)) - 1) != 0;
        scale(top << 1 | u128::from(below), drop as i64 - 1)?
    };
    Some(if is_negative(value) { -float } else { float })
}

/// A fraction in [0.5, 1), rounded to even, and an exponent for an integer of any size.
pub fn int_frexp(value: &IBig) -> (f64, i64) {
    let bits = bit_length(value);
    if bits == 0 {
        return (0.0, 0);
    }
    let mut fraction = match int_to_float(value) {
        Some(float) if bits <= 1000 => return (frexp(float).0, i64::from(frexp(float).1)),
        _ => {
            let magnitude: UBig = value.unsigned_abs();
            let drop = bits - 66;
            let top = u128::try_from(&(&magnitude >> drop)).unwrap_or(0);
            let below = magnitude.trailing_zeros().is_some_and(|zeros| zeros < drop);
            scale(top << 1 | u128::from(below), -67).unwrap_or(0.5)
        }
    };
    let mut exponent = bits as i64;
    if fraction == 1.0 {
        (fraction, exponent) = (0.5, exponent + 1);
    }
    (if is_negative(value) { -fraction } else { fraction }, exponent)
}

/// The integer part of a finite float.
pub fn truncate(x: f64) -> Integer {
    if x.abs() < 9.2e18 {
        return Integer::Small(x as i64);
    }
    let (mantissa, exponent) = decompose(x);
    let magnitude = IBig::from(mantissa) << exponent.max(0) as usize;
    Integer::from(if x < 0.0 { -magnitude } else { magnitude })
}

/// Numerator and denominator of a finite float, in lowest terms.
pub fn ratio(x: f64) -> (Integer, Integer) {
    let (mut mantissa, mut exponent) = decompose(x);
    if mantissa == 0 {
        return (Integer::Small(0), Integer::Small(1));
    }
    let zeros = mantissa.trailing_zeros();
    mantissa >>= zeros;
    exponent += zeros as i32;
    let mut numerator = IBig::from(mantissa);
    if x < 0.0 {
        numerator = -numerator;
    }
    let power = |n: i32| IBig::ONE << n.max(0) as usize;
    (Integer::from(numerator * power(exponent)), Integer::from(power(-exponent)))
}

/// Compares an integer with a float, exactly; nothing for NaN.
pub fn compare_int(value: &IBig, x: f64) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = IBig::from(truncate(x));
    Some(value.cmp(&whole).then_with(|| {
        let fraction = x - x.trunc();
        0.0f64.partial_cmp(&fraction).unwrap_or(Ordering::Equal)
    }))
}

/// 2**63.
const TWO_63: f64 = (1u64 << 63) as f64;

/// As [`compare_int`] for a word.
pub fn compare_i64(value: i64, x: f64) -> Option<Ordering> {
    // Within these bounds the float's integer part is a word.
    if x >= TWO_63 {
        return Some(Ordering::Less);
    }
    if x < -TWO_63 {
        return Some(Ordering::Greater);
    }
    if x.is_nan() {
        return None;
    }
    Some(value.cmp(&(x as i64)).then_with(|| {
        let fraction = x - x.trunc();
        0.0f64.partial_cmp(&fraction).unwrap_or(Ordering::Equal)
    }))
}

/// The hash of a float that is not NaN, before -1 is made -2.
pub fn hash(x: f64) -> i64 {
    if x.is_infinite() {
        return if x > 0.0 { 314159 } else { -314159 };
    }
    let (mantissa, exponent) = decompose(x);
    // Multiplying by a power of two rotates the 61 bits.
    let residue = mantissa % HASH_MODULUS;
    let turn = exponent.rem_euclid(61) as u32;
    let hash = ((residue << turn & HASH_MODULUS) | residue >> (61 - turn)) as i64;
    if x < 0.0 { -hash } else { hash }
}

/// Quotient rounded down, and the remainder with the divisor's sign.
pub fn div_mod_floor(a: f64, b: f64) -> Result<(f64, f64), NumberError> {
    if b == 0.0 {
        return Err(NumberError::ZeroDivision);
    }
    let mut remainder = a % b;
    let mut quotient = (a - remainder) / b;
    if remainder != 0.0 {
        if (b < 0.0) != (remainder < 0.0) {
            remainder += b;
            quotient -= 1.0;
        }
    } else {
        remainder = 0.0f64.copysign(b);
    }
    let floor = if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    } else {
        0.0f64.copysign(a / b)
    };
    Ok((floor, remainder))
}

/// The remainder with the divisor's sign.
pub fn modulo(a: f64, b: f64) -> Result<f64, NumberError> {
    if b == 0.0 {
        return Err(NumberError::ZeroDivision);
    }
    let remainder = a % b;
    Ok(if remainder == 0.0 {
        0.0f64.copysign(b)
    } else if (b < 0.0) != (remainder < 0.0) {
        remainder + b
    } else {
        remainder
    })
}

/// What `float ** float` comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Power {
    /// A float.
    Real(f64),
    /// A negative base to a fraction: the result is complex.
    Complex,
}

/// `a ** b` for floats.
pub fn power(a: f64, b: f64) -> Result<Power, NumberError> {
    if a == 0.0 && b < 0.0 && b.is_finite() {
        return Err(NumberError::ZeroDivision);
    }
    if a < 0.0 && a.is_finite() && b.is_finite() && b != b.floor() {
        return Ok(Power::Complex);
    }
    let result = a.powf(b);
    if result.is_infinite() && a.is_finite() && b.is_finite() {
        return Err(NumberError::Overflow);
    }
    Ok(Power::Real(result))
}

/// `round(x)`: to the nearest integer, ties to even.
pub fn round(x: f64) -> Integer {
    truncate(x.round_ties_even())
}

/// `round(x, digits)` for finite `x`: the float nearest to the decimal rounding of the exact value.
pub fn round_digits(x: f64, digits: i64) -> Result<f64, NumberError> {
    if digits > 323 || x == 0.0 {
        return Ok(x);
    }
    if digits < -308 {
        return Ok(0.0f64.copysign(x));
    }
    let value = if digits >= 0 {
        format!("{:.*}", digits as usize, x).parse().unwrap_or(x)
    } else {
        let text = format!("{x:e}");
        let exponent: i64 = text.rsplit_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
        let significant = exponent + digits + 1;
        if significant >= 1 {
            format!("{:.*e}", significant as usize - 1, x).parse().unwrap_or(x)
        } else {
            // Zero or one unit; a tie goes to zero, which is even.
            let half = IBig::from(5) * IBig::from(10).pow((-digits) as usize - 1);
            let up = significant == 0 && compare_int(&half, x.abs()) == Some(Ordering::Less);
            let unit: f64 = if up { format!("1e{}", -digits).parse().unwrap_or(0.0) } else { 0.0 };
            unit.copysign(x)
        }
    };
    if f64::is_finite(value) { Ok(value) } else { Err(NumberError::Overflow) }
}

//! Arithmetic of big integers with Python's rules for signs, and number theory.

use std::cmp::Ordering;

use dashu_int::ops::{BitTest, DivRem, Gcd, SquareRoot, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};

use super::NumberError;
use super::float_ops::scale;
use super::int_text::{bit_length, is_negative};

/// The modulus of numeric hashes, a prime.
pub const HASH_MODULUS: u64 = (1 << 61) - 1;

/// Quotient rounded down, and the remainder with the divisor's sign.
pub fn div_mod_floor(a: &IBig, b: &IBig) -> Result<(IBig, IBig), NumberError> {
    if b.is_zero() {
        return Err(NumberError::ZeroDivision);
    }
    let (q, r) = a.div_rem(b);
    Ok(if !r.is_zero() && is_negative(&r) != is_negative(b) { (q - IBig::ONE, r + b) } else { (q, r) })
}

/// As [`div_mod_floor`] for words; `i64::MIN / -1` overflows.
pub fn div_mod_floor_i64(a: i64, b: i64) -> Result<(i64, i64), NumberError> {
    if b == 0 {
        return Err(NumberError::ZeroDivision);
    }
    let (q, r) = (a.checked_div(b).ok_or(NumberError::Overflow)?, a.wrapping_rem(b));
    Ok(if r != 0 && (r < 0) != (b < 0) { (q - 1, r + b) } else { (q, r) })
}

/// The most bits a result may have; larger ones would not fit any memory.
const MAX_BITS: usize = 1 << 40;

/// `base ** exponent` for an exponent of zero or more.
pub fn power(base: &IBig, exponent: usize) -> Result<IBig, NumberError> {
    let bits = bit_length(base);
    if bits > 1 && bits.saturating_sub(1).checked_mul(exponent).is_none_or(|bits| bits > MAX_BITS) {
        return Err(NumberError::Memory);
    }
    Ok(base.pow(exponent))
}

/// `base ** exponent % modulus` with the modulus's sign. A negative exponent needs an inverse; without one the domain is
/// left.
pub fn power_mod(base: &IBig, exponent: &IBig, modulus: &IBig) -> Result<IBig, NumberError> {
    if modulus.is_zero() {
        return Err(NumberError::ZeroDivision);
    }
    let size: UBig = modulus.unsigned_abs();
    if size.is_one() {
        return Ok(IBig::ZERO);
    }
    let (_, base) = div_mod_floor(base, &IBig::from(size.clone()))?;
    let mut base: UBig = base.unsigned_abs();
    if is_negative(exponent) {
        base = inverse(&base, &size).ok_or(NumberError::Domain)?;
    }
    let exponent: UBig = exponent.unsigned_abs();
    let result = if size.as_words().len() == 1 {
        let modulus = size.as_words()[0];
        UBig::from(power_mod_word(&base, &exponent, modulus))
    } else {
        let ring = dashu_int::fast_div::ConstDivisor::new(size);
        ring.reduce(base).pow(&exponent).residue()
    };
    let result = IBig::from(result);
    Ok(if is_negative(modulus) && !result.is_zero() { result + modulus } else { result })
}

fn power_mod_word(base: &UBig, exponent: &UBig, modulus: u64) -> u64 {
    let multiply = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(modulus)) as u64;
    let base = base.as_words().first().copied().unwrap_or(0);
    let mut result = 1 % modulus;
    for bit in (0..exponent.bit_len()).rev() {
        result = multiply(result, result);
        if exponent.bit(bit) {
            result = multiply(result, base);
        }
    }
    result
}

/// The number that times `a` is 1 modulo `n`.
fn inverse(a: &UBig, n: &UBig) -> Option<UBig> {
    let (mut r0, mut r1) = (IBig::from(n.clone()), IBig::from(a.clone()));
    let (mut t0, mut t1) = (IBig::ZERO, IBig::ONE);
    while !r1.is_zero() {
        let (q, r) = (&r0).div_rem(&r1);
        let t = &t0 - &q * &t1;
        (r0, r1, t0, t1) = (r1, r, t1, t);
    }
    if !r0.is_one() {
        return None;
    }
    Some(if is_negative(&t0) { t0 + IBig::from(n.clone()) } else { t0 }.unsigned_abs())
}

/// `value << shift`.
pub fn shift_left(value: &IBig, shift: usize) -> Result<IBig, NumberError> {
    if value.is_zero() {
        return Ok(IBig::ZERO);
    }
    if shift > MAX_BITS {
        return Err(NumberError::Memory);
    }
    Ok(value << shift)
}

/// `value >> shift`, rounding down.
pub fn shift_right(value: &IBig, shift: usize) -> IBig {
    if shift >= bit_length(value) {
        return if is_negative(value) { -IBig::ONE } else { IBig::ZERO };
    }
    value >> shift
}

/// The hash of an integer, before -1 is made -2.
pub fn hash(value: &IBig) -> i64 {
    let (sign, words) = value.as_sign_words();
    // 2**64 is 8 modulo the modulus.
    let modulus = u128::from(HASH_MODULUS);
    let hash = words.iter().rev().fold(0u128, |hash, &word| (hash * 8 + u128::from(word)) % modulus) as i64;
    if sign == Sign::Negative { -hash } else { hash }
}

/// The greatest common divisor.
pub fn gcd(a: &IBig, b: &IBig) -> IBig {
    if a.is_zero() && b.is_zero() {
        return IBig::ZERO;
    }
    IBig::from(a.unsigned_abs().gcd(b.unsigned_abs()))
}

/// The greatest common divisor of words.
pub fn gcd_u64(mut a: u64, mut b: u64) -> u64 {
    if a == 0 || b == 0 {
        return a | b;
    }
    let shift = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    while b != 0 {
        b >>= b.trailing_zeros();
        if a > b {
            std::mem::swap(&mut a, &mut b);
        }
        b -= a;
    }
    a << shift
}

/// The least common multiple.
pub fn lcm(a: &IBig, b: &IBig) -> IBig {
    if a.is_zero() || b.is_zero() {
        return IBig::ZERO;
    }
    IBig::from((a / gcd(a, b) * b).unsigned_abs())
}

/// The square root rounded down.
pub fn isqrt(value: &IBig) -> Result<IBig, NumberError> {
    if is_negative(value) {
        return Err(NumberError::Domain);
    }
    Ok(IBig::from(value.unsigned_abs().sqrt()))
}

/// Ones in the magnitude's binary form.
pub fn bit_count(value: &IBig) -> usize {
    value.as_sign_words().1.iter().map(|word| word.count_ones() as usize).sum()
}

/// `a / b` as the nearest float, ties to even.
pub fn true_divide(a: &IBig, b: &IBig) -> Result<f64, NumberError> {
    if b.is_zero() {
        return Err(NumberError::ZeroDivision);
    }
    if a.is_zero() {
        return Ok(if is_negative(b) { -0.0 } else { 0.0 });
    }
    let negative = is_negative(a) != is_negative(b);
    let (a, b): (UBig, UBig) = (a.unsigned_abs(), b.unsigned_abs());
    // A quotient of 64 to 65 bits and a bit for whatever is left of it decide the rounding.
    let shift = 65 - (a.bit_len() as i64 - b.bit_len() as i64);
    let (a, b) = if shift >= 0 { (a << shift as usize, b) } else { (a, b << (-shift) as usize) };
    let (q, r) = (&a).div_rem(&b);
    let mut quotient = u128::try_from(&q).map_err(|_| NumberError::Overflow)?;
    if !r.is_zero() {
        quotient = quotient << 1 | 1;
    } else {
        quotient <<= 1;
    }
    let value = scale(quotient, -shift - 1).ok_or(NumberError::Overflow)?;
    Ok(if negative { -value } else { value })
}

/// The product of `low..=high`, in a balanced tree so that the factors stay of equal size.
fn product(low: u64, high: u64) -> UBig {
    if low > high {
        return UBig::ONE;
    }
    if high - low < 8 {
        return (low..=high).fold(UBig::ONE, |product, factor| product * UBig::from(factor));
    }
    let middle = low + (high - low) / 2;
    product(low, middle) * product(middle + 1, high)
}

/// `n!`, odd factors first, then the twos by a shift.
pub fn factorial(n: u64) -> IBig {
    IBig::from(product(2, n))
}

/// Ways to choose `k` of `n` in order, for `k <= n`.
pub fn permutations(n: &IBig, k: u64) -> IBig {
    match u64::try_from(n) {
        Ok(n) if k == 0 || n < k => IBig::from(u8::from(k == 0)),
        Ok(n) => IBig::from(product(n - k + 1, n)),
        Err(_) => falling(n, 0, k),
    }
}

/// `(n - from) * (n - from - 1) * ...`, `count` factors.
fn falling(n: &IBig, from: u64, count: u64) -> IBig {
    match count {
        0 => IBig::ONE,
        1 => n - IBig::from(from),
        _ => falling(n, from, count / 2) * falling(n, from + count / 2, count - count / 2),
    }
}

/// Ways to choose `k` of `n`, for `k <= n / 2` or thereabouts: by halves, so that no intermediate grows needlessly.
pub fn combinations(n: &IBig, k: u64) -> IBig {
    match k {
        0 => IBig::ONE,
        1 => n.clone(),
        _ => {
            if let Some(small) = combinations_small(n, k) {
                return IBig::from(small);
            }
            let j = k / 2;
            let rest = n - IBig::from(j);
            combinations(n, j) * combinations(&rest, k - j) / combinations(&IBig::from(k), j)
        }
    }
}

fn combinations_small(n: &IBig, k: u64) -> Option<u128> {
    let n = u64::try_from(n).ok()?;
    let mut result = 1u128;
    for i in 0..k {
        result = result.checked_mul(u128::from(n.checked_sub(i)?))? / u128::from(i + 1);
    }
    Some(result)
}

/// Compares magnitudes of `2 * a` and `b`: what rounding to even needs.
pub fn compare_double(a: &IBig, b: &IBig) -> Ordering {
    let (a, b): (UBig, UBig) = (a.unsigned_abs(), b.unsigned_abs());
    (a << 1).cmp(&b)
}

/// `round(value, -digits)`: to a multiple of ten to the `digits`, ties to even.
pub fn round_to_power(value: &IBig, digits: usize) -> Result<IBig, NumberError> {
    // The unit is more than twice the value: nothing is left.
    if digits > bit_length(value) {
        return Ok(IBig::ZERO);
    }
    let unit = power(&IBig::from(10), digits)?;
    let (quotient, remainder) = div_mod_floor(value, &unit)?;
    let up = match compare_double(&remainder, &unit) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => quotient.bit(0),
    };
    Ok((if up { quotient + IBig::ONE } else { quotient }) * unit)
}

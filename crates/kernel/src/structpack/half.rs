//! Half-precision floats, format `e`.

use crate::number::float_ops::decompose;

/// The float that 16 bits stand for.
pub fn half_from_bits(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), bits & 0x3ff);
    let magnitude = match (exponent, fraction) {
        (0x1f, 0) => f64::INFINITY,
        // The payload moves to the top of the wider fraction; the quiet bit comes with it.
        (0x1f, _) => f64::from_bits(0x7ff << 52 | u64::from(fraction) << 42),
        (0, _) => f64::from(fraction) / (1 << 24) as f64,
        _ => f64::from(fraction | 0x400) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

/// The 16 bits of the nearest half-precision float, ties to even; nothing if it overflows.
pub fn half_to_bits(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    if x.is_nan() {
        let payload = (x.to_bits() >> 42 & 0x3ff) as u16;
        return Some(sign | 0x7c00 | if payload == 0 { 0x200 } else { payload });
    }
    if x.is_infinite() {
        return Some(sign | 0x7c00);
    }
    let (mantissa, exponent) = decompose(x);
    if mantissa == 0 {
        return Some(sign);
    }
    let top = 63 - mantissa.leading_zeros() as i32 + exponent;
    // The unit of the last place, as a power of two.
    let unit = (top - 10).max(-24);
    let drop = unit - exponent;
    let rounded = if drop > 63 {
        0
    } else {
        let (kept, rest) = (mantissa >> drop, mantissa & ((1 << drop) - 1));
        let half = 1 << (drop - 1);
        kept + u64::from(rest > half || (rest == half && kept & 1 == 1))
    };
    // A fraction that rounds up to the next power carries into the exponent by itself.
    let biased = if unit > -24 || rounded >= 0x400 { (unit + 25) as u64 } else { 0 };
    let bits = if biased == 0 { rounded } else { (biased << 10) + rounded - 0x400 };
    (bits < 0x7c00).then_some(sign | bits as u16)
}

//! The gamma function and its logarithm by Lanczos' approximation (N = 13, g as below).

#![expect(clippy::excessive_precision, reason = "the numbers are given as they were published")]

use std::f64::consts::PI;

use super::NumberError;

const LANCZOS_G: f64 = 6.024680040776729583740234375;
const G_MINUS_HALF: f64 = 5.524680040776729583740234375;
const LOG_PI: f64 = 1.144729885849400174143427351353058711647;

const NUMERATOR: [f64; 13] = [
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786772,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
];

/// Coefficients of x(x+1)...(x+11).
const DENOMINATOR: [f64; 13] = [
    0.0,
    39916800.0,
    120543840.0,
    150917976.0,
    105258076.0,
    45995730.0,
    13339535.0,
    2637558.0,
    357423.0,
    32670.0,
    1925.0,
    66.0,
    1.0,
];

/// sin(pi x), accurate near whole numbers.
fn sin_pi(x: f64) -> f64 {
    let y = x.abs() % 2.0;
    let result = match (2.0 * y).round() as i32 {
        0 => (PI * y).sin(),
        1 => (PI * (y - 0.5)).cos(),
        2 => (PI * (1.0 - y)).sin(),
        3 => -(PI * (y - 1.5)).cos(),
        _ => (PI * (y - 2.0)).sin(),
    };
    1.0f64.copysign(x) * result
}

/// The approximation's sum for positive x. Powers of x for small x, of 1/x else, so that nothing overflows.
fn lanczos_sum(x: f64) -> f64 {
    let (mut num, mut den) = (0.0, 0.0);
    if x < 5.0 {
        for (n, d) in NUMERATOR.iter().zip(&DENOMINATOR).rev() {
            num = num * x + n;
            den = den * x + d;
        }
    } else {
        for (n, d) in NUMERATOR.iter().zip(&DENOMINATOR) {
            num = num / x + n;
            den = den / x + d;
        }
    }
    num / den
}

/// `math.gamma`.
pub fn gamma(x: f64) -> Result<f64, NumberError> {
    if !x.is_finite() {
        return if x.is_nan() || x > 0.0 { Ok(x) } else { Err(NumberError::Domain) };
    }
    if x == 0.0 {
        return Err(NumberError::Domain);
    }
    if x == x.floor() {
        if x < 0.0 {
            return Err(NumberError::Domain);
        }
        if x <= 23.0 {
            // These factorials are exact.
            return Ok((2..x as u64).map(|n| n as f64).product());
        }
    }
    let abs = x.abs();
    let checked = |r: f64| if r.is_infinite() { Err(NumberError::Overflow) } else { Ok(r) };
    if abs < 1e-20 {
        return checked(1.0 / x);
    }
    if abs > 200.0 {
        return if x < 0.0 { Ok(0.0 / sin_pi(x)) } else { Err(NumberError::Overflow) };
    }
    let y = abs + G_MINUS_HALF;
    // The error made in that sum, to be made good below.
    let z = if abs > G_MINUS_HALF { (y - abs) - G_MINUS_HALF } else { (y - G_MINUS_HALF) - abs };
    let z = z * LANCZOS_G / y;
    let mut r;
    if x < 0.0 {
        r = -PI / sin_pi(abs) / abs * y.exp() / lanczos_sum(abs);
        r -= z * r;
        if abs < 140.0 {
            r /= y.powf(abs - 0.5);
        } else {
            let root = y.powf(abs / 2.0 - 0.25);
            r /= root;
            r /= root;
        }
    } else {
        r = lanczos_sum(abs) / y.exp();
        r += z * r;
        if abs < 140.0 {
            r *= y.powf(abs - 0.5);
        } else {
            let root = y.powf(abs / 2.0 - 0.25);
            r *= root;
            r *= root;
        }
    }
    checked(r)
}

/// `math.lgamma`.
pub fn log_gamma(x: f64) -> Result<f64, NumberError> {
    if !x.is_finite() {
        return Ok(if x.is_nan() { x } else { f64::INFINITY });
    }
    if x == x.floor() && x <= 2.0 {
        return if x <= 0.0 { Err(NumberError::Domain) } else { Ok(0.0) };
    }
    let abs = x.abs();
    if abs < 1e-20 {
        return Ok(-abs.ln());
    }
    let mut r = lanczos_sum(abs).ln() - LANCZOS_G;
    r += (abs - 0.5) * ((abs + LANCZOS_G - 0.5).ln() - 1.0);
    if x < 0.0 {
        r = LOG_PI - sin_pi(abs).abs().ln() - abs.ln() - r;
    }
    if r.is_infinite() { Err(NumberError::Overflow) } else { Ok(r) }
}

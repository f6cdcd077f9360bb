//! The functions of `cmath`.

mod special;

use std::f64::consts::{E, FRAC_PI_2, LN_2, LN_10};

use self::special::{Table, index};
use super::NumberError;
use super::complex::Complex;
use super::float_ops::ldexp;
use super::math::asinh as real_asinh;

const LARGE: f64 = f64::MAX / 4.0;

fn sqrt_large() -> f64 {
    LARGE.sqrt()
}

fn log_large() -> f64 {
    LARGE.ln()
}

type Answer = Result<Complex, NumberError>;

fn finite(z: Complex) -> bool {
    z.re.is_finite() && z.im.is_finite()
}

fn look_up(table: &Table, z: Complex) -> Complex {
    let (re, im) = table[index(z.re)][index(z.im)];
    Complex::new(re, im)
}

/// Parts too large are an overflow.
fn in_range(z: Complex) -> Answer {
    if z.re.is_infinite() || z.im.is_infinite() { Err(NumberError::Overflow) } else { Ok(z) }
}

/// An infinite (or zero) magnitude in the direction of an angle.
fn towards(magnitude: f64, angle: f64) -> Complex {
    Complex::new(magnitude.copysign(angle.cos()), magnitude.copysign(angle.sin()))
}

/// `f(iz) / i`: how the circular functions come from the hyperbolic ones.
fn turned(z: Complex, f: fn(Complex) -> Answer) -> Answer {
    let r = f(Complex::new(-z.im, z.re))?;
    Ok(Complex::new(r.im, -r.re))
}

/// `cmath.sqrt`.
pub fn sqrt(z: Complex) -> Answer {
    if !finite(z) {
        return Ok(look_up(&special::SQRT, z));
    }
    if z.re == 0.0 && z.im == 0.0 {
        return Ok(Complex::new(0.0, z.im));
    }
    let (mut x, y) = (z.re.abs(), z.im.abs());
    let s = if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        // Both parts subnormal: scaled up to keep the precision.
        x = ldexp(x, 53);
        ldexp((x + x.hypot(ldexp(y, 53))).sqrt(), -27)
    } else {
        x /= 8.0;
        2.0 * (x + x.hypot(y / 8.0)).sqrt()
    };
    let d = y / (2.0 * s);
    Ok(if z.re >= 0.0 { Complex::new(s, d.copysign(z.im)) } else { Complex::new(d, s.copysign(z.im)) })
}

/// The logarithm of twice the hypotenuse's half, where the hypotenuse itself may overflow.
fn log_hypot_large(z: Complex) -> f64 {
    (z.re / 2.0).hypot(z.im / 2.0).ln() + LN_2 * 2.0
}

/// `cmath.acos`.
pub fn acos(z: Complex) -> Answer {
    if !finite(z) {
        return Ok(look_up(&special::ACOS, z));
    }
    if z.re.abs() > LARGE || z.im.abs() > LARGE {
        let re = z.im.abs().atan2(z.re);
        let log = log_hypot_large(z);
        let im = if z.re < 0.0 { -log.copysign(z.im) } else { log.copysign(-z.im) };
        return Ok(Complex::new(re, im));
    }
    let s1 = sqrt(Complex::new(1.0 - z.re, -z.im))?;
    let s2 = sqrt(Complex::new(1.0 + z.re, z.im))?;
    Ok(Complex::new(2.0 * s1.re.atan2(s2.re), real_asinh(s2.re * s1.im - s2.im * s1.re)))
}

/// `cmath.acosh`.
pub fn acosh(z: Complex) -> Answer {
    if !finite(z) {
        return Ok(look_up(&special::ACOSH, z));
    }
    if z.re.abs() > LARGE || z.im.abs() > LARGE {
        return Ok(Complex::new(log_hypot_large(z), z.im.atan2(z.re)));
    }
    let s1 = sqrt(Complex::new(z.re - 1.0, z.im))?;
    let s2 = sqrt(Complex::new(z.re + 1.0, z.im))?;
    Ok(Complex::new(real_asinh(s1.re * s2.re + s1.im * s2.im), 2.0 * s1.im.atan2(s2.re)))
}

/// `cmath.asin`.
pub fn asin(z: Complex) -> Answer {
    turned(z, asinh)
}

/// `cmath.asinh`.
pub fn asinh(z: Complex) -> Answer {
    if !finite(z) {
        return Ok(look_up(&special::ASINH, z));
    }
    if z.re.abs() > LARGE || z.im.abs() > LARGE {
        let log = log_hypot_large(z);
        let re = if z.im.is_sign_negative() { -log.copysign(-z.re) } else { log.copysign(z.re) };
        return Ok(Complex::new(re, z.im.atan2(z.re.abs())));
    }
    let s1 = sqrt(Complex::new(1.0 + z.im, -z.re))?;
    let s2 = sqrt(Complex::new(1.0 - z.im, z.re))?;
    Ok(Complex::new(real_asinh(s1.re * s2.im - s2.re * s1.im), z.im.atan2(s1.re * s2.re - s1.im * s2.im)))
}

/// `cmath.atan`.
pub fn atan(z: Complex) -> Answer {
    turned(z, atanh)
}

/// `cmath.atanh`.
pub fn atanh(z: Complex) -> Answer {
    if !finite(z) {
        return Ok(look_up(&special::ATANH, z));
    }
    if z.re.is_sign_negative() {
        let r = atanh(Complex::new(-z.re, -z.im))?;
        return Ok(Complex::new(-r.re, -r.im));
    }
    let y = z.im.abs();
    if z.re > sqrt_large() || y > sqrt_large() {
        let h = (z.re / 2.0).hypot(z.im / 2.0);
        return Ok(Complex::new(z.re / 4.0 / h / h, -FRAC_PI_2.copysign(-z.im)));
    }
    if z.re == 1.0 && y < f64::MIN_POSITIVE.sqrt() {
        if y == 0.0 {
            return Err(NumberError::Domain);
        }
        let re = -(y.sqrt() / y.hypot(2.0).sqrt()).ln();
        return Ok(Complex::new(re, (2.0f64.atan2(-y) / 2.0).copysign(z.im)));
    }
    let re = (4.0 * z.re / ((1.0 - z.re) * (1.0 - z.re) + y * y)).ln_1p() / 4.0;
    let im = -(-2.0 * z.im).atan2((1.0 - z.re) * (1.0 + z.re) - y * y) / 2.0;
    Ok(Complex::new(re, im))
}

/// `cmath.cos`.
pub fn cos(z: Complex) -> Answer {
    cosh(Complex::new(-z.im, z.re))
}

/// Where an angle is infinite there is no value, unless `excused`.
fn no_angle(z: Complex, excused: bool) -> Result<(), NumberError> {
    if z.im.is_infinite() && !excused { Err(NumberError::Domain) } else { Ok(()) }
}

/// `cmath.cosh`.
pub fn cosh(z: Complex) -> Answer {
    if !finite(z) {
        no_angle(z, z.re.is_nan())?;
        if z.re.is_infinite() && z.im.is_finite() && z.im != 0.0 {
            let r = towards(f64::INFINITY, z.im);
            return Ok(if z.re > 0.0 { r } else { Complex::new(r.re, -r.im) });
        }
        return Ok(look_up(&special::COSH, z));
    }
    in_range(if z.re.abs() > log_large() {
        let x = z.re - 1.0f64.copysign(z.re);
        Complex::new(z.im.cos() * x.cosh() * E, z.im.sin() * x.sinh() * E)
    } else {
        Complex::new(z.im.cos() * z.re.cosh(), z.im.sin() * z.re.sinh())
    })
}

/// `cmath.exp`.
pub fn exp(z: Complex) -> Answer {
    if !finite(z) {
        no_angle(z, z.re.is_nan() || z.re == f64::NEG_INFINITY)?;
        if z.re.is_infinite() && z.im.is_finite() && z.im != 0.0 {
            return Ok(towards(if z.re > 0.0 { f64::INFINITY } else { 0.0 }, z.im));
        }
        return Ok(look_up(&special::EXP, z));
    }
    in_range(if z.re > log_large() {
        let l = (z.re - 1.0).exp();
        Complex::new(l * z.im.cos() * E, l * z.im.sin() * E)
    } else {
        let l = z.re.exp();
        Complex::new(l * z.im.cos(), l * z.im.sin())
    })
}

/// `cmath.log` to the base e.
pub fn log(z: Complex) -> Answer {
    if !finite(z) {
        return Ok(look_up(&special::LOG, z));
    }
    let (x, y) = (z.re.abs(), z.im.abs());
    let re = if x > LARGE || y > LARGE {
        (x / 2.0).hypot(y / 2.0).ln() + LN_2
    } else if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        if x == 0.0 && y == 0.0 {
            return Err(NumberError::Domain);
        }
        ldexp(x, 53).hypot(ldexp(y, 53)).ln() - 53.0 * LN_2
    } else {
        let h = x.hypot(y);
        if (0.71..=1.73).contains(&h) {
            let (larger, smaller) = if x > y { (x, y) } else { (y, x) };
            ((larger - 1.0) * (larger + 1.0) + smaller * smaller).ln_1p() / 2.0
        } else {
            h.ln()
        }
    };
    Ok(Complex::new(re, z.im.atan2(z.re)))
}

/// `cmath.log10`.
pub fn log10(z: Complex) -> Answer {
    let r = log(z)?;
    Ok(Complex::new(r.re / LN_10, r.im / LN_10))
}

/// `cmath.sin`.
pub fn sin(z: Complex) -> Answer {
    turned(z, sinh)
}

/// `cmath.sinh`.
pub fn sinh(z: Complex) -> Answer {
    if !finite(z) {
        no_angle(z, z.re.is_nan())?;
        if z.re.is_infinite() && z.im.is_finite() && z.im != 0.0 {
            let r = towards(f64::INFINITY, z.im);
            return Ok(if z.re > 0.0 { r } else { Complex::new(-r.re, r.im) });
        }
        return Ok(look_up(&special::SINH, z));
    }
    in_range(if z.re.abs() > log_large() {
        let x = z.re - 1.0f64.copysign(z.re);
        Complex::new(z.im.cos() * x.sinh() * E, z.im.sin() * x.cosh() * E)
    } else {
        Complex::new(z.im.cos() * z.re.sinh(), z.im.sin() * z.re.cosh())
    })
}

/// `cmath.tan`.
pub fn tan(z: Complex) -> Answer {
    turned(z, tanh)
}

/// `cmath.tanh`.
pub fn tanh(z: Complex) -> Answer {
    if !finite(z) {
        no_angle(z, !z.re.is_finite())?;
        if z.re.is_infinite() && z.im.is_finite() && z.im != 0.0 {
            let im = 0.0f64.copysign(2.0 * z.im.sin() * z.im.cos());
            return Ok(Complex::new(1.0f64.copysign(z.re), im));
        }
        return Ok(look_up(&special::TANH, z));
    }
    if z.re.abs() > log_large() {
        let im = 4.0 * z.im.sin() * z.im.cos() * (-2.0 * z.re.abs()).exp();
        return Ok(Complex::new(1.0f64.copysign(z.re), im));
    }
    let (tx, ty, cx) = (z.re.tanh(), z.im.tan(), 1.0 / z.re.cosh());
    let txty = tx * ty;
    let denominator = 1.0 + txty * txty;
    Ok(Complex::new(tx * (1.0 + ty * ty) / denominator, ((ty / denominator) * cx) * cx))
}

/// `cmath.rect`: from a radius and an angle.
pub fn rect(radius: f64, angle: f64) -> Answer {
    let z = Complex::new(radius, angle);
    if !finite(z) {
        no_angle(z, radius == 0.0 || radius.is_nan())?;
        if radius.is_infinite() && angle.is_finite() && angle != 0.0 {
            let r = towards(f64::INFINITY, angle);
            return Ok(if radius > 0.0 { r } else { Complex::new(-r.re, -r.im) });
        }
        return Ok(look_up(&special::RECT, z));
    }
    Ok(if angle == 0.0 {
        Complex::new(radius, radius * angle)
    } else {
        Complex::new(radius * angle.cos(), radius * angle.sin())
    })
}

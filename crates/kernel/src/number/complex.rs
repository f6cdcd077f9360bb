//! Complex numbers: arithmetic with the recoveries of C99's Annex G, powers, and reading from text.

use super::NumberError;
use super::float_text::parse_prefix;

/// A complex number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Complex {
    /// The real part.
    pub re: f64,
    /// The imaginary part.
    pub im: f64,
}

impl Complex {
    /// A complex number of two parts.
    pub const fn new(re: f64, im: f64) -> Complex {
        Complex { re, im }
    }

    /// The absolute value; overflow if it does not fit.
    pub fn abs(self) -> Result<f64, NumberError> {
        let abs = self.re.hypot(self.im);
        let finite = self.re.is_finite() && self.im.is_finite();
        if abs.is_infinite() && finite { Err(NumberError::Overflow) } else { Ok(abs) }
    }
}

fn one_or_zero(x: f64) -> f64 {
    f64::from(u8::from(x.is_infinite())).copysign(x)
}

fn zero_if_nan(x: f64) -> f64 {
    if x.is_nan() { 0.0f64.copysign(x) } else { x }
}

/// `z * w`.
pub fn multiply(z: Complex, w: Complex) -> Complex {
    let (mut a, mut b, mut c, mut d) = (z.re, z.im, w.re, w.im);
    let (ac, bd, ad, bc) = (a * c, b * d, a * d, b * c);
    let product = Complex::new(ac - bd, ad + bc);
    if !(product.re.is_nan() && product.im.is_nan()) {
        return product;
    }
    // An infinity was lost in the parts: bring it back.
    let mut again = false;
    if a.is_infinite() || b.is_infinite() {
        (a, b) = (one_or_zero(a), one_or_zero(b));
        (c, d) = (zero_if_nan(c), zero_if_nan(d));
        again = true;
    }
    if c.is_infinite() || d.is_infinite() {
        (c, d) = (one_or_zero(c), one_or_zero(d));
        (a, b) = (zero_if_nan(a), zero_if_nan(b));
        again = true;
    }
    if !again && (ac.is_infinite() || bd.is_infinite() || ad.is_infinite() || bc.is_infinite()) {
        (a, b, c, d) = (zero_if_nan(a), zero_if_nan(b), zero_if_nan(c), zero_if_nan(d));
        again = true;
    }
    if !again {
        return product;
    }
    Complex::new(f64::INFINITY * (a * c - b * d), f64::INFINITY * (a * d + b * c))
}

/// `a / b`.
pub fn divide(a: Complex, b: Complex) -> Result<Complex, NumberError> {
    let (abs_re, abs_im) = (b.re.abs(), b.im.abs());
    let quotient = if abs_re >= abs_im {
        if abs_re == 0.0 {
            return Err(NumberError::ZeroDivision);
        }
        let ratio = b.im / b.re;
        let denominator = b.re + b.im * ratio;
        Complex::new((a.re + a.im * ratio) / denominator, (a.im - a.re * ratio) / denominator)
    } else if abs_im >= abs_re {
        let ratio = b.re / b.im;
        let denominator = b.re * ratio + b.im;
        Complex::new((a.re * ratio + a.im) / denominator, (a.im * ratio - a.re) / denominator)
    } else {
        Complex::new(f64::NAN, f64::NAN)
    };
    if quotient.re.is_nan() && quotient.im.is_nan() {
        if (a.re.is_infinite() || a.im.is_infinite()) && b.re.is_finite() && b.im.is_finite() {
            let (x, y) = (one_or_zero(a.re), one_or_zero(a.im));
            return Ok(Complex::new(f64::INFINITY * (x * b.re + y * b.im), f64::INFINITY * (y * b.re - x * b.im)));
        }
        if (abs_re.is_infinite() || abs_im.is_infinite()) && a.re.is_finite() && a.im.is_finite() {
            let (x, y) = (one_or_zero(b.re), one_or_zero(b.im));
            return Ok(Complex::new(0.0 * (a.re * x + a.im * y), 0.0 * (a.im * x - a.re * y)));
        }
    }
    Ok(quotient)
}

/// A float divided by a complex number.
pub fn divide_real(a: f64, b: Complex) -> Result<Complex, NumberError> {
    let (abs_re, abs_im) = (b.re.abs(), b.im.abs());
    let quotient = if abs_re >= abs_im {
        if abs_re == 0.0 {
            return Err(NumberError::ZeroDivision);
        }
        let ratio = b.im / b.re;
        let denominator = b.re + b.im * ratio;
        Complex::new(a / denominator, (-a * ratio) / denominator)
    } else if abs_im >= abs_re {
        let ratio = b.re / b.im;
        let denominator = b.re * ratio + b.im;
        Complex::new((a * ratio) / denominator, (-a) / denominator)
    } else {
        Complex::new(f64::NAN, f64::NAN)
    };
    if quotient.re.is_nan() && quotient.im.is_nan() && a.is_finite() && (abs_re.is_infinite() || abs_im.is_infinite()) {
        let (x, y) = (one_or_zero(b.re), one_or_zero(b.im));
        return Ok(Complex::new(0.0 * (a * x), 0.0 * (-a * y)));
    }
    Ok(quotient)
}

fn power_whole(x: Complex, n: u32) -> Complex {
    let (mut result, mut square, mut bit) = (Complex::new(1.0, 0.0), x, 1);
    while n >= bit {
        if n & bit != 0 {
            result = multiply(result, square);
        }
        bit <<= 1;
        square = multiply(square, square);
    }
    result
}

/// `a ** b`. A zero to a negative or complex power is a [`NumberError::ZeroDivision`].
pub fn power(a: Complex, b: Complex) -> Result<Complex, NumberError> {
    let result = if b.im == 0.0 && b.re == b.re.floor() && b.re.abs() <= 100.0 {
        let whole = power_whole(a, b.re.abs() as u32);
        if b.re > 0.0 { whole } else { divide(Complex::new(1.0, 0.0), whole)? }
    } else if a.re == 0.0 && a.im == 0.0 {
        if b.im != 0.0 || b.re < 0.0 {
            return Err(NumberError::ZeroDivision);
        }
        Complex::new(0.0, 0.0)
    } else {
        let abs = a.re.hypot(a.im);
        let mut length = abs.powf(b.re);
        let angle = a.im.atan2(a.re);
        let mut phase = angle * b.re;
        if b.im != 0.0 {
            length *= (-angle * b.im).exp();
            phase += b.im * abs.ln();
        }
        if phase.is_infinite() {
            // The C library calls the cosine of this a domain error, and so the power.
            return Err(NumberError::ZeroDivision);
        }
        Complex::new(length * phase.cos(), length * phase.sin())
    };
    if result.re.is_infinite() || result.im.is_infinite() {
        return Err(NumberError::Overflow);
    }
    Ok(result)
}

/// Reads a complex number as `complex(text)` does; the text is ASCII (see `int_text::to_ascii`).
pub fn parse(text: &[u8]) -> Option<Complex> {
    let is_space = |b: &u8| matches!(b, 9..=13 | 32);
    let clean = remove_underscores(text)?;
    let mut rest = &clean[..];
    let trim = |mut rest: &[u8]| {
        while rest.first().is_some_and(is_space) {
            rest = &rest[1..];
        }
        rest.len()
    };
    rest = &rest[rest.len() - trim(rest)..];
    let bracketed = rest.first() == Some(&b'(');
    if bracketed {
        rest = &rest[1..];
        rest = &rest[rest.len() - trim(rest)..];
    }
    let (value, after) = parse_parts(rest)?;
    rest = &after[after.len() - trim(after)..];
    if bracketed {
        rest = rest.strip_prefix(b")")?;
        rest = &rest[rest.len() - trim(rest)..];
    }
    rest.is_empty().then_some(value)
}

fn remove_underscores(text: &[u8]) -> Option<std::borrow::Cow<'_, [u8]>> {
    if !text.contains(&b'_') {
        return Some(text.into());
    }
    let digit = |i: Option<usize>| i.and_then(|i| text.get(i)).is_some_and(u8::is_ascii_digit);
    let legal = text.iter().enumerate().all(|(i, &b)| b != b'_' || (digit(i.checked_sub(1)) && digit(Some(i + 1))));
    legal.then(|| text.iter().copied().filter(|&b| b != b'_').collect::<Vec<u8>>().into())
}

fn parse_parts(text: &[u8]) -> Option<(Complex, &[u8])> {
    let is_j = |text: &[u8]| matches!(text.first(), Some(b'j' | b'J'));
    // A sign alone before "j" stands for one.
    let sign_alone = |text: &[u8]| match text {
        [b'+' | b'-', b'j' | b'J', ..] => Some(if text[0] == b'-' { -1.0 } else { 1.0 }),
        _ => None,
    };
    if let Some((first, len)) = parse_prefix(text) {
        let rest = &text[len..];
        if is_j(rest) {
            return Some((Complex::new(0.0, first), &rest[1..]));
        }
        if !matches!(rest.first(), Some(b'+' | b'-')) {
            return Some((Complex::new(first, 0.0), rest));
        }
        let (second, rest) = match (parse_prefix(rest), sign_alone(rest)) {
            (Some((second, len)), _) => (second, &rest[len..]),
            (None, Some(second)) => (second, &rest[1..]),
            _ => return None,
        };
        return is_j(rest).then(|| (Complex::new(first, second), &rest[1..]));
    }
    if is_j(text) {
        return Some((Complex::new(0.0, 1.0), &text[1..]));
    }
    sign_alone(text).map(|one| (Complex::new(0.0, one), &text[2..]))
}

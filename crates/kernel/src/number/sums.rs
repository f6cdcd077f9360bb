//! Sums that lose nothing on the way: `fsum`, `sumprod`, the Euclidean norm, and the compensated sum of `sum`.

use super::NumberError;
use super::float_ops::{frexp, ldexp};

/// `math.fsum`: the exact sum of what is pushed, rounded once.
#[derive(Debug, Default)]
pub struct ExactSum {
    /// Parts that do not overlap, increasing in magnitude; their sum is exact.
    partials: Vec<f64>,
    special: f64,
    infinite: f64,
}

impl ExactSum {
    /// Adds a term. Fails if the sum of finite terms overflows on the way.
    pub fn push(&mut self, term: f64) -> Result<(), NumberError> {
        let mut x = term;
        let mut kept = 0;
        for i in 0..self.partials.len() {
            let mut y = self.partials[i];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                self.partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.partials.truncate(kept);
        if x != 0.0 {
            if !x.is_finite() {
                if term.is_finite() {
                    return Err(NumberError::Overflow);
                }
                if term.is_infinite() {
                    self.infinite += term;
                }
                self.special += term;
                self.partials.clear();
            } else {
                self.partials.push(x);
            }
        }
        Ok(())
    }

    /// The sum. Infinities of both signs have none.
    pub fn finish(self) -> Result<f64, NumberError> {
        if self.special != 0.0 {
            return if self.infinite.is_nan() { Err(NumberError::Domain) } else { Ok(self.special) };
        }
        let mut rest = self.partials.iter().rev().copied();
        let Some(mut high) = rest.next() else { return Ok(0.0) };
        let mut low = 0.0;
        for y in rest.by_ref() {
            let x = high;
            high = x + y;
            low = y - (high - x);
            if low != 0.0 {
                break;
            }
        }
        // A tie was decided without the parts below; they may turn it.
        if let Some(next) = rest.next()
            && ((low < 0.0 && next < 0.0) || (low > 0.0 && next > 0.0))
        {
            let y = low * 2.0;
            let x = high + y;
            if y == x - high {
                high = x;
            }
        }
        Ok(high)
    }
}

/// The compensated sum that `sum` makes of floats.
#[derive(Debug, Clone, Copy, Default)]
pub struct CompensatedSum {
    high: f64,
    low: f64,
}

impl CompensatedSum {
    /// A sum that starts at a value.
    pub fn new(start: f64) -> CompensatedSum {
        CompensatedSum { high: start, low: 0.0 }
    }

    /// Adds a term.
    #[inline]
    pub fn push(&mut self, x: f64) {
        let sum = self.high + x;
        self.low += if self.high.abs() >= x.abs() { (self.high - sum) + x } else { (x - sum) + self.high };
        self.high = sum;
    }

    /// The sum.
    pub fn finish(self) -> f64 {
        if self.low != 0.0 && self.low.is_finite() { self.high + self.low } else { self.high }
    }
}

/// A value and the error made in it.
#[derive(Clone, Copy)]
struct Double {
    high: f64,
    low: f64,
}

fn fast_sum(a: f64, b: f64) -> Double {
    let high = a + b;
    Double { high, low: (a - high) + b }
}

fn exact_sum(a: f64, b: f64) -> Double {
    let high = a + b;
    let z = high - a;
    Double { high, low: (a - (high - z)) + (b - z) }
}

fn exact_product(x: f64, y: f64) -> Double {
    let high = x * y;
    Double { high, low: x.mul_add(y, -high) }
}

/// The sum of products of floats, kept in three parts.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProductSum {
    high: f64,
    low: f64,
    tiny: f64,
}

impl ProductSum {
    /// Adds `x * y`.
    pub fn push(&mut self, x: f64, y: f64) {
        let product = exact_product(x, y);
        let sum = exact_sum(self.high, product.high);
        let r1 = exact_sum(self.low, product.low);
        let r2 = exact_sum(r1.high, sum.low);
        *self = ProductSum { high: sum.high, low: r2.high, tiny: self.tiny + r1.low + r2.low };
    }

    /// The sum.
    pub fn finish(self) -> f64 {
        let last = exact_sum(self.low, self.tiny);
        let total = exact_sum(self.high, last.high);
        let _ = total.low;
        total.high
    }

    /// Whether everything so far was finite.
    pub fn is_finite(self) -> bool {
        self.high.is_finite()
    }
}

/// The length of a vector: `math.hypot` and `math.dist`. The parts are changed on the way.
pub fn norm(parts: &mut [f64]) -> f64 {
    let mut largest = 0.0f64;
    let mut nan = false;
    for part in parts.iter_mut() {
        *part = part.abs();
        nan |= part.is_nan();
        if *part > largest {
            largest = *part;
        }
    }
    if largest.is_infinite() {
        return largest;
    }
    if nan {
        return f64::NAN;
    }
    if largest == 0.0 || parts.len() <= 1 {
        return largest;
    }
    let (_, exponent) = frexp(largest);
    if exponent < -1023 {
        // The scale would overflow: bring everything up first.
        parts.iter_mut().for_each(|part| *part /= f64::MIN_POSITIVE);
        return f64::MIN_POSITIVE * norm(parts);
    }
    let scale = ldexp(1.0, -i64::from(exponent));
    let (mut sum, mut low1, mut low2) = (1.0, 0.0, 0.0);
    for &part in parts.iter() {
        let x = part * scale;
        let product = exact_product(x, x);
        let total = fast_sum(sum, product.high);
        sum = total.high;
        low1 += product.low;
        low2 += total.low;
    }
    let mut root = (sum - 1.0 + (low1 + low2)).sqrt();
    // One step of Newton's, with the error known exactly.
    let product = exact_product(-root, root);
    let total = fast_sum(sum, product.high);
    sum = total.high;
    low1 += product.low;
    low2 += total.low;
    let x = sum - 1.0 + (low1 + low2);
    root += x / (2.0 * root);
    root / scale
}

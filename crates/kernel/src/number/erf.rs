//! The error functions, by the rational approximations of Sun's fdlibm (their numbers are below), evaluated in pairs
//! as the GNU C library does, so that the last bit is the same.

#![expect(clippy::excessive_precision, reason = "the numbers are given as they were published")]

/// erf(1), nearly.
const ERF_ONE: f64 = 8.45062911510467529297e-01;
/// 2/sqrt(pi) - 1.
const SLOPE: f64 = 1.28379167095512586316e-01;

// For |x| < 0.84375: erf(x) = x + x P(x²)/Q(x²).
const NEAR_P: [f64; 5] = [
    1.28379167095512558561e-01,
    -3.25042107247001499370e-01,
    -2.84817495755985104766e-02,
    -5.77027029648944159157e-03,
    -2.37630166566501626084e-05,
];
const NEAR_Q: [f64; 6] = [
    1.0,
    3.97917223959155352819e-01,
    6.50222499887672944485e-02,
    5.08130628187576562776e-03,
    1.32494738004321644526e-04,
    -3.96022827877536812320e-06,
];
// For |x| in 0.84375..1.25: erf(x) = erf(1) + P(|x|-1)/Q(|x|-1).
const ONE_P: [f64; 7] = [
    -2.36211856075265944077e-03,
    4.14856118683748331666e-01,
    -3.72207876035701323847e-01,
    3.18346619901161753674e-01,
    -1.10894694282396677476e-01,
    3.54783043256182359371e-02,
    -2.16637559486879084300e-03,
];
const ONE_Q: [f64; 7] = [
    1.0,
    1.06420880400844228286e-01,
    5.40397917702171048937e-01,
    7.18286544141962662868e-02,
    1.26171219808761642112e-01,
    1.36370839120290507362e-02,
    1.19844998467991074170e-02,
];
// For |x| in 1.25..2.857: erfc(x) = exp(-x² - 0.5625 + P(1/x²)/Q(1/x²)) / x.
const MIDDLE_P: [f64; 8] = [
    -9.86494403484714822705e-03,
    -6.93858572707181764372e-01,
    -1.05586262253232909814e+01,
    -6.23753324503260060396e+01,
    -1.62396669462573470355e+02,
    -1.84605092906711035994e+02,
    -8.12874355063065934246e+01,
    -9.81432934416914548592e+00,
];
const MIDDLE_Q: [f64; 9] = [
    1.0,
    1.96512716674392571292e+01,
    1.37657754143519042600e+02,
    4.34565877475229228821e+02,
    6.45387271733267880336e+02,
    4.29008140027567833386e+02,
    1.08635005541779435134e+02,
    6.57024977031928170135e+00,
    -6.04244152148580987438e-02,
];
// Beyond.
const FAR_P: [f64; 7] = [
    -9.86494292470009928597e-03,
    -7.99283237680523006574e-01,
    -1.77579549177547519889e+01,
    -1.60636384855821916062e+02,
    -6.37566443368389627722e+02,
    -1.02509513161107724954e+03,
    -4.83519191608651397019e+02,
];
const FAR_Q: [f64; 8] = [
    1.0,
    3.03380607434824582924e+01,
    3.25792512996573918826e+02,
    1.53672958608443695994e+03,
    3.19985821950859553908e+03,
    2.55305040643316442583e+03,
    4.74528541206955367215e+02,
    -2.24409524465858183362e+01,
];

/// A polynomial, two terms at a time.
fn polynomial(coefficients: &[f64], z: f64) -> f64 {
    let (z2, mut power, mut sum) = (z * z, 1.0, 0.0);
    for (i, pair) in coefficients.chunks(2).enumerate() {
        let term = match pair {
            [a, b] => a + z * b,
            _ => pair[0],
        };
        if i == 0 {
            sum = term;
        } else {
            // z⁸ is the square of z⁴; the others come one from the other.
            power = match i {
                1 => z2,
                4 => (z2 * z2) * (z2 * z2),
                _ => power * z2,
            };
            sum += power * term;
        }
    }
    sum
}

fn ratio(p: &[f64], q: &[f64], z: f64) -> f64 {
    polynomial(p, z) / polynomial(q, z)
}

/// erfc(x) x for x of 1.25 and more.
fn tail(x: f64, far: bool) -> f64 {
    let s = 1.0 / (x * x);
    let exponent = if far { ratio(&FAR_P, &FAR_Q, s) } else { ratio(&MIDDLE_P, &MIDDLE_Q, s) };
    // The square is made of an exact part and a small one.
    let z = f64::from_bits(x.to_bits() & 0xffff_ffff_0000_0000);
    (-z * z - 0.5625).exp() * ((z - x) * (z + x) + exponent).exp()
}

/// Where the middle range ends.
const MIDDLE_END: f64 = 1.0 / 0.35;

/// `math.erf`.
pub fn erf(x: f64) -> f64 {
    let abs = x.abs();
    if x.is_nan() {
        return x;
    }
    if abs < 0.84375 {
        if abs < f64::from_bits(0x0080_0000_0000_0000) {
            return 0.0625 * (16.0 * x + (16.0 * SLOPE) * x);
        }
        if abs < 1.0 / (1u64 << 28) as f64 {
            return x + SLOPE * x;
        }
        return x + x * ratio(&NEAR_P, &NEAR_Q, x * x);
    }
    let result = if abs < 1.25 {
        ERF_ONE + ratio(&ONE_P, &ONE_Q, abs - 1.0)
    } else if abs >= 6.0 {
        1.0
    } else {
        1.0 - tail(abs, abs >= MIDDLE_END) / abs
    };
    result.copysign(x)
}

/// `math.erfc`.
pub fn erfc(x: f64) -> f64 {
    let abs = x.abs();
    if x.is_nan() {
        return x;
    }
    if abs < 0.84375 {
        if abs < f64::from_bits(0x3c70_0000_0000_0000) {
            return 1.0 - x;
        }
        let y = ratio(&NEAR_P, &NEAR_Q, x * x);
        if x < 0.25 {
            return 1.0 - (x + x * y);
        }
        return 0.5 - (x * y + (x - 0.5));
    }
    if abs < 1.25 {
        let part = ratio(&ONE_P, &ONE_Q, abs - 1.0);
        return if x > 0.0 { 1.0 - ERF_ONE - part } else { 1.0 + (ERF_ONE + part) };
    }
    if abs >= 28.0 || x <= -6.0 {
        return if x > 0.0 { 0.0 } else { 2.0 };
    }
    let part = tail(abs, abs >= MIDDLE_END) / abs;
    if x > 0.0 { part } else { 2.0 - part }
}

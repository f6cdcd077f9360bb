//! Values of complex functions where an argument is infinite or not a number.
//!
//! Rows are the real part (or radius), columns the imaginary part (or angle), each in the order of [`index`]. Entries
//! for finite arguments are not used.

use std::f64::consts::{FRAC_PI_2 as PI_2, FRAC_PI_4 as PI_4, PI};

pub(super) type Table = [[(f64, f64); 7]; 7];

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;
const N: (f64, f64) = (NAN, NAN);
const PI_34: f64 = 0.75 * PI;

/// Negative infinity, negative, -0, 0, positive, infinity, not a number.
pub(super) fn index(x: f64) -> usize {
    if x.is_nan() {
        6
    } else if x.is_infinite() {
        if x > 0.0 { 5 } else { 0 }
    } else if x == 0.0 {
        if x.is_sign_negative() { 2 } else { 3 }
    } else if x > 0.0 {
        4
    } else {
        1
    }
}

pub(super) const ACOS: Table = [
    [(PI_34, INF), (PI, INF), (PI, INF), (PI, -INF), (PI, -INF), (PI_34, -INF), (NAN, INF)],
    [(PI_2, INF), N, N, N, N, (PI_2, -INF), N],
    [(PI_2, INF), N, N, N, N, (PI_2, -INF), (PI_2, NAN)],
    [(PI_2, INF), N, N, N, N, (PI_2, -INF), (PI_2, NAN)],
    [(PI_2, INF), N, N, N, N, (PI_2, -INF), N],
    [(PI_4, INF), (0.0, INF), (0.0, INF), (0.0, -INF), (0.0, -INF), (PI_4, -INF), (NAN, INF)],
    [(NAN, INF), N, N, N, N, (NAN, -INF), N],
];

pub(super) const ACOSH: Table = [
    [(INF, -PI_34), (INF, -PI), (INF, -PI), (INF, PI), (INF, PI), (INF, PI_34), (INF, NAN)],
    [(INF, -PI_2), N, N, N, N, (INF, PI_2), N],
    [(INF, -PI_2), N, N, N, N, (INF, PI_2), (NAN, PI_2)],
    [(INF, -PI_2), N, N, N, N, (INF, PI_2), (NAN, PI_2)],
    [(INF, -PI_2), N, N, N, N, (INF, PI_2), N],
    [(INF, -PI_4), (INF, -0.0), (INF, -0.0), (INF, 0.0), (INF, 0.0), (INF, PI_4), (INF, NAN)],
    [(INF, NAN), N, N, N, N, (INF, NAN), N],
];

pub(super) const ASINH: Table = [
    [(-INF, -PI_4), (-INF, -0.0), (-INF, -0.0), (-INF, 0.0), (-INF, 0.0), (-INF, PI_4), (-INF, NAN)],
    [(-INF, -PI_2), N, N, N, N, (-INF, PI_2), N],
    [(-INF, -PI_2), N, N, N, N, (-INF, PI_2), N],
    [(INF, -PI_2), N, N, N, N, (INF, PI_2), N],
    [(INF, -PI_2), N, N, N, N, (INF, PI_2), N],
    [(INF, -PI_4), (INF, -0.0), (INF, -0.0), (INF, 0.0), (INF, 0.0), (INF, PI_4), (INF, NAN)],
    [(INF, NAN), N, (NAN, -0.0), (NAN, 0.0), N, (INF, NAN), N],
];

pub(super) const ATANH: Table = [
    [(-0.0, -PI_2), (-0.0, -PI_2), (-0.0, -PI_2), (-0.0, PI_2), (-0.0, PI_2), (-0.0, PI_2), (-0.0, NAN)],
    [(-0.0, -PI_2), N, N, N, N, (-0.0, PI_2), N],
    [(-0.0, -PI_2), N, N, N, N, (-0.0, PI_2), (-0.0, NAN)],
    [(0.0, -PI_2), N, N, N, N, (0.0, PI_2), (0.0, NAN)],
    [(0.0, -PI_2), N, N, N, N, (0.0, PI_2), N],
    [(0.0, -PI_2), (0.0, -PI_2), (0.0, -PI_2), (0.0, PI_2), (0.0, PI_2), (0.0, PI_2), (0.0, NAN)],
    [(0.0, -PI_2), N, N, N, N, (0.0, PI_2), N],
];

pub(super) const COSH: Table = [
    [N, (-INF, INF), (INF, 0.0), (INF, -0.0), (-INF, -INF), N, (INF, NAN)],
    [N, N, N, N, N, N, N],
    [N, N, N, N, N, N, (NAN, 0.0)],
    [N, N, N, N, N, N, (NAN, 0.0)],
    [N, N, N, N, N, N, N],
    [N, (-INF, -INF), (INF, -0.0), (INF, 0.0), (-INF, INF), N, (INF, NAN)],
    [N, N, (NAN, 0.0), (NAN, 0.0), N, N, N],
];

pub(super) const EXP: Table = [
    [(0.0, 0.0), (-0.0, -0.0), (0.0, -0.0), (0.0, 0.0), (-0.0, 0.0), (0.0, 0.0), (0.0, 0.0)],
    [N, N, N, N, N, N, N],
    [N, N, N, N, N, N, N],
    [N, N, N, N, N, N, N],
    [N, N, N, N, N, N, N],
    [N, (-INF, -INF), (INF, -0.0), (INF, 0.0), (-INF, INF), N, (INF, NAN)],
    [N, N, (NAN, -0.0), (NAN, 0.0), N, N, N],
];

pub(super) const LOG: Table = [
    [(INF, -PI_34), (INF, -PI), (INF, -PI), (INF, PI), (INF, PI), (INF, PI_34), (INF, NAN)],
    [(INF, -PI_2), N, N, N, N, (INF, PI_2), N],
    [(INF, -PI_2), N, N, N, N, (INF, PI_2), N],
    [(INF, -PI_2), N, N, N, N, (INF, PI_2), N],
    [(INF, -PI_2), N, N, N, N, (INF, PI_2), N],
    [(INF, -PI_4), (INF, -0.0), (INF, -0.0), (INF, 0.0), (INF, 0.0), (INF, PI_4), (INF, NAN)],
    [(INF, NAN), N, N, N, N, (INF, NAN), N],
];

pub(super) const SINH: Table = [
    [N, (INF, -INF), (-INF, -0.0), (-INF, 0.0), (INF, INF), N, (INF, NAN)],
    [N, N, N, N, N, N, N],
    [N, N, N, N, N, N, (0.0, NAN)],
    [N, N, N, N, N, N, (0.0, NAN)],
    [N, N, N, N, N, N, N],
    [N, (-INF, -INF), (INF, -0.0), (INF, 0.0), (-INF, INF), N, (INF, NAN)],
    [N, N, (NAN, -0.0), (NAN, 0.0), N, N, N],
];

pub(super) const SQRT: Table = [
    [(INF, -INF), (0.0, -INF), (0.0, -INF), (0.0, INF), (0.0, INF), (INF, INF), (NAN, INF)],
    [(INF, -INF), N, N, N, N, (INF, INF), N],
    [(INF, -INF), N, N, N, N, (INF, INF), N],
    [(INF, -INF), N, N, N, N, (INF, INF), N],
    [(INF, -INF), N, N, N, N, (INF, INF), N],
    [(INF, -INF), (INF, -0.0), (INF, -0.0), (INF, 0.0), (INF, 0.0), (INF, INF), (INF, NAN)],
    [(INF, -INF), N, N, N, N, (INF, INF), N],
];

pub(super) const TANH: Table = [
    [(-1.0, 0.0), (-1.0, 0.0), (-1.0, -0.0), (-1.0, 0.0), (-1.0, -0.0), (-1.0, 0.0), (-1.0, 0.0)],
    [N, N, N, N, N, N, N],
    [N, N, N, N, N, N, (-0.0, NAN)],
    [N, N, N, N, N, N, (0.0, NAN)],
    [N, N, N, N, N, N, N],
    [(1.0, 0.0), (1.0, 0.0), (1.0, -0.0), (1.0, 0.0), (1.0, -0.0), (1.0, 0.0), (1.0, 0.0)],
    [N, N, (NAN, -0.0), (NAN, 0.0), N, N, N],
];

pub(super) const RECT: Table = [
    [N, (INF, INF), (-INF, 0.0), (-INF, -0.0), (INF, -INF), N, (INF, NAN)],
    [N, N, N, N, N, N, N],
    [(0.0, 0.0), N, N, N, N, (0.0, 0.0), (0.0, 0.0)],
    [(0.0, 0.0), N, N, N, N, (0.0, 0.0), (0.0, 0.0)],
    [N, N, N, N, N, N, N],
    [N, (-INF, -INF), (INF, -0.0), (INF, 0.0), (-INF, INF), N, (INF, NAN)],
    [N, N, (NAN, 0.0), (NAN, 0.0), N, N, N],
];

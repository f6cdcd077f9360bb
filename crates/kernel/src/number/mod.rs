//! Arithmetic of numbers as Python defines it: integers of any size and floats, their texts, conversions between them,
//! and the functions that `math` and `cmath` are made of.
//!
//! Integers that fit a machine word are the callers' to handle; here they are [`Integer`] only where text or floats
//! become integers.

pub mod cmath;
pub mod complex;
pub mod erf;
pub mod float_ops;
pub mod float_text;
pub mod gamma;
pub mod hex_float;
pub mod int_bytes;
pub mod int_ops;
pub mod int_text;
pub mod math;
pub mod sums;
#[cfg(test)]
mod tests;

use dashu_int::IBig;

/// An integer: small ones as such, others big.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integer {
    /// Fits 64 bits.
    Small(i64),
    /// Does not.
    Big(IBig),
}

impl From<i64> for Integer {
    fn from(value: i64) -> Integer {
        Integer::Small(value)
    }
}

impl From<IBig> for Integer {
    fn from(value: IBig) -> Integer {
        match i64::try_from(&value) {
            Ok(small) => Integer::Small(small),
            Err(_) => Integer::Big(value),
        }
    }
}

impl From<Integer> for IBig {
    fn from(value: Integer) -> IBig {
        match value {
            Integer::Small(small) => IBig::from(small),
            Integer::Big(big) => big,
        }
    }
}

/// What can go wrong in arithmetic; the caller words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberError {
    /// Division by zero.
    ZeroDivision,
    /// The result does not fit.
    Overflow,
    /// The function has no value there.
    Domain,
    /// The result would need more memory than there may be.
    Memory,
}

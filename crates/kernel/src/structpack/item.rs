//! Packing and unpacking single values.

use super::format::Item;
use super::half::{half_from_bits, half_to_bits};
use crate::number::complex::Complex;

/// A value to pack, already of the kind the item needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Packed<'a> {
    /// An integer, or nothing if it is beyond 128 bits.
    Int(Option<i128>),
    /// A float.
    Float(f64),
    /// A complex number.
    Complex(Complex),
    /// A truth value.
    Bool(bool),
    /// Bytes, for `c`, `s` and `p`.
    Bytes(&'a [u8]),
}

/// A value unpacked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unpacked<'a> {
    /// An integer.
    Int(i64),
    /// An integer without sign.
    Unsigned(u64),
    /// A float.
    Float(f64),
    /// A complex number.
    Complex(Complex),
    /// A truth value.
    Bool(bool),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// Why a value cannot be packed: the texts of `struct.error` and OverflowError.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackError {
    /// `struct.error`.
    Struct(String),
    /// OverflowError.
    Overflow(&'static str),
    /// The value is of another kind than the item: the caller's mistake.
    Kind,
}

/// The bounds of an integer item.
fn bounds(item: &Item) -> Option<(i128, i128)> {
    let bits = 8 * item.size as u32;
    match item.code {
        b'b' | b'h' | b'i' | b'l' | b'q' | b'n' => Some((-(1 << (bits - 1)), (1 << (bits - 1)) - 1)),
        b'B' | b'H' | b'I' | b'L' | b'Q' | b'N' | b'P' => Some((0, (1 << bits) - 1)),
        _ => None,
    }
}

fn put(out: &mut [u8], bytes: [u8; 8], big_endian: bool) {
    let size = out.len().min(8);
    out.copy_from_slice(&bytes[..size]);
    if big_endian {
        out.reverse();
    }
}

fn put_float(out: &mut [u8], x: f64, size: usize, big_endian: bool) -> Result<(), PackError> {
    let bits = match size {
        2 => u64::from(half_to_bits(x).ok_or(PackError::Overflow("float too large to pack with e format"))?),
        4 => {
            let narrow = narrow(x);
            if narrow.is_infinite() && x.is_finite() {
                return Err(PackError::Overflow("float too large to pack with f format"));
            }
            u64::from(narrow.to_bits())
        }
        _ => x.to_bits(),
    };
    put(out, bits.to_le_bytes(), big_endian);
    Ok(())
}

/// To single precision; a NaN keeps what it can of its payload.
fn narrow(x: f64) -> f32 {
    if x.is_nan() {
        let bits = x.to_bits();
        let payload = (bits >> 29 & 0x7f_ffff) as u32;
        let payload = if payload == 0 { 0x40_0000 } else { payload };
        return f32::from_bits((bits >> 32) as u32 & 0x8000_0000 | 0x7f80_0000 | payload);
    }
    x as f32
}

/// To double precision; a NaN keeps its payload.
fn widen(x: f32) -> f64 {
    if x.is_nan() {
        let bits = u64::from(x.to_bits());
        return f64::from_bits((bits & 0x8000_0000) << 32 | 0x7ff << 52 | (bits & 0x7f_ffff) << 29);
    }
    f64::from(x)
}

/// Packs one value of an item to `out`, which has the item's size.
pub fn pack(item: &Item, big_endian: bool, value: Packed<'_>, out: &mut [u8]) -> Result<(), PackError> {
    match (item.code, value) {
        (b'?', Packed::Bool(truth)) => out.fill(u8::from(truth)),
        (b'e' | b'f' | b'd', Packed::Float(x)) => put_float(out, x, item.size, big_endian)?,
        (b'F' | b'D', Packed::Complex(z)) => {
            let half = item.size / 2;
            let (re, im) = out.split_at_mut_checked(half).ok_or(PackError::Kind)?;
            put_float(re, z.re, half, big_endian)?;
            put_float(im, z.im, half, big_endian)?;
        }
        (b'c', Packed::Bytes(&[byte])) => out.fill(byte),
        (b'c', Packed::Bytes(_)) => {
            return Err(PackError::Struct("char format requires a bytes object of length 1".into()));
        }
        (b's', Packed::Bytes(bytes)) => {
            let taken = bytes.len().min(out.len());
            out[..taken].copy_from_slice(&bytes[..taken]);
            out[taken..].fill(0);
        }
        (b'p', Packed::Bytes(bytes)) => {
            let Some((length, rest)) = out.split_first_mut() else { return Ok(()) };
            let taken = bytes.len().min(rest.len());
            *length = taken.min(255) as u8;
            rest[..taken].copy_from_slice(&bytes[..taken]);
            rest[taken..].fill(0);
        }
        (code, Packed::Int(value)) => {
            let (low, high) = bounds(item).ok_or(PackError::Kind)?;
            let Some(value) = value.filter(|value| (low..=high).contains(value)) else {
                return Err(PackError::Struct(if code == b'P' {
                    "int too large to convert".into()
                } else {
                    format!("'{}' format requires {low} <= number <= {high}", char::from(code))
                }));
            };
            put(out, (value as u64).to_le_bytes(), big_endian);
        }
        _ => return Err(PackError::Kind),
    }
    Ok(())
}

fn get(bytes: &[u8], big_endian: bool) -> u64 {
    let push = |value: u64, &byte: &u8| value << 8 | u64::from(byte);
    if big_endian { bytes.iter().fold(0, push) } else { bytes.iter().rev().fold(0, push) }
}

fn get_float(bytes: &[u8], big_endian: bool) -> f64 {
    let bits = get(bytes, big_endian);
    match bytes.len() {
        2 => half_from_bits(bits as u16),
        4 => widen(f32::from_bits(bits as u32)),
        _ => f64::from_bits(bits),
    }
}

/// Unpacks one value of an item from its bytes.
pub fn unpack<'a>(item: &Item, big_endian: bool, bytes: &'a [u8]) -> Unpacked<'a> {
    match item.code {
        b'?' => Unpacked::Bool(bytes.iter().any(|&b| b != 0)),
        b'e' | b'f' | b'd' => Unpacked::Float(get_float(bytes, big_endian)),
        b'F' | b'D' => {
            let (re, im) = bytes.split_at(bytes.len() / 2);
            Unpacked::Complex(Complex::new(get_float(re, big_endian), get_float(im, big_endian)))
        }
        b'c' | b's' => Unpacked::Bytes(bytes),
        b'p' => Unpacked::Bytes(match bytes.split_first() {
            Some((&length, rest)) => &rest[..rest.len().min(usize::from(length))],
            None => bytes,
        }),
        b'b' | b'h' | b'i' | b'l' | b'q' | b'n' => {
            let unused = 64 - 8 * bytes.len().clamp(1, 8) as u32;
            Unpacked::Int((get(bytes, big_endian) << unused) as i64 >> unused)
        }
        _ => Unpacked::Unsigned(get(bytes, big_endian)),
    }
}

//! Operations on constants as the interpreter would do them. `None` means: leave it to run time, because it raises,
//! warns, or would make a constant too large.

use std::collections::HashSet;
use std::rc::Rc;

use dashu_int::IBig;
use dashu_int::ops::{Abs, BitTest};
use oriel_bytecode::oparg::BinaryOperator;
use oriel_bytecode::{Constant, Opcode, Text};

const MAX_INT_BITS: usize = 128;
const MAX_COLLECTION_SIZE: usize = 256;
const MAX_STR_SIZE: usize = 4096;
const MAX_TOTAL_ITEMS: i64 = 1024;

/// A frozen set of constants, equal ones (`1`, `1.0`, `True`) taken once; no NaN equals another.
pub(super) fn frozen_set(items: Vec<Constant>) -> Option<Constant> {
    let mut seen = HashSet::new();
    let mut kept: Vec<Constant> = Vec::new();
    for item in items {
        if seen.insert(hash_key(&item)?) || item.has_nan() {
            kept.push(item);
        }
    }
    Some(Constant::FrozenSet(kept.into()))
}

/// A constant such that equality in Python's sense is equality of keys.
fn hash_key(item: &Constant) -> Option<Constant> {
    Some(match item {
        Constant::True => Constant::int(1),
        Constant::False => Constant::int(0),
        Constant::Float(value) => match IBig::try_from(*value) {
            // A fraction would be cut off.
            Ok(integer) if value.fract() == 0.0 => Constant::Int(integer),
            _ => Constant::Float(*value),
        },
        Constant::Complex(real, imag) if *imag == 0.0 => hash_key(&Constant::Float(*real))?,
        Constant::Tuple(items) => Constant::Tuple(items.iter().map(hash_key).collect::<Option<Rc<[_]>>>()?),
        other => other.clone(),
    })
}

/// `-x`, `+x`, `~x` or `not x`.
pub(super) fn unary(opcode: Opcode, operand: &Constant) -> Option<Constant> {
    if opcode == Opcode::UNARY_NOT {
        return Some(Constant::bool(!operand.is_true()));
    }
    match (opcode, operand) {
        // `~True` warns.
        (Opcode::UNARY_INVERT, Constant::Int(value)) => Some(Constant::Int(!value.clone())),
        (Opcode::UNARY_INVERT, _) => None,
        (Opcode::UNARY_NEGATIVE, Constant::Float(value)) => Some(Constant::Float(-value)),
        (Opcode::UNARY_NEGATIVE, Constant::Complex(real, imag)) => Some(Constant::Complex(-real, -imag)),
        (Opcode::UNARY_NEGATIVE, _) => Some(Constant::Int(-integer(operand)?)),
        (_, Constant::Float(_) | Constant::Complex(..)) => Some(operand.clone()),
        _ => Some(Constant::Int(integer(operand)?)),
    }
}

/// A binary operation.
pub(super) fn binary(left: &Constant, operator: BinaryOperator, right: &Constant) -> Option<Constant> {
    use BinaryOperator as B;
    match operator {
        B::Subscript => return subscript(left, right),
        B::Add => match (left, right) {
            (Constant::Str(a), Constant::Str(b)) => {
                return Text::from_code_points(a.code_points().chain(b.code_points())).map(Constant::Str);
            }
            (Constant::Bytes(a), Constant::Bytes(b)) => return Some(Constant::Bytes([&a[..], &b[..]].concat().into())),
            (Constant::Tuple(a), Constant::Tuple(b)) => return Some(Constant::Tuple([&a[..], &b[..]].concat().into())),
            _ => {}
        },
        B::Multiply => {
            if let Some(count) = integer(left)
                && is_sequence(right)
            {
                return repeat(right, &count);
            }
            if let Some(count) = integer(right)
                && is_sequence(left)
            {
                return repeat(left, &count);
            }
        }
        B::And | B::Or | B::Xor => {
            let truth = |constant: &Constant| match constant {
                Constant::True => Some(true),
                Constant::False => Some(false),
                _ => None,
            };
            if let (Some(a), Some(b)) = (truth(left), truth(right)) {
                return Some(Constant::bool(match operator {
                    B::And => a & b,
                    B::Or => a | b,
                    _ => a ^ b,
                }));
            }
        }
        _ => {}
    }
    if let (Some(a), Some(b)) = (integer(left), integer(right)) {
        return integers(a, operator, b);
    }
    match (left, right) {
        (Constant::Complex(..), _) | (_, Constant::Complex(..)) => complex(left, operator, right),
        _ => floats(real(left)?, operator, real(right)?),
    }
}

/// The value of an integer or bool.
fn integer(constant: &Constant) -> Option<IBig> {
    match constant {
        Constant::Int(value) => Some(value.clone()),
        Constant::True => Some(IBig::ONE),
        Constant::False => Some(IBig::ZERO),
        _ => None,
    }
}

/// The value of a float, or of an integer that is not too large for one.
fn real(constant: &Constant) -> Option<f64> {
    match constant {
        Constant::Float(value) => Some(*value),
        _ => Some(integer(constant)?.to_f64().value()).filter(|value| value.is_finite()),
    }
}

fn bits(value: &IBig) -> usize {
    value.clone().abs().bit_len()
}

fn is_sequence(constant: &Constant) -> bool {
    matches!(constant, Constant::Str(_) | Constant::Bytes(_) | Constant::Tuple(_))
}

fn repeat(sequence: &Constant, count: &IBig) -> Option<Constant> {
    let (size, limit) = match sequence {
        Constant::Str(text) => (text.len(), MAX_STR_SIZE),
        Constant::Bytes(bytes) => (bytes.len(), MAX_STR_SIZE),
        Constant::Tuple(items) => (items.len(), MAX_COLLECTION_SIZE),
        _ => return None,
    };
    if size == 0 {
        return i64::try_from(count).ok().map(|_| sequence.clone());
    }
    let count = usize::try_from(count).ok().filter(|count| *count <= limit / size)?;
    match sequence {
        Constant::Str(text) => Text::from_bytes(&text.as_bytes().repeat(count)).map(Constant::Str),
        Constant::Bytes(bytes) => Some(Constant::Bytes(bytes.repeat(count).into())),
        Constant::Tuple(items) => {
            if count > 0 && remaining_items(sequence, MAX_TOTAL_ITEMS / count as i64) < 0 {
                return None;
            }
            Some(Constant::Tuple((0..count).flat_map(|_| items.iter().cloned()).collect()))
        }
        _ => None,
    }
}

/// The limit less the items of nested tuples; negative if there are too many.
fn remaining_items(constant: &Constant, mut limit: i64) -> i64 {
    if let Constant::Tuple(items) = constant {
        limit -= items.len() as i64;
        for item in items.iter() {
            if limit < 0 {
                break;
            }
            limit = remaining_items(item, limit);
        }
    }
    limit
}

fn integers(a: IBig, operator: BinaryOperator, b: IBig) -> Option<Constant> {
    use BinaryOperator as B;
    let zero = IBig::ZERO;
    let result = match operator {
        B::Add => a + b,
        B::Subtract => a - b,
        B::Multiply => {
            if a != zero && b != zero && bits(&a) + bits(&b) > MAX_INT_BITS {
                return None;
            }
            a * b
        }
        B::TrueDivide => return true_divide(&a, &b).map(Constant::Float),
        B::FloorDivide => floor_divide(&a, &b)?.0,
        B::Remainder => floor_divide(&a, &b)?.1,
        B::Power => {
            if b < zero {
                if a == zero {
                    return None;
                }
                return floats(a.to_f64().value(), B::Power, b.to_f64().value());
            }
            let exponent = usize::try_from(&b).ok()?;
            if a != zero && exponent > 0 && bits(&a) > MAX_INT_BITS / exponent {
                return None;
            }
            if exponent == 0 {
                IBig::ONE
            } else if a == zero {
                zero
            } else {
                a.pow(exponent)
            }
        }
        B::LeftShift => {
            if b < zero {
                return None;
            }
            if a == zero {
                return Some(Constant::Int(zero));
            }
            let count = usize::try_from(&b).ok()?;
            if count > 0 && (count > MAX_INT_BITS || bits(&a) > MAX_INT_BITS - count) {
                return None;
            }
            a << count
        }
        B::RightShift => {
            if b < zero {
                return None;
            }
            match usize::try_from(&b) {
                Ok(count) if count <= bits(&a) => a >> count,
                _ if a < zero => IBig::NEG_ONE,
                _ => zero,
            }
        }
        B::And => a & b,
        B::Or => a | b,
        B::Xor => a ^ b,
        _ => return None,
    };
    Some(Constant::Int(result))
}

fn floor_divide(a: &IBig, b: &IBig) -> Option<(IBig, IBig)> {
    if *b == IBig::ZERO {
        return None;
    }
    let (mut quotient, mut remainder) = (a / b, a % b);
    if remainder != IBig::ZERO && (remainder < IBig::ZERO) != (*b < IBig::ZERO) {
        quotient -= 1;
        remainder += b;
    }
    Some((quotient, remainder))
}

/// The float nearest to the quotient of two integers.
fn true_divide(a: &IBig, b: &IBig) -> Option<f64> {
    if *b == IBig::ZERO {
        return None;
    }
    if bits(a) <= 53 && bits(b) <= 53 {
        return Some(a.to_f64().value() / b.to_f64().value());
    }
    // A quotient of at least 60 bits, its lowest one set if the division leaves a rest, rounds correctly.
    let shift = 60 + bits(b) as i64 - bits(a) as i64;
    if !(-900..=900).contains(&shift) {
        return None;
    }
    let (a, b) = if shift >= 0 { (a << shift as usize, b.clone()) } else { (a.clone(), b << -shift as usize) };
    let mut quotient = &a / &b;
    if a % b != IBig::ZERO && !quotient.clone().abs().bit(0) {
        quotient += if quotient < IBig::ZERO { -1 } else { 1 };
    }
    let result = quotient.to_f64().value() * 2f64.powi(-shift as i32);
    result.is_finite().then_some(result)
}

fn floats(a: f64, operator: BinaryOperator, b: f64) -> Option<Constant> {
    use BinaryOperator as B;
    let result = match operator {
        B::Add => a + b,
        B::Subtract => a - b,
        B::Multiply => a * b,
        B::TrueDivide if b != 0.0 => a / b,
        B::FloorDivide if b != 0.0 => float_divmod(a, b).0,
        B::Remainder if b != 0.0 => float_divmod(a, b).1,
        B::Power => {
            if a == 0.0 && b < 0.0 {
                return None;
            }
            if a < 0.0 && a.is_finite() && b.is_finite() && b != b.floor() {
                let (real, imag) = complex_power((a, 0.0), (b, 0.0))?;
                return Some(Constant::Complex(real, imag));
            }
            let result = a.powf(b);
            if result.is_infinite() && a.is_finite() && b.is_finite() {
                return None;
            }
            result
        }
        _ => return None,
    };
    Some(Constant::Float(result))
}

fn float_divmod(a: f64, b: f64) -> (f64, f64) {
    let mut remainder = a % b;
    let mut quotient = (a - remainder) / b;
    if remainder != 0.0 {
        if (b < 0.0) != (remainder < 0.0) {
            remainder += b;
            quotient -= 1.0;
        }
    } else {
        remainder = 0f64.copysign(b);
    }
    let floored = if quotient == 0.0 {
        0f64.copysign(a / b)
    } else {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    };
    (floored, remainder)
}

/// Sums, differences, products and quotients; a real operand stays real, as in C.
fn complex(left: &Constant, operator: BinaryOperator, right: &Constant) -> Option<Constant> {
    use BinaryOperator as B;
    if operator == B::Power {
        let parts = |constant: &Constant| match constant {
            Constant::Complex(real, imag) => Some((*real, *imag)),
            other => Some((real(other)?, 0.0)),
        };
        let (real, imag) = complex_power(parts(left)?, parts(right)?)?;
        return Some(Constant::Complex(real, imag));
    }
    let (real, imag) = match (left, right) {
        (Constant::Complex(a, b), Constant::Complex(c, d)) => match operator {
            B::Add => (a + c, b + d),
            B::Subtract => (a - c, b - d),
            B::Multiply => (a * c - b * d, a * d + b * c),
            B::TrueDivide => complex_quotient((*a, *b), (*c, *d))?,
            _ => return None,
        },
        (Constant::Complex(a, b), _) => {
            let c = real(right)?;
            match operator {
                B::Add => (a + c, *b),
                B::Subtract => (a - c, *b),
                B::Multiply => (a * c, b * c),
                B::TrueDivide if c != 0.0 => (a / c, b / c),
                _ => return None,
            }
        }
        (_, Constant::Complex(c, d)) => {
            let a = real(left)?;
            match operator {
                B::Add => (a + c, *d),
                B::Subtract => (a - c, -d),
                B::Multiply => (a * c, a * d),
                B::TrueDivide => complex_quotient((a, 0.0), (*c, *d))?,
                _ => return None,
            }
        }
        _ => return None,
    };
    // Products and quotients of two complex numbers may have lost an infinity; run time knows how to bring it back.
    let is_real = |constant: &Constant| !matches!(constant, Constant::Complex(..));
    let is_plain = match operator {
        B::Add | B::Subtract => true,
        B::Multiply => is_real(left) || is_real(right),
        _ => is_real(right),
    };
    (is_plain || real.is_finite() && imag.is_finite()).then_some(Constant::Complex(real, imag))
}

fn complex_product((a, b): (f64, f64), (c, d): (f64, f64)) -> (f64, f64) {
    (a * c - b * d, a * d + b * c)
}

/// By squaring for small whole exponents, else in polar form.
fn complex_power(base: (f64, f64), exponent: (f64, f64)) -> Option<(f64, f64)> {
    let result = if exponent.1 == 0.0 && exponent.0 == exponent.0.floor() && exponent.0.abs() <= 100.0 {
        let mut rest = exponent.0.abs() as u32;
        let (mut result, mut square) = ((1.0, 0.0), base);
        while rest > 0 {
            if rest & 1 != 0 {
                result = complex_product(result, square);
            }
            rest >>= 1;
            square = complex_product(square, square);
        }
        if exponent.0 > 0.0 { result } else { complex_quotient((1.0, 0.0), result)? }
    } else if base == (0.0, 0.0) {
        if exponent.1 != 0.0 || exponent.0 < 0.0 {
            return None;
        }
        (0.0, 0.0)
    } else {
        let size = base.0.hypot(base.1);
        let angle = base.1.atan2(base.0);
        let (mut length, mut phase) = (size.powf(exponent.0), angle * exponent.0);
        if exponent.1 != 0.0 {
            length *= (-angle * exponent.1).exp();
            phase += exponent.1 * size.ln();
        }
        (length * phase.cos(), length * phase.sin())
    };
    (result.0.is_finite() && result.1.is_finite()).then_some(result)
}

/// Scaled by the larger part of the divisor.
fn complex_quotient((a, b): (f64, f64), (c, d): (f64, f64)) -> Option<(f64, f64)> {
    if c == 0.0 && d == 0.0 {
        return None;
    }
    if c.abs() >= d.abs() {
        let ratio = d / c;
        let denominator = c + d * ratio;
        Some(((a + b * ratio) / denominator, (b - a * ratio) / denominator))
    } else {
        let ratio = c / d;
        let denominator = c * ratio + d;
        Some(((a * ratio + b) / denominator, (b * ratio - a) / denominator))
    }
}

fn subscript(container: &Constant, key: &Constant) -> Option<Constant> {
    let points: Vec<u32>;
    let length = match container {
        Constant::Str(text) => {
            points = text.code_points().collect();
            points.len()
        }
        Constant::Bytes(bytes) => {
            points = Vec::new();
            bytes.len()
        }
        Constant::Tuple(items) => {
            points = Vec::new();
            items.len()
        }
        _ => return None,
    };
    if let Constant::Slice(parts) = key {
        let indices = slice_indices(parts, length)?;
        return match container {
            Constant::Str(_) => {
                Text::from_code_points(indices.into_iter().filter_map(|at| points.get(at).copied())).map(Constant::Str)
            }
            Constant::Bytes(bytes) => {
                Some(Constant::Bytes(indices.into_iter().filter_map(|at| bytes.get(at).copied()).collect()))
            }
            Constant::Tuple(items) => {
                Some(Constant::Tuple(indices.into_iter().filter_map(|at| items.get(at).cloned()).collect()))
            }
            _ => None,
        };
    }
    let index = i64::try_from(&integer(key)?).ok()?;
    let index = if index < 0 { index.checked_add(length as i64)? } else { index };
    let index = usize::try_from(index).ok().filter(|index| *index < length)?;
    match container {
        Constant::Str(_) => Text::from_code_points([points[index]]).map(Constant::Str),
        Constant::Bytes(bytes) => Some(Constant::int(bytes[index])),
        Constant::Tuple(items) => Some(items[index].clone()),
        _ => None,
    }
}

fn slice_indices(parts: &[Constant; 3], length: usize) -> Option<Vec<usize>> {
    let part = |constant: &Constant| -> Option<Option<i64>> {
        match constant {
            Constant::None => Some(None),
            _ => Some(Some(i64::try_from(&integer(constant)?).ok()?)),
        }
    };
    let (start, stop, step) = (part(&parts[0])?, part(&parts[1])?, part(&parts[2])?.unwrap_or(1));
    if step == 0 || step == i64::MIN {
        return None;
    }
    let length = length as i64;
    let (lowest, highest) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let clamp = |bound: i64| (if bound < 0 { bound.saturating_add(length) } else { bound }).clamp(lowest, highest);
    let mut at = start.map_or(if step < 0 { highest } else { lowest }, clamp);
    let stop = stop.map_or(if step < 0 { lowest } else { highest }, clamp);
    let mut indices = Vec::new();
    while (step > 0 && at < stop) || (step < 0 && at > stop) {
        indices.push(at as usize);
        at = at.saturating_add(step);
    }
    Some(indices)
}

//! The operators of `int`.

use super::number::{Num, num_of};
use crate::error::PyResult;
use crate::slots::{CompareOp, Slots};
use crate::vm::Vm;
use dashu_int::IBig;
use oriel_heap::Value;
use oriel_kernel::number::int_ops::{self, div_mod_floor, div_mod_floor_i64};
use oriel_kernel::number::int_text::bit_length;
use oriel_kernel::number::{NumberError, float_ops};
use std::cell::Cell;

/// Results of more bytes than these are first asked of the allocator, so that a refusal is a MemoryError.
const LARGE: usize = 1 << 24;

/// Refuses results that memory would not hold.
fn check_room(vm: &Vm, bits: usize) -> PyResult<()> {
    let bytes = bits / 8;
    if bytes > LARGE {
        let mut room: Vec<u8> = Vec::new();
        // Computing needs room for intermediate results, too.
        if bytes.checked_mul(3).is_none_or(|bytes| room.try_reserve_exact(bytes).is_err()) {
            return Err(vm.memory_error());
        }
    }
    Ok(())
}

fn bits(number: Num<'_>) -> usize {
    match number {
        Num::Small(number) => 64 - number.unsigned_abs().leading_zeros() as usize,
        Num::Big(number) => bit_length(number),
    }
}

/// Fills the slots of `int`.
pub fn fill(slots: &Slots) {
    let set = |slot: &Cell<Option<crate::slots::BinaryFn>>, function| slot.set(Some(function));
    set(&slots.nb_add, add);
    set(&slots.nb_subtract, subtract);
    set(&slots.nb_multiply, multiply);
    set(&slots.nb_remainder, |vm, a, b| divided(vm, a, b, |vm, _, r| Ok(r(vm))));
    set(&slots.nb_floor_divide, |vm, a, b| divided(vm, a, b, |vm, q, _| Ok(q(vm))));
    set(&slots.nb_divmod, |vm, a, b| divided(vm, a, b, |vm, q, r| Ok(vm.new_tuple(&[q(vm), r(vm)]))));
    set(&slots.nb_true_divide, true_divide);
    set(&slots.nb_lshift, shift_left);
    set(&slots.nb_rshift, shift_right);
    set(&slots.nb_and, |vm, a, b| bitwise(vm, a, b, |a, b| a & b, |a, b| a & b));
    set(&slots.nb_or, |vm, a, b| bitwise(vm, a, b, |a, b| a | b, |a, b| a | b));
    set(&slots.nb_xor, |vm, a, b| bitwise(vm, a, b, |a, b| a ^ b, |a, b| a ^ b));
    slots.nb_power.set(Some(power));
    slots.nb_negative.set(Some(negative));
    slots.nb_positive.set(Some(|vm, this| Ok(vm.exact_int(this))));
    slots.nb_int.set(Some(|vm, this| Ok(vm.exact_int(this))));
    slots.nb_index.set(Some(|vm, this| Ok(vm.exact_int(this))));
    slots.nb_absolute.set(Some(|vm, this| match num_of(this) {
        Some(number) if number.is_negative() => negative(vm, this),
        _ => Ok(vm.exact_int(this)),
    }));
    slots.nb_bool.set(Some(|_, this| Ok(num_of(this).is_some_and(|number| !number.is_zero()))));
    slots.nb_invert.set(Some(invert));
    slots.nb_float.set(Some(|vm, this| match num_of(this) {
        Some(number) => Ok(vm.new_float(number.to_float(vm)?)),
        None => Ok(Value::NOT_IMPLEMENTED),
    }));
    slots.hash.set(Some(hash));
    slots.richcompare.set(Some(compare));
}

fn add(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (num_of(a), num_of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let (Num::Small(x), Num::Small(y)) = (x, y)
        && let Some(sum) = x.checked_add(y)
    {
        return Ok(vm.new_int(sum));
    }
    Ok(vm.new_big_int(x.big().as_ref() + y.big().as_ref()))
}

fn subtract(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (num_of(a), num_of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let (Num::Small(x), Num::Small(y)) = (x, y)
        && let Some(difference) = x.checked_sub(y)
    {
        return Ok(vm.new_int(difference));
    }
    Ok(vm.new_big_int(x.big().as_ref() - y.big().as_ref()))
}

fn multiply(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (num_of(a), num_of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let (Num::Small(x), Num::Small(y)) = (x, y)
        && let Some(product) = x.checked_mul(y)
    {
        return Ok(vm.new_int(product));
    }
    check_room(vm, bits(x) + bits(y))?;
    let (x, y) = (x.big(), y.big());
    Ok(vm.new_big_int(if std::ptr::eq(x.as_ref(), y.as_ref()) { x.sqr().into() } else { x.as_ref() * y.as_ref() }))
}

type Half<'a> = &'a dyn Fn(&Vm) -> Value;

/// Divides; `pick` makes the result of quotient and remainder.
fn divided(vm: &Vm, a: &Value, b: &Value, pick: fn(&Vm, Half<'_>, Half<'_>) -> PyResult) -> PyResult {
    let (Some(x), Some(y)) = (num_of(a), num_of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if y.is_zero() {
        return Err(vm.number_error(NumberError::ZeroDivision));
    }
    if let (Num::Small(x), Num::Small(y)) = (x, y)
        && let Ok((quotient, remainder)) = div_mod_floor_i64(x, y)
    {
        return pick(vm, &|vm| vm.new_int(quotient), &|vm| vm.new_int(remainder));
    }
    let result = div_mod_floor(x.big().as_ref(), y.big().as_ref());
    let (quotient, remainder) = result.map_err(|error| vm.number_error(error))?;
    let (quotient, remainder) = (Cell::new(quotient), Cell::new(remainder));
    let take = |cell: &Cell<IBig>, vm: &Vm| vm.new_big_int(cell.replace(IBig::ZERO));
    pick(vm, &|vm| take(&quotient, vm), &|vm| take(&remainder, vm))
}

/// These and all between are floats without rounding.
const LEAST: i64 = -(1 << 53);
const MOST: i64 = 1 << 53;

fn true_divide(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (num_of(a), num_of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if y.is_zero() {
        return Err(vm.number_error(NumberError::ZeroDivision));
    }
    if let (Num::Small(x @ LEAST..=MOST), Num::Small(y @ LEAST..=MOST)) = (x, y) {
        return Ok(vm.new_float(x as f64 / y as f64));
    }
    match int_ops::true_divide(x.big().as_ref(), y.big().as_ref()) {
        Ok(quotient) => Ok(vm.new_float(quotient)),
        Err(NumberError::Overflow) => Err(vm.overflow_error("integer division result too large for a float")),
        Err(error) => Err(vm.number_error(error)),
    }
}

fn power(vm: &Vm, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    let (Some(x), Some(y)) = (num_of(a), num_of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if !modulus.is_none() {
        let Some(modulus) = num_of(modulus) else { return Ok(Value::NOT_IMPLEMENTED) };
        if modulus.is_zero() {
            return Err(vm.value_error("pow() 3rd argument cannot be 0"));
        }
        return match int_ops::power_mod(x.big().as_ref(), y.big().as_ref(), modulus.big().as_ref()) {
            Ok(result) => Ok(vm.new_big_int(result)),
            Err(NumberError::Domain) => Err(vm.value_error("base is not invertible for the given modulus")),
            Err(error) => Err(vm.number_error(error)),
        };
    }
    if y.is_negative() {
        let (x, y) = (x.to_float(vm)?, y.to_float(vm)?);
        return crate::types::float::operators::power_of(vm, x, y);
    }
    let exponent = match (x, y) {
        (Num::Small(x), Num::Small(y)) => {
            if let Some(result) = u32::try_from(y).ok().and_then(|y| x.checked_pow(y)) {
                return Ok(vm.new_int(result));
            }
            y as usize
        }
        (Num::Big(_), Num::Small(y)) => y as usize,
        // Only these powers fit any memory.
        (Num::Small(base @ -1..=1), Num::Big(exponent)) => {
            let odd = exponent.trailing_zeros() == Some(0);
            return Ok(vm.new_int(if odd { base } else { base * base }));
        }
        _ => return Err(vm.memory_error()),
    };
    let size = bits(x).checked_mul(exponent);
    if !matches!(x, Num::Small(-1..=1)) {
        match size {
            Some(bits) => check_room(vm, bits)?,
            None => return Err(vm.memory_error()),
        }
    }
    let result = int_ops::power(x.big().as_ref(), exponent);
    Ok(vm.new_big_int(result.map_err(|error| vm.number_error(error))?))
}

fn negative(vm: &Vm, this: &Value) -> PyResult {
    Ok(match num_of(this) {
        Some(Num::Small(number)) => match number.checked_neg() {
            Some(number) => vm.new_int(number),
            None => vm.new_big_int(-IBig::from(number)),
        },
        Some(Num::Big(number)) => vm.new_big_int(-number),
        None => Value::NOT_IMPLEMENTED,
    })
}

fn invert(vm: &Vm, this: &Value) -> PyResult {
    Ok(match num_of(this) {
        Some(Num::Small(number)) => vm.new_int(!number),
        Some(Num::Big(number)) => vm.new_big_int(!number),
        None => Value::NOT_IMPLEMENTED,
    })
}

fn shift_left(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (num_of(a), num_of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if y.is_negative() {
        return Err(vm.value_error("negative shift count"));
    }
    if x.is_zero() {
        return Ok(Value::small(0));
    }
    let Some(count) = y.small() else { return Err(vm.overflow_error("too many digits in integer")) };
    if let Num::Small(number) = x
        && count < 63
    {
        let shifted = number << count;
        if shifted >> count == number {
            return Ok(vm.new_int(shifted));
        }
    }
    let count = count as usize;
    check_room(vm, bits(x).saturating_add(count))?;
    let result = int_ops::shift_left(x.big().as_ref(), count);
    Ok(vm.new_big_int(result.map_err(|error| vm.number_error(error))?))
}

fn shift_right(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (num_of(a), num_of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if y.is_negative() {
        return Err(vm.value_error("negative shift count"));
    }
    let count = y.small().and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
    Ok(match x {
        Num::Small(number) => vm.new_int(number >> count.min(63)),
        Num::Big(number) => vm.new_big_int(int_ops::shift_right(number, count)),
    })
}

fn bitwise(vm: &Vm, a: &Value, b: &Value, small: fn(i64, i64) -> i64, big: fn(&IBig, &IBig) -> IBig) -> PyResult {
    let (Some(x), Some(y)) = (num_of(a), num_of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let (Num::Small(x), Num::Small(y)) = (x, y) {
        return Ok(vm.new_int(small(x, y)));
    }
    Ok(vm.new_big_int(big(x.big().as_ref(), y.big().as_ref())))
}

fn hash(_: &Vm, this: &Value) -> PyResult<i64> {
    Ok(match num_of(this) {
        Some(Num::Small(number)) => oriel_kernel::hash::hash_i64(number),
        Some(Num::Big(number)) => match int_ops::hash(number) {
            -1 => -2,
            hash => hash,
        },
        None => 0,
    })
}

fn compare(_: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (num_of(a), num_of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(Value::bool(op.of(x.compare(y))))
}

/// Compares an `int` with a float, exactly; nothing for NaN.
pub fn compare_float(number: Num<'_>, x: f64) -> Option<std::cmp::Ordering> {
    match number {
        Num::Small(number) => float_ops::compare_i64(number, x),
        Num::Big(number) => float_ops::compare_int(number, x),
    }
}

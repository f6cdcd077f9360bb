//! Functions of whole numbers.

use super::index;
use oriel_kernel::number::int_ops;
use oriel_runtime::types::int::{Num, num_of};
use oriel_runtime::{Args, PyResult, Value, Vm};

/// The number of a value that `index` gave.
fn number<'a>(vm: &Vm, value: &'a Value) -> PyResult<Num<'a>> {
    num_of(value).ok_or_else(|| vm.type_error("an integer is needed"))
}

pub(super) fn gcd(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    args.no_keywords(vm, "math.gcd")?;
    fold(vm, args.values, 0, |vm, a, b| {
        let (a, b) = (number(vm, a)?, number(vm, b)?);
        if let (Num::Small(a), Num::Small(b)) = (a, b) {
            return Ok(vm.new_uint(int_ops::gcd_u64(a.unsigned_abs(), b.unsigned_abs())));
        }
        Ok(vm.new_big_int(int_ops::gcd(a.big().as_ref(), b.big().as_ref())))
    })
}

pub(super) fn lcm(vm: &Vm, _: &Value, args: Args<'_>) -> PyResult {
    args.no_keywords(vm, "math.lcm")?;
    fold(vm, args.values, 1, |vm, a, b| {
        Ok(vm.new_big_int(int_ops::lcm(number(vm, a)?.big().as_ref(), number(vm, b)?.big().as_ref())))
    })
}

fn fold(vm: &Vm, values: &[Value], empty: i32, pair: fn(&Vm, &Value, &Value) -> PyResult) -> PyResult {
    let Some((first, rest)) = values.split_first() else { return Ok(Value::small(empty)) };
    let mut result = vm.absolute(&index(vm, first)?)?;
    for value in rest {
        result = pair(vm, &result, &index(vm, value)?)?;
    }
    Ok(result)
}

pub(super) fn isqrt(vm: &Vm, _: &Value, n: &Value) -> PyResult {
    let n = index(vm, n)?;
    match number(vm, &n)? {
        Num::Small(n) if n >= 0 => Ok(vm.new_int(n.isqrt())),
        n => match int_ops::isqrt(n.big().as_ref()) {
            Ok(root) => Ok(vm.new_big_int(root)),
            Err(_) => Err(vm.value_error("isqrt() argument must be nonnegative")),
        },
    }
}

pub(super) fn factorial(vm: &Vm, _: &Value, n: &Value) -> PyResult {
    let n = index(vm, n)?;
    match number(vm, &n)? {
        n if n.is_negative() => Err(vm.value_error("factorial() not defined for negative values")),
        Num::Small(n) => {
            check_room(vm, n as u64, n as u64)?;
            Ok(vm.new_big_int(int_ops::factorial(n as u64)))
        }
        Num::Big(_) => Err(vm.overflow_error(format!("factorial() argument should not exceed {}", i64::MAX))),
    }
}

/// Refuses products of `count` factors up to `largest` that memory would not hold.
fn check_room(vm: &Vm, largest: u64, count: u64) -> PyResult<()> {
    let bits = u64::from(64 - largest.leading_zeros());
    let bytes = bits.saturating_mul(count) / 8;
    if bytes > 1 << 26 {
        let mut room: Vec<u8> = Vec::new();
        if usize::try_from(bytes).is_err() || room.try_reserve_exact(bytes as usize).is_err() || bytes > 1 << 36 {
            return Err(vm.memory_error());
        }
    }
    Ok(())
}

pub(super) fn perm(vm: &Vm, module: &Value, args: &[Value]) -> PyResult {
    let k = match args.get(1) {
        Some(k) if !k.is_none() => k,
        _ => return factorial(vm, module, &args[0]),
    };
    let (n, k) = (index(vm, &args[0])?, index(vm, k)?);
    let (n, k) = (number(vm, &n)?, number(vm, &k)?);
    if n.is_negative() {
        return Err(vm.value_error("n must be a non-negative integer"));
    }
    if k.is_negative() {
        return Err(vm.value_error("k must be a non-negative integer"));
    }
    if n.compare(k).is_lt() {
        return Ok(Value::small(0));
    }
    let Some(k) = k.small() else {
        return Err(vm.overflow_error(format!("k must not exceed {}", i64::MAX)));
    };
    check_room(vm, n.small().map_or(u64::MAX, |n| n as u64), k as u64)?;
    Ok(vm.new_big_int(int_ops::permutations(n.big().as_ref(), k as u64)))
}

pub(super) fn comb(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let (n, k) = (index(vm, &args[0])?, index(vm, &args[1])?);
    let (n, k) = (number(vm, &n)?, number(vm, &k)?);
    if n.is_negative() {
        return Err(vm.value_error("n must be a non-negative integer"));
    }
    if k.is_negative() {
        return Err(vm.value_error("k must be a non-negative integer"));
    }
    if n.compare(k).is_lt() {
        return Ok(Value::small(0));
    }
    let rest = vm.new_big_int(n.big().as_ref() - k.big().as_ref());
    let rest = number(vm, &rest)?;
    let fewer = if rest.compare(k).is_lt() { rest } else { k };
    let Some(fewer) = fewer.small() else {
        return Err(vm.overflow_error(format!("min(n - k, k) must not exceed {}", i64::MAX)));
    };
    check_room(vm, n.small().map_or(u64::MAX, |n| n as u64), fewer as u64)?;
    Ok(vm.new_big_int(int_ops::combinations(n.big().as_ref(), fewer as u64)))
}

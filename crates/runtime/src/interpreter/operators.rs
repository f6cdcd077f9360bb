//! Instructions that are operators: arithmetic, comparison, truth.

use super::activation::{Activation, Flow};
use super::dunders::{comparison_of, operator_of};
use crate::arithmetic::BinaryOp;
use crate::error::PyResult;
use crate::lowered::{FIRST_CONSTANT, Instruction, Op, flag};
use crate::slots::CompareOp;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::Value;

/// Both operands as floats, if both are immediate floats.
#[inline(always)]
pub(super) fn both_floats(a: &Value, b: &Value) -> Option<(f64, f64)> {
    if a.is_immediate_float() && b.is_immediate_float() {
        Some((a.float_unchecked(), b.float_unchecked()))
    } else {
        None
    }
}

macro_rules! arithmetic {
    ($($name:ident, $small:expr, $float:expr;)*) => {
        impl Activation<'_> {
            $(#[inline(always)]
            pub(super) fn $name(&mut self, i: Instruction) -> Flow {
                let (a, b) = (self.operand(i.b()), self.operand(i.c()));
                let small: fn(&Value, &Value) -> Option<Value> = $small;
                if let Some(result) = small(a, b) {
                    self.set(i.a(), result);
                    return Flow::Next;
                }
                let float: Option<fn(f64, f64) -> Option<f64>> = $float;
                if let Some(float) = float
                    && let Some((x, y)) = both_floats(a, b)
                    && let Some(result) = float(x, y)
                    && let Some(result) = Value::try_float(result)
                {
                    self.set(i.a(), result);
                    return Flow::Next;
                }
                self.outside(i, binary_general)
            })*
        }
    };
}

arithmetic! {
    add, Value::add_small, Some(|x, y| Some(x + y));
    subtract, Value::sub_small, Some(|x, y| Some(x - y));
    multiply, Value::mul_small, Some(|x, y| Some(x * y));
    true_divide, |_, _| None, Some(|x, y| if y == 0.0 { None } else { Some(x / y) });
    floor_divide, floor_divide_small, None;
    remainder, remainder_small, None;
    left_shift, left_shift_small, None;
    right_shift, right_shift_small, None;
    and, and_small, None;
    or, or_small, None;
    xor, xor_small, None;
}

#[inline(always)]
fn smalls(a: &Value, b: &Value) -> Option<(i64, i64)> {
    if Value::both_small_ints(a, b) { Some((a.word() as i64 >> 2, b.word() as i64 >> 2)) } else { None }
}

#[inline(always)]
fn floor_divide_small(a: &Value, b: &Value) -> Option<Value> {
    let (x, y) = smalls(a, b)?;
    if y == 0 {
        return None;
    }
    let quotient = x / y;
    Value::try_int(if (x % y != 0) && ((x < 0) != (y < 0)) { quotient - 1 } else { quotient })
}

#[inline(always)]
fn remainder_small(a: &Value, b: &Value) -> Option<Value> {
    let (x, y) = smalls(a, b)?;
    if y == 0 {
        return None;
    }
    let rest = x % y;
    Value::try_int(if rest != 0 && ((rest < 0) != (y < 0)) { rest + y } else { rest })
}

#[inline(always)]
fn left_shift_small(a: &Value, b: &Value) -> Option<Value> {
    let (x, y) = smalls(a, b)?;
    if !(0..62).contains(&y) {
        return None;
    }
    let shifted = x << y;
    if shifted >> y == x { Value::try_int(shifted) } else { None }
}

#[inline(always)]
fn right_shift_small(a: &Value, b: &Value) -> Option<Value> {
    let (x, y) = smalls(a, b)?;
    if y < 0 { None } else { Value::try_int(x >> y.min(63)) }
}

#[inline(always)]
fn and_small(a: &Value, b: &Value) -> Option<Value> {
    let (x, y) = smalls(a, b)?;
    Value::try_int(x & y)
}

#[inline(always)]
fn or_small(a: &Value, b: &Value) -> Option<Value> {
    let (x, y) = smalls(a, b)?;
    Value::try_int(x | y)
}

#[inline(always)]
fn xor_small(a: &Value, b: &Value) -> Option<Value> {
    let (x, y) = smalls(a, b)?;
    Value::try_int(x ^ y)
}

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn power(&mut self, i: Instruction) -> Flow {
        self.outside(i, binary_general)
    }

    #[inline(always)]
    pub(super) fn matrix_multiply(&mut self, i: Instruction) -> Flow {
        self.outside(i, binary_general)
    }

    /// Adds to a string that nobody holds but the register that takes the result, or a temporary that dies.
    #[inline(never)]
    fn append_text(&self, i: Instruction) -> Option<Flow> {
        let dies = i.b() < FIRST_CONSTANT && i.b() != i.c() && (i.a() == i.b() || i.has(flag::KILL_B));
        let (left, right) = (self.operand(i.b()), self.operand(i.c()));
        if !dies || !self.vm.is_exact_str(left) || !self.vm.is_exact_str(right) {
            return None;
        }
        let result = self.vm.append_in_place(self.take(i.b()), right);
        Some(self.finish(i, result))
    }

    #[inline(always)]
    pub(super) fn add_immediate(&mut self, i: Instruction) -> Flow {
        let a = self.operand(i.b());
        if a.is_small_int()
            && let Some(sum) = (a.word() as i64).checked_add((i.c() as i16 as i64) << 2)
        {
            // SAFETY: the low bits are those of an immediate integer still.
            self.set(i.a(), unsafe { Value::from_immediate_word(sum as u64) });
            return Flow::Next;
        }
        self.outside(i, binary_general)
    }

    #[inline(always)]
    pub(super) fn subtract_immediate(&mut self, i: Instruction) -> Flow {
        let a = self.operand(i.b());
        if a.is_small_int()
            && let Some(difference) = (a.word() as i64).checked_sub((i.c() as i16 as i64) << 2)
        {
            // SAFETY: the low bits are those of an immediate integer still.
            self.set(i.a(), unsafe { Value::from_immediate_word(difference as u64) });
            return Flow::Next;
        }
        self.outside(i, binary_general)
    }

    /// Drops operand `b` if it is a temporary that dies.
    #[inline(always)]
    pub(super) fn kill_b(&self, i: Instruction) {
        if i.has(flag::KILL_B) {
            drop(self.take(i.b()));
        }
    }

    #[inline(always)]
    pub(super) fn negate(&mut self, i: Instruction) -> Flow {
        let a = self.operand(i.b());
        if let Some(number) = a.as_small_int()
            && let Some(result) = Value::try_int(-number)
        {
            self.set(i.a(), result);
            return Flow::Next;
        }
        if let Some(number) = a.as_immediate_float()
            && let Some(result) = Value::try_float(-number)
        {
            self.set(i.a(), result);
            return Flow::Next;
        }
        self.save();
        let result = self.vm.negative(self.operand(i.b()));
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn invert(&mut self, i: Instruction) -> Flow {
        if let Some(number) = self.operand(i.b()).as_small_int()
            && let Some(result) = Value::try_int(!number)
        {
            self.set(i.a(), result);
            return Flow::Next;
        }
        self.save();
        let result = self.vm.invert(self.operand(i.b()));
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn not(&mut self, i: Instruction) -> Flow {
        if let Some(truth) = quick_truth(self.operand(i.b())) {
            self.set(i.a(), Value::bool(!truth));
            self.kill_b(i);
            return Flow::Next;
        }
        self.outside(i, truth_general)
    }

    #[inline(always)]
    pub(super) fn to_bool(&mut self, i: Instruction) -> Flow {
        self.outside(i, truth_general)
    }

    /// A comparison, `INVERT` asking for a bool.
    #[inline(always)]
    pub(super) fn compare(
        &mut self,
        i: Instruction,
        _: CompareOp,
        small: fn(i64, i64) -> bool,
        float: fn(f64, f64) -> bool,
    ) -> Flow {
        let (a, b) = (self.operand(i.b()), self.operand(i.c()));
        if Value::both_small_ints(a, b) {
            self.set(i.a(), Value::bool(small(a.word() as i64, b.word() as i64)));
            return Flow::Next;
        }
        if let Some((x, y)) = both_floats(a, b) {
            self.set(i.a(), Value::bool(float(x, y)));
            return Flow::Next;
        }
        self.outside(i, compare_general)
    }

    #[inline(always)]
    pub(super) fn is(&mut self, i: Instruction) -> Flow {
        let same = self.operand(i.b()).is(self.operand(i.c()));
        self.set(i.a(), Value::bool(same != i.has(flag::INVERT)));
        self.kill(i);
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn contains(&mut self, i: Instruction) -> Flow {
        self.save();
        let (item, container) = (self.operand(i.b()), self.operand(i.c()));
        if let Some(flow) = self.enter_contains(container, item) {
            return flow;
        }
        let result = self.vm.contains(container, item).map(|found| Value::bool(found != i.has(flag::INVERT)));
        self.finish(i, result)
    }
}

/// The truth of a singleton or an immediate integer.
#[inline(always)]
pub(super) fn quick_truth(value: &Value) -> Option<bool> {
    if let Some(truth) = value.as_bool() {
        return Some(truth);
    }
    if value.is_none() {
        return Some(false);
    }
    value.as_small_int().map(|number| number != 0)
}

#[inline(never)]
fn truth_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.save();
    let value = state.operand(i.b());
    if let Some(flow) = state.enter_truth(value) {
        return flow;
    }
    let negated = i.op() == Some(Op::Not);
    let result = state.vm.truth(value).map(|truth| Value::bool(truth != negated));
    state.finish(i, result)
}

/// Both operands as floats, if both are immediate numbers and no precision is lost.
#[inline(always)]
fn as_floats(a: &Value, b: &Value) -> Option<(f64, f64)> {
    let float = |value: &Value| {
        if value.is_immediate_float() {
            return Some(value.float_unchecked());
        }
        let number = value.as_small_int()?;
        if number.unsigned_abs() <= 1 << 53 { Some(number as f64) } else { None }
    };
    Some((float(a)?, float(b)?))
}

/// An operator on immediate numbers that its own handler does not know.
#[inline(always)]
fn quick_binary(op: BinaryOp, a: &Value, b: &Value) -> Option<Value> {
    let mixed = a.is_small_int() != b.is_small_int();
    let (x, y) = as_floats(a, b)?;
    match op {
        BinaryOp::Add if mixed => Value::try_float(x + y),
        BinaryOp::Subtract if mixed => Value::try_float(x - y),
        BinaryOp::Multiply if mixed => Value::try_float(x * y),
        BinaryOp::TrueDivide if y != 0.0 => Value::try_float(x / y),
        _ => None,
    }
}

/// A binary operator on other than the usual numbers.
#[inline(never)]
pub(super) fn binary_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.save();
    let Some((op, operator)) = i.op().and_then(|op| Some((op, operator_of(op)?))) else { return Flow::Next };
    let a = state.operand(i.b());
    if op == Op::Add
        && a.is_unique()
        && let Some(flow) = state.append_text(i)
    {
        return flow;
    }
    let number = Value::small(i32::from(i.c() as i16));
    let b = if matches!(op, Op::AddImmediate | Op::SubtractImmediate) { &number } else { state.operand(i.c()) };
    if let Some(result) = quick_binary(operator, a, b) {
        return state.finish(i, Ok(result));
    }
    if let Some(flow) = state.enter_binary(i, operator, a, b) {
        return flow;
    }
    let result = if i.has(flag::INPLACE) { state.vm.inplace(operator, a, b) } else { state.vm.binary(operator, a, b) };
    state.finish(i, result)
}

/// A comparison that needs no method: of numbers, of equal or different strings.
#[inline(always)]
pub(super) fn quick_compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> Option<bool> {
    if a.is_heap() && b.is_heap() {
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) || !vm.is_exact_str(a) || !vm.is_exact_str(b) {
            return None;
        }
        let (x, y) = (a.downcast::<Str>()?, b.downcast::<Str>()?);
        return Some((a.is(b) || x.same(y)) == (op == CompareOp::Eq));
    }
    let (x, y) = as_floats(a, b)?;
    Some(match op {
        CompareOp::Lt => x < y,
        CompareOp::Le => x <= y,
        CompareOp::Eq => x == y,
        CompareOp::Ne => x != y,
        CompareOp::Gt => x > y,
        CompareOp::Ge => x >= y,
    })
}

#[inline(never)]
fn compare_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.save();
    let Some(op) = i.op().and_then(comparison_of) else { return Flow::Next };
    let (a, b) = (state.operand(i.b()), state.operand(i.c()));
    if let Some(truth) = quick_compare(state.vm, a, b, op) {
        return state.finish(i, Ok(Value::bool(truth)));
    }
    if let Some(flow) = state.enter_comparison(op, a, b) {
        return flow;
    }
    let result = compare(state.vm, a, b, op, i.has(flag::INVERT));
    state.finish(i, result)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp, to_bool: bool) -> PyResult {
    let result = vm.rich_compare(a, b, op)?;
    if to_bool && result.as_bool().is_none() { vm.truth(&result).map(Value::bool) } else { Ok(result) }
}

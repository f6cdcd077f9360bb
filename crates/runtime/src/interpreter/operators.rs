//! Instructions that are operators: arithmetic, comparison, truth.

use super::activation::{Activation, Flow};
use crate::arithmetic::BinaryOp;
use crate::error::PyResult;
use crate::lowered::{FIRST_CONSTANT, Instruction, flag};
use crate::slots::CompareOp;
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
    ($($name:ident, $op:ident, $small:expr, $float:expr;)*) => {
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
                self.binary_slow(i, BinaryOp::$op)
            })*
        }
    };
}

arithmetic! {
    add, Add, Value::add_small, Some(|x, y| Some(x + y));
    subtract, Subtract, Value::sub_small, Some(|x, y| Some(x - y));
    multiply, Multiply, Value::mul_small, Some(|x, y| Some(x * y));
    true_divide, TrueDivide, |_, _| None, Some(|x, y| if y == 0.0 { None } else { Some(x / y) });
    floor_divide, FloorDivide, floor_divide_small, None;
    remainder, Remainder, remainder_small, None;
    left_shift, Lshift, left_shift_small, None;
    right_shift, Rshift, right_shift_small, None;
    and, And, and_small, None;
    or, Or, or_small, None;
    xor, Xor, xor_small, None;
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
        self.binary_slow(i, BinaryOp::Power)
    }

    #[inline(always)]
    pub(super) fn matrix_multiply(&mut self, i: Instruction) -> Flow {
        self.binary_slow(i, BinaryOp::MatrixMultiply)
    }

    #[inline(always)]
    fn binary_slow(&mut self, i: Instruction, op: BinaryOp) -> Flow {
        self.save();
        let (a, b) = (self.operand(i.b()), self.operand(i.c()));
        if op == BinaryOp::Add
            && a.is_unique()
            && let Some(flow) = self.append_text(i)
        {
            return flow;
        }
        let result = binary(self.vm, op, i.has(flag::INPLACE), a, b);
        self.finish(i, result)
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
        self.immediate_slow(i, BinaryOp::Add)
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
        self.immediate_slow(i, BinaryOp::Subtract)
    }

    #[inline(always)]
    fn immediate_slow(&mut self, i: Instruction, op: BinaryOp) -> Flow {
        self.save();
        let number = Value::small(i32::from(i.c() as i16));
        match binary(self.vm, op, i.has(flag::INPLACE), self.operand(i.b()), &number) {
            Ok(value) => {
                self.set(i.a(), value);
                self.kill_b(i);
                Flow::Next
            }
            Err(raised) => Flow::Raise(raised),
        }
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
        self.save();
        let result = self.vm.truth(self.operand(i.b())).map(|truth| Value::bool(!truth));
        self.finish(i, result)
    }

    #[inline(always)]
    pub(super) fn to_bool(&mut self, i: Instruction) -> Flow {
        self.save();
        let result = self.vm.truth(self.operand(i.b())).map(Value::bool);
        self.finish(i, result)
    }

    /// A comparison, `INVERT` asking for a bool.
    #[inline(always)]
    pub(super) fn compare(
        &mut self,
        i: Instruction,
        op: CompareOp,
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
        self.save();
        let result = compare(self.vm, a, b, op, i.has(flag::INVERT));
        self.finish(i, result)
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
        let result = self.vm.contains(container, item).map(|found| Value::bool(found != i.has(flag::INVERT)));
        self.finish(i, result)
    }
}

#[inline(never)]
fn binary(vm: &Vm, op: BinaryOp, inplace: bool, a: &Value, b: &Value) -> PyResult {
    if inplace { vm.inplace(op, a, b) } else { vm.binary(op, a, b) }
}

#[inline(never)]
fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp, to_bool: bool) -> PyResult {
    let result = vm.rich_compare(a, b, op)?;
    if to_bool && result.as_bool().is_none() { vm.truth(&result).map(Value::bool) } else { Ok(result) }
}

//! Jumps, alone and fused with the test that decides them.

use super::activation::{Activation, Flow};
use super::dunders::{comparison_of, has_immediate};
use super::operators::{both_floats, quick_compare, quick_truth};
use crate::error::PyResult;
use crate::lowered::{Instruction, Op, flag};
use crate::slots::CompareOp;
use crate::vm::Vm;
use oriel_heap::Value;
use std::sync::atomic::Ordering;

impl Activation<'_> {
    #[inline(always)]
    pub(super) fn jump_always(&mut self, i: Instruction) -> Flow {
        self.jump(i.bc() as i32 as isize);
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn jump_backward(&mut self, i: Instruction) -> Flow {
        if self.vm.pending.load(Ordering::Relaxed) {
            self.save();
            if let Err(raised) = self.vm.handle_pending() {
                return Flow::Raise(raised);
            }
            if self.vm.must_switch() {
                return Flow::Switch;
            }
        }
        self.frame.runnable().warm_up();
        self.jump(i.bc() as i32 as isize);
        Flow::Next
    }

    /// Jumps if the truth of operand `a` is as wanted.
    #[inline(always)]
    pub(super) fn jump_if(&mut self, i: Instruction, wanted: bool) -> Flow {
        let value = self.operand(i.a());
        let Some(truth) = quick_truth(value) else { return self.outside(i, jump_if_general) };
        if truth == wanted {
            self.jump(i.bc() as i32 as isize);
        }
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn jump_if_none(&mut self, i: Instruction, wanted: bool) -> Flow {
        let none = self.operand(i.a()).is_none();
        if !none {
            self.kill_a(i);
        }
        if none == wanted {
            self.jump(i.bc() as i32 as isize);
        }
        Flow::Next
    }

    /// Takes a fused jump if the test came out as its flag wants.
    #[inline(always)]
    fn decide(&mut self, i: Instruction, truth: bool) -> Flow {
        if truth == i.has(flag::SENSE) {
            self.jump(i.a() as i16 as isize);
        }
        Flow::Next
    }

    #[inline(always)]
    pub(super) fn decide_slow(&mut self, i: Instruction, truth: PyResult<bool>) -> Flow {
        match truth {
            Ok(truth) => self.decide(i, truth),
            Err(raised) => Flow::Raise(raised),
        }
    }

    /// A comparison that decides a jump.
    #[inline(always)]
    pub(super) fn jump_compare(
        &mut self,
        i: Instruction,
        _: CompareOp,
        small: fn(i64, i64) -> bool,
        float: fn(f64, f64) -> bool,
    ) -> Flow {
        let (a, b) = (self.operand(i.b()), self.operand(i.c()));
        if Value::both_small_ints(a, b) {
            return self.decide(i, small(a.word() as i64, b.word() as i64));
        }
        if let Some((x, y)) = both_floats(a, b) {
            return self.decide(i, float(x, y));
        }
        self.outside(i, jump_compare_general)
    }

    /// A comparison with a number that decides a jump.
    #[inline(always)]
    pub(super) fn jump_compare_immediate(
        &mut self,
        i: Instruction,
        _: CompareOp,
        small: fn(i64, i64) -> bool,
        float: fn(f64, f64) -> bool,
    ) -> Flow {
        let a = self.operand(i.b());
        let number = i.c() as i16;
        if a.is_small_int() {
            return self.decide(i, small(a.word() as i64, (i64::from(number) << 2) | 3));
        }
        if a.is_immediate_float() {
            return self.decide(i, float(a.float_unchecked(), f64::from(number)));
        }
        self.outside(i, jump_compare_general)
    }

    #[inline(always)]
    pub(super) fn jump_is(&mut self, i: Instruction) -> Flow {
        let same = self.operand(i.b()).is(self.operand(i.c()));
        self.kill(i);
        self.decide(i, same)
    }

    #[inline(always)]
    pub(super) fn jump_contains(&mut self, i: Instruction) -> Flow {
        self.save();
        let (item, container) = (self.operand(i.b()), self.operand(i.c()));
        if let Some(flow) = self.enter_contains(container, item) {
            return flow;
        }
        let truth = self.vm.contains(container, item);
        self.kill(i);
        self.decide_slow(i, truth)
    }
}

#[inline(never)]
fn jump_if_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.save();
    let value = state.operand(i.a());
    if let Some(flow) = state.enter_truth(value) {
        return flow;
    }
    let truth = state.vm.truth(value);
    state.kill_a(i);
    match truth {
        Ok(truth) => {
            if truth == (i.op() == Some(Op::JumpIfTrue)) {
                state.jump(i.bc() as i32 as isize);
            }
            Flow::Next
        }
        Err(raised) => Flow::Raise(raised),
    }
}

#[inline(never)]
fn jump_compare_general(state: &mut Activation<'_>, i: Instruction) -> Flow {
    state.save();
    let Some((op, comparison)) = i.op().and_then(|op| Some((op, comparison_of(op)?))) else { return Flow::Next };
    let a = state.operand(i.b());
    let number = Value::small(i32::from(i.c() as i16));
    let b = if has_immediate(op) { &number } else { state.operand(i.c()) };
    let truth = match quick_compare(state.vm, a, b, comparison) {
        Some(truth) => Ok(truth),
        None => {
            if let Some(flow) = state.enter_comparison(comparison, a, b) {
                return flow;
            }
            compare(state.vm, a, b, comparison)
        }
    };
    state.kill(i);
    state.decide_slow(i, truth)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult<bool> {
    vm.truth(&vm.rich_compare(a, b, op)?)
}

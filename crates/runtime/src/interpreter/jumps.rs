//! Jumps, alone and fused with the test that decides them.

use super::activation::{Activation, Flow};
use super::operators::both_floats;
use crate::error::PyResult;
use crate::lowered::{Instruction, flag};
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
        }
        self.frame.runnable().warm_up();
        self.jump(i.bc() as i32 as isize);
        Flow::Next
    }

    /// Jumps if the truth of operand `a` is as wanted.
    #[inline(always)]
    pub(super) fn jump_if(&mut self, i: Instruction, wanted: bool) -> Flow {
        let value = self.operand(i.a());
        let truth = match value.as_bool() {
            Some(truth) => truth,
            None => {
                self.save();
                let truth = self.vm.truth(value);
                self.kill_a(i);
                match truth {
                    Ok(truth) => truth,
                    Err(raised) => return Flow::Raise(raised),
                }
            }
        };
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
    fn decide_slow(&mut self, i: Instruction, truth: PyResult<bool>) -> Flow {
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
        op: CompareOp,
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
        self.save();
        let truth = compare(self.vm, a, b, op);
        self.kill(i);
        self.decide_slow(i, truth)
    }

    /// A comparison with a number that decides a jump.
    #[inline(always)]
    pub(super) fn jump_compare_immediate(
        &mut self,
        i: Instruction,
        op: CompareOp,
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
        self.save();
        let truth = compare(self.vm, a, &Value::small(i32::from(number)), op);
        self.kill_b(i);
        self.decide_slow(i, truth)
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
        let truth = self.vm.contains(self.operand(i.c()), self.operand(i.b()));
        self.kill(i);
        self.decide_slow(i, truth)
    }
}

#[inline(never)]
fn compare(vm: &Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult<bool> {
    vm.truth(&vm.rich_compare(a, b, op)?)
}

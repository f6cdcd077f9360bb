//! Special methods written in Python, called by operators: they run as frames of the same activation, so that they cost
//! what a call costs and do not recurse natively.
//!
//! The frame's link is [`Continuation::Operator`]. When it returns, the caller's instruction, which `pc` stands behind,
//! is completed with the value; its operands are still in their registers then.

use super::activation::{Activation, Flow};
use crate::arithmetic::BinaryOp;
use crate::error::PyResult;
use crate::frame::{Continuation, Link, Owner};
use crate::lowered::{Instruction, Op, flag};
use crate::slots::{BinaryFn, CallFn, CompareFn, CompareOp, ContainsFn, InquiryFn, SetFn, UnaryFn};
use crate::types::function::Function;
use crate::types::slot_functions as slots;
use crate::types::type_object::{Subtype, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use std::ptr::fn_addr_eq;

/// What was asked first, for when it declines.
mod asked {
    /// The left operand's method, or the only one that there is.
    pub const LEFT: u16 = 0;
    /// The in-place method.
    pub const IN_PLACE: u16 = 1;
    /// The right operand's method, the left one being a number that declines.
    pub const RIGHT: u16 = 2;
}

/// A method of a class, if it is a plain Python function.
#[inline(always)]
fn python_function(vm: &Vm, ty: &TypeRef, name: &Value) -> Option<Ref<Function>> {
    let found = vm.lookup(ty, name)?;
    if !vm.type_of(&found).is(&vm.types.function) {
        return None;
    }
    Ref::try_from_value(found).ok()
}

/// The `__call__` of an instance, if it is a Python function.
#[inline(always)]
pub(super) fn call_of(vm: &Vm, callable: &Value) -> Option<Ref<Function>> {
    let ty = vm.type_of(callable);
    if !ty.slots.call.get().is_some_and(|f| fn_addr_eq(f, slots::call as CallFn)) {
        return None;
    }
    python_function(vm, ty, &vm.names.__call__)
}

/// The operator of a binary instruction.
pub(super) fn operator_of(op: Op) -> Option<BinaryOp> {
    Some(match op {
        Op::Add | Op::AddImmediate => BinaryOp::Add,
        Op::Subtract | Op::SubtractImmediate => BinaryOp::Subtract,
        Op::Multiply => BinaryOp::Multiply,
        Op::TrueDivide => BinaryOp::TrueDivide,
        Op::FloorDivide => BinaryOp::FloorDivide,
        Op::Remainder => BinaryOp::Remainder,
        Op::Power => BinaryOp::Power,
        Op::MatrixMultiply => BinaryOp::MatrixMultiply,
        Op::LeftShift => BinaryOp::Lshift,
        Op::RightShift => BinaryOp::Rshift,
        Op::And => BinaryOp::And,
        Op::Or => BinaryOp::Or,
        Op::Xor => BinaryOp::Xor,
        _ => return None,
    })
}

/// The operator of a comparison, alone or fused with a jump.
pub(super) fn comparison_of(op: Op) -> Option<CompareOp> {
    Some(match op {
        Op::Less | Op::JumpLess | Op::JumpLessImmediate => CompareOp::Lt,
        Op::LessEqual | Op::JumpLessEqual | Op::JumpLessEqualImmediate => CompareOp::Le,
        Op::Equal | Op::JumpEqual | Op::JumpEqualImmediate => CompareOp::Eq,
        Op::NotEqual | Op::JumpNotEqual | Op::JumpNotEqualImmediate => CompareOp::Ne,
        Op::Greater | Op::JumpGreater | Op::JumpGreaterImmediate => CompareOp::Gt,
        Op::GreaterEqual | Op::JumpGreaterEqual | Op::JumpGreaterEqualImmediate => CompareOp::Ge,
        _ => return None,
    })
}

/// Whether the instruction's operand `c` is a number itself.
pub(super) fn has_immediate(op: Op) -> bool {
    matches!(
        op,
        Op::AddImmediate
            | Op::SubtractImmediate
            | Op::JumpLessImmediate
            | Op::JumpLessEqualImmediate
            | Op::JumpEqualImmediate
            | Op::JumpNotEqualImmediate
            | Op::JumpGreaterImmediate
            | Op::JumpGreaterEqualImmediate
    )
}

impl Activation<'_> {
    /// Calls a function with the second operand of an instruction, which may be a number itself.
    #[inline(always)]
    pub(super) fn with_second<R>(&self, i: Instruction, op: Op, with: impl FnOnce(&Value) -> R) -> R {
        if has_immediate(op) { with(&Value::small(i32::from(i.c() as i16))) } else { with(self.operand(i.c())) }
    }

    /// Enters a special method; nothing where it is not a plain function of so many parameters.
    #[inline(always)]
    fn enter_special<const N: usize>(
        &mut self,
        function: Ref<Function>,
        values: [&Value; N],
        asked: u16,
    ) -> Option<Flow> {
        let runnable = match function.known_runnable() {
            Some(runnable) => std::ptr::from_ref(runnable),
            None => std::ptr::from_ref(function.find_runnable(self.vm).ok()?),
        };
        // SAFETY: the code object, which the frame's function owns, keeps it.
        let runnable = unsafe { &*runnable };
        if runnable.simple_arguments as usize != N {
            return None;
        }
        let memory = self.vm.reserve_frame(runnable)?;
        let link = Link { continuation: Continuation::Operator, owner: Owner::Stack, dst: 0, skip: 0, slot: asked };
        // SAFETY: the memory was reserved for this code.
        let frame = unsafe { self.vm.fill_frame(memory, runnable, function, link) };
        for (register, value) in values.into_iter().enumerate() {
            // SAFETY: the code has a register for each parameter, which holds nothing yet.
            unsafe { frame.register(register as u16).write(value.clone()) };
        }
        Some(self.enter_callee(frame, runnable))
    }

    /// The method of an operator, if it is one in Python that goes first.
    pub(super) fn enter_binary(&mut self, i: Instruction, op: BinaryOp, a: &Value, b: &Value) -> Option<Flow> {
        let vm = self.vm;
        let (type_a, type_b) = (vm.type_of(a), vm.type_of(b));
        if !type_a.is_heap_type() {
            if !(a.is_small_int() || a.is_immediate_float()) || !type_b.is_heap_type() {
                return None;
            }
            // Numbers decline whatever is not a number.
            let (own, _, reflected) = slots::dunders_of(vm, op)?;
            if !op.slot(&type_b.slots)?.get().is_some_and(|f| fn_addr_eq(f, own))
                || type_b.is_subtype(type_a)
                || b.downcast::<crate::types::int::Int>().is_some()
                || crate::types::float::float_of(b).is_some()
            {
                return None;
            }
            let function = python_function(vm, type_b, reflected)?;
            return self.enter_special(function, [b, a], asked::RIGHT);
        }
        if !type_a.is(type_b) && type_b.is_heap_type() && type_b.is_subtype(type_a) {
            return None;
        }
        if i.has(flag::INPLACE)
            && let Some(slot) = op.inplace_slot(&type_a.slots)?.get()
        {
            let (own, name) = slots::inplace_dunder_of(vm, op)?;
            if !fn_addr_eq(slot, own) {
                return None;
            }
            let function = python_function(vm, type_a, name)?;
            return self.enter_special(function, [a, b], asked::IN_PLACE);
        }
        let (own, name, _) = slots::dunders_of(vm, op)?;
        if !op.slot(&type_a.slots)?.get().is_some_and(|f| fn_addr_eq(f, own)) {
            return None;
        }
        let function = python_function(vm, type_a, name)?;
        self.enter_special(function, [a, b], asked::LEFT)
    }

    /// The method of a comparison, if it is one in Python that goes first.
    pub(super) fn enter_comparison(&mut self, op: CompareOp, a: &Value, b: &Value) -> Option<Flow> {
        let vm = self.vm;
        let (type_a, type_b) = (vm.type_of(a), vm.type_of(b));
        if !type_a.slots.richcompare.get().is_some_and(|f| fn_addr_eq(f, slots::richcompare as CompareFn))
            || !type_a.is(type_b) && type_b.is_heap_type() && type_b.is_subtype(type_a)
        {
            return None;
        }
        let function = python_function(vm, type_a, slots::comparison_name(vm, op))?;
        self.enter_special(function, [a, b], asked::LEFT)
    }

    /// `__getitem__`
    pub(super) fn enter_subscript(&mut self, container: &Value, key: &Value) -> Option<Flow> {
        let ty = self.vm.type_of(container);
        if !ty.slots.mp_subscript.get().is_some_and(|f| fn_addr_eq(f, slots::mp_subscript as BinaryFn)) {
            return None;
        }
        let function = python_function(self.vm, ty, &self.vm.names.__getitem__)?;
        self.enter_special(function, [container, key], asked::LEFT)
    }

    /// `__setitem__` or `__delitem__`
    pub(super) fn enter_store_subscript(
        &mut self,
        container: &Value,
        key: &Value,
        value: Option<&Value>,
    ) -> Option<Flow> {
        let ty = self.vm.type_of(container);
        if !ty.slots.mp_ass_subscript.get().is_some_and(|f| fn_addr_eq(f, slots::mp_ass_subscript as SetFn)) {
            return None;
        }
        match value {
            Some(value) => {
                let function = python_function(self.vm, ty, &self.vm.names.__setitem__)?;
                self.enter_special(function, [container, key, value], asked::LEFT)
            }
            None => {
                let function = python_function(self.vm, ty, &self.vm.names.__delitem__)?;
                self.enter_special(function, [container, key], asked::LEFT)
            }
        }
    }

    /// `__contains__`
    pub(super) fn enter_contains(&mut self, container: &Value, item: &Value) -> Option<Flow> {
        let ty = self.vm.type_of(container);
        if !ty.slots.sq_contains.get().is_some_and(|f| fn_addr_eq(f, slots::sq_contains as ContainsFn)) {
            return None;
        }
        let function = python_function(self.vm, ty, &self.vm.names.__contains__)?;
        self.enter_special(function, [container, item], asked::LEFT)
    }

    /// `__bool__`
    pub(super) fn enter_truth(&mut self, value: &Value) -> Option<Flow> {
        let ty = self.vm.type_of(value);
        if !ty.slots.nb_bool.get().is_some_and(|f| fn_addr_eq(f, slots::nb_bool as InquiryFn)) {
            return None;
        }
        let function = python_function(self.vm, ty, &self.vm.names.__bool__)?;
        self.enter_special(function, [value], asked::LEFT)
    }

    /// `__iter__`
    pub(super) fn enter_iter(&mut self, value: &Value) -> Option<Flow> {
        let ty = self.vm.type_of(value);
        if !ty.slots.iter.get().is_some_and(|f| fn_addr_eq(f, slots::iter as UnaryFn)) {
            return None;
        }
        let function = python_function(self.vm, ty, &self.vm.names.__iter__)?;
        self.enter_special(function, [value], asked::LEFT)
    }

    /// `__next__` of a class whose slot it is in.
    pub(super) fn enter_next(&mut self, iterator: &Value) -> Option<Flow> {
        let function = python_function(self.vm, self.vm.type_of(iterator), &self.vm.names.__next__)?;
        self.enter_special(function, [iterator], asked::LEFT)
    }

    /// The getter of a property.
    pub(super) fn enter_getter(&mut self, getter: &Ref<Function>, object: &Value) -> Option<Flow> {
        self.enter_special(getter.clone(), [object], asked::LEFT)
    }

    /// The setter of a property.
    pub(super) fn enter_setter(&mut self, setter: &Ref<Function>, object: &Value, value: &Value) -> Option<Flow> {
        self.enter_special(setter.clone(), [object, value], asked::LEFT)
    }

    /// `__getattr__`, the class having nothing of that name.
    pub(super) fn enter_getattr(&mut self, hook: &Value, object: &Value, name: &Value) -> Option<Flow> {
        if !self.vm.type_of(hook).is(&self.vm.types.function) {
            return None;
        }
        let function = Ref::try_from_value(hook.clone()).ok()?;
        self.enter_special(function, [object, name], asked::LEFT)
    }

    /// Completes the instruction under way in the loaded frame with what its special method returned.
    pub(super) fn complete(&mut self, link: Link, value: Value) -> Flow {
        // SAFETY: a frame that called a special method stands behind the first word of an instruction.
        let i = unsafe { *self.pc.sub(1) };
        let Some(op) = i.op() else { return Flow::Next };
        if let Some(operator) = operator_of(op) {
            let result =
                if value.is_not_implemented() { self.binary_declined(i, op, operator, link.slot) } else { Ok(value) };
            return self.finish(i, result);
        }
        if let Some(comparison) = comparison_of(op) {
            return self.complete_comparison(i, op, comparison, value);
        }
        match op {
            Op::StoreAttr => {
                drop(value);
                self.kill_a(i);
                Flow::Next
            }
            Op::StoreSubscript | Op::DeleteSubscript => {
                drop(value);
                self.kill(i);
                self.kill_a(i);
                Flow::Next
            }
            Op::Contains => {
                let found = self.vm.truth(&value).map(|found| Value::bool(found != i.has(flag::INVERT)));
                self.finish(i, found)
            }
            Op::JumpContains => {
                let truth = self.vm.truth(&value);
                self.kill(i);
                self.decide_slow(i, truth)
            }
            Op::JumpIfTrue | Op::JumpIfFalse => {
                let truth = boolean(self.vm, &value);
                self.kill_a(i);
                match truth {
                    Ok(truth) => {
                        if truth == (op == Op::JumpIfTrue) {
                            self.jump(i.bc() as i32 as isize);
                        }
                        Flow::Next
                    }
                    Err(raised) => Flow::Raise(raised),
                }
            }
            Op::Not | Op::ToBool => {
                let result = boolean(self.vm, &value).map(|truth| Value::bool(truth != (op == Op::Not)));
                self.finish(i, result)
            }
            Op::GetIter => {
                let result = if self.vm.type_of(&value).slots.next.get().is_some() {
                    Ok(value)
                } else {
                    let name = self.vm.type_name(&value);
                    Err(self.vm.type_error(format!("iter() returned non-iterator of type '{name}'")))
                };
                self.finish(i, result)
            }
            Op::ForIter | Op::ForIterBackward => {
                self.set(i.a(), value);
                self.jump(if op == Op::ForIter { 1 } else { i.c() as i16 as isize });
                Flow::Next
            }
            _ => self.finish(i, Ok(value)),
        }
    }

    fn complete_comparison(&mut self, i: Instruction, op: Op, comparison: CompareOp, value: Value) -> Flow {
        let vm = self.vm;
        let result = if value.is_not_implemented() {
            let a = self.operand(i.b());
            self.with_second(i, op, |b| vm.compare_after_left(a, b, comparison))
        } else {
            Ok(value)
        };
        if matches!(op, Op::Less | Op::LessEqual | Op::Equal | Op::NotEqual | Op::Greater | Op::GreaterEqual) {
            let result = match result {
                Ok(value) if i.has(flag::INVERT) => vm.truth(&value).map(Value::bool),
                other => other,
            };
            return self.finish(i, result);
        }
        let truth = result.and_then(|value| vm.truth(&value));
        self.kill(i);
        self.decide_slow(i, truth)
    }

    #[cold]
    fn binary_declined(&self, i: Instruction, op: Op, operator: BinaryOp, asked: u16) -> PyResult {
        let (vm, inplace) = (self.vm, i.has(flag::INPLACE));
        let a = self.operand(i.b());
        self.with_second(i, op, |b| match asked {
            asked::IN_PLACE => vm.inplace_after_own(operator, a, b),
            asked::RIGHT => vm.numbers_or_sequences(operator, inplace, a, b, Value::NOT_IMPLEMENTED),
            _ => vm.binary_after_left(operator, inplace, a, b),
        })
    }
}

/// What `__bool__` returned.
fn boolean(vm: &Vm, value: &Value) -> PyResult<bool> {
    value
        .as_bool()
        .ok_or_else(|| vm.type_error(format!("__bool__ should return bool, returned {}", vm.type_name(value))))
}

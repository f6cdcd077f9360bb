//! Calls of native methods that the site knows, with as many arguments as they take: the short way. All else is left to
//! [`super::calls`].

use super::activation::{Activation, Flow};
use super::calls::{Operands, call_method_general};
use crate::lowered::Instruction;
use crate::native::NativeCall;
use crate::slots::BinaryFn;
use crate::types::generator;
use std::sync::atomic::Ordering;

/// A method call that is not one of a Python function with simple arguments.
#[inline(never)]
pub(super) fn call_method(state: &mut Activation<'_>, i: Instruction) -> Flow {
    match call_native_method(state, i) {
        Some(flow) => flow,
        None => call_method_general(state, i),
    }
}

#[inline(always)]
fn call_native_method(state: &mut Activation<'_>, i: Instruction) -> Option<Flow> {
    let receiver = state.operand(state.listed(0));
    let site = state.site(i.c())?;
    let descriptor = state.as_method_descriptor(site.unbound_method(receiver)?)?;
    let def = descriptor.def;
    if state.vm.pending.load(Ordering::Relaxed) || state.vm.stack_is_low() {
        return None;
    }
    let list = Operands { base: i.b(), count: usize::from(i.flags()), shift: 1 };
    let result = match def.call {
        // Sending to a generator resumes it in this activation.
        NativeCall::One(function)
            if list.count == 2 && !std::ptr::fn_addr_eq(function, generator::methods::send as BinaryFn) =>
        {
            state.save();
            let result = function(state.vm, receiver, state.operand(state.listed(1)));
            state.drop_listed_at(list, 1);
            result
        }
        NativeCall::NoArgs(function) if list.count == 1 => {
            state.save();
            function(state.vm, receiver)
        }
        NativeCall::Positional(least, most, function)
            if list.count > usize::from(least) && list.count <= usize::from(most) + 1 =>
        {
            state.save();
            let values = state.bring(list, 1, None);
            let result = function(state.vm, receiver, values);
            state.take_away(list, 1, false);
            result
        }
        _ => return None,
    };
    state.drop_callable(list);
    Some(state.finish_call(i.a(), list.words(), result))
}

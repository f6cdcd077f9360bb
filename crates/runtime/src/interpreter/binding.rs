//! Quick binding of arguments to parameters: what a call gives goes straight into the new frame's registers. Anything
//! unusual, and every mistake, is left to [`super::arguments`], which knows all rules and messages.

use crate::frame::{FrameRef, Link};
use crate::types::code::Runnable;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

/// The values of a call, keywords' values last; each is taken once.
pub(super) trait Given {
    /// How many there are.
    fn count(&self) -> usize;
    /// One of them, owned.
    fn take(&self, index: usize) -> Value;
}

/// How many keywords and arguments a quick call has at most.
const MOST_KEYWORDS: usize = 16;
const MOST_VALUES: usize = 4096;

/// The target of a keyword that goes into the dict of the others.
const REST: u8 = u8::MAX;

/// Pushes a frame for the function with the arguments in place. Nothing where this is not one of the usual cases: then
/// nothing has been taken.
#[inline(always)]
pub(super) fn bind_quickly(
    vm: &Vm,
    function: &Ref<Function>,
    runnable: &Runnable,
    given: &impl Given,
    names: &[Value],
    link: Link,
) -> Option<FrameRef> {
    let parameters = runnable.parameters;
    let (positional, named) = (parameters.positional as usize, parameters.named as usize);
    let values = given.count();
    let by_position = values - names.len();
    if named >= 64 || names.len() > MOST_KEYWORDS || values > MOST_VALUES {
        return None;
    }
    if by_position > positional && !parameters.variadic {
        return None;
    }
    let mut bound = (1u64 << by_position.min(positional)) - 1;
    let mut targets = [REST; MOST_KEYWORDS];
    let first = parameters.positional_only as usize;
    for (name, target) in names.iter().zip(&mut targets) {
        match runnable.variables[first..named].iter().position(|variable| variable.is(name)) {
            Some(index) => {
                let bit = 1u64 << (first + index);
                if bound & bit != 0 {
                    return None;
                }
                bound |= bit;
                *target = (first + index) as u8;
            }
            // Another string with the same text might be a parameter's name; an interned one is not.
            None if parameters.keywords && vm.is_interned(name) => {}
            None => return None,
        }
    }
    let frame = vm.push_frame(runnable, function.clone(), link)?;
    let missing = !bound & ((1u64 << named) - 1);
    if missing != 0 && !fill_missing(function, runnable, frame, missing) {
        vm.pop_frame(frame);
        return None;
    }
    // SAFETY (all accesses to registers): the code has a register for each parameter, and a fresh frame's registers hold
    // nothing that must be dropped.
    let write = |register: usize, value: Value| {
        // SAFETY: as above.
        unsafe { frame.register(register as u16).write(value) };
    };
    let mut next = named;
    if parameters.variadic {
        let rest = if by_position > positional {
            vm.tuple_of((positional..by_position).map(|index| given.take(index)))
        } else {
            vm.empty_tuple()
        };
        write(next, rest.into_value());
        next += 1;
    }
    for index in 0..by_position.min(positional) {
        write(index, given.take(index));
    }
    let rest = if parameters.keywords {
        let rest = vm.new_dict();
        write(next, rest.to_value());
        Some(rest)
    } else {
        None
    };
    for (index, (name, &target)) in names.iter().zip(&targets).enumerate() {
        let value = given.take(by_position + index);
        if target != REST {
            write(usize::from(target), value);
        } else if let Some(rest) = &rest {
            rest.set_str(name, value);
        }
    }
    Some(frame)
}

/// Fills the parameters that the call leaves out, as far as they have defaults.
fn fill_missing(function: &Function, runnable: &Runnable, frame: FrameRef, missing: u64) -> bool {
    let positional = runnable.parameters.positional as usize;
    let by_position = missing & ((1u64 << positional) - 1);
    if by_position != 0 {
        let done = function.defaults.with(|defaults| {
            let Some(defaults) = defaults.and_then(|defaults| defaults.downcast::<Tuple>()) else { return false };
            let items = defaults.items();
            let Some(required) = positional.checked_sub(items.len()) else { return false };
            if (by_position.trailing_zeros() as usize) < required {
                return false;
            }
            let mut left = by_position;
            while left != 0 {
                let register = left.trailing_zeros() as usize;
                // SAFETY: the code has a register for each parameter, which holds nothing yet.
                unsafe { frame.register(register as u16).write(items[register - required].clone()) };
                left &= left - 1;
            }
            true
        });
        if !done {
            return false;
        }
    }
    let mut left = missing & !((1u64 << positional) - 1);
    if left == 0 {
        return true;
    }
    function.kwdefaults.with(|defaults| {
        let Some(defaults) = defaults.and_then(|defaults| defaults.downcast::<Dict>()) else { return false };
        while left != 0 {
            let register = left.trailing_zeros() as usize;
            let Some(value) = defaults.get_str(&runnable.variables[register]) else { return false };
            // SAFETY: as above.
            unsafe { frame.register(register as u16).write(value) };
            left &= left - 1;
        }
        true
    })
}

/// The arguments of a call as slices.
pub(super) struct Slices<'a> {
    /// The receiver, where there is one.
    pub receiver: Option<&'a Value>,
    /// The values by position.
    pub positional: &'a [Value],
    /// The values of the keywords.
    pub keywords: &'a [Value],
}

impl Given for Slices<'_> {
    #[inline(always)]
    fn count(&self) -> usize {
        usize::from(self.receiver.is_some()) + self.positional.len() + self.keywords.len()
    }

    #[inline(always)]
    fn take(&self, index: usize) -> Value {
        let index = match self.receiver {
            Some(receiver) if index == 0 => return receiver.clone(),
            Some(_) => index - 1,
            None => index,
        };
        match self.positional.get(index) {
            Some(value) => value.clone(),
            None => self.keywords[index - self.positional.len()].clone(),
        }
    }
}

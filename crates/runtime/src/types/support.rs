//! What the container types and iterators have in common: making instances, reprs of items, positions, reductions.

use crate::args::Args;
use crate::error::{PyResult, Raised};
use crate::slots::Slots;
use crate::types::str::Str;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Ref, Value};
use oriel_kernel::text::TextBuf;

impl Vm {
    /// The body of a value that is known to be of a type; a `TypeError` where it is not.
    #[inline(always)]
    pub fn body<'a, T: Body>(&self, value: &'a Value) -> PyResult<&'a Ref<T>> {
        match value.downcast::<T>() {
            Some(body) => Ok(body),
            None => Err(self.wrong_body(value, T::layout().name)),
        }
    }

    #[cold]
    fn wrong_body(&self, value: &Value, wanted: &str) -> Raised {
        let name = self.type_name(value);
        self.type_error(format!("descriptor requires a '{wanted}' object but received a '{name}'"))
    }

    /// A tuple as a value.
    pub fn tuple<const N: usize>(&self, items: [Value; N]) -> Value {
        self.tuple_of(items).into_value()
    }

    /// A list as a value.
    pub fn list(&self, items: Vec<Value>) -> Value {
        self.new_list(items).into_value()
    }
}

/// The `iter` slot of iterators.
pub fn iter_self(_: &Vm, iterator: &Value) -> PyResult {
    Ok(iterator.clone())
}

/// `__class_getitem__` of generic builtin types.
pub fn class_getitem(vm: &Vm, class: &Value, item: &Value) -> PyResult {
    vm.new_generic_alias(class, item)
}

/// Fills the slots of an iterator.
pub fn iterator_slots(slots: &Slots, next: crate::slots::NextFn) {
    slots.iter.set(Some(iter_self));
    slots.next.set(Some(next));
}

/// Refuses keyword arguments for exactly the type and for classes that do not override how they are made.
pub fn no_keywords_unless_derived(
    vm: &Vm,
    class: &TypeRef,
    base: &TypeRef,
    args: &Args<'_>,
    name: &str,
) -> PyResult<()> {
    if args.names.is_empty() {
        return Ok(());
    }
    let same_init = match (class.slots.init.get(), base.slots.init.get()) {
        (Some(own), Some(known)) => std::ptr::fn_addr_eq(own, known),
        (own, known) => own.is_none() == known.is_none(),
    };
    if class.is(base) || same_init {
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    Ok(())
}

/// Refuses keyword arguments of an `__init__` for exactly the type and for classes without a `__new__` of their own.
pub fn no_keywords_for_init(vm: &Vm, class: &TypeRef, base: &TypeRef, args: &Args<'_>, name: &str) -> PyResult<()> {
    if args.names.is_empty() {
        return Ok(());
    }
    let same_new = match (class.slots.new.get(), base.slots.new.get()) {
        (Some(own), Some(known)) => std::ptr::fn_addr_eq(own, known),
        (own, known) => own.is_none() == known.is_none(),
    };
    if class.is(base) || same_new {
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    Ok(())
}

/// The repr of a container: the items that `each` gives, one after the other, between brackets; `again` where the
/// container is inside itself.
pub fn repr_between(
    vm: &Vm,
    container: &Value,
    open: &str,
    close: &str,
    again: &str,
    mut each: impl FnMut(usize, &mut TextBuf) -> PyResult<bool>,
) -> PyResult {
    if !vm.enter_repr(container) {
        return Ok(vm.new_str(again));
    }
    let mut text = TextBuf::new();
    text.push_str(open);
    let mut index = 0;
    let result = loop {
        let before = text.len();
        if index > 0 {
            text.push_str(", ");
        }
        match each(index, &mut text) {
            Ok(true) => index += 1,
            Ok(false) => {
                text.truncate(before);
                break Ok(());
            }
            Err(raised) => break Err(raised),
        }
    };
    vm.leave_repr(container);
    result?;
    text.push_str(close);
    vm.new_text_buf(&text)
}

/// Adds the `repr` of a value to a text.
pub fn push_repr(vm: &Vm, text: &mut TextBuf, value: &Value) -> PyResult<()> {
    let repr = vm.repr(value)?;
    if let Some(repr) = repr.downcast::<Str>() {
        text.push_text(repr.text());
    }
    Ok(())
}

/// A position argument of `index` methods: clipped to a machine word, and counted from the end where negative.
pub fn clipped_position(vm: &Vm, value: &Value, len: usize) -> PyResult<usize> {
    if vm.small_or_big(value).is_none() && vm.type_of(value).slots.nb_index.get().is_none() {
        return Err(vm.type_error("slice indices must be integers or have an __index__ method"));
    }
    let position = vm.to_isize_clipped(value)?;
    if position < 0 {
        return Ok((position.saturating_add_unsigned(len)).max(0) as usize);
    }
    Ok(position as usize)
}

/// The position that a possibly negative index means, if there is one.
#[inline(always)]
pub fn normal_index(index: isize, len: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add_unsigned(len)? } else { index };
    usize::try_from(index).ok().filter(|index| *index < len)
}

/// A count for `__sizeof__`.
pub fn size_value(vm: &Vm, bytes: usize) -> PyResult {
    Ok(vm.new_uint(bytes as u64))
}

/// The state given to an iterator's `__setstate__`.
pub fn state_position(vm: &Vm, state: &Value) -> PyResult<isize> {
    match vm.small_or_big(state) {
        Some(Ok(number)) => Ok(number as isize),
        Some(Err(_)) => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
        None => Err(vm.type_error("an integer is required")),
    }
}

//! `str_iterator` and `str_ascii_iterator`.

use super::Str;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value};
use std::cell::Cell;

/// The body of both iterators; the string is given up at the end.
pub struct StrIterator {
    string: OptionCell,
    index: Cell<usize>,
}

static LAYOUT: Layout = Layout::of::<StrIterator>("str_iterator", None);

impl Body for StrIterator {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

impl StrIterator {
    /// The next character; nothing at the end.
    #[inline]
    pub fn next(&self, vm: &Vm) -> Option<Value> {
        let index = self.index.get();
        match self.string.with(|string| string?.downcast::<Str>()?.text().get(index)) {
            Some(character) => {
                self.index.set(index + 1);
                Some(vm.new_char(character))
            }
            None => {
                self.string.set(None);
                None
            }
        }
    }
}

const METHODS: &[MethodDef] = &[
    MethodDef::noargs("__length_hint__", length_hint, "($self, /)", "How many characters are left."),
    MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
    MethodDef::one("__setstate__", setstate, "($self, object, /)", "Set the position."),
];

/// `str_iterator`
pub static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(next));
    },
    methods: METHODS,
    ..TypeSpec::new("str_iterator", StrIterator::layout)
};

/// `str_ascii_iterator`
pub static ASCII_SPEC: TypeSpec = TypeSpec {
    flags: type_flags::NO_NEW,
    slots: |slots| {
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(next));
    },
    methods: METHODS,
    ..TypeSpec::new("str_ascii_iterator", StrIterator::layout)
};

fn own<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<StrIterator>> {
    this.downcast().ok_or_else(|| vm.type_error("a str iterator is needed"))
}

/// `iter(str)`
pub(super) fn iter(vm: &Vm, this: &Value) -> PyResult {
    let ascii = super::slots::string(vm, this)?.is_ascii();
    let class = if ascii { &vm.types.str_ascii_iterator } else { &vm.types.str_iterator };
    let body = StrIterator { string: OptionCell::new(Some(this.clone())), index: Cell::new(0) };
    Ok(vm.new_instance(class, body)?.into_value())
}

fn next(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    Ok(vm.body::<StrIterator>(this)?.next(vm))
}

fn length_hint(vm: &Vm, this: &Value) -> PyResult {
    let own = own(vm, this)?;
    let len = own.string.get().and_then(|s| s.downcast::<Str>().map(|s| s.len())).unwrap_or(0);
    Ok(vm.new_int(len.saturating_sub(own.index.get()) as i64))
}

fn reduce(vm: &Vm, this: &Value) -> PyResult {
    let own = own(vm, this)?;
    let iter = vm.frame_builtin("iter")?;
    Ok(match own.string.get() {
        Some(string) => vm.new_tuple(&[iter, vm.new_tuple(&[string]), vm.new_int(own.index.get() as i64)]),
        None => vm.new_tuple(&[iter, vm.new_tuple(&[vm.empty_str()])]),
    })
}

fn setstate(vm: &Vm, this: &Value, state: &Value) -> PyResult {
    let index = vm.to_isize(state)?;
    let own = own(vm, this)?;
    if let Some(string) = own.string.get() {
        let len = string.downcast::<Str>().map_or(0, |s| s.len());
        own.index.set((index.max(0) as usize).min(len));
    }
    Ok(Value::NONE)
}

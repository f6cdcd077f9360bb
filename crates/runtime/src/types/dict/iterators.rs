//! The iterators of dicts: keys, values and items, forwards and backwards.

use super::Dict;
use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::native::{MethodDef, TypeSpec, type_flags};
use crate::types::support::iterator_slots;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Value, Visitor};
use std::cell::Cell;

/// The body of all six iterators.
pub struct DictIterator {
    /// The dict, until the end is reached.
    dict: OptionCell,
    /// How many entries the dict had at the start; never again equal once a change was seen.
    used: Cell<usize>,
    /// Forwards the next position; backwards the one behind it.
    position: Cell<usize>,
    /// How many entries are left.
    left: Cell<usize>,
    /// The item given last.
    last: OptionCell,
}

static LAYOUT: Layout = Layout::of::<DictIterator>("dict_iterator", None);

impl Body for DictIterator {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.dict.visit(visitor);
        self.last.visit(visitor);
    }
}

const METHODS: &[MethodDef] = &[
    MethodDef::noargs("__length_hint__", length_hint, "($self, /)", "How many entries are left."),
    MethodDef::noargs("__reduce__", reduce, "($self, /)", "State for pickling."),
];

macro_rules! iterator_specs {
    ($($(#[$doc:meta])* $spec:ident $name:literal $next:ident)*) => {
        $($(#[$doc])*
        pub static $spec: TypeSpec = TypeSpec {
            flags: type_flags::NO_NEW,
            slots: |slots| iterator_slots(slots, $next),
            methods: METHODS,
            ..TypeSpec::new($name, DictIterator::layout)
        };)*
    };
}

iterator_specs! {
    /// `dict_keyiterator`
    KEY_ITERATOR_SPEC "dict_keyiterator" next_key
    /// `dict_valueiterator`
    VALUE_ITERATOR_SPEC "dict_valueiterator" next_value
    /// `dict_itemiterator`
    ITEM_ITERATOR_SPEC "dict_itemiterator" next_item
    /// `dict_reversekeyiterator`
    REVERSE_KEY_ITERATOR_SPEC "dict_reversekeyiterator" previous_key
    /// `dict_reversevalueiterator`
    REVERSE_VALUE_ITERATOR_SPEC "dict_reversevalueiterator" previous_value
    /// `dict_reverseitemiterator`
    REVERSE_ITEM_ITERATOR_SPEC "dict_reverseitemiterator" previous_item
}

/// An iterator of one of the types over a dict.
pub(super) fn over(vm: &Vm, ty: &TypeRef, dict: &Value, reverse: bool) -> PyResult {
    let body = vm.body::<Dict>(dict)?;
    let iterator = DictIterator {
        dict: OptionCell::new(Some(dict.clone())),
        used: Cell::new(body.len()),
        position: Cell::new(if reverse { body.positions() } else { 0 }),
        left: Cell::new(body.len()),
        last: OptionCell::default(),
    };
    Ok(vm.new_instance(ty, iterator)?.into_value())
}

/// `iter(dict)`
pub(super) fn keys(vm: &Vm, dict: &Value) -> PyResult {
    over(vm, &vm.types.dict_key_iterator, dict, false)
}

/// `reversed(dict)`
pub(super) fn reversed_keys(vm: &Vm, dict: &Value) -> PyResult {
    over(vm, &vm.types.dict_reverse_key_iterator, dict, true)
}

impl DictIterator {
    /// The next entry, with the checks for changes.
    #[inline]
    pub fn advance(&self, vm: &Vm) -> PyResult<Option<(Value, Value)>> {
        self.go(vm, |dict, position| {
            let mut next = position;
            dict.next_entry(&mut next).map(|entry| (entry, next))
        })
    }

    /// The next key, with the checks for changes.
    #[inline]
    pub fn advance_key(&self, vm: &Vm) -> PyResult<Option<Value>> {
        self.go(vm, |dict, position| {
            let mut next = position;
            dict.next_key(&mut next).map(|key| (key, next))
        })
    }

    fn retreat(&self, vm: &Vm) -> PyResult<Option<(Value, Value)>> {
        self.go(vm, |dict, position| {
            let previous = dict.previous_position(position)?;
            dict.entry_at(previous).map(|entry| (entry, previous))
        })
    }

    #[inline(always)]
    fn go<R>(&self, vm: &Vm, step: impl FnOnce(&Dict, usize) -> Option<(R, usize)>) -> PyResult<Option<R>> {
        let found = self.dict.with(|dict| {
            let dict = dict?.downcast::<Dict>()?;
            if dict.len() != self.used.get() {
                return Some(Err("dictionary changed size during iteration"));
            }
            let (entry, next) = step(dict, self.position.get())?;
            if self.left.get() == 0 {
                return Some(Err("dictionary keys changed during iteration"));
            }
            self.position.set(next);
            self.left.set(self.left.get() - 1);
            Some(Ok(entry))
        });
        match found {
            Some(Ok(entry)) => Ok(Some(entry)),
            Some(Err(message)) => {
                if self.left.get() == 0 && self.dict.with(|dict| self.unchanged(dict)) {
                    self.dict.set(None);
                } else {
                    self.used.set(usize::MAX);
                }
                Err(vm.runtime_error(message))
            }
            None => {
                self.dict.set(None);
                Ok(None)
            }
        }
    }

    fn unchanged(&self, dict: Option<&Value>) -> bool {
        dict.and_then(|dict| dict.downcast::<Dict>()).is_some_and(|dict| dict.len() == self.used.get())
    }
}

fn next_key(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    vm.body::<DictIterator>(iterator)?.advance_key(vm)
}

fn next_value(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    Ok(vm.body::<DictIterator>(iterator)?.advance(vm)?.map(|(_, value)| value))
}

fn next_item(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    let body = vm.body::<DictIterator>(iterator)?;
    Ok(body.advance(vm)?.map(|(key, value)| vm.next_pair(&body.last, [key, value])))
}

fn previous_key(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    Ok(vm.body::<DictIterator>(iterator)?.retreat(vm)?.map(|(key, _)| key))
}

fn previous_value(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    Ok(vm.body::<DictIterator>(iterator)?.retreat(vm)?.map(|(_, value)| value))
}

fn previous_item(vm: &Vm, iterator: &Value) -> PyResult<Option<Value>> {
    Ok(vm.body::<DictIterator>(iterator)?.retreat(vm)?.map(|(key, value)| vm.tuple([key, value])))
}

fn length_hint(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<DictIterator>(iterator)?;
    let left = if body.dict.with(|dict| body.unchanged(dict)) { body.left.get() } else { 0 };
    Ok(vm.new_uint(left as u64))
}

fn reduce(vm: &Vm, iterator: &Value) -> PyResult {
    let body = vm.body::<DictIterator>(iterator)?;
    let copy = DictIterator {
        dict: OptionCell::new(body.dict.get()),
        used: body.used.clone(),
        position: body.position.clone(),
        left: body.left.clone(),
        last: OptionCell::default(),
    };
    let copy = vm.new_instance(vm.type_of(iterator), copy)?.into_value();
    let rest = vm.collect(&copy)?;
    Ok(vm.tuple([vm.frame_builtin("iter")?, vm.tuple([vm.list(rest)])]))
}

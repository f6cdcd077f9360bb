//! The runtime's values as the format's writer sees them.

use super::code::{self, parts};
use oriel_bytecode::marshal::{self, Singleton, Source, View, WriteError};
use oriel_runtime::types::code::Code;
use oriel_runtime::types::complex::complex_of;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::float::float_of;
use oriel_runtime::types::list::List;
use oriel_runtime::types::set::Set;
use oriel_runtime::types::slice::Slice;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{PyResult, Value, Vm};
use std::borrow::Cow;

/// Native stack that is left to others.
const RESERVE: usize = 128 * 1024;

/// The bytes of a value.
pub fn dump(vm: &Vm, value: &Value, version: i32, allow_code: bool) -> PyResult<Vec<u8>> {
    // A code object whose parts are all plain is written as the compiler does: byte for byte what CPython writes.
    if allow_code
        && version == marshal::VERSION
        && let Some(code) = value.downcast::<Code>()
        && let Some(plain) = code::plain(vm, code, 0)
        && let Ok(bytes) = marshal::plain::dump_code(&plain)
    {
        return Ok(bytes);
    }
    let budget = vm.stack_left().saturating_sub(RESERVE).min(marshal::STACK_BUDGET);
    // What is inside something is held by the walk, too: so is the whole.
    let value = value.clone();
    marshal::write::dump_within(&Objects { vm }, &value, version, allow_code, budget).map_err(|error| match error {
        WriteError::TooLarge => vm.value_error("unmarshallable object"),
        WriteError::SetChanged => vm.new_exception(&vm.types.runtime_error, error.message()),
        error => vm.value_error(error.message()),
    })
}

struct Objects<'v> {
    vm: &'v Vm,
}

impl Source for Objects<'_> {
    type Value = Value;

    fn view<'a>(&'a self, value: &Value) -> View<'a, Value> {
        let vm = self.vm;
        if let Some(flag) = value.as_bool() {
            return View::Singleton(if flag { Singleton::True } else { Singleton::False });
        }
        if value.is_none() {
            return View::Singleton(Singleton::None);
        }
        if value.is(&Value::ELLIPSIS) {
            return View::Singleton(Singleton::Ellipsis);
        }
        if value.is(vm.types.stop_iteration.as_value()) {
            return View::Singleton(Singleton::StopIteration);
        }
        let ty = vm.type_of(value);
        if ty.is(&vm.types.int) {
            return match vm.small_or_big(value) {
                Some(Ok(number)) => View::Int(number),
                Some(Err(big)) => View::BigInt(Cow::Owned(big.value.clone())),
                None => View::Unmarshallable,
            };
        }
        if ty.is(&vm.types.float) {
            return float_of(value).map_or(View::Unmarshallable, View::Float);
        }
        if ty.is(&vm.types.complex) {
            return match complex_of(value) {
                Some(number) => View::Complex(number.re, number.im),
                None => View::Unmarshallable,
            };
        }
        if ty.is(&vm.types.str) {
            return match value.downcast::<Str>() {
                Some(text) => View::Str(Cow::Owned(utf8(text)), text.is_interned()),
                None => View::Unmarshallable,
            };
        }
        if ty.is(&vm.types.tuple) {
            return value.downcast::<Tuple>().map_or(View::Unmarshallable, |t| View::Tuple(t.items().to_vec()));
        }
        if ty.is(&vm.types.list) {
            return value.downcast::<List>().map_or(View::Unmarshallable, |list| View::List(list.snapshot()));
        }
        if ty.is(&vm.types.dict) {
            return value.downcast::<Dict>().map_or(View::Unmarshallable, |dict| View::Dict(dict.entries()));
        }
        if ty.is(&vm.types.set) {
            return value.downcast::<Set>().map_or(View::Unmarshallable, |set| View::Set(set.keys()));
        }
        if ty.is(&vm.types.frozenset) {
            return value.downcast::<Set>().map_or(View::Unmarshallable, |set| View::FrozenSet(set.keys()));
        }
        if ty.is(&vm.types.slice) {
            return value
                .downcast::<Slice>()
                .map_or(View::Unmarshallable, |s| View::Slice([s.start.clone(), s.stop.clone(), s.step.clone()]));
        }
        if ty.is(&vm.types.code) {
            return match value.downcast::<Code>() {
                Some(code) => View::Code(Box::new(parts(vm, code))),
                None => View::Unmarshallable,
            };
        }
        match vm.buffer(value, false) {
            Ok(view) if view.is_contiguous() => View::Bytes(Cow::Owned(view.to_vec())),
            _ => View::Unmarshallable,
        }
    }

    fn set_size(&self, value: &Value) -> Option<usize> {
        value.downcast::<Set>().map(|set| set.len())
    }

    fn identity(&self, value: &Value) -> usize {
        value.word() as usize
    }

    fn is_shared(&self, value: &Value) -> bool {
        // Immediates have no count; CPython shares small integers, and would make larger ones anew.
        if let Some(number) = value.as_small_int() {
            return (-5..=256).contains(&number);
        }
        if !value.is_heap() {
            return false;
        }
        value.count() > 2 || value.downcast::<Str>().is_some_and(|text| text.is_interned())
    }
}

/// A text as UTF-8 in which surrogates may occur.
pub fn utf8(text: &Str) -> Vec<u8> {
    if let Some(ascii) = text.as_ascii() {
        return ascii.as_bytes().to_vec();
    }
    oriel_bytecode::Text::from_code_points(text.text().chars()).map(|text| text.as_bytes().to_vec()).unwrap_or_default()
}

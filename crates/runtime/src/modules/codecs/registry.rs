//! The registry of codecs and that of error handlers.

use super::handlers;
use super::names::{name_text, normalize};
use crate::error::{PyResult, Raised};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::Value;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// What programs have registered.
#[derive(Default)]
pub(super) struct Registry {
    search: RefCell<Vec<Value>>,
    /// Codecs found, by the normal form of their name.
    found: RefCell<HashMap<String, Value>>,
    errors: RefCell<HashMap<String, Value>>,
    /// Whether the package `encodings` has been asked to register its search function.
    started: Cell<bool>,
}

pub(super) fn register(vm: &Vm, _: &Value, search: &Value) -> PyResult {
    if vm.type_of(search).slots.call.get().is_none() {
        return Err(vm.type_error("argument must be callable"));
    }
    vm.state::<Registry>().search.borrow_mut().push(search.clone());
    Ok(Value::NONE)
}

pub(super) fn unregister(vm: &Vm, _: &Value, search: &Value) -> PyResult {
    let state = vm.state::<Registry>();
    let place = state.search.borrow().iter().position(|known| known.is(search));
    if let Some(place) = place {
        let removed = state.search.borrow_mut().remove(place);
        let forgotten = std::mem::take(&mut *state.found.borrow_mut());
        drop((removed, forgotten));
    }
    Ok(Value::NONE)
}

pub(super) fn lookup(vm: &Vm, _: &Value, name: &Value) -> PyResult {
    let Some(text) = name.downcast::<Str>() else {
        return Err(vm.type_error(format!("lookup() argument must be str, not {}", vm.type_name(name))));
    };
    vm.lookup_codec(&name_text(vm, text)?)
}

pub(super) fn register_error(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let [name, handler, ..] = args else { return Ok(Value::NONE) };
    let name = super::check_name(vm, "register_error", "1", Some(name))?.unwrap_or_default();
    if vm.type_of(handler).slots.call.get().is_none() {
        return Err(vm.type_error("handler must be callable"));
    }
    let old = vm.state::<Registry>().errors.borrow_mut().insert(name.into_owned(), handler.clone());
    drop(old);
    Ok(Value::NONE)
}

pub(super) fn unregister_error(vm: &Vm, _: &Value, name: &Value) -> PyResult {
    let Some(text) = name.downcast::<Str>() else {
        return Err(vm.type_error(format!("_unregister_error() argument must be str, not {}", vm.type_name(name))));
    };
    let name = name_text(vm, text)?;
    if handlers::by_name(&name).is_some() {
        return Err(vm.value_error(format!("cannot un-register built-in error handler '{name}'")));
    }
    let old = vm.state::<Registry>().errors.borrow_mut().remove(&*name);
    Ok(Value::bool(old.is_some()))
}

pub(super) fn lookup_error(vm: &Vm, _: &Value, name: &Value) -> PyResult {
    let Some(text) = name.downcast::<Str>() else {
        return Err(vm.type_error(format!("lookup_error() argument must be str, not {}", vm.type_name(name))));
    };
    vm.lookup_error_handler(&name_text(vm, text)?)
}

impl Vm {
    /// The error handler of a name.
    pub fn lookup_error_handler(&self, name: &str) -> PyResult {
        let state = self.state::<Registry>();
        let found = state.errors.borrow().get(name).cloned();
        if let Some(handler) = found {
            return Ok(handler);
        }
        let Some(def) = handlers::by_name(name) else {
            return Err(self.lookup_error(format!("unknown error handler name '{name}'")));
        };
        let handler = self.new_native_function(def, None, None);
        state.errors.borrow_mut().insert(name.to_owned(), handler.clone());
        Ok(handler)
    }

    /// The codec of an encoding: a tuple of encoder, decoder, reader and writer.
    pub fn lookup_codec(&self, name: &str) -> PyResult {
        let state = self.state::<Registry>();
        let normal = normalize(name);
        let found = state.found.borrow().get(&normal).cloned();
        if let Some(codec) = found {
            return Ok(codec);
        }
        if !state.started.replace(true)
            && let Err(raised) = self.import_module("encodings")
        {
            state.started.set(false);
            return Err(raised);
        }
        let found = state.found.borrow().get(&normal).cloned();
        if let Some(codec) = found {
            return Ok(codec);
        }
        let argument = self.new_str(&normal);
        let mut place = 0;
        loop {
            let Some(search) = state.search.borrow().get(place).cloned() else { break };
            place += 1;
            let codec = self.call(&search, std::slice::from_ref(&argument))?;
            if codec.is_none() {
                continue;
            }
            if codec.downcast::<Tuple>().is_none_or(|tuple| tuple.len() != 4) {
                return Err(self.type_error("codec search functions must return 4-tuples"));
            }
            let old = state.found.borrow_mut().insert(normal, codec.clone());
            drop(old);
            return Ok(codec);
        }
        Err(self.lookup_error(format!("unknown encoding: {name}")))
    }

    /// The codec of an encoding between `str` and `bytes`.
    pub(super) fn lookup_text_codec(&self, name: &str, instead: &str) -> PyResult {
        let codec = self.lookup_codec(name)?;
        if !self.type_of(&codec).is(&self.types.tuple)
            && let Some(flag) = self.get_attr_opt(&codec, &self.intern("_is_text_encoding"))?
            && !self.truth(&flag)?
        {
            return Err(
                self.lookup_error(format!("'{name}' is not a text encoding; use {instead} to handle arbitrary codecs"))
            );
        }
        Ok(codec)
    }

    /// Runs a codec's encoder (0) or decoder (1).
    pub(super) fn run_codec(
        &self,
        codec: &Value,
        part: usize,
        encoding: &str,
        object: &Value,
        errors: Option<&str>,
    ) -> PyResult {
        let (verb, noun) = if part == 0 { ("encoding", "encoder") } else { ("decoding", "decoder") };
        let function = codec.downcast::<Tuple>().and_then(|codec| codec.items().get(part).cloned());
        let Some(function) = function else {
            return Err(self.type_error("codec search functions must return 4-tuples"));
        };
        let mut args = vec![object.clone()];
        if let Some(errors) = errors {
            args.push(self.new_str(errors));
        }
        let result = match self.call(&function, &args) {
            Ok(result) => result,
            Err(raised) => return Err(self.with_codec_note(raised, verb, encoding)),
        };
        match result.downcast::<Tuple>() {
            Some(pair) if pair.len() == 2 => Ok(pair.items()[0].clone()),
            _ => Err(self.type_error(format!("{noun} must return a tuple (object, integer)"))),
        }
    }

    #[cold]
    fn with_codec_note(&self, raised: Raised, verb: &str, encoding: &str) -> Raised {
        match self.add_note(&raised, &format!("{verb} with '{encoding}' codec failed")) {
            Ok(()) => raised,
            Err(other) => other,
        }
    }
}

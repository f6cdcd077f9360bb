//! The table of interned strings and the cache of attribute look-ups on types.

use crate::types::str::Str;
use crate::vm::Vm;
use hashbrown::HashTable;
use oriel_heap::{Header, Ref, Value};
use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// The interned strings; they are immortal.
#[derive(Default)]
pub struct InternTable(RefCell<HashTable<Value>>);

impl InternTable {
    /// The interned string equal to the given one, which becomes it where there is none.
    pub fn intern(&self, vm: &Vm, value: &Value, string: &Ref<Str>) -> Value {
        let hash = string.hash(vm) as u64;
        let mut table = self.0.borrow_mut();
        let equal = |other: &Value| other.downcast::<Str>().is_some_and(|other| other.same(string));
        if let Some(found) = table.find(hash, equal) {
            return found.clone();
        }
        let exact =
            if vm.is_exact_str(value) { value.clone() } else { vm.new_text(string.text()).unwrap_or_else(|r| r.0) };
        if let (Some(string), Some(header)) = (exact.downcast::<Str>(), exact.header()) {
            string.mark_interned();
            header.make_immortal();
        }
        table.insert_unique(hash, exact.clone(), |other| {
            other.downcast::<Str>().and_then(|s| s.cached_hash()).unwrap_or(0) as u64
        });
        exact
    }

    /// The interned string of these ASCII characters, if there is one.
    pub fn find(&self, hash: i64, text: &str) -> Option<Value> {
        let equal = |other: &Value| other.downcast::<Str>().is_some_and(|other| other.as_ascii() == Some(text));
        self.0.borrow().find(hash as u64, equal).cloned()
    }

    /// How many strings are interned.
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Whether no string is interned.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

const ENTRIES: usize = 4096;

#[derive(Clone, Copy)]
struct Entry {
    version: u32,
    name: u64,
    value: Option<NonNull<Header>>,
}

/// Remembers what a name means for a version of a type. Values are borrowed: a version names one state of the
/// type's namespaces, which keep them alive; a changed type has another version.
pub struct MethodCache(Box<[Cell<Entry>]>);

impl Default for MethodCache {
    fn default() -> MethodCache {
        // Memory that the system hands out zeroed is not touched here.
        // SAFETY: zeros are an entry: no version, no name, nothing.
        MethodCache(unsafe { Box::new_zeroed_slice(ENTRIES).assume_init() })
    }
}

impl MethodCache {
    #[inline(always)]
    fn slot(&self, version: u32, name: &Value) -> &Cell<Entry> {
        let index = (version as usize ^ (name.word() >> 4) as usize) & (ENTRIES - 1);
        &self.0[index]
    }

    /// What the name means, if that is remembered: `Some(None)` is "no such attribute".
    #[inline(always)]
    pub fn get(&self, version: u32, name: &Value) -> Option<Option<Value>> {
        let entry = self.slot(version, name).get();
        if entry.version != version || entry.name != name.word() {
            return None;
        }
        Some(entry.value.map(|header| {
            // SAFETY: the type's version is current, so its namespaces still hold the value.
            let value = ManuallyDrop::new(unsafe { Value::from_header(header) });
            Value::clone(&value)
        }))
    }

    /// Remembers; only heap values and absences.
    pub fn put(&self, version: u32, name: &Value, value: Option<&Value>) {
        if value.is_some_and(|value| !value.is_heap()) {
            return;
        }
        self.slot(version, name).set(Entry { version, name: name.word(), value: value.map(Value::raw) });
    }
}

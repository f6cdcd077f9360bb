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
        let hash = table_hash(vm, string);
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
            other.downcast::<Str>().map(|other| table_hash(vm, other)).unwrap_or(0)
        });
        exact
    }

    /// The interned string of these characters, if they are ASCII and there is one.
    pub fn find(&self, text: &[u8]) -> Option<Value> {
        let equal = |other: &Value| {
            other.downcast::<Str>().and_then(|other| other.as_ascii()).is_some_and(|other| other.as_bytes() == text)
        };
        self.0.borrow().find(quick_hash(text), equal).cloned()
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

/// The table's own hash: names are looked up here far more often than their Python hash is asked for.
fn table_hash(vm: &Vm, string: &Ref<Str>) -> u64 {
    match string.as_ascii() {
        Some(text) => quick_hash(text.as_bytes()),
        None => string.hash(vm) as u64,
    }
}

/// A hash of short texts: a multiplication for every eight bytes, as in FxHash, with its high bits folded down.
fn quick_hash(text: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    let mut hash = text.len() as u64;
    // The last word overlaps the one before, so that there is no rest.
    let last = match (text.last_chunk::<8>(), text.first_chunk::<4>(), text.last_chunk::<4>()) {
        (Some(last), ..) => {
            for bytes in text.as_chunks::<8>().0 {
                hash = (hash.rotate_left(5) ^ word(bytes)).wrapping_mul(FACTOR);
            }
            word(last)
        }
        (None, Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
        }
        _ => text.iter().fold(0, |last, &byte| last << 8 | u64::from(byte)),
    };
    hash = (hash.rotate_left(5) ^ last).wrapping_mul(FACTOR);
    hash ^ hash >> 32
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

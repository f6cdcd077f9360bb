//! The body of dicts and what native code asks of them. The table is [`table`]; what Python sees is [`methods`],
//! [`views`] and [`iterators`].

mod iterators;
mod methods;
mod table;
pub mod update;
mod views;

pub use iterators::{
    DictIterator, ITEM_ITERATOR_SPEC, KEY_ITERATOR_SPEC, REVERSE_ITEM_ITERATOR_SPEC, REVERSE_KEY_ITERATOR_SPEC,
    REVERSE_VALUE_ITERATOR_SPEC, VALUE_ITERATOR_SPEC,
};
pub use methods::{SPEC, is_plain_iteration};
pub use update::Merge;
pub use views::{DictView, ITEMS_SPEC, KEYS_SPEC, VALUES_SPEC};

use crate::error::PyResult;
use crate::types::str::Str;
use crate::types::table_cell::TableCell;
use crate::vm::{Vm, vm_of};
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use table::{NoMemory, Step, Table};

/// The body of a dict.
#[derive(Default)]
pub struct Dict {
    cell: TableCell<Table>,
}

/// How a table lies in memory.
#[derive(Clone, Debug)]
pub struct TablePlaces {
    /// The address of the first entry.
    pub entries: usize,
    /// Bytes of an entry.
    pub entry_bytes: usize,
    /// Entries there is room for; the index lies behind them.
    pub capacity: usize,
    /// Entries in use, the deleted ones included.
    pub filled: usize,
    /// The power of two of the bytes of an index, or their number.
    pub index_bytes: usize,
    /// The hash table: for each slot the number of an entry; -1: never used, -2: its entry was deleted.
    pub indices: Vec<i32>,
    /// The hashes of the entries; none for a deleted one.
    pub hashes: Vec<Option<i64>>,
}

/// The layout of dicts, for types that extend it.
pub static LAYOUT: Layout = Layout::of::<Dict>("dict", None);

impl Body for Dict {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.cell.with(|table| {
            for entry in table.entries() {
                if let (Some(key), Some(value)) = (&entry.key, &entry.value) {
                    visitor(key);
                    visitor(value);
                }
            }
        });
    }

    fn clear(&self) {
        self.clear_all();
    }
}

/// The hash of a string, which never runs Python code.
#[inline(always)]
fn str_hash(key: &Value) -> i64 {
    match key.downcast::<Str>() {
        Some(text) => text.cached_hash().unwrap_or_else(|| vm_of(key).map_or(0, |vm| text.hash(vm))),
        None => 0,
    }
}

impl Vm {
    /// A new empty dict.
    #[inline]
    pub fn new_dict(&self) -> Ref<Dict> {
        // SAFETY: `types.dict` is the type whose layout is that of `Dict`.
        unsafe { self.heap.new_object(self.types.dict.as_value().raw(), Dict::default()) }
    }

    /// A new empty dict with room for so many entries, as far as memory allows.
    pub fn new_dict_with_room(&self, entries: usize) -> Ref<Dict> {
        let dict = self.new_dict();
        if let Ok(table) = Table::with_room(entries) {
            drop(dict.cell.with_mut(|old| old.install(table)));
        }
        dict
    }

    /// The hash of a dict key, with a `TypeError` reworded to say that it was to be one.
    #[inline]
    pub fn hash_key(&self, key: &Value) -> PyResult<i64> {
        if self.is_exact_str(key) {
            return Ok(str_hash(key));
        }
        self.hash(key).map_err(|raised| self.reword_unhashable(raised, key, "a dict key"))
    }

    /// Rewords the exact `TypeError` of an unhashable value.
    #[cold]
    pub(crate) fn reword_unhashable(
        &self,
        raised: crate::error::Raised,
        key: &Value,
        role: &str,
    ) -> crate::error::Raised {
        if !self.type_of(&raised.0).is(&self.types.type_error) {
            return raised;
        }
        match self.str(&raised.0) {
            Ok(reason) => self.type_error(format!(
                "cannot use '{}' as {role} ({})",
                self.full_name(self.type_of(key)),
                self.str_text(&reason)
            )),
            Err(raised) => raised,
        }
    }
}

impl Dict {
    /// The number of entries.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.cell.with(Table::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held beside the body.
    pub fn extra_size(&self) -> usize {
        self.cell.with(Table::block_size)
    }

    /// Bytes that CPython's table of this size has.
    pub fn table_size(&self) -> usize {
        self.cell.with(Table::reference_size)
    }

    /// How the table lies in memory, for looking.
    pub fn places(&self) -> TablePlaces {
        self.cell.with(Table::places)
    }

    /// Whether all keys are exact strings.
    pub fn has_str_keys_only(&self) -> bool {
        self.cell.with(Table::str_only)
    }

    // Strings as keys: infallible.

    /// The position of an exact string key, valid as long as [`Dict::layout_version`] stays.
    #[inline]
    pub fn find_str_index(&self, key: &Value) -> Option<usize> {
        let hash = str_hash(key);
        self.cell.with(|table| table.find_str(key, hash))
    }

    /// The value of an exact string key.
    #[inline]
    pub fn get_str(&self, key: &Value) -> Option<Value> {
        let hash = str_hash(key);
        self.cell.with(|table| table.live(table.find_str(key, hash)?).map(|(_, value, _)| value.clone()))
    }

    /// Sets the value of an exact string key.
    #[inline]
    pub fn set_str(&self, key: &Value, value: Value) {
        let hash = str_hash(key);
        let old = self.cell.with_mut(|table| match table.find_str(key, hash) {
            Some(index) => table.replace_value(index, value),
            None => match table.insert_new(key.clone(), hash, value, true) {
                Ok(_) => None,
                Err(NoMemory) => table.out_of_memory(),
            },
        });
        drop(old);
    }

    /// Takes an exact string key out and gives its value.
    pub fn delete_str(&self, key: &Value) -> Option<Value> {
        let hash = str_hash(key);
        let taken = self.cell.with_mut(|table| table.remove(table.find_str(key, hash)?));
        taken.map(|(_, value)| value)
    }

    // Positions.

    /// The address of the value at a position: there is a value there as long as [`Dict::layout_version`] stays.
    pub(crate) fn value_address(&self, index: usize) -> Option<*const Option<Value>> {
        self.cell.with(|table| {
            table.live(index)?;
            table.entries().get(index).map(|entry| &raw const entry.value)
        })
    }

    /// The value at a position.
    #[inline]
    pub fn value_at(&self, index: usize) -> Option<Value> {
        self.cell.with(|table| table.live(index).map(|(_, value, _)| value.clone()))
    }

    /// The value at a position, borrowed.
    ///
    /// # Safety
    /// The dict must not change while the borrow lives: no Python code may run and no reference be dropped.
    #[inline(always)]
    pub unsafe fn value_at_ref(&self, index: usize) -> Option<&Value> {
        // SAFETY: as the caller says.
        unsafe { self.cell.borrow() }.live(index).map(|(_, value, _)| value)
    }

    /// Sets the value at a position that has a key; the old value is dropped.
    #[inline]
    pub fn set_value_at(&self, index: usize, value: Value) {
        drop(self.cell.with_mut(|table| table.replace_value(index, value)));
    }

    /// How many positions there are, the deleted ones included.
    pub fn positions(&self) -> usize {
        self.cell.with(Table::filled)
    }

    /// The entry at a position.
    pub fn entry_at(&self, index: usize) -> Option<(Value, Value)> {
        self.cell.with(|table| table.live(index).map(|(key, value, _)| (key.clone(), value.clone())))
    }

    /// The next entry from a position on, which moves behind it.
    #[inline]
    pub fn next_entry(&self, position: &mut usize) -> Option<(Value, Value)> {
        self.next_entry_hashed(position).map(|(key, value, _)| (key, value))
    }

    /// As [`Dict::next_entry`], with the key's hash.
    #[inline]
    pub fn next_entry_hashed(&self, position: &mut usize) -> Option<(Value, Value, i64)> {
        self.cell.with(|table| {
            *position = (*position).max(table.first());
            while *position < table.filled() {
                let index = *position;
                *position += 1;
                if let Some((key, value, hash)) = table.live(index) {
                    return Some((key.clone(), value.clone(), hash));
                }
            }
            None
        })
    }

    /// The live position next before one; for iterating backwards.
    pub fn previous_position(&self, before: usize) -> Option<usize> {
        self.cell.with(|table| {
            // A dict that was emptied meanwhile has nothing at the old positions.
            let mut positions = if before <= table.filled() { 0..before } else { 0..0 };
            positions.rfind(|index| table.live(*index).is_some())
        })
    }

    /// The next key from a position on, which moves behind it.
    #[inline]
    pub fn next_key(&self, position: &mut usize) -> Option<Value> {
        self.cell.with(|table| {
            *position = (*position).max(table.first());
            while *position < table.filled() {
                let index = *position;
                *position += 1;
                if let Some((key, _, _)) = table.live(index) {
                    return Some(key.clone());
                }
            }
            None
        })
    }

    /// A number unique in the interpreter that changes whenever the keys or their positions do.
    #[inline]
    pub fn layout_version(&self, vm: &Vm) -> u32 {
        let version = self.cell.with(|table| table.version);
        if version != 0 {
            return version;
        }
        let version = vm.next_dict_version();
        self.cell.with_mut(|table| table.version = version);
        version
    }

    /// The layout version, 0 where nobody has asked for it since the last change.
    #[inline(always)]
    pub fn assigned_layout_version(&self) -> u32 {
        self.cell.with(|table| table.version)
    }

    // Any keys.

    /// The position of a key with a known hash. Comparing may run Python code.
    pub fn find_hashed(&self, vm: &Vm, key: &Value, hash: i64) -> PyResult<Option<usize>> {
        let key_is_str = vm.is_exact_str(key);
        if key_is_str && self.cell.with(Table::str_only) {
            return Ok(self.cell.with(|table| table.find_str(key, hash)));
        }
        'restart: loop {
            let (mut probe, generation) = self.cell.with(|table| (table.start(hash), table.generation()));
            loop {
                let step = self.cell.with(|table| table.step(&mut probe, key, hash, key_is_str));
                let index = match step {
                    Step::Absent => return Ok(None),
                    Step::Found(index) => return Ok(Some(index)),
                    Step::Compare(index) => index,
                };
                let known = self.cell.with(|table| vm.known_equal(table.live(index)?.0, key, 2));
                match known {
                    Some(true) => return Ok(Some(index)),
                    Some(false) => continue,
                    None => {}
                }
                let Some(candidate) = self.cell.with(|table| table.live(index).map(|(key, _, _)| key.clone())) else {
                    continue;
                };
                let equal = vm.equal(&candidate, key)?;
                let same = self.cell.with(|table| {
                    table.generation() == generation && table.live(index).is_some_and(|(key, _, _)| key.is(&candidate))
                });
                if !same {
                    continue 'restart;
                }
                if equal {
                    return Ok(Some(index));
                }
            }
        }
    }

    /// The value of a key.
    #[inline]
    pub fn get(&self, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        if vm.is_exact_str(key) && self.cell.with(Table::str_only) {
            return Ok(self.get_str(key));
        }
        let hash = vm.hash_key(key)?;
        self.get_hashed(vm, key, hash)
    }

    /// The value of a key with a known hash.
    pub fn get_hashed(&self, vm: &Vm, key: &Value, hash: i64) -> PyResult<Option<Value>> {
        Ok(self.find_hashed(vm, key, hash)?.and_then(|index| self.value_at(index)))
    }

    /// Whether the key is there.
    pub fn contains(&self, vm: &Vm, key: &Value) -> PyResult<bool> {
        let hash = vm.hash_key(key)?;
        Ok(self.find_hashed(vm, key, hash)?.is_some())
    }

    /// Sets the value of a key.
    #[inline]
    pub fn set(&self, vm: &Vm, key: &Value, value: Value) -> PyResult<()> {
        let hash = vm.hash_key(key)?;
        self.set_hashed(vm, key, hash, value)
    }

    /// Sets the value of a key with a known hash.
    pub fn set_hashed(&self, vm: &Vm, key: &Value, hash: i64, value: Value) -> PyResult<()> {
        if let Some(index) = self.find_hashed(vm, key, hash)? {
            self.set_value_at(index, value);
            return Ok(());
        }
        self.insert_absent(vm, key, hash, value)
    }

    /// Adds a key that is known not to be there.
    fn insert_absent(&self, vm: &Vm, key: &Value, hash: i64, value: Value) -> PyResult<()> {
        let key_is_str = vm.is_exact_str(key);
        let key = key.clone();
        let inserted = self.cell.with_mut(|table| table.insert_new(key, hash, value, key_is_str));
        inserted.map(|_| ()).map_err(|NoMemory| vm.memory_error())
    }

    /// Takes a key out and gives its value.
    pub fn delete(&self, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        let hash = vm.hash_key(key)?;
        self.delete_hashed(vm, key, hash)
    }

    /// Takes a key with a known hash out and gives its value.
    pub fn delete_hashed(&self, vm: &Vm, key: &Value, hash: i64) -> PyResult<Option<Value>> {
        let Some(index) = self.find_hashed(vm, key, hash)? else {
            return Ok(None);
        };
        Ok(self.cell.with_mut(|table| table.remove(index)).map(|(_, value)| value))
    }

    /// The same as [`Dict::delete`], by its Python name.
    pub fn pop(&self, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        self.delete(vm, key)
    }

    /// Takes the last entry out.
    pub fn popitem(&self) -> Option<(Value, Value)> {
        self.cell.with_mut(Table::pop_last).map(|(key, value, _)| (key, value))
    }

    /// Takes the first entry out.
    pub fn pop_first(&self) -> Option<(Value, Value)> {
        self.cell.with_mut(Table::pop_first)
    }

    /// Makes a key the last or the first one; whether it is there.
    pub fn move_to_end(&self, vm: &Vm, key: &Value, last: bool) -> PyResult<bool> {
        let hash = vm.hash_key(key)?;
        let Some(index) = self.find_hashed(vm, key, hash)? else { return Ok(false) };
        if last {
            if let Some((key, value)) = self.cell.with_mut(|table| table.remove(index)) {
                self.insert_absent(vm, &key, hash, value)?;
            }
        } else {
            self.cell.with_mut(|table| table.move_to_front(index)).map_err(|NoMemory| vm.memory_error())?;
        }
        Ok(true)
    }

    /// The value of a key, which is added with the default first where it is not there.
    pub fn setdefault(&self, vm: &Vm, key: &Value, default: &Value) -> PyResult {
        let hash = vm.hash_key(key)?;
        self.setdefault_hashed(vm, key, hash, default)
    }

    /// As [`Dict::setdefault`], with a known hash.
    pub fn setdefault_hashed(&self, vm: &Vm, key: &Value, hash: i64, default: &Value) -> PyResult {
        if let Some(index) = self.find_hashed(vm, key, hash)?
            && let Some(value) = self.value_at(index)
        {
            return Ok(value);
        }
        self.insert_absent(vm, key, hash, default.clone())?;
        Ok(default.clone())
    }

    /// Takes everything out.
    pub fn clear_all(&self) {
        drop(self.cell.with_mut(Table::take));
    }

    /// A new dict with the same entries.
    pub fn copy(&self, vm: &Vm) -> PyResult<Ref<Dict>> {
        let table = self.cell.with(Table::duplicate).map_err(|NoMemory| vm.memory_error())?;
        let copy = vm.new_dict();
        drop(copy.cell.with_mut(|old| old.install(table)));
        Ok(copy)
    }

    /// The keys now.
    pub fn keys(&self) -> Vec<Value> {
        self.cell.with(|table| table.entries().iter().filter_map(|entry| entry.key.clone()).collect())
    }

    /// The values now.
    pub fn values(&self) -> Vec<Value> {
        self.cell.with(|table| table.entries().iter().filter_map(|entry| entry.value.clone()).collect())
    }

    /// The entries now.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        self.cell.with(|table| {
            table.entries().iter().filter_map(|entry| Some((entry.key.clone()?, entry.value.clone()?))).collect()
        })
    }
}

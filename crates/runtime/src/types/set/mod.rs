//! The body of sets and frozensets and what native code asks of them. The table is [`table`], the set operations
//! are [`operations`]; what Python sees is [`methods`] and [`iterator`].

mod iterator;
mod methods;
mod operations;
mod table;

pub use iterator::{ITERATOR_SPEC, SetIterator};
pub use methods::{FROZEN_SPEC, SPEC};
pub(crate) use operations::SetOperations;

use crate::error::PyResult;
use crate::types::table_cell::TableCell;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Layout, Ref, Value, Visitor};
use std::cell::Cell;
use table::{NoMemory, Step, Table};

/// The body of a set or frozenset.
pub struct Set {
    cell: TableCell<Table>,
    /// The cached hash of a frozenset, -1 where there is none.
    hash: Cell<i64>,
}

static LAYOUT: Layout = Layout::of::<Set>("set", None);

impl Body for Set {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        self.cell.with(|table| {
            for slot in table.slots() {
                if let Some(key) = &slot.key {
                    visitor(key);
                }
            }
        });
    }

    fn clear(&self) {
        self.clear_all();
    }
}

impl Default for Set {
    fn default() -> Set {
        Set { cell: TableCell::new(Table::default()), hash: Cell::new(-1) }
    }
}

/// Whether the value is a set or frozenset (or of a class derived from them).
#[inline]
pub fn is_set(value: &Value) -> bool {
    value.downcast::<Set>().is_some()
}

impl Vm {
    /// A new empty set.
    pub fn new_set(&self) -> Ref<Set> {
        // SAFETY: `types.set` is a type whose layout is that of `Set`.
        unsafe { self.heap.new_object(self.types.set.as_value().raw(), Set::default()) }
    }

    /// A new empty frozenset, to be filled before anybody sees it.
    pub fn new_frozenset(&self) -> Ref<Set> {
        // SAFETY: `types.frozenset` is a type whose layout is that of `Set`.
        unsafe { self.heap.new_object(self.types.frozenset.as_value().raw(), Set::default()) }
    }

    /// A new set of what an iterable gives.
    pub fn set_from(&self, iterable: &Value) -> PyResult<Ref<Set>> {
        let set = self.new_set();
        set.update(self, iterable)?;
        Ok(set)
    }

    /// A new empty set of the class's kind: a frozenset where the class is one, else a set.
    pub(crate) fn new_set_like(&self, class: &TypeRef) -> Ref<Set> {
        use crate::types::type_object::Subtype;
        if class.is(&self.types.set) {
            return self.new_set();
        }
        if class.is_subtype(&self.types.frozenset) { self.new_frozenset() } else { self.new_set() }
    }

    /// The hash of a key to be put into a set.
    #[inline]
    pub(crate) fn hash_element(&self, key: &Value) -> PyResult<i64> {
        self.hash(key).map_err(|raised| self.reword_unhashable(raised, key, "a set element"))
    }

    /// As [`Vm::hash_element`], for looking up: a set stands for the frozenset of its keys.
    pub(crate) fn hash_sought(&self, key: &Value) -> PyResult<i64> {
        match self.hash(key) {
            Ok(hash) => Ok(hash),
            Err(raised) => match key.downcast::<Set>() {
                Some(set) if self.raised_is(&raised, &self.types.type_error) => Ok(set.frozen_hash()),
                _ => Err(self.reword_unhashable(raised, key, "a set element")),
            },
        }
    }
}

impl Set {
    /// How many keys there are.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.cell.with(Table::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many slots the table has.
    pub fn capacity(&self) -> usize {
        self.cell.with(Table::mask) + 1
    }

    /// The slot of a key, or the free slot for it. Comparing may run Python code.
    #[inline]
    fn find(&self, vm: &Vm, key: &Value, hash: i64) -> PyResult<Result<usize, usize>> {
        match self.cell.with(|table| table.search(key, hash, |value| vm.is_exact_str(value))) {
            Step::Found(slot) => Ok(Ok(slot)),
            Step::Absent(slot) => Ok(Err(slot)),
            Step::Compare(_) => self.find_on(vm, key, hash),
        }
    }

    #[inline(never)]
    fn find_on(&self, vm: &Vm, key: &Value, hash: i64) -> PyResult<Result<usize, usize>> {
        let key_is_str = vm.is_exact_str(key);
        'restart: loop {
            let (mut probe, generation) = self.cell.with(|table| (table.start(hash), table.generation()));
            loop {
                let step = self
                    .cell
                    .with(|table| table.step(&mut probe, key, hash, key_is_str, |found| vm.is_exact_str(found)));
                let slot = match step {
                    Step::Absent(slot) => return Ok(Err(slot)),
                    Step::Found(slot) => return Ok(Ok(slot)),
                    Step::Compare(slot) => slot,
                };
                let Some(candidate) = self.cell.with(|table| table.live(slot).map(|(key, _)| key.clone())) else {
                    continue;
                };
                let equal = vm.equal(&candidate, key)?;
                let same = self.cell.with(|table| {
                    table.generation() == generation && table.live(slot).is_some_and(|(key, _)| key.is(&candidate))
                });
                if !same {
                    continue 'restart;
                }
                if equal {
                    return Ok(Ok(slot));
                }
            }
        }
    }

    /// Adds a key; whether it was new.
    pub fn add(&self, vm: &Vm, key: &Value) -> PyResult<bool> {
        let hash = vm.hash_element(key)?;
        self.add_hashed(vm, key, hash)
    }

    /// Adds a key with a known hash; whether it was new.
    pub fn add_hashed(&self, vm: &Vm, key: &Value, hash: i64) -> PyResult<bool> {
        match self.find(vm, key, hash)? {
            Ok(_) => Ok(false),
            Err(slot) => {
                let key = key.clone();
                let added = self.cell.with_mut(|table| table.occupy(slot, key, hash));
                added.map_err(|NoMemory| vm.memory_error())?;
                Ok(true)
            }
        }
    }

    /// Whether a key is there.
    pub fn contains(&self, vm: &Vm, key: &Value) -> PyResult<bool> {
        let hash = vm.hash_sought(key)?;
        self.contains_hashed(vm, key, hash)
    }

    /// Whether a key with a known hash is there.
    pub fn contains_hashed(&self, vm: &Vm, key: &Value, hash: i64) -> PyResult<bool> {
        Ok(!self.is_empty() && self.find(vm, key, hash)?.is_ok())
    }

    /// Takes a key out; whether it was there.
    pub fn discard(&self, vm: &Vm, key: &Value) -> PyResult<bool> {
        let hash = vm.hash_sought(key)?;
        self.discard_hashed(vm, key, hash)
    }

    /// Takes a key with a known hash out; whether it was there.
    pub fn discard_hashed(&self, vm: &Vm, key: &Value, hash: i64) -> PyResult<bool> {
        match self.find(vm, key, hash)? {
            Ok(slot) => {
                let removed = self.cell.with_mut(|table| table.remove(slot));
                Ok(removed.is_some())
            }
            Err(_) => Ok(false),
        }
    }

    /// Takes some key out.
    pub fn pop(&self) -> Option<Value> {
        self.cell.with_mut(Table::pop)
    }

    /// Takes everything out.
    pub fn clear_all(&self) {
        drop(self.cell.with_mut(Table::take));
    }

    /// The next key from a slot on, with its hash; moves behind it.
    #[inline]
    pub fn next_key(&self, slot: &mut usize) -> Option<(Value, i64)> {
        self.cell.with(|table| {
            while *slot < table.slots().len() {
                let index = *slot;
                *slot += 1;
                if let Some((key, hash)) = table.live(index) {
                    return Some((key.clone(), hash));
                }
            }
            None
        })
    }

    /// All keys now.
    pub fn keys(&self) -> Vec<Value> {
        self.cell.with(|table| table.slots().iter().filter_map(|slot| slot.key.clone()).collect())
    }

    /// The hash of the frozenset of the keys: the same whatever their order.
    pub fn frozen_hash(&self) -> i64 {
        if self.hash.get() != -1 {
            return self.hash.get();
        }
        let shuffle = |hash: u64| ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167);
        let mut hash = self.cell.with(|table| {
            let keys = table.slots().iter().filter(|slot| slot.key.is_some());
            keys.fold(0, |mixed, slot| mixed ^ shuffle(slot.hash as u64))
        });
        hash ^= (self.len() as u64 + 1).wrapping_mul(1_927_868_237);
        hash ^= (hash >> 11) ^ (hash >> 25);
        hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
        if hash == u64::MAX { 590_923_713 } else { hash as i64 }
    }

    /// The hash, kept: only for frozensets, which do not change.
    fn cached_hash(&self) -> i64 {
        let hash = self.frozen_hash();
        self.hash.set(hash);
        hash
    }
}

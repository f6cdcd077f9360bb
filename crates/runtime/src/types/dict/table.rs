//! The compact, insertion-ordered hash table under dicts: probing, insertion, deletion and growth.
//!
//! Named in the design as one of the places with unsafe code. Nothing here runs Python code: comparing keys that
//! are not strings is done by [`super::Dict`], step by step, and values taken out are returned for the caller to
//! drop when the table is whole again.
//!
//! ```text
//!  block: | entry 0 | entry 1 | ... | entry capacity-1 | index 0 | ... | index 2**log2 - 1 |
//!  entry: { hash, key, value }, in insertion order; a deleted entry has no key
//!  index: i8, i16 or i32 by log2: the number of an entry, EMPTY or DELETED
//! ```

use crate::types::str::Str;
use oriel_heap::Value;
use std::alloc::{Layout as MemoryLayout, alloc, dealloc, handle_alloc_error};
use std::ptr;

/// An index that has never been used.
const EMPTY: i32 = -1;
/// An index whose entry was deleted.
const DELETED: i32 = -2;
/// The size of the smallest table.
const MIN_LOG2: u8 = 3;
/// The largest table; its indices still fit an `i32`.
const MAX_LOG2: u8 = 30;

/// A key with its hash and value.
pub(super) struct Entry {
    pub hash: i64,
    pub key: Option<Value>,
    pub value: Option<Value>,
}

/// Memory ran out, or the table would be too large.
#[derive(Debug)]
pub(super) struct NoMemory;

/// Where a search stands.
#[derive(Clone, Copy)]
pub(super) struct Probe {
    slot: usize,
    perturb: u64,
}

/// What a search came upon.
pub(super) enum Step {
    /// The key is not in the table.
    Absent,
    /// The key is this entry's, by identity or as a string.
    Found(usize),
    /// The entry has the same hash: the keys must be compared.
    Compare(usize),
}

pub(super) struct Table {
    block: *mut Entry,
    /// Entries in use, the deleted ones included.
    filled: u32,
    /// All entries below this one are deleted.
    first: u32,
    capacity: u32,
    /// How many more entries may be added before the index has too few empty slots.
    room: u32,
    used: u32,
    /// Changes whenever entries move to another block.
    generation: u32,
    /// See [`super::Dict::layout_version`].
    pub version: u32,
    /// 0 where there is no block yet.
    log2: u8,
    str_only: bool,
}

impl Drop for Table {
    fn drop(&mut self) {
        for index in 0..self.filled as usize {
            // SAFETY: entries below `filled` are initialized; each is dropped once.
            unsafe { ptr::drop_in_place(self.block.add(index)) };
        }
        free_block(self.block, self.capacity, self.log2);
    }
}

fn index_width(log2: u8) -> usize {
    match log2 {
        0..8 => 1,
        8..16 => 2,
        _ => 4,
    }
}

fn usable(log2: u8) -> u32 {
    (((1u64 << log2) << 1) / 3) as u32
}

fn block_layout(capacity: u32, log2: u8) -> Option<MemoryLayout> {
    let entries = (capacity as usize).checked_mul(size_of::<Entry>())?;
    let indices = index_width(log2) << log2;
    MemoryLayout::from_size_align(entries.checked_add(indices)?, align_of::<Entry>()).ok()
}

fn free_block(block: *mut Entry, capacity: u32, log2: u8) {
    if log2 == 0 {
        return;
    }
    if let Some(layout) = block_layout(capacity, log2) {
        // SAFETY: the block was allocated with this layout and is given up by the caller.
        unsafe { dealloc(block.cast(), layout) };
    }
}

/// The smallest table with at least so many slots.
fn log2_for_slots(slots: u64) -> u8 {
    let bits = 64 - slots.max(1).saturating_sub(1).leading_zeros();
    (bits as u8).max(MIN_LOG2)
}

/// Whether two string keys have the same characters. Both must have the body of a string.
#[inline(always)]
fn str_keys_equal(a: &Value, b: &Value) -> bool {
    match (a.downcast::<Str>(), b.downcast::<Str>()) {
        (Some(a), Some(b)) => a.same(b),
        _ => false,
    }
}

impl Default for Table {
    fn default() -> Table {
        Table::new()
    }
}

impl Table {
    pub const fn new() -> Table {
        Table {
            block: ptr::null_mut(),
            filled: 0,
            first: 0,
            capacity: 0,
            room: 0,
            used: 0,
            generation: 0,
            version: 0,
            log2: 0,
            str_only: true,
        }
    }

    /// A table with room for so many entries.
    pub fn with_room(entries: usize) -> Result<Table, NoMemory> {
        let mut table = Table::new();
        if entries > 0 {
            table.rebuild(log2_for_slots((entries as u64).saturating_mul(3).div_ceil(2)))?;
        }
        Ok(table)
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.used as usize
    }

    /// How many entries there are, the deleted ones included.
    #[inline(always)]
    pub fn filled(&self) -> usize {
        self.filled as usize
    }

    #[inline(always)]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    #[inline(always)]
    pub fn str_only(&self) -> bool {
        self.str_only
    }

    /// Bytes of the block.
    pub fn block_size(&self) -> usize {
        if self.log2 == 0 { 0 } else { block_layout(self.capacity, self.log2).map_or(0, |layout| layout.size()) }
    }

    /// Bytes of CPython's table of this size: a head, the indices, and entries without hash for string keys.
    pub fn reference_size(&self) -> usize {
        if self.log2 == 0 {
            return 0;
        }
        let entry = if self.str_only { 16 } else { 24 };
        32 + (index_width(self.log2) << self.log2) + self.capacity as usize * entry
    }

    #[inline(always)]
    fn mask(&self) -> usize {
        (1 << self.log2) - 1
    }

    #[inline(always)]
    fn index(&self, slot: usize) -> i32 {
        debug_assert!(self.log2 > 0 && slot <= self.mask());
        // SAFETY: the slot is at most the mask, and so many indices of that width lie behind the entries.
        unsafe {
            let base = self.block.add(self.capacity as usize).cast::<u8>();
            match self.log2 {
                0..8 => i32::from(base.cast::<i8>().add(slot).read()),
                8..16 => i32::from(base.cast::<i16>().add(slot).read()),
                _ => base.cast::<i32>().add(slot).read(),
            }
        }
    }

    #[inline(always)]
    fn set_index(&mut self, slot: usize, index: i32) {
        debug_assert!(self.log2 > 0 && slot <= self.mask());
        // SAFETY: as for `index`; an entry's number fits the width, since the capacity is below the number of slots.
        unsafe {
            let base = self.block.add(self.capacity as usize).cast::<u8>();
            match self.log2 {
                0..8 => base.cast::<i8>().add(slot).write(index as i8),
                8..16 => base.cast::<i16>().add(slot).write(index as i16),
                _ => base.cast::<i32>().add(slot).write(index),
            }
        }
    }

    /// How the table lies in memory.
    pub fn places(&self) -> super::TablePlaces {
        let slots = if self.log2 == 0 { 0 } else { self.mask() + 1 };
        super::TablePlaces {
            entries: self.block.addr(),
            entry_bytes: size_of::<Entry>(),
            capacity: self.capacity as usize,
            filled: self.filled as usize,
            index_bytes: index_width(self.log2),
            indices: (0..slots.min(1 << 16)).map(|slot| self.index(slot)).collect(),
            hashes: self.entries().iter().map(|entry| entry.key.as_ref().map(|_| entry.hash)).collect(),
        }
    }

    /// The position below which all entries are deleted.
    #[inline(always)]
    pub fn first(&self) -> usize {
        self.first as usize
    }

    /// The entries, the deleted ones included.
    #[inline(always)]
    pub fn entries(&self) -> &[Entry] {
        if self.filled == 0 {
            return &[];
        }
        // SAFETY: entries below `filled` are initialized.
        unsafe { std::slice::from_raw_parts(self.block, self.filled as usize) }
    }

    #[inline(always)]
    fn entries_mut(&mut self) -> &mut [Entry] {
        if self.filled == 0 {
            return &mut [];
        }
        // SAFETY: as for `entries`, and the table is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.block, self.filled as usize) }
    }

    #[inline(always)]
    fn entry(&self, index: usize) -> &Entry {
        debug_assert!(index < self.filled as usize);
        // SAFETY: the index table holds numbers of entries below `filled` only.
        unsafe { &*self.block.add(index) }
    }

    /// The entry that an index names, if it is alive.
    #[inline(always)]
    pub fn live(&self, index: usize) -> Option<(&Value, &Value, i64)> {
        let entry = self.entries().get(index)?;
        Some((entry.key.as_ref()?, entry.value.as_ref()?, entry.hash))
    }

    #[inline(always)]
    pub fn start(&self, hash: i64) -> Probe {
        Probe { slot: hash as usize & self.mask(), perturb: hash as u64 }
    }

    #[inline(always)]
    fn advance(&self, probe: &mut Probe) {
        probe.perturb >>= 5;
        probe.slot = probe.slot.wrapping_mul(5).wrapping_add(probe.perturb as usize).wrapping_add(1) & self.mask();
    }

    /// Searches a table of strings for a string; the key may be in it under another identity.
    #[inline]
    pub fn find_str(&self, key: &Value, hash: i64) -> Option<usize> {
        if self.used == 0 {
            return None;
        }
        let mut probe = self.start(hash);
        loop {
            let index = self.index(probe.slot);
            if index >= 0 {
                let entry = self.entry(index as usize);
                if let Some(found) = &entry.key
                    && (found.is(key) || entry.hash == hash && str_keys_equal(found, key))
                {
                    return Some(index as usize);
                }
            } else if index == EMPTY {
                return None;
            }
            self.advance(&mut probe);
        }
    }

    /// The next thing to look at in the search for a key; `key_is_str` says that the key is exactly a `str`.
    pub fn step(&self, probe: &mut Probe, key: &Value, hash: i64, key_is_str: bool) -> Step {
        if self.used == 0 {
            return Step::Absent;
        }
        loop {
            let index = self.index(probe.slot);
            self.advance(probe);
            if index >= 0 {
                let entry = self.entry(index as usize);
                if let Some(found) = &entry.key {
                    if found.is(key) {
                        return Step::Found(index as usize);
                    }
                    if entry.hash == hash {
                        if key_is_str && self.str_only {
                            if str_keys_equal(found, key) {
                                return Step::Found(index as usize);
                            }
                            continue;
                        }
                        return Step::Compare(index as usize);
                    }
                }
            } else if index == EMPTY {
                return Step::Absent;
            }
        }
    }

    fn slot_of(&self, index: usize) -> usize {
        let mut probe = self.start(self.entry(index).hash);
        while self.index(probe.slot) != index as i32 {
            self.advance(&mut probe);
        }
        probe.slot
    }

    /// Adds an entry for a key that is not in the table.
    #[inline]
    pub fn insert_new(&mut self, key: Value, hash: i64, value: Value, key_is_str: bool) -> Result<usize, NoMemory> {
        if self.room == 0 {
            let slots = u64::from(self.used) * 3;
            self.rebuild(log2_for_slots(slots))?;
        }
        self.str_only &= key_is_str;
        self.version = 0;
        let mut probe = self.start(hash);
        while self.index(probe.slot) >= 0 {
            self.advance(&mut probe);
        }
        let index = self.filled as usize;
        self.set_index(probe.slot, index as i32);
        // SAFETY: there is room, so the index is below the capacity, and its entry is not initialized.
        unsafe { self.block.add(index).write(Entry { hash, key: Some(key), value: Some(value) }) };
        self.filled += 1;
        self.used += 1;
        self.room -= 1;
        Ok(index)
    }

    /// Puts a value into a live entry and gives the old one.
    #[inline]
    pub fn replace_value(&mut self, index: usize, value: Value) -> Option<Value> {
        match self.entries_mut().get_mut(index) {
            Some(entry) if entry.key.is_some() => entry.value.replace(value),
            _ => Some(value),
        }
    }

    /// Takes a live entry out.
    pub fn remove(&mut self, index: usize) -> Option<(Value, Value)> {
        self.entries().get(index)?.key.as_ref()?;
        let slot = self.slot_of(index);
        self.set_index(slot, DELETED);
        self.used -= 1;
        self.version = 0;
        let entry = self.entries_mut().get_mut(index)?;
        let taken = entry.key.take().zip(entry.value.take());
        // Queues lose their entries from the front: nobody walks over these again.
        if index == self.first() {
            let alive = self.entries()[index..].iter().position(|entry| entry.key.is_some());
            self.first = alive.map_or(self.filled, |distance| (index + distance) as u32);
        }
        taken
    }

    /// Takes the first entry out.
    pub fn pop_first(&mut self) -> Option<(Value, Value)> {
        self.remove(self.first())
    }

    /// Makes an entry the first one.
    pub fn move_to_front(&mut self, index: usize) -> Result<(), NoMemory> {
        let Some(key) = self.entries().get(index).and_then(|entry| entry.key.as_ref()) else { return Ok(()) };
        let word = key.word();
        if index == self.first() {
            return Ok(());
        }
        let mut index = index;
        if self.first == 0 {
            // Room in front for as many moves as there are entries: a move costs constant time on average.
            let gap = self.used.max(4);
            self.rebuild_with_gap(log2_for_slots((u64::from(self.used) + u64::from(gap)) * 2), gap)?;
            let same = |entry: &Entry| entry.key.as_ref().is_some_and(|key| key.word() == word);
            index = self.entries().iter().position(same).unwrap_or(index);
            if index == self.first() {
                return Ok(());
            }
        }
        let slot = self.slot_of(index);
        let front = self.first() - 1;
        self.entries_mut().swap(front, index);
        self.set_index(slot, front as i32);
        self.first = front as u32;
        self.version = 0;
        Ok(())
    }

    /// Takes the last entry out.
    pub fn pop_last(&mut self) -> Option<(Value, Value, i64)> {
        if self.used == 0 {
            return None;
        }
        let index = self.entries().iter().rposition(|entry| entry.key.is_some())?;
        let hash = self.entry(index).hash;
        let (key, value) = self.remove(index)?;
        // The entries from here on are all deleted; forgetting them keeps repeated calls from walking over them.
        // There is no more room for it, since their indices stay marked as deleted.
        self.filled = index as u32;
        self.first = self.first.min(self.filled);
        Some((key, value, hash))
    }

    /// Moves the live entries to a block of another size, or squeezes out the deleted ones.
    #[cold]
    fn rebuild(&mut self, log2: u8) -> Result<(), NoMemory> {
        self.rebuild_with_gap(log2, 0)
    }

    /// As [`Table::rebuild`], with so many deleted entries in front.
    fn rebuild_with_gap(&mut self, log2: u8, gap: u32) -> Result<(), NoMemory> {
        if log2 > MAX_LOG2 || u64::from(gap) + u64::from(self.used) > u64::from(usable(log2)) {
            return Err(NoMemory);
        }
        let capacity = usable(log2);
        let layout = block_layout(capacity, log2).ok_or(NoMemory)?;
        // SAFETY: the layout's size is not zero.
        let block = unsafe { alloc(layout) }.cast::<Entry>();
        if block.is_null() {
            return Err(NoMemory);
        }
        let mut filled = 0;
        while filled < gap as usize {
            // SAFETY: the gap was found to fit the capacity; a deleted entry owns nothing.
            unsafe { block.add(filled).write(Entry { hash: 0, key: None, value: None }) };
            filled += 1;
        }
        for index in 0..self.filled as usize {
            // SAFETY: the old entries are initialized and moved bitwise, once, to a block with room for all live
            // ones; a deleted entry owns nothing.
            unsafe {
                let entry = self.block.add(index);
                if (*entry).key.is_some() {
                    ptr::copy_nonoverlapping(entry, block.add(filled), 1);
                    filled += 1;
                }
            }
        }
        free_block(self.block, self.capacity, self.log2);
        self.block = block;
        self.capacity = capacity;
        self.log2 = log2;
        self.filled = filled as u32;
        self.first = gap;
        self.room = capacity - self.filled;
        self.generation = self.generation.wrapping_add(1);
        self.version = 0;
        self.reindex();
        Ok(())
    }

    fn reindex(&mut self) {
        // SAFETY: so many bytes of indices lie behind the entries; all ones are EMPTY in every width.
        unsafe {
            let indices = self.block.add(self.capacity as usize).cast::<u8>();
            ptr::write_bytes(indices, 0xff, index_width(self.log2) << self.log2);
        }
        for index in self.first()..self.filled as usize {
            let mut probe = self.start(self.entry(index).hash);
            while self.index(probe.slot) != EMPTY {
                self.advance(&mut probe);
            }
            self.set_index(probe.slot, index as i32);
        }
    }

    /// Puts the content of another table in and gives the old one.
    pub fn install(&mut self, mut table: Table) -> Table {
        // Searches under way notice the exchange.
        table.generation = self.generation.wrapping_add(1);
        table.version = 0;
        std::mem::replace(self, table)
    }

    /// Takes everything out; the table that is left is empty and knows that it changed.
    pub fn take(&mut self) -> Table {
        self.install(Table::new())
    }

    /// A copy with the same entries in the same order.
    pub fn duplicate(&self) -> Result<Table, NoMemory> {
        let mut copy = Table::new();
        if self.used == 0 {
            return Ok(copy);
        }
        // A table with few holes is copied as it is, another one is squeezed.
        let log2 = if self.used >= self.filled / 3 * 2 {
            self.log2
        } else {
            log2_for_slots((u64::from(self.used) * 3).div_ceil(2))
        };
        copy.rebuild(log2)?;
        copy.str_only = self.str_only;
        for entry in self.entries() {
            if entry.key.is_some() {
                let copied = Entry { hash: entry.hash, key: entry.key.clone(), value: entry.value.clone() };
                // SAFETY: the copy's block has at least as much room as there are live entries here.
                unsafe { copy.block.add(copy.filled as usize).write(copied) };
                copy.filled += 1;
            }
        }
        copy.used = copy.filled;
        copy.room = copy.capacity - copy.filled;
        let is_dense = self.room == self.capacity - self.filled;
        if is_dense && copy.filled == self.filled && copy.log2 == self.log2 && copy.capacity == self.capacity {
            // Every entry has its place and no index is spent, so the indices are the same.
            // SAFETY: both blocks have as many bytes of indices behind as many entries.
            unsafe {
                let own = self.block.add(self.capacity as usize).cast::<u8>();
                let theirs = copy.block.add(copy.capacity as usize).cast::<u8>();
                ptr::copy_nonoverlapping(own, theirs, index_width(self.log2) << self.log2);
            }
            return Ok(copy);
        }
        copy.reindex();
        Ok(copy)
    }

    /// For infallible users: memory has run out.
    #[cold]
    pub fn out_of_memory(&self) -> ! {
        handle_alloc_error(block_layout(usable(self.log2 + 1), self.log2 + 1).unwrap_or(MemoryLayout::new::<Entry>()))
    }
}

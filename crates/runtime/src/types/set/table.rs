//! The hash table under sets. It reproduces CPython's probing and growth step by step, so that equal hashes give
//! the same order of iteration.
//!
//! Nothing here runs Python code: comparing is done by [`super::Set`], step by step, and keys taken out are returned
//! for the caller to drop.

use crate::types::str::Str;
use oriel_heap::Value;

const MIN_SIZE: usize = 8;
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;
/// The hash of a slot whose key was deleted; no key has it.
const DELETED: i64 = -1;

/// A slot: empty (no key, hash 0), deleted (no key, hash -1) or taken.
#[derive(Clone, Default)]
pub(super) struct Slot {
    pub hash: i64,
    pub key: Option<Value>,
}

impl Slot {
    #[inline(always)]
    fn is_empty(&self) -> bool {
        self.key.is_none() && self.hash == 0
    }
}

/// Memory ran out.
#[derive(Debug)]
pub(super) struct NoMemory;

#[derive(Default)]
pub(super) struct Table {
    slots: Box<[Slot]>,
    /// Slots taken or deleted.
    fill: usize,
    used: usize,
    /// Where `pop` looks first.
    finger: usize,
    /// Changes whenever the slots are replaced.
    generation: u32,
}

/// Where a search stands.
#[derive(Clone, Copy)]
pub(super) struct Probe {
    start: usize,
    offset: usize,
    perturb: u64,
    /// The last deleted slot on the way: a key that is not there goes into it.
    free: Option<usize>,
}

/// What a search came upon.
pub(super) enum Step {
    /// The key is not there; this slot is free for it.
    Absent(usize),
    /// The key is in this slot, by identity or as a string.
    Found(usize),
    /// The slot has the same hash: the keys must be compared.
    Compare(usize),
}

impl Table {
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.used
    }

    /// The number of slots less one, as if the table had its smallest size from the start.
    #[inline(always)]
    pub fn mask(&self) -> usize {
        self.slots.len().max(MIN_SIZE) - 1
    }

    #[inline(always)]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    #[inline(always)]
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The key in a slot, with its hash.
    #[inline(always)]
    pub fn live(&self, slot: usize) -> Option<(&Value, i64)> {
        let slot = self.slots.get(slot)?;
        Some((slot.key.as_ref()?, slot.hash))
    }

    #[inline(always)]
    pub fn start(&self, hash: i64) -> Probe {
        Probe { start: hash as usize & self.mask(), offset: 0, perturb: hash as u64, free: None }
    }

    /// What the first slot of a search already says: the place of the key, or that it is free.
    #[inline(always)]
    pub fn quick(&self, key: &Value, hash: i64) -> Option<Result<usize, usize>> {
        let index = hash as usize & self.mask();
        let slot = self.slots.get(index)?;
        match &slot.key {
            Some(found) if found.is(key) => Some(Ok(index)),
            None if slot.hash == 0 => Some(Err(index)),
            _ => None,
        }
    }

    #[inline(always)]
    fn advance(&self, probe: &mut Probe) {
        let mask = self.mask();
        let probes = if probe.start + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
        if probe.offset < probes {
            probe.offset += 1;
            return;
        }
        probe.perturb >>= PERTURB_SHIFT;
        probe.start = probe.start.wrapping_mul(5).wrapping_add(1).wrapping_add(probe.perturb as usize) & mask;
        probe.offset = 0;
    }

    /// The next thing to look at in the search for a key; `key_is_str` says that the key is exactly a `str`, and
    /// `is_str` tells that of others.
    #[inline]
    pub fn step(
        &self,
        probe: &mut Probe,
        key: &Value,
        hash: i64,
        key_is_str: bool,
        is_str: impl Fn(&Value) -> bool,
    ) -> Step {
        loop {
            let index = probe.start + probe.offset;
            let Some(slot) = self.slots.get(index) else { return Step::Absent(index) };
            if slot.is_empty() {
                return Step::Absent(probe.free.unwrap_or(index));
            }
            self.advance(probe);
            if slot.hash == hash
                && let Some(found) = &slot.key
            {
                if found.is(key) {
                    return Step::Found(index);
                }
                if key_is_str && is_str(found) {
                    if let (Some(a), Some(b)) = (found.downcast::<Str>(), key.downcast::<Str>())
                        && a.same(b)
                    {
                        return Step::Found(index);
                    }
                    continue;
                }
                return Step::Compare(index);
            }
            if slot.hash == DELETED {
                probe.free = Some(index);
            }
        }
    }

    /// Puts a key into the free slot that a search has just found.
    #[inline]
    pub fn occupy(&mut self, slot: usize, key: Value, hash: i64) -> Result<(), NoMemory> {
        if self.slots.is_empty() {
            self.replace_slots(MIN_SIZE)?;
        }
        let Some(free) = self.slots.get_mut(slot) else { return Err(NoMemory) };
        let reused = free.hash == DELETED;
        *free = Slot { hash, key: Some(key) };
        self.used += 1;
        if reused {
            return Ok(());
        }
        self.fill += 1;
        if self.fill * 5 < self.mask() * 3 {
            return Ok(());
        }
        self.resize(self.grown())
    }

    /// What the table grows to when it is too full.
    fn grown(&self) -> usize {
        if self.used > 50_000 { self.used * 2 } else { self.used * 4 }
    }

    /// Takes a key out.
    pub fn remove(&mut self, slot: usize) -> Option<Value> {
        let slot = self.slots.get_mut(slot)?;
        let key = slot.key.take()?;
        slot.hash = DELETED;
        self.used -= 1;
        Some(key)
    }

    /// Takes some key out.
    pub fn pop(&mut self) -> Option<Value> {
        if self.used == 0 {
            return None;
        }
        let mut slot = self.finger & self.mask();
        while self.live(slot).is_none() {
            slot = if slot >= self.mask() { 0 } else { slot + 1 };
        }
        self.finger = slot + 1;
        self.remove(slot)
    }

    fn replace_slots(&mut self, size: usize) -> Result<Box<[Slot]>, NoMemory> {
        let mut slots = Vec::new();
        slots.try_reserve_exact(size).map_err(|_| NoMemory)?;
        slots.resize(size, Slot::default());
        self.generation = self.generation.wrapping_add(1);
        Ok(std::mem::replace(&mut self.slots, slots.into_boxed_slice()))
    }

    /// Moves the keys to a table with more than so many slots.
    #[cold]
    pub fn resize(&mut self, least: usize) -> Result<(), NoMemory> {
        let mut size = MIN_SIZE;
        while size <= least {
            size = size.checked_mul(2).ok_or(NoMemory)?;
        }
        if size == MIN_SIZE && self.slots.len() <= MIN_SIZE && self.fill == self.used {
            return Ok(());
        }
        let old = self.replace_slots(size)?;
        self.fill = self.used;
        for slot in old {
            if let Some(key) = slot.key {
                self.insert_clean(key, slot.hash);
            }
        }
        Ok(())
    }

    /// Puts a key that is not there into a table without deleted slots.
    fn insert_clean(&mut self, key: Value, hash: i64) {
        let mut probe = self.start(hash);
        while self.live(probe.start + probe.offset).is_some() {
            self.advance(&mut probe);
        }
        if let Some(slot) = self.slots.get_mut(probe.start + probe.offset) {
            *slot = Slot { hash, key: Some(key) };
        }
    }

    /// Makes room before `more` keys are added, as one big step.
    pub fn prepare(&mut self, more: usize) -> Result<(), NoMemory> {
        if (self.fill + more) * 5 >= self.mask() * 3 {
            self.resize((self.used + more) * 2)?;
        }
        Ok(())
    }

    /// Where this table is fresh and would get the size of another one without deleted slots, becomes its copy.
    pub fn copy_whole(&mut self, other: &Table) -> Result<bool, NoMemory> {
        let mut size = MIN_SIZE;
        if other.used * 5 >= (MIN_SIZE - 1) * 3 {
            while size <= other.used.saturating_mul(2) {
                size = size.checked_mul(2).ok_or(NoMemory)?;
            }
        }
        if self.fill != 0 || self.slots.len() > MIN_SIZE || other.fill != other.used || size != other.slots.len() {
            return Ok(false);
        }
        let mut slots = Vec::new();
        slots.try_reserve_exact(size).map_err(|_| NoMemory)?;
        slots.extend_from_slice(&other.slots);
        self.slots = slots.into_boxed_slice();
        self.fill = other.used;
        self.used = other.used;
        self.generation = self.generation.wrapping_add(1);
        Ok(true)
    }

    /// Where this table is empty, takes over another one's keys as they lie or in their order.
    pub fn copy_into_empty(&mut self, other: &Table) -> Result<bool, NoMemory> {
        if self.fill != 0 {
            return Ok(false);
        }
        if self.slots.is_empty() {
            self.replace_slots(MIN_SIZE)?;
        }
        if self.mask() == other.mask() && other.fill == other.used {
            for (slot, theirs) in self.slots.iter_mut().zip(&other.slots) {
                *slot = theirs.clone();
            }
        } else {
            for slot in &other.slots {
                if let Some(key) = &slot.key {
                    self.insert_clean(key.clone(), slot.hash);
                }
            }
        }
        self.fill = other.used;
        self.used = other.used;
        Ok(true)
    }

    /// Gets rid of deleted slots when they are more than a quarter.
    pub fn tidy(&mut self) -> Result<(), NoMemory> {
        if self.fill - self.used <= self.mask() / 4 {
            return Ok(());
        }
        self.resize(self.grown())
    }

    /// Takes everything out.
    pub fn take(&mut self) -> Table {
        let empty = Table { finger: self.finger, generation: self.generation.wrapping_add(1), ..Table::default() };
        std::mem::replace(self, empty)
    }

    /// Exchanges the keys with another table.
    pub fn swap(&mut self, other: &mut Table) {
        std::mem::swap(&mut self.slots, &mut other.slots);
        std::mem::swap(&mut self.fill, &mut other.fill);
        std::mem::swap(&mut self.used, &mut other.used);
        self.generation = self.generation.wrapping_add(1);
        other.generation = other.generation.wrapping_add(1);
    }
}

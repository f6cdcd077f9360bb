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
    /// The slots of a table of the smallest size.
    small: [Slot; MIN_SIZE],
    /// The slots of a larger one; empty while the small ones suffice.
    large: Box<[Slot]>,
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

    /// The number of slots less one.
    #[inline(always)]
    pub fn mask(&self) -> usize {
        self.slots().len() - 1
    }

    #[inline(always)]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    #[inline(always)]
    pub fn slots(&self) -> &[Slot] {
        if self.large.is_empty() { &self.small } else { &self.large }
    }

    #[inline(always)]
    fn slots_mut(&mut self) -> &mut [Slot] {
        if self.large.is_empty() { &mut self.small } else { &mut self.large }
    }

    /// The key in a slot, with its hash.
    #[inline(always)]
    pub fn live(&self, slot: usize) -> Option<(&Value, i64)> {
        let slot = self.slots().get(slot)?;
        Some((slot.key.as_ref()?, slot.hash))
    }

    #[inline(always)]
    pub fn start(&self, hash: i64) -> Probe {
        Probe { start: hash as usize & self.mask(), offset: 0, perturb: hash as u64, free: None }
    }

    /// The whole search for a key, as far as it runs no Python code; `is_str` tells exact strings.
    #[inline(always)]
    pub fn search(&self, key: &Value, hash: i64, is_str: impl Fn(&Value) -> bool) -> Step {
        let slots = self.slots();
        let index = hash as usize & (slots.len() - 1);
        if let Some(slot) = slots.get(index) {
            match &slot.key {
                Some(found) if found.is(key) => return Step::Found(index),
                None if slot.hash == 0 => return Step::Absent(index),
                _ => {}
            }
        }
        self.search_on(key, hash, is_str(key), is_str)
    }

    #[inline(never)]
    fn search_on(&self, key: &Value, hash: i64, key_is_str: bool, is_str: impl Fn(&Value) -> bool) -> Step {
        self.step(&mut self.start(hash), key, hash, key_is_str, is_str)
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
        let slots = self.slots();
        loop {
            let index = probe.start + probe.offset;
            let Some(slot) = slots.get(index) else { return Step::Absent(index) };
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
        let Some(free) = self.slots_mut().get_mut(slot) else { return Err(NoMemory) };
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
        let slot = self.slots_mut().get_mut(slot)?;
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

    /// Moves the keys to a table with more than so many slots.
    #[cold]
    #[inline(never)]
    pub fn resize(&mut self, least: usize) -> Result<(), NoMemory> {
        let mut size = MIN_SIZE;
        while size <= least {
            size = size.checked_mul(2).ok_or(NoMemory)?;
        }
        if size == MIN_SIZE && self.large.is_empty() && self.fill == self.used {
            return Ok(());
        }
        let fresh = if size == MIN_SIZE { Box::default() } else { empty_slots(size)? };
        let small = std::mem::take(&mut self.small);
        let large = std::mem::replace(&mut self.large, fresh);
        self.generation = self.generation.wrapping_add(1);
        self.fill = self.used;
        for slot in small.into_iter().chain(large) {
            if let Some(key) = slot.key {
                self.insert_clean(key, slot.hash);
            }
        }
        Ok(())
    }

    /// Puts a key that is not there into a table without deleted slots.
    #[inline]
    fn insert_clean(&mut self, key: Value, hash: i64) {
        let slots = self.slots_mut();
        let mask = slots.len() - 1;
        let (mut perturb, mut start) = (hash as u64, hash as usize & mask);
        loop {
            let last = if start + LINEAR_PROBES <= mask { start + LINEAR_PROBES } else { start };
            if let Some(probed) = slots.get_mut(start..=last)
                && let Some(free) = probed.iter_mut().find(|slot| slot.key.is_none())
            {
                free.hash = hash;
                free.key = Some(key);
                return;
            }
            perturb >>= PERTURB_SHIFT;
            start = start.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize) & mask;
        }
    }

    /// Adds a key that is not there to a table without deleted slots.
    #[inline]
    fn insert_new(&mut self, key: Value, hash: i64) -> Result<(), NoMemory> {
        self.insert_clean(key, hash);
        self.used += 1;
        self.fill += 1;
        if self.fill * 5 < self.mask() * 3 {
            return Ok(());
        }
        self.resize(self.grown())
    }

    /// Adds another table's keys from a slot on, up to one that must be compared with a key here: that slot.
    pub fn add_all(
        &mut self,
        other: &Table,
        from: usize,
        is_str: impl Fn(&Value) -> bool + Copy,
    ) -> Result<Option<usize>, NoMemory> {
        for (index, slot) in other.slots().iter().enumerate().skip(from) {
            let Some(key) = &slot.key else { continue };
            match self.search(key, slot.hash, is_str) {
                Step::Found(_) => {}
                Step::Absent(free) => self.occupy(free, key.clone(), slot.hash)?,
                Step::Compare(_) => return Ok(Some(index)),
            }
        }
        Ok(None)
    }

    /// Adds those of a table's keys, from a slot on, that are in another one too, or are not, to this one, which has no
    /// others; up to one that must be compared: that slot.
    pub fn add_where(
        &mut self,
        walked: &Table,
        asked: &Table,
        wanted: bool,
        from: usize,
        is_str: impl Fn(&Value) -> bool + Copy,
    ) -> Result<Option<usize>, NoMemory> {
        for (index, slot) in walked.slots().iter().enumerate().skip(from) {
            let Some(key) = &slot.key else { continue };
            let found = match asked.search(key, slot.hash, is_str) {
                Step::Found(_) => true,
                Step::Absent(_) => false,
                Step::Compare(_) => return Ok(Some(index)),
            };
            if found == wanted {
                self.insert_new(key.clone(), slot.hash)?;
            }
        }
        Ok(None)
    }

    /// The first key from a slot on that is not in the other table, or is, as wanted: its slot, and whether that is sure
    /// without comparing.
    pub fn first_unlike(
        &self,
        asked: &Table,
        wanted: bool,
        from: usize,
        is_str: impl Fn(&Value) -> bool + Copy,
    ) -> Option<(usize, bool)> {
        for (index, slot) in self.slots().iter().enumerate().skip(from) {
            let Some(key) = &slot.key else { continue };
            match asked.search(key, slot.hash, is_str) {
                Step::Found(_) if wanted => {}
                Step::Absent(_) if !wanted => {}
                Step::Compare(_) => return Some((index, false)),
                _ => return Some((index, true)),
            }
        }
        None
    }

    /// Takes out another table's keys, from a slot on, where they are here, and adds the others; up to one that must be
    /// compared, or behind one whose end may run code: the slot, and that key.
    pub fn toggle_all(
        &mut self,
        other: &Table,
        from: usize,
        is_str: impl Fn(&Value) -> bool + Copy,
    ) -> Result<Option<(usize, Option<Value>)>, NoMemory> {
        for (index, slot) in other.slots().iter().enumerate().skip(from) {
            let Some(key) = &slot.key else { continue };
            match self.search(key, slot.hash, is_str) {
                Step::Found(at) => {
                    let removed = self.remove(at);
                    if removed.as_ref().is_some_and(|key| key.is_heap() && key.is_unique()) {
                        return Ok(Some((index + 1, removed)));
                    }
                }
                Step::Absent(free) => self.occupy(free, key.clone(), slot.hash)?,
                Step::Compare(_) => return Ok(Some((index, None))),
            }
        }
        Ok(None)
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
        if self.fill != 0 || !self.large.is_empty() || other.fill != other.used || size != other.slots().len() {
            return Ok(false);
        }
        if other.large.is_empty() {
            self.small = other.small.clone();
        } else {
            let mut slots = Vec::new();
            slots.try_reserve_exact(size).map_err(|_| NoMemory)?;
            slots.extend_from_slice(&other.large);
            self.large = slots.into_boxed_slice();
        }
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
        if self.mask() == other.mask() && other.fill == other.used {
            for (slot, theirs) in self.slots_mut().iter_mut().zip(other.slots()) {
                *slot = theirs.clone();
            }
        } else {
            for slot in other.slots() {
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
        std::mem::swap(&mut self.small, &mut other.small);
        std::mem::swap(&mut self.large, &mut other.large);
        std::mem::swap(&mut self.fill, &mut other.fill);
        std::mem::swap(&mut self.used, &mut other.used);
        self.generation = self.generation.wrapping_add(1);
        other.generation = other.generation.wrapping_add(1);
    }
}

fn empty_slots(size: usize) -> Result<Box<[Slot]>, NoMemory> {
    let mut slots = Vec::new();
    slots.try_reserve_exact(size).map_err(|_| NoMemory)?;
    slots.extend((0..size).map(|_| Slot::default()));
    Ok(slots.into_boxed_slice())
}

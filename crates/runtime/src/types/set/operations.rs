//! The operations on whole sets: union, intersection, difference and comparison. The order in which keys are looked
//! at and added follows CPython, since the order of the result depends on it.

use super::table::NoMemory;
use super::{Set, is_set};
use crate::error::PyResult;
use crate::types::dict::Dict;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

/// The operand as an exact dict, whose keys come with their hashes.
fn as_exact_dict<'a>(vm: &Vm, other: &'a Value) -> Option<&'a Ref<Dict>> {
    if vm.type_of(other).is(&vm.types.dict) { other.downcast::<Dict>() } else { None }
}

impl Set {
    fn prepare(&self, vm: &Vm, more: usize) -> PyResult<()> {
        self.cell.with_mut(|table| table.prepare(more)).map_err(|NoMemory| vm.memory_error())
    }

    /// Adds everything that an iterable gives.
    pub fn update(&self, vm: &Vm, other: &Value) -> PyResult<()> {
        if let Some(set) = other.downcast::<Set>() {
            return self.merge(vm, set);
        }
        if let Some(dict) = as_exact_dict(vm, other) {
            self.prepare(vm, dict.len())?;
            let mut position = 0;
            while let Some((key, _, hash)) = dict.next_entry_hashed(&mut position) {
                self.add_hashed(vm, &key, hash)?;
            }
            return Ok(());
        }
        vm.for_each(other, |key| self.add(vm, &key).map(drop))
    }

    /// Adds the keys of another set.
    pub fn merge(&self, vm: &Vm, other: &Ref<Set>) -> PyResult<()> {
        if std::ptr::eq(self, &**other) || other.is_empty() {
            return Ok(());
        }
        let copied = self.cell.with_mut(|table| other.cell.with(|theirs| table.copy_whole(theirs)));
        if copied.map_err(|NoMemory| vm.memory_error())? {
            return Ok(());
        }
        self.prepare(vm, other.len())?;
        let copied = self.cell.with_mut(|table| other.cell.with(|theirs| table.copy_into_empty(theirs)));
        if copied.map_err(|NoMemory| vm.memory_error())? {
            return Ok(());
        }
        let is_str = |value: &Value| vm.is_exact_str(value);
        let mut slot = 0;
        loop {
            let stopped = self.cell.with_mut(|table| other.cell.with(|theirs| table.add_all(theirs, slot, is_str)));
            let Some(at) = stopped.map_err(|NoMemory| vm.memory_error())? else { return Ok(()) };
            slot = at;
            let Some((key, hash)) = other.next_key(&mut slot) else { return Ok(()) };
            self.add_hashed(vm, &key, hash)?;
        }
    }

    /// Adds the keys of a set that another one has too, or does not have, to this one, which is new.
    fn fill_where(&self, vm: &Vm, walked: &Set, asked: &Set, wanted: bool) -> PyResult<()> {
        let is_str = |value: &Value| vm.is_exact_str(value);
        let mut slot = 0;
        loop {
            let stopped = self.cell.with_mut(|table| {
                walked.cell.with(|walked| asked.cell.with(|asked| table.add_where(walked, asked, wanted, slot, is_str)))
            });
            let Some(at) = stopped.map_err(|NoMemory| vm.memory_error())? else { return Ok(()) };
            slot = at;
            let Some((key, hash)) = walked.next_key(&mut slot) else { return Ok(()) };
            if asked.contains_hashed(vm, &key, hash)? == wanted {
                self.add_hashed(vm, &key, hash)?;
            }
        }
    }

    /// Whether all keys are in another set, or all are not, as wanted.
    fn all_in(&self, vm: &Vm, asked: &Set, wanted: bool) -> PyResult<bool> {
        let is_str = |value: &Value| vm.is_exact_str(value);
        let mut slot = 0;
        loop {
            let stopped = self.cell.with(|own| asked.cell.with(|asked| own.first_unlike(asked, wanted, slot, is_str)));
            slot = match stopped {
                None => return Ok(true),
                Some((_, true)) => return Ok(false),
                Some((at, false)) => at,
            };
            let Some((key, hash)) = self.next_key(&mut slot) else { return Ok(true) };
            if asked.contains_hashed(vm, &key, hash)? != wanted {
                return Ok(false);
            }
        }
    }

    /// Exchanges the keys with another set.
    pub fn swap(&self, other: &Set) {
        self.cell.with_mut(|table| other.cell.with_mut(|theirs| table.swap(theirs)));
    }
}

/// The operations whose result is a new set of the kind of the first operand.
pub(crate) trait SetOperations {
    /// The set's class.
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a TypeRef;
    /// A copy of the same kind.
    fn duplicate(&self, vm: &Vm) -> PyResult<Ref<Set>>;
    /// What both have.
    fn intersection(&self, vm: &Vm, other: &Value) -> PyResult<Ref<Set>>;
    /// What the other does not have.
    fn difference(&self, vm: &Vm, other: &Value) -> PyResult<Ref<Set>>;
    /// Takes out what the other gives.
    fn difference_update(&self, vm: &Vm, other: &Value) -> PyResult<()>;
    /// What only one of them has.
    fn symmetric_difference(&self, vm: &Vm, other: &Value) -> PyResult<Ref<Set>>;
    /// Becomes what only one of them has.
    fn symmetric_difference_update(&self, vm: &Vm, other: &Value) -> PyResult<()>;
    /// Whether the other has everything.
    fn is_subset(&self, vm: &Vm, other: &Value) -> PyResult<bool>;
    /// Whether everything that the other gives is here.
    fn is_superset(&self, vm: &Vm, other: &Value) -> PyResult<bool>;
    /// Whether they have nothing in common.
    fn is_disjoint(&self, vm: &Vm, other: &Value) -> PyResult<bool>;
}

impl SetOperations for Ref<Set> {
    fn class<'a>(&'a self, vm: &'a Vm) -> &'a TypeRef {
        vm.type_of(self.as_value())
    }

    fn duplicate(&self, vm: &Vm) -> PyResult<Ref<Set>> {
        let copy = vm.new_set_like(self.class(vm));
        copy.merge(vm, self)?;
        Ok(copy)
    }

    fn intersection(&self, vm: &Vm, other: &Value) -> PyResult<Ref<Set>> {
        if self.as_value().is(other) {
            return self.duplicate(vm);
        }
        let result = vm.new_set_like(self.class(vm));
        if let Some(set) = other.downcast::<Set>() {
            let (walked, asked) = if set.len() > self.len() { (self, set) } else { (set, self) };
            result.fill_where(vm, walked, asked, true)?;
            return Ok(result);
        }
        let iterator = vm.iter(other)?;
        while let Some(key) = vm.next(&iterator)? {
            let hash = vm.hash_element(&key)?;
            if self.contains_hashed(vm, &key, hash)? {
                result.add_hashed(vm, &key, hash)?;
                if result.len() >= self.len() {
                    break;
                }
            }
        }
        Ok(result)
    }

    fn difference(&self, vm: &Vm, other: &Value) -> PyResult<Ref<Set>> {
        let (set, dict) = (other.downcast::<Set>(), as_exact_dict(vm, other));
        let other_len = match (set, dict) {
            (Some(set), _) => set.len(),
            (None, Some(dict)) => dict.len(),
            (None, None) => usize::MAX,
        };
        if set.is_none() && dict.is_none() || self.len() >> 2 > other_len {
            let result = self.duplicate(vm)?;
            result.difference_update(vm, other)?;
            return Ok(result);
        }
        let result = vm.new_set_like(self.class(vm));
        if let Some(set) = set {
            result.fill_where(vm, self, set, false)?;
            return Ok(result);
        }
        let mut slot = 0;
        while let Some((key, hash)) = self.next_key(&mut slot) {
            let found = match dict {
                Some(dict) => dict.find_hashed(vm, &key, hash)?.is_some(),
                None => false,
            };
            if !found {
                result.add_hashed(vm, &key, hash)?;
            }
        }
        Ok(result)
    }

    fn difference_update(&self, vm: &Vm, other: &Value) -> PyResult<()> {
        if self.as_value().is(other) {
            self.clear_all();
            return Ok(());
        }
        if let Some(set) = other.downcast::<Set>() {
            // A much larger set is first narrowed to what counts.
            let narrowed = if set.len() >> 3 > self.len() { Some(self.intersection(vm, other)?) } else { None };
            let set = narrowed.as_ref().unwrap_or(set);
            let mut slot = 0;
            while let Some((key, hash)) = set.next_key(&mut slot) {
                self.discard_hashed(vm, &key, hash)?;
            }
        } else {
            let iterator = vm.iter(other)?;
            while let Some(key) = vm.next(&iterator)? {
                let hash = vm.hash_element(&key)?;
                self.discard_hashed(vm, &key, hash)?;
            }
        }
        self.cell.with_mut(|table| table.tidy()).map_err(|NoMemory| vm.memory_error())
    }

    fn symmetric_difference(&self, vm: &Vm, other: &Value) -> PyResult<Ref<Set>> {
        let result = vm.new_set_like(self.class(vm));
        result.update(vm, other)?;
        result.symmetric_difference_update(vm, self.as_value())?;
        Ok(result)
    }

    fn symmetric_difference_update(&self, vm: &Vm, other: &Value) -> PyResult<()> {
        if self.as_value().is(other) {
            self.clear_all();
            return Ok(());
        }
        let toggle = |key: &Value, hash: i64| -> PyResult<()> {
            if !self.discard_hashed(vm, key, hash)? {
                self.add_hashed(vm, key, hash)?;
            }
            Ok(())
        };
        if let Some(dict) = as_exact_dict(vm, other) {
            let mut position = 0;
            while let Some((key, _, hash)) = dict.next_entry_hashed(&mut position) {
                toggle(&key, hash)?;
            }
            return Ok(());
        }
        let own;
        let set = match other.downcast::<Set>() {
            Some(set) => set,
            None => {
                own = vm.new_set_like(self.class(vm));
                own.update(vm, other)?;
                &own
            }
        };
        let is_str = |value: &Value| vm.is_exact_str(value);
        let mut slot = 0;
        loop {
            let stopped = self.cell.with_mut(|table| set.cell.with(|theirs| table.toggle_all(theirs, slot, is_str)));
            let Some((at, removed)) = stopped.map_err(|NoMemory| vm.memory_error())? else { return Ok(()) };
            slot = at;
            if removed.is_none() {
                let Some((key, hash)) = set.next_key(&mut slot) else { return Ok(()) };
                toggle(&key, hash)?;
            }
        }
    }

    fn is_subset(&self, vm: &Vm, other: &Value) -> PyResult<bool> {
        let Some(set) = other.downcast::<Set>() else {
            return Ok(self.intersection(vm, other)?.len() == self.len());
        };
        if self.len() > set.len() {
            return Ok(false);
        }
        self.all_in(vm, set, true)
    }

    fn is_superset(&self, vm: &Vm, other: &Value) -> PyResult<bool> {
        if let Some(set) = other.downcast::<Set>() {
            return set.is_subset(vm, self.as_value());
        }
        let iterator = vm.iter(other)?;
        while let Some(key) = vm.next(&iterator)? {
            if !self.contains(vm, &key)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_disjoint(&self, vm: &Vm, other: &Value) -> PyResult<bool> {
        if self.as_value().is(other) {
            return Ok(self.is_empty());
        }
        if is_set(other)
            && let Some(set) = other.downcast::<Set>()
        {
            let (walked, asked) = if set.len() > self.len() { (self, set) } else { (set, self) };
            return walked.all_in(vm, asked, false);
        }
        let iterator = vm.iter(other)?;
        while let Some(key) = vm.next(&iterator)? {
            let hash = vm.hash_element(&key)?;
            if self.contains_hashed(vm, &key, hash)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

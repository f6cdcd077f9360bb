//! Filling a dict from other things: mappings, pairs, keywords.

use super::{Dict, is_plain_iteration};
use crate::args::Args;
use crate::error::{PyResult, Raised};
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

/// What to do with a key that is already there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Merge {
    /// The new value replaces the old one.
    Override,
    /// The old value stays.
    Keep,
    /// `KeyError`.
    Refuse,
}

impl Dict {
    /// `dict.update(other)`: from a mapping (whatever has `keys`) or an iterable of pairs.
    pub fn update_from(&self, vm: &Vm, other: &Value, override_: bool) -> PyResult<()> {
        let merge = if override_ { Merge::Override } else { Merge::Keep };
        if vm.type_of(other).is(&vm.types.dict) || vm.get_attr_opt(other, &vm.names.keys)?.is_some() {
            return self.merge(vm, other, merge);
        }
        self.update_from_pairs(vm, other, merge)
    }

    /// Takes the entries of a mapping over.
    pub fn merge(&self, vm: &Vm, other: &Value, merge: Merge) -> PyResult<()> {
        if let Some(dict) = other.downcast::<Dict>()
            && is_plain_iteration(vm, other)
        {
            return self.merge_dict(vm, dict, merge);
        }
        let keys = vm.call_method(other, &vm.names.keys, &[])?;
        let iterator = vm.iter(&keys)?;
        while let Some(key) = vm.next(&iterator)? {
            if merge != Merge::Override && self.contains(vm, &key)? {
                if merge == Merge::Refuse {
                    return Err(vm.key_error(&key));
                }
                continue;
            }
            let value = vm.get_item(other, &key)?;
            self.set(vm, &key, value)?;
        }
        Ok(())
    }

    fn merge_dict(&self, vm: &Vm, other: &Ref<Dict>, merge: Merge) -> PyResult<()> {
        if std::ptr::eq(self, &**other) || other.is_empty() {
            return Ok(());
        }
        if self.is_empty() {
            // Nothing is lost by taking over a whole copy of the table.
            let copy = other.copy(vm)?;
            let table = copy.cell.with_mut(|table| table.take());
            drop(self.cell.with_mut(|old| old.install(table)));
            return Ok(());
        }
        let filled = other.positions();
        let mut position = 0;
        while let Some((key, value, hash)) = other.next_entry_hashed(&mut position) {
            match merge {
                Merge::Override => self.set_hashed(vm, &key, hash, value)?,
                Merge::Keep => drop(self.setdefault_hashed(vm, &key, hash, &value)?),
                Merge::Refuse => {
                    if self.find_hashed(vm, &key, hash)?.is_some() {
                        return Err(vm.key_error(&key));
                    }
                    self.set_hashed(vm, &key, hash, value)?;
                }
            }
            if other.positions() != filled {
                return Err(vm.runtime_error("dict mutated during update"));
            }
        }
        Ok(())
    }

    /// Takes pairs over.
    pub fn update_from_pairs(&self, vm: &Vm, pairs: &Value, merge: Merge) -> PyResult<()> {
        let iterator = vm.iter(pairs)?;
        let mut index = 0;
        while let Some(pair) = vm.next(&iterator)? {
            let slots = &vm.type_of(&pair).slots;
            let items = if slots.iter.get().is_none() && slots.sq_item.get().is_none() {
                Err(vm.type_error("object is not iterable"))
            } else {
                vm.collect(&pair)
            };
            let items = items.map_err(|raised| with_note(vm, raised, index))?;
            let [key, value] = &items[..] else {
                let len = items.len();
                return Err(vm.value_error(format!(
                    "dictionary update sequence element #{index} has length {len}; 2 is required"
                )));
            };
            if merge == Merge::Override {
                self.set(vm, key, value.clone())?;
            } else {
                drop(self.setdefault(vm, key, value)?);
            }
            index += 1;
        }
        Ok(())
    }

    /// The arguments of `dict(...)`, `dict.update(...)` and their like.
    pub fn update_from_args(&self, vm: &Vm, name: &str, args: Args<'_>) -> PyResult<()> {
        let positional = args.positional();
        crate::args::check_count(vm, name, positional.len(), 0, 1)?;
        if let Some(other) = positional.first() {
            self.update_from(vm, other, true)?;
        }
        for (key, value) in args.keywords() {
            self.set(vm, key, value.clone())?;
        }
        Ok(())
    }
}

/// Adds to a `TypeError` which pair was being taken apart.
#[cold]
fn with_note(vm: &Vm, raised: Raised, index: usize) -> Raised {
    if !vm.raised_is(&raised, &vm.types.type_error) {
        return raised;
    }
    let note = vm.new_str(&format!("Cannot convert dictionary update sequence element #{index} to a sequence"));
    match vm.call_method_str(&raised.0, "add_note", &[note]) {
        Ok(_) => raised,
        Err(failure) => failure,
    }
}

//! Splitting, partitioning, joining and replacing in `bytes` and `bytearray`.

use super::Bytes;
use super::array::ByteArray;
use super::operand::{Operand, like, like_vec, part, receiver, unchanged};
use crate::args::Bound;
use crate::error::{PyResult, Raised};
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::bytes_ops;
use oriel_kernel::text::slices::{search, split as slices};

/// Separator and largest number of cuts.
fn split_arguments<'a>(vm: &Vm, args: &Bound<'a>) -> PyResult<(Option<Operand<'a>>, usize)> {
    let most = match args[1] {
        Some(most) => vm.to_isize(most)?,
        None => -1,
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let separator = match args[0] {
        Some(separator) if !separator.is_none() => Some(vm.operand(separator)?),
        _ => None,
    };
    if separator.as_ref().is_some_and(|separator| separator.len() == 0) {
        return Err(vm.value_error("empty separator"));
    }
    Ok((separator, most))
}

pub(super) fn split(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let own = receiver(vm, this)?;
    let (separator, most) = split_arguments(vm, args)?;
    let mut parts = Vec::new();
    own.with(|bytes| -> PyResult<()> {
        let push = |piece: &[u8]| -> PyResult<()> {
            parts.push(part(vm, this, piece, bytes.len())?);
            Ok(())
        };
        match &separator {
            None => bytes_ops::split_space(bytes, most, push),
            Some(separator) => separator.with(|separator| slices::split(bytes, separator, most, push)),
        }
    })?;
    Ok(vm.list(parts))
}

pub(super) fn rsplit(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let own = receiver(vm, this)?;
    let (separator, most) = split_arguments(vm, args)?;
    let mut parts = Vec::new();
    own.with(|bytes| -> PyResult<()> {
        let push = |piece: &[u8]| -> PyResult<()> {
            parts.push(part(vm, this, piece, bytes.len())?);
            Ok(())
        };
        match &separator {
            None => bytes_ops::rsplit_space(bytes, most, push),
            Some(separator) => separator.with(|separator| slices::rsplit(bytes, separator, most, push)),
        }
    })?;
    parts.reverse();
    Ok(vm.list(parts))
}

pub(super) fn split_lines(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let keep = match args[0] {
        Some(keep) => vm.truth(keep)?,
        None => false,
    };
    let own = receiver(vm, this)?;
    let mut lines = Vec::new();
    own.with(|bytes| {
        bytes_ops::split_lines(bytes, keep, |line| -> Result<(), Raised> {
            lines.push(part(vm, this, line, bytes.len())?);
            Ok(())
        })
    })?;
    Ok(vm.list(lines))
}

fn parted(vm: &Vm, this: &Value, separator: &Value, from_right: bool) -> PyResult {
    let (own, operand) = (receiver(vm, this)?, vm.operand(separator)?);
    if operand.len() == 0 {
        return Err(vm.value_error("empty separator"));
    }
    let find = if from_right { search::rfind } else { search::find };
    let at = own.with(|bytes| operand.with(|separator| find(bytes, separator)));
    let Some(at) = at else {
        let (empty, other) = (like(vm, this, b"")?, like(vm, this, b"")?);
        let whole = unchanged(vm, this)?;
        return Ok(if from_right { vm.tuple([empty, other, whole]) } else { vm.tuple([whole, empty, other]) });
    };
    let middle = match this.downcast::<Bytes>() {
        Some(_) if vm.is_exact_bytes(separator) => separator.clone(),
        Some(_) => operand.with(|separator| vm.try_new_bytes(separator))?,
        None => operand.with(|separator| like(vm, this, separator))?,
    };
    let len = operand.len();
    let (before, after) = own.with(|bytes| (like(vm, this, &bytes[..at]), like(vm, this, &bytes[at + len..])));
    Ok(vm.tuple([before?, middle, after?]))
}

pub(super) fn partition(vm: &Vm, this: &Value, separator: &Value) -> PyResult {
    parted(vm, this, separator, false)
}

pub(super) fn rpartition(vm: &Vm, this: &Value, separator: &Value) -> PyResult {
    parted(vm, this, separator, true)
}

pub(super) fn replace(vm: &Vm, this: &Value, args: &[Value]) -> PyResult {
    let [old, new, rest @ ..] = args else { return Ok(Value::NONE) };
    let (own, old, new) = (receiver(vm, this)?, vm.operand(old)?, vm.operand(new)?);
    let most = match rest.first() {
        Some(count) => vm.to_isize(count)?,
        None => -1,
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let replaced = own.with(|bytes| old.with(|old| new.with(|new| bytes_ops::replace(bytes, old, new, most))));
    match replaced.map_err(|error| vm.size_error(error, "replace bytes is too long"))? {
        Some(bytes) => like_vec(vm, this, bytes),
        None => unchanged(vm, this),
    }
}

/// Joins with a `bytes` what is exactly `bytes` without exception; else nothing.
fn join_exact(vm: &Vm, between: &[u8], items: &[Value]) -> Option<PyResult> {
    let mut total = between.len().checked_mul(items.len().saturating_sub(1))?;
    for item in items {
        if !vm.is_exact_bytes(item) {
            return None;
        }
        total = total.checked_add(item.downcast::<Bytes>()?.as_slice().len())?;
    }
    if total > isize::MAX as usize {
        return None;
    }
    Some(vm.new_bytes_filled(&vm.types.bytes, total, |data| {
        let mut rest = data;
        let mut put = |bytes: &[u8]| {
            if let Some((here, behind)) = std::mem::take(&mut rest).split_at_mut_checked(bytes.len()) {
                here.copy_from_slice(bytes);
                rest = behind;
            }
        };
        for (index, item) in items.iter().enumerate() {
            if index > 0 && !between.is_empty() {
                put(between);
            }
            if let Some(item) = item.downcast::<Bytes>() {
                put(item.as_slice());
            }
        }
    }))
}

pub(super) fn join(vm: &Vm, this: &Value, iterable: &Value) -> PyResult {
    if vm.is_exact_bytes(this)
        && let Some(between) = this.downcast::<Bytes>()
    {
        let joined = if let Some(list) = iterable.downcast::<List>().filter(|list| list.len() > 1) {
            // Joining `bytes` runs no code, so the list does not change.
            list.with_items(|items| join_exact(vm, between.as_slice(), items))
        } else if let Some(tuple) = iterable.downcast::<Tuple>().filter(|tuple| tuple.len() > 1) {
            join_exact(vm, between.as_slice(), tuple.items())
        } else {
            None
        };
        if let Some(joined) = joined {
            return joined;
        }
    }
    let own = receiver(vm, this)?;
    // The length of what is put between the items must not change while they are asked for.
    let _held = match this.downcast::<ByteArray>() {
        Some(_) => Some(vm.full_buffer(this, false)?),
        None => None,
    };
    let items = match vm.collect(iterable) {
        Ok(items) => items,
        Err(raised)
            if vm.raised_is(&raised, &vm.types.type_error) && vm.type_of(iterable).slots.iter.get().is_none() =>
        {
            return Err(vm.type_error("can only join an iterable"));
        }
        Err(raised) => return Err(raised),
    };
    if let [item] = items.as_slice()
        && vm.is_exact_bytes(item)
        && vm.is_exact_bytes(this)
    {
        return Ok(item.clone());
    }
    let mut parts = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match vm.operand_opt(item)? {
            Some(operand) => parts.push(operand),
            None => {
                let name = vm.type_name(item);
                return Err(vm.type_error(format!("sequence item {index}: expected a bytes-like object, {name} found")));
            }
        }
    }
    let between = own.len();
    let mut total = between.checked_mul(parts.len().saturating_sub(1));
    for part in &parts {
        total = total.and_then(|total| total.checked_add(part.len()));
    }
    let total = total.filter(|total| *total <= isize::MAX as usize);
    let Some(total) = total else { return Err(vm.overflow_error("join() result is too long")) };
    let fill = |data: &mut [u8]| {
        let mut at = 0;
        let mut put = |bytes: &[u8]| {
            data[at..at + bytes.len()].copy_from_slice(bytes);
            at += bytes.len();
        };
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                own.with(&mut put);
            }
            part.with(&mut put);
        }
    };
    if this.downcast::<ByteArray>().is_none() {
        return vm.new_bytes_filled(&vm.types.bytes, total, fill);
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(total).map_err(|_| vm.memory_error())?;
    bytes.resize(total, 0);
    fill(&mut bytes);
    like_vec(vm, this, bytes)
}

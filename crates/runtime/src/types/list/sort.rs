//! `list.sort`: a stable merge sort over natural runs, with shortcuts where all keys are numbers or strings.
//!
//! While it runs the list is empty; what is added to it meanwhile is thrown away, and is an error. If a comparison
//! fails the list has its items in the order they were in.

use super::List;
use crate::args::Bound;
use crate::error::PyResult;
use crate::slots::CompareOp;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use oriel_kernel::text::Text;
use std::cmp::Ordering;

/// The method.
pub fn sort(vm: &Vm, list: &Value, args: &Bound<'_>) -> PyResult {
    let key = args[0].filter(|key| !key.is_none());
    let reverse = match args[1] {
        Some(flag) => vm.truth(flag)?,
        None => false,
    };
    sort_list(vm, vm.body::<List>(list)?, key, reverse)?;
    Ok(Value::NONE)
}

/// Sorts a list in place.
pub fn sort_list(vm: &Vm, list: &Ref<List>, key: Option<&Value>, reverse: bool) -> PyResult<()> {
    let mut items = list.take_all();
    let result = match key {
        None => sort_values(vm, &mut items, |item| item, reverse),
        Some(key) => sort_by_key(vm, &mut items, key, reverse),
    };
    let modified = !list.is_empty() || list.allocated() > 0;
    list.put_all(items);
    result?;
    if modified {
        return Err(vm.value_error("list modified during sort"));
    }
    Ok(())
}

fn sort_by_key(vm: &Vm, items: &mut Vec<Value>, key: &Value, reverse: bool) -> PyResult<()> {
    let mut keys = vm.try_vec(items.len())?;
    for item in items.iter() {
        keys.push(vm.call(key, std::slice::from_ref(item))?);
    }
    let mut pairs: Vec<(Value, Value)> = Vec::new();
    pairs.try_reserve_exact(items.len()).map_err(|_| vm.memory_error())?;
    pairs.extend(keys.into_iter().zip(items.drain(..)));
    let result = sort_values(vm, &mut pairs, |pair| &pair.0, reverse);
    let mut keys = Vec::with_capacity(pairs.len());
    for (key, item) in pairs {
        keys.push(key);
        items.push(item);
    }
    drop(keys);
    result
}

/// What all keys are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    /// Immediate integers.
    Ints,
    /// Immediate floats: no NaN among them.
    Floats,
    /// Exact strings.
    Strs,
    /// Exact tuples.
    Tuples,
    /// Anything.
    Mixed,
}

fn kind_of(vm: &Vm, key: &Value) -> Keys {
    if key.is_small_int() {
        Keys::Ints
    } else if key.is_immediate_float() {
        Keys::Floats
    } else if vm.is_exact_str(key) {
        Keys::Strs
    } else if vm.type_of(key).is(&vm.types.tuple) {
        Keys::Tuples
    } else {
        Keys::Mixed
    }
}

/// Sorts by the value that `key` finds in each element.
pub fn sort_values<T>(vm: &Vm, items: &mut Vec<T>, key: impl Fn(&T) -> &Value + Copy, reverse: bool) -> PyResult<()> {
    if items.len() < 2 {
        return Ok(());
    }
    // Sorting the reversed items and reversing the result keeps equal items in their order.
    if reverse {
        items.reverse();
    }
    let mut kind = kind_of(vm, key(&items[0]));
    if kind != Keys::Mixed && !items.iter().all(|item| kind_of(vm, key(item)) == kind) {
        kind = Keys::Mixed;
    }
    let result = match kind {
        Keys::Ints => {
            // The tag is the same in all of them, so the words order as the numbers do.
            items.sort_by_key(|item| key(item).word() as i64);
            Ok(())
        }
        Keys::Floats => {
            items.sort_by(|a, b| {
                let (a, b) = (key(a).float_unchecked(), key(b).float_unchecked());
                a.partial_cmp(&b).unwrap_or(Ordering::Equal)
            });
            Ok(())
        }
        Keys::Strs => {
            if !sort_narrow(items, key) {
                items.sort_by(|a, b| text_of(key(a)).compare(text_of(key(b))));
            }
            Ok(())
        }
        Keys::Tuples => merge_sort(vm, items, |a, b| tuple_less(vm, key(a), key(b))),
        Keys::Mixed => merge_sort(vm, items, |a, b| less(vm, key(a), key(b))),
    };
    if reverse {
        items.reverse();
    }
    result
}

fn text_of(value: &Value) -> Text<'_> {
    value.downcast::<Str>().map_or(Text::EMPTY, |string| string.text())
}

/// Sorts by strings of one byte a character: their first eight, kept beside the position, mostly decide. False, with
/// nothing done, where there are others.
fn sort_narrow<T>(items: &mut Vec<T>, key: impl Fn(&T) -> &Value) -> bool {
    let mut order: Vec<(u64, u32)> = Vec::new();
    if u32::try_from(items.len()).is_err() || order.try_reserve_exact(items.len()).is_err() {
        return false;
    }
    for (item, position) in items.iter().zip(0..) {
        let bytes = match text_of(key(item)) {
            Text::Ascii(text) => text.as_bytes(),
            Text::Latin1(bytes) => bytes,
            _ => return false,
        };
        let mut first = [0; 8];
        let len = bytes.len().min(8);
        first[..len].copy_from_slice(&bytes[..len]);
        order.push((u64::from_be_bytes(first), position));
    }
    order.sort_by(|a, b| {
        let texts = || text_of(key(&items[a.1 as usize])).compare(text_of(key(&items[b.1 as usize])));
        a.0.cmp(&b.0).then_with(texts)
    });
    let mut taken: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(order.into_iter().filter_map(|(_, position)| taken[position as usize].take()));
    true
}

/// `a < b` as a truth.
#[inline]
pub fn less(vm: &Vm, a: &Value, b: &Value) -> PyResult<bool> {
    if Value::both_small_ints(a, b) {
        return Ok((a.word() as i64) < b.word() as i64);
    }
    if let (Some(x), Some(y)) = (a.as_immediate_float(), b.as_immediate_float()) {
        return Ok(x < y);
    }
    if vm.is_exact_str(a)
        && vm.is_exact_str(b)
        && let (Some(x), Some(y)) = (a.downcast::<Str>(), b.downcast::<Str>())
    {
        return Ok(x.text().compare(y.text()).is_lt());
    }
    let result = vm.rich_compare(a, b, CompareOp::Lt)?;
    vm.truth(&result)
}

fn tuple_less(vm: &Vm, a: &Value, b: &Value) -> PyResult<bool> {
    let (Some(x), Some(y)) = (a.downcast::<Tuple>(), b.downcast::<Tuple>()) else { return less(vm, a, b) };
    vm.check_stack_for(" in comparison")?;
    for (left, right) in x.items().iter().zip(y.items()) {
        if !vm.equal(left, right)? {
            return less(vm, left, right);
        }
    }
    Ok(x.len() < y.len())
}

/// Sorts stably with a comparison that can fail; then the order stays as it was.
fn merge_sort<T>(vm: &Vm, items: &mut Vec<T>, less: impl Fn(&T, &T) -> PyResult<bool>) -> PyResult<()> {
    let mut order: Vec<usize> = Vec::new();
    let len = items.len();
    if order.try_reserve_exact(len).is_err() {
        return Err(vm.memory_error());
    }
    order.extend(0..len);
    {
        let items = &items[..];
        Sorter { less: |a: usize, b: usize| less(&items[a], &items[b]), scratch: Vec::new() }.sort(&mut order)?;
    }
    let mut taken: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(order.into_iter().filter_map(|index| taken[index].take()));
    Ok(())
}

/// The sorting of positions: natural runs, extended to a least length by binary insertion, merged in the order that
/// powersort chooses.
struct Sorter<F> {
    less: F,
    scratch: Vec<usize>,
}

struct Run {
    start: usize,
    len: usize,
    power: u32,
}

impl<F: Fn(usize, usize) -> PyResult<bool>> Sorter<F> {
    fn sort(&mut self, order: &mut [usize]) -> PyResult<()> {
        let len = order.len();
        let least = least_run(len);
        let mut runs: Vec<Run> = Vec::new();
        let mut start = 0;
        while start < len {
            let mut run = self.count_run(&mut order[start..])?;
            if run < least {
                let forced = least.min(len - start);
                self.insert(&mut order[start..start + forced], run)?;
                run = forced;
            }
            if let Some(last) = runs.last() {
                let power = node_power(last.start, last.len, run, len);
                while let [.., before, top] = &runs[..]
                    && before.power > power
                {
                    let merged = Run { start: before.start, len: before.len + top.len, power: top.power };
                    let middle = before.len;
                    self.merge(&mut order[merged.start..merged.start + merged.len], middle)?;
                    runs.truncate(runs.len() - 2);
                    runs.push(merged);
                }
                if let Some(last) = runs.last_mut() {
                    last.power = power;
                }
            }
            runs.push(Run { start, len: run, power: 0 });
            start += run;
        }
        while let [.., before, top] = &runs[..] {
            let merged = Run { start: before.start, len: before.len + top.len, power: 0 };
            let middle = before.len;
            self.merge(&mut order[merged.start..merged.start + merged.len], middle)?;
            runs.truncate(runs.len() - 2);
            runs.push(merged);
        }
        Ok(())
    }

    /// The length of the run at the beginning. A descending one is turned round, equal items keeping their order.
    fn count_run(&self, order: &mut [usize]) -> PyResult<usize> {
        let mut len = 1;
        while len < order.len() && !(self.less)(order[len], order[len - 1])? {
            len += 1;
        }
        if len == order.len() || len > 1 && (self.less)(order[0], order[len - 1])? {
            return Ok(len);
        }
        // All so far are equal, and the next one is smaller: a descending run.
        order[..len].reverse();
        len += 1;
        let mut equal = 0;
        while len < order.len() {
            if (self.less)(order[len], order[len - 1])? {
                order[len - equal - 1..len].reverse();
                equal = 0;
            } else if (self.less)(order[len - 1], order[len])? {
                break;
            } else {
                equal += 1;
            }
            len += 1;
        }
        order[len - equal - 1..len].reverse();
        order[..len].reverse();
        while len < order.len() && !(self.less)(order[len], order[len - 1])? {
            len += 1;
        }
        Ok(len)
    }

    /// Binary insertion of what is behind the sorted beginning.
    fn insert(&self, order: &mut [usize], sorted: usize) -> PyResult<()> {
        for next in sorted.max(1)..order.len() {
            let pivot = order[next];
            let (mut low, mut high) = (0, next);
            while low < high {
                let middle = low + (high - low) / 2;
                if (self.less)(pivot, order[middle])? {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            order[low..=next].rotate_right(1);
        }
        Ok(())
    }

    /// How many of the sorted positions are not greater than the pivot: a search that starts with small steps.
    fn not_greater(&self, pivot: usize, order: &[usize]) -> PyResult<usize> {
        let (mut low, mut step) = (0, 1);
        while low + step <= order.len() && !(self.less)(pivot, order[low + step - 1])? {
            low += step;
            step *= 2;
        }
        let mut high = order.len().min(low + step - 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if (self.less)(pivot, order[middle])? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(low)
    }

    /// How many of the sorted positions are less than the pivot.
    fn lesser(&self, pivot: usize, order: &[usize]) -> PyResult<usize> {
        let (mut low, mut step) = (0, 1);
        while low + step <= order.len() && (self.less)(order[low + step - 1], pivot)? {
            low += step;
            step *= 2;
        }
        let mut high = order.len().min(low + step - 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if (self.less)(order[middle], pivot)? {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// As [`Sorter::lesser`], starting with small steps from the end.
    fn lesser_from_end(&self, pivot: usize, order: &[usize]) -> PyResult<usize> {
        let (mut high, mut step) = (order.len(), 1);
        while step <= high && !(self.less)(order[high - step], pivot)? {
            high -= step;
            step *= 2;
        }
        let low = (high + 1).saturating_sub(step);
        Ok(low + self.lesser(pivot, &order[low..high])?)
    }

    /// Merges two neighbouring sorted parts.
    fn merge(&mut self, order: &mut [usize], middle: usize) -> PyResult<()> {
        // What is already in its place at both ends stays out of it.
        let skip = self.not_greater(order[middle], &order[..middle])?;
        if skip == middle {
            return Ok(());
        }
        let end = middle + self.lesser_from_end(order[middle - 1], &order[middle..])?;
        let order = &mut order[skip..end];
        let middle = middle - skip;
        self.scratch.clear();
        self.scratch.extend_from_slice(order);
        let (left, right) = self.scratch.split_at(middle);
        let (mut l, mut r, mut out) = (0, 0, 0);
        let (mut wins_left, mut wins_right) = (0, 0);
        while l < left.len() && r < right.len() {
            if wins_left >= 7 || wins_right >= 7 {
                // One side keeps winning: look further ahead.
                let many = self.not_greater(right[r], &left[l..])?;
                order[out..out + many].copy_from_slice(&left[l..l + many]);
                (l, out) = (l + many, out + many);
                if l == left.len() {
                    break;
                }
                let more = self.lesser(left[l], &right[r..])?;
                order[out..out + more].copy_from_slice(&right[r..r + more]);
                (r, out) = (r + more, out + more);
                if many < 7 && more < 7 {
                    (wins_left, wins_right) = (0, 0);
                }
                continue;
            }
            if (self.less)(right[r], left[l])? {
                order[out] = right[r];
                r += 1;
                (wins_left, wins_right) = (0, wins_right + 1);
            } else {
                order[out] = left[l];
                l += 1;
                (wins_left, wins_right) = (wins_left + 1, 0);
            }
            out += 1;
        }
        let rest = left.len() - l;
        order[out..out + rest].copy_from_slice(&left[l..]);
        order[out + rest..].copy_from_slice(&right[r..]);
        Ok(())
    }
}

/// The length below which runs are extended: 32 to 64, so that a power of two or a little less of them results.
fn least_run(mut len: usize) -> usize {
    let mut lost = 0;
    while len >= 64 {
        lost |= len & 1;
        len >>= 1;
    }
    len + lost
}

/// The depth, in a perfectly balanced merge tree, of the node between two neighbouring runs.
fn node_power(start: usize, first: usize, second: usize, total: usize) -> u32 {
    let (mut a, mut b) = (2 * start + first, 2 * start + first + first + second);
    let mut power = 0;
    loop {
        power += 1;
        let (over_a, over_b) = (a >= total, b >= total);
        if over_a != over_b {
            return power;
        }
        if over_a {
            a -= total;
            b -= total;
        }
        a <<= 1;
        b <<= 1;
        if power > 64 {
            return power;
        }
    }
}

//! The body of lists and what native code asks of them. What Python sees is in the files beside this one.
//!
//! ```text
//!  0       16     24      32
//!  | header | size | items | allocated |        as CPython 3.14 has it
//!                    '-> | item 0 | item 1 | ... | room |
//! ```
//! Named in the design as one of the places with unsafe code: every borrow of the items ends before Python code
//! can run, and items taken out are dropped when the list is whole again.

pub mod iterators;
mod methods;
pub mod sort;

pub use iterators::{ITERATOR_SPEC, REVERSE_ITERATOR_SPEC};
pub use methods::{SPEC, extend_by};
pub(crate) use methods::{repeated, sliced};

use crate::error::PyResult;
use crate::vm::Vm;
use oriel_heap::{Body, Header, Layout, Ref, Value, Visitor};
use std::alloc::{Layout as MemoryLayout, alloc, handle_alloc_error, realloc};
use std::cell::Cell;
use std::mem::{ManuallyDrop, offset_of};
use std::ptr::NonNull;

/// The body of a list.
#[repr(C)]
pub struct List {
    size: Cell<usize>,
    items: Cell<*mut Value>,
    allocated: Cell<usize>,
}

const _: () = assert!(size_of::<Header>() + offset_of!(List, size) == 16);
const _: () = assert!(size_of::<Header>() + offset_of!(List, items) == 24);

static LAYOUT: Layout = Layout::of::<List>("list", None);

impl Body for List {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        // SAFETY: a visitor of the collector runs no Python code.
        for item in unsafe { self.items_ref() } {
            visitor(item);
        }
    }

    fn clear(&self) {
        drop(self.take_all());
    }
}

impl Drop for List {
    fn drop(&mut self) {
        drop(self.take_all());
    }
}

impl Default for List {
    fn default() -> List {
        List { size: Cell::new(0), items: Cell::new(NonNull::dangling().as_ptr()), allocated: Cell::new(0) }
    }
}

/// The memory for so many items, or nothing where that is too large.
fn items_layout(count: usize) -> Option<MemoryLayout> {
    MemoryLayout::array::<Value>(count).ok()
}

/// How much memory to have for so many items, so that appending takes amortized constant time.
fn roomy(size: usize) -> usize {
    (size.saturating_add(size >> 3).saturating_add(6)) & !3
}

impl List {
    /// A body that takes the items over.
    pub fn of(items: Vec<Value>) -> List {
        // `Vec` and the list allocate alike: so many values, the natural alignment, the global allocator.
        let mut items = ManuallyDrop::new(items);
        List {
            size: Cell::new(items.len()),
            items: Cell::new(items.as_mut_ptr()),
            allocated: Cell::new(items.capacity()),
        }
    }

    /// The number of items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.size.get()
    }

    /// Whether there are no items.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.size.get() == 0
    }

    /// For how many items there is memory.
    pub fn allocated(&self) -> usize {
        self.allocated.get()
    }

    /// The items, borrowed.
    ///
    /// # Safety
    /// The list must not change while the borrow lives: no Python code may run and no reference be dropped.
    #[inline(always)]
    pub unsafe fn items_ref(&self) -> &[Value] {
        // SAFETY: `size` items are initialized, and as the caller says they stay.
        unsafe { std::slice::from_raw_parts(self.items.get(), self.size.get()) }
    }

    /// The items, borrowed exclusively.
    ///
    /// # Safety
    /// As for [`List::items_ref`], and no other borrow may live.
    #[allow(clippy::mut_from_ref, reason = "the body is a cell; the caller vouches for exclusiveness")]
    #[inline(always)]
    pub unsafe fn items_mut(&self) -> &mut [Value] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.items.get(), self.size.get()) }
    }

    /// The item at a position, borrowed.
    ///
    /// # Safety
    /// As for [`List::items_ref`].
    #[inline(always)]
    pub unsafe fn item_ref(&self, index: usize) -> Option<&Value> {
        // SAFETY: as the caller says.
        unsafe { self.items_ref() }.get(index)
    }

    /// The item at a position.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<Value> {
        // SAFETY: cloning runs no Python code.
        unsafe { self.items_ref() }.get(index).cloned()
    }

    /// Puts an item at a position that exists and gives the old one; gives the item back where there is none.
    #[inline(always)]
    pub fn replace(&self, index: usize, value: Value) -> Result<Value, Value> {
        // SAFETY: the borrow ends with the exchange of two words.
        match unsafe { self.items_mut() }.get_mut(index) {
            Some(item) => Ok(std::mem::replace(item, value)),
            None => Err(value),
        }
    }

    /// Puts an item at a position and drops the old one; false where there is no such position.
    #[inline(always)]
    pub fn set(&self, index: usize, value: Value) -> bool {
        match self.replace(index, value) {
            Ok(old) => {
                drop(old);
                true
            }
            Err(_) => false,
        }
    }

    /// Makes room for so many items in all; false where memory is out.
    #[cold]
    #[inline(never)]
    fn grow(&self, needed: usize, exact: bool) -> bool {
        let allocated = self.allocated.get();
        if needed <= allocated {
            return true;
        }
        let wanted = if exact { needed } else { roomy(needed) };
        let Some(layout) = items_layout(wanted) else { return false };
        // SAFETY: a list with room has a block of that size from the same allocator; the new size is not zero.
        let block = unsafe {
            match items_layout(allocated) {
                Some(old) if allocated > 0 => realloc(self.items.get().cast(), old, layout.size()),
                _ => alloc(layout),
            }
        };
        if block.is_null() {
            return false;
        }
        self.items.set(block.cast());
        self.allocated.set(wanted);
        true
    }

    /// Makes room for so many more items.
    pub fn try_reserve(&self, more: usize) -> bool {
        match self.len().checked_add(more) {
            Some(needed) => needed <= self.allocated.get() || self.grow(needed, false),
            None => false,
        }
    }

    /// Makes room for exactly so many more items.
    pub fn try_reserve_exact(&self, more: usize) -> bool {
        match self.len().checked_add(more) {
            Some(needed) => needed <= self.allocated.get() || self.grow(needed, true),
            None => false,
        }
    }

    /// Adds an item at the end. Aborts where there is no memory.
    #[inline(always)]
    pub fn push(&self, value: Value) {
        let size = self.size.get();
        if size == self.allocated.get() && !self.grow(size + 1, false) {
            handle_alloc_error(items_layout(size + 1).unwrap_or(MemoryLayout::new::<Value>()));
        }
        // SAFETY: there is room for one more item.
        unsafe { self.items.get().add(size).write(value) };
        self.size.set(size + 1);
    }

    /// Takes the last item out.
    #[inline]
    pub fn pop(&self) -> Option<Value> {
        let size = self.size.get().checked_sub(1)?;
        self.size.set(size);
        // SAFETY: the item was initialized and is no longer part of the list.
        let item = unsafe { self.items.get().add(size).read() };
        self.shrink();
        Some(item)
    }

    /// Gives memory back when less than half of it is used.
    fn shrink(&self) {
        let (size, allocated) = (self.size.get(), self.allocated.get());
        if allocated < 16 || size >= allocated >> 1 {
            return;
        }
        let wanted = roomy(size);
        if size == 0 || wanted >= allocated {
            return;
        }
        if let (Some(old), Some(new)) = (items_layout(allocated), items_layout(wanted)) {
            // SAFETY: the block has the old layout; the new size is not zero and holds all items.
            let block = unsafe { realloc(self.items.get().cast(), old, new.size()) };
            if !block.is_null() {
                self.items.set(block.cast());
                self.allocated.set(wanted);
            }
        }
    }

    /// Puts an item before a position; a position behind the end is the end. Aborts where there is no memory.
    pub fn insert(&self, index: usize, value: Value) {
        let size = self.size.get();
        self.push(value);
        if index < size {
            // SAFETY: rotating words runs no code.
            let items = unsafe { self.items_mut() };
            items[index..].rotate_right(1);
        }
    }

    /// Takes the item at a position out.
    pub fn remove(&self, index: usize) -> Option<Value> {
        if index >= self.len() {
            return None;
        }
        // SAFETY: rotating words runs no code.
        let items = unsafe { self.items_mut() };
        items[index..].rotate_left(1);
        self.pop()
    }

    /// Drops the items from a position on.
    pub fn truncate(&self, len: usize) {
        if len < self.len() {
            drop(self.splice(len, self.len(), Vec::new()));
        }
    }

    /// Puts items in the place of a range and gives the old ones; out-of-range ends are the end. Aborts where
    /// there is no memory.
    pub fn splice(&self, start: usize, end: usize, new: Vec<Value>) -> Vec<Value> {
        let size = self.size.get();
        let end = end.min(size);
        let start = start.min(end);
        if new.len() == end - start {
            let mut new = new;
            // SAFETY: exchanging words runs no code.
            let items = unsafe { self.items_mut() };
            items[start..end].swap_with_slice(&mut new);
            return new;
        }
        let mut old = Vec::with_capacity(end - start);
        let left = size - (end - start);
        if new.len() > end - start && !self.try_reserve(new.len() - (end - start)) {
            handle_alloc_error(items_layout(left + new.len()).unwrap_or(MemoryLayout::new::<Value>()));
        }
        let count = new.len();
        let mut new = ManuallyDrop::new(new);
        // SAFETY: the items of the range move to `old`, which has room for them; those behind it move within the block,
        // which has room for all; the new ones move into the gap, and their vector is given back without them.
        unsafe {
            let items = self.items.get();
            std::ptr::copy_nonoverlapping(items.add(start), old.as_mut_ptr(), end - start);
            old.set_len(end - start);
            std::ptr::copy(items.add(end), items.add(start + count), size - end);
            std::ptr::copy_nonoverlapping(new.as_ptr(), items.add(start), count);
            new.set_len(0);
            ManuallyDrop::drop(&mut new);
        }
        self.size.set(left + count);
        if count < end - start {
            self.shrink();
        }
        old
    }

    /// Adds clones of the items; false where memory is out.
    pub fn extend_from_slice(&self, items: &[Value]) -> bool {
        // A list that was empty is not likely to grow on.
        if !(if self.is_empty() { self.try_reserve_exact(items.len()) } else { self.try_reserve(items.len()) }) {
            return false;
        }
        let size = self.size.get();
        for (offset, item) in items.iter().enumerate() {
            // SAFETY: there is room for all of them; cloning runs no code.
            unsafe { self.items.get().add(size + offset).write(item.clone()) };
        }
        self.size.set(size + items.len());
        true
    }

    /// Lends the items to a function that must run no Python code and drop no reference.
    #[inline(always)]
    pub(crate) fn with_items<R>(&self, function: impl FnOnce(&[Value]) -> R) -> R {
        // SAFETY: the functions given only read and clone.
        function(unsafe { self.items_ref() })
    }

    /// How many items from the first are the same words in both lists.
    pub(crate) fn same_prefix(&self, other: &List) -> usize {
        // SAFETY: comparing words runs no code.
        let (own, others) = unsafe { (self.items_ref(), other.items_ref()) };
        own.iter().zip(others).take_while(|(a, b)| a.is(b)).count()
    }

    /// Turns the order of the items round.
    pub fn reverse(&self) {
        // SAFETY: exchanging words runs no code.
        unsafe { self.items_mut() }.reverse();
    }

    /// Clones of all items now.
    pub fn snapshot(&self) -> Vec<Value> {
        // SAFETY: cloning runs no Python code.
        unsafe { self.items_ref() }.to_vec()
    }

    /// Takes all items out, with their memory.
    pub fn take_all(&self) -> Vec<Value> {
        let (items, size, allocated) =
            (self.items.replace(NonNull::dangling().as_ptr()), self.size.replace(0), self.allocated.replace(0));
        // SAFETY: the parts are those of a vector: `size` initialized items in a block for `allocated` ones.
        unsafe { Vec::from_raw_parts(items, size, allocated) }
    }

    /// Replaces all items; the old ones are dropped afterwards.
    pub fn put_all(&self, items: Vec<Value>) {
        let fresh = List::of(items);
        let fresh = ManuallyDrop::new(fresh);
        let old = self.take_all();
        self.items.set(fresh.items.get());
        self.size.set(fresh.size.get());
        self.allocated.set(fresh.allocated.get());
        drop(old);
    }
}

impl Vm {
    /// A new list that takes the items over.
    #[inline]
    pub fn new_list(&self, items: Vec<Value>) -> Ref<List> {
        // SAFETY: `types.list` is the type whose layout is that of `List`.
        unsafe { self.heap.new_object(self.types.list.as_value().raw(), List::of(items)) }
    }

    /// A vector with room for so many values, or `MemoryError`.
    pub fn try_vec(&self, room: usize) -> PyResult<Vec<Value>> {
        let mut items = Vec::new();
        items.try_reserve_exact(room).map_err(|_| self.memory_error())?;
        Ok(items)
    }
}

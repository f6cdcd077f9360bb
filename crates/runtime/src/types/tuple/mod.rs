//! The body of tuples, how they are made, and what Python sees of them.
//!
//! ```text
//!  0       16     24     32
//!  | header | size | hash | item 0 | item 1 | ...          as CPython 3.14 has it
//! ```
//! A tuple never changes once it is made, so its items are lent as a plain slice.

mod methods;

pub use methods::{ITERATOR_SPEC, SPEC, TupleIterator, hash_items};

use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::types::type_object::TypeRef;
use crate::vm::Vm;
use oriel_heap::{Body, Header, Layout, Ref, Value, Visitor};
use smallvec::SmallVec;
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr::NonNull;

/// The body of a tuple; the items follow in place.
#[repr(C)]
pub struct Tuple {
    size: usize,
    /// The cached hash, -1 while nobody has asked.
    hash: Cell<i64>,
    items: [Value; 0],
}

const _: () = assert!(size_of::<Header>() + offset_of!(Tuple, size) == 16);
const _: () = assert!(size_of::<Header>() + offset_of!(Tuple, items) == 32);
const _: () = assert!(size_of::<Tuple>() == 16);

unsafe fn end(tuple: NonNull<Header>) -> usize {
    // SAFETY: the caller hands over a live tuple.
    let body = unsafe { tuple.add(1).cast::<Tuple>().as_ref() };
    size_of::<Header>() + size_of::<Tuple>() + body.size * size_of::<Value>()
}

static LAYOUT: Layout = Layout::of_variable::<Tuple>("tuple", end);

impl Body for Tuple {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        for item in self.items() {
            visitor(item);
        }
    }
}

impl Drop for Tuple {
    fn drop(&mut self) {
        let items = std::ptr::slice_from_raw_parts_mut(self.items.as_mut_ptr(), self.size);
        // SAFETY: the items lie behind the body in the same allocation, and are dropped once, with it.
        unsafe { std::ptr::drop_in_place(items) };
    }
}

impl Tuple {
    /// The items.
    #[inline(always)]
    pub fn items(&self) -> &[Value] {
        // SAFETY: `size` initialized items lie behind the body in the same allocation, and never change.
        unsafe { std::slice::from_raw_parts(self.items.as_ptr(), self.size) }
    }

    /// The number of items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.size
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// The cached hash, -1 where there is none yet.
    pub(super) fn cached_hash(&self) -> i64 {
        self.hash.get()
    }

    /// Caches the hash.
    pub(super) fn cache_hash(&self, hash: i64) {
        self.hash.set(hash);
    }
}

impl Vm {
    /// `()`
    #[inline(always)]
    pub fn empty_tuple(&self) -> Ref<Tuple> {
        match Ref::try_from_value(self.constants.empty_tuple.clone()) {
            Ok(tuple) => tuple,
            Err(_) => self.make_empty_tuple(),
        }
    }

    /// A tuple without items, for bootstrap, which keeps it as *the* empty one.
    #[cold]
    pub fn make_empty_tuple(&self) -> Ref<Tuple> {
        match self.new_tuple_of(&self.types.tuple, std::iter::empty()) {
            Some(tuple) => tuple,
            None => std::alloc::handle_alloc_error(std::alloc::Layout::new::<Tuple>()),
        }
    }

    /// A tuple of clones of the items, as a value; the empty tuple is always the same object.
    #[inline]
    pub fn new_tuple(&self, items: &[Value]) -> Value {
        match self.try_tuple_of_slice(items) {
            Some(tuple) => tuple,
            None => std::alloc::handle_alloc_error(std::alloc::Layout::new::<Tuple>()),
        }
    }

    /// A tuple of clones of the items, as a value; nothing where memory is out.
    pub fn try_tuple_of_slice(&self, items: &[Value]) -> Option<Value> {
        if items.is_empty() {
            return Some(self.empty_tuple().into_value());
        }
        let body = Tuple { size: items.len(), hash: Cell::new(-1), items: [] };
        // SAFETY: `types.tuple` is the type whose layout is that of `Tuple`; the items are written right below, by code that
        // cannot see the object.
        unsafe {
            let tuple = self.heap.try_new_object(self.types.tuple.as_value().raw(), body, size_of_val(items))?;
            let first = (&raw mut (*tuple.body_pointer().as_ptr()).items).cast::<Value>();
            for (index, item) in items.iter().enumerate() {
                first.add(index).write(item.clone());
            }
            Some(tuple.into_value())
        }
    }

    /// A tuple that takes the items over.
    #[inline]
    pub fn tuple_of<I>(&self, items: I) -> Ref<Tuple>
    where
        I: IntoIterator<Item = Value, IntoIter: ExactSizeIterator>,
    {
        let items = items.into_iter();
        if items.len() == 0 {
            return self.empty_tuple();
        }
        match self.new_tuple_of(&self.types.tuple, items) {
            Some(tuple) => tuple,
            None => std::alloc::handle_alloc_error(std::alloc::Layout::new::<Tuple>()),
        }
    }

    /// A pair for an iterator to give out: that of last time, where nobody has kept it, else a new one.
    pub(crate) fn next_pair(&self, last: &OptionCell, pair: [Value; 2]) -> Value {
        if last.with(|value| value.is_some_and(Value::is_unique))
            && let Some(value) = last.get()
            && let Some(tuple) = value.downcast::<Tuple>()
            && tuple.len() == 2
        {
            // SAFETY: only the cell and this function hold the tuple, so nobody looks at its items; the old ones are
            // dropped when the new ones are in place.
            let old = unsafe {
                let items = (&raw mut (*tuple.body_pointer().as_ptr()).items).cast::<[Value; 2]>();
                std::mem::replace(&mut *items, pair)
            };
            tuple.hash.set(-1);
            drop(old);
            return value;
        }
        let fresh = self.tuple(pair);
        last.set(Some(fresh.clone()));
        fresh
    }

    /// A tuple of clones of chosen items for an iterator to give out, that differs from the last one from a place on: the
    /// last one itself, where nobody has kept it, else a new one. Gives the old items back, to be dropped later.
    pub fn next_choice<'a>(
        &self,
        last: &OptionCell,
        len: usize,
        from: usize,
        choose: impl Fn(usize) -> &'a Value,
    ) -> PyResult<(Value, SmallVec<[Value; 8]>)> {
        if len > 0
            && last.with(|value| value.is_some_and(Value::is_unique))
            && let Some(value) = last.get()
            && let Some(tuple) = value.downcast::<Tuple>()
            && tuple.len() == len
        {
            let mut old = SmallVec::new();
            for place in from..len {
                let fresh = choose(place).clone();
                // SAFETY: only the cell and this function hold the tuple, so nobody looks at its items; the place is one
                // of them.
                unsafe {
                    let items = (&raw mut (*tuple.body_pointer().as_ptr()).items).cast::<Value>();
                    old.push(std::mem::replace(&mut *items.add(place), fresh));
                }
            }
            tuple.hash.set(-1);
            return Ok((value, old));
        }
        last.set(None);
        let fresh = self.try_new_tuple((0..len).map(|place| choose(place).clone()))?.into_value();
        last.set(Some(fresh.clone()));
        Ok((fresh, SmallVec::new()))
    }

    /// Puts the items into a tuple of as many `None`s that was made for them, because one of them was to refer to it.
    /// Nothing else may be done with such a tuple before; one that has items already stays as it is.
    pub fn fill_tuple(&self, tuple: &Ref<Tuple>, items: Vec<Value>) {
        if tuple.len() != items.len() || !tuple.items().iter().all(Value::is_none) {
            return;
        }
        let start = tuple.body_pointer().as_ptr();
        for (index, item) in items.into_iter().enumerate() {
            // SAFETY: the index is within the tuple. No borrow of its items is alive: whoever holds a tuple borrows them
            // only while no other code runs. What is overwritten is `None`, which needs no drop.
            unsafe { (&raw mut (*start).items).cast::<Value>().add(index).write(item) };
        }
        tuple.hash.set(-1);
    }

    /// A tuple of so many items that memory may not suffice.
    pub fn try_new_tuple<I>(&self, items: I) -> PyResult<Ref<Tuple>>
    where
        I: IntoIterator<Item = Value, IntoIter: ExactSizeIterator>,
    {
        let items = items.into_iter();
        if items.len() == 0 {
            return Ok(self.empty_tuple());
        }
        self.new_tuple_of(&self.types.tuple, items).ok_or_else(|| self.memory_error())
    }

    /// An instance of `tuple` or of a class derived from it; nothing where memory is out.
    pub fn new_tuple_of<I>(&self, class: &TypeRef, items: I) -> Option<Ref<Tuple>>
    where
        I: IntoIterator<Item = Value, IntoIter: ExactSizeIterator>,
    {
        let items = items.into_iter();
        let len = items.len();
        let extra = len.checked_mul(size_of::<Value>())?;
        let body = Tuple { size: len, hash: Cell::new(-1), items: [] };
        debug_assert!(class.head.layout.get().is(Tuple::layout()));
        // SAFETY: the class is `tuple` or derived from it. Until the items are written, what lies there is zeroed or
        // rubbish that nobody looks at: the iterators given run no code that could see the object.
        let tuple = unsafe { self.heap.try_new_object(class.as_value().raw(), body, extra) }?;
        // SAFETY: the block has room for `len` items behind the body, none of them initialized.
        unsafe { fill(tuple.body_pointer().as_ptr(), items, len) };
        Some(tuple)
    }
}

/// Writes the items behind a fresh body; an iterator that ends too early leaves `None`s.
///
/// # Safety
/// There must be room for `len` items behind `body`, none of them initialized.
unsafe fn fill(body: *mut Tuple, mut items: impl Iterator<Item = Value>, len: usize) {
    // SAFETY: the items' field lies at the end of the body.
    let first = unsafe { &raw mut (*body).items }.cast::<Value>();
    for index in 0..len {
        let item = items.next().unwrap_or(Value::NONE);
        // SAFETY: as the caller says.
        unsafe { first.add(index).write(item) };
    }
}

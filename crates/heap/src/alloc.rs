//! The allocator: 64 KiB pages of blocks of one size, free lists a page, and the freeing of dead objects.
//!
//! ```text
//!  page (64 KiB, aligned): | page header 128 | block | block | block | ... |
//!  free block:             | count = 0       | next free block |
//! ```
//! The page of a block is found by masking its address, and names its heap, so freeing needs no thread-local.
//! Objects larger than [`LARGEST_SMALL`] have an allocation of their own, with the same header.

use crate::header::{Header, flags};
use crate::layout::{Body, tail_of};
use crate::reference::Ref;
use crate::value::Value;
use std::alloc::{Layout as MemoryLayout, alloc, dealloc};
use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

pub(crate) const PAGE: usize = 1 << 16;
pub(crate) const PAGE_HEADER: usize = 128;
pub(crate) const ARENA_PAGES: usize = 16;
const LARGEST_SMALL: usize = 16 * 1024;
const CLASSES: usize = 52;
/// In the field of a page that says whether it is large: blocks that are freed are to be seen.
pub(crate) const WATCHED: usize = 1 << 62;
/// How deep freeing may nest before the rest is queued.
const FREE_DEPTH: u32 = 40;

#[repr(C)]
pub(crate) struct Page {
    heap: Cell<*const Heap>,
    next: Cell<*mut Page>,
    free: Cell<*mut FreeBlock>,
    /// While collecting: a mark for each block.
    pub(crate) marks: Cell<*mut u32>,
    /// Blocks handed out so far; those behind have never been used.
    pub(crate) bump: Cell<u32>,
    capacity: Cell<u32>,
    pub(crate) block: Cell<u32>,
    /// 2^32 divided by the size of a block, rounded up.
    pub(crate) inverse: Cell<u32>,
    /// Bytes of the one block of a large page; [`WATCHED`] while somebody looks at allocations.
    pub(crate) large: Cell<usize>,
    /// The position in the heap's list of large pages.
    large_index: Cell<usize>,
    class: Cell<u8>,
    pub(crate) container: Cell<bool>,
    /// Whether the page is its bin's current one or in its list of available ones.
    listed: Cell<bool>,
    /// The age of the youngest object that may be in the page.
    pub(crate) youngest: Cell<u8>,
}

const _: () = assert!(size_of::<Page>() <= PAGE_HEADER);

#[repr(C)]
struct FreeBlock {
    count: u64,
    next: *mut FreeBlock,
}

#[derive(Default)]
pub(crate) struct Bin {
    pub(crate) current: Cell<*mut Page>,
    available: Cell<*mut Page>,
}

/// What the runtime does for the heap.
#[derive(Clone, Copy)]
pub struct Hooks {
    /// The object is about to be freed: clears the weak references to it and calls their callbacks.
    pub clear_weak_references: fn(&Heap, &Value),
    /// The objects were found unreachable: clears the weak references to them, calling the callbacks of the
    /// weak references that are not among them.
    pub unreachable: fn(&Heap, &[Value]),
    /// The growth of containers calls for a collection at the next safe point.
    pub want_collection: fn(&Heap),
}

/// Figures of a heap.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeapStatistics {
    /// Objects allocated since the start.
    pub allocations: u64,
    /// Objects freed since the start.
    pub frees: u64,
    /// Bytes of arenas held from the system.
    pub arena_bytes: usize,
    /// Bytes of large objects alive.
    pub large_bytes: usize,
}

/// The memory of one interpreter's objects.
pub struct Heap {
    pub(crate) bins: [[Bin; CLASSES]; 2],
    /// The bins' current pages, while somebody looks at allocations.
    pub(crate) hidden: [[Cell<*mut Page>; CLASSES]; 2],
    pub(crate) watch: crate::watch::Watch,
    /// Pages of arenas that have never been used.
    fresh_pages: RefCell<Vec<NonNull<Page>>>,
    /// Pages that have blocks.
    pub(crate) pages: RefCell<Vec<NonNull<Page>>>,
    pub(crate) large_pages: RefCell<Vec<NonNull<Page>>>,
    arenas: RefCell<Vec<NonNull<u8>>>,
    deferred: RefCell<Vec<NonNull<Header>>>,
    free_depth: Cell<u32>,
    has_deferred: Cell<bool>,
    allocations: Cell<u64>,
    frees: Cell<u64>,
    arena_bytes: Cell<usize>,
    large_bytes: Cell<usize>,
    pub(crate) hooks: Cell<Option<Hooks>>,
    context: Cell<*const ()>,
    limit: Cell<usize>,
    pub(crate) debt: Cell<i64>,
    pub(crate) collector: crate::collect::Collection,
}

impl Default for Heap {
    fn default() -> Heap {
        Heap::new()
    }
}

#[inline(always)]
fn class_of(size: usize) -> usize {
    if size <= 512 {
        return size.div_ceil(16).max(1) - 1;
    }
    // Four classes a doubling above 512.
    let log = usize::BITS as usize - 1 - (size - 1).leading_zeros() as usize;
    let quarter = ((size - 1) >> (log - 2)) & 3;
    32 + (log - 9) * 4 + quarter
}

fn class_size(class: usize) -> usize {
    if class < 32 {
        return (class + 1) * 16;
    }
    let (log, quarter) = ((class - 32) / 4 + 9, (class - 32) % 4);
    (1 << log) + (quarter + 1) * (1 << (log - 2))
}

#[inline(always)]
pub(crate) fn page_of(block: NonNull<Header>) -> NonNull<Page> {
    let page = block.as_ptr().map_addr(|address| address & !(PAGE - 1)).cast::<Page>();
    // SAFETY: blocks lie behind a page header that is not at address zero.
    unsafe { NonNull::new_unchecked(page) }
}

/// The heap that a heap object lives in; nothing for immediates.
pub fn heap_of(value: &Value) -> Option<&Heap> {
    if !value.is_heap() {
        return None;
    }
    // SAFETY: a live object's page is alive and names a heap that outlives it.
    Some(unsafe { &*page_of(value.raw()).as_ref().heap.get() })
}

impl Page {
    /// How many blocks there is room for.
    pub(crate) fn room(&self) -> u32 {
        self.capacity.get()
    }

    /// How many blocks are in use.
    pub(crate) fn blocks_in_use(&self) -> u32 {
        let mut free = 0;
        let mut block = self.free.get();
        while !block.is_null() {
            free += 1;
            // SAFETY: blocks on the free list are free and linked.
            block = unsafe { (*block).next };
        }
        self.bump.get() - free
    }

    /// Whether it holds one large object.
    pub(crate) fn is_large(&self) -> bool {
        self.large_bytes() > 0
    }

    /// Bytes of the one block of a large page, else 0.
    fn large_bytes(&self) -> usize {
        self.large.get() & !WATCHED
    }

    /// Bytes of a block.
    pub(crate) fn block_bytes(&self) -> usize {
        if self.is_large() { self.large_bytes() } else { self.block.get() as usize }
    }
}

/// The page of a heap object.
pub(crate) fn page_of_object(value: &Value) -> Option<&Page> {
    // SAFETY: a live object's page is alive.
    value.is_heap().then(|| unsafe { page_of(value.raw()).as_ref() })
}

/// How many bytes the block of a heap object has, header included.
pub fn block_capacity(value: &Value) -> usize {
    if !value.is_heap() {
        return 0;
    }
    // SAFETY: a live object's page is alive.
    let page = unsafe { page_of(value.raw()).as_ref() };
    page.block_bytes()
}

impl Heap {
    /// An empty heap.
    pub fn new() -> Heap {
        Heap {
            bins: std::array::from_fn(|_| std::array::from_fn(|_| Bin::default())),
            hidden: std::array::from_fn(|_| std::array::from_fn(|_| Cell::new(ptr::null_mut()))),
            watch: crate::watch::Watch::default(),
            fresh_pages: RefCell::default(),
            pages: RefCell::default(),
            large_pages: RefCell::default(),
            arenas: RefCell::default(),
            deferred: RefCell::default(),
            free_depth: Cell::new(0),
            has_deferred: Cell::new(false),
            allocations: Cell::new(0),
            frees: Cell::new(0),
            arena_bytes: Cell::new(0),
            large_bytes: Cell::new(0),
            hooks: Cell::new(None),
            context: Cell::new(ptr::null()),
            limit: Cell::new(usize::MAX),
            debt: Cell::new(0),
            collector: crate::collect::Collection::default(),
        }
    }

    /// Sets what the runtime does for the heap, and the word that [`Heap::context`] gives back.
    pub fn set_hooks(&self, hooks: Hooks, context: *const ()) {
        self.hooks.set(Some(hooks));
        self.context.set(context);
    }

    /// The word given to [`Heap::set_hooks`]: the runtime's way from an object to its interpreter.
    #[inline(always)]
    pub fn context(&self) -> *const () {
        self.context.get()
    }

    /// Refuses allocations past so many bytes.
    pub fn set_limit(&self, bytes: usize) {
        self.limit.set(bytes);
    }

    /// The figures now.
    pub fn statistics(&self) -> HeapStatistics {
        HeapStatistics {
            allocations: self.allocations.get(),
            frees: self.frees.get(),
            arena_bytes: self.arena_bytes.get(),
            large_bytes: self.large_bytes.get(),
        }
    }

    pub(crate) fn arena_addresses(&self) -> Vec<usize> {
        self.arenas.borrow().iter().map(|arena| arena.as_ptr().addr()).collect()
    }

    #[inline(always)]
    fn count_allocation(&self) {
        self.allocations.set(self.allocations.get() + 1);
    }

    #[inline(always)]
    fn allocate(&self, size: usize, container: bool) -> Option<NonNull<u8>> {
        if size > LARGEST_SMALL {
            return self.allocate_large(size, container);
        }
        let class = class_of(size);
        let bin = &self.bins[container as usize][class];
        let page = bin.current.get();
        if page.is_null() {
            return self.allocate_slow(class, container);
        }
        // SAFETY: a bin's current page is alive.
        let page_ref = unsafe { &*page };
        let block = page_ref.free.get();
        if block.is_null() {
            return self.allocate_slow(class, container);
        }
        // SAFETY: blocks on the free list are free, and their link was written when they were freed.
        page_ref.free.set(unsafe { (*block).next });
        page_ref.youngest.set(0);
        NonNull::new(block.cast())
    }

    #[cold]
    #[inline(never)]
    fn allocate_slow(&self, class: usize, container: bool) -> Option<NonNull<u8>> {
        if !self.watch.is_on() {
            return self.allocate_from(class, container);
        }
        let (bin, hidden) = (&self.bins[container as usize][class], &self.hidden[container as usize][class]);
        bin.current.set(hidden.replace(ptr::null_mut()));
        let block = self.allocate_from(class, container);
        hidden.set(bin.current.replace(ptr::null_mut()));
        if let Some(block) = block {
            self.watch.note(block.cast(), class_size(class), false);
        }
        block
    }

    fn allocate_from(&self, class: usize, container: bool) -> Option<NonNull<u8>> {
        let bin = &self.bins[container as usize][class];
        loop {
            let page = bin.current.get();
            if !page.is_null() {
                // SAFETY: a bin's current page is alive.
                let page_ref = unsafe { &*page };
                let block = page_ref.free.get();
                if !block.is_null() {
                    // SAFETY: the block is free and linked.
                    page_ref.free.set(unsafe { (*block).next });
                    page_ref.youngest.set(0);
                    return NonNull::new(block.cast());
                }
                let bump = page_ref.bump.get();
                if bump < page_ref.capacity.get() {
                    // A few blocks at a time go on the free list, so that memory is touched only as it is needed.
                    let many = (page_ref.capacity.get() - bump).min(16);
                    page_ref.bump.set(bump + many);
                    for index in (bump..bump + many).rev() {
                        let offset = PAGE_HEADER + (index * page_ref.block.get()) as usize;
                        // SAFETY: the index is below the capacity, so the block lies inside the page.
                        unsafe {
                            let block = page.cast::<u8>().add(offset).cast::<FreeBlock>();
                            block.write(FreeBlock { count: 0, next: page_ref.free.get() });
                            page_ref.free.set(block);
                        }
                    }
                    continue;
                }
                page_ref.listed.set(false);
                bin.current.set(ptr::null_mut());
            }
            let available = bin.available.get();
            if !available.is_null() {
                // SAFETY: pages in a bin's list are alive.
                bin.available.set(unsafe { (*available).next.get() });
                bin.current.set(available);
                continue;
            }
            bin.current.set(self.new_page(class, container)?.as_ptr());
        }
    }

    fn new_page(&self, class: usize, container: bool) -> Option<NonNull<Page>> {
        let fresh = self.fresh_pages.borrow_mut().pop();
        let page = match fresh {
            Some(page) => page,
            None => {
                self.new_arena()?;
                self.fresh_pages.borrow_mut().pop()?
            }
        };
        self.pages.borrow_mut().push(page);
        let block = class_size(class);
        // SAFETY: the page is ours, 64 KiB long, and nothing else refers to it.
        unsafe {
            page.write(Page {
                heap: Cell::new(self),
                next: Cell::new(ptr::null_mut()),
                free: Cell::new(ptr::null_mut()),
                marks: Cell::new(ptr::null_mut()),
                bump: Cell::new(0),
                capacity: Cell::new(((PAGE - PAGE_HEADER) / block) as u32),
                block: Cell::new(block as u32),
                inverse: Cell::new((1u64 << 32).div_ceil(block as u64) as u32),
                large: Cell::new(if self.watch.is_on() { WATCHED } else { 0 }),
                large_index: Cell::new(0),
                class: Cell::new(class as u8),
                container: Cell::new(container),
                listed: Cell::new(true),
                youngest: Cell::new(0),
            });
        }
        Some(page)
    }

    fn new_arena(&self) -> Option<()> {
        let bytes = PAGE * ARENA_PAGES;
        if self.arena_bytes.get() + self.large_bytes.get() + bytes > self.limit.get() {
            return None;
        }
        let layout = MemoryLayout::from_size_align(bytes, PAGE).ok()?;
        // SAFETY: the layout's size is not zero.
        let arena = NonNull::new(unsafe { alloc(layout) })?;
        self.arena_bytes.set(self.arena_bytes.get() + bytes);
        self.arenas.borrow_mut().push(arena);
        // The pages are not touched before they are needed.
        // SAFETY: the arena has so many pages.
        let pages = (0..ARENA_PAGES).rev().map(|index| unsafe { arena.add(index * PAGE).cast::<Page>() });
        self.fresh_pages.borrow_mut().extend(pages);
        Some(())
    }

    #[cold]
    fn allocate_large(&self, size: usize, container: bool) -> Option<NonNull<u8>> {
        let bytes = size.checked_add(PAGE_HEADER)?;
        if self.arena_bytes.get().checked_add(self.large_bytes.get())?.checked_add(bytes)? > self.limit.get() {
            return None;
        }
        let layout = MemoryLayout::from_size_align(bytes, PAGE).ok()?;
        // SAFETY: the layout's size is not zero.
        let page = NonNull::new(unsafe { alloc(layout) })?.cast::<Page>();
        self.large_bytes.set(self.large_bytes.get() + bytes);
        let mut large_pages = self.large_pages.borrow_mut();
        // SAFETY: the memory is ours and large enough for the header.
        unsafe {
            page.write(Page {
                heap: Cell::new(self),
                next: Cell::new(ptr::null_mut()),
                free: Cell::new(ptr::null_mut()),
                marks: Cell::new(ptr::null_mut()),
                bump: Cell::new(1),
                capacity: Cell::new(1),
                block: Cell::new(u32::MAX),
                inverse: Cell::new(1),
                large: Cell::new(if self.watch.is_on() { size | WATCHED } else { size }),
                large_index: Cell::new(large_pages.len()),
                class: Cell::new(0),
                container: Cell::new(container),
                listed: Cell::new(false),
                youngest: Cell::new(0),
            });
            large_pages.push(page);
            let block = page.cast::<u8>().add(PAGE_HEADER);
            if self.watch.is_on() {
                self.watch.note(block.cast(), size, false);
            }
            Some(block)
        }
    }

    /// Gives a block back.
    #[inline(always)]
    unsafe fn release(&self, block: NonNull<Header>) {
        let page = page_of(block);
        // SAFETY: the caller hands over a block of a live page of this heap.
        let page_ref = unsafe { page.as_ref() };
        self.frees.set(self.frees.get() + 1);
        self.debt.set(self.debt.get() - i64::from(page_ref.container.get()));
        // SAFETY: as the caller says.
        if page_ref.large.get() > 0 && unsafe { self.release_unusual(block) } {
            return;
        }
        #[cfg(feature = "stress")]
        // SAFETY: the block has so many bytes, and nobody uses it any more.
        unsafe {
            ptr::write_bytes(block.as_ptr().cast::<u8>(), crate::audit::FREED, page_ref.block.get() as usize);
        }
        let free = block.as_ptr().cast::<FreeBlock>();
        // SAFETY: the block is at least 16 bytes and nobody uses it any more.
        unsafe { free.write(FreeBlock { count: 0, next: page_ref.free.get() }) };
        page_ref.free.set(free);
        if !page_ref.listed.get() {
            let bin = &self.bins[page_ref.container.get() as usize][page_ref.class.get() as usize];
            page_ref.listed.set(true);
            page_ref.next.set(bin.available.get());
            bin.available.set(page.as_ptr());
        }
    }

    /// What is to be done with a block of a large page, and with any while somebody looks; whether that was all.
    #[cold]
    #[inline(never)]
    unsafe fn release_unusual(&self, block: NonNull<Header>) -> bool {
        let page = page_of(block);
        // SAFETY: the caller hands over a block of a live page of this heap.
        let page_ref = unsafe { page.as_ref() };
        if self.watch.is_on() {
            self.watch.note(block, page_ref.block_bytes(), true);
        }
        if !page_ref.is_large() {
            return false;
        }
        let bytes = page_ref.large_bytes() + PAGE_HEADER;
        self.large_bytes.set(self.large_bytes.get() - bytes);
        let index = page_ref.large_index.get();
        let mut large_pages = self.large_pages.borrow_mut();
        large_pages.swap_remove(index);
        if let Some(moved) = large_pages.get(index) {
            // SAFETY: pages in the list are alive.
            unsafe { moved.as_ref() }.large_index.set(index);
        }
        if let Ok(layout) = MemoryLayout::from_size_align(bytes, PAGE) {
            // SAFETY: the page was allocated with this layout.
            unsafe { dealloc(page.as_ptr().cast(), layout) };
        }
        true
    }

    /// Makes a heap object with one count.
    ///
    /// # Safety
    /// `ty` must be the header of a type object whose instances have the layout of `T`.
    ///
    /// Aborts where the system has no memory for an object of fixed size.
    #[inline(always)]
    pub unsafe fn new_object<T: Body>(&self, ty: NonNull<Header>, body: T) -> Ref<T> {
        // SAFETY: as the caller says.
        match unsafe { self.try_new_object(ty, body, 0) } {
            Some(object) => object,
            None => out_of_memory(size_of::<T>()),
        }
    }

    /// Makes a heap object with `extra` bytes behind its body (uninitialized), or nothing where memory is out.
    ///
    /// # Safety
    /// As [`Heap::new_object`]; the caller initializes the extra bytes before anything looks at them.
    #[inline(always)]
    pub unsafe fn try_new_object<T: Body>(&self, ty: NonNull<Header>, body: T, extra: usize) -> Option<Ref<T>> {
        let mut size = size_of::<Header>() + size_of::<T>() + extra;
        // SAFETY: `ty` is a type object, which begins with a `TypeHead` behind its header.
        let head = unsafe { &*ty.as_ptr().add(1).cast::<crate::layout::TypeHead>() };
        let tail = head.tail_len.get() as usize * 8;
        let mut tail_at = 0;
        if tail > 0 {
            // A body with items in place has its tail behind them, else the type says where.
            let offset = head.tail_offset.get();
            tail_at = if offset == u32::MAX { size.next_multiple_of(8) } else { offset as usize };
            size = tail_at + tail;
        }
        let container = T::CONTAINER || tail > 0;
        let block = self.allocate(size, container)?;
        self.count_allocation();
        let header = block.cast::<Header>();
        // SAFETY: the block is fresh and at least `size` bytes.
        unsafe {
            header.write(Header::new(ty));
            header.as_ref().set_shape(head.root_shape.get());
            header.add(1).cast::<T>().write(body);
            if tail > 0 {
                ptr::write_bytes(block.as_ptr().add(tail_at), 0, tail);
            }
            ty.as_ref().increment();
        }
        if container {
            let debt = self.debt.get() + 1;
            self.debt.set(debt);
            if cfg!(feature = "stress") || debt > self.collector.threshold() {
                self.ask_for_collection();
            }
        }
        // SAFETY: the object is complete and has one count.
        Some(unsafe { Ref::from_header(header) })
    }

    #[cold]
    fn ask_for_collection(&self) {
        if let Some(hooks) = self.hooks.get()
            && self.collector.is_enabled()
        {
            (hooks.want_collection)(self);
        }
    }

    /// Makes the type of types: the one object whose type pointer is itself.
    ///
    /// # Safety
    /// `T` must begin with a `TypeHead` whose layout is that of `T`.
    pub unsafe fn new_root_type<T: Body>(&self, body: T) -> Ref<T> {
        let Some(block) = self.allocate(size_of::<Header>() + size_of::<T>(), true) else {
            out_of_memory(size_of::<T>())
        };
        self.count_allocation();
        let header = block.cast::<Header>();
        // SAFETY: the block is fresh and large enough.
        unsafe {
            header.write(Header::new(header));
            header.add(1).cast::<T>().write(body);
            header.as_ref().make_immortal();
            Ref::from_header(header)
        }
    }

    /// Changes the class of a live object (`__class__` assignment); the layouts must agree.
    ///
    /// # Safety
    /// `ty` must be a type object whose instances have the same layout and tail as the object has.
    pub unsafe fn set_type(object: &Value, ty: &Value) {
        let Some(header) = object.header() else { return };
        let Some(new) = ty.header() else { return };
        new.increment();
        let old = header.type_cell().replace(ty.raw());
        // SAFETY: the object owned a count of its old type and gives it up here.
        drop(unsafe { Value::from_header(old) });
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        for page in self.large_pages.borrow().iter() {
            // SAFETY: large pages are alive and were allocated with this layout.
            unsafe {
                let bytes = page.as_ref().large_bytes() + PAGE_HEADER;
                if let Ok(layout) = MemoryLayout::from_size_align(bytes, PAGE) {
                    dealloc(page.as_ptr().cast(), layout);
                }
            }
        }
        if let Ok(layout) = MemoryLayout::from_size_align(PAGE * ARENA_PAGES, PAGE) {
            for arena in self.arenas.borrow().iter() {
                // SAFETY: arenas were allocated with this layout.
                unsafe { dealloc(arena.as_ptr(), layout) };
            }
        }
    }
}

#[cold]
fn out_of_memory(size: usize) -> ! {
    std::alloc::handle_alloc_error(MemoryLayout::from_size_align(size, 8).unwrap_or(MemoryLayout::new::<u64>()))
}

/// Frees an object whose count has reached zero: finalizer, weak references, tail, body, type, block.
///
/// # Safety
/// `object` must be an object of which nobody owns a count any more.
#[inline(never)]
pub(crate) unsafe fn free_dead(object: NonNull<Header>) {
    // SAFETY: the page of a block is alive and names its heap.
    let heap = unsafe { &*page_of(object).as_ref().heap.get() };
    // SAFETY: the object is dead but whole.
    let header = unsafe { object.as_ref() };
    let head = header.type_head();
    if head.layout.get().trivial
        && head.tail_len.get() == 0
        && head.finalize.get().is_none()
        && !header.has(flags::WEAKLY_REFERENCED)
    {
        // SAFETY: nobody refers to the object any more; it owns nothing but a count of its type.
        unsafe {
            drop(Value::from_header(header.type_pointer()));
            heap.release(object);
        }
        return;
    }
    // Only what holds other objects can nest.
    let nests = head.layout.get().container || head.tail_len.get() > 0;
    let depth = heap.free_depth.get();
    if nests {
        if depth >= FREE_DEPTH {
            return heap.defer(object);
        }
        heap.free_depth.set(depth + 1);
    }
    // SAFETY: as the caller says.
    unsafe { free_one(heap, object) };
    if nests {
        if depth == 0 && heap.has_deferred.get() {
            heap.free_deferred();
        }
        heap.free_depth.set(depth);
    }
}

impl Heap {
    /// Queues a dead object, to be freed when less is under way.
    #[cold]
    #[inline(never)]
    fn defer(&self, object: NonNull<Header>) {
        self.has_deferred.set(true);
        self.deferred.borrow_mut().push(object);
    }

    #[cold]
    #[inline(never)]
    fn free_deferred(&self) {
        loop {
            let next = self.deferred.borrow_mut().pop();
            let Some(next) = next else { break };
            // SAFETY: queued objects are dead and whole.
            unsafe { free_one(self, next) };
        }
        self.has_deferred.set(false);
    }

    /// Exchanges what is under way of freeing: each thread that takes the heap over goes on with its own.
    pub fn exchange_freeing(&self, other: &mut Freeing) {
        other.depth = self.free_depth.replace(other.depth);
        std::mem::swap(&mut *self.deferred.borrow_mut(), &mut other.deferred);
        self.has_deferred.set(!self.deferred.borrow().is_empty());
    }
}

/// What is under way of freeing in a thread that does not have the heap now.
#[derive(Default)]
pub struct Freeing {
    depth: u32,
    deferred: Vec<NonNull<Header>>,
}

#[inline(always)]
unsafe fn free_one(heap: &Heap, object: NonNull<Header>) {
    // SAFETY: the object is dead but whole.
    let header = unsafe { object.as_ref() };
    let head = header.type_head();
    if (head.finalize.get().is_some() || header.has(flags::WEAKLY_REFERENCED))
        // SAFETY: as above.
        && unsafe { announce(heap, object) }
    {
        return;
    }
    // SAFETY: nobody refers to the object any more; its parts are dropped once, in this order, and then its block.
    unsafe {
        let head = header.type_head();
        if head.tail_len.get() > 0 {
            let value = ManuallyDrop::new(Value::from_header(object));
            for slot in tail_of(&value) {
                drop(slot.take());
            }
        }
        let layout = head.layout.get();
        if layout.needs_drop {
            (layout.drop)(object);
        }
        let ty = header.type_pointer();
        heap.release(object);
        drop(Value::from_header(ty));
    }
}

/// Runs the finalizer of a dead object and clears the weak references to it; whether that brought it back to life.
///
/// # Safety
/// As [`free_dead`].
#[cold]
#[inline(never)]
unsafe fn announce(heap: &Heap, object: NonNull<Header>) -> bool {
    // SAFETY: the object is dead but whole.
    let header = unsafe { object.as_ref() };
    // The object is alive for the time that Python code may see it.
    header.set_count(1);
    // SAFETY: the count was just made one; `ManuallyDrop` leaves giving it up to the lines below.
    let value = ManuallyDrop::new(unsafe { Value::from_header(object) });
    if let Some(finalize) = header.type_head().finalize.get()
        && !header.has(flags::FINALIZED)
    {
        header.set(flags::FINALIZED, true);
        finalize(&value);
    }
    if header.count() == 1
        && header.has(flags::WEAKLY_REFERENCED)
        && let Some(hooks) = heap.hooks.get()
    {
        (hooks.clear_weak_references)(heap, &value);
    }
    !header.decrement_is_dead()
}

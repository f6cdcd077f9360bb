//! The cycle collector: trial deletion over the pages of container objects, in three generations.
//!
//! A container's mark is 0 where it is no candidate, else the number of references that do not come from
//! other candidates, plus one; [`REACHED`] marks those found alive. Marks live in side tables made for one
//! collection, so objects carry no collector links.

use crate::alloc::{Heap, Page, page_of};
use crate::header::{Header, flags};
use crate::layout::tail_of;
use crate::value::Value;
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

const REACHED: u32 = 1 << 31;
const PAGE_HEADER: usize = 128;
/// The least growth after which a collection starts by itself.
const NURSERY: i64 = 8000;
/// The age of objects that `gc.freeze` took out.
const FROZEN: u32 = 3;

/// The collector's settings and counters.
pub struct Collection {
    enabled: Cell<bool>,
    running: Cell<bool>,
    thresholds: Cell<[i64; 3]>,
    counts: Cell<[i64; 2]>,
    long_lived: Cell<usize>,
    long_lived_pending: Cell<usize>,
    /// How many objects [`Heap::set_aside`] took.
    aside: Cell<usize>,
    /// The growth at which the next collection is due.
    trigger: Cell<i64>,
    /// Whether the program has chosen the thresholds.
    chosen: Cell<bool>,
    /// Containers made since start-up less those freed, as of the last collection.
    live: Cell<i64>,
    /// Collections, objects collected and objects found uncollectable, a generation.
    statistics: Cell<[[u64; 3]; 3]>,
}

impl Default for Collection {
    fn default() -> Collection {
        Collection {
            enabled: Cell::new(true),
            running: Cell::new(false),
            thresholds: Cell::new([2000, 10, 10]),
            counts: Cell::new([0, 0]),
            long_lived: Cell::new(0),
            long_lived_pending: Cell::new(0),
            aside: Cell::new(0),
            trigger: Cell::new(NURSERY),
            chosen: Cell::new(false),
            live: Cell::new(0),
            statistics: Cell::default(),
        }
    }
}

impl Collection {
    #[inline(always)]
    pub(crate) fn threshold(&self) -> i64 {
        self.trigger.get()
    }

    /// Sets when the next collection is due. What a collection costs grows with what survives it, so unless the program
    /// has chosen its thresholds, it waits until the heap has grown by a half.
    fn aim(&self) {
        let least = self.thresholds.get()[0];
        self.trigger.set(if self.chosen.get() { least } else { NURSERY.max(self.live.get() / 2) });
    }

    /// Whether collections start by themselves.
    pub fn is_enabled(&self) -> bool {
        self.enabled.get() && self.thresholds.get()[0] > 0
    }

    /// `gc.enable` and `gc.disable`.
    pub fn set_enabled(&self, on: bool) {
        self.enabled.set(on);
    }

    /// Whether `gc.enable` is in force.
    pub fn enabled(&self) -> bool {
        self.enabled.get()
    }

    /// `gc.get_threshold`.
    pub fn thresholds(&self) -> [i64; 3] {
        self.thresholds.get()
    }

    /// `gc.set_threshold`.
    pub fn set_thresholds(&self, thresholds: [i64; 3]) {
        self.thresholds.set(thresholds);
        self.chosen.set(true);
        self.aim();
    }

    /// Collections, objects collected, objects uncollectable, a generation.
    pub fn statistics(&self) -> [[u64; 3]; 3] {
        self.statistics.get()
    }

    /// Whether a collection is under way.
    pub fn is_running(&self) -> bool {
        self.running.get()
    }
}

/// What a collection found.
#[derive(Default)]
pub struct CollectOutcome {
    /// Objects that were unreachable and have been cleared.
    pub collected: usize,
    /// With `save_all`: the unreachable objects, kept.
    pub saved: Vec<Value>,
}

fn mark_of(object: NonNull<Header>) -> Option<NonNull<u32>> {
    // SAFETY: the page of a live object is alive.
    let page = unsafe { page_of(object).as_ref() };
    let marks = NonNull::new(page.marks.get())?;
    let base = ptr::from_ref(page).addr() + PAGE_HEADER;
    // Exact, as offsets in a page are less than 2^16; the one block of a large page has offset 0.
    let offset = (object.as_ptr().addr() - base) as u64;
    let index = ((offset * u64::from(page.inverse.get())) >> 32) as usize;
    // SAFETY: the table has a mark for each block of the page.
    Some(unsafe { marks.add(index) })
}

pub(crate) fn visit_references(object: NonNull<Header>, visitor: &mut dyn FnMut(&Value)) {
    // SAFETY: candidates are live objects; the value is not given up.
    let value = ManuallyDrop::new(unsafe { Value::from_header(object) });
    for slot in tail_of(&value) {
        let held = slot.take();
        if let Some(reference) = &held {
            visitor(reference);
        }
        slot.set(held);
    }
    // SAFETY: the object is alive and of this layout.
    unsafe {
        (object.as_ref().type_head().layout.get().visit)(object, visitor);
        let ty = ManuallyDrop::new(Value::from_header(object.as_ref().type_pointer()));
        visitor(&ty);
    }
}

/// Side tables for the pages of the candidates, given back when dropped.
struct Marks {
    pages: Vec<(NonNull<Page>, Box<[u32]>)>,
}

impl Marks {
    fn add(&mut self, page: NonNull<Page>) {
        // SAFETY: the page is alive.
        let page_ref = unsafe { page.as_ref() };
        if page_ref.marks.get().is_null() {
            let mut table = vec![0; page_ref.bump.get() as usize].into_boxed_slice();
            page_ref.marks.set(table.as_mut_ptr());
            self.pages.push((page, table));
        }
    }
}

impl Drop for Marks {
    fn drop(&mut self) {
        for (page, _) in &self.pages {
            // SAFETY: nothing was freed while the marks existed, so the page is alive.
            unsafe { page.as_ref() }.marks.set(ptr::null_mut());
        }
    }
}

impl Heap {
    /// The collector's settings and counters.
    pub fn collector(&self) -> &Collection {
        &self.collector
    }

    /// Net new containers since the last collection, and collections since the last of generations 1 and 2.
    pub fn collection_counts(&self) -> [i64; 3] {
        let counts = self.collector.counts.get();
        [self.debt.get().max(0), counts[0], counts[1]]
    }

    fn for_each_container(&self, oldest: u32, mut each: impl FnMut(NonNull<Page>, NonNull<Header>)) {
        let small = self.pages.borrow();
        let large = self.large_pages.borrow();
        for &page in small.iter().chain(large.iter()) {
            // SAFETY: listed pages are alive.
            let page_ref = unsafe { page.as_ref() };
            if !page_ref.container.get() || u32::from(page_ref.youngest.get()) > oldest {
                continue;
            }
            for index in 0..page_ref.bump.get() as usize {
                let offset = PAGE_HEADER + index * page_ref.block.get() as usize;
                // SAFETY: blocks below `bump` are inside the page and begin with a count.
                let (object, header) = unsafe {
                    let object = page.cast::<u8>().add(offset).cast::<Header>();
                    (object, object.as_ref())
                };
                if header.count() != 0 && !header.is_immortal() && !header.has(flags::UNTRACKED) {
                    each(page, object);
                }
            }
        }
    }

    /// Every live container object of the given generation, or of all.
    pub fn containers(&self, generation: Option<u32>) -> Vec<Value> {
        let mut objects = Vec::new();
        self.for_each_container(u32::MAX, |_, object| {
            // SAFETY: the object is alive; the clone below owns a count of its own.
            let value = ManuallyDrop::new(unsafe { Value::from_header(object) });
            // SAFETY: as above.
            if generation.is_none_or(|wanted| unsafe { object.as_ref() }.age() == wanted) {
                objects.push(Value::clone(&value));
            }
        });
        objects
    }

    /// Every live immortal container object.
    pub fn immortal_containers(&self) -> Vec<Value> {
        let mut objects = Vec::new();
        for &page in self.pages.borrow().iter() {
            // SAFETY: listed pages are alive, and blocks below `bump` begin with a count.
            unsafe {
                for index in 0..page.as_ref().bump.get() as usize * usize::from(page.as_ref().container.get()) {
                    let offset = PAGE_HEADER + index * page.as_ref().block.get() as usize;
                    let object = page.cast::<u8>().add(offset).cast::<Header>();
                    if object.as_ref().is_immortal() {
                        objects.push(Value::from_header(object));
                    }
                }
            }
        }
        objects
    }

    /// Takes all objects out of the collector's sight that there are at the end of start-up: they live as long as the
    /// interpreter, and there are more of them than most programs make. `gc` does not count them as frozen.
    pub fn set_aside(&self) {
        let mut count = 0;
        self.for_each_container(u32::MAX, |page, object| {
            // SAFETY: the objects and their pages are alive.
            let (page, object) = unsafe { (page.as_ref(), object.as_ref()) };
            object.set_age(FROZEN);
            page.youngest.set(FROZEN as u8);
            count += 1;
        });
        self.collector.aside.set(count);
        self.debt.set(0);
    }

    /// Whether the collector no longer looks at the object.
    pub fn is_set_aside(object: &Value) -> bool {
        object.header().is_some_and(|header| header.age() == FROZEN)
    }

    /// `gc.freeze`: takes all objects out of the collector's sight.
    pub fn freeze(&self) {
        // SAFETY: the objects are alive.
        self.for_each_container(u32::MAX, |_, object| unsafe { object.as_ref() }.set_age(FROZEN));
    }

    /// `gc.unfreeze`: puts the frozen objects into the oldest generation.
    pub fn unfreeze(&self) {
        self.for_each_container(u32::MAX, |page, object| {
            // SAFETY: the objects and their pages are alive.
            let (page, header) = unsafe { (page.as_ref(), object.as_ref()) };
            if header.age() == FROZEN {
                header.set_age(2);
                page.youngest.set(page.youngest.get().min(2));
            }
        });
        self.collector.aside.set(0);
    }

    /// How many objects are frozen.
    pub fn frozen_count(&self) -> usize {
        let mut count = 0;
        // SAFETY: the objects are alive.
        self.for_each_container(u32::MAX, |_, o| count += usize::from(unsafe { o.as_ref() }.age() == FROZEN));
        count.saturating_sub(self.collector.aside.get())
    }

    /// Whether the finalizer of the object has run.
    pub fn is_finalized(object: &Value) -> bool {
        object.header().is_some_and(|header| header.has(flags::FINALIZED))
    }

    /// The references that an object owns (`gc.get_referents`).
    pub fn referents(object: &Value) -> Vec<Value> {
        let mut found = Vec::new();
        if object.is_heap() {
            visit_references(object.raw(), &mut |value| found.push(value.clone()));
        }
        found
    }

    /// The collection that growth calls for: the oldest generation that is due.
    pub fn collect_as_due(&self) -> Option<(u32, CollectOutcome)> {
        let thresholds = self.collector.thresholds.get();
        if !self.collector.is_enabled() || !cfg!(feature = "stress") && self.debt.get() <= self.collector.threshold() {
            return None;
        }
        let counts = self.collector.counts.get();
        let mut generation = 0;
        if counts[0] >= thresholds[1] {
            generation = 1;
            // A full collection pays only when many objects have become old since the last one.
            if counts[1] >= thresholds[2]
                && self.collector.long_lived_pending.get() > self.collector.long_lived.get() / 4
            {
                generation = 2;
            }
        }
        Some((generation, self.collect(generation, false)))
    }

    /// Collects the cycles among the objects of the given generation and the younger ones.
    pub fn collect(&self, generation: u32, save_all: bool) -> CollectOutcome {
        if self.collector.running.replace(true) {
            return CollectOutcome::default();
        }
        let mut candidates = Vec::new();
        let mut pages = Vec::new();
        self.for_each_container(generation, |page, object| {
            // SAFETY: the object is alive.
            let header = unsafe { object.as_ref() };
            if header.age() <= generation {
                candidates.push(object);
            }
            if pages.last() != Some(&page) {
                pages.push(page);
            }
        });
        let unreachable = self.find_unreachable(&candidates, 0);
        let older = (generation + 1).min(2);
        for &object in &candidates {
            // SAFETY: nothing has been freed yet.
            unsafe { object.as_ref() }.set_age(older);
        }
        for page in pages {
            // SAFETY: as above.
            unsafe { page.as_ref() }.youngest.set(older as u8);
        }
        self.count_collection(generation, candidates.len() - unreachable.len());
        // From here on the values own counts, and Python code may run.
        // SAFETY: the objects are alive: they are only unreachable from outside the candidates.
        let garbage: Vec<Value> = unreachable
            .iter()
            .map(|&object| Value::clone(&ManuallyDrop::new(unsafe { Value::from_header(object) })))
            .collect();
        let outcome = if garbage.is_empty() { CollectOutcome::default() } else { self.dispose(garbage, save_all) };
        let mut statistics = self.collector.statistics.get();
        let row = &mut statistics[generation.min(2) as usize];
        row[0] += 1;
        row[1] += outcome.collected as u64;
        self.collector.statistics.set(statistics);
        self.collector.running.set(false);
        outcome
    }

    fn count_collection(&self, generation: u32, survivors: usize) {
        self.collector.live.set((self.collector.live.get() + self.debt.replace(0)).max(0));
        self.collector.aim();
        let mut counts = self.collector.counts.get();
        match generation {
            0 => counts[0] += 1,
            1 => {
                counts = [0, counts[1] + 1];
                self.collector.long_lived_pending.set(self.collector.long_lived_pending.get() + survivors);
            }
            _ => {
                counts = [0, 0];
                self.collector.long_lived_pending.set(0);
                self.collector.long_lived.set(survivors);
            }
        }
        self.collector.counts.set(counts);
    }

    /// The candidates that only candidates refer to; each has `owned` counts of the caller's.
    fn find_unreachable(&self, candidates: &[NonNull<Header>], owned: u32) -> Vec<NonNull<Header>> {
        let mut marks = Marks { pages: Vec::new() };
        for &object in candidates {
            marks.add(page_of(object));
            if let Some(mark) = mark_of(object) {
                // SAFETY: the mark lies in a table of `marks`, which nothing else borrows.
                unsafe { mark.write(object.as_ref().count() + 1 - owned) };
            }
        }
        for &object in candidates {
            visit_references(object, &mut |value| {
                if value.is_heap()
                    && let Some(mark) = mark_of(value.raw())
                {
                    // SAFETY: as above.
                    unsafe {
                        if mark.read() > 1 {
                            mark.write(mark.read() - 1);
                        } else if cfg!(feature = "stress") && mark.read() == 1 {
                            crate::audit::too_few_counts(object, value);
                        }
                    }
                }
            });
        }
        let mut stack = Vec::new();
        for &object in candidates {
            let Some(mark) = mark_of(object) else { continue };
            // SAFETY: as above.
            unsafe {
                if mark.read() & REACHED != 0 || mark.read() == 1 {
                    continue;
                }
                mark.write(mark.read() | REACHED);
            }
            stack.push(object);
            while let Some(object) = stack.pop() {
                visit_references(object, &mut |value| {
                    if value.is_heap()
                        && let Some(mark) = mark_of(value.raw())
                    {
                        // SAFETY: as above.
                        unsafe {
                            if mark.read() != 0 && mark.read() & REACHED == 0 {
                                mark.write(mark.read() | REACHED);
                                stack.push(value.raw());
                            }
                        }
                    }
                });
            }
        }
        // SAFETY: as above.
        candidates.iter().copied().filter(|&o| mark_of(o).is_some_and(|m| unsafe { m.read() } & REACHED == 0)).collect()
    }

    /// Weak references, finalizers, a second look for what they brought back to life, and clearing.
    fn dispose(&self, garbage: Vec<Value>, save_all: bool) -> CollectOutcome {
        if let Some(hooks) = self.hooks.get() {
            (hooks.unreachable)(self, &garbage);
        }
        let mut finalized = false;
        for value in &garbage {
            if let Some(header) = value.header()
                && let Some(finalize) = header.type_head().finalize.get()
                && !header.has(flags::FINALIZED)
            {
                header.set(flags::FINALIZED, true);
                finalized = true;
                finalize(value);
            }
        }
        let mut dead = garbage;
        if finalized {
            let objects: Vec<_> = dead.iter().map(Value::raw).collect();
            let still = self.find_unreachable(&objects, 1);
            let still: std::collections::HashSet<_> = still.into_iter().collect();
            dead.retain(|value| still.contains(&value.raw()));
        }
        let collected = dead.len();
        if save_all {
            return CollectOutcome { collected, saved: dead };
        }
        for value in &dead {
            for slot in tail_of(value) {
                drop(slot.take());
            }
            if let Some(header) = value.header() {
                // SAFETY: the object is alive and of this layout.
                unsafe { (header.type_head().layout.get().clear)(value.raw()) };
            }
        }
        CollectOutcome { collected, saved: Vec::new() }
    }
}

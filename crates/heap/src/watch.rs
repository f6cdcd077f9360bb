//! Looking at single allocations and frees, for recorders. Where nobody looks, nothing of it is in the way: to look, the
//! allocator's short ways are shut (bins hide their current pages, pages carry a mark where freeing looks whether they are
//! large), so that every block goes the long way, which writes it down.

use crate::alloc::{Heap, PAGE, PAGE_HEADER, Page, WATCHED};
use crate::header::Header;
use crate::value::Value;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ptr::NonNull;

/// Motions that are kept singly between two looks; more are only counted.
const KEPT: usize = 4096;

/// A block that was handed out or given back.
#[derive(Debug)]
pub struct Motion {
    /// The address of the object.
    pub address: usize,
    /// Bytes of its block.
    pub bytes: usize,
    /// Whether it was given back.
    pub freed: bool,
    /// The type of the object, where it still can be known.
    pub ty: Option<Value>,
}

/// What moved since the last look.
#[derive(Debug, Default)]
pub struct Motions {
    /// The blocks, in order.
    pub kept: Vec<Motion>,
    /// Blocks behind those that were only counted.
    pub more: u64,
}

/// Bytes that went through the allocator while it was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes of blocks handed out.
    pub allocated: u64,
    /// Bytes of blocks given back.
    pub freed: u64,
}

struct Noted {
    address: usize,
    bytes: usize,
    freed: bool,
    ty: NonNull<Header>,
}

/// The state of looking.
#[derive(Default)]
pub(crate) struct Watch {
    on: Cell<bool>,
    /// Whether single blocks are written down; their bytes are counted in any case.
    singly: Cell<bool>,
    noted: RefCell<Vec<Noted>>,
    more: Cell<u64>,
    traffic: Cell<Traffic>,
    /// The page of small blocks that was looked into last.
    last_page: Cell<Option<NonNull<Page>>>,
}

impl Watch {
    pub(crate) fn is_on(&self) -> bool {
        self.on.get()
    }

    /// Writes a block down.
    pub(crate) fn note(&self, block: NonNull<Header>, bytes: usize, freed: bool) {
        let mut traffic = self.traffic.get();
        if freed {
            traffic.freed += bytes as u64;
        } else {
            traffic.allocated += bytes as u64;
        }
        self.traffic.set(traffic);
        if !self.singly.get() {
            return;
        }
        let mut noted = self.noted.borrow_mut();
        if noted.len() >= KEPT {
            self.more.set(self.more.get() + 1);
            return;
        }
        // A block that was just handed out has no type yet: it is looked at when its object stands.
        // SAFETY: a block that is given back still has the header of its object.
        let ty = if freed { unsafe { block.as_ref() }.type_pointer() } else { block };
        noted.push(Noted { address: block.as_ptr().addr(), bytes, freed, ty });
    }
}

impl Heap {
    /// Begins or ceases to look at allocations and frees; `singly` says whether each is written down.
    pub fn watch(&self, on: bool, singly: bool) {
        self.watch.singly.set(on && singly);
        if !singly {
            self.watch.noted.borrow_mut().clear();
            self.watch.more.set(0);
        }
        if self.watch.on.replace(on) == on {
            return;
        }
        for (bin, hidden) in self.bins.iter().flatten().zip(self.hidden.iter().flatten()) {
            if on {
                hidden.set(bin.current.replace(std::ptr::null_mut()));
            } else {
                bin.current.set(hidden.replace(std::ptr::null_mut()));
            }
        }
        for page in self.pages.borrow().iter().chain(self.large_pages.borrow().iter()) {
            // SAFETY: pages in the lists are alive.
            mark(unsafe { page.as_ref() }, on);
        }
    }

    /// Bytes that went through the allocator while it was looked at.
    pub fn traffic(&self) -> Traffic {
        self.watch.traffic.get()
    }

    /// What moved since the last look, where single blocks are written down.
    pub fn motions(&self) -> Motions {
        let noted = self.watch.noted.take();
        let more = self.watch.more.take();
        if noted.is_empty() {
            return Motions { kept: Vec::new(), more };
        }
        // Where blocks were only counted, one of those written down may have been given back without being seen.
        let gone: Option<HashSet<usize>> =
            (more == 0).then(|| noted.iter().filter(|note| note.freed).map(|note| note.address).collect());
        // Backwards, so that of a block that was given back again the type is known from there.
        let mut later: HashMap<usize, NonNull<Header>> = HashMap::new();
        let mut kept: Vec<Motion> = Vec::with_capacity(noted.len());
        for note in noted.iter().rev() {
            let ty = gone.as_ref().and_then(|gone| {
                let ty = match (note.freed, later.remove(&note.address)) {
                    (true, _) => {
                        later.insert(note.address, note.ty);
                        note.ty
                    }
                    (false, Some(ty)) => ty,
                    // SAFETY: the block was handed out and not given back since, so it holds an object.
                    (false, None) => unsafe { note.ty.as_ref() }.type_pointer(),
                };
                if gone.contains(&ty.as_ptr().addr()) {
                    return None;
                }
                // SAFETY: the type lived when its object was made or given back, and its block was not given back since,
                // so there is a header; a count of zero says that the type is just being freed.
                unsafe { (ty.as_ref().count() > 0).then(|| ty.as_ref().counted_value()) }
            });
            kept.push(Motion { address: note.address, bytes: note.bytes, freed: note.freed, ty });
        }
        kept.reverse();
        Motions { kept, more }
    }

    /// The count of the object at an address; nothing where no block of this heap begins there, 0 where it is free.
    pub fn count_at(&self, address: usize) -> Option<u32> {
        let start = address & !(PAGE - 1);
        let is_it = |page: &NonNull<Page>| page.as_ptr().addr() == start;
        let page = self.watch.last_page.get().filter(is_it).or_else(|| {
            let found = self.pages.borrow().iter().copied().find(is_it);
            self.watch.last_page.set(found.or(self.watch.last_page.get()));
            found.or_else(|| self.large_pages.borrow().iter().copied().find(is_it))
        })?;
        // SAFETY: pages in the lists are alive; those of small blocks, of which the last one is kept, as long as the heap.
        let header = unsafe { page.as_ref() };
        let inside = address - start;
        let position = inside.checked_sub(PAGE_HEADER)?;
        let begins = if header.is_large() { position == 0 } else { position % header.block.get() as usize == 0 };
        if !begins {
            return None;
        }
        if !header.is_large() && position / header.block.get() as usize >= header.bump.get() as usize {
            return Some(0);
        }
        // SAFETY: a block begins there that was handed out at least once; a free one begins with a count of zero.
        Some(unsafe { page.cast::<u8>().add(inside).cast::<Header>().as_ref() }.count())
    }
}

/// Marks a page so that freeing its blocks is seen, or takes the mark away.
pub(crate) fn mark(page: &Page, on: bool) {
    let large = page.large.get() & !WATCHED;
    page.large.set(if on { large | WATCHED } else { large });
}

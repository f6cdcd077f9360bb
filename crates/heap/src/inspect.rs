//! Looking at the allocator's memory: where arenas lie, and how a page is filled. For tools; nothing here changes anything.

use crate::alloc::{ARENA_PAGES, Heap, PAGE, PAGE_HEADER, heap_of, page_of_object};
use crate::value::Value;
use std::collections::BTreeMap;

/// What a block of a page is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Block {
    /// An object.
    Used,
    /// Freed, and in the page's list.
    Free,
    /// Never handed out yet.
    Fresh,
}

/// How a page is filled.
#[derive(Clone, Debug)]
pub struct PageFigures {
    /// The page's address.
    pub address: usize,
    /// Bytes of a block.
    pub block: usize,
    /// Whether its objects can hold references.
    pub container: bool,
    /// Its blocks, in order.
    pub blocks: Vec<Block>,
}

impl Heap {
    /// Where the arenas lie: address and bytes of each.
    pub fn arenas(&self) -> Vec<(usize, usize)> {
        self.arena_addresses().into_iter().map(|address| (address, PAGE * ARENA_PAGES)).collect()
    }

    /// Pages by block size: bytes of a block, pages, blocks in use, blocks there is room for.
    pub fn page_classes(&self) -> Vec<(u32, u32, u64, u64)> {
        let mut classes: BTreeMap<u32, (u32, u64, u64)> = BTreeMap::new();
        for page in self.pages.borrow().iter() {
            // SAFETY: pages in the list are alive.
            let page = unsafe { page.as_ref() };
            let class = classes.entry(page.block.get()).or_default();
            class.0 += 1;
            class.1 += u64::from(page.blocks_in_use());
            class.2 += u64::from(page.room());
        }
        classes.into_iter().map(|(block, (pages, used, room))| (block, pages, used, room)).collect()
    }

    /// The page that an object lies in; nothing for immediates, large objects and those that no heap owns.
    pub fn page_figures(&self, object: &Value) -> Option<PageFigures> {
        heap_of(object).filter(|heap| std::ptr::eq(*heap, self))?;
        let page = page_of_object(object)?;
        let (block, handed_out, capacity) = (page.block.get() as usize, page.bump.get() as usize, page.room() as usize);
        if page.is_large() || block == 0 {
            return None;
        }
        let address = std::ptr::from_ref(page).addr();
        let blocks = (0..capacity)
            .map(|index| {
                if index >= handed_out {
                    return Block::Fresh;
                }
                let first = (address + PAGE_HEADER + index * block) as *const u32;
                // SAFETY: the block lies inside the page, which is alive, as an object in it is; blocks that were handed
                // out begin with a count, which is zero in free ones.
                if unsafe { first.read() } == 0 { Block::Free } else { Block::Used }
            })
            .collect();
        Some(PageFigures { address, block, container: page.container.get(), blocks })
    }
}

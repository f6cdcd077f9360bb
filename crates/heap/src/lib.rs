//! Values, the object header, the allocator, reference counts and the cycle collector.
//!
//! This crate knows nothing of Python types beyond what freeing and collecting need: a type object begins
//! with a [`TypeHead`], which names the [`Layout`] of its instances. All memory that Python objects live in
//! comes from a [`Heap`]; one interpreter owns one heap, and its GIL confines the heap to one thread at a time.

mod alloc;
mod audit;
mod collect;
mod header;
mod inspect;
mod layout;
mod limited;
mod reference;
mod system;
mod value;
mod watch;

pub use alloc::{Freeing, Heap, HeapStatistics, Hooks, block_capacity, heap_of};
pub use audit::{Audit, Overdrawn};
pub use collect::{CollectOutcome, Collection};
pub use header::{Header, SHAPE_LIMIT, flags};
pub use inspect::{Block, PageFigures};
pub use layout::{Body, Layout, TypeHead, Visitor, tail_of};
pub use limited::Limited;
pub use reference::Ref;
pub use system::System;
pub use value::{Immediate, Kind, Value};
pub use watch::{Motion, Motions, Traffic};

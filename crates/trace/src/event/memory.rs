//! Memory as it lies there: frames, objects, pages, and what a name reaches.

use super::system::record;
use super::{Val, is_zero};
use serde::{Deserialize, Serialize};

record! {
    /// A block that was handed out or given back.
    Moved {
        /// The address of the object.
        a: u64,
        /// Its type; `?` where it cannot be known any more.
        ty: String,
        /// The bytes of its block: the allocator's size class.
        n: u64,
        /// The frame whose instruction did it.
        f: u64,
        /// The byte offset of the instruction.
        o: u32,
    }

    /// A frame, slot by slot.
    FrameMemory {
        /// The frame.
        f: u64,
        /// Its address.
        address: u64,
        /// Its function.
        name: String,
        /// The line where it stands.
        line: u32,
        /// When: `its return`, a line of the script.
        moment: String,
        /// Its words.
        words: Vec<Word>,
    }

    /// A word of memory.
    Word {
        /// Its address.
        address: u64,
        /// Its raw content; hexadecimal, since numbers of many readers of JSON are too short.
        raw: String,
        /// What it is: a field of a header, a local, a cell, a slot of the operand stack.
        name: String,
        /// What it means.
        value: Option<Val>,
        /// Who owns the reference: `owned`, `borrowed`, `immediate`, `not a reference`.
        owner: String,
    }

    /// An object: header, body, attributes.
    ObjectMemory {
        /// The name by which it was asked for.
        name: String,
        /// Its address.
        address: u64,
        /// Its type.
        ty: String,
        /// Its count; immortal ones have none.
        count: Option<u32>,
        /// Bytes of its block.
        block: u32,
        /// Its words.
        words: Vec<Word>,
        /// The shape: names of inline attributes in order.
        shape: Vec<String>,
        /// The table of a dict, set or list: index, key, value.
        table: Vec<(u64, Option<Val>, Option<Val>)>,
        /// How many entries the table has room for.
        capacity: u64,
        /// The hash table of a dict: for each slot the number of an entry; -1: never used, -2: its entry was deleted.
        slots: Vec<i32>,
        /// The hashes of a dict's entries, by number; null for a deleted one.
        hashes: Vec<Option<i64>>,
    }

    /// A page of the allocator.
    PageMemory {
        /// Its address.
        address: u64,
        /// Bytes of its blocks.
        block: u32,
        /// Blocks there is room for.
        capacity: u32,
        /// Blocks in use.
        used: u32,
        /// Blocks never handed out yet.
        fresh: u32,
        /// Whether its objects can hold references.
        containers: bool,
        /// The blocks in order: `#` in use, `.` free, `-` never used.
        drawing: String,
    }

    /// The objects that a name reaches.
    Graph {
        /// The name.
        root: String,
        /// When: a line of the script, `exit`.
        moment: String,
        /// The objects: address, type, text, count, bytes.
        nodes: Vec<(u64, String, String, u32, u32)>,
        /// The references: from, to, by what name.
        edges: Vec<(u64, u64, String)>,
        /// Whether there were more than are shown.
        cut: bool,
    }

    /// The figures of the heap.
    HeapFigures {
        /// The moment.
        moment: String,
        /// Objects allocated since the start.
        allocations: u64,
        /// Objects freed since the start.
        frees: u64,
        /// Bytes of arenas held from the system.
        arena_bytes: u64,
        /// Bytes of large objects alive.
        large_bytes: u64,
        /// Where the arenas lie: address and bytes.
        arenas: Vec<(u64, u64)>,
        /// Pages by block size: bytes of a block, pages, blocks in use, blocks there is room for.
        pages: Vec<(u32, u32, u64, u64)>,
    }
}

//! The exception table (`co_exceptiontable`): which handler covers which instructions.
//!
//! Four numbers an entry (start, length, handler, depth twice plus one if the last instruction is wanted), all in
//! code units, six bits a byte, most significant first, bit 6 meaning "more follows", bit 7 marking an entry's start.

/// One protected range.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// First byte offset covered.
    pub start: usize,
    /// Byte offset after the last covered.
    pub end: usize,
    /// Byte offset of the handler.
    pub target: usize,
    /// To which depth the stack is unwound.
    pub depth: usize,
    /// Whether the offset of the raising instruction is pushed before the exception.
    pub lasti: bool,
}

/// Reads a table; stops at its end or where it is cut off.
#[derive(Clone)]
pub struct Entries<'a> {
    table: &'a [u8],
    at: usize,
}

/// The entries of a table, in the order of their ranges.
pub fn entries(table: &[u8]) -> Entries<'_> {
    Entries { table, at: 0 }
}

impl Entries<'_> {
    fn varint(&mut self) -> Option<usize> {
        let mut byte = *self.table.get(self.at)?;
        self.at += 1;
        let mut value = usize::from(byte & 0x3f);
        while byte & 0x40 != 0 {
            byte = *self.table.get(self.at)?;
            self.at += 1;
            value = value.checked_mul(64)? | usize::from(byte & 0x3f);
        }
        Some(value)
    }
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let start = self.varint()?.checked_mul(2)?;
        let length = self.varint()?.checked_mul(2)?;
        let target = self.varint()?.checked_mul(2)?;
        let depth_lasti = self.varint()?;
        Some(Entry {
            start,
            end: start.checked_add(length)?,
            target,
            depth: depth_lasti >> 1,
            lasti: depth_lasti & 1 != 0,
        })
    }
}

/// The entry that covers a byte offset.
pub fn handler_at(table: &[u8], offset: usize) -> Option<Entry> {
    entries(table).take_while(|entry| entry.start <= offset).find(|entry| offset < entry.end)
}

/// Appends an entry to a table.
pub fn push(table: &mut Vec<u8>, entry: Entry) {
    varint(table, entry.start / 2, 0x80);
    varint(table, (entry.end - entry.start) / 2, 0);
    varint(table, entry.target / 2, 0);
    varint(table, entry.depth << 1 | usize::from(entry.lasti), 0);
}

fn varint(table: &mut Vec<u8>, value: usize, mut mark: u8) {
    let groups = (usize::BITS - value.leading_zeros()).div_ceil(6).max(1);
    for group in (0..groups).rev() {
        let more = if group > 0 { 0x40 } else { 0 };
        table.push(mark | more | (value >> (6 * group) & 0x3f) as u8);
        mark = 0;
    }
}

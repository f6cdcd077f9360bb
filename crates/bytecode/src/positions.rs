//! The location table (`co_linetable`): reading it by line or by position, and writing one entry.
//!
//! An entry is a byte `1kkkkcuu`-style header (bit 7 set, four bits of form, three bits of length less one, in code
//! units), then operands: a short form in two bytes, a one-line form in three, or variable-length numbers of six
//! bits a byte, least significant first, with bit 6 meaning "more follows"; signed ones keep their sign in bit 0.

/// Where an instruction came from; 0 or -1 means that there is none of it, as the compiler has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Location {
    /// First line, from 1; -1: no location; -2: to be taken from the next instruction.
    pub lineno: i32,
    /// Last line.
    pub end_lineno: i32,
    /// First column in bytes, from 0; -1: unknown.
    pub col_offset: i32,
    /// Column after the last, in bytes; -1: unknown.
    pub end_col_offset: i32,
}

impl Location {
    /// No location: an instruction that no line owns.
    pub const NONE: Location = Location { lineno: -1, end_lineno: -1, col_offset: -1, end_col_offset: -1 };
    /// The location of the next instruction.
    pub const NEXT: Location = Location { lineno: -2, end_lineno: -2, col_offset: -2, end_col_offset: -2 };

    /// A location of the given range.
    pub const fn new(lineno: i32, end_lineno: i32, col_offset: i32, end_col_offset: i32) -> Location {
        Location { lineno, end_lineno, col_offset, end_col_offset }
    }

    /// A line, its columns unknown.
    pub const fn line(lineno: i32) -> Location {
        Location { lineno, end_lineno: lineno, col_offset: -1, end_col_offset: -1 }
    }
}

/// A range of code units with one position, as `co_positions` gives them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PositionRange {
    /// First byte offset.
    pub start: usize,
    /// Byte offset after the last.
    pub end: usize,
    /// First line; `None` if no line owns the range.
    pub lineno: Option<i32>,
    /// Last line.
    pub end_lineno: Option<i32>,
    /// First column in bytes.
    pub col_offset: Option<i32>,
    /// Column after the last, in bytes.
    pub end_col_offset: Option<i32>,
}

/// Reads a location table entry by entry; stops at its end or where it is cut off.
#[derive(Clone)]
pub struct Positions<'a> {
    table: &'a [u8],
    at: usize,
    offset: usize,
    line: i32,
}

impl<'a> Positions<'a> {
    /// The entries of a table whose code begins at the given line.
    pub fn new(table: &'a [u8], firstlineno: i32) -> Positions<'a> {
        Positions { table, at: 0, offset: 0, line: firstlineno }
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.table.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u32> {
        let mut value = 0u32;
        let mut shift = 0u32;
        loop {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x3f).checked_shl(shift).unwrap_or(0);
            if byte & 0x40 == 0 {
                return Some(value);
            }
            shift += 6;
        }
    }

    fn signed_varint(&mut self) -> Option<i32> {
        let value = self.varint()?;
        let magnitude = (value >> 1) as i32;
        Some(if value & 1 != 0 { magnitude.wrapping_neg() } else { magnitude })
    }
}

impl Iterator for Positions<'_> {
    type Item = PositionRange;

    fn next(&mut self) -> Option<PositionRange> {
        let header = self.byte()?;
        let start = self.offset;
        self.offset += 2 * (usize::from(header & 7) + 1);
        let mut range = PositionRange {
            start,
            end: self.offset,
            lineno: None,
            end_lineno: None,
            col_offset: None,
            end_col_offset: None,
        };
        match header >> 3 & 15 {
            15 => return Some(range),
            14 => {
                self.line = self.line.wrapping_add(self.signed_varint()?);
                range.end_lineno = Some(self.line.wrapping_add(self.varint()? as i32));
                range.col_offset = (self.varint()? as i32).checked_sub(1).filter(|column| *column >= 0);
                range.end_col_offset = (self.varint()? as i32).checked_sub(1).filter(|column| *column >= 0);
            }
            13 => {
                self.line = self.line.wrapping_add(self.signed_varint()?);
                range.end_lineno = Some(self.line);
            }
            form @ 10..=12 => {
                self.line = self.line.wrapping_add(i32::from(form) - 10);
                range.end_lineno = Some(self.line);
                range.col_offset = Some(i32::from(self.byte()?));
                range.end_col_offset = Some(i32::from(self.byte()?));
            }
            form => {
                let second = self.byte()?;
                let column = i32::from(form) << 3 | i32::from(second >> 4 & 7);
                range.end_lineno = Some(self.line);
                range.col_offset = Some(column);
                range.end_col_offset = Some(column + i32::from(second & 15));
            }
        }
        range.lineno = Some(self.line);
        Some(range)
    }
}

/// A location table with the lines of another one and no columns (`-X no_debug_ranges`).
pub fn without_columns(table: &[u8], firstlineno: i32) -> Vec<u8> {
    let mut writer = PositionWriter::new(firstlineno);
    for range in Positions::new(table, firstlineno) {
        let location = range.lineno.map_or(Location::NONE, |line| Location::new(line, line, -1, -1));
        writer.push(location, (range.end - range.start) / 2);
    }
    writer.finish()
}

/// Ranges of one line, neighbours merged, as `co_lines` gives them: start, end (byte offsets) and line.
pub fn lines(table: &[u8], firstlineno: i32) -> impl Iterator<Item = (usize, usize, Option<i32>)> {
    let mut positions = Positions::new(table, firstlineno).peekable();
    std::iter::from_fn(move || {
        let first = positions.next()?;
        let mut end = first.end;
        while let Some(next) = positions.peek() {
            if next.lineno != first.lineno {
                break;
            }
            end = next.end;
            positions.next();
        }
        Some((first.start, end, first.lineno))
    })
}

/// The position of the instruction at a byte offset.
pub fn position_at(table: &[u8], firstlineno: i32, offset: usize) -> Option<PositionRange> {
    Positions::new(table, firstlineno).find(|range| offset < range.end)
}

/// The line of the instruction at a byte offset; `None` if no line owns it.
pub fn line_at(table: &[u8], firstlineno: i32, offset: usize) -> Option<i32> {
    // As reading whole positions, with the columns skipped.
    let mut reader = Positions::new(table, firstlineno);
    loop {
        let header = reader.byte()?;
        reader.offset += 2 * (usize::from(header & 7) + 1);
        let form = header >> 3 & 15;
        match form {
            15 => {}
            14 => {
                reader.line = reader.line.wrapping_add(reader.signed_varint()?);
                for _ in 0..3 {
                    reader.varint()?;
                }
            }
            13 => reader.line = reader.line.wrapping_add(reader.signed_varint()?),
            10..=12 => {
                reader.line = reader.line.wrapping_add(i32::from(form) - 10);
                reader.at += 2;
            }
            _ => reader.at += 1,
        }
        if offset < reader.offset {
            return (form != 15).then_some(reader.line);
        }
    }
}

/// Writes location tables.
#[derive(Debug)]
pub struct PositionWriter {
    table: Vec<u8>,
    line: i32,
}

impl PositionWriter {
    /// A writer for code that begins at the given line.
    pub fn new(firstlineno: i32) -> PositionWriter {
        PositionWriter { table: Vec::new(), line: firstlineno }
    }

    /// The table.
    pub fn finish(self) -> Vec<u8> {
        self.table
    }

    /// Appends the location of the next `units` code units.
    pub fn push(&mut self, location: Location, mut units: usize) {
        while units > 8 {
            self.push_entry(location, 8);
            units -= 8;
        }
        if units > 0 {
            self.push_entry(location, units);
        }
    }

    fn push_entry(&mut self, location: Location, units: usize) {
        if location.lineno == -1 {
            self.header(15, units);
            return;
        }
        let line_delta = location.lineno.wrapping_sub(self.line);
        let (column, end_column) = (location.col_offset, location.end_col_offset);
        if column < 0 || end_column < 0 {
            if location.end_lineno == location.lineno || location.end_lineno < 0 {
                self.header(13, units);
                self.signed_varint(line_delta);
                self.line = location.lineno;
                return;
            }
        } else if location.end_lineno == location.lineno {
            if line_delta == 0 && column < 80 && (0..16).contains(&(end_column - column)) {
                self.header(column as u8 >> 3, units);
                self.table.push((column as u8 & 7) << 4 | (end_column - column) as u8);
                return;
            }
            if (0..3).contains(&line_delta) && column < 128 && end_column < 128 {
                self.header(10 + line_delta as u8, units);
                self.table.extend([column as u8, end_column as u8]);
                self.line = location.lineno;
                return;
            }
        }
        self.header(14, units);
        self.signed_varint(line_delta);
        self.varint(location.end_lineno.wrapping_sub(location.lineno) as u32);
        self.varint(column.wrapping_add(1) as u32);
        self.varint(end_column.wrapping_add(1) as u32);
        self.line = location.lineno;
    }

    fn header(&mut self, form: u8, units: usize) {
        self.table.push(0x80 | form << 3 | (units - 1) as u8);
    }

    fn varint(&mut self, mut value: u32) {
        while value >= 64 {
            self.table.push(0x40 | (value & 0x3f) as u8);
            value >>= 6;
        }
        self.table.push(value as u8);
    }

    fn signed_varint(&mut self, value: i32) {
        let bits = if value < 0 { value.unsigned_abs() << 1 | 1 } else { (value as u32) << 1 };
        self.varint(bits);
    }
}

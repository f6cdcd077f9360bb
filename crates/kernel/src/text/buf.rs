//! A text that grows: it widens its storage when a code point needs it.

use super::{Kind, MAX_LEN, SizeError, Text, Unit, slices};
use crate::with_units;

/// Growing text. [`TextBuf::finish`] brings it to the narrowest kind.
#[derive(Clone, Debug)]
pub struct TextBuf {
    storage: Storage,
    /// All code points or-ed together: tells the narrowest kind.
    seen: u32,
}

#[derive(Clone, Debug)]
enum Storage {
    Ascii(String),
    Latin1(Vec<u8>),
    Ucs2(Vec<u16>),
    Ucs4(Vec<u32>),
}

impl Default for TextBuf {
    fn default() -> Self {
        TextBuf::new()
    }
}

impl From<&str> for TextBuf {
    fn from(text: &str) -> Self {
        let mut out = TextBuf::new();
        out.push_str(text);
        out
    }
}

impl From<String> for TextBuf {
    fn from(text: String) -> Self {
        if text.is_ascii() {
            return TextBuf { storage: Storage::Ascii(text), seen: 0 };
        }
        TextBuf::from(text.as_str())
    }
}

impl From<Text<'_>> for TextBuf {
    fn from(text: Text<'_>) -> Self {
        let mut out = TextBuf::new();
        out.push_text(text);
        out
    }
}

impl FromIterator<u32> for TextBuf {
    fn from_iter<I: IntoIterator<Item = u32>>(iter: I) -> Self {
        let mut out = TextBuf::new();
        iter.into_iter().for_each(|c| out.push(c));
        out
    }
}

impl std::fmt::Write for TextBuf {
    fn write_str(&mut self, s: &str) -> std::fmt::Result {
        self.push_str(s);
        Ok(())
    }
}

impl TextBuf {
    /// Empty.
    pub const fn new() -> TextBuf {
        TextBuf { storage: Storage::Ascii(String::new()), seen: 0 }
    }

    /// Empty, with room for `len` code points of `kind`.
    #[inline]
    pub fn with_capacity(kind: Kind, len: usize) -> TextBuf {
        let storage = match kind {
            Kind::Ascii => Storage::Ascii(String::with_capacity(len)),
            Kind::Latin1 => Storage::Latin1(Vec::with_capacity(len)),
            Kind::Ucs2 => Storage::Ucs2(Vec::with_capacity(len)),
            Kind::Ucs4 => Storage::Ucs4(Vec::with_capacity(len)),
        };
        TextBuf { storage, seen: 0 }
    }

    /// As [`TextBuf::with_capacity`] for a size that a program chose.
    pub fn try_with_capacity(kind: Kind, len: usize) -> Result<TextBuf, SizeError> {
        if len > MAX_LEN / kind.width() {
            return Err(SizeError::NoMemory);
        }
        let mut out = TextBuf::with_capacity(kind, 0);
        match &mut out.storage {
            Storage::Ascii(s) => s.try_reserve_exact(len)?,
            Storage::Latin1(s) => s.try_reserve_exact(len)?,
            Storage::Ucs2(s) => s.try_reserve_exact(len)?,
            Storage::Ucs4(s) => s.try_reserve_exact(len)?,
        }
        Ok(out)
    }

    /// Takes storage over.
    pub fn from_ucs4(units: Vec<u32>) -> TextBuf {
        let seen = slices::union(&units);
        TextBuf { storage: Storage::Ucs4(units), seen }.finish()
    }

    /// Takes storage over.
    pub fn from_ucs2(units: Vec<u16>) -> TextBuf {
        let seen = slices::union(&units);
        TextBuf { storage: Storage::Ucs2(units), seen }.finish()
    }

    /// Takes storage over.
    pub fn from_latin1(units: Vec<u8>) -> TextBuf {
        let seen = slices::union(&units);
        TextBuf { storage: Storage::Latin1(units), seen }.finish()
    }

    /// Number of code points.
    #[inline]
    pub fn len(&self) -> usize {
        match &self.storage {
            Storage::Ascii(s) => s.len(),
            Storage::Latin1(s) => s.len(),
            Storage::Ucs2(s) => s.len(),
            Storage::Ucs4(s) => s.len(),
        }
    }

    /// Has it no code points?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The kind of the present storage.
    fn kind(&self) -> Kind {
        match &self.storage {
            Storage::Ascii(_) => Kind::Ascii,
            Storage::Latin1(_) => Kind::Latin1,
            Storage::Ucs2(_) => Kind::Ucs2,
            Storage::Ucs4(_) => Kind::Ucs4,
        }
    }

    /// The narrowest kind for what was pushed.
    pub fn narrowest(&self) -> Kind {
        Kind::of(self.seen)
    }

    /// What is there now, in the storage of now (perhaps wider than needed before [`TextBuf::finish`]).
    #[inline]
    pub fn as_text(&self) -> Text<'_> {
        match &self.storage {
            Storage::Ascii(s) => Text::Ascii(s),
            Storage::Latin1(s) => Text::Latin1(s),
            Storage::Ucs2(s) => Text::Ucs2(s),
            Storage::Ucs4(s) => Text::Ucs4(s),
        }
    }

    /// The same text in the narrowest storage.
    #[inline]
    pub fn finish(self) -> TextBuf {
        let kind = Kind::of(self.seen);
        if kind == self.kind() {
            return self;
        }
        let seen = self.seen;
        fn narrowed<T: Unit, S: Unit>(units: &[S]) -> Vec<T> {
            units.iter().map(|c| T::truncate(c.code())).collect()
        }
        fn ascii(bytes: Vec<u8>) -> Storage {
            String::from_utf8(bytes).map_or_else(|e| Storage::Latin1(e.into_bytes()), Storage::Ascii)
        }
        let storage = match (self.storage, kind) {
            (Storage::Latin1(s), _) => ascii(s),
            (Storage::Ucs2(s), Kind::Latin1) => Storage::Latin1(narrowed(&s)),
            (Storage::Ucs2(s), _) => ascii(narrowed(&s)),
            (Storage::Ucs4(s), Kind::Ucs2) => Storage::Ucs2(narrowed(&s)),
            (Storage::Ucs4(s), Kind::Latin1) => Storage::Latin1(narrowed(&s)),
            (Storage::Ucs4(s), _) => ascii(narrowed(&s)),
            (storage @ Storage::Ascii(_), _) => storage,
        };
        TextBuf { storage, seen }
    }

    /// A Rust string, if all code points are below 0x80.
    pub fn into_ascii(self) -> Result<String, TextBuf> {
        match self.finish() {
            TextBuf { storage: Storage::Ascii(s), .. } => Ok(s),
            other => Err(other),
        }
    }

    /// Room for `more` code points.
    pub fn reserve(&mut self, more: usize) {
        match &mut self.storage {
            Storage::Ascii(s) => s.reserve(more),
            Storage::Latin1(s) => s.reserve(more),
            Storage::Ucs2(s) => s.reserve(more),
            Storage::Ucs4(s) => s.reserve(more),
        }
    }

    /// Room for `more` code points, a size that a program chose.
    pub fn try_reserve(&mut self, more: usize) -> Result<(), SizeError> {
        match &mut self.storage {
            Storage::Ascii(s) => s.try_reserve(more)?,
            Storage::Latin1(s) => s.try_reserve(more)?,
            Storage::Ucs2(s) => s.try_reserve(more)?,
            Storage::Ucs4(s) => s.try_reserve(more)?,
        }
        Ok(())
    }

    /// Makes the storage at least as wide as `kind`.
    #[cold]
    fn widen(&mut self, kind: Kind) {
        if kind <= self.kind() {
            return;
        }
        let old = std::mem::replace(&mut self.storage, Storage::Ascii(String::new()));
        let room = match &old {
            Storage::Ascii(s) => s.capacity(),
            Storage::Latin1(s) => s.capacity(),
            Storage::Ucs2(s) => s.capacity(),
            Storage::Ucs4(s) => s.capacity(),
        };
        fn widened<T: Unit>(storage: Storage, room: usize) -> Vec<T> {
            let mut out = Vec::with_capacity(room);
            let text = match &storage {
                Storage::Ascii(s) => Text::Ascii(s),
                Storage::Latin1(s) => Text::Latin1(s),
                Storage::Ucs2(s) => Text::Ucs2(s),
                Storage::Ucs4(s) => Text::Ucs4(s),
            };
            with_units!(text, s => out.extend(s.iter().map(|c| T::truncate(c.code()))));
            out
        }
        self.storage = match (kind, old) {
            (Kind::Latin1, Storage::Ascii(s)) => Storage::Latin1(s.into_bytes()),
            (Kind::Ucs2, old) => Storage::Ucs2(widened(old, room)),
            (Kind::Ucs4, old) => Storage::Ucs4(widened(old, room)),
            (_, old) => old,
        };
    }

    /// Appends a code point.
    #[inline]
    pub fn push(&mut self, c: u32) {
        self.seen |= c;
        match &mut self.storage {
            Storage::Ascii(s) if c < 0x80 => s.push(c as u8 as char),
            Storage::Latin1(s) if c < 0x100 => s.push(c as u8),
            Storage::Ucs2(s) if c < 0x10000 => s.push(c as u16),
            Storage::Ucs4(s) => s.push(c),
            _ => self.push_wider(c),
        }
    }

    #[cold]
    fn push_wider(&mut self, c: u32) {
        self.widen(Kind::of(c));
        self.push(c);
    }

    /// Appends a Rust string.
    pub fn push_str(&mut self, text: &str) {
        // The largest byte of UTF-8 tells the kind; the bytes that start a code point tell the number.
        let max = text.as_bytes().iter().fold(0, |max, b| *b.max(&max));
        if max < 0x80 {
            return self.push_text(Text::Ascii(text));
        }
        let kind = match max {
            0..=0xC3 => Kind::Latin1,
            0xC4..=0xEF => Kind::Ucs2,
            _ => Kind::Ucs4,
        };
        self.widen(kind);
        self.seen |= kind.max_char();
        match &mut self.storage {
            Storage::Ascii(_) => {}
            Storage::Latin1(out) => decode_into(text, out),
            Storage::Ucs2(out) => decode_into(text, out),
            Storage::Ucs4(out) => decode_into(text, out),
        }
    }

    /// Appends text.
    #[inline]
    pub fn push_text(&mut self, text: Text<'_>) {
        if text.kind() > Kind::of(self.seen) {
            self.seen |= with_units!(text, s => slices::union(s));
            let kind = Kind::of(self.seen);
            if kind > self.kind() {
                self.widen(kind);
            }
        }
        match (&mut self.storage, text) {
            (Storage::Ascii(out), Text::Ascii(s)) => out.push_str(s),
            (Storage::Ascii(out), text) => out.extend(text.chars().map(|c| c as u8 as char)),
            (Storage::Latin1(out), text) => with_units!(text, s => Unit::append(s, out)),
            (Storage::Ucs2(out), text) => with_units!(text, s => Unit::append(s, out)),
            (Storage::Ucs4(out), text) => with_units!(text, s => Unit::append(s, out)),
        }
    }

    /// Appends `count` times `c`.
    pub fn push_repeated(&mut self, c: u32, count: usize) {
        if count == 0 {
            return;
        }
        self.seen |= c;
        self.widen(Kind::of(c));
        match &mut self.storage {
            Storage::Ascii(s) => {
                let chunk = [c as u8 & 0x7f; 64];
                let chunk = std::str::from_utf8(&chunk).unwrap_or_default();
                let large = if count < 4096 { String::new() } else { chunk.repeat(1024) };
                let chunk = if large.is_empty() { chunk } else { &large };
                (0..count / chunk.len()).for_each(|_| s.push_str(chunk));
                s.push_str(&chunk[..count % chunk.len()]);
            }
            Storage::Latin1(s) => s.resize(s.len() + count, c as u8),
            Storage::Ucs2(s) => s.resize(s.len() + count, c as u16),
            Storage::Ucs4(s) => s.resize(s.len() + count, c),
        }
    }

    /// Appends `\xhh`, `\uhhhh` or `\Uhhhhhhhh`.
    pub fn push_escape(&mut self, c: u32) {
        let (letter, digits) = match c {
            0..0x100 => (b'x', 2),
            0x100..0x10000 => (b'u', 4),
            _ => (b'U', 8),
        };
        self.push(b'\\' as u32);
        self.push(letter as u32);
        for i in (0..digits).rev() {
            self.push(b"0123456789abcdef"[(c >> (4 * i) & 15) as usize] as u32);
        }
    }

    /// Drops all after `len` code points.
    pub fn truncate(&mut self, len: usize) {
        match &mut self.storage {
            Storage::Ascii(s) if len < s.len() => s.truncate(len),
            Storage::Ascii(_) => {}
            Storage::Latin1(s) => s.truncate(len),
            Storage::Ucs2(s) => s.truncate(len),
            Storage::Ucs4(s) => s.truncate(len),
        }
        if self.kind() != Kind::Ascii {
            self.seen = with_units!(self.as_text(), s => slices::union(s));
        }
    }

    /// Empties it, keeping the memory.
    pub fn clear(&mut self) {
        self.truncate(0);
    }
}

fn decode_into<T: Unit>(text: &str, out: &mut Vec<T>) {
    // The room was counted: writing into it needs no check a code point.
    let start = out.len();
    let count = text.as_bytes().iter().filter(|b| (**b as i8) >= -0x40).count();
    out.resize(start + count, T::truncate(0));
    out[start..].iter_mut().zip(text.chars()).for_each(|(slot, c)| *slot = T::truncate(c as u32));
}

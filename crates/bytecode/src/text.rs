//! Strings of code objects: UTF-8 in which lone surrogates may occur, each encoded on its own in three bytes, as
//! Python's `surrogatepass` does (so a pair of surrogates stays a pair). Not the runtime's strings.

use std::borrow::Cow;
use std::rc::Rc;

/// An immutable string that may hold surrogates; cheap to clone.
#[derive(Clone)]
pub struct Text(Bytes);

/// Where the bytes are: shared among the clones, or in the program itself.
#[derive(Clone)]
enum Bytes {
    Shared(Rc<[u8]>),
    Static(&'static [u8]),
}

impl Text {
    /// The string of the given code points; `None` if one is above U+10FFFF.
    pub fn from_code_points(points: impl IntoIterator<Item = u32>) -> Option<Text> {
        let mut bytes = Vec::new();
        for point in points {
            push_code_point(&mut bytes, point)?;
        }
        Some(Text(Bytes::Shared(bytes.into())))
    }

    /// The string of ASCII characters; `None` if there are others.
    pub fn from_ascii(bytes: &[u8]) -> Option<Text> {
        bytes.is_ascii().then(|| Text(Bytes::Shared(bytes.into())))
    }

    /// The string of bytes in this encoding; `None` if they are not.
    pub fn from_bytes(bytes: &[u8]) -> Option<Text> {
        is_valid(bytes).then(|| Text(Bytes::Shared(bytes.into())))
    }

    /// The string of bytes in this encoding that are part of the program.
    pub const fn from_static(bytes: &'static [u8]) -> Text {
        Text(Bytes::Static(bytes))
    }

    /// The string itself if it holds no surrogate.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }

    /// The string, with surrogates replaced if there are any.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        match self.as_str() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(self.code_points().map(|p| char::from_u32(p).unwrap_or('\u{fffd}')).collect()),
        }
    }

    /// The encoded bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Bytes::Shared(bytes) => bytes,
            Bytes::Static(bytes) => bytes,
        }
    }

    /// The code points.
    pub fn code_points(&self) -> CodePoints<'_> {
        CodePoints { bytes: self.as_bytes() }
    }

    /// How many code points there are.
    pub fn len(&self) -> usize {
        self.as_bytes().iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
    }

    /// Whether it is the empty string.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// Whether all characters are ASCII.
    pub fn is_ascii(&self) -> bool {
        self.as_bytes().is_ascii()
    }

    /// Whether it consists of letters, digits and underscores of ASCII only: such constants are interned.
    pub fn is_identifier_like(&self) -> bool {
        self.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(Bytes::Shared(text.as_bytes().into()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(Bytes::Shared(text.into_bytes().into()))
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.to_string_lossy(), f)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

impl std::hash::Hash for Text {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Text) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Text) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

/// The code points of a [`Text`].
#[derive(Clone)]
pub struct CodePoints<'a> {
    bytes: &'a [u8],
}

impl Iterator for CodePoints<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (point, length) = decode(self.bytes)?;
        self.bytes = self.bytes.get(length..)?;
        Some(point)
    }
}

/// Appends one code point in the encoding of [`Text`]; `None` if it is above U+10FFFF.
pub fn push_code_point(bytes: &mut Vec<u8>, point: u32) -> Option<()> {
    match point {
        0..=0x7f => bytes.push(point as u8),
        0x80..=0x7ff => bytes.extend([0xc0 | (point >> 6) as u8, 0x80 | (point & 0x3f) as u8]),
        0x800..=0xffff => {
            bytes.extend([0xe0 | (point >> 12) as u8, 0x80 | (point >> 6 & 0x3f) as u8, 0x80 | (point & 0x3f) as u8])
        }
        0x10000..=0x10ffff => bytes.extend([
            0xf0 | (point >> 18) as u8,
            0x80 | (point >> 12 & 0x3f) as u8,
            0x80 | (point >> 6 & 0x3f) as u8,
            0x80 | (point & 0x3f) as u8,
        ]),
        _ => return None,
    }
    Some(())
}

/// The first code point and its length in bytes; `None` at the end or at a malformed sequence.
fn decode(bytes: &[u8]) -> Option<(u32, usize)> {
    let first = u32::from(*bytes.first()?);
    let next = |index: usize| -> Option<u32> {
        let byte = u32::from(*bytes.get(index)?);
        (byte & 0xc0 == 0x80).then_some(byte & 0x3f)
    };
    match first {
        0..=0x7f => Some((first, 1)),
        0xc2..=0xdf => Some(((first & 0x1f) << 6 | next(1)?, 2)),
        0xe0..=0xef => {
            let point = (first & 0x0f) << 12 | next(1)? << 6 | next(2)?;
            (point >= 0x800).then_some((point, 3))
        }
        0xf0..=0xf4 => {
            let point = (first & 0x07) << 18 | next(1)? << 12 | next(2)? << 6 | next(3)?;
            (0x10000..=0x10ffff).contains(&point).then_some((point, 4))
        }
        _ => None,
    }
}

/// Whether bytes are UTF-8 in which surrogates may occur.
pub fn is_valid(mut bytes: &[u8]) -> bool {
    if bytes.is_ascii() {
        return true;
    }
    while !bytes.is_empty() {
        match decode(bytes) {
            Some((_, length)) => bytes = &bytes[length..],
            None => return false,
        }
    }
    true
}

impl Default for Text {
    fn default() -> Text {
        Text::from_static(b"")
    }
}

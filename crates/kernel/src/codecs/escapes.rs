//! The escapes of string and bytes literals: `unicode_escape`, `raw_unicode_escape` and `escape_decode`.

use super::{Decoded, Decoding, ErrorHandler, ErrorMode};
use crate::text::{Kind, Text, TextBuf};
use crate::unicode::names;

/// An escape that Python warns about: its backslash is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidEscape {
    /// The character after the backslash, or the value of an octal escape above 0o377.
    pub value: u32,
    /// Place of that character.
    pub position: usize,
}

fn hex_value(byte: u8) -> Option<u32> {
    (byte as char).to_digit(16)
}

/// A one-letter escape's code point.
fn simple(byte: u8) -> Option<u8> {
    Some(match byte {
        b'\\' | b'\'' | b'"' => byte,
        b'a' => 7,
        b'b' => 8,
        b't' => 9,
        b'n' => 10,
        b'v' => 11,
        b'f' => 12,
        b'r' => 13,
        _ => return None,
    })
}

/// How an escape that could not be read failed.
enum Bad {
    /// More input might complete it.
    Incomplete(usize, &'static str),
    Wrong(usize, &'static str),
}

/// Reads hexadecimal digits from `at`: value and place after them.
fn read_hex(input: &[u8], at: usize, count: usize, truncated: &'static str) -> Result<(u32, usize), Bad> {
    let mut value = 0;
    for place in at..at + count {
        let byte = *input.get(place).ok_or(Bad::Incomplete(place, truncated))?;
        value = value << 4 | hex_value(byte).ok_or(Bad::Wrong(place, truncated))?;
    }
    Ok((value, at + count))
}

/// Up to three octal digits, the first of which is at `at`.
fn read_octal(input: &[u8], at: usize) -> (u32, usize) {
    let digits = input[at..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7'));
    let (mut value, mut end) = (0, at);
    for digit in digits {
        value = value * 8 + (digit - b'0') as u32;
        end += 1;
    }
    (value, end)
}

/// Reads `{NAME}` from `at`.
fn read_name(input: &[u8], at: usize) -> Result<(u32, usize), Bad> {
    const MALFORMED: &str = "malformed \\N character escape";
    match input.get(at) {
        None => return Err(Bad::Incomplete(at, MALFORMED)),
        Some(b'{') => {}
        Some(_) => return Err(Bad::Wrong(at, MALFORMED)),
    }
    let start = at + 1;
    let len = memchr::memchr(b'}', &input[start..]).ok_or(Bad::Incomplete(input.len(), MALFORMED))?;
    if len == 0 {
        return Err(Bad::Wrong(start, MALFORMED));
    }
    let name = std::str::from_utf8(&input[start..start + len]).ok();
    match name.and_then(|name| names::lookup(name, false)) {
        Some(names::Named::Character(c)) => Ok((c, start + len + 1)),
        _ => Err(Bad::Wrong(start + len + 1, "unknown Unicode character name")),
    }
}

/// Decodes `unicode_escape`; the first invalid escape comes back too.
pub fn decode_unicode_escape<H: ErrorHandler>(
    input: &[u8],
    mode: ErrorMode,
    handler: &mut H,
    last: bool,
) -> Result<(Decoded, Option<InvalidEscape>), H::Error> {
    let mut d = Decoding::new("unicodeescape", input, mode, handler);
    d.out.reserve(input.len());
    let mut invalid = None;
    let mut at = 0;
    while at < d.input.len() {
        let run = memchr::memchr(b'\\', &d.input[at..]).unwrap_or(d.input.len() - at);
        d.out.push_text(Text::Latin1(&d.input[at..at + run]));
        let start = at + run;
        at = start + 1;
        let Some(letter) = d.input.get(at).copied() else {
            if start == d.input.len() {
                at = start;
                break;
            }
            if !last {
                return Ok((d.finish(start), invalid));
            }
            let len = d.input.len();
            at = d.fault(start, len, "\\ at end of string")?;
            continue;
        };
        at += 1;
        if let Some(c) = simple(letter) {
            d.out.push(c as u32);
            continue;
        }
        let read = match letter {
            b'\n' => continue,
            b'0'..=b'7' => {
                let (value, end) = read_octal(&d.input, at - 1);
                if value > 0o377 && invalid.is_none() {
                    invalid = Some(InvalidEscape { value, position: end - 3 });
                }
                Ok((value, end))
            }
            b'x' => read_hex(&d.input, at, 2, "truncated \\xXX escape"),
            b'u' => read_hex(&d.input, at, 4, "truncated \\uXXXX escape"),
            b'U' => read_hex(&d.input, at, 8, "truncated \\UXXXXXXXX escape"),
            b'N' => read_name(&d.input, at),
            _ => {
                if invalid.is_none() {
                    invalid = Some(InvalidEscape { value: letter as u32, position: at - 1 });
                }
                d.out.push(b'\\' as u32);
                d.out.push(letter as u32);
                continue;
            }
        };
        at = match read {
            Ok((c, end)) if c <= 0x10FFFF => {
                d.out.push(c);
                end
            }
            Ok((_, end)) => d.fault(start, end, "illegal Unicode character")?,
            Err(Bad::Incomplete(..)) if !last => return Ok((d.finish(start), invalid)),
            Err(Bad::Incomplete(end, reason) | Bad::Wrong(end, reason)) => d.fault(start, end, reason)?,
        };
    }
    Ok((d.finish(at), invalid))
}

/// Decodes `raw_unicode_escape`.
pub fn decode_raw_unicode_escape<H: ErrorHandler>(
    input: &[u8],
    mode: ErrorMode,
    handler: &mut H,
    last: bool,
) -> Result<Decoded, H::Error> {
    let mut d = Decoding::new("rawunicodeescape", input, mode, handler);
    d.out.reserve(input.len());
    let mut at = 0;
    while at < d.input.len() {
        let run = memchr::memchr(b'\\', &d.input[at..]).unwrap_or(d.input.len() - at);
        d.out.push_text(Text::Latin1(&d.input[at..at + run]));
        let start = at + run;
        if start == d.input.len() {
            at = start;
            break;
        }
        at = start + 1;
        let (count, truncated) = match d.input.get(at) {
            None if !last => return Ok(d.finish(start)),
            None => {
                d.out.push(b'\\' as u32);
                continue;
            }
            Some(b'u') => (4, "truncated \\uXXXX escape"),
            Some(b'U') => (8, "truncated \\UXXXXXXXX escape"),
            Some(other) => {
                let other = *other as u32;
                d.out.push(b'\\' as u32);
                d.out.push(other);
                at += 1;
                continue;
            }
        };
        at = match read_hex(&d.input, at + 1, count, truncated) {
            Ok((c, end)) if c <= 0x10FFFF => {
                d.out.push(c);
                end
            }
            Ok((_, end)) => d.fault(start, end, "\\Uxxxxxxxx out of range")?,
            Err(Bad::Incomplete(..)) if !last => return Ok(d.finish(start)),
            Err(Bad::Incomplete(end, reason) | Bad::Wrong(end, reason)) => d.fault(start, end, reason)?,
        };
    }
    Ok(d.finish(at))
}

fn into_bytes(out: TextBuf) -> Vec<u8> {
    match out.as_text() {
        Text::Ascii(s) => s.as_bytes().to_vec(),
        text => text.chars().map(|c| c as u8).collect(),
    }
}

/// Encodes `unicode_escape`.
pub fn encode_unicode_escape(text: Text<'_>) -> Vec<u8> {
    let mut out = TextBuf::with_capacity(Kind::Ascii, text.len());
    for c in text.chars() {
        match c {
            9 => out.push_str("\\t"),
            10 => out.push_str("\\n"),
            13 => out.push_str("\\r"),
            0x5C => out.push_str("\\\\"),
            0x20..0x7F => out.push(c),
            _ => out.push_escape(c),
        }
    }
    into_bytes(out)
}

/// Encodes `raw_unicode_escape`.
pub fn encode_raw_unicode_escape(text: Text<'_>) -> Vec<u8> {
    let mut out = TextBuf::with_capacity(text.kind().min(Kind::Latin1), text.len());
    text.chars().for_each(|c| if c < 0x100 { out.push(c) } else { out.push_escape(c) });
    into_bytes(out)
}

/// Why the escapes of bytes could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesEscapeError {
    /// A backslash at the end.
    Trailing,
    /// Too few digits after `\x`, at this place.
    BadHex(usize),
    /// The way to handle errors is unknown.
    UnknownHandler,
}

/// Decodes the escapes of a bytes literal; the first invalid escape comes back too.
pub fn decode_bytes_escape(
    input: &[u8],
    mode: ErrorMode,
) -> Result<(Vec<u8>, Option<InvalidEscape>), BytesEscapeError> {
    let mut out = Vec::with_capacity(input.len());
    let mut invalid = None;
    let mut at = 0;
    while at < input.len() {
        let run = memchr::memchr(b'\\', &input[at..]).unwrap_or(input.len() - at);
        out.extend_from_slice(&input[at..at + run]);
        at += run + 1;
        if at > input.len() {
            break;
        }
        let letter = *input.get(at).ok_or(BytesEscapeError::Trailing)?;
        at += 1;
        if let Some(byte) = simple(letter) {
            out.push(byte);
            continue;
        }
        match letter {
            b'\n' => {}
            b'0'..=b'7' => {
                let (value, end) = read_octal(input, at - 1);
                if value > 0o377 && invalid.is_none() {
                    invalid = Some(InvalidEscape { value, position: end - 3 });
                }
                out.push(value as u8);
                at = end;
            }
            b'x' => {
                if let Ok((value, end)) = read_hex(input, at, 2, "") {
                    out.push(value as u8);
                    at = end;
                    continue;
                }
                let backslash = at - 2;
                if input.get(at).is_some_and(u8::is_ascii_hexdigit) {
                    at += 1;
                }
                match mode {
                    ErrorMode::Strict => return Err(BytesEscapeError::BadHex(backslash)),
                    ErrorMode::Replace => out.push(b'?'),
                    ErrorMode::Ignore => {}
                    _ => return Err(BytesEscapeError::UnknownHandler),
                }
            }
            _ => {
                if invalid.is_none() {
                    invalid = Some(InvalidEscape { value: letter as u32, position: at - 1 });
                }
                out.push(b'\\');
                out.push(letter);
            }
        }
    }
    Ok((out, invalid))
}

/// Encodes bytes with escapes, as `repr` does for apostrophes.
pub fn encode_bytes_escape(input: &[u8]) -> Vec<u8> {
    let mut out = String::with_capacity(input.len() + 2);
    crate::text::repr::push_bytes(&mut out, input, b'\'');
    out.as_bytes()[1..out.len() - 1].to_vec()
}

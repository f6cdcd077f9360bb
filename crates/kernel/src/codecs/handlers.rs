//! The built-in error handlers, on plain data: the codecs run them directly, and the callables that
//! `codecs.lookup_error` hands out are made of them.

use super::{DecodeFault, EncodeFault, EncodeReply, ErrorMode, Replacement};
use crate::text::TextBuf;
use crate::unicode::names;
use std::fmt::Write;

/// Handles a decoding fault: what replaces it goes to `out`, the new position comes back. `None`: the fault stands, or
/// the handler is not for decoding.
pub fn decode(mode: ErrorMode, fault: &DecodeFault<'_>, out: &mut TextBuf) -> Option<usize> {
    let bytes = fault.input.get(fault.start..fault.end)?;
    match mode {
        ErrorMode::Ignore => Some(fault.end),
        ErrorMode::Replace => {
            out.push(0xFFFD);
            Some(fault.end)
        }
        ErrorMode::BackslashReplace => {
            bytes.iter().for_each(|b| out.push_escape(*b as u32));
            Some(fault.end)
        }
        ErrorMode::SurrogateEscape => {
            // ASCII is never escaped, and four bytes at a time at most.
            let escaped = bytes.iter().take(4).take_while(|b| **b >= 0x80);
            let count = escaped.map(|b| out.push(0xDC00 + *b as u32)).count();
            (count > 0).then_some(fault.start + count)
        }
        ErrorMode::SurrogatePass => {
            let (c, width) = Wide::of(fault.encoding)?.surrogate(&fault.input[fault.start..])?;
            out.push(c);
            Some(fault.start + width)
        }
        _ => None,
    }
}

/// Handles an encoding fault. `None`: the fault stands, or the handler is not built in.
pub fn encode(mode: ErrorMode, fault: &EncodeFault<'_>) -> Option<EncodeReply> {
    let chars = fault.input.slice(fault.start, fault.end).chars();
    let mut text = String::new();
    match mode {
        ErrorMode::Ignore => {}
        ErrorMode::Replace => text.extend(std::iter::repeat_n('?', fault.end - fault.start)),
        ErrorMode::BackslashReplace => chars.for_each(|c| push_escape(&mut text, c)),
        ErrorMode::XmlCharRefReplace => chars.for_each(|c| {
            // Writing to a String cannot fail.
            let _ = write!(text, "&#{c};");
        }),
        ErrorMode::NameReplace => chars.for_each(|c| match names::name(c) {
            Some(name) => {
                let _ = write!(text, "\\N{{{name}}}");
            }
            None => push_escape(&mut text, c),
        }),
        ErrorMode::SurrogateEscape => {
            let bytes: Option<Vec<u8>> = chars.map(escaped_byte).collect();
            return Some(EncodeReply { replacement: Replacement::Bytes(bytes?), position: fault.end });
        }
        ErrorMode::SurrogatePass => {
            let wide = Wide::of(fault.encoding)?;
            let mut bytes = Vec::new();
            for c in chars {
                if !(0xD800..0xE000).contains(&c) {
                    return None;
                }
                wide.push(c, &mut bytes);
            }
            return Some(EncodeReply { replacement: Replacement::Bytes(bytes), position: fault.end });
        }
        ErrorMode::Strict | ErrorMode::Custom => return None,
    }
    Some(EncodeReply { replacement: Replacement::Text(text.into()), position: fault.end })
}

/// The byte that a lone surrogate U+DC80 to U+DCFF stands for.
pub fn escaped_byte(c: u32) -> Option<u8> {
    (0xDC80..0xDD00).contains(&c).then_some(c as u8)
}

fn push_escape(out: &mut String, c: u32) {
    let _ = match c {
        0..0x100 => write!(out, "\\x{c:02x}"),
        0x100..0x10000 => write!(out, "\\u{c:04x}"),
        _ => write!(out, "\\U{c:08x}"),
    };
}

/// The encodings that `surrogatepass` knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wide {
    Utf8,
    Utf16 { big: bool },
    Utf32 { big: bool },
}

impl Wide {
    /// By a codec's name in any usual spelling.
    fn of(encoding: &str) -> Option<Wide> {
        let lower = encoding.to_ascii_lowercase();
        if lower == "cp65001" {
            return Some(Wide::Utf8);
        }
        let rest = lower.strip_prefix("utf")?;
        let rest = rest.strip_prefix(['-', '_']).unwrap_or(rest);
        if rest == "8" {
            return Some(Wide::Utf8);
        }
        let big = |order: &str| match order {
            // Without an order it is the machine's.
            "" => Some(false),
            "be" | "-be" | "_be" => Some(true),
            "le" | "-le" | "_le" => Some(false),
            _ => None,
        };
        if let Some(order) = rest.strip_prefix("16") {
            return Some(Wide::Utf16 { big: big(order)? });
        }
        Some(Wide::Utf32 { big: big(rest.strip_prefix("32")?)? })
    }

    /// The surrogate that the bytes start with, and its width.
    fn surrogate(self, bytes: &[u8]) -> Option<(u32, usize)> {
        let (c, width) = match (self, bytes) {
            (Wide::Utf8, [a, b, c, ..]) if a & 0xF0 == 0xE0 && b & 0xC0 == 0x80 && c & 0xC0 == 0x80 => {
                ((*a as u32 & 15) << 12 | (*b as u32 & 63) << 6 | (*c as u32 & 63), 3)
            }
            (Wide::Utf16 { big: false }, [a, b, ..]) => (u16::from_le_bytes([*a, *b]) as u32, 2),
            (Wide::Utf16 { big: true }, [a, b, ..]) => (u16::from_be_bytes([*a, *b]) as u32, 2),
            (Wide::Utf32 { big: false }, [a, b, c, d, ..]) => (u32::from_le_bytes([*a, *b, *c, *d]), 4),
            (Wide::Utf32 { big: true }, [a, b, c, d, ..]) => (u32::from_be_bytes([*a, *b, *c, *d]), 4),
            _ => return None,
        };
        (0xD800..0xE000).contains(&c).then_some((c, width))
    }

    fn push(self, c: u32, out: &mut Vec<u8>) {
        match self {
            Wide::Utf8 => out.extend([0xE0 | (c >> 12) as u8, 0x80 | (c >> 6 & 63) as u8, 0x80 | (c & 63) as u8]),
            Wide::Utf16 { big: false } => out.extend((c as u16).to_le_bytes()),
            Wide::Utf16 { big: true } => out.extend((c as u16).to_be_bytes()),
            Wide::Utf32 { big: false } => out.extend(c.to_le_bytes()),
            Wide::Utf32 { big: true } => out.extend(c.to_be_bytes()),
        }
    }
}

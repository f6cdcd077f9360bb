//! UTF-16, with and without byte order mark.

use super::{Decoding, EncodeFault, ErrorHandler, ErrorMode, Replacement, encode_fault};
use crate::text::{Text, TextBuf, Unit};
use crate::with_units;

/// Order of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ByteOrder {
    /// The machine's; a mark says otherwise when decoding, and is written when encoding.
    Marked,
    /// Little-endian, no mark.
    Little,
    /// Big-endian, no mark.
    Big,
}

impl ByteOrder {
    /// By Python's number for it: negative, zero, positive.
    pub fn from_number(number: i64) -> ByteOrder {
        match number {
            0 => ByteOrder::Marked,
            i64::MIN..0 => ByteOrder::Little,
            _ => ByteOrder::Big,
        }
    }

    /// Python's number for it.
    pub fn number(self) -> i32 {
        match self {
            ByteOrder::Marked => 0,
            ByteOrder::Little => -1,
            ByteOrder::Big => 1,
        }
    }
}

/// What decoding with a byte order gives.
#[derive(Debug)]
pub struct DecodedWide {
    /// The text.
    pub text: TextBuf,
    /// How many bytes it came from.
    pub consumed: usize,
    /// The order, as a mark set it.
    pub order: ByteOrder,
}

/// Decodes. If more input may follow (`last` is false), an incomplete sequence at the end is left alone.
pub fn decode<H: ErrorHandler>(
    input: &[u8],
    mode: ErrorMode,
    handler: &mut H,
    mut order: ByteOrder,
    last: bool,
) -> Result<DecodedWide, H::Error> {
    let mut at = 0;
    if order == ByteOrder::Marked {
        match input {
            [0xFF, 0xFE, ..] => (order, at) = (ByteOrder::Little, 2),
            [0xFE, 0xFF, ..] => (order, at) = (ByteOrder::Big, 2),
            _ => {}
        }
    }
    let big = order == ByteOrder::Big;
    let mut d = Decoding::new(if big { "utf-16-be" } else { "utf-16-le" }, input, mode, handler);
    let unit = |input: &[u8], at: usize| {
        let pair = [input[at], input[at + 1]];
        if big { u16::from_be_bytes(pair) as u32 } else { u16::from_le_bytes(pair) as u32 }
    };
    // The part that has no surrogates goes over as a whole.
    let pairs = input[at..].as_chunks::<2>().0;
    let units: Vec<u16> =
        pairs.iter().map(|p| if big { u16::from_be_bytes(*p) } else { u16::from_le_bytes(*p) }).collect();
    if !units.iter().fold(false, |any, c| any | (c & 0xF800 == 0xD800)) {
        d.out = TextBuf::from_ucs2(units);
        at += pairs.len() * 2;
    }
    loop {
        let len = d.input.len();
        if len - at < 2 {
            if at == len || !last {
                break;
            }
            at = d.fault(at, len, "truncated data")?;
            continue;
        }
        let c = unit(&d.input, at);
        if !(0xD800..0xE000).contains(&c) {
            d.out.push(c);
            at += 2;
        } else if c >= 0xDC00 {
            at = d.fault(at, at + 2, "illegal encoding")?;
        } else if len - at < 4 {
            if !last {
                break;
            }
            at = d.fault(at, len, "unexpected end of data")?;
        } else {
            let second = unit(&d.input, at + 2);
            if (0xDC00..0xE000).contains(&second) {
                d.out.push(0x10000 + ((c & 0x3FF) << 10) + (second & 0x3FF));
                at += 4;
            } else {
                at = d.fault(at, at + 2, "illegal UTF-16 surrogate")?;
            }
        }
    }
    let decoded = d.finish(at);
    Ok(DecodedWide { text: decoded.text, consumed: decoded.consumed, order })
}

/// Encodes.
pub fn encode<H: ErrorHandler>(
    text: Text<'_>,
    mode: ErrorMode,
    handler: &mut H,
    order: ByteOrder,
) -> Result<Vec<u8>, H::Error> {
    with_units!(text, s => encode_units(text, s, mode, handler, order))
}

fn encode_units<T: Unit, H: ErrorHandler>(
    text: Text<'_>,
    units: &[T],
    mode: ErrorMode,
    handler: &mut H,
    order: ByteOrder,
) -> Result<Vec<u8>, H::Error> {
    let encoding = match order {
        ByteOrder::Marked => "utf-16",
        ByteOrder::Little => "utf-16-le",
        ByteOrder::Big => "utf-16-be",
    };
    let big = order == ByteOrder::Big;
    let put = |out: &mut Vec<u8>, c: u32| {
        let c = c as u16;
        out.extend(if big { c.to_be_bytes() } else { c.to_le_bytes() });
    };
    let mut out = Vec::with_capacity(units.len() * 2 + 2);
    if order == ByteOrder::Marked {
        put(&mut out, 0xFEFF);
    }
    let mut at = 0;
    if !units.iter().fold(false, |any, u| any | (u.code() & 0xF800 == 0xD800) | (u.code() >= 0x10000)) {
        let start = out.len();
        out.resize(start + units.len() * 2, 0);
        let pairs = out[start..].as_chunks_mut::<2>().0.iter_mut().zip(units);
        if big {
            pairs.for_each(|(pair, u)| *pair = (u.code() as u16).to_be_bytes());
        } else {
            pairs.for_each(|(pair, u)| *pair = (u.code() as u16).to_le_bytes());
        }
        return Ok(out);
    }
    while let Some(unit) = units.get(at) {
        let c = unit.code();
        at += 1;
        if c >= 0x10000 {
            put(&mut out, 0xD7C0 + (c >> 10));
            put(&mut out, 0xDC00 | (c & 0x3FF));
        } else if !(0xD800..0xE000).contains(&c) {
            put(&mut out, c);
        } else {
            let fault = EncodeFault { encoding, input: text, start: at - 1, end: at, reason: "surrogates not allowed" };
            let reply = encode_fault(&fault, mode, handler)?;
            match &reply.replacement {
                Replacement::Bytes(bytes) if bytes.len() % 2 == 0 => out.extend_from_slice(bytes),
                Replacement::Text(text) if text.narrowest() == crate::text::Kind::Ascii => {
                    text.as_text().chars().for_each(|c| put(&mut out, c));
                }
                _ => return Err(handler.raise_encode(&fault)),
            }
            at = reply.position;
        }
    }
    Ok(out)
}

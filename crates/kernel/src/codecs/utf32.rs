//! UTF-32, with and without byte order mark.

use super::utf16::{ByteOrder, DecodedWide};
use super::{Decoding, EncodeFault, ErrorHandler, ErrorMode, Replacement, encode_fault};
use crate::text::{Text, Unit};
use crate::with_units;

/// Decodes. If more input may follow (`last` is false), an incomplete unit at the end is left alone.
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
            [0xFF, 0xFE, 0, 0, ..] => (order, at) = (ByteOrder::Little, 4),
            [0, 0, 0xFE, 0xFF, ..] => (order, at) = (ByteOrder::Big, 4),
            _ => {}
        }
    }
    let big = order == ByteOrder::Big;
    let mut d = Decoding::new(if big { "utf-32-be" } else { "utf-32-le" }, input, mode, handler);
    d.out.reserve((input.len() - at) / 4);
    loop {
        let Some(word) = d.input[at..].first_chunk::<4>() else {
            let len = d.input.len();
            if at == len || !last {
                break;
            }
            at = d.fault(at, len, "truncated data")?;
            continue;
        };
        let c = if big { u32::from_be_bytes(*word) } else { u32::from_le_bytes(*word) };
        if (0xD800..0xE000).contains(&c) {
            at = d.fault(at, at + 4, "code point in surrogate code point range(0xd800, 0xe000)")?;
        } else if c > 0x10FFFF {
            at = d.fault(at, at + 4, "code point not in range(0x110000)")?;
        } else {
            d.out.push(c);
            at += 4;
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
        ByteOrder::Marked => "utf-32",
        ByteOrder::Little => "utf-32-le",
        ByteOrder::Big => "utf-32-be",
    };
    let big = order == ByteOrder::Big;
    let put = |out: &mut Vec<u8>, c: u32| out.extend(if big { c.to_be_bytes() } else { c.to_le_bytes() });
    let mut out = Vec::with_capacity(units.len() * 4 + 4);
    if order == ByteOrder::Marked {
        put(&mut out, 0xFEFF);
    }
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        let c = unit.code();
        at += 1;
        if !(0xD800..0xE000).contains(&c) {
            put(&mut out, c);
            continue;
        }
        let fault = EncodeFault { encoding, input: text, start: at - 1, end: at, reason: "surrogates not allowed" };
        let reply = encode_fault(&fault, mode, handler)?;
        match &reply.replacement {
            Replacement::Bytes(bytes) if bytes.len() % 4 == 0 => out.extend_from_slice(bytes),
            Replacement::Text(text) if text.narrowest() == crate::text::Kind::Ascii => {
                text.as_text().chars().for_each(|c| put(&mut out, c));
            }
            _ => return Err(handler.raise_encode(&fault)),
        }
        at = reply.position;
    }
    Ok(out)
}

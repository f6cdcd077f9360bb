//! ASCII and Latin-1.

use super::{Decoding, EncodeFault, ErrorHandler, ErrorMode, Replacement, encode_fault, handlers};
use crate::text::{Text, TextBuf, Unit};
use crate::with_units;

/// Decodes ASCII.
pub fn decode_ascii<H: ErrorHandler>(input: &[u8], mode: ErrorMode, handler: &mut H) -> Result<TextBuf, H::Error> {
    let mut d = Decoding::new("ascii", input, mode, handler);
    let mut at = 0;
    loop {
        let rest = &d.input[at..];
        let good = if rest.is_ascii() { rest.len() } else { rest.iter().take_while(|b| b.is_ascii()).count() };
        if let Ok(text) = std::str::from_utf8(&rest[..good]) {
            d.out.push_str(text);
        }
        at += good;
        if at == d.input.len() {
            return Ok(d.finish(at).text);
        }
        at = d.fault(at, at + 1, "ordinal not in range(128)")?;
    }
}

/// Decodes Latin-1, which cannot fail.
pub fn decode_latin1(input: &[u8]) -> TextBuf {
    let mut out = TextBuf::new();
    out.push_text(Text::Latin1(input));
    out.finish()
}

/// Encodes ASCII.
pub fn encode_ascii<H: ErrorHandler>(text: Text<'_>, mode: ErrorMode, handler: &mut H) -> Result<Vec<u8>, H::Error> {
    match text {
        Text::Ascii(s) => Ok(s.as_bytes().to_vec()),
        _ => with_units!(text, s => encode(text, s, 128, mode, handler)),
    }
}

/// Encodes Latin-1.
pub fn encode_latin1<H: ErrorHandler>(text: Text<'_>, mode: ErrorMode, handler: &mut H) -> Result<Vec<u8>, H::Error> {
    match text {
        Text::Ascii(s) => Ok(s.as_bytes().to_vec()),
        Text::Latin1(s) => Ok(s.to_vec()),
        _ => with_units!(text, s => encode(text, s, 256, mode, handler)),
    }
}

fn encode<T: Unit, H: ErrorHandler>(
    text: Text<'_>,
    units: &[T],
    limit: u32,
    mode: ErrorMode,
    handler: &mut H,
) -> Result<Vec<u8>, H::Error> {
    let (encoding, reason) =
        if limit == 128 { ("ascii", "ordinal not in range(128)") } else { ("latin-1", "ordinal not in range(256)") };
    let mut out = Vec::with_capacity(units.len());
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        if unit.code() < limit {
            out.push(unit.code() as u8);
            at += 1;
            continue;
        }
        let end = at + units[at..].iter().take_while(|u| u.code() >= limit).count();
        if mode == ErrorMode::SurrogateEscape {
            while at < end {
                let Some(byte) = handlers::escaped_byte(units[at].code()) else { break };
                out.push(byte);
                at += 1;
            }
            if at == end {
                continue;
            }
        }
        let fault = EncodeFault { encoding, input: text, start: at, end, reason };
        let reply = encode_fault(&fault, mode, handler)?;
        match &reply.replacement {
            Replacement::Bytes(bytes) => out.extend_from_slice(bytes),
            Replacement::Text(text) => {
                for c in text.as_text().chars() {
                    if c >= limit {
                        return Err(handler.raise_encode(&fault));
                    }
                    out.push(c as u8);
                }
            }
        }
        at = reply.position;
    }
    Ok(out)
}

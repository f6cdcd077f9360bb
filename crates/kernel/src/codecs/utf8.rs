//! UTF-8.

use super::{Decoded, Decoding, EncodeFault, ErrorHandler, ErrorMode, Replacement, encode_fault, handlers};
use crate::text::{Text, TextBuf, Unit};
use crate::with_units;

/// Checks long input with vector instructions; a short one is not worth the call.
fn validate(bytes: &[u8]) -> Result<&str, (usize, Option<usize>)> {
    if bytes.len() < 64 {
        return std::str::from_utf8(bytes).map_err(|e| (e.valid_up_to(), e.error_len()));
    }
    simdutf8::compat::from_utf8(bytes).map_err(|e| (e.valid_up_to(), e.error_len()))
}

/// The bytes as ASCII text, if that is what they are: the callers' first try, since it needs no copy.
pub fn as_ascii(bytes: &[u8]) -> Option<&str> {
    if bytes.is_ascii() { std::str::from_utf8(bytes).ok() } else { None }
}

/// Decodes. If more input may follow (`last` is false), an incomplete sequence at the end is left alone.
pub fn decode<H: ErrorHandler>(
    input: &[u8],
    mode: ErrorMode,
    handler: &mut H,
    last: bool,
) -> Result<Decoded, H::Error> {
    match validate(input) {
        Ok(text) => Ok(Decoded { text: TextBuf::from(text), consumed: input.len() }),
        Err(_) => decode_faulty(Decoding::new("utf-8", input, mode, handler), last),
    }
}

fn decode_faulty<H: ErrorHandler>(mut d: Decoding<'_, '_, H>, last: bool) -> Result<Decoded, H::Error> {
    let mut at = 0;
    loop {
        let (valid, bad) = match validate(&d.input[at..]) {
            Ok(text) => {
                let end = at + text.len();
                d.out.push_str(text);
                return Ok(d.finish(end));
            }
            Err(e) => e,
        };
        // This much was just found valid, so the check finds nothing.
        if let Ok(text) = std::str::from_utf8(&d.input[at..at + valid]) {
            d.out.push_str(text);
        }
        let start = at + valid;
        let rest = &d.input[start..];
        let (end, reason) = match bad {
            None if !last => return Ok(d.finish(start)),
            None => (d.input.len(), "unexpected end of data"),
            // More input may complete a surrogate, which a handler may let pass.
            Some(_) if !last && rest.len() == 2 && rest[0] == 0xED && (0xA0..0xC0).contains(&rest[1]) => {
                return Ok(d.finish(start));
            }
            Some(len) if matches!(rest[0], 0xC2..0xF5) => (start + len, "invalid continuation byte"),
            Some(_) => (start + 1, "invalid start byte"),
        };
        at = d.fault(start, end, reason)?;
    }
}

/// Encodes up to the first surrogate; the number of units taken comes back.
fn push_run<T: Unit>(out: &mut Vec<u8>, units: &[T]) -> usize {
    let mut taken = 0;
    // Through a small buffer: its places are known to be within.
    let mut buffer = [0u8; 256];
    for chunk in units.chunks(64) {
        let mut n = 0;
        for unit in chunk {
            let c = unit.code();
            let put = |buffer: &mut [u8; 256], n: usize, byte: u32| buffer[n & 255] = byte as u8;
            if c < 0x80 {
                put(&mut buffer, n, c);
                n += 1;
            } else if c < 0x800 {
                put(&mut buffer, n, 0xC0 | c >> 6);
                put(&mut buffer, n + 1, 0x80 | c & 63);
                n += 2;
            } else if c < 0x10000 {
                if (0xD800..0xE000).contains(&c) {
                    out.extend_from_slice(&buffer[..n]);
                    return taken;
                }
                put(&mut buffer, n, 0xE0 | c >> 12);
                put(&mut buffer, n + 1, 0x80 | c >> 6 & 63);
                put(&mut buffer, n + 2, 0x80 | c & 63);
                n += 3;
            } else {
                put(&mut buffer, n, 0xF0 | c >> 18);
                put(&mut buffer, n + 1, 0x80 | c >> 12 & 63);
                put(&mut buffer, n + 2, 0x80 | c >> 6 & 63);
                put(&mut buffer, n + 3, 0x80 | c & 63);
                n += 4;
            }
            taken += 1;
        }
        out.extend_from_slice(&buffer[..n]);
    }
    taken
}

/// Encodes.
pub fn encode<H: ErrorHandler>(text: Text<'_>, mode: ErrorMode, handler: &mut H) -> Result<Vec<u8>, H::Error> {
    match text {
        Text::Ascii(s) => Ok(s.as_bytes().to_vec()),
        _ => with_units!(text, s => encode_units(text, s, mode, handler)),
    }
}

/// Length in UTF-8; lone surrogates count as three.
pub fn encoded_len(text: Text<'_>) -> usize {
    match text {
        Text::Ascii(s) => s.len(),
        _ => with_units!(text, s => s.iter().map(|u| match u.code() {
            0..0x80 => 1,
            0x80..0x800 => 2,
            0x800..0x10000 => 3,
            _ => 4,
        }).sum()),
    }
}

fn encode_units<T: Unit, H: ErrorHandler>(
    text: Text<'_>,
    units: &[T],
    mode: ErrorMode,
    handler: &mut H,
) -> Result<Vec<u8>, H::Error> {
    let mut out = Vec::with_capacity(encoded_len(text));
    let mut at = 0;
    loop {
        at += push_run(&mut out, &units[at..]);
        if at == units.len() {
            return Ok(out);
        }
        let run = units[at..].iter().take_while(|u| (0xD800..0xE000).contains(&u.code())).count();
        let end = at + run;
        if mode == ErrorMode::SurrogateEscape {
            // What can be escaped is; the fault is what comes then.
            while at < end {
                let Some(byte) = handlers::escaped_byte(units[at].code()) else { break };
                out.push(byte);
                at += 1;
            }
            if at == end {
                continue;
            }
        }
        let fault = EncodeFault { encoding: "utf-8", input: text, start: at, end, reason: "surrogates not allowed" };
        let reply = encode_fault(&fault, mode, handler)?;
        match &reply.replacement {
            Replacement::Bytes(bytes) => out.extend_from_slice(bytes),
            Replacement::Text(text) => match text.as_text().as_ascii() {
                Some(ascii) => out.extend_from_slice(ascii.as_bytes()),
                None if text.narrowest() == crate::text::Kind::Ascii => {
                    out.extend(text.as_text().chars().map(|c| c as u8))
                }
                None => return Err(handler.raise_encode(&fault)),
            },
        }
        at = reply.position;
    }
}

//! UTF-7: runs of base 64 between "+" and "-" (or whatever else ends them).

use super::{Decoded, Decoding, ErrorHandler, ErrorMode};
use crate::text::Text;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn digit(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    } as u32)
}

/// May it stand for itself in output?
fn plain(c: u32) -> bool {
    matches!(c, 9 | 10 | 13 | 0x20..0x7F) && !matches!(c, 0x2B | 0x5C | 0x7E)
}

/// State within a run of base 64.
#[derive(Default)]
struct Run {
    bits: u32,
    buffer: u32,
    surrogate: u32,
    /// Length of the output when the run started.
    output: usize,
}

/// Decodes. If more input may follow (`last` is false), a run that has not ended is left alone.
pub fn decode<H: ErrorHandler>(
    input: &[u8],
    mode: ErrorMode,
    handler: &mut H,
    last: bool,
) -> Result<Decoded, H::Error> {
    let mut d = Decoding::new("utf7", input, mode, handler);
    let mut run: Option<Run> = None;
    let (mut at, mut start) = (0, 0);
    loop {
        let Some(byte) = d.input.get(at).copied() else {
            let Some(open) = run.take() else { return Ok(d.finish(at)) };
            if !last {
                d.out.truncate(open.output);
                return Ok(d.finish(start));
            }
            if open.surrogate != 0 || open.bits >= 6 || open.bits > 0 && open.buffer != 0 {
                let len = d.input.len();
                at = d.fault(start, len, "unterminated shift sequence")?;
                if at < d.input.len() {
                    continue;
                }
            }
            return Ok(d.finish(at));
        };
        if let Some(open) = &mut run {
            if let Some(value) = digit(byte) {
                at += 1;
                open.buffer = open.buffer << 6 | value;
                open.bits += 6;
                if open.bits >= 16 {
                    open.bits -= 16;
                    let c = open.buffer >> open.bits & 0xFFFF;
                    open.buffer &= (1 << open.bits) - 1;
                    if open.surrogate != 0 {
                        let first = std::mem::take(&mut open.surrogate);
                        if (0xDC00..0xE000).contains(&c) {
                            d.out.push(0x10000 + ((first & 0x3FF) << 10) + (c & 0x3FF));
                            continue;
                        }
                        d.out.push(first);
                    }
                    if (0xD800..0xDC00).contains(&c) {
                        open.surrogate = c;
                    } else {
                        d.out.push(c);
                    }
                }
                continue;
            }
            let (bits, buffer, surrogate) = (open.bits, open.buffer, open.surrogate);
            run = None;
            if bits >= 6 {
                at = d.fault(start, at + 1, "partial character in shift sequence")?;
                continue;
            }
            if bits > 0 && buffer != 0 {
                at = d.fault(start, at + 1, "non-zero padding bits in shift sequence")?;
                continue;
            }
            if surrogate != 0 && byte < 0x80 && byte != b'+' {
                d.out.push(surrogate);
            }
            if byte == b'-' {
                at += 1;
            }
        } else if byte == b'+' {
            start = at;
            at += 1;
            match d.input.get(at) {
                Some(b'-') => {
                    at += 1;
                    d.out.push(b'+' as u32);
                }
                Some(next) if digit(*next).is_none() => {
                    at = d.fault(start, at + 1, "ill-formed sequence")?;
                }
                _ => run = Some(Run { output: d.out.len(), ..Run::default() }),
            }
        } else if byte < 0x80 {
            at += 1;
            d.out.push(byte as u32);
        } else {
            start = at;
            at = d.fault(at, at + 1, "unexpected special character")?;
        }
    }
}

/// Encodes, which cannot fail: surrogates are coded like other code points.
pub fn encode(text: Text<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let (mut shifted, mut bits, mut buffer) = (false, 0u32, 0u32);
    for c in text.chars() {
        if plain(c) || c == b'+' as u32 && !shifted {
            if shifted {
                if bits > 0 {
                    out.push(DIGITS[(buffer << (6 - bits) & 63) as usize]);
                    (bits, buffer) = (0, 0);
                }
                shifted = false;
                if digit(c as u8).is_some() || c == b'-' as u32 {
                    out.push(b'-');
                }
            }
            out.push(c as u8);
            if c == b'+' as u32 {
                out.push(b'-');
            }
            continue;
        }
        if !shifted {
            shifted = true;
            out.push(b'+');
        }
        let pair = if c >= 0x10000 { [Some(0xD7C0 + (c >> 10)), Some(0xDC00 | (c & 0x3FF))] } else { [None, Some(c)] };
        for unit in pair.into_iter().flatten() {
            bits += 16;
            buffer = buffer << 16 | unit;
            while bits >= 6 {
                bits -= 6;
                out.push(DIGITS[(buffer >> bits & 63) as usize]);
            }
        }
    }
    if bits > 0 {
        out.push(DIGITS[(buffer << (6 - bits) & 63) as usize]);
    }
    if shifted {
        out.push(b'-');
    }
    out
}

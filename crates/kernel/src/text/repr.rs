//! `repr` and `ascii` of text, and `repr` of bytes.

use super::slices::Unit;
use super::{Text, TextBuf};
use crate::{unicode, with_units};

/// Does a code point appear as it is?
#[inline]
fn shown(c: u32, quote: u32, ascii: bool) -> bool {
    if c < 0x7F { c >= 0x20 && c != quote && c != b'\\' as u32 } else { !ascii && unicode::is_printable(c) }
}

/// How a code point appears in a literal.
fn push_char(out: &mut TextBuf, c: u32, quote: u32, ascii: bool) {
    match c {
        0x09 => out.push_str("\\t"),
        0x0A => out.push_str("\\n"),
        0x0D => out.push_str("\\r"),
        _ if c == quote || c == b'\\' as u32 => {
            out.push(b'\\' as u32);
            out.push(c);
        }
        0x20..0x7F => out.push(c),
        0..0x80 => out.push_escape(c),
        _ if !ascii && unicode::is_printable(c) => out.push(c),
        _ => out.push_escape(c),
    }
}

/// Apostrophes, unless the text has some and no double quotes.
fn quote_for<T: Unit>(units: &[T]) -> u32 {
    let has = |c: u8| T::position(units, T::truncate(c as u32)).is_some();
    if has(b'\'') && !has(b'"') { b'"' as u32 } else { b'\'' as u32 }
}

fn literal(text: Text<'_>, ascii: bool) -> TextBuf {
    let mut out = TextBuf::with_capacity(if ascii { super::Kind::Ascii } else { text.kind() }, text.len() + 2);
    with_units!(text, s => {
        let quote = quote_for(s);
        out.push(quote);
        let plain = matches!(text, Text::Ascii(s) if s.bytes().all(|b| (0x20..0x7F).contains(&b) && b != b'\\' && b as u32 != quote));
        if plain {
            out.push_text(text);
        } else {
            let mut at = 0;
            while at < s.len() {
                let run = s[at..].iter().take_while(|u| shown(u.code(), quote, ascii)).count();
                out.push_text(text.slice(at, at + run));
                at += run;
                if at < s.len() {
                    push_char(&mut out, s[at].code(), quote, ascii);
                    at += 1;
                }
            }
        }
        out.push(quote);
    });
    out.finish()
}

/// `repr` of a text.
pub fn repr(text: Text<'_>) -> TextBuf {
    literal(text, false)
}

/// `ascii` of a text.
pub fn ascii(text: Text<'_>) -> TextBuf {
    literal(text, true)
}

/// All but ASCII escaped, as `ascii` does to any object's `repr`.
pub fn escape_non_ascii(text: Text<'_>) -> TextBuf {
    let mut out = TextBuf::with_capacity(super::Kind::Ascii, text.len());
    text.chars().for_each(|c| if c < 0x80 { out.push(c) } else { out.push_escape(c) });
    out
}

/// `repr` of bytes, with its `b`. `None` if it would be too long.
pub fn repr_bytes(bytes: &[u8]) -> String {
    let quote = quote_for(bytes) as u8;
    let mut out = String::with_capacity(bytes.len() + 3);
    out.push('b');
    push_bytes(&mut out, bytes, quote);
    out
}

/// The quoted part of a bytes literal.
pub fn push_bytes(out: &mut String, bytes: &[u8], quote: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(quote as char);
    for b in bytes {
        match *b {
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b if b == quote || b == b'\\' => {
                out.push('\\');
                out.push(b as char);
            }
            b @ 0x20..0x7F => out.push(b as char),
            b => {
                out.push_str("\\x");
                out.push(HEX[(b >> 4) as usize] as char);
                out.push(HEX[(b & 15) as usize] as char);
            }
        }
    }
    out.push(quote as char);
}

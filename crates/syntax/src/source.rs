//! Bytes to text: encodings and line ends.

use crate::Mode;
use crate::ast::Arena;
use crate::error::{SyntaxError, SyntaxErrorKind};

/// The longest source, so that every offset and column fits.
const MAX_SOURCE: usize = i32::MAX as usize;

/// The source as the tokenizer wants it: in the arena, lines ended by a newline alone, and in a file also the last.
///
/// # Errors
/// A null character, or a source that is too long.
pub fn prepare<'a>(arena: &'a Arena, source: &str, mode: Mode) -> Result<&'a str, SyntaxError> {
    let bytes = source.as_bytes();
    let plain = |message: &str, kind| SyntaxError {
        kind,
        message: message.to_owned(),
        lineno: 0,
        offset: 0,
        end_lineno: 0,
        end_offset: 0,
        text: None,
        metadata: None,
    };
    if bytes.len() >= MAX_SOURCE {
        return Err(plain("source code string is too long", SyntaxErrorKind::Overflow));
    }
    if memchr::memchr(0, bytes).is_some() {
        return Err(plain("source code string cannot contain null bytes", SyntaxErrorKind::Syntax));
    }
    let ends = mode != Mode::Exec || bytes.last().is_none_or(|&b| b == b'\n');
    if ends && memchr::memchr(b'\r', bytes).is_none() {
        return Ok(arena.str(source));
    }
    let mut text = source.replace("\r\n", "\n").replace('\r', "\n");
    if mode == Mode::Exec && !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(arena.str(&text))
}

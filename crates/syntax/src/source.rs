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

/// A source as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte-order mark. Line ends are as they were.
    pub text: String,
    /// The encoding: `utf-8`, `iso-8859-1`, or as the source names it.
    pub encoding: String,
}

/// Why an encoding could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodecError {
    /// There is no such encoding.
    Unknown,
    /// The text of the codec's error.
    Failed(String),
}

/// Decodes bytes in a named encoding.
pub type Codec<'c> = dyn FnMut(&str, &[u8]) -> Result<String, CodecError> + 'c;

/// Decodes the bytes of a source, by its byte-order mark or its encoding cookie. UTF-8, Latin-1 and ASCII are known
/// here; `codec` decodes the rest. `file` is the file's name, where there is a file.
///
/// # Errors
/// As CPython reports undecodable sources.
pub fn decode(bytes: &[u8], file: Option<&str>, codec: &mut Codec<'_>) -> Result<Decoded, SyntaxError> {
    let (content, marked) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    let cookie = cookie(content);
    if marked
        && let Some((name, line)) = &cookie
        && name != "utf-8"
    {
        let text: String = String::from_utf8_lossy(line).into_owned();
        let end = text.chars().count() as i32;
        let message = format!("encoding problem: {name} with BOM");
        return Err(SyntaxError { end_offset: end, ..error_in_line(message, 1, 0, text) });
    }
    let encoding = cookie.map_or_else(|| "utf-8".to_owned(), |(name, _)| name);
    let failed = |message: String| SyntaxError {
        kind: SyntaxErrorKind::Syntax,
        message,
        lineno: 0,
        offset: -1,
        end_lineno: 0,
        end_offset: 0,
        text: None,
        metadata: None,
    };
    let text = match encoding.as_str() {
        "utf-8" => match std::str::from_utf8(content) {
            Ok(text) => text.to_owned(),
            Err(error) => return Err(not_utf8(content, error.valid_up_to(), file)),
        },
        "iso-8859-1" => content.iter().map(|&byte| char::from(byte)).collect(),
        "ascii" | "us-ascii" => match content.iter().position(|byte| !byte.is_ascii()) {
            None => String::from_utf8_lossy(content).into_owned(),
            Some(at) => {
                let byte = content[at];
                return Err(failed(format!(
                    "'ascii' codec can't decode byte 0x{byte:02x} in position {at}: ordinal not in range(128)"
                )));
            }
        },
        name => codec(name, content).map_err(|error| {
            failed(match error {
                CodecError::Unknown => format!("unknown encoding: {name}"),
                CodecError::Failed(message) => message,
            })
        })?,
    };
    Ok(Decoded { text, encoding })
}

/// The error for a byte that is not UTF-8 where no encoding is declared.
fn not_utf8(content: &[u8], at: usize, file: Option<&str>) -> SyntaxError {
    let before = &content[..at];
    let lineno = memchr::memchr_iter(b'\n', before).count() as i32 + 1;
    let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    let end = memchr::memchr(b'\n', &content[at..]).map_or(content.len(), |length| at + length);
    let byte = content.get(at).copied().unwrap_or_default();
    let place = file.map_or_else(String::new, |name| format!(" in file {name}"));
    let message = format!(
        "Non-UTF-8 code starting with '\\x{byte:02x}'{place} on line {lineno}, but no encoding declared; \
         see https://peps.python.org/pep-0263/ for details"
    );
    let offset = String::from_utf8_lossy(&content[start..at]).chars().count() as i32 + 1;
    error_in_line(message, lineno, offset, String::from_utf8_lossy(&content[start..end]).into_owned())
}

fn error_in_line(message: String, lineno: i32, offset: i32, text: String) -> SyntaxError {
    SyntaxError {
        kind: SyntaxErrorKind::Syntax,
        message,
        lineno,
        offset,
        end_lineno: lineno,
        end_offset: offset,
        text: Some(text),
        metadata: None,
    }
}

/// The encoding that a comment in the first two lines names, normalized, and that line.
fn cookie(content: &[u8]) -> Option<(String, &[u8])> {
    for line in content.split_inclusive(|&byte| byte == b'\n').take(2) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let comment = line.iter().position(|byte| !matches!(byte, b' ' | b'\t' | 0x0c));
        let Some(comment) = comment else { continue };
        if line[comment] != b'#' {
            return None;
        }
        if let Some(name) = coding(&line[comment..]) {
            return Some((normal_name(name), line));
        }
    }
    None
}

/// What follows `coding:` or `coding=` in a comment.
fn coding(comment: &[u8]) -> Option<&str> {
    let mut rest = comment;
    while let Some(at) = memchr::memmem::find(rest, b"coding") {
        rest = &rest[at + 6..];
        if !matches!(rest.first(), Some(b':' | b'=')) {
            continue;
        }
        let spaces = rest[1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let name = &rest[1 + spaces..];
        let length =
            name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')).count();
        if length > 0 {
            return std::str::from_utf8(&name[..length]).ok();
        }
    }
    None
}

/// The name under which CPython knows the usual encodings.
fn normal_name(name: &str) -> String {
    let start: String = name.chars().take(12).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    let is = |known: &str| start == known || start.strip_prefix(known).is_some_and(|rest| rest.starts_with('-'));
    if is("utf-8") {
        "utf-8".to_owned()
    } else if ["latin-1", "iso-8859-1", "iso-latin-1"].into_iter().any(is) {
        "iso-8859-1".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<Decoded, String> {
        let mut codec = |name: &str, bytes: &[u8]| match name {
            "up" => Ok(String::from_utf8_lossy(bytes).to_uppercase()),
            "bad" => Err(CodecError::Failed("bad bytes".to_owned())),
            _ => Err(CodecError::Unknown),
        };
        decode(bytes, None, &mut codec).map_err(|error| error.message)
    }

    #[track_caller]
    fn check(bytes: &[u8], text: &str, encoding: &str) {
        assert_eq!(decoded(bytes), Ok(Decoded { text: text.to_owned(), encoding: encoding.to_owned() }));
    }

    #[track_caller]
    fn check_error(bytes: &[u8], message: &str) {
        assert_eq!(decoded(bytes).map_err(|error| error.starts_with(message)), Err(true), "{message}");
    }

    #[test]
    fn encodings() {
        check(b"x", "x", "utf-8");
        check(b"\xef\xbb\xbfx", "x", "utf-8");
        check(b"# coding: Latin_1\n\xe9", "# coding: Latin_1\n\u{e9}", "iso-8859-1");
        check(b"\n#vim: fileencoding=up\nx", "\n#VIM: FILEENCODING=UP\nX", "up");
        check(b"x\n# coding: none", "x\n# coding: none", "utf-8");
        check(b"\n\n# coding: none", "\n\n# coding: none", "utf-8");
        check_error(b"# coding: none", "unknown encoding: none");
        check_error(b"# coding: bad", "bad bytes");
        check_error(b"\xef\xbb\xbf# coding: latin-1", "encoding problem: iso-8859-1 with BOM");
        check_error(b"# coding: ascii\n\xe9", "'ascii' codec can't decode byte 0xe9 in position 16");
        check_error(b"\nx = \xe9", "Non-UTF-8 code starting with '\\xe9' on line 2, but no encoding declared");
    }
}

//! Source bytes to text: byte-order mark, encoding declaration, and CPython's SyntaxErrors where that fails.

use super::names::{Known, known};
use crate::compile::{FROM_FILE, SOURCE_IS_UTF8};
use crate::error::{PyResult, Raised};
use crate::types::exceptions::syntax_error::SyntaxPlace;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::Value;

/// The encoding declared in the first two lines (PEP 263), with the number of its line.
fn declared(source: &[u8]) -> Option<(String, usize)> {
    for (number, line) in source.split(|b| matches!(b, b'\n' | b'\r')).enumerate().take(2) {
        let body = line.trim_ascii_start();
        let blank = line.iter().all(|b| matches!(b, b' ' | b'\t' | b'\x0c'));
        if body.first() == Some(&b'#') {
            if let Some(name) = declaration(body) {
                return Some((name, number + 1));
            }
        } else if !blank {
            return None;
        }
    }
    None
}

/// What follows `coding:` or `coding=` in a comment.
fn declaration(comment: &[u8]) -> Option<String> {
    let mut rest = comment;
    while let Some(at) = rest.windows(6).position(|part| part == b"coding") {
        rest = &rest[at + 6..];
        if let Some((b':' | b'=', after)) = rest.split_first() {
            let skip = after.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
            let name = &after[skip..];
            let len = name.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')).count();
            if len > 0 {
                return Some(String::from_utf8_lossy(&name[..len]).into_owned());
            }
        }
    }
    None
}

/// The name as CPython's tokenizer shortens it: the usual spellings of UTF-8 and Latin-1 become one.
fn shortened(name: &str) -> String {
    let lower: String = name.chars().take(12).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    let is = |known: &str| lower == known || lower.strip_prefix(known).is_some_and(|rest| rest.starts_with('-'));
    if is("utf-8") {
        "utf-8".to_owned()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".to_owned()
    } else {
        name.to_owned()
    }
}

impl Vm {
    /// Source bytes as text: byte-order mark and encoding declaration are honoured, unless the source was text before.
    pub fn decode_source(&self, source: &[u8], filename: &str, flags: u32) -> PyResult<String> {
        let (body, marked) = match source.strip_prefix(b"\xef\xbb\xbf") {
            Some(body) => (body, true),
            None => (source, false),
        };
        if flags & SOURCE_IS_UTF8 != 0 {
            return self.source_utf8(body, filename, flags);
        }
        let Some((declared, line)) = declared(body) else { return self.source_utf8(body, filename, flags) };
        let name = shortened(&declared);
        if name == "utf-8" {
            return self.source_utf8(body, filename, flags);
        }
        if marked {
            let text = body.split(|b| *b == b'\n').nth(line - 1).unwrap_or_default();
            let text = String::from_utf8_lossy(text).trim_end_matches('\r').to_owned();
            // CPython counts the end of a second line, not of a first.
            let width = text.chars().count() as i64 + i64::from(line > 1);
            let place = SyntaxPlace {
                text: Some(text),
                line: line as i64,
                column: 0,
                end_line: line as i64,
                end_column: width,
            };
            return Err(self.tokenizer_error(&format!("encoding problem: {name} with BOM"), filename, &place));
        }
        if known(&name) == Some(Known::Latin1) {
            return Ok(body.iter().map(|b| char::from(*b)).collect());
        }
        match self.decode_slice(body, &name, None) {
            Ok(text) => Ok(self.str_text(&text)),
            Err(raised) => Err(self.source_codec_error(raised, &name, filename)),
        }
    }

    fn source_utf8(&self, body: &[u8], filename: &str, flags: u32) -> PyResult<String> {
        let error = match valid_utf8(body) {
            Ok(text) => return Ok(text.to_owned()),
            Err(at) => at,
        };
        let line_start = body[..error].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let line_end = body[error..].iter().position(|b| *b == b'\n').map_or(body.len(), |at| error + at);
        let line = body[..error].iter().filter(|b| **b == b'\n').count() as i64 + 1;
        let column = String::from_utf8_lossy(&body[line_start..error]).chars().count() as i64 + 1;
        let text = String::from_utf8_lossy(&body[line_start..line_end]).into_owned();
        let place = SyntaxPlace { text: Some(text), line, column, end_line: line, end_column: column };
        let file = if flags & FROM_FILE == 0 { String::new() } else { format!(" in file {filename}") };
        let message = format!(
            "Non-UTF-8 code starting with '\\x{:02x}'{file} on line {line}, but no encoding declared; \
             see https://peps.python.org/pep-0263/ for details",
            body[error]
        );
        Err(self.tokenizer_error(&message, filename, &place))
    }

    /// A SyntaxError the way CPython's tokenizer makes it: the file's name is no part of the arguments.
    #[cold]
    fn tokenizer_error(&self, message: &str, filename: &str, place: &SyntaxPlace) -> Raised {
        let raised = self.new_syntax_error(&self.types.syntax_error, message, &Value::NONE, place);
        match self.set_attr(&raised.0, &self.names.filename, &self.new_str(filename)) {
            Ok(()) => raised,
            Err(other) => other,
        }
    }

    /// What a codec complains about, as a SyntaxError before the first line.
    #[cold]
    fn source_codec_error(&self, raised: Raised, name: &str, filename: &str) -> Raised {
        let known = self.raised_is(&raised, &self.types.lookup_error)
            || self.raised_is(&raised, &self.types.unicode_error)
            || self.raised_is(&raised, &self.types.value_error)
            || self.raised_is(&raised, &self.types.type_error);
        if !known {
            return raised;
        }
        let message = match self.str(&raised.0) {
            Ok(text) => text.downcast::<Str>().map(|text| text.to_text()).unwrap_or_default(),
            Err(raised) => return raised,
        };
        let message =
            if message.starts_with("unknown encoding") { format!("unknown encoding: {name}") } else { message };
        // There is a beginning, before the first line, and no end.
        let place = [self.new_str(filename), Value::small(0), Value::small(-1), Value::NONE, Value::NONE, Value::NONE];
        self.new_exception_with(&self.types.syntax_error, &[self.new_str(&message), self.new_tuple(&place)])
    }
}

/// The text, or the place of the first byte that is no UTF-8.
fn valid_utf8(bytes: &[u8]) -> Result<&str, usize> {
    std::str::from_utf8(bytes).map_err(|error| error.valid_up_to())
}

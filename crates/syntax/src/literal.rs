//! The values of literals: escapes in strings and bytes, numbers, identifiers. Where literals begin and end is known
//! from `tokenizer`; how adjacent strings join is in `parser`.

use crate::ast::{Arena, BigInt, Constant, Int, Text};
use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::UnicodeNormalization;

/// What goes wrong with a literal.
#[derive(Clone, Debug)]
pub enum LiteralError {
    /// A bad escape in a string: the text of the codec's error.
    Unicode(String),
    /// A bad escape in bytes.
    Value(String),
    /// A decimal integer of more digits than allowed; the message.
    TooManyDigits(String),
}

/// The first escape of a literal that means nothing: a character, or the digits of an octal number that is too large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadEscape {
    /// What follows the backslash.
    pub escape: String,
    /// Where the backslash is, in bytes from the start of the literal's content.
    pub offset: usize,
}

/// The warning for `\` followed by `c`, and the error that it may become.
#[must_use]
pub fn invalid_escape_messages(c: char) -> (String, String) {
    (
        format!(
            "\"\\{c}\" is an invalid escape sequence. Such sequences will not work in the future. \
             Did you mean \"\\\\{c}\"? A raw string is also an option."
        ),
        format!("\"\\{c}\" is an invalid escape sequence. Did you mean \"\\\\{c}\"? A raw string is also an option."),
    )
}

impl BadEscape {
    /// The warning, and the error that it may become.
    #[must_use]
    pub fn messages(&self) -> (String, String) {
        let escape = &self.escape;
        if !escape.starts_with(['4', '5', '6', '7']) {
            return invalid_escape_messages(escape.chars().next().unwrap_or('\\'));
        }
        (
            format!(
                "\"\\{escape}\" is an invalid octal escape sequence. Such sequences will not work in the future. \
                 Did you mean \"\\\\{escape}\"? A raw string is also an option."
            ),
            format!(
                "\"\\{escape}\" is an invalid octal escape sequence. \
                 Did you mean \"\\\\{escape}\"? A raw string is also an option."
            ),
        )
    }
}

/// Gathers characters, as UTF-8 until a lone surrogate comes.
#[derive(Default)]
pub struct TextBuilder {
    utf8: String,
    wide: Option<Vec<u32>>,
}

impl TextBuilder {
    /// An empty one.
    #[must_use]
    pub fn new() -> TextBuilder {
        TextBuilder::default()
    }

    /// Adds characters.
    pub fn push_str(&mut self, text: &str) {
        match &mut self.wide {
            None => self.utf8.push_str(text),
            Some(wide) => wide.extend(text.chars().map(u32::from)),
        }
    }

    /// Adds a code point.
    pub fn push(&mut self, code: u32) {
        if self.wide.is_none() {
            if let Some(c) = char::from_u32(code) {
                self.utf8.push(c);
                return;
            }
            self.wide = Some(self.utf8.chars().map(u32::from).collect());
        }
        if let Some(wide) = &mut self.wide {
            wide.push(code);
        }
    }

    /// Adds a text.
    pub fn push_text(&mut self, text: Text<'_>) {
        match text {
            Text::Utf8(text) => self.push_str(text),
            Text::CodePoints(codes) => codes.iter().for_each(|&code| self.push(code)),
        }
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.utf8.is_empty() && self.wide.is_none()
    }

    /// The text, in `arena`.
    #[must_use]
    pub fn finish<'a>(&self, arena: &'a Arena) -> Text<'a> {
        match &self.wide {
            None => Text::Utf8(arena.str(&self.utf8)),
            Some(wide) => Text::CodePoints(arena.slice(wide)),
        }
    }
}

/// Decodes the escapes of a string's content. The positions in errors are CPython's: those of the content with every
/// character beyond ASCII written as ten bytes.
///
/// # Errors
/// The codec's error.
pub fn decode_text<'a>(arena: &'a Arena, content: &str) -> Result<(Text<'a>, Option<BadEscape>), LiteralError> {
    let bytes = content.as_bytes();
    let mut out = TextBuilder::new();
    let mut bad = None;
    let mut pos = 0;
    // How many bytes CPython's rewritten content is longer up to here.
    let mut longer = 0_usize;
    while pos < bytes.len() {
        let rest = &bytes[pos..];
        let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        if plain > 0 {
            let text = &content[pos..pos + plain];
            if !text.is_ascii() {
                longer += text.chars().filter(|c| !c.is_ascii()).map(|c| 10 - c.len_utf8()).sum::<usize>();
            }
            out.push_str(text);
            pos += plain;
            continue;
        }
        let start = pos;
        pos += 1;
        let Some(&c) = bytes.get(pos) else {
            out.push(u32::from(b'\\'));
            break;
        };
        if c >= 128 {
            out.push(u32::from(b'\\'));
            longer += 5;
            continue;
        }
        pos += 1;
        let error = |end: usize, message: &str| {
            let (first, last) = (start + longer, end + longer);
            Err(LiteralError::Unicode(if last - first == 1 {
                format!("'unicodeescape' codec can't decode byte 0x5c in position {first}: {message}")
            } else {
                format!("'unicodeescape' codec can't decode bytes in position {first}-{}: {message}", last - 1)
            }))
        };
        let simple = match c {
            b'\n' => continue,
            b'\\' | b'\'' | b'"' => c,
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            b'0'..=b'7' => {
                let (value, end) = octal(bytes, pos - 1);
                pos = end;
                if value > 0o377 && bad.is_none() {
                    bad = Some(BadEscape { escape: content[start + 1..end].to_owned(), offset: start });
                }
                out.push(value);
                continue;
            }
            b'x' | b'u' | b'U' => {
                let (count, message) = match c {
                    b'x' => (2, "truncated \\xXX escape"),
                    b'u' => (4, "truncated \\uXXXX escape"),
                    _ => (8, "truncated \\UXXXXXXXX escape"),
                };
                let digits = bytes[pos..].iter().take(count).take_while(|b| b.is_ascii_hexdigit()).count();
                pos += digits;
                if digits < count {
                    return error(pos, message);
                }
                match u32::from_str_radix(&content[pos - count..pos], 16) {
                    Ok(code) if code <= 0x10_ffff => out.push(code),
                    _ => return error(pos, "illegal Unicode character"),
                }
                continue;
            }
            b'N' => {
                let malformed = "malformed \\N character escape";
                if bytes.get(pos) != Some(&b'{') {
                    return error(pos, malformed);
                }
                let name = pos + 1;
                let Some(length) = memchr::memchr(b'}', &bytes[name..]) else {
                    let text = &content[name..];
                    let wide = text.chars().filter(|c| !c.is_ascii()).map(|c| 10 - c.len_utf8()).sum::<usize>();
                    return error(bytes.len() + wide, malformed);
                };
                if length == 0 {
                    return error(name, malformed);
                }
                pos = name + length + 1;
                let text = &content[name..name + length];
                match character_named(text) {
                    Some(c) => out.push(u32::from(c)),
                    None => {
                        let wide = text.chars().filter(|c| !c.is_ascii()).map(|c| 10 - c.len_utf8()).sum::<usize>();
                        return error(pos + wide, "unknown Unicode character name");
                    }
                }
                continue;
            }
            _ => {
                if bad.is_none() {
                    bad = Some(BadEscape { escape: (c as char).to_string(), offset: start });
                }
                out.push(u32::from(b'\\'));
                c
            }
        };
        out.push(u32::from(simple));
    }
    Ok((out.finish(arena), bad))
}

/// The names of Tangut ideographs end in their code point.
fn tangut_ideograph(name: &str) -> Option<char> {
    const PREFIX: &str = "TANGUT IDEOGRAPH-";
    let (prefix, digits) = name.split_at_checked(PREFIX.len())?;
    if !prefix.eq_ignore_ascii_case(PREFIX) || digits.len() != 5 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let code = u32::from_str_radix(digits, 16).ok()?;
    if matches!(code, 0x1_7000..=0x1_87f7 | 0x1_8d00..=0x1_8d08) { char::from_u32(code) } else { None }
}

/// The character called `name`, case-insensitively.
fn character_named(name: &str) -> Option<char> {
    // (A hyphen in front, which no name has, is more than the crate can bear.)
    if name.trim() != name || name.starts_with('-') || name.contains('_') || name.contains("  ") {
        return None;
    }
    if let Some(c) = tangut_ideograph(name) {
        return Some(c);
    }
    let c = unicode_names2::character(name)?;
    // The names may be those of a later Unicode than Python's.
    if get_general_category(c) == GeneralCategory::Unassigned {
        return None;
    }
    // Control characters have only aliases.
    let Some(proper) = unicode_names2::name(c) else { return Some(c) };
    let proper = proper.to_string();
    // The crate forgives missing spaces and hyphens; a name that is no alias must be written as it is.
    let bare = |name: &str| name.chars().filter(|c| !matches!(c, ' ' | '-')).collect::<String>().to_ascii_uppercase();
    (proper.eq_ignore_ascii_case(name) || bare(&proper) != bare(name)).then_some(c)
}

/// The octal number of at most three digits at `start`, and where it ends.
fn octal(bytes: &[u8], start: usize) -> (u32, usize) {
    let mut value = 0;
    let mut end = start;
    while end < start + 3 && matches!(bytes.get(end), Some(b'0'..=b'7')) {
        value = value * 8 + u32::from(bytes[end] - b'0');
        end += 1;
    }
    (value, end)
}

/// Decodes the escapes of a bytes literal's content, which is ASCII.
///
/// # Errors
/// An `\x` without two digits.
pub fn decode_bytes(content: &[u8]) -> Result<(Vec<u8>, Option<BadEscape>), LiteralError> {
    let mut out = Vec::with_capacity(content.len());
    let mut bad = None;
    let mut pos = 0;
    while pos < content.len() {
        let start = pos;
        let c = content[pos];
        pos += 1;
        if c != b'\\' {
            out.push(c);
            continue;
        }
        let Some(&c) = content.get(pos) else {
            out.push(b'\\');
            break;
        };
        pos += 1;
        let byte = match c {
            b'\n' => continue,
            b'\\' | b'\'' | b'"' => c,
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            b'0'..=b'7' => {
                let (value, end) = octal(content, pos - 1);
                pos = end;
                if value > 0o377 && bad.is_none() {
                    let escape = String::from_utf8_lossy(&content[start + 1..end]).into_owned();
                    bad = Some(BadEscape { escape, offset: start });
                }
                (value & 0xff) as u8
            }
            b'x' => {
                let digit = |at: usize| content.get(at).and_then(|&b| (b as char).to_digit(16));
                match (digit(pos), digit(pos + 1)) {
                    (Some(high), Some(low)) => {
                        pos += 2;
                        (high * 16 + low) as u8
                    }
                    _ => return Err(LiteralError::Value(format!("invalid \\x escape at position {start}"))),
                }
            }
            _ => {
                if bad.is_none() {
                    bad = Some(BadEscape { escape: (c as char).to_string(), offset: start });
                }
                out.push(b'\\');
                c
            }
        };
        out.push(byte);
    }
    Ok((out, bad))
}

/// The value of a number literal.
///
/// # Errors
/// A decimal integer of more than `max_digits` digits (where that is not 0).
pub fn number<'a>(arena: &'a Arena, literal: &'a str, max_digits: usize) -> Result<Constant<'a>, LiteralError> {
    let bytes = literal.as_bytes();
    // Nearly all literals are a few digits.
    if bytes.len() <= 18 && bytes.iter().all(u8::is_ascii_digit) {
        let value = bytes.iter().fold(0_i64, |value, b| value * 10 + i64::from(b - b'0'));
        return Ok(Constant::Int(Int::Small(value)));
    }
    let text = if bytes.contains(&b'_') { arena.str(&literal.replace('_', "")) } else { literal };
    let radix = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 10,
    };
    if radix != 10 {
        return Ok(Constant::Int(integer(arena, &text[2..], radix)));
    }
    if let Some(real) = text.strip_suffix(['j', 'J']) {
        return Ok(Constant::Complex { real: 0.0, imag: real.parse().unwrap_or(f64::INFINITY) });
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let digits = text.len();
        if max_digits != 0 && digits > max_digits && !text.bytes().all(|b| b == b'0') {
            return Err(LiteralError::TooManyDigits(format!(
                "Exceeds the limit ({max_digits} digits) for integer string conversion: value has {digits} digits; \
                 use sys.set_int_max_str_digits() to increase the limit - \
                 Consider hexadecimal for huge integer literals to avoid decimal conversion limits."
            )));
        }
        return Ok(Constant::Int(integer(arena, text, 10)));
    }
    Ok(Constant::Float(text.parse().unwrap_or(f64::INFINITY)))
}

fn integer<'a>(arena: &'a Arena, digits: &'a str, radix: u32) -> Int<'a> {
    match i64::from_str_radix(digits, radix) {
        Ok(value) => Int::Small(value),
        Err(_) => Int::Big(arena.alloc(BigInt { radix, digits: digits.trim_start_matches('0') })),
    }
}

/// The identifier that `name` stands for: its NFKC form.
#[inline]
#[must_use]
pub fn identifier<'a>(arena: &'a Arena, name: &'a str) -> &'a str {
    if name.is_ascii() { name } else { arena.str(&name.nfkc().collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn text(content: &str, expected: &str) {
        let arena = Arena::new();
        match decode_text(&arena, content) {
            Ok((Text::Utf8(found), _)) => assert_eq!(found, expected),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn text_error(content: &str, expected: &str) {
        match decode_text(&Arena::new(), content) {
            Err(LiteralError::Unicode(found)) => assert_eq!(found, expected),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn escapes() {
        text("a\\n\\t\\\\\\'", "a\n\t\\'");
        text("\\x41\\u00e9\\U0001f600\\101", "Aé😀A");
        text("\\N{LATIN SMALL LETTER E WITH ACUTE}\\N{bullet}", "é•");
        text("\\d\\é", "\\d\\é");
        text_error("\\x4", "'unicodeescape' codec can't decode bytes in position 0-2: truncated \\xXX escape");
        text_error("é\\u12", "'unicodeescape' codec can't decode bytes in position 10-13: truncated \\uXXXX escape");
        text_error(
            "\\N{LATINSMALL LETTER A}",
            "'unicodeescape' codec can't decode bytes in position 0-22: unknown Unicode character name",
        );
        text_error(
            "\\N{no such}",
            "'unicodeescape' codec can't decode bytes in position 0-10: unknown Unicode character name",
        );
    }

    #[test]
    fn surrogates_are_kept() {
        let arena = Arena::new();
        let (found, _) = decode_text(&arena, "a\\ud800").unwrap();
        assert_eq!(found, Text::CodePoints(&[97, 0xd800]));
    }

    #[test]
    fn numbers() {
        let arena = Arena::new();
        let int = |literal| match number(&arena, literal, 4300) {
            Ok(Constant::Int(int)) => int,
            other => panic!("{other:?}"),
        };
        assert_eq!(int("0x_ff"), Int::Small(255));
        assert_eq!(int("1_000"), Int::Small(1000));
        assert_eq!(int("9223372036854775807"), Int::Small(i64::MAX));
        assert!(matches!(int("9223372036854775808"), Int::Big(BigInt { radix: 10, digits: "9223372036854775808" })));
        assert!(matches!(number(&arena, "1.5e3", 0), Ok(Constant::Float(value)) if value == 1500.0));
        assert!(matches!(number(&arena, "2j", 0), Ok(Constant::Complex { imag, .. }) if imag == 2.0));
        assert!(number(&arena, arena.str(&"1".repeat(4301)), 4300).is_err());
    }
}

//! String literals, and the parts of f-strings and t-strings. Escapes are decoded by `literal`.

use super::{MAX_FIELD_NESTING, MAX_FSTRING_LEVEL, Stop, Tokenizer};
use crate::token::{Token, TokenKind};

/// An f-string or t-string that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct StringMode {
    quote: u8,
    quote_size: usize,
    raw: bool,
    template: bool,
    /// Whether text is read, rather than a replacement field.
    pub in_literal: bool,
    start: usize,
    start_line_start: usize,
    start_lineno: u32,
    /// How many brackets are open inside.
    pub depth: i32,
    /// The bracket depth of the innermost field; -1 outside of fields.
    pub field_depth: i32,
    pub in_format_spec: bool,
    /// Whether the field has an `=`.
    pub debug: bool,
}

impl StringMode {
    /// How messages name such a string.
    pub fn name(&self) -> &'static str {
        if self.template { "t-string" } else { "f-string" }
    }

    fn middle(&self) -> TokenKind {
        if self.template { TokenKind::TStringMiddle } else { TokenKind::FStringMiddle }
    }
}

impl Tokenizer<'_> {
    /// A string whose prefix reaches from `start` to the quote at `pos`; nothing if the letters are no prefix.
    pub(super) fn prefixed_string(&mut self, start: usize, pos: usize) -> Option<Token> {
        let (mut b, mut u, mut r, mut f, mut t) = (false, false, false, false, false);
        for &letter in &self.src[start..pos] {
            let seen = match letter | 0x20 {
                b'b' => &mut b,
                b'u' => &mut u,
                b'r' => &mut r,
                b'f' => &mut f,
                b't' => &mut t,
                _ => return None,
            };
            if std::mem::replace(seen, true) {
                return None;
            }
        }
        let clash = match () {
            () if u && b => Some(("u", "b")),
            () if u && r => Some(("u", "r")),
            () if u && f => Some(("u", "f")),
            () if u && t => Some(("u", "t")),
            () if b && f => Some(("b", "f")),
            () if b && t => Some(("b", "t")),
            () if f && t => Some(("f", "t")),
            () => None,
        };
        self.pos = pos;
        if let Some((one, other)) = clash {
            self.pos = pos + 1;
            let message = format!("'{one}' and '{other}' prefixes are incompatible");
            return Some(self.raise_range(&message, start, pos + 1));
        }
        Some(if f || t { self.open_fstring(start, r, t) } else { self.string(start) })
    }

    /// A string literal whose quote is at the current position. Its lines count as joined.
    pub(super) fn string(&mut self, start: usize) -> Token {
        let joined = self.joined_start;
        let token = self.whole_string(start);
        self.joined_start = joined;
        token
    }

    fn whole_string(&mut self, start: usize) -> Token {
        let quote = self.at(self.pos);
        self.first_lineno = self.lineno;
        self.multi_line_start = self.line_start;
        let mut pos = self.pos + 1;
        if self.at(pos) == quote {
            if self.at(pos + 1) != quote {
                self.pos = pos + 1;
                return self.make_string(TokenKind::String, start, pos + 1);
            }
            return self.triple_string(start, pos + 2, quote);
        }
        let mut escaped_quote = false;
        loop {
            let c = self.at(pos);
            if c == quote {
                self.pos = pos + 1;
                return self.make_string(TokenKind::String, start, pos + 1);
            }
            match c {
                b'\\' => {
                    pos += 1;
                    let escaped = self.at(pos);
                    escaped_quote |= escaped == quote;
                    if escaped == b'\r' && self.at(pos + 1) == b'\n' {
                        pos += 1;
                    }
                    if pos < self.src.len() {
                        pos += 1;
                        if self.src[pos - 1] == b'\n' {
                            self.cross_newline(pos);
                        }
                    }
                }
                b'\n' => return self.unterminated(start, quote, 1, escaped_quote, false),
                0 if pos >= self.src.len() => return self.unterminated(start, quote, 1, escaped_quote, true),
                _ => pos += 1,
            }
        }
    }

    fn triple_string(&mut self, start: usize, mut pos: usize, quote: u8) -> Token {
        loop {
            let Some(skipped) = memchr::memchr3(quote, b'\\', b'\n', &self.src[pos..]) else {
                return self.unterminated(start, quote, 3, false, true);
            };
            pos += skipped;
            match self.src[pos] {
                b'\n' => {
                    pos += 1;
                    self.cross_newline(pos);
                }
                b'\\' => {
                    pos += 1;
                    if self.at(pos) == b'\r' && self.at(pos + 1) == b'\n' {
                        pos += 1;
                    }
                    if pos < self.src.len() {
                        pos += 1;
                        if self.src[pos - 1] == b'\n' {
                            self.cross_newline(pos);
                        }
                    }
                }
                _ => {
                    if self.at(pos + 1) == quote && self.at(pos + 2) == quote {
                        self.pos = pos + 3;
                        return self.make_string(TokenKind::String, start, pos + 3);
                    }
                    pos += 1;
                }
            }
        }
    }

    /// The error for a string that is not closed, placed at its start.
    #[cold]
    fn unterminated(&mut self, start: usize, quote: u8, size: usize, escaped_quote: bool, at_eof: bool) -> Token {
        let detected = self.lineno;
        self.pos = start + 1;
        self.line_start = self.multi_line_start;
        self.lineno = self.first_lineno;
        if let Some(mode) = self.modes.last()
            && mode.quote == quote
            && mode.quote_size == size
        {
            let message = format!("{}: expecting '}}'", mode.name());
            return self.raise(&message);
        }
        let message = match (size, escaped_quote) {
            (3, _) => format!("unterminated triple-quoted string literal (detected at line {detected})"),
            (_, true) => {
                format!("unterminated string literal (detected at line {detected}); perhaps you escaped the end quote?")
            }
            _ => format!("unterminated string literal (detected at line {detected})"),
        };
        let raised = self.raised(&message);
        self.stop_with(if at_eof { Stop::EofInString } else { Stop::Raised }, Some(raised))
    }

    /// The start of an f-string or t-string whose quote is at the current position.
    fn open_fstring(&mut self, start: usize, raw: bool, template: bool) -> Token {
        let quote = self.at(self.pos);
        self.first_lineno = self.lineno;
        self.multi_line_start = self.line_start;
        let quote_size = if self.at(self.pos + 1) == quote && self.at(self.pos + 2) == quote { 3 } else { 1 };
        self.pos += quote_size;
        if self.modes.len() + 1 >= MAX_FSTRING_LEVEL {
            return self.raise("too many nested f-strings or t-strings");
        }
        self.modes.push(StringMode {
            quote,
            quote_size,
            raw,
            template,
            in_literal: true,
            start,
            start_line_start: self.line_start,
            start_lineno: self.lineno,
            depth: 0,
            field_depth: -1,
            in_format_spec: false,
            debug: false,
        });
        let kind = if template { TokenKind::TStringStart } else { TokenKind::FStringStart };
        self.make_string(kind, start, self.pos)
    }

    /// A colon, brace or exclamation mark inside a field: a colon at the field's own level begins its format.
    pub(super) fn field_punctuation(&mut self, start: usize, c: u8) -> Option<Token> {
        let mode = self.modes.last_mut()?;
        if mode.field_depth < 0 || c != b':' || mode.depth - 1 != mode.field_depth {
            return None;
        }
        mode.in_literal = true;
        mode.in_format_spec = true;
        self.pos = start + 1;
        Some(self.make(TokenKind::Colon, start, start + 1))
    }

    /// The next token while the text of an f-string is read.
    pub(super) fn literal_part(&mut self) -> Token {
        let start = self.pos;
        self.first_lineno = self.lineno;
        self.multi_line_start = self.line_start;
        let Some(&mode) = self.modes.last() else { return self.stop(Stop::Eof) };
        if self.at(start) == b'{' && self.at(start + 1) != b'{' {
            if let Some(error) = self.enter_field(&mode) {
                return error;
            }
            return self.normal_token();
        }
        if (0..mode.quote_size).all(|i| self.at(start + i) == mode.quote) {
            self.pos = start + mode.quote_size;
            self.modes.pop();
            let kind = if mode.template { TokenKind::TStringEnd } else { TokenKind::FStringEnd };
            return self.make_string(kind, start, self.pos);
        }
        let joined = self.joined_start;
        let token = self.literal_middle(start, mode);
        self.joined_start = joined;
        token
    }

    /// Goes from text to a replacement field.
    fn enter_field(&mut self, mode: &StringMode) -> Option<Token> {
        if mode.field_depth + 1 >= MAX_FIELD_NESTING {
            let message = format!("{}: expressions nested too deeply", mode.name());
            return Some(self.raise(&message));
        }
        if let Some(mode) = self.modes.last_mut() {
            mode.field_depth += 1;
            mode.in_literal = false;
        }
        None
    }

    fn literal_middle(&mut self, start: usize, mode: StringMode) -> Token {
        let in_format_spec = mode.in_format_spec && mode.field_depth >= 0;
        let kind = mode.middle();
        let mut pos = start;
        let mut quotes = 0;
        let mut named_escape = false;
        while quotes != mode.quote_size {
            let c = self.at(pos);
            let at_eof = pos >= self.src.len();
            if at_eof || (mode.quote_size == 1 && c == b'\n') {
                if in_format_spec && !at_eof {
                    self.pos = pos + 1;
                    let name = mode.name();
                    return self.raise(&format!(
                        "{name}: newlines are not allowed in format specifiers for single quoted {name}s"
                    ));
                }
                return self.unterminated_fstring(&mode, at_eof);
            }
            pos += 1;
            if c == mode.quote {
                quotes += 1;
                continue;
            }
            quotes = 0;
            match c {
                b'\n' => self.cross_newline(pos),
                b'{' => {
                    if self.at(pos) != b'{' || in_format_spec {
                        self.pos = pos - 1;
                        if let Some(error) = self.enter_field(&mode) {
                            return error;
                        }
                        self.leave_literal();
                        return self.make_string(kind, start, pos - 1);
                    }
                    return self.doubled_brace(kind, start, pos);
                }
                b'}' => {
                    if named_escape {
                        self.pos = pos;
                        return self.make_string(kind, start, pos);
                    }
                    if self.at(pos) == b'}' && !in_format_spec && mode.depth == 0 {
                        return self.doubled_brace(kind, start, pos);
                    }
                    self.pos = pos - 1;
                    self.leave_literal();
                    return self.make_string(kind, start, pos - 1);
                }
                b'\\' => {
                    let mut escaped = self.at(pos);
                    if escaped == b'\r' && self.at(pos + 1) == b'\n' {
                        pos += 1;
                        escaped = b'\n';
                    }
                    if matches!(escaped, b'{' | b'}') {
                        if !mode.raw {
                            self.pos = pos + 1;
                            self.warn_escape(escaped);
                        }
                        continue;
                    }
                    if pos >= self.src.len() {
                        continue;
                    }
                    pos += 1;
                    if escaped == b'\n' {
                        self.cross_newline(pos);
                    } else if escaped == b'N' && !mode.raw && self.at(pos) == b'{' {
                        named_escape = true;
                        pos += 1;
                    }
                }
                _ => {}
            }
        }
        self.pos = pos - mode.quote_size;
        self.make_string(kind, start, self.pos)
    }

    /// Text that ends with one of the two braces before and at `pos`; the token's columns cover both.
    fn doubled_brace(&mut self, kind: TokenKind, start: usize, pos: usize) -> Token {
        self.pos = pos + 1;
        let mut token = self.make_string(kind, start, pos);
        if !self.options.extra_tokens {
            token.end_col += 1;
        }
        token
    }

    /// Goes on with ordinary tokens: the text of a literal has ended.
    fn leave_literal(&mut self) {
        if let Some(mode) = self.modes.last_mut() {
            mode.in_literal = false;
            mode.in_format_spec = false;
        }
    }

    #[cold]
    fn unterminated_fstring(&mut self, mode: &StringMode, at_eof: bool) -> Token {
        let detected = self.lineno;
        self.pos = mode.start + 1;
        self.line_start = mode.start_line_start;
        self.lineno = mode.start_lineno;
        let name = mode.name();
        let triple = mode.quote_size == 3;
        let message = if triple {
            format!("unterminated triple-quoted {name} literal (detected at line {detected})")
        } else {
            format!("unterminated {name} literal (detected at line {detected})")
        };
        let raised = self.raised(&message);
        self.stop_with(if at_eof && triple { Stop::EofInString } else { Stop::Raised }, Some(raised))
    }

    fn warn_escape(&mut self, c: u8) {
        let (message, as_error) = crate::literal::invalid_escape_messages(c as char);
        self.warn(message, &as_error);
    }
}

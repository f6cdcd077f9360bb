//! Text to tokens, with CPython's rules for indentation, brackets, continuation lines and the modes inside f-strings
//! and t-strings. Numbers are in `number`, string literals in `string`; the errors the tokenizer finds in `failure`.

mod failure;
mod identifier;
mod number;
mod string;

pub use failure::{Failure, Raised, Stop};

use crate::error::{Warning, WarningCategory};
use crate::token::{Token, TokenKind};
use string::StringMode;

/// The deepest indentation.
const MAX_INDENT: usize = 100;
/// The deepest nesting of brackets.
const MAX_LEVEL: usize = 200;
/// The deepest nesting of f-strings.
const MAX_FSTRING_LEVEL: usize = 150;
/// The deepest nesting of replacement fields.
const MAX_FIELD_NESTING: i32 = 3;
const TAB_SIZE: u32 = 8;

const START: u8 = 1;
const WORD: u8 = 2;
const DIGIT: u8 = 4;
const HEX: u8 = 8;

/// What each byte may be part of.
static CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        if b.is_ascii_alphabetic() || b == b'_' || b >= 128 {
            table[byte] |= START | WORD;
        }
        if b.is_ascii_digit() {
            table[byte] |= DIGIT | WORD;
        }
        if b.is_ascii_hexdigit() {
            table[byte] |= HEX;
        }
        byte += 1;
    }
    table
};

/// An open bracket.
#[derive(Clone, Copy, Debug)]
pub struct Bracket {
    /// `(`, `[` or `{`.
    pub byte: u8,
    /// Its line.
    pub lineno: u32,
    /// Its column.
    pub col: u32,
}

/// A `# type: ignore` comment.
#[derive(Clone, Copy, Debug)]
pub struct Ignore {
    /// Its line.
    pub lineno: u32,
    /// Where the tag begins.
    pub start: u32,
    /// Where the tag ends.
    pub end: u32,
}

/// What the tokenizer is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenizerOptions {
    /// Yield comments and blank lines, and be lenient, as the `tokenize` module wants it.
    pub extra_tokens: bool,
    /// Yield type comments.
    pub type_comments: bool,
}

/// The tokenizer: a position in a text and the state that CPython's has.
pub struct Tokenizer<'s> {
    src: &'s [u8],
    text: &'s str,
    pos: usize,
    lineno: u32,
    line_start: usize,
    /// Where the first of the lines begins that backslashes join to the current one.
    joined_start: usize,
    /// The line in which the latest string began, and where that line begins.
    first_lineno: u32,
    multi_line_start: usize,
    at_line_start: bool,
    /// Indentation tokens still to be yielded: positive for indents.
    pending: i32,
    indents: Vec<(u32, u32)>,
    brackets: Vec<Bracket>,
    modes: Vec<StringMode>,
    comment_newline: bool,
    options: TokenizerOptions,
    failure: Option<Box<Failure>>,
    warnings: Vec<Warning>,
    ignores: Vec<Ignore>,
}

impl<'s> Tokenizer<'s> {
    /// A tokenizer at the start of `text`.
    #[must_use]
    pub fn new(text: &'s str, options: TokenizerOptions) -> Tokenizer<'s> {
        Tokenizer {
            src: text.as_bytes(),
            text,
            pos: 0,
            lineno: u32::from(!text.is_empty()),
            line_start: 0,
            joined_start: 0,
            first_lineno: 0,
            multi_line_start: 0,
            at_line_start: true,
            pending: 0,
            indents: vec![(0, 0)],
            brackets: Vec::new(),
            modes: Vec::new(),
            comment_newline: false,
            options,
            failure: None,
            warnings: Vec::new(),
            ignores: Vec::new(),
        }
    }

    /// Why the last token was an error.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_deref()
    }

    /// The same, given away.
    pub fn take_failure(&mut self) -> Option<Box<Failure>> {
        self.failure.take()
    }

    /// The warnings so far, given away.
    pub fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }

    /// Whether there are warnings to take.
    #[inline]
    #[must_use]
    pub fn has_warnings(&self) -> bool {
        !self.warnings.is_empty()
    }

    /// The `# type: ignore` comments so far, given away.
    pub fn take_ignores(&mut self) -> Vec<Ignore> {
        std::mem::take(&mut self.ignores)
    }

    /// The brackets that are open.
    #[must_use]
    pub fn open_brackets(&self) -> &[Bracket] {
        &self.brackets
    }

    /// The number of the current line.
    #[must_use]
    pub fn lineno(&self) -> u32 {
        self.lineno
    }

    /// Where the current line begins, and where the line began in which the latest string literal starts.
    #[must_use]
    pub fn line_starts(&self) -> (usize, usize) {
        (self.line_start, self.multi_line_start)
    }

    /// How many blocks are open.
    #[must_use]
    pub fn indentation_depth(&self) -> usize {
        self.indents.len() - 1
    }

    /// Closes all blocks at the end of interactive input: their DEDENT tokens come next.
    pub fn close_blocks(&mut self) {
        self.pending = -(self.indentation_depth() as i32);
        self.indents.truncate(1);
    }

    #[inline]
    fn at(&self, pos: usize) -> u8 {
        if pos < self.src.len() { self.src[pos] } else { 0 }
    }

    #[inline]
    fn is_word(&self, pos: usize) -> bool {
        CLASS[usize::from(self.at(pos))] & WORD != 0
    }

    #[inline]
    fn is_digit(&self, pos: usize) -> bool {
        CLASS[usize::from(self.at(pos))] & DIGIT != 0
    }

    /// Notes that the line ends before `next`.
    #[inline]
    fn cross_newline(&mut self, next: usize) {
        if next < self.src.len() {
            self.lineno += 1;
            self.line_start = next;
            self.joined_start = next;
        }
    }

    #[inline]
    fn make(&self, kind: TokenKind, start: usize, end: usize) -> Token {
        Token {
            kind,
            start: start as u32,
            end: end as u32,
            lineno: self.lineno,
            col: start.wrapping_sub(self.line_start) as u32,
            end_lineno: self.lineno,
            end_col: end.wrapping_sub(self.line_start) as u32,
        }
    }

    fn make_string(&self, kind: TokenKind, start: usize, end: usize) -> Token {
        Token {
            kind,
            start: start as u32,
            end: end as u32,
            lineno: self.first_lineno,
            col: start.wrapping_sub(self.multi_line_start) as u32,
            end_lineno: self.lineno,
            end_col: end.wrapping_sub(self.line_start) as u32,
        }
    }

    /// The next token. After an ENDMARKER or an error there is nothing more to ask for.
    #[inline]
    pub fn next_token(&mut self) -> Token {
        match self.modes.last() {
            Some(mode) if mode.in_literal => self.literal_part(),
            _ => self.normal_token(),
        }
    }

    fn normal_token(&mut self) -> Token {
        loop {
            let mut blank_line = false;
            if self.at_line_start {
                match self.indentation() {
                    Ok(blank) => blank_line = blank,
                    Err(error) => return error,
                }
            }
            if self.pending != 0 {
                return self.pending_token();
            }
            if let Some(token) = self.plain_token(blank_line) {
                return token;
            }
        }
    }

    fn pending_token(&mut self) -> Token {
        if self.pending < 0 {
            self.pending += 1;
            self.make(TokenKind::Dedent, self.pos, self.pos)
        } else {
            self.pending -= 1;
            self.make(TokenKind::Indent, self.line_start, self.pos)
        }
    }

    /// Reads the white space that begins a line and compares it with the blocks that are open. Says whether the line
    /// is blank.
    fn indentation(&mut self) -> Result<bool, Token> {
        let (mut col, mut alt) = (0_u32, 0_u32);
        let mut continued = 0;
        self.at_line_start = false;
        let c = loop {
            let c = self.at(self.pos);
            match c {
                b' ' => {
                    col += 1;
                    alt += 1;
                }
                b'\t' => {
                    col = (col / TAB_SIZE + 1) * TAB_SIZE;
                    alt += 1;
                }
                0x0c => {
                    col = 0;
                    alt = 0;
                }
                b'\\' => {
                    if continued == 0 {
                        continued = col;
                    }
                    self.pos += 1;
                    self.continuation()?;
                    self.joined_start = self.line_start;
                    continue;
                }
                _ => break c,
            }
            self.pos += 1;
        };
        if matches!(c, b'#' | b'\n' | b'\r') {
            return Ok(true);
        }
        if self.brackets.is_empty() {
            if continued != 0 {
                col = continued;
                alt = continued;
            }
            self.compare_indentation(col, alt)?;
        }
        Ok(false)
    }

    fn compare_indentation(&mut self, col: u32, alt: u32) -> Result<(), Token> {
        let (top, alt_top) = self.indents[self.indents.len() - 1];
        if col == top {
            if alt != alt_top {
                return Err(self.stop_at_line_end(Stop::TabSpace));
            }
        } else if col > top {
            if self.indents.len() >= MAX_INDENT {
                return Err(self.stop_at_line_end(Stop::TooDeep));
            }
            if alt <= alt_top {
                return Err(self.stop_at_line_end(Stop::TabSpace));
            }
            self.pending += 1;
            self.indents.push((col, alt));
        } else {
            while self.indents.len() > 1 && col < self.indents[self.indents.len() - 1].0 {
                self.pending -= 1;
                self.indents.pop();
            }
            let (top, alt_top) = self.indents[self.indents.len() - 1];
            if col != top {
                return Err(self.stop_at_line_end(Stop::Dedent));
            }
            if alt != alt_top {
                return Err(self.stop_at_line_end(Stop::TabSpace));
            }
        }
        Ok(())
    }

    /// Steps over the end of a line after a backslash, which has been read.
    fn continuation(&mut self) -> Result<(), Token> {
        let mut pos = self.pos;
        if self.at(pos) == b'\r' {
            pos += 1;
        }
        if self.at(pos) != b'\n' {
            self.pos = (pos + 1).min(self.src.len());
            return Err(self.stop(Stop::LineContinuation));
        }
        self.pos = pos + 1;
        if self.pos >= self.src.len() {
            return Err(self.stop(Stop::Eof));
        }
        let joined = self.joined_start;
        self.cross_newline(self.pos);
        self.joined_start = joined;
        Ok(())
    }

    /// One token of ordinary text, or nothing where a line was blank.
    fn plain_token(&mut self, blank_line: bool) -> Option<Token> {
        // A line's end after a comment begins where the comment does.
        let mut comment = None;
        loop {
            let mut pos = self.pos;
            while matches!(self.at(pos), b' ' | b'\t' | 0x0c) {
                pos += 1;
            }
            let start = pos;
            let c = self.at(pos);
            if CLASS[usize::from(c)] & START != 0 {
                return Some(self.word(start));
            }
            match c {
                b'#' => {
                    if let Some(token) = self.comment(start, blank_line) {
                        return Some(token);
                    }
                    comment = Some(start);
                }
                b'\n' | b'\r' => {
                    if c == b'\r' {
                        pos += 1;
                        if self.at(pos) != b'\n' {
                            // A lone carriage return is an ordinary, unprintable character.
                            self.pos = pos + usize::from(pos < self.src.len());
                            return Some(self.operator(pos));
                        }
                    }
                    return self.newline(comment.unwrap_or(start), pos, blank_line);
                }
                b'0'..=b'9' => return Some(self.number(start)),
                b'.' if self.is_digit(pos + 1) => return Some(self.fraction_token(start)),
                b'\'' | b'"' => {
                    self.pos = pos;
                    return Some(self.string(start));
                }
                b'\\' => {
                    self.pos = pos + 1;
                    if let Err(error) = self.continuation() {
                        return Some(error);
                    }
                }
                0 if pos >= self.src.len() => {
                    self.pos = pos;
                    if !self.brackets.is_empty() {
                        return Some(self.stop(Stop::Eof));
                    }
                    return Some(self.make(TokenKind::EndMarker, pos, pos));
                }
                _ => {
                    self.pos = pos;
                    return Some(self.operator(start));
                }
            }
        }
    }

    /// A line's end. Blank lines and those inside brackets make no token for the parser.
    fn newline(&mut self, start: usize, pos: usize, blank_line: bool) -> Option<Token> {
        self.at_line_start = true;
        self.pos = pos + 1;
        let extra = self.options.extra_tokens;
        if blank_line || !self.brackets.is_empty() || (extra && self.comment_newline) {
            let token = if extra {
                self.comment_newline = false;
                Some(self.make(TokenKind::Nl, start, pos + 1))
            } else {
                None
            };
            self.cross_newline(pos + 1);
            return token;
        }
        let token = self.make(TokenKind::Newline, start, pos + 1);
        self.cross_newline(pos + 1);
        Some(token)
    }

    /// Steps over a comment. It is a token where comments or type comments are asked for.
    fn comment(&mut self, start: usize, blank_line: bool) -> Option<Token> {
        let end = match memchr::memchr2(b'\n', b'\r', &self.src[start..]) {
            Some(length) => start + length,
            None => self.src.len(),
        };
        self.pos = end;
        if self.options.type_comments
            && let Some(token) = self.type_comment(start, end, blank_line)
        {
            return token;
        }
        if self.options.extra_tokens {
            self.comment_newline = blank_line;
            return Some(self.make(TokenKind::Comment, start, end));
        }
        None
    }

    fn type_comment(&mut self, start: usize, end: usize, blank_line: bool) -> Option<Option<Token>> {
        let spaces = |mut at: usize| {
            while matches!(self.at(at), b' ' | b'\t') {
                at += 1;
            }
            at
        };
        let word = spaces(start + 1);
        if !self.src[word..end].starts_with(b"type:") {
            return None;
        }
        let body = spaces(word + 5);
        let rest = &self.src[body..end];
        let ignore =
            rest.starts_with(b"ignore") && rest.get(6).is_none_or(|b| b.is_ascii() && !b.is_ascii_alphanumeric());
        if !ignore {
            return Some(Some(self.make(TokenKind::TypeComment, body, end)));
        }
        self.ignores.push(Ignore { lineno: self.lineno, start: (body + 6) as u32, end: end as u32 });
        if blank_line && self.at(end) == b'\n' {
            // The comment is all there is on its line, which therefore vanishes.
            self.pos = end + 1;
            self.cross_newline(end + 1);
            self.at_line_start = true;
            return Some(None);
        }
        None
    }

    /// A word: a name, a keyword, or the prefix of a string.
    fn word(&mut self, start: usize) -> Token {
        let mut pos = start;
        let mut seen = 0;
        while {
            let c = self.at(pos);
            seen |= c;
            CLASS[usize::from(c)] & WORD != 0
        } {
            pos += 1;
        }
        if pos - start <= 5
            && matches!(self.at(pos), b'\'' | b'"')
            && let Some(token) = self.prefixed_string(start, pos)
        {
            return token;
        }
        self.pos = pos;
        if seen >= 128 {
            if let Some(error) = self.check_identifier(start, pos) {
                return error;
            }
            return self.make(TokenKind::Name, start, pos);
        }
        self.make(TokenKind::of_word(&self.src[start..pos]), start, pos)
    }

    /// An operator or a bracket at `start`.
    fn operator(&mut self, start: usize) -> Token {
        let c = self.at(start);
        let in_fstring = !self.modes.is_empty();
        if in_fstring
            && c == b':'
            && let Some(token) = self.field_punctuation(start, c)
        {
            return token;
        }
        let (kind, length) = self.operator_kind(start, c);
        let end = start + length;
        self.pos = end;
        if length == 1 {
            match c {
                b'(' | b'[' | b'{' => {
                    if self.brackets.len() >= MAX_LEVEL {
                        return self.raise("too many nested parentheses");
                    }
                    self.brackets.push(Bracket { byte: c, lineno: self.lineno, col: (start - self.line_start) as u32 });
                    if let Some(mode) = self.modes.last_mut() {
                        mode.depth += 1;
                    }
                }
                b')' | b']' | b'}' => {
                    if let Some(error) = self.close_bracket(c) {
                        return error;
                    }
                }
                b'=' if in_fstring => {
                    if let Some(mode) = self.modes.last_mut()
                        && mode.field_depth >= 0
                        && mode.depth - mode.field_depth == 1
                    {
                        mode.debug = true;
                    }
                }
                _ => {}
            }
            if kind == TokenKind::Op && !(32..127).contains(&c) {
                return self.raise(&format!("invalid non-printable character U+{c:04X}"));
            }
        }
        self.make(kind, start, end)
    }

    #[inline]
    fn operator_kind(&self, start: usize, c: u8) -> (TokenKind, usize) {
        use TokenKind::*;
        let c2 = self.at(start + 1);
        let equal = c2 == b'=';
        match c {
            b'(' => (LPar, 1),
            b')' => (RPar, 1),
            b',' => (Comma, 1),
            b'.' => {
                if c2 == b'.' && self.at(start + 2) == b'.' {
                    (Ellipsis, 3)
                } else {
                    (Dot, 1)
                }
            }
            b'=' => {
                if equal {
                    (EqEqual, 2)
                } else {
                    (Equal, 1)
                }
            }
            b':' => {
                if equal {
                    (ColonEqual, 2)
                } else {
                    (Colon, 1)
                }
            }
            b'[' => (LSqb, 1),
            b']' => (RSqb, 1),
            b'{' => (LBrace, 1),
            b'}' => (RBrace, 1),
            b'+' => {
                if equal {
                    (PlusEqual, 2)
                } else {
                    (Plus, 1)
                }
            }
            b'-' => match c2 {
                b'=' => (MinEqual, 2),
                b'>' => (RArrow, 2),
                _ => (Minus, 1),
            },
            b'*' => match c2 {
                b'*' if self.at(start + 2) == b'=' => (DoubleStarEqual, 3),
                b'*' => (DoubleStar, 2),
                b'=' => (StarEqual, 2),
                _ => (Star, 1),
            },
            b'/' => match c2 {
                b'/' if self.at(start + 2) == b'=' => (DoubleSlashEqual, 3),
                b'/' => (DoubleSlash, 2),
                b'=' => (SlashEqual, 2),
                _ => (Slash, 1),
            },
            b'<' => match c2 {
                b'<' if self.at(start + 2) == b'=' => (LeftShiftEqual, 3),
                b'<' => (LeftShift, 2),
                b'=' => (LessEqual, 2),
                _ => (Less, 1),
            },
            b'>' => match c2 {
                b'>' if self.at(start + 2) == b'=' => (RightShiftEqual, 3),
                b'>' => (RightShift, 2),
                b'=' => (GreaterEqual, 2),
                _ => (Greater, 1),
            },
            b'%' => {
                if equal {
                    (PercentEqual, 2)
                } else {
                    (Percent, 1)
                }
            }
            b'&' => {
                if equal {
                    (AmperEqual, 2)
                } else {
                    (Amper, 1)
                }
            }
            b'|' => {
                if equal {
                    (VBarEqual, 2)
                } else {
                    (VBar, 1)
                }
            }
            b'^' => {
                if equal {
                    (CircumflexEqual, 2)
                } else {
                    (Circumflex, 1)
                }
            }
            b'@' => {
                if equal {
                    (AtEqual, 2)
                } else {
                    (At, 1)
                }
            }
            b'!' => {
                if equal {
                    (NotEqual, 2)
                } else {
                    (Exclamation, 1)
                }
            }
            b'~' => (Tilde, 1),
            b';' => (Semi, 1),
            _ => (Op, 1),
        }
    }

    fn close_bracket(&mut self, c: u8) -> Option<Token> {
        let lenient = self.options.extra_tokens;
        if let Some(mode) = self.modes.last()
            && mode.depth == 0
            && c == b'}'
        {
            let name = mode.name();
            return Some(self.raise(&format!("{name}: single '}}' is not allowed")));
        }
        match self.brackets.pop() {
            None if !lenient => return Some(self.raise(&format!("unmatched '{}'", c as char))),
            Some(open) if !matches!((open.byte, c), (b'(', b')') | (b'[', b']') | (b'{', b'}')) => {
                if let Some(mode) = self.modes.last()
                    && open.byte == b'{'
                    && mode.depth - 1 == mode.field_depth
                {
                    let name = mode.name();
                    return Some(self.raise(&format!("{name}: unmatched '{}'", c as char)));
                }
                if lenient {
                    return self.leave_bracket(c);
                }
                let (closing, opening) = (c as char, open.byte as char);
                let line = if open.lineno == self.lineno { String::new() } else { format!(" on line {}", open.lineno) };
                return Some(self.raise(&format!(
                    "closing parenthesis '{closing}' does not match opening parenthesis '{opening}'{line}"
                )));
            }
            _ => {}
        }
        self.leave_bracket(c)
    }

    /// Counts a bracket that closes inside an f-string; the brace of a field ends it.
    fn leave_bracket(&mut self, c: u8) -> Option<Token> {
        if let Some(mode) = self.modes.last_mut() {
            mode.depth -= 1;
            if mode.depth < 0 {
                let name = mode.name();
                return Some(self.raise(&format!("{name}: unmatched '{}'", c as char)));
            }
            if c == b'}' && mode.depth == mode.field_depth {
                mode.field_depth -= 1;
                mode.in_literal = true;
                mode.in_format_spec = false;
                mode.debug = false;
            }
        }
        None
    }

    /// Warns at the current position. `as_error` is the message if the warning is to be an error.
    fn warn(&mut self, message: String, as_error: &str) {
        let raised = self.raised(as_error);
        self.warnings.push(Warning {
            category: WarningCategory::Syntax,
            message,
            lineno: self.lineno as i32,
            error: Box::new(raised.into_error()),
        });
    }
}

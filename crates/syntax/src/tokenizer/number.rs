//! Number literals: how far they reach and what is wrong with them. Their values are made by `literal`.

use super::{CLASS, HEX, Tokenizer};
use crate::token::{Token, TokenKind};

/// A position, or the error token that ends the text.
type Scan = Result<usize, Token>;

impl Tokenizer<'_> {
    /// A number that begins with a digit.
    pub(super) fn number(&mut self, start: usize) -> Token {
        let scan = if self.at(start) == b'0' { self.zero(start) } else { self.decimal(start) };
        self.number_token(start, scan)
    }

    /// A number that begins with a point.
    pub(super) fn fraction_token(&mut self, start: usize) -> Token {
        let scan = self.fraction(start + 1);
        self.number_token(start, scan)
    }

    fn number_token(&mut self, start: usize, scan: Scan) -> Token {
        match scan {
            Ok(end) => {
                self.pos = end;
                self.make(TokenKind::Number, start, end)
            }
            Err(error) => error,
        }
    }

    fn zero(&mut self, start: usize) -> Scan {
        match self.at(start + 1) {
            b'x' | b'X' => self.based(start + 2, "hexadecimal", 16),
            b'o' | b'O' => self.based(start + 2, "octal", 8),
            b'b' | b'B' => self.based(start + 2, "binary", 2),
            _ => self.leading_zeros(start),
        }
    }

    fn based(&mut self, mut pos: usize, name: &str, base: u8) -> Scan {
        let is_digit = |c: u8| if base == 16 { CLASS[usize::from(c)] & HEX != 0 } else { c >= b'0' && c < b'0' + base };
        loop {
            if self.at(pos) == b'_' {
                pos += 1;
            }
            let c = self.at(pos);
            if !is_digit(c) {
                return Err(self.bad_digit(pos, c, name));
            }
            while is_digit(self.at(pos)) {
                pos += 1;
            }
            if self.at(pos) != b'_' {
                break;
            }
        }
        let c = self.at(pos);
        if c.is_ascii_digit() {
            return Err(self.bad_digit(pos, c, name));
        }
        self.end_of_number(pos, name)
    }

    fn bad_digit(&mut self, pos: usize, c: u8, name: &str) -> Token {
        if c.is_ascii_digit() {
            self.pos = pos + 1;
            return self.raise(&format!("invalid digit '{}' in {name} literal", c as char));
        }
        self.pos = pos;
        self.raise(&format!("invalid {name} literal"))
    }

    fn leading_zeros(&mut self, start: usize) -> Scan {
        let mut pos = start + 1;
        loop {
            if self.at(pos) == b'_' {
                pos += 1;
                if !self.is_digit(pos) {
                    self.pos = pos;
                    return Err(self.raise("invalid decimal literal"));
                }
            }
            if self.at(pos) != b'0' {
                break;
            }
            pos += 1;
        }
        let zeros_end = pos + 1;
        let nonzero = self.is_digit(pos);
        if nonzero {
            pos = self.digits(pos)?;
        }
        match self.at(pos) {
            b'.' => self.fraction(pos + 1),
            b'e' | b'E' => self.exponent(pos),
            b'j' | b'J' => self.end_of_number(pos + 1, "imaginary"),
            _ if nonzero && !self.options.extra_tokens => {
                self.pos = pos;
                let message = "leading zeros in decimal integer literals are not permitted; \
                               use an 0o prefix for octal integers";
                Err(self.raise_range(message, start, zeros_end))
            }
            _ => self.end_of_number(pos, "decimal"),
        }
    }

    fn decimal(&mut self, start: usize) -> Scan {
        let pos = self.digits(start)?;
        if self.at(pos) == b'.' { self.fraction(pos + 1) } else { self.exponent(pos) }
    }

    /// What follows a point.
    fn fraction(&mut self, mut pos: usize) -> Scan {
        if self.is_digit(pos) {
            pos = self.digits(pos)?;
        }
        self.exponent(pos)
    }

    /// An exponent and an imaginary suffix, where there are any.
    fn exponent(&mut self, mut pos: usize) -> Scan {
        if matches!(self.at(pos), b'e' | b'E') {
            let mut next = pos + 1;
            if matches!(self.at(next), b'+' | b'-') {
                next += 1;
                if !self.is_digit(next) {
                    self.pos = next;
                    return Err(self.raise("invalid decimal literal"));
                }
            } else if !self.is_digit(next) {
                return self.end_of_number(pos, "decimal");
            }
            pos = self.digits(next)?;
        }
        if matches!(self.at(pos), b'j' | b'J') {
            return self.end_of_number(pos + 1, "imaginary");
        }
        self.end_of_number(pos, "decimal")
    }

    /// Digits with single underscores between them.
    fn digits(&mut self, mut pos: usize) -> Scan {
        loop {
            while self.is_digit(pos) {
                pos += 1;
            }
            if self.at(pos) != b'_' {
                return Ok(pos);
            }
            pos += 1;
            if !self.is_digit(pos) {
                self.pos = pos;
                return Err(self.raise("invalid decimal literal"));
            }
        }
    }

    /// Checks what directly follows a number: a keyword is frowned upon, another word is an error.
    fn end_of_number(&mut self, pos: usize, name: &str) -> Scan {
        let c = self.at(pos);
        if !self.is_word(pos) || self.options.extra_tokens {
            return Ok(pos);
        }
        let rest: &[u8] = match c {
            b'a' => b"nd",
            b'e' => b"lse",
            b'f' => b"or",
            b'o' => b"r",
            b'n' => b"ot",
            _ => b"",
        };
        let keyword = if c == b'i' {
            matches!(self.at(pos + 1), b'f' | b'n' | b's')
        } else {
            !rest.is_empty() && self.src[pos + 1..].starts_with(rest) && !self.is_word(pos + 1 + rest.len())
        };
        if keyword {
            self.pos = pos;
            let message = format!("invalid {name} literal");
            self.warn(message.clone(), &message);
        } else if c < 128 {
            self.pos = pos;
            return Err(self.raise(&format!("invalid {name} literal")));
        }
        Ok(pos)
    }
}

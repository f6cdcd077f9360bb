//! The fields of `str.format`: taking a format apart (`_string.formatter_parser`) and a field's name
//! (`_string.formatter_field_name_split`).

use std::ops::Range;

use super::spec::integer;
use super::{FormatError, value_error};

/// A replacement field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The field's name.
    pub name: Range<usize>,
    /// The character after `!`.
    pub conversion: Option<u32>,
    /// What follows the colon.
    pub spec: Range<usize>,
    /// Whether the specification has fields of its own.
    pub nested: bool,
}

/// Literal text and the field behind it, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Text to be taken as it is.
    pub literal: Range<usize>,
    /// The field behind it.
    pub field: Option<Field>,
}

/// Walks through a format.
#[derive(Debug)]
pub struct Pieces<F> {
    char_at: F,
    at: usize,
    end: usize,
}

impl<F: Fn(usize) -> u32> Pieces<F> {
    /// Walks through a range of a text.
    pub fn new(range: Range<usize>, char_at: F) -> Pieces<F> {
        Pieces { char_at, at: range.start, end: range.end }
    }

    fn take(&mut self) -> Option<char> {
        if self.at >= self.end {
            return None;
        }
        self.at += 1;
        Some(char::from_u32((self.char_at)(self.at - 1)).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn piece(&mut self) -> Result<Piece, FormatError> {
        let start = self.at;
        let mut markup = None;
        while let Some(c) = self.take() {
            if c == '{' || c == '}' {
                markup = Some(c);
                break;
            }
        }
        let Some(c) = markup else { return Ok(Piece { literal: start..self.at, field: None }) };
        let doubled = self.at < self.end && (self.char_at)(self.at) == u32::from(c);
        if c == '}' && !doubled {
            return value_error("Single '}' encountered in format string");
        }
        if self.at >= self.end {
            return value_error("Single '{' encountered in format string");
        }
        if doubled {
            let literal = start..self.at;
            self.at += 1;
            return Ok(Piece { literal, field: None });
        }
        Ok(Piece { literal: start..self.at - 1, field: Some(self.field()?) })
    }

    fn field(&mut self) -> Result<Field, FormatError> {
        let start = self.at;
        let mut last = None;
        while let Some(c) = self.take() {
            last = Some(c);
            match c {
                '{' => return value_error("unexpected '{' in field name"),
                '[' => {
                    while self.at < self.end && (self.char_at)(self.at) != u32::from(']') {
                        self.at += 1;
                    }
                }
                '}' | ':' | '!' => break,
                _ => {}
            }
        }
        let ended = matches!(last, Some('}' | ':' | '!'));
        if !ended {
            return value_error("expected '}' before end of string");
        }
        let mut field = Field { name: start..self.at - 1, conversion: None, spec: self.at..self.at, nested: false };
        if last == Some('}') {
            return Ok(field);
        }
        if last == Some('!') {
            if self.at >= self.end {
                return value_error("end of string while looking for conversion specifier");
            }
            field.conversion = Some((self.char_at)(self.at));
            self.at += 1;
            match self.take() {
                Some('}') => {
                    field.spec = self.at..self.at;
                    return Ok(field);
                }
                Some(':') | None => {}
                Some(_) => return value_error("expected ':' after conversion specifier"),
            }
        }
        let start = self.at;
        let mut depth = 1;
        while let Some(c) = self.take() {
            match c {
                '{' => {
                    field.nested = true;
                    depth += 1;
                }
                '}' => {
                    depth -= 1;
                    if depth == 0 {
                        field.spec = start..self.at - 1;
                        return Ok(field);
                    }
                }
                _ => {}
            }
        }
        value_error("unmatched '{' in format spec")
    }
}

impl<F: Fn(usize) -> u32> Iterator for Pieces<F> {
    type Item = Result<Piece, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let piece = self.piece();
        if piece.is_err() {
            self.at = self.end;
        }
        Some(piece)
    }
}

/// What a field's name begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum First {
    /// Nothing: the next value.
    Auto,
    /// A position.
    Index(usize),
    /// A name.
    Name(Range<usize>),
}

/// A step from one value to the next in a field's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `.name`
    Attribute(Range<usize>),
    /// `[number]`
    Index(usize),
    /// `[text]`
    Key(Range<usize>),
}

/// The number a part of a text is, if it is one.
fn number(range: &Range<usize>, char_at: &impl Fn(usize) -> u32) -> Result<Option<usize>, FormatError> {
    if range.is_empty() {
        return Ok(None);
    }
    let mut at = range.start;
    let value = integer(range.end, char_at, &mut at)?;
    Ok(value.filter(|_| at == range.end))
}

/// The steps of a field's name.
#[derive(Debug)]
pub struct Steps<F> {
    char_at: F,
    at: usize,
    end: usize,
}

/// Splits a field's name into its first part and the steps from there.
pub fn split_name<F: Fn(usize) -> u32>(name: Range<usize>, char_at: F) -> Result<(First, Steps<F>), FormatError> {
    let is_step = |i: &usize| matches!(char::from_u32(char_at(*i)), Some('.' | '['));
    let split = name.clone().find(is_step).unwrap_or(name.end);
    let first = name.start..split;
    let first = match number(&first, &char_at)? {
        Some(index) => First::Index(index),
        None if first.is_empty() => First::Auto,
        None => First::Name(first),
    };
    Ok((first, Steps { char_at, at: split, end: name.end }))
}

impl<F: Fn(usize) -> u32> Steps<F> {
    fn step(&mut self) -> Result<Step, FormatError> {
        let c = char::from_u32((self.char_at)(self.at));
        self.at += 1;
        let start = self.at;
        let step = match c {
            Some('.') => {
                while self.at < self.end && !matches!(char::from_u32((self.char_at)(self.at)), Some('.' | '[')) {
                    self.at += 1;
                }
                Step::Attribute(start..self.at)
            }
            Some('[') => {
                while self.at < self.end && (self.char_at)(self.at) != u32::from(']') {
                    self.at += 1;
                }
                if self.at >= self.end {
                    return value_error("Missing ']' in format string");
                }
                let key = start..self.at;
                self.at += 1;
                match number(&key, &self.char_at)? {
                    Some(index) => Step::Index(index),
                    None => Step::Key(key),
                }
            }
            _ => return value_error("Only '.' or '[' may follow ']' in format field specifier"),
        };
        match &step {
            Step::Attribute(range) | Step::Key(range) if range.is_empty() => {
                value_error("Empty attribute in format string")
            }
            _ => Ok(step),
        }
    }
}

impl<F: Fn(usize) -> u32> Iterator for Steps<F> {
    type Item = Result<Step, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let step = self.step();
        if step.is_err() {
            self.at = self.end;
        }
        Some(step)
    }
}

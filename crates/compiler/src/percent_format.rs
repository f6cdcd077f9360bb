//! `'%s is %r' % (a, b)` with a literal format as an f-string: faster, and the same result for `%s`, `%r` and `%a`.

use oriel_syntax::Arena;
use oriel_syntax::ast::{Constant, Expr, ExprKind, ExprRef, Operator, Text};

use crate::preprocess::placeless_string;

/// Widths and precisions have fewer digits than this.
const MAX_DIGITS: usize = 3;

/// The f-string that `left op right` equals, if it is such a formatting.
pub(crate) fn percent_format<'a>(
    arena: &'a Arena,
    left: ExprRef<'a>,
    op: Operator,
    right: ExprRef<'a>,
) -> Option<ExprKind<'a>> {
    let ExprKind::Constant { value: Constant::Str(format), .. } = left.kind else { return None };
    let ExprKind::Tuple { elts, .. } = right.kind else { return None };
    if op != Operator::Mod || elts.iter().any(|elt| matches!(elt.kind, ExprKind::Starred { .. })) {
        return None;
    }
    let format: Vec<u32> = match format {
        Text::Utf8(text) => text.chars().map(u32::from).collect(),
        Text::CodePoints(points) => points.to_vec(),
    };
    let mut reader = Reader { format: &format, position: 0 };
    let mut values = Vec::with_capacity(elts.len() * 2 + 1);
    let mut elts = elts.iter();
    loop {
        if let Some(literal) = reader.literal(arena) {
            values.push(placeless_string(arena, literal));
        }
        if reader.position >= format.len() {
            break;
        }
        reader.position += 1;
        values.push(reader.field(arena, elts.next()?)?);
    }
    elts.next().is_none().then(|| ExprKind::JoinedStr { values: arena.slice(&values) })
}

struct Reader<'f> {
    format: &'f [u32],
    position: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let point = *self.format.get(self.position)?;
        self.position += 1;
        Some(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The text up to the next field; `%%` stands for `%`.
    fn literal<'a>(&mut self, arena: &'a Arena) -> Option<Text<'a>> {
        let percent = u32::from('%');
        let mut points = Vec::new();
        while let Some(point) = self.format.get(self.position) {
            if *point == percent {
                if self.format.get(self.position + 1) != Some(&percent) {
                    break;
                }
                self.position += 1;
            }
            points.push(*point);
            self.position += 1;
        }
        if points.is_empty() {
            return None;
        }
        let text: Option<String> = points.iter().map(|point| char::from_u32(*point)).collect();
        Some(match text {
            Some(text) => Text::Utf8(arena.str(&text)),
            None => Text::CodePoints(arena.slice(&points)),
        })
    }

    /// The field after a `%`, if an f-string can express it.
    fn field<'a>(&mut self, arena: &'a Arena, value: ExprRef<'a>) -> Option<ExprRef<'a>> {
        let mut left_justified = false;
        let mut ch = self.next()?;
        while matches!(ch, '-' | '+' | ' ' | '#' | '0') {
            left_justified |= ch == '-';
            ch = self.next()?;
        }
        let mut width = None;
        if ch.is_ascii_digit() {
            let (number, after) = self.number(ch)?;
            width = Some(number);
            ch = after;
        }
        let mut precision = None;
        if ch == '.' {
            ch = self.next()?;
            precision = Some(0);
            if ch.is_ascii_digit() {
                let (number, after) = self.number(ch)?;
                precision = Some(number);
                ch = after;
            }
        }
        if !matches!(ch, 's' | 'r' | 'a') {
            return None;
        }
        let mut spec = String::new();
        if let Some(width) = width {
            if !left_justified && width > 0 {
                spec.push('>');
            }
            spec.push_str(&width.to_string());
        }
        if let Some(precision) = precision {
            spec.push_str(&format!(".{precision}"));
        }
        let format_spec = (!spec.is_empty()).then(|| placeless_string(arena, Text::Utf8(arena.str(&spec))));
        let kind = ExprKind::FormattedValue { value, conversion: ch as i32, format_spec };
        Some(arena.alloc(Expr { kind, range: value.range }))
    }

    /// A number that starts with the digit `first`, and the character after it.
    fn number(&mut self, first: char) -> Option<(u32, char)> {
        let mut ch = first;
        let mut number = 0;
        let mut digits = 0;
        while let Some(digit) = ch.to_digit(10) {
            number = number * 10 + digit;
            ch = self.next()?;
            digits += 1;
            if digits >= MAX_DIGITS {
                return None;
            }
        }
        Some((number, ch))
    }
}

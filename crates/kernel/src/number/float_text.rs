//! Floats from text and to text.

/// Reads a float as `float(text)` does; the text is ASCII (see `int_text::to_ascii`).
pub fn parse(text: &[u8]) -> Option<f64> {
    let text = text.trim_ascii();
    // White space here has vertical tabs, too.
    let text = trim_vertical(text);
    if text.contains(&b'_') {
        let legal = text.iter().enumerate().all(|(i, &byte)| {
            byte != b'_' || (i > 0 && text[i - 1].is_ascii_digit() && text.get(i + 1).is_some_and(u8::is_ascii_digit))
        });
        if !legal {
            return None;
        }
        let clean: Vec<u8> = text.iter().copied().filter(|&byte| byte != b'_').collect();
        return parse_clean(&clean);
    }
    parse_clean(text)
}

fn trim_vertical(mut text: &[u8]) -> &[u8] {
    let is_space = |b: &u8| matches!(b, 9..=13 | 32);
    while let [first, rest @ ..] = text
        && is_space(first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_space(last)
    {
        text = rest;
    }
    text
}

fn parse_clean(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    let value: f64 = text.parse().ok()?;
    // A NaN's sign is kept.
    Some(if value.is_nan() { f64::NAN.copysign(if text.starts_with('-') { -1.0 } else { 1.0 }) } else { value })
}

/// The longest float that some text begins with, and its length: what parsers of larger literals need.
pub fn parse_prefix(text: &[u8]) -> Option<(f64, usize)> {
    let mut i = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let rest = &text[i..];
    let word = |word: &[u8]| rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    let digits = |from: usize| text[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    if word(b"infinity") {
        i += 8;
    } else if word(b"inf") || word(b"nan") {
        i += 3;
    } else {
        let whole = digits(i);
        i += whole;
        let mut fraction = 0;
        if text.get(i) == Some(&b'.') {
            fraction = digits(i + 1);
            if whole + fraction > 0 {
                i += 1 + fraction;
            }
        }
        if whole + fraction == 0 {
            return None;
        }
        if matches!(text.get(i), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(text.get(i + 1), Some(b'+' | b'-')));
            let exponent = digits(i + 1 + sign);
            if exponent > 0 {
                i += 1 + sign + exponent;
            }
        }
    }
    parse_clean(&text[..i]).map(|value| (value, i))
}

/// How a float is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// The shortest digits that give the float back (`repr`).
    Repr,
    /// So many digits after the point (`%f`).
    Fixed(usize),
    /// One digit before the point, so many after, and an exponent (`%e`).
    Exponent(usize),
    /// So many significant digits (`%g`).
    General(usize),
}

/// Variations of the layout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Upper-case letters.
    pub upper: bool,
    /// `#`: always a point, trailing zeros kept.
    pub alternate: bool,
    /// ".0" after a whole number.
    pub dot_zero: bool,
    /// A plus sign for positive numbers.
    pub plus: bool,
    /// No minus sign for what rounds to zero (`z`).
    pub no_negative_zero: bool,
}

/// `repr(x)`.
pub fn repr(x: f64) -> String {
    format(x, Style::Repr, Options { dot_zero: true, ..Options::default() })
}

/// More digits than these a float does not have; zeros follow.
const MAX_SIGNIFICANT: usize = 770;
const MAX_FRACTION: usize = 1080;

/// Digits without leading zeros, and where the point stands among them.
struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

/// The shortest digits.
fn shortest(x: f64) -> Decimal {
    let mut buffer = zmij::Buffer::new();
    read_decimal(buffer.format_finite(x).as_bytes())
}

/// So many significant digits, correctly rounded.
fn significant(x: f64, count: usize) -> Decimal {
    let mut decimal = read_decimal(format!("{:.*e}", count.clamp(1, MAX_SIGNIFICANT) - 1, x).as_bytes());
    if x == 0.0 {
        decimal.point = 1;
    }
    decimal
}

/// Reads digits with or without point and exponent; trailing zeros are dropped.
fn read_decimal(text: &[u8]) -> Decimal {
    let mut digits = Vec::with_capacity(text.len());
    let mut point = None;
    let mut exponent = 0i64;
    for (i, &byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => digits.push(byte),
            b'.' => point = Some(digits.len() as i64),
            b'e' | b'E' => {
                exponent = std::str::from_utf8(&text[i + 1..]).ok().and_then(|e| e.parse().ok()).unwrap_or(0);
                break;
            }
            _ => {}
        }
    }
    let mut point = point.unwrap_or(digits.len() as i64) + exponent;
    let zeros = digits.iter().take_while(|&&d| d == b'0').count();
    digits.drain(..zeros);
    point -= zeros as i64;
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    if digits.is_empty() {
        point = 1;
        digits.push(b'0');
    }
    Decimal { digits, point }
}

/// The text of a float in a style.
pub fn format(x: f64, style: Style, options: Options) -> String {
    let mut negative = x.is_sign_negative();
    if !x.is_finite() {
        let sign = if x.is_nan() { "" } else { sign_text(negative, options.plus) };
        let sign = if x.is_nan() && options.plus { "+" } else { sign };
        let word = match (x.is_nan(), options.upper) {
            (true, false) => "nan",
            (true, true) => "NAN",
            (false, false) => "inf",
            (false, true) => "INF",
        };
        return format!("{sign}{word}");
    }
    let magnitude = x.abs();
    let (decimal, with_exponent, least_end) = match style {
        Style::Repr => {
            let decimal = shortest(magnitude);
            let with_exponent = decimal.point <= -4 || decimal.point > 16;
            (decimal, with_exponent, 0)
        }
        Style::Fixed(precision) => {
            let text = format!("{:.*}", precision.min(MAX_FRACTION), magnitude);
            let decimal = read_decimal(text.as_bytes());
            let end = decimal.point + precision as i64;
            (decimal, false, end)
        }
        Style::Exponent(precision) => (significant(magnitude, precision.saturating_add(1)), true, precision as i64 + 1),
        Style::General(precision) => {
            let precision = precision.max(1);
            let decimal = significant(magnitude, precision);
            let limit = precision as i64 - i64::from(options.dot_zero);
            let with_exponent = decimal.point <= -4 || decimal.point > limit;
            (decimal, with_exponent, if options.alternate { precision as i64 } else { 0 })
        }
    };
    if options.no_negative_zero && decimal.digits == b"0" {
        negative = false;
    }
    let mut out = String::from(sign_text(negative, options.plus));
    layout(&mut out, &decimal, with_exponent, least_end, options);
    out
}

fn sign_text(negative: bool, plus: bool) -> &'static str {
    match (negative, plus) {
        (true, _) => "-",
        (false, true) => "+",
        (false, false) => "",
    }
}

/// Writes digits up to at least place `least_end`, padded with zeros, with a point and an exponent as needed.
fn layout(out: &mut String, decimal: &Decimal, with_exponent: bool, least_end: i64, options: Options) {
    let point = if with_exponent { 1 } else { decimal.point };
    let mut end = least_end.max(decimal.digits.len() as i64);
    end = end.max(if !with_exponent && options.dot_zero { point + 1 } else { point });
    let start = if point <= 0 { point - 1 } else { 0 };
    let digit = |place: i64| usize::try_from(place).ok().and_then(|i| decimal.digits.get(i)).copied().unwrap_or(b'0');
    for place in start..point {
        out.push(char::from(digit(place)));
    }
    if end > point || options.alternate {
        out.push('.');
    }
    for place in point..end {
        out.push(char::from(digit(place)));
    }
    if with_exponent {
        let exponent = decimal.point - 1;
        out.push(if options.upper { 'E' } else { 'e' });
        out.push(if exponent < 0 { '-' } else { '+' });
        let exponent = exponent.unsigned_abs();
        if exponent < 10 {
            out.push('0');
        }
        out.push_str(&exponent.to_string());
    }
}

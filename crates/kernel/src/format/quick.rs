//! The common numbers by the common specifications, written into a buffer of fixed size: no allocation, and exact.
//! Everything else is given up for the general way.

use super::spec::{Align, Grouping, Spec, padding};

const ROOM: usize = 160;
/// The widest that is laid out here.
const WIDEST: usize = 72;
/// The most digits behind the point.
const MOST_PRECISE: usize = 20;

/// A short ASCII text.
pub struct Short {
    bytes: [u8; ROOM],
    start: usize,
}

impl Short {
    fn new() -> Short {
        Short { bytes: [0; ROOM], start: ROOM }
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.start..]).unwrap_or_default()
    }

    /// Puts a byte in front. What is written is bounded by the widths accepted.
    #[inline]
    fn front(&mut self, byte: u8) {
        if self.start > 0 {
            self.start -= 1;
            self.bytes[self.start] = byte;
        }
    }

    fn len(&self) -> usize {
        ROOM - self.start
    }

    /// Puts decimal digits in front, at least so many, perhaps grouped by threes.
    fn decimal(&mut self, mut value: u64, least: usize, separator: Option<u8>) {
        let mut written = 0;
        loop {
            if let Some(separator) = separator
                && written > 0
                && written % 3 == 0
            {
                self.front(separator);
            }
            self.front(b'0' + (value % 10) as u8);
            value /= 10;
            written += 1;
            if value == 0 && written >= least {
                return;
            }
        }
    }

    fn radix(&mut self, mut value: u64, shift: u32, upper: bool) {
        let digits: &[u8; 16] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        loop {
            self.front(digits[(value & ((1 << shift) - 1)) as usize]);
            value >>= shift;
            if value == 0 {
                return;
            }
        }
    }

    /// Sign, prefix and padding around the digits that are there.
    fn lay_out(&mut self, negative: bool, prefix: &[u8], spec: &Spec) {
        let sign = match (negative, spec.sign) {
            (true, _) => Some(b'-'),
            (false, sign @ (b'+' | b' ')) => Some(sign),
            _ => None,
        };
        let head = prefix.len() + usize::from(sign.is_some());
        let missing = spec.width.unwrap_or(0).saturating_sub(self.len() + head);
        let fill = spec.fill as u8;
        if spec.align == Align::AfterSign {
            (0..missing).for_each(|_| self.front(fill));
        }
        prefix.iter().rev().for_each(|byte| self.front(*byte));
        if let Some(sign) = sign {
            self.front(sign);
        }
        let (left, right) = match spec.align {
            Align::AfterSign => return,
            align => padding(align, missing),
        };
        if right > 0 {
            self.bytes.copy_within(self.start.., self.start - right);
            self.start -= right;
            self.bytes[ROOM - right..].fill(fill);
        }
        (0..left).for_each(|_| self.front(fill));
    }
}

/// The decimal digits of a number.
pub struct Digits {
    bytes: [u8; 20],
    start: usize,
}

impl Digits {
    /// The digits of a number, with its sign.
    #[inline]
    pub fn of(value: i64) -> Digits {
        let mut digits = Digits { bytes: [0; 20], start: 20 };
        let mut left = value.unsigned_abs();
        loop {
            digits.front(b'0' + (left % 10) as u8);
            left /= 10;
            if left == 0 {
                break;
            }
        }
        if value < 0 {
            digits.front(b'-');
        }
        digits
    }

    #[inline]
    fn front(&mut self, byte: u8) {
        // A sign and the 19 digits of the smallest number fit.
        self.start = self.start.saturating_sub(1);
        self.bytes[self.start] = byte;
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.start..]).unwrap_or_default()
    }
}

/// Whether the padding and grouping are those that are done here; the separator.
fn separator(spec: &Spec) -> Option<Option<u8>> {
    if spec.fill >= 128 || spec.width.unwrap_or(0) > WIDEST || spec.fraction_grouping != Grouping::None {
        return None;
    }
    match spec.grouping {
        Grouping::None => Some(None),
        // Zeros that fill are grouped, too.
        _ if spec.align == Align::AfterSign => None,
        Grouping::Comma => Some(Some(b',')),
        Grouping::Underscore => Some(Some(b'_')),
        Grouping::UnderscoreFours => None,
    }
}

/// An integer.
pub fn int(value: i64, spec: &Spec) -> Option<Short> {
    let separator = separator(spec)?;
    if spec.precision.is_some() || spec.no_negative_zero {
        return None;
    }
    let mut out = Short::new();
    let magnitude = value.unsigned_abs();
    let prefix: &[u8] = match (u8::try_from(spec.code).ok()?, separator) {
        (0 | b'd', _) => {
            out.decimal(magnitude, 1, separator);
            b""
        }
        (code @ (b'x' | b'X'), None) => {
            out.radix(magnitude, 4, code == b'X');
            if code == b'X' { b"0X" } else { b"0x" }
        }
        (b'o', None) => {
            out.radix(magnitude, 3, false);
            b"0o"
        }
        (b'b', None) => {
            out.radix(magnitude, 1, false);
            b"0b"
        }
        _ => return None,
    };
    out.lay_out(value < 0, if spec.alternate { prefix } else { b"" }, spec);
    Some(out)
}

/// A float with a fixed number of digits behind the point.
pub fn float(x: f64, spec: &Spec) -> Option<Short> {
    let separator = separator(spec)?;
    let (x, percent) = match u8::try_from(spec.code).ok()? {
        b'f' | b'F' => (x, false),
        b'%' => (x * 100.0, true),
        _ => return None,
    };
    let precision = spec.precision.unwrap_or(6);
    if !x.is_finite() || precision > MOST_PRECISE {
        return None;
    }
    let scaled = scaled(x.abs(), precision)?;
    let mut out = Short::new();
    if percent {
        out.front(b'%');
    }
    let one = 10u64.checked_pow(precision as u32)?;
    if precision > 0 {
        out.decimal(scaled % one, precision, None);
    }
    if precision > 0 || spec.alternate {
        out.front(b'.');
    }
    out.decimal(scaled / one, 1, separator);
    let negative = x.is_sign_negative() && !(spec.no_negative_zero && scaled == 0);
    out.lay_out(negative, b"", spec);
    Some(out)
}

/// `x * 10**precision`, rounded half to even from the exact product, where that is not too large.
fn scaled(x: f64, precision: usize) -> Option<u64> {
    let bits = x.to_bits();
    let (exponent, fraction) = ((bits >> 52) as i32 & 0x7ff, bits & ((1 << 52) - 1));
    let (mantissa, exponent) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    // 53 bits and 67 of the power of ten are less than 128.
    let product = u128::from(mantissa) * 10u128.checked_pow(precision as u32)?;
    if exponent >= 0 {
        return if exponent <= 10 { u64::try_from(product << exponent).ok() } else { None };
    }
    let shift = exponent.unsigned_abs();
    if shift >= 128 {
        // Less than half of the last place.
        return Some(0);
    }
    let (quotient, rest, half) = (product >> shift, product & ((1 << shift) - 1), 1u128 << (shift - 1));
    let up = rest > half || rest == half && quotient & 1 == 1;
    u64::try_from(quotient + u128::from(up)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{IntRef, format_float, format_int};

    fn parse(text: &str) -> Spec {
        Spec::parse(text.len(), |i| u32::from(text.as_bytes()[i]), Align::Right, "x").unwrap()
    }

    #[test]
    fn agrees_with_the_general_way() {
        let floats =
            [0.0, -0.0, 0.5, 1.5, 2.5, 0.125, 1e-7, 3.25159, -2.675, 1e9 + 0.1, 123456.789, 5e-324, 1e-40, 0.05];
        for spec in
            ["f", ".0f", ".1f", ".2f", "10.3f", "<10.2f", "^11.1f", "+.2f", "08.2f", ",.2f", ".1%", "#.0f", "z.1f"]
        {
            let spec = parse(spec);
            for x in floats {
                let general = format_float(x, &spec, "float").unwrap().to_text().unwrap();
                if let Some(quick) = float(x, &spec) {
                    assert_eq!(quick.as_str(), general, "{x} {spec:?}");
                }
            }
        }
        for spec in
            ["", "d", "5d", "<5d", "^7d", "05d", "+d", " d", "x", "#x", "#06X", "o", "b", ",", "_d", "*^20,d", "=+9d"]
        {
            let spec = parse(spec);
            for value in [0, 1, -1, 42, -1234567, i64::MAX, i64::MIN] {
                let general = format_int(IntRef::Small(value), &spec, "int", 0).unwrap().to_text().unwrap();
                let quick = int(value, &spec).expect("a common specification");
                assert_eq!(quick.as_str(), general, "{value} {spec:?}");
            }
        }
    }
}

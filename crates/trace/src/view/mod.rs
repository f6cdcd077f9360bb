//! Views: what is made of a recording, and of nothing else.

pub mod costs;
pub mod folded;
pub mod html;
pub mod index;
pub mod paper;
pub mod perfetto;
pub mod report;
pub mod speedscope;
pub mod stacks;

/// Nanoseconds for people: three digits and a unit.
pub fn duration(nanoseconds: u64) -> String {
    let (value, unit) = match nanoseconds {
        0..1_000 => return format!("{nanoseconds} ns"),
        1_000..1_000_000 => (nanoseconds as f64 / 1e3, "µs"),
        1_000_000..1_000_000_000 => (nanoseconds as f64 / 1e6, "ms"),
        _ => (nanoseconds as f64 / 1e9, "s"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

/// Bytes for people.
pub fn bytes(count: u64) -> String {
    let (value, unit) = match count {
        0..1024 => return format!("{count} B"),
        1024..1_048_576 => (count as f64 / 1024.0, "KiB"),
        1_048_576..1_073_741_824 => (count as f64 / 1_048_576.0, "MiB"),
        _ => (count as f64 / 1_073_741_824.0, "GiB"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

/// A whole number with its thousands apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// The last part of a path.
pub fn short_path(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::{bytes, duration, grouped};

    #[test]
    fn figures_have_three_digits() {
        assert_eq!(duration(999), "999 ns");
        assert_eq!(duration(1_234), "1.23 µs");
        assert_eq!(duration(12_345_678), "12.3 ms");
        assert_eq!(bytes(1536), "1.50 KiB");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}

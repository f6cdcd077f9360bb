//! Prints everything the Unicode tables say of each code point, one line each, as
//! `xtask/scripts/unicode_dump.py` prints what CPython says: the two outputs must be the same.

use oriel_kernel::unicode::{self, Database, Mapped, names, normalize};
use std::io::Write;

fn hex(text: impl IntoIterator<Item = u32>) -> String {
    text.into_iter().map(|c| format!("{c:x}")).collect::<Vec<_>>().join(" ")
}

fn mapped(m: Mapped) -> String {
    let mut all = Vec::new();
    m.each(|c| all.push(c));
    hex(all)
}

fn opt<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or("-".to_string(), |v| v.to_string())
}

fn database(db: Database, c: u32) -> String {
    let decomposition =
        db.decomposition(c).map_or(String::new(), |(tag, parts)| format!("{tag} {}", hex(parts.iter().copied())));
    let mut out = format!(
        "{} {} {} {} {} {} {} {} <{}>",
        db.category(c),
        db.bidirectional(c),
        db.combining(c),
        db.east_asian_width(c),
        u8::from(db.mirrored(c)),
        opt(db.decimal(c)),
        opt(db.digit(c)),
        opt(db.numeric(c).map(|v| format!("{:016x}", v.to_bits()))),
        decomposition.trim(),
    );
    for form in [normalize::Form::Nfc, normalize::Form::Nfd, normalize::Form::Nfkc, normalize::Form::Nfkd] {
        for text in [vec![c], vec![0x61, 0x300, c, 0x323, 0x301, c], vec![0x1100, c, 0x11a8, c, c]] {
            out += &format!(" {}", hex(normalize::normalize(form, db, text.into_iter())));
        }
    }
    out
}

fn main() {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let tests: [fn(u32) -> bool; 13] = [
        unicode::is_alpha,
        unicode::is_decimal,
        unicode::is_digit,
        unicode::is_numeric,
        unicode::is_alnum,
        unicode::is_lower,
        unicode::is_upper,
        unicode::is_title,
        unicode::is_xid_continue,
        unicode::is_printable,
        unicode::is_space,
        unicode::is_line_break,
        unicode::is_sre_cased,
    ];
    for c in 0..0x110000 {
        let flags: String = tests.iter().map(|t| if t(c) { '1' } else { '0' }).collect();
        let name = names::name(c);
        let back = match name.as_deref().map(|n| names::lookup(n, true)) {
            Some(Some(names::Named::Character(c))) => format!("{c:x}"),
            Some(_) => "wrong".to_string(),
            None => String::new(),
        };
        let line = format!(
            "{c:x} {flags} {} | {} | {} | {} | {:x} | {} | {} | {} {}",
            mapped(unicode::to_upper(c)),
            mapped(unicode::to_lower(c)),
            mapped(unicode::to_title(c)),
            mapped(unicode::to_folded(c)),
            unicode::to_simple_lower(c),
            database(Database::Current, c),
            database(Database::V3_2, c),
            name.unwrap_or_default(),
            back,
        );
        if writeln!(out, "{line}").is_err() {
            return;
        }
    }
}

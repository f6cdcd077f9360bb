//! Names of characters and the way back: names, aliases, named sequences, Hangul syllables and names made of a
//! prefix and the code point. The names are packed in `names.bin`, words numbered by how often they occur.

use super::tables;

static BLOB: &[u8] = include_bytes!("names.bin");

const HANGUL_FIRST: u32 = 0xAC00;
const HANGUL_LAST: u32 = 0xD7A3;
const LEADS: [&str; 19] =
    ["G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H"];
const VOWELS: [&str; 21] = [
    "A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI", "YU", "EU",
    "YI", "I",
];
const TAILS: [&str; 28] = [
    "", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS", "S",
    "SS", "NG", "J", "C", "K", "T", "P", "H",
];

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A character, by name or alias.
    Character(u32),
    /// A named sequence.
    Sequence(&'static [u32]),
}

fn section(number: usize) -> &'static [u8] {
    let (start, end) = tables::NAME_SECTIONS[number];
    &BLOB[start..end]
}

fn offset(table: &[u8], index: usize) -> usize {
    table[index * 4..index * 4 + 4].iter().rev().fold(0, |sum, byte| sum << 8 | *byte as usize)
}

/// Appends word `number` of the lexicon, with the blank or hyphen before it.
fn push_word(out: &mut String, number: usize) {
    let words = section(1);
    let mut at = offset(section(0), number / 16);
    for _ in 0..number % 16 {
        while words[at] & 0x80 == 0 {
            at += 1;
        }
        at += 1;
    }
    loop {
        out.push((words[at] & 0x7F) as char);
        if words[at] & 0x80 != 0 {
            return;
        }
        at += 1;
    }
}

/// Appends packed name `number`.
fn push_name(out: &mut String, number: usize) {
    let names = section(3);
    let mut at = offset(section(2), number / 16);
    for _ in 0..number % 16 {
        while names[at] != 0 {
            // The second byte of a two-byte word may be zero.
            at += if names[at] as usize > tables::SHORT_WORDS { 2 } else { 1 };
        }
        at += 1;
    }
    loop {
        let byte = names[at] as usize;
        at += 1;
        if byte == 0 {
            return;
        }
        if byte <= tables::SHORT_WORDS {
            push_word(out, byte - 1);
        } else {
            let high = byte - 1 - tables::SHORT_WORDS;
            push_word(out, tables::SHORT_WORDS + (high << 8 | names[at] as usize));
            at += 1;
        }
    }
}

fn derived(c: u32) -> Option<&'static (u32, u32, u8, bool)> {
    let at = tables::DERIVED_NAMES.partition_point(|entry| entry.1 < c);
    tables::DERIVED_NAMES.get(at).filter(|entry| entry.0 <= c)
}

/// The name of a character.
pub fn name(c: u32) -> Option<String> {
    if (HANGUL_FIRST..=HANGUL_LAST).contains(&c) {
        let index = (c - HANGUL_FIRST) as usize;
        let (lead, vowel, tail) = (index / 588, index / 28 % 21, index % 28);
        return Some(format!("HANGUL SYLLABLE {}{}{}", LEADS[lead], VOWELS[vowel], TAILS[tail]));
    }
    if let Some((_, _, prefix, shown)) = derived(c) {
        return shown.then(|| format!("{}{c:X}", tables::DERIVED_PREFIXES[*prefix as usize]));
    }
    let at = tables::NAME_SPANS.partition_point(|span| span.1 < c);
    let (first, _, number) = *tables::NAME_SPANS.get(at).filter(|span| span.0 <= c)?;
    let mut out = String::new();
    push_name(&mut out, number as usize + (c - first) as usize);
    Some(out)
}

/// The longest part that `text` starts with, and its number: how Hangul syllables are spelt.
fn longest(parts: &[&str], text: &str) -> Option<(usize, usize)> {
    parts
        .iter()
        .enumerate()
        .filter(|(_, part)| text.starts_with(**part))
        .max_by_key(|(_, part)| part.len())
        .map(|(number, part)| (number, part.len()))
}

fn hangul(rest: &str) -> Option<u32> {
    let (lead, len) = longest(&LEADS, rest)?;
    let rest = &rest[len..];
    // An empty vowel does not exist: nothing found is no syllable.
    let (vowel, len) = longest(&VOWELS, rest)?;
    let rest = &rest[len..];
    let (tail, len) = longest(&TAILS, rest)?;
    (len == rest.len()).then_some(HANGUL_FIRST + ((lead * 21 + vowel) * 28 + tail) as u32)
}

/// The character number of the `index`th name in alphabetical order.
fn sorted_number(index: usize) -> usize {
    let order = section(4);
    order[index * 2] as usize | (order[index * 2 + 1] as usize) << 8
}

fn numbered(number: usize) -> u32 {
    let at = tables::NAME_SPANS.partition_point(|span| span.2 as usize <= number) - 1;
    let (first, _, start) = tables::NAME_SPANS[at];
    first + (number - start as usize) as u32
}

/// What a name stands for, in any mix of upper and lower case. `sequences`: are named sequences allowed?
pub fn lookup(name: &str, sequences: bool) -> Option<Named> {
    if !name.is_ascii() || name.len() > 256 {
        return None;
    }
    let name = name.to_ascii_uppercase();
    if let Some(rest) = name.strip_prefix("HANGUL SYLLABLE ")
        && let Some(c) = hangul(rest)
    {
        return Some(Named::Character(c));
    }
    for (number, prefix) in tables::DERIVED_PREFIXES.iter().enumerate() {
        if let Some(digits) = name.strip_prefix(prefix)
            && matches!(digits.len(), 4 | 5)
            && digits.bytes().all(|b| b.is_ascii_hexdigit())
        {
            let c = u32::from_str_radix(digits, 16).ok()?;
            let known = derived(c).is_some_and(|entry| entry.2 as usize == number);
            if known && !(digits.len() == 5 && digits.starts_with('0')) {
                return Some(Named::Character(c));
            }
        }
    }
    let count = section(4).len() / 2;
    let (mut low, mut high) = (0, count);
    let mut found = String::with_capacity(tables::LONGEST_NAME);
    while low < high {
        let middle = (low + high) / 2;
        let number = sorted_number(middle);
        found.clear();
        push_name(&mut found, number);
        match found.as_str().cmp(&name) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(Named::Character(numbered(number))),
        }
    }
    if let Ok(at) = tables::ALIASES.binary_search_by_key(&name.as_str(), |entry| entry.0) {
        return Some(Named::Character(tables::ALIASES[at].1));
    }
    if sequences && let Ok(at) = tables::SEQUENCES.binary_search_by_key(&name.as_str(), |entry| entry.0) {
        return Some(Named::Sequence(tables::SEQUENCES[at].1));
    }
    None
}

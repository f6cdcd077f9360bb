//! Normal forms NFC, NFD, NFKC and NFKD, on code points (lone surrogates pass through).

use super::{Database, data_record, decomposition_entry, tables};

/// A normal form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Canonical composition.
    Nfc,
    /// Canonical decomposition.
    Nfd,
    /// Compatibility composition.
    Nfkc,
    /// Compatibility decomposition.
    Nfkd,
}

impl Form {
    /// By Python's name for it.
    pub fn from_name(name: &str) -> Option<Form> {
        Some(match name {
            "NFC" => Form::Nfc,
            "NFD" => Form::Nfd,
            "NFKC" => Form::Nfkc,
            "NFKD" => Form::Nfkd,
            _ => return None,
        })
    }

    fn compatibility(self) -> bool {
        matches!(self, Form::Nfkc | Form::Nfkd)
    }

    fn composes(self) -> bool {
        matches!(self, Form::Nfc | Form::Nfkc)
    }

    fn quick_bit(self) -> u8 {
        match self {
            Form::Nfd => 1,
            Form::Nfkd => 2,
            Form::Nfc => 4,
            Form::Nfkc => 8,
        }
    }
}

const S_BASE: u32 = 0xAC00;
const L_BASE: u32 = 0x1100;
const V_BASE: u32 = 0x1161;
const T_BASE: u32 = 0x11A7;
const L_COUNT: u32 = 19;
const V_COUNT: u32 = 21;
const T_COUNT: u32 = 28;
const S_COUNT: u32 = L_COUNT * V_COUNT * T_COUNT;

/// Is the text certainly in the form already, by the properties of its code points alone?
pub fn quick_check(form: Form, text: impl Iterator<Item = u32>) -> bool {
    let bit = form.quick_bit();
    let mut previous = 0;
    for c in text {
        if c < 0xC0 && (c < 0xA0 || !form.compatibility()) {
            previous = 0;
            continue;
        }
        let record = data_record(c);
        if record.quick & bit != 0 || record.combining != 0 && record.combining < previous {
            return false;
        }
        previous = record.combining;
    }
    true
}

/// The text in the given form.
pub fn normalize(form: Form, database: Database, text: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut out = decompose(form.compatibility(), database, text);
    if form.composes() {
        compose(&mut out);
    }
    out
}

fn decompose(compatibility: bool, database: Database, text: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut out: Vec<u32> = Vec::with_capacity(text.size_hint().0);
    let mut pending: Vec<u32> = Vec::new();
    // Start of the current run of combining marks in `out`: it is sorted when the run ends.
    let mut run = 0;
    for c in text {
        pending.push(c);
        while let Some(c) = pending.pop() {
            if c < 0xA0 {
                sort_run(&mut out, run);
                out.push(c);
                run = out.len();
                continue;
            }
            if (S_BASE..S_BASE + S_COUNT).contains(&c) {
                sort_run(&mut out, run);
                let index = c - S_BASE;
                out.push(L_BASE + index / (V_COUNT * T_COUNT));
                out.push(V_BASE + index / T_COUNT % V_COUNT);
                if !index.is_multiple_of(T_COUNT) {
                    out.push(T_BASE + index % T_COUNT);
                }
                run = out.len();
                continue;
            }
            let record = data_record(c);
            if record.quick & if compatibility { 2 } else { 1 } != 0
                && let Some(parts) = parts(compatibility, database, c)
            {
                match parts {
                    Parts::Table(parts) => pending.extend(parts.iter().rev()),
                    Parts::Old(part) => pending.push(part),
                }
                continue;
            }
            out.push(c);
            if record.combining == 0 {
                let last = out.len() - 1;
                sort_run_until(&mut out, run, last);
                run = out.len();
            }
        }
    }
    sort_run(&mut out, run);
    out
}

enum Parts {
    Table(&'static [u32]),
    Old(u32),
}

fn parts(compatibility: bool, database: Database, c: u32) -> Option<Parts> {
    if database == Database::V3_2 {
        if !database.is_assigned(c) {
            return None;
        }
        if let Ok(at) = tables::OLD_DECOMPOSITIONS.binary_search_by_key(&c, |entry| entry.0) {
            return Some(Parts::Old(tables::OLD_DECOMPOSITIONS[at].1));
        }
    }
    let (tag, parts) = decomposition_entry(c)?;
    (tag.is_empty() || compatibility).then_some(Parts::Table(parts))
}

fn sort_run(out: &mut [u32], start: usize) {
    let end = out.len();
    sort_run_until(out, start, end);
}

/// Sorts marks by combining class, keeping the order of equals.
fn sort_run_until(out: &mut [u32], start: usize, end: usize) {
    if end - start > 1 {
        out[start..end].sort_by_key(|c| data_record(*c).combining);
    }
}

fn composed(first: u32, second: u32) -> Option<u32> {
    if (L_BASE..L_BASE + L_COUNT).contains(&first) && (V_BASE..V_BASE + V_COUNT).contains(&second) {
        return Some(S_BASE + ((first - L_BASE) * V_COUNT + second - V_BASE) * T_COUNT);
    }
    if (S_BASE..S_BASE + S_COUNT).contains(&first)
        && (first - S_BASE).is_multiple_of(T_COUNT)
        && (T_BASE + 1..T_BASE + T_COUNT).contains(&second)
    {
        return Some(first + second - T_BASE);
    }
    let at = tables::COMPOSITIONS.binary_search_by_key(&(first, second), |entry| (entry.0, entry.1)).ok()?;
    Some(tables::COMPOSITIONS[at].2)
}

/// Composes a decomposed text in place.
fn compose(text: &mut Vec<u32>) {
    let mut starter: Option<usize> = None;
    let mut written = 0;
    // Combining class of the last mark kept since the starter; 0 straight after it.
    let mut last = 0;
    let mut adjacent = true;
    for read in 0..text.len() {
        let c = text[read];
        let class = if c < 0x300 { 0 } else { data_record(c).combining };
        if let Some(place) = starter {
            let blocked = if adjacent { false } else { class == 0 || last >= class };
            if !blocked
                && c >= 0x300
                && let Some(whole) = composed(text[place], c)
            {
                text[place] = whole;
                continue;
            }
        }
        text[written] = c;
        if class == 0 {
            starter = Some(written);
            adjacent = true;
        } else {
            adjacent = false;
        }
        last = class;
        written += 1;
    }
    text.truncate(written);
}

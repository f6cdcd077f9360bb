//! Docstrings without the indentation of the source, as `inspect.cleandoc` gives them, blank lines kept.

use oriel_bytecode::{Constant, Text};

/// The docstring `doc` cleaned.
pub(crate) fn clean(doc: Constant) -> Constant {
    match doc {
        Constant::Str(text) => Constant::Str(clean_text(&text)),
        other => other,
    }
}

fn clean_text(text: &Text) -> Text {
    let expanded = expand_tabs(text.as_bytes());
    let doc = expanded.as_deref().unwrap_or(text.as_bytes());
    let margin = doc
        .split(|byte| *byte == b'\n')
        .skip(1)
        .filter_map(|line| line.iter().position(|byte| *byte != b' '))
        .min()
        .unwrap_or(0);
    if expanded.is_none() && margin == 0 && doc.first() != Some(&b' ') {
        return text.clone();
    }
    let mut cleaned = Vec::with_capacity(doc.len());
    for (index, line) in doc.split(|byte| *byte == b'\n').enumerate() {
        let spaces = line.iter().take_while(|byte| **byte == b' ').count();
        if index == 0 {
            cleaned.extend_from_slice(&line[spaces..]);
        } else {
            cleaned.push(b'\n');
            cleaned.extend_from_slice(&line[spaces.min(margin)..]);
        }
    }
    Text::from_bytes(&cleaned).unwrap_or_else(|| text.clone())
}

/// Tabs to spaces, to columns that are multiples of eight; `None` without tabs.
fn expand_tabs(text: &[u8]) -> Option<Vec<u8>> {
    if !text.contains(&b'\t') {
        return None;
    }
    let mut expanded = Vec::with_capacity(text.len() + 64);
    let mut column = 0;
    for byte in text {
        match byte {
            b'\t' => {
                let spaces = 8 - column % 8;
                expanded.resize(expanded.len() + spaces, b' ');
                column += spaces;
            }
            b'\n' | b'\r' => {
                expanded.push(*byte);
                column = 0;
            }
            _ => {
                expanded.push(*byte);
                // Only the first byte of a character takes a column.
                column += usize::from(byte & 0xc0 != 0x80);
            }
        }
    }
    Some(expanded)
}

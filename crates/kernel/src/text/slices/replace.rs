//! Where the pieces of a replacement are.

use super::Unit;
use super::search::Needle;

/// Walks over the parts of `text` around up to `max` occurrences of `from`: `emit` gets each part between (`None`
/// stands for a place where the replacement goes). Nothing is emitted, and false returned, if there is none.
pub fn replace<'a, T: Unit>(text: &'a [T], from: &[T], max: usize, mut emit: impl FnMut(Option<&'a [T]>)) -> bool {
    if max == 0 {
        return false;
    }
    if from.is_empty() {
        // Before each unit and at the end, `max` times at most.
        let between = max.min(text.len() + 1);
        for unit in text.chunks(1).take(between) {
            emit(None);
            emit(Some(unit));
        }
        if between > text.len() {
            emit(None);
        } else {
            emit(Some(&text[between..]));
        }
        return true;
    }
    let needle = Needle::forward_in(from, text.len());
    let Some(first) = needle.find(text) else { return false };
    emit(Some(&text[..first]));
    emit(None);
    let mut rest = &text[first + from.len()..];
    for _ in 1..max {
        let Some(at) = needle.find(rest) else { break };
        emit(Some(&rest[..at]));
        emit(None);
        rest = &rest[at + from.len()..];
    }
    emit(Some(rest));
    true
}

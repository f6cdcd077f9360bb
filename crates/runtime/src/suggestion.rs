//! "Did you mean ...?": which known name is meant by a misspelt one, by CPython's edit distance.

const MOVE_COST: usize = 2;
const CASE_COST: usize = 1;
const LONGEST: usize = 40;
const MOST_CANDIDATES: usize = 750;

fn substitution(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE_COST
    } else {
        MOVE_COST
    }
}

/// The distance of two words, or something larger than `limit` where it is that large.
fn distance(a: &[u8], b: &[u8], limit: usize) -> usize {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (mut a, mut b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    if a.is_empty() || b.is_empty() {
        return (a.len() + b.len()) * MOVE_COST;
    }
    if a.len() > LONGEST || b.len() > LONGEST {
        return limit + 1;
    }
    if b.len() < a.len() {
        std::mem::swap(&mut a, &mut b);
    }
    if (b.len() - a.len()) * MOVE_COST > limit {
        return limit + 1;
    }
    let mut row: Vec<usize> = (1..=a.len()).map(|index| index * MOVE_COST).collect();
    let mut result = 0;
    for (b_index, &b_byte) in b.iter().enumerate() {
        let mut diagonal = b_index * MOVE_COST;
        result = diagonal;
        let mut smallest = usize::MAX;
        for (index, &a_byte) in a.iter().enumerate() {
            let substituted = diagonal + substitution(b_byte, a_byte);
            diagonal = row[index];
            let inserted = result.min(diagonal) + MOVE_COST;
            result = inserted.min(substituted);
            row[index] = result;
            smallest = smallest.min(result);
        }
        if smallest > limit {
            return limit + 1;
        }
    }
    result
}

/// The candidate that is most like the name, if any is like enough.
pub fn suggest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<&str> = None;
    let mut best_distance = usize::MAX;
    for (number, candidate) in candidates.enumerate() {
        if number >= MOST_CANDIDATES {
            return None;
        }
        if candidate == name {
            continue;
        }
        // No more than a third of the characters may need changing.
        let limit = ((name.len() + candidate.len() + 3) * MOVE_COST / 6).min(best_distance.saturating_sub(1));
        let found = distance(name.as_bytes(), candidate.as_bytes(), limit);
        if found <= limit && (best.is_none() || found < best_distance) {
            best = Some(candidate);
            best_distance = found;
        }
    }
    best
}

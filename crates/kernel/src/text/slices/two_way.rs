//! The two-way algorithm of Crochemore and Perrin: substring search in linear time and constant space. It is the
//! fallback for wide units where the search for bytes meets too many misaligned candidates.

use super::Unit;

pub(super) fn find<T: Unit>(hay: &[T], needle: &[T]) -> Option<usize> {
    let n = needle.len();
    let (cut, period) = critical_factorization(needle);
    let periodic = needle[..cut] == needle[period..period + cut];
    let shift = if periodic { period } else { cut.max(n - cut) + 1 };
    let (mut at, mut memory) = (0, 0);
    while at + n <= hay.len() {
        let window = &hay[at..at + n];
        let mut i = cut.max(memory);
        while i < n && needle[i] == window[i] {
            i += 1;
        }
        if i < n {
            at += i - cut + 1;
            memory = 0;
            continue;
        }
        let mut j = cut;
        while j > memory && needle[j - 1] == window[j - 1] {
            j -= 1;
        }
        if j <= memory {
            return Some(at);
        }
        at += shift;
        memory = if periodic { n - period } else { 0 };
    }
    None
}

fn critical_factorization<T: Unit>(needle: &[T]) -> (usize, usize) {
    let smaller = maximal_suffix(needle, |a, b| a < b);
    let greater = maximal_suffix(needle, |a, b| a > b);
    if smaller.0 > greater.0 { smaller } else { greater }
}

fn maximal_suffix<T: Unit>(needle: &[T], before: impl Fn(T, T) -> bool) -> (usize, usize) {
    let (mut left, mut right, mut offset, mut period) = (0, 1, 0, 1);
    while right + offset < needle.len() {
        let (a, b) = (needle[right + offset], needle[left + offset]);
        if before(a, b) {
            right += offset + 1;
            offset = 0;
            period = right - left;
        } else if a == b {
            if offset + 1 == period {
                right += period;
                offset = 0;
            } else {
                offset += 1;
            }
        } else {
            left = right;
            right += 1;
            offset = 0;
            period = 1;
        }
    }
    (left, period)
}

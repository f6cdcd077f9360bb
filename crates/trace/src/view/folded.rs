//! Folded stacks: one line a stack with the nanoseconds spent on its top, for flame graphs.

use super::index::Index;
use super::stacks::{Change, changes, name};
use crate::reader::Recording;
use std::collections::BTreeMap;

/// The text.
pub fn folded(recording: &Recording) -> String {
    let index = Index::new(recording);
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for (thread, changes) in changes(&index) {
        let mut stack = vec![format!("thread {thread}")];
        let mut since = 0;
        for (time, change) in changes {
            if stack.len() > 1 && time > since {
                *sums.entry(stack.join(";")).or_default() += time - since;
            }
            since = time;
            match change {
                // A semicolon separates, so no name may hold one.
                Change::Open(place) => stack.push(name(&index, place).replace(';', ",")),
                Change::Close(_) => drop(stack.pop()),
            }
        }
    }
    sums.iter().map(|(stack, time)| format!("{stack} {time}\n")).collect()
}

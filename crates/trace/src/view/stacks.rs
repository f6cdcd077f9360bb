//! Call stacks over time, from the events of frames: what profiles and timelines are made of.

use super::index::Index;
use crate::event::Data;
use std::collections::{BTreeMap, HashMap};

/// Something that is on a stack for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place<'a> {
    /// A Python function, by its code object.
    Code(u32),
    /// A native function.
    Native(&'a str),
    /// A frame whose call was dropped.
    Unknown,
}

/// A change of a thread's stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// Something begins on top.
    Open(Place<'a>),
    /// What is on top ends.
    Close(Place<'a>),
}

/// The changes of each thread's stack in order of time; all that is opened is closed.
pub fn changes<'a>(index: &Index<'a>) -> BTreeMap<u32, Vec<(u64, Change<'a>)>> {
    let mut threads: BTreeMap<u32, Walk<'a>> = BTreeMap::new();
    let place = |frame: u64| index.frames.get(&frame).map_or(Place::Unknown, |life| Place::Code(life.code));
    for event in &index.recording.events {
        let walk = threads.entry(event.thread).or_default();
        let time = event.time;
        match &event.data {
            Data::Call(call) => {
                walk.settle(time, call.by);
                walk.open(time, call.f, Place::Code(call.c));
            }
            Data::Resume { f, by, .. } => {
                walk.settle(time, *by);
                walk.open(time, *f, place(*f));
            }
            Data::Return { f, .. } | Data::Unwind { f, .. } | Data::Suspend { f, .. } => walk.close(time, *f),
            Data::Native(native) if native.dur > 0 => {
                let start = time.saturating_sub(native.dur);
                let place = Place::Native(&native.name);
                // What the native function called in turn was written before it.
                if walk.last <= start {
                    walk.changes.push((start, Change::Open(place)));
                    walk.changes.push((time, Change::Close(place)));
                    walk.last = time;
                }
            }
            Data::Gap { .. } => threads.values_mut().for_each(|walk| walk.close_all(time)),
            _ => {}
        }
    }
    threads.retain(|_, walk| !walk.changes.is_empty());
    threads
        .into_iter()
        .map(|(thread, mut walk)| {
            walk.close_all(index.end);
            (thread, walk.changes)
        })
        .collect()
}

#[derive(Default)]
struct Walk<'a> {
    stack: Vec<(u64, Place<'a>)>,
    depth_of: HashMap<u64, usize>,
    changes: Vec<(u64, Change<'a>)>,
    last: u64,
}

impl<'a> Walk<'a> {
    fn push(&mut self, time: u64, change: Change<'a>) {
        self.last = self.last.max(time);
        self.changes.push((self.last, change));
    }

    fn open(&mut self, time: u64, frame: u64, place: Place<'a>) {
        self.depth_of.insert(frame, self.stack.len());
        self.stack.push((frame, place));
        self.push(time, Change::Open(place));
    }

    /// Closes what lies above a frame.
    fn settle(&mut self, time: u64, frame: u64) {
        let Some(depth) = self.depth_of.get(&frame).copied() else { return };
        while self.stack.len() > depth + 1 {
            self.pop(time);
        }
    }

    fn pop(&mut self, time: u64) {
        if let Some((frame, place)) = self.stack.pop() {
            self.depth_of.remove(&frame);
            self.push(time, Change::Close(place));
        }
    }

    fn close(&mut self, time: u64, frame: u64) {
        if self.depth_of.contains_key(&frame) {
            self.settle(time, frame);
            self.pop(time);
        }
    }

    fn close_all(&mut self, time: u64) {
        while !self.stack.is_empty() {
            self.pop(time);
        }
    }
}

/// The name of a place.
pub fn name<'a>(index: &Index<'a>, place: Place<'a>) -> &'a str {
    match place {
        Place::Code(code) => index.codes.get(&code).map_or("?", |code| &code.name),
        Place::Native(name) => name,
        Place::Unknown => "(not recorded)",
    }
}

/// The file and line of a place.
pub fn location<'a>(index: &Index<'a>, place: Place<'a>) -> Option<(&'a str, u32)> {
    match place {
        Place::Code(code) => index.codes.get(&code).map(|code| (code.file.as_str(), code.line)),
        Place::Native(_) | Place::Unknown => None,
    }
}

//! The file format of speedscope: one evented profile a thread.

use super::index::Index;
use super::stacks::{Change, Place, changes, location, name};
use crate::reader::Recording;
use serde_json::{Value, json};
use std::collections::HashMap;

/// The file's content.
pub fn speedscope(recording: &Recording) -> String {
    let index = Index::new(recording);
    let mut numbers: HashMap<Place<'_>, usize> = HashMap::new();
    let mut frames: Vec<Value> = Vec::new();
    let mut profiles: Vec<Value> = Vec::new();
    for (thread, changes) in changes(&index) {
        let start = changes.first().map_or(0, |(time, _)| *time);
        let end = changes.last().map_or(0, |(time, _)| *time);
        let mut events = Vec::with_capacity(changes.len());
        for (time, change) in changes {
            let (kind, place) = match change {
                Change::Open(place) => ("O", place),
                Change::Close(place) => ("C", place),
            };
            let number = *numbers.entry(place).or_insert_with(|| {
                frames.push(match location(&index, place) {
                    Some((file, line)) => json!({ "name": name(&index, place), "file": file, "line": line }),
                    None => json!({ "name": name(&index, place) }),
                });
                frames.len() - 1
            });
            events.push(json!({ "type": kind, "frame": number, "at": time }));
        }
        profiles.push(json!({
            "type": "evented",
            "name": format!("thread {thread}"),
            "unit": "nanoseconds",
            "startValue": start,
            "endValue": end,
            "events": events,
        }));
    }
    if profiles.is_empty() {
        profiles.push(json!({
            "type": "evented", "name": "no calls were recorded", "unit": "nanoseconds",
            "startValue": 0, "endValue": 0, "events": [],
        }));
    }
    let file = json!({
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "shared": { "frames": frames },
        "profiles": profiles,
        "name": index.script,
        "activeProfileIndex": 0,
        "exporter": format!("oriel {}", recording.header.oriel),
    });
    file.to_string()
}

//! Memory drawn: frames and objects word by word, tables, pages, and the graph of what a name reaches.

use super::Report;
use crate::event::{Data, Graph, Word};
use crate::view::bytes;
use crate::view::paper::Ink;
use std::collections::{HashMap, HashSet};

impl Report<'_> {
    pub(super) fn has_memory(&self) -> bool {
        self.index.recording.events.iter().any(|event| {
            matches!(event.data, Data::FrameMemory(_) | Data::ObjectMemory(_) | Data::PageMemory(_) | Data::Graph(_))
        })
    }

    pub(super) fn memory(&mut self) {
        self.heading("9", "memory", "Frames, objects and pages as they lie there.");
        let index = self.index;
        for event in &index.recording.events {
            match &event.data {
                Data::FrameMemory(frame) => {
                    let words = format!(
                        "frame {} of {} at {}, line {}, at {}",
                        frame.f,
                        frame.name,
                        self.options.address(frame.address),
                        frame.line,
                        frame.moment
                    );
                    self.paper.put(Ink::Plain, "  ").fit(Ink::Strong, &words).end();
                    self.words(&frame.words);
                }
                Data::ObjectMemory(object) => {
                    if object.address == 0 {
                        let words = format!("{}: {}, an immediate: the word is the value", object.name, object.ty);
                        self.paper.put(Ink::Plain, "  ").fit(Ink::Strong, &words).end();
                        continue;
                    }
                    let count = object.count.map_or("immortal".to_owned(), |count| format!("count {count}"));
                    let words = format!(
                        "{}: {} at {}, {count}, block of {}",
                        object.name,
                        object.ty,
                        self.options.address(object.address),
                        bytes(object.block.into())
                    );
                    self.paper.put(Ink::Plain, "  ").fit(Ink::Strong, &words).end();
                    self.words(&object.words);
                    if !object.shape.is_empty() {
                        self.paper.pair("shape", Ink::Plain, &object.shape.join(", "));
                    }
                    if object.capacity > 0 {
                        let words = format!("{} of {} entries in use", object.table.len(), object.capacity);
                        self.paper.pair("table", Ink::Plain, &words);
                    }
                    if !object.slots.is_empty() && !self.options.stable {
                        let sign = |slot: &i32| match slot {
                            -1 => "·".to_owned(),
                            -2 => "x".to_owned(),
                            number => number.to_string(),
                        };
                        let slots: Vec<String> = object.slots.iter().take(128).map(sign).collect();
                        let words = format!("{} slots: {}", object.slots.len(), slots.join(" "));
                        self.paper.pair("hash table", Ink::Address, &words);
                    }
                    self.listed(&object.table, 24, |report, (position, key, value)| {
                        let shown = |value: &Option<crate::event::Val>, report: &Self| {
                            value.as_ref().map_or(String::new(), |v| report.value(v))
                        };
                        let (key, value) = (shown(key, report), shown(value, report));
                        let hash = object.hashes.get(*position as usize).copied().flatten();
                        let hash = hash.map_or(String::new(), |hash| format!("hash {:016x}  ", hash as u64));
                        let hash = if report.options.stable { String::new() } else { hash };
                        report.paper.right(Ink::Faint, &position.to_string(), 8).put(Ink::Plain, "  ");
                        report.paper.put(Ink::Faint, &hash);
                        report.paper.column(Ink::Value, &key, 36).fit(Ink::Value, &value).end();
                    });
                }
                Data::PageMemory(page) => {
                    let kind = if page.containers { "containers" } else { "plain objects" };
                    let words = format!(
                        "page at {}: blocks of {} for {kind}, {} of {} in use, {} never used",
                        self.options.address(page.address),
                        bytes(page.block.into()),
                        page.used,
                        page.capacity,
                        page.fresh
                    );
                    // How full a page is differs from run to run.
                    if self.options.stable {
                        continue;
                    }
                    self.paper.put(Ink::Plain, "  ").fit(Ink::Strong, &words).end();
                    // Blocks that were never handed out are counted above already.
                    let drawing: Vec<char> = page.drawing.trim_end_matches('-').chars().collect();
                    for row in drawing.chunks(88) {
                        let row: String = row.iter().collect();
                        self.paper.to(6).put(Ink::Address, &row).end();
                    }
                }
                // An immediate reaches nothing.
                Data::Graph(graph) if graph.nodes.first().is_some_and(|node| node.4 == 0) => {}
                Data::Graph(graph) => self.graph(graph),
                _ => {}
            }
        }
        self.paper.end();
    }

    fn words(&mut self, words: &[Word]) {
        self.listed(words, 40, |report, word| {
            let address = report.options.address(word.address);
            let raw = if report.options.stable { "-" } else { &word.raw };
            report.paper.put(Ink::Plain, "    ").column(Ink::Address, &address, 16).column(Ink::Faint, raw, 18);
            report.paper.column(Ink::Name, &word.name, 22).column(Ink::Faint, &word.owner, 16);
            let value = word.value.as_ref().map_or(String::new(), |value| report.value(value));
            report.paper.fit(Ink::Value, &value).end();
        });
    }

    /// What a name reaches, as a tree; an object that was shown already is only named.
    fn graph(&mut self, graph: &Graph) {
        let words = format!("what {} reaches at {}: {} objects", graph.root, graph.moment, graph.nodes.len());
        self.paper.put(Ink::Plain, "  ").fit(Ink::Strong, &words).end();
        let nodes: HashMap<u64, &(u64, String, String, u32, u32)> =
            graph.nodes.iter().map(|node| (node.0, node)).collect();
        let mut edges: HashMap<u64, Vec<(u64, &str)>> = HashMap::new();
        for (from, to, name) in &graph.edges {
            edges.entry(*from).or_default().push((*to, name));
        }
        let Some(root) = graph.nodes.first() else { return };
        let mut seen = HashSet::new();
        let mut todo = vec![(root.0, graph.root.as_str(), 0usize)];
        let mut rows = Vec::new();
        while let Some((address, name, depth)) = todo.pop() {
            let again = !seen.insert(address);
            rows.push((address, name, depth, again));
            if !again && depth < 24 {
                let children = edges.get(&address).map(Vec::as_slice).unwrap_or_default();
                todo.extend(children.iter().rev().map(|(to, name)| (*to, *name, depth + 1)));
            }
        }
        self.listed(&rows, 40, |report, (address, name, depth, again)| {
            let Some((_, ty, text, count, size)) = nodes.get(address) else { return };
            report.paper.put(Ink::Plain, "    ").put(Ink::Faint, &"  ".repeat(*depth)).put(Ink::Name, name);
            report.paper.put(Ink::Plain, &format!(": {ty} ")).fit(Ink::Value, text);
            let words =
                if *again { " (above)".to_owned() } else { format!("  count {count}, {}", bytes((*size).into())) };
            report.paper.fit(Ink::Faint, &words).end();
        });
        if graph.cut {
            self.paper.put(Ink::Faint, "    … and more than were looked at").end();
        }
    }
}

//! The self-contained page: its data is embedded in columns, its script draws what is visible.

mod columns;

use super::index::Index;
use super::{costs, duration};
use crate::event::{Counters, Data};
use crate::reader::Recording;
use crate::stage::Stage;
use columns::Columns;
use serde_json::{Map, Value, json};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page.
pub fn html(recording: &Recording) -> String {
    let index = Index::new(recording);
    let data = data(&index).to_string();
    // Inside a script element only `</` and `<!` could end or change the text.
    let data = data.replace('<', "\\u003c");
    let title = format!("oriel trace {}", index.script);
    let mut page = String::with_capacity(PAGE.len() + STYLE.len() + SCRIPT.len() + data.len());
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let Some((word, after)) = after.split_once("}}") else { break };
        match word {
            "title" => page.push_str(&escaped(&title)),
            "style" => page.push_str(STYLE),
            "script" => page.push_str(SCRIPT),
            _ => page.push_str(&data),
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn data(index: &Index<'_>) -> Value {
    let recording = index.recording;
    let mut kept = Kept::default();
    let mut columns = Columns::default();
    for event in &recording.events {
        kept.take(&event.data);
        columns.take(event);
    }
    let header = &recording.header;
    let costs = costs::of(index);
    let figures = |costs: &Counters| costs.values();
    let lines: Vec<Value> = costs
        .lines
        .iter()
        .map(|line| {
            let mut row = vec![u64::from(line.code), u64::from(line.line)];
            row.extend(figures(&line.costs));
            json!(row)
        })
        .collect();
    let functions: Vec<Value> = costs
        .functions
        .iter()
        .map(|function| {
            let mut row = vec![u64::from(function.code)];
            row.extend(figures(&function.costs));
            json!(row)
        })
        .collect();
    let five: Vec<Value> =
        costs::five(&costs).into_iter().map(|cost| json!([cost.name, cost.meaning, cost.figures])).collect();
    let mut frames: Vec<_> = columns.frames.drain(..).collect();
    frames.sort_by_key(|frame| frame.0);
    let mut object = json!({
        "meta": {
            "script": index.script,
            "python": header.python,
            "pid": header.pid,
            "end": index.end.max(1),
            "exit": index.exit.map(|exit| json!([exit.status, exit.why])),
            "warnings": recording.warnings,
            "level": header.level,
            "shown": duration(index.end),
        },
        "stages": stages(index),
        "parts": parts(index),
        "codes": index_codes(index),
        "listings": listings(index),
        "sources": sources(index),
        "frames": frames,
        "cost_names": Counters::NAMES,
        "costs": { "lines": lines, "functions": functions, "clock": costs.clock },
        "five": five,
        "kinds": columns::KINDS,
        "strings": columns.strings.list,
        "values": columns.values.list,
        "columns": columns.encoded(),
    });
    if let Some(object) = object.as_object_mut() {
        kept.put(object);
    }
    object
}

/// Events that the page shows as they are.
#[derive(Default)]
struct Kept<'a> {
    command: Option<&'a Data>,
    hardware: Option<&'a Data>,
    lists: Map<String, Value>,
    _marker: std::marker::PhantomData<&'a ()>,
}

/// The lists of such events, by their name in the page's data.
const LISTS: &[&str] = &[
    "processes",
    "imports",
    "tokens",
    "asts",
    "symbols",
    "graphs",
    "heaps",
    "frame_memory",
    "object_memory",
    "page_memory",
];

impl<'a> Kept<'a> {
    fn take(&mut self, data: &'a Data) {
        let list = match data {
            Data::Command(_) => return self.command = Some(data),
            Data::Hardware(_) => return self.hardware = Some(data),
            Data::Survivors { types } => {
                self.lists.insert("survivors".to_owned(), json!(types));
                return;
            }
            Data::Process(_) => "processes",
            Data::Import(_) => "imports",
            Data::Tokens { .. } => "tokens",
            Data::Ast { .. } => "asts",
            Data::Symbols { .. } => "symbols",
            Data::Graph(_) => "graphs",
            Data::Heap(_) => "heaps",
            Data::FrameMemory(_) => "frame_memory",
            Data::ObjectMemory(_) => "object_memory",
            Data::PageMemory(_) => "page_memory",
            _ => return,
        };
        let Ok(value) = serde_json::to_value(data) else { return };
        if let Some(items) = self.lists.entry(list).or_insert_with(|| json!([])).as_array_mut() {
            items.push(value);
        }
    }

    fn put(mut self, object: &mut Map<String, Value>) {
        object.insert("command".to_owned(), json!(self.command));
        object.insert("hardware".to_owned(), json!(self.hardware));
        for name in LISTS.iter().chain(&["survivors"]) {
            object.insert((*name).to_owned(), self.lists.remove(*name).unwrap_or_else(|| json!([])));
        }
    }
}

fn stages(index: &Index<'_>) -> Vec<Value> {
    let one = |stage: &Stage| {
        let spans: Vec<_> = index.stages.iter().filter(|span| span.stage == *stage).collect();
        json!({
            "number": stage.number(),
            "name": stage.name(),
            "summary": stage.summary(),
            "spans": spans.iter().map(|span| (span.start, span.dur)).collect::<Vec<_>>(),
            "objects": spans.iter().map(|span| span.objects).sum::<u64>(),
            "bytes": spans.iter().map(|span| span.bytes).sum::<i64>(),
            "detail": spans.iter().map(|span| span.detail.as_str()).filter(|d| !d.is_empty()).collect::<Vec<_>>().join("; "),
        })
    };
    Stage::ALL.iter().map(one).collect()
}

fn parts(index: &Index<'_>) -> Vec<Value> {
    let parts = index.parts.iter();
    parts
        .map(|span| json!([span.stage.index(), span.name, span.start, span.dur, span.objects, span.bytes, span.detail]))
        .collect()
}

fn index_codes(index: &Index<'_>) -> Vec<Value> {
    let mut codes: Vec<_> = index.codes.values().collect();
    codes.sort_by_key(|code| code.id);
    let one = |code: &&&crate::event::Code| json!({ "id": code.id, "name": code.name, "file": code.file, "line": code.line, "vars": code.vars, "stack": code.stack });
    codes.iter().map(one).collect()
}

fn listings(index: &Index<'_>) -> Map<String, Value> {
    let mut map = Map::new();
    for (id, listing) in &index.listings {
        let place = |i: &crate::event::Instruction| i.p.map(|(end, from, to)| [end, from, to]);
        let bytecode: Vec<Value> =
            listing.bytecode.iter().map(|i| json!([i.o, i.l, i.op, i.a, i.r, place(i)])).collect();
        let value = json!({ "b": bytecode, "w": listing.lowered, "dis": listing.dis, "flags": listing.flags });
        map.insert(id.to_string(), value);
    }
    map
}

fn sources(index: &Index<'_>) -> Map<String, Value> {
    index.sources.iter().map(|(file, source)| ((*file).to_owned(), json!(source.text))).collect()
}

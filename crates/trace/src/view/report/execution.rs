//! Stages 6 to 10 of the report: what was executed, in order, indented by depth.

use super::Report;
use crate::event::{Changes, Data, Event, Val};
use crate::view::paper::{Ink, columns, cut};
use crate::view::{bytes, grouped, short_path};
use std::collections::HashMap;

/// An operand stack in so many columns: its top stands at the right and is what matters.
fn stack_text(items: &[String], room: usize) -> String {
    let room = room.saturating_sub(2);
    let whole = items.join(", ");
    if columns(&whole) <= room {
        return format!("[{whole}]");
    }
    let mut shown: Vec<String> = Vec::new();
    let mut left = room.saturating_sub(3);
    for item in items.iter().rev() {
        let item = cut(item, left.min(18));
        if left < 3 || (columns(&item) + 2 > left && !shown.is_empty()) {
            break;
        }
        left = left.saturating_sub(columns(&item) + 2);
        shown.push(item);
    }
    shown.reverse();
    let more = if shown.len() < items.len() { "… " } else { "" };
    format!("[{more}{}]", shown.join(", "))
}

impl<'a> Report<'a> {
    /// A value with its address, if it is an object and addresses are wanted.
    pub(super) fn value(&self, value: &Val) -> String {
        match value {
            Val::Immediate(text) => text.clone(),
            Val::Object(_, _, text) => text.clone(),
        }
    }

    fn optional(&self, value: &Option<Val>) -> String {
        value.as_ref().map_or_else(|| "(unbound)".to_owned(), |value| self.value(value))
    }

    fn changes(&self, changes: &Changes) -> String {
        changes.iter().map(|(name, value)| format!("{name}={}", self.optional(value))).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn interpreter(&mut self) {
        let shown = |data: &Data| {
            matches!(
                data,
                Data::Line(_)
                    | Data::Step(_)
                    | Data::Call(_)
                    | Data::Return { .. }
                    | Data::Unwind { .. }
                    | Data::Suspend { .. }
                    | Data::Resume { .. }
                    | Data::Native(_)
                    | Data::Raise(_)
                    | Data::Caught(_)
                    | Data::Name(_)
                    | Data::Path(_)
                    | Data::Function(_)
                    | Data::Alloc(_)
                    | Data::Free(_)
                    | Data::Count { .. }
                    | Data::Output { .. }
                    | Data::Collect(_)
                    | Data::Gil { .. }
                    | Data::Note { .. }
                    | Data::Gap { .. }
                    | Data::Thread(_)
            )
        };
        // When the collector runs and who holds the lock differs from run to run.
        let (stable, full) = (self.options.stable, self.options.full);
        let differs = |data: &Data| matches!(data, Data::Collect(_) | Data::Gil { .. });
        // That a local is in its register goes without saying.
        let plain = |data: &Data| matches!(data, Data::Name(name) if name.how.starts_with("register"));
        let wanted =
            |event: &&Event| shown(&event.data) && !(stable && differs(&event.data)) && (full || !plain(&event.data));
        let events: Vec<&Event> = self.index.recording.events.iter().filter(wanted).collect();
        let count = |pick: fn(&Data) -> bool| events.iter().filter(|event| pick(&event.data)).count() as u64;
        let steps = count(|data| matches!(data, Data::Step(_)));
        let words = format!(
            "{} lines, {steps} instructions, {} calls, {} native calls, {} exceptions recorded",
            grouped(count(|data| matches!(data, Data::Line(_)))),
            grouped(count(|data| matches!(data, Data::Call(_)))),
            grouped(count(|data| matches!(data, Data::Native(_)))),
            grouped(count(|data| matches!(data, Data::Raise(raise) if !raise.passing))),
        );
        self.paper.pair("events", Ink::Plain, &words);
        // The stack after a step is that before the next one of the same frame.
        let mut after: HashMap<u64, &Vec<Option<Val>>> = HashMap::new();
        let mut stacks_after: Vec<Option<&Vec<Option<Val>>>> = vec![None; events.len()];
        for (position, event) in events.iter().enumerate().rev() {
            match &event.data {
                Data::Step(step) => stacks_after[position] = after.insert(step.f, &step.s),
                Data::Call(call) => drop(after.remove(&call.f)),
                _ => {}
            }
        }
        // What lies at an address, as it was seen last before its count moved.
        let mut seen: HashMap<u64, &str> = HashMap::new();
        let mut labels: HashMap<usize, &str> = HashMap::new();
        let mut last_step = usize::MAX;
        for (position, event) in events.iter().enumerate() {
            if matches!(event.data, Data::Step(_)) {
                last_step = position;
            }
            let mut see = |value: &'a Val| {
                if let Val::Object(address, _, text) = value {
                    seen.insert(*address, text);
                }
            };
            match &event.data {
                Data::Step(step) => {
                    step.s.iter().flatten().for_each(&mut see);
                    step.v.iter().filter_map(|(_, value)| value.as_ref()).for_each(&mut see);
                }
                Data::Call(call) => call.v.iter().filter_map(|(_, value)| value.as_ref()).for_each(&mut see),
                Data::Line(line) => line.v.iter().filter_map(|(_, value)| value.as_ref()).for_each(&mut see),
                Data::Count { a, .. } => {
                    let after = stacks_after.get(last_step).copied().flatten();
                    let found =
                        after.and_then(|stack| stack.iter().flatten().find(|value| value.address() == Some(*a)));
                    if let Some(label) = found.map(Val::text).or_else(|| seen.get(a).copied()) {
                        labels.insert(position, label);
                    }
                }
                _ => {}
            }
        }
        let rows: Vec<(usize, &Event)> = events.into_iter().enumerate().collect();
        self.listed(&rows, 160, |report, (position, event)| {
            report.event(
                event,
                stacks_after.get(*position).copied().flatten(),
                labels.get(position).copied().unwrap_or_default(),
            );
        });
    }

    fn lead(&mut self, event: &Event, frame: u64, mark: &str) {
        let time = self.options.clock(event.time);
        self.paper.right(Ink::Faint, &time, 11).put(Ink::Plain, "  ");
        if event.thread != crate::event::MAIN_THREAD {
            self.paper.put(Ink::Address, &format!("[{}] ", event.thread));
        }
        let depth = self.index.depth(frame).min(20);
        self.paper.put(Ink::Faint, &"│ ".repeat(depth)).put(Ink::Plain, mark);
    }

    fn event(&mut self, event: &Event, after: Option<&Vec<Option<Val>>>, label: &str) {
        let index = self.index;
        match &event.data {
            Data::Line(line) => {
                let file = index.code_of(line.f).map_or("?", |code| &code.file);
                self.lead(event, line.f, "");
                self.paper.put(Ink::Address, &format!("{}:{} ", short_path(file), line.l));
                self.paper.fit(Ink::Strong, index.line_text(file, line.l));
                if !line.v.is_empty() {
                    let words = format!("   {}", self.changes(&line.v));
                    self.paper.fit(Ink::Value, &words);
                }
            }
            Data::Step(step) => {
                self.lead(event, step.f, "  ");
                let stack = |stack: &Vec<Option<Val>>, report: &Self, room: usize| {
                    let items: Vec<String> = stack
                        .iter()
                        .map(|v| v.as_ref().map_or_else(|| "NULL".to_owned(), |v| report.value(v)))
                        .collect();
                    stack_text(&items, room)
                };
                match index.instruction(step.f, step.o) {
                    Some(instruction) => {
                        let meaning = match (&instruction.r, instruction.a) {
                            (meaning, _) if !meaning.is_empty() => format!(" {meaning}"),
                            (_, Some(operand)) => format!(" {operand}"),
                            _ => String::new(),
                        };
                        let words = format!("{:>4} {}{meaning}", step.o, instruction.op);
                        self.paper.column(Ink::Plain, &words, 36);
                    }
                    None => drop(self.paper.column(Ink::Plain, &format!("{:>4}", step.o), 36)),
                }
                let room = self.paper.room().saturating_sub(4);
                let before = stack(&step.s, self, room / 2);
                let left = room.saturating_sub(columns(&before));
                let words = match after {
                    Some(after) => format!(" {before} → {}", stack(after, self, left)),
                    None => format!(" {before} →"),
                };
                self.paper.fit(Ink::Value, &words);
                if !step.v.is_empty() {
                    let words = format!("  {}", self.changes(&step.v));
                    self.paper.fit(Ink::Good, &words);
                }
            }
            Data::Call(call) => {
                self.lead(event, call.by.max(call.f.min(call.by)), "");
                let arguments = self.changes(&call.v);
                self.paper
                    .put(Ink::Name, "→ ")
                    .put(Ink::Name, index.name_of(call.f))
                    .put(Ink::Value, &format!("({arguments})"));
                if call.a != 0 {
                    let words = format!(
                        "  frame {} at {}, {} B, {} slots",
                        call.f,
                        self.options.address(call.a),
                        call.n,
                        call.slots
                    );
                    self.paper.fit(Ink::Faint, &words);
                }
            }
            Data::Return { f, v } => {
                self.lead(event, *f, "");
                let text = self.value(v);
                self.paper
                    .put(Ink::Name, "← ")
                    .put(Ink::Plain, index.name_of(*f))
                    .put(Ink::Plain, " returns ")
                    .fit(Ink::Value, &text);
            }
            Data::Unwind { f, v } => {
                self.lead(event, *f, "");
                let text = self.value(v);
                self.paper
                    .put(Ink::Bad, "← ")
                    .put(Ink::Plain, index.name_of(*f))
                    .put(Ink::Plain, " is left by ")
                    .fit(Ink::Bad, &text);
            }
            Data::Suspend { f, v } => {
                self.lead(event, *f, "");
                let text = self.value(v);
                self.paper
                    .put(Ink::Name, "⇠ ")
                    .put(Ink::Plain, index.name_of(*f))
                    .put(Ink::Plain, " yields ")
                    .fit(Ink::Value, &text);
            }
            Data::Resume { f, v, .. } => {
                self.lead(event, *f, "");
                let text = v.as_ref().map_or(String::new(), |v| format!(" with {}", self.value(v)));
                self.paper
                    .put(Ink::Name, "⇢ ")
                    .put(Ink::Plain, index.name_of(*f))
                    .put(Ink::Plain, " goes on")
                    .fit(Ink::Value, &text);
            }
            Data::Native(native) => {
                self.lead(event, native.f, "  ");
                let arguments: Vec<String> = native.v.iter().map(|v| self.value(v)).collect();
                self.paper.put(Ink::Plain, "native ").put(Ink::Name, &native.name);
                self.paper.put(Ink::Value, &format!("({})", arguments.join(", ")));
                if let Some(result) = &native.r {
                    let text = self.value(result);
                    self.paper.put(Ink::Plain, " = ").fit(Ink::Value, &text);
                }
                if native.raised {
                    self.paper.fit(Ink::Bad, " raised");
                }
                if native.dur > 0 {
                    let words = format!("  {}", self.options.time(native.dur));
                    self.paper.fit(Ink::Faint, &words);
                }
            }
            Data::Raise(raise) => {
                self.lead(event, raise.f, "");
                let verb = if raise.passing { "comes through: " } else { "raises " };
                self.paper
                    .put(Ink::Bad, &format!("! {verb}{}", raise.ty))
                    .fit(Ink::Plain, &format!(": {}", raise.text));
            }
            Data::Caught(caught) => {
                self.lead(event, caught.f, "");
                self.paper.put(Ink::Good, &format!("! {} is caught ", caught.ty));
                self.paper.fit(
                    Ink::Plain,
                    &format!("by the handler at {} in {}, line {}", caught.o, index.name_of(caught.f), caught.l),
                );
            }
            Data::Name(name) => {
                self.lead(event, name.f, "    ");
                let found = if name.found.is_empty() { "nowhere" } else { &name.found };
                let how = if name.how.is_empty() { String::new() } else { format!(", {}", name.how) };
                let cached = if name.cached { ", answered by the cache" } else { "" };
                self.paper.put(Ink::Faint, "name ").put(Ink::Name, &name.name);
                self.paper
                    .fit(Ink::Faint, &format!(": asked {}; found in {found}{how}{cached}", name.asked.join(", then ")));
            }
            Data::Path(path) => {
                self.lead(event, path.f, "    ");
                let guard = if path.guard.is_empty() { String::new() } else { format!(" (guard: {})", path.guard) };
                let cache = if path.cache.is_empty() { String::new() } else { format!(", cache {}", path.cache) };
                self.paper.fit(Ink::Faint, &format!("{}: {}{guard}{cache}", path.op, path.path));
            }
            Data::Function(function) => {
                self.lead(event, function.f, "    ");
                self.paper.fit(
                    Ink::Faint,
                    &format!("makes function {} at {}", function.name, self.options.address(function.a)),
                );
            }
            Data::Alloc(moved) | Data::Free(moved) => {
                self.lead(event, moved.f, "    ");
                let verb = if matches!(event.data, Data::Alloc(_)) { "allocates" } else { "frees" };
                self.paper.put(Ink::Faint, verb).put(Ink::Plain, &format!(" {}", moved.ty));
                let place = self.options.address(moved.a);
                self.paper.fit(Ink::Faint, &format!(", block of {} at {place}", bytes(moved.n)));
            }
            Data::Count { a, from, to, f, .. } => {
                self.lead(event, *f, "    ");
                self.paper.put(Ink::Faint, &format!("count {from} → {to} of "));
                let label = if label.is_empty() { self.options.address(*a) } else { label.to_owned() };
                self.paper.fit(Ink::Faint, &label);
            }
            Data::Output { fd, size, text, dur } => {
                self.lead(event, 0, "");
                self.paper.put(Ink::Good, &format!("write({fd}, ")).fit(Ink::Value, &format!("{text:?}"));
                let took = if *dur == 0 { String::new() } else { self.options.time(*dur) };
                self.paper.fit(Ink::Good, &format!(", {size}) = {size}  {took}"));
            }
            Data::Collect(collect) => {
                self.lead(event, 0, "");
                self.paper.fit(
                    Ink::Faint,
                    &format!(
                        "collector, generation {}: {} freed in {}",
                        collect.generation,
                        collect.freed,
                        self.options.time(collect.dur)
                    ),
                );
            }
            Data::Gil { what, dur } => {
                self.lead(event, 0, "");
                self.paper.fit(Ink::Faint, &format!("GIL {what} {}", self.options.time(*dur)));
            }
            Data::Note { text } => {
                self.lead(event, 0, "");
                self.paper.fit(Ink::Strong, &format!("note: {text}"));
            }
            Data::Gap { from, to } => {
                self.paper.fit(Ink::Bad, &format!("            … {} events were not kept …", grouped(to - from + 1)));
            }
            Data::Thread(thread) => {
                self.lead(event, 0, "");
                let verb = if thread.ended { "ends" } else { "begins" };
                self.paper.fit(Ink::Name, &format!("thread {} {} {verb}", thread.id, thread.name));
            }
            _ => return,
        }
        self.paper.end();
    }

    pub(super) fn functions(&mut self) {
        let functions: Vec<_> = self
            .index
            .recording
            .events
            .iter()
            .filter_map(|event| match &event.data {
                Data::Function(function) => Some(function),
                _ => None,
            })
            .collect();
        self.listed(&functions, 16, |report, function| {
            report.paper.put(Ink::Plain, "  ").put(Ink::Name, &function.name);
            let defaults: Vec<String> = function.defaults.iter().map(|v| report.value(v)).collect();
            let mut words = format!(" at {}, code {}", report.options.address(function.a), function.c);
            if !defaults.is_empty() {
                words.push_str(&format!(", defaults {}", defaults.join(", ")));
            }
            if !function.cells.is_empty() {
                words.push_str(&format!(", closure {}", report.changes(&function.cells)));
            }
            report.paper.fit(Ink::Faint, &words).end();
        });
    }

    pub(super) fn frames(&mut self) {
        let deepest = self.index.frames.iter().max_by_key(|(number, life)| (life.depth, u64::MAX - **number));
        let Some((number, life)) = deepest else { return };
        self.paper.pair(
            "frames",
            Ink::Plain,
            &format!("{} were pushed, at most {} at a time", grouped(self.index.frames.len() as u64), life.depth + 1),
        );
        let mut chain = vec![*number];
        while let Some(frame) = self.index.frames.get(chain.last().unwrap_or(&0))
            && frame.by != 0
            && chain.len() <= 64
        {
            chain.push(frame.by);
        }
        self.paper.pair("deepest", Ink::Plain, "the frames when they were most, the newest first:");
        self.listed(&chain, 16, |report, frame| {
            let Some(code) = report.index.code_of(*frame) else { return };
            let place = format!(" {}:{}", short_path(&code.file), code.line);
            report.paper.put(Ink::Plain, "    ").put(Ink::Faint, &format!("#{frame} ")).put(Ink::Name, &code.name);
            report.paper.fit(Ink::Faint, &place).end();
        });
    }

    pub(super) fn objects(&mut self) {
        let mut kinds: HashMap<&str, (u64, u64, u64)> = HashMap::new();
        for event in &self.index.recording.events {
            match &event.data {
                Data::Alloc(moved) => {
                    let entry = kinds.entry(&moved.ty).or_default();
                    entry.0 += 1;
                    entry.2 += moved.n;
                }
                Data::Free(moved) => kinds.entry(&moved.ty).or_default().1 += 1,
                _ => {}
            }
        }
        if !kinds.is_empty() {
            let mut rows: Vec<_> = kinds.into_iter().collect();
            rows.sort_by_key(|(name, (allocated, ..))| (u64::MAX - allocated, name.to_owned()));
            self.paper.put(Ink::Plain, "  ").column(Ink::Faint, "type", 34).right(Ink::Faint, "allocated", 11);
            self.paper.right(Ink::Faint, "freed", 11).right(Ink::Faint, "bytes", 12).end();
            self.listed(&rows, 16, |report, (name, (allocated, freed, size))| {
                report.paper.put(Ink::Plain, "  ").column(Ink::Name, name, 34).right(
                    Ink::Plain,
                    &grouped(*allocated),
                    11,
                );
                report.paper.right(Ink::Plain, &grouped(*freed), 11).right(Ink::Plain, &bytes(*size), 12).end();
            });
        }
        let heaps: Vec<_> = self
            .index
            .recording
            .events
            .iter()
            .filter_map(|event| match &event.data {
                Data::Heap(heap) => Some(heap),
                _ => None,
            })
            .collect();
        if self.options.stable {
            return;
        }
        for heap in heaps {
            let words = format!(
                "{} allocated, {} freed, {} alive; arenas {}, large objects {}",
                grouped(heap.allocations),
                grouped(heap.frees),
                grouped(heap.allocations.saturating_sub(heap.frees)),
                bytes(heap.arena_bytes),
                bytes(heap.large_bytes)
            );
            self.paper.pair(&format!("heap at {}", heap.moment), Ink::Plain, &words);
            if heap.moment == "exit" {
                let places: Vec<String> =
                    heap.arenas.iter().map(|(start, size)| format!("{start:#x} ({})", bytes(*size))).collect();
                self.paper.pair("arenas at", Ink::Address, &places.join(", "));
            }
        }
    }

    pub(super) fn output(&mut self) {
        let writes: Vec<_> = self
            .index
            .recording
            .events
            .iter()
            .filter_map(|event| match &event.data {
                Data::Output { fd, size, text, dur } => Some((event.time, *fd, *size, text, *dur)),
                _ => None,
            })
            .collect();
        self.listed(&writes, 24, |report, (time, fd, size, text, dur)| {
            let lead = report.options.clock(*time);
            report.paper.put(Ink::Plain, "  ").right(Ink::Faint, &lead, 11);
            report
                .paper
                .put(Ink::Plain, &format!("  write({fd}, "))
                .put(Ink::Value, &crate::view::paper::cut(&format!("{text:?}"), 50));
            let took = if *dur == 0 { String::new() } else { report.options.time(*dur) };
            report.paper.fit(Ink::Plain, &format!(", {size}) = {size}  {took}")).end();
        });
    }

    pub(super) fn teardown(&mut self) {
        self.parts(crate::stage::Stage::Teardown);
        for event in &self.index.recording.events {
            match &event.data {
                // What gave nothing back is of no interest, unless all is.
                Data::Finalized { objects: 0, .. } if !self.options.full => {}
                Data::Finalized { .. } if self.options.stable => {}
                Data::Finalized { what, objects, bytes: size } => {
                    let words = format!("{what}: {} objects, {}", grouped(*objects), bytes(*size));
                    self.paper.pair("finalized", Ink::Plain, &words);
                }
                Data::Survivors { types } => {
                    let all: u64 = types.iter().map(|(_, count, _)| count).sum();
                    let list: Vec<String> =
                        types.iter().take(12).map(|(name, count, _)| format!("{count} {name}")).collect();
                    let words = format!("{} objects survive: {}", grouped(all), list.join(", "));
                    let words = if self.options.stable { "-".to_owned() } else { words };
                    self.paper.pair("survivors", Ink::Plain, &words);
                }
                Data::Exit { status, why } => {
                    let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
                    self.paper.pair("exit status", Ink::Value, &format!("{status}{why}"));
                }
                _ => {}
            }
        }
    }
}

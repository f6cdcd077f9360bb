//! Stages 0, 1 and 11 and the environments: the operating system's side of the report.

use super::Report;
use crate::event::{Command, Data, GROUPS, Hardware, Mapping, Process};
use crate::stage::Stage;
use crate::view::paper::{Ink, WIDTH};
use crate::view::{bytes, duration, grouped};
use std::collections::BTreeMap;

impl Report<'_> {
    fn first<'b, T>(&'b self, pick: impl Fn(&'b Data) -> Option<&'b T>) -> Option<&'b T> {
        self.index.recording.events.iter().find_map(|event| pick(&event.data))
    }

    pub(super) fn command(&mut self) {
        let Some(command) = self.first(|data| match data {
            Data::Command(command) => Some(command),
            _ => None,
        }) else {
            return;
        };
        let Command { mut argv, cwd, executable, search, parent, environment, streams, .. } = command.clone();
        let hide = self.options.stable;
        if hide && let Some(name) = argv.first_mut() {
            *name = crate::view::short_path(name).to_owned();
        }
        self.paper.pair("argv", Ink::Value, &format!("{argv:?}"));
        self.paper.pair(
            "runs",
            Ink::Plain,
            &format!("{} {}", command_target(&argv, &self.index.script), self.index.script),
        );
        if hide {
            return;
        }
        self.paper.pair("working directory", Ink::Plain, &cwd);
        self.paper.pair("executable", Ink::Plain, &executable);
        for (number, (place, verdict)) in search.iter().enumerate() {
            let name = if number == 0 { "looked for in" } else { "" };
            self.paper.pair(name, Ink::Plain, &format!("{place}: {verdict}"));
        }
        self.paper.pair("started by", Ink::Plain, &format!("{} (pid {}) {}", parent.name, parent.pid, parent.command));
        for (number, what) in streams {
            self.paper.pair(&format!("descriptor {number}"), Ink::Plain, &what);
        }
        for (name, value, effect) in environment {
            let shown = value.unwrap_or_else(|| "(not set)".to_owned());
            self.paper.pair(&name, Ink::Value, &shown);
            self.paper.to(20).fit(Ink::Faint, &effect).end();
        }
    }

    fn process_at(&self, moment: &str) -> Option<Process> {
        self.index.recording.events.iter().find_map(|event| match &event.data {
            Data::Process(process) if process.moment == moment => Some(process.clone()),
            _ => None,
        })
    }

    pub(super) fn process(&mut self) {
        let Some(process) = self.process_at("start").or_else(|| self.process_at("ready")) else { return };
        if self.options.stable {
            self.paper.pair("executable", Ink::Plain, crate::view::short_path(&process.executable));
            return;
        }
        self.paper.pair("pid", Ink::Value, &format!("{} (parent {})", process.pid, process.ppid));
        self.paper.pair("executable", Ink::Plain, &process.executable);
        for segment in process.segments.iter().filter(|s| self.options.full || s.kind == "LOAD" || s.kind == "INTERP") {
            self.paper.put(Ink::Plain, "    ").column(Ink::Name, &segment.kind, 14);
            self.paper.column(Ink::Plain, &segment.access, 5).right(
                Ink::Address,
                &format!("{:#x}", segment.address),
                12,
            );
            let words = format!("  {} in the file, {} in memory", bytes(segment.file_size), bytes(segment.memory_size));
            self.paper.fit(Ink::Faint, &words).end();
        }
        self.paper.pair(
            "resident",
            Ink::Plain,
            &format!(
                "{}, at most {}; {} page faults, {} of them read from a disk",
                bytes(process.resident),
                bytes(process.peak),
                grouped(process.faults.0 + process.faults.1),
                grouped(process.faults.1)
            ),
        );
        let scheduling: Vec<String> =
            process.scheduling.iter().map(|(name, value)| format!("{name} {value}")).collect();
        self.paper.pair("scheduling", Ink::Plain, &scheduling.join(", "));
        for (number, what) in &process.descriptors {
            self.paper.pair(&format!("descriptor {number}"), Ink::Plain, what);
        }
        if self.options.full {
            for (name, value) in &process.auxiliary {
                self.paper.put(Ink::Plain, "    ").column(Ink::Plain, name, 40).fit(Ink::Address, value).end();
            }
        }
        for moment in ["start", "ready", "exit"] {
            if let Some(process) = self.process_at(moment) {
                self.map(&process);
            }
        }
        if let Some(hardware) = self.first(|data| match data {
            Data::Hardware(hardware) => Some(hardware),
            _ => None,
        }) {
            let hardware = hardware.clone();
            self.hardware(&hardware);
        }
    }

    /// The address space to scale: a bar for each group, its resident part solid.
    fn map(&mut self, process: &Process) {
        let mut groups: BTreeMap<usize, (u64, u64, u32)> = BTreeMap::new();
        for mapping in &process.map {
            let position = GROUPS.iter().position(|group| *group == mapping.group).unwrap_or(GROUPS.len() - 1);
            let entry = groups.entry(position).or_default();
            entry.0 += mapping.end - mapping.start;
            entry.1 += mapping.resident;
            entry.2 += 1;
        }
        let title = format!("memory map at {}: {} mappings", process.moment, process.map.len());
        self.paper.put(Ink::Plain, "  ").put(Ink::Strong, &title).end();
        self.paper.to(4).column(Ink::Faint, "group", 12).right(Ink::Faint, "size", 10);
        self.paper
            .right(Ink::Faint, "resident", 10)
            .put(Ink::Plain, "  ")
            .put(Ink::Faint, "to scale: █ resident ░ not")
            .end();
        // Address space that is only reserved would leave no room for anything else.
        let largest = groups.values().map(|(_, resident, _)| *resident).max().unwrap_or(1).max(1) * 2;
        let room = WIDTH - 38;
        for (position, (size, resident, _)) in groups {
            let full = (resident * room as u64).div_ceil(largest) as usize;
            let all = ((size * room as u64).div_ceil(largest) as usize).clamp(full, room);
            let more = if size > largest { "→" } else { "" };
            self.paper.to(4).column(Ink::Name, GROUPS[position], 12).right(Ink::Plain, &bytes(size), 10);
            self.paper.right(Ink::Plain, &bytes(resident), 10).put(Ink::Plain, "  ");
            self.paper.put(Ink::Good, &"█".repeat(full));
            self.paper
                .fit(Ink::Faint, &("░".repeat(all - full - usize::from(!more.is_empty() && all > full)) + more))
                .end();
        }
        if self.options.full {
            for Mapping { start, end, access, name, group, resident } in &process.map {
                self.paper.to(4).put(Ink::Address, &format!("{start:012x}-{end:012x} "));
                self.paper.column(Ink::Plain, access, 5).column(Ink::Name, group, 9).right(
                    Ink::Plain,
                    &bytes(end - start),
                    10,
                );
                self.paper.right(Ink::Plain, &bytes(*resident), 10).put(Ink::Plain, "  ").fit(Ink::Faint, name).end();
            }
        }
    }

    fn hardware(&mut self, hardware: &Hardware) {
        let speed = if hardware.megahertz > 0.0 { format!(" at {:.0} MHz", hardware.megahertz) } else { String::new() };
        self.paper.pair(
            "processor",
            Ink::Plain,
            &format!(
                "{} ({}){speed}, {} logical, {} allowed",
                hardware.processor, hardware.architecture, hardware.processors, hardware.allowed
            ),
        );
        let caches: Vec<String> = hardware
            .caches
            .iter()
            .map(|cache| format!("L{} {} {} (line {} B)", cache.level, cache.kind, bytes(cache.size), cache.line))
            .collect();
        if !caches.is_empty() {
            self.paper.pair("caches", Ink::Plain, &caches.join(", "));
        }
        self.paper.pair(
            "memory",
            Ink::Plain,
            &format!("{} in pages of {}", bytes(hardware.memory), bytes(hardware.page)),
        );
        self.paper.pair("kernel", Ink::Plain, &hardware.kernel);
        self.paper.pair("counters", Ink::Plain, &hardware.counters);
    }

    /// The seven environments that exist at once, from the machine up to the objects.
    pub(super) fn environments(&mut self) {
        let events = &self.index.recording.events;
        // The moment that was chosen, else the end.
        let chosen = events.iter().find_map(|event| match &event.data {
            Data::Process(process) if process.moment.starts_with("line ") => Some(process.moment.clone()),
            _ => None,
        });
        let moment = chosen.as_deref().map_or("when the script has run".to_owned(), |moment| format!("at {moment}"));
        let summary = format!("The seven that exist at once {moment}, from the machine up.");
        self.heading("", "environments", &summary);
        let is_chosen = |moment: &str| chosen.as_deref().is_none_or(|chosen| chosen == moment);
        let hardware = events.iter().find_map(|event| match &event.data {
            Data::Hardware(hardware) => Some(format!(
                "{}, {} processors, {} of memory, caches {}",
                hardware.processor,
                hardware.allowed,
                bytes(hardware.memory),
                hardware.caches.iter().map(|cache| bytes(cache.size)).collect::<Vec<_>>().join(" + ")
            )),
            _ => None,
        });
        let process = events.iter().rev().find_map(|event| match &event.data {
            Data::Process(process) if is_chosen(&process.moment) => Some(format!(
                "pid {}, {} mappings, {} resident, {} descriptors, {} threads",
                process.pid,
                process.map.len(),
                bytes(process.resident),
                process.descriptors.len(),
                process.threads
            )),
            _ => None,
        });
        let count = |pick: fn(&Data) -> bool| events.iter().filter(|event| pick(&event.data)).count() as u64;
        let imports = count(|data| matches!(data, Data::Import(_)));
        let runtime = self.index.stage(Stage::Bootstrap).map(|(start, end)| {
            format!(
                "Python {}, up after {}, {} imports recorded",
                self.index.recording.header.python,
                duration(end - start),
                imports
            )
        });
        let listings = self.index.listings.len();
        let instructions: usize = self.index.listings.values().map(|listing| listing.bytecode.len()).sum();
        let lowered: usize = self.index.listings.values().map(|listing| listing.lowered.len()).sum();
        let compilation = (listings > 0).then(|| {
            format!("{listings} code objects, {instructions} instructions, lowered to {lowered} register instructions")
        });
        let until = events.iter().rposition(
            |event| matches!(&event.data, Data::Process(process) if chosen.is_some() && is_chosen(&process.moment)),
        );
        let mut names: Vec<&str> = Vec::new();
        for event in &events[..until.unwrap_or(events.len())] {
            if let Data::Namespace { name, value, .. } = &event.data {
                names.retain(|other| *other != name);
                if value.is_some() {
                    names.push(name);
                }
            }
        }
        names.sort_unstable();
        let module = (!names.is_empty()).then(|| format!("__main__ with {}", names.join(", ")));
        let calls = count(|data| matches!(data, Data::Call(_)));
        let deepest = self.index.frames.values().map(|frame| frame.depth + 1).max();
        let standing: Vec<String> = events
            .iter()
            .filter_map(|event| match &event.data {
                Data::FrameMemory(frame) if chosen.as_deref() == Some(&frame.moment) => {
                    Some(format!("{} line {}", frame.name, frame.line))
                }
                _ => None,
            })
            .collect();
        let standing = (!standing.is_empty()).then(|| format!("{} stand: {}", standing.len(), standing.join(", ")));
        let frames = standing.or_else(|| {
            deepest.map(|deepest| format!("{} frames were pushed, at most {deepest} at a time", grouped(calls)))
        });
        let heap = events.iter().rev().find_map(|event| match &event.data {
            Data::Heap(heap) if is_chosen(&heap.moment) => Some(format!(
                "{} objects alive, {} allocated since the start, {} of arenas",
                grouped(heap.allocations.saturating_sub(heap.frees)),
                grouped(heap.allocations),
                bytes(heap.arena_bytes)
            )),
            _ => None,
        });
        for (number, (name, words)) in [
            ("hardware", hardware),
            ("process", process),
            ("runtime", runtime),
            ("compilation", compilation),
            ("module", module),
            ("frames", frames),
            ("heap", heap),
        ]
        .into_iter()
        .enumerate()
        {
            let words = words.unwrap_or_else(|| "not recorded".to_owned());
            let indent = " ".repeat(number);
            let words = if self.options.stable { "-".to_owned() } else { words };
            self.paper.put(Ink::Faint, &format!("  {indent}└ ")).column(Ink::Name, name, 20 - number);
            self.paper.fit(Ink::Plain, &words).end();
        }
        self.paper.end();
    }
}

fn command_target(argv: &[String], script: &str) -> &'static str {
    match argv.iter().find(|word| *word == "-c" || *word == "-m") {
        Some(word) if word == "-c" => "the command",
        Some(_) => "the module",
        None if script.is_empty() || script == "-" => "standard input",
        None => "the script",
    }
}

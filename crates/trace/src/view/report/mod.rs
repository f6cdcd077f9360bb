//! The report for a terminal: the stages in their order, each with its figures; details where they are asked for.

mod compilation;
mod execution;
mod figures;
mod memory;
mod system;

use super::index::Index;
use super::paper::{Ink, Paper, WIDTH, bar};
use super::{duration, grouped};
use crate::event::Data;
use crate::reader::Recording;
use crate::stage::Stage;

/// What to show.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only these stages, in the words of the user: names of stages, `symbols`, `lowered`, `environments`, `memory`,
    /// `costs`.
    pub stages: Vec<String>,
    /// Everything, however long.
    pub full: bool,
    /// Colours.
    pub colour: bool,
    /// Only this function.
    pub function: Option<String>,
    /// Leaves out times, addresses and numbers that differ from run to run, so that texts can be compared.
    pub stable: bool,
}

/// Parts of the report that are not stages.
const EXTRA: &[&str] = &["symbols", "lowered", "environments", "memory", "costs", "timeline"];

impl Options {
    /// Whether a word names something that can be shown.
    pub fn knows(word: &str) -> bool {
        Stage::parse(word).is_some() || EXTRA.contains(&word)
    }

    /// All words that can be asked for.
    pub fn words() -> String {
        let stages = Stage::ALL.iter().map(|stage| stage.name());
        stages.chain(EXTRA.iter().copied()).collect::<Vec<_>>().join(", ")
    }

    fn all(&self) -> bool {
        self.stages.is_empty()
    }

    /// Whether a part is asked for by its own name.
    fn named(&self, word: &str) -> bool {
        self.stages.iter().any(|asked| asked == word)
    }

    fn wants(&self, stage: Stage) -> bool {
        let asked = |word: &String| !EXTRA.contains(&word.as_str()) && Stage::parse(word) == Some(stage);
        self.all() || self.stages.iter().any(asked)
    }

    fn time(&self, nanoseconds: u64) -> String {
        if self.stable { "-".to_owned() } else { duration(nanoseconds) }
    }

    /// A time on the recording's clock: near ones must differ.
    fn clock(&self, nanoseconds: u64) -> String {
        if self.stable { "-".to_owned() } else { format!("{:.3} ms", nanoseconds as f64 / 1e6) }
    }

    fn address(&self, address: u64) -> String {
        if self.stable { "0x-".to_owned() } else { format!("{address:#x}") }
    }

    /// Whether the function's name is asked for.
    fn wants_function(&self, name: &str) -> bool {
        match &self.function {
            None => true,
            Some(wanted) => {
                name == wanted || name.strip_suffix(wanted.as_str()).is_some_and(|before| before.ends_with('.'))
            }
        }
    }
}

/// A report under construction.
struct Report<'a> {
    paper: Paper,
    index: &'a Index<'a>,
    options: &'a Options,
}

/// The text.
pub fn report(recording: &Recording, options: &Options) -> String {
    let index = Index::new(recording);
    let mut report = Report { paper: Paper::new(options.colour), index: &index, options };
    if options.all() {
        report.head();
    }
    if options.all() || options.named("timeline") {
        report.timeline();
    }
    for stage in Stage::ALL {
        if options.wants(*stage) {
            report.stage(*stage);
        }
    }
    if options.named("symbols") {
        report.symbols();
    }
    if options.named("lowered") {
        report.lowered();
    }
    if options.all() || options.named("environments") {
        report.environments();
    }
    if options.named("memory") || (options.all() && report.has_memory()) {
        report.memory();
    }
    if options.all() || options.named("costs") {
        report.costs();
    }
    if options.all() {
        report.foot();
    }
    report.paper.into_text()
}

impl Report<'_> {
    fn head(&mut self) {
        let header = &self.index.recording.header;
        let exit = self.index.exit.map_or("not seen".to_owned(), |exit| exit.status.to_string());
        self.paper.put(Ink::Strong, &format!("oriel trace {}", self.index.script)).end();
        let words = format!(
            "Python {} · pid {} · {} from exec to the end of the recording · exit status {exit}",
            header.python,
            if self.options.stable { "-".to_owned() } else { header.pid.to_string() },
            self.options.time(self.index.end),
        );
        self.paper.line(Ink::Faint, &words);
        for warning in &self.index.recording.warnings {
            self.paper.put(Ink::Bad, "warning: ").fit(Ink::Plain, warning).end();
        }
        self.paper.end();
    }

    fn timeline(&mut self) {
        const NAME: usize = 17;
        const TIME: usize = 11;
        let width = WIDTH - NAME - TIME - 2;
        let end = self.index.end.max(1);
        self.paper.column(Ink::Faint, "stage", NAME).right(Ink::Faint, "took", TIME).put(Ink::Plain, "  ");
        let ticks = format!("0{:>width$}", self.options.time(end), width = width - 1);
        self.paper.line(Ink::Faint, &ticks);
        for stage in Stage::ALL {
            self.paper.column(Ink::Name, &format!("{:>4} {}", stage.number(), stage.name()), NAME);
            match self.index.stage(*stage) {
                Some((start, stop)) => {
                    let took: u64 =
                        self.index.stages.iter().filter(|span| span.stage == *stage).map(|span| span.dur).sum();
                    self.paper.right(Ink::Plain, &self.options.time(took), TIME).put(Ink::Plain, "  ");
                    if !self.options.stable {
                        self.paper.fit(Ink::Good, &bar(start, stop, end, width));
                    }
                }
                None => {
                    self.paper.right(Ink::Faint, "·", TIME);
                }
            }
            self.paper.end();
        }
        self.paper.end();
    }

    fn heading(&mut self, number: &str, name: &str, summary: &str) {
        self.paper.put(Ink::Strong, &format!("{number:>3}  {}", name.to_uppercase())).put(Ink::Plain, "  ");
        self.paper.fit(Ink::Faint, summary).end();
    }

    fn stage(&mut self, stage: Stage) {
        self.heading(stage.number(), stage.name(), stage.summary());
        if let Some((start, _)) = self.index.stage(stage) {
            let spans: Vec<_> = self.index.stages.iter().filter(|span| span.stage == stage).collect();
            let took: u64 = spans.iter().map(|span| span.dur).sum();
            let mut words = format!("took {}, begun at {}", self.options.time(took), self.options.time(start));
            let objects: u64 = spans.iter().map(|span| span.objects).sum();
            let bytes: i64 = spans.iter().map(|span| span.bytes).sum();
            if objects > 0 && !self.options.stable {
                words.push_str(&format!(", {} objects", grouped(objects)));
            }
            if bytes > 0 && !self.options.stable {
                words.push_str(&format!(", {}", super::bytes(bytes as u64)));
            }
            self.paper.pair("time", Ink::Plain, &words);
            for span in spans.iter().filter(|span| !span.detail.is_empty()) {
                self.paper.pair("", Ink::Plain, &span.detail);
            }
        }
        match stage {
            Stage::Command => self.command(),
            Stage::Process => self.process(),
            Stage::Bootstrap => self.parts(stage),
            Stage::Source => self.source(),
            Stage::Tokens => self.tokens(),
            Stage::Ast => self.ast(),
            Stage::Bytecode => self.bytecode(),
            Stage::Module => self.module(),
            Stage::Interpreter => self.interpreter(),
            Stage::Functions => self.functions(),
            Stage::Frames => self.frames(),
            Stage::Objects => self.objects(),
            Stage::Output => self.output(),
            Stage::Teardown => self.teardown(),
        }
        self.paper.end();
    }

    /// The parts of a stage with their times.
    fn parts(&mut self, stage: Stage) {
        let parts: Vec<_> = self.index.parts.iter().copied().filter(|span| span.stage == stage).collect();
        if parts.is_empty() {
            return;
        }
        self.paper.put(Ink::Plain, "  ").column(Ink::Faint, "step", 34).right(Ink::Faint, "time", 10);
        self.paper.right(Ink::Faint, "objects", 10).right(Ink::Faint, "bytes", 11).put(Ink::Plain, "  ").end();
        for span in parts {
            self.paper.put(Ink::Plain, "  ").column(Ink::Name, &span.name, 34);
            self.paper.right(Ink::Plain, &self.options.time(span.dur), 10);
            let hidden = self.options.stable;
            let objects = if span.objects == 0 || hidden { String::new() } else { grouped(span.objects) };
            self.paper.right(Ink::Plain, &objects, 10);
            let bytes = match span.bytes {
                _ if hidden => String::new(),
                0 => String::new(),
                bytes if bytes < 0 => format!("-{}", super::bytes(bytes.unsigned_abs())),
                bytes => super::bytes(bytes as u64),
            };
            self.paper.right(Ink::Plain, &bytes, 11).put(Ink::Plain, "  ").fit(Ink::Faint, &span.detail).end();
        }
    }

    /// Lists things, the first and the last of them where they are many and not all are asked for.
    fn listed<T>(&mut self, items: &[T], most: usize, mut show: impl FnMut(&mut Self, &T)) {
        if self.options.full || items.len() <= most {
            items.iter().for_each(|item| show(self, item));
            return;
        }
        let head = most * 2 / 3;
        let tail = most - head;
        items[..head].iter().for_each(|item| show(self, item));
        let left = grouped((items.len() - most) as u64);
        self.paper.put(Ink::Faint, &format!("  … {left} more (--full shows all) …")).end();
        items[items.len() - tail..].iter().for_each(|item| show(self, item));
    }

    fn foot(&mut self) {
        let Some(end) = self.index.recording.events.iter().rev().find_map(|event| match &event.data {
            Data::End(end) => Some(end),
            _ => None,
        }) else {
            return;
        };
        let mut words = format!(
            "{} events, {} written, the recorder held {}",
            grouped(end.events),
            super::bytes(end.bytes),
            super::bytes(end.memory)
        );
        if end.dropped > 0 {
            words.push_str(&format!(", {} events were not kept (--limit)", grouped(end.dropped)));
        }
        if self.options.stable {
            words = "-".to_owned();
        }
        self.paper.line(Ink::Faint, &words);
    }
}

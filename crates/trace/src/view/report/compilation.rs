//! Stages 3 to 5 of the report: source, tokens, tree, symbols, bytecode and lowered code, imports, the module's names.

use super::Report;
use crate::event::{Data, Import, Listing};
use crate::stage::Stage;
use crate::view::paper::{Ink, columns};
use crate::view::{bytes, grouped};

impl<'a> Report<'a> {
    fn data(&self) -> impl Iterator<Item = &'a Data> + use<'a> {
        self.index.recording.events.iter().map(|event| &event.data)
    }

    fn asked(&self, stage: Stage) -> bool {
        !self.options.all() && self.options.wants(stage)
    }

    pub(super) fn source(&mut self) {
        for data in self.data() {
            let Data::Source(source) = data else { continue };
            let from = if source.from.is_empty() { String::new() } else { format!(" from {}", source.from) };
            self.paper.pair("file", Ink::Name, &format!("{}{from}, {}", source.file, bytes(source.size)));
            self.paper.pair("encoding", Ink::Plain, &format!("{} ({})", source.encoding, source.decided_by));
            let (lf, crlf, cr) = source.newlines;
            let words = match (lf, crlf, cr) {
                (lf, 0, 0) => format!("{lf} line ends, all LF"),
                (lf, crlf, cr) => format!("{lf} LF, {crlf} CRLF, {cr} CR: all become LF"),
            };
            self.paper.pair("newlines", Ink::Plain, &words);
        }
        self.system_calls(true);
        let sources: Vec<_> = self.index.sources.values().copied().filter(|s| s.file == self.index.script).collect();
        for source in sources {
            let lines: Vec<(usize, &str)> = source.text.lines().enumerate().collect();
            self.listed(&lines, 30, |report, (number, line)| {
                report.paper.put(Ink::Faint, &format!("  {:>5}  ", number + 1)).fit(Ink::Plain, line).end();
            });
        }
    }

    /// System calls of the file system: those that read the script, or all others.
    pub(super) fn system_calls(&mut self, of_script: bool) {
        let spans: Vec<(u64, u64)> = self
            .index
            .stages
            .iter()
            .filter(|span| span.stage == Stage::Source)
            .map(|span| (span.start, span.start + span.dur))
            .collect();
        let calls: Vec<_> = self
            .index
            .recording
            .events
            .iter()
            .filter_map(|event| match &event.data {
                Data::SystemCall(call) => {
                    let inside = spans.iter().any(|(start, end)| (*start..=*end).contains(&event.time));
                    (inside == of_script).then_some((event.time, call))
                }
                _ => None,
            })
            .collect();
        if calls.is_empty() || (self.options.stable && !of_script) {
            return;
        }
        let time: u64 = calls.iter().map(|(_, call)| call.dur).sum();
        let words = format!("{}, {}", grouped(calls.len() as u64), self.options.time(time));
        self.paper.pair("system calls", Ink::Plain, &words);
        self.listed(&calls, 16, |report, (_, call)| {
            let arguments = match call.fd {
                Some(fd) if call.arguments.is_empty() => fd.to_string(),
                Some(fd) if !call.arguments.starts_with(&fd.to_string()) => format!("{fd}, {}", call.arguments),
                _ => call.arguments.clone(),
            };
            report.paper.put(Ink::Plain, "    ").put(Ink::Name, &call.name);
            report.paper.put(Ink::Plain, &format!("({})", crate::view::paper::cut(&arguments, 58)));
            report.paper.put(Ink::Value, &format!(" = {}", call.result));
            report.paper.put(Ink::Plain, "  ").fit(Ink::Faint, &report.options.time(call.dur)).end();
        });
    }

    pub(super) fn tokens(&mut self) {
        let most = if self.asked(Stage::Tokens) { usize::MAX } else { 16 };
        for data in self.data() {
            let Data::Tokens { file, tokens } = data else { continue };
            if !self.is_script(file) {
                continue;
            }
            self.paper.pair("tokens", Ink::Plain, &format!("{} in {file}", grouped(tokens.len() as u64)));
            self.listed(tokens, most, |report, (kind, text, line, column, end_line, end_column)| {
                let place = format!("{line},{column}-{end_line},{end_column}:");
                report.paper.put(Ink::Plain, "  ").column(Ink::Address, &place, 20).column(Ink::Name, kind, 15);
                report.paper.fit(Ink::Value, &quoted(text)).end();
            });
        }
    }

    fn is_script(&self, file: &str) -> bool {
        self.index.script.is_empty() || file == self.index.script || file.starts_with('<')
    }

    fn dump(&mut self, text: &str, whole: bool) {
        let lines: Vec<&str> = text.lines().collect();
        let most = if whole || self.options.full { usize::MAX } else { 24 };
        self.listed(&lines, most, |report, line| report.paper.block(Ink::Plain, line, 4));
    }

    pub(super) fn ast(&mut self) {
        for data in self.data() {
            if let Data::Ast { file, dump } = data
                && self.is_script(file)
            {
                let nodes = dump.matches('(').count() as u64;
                self.paper.pair("tree", Ink::Plain, &format!("{} nodes", grouped(nodes)));
                self.dump(dump, self.asked(Stage::Ast));
            }
        }
    }

    pub(super) fn symbols(&mut self) {
        self.heading("4.3", "symbols", "Where each name lives.");
        for data in self.data() {
            if let Data::Symbols { file, dump } = data
                && self.is_script(file)
            {
                self.dump(dump, true);
            }
        }
        self.paper.end();
    }

    /// The listings of the script's code objects that are asked for.
    fn listings(&self) -> Vec<(&'a Listing, &'a crate::event::Code)> {
        let mut list: Vec<_> = self
            .index
            .listings
            .values()
            .filter_map(|listing| Some((*listing, *self.index.codes.get(&listing.code)?)))
            .filter(|(_, code)| self.options.wants_function(&code.name))
            .filter(|(_, code)| self.options.function.is_some() || self.is_script(&code.file))
            .collect();
        list.sort_by_key(|(listing, _)| listing.code);
        list
    }

    pub(super) fn bytecode(&mut self) {
        let asked = self.options.named("bytecode");
        for data in self.data() {
            if let Data::Symbols { file, dump } = data
                && self.options.all()
                && self.is_script(file)
            {
                self.paper.pair("symbols", Ink::Plain, "where each name lives:");
                self.dump(dump, false);
            }
        }
        let listings = self.listings();
        let most = if asked { usize::MAX } else { 6 };
        self.listed(&listings, most, |report, (listing, code)| {
            report.paper.put(Ink::Plain, "  ").put(Ink::Name, &code.name);
            let flags = if listing.flags.is_empty() { String::new() } else { format!(", {}", listing.flags) };
            let words =
                format!(" line {}, {} instructions, stack {}{flags}", code.line, listing.bytecode.len(), code.stack);
            report.paper.fit(Ink::Faint, &words).end();
            if asked {
                report.paper.block(Ink::Plain, &listing.dis, 4);
            } else {
                report.side_by_side(listing);
            }
        });
    }

    pub(super) fn lowered(&mut self) {
        self.heading("4.3", "lowered", "Bytecode, and beside it the register code that runs.");
        for (listing, code) in self.listings() {
            self.paper.put(Ink::Plain, "  ").put(Ink::Name, &code.name).end();
            self.side_by_side(listing);
        }
        self.paper.end();
    }

    /// Each bytecode instruction with the lowered ones that it became.
    fn side_by_side(&mut self, listing: &Listing) {
        const LEFT: usize = 54;
        let mut line = 0;
        let rows: Vec<&crate::event::Instruction> = listing.bytecode.iter().collect();
        let most = if self.options.all() && !self.options.full { 40 } else { usize::MAX };
        self.listed(&rows, most, |report, instruction| {
            let number =
                if instruction.l != line && instruction.l != 0 { instruction.l.to_string() } else { String::new() };
            if instruction.l != 0 {
                line = instruction.l;
            }
            report.paper.right(Ink::Faint, &number, 7).right(Ink::Address, &instruction.o.to_string(), 6);
            report.paper.put(Ink::Plain, "  ").column(Ink::Plain, &instruction.op, 20);
            let meaning = match (&instruction.r, instruction.a) {
                (meaning, Some(operand)) if !meaning.is_empty() => format!(" {operand} ({meaning})"),
                (_, Some(operand)) => format!(" {operand}"),
                _ => String::new(),
            };
            let room = LEFT.saturating_sub(35);
            report.paper.column(Ink::Value, &meaning, room);
            let mut words = listing.lowered.iter().filter(|(_, offset, _)| *offset == instruction.o);
            if let Some((word, _, text)) = words.next() {
                report
                    .paper
                    .to(LEFT)
                    .right(Ink::Address, &word.to_string(), 4)
                    .put(Ink::Plain, "  ")
                    .fit(Ink::Plain, text);
            }
            report.paper.end();
            for (word, _, text) in words {
                report
                    .paper
                    .to(LEFT)
                    .right(Ink::Address, &word.to_string(), 4)
                    .put(Ink::Plain, "  ")
                    .fit(Ink::Plain, text)
                    .end();
            }
        });
        for (start, end, target, depth, lasti) in &listing.handlers {
            let lasti = if *lasti { " lasti" } else { "" };
            let words = format!("       {start} to {end} -> {target} [{depth}]{lasti}");
            self.paper.line(Ink::Faint, &words);
        }
    }

    fn imports(&mut self) {
        let mut imports: Vec<&Import> = self
            .data()
            .filter_map(|data| match data {
                Data::Import(import) => Some(import),
                _ => None,
            })
            .collect();
        if imports.is_empty() || self.options.stable {
            return;
        }
        imports.sort_by_key(|import| import.start);
        self.paper.pair("imports", Ink::Plain, &grouped(imports.len() as u64));
        self.listed(&imports, 24, |report, import| {
            let name = format!("{}{}", "  ".repeat(import.depth as usize), import.name);
            report.paper.put(Ink::Plain, "  ").right(Ink::Plain, &report.options.time(import.own), 9);
            report.paper.right(Ink::Plain, &report.options.time(import.dur), 10).put(Ink::Plain, "  ");
            report.paper.column(Ink::Name, &name, 30.max(columns(&name).min(40))).put(Ink::Plain, " ");
            let words = if import.verdict.is_empty() {
                import.origin.clone()
            } else {
                format!("{}: {}", import.origin, import.verdict)
            };
            report.paper.fit(Ink::Faint, &words).end();
        });
    }

    pub(super) fn module(&mut self) {
        self.imports();
        self.system_calls(false);
        let names: Vec<_> = self
            .index
            .recording
            .events
            .iter()
            .filter_map(|event| match &event.data {
                Data::Namespace { name, value, rebound } => Some((event.time, name, value, *rebound)),
                _ => None,
            })
            .collect();
        self.listed(&names, 24, |report, (time, name, value, rebound)| {
            report
                .paper
                .put(Ink::Plain, "  ")
                .right(Ink::Faint, &report.options.clock(*time), 11)
                .put(Ink::Plain, "  ");
            report.paper.put(Ink::Name, name);
            match value {
                Some(value) => {
                    let text = report.value(value);
                    report.paper.put(Ink::Plain, if *rebound { " := " } else { " = " }).fit(Ink::Value, &text)
                }
                None => report.paper.put(Ink::Plain, " is deleted"),
            }
            .end();
        });
    }
}

/// A text in quotes as Python shows it, near enough for tokens.
fn quoted(text: &str) -> String {
    let escaped = text.escape_debug().to_string();
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let inner = escaped.replace("\\'", "'").replace("\\\"", "\"");
    let inner = if quote == '\'' { inner.replace('\'', "\\'") } else { inner };
    format!("{quote}{inner}{quote}")
}

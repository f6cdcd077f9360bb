//! The table of costs: the five costs of the whole run, then functions and lines.

use super::Report;
use crate::event::Counters;
use crate::view::costs::{five, of};
use crate::view::paper::{Ink, bar};
use crate::view::{bytes, grouped, short_path};

impl Report<'_> {
    pub(super) fn costs(&mut self) {
        self.heading("", "costs", "What the run paid for, whole, by function and by line.");
        let index = self.index;
        let costs = of(index);
        for cost in five(&costs) {
            self.paper
                .put(Ink::Plain, "  ")
                .column(Ink::Name, cost.name, 18)
                .column(Ink::Faint, cost.meaning, 54)
                .end();
            let figures = if self.options.stable { "-" } else { &cost.figures };
            self.paper.pair("", Ink::Plain, figures);
        }
        if self.options.stable {
            self.paper.end();
            return;
        }
        if !costs.clock.is_empty() {
            self.paper.pair("time is of", Ink::Faint, &costs.clock);
        }
        let mut functions: Vec<_> =
            costs.functions.iter().filter(|function| function.costs != Counters::default()).collect();
        functions.sort_by_key(|function| u64::MAX - function.costs.time);
        let most = functions.first().map_or(1, |function| function.costs.time.max(1));
        if !functions.is_empty() {
            self.columns("function");
            self.listed(&functions, 16, |report, function| {
                let Some(code) = index.codes.get(&function.code) else { return };
                report.figures(&code.name, &function.costs, most);
            });
        }
        let mut lines: Vec<_> = costs
            .lines
            .iter()
            .filter_map(|line| Some((index.codes.get(&line.code)?, line)))
            .filter(|(code, line)| {
                line.line > 0 && (index.sources.contains_key(code.file.as_str()) || self.options.full)
            })
            .collect();
        lines.sort_by_key(|(code, line)| (code.file.as_str(), line.line));
        let most = lines.iter().map(|(_, line)| line.costs.time).max().unwrap_or(1).max(1);
        if !lines.is_empty() {
            self.columns("line");
            self.listed(&lines, 40, |report, (code, line)| {
                let text =
                    format!("{}:{} {}", short_path(&code.file), line.line, index.line_text(&code.file, line.line));
                report.figures(&text, &line.costs, most);
            });
        }
        self.paper.end();
    }

    fn columns(&mut self, first: &str) {
        self.paper.put(Ink::Plain, "  ").column(Ink::Faint, first, 34).right(Ink::Faint, "runs", 8).right(
            Ink::Faint,
            "instr.",
            9,
        );
        self.paper.right(Ink::Faint, "native", 8).right(Ink::Faint, "alloc.", 8).right(Ink::Faint, "bytes", 10);
        self.paper.right(Ink::Faint, "time", 9).end();
    }

    fn figures(&mut self, name: &str, costs: &Counters, most: u64) {
        let number = |count: u64| if count == 0 { "·".to_owned() } else { grouped(count) };
        self.paper.put(Ink::Plain, "  ").column(Ink::Name, name, 34).right(Ink::Plain, &number(costs.runs), 8);
        self.paper.right(Ink::Plain, &number(costs.instructions), 9).right(Ink::Plain, &number(costs.natives), 8);
        self.paper.right(Ink::Plain, &number(costs.allocations), 8);
        self.paper.right(Ink::Plain, &if costs.bytes == 0 { "·".to_owned() } else { bytes(costs.bytes) }, 10);
        let time = self.options.time(costs.time);
        self.paper.right(Ink::Plain, &time, 9).put(Ink::Plain, "  ");
        let room = self.paper.room().min(10);
        self.paper.fit(Ink::Good, &bar(0, costs.time, most, room)).end();
    }
}

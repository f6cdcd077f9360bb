//! The costs of a run: as the recorder counted them, or where it counted nothing, as far as the events tell.

use super::index::Index;
use crate::event::{Costs, Counters, Data, FunctionCosts, LineCosts};
use std::collections::BTreeMap;

/// One of the five costs of running Python, for the whole run.
pub struct Cost {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// The figures, in words.
    pub figures: String,
}

/// The costs: the last that the recorder wrote, else what lines and calls tell.
pub fn of(index: &Index<'_>) -> Costs {
    let written = index.recording.events.iter().rev().find_map(|event| match &event.data {
        Data::Costs(costs) => Some(costs.clone()),
        _ => None,
    });
    written.unwrap_or_else(|| from_events(index))
}

fn from_events(index: &Index<'_>) -> Costs {
    let mut lines: BTreeMap<(u32, u32), Counters> = BTreeMap::new();
    let mut functions: BTreeMap<u32, FunctionCosts> = BTreeMap::new();
    // Time belongs to the line that began last on its thread.
    let mut current: BTreeMap<u32, (u64, u32, u32)> = BTreeMap::new();
    let mut total = Counters::default();
    for event in &index.recording.events {
        let frame = match &event.data {
            Data::Line(line) => line.f,
            Data::Step(step) => step.f,
            Data::Call(call) => call.f,
            Data::Return { f, .. } | Data::Unwind { f, .. } => *f,
            Data::Native(native) => {
                total.natives += 1;
                native.f
            }
            _ => continue,
        };
        let code = index.frames.get(&frame).map_or(0, |life| life.code);
        let line = match &event.data {
            Data::Line(line) => line.l,
            Data::Step(step) => index.instruction(frame, step.o).map_or(0, |instruction| instruction.l),
            _ => 0,
        };
        if let Some((since, code, line)) = current.get(&event.thread).copied() {
            let time = event.time.saturating_sub(since);
            lines.entry((code, line)).or_default().time += time;
            functions.entry(code).or_default().costs.time += time;
            total.time += time;
        }
        let line = if line == 0 { current.get(&event.thread).map_or(0, |(_, _, line)| *line) } else { line };
        current.insert(event.thread, (event.time, code, line));
        match &event.data {
            Data::Line(_) => lines.entry((code, line)).or_default().runs += 1,
            Data::Step(_) => {
                lines.entry((code, line)).or_default().instructions += 1;
                functions.entry(code).or_default().costs.instructions += 1;
                total.instructions += 1;
            }
            Data::Call(_) => functions.entry(code).or_default().costs.runs += 1,
            Data::Native(_) => {
                lines.entry((code, line)).or_default().natives += 1;
                functions.entry(code).or_default().costs.natives += 1;
            }
            _ => {}
        }
    }
    Costs {
        total,
        lines: lines.into_iter().map(|((code, line), costs)| LineCosts { code, line, costs }).collect(),
        functions: functions.into_iter().map(|(code, costs)| FunctionCosts { code, ..costs }).collect(),
        clock: "the recorded run, with what recording adds".to_owned(),
        ..Costs::default()
    }
}

/// The five costs of the whole run.
pub fn five(costs: &Costs) -> Vec<Cost> {
    let total = &costs.total;
    let grouped = super::grouped;
    let guards = total.hits + total.misses;
    let share =
        if guards == 0 { String::new() } else { format!(" ({:.1} %)", total.hits as f64 * 100.0 / guards as f64) };
    let (runs, freed, time) = costs.collections;
    let hardware: Vec<String> = costs.hardware.iter().map(|(name, n)| format!("{} {name}", grouped(*n))).collect();
    let hardware = if hardware.is_empty() { String::new() } else { format!("; counters: {}", hardware.join(", ")) };
    vec![
        Cost {
            name: "dispatch",
            meaning: "fetching and decoding instructions",
            figures: format!("{} instructions, {} native calls", grouped(total.instructions), grouped(total.natives)),
        },
        Cost {
            name: "dynamic typing",
            meaning: "finding out at each operation what the operands are",
            figures: format!(
                "{} guards, {} held{share}, {} failed",
                grouped(guards),
                grouped(total.hits),
                grouped(total.misses)
            ),
        },
        Cost {
            name: "allocation",
            meaning: "making, counting and freeing objects",
            figures: format!(
                "{} objects, {}, {} count moves, {} collections freed {} in {}",
                grouped(total.allocations),
                super::bytes(total.bytes),
                grouped(total.counts),
                grouped(runs),
                grouped(freed),
                super::duration(time)
            ),
        },
        Cost {
            name: "cache behaviour",
            meaning: "waiting for memory",
            figures: format!("{} cache lines touched by the model{hardware}", grouped(total.lines)),
        },
        Cost {
            name: "GIL",
            meaning: "waiting for the other threads",
            figures: format!("{} waiting", super::duration(total.gil)),
        },
    ]
}

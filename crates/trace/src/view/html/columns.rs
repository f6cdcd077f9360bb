//! Events as columns of numbers, in base 64: small in the file, quick to read, and no object an event in the browser.

use crate::event::{Changes, Data, Event, Val};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The kinds of events, by number.
pub const KINDS: &[&str] = &[
    "line",
    "step",
    "call",
    "return",
    "unwind",
    "suspend",
    "resume",
    "native",
    "raise",
    "caught",
    "name",
    "path",
    "function",
    "output",
    "namespace",
    "alloc",
    "free",
    "count",
    "collect",
    "gil",
    "note",
    "gap",
    "thread",
    "syscall",
];

/// Values that occur often, each once.
#[derive(Default)]
pub struct Interned {
    numbers: HashMap<String, u64>,
    /// The values by number.
    pub list: Vec<Value>,
}

impl Interned {
    fn text(&mut self, text: &str) -> u64 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.list.len() as u64;
        self.numbers.insert(text.to_owned(), number);
        self.list.push(Value::from(text));
        number
    }

    fn val(&mut self, val: &Val) -> u64 {
        let key = match val {
            Val::Immediate(text) => return self.text(text),
            Val::Object(address, ty, text) => format!("{address}\0{ty}\0{text}"),
        };
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = self.list.len() as u64;
        self.numbers.insert(key, number);
        self.list.push(json!(val));
        number
    }
}

/// The columns.
#[derive(Default)]
pub struct Columns {
    kind: Vec<u64>,
    time: Vec<u64>,
    thread: Vec<u64>,
    frame: Vec<u64>,
    x: Vec<u64>,
    count: Vec<u64>,
    pool: Vec<u64>,
    last: u64,
    /// Texts.
    pub strings: Interned,
    /// Values of the program.
    pub values: Interned,
    /// Frames: number, code, caller, thread, address, bytes, slots.
    pub frames: Vec<(u64, u32, u64, u32, u64, u32, u32)>,
}

impl Columns {
    fn changes(&mut self, changes: &Changes) {
        for (name, value) in changes {
            let name = self.strings.text(name);
            let value = value.as_ref().map_or(0, |value| self.values.val(value) + 1);
            self.pool.extend([name, value]);
        }
    }

    fn texts(&mut self, texts: &[&str]) {
        for text in texts {
            let number = self.strings.text(text);
            self.pool.push(number);
        }
    }

    fn value(&mut self, value: &Val) {
        let number = self.values.val(value);
        self.pool.push(number);
    }

    /// Adds an event, if it is one that can be stepped to.
    pub fn take(&mut self, event: &Event) {
        let before = self.pool.len();
        let (kind, frame, x) = match &event.data {
            Data::Line(line) => {
                self.changes(&line.v);
                ("line", line.f, u64::from(line.l))
            }
            Data::Step(step) => {
                self.pool.push(step.s.len() as u64);
                for slot in &step.s {
                    let number = slot.as_ref().map_or(0, |value| self.values.val(value) + 1);
                    self.pool.push(number);
                }
                self.changes(&step.v);
                ("step", step.f, u64::from(step.o))
            }
            Data::Call(call) => {
                self.frames.push((call.f, call.c, call.by, event.thread, call.a, call.n, call.slots));
                self.changes(&call.v);
                ("call", call.f, u64::from(call.c))
            }
            Data::Return { f, v } => {
                self.value(v);
                ("return", *f, 0)
            }
            Data::Unwind { f, v } => {
                self.value(v);
                ("unwind", *f, 0)
            }
            Data::Suspend { f, v } => {
                self.value(v);
                ("suspend", *f, 0)
            }
            Data::Resume { f, v, .. } => {
                if let Some(v) = v {
                    self.value(v);
                }
                ("resume", *f, 0)
            }
            Data::Native(native) => {
                self.texts(&[&native.name]);
                let result = native.r.as_ref().map_or(0, |value| self.values.val(value) + 1);
                self.pool.push(result);
                native.v.iter().for_each(|value| self.value(value));
                ("native", native.f, native.dur)
            }
            Data::Raise(raise) => {
                self.texts(&[&raise.ty, &raise.text]);
                self.pool.push(u64::from(raise.passing));
                ("raise", raise.f, u64::from(raise.o))
            }
            Data::Caught(caught) => {
                self.texts(&[&caught.ty]);
                ("caught", caught.f, u64::from(caught.l))
            }
            Data::Name(name) => {
                self.texts(&[&name.name, &name.found]);
                self.pool.push(u64::from(name.cached));
                self.texts(&[&name.how]);
                let asked: Vec<&str> = name.asked.iter().map(String::as_str).collect();
                self.texts(&asked);
                ("name", name.f, u64::from(name.o))
            }
            Data::Path(path) => {
                self.texts(&[&path.op, &path.path, &path.guard, &path.cache]);
                ("path", path.f, u64::from(path.o))
            }
            Data::Function(function) => {
                self.texts(&[&function.name]);
                ("function", function.f, u64::from(function.c))
            }
            Data::Output { fd, size, text, dur } => {
                self.texts(&[text]);
                self.pool.extend([*size, *dur]);
                ("output", 0, u64::try_from(*fd).unwrap_or(0))
            }
            Data::Namespace { name, value, .. } => {
                self.texts(&[name]);
                let value = value.as_ref().map_or(0, |value| self.values.val(value) + 1);
                self.pool.push(value);
                ("namespace", 0, 0)
            }
            Data::Alloc(moved) => {
                self.texts(&[&moved.ty]);
                self.pool.push(moved.a);
                ("alloc", moved.f, moved.n)
            }
            Data::Free(moved) => {
                self.texts(&[&moved.ty]);
                self.pool.push(moved.a);
                ("free", moved.f, moved.n)
            }
            Data::Count { a, from, to, f, o } => {
                self.pool.extend([*a, u64::from(*from), u64::from(*to)]);
                ("count", *f, u64::from(*o))
            }
            Data::Collect(collect) => {
                let words = format!("generation {}: {} freed", collect.generation, collect.freed);
                self.texts(&[&words]);
                ("collect", 0, collect.dur)
            }
            Data::Gil { what, dur } => {
                self.texts(&[what]);
                ("gil", 0, *dur)
            }
            Data::Note { text } => {
                self.texts(&[text]);
                ("note", 0, 0)
            }
            Data::Gap { from, to } => {
                let words = format!("{} events were not kept", to - from + 1);
                self.texts(&[&words]);
                ("gap", 0, 0)
            }
            Data::Thread(thread) => {
                let words = format!("{} {}", thread.name, if thread.ended { "ends" } else { "begins" });
                self.texts(&[&words]);
                ("thread", 0, 0)
            }
            Data::SystemCall(call) => {
                let words = format!("{}({}) = {}", call.name, call.arguments, call.result);
                self.texts(&[&words]);
                ("syscall", 0, call.dur)
            }
            _ => return,
        };
        self.kind.push(KINDS.iter().position(|name| *name == kind).unwrap_or(0) as u64);
        // Threads write their events a little out of order: time never runs back in a column of differences.
        self.time.push(event.time.saturating_sub(self.last));
        self.last = self.last.max(event.time);
        self.thread.push(event.thread.into());
        self.frame.push(frame);
        self.x.push(x);
        self.count.push((self.pool.len() - before) as u64);
    }

    /// The columns in base 64.
    pub fn encoded(&self) -> Value {
        json!({
            "kind": encode(&self.kind),
            "time": encode(&self.time),
            "thread": encode(&self.thread),
            "frame": encode(&self.frame),
            "x": encode(&self.x),
            "count": encode(&self.count),
            "pool": encode(&self.pool),
        })
    }
}

/// Numbers as bytes of seven bits, the lowest first, in base 64.
fn encode(numbers: &[u64]) -> String {
    let mut bytes = Vec::with_capacity(numbers.len() * 2);
    for number in numbers {
        let mut rest = *number;
        while rest >= 0x80 {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
    }
    base64(&bytes)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().enumerate().fold(0u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
        for digit in 0..4 {
            let sign = DIGITS[(word >> (18 - 6 * digit) & 63) as usize];
            out.push(if digit <= chunk.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn columns_are_varints_in_base_64() {
        assert_eq!(encode(&[1, 2, 3]), "AQID");
        assert_eq!(encode(&[300]), "rAI=");
        assert_eq!(encode(&[]), "");
    }
}

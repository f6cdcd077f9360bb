//! Events as lines of JSON. The most frequent kinds are written by hand, in the same form as the others: it is what
//! recording each instruction mostly costs.

use crate::event::{Changes, Data, MAIN_THREAD, Val};
use serde::Serialize;

/// An event whose data lies elsewhere.
#[derive(Clone, Copy, Serialize)]
pub struct EventRef<'a> {
    #[serde(rename = "q")]
    pub seq: u64,
    #[serde(rename = "t")]
    pub time: u64,
    #[serde(rename = "h", skip_serializing_if = "is_main_thread")]
    pub thread: u32,
    #[serde(flatten)]
    pub data: &'a Data,
}

fn is_main_thread(thread: &u32) -> bool {
    *thread == MAIN_THREAD
}

/// Appends an event and the end of its line.
pub fn encode(buffer: &mut Vec<u8>, event: EventRef<'_>) {
    let start = buffer.len();
    match event.data {
        Data::Step(step) => {
            head(buffer, event, "step");
            pair(buffer, ",\"f\":", step.f);
            if step.o != 0 {
                pair(buffer, ",\"o\":", step.o.into());
            }
            if !step.s.is_empty() {
                buffer.extend_from_slice(b",\"s\":[");
                list(buffer, &step.s, |buffer, slot| optional(buffer, slot.as_ref()));
                buffer.push(b']');
            }
            changes(buffer, &step.v);
            buffer.push(b'}');
        }
        Data::Line(line) => {
            head(buffer, event, "line");
            pair(buffer, ",\"f\":", line.f);
            if line.l != 0 {
                pair(buffer, ",\"l\":", line.l.into());
            }
            changes(buffer, &line.v);
            buffer.push(b'}');
        }
        Data::Call(call) => {
            head(buffer, event, "call");
            let fields = [
                (",\"f\":", call.f),
                (",\"c\":", call.c.into()),
                (",\"by\":", call.by),
                (",\"a\":", call.a),
                (",\"n\":", call.n.into()),
                (",\"slots\":", call.slots.into()),
            ];
            for (name, number) in fields.into_iter().filter(|(_, number)| *number != 0) {
                pair(buffer, name, number);
            }
            changes(buffer, &call.v);
            buffer.push(b'}');
        }
        Data::Return { f, v } => {
            head(buffer, event, "return");
            pair(buffer, ",\"f\":", *f);
            buffer.extend_from_slice(b",\"v\":");
            value(buffer, v);
            buffer.push(b'}');
        }
        // Writing to memory fails only where a value cannot be JSON, which no event's can.
        _ => {
            if serde_json::to_writer(&mut *buffer, &event).is_err() {
                buffer.truncate(start);
                return;
            }
        }
    }
    buffer.push(b'\n');
}

fn head(buffer: &mut Vec<u8>, event: EventRef<'_>, kind: &str) {
    pair(buffer, "{\"q\":", event.seq);
    pair(buffer, ",\"t\":", event.time);
    if event.thread != MAIN_THREAD {
        pair(buffer, ",\"h\":", event.thread.into());
    }
    buffer.extend_from_slice(b",\"k\":\"");
    buffer.extend_from_slice(kind.as_bytes());
    buffer.push(b'"');
}

fn pair(buffer: &mut Vec<u8>, name: &str, value: u64) {
    buffer.extend_from_slice(name.as_bytes());
    number(buffer, value);
}

fn number(buffer: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    buffer.extend_from_slice(&digits[at..]);
}

fn list<T>(buffer: &mut Vec<u8>, items: &[T], mut write: impl FnMut(&mut Vec<u8>, &T)) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            buffer.push(b',');
        }
        write(buffer, item);
    }
}

fn changes(buffer: &mut Vec<u8>, changes: &Changes) {
    if changes.is_empty() {
        return;
    }
    buffer.extend_from_slice(b",\"v\":[");
    list(buffer, changes, |buffer, (name, value)| {
        buffer.push(b'[');
        string(buffer, name);
        buffer.push(b',');
        optional(buffer, value.as_ref());
        buffer.push(b']');
    });
    buffer.push(b']');
}

fn optional(buffer: &mut Vec<u8>, slot: Option<&Val>) {
    match slot {
        None => buffer.extend_from_slice(b"null"),
        Some(slot) => value(buffer, slot),
    }
}

fn value(buffer: &mut Vec<u8>, value: &Val) {
    match value {
        Val::Immediate(text) => string(buffer, text),
        Val::Object(address, ty, text) => {
            buffer.push(b'[');
            number(buffer, *address);
            buffer.push(b',');
            string(buffer, ty);
            buffer.push(b',');
            string(buffer, text);
            buffer.push(b']');
        }
    }
}

fn string(buffer: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        buffer.push(b'"');
        buffer.extend_from_slice(text.as_bytes());
        buffer.push(b'"');
    } else if serde_json::to_writer(&mut *buffer, text).is_err() {
        buffer.extend_from_slice(b"\"\"");
    }
}

#[cfg(test)]
mod tests {
    use super::{EventRef, encode};
    use crate::event::{Call, Data, Event, Line, Step, Val};

    #[track_caller]
    fn check(thread: u32, data: Data) {
        let event = Event { seq: 7, time: 1_234_567, thread, data };
        let mut by_hand = Vec::new();
        encode(&mut by_hand, EventRef { seq: event.seq, time: event.time, thread, data: &event.data });
        let expected = serde_json::to_string(&event).unwrap() + "\n";
        assert_eq!(String::from_utf8(by_hand).unwrap(), expected);
    }

    #[test]
    fn lines_by_hand_are_those_of_the_model() {
        let object = Val::Object(4_951_837_464_832, "str".into(), "'a\"b\\n'".into());
        let number = Val::Immediate("5".into());
        let changed = vec![("x".to_owned(), Some(number.clone())), ("é".to_owned(), None)];
        check(1, Data::Step(Step { f: 3, o: 0, s: Vec::new(), v: Vec::new() }));
        check(
            2,
            Data::Step(Step {
                f: 3,
                o: 18,
                s: vec![Some(object.clone()), None, Some(number.clone())],
                v: changed.clone(),
            }),
        );
        check(1, Data::Line(Line { f: 9, l: 0, v: Vec::new() }));
        check(1, Data::Line(Line { f: 9, l: 12, v: changed.clone() }));
        check(3, Data::Call(Call { f: 4, c: 2, by: 1, a: 1 << 40, n: 96, slots: 4, v: changed }));
        check(1, Data::Call(Call { f: 4, ..Call::default() }));
        check(6, Data::Unwind { f: 1, v: Val::Immediate("None".into()) });
        check(5, Data::Return { f: 1, v: object });
    }
}

//! Perfetto's TrackEvent protobuf: the stages, each thread's calls, instants for what happens in between, and the heap's
//! size as a counter. The few messages that are needed are written field by field.

use super::index::Index;
use super::stacks::{Change, changes, location, name};
use crate::event::{Data, MAIN_THREAD};
use crate::reader::Recording;

/// A message under construction.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn number(mut self, field: u64, value: u64) -> Message {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    fn bytes(mut self, field: u64, bytes: &[u8]) -> Message {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(self, field: u64, text: &str) -> Message {
        self.bytes(field, text.as_bytes())
    }

    fn message(self, field: u64, message: Message) -> Message {
        self.bytes(field, &message.0)
    }
}

/// Fields of `TracePacket`.
mod packet {
    pub const TIMESTAMP: u64 = 8;
    pub const SEQUENCE: u64 = 10;
    pub const TRACK_EVENT: u64 = 11;
    pub const SEQUENCE_FLAGS: u64 = 13;
    pub const TRACK_DESCRIPTOR: u64 = 60;
}

/// Fields of `TrackEvent` and the values of its type.
mod track_event {
    pub const DEBUG_ANNOTATIONS: u64 = 4;
    pub const TYPE: u64 = 9;
    pub const TRACK: u64 = 11;
    pub const CATEGORIES: u64 = 22;
    pub const NAME: u64 = 23;
    pub const COUNTER_VALUE: u64 = 30;
    pub const SOURCE_LOCATION: u64 = 33;
    pub const SLICE_BEGIN: u64 = 1;
    pub const SLICE_END: u64 = 2;
    pub const INSTANT: u64 = 3;
    pub const COUNTER: u64 = 4;
}

const PROCESS: u64 = 1;
const STAGES: u64 = 2;
const HEAP: u64 = 3;
const FIRST_THREAD: u64 = 100;

struct Trace {
    out: Vec<u8>,
    /// Events with their times: they are written in the order of time, those of one time as they came.
    events: Vec<(u64, Message)>,
    started: bool,
}

impl Trace {
    fn packet(&mut self, message: Message) {
        let message = message.number(packet::SEQUENCE, 1);
        // The first packet of a sequence says that nothing before it counts.
        let message = if self.started { message } else { message.number(packet::SEQUENCE_FLAGS, 1) };
        self.started = true;
        let whole = Message::default().message(1, message);
        self.out.extend_from_slice(&whole.0);
    }

    fn descriptor(&mut self, message: Message) {
        self.packet(Message::default().message(packet::TRACK_DESCRIPTOR, message));
    }

    fn event(&mut self, time: u64, event: Message) {
        let packet = Message::default().number(packet::TIMESTAMP, time).message(packet::TRACK_EVENT, event);
        self.events.push((time, packet));
    }

    fn into_bytes(mut self) -> Vec<u8> {
        let mut events = std::mem::take(&mut self.events);
        events.sort_by_key(|(time, _)| *time);
        for (_, packet) in events {
            self.packet(packet);
        }
        self.out
    }

    fn begin(&mut self, time: u64, track: u64, category: &str, name: &str, more: impl FnOnce(Message) -> Message) {
        let event = Message::default()
            .number(track_event::TYPE, track_event::SLICE_BEGIN)
            .number(track_event::TRACK, track)
            .text(track_event::CATEGORIES, category)
            .text(track_event::NAME, name);
        self.event(time, more(event));
    }

    fn end(&mut self, time: u64, track: u64) {
        let event =
            Message::default().number(track_event::TYPE, track_event::SLICE_END).number(track_event::TRACK, track);
        self.event(time, event);
    }

    fn instant(&mut self, time: u64, track: u64, category: &str, name: &str, note: (&str, &str)) {
        let event = Message::default()
            .number(track_event::TYPE, track_event::INSTANT)
            .number(track_event::TRACK, track)
            .text(track_event::CATEGORIES, category)
            .text(track_event::NAME, name)
            .message(track_event::DEBUG_ANNOTATIONS, annotation(note.0, note.1));
        self.event(time, event);
    }
}

/// A `DebugAnnotation`: name and text.
fn annotation(name: &str, text: &str) -> Message {
    Message::default().text(10, name).text(6, text)
}

/// The file's content.
pub fn perfetto(recording: &Recording) -> Vec<u8> {
    let index = Index::new(recording);
    let mut trace = Trace { out: Vec::new(), events: Vec::new(), started: false };
    tracks(&mut trace, &index);
    stages(&mut trace, &index);
    for (thread, changes) in changes(&index) {
        let track = FIRST_THREAD + u64::from(thread);
        for (time, change) in changes {
            match change {
                Change::Open(place) => {
                    trace.begin(time, track, "python", name(&index, place), |event| match location(&index, place) {
                        Some((file, line)) => {
                            let location = Message::default().text(2, file).number(4, line.into());
                            event.message(track_event::SOURCE_LOCATION, location)
                        }
                        None => event,
                    })
                }
                Change::Close(_) => trace.end(time, track),
            }
        }
    }
    instants(&mut trace, &index);
    trace.into_bytes()
}

fn tracks(trace: &mut Trace, index: &Index<'_>) {
    let header = &index.recording.header;
    let pid = u64::from(header.pid);
    let process = Message::default().number(1, pid).text(6, &format!("oriel {}", index.script));
    trace.descriptor(Message::default().number(1, PROCESS).text(2, "process").message(3, process));
    trace.descriptor(Message::default().number(1, STAGES).text(2, "stages").number(5, PROCESS));
    let bytes = Message::default().number(3, 3);
    trace.descriptor(Message::default().number(1, HEAP).text(2, "arenas").number(5, PROCESS).message(8, bytes));
    let mut threads = vec![(MAIN_THREAD, "MainThread", pid)];
    for event in &index.recording.events {
        if let Data::Thread(thread) = &event.data
            && !threads.iter().any(|(id, ..)| *id == thread.id)
        {
            threads.push((thread.id, &thread.name, thread.native));
        }
    }
    for (id, name, native) in threads {
        let thread = Message::default().number(1, pid).number(2, native).text(5, name);
        let uuid = FIRST_THREAD + u64::from(id);
        trace.descriptor(Message::default().number(1, uuid).number(5, PROCESS).message(4, thread));
    }
}

fn stages(trace: &mut Trace, index: &Index<'_>) {
    // Slices of one track must nest: ends before begins, outer ones first.
    let mut spans: Vec<_> = index.stages.iter().chain(&index.parts).collect();
    spans.sort_by_key(|span| (span.start, u64::MAX - span.dur));
    let mut open: Vec<u64> = Vec::new();
    for span in spans {
        while open.last().is_some_and(|end| *end <= span.start) {
            trace.end(open.pop().unwrap_or_default(), STAGES);
        }
        let end = open.last().map_or(span.start + span.dur, |outer| (span.start + span.dur).min(*outer));
        let name = if span.name.is_empty() {
            format!("{} {}", span.stage.number(), span.stage.name())
        } else {
            span.name.clone()
        };
        trace.begin(span.start, STAGES, "stage", &name, |event| {
            if span.detail.is_empty() {
                event
            } else {
                event.message(track_event::DEBUG_ANNOTATIONS, annotation("detail", &span.detail))
            }
        });
        open.push(end);
    }
    while let Some(end) = open.pop() {
        trace.end(end, STAGES);
    }
}

fn instants(trace: &mut Trace, index: &Index<'_>) {
    for event in &index.recording.events {
        let track = FIRST_THREAD + u64::from(event.thread);
        let time = event.time;
        match &event.data {
            Data::Output { fd, text, .. } => {
                trace.instant(time, track, "output", &format!("write to {fd}"), ("bytes", text));
            }
            Data::Raise(raise) if !raise.passing => {
                trace.instant(time, track, "exception", &format!("raise {}", raise.ty), ("text", &raise.text));
            }
            Data::Collect(collect) => {
                let figures = format!("generation {}, {} freed", collect.generation, collect.freed);
                trace.instant(time, track, "memory", "collect", ("figures", &figures));
            }
            Data::Note { text } => trace.instant(time, track, "note", text, ("from", "oriel_trace.note")),
            Data::Heap(heap) => {
                let event = Message::default()
                    .number(track_event::TYPE, track_event::COUNTER)
                    .number(track_event::TRACK, HEAP)
                    .number(track_event::COUNTER_VALUE, heap.arena_bytes + heap.large_bytes);
                trace.event(time, event);
            }
            _ => {}
        }
    }
}

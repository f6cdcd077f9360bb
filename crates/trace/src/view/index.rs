//! What events refer to, by number or name: codes, listings, sources, frames.

use crate::event::{Code, Data, Event, Exit, Listing, Source, Span};
use crate::reader::Recording;
use crate::stage::Stage;
use std::collections::HashMap;

/// The life of a frame.
#[derive(Clone, Debug, Default)]
pub struct FrameLife {
    /// The code object.
    pub code: u32,
    /// The frame that called it; 0 where native code did or it was not seen.
    pub by: u64,
    /// The thread.
    pub thread: u32,
    /// How many frames are below it.
    pub depth: u32,
}

/// The tables of a recording.
pub struct Index<'a> {
    /// The recording.
    pub recording: &'a Recording,
    /// Code objects by number.
    pub codes: HashMap<u32, &'a Code>,
    /// Listings by the number of their code object.
    pub listings: HashMap<u32, &'a Listing>,
    /// Sources by file name.
    pub sources: HashMap<&'a str, &'a Source>,
    /// Frames by number.
    pub frames: HashMap<u64, FrameLife>,
    /// Whole stages that have ended.
    pub stages: Vec<&'a Span>,
    /// Parts of stages.
    pub parts: Vec<&'a Span>,
    /// The file of the script.
    pub script: String,
    /// The time of the last event.
    pub end: u64,
    /// How the process ended.
    pub exit: Option<Exit<'a>>,
}

impl<'a> Index<'a> {
    /// Looks through a recording once.
    pub fn new(recording: &'a Recording) -> Index<'a> {
        let mut index = Index {
            recording,
            codes: HashMap::new(),
            listings: HashMap::new(),
            sources: HashMap::new(),
            frames: HashMap::new(),
            stages: Vec::new(),
            parts: Vec::new(),
            script: String::new(),
            end: 0,
            exit: None,
        };
        for event in &recording.events {
            index.end = index.end.max(event.time);
            index.take(event);
        }
        index.stages.sort_by_key(|span| (span.stage, span.start));
        index.parts.sort_by_key(|span| span.start);
        index
    }

    fn take(&mut self, event: &'a Event) {
        match &event.data {
            Data::Command(command) => self.script = command.script.clone(),
            Data::Code(code) => {
                self.codes.insert(code.id, code);
            }
            Data::Listing(listing) => {
                self.listings.insert(listing.code, listing);
            }
            Data::Source(source) => {
                self.sources.insert(&source.file, source);
            }
            Data::Call(call) => {
                let depth = self.frames.get(&call.by).map_or(0, |frame| frame.depth + 1);
                let life = FrameLife { code: call.c, by: call.by, thread: event.thread, depth };
                self.frames.insert(call.f, life);
            }
            Data::Span(span) if span.name.is_empty() => self.stages.push(span),
            Data::Span(span) => self.parts.push(span),
            Data::Exit { status, why } => self.exit = Some(Exit { status: *status, why }),
            _ => {}
        }
    }

    /// The code object of a frame.
    pub fn code_of(&self, frame: u64) -> Option<&'a Code> {
        self.codes.get(&self.frames.get(&frame)?.code).copied()
    }

    /// The listing of a frame's code object.
    pub fn listing_of(&self, frame: u64) -> Option<&'a Listing> {
        self.listings.get(&self.frames.get(&frame)?.code).copied()
    }

    /// How deep a frame lies.
    pub fn depth(&self, frame: u64) -> usize {
        self.frames.get(&frame).map_or(0, |frame| frame.depth as usize)
    }

    /// The name of a frame's function.
    pub fn name_of(&self, frame: u64) -> &'a str {
        self.code_of(frame).map_or("?", |code| &code.name)
    }

    /// A line of a source, without its end and indentation.
    pub fn line_text(&self, file: &str, line: u32) -> &'a str {
        let source = self.sources.get(file);
        source.and_then(|source| source.text.lines().nth((line as usize).checked_sub(1)?)).map_or("", str::trim)
    }

    /// The instruction of a frame at a byte offset.
    pub fn instruction(&self, frame: u64, offset: u32) -> Option<&'a crate::event::Instruction> {
        let listing = self.listing_of(frame)?;
        let at = listing.bytecode.binary_search_by_key(&offset, |instruction| instruction.o).ok()?;
        listing.bytecode.get(at)
    }

    /// The span of a stage as a whole: the first begin to the last end.
    pub fn stage(&self, stage: Stage) -> Option<(u64, u64)> {
        let spans = self.stages.iter().filter(|span| span.stage == stage);
        spans.fold(None, |found: Option<(u64, u64)>, span| {
            let (start, end) = (span.start, span.start + span.dur);
            Some(found.map_or((start, end), |(first, last)| (first.min(start), last.max(end))))
        })
    }
}

/// A duration in nanoseconds of a part, by its name.
pub fn part<'a>(index: &Index<'a>, stage: Stage, name: &str) -> Option<&'a Span> {
    index.parts.iter().copied().find(|span| span.stage == stage && span.name == name)
}

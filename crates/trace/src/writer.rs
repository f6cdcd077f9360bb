//! Writing a recording: what happens goes to a file at once as far as a limit, then into a ring of the last events, so
//! that neither disk nor memory fills however long the run.
//!
//! ```text
//!  file:  | definitions, stages, figures: always | details: the first `file` bytes | gap | the last `ring` bytes | end |
//! ```
//! A failure to write (a full disk, a closed pipe) ends the writing, not the run: it is kept and reported at the end.

use crate::clock::Clock;
use crate::encode::{EventRef, encode};
use crate::event::{Data, End, MAIN_THREAD};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::path::Path;

/// How much a recording may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of details written as they come.
    pub file: u64,
    /// Bytes of the last details kept in memory until the end.
    pub ring: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { file: 64 << 20, ring: 16 << 20 }
    }
}

/// Bytes gathered before they are written.
const CHUNK: usize = 64 << 10;
/// The longest time that an event stays unwritten while others come, in nanoseconds.
const PATIENCE: u64 = 50_000_000;

#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    first: u64,
    last: u64,
}

/// Writes events.
pub struct Writer {
    sink: Box<dyn Write + Send>,
    /// What the recording is called in messages.
    name: String,
    clock: Clock,
    limits: Limits,
    buffer: Vec<u8>,
    flushed_at: u64,
    /// Bytes of details written straight.
    details: u64,
    bytes: u64,
    seq: u64,
    ring: VecDeque<Chunk>,
    ring_bytes: u64,
    peak: u64,
    /// The first event that is not in the file, once the ring is in use.
    ring_from: Option<u64>,
    dropped: u64,
    failure: Option<io::Error>,
    owner: u32,
    finished: bool,
}

impl Writer {
    /// A writer into a new file.
    ///
    /// # Errors
    /// What the system says about the path.
    pub fn create(path: &Path, clock: Clock, limits: Limits) -> io::Result<Writer> {
        let file = std::fs::File::create(path)?;
        Ok(Writer::new(Box::new(high_descriptor(file)), path.display().to_string(), clock, limits))
    }

    /// A writer into anything.
    pub fn new(sink: Box<dyn Write + Send>, name: String, clock: Clock, limits: Limits) -> Writer {
        Writer {
            sink,
            name,
            clock,
            limits,
            buffer: Vec::with_capacity(CHUNK + 4096),
            flushed_at: 0,
            details: 0,
            bytes: 0,
            seq: 0,
            ring: VecDeque::new(),
            ring_bytes: 0,
            peak: CHUNK as u64,
            ring_from: None,
            dropped: 0,
            failure: None,
            owner: std::process::id(),
            finished: false,
        }
    }

    /// The clock of the events.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Events so far.
    pub fn events(&self) -> u64 {
        self.seq
    }

    /// Bytes handed to the system so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Events that were dropped so far.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Writes an event of the main thread, now.
    pub fn write(&mut self, data: Data) {
        self.write_at(self.clock.now(), MAIN_THREAD, data);
    }

    /// Writes an event.
    pub fn write_at(&mut self, time: u64, thread: u32, data: Data) {
        let event = EventRef { seq: self.seq, time, thread, data: &data };
        self.seq += 1;
        if !event.data.is_detail() {
            encode(&mut self.buffer, event);
            self.flush_when_due(time);
        } else if self.details < self.limits.file {
            let before = self.buffer.len();
            encode(&mut self.buffer, event);
            self.details += (self.buffer.len() - before) as u64;
            self.flush_when_due(time);
        } else {
            self.keep(event);
        }
    }

    fn flush_when_due(&mut self, time: u64) {
        if self.buffer.len() >= CHUNK || time.saturating_sub(self.flushed_at) > PATIENCE {
            self.flushed_at = time;
            self.flush();
        }
    }

    /// Puts a detail into the ring, dropping the oldest ones where it is full.
    fn keep(&mut self, event: EventRef<'_>) {
        self.ring_from.get_or_insert(event.seq);
        if self.ring.back().is_none_or(|chunk| chunk.bytes.len() >= CHUNK) {
            let mut fresh = Chunk { bytes: Vec::new(), first: event.seq, last: event.seq };
            while self.ring_bytes + CHUNK as u64 > self.limits.ring.max(CHUNK as u64) {
                let Some(oldest) = self.ring.pop_front() else { break };
                self.ring_bytes -= oldest.bytes.len() as u64;
                // Definitions between details have numbers, too, but they were written: counting lines is exact.
                self.dropped += oldest.bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
                fresh.bytes = oldest.bytes;
            }
            fresh.bytes.clear();
            self.ring.push_back(fresh);
        }
        if let Some(chunk) = self.ring.back_mut() {
            let before = chunk.bytes.len();
            encode(&mut chunk.bytes, event);
            chunk.last = event.seq;
            self.ring_bytes += (chunk.bytes.len() - before) as u64;
            self.peak = self.peak.max(self.ring_bytes + CHUNK as u64);
        }
    }

    /// Hands what is gathered to the system. A forked child keeps silent: the recording is its parent's.
    pub fn flush(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        if self.failure.is_none() && self.owner == std::process::id() {
            match self.sink.write_all(&self.buffer).and_then(|()| self.sink.flush()) {
                Ok(()) => self.bytes += self.buffer.len() as u64,
                Err(error) => self.failure = Some(error),
            }
        }
        self.buffer.clear();
    }

    /// Writes the ring and the last event.
    ///
    /// # Errors
    /// A message that says what was not written, and why.
    pub fn finish(&mut self) -> Result<End, String> {
        if self.finished {
            return Ok(End::default());
        }
        self.finished = true;
        self.flush();
        let chunks = std::mem::take(&mut self.ring);
        if let (Some(from), Some(first)) = (self.ring_from, chunks.front())
            && first.first > from
        {
            let time = self.clock.now();
            let gap = Data::Gap { from, to: first.first - 1 };
            encode(&mut self.buffer, EventRef { seq: from, time, thread: MAIN_THREAD, data: &gap });
        }
        for chunk in &chunks {
            self.buffer.extend_from_slice(&chunk.bytes);
            self.flush();
        }
        let end = End {
            events: self.seq,
            dropped: self.dropped,
            bytes: self.bytes + self.buffer.len() as u64,
            memory: self.peak + self.buffer.capacity() as u64,
        };
        let time = self.clock.now();
        let data = Data::End(end.clone());
        let event = EventRef { seq: self.seq, time, thread: MAIN_THREAD, data: &data };
        self.seq += 1;
        encode(&mut self.buffer, event);
        self.flush();
        match self.failure.take() {
            None => Ok(end),
            Some(error) => Err(format!(
                "the recording {} is not whole: {error} after {} bytes; what was written can be read",
                self.name, self.bytes
            )),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // A run that was cut short leaves what it gathered; nobody is left to be told of a failure.
        let _ = self.finish();
    }
}

/// Descriptors of the recorder begin here.
pub(crate) const FIRST_OWN: i32 = 700;

/// Moves a file to a high descriptor, so that the program gets the numbers that it would get unrecorded.
pub(crate) fn high_descriptor(file: std::fs::File) -> std::fs::File {
    match rustix::io::fcntl_dupfd_cloexec(&file, FIRST_OWN) {
        Ok(high) => high.into(),
        Err(_) => file,
    }
}

/// A file in memory, for a recording that nobody asked to keep.
///
/// # Errors
/// What the system says.
pub fn memory_file() -> io::Result<std::fs::File> {
    let file = rustix::fs::memfd_create("oriel-recording", rustix::fs::MemfdFlags::CLOEXEC)?;
    Ok(high_descriptor(file.into()))
}

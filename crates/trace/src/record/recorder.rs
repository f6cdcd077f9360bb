//! The observer of a run that writes its events. It is told by the interpreter of what is about to happen, and must neither
//! run Python code nor change anything.

use super::describe::{describe, value};
use super::ledger::Ledger;
use super::quick::{NumberMap, NumberSet};
use super::select::{Interest, Selection};
use crate::collect::compilation;
use crate::event::{Call, Changes, Costs, Data, Function as FunctionEvent, HeapFigures, Moved, Span, Val};
use crate::stage::Stage;
use crate::writer::Writer;
use oriel_bytecode::CodeObject;
use oriel_runtime::frame::FrameRef;
use oriel_runtime::observer::{Detail, locals_of};
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::function::Function;
use oriel_runtime::types::type_object::Type;
use oriel_runtime::{Ref, Value, Vm};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A code object that was seen.
pub(super) struct KnownCode {
    /// Keeps the address from being used again.
    _code: Rc<CodeObject>,
    id: u32,
    interest: Interest,
}

/// A frame that is under way.
pub(super) struct LiveFrame {
    pub id: u64,
    pub code: u32,
    pub depth: u32,
    pub interest: Interest,
    /// The words of the locals when they were last written.
    words: Vec<u64>,
    pub line: u32,
    /// Its last instruction made a function.
    pub made: bool,
    /// When it began to run or went on.
    pub since: u64,
}

/// A stage or a step of one that is under way.
struct OpenSpan {
    stage: Stage,
    name: String,
    start: u64,
    allocations: u64,
    bytes: i64,
}

/// The instruction that ran last, to which what has moved since then is put down.
#[derive(Clone, Copy, Default)]
pub(super) struct Under {
    pub f: u64,
    pub o: u32,
    /// Whether it was written.
    pub written: bool,
    pub thread: u32,
}

pub(super) struct State {
    pub writer: Writer,
    codes: NumberMap<usize, KnownCode>,
    pub frames: NumberMap<usize, LiveFrame>,
    next_frame: u64,
    /// Instructions so far.
    pub steps: u64,
    pub ledger: Ledger,
    /// Native calls under way: frame, beginning, arguments.
    pub natives: Vec<(usize, u64, Vec<Val>)>,
    spans: Vec<OpenSpan>,
    pub imports: Vec<(String, u64, u64)>,
    pub threads: NumberSet<u64>,
    /// The thread that had the interpreter lock last.
    pub holder: u64,
    module: NumberMap<u64, u64>,
    main: Option<Ref<Dict>>,
    /// The exception that left a thread's frame last.
    pub unwinding: NumberMap<u64, u64>,
    pub under: Under,
    /// Objects that the instruction may count: address and count before it.
    pub watched: Vec<(u64, u32)>,
    /// Functions whose frame was drawn.
    pub drawn: NumberSet<u32>,
    /// How often the line was reached at which memory is to be drawn.
    pub arrivals: u64,
}

/// The recorder of `oriel trace`.
pub struct RunRecorder {
    pub(super) state: RefCell<State>,
    pub(super) detail: Cell<Detail>,
    pub(super) selection: Selection,
    pub(super) script: String,
    /// Nothing is recorded while the program switched it off (`oriel_trace.stop`).
    paused: Cell<bool>,
    /// What is to be done when the process is left without teardown.
    pub(super) last_words: RefCell<Option<Box<dyn FnOnce()>>>,
    /// What shows how far the recording is, on a terminal.
    pub(super) progress: super::progress::Progress,
    owner: u32,
    /// Hardware counters, read at the end of the program.
    pub(super) hardware: RefCell<Vec<(String, u64)>>,
}

impl RunRecorder {
    /// A recorder that begins with stages only.
    pub fn new(writer: Writer, selection: Selection, script: &str) -> RunRecorder {
        RunRecorder {
            state: RefCell::new(State {
                writer,
                codes: NumberMap::default(),
                frames: NumberMap::default(),
                next_frame: 1,
                steps: 0,
                ledger: Ledger::new(),
                natives: Vec::new(),
                spans: Vec::new(),
                imports: Vec::new(),
                threads: NumberSet::default(),
                holder: 1,
                module: NumberMap::default(),
                main: None,
                unwinding: NumberMap::default(),
                under: Under::default(),
                watched: Vec::new(),
                drawn: NumberSet::default(),
                arrivals: 0,
            }),
            detail: Cell::new(Detail::Stages),
            selection,
            script: script.to_owned(),
            paused: Cell::new(false),
            last_words: RefCell::default(),
            progress: super::progress::Progress::default(),
            owner: std::process::id(),
            hardware: RefCell::default(),
        }
    }

    /// Says what is to be done when the program leaves the process without teardown.
    pub fn on_leaving(&self, last_words: Box<dyn FnOnce()>) {
        self.last_words.replace(Some(last_words));
    }

    /// Whether this is a process that the recorded one forked: the recording is not its own.
    pub(super) fn is_forked(&self) -> bool {
        std::process::id() != self.owner
    }

    /// Sets how much is told, and how allocations are looked at.
    pub(super) fn set_detail(&self, vm: &Vm, detail: Detail) {
        self.detail.set(detail);
        vm.heap.watch(detail >= Detail::Calls, detail >= Detail::Instructions);
        vm.watch_changed();
    }

    /// What is asked for.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Begins to look at code: the script is about to run, or the program asks for it.
    pub fn look(&self, vm: &Vm) {
        self.paused.set(false);
        let detail = if self.selection.stages_only {
            Detail::Stages
        } else if self.state.borrow().steps >= self.selection.step_range().1 {
            Detail::Calls
        } else {
            Detail::Instructions
        };
        self.state.borrow_mut().main = vm.main_namespace().ok();
        self.set_detail(vm, detail);
    }

    /// Looks at all environments as they are now: the process, the heap, the frames, and the objects of the names that were
    /// asked for.
    pub(super) fn look_around(&self, vm: &Vm, frame: FrameRef, moment: &str) {
        self.heap(vm, moment);
        self.write(Data::Process(crate::collect::process::gather(moment, &super::draw::arenas(vm))));
        let id = |frame: FrameRef| {
            let mut state = self.state.borrow_mut();
            self.frame(&mut state, vm, frame).unwrap_or(0)
        };
        super::draw::moment(vm, self, frame, &id, moment);
    }

    /// Whether the moment that was asked for has come.
    pub(super) fn was_drawn(&self) -> bool {
        let state = self.state.borrow();
        self.selection.at.is_some_and(|(_, arrival)| state.arrivals >= arrival)
    }

    /// Ceases to look at code.
    pub fn look_away(&self, vm: &Vm) {
        self.paused.set(true);
        let namespace = {
            let mut state = self.state.borrow_mut();
            state.settle_moves(vm);
            state.ledger.settle();
            state.main.take()
        };
        // Held any longer, the namespace and what it holds would outlive the program.
        drop(namespace);
        self.set_detail(vm, Detail::Stages);
        // What teardown gives back is counted.
        vm.heap.watch(true, false);
    }

    /// What the processor and the kernel counted while the program ran.
    pub(super) fn counted(&self, counters: Vec<(String, u64)>) {
        self.hardware.replace(counters);
    }

    /// Whether code is being looked at.
    pub fn is_looking(&self) -> bool {
        self.detail.get() > Detail::Stages
    }

    /// Writes an event.
    pub fn write(&self, data: Data) {
        self.state.borrow_mut().writer.write(data);
    }

    /// The time on the recording's clock.
    pub fn now(&self) -> u64 {
        self.state.borrow().writer.clock().now()
    }

    /// Hands what is gathered to the system.
    pub fn flush(&self) {
        self.state.borrow_mut().writer.flush();
    }

    /// Writes a code object's instructions whether or not it runs.
    pub fn list_codes(&self, vm: &Vm, code: &Rc<CodeObject>) {
        let mut state = self.state.borrow_mut();
        for code in compilation::all_codes(code) {
            self.known(&mut state, vm, &code);
        }
    }

    /// Begins a stage or a step of one.
    pub fn begin(&self, vm: Option<&Vm>, stage: Stage, name: &str) {
        let mut state = self.state.borrow_mut();
        let start = state.writer.clock().now();
        let (allocations, bytes) = vm.map_or((0, 0), memory);
        state.spans.push(OpenSpan { stage, name: name.to_owned(), start, allocations, bytes });
        state.writer.write(Data::Begin { stage, name: name.to_owned() });
    }

    /// Ends it.
    pub fn end(&self, vm: Option<&Vm>, stage: Stage, name: &str, detail: &str) {
        let mut state = self.state.borrow_mut();
        let now = state.writer.clock().now();
        let Some(at) = state.spans.iter().rposition(|span| span.stage == stage && span.name == name) else { return };
        let span = state.spans.remove(at);
        let (allocations, bytes) = vm.map_or((span.allocations, span.bytes), memory);
        state.writer.write(Data::Span(Span {
            stage,
            name: span.name,
            start: span.start,
            dur: now - span.start,
            objects: allocations.saturating_sub(span.allocations),
            bytes: bytes - span.bytes,
            detail: detail.to_owned(),
        }));
    }

    /// Writes a span that was measured elsewhere.
    pub fn span(&self, span: Span) {
        self.write(Data::Span(span));
    }

    /// The figures of the heap.
    pub fn heap(&self, vm: &Vm, moment: &str) {
        let figures = vm.heap.statistics();
        self.write(Data::Heap(HeapFigures {
            moment: moment.to_owned(),
            allocations: figures.allocations,
            frees: figures.frees,
            arena_bytes: figures.arena_bytes as u64,
            large_bytes: figures.large_bytes as u64,
            arenas: super::draw::arenas(vm),
            pages: vm.heap.page_classes(),
        }));
    }

    /// Writes the costs and ends the recording.
    ///
    /// # Errors
    /// A message that says what was not written.
    pub fn finish(&self) -> Result<crate::event::End, String> {
        let mut state = self.state.borrow_mut();
        state.ledger.settle();
        self.progress.clear();
        let (lines, functions) = state.ledger.tables();
        if !lines.is_empty() || !functions.is_empty() {
            let costs = Costs {
                total: state.ledger.total,
                lines,
                functions,
                clock: "the recorded run, with what recording adds".to_owned(),
                hardware: std::mem::take(&mut *self.hardware.borrow_mut()),
                collections: state.ledger.collections,
            };
            state.writer.write(Data::Costs(costs));
        }
        state.writer.finish()
    }

    pub(super) fn known(&self, state: &mut State, vm: &Vm, code: &Rc<CodeObject>) -> (u32, Interest) {
        let key = Rc::as_ptr(code).addr();
        if let Some(known) = state.codes.get(&key) {
            return (known.id, known.interest);
        }
        let begun = state.writer.clock().now();
        let id = state.codes.len() as u32 + 1;
        let event = compilation::code(id, code);
        let in_library = event.file != self.script
            && (event.file.starts_with("<frozen ")
                || event.file.contains("/lib/python3.")
                || (vm.library.file_size)(&event.file).is_some());
        let interest = self.selection.interest(&event.name, in_library, event.file == self.script);
        state.writer.write(Data::Code(event));
        if interest > Interest::Calls {
            state.writer.write(Data::Listing(compilation::listing(id, code)));
        }
        state.codes.insert(key, KnownCode { _code: code.clone(), id, interest });
        let spent = state.writer.clock().now().saturating_sub(begun);
        state.ledger.forgive(vm, spent);
        (id, interest)
    }

    /// The frame's number; a frame that is not known yet is written as called now.
    pub(super) fn frame(&self, state: &mut State, vm: &Vm, frame: FrameRef) -> Option<u64> {
        let key = frame.as_ptr().addr();
        if let Some(live) = state.frames.get(&key) {
            return Some(live.id);
        }
        self.enter(state, vm, frame)
    }

    pub(super) fn enter(&self, state: &mut State, vm: &Vm, frame: FrameRef) -> Option<u64> {
        let runnable = frame.runnable();
        let (code, interest) = self.known(state, vm, &runnable.code);
        let caller = frame.caller().and_then(|caller| {
            let live = state.frames.get(&caller.as_ptr().addr())?;
            Some((live.id, live.depth))
        });
        let (by, depth) = caller.map_or((0, 0), |(by, depth)| (by, depth + 1));
        let id = state.next_frame;
        state.next_frame += 1;
        let variables = runnable.code.localsplusnames.len();
        let live = LiveFrame {
            id,
            code,
            depth,
            interest,
            words: vec![Value::UNBOUND.word(); variables],
            line: 0,
            made: false,
            since: 0,
        };
        let key = frame.as_ptr().addr();
        state.frames.insert(key, live);
        let now = state.writer.clock().now();
        state.ledger.called(code);
        state.begin_to_run(key, code, now);
        state.ledger.charge(vm, now, code, 0);
        if self.too_deep(depth) {
            return None;
        }
        let arguments = state.changes(vm, key, &runnable.code, &locals_of(frame));
        let call = Call {
            f: id,
            c: code,
            by,
            a: key as u64,
            n: runnable.frame_bytes as u32,
            slots: u32::from(runnable.lowered.registers),
            v: arguments,
        };
        state.writer.write_at(now, vm.number as u32, Data::Call(call));
        Some(id)
    }

    /// A function object that was just made.
    pub(super) fn function(&self, state: &mut State, vm: &Vm, frame: u64, object: &Value) {
        let Some(function) = object.downcast::<Function>() else { return };
        let (code, interest) = self.known(state, vm, &function.code_ref().data);
        if interest == Interest::Calls {
            return;
        }
        let now = state.writer.clock().now();
        let name = vm.str_text(&function.qualname.get());
        let event = FunctionEvent { f: frame, a: object.word(), name, c: code, ..FunctionEvent::default() };
        state.writer.write_at(now, vm.number as u32, Data::Function(event));
    }

    pub(super) fn too_deep(&self, depth: u32) -> bool {
        self.selection.calls.is_some_and(|most| depth > most)
    }

    pub(super) fn wants_step(&self, state: &State, live: &LiveFrame, line: u32) -> bool {
        let (first, last) = self.selection.step_range();
        live.interest == Interest::Steps
            && (first..=last).contains(&state.steps)
            && self.selection.lines.is_none_or(|(first, last)| (first..=last).contains(&line))
            && !self.too_deep(live.depth)
    }

    /// Names of `__main__` that were bound or deleted since the last look.
    pub(super) fn module_names(&self, state: &mut State, vm: &Vm) {
        let Some(dict) = state.main.clone() else { return };
        let mut position = 0;
        let mut seen = NumberSet::with_capacity_and_hasher(state.module.len(), Default::default());
        while let Some((key, item)) = dict.next_entry(&mut position) {
            seen.insert(key.word());
            let old = state.module.insert(key.word(), item.word());
            if old != Some(item.word()) {
                let name = vm.str_text(&key);
                let shown = Some(value(vm, &item));
                let data = Data::Namespace { name, value: shown, rebound: old.is_some() };
                let now = state.writer.clock().now();
                state.writer.write_at(now, vm.number as u32, data);
            }
        }
        state.module.retain(|key, _| seen.contains(key));
    }
}

/// Objects allocated so far and bytes held.
fn memory(vm: &Vm) -> (u64, i64) {
    let figures = vm.heap.statistics();
    (figures.allocations, (figures.arena_bytes + figures.large_bytes) as i64)
}

impl State {
    /// A frame begins to run or goes on.
    pub(super) fn begin_to_run(&mut self, key: usize, code: u32, now: u64) {
        if let Some(live) = self.frames.get_mut(&key) {
            live.since = now;
        }
        self.ledger.entered(code);
    }

    /// Writes what has moved since the last instruction: blocks handed out and given back, and counts.
    pub(super) fn settle_moves(&mut self, vm: &Vm) {
        let motions = vm.heap.motions();
        let under = self.under;
        let watched = std::mem::take(&mut self.watched);
        if motions.kept.is_empty() && watched.is_empty() {
            return;
        }
        let now = self.writer.clock().now();
        if under.written {
            for motion in &motions.kept {
                let ty = motion.ty.as_ref().and_then(|ty| ty.downcast::<Type>()).map(|ty| ty.name_text());
                let ty = ty.unwrap_or_else(|| "?".to_owned());
                let moved = Moved { a: motion.address as u64, ty, n: motion.bytes as u64, f: under.f, o: under.o };
                let data = if motion.freed { Data::Free(moved) } else { Data::Alloc(moved) };
                self.writer.write_at(now, under.thread, data);
            }
            if motions.more > 0 {
                let text = format!("{} more blocks were handed out or given back by the instruction", motions.more);
                self.writer.write_at(now, under.thread, Data::Note { text });
            }
        }
        let mut moves = 0;
        for (address, before) in &watched {
            let gone = motions.kept.iter().any(|motion| motion.freed && motion.address as u64 == *address);
            let after = match vm.heap.count_at(*address as usize) {
                _ if gone => 0,
                Some(count) => count,
                None => continue,
            };
            if after == *before {
                continue;
            }
            moves += u64::from(after.abs_diff(*before));
            let data = Data::Count { a: *address, from: *before, to: after, f: under.f, o: under.o };
            self.writer.write_at(now, under.thread, data);
        }
        self.watched = watched;
        self.watched.clear();
        if moves > 0 {
            self.ledger.count(vm, |counters| counters.counts += moves);
        }
    }

    /// Watches the count of an object, which is one less than its header says where the looker holds one.
    pub(super) fn watch(&mut self, object: &Value, held: u32) {
        const MOST: usize = 24;
        if let Some(header) = object.header()
            && !header.is_immortal()
            && self.watched.len() < MOST
            && self.watched.iter().all(|(address, _)| *address != object.word())
        {
            self.watched.push((object.word(), header.count() - held.min(header.count())));
        }
    }

    /// The locals that are not as they were written last.
    pub(super) fn changes(&mut self, vm: &Vm, frame: usize, code: &CodeObject, locals: &[Value]) -> Changes {
        let Some(live) = self.frames.get_mut(&frame) else { return Vec::new() };
        let mut changes = Vec::new();
        for (index, local) in locals.iter().enumerate().take(live.words.len()) {
            let word = local.word();
            if live.words[index] != word {
                live.words[index] = word;
                let name = code.localsplusnames.get(index).map(|name| name.to_string_lossy().into_owned());
                changes.push((name.unwrap_or_default(), describe(vm, local)));
            }
        }
        changes
    }
}

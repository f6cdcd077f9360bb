//! The observer of a run that writes its events. It is told by the interpreter of what is about to happen, and must neither
//! run Python code nor change anything.

use super::describe::{describe, message, value};
use super::select::{Interest, Selection};
use crate::collect::compilation;
use crate::event::{
    Call, Caught, Changes, Collect, Costs, Counters, Data, Function as FunctionEvent, FunctionCosts, HeapFigures,
    Import, Line, LineCosts, Name, Native, OperationPath, Raise, Span, Step as StepEvent, Thread,
};
use crate::stage::Stage;
use crate::writer::Writer;
use oriel_bytecode::{CodeObject, Opcode};
use oriel_runtime::frame::FrameRef;
use oriel_runtime::observer::{Detail, Entered, Left, Lock, Path, Recorder, Scope, Step, locals_of};
use oriel_runtime::types::function::Function;
use oriel_runtime::types::native_function::{MethodDescriptor, NativeFunction};
use oriel_runtime::{Value, Vm};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// A code object that was seen.
struct KnownCode {
    /// Keeps the address from being used again.
    _code: Rc<CodeObject>,
    id: u32,
    interest: Interest,
}

/// A frame that is under way.
struct LiveFrame {
    id: u64,
    code: u32,
    depth: u32,
    interest: Interest,
    /// The words of the locals when they were last written.
    words: Vec<u64>,
    line: u32,
    /// Its last instruction made a function.
    made: bool,
}

/// A stage or a step of one that is under way.
struct OpenSpan {
    stage: Stage,
    name: String,
    start: u64,
    allocations: u64,
    bytes: i64,
}

/// What time and memory are charged to.
#[derive(Clone, Copy, Default)]
struct Account {
    code: u32,
    line: u32,
    since: u64,
    allocations: u64,
}

/// Lines of a direct-mapped cache of 32 KiB: the stated model of cache behaviour.
const MODEL_LINES: usize = 512;

struct State {
    writer: Writer,
    codes: HashMap<usize, KnownCode>,
    frames: HashMap<usize, LiveFrame>,
    next_frame: u64,
    steps: u64,
    accounts: HashMap<u64, Account>,
    lines: HashMap<(u32, u32), Counters>,
    functions: HashMap<u32, FunctionCosts>,
    total: Counters,
    collections: (u64, u64, u64),
    natives: Vec<(usize, u64)>,
    spans: Vec<OpenSpan>,
    imports: Vec<(String, u64, u64)>,
    threads: HashSet<u64>,
    module: HashMap<u64, u64>,
    cache: Box<[u64; MODEL_LINES]>,
    /// The exception that left a thread's frame last.
    unwinding: HashMap<u64, u64>,
}

/// The recorder of `oriel trace`.
pub struct RunRecorder {
    state: RefCell<State>,
    detail: Cell<Detail>,
    selection: Selection,
    script: String,
    /// Nothing is recorded while the program switched it off (`oriel_trace.stop`).
    paused: Cell<bool>,
}

impl RunRecorder {
    /// A recorder that begins with stages only.
    pub fn new(writer: Writer, selection: Selection, script: &str) -> RunRecorder {
        RunRecorder {
            state: RefCell::new(State {
                writer,
                codes: HashMap::new(),
                frames: HashMap::new(),
                next_frame: 1,
                steps: 0,
                accounts: HashMap::new(),
                lines: HashMap::new(),
                functions: HashMap::new(),
                total: Counters::default(),
                collections: (0, 0, 0),
                natives: Vec::new(),
                spans: Vec::new(),
                imports: Vec::new(),
                threads: HashSet::new(),
                module: HashMap::new(),
                cache: Box::new([0; MODEL_LINES]),
                unwinding: HashMap::new(),
            }),
            detail: Cell::new(Detail::Stages),
            selection,
            script: script.to_owned(),
            paused: Cell::new(false),
        }
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
        self.detail.set(detail);
        vm.watch_changed();
    }

    /// Ceases to look at code.
    pub fn look_away(&self, vm: &Vm) {
        self.paused.set(true);
        self.detail.set(Detail::Stages);
        self.state.borrow_mut().settle_accounts();
        vm.watch_changed();
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
            ..HeapFigures::default()
        }));
    }

    /// Writes the costs and ends the recording.
    ///
    /// # Errors
    /// A message that says what was not written.
    pub fn finish(&self) -> Result<crate::event::End, String> {
        let mut state = self.state.borrow_mut();
        state.settle_accounts();
        let mut lines: Vec<LineCosts> = state
            .lines
            .iter()
            .map(|((code, line), costs)| LineCosts { code: *code, line: *line, costs: *costs })
            .collect();
        lines.sort_by_key(|line| (line.code, line.line));
        let mut functions: Vec<FunctionCosts> = state.functions.values().cloned().collect();
        functions.sort_by_key(|function| function.code);
        if !lines.is_empty() || !functions.is_empty() {
            let costs = Costs {
                total: state.total,
                lines,
                functions,
                clock: "the recorded run, with what recording adds".to_owned(),
                hardware: Vec::new(),
                collections: state.collections,
            };
            state.writer.write(Data::Costs(costs));
        }
        state.writer.finish()
    }

    fn known(&self, state: &mut State, vm: &Vm, code: &Rc<CodeObject>) -> (u32, Interest) {
        let key = Rc::as_ptr(code).addr();
        if let Some(known) = state.codes.get(&key) {
            return (known.id, known.interest);
        }
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
        (id, interest)
    }

    /// The frame's number; a frame that is not known yet is written as called now.
    fn frame(&self, state: &mut State, vm: &Vm, frame: FrameRef) -> Option<u64> {
        let key = frame.as_ptr().addr();
        if let Some(live) = state.frames.get(&key) {
            return Some(live.id);
        }
        self.enter(state, vm, frame)
    }

    fn enter(&self, state: &mut State, vm: &Vm, frame: FrameRef) -> Option<u64> {
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
        };
        let key = frame.as_ptr().addr();
        state.frames.insert(key, live);
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
        let now = state.writer.clock().now();
        state.charge(vm, now, code, 0);
        state.functions.entry(code).or_insert_with(|| FunctionCosts { code, ..Default::default() }).costs.runs += 1;
        state.writer.write_at(now, vm.number as u32, Data::Call(call));
        Some(id)
    }

    /// A function object that was just made.
    fn function(&self, state: &mut State, vm: &Vm, frame: u64, object: &Value) {
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

    fn too_deep(&self, depth: u32) -> bool {
        self.selection.calls.is_some_and(|most| depth > most)
    }

    fn wants_step(&self, state: &State, live: &LiveFrame, line: u32) -> bool {
        let (first, last) = self.selection.step_range();
        live.interest == Interest::Steps
            && (first..=last).contains(&state.steps)
            && self.selection.lines.is_none_or(|(first, last)| (first..=last).contains(&line))
            && !self.too_deep(live.depth)
    }

    /// Names of `__main__` that were bound or deleted since the last look.
    fn module_names(&self, state: &mut State, vm: &Vm) {
        let Ok(dict) = vm.main_namespace() else { return };
        let mut position = 0;
        let mut seen = HashSet::with_capacity(state.module.len());
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
    /// The locals that are not as they were written last.
    fn changes(&mut self, vm: &Vm, frame: usize, code: &CodeObject, locals: &[Value]) -> Changes {
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

    /// Charges time and allocations to what ran until now, and begins anew.
    fn charge(&mut self, vm: &Vm, now: u64, code: u32, line: u32) {
        let allocations = vm.heap.statistics().allocations;
        let account = self.accounts.entry(vm.number).or_default();
        let spent = Account { since: now, allocations, code, line };
        let old = std::mem::replace(account, spent);
        if old.code == 0 {
            return;
        }
        let time = now.saturating_sub(old.since);
        let made = allocations.saturating_sub(old.allocations);
        let line = self.lines.entry((old.code, old.line)).or_default();
        line.time += time;
        line.allocations += made;
        let function =
            self.functions.entry(old.code).or_insert_with(|| FunctionCosts { code: old.code, ..Default::default() });
        function.costs.time += time;
        function.costs.allocations += made;
        self.total.time += time;
        self.total.allocations += made;
    }

    fn settle_accounts(&mut self) {
        self.accounts.clear();
    }

    /// Counts something for the line that runs.
    fn count(&mut self, vm: &Vm, add: impl Fn(&mut Counters)) {
        let account = self.accounts.get(&vm.number).copied().unwrap_or_default();
        add(self.lines.entry((account.code, account.line)).or_default());
        let code = account.code;
        add(&mut self.functions.entry(code).or_insert_with(|| FunctionCosts { code, ..Default::default() }).costs);
        add(&mut self.total);
    }

    /// Touches an address in the model of a cache; whether its line had to be brought in.
    fn touch(&mut self, address: u64) -> bool {
        let line = address >> 6;
        let place = &mut self.cache[line as usize % MODEL_LINES];
        let brought = *place != line;
        *place = line;
        brought
    }
}

impl Recorder for RunRecorder {
    fn detail(&self) -> Detail {
        self.detail.get()
    }

    fn instruction(&self, vm: &Vm, step: &Step<'_>) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        if self.frame(state, vm, step.frame).is_none() {
            return;
        }
        let key = step.frame.as_ptr().addr();
        let Some(live) = state.frames.get_mut(&key) else { return };
        let made = std::mem::replace(&mut live.made, step.opcode == Opcode::MAKE_FUNCTION);
        let (counted, f) = (live.interest == Interest::Steps, live.id);
        if made && let Some(top) = step.stack.last() {
            self.function(state, vm, f, top);
        }
        let Some(live) = state.frames.get(&key) else { return };
        let line = step.line.map_or(live.line, |line| line.max(0) as u32);
        if counted {
            state.steps += 1;
        }
        let words = step.frame.runnable().lowered.words.as_ptr().addr() as u64;
        let mut brought = u64::from(state.touch(words + 8 * step.word as u64));
        brought += u64::from(state.touch(key as u64 + 64 + 8 * (step.locals.len() + step.stack.len()) as u64));
        for operand in step.stack.iter().rev().take(2).filter(|operand| operand.header().is_some()) {
            brought += u64::from(state.touch(operand.word()));
        }
        state.count(vm, |counters| {
            counters.instructions += 1;
            counters.lines += brought;
        });
        let Some(live) = state.frames.get(&key) else { return };
        if self.wants_step(state, live, line) {
            let f = live.id;
            let stack = step.stack.iter().map(|slot| describe(vm, slot)).collect();
            let code = &step.frame.runnable().code;
            let changes = state.changes(vm, key, code, step.locals);
            let now = state.writer.clock().now();
            let event = StepEvent { f, o: step.offset, s: stack, v: changes };
            state.writer.write_at(now, vm.number as u32, Data::Step(event));
        }
        if counted && state.steps >= self.selection.step_range().1 && self.selection.functions.is_empty() {
            // From here on lines and calls are enough, which is many times faster.
            self.detail.set(Detail::Calls);
            if self.selection.steps.is_none() {
                let text = format!(
                    "the first {} instructions were recorded one by one; --steps A-B records others",
                    state.steps
                );
                state.writer.write(Data::Note { text });
            }
            vm.watch_changed();
        }
    }

    fn line(&self, vm: &Vm, frame: FrameRef, line: i32) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let key = frame.as_ptr().addr();
        if self.frame(state, vm, frame).is_none() {
            return;
        }
        let Some(live) = state.frames.get_mut(&key) else { return };
        let at = usize::try_from(frame.lasti()).ok();
        let opcode = at.and_then(|at| frame.runnable().code.code.get(at).copied());
        if line <= 0 || opcode.is_some_and(|opcode| Opcode(u16::from(opcode)) == Opcode::RESUME) {
            // The prologue is part of the call, as CPython's trace functions have it.
            return;
        }
        let line = line.max(0) as u32;
        live.line = line;
        let (f, code, interest, depth) = (live.id, live.code, live.interest, live.depth);
        if interest == Interest::Calls || self.too_deep(depth) {
            return;
        }
        let changes = state.changes(vm, key, &frame.runnable().code, &locals_of(frame));
        let now = state.writer.clock().now();
        state.charge(vm, now, code, line);
        state.lines.entry((code, line)).or_default().runs += 1;
        state.writer.write_at(now, vm.number as u32, Data::Line(Line { f, l: line, v: changes }));
        if depth == 0 {
            self.module_names(state, vm);
        }
    }

    fn frame_entered(&self, vm: &Vm, frame: FrameRef, why: Entered) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        if state.threads.insert(vm.number) {
            let name = if vm.number == 1 { "MainThread".to_owned() } else { format!("Thread-{}", vm.number) };
            let thread = Thread { id: vm.number as u32, name, native: vm.ident, ended: false };
            let now = state.writer.clock().now();
            state.writer.write_at(now, vm.number as u32, Data::Thread(thread));
        }
        let key = frame.as_ptr().addr();
        match why {
            Entered::Resumed | Entered::Thrown if state.frames.contains_key(&key) => {
                let Some(live) = state.frames.get(&key) else { return };
                let (f, code, line, depth) = (live.id, live.code, live.line, live.depth);
                if self.too_deep(depth) {
                    return;
                }
                let by =
                    frame.caller().and_then(|caller| state.frames.get(&caller.as_ptr().addr())).map_or(0, |c| c.id);
                let now = state.writer.clock().now();
                state.charge(vm, now, code, line);
                state.writer.write_at(now, vm.number as u32, Data::Resume { f, v: None, by });
            }
            _ => {
                state.frames.remove(&key);
                self.enter(state, vm, frame);
            }
        }
    }

    fn frame_left(&self, vm: &Vm, frame: FrameRef, how: Left<'_>) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let key = frame.as_ptr().addr();
        let Some((f, depth)) = state.frames.get(&key).map(|live| (live.id, live.depth)) else { return };
        let data = match how {
            Left::Returned(result) => Data::Return { f, v: value(vm, result) },
            Left::Yielded(result) => Data::Suspend { f, v: value(vm, result) },
            Left::Unwound(exception) => {
                state.unwinding.insert(vm.number, exception.word());
                Data::Unwind { f, v: value(vm, exception) }
            }
        };
        if depth == 0 {
            self.module_names(state, vm);
        }
        if !matches!(data, Data::Suspend { .. }) {
            state.frames.remove(&key);
        }
        let caller = frame.caller().and_then(|caller| state.frames.get(&caller.as_ptr().addr()));
        let (code, line) = caller.map_or((0, 0), |caller| (caller.code, caller.line));
        let now = state.writer.clock().now();
        state.charge(vm, now, code, line);
        if !self.too_deep(depth) {
            state.writer.write_at(now, vm.number as u32, data);
        }
    }

    fn native_call(&self, vm: &Vm, frame: FrameRef, _callable: &Value, _arguments: &[Value]) {
        let mut state = self.state.borrow_mut();
        let now = state.writer.clock().now();
        state.natives.push((frame.as_ptr().addr(), now));
        state.count(vm, |counters| counters.natives += 1);
    }

    fn native_return(&self, vm: &Vm, frame: FrameRef, callable: &Value, result: Result<&Value, &Value>) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let key = frame.as_ptr().addr();
        let now = state.writer.clock().now();
        let at = state.natives.iter().rposition(|(frame, _)| *frame == key);
        let dur = at.map_or(0, |at| now.saturating_sub(state.natives.remove(at).1));
        let Some(live) = state.frames.get(&key) else { return };
        if live.interest == Interest::Calls || self.too_deep(live.depth) {
            return;
        }
        let native = Native {
            f: live.id,
            name: native_name(vm, callable),
            dur: dur.max(1),
            raised: result.is_err(),
            v: Vec::new(),
            r: result.ok().map(|result| value(vm, result)),
        };
        state.writer.write_at(now, vm.number as u32, Data::Native(native));
    }

    fn raised(&self, vm: &Vm, frame: FrameRef, exception: &Value) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let Some(f) = self.frame(state, vm, frame) else { return };
        let passing = state.unwinding.remove(&vm.number) == Some(exception.word());
        let shown = message(vm, exception);
        let ty = vm.type_of(exception).name_text();
        let raise = Raise { f, o: frame.lasti().max(0) as u32, ty, text: shown, passing };
        let now = state.writer.clock().now();
        state.writer.write_at(now, vm.number as u32, Data::Raise(raise));
    }

    fn handled(&self, vm: &Vm, frame: FrameRef, exception: &Value, handler: u32) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let Some(f) = self.frame(state, vm, frame) else { return };
        let code = &frame.runnable().code;
        // The first instructions of a handler belong to no line.
        let mut lines = oriel_bytecode::positions::lines(&code.linetable, code.firstlineno);
        let line = lines.find(|(_, end, line)| *end > handler as usize && line.is_some()).and_then(|(_, _, line)| line);
        let caught =
            Caught { f, o: handler, l: line.unwrap_or(0).max(0) as u32, ty: vm.type_of(exception).name_text() };
        let now = state.writer.clock().now();
        state.writer.write_at(now, vm.number as u32, Data::Caught(caught));
    }

    fn name(&self, vm: &Vm, frame: FrameRef, name: &Value, scope: Scope, cached: bool) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        state.count(vm, |counters| if cached { counters.hits += 1 } else { counters.misses += 1 });
        let key = frame.as_ptr().addr();
        let Some(live) = state.frames.get(&key) else { return };
        if !self.wants_step(state, live, live.line) {
            return;
        }
        let is_module = frame.runnable().code.name.to_string_lossy() == "<module>";
        let first = if is_module { "module" } else { "globals" };
        let (asked, found): (&[&str], &str) = match scope {
            Scope::Locals if is_module => (&["module"], "module"),
            Scope::Locals => (&["locals"], "locals"),
            Scope::Globals => (&[first], first),
            Scope::Builtins => (&[first, "builtins"], "builtins"),
            Scope::Nowhere => (&[first, "builtins"], ""),
        };
        let event = Name {
            f: live.id,
            name: vm.str_text(name),
            asked: asked.iter().map(|word| (*word).to_owned()).collect(),
            found: found.to_owned(),
            cached,
        };
        let now = state.writer.clock().now();
        state.writer.write_at(now, vm.number as u32, Data::Name(event));
    }

    fn path(&self, vm: &Vm, frame: FrameRef, opcode: Opcode, path: Path) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let (words, guard, held) = match path {
            Path::SmallIntegers => ("integer fast path", "both operands are immediate integers", true),
            Path::Floats => ("float fast path", "both operands are immediate numbers, one a float", true),
            Path::Slots => ("slots of the operands' types", "", false),
            Path::PythonFunction => ("Python function: a frame is pushed", "the callable is a Python function", true),
            Path::NativeFunction => ("native function", "the callable is native", true),
            Path::Cached => ("inline cache", "shape and version are those that the cache knows", true),
            Path::LookedUp => ("look-up", "", false),
        };
        state.count(vm, |counters| if held { counters.hits += 1 } else { counters.misses += 1 });
        let Some(live) = state.frames.get(&frame.as_ptr().addr()) else { return };
        if !self.wants_step(state, live, live.line) {
            return;
        }
        let cache = match path {
            Path::Cached => "hit",
            Path::LookedUp => "miss",
            _ => "",
        };
        let event = OperationPath {
            f: live.id,
            o: frame.lasti().max(0) as u32,
            op: opcode.name().unwrap_or("?").to_owned(),
            path: words.to_owned(),
            guard: guard.to_owned(),
            cache: cache.to_owned(),
        };
        let now = state.writer.clock().now();
        state.writer.write_at(now, vm.number as u32, Data::Path(event));
    }

    fn collected(&self, vm: &Vm, generation: usize, freed: usize, nanoseconds: u64) {
        let mut state = self.state.borrow_mut();
        state.collections.0 += 1;
        state.collections.1 += freed as u64;
        state.collections.2 += nanoseconds;
        let now = state.writer.clock().now();
        let collect =
            Collect { generation: generation as u32, dur: nanoseconds, freed: freed as u64, ..Collect::default() };
        state.writer.write_at(now, vm.number as u32, Data::Collect(collect));
    }

    fn lock(&self, thread: u64, lock: Lock, nanoseconds: u64) {
        let mut state = self.state.borrow_mut();
        let now = state.writer.clock().now();
        if state.threads.len() < 2 {
            // A thread that is alone gives the lock up and takes it back around every system call.
            return;
        }
        let what = match lock {
            Lock::Waiting => "wait",
            Lock::Taken => "acquire",
            Lock::Released => "release",
        };
        if lock == Lock::Taken {
            state.total.gil += nanoseconds;
        }
        state.writer.write_at(now, thread as u32, Data::Gil { what: what.to_owned(), dur: nanoseconds });
    }

    fn output(&self, descriptor: i32, bytes: &[u8]) {
        const SHOWN: usize = 400;
        let mut state = self.state.borrow_mut();
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]).into_owned();
        state.writer.write(Data::Output { fd: descriptor, size: bytes.len() as u64, text, dur: 0 });
    }

    fn import(&self, vm: &Vm, name: &Value, begins: bool) {
        let mut state = self.state.borrow_mut();
        let now = state.writer.clock().now();
        if begins {
            let name = vm.str_text(name);
            state.imports.push((name, now, 0));
            return;
        }
        let Some((name, start, inside)) = state.imports.pop() else { return };
        let dur = now.saturating_sub(start);
        if let Some((_, _, outer)) = state.imports.last_mut() {
            *outer += dur;
        }
        let depth = state.imports.len() as u32;
        let (origin, cache, verdict) = super::module::origin(vm, &name, dur);
        let import = Import { name, origin, cache, verdict, start, dur, own: dur.saturating_sub(inside), depth };
        state.writer.write(Data::Import(import));
    }

    fn stage_begin(&self, vm: &Vm, stage: u8, name: &str) {
        if let Some(stage) = Stage::ALL.get(usize::from(stage)) {
            self.begin(Some(vm), *stage, name);
        }
    }

    fn stage_end(&self, vm: &Vm, stage: u8, name: &str) {
        if let Some(stage) = Stage::ALL.get(usize::from(stage)) {
            self.end(Some(vm), *stage, name, "");
        }
    }
}

/// The name of a native callable.
fn native_name(vm: &Vm, callable: &Value) -> String {
    if let Some(function) = callable.downcast::<NativeFunction>() {
        return function.def.name.to_owned();
    }
    if let Some(method) = callable.downcast::<MethodDescriptor>() {
        return method.def.name.to_owned();
    }
    if let Some(class) = callable.downcast::<oriel_runtime::types::type_object::Type>() {
        return class.name_text();
    }
    vm.type_of(callable).name_text()
}

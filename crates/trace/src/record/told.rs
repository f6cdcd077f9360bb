//! What the recorder does when the interpreter tells it something.

use super::describe::{describe, message, value};
use super::recorder::{RunRecorder, Under};
use super::select::Interest;
use crate::event::{
    Caught, Collect, Data, Import, Line, Name, Native, OperationPath, Raise, Step as StepEvent, Thread,
};
use crate::stage::Stage;
use oriel_bytecode::Opcode;
use oriel_runtime::frame::FrameRef;
use oriel_runtime::observer::{Cache, Detail, Entered, Left, Lock, Recorder, Scope, Step, SystemCall, Way, locals_of};
use oriel_runtime::types::native_function::{MethodDescriptor, NativeFunction};
use oriel_runtime::{Value, Vm};

/// A thread that had the lock sooner did not wait for it.
const WAITED: u64 = 20_000;

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
        state.settle_moves(vm);
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
        let ledger = &mut state.ledger;
        let mut brought = ledger.touch(words + 8 * step.word as u64);
        brought += ledger.touch(key as u64 + 64 + 8 * (step.locals.len() + step.stack.len()) as u64);
        for operand in step.stack.iter().rev().take(2).filter(|operand| operand.header().is_some()) {
            brought += ledger.touch(operand.word());
        }
        ledger.count(vm, |counters| {
            counters.instructions += 1;
            counters.lines += brought;
        });
        state.under = Under { f: 0, o: step.offset, written: false, thread: vm.number as u32 };
        let Some(live) = state.frames.get(&key) else { return };
        if self.wants_step(state, live, line) {
            let f = live.id;
            let stack = step.stack.iter().map(|slot| describe(vm, slot)).collect();
            let code = &step.frame.runnable().code;
            let changes = state.changes(vm, key, code, step.locals);
            let now = state.writer.clock().now();
            let event = StepEvent { f, o: step.offset, s: stack, v: changes };
            state.writer.write_at(now, vm.number as u32, Data::Step(event));
            state.under = Under { f, written: true, ..state.under };
            for operand in step.stack.iter().rev().take(8).chain(step.locals.iter().take(12)) {
                state.watch(operand, 0);
            }
        }
        if counted && state.steps >= self.selection.step_range().1 && self.selection.functions.is_empty() {
            // From here on lines and calls are enough, which is many times faster.
            if self.selection.steps.is_none() {
                let text = format!(
                    "the first {} instructions were recorded one by one; --steps A-B records others",
                    state.steps
                );
                state.writer.write(Data::Note { text });
            }
            self.set_detail(vm, Detail::Calls);
        }
    }

    fn line(&self, vm: &Vm, frame: FrameRef, line: i32) {
        if let Some((wanted, arrival)) = self.selection.at
            && line == wanted as i32
            && frame.runnable().code.filename.to_string_lossy() == self.script
        {
            let arrivals = {
                let mut state = self.state.borrow_mut();
                state.arrivals += 1;
                state.arrivals
            };
            if arrivals == arrival {
                self.look_around(vm, frame, &format!("line {line}"));
            }
        }
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
        state.ledger.charge(vm, now, code, line);
        state.ledger.line_ran(vm);
        self.progress.tick(now, &state.writer);
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
                state.begin_to_run(key, code, now);
                state.ledger.charge(vm, now, code, line);
                state.writer.write_at(now, vm.number as u32, Data::Resume { f, v: None, by });
            }
            _ => {
                state.frames.remove(&key);
                self.enter(state, vm, frame);
            }
        }
    }

    fn frame_left(&self, vm: &Vm, frame: FrameRef, how: Left<'_>) {
        /// So many functions' frames are drawn where no moment is chosen.
        const DRAWN: usize = 8;
        if self.selection.draw && self.selection.at.is_none() && matches!(how, Left::Returned(_)) {
            let drawn = {
                let mut state = self.state.borrow_mut();
                let state = &mut *state;
                let live = state.frames.get(&frame.as_ptr().addr()).filter(|live| live.interest == Interest::Steps);
                let wanted = live.filter(|_| state.drawn.len() < DRAWN).map(|live| (live.id, live.code));
                wanted.filter(|(_, code)| state.drawn.insert(*code))
            };
            if let Some((id, _)) = drawn {
                self.write(Data::FrameMemory(super::draw::frame(vm, frame, id, "its return")));
            }
        }
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let key = frame.as_ptr().addr();
        let Some((f, depth, left, since)) =
            state.frames.get(&key).map(|live| (live.id, live.depth, live.code, live.since))
        else {
            return;
        };
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
        state.ledger.left(left, now.saturating_sub(since));
        state.ledger.charge(vm, now, code, line);
        if !self.too_deep(depth) {
            state.writer.write_at(now, vm.number as u32, data);
        }
    }

    fn native_call(&self, vm: &Vm, frame: FrameRef, _callable: &Value, arguments: &[Value]) {
        let mut state = self.state.borrow_mut();
        let key = frame.as_ptr().addr();
        let live = state.frames.get(&key);
        let shown = live.is_some_and(|live| live.interest > Interest::Calls && !self.too_deep(live.depth));
        let shown = if shown { arguments.iter().map(|argument| value(vm, argument)).collect() } else { Vec::new() };
        let now = state.writer.clock().now();
        state.natives.push((key, now, shown));
        state.ledger.count(vm, |counters| counters.natives += 1);
    }

    fn native_return(&self, vm: &Vm, frame: FrameRef, callable: &Value, result: Result<&Value, &Value>) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let key = frame.as_ptr().addr();
        let now = state.writer.clock().now();
        let at = state.natives.iter().rposition(|(frame, ..)| *frame == key);
        let call = at.map(|at| state.natives.remove(at));
        let dur = call.as_ref().map_or(0, |call| now.saturating_sub(call.1));
        let Some(live) = state.frames.get(&key) else { return };
        if live.interest == Interest::Calls || self.too_deep(live.depth) {
            return;
        }
        let native = Native {
            f: live.id,
            name: native_name(vm, callable),
            dur: dur.max(1),
            raised: result.is_err(),
            v: call.map_or_else(Vec::new, |call| call.2),
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

    fn wants_words(&self, _vm: &Vm, _step: &Step<'_>) -> bool {
        self.state.borrow().under.written
    }

    fn name(&self, vm: &Vm, frame: FrameRef, name: &str, scope: Scope, found: Option<&Value>, cached: bool) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let looked_up = !matches!(scope, Scope::Register(_) | Scope::Cell);
        if looked_up {
            state.ledger.count(vm, |counters| if cached { counters.hits += 1 } else { counters.misses += 1 });
        }
        if !state.under.written {
            return;
        }
        if let Some(found) = found {
            state.watch(found, 1);
        }
        let is_module = frame.runnable().code.name.to_string_lossy() == "<module>";
        let first = if is_module { "module" } else { "globals" };
        let in_body = !frame.runnable().code.flags.contains(oriel_bytecode::CodeFlags::OPTIMIZED) && !is_module;
        let mut asked = if in_body && looked_up { vec!["locals"] } else { Vec::new() };
        let mut how = String::new();
        let found = match scope {
            Scope::Locals if is_module => "module",
            Scope::Locals => "locals",
            Scope::Register(number) => {
                how = format!("register {number}");
                "locals"
            }
            Scope::Cell => {
                how = "cell".to_owned();
                "enclosing"
            }
            Scope::Globals => first,
            Scope::Builtins => "builtins",
            Scope::Nowhere => "",
        };
        match scope {
            Scope::Register(_) | Scope::Cell | Scope::Globals | Scope::Locals => asked.push(found),
            Scope::Builtins | Scope::Nowhere => asked.extend([first, "builtins"]),
        }
        asked.dedup();
        let event = Name {
            f: state.under.f,
            o: state.under.o,
            name: name.to_owned(),
            asked: asked.into_iter().map(str::to_owned).collect(),
            found: found.to_owned(),
            how,
            cached,
        };
        let now = state.writer.clock().now();
        state.writer.write_at(now, vm.number as u32, Data::Name(event));
    }

    fn path(&self, vm: &Vm, _frame: FrameRef, opcode: Opcode, way: &Way) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        state.ledger.count(vm, |counters| if way.held { counters.hits += 1 } else { counters.misses += 1 });
        if !state.under.written {
            return;
        }
        let cache = match way.cache {
            Cache::None => "",
            Cache::Cold => "cold",
            Cache::Hit => "hit",
            Cache::Miss => "miss",
        };
        let event = OperationPath {
            f: state.under.f,
            o: state.under.o,
            op: opcode.name().unwrap_or("?").to_owned(),
            path: way.path.to_string(),
            guard: way.guard.to_string(),
            cache: cache.to_owned(),
        };
        let now = state.writer.clock().now();
        state.writer.write_at(now, vm.number as u32, Data::Path(event));
    }

    fn collected(&self, vm: &Vm, generation: usize, freed: usize, nanoseconds: u64) {
        let mut state = self.state.borrow_mut();
        state.ledger.collections.0 += 1;
        state.ledger.collections.1 += freed as u64;
        state.ledger.collections.2 += nanoseconds;
        let now = state.writer.clock().now();
        let collect =
            Collect { generation: generation as u32, dur: nanoseconds, freed: freed as u64, ..Collect::default() };
        state.writer.write_at(now, vm.number as u32, Data::Collect(collect));
    }

    fn lock(&self, thread: u64, lock: Lock, nanoseconds: u64) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        if state.threads.len() < 2 {
            // A thread that is alone gives the lock up and takes it back around every system call.
            return;
        }
        let now = state.writer.clock().now();
        let thread = thread as u32;
        let mut write = |time: u64, what: &str, dur: u64| {
            state.writer.write_at(time, thread, Data::Gil { what: what.to_owned(), dur });
        };
        match lock {
            Lock::Released => write(now, "release", 0),
            Lock::Waiting => write(now, "wait", 0),
            Lock::Taken => {
                if nanoseconds >= WAITED {
                    write(now.saturating_sub(nanoseconds), "wait", nanoseconds);
                }
                let other = std::mem::replace(&mut state.holder, u64::from(thread)) != u64::from(thread);
                write(now, if other { "switch" } else { "acquire" }, nanoseconds);
                state.ledger.wait(u64::from(thread), nanoseconds);
            }
        }
    }

    fn before_output(&self, descriptor: i32) {
        if descriptor == 1 || descriptor == 2 {
            self.progress.clear();
        }
    }

    fn output(&self, descriptor: i32, bytes: &[u8], nanoseconds: u64) {
        const SHOWN: usize = 400;
        let mut state = self.state.borrow_mut();
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]).into_owned();
        state.writer.write(Data::Output { fd: descriptor, size: bytes.len() as u64, text, dur: nanoseconds });
    }

    fn system_call(&self, vm: &Vm, call: SystemCall) {
        let mut state = self.state.borrow_mut();
        let event = crate::event::SystemCall {
            name: call.name.to_owned(),
            arguments: call.arguments,
            fd: call.descriptor,
            result: call.result,
            dur: call.nanoseconds,
        };
        let now = state.writer.clock().now();
        state.writer.write_at(now, vm.number as u32, Data::SystemCall(event));
    }

    fn finalizing(&self, vm: &Vm, object: &Value) {
        let mut state = self.state.borrow_mut();
        let now = state.writer.clock().now();
        let what = format!("__del__ of {}", super::describe::text(vm, object, 1));
        let bytes = oriel_heap::block_capacity(object) as u64;
        state.writer.write_at(now, vm.number as u32, Data::Finalized { what, objects: 1, bytes });
    }

    fn finalized(&self, vm: &Vm, what: &str, objects: u64, bytes: u64) {
        let mut state = self.state.borrow_mut();
        let now = state.writer.clock().now();
        state.writer.write_at(now, vm.number as u32, Data::Finalized { what: what.to_owned(), objects, bytes });
    }

    fn becoming(&self, _vm: &Vm, program: &str) {
        if self.is_forked() {
            return;
        }
        let mut state = self.state.borrow_mut();
        state.writer.write(Data::Note { text: format!("the process is about to become {program}") });
        state.writer.flush();
    }

    fn leaving(&self, vm: &Vm, status: i32, why: &str) {
        if self.is_forked() {
            return;
        }
        {
            let mut state = self.state.borrow_mut();
            state.settle_moves(vm);
            state.writer.write(Data::Exit { status, why: why.to_owned() });
        }
        let last_words = self.last_words.take();
        match last_words {
            Some(last_words) => last_words(),
            None => {
                // Nobody is left to be told of a failure.
                let _ = self.finish();
            }
        }
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

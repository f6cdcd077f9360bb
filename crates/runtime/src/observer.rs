//! What a recorder of a run is told: the hooks, and how a recorder registers itself. The loop's side of looking on is
//! [`crate::interpreter`]; the recorder that `oriel trace` uses is another crate, which the runtime does not know.
//!
//! Hooks are told of what is or is about to be; they must not run Python code nor change anything.

use crate::error::PyResult;
use crate::frame::FrameRef;
use crate::platform;
use crate::vm::{Interpreter, Vm};
use oriel_bytecode::Opcode;
use oriel_heap::Value;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

/// How much of a run a recorder wants to be told; each level includes those before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Detail {
    /// Stages, collections, output, imports: what costs nothing while code runs.
    Stages,
    /// Lines, calls and exceptions too.
    Calls,
    /// Every instruction too.
    Instructions,
}

/// An instruction of the bytecode that is about to run.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// The frame; its operand stack is in its registers.
    pub frame: FrameRef,
    /// The index of its first word in the exact lowered code.
    pub word: usize,
    /// How many words it is.
    pub words: usize,
    /// Its byte offset.
    pub offset: u32,
    /// What it is.
    pub opcode: Opcode,
    /// Its operand.
    pub oparg: u32,
    /// Its line, if it has one.
    pub line: Option<i32>,
    /// What the operand stack holds.
    pub stack: &'a [Value],
    /// The locals, cells and free variables.
    pub locals: &'a [Value],
}

/// Why a frame runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entered {
    /// It was called.
    Called,
    /// It is a generator's, and goes on.
    Resumed,
    /// It is a generator's, and an exception is raised where it stands.
    Thrown,
    /// It ran before the recorder was there.
    Found,
}

/// How a frame is left.
#[derive(Clone, Copy)]
pub enum Left<'a> {
    /// It returns a value.
    Returned(&'a Value),
    /// It is a generator's, and yields a value.
    Yielded(&'a Value),
    /// An exception goes through it.
    Unwound(&'a Value),
}

/// Where a name was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// In a register of the frame: the compiler knew it.
    Register(u16),
    /// In a cell that the function shares with those around it.
    Cell,
    /// In the namespace of locals.
    Locals,
    /// In the globals.
    Globals,
    /// In the builtins.
    Builtins,
    /// Nowhere.
    Nowhere,
}

/// What an inline cache says to an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cache {
    /// The operation has none.
    None,
    /// The code has not run often enough to have one.
    Cold,
    /// It answers.
    Hit,
    /// It knows nothing that fits.
    Miss,
}

/// Which way an operation takes. The words are empty where they are not wanted.
#[derive(Clone, Debug)]
pub struct Way {
    /// The way.
    pub path: Cow<'static, str>,
    /// The check that it rests on; empty for a look-up.
    pub guard: Cow<'static, str>,
    /// Whether a check held, so that no look-up is needed.
    pub held: bool,
    /// What the inline cache says.
    pub cache: Cache,
}

/// A system call that is over.
#[derive(Clone, Debug)]
pub struct SystemCall {
    /// Its name.
    pub name: &'static str,
    /// Its arguments, in words.
    pub arguments: String,
    /// The descriptor that it is about.
    pub descriptor: Option<i32>,
    /// What it returned; a negative error number where it failed.
    pub result: i64,
    /// How long it took.
    pub nanoseconds: u64,
}

/// A thread and the interpreter lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lock {
    /// A thread begins to wait.
    Waiting,
    /// It has got it.
    Taken,
    /// It lets it go.
    Released,
}

/// What is told of a run. All hooks do nothing by default.
#[expect(unused_variables, reason = "the names say what a hook is given")]
pub trait Recorder {
    /// How much is wanted.
    fn detail(&self) -> Detail;
    /// An instruction is about to run. The state it leaves is what the next one of the same frame finds.
    fn instruction(&self, vm: &Vm, step: &Step<'_>) {}
    /// A line begins.
    fn line(&self, vm: &Vm, frame: FrameRef, line: i32) {}
    /// A frame begins to run or goes on.
    fn frame_entered(&self, vm: &Vm, frame: FrameRef, why: Entered) {}
    /// A frame is left.
    fn frame_left(&self, vm: &Vm, frame: FrameRef, how: Left<'_>) {}
    /// A native function is called; the arguments are those by position.
    fn native_call(&self, vm: &Vm, frame: FrameRef, callable: &Value, arguments: &[Value]) {}
    /// It has returned, or raised.
    fn native_return(&self, vm: &Vm, frame: FrameRef, callable: &Value, result: Result<&Value, &Value>) {}
    /// An exception was raised in a frame or came out of a call.
    fn raised(&self, vm: &Vm, frame: FrameRef, exception: &Value) {}
    /// A handler of the frame takes an exception.
    fn handled(&self, vm: &Vm, frame: FrameRef, exception: &Value, handler: u32) {}
    /// A conditional jump went one of its ways.
    fn branch(&self, vm: &Vm, frame: FrameRef, from: u32, to: u32, taken: bool) {}
    /// Whether the words of an instruction's way are wanted, or only whether its guard holds.
    fn wants_words(&self, vm: &Vm, step: &Step<'_>) -> bool {
        false
    }
    /// A name is being looked up: where it will be found, what it is (of which the caller holds a count), and whether an
    /// inline cache answers.
    fn name(&self, vm: &Vm, frame: FrameRef, name: &str, scope: Scope, found: Option<&Value>, cached: bool) {}
    /// An operation takes a way.
    fn path(&self, vm: &Vm, frame: FrameRef, opcode: Opcode, way: &Way) {}
    /// The cycle collector ran over a generation.
    fn collected(&self, vm: &Vm, generation: usize, freed: usize, nanoseconds: u64) {}
    /// The interpreter lock moved. Called with the lock held.
    fn lock(&self, thread: u64, lock: Lock, nanoseconds: u64) {}
    /// Bytes are about to go to a descriptor.
    fn before_output(&self, descriptor: i32) {}
    /// Bytes went to a descriptor.
    fn output(&self, descriptor: i32, bytes: &[u8], nanoseconds: u64) {}
    /// A system call of the file system is over.
    fn system_call(&self, vm: &Vm, call: SystemCall) {}
    /// An object's finalizer (`__del__`) is about to be called.
    fn finalizing(&self, vm: &Vm, object: &Value) {}
    /// Something was finalized during teardown: how many objects and bytes went with it.
    fn finalized(&self, vm: &Vm, what: &str, objects: u64, bytes: u64) {}
    /// The process is about to become another program, unless that fails.
    fn becoming(&self, vm: &Vm, program: &str) {}
    /// The process is about to end without teardown.
    fn leaving(&self, vm: &Vm, status: i32, why: &str) {}
    /// A module is being imported, or has been.
    fn import(&self, vm: &Vm, name: &Value, begins: bool) {}
    /// A stage or a step of one begins.
    fn stage_begin(&self, vm: &Vm, stage: u8, name: &str) {}
    /// It has ended.
    fn stage_end(&self, vm: &Vm, stage: u8, name: &str) {}
}

/// Does something and says how many nanoseconds it took.
fn timed<R>(nanoseconds: &mut u64, call: impl FnOnce() -> R) -> R {
    let begun = Instant::now();
    let result = call();
    *nanoseconds = begun.elapsed().as_nanos() as u64;
    result
}

/// What the locals, cells and free variables of a frame hold now.
pub fn locals_of(frame: FrameRef) -> SmallVec<[Value; 8]> {
    let variables = frame.runnable().lowered.variables;
    // SAFETY: the frame has so many registers, and nothing runs while they are copied.
    (0..variables).map(|number| unsafe { frame.get(number) }.clone()).collect()
}

/// What the registers of a frame's operand stack hold now: those behind its variables.
pub fn stack_of(frame: FrameRef) -> Vec<Value> {
    let (variables, all) = (frame.runnable().lowered.variables, frame.register_count());
    // SAFETY: the frame has so many registers, and nothing runs while they are copied.
    (variables..all).map(|number| unsafe { frame.get(number) }.clone()).collect()
}

/// Whether anybody can look on at all: not in the build that says what looking costs when nobody looks.
const SEEN: bool = !cfg!(feature = "unrecorded");

/// The place of a recorder in an interpreter.
#[derive(Default)]
pub struct RecorderPlace(RefCell<Option<Rc<dyn Recorder>>>);

impl Interpreter {
    /// Registers the recorder of this interpreter, or takes it away.
    pub fn set_recorder(&self, recorder: Option<Rc<dyn Recorder>>) {
        let old = self.recorder_place.0.replace(recorder);
        drop(old);
        self.watch_changed();
    }

    /// The recorder.
    pub fn recorder(&self) -> Option<Rc<dyn Recorder>> {
        self.recorder_place.0.borrow().clone()
    }

    /// Whether there is one.
    #[inline]
    pub fn has_recorder(&self) -> bool {
        SEEN && self.recorder_place.0.borrow().is_some()
    }

    /// Tells the recorder something, if there is one.
    #[inline]
    pub fn tell(&self, tell: impl FnOnce(&dyn Recorder)) {
        if SEEN && let Some(recorder) = &*self.recorder_place.0.borrow() {
            tell(&**recorder);
        }
    }

    /// Whether a recorder wants to see code run.
    pub fn recording(&self) -> bool {
        SEEN && self.recorder_place.0.borrow().as_ref().is_some_and(|recorder| recorder.detail() >= Detail::Calls)
    }

    /// Notes that somebody began or ceased to look on.
    pub fn watch_changed(&self) {
        self.observed.set(self.recording() || self.monitoring.is_active());
        self.set_pending();
    }
}

/// The stages that the runtime tells of, by their place in the order of all.
pub mod stage {
    /// From nothing to an interpreter.
    pub const BOOTSTRAP: u8 = 2;
    /// The end of everything.
    pub const TEARDOWN: u8 = 13;
}

impl Vm {
    /// Does a step of a stage, of whose beginning and end the recorder is told.
    pub fn step_of<R>(&self, stage: u8, name: &str, step: impl FnOnce() -> R) -> R {
        self.tell(|recorder| recorder.stage_begin(self, stage, name));
        let result = step();
        self.tell(|recorder| recorder.stage_end(self, stage, name));
        result
    }

    /// Writes to a descriptor, of which the recorder is told.
    pub fn told_write(
        &self,
        descriptor: i32,
        bytes: &[u8],
        mut write: impl FnMut() -> platform::Result<usize>,
    ) -> PyResult<platform::Result<usize>> {
        if !self.has_recorder() {
            return self.system_call(write);
        }
        self.tell(|recorder| recorder.before_output(descriptor));
        let mut time = 0;
        let written = self.system_call(|| timed(&mut time, &mut write))?;
        if let Ok(count) = written {
            self.tell(|recorder| recorder.output(descriptor, bytes.get(..count).unwrap_or_default(), time));
        }
        Ok(written)
    }

    /// Does a system call of the file system, of which the recorder is told, and again after signals; `value` says what it
    /// returned.
    pub fn told_call<R>(
        &self,
        name: &'static str,
        descriptor: Option<i32>,
        arguments: impl FnOnce() -> String,
        value: impl FnOnce(&R) -> i64,
        mut call: impl FnMut() -> platform::Result<R>,
    ) -> PyResult<platform::Result<R>> {
        if !self.has_recorder() {
            return self.system_call(call);
        }
        let mut time = 0;
        let result = self.system_call(|| timed(&mut time, &mut call))?;
        self.tell_call(name, descriptor, arguments(), result.as_ref().map(value), time);
        Ok(result)
    }

    /// As [`Vm::told_call`], only once.
    pub fn told_once<R>(
        &self,
        name: &'static str,
        descriptor: Option<i32>,
        arguments: impl FnOnce() -> String,
        value: impl FnOnce(&R) -> i64,
        call: impl FnOnce() -> platform::Result<R>,
    ) -> platform::Result<R> {
        if !self.has_recorder() {
            return self.allow_threads(call);
        }
        let mut time = 0;
        let result = self.allow_threads(|| timed(&mut time, call));
        self.tell_call(name, descriptor, arguments(), result.as_ref().map(value), time);
        result
    }

    fn tell_call(
        &self,
        name: &'static str,
        descriptor: Option<i32>,
        arguments: String,
        result: Result<i64, &i32>,
        nanoseconds: u64,
    ) {
        let result = result.unwrap_or_else(|number| -i64::from(*number));
        let call = SystemCall { name, arguments, descriptor, result, nanoseconds };
        self.tell(|recorder| recorder.system_call(self, call));
    }

    /// What a step of teardown gives back, of which the recorder is told.
    pub(crate) fn told_end<R>(&self, what: impl FnOnce() -> String, step: impl FnOnce() -> R) -> R {
        if !self.has_recorder() {
            return step();
        }
        let what = what();
        let (objects, bytes) = (self.heap.statistics().frees, self.heap.traffic().freed);
        let result = step();
        let (objects, bytes) = (self.heap.statistics().frees - objects, self.heap.traffic().freed - bytes);
        self.tell(|recorder| recorder.finalized(self, &what, objects, bytes));
        result
    }

    /// Collects the cycles that the growth of containers called for.
    pub(crate) fn collect_due(&self) {
        let begun = Instant::now();
        if let Some((generation, outcome)) = self.heap.collect_as_due() {
            let time = begun.elapsed().as_nanos() as u64;
            self.tell(|recorder| recorder.collected(self, generation as usize, outcome.collected, time));
        }
    }

    /// Collects cycles, of which the recorder is told.
    pub(crate) fn collect_telling<R>(&self, collect: impl FnOnce() -> (u32, usize, R)) -> R {
        let begun = Instant::now();
        let (generation, freed, result) = collect();
        let time = begun.elapsed().as_nanos() as u64;
        self.tell(|recorder| recorder.collected(self, generation as usize, freed, time));
        result
    }

    /// Whether this thread's code is to run in the observed form of the loop now.
    #[inline]
    pub fn observing(&self) -> bool {
        SEEN && self.observed.get() && (self.thread.tracing.get() == 0 || self.recording())
    }

    /// Whether the innermost activation of the loop has the wrong form.
    #[cold]
    #[inline(never)]
    pub fn must_switch(&self) -> bool {
        SEEN && self.observing() != self.thread.observed.get()
    }
}

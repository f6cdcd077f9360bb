//! What a recorder of a run is told: the hooks, and how a recorder registers itself. The loop's side of looking on is
//! [`crate::interpreter`]; the recorder that `oriel trace` uses is another crate, which the runtime does not know.
//!
//! Hooks are told of what is or is about to be; they must not run Python code nor change anything.

use crate::frame::FrameRef;
use crate::vm::{Interpreter, Vm};
use oriel_bytecode::Opcode;
use oriel_heap::Value;
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
    /// In the namespace of locals.
    Locals,
    /// In the globals.
    Globals,
    /// In the builtins.
    Builtins,
    /// Nowhere.
    Nowhere,
}

/// Which way an operation takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Path {
    /// Both operands are immediate integers.
    SmallIntegers,
    /// Both operands are immediate numbers, a float among them.
    Floats,
    /// The slots of the operands' types.
    Slots,
    /// A frame is pushed for a Python function.
    PythonFunction,
    /// A native function is called.
    NativeFunction,
    /// An inline cache answers.
    Cached,
    /// A look-up, the inline cache knowing nothing that fits.
    LookedUp,
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
    /// A name is being looked up: where it will be found, and whether an inline cache answers.
    fn name(&self, vm: &Vm, frame: FrameRef, name: &Value, scope: Scope, cached: bool) {}
    /// An operation takes a way.
    fn path(&self, vm: &Vm, frame: FrameRef, opcode: Opcode, path: Path) {}
    /// The cycle collector ran over a generation.
    fn collected(&self, vm: &Vm, generation: usize, freed: usize, nanoseconds: u64) {}
    /// The interpreter lock moved. Called with the lock held.
    fn lock(&self, thread: u64, lock: Lock, nanoseconds: u64) {}
    /// Bytes went to a descriptor.
    fn output(&self, descriptor: i32, bytes: &[u8]) {}
    /// A module is being imported, or has been.
    fn import(&self, vm: &Vm, name: &Value, begins: bool) {}
    /// A stage or a step of one begins.
    fn stage_begin(&self, vm: &Vm, stage: u8, name: &str) {}
    /// It has ended.
    fn stage_end(&self, vm: &Vm, stage: u8, name: &str) {}
}

/// What the locals, cells and free variables of a frame hold now.
pub fn locals_of(frame: FrameRef) -> Vec<Value> {
    let variables = frame.runnable().lowered.variables;
    // SAFETY: the frame has so many registers, and nothing runs while they are copied.
    (0..variables).map(|number| unsafe { frame.get(number) }.clone()).collect()
}

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

    /// Tells the recorder something, if there is one.
    #[inline]
    pub fn tell(&self, tell: impl FnOnce(&dyn Recorder)) {
        if let Some(recorder) = &*self.recorder_place.0.borrow() {
            tell(&**recorder);
        }
    }

    /// Whether a recorder wants to see code run.
    pub fn recording(&self) -> bool {
        self.recorder_place.0.borrow().as_ref().is_some_and(|recorder| recorder.detail() >= Detail::Calls)
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
        self.observed.get() && (self.thread.tracing.get() == 0 || self.recording())
    }

    /// Whether the innermost activation of the loop has the wrong form.
    #[cold]
    #[inline(never)]
    pub fn must_switch(&self) -> bool {
        self.observing() != self.thread.observed.get()
    }
}

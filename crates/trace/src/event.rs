//! The events of a recording. `docs/recording-format.md` describes them for those who read recordings with other tools.
//!
//! An event is one line of JSON: its sequence number `q`, its time `t`, its thread `h` (absent: the main thread), its kind
//! `k`, and the fields of that kind. Fields that say nothing are absent.

mod execution;
mod memory;
mod system;

pub use execution::*;
pub use memory::*;
pub use system::*;

use crate::stage::Stage;
use serde::{Deserialize, Serialize};

/// The version of the format that is written. A reader reads all versions up to its own.
pub const VERSION: u32 = 1;
/// The name of the format, in the first event.
pub const FORMAT: &str = "oriel-recording";
/// The number of the main thread.
pub const MAIN_THREAD: u32 = 1;

fn main_thread() -> u32 {
    MAIN_THREAD
}

fn is_main_thread(thread: &u32) -> bool {
    *thread == MAIN_THREAD
}

pub(crate) fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How the process ended, as views show it.
#[derive(Clone, Copy, Debug)]
pub struct Exit<'a> {
    /// The status.
    pub status: i32,
    /// Why.
    pub why: &'a str,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The sequence number: events are in this order, and missing numbers were dropped.
    #[serde(rename = "q")]
    pub seq: u64,
    /// Nanoseconds since exec.
    #[serde(rename = "t")]
    pub time: u64,
    /// The thread's number in the recording.
    #[serde(rename = "h", default = "main_thread", skip_serializing_if = "is_main_thread")]
    pub thread: u32,
    /// What happened.
    #[serde(flatten)]
    pub data: Data,
}

/// A value of the program: an immediate by its text, an object with its address and type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Val {
    /// An immediate, which has no address: its `repr`.
    Immediate(String),
    /// An object: address, type, and a text made without running any of the program's code.
    Object(u64, String, String),
}

impl Val {
    /// The text to show.
    pub fn text(&self) -> &str {
        match self {
            Val::Immediate(text) | Val::Object(_, _, text) => text,
        }
    }

    /// The address of an object.
    pub fn address(&self) -> Option<u64> {
        match self {
            Val::Immediate(_) => None,
            Val::Object(address, ..) => Some(*address),
        }
    }
}

/// What happened. Kinds unknown to a reader are kept as [`Data::Unknown`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "k", rename_all = "snake_case")]
pub enum Data {
    // The recording itself.
    /// The first event.
    Header(Header),
    /// Events that were not kept, because the recording's limits were reached.
    Gap {
        /// The first sequence number that is missing.
        from: u64,
        /// The last one.
        to: u64,
    },
    /// A note that the program wrote into the recording (`oriel_trace.note`).
    Note {
        /// The words.
        text: String,
    },
    /// The recorder could not do something; the run goes on.
    Warning {
        /// What, and what to do about it.
        text: String,
    },
    /// The last event of a recording that was brought to its end.
    End(End),

    // Stages and their parts.
    /// A stage, or a part of one, begins. Written so that an unfinished one can be seen.
    Begin {
        /// The stage.
        stage: Stage,
        /// The part; empty for the whole stage.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
    },
    /// A stage, or a part of one, has ended.
    Span(Span),

    // 0 and 1: the operating system's side.
    /// How the command was found and called.
    Command(Command),
    /// The machine.
    Hardware(Hardware),
    /// The process at a moment.
    Process(Process),

    // 3 and 4: source and compilation.
    /// A source that was read.
    Source(Source),
    /// A system call of the program or the interpreter.
    SystemCall(SystemCall),
    /// The tokens of a source.
    Tokens {
        /// The file's name.
        file: String,
        /// Kind, text, first line and column, last line and column.
        tokens: Vec<(String, String, u32, i32, u32, i32)>,
    },
    /// The syntax tree of a source, as `ast.dump` prints it.
    Ast {
        /// The file's name.
        file: String,
        /// The text.
        dump: String,
    },
    /// The symbol table of a source.
    Symbols {
        /// The file's name.
        file: String,
        /// The text.
        dump: String,
    },
    /// A code object that other events refer to by its number.
    Code(Code),
    /// The instructions of a code object.
    Listing(Listing),
    /// An import.
    Import(Import),

    // 5: the module.
    /// A name of `__main__` was bound, rebound or deleted.
    Namespace {
        /// The name.
        name: String,
        /// Its value; none where it was deleted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Val>,
        /// Whether it was bound already.
        #[serde(default, skip_serializing_if = "is_zero")]
        rebound: bool,
    },

    // 6 to 8: execution.
    /// A line begins.
    #[serde(rename = "line")]
    Line(Line),
    /// A bytecode instruction is about to be executed.
    Step(Step),
    /// A frame was pushed.
    Call(Call),
    /// A frame was popped by a return.
    #[serde(rename = "return")]
    Return {
        /// The frame.
        f: u64,
        /// What it returned.
        v: Val,
    },
    /// A frame was popped by an exception.
    Unwind {
        /// The frame.
        f: u64,
        /// The exception.
        v: Val,
    },
    /// A generator or coroutine gave up its turn.
    Suspend {
        /// The frame.
        f: u64,
        /// What it yielded.
        v: Val,
    },
    /// A generator or coroutine goes on.
    Resume {
        /// The frame.
        f: u64,
        /// What it was sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        v: Option<Val>,
        /// The frame that goes below it.
        #[serde(default, skip_serializing_if = "is_zero")]
        by: u64,
    },
    /// A native function was called.
    Native(Native),
    /// An exception was raised.
    Raise(Raise),
    /// An exception found its handler.
    Caught(Caught),
    /// A name was looked up.
    Name(Name),
    /// The way that an operation took.
    Path(OperationPath),
    /// A function object was made.
    Function(Function),
    /// A thread began or ended.
    Thread(Thread),

    // 9: objects and their memory.
    /// An object was allocated.
    Alloc(Moved),
    /// An object was freed.
    Free(Moved),
    /// A count moved.
    Count {
        /// The object's address.
        a: u64,
        /// The count before.
        from: u32,
        /// The count after.
        #[serde(default, skip_serializing_if = "is_zero")]
        to: u32,
        /// The frame whose instruction moved it.
        #[serde(default, skip_serializing_if = "is_zero")]
        f: u64,
        /// The byte offset of the instruction.
        #[serde(default, skip_serializing_if = "is_zero")]
        o: u32,
    },
    /// A run of the cycle collector.
    Collect(Collect),
    /// Something with the GIL.
    Gil {
        /// `wait` (nanoseconds until it was had), `acquire`, `release`, `switch`.
        what: String,
        /// The time it took.
        #[serde(default, skip_serializing_if = "is_zero")]
        dur: u64,
    },

    // Memory, drawn.
    /// A frame in memory.
    FrameMemory(FrameMemory),
    /// An object in memory.
    ObjectMemory(ObjectMemory),
    /// A page of the allocator.
    PageMemory(PageMemory),
    /// The objects that a name reaches.
    Graph(Graph),
    /// The figures of the heap at a moment.
    Heap(HeapFigures),

    // 10 and 11.
    /// Bytes were written to a descriptor.
    Output {
        /// The descriptor.
        fd: i32,
        /// How many bytes.
        size: u64,
        /// The bytes as text, those that are not UTF-8 escaped; only the first of many.
        text: String,
        /// The time the system call took.
        #[serde(default, skip_serializing_if = "is_zero")]
        dur: u64,
    },
    /// Something was finalized during teardown.
    Finalized {
        /// What.
        what: String,
        /// Objects that went with it.
        #[serde(default, skip_serializing_if = "is_zero")]
        objects: u64,
        /// Bytes that went with it.
        #[serde(default, skip_serializing_if = "is_zero")]
        bytes: u64,
    },
    /// What is still alive at the end, by type.
    Survivors {
        /// Type, number of objects, bytes of their blocks.
        types: Vec<(String, u64, u64)>,
    },
    /// The exit status, or the signal that ended the process.
    Exit {
        /// The status.
        status: i32,
        /// Why: `end of script`, `SystemExit`, `exception`, `os._exit`, `signal`.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
    /// The costs of the whole run, counted exactly even where single events were dropped.
    Costs(Costs),

    /// A kind that this reader does not know.
    #[serde(other)]
    Unknown,
}

impl Data {
    /// Whether the event is a detail that may be dropped when the recording's limits are reached.
    pub fn is_detail(&self) -> bool {
        matches!(
            self,
            Data::Line(_)
                | Data::Step(_)
                | Data::Call(_)
                | Data::Return { .. }
                | Data::Unwind { .. }
                | Data::Suspend { .. }
                | Data::Resume { .. }
                | Data::Native(_)
                | Data::Raise(_)
                | Data::Caught(_)
                | Data::Name(_)
                | Data::Path(_)
                | Data::Function(_)
                | Data::Alloc(_)
                | Data::Free(_)
                | Data::Count { .. }
                | Data::Collect(_)
                | Data::Gil { .. }
                | Data::SystemCall(_)
                | Data::Output { .. }
                | Data::Namespace { .. }
                | Data::Unknown
        )
    }

    /// The stage that the event belongs to.
    pub fn stage(&self) -> Option<Stage> {
        Some(match self {
            Data::Begin { stage, .. } => *stage,
            Data::Span(span) => span.stage,
            Data::Command(_) => Stage::Command,
            Data::Hardware(_) | Data::Process(_) => Stage::Process,
            Data::Source(_) => Stage::Source,
            Data::SystemCall(_) => Stage::Source,
            Data::Tokens { .. } => Stage::Tokens,
            Data::Ast { .. } => Stage::Ast,
            Data::Symbols { .. } | Data::Code(_) | Data::Listing(_) => Stage::Bytecode,
            Data::Import(_) | Data::Namespace { .. } => Stage::Module,
            Data::Line(_) | Data::Step(_) | Data::Raise(_) | Data::Caught(_) | Data::Path(_) | Data::Name(_) => {
                Stage::Interpreter
            }
            Data::Function(_) => Stage::Functions,
            Data::Call(_)
            | Data::Return { .. }
            | Data::Unwind { .. }
            | Data::Suspend { .. }
            | Data::Resume { .. }
            | Data::FrameMemory(_) => Stage::Frames,
            Data::Alloc(_)
            | Data::Free(_)
            | Data::Count { .. }
            | Data::Collect(_)
            | Data::ObjectMemory(_)
            | Data::PageMemory(_)
            | Data::Graph(_)
            | Data::Heap(_) => Stage::Objects,
            Data::Native(_) | Data::Output { .. } => Stage::Output,
            Data::Finalized { .. } | Data::Survivors { .. } | Data::Exit { .. } => Stage::Teardown,
            _ => return None,
        })
    }
}

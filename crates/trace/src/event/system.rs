//! What the recording says about itself, the operating system's side, sources and compilation.

use super::is_zero;
use crate::stage::Stage;
use serde::{Deserialize, Serialize};

macro_rules! record {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty,)* })*) => {
        $($(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name { $($(#[$field_meta])* #[serde(skip_serializing_if = "is_zero")] pub $field: $ty,)* })*
    };
}
pub(super) use record;

record! {
    /// The first event of a recording.
    Header {
        /// [`super::FORMAT`].
        format: String,
        /// [`super::VERSION`].
        version: u32,
        /// The version of Oriel.
        oriel: String,
        /// The version of Python.
        python: String,
        /// The process.
        pid: u32,
        /// Nanoseconds since 1970 at time 0.
        realtime: u64,
        /// What was recorded: `stages`, `lines` or `steps`, with the selection in the user's words.
        level: String,
        /// Bytes of details that are written as they come.
        file_limit: u64,
        /// Bytes of the last details that are kept.
        ring_limit: u64,
    }

    /// The last event.
    End {
        /// Events that happened.
        events: u64,
        /// Events that were dropped.
        dropped: u64,
        /// Bytes written.
        bytes: u64,
        /// The most memory that the recorder held for events.
        memory: u64,
    }

    /// Stage 0.
    Command {
        /// The words of the command.
        argv: Vec<String>,
        /// What the script is: `script`, `command`, `module`, `stdin`.
        target: String,
        /// The script, command or module.
        script: String,
        /// The working directory.
        cwd: String,
        /// The executable that runs.
        executable: String,
        /// How it was found: each folder of `PATH` that was asked until it was found, and with what result.
        search: Vec<(String, String)>,
        /// The process that started this one.
        parent: Parent,
        /// The environment variables that mattered: name, value (null: not set), effect.
        environment: Vec<(String, Option<String>, String)>,
        /// How many variables there are.
        environment_size: u64,
        /// What the three standard descriptors are.
        streams: Vec<(i32, String)>,
    }

    /// A parent process.
    Parent {
        /// Its number.
        pid: u32,
        /// Its name.
        name: String,
        /// Its command line.
        command: String,
    }

    /// The machine.
    Hardware {
        /// The processor's model.
        processor: String,
        /// The architecture.
        architecture: String,
        /// Logical processors.
        processors: u32,
        /// Those that this process may use.
        allowed: u32,
        /// The present frequency in MHz, where known.
        megahertz: f64,
        /// The caches.
        caches: Vec<Cache>,
        /// Bytes of a page.
        page: u64,
        /// Bytes of memory.
        memory: u64,
        /// The kernel.
        kernel: String,
        /// Whether hardware counters can be read, or why not.
        counters: String,
    }

    /// A processor cache.
    Cache {
        /// 1, 2, 3.
        level: u32,
        /// `Data`, `Instruction`, `Unified`.
        kind: String,
        /// Bytes.
        size: u64,
        /// Bytes of a line.
        line: u32,
        /// The processors that share it.
        shared: String,
    }

    /// The process at a moment.
    Process {
        /// The moment: `start`, `ready`, `exit`, or what was asked for.
        moment: String,
        /// Its number.
        pid: u32,
        /// Its parent's.
        ppid: u32,
        /// The executable.
        executable: String,
        /// The segments of the executable.
        segments: Vec<Segment>,
        /// The mappings.
        map: Vec<Mapping>,
        /// Open descriptors and what they are.
        descriptors: Vec<(i32, String)>,
        /// Scheduling, in words: policy, nice, processors.
        scheduling: Vec<(String, String)>,
        /// What the kernel handed over at exec.
        auxiliary: Vec<(String, String)>,
        /// Resident bytes.
        resident: u64,
        /// The most there were.
        peak: u64,
        /// Page faults served without and with reading from a disk.
        faults: (u64, u64),
        /// Context switches, voluntary and not.
        switches: (u64, u64),
        /// Threads.
        threads: u32,
    }

    /// A program header of the executable.
    Segment {
        /// The kind, as in `readelf`.
        kind: String,
        /// Where in the file.
        offset: u64,
        /// Where in memory, before relocation.
        address: u64,
        /// Bytes in the file.
        file_size: u64,
        /// Bytes in memory.
        memory_size: u64,
        /// `r`, `w` and `x`.
        access: String,
    }

    /// A mapping of the address space.
    Mapping {
        /// First address.
        start: u64,
        /// The address behind the last.
        end: u64,
        /// `rwxp`.
        access: String,
        /// The file or the kernel's name.
        name: String,
        /// One of [`GROUPS`].
        group: String,
        /// Resident bytes.
        resident: u64,
    }

    /// A source that was read.
    Source {
        /// The file's name.
        file: String,
        /// Its bytes.
        size: u64,
        /// The encoding.
        encoding: String,
        /// How the encoding was decided.
        decided_by: String,
        /// Line ends: number of LF, CRLF and CR.
        newlines: (u64, u64, u64),
        /// The text.
        text: String,
        /// Where it came from, if not from the file system.
        from: String,
    }

    /// A system call.
    SystemCall {
        /// Its name.
        name: String,
        /// Its arguments, in words.
        arguments: String,
        /// The descriptor it is about.
        fd: Option<i32>,
        /// What it returned; a negative errno where it failed.
        result: i64,
        /// The time it took.
        dur: u64,
    }

    /// A code object that other events refer to.
    Code {
        /// Its number in the recording.
        id: u32,
        /// Its qualified name.
        name: String,
        /// Its file.
        file: String,
        /// Its first line.
        line: u32,
        /// Its variables: locals, cells, free variables.
        vars: Vec<String>,
        /// The depth of its operand stack.
        stack: u32,
    }

    /// The instructions of a code object.
    Listing {
        /// The code object.
        code: u32,
        /// Its flags, in words.
        flags: String,
        /// The bytecode.
        bytecode: Vec<Instruction>,
        /// The lowered code: word, byte offset of the bytecode it came from, text.
        lowered: Vec<(u32, u32, String)>,
        /// The same in the form in which each bytecode instruction stands on its own, for looking on.
        exact: Vec<(u32, u32, String)>,
        /// The exception table: start, end, target, depth, whether the place is kept.
        handlers: Vec<(u32, u32, u32, u32, bool)>,
        /// The whole as `dis.dis` prints it.
        dis: String,
    }

    /// An instruction of the bytecode.
    Instruction {
        /// Its byte offset.
        o: u32,
        /// Its line; 0 for none.
        l: u32,
        /// Its last line, first and last column, in bytes: what carets point at.
        p: Option<(u32, u32, u32)>,
        /// Its name.
        op: String,
        /// Its operand, if it has one.
        a: Option<u32>,
        /// The operand's meaning.
        r: String,
    }

    /// An import.
    Import {
        /// The module's name.
        name: String,
        /// Where it came from: `built-in`, `frozen`, `embedded library`, or a file.
        origin: String,
        /// The `.pyc` file, where one was looked for.
        cache: String,
        /// Whether the `.pyc` file served, and why or why not.
        verdict: String,
        /// When it began.
        start: u64,
        /// How long it took, the imports inside included.
        dur: u64,
        /// The time without the imports inside.
        own: u64,
        /// How deep the import was nested.
        depth: u32,
    }
}

/// The groups of a memory map, in the order in which they are shown.
pub const GROUPS: &[&str] =
    &["code", "data", "arenas", "heap", "stack", "library", "recorder", "file", "kernel", "other"];

/// A stage, or a part of one, that has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The stage.
    pub stage: Stage,
    /// The part; empty for the whole stage.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub name: String,
    /// When it began.
    pub start: u64,
    /// How long it took.
    pub dur: u64,
    /// Objects allocated.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub objects: u64,
    /// Bytes of memory that it added (negative: gave back).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub bytes: i64,
    /// Its figures, in words.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub detail: String,
}

//! Events of execution. The frequent ones have fields of one letter.

use super::system::record;
use super::{Val, is_zero};
use serde::{Deserialize, Serialize};

/// Locals that changed: name and value; none where one was unbound.
pub type Changes = Vec<(String, Option<Val>)>;

record! {
    /// A line begins.
    Line {
        /// The frame.
        f: u64,
        /// The line.
        l: u32,
        /// Locals that changed since the frame's last event.
        v: Changes,
    }

    /// A bytecode instruction is about to be executed.
    Step {
        /// The frame.
        f: u64,
        /// The byte offset of the instruction.
        o: u32,
        /// The operand stack before it, bottom first; an empty slot is null. The stack after it is that before the next
        /// step of the same frame.
        s: Vec<Option<Val>>,
        /// Locals that changed since the frame's last event.
        v: Changes,
    }

    /// A frame was pushed.
    Call {
        /// The frame's number in the recording.
        f: u64,
        /// The code object.
        c: u32,
        /// The calling frame; absent where native code called.
        by: u64,
        /// The address of the frame.
        a: u64,
        /// Bytes of the frame.
        n: u32,
        /// Registers of the frame.
        slots: u32,
        /// The arguments as they lie in the locals.
        v: Changes,
    }

    /// A call of a native function.
    Native {
        /// The calling frame.
        f: u64,
        /// The function.
        name: String,
        /// How long it took; absent where only the call is seen.
        dur: u64,
        /// Whether it raised.
        raised: bool,
        /// The arguments.
        v: Vec<Val>,
        /// What it returned.
        r: Option<Val>,
    }

    /// An exception was raised.
    Raise {
        /// The frame.
        f: u64,
        /// The byte offset.
        o: u32,
        /// The exception's type.
        ty: String,
        /// Its text.
        text: String,
        /// Whether it came out of a frame below rather than being raised here.
        passing: bool,
    }

    /// An exception found its handler.
    Caught {
        /// The frame.
        f: u64,
        /// The byte offset of the handler.
        o: u32,
        /// The handler's line.
        l: u32,
        /// The exception's type.
        ty: String,
    }

    /// A name was looked up.
    Name {
        /// The frame.
        f: u64,
        /// The name.
        name: String,
        /// The scopes that were asked, in order.
        asked: Vec<String>,
        /// Where it was found; absent where it was not.
        found: String,
        /// The byte offset of the instruction.
        o: u32,
        /// The register or cell, where the compiler knew the scope.
        how: String,
        /// Whether an inline cache answered.
        cached: bool,
    }

    /// The way that an operation took.
    OperationPath {
        /// The frame.
        f: u64,
        /// The byte offset.
        o: u32,
        /// The operation: `*`, `.name`, `call`.
        op: String,
        /// The way: `integer fast path`, `float fast path`, `slot`, `__mul__`, `native function`.
        path: String,
        /// The guard that chose it.
        guard: String,
        /// The state of the inline cache: `cold`, `hit`, `miss`.
        cache: String,
    }

    /// A function object was made.
    Function {
        /// The frame that made it.
        f: u64,
        /// Its address.
        a: u64,
        /// Its qualified name.
        name: String,
        /// Its code object.
        c: u32,
        /// The defaults.
        defaults: Vec<Val>,
        /// The cells of its closure: name and content.
        cells: Changes,
    }

    /// A thread began or ended.
    Thread {
        /// Its number in the recording.
        id: u32,
        /// Its name.
        name: String,
        /// The system's number.
        native: u64,
        /// Whether it ended.
        ended: bool,
    }

    /// A run of the cycle collector.
    Collect {
        /// The generation.
        generation: u32,
        /// How long it took.
        dur: u64,
        /// Objects looked at.
        examined: u64,
        /// Objects freed.
        freed: u64,
        /// Objects that could not be freed.
        kept: u64,
    }

    /// The costs of the run.
    Costs {
        /// The whole.
        total: Counters,
        /// By line.
        lines: Vec<LineCosts>,
        /// By function.
        functions: Vec<FunctionCosts>,
        /// How time was measured.
        clock: String,
        /// Hardware counters over the run: name and figure.
        hardware: Vec<(String, u64)>,
        /// Collector runs, objects freed and nanoseconds.
        collections: (u64, u64, u64),
    }
}

macro_rules! counters {
    ($($(#[doc = $doc:literal])* $field:ident $word:literal;)*) => {
        /// What running a line, a function or the whole costs.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Counters {
            $($(#[doc = $doc])* #[serde(skip_serializing_if = "is_zero")] pub $field: u64,)*
        }

        impl Counters {
            /// The names of the figures, as headings.
            pub const NAMES: &[&str] = &[$($word),*];

            /// The figures in the order of their names.
            pub fn values(&self) -> Vec<u64> {
                vec![$(self.$field),*]
            }

            /// Adds another's figures.
            pub fn add(&mut self, other: &Counters) {
                $(self.$field = self.$field.saturating_add(other.$field);)*
            }
        }
    };
}

counters! {
    /// How often it ran.
    runs "runs";
    /// Instructions dispatched.
    instructions "instructions";
    /// Type checks and guards that held.
    hits "guards held";
    /// Guards that did not hold, so that the general way was taken.
    misses "guards failed";
    /// Objects allocated.
    allocations "allocations";
    /// Bytes of their blocks.
    bytes "bytes";
    /// Count operations.
    counts "count moves";
    /// Native functions called.
    natives "native calls";
    /// Cache lines touched, by the model that the format describes.
    lines "cache lines";
    /// Nanoseconds of waiting for the GIL.
    gil "GIL wait";
    /// Nanoseconds.
    time "time";
}

/// The costs of a line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LineCosts {
    /// The code object.
    pub code: u32,
    /// The line.
    pub line: u32,
    /// The figures.
    pub costs: Counters,
}

/// The costs of a function: its own, without those of the functions that it calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunctionCosts {
    /// The code object.
    pub code: u32,
    /// The figures.
    pub costs: Counters,
    /// Nanoseconds, those of the functions that it calls included.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub total_time: u64,
}

//! Looking on from Python: the tools of `sys.monitoring` (PEP 669), of which `sys.settrace` and `sys.setprofile` are two
//! more, and how they are told of events. What the module offers is `modules/sys/monitoring.rs`; who sends events is the
//! observed form of the interpreter loop.

pub mod jump;
pub mod legacy;
pub mod lines;

use crate::error::PyResult;
use crate::frame::FrameRef;
use crate::types::code::Code;
use crate::vm::Vm;
use lines::WordInfo;
use oriel_bytecode::Opcode;
use oriel_heap::Value;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

/// How many tools a program can use.
pub const TOOLS: usize = 6;
/// How many places for tools there are: two more for `sys.setprofile` and `sys.settrace`.
pub const ALL_TOOLS: usize = 8;
/// The place of `sys.setprofile`.
pub const PROFILE_TOOL: usize = 6;
/// The place of `sys.settrace`.
pub const TRACE_TOOL: usize = 7;

/// An event, by the number of its bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Event {
    /// A function begins.
    PyStart,
    /// A generator goes on.
    PyResume,
    /// A function returns.
    PyReturn,
    /// A generator yields.
    PyYield,
    /// A call.
    Call,
    /// A line begins.
    Line,
    /// An instruction.
    Instruction,
    /// An unconditional jump.
    Jump,
    /// A conditional jump that was not taken.
    BranchLeft,
    /// A conditional jump that was taken.
    BranchRight,
    /// A generator's end that raises nothing.
    StopIteration,
    /// An exception was raised.
    Raise,
    /// A handler takes an exception.
    ExceptionHandled,
    /// An exception leaves a function.
    PyUnwind,
    /// An exception is thrown into a generator.
    PyThrow,
    /// An exception is raised again.
    Reraise,
    /// A native function returns.
    CReturn,
    /// A native function raises.
    CRaise,
}

impl Event {
    /// The event's bit.
    pub const fn bit(self) -> u32 {
        1 << self as u8
    }

    /// Whether it is tied to a place in code.
    pub const fn is_local(self) -> bool {
        (self as u8) <= Event::StopIteration as u8
    }

    /// The event in whose sets it is asked for: the ends of native calls come with calls.
    const fn asked_as(self) -> Event {
        match self {
            Event::CReturn | Event::CRaise => Event::Call,
            other => other,
        }
    }

    /// Which places a tool's refusal covers: lines, instructions, and all the rest.
    fn group(self) -> u8 {
        match self {
            Event::Line => 1,
            Event::Instruction => 2,
            _ => 0,
        }
    }
}

/// The names of the events in the order of their bits; the last stands for two.
pub const EVENT_NAMES: [&str; 19] = [
    "PY_START",
    "PY_RESUME",
    "PY_RETURN",
    "PY_YIELD",
    "CALL",
    "LINE",
    "INSTRUCTION",
    "JUMP",
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
    "STOP_ITERATION",
    "RAISE",
    "EXCEPTION_HANDLED",
    "PY_UNWIND",
    "PY_THROW",
    "RERAISE",
    "C_RETURN",
    "C_RAISE",
    "BRANCH",
];

/// A tool's callback.
#[derive(Clone)]
pub struct Callback {
    /// What is called.
    pub function: Value,
    /// Whether it was registered for `BRANCH`, both ways of a branch.
    pub both_branches: bool,
}

type Callbacks = [Option<Callback>; EVENT_NAMES.len()];

/// The tools of an interpreter.
#[derive(Default)]
pub struct Monitoring {
    /// The tools' names.
    pub names: RefCell<[Option<Value>; ALL_TOOLS]>,
    /// Each tool's callbacks by event.
    pub callbacks: RefCell<[Callbacks; ALL_TOOLS]>,
    /// Each tool's events for all code.
    pub events: [Cell<u32>; ALL_TOOLS],
    /// All tools' events for all code.
    pub wanted: Cell<u32>,
    /// The code objects with events of their own.
    pub local: RefCell<Vec<Value>>,
    /// What a callback returns to be told no more of a place.
    pub disable: RefCell<Option<Value>>,
    /// What stands for an absent argument.
    pub missing: RefCell<Option<Value>>,
    /// How often disabled places have been enabled again.
    pub restarts: Cell<u32>,
}

/// What looking on keeps with a code object.
#[derive(Default)]
pub struct CodeWatch {
    /// Each tool's events for this code.
    pub local: [Cell<u32>; ALL_TOOLS],
    /// All of them.
    pub wanted: Cell<u32>,
    disabled: RefCell<HashMap<(u32, u8), u8>>,
    restarts: Cell<u32>,
    table: OnceCell<Box<[WordInfo]>>,
    lines: OnceCell<Vec<i32>>,
    /// Whether the code is a part of Oriel that CPython has in C: tools are told nothing of it.
    pub hidden: bool,
}

impl CodeWatch {
    /// What is kept with a code object that nobody has looked at yet.
    pub fn new(hidden: bool) -> CodeWatch {
        CodeWatch { hidden, ..CodeWatch::default() }
    }

    /// What is known of each word of the exact form.
    pub fn table(&self, code: &Code, vm: &Vm) -> PyResult<&[WordInfo]> {
        if let Some(table) = self.table.get() {
            return Ok(table);
        }
        let exact = code.exact(vm)?;
        Ok(self.table.get_or_init(|| lines::table_of(&code.data, &exact.lowered)))
    }

    /// The line of a code unit.
    pub fn line(&self, code: &Code, offset: usize) -> i32 {
        let lines = self.lines.get_or_init(|| lines::lines_of(&code.data));
        lines.get(offset / 2).copied().unwrap_or(lines::NO_LINE)
    }

    /// Sums up what all tools want of this code.
    pub fn sum_up(&self) {
        self.wanted.set(self.local.iter().fold(0, |all, events| all | events.get()));
    }

    /// Forgets what tools have disabled, if that was before the last restart.
    fn refresh(&self, monitoring: &Monitoring) {
        if self.restarts.replace(monitoring.restarts.get()) != monitoring.restarts.get() {
            self.disabled.borrow_mut().clear();
        }
    }
}

impl Monitoring {
    /// Whether any tool wants any event.
    pub fn is_active(&self) -> bool {
        self.wanted.get() != 0 || !self.local.borrow().is_empty()
    }

    /// Sums up what all tools want.
    pub fn sum_up(&self) {
        self.wanted.set(self.events.iter().fold(0, |all, events| all | events.get()));
    }

    /// The tools that want an event of a code object.
    fn tools_for(&self, watch: &CodeWatch, event: Event) -> u8 {
        let bit = event.asked_as().bit();
        let mut tools = 0;
        for tool in 0..ALL_TOOLS {
            if (self.events[tool].get() | watch.local[tool].get()) & bit != 0 {
                tools |= 1 << tool;
            }
        }
        tools
    }

    /// Drops what tools have registered, at the interpreter's end.
    pub fn clear(&self) {
        let callbacks = self.callbacks.take();
        let names = self.names.take();
        let local = self.local.take();
        for events in &self.events {
            events.set(0);
        }
        self.wanted.set(0);
        drop((callbacks, names, local));
    }
}

impl Vm {
    /// The events that anyone wants of a code object now.
    #[inline]
    pub fn wanted_events(&self, watch: &CodeWatch) -> u32 {
        if self.thread.tracing.get() > 0 || watch.hidden {
            0
        } else {
            self.monitoring.wanted.get() | watch.wanted.get()
        }
    }

    /// Tells the tools of an event at the frame's place: `place` is the instruction whose tools are asked, `args` what
    /// follows the code object.
    #[cold]
    #[inline(never)]
    pub fn send_event(&self, frame: FrameRef, event: Event, place: u32, args: &[Value]) -> PyResult<()> {
        if self.thread.tracing.get() > 0 {
            return Ok(());
        }
        let runnable = frame.runnable();
        let watch = runnable.owner().watch();
        if watch.hidden {
            return Ok(());
        }
        let mut tools = self.monitoring.tools_for(watch, event);
        watch.refresh(&self.monitoring);
        let key = (place, event.group());
        if event.is_local() || event.asked_as() == Event::Call {
            tools &= !watch.disabled.borrow().get(&key).copied().unwrap_or(0);
        }
        if tools == 0 {
            return Ok(());
        }
        let mut values = Vec::with_capacity(args.len() + 1);
        values.push(runnable.code_value());
        values.extend_from_slice(args);
        for tool in (0..ALL_TOOLS).rev() {
            if tools & (1 << tool) == 0 {
                continue;
            }
            let before = self.thread.event.replace(event as i8);
            self.thread.tracing.set(self.thread.tracing.get() + 1);
            let told = match tool {
                TRACE_TOOL => legacy::trace(self, frame, event, args).map(|()| false),
                PROFILE_TOOL => legacy::profile(self, frame, event, args).map(|()| false),
                _ => self.call_tool(tool, event, &values),
            };
            self.thread.tracing.set(self.thread.tracing.get().saturating_sub(1));
            self.thread.event.set(before);
            if told? {
                self.disable_place(watch, key, tool, event)?;
            }
        }
        Ok(())
    }

    /// Calls a tool's callback; whether it wants to be told no more.
    fn call_tool(&self, tool: usize, event: Event, values: &[Value]) -> PyResult<bool> {
        let callback = self.monitoring.callbacks.borrow()[tool][event as usize].clone();
        let Some(callback) = callback else { return Ok(false) };
        let answer = self.call(&callback.function, values)?;
        let disable = self.monitoring.disable.borrow().clone();
        let disabled = disable.is_some_and(|disable| disable.is(&answer));
        if disabled
            && callback.both_branches
            && let [code, source, ..] = values
            && let Some(code) = code.downcast::<Code>()
        {
            disable_branch(code, tool, source);
        }
        Ok(disabled)
    }

    fn disable_place(&self, watch: &CodeWatch, key: (u32, u8), tool: usize, event: Event) -> PyResult<()> {
        if event.is_local() {
            *watch.disabled.borrow_mut().entry(key).or_insert(0) |= 1 << tool;
            return Ok(());
        }
        let old = self.monitoring.callbacks.borrow_mut()[tool][event as usize].take();
        drop(old);
        let name = EVENT_NAMES[event as usize];
        Err(self.value_error(format!("Cannot disable {name} events. Callback removed.")))
    }
}

/// A callback registered for both ways of a branch refuses both.
fn disable_branch(code: &Code, tool: usize, source: &Value) {
    let Some(source) = source.as_small_int() else { return };
    let mut places = vec![source as u32];
    if let Some(branch) = code.data.instructions().find(|i| i.offset as i64 == source) {
        places.push(branch.end() as u32);
        if branch.opcode == Opcode::FOR_ITER
            && let Some(target) = branch.jump_target()
        {
            places.push(target as u32 + 2);
        }
    }
    let mut disabled = code.watch().disabled.borrow_mut();
    for place in places {
        *disabled.entry((place, 0)).or_insert(0) |= 1 << tool;
    }
}

//! A recording from its first event to its last, as the command drives it.

use super::counters::Counters;
use super::recorder::RunRecorder;
use super::select::Selection;
use crate::clock::Clock;
use crate::collect::{command, compilation, hardware, process};
use crate::event::{Data, End, FORMAT, Header, Span, VERSION};
use crate::reader::Recording;
use crate::stage::Stage;
use crate::writer::{Limits, Writer, high_descriptor, memory_file};
use oriel_runtime::Vm;
use std::cell::RefCell;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::PathBuf;
use std::rc::Rc;

/// What a recording is made of and where it goes.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The words of the command that runs: those that the script sees, behind the name of the executable.
    pub argv: Vec<String>,
    /// `script`, `command`, `module` or `stdin`.
    pub target: &'static str,
    /// The script, command or module.
    pub script: String,
    /// The file of the recording; in memory where there is none.
    pub file: Option<PathBuf>,
    /// What is recorded.
    pub selection: Selection,
    /// How much is kept.
    pub limits: Limits,
    /// The version of Python.
    pub python: String,
}

/// A recording under way.
pub struct Session {
    /// The observer of the run.
    pub recorder: Rc<RunRecorder>,
    clock: Clock,
    plan: Plan,
    counters: RefCell<Counters>,
    /// The recording itself, where it is in memory.
    memory: Option<File>,
}

impl Session {
    /// Begins a recording: the command, the process and the machine are written at once.
    ///
    /// # Errors
    /// A message: the recording cannot be written.
    pub fn start(clock: Clock, plan: Plan) -> Result<Session, String> {
        let (writer, memory) = match &plan.file {
            Some(path) => {
                let writer = Writer::create(path, clock, plan.limits)
                    .map_err(|error| format!("cannot write the recording {}: {error}", path.display()))?;
                (writer, None)
            }
            None => {
                let file = memory_file().map_err(|error| format!("cannot keep the recording in memory: {error}"))?;
                let other =
                    file.try_clone().map_err(|error| format!("cannot keep the recording in memory: {error}"))?;
                let writer = Writer::new(Box::new(file), "in memory".to_owned(), clock, plan.limits);
                (writer, Some(high_descriptor(other)))
            }
        };
        let recorder = Rc::new(RunRecorder::new(writer, plan.selection.clone(), &plan.script));
        let session = Session { recorder, clock, plan, counters: RefCell::default(), memory };
        session.write_beginning();
        Ok(session)
    }

    fn write_beginning(&self) {
        let recorder = &self.recorder;
        let now = self.clock.now();
        let realtime = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        recorder.write(Data::Header(Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            oriel: env!("CARGO_PKG_VERSION").to_owned(),
            python: self.plan.python.clone(),
            pid: std::process::id(),
            realtime: realtime.as_nanos() as u64 - now,
            level: self.plan.selection.words(),
            file_limit: self.plan.limits.file,
            ring_limit: self.plan.limits.ring,
        }));
        // From exec to the first instruction of ours the kernel and the loader worked.
        let whole = |stage, start, dur, detail: &str| {
            recorder.span(Span {
                stage,
                name: String::new(),
                start,
                dur,
                objects: 0,
                bytes: 0,
                detail: detail.to_owned(),
            });
        };
        whole(Stage::Process, 0, now, "the kernel maps the executable, the loader its libraries");
        recorder.write(Data::Process(process::gather("start", &[])));
        recorder.write(Data::Hardware(hardware::gather()));
        recorder.write(Data::Command(command::gather(&self.plan.argv, self.plan.target, &self.plan.script)));
        let end = self.clock.now();
        whole(Stage::Command, now, end - now, "mostly the recorder's own look at the system");
        recorder.flush();
    }

    /// Registers the recorder with an interpreter whose types and builtins stand.
    pub fn attach(&self, vm: &Vm) {
        super::api::register(vm, &self.recorder);
        vm.set_recorder(Some(self.recorder.clone()));
    }

    /// A system call of the command itself.
    pub fn system_call(&self, name: &str, fd: Option<i32>, arguments: String, result: i64, dur: u64) {
        let call = crate::event::SystemCall { name: name.to_owned(), arguments, fd, result, dur };
        self.recorder.write(Data::SystemCall(call));
    }

    /// The interpreter is up: memory as it is before the script.
    pub fn ready(&self, vm: &Vm) {
        self.recorder.heap(vm, "ready");
        self.recorder.write(Data::Process(process::gather("ready", &super::draw::arenas(vm))));
    }

    /// The script's source was read: its tokens, tree, symbols and instructions.
    pub fn source(&self, file: &str, bytes: &[u8]) {
        let recorder = &self.recorder;
        let source = compilation::source(file, bytes, "");
        let text = source.text.clone();
        recorder.write(Data::Source(source));
        let start = recorder.now();
        recorder.write(compilation::tokens(file, &text));
        let between = recorder.now();
        for data in compilation::tree_and_symbols(file, &text) {
            recorder.write(data);
        }
        let end = recorder.now();
        let span = |stage, start, end: u64| {
            let detail =
                "by itself, for the recording: the run makes tokens and tree in one pass of stage 4.3".to_owned();
            recorder.span(Span { stage, name: String::new(), start, dur: end - start, objects: 0, bytes: 0, detail });
        };
        span(Stage::Tokens, start, between);
        span(Stage::Ast, between, end);
    }

    /// The script's code object is there: the instructions of all its functions are written, and its run is looked at.
    pub fn code(&self, vm: &Vm, code: &Rc<oriel_bytecode::CodeObject>) {
        self.recorder.list_codes(vm, code);
        self.counters.replace(Counters::start());
        self.recorder.look(vm);
    }

    /// The program has ended; teardown begins.
    pub fn program_ended(&self, vm: &Vm) {
        self.recorder.look_away(vm);
        self.recorder.counted(self.counters.take().read());
        super::draw::at_exit(vm, &self.recorder);
        self.recorder.heap(vm, "end of script");
    }

    /// Everything is over but the process itself.
    pub fn exit(&self, vm: &Vm, status: i32, why: &str) {
        let survivors = super::draw::survivors(vm);
        self.recorder.write(Data::Survivors { types: survivors });
        self.recorder.heap(vm, "exit");
        self.recorder.write(Data::Process(process::gather("exit", &super::draw::arenas(vm))));
        self.recorder.write(Data::Exit { status, why: why.to_owned() });
        vm.set_recorder(None);
    }

    /// Writes the last event.
    ///
    /// # Errors
    /// A message that says what was not written, and why.
    pub fn finish(&self) -> Result<End, String> {
        self.recorder.finish()
    }

    /// Reads back what was recorded, for the views.
    ///
    /// # Errors
    /// A message.
    pub fn recording(&self) -> Result<Recording, String> {
        match (&self.memory, &self.plan.file) {
            (Some(file), _) => {
                let mut file = file.try_clone().map_err(|error| error.to_string())?;
                file.seek(SeekFrom::Start(0)).map_err(|error| error.to_string())?;
                Recording::read(file)
            }
            (None, Some(path)) => Recording::open(path),
            (None, None) => Err("nothing was recorded".to_owned()),
        }
    }
}

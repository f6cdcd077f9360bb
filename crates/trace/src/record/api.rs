//! `import oriel_trace`: a program starts, stops and annotates a recording of itself.

use super::recorder::RunRecorder;
use super::select::Selection;
use super::session::{Plan, Session};
use crate::clock::Clock;
use crate::event::Data;
use crate::writer::Limits;
use oriel_runtime::{MethodDef, ModuleSpec, PyResult, Value, Vm};
use std::cell::RefCell;
use std::rc::Rc;

/// The recording of an interpreter.
#[derive(Default)]
pub struct TraceState {
    recorder: RefCell<Option<Rc<RunRecorder>>>,
    /// A recording that the program itself began.
    own: RefCell<Option<Session>>,
}

/// The native module.
pub static MODULE: ModuleSpec = ModuleSpec {
    name: "oriel_trace",
    doc: "Recordings of this program's own run; `oriel view FILE` shows them.",
    functions: &[
        MethodDef::bound(
            "start",
            start,
            "($module, /, path=None, *, steps=True)",
            "Begins to record: into a new file, or where `oriel trace` runs the program, into its recording.",
        ),
        MethodDef::noargs(
            "stop",
            stop,
            "($module, /)",
            "Ceases to record; a recording that start() began is brought to its end.",
        ),
        MethodDef::one("note", note, "($module, text, /)", "Writes a note into the recording."),
        MethodDef::noargs("recording", recording, "($module, /)", "Whether the run is being recorded now."),
    ],
    exec: |_, _| Ok(()),
};

/// Makes the recorder known to the module.
pub fn register(vm: &Vm, recorder: &Rc<RunRecorder>) {
    vm.state::<TraceState>().recorder.replace(Some(recorder.clone()));
}

/// Brings a recording to its end that the program began and did not stop.
///
/// # Errors
/// A message that says what was not written.
pub fn finish(vm: &Vm) -> Result<(), String> {
    let state = vm.state::<TraceState>();
    let own = state.own.take();
    match own {
        None => Ok(()),
        Some(session) => {
            vm.set_recorder(None);
            session.finish().map(|_| ())
        }
    }
}

fn start(vm: &Vm, _module: &Value, arguments: &[Option<&Value>]) -> PyResult {
    let state = vm.state::<TraceState>();
    let path = arguments.first().copied().flatten().filter(|path| !path.is_none());
    let steps = match arguments.get(1).copied().flatten() {
        Some(steps) => vm.truth(steps)?,
        None => true,
    };
    let present = state.recorder.borrow().clone();
    match (present, path) {
        (Some(recorder), None) => recorder.look(vm),
        (Some(_), Some(_)) => {
            return Err(vm.runtime_error("the run is being recorded already: call start() without a path"));
        }
        (None, None) => return Err(vm.runtime_error("start() needs the path of a file for the recording")),
        (None, Some(path)) => {
            let path = vm.str_text(&vm.fs_path(path)?);
            // A range that is empty: lines and calls only.
            let range = if steps { (1, u64::MAX) } else { (1, 0) };
            let selection = Selection { steps: Some(range), ..Selection::default() };
            let argv: Vec<String> = vm.config.argv.iter().map(|word| word.to_string_lossy().into_owned()).collect();
            let plan = Plan {
                script: argv.first().cloned().unwrap_or_default(),
                argv,
                target: "script",
                file: Some(path.into()),
                selection,
                limits: Limits::default(),
                python: "3.14".to_owned(),
            };
            let session = Session::start(Clock::of_process(), plan)
                .map_err(|message| vm.new_exception(&vm.types.os_error, &message))?;
            state.recorder.replace(Some(session.recorder.clone()));
            session.attach(vm);
            session.recorder.look(vm);
            state.own.replace(Some(session));
        }
    }
    Ok(Value::NONE)
}

fn stop(vm: &Vm, _module: &Value) -> PyResult {
    let state = vm.state::<TraceState>();
    let recorder = state.recorder.borrow().clone();
    let Some(recorder) = recorder else { return Ok(Value::NONE) };
    recorder.look_away(vm);
    if state.own.borrow().is_some() {
        state.recorder.replace(None);
        finish(vm).map_err(|message| vm.new_exception(&vm.types.os_error, &message))?;
    }
    Ok(Value::NONE)
}

fn note(vm: &Vm, _module: &Value, text: &Value) -> PyResult {
    let text = vm.str_text(&vm.str(text)?);
    let state = vm.state::<TraceState>();
    let recorder = state.recorder.borrow().clone();
    if let Some(recorder) = recorder {
        recorder.write(Data::Note { text });
    }
    Ok(Value::NONE)
}

fn recording(vm: &Vm, _module: &Value) -> PyResult {
    let state = vm.state::<TraceState>();
    let looking = state.recorder.borrow().as_ref().is_some_and(|recorder| recorder.is_looking());
    Ok(Value::bool(looking))
}

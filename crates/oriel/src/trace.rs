//! `oriel trace [option] ... script.py`: runs a program as `oriel script.py` does and records the run.

use crate::options::{self, Target};
use crate::run;
use crate::view::{Taken, Views, split};
use oriel_trace::Limits;
use oriel_trace::clock::Clock;
use oriel_trace::record::select::{Selection, range};
use oriel_trace::record::session::{Plan, Session};
use std::ffi::OsString;
use std::path::PathBuf;
use std::rc::Rc;

const HELP: &str = "\
usage: oriel trace [option] ... [-c cmd | -m mod | file | -] [arg] ...
Runs a program as `oriel` does, records every stage of the run, and shows it afterwards.

What is recorded (lines and calls, and the first instructions, if nothing is said):
  --function NAME      the instructions of this function (may be repeated)
  --lines A-B          the instructions of these lines of the script
  --steps A-B          the instructions with these numbers; `--steps 1-` for all
  --calls DEPTH        frames only down to this depth below the module
  --library            the lines of the library, too
  --stages-only        neither lines nor calls
  --memory[=NAME,...]  frames, objects and pages as they lie in memory when the script ends
  --at LINE[:N]        memory and environments at this line of the script (the N-th arrival there) instead
  --limit MIB          details written as they come (64), then only the last are kept
  --ring MIB           how much of the last (16)

What is made of it:
  --json FILE          the recording itself; `oriel view FILE` shows it later
  --html FILE          a page that shows the run step by step, forward and back
  --perfetto FILE      a trace for ui.perfetto.dev
  --speedscope FILE    a profile for speedscope.app
  --folded FILE        folded stacks for flame graphs
  --stage NAME[,NAME]  only these parts of the report: a stage, or symbols, lowered, environments, memory, costs
  --full               the report without cuts
  --report FILE        the report into a file; it goes to standard error else
  --quiet              no report
  --color, --no-color  colours, or none
  --stable             without times, addresses and numbers that differ from run to run
";

struct Request {
    views: Views,
    json: Option<PathBuf>,
    selection: Selection,
    limits: Limits,
    /// The command line of the program, with the name of the executable.
    program: Vec<OsString>,
}

/// The command; the exit status of the program.
pub fn trace(arguments: Vec<OsString>) -> u8 {
    let clock = Clock::of_process();
    let request = match read(arguments) {
        Ok(Some(request)) => request,
        Ok(None) => {
            print!("{HELP}");
            return 0;
        }
        Err(message) => {
            eprintln!("oriel trace: {message}");
            return 2;
        }
    };
    let command = match options::parse(request.program.clone()) {
        Ok(command) => command,
        Err(options::Stop::Print(text)) => {
            println!("{text}");
            return 0;
        }
        Err(options::Stop::Usage(text)) => {
            eprint!("{text}");
            return 2;
        }
    };
    let (target, script) = match &command.target {
        Target::Command(_) => ("command", "<string>".to_owned()),
        Target::Module(name) => ("module", name.clone()),
        Target::Script(path) => ("script", path.to_string_lossy().into_owned()),
        Target::Stdin => ("stdin", "<stdin>".to_owned()),
    };
    let plan = Plan {
        argv: request.program.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
        target,
        script,
        file: request.json.clone(),
        selection: request.selection,
        limits: request.limits,
        python: "3.14".to_owned(),
    };
    let session = match Session::start(clock, plan) {
        Ok(session) => session,
        Err(message) => {
            eprintln!("oriel trace: {message}");
            return 2;
        }
    };
    let session = Rc::new(session);
    let process = std::process::id();
    let (views, json) = (request.views, request.json);
    let last_words = {
        let (session, views, json) = (Rc::clone(&session), views.clone(), json.clone());
        Box::new(move || show(&session, &views, json.as_ref()))
    };
    session.recorder.on_leaving(last_words);
    run::run(command, Some(&session), |_| {
        // A forked child ends here, too; the recording is its parent's.
        if std::process::id() != process {
            return;
        }
        show(&session, &views, json.as_ref());
    })
}

/// Ends the recording and makes the views.
fn show(session: &Session, views: &Views, json: Option<&PathBuf>) {
    match session.finish() {
        Ok(end) => {
            if let Some(path) = json {
                let bytes = oriel_trace::view::bytes(end.bytes);
                eprintln!("oriel: wrote {} ({bytes}, {} events)", path.display(), end.events);
            }
        }
        Err(message) => eprintln!("oriel trace: {message}"),
    }
    if json.is_some() && views.is_nothing_else() {
        return;
    }
    if let Err(message) = session.recording().and_then(|recording| views.make(&recording, true)) {
        eprintln!("oriel trace: {message}");
    }
}

fn read(arguments: Vec<OsString>) -> Result<Option<Request>, String> {
    let mut rest = arguments.into_iter();
    let executable = rest.next().unwrap_or_default();
    rest.next();
    let mut request = Request {
        views: Views::default(),
        json: None,
        selection: Selection::default(),
        limits: Limits::default(),
        program: vec![executable],
    };
    let mut rest = rest.peekable();
    // Options of one dash belong to the interpreter: from the first other word on, all is the program's.
    while let Some(word) = rest.next_if(|word| word.to_string_lossy().starts_with("--") && word != "--") {
        let (name, inline) = split(&word.to_string_lossy());
        let mut value = || {
            let value = inline.clone().or_else(|| rest.next());
            value.ok_or_else(|| format!("{name} needs a value"))
        };
        match name.as_str() {
            "--help" => return Ok(None),
            "--json" => request.json = Some(value()?.into()),
            "--function" => {
                let function = value()?.to_string_lossy().into_owned();
                request.selection.functions.insert(function);
            }
            "--lines" => {
                let (first, last) = numbers(&name, &value()?)?;
                request.selection.lines = Some((clamp(first), clamp(last)));
            }
            "--steps" => request.selection.steps = Some(numbers(&name, &value()?)?),
            "--calls" => request.selection.calls = Some(number(&name, &value()?)? as u32),
            "--library" => request.selection.library = true,
            "--stages-only" => request.selection.stages_only = true,
            "--memory" => {
                request.selection.draw = true;
                let names = inline.clone().unwrap_or_default();
                let names = names.to_string_lossy().into_owned();
                request.selection.memory.extend(names.split(',').filter(|name| !name.is_empty()).map(str::to_owned));
            }
            "--at" => {
                request.selection.draw = true;
                request.selection.at = Some(moment(&value()?)?);
            }
            "--limit" => request.limits.file = number(&name, &value()?)?.saturating_mul(1 << 20),
            "--ring" => request.limits.ring = number(&name, &value()?)?.saturating_mul(1 << 20),
            _ => {
                if let Taken::No = request.views.take(&name, &mut value)? {
                    return Err(format!("there is no option {name} (oriel trace --help)"));
                }
            }
        }
    }
    request.program.extend(rest);
    Ok(Some(request))
}

/// Reads `LINE` or `LINE:N`.
fn moment(value: &OsString) -> Result<(u32, u64), String> {
    let text = value.to_string_lossy();
    let (line, arrival) = text.split_once(':').unwrap_or((&text, "1"));
    match (line.parse(), arrival.parse()) {
        (Ok(line), Ok(arrival)) if line > 0 && arrival > 0 => Ok((line, arrival)),
        _ => Err(format!("--at needs a line, or a line and which arrival there, like 12:3, not '{text}'")),
    }
}

fn clamp(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn number(name: &str, value: &OsString) -> Result<u64, String> {
    let text = value.to_string_lossy();
    text.parse().map_err(|_| format!("{name} needs a number, not '{text}'"))
}

fn numbers(name: &str, value: &OsString) -> Result<(u64, u64), String> {
    let text = value.to_string_lossy();
    range(&text).ok_or_else(|| format!("{name} needs a range like 3-7, not '{text}'"))
}

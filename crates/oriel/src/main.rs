//! Stage 0, the command: `oriel [option] ... [-c cmd | -m mod | file | -] [arg] ...`.
//!
//! Options are those of `python`; [`options`] reads them, [`run`] does what they say. `oriel trace` records a run and
//! `oriel view` shows a recording: [`trace`], [`view`].

#![forbid(unsafe_code)]

mod help;
mod options;
mod run;
mod trace;
mod view;

use oriel_runtime::platform::processes;
use std::ffi::OsString;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: oriel_heap::Limited<oriel_heap::System> = oriel_heap::Limited::new(oriel_heap::System);

fn main() -> ExitCode {
    oriel_heap::System::configure();
    if let Some(bytes) = oriel_runtime::platform::physical_memory() {
        ALLOCATOR.set_largest(bytes);
    }
    let arguments: Vec<OsString> = std::env::args_os().collect();
    match arguments.get(1).and_then(|word| word.to_str()) {
        Some("trace") => return ExitCode::from(trace::trace(arguments)),
        Some("view") => return ExitCode::from(view::view(&arguments)),
        _ => {}
    }
    match options::parse(arguments) {
        // The system takes back the memory: nothing is gained by giving it to the allocator first.
        Ok(command) => processes::exit_now(run::run(command, None, |_| {}).into()),
        Err(options::Stop::Print(text)) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(options::Stop::Usage(text)) => {
            eprint!("{text}");
            ExitCode::from(2)
        }
    }
}

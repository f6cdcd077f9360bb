//! `oriel view FILE`: any view of a saved recording. The options of views are shared with `oriel trace`.

use oriel_trace::Recording;
use oriel_trace::view::report::{self, Options};
use oriel_trace::view::{folded, html, perfetto, speedscope};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// The views that were asked for.
#[derive(Clone, Debug, Default)]
pub struct Views {
    /// The page.
    pub html: Option<PathBuf>,
    /// Perfetto's file.
    pub perfetto: Option<PathBuf>,
    /// Speedscope's file.
    pub speedscope: Option<PathBuf>,
    /// Folded stacks.
    pub folded: Option<PathBuf>,
    /// Where the report goes, if not to the terminal.
    pub report: Option<PathBuf>,
    /// What the report shows.
    pub options: Options,
    /// Colours: asked for, forbidden, or as the terminal has it.
    pub colour: Option<bool>,
    /// No report.
    pub quiet: bool,
}

/// What an option's word was.
pub enum Taken {
    /// An option of a view, which has been noted.
    Yes,
    /// No option of a view.
    No,
}

impl Views {
    /// Notes an option of a view.
    ///
    /// # Errors
    /// A message: its value is missing or wrong.
    pub fn take(&mut self, name: &str, value: &mut dyn FnMut() -> Result<OsString, String>) -> Result<Taken, String> {
        match name {
            "--html" => self.html = Some(value()?.into()),
            "--perfetto" => self.perfetto = Some(value()?.into()),
            "--speedscope" => self.speedscope = Some(value()?.into()),
            "--folded" => self.folded = Some(value()?.into()),
            "--report" => self.report = Some(value()?.into()),
            "--stage" => {
                for word in value()?.to_string_lossy().split(',') {
                    if !Options::knows(word) {
                        return Err(format!("there is no stage '{word}': the stages are {}", Options::words()));
                    }
                    self.options.stages.push(word.to_owned());
                }
            }
            "--full" => self.options.full = true,
            "--stable" => self.options.stable = true,
            "--color" | "--colour" => self.colour = Some(true),
            "--no-color" | "--no-colour" => self.colour = Some(false),
            "--quiet" => self.quiet = true,
            _ => return Ok(Taken::No),
        }
        Ok(Taken::Yes)
    }

    /// Whether neither files nor parts of the report were asked for.
    pub fn is_nothing_else(&self) -> bool {
        !self.files() && self.options.stages.is_empty() && !self.options.full && self.report.is_none()
    }

    fn files(&self) -> bool {
        self.html.is_some() || self.perfetto.is_some() || self.speedscope.is_some() || self.folded.is_some()
    }

    /// Whether the report is wanted: it is, unless only files were asked for.
    fn wants_report(&self) -> bool {
        !self.quiet && (!self.files() || !self.options.stages.is_empty() || self.options.full || self.report.is_some())
    }

    /// Makes the views. The report goes to standard error where it must not mix with the output of a program.
    ///
    /// # Errors
    /// A message: a file cannot be written.
    pub fn make(&self, recording: &Recording, to_stderr: bool) -> Result<(), String> {
        let write = |path: &Option<PathBuf>, make: &dyn Fn() -> Vec<u8>| -> Result<(), String> {
            let Some(path) = path else { return Ok(()) };
            let content = make();
            std::fs::write(path, &content).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
            eprintln!("oriel: wrote {} ({})", path.display(), oriel_trace::view::bytes(content.len() as u64));
            Ok(())
        };
        write(&self.html, &|| html::html(recording).into_bytes())?;
        write(&self.perfetto, &|| perfetto::perfetto(recording))?;
        write(&self.speedscope, &|| speedscope::speedscope(recording).into_bytes())?;
        write(&self.folded, &|| folded::folded(recording).into_bytes())?;
        if !self.wants_report() {
            return Ok(());
        }
        let terminal = if to_stderr { std::io::stderr().is_terminal() } else { std::io::stdout().is_terminal() };
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colour = self.colour.unwrap_or(terminal && !plain && self.report.is_none());
        let text = report::report(recording, &Options { colour, ..self.options.clone() });
        // A reader that has seen enough (`| head`) is no error.
        let _ = match &self.report {
            Some(path) => {
                std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
                Ok(())
            }
            None if to_stderr => std::io::stderr().write_all(text.as_bytes()),
            None => std::io::stdout().write_all(text.as_bytes()),
        };
        Ok(())
    }
}

const HELP: &str = "\
usage: oriel view RECORDING [option] ...
Shows a recording that `oriel trace --json RECORDING` made.

  --stage NAME[,NAME]  only these parts of the report: a stage, or symbols, lowered, environments, memory, costs
  --full               everything, however long
  --function NAME      only this function
  --html FILE          a page that shows the run step by step, forward and back
  --perfetto FILE      a trace for ui.perfetto.dev
  --speedscope FILE    a profile for speedscope.app
  --folded FILE        folded stacks for flame graphs
  --report FILE        the report into a file
  --color, --no-color  colours, or none
  --stable             without times, addresses and numbers that differ from run to run
";

/// Splits `--name=value`.
pub fn split(word: &str) -> (String, Option<OsString>) {
    match word.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.into())),
        None => (word.to_owned(), None),
    }
}

/// The command; its exit status.
pub fn view(arguments: &[OsString]) -> u8 {
    match try_view(arguments) {
        Ok(()) => 0,
        Err(message) => {
            eprintln!("oriel view: {message}");
            2
        }
    }
}

fn try_view(arguments: &[OsString]) -> Result<(), String> {
    let mut views = Views::default();
    let mut file: Option<&Path> = None;
    let mut rest = arguments.iter().skip(2);
    while let Some(word) = rest.next() {
        let text = word.to_string_lossy();
        if !text.starts_with("--") {
            if file.replace(Path::new(word)).is_some() {
                return Err("one recording at a time".to_owned());
            }
            continue;
        }
        let (name, inline) = split(&text);
        let mut value = || {
            let value = inline.clone().or_else(|| rest.next().cloned());
            value.ok_or_else(|| format!("{name} needs a value"))
        };
        match name.as_str() {
            "--help" => {
                print!("{HELP}");
                return Ok(());
            }
            "--function" => views.options.function = Some(value()?.to_string_lossy().into_owned()),
            _ => {
                if let Taken::No = views.take(&name, &mut value)? {
                    return Err(format!("there is no option {name} (oriel view --help)"));
                }
            }
        }
    }
    let Some(file) = file else { return Err("which recording? (oriel view --help)".to_owned()) };
    let recording = Recording::open(file)?;
    views.make(&recording, false)
}

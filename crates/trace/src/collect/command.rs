//! Stage 0: the words of the command, how its executable was found, who called it, and which variables mattered.

use super::text_of;
use crate::event::{Command, Parent};
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The variables that an interpreter looks at, and what each does.
const VARIABLES: &[(&str, &str)] = &[
    ("PYTHONPATH", "folders put before the library in sys.path"),
    ("PYTHONHOME", "where the library is; the embedded one is used all the same"),
    ("PYTHONSTARTUP", "a file run before the prompt"),
    ("PYTHONOPTIMIZE", "drops assert statements, at 2 docstrings too"),
    ("PYTHONDEBUG", "parser debugging"),
    ("PYTHONINSPECT", "the prompt after the script"),
    ("PYTHONUNBUFFERED", "standard output is not buffered"),
    ("PYTHONVERBOSE", "a message for each import"),
    ("PYTHONDONTWRITEBYTECODE", "no .pyc files are written"),
    ("PYTHONPYCACHEPREFIX", "where .pyc files are kept"),
    ("PYTHONHASHSEED", "the seed of hashes of str and bytes"),
    ("PYTHONIOENCODING", "the encoding of the standard streams"),
    ("PYTHONNOUSERSITE", "the user's own packages are left out"),
    ("PYTHONUTF8", "UTF-8 mode"),
    ("PYTHONWARNINGS", "filters of warnings"),
    ("PYTHONDEVMODE", "development mode"),
    ("PYTHONSAFEPATH", "the script's folder is not put into sys.path"),
    ("PYTHONFAULTHANDLER", "a traceback when a signal ends the process"),
    ("PYTHONPROFILEIMPORTTIME", "times of imports"),
    ("PYTHONINTMAXSTRDIGITS", "the longest decimal integer"),
    ("LC_ALL", "the locale: encoding of the file system and of the streams"),
    ("LC_CTYPE", "the locale of characters, where LC_ALL is not set"),
    ("LANG", "the locale, where neither is set"),
    ("PATH", "where the shell found the command"),
    ("TERM", "the terminal: colours of tracebacks and of this report"),
    ("NO_COLOR", "no colours"),
    ("FORCE_COLOR", "colours also where there is no terminal"),
    ("TZ", "the time zone"),
];

/// Variables that are shown even where they are not set: their absence decides something for every run.
const ALWAYS: &[&str] = &["PYTHONPATH", "PYTHONHASHSEED", "LC_ALL", "LC_CTYPE", "LANG", "PATH"];

fn text(word: &OsStr) -> String {
    word.to_string_lossy().into_owned()
}

/// What is known when the command begins. `argv` are the words that the script's run consists of.
pub fn gather(argv: &[String], target: &str, script: &str) -> Command {
    let invoked = std::env::args_os().next().unwrap_or_default();
    let executable = std::fs::read_link("/proc/self/exe").map(|path| path.display().to_string()).unwrap_or_default();
    let mut environment = Vec::new();
    for (name, effect) in VARIABLES {
        match std::env::var_os(name) {
            Some(value) => environment.push(((*name).to_owned(), Some(text(&value)), (*effect).to_owned())),
            None if ALWAYS.contains(name) => environment.push(((*name).to_owned(), None, (*effect).to_owned())),
            None => {}
        }
    }
    Command {
        argv: argv.to_vec(),
        target: target.to_owned(),
        script: script.to_owned(),
        cwd: std::env::current_dir().map(|path| path.display().to_string()).unwrap_or_default(),
        search: search(&invoked, &executable),
        executable,
        parent: parent(),
        environment,
        environment_size: std::env::vars_os().count() as u64,
        streams: (0..3).map(|descriptor| (descriptor, super::process::descriptor(descriptor))).collect(),
    }
}

/// The folders of `PATH` as the shell asked them, until the executable was found.
fn search(invoked: &OsStr, executable: &str) -> Vec<(String, String)> {
    let name = text(invoked);
    if name.contains('/') {
        return vec![(name, "the command names the file itself: PATH was not asked".to_owned())];
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut asked = Vec::new();
    for folder in std::env::split_paths(&path) {
        let candidate = folder.join(invoked);
        let (verdict, found) = verdict(&candidate, executable);
        asked.push((candidate.display().to_string(), verdict));
        if found {
            return asked;
        }
    }
    asked.push((name, "in no folder of PATH: the caller gave another name than that of the file".to_owned()));
    asked
}

fn verdict(candidate: &Path, executable: &str) -> (String, bool) {
    match std::fs::metadata(candidate) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => ("no such file".to_owned(), false),
        Err(error) => (error.to_string(), false),
        Ok(data) if data.is_dir() => ("a folder".to_owned(), false),
        Ok(data) if data.permissions().mode() & 0o111 == 0 => ("not executable".to_owned(), false),
        Ok(_) => {
            let real = std::fs::canonicalize(candidate).unwrap_or_default();
            let same = real == Path::new(executable);
            (if same { "found".to_owned() } else { format!("found: it leads to {}", real.display()) }, true)
        }
    }
}

fn parent() -> Parent {
    let pid = std::os::unix::process::parent_id();
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<String> = command
        .split(|byte| *byte == 0)
        .filter(|word| !word.is_empty())
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    Parent { pid, name: text_of(&format!("/proc/{pid}/comm")), command: words.join(" ") }
}

//! `oriel trace`: what a recording says is held against what others say of the same run: the system, CPython's `tokenize`,
//! `ast` and `dis` (written down here), and the script itself.

use crate::support::{Outcome, finish, oriel, run, workspace};
use oriel_trace::event::{Data, Process, Step, Val};
use oriel_trace::{Event, Recording};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

mod details;
mod ends;
mod page;
mod programs;
mod tour;
mod views;

const LIMIT: Duration = Duration::from_secs(120);

const FIRST: &str = "def double(x):\n    return x * 2\n\nprint(double(5))\n";

/// A folder of its own, which goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("oriel-trace-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).expect("a file of the test");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A recorded run.
struct Traced {
    pid: u32,
    outcome: Outcome,
    recording: Recording,
    folder: Folder,
}

/// Runs a script under `oriel trace` with options.
fn traced(name: &str, source: &str, options: &[&str]) -> Traced {
    let folder = Folder::new(name);
    folder.file("script.py", source);
    let recording = folder.0.join("run.jsonl");
    let mut command = Command::new(oriel());
    command.current_dir(&folder.0).arg("trace").arg("--json").arg(&recording).args(options).arg("script.py");
    for name in ["PYTHONUNBUFFERED", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the binary starts");
    let pid = child.id();
    let outcome = finish(child, LIMIT);
    assert!(!outcome.timed_out, "{outcome:?}");
    let recording = Recording::open(&recording).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    Traced { pid, outcome, recording, folder }
}

impl Traced {
    fn find<T>(&self, pick: impl Fn(&Data) -> Option<T>) -> Option<T> {
        self.recording.events.iter().find_map(|event| pick(&event.data))
    }

    fn all<T>(&self, pick: impl Fn(&Data) -> Option<T>) -> Vec<T> {
        self.recording.events.iter().filter_map(|event| pick(&event.data)).collect()
    }

    fn process(&self, moment: &str) -> Process {
        let found = self.find(|data| match data {
            Data::Process(process) if process.moment == moment => Some(process.clone()),
            _ => None,
        });
        found.expect("the process at that moment")
    }

    /// The instructions that were executed: name, and texts of the operand stack before each.
    fn steps(&self) -> Vec<(String, Vec<String>)> {
        let index = oriel_trace::view::index::Index::new(&self.recording);
        let text = |slot: &Option<Val>| slot.as_ref().map_or("NULL".to_owned(), |value| value.text().to_owned());
        let step = |event: &Event| match &event.data {
            Data::Step(Step { f, o, s, .. }) => {
                let name = index.instruction(*f, *o).map(|instruction| instruction.op.clone());
                Some((name.unwrap_or_default(), s.iter().map(text).collect()))
            }
            _ => None,
        };
        self.recording.events.iter().filter_map(step).collect()
    }
}

#[test]
fn the_first_script_from_exec_to_exit() {
    let run = traced("first", FIRST, &["--memory"]);
    assert_eq!(run.outcome.stdout, "10\n");
    assert_eq!(run.outcome.code, Some(0), "{}", run.outcome.stderr);
    assert!(run.recording.complete && run.recording.warnings.is_empty(), "{:?}", run.recording.warnings);

    // Stage 0 and 1, against what the system told us when we started it.
    assert_eq!(run.recording.header.pid, run.pid);
    let command = run.find(|data| match data {
        Data::Command(command) => Some(command.clone()),
        _ => None,
    });
    let command = command.expect("stage 0");
    assert_eq!(command.argv[1..], ["script.py"]);
    assert_eq!(command.parent.pid, std::process::id());
    assert_eq!(Path::new(&command.cwd), run.folder.0.canonicalize().unwrap());
    let process = run.process("start");
    assert_eq!((process.pid, process.ppid), (run.pid, std::process::id()));
    assert!(process.map.iter().any(|mapping| mapping.group == "code" && mapping.access.starts_with("r-x")));
    assert!(process.map.iter().any(|mapping| mapping.group == "stack" && mapping.name == "[stack]"));
    assert!(run.process("ready").map.iter().any(|mapping| mapping.group == "arenas"));
    segments_are_those_that_readelf_shows(&process);

    source_and_compilation(&run);

    // Stages 6 to 9: the instructions with their operand stacks, by hand.
    let function = "<function double>";
    let print = "<built-in print>";
    let expected: &[(&str, &[&str])] = &[
        ("RESUME", &[]),
        ("LOAD_CONST", &[]),
        ("MAKE_FUNCTION", &["<code double>"]),
        ("STORE_NAME", &[function]),
        ("LOAD_NAME", &[]),
        ("PUSH_NULL", &[print]),
        ("LOAD_NAME", &[print, "NULL"]),
        ("PUSH_NULL", &[print, "NULL", function]),
        ("LOAD_SMALL_INT", &[print, "NULL", function, "NULL"]),
        ("CALL", &[print, "NULL", function, "NULL", "5"]),
        ("RESUME", &[]),
        ("LOAD_FAST_BORROW", &[]),
        ("LOAD_SMALL_INT", &["5"]),
        ("BINARY_OP", &["5", "2"]),
        ("RETURN_VALUE", &["10"]),
        ("CALL", &[print, "NULL", "10"]),
        ("POP_TOP", &["None"]),
        ("LOAD_CONST", &[]),
        ("RETURN_VALUE", &["None"]),
    ];
    let expected: Vec<(String, Vec<String>)> = expected
        .iter()
        .map(|(name, stack)| ((*name).to_owned(), stack.iter().map(|s| (*s).to_owned()).collect()))
        .collect();
    assert_eq!(run.steps(), expected);
    let print = run.find(|data| match data {
        Data::Name(name) if name.name == "print" => Some((name.asked.clone(), name.found.clone())),
        _ => None,
    });
    assert_eq!(print, Some((vec!["module".to_owned(), "builtins".to_owned()], "builtins".to_owned())));
    let path = run.find(|data| match data {
        Data::Path(path) if path.op == "BINARY_OP" => Some((path.path.clone(), path.guard.clone())),
        _ => None,
    });
    assert_eq!(path.expect("the multiplication's way").0, "integer fast path");

    // Stages 10 and 11.
    let writes = run.all(|data| match data {
        Data::Output { fd, size, text, .. } => Some((*fd, *size, text.clone())),
        _ => None,
    });
    assert_eq!(writes, [(1, 3, "10\n".to_owned())]);
    let exit = run.find(|data| match data {
        Data::Exit { status, .. } => Some(*status),
        _ => None,
    });
    assert_eq!(exit, Some(0));
    assert!(run.find(|data| matches!(data, Data::Survivors { types } if !types.is_empty()).then_some(())).is_some());
    assert!(
        run.find(|data| matches!(data, Data::ObjectMemory(object) if object.name == "double").then_some(())).is_some()
    );
}

/// Skipped where there is no `readelf`.
fn segments_are_those_that_readelf_shows(process: &Process) {
    let Ok(shown) = Command::new("readelf").arg("-lW").arg(&process.executable).output() else {
        eprintln!("readelf is not installed: the segments were not compared");
        return;
    };
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    let number = |word: &str| u64::from_str_radix(word.trim_start_matches("0x"), 16).unwrap();
    let loads: Vec<(u64, u64, u64)> = shown
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| words.first() == Some(&"LOAD"))
        .map(|words| (number(words[2]), number(words[4]), number(words[5])))
        .collect();
    let ours: Vec<(u64, u64, u64)> = process
        .segments
        .iter()
        .filter(|segment| segment.kind == "LOAD")
        .map(|segment| (segment.address, segment.file_size, segment.memory_size))
        .collect();
    assert_eq!(ours, loads);
}

/// Stages 3 and 4, as CPython 3.14's `tokenize`, `ast.dump(…, indent=4)` and `dis` show them.
fn source_and_compilation(run: &Traced) {
    let source = run.find(|data| match data {
        Data::Source(source) => Some(source.clone()),
        _ => None,
    });
    let source = source.expect("stage 3");
    assert_eq!((source.text.as_str(), source.encoding.as_str(), source.newlines), (FIRST, "utf-8", (4, 0, 0)));

    let tokens = run.find(|data| match data {
        Data::Tokens { tokens, .. } => Some(tokens.clone()),
        _ => None,
    });
    let tokens: Vec<String> = tokens
        .expect("tokens")
        .iter()
        .map(|(kind, text, line, column, ..)| format!("{kind} {text:?} {line},{column}"))
        .collect();
    let expected = [
        r#"NAME "def" 1,0"#,
        r#"NAME "double" 1,4"#,
        r#"OP "(" 1,10"#,
        r#"NAME "x" 1,11"#,
        r#"OP ")" 1,12"#,
        r#"OP ":" 1,13"#,
        r#"NEWLINE "\n" 1,14"#,
        r#"INDENT "    " 2,0"#,
        r#"NAME "return" 2,4"#,
        r#"NAME "x" 2,11"#,
        r#"OP "*" 2,13"#,
        r#"NUMBER "2" 2,15"#,
        r#"NEWLINE "\n" 2,16"#,
        r#"NL "\n" 3,0"#,
        r#"DEDENT "" 4,0"#,
        r#"NAME "print" 4,0"#,
        r#"OP "(" 4,5"#,
        r#"NAME "double" 4,6"#,
        r#"OP "(" 4,12"#,
        r#"NUMBER "5" 4,13"#,
        r#"OP ")" 4,14"#,
        r#"OP ")" 4,15"#,
        r#"NEWLINE "\n" 4,16"#,
        r#"ENDMARKER "" 5,0"#,
    ];
    assert_eq!(tokens, expected);

    let dump = run.find(|data| match data {
        Data::Ast { dump, .. } => Some(dump.clone()),
        _ => None,
    });
    let flat: String = dump.expect("the tree").split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        flat,
        "Module( body=[ FunctionDef( name='double', args=arguments( args=[ arg(arg='x')]), body=[ Return( \
         value=BinOp( left=Name(id='x', ctx=Load()), op=Mult(), right=Constant(value=2)))]), Expr( value=Call( \
         func=Name(id='print', ctx=Load()), args=[ Call( func=Name(id='double', ctx=Load()), args=[ \
         Constant(value=5)])]))])"
    );

    let listings = run.all(|data| match data {
        Data::Listing(listing) => Some(listing.clone()),
        _ => None,
    });
    let names = |number: usize| -> Vec<(u32, String)> {
        listings[number].bytecode.iter().map(|instruction| (instruction.o, instruction.op.clone())).collect()
    };
    let expected = |list: &[(u32, &str)]| -> Vec<(u32, String)> {
        list.iter().map(|(offset, name)| (*offset, (*name).to_owned())).collect()
    };
    let module = [
        (0, "RESUME"),
        (2, "LOAD_CONST"),
        (4, "MAKE_FUNCTION"),
        (6, "STORE_NAME"),
        (8, "LOAD_NAME"),
        (10, "PUSH_NULL"),
        (12, "LOAD_NAME"),
        (14, "PUSH_NULL"),
        (16, "LOAD_SMALL_INT"),
        (18, "CALL"),
        (26, "CALL"),
        (34, "POP_TOP"),
        (36, "LOAD_CONST"),
        (38, "RETURN_VALUE"),
    ];
    assert_eq!(names(0), expected(&module));
    let double =
        [(0, "RESUME"), (2, "LOAD_FAST_BORROW"), (4, "LOAD_SMALL_INT"), (6, "BINARY_OP"), (18, "RETURN_VALUE")];
    assert_eq!(names(1), expected(&double));
    assert!(listings[1].lowered.iter().any(|(_, _, text)| text.starts_with("Multiply")), "{:?}", listings[1].lowered);
}

#[test]
fn what_goes_wrong_is_said_and_what_was_recorded_can_be_read() {
    let folder = Folder::new("wrong");
    folder.file("script.py", FIRST);
    let trace =
        |arguments: &[&str]| run(Command::new(oriel()).current_dir(&folder.0).arg("trace").args(arguments), b"", LIMIT);
    let missing = trace(&["--json", "missing.jsonl", "missing.py"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("can't open file 'missing.py'"), "{}", missing.stderr);
    assert!(Recording::open(&folder.0.join("missing.jsonl")).unwrap().complete);

    let unwritable = trace(&["--json", "/nonexistent/run.jsonl", "script.py"]);
    assert_eq!((unwritable.code, unwritable.stdout.as_str()), (Some(2), ""));
    assert!(unwritable.stderr.contains("cannot write the recording"), "{}", unwritable.stderr);

    let full = trace(&["--json", "/dev/full", "script.py"]);
    assert_eq!((full.code, full.stdout.as_str()), (Some(0), "10\n"), "the run does not suffer from a full disk");
    assert!(full.stderr.contains("No space left on device"), "{}", full.stderr);

    let option = trace(&["--stage", "nothing", "script.py"]);
    assert_eq!(option.code, Some(2));
    assert!(option.stderr.contains("there is no stage 'nothing'"), "{}", option.stderr);

    folder.file("leave.py", "import os\nprint('out', flush=True)\nos._exit(3)\n");
    let left = trace(&["--json", "left.jsonl", "leave.py"]);
    assert_eq!((left.code, left.stdout.as_str()), (Some(3), "out\n"));
    let left = Recording::open(&folder.0.join("left.jsonl")).unwrap();
    assert!(left.complete, "nothing is lost");
    assert!(left.events.iter().any(|event| matches!(&event.data, Data::Exit { status: 3, why } if why == "os._exit")));
    assert!(left.events.iter().any(|event| matches!(&event.data, Data::Line(line) if line.l == 3)));

    folder.file(
        "killed.py",
        "import os, signal, time\ntime.sleep(0.2)\nprint('a', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n",
    );
    let killed = trace(&["--json", "killed.jsonl", "killed.py"]);
    assert_eq!(killed.signal, Some(9));
    let killed = Recording::open(&folder.0.join("killed.jsonl")).unwrap();
    assert!(!killed.complete && killed.warnings.iter().any(|warning| warning.contains("did not come to its end")));

    folder.file("fork.py", "import os\npid = os.fork()\nif pid:\n    os.waitpid(pid, 0)\n    print('parent')\n");
    let forked = trace(&["--json", "fork.jsonl", "fork.py"]);
    assert_eq!((forked.code, forked.stdout.as_str()), (Some(0), "parent\n"));
    let forked = Recording::open(&folder.0.join("fork.jsonl")).unwrap();
    assert!(forked.complete && forked.warnings.is_empty(), "the child writes nothing: {:?}", forked.warnings);

    // Cut anywhere, a recording is still one.
    let whole = std::fs::read(folder.0.join("fork.jsonl")).unwrap();
    for part in [whole.len() / 4, whole.len() / 2, whole.len() - 3] {
        std::fs::write(folder.0.join("cut.jsonl"), &whole[..part]).unwrap();
        let cut = Recording::open(&folder.0.join("cut.jsonl")).unwrap();
        assert!(!cut.complete && !cut.events.is_empty());
        let view = run(Command::new(oriel()).current_dir(&folder.0).args(["view", "cut.jsonl"]), b"", LIMIT);
        assert_eq!(view.code, Some(0), "{}", view.stderr);
    }
    let other = run(Command::new(oriel()).current_dir(&folder.0).args(["view", "script.py"]), b"", LIMIT);
    assert_eq!(other.code, Some(2));
    assert!(other.stderr.contains("this is not a recording"), "{}", other.stderr);
}

#[test]
fn a_long_run_fills_neither_memory_nor_disk() {
    let source = "def f(n):\n    return n + 1\nx = 0\nfor i in range(60_000):\n    x = f(x)\nprint(x)\n";
    let run = traced("long", source, &["--limit", "1", "--ring", "1", "--steps", "1-10"]);
    assert_eq!(run.outcome.stdout, "60000\n");
    let end = run.find(|data| match data {
        Data::End(end) => Some(end.clone()),
        _ => None,
    });
    let end = end.expect("the last event");
    assert!(end.dropped > 10_000 && end.memory < 2 << 20 && end.bytes < 4 << 20, "{end:?}");
    let gap = run.find(|data| match data {
        Data::Gap { from, to } => Some((*from, *to)),
        _ => None,
    });
    let (from, to) = gap.expect("the gap is named");
    assert_eq!(to - from + 1, end.dropped);
    // Costs are exact all the same.
    let calls = run.find(|data| match data {
        Data::Costs(costs) => costs.functions.iter().map(|function| function.costs.runs).max(),
        _ => None,
    });
    assert_eq!(calls, Some(60_000));
}

#[test]
fn programs_behave_as_unrecorded() {
    for name in ["first", "bank", "primes", "queens", "word_count", "units"] {
        let script = workspace().join("examples").join(format!("{name}.py"));
        let plain = run(Command::new(oriel()).arg(&script), b"", LIMIT);
        let folder = Folder::new(&format!("same-{name}"));
        let recording = folder.0.join("run.jsonl");
        let seen = run(Command::new(oriel()).arg("trace").arg("--json").arg(&recording).arg(&script), b"", LIMIT);
        assert_eq!((plain.stdout, plain.code), (seen.stdout, seen.code), "{name}: {}", seen.stderr);
    }
}

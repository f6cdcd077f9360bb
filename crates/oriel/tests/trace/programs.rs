//! Ten programs, each with its own stage to be seen in the recording.

use super::{Traced, traced};
use oriel_trace::event::Data;

fn count(run: &Traced, pick: impl Fn(&Data) -> bool) -> usize {
    run.recording.events.iter().filter(|event| pick(&event.data)).count()
}

#[track_caller]
fn prints(run: &Traced, text: &str) {
    assert_eq!(run.outcome.stdout, text, "{}", run.outcome.stderr);
    assert!(run.recording.complete);
}

#[test]
fn a_generator_is_suspended_and_resumed() {
    let source = "def count(n):\n    for i in range(n):\n        yield i * i\n\nprint(sum(count(4)))\n";
    let run = traced("generator", source, &[]);
    prints(&run, "14\n");
    let yielded = run.all(|data| match data {
        Data::Suspend { v, .. } => Some(v.text().to_owned()),
        _ => None,
    });
    assert_eq!(yielded, ["0", "1", "4", "9"]);
    assert!(count(&run, |data| matches!(data, Data::Resume { .. })) >= 4);
}

#[test]
fn an_exception_passes_through_three_frames() {
    let source = "def a(): b()\ndef b(): c()\ndef c(): raise ValueError('deep')\ntry:\n    a()\nexcept ValueError as e:\n    print('caught', e)\n";
    let run = traced("exception", source, &[]);
    prints(&run, "caught deep\n");
    let raised = run.all(|data| match data {
        Data::Raise(raise) => Some((raise.ty.clone(), raise.text.clone(), raise.passing)),
        _ => None,
    });
    let expected = |passing| ("ValueError".to_owned(), "deep".to_owned(), passing);
    assert_eq!(raised, [expected(false), expected(true), expected(true), expected(true)]);
    assert_eq!(count(&run, |data| matches!(data, Data::Unwind { .. })), 3);
    let caught = run.find(|data| match data {
        Data::Caught(caught) => Some((caught.ty.clone(), caught.l)),
        _ => None,
    });
    assert_eq!(caught, Some(("ValueError".to_owned(), 6)));
}

#[test]
fn a_closure_reads_its_cell() {
    let source = "def adder(n):\n    def add(x):\n        return x + n\n    return add\nprint(adder(3)(4))\n";
    let run = traced("closure", source, &[]);
    prints(&run, "7\n");
    let names = run.all(|data| match data {
        Data::Function(function) => Some(function.name.clone()),
        _ => None,
    });
    assert_eq!(names, ["adder", "adder.<locals>.add"]);
    assert!(run.steps().iter().any(|(name, _)| name == "LOAD_DEREF"));
}

#[test]
fn a_descriptor_is_called_for_an_attribute() {
    let source = "class Celsius:\n    def __get__(self, obj, owner): return obj.value\n    def __set__(self, obj, v): obj.value = v\nclass Room:\n    temp = Celsius()\n    def __init__(self, t): self.temp = t\nprint(Room(21).temp)\n";
    let run = traced("descriptor", source, &[]);
    prints(&run, "21\n");
    let index = oriel_trace::view::index::Index::new(&run.recording);
    let called = run.all(|data| match data {
        Data::Call(call) => Some(index.name_of(call.f).to_owned()),
        _ => None,
    });
    assert_eq!(called, ["<module>", "Celsius", "Room", "Room.__init__", "Celsius.__set__", "Celsius.__get__"]);
}

#[test]
fn coroutines_take_turns() {
    let source = "class Turn:\n    def __await__(self):\n        yield\nasync def one(x):\n    await Turn()\n    return x\ndef run(*coros):\n    done = []\n    todo = list(coros)\n    while todo:\n        coro = todo.pop(0)\n        try:\n            coro.send(None)\n            todo.append(coro)\n        except StopIteration as stop:\n            done.append(stop.value)\n    return done\nprint(run(one(1), one(2)))\n";
    let run = traced("async", source, &[]);
    prints(&run, "[1, 2]\n");
    assert!(count(&run, |data| matches!(data, Data::Suspend { .. })) >= 2);
    assert!(run.steps().iter().any(|(name, _)| name == "GET_AWAITABLE"));
}

#[test]
fn threads_have_numbers_of_their_own() {
    let source = "import _thread, time\ndone = []\ndef work(n):\n    done.append(sum(range(n)))\nfor n in (5, 6):\n    _thread.start_new_thread(work, (n,))\nwhile len(done) < 2:\n    time.sleep(0.01)\nprint(sorted(done))\n";
    let run = traced("threads", source, &[]);
    prints(&run, "[10, 15]\n");
    let index = oriel_trace::view::index::Index::new(&run.recording);
    let mut threads: Vec<u32> = run
        .recording
        .events
        .iter()
        .filter(|event| matches!(&event.data, Data::Call(call) if index.name_of(call.f) == "work"))
        .map(|event| event.thread)
        .collect();
    threads.sort_unstable();
    threads.dedup();
    assert_eq!(threads.len(), 2, "each call of work on a thread of its own");
    assert!(!threads.contains(&1));
}

#[test]
fn an_import_of_a_package_names_its_parts() {
    let source = "import os, sys\nos.mkdir('pkg')\nopen('pkg/__init__.py', 'w').write('from . import sub\\n')\nopen('pkg/sub.py', 'w').write('X = 1\\n')\nsys.path.insert(0, '')\nimport pkg\nprint(pkg.sub.X)\n";
    let run = traced("package", source, &[]);
    prints(&run, "1\n");
    let imports = run.all(|data| match data {
        Data::Import(import) => Some((import.name.clone(), import.verdict.clone())),
        _ => None,
    });
    assert!(imports.iter().any(|(name, verdict)| name == "pkg" && verdict.contains("miss")), "{imports:?}");
    assert!(imports.iter().any(|(name, _)| name == "pkg.sub"), "{imports:?}");
}

#[test]
fn a_native_call_is_seen() {
    let run = traced("native", "print(sum(sorted([3, 1, 2])))\n", &[]);
    prints(&run, "6\n");
    let natives = run.all(|data| match data {
        Data::Native(native) => Some((native.name.clone(), native.r.as_ref().map(|result| result.text().to_owned()))),
        _ => None,
    });
    let expected = |name: &str, result: &str| (name.to_owned(), Some(result.to_owned()));
    assert_eq!(natives, [expected("sorted", "[1, 2, 3]"), expected("sum", "6"), expected("print", "None")]);
}

#[test]
fn recursion_goes_deep_and_comes_back() {
    let source = "def f(n):\n    return 1 if n == 0 else n * f(n - 1)\nprint(f(5))\n";
    let run = traced("recursion", source, &["--calls", "3"]);
    prints(&run, "120\n");
    assert_eq!(count(&run, |data| matches!(data, Data::Call(_))), 4, "the module and three calls below it");
    let whole = traced("recursion-whole", source, &["--function", "f"]);
    assert_eq!(count(&whole, |data| matches!(data, Data::Call(_))), 7);
    let returned = whole.all(|data| match data {
        Data::Return { v, .. } => Some(v.text().to_owned()),
        _ => None,
    });
    assert_eq!(returned, ["1", "1", "2", "6", "24", "120", "None"]);
    assert!(whole.steps().iter().all(|(name, _)| name != "STORE_NAME"), "only the function's instructions");
}

#[test]
fn a_cycle_is_found_by_the_collector() {
    let source = "import gc\nclass Node: pass\na = Node(); b = Node()\na.other = b; b.other = a\ndel a, b\nprint(gc.collect() > 0)\n";
    let run = traced("cycle", source, &[]);
    prints(&run, "True\n");
    let freed = run.all(|data| match data {
        Data::Collect(collect) if collect.freed > 0 => Some(collect.freed),
        _ => None,
    });
    assert!(!freed.is_empty(), "a collection that freed something");
}

#[test]
fn a_program_records_itself() {
    let source = "import oriel_trace\noriel_trace.start('own.jsonl')\nx = 6 * 7\noriel_trace.note('here')\noriel_trace.stop()\nprint(x, oriel_trace.recording())\n";
    let folder = super::Folder::new("own");
    folder.file("script.py", source);
    let mut command = std::process::Command::new(crate::support::oriel());
    let outcome = crate::support::run(command.current_dir(&folder.0).arg("script.py"), b"", super::LIMIT);
    assert_eq!(outcome.stdout, "42 False\n", "{}", outcome.stderr);
    let recording = oriel_trace::Recording::open(&folder.0.join("own.jsonl")).unwrap();
    assert!(recording.complete);
    assert!(recording.events.iter().any(|event| matches!(&event.data, Data::Note { text } if text == "here")));
    assert!(recording.events.iter().any(|event| matches!(&event.data, Data::Line(line) if line.l == 3)));
}

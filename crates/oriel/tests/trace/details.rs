//! What a recording says of single instructions, system calls, memory and teardown, each against something that is known
//! otherwise: the system, the language, or the sizes that the program itself asks for.

use super::{FIRST, Folder, LIMIT, Traced, traced};
use crate::support::{oriel, run};
use oriel_trace::event::{Data, Val};
use std::process::Command;

/// The events behind the step of the n-th instruction of that name, up to the next step.
fn behind(run: &Traced, opcode: &str, n: usize) -> Vec<Data> {
    let index = oriel_trace::view::index::Index::new(&run.recording);
    let is_it = |data: &Data| match data {
        Data::Step(step) => index.instruction(step.f, step.o).is_some_and(|instruction| instruction.op == opcode),
        _ => false,
    };
    let mut events = run.recording.events.iter().map(|event| &event.data);
    let mut left = n;
    for data in events.by_ref() {
        if is_it(data) {
            if left == 0 {
                break;
            }
            left -= 1;
        }
    }
    events.take_while(|data| !matches!(data, Data::Step(_))).cloned().collect()
}

fn path(run: &Traced, opcode: &str, n: usize) -> (String, String) {
    let events = behind(run, opcode, n);
    let found = events.iter().find_map(|data| match data {
        Data::Path(path) => Some((path.path.clone(), path.cache.clone())),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{opcode} took a way: {events:?}"))
}

#[test]
fn single_allocations_and_frees_belong_to_their_instruction() {
    let source = "def f():\n    x = [1, 2]\n    y = (x, 3)\n    del x\n    y = None\n    return y\nf()\n";
    let run = traced("allocations", source, &[]);
    let list = behind(&run, "BUILD_LIST", 0);
    let [Data::Alloc(list)] = &list[..] else { panic!("{list:?}") };
    assert_eq!((list.ty.as_str(), list.n % 16), ("list", 0));
    let tuple = behind(&run, "BUILD_TUPLE", 0);
    let tuple = tuple.iter().find_map(|data| match data {
        Data::Alloc(moved) => Some(moved.clone()),
        _ => None,
    });
    let tuple = tuple.expect("a tuple is made");
    assert_eq!(tuple.ty, "tuple");
    // The local goes, and its object lives on in the tuple.
    let deleted = behind(&run, "DELETE_FAST", 0);
    assert!(
        deleted.iter().any(|data| matches!(data, Data::Count { a, from: 2, to: 1, .. } if *a == list.a)),
        "{deleted:?}"
    );
    assert!(!deleted.iter().any(|data| matches!(data, Data::Free(_))), "{deleted:?}");
    // The tuple goes, and the list with it: the inner one's block comes back first.
    let freed: Vec<u64> = behind(&run, "STORE_FAST", 2)
        .iter()
        .filter_map(|data| match data {
            Data::Free(moved) => Some(moved.a),
            _ => None,
        })
        .collect();
    assert_eq!(freed, [list.a, tuple.a]);
}

#[test]
fn counts_move_where_references_are_made() {
    let source = "def f(x):\n    y = x\n    return y\nz = object()\nf(z)\n";
    let run = traced("counts", source, &[]);
    let moves = |opcode, n| -> Vec<(u32, u32)> {
        let events = behind(&run, opcode, n);
        events
            .iter()
            .filter_map(|data| match data {
                Data::Count { from, to, .. } => Some((*from, *to)),
                _ => None,
            })
            .collect()
    };
    // z is held by the module and the argument; the operand stack takes one more, which the local then has.
    assert_eq!(moves("LOAD_FAST", 0), [(2, 3)]);
    assert_eq!(moves("STORE_FAST", 0), []);
    let costs = run.find(|data| match data {
        Data::Costs(costs) => Some(costs.clone()),
        _ => None,
    });
    let costs = costs.expect("costs").total;
    assert!(costs.counts >= 3 && costs.bytes > 0 && costs.hits > 0 && costs.misses > 0, "{costs:?}");
}

#[test]
fn operations_say_which_way_they_took() {
    let source = "class V:\n    def __init__(self, x): self.x = x\n    def __mul__(self, o): return V(self.x * o)\n    def __len__(self): return 1\nclass W(V):\n    pass\na = 2 * 3\nb = 2.5 * 2.0\nc = 10**20 * 3\nd = V(1) * 2\ne = 'a' + 'b'\nf = [1, 2][0]\ng = {1: 2}[1]\nh = W(3).x\nfor i in range(1): pass\nfor i in list((1,)): pass\nfor i in (1,): pass\nif d: pass\nfor i in (v for v in (1,)): pass\n";
    // Constants would be folded: they come from names.
    let source = format!(
        "two = 2; f25 = 2.5; A = 'a'; big = 10**20\n{}",
        source
            .replace("a = 2 * 3", "a = two * 3")
            .replace("2.5 * 2.0", "f25 * 2.0")
            .replace("10**20 * 3", "big * 3")
            .replace("'a' + 'b'", "A + 'b'")
    );
    let run = traced("ways", &source, &["--steps", "1-"]);
    assert_eq!(run.outcome.code, Some(0), "{}", run.outcome.stderr);
    let operators: Vec<String> = (0..8).map(|n| path(&run, "BINARY_OP", n).0).collect();
    assert_eq!(
        operators,
        [
            "integer fast path",
            "float fast path",
            "slot for __mul__ of int: native code",
            "__mul__ of V: a Python function",
            "integer fast path",
            "joining of texts",
            "item by position",
            "look-up in the dict's table",
        ]
    );
    let loops: Vec<String> = [0, 2, 4].iter().map(|n| path(&run, "FOR_ITER", *n).0).collect();
    assert_eq!(loops, ["range fast path", "list fast path", "slot for __next__ of tuple_iterator: native code"]);
    assert_eq!(path(&run, "TO_BOOL", 0).0, "__len__ of V: a Python function");
    let all = run.all(|data| match data {
        Data::Path(path) => Some(format!("{} {}", path.op, path.path)),
        _ => None,
    });
    for words in [
        "CALL class: its instance is made, then __init__ of V is called",
        "LOAD_ATTR inline slot 0 of the instance",
        "FOR_ITER generator's frame, entered in the same loop",
        "CALL native function",
    ] {
        assert!(all.iter().any(|path| path == words), "{words} in {all:#?}");
    }
}

#[test]
fn caches_answer_once_the_code_is_warm() {
    let source = "class P:\n    def __init__(self): self.x = 1\np = P()\ndef f():\n    return p.x\nfor i in range(60):\n    f()\n";
    let run = traced("caches", source, &["--function", "f"]);
    let states = run.all(|data| match data {
        Data::Path(path) if path.op == "LOAD_ATTR" => Some((path.cache.clone(), path.guard.clone())),
        _ => None,
    });
    assert_eq!(states.first().map(|(cache, _)| cache.as_str()), Some("cold"));
    let (cache, guard) = states.last().cloned().unwrap();
    assert_eq!((cache.as_str(), guard.starts_with("shape ")), ("hit", true), "{guard}");
    let names = run.all(|data| match data {
        Data::Name(name) if name.name == "p" => Some((name.found.clone(), name.cached)),
        _ => None,
    });
    assert_eq!(names.first(), Some(&("globals".to_owned(), false)));
    assert_eq!(names.last(), Some(&("globals".to_owned(), true)));
}

#[test]
fn names_are_asked_for_from_the_inside_out() {
    let source = "def outer():\n    e = 1\n    def inner(l):\n        return l, e, g, len\n    return inner\ng = 2\nouter()(0)\nclass C:\n    k = 3\n    m = k\n    n = g\n";
    let run = traced("names", source, &[]);
    let names = run.all(|data| match data {
        Data::Name(name) => Some((name.name.clone(), name.asked.join(" "), name.found.clone(), name.how.clone())),
        _ => None,
    });
    for (name, asked, found, how) in [
        ("l", "locals", "locals", "register 0"),
        ("e", "enclosing", "enclosing", "cell"),
        ("g", "globals", "globals", ""),
        ("len", "globals builtins", "builtins", ""),
        ("k", "locals", "locals", ""),
        ("g", "locals globals", "globals", ""),
    ] {
        let wanted = (name.to_owned(), asked.to_owned(), found.to_owned(), how.to_owned());
        assert!(names.contains(&wanted), "{wanted:?} in {names:#?}");
    }
}

#[test]
fn files_are_read_by_system_calls_that_are_told() {
    let source = "with open('data.txt', 'w') as f:\n    f.write('x' * 100)\nwith open('data.txt') as f:\n    print(len(f.read()))\n";
    let run = traced("files", source, &[]);
    assert_eq!(run.outcome.stdout, "100\n");
    let calls = run.all(|data| match data {
        Data::SystemCall(call) => Some((call.name.clone(), call.fd, call.arguments.clone(), call.result)),
        _ => None,
    });
    // The script itself: looked at whether it is an archive, then read.
    let of_script: Vec<&str> = calls
        .iter()
        .skip_while(|(_, _, arguments, _)| !arguments.contains("\"script.py\""))
        .take_while(|(_, _, arguments, _)| !arguments.contains("data.txt"))
        .map(|(name, ..)| name.as_str())
        .collect();
    assert_eq!(of_script, ["openat", "statx", "lseek", "read", "close", "openat", "statx", "read", "read", "close"]);
    let opened: Vec<i64> = calls
        .iter()
        .filter(|(name, _, arguments, _)| name == "openat" && arguments.contains("data.txt"))
        .map(|(.., result)| *result)
        .collect();
    // The lowest free descriptor, as unrecorded.
    assert_eq!(opened, [3, 3]);
    assert!(calls.iter().any(|(name, fd, _, result)| name == "read" && *fd == Some(3) && *result == 100), "{calls:?}");
    let wrote = run.find(|data| match data {
        Data::Output { fd: 3, size, dur, .. } => Some((*size, *dur)),
        _ => None,
    });
    let (size, dur) = wrote.expect("the file is written to");
    assert!(size == 100 && dur > 0);
}

#[test]
fn strace_sees_the_same_writes_and_opens() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("strace is not installed: the system calls were not compared");
        return;
    }
    let folder = Folder::new("strace");
    folder.file("script.py", FIRST);
    let mut command = Command::new("strace");
    command.current_dir(&folder.0).args(["-f", "-s", "200", "-o", "calls.txt", "-e", "trace=write,openat,exit_group"]);
    command.args([oriel(), "trace", "--json", "run.jsonl", "script.py"]);
    let outcome = run(command.env_remove("PYTHONUNBUFFERED"), b"", LIMIT);
    let calls = std::fs::read_to_string(folder.0.join("calls.txt")).unwrap_or_default();
    if !calls.contains("exit_group") {
        eprintln!("strace may not look here: {}", outcome.stderr);
        return;
    }
    assert_eq!(outcome.stdout, "10\n", "{}", outcome.stderr);
    let writes: Vec<&str> = calls.lines().filter(|line| line.contains("write(1, ")).collect();
    assert!(writes.len() == 1 && writes[0].contains("write(1, \"10\\n\", 3)"), "{writes:?}");
    let recording = oriel_trace::Recording::open(&folder.0.join("run.jsonl")).unwrap();
    let written: Vec<(i32, u64)> = recording
        .events
        .iter()
        .filter_map(|event| match &event.data {
            Data::Output { fd, size, .. } => Some((*fd, *size)),
            _ => None,
        })
        .collect();
    assert_eq!(written, [(1, 3)]);
    let seen = calls.lines().filter(|line| line.contains("openat") && line.contains("\"script.py\"")).count();
    let told = recording.events.iter().filter(
        |event| matches!(&event.data, Data::SystemCall(call) if call.name == "openat" && call.arguments.contains("script.py")),
    );
    assert_eq!(told.count(), seen);
    assert!(calls.contains("exit_group(0)"));
}

#[test]
fn frames_and_tables_are_drawn_at_a_chosen_line() {
    let source = "def area(width, height):\n    sizes = [width, height]\n    by_name = {'w': width}\n    pair = (sizes, 2.5)\n    return width * height\nfor n in (1, 2, 3):\n    area(n, 10)\n";
    let run = traced("drawn", source, &["--at", "5:2"]);
    let frames = run.all(|data| match data {
        Data::FrameMemory(frame) => Some(frame.clone()),
        _ => None,
    });
    assert_eq!(
        frames.iter().map(|frame| (frame.name.as_str(), frame.line)).collect::<Vec<_>>(),
        [("area", 5), ("<module>", 7)]
    );
    let width = frames[0].words.iter().find(|word| word.name == "width").unwrap();
    // An immediate integer is its number, shifted by two, with both low bits set.
    assert_eq!((width.raw.as_str(), width.owner.as_str()), ("000000000000000b", "immediate"));
    assert_eq!(width.value, Some(Val::Immediate("2".to_owned())));
    assert_eq!(width.address, frames[0].address + 64, "registers lie behind a header of 64 bytes");
    let addresses: Vec<u64> = frames[0].words.iter().map(|word| word.address - frames[0].address).collect();
    assert_eq!(addresses, (0..addresses.len() as u64).map(|index| 8 * index).collect::<Vec<_>>());
    let caller = u64::from_str_radix(&frames[0].words[0].raw, 16).unwrap();
    assert_eq!(caller, frames[1].address, "a frame begins with its caller's address");
    let sizes = frames[0].words.iter().find(|word| word.name == "sizes").unwrap();
    let objects = run.all(|data| match data {
        Data::ObjectMemory(object) => Some(object.clone()),
        _ => None,
    });
    let object = |name: &str| objects.iter().find(|object| object.name == name).unwrap();
    let list = object("sizes");
    assert_eq!(u64::from_str_radix(&sizes.raw, 16).unwrap(), list.address);
    assert_eq!(list.count, Some(2), "the local and the tuple hold it");
    let items: Vec<&str> =
        list.words.iter().filter(|word| word.name.starts_with("item ")).map(|word| word.raw.as_str()).collect();
    assert_eq!(items, ["000000000000000b", "000000000000002b"]);
    let dict = object("by_name");
    assert_eq!((dict.slots.len(), dict.slots.iter().filter(|slot| **slot >= 0).count()), (8, 1));
    let slot = dict.slots.iter().position(|slot| *slot == 0).unwrap();
    assert_eq!(dict.hashes[0].unwrap() as u64 % 8, slot as u64, "a table of eight is asked at the hash's low bits");
    let pair = object("pair");
    assert!(
        pair.words.iter().any(|word| word.name == "item 1" && word.value == Some(Val::Immediate("2.5".to_owned())))
    );
    let page = run.find(|data| match data {
        Data::PageMemory(page) if list.address & !0xffff == page.address => Some(page.clone()),
        _ => None,
    });
    let page = page.expect("the page of the list");
    let block = (list.address - page.address - 128) / u64::from(page.block);
    assert_eq!(page.drawing.as_bytes()[block as usize], b'#');
    assert_eq!(page.drawing.bytes().filter(|block| *block == b'#').count() as u32, page.used);
    assert!(
        run.find(|data| matches!(data, Data::Process(process) if process.moment == "line 5").then_some(())).is_some()
    );
}

#[test]
fn threads_hand_the_lock_over() {
    let source = "import threading\ndef work():\n    total = 0\n    for i in range(200_000):\n        total += i\n    return total\nthreads = [threading.Thread(target=work) for _ in range(2)]\nfor thread in threads: thread.start()\nfor thread in threads: thread.join()\nprint('done')\n";
    let run = traced("gil", source, &["--steps", "1-1", "--limit", "512"]);
    assert_eq!(run.outcome.stdout, "done\n", "{}", run.outcome.stderr);
    let count = |wanted: &str| {
        run.recording
            .events
            .iter()
            .filter(|event| matches!(&event.data, Data::Gil { what, .. } if what == wanted))
            .count()
    };
    assert!(
        count("switch") >= 2 && count("release") >= 2,
        "{} switches, {} releases",
        count("switch"),
        count("release")
    );
    let waited: u64 = run
        .all(|data| match data {
            Data::Gil { what, dur } if what == "wait" => Some(*dur),
            _ => None,
        })
        .iter()
        .sum();
    let costs = run.find(|data| match data {
        Data::Costs(costs) => Some(costs.total.gil),
        _ => None,
    });
    assert!(waited > 0 && costs >= Some(waited), "{waited} of {costs:?}");
    let starts = run.recording.events.iter().filter(|event| matches!(&event.data, Data::Thread(_))).count();
    assert_eq!(starts, 3);
}

#[test]
fn teardown_says_what_went_in_which_order() {
    let source = "import helper\nclass Last:\n    def __del__(self): print('last')\nlast = Last()\n";
    let folder = Folder::new("teardown");
    folder.file("helper.py", "class First:\n    def __del__(self): print('first')\nkept = First()\n");
    folder.file("script.py", source);
    let mut command = Command::new(oriel());
    command.current_dir(&folder.0).args(["trace", "--json", "run.jsonl", "script.py"]);
    let outcome = run(&mut command, b"", LIMIT);
    let recording = oriel_trace::Recording::open(&folder.0.join("run.jsonl")).unwrap();
    let finalized: Vec<(String, u64, u64)> = recording
        .events
        .iter()
        .filter_map(|event| match &event.data {
            Data::Finalized { what, objects, bytes } => Some((what.clone(), *objects, *bytes)),
            _ => None,
        })
        .collect();
    let at = |what: &str| {
        finalized.iter().position(|(other, ..)| other == what).unwrap_or_else(|| panic!("{what} in {finalized:?}"))
    };
    assert!(at("sys.modules[\"__main__\"]") < at("sys.modules[\"helper\"]"), "in the order of sys.modules");
    let order: Vec<&str> = outcome.stdout.lines().collect();
    let (first, last) = (at("__del__ of <First object>"), at("__del__ of <Last object>"));
    assert_eq!(order, if first < last { ["first", "last"] } else { ["last", "first"] });
    let objects: u64 = finalized.iter().map(|(_, objects, _)| objects).sum();
    assert!(objects > 100 && finalized.iter().any(|(what, _, bytes)| what.starts_with("namespace of ") && *bytes > 0));
}

//! Bad input: what a user or a hostile program can do wrong ends in CPython's message and exit status; never in a crash,
//! a panic or a hang.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::support::{Outcome, finish, oriel, run, wait};

const LIMIT: Duration = Duration::from_secs(60);

/// A folder of a test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bad-input-{name}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, contents).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn command() -> Command {
    let mut command = Command::new(oriel());
    command.env("PYTHON_COLORS", "0").env("PYTHONDONTWRITEBYTECODE", "1");
    for name in ["PYTHONPATH", "PYTHONUNBUFFERED"] {
        command.env_remove(name);
    }
    command
}

/// Runs the interpreter with `arguments` and the redirection `redirection`.
fn redirected(arguments: &str, redirection: &str) -> Outcome {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec \"$0\" {arguments} {redirection}"), oriel()]).env_remove("PYTHONUNBUFFERED");
    run(&mut command, b"", LIMIT)
}

fn script(name: &str, source: impl AsRef<[u8]>) -> Outcome {
    let folder = Folder::new(name);
    let path = folder.file("script.py", source);
    run(command().arg(path), b"", LIMIT)
}

fn source(text: &str) -> Outcome {
    run(command().args(["-c", text]), b"", LIMIT)
}

/// The run ended with status `code`, and the last line on standard error is `last`.
#[track_caller]
fn check(outcome: &Outcome, code: i32, last: &str) {
    let line = outcome.stderr.lines().last().unwrap_or_default();
    assert_eq!((outcome.code, line), (Some(code), last), "{}:\n{}", outcome.end(), tail(&outcome.stderr));
}

/// As `check`, but the last line only begins with `start`.
#[track_caller]
fn check_start(outcome: &Outcome, code: i32, start: &str) {
    let line = outcome.stderr.lines().last().unwrap_or_default();
    assert!(outcome.code == Some(code) && line.starts_with(start), "{}:\n{}", outcome.end(), tail(&outcome.stderr));
}

/// The run ended well and printed `expected`.
#[track_caller]
fn prints(outcome: &Outcome, expected: &str) {
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(0), expected),
        "{}:\n{}",
        outcome.end(),
        tail(&outcome.stderr)
    );
}

fn tail(text: &str) -> &str {
    let start = text.len().saturating_sub(2000);
    let start = (start..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    &text[start..]
}

// Scripts that cannot be read

#[test]
fn missing_file() {
    let outcome = run(command().arg("no-such-file.py"), b"", LIMIT);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("can't open file '"), "{}", outcome.stderr);
    assert!(
        outcome.stderr.trim_end().ends_with("no-such-file.py': [Errno 2] No such file or directory"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn folder_without_main() {
    let folder = Folder::new("folder");
    let outcome = run(command().arg(&folder.0), b"", LIMIT);
    assert_eq!(outcome.code, Some(1));
    let expected = format!("can't find '__main__' module in '{}'", folder.0.display());
    assert!(outcome.stderr.trim_end().ends_with(&expected), "{}", outcome.stderr);
}

#[test]
fn folder_with_main() {
    let folder = Folder::new("folder-main");
    folder.file("__main__.py", "print(__name__)");
    prints(&run(command().arg(&folder.0), b"", LIMIT), "__main__\n");
}

#[test]
fn missing_module() {
    let outcome = run(command().args(["-m", "no_such_module_at_all"]), b"", LIMIT);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.trim_end().ends_with("No module named no_such_module_at_all"), "{}", outcome.stderr);
}

#[test]
fn unknown_option() {
    let outcome = run(command().arg("--no-such-option"), b"", LIMIT);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.stderr.lines().next().unwrap_or_default().to_lowercase().contains("unknown option"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn invalid_utf8() {
    let outcome = script("utf8", b"x = '\xff'\n");
    assert_eq!(outcome.code, Some(1));
    let expected =
        "SyntaxError: (unicode error) 'utf-8' codec can't decode byte 0xff in position 5: invalid start byte";
    let other = "SyntaxError: Non-UTF-8 code starting with '\\xff'";
    let last = outcome.stderr.lines().last().unwrap_or_default();
    assert!(last.starts_with(expected) || last.starts_with(other), "{}", outcome.stderr);
}

#[test]
fn nul_byte() {
    let outcome = script("nul", b"x = 1\n\0y = 2\n");
    check(&outcome, 1, "SyntaxError: source code cannot contain null bytes");
}

#[test]
fn unknown_encoding() {
    let outcome = script("encoding", b"# coding: no-such-encoding\nx = 1\n");
    check(&outcome, 1, "SyntaxError: unknown encoding: no-such-encoding");
}

#[test]
fn syntax_error() {
    let outcome = script("syntax", "print('a')\nx = = 1\n");
    check(&outcome, 1, "SyntaxError: invalid syntax");
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains("line 2\n    x = = 1\n        ^\n"), "{}", outcome.stderr);
}

#[test]
fn empty_script_and_only_comments() {
    prints(&script("empty", ""), "");
    prints(&script("comment", "# nothing"), "");
    prints(&script("form-feed", "\x0c\nprint(1)\r\nprint(2)\rprint(3)"), "1\n2\n3\n");
    prints(&script("mark", "\u{feff}print('marked')\n"), "marked\n");
}

// Nesting and recursion

#[test]
fn nested_brackets() {
    for (name, open, close) in [("parentheses", "(", ")"), ("lists", "[", "]"), ("dicts", "{1:", "}")] {
        let text = format!("{}{}\n", open.repeat(100_000), close.repeat(100_000));
        let outcome = script(&format!("nested-{name}"), text);
        assert_eq!(outcome.code, Some(1), "{name}: {}", outcome.end());
        let last = outcome.stderr.lines().last().unwrap_or_default();
        assert_eq!(last, "SyntaxError: too many nested parentheses", "{name}");
    }
}

#[test]
fn nested_operators() {
    for (name, text) in [
        ("minus", format!("x = {}1\n", "-".repeat(100_000))),
        ("not", format!("x = {}1\n", "not ".repeat(100_000))),
        ("power", format!("x = {}1\n", "2**".repeat(100_000))),
        ("lambda", format!("x = {}1\n", "lambda: ".repeat(100_000))),
        ("attributes", format!("x = a{}\n", ".b".repeat(100_000))),
        ("calls", format!("x = a{}\n", "()".repeat(100_000))),
        ("conditional", format!("x = {}1\n", "1 if 1 else ".repeat(100_000))),
    ] {
        let outcome = script(&format!("operators-{name}"), text);
        // CPython says RecursionError or MemoryError here, depending on the place; both are errors one can catch.
        assert_eq!(outcome.code, Some(1), "{name}: {}", outcome.end());
        let last = outcome.stderr.lines().last().unwrap_or_default();
        let known = ["RecursionError", "MemoryError", "SyntaxError", "NameError"];
        assert!(known.iter().any(|error| last.starts_with(error)), "{name}: {last}");
    }
}

#[test]
fn nested_blocks() {
    let mut text = String::new();
    for depth in 0..101 {
        text += &format!("{}if 1:\n", " ".repeat(depth));
    }
    text += &format!("{}pass\n", " ".repeat(101));
    check(&script("indentation", text), 1, "IndentationError: too many levels of indentation");
    let mut text = String::new();
    for depth in 0..30 {
        text += &format!("{}while 1:\n", " ".repeat(depth));
    }
    text += &format!("{}break\n", " ".repeat(30));
    check(&script("blocks", text), 1, "SyntaxError: too many statically nested blocks");
}

#[test]
fn endless_recursion() {
    let depth = "RecursionError: maximum recursion depth exceeded";
    for text in [
        "def f(): return f()\nf()",
        "class A:\n  def __getattr__(self, name): return getattr(self, name + 'x')\nA().a",
        "class A:\n  def __repr__(self): return repr(self)\nrepr(A())",
        "class A:\n  def __eq__(self, other): return self == other\nA() == A()",
        "class A:\n  def __lt__(self, other): return sorted([A(), A()])\nsorted([A(), A()])",
        "def key(x): return sorted([1, 2], key=key)\nkey(1)",
        "class A:\n  def __hash__(self): return hash(self)\nhash(A())",
        "class A:\n  def __call__(self): return self()\nA()()",
        "class A:\n  def __iter__(self): return iter(list(self))\nlist(A())",
        "class A:\n  def __len__(self): return len(self)\nlen(A())",
        "class A:\n  def __add__(self, other): return self + other\nA() + 1",
        "class A:\n  @property\n  def a(self): return self.a\nA().a",
        "f = lambda: (yield from f())\nlist(f())",
        "class A:\n  def __str__(self): return f'{self}'\nstr(A())",
        "class A:\n  def __bool__(self): return not not self\nbool(A())",
        "class A:\n  def __new__(cls): return A()\nA()",
    ] {
        check_start(&source(text), 1, depth);
    }
    prints(
        &source("def f(n): return n and f(n - 1)\ntry: f(10**6)\nexcept RecursionError: print('caught')"),
        "caught\n",
    );
}

#[test]
fn recursion_limit_of_the_program() {
    let text = "import sys\nsys.setrecursionlimit(10**6)\ndef f(n): return n and 1 + f(n - 1)\nprint(f(50_000))";
    prints(&source(text), "50000\n");
    let text = "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n  def __repr__(self): return repr(self)\ntry: repr(A())\nexcept RecursionError: print('caught')";
    prints(&source(text), "caught\n");
}

#[test]
fn nested_containers() {
    let deep = "x = []\nfor _ in range(100_000): x = [x]\n";
    check_start(&source(&format!("{deep}repr(x)")), 1, "RecursionError: ");
    prints(
        &source(&format!(
            "{deep}y = []\nfor _ in range(100_000): y = [y]\ntry: x == y\nexcept RecursionError: pass\nprint('survived')"
        )),
        "survived\n",
    );
    let tuple =
        "x = ()\nfor _ in range(100_000): x = (x,)\ntry: hash(x)\nexcept RecursionError: pass\nprint('survived')";
    prints(&source(tuple), "survived\n");
    prints(&source("x = []\nx.append(x)\nd = {}\nd[1] = d\nprint(x, d)"), "[[...]] {1: {...}}\n");
    prints(
        &source(&format!("{deep}import json\ntry: json.dumps(x)\nexcept RecursionError: pass\nprint('survived')")),
        "survived\n",
    );
    prints(
        &source("import json\ntry: json.loads('[' * 100_000)\nexcept RecursionError: pass\nprint('survived')"),
        "survived\n",
    );
    let text = "import copy\nx = []\nfor _ in range(100_000): x = [x]\ntry: copy.deepcopy(x)\nexcept RecursionError: pass\nprint('survived')";
    prints(&source(text), "survived\n");
}

#[test]
fn long_chains_are_dropped() {
    prints(&source("x = None\nfor i in range(1_000_000): x = (i, x)\nx = None\nprint('dropped')"), "dropped\n");
    let text = "class Node:\n  def __init__(self, next): self.next = next\nx = None\nfor i in range(1_000_000): x = Node(x)\ndel x\nprint('dropped')";
    prints(&source(text), "dropped\n");
    prints(&source("x = None\nfor i in range(1_000_000): x = {'next': x}\nx = None\nprint('dropped')"), "dropped\n");
    prints(&source("x = None\nfor i in range(1_000_000): x = [x]\nprint('left for the end')"), "left for the end\n");
    prints(
        &source("f = lambda: 0\nfor i in range(300_000): f = (lambda g: lambda: g)(f)\nf = None\nprint('dropped')"),
        "dropped\n",
    );
    prints(
        &source(
            "def g(x): yield x\nx = None\nfor i in range(300_000):\n  x = g(x); next(x)\nx = None\nprint('dropped')",
        ),
        "dropped\n",
    );
}

// Sizes

#[test]
fn too_much_memory() {
    for text in [
        "'x' * 10**13",
        "b'x' * 10**14",
        "[0] * 10**14",
        "(0,) * 10**14",
        "bytearray(10**15)",
        "bytes(10**15)",
        "'x'.ljust(10**14)",
        "'x'.zfill(10**14)",
        "list(range(10**14))",
        "'%*d' % (10**9*2, 1) * 10**6",
    ] {
        check_start(&source(text), 1, "MemoryError");
    }
    check(&source("'x' * 10**30"), 1, "OverflowError: cannot fit 'int' into an index-sized integer");
    prints(&source("try: 'x' * 10**13\nexcept MemoryError as error: print(repr(error))"), "MemoryError()\n");
}

#[test]
fn big_numbers() {
    let text = "Exceeds the limit (4300 digits) for integer string conversion";
    check_start(&source("str(10**5000)"), 1, &format!("ValueError: {text}"));
    check_start(&source("int('1' * 5000)"), 1, &format!("ValueError: {text}"));
    check_start(&source("1 << 10**20"), 1, "OverflowError: ");
    check_start(&source("2.0 ** 100_000"), 1, "OverflowError: ");
    check(&source("1 / 0"), 1, "ZeroDivisionError: division by zero");
}

// Files and streams that fail

#[test]
fn closed_output() {
    let outcome = redirected("-c 'print(1)'", ">&-");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    let outcome = source("import sys\nsys.stdout.close()\nprint(1)");
    check(&outcome, 1, "ValueError: I/O operation on closed file.");
}

#[test]
#[cfg(target_os = "linux")]
fn full_output() {
    let outcome = redirected("-c 'print(1)'", ">/dev/full");
    assert_eq!(outcome.code, Some(120), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("OSError: [Errno 28] No space left on device"), "{}", outcome.stderr);
    let outcome = redirected("-c 'print(1, flush=True)'", ">/dev/full");
    assert!(outcome.stderr.contains("OSError: [Errno 28] No space left on device"), "{}", outcome.stderr);
    assert!(outcome.code.is_some_and(|code| code != 0));
}

#[test]
fn broken_pipe() {
    let mut child = command()
        .args(["-c", "import sys\nsys.stdin.read()\nfor i in range(10**6): print(i)"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(child.stdin.take());
    let outcome = finish(child, LIMIT);
    assert_eq!(outcome.code, Some(120), "{}: {}", outcome.end(), outcome.stderr);
    assert!(outcome.stderr.contains("BrokenPipeError: [Errno 32] Broken pipe"), "{}", outcome.stderr);
}

#[test]
fn script_deleted_while_it_runs() {
    let folder = Folder::new("deleted");
    let path = folder.file("script.py", "import os, sys\nos.unlink(sys.argv[0])\nprint('gone')\n1 / 0\n");
    let outcome = run(command().arg(path), b"", LIMIT);
    assert_eq!(outcome.stdout, "gone\n");
    check(&outcome, 1, "ZeroDivisionError: division by zero");
}

#[test]
fn script_on_standard_input() {
    prints(&run(&mut command(), b"import sys\nprint(sys.argv, __name__)\n", LIMIT), "[''] __main__\n");
    prints(&run(command().arg("-"), b"print(1 +\n1)\n", LIMIT), "2\n");
    let outcome = run(&mut command(), b"x = (\n", LIMIT);
    check(&outcome, 1, "SyntaxError: '(' was never closed");
}

// Exit statuses

#[test]
fn exit_statuses() {
    for (text, code) in [
        ("raise SystemExit", 0),
        ("raise SystemExit(3)", 3),
        ("import sys; sys.exit(None)", 0),
        ("import sys; sys.exit(256 + 7)", 7),
        ("import sys; sys.exit(-1)", 255),
        ("import os; os._exit(9)", 9),
        ("raise ValueError", 1),
        ("import sys\ntry: sys.exit(4)\nfinally: print('last')", 4),
    ] {
        let outcome = source(text);
        assert_eq!(outcome.code, Some(code), "{text}: {}", outcome.stderr);
    }
    let outcome = source("import sys; sys.exit('the reason')");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(1), "the reason\n"));
}

#[test]
fn interrupt() {
    for text in [
        "print('ready', flush=True)\nwhile True: pass",
        "import time\nprint('ready', flush=True)\ntime.sleep(60)",
        "print('ready', flush=True)\nsum(x for x in iter(int, 1))",
        "import threading\nprint('ready', flush=True)\nthreading.Event().wait()",
    ] {
        let mut child = command()
            .args(["-c", text])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut ready = [0; 6];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let outcome = finish(child, Duration::from_secs(10));
        // Having cleaned up, the process ends itself by the signal, as shells expect: they report 130.
        assert!(outcome.signal == Some(2) || outcome.code == Some(130), "{text}: {}", outcome.end());
        assert_eq!(outcome.stderr.lines().last(), Some("KeyboardInterrupt"), "{text}");
    }
}

#[test]
fn interrupt_can_be_caught() {
    let text =
        "import time\nprint('ready', flush=True)\ntry: time.sleep(60)\nexcept KeyboardInterrupt: print('caught')";
    let mut child = command().args(["-c", text]).stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let mut ready = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let (status, timed_out) = wait(&mut child, Duration::from_secs(10));
    assert!(!timed_out && status.success());
}

// Programs that misuse the interpreter

#[test]
fn mutation_under_iteration() {
    check(&source("d = {1: 1}\nfor k in d: d[k + 1] = 1"), 1, "RuntimeError: dictionary changed size during iteration");
    check(&source("s = {1}\nfor k in s: s.add(k + 1)"), 1, "RuntimeError: Set changed size during iteration");
    prints(&source("l = [1]\nfor x in l:\n  if x < 5: l.append(x + 1)\nprint(l)"), "[1, 2, 3, 4, 5]\n");
    let text = "class K:\n  def __init__(s, d): s.d = d\n  def __hash__(s): return 1\n  def __eq__(s, o):\n    s.d.clear(); return False\nd = {}\nd[K(d)] = 1\nd[K(d)] = 2\nprint(len(d) <= 2)";
    prints(&source(text), "True\n");
    let text = "l = [3, 1, 2]\nclass X:\n  def __lt__(s, o): xs.append(1); return True\nxs = [X(), X(), X()]\ntry: xs.sort()\nexcept ValueError as e: print(e)";
    prints(&source(text), "list modified during sort\n");
}

#[test]
fn errors_in_finalizers() {
    let outcome = source("class A:\n  def __del__(self): 1 / 0\na = A()\ndel a\nprint('on')");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), "on\n"));
    assert!(
        outcome.stderr.starts_with("Exception ignored while calling deallocator <function A.__del__"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.ends_with("ZeroDivisionError: division by zero\n"), "{}", outcome.stderr);
    let text = "class A:\n  def __del__(self): global kept; kept = self\na = A()\ndel a\nprint(type(kept).__name__)";
    prints(&source(text), "A\n");
}

#[test]
fn errors_of_the_hook() {
    let outcome = source("import sys\nsys.excepthook = lambda *a: print('hooked', a[0].__name__)\n1 / 0");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), "hooked ZeroDivisionError\n"));
    let outcome = source("import sys\nsys.excepthook = 3\n1 / 0");
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("Error in sys.excepthook:") && outcome.stderr.contains("Original exception was:"));
}

//! The text form of lowered code: what vanishes, what fuses, where aliases are materialized.

use oriel_runtime::Mode;
use oriel_runtime::bootstrap::{FrozenLibrary, Runtime};
use oriel_runtime::config::Config;
use oriel_runtime::lowered::{Mode as Form, lower, text::Listing};
use oriel_runtime::types::code::Code;

/// Lowers the first function of a source and compares its listing, line by line without margins.
#[track_caller]
fn check(form: Form, source: &str, expected: &str) {
    let runtime = Runtime::new(Config::default(), &[], FrozenLibrary::EMPTY).unwrap_or_else(|_| panic!("bootstrap"));
    let vm = runtime.vm();
    let code = vm.compile_text(source.as_bytes(), "<test>", Mode::Exec, 0, -1, -1).unwrap_or_else(|_| panic!("source"));
    let code = code.downcast::<Code>().map(|code| code.data.clone()).unwrap_or_else(|| panic!("code"));
    let function = code.nested().next().unwrap_or_else(|| panic!("a function")).clone();
    let lowered = lower(&function, form).unwrap_or_else(|error| panic!("{error}"));
    let listing = Listing { code: &function, lowered: &lowered }.text();
    let lines = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| !line.is_empty())
            .collect()
    };
    assert_eq!(lines(&listing), lines(expected), "\n{listing}");
}

#[test]
fn loads_vanish_and_tests_fuse_with_jumps() {
    check(
        Form::Fast,
        "def fib(n):\n    if n < 2: return n\n    return fib(n - 1) + fib(n - 2)\n",
        "0 10 JumpLessImmediate -> 2 n 2
         1 18 Return n
         2 20 LoadGlobal t0 = .fib#0
         3 34 SubtractImmediate t2 = n 1
         4 46 CallFunction t0 = t0 #1 [t0, t2]
         6 54 LoadGlobal t1 = .fib#2
         7 68 SubtractImmediate t3 = n 2
         8 80 CallFunction t1 = t1 #3 [t1, t3]
        10 88 Add t0 = t0 t1!
        11 100 Return t0!",
    );
}

#[test]
fn an_alias_is_materialized_before_its_local_changes() {
    check(
        Form::Fast,
        "def swap(a, b):\n    a, b = b, a\n    return a\n",
        "0 4 Move t0 = b
         1 4 Move b = a
         2 4 Take a = t0
         3 8 Return a",
    );
}

#[test]
fn results_go_straight_to_locals() {
    check(
        Form::Fast,
        "def total(items):\n    s = 0\n    for k, v in items.pairs():\n        s += k * v\n    return s\n",
        "0 4 Move s = 0
         1 28 CallMethod t0 = t0 .pairs#0 [items]
         3 36 GetIter t0 = t0
         4 38 ForIter t1 = t0 -> 12
         6 42 Unpack t1! 2 [k, v]
         8 52 Multiply t2 = k v
         9 64 Add s = s t2! inplace
        10 38 ForIterBackward t1 = t0 -> 6 -> 12
        12 84 Drop t0
        13 88 Return s",
    );
}

#[test]
fn the_exact_form_keeps_the_stack() {
    check(
        Form::Exact,
        "def f(a):\n    return a + 1\n",
        "0 0 Resume 0
         1 2 Move t0 = a
         2 4 Move t1 = 1
         3 6 Add t0 = t0 t1!
         4 18 Return t0!",
    );
}

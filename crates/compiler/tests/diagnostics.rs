//! The SyntaxErrors and SyntaxWarnings that the compiler finds in trees that parse, with CPython's text and positions.

use oriel_bytecode::Text;
use oriel_compiler::{Options, compile_source};
use oriel_syntax::Mode;

/// A source, the message, and first line, offset, last line and end offset.
type Expected = (&'static str, &'static str, (i32, i32, i32, i32));

#[test]
fn errors() {
    for (source, message, position) in ERRORS {
        match compile_source(source, &Text::from("test.py"), Mode::Exec, &Options::default(), &mut Vec::new()) {
            Ok(_) => panic!("compiled: {source}"),
            Err(error) => {
                assert_eq!(error.message, *message, "{source}");
                let found = (error.lineno, error.offset, error.end_lineno, error.end_offset);
                assert_eq!(found, *position, "{source}");
            }
        }
    }
}

#[test]
fn warnings() {
    for (source, expected) in WARNINGS {
        let mut warnings = Vec::new();
        let result = compile_source(source, &Text::from("test.py"), Mode::Exec, &Options::default(), &mut warnings);
        assert!(result.is_ok(), "{source}");
        let messages: Vec<&str> = warnings.iter().map(|warning| &*warning.message).collect();
        assert_eq!(messages, *expected, "{source}");
    }
}

#[test]
fn nesting_ends_in_an_error() {
    let options = Options { stack_budget: 200 << 10, ..Options::default() };
    let source = format!("x{}", ".y".repeat(20_000));
    let result = compile_source(&source, &Text::from("test.py"), Mode::Exec, &options, &mut Vec::new());
    assert_eq!(result.map(drop).map_err(|error| error.kind), Err(oriel_syntax::SyntaxErrorKind::Recursion));
}

#[test]
fn long_chains_need_no_stack() {
    let options = Options { stack_budget: 200 << 10, ..Options::default() };
    for source in [vec!["x"; 20_000].join(" + "), format!("if x: y\n{}", "elif x: y\n".repeat(2_000))] {
        let result = compile_source(&source, &Text::from("test.py"), Mode::Exec, &options, &mut Vec::new());
        assert!(result.is_ok(), "{:?}", result.map(drop));
    }
}

const ERRORS: &[Expected] = &[
    ("return 1", "'return' outside function", (1, 1, 1, 9)),
    ("class C: return 1", "'return' outside function", (1, 10, 1, 18)),
    ("yield 1", "'yield' outside function", (1, 1, 1, 8)),
    ("x = yield from y", "'yield from' outside function", (1, 5, 1, 17)),
    ("await x", "'await' outside function", (1, 1, 1, 8)),
    ("async with a: pass", "'async with' outside async function", (1, 1, 1, 19)),
    ("async for a in b: pass", "'async for' outside async function", (1, 1, 1, 23)),
    ("def f(): await x", "'await' outside async function", (1, 10, 1, 17)),
    (
        "def f(): return [x async for x in y]",
        "asynchronous comprehension outside of an asynchronous function",
        (1, 17, 1, 37),
    ),
    ("[x async for x in y]", "asynchronous comprehension outside of an asynchronous function", (1, 1, 1, 21)),
    ("def f(a, a): pass", "duplicate argument 'a' in function definition", (1, 10, 1, 11)),
    ("def f(a, *, a): pass", "duplicate argument 'a' in function definition", (1, 13, 1, 14)),
    ("lambda a, a: 1", "duplicate argument 'a' in function definition", (1, 11, 1, 12)),
    ("def f(a):\n global a", "name 'a' is parameter and global", (2, 2, 2, 10)),
    ("def f():\n a=1\n global a", "name 'a' is assigned to before global declaration", (3, 2, 3, 10)),
    ("def f():\n print(a)\n global a", "name 'a' is used prior to global declaration", (3, 2, 3, 10)),
    ("def f():\n a:int\n global a", "annotated name 'a' can't be global", (3, 2, 3, 10)),
    ("def f():\n global a\n a:int", "annotated name 'a' can't be global", (3, 2, 3, 7)),
    ("def f():\n a=1\n nonlocal a", "name 'a' is assigned to before nonlocal declaration", (3, 2, 3, 12)),
    ("def f():\n nonlocal a", "no binding for nonlocal 'a' found", (2, 2, 2, 12)),
    ("nonlocal a", "nonlocal declaration not allowed at module level", (1, 1, 1, 11)),
    (
        "def f():\n a=1\n def g():\n  print(a)\n  nonlocal a",
        "name 'a' is used prior to nonlocal declaration",
        (5, 3, 5, 13),
    ),
    ("def f(a):\n def g(a):\n  nonlocal a", "name 'a' is parameter and nonlocal", (3, 3, 3, 13)),
    ("def f():\n a=1\n def g():\n  nonlocal a\n  global a", "name 'a' is nonlocal and global", (4, 3, 4, 13)),
    ("break", "'break' outside loop", (1, 1, 1, 6)),
    ("continue", "'continue' not properly in loop", (1, 1, 1, 9)),
    ("if 1: break", "'break' outside loop", (1, 7, 1, 12)),
    ("for x in y:\n def f(): break", "'break' outside loop", (2, 11, 2, 16)),
    ("for x in y:\n class C: continue", "'continue' not properly in loop", (2, 11, 2, 19)),
    ("def f():\n from x import *", "import * only allowed at module level", (2, 16, 2, 17)),
    ("class C:\n from x import *", "import * only allowed at module level", (2, 16, 2, 17)),
    (
        "x=1\nfrom __future__ import annotations",
        "from __future__ imports must occur at the beginning of the file",
        (2, 1, 2, 35),
    ),
    ("f(a=1, a=2)", "keyword argument repeated: a", (1, 8, 1, 11)),
    ("f(a=1, **b, a=2)", "keyword argument repeated: a", (1, 13, 1, 16)),
    ("class C(a=1, a=2): pass", "keyword argument repeated: a", (1, 14, 1, 17)),
    ("[(x:=1) for x in y]", "assignment expression cannot rebind comprehension iteration variable 'x'", (1, 3, 1, 4)),
    (
        "[x for y in (x:=1)]",
        "assignment expression cannot be used in a comprehension iterable expression",
        (1, 14, 1, 18),
    ),
    ("[x:=1 for x in y]", "assignment expression cannot rebind comprehension iteration variable 'x'", (1, 2, 1, 3)),
    (
        "class C:\n [(z:=1) for x in y]",
        "assignment expression within a comprehension cannot be used in a class body",
        (2, 4, 2, 5),
    ),
    (
        "[[(j := 0) for i in range(5)] for j in range(5)]",
        "assignment expression cannot rebind comprehension iteration variable 'j'",
        (1, 4, 1, 5),
    ),
    (
        "[i for i, j in x for j in (i := 5)]",
        "assignment expression cannot be used in a comprehension iterable expression",
        (1, 28, 1, 34),
    ),
    (
        "[(i:=0, j) for i in y for j in z]",
        "assignment expression cannot rebind comprehension iteration variable 'i'",
        (1, 3, 1, 4),
    ),
    (
        "[[x for x in a if (i:=1)] for i in b]",
        "assignment expression cannot rebind comprehension iteration variable 'i'",
        (1, 20, 1, 21),
    ),
    ("__debug__ = 1", "cannot assign to __debug__", (1, 1, 1, 10)),
    ("del __debug__", "cannot delete __debug__", (1, 5, 1, 14)),
    ("def f(__debug__): pass", "cannot assign to __debug__", (1, 7, 1, 16)),
    ("f(__debug__=1)", "cannot assign to __debug__", (1, 3, 1, 14)),
    ("x.__debug__ = 1", "cannot assign to __debug__", (1, 1, 1, 12)),
    ("import __debug__", "cannot assign to __debug__", (1, 8, 1, 17)),
    ("import a as __debug__", "cannot assign to __debug__", (1, 8, 1, 22)),
    ("for __debug__ in x: pass", "cannot assign to __debug__", (1, 5, 1, 14)),
    ("with a as __debug__: pass", "cannot assign to __debug__", (1, 11, 1, 20)),
    ("class __debug__: pass", "cannot assign to __debug__", (1, 1, 1, 22)),
    ("def __debug__(): pass", "cannot assign to __debug__", (1, 1, 1, 22)),
    ("match x:\n case __debug__: pass", "cannot assign to __debug__", (2, 7, 2, 16)),
    ("match x:\n case C(__debug__=1): pass", "cannot assign to __debug__", (2, 19, 2, 20)),
    ("match x:\n case a: pass\n case b: pass", "name capture 'a' makes remaining patterns unreachable", (2, 7, 2, 8)),
    ("match x:\n case _: pass\n case b: pass", "wildcard makes remaining patterns unreachable", (2, 7, 2, 8)),
    ("match x:\n case a | b: pass", "name capture 'a' makes remaining patterns unreachable", (2, 7, 2, 8)),
    ("match x:\n case (a, a): pass", "multiple assignments to name 'a' in pattern", (2, 11, 2, 12)),
    ("match x:\n case (1, a) | (2, b): pass", "alternative patterns bind different names", (2, 7, 2, 22)),
    ("match x:\n case [*a, *b]: pass", "multiple starred names in sequence pattern", (2, 7, 2, 15)),
    ("match x:\n case {1:a, 1:b}: pass", "mapping pattern checks duplicate key (1)", (2, 7, 2, 17)),
    ("match x:\n case {'a':a, 'a':b}: pass", "mapping pattern checks duplicate key ('a')", (2, 7, 2, 21)),
    ("match x:\n case {-1:a, -1:b}: pass", "mapping pattern checks duplicate key (-1)", (2, 7, 2, 19)),
    ("match x:\n case {1+2j:a, 1+2j:b}: pass", "mapping pattern checks duplicate key ((1+2j))", (2, 7, 2, 23)),
    ("match x:\n case {True:a, 1:b}: pass", "mapping pattern checks duplicate key (1)", (2, 7, 2, 20)),
    ("match x:\n case {1.0:a, 1:b}: pass", "mapping pattern checks duplicate key (1)", (2, 7, 2, 19)),
    ("match x:\n case C(a=1, a=2): pass", "attribute name repeated in class pattern: a", (2, 16, 2, 17)),
    ("try: pass\nexcept: pass\nexcept A: pass", "default 'except:' must be last", (2, 1, 2, 13)),
    ("try: pass\nexcept* A: return", "'return' outside function", (2, 12, 2, 18)),
    (
        "def f():\n try: pass\n except* A: return",
        "'break', 'continue' and 'return' cannot appear in an except* block",
        (3, 13, 3, 19),
    ),
    (
        "for x in y:\n try: pass\n except* A: break",
        "'break', 'continue' and 'return' cannot appear in an except* block",
        (3, 13, 3, 18),
    ),
    (
        "for x in y:\n try: pass\n except* A: continue",
        "'break', 'continue' and 'return' cannot appear in an except* block",
        (3, 13, 3, 21),
    ),
    ("async def f(): yield from x", "'yield from' inside async function", (1, 16, 1, 28)),
    ("async def f():\n yield\n return 1", "'return' with value in async generator", (3, 2, 3, 10)),
    ("*a, *b = c", "multiple starred expressions in assignment", (1, 1, 1, 7)),
    ("*a = c", "starred assignment target must be in a list or tuple", (1, 1, 1, 3)),
    ("*a", "can't use starred expression here", (1, 1, 1, 3)),
    ("a, *b, c, *d = x", "multiple starred expressions in assignment", (1, 1, 1, 13)),
    ("x = *a", "can't use starred expression here", (1, 5, 1, 7)),
    ("[*a, *b] = c", "multiple starred expressions in assignment", (1, 1, 1, 9)),
    ("def f[T, T](): pass", "duplicate type parameter 'T'", (1, 10, 1, 11)),
    ("class C[T]:\n def f(self): nonlocal T", "nonlocal binding not allowed for type parameter 'T'", (2, 15, 2, 25)),
    ("def f[T]():\n nonlocal T", "nonlocal binding not allowed for type parameter 'T'", (2, 2, 2, 12)),
    ("def f[T: (yield)](): pass", "yield expression cannot be used within a TypeVar bound", (1, 11, 1, 16)),
    ("def f[T: (x:=1)](): pass", "named expression cannot be used within a TypeVar bound", (1, 11, 1, 15)),
    ("def f[T = (await x)](): pass", "await expression cannot be used within a TypeVar default", (1, 12, 1, 19)),
    ("def f[**P = (yield)](): pass", "yield expression cannot be used within a ParamSpec default", (1, 14, 1, 19)),
    ("def f[*Ts = (yield)](): pass", "yield expression cannot be used within a TypeVarTuple default", (1, 14, 1, 19)),
    ("def f[T: (a,(yield))](): pass", "yield expression cannot be used within a TypeVar constraint", (1, 14, 1, 19)),
    ("type X = (yield)", "yield expression cannot be used within a type alias", (1, 11, 1, 16)),
    ("type X[T: (yield)] = 1", "yield expression cannot be used within a TypeVar bound", (1, 12, 1, 17)),
    ("type X = (a := 1)", "named expression cannot be used within a type alias", (1, 11, 1, 17)),
    (
        "type X = [(a := 1) for b in c]",
        "assignment expression within a comprehension cannot be used in a type alias",
        (1, 12, 1, 13),
    ),
    ("class C[T]((x:=1)): pass", "named expression cannot be used within the definition of a generic", (1, 13, 1, 17)),
    (
        "class C[T](([x:=1 for y in z])): pass",
        "assignment expression within a comprehension cannot be used within the definition of a generic",
        (1, 14, 1, 15),
    ),
    ("def f(x: (yield)): pass", "yield expression cannot be used within an annotation", (1, 11, 1, 16)),
    ("def f(x: (y:=1)): pass", "named expression cannot be used within an annotation", (1, 11, 1, 15)),
    ("x: (yield)", "yield expression cannot be used within an annotation", (1, 5, 1, 10)),
    ("x: (y:=1)", "named expression cannot be used within an annotation", (1, 5, 1, 9)),
    ("x: (await z)", "await expression cannot be used within an annotation", (1, 5, 1, 12)),
    ("def f() -> (yield): pass", "yield expression cannot be used within an annotation", (1, 13, 1, 18)),
    ("def f():\n x: (yield)", "yield expression cannot be used within an annotation", (2, 6, 2, 11)),
    ("class C[T = int, U]: pass", "non-default type parameter 'U' follows default type parameter", (1, 18, 1, 19)),
    ("class C[T = int, *U]: pass", "non-default type parameter 'U' follows default type parameter", (1, 18, 1, 20)),
    ("class C[T = int, **U]: pass", "non-default type parameter 'U' follows default type parameter", (1, 18, 1, 21)),
    ("type X[__classdict__] = 1", "reserved name '__classdict__' cannot be used for type parameter", (1, 8, 1, 21)),
    ("def f[__classdict__](): pass", "reserved name '__classdict__' cannot be used for type parameter", (1, 7, 1, 20)),
    ("x = 1\nglobal x", "name 'x' is assigned to before global declaration", (2, 1, 2, 9)),
    ("class C:\n x=1\n global x", "name 'x' is assigned to before global declaration", (3, 2, 3, 10)),
    ("class C:\n nonlocal __class__", "no binding for nonlocal '__class__' found", (2, 2, 2, 20)),
    ("def f():\n class C:\n  nonlocal x", "no binding for nonlocal 'x' found", (3, 3, 3, 13)),
    ("def f():\n x: int = 1\n def g():\n  nonlocal x\n  x: int", "annotated name 'x' can't be nonlocal", (5, 3, 5, 9)),
    ("[(yield) for x in y]", "'yield' inside list comprehension", (1, 3, 1, 8)),
    ("{(yield) for x in y}", "'yield' inside set comprehension", (1, 3, 1, 8)),
    ("{(yield):1 for x in y}", "'yield' inside dict comprehension", (1, 3, 1, 8)),
    ("((yield) for x in y)", "'yield' inside generator expression", (1, 3, 1, 8)),
    ("((yield from z) for x in y)", "'yield' inside generator expression", (1, 3, 1, 15)),
    ("def f(): [await x for x in y]", "asynchronous comprehension outside of an asynchronous function", (1, 10, 1, 30)),
    ("def f(): {x async for x in y}", "asynchronous comprehension outside of an asynchronous function", (1, 10, 1, 30)),
    (
        "async def f():\n def g(): return {x async for x in y}",
        "asynchronous comprehension outside of an asynchronous function",
        (2, 18, 2, 38),
    ),
    (
        "def f(): return [[x async for x in y] for z in w]",
        "asynchronous comprehension outside of an asynchronous function",
        (1, 17, 1, 50),
    ),
    ("class C: await x", "'await' outside function", (1, 10, 1, 17)),
    ("class C: [x async for x in y]", "asynchronous comprehension outside of an asynchronous function", (1, 10, 1, 30)),
    ("lambda: await x", "'await' outside async function", (1, 9, 1, 16)),
    (
        "lambda x: [y async for y in x]",
        "asynchronous comprehension outside of an asynchronous function",
        (1, 11, 1, 31),
    ),
    ("def f(*, a, a=1): pass", "duplicate argument 'a' in function definition", (1, 13, 1, 14)),
    ("a = b = yield", "'yield' outside function", (1, 9, 1, 14)),
    ("with x: return", "'return' outside function", (1, 9, 1, 15)),
    ("while 1: return", "'return' outside function", (1, 10, 1, 16)),
];

/// A source and the messages of its warnings.
const WARNINGS: &[(&str, &[&str])] = &[
    ("x is 1", &["\"is\" with 'int' literal. Did you mean \"==\"?"]),
    ("x is not 'a'", &["\"is not\" with 'str' literal. Did you mean \"!=\"?"]),
    ("1 is 1", &["\"is\" with 'int' literal. Did you mean \"==\"?"]),
    ("x is ()", &["\"is\" with 'tuple' literal. Did you mean \"==\"?"]),
    ("'a' 'b' (1)", &["'str' object is not callable; perhaps you missed a comma?"]),
    ("[1] (2)", &["'list' object is not callable; perhaps you missed a comma?"]),
    ("(1,) (2)", &["'tuple' object is not callable; perhaps you missed a comma?"]),
    ("{1} [2]", &["'set' object is not subscriptable; perhaps you missed a comma?"]),
    ("{1:2} (1)", &["'dict' object is not callable; perhaps you missed a comma?"]),
    ("f'{x}' ()", &["'str' object is not callable; perhaps you missed a comma?"]),
    ("assert (x, 'msg')", &["assertion is always true, perhaps remove parentheses?"]),
    ("assert (x,)", &["assertion is always true, perhaps remove parentheses?"]),
    ("def f():\n try: pass\n finally: return 1", &["'return' in a 'finally' block"]),
    ("for x in y:\n try: pass\n finally: break", &["'break' in a 'finally' block"]),
    ("for x in y:\n try: pass\n finally: continue", &["'continue' in a 'finally' block"]),
    ("def f():\n try: pass\n finally: x is 1", &["\"is\" with 'int' literal. Did you mean \"==\"?"]),
    ("def f():\n try: pass\n finally:\n  try: return\n  finally: pass", &["'return' in a 'finally' block"]),
];

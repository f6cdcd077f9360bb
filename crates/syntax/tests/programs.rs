//! Small programs that are accepted, and small programs that are not, with the words and the place of the error.

use oriel_syntax::{Arena, Mode, ParseOptions, SyntaxErrorKind, parse};

#[track_caller]
fn accepted(programs: &[&str]) {
    for program in programs {
        let arena = Arena::new();
        let found = parse(&arena, program, Mode::Exec, &ParseOptions::default(), &mut Vec::new());
        assert!(found.is_ok(), "{program:?}: {:?}", found.err());
    }
}

/// Each program with its message, and `line:offset-line:offset`.
#[track_caller]
fn rejected(programs: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (program, message, place) in programs {
        let arena = Arena::new();
        match parse(&arena, program, Mode::Exec, &ParseOptions::default(), &mut Vec::new()) {
            Ok(_) => wrong.push(format!("{program:?} is accepted")),
            Err(error) => {
                let found = format!("{}:{}-{}:{}", error.lineno, error.offset, error.end_lineno, error.end_offset);
                if error.message != *message || found != *place {
                    wrong.push(format!("{program:?}: {} {found}", error.message));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn simple_statements() {
    accepted(&[
        "",
        "\n\n# nothing\n",
        "x = y = z; w",
        "(x) = [y] = z,",
        "x.y[z], *w = v",
        "() = [] = x",
        "(x): int = yield",
        "x: int = 1, *y",
        "x **= yield y",
        "from . import (a, b as c,)",
        "from .... import x",
        "import a . b as c",
        "del (a), [b.c, d[0]],",
        "raise",
        "assert (x := 1), y",
        "type = 1; type.x; type[0]; type X = int",
        "print; exec = print",
        "return x, *y",
        "global a, b",
    ]);
    rejected(&[
        ("x = ", "invalid syntax", "1:5-1:6"),
        ("x = 1 = y", "cannot assign to literal", "1:5-1:6"),
        ("f() = 1", "cannot assign to function call here. Maybe you meant '==' instead of '='?", "1:1-1:4"),
        ("a + 1 += 2", "'expression' is an illegal expression for augmented assignment", "1:1-1:6"),
        ("(a, b): int", "only single target (not tuple) can be annotated", "1:1-1:7"),
        ("del f()", "cannot delete function call", "1:5-1:8"),
        ("import a from b", "Did you mean to use 'from ... import ...' instead?", "1:1-1:16"),
        ("from a import b,\n", "trailing comma not allowed without surrounding parentheses", "1:17-1:18"),
        ("import x as y.z", "cannot use attribute as import target", "1:13-1:16"),
        ("print x", "Missing parentheses in call to 'print'. Did you mean print(...)?", "1:1-1:8"),
        ("a b", "invalid syntax", "1:3-1:4"),
        ("pass if a else b", "expected expression before 'if', but statement is given", "1:1-1:5"),
        ("None = 1", "cannot assign to None", "1:1-1:5"),
        ("(yield) = 1", "cannot assign to yield expression here. Maybe you meant '==' instead of '='?", "1:2-1:7"),
        ("x = yield = 1", "assignment to yield expression not possible", "1:5-1:10"),
        ("a <> b", "invalid syntax.  Maybe you meant '!=' instead of '<>'?", "1:3-1:5"),
    ]);
}

#[test]
fn compound_statements() {
    accepted(&[
        "if x: pass\nelif y: pass\nelse: pass",
        "while x:\n  pass\nelse:\n  pass\n",
        "for x, *y in z, w: pass",
        "with (a as b, c): pass\nwith (a), b: pass\nwith (a, b) as c: pass\nwith (yield): pass",
        "try: pass\nexcept A, B: pass\nfinally: pass",
        "try: pass\nexcept* A as e: pass",
        "async def f():\n async with a: pass\n async for b in c: pass\n",
        "@a.b[c](d)\n@e\nclass A[T = int](B, c=D): pass",
        "def f(a, /, b=1, *, c, **d): pass\ndef f(*args: *Ts): pass",
        "def f[T: int, *Ts, **P](): ...",
        "match x:\n case 1 | -2.5 + 3j: pass\n case A(b, c=d): pass\n case {**r}: pass",
        "match = 1\nmatch(x)\nmatch[x]\nmatch.x",
        "if a:\n\tb\n\n  # odd comment\n\tc\n",
    ]);
    rejected(&[
        ("if x\n", "expected ':'", "1:5-1:6"),
        ("if x:\n", "expected an indented block after 'if' statement on line 1", "1:6-1:-1"),
        ("if x = 1: pass", "invalid syntax. Maybe you meant '==' or ':=' instead of '='?", "1:4-1:9"),
        ("else: pass", "invalid syntax", "1:1-1:5"),
        ("if a: pass\nelse: pass\nelif b: pass", "'elif' block follows an 'else' block", "3:1-3:5"),
        ("for x in y z: pass", "invalid syntax", "1:12-1:13"),
        ("for f() in x: pass", "cannot assign to function call", "1:5-1:8"),
        ("try: pass\nx", "expected 'except' or 'finally' block", "2:1-2:2"),
        (
            "try: pass\nexcept A, B as c: pass",
            "multiple exception types must be parenthesized when using 'as'",
            "2:8-2:17",
        ),
        ("def f: pass", "expected '('", "1:6-1:7"),
        ("def f(a=1, b): pass", "parameter without a default follows parameter with a default", "1:12-1:13"),
        ("def f(*): pass", "named arguments must follow bare *", "1:7-1:8"),
        ("def f(**k, a): pass", "arguments cannot follow var-keyword argument", "1:12-1:13"),
        ("class A\n pass", "expected ':'", "1:8-1:9"),
        ("with a as 1: pass", "cannot assign to literal", "1:11-1:12"),
        ("match x:\ncase 1: pass", "expected an indented block after 'match' statement on line 1", "2:1-2:5"),
        ("match x:\n case A(b=1, c): pass", "positional patterns follow keyword patterns", "2:14-2:15"),
        (" x", "unexpected indent", "1:1-1:-1"),
        ("if x:\n  y\n z", "unindent does not match any outer indentation level", "3:3-3:-1"),
    ]);
}

#[test]
fn expressions() {
    accepted(&[
        "lambda: (yield)",
        "f(*a, b, *c, d=1, *e, **g, h=2)",
        "x[a:b, c:d:e, ::, *f, g := 1]",
        "[*a, b], {*a}, {**a, 1: 2}, (*a, b)",
        "[x async for x in y if z if w for v in u]",
        "a if b else c if d else e",
        "not a in b is not c not in d",
        "-a ** -b, ~+-c",
        "f(x for x in y)",
        "(a, b)[0](c).d",
        "'a' \"b\" r'c' f'{d}'",
    ]);
    rejected(&[
        ("(a b)", "invalid syntax. Perhaps you forgot a comma?", "1:2-1:5"),
        ("[1, 2", "'[' was never closed", "1:1-1:0"),
        ("(1]", "closing parenthesis ']' does not match opening parenthesis '('", "1:3-1:3"),
        ("x)", "unmatched ')'", "1:2-1:2"),
        ("{1: 2, 3}", "':' expected after dictionary key", "1:8-1:0"),
        ("{1:}", "expression expected after dictionary key and ':'", "1:3-1:4"),
        ("f(a=1, b)", "positional argument follows keyword argument", "1:9-1:10"),
        ("f(**a, *b)", "iterable argument unpacking follows keyword argument unpacking", "1:6-1:10"),
        ("f(x for x in y, 1)", "Generator expression must be parenthesized", "1:3-1:15"),
        ("f(True=1)", "cannot assign to True", "1:3-1:8"),
        ("f(a.b=1)", "expression cannot contain assignment, perhaps you meant \"==\"?", "1:3-1:7"),
        ("f(a=)", "expected argument value expression", "1:3-1:5"),
        ("[*x for x in y]", "iterable unpacking cannot be used in comprehension", "1:2-1:4"),
        ("a + not b", "'not' after an operator must be parenthesized", "1:5-1:10"),
        ("a if b", "expected 'else' after 'if' expression", "1:1-1:7"),
        ("(*a)", "cannot use starred expression here", "1:2-1:4"),
        ("(a.b := 1)", "cannot use assignment expressions with attribute", "1:2-1:5"),
        ("[x for x y in z]", "'in' expected after for-loop variables", "1:10-1:11"),
    ]);
}

#[test]
fn literals() {
    accepted(&["0xFF_FF, 0o17, 0b1, 1_0.0_1e-1_0j, .5, 5., 00", "b'a' rb'\\x'", "'\\ud800'", "'''\n'''"]);
    rejected(&[
        ("1_", "invalid decimal literal", "1:2-1:2"),
        ("0b12", "invalid digit '2' in binary literal", "1:4-1:4"),
        (
            "012",
            "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
            "1:1-1:2",
        ),
        ("1a", "invalid decimal literal", "1:1-1:1"),
        ("'abc", "unterminated string literal (detected at line 1)", "1:1-1:1"),
        ("'''a\nb", "unterminated triple-quoted string literal (detected at line 2)", "1:1-1:1"),
        ("b'é'", "bytes can only contain ASCII literal characters", "1:1-1:5"),
        ("'a' b'b'", "cannot mix bytes and nonbytes literals", "1:9-1:10"),
        ("ub'a'", "'u' and 'b' prefixes are incompatible", "1:1-1:3"),
        ("f'{'", "f-string: expecting '}'", "1:4-1:4"),
        ("f'{}'", "f-string: valid expression required before '}'", "1:4-1:5"),
        ("f'{a!x}'", "f-string: invalid conversion character 'x': expected 's', 'r', or 'a'", "1:6-1:7"),
        ("f'}'", "f-string: single '}' is not allowed", "1:3-1:3"),
        ("t'a' 'b'", "cannot mix t-string literals with string or bytes literals", "1:1-1:9"),
        ("x €", "invalid character '€' (U+20AC)", "1:3-1:3"),
        ("x \\ y", "unexpected character after line continuation character", "1:4-1:0"),
    ]);
}

#[test]
fn deep_nesting_is_an_error() {
    let kind = |program: &str| {
        let arena = Arena::new();
        parse(&arena, program, Mode::Exec, &ParseOptions::default(), &mut Vec::new()).map_err(|error| error.kind).err()
    };
    assert_eq!(kind(&("(".repeat(201) + &")".repeat(201))), Some(SyntaxErrorKind::Syntax));
    assert_eq!(kind(&("-".repeat(10_000) + "1")), Some(SyntaxErrorKind::Memory));
    assert_eq!(kind(&("lambda: ".repeat(10_000) + "1")), Some(SyntaxErrorKind::Memory));
    assert_eq!(kind(&("1 if 1 else ".repeat(10_000) + "1")), Some(SyntaxErrorKind::Memory));
    assert_eq!(kind(&("a.b".to_owned() + &".c".repeat(50_000))), None);
    assert_eq!(kind(&("1".to_owned() + &" + 1".repeat(50_000))), None);
}

#[test]
fn other_modes() {
    let in_mode = |mode, program: &str, options: ParseOptions| {
        let arena = Arena::new();
        parse(&arena, program, mode, &options, &mut Vec::new()).map(|_| ()).map_err(|error| error.message)
    };
    let plain = ParseOptions::default();
    assert_eq!(in_mode(Mode::Eval, " x, y \n\n", plain), Err("unexpected indent".to_owned()));
    assert_eq!(in_mode(Mode::Eval, "x, y \n\n", plain), Ok(()));
    assert_eq!(in_mode(Mode::Single, "if x:\n  y\n", plain), Ok(()));
    assert_eq!(in_mode(Mode::Single, "x = 1; y", plain), Ok(()));
    assert_eq!(
        in_mode(Mode::Single, "x\ny\n", plain),
        Err("multiple statements found while compiling a single statement".to_owned())
    );
    assert_eq!(in_mode(Mode::FuncType, "(int, *str, **Any) -> float", plain), Ok(()));
    let partial = ParseOptions { allow_incomplete_input: true, dont_imply_dedent: true, ..plain };
    assert_eq!(in_mode(Mode::Single, "f(1,\n", partial), Err("incomplete input".to_owned()));
    assert_eq!(in_mode(Mode::Single, "x y\n", partial), Err("invalid syntax".to_owned()));
    let old = ParseOptions { feature_version: 7, ..plain };
    assert_eq!(
        in_mode(Mode::Exec, "(x := 1)", old),
        Err("Assignment expressions are only supported in Python 3.8 and greater".to_owned())
    );
    assert_eq!(in_mode(Mode::Exec, "x\0", plain), Err("source code string cannot contain null bytes".to_owned()));
}

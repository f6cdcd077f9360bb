//! Small programs run in a bare interpreter, without the library.

use oriel_runtime::bootstrap::{FrozenLibrary, Runtime};
use oriel_runtime::config::Config;
use oriel_runtime::{Mode, Value};

/// Runs a program; the representation of its variable `result`.
#[track_caller]
fn check(source: &str, expected: &str) {
    let runtime = Runtime::new(Config::default(), &[], FrozenLibrary::EMPTY).unwrap_or_else(|_| panic!("bootstrap"));
    let vm = runtime.vm();
    let outcome = (|| {
        let globals = vm.new_dict();
        globals.set_str(&vm.names.__builtins__, vm.builtins.to_value());
        globals.set_str(&vm.names.__name__, vm.intern("__main__"));
        let code = vm.compile_text(source.as_bytes(), "<test>", Mode::Exec, 0, -1, -1)?;
        vm.run_code(&code, &globals, globals.as_value(), None)?;
        let result = globals.get_str(&vm.intern("result")).unwrap_or(Value::NONE);
        vm.repr_text(&result)
    })();
    match outcome {
        Ok(text) => assert_eq!(text, expected),
        Err(raised) => {
            let text = vm.str(&raised.0).map(|text| vm.str_text(&text)).unwrap_or_default();
            panic!("{}: {text}", vm.type_name(&raised.0));
        }
    }
}

#[test]
fn functions() {
    check("def double(x):\n    return x * 2\nresult = double(5)\n", "10");
    check("def f(a, *b, c=3, **d):\n    return a, b, c, d\nresult = f(1, 2, c=4, e=5)\n", "(1, (2,), 4, {'e': 5})");
    check("def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nresult = fib(15)\n", "610");
    check(
        "def outer():\n    x = 1\n    def inner():\n        nonlocal x\n        x += 1\n        return x\n    inner()\n    return inner()\nresult = outer()\n",
        "3",
    );
}

#[test]
fn loops_and_containers() {
    check("result = [x * x for x in range(5)]\n", "[0, 1, 4, 9, 16]");
    check("result = {k: v for k, v in zip('ab', (1, 2))}\n", "{'a': 1, 'b': 2}");
    check(
        "total = 0\nfor i in range(1000):\n    if i % 3 == 0:\n        continue\n    total += i\nresult = total\n",
        "332667",
    );
    check("a, *b = [1, 2, 3]\nresult = (a, b)\n", "(1, [2, 3])");
}

#[test]
fn classes() {
    check(
        "class A:\n    def __init__(self, x):\n        self.x = x\n    def get(self):\n        return self.x\nclass B(A):\n    def get(self):\n        return super().get() + 1\nresult = B(41).get()\n",
        "42",
    );
    check("class P:\n    @property\n    def v(self):\n        return 'v'\nresult = P().v\n", "'v'");
}

#[test]
fn exceptions() {
    check("try:\n    1 // 0\nexcept ZeroDivisionError as e:\n    result = str(e)\n", "'division by zero'");
    check(
        "def f():\n    try:\n        return 1\n    finally:\n        global result\n        result = 'done'\nf()\n",
        "'done'",
    );
    check("try:\n    {}['x']\nexcept KeyError as e:\n    result = e.args\n", "('x',)");
}

#[test]
fn generators() {
    check("def g():\n    x = yield 1\n    yield x\n    return 3\ni = g()\nresult = [next(i), i.send(7)]\n", "[1, 7]");
    check("def g():\n    yield from range(3)\nresult = list(g())\n", "[0, 1, 2]");
}

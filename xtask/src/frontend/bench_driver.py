"""Times the front end of the interpreter that runs this: processor time, which a busy machine disturbs least.

    bench_driver.py library WHAT LIST    WHAT (code, parse, tree, symbols) of all files named in LIST: seconds
    bench_driver.py generated NAME SIZE  compile() of a generated source: seconds, or the exception
    bench_driver.py baseline             nothing: for the memory of the interpreter itself
"""

import sys
import time


def library(what, listing):
    import warnings
    warnings.simplefilter("ignore")
    if what == "symbols":
        from _symtable import symtable
        work = lambda data, path: symtable(data, path, "exec")
    elif what == "tree":
        import _ast
        work = lambda data, path: compile(data, path, "exec", _ast.PyCF_ONLY_AST, True)
    elif what == "parse":
        # The first thing that is looked at after parsing is which features are wanted: an unknown one ends the work.
        work = lambda data, path: compile(data, "<source>", "exec", 0, True)
    else:
        work = lambda data, path: compile(data, path, "exec", 0, True)
    taken = 0
    for path in open(listing, encoding="utf-8").read().split("\n"):
        if not path:
            continue
        with open(path, "rb") as file:
            data = file.read()
        if what == "parse":
            if b"coding" in data[:200] or data[:3] == b"\xef\xbb\xbf":
                continue
            data = b"from __future__ import nothing\n" + data
        start = time.process_time()
        try:
            work(data, path)
        except (SyntaxError, ValueError):
            pass
        taken += time.process_time() - start
    print(taken)


GENERATED = {
    # How many units make about 50 MB.
    "source": lambda n: "\n".join(f"def name_{i}(a, b=None):\n    return a + b * {i} if b else [a, {i}]\n" for i in range(n)),
    "list": lambda n: "x = [" + ", ".join(map(str, range(n))) + "]\n",
    "names": lambda n: "x = [" + ", ".join(f"v{i % 5000}" for i in range(n)) + "]\n",
    "functions": lambda n: "".join(f"def f{i}(): pass\n" for i in range(n)),
    "statements": lambda n: "def f(a, b):\n" + "".join(f"    a = b + {i}\n" for i in range(n)),
    "locals": lambda n: "def f():\n" + "".join(f"    v{i} = {i}\n" for i in range(n)),
    "ifs": lambda n: "def f(a):\n" + "".join(f"    if a == {i}:\n        a += 1\n" for i in range(n)),
    "loops": lambda n: "def f(a):\n" + "".join("    for b in a:\n        if b: continue\n        a = b\n" for i in range(n)),
    "tries": lambda n: "def f(a):\n" + "".join("    try:\n        a()\n    except E:\n        pass\n" for i in range(n)),
    "withs": lambda n: "def f(a):\n" + "".join("    with a as b: b()\n" for i in range(n)),
    "elifs": lambda n: "if a: pass\n" + "".join(f"elif a == {i}: pass\n" for i in range(n)),
    "cases": lambda n: "match a:\n" + "".join(f"    case {i}: pass\n" for i in range(n)),
    "dict": lambda n: "x = {" + ", ".join(f"{i}: 'v{i}'" for i in range(n)) + "}\n",
    "strings": lambda n: "x = (" + " ".join(f"'s{i}'" for i in range(n)) + ")\n",
    "fstring": lambda n: "x = f'" + "".join("{a}-" for i in range(n)) + "'\n",
    "sum": lambda n: "x = " + " + ".join("a" for i in range(n)) + "\n",
    "parentheses": lambda n: "x = " + "(" * n + ")" * n + "\n",
    "attributes": lambda n: "x = a" + ".b" * n + "\n",
    "calls": lambda n: "x = a" + "()" * n + "\n",
    "nots": lambda n: "x = " + "not " * n + "a\n",
    "targets": lambda n: "a = " * n + "1\n",
    "classes": lambda n: "".join(f"class C{i}:\n    x: int = {i}\n    def m(self): return self.x\n" for i in range(n)),
    "comment": lambda n: "#" + "x" * n + "\n",
    "line": lambda n: "x = '" + "x" * n + "'\n",
    "comprehensions": lambda n: "".join("[x for x in y if x]\n" for i in range(n)),
    "globals": lambda n: "def f():\n" + "".join(f"    global g{i}\n    g{i} = 1\n" for i in range(n)),
    "imports": lambda n: "".join(f"import m{i}.n\n" for i in range(n)),
    "arguments": lambda n: "f(" + ", ".join(f"a{i}={i}" for i in range(n)) + ")\n",
    "parameters": lambda n: "def f(" + ", ".join(f"a{i}" for i in range(n)) + "): pass\n",
    "number": lambda n: "x = 0x" + "f" * n + "\n",
}


def generated(name, size):
    text = GENERATED[name](int(size))
    sys.setrecursionlimit(1000)
    start = time.process_time()
    try:
        code = compile(text, "<generated>", "exec", 0, True)
        outcome = "ok"
    except Exception as error:
        outcome = type(error).__name__
    print(time.process_time() - start, outcome, len(text))


if __name__ == "__main__":
    if sys.argv[1] != "baseline":
        {"library": library, "generated": generated}[sys.argv[1]](*sys.argv[2:])

"""The front end's corners: what is marshalled, symbol tables, code objects that do not fit, `-v`."""

import marshal
import os
import subprocess
import symtable
import sys
import tempfile
import types

# A tuple that holds itself, by way of a list.
loop = ([],)
loop[0].append(loop)
again = marshal.loads(marshal.dumps(loop))
assert type(again) is tuple and again[0][0] is again
read = marshal.loads(b"\xa8\x01\x00\x00\x00[\x01\x00\x00\x00r\x00\x00\x00\x00")
assert type(read) is tuple and read[0][0] is read
for bad in (b"\xa8\xff\xff\xff\x7fr\0\0\0\0", b"r\0\0\0\0", b"\xbcr\0\0\0\0", b"\xa9\x02r\0\0\0\0"):
    try:
        marshal.loads(bad)
    except (ValueError, EOFError, TypeError):
        pass
    else:
        raise AssertionError(bad)

# The cost of nested sets does not double with every level.
nested = frozenset()
for _ in range(20):
    nested = frozenset([nested])
assert marshal.loads(marshal.dumps(nested)) == nested

# A NaN equals no other, in a constant set neither.
code = compile("x in {(1e999-1e999)*1j, (1e999-1e999)*2j, 1.5}", "<nan>", "eval")
assert any(isinstance(const, frozenset) and len(const) == 3 for const in code.co_consts), code.co_consts
assert marshal.loads(marshal.dumps(code)).co_code == code.co_code

# A comprehension that is inlined refers to what the function around it declares nonlocal.
table = symtable.symtable("def outer(k):\n def f(xs):\n  nonlocal k\n  return [x + k for x in xs]\n", "?", "exec")
inner = [child for child in table.get_children() if child.get_name() == "outer"][0]
inner = [child for child in inner.get_children() if child.get_name() == "f"][0]
assert inner.lookup("k").is_referenced() and inner.lookup("k").is_nonlocal()

# Code objects whose parts do not fit are refused.
def function(a, b):
    return a + b

for changes in ({"co_argcount": 5}, {"co_posonlyargcount": 3}, {"co_kwonlyargcount": 2**31 - 1}, {"co_nlocals": 1}):
    try:
        function.__code__.replace(**changes)
    except (ValueError, SystemError):
        pass
    else:
        raise AssertionError(changes)

# An encoding that contradicts the byte order mark, on the second line.
try:
    compile(b"\xef\xbb\xbf#a\n#coding:latin-1\n", "<bom>", "exec")
except SyntaxError as error:
    assert (error.lineno, error.offset, error.end_offset) == (2, 0, 16), error.args

# What is imported is told, from the first module on.
with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "told.py"), "w") as file:
        file.write("x = 1\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    for _ in range(2):
        done = subprocess.run([sys.executable, "-v", "-c", "import told"], cwd=folder, env=environment,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert "told.py" in done.stderr and " matches " in done.stderr, done.stderr

assert types.CodeType is type(code)
print("ok")

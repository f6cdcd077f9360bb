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
for bad in (b"r\0\0\0\0", b"\xbcr\0\0\0\0", b"\xa9\x02r\0\0\0\0"):
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

# Trees that no parser makes are refused before they are compiled.
import ast

def name(context=ast.Load()):
    return ast.Name("x", context)

def refused(node, message, kind=ValueError):
    body = [node if isinstance(node, ast.stmt) else ast.Expr(node)]
    tree = ast.fix_missing_locations(ast.Module(body, []))
    try:
        compile(tree, "<tree>", "exec")
    except kind as error:
        assert message in str(error), (message, str(error))
    else:
        raise AssertionError(message)

refused(ast.BoolOp(ast.And(), [name()]), "BoolOp with less than 2 values")
refused(ast.BinOp(name(ast.Store()), ast.Add(), name()), "expression must have Load context but has Store instead")
refused(ast.Delete([]), "empty targets on Delete")
refused(ast.Assign([ast.Constant(1)], name()), "expression which can't be assigned to in Store context")
refused(ast.If(name(), [], []), "empty body on If")
refused(ast.Try([ast.Pass()], [], [], []), "Try has neither except handlers nor finalbody")
refused(ast.Raise(None, name()), "Raise with cause but no exception")
refused(ast.Name("None", ast.Load()), "identifier field can't represent 'None' constant")
refused(ast.Dict([name()], []), "Dict doesn't have the same number of keys as values")
refused(ast.NamedExpr(ast.Attribute(name(), "y", ast.Store()), name()), "NamedExpr target must be a Name", TypeError)
refused(ast.ListComp(name(), []), "comprehension with no generators")
case = ast.match_case(ast.MatchAs(None, "_"), None, [ast.Pass()])
refused(ast.Match(name(), [case]), "can't capture name '_' in patterns")
tree = ast.parse("import x")
tree.body[0].names[0].name = None
try:
    compile(tree, "<tree>", "exec")
except ValueError as error:
    assert str(error) == "field 'name' is required for alias", error
assert ast.arguments.__annotations__["args"] == list[ast.arg]

assert types.CodeType is type(code)
print("ok")

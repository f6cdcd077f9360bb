# compile, exec, eval: modes, flags, namespaces, code objects; the ast and dis modules.
import ast, dis, types
code = compile('x = 1\nx + 1', '<t>', 'exec'); space = {}; exec(code, space); assert space['x'] == 1 and code.co_name == '<module>' and code.co_filename == '<t>' and code.co_firstlineno == 1
assert eval(compile('2 * 3', '', 'eval')) == 6 and eval(b'1 + 1') == 2 and compile('if 1:\n  5\n', '', 'single').co_name == '<module>'
def f(a, b=2, *args, c, **kw):
    """Doc."""
    local = a + b
    def inner(): return local
    return inner
c = f.__code__
assert (c.co_argcount, c.co_kwonlyargcount, c.co_posonlyargcount, c.co_nlocals) == (2, 1, 0, 6) and c.co_varnames == ('a', 'b', 'c', 'args', 'kw', 'inner') and c.co_cellvars == ('local',) and c.co_freevars == () and c.co_flags & 0x0c == 0x0c and c.co_name == 'f' and c.co_qualname == 'f' and c.co_consts[0] == 'Doc.' and any(isinstance(k, types.CodeType) for k in c.co_consts)
assert c.replace(co_name='g').co_name == 'g' and c == c.replace() and hash(c) == hash(c.replace()) and [line for _, _, line in c.co_lines() if line][0] == c.co_firstlineno and all(len(p) == 4 for p in c.co_positions()) and repr(c).startswith('<code object f at 0x')
g = types.FunctionType(c, {}, 'made', (5, 6)); assert g.__name__ == 'made' and g.__defaults__ == (5, 6)
tree = ast.parse('a = [1, 2]\nfor i in a: print(i, sep="")'); assert [type(n).__name__ for n in tree.body] == ['Assign', 'For'] and ast.unparse(tree) == "a = [1, 2]\nfor i in a:\n    print(i, sep='')" and ast.literal_eval('{"a": [1, (2.5, None)], -1: {True}}') == {'a': [1, (2.5, None)], -1: {True}} and isinstance(tree.body[0].targets[0].ctx, ast.Store)
assert ast.dump(ast.parse('x + 1', mode='eval')) == "Expression(body=BinOp(left=Name(id='x'), op=Add(), right=Constant(value=1)))" or ast.dump(ast.parse('x + 1', mode='eval')) == "Expression(body=BinOp(left=Name(id='x', ctx=Load()), op=Add(), right=Constant(value=1)))"
class Swap(ast.NodeTransformer):
    def visit_Add(self, node): return ast.Mult()
    def visit_Constant(self, node): return ast.copy_location(ast.Constant(node.value + 10), node)
changed = ast.fix_missing_locations(Swap().visit(ast.parse('2 + 3', mode='eval'))); assert eval(compile(changed, '', 'eval')) == 156
node = ast.parse('f(x)').body[0].value; assert (node.lineno, node.col_offset, node.end_col_offset) == (1, 0, 4) and ast.get_source_segment('f(x)', node) == 'f(x)' and node._fields == ('func', 'args', 'keywords')
names = [i.opname for i in dis.get_instructions(lambda a, b: a + b)]; assert names[0] == 'RESUME' and 'BINARY_OP' in names and names[-1] == 'RETURN_VALUE' and dis.opmap['RETURN_VALUE'] and dis.stack_effect(dis.opmap['POP_TOP']) == -1
import io
out = io.StringIO(); dis.dis('x = 1', file=out); assert 'STORE_NAME' in out.getvalue()
class Globals(dict):
    def __missing__(self, key): return key
assert eval('undefined', {}, Globals()) == 'undefined'
for bad, kind in [(lambda: compile('x =', '', 'exec'), SyntaxError), (lambda: compile('x', '', 'wrong'), ValueError), (lambda: eval('x = 1'), SyntaxError), (lambda: compile('a\0b', '', 'exec'), SyntaxError), (lambda: exec('1', 5), TypeError), (lambda: compile(5, '', 'exec'), TypeError), (lambda: ast.literal_eval('f()'), ValueError), (lambda: eval(''), SyntaxError), (lambda: compile('1', '', 'exec', flags=1 << 30), ValueError)]:
    try:
        bad()
    except kind:
        pass
    else:
        raise AssertionError(kind)

# Recursion of every kind ends in RecursionError and leaves a working interpreter.
import sys
def ends(call):
    try: call()
    except RecursionError as e: return str(e).startswith(('maximum recursion depth exceeded', 'Stack overflow'))
    raise AssertionError('no RecursionError')
def plain(): return plain()
def mutual(n): return other(n + 1)
def other(n): return mutual(n + 1)
class R:
    def __repr__(self): return repr([self])
    def __getattr__(self, n): return getattr(self, n + '_')
    def __eq__(self, o): return self == [o] or [self] == [o]
    def __lt__(self, o): return min(self, o)
    def __hash__(self): return hash((self,))
    def __call__(self): return self()
    def __len__(self): return len(self)
    def __iter__(self): yield from self
    def __add__(self, o): return self + o
    def __bool__(self): return bool(self)
    def __getitem__(self, i): return self[i]
    def __contains__(self, x): return x in self
    def __format__(self, s): return format(self, s)
    def __enter__(self):
        with self: pass
    def __exit__(self, *a): pass
    def __setattr__(self, n, v): setattr(self, n, v)
    def __index__(self): return [0][self]
    def __str__(self): return '%s' % self
r = R()
def with_it():
    with r: pass
for call in (plain, lambda: mutual(0), lambda: repr(r), lambda: r.x, lambda: r == R(), lambda: sorted([r, R()]), lambda: hash(r), r, lambda: len(r), lambda: list(r), lambda: r + 1, lambda: bool(r), lambda: r[0], lambda: 5 in r, lambda: format(r, ''), with_it, lambda: setattr(r, 'x', 1), lambda: [0][r], lambda: str(r), lambda: list(map(lambda x: plain(), [1])), lambda: max([1, 2], key=lambda x: plain()), lambda: [plain() for _ in [1]], lambda: next(g() for g in [plain]), lambda: eval('plain()'), lambda: functools.reduce(lambda a, b: plain(), [1, 2]), lambda: isinstance(5, I), lambda: type('X', (), {'__init__': lambda s: type(s)()})(), lambda: re.sub('a', lambda m: plain(), 'a'), lambda: json.dumps(object(), default=lambda o: o and json_default(o))):
    import functools, re, json
    class Meta(type):
        def __instancecheck__(cls, o): return isinstance(o, cls)
    I = Meta('I', (), {})
    def json_default(o): return json.dumps(o, default=json_default)
    assert ends(call), call
    assert plain and len([1]) == 1
def count(n=0):
    try: return count(n + 1)
    except RecursionError: return n
assert 900 < count() < 1100
class Node:
    def __init__(self, next): self.next = next
n = None
for _ in range(200_000): n = Node(n)
n = None
t = ()
for _ in range(200_000): t = (t,)
t = None
import copy
deep = []
for _ in range(50_000): deep = [deep]
for use in (repr, copy.deepcopy, json.dumps, lambda x: x == copy_of):
    copy_of = []
    for _ in range(50_000): copy_of = [copy_of]
    try: use(deep)
    except (RecursionError, MemoryError): pass
for source in ('(' * 5000 + ')' * 5000, '-' * 50_000 + '1', 'x' + '.y' * 50_000, '1' + '+1' * 50_000, '[' * 150 + ']' * 150, 'not ' * 50_000 + '1', 'lambda: ' * 5000 + '1', 'f(' * 5000 + ')' * 5000, 'x' + '[0]' * 50_000, 'if 1:\n ' * 1 + 'pass'):
    try: compile(source, '', 'exec')
    except (RecursionError, MemoryError, SyntaxError): pass
sys.setrecursionlimit(10_000)
def down(n): return n and down(n - 1)
assert down(9000) == 0

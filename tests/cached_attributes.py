# Attribute, method and global look-ups that change while a loop is hot: caches must notice.
class A:
    x = 1
    def m(self): return 'A.m'
class B(A): pass
def read(o): return o.x, o.m()
o = B(); seen = []
for i in range(100):
    if i == 20: A.x = 2
    if i == 30: B.x = 3
    if i == 40: o.x = 4
    if i == 50: B.m = lambda self: 'B.m'
    if i == 60: o.m = lambda: 'o.m'
    if i == 70: del o.x, o.m
    if i == 80: B.x = property(lambda self: 'property')
    if i == 90: del B.x, B.m
    seen.append(read(o))
assert [seen[i] for i in (0, 20, 30, 40, 50, 60, 70, 80, 90)] == [(1, 'A.m'), (2, 'A.m'), (3, 'A.m'), (4, 'A.m'), (4, 'B.m'), (4, 'o.m'), (3, 'B.m'), ('property', 'B.m'), (2, 'A.m')], seen[::10]
class Fallback:
    def __getattr__(self, n): return 'fallback'
f = Fallback(); out = []
for i in range(60):
    if i == 20: f.z = 'own'
    if i == 40: del f.z
    out.append(f.z)
assert (out[0], out[20], out[40]) == ('fallback', 'own', 'fallback')
mixed = [B(), Fallback(), type('C', (), {'x': 'c', 'm': lambda self: 'C.m'})(), 5 .__class__]
class Int(int): x = 'int'; m = lambda self: 'Int.m'
results = set()
for i in range(200): results.add(str(read([B(), Int(3), type('D', (), {'x': i % 2, 'm': lambda s: 'D'})()][i % 3])))
assert len(results) == 4, results
g = 1
def use(): return g, len('ab')
for i in range(60):
    if i == 20: g = 2
    if i == 30: len = lambda s: 'mine'
    if i == 40: del len
    if i == 50: __builtins__.made = 3
    got = use()
    assert got == (1 if i < 20 else 2, 'mine' if 30 <= i < 40 else 2), (i, got)
del __builtins__.made
import types
mod = types.ModuleType('mod'); mod.v = 0
def modread(): return mod.v
for i in range(50): mod.v = i; assert modread() == i
del mod.v
try: modread()
except AttributeError as e: assert str(e) == "module 'mod' has no attribute 'v'"
class Many: pass
objects = []
for i in range(300):
    m = Many()
    for j in range(i % 7): setattr(m, f'a{(i * j) % 11}', j)
    m.last = i; objects.append(m)
assert sum(m.last for m in objects) == sum(range(300)) and all('last' in m.__dict__ for m in objects)
for m in objects: m.__dict__ = {'last': 1}
assert sum(m.last for m in objects) == 300
class Slots: __slots__ = ('p', 'q')
def slots(s): s.p = 1; return s.p
for i in range(50): slots(Slots())
Slots.p_was = Slots.p; Slots.p = property(lambda s: 'prop', lambda s, v: None); assert slots(Slots()) == 'prop'
class Desc:
    def __get__(s, o, t): return 'desc'
    def __set__(s, o, v): o.__dict__['d'] = v
class Late: pass
l = Late(); l.d = 1
def late(o): return o.d
for i in range(60):
    if i == 30: Late.d = Desc()
    assert late(l) == (1 if i < 30 else 'desc')
class P:
    def __init__(self, v): self.v = v
def total(items): return sum(i.v for i in items)
ps = [P(i) for i in range(100)]; assert total(ps) == 4950; ps[50].extra = 1; del ps[60].v; ps[60].v = 60; assert total(ps) == 4950
P.__getattribute__ = lambda self, n: 1; assert total(ps) == 100
def add(a, b): return a + b
for i in range(300): assert add(*[(1, 2), (1.5, 2), ('a', 'b'), ([1], [2]), (True, 1), (2**70, 1), ((1,), (2,))][i % 7]) == [3, 3.5, 'ab', [1, 2], 2, 2**70 + 1, (1, 2)][i % 7]
def index(c, k): return c[k]
for i in range(300): assert index(*[([1, 2], -1), ((1, 2), 1), ({'k': 2}, 'k'), ('ab', 1), (b'ab', 1), (range(5), 2), ([1, 2], True)][i % 7]) == [2, 2, 2, 'b', 98, 2, 2][i % 7]
def call(f, *a): return f(*a)
for i in range(300): assert call(*[(len, 'ab'), (int, '2'), (lambda x: x, 2), (P.__init__.__class__, P.__init__.__code__, {}), (str.upper, 'b'), (abs, -2), ([2].pop,)][i % 7]) is not None

# Python code that runs in the middle of native operations and changes what they work on.
class Evil:
    def __init__(self, action, value=0): self.action, self.value = action, value
    def __eq__(self, other): self.action(); return False
    def __hash__(self): return 1
    def __lt__(self, other): self.action(); return False
    def __repr__(self): self.action(); return 'evil'
    def __index__(self): self.action(); return self.value
    def __len__(self): self.action(); return 3
    def __str__(self): self.action(); return 's'
    def __del__(self): self.action()
quiet = lambda: None
def del_first(x): del x[0]
def run(f):
    try: return f()
    except (RuntimeError, ValueError, IndexError, KeyError, TypeError) as e: return type(e).__name__
l = []; l[:] = [Evil(l.clear), 1, 2]; run(lambda: l.index(5)); assert l == []
l = []; l[:] = [Evil(l.clear), 1, 2]; run(lambda: l.count(5))
l = []; l[:] = [Evil(l.clear), 1, 2]; run(lambda: l.remove(5))
l = []; l[:] = [Evil(l.clear), 1]; run(lambda: l == [0, 1])
l = []; l[:] = [1, Evil(l.clear), 3]; assert run(lambda: repr(l)).startswith('[1, evil')
l = []; l[:] = [Evil(lambda: l.append(1)) for _ in range(5)]; assert run(l.sort) == 'ValueError'
l = [1, 2, 3]; run(lambda: l.__setitem__(slice(Evil(l.clear), 2), [9])); run(lambda: l.insert(Evil(l.clear, 5), 1)); run(lambda: l * Evil(l.clear, 2))
l = [0] * 5; run(lambda: l.pop(Evil(l.clear, 3))); l = [0] * 5; run(lambda: l[Evil(l.clear, 3)])
l = []; l.extend(Evil(quiet) for _ in range(3)); l[0].action = l.clear; run(lambda: del_first(l))
l = [Evil(quiet), 1, 2]; l[0].action = lambda: l.extend(range(1000)); l[0:1] = []; assert len(l) >= 2
d = {}; d[Evil(d.clear)] = 1; run(lambda: d.get(Evil(quiet))); d = {}; d[Evil(lambda: d.update({i: i for i in range(100)}))] = 1; run(lambda: d.setdefault(Evil(quiet), 2)); assert len(d) >= 1
d = {1: 2}; d['e'] = Evil(d.clear); run(lambda: repr(d)); d = {'a': 0}; e = {'a': Evil(lambda: (d.clear(), e.clear()))}; run(lambda: d == e)
d = {}; d['k'] = Evil(quiet); d['k'].action = d.clear; d['k'] = 5; d.pop('k', None); d = {i: Evil(quiet) for i in range(10)}
for v in d.values(): v.action = lambda: d.update({object(): 1})
d.clear()
s = set(); s.add(Evil(s.clear)); run(lambda: Evil(quiet) in s); s = set(); s.add(Evil(lambda: s.update(range(100)))); run(lambda: s.add(Evil(quiet))); s = {1, 2, 3}; run(lambda: s.update(s.pop() or i for i in range(3))); s = {Evil(quiet)}; run(lambda: s == {Evil(s.clear)}); run(lambda: s & {Evil(s.clear)}); run(lambda: s.difference_update([Evil(s.clear)]))
b = bytearray(b'abcdef'); run(lambda: b.__setitem__(Evil(b.clear, 2), 5)); b = bytearray(b'abc'); run(lambda: b.extend(b.clear() or i for i in range(300))); b = bytearray(b'abc'); run(lambda: b.find(b'c', Evil(b.clear, 0))); run(lambda: b.join([b'x', bytearray(b'y')]))
run(lambda: '%s %s' % (Evil(quiet), Evil(quiet))); run(lambda: 'x'.join(Evil(quiet) for _ in range(2)))
from collections import deque, OrderedDict, defaultdict
q = deque(); q.extend([Evil(q.clear), 1, 2]); run(lambda: 5 in q); q = deque([1, 2, 3])
def rotating():
    for x in q: q.append(x)
assert run(rotating) == 'RuntimeError'
o = OrderedDict(a=1, b=2)
def odd():
    for k in o: o.move_to_end(k); o['new'] = 1
assert run(odd) == 'RuntimeError'
i = iter([1, 2, 3]); l = list(i); gen = (x for x in [1, 2]); assert run(lambda: list(zip(gen, gen))) == [(1, 2)]
class Growing(list):
    def __iter__(self): self.append(1) if len(self) < 50 else None; return super().__iter__()
assert len(list(Growing())) == 1 and sum(Growing([1])) >= 2
l = [3, 1, 2]; assert run(lambda: l.sort(key=lambda x: l.append(x) or x)) == 'ValueError'; l = list(range(5)); out = [l.pop() for _ in l]; assert out == [4, 3, 2]
def f(*args, **kw): args[0].clear(); kw.clear(); return args
l = [1]; assert f(l, **{'a': 1}) == ([],) and l == []
class Arg:
    def __iter__(self): target.clear(); return iter([1, 2])
target = [1, 2, 3]; target[1:] = Arg(); target = [1, 2, 3]; target += Arg(); target = [1, 2]; target.extend(Arg()); assert target == [1, 2]
import functools
@functools.lru_cache(2)
def cached(x): return cached(x - 1) if x > 0 else 0
assert cached(50) == 0
class Swap:
    def __del__(self): globals()['victim'] = 'replaced'
victim = Swap(); victim = 'assigned'; assert victim in ('assigned', 'replaced')
class Switch:
    def __eq__(self, o): self.__class__ = Other; return NotImplemented
    __hash__ = None
class Other: pass
assert (Switch() == Switch()) in (True, False)

# Tuples, ranges, slices.
t = (1, 'a', None)
assert t[0] == 1 and t[-1] is None and t[1:] == ('a', None) and t + (2,) == (1, 'a', None, 2) and t * 2 == (1, 'a', None, 1, 'a', None) and () == tuple([])
assert repr(()) == '()' and repr((1,)) == '(1,)' and repr((1, (2,))) == '(1, (2,))' and t.index('a') == 1 and t.count(1) == 1 and 'a' in t
assert hash((1, 2)) == hash((1, 2)) and hash(()) == hash(tuple()) and (1, 2) < (1, 3) and (1,) < (1, 0) and () < (0,) and tuple('ab') == ('a', 'b')
assert hash((1, 2, 3)) == 529344067295497451 and hash(()) == 5740354900026072187 and t[:] is t and tuple(t) is t
try:
    hash(([],))
except TypeError as error:
    assert str(error) == "unhashable type: 'list'", error
try:
    t[0] = 5
except TypeError as error:
    assert str(error) == "'tuple' object does not support item assignment"
class T(tuple):
    def __new__(cls, *args): return super().__new__(cls, args)
    def __repr__(self): return 'T' + super().__repr__()
assert T(1, 2) == (1, 2) and repr(T(1)) == 'T(1,)' and type(T(1) + (2,)) is tuple and type(T(1)[:]) is tuple
r = range(10)
assert list(range(3)) == [0, 1, 2] and list(range(5, 0, -2)) == [5, 3, 1] and len(range(0, 10, 3)) == 4 and range(10)[-1] == 9 and range(10)[2:8:2] == range(2, 8, 2)
assert 5 in r and 10 not in r and 2.0 in r and 'a' not in r and r.index(3) == 3 and r.count(3) == 1 and range(0) == range(5, 5) and hash(range(3)) == hash(range(0, 3, 1)) and range(0, 3, 2) == range(0, 4, 2)
assert repr(range(1, 5)) == 'range(1, 5)' and repr(range(1, 5, 2)) == 'range(1, 5, 2)' and range(10**20)[10**19] == 10**19 and 10**19 in range(0, 10**20, 5)
assert list(reversed(range(0, 10, 3))) == [9, 6, 3, 0] and (r.start, r.stop, r.step) == (0, 10, 1) and not range(0) and sum(range(101)) == 5050 and list(range(10**20, 10**20 + 2)) == [10**20, 10**20 + 1]
it = iter(range(5)); next(it); assert list(it) == [1, 2, 3, 4] and it.__length_hint__() == 0
total = 0
for i in range(3):
    for j in range(i, -3, -1):
        total += i * j
assert total == sum(i * j for i in range(3) for j in range(i, -3, -1))
for i in range(5):
    i += 10
assert i == 14
for bad in (lambda: range(1, 2, 0), lambda: range(1.5), lambda: range(), lambda: r[10]):
    try:
        bad()
    except (ValueError, TypeError, IndexError):
        pass
    else:
        raise AssertionError
s = slice(1, 10, 2)
assert (s.start, s.stop, s.step) == (1, 10, 2) and s.indices(5) == (1, 5, 2) and slice(None, None, -1).indices(4) == (3, -1, -1) and slice(-3, None).indices(10) == (7, 10, 1) and repr(slice(3)) == 'slice(None, 3, None)'
assert slice(1) == slice(None, 1, None) and slice(1, 2) < slice(1, 3) and hash(slice(1)) == hash(slice(None, 1))
class Grab:
    def __getitem__(self, key): return key
g = Grab()
assert g[1:2] == slice(1, 2) and g[1:2, ..., None] == (slice(1, 2), Ellipsis, None) and g[()] == () and g[1,] == (1,) and g[::] == slice(None) and g[*[1, 2], 3] == (1, 2, 3) and g[a := 5] == 5
class I:
    def __init__(self, n): self.n = n
    def __index__(self): return self.n
assert [1, 2, 3][I(1)] == 2 and 'abc'[I(0):I(2)] == 'ab' and list(range(I(3))) == [0, 1, 2] and [0] * I(2) == [0, 0] and hex(I(255)) == '0xff'
assert [0, 1, 2, 3][-100:100] == [0, 1, 2, 3] and [0, 1, 2, 3][3:0:-1] == [3, 2, 1] and [0, 1, 2][5:] == [] and 'abcdef'[-2::-2] == 'eca'
from collections import namedtuple
P = namedtuple('P', 'x y', defaults=[7])
p = P(1)
assert p == (1, 7) and p.x == 1 and p._replace(y=2) == P(1, 2) and repr(p) == 'P(x=1, y=7)' and p._asdict() == {'x': 1, 'y': 7} and P._fields == ('x', 'y') and P._make([3, 4]).y == 4

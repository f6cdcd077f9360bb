# Assignment in all its forms: chains, unpacking, stars, augmented, walrus, del, swaps, order.
a = b = c = []; assert a is b is c
x, (y, *z), w = 1, 'abc', [4]; assert (x, y, z, w) == (1, 'a', ['b', 'c'], [4])
*a, b = 'xyz'; assert a == ['x', 'y'] and b == 'z'
[*a] = {1: 2}; assert a == [1]
(a), = [5]; assert a == 5
a, b = b, a = 1, 2; assert (a, b) == (2, 1)
a, b, c = c, a, b = 1, 2, 3; assert (a, b, c) == (2, 3, 1)
i = 0; l = [0] * 3; i, l[i] = 2, 9; assert l == [0, 0, 9]
l = [1, 2, 3]; l[0], l[1:] = l[-1], [7, 8]; assert l == [3, 7, 8]
class O: pass
o = O(); o.a, o.b = 1, [2]; o.a += 5; o.b += [3]; assert (o.a, o.b) == (6, [2, 3])
d = {'k': 1}; d['k'] += 1; d['k'] **= 3; d['k'] //= 3; assert d == {'k': 2}
calls = []
def idx(v): calls.append(v); return 0
l = [10]; l[idx('i')] += (calls.append('v') or 5); assert l == [15] and calls == ['i', 'v']
t = ([1],)
try:
    t[0] += [2]
except TypeError as e:
    assert t == ([1, 2],) and str(e) == "'tuple' object does not support item assignment"
for op, expected in [('+=', 13), ('-=', 7), ('*=', 30), ('/=', 10 / 3), ('//=', 3), ('%=', 1), ('**=', 1000), ('<<=', 80), ('>>=', 1), ('&=', 2), ('|=', 11), ('^=', 9)]:
    space = {'n': 10}; exec(f'n {op} 3', space); assert space['n'] == expected, op
if (n := 10) > 5 and (m := n * 2): assert m == 20
while (chunk := l and l.pop()): assert chunk == 15
assert (q := 1, q + 1) == (1, 2) and [r := 3, r][1] == 3 and {(s := 'k'): s} == {'k': 'k'} and (lambda: (u := 4) + u)() == 8
x = 1; del x
try:
    x
except NameError:
    pass
d = {1: 1, 2: 2}; l = [1, 2, 3, 4]; del d[1], l[0], l[1:]; assert d == {2: 2} and l == [2]
o.z = 1; del o.z; assert not hasattr(o, 'z')
del (a, b), [c]
for (i, [j, *k]) in [(1, [2, 3, 4])]: assert (i, j, k) == (1, 2, [3, 4])
for d['key'] in range(3): pass
assert d['key'] == 2
def f(): return 1, *[2, 3], 4
assert f() == (1, 2, 3, 4) and [*range(2), *'ab'] == [0, 1, 'a', 'b'] and {**{'a': 1}, **{'b': 2}} == {'a': 1, 'b': 2} and (*'ab',) == ('a', 'b') and {*[1], *[2]} == {1, 2}
for i in *[1, 2], 3: pass
assert i == 3
def g():
    yield 1, *[2]
    x = yield
    yield x
assert next(g()) == (1, 2)
class Exploding:
    def __setattr__(self, n, v): raise KeyError(n)
    def __iter__(self): yield 1; raise ValueError('mid')
try:
    Exploding().x = 1
except KeyError: pass
try:
    p, q = Exploding()
except ValueError as e: assert str(e) == 'mid'
big = list(range(300)); first, *rest = big; assert len(rest) == 299

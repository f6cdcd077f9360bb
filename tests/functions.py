# Functions: every kind of parameter, defaults, argument errors, attributes.
def f(a, b=2, /, c=3, *args, d, e=5, **kw):
    return a, b, c, args, d, e, kw
assert f(1, d=4) == (1, 2, 3, (), 4, 5, {}) and f(1, 9, 8, 7, 6, d=0, e=1, z=2) == (1, 9, 8, (7, 6), 0, 1, {'z': 2})
assert f(1, d=4, a=10, b=20) == (1, 2, 3, (), 4, 5, {'a': 10, 'b': 20}) and f(*[1, 2], *(3, 4), **{'d': 5}, **{'q': 6}) == (1, 2, 3, (4,), 5, 5, {'q': 6})
def g(a, b): return a
def h(*, k): return k
def p(a, b, /): return b
errors = [
    (lambda: g(), "g() missing 2 required positional arguments: 'a' and 'b'"), (lambda: g(1), "g() missing 1 required positional argument: 'b'"),
    (lambda: g(1, 2, 3), 'g() takes 2 positional arguments but 3 were given'), (lambda: g(1, a=2), "g() got multiple values for argument 'a'"),
    (lambda: g(1, c=2), "g() got an unexpected keyword argument 'c'"), (lambda: h(), "h() missing 1 required keyword-only argument: 'k'"),
    (lambda: h(1), 'h() takes 0 positional arguments but 1 was given'), (lambda: h(1, k=2), 'h() takes 0 positional arguments but 1 positional argument (and 1 keyword-only argument) were given'),
    (lambda: p(1, b=2), "p() got some positional-only arguments passed as keyword arguments: 'b'"), (lambda: f(), "f() missing 1 required positional argument: 'a'"),
    (lambda: g(**{'a': 1}, **{'a': 2}), None), (lambda: g(*5), None), (lambda: g(**5), None), (lambda: g(**{1: 2}), 'keywords must be strings'),
    (lambda: 5(), "'int' object is not callable"), (lambda: len(), 'len() takes exactly one argument (0 given)'), (lambda: len(1), "object of type 'int' has no len()"),
    (lambda: (lambda x: x)(), "<lambda>() missing 1 required positional argument: 'x'"), (lambda: g(1, 2, bb=1), None),
]
for call, text in errors:
    try:
        call()
    except TypeError as error:
        assert text is None or str(error).endswith(text), (str(error), text)
    else:
        raise AssertionError(text)
class C:
    def m(self, x): return x
    @staticmethod
    def s(x): return x
    @classmethod
    def c(cls, x): return cls, x
try:
    C().m()
except TypeError as error:
    assert str(error) == "C.m() missing 1 required positional argument: 'x'"
try:
    C().m(1, 2)
except TypeError as error:
    assert str(error) == 'C.m() takes 2 positional arguments but 3 were given'
assert C.s(1) == 1 and C().s(2) == 2 and C.c(3) == (C, 3) and C().c(4) == (C, 4) and C.m(None, 5) == 5
def mutable(x, acc=[]):
    acc.append(x)
    return acc
assert mutable(1) == [1] and mutable(2) == [1, 2] and mutable.__defaults__ == ([1, 2],)
def doc(a: int, *, b: 'text' = 1) -> list:
    """What it does."""
assert doc.__doc__ == 'What it does.' and doc.__name__ == 'doc' and doc.__qualname__ == 'doc' and doc.__annotations__ == {'a': int, 'b': 'text', 'return': list} and doc.__kwdefaults__ == {'b': 1} and doc.__module__ == '__main__'
doc.extra = 5; assert doc.extra == 5 and doc.__dict__ == {'extra': 5}
g.__defaults__ = (7, 8); assert g() == 7 and g(1) == 1
g.__name__ = 'renamed'; assert g.__name__ == 'renamed'
p.__code__ = (lambda a, b, /: a * 10).__code__; assert p(1, 2) == 10
assert (lambda *a, **k: (a, k))(1, x=2) == ((1,), {'x': 2}) and (lambda: (yield))().__class__.__name__ == 'generator'
def order():
    log = []
    def n(x): log.append(x); return x
    def take(*a, **k): return None
    take(n(1), *[n(2)], n(3), k=n(4), **{'z': n(5)})
    {n(6): n(7)}
    n(8) + n(9) * n(10)
    x = [0] * 20
    x[n(11)] = n(12)
    return log
assert order() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 11], order()
def outer():
    def inner(): return inner.__qualname__
    return inner()
assert outer() == 'outer.<locals>.inner'
import inspect, functools
assert str(inspect.signature(f)) == '(a, b=2, /, c=3, *args, d, e=5, **kw)' and str(inspect.signature(doc)) == "(a: int, *, b: 'text' = 1) -> list"
half = functools.partial(f, 1, d=4); assert half(9) == (1, 9, 3, (), 4, 5, {}) and half.args == (1,) and half.keywords == {'d': 4}
@functools.lru_cache(maxsize=2)
def slow(n): return n * 2
assert [slow(n) for n in (1, 2, 1, 3, 2)] == [2, 4, 2, 6, 4] and slow.cache_info()[:2] == (1, 4)
@functools.singledispatch
def show(x): return 'any'
@show.register
def _(x: int): return 'int'
@show.register(list)
def _(x): return 'list'
assert (show('a'), show(1), show(True), show([])) == ('any', 'int', 'int', 'list')
@functools.wraps(f)
def wrapper(*a): pass
assert wrapper.__name__ == 'f' and wrapper.__wrapped__ is f and functools.reduce(lambda a, b: a * b, [1, 2, 3, 4]) == 24

# Generators: send, throw, close, yield from, return values, finalization, state.
def count(n):
    for i in range(n):
        got = yield i
        if got: yield ('got', got)
g = count(3)
assert next(g) == 0 and g.send('x') == ('got', 'x') and next(g) == 1 and list(g) == [2] and next(g, 'done') == 'done'
def ret():
    yield 1
    return 'value'
r = ret(); next(r)
try:
    next(r)
except StopIteration as stop:
    assert stop.value == 'value' and stop.args == ('value',)
def delegate():
    result = yield from ret()
    yield ('result', result)
    yield from [10, 20]
    yield from (i for i in range(2))
assert list(delegate()) == [1, ('result', 'value'), 10, 20, 0, 1]
log = []
def guarded():
    try:
        while True:
            try:
                log.append((yield len(log)))
            except ValueError as error:
                log.append(str(error))
    finally:
        log.append('closed')
g = guarded(); next(g); g.send('a'); assert g.throw(ValueError('b')) == 2; g.close(); assert log == ['a', 'b', 'closed']
g.close(); assert log[-1] == 'closed' and len(log) == 3
log.clear(); g = guarded(); next(g); del g; assert log == ['closed']
def stubborn():
    try: yield
    except GeneratorExit: yield
s = stubborn(); next(s)
try:
    s.close()
except RuntimeError as error:
    assert str(error) == 'generator ignored GeneratorExit'
def closing():
    try: yield
    except GeneratorExit: return 'at close'
c = closing(); next(c); assert c.close() == 'at close'
for call, kind, text in [(lambda: count(1).send(5), TypeError, "can't send non-None value to a just-started generator"), (lambda: count(1).throw(KeyError('k')), KeyError, "'k'")]:
    try:
        call()
    except kind as error:
        assert str(error) == text
    else:
        raise AssertionError
def leak():
    yield 1
    raise StopIteration('no')
try:
    list(leak())
except RuntimeError as error:
    assert str(error) == 'generator raised StopIteration' and isinstance(error.__cause__, StopIteration)
def itself():
    yield next(me)
me = itself()
try:
    next(me)
except ValueError as error:
    assert str(error) == 'generator already executing'
def inner():
    try:
        yield 1
    except KeyError:
        yield 'caught inside'
    return 'r'
def outer():
    value = yield from inner()
    yield value
o = outer(); next(o); assert o.throw(KeyError) == 'caught inside' and next(o) == 'r'
class It:
    def __iter__(self): return self
    def __next__(self): return 5
    def send(self, v): return ('sent', v)
    def close(self): log.append('It closed')
def via(): yield from It()
v = via(); assert next(v) == 5 and v.send(3) == ('sent', 3); v.close(); assert log[-1] == 'It closed'
gen = (x * y for x in range(3) for y in range(x))
assert gen.gi_running is False and list(gen) == [0, 0, 2] and type(gen).__name__ == 'generator' and gen.gi_frame is None and count.__code__.co_flags & 0x20
g = count(2); assert g.gi_frame is not None and g.__name__ == 'count' and g.__qualname__ == 'count' and repr(g).startswith('<generator object count at 0x') and g.gi_yieldfrom is None
assert sum(x for x in range(101)) == 5050 and dict((i, i) for i in 'ab') == {'a': 'a', 'b': 'b'} and max((len(w) for w in ['a', 'bb']), default=0) == 2 and ''.join(c for c in 'abc' if c != 'b') == 'ac'
def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
from itertools import islice, chain, takewhile
assert list(islice(fib(), 10)) == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
def walk(tree):
    if tree:
        yield from walk(tree[0]); yield tree[1]; yield from walk(tree[2])
assert list(walk(((None, 1, None), 2, ((None, 3, None), 4, None)))) == [1, 2, 3, 4]
def deep(n):
    if n: yield from deep(n - 1)
    yield n
assert list(deep(150)) == list(range(151))
def context():
    try:
        raise ValueError('outer')
    except ValueError:
        yield 1
        try:
            raise KeyError('inner')
        except KeyError as e:
            yield type(e.__context__).__name__
import sys
c = context(); next(c); assert sys.exception() is None and next(c) == 'ValueError'
def args(*a, **k): yield a, k
assert next(args(1, x=2)) == ((1,), {'x': 2})
def in_with():
    class M:
        def __enter__(self): log.append('in'); return self
        def __exit__(self, *e): log.append(e[0] and e[0].__name__)
    with M():
        yield
w = in_with(); next(w); w.close(); assert log[-2:] == ['in', 'GeneratorExit']
lazy = (1 // x for x in [1, 0]); assert next(lazy) == 1
try:
    next(lazy)
except ZeroDivisionError:
    assert list(lazy) == []
try:
    (i for i in 5)
except TypeError as error:
    assert str(error) == "'int' object is not iterable"

def thrown_into():
    x = 'old'
    while True:
        try:
            x = yield x
        except ValueError:
            pass
t = thrown_into()
assert [next(t), t.send('a'), t.throw(ValueError), t.throw(ValueError()), t.send('b'), t.throw(ValueError)] == \
    ['old', 'a', 'a', 'a', 'b', 'b'], 'what is thrown leaves the target of the yield alone'
class Turn:
    def __await__(self):
        return (yield 1)
async def awaiting():
    y = 'old'
    try:
        y = await Turn()
    except OSError:
        return y
a = awaiting(); a.send(None)
try:
    a.throw(OSError)
except StopIteration as stop:
    assert stop.value == 'old'
def delegating():
    z = 'old'
    try:
        z = yield from (i for i in (1, 2))
    except KeyError:
        yield z
d = delegating(); next(d); assert d.throw(KeyError) == 'old'

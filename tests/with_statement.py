# with: protocol, order, suppression, several managers, contextlib.
from contextlib import contextmanager, ExitStack, suppress, redirect_stdout, closing, nullcontext, AbstractContextManager, chdir
import io
log = []
class M:
    def __init__(self, name, swallow=False): self.name, self.swallow = name, swallow
    def __enter__(self): log.append(f'+{self.name}'); return self.name
    def __exit__(self, kind, value, tb): log.append(f'-{self.name}:{kind.__name__ if kind else None}'); return self.swallow
with M('a') as a, M('b') as b:
    log.append(a + b)
assert log == ['+a', '+b', 'ab', '-b:None', '-a:None']; log.clear()
with (M('a') as x, M('b', True)):
    1 / 0
assert log == ['+a', '+b', '-b:ZeroDivisionError', '-a:None']; log.clear()
def leave():
    for i in range(3):
        with M(str(i)):
            if i == 0: continue
            if i == 1: return 'out'
assert leave() == 'out' and log == ['+0', '-0:None', '+1', '-1:None']; log.clear()
class Fails:
    def __enter__(self): raise KeyError('enter')
    def __exit__(self, *a): log.append('never')
try:
    with M('o'), Fails(): pass
except KeyError:
    assert log == ['+o', '-o:KeyError']; log.clear()
class ExitFails:
    def __enter__(self): pass
    def __exit__(self, *a): raise IndexError('exit')
try:
    with ExitFails(): raise ValueError('body')
except IndexError as e:
    assert isinstance(e.__context__, ValueError)
with M('t') as (p): assert p == 't'
class Pair:
    def __enter__(self): return 1, [2, 3]
    def __exit__(self, *a): pass
d = {}
with Pair() as (one, [two, d['three']]): assert (one, two, d) == (1, 2, {'three': 3})
for call, text in [(lambda: exec('with 5: pass'), "'int' object does not support the context manager protocol (missed __exit__ method)"), (lambda: exec('async def f():\n async with 5: pass\nf().send(None)'), "'int' object does not support the asynchronous context manager protocol (missed __aexit__ method)")]:
    try:
        call()
    except TypeError as e:
        assert str(e) == text, e
    else:
        raise AssertionError
log.clear()
@contextmanager
def managed(n):
    log.append('setup')
    try:
        yield n * 2
    except ValueError as e:
        log.append(f'handled {e}')
    finally:
        log.append('teardown')
with managed(4) as v: assert v == 8
with managed(1): raise ValueError('v')
assert log == ['setup', 'teardown', 'setup', 'handled v', 'teardown']
try:
    with managed(1): raise KeyError('k')
except KeyError as e:
    assert e.args == ('k',)
@managed(1)
def decorated(): return 'r'
assert decorated() == 'r'
@contextmanager
def wrong(): yield 1; yield 2
try:
    with wrong(): pass
except RuntimeError as e:
    assert str(e) == "generator didn't stop"
with ExitStack() as stack:
    log.clear()
    for n in 'xyz': stack.enter_context(M(n))
    stack.callback(log.append, 'callback')
assert log == ['+x', '+y', '+z', 'callback', '-z:None', '-y:None', '-x:None']
with suppress(KeyError, ValueError): raise KeyError
out = io.StringIO()
with redirect_stdout(out): print('captured')
assert out.getvalue() == 'captured\n'
class Closes:
    closed = False
    def close(self): self.closed = True
with closing(Closes()) as c: assert not c.closed
assert c.closed
with nullcontext(5) as n: assert n == 5
import threading, tempfile, os
with threading.Lock() as got: assert got is True
with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, 'f'), 'w') as f: f.write('x')
    assert f.closed and os.listdir(folder) == ['f']
    with chdir(folder): assert os.listdir('.') == ['f']
assert not os.path.exists(folder)

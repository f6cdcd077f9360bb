# Decorators: order, arguments, classes, arbitrary expressions, state.
log = []
def tag(name):
    log.append(f'make {name}')
    def wrap(f):
        log.append(f'apply {name}')
        return lambda *a: (name, f(*a))
    return wrap
@tag('outer')
@tag('inner')
def f(x): return x
assert log == ['make outer', 'make inner', 'apply inner', 'apply outer'] and f(1) == ('outer', ('inner', 1))
class Count:
    def __init__(self, f): self.f, self.n = f, 0
    def __call__(self, *a): self.n += 1; return self.f(*a)
    def __get__(self, obj, kind): return lambda *a: self(obj, *a)
@Count
def g(): return 'g'
g(); g(); assert g.n == 2
class K:
    @Count
    def m(self, x): return x * 2
    @staticmethod
    @tag('static')
    def s(x): return x
    @(lambda f: property(f))
    def p(self): return 'p'
k = K(); assert k.m(4) == 8 and K.__dict__['m'].n == 1 and K.s(1) == ('static', 1) and k.p == 'p'
table = {'d': [tag('deep')]}
@table['d'][0]
def h(): return 0
assert h() == ('deep', 0)
def register(registry):
    def add(cls): registry[cls.__name__] = cls; return cls
    return add
registry = {}
@register(registry)
class Plugin: pass
assert registry == {'Plugin': Plugin}
@lambda f: 5
def five(): pass
assert five == 5
import functools
def retry(times):
    def decorate(f):
        @functools.wraps(f)
        def wrapper(*args, **kwargs):
            for attempt in range(times):
                try:
                    return f(*args, **kwargs)
                except ValueError:
                    if attempt == times - 1: raise
        return wrapper
    return decorate
tries = []
@retry(3)
def flaky():
    """Doc."""
    tries.append(1)
    if len(tries) < 3: raise ValueError
    return len(tries)
assert flaky() == 3 and flaky.__name__ == 'flaky' and flaky.__doc__ == 'Doc.'
@functools.total_ordering
class Ord:
    def __init__(self, v): self.v = v
    def __eq__(self, o): return self.v == o.v
    def __lt__(self, o): return self.v < o.v
assert Ord(1) <= Ord(1) < Ord(2) >= Ord(2) and not Ord(1) > Ord(1)

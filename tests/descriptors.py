# Descriptors: property, own ones, precedence, __set_name__, methods as descriptors.
class P:
    def __init__(self): self._x = 1
    @property
    def x(self):
        """The x."""
        return self._x
    @x.setter
    def x(self, value): self._x = value * 2
    @x.deleter
    def x(self): self._x = None
    read = property(lambda self: 7)
p = P()
p.x = 5; assert p.x == 10; del p.x; assert p.x is None and P.x.__doc__ == 'The x.' and P.x.fget(p) is None and isinstance(P.x, property)
for call, text in [(lambda: setattr(p, 'read', 1), "property 'read' of 'P' object has no setter"), (lambda: delattr(p, 'read'), "property 'read' of 'P' object has no deleter")]:
    try:
        call()
    except AttributeError as error:
        assert str(error) == text, error
class Data:
    def __set_name__(self, owner, name): self.name, self.owner = name, owner
    def __get__(self, obj, kind=None): return self if obj is None else ('get', obj.__dict__.get(self.name), kind)
    def __set__(self, obj, value): obj.__dict__[self.name] = value
class NonData:
    def __get__(self, obj, kind=None): return 'nondata'
class D:
    a = Data()
    b = NonData()
    c = 3
d = D(); d.a = 1
assert d.a == ('get', 1, D) and D.a.name == 'a' and D.a.owner is D and d.b == 'nondata'
d.__dict__['a'] = 9; assert d.a == ('get', 9, D)
d.b = 'own'; assert d.b == 'own' and D.b == 'nondata'
class OnlySet:
    def __set__(self, obj, value): obj.__dict__['q'] = value + 1
class Q: q = OnlySet()
q = Q(); assert isinstance(q.q, OnlySet); q.q = 1; assert q.q == 2
try:
    del d.a
except AttributeError as error:
    assert str(error) == '__delete__'
class Boom:
    def __get__(self, obj, kind): raise AttributeError('boom')
class G:
    boom = Boom()
    def __getattr__(self, name): return 'fallback ' + name
assert G().boom == 'fallback boom' and getattr(type('H', (), {'boom': Boom()})(), 'boom', 'default') == 'default'
def function(self, x): return self, x
class F: method = function
f = F(); bound = f.method
assert bound.__self__ is f and bound.__func__ is function and bound(1) == (f, 1) and F.method is function and function.__get__(f)(2) == (f, 2) and f.method == f.method and f.method is not f.method and hash(f.method) == hash(f.method)
assert repr(bound).startswith('<bound method function of <__main__.F object at 0x') and bound.__name__ == 'function'
class M(type):
    @property
    def meta(cls): return cls.__name__
    def __getattr__(cls, name): return f'meta {name}'
class WithMeta(metaclass=M):
    s = staticmethod(lambda: 1)
    c = classmethod(lambda cls: cls)
assert WithMeta.meta == 'WithMeta' and WithMeta.nope == 'meta nope' and WithMeta.s() == 1 and WithMeta().c() is WithMeta
try:
    WithMeta().meta
except AttributeError:
    pass
else:
    raise AssertionError
class Lazy:
    def __init__(self, f): self.f = f
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, obj, kind):
        value = obj.__dict__[self.name] = self.f(obj)
        return value
class Uses:
    count = 0
    @Lazy
    def value(self): Uses.count += 1; return 5
u = Uses(); assert (u.value, u.value, Uses.count) == (5, 5, 1)
from functools import cached_property, partialmethod
class C:
    n = 0
    @cached_property
    def v(self): C.n += 1; return C.n
    def set(self, a, b): return a, b
    set1 = partialmethod(set, 1)
c = C(); assert c.v == c.v == 1 and c.set1(2) == (1, 2); del c.v; assert c.v == 2
try:
    class Bad:
        def __init_subclass__(cls): pass
        x = type('S', (), {'__set_name__': lambda self, o, n: 1 / 0})()
except ZeroDivisionError as error:
    assert error.__notes__ == ["Error calling __set_name__ on 'S' instance 'x' in 'Bad'"]
assert [].append.__self__ == [] and list.append([], 1) is None and 'abc'.upper.__name__ == 'upper' and str.upper('a') == 'A' and int.__add__(1, 2) == 3 and type(list.append).__name__ == 'method_descriptor' and type([].append).__name__ == 'builtin_function_or_method' and type(int.__add__).__name__ == 'wrapper_descriptor' and type((1).__add__).__name__ == 'method-wrapper'
try:
    list.append('a', 1)
except TypeError as error:
    assert str(error) == "descriptor 'append' for 'list' objects doesn't apply to a 'str' object"
assert int.real.__get__(5) == 5 and type(int.real).__name__ == 'getset_descriptor' and dict.fromkeys('a') == {'a': None} and {}.fromkeys('b', 1) == {'b': 1}

# Metaclasses: __new__, __prepare__, __call__, conflicts, __init_subclass__, __class_getitem__, __instancecheck__, ABCs.
log = []
class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **kw):
        log.append(('prepare', name, kw)); return {'injected': 1}
    def __new__(mcs, name, bases, ns, **kw):
        log.append(('new', name, sorted(k for k in ns if not k.startswith('__')))); return super().__new__(mcs, name, bases, ns)
    def __init__(cls, name, bases, ns, **kw):
        log.append(('init', name)); super().__init__(name, bases, ns)
    def __call__(cls, *args):
        log.append(('call', args)); return super().__call__(*args)
    def __len__(cls): return 42
    def __iter__(cls): return iter('xyz')
    def __contains__(cls, x): return x == 1
    def __getitem__(cls, k): return k * 2
    def __add__(cls, other): return 'added'
class A(metaclass=Meta, flag=True):
    x = 1
    def __init__(self, v=0): self.v = v
assert log == [('prepare', 'A', {'flag': True}), ('new', 'A', ['injected', 'x']), ('init', 'A')], log
assert A(5).v == 5 and log[-1] == ('call', (5,)) and A.injected == 1 and len(A) == 42 and list(A) == ['x', 'y', 'z'] and 1 in A and A[4] == 8 and A + 1 == 'added' and type(A) is Meta
class B(A): pass
assert type(B) is Meta and log[-1] == ('init', 'B')
class Other(type): pass
try:
    class C(A, metaclass=Other): pass
except TypeError as error:
    assert str(error) == 'metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases'
class Registered:
    known = {}
    def __init_subclass__(cls, /, tag=None, **kw):
        super().__init_subclass__(**kw); Registered.known[cls.__name__] = tag
class R1(Registered, tag='one'): pass
class R2(R1): pass
assert Registered.known == {'R1': 'one', 'R2': None}
try:
    class R3(Registered, wrong=1): pass
except TypeError as error:
    assert str(error) == 'R3.__init_subclass__() takes no keyword arguments', error
class G:
    def __class_getitem__(cls, item): return cls.__name__, item
assert G[int] == ('G', int) and G[1, 2] == ('G', (1, 2))
class Even(type):
    def __instancecheck__(cls, obj): return obj % 2 == 0
    def __subclasscheck__(cls, sub): return sub is int
class E(metaclass=Even): pass
assert isinstance(4, E) and not isinstance(3, E) and issubclass(int, E) and not issubclass(str, E)
def factory(name, bases, ns): return (name, bases, sorted(k for k in ns if k[0] != '_'))
class NotAClass(metaclass=factory): y = 1
assert NotAClass == ('NotAClass', (), ['y'])
class Entry:
    def __mro_entries__(self, bases): return (list,)
class FromEntry(Entry()): pass
assert FromEntry.__bases__ == (list,) and isinstance(FromEntry.__orig_bases__[0], Entry)
import abc
class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
    @property
    @abc.abstractmethod
    def name(self): ...
try:
    Shape()
except TypeError as error:
    assert str(error) == "Can't instantiate abstract class Shape without an implementation for abstract methods 'area', 'name'"
class Square(Shape):
    name = 'square'
    def area(self): return 4
assert Square().area() == 4 and Shape.__abstractmethods__ == {'area', 'name'}
@Shape.register
class Foreign: pass
assert issubclass(Foreign, Shape) and isinstance(Foreign(), Shape)
class Hooked(abc.ABC):
    @classmethod
    def __subclasshook__(cls, c): return hasattr(c, 'quack') or NotImplemented
class Duck:
    def quack(self): pass
assert issubclass(Duck, Hooked) and not issubclass(int, Hooked)
from collections.abc import Sized, Iterable, Mapping, Callable, Hashable, Sequence, MutableSequence
assert isinstance([], Sized) and isinstance({}, Mapping) and isinstance(len, Callable) and not isinstance([], Hashable) and issubclass(list, MutableSequence) and isinstance('', Sequence)
class Cls:
    def method(self): return __class__
assert Cls().method() is Cls
class Singleton(type):
    instances = {}
    def __call__(cls, *a):
        if cls not in cls.instances: cls.instances[cls] = super().__call__(*a)
        return cls.instances[cls]
class One(metaclass=Singleton): pass
assert One() is One()
X = type('X', (), {}); X.f = lambda self: 1; assert X().f() == 1 and type.__call__(X).__class__ is X and type(type) is type and isinstance(type, object) and isinstance(object, type) and type.__mro__ == (type, object)
try:
    type('a', (), {}, 1, 2)
except TypeError as error:
    assert str(error) == 'type() takes 1 or 3 arguments'
class Base:
    def f(self): return 'base'
class Sub(Base): pass
class NewBase:
    def f(self): return 'new'
s = Sub()
class Mid(Base): pass
Sub.__bases__ = (Mid,); assert s.f() == 'base' and Sub.__mro__ == (Sub, Mid, Base, object)
Mid.f = lambda self: 'mid'; assert s.f() == 'mid'; del Mid.f; assert s.f() == 'base'

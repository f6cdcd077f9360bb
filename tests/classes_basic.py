# Classes: construction, attributes, inheritance, super, MRO, __slots__, errors.
class A:
    kind = 'a'
    def __init__(self, x): self.x = x
    def who(self): return 'A' + self.kind
    def __repr__(self): return f'{type(self).__name__}({self.x})'
class B(A):
    kind = 'b'
    def __init__(self, x, y):
        super().__init__(x)
        self.y = y
    def who(self): return 'B' + super().who()
b = B(1, 2)
assert b.who() == 'BAb' and (b.x, b.y) == (1, 2) and repr(b) == 'B(1)' and isinstance(b, A) and issubclass(B, (int, A)) and B.__mro__ == (B, A, object) and B.__bases__ == (A,) and b.__class__ is B
assert b.__dict__ == {'x': 1, 'y': 2} and vars(b) is b.__dict__ and hasattr(b, 'x') and not hasattr(b, 'z') and getattr(b, 'z', 5) == 5
setattr(b, 'z', 3); assert b.z == 3; del b.z; delattr(b, 'y'); assert not hasattr(b, 'y')
b.kind = 'own'; assert b.who() == 'BAown' and B.kind == 'b'
b.__dict__['via'] = 1; assert b.via == 1; b.__dict__ = {'n': 1}; assert b.n == 1 and not hasattr(b, 'x')
A.added = lambda self: 'added'; assert b.added() == 'added'; del A.added
for call, text in [(lambda: b.nope, "'B' object has no attribute 'nope'"), (lambda: B.nope, "type object 'B' has no attribute 'nope'"), (lambda: delattr(b, 'nope'), "'B' object has no attribute 'nope'"), (lambda: (5).x, "'int' object has no attribute 'x'"), (lambda: setattr(5, 'x', 1), "'int' object has no attribute 'x' and no __dict__ for setting new attributes"), (lambda: setattr(object(), 'x', 1), "'object' object has no attribute 'x' and no __dict__ for setting new attributes")]:
    try:
        call()
    except AttributeError as error:
        assert str(error) == text, error
    else:
        raise AssertionError(text)
for call, text in [(lambda: setattr(int, 'x', 1), "cannot set 'x' attribute of immutable type 'int'"), (lambda: A(), "A.__init__() missing 1 required positional argument: 'x'"), (lambda: object(1), 'object() takes no arguments'), (lambda: type('X', (bool,), {}), "type 'bool' is not an acceptable base type")]:
    try:
        call()
    except TypeError as error:
        assert str(error) == text, error
    else:
        raise AssertionError(text)
class O: pass
class D1(O): pass
class D2(O): pass
class Diamond(D1, D2): pass
assert Diamond.__mro__ == (Diamond, D1, D2, O, object)
try:
    class Broken(O, D1): pass
except TypeError as error:
    assert str(error).startswith('Cannot create a consistent method resolution order (MRO) for bases O, D1')
class Base:
    def m(self): return ['base']
class L(Base):
    def m(self): return ['l'] + super().m()
class R(Base):
    def m(self): return ['r'] + super().m()
class LR(L, R):
    def m(self): return ['lr'] + super().m()
assert LR().m() == ['lr', 'l', 'r', 'base'] and super(L, LR()).m() == ['r', 'base'] and super(L, LR).m(LR()) == ['r', 'base']
class S:
    __slots__ = ('a', 'b')
s = S(); s.a = 1
assert s.a == 1 and not hasattr(s, 'b') and not hasattr(s, '__dict__') and S.__slots__ == ('a', 'b')
try:
    s.c = 1
except AttributeError as error:
    assert str(error) == "'S' object has no attribute 'c' and no __dict__ for setting new attributes"
class S2(S):
    __slots__ = ('c', '__dict__')
s2 = S2(); s2.a, s2.c, s2.d = 1, 2, 3; assert s2.__dict__ == {'d': 3}
class N:
    def __new__(cls, *args):
        if args == ('none',): return None
        self = super().__new__(cls); self.args = args; return self
    def __init__(self, *args): self.inited = True
assert N(1).args == (1,) and N(1).inited and N('none') is None
class P:
    __private = 1
    def get(self): return self.__private
    def __hidden(self): return 2
    def both(self): return self.__hidden()
assert P().get() == 1 and P._P__private == 1 and P().both() == 2 and not hasattr(P, '__private')
T = type('T', (A,), {'kind': 't', 'f': lambda self: 7}); assert T(1).who() == 'At' and T(1).f() == 7 and T.__name__ == 'T' and type(T) is type
b.__class__ = A; assert type(b) is A and repr(B) == "<class '__main__.B'>" and B.__qualname__ == 'B' and B.__module__ == '__main__' and A.__subclasses__() == [B, T]
try:
    b.__class__ = int
except TypeError:
    pass
class Doc:
    """Text."""
    class Inner: pass
    attribute: int = 3
assert Doc.__doc__ == 'Text.' and Doc.Inner.__qualname__ == 'Doc.Inner' and Doc.__annotations__ == {'attribute': int} and Doc.__firstlineno__ > 0
def decorate(cls): cls.tag = 'x'; return cls
@decorate
class Tagged: pass
assert Tagged.tag == 'x'
class Int(int):
    def __add__(self, other): return Int(int(self) + other)
assert type(Int(1) + 2) is Int and Int(5) == 5 and hash(Int(5)) == hash(5) and type(Int(1) * 2) is int and {Int(1): 'a'}[1] == 'a'
class Str(str):
    def shout(self): return self.upper() + '!'
st = Str('a'); st.note = 1; assert st.shout() == 'A!' and st == 'a' and st.note == 1 and type(st + 'b') is str
class Lst(list):
    def __getitem__(self, i): return super().__getitem__(i) * 2
assert Lst([1, 2])[1] == 4 and list(Lst([1, 2])) == [1, 2] and len(Lst('ab')) == 2


class Line(str):
    __slots__ = ("marked",)


line = Line("text")
line.marked = True
assert line == "text" and line.marked and not hasattr(line, "__dict__")
for sized in (int, tuple, bytes, type):
    try:
        type("Sized", (sized,), {"__slots__": ("extra",)})
        raise AssertionError(sized)
    except TypeError as error:
        assert str(error) == f"nonempty __slots__ not supported for subtype of '{sized.__name__}'", error

# Operator methods: arithmetic, reflected, in place, comparison, containers, calls.
class V:
    def __init__(self, v): self.v = v
    def __repr__(self): return f'V({self.v})'
    def __eq__(self, o): return self.v == o.v if isinstance(o, V) else NotImplemented
    def __hash__(self): return hash(self.v)
for name in ('add', 'sub', 'mul', 'truediv', 'floordiv', 'mod', 'pow', 'matmul', 'and', 'or', 'xor', 'lshift', 'rshift', 'divmod'):
    setattr(V, f'__{name}__', lambda s, o, n=name: (n, s.v, o if not isinstance(o, V) else o.v))
    setattr(V, f'__r{name}__', lambda s, o, n=name: ('r' + n, s.v, o))
a, b = V(1), V(2)
assert a + b == ('add', 1, 2) and 5 + a == ('radd', 1, 5) and a - 3 == ('sub', 1, 3) and [1] * a == ('rmul', 1, [1]) and a @ b == ('matmul', 1, 2) and 2 ** a == ('rpow', 1, 2) and divmod(7, a) == ('rdivmod', 1, 7)
assert a % 'x' == ('mod', 1, 'x') and a // 1.5 == ('floordiv', 1, 1.5) and None | a == ('ror', 1, None) and a << 2 == ('lshift', 1, 2) and a / b == ('truediv', 1, 2) and a ^ b == ('xor', 1, 2)
class Acc:
    def __init__(self): self.log = []
    def __iadd__(self, o): self.log.append(o); return self
    def __imul__(self, o): return NotImplemented
    def __mul__(self, o): return 'mul'
    def __neg__(self): return 'neg'
    def __pos__(self): return 'pos'
    def __invert__(self): return 'inv'
    def __abs__(self): return 'abs'
    def __round__(self, n=None): return ('round', n)
    def __int__(self): return 42
    def __float__(self): return 4.5
    def __complex__(self): return 1j
    def __index__(self): return 3
acc = same = Acc()
acc += 1; acc += 2
assert acc is same and acc.log == [1, 2] and (-acc, +acc, ~acc, abs(acc), round(acc), round(acc, 2)) == ('neg', 'pos', 'inv', 'abs', ('round', None), ('round', 2)) and int(acc) == 42 and float(acc) == 4.5 and complex(acc) == 1j and [0, 1, 2, 3][acc] == 3
acc *= 5; assert acc == 'mul'
class Left:
    def __add__(self, o): return 'left'
    def __eq__(self, o): return 'left eq'
class Right(Left):
    def __radd__(self, o): return 'right'
    def __eq__(self, o): return 'right eq'
assert Left() + Right() == 'right' and Right() + Left() == 'left' and (Left() == Right()) == 'right eq' and (Left() != Left()) is False
class Shy:
    def __add__(self, o): return NotImplemented
    __radd__ = __add__
for call, text in [(lambda: Shy() + 1, "unsupported operand type(s) for +: 'Shy' and 'int'"), (lambda: 1 + Shy(), "unsupported operand type(s) for +: 'int' and 'Shy'"), (lambda: -Shy(), "bad operand type for unary -: 'Shy'"), (lambda: Shy() < Shy(), "'<' not supported between instances of 'Shy' and 'Shy'"), (lambda: Shy()[0], "'Shy' object is not subscriptable"), (lambda: Shy()(), "'Shy' object is not callable"), (lambda: iter(Shy()), "'Shy' object is not iterable"), (lambda: 1 in Shy(), "argument of type 'Shy' is not a container or iterable"), (lambda: len(Shy()), "object of type 'Shy' has no len()"), (lambda: Shy().__enter__, None), (lambda: [][Shy()], 'list indices must be integers or slices, not Shy'), (lambda: abs(Shy()), "bad operand type for abs(): 'Shy'"), (lambda: int(Shy()), "int() argument must be a string, a bytes-like object or a real number, not 'Shy'"), (lambda: 2 ** Shy(), "unsupported operand type(s) for ** or pow(): 'int' and 'Shy'")]:
    try:
        call()
    except (TypeError, AttributeError) as error:
        assert text is None or str(error) == text, str(error)
    else:
        raise AssertionError(text)
def augmented():
    x = Shy()
    x += 1
try:
    augmented()
except TypeError as error:
    assert str(error) == "unsupported operand type(s) for +=: 'Shy' and 'int'"
class Box:
    def __init__(self): self.d = {}
    def __getitem__(self, k): return self.d[k]
    def __setitem__(self, k, v): self.d[k] = v
    def __delitem__(self, k): del self.d[k]
    def __contains__(self, k): return k == 'magic' or k in self.d
    def __len__(self): return len(self.d)
    def __iter__(self): return iter(sorted(self.d))
    def __reversed__(self): return 'backwards'
    def __call__(self, *a, **k): return a, k
    def __bool__(self): return True
box = Box(); box['b'] = 1; box['a'] = 2
del box['b']
assert box['a'] == 2 and 'magic' in box and 'b' not in box and len(box) == 1 and list(box) == ['a'] and reversed(box) == 'backwards' and box(1, x=2) == ((1,), {'x': 2}) and box
class Old:
    def __getitem__(self, i):
        if i >= 3: raise IndexError
        return i * 10
assert list(Old()) == [0, 10, 20] and 20 in Old() and 15 not in Old()
class Cmp:
    def __init__(self, v): self.v = v
    def __lt__(self, o): return self.v < o.v
    def __le__(self, o): return self.v <= o.v
assert Cmp(1) < Cmp(2) and Cmp(2) > Cmp(1) and Cmp(1) >= Cmp(1) and max([Cmp(1), Cmp(3), Cmp(2)]).v == 3 and sorted([Cmp(2), Cmp(1)])[0].v == 1 and Cmp(1) != Cmp(1)
class Eq:
    def __eq__(self, o): return True
assert Eq() == 5 and not (Eq() != 5) and Eq.__hash__ is None and 5 in [Eq()]
class Hash:
    def __hash__(self): return 2**70
assert hash(Hash()) == hash(2**70)
class Get:
    def __getattr__(self, n):
        if n.startswith('x'): return n
        raise AttributeError(n)
    def __setattr__(self, n, v): object.__setattr__(self, n, ('set', v))
    def __delattr__(self, n): object.__setattr__(self, 'deleted', n)
    def __dir__(self): return ['b', 'a']
g = Get(); g.a = 1; del g.whatever
assert g.xyz == 'xyz' and g.a == ('set', 1) and g.deleted == ('set', 'whatever')[1] and dir(g) == ['a', 'b'] and not hasattr(g, 'q')
class All:
    def __getattribute__(self, n): return 'all ' + n
assert All().anything == 'all anything' and All().__class__ == 'all __class__'
class Bad:
    def __repr__(self): return 5
    def __len__(self): return 'x'
    def __hash__(self): return 'x'
    def __iter__(self): return 5
    def __index__(self): return 'x'
for call, text in [(lambda: repr(Bad()), '__repr__ returned non-string (type int)'), (lambda: len(Bad()), "'str' object cannot be interpreted as an integer"), (lambda: hash(Bad()), '__hash__ method should return an integer'), (lambda: iter(Bad()), "iter() returned non-iterator of type 'int'"), (lambda: [1][Bad()], '__index__ returned non-int (type str)')]:
    try:
        call()
    except TypeError as error:
        assert str(error) == text, error

# dataclasses and enum.
from dataclasses import dataclass, field, fields, asdict, astuple, replace, FrozenInstanceError, KW_ONLY, InitVar, make_dataclass
from enum import Enum, IntEnum, Flag, IntFlag, auto, unique, StrEnum, nonmember
@dataclass
class A:
    x: int
    y: list = field(default_factory=list)
    _: KW_ONLY
    z: str = 'z'
    seed: InitVar[int] = 0
    total: int = field(init=False, compare=False, repr=False)
    def __post_init__(self, seed): self.total = self.x + seed
a = A(1, [2], z='q', seed=10); assert repr(a) == "A(x=1, y=[2], z='q')" and a.total == 11 and a == A(1, [2], z='q') and a != A(2) and asdict(a) == {'x': 1, 'y': [2], 'z': 'q', 'total': 11} and A(1).y is not A(1).y and A.__match_args__ == ('x', 'y') and A.__hash__ is None
@dataclass(frozen=True, order=True, slots=True)
class P: x: int; y: int = 0
p = P(1, 2); assert p < P(1, 3) and hash(p) == hash(P(1, 2)) and not hasattr(p, '__dict__') and replace(p, y=9) == P(1, 9) and astuple(p) == (1, 2) and {P(1): 1}[P(1, 0)] == 1
try:
    p.x = 5
except FrozenInstanceError as e:
    assert str(e) == "cannot assign to field 'x'"
@dataclass
class Sub(A): w: int = 7
assert [f.name for f in fields(Sub)] == ['x', 'y', 'z', 'total', 'w'] and Sub(1, [], 5).w == 5 and make_dataclass('M', [('a', int), ('b', int, 2)])(1).b == 2
for source, text in [('@dataclass\nclass B:\n x: int = 1\n y: int', "non-default argument 'y' follows default argument 'x'"), ('@dataclass\nclass B:\n x: list = []', "mutable default <class 'list'> for field x is not allowed: use default_factory")]:
    try:
        exec(source)
    except (TypeError, ValueError) as e:
        assert str(e) == text, e
    else:
        raise AssertionError
class Color(Enum):
    RED = 1; GREEN = 2; CRIMSON = 1
    @property
    def nice(self): return self.name.title()
    @classmethod
    def best(cls): return cls.GREEN
assert Color.RED is Color(1) is Color['RED'] is Color.CRIMSON and list(Color) == [Color.RED, Color.GREEN] and Color.RED.nice == 'Red' and repr(Color.RED) == '<Color.RED: 1>' and str(Color.GREEN) == 'Color.GREEN' and len(Color) == 2 and Color.RED in Color and 2 in Color and Color.best() is Color.GREEN and list(Color.__members__) == ['RED', 'GREEN', 'CRIMSON'] and Color.RED != 1 and hash(Color.RED) == hash('RED') and isinstance(Color.RED, Color) and f'{Color.RED}' == 'Color.RED'
for bad, text in [(lambda: Color(5), '5 is not a valid Color'), (lambda: Color['X'], "'X'"), (lambda: setattr(Color, 'RED', 3), "cannot reassign member 'RED'")]:
    try:
        bad()
    except (ValueError, KeyError, AttributeError) as e:
        assert str(e) == text, e
try:
    class More(Color): pass
except TypeError as e:
    assert str(e) == "<enum 'More'> cannot extend <enum 'Color'>"
class N(IntEnum): A = 1; B = auto()
class S(StrEnum): ONE = auto(); TWO = 'zwei'
class F(Flag): R = auto(); W = auto(); X = auto(); RW = R | W
assert N.B == 2 and N.A + 1 == 2 and str(N.A) == '1' and sorted([N.B, N.A]) == [N.A, N.B] and S.ONE == 'one' and S.TWO.upper() == 'ZWEI' and F.R | F.W is F.RW and F.R in F.RW and repr(F.R | F.X) == '<F.R|X: 5>' and F(0) == F.R & F.W and list(F.RW) == [F.R, F.W] and ~F.R == F.W | F.X and bool(F(0)) is False and len(F) == 3 and (IntFlag('I', 'a b').a | 8) == 9
try:
    @unique
    class D(Enum): a = 1; b = 1
except ValueError as e:
    assert "duplicate values found" in str(e)
class Planet(Enum):
    EARTH = (5.97, 6.37)
    def __init__(self, mass, radius): self.mass, self.radius = mass, radius
    const = nonmember(42)
assert Planet.EARTH.mass == 5.97 and Planet.EARTH.value == (5.97, 6.37) and Planet.const == 42 and len(Planet) == 1
Made = Enum('Made', ['a', 'b']); assert Made.b.value == 2 and Made.__module__ == '__main__'
class Auto(Enum):
    def _generate_next_value_(name, start, count, last): return name.lower()
    FOO = auto(); BAR = auto()
assert [m.value for m in Auto] == ['foo', 'bar']
class Missing(Enum):
    A = 1
    @classmethod
    def _missing_(cls, value): return cls.A
assert Missing('anything') is Missing.A
import pickle, copy; assert pickle.loads(pickle.dumps(Color.RED)) is Color.RED and copy.deepcopy(Color.RED) is Color.RED and pickle.loads(pickle.dumps(p)) == p
match Color.RED:
    case Color.RED: pass
    case _: raise AssertionError

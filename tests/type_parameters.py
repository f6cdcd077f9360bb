# Type parameters, aliases, generics, annotations evaluated late, typing at run time.
from typing import TypeVar, Generic, get_type_hints, Protocol, runtime_checkable, NamedTuple, TypedDict, Optional, Union, Literal, get_args, get_origin, Annotated, overload, TypeAliasType, ParamSpec, Callable, Any, ClassVar
import annotationlib
def first[T](items: list[T], default: T = None) -> T: return items[0] if items else default
assert first([1]) == 1 and [p.__name__ for p in first.__type_params__] == ['T'] and first.__annotations__['return'] is first.__type_params__[0]
class Box[T: (int, str), *Ts, **P]:
    def get[U](self, u: U) -> tuple[T, U]: return u
    item: T
assert [type(p).__name__ for p in Box.__type_params__] == ['TypeVar', 'TypeVarTuple', 'ParamSpec'] and Box.__type_params__[0].__constraints__ == (int, str) and issubclass(Box, Generic) and Box.get.__type_params__[0].__name__ == 'U'
class Plain[T = int]: pass
assert Plain.__type_params__[0].__default__ is int and Plain[str].__args__ == (str,) and isinstance(Plain[str](), Plain) and Plain[str]().__orig_class__ == Plain[str]
type Alias = list[int]; type Pair[A, B] = tuple[A, B]; type Lazy = Undefined1; type Rec = list[Rec]
assert type(Alias) is TypeAliasType and Alias.__value__ == list[int] and Alias.__name__ == 'Alias' and repr(Alias) == 'Alias' and Pair[int, str].__args__ == (int, str) and Rec.__value__.__args__ == (Rec,)
try:
    Lazy.__value__
except NameError:
    pass
def bound[T: Later](x: T): pass
class Later: pass
assert bound.__type_params__[0].__bound__ is Later and TypeVar('X', bound=int).__bound__ is int
def forward(a: Defined, b: 'str' = 1, *c: int) -> Missing: pass
class Defined: pass
assert annotationlib.get_annotations(forward, format=annotationlib.Format.STRING) == {'a': 'Defined', 'b': 'str', 'c': 'int', 'return': 'Missing'}
assert annotationlib.get_annotations(forward, format=annotationlib.Format.FORWARDREF)['a'] is Defined
try:
    forward.__annotations__
except NameError as e:
    assert str(e) == "name 'Missing' is not defined"
Missing = 5; assert forward.__annotations__ == {'a': Defined, 'b': 'str', 'c': int, 'return': 5}
class C:
    x: int = 1
    y: 'str'
    z: Unknown
    if True: w: float
assert C.x == 1 and not hasattr(C, 'y') and annotationlib.get_annotations(C, format=annotationlib.Format.STRING) == {'x': 'int', 'y': 'str', 'z': 'Unknown', 'w': 'float'}
m: int = 5; n: str
assert m == 5 and 'n' not in globals() and __annotate__(1) == {'m': int, 'n': str}
log = []
def f(): log.append(1); return [0]
f()[0]: int = 3; (k): int = 1; assert log == [1] and k == 1
def local():
    v: undefined_name_here
    w: also_undefined = 3
    return w
assert local() == 3
assert int | str == Union[int, str] and isinstance(1, int | str) and not isinstance([], int | None) and repr(int | None) == 'int | None' and Optional[int] == int | None and get_args(int | str) == (int, str) and type(int | str).__name__ == 'Union'
assert list[int] == list[int] and repr(dict[str, list[int]]) == 'dict[str, list[int]]' and list[int].__origin__ is list and list[int]([1]) == [1] and get_origin(list[int]) is list and get_args(Callable[[int], str]) == ([int], str) and hash(list[int]) == hash(list[int]) and tuple[int, ...].__args__ == (int, ...)
try:
    isinstance([], list[int])
except TypeError as e:
    assert str(e) == 'isinstance() argument 2 cannot be a parameterized generic'
T = TypeVar('T')
class G(Generic[T]): pass
assert G[int].__args__ == (int,) and dict[str, T][int] == dict[str, int] and repr(T) == '~T' and repr(G[int]).endswith('G[int]')
@runtime_checkable
class HasLen(Protocol):
    def __len__(self) -> int: ...
assert isinstance([], HasLen) and not isinstance(5, HasLen) and issubclass(list, HasLen)
class NT(NamedTuple):
    a: int
    b: str = 'd'
assert NT(1) == (1, 'd') and NT.__annotations__ == {'a': int, 'b': str} and NT(1)._replace(a=2).a == 2
class TD(TypedDict, total=False):
    a: int
assert TD(a=1) == {'a': 1} and TD.__optional_keys__ == {'a'}
assert get_type_hints(NT) == {'a': int, 'b': str} and get_type_hints(lambda: 0) == {} and Literal['a', 1].__args__ == ('a', 1) and Annotated[int, 'meta'].__metadata__ == ('meta',) and get_type_hints(C.__init__) == {}
class Meta[T](type): pass
class Uses[T](metaclass=Meta): pass
assert type(Uses) is Meta

"""A docstring may precede the future import."""
from __future__ import annotations, generator_stop
import __future__
def f(a: Undefined, *, b: list[int] = 1) -> also.undefined[0]: pass
assert f.__annotations__ == {'a': 'Undefined', 'b': 'list[int]', 'return': 'also.undefined[0]'} and __doc__.startswith('A docstring')
class C:
    x: Some | None = 3
    y: 'quoted'
assert C.__annotations__ == {'x': 'Some | None', 'y': "'quoted'"} and annotations.compiler_flag == 0x1000000 and f.__code__.co_flags & 0x1000000
z: 1 + 2 * (3, lambda x: x)
assert __annotations__['z'] == '1 + 2 * (3, lambda x: x)'

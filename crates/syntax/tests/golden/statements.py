"""A bit of each statement."""
from __future__ import annotations
import os.path as path, sys
from . import sibling
from ...far.away import (one as uno, two,)


@decorated.with_(arguments)
async def coroutine(a, b: int = 1, /, c=2, *args: *Ts, d, e=None, **kwargs) -> "result":
    async with manager() as (x, *y), other:
        async for item in stream:
            yield await item
    else_ = [i async for i in y if i if not i]


class Shape[T: (int, str) = int, *Ts, **P](Base, metaclass=Meta, **options):
    area: float
    (sides): int = 4
    self.name: str


type Pair[A] = tuple[A, A]
global counter, total
x = y, *z = 1, 2, 3
x += yield
x @= m
del a.b, (c, [d]), e[0]
assert x, "message"
raise Error from None
for i, in pairs: print(i)
else:
    pass
while True:
    if a:
        break
    elif b: continue
    elif c:
        nonlocal_ = 1; continue
    else:
        return
try:
    risky()
except* (A, B) as group: ...
except* C: ...
try:
    risky()
except A, B:
    pass
except C as e:
    pass
except:
    pass
else:
    pass
finally:
    pass
with (open("a") as f, open("b") as g,):
    pass
with (a, b) as c, (yield):
    pass

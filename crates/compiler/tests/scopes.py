import os.path as path
limit: int = 10


def outer(a, *rest, key=limit, **options):
    total = 0

    def inner(step):
        nonlocal total
        total += step * a
        return [item for item in rest if item in options]

    squares = [n * n for n in rest]
    makers = [lambda: n for n in rest]
    found = (last := n for n in rest)
    return inner, squares, makers, found


class Box[T](list[T]):
    label: str
    if limit:
        size: int = 1

    def get(self, default: T = None) -> T:
        global limit
        limit = 1
        return super().get(default)

    pairs = [label for label in "ab"]


type Alias[K] = dict[K, Box[K]]


async def stream(source):
    async for item in source:
        yield [await part async for part in item]

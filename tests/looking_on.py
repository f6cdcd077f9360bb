# Looking on begins in the middle of things: frames that are under way go on as they were.
import sys


def nothing(*args):
    return None


def switched(function, *args):
    """The result of a function that is traced from its middle on, by what it calls."""
    try:
        return function(*args)
    finally:
        sys.setprofile(None)
        sys.settrace(None)


def look(value):
    sys.setprofile(nothing)
    sys.settrace(lambda frame, event, arg: None)
    return value


def aliases(a, b):
    # a and b wait on the operand stack while the call is made, as do the constant and the global's value.
    return (a, b, 7, len, look(a + b), b, a)


assert switched(aliases, 1, 2) == (1, 2, 7, len, 3, 2, 1)


def stored(a):
    x = look(a)
    y, z = look((a, x))
    look(a)
    [x, y] = [z, x] = look([1, 2]), look(3)
    return a, x, y, z


assert switched(stored, "q") == ("q", 3, 3, [1, 2]), switched(stored, "q")


def looped(n):
    total = 0
    for i in range(n):
        if i == 3:
            look(i)
        for j in (10, 20):
            total += j * look(i) if i % 2 else i
    else:
        total += 1
    while total % 7:
        total = total + look(1)
    return total


plain = 0
for i in range(6):
    for j in (10, 20):
        plain += j * i if i % 2 else i
plain += 1
while plain % 7:
    plain += 1
assert switched(looped, 6) == plain


def generator(n):
    for i in range(n):
        sent = yield (i, look(i))
        if sent:
            yield ("sent", sent)
    return "end"


def delegating(n):
    return (yield from generator(n)), look("after")


def drive():
    got = []
    iterator = delegating(3)
    got.append(next(iterator))
    got.append(iterator.send("x"))
    for item in iterator:
        got.append(item)
    return got


assert switched(drive) == [(0, 0), ("sent", "x"), (1, 1), (2, 2)]


def raising(depth):
    try:
        if depth:
            return raising(depth - 1)
        look(None)
        raise KeyError(depth)
    except KeyError as error:
        if depth < 2:
            raise ValueError(depth) from error
        return "handled", type(error).__name__
    except ValueError as error:
        if depth < 3:
            raise
        return "caught", error.args, depth
    finally:
        look(depth)


assert switched(raising, 4) == ("caught", (0,), 3)


class Point:
    def __init__(self, x):
        self.x = look(x)

    def __add__(self, other):
        return Point(self.x + look(other.x))

    def __lt__(self, other):
        return look(self.x < other.x)

    def __getitem__(self, key):
        return look((self.x, key))

    def __contains__(self, item):
        return look(item == self.x)

    def __iter__(self):
        self.left = 3
        return self

    def __next__(self):
        self.left -= 1
        if look(self.left) < 0:
            raise StopIteration
        return self.left

    def __bool__(self):
        return look(bool(self.x))

    @property
    def double(self):
        return look(self.x * 2)

    def __enter__(self):
        return look(self)

    def __exit__(self, *exc):
        look(None)
        return True


def operators(p, q):
    out = [(p + q).x, "less" if p < q else "more", p[look(1)], 5 in p, 1 in p, list(p)]
    for item in q:
        out.append(item)
    out.append("true" if p else "false")
    out.append(p.double + look(1))
    with p as same, q:
        out.append(same is p)
        raise ValueError
    out.append(not p)
    return out


expected = [3, "less", (1, 1), False, True, [2, 1, 0], 2, 1, 0, "true", 3, True, False]
assert operators(Point(1), Point(2)) == expected
sys.setprofile(None), sys.settrace(None)
assert switched(operators, Point(1), Point(2)) == expected

# On and off again, many times, from within.
def flicker(n):
    values = []
    for i in range(n):
        (sys.settrace, sys.setprofile)[i % 2](nothing if i % 3 else None)
        values.append((i, sum(k for k in range(i)), [m * i for m in (1, 2)]))
    sys.settrace(None), sys.setprofile(None)
    return values


assert flicker(12) == [(i, i * (i - 1) // 2, [i, 2 * i]) for i in range(12)]

# A frame up the stack whose f_trace is set is told of its lines from then on.
lines = []


def tracer(frame, event, arg):
    lines.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
    return tracer


def inner():
    frame = sys._getframe(1)
    frame.f_trace = tracer
    sys.settrace(lambda *args: None)


def outer():
    inner()
    x = 1
    for i in range(2):
        x += i
    sys.settrace(None)


outer()
assert lines == [
    ("line", 2), ("line", 3), ("line", 4), ("line", 3), ("line", 4), ("line", 3), ("line", 5),
], lines
print("ok")

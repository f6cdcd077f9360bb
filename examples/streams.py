"""Endless streams as generators, combined like pipes."""
from itertools import count, islice, takewhile


def integers(start=1):
    yield from count(start)


def where(test, source):
    for value in source:
        if test(value):
            yield value


def running(source):
    total = 0
    for value in source:
        total += value
        yield total


def merge(left, right):
    a, b = next(left), next(right)
    while True:
        if a <= b:
            yield a
            if a == b:
                b = next(right)
            a = next(left)
        else:
            yield b
            b = next(right)


def accumulator():
    total = 0
    try:
        while True:
            value = yield total
            if value is None:
                return total
            total += value
    finally:
        print('the accumulator is done')


triangles = running(integers())
print(list(islice(triangles, 10)))
even = where(lambda n: n % 2 == 0, integers())
fives = (5 * n for n in integers())
print(list(islice(merge(even, fives), 12)))
print(list(takewhile(lambda n: n < 60, where(lambda n: str(n) == str(n)[::-1], integers(10)))))
adder = accumulator()
next(adder)
print([adder.send(n) for n in (3, 4, 5)])
try:
    adder.send(None)
except StopIteration as stop:
    print('total', stop.value)

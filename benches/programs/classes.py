# Making objects: plain, slots, dataclass, properties, operators.
from dataclasses import dataclass


class Money:
    __slots__ = ('cents',)

    def __init__(self, cents):
        self.cents = cents

    def __add__(self, other):
        return Money(self.cents + other.cents)

    def __eq__(self, other):
        return self.cents == other.cents

    def __hash__(self):
        return hash(self.cents)

    @property
    def whole(self):
        return self.cents // 100


@dataclass
class Item:
    name: str
    price: Money
    count: int = 1

    def total(self):
        return Money(self.price.cents * self.count)


def main():
    total = Money(0)
    for i in range(120_000):
        total = total + Item('thing', Money(i % 500), i % 3).total()
    kinds = {Money(i % 1000) for i in range(60_000)}
    print(total.whole, len(kinds), Item('a', Money(1)) == Item('a', Money(1)))


main()

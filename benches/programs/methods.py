# Method calls and instance attributes.
class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def add(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def scale(self, factor):
        self.x *= factor
        self.y *= factor
        return self

    def length2(self):
        return self.x * self.x + self.y * self.y


class Particle(Vector):
    def __init__(self, x, y, weight):
        super().__init__(x, y)
        self.weight = weight

    def length2(self):
        return super().length2() * self.weight


def main():
    total = 0
    here = Vector(0, 0)
    for i in range(150_000):
        here = here.add(Vector(i, -i)).scale(1)
        total += here.length2() % 7
        total += Particle(i, 1, 2).length2() % 5
    print(total)


main()

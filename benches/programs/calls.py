# Calls of every shape: positional, keywords, defaults, packing, builtins.
def plain(a, b, c):
    return a + b - c


def defaults(a, b=2, *, c=3, d=4):
    return a + b + c + d


def packed(*args, **kwargs):
    return len(args) + len(kwargs)


def main():
    total = 0
    triple = (1, 2, 3)
    named = {'c': 5, 'd': 6}
    for i in range(150_000):
        total += plain(i, 1, 2) + plain(c=1, b=2, a=i)
        total += defaults(i) + defaults(i, c=1) + defaults(i, **named)
        total += packed(*triple, i) + packed(i, x=1, y=2)
        total += len(triple) + abs(-i) + min(i, 3) + int(isinstance(i, int)) + ord('a')
    print(total)


main()

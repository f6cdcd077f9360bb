# Generators: chains, delegation, send.
def numbers(n):
    i = 0
    while i < n:
        yield i
        i += 1


def squares(source):
    for n in source:
        yield n * n


def flatten(tree):
    if isinstance(tree, list):
        for branch in tree:
            yield from flatten(branch)
    else:
        yield tree


def averager():
    total = count = 0
    average = None
    while True:
        value = yield average
        total += value
        count += 1
        average = total // count


def main():
    print(sum(x for x in squares(numbers(400_000)) if x % 3))
    tree = [[[i, [i + 1, [i + 2]]] for i in range(20)] for _ in range(300)]
    print(sum(flatten(tree)))
    average = averager()
    next(average)
    for i in range(200_000):
        last = average.send(i)
    print(last)


main()

# Lists: sieve, append and pop, slices, indexing, matrix product.
def primes(limit):
    sieve = [True] * limit
    sieve[0] = sieve[1] = False
    for i in range(2, int(limit ** 0.5) + 1):
        if sieve[i]:
            sieve[i * i::i] = [False] * len(range(i * i, limit, i))
    return [i for i in range(limit) if sieve[i]]


def product(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def bubble(items):
    items = items[:]
    for end in range(len(items) - 1, 0, -1):
        for i in range(end):
            if items[i] > items[i + 1]:
                items[i], items[i + 1] = items[i + 1], items[i]
    return items


def main():
    print(sum(primes(500_000)))
    matrix = [[(i * j) % 11 for j in range(70)] for i in range(70)]
    print(sum(map(sum, product(matrix, matrix))))
    print(bubble([(i * 7919) % 1009 for i in range(900)])[::100])
    stack = []
    for i in range(300_000):
        stack.append(i)
        if i % 3 == 0:
            stack.pop()
    print(len(stack))


main()
